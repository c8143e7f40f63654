/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * PDUs of CAT_TP, the transport protocol of card applications over UDP (ETSI TS 102 127). One
 * datagram is one PDU. Only the octets are read and written here: what a PDU does to a connection
 * is decided elsewhere.
 */

/* Octets in front of the variable header area, and with the longest one (its length has 8 bits). */
#define EA_CATTP_HEADER_SIZE 18
#define EA_CATTP_HEADER_MAX 255

/* The smallest maximum PDU size that a peer may state: a SYN without identification. */
#define EA_CATTP_PDU_SIZE_MIN 23

/* What fits in the variable header area. */
#define EA_CATTP_IDENTIFICATION_MAX (EA_CATTP_HEADER_MAX - EA_CATTP_PDU_SIZE_MIN)
#define EA_CATTP_EXTENDED_ACKNOWLEDGEMENTS_MAX ((EA_CATTP_HEADER_MAX - EA_CATTP_HEADER_SIZE) / 2)

/* Octets of the checksum. */
#define EA_CATTP_CHECKSUM_SIZE 2

/* The data length is two octets. */
#define EA_CATTP_DATA_MAX 0xFFFF

/* The only version there is; a PDU of another one is answered by EA_CATTP_RESET_VERSION. */
#define EA_CATTP_VERSION 0

/* Where the fields of the header lie. */
#define EA_CATTP_OFFSET_RESERVED 1
#define EA_CATTP_OFFSET_HEADER_LENGTH 3
#define EA_CATTP_OFFSET_SOURCE_PORT 4
#define EA_CATTP_OFFSET_DESTINATION_PORT 6
#define EA_CATTP_OFFSET_DATA_LENGTH 8
#define EA_CATTP_OFFSET_SEQUENCE 10
#define EA_CATTP_OFFSET_ACKNOWLEDGEMENT 12
#define EA_CATTP_OFFSET_WINDOW 14
#define EA_CATTP_OFFSET_CHECKSUM 16
#define EA_CATTP_OFFSET_VARIABLE 18
#define EA_CATTP_OFFSET_MAX_PDU 18
#define EA_CATTP_OFFSET_MAX_SDU 20
#define EA_CATTP_OFFSET_IDENTIFICATION_LENGTH 22
#define EA_CATTP_OFFSET_IDENTIFICATION 23

/* Bits of the first octet. */
typedef enum
{
  EA_CATTP_FLAG_SYN = 0x80,
  EA_CATTP_FLAG_ACK = 0x40,
  EA_CATTP_FLAG_EAK = 0x20,
  EA_CATTP_FLAG_RST = 0x10,
  EA_CATTP_FLAG_NUL = 0x08,
  EA_CATTP_FLAG_SEG = 0x04,
} EaCattpFlag;

/* Why a RST ends a connection. */
typedef enum
{
  EA_CATTP_RESET_NORMAL = 0,
  EA_CATTP_RESET_PARAMETERS = 1,
  EA_CATTP_RESET_TEMPORARY = 2,
  EA_CATTP_RESET_PORT = 3,
  EA_CATTP_RESET_UNEXPECTED = 4,
  EA_CATTP_RESET_RETRIES = 5,
  EA_CATTP_RESET_VERSION = 6,
} EaCattpResetReason;

/**
 * EaCattpPdu:
 * @flags: EaCattpFlag bits
 * @version: two bits, %EA_CATTP_VERSION
 * @reserved: the RFU octets: sent as 0, not checked
 * @acknowledgement: of the last PDU received in order; means nothing in a RST without ACK
 * @window: PDUs that may be on their way unacknowledged
 * @checksum: @is_checksum_good: set by the parser, ignored by the builder
 * @max_pdu: @max_sdu: SYN only: the largest that the sender can receive, bytes; 0 is "unknown" from
 *   some peers
 * @identification: SYN only: 0 to %EA_CATTP_IDENTIFICATION_MAX octets
 * @extended_acknowledgements: EAK only: sequence numbers received out of order, two octets each,
 *   big endian, as ea_reader_u16be() reads them
 * @reset_reason: RST only: an EaCattpResetReason, or a value that is reserved
 * @data: of an ACK, EAK or SEG: an SDU or a part of one
 *
 * One PDU. The spans borrow from what was parsed, or from whoever wants it built.
 */
typedef struct
{
  guint8 flags;
  guint8 version;
  guint16 reserved;
  guint16 source_port;
  guint16 destination_port;
  guint16 sequence;
  guint16 acknowledgement;
  guint16 window;
  guint16 checksum;
  gboolean is_checksum_good;
  guint16 max_pdu;
  guint16 max_sdu;
  EaSpan identification;
  EaSpan extended_acknowledgements;
  guint8 reset_reason;
  EaSpan data;
} EaCattpPdu;

/**
 * ea_cattp_pdu_parse:
 * @out: (out): untouched on failure; its spans borrow from @datagram
 * @datagram: all of one datagram
 *
 * Reads a PDU. A wrong checksum is no failure but told by @is_checksum_good: an endpoint drops such
 * a PDU. A PDU of another version is read as if it were of version 0, so that it can be answered.
 *
 * Flags: SYN or RST, each alone or with ACK; ACK alone or with one of EAK, SEG and NUL. As some
 * peers send them, EAK and data are accepted without ACK, and data together with EAK. SEG has data;
 * SYN, RST and NUL have none.
 *
 * Errors: EA_CORE_ERROR_TRUNCATED (fewer octets than the lengths say), _MALFORMED (more octets than
 * that, other flags, a header length that does not fit the variable area).
 */
gboolean ea_cattp_pdu_parse (EaCattpPdu *out, EaSpan datagram, GError **error);

/**
 * ea_cattp_pdu_build:
 * @pdu: what to write; members that its flags do not ask for must be 0 or empty
 *
 * Returns: (transfer full) (nullable): the PDU with its checksum
 *
 * Errors: EA_CORE_ERROR_MALFORMED (a PDU that ea_cattp_pdu_parse() would refuse, or members that
 * its flags do not have), _LIMIT (more than %EA_CATTP_IDENTIFICATION_MAX,
 * %EA_CATTP_EXTENDED_ACKNOWLEDGEMENTS_MAX, %EA_CATTP_DATA_MAX).
 */
GBytes *ea_cattp_pdu_build (const EaCattpPdu *pdu, GError **error);

/* The words for a reason; %NULL for a reserved one. */
const char *ea_cattp_reset_reason_get_name (guint8 reason);

/*
 * Sequence numbers count modulo 65536: a distance tells more than an order.
 */

/* How many steps @to comes after @from. */
guint16 ea_cattp_sequence_get_distance (guint16 from, guint16 to);

/* TRUE when @last < @sequence ≤ @last + @window. */
gboolean ea_cattp_sequence_is_in_window (guint16 sequence, guint16 last, guint16 window);

/* TRUE when @sequence comes after @other by less than half of all numbers. */
gboolean ea_cattp_sequence_is_after (guint16 sequence, guint16 other);
