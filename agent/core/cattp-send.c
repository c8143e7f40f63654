/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The sending half of a CAT_TP connection: SDUs are cut into PDUs, and each PDU is made when it is pulled, with the
 * acknowledgement of that moment; so is one that is sent again.
 */

#include "core/cattp-private.h"
#include "core/error.h"

/* Answers that wait; more come only from somebody who asks faster than we send. */
#define ANSWERS_MAX 8

void
ea_cattp_sent_free (gpointer data)
{
  EaCattpSent *sent = data;

  g_clear_pointer (&sent->data, g_bytes_unref);
  g_free (sent);
}

EaCattpPdu
ea_cattp_make_pdu (EaCattp *self, guint8 flags)
{
  EaCattpPdu pdu = { .flags = flags,
                     .source_port = self->parameters.source_port,
                     .destination_port = self->parameters.destination_port,
                     .sequence = self->output.next };

  if ((flags & EA_CATTP_FLAG_RST) == 0)
    pdu.window = ea_cattp_get_window (self);
  if ((flags & EA_CATTP_FLAG_ACK) != 0)
    pdu.acknowledgement = self->input.current;
  return pdu;
}

void
ea_cattp_push_answer (EaCattp *self, const EaCattpPdu *pdu)
{
  if (g_queue_get_length (&self->answers) < ANSWERS_MAX)
    g_queue_push_tail (&self->answers, ea_cattp_pdu_build (pdu, NULL));
}

EaCattpSent *
ea_cattp_add_sent (EaCattp *self, guint8 flags, GBytes *data)
{
  EaCattpSent *sent = g_new0 (EaCattpSent, 1);
  gsize n_octets = EA_CATTP_DATAGRAM_OVERHEAD + EA_CATTP_HEADER_SIZE;

  sent->sequence = self->output.next++;
  sent->flags = flags;
  sent->data = data;
  sent->n_octets = n_octets + (data == NULL ? 0 : g_bytes_get_size (data));
  sent->is_lost = TRUE;
  sent->is_forced = data == NULL;
  g_queue_push_tail (&self->output.underway, sent);
  return sent;
}

/* The peer will know what has come. */
static void
forget_owed (EaCattp *self)
{
  self->input.n_owed = 0;
  self->input.owed_us = EA_CATTP_NEVER;
  self->input.is_owed_now = FALSE;
  self->input.told_window = ea_cattp_get_window (self);
}

static EaCattpPdu
make_acknowledgement (EaCattp *self, EaWriter *numbers)
{
  const GArray *early = self->input.early;
  EaCattpPdu pdu = ea_cattp_make_pdu (self, EA_CATTP_FLAG_ACK);

  for (guint i = 0; i < early->len; i++)
    ea_writer_u16be (numbers, g_array_index (early, EaCattpEarly, i).sequence);
  if (early->len > 0)
    pdu.flags |= EA_CATTP_FLAG_EAK;
  pdu.extended_acknowledgements = ea_writer_span (numbers);
  forget_owed (self);
  return pdu;
}

/* The state of reception, alone */
static GBytes *
build_acknowledgement (EaCattp *self)
{
  g_auto (EaWriter) numbers = { 0 };
  EaCattpPdu pdu;

  ea_writer_init (&numbers);
  pdu = make_acknowledgement (self, &numbers);
  return ea_cattp_pdu_build (&pdu, NULL);
}

void
ea_cattp_push_acknowledgement (EaCattp *self)
{
  if (g_queue_get_length (&self->answers) < ANSWERS_MAX)
    g_queue_push_tail (&self->answers, build_acknowledgement (self));
}

/* TS 102 127: a SYN that opens has nothing to acknowledge. */
static GBytes *
build_sent (EaCattp *self, const EaCattpSent *sent)
{
  gboolean is_syn = (sent->flags & EA_CATTP_FLAG_SYN) != 0;
  gboolean is_first = is_syn && self->is_active;
  EaCattpPdu pdu
      = ea_cattp_make_pdu (self, is_first ? sent->flags : sent->flags | EA_CATTP_FLAG_ACK);

  pdu.sequence = sent->sequence;
  if (is_syn)
    {
      pdu.max_pdu = self->parameters.max_pdu;
      pdu.max_sdu = self->parameters.max_sdu;
      pdu.identification = self->parameters.identification;
    }
  if (sent->data != NULL)
    pdu.data = ea_span_from_bytes (sent->data);
  if (self->input.early->len == 0)
    forget_owed (self);
  return ea_cattp_pdu_build (&pdu, NULL);
}

static GBytes *
transmit (EaCattp *self, EaCattpSent *sent, gint64 now_us)
{
  EaCattpOutput *output = &self->output;
  gsize in_flight = ea_cattp_count_in_flight (self);

  if (in_flight == 0)
    output->progress_us = now_us;
  sent->mark = ea_cattp_rate_mark (&output->rate, in_flight, now_us);
  sent->is_lost = FALSE;
  sent->is_forced = FALSE;
  sent->order = ++output->n_transmissions;
  sent->sent_us = now_us;
  sent->n_ahead = in_flight + sent->n_octets;
  self->counters.n_retransmitted += sent->n_sent > 0 ? 1 : 0;
  sent->n_sent++;
  return build_sent (self, sent);
}

static gboolean
has_room (const EaCattp *self, gsize in_flight, gsize n_octets)
{
  const EaCattpOutput *output = &self->output;

  return in_flight == 0
         || in_flight + n_octets
                <= ea_cattp_rate_get_window (&output->rate, output->timer.shortest_us);
}

/* (nullable): the first one that was lost, or has a number but was not sent yet */
static EaCattpSent *
find_lost (const EaCattp *self)
{
  gsize in_flight = ea_cattp_count_in_flight (self);

  for (GList *i = self->output.underway.head; i != NULL; i = i->next)
    {
      EaCattpSent *sent = i->data;

      if (sent->is_lost && (sent->is_forced || has_room (self, in_flight, sent->n_octets)))
        return sent;
    }
  return NULL;
}

/* The next PDU of the SDUs that wait */
static EaCattpSent *
cut (EaCattp *self)
{
  EaCattpOutput *output = &self->output;
  GBytes *sdu = g_queue_peek_head (&output->waiting);
  gsize size = g_bytes_get_size (sdu);
  gsize n_octets = MIN (size - output->offset, output->max_pdu - (gsize) EA_CATTP_HEADER_SIZE);
  gboolean is_last = output->offset + n_octets == size;
  EaCattpSent *sent = ea_cattp_add_sent (self, is_last ? 0 : EA_CATTP_FLAG_SEG,
                                         g_bytes_new_from_bytes (sdu, output->offset, n_octets));

  output->offset += n_octets;
  if (!is_last)
    return sent;
  sent->sdu_octets = size;
  output->offset = 0;
  g_bytes_unref (g_queue_pop_head (&output->waiting));
  return sent;
}

/* (nullable): the next one, where the peer's window and the link have room */
static EaCattpSent *
take_new (EaCattp *self)
{
  EaCattpOutput *output = &self->output;
  gboolean is_waiting = !g_queue_is_empty (&output->waiting);
  gboolean is_window_open = g_queue_get_length (&output->underway) < output->window;
  gsize in_flight = ea_cattp_count_in_flight (self);

  if (!has_room (self, in_flight, output->rate.pdu_octets))
    return NULL;
  if (is_waiting && is_window_open)
    return cut (self);
  ea_cattp_rate_limit (&output->rate, in_flight);
  return NULL;
}

static GBytes *
pull_open (EaCattp *self, gint64 now_us)
{
  EaCattpSent *sent;

  if (self->is_third_due)
    {
      EaCattpPdu pdu = ea_cattp_make_pdu (self, EA_CATTP_FLAG_ACK);

      self->is_third_due = FALSE;
      return ea_cattp_pdu_build (&pdu, NULL);
    }
  if (self->input.is_owed_now && self->input.early->len > 0)
    return build_acknowledgement (self);
  sent = find_lost (self);
  if (sent == NULL)
    sent = take_new (self);
  if (sent != NULL)
    return transmit (self, sent, now_us);
  return self->input.is_owed_now ? build_acknowledgement (self) : NULL;
}

static GBytes *
pull_syn (EaCattp *self, gint64 now_us)
{
  EaCattpSent *syn = g_queue_peek_head (&self->output.underway);

  if (syn->is_lost)
    return transmit (self, syn, now_us);
  return self->input.is_owed_now ? build_acknowledgement (self) : NULL;
}

static GBytes *
pull (EaCattp *self, gint64 now_us)
{
  if (!g_queue_is_empty (&self->answers))
    return g_queue_pop_head (&self->answers);
  switch (self->state)
    {
    case EA_CATTP_SYN_SENT:
    case EA_CATTP_SYN_RECEIVED:
      return pull_syn (self, now_us);
    case EA_CATTP_OPEN:
      return pull_open (self, now_us);
    case EA_CATTP_LISTEN:
    case EA_CATTP_CLOSE_WAIT:
    case EA_CATTP_CLOSED:
      break;
    }
  return NULL;
}

GBytes *
ea_cattp_pull_pdu (EaCattp *self, gint64 now_us)
{
  GBytes *pdu = pull (self, now_us);

  if (pdu == NULL)
    return NULL;
  self->counters.n_sent++;
  self->counters.n_sent_octets += g_bytes_get_size (pdu);
  return pdu;
}

static gboolean
check_sdu (const EaCattp *self, gsize size, GError **error)
{
  const EaCattpOutput *output = &self->output;

  if (self->state != EA_CATTP_OPEN || self->is_closing)
    return ea_core_error_set (
        error, EA_CORE_ERROR_UNSUPPORTED, NULL, "CAT_TP connection takes no SDU: it is %s",
        self->is_closing ? "being closed" : ea_cattp_state_get_name (self->state));
  if (size == 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL, "SDU has no octets");
  if (size > output->max_sdu)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                              "SDU has %" G_GSIZE_FORMAT " octets, the peer takes %u", size,
                              output->max_sdu);
  if (output->n_sdus >= EA_CATTP_QUEUE_SDUS_MAX
      || output->n_octets + size > EA_CATTP_QUEUE_OCTETS_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                              "%u SDUs of %" G_GSIZE_FORMAT " octets wait already", output->n_sdus,
                              output->n_octets);
  return TRUE;
}

gboolean
ea_cattp_send (EaCattp *self, GBytes *sdu, gint64 now_us, GError **error)
{
  EaCattpOutput *output = &self->output;
  gsize size = g_bytes_get_size (sdu);

  if (!check_sdu (self, size, error))
    return FALSE;
  if (g_queue_is_empty (&output->underway) && g_queue_is_empty (&output->waiting))
    output->progress_us = now_us;
  g_queue_push_tail (&output->waiting, g_bytes_ref (sdu));
  output->n_sdus++;
  output->n_octets += size;
  return TRUE;
}
