/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Tag, length, value. Tags longer than two octets do not occur on this card.
 */

#include "sim-tlv.h"

#define BER_TAG_CONTINUES 0x1F
#define COMPREHENSION_REQUIRED 0x80
#define LENGTH_MAX 0xFFFFFF

gsize
sim_tlv_read_length (EaReader *reader)
{
  guint8 first = ea_reader_u8 (reader);

  if (first < 0x80)
    return first;
  switch (first)
    {
    case 0x81:
      return ea_reader_u8 (reader);
    case 0x82:
      return ea_reader_u16be (reader);
    case 0x83:
      return ea_reader_u24be (reader);
    default:
      ea_reader_fail (reader);
      return 0;
    }
}

SimTlv
sim_tlv_read (EaReader *reader)
{
  SimTlv tlv = { 0 };

  tlv.tag = ea_reader_u8 (reader);
  if ((tlv.tag & BER_TAG_CONTINUES) == BER_TAG_CONTINUES)
    tlv.tag = tlv.tag << 8 | ea_reader_u8 (reader);
  tlv.value = ea_reader_bytes (reader, sim_tlv_read_length (reader));
  return tlv;
}

SimTlv
sim_tlv_read_comprehension (EaReader *reader)
{
  SimTlv tlv = { 0 };

  tlv.tag = ea_reader_u8 (reader) & (guint) ~COMPREHENSION_REQUIRED;
  tlv.value = ea_reader_bytes (reader, sim_tlv_read_length (reader));
  return tlv;
}

static gboolean
find (EaSpan list, guint tag, SimTlv (*read) (EaReader *), EaSpan *value)
{
  EaReader reader;

  ea_reader_init (&reader, list);
  while (ea_reader_remaining (&reader) > 0)
    {
      SimTlv tlv = read (&reader);

      if (!ea_reader_is_ok (&reader))
        return FALSE;
      if (tlv.tag == tag)
        {
          *value = tlv.value;
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
sim_tlv_find (EaSpan list, guint tag, EaSpan *value)
{
  return find (list, tag, sim_tlv_read, value);
}

gboolean
sim_tlv_find_comprehension (EaSpan list, guint tag, EaSpan *value)
{
  return find (list, tag, sim_tlv_read_comprehension, value);
}

void
sim_tlv_write_length (EaWriter *writer, gsize length)
{
  g_assert (length <= LENGTH_MAX);

  if (length < 0x80)
    {
      ea_writer_u8 (writer, (guint8) length);
    }
  else if (length <= G_MAXUINT8)
    {
      ea_writer_u8 (writer, 0x81);
      ea_writer_u8 (writer, (guint8) length);
    }
  else if (length <= G_MAXUINT16)
    {
      ea_writer_u8 (writer, 0x82);
      ea_writer_u16be (writer, (guint16) length);
    }
  else
    {
      ea_writer_u8 (writer, 0x83);
      ea_writer_u24be (writer, (guint32) length);
    }
}

void
sim_tlv_write (EaWriter *writer, guint tag, EaSpan value)
{
  if (tag > G_MAXUINT8)
    ea_writer_u16be (writer, (guint16) tag);
  else
    ea_writer_u8 (writer, (guint8) tag);
  sim_tlv_write_length (writer, value.size);
  ea_writer_bytes (writer, value);
}
