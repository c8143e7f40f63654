/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * BER-TLV (ISO/IEC 8825-1, TS 101 220 §7.1.2) and COMPREHENSION-TLV (TS 101 220 §7.1.1) data objects,
 * definite lengths of one to four octets, and the indefinite length of constructed BER objects
 * (ISO/IEC 8825-1 §8.1.3.6). One length encoder serves every object of the product.
 */

/* The longest length field that is understood is 83 followed by three octets. */
#define EA_TLV_LENGTH_MAX 0xFFFFFF

/* Constructed objects within each other: as many are looked into, no matter what an input asks for. */
#define EA_TLV_DEPTH_MAX 16

/* Indefinite length and the end of contents that goes with it, ISO/IEC 8825-1 §8.1.3.6 and §8.1.5. */
#define EA_TLV_LENGTH_INDEFINITE 0x80
#define EA_TLV_END_OF_CONTENTS 0x0000

/**
 * EaTlv:
 * @tag: the tag. BER: all its octets as a big-endian number (0xD0, 0x7F21). COMPREHENSION: 1 to 0x7FFF
 *   without the comprehension bit
 * @is_comprehension_required: COMPREHENSION-TLV only: the comprehension bit was set
 * @is_indefinite: BER only: the length was 80 and the end of contents came after @value
 * @value: borrowed from the reader's buffer
 * @object: the whole object from its tag on, with the end of contents, borrowed
 * @offset: of the tag's first octet in the reader's buffer
 */
typedef struct
{
  guint32 tag;
  gboolean is_comprehension_required;
  gboolean is_indefinite;
  EaSpan value;
  EaSpan object;
  gsize offset;
} EaTlv;

/**
 * EaTlvHead:
 * @length: bytes of the value; 0 when @is_indefinite
 *
 * The tag and length in front of the value of a BER-TLV.
 */
typedef struct
{
  guint32 tag;
  gboolean is_indefinite;
  gsize length;
} EaTlvHead;

/**
 * ea_tlv_read_ber_head:
 * @out: (out): untouched on failure
 *
 * Reads the tag and the length of a BER-TLV and leaves the reader at its value, of which nothing needs to
 * be there yet.
 *
 * Errors: as ea_tlv_read_ber(), but _TRUNCATED only when the tag or length is not complete.
 */
gboolean ea_tlv_read_ber_head (EaReader *reader, EaTlvHead *out, GError **error);

/**
 * ea_tlv_read_ber:
 * @out: (out): untouched on failure
 *
 * Reads one BER-TLV. The tag has at most four octets. The end of an object of indefinite length is looked
 * for through objects of indefinite length within it, %EA_TLV_DEPTH_MAX deep.
 *
 * Errors: EA_CORE_ERROR_TRUNCATED (the value ends beyond the buffer, or has no end of contents),
 * _MALFORMED (a tag or length that the standard does not have), _UNSUPPORTED (longer tags), _LIMIT (deeper).
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

/* TRUE when the value of a BER-TLV with @tag is made of further ones: bit 6 of its first octet. */
gboolean ea_tlv_is_constructed (guint32 tag);

/**
 * EaTlvStep:
 * @EA_TLV_STEP_OBJECT: an object; when its tag is constructed, what is in it comes next
 * @EA_TLV_STEP_LEAVE: the end of the constructed object that was entered last
 * @EA_TLV_STEP_END: the end of the sequence
 */
typedef enum
{
  EA_TLV_STEP_OBJECT,
  EA_TLV_STEP_LEAVE,
  EA_TLV_STEP_END,
} EaTlvStep;

/**
 * EaTlvWalker:
 *
 * A cursor over a sequence of BER-TLVs and all that is in them. It needs no memory but its own, however
 * deep the input is.
 */
typedef struct
{
  EaReader readers[EA_TLV_DEPTH_MAX];
  guint depth;
} EaTlvWalker;

void ea_tlv_walker_init (EaTlvWalker *walker, EaSpan objects);

/**
 * ea_tlv_walker_next:
 * @step: (out): untouched on failure
 * @out: (out): the object of EA_TLV_STEP_OBJECT, untouched otherwise
 *
 * Errors: as ea_tlv_read_ber(); EA_CORE_ERROR_LIMIT (over %EA_TLV_DEPTH_MAX within each other).
 */
gboolean ea_tlv_walker_next (EaTlvWalker *walker, EaTlvStep *step, EaTlv *out, GError **error);

/* After EA_TLV_STEP_OBJECT with a constructed tag: what is in it is passed over, its end is not told. */
void ea_tlv_walker_skip (EaTlvWalker *walker);

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

/* @tag as in EaTlv: its octets, at most four, as a big-endian number. */
void ea_tlv_write_ber_tag (EaWriter *writer, guint32 tag);
void ea_tlv_write_ber (EaWriter *writer, guint32 tag, EaSpan value);

void ea_tlv_write_comprehension (EaWriter *writer, guint32 tag, gboolean is_comprehension_required,
                                 EaSpan value);
