/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/apdu.h"
#include "core/bytes.h"
#include "core/cat-bearer.h"
#include "core/cat-layout.h"

/*
 * PUSH commands, with which a server asks a card to open a channel to it (TS 102 226 §9), and the connection
 * parameters in them, which are the objects of OPEN CHANNEL (TS 102 223 §6.6.27).
 */

/* What P2 asks for, TS 102 226 §9.1.1. */
typedef enum
{
  EA_PUSH_BIP_CHANNEL = 0x01,
  EA_PUSH_CAT_TP_LINK = 0x02,
  EA_PUSH_TCP_CONNECTION = 0x03,
  EA_PUSH_IDENTIFICATION_PACKET = 0x04,
} EaPushRequest;

#define EA_PUSH_DATA_MAX EA_APDU_DATA_MAX /* bytes of objects in one command */

/**
 * EaPush:
 * @objects: COMPREHENSION-TLVs, all readable; empty when all parameters are those stored in the card
 */
typedef struct
{
  EaPushRequest request;
  EaSpan objects;
} EaPush;

/**
 * ea_push_parse:
 * @out: (out): borrows from @command, untouched on failure
 * @command: a C-APDU
 *
 * Errors: as ea_apdu_parse_command() and ea_tlv_read_comprehension(); EA_CORE_ERROR_UNSUPPORTED (not 80 EC 01
 * with a P2 of 01 to 04), _MISSING (no transport level or address where §9 wants them).
 */
gboolean ea_push_parse (EaPush *out, EaSpan command, GError **error);

/**
 * ea_push_build:
 *
 * Returns: (transfer full) (nullable): the C-APDU
 *
 * Errors: EA_CORE_ERROR_LIMIT (over %EA_PUSH_DATA_MAX bytes of objects).
 */
GBytes *ea_push_build (const EaPush *push, GError **error);

/* The standard's name of what is asked for. */
const char *ea_push_get_name (EaPushRequest request);

/* Which objects @request may have, and what each of them is there for; that depends on @objects, as an address
 * without a transport level is the destination, and the transport level the one that is stored in the card. */
const EaCatLayout *ea_push_get_layout (EaPushRequest request, EaSpan objects);

/* Which parameters there are; the others are those stored in the card. */
typedef enum
{
  EA_PUSH_HAS_ALPHA = 1 << 0,
  EA_PUSH_HAS_BEARER = 1 << 1,
  EA_PUSH_HAS_BUFFER_SIZE = 1 << 2,
  EA_PUSH_HAS_ACCESS_NAME = 1 << 3,
  EA_PUSH_HAS_LOCAL_ADDRESS = 1 << 4,
  EA_PUSH_HAS_LOGIN = 1 << 5,
  EA_PUSH_HAS_PASSWORD = 1 << 6,
  EA_PUSH_HAS_TRANSPORT = 1 << 7,
  EA_PUSH_HAS_DESTINATION = 1 << 8,
  EA_PUSH_HAS_IDENTIFICATION = 1 << 9,
} EaPushParameter;

/**
 * EaPushConnection:
 * @present: bits of EaPushParameter
 * @buffer_size: bytes; of EA_PUSH_CAT_TP_LINK the largest SDU
 * @access_name: for ea_cat_parse_network_access_name()
 * @login: @password: text strings, TS 102 223 §8.15
 * @local_address: the address before the transport level; without a transport level the first of two
 * @destination: the address after it; without a transport level the only one, or the second of two
 * @identification: what CAT_TP or the identification packet names the card with
 *
 * Spans borrow from the objects.
 */
typedef struct
{
  guint present;
  EaSpan alpha;
  EaCatBearerDescription bearer;
  guint16 buffer_size;
  EaSpan access_name;
  EaSpan login;
  EaSpan password;
  EaCatOtherAddress local_address;
  EaCatTransport transport;
  EaCatOtherAddress destination;
  EaSpan identification;
} EaPushConnection;

/**
 * ea_push_parse_connection:
 * @out: (out): untouched on failure
 * @objects: COMPREHENSION-TLVs of a push command or of connection parameters
 *
 * Other objects are passed over, and so is what is there once too often.
 *
 * Errors: as ea_tlv_read_comprehension() and those of the parsers in core/cat-bearer.h.
 */
gboolean ea_push_parse_connection (EaPushConnection *out, EaSpan objects, GError **error);

/* Writes the objects in the order of OPEN CHANNEL. A local address needs a transport level or a destination: by
 * itself it would be read as the destination. */
void ea_push_write_connection (EaWriter *writer, const EaPushConnection *connection);
