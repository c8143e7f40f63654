/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One source for the timer that expires first. */

#include "session/card-timers.h"

#include "core/cat-timer.h"

struct _EaCardTimers
{
  GObject parent_instance;

  EaEnvelopes *envelopes;
  EaCatTimers timers;
  guint source;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (EaCardTimers, ea_card_timers, G_TYPE_OBJECT)

static void arm (EaCardTimers *self);

static gboolean
on_deadline (gpointer user_data)
{
  EaCardTimers *self = user_data;

  self->source = 0;
  ea_envelopes_poke (self->envelopes);
  return G_SOURCE_REMOVE;
}

static gboolean
has_news (gpointer user_data)
{
  EaCardTimers *self = user_data;

  return ea_cat_timers_get_deadline (&self->timers) <= g_get_monotonic_time ();
}

static GBytes *
pull (gpointer user_data)
{
  EaCardTimers *self = user_data;

  return ea_cat_timers_pull_expiration (&self->timers, g_get_monotonic_time ());
}

static void
done (gboolean is_taken, gpointer user_data)
{
  EaCardTimers *self = user_data;

  ea_cat_timers_expiration_done (&self->timers, is_taken);
  arm (self);
  if (is_taken)
    g_signal_emit (self, changed_signal, 0);
}

/* For the next timer that will expire; what has expired is told as soon as the card has time. */
static void
arm (EaCardTimers *self)
{
  gint64 deadline_us = ea_cat_timers_get_deadline (&self->timers);
  gint64 left_us = deadline_us - g_get_monotonic_time ();

  g_clear_handle_id (&self->source, g_source_remove);
  if (deadline_us == EA_CAT_TIMERS_NO_DEADLINE || left_us <= 0)
    return;
  self->source = g_timeout_add ((guint) (left_us / G_TIME_SPAN_MILLISECOND + 1), on_deadline, self);
}

GBytes *
ea_card_timers_command (EaCardTimers *self, const EaCatCommand *command)
{
  GBytes *response = ea_cat_timers_command (&self->timers, command, g_get_monotonic_time ());

  arm (self);
  g_signal_emit (self, changed_signal, 0); /* before the card can rely on it */
  return response;
}

void
ea_card_timers_write (EaCardTimers *self, EaWriter *writer)
{
  ea_cat_timers_write (&self->timers, g_get_monotonic_time (), writer);
}

gboolean
ea_card_timers_read (EaCardTimers *self, EaSpan record, gint64 elapsed_us)
{
  gboolean is_read
      = ea_cat_timers_read (&self->timers, record, elapsed_us, g_get_monotonic_time ());

  arm (self);
  ea_envelopes_poke (self->envelopes); /* one may have expired meanwhile */
  return is_read;
}

void
ea_card_timers_reset (EaCardTimers *self)
{
  ea_cat_timers_init (&self->timers);
  arm (self);
  g_signal_emit (self, changed_signal, 0);
}

static void
ea_card_timers_dispose (GObject *object)
{
  EaCardTimers *self = EA_CARD_TIMERS (object);

  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_object (&self->envelopes);
  G_OBJECT_CLASS (ea_card_timers_parent_class)->dispose (object);
}

static void
ea_card_timers_class_init (EaCardTimersClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_card_timers_dispose;
  changed_signal = g_signal_new ("changed", EA_TYPE_CARD_TIMERS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ea_card_timers_init (EaCardTimers *self)
{
  ea_cat_timers_init (&self->timers);
}

EaCardTimers *
ea_card_timers_new (EaEnvelopes *envelopes)
{
  EaCardTimers *self = g_object_new (EA_TYPE_CARD_TIMERS, NULL);
  const EaEnvelopeSource source = { has_news, pull, done, self };

  self->envelopes = g_object_ref (envelopes);
  ea_envelopes_add_source (envelopes, &source);
  return self;
}
