/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The other context is looked at whenever the loop is, and its descriptor sees to that. */

#include "modem/context-source.h"

typedef struct
{
  GSource source;
  GMainContext *context;
} ContextSource;

static gboolean
check (GSource *source)
{
  return g_main_context_pending (((ContextSource *) source)->context);
}

static gboolean
prepare (GSource *source, gint *timeout_ms)
{
  *timeout_ms = -1;
  return check (source);
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  (void) g_main_context_iteration (((ContextSource *) source)->context, FALSE);
  return G_SOURCE_CONTINUE;
}

static void
finalize (GSource *source)
{
  g_main_context_unref (((ContextSource *) source)->context);
}

/* The only descriptor of such a context is the one by which other threads wake it. */
static void
watch_wakeup (GSource *source, GMainContext *context)
{
  GPollFD wakeup = { .fd = -1 };
  gint priority;
  gint timeout_ms;

  g_return_if_fail (g_main_context_acquire (context));
  (void) g_main_context_prepare (context, &priority);
  g_warn_if_fail (g_main_context_query (context, G_MAXINT, &timeout_ms, &wakeup, 1) == 1);
  g_main_context_release (context);
  g_source_add_unix_fd (source, wakeup.fd, G_IO_IN);
}

GSource *
ea_context_source_new (GMainContext *context)
{
  static GSourceFuncs functions
      = { .prepare = prepare, .check = check, .dispatch = dispatch, .finalize = finalize };
  GSource *source = g_source_new (&functions, sizeof (ContextSource));

  ((ContextSource *) source)->context = g_main_context_ref (context);
  g_source_set_static_name (source, "euicc-agent context");
  watch_wakeup (source, context);
  return source;
}
