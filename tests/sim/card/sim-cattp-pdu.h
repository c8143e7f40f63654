/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* PDUs of ETSI TS 102 127 as the simulator reads and writes them. */

#define SIM_CATTP_FLAG_SYN 0x80
#define SIM_CATTP_FLAG_ACK 0x40
#define SIM_CATTP_FLAG_EAK 0x20
#define SIM_CATTP_FLAG_RST 0x10
#define SIM_CATTP_FLAG_NUL 0x08
#define SIM_CATTP_FLAG_SEG 0x04

#define SIM_CATTP_HEADER_SIZE 18
/* SYN with an identification of no octets: what a PDU may never be larger than */
#define SIM_CATTP_SYN_SIZE 23

/**
 * SimCattpPdu:
 * @version: 0; others are read no further than the fixed header
 * @pdu_max: @sdu_max: @identification: of a SYN only
 * @reason: of an RST only
 * @eak: sequence numbers of two octets each, of an EAK only
 *
 * Spans borrow from the datagram.
 */
typedef struct
{
  guint8 flags;
  guint8 version;
  guint16 source_port;
  guint16 destination_port;
  guint16 sequence;
  guint16 acknowledgement;
  guint16 window;
  guint16 pdu_max;
  guint16 sdu_max;
  EaSpan identification;
  guint8 reason;
  EaSpan eak;
  EaSpan data;
} SimCattpPdu;

/* FALSE when @datagram is not exactly one PDU, its checksum is wrong, or flags exclude each other:
 * @out is untouched then. */
gboolean sim_cattp_pdu_parse (SimCattpPdu *out, EaSpan datagram);

/* (transfer full): with the checksum */
GBytes *sim_cattp_pdu_build (const SimCattpPdu *pdu);
