/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/cat-bearer.h"
#include "core/cat.h"

/*
 * Proactive commands of the bearer independent protocol, TS 102 223 §6.4.27 to §6.4.31, ready to be done.
 * Spans borrow from the command. All parsers begin with ea_cat_check_command() and have its errors, and
 * those of the objects; @out is untouched on failure.
 *
 * GET CHANNEL STATUS has neither objects nor a qualifier: ea_cat_check_command_is() is all of its parser, and
 * ea_cat_build_command() of its builder.
 */

/* Qualifier of OPEN CHANNEL, TS 102 223 §8.6 */
#define EA_CAT_OPEN_IMMEDIATE 0x01
#define EA_CAT_OPEN_AUTOMATIC_RECONNECTION 0x02
#define EA_CAT_OPEN_BACKGROUND 0x04
#define EA_CAT_OPEN_DNS_REQUESTED 0x08

/* Qualifier of CLOSE CHANNEL: UICC in server mode: go back to LISTEN; else the same access name follows */
#define EA_CAT_CLOSE_KEEP 0x01

/* Qualifier of SEND DATA */
#define EA_CAT_SEND_IMMEDIATELY 0x01

/**
 * EaCatOpenChannel:
 * @is_immediate: link establishment before the response; FALSE also with @is_background
 * @is_background: link establishment at once, but after the response
 * @bearer: when @has_bearer; only a UICC in server mode has none
 * @buffer_size: bytes
 * @access_name: for ea_cat_parse_network_access_name(); empty: the default one
 * @login: @password: text strings with their data coding scheme, empty for none
 * @transport: when @has_transport; without one the card talks to the network layer itself
 * @local_address: @destination: EA_CAT_ADDRESS_NONE when absent
 */
typedef struct
{
  gboolean is_immediate;
  gboolean is_background;
  gboolean has_automatic_reconnection;
  gboolean is_dns_requested;
  gboolean has_bearer;
  EaCatBearerDescription bearer;
  guint16 buffer_size;
  EaSpan access_name;
  EaSpan login;
  EaSpan password;
  gboolean has_transport;
  EaCatTransport transport;
  EaCatOtherAddress local_address;
  EaCatOtherAddress destination;
} EaCatOpenChannel;

/* Errors: also EA_CORE_ERROR_MISSING: no bearer description for a client, no destination for a remote one. */
gboolean ea_cat_parse_open_channel (EaCatOpenChannel *out, const EaCatCommand *command,
                                    GError **error);

/* This and its siblings append the objects in the standard's order, and return the qualifier that goes with
 * them; the channel is in the device identities. */
guint8 ea_cat_write_open_channel (EaWriter *writer, const EaCatOpenChannel *open);

/* The channel that @command is for, 1 to 7: its destination; 0 when that is no channel. */
guint8 ea_cat_command_get_channel (const EaCatCommand *command);

/* SEND DATA: @data may be empty. */
typedef struct
{
  guint8 channel;
  gboolean is_immediate;
  EaSpan data;
} EaCatSendData;

gboolean ea_cat_parse_send_data (EaCatSendData *out, const EaCatCommand *command, GError **error);
guint8 ea_cat_write_send_data (EaWriter *writer, const EaCatSendData *send);

/* RECEIVE DATA: @length bytes are wanted, 0 to 255. */
typedef struct
{
  guint8 channel;
  guint8 length;
} EaCatReceiveData;

gboolean ea_cat_parse_receive_data (EaCatReceiveData *out, const EaCatCommand *command,
                                    GError **error);
guint8 ea_cat_write_receive_data (EaWriter *writer, const EaCatReceiveData *receive);

/* CLOSE CHANNEL: see %EA_CAT_CLOSE_KEEP. */
typedef struct
{
  guint8 channel;
  gboolean keeps;
} EaCatCloseChannel;

gboolean ea_cat_parse_close_channel (EaCatCloseChannel *out, const EaCatCommand *command,
                                     GError **error);
guint8 ea_cat_write_close_channel (EaWriter *writer, const EaCatCloseChannel *close);
