/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * Command and response APDUs with short lengths (ISO/IEC 7816-3 §12, TS 102 221 §10), the class byte
 * of logical channels (TS 102 221 §10.1.1) and what a status word asks the terminal to do next.
 */

#define EA_APDU_HEADER_SIZE 4 /* CLA INS P1 P2 */
#define EA_APDU_SW_SIZE 2
#define EA_APDU_DATA_MAX 255 /* bytes of command data, Lc of one octet */
#define EA_APDU_NE_MAX 256   /* expected response bytes, Le 00 */
#define EA_APDU_CHANNEL_MAX 19

#define EA_APDU_SIZE_MAX (EA_APDU_HEADER_SIZE + 1 + EA_APDU_DATA_MAX + 1)

/* Instructions that the agent itself sends. */
#define EA_APDU_INS_TERMINAL_RESPONSE 0x14
#define EA_APDU_INS_FETCH 0x12
#define EA_APDU_INS_GET_RESPONSE 0xC0
#define EA_APDU_INS_ENVELOPE 0xC2
#define EA_APDU_INS_GET_DATA 0xCA
#define EA_APDU_INS_STATUS 0xF2

/* Those of others that it has to tell apart. */
#define EA_APDU_INS_STORE_DATA 0xE2
#define EA_APDU_INS_DELETE 0xE4
#define EA_APDU_INS_INSTALL 0xE6

/* P2 of STATUS: no data are wanted, TS 102 221 §11.1.2 */
#define EA_APDU_STATUS_NO_DATA 0x0C

/* Status words that the agent itself acts upon. */
#define EA_APDU_SW_OK 0x9000
#define EA_APDU_SW_CONDITIONS_NOT_SATISFIED 0x6985
#define EA_APDU_SW_WRONG_DATA 0x6A80
#define EA_APDU_SW_FUNCTION_NOT_SUPPORTED 0x6A81
#define EA_APDU_SW_TOOLKIT_BUSY 0x9300

/**
 * EaApduCommand:
 * @data: command data, 0 to %EA_APDU_DATA_MAX bytes, borrowed
 * @ne: expected response bytes, 0 (no Le) to %EA_APDU_NE_MAX
 */
typedef struct
{
  guint8 cla;
  guint8 ins;
  guint8 p1;
  guint8 p2;
  EaSpan data;
  guint ne;
} EaApduCommand;

/**
 * EaApduResponse:
 * @data: response data without the status word, borrowed
 * @sw: SW1 and SW2 as one number
 */
typedef struct
{
  EaSpan data;
  guint16 sw;
} EaApduResponse;

/**
 * EaApduNext:
 * @EA_APDU_NEXT_NONE: the exchange is complete
 * @EA_APDU_NEXT_GET_RESPONSE: 61XX: XX bytes wait for GET RESPONSE
 * @EA_APDU_NEXT_REPEAT: 6CXX: the same command again with Le XX
 *
 * What TS 102 221 §10.2 wants before an exchange is complete.
 */
typedef enum
{
  EA_APDU_NEXT_NONE,
  EA_APDU_NEXT_GET_RESPONSE,
  EA_APDU_NEXT_REPEAT,
} EaApduNext;

/**
 * ea_apdu_parse_command:
 * @out: (out): borrows from @apdu, untouched on failure
 *
 * Errors: EA_CORE_ERROR_TRUNCATED (no header, or fewer data than Lc), _MALFORMED (bytes after Le),
 * _UNSUPPORTED (extended length, which TS 102 226 §5.2.1.1 and the modems' logical channels do not have).
 */
gboolean ea_apdu_parse_command (EaApduCommand *out, EaSpan apdu, GError **error);

/* (transfer full): @command in the case that its data and Ne make it. */
GBytes *ea_apdu_build_command (const EaApduCommand *command);

/* Errors: EA_CORE_ERROR_TRUNCATED (no status word). */
gboolean ea_apdu_parse_response (EaApduResponse *out, EaSpan apdu, GError **error);

EaApduNext ea_apdu_get_next (guint16 sw);

/* Bytes that SW2 of 61XX, 6CXX or 91XX announces: 00 means 256. */
guint ea_apdu_get_length (guint16 sw);

/* TRUE for 91XX: done, and a proactive command of ea_apdu_get_length() bytes waits (TS 102 221 §7.4.2). */
gboolean ea_apdu_is_proactive (guint16 sw);

/**
 * ea_apdu_code_channel:
 * @cla: class byte of a command for the basic channel
 * @channel: logical channel, 0 to %EA_APDU_CHANNEL_MAX
 *
 * Returns: @cla with the channel coded into it (TS 102 221 §10.1.1)
 */
guint8 ea_apdu_code_channel (guint8 cla, guint channel);

/* TRUE unless @sw reports an error: 9000, 91XX, 92XX, 61XX and the warnings 62XX and 63XX (TS 102 221 §10.2.1). */
gboolean ea_apdu_is_success (guint16 sw);

/**
 * ea_apdu_leaves_state:
 *
 * TRUE unless @command is known to leave nothing behind on its logical channel that a later command may rest
 * on: a selected file, a secure channel, the first blocks of a chain. Those known are GET DATA, GET STATUS,
 * DELETE, and STORE DATA and INSTALL that are complete in themselves (GlobalPlatform Card Specification §11).
 */
gboolean ea_apdu_leaves_state (const EaApduCommand *command);

/* What @sw says, for people, in words of TS 102 221 §10.2.1, GlobalPlatform and SGP.02; %NULL for others. */
const char *ea_apdu_get_sw_name (guint16 sw);

/* The name of @command's instruction ("SELECT", "STORE DATA"); %NULL for others. */
const char *ea_apdu_get_command_name (const EaApduCommand *command);
