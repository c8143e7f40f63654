/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The states of a CAT_TP link: what a PDU does in each. Where ETSI TS 102 127 leaves room this side is
 * strict in what it sends and takes what implementations were seen to send: an EAK without ACK, data
 * without ACK, sizes of 0 in a SYN, data as the third PDU. CLOSE-WAIT is not a state of its own: a closed
 * link answers whatever comes late with its RST again.
 */

#include "sim-cattp-private.h"

/* The answer to a SYN that opens no link: there are no sequence numbers of this side. */
static void
refuse (SimCattp *self, const SimCattpPdu *syn, SimCattpReason reason)
{
  SimCattpPdu pdu = {
    .flags = SIM_CATTP_FLAG_RST | SIM_CATTP_FLAG_ACK,
    .source_port = syn->destination_port,
    .destination_port = syn->source_port,
    .acknowledgement = syn->sequence,
    .reason = (guint8) reason,
  };

  sim_cattp_emit (self, &pdu);
}

static gboolean
is_size_impossible (const SimCattpPdu *syn)
{
  return syn->pdu_max != 0 && syn->pdu_max < SIM_CATTP_SYN_SIZE;
}

/* The peer's limits; 0 means that it doesn't say. What fits one way has to fit the other: both go
 * through the same channel. */
static void
take_syn (SimCattp *self, const SimCattpPdu *syn)
{
  self->pdu_max
      = syn->pdu_max == 0 ? self->options.pdu_max : MIN (syn->pdu_max, self->options.pdu_max);
  self->sdu_max = syn->sdu_max == 0 ? G_MAXUINT16 : syn->sdu_max;
  g_bytes_unref (self->identification);
  self->identification = ea_span_to_bytes (syn->identification);
  sim_cattp_receiver_start (&self->receiver, syn->sequence);
}

static void
receive_in_listen (SimCattp *self, const SimCattpPdu *pdu, gint64 now_us)
{
  if ((pdu->flags & (SIM_CATTP_FLAG_SYN | SIM_CATTP_FLAG_ACK)) != SIM_CATTP_FLAG_SYN)
    return;
  if (pdu->destination_port != self->options.source_port
      || (self->options.destination_port != 0
          && pdu->source_port != self->options.destination_port))
    {
      refuse (self, pdu, SIM_CATTP_REASON_PORT_NOT_AVAILABLE);
      return;
    }
  if (pdu->version != 0)
    {
      refuse (self, pdu, SIM_CATTP_REASON_VERSION_NOT_SUPPORTED);
      return;
    }
  if (is_size_impossible (pdu))
    {
      refuse (self, pdu, SIM_CATTP_REASON_SET_UP_FAILED);
      return;
    }

  self->options.destination_port = pdu->source_port;
  take_syn (self, pdu);
  self->state = SIM_CATTP_SYN_RECEIVED;
  sim_cattp_sender_put (&self->sender, SIM_CATTP_FLAG_SYN, EA_SPAN_EMPTY);
  sim_cattp_send_waiting (self, now_us);
}

/* A pure ACK is what a server in SYN-RCVD says when the SYN comes again: the SYN+ACK is on its way. */
static void
receive_in_syn_sent (SimCattp *self, const SimCattpPdu *pdu, gint64 now_us)
{
  if ((pdu->flags & SIM_CATTP_FLAG_RST) != 0)
    {
      sim_cattp_end (self, pdu->reason);
      return;
    }
  if ((pdu->flags & SIM_CATTP_FLAG_SYN) == 0 || (pdu->flags & SIM_CATTP_FLAG_ACK) == 0)
    return;
  if (pdu->acknowledgement != self->options.initial_sequence)
    {
      sim_cattp_reset (self, SIM_CATTP_REASON_UNEXPECTED_PDU);
      return;
    }
  if (is_size_impossible (pdu))
    {
      sim_cattp_reset (self, SIM_CATTP_REASON_SET_UP_FAILED);
      return;
    }

  (void) sim_cattp_sender_acknowledge (&self->sender, pdu->acknowledgement, pdu->window, now_us);
  take_syn (self, pdu);
  self->state = SIM_CATTP_OPEN;
  sim_cattp_send_acknowledgement (self);
}

static gboolean
takes_number (const SimCattpPdu *pdu)
{
  return (pdu->flags & SIM_CATTP_FLAG_NUL) != 0 || pdu->data.size > 0;
}

static void
receive_numbered (SimCattp *self, const SimCattpPdu *pdu)
{
  self->repairs.n_duplicated += sim_cattp_receiver_has (&self->receiver, pdu->sequence) ? 1 : 0;
  if (sim_cattp_receiver_is_in_window (&self->receiver, pdu->sequence)
      && !sim_cattp_receiver_take (&self->receiver, pdu))
    {
      sim_cattp_reset (self, SIM_CATTP_REASON_SET_UP_FAILED);
      return;
    }
  sim_cattp_send_acknowledgement (self);
}

/* A SYN+ACK that comes again says that the third PDU was lost. */
static void
receive_syn_in_open (SimCattp *self, const SimCattpPdu *pdu)
{
  if (sim_cattp_receiver_is_in_window (&self->receiver, pdu->sequence))
    {
      sim_cattp_reset (self, SIM_CATTP_REASON_UNEXPECTED_PDU);
      return;
    }
  self->repairs.n_duplicated++;
  sim_cattp_send_acknowledgement (self);
}

/* RST takes no number: it carries the one after the last that was sent. */
static void
receive_reset (SimCattp *self, const SimCattpPdu *pdu)
{
  int distance = sim_cattp_distance (self->receiver.current, pdu->sequence);

  if (distance >= 1 && distance <= SIM_CATTP_WINDOW + 1)
    sim_cattp_end (self, pdu->reason);
}

static void
receive_in_open (SimCattp *self, const SimCattpPdu *pdu, gint64 now_us)
{
  if ((pdu->flags & SIM_CATTP_FLAG_SYN) != 0)
    {
      receive_syn_in_open (self, pdu);
      return;
    }
  if ((pdu->flags & SIM_CATTP_FLAG_RST) != 0)
    {
      receive_reset (self, pdu);
      return;
    }

  if ((pdu->flags & SIM_CATTP_FLAG_ACK) != 0
      && !sim_cattp_sender_acknowledge (&self->sender, pdu->acknowledgement, pdu->window, now_us))
    return;
  sim_cattp_sender_mark_received (&self->sender, pdu->eak, now_us);
  if (takes_number (pdu))
    receive_numbered (self, pdu);
  if (self->state == SIM_CATTP_OPEN)
    sim_cattp_tick (self, now_us);
  if (self->state == SIM_CATTP_OPEN)
    sim_cattp_send_waiting (self, now_us);
}

static void
receive_in_syn_received (SimCattp *self, const SimCattpPdu *pdu, gint64 now_us)
{
  if ((pdu->flags & SIM_CATTP_FLAG_RST) != 0)
    {
      sim_cattp_end (self, pdu->reason);
      return;
    }
  if ((pdu->flags & SIM_CATTP_FLAG_SYN) != 0)
    {
      if (pdu->sequence != self->receiver.initial)
        return;
      self->repairs.n_duplicated++;
      self->repairs.n_retransmitted++;
      sim_cattp_send_item (self, sim_cattp_sender_peek (&self->sender));
      return;
    }
  if ((pdu->flags & SIM_CATTP_FLAG_ACK) == 0
      || pdu->acknowledgement != self->options.initial_sequence)
    return;
  if (!sim_cattp_receiver_is_in_window (&self->receiver, pdu->sequence))
    {
      sim_cattp_send_acknowledgement (self);
      return;
    }

  self->state = SIM_CATTP_OPEN;
  receive_in_open (self, pdu, now_us);
}

static gboolean
is_of_link (const SimCattp *self, const SimCattpPdu *pdu)
{
  return pdu->destination_port == self->options.source_port
         && pdu->source_port == self->options.destination_port && pdu->version == 0;
}

void
sim_cattp_receive (SimCattp *self, EaSpan datagram, gint64 now_us)
{
  SimCattpPdu pdu;

  if (!sim_cattp_pdu_parse (&pdu, datagram)
      || (self->state != SIM_CATTP_LISTEN && !is_of_link (self, &pdu)))
    {
      self->repairs.n_damaged++;
      return;
    }

  switch (self->state)
    {
    case SIM_CATTP_LISTEN:
      receive_in_listen (self, &pdu, now_us);
      break;
    case SIM_CATTP_SYN_SENT:
      receive_in_syn_sent (self, &pdu, now_us);
      break;
    case SIM_CATTP_SYN_RECEIVED:
      receive_in_syn_received (self, &pdu, now_us);
      break;
    case SIM_CATTP_OPEN:
      receive_in_open (self, &pdu, now_us);
      break;
    case SIM_CATTP_CLOSED:
      if ((pdu.flags & SIM_CATTP_FLAG_RST) == 0)
        sim_cattp_send_reset (self, (SimCattpReason) MAX (self->reset_reason, 0));
      break;
    }
}
