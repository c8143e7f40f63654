/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The receive buffer of a channel, TS 102 223 §6.4.29. */

#include "core/bip-buffer.h"

void
ea_bip_buffer_init (EaBipBuffer *self, gboolean is_datagram)
{
  self->bytes = g_byte_array_new ();
  self->datagrams = is_datagram ? g_array_new (FALSE, FALSE, sizeof (guint)) : NULL;
}

void
ea_bip_buffer_clear (EaBipBuffer *self)
{
  g_clear_pointer (&self->bytes, g_byte_array_unref);
  g_clear_pointer (&self->datagrams, g_array_unref);
}

void
ea_bip_buffer_add (EaBipBuffer *self, EaSpan data)
{
  guint size = (guint) data.size;

  if (size == 0)
    return;
  g_byte_array_append (self->bytes, data.data, size);
  if (self->datagrams != NULL)
    g_array_append_val (self->datagrams, size);
}

gsize
ea_bip_buffer_get_size (const EaBipBuffer *self)
{
  return self->bytes->len;
}

EaSpan
ea_bip_buffer_peek (const EaBipBuffer *self)
{
  EaSpan all = ea_span_from_array (self->bytes);

  if (self->datagrams == NULL || self->datagrams->len == 0)
    return all;
  return ea_span_head (all, g_array_index (self->datagrams, guint, 0));
}

void
ea_bip_buffer_skip (EaBipBuffer *self, gsize size)
{
  guint *left;

  g_return_if_fail (size <= ea_bip_buffer_peek (self).size);

  if (size == 0)
    return;
  g_byte_array_remove_range (self->bytes, 0, (guint) size);
  if (self->datagrams == NULL)
    return;
  left = &g_array_index (self->datagrams, guint, 0);
  *left -= (guint) size;
  if (*left == 0)
    g_array_remove_index (self->datagrams, 0);
}

void
ea_bip_buffer_put_back (EaBipBuffer *self, EaSpan data, gboolean is_whole)
{
  guint size = (guint) data.size;

  if (size == 0)
    return;
  g_byte_array_prepend (self->bytes, data.data, size);
  if (self->datagrams == NULL)
    return;
  if (is_whole)
    g_array_prepend_val (self->datagrams, size);
  else
    g_array_index (self->datagrams, guint, 0) += size;
}
