/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Borrowed bytes, a cursor to read them and a cursor to write them. No other file indexes a buffer.
 * Lengths are bytes in a gsize.
 */

/**
 * EaSpan:
 * @data: (nullable): first byte; %NULL only when @size is 0
 * @size: number of bytes
 *
 * Borrowed, immutable bytes. A span dies with the buffer that it points into.
 */
typedef struct
{
  const guint8 *data;
  gsize size;
} EaSpan;

#define EA_SPAN_EMPTY ((EaSpan){ NULL, 0 })

/* A span over a string literal or a constant array, without its terminating NUL for literals. */
#define EA_SPAN_OF_ARRAY(array) ((EaSpan){ (array), sizeof (array) })

EaSpan ea_span_init (const void *data, gsize size);
EaSpan ea_span_from_bytes (GBytes *bytes);
EaSpan ea_span_from_array (const GByteArray *array);

/* (transfer full): a copy that lives by itself. */
GBytes *ea_span_to_bytes (EaSpan span);

gboolean ea_span_equal (EaSpan a, EaSpan b);
gboolean ea_span_has_prefix (EaSpan span, EaSpan prefix);

/* The first @size bytes of @span, or all of it when it is shorter; and what comes after them. */
EaSpan ea_span_head (EaSpan span, gsize size);
EaSpan ea_span_tail (EaSpan span, gsize size);

/* One past the last byte: the place to name in an error about what should have followed. */
const guint8 *ea_span_end (EaSpan span);

/* TRUE when @inner has bytes and lies within @outer; @offset gets where it begins there. */
gboolean ea_span_find_offset (EaSpan outer, EaSpan inner, gsize *offset);

/* (transfer full): upper-case hexadecimal without separators. */
char *ea_span_to_hex (EaSpan span);

/* The same at the end of @out. */
void ea_span_append_hex (EaSpan span, GString *out);

/**
 * ea_bytes_from_hex:
 * @hex: hexadecimal digits; white space and colons between bytes are ignored
 *
 * Returns: (transfer full) (nullable): the bytes
 *
 * Errors: EA_CORE_ERROR_MALFORMED (a character that is no digit, or half a byte).
 */
GBytes *ea_bytes_from_hex (const char *hex, GError **error);

/**
 * ea_bytes_decode_hex_in_place:
 * @digits: @size hexadecimal digits, an even number
 *
 * The bytes take the place of the first half of the digits, zeros that of the rest: for a secret, which must not be
 * copied.
 *
 * Returns: the bytes, borrowed from @digits
 */
EaSpan ea_bytes_decode_hex_in_place (guint8 *digits, gsize size);

/**
 * EaReader:
 *
 * A cursor over a span. It is sticky: a read beyond the end marks it failed, moves nothing and yields
 * 0 or an empty span, so that straight-line parsing is safe and is checked once, at the end, with
 * ea_reader_done() or ea_reader_is_ok(). Check it before branching or looping on what was read.
 */
typedef struct
{
  EaSpan span;
  gsize offset;
  gboolean has_failed;
} EaReader;

void ea_reader_init (EaReader *reader, EaSpan span);

guint8 ea_reader_u8 (EaReader *reader);
guint16 ea_reader_u16be (EaReader *reader);
guint32 ea_reader_u24be (EaReader *reader);
guint32 ea_reader_u32be (EaReader *reader);
guint64 ea_reader_u64be (EaReader *reader);
guint16 ea_reader_u16le (EaReader *reader);
guint32 ea_reader_u32le (EaReader *reader);

/* The next @size bytes, borrowed from the reader's buffer; none of them still have their place in it. */
EaSpan ea_reader_bytes (EaReader *reader, gsize size);

/* All the bytes that are left; an empty span after a failure. */
EaSpan ea_reader_rest (EaReader *reader);

/* The next byte without moving; 0 at the end, which is no failure. */
guint8 ea_reader_peek_u8 (const EaReader *reader);

gsize ea_reader_remaining (const EaReader *reader);
gsize ea_reader_offset (const EaReader *reader);

/* The byte that comes next, or where it would be: the place to name in an error. Never %NULL after a read. */
const guint8 *ea_reader_position (const EaReader *reader);

/* TRUE while no read went beyond the end. */
gboolean ea_reader_is_ok (const EaReader *reader);

/* TRUE when no read went beyond the end and nothing is left. */
gboolean ea_reader_done (const EaReader *reader);

/* Marks the reader failed, for a caller that finds a value it can't go on with. */
void ea_reader_fail (EaReader *reader);

/**
 * EaWriter:
 *
 * Bytes being built. Clear it with ea_writer_clear(), or take the result with ea_writer_steal().
 */
typedef struct
{
  GByteArray *bytes;
} EaWriter;

void ea_writer_init (EaWriter *writer);

/* The same with room for @size bytes, for which its buffer needs not grow. */
void ea_writer_init_sized (EaWriter *writer, gsize size);

void ea_writer_clear (EaWriter *writer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaWriter, ea_writer_clear)

/* Begins anew, with nothing written. */
void ea_writer_reset (EaWriter *writer);

void ea_writer_u8 (EaWriter *writer, guint8 value);
void ea_writer_u16be (EaWriter *writer, guint16 value);
void ea_writer_u24be (EaWriter *writer, guint32 value);
void ea_writer_u32be (EaWriter *writer, guint32 value);
void ea_writer_u64be (EaWriter *writer, guint64 value);
void ea_writer_u16le (EaWriter *writer, guint16 value);
void ea_writer_u32le (EaWriter *writer, guint32 value);
void ea_writer_bytes (EaWriter *writer, EaSpan span);

/* What was written so far; dies at the next write. */
EaSpan ea_writer_span (const EaWriter *writer);

/* (transfer full): the bytes; the writer is cleared. */
GBytes *ea_writer_steal (EaWriter *writer);
