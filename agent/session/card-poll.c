/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* STATUS at the pace that the card was granted; the next only after the one before was answered. */

#include "session/card-poll.h"

struct _EaCardPoll
{
  GObject parent_instance;

  EaCard *card;
  guint source;
  gboolean is_asking;
};

#define MS_PER_TENTH 100
#define MS_PER_SECOND 1000
#define MS_PER_MINUTE 60000

G_DEFINE_FINAL_TYPE (EaCardPoll, ea_card_poll, G_TYPE_OBJECT)

static void
on_polled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaCardPoll) self = user_data;

  self->is_asking = FALSE;
  (void) ea_card_ask_status_finish (EA_CARD (source), result, NULL); /* it is asked again anyway */
}

static gboolean
on_interval (gpointer user_data)
{
  EaCardPoll *self = user_data;

  if (self->is_asking)
    return G_SOURCE_CONTINUE;
  self->is_asking = TRUE;
  ea_card_ask_status_async (self->card, NULL, on_polled, g_object_ref (self));
  return G_SOURCE_CONTINUE;
}

static guint
to_ms (const EaCatDuration *duration)
{
  switch ((EaCatDurationUnit) duration->unit)
    {
    case EA_CAT_DURATION_MINUTES:
      return duration->interval * MS_PER_MINUTE;
    case EA_CAT_DURATION_SECONDS:
      return duration->interval * MS_PER_SECOND;
    case EA_CAT_DURATION_TENTHS:
      return duration->interval * MS_PER_TENTH;
    }
  return 0;
}

static EaCatDuration
grant (const EaCatDuration *wanted, guint *interval_ms)
{
  EaCatDuration granted = *wanted;

  *interval_ms = to_ms (wanted);
  if (*interval_ms < EA_CARD_POLL_INTERVAL_MIN_MS)
    granted
        = (EaCatDuration){ EA_CAT_DURATION_SECONDS, EA_CARD_POLL_INTERVAL_MIN_MS / MS_PER_SECOND };
  else if (*interval_ms > EA_CARD_POLL_INTERVAL_MAX_MS)
    granted
        = (EaCatDuration){ EA_CAT_DURATION_MINUTES, EA_CARD_POLL_INTERVAL_MAX_MS / MS_PER_MINUTE };
  *interval_ms = to_ms (&granted);
  return granted;
}

EaCatDuration
ea_card_poll_start (EaCardPoll *self, const EaCatDuration *wanted)
{
  guint interval_ms;
  EaCatDuration granted = grant (wanted, &interval_ms);

  ea_card_poll_stop (self);
  self->source = g_timeout_add (interval_ms, on_interval, self);
  return granted;
}

void
ea_card_poll_stop (EaCardPoll *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
}

static void
ea_card_poll_dispose (GObject *object)
{
  EaCardPoll *self = EA_CARD_POLL (object);

  ea_card_poll_stop (self);
  g_clear_object (&self->card);
  G_OBJECT_CLASS (ea_card_poll_parent_class)->dispose (object);
}

static void
ea_card_poll_class_init (EaCardPollClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_card_poll_dispose;
}

static void
ea_card_poll_init (EaCardPoll *self)
{
}

EaCardPoll *
ea_card_poll_new (EaCard *card)
{
  EaCardPoll *self = g_object_new (EA_TYPE_CARD_POLL, NULL);

  self->card = g_object_ref (card);
  return self;
}
