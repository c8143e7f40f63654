/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * The card application toolkit (ETSI TS 102 223, 3GPP TS 31.111) as far as SMS-PP download needs it:
 * the frame of every proactive command, SEND SHORT MESSAGE, TERMINAL RESPONSE, and the SMS-PP DOWNLOAD
 * envelope.
 */

/* Bytes of one proactive command: FETCH returns at most 256 (TS 102 223 §6.1). */
#define EA_CAT_COMMAND_MAX 256

/* Type of command, TS 102 223 §8.6 and §9.4. */
#define EA_CAT_TYPE_SEND_SHORT_MESSAGE 0x13

/* Device identities, TS 102 223 §8.7. */
#define EA_CAT_DEVICE_UICC 0x81
#define EA_CAT_DEVICE_TERMINAL 0x82
#define EA_CAT_DEVICE_NETWORK 0x83

/* Command qualifier of SEND SHORT MESSAGE: the terminal packs the text (TS 102 223 §8.6). */
#define EA_CAT_QUALIFIER_PACKING_REQUIRED 0x01

/* General result of a TERMINAL RESPONSE, TS 102 223 §8.12. */
typedef enum
{
  EA_CAT_RESULT_OK = 0x00,
  EA_CAT_RESULT_PARTIAL_COMPREHENSION = 0x01,
  EA_CAT_RESULT_TERMINAL_UNABLE = 0x20,
  EA_CAT_RESULT_NETWORK_UNABLE = 0x21,
  EA_CAT_RESULT_BEYOND_CAPABILITIES = 0x30,
  EA_CAT_RESULT_TYPE_NOT_UNDERSTOOD = 0x31,
  EA_CAT_RESULT_DATA_NOT_UNDERSTOOD = 0x32,
  EA_CAT_RESULT_NUMBER_NOT_KNOWN = 0x33,
  EA_CAT_RESULT_SMS_RP_ERROR = 0x35,
  EA_CAT_RESULT_VALUES_MISSING = 0x36,
} EaCatResult;

/* Additional information to EA_CAT_RESULT_TERMINAL_UNABLE, TS 102 223 §8.12.2. */
#define EA_CAT_TERMINAL_NO_CAUSE 0x00
#define EA_CAT_TERMINAL_NO_SERVICE 0x04

/**
 * EaCatCommand:
 * @number: @type: @qualifier: command details, TS 102 223 §8.6
 * @source: @destination: device identities, §8.7
 * @has_comprehension_tags: the card wrote its command details with the comprehension bit; a TERMINAL
 *   RESPONSE answers in the same style
 * @objects: the COMPREHENSION-TLVs after the device identities, all readable, borrowed
 *
 * The frame of a proactive command, TS 102 223 §6.6.
 */
typedef struct
{
  guint8 number;
  guint8 type;
  guint8 qualifier;
  guint8 source;
  guint8 destination;
  gboolean has_comprehension_tags;
  EaSpan objects;
} EaCatCommand;

/**
 * EaCatSendShortMessage:
 * @smsc: TON/NPI and digits of the service centre; empty for the default one
 * @tpdu: the SMS-SUBMIT
 * @is_packing_required: see ea_sms_pack_submit()
 *
 * SEND SHORT MESSAGE, TS 102 223 §6.6.9. Spans borrow from the command.
 */
typedef struct
{
  EaSpan smsc;
  EaSpan tpdu;
  gboolean is_packing_required;
} EaCatSendShortMessage;

/**
 * ea_cat_parse_command:
 * @out: (out): filled as far as the command could be read, so that a TERMINAL RESPONSE can name it; all
 *   zero when not even the command details could be read
 * @command: a proactive command with its tag D0; bytes after it are passed over
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED, _MISSING (command details or device identities),
 * _LIMIT (over %EA_CAT_COMMAND_MAX), _UNSUPPORTED (not a proactive command).
 */
gboolean ea_cat_parse_command (EaCatCommand *out, EaSpan command, GError **error);

/**
 * ea_cat_parse_send_short_message:
 * @out: (out): untouched on failure
 *
 * Errors: EA_CORE_ERROR_MISSING (no SMS TPDU), _MALFORMED (an object of no known kind whose comprehension
 * is required: "data not understood", TS 102 223 §6.10).
 */
gboolean ea_cat_parse_send_short_message (EaCatSendShortMessage *out, const EaCatCommand *command,
                                          GError **error);

/* The standard's name of a type of command ("OPEN CHANNEL"), "unknown command" for others. */
const char *ea_cat_get_command_name (guint8 type);

/* TRUE for a type of command that the standard has. */
gboolean ea_cat_is_known_command (guint8 type);

/**
 * ea_cat_get_result:
 * @code: why a command could not be read
 *
 * Returns: the general result that says so, TS 102 223 §6.10
 */
EaCatResult ea_cat_get_result (int code);

/**
 * ea_cat_build_terminal_response:
 * @additional: additional information on the result, 0 to 253 bytes
 *
 * Returns: (transfer full): a TERMINAL RESPONSE without APDU header, TS 102 223 §6.8
 */
GBytes *ea_cat_build_terminal_response (const EaCatCommand *command, EaCatResult result,
                                        EaSpan additional);

/**
 * ea_cat_build_sms_pp_download:
 * @smsc: TON/NPI and digits of the service centre; empty leaves the object out
 * @tpdu: the SMS-DELIVER, untouched
 *
 * Returns: (transfer full) (nullable): the ENVELOPE's data, D1…, at most 188 bytes (TS 31.111 §7.1.1.2)
 *
 * Errors: EA_CORE_ERROR_LIMIT when the message would not fit one APDU.
 */
GBytes *ea_cat_build_sms_pp_download (EaSpan smsc, EaSpan tpdu, GError **error);
