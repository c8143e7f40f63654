/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The PDU of CAT_TP (TS 102 127): an 18 octet header, a variable header area that depends on the
 * flags, and data. The checksum is the one of the Internet protocols over the whole PDU, without a
 * pseudo header.
 */

#include "core/cattp-pdu.h"

#include "core/error.h"

#define MASK_FLAGS 0xFC
#define MASK_VERSION 0x03

/* Octets of the variable header area */
#define SYN_SIZE (EA_CATTP_PDU_SIZE_MIN - EA_CATTP_HEADER_SIZE)
#define RST_SIZE 1
#define SEQUENCE_SIZE 2

#define CHECKSUM_GOOD 0xFFFF

/* The kinds of PDU: what may lie behind the 18 octets. */
typedef enum
{
  KIND_NONE,
  KIND_SYN,
  KIND_RST,
  KIND_EAK,
  KIND_NUL,
  KIND_SEG,
  KIND_ACK,
} Kind;

static Kind
get_kind (guint8 flags)
{
  switch (flags & (guint8) ~EA_CATTP_FLAG_ACK)
    {
    case 0:
      return KIND_ACK;
    case EA_CATTP_FLAG_SYN:
      return KIND_SYN;
    case EA_CATTP_FLAG_RST:
      return KIND_RST;
    case EA_CATTP_FLAG_EAK:
      return KIND_EAK;
    case EA_CATTP_FLAG_SEG:
      return KIND_SEG;
    case EA_CATTP_FLAG_NUL:
      return (flags & EA_CATTP_FLAG_ACK) != 0 ? KIND_NUL : KIND_NONE;
    default:
      return KIND_NONE;
    }
}

/* @position: of the first octet in an input, %NULL for a PDU that is built */
static gboolean
check_data (guint8 flags, gsize data_size, const guint8 *position, GError **error)
{
  switch (get_kind (flags))
    {
    case KIND_NONE:
      break;
    case KIND_SYN:
    case KIND_RST:
    case KIND_NUL:
      if (data_size == 0)
        return TRUE;
      return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                                "CAT_TP PDU with the flags %02X has %" G_GSIZE_FORMAT
                                " bytes of data, not 0",
                                flags, data_size);
    case KIND_SEG:
      if (data_size > 0)
        return TRUE;
      return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                                "CAT_TP PDU with the flags %02X is a segment of 0 bytes", flags);
    case KIND_EAK:
      return TRUE;
    case KIND_ACK:
      if ((flags & EA_CATTP_FLAG_ACK) != 0 || data_size > 0)
        return TRUE;
      break;
    }
  return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                            "CAT_TP flags %02X may not come together", flags);
}

/* One's complement sum of 16-bit words; an odd octet at the end counts as the high one. */
static guint16
sum_words (EaSpan octets)
{
  EaReader reader;
  guint64 sum = 0;

  ea_reader_init (&reader, octets);
  for (gsize i = 0; i < octets.size / 2; i++)
    sum += ea_reader_u16be (&reader);
  if (octets.size % 2 != 0)
    sum += (guint64) ea_reader_u8 (&reader) << 8;
  while (sum > G_MAXUINT16)
    sum = (sum & G_MAXUINT16) + (sum >> 16);
  return (guint16) sum;
}

static gboolean
parse_syn (EaCattpPdu *pdu, EaReader *area, GError **error)
{
  const guint8 *position;
  guint8 size;

  pdu->max_pdu = ea_reader_u16be (area);
  pdu->max_sdu = ea_reader_u16be (area);
  position = ea_reader_position (area);
  size = ea_reader_u8 (area);
  pdu->identification = ea_reader_bytes (area, size);
  if (ea_reader_done (area))
    return TRUE;
  if (area->span.size < SYN_SIZE)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_span_end (area->span),
                              "Variable header area of a SYN has %" G_GSIZE_FORMAT
                              " bytes, fewer than %d",
                              area->span.size, SYN_SIZE);
  return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                            "Identification has %u bytes, but the header has %" G_GSIZE_FORMAT
                            " for it",
                            size, area->span.size - SYN_SIZE);
}

static gboolean
parse_eak (EaCattpPdu *pdu, EaReader *area, GError **error)
{
  pdu->extended_acknowledgements = ea_reader_rest (area);
  if (area->span.size > 0 && area->span.size % SEQUENCE_SIZE == 0)
    return TRUE;
  return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_span_end (area->span),
                            "Extended acknowledgements have %" G_GSIZE_FORMAT
                            " bytes, not %d for each of one or more",
                            area->span.size, SEQUENCE_SIZE);
}

static gboolean
expect_area_size (EaSpan area, gsize size, GError **error)
{
  if (area.size == size)
    return TRUE;
  return ea_core_error_set (
      error, EA_CORE_ERROR_MALFORMED, area.data,
      "Variable header area has %" G_GSIZE_FORMAT " bytes, not %" G_GSIZE_FORMAT, area.size, size);
}

static gboolean
parse_area (EaCattpPdu *pdu, EaSpan octets, GError **error)
{
  EaReader area;

  ea_reader_init (&area, octets);
  switch (get_kind (pdu->flags))
    {
    case KIND_SYN:
      return parse_syn (pdu, &area, error);
    case KIND_EAK:
      return parse_eak (pdu, &area, error);
    case KIND_RST:
      pdu->reset_reason = ea_reader_u8 (&area);
      return expect_area_size (octets, RST_SIZE, error);
    case KIND_NONE:
    case KIND_NUL:
    case KIND_SEG:
    case KIND_ACK:
      return expect_area_size (octets, 0, error);
    }
  return FALSE;
}

/* The two lengths of the header against the datagram's. */
static gboolean
check_lengths (EaSpan datagram, guint8 header_length, guint16 data_length, GError **error)
{
  gsize size = (gsize) header_length + data_length;

  if (header_length < EA_CATTP_HEADER_SIZE)
    return ea_core_error_set (
        error, EA_CORE_ERROR_MALFORMED, ea_span_tail (datagram, EA_CATTP_OFFSET_HEADER_LENGTH).data,
        "CAT_TP header length is %u, less than %d", header_length, EA_CATTP_HEADER_SIZE);
  if (datagram.size < size)
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (datagram),
                              "CAT_TP PDU has %" G_GSIZE_FORMAT
                              " bytes, not %u of header and %u of data",
                              datagram.size, header_length, data_length);
  if (datagram.size > size)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_span_tail (datagram, size).data,
                              "CAT_TP PDU has %" G_GSIZE_FORMAT
                              " bytes, not %u of header and %u of data",
                              datagram.size, header_length, data_length);
  return TRUE;
}

gboolean
ea_cattp_pdu_parse (EaCattpPdu *out, EaSpan datagram, GError **error)
{
  EaCattpPdu pdu = { 0 };
  EaReader reader;
  guint8 header_length;
  guint16 data_length;
  EaSpan area;

  ea_reader_init (&reader, datagram);
  pdu.flags = ea_reader_u8 (&reader);
  pdu.reserved = ea_reader_u16be (&reader);
  header_length = ea_reader_u8 (&reader);
  pdu.source_port = ea_reader_u16be (&reader);
  pdu.destination_port = ea_reader_u16be (&reader);
  data_length = ea_reader_u16be (&reader);
  pdu.sequence = ea_reader_u16be (&reader);
  pdu.acknowledgement = ea_reader_u16be (&reader);
  pdu.window = ea_reader_u16be (&reader);
  pdu.checksum = ea_reader_u16be (&reader);
  if (!ea_reader_is_ok (&reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (datagram),
                              "CAT_TP PDU has %" G_GSIZE_FORMAT
                              " bytes, fewer than its header's %d",
                              datagram.size, EA_CATTP_HEADER_SIZE);
  if (!check_lengths (datagram, header_length, data_length, error))
    return FALSE;

  pdu.version = pdu.flags & MASK_VERSION;
  pdu.flags &= MASK_FLAGS;
  area = ea_span_init (ea_reader_position (&reader), (gsize) header_length - EA_CATTP_HEADER_SIZE);
  (void) ea_reader_bytes (&reader, area.size); /* there: the lengths were checked */
  pdu.data = ea_reader_rest (&reader);
  if (!check_data (pdu.flags, pdu.data.size, datagram.data, error)
      || !parse_area (&pdu, area, error))
    return FALSE;
  pdu.is_checksum_good = sum_words (datagram) == CHECKSUM_GOOD;

  *out = pdu;
  return TRUE;
}

static gboolean
check_limit (const char *what, gsize size, gsize limit, GError **error)
{
  if (size <= limit)
    return TRUE;
  return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                            "%s %" G_GSIZE_FORMAT " bytes, more than %" G_GSIZE_FORMAT, what, size,
                            limit);
}

/* What the variable area of other flags would have must not be there. */
static gboolean
check_members (const EaCattpPdu *pdu, GError **error)
{
  Kind kind = get_kind (pdu->flags);
  gboolean has_syn = pdu->max_pdu != 0 || pdu->max_sdu != 0 || pdu->identification.size > 0;
  gboolean has_eak = pdu->extended_acknowledgements.size > 0;
  gboolean is_whole = pdu->extended_acknowledgements.size % SEQUENCE_SIZE == 0;

  if ((has_syn && kind != KIND_SYN) || (pdu->reset_reason != 0 && kind != KIND_RST)
      || has_eak != (kind == KIND_EAK) || !is_whole)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "CAT_TP PDU with the flags %02X can't have the members given",
                              pdu->flags);
  return TRUE;
}

static gboolean
check_pdu (const EaCattpPdu *pdu, GError **error)
{
  if ((pdu->flags & (guint8) ~MASK_FLAGS) != 0 || pdu->version > MASK_VERSION)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "CAT_TP flags %02X or version %u do not fit their bits", pdu->flags,
                              pdu->version);
  return check_data (pdu->flags, pdu->data.size, NULL, error) && check_members (pdu, error)
         && check_limit ("Identification has", pdu->identification.size,
                         EA_CATTP_IDENTIFICATION_MAX, error)
         && check_limit ("Extended acknowledgements have", pdu->extended_acknowledgements.size,
                         EA_CATTP_EXTENDED_ACKNOWLEDGEMENTS_MAX * SEQUENCE_SIZE, error)
         && check_limit ("Data have", pdu->data.size, EA_CATTP_DATA_MAX, error);
}

static void
write_area (EaWriter *writer, const EaCattpPdu *pdu)
{
  switch (get_kind (pdu->flags))
    {
    case KIND_SYN:
      ea_writer_u16be (writer, pdu->max_pdu);
      ea_writer_u16be (writer, pdu->max_sdu);
      ea_writer_u8 (writer, (guint8) pdu->identification.size);
      ea_writer_bytes (writer, pdu->identification);
      return;
    case KIND_EAK:
      ea_writer_bytes (writer, pdu->extended_acknowledgements);
      return;
    case KIND_RST:
      ea_writer_u8 (writer, pdu->reset_reason);
      return;
    case KIND_NONE:
    case KIND_NUL:
    case KIND_SEG:
    case KIND_ACK:
      return;
    }
}

static void
write_fields (EaWriter *writer, const EaCattpPdu *pdu, gsize area_size)
{
  ea_writer_u8 (writer, pdu->flags | pdu->version);
  ea_writer_u16be (writer, pdu->reserved);
  ea_writer_u8 (writer, (guint8) (EA_CATTP_HEADER_SIZE + area_size));
  ea_writer_u16be (writer, pdu->source_port);
  ea_writer_u16be (writer, pdu->destination_port);
  ea_writer_u16be (writer, (guint16) pdu->data.size);
  ea_writer_u16be (writer, pdu->sequence);
  ea_writer_u16be (writer, pdu->acknowledgement);
  ea_writer_u16be (writer, pdu->window);
}

GBytes *
ea_cattp_pdu_build (const EaCattpPdu *pdu, GError **error)
{
  g_auto (EaWriter) rest = { 0 };
  EaWriter writer;
  gsize area_size;
  guint32 sum;

  if (!check_pdu (pdu, error))
    return NULL;

  ea_writer_init (&rest);
  write_area (&rest, pdu);
  area_size = ea_writer_span (&rest).size;
  ea_writer_bytes (&rest, pdu->data);

  /* Both parts begin at an even offset, so their sums add up. */
  ea_writer_init (&writer);
  write_fields (&writer, pdu, area_size);
  sum = (guint32) sum_words (ea_writer_span (&writer)) + sum_words (ea_writer_span (&rest));
  sum = (sum & G_MAXUINT16) + (sum >> 16);
  ea_writer_u16be (&writer, (guint16) ~sum);
  ea_writer_bytes (&writer, ea_writer_span (&rest));
  return ea_writer_steal (&writer);
}

const char *
ea_cattp_reset_reason_get_name (guint8 reason)
{
  switch ((EaCattpResetReason) reason)
    {
    case EA_CATTP_RESET_NORMAL:
      return "normal ending";
    case EA_CATTP_RESET_PARAMETERS:
      return "set-up failed, illegal parameters";
    case EA_CATTP_RESET_TEMPORARY:
      return "temporarily unable to set up";
    case EA_CATTP_RESET_PORT:
      return "requested port not available";
    case EA_CATTP_RESET_UNEXPECTED:
      return "unexpected PDU";
    case EA_CATTP_RESET_RETRIES:
      return "maximum retries exceeded";
    case EA_CATTP_RESET_VERSION:
      return "version not supported";
    }
  return NULL;
}

guint16
ea_cattp_sequence_get_distance (guint16 from, guint16 to)
{
  return (guint16) (to - from);
}

gboolean
ea_cattp_sequence_is_in_window (guint16 sequence, guint16 last, guint16 window)
{
  guint16 distance = ea_cattp_sequence_get_distance (last, sequence);

  return distance > 0 && distance <= window;
}

gboolean
ea_cattp_sequence_is_after (guint16 sequence, guint16 other)
{
  guint16 distance = ea_cattp_sequence_get_distance (other, sequence);

  return distance > 0 && distance <= G_MAXINT16;
}
