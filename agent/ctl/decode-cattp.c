/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the microscope shows of a CAT_TP PDU (TS 102 127). A wrong checksum is no error. Clause
 * numbers are not given because the text of that standard is not at hand.
 */

#include "core/cattp-pdu.h"
#include "ctl/decode.h"

#define CLAUSE "TS 102 127"
#define CLAUSE_IDENTIFICATION "TS 102 226 §9.2.2"

static void
add_at (EaView *view, gsize offset, const char *name, guint64 value)
{
  ea_view_at_offset (view, offset);
  ea_view_cite (view, CLAUSE);
  ea_view_add_number (view, name, value);
}

static void
add_flags (EaView *view, guint8 flags)
{
  static const struct
  {
    EaCattpFlag flag;
    const char *name;
  } names[] = {
    { EA_CATTP_FLAG_SYN, "SYN" }, { EA_CATTP_FLAG_ACK, "ACK" }, { EA_CATTP_FLAG_EAK, "EAK" },
    { EA_CATTP_FLAG_RST, "RST" }, { EA_CATTP_FLAG_NUL, "NUL" }, { EA_CATTP_FLAG_SEG, "SEG" },
  };

  ea_view_at_offset (view, 0);
  ea_view_cite (view, CLAUSE);
  ea_view_begin_list (view, "flags");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if ((flags & names[i].flag) != 0)
      ea_view_add_string (view, NULL, names[i].name);
  ea_view_end_list (view);
}

static void
add_checksum (EaView *view, const EaCattpPdu *pdu, EaSpan item)
{
  EaSpan value
      = ea_span_head (ea_span_tail (item, EA_CATTP_OFFSET_CHECKSUM), EA_CATTP_CHECKSUM_SIZE);

  ea_view_at_offset (view, EA_CATTP_OFFSET_CHECKSUM);
  ea_view_cite (view, CLAUSE);
  ea_view_add_string (view, "checksum", pdu->is_checksum_good ? "good" : "bad");
  ea_view_cite (view, CLAUSE);
  ea_view_add_bytes_here (view, "checksum_value", value);
}

static void
add_syn (EaView *view, const EaCattpPdu *pdu)
{
  add_at (view, EA_CATTP_OFFSET_MAX_PDU, "max_pdu", pdu->max_pdu);
  add_at (view, EA_CATTP_OFFSET_MAX_SDU, "max_sdu", pdu->max_sdu);
  ea_view_at_offset (view, EA_CATTP_OFFSET_IDENTIFICATION);
  ea_view_cite (view, CLAUSE_IDENTIFICATION);
  ea_view_add_bytes (view, "identification", pdu->identification);
}

static void
add_extended_acknowledgements (EaView *view, EaSpan numbers)
{
  EaReader reader;

  ea_view_at (view, numbers);
  ea_view_cite (view, CLAUSE);
  ea_view_begin_list (view, "extended_acknowledgements");
  ea_reader_init (&reader, numbers);
  while (ea_reader_remaining (&reader) > 0)
    {
      gsize offset = EA_CATTP_OFFSET_VARIABLE + ea_reader_offset (&reader);

      ea_view_at_offset (view, offset);
      ea_view_add_number (view, NULL, ea_reader_u16be (&reader));
    }
  ea_view_end_list (view);
}

static void
add_header (EaView *view, const EaCattpPdu *pdu, EaSpan item)
{
  add_flags (view, pdu->flags);
  add_at (view, 0, "version", pdu->version);
  if (pdu->reserved != 0)
    add_at (view, EA_CATTP_OFFSET_RESERVED, "reserved", pdu->reserved);
  add_at (view, EA_CATTP_OFFSET_HEADER_LENGTH, "header_length", item.size - pdu->data.size);
  add_at (view, EA_CATTP_OFFSET_SOURCE_PORT, "source_port", pdu->source_port);
  add_at (view, EA_CATTP_OFFSET_DESTINATION_PORT, "destination_port", pdu->destination_port);
  add_at (view, EA_CATTP_OFFSET_DATA_LENGTH, "data_length", pdu->data.size);
  add_at (view, EA_CATTP_OFFSET_SEQUENCE, "sequence", pdu->sequence);
  add_at (view, EA_CATTP_OFFSET_ACKNOWLEDGEMENT, "acknowledgement", pdu->acknowledgement);
  add_at (view, EA_CATTP_OFFSET_WINDOW, "window", pdu->window);
  add_checksum (view, pdu, item);
}

/* The secured packet of an SDU that fits one PDU. */
static void
add_packet (EaView *view, const EaCattpPdu *pdu, const EaDecodeOptions *options)
{
  if ((pdu->flags & EA_CATTP_FLAG_SEG) == 0
      && !ea_decode_try_nested (view, "packet", ea_decode_command_packet, pdu->data, options))
    (void) ea_decode_try_nested (view, "packet", ea_decode_response_packet, pdu->data, options);
}

gboolean
ea_decode_cat_tp (EaView *view, EaSpan item, const EaDecodeOptions *options, GError **error)
{
  EaCattpPdu pdu;

  if (!ea_cattp_pdu_parse (&pdu, item, error))
    return FALSE;

  add_header (view, &pdu, item);
  if ((pdu.flags & EA_CATTP_FLAG_SYN) != 0)
    add_syn (view, &pdu);
  if ((pdu.flags & EA_CATTP_FLAG_EAK) != 0)
    add_extended_acknowledgements (view, pdu.extended_acknowledgements);
  if ((pdu.flags & EA_CATTP_FLAG_RST) != 0)
    {
      ea_view_at_offset (view, EA_CATTP_OFFSET_VARIABLE);
      ea_view_cite (view, CLAUSE);
      ea_view_add_named (view, "reset_reason", pdu.reset_reason,
                         ea_cattp_reset_reason_get_name (pdu.reset_reason));
    }
  if (pdu.data.size > 0)
    {
      ea_view_cite (view, CLAUSE);
      ea_view_add_bytes_here (view, "data", pdu.data);
      add_packet (view, &pdu, options);
    }
  return TRUE;
}
