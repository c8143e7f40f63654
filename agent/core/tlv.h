/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * BER-TLV (ISO/IEC 8825-1, TS 101 220 §7.1.2) and COMPREHENSION-TLV (TS 101 220 §7.1.1) data objects,
 * definite lengths of one to four octets. One length encoder serves every object of the product.
 */

/* The longest length field that is understood is 83 followed by three octets. */
#define EA_TLV_LENGTH_MAX 0xFFFFFF

/**
 * EaTlv:
 * @tag: the tag. BER: all its octets as a big-endian number (0xD0, 0x7F21). COMPREHENSION: 1 to 0x7FFF
 *   without the comprehension bit
 * @is_comprehension_required: COMPREHENSION-TLV only: the comprehension bit was set
 * @value: borrowed from the reader's buffer
 * @offset: of the tag's first octet in the reader's buffer, for messages
 */
typedef struct
{
  guint32 tag;
  gboolean is_comprehension_required;
  EaSpan value;
  gsize offset;
} EaTlv;

/**
 * ea_tlv_read_ber:
 * @out: (out): untouched on failure
 *
 * Reads one BER-TLV. The tag has at most three octets.
 *
 * Errors: EA_CORE_ERROR_TRUNCATED (the value ends beyond the buffer), _MALFORMED (a tag or length that
 * the standard does not have), _UNSUPPORTED (indefinite length, longer tags).
 */
gboolean ea_tlv_read_ber (EaReader *reader, EaTlv *out, GError **error);

/**
 * ea_tlv_read_comprehension:
 * @out: (out): untouched on failure
 *
 * Reads one COMPREHENSION-TLV in the one-octet or the three-octet (7F xx xx) tag form.
 *
 * Errors: as ea_tlv_read_ber(); the tags 00, 80 and FF are _MALFORMED.
 */
gboolean ea_tlv_read_comprehension (EaReader *reader, EaTlv *out, GError **error);

/**
 * ea_tlv_find_comprehension:
 * @objects: a sequence of COMPREHENSION-TLVs
 * @tag: without the comprehension bit
 * @out: (out): the first object with @tag, untouched when there is none
 *
 * Stops at the first object that can't be read, so check the sequence before.
 */
gboolean ea_tlv_find_comprehension (EaSpan objects, guint32 tag, EaTlv *out);

/* Writes a length of at most %EA_TLV_LENGTH_MAX in the shortest form. */
void ea_tlv_write_length (EaWriter *writer, gsize length);

/* @tag as in EaTlv: its octets as a big-endian number. */
void ea_tlv_write_ber (EaWriter *writer, guint32 tag, EaSpan value);

void ea_tlv_write_comprehension (EaWriter *writer, guint32 tag, gboolean is_comprehension_required,
                                 EaSpan value);
