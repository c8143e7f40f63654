/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/cat-value.h"

/*
 * The card application toolkit (ETSI TS 102 223, 3GPP TS 31.111): the frame of every proactive command,
 * SEND SHORT MESSAGE and the general results. What else belongs to it:
 *
 * core/cat-command.h   the types of command and what belongs into them
 * core/cat-channel.h   OPEN CHANNEL and the others of the bearer independent protocol
 * core/cat-task.h      what the terminal does itself: timers, events, REFRESH, polling
 * core/cat-response.h  TERMINAL RESPONSE
 * core/cat-object.h    the data objects of all of these
 */

/* Bytes of one proactive command: FETCH returns at most 256 (TS 102 223 §6.1). */
#define EA_CAT_COMMAND_MAX 256

/* BER-TLV tag of a proactive command, TS 101 220 §7.2. */
#define EA_CAT_BER_TAG_PROACTIVE_COMMAND 0xD0

/* Type of command, TS 102 223 §8.6 and §9.4; others are in core/cat-command.h. */
#define EA_CAT_TYPE_SEND_SHORT_MESSAGE 0x13

/* Command qualifier of SEND SHORT MESSAGE: the terminal packs the text (TS 102 223 §8.6). */
#define EA_CAT_QUALIFIER_PACKING_REQUIRED 0x01

/* General result of a TERMINAL RESPONSE, TS 102 223 §8.12. */
typedef enum
{
  EA_CAT_RESULT_OK = 0x00,
  EA_CAT_RESULT_PARTIAL_COMPREHENSION = 0x01,
  EA_CAT_RESULT_MISSING_INFORMATION = 0x02,
  EA_CAT_RESULT_REFRESH_WITH_FILES_READ = 0x03,
  EA_CAT_RESULT_ICON_NOT_SHOWN = 0x04,
  EA_CAT_RESULT_MODIFIED_BY_CALL_CONTROL = 0x05,
  EA_CAT_RESULT_LIMITED_SERVICE = 0x06,
  EA_CAT_RESULT_MODIFIED = 0x07,
  EA_CAT_RESULT_REFRESH_WITHOUT_NAA = 0x08,
  EA_CAT_RESULT_TONE_NOT_PLAYED = 0x09,
  EA_CAT_RESULT_TERMINATED_BY_USER = 0x10,
  EA_CAT_RESULT_BACKWARD_MOVE = 0x11,
  EA_CAT_RESULT_NO_RESPONSE_FROM_USER = 0x12,
  EA_CAT_RESULT_HELP_REQUIRED = 0x13,
  EA_CAT_RESULT_TRANSACTION_TERMINATED_BY_USER = 0x14,
  EA_CAT_RESULT_TERMINAL_UNABLE = 0x20,
  EA_CAT_RESULT_NETWORK_UNABLE = 0x21,
  EA_CAT_RESULT_REFUSED_BY_USER = 0x22,
  EA_CAT_RESULT_CALL_CLEARED_BY_USER = 0x23,
  EA_CAT_RESULT_TIMER_CONTRADICTION = 0x24,
  EA_CAT_RESULT_CALL_CONTROL_TEMPORARY = 0x25,
  EA_CAT_RESULT_LAUNCH_BROWSER_ERROR = 0x26,
  EA_CAT_RESULT_MMS_TEMPORARY = 0x27,
  EA_CAT_RESULT_BEYOND_CAPABILITIES = 0x30,
  EA_CAT_RESULT_TYPE_NOT_UNDERSTOOD = 0x31,
  EA_CAT_RESULT_DATA_NOT_UNDERSTOOD = 0x32,
  EA_CAT_RESULT_NUMBER_NOT_KNOWN = 0x33,
  EA_CAT_RESULT_SS_RETURN_ERROR = 0x34,
  EA_CAT_RESULT_SMS_RP_ERROR = 0x35,
  EA_CAT_RESULT_VALUES_MISSING = 0x36,
  EA_CAT_RESULT_USSD_RETURN_ERROR = 0x37,
  EA_CAT_RESULT_MULTIPLE_CARD_ERROR = 0x38,
  EA_CAT_RESULT_CALL_CONTROL_PERMANENT = 0x39,
  EA_CAT_RESULT_BIP_ERROR = 0x3A,
  EA_CAT_RESULT_ACCESS_TECHNOLOGY_UNABLE = 0x3B,
  EA_CAT_RESULT_FRAMES_ERROR = 0x3C,
  EA_CAT_RESULT_MMS_ERROR = 0x3D,
} EaCatResult;

/* Additional information to EA_CAT_RESULT_TERMINAL_UNABLE, TS 102 223 §8.12.2. */
#define EA_CAT_TERMINAL_NO_CAUSE 0x00
#define EA_CAT_TERMINAL_BUSY_ON_CALL 0x02
#define EA_CAT_TERMINAL_NO_SERVICE 0x04

/* Additional information to EA_CAT_RESULT_BIP_ERROR, TS 102 223 §8.12.11. */
typedef enum
{
  EA_CAT_BIP_NO_CAUSE = 0x00,
  EA_CAT_BIP_NO_CHANNEL_AVAILABLE = 0x01,
  EA_CAT_BIP_CHANNEL_CLOSED = 0x02,
  EA_CAT_BIP_CHANNEL_NOT_VALID = 0x03,
  EA_CAT_BIP_BUFFER_SIZE_NOT_AVAILABLE = 0x04,
  EA_CAT_BIP_SECURITY_ERROR = 0x05,
  EA_CAT_BIP_TRANSPORT_NOT_AVAILABLE = 0x06,
  EA_CAT_BIP_REMOTE_NOT_REACHABLE = 0x07,
  EA_CAT_BIP_SERVICE_ERROR = 0x08,
  EA_CAT_BIP_SERVICE_UNKNOWN = 0x09,
  EA_CAT_BIP_PORT_NOT_AVAILABLE = 0x10,
  EA_CAT_BIP_LAUNCH_PARAMETERS_MISSING = 0x11,
  EA_CAT_BIP_LAUNCH_FAILED = 0x12,
} EaCatBipCause;

/**
 * EaCatCommand:
 * @number: @type: @qualifier: command details, TS 102 223 §8.6
 * @source: @destination: device identities, §8.7
 * @has_comprehension_tags: the card wrote its command details with the comprehension bit; a TERMINAL
 *   RESPONSE answers in the same style
 * @objects: the COMPREHENSION-TLVs after the device identities, all readable, borrowed
 * @has_comprehension_devices: the same for the device identities
 * @details: the value of the command details, borrowed, where errors about the type have their place; a
 *   command that is to be built needs none
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
  gboolean has_comprehension_devices;
  EaSpan details;
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
 * is required: "data not understood", TS 102 223 §6.10), _UNSUPPORTED (a command of another type, a CDMA SMS
 * TPDU alone).
 */
gboolean ea_cat_parse_send_short_message (EaCatSendShortMessage *out, const EaCatCommand *command,
                                          GError **error);

/* Appends the objects in the standard's order, and returns the qualifier that goes with them. */
guint8 ea_cat_write_send_short_message (EaWriter *writer, const EaCatSendShortMessage *send);

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
