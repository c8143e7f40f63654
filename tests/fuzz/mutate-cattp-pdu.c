/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* PDUs of CAT_TP (TS 102 127 §5): a field, the variable header area or the data is changed, and lengths and checksum
 * fit again. Streams of PDUs with time between them are made by fuzz-cattp.c out of any bytes. */

#include <string.h>

#include "mutate.h"

#define HEADER_SIZE 18
#define AREA_MAX 236 /* octets behind the first 18 of 255, an even number of them */
#define OFFSET_FLAGS 0
#define OFFSET_HEADER_LENGTH 3
#define OFFSET_DATA_LENGTH 8
#define OFFSET_CHECKSUM 16
#define FLAG_SYN 0x80
#define FLAG_EAK 0x20
#define FLAG_RST 0x10
#define FLAG_NUL 0x08
#define FLAG_SEG 0x04
#define SYN_AREA_MIN 5
#define OFFSET_IDENTIFICATION_LENGTH 4
#define BROKEN_ONE_IN 12
#define AS_IT_IS_ONE_IN 6

static void
put_u16 (GByteArray *out, guint offset, gsize value)
{
  out->data[offset] = (guint8) (value >> 8);
  out->data[offset + 1] = (guint8) value;
}

/* The one of the Internet protocols, RFC 1071 */
static guint16
compute_checksum (const GByteArray *pdu)
{
  guint32 sum = 0;

  for (guint i = 0; i < pdu->len; i++)
    sum += (guint32) pdu->data[i] << (i % 2 == 0 ? 8 : 0);
  while (sum > G_MAXUINT16)
    sum = (sum & G_MAXUINT16) + (sum >> 16);
  return (guint16) ~sum;
}

static void
change_header (GByteArray *header, FuzzRandom *random)
{
  static const guint8 flags[] = { 0x80, 0xC0, 0x40, 0x60, 0x10, 0x50, 0x48, 0x44, 0x41 };

  if (fuzz_random_one_in (random, 2))
    header->data[OFFSET_FLAGS] = flags[fuzz_random_below (random, G_N_ELEMENTS (flags))];
  else
    header->data[fuzz_random_below (random, HEADER_SIZE)]
        = (guint8) fuzz_random_below (random, 0x100);
}

/* The variable header area and the data that go with the flags, §5.3 */
static void
fit_to_flags (guint8 flags, GByteArray *area, GByteArray *data)
{
  if ((flags & (FLAG_SYN | FLAG_RST | FLAG_NUL)) != 0)
    g_byte_array_set_size (data, 0);
  else if ((flags & FLAG_SEG) != 0 && data->len == 0)
    g_byte_array_append (data, &(guint8){ 'A' }, 1);
  if ((flags & FLAG_SYN) != 0)
    {
      while (area->len < SYN_AREA_MIN)
        g_byte_array_append (area, &(guint8){ 1 }, 1);
      area->data[OFFSET_IDENTIFICATION_LENGTH] = (guint8) (area->len - SYN_AREA_MIN);
    }
  else if ((flags & FLAG_RST) != 0)
    {
      g_byte_array_append (area, &(guint8){ 0 }, 1);
      g_byte_array_set_size (area, 1);
    }
  else if ((flags & FLAG_EAK) != 0)
    while (area->len == 0 || area->len % 2 != 0)
      g_byte_array_append (area, &(guint8){ 3 }, 1);
  else
    g_byte_array_set_size (area, 0);
}

GByteArray *
fuzz_mutate_cattp_pdu (EaSpan input, EaSpan other, FuzzRandom *random)
{
  GByteArray *out = g_byte_array_append (g_byte_array_new (), input.data,
                                         (guint) MIN (input.size, HEADER_SIZE));
  g_autoptr (GByteArray) variable = g_byte_array_new ();
  g_autoptr (GByteArray) data = g_byte_array_new ();
  EaSpan rest = ea_span_tail (input, HEADER_SIZE);
  EaSpan area;

  while (out->len < HEADER_SIZE)
    g_byte_array_append (out, &(guint8){ 0 }, 1);
  area = ea_span_head (rest, (gsize) MAX (out->data[OFFSET_HEADER_LENGTH] - HEADER_SIZE, 0));
  g_byte_array_append (variable, area.data, (guint) area.size);
  rest = ea_span_tail (rest, area.size);
  g_byte_array_append (data, rest.data, (guint) rest.size);

  if (fuzz_random_one_in (random, 2))
    change_header (out, random);
  if (fuzz_random_one_in (random, 2))
    fuzz_mutate_bytes (variable);
  if (fuzz_random_one_in (random, 3))
    fuzz_mutate_bytes (data);
  if (variable->len > AREA_MAX)
    g_byte_array_set_size (variable, AREA_MAX);
  if (!fuzz_random_one_in (random, AS_IT_IS_ONE_IN))
    fit_to_flags (out->data[OFFSET_FLAGS], variable, data);

  out->data[OFFSET_HEADER_LENGTH] = (guint8) (HEADER_SIZE + variable->len);
  put_u16 (out, OFFSET_DATA_LENGTH, data->len);
  put_u16 (out, OFFSET_CHECKSUM, 0);
  g_byte_array_append (out, variable->data, variable->len);
  g_byte_array_append (out, data->data, data->len);
  put_u16 (out, OFFSET_CHECKSUM, compute_checksum (out));
  if (fuzz_random_one_in (random, BROKEN_ONE_IN))
    fuzz_mutate_bytes (out);
  return out;
}
