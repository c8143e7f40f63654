/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The other context is looked at when its descriptor says so, which each source does that is attached to it, and then
 * until it has nothing more to do: the loop goes round often, and this way at no cost. */

#include "modem/context-source.h"

typedef struct
{
  GSource source;
  GMainContext *context;
  gpointer wakeup;     /* the tag of the descriptor */
  gboolean is_pending; /* there is something to dispatch, although the descriptor may be silent */
} ContextSource;

static gboolean
prepare (GSource *source, gint *timeout_ms)
{
  *timeout_ms = -1;
  return ((ContextSource *) source)->is_pending;
}

static gboolean
check (GSource *source)
{
  ContextSource *self = (ContextSource *) source;

  return self->is_pending || g_source_query_unix_fd (source, self->wakeup) != 0;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  ContextSource *self = (ContextSource *) source;

  (void) g_main_context_iteration (self->context, FALSE);
  self->is_pending = g_main_context_pending (self->context);
  return G_SOURCE_CONTINUE;
}

static void
finalize (GSource *source)
{
  g_main_context_unref (((ContextSource *) source)->context);
}

/* The only descriptor of such a context is the one by which other threads wake it. */
static gpointer
watch_wakeup (GSource *source, GMainContext *context)
{
  GPollFD wakeup = { .fd = -1 };
  gint priority;
  gint timeout_ms;

  g_return_val_if_fail (g_main_context_acquire (context), NULL);
  (void) g_main_context_prepare (context, &priority);
  g_warn_if_fail (g_main_context_query (context, G_MAXINT, &timeout_ms, &wakeup, 1) == 1);
  g_main_context_release (context);
  return g_source_add_unix_fd (source, wakeup.fd, G_IO_IN);
}

GSource *
ea_context_source_new (GMainContext *context)
{
  static GSourceFuncs functions
      = { .prepare = prepare, .check = check, .dispatch = dispatch, .finalize = finalize };
  GSource *source = g_source_new (&functions, sizeof (ContextSource));
  ContextSource *self = (ContextSource *) source;

  self->context = g_main_context_ref (context);
  self->is_pending = TRUE; /* until it has been looked at */
  g_source_set_static_name (source, "euicc-agent context");
  self->wakeup = watch_wakeup (source, context);
  return source;
}
