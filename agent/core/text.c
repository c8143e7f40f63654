/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The alphabets of TS 23.038 §6.2: the default alphabet with its extension table, in packed septets or in
 * octets, and UCS-2. Left out: the national language tables of Annex A of TS 23.038, and compression.
 */

#include "core/text.h"

#include "core/error.h"

#define N_CODES 128
#define ESCAPE 0x1B /* §6.2.1 */
#define OCTET_BITS 8

/* §4: bits of the data coding scheme */
#define DCS_COMPRESSED 0x20
#define DCS_8BIT 0x04

#define HIGH_SURROGATE_MIN 0xD800
#define LOW_SURROGATE_MIN 0xDC00
#define SURROGATE_MAX 0xDFFF
#define SURROGATE_BITS 10
#define SUPPLEMENT_MIN 0x10000
#define NO_CHARACTER 0xFFFF /* fills up, TS 102 221 Annex A */

/* §6.2.1, from 00 to 7F; the escape shows as a space where nothing better is known. */
static const guint16 default_alphabet[N_CODES] = {
  '@',   0xA3, '$',  0xA5,  0xE8, 0xE9,  0xF9,  0xEC,  0xF2,  0xC7,  '\n',  0xD8,  0xF8,
  '\r',  0xC5, 0xE5, 0x394, '_',  0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398,
  0x39E, ' ',  0xC6, 0xE6,  0xDF, 0xC9,  ' ',   '!',   '"',   '#',   0xA4,  '%',   '&',
  '\'',  '(',  ')',  '*',   '+',  ',',   '-',   '.',   '/',   '0',   '1',   '2',   '3',
  '4',   '5',  '6',  '7',   '8',  '9',   ':',   ';',   '<',   '=',   '>',   '?',   0xA1,
  'A',   'B',  'C',  'D',   'E',  'F',   'G',   'H',   'I',   'J',   'K',   'L',   'M',
  'N',   'O',  'P',  'Q',   'R',  'S',   'T',   'U',   'V',   'W',   'X',   'Y',   'Z',
  0xC4,  0xD6, 0xD1, 0xDC,  0xA7, 0xBF,  'a',   'b',   'c',   'd',   'e',   'f',   'g',
  'h',   'i',  'j',  'k',   'l',  'm',   'n',   'o',   'p',   'q',   'r',   's',   't',
  'u',   'v',  'w',  'x',   'y',  'z',   0xE4,  0xF6,  0xF1,  0xFC,  0xE0,
};

/* §6.2.1.1 */
static const struct
{
  guint8 code;
  guint16 character;
} extension_table[] = {
  { 0x0A, '\f' }, { 0x14, '^' }, { 0x28, '{' }, { 0x29, '}' }, { 0x2F, '\\' },
  { 0x3C, '[' },  { 0x3D, '~' }, { 0x3E, ']' }, { 0x40, '|' }, { 0x65, 0x20AC },
};

/* Codes of the default alphabet as they become text. */
typedef struct
{
  GString *text;
  gboolean is_escaped;
} Renderer;

EaTextAlphabet
ea_text_get_alphabet (guint8 dcs)
{
  guint group = dcs >> 4;

  if (group == 0xF)
    return (dcs & DCS_8BIT) != 0 ? EA_TEXT_ALPHABET_8BIT : EA_TEXT_ALPHABET_7BIT;
  if (group == 0xE)
    return EA_TEXT_ALPHABET_UCS2;
  if (group >= 0x8)
    return EA_TEXT_ALPHABET_7BIT; /* waiting indications; 8 to B are to be read as the default */

  switch (dcs >> 2 & 0x03)
    {
    case 1:
      return EA_TEXT_ALPHABET_8BIT;
    case 2:
      return EA_TEXT_ALPHABET_UCS2;
    default:
      return EA_TEXT_ALPHABET_7BIT;
    }
}

gboolean
ea_text_is_compressed (guint8 dcs)
{
  return dcs < 0x80 && (dcs & DCS_COMPRESSED) != 0;
}

static gunichar
get_extension (guint8 code)
{
  for (gsize i = 0; i < G_N_ELEMENTS (extension_table); i++)
    if (extension_table[i].code == code)
      return extension_table[i].character;
  return default_alphabet[code];
}

static void
render (Renderer *self, guint8 code)
{
  gboolean was_escaped = self->is_escaped;

  self->is_escaped = !was_escaped && code == ESCAPE;
  if (!self->is_escaped)
    g_string_append_unichar (self->text,
                             was_escaped ? get_extension (code) : default_alphabet[code]);
}

static char *
finish (Renderer *self)
{
  if (self->is_escaped)
    g_string_append_c (self->text, ' ');
  return g_string_free (self->text, FALSE);
}

static gsize
count_septets (EaSpan packed, guint n_fill_bits)
{
  gsize n_bits = packed.size * OCTET_BITS;

  return n_bits < n_fill_bits ? 0 : (n_bits - n_fill_bits) / EA_TEXT_SEPTET_BITS;
}

char *
ea_text_decode_septets (EaSpan packed, gsize n_septets, guint n_fill_bits, GError **error)
{
  Renderer renderer = { 0 };
  guint n_skipped = n_fill_bits;
  EaReader reader;
  guint bits = 0;
  guint n_bits = 0;

  if (n_septets > count_septets (packed, n_fill_bits))
    {
      ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (packed),
                         "Text of %" G_GSIZE_FORMAT " septets after %u bits has %" G_GSIZE_FORMAT
                         " bytes",
                         n_septets, n_fill_bits, packed.size);
      return NULL;
    }

  renderer.text = g_string_sized_new (n_septets + 1);
  ea_reader_init (&reader, packed);
  for (gsize i = 0; i < n_septets; i++)
    {
      while (n_bits < EA_TEXT_SEPTET_BITS + n_skipped)
        {
          bits |= (guint) ea_reader_u8 (&reader) << n_bits;
          n_bits += OCTET_BITS;
        }
      bits >>= n_skipped;
      render (&renderer, bits & (N_CODES - 1));
      bits >>= EA_TEXT_SEPTET_BITS;
      n_bits -= EA_TEXT_SEPTET_BITS + n_skipped;
      n_skipped = 0;
    }
  return finish (&renderer);
}

gboolean
ea_text_check_codes (EaSpan octets, GError **error)
{
  EaReader reader;

  ea_reader_init (&reader, octets);
  while (ea_reader_remaining (&reader) > 0)
    {
      const guint8 *position = ea_reader_position (&reader);
      guint8 octet = ea_reader_u8 (&reader);

      if (octet >= N_CODES)
        return ea_core_error_set (
            error, EA_CORE_ERROR_MALFORMED, position,
            "Character %02X is not in the default alphabet, which ends with 7F", octet);
    }
  return TRUE;
}

char *
ea_text_decode_8bit (EaSpan octets, GError **error)
{
  Renderer renderer = { 0 };
  EaReader reader;

  if (!ea_text_check_codes (octets, error))
    return NULL;

  renderer.text = g_string_sized_new (octets.size + 1);
  ea_reader_init (&reader, octets);
  while (ea_reader_remaining (&reader) > 0)
    render (&renderer, ea_reader_u8 (&reader));
  return finish (&renderer);
}

/* Reads what follows a high surrogate. */
static gboolean
read_low_surrogate (EaReader *reader, guint16 high, gunichar *out, GError **error)
{
  const guint8 *position = ea_reader_position (reader);
  guint16 low = ea_reader_u16be (reader);

  if (!ea_reader_is_ok (reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, position,
                              "Text ends after the high surrogate %04X", high);
  if (low < LOW_SURROGATE_MIN || low > SURROGATE_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "High surrogate %04X is followed by %04X, not by a low one", high,
                              low);

  *out = SUPPLEMENT_MIN + ((gunichar) (high - HIGH_SURROGATE_MIN) << SURROGATE_BITS)
         + (low - LOW_SURROGATE_MIN);
  return TRUE;
}

static gboolean
read_ucs2 (EaReader *reader, gunichar *out, GError **error)
{
  const guint8 *position = ea_reader_position (reader);
  guint16 unit = ea_reader_u16be (reader);

  if (!ea_reader_is_ok (reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, position,
                              "The last UCS-2 character has 1 byte, not 2");
  if (unit == 0 || unit == NO_CHARACTER || (unit >= LOW_SURROGATE_MIN && unit <= SURROGATE_MAX))
    return ea_core_error_set (
        error, EA_CORE_ERROR_MALFORMED, position, "Character %04X is not in UCS-2%s", unit,
        unit >= LOW_SURROGATE_MIN && unit <= SURROGATE_MAX ? ": a low surrogate alone" : "");
  if (unit >= HIGH_SURROGATE_MIN && unit < LOW_SURROGATE_MIN)
    return read_low_surrogate (reader, unit, out, error);

  *out = unit;
  return TRUE;
}

char *
ea_text_decode_ucs2 (EaSpan octets, GError **error)
{
  g_autoptr (GString) text = g_string_sized_new (octets.size + 1);
  EaReader reader;
  gunichar character = 0;

  ea_reader_init (&reader, octets);
  while (ea_reader_remaining (&reader) > 0)
    {
      if (!read_ucs2 (&reader, &character, error))
        return NULL;
      g_string_append_unichar (text, character);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

guint
ea_text_write_character (EaWriter *writer, gunichar character)
{
  for (guint8 code = 0; code < N_CODES; code++)
    if (default_alphabet[code] == character && code != ESCAPE)
      {
        ea_writer_u8 (writer, code);
        return 1;
      }
  for (gsize i = 0; i < G_N_ELEMENTS (extension_table); i++)
    if (extension_table[i].character == character)
      {
        ea_writer_u8 (writer, ESCAPE);
        ea_writer_u8 (writer, extension_table[i].code);
        return 2;
      }
  return 0;
}

gboolean
ea_text_encode_8bit (EaWriter *writer, const char *text, GError **error)
{
  g_auto (EaWriter) codes = { 0 };

  ea_writer_init (&codes);
  for (const char *place = text; *place != '\0'; place = g_utf8_next_char (place))
    if (ea_text_write_character (&codes, g_utf8_get_char (place)) == 0)
      return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, NULL,
                                "The default alphabet has no U+%04X", g_utf8_get_char (place));

  ea_writer_bytes (writer, ea_writer_span (&codes));
  return TRUE;
}

void
ea_text_pack_septets (EaWriter *writer, EaSpan codes, guint n_fill_bits)
{
  guint n_bits = n_fill_bits;
  EaReader reader;
  guint bits = 0;

  ea_reader_init (&reader, codes);
  while (ea_reader_remaining (&reader) > 0)
    {
      bits |= (guint) (ea_reader_u8 (&reader) & (N_CODES - 1)) << n_bits;
      n_bits += EA_TEXT_SEPTET_BITS;
      if (n_bits >= OCTET_BITS)
        {
          ea_writer_u8 (writer, (guint8) bits);
          bits >>= OCTET_BITS;
          n_bits -= OCTET_BITS;
        }
    }
  if (n_bits > 0 && codes.size > 0)
    ea_writer_u8 (writer, (guint8) bits);
}

gboolean
ea_text_encode_septets (EaWriter *writer, const char *text, guint n_fill_bits, gsize *n_septets,
                        GError **error)
{
  g_auto (EaWriter) codes = { 0 };

  ea_writer_init (&codes);
  if (!ea_text_encode_8bit (&codes, text, error))
    return FALSE;

  *n_septets = ea_writer_span (&codes).size;
  ea_text_pack_septets (writer, ea_writer_span (&codes), n_fill_bits);
  return TRUE;
}

gboolean
ea_text_encode_ucs2 (EaWriter *writer, const char *text, GError **error)
{
  g_auto (EaWriter) units = { 0 };

  ea_writer_init (&units);
  for (const char *place = text; *place != '\0'; place = g_utf8_next_char (place))
    {
      gunichar character = g_utf8_get_char (place);

      if (character == NO_CHARACTER)
        return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, NULL,
                                  "U+%04X is no UCS-2 character", character);
      if (character < SUPPLEMENT_MIN)
        ea_writer_u16be (&units, (guint16) character);
      else
        {
          character -= SUPPLEMENT_MIN;
          ea_writer_u16be (&units, (guint16) (HIGH_SURROGATE_MIN + (character >> SURROGATE_BITS)));
          ea_writer_u16be (
              &units, (guint16) (LOW_SURROGATE_MIN + (character & ((1u << SURROGATE_BITS) - 1))));
        }
    }

  ea_writer_bytes (writer, ea_writer_span (&units));
  return TRUE;
}
