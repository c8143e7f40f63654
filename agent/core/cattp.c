/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A CAT_TP connection (ETSI TS 102 127): its states, and the timers. What a PDU does is in cattp-receive.c, what is
 * sent in cattp-send.c, what is sent again in cattp-loss.c.
 */

#include "core/cattp.h"

#include "core/cattp-private.h"

/* CLOSE-WAIT lasts two round trips, or a time-out where none is known. */
#define CLOSE_WAIT_ROUND_TRIPS 2

void
ea_cattp_event_clear (EaCattpEvent *event)
{
  g_clear_pointer (&event->bytes, g_bytes_unref);
}

static void
free_event (gpointer data)
{
  ea_cattp_event_clear (data);
  g_free (data);
}

EaCattpEvent *
ea_cattp_add_event (EaCattp *self, EaCattpEventType type)
{
  EaCattpEvent *event = g_new0 (EaCattpEvent, 1);

  event->type = type;
  g_queue_push_tail (&self->events, event);
  return event;
}

void
ea_cattp_discard (EaCattp *self, EaCattpDiscard why)
{
  self->counters.n_discarded[why]++;
}

static EaCattp *
create (const EaCattpParameters *parameters, EaCattpState state)
{
  EaCattp *self = g_new0 (EaCattp, 1);

  self->parameters = *parameters;
  self->identification = ea_span_to_bytes (parameters->identification);
  self->parameters.identification = ea_span_from_bytes (self->identification);
  self->state = state;
  self->close_us = EA_CATTP_NEVER;
  self->repeat_us = EA_CATTP_NEVER;
  self->third_us = EA_CATTP_NEVER;
  g_queue_init (&self->answers);
  g_queue_init (&self->events);

  self->output.next = parameters->initial_sequence;
  self->output.max_pdu = parameters->max_pdu;
  g_queue_init (&self->output.waiting);
  g_queue_init (&self->output.underway);
  self->input.early = g_array_new (FALSE, FALSE, sizeof (EaCattpEarly));
  g_array_set_clear_func (self->input.early, ea_cattp_early_clear);
  self->input.sdu = g_byte_array_new ();
  self->input.owed_us = EA_CATTP_NEVER;
  return self;
}

static gboolean
are_possible (const EaCattpParameters *parameters)
{
  return parameters->max_pdu >= EA_CATTP_PDU_SIZE_MIN + parameters->identification.size
         && parameters->max_sdu > 0 && parameters->window > 0
         && parameters->window <= EA_CATTP_WINDOW_MAX
         && parameters->identification.size <= EA_CATTP_IDENTIFICATION_MAX
         && parameters->keep_alive_us >= 0;
}

EaCattp *
ea_cattp_new_active (const EaCattpParameters *parameters, gint64 now_us)
{
  EaCattp *self;

  g_return_val_if_fail (are_possible (parameters), NULL);

  self = create (parameters, EA_CATTP_SYN_SENT);
  self->is_active = TRUE;
  self->heard_us = now_us;
  (void) ea_cattp_add_sent (self, EA_CATTP_FLAG_SYN, NULL);
  return self;
}

EaCattp *
ea_cattp_new_passive (const EaCattpParameters *parameters)
{
  g_return_val_if_fail (are_possible (parameters) && parameters->identification.size == 0, NULL);

  return create (parameters, EA_CATTP_LISTEN);
}

void
ea_cattp_free (EaCattp *self)
{
  if (self == NULL)
    return;
  g_bytes_unref (self->identification);
  g_clear_pointer (&self->peer_identification, g_bytes_unref);
  g_clear_pointer (&self->reset, g_bytes_unref);
  g_queue_clear_full (&self->answers, (GDestroyNotify) g_bytes_unref);
  g_queue_clear_full (&self->events, free_event);
  g_queue_clear_full (&self->output.waiting, (GDestroyNotify) g_bytes_unref);
  g_queue_clear_full (&self->output.underway, ea_cattp_sent_free);
  g_array_unref (self->input.early);
  g_byte_array_unref (self->input.sdu);
  g_free (self);
}

void
ea_cattp_open (EaCattp *self, gint64 now_us)
{
  const EaCattpSent *syn = g_queue_peek_head (&self->output.underway);
  EaCattpEvent *event;

  if (syn->n_sent == 1)
    ea_cattp_timer_add_round_trip (&self->output.timer, now_us - syn->sent_us);
  else
    ea_cattp_timer_guess_round_trip (&self->output.timer, now_us - syn->sent_us);
  ea_cattp_sent_free (g_queue_pop_head (&self->output.underway));
  ea_cattp_rate_init (&self->output.rate, self->output.max_pdu);
  self->output.n_timeouts = 0;
  self->output.progress_us = now_us;
  self->state = EA_CATTP_OPEN;

  event = ea_cattp_add_event (self, EA_CATTP_EVENT_OPENED);
  event->max_pdu = self->output.max_pdu;
  event->max_sdu = self->output.max_sdu;
  event->bytes = g_bytes_ref (self->peer_identification);
}

/* Nothing more is received, sent or told of. */
static void
drop_all (EaCattp *self)
{
  g_queue_clear_full (&self->output.waiting, (GDestroyNotify) g_bytes_unref);
  g_queue_clear_full (&self->output.underway, ea_cattp_sent_free);
  g_array_set_size (self->input.early, 0);
  self->input.n_early_octets = 0;
  g_byte_array_set_size (self->input.sdu, 0);
  self->input.is_owed_now = FALSE;
  self->input.owed_us = EA_CATTP_NEVER;
  self->is_third_due = FALSE;
  self->close_us = EA_CATTP_NEVER;
}

void
ea_cattp_end (EaCattp *self, EaCattpCause cause, guint8 reason)
{
  EaCattpEvent *event = ea_cattp_add_event (self, EA_CATTP_EVENT_CLOSED);

  event->cause = cause;
  event->reason = reason;
  event->n_undelivered = self->output.n_sdus;
  self->state = EA_CATTP_CLOSED;
  drop_all (self);
}

void
ea_cattp_repeat_reset (EaCattp *self)
{
  if (self->reset == NULL)
    {
      EaCattpPdu pdu = ea_cattp_make_pdu (self, EA_CATTP_FLAG_RST);

      pdu.reset_reason = EA_CATTP_RESET_UNEXPECTED;
      ea_cattp_push_answer (self, &pdu);
      return;
    }
  if (g_queue_is_empty (&self->answers))
    g_queue_push_tail (&self->answers, g_bytes_ref (self->reset));
}

/* A lost RST leaves the peer alone with its connection: where PDUs were lost it is sent twice. */
static gboolean
has_lost (const EaCattp *self)
{
  return self->counters.n_retransmitted > 0 || self->counters.n_duplicates > 0
         || self->counters.n_early > 0;
}

void
ea_cattp_reset (EaCattp *self, EaCattpCause cause, EaCattpResetReason reason, gint64 now_us)
{
  EaCattpPdu pdu = ea_cattp_make_pdu (self, EA_CATTP_FLAG_RST);
  const EaCattpTimer *timer = &self->output.timer;
  gint64 wait_us = timer->smoothed_us == 0 ? ea_cattp_timer_get_timeout (timer)
                                           : CLOSE_WAIT_ROUND_TRIPS * timer->smoothed_us;

  pdu.reset_reason = (guint8) reason;
  if (self->input.n_owed > 0 || self->is_third_due)
    ea_cattp_push_acknowledgement (self);
  ea_cattp_end (self, cause, (guint8) reason);
  self->state = EA_CATTP_CLOSE_WAIT;
  wait_us = CLAMP (wait_us, EA_CATTP_TIMEOUT_MIN_US, EA_CATTP_TIMEOUT_MAX_US);
  self->close_us = now_us + wait_us;
  self->reset = ea_cattp_pdu_build (&pdu, NULL);
  g_queue_push_tail (&self->answers, g_bytes_ref (self->reset));
  if (has_lost (self))
    self->repeat_us = now_us + wait_us / CLOSE_WAIT_ROUND_TRIPS;
}

void
ea_cattp_settle (EaCattp *self, gint64 now_us)
{
  if (self->state == EA_CATTP_OPEN && self->is_closing
      && (ea_cattp_is_idle (self) || now_us >= self->close_us))
    ea_cattp_reset (self, EA_CATTP_CAUSE_CLOSED, EA_CATTP_RESET_NORMAL, now_us);
}

static gboolean
is_over (const EaCattp *self)
{
  return self->state == EA_CATTP_CLOSE_WAIT || self->state == EA_CATTP_CLOSED;
}

void
ea_cattp_close (EaCattp *self, gint64 now_us)
{
  if (is_over (self) || self->is_closing)
    return;
  self->is_closing = TRUE;
  self->close_us = now_us + EA_CATTP_CLOSE_LIMIT_US;
  if (self->state == EA_CATTP_LISTEN)
    ea_cattp_end (self, EA_CATTP_CAUSE_CLOSED, EA_CATTP_RESET_NORMAL);
  else if (self->state != EA_CATTP_OPEN)
    ea_cattp_reset (self, EA_CATTP_CAUSE_CLOSED, EA_CATTP_RESET_NORMAL, now_us);
  else
    ea_cattp_settle (self, now_us);
}

void
ea_cattp_abort (EaCattp *self, EaCattpResetReason reason, gint64 now_us)
{
  if (is_over (self))
    return;
  if (self->state == EA_CATTP_LISTEN)
    ea_cattp_end (self, EA_CATTP_CAUSE_ABORTED, (guint8) reason);
  else
    ea_cattp_reset (self, EA_CATTP_CAUSE_ABORTED, reason, now_us);
}

gboolean
ea_cattp_pull_event (EaCattp *self, EaCattpEvent *event)
{
  EaCattpEvent *oldest = g_queue_pop_head (&self->events);

  if (oldest == NULL)
    return FALSE;
  *event = *oldest;
  g_free (oldest);
  if (event->type == EA_CATTP_EVENT_SDU)
    ea_cattp_sdu_pulled (self, g_bytes_get_size (event->bytes));
  return TRUE;
}

gboolean
ea_cattp_pull_news (EaCattp *self, EaCattpEvent *event)
{
  for (GList *link = self->events.head; link != NULL; link = link->next)
    {
      EaCattpEvent *found = link->data;

      if (found->type == EA_CATTP_EVENT_SDU)
        continue;
      g_queue_delete_link (&self->events, link);
      *event = *found;
      g_free (found);
      return TRUE;
    }
  return FALSE;
}

EaCattpState
ea_cattp_get_state (const EaCattp *self)
{
  return self->state;
}

gboolean
ea_cattp_is_idle (const EaCattp *self)
{
  return self->output.n_sdus == 0;
}

EaCattpCounters
ea_cattp_get_counters (const EaCattp *self)
{
  EaCattpCounters counters = self->counters;

  counters.smoothed_rtt_us = self->output.timer.smoothed_us;
  counters.rate = ea_cattp_rate_get (&self->output.rate);
  return counters;
}
