/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * BER-TLV and COMPREHENSION-TLV data objects, TS 101 220 §7. Indefinite length is read wherever a
 * constructed BER-TLV has it, though of what the agent meets only scripts do (TS 102 226 §5.2).
 */

#include "core/tlv.h"

#include "core/error.h"

/* TS 101 220 §7.1.1: what a tag octet may say */
#define COMPREHENSION_REQUIRED 0x80
#define COMPREHENSION_LONG_TAG 0x7F
#define COMPREHENSION_LONG_TAG_REQUIRED 0x8000

/* ISO/IEC 8825-1: five low bits set announce further tag octets; bit 8 of each says that more follow */
#define BER_LONG_TAG 0x1F
#define BER_MORE_TAG 0x80
#define BER_CONSTRUCTED 0x20
#define BER_TAG_OCTETS_MAX 4

/* ISO/IEC 8825-1 §8.1.3: first length octet */
#define LENGTH_LONG 0x80
#define LENGTH_LONG_COUNT_MAX 3

static gboolean
fail_truncated (const EaReader *reader, const char *what, GError **error)
{
  return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_reader_position (reader),
                            "%s goes beyond the end", what);
}

static gboolean
read_length (EaReader *reader, EaTlvHead *head, GError **error)
{
  const guint8 *position = ea_reader_position (reader);
  guint8 first = ea_reader_u8 (reader);
  guint count = first & 0x7F;
  gsize length = 0;

  if (first < LENGTH_LONG)
    {
      head->length = first;
      return ea_reader_is_ok (reader) || fail_truncated (reader, "Length", error);
    }
  if (first == EA_TLV_LENGTH_INDEFINITE)
    {
      head->is_indefinite = TRUE;
      return TRUE;
    }
  if (count > LENGTH_LONG_COUNT_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "Length begins with %02X, not with 00 to 83", first);

  for (guint i = 0; i < count; i++)
    length = length << 8 | ea_reader_u8 (reader);
  head->length = length;
  return ea_reader_is_ok (reader) || fail_truncated (reader, "Length", error);
}

static gboolean
check_remaining (const EaReader *reader, const EaTlvHead *head, GError **error)
{
  if (head->length <= ea_reader_remaining (reader))
    return TRUE;
  return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (reader->span),
                            "Data object %02X has %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes",
                            head->tag, ea_reader_remaining (reader), head->length);
}

/* What the reader passed since @offset. */
static EaSpan
get_passed (const EaReader *reader, gsize offset)
{
  return ea_span_tail (ea_span_head (reader->span, ea_reader_offset (reader)), offset);
}

static gboolean
read_ber_tag (EaReader *reader, guint32 *out, GError **error)
{
  const guint8 *position = ea_reader_position (reader);
  guint8 octet = ea_reader_u8 (reader);
  gboolean has_more = (octet & BER_LONG_TAG) == BER_LONG_TAG;
  guint32 tag = octet;

  if (ea_reader_is_ok (reader) && tag == 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position, "Tag 00 is no data object");
  for (guint n_octets = 1; has_more; n_octets++)
    {
      if (n_octets == BER_TAG_OCTETS_MAX)
        return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, position,
                                  "Tag %08X… has more than %d octets", tag, BER_TAG_OCTETS_MAX);
      octet = ea_reader_u8 (reader);
      has_more = (octet & BER_MORE_TAG) != 0;
      tag = tag << 8 | octet;
    }

  *out = tag;
  return ea_reader_is_ok (reader) || fail_truncated (reader, "Tag", error);
}

gboolean
ea_tlv_read_ber_head (EaReader *reader, EaTlvHead *out, GError **error)
{
  EaTlvHead head = { 0 };
  const guint8 *position;

  if (!read_ber_tag (reader, &head.tag, error))
    return FALSE;
  position = ea_reader_position (reader);
  if (!read_length (reader, &head, error))
    return FALSE;
  if (head.is_indefinite && !ea_tlv_is_constructed (head.tag))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "Primitive data object %02X has an indefinite length", head.tag);

  *out = head;
  return TRUE;
}

/* Moves behind the end of contents of the object whose value comes next. */
static gboolean
skip_indefinite (EaReader *reader, GError **error)
{
  guint depth = 1;

  while (depth > 0)
    {
      const guint8 *position = ea_reader_position (reader);
      EaTlvHead head;

      if (ea_reader_remaining (reader) > 0 && ea_reader_peek_u8 (reader) == 0)
        {
          if (ea_reader_u16be (reader) != EA_TLV_END_OF_CONTENTS)
            return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                                      "End of contents is not 0000");
          depth--;
        }
      else if (ea_reader_remaining (reader) == 0)
        return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, position,
                                  "No end of contents after %u indefinite lengths", depth);
      else if (!ea_tlv_read_ber_head (reader, &head, error))
        return FALSE;
      else if (head.is_indefinite && ++depth > EA_TLV_DEPTH_MAX)
        return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, position,
                                  "More than %d indefinite lengths within each other",
                                  EA_TLV_DEPTH_MAX);
      else if (!check_remaining (reader, &head, error))
        return FALSE;
      else
        (void) ea_reader_bytes (reader, head.length);
      if (!ea_reader_is_ok (reader))
        return fail_truncated (reader, "End of contents", error);
    }
  return TRUE;
}

gboolean
ea_tlv_read_ber (EaReader *reader, EaTlv *out, GError **error)
{
  EaTlv tlv = { .offset = ea_reader_offset (reader) };
  gsize value_offset;
  EaTlvHead head;

  if (!ea_tlv_read_ber_head (reader, &head, error))
    return FALSE;

  tlv.tag = head.tag;
  tlv.is_indefinite = head.is_indefinite;
  value_offset = ea_reader_offset (reader);
  if (head.is_indefinite)
    {
      if (!skip_indefinite (reader, error))
        return FALSE;
      tlv.value = get_passed (reader, value_offset);
      tlv.value = ea_span_head (tlv.value, tlv.value.size - sizeof (guint16));
    }
  else if (!check_remaining (reader, &head, error))
    return FALSE;
  else
    tlv.value = ea_reader_bytes (reader, head.length);

  tlv.object = get_passed (reader, tlv.offset);
  *out = tlv;
  return TRUE;
}

gboolean
ea_tlv_is_constructed (guint32 tag)
{
  while (tag > 0xFF)
    tag >>= 8;
  return (tag & BER_CONSTRUCTED) != 0;
}

void
ea_tlv_walker_init (EaTlvWalker *walker, EaSpan objects)
{
  walker->depth = 0;
  ea_reader_init (&walker->readers[0], objects);
}

gboolean
ea_tlv_walker_next (EaTlvWalker *walker, EaTlvStep *step, EaTlv *out, GError **error)
{
  EaReader *reader = &walker->readers[walker->depth];
  EaTlv tlv;

  if (ea_reader_remaining (reader) == 0)
    {
      *step = walker->depth > 0 ? EA_TLV_STEP_LEAVE : EA_TLV_STEP_END;
      walker->depth -= walker->depth > 0 ? 1 : 0;
      return TRUE;
    }

  if (!ea_tlv_read_ber (reader, &tlv, error))
    return FALSE;
  if (ea_tlv_is_constructed (tlv.tag))
    {
      if (walker->depth + 1 == EA_TLV_DEPTH_MAX)
        return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, tlv.object.data,
                                  "More than %d data objects within each other",
                                  EA_TLV_DEPTH_MAX - 1);
      ea_reader_init (&walker->readers[++walker->depth], tlv.value);
    }
  *step = EA_TLV_STEP_OBJECT;
  *out = tlv;
  return TRUE;
}

void
ea_tlv_walker_skip (EaTlvWalker *walker)
{
  g_return_if_fail (walker->depth > 0);

  walker->depth--;
}

/* @octets gets the tag as it came, with its comprehension bit. */
static gboolean
read_comprehension_tag (EaReader *reader, EaTlv *tlv, guint32 *octets, GError **error)
{
  const guint8 *position = ea_reader_position (reader);
  guint8 first = ea_reader_u8 (reader);
  guint16 tag = first & 0x7F;

  *octets = first;
  tlv->is_comprehension_required = (first & COMPREHENSION_REQUIRED) != 0;
  if (first == COMPREHENSION_LONG_TAG)
    {
      tag = ea_reader_u16be (reader);
      *octets = (guint32) COMPREHENSION_LONG_TAG << 16 | tag;
      tlv->is_comprehension_required = (tag & COMPREHENSION_LONG_TAG_REQUIRED) != 0;
      tag &= 0x7FFF;
    }
  if (!ea_reader_is_ok (reader))
    return fail_truncated (reader, "Tag", error);
  if (tag == 0 || first == 0xFF)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "Tag begins with %02X, which no data object has", first);

  tlv->tag = tag;
  return TRUE;
}

gboolean
ea_tlv_read_comprehension (EaReader *reader, EaTlv *out, GError **error)
{
  EaTlv tlv = { .offset = ea_reader_offset (reader) };
  EaTlvHead head = { 0 };
  const guint8 *position;

  if (!read_comprehension_tag (reader, &tlv, &head.tag, error))
    return FALSE;
  position = ea_reader_position (reader);
  if (!read_length (reader, &head, error))
    return FALSE;
  if (head.is_indefinite)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "Length begins with 80, not with 00 to 7F or 81 to 83");
  if (!check_remaining (reader, &head, error))
    return FALSE;

  tlv.value = ea_reader_bytes (reader, head.length);
  tlv.object = get_passed (reader, tlv.offset);
  *out = tlv;
  return TRUE;
}

gboolean
ea_tlv_find_comprehension (EaSpan objects, guint32 tag, EaTlv *out)
{
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0 && ea_tlv_read_comprehension (&reader, &tlv, NULL))
    if (tlv.tag == tag)
      {
        *out = tlv;
        return TRUE;
      }
  return FALSE;
}

void
ea_tlv_write_length (EaWriter *writer, gsize length)
{
  g_return_if_fail (length <= EA_TLV_LENGTH_MAX);

  if (length < LENGTH_LONG)
    ea_writer_u8 (writer, (guint8) length);
  else if (length <= 0xFF)
    {
      ea_writer_u8 (writer, LENGTH_LONG | 1);
      ea_writer_u8 (writer, (guint8) length);
    }
  else if (length <= 0xFFFF)
    {
      ea_writer_u8 (writer, LENGTH_LONG | 2);
      ea_writer_u16be (writer, (guint16) length);
    }
  else
    {
      ea_writer_u8 (writer, LENGTH_LONG | 3);
      ea_writer_u24be (writer, (guint32) length);
    }
}

void
ea_tlv_write_ber_tag (EaWriter *writer, guint32 tag)
{
  if (tag > 0xFFFFFF)
    ea_writer_u32be (writer, tag);
  else if (tag > 0xFFFF)
    ea_writer_u24be (writer, tag);
  else if (tag > 0xFF)
    ea_writer_u16be (writer, (guint16) tag);
  else
    ea_writer_u8 (writer, (guint8) tag);
}

void
ea_tlv_write_ber (EaWriter *writer, guint32 tag, EaSpan value)
{
  ea_tlv_write_ber_tag (writer, tag);
  ea_tlv_write_length (writer, value.size);
  ea_writer_bytes (writer, value);
}

void
ea_tlv_write_comprehension (EaWriter *writer, guint32 tag, gboolean is_comprehension_required,
                            EaSpan value)
{
  if (tag < COMPREHENSION_LONG_TAG)
    ea_writer_u8 (writer,
                  (guint8) (tag | (is_comprehension_required ? COMPREHENSION_REQUIRED : 0)));
  else
    {
      ea_writer_u8 (writer, COMPREHENSION_LONG_TAG);
      ea_writer_u16be (
          writer,
          (guint16) (tag | (is_comprehension_required ? COMPREHENSION_LONG_TAG_REQUIRED : 0)));
    }
  ea_tlv_write_length (writer, value.size);
  ea_writer_bytes (writer, value);
}
