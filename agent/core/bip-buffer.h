/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * The receive buffer of a BIP channel: a stream, or datagrams that are read one after the other and never
 * joined. It holds what it is given; its owner keeps the limit.
 */
typedef struct
{
  GByteArray *bytes;
  GArray *datagrams; /* the bytes left of each; NULL for a stream */
} EaBipBuffer;

void ea_bip_buffer_init (EaBipBuffer *self, gboolean is_datagram);
void ea_bip_buffer_clear (EaBipBuffer *self);

/* Copies @data, which is one whole datagram where boundaries are kept; nothing is added for no bytes. */
void ea_bip_buffer_add (EaBipBuffer *self, EaSpan data);

/* All bytes that are held. */
gsize ea_bip_buffer_get_size (const EaBipBuffer *self);

/* What can be read now: the bytes left of the first datagram, or all bytes of a stream. Dies with the next
 * change of the buffer. */
EaSpan ea_bip_buffer_peek (const EaBipBuffer *self);

/* Takes @size bytes away that ea_bip_buffer_peek() has shown. */
void ea_bip_buffer_skip (EaBipBuffer *self, gsize size);

/* Puts @data back that was just taken away; @is_whole: nothing of its datagram was left. */
void ea_bip_buffer_put_back (EaBipBuffer *self, EaSpan data, gboolean is_whole);
