/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * BER-TLV and COMPREHENSION-TLV data objects, TS 101 220 §7. Left out: indefinite length, which only
 * command scripts have.
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

/* ISO/IEC 8825-1 §8.1.3: first length octet */
#define LENGTH_LONG 0x80
#define LENGTH_LONG_COUNT_MAX 3

static gboolean
fail_truncated (const EaReader *reader, const char *what, GError **error)
{
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_TRUNCATED,
               "%s at offset %" G_GSIZE_FORMAT " goes beyond the end", what,
               ea_reader_offset (reader));
  return FALSE;
}

static gboolean
read_length (EaReader *reader, gsize *out, GError **error)
{
  guint8 first = ea_reader_u8 (reader);
  guint count = first & 0x7F;
  gsize length = 0;

  if (first < LENGTH_LONG)
    {
      *out = first;
      return ea_reader_is_ok (reader) || fail_truncated (reader, "Length", error);
    }
  if (count == 0 || count > LENGTH_LONG_COUNT_MAX)
    {
      g_set_error (error, EA_CORE_ERROR,
                   count == 0 ? EA_CORE_ERROR_UNSUPPORTED : EA_CORE_ERROR_MALFORMED,
                   "Length at offset %" G_GSIZE_FORMAT " begins with %02X",
                   ea_reader_offset (reader) - 1, first);
      return FALSE;
    }

  for (guint i = 0; i < count; i++)
    length = length << 8 | ea_reader_u8 (reader);
  *out = length;
  return ea_reader_is_ok (reader) || fail_truncated (reader, "Length", error);
}

static gboolean
read_value (EaReader *reader, EaTlv *tlv, GError **error)
{
  gsize length;

  if (!read_length (reader, &length, error))
    return FALSE;
  if (length > ea_reader_remaining (reader))
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_TRUNCATED,
                   "Data object %02X at offset %" G_GSIZE_FORMAT " has %" G_GSIZE_FORMAT
                   " of %" G_GSIZE_FORMAT " bytes",
                   tlv->tag, tlv->offset, ea_reader_remaining (reader), length);
      return FALSE;
    }

  tlv->value = ea_reader_bytes (reader, length);
  return TRUE;
}

static gboolean
read_ber_tag (EaReader *reader, guint32 *out, GError **error)
{
  guint32 tag = ea_reader_u8 (reader);
  guint8 octet;

  if ((tag & BER_LONG_TAG) == BER_LONG_TAG)
    {
      octet = ea_reader_u8 (reader);
      tag = tag << 8 | octet;
      if ((octet & BER_MORE_TAG) != 0)
        {
          octet = ea_reader_u8 (reader);
          tag = tag << 8 | octet;
        }
      if ((octet & BER_MORE_TAG) != 0)
        {
          g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED,
                       "Tag %06X… has more than three octets", tag);
          return FALSE;
        }
    }

  *out = tag;
  return ea_reader_is_ok (reader) || fail_truncated (reader, "Tag", error);
}

gboolean
ea_tlv_read_ber (EaReader *reader, EaTlv *out, GError **error)
{
  EaTlv tlv = { .offset = ea_reader_offset (reader) };

  if (!read_ber_tag (reader, &tlv.tag, error) || !read_value (reader, &tlv, error))
    return FALSE;

  *out = tlv;
  return TRUE;
}

static gboolean
read_comprehension_tag (EaReader *reader, EaTlv *tlv, GError **error)
{
  guint8 first = ea_reader_u8 (reader);
  guint16 tag = first & 0x7F;

  tlv->is_comprehension_required = (first & COMPREHENSION_REQUIRED) != 0;
  if (first == COMPREHENSION_LONG_TAG)
    {
      tag = ea_reader_u16be (reader);
      tlv->is_comprehension_required = (tag & COMPREHENSION_LONG_TAG_REQUIRED) != 0;
      tag &= 0x7FFF;
    }
  if (!ea_reader_is_ok (reader))
    return fail_truncated (reader, "Tag", error);
  if (tag == 0 || first == 0xFF)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                   "Tag at offset %" G_GSIZE_FORMAT " begins with %02X", tlv->offset, first);
      return FALSE;
    }

  tlv->tag = tag;
  return TRUE;
}

gboolean
ea_tlv_read_comprehension (EaReader *reader, EaTlv *out, GError **error)
{
  EaTlv tlv = { .offset = ea_reader_offset (reader) };

  if (!read_comprehension_tag (reader, &tlv, error) || !read_value (reader, &tlv, error))
    return FALSE;

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
ea_tlv_write_ber (EaWriter *writer, guint32 tag, EaSpan value)
{
  if (tag > 0xFFFF)
    ea_writer_u24be (writer, tag);
  else if (tag > 0xFF)
    ea_writer_u16be (writer, (guint16) tag);
  else
    ea_writer_u8 (writer, (guint8) tag);
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
