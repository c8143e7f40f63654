/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Alpha identifiers, TS 102 221 Annex A, and text strings, TS 102 223 §8.15. */

#include "core/error.h"
#include "core/text.h"

/* TS 102 221 Annex A: the first octet of the codings of UCS-2 */
#define ALPHA_UCS2 0x80
#define ALPHA_HALF_PAGE 0x81 /* base pointer: bits 15 to 8 of the first character */
#define ALPHA_BASE 0x82      /* base pointer: 16 bits */
#define ALPHA_FILL 0xFF
#define ALPHA_LENGTH_MAX 0xFF
#define HALF_PAGE_BITS 7
#define HALF_PAGE_SIZE (1u << HALF_PAGE_BITS)
#define HALF_PAGE_END 0x8000u
#define UCS2_MAX 0xFFFEu /* U+FFFF is filling */

/* TS 23.038 §6.1.2.3.1 */
#define FILL_SEPTET '\r'
#define SEPTETS_IN_BLOCK 8
#define OCTETS_IN_BLOCK 7

static guint8
get_last_octet (EaSpan span)
{
  EaReader reader;

  ea_reader_init (&reader, ea_span_tail (span, span.size - 1));
  return ea_reader_u8 (&reader);
}

static EaSpan
strip_octets (EaSpan span)
{
  while (span.size > 0 && get_last_octet (span) == ALPHA_FILL)
    span.size--;
  return span;
}

static EaSpan
strip_ucs2 (EaSpan span)
{
  if (span.size % 2 != 0 && get_last_octet (span) == ALPHA_FILL)
    span.size--;
  while (span.size >= 2 && strip_octets (ea_span_tail (span, span.size - 2)).size == 0)
    span.size -= 2;
  return span;
}

/* A character above the default alphabet; @octet has bit 8 set. */
static gboolean
append_from_base (GString *text, gunichar base, guint8 octet, const guint8 *position,
                  GError **error)
{
  gunichar character = base + (octet & (HALF_PAGE_SIZE - 1));

  if (character == 0 || character > UCS2_MAX || !g_unichar_validate (character))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "Character %02X from base %04X is no UCS-2 character", octet, base);
  g_string_append_unichar (text, character);
  return TRUE;
}

/* Characters of the default alphabet up to the next one that has bit 8 set. */
static gboolean
append_default (GString *text, EaReader *characters, GError **error)
{
  EaReader scout = *characters;
  g_autofree char *part = NULL;
  gsize size;

  while (ea_reader_remaining (&scout) > 0 && ea_reader_peek_u8 (&scout) < HALF_PAGE_SIZE)
    (void) ea_reader_u8 (&scout); /* only counted */
  size = ea_reader_offset (&scout) - ea_reader_offset (characters);
  part = ea_text_decode_8bit (ea_reader_bytes (characters, size), error);
  if (part == NULL)
    return FALSE;
  g_string_append (text, part);
  return TRUE;
}

static char *
decode_based (EaReader *reader, gsize n_characters, gunichar base, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  EaSpan rest = ea_reader_rest (reader);
  EaReader characters;

  if (rest.size < n_characters)
    {
      ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_reader_position (reader),
                         "Alpha identifier has %" G_GSIZE_FORMAT
                         " characters, not %" G_GSIZE_FORMAT,
                         rest.size, n_characters);
      return NULL;
    }
  if (strip_octets (ea_span_tail (rest, n_characters)).size > 0)
    {
      ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_span_tail (rest, n_characters).data,
                         "Alpha identifier goes on after its %" G_GSIZE_FORMAT " characters",
                         n_characters);
      return NULL;
    }

  ea_reader_init (&characters, ea_span_head (rest, n_characters));
  while (ea_reader_remaining (&characters) > 0)
    {
      const guint8 *position = ea_reader_position (&characters);

      if (!(ea_reader_peek_u8 (&characters) < HALF_PAGE_SIZE
                ? append_default (text, &characters, error)
                : append_from_base (text, base, ea_reader_u8 (&characters), position, error)))
        return NULL;
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
decode_with_base (EaSpan value, GError **error)
{
  gunichar base;
  EaReader reader;
  guint8 coding;
  guint8 n_characters;

  ea_reader_init (&reader, value);
  coding = ea_reader_u8 (&reader);
  n_characters = ea_reader_u8 (&reader);
  base = coding == ALPHA_HALF_PAGE ? (gunichar) ea_reader_u8 (&reader) << HALF_PAGE_BITS
                                   : ea_reader_u16be (&reader);
  if (!ea_reader_is_ok (&reader))
    {
      ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (value),
                         "Alpha identifier in coding %02X has %" G_GSIZE_FORMAT
                         " bytes and no base pointer",
                         coding, value.size);
      return NULL;
    }
  return decode_based (&reader, n_characters, base, error);
}

char *
ea_text_decode_alpha (EaSpan value, GError **error)
{
  EaReader reader;

  ea_reader_init (&reader, value);
  switch (ea_reader_peek_u8 (&reader))
    {
    case ALPHA_UCS2:
      return ea_text_decode_ucs2 (strip_ucs2 (ea_span_tail (value, 1)), error);
    case ALPHA_HALF_PAGE:
    case ALPHA_BASE:
      return decode_with_base (value, error);
    default:
      return ea_text_decode_8bit (strip_octets (value), error);
    }
}

/* Writes @text in coding 81 or 82 if it has one, shorter than @size_max bytes. Escapes are not used: it is
 * not clear whether the number of characters counts them once or twice. */
static gboolean
encode_with_base (EaWriter *writer, const char *text, gunichar base, guint8 coding, gsize size_max)
{
  g_auto (EaWriter) characters = { 0 };
  gsize size;

  ea_writer_init (&characters);
  for (const char *place = text; *place != '\0'; place = g_utf8_next_char (place))
    {
      gunichar character = g_utf8_get_char (place);

      if (character >= base && character - base < HALF_PAGE_SIZE)
        ea_writer_u8 (&characters, (guint8) (HALF_PAGE_SIZE | (character - base)));
      else if (ea_text_write_character (&characters, character) != 1)
        return FALSE;
    }

  size = ea_writer_span (&characters).size;
  if (size > ALPHA_LENGTH_MAX || size + (coding == ALPHA_BASE ? 4 : 3) >= size_max)
    return FALSE;
  ea_writer_u8 (writer, coding);
  ea_writer_u8 (writer, (guint8) size);
  if (coding == ALPHA_BASE)
    ea_writer_u16be (writer, (guint16) base);
  else
    ea_writer_u8 (writer, (guint8) (base >> HALF_PAGE_BITS));
  ea_writer_bytes (writer, ea_writer_span (&characters));
  return TRUE;
}

/* The lowest character that is not in the default alphabet. */
static gunichar
find_base (const char *text)
{
  g_auto (EaWriter) ignored = { 0 };
  gunichar base = G_MAXUINT32;

  ea_writer_init (&ignored);
  for (const char *place = text; *place != '\0'; place = g_utf8_next_char (place))
    if (ea_text_write_character (&ignored, g_utf8_get_char (place)) == 0)
      base = MIN (base, g_utf8_get_char (place));
  return base;
}

gboolean
ea_text_encode_alpha (EaWriter *writer, const char *text, GError **error)
{
  g_auto (EaWriter) units = { 0 };
  gunichar base;
  gsize size;

  if (ea_text_encode_8bit (writer, text, NULL))
    return TRUE;
  ea_writer_init (&units);
  if (!ea_text_encode_ucs2 (&units, text, error))
    return FALSE;

  base = find_base (text);
  size = 1 + ea_writer_span (&units).size;
  if (base < HALF_PAGE_END
      && encode_with_base (writer, text, base & ~(HALF_PAGE_SIZE - 1), ALPHA_HALF_PAGE, size))
    return TRUE;
  if (base <= UCS2_MAX && encode_with_base (writer, text, base, ALPHA_BASE, size))
    return TRUE;
  ea_writer_u8 (writer, ALPHA_UCS2);
  ea_writer_bytes (writer, ea_writer_span (&units));
  return TRUE;
}

/* How many septets are text, without the carriage return that fills up, TS 23.038 §6.1.2.3.1. */
static gsize
count_text_septets (EaSpan packed)
{
  gsize n_septets = packed.size * SEPTETS_IN_BLOCK / OCTETS_IN_BLOCK;
  gboolean is_full = packed.size % OCTETS_IN_BLOCK == 0;
  gboolean is_one_more = packed.size % OCTETS_IN_BLOCK == 1 && packed.size > 1;
  EaSpan blocks = packed;

  if (is_one_more && (get_last_octet (packed) & (HALF_PAGE_SIZE - 1)) == FILL_SEPTET)
    blocks.size--;
  else if (packed.size == 0 || !is_full)
    return n_septets;
  return get_last_octet (blocks) >> 1 == FILL_SEPTET ? n_septets - 1 : n_septets;
}

static gboolean
check_text_scheme (guint8 scheme, const guint8 *position, GError **error)
{
  return !ea_text_is_compressed (scheme)
         || ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, position,
                               "Text is compressed, as its data coding scheme %02X says", scheme);
}

char *
ea_text_decode_text_string (EaSpan value, guint8 *dcs, GError **error)
{
  char *decoded = NULL;
  EaReader reader;
  guint8 scheme;
  EaSpan text;

  ea_reader_init (&reader, value);
  scheme = value.size > 0 ? ea_reader_u8 (&reader) : EA_TEXT_DCS_PACKED;
  text = ea_reader_rest (&reader);
  if (!check_text_scheme (scheme, value.data, error))
    return NULL;

  switch (ea_text_get_alphabet (scheme))
    {
    case EA_TEXT_ALPHABET_7BIT:
      decoded = ea_text_decode_septets (text, count_text_septets (text), 0, error);
      break;
    case EA_TEXT_ALPHABET_8BIT:
      decoded = ea_text_decode_8bit (text, error);
      break;
    case EA_TEXT_ALPHABET_UCS2:
      decoded = ea_text_decode_ucs2 (text, error);
      break;
    }
  if (decoded != NULL && dcs != NULL)
    *dcs = scheme;
  return decoded;
}

static gboolean
encode_packed (EaWriter *writer, const char *text, GError **error)
{
  g_auto (EaWriter) codes = { 0 };
  gsize n_over;

  ea_writer_init (&codes);
  if (!ea_text_encode_8bit (&codes, text, error))
    return FALSE;
  n_over = ea_writer_span (&codes).size % SEPTETS_IN_BLOCK;
  if (n_over == SEPTETS_IN_BLOCK - 1 || (n_over == 0 && g_str_has_suffix (text, "\r")))
    ea_writer_u8 (&codes, FILL_SEPTET);
  ea_text_pack_septets (writer, ea_writer_span (&codes), 0);
  return TRUE;
}

gboolean
ea_text_encode_text_string (EaWriter *writer, const char *text, guint8 dcs, GError **error)
{
  g_auto (EaWriter) encoded = { 0 };
  gboolean is_encoded = FALSE;

  ea_writer_init (&encoded);
  ea_writer_u8 (&encoded, dcs);
  if (!check_text_scheme (dcs, NULL, error))
    return FALSE;

  switch (ea_text_get_alphabet (dcs))
    {
    case EA_TEXT_ALPHABET_7BIT:
      is_encoded = encode_packed (&encoded, text, error);
      break;
    case EA_TEXT_ALPHABET_8BIT:
      is_encoded = ea_text_encode_8bit (&encoded, text, error);
      break;
    case EA_TEXT_ALPHABET_UCS2:
      is_encoded = ea_text_encode_ucs2 (&encoded, text, error);
      break;
    }
  if (is_encoded)
    ea_writer_bytes (writer, ea_writer_span (&encoded));
  return is_encoded;
}
