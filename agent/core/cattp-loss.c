/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What became of the PDUs of a CAT_TP connection that are underway. One that was sent before another that has
 * arrived is lost when it has not arrived some time after it (RACK, RFC 8985): the time allows for PDUs that overtake
 * others, and gets longer where one was taken for lost wrongly. What nothing was sent after is waited for as long as
 * core/cattp-timer.h says.
 */

#include "core/cattp-private.h"

/* A PDU may be late by quarters of the shortest round trip (RFC 8985 §6.2), one to four. */
#define REORDER_PART 4
#define ORDERED_PART 16

/* Old acknowledgements that repeated PDUs may bring: peers send them as they were. */
#define OLD_NUMBERS_MAX 1024

/* What tells of the way there and back: the one sent last of those that have arrived by a PDU. */
typedef struct
{
  gboolean is_there;
  guint64 order;
  guint n_sent;
  gint64 sent_us;
  EaCattpRateMark mark;
} Newest;

EaCattpSent *
ea_cattp_find_oldest (const EaCattp *self)
{
  const GList *head = self->output.underway.head;

  for (const GList *i = head; i != NULL; i = i->next)
    if (!((EaCattpSent *) i->data)->is_received)
      return i->data;
  return head == NULL ? NULL : head->data;
}

gsize
ea_cattp_count_in_flight (const EaCattp *self)
{
  gsize n_octets = 0;

  for (GList *i = self->output.underway.head; i != NULL; i = i->next)
    {
      const EaCattpSent *sent = i->data;

      if (!sent->is_received && !sent->is_lost)
        n_octets += sent->n_octets;
    }
  return n_octets;
}

static guint16
count_underway (const EaCattp *self)
{
  return (guint16) g_queue_get_length ((GQueue *) &self->output.underway);
}

/* How long ago @number was the last one. */
static guint16
get_age (const EaCattp *self, guint16 number)
{
  return ea_cattp_sequence_get_distance (number, (guint16) (self->output.next - 1));
}

gboolean
ea_cattp_knows_number (const EaCattp *self, guint16 number)
{
  return get_age (self, number) <= count_underway (self) + OLD_NUMBERS_MAX;
}

/* Links of phones keep the order: a little is enough until one is seen that does not. */
static gint64
get_reorder_time (const EaCattp *self)
{
  const EaCattpOutput *output = &self->output;
  gint64 rtt_us
      = output->timer.shortest_us == 0 ? output->newest_rtt_us : output->timer.shortest_us;

  if (output->reorder_quarters == 0)
    return rtt_us / ORDERED_PART;
  return rtt_us * output->reorder_quarters / REORDER_PART;
}

/* @sent has arrived. */
static void
note_arrival (EaCattp *self, EaCattpSent *sent, Newest *newest, gint64 now_us)
{
  if (sent->is_received)
    return;
  if (sent->n_sent == 1 && sent->order < self->output.newest_order)
    self->output.reorder_quarters = MAX (self->output.reorder_quarters, 1);
  sent->is_received = TRUE;
  sent->is_lost = FALSE;
  ea_cattp_rate_deliver (&self->output.rate, sent->n_octets, now_us);
  if (newest->is_there && newest->order > sent->order)
    return;
  *newest = (Newest){ .is_there = TRUE,
                      .order = sent->order,
                      .n_sent = sent->n_sent,
                      .sent_us = sent->sent_us,
                      .mark = sent->mark };
}

static void
take_cumulative (EaCattp *self, guint16 number, Newest *newest, gint64 now_us)
{
  EaCattpOutput *output = &self->output;
  guint16 age = get_age (self, number);

  while (count_underway (self) > age)
    {
      EaCattpSent *sent = g_queue_pop_head (&output->underway);

      note_arrival (self, sent, newest, now_us);
      if (sent->sdu_octets > 0)
        {
          output->n_sdus--;
          output->n_octets -= sent->sdu_octets;
          (void) ea_cattp_add_event (self, EA_CATTP_EVENT_DELIVERED);
        }
      ea_cattp_sent_free (sent);
    }
}

static void
take_extended (EaCattp *self, EaSpan numbers, Newest *newest, gint64 now_us)
{
  EaReader reader;

  ea_reader_init (&reader, numbers);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint16 number = ea_reader_u16be (&reader);
      guint16 age = get_age (self, number);
      EaCattpSent *sent;

      if (age >= count_underway (self))
        continue;
      sent = g_queue_peek_nth (&self->output.underway, count_underway (self) - 1u - age);
      if (sent->n_sent > 0 && !sent->is_doubted)
        note_arrival (self, sent, newest, now_us);
    }
}

/* When the answer to @sent should be there: it waits for what was sent before it, which the link carries one by one. */
static gint64
get_expected_time (const EaCattp *self, const EaCattpSent *sent)
{
  const EaCattpTimer *timer = &self->output.timer;
  gint64 rate = ea_cattp_rate_get (&self->output.rate);

  if (rate == 0 || timer->shortest_us == 0)
    return sent->sent_us + 2 * MAX (timer->smoothed_us, timer->guessed_us);
  return sent->sent_us + timer->shortest_us + (gint64) sent->n_ahead * G_USEC_PER_SEC / rate;
}

/* An answer faster than any way there and back was to a transmission before the last one. */
static gboolean
is_spurious (const EaCattp *self, const Newest *newest, gint64 now_us)
{
  return newest->n_sent > 1 && now_us - newest->sent_us < self->output.timer.shortest_us;
}

static void
learn (EaCattp *self, const Newest *newest, gint64 now_us)
{
  EaCattpOutput *output = &self->output;

  output->n_timeouts = 0;
  output->progress_us = now_us;
  if (is_spurious (self, newest, now_us))
    {
      self->counters.n_spurious++;
      output->reorder_quarters = MIN (output->reorder_quarters + 1, REORDER_PART);
      return;
    }
  if (newest->n_sent == 1)
    ea_cattp_timer_add_round_trip (&output->timer, now_us - newest->sent_us);
  else
    ea_cattp_timer_relax (&output->timer);
  ea_cattp_rate_measure (&output->rate, &newest->mark, newest->sent_us, output->timer.shortest_us,
                         now_us);
  if (newest->order < output->newest_order || output->timer.shortest_us == 0)
    return;
  output->newest_order = newest->order;
  output->newest_rtt_us = now_us - newest->sent_us;
  output->is_newest_sure = newest->n_sent == 1;
}

/* A NUL asks for a window that SDUs wait for. */
static gboolean
is_probing (const EaCattp *self)
{
  const EaCattpSent *first = g_queue_peek_head ((GQueue *) &self->output.underway);

  return first != NULL && (first->flags & EA_CATTP_FLAG_NUL) != 0
         && !g_queue_is_empty ((GQueue *) &self->output.waiting);
}

/* A peer that answers without a window is there, but has no room. @is_answer: to a probe, or to a PDU that it did not
 * take; what was underway when its window closed is no question */
static void
take_window (EaCattp *self, guint16 window, gboolean is_answer, gint64 now_us)
{
  EaCattpOutput *output = &self->output;

  output->window = MIN (window, EA_CATTP_WINDOW_MAX);
  if (output->window > 0)
    {
      output->n_probes = 0;
      return;
    }
  if (!is_answer)
    return;
  output->n_timeouts = 0;
  if (++output->n_probes > EA_CATTP_PROBES_MAX)
    ea_cattp_reset (self, EA_CATTP_CAUSE_RETRIES, EA_CATTP_RESET_RETRIES, now_us);
}

void
ea_cattp_take_acknowledgement (EaCattp *self, const EaCattpPdu *pdu, gint64 now_us)
{
  Newest newest = { 0 };
  gboolean was_late = self->output.n_timeouts > 0;
  gboolean was_probing = is_probing (self);
  gboolean is_current = (pdu->flags & EA_CATTP_FLAG_ACK) != 0
                        && get_age (self, pdu->acknowledgement) <= count_underway (self);

  if (is_current)
    take_cumulative (self, pdu->acknowledgement, &newest, now_us);
  take_extended (self, pdu->extended_acknowledgements, &newest, now_us);
  if (newest.is_there)
    learn (self, &newest, now_us);
  ea_cattp_find_losses (self, now_us);
  if (is_current)
    take_window (self, pdu->window, newest.is_there ? was_probing : was_late, now_us);
}

static gboolean
is_overtaken (const EaCattp *self, const EaCattpSent *sent)
{
  return !sent->is_received && !sent->is_lost && sent->order < self->output.newest_order;
}

/* What has arrived after it may have been an earlier transmission, while the rest is still in a queue. */
static gint64
get_lost_time (const EaCattp *self, const EaCattpSent *sent)
{
  gint64 time_us = sent->sent_us + self->output.newest_rtt_us;

  if (!self->output.is_newest_sure)
    time_us = MAX (time_us, get_expected_time (self, sent));
  return time_us + get_reorder_time (self);
}

void
ea_cattp_find_losses (EaCattp *self, gint64 now_us)
{
  for (GList *i = self->output.underway.head; i != NULL; i = i->next)
    {
      EaCattpSent *sent = i->data;

      if (is_overtaken (self, sent) && now_us >= get_lost_time (self, sent))
        sent->is_lost = TRUE;
    }
}

gint64
ea_cattp_get_loss_deadline (const EaCattp *self)
{
  gint64 deadline_us = EA_CATTP_NEVER;

  for (GList *i = self->output.underway.head; i != NULL; i = i->next)
    {
      const EaCattpSent *sent = i->data;

      if (is_overtaken (self, sent))
        deadline_us = MIN (deadline_us, get_lost_time (self, sent));
    }
  return deadline_us;
}

/* While acknowledgements come, one after the other, a queue on the way is what takes long. */
static gint64
get_quiet_time (const EaCattp *self)
{
  const EaCattpOutput *output = &self->output;
  const EaCattpTimer *timer = &output->timer;
  gint64 rtt_us = timer->shortest_us;
  gint64 quiet_us = 2 * ea_cattp_rate_get_pdu_time (&output->rate);
  gint64 timeout_us = ea_cattp_timer_get_timeout (timer);

  if (timer->smoothed_us == 0 && count_underway (self) == 1)
    rtt_us = timer->guessed_us;
  return rtt_us == 0 ? timeout_us : MIN (MAX (rtt_us, quiet_us), timeout_us);
}

/* Nothing was sent after the oldest PDU, or nothing of that has arrived: when its answer is late, it is sent again
 * before a time-out says so (RFC 8985 §7). */
static gint64
get_tail_deadline (const EaCattp *self, const EaCattpSent *oldest)
{
  const EaCattpOutput *output = &self->output;
  gint64 slack_us = get_reorder_time (self) + EA_CATTP_ANSWER_DELAY_US;
  gboolean is_rate_known = ea_cattp_rate_get (&output->rate) > 0;

  if (output->n_timeouts >= EA_CATTP_PROBES_OF_TAIL_MAX
      || output->timer.n_backoffs > EA_CATTP_TIMEOUTS_LINEAR
      || (!is_rate_known && count_underway (self) > 1))
    return EA_CATTP_NEVER;
  return get_expected_time (self, oldest) + slack_us;
}

/* What a peer without a window did not take is a probe, once it has said so. */
static gint64
get_refused_deadline (const EaCattp *self)
{
  const EaCattpOutput *output = &self->output;

  if (output->n_probes == 0 || output->n_timeouts > 0)
    return 0;
  return output->timeout_us + ea_cattp_timer_get_probe_timeout (&output->timer, output->n_probes);
}

gint64
ea_cattp_get_timeout_deadline (const EaCattp *self)
{
  const EaCattpOutput *output = &self->output;
  const EaCattpSent *oldest = ea_cattp_find_oldest (self);
  gint64 timeout_us = ea_cattp_timer_get_timeout (&output->timer);
  gint64 deadline_us;

  if (oldest == NULL || oldest->n_sent == 0)
    return EA_CATTP_NEVER;
  deadline_us = oldest->sent_us + timeout_us;
  if (output->n_timeouts > 0)
    deadline_us = MAX (deadline_us, output->timeout_us + timeout_us);
  deadline_us = MIN (deadline_us, get_tail_deadline (self, oldest));
  deadline_us = MAX (deadline_us, get_refused_deadline (self));
  return MAX (deadline_us, output->progress_us + get_quiet_time (self));
}
