/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * The log, for the operator: structured fields for the journal, one plain line elsewhere. No keys, no
 * decrypted payload, and an EID by its last four digits only.
 */

/* What an operator acts upon has an identity of its own (journalctl MESSAGE_ID=), and an entry in
 * systemd/euicc-agent.catalog. */
#define EA_MESSAGE_STARTED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e01"
#define EA_MESSAGE_MODEM_LOST "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e03"
#define EA_MESSAGE_MODEM_FAILED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e04"
#define EA_MESSAGE_ROLE_TAKEN "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e05"
#define EA_MESSAGE_SMS_REJECTED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e06"
#define EA_MESSAGE_PROFILE_CHANGED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e07"
#define EA_MESSAGE_STORE_FAILED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e08"
#define EA_MESSAGE_CONFIGURATION "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e09"
#define EA_MESSAGE_PACKET_REFUSED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e0c"
#define EA_MESSAGE_SCRIPT_INTERRUPTED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e0d"
#define EA_MESSAGE_RESPONSE_LOST "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e0e"
#define EA_MESSAGE_CHANNEL_REFUSED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e0a"
#define EA_MESSAGE_CHANNEL_LOST "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e0b"

#define EA_MESSAGE_SESSION_ENDED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e0f"
#define EA_MESSAGE_SESSION_FAILED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e10"

#define EA_MESSAGE_NOT_REGISTERED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e11"
#define EA_MESSAGE_REGISTERED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e12"
#define EA_MESSAGE_SWITCH_STEP "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e13"
#define EA_MESSAGE_HOOK_FAILED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e14"

#define EA_MESSAGE_NOT_STARTED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e15"
#define EA_MESSAGE_PAST_LOST "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e16"
#define EA_MESSAGE_COMMAND_FAILED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e17"
#define EA_MESSAGE_NO_LOGICAL_CHANNEL "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e18"
#define EA_MESSAGE_SCRIPT_FAILED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e19"
#define EA_MESSAGE_KEY_MISSING "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e1a"
#define EA_MESSAGE_SMS_WAITS "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e1b"
#define EA_MESSAGE_SMS_NOT_SENT "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e1c"
#define EA_MESSAGE_NOT_NOTIFIED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e1d"
#define EA_MESSAGE_NOT_PUT_BACK "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e1e"
#define EA_MESSAGE_MAY_SLEEP "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e1f"
#define EA_MESSAGE_EVENTS_REFUSED "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e20"

/**
 * EaLogContext:
 * @modem: device path, for EA_MODEM=
 * @eid: the whole EID; all but four digits are left out
 * @channel: number of the eUICC's data channel, for EA_CHANNEL=; 0 for none
 * @session: "Session/3", as on the bus and in the history, for EA_SESSION=
 * @transport: of the session ("https", "cat-tp"), of the message ("sms") or of the channel ("tcp", "udp"), for
 *   EA_TRANSPORT=
 *
 * What a message is about; the strings may be %NULL.
 */
typedef struct
{
  const char *modem;
  const char *eid;
  guint channel;
  const char *session;
  const char *transport;
} EaLogContext;

/* The same about one channel; @context: (nullable) */
EaLogContext ea_log_context_for_channel (const EaLogContext *context, guint channel,
                                         const char *transport);

/* The same about what comes by @transport; @context: (nullable) */
EaLogContext ea_log_context_for_transport (const EaLogContext *context, const char *transport);

/* From error to debug; a message above the level is not written. */
void ea_journal_init (GLogLevelFlags level);
void ea_journal_set_level (GLogLevelFlags level);

/* The level of a configuration word: error, warning, notice, info, debug; 0 for any other. */
GLogLevelFlags ea_journal_parse_level (const char *word);

/**
 * ea_journal_send:
 * @context: (nullable):
 * @message_id: (nullable): one of EA_MESSAGE_…
 *
 * Of errors, warnings and messages that have @format, about one modem, so many are written as host/journal-limit.h says.
 * Below that, while the level is debug, and of %EA_MESSAGE_CONFIGURATION, all are.
 */
void ea_journal_send (GLogLevelFlags level, const EaLogContext *context, const char *message_id,
                      const char *format, ...) G_GNUC_PRINTF (4, 5);

/* At the end: tells how many messages were not written and not told of yet. */
void ea_journal_tell_left_out (void);

/* An error: something failed. A warning: it goes on differently. A message: an operator's news. */
#define ea_log_error(context, id, ...)                                                             \
  ea_journal_send (G_LOG_LEVEL_CRITICAL, context, id, __VA_ARGS__)
#define ea_log_warning(context, id, ...)                                                           \
  ea_journal_send (G_LOG_LEVEL_WARNING, context, id, __VA_ARGS__)
#define ea_log_message(context, id, ...)                                                           \
  ea_journal_send (G_LOG_LEVEL_MESSAGE, context, id, __VA_ARGS__)
#define ea_log_info(context, ...) ea_journal_send (G_LOG_LEVEL_INFO, context, NULL, __VA_ARGS__)
#define ea_log_debug(context, ...) ea_journal_send (G_LOG_LEVEL_DEBUG, context, NULL, __VA_ARGS__)
