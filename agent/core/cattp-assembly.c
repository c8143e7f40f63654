/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The receiving half of a CAT_TP connection: PDUs are put in order, and SDUs together.
 */

#include "core/cattp-private.h"

/* PDUs that are acknowledged at once by one acknowledgement; half the window where that is less. */
#define OWED_MAX 2

void
ea_cattp_early_clear (gpointer data)
{
  g_clear_pointer (&((EaCattpEarly *) data)->data, g_bytes_unref);
}

/* What was promised is not taken back: each PDU takes no more room than it is reckoned with here, whether an SDU ends with
 * it or not. */
guint16
ea_cattp_get_window (const EaCattp *self)
{
  gsize unread
      = MIN (self->input.n_unread_octets + self->input.sdu->len, EA_CATTP_UNREAD_OCTETS_MAX);
  gsize room = (EA_CATTP_UNREAD_OCTETS_MAX - unread)
               / ((gsize) self->parameters.max_pdu + EA_CATTP_UNREAD_SDU_OCTETS);

  return (guint16) MIN (room, self->parameters.window);
}

void
ea_cattp_sdu_pulled (EaCattp *self, gsize n_octets)
{
  guint16 half = (guint16) ((self->parameters.window + 1) / 2);

  self->input.n_unread_octets -= n_octets + EA_CATTP_UNREAD_SDU_OCTETS;
  if (self->state == EA_CATTP_OPEN && self->input.told_window < half
      && ea_cattp_get_window (self) >= half)
    self->input.is_owed_now = TRUE;
}

/* Begins or goes on with an SDU. Returns: FALSE when it gets too large */
static gboolean
take_data (EaCattp *self, guint8 flags, EaSpan data)
{
  EaCattpInput *input = &self->input;

  if (data.size > self->parameters.max_sdu - (gsize) input->sdu->len)
    return FALSE;
  g_byte_array_append (input->sdu, data.data, (guint) data.size);
  if ((flags & EA_CATTP_FLAG_SEG) != 0)
    return TRUE;
  ea_cattp_add_event (self, EA_CATTP_EVENT_SDU)->bytes
      = ea_span_to_bytes (ea_span_from_array (input->sdu));
  input->n_unread_octets += input->sdu->len + EA_CATTP_UNREAD_SDU_OCTETS;
  g_byte_array_set_size (input->sdu, 0);
  return TRUE;
}

static gboolean
take_next (EaCattp *self, guint8 flags, EaSpan data)
{
  self->input.current++;
  self->input.n_owed++;
  return (flags & EA_CATTP_FLAG_NUL) != 0 || take_data (self, flags, data);
}

/* What came early and is next now. */
static gboolean
take_early (EaCattp *self)
{
  EaCattpInput *input = &self->input;
  guint n_taken = 0;
  gboolean is_good = TRUE;

  while (is_good && n_taken < input->early->len)
    {
      const EaCattpEarly *early = &g_array_index (input->early, EaCattpEarly, n_taken);
      EaSpan data = early->data == NULL ? EA_SPAN_EMPTY : ea_span_from_bytes (early->data);

      if (early->sequence != (guint16) (input->current + 1))
        break;
      is_good = take_next (self, early->flags, data);
      input->n_early_octets -= data.size;
      n_taken++;
    }
  if (n_taken > 0)
    g_array_remove_range (input->early, 0, n_taken);
  return is_good;
}

static void
keep_early (EaCattp *self, const EaCattpPdu *pdu)
{
  EaCattpInput *input = &self->input;
  EaCattpEarly early = { .sequence = pdu->sequence, .flags = pdu->flags };
  guint16 distance = ea_cattp_sequence_get_distance (input->current, pdu->sequence);
  guint place = 0;

  for (; place < input->early->len; place++)
    {
      guint16 other = g_array_index (input->early, EaCattpEarly, place).sequence;

      if (other == pdu->sequence)
        {
          self->counters.n_duplicates++;
          return;
        }
      if (ea_cattp_sequence_get_distance (input->current, other) > distance)
        break;
    }
  if (input->n_early_octets + pdu->data.size
      > (gsize) self->parameters.window * self->parameters.max_pdu)
    {
      ea_cattp_discard (self, EA_CATTP_DISCARD_ROOM);
      return;
    }
  early.data = pdu->data.size == 0 ? NULL : ea_span_to_bytes (pdu->data);
  input->n_early_octets += pdu->data.size;
  g_array_insert_val (input->early, place, early);
  self->counters.n_early++;
}

/* An acknowledgement is owed; it may wait for more when all goes well. */
static void
owe (EaCattp *self, gint64 now_us)
{
  EaCattpInput *input = &self->input;
  guint most = MIN (OWED_MAX, MAX (self->parameters.window / 2u, 1u));

  if (input->n_owed >= most)
    input->is_owed_now = TRUE;
  if (input->owed_us == EA_CATTP_NEVER)
    input->owed_us = now_us + EA_CATTP_ACKNOWLEDGEMENT_DELAY_US;
}

void
ea_cattp_take_numbered (EaCattp *self, const EaCattpPdu *pdu, gint64 now_us)
{
  EaCattpInput *input = &self->input;
  gboolean is_next = pdu->sequence == (guint16) (input->current + 1);
  gboolean is_nul = (pdu->flags & EA_CATTP_FLAG_NUL) != 0;

  if (!is_next || is_nul || input->early->len > 0)
    input->is_owed_now = TRUE;
  if (!is_nul && ea_cattp_get_window (self) == 0)
    {
      ea_cattp_discard (self, EA_CATTP_DISCARD_ROOM);
      input->is_owed_now = TRUE;
      return;
    }
  if (!is_next)
    {
      keep_early (self, pdu);
      return;
    }
  if (!take_next (self, pdu->flags, pdu->data) || !take_early (self))
    {
      ea_cattp_reset (self, EA_CATTP_CAUSE_LIMIT, EA_CATTP_RESET_PARAMETERS, now_us);
      return;
    }
  owe (self, now_us);
}
