/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The checksum covers the whole PDU, without a pseudo header. The two RFU octets are not looked at.
 */

#include "sim-cattp-pdu.h"

#define FLAGS_MASK 0xFC
#define VERSION_MASK 0x03

/* One's complement sum of words, the last octet of an odd number padded with 00 */
static guint16
add_words (EaSpan octets)
{
  guint32 sum = 0;
  EaReader reader;

  ea_reader_init (&reader, octets);
  while (ea_reader_remaining (&reader) > 1)
    sum += ea_reader_u16be (&reader);
  if (ea_reader_remaining (&reader) > 0)
    sum += (guint32) ea_reader_u8 (&reader) << 8;
  while (sum > G_MAXUINT16)
    sum = (sum & G_MAXUINT16) + (sum >> 16);
  return (guint16) sum;
}

static gboolean
are_flags_legal (const SimCattpPdu *pdu)
{
  guint8 others = pdu->flags & (guint8) ~SIM_CATTP_FLAG_ACK;

  if ((others & (SIM_CATTP_FLAG_SYN | SIM_CATTP_FLAG_RST)) != 0)
    return (others == SIM_CATTP_FLAG_SYN || others == SIM_CATTP_FLAG_RST) && pdu->data.size == 0;
  if ((others & SIM_CATTP_FLAG_NUL) != 0)
    return others == SIM_CATTP_FLAG_NUL && pdu->data.size == 0;
  if ((others & SIM_CATTP_FLAG_SEG) != 0)
    return pdu->data.size > 0;
  return pdu->flags != 0 || pdu->data.size > 0;
}

static void
parse_variable_area (SimCattpPdu *pdu, EaReader *reader)
{
  if ((pdu->flags & SIM_CATTP_FLAG_SYN) != 0)
    {
      pdu->pdu_max = ea_reader_u16be (reader);
      pdu->sdu_max = ea_reader_u16be (reader);
      pdu->identification = ea_reader_bytes (reader, ea_reader_u8 (reader));
    }
  else if ((pdu->flags & SIM_CATTP_FLAG_RST) != 0)
    {
      pdu->reason = ea_reader_u8 (reader);
    }
  else if ((pdu->flags & SIM_CATTP_FLAG_EAK) != 0)
    {
      pdu->eak = ea_reader_rest (reader);
      if (pdu->eak.size % sizeof (guint16) != 0)
        ea_reader_fail (reader);
    }
}

gboolean
sim_cattp_pdu_parse (SimCattpPdu *out, EaSpan datagram)
{
  SimCattpPdu pdu = { 0 };
  EaReader reader;
  EaReader area;
  guint8 first;
  guint8 header_size;
  guint16 data_size;

  ea_reader_init (&reader, datagram);
  first = ea_reader_u8 (&reader);
  pdu.flags = first & FLAGS_MASK;
  pdu.version = first & VERSION_MASK;
  (void) ea_reader_u16be (&reader);
  header_size = ea_reader_u8 (&reader);
  pdu.source_port = ea_reader_u16be (&reader);
  pdu.destination_port = ea_reader_u16be (&reader);
  data_size = ea_reader_u16be (&reader);
  pdu.sequence = ea_reader_u16be (&reader);
  pdu.acknowledgement = ea_reader_u16be (&reader);
  pdu.window = ea_reader_u16be (&reader);
  (void) ea_reader_u16be (&reader);
  if (!ea_reader_is_ok (&reader) || header_size < SIM_CATTP_HEADER_SIZE)
    return FALSE;

  ea_reader_init (&area, ea_reader_bytes (&reader, header_size - SIM_CATTP_HEADER_SIZE));
  pdu.data = ea_reader_bytes (&reader, data_size);
  if (!ea_reader_done (&reader) || add_words (datagram) != G_MAXUINT16)
    return FALSE;
  if (pdu.version == 0)
    {
      parse_variable_area (&pdu, &area);
      if (!ea_reader_done (&area) || !are_flags_legal (&pdu))
        return FALSE;
    }
  *out = pdu;
  return TRUE;
}

static GBytes *
build_variable_area (const SimCattpPdu *pdu)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  if ((pdu->flags & SIM_CATTP_FLAG_SYN) != 0)
    {
      ea_writer_u16be (&writer, pdu->pdu_max);
      ea_writer_u16be (&writer, pdu->sdu_max);
      ea_writer_u8 (&writer, (guint8) pdu->identification.size);
      ea_writer_bytes (&writer, pdu->identification);
    }
  else if ((pdu->flags & SIM_CATTP_FLAG_RST) != 0)
    {
      ea_writer_u8 (&writer, pdu->reason);
    }
  else if ((pdu->flags & SIM_CATTP_FLAG_EAK) != 0)
    {
      ea_writer_bytes (&writer, pdu->eak);
    }
  return ea_writer_steal (&writer);
}

static GBytes *
build_with_checksum (const SimCattpPdu *pdu, EaSpan area, guint16 checksum)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, pdu->flags | pdu->version);
  ea_writer_u16be (&writer, 0);
  ea_writer_u8 (&writer, (guint8) (SIM_CATTP_HEADER_SIZE + area.size));
  ea_writer_u16be (&writer, pdu->source_port);
  ea_writer_u16be (&writer, pdu->destination_port);
  ea_writer_u16be (&writer, (guint16) pdu->data.size);
  ea_writer_u16be (&writer, pdu->sequence);
  ea_writer_u16be (&writer, pdu->acknowledgement);
  ea_writer_u16be (&writer, pdu->window);
  ea_writer_u16be (&writer, checksum);
  ea_writer_bytes (&writer, area);
  ea_writer_bytes (&writer, pdu->data);
  return ea_writer_steal (&writer);
}

GBytes *
sim_cattp_pdu_build (const SimCattpPdu *pdu)
{
  g_autoptr (GBytes) area = build_variable_area (pdu);
  g_autoptr (GBytes) unsummed = build_with_checksum (pdu, ea_span_from_bytes (area), 0);
  guint16 sum = add_words (ea_span_from_bytes (unsummed));

  return build_with_checksum (pdu, ea_span_from_bytes (area), (guint16) ~sum);
}
