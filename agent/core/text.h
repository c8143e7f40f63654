/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * Text of short messages and of the toolkit: the alphabets of TS 23.038 §6.2, alpha identifiers of
 * TS 102 221 Annex A and text strings of TS 102 223 §8.15, from bytes to UTF-8 and back.
 *
 * Texts are NUL-terminated UTF-8. Characters that a decoder can't render faithfully are errors, with the
 * exceptions that the standards make: an escape to a character that the extension table does not have
 * shows the character of the default alphabet, and an escape to nothing or to a further table is a space
 * (TS 23.038 §6.2.1).
 */

#define EA_TEXT_SEPTET_BITS 7
#define EA_TEXT_SEPTET_UTF8_MAX                                                                    \
  2 /* bytes of UTF-8 that one septet makes at most; two make a euro's 3 */

/* The data coding schemes of a text string in TS 102 223 §8.15 */
#define EA_TEXT_DCS_PACKED 0x00
#define EA_TEXT_DCS_8BIT 0x04
#define EA_TEXT_DCS_UCS2 0x08

/* TS 23.038 §4. Septets are packed; 8 bit means the default alphabet where text is wanted. */
typedef enum
{
  EA_TEXT_ALPHABET_7BIT,
  EA_TEXT_ALPHABET_8BIT,
  EA_TEXT_ALPHABET_UCS2,
} EaTextAlphabet;

/* Of any data coding scheme of TS 23.038 §4; reserved ones are read as the default alphabet. */
EaTextAlphabet ea_text_get_alphabet (guint8 dcs);

/* TRUE when the text is compressed as in TS 23.042: general and automatic deletion groups, bit 6. */
gboolean ea_text_is_compressed (guint8 dcs);

/**
 * ea_text_decode_septets:
 * @packed: packed septets, TS 23.038 §6.1.2.1
 * @n_septets: how many of them to read, without the fill bits
 * @n_fill_bits: 0 to 6 bits to pass over first, as after a user data header (TS 23.040 §9.2.3.24)
 *
 * Returns: (transfer full) (nullable): the text
 *
 * Errors: EA_CORE_ERROR_TRUNCATED (@packed has fewer septets).
 */
char *ea_text_decode_septets (EaSpan packed, gsize n_septets, guint n_fill_bits, GError **error);

/* TRUE when every octet is a code of the default alphabet. Errors: EA_CORE_ERROR_MALFORMED (one above 7F, with
 * its position). */
gboolean ea_text_check_codes (EaSpan octets, GError **error);

/**
 * ea_text_decode_8bit:
 * @octets: characters of the default alphabet, one in each octet
 *
 * Returns: (transfer full) (nullable): the text
 *
 * Errors: EA_CORE_ERROR_MALFORMED (an octet above 7F).
 */
char *ea_text_decode_8bit (EaSpan octets, GError **error);

/**
 * ea_text_decode_ucs2:
 * @octets: UCS-2, big endian; a surrogate pair is one character
 *
 * Returns: (transfer full) (nullable): the text
 *
 * Errors: EA_CORE_ERROR_TRUNCATED (half a character, or of a surrogate pair, at the end), _MALFORMED (a
 * surrogate without its partner, or U+0000).
 */
char *ea_text_decode_ucs2 (EaSpan octets, GError **error);

/**
 * ea_text_decode_alpha:
 * @value: an alpha identifier: default alphabet, or UCS-2 in one of the codings that begin with 80, 81 and
 *   82, TS 102 221 Annex A. FF fills up the end
 *
 * Returns: (transfer full) (nullable): the text; an empty one for no bytes
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED (as ea_text_decode_8bit() and ea_text_decode_ucs2(), and
 * characters after the number of them that the coding tells).
 */
char *ea_text_decode_alpha (EaSpan value, GError **error);

/**
 * ea_text_decode_text_string:
 * @value: of a text string object: the data coding scheme and the text; nothing is the null text string
 * @dcs: (out) (optional): the data coding scheme, 00 for the null text string; untouched on failure
 *
 * Packed septets have no count here. So a carriage return is taken for filling where TS 23.038 §6.1.2.3.1
 * puts it: as the last septet of a multiple of 8, or doubled after one.
 *
 * Returns: (transfer full) (nullable): the text
 *
 * Errors: as the decoder of its alphabet; EA_CORE_ERROR_UNSUPPORTED (compressed text).
 */
char *ea_text_decode_text_string (EaSpan value, guint8 *dcs, GError **error);

/*
 * The inverses append to @writer, nothing on failure. @text is valid UTF-8.
 * Errors: EA_CORE_ERROR_UNSUPPORTED (a character that the alphabet does not have), without a position.
 */

/* @n_septets: (out): how many septets were written, without the @n_fill_bits zeroes before them */
gboolean ea_text_encode_septets (EaWriter *writer, const char *text, guint n_fill_bits,
                                 gsize *n_septets, GError **error);
gboolean ea_text_encode_8bit (EaWriter *writer, const char *text, GError **error);
gboolean ea_text_encode_ucs2 (EaWriter *writer, const char *text, GError **error);

/* The shortest of the codings of TS 102 221 Annex A; the earlier one where two are equal. */
gboolean ea_text_encode_alpha (EaWriter *writer, const char *text, GError **error);

/* @dcs and @text in its alphabet. EA_CORE_ERROR_UNSUPPORTED also for a compressed one. */
gboolean ea_text_encode_text_string (EaWriter *writer, const char *text, guint8 dcs,
                                     GError **error);

/* Appends @character in the default alphabet. Returns: how many octets it takes: 1, 2 with an escape, or 0
 * and nothing written when the alphabet does not have it. */
guint ea_text_write_character (EaWriter *writer, gunichar character);

/* Appends @codes, the lower seven bits of each octet, as packed septets after @n_fill_bits zeroes. */
void ea_text_pack_septets (EaWriter *writer, EaSpan codes, guint n_fill_bits);
