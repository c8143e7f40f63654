/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The only code that indexes a buffer. Everything else reads with EaReader, writes with EaWriter and
 * passes EaSpan around.
 */

#include "core/bytes.h"

#include <string.h>

#include "core/error.h"

/* Most of what is written is shorter, and then its buffer never has to grow. */
#define WRITER_RESERVED 64

EaSpan
ea_span_init (const void *data, gsize size)
{
  return (EaSpan){ data, size };
}

EaSpan
ea_span_from_bytes (GBytes *bytes)
{
  EaSpan span = EA_SPAN_EMPTY;

  if (bytes != NULL)
    span.data = g_bytes_get_data (bytes, &span.size);
  return span;
}

EaSpan
ea_span_from_array (const GByteArray *array)
{
  return (EaSpan){ array->data, array->len };
}

GBytes *
ea_span_to_bytes (EaSpan span)
{
  return g_bytes_new (span.data, span.size);
}

gboolean
ea_span_equal (EaSpan a, EaSpan b)
{
  return a.size == b.size && (a.size == 0 || memcmp (a.data, b.data, a.size) == 0);
}

gboolean
ea_span_has_prefix (EaSpan span, EaSpan prefix)
{
  return span.size >= prefix.size && ea_span_equal ((EaSpan){ span.data, prefix.size }, prefix);
}

EaSpan
ea_span_head (EaSpan span, gsize size)
{
  return (EaSpan){ span.data, MIN (size, span.size) };
}

EaSpan
ea_span_tail (EaSpan span, gsize size)
{
  return size < span.size ? (EaSpan){ span.data + size, span.size - size } : EA_SPAN_EMPTY;
}

const guint8 *
ea_span_end (EaSpan span)
{
  return span.size > 0 ? span.data + span.size : span.data;
}

gboolean
ea_span_find_offset (EaSpan outer, EaSpan inner, gsize *offset)
{
  guintptr start = (guintptr) outer.data;
  guintptr place = (guintptr) inner.data;

  if (inner.size == 0 || place < start || place - start > outer.size
      || inner.size > outer.size - (place - start))
    return FALSE;

  *offset = place - start;
  return TRUE;
}

void
ea_span_append_hex (EaSpan span, GString *out)
{
  static const char digits[] = "0123456789ABCDEF";
  gsize start = out->len;

  g_string_set_size (out, start + span.size * 2);
  for (gsize i = 0; i < span.size; i++)
    {
      out->str[start + 2 * i] = digits[span.data[i] >> 4];
      out->str[start + 2 * i + 1] = digits[span.data[i] & 0x0F];
    }
}

char *
ea_span_to_hex (EaSpan span)
{
  GString *hex = g_string_sized_new (span.size * 2 + 1);

  ea_span_append_hex (span, hex);
  return g_string_free (hex, FALSE);
}

static gboolean
is_hex_separator (char c)
{
  return g_ascii_isspace (c) || c == ':';
}

GBytes *
ea_bytes_from_hex (const char *hex, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  int high = -1;

  for (gsize i = 0; hex[i] != '\0'; i++)
    {
      int digit = g_ascii_xdigit_value (hex[i]);

      if (high < 0 && is_hex_separator (hex[i]))
        continue;
      if (digit < 0)
        {
          ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, hex + i,
                             g_ascii_isprint (hex[i]) ? "'%c' is not a hexadecimal digit"
                                                      : "Octet %02X is not a hexadecimal digit",
                             (guchar) hex[i]);
          return NULL;
        }
      if (high < 0)
        high = digit;
      else
        {
          guint8 byte = (guint8) (high << 4 | digit);

          g_byte_array_append (bytes, &byte, 1);
          high = -1;
        }
    }

  if (high >= 0)
    {
      ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, hex + strlen (hex),
                         "The last byte has one hexadecimal digit, not two");
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

EaSpan
ea_bytes_decode_hex_in_place (guint8 *digits, gsize size)
{
  for (gsize i = 0; i < size / 2; i++)
    digits[i] = (guint8) (g_ascii_xdigit_value ((char) digits[2 * i]) << 4
                          | g_ascii_xdigit_value ((char) digits[2 * i + 1]));
  if (size > 0)
    memset (digits + size / 2, 0, size - size / 2);
  return (EaSpan){ digits, size / 2 };
}

void
ea_reader_init (EaReader *reader, EaSpan span)
{
  *reader = (EaReader){ .span = span };
}

gsize
ea_reader_remaining (const EaReader *reader)
{
  return reader->has_failed ? 0 : reader->span.size - reader->offset;
}

gsize
ea_reader_offset (const EaReader *reader)
{
  return reader->offset;
}

const guint8 *
ea_reader_position (const EaReader *reader)
{
  return ea_span_end ((EaSpan){ reader->span.data, reader->offset });
}

gboolean
ea_reader_is_ok (const EaReader *reader)
{
  return !reader->has_failed;
}

gboolean
ea_reader_done (const EaReader *reader)
{
  return !reader->has_failed && reader->offset == reader->span.size;
}

void
ea_reader_fail (EaReader *reader)
{
  reader->has_failed = TRUE;
}

EaSpan
ea_reader_bytes (EaReader *reader, gsize size)
{
  EaSpan span;

  if (size > ea_reader_remaining (reader))
    reader->has_failed = TRUE;
  if (reader->has_failed || reader->span.data == NULL)
    return EA_SPAN_EMPTY;

  span = (EaSpan){ reader->span.data + reader->offset, size };
  reader->offset += size;
  return span;
}

EaSpan
ea_reader_rest (EaReader *reader)
{
  return ea_reader_bytes (reader, ea_reader_remaining (reader));
}

guint8
ea_reader_peek_u8 (const EaReader *reader)
{
  return ea_reader_remaining (reader) > 0 ? reader->span.data[reader->offset] : 0;
}

static guint64
read_big_endian (EaReader *reader, gsize size)
{
  EaSpan span = ea_reader_bytes (reader, size);
  guint64 value = 0;

  for (gsize i = 0; i < span.size; i++)
    value = value << 8 | span.data[i];
  return value;
}

static guint32
read_little_endian (EaReader *reader, gsize size)
{
  EaSpan span = ea_reader_bytes (reader, size);
  guint32 value = 0;

  for (gsize i = span.size; i > 0; i--)
    value = value << 8 | span.data[i - 1];
  return value;
}

guint8
ea_reader_u8 (EaReader *reader)
{
  if (ea_reader_remaining (reader) == 0)
    {
      reader->has_failed = TRUE;
      return 0;
    }
  return reader->span.data[reader->offset++];
}

guint16
ea_reader_u16be (EaReader *reader)
{
  return (guint16) read_big_endian (reader, 2);
}

guint32
ea_reader_u24be (EaReader *reader)
{
  return (guint32) read_big_endian (reader, 3);
}

guint32
ea_reader_u32be (EaReader *reader)
{
  return (guint32) read_big_endian (reader, 4);
}

guint64
ea_reader_u64be (EaReader *reader)
{
  return read_big_endian (reader, 8);
}

guint16
ea_reader_u16le (EaReader *reader)
{
  return (guint16) read_little_endian (reader, 2);
}

guint32
ea_reader_u32le (EaReader *reader)
{
  return read_little_endian (reader, 4);
}

void
ea_writer_init (EaWriter *writer)
{
  writer->bytes = g_byte_array_sized_new (WRITER_RESERVED);
}

void
ea_writer_init_sized (EaWriter *writer, gsize size)
{
  writer->bytes = g_byte_array_sized_new ((guint) size);
}

void
ea_writer_reset (EaWriter *writer)
{
  g_byte_array_set_size (writer->bytes, 0);
}

void
ea_writer_clear (EaWriter *writer)
{
  g_clear_pointer (&writer->bytes, g_byte_array_unref);
}

static void
write_big_endian (EaWriter *writer, guint64 value, guint size)
{
  guint8 bytes[sizeof value];

  for (guint i = 0; i < size; i++)
    bytes[i] = (guint8) (value >> (8 * (size - 1 - i)));
  g_byte_array_append (writer->bytes, bytes, size);
}

static void
write_little_endian (EaWriter *writer, guint32 value, guint size)
{
  guint8 bytes[sizeof value];

  for (guint i = 0; i < size; i++)
    bytes[i] = (guint8) (value >> (8 * i));
  g_byte_array_append (writer->bytes, bytes, size);
}

void
ea_writer_u8 (EaWriter *writer, guint8 value)
{
  g_byte_array_append (writer->bytes, &value, 1);
}

void
ea_writer_u16be (EaWriter *writer, guint16 value)
{
  write_big_endian (writer, value, 2);
}

void
ea_writer_u24be (EaWriter *writer, guint32 value)
{
  write_big_endian (writer, value, 3);
}

void
ea_writer_u32be (EaWriter *writer, guint32 value)
{
  write_big_endian (writer, value, 4);
}

void
ea_writer_u64be (EaWriter *writer, guint64 value)
{
  write_big_endian (writer, value, 8);
}

void
ea_writer_u16le (EaWriter *writer, guint16 value)
{
  write_little_endian (writer, value, 2);
}

void
ea_writer_u32le (EaWriter *writer, guint32 value)
{
  write_little_endian (writer, value, 4);
}

void
ea_writer_bytes (EaWriter *writer, EaSpan span)
{
  if (span.size > 0)
    g_byte_array_append (writer->bytes, span.data, (guint) span.size);
}

EaSpan
ea_writer_span (const EaWriter *writer)
{
  return ea_span_from_array (writer->bytes);
}

GBytes *
ea_writer_steal (EaWriter *writer)
{
  return g_byte_array_free_to_bytes (g_steal_pointer (&writer->bytes));
}
