/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Each item has its own time to be sent again, which begins anew whenever an older one is acknowledged: on a slow
 * link those behind it wait for their turn.
 */

#include "sim-cattp-sender.h"

#define NO_PROBE (-1)

/* Items that came although one before them did not: fewer may just have been overtaken */
#define LATER_MAX 2

int
sim_cattp_distance (guint16 from, guint16 to)
{
  return (gint16) (guint16) (to - from);
}

static void
free_item (SimCattpItem *item)
{
  g_clear_pointer (&item->data, g_bytes_unref);
  g_free (item);
}

void
sim_cattp_sender_init (SimCattpSender *self, guint16 initial_sequence)
{
  *self = (SimCattpSender){
    .next = initial_sequence,
    .unacknowledged = initial_sequence,
    .window = 1,
    .waiting = G_QUEUE_INIT,
    .underway = G_QUEUE_INIT,
    .probe_us = NO_PROBE,
  };
}

void
sim_cattp_sender_clear (SimCattpSender *self)
{
  g_queue_clear_full (&self->waiting, (GDestroyNotify) free_item);
  g_queue_clear_full (&self->underway, (GDestroyNotify) free_item);
  self->probe_us = NO_PROBE;
}

void
sim_cattp_sender_put (SimCattpSender *self, guint8 flags, EaSpan data)
{
  SimCattpItem *item = g_new0 (SimCattpItem, 1);

  item->flags = flags;
  item->data = ea_span_to_bytes (data);
  g_queue_push_tail (&self->waiting, item);
}

/* Until an item that was sent so often is sent again */
static gint64
get_timeout (const SimCattpSender *self, guint n_transmissions)
{
  gint64 estimate_us = self->round_trip_us + 4 * self->deviation_us;
  gint64 timeout_us = MAX (estimate_us, SIM_CATTP_TIMEOUT_US);

  return MIN (timeout_us << (n_transmissions - 1), SIM_CATTP_TIMEOUT_MAX_US);
}

static const SimCattpItem *
transmit (const SimCattpSender *self, SimCattpItem *item, gint64 now_us)
{
  if (item->n_transmissions == 0)
    item->sent_us = now_us;
  item->n_transmissions++;
  item->due_us = now_us + get_timeout (self, item->n_transmissions);
  return item;
}

static void
learn_round_trip (SimCattpSender *self, gint64 sample_us)
{
  gint64 error_us = sample_us - self->round_trip_us;

  if (self->round_trip_us == 0)
    {
      self->round_trip_us = sample_us;
      self->deviation_us = sample_us / 2;
      return;
    }
  self->deviation_us += (ABS (error_us) - self->deviation_us) / 4;
  self->round_trip_us += error_us / 8;
}

static const SimCattpItem *
start (SimCattpSender *self, SimCattpItem *item, gint64 now_us)
{
  item->sequence = self->next++;
  g_queue_push_tail (&self->underway, item);
  return transmit (self, item, now_us);
}

const SimCattpItem *
sim_cattp_sender_take (SimCattpSender *self, gint64 now_us)
{
  if (g_queue_is_empty (&self->waiting)
      || sim_cattp_distance (self->unacknowledged, self->next) >= self->window)
    {
      gboolean is_stuck = !g_queue_is_empty (&self->waiting) && g_queue_is_empty (&self->underway);

      if (is_stuck && self->probe_us == NO_PROBE)
        self->probe_us = now_us + SIM_CATTP_TIMEOUT_US;
      return NULL;
    }
  self->probe_us = NO_PROBE;
  return start (self, g_queue_pop_head (&self->waiting), now_us);
}

const SimCattpItem *
sim_cattp_sender_take_due (SimCattpSender *self, gint64 now_us)
{
  for (GList *link = self->underway.head; link != NULL; link = link->next)
    {
      SimCattpItem *item = link->data;

      if (!item->is_received && item->due_us <= now_us)
        return transmit (self, item, now_us);
    }
  if (self->probe_us != NO_PROBE && self->probe_us <= now_us)
    {
      SimCattpItem *probe = g_new0 (SimCattpItem, 1);

      self->probe_us = NO_PROBE;
      probe->flags = SIM_CATTP_FLAG_NUL;
      return start (self, probe, now_us);
    }
  return NULL;
}

const SimCattpItem *
sim_cattp_sender_peek (SimCattpSender *self)
{
  return g_queue_peek_head (&self->underway);
}

/* Who knows which of several copies was acknowledged? */
static void
drop_oldest (SimCattpSender *self, gint64 now_us)
{
  SimCattpItem *item = g_queue_pop_head (&self->underway);

  if (item->n_transmissions == 1 && !item->is_received)
    learn_round_trip (self, now_us - item->sent_us);
  free_item (item);
}

static void
put_off (const SimCattpSender *self, gint64 now_us)
{
  for (GList *link = self->underway.head; link != NULL; link = link->next)
    {
      SimCattpItem *item = link->data;

      item->due_us = MAX (item->due_us, now_us + get_timeout (self, item->n_transmissions));
    }
}

gboolean
sim_cattp_sender_acknowledge (SimCattpSender *self, guint16 number, guint16 window, gint64 now_us)
{
  const SimCattpItem *oldest;
  gboolean is_progress = FALSE;

  if (sim_cattp_distance (self->next, number) >= 0)
    return FALSE;
  if (sim_cattp_distance (self->unacknowledged, number) < -1)
    return TRUE;
  self->window = window;
  while ((oldest = g_queue_peek_head (&self->underway)) != NULL
         && sim_cattp_distance (oldest->sequence, number) >= 0)
    {
      drop_oldest (self, now_us);
      is_progress = TRUE;
    }
  if (is_progress)
    put_off (self, now_us);
  self->unacknowledged = (guint16) (number + 1);
  return TRUE;
}

static void
mark_lost (SimCattpSender *self, gint64 now_us)
{
  guint n_later = 0;

  for (GList *link = self->underway.tail; link != NULL; link = link->prev)
    {
      SimCattpItem *item = link->data;

      n_later += item->is_received ? 1 : 0;
      if (!item->is_received && n_later >= LATER_MAX && item->n_transmissions == 1)
        item->due_us = now_us;
    }
}

void
sim_cattp_sender_mark_received (SimCattpSender *self, EaSpan numbers, gint64 now_us)
{
  EaReader reader;

  ea_reader_init (&reader, numbers);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint16 number = ea_reader_u16be (&reader);

      for (GList *link = self->underway.head; link != NULL; link = link->next)
        {
          SimCattpItem *item = link->data;

          if (item->sequence == number)
            item->is_received = TRUE;
        }
    }
  mark_lost (self, now_us);
}

gint64
sim_cattp_sender_get_deadline (const SimCattpSender *self)
{
  gint64 deadline_us = self->probe_us;

  for (const GList *link = self->underway.head; link != NULL; link = link->next)
    {
      const SimCattpItem *item = link->data;

      if (!item->is_received && (deadline_us == -1 || item->due_us < deadline_us))
        deadline_us = item->due_us;
    }
  return deadline_us;
}

gboolean
sim_cattp_sender_is_idle (const SimCattpSender *self)
{
  return self->waiting.length == 0 && self->underway.length == 0;
}
