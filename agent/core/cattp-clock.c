/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The deadlines of a CAT_TP connection, and what is done at them.
 */

#include "core/cattp-private.h"

/* (nullable): the SYN that waits for its answer */
static EaCattpSent *
peek_syn (const EaCattp *self)
{
  if (self->state != EA_CATTP_SYN_SENT && self->state != EA_CATTP_SYN_RECEIVED)
    return NULL;
  return g_queue_peek_head ((GQueue *) &self->output.underway);
}

static gint64
get_syn_deadline (const EaCattp *self)
{
  const EaCattpSent *syn = peek_syn (self);

  return syn == NULL || syn->n_sent == 0 || syn->is_lost
             ? EA_CATTP_NEVER
             : syn->sent_us + ea_cattp_timer_get_syn_timeout (self->output.n_timeouts + 1);
}

static gint64
get_keep_alive_deadline (const EaCattp *self)
{
  if (self->state != EA_CATTP_OPEN || self->parameters.keep_alive_us == 0
      || !g_queue_is_empty ((GQueue *) &self->output.underway))
    return EA_CATTP_NEVER;
  return self->heard_us + self->parameters.keep_alive_us;
}

/* A window that is closed while something waits. */
static gint64
get_probe_deadline (const EaCattp *self)
{
  const EaCattpOutput *output = &self->output;

  if (self->state != EA_CATTP_OPEN || output->window > 0
      || g_queue_is_empty ((GQueue *) &output->waiting)
      || !g_queue_is_empty ((GQueue *) &output->underway))
    return EA_CATTP_NEVER;
  return output->progress_us + ea_cattp_timer_get_probe_timeout (&output->timer, output->n_probes);
}

static gint64
get_open_deadline (const EaCattp *self)
{
  gint64 deadline_us;

  if (self->state != EA_CATTP_OPEN)
    return EA_CATTP_NEVER;
  deadline_us = MIN (self->input.owed_us, self->close_us);
  deadline_us = MIN (deadline_us, self->third_us);
  deadline_us = MIN (deadline_us, get_keep_alive_deadline (self));
  deadline_us = MIN (deadline_us, get_probe_deadline (self));
  deadline_us = MIN (deadline_us, ea_cattp_get_loss_deadline (self));
  return MIN (deadline_us, ea_cattp_get_timeout_deadline (self));
}

gint64
ea_cattp_deadline (const EaCattp *self)
{
  if (self->state == EA_CATTP_CLOSE_WAIT)
    return MIN (self->close_us, self->repeat_us);
  return MIN (get_syn_deadline (self), get_open_deadline (self));
}

static void
tick_syn (EaCattp *self, gint64 now_us)
{
  EaCattpSent *syn = peek_syn (self);

  if (now_us < get_syn_deadline (self))
    return;
  self->counters.n_timeouts++;
  if (++self->output.n_timeouts >= EA_CATTP_SYN_TRANSMISSIONS_MAX)
    {
      ea_cattp_reset (self, EA_CATTP_CAUSE_RETRIES, EA_CATTP_RESET_RETRIES, now_us);
      return;
    }
  syn->is_lost = TRUE;
}

/* The oldest PDU goes again: its answer tells of all the others. */
static void
time_out (EaCattp *self, gint64 now_us)
{
  EaCattpOutput *output = &self->output;
  EaCattpSent *oldest = ea_cattp_find_oldest (self);

  self->counters.n_timeouts++;
  output->timeout_us = now_us;
  if (now_us >= oldest->sent_us + ea_cattp_timer_get_timeout (&output->timer))
    ea_cattp_timer_back_off (&output->timer);
  if (++output->n_timeouts > EA_CATTP_TIMEOUTS_MAX)
    {
      ea_cattp_reset (self, EA_CATTP_CAUSE_RETRIES, EA_CATTP_RESET_RETRIES, now_us);
      return;
    }
  oldest->is_doubted = oldest->is_doubted || oldest->is_received;
  oldest->is_received = FALSE;
  oldest->is_lost = TRUE;
  oldest->is_forced = TRUE;
  self->is_third_due = self->is_active && !self->is_confirmed;
}

static void
tick_open (EaCattp *self, gint64 now_us)
{
  if (now_us >= self->input.owed_us)
    self->input.is_owed_now = TRUE;
  if (now_us >= self->third_us)
    {
      self->third_us = EA_CATTP_NEVER;
      self->is_third_due = TRUE;
    }
  if (now_us >= ea_cattp_get_loss_deadline (self))
    ea_cattp_find_losses (self, now_us);
  if (now_us >= get_probe_deadline (self) || now_us >= get_keep_alive_deadline (self))
    (void) ea_cattp_add_sent (self, EA_CATTP_FLAG_NUL, NULL);
  if (now_us >= ea_cattp_get_timeout_deadline (self))
    time_out (self, now_us);
  ea_cattp_settle (self, now_us);
}

static void
tick_close_wait (EaCattp *self, gint64 now_us)
{
  if (now_us >= self->repeat_us)
    {
      self->repeat_us = EA_CATTP_NEVER;
      ea_cattp_repeat_reset (self);
    }
  if (now_us < self->close_us)
    return;
  self->close_us = EA_CATTP_NEVER;
  self->state = EA_CATTP_CLOSED;
}

void
ea_cattp_tick (EaCattp *self, gint64 now_us)
{
  switch (self->state)
    {
    case EA_CATTP_LISTEN:
    case EA_CATTP_CLOSED:
      return;
    case EA_CATTP_SYN_SENT:
    case EA_CATTP_SYN_RECEIVED:
      tick_syn (self, now_us);
      return;
    case EA_CATTP_OPEN:
      tick_open (self, now_us);
      return;
    case EA_CATTP_CLOSE_WAIT:
      tick_close_wait (self, now_us);
      return;
    }
}
