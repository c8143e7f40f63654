/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A CAT_TP link: what it sends, and what its owner asks of it. What comes is in sim-cattp-states.c.
 */

#include "sim-cattp-private.h"

#define NO_REASON (-1)

static SimCattpPdu
prepare (const SimCattp *self, guint8 flags)
{
  return (SimCattpPdu){
    .flags = flags,
    .source_port = self->options.source_port,
    .destination_port = self->options.destination_port,
    .sequence = self->sender.next,
  };
}

void
sim_cattp_emit (SimCattp *self, const SimCattpPdu *pdu)
{
  g_queue_push_tail (&self->pdus, sim_cattp_pdu_build (pdu));
}

static void
acknowledge (SimCattp *self, SimCattpPdu *pdu)
{
  pdu->flags |= SIM_CATTP_FLAG_ACK;
  pdu->acknowledgement = self->receiver.current;
}

void
sim_cattp_send_acknowledgement (SimCattp *self)
{
  g_autoptr (GBytes) early = sim_cattp_receiver_list_early (&self->receiver);
  gsize n_early_max = ((gsize) self->pdu_max - SIM_CATTP_HEADER_SIZE) / sizeof (guint16);
  SimCattpPdu pdu = prepare (self, 0);

  acknowledge (self, &pdu);
  pdu.window = SIM_CATTP_WINDOW;
  pdu.eak = ea_span_head (ea_span_from_bytes (early), n_early_max * sizeof (guint16));
  if (pdu.eak.size > 0)
    pdu.flags |= SIM_CATTP_FLAG_EAK;
  sim_cattp_emit (self, &pdu);
}

void
sim_cattp_send_item (SimCattp *self, const SimCattpItem *item)
{
  SimCattpPdu pdu = prepare (self, item->flags);

  pdu.sequence = item->sequence;
  pdu.window = SIM_CATTP_WINDOW;
  if (item->data != NULL)
    pdu.data = ea_span_from_bytes (item->data);
  if (!(self->is_client && (item->flags & SIM_CATTP_FLAG_SYN) != 0))
    acknowledge (self, &pdu);
  if ((item->flags & SIM_CATTP_FLAG_SYN) != 0)
    {
      pdu.pdu_max = self->options.pdu_max;
      pdu.sdu_max = self->options.sdu_max;
      pdu.identification = ea_span_from_bytes (self->own_identification);
    }
  sim_cattp_emit (self, &pdu);
}

void
sim_cattp_send_waiting (SimCattp *self, gint64 now_us)
{
  const SimCattpItem *item;

  while ((item = sim_cattp_sender_take (&self->sender, now_us)) != NULL)
    sim_cattp_send_item (self, item);
}

void
sim_cattp_end (SimCattp *self, int reason)
{
  self->state = SIM_CATTP_CLOSED;
  self->reset_reason = reason;
  sim_cattp_sender_clear (&self->sender);
}

void
sim_cattp_send_reset (SimCattp *self, SimCattpReason reason)
{
  SimCattpPdu pdu = prepare (self, SIM_CATTP_FLAG_RST);

  pdu.reason = (guint8) reason;
  sim_cattp_emit (self, &pdu);
}

void
sim_cattp_reset (SimCattp *self, SimCattpReason reason)
{
  sim_cattp_send_reset (self, reason);
  sim_cattp_end (self, (int) reason);
}

static SimCattp *
create (const SimCattpOptions *options, EaSpan identification)
{
  SimCattp *self = g_new0 (SimCattp, 1);

  g_assert (options->pdu_max >= SIM_CATTP_SYN_SIZE);
  g_assert (identification.size <= SIM_CATTP_IDENTIFICATION_MAX);
  self->options = *options;
  self->options.identification = EA_SPAN_EMPTY;
  self->own_identification = ea_span_to_bytes (identification);
  self->identification = g_bytes_new (NULL, 0);
  self->reset_reason = NO_REASON;
  sim_cattp_sender_init (&self->sender, options->initial_sequence);
  sim_cattp_receiver_init (&self->receiver, options->sdu_max);
  g_queue_init (&self->pdus);
  return self;
}

SimCattp *
sim_cattp_new_client (const SimCattpOptions *options, gint64 now_us)
{
  SimCattp *self = create (options, options->identification);

  self->is_client = TRUE;
  self->state = SIM_CATTP_SYN_SENT;
  sim_cattp_sender_put (&self->sender, SIM_CATTP_FLAG_SYN, EA_SPAN_EMPTY);
  sim_cattp_send_waiting (self, now_us);
  return self;
}

SimCattp *
sim_cattp_new_server (const SimCattpOptions *options)
{
  SimCattp *self = create (options, EA_SPAN_EMPTY);

  self->state = SIM_CATTP_LISTEN;
  return self;
}

void
sim_cattp_free (SimCattp *self)
{
  if (self == NULL)
    return;
  sim_cattp_sender_clear (&self->sender);
  sim_cattp_receiver_clear (&self->receiver);
  g_queue_clear_full (&self->pdus, (GDestroyNotify) g_bytes_unref);
  g_bytes_unref (self->own_identification);
  g_bytes_unref (self->identification);
  g_free (self);
}

void
sim_cattp_send_anyway (SimCattp *self, EaSpan sdu, gint64 now_us)
{
  gsize data_max = (gsize) self->pdu_max - SIM_CATTP_HEADER_SIZE;

  for (; sdu.size > 0; sdu = ea_span_tail (sdu, data_max))
    sim_cattp_sender_put (&self->sender, sdu.size > data_max ? SIM_CATTP_FLAG_SEG : 0,
                          ea_span_head (sdu, data_max));
  sim_cattp_send_waiting (self, now_us);
}

gboolean
sim_cattp_send (SimCattp *self, EaSpan sdu, gint64 now_us)
{
  if (self->state != SIM_CATTP_OPEN || sdu.size == 0 || sdu.size > self->sdu_max)
    return FALSE;
  sim_cattp_send_anyway (self, sdu, now_us);
  return TRUE;
}

void
sim_cattp_abort (SimCattp *self, guint8 reason)
{
  if (self->state == SIM_CATTP_CLOSED)
    return;
  if (self->state == SIM_CATTP_LISTEN)
    sim_cattp_end (self, NO_REASON);
  else
    sim_cattp_reset (self, (SimCattpReason) reason);
}

void
sim_cattp_close (SimCattp *self, gint64 now_us)
{
  sim_cattp_abort (self, SIM_CATTP_REASON_NORMAL);
}

void
sim_cattp_repeat_reset (SimCattp *self)
{
  if (self->state != SIM_CATTP_CLOSED || self->reset_reason == NO_REASON)
    return;
  self->repairs.n_retransmitted++;
  sim_cattp_send_reset (self, (SimCattpReason) self->reset_reason);
}

GBytes *
sim_cattp_pull_pdu (SimCattp *self)
{
  return g_queue_pop_head (&self->pdus);
}

GBytes *
sim_cattp_pull_sdu (SimCattp *self)
{
  return sim_cattp_receiver_pull (&self->receiver);
}

gint64
sim_cattp_get_deadline (const SimCattp *self)
{
  return sim_cattp_sender_get_deadline (&self->sender);
}

void
sim_cattp_tick (SimCattp *self, gint64 now_us)
{
  const SimCattpItem *item;

  while ((item = sim_cattp_sender_take_due (&self->sender, now_us)) != NULL)
    {
      if (item->n_transmissions > SIM_CATTP_TRANSMISSIONS_MAX)
        {
          sim_cattp_reset (self, SIM_CATTP_REASON_MAXIMUM_RETRIES);
          return;
        }
      self->repairs.n_retransmitted += item->n_transmissions > 1 ? 1 : 0;
      sim_cattp_send_item (self, item);
    }
}

SimCattpRepairs
sim_cattp_get_repairs (const SimCattp *self)
{
  return self->repairs;
}

SimCattpState
sim_cattp_get_state (const SimCattp *self)
{
  return self->state;
}

int
sim_cattp_get_reset_reason (const SimCattp *self)
{
  return self->reset_reason;
}

EaSpan
sim_cattp_get_identification (const SimCattp *self)
{
  return ea_span_from_bytes (self->identification);
}

guint16
sim_cattp_get_pdu_max (const SimCattp *self)
{
  return self->pdu_max;
}

guint16
sim_cattp_get_sdu_max (const SimCattp *self)
{
  return self->sdu_max;
}

gboolean
sim_cattp_is_idle (const SimCattp *self)
{
  return sim_cattp_sender_is_idle (&self->sender);
}
