/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An SDU has no length of its own: it ends with the first PDU without SEG.
 */

#include "sim-cattp-receiver.h"

#include "sim-cattp-sender.h"
#include "sim-cattp.h"

typedef struct
{
  guint16 sequence;
  guint8 flags;
  GBytes *data;
} Piece;

static Piece *
create_piece (const SimCattpPdu *pdu)
{
  Piece *piece = g_new0 (Piece, 1);

  piece->sequence = pdu->sequence;
  piece->flags = pdu->flags;
  piece->data = ea_span_to_bytes (pdu->data);
  return piece;
}

static void
free_piece (Piece *piece)
{
  g_bytes_unref (piece->data);
  g_free (piece);
}

void
sim_cattp_receiver_init (SimCattpReceiver *self, guint16 sdu_max)
{
  *self = (SimCattpReceiver){ .sdu_max = sdu_max, .sdus = G_QUEUE_INIT };
  self->assembled = g_byte_array_new ();
}

void
sim_cattp_receiver_clear (SimCattpReceiver *self)
{
  g_list_free_full (g_steal_pointer (&self->early), (GDestroyNotify) free_piece);
  g_clear_pointer (&self->assembled, g_byte_array_unref);
  g_queue_clear_full (&self->sdus, (GDestroyNotify) g_bytes_unref);
}

void
sim_cattp_receiver_start (SimCattpReceiver *self, guint16 initial)
{
  self->initial = initial;
  self->current = initial;
}

gboolean
sim_cattp_receiver_is_in_window (const SimCattpReceiver *self, guint16 sequence)
{
  int distance = sim_cattp_distance (self->current, sequence);

  return distance >= 1 && distance <= SIM_CATTP_WINDOW;
}

static int
compare_pieces (gconstpointer a, gconstpointer b)
{
  return sim_cattp_distance (((const Piece *) b)->sequence, ((const Piece *) a)->sequence);
}

gboolean
sim_cattp_receiver_has (const SimCattpReceiver *self, guint16 sequence)
{
  if (sim_cattp_distance (self->current, sequence) <= 0)
    return TRUE;
  for (const GList *link = self->early; link != NULL; link = link->next)
    {
      const Piece *piece = link->data;

      if (piece->sequence == sequence)
        return TRUE;
    }
  return FALSE;
}

static gboolean
deliver (SimCattpReceiver *self, const Piece *piece)
{
  EaSpan data = ea_span_from_bytes (piece->data);

  self->current = piece->sequence;
  if ((piece->flags & SIM_CATTP_FLAG_NUL) != 0)
    return TRUE;
  if (data.size + self->assembled->len > self->sdu_max)
    return FALSE;
  g_byte_array_append (self->assembled, data.data, (guint) data.size);
  if ((piece->flags & SIM_CATTP_FLAG_SEG) == 0)
    {
      g_queue_push_tail (&self->sdus, ea_span_to_bytes (ea_span_from_array (self->assembled)));
      g_byte_array_set_size (self->assembled, 0);
    }
  return TRUE;
}

gboolean
sim_cattp_receiver_take (SimCattpReceiver *self, const SimCattpPdu *pdu)
{
  if (!sim_cattp_receiver_has (self, pdu->sequence))
    self->early = g_list_insert_sorted (self->early, create_piece (pdu), compare_pieces);
  while (self->early != NULL)
    {
      Piece *piece = self->early->data;
      gboolean is_good;

      if (sim_cattp_distance (self->current, piece->sequence) != 1)
        return TRUE;
      is_good = deliver (self, piece);
      free_piece (piece);
      self->early = g_list_delete_link (self->early, self->early);
      if (!is_good)
        return FALSE;
    }
  return TRUE;
}

GBytes *
sim_cattp_receiver_list_early (const SimCattpReceiver *self)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  for (const GList *link = self->early; link != NULL; link = link->next)
    {
      const Piece *piece = link->data;

      ea_writer_u16be (&writer, piece->sequence);
    }
  return ea_writer_steal (&writer);
}

GBytes *
sim_cattp_receiver_pull (SimCattpReceiver *self)
{
  return g_queue_pop_head (&self->sdus);
}
