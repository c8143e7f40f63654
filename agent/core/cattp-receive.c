/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a PDU does in each state of a CAT_TP connection (TS 102 127). What is sent is strict; what is taken allows for
 * peers that were seen: sizes of 0 in a SYN+ACK, EAK and data without ACK, data as the third PDU, acknowledgements in
 * a repeated PDU as they were when it was sent first, an RST with an acknowledgement that it does not flag.
 */

#include "core/cattp-private.h"

/* How much older than the last one in order a PDU may be: as much as can be underway. What those before said, others have
 * said since. */
#define LATE_NUMBERS_MAX EA_CATTP_WINDOW_MAX

static gboolean
has_flag (const EaCattpPdu *pdu, EaCattpFlag flag)
{
  return (pdu->flags & flag) != 0;
}

static gboolean
is_numbered (const EaCattpPdu *pdu)
{
  return has_flag (pdu, EA_CATTP_FLAG_NUL) || pdu->data.size > 0;
}

/* An RST to somebody who has no connection here */
static void
refuse (EaCattp *self, const EaCattpPdu *pdu, EaCattpResetReason reason)
{
  const EaCattpPdu answer = { .flags = EA_CATTP_FLAG_RST | EA_CATTP_FLAG_ACK,
                              .source_port = pdu->destination_port,
                              .destination_port = pdu->source_port,
                              .acknowledgement = pdu->sequence,
                              .reset_reason = (guint8) reason };

  ea_cattp_push_answer (self, &answer);
}

static gboolean
has_possible_size (const EaCattpPdu *syn)
{
  return syn->max_pdu == 0 || syn->max_pdu >= EA_CATTP_PDU_SIZE_MIN;
}

/* Some peers say 0 and mean that they do not know. */
static void
take_syn (EaCattp *self, const EaCattpPdu *syn, gint64 now_us)
{
  EaCattpOutput *output = &self->output;

  self->heard_us = now_us;
  self->peer_identification = ea_span_to_bytes (syn->identification);
  self->input.initial = syn->sequence;
  self->input.current = syn->sequence;
  output->max_pdu
      = syn->max_pdu == 0 ? self->parameters.max_pdu : MIN (syn->max_pdu, self->parameters.max_pdu);
  output->max_sdu = syn->max_sdu == 0 ? EA_CATTP_SDU_MAX : syn->max_sdu;
  output->window = MIN (syn->window, EA_CATTP_WINDOW_MAX);
}

static gboolean
is_for_listener (const EaCattp *self, const EaCattpPdu *pdu)
{
  return pdu->destination_port == self->parameters.source_port
         && (self->parameters.destination_port == 0
             || pdu->source_port == self->parameters.destination_port);
}

static void
receive_in_listen (EaCattp *self, const EaCattpPdu *pdu, gint64 now_us)
{
  if ((pdu->flags & (EA_CATTP_FLAG_SYN | EA_CATTP_FLAG_ACK)) != EA_CATTP_FLAG_SYN)
    {
      ea_cattp_discard (self, EA_CATTP_DISCARD_STATE);
      if (!has_flag (pdu, EA_CATTP_FLAG_RST))
        refuse (self, pdu, EA_CATTP_RESET_UNEXPECTED);
      return;
    }
  if (!is_for_listener (self, pdu))
    {
      ea_cattp_discard (self, EA_CATTP_DISCARD_PORT);
      refuse (self, pdu, EA_CATTP_RESET_PORT);
      return;
    }
  if (pdu->version != EA_CATTP_VERSION)
    {
      ea_cattp_discard (self, EA_CATTP_DISCARD_VERSION);
      refuse (self, pdu, EA_CATTP_RESET_VERSION);
      return;
    }
  if (!has_possible_size (pdu))
    {
      ea_cattp_discard (self, EA_CATTP_DISCARD_STATE);
      refuse (self, pdu, EA_CATTP_RESET_PARAMETERS);
      return;
    }

  self->parameters.destination_port = pdu->source_port;
  take_syn (self, pdu, now_us);
  self->state = EA_CATTP_SYN_RECEIVED;
  (void) ea_cattp_add_sent (self, EA_CATTP_FLAG_SYN, NULL);
}

/* A pure ACK comes from a peer that has had our SYN twice and waits for us: its SYN+ACK comes again. */
static void
receive_in_syn_sent (EaCattp *self, const EaCattpPdu *pdu, gint64 now_us)
{
  if (has_flag (pdu, EA_CATTP_FLAG_RST))
    {
      ea_cattp_end (self, EA_CATTP_CAUSE_PEER, pdu->reset_reason);
      return;
    }
  if (!has_flag (pdu, EA_CATTP_FLAG_SYN) || !has_flag (pdu, EA_CATTP_FLAG_ACK))
    {
      ea_cattp_discard (self, EA_CATTP_DISCARD_STATE);
      return;
    }
  if (pdu->acknowledgement != self->parameters.initial_sequence)
    {
      ea_cattp_reset (self, EA_CATTP_CAUSE_PROTOCOL, EA_CATTP_RESET_UNEXPECTED, now_us);
      return;
    }
  if (pdu->version != EA_CATTP_VERSION)
    {
      ea_cattp_reset (self, EA_CATTP_CAUSE_VERSION, EA_CATTP_RESET_VERSION, now_us);
      return;
    }
  if (!has_possible_size (pdu))
    {
      ea_cattp_reset (self, EA_CATTP_CAUSE_PARAMETERS, EA_CATTP_RESET_PARAMETERS, now_us);
      return;
    }

  take_syn (self, pdu, now_us);
  ea_cattp_open (self, now_us);
  self->is_third_due = TRUE;
  self->third_us = now_us + EA_CATTP_THIRD_REPEAT_US;
}

/* The window for PDUs without a number of their own: they carry the one after the last that was sent, which is not
 * taken yet. */
static gboolean
is_in_window_of_next (const EaCattp *self, guint16 sequence)
{
  return ea_cattp_sequence_is_in_window (sequence, self->input.current,
                                         (guint16) (self->parameters.window + 1));
}

static void
receive_reset (EaCattp *self, const EaCattpPdu *pdu, gint64 now_us)
{
  if (!is_in_window_of_next (self, pdu->sequence))
    {
      ea_cattp_discard (self, EA_CATTP_DISCARD_SEQUENCE);
      return;
    }
  if (has_flag (pdu, EA_CATTP_FLAG_ACK) && !ea_cattp_knows_number (self, pdu->acknowledgement))
    {
      ea_cattp_discard (self, EA_CATTP_DISCARD_ACKNOWLEDGEMENT);
      return;
    }
  if (has_flag (pdu, EA_CATTP_FLAG_ACK) && self->state == EA_CATTP_OPEN)
    ea_cattp_take_acknowledgement (self, pdu, now_us);
  if (self->state == EA_CATTP_OPEN || self->state == EA_CATTP_SYN_RECEIVED)
    ea_cattp_end (self, EA_CATTP_CAUSE_PEER, pdu->reset_reason);
}

/* One that came before says that its answer was lost. */
static void
receive_syn_again (EaCattp *self, const EaCattpPdu *pdu, gint64 now_us)
{
  if (pdu->sequence == self->input.initial)
    self->counters.n_duplicates++;
  else
    ea_cattp_discard (self, EA_CATTP_DISCARD_SEQUENCE);

  if (self->state == EA_CATTP_SYN_RECEIVED && pdu->sequence == self->input.initial)
    {
      EaCattpSent *syn = g_queue_peek_head (&self->output.underway);

      syn->is_lost = TRUE;
      return;
    }
  if (self->state == EA_CATTP_OPEN
      && ea_cattp_sequence_is_in_window (pdu->sequence, self->input.current,
                                         self->parameters.window))
    {
      ea_cattp_reset (self, EA_CATTP_CAUSE_PROTOCOL, EA_CATTP_RESET_UNEXPECTED, now_us);
      return;
    }
  if (has_flag (pdu, EA_CATTP_FLAG_ACK))
    self->is_third_due = self->state == EA_CATTP_OPEN;
  else
    self->input.is_owed_now = self->state == EA_CATTP_OPEN;
}

/* One that is no repetition has a number of the window. */
static void
receive_numbered (EaCattp *self, const EaCattpPdu *pdu, gint64 now_us)
{
  if (ea_cattp_sequence_is_in_window (pdu->sequence, self->input.current, self->parameters.window))
    {
      ea_cattp_take_numbered (self, pdu, now_us);
      return;
    }
  self->counters.n_duplicates++;
  self->input.is_owed_now = TRUE;
}

/* FALSE for a number that no PDU of the peer has now: nothing is believed that comes with it. A peer that lost its way
 * is told where we are. */
static gboolean
check_sequence (EaCattp *self, const EaCattpPdu *pdu)
{
  guint16 first = (guint16) (self->input.current - LATE_NUMBERS_MAX);
  guint16 n_ahead = (guint16) (self->parameters.window + (is_numbered (pdu) ? 0 : 1));

  if (ea_cattp_sequence_get_distance (first, pdu->sequence) <= LATE_NUMBERS_MAX + n_ahead)
    return TRUE;
  ea_cattp_discard (self, EA_CATTP_DISCARD_SEQUENCE);
  self->input.is_owed_now = self->input.is_owed_now || is_numbered (pdu);
  return FALSE;
}

/* FALSE for a PDU that the peer can't have sent. An EAK without ACK may have no acknowledgement to go with it. */
static gboolean
check_acknowledgement (EaCattp *self, const EaCattpPdu *pdu)
{
  if (!has_flag (pdu, EA_CATTP_FLAG_ACK) || ea_cattp_knows_number (self, pdu->acknowledgement))
    return TRUE;
  ea_cattp_discard (self, EA_CATTP_DISCARD_ACKNOWLEDGEMENT);
  return FALSE;
}

static void
receive_in_open (EaCattp *self, const EaCattpPdu *pdu, gint64 now_us)
{
  if (has_flag (pdu, EA_CATTP_FLAG_SYN))
    {
      receive_syn_again (self, pdu, now_us);
      return;
    }
  if (has_flag (pdu, EA_CATTP_FLAG_RST))
    {
      receive_reset (self, pdu, now_us);
      return;
    }
  if (!check_sequence (self, pdu) || !check_acknowledgement (self, pdu))
    return;

  self->heard_us = now_us;
  self->is_confirmed = TRUE;
  self->third_us = EA_CATTP_NEVER;
  if ((pdu->flags & (EA_CATTP_FLAG_ACK | EA_CATTP_FLAG_EAK)) != 0)
    ea_cattp_take_acknowledgement (self, pdu, now_us);
  if (self->state == EA_CATTP_OPEN && is_numbered (pdu))
    receive_numbered (self, pdu, now_us);
}

static void
receive_in_syn_received (EaCattp *self, const EaCattpPdu *pdu, gint64 now_us)
{
  if (has_flag (pdu, EA_CATTP_FLAG_SYN))
    {
      receive_syn_again (self, pdu, now_us);
      return;
    }
  if (has_flag (pdu, EA_CATTP_FLAG_RST))
    {
      receive_reset (self, pdu, now_us);
      return;
    }
  if (!has_flag (pdu, EA_CATTP_FLAG_ACK)
      || pdu->acknowledgement != self->parameters.initial_sequence)
    {
      ea_cattp_discard (self, EA_CATTP_DISCARD_ACKNOWLEDGEMENT);
      return;
    }
  if (!is_in_window_of_next (self, pdu->sequence))
    {
      ea_cattp_discard (self, EA_CATTP_DISCARD_SEQUENCE);
      self->input.is_owed_now = TRUE;
      return;
    }

  ea_cattp_open (self, now_us);
  receive_in_open (self, pdu, now_us);
}

static gboolean
is_of_connection (const EaCattp *self, const EaCattpPdu *pdu)
{
  return pdu->source_port == self->parameters.destination_port
         && pdu->destination_port == self->parameters.source_port;
}

/* RST is never answered. */
static void
receive_after_end (EaCattp *self, const EaCattpPdu *pdu)
{
  ea_cattp_discard (self, EA_CATTP_DISCARD_STATE);
  if (!has_flag (pdu, EA_CATTP_FLAG_RST))
    {
      ea_cattp_repeat_reset (self);
      return;
    }
  self->state = EA_CATTP_CLOSED;
  self->close_us = EA_CATTP_NEVER;
  self->repeat_us = EA_CATTP_NEVER;
}

static void
receive_of_connection (EaCattp *self, const EaCattpPdu *pdu, gint64 now_us)
{
  switch (self->state)
    {
    case EA_CATTP_LISTEN:
      return;
    case EA_CATTP_SYN_SENT:
      receive_in_syn_sent (self, pdu, now_us);
      return;
    case EA_CATTP_SYN_RECEIVED:
      receive_in_syn_received (self, pdu, now_us);
      return;
    case EA_CATTP_OPEN:
      receive_in_open (self, pdu, now_us);
      return;
    case EA_CATTP_CLOSE_WAIT:
    case EA_CATTP_CLOSED:
      receive_after_end (self, pdu);
      return;
    }
}

void
ea_cattp_receive (EaCattp *self, EaSpan datagram, gint64 now_us)
{
  EaCattpPdu pdu;

  self->counters.n_received++;
  if (!ea_cattp_pdu_parse (&pdu, datagram, NULL))
    ea_cattp_discard (self, EA_CATTP_DISCARD_MALFORMED);
  else if (!pdu.is_checksum_good)
    ea_cattp_discard (self, EA_CATTP_DISCARD_CHECKSUM);
  else if (self->state == EA_CATTP_LISTEN)
    receive_in_listen (self, &pdu, now_us);
  else if (!is_of_connection (self, &pdu))
    ea_cattp_discard (self, EA_CATTP_DISCARD_PORT);
  else if (pdu.version != EA_CATTP_VERSION && self->state != EA_CATTP_SYN_SENT)
    ea_cattp_discard (self, EA_CATTP_DISCARD_VERSION);
  else
    receive_of_connection (self, &pdu, now_us);
  ea_cattp_settle (self, now_us);
}
