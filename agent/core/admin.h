/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/http.h"
#include "core/script-run.h"

/*
 * An administration session over HTTPS as the agent of a device holds it (GlobalPlatform Amendment B §3.4 and
 * §3.8, SGP.02 §2.4.4): POST, a script in the answer, its C-APDUs for the card one at a time, their answers in the
 * next POST, until the server has nothing more. Plaintext of connections comes in, and what is to be sent, commands
 * and events go out. There is no timer here: how long a server may take is for the connection to limit, and when to
 * come back after a failure is told by core/admin-retry.h.
 *
 * A session outlives its connections, and the process. Its owner does this:
 *
 *   ea_admin_begin()                      a connection is there
 *   then, after anything that went in:
 *     ea_admin_pull_event()               until FALSE
 *     ea_admin_pull()                     bytes to send, until %NULL or the connection takes no more
 *     ea_admin_peek_command()             a C-APDU for the application ea_admin_get_target():
 *       ea_admin_start_command()            it is about to be given to the card
 *       ea_admin_push_response()            or ea_admin_interrupt()
 *     ea_admin_receive()                  while ea_admin_wants_bytes()
 *   ea_admin_break()                      the connection is gone: ea_admin_begin() over the next one
 *
 * To outlive a restart, ea_admin_save() and what ea_admin_get_answers() has more than before are stored whenever
 * ea_admin_get_revision() is another than that of what is stored: before a command that was started is given to the
 * card, and before bytes of ea_admin_pull() are sent. Answers may be stored earlier, before the head or with it.
 *
 * When a connection breaks, what has come of the script by then is still carried out, with no connection. If the
 * script has ended by then, its answers are POSTed next. If not, the last POST is sent again with "X-Admin-Resume:
 * true" and the server repeats its answer: the commands that were answered are passed over and the script goes on
 * behind them. They are known by a chain of digests; where the repeated script differs in them, none of it is
 * carried out, and the answers are those that there were and one of 6FF1. So no command is given to the card twice,
 * and every one that was given is answered.
 *
 * After a restart, ea_admin_restore() does the same with what was stored. A command in flight is answered by 6FF1 then,
 * and its script ends; so does one, at its next command, whose commands have left state on the logical channel that
 * was lost with the process. Nothing of a script is ever stored: what comes in scripts is sealed or secret.
 *
 * SCP03t objects (SGP.02 §4.1.3.3) come as the C-APDUs of core/sgp02-carriage.h. Script chaining is refused as not
 * supported; a script that can't be read is answered by a bad format object (core/script-run.h).
 */

/* Bytes of a body after the end of its script that are passed over, and of a script after the command that ended it. */
#define EA_ADMIN_TRAILING_MAX 1024
#define EA_ADMIN_SKIPPED_MAX 0x1000000

/* C-APDUs of a session: a script that would have more ends interrupted, the next one is not taken. */
#define EA_ADMIN_COMMANDS_MAX 100000

/* Bytes of the answers to one script. What has no room is answered by %EA_SCRIPT_SW_TRUNCATED. */
#define EA_ADMIN_ANSWERS_MAX 0x40000

/* Answers of the server without a script, one after the other. */
#define EA_ADMIN_EMPTY_MAX 256

/* Bytes of the body in one piece of ea_admin_pull(), and so in one chunk. */
#define EA_ADMIN_PIECE_MAX 4096

/* Bytes of ea_admin_save() at most. */
#define EA_ADMIN_HEAD_MAX (2 * EA_HTTP_URI_MAX + 256)

/**
 * EaAdminError:
 * @EA_ADMIN_ERROR_PROTOCOL: what came is not HTTP, or not an answer to what was asked
 * @EA_ADMIN_ERROR_LIMIT: more than this file or core/http.h allows
 * @EA_ADMIN_ERROR_TRUNCATED: the server closed before its answer was whole
 * @EA_ADMIN_ERROR_STATUS: the server answers with a status other than 200, 204 and 3xx; the message has it
 * @EA_ADMIN_ERROR_REDIRECT: the server answers with a status 3xx, which is never followed
 * @EA_ADMIN_ERROR_TYPE: the body is not a command script by its Content-Type
 *
 * Why a connection is of no use any more.
 */
typedef enum
{
  EA_ADMIN_ERROR_PROTOCOL,
  EA_ADMIN_ERROR_LIMIT,
  EA_ADMIN_ERROR_TRUNCATED,
  EA_ADMIN_ERROR_STATUS,
  EA_ADMIN_ERROR_REDIRECT,
  EA_ADMIN_ERROR_TYPE,
} EaAdminError;

#define EA_ADMIN_ERROR (ea_admin_error_quark ())
GQuark ea_admin_error_quark (void);

/**
 * EaAdminStatus:
 * @EA_ADMIN_STATUS_NONE: no script came: the field is not sent
 * @EA_ADMIN_STATUS_OK: the script was carried out, at least in part
 * @EA_ADMIN_STATUS_UNKNOWN_APPLICATION: the target is not on the card, or not to be selected
 * @EA_ADMIN_STATUS_NOT_A_SECURITY_DOMAIN: @EA_ADMIN_STATUS_SECURITY_ERROR: it is no target for this script
 * @EA_ADMIN_STATUS_UNAVAILABLE_SE: there is no card
 * @EA_ADMIN_STATUS_TEMPORARILY_UNAVAILABLE_APPLICATION: the target can't be selected now
 * @EA_ADMIN_STATUS_SCRIPT_FORMAT_ERROR: the script can't be read; its answers are sent with it
 *
 * X-Admin-Script-Status. The last three are of protocol 1.1.1. Protocol 1.0 has no words for them and says
 * "unknown-application" for the two unavailable ones, which is the only one that tells that nothing was carried out
 * for want of a target, and "ok" for the last: the bad format object in the answers says it.
 */
typedef enum
{
  EA_ADMIN_STATUS_NONE,
  EA_ADMIN_STATUS_OK,
  EA_ADMIN_STATUS_UNKNOWN_APPLICATION,
  EA_ADMIN_STATUS_NOT_A_SECURITY_DOMAIN,
  EA_ADMIN_STATUS_SECURITY_ERROR,
  EA_ADMIN_STATUS_UNAVAILABLE_SE,
  EA_ADMIN_STATUS_TEMPORARILY_UNAVAILABLE_APPLICATION,
  EA_ADMIN_STATUS_SCRIPT_FORMAT_ERROR,
} EaAdminStatus;

/**
 * EaAdminOptions:
 * @host: field Host: name or address, with a port where it is not the usual one
 * @uri: of the first POST, verbatim, with a query where it brings a notification
 * @from: (nullable): X-Admin-From, ea_sgp02_build_agent_id()
 * @protocol: %EA_HTTP_PROTOCOL_1_0 or %EA_HTTP_PROTOCOL_1_1_1
 * @se_list: @targeted_se: (nullable): sent in protocol 1.1.1 only
 * @framing: of a body: %EA_HTTP_FRAMING_CHUNKED or %EA_HTTP_FRAMING_LENGTH
 * @application: AID for scripts that name no target: the ISD-R's
 *
 * All is copied.
 */
typedef struct
{
  const char *host;
  const char *uri;
  const char *from;
  const char *protocol;
  const char *se_list;
  const char *targeted_se;
  EaHttpFraming framing;
  EaSpan application;
} EaAdminOptions;

/**
 * EaAdminEventType:
 * @EA_ADMIN_EVENT_SCRIPT: a command of a script waits that ea_admin_get_target() is to carry out: the first one, or
 *   the first after the server repeated the script, which has the same ea_admin_get_exchange() then. Select the target
 *   before, where that is not done; if it can't be, ea_admin_refuse()
 * @EA_ADMIN_EVENT_SCRIPT_DONE: the script has ended or was refused: no more of it comes. Its logical channel is not
 *   wanted any more
 * @EA_ADMIN_EVENT_FINISHED: the server ended the session; nothing is sent any more
 * @EA_ADMIN_EVENT_RECONNECT: the server ends the connection between messages, as it may: this one is of no use any
 *   more, and the session goes on over another at once. That is no failure
 * @EA_ADMIN_EVENT_BROKEN: this connection is of no use any more because of @error. The session may go on over
 *   another
 *
 * After the last two the machine has forgotten the connection, as by ea_admin_break().
 */
typedef enum
{
  EA_ADMIN_EVENT_SCRIPT,
  EA_ADMIN_EVENT_SCRIPT_DONE,
  EA_ADMIN_EVENT_FINISHED,
  EA_ADMIN_EVENT_RECONNECT,
  EA_ADMIN_EVENT_BROKEN,
} EaAdminEventType;

/**
 * EaAdminEvent:
 * @status: SCRIPT_DONE: what the server is told
 * @end: SCRIPT_DONE: why the script ended, where that is known: neither of one that was refused nor, after a restart,
 *   of one that had ended before
 * @n_commands: SCRIPT_DONE: its commands that were answered, an SCP03t object being one
 * @last_sw: SCRIPT_DONE: status word of the last answer, 9000 for an SCP03t object; 0 when there was none
 * @error: BROKEN: %EA_ADMIN_ERROR
 *
 * Clear it with ea_admin_event_clear().
 */
typedef struct
{
  EaAdminEventType type;
  EaAdminStatus status;
  EaScriptRunEnd end;
  guint n_commands;
  guint16 last_sw;
  GError *error;
} EaAdminEvent;

void ea_admin_event_clear (EaAdminEvent *event);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaAdminEvent, ea_admin_event_clear)

typedef struct _EaAdmin EaAdmin;

/* (transfer full): a session that has sent nothing yet. */
EaAdmin *ea_admin_new (const EaAdminOptions *options);
void ea_admin_free (EaAdmin *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaAdmin, ea_admin_free)

/**
 * ea_admin_save:
 *
 * Returns: (transfer full): the head of the session: URIs, status, target, progress and a digest of what was carried
 * out; nothing of a script. At most %EA_ADMIN_HEAD_MAX bytes
 */
GBytes *ea_admin_save (const EaAdmin *self);

/* A number that changes when ea_admin_save() has to be stored before anything goes on: when a command is started, a
 * script has ended, or another POST is to be sent. It begins anew with each process. */
guint32 ea_admin_get_revision (const EaAdmin *self);

/**
 * ea_admin_restore:
 * @head: of ea_admin_save()
 * @sent: @answers: what ea_admin_get_sent() and ea_admin_get_answers() had at that time; @answers may be newer than
 *   the head by the answer to the command that was in flight in it, or by the end of the script, never older
 *
 * A session as it was, without a connection. What ea_admin_get_answers() has then may be other than @answers: store it
 * again whole. Where a script has ended by the restart, EA_ADMIN_EVENT_SCRIPT_DONE tells it; of a session that was
 * finished, EA_ADMIN_EVENT_FINISHED comes again.
 *
 * Returns: (transfer full) (nullable)
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED (also answers that do not go with the head), _UNSUPPORTED (another
 * version), _LIMIT. The session is lost then.
 */
EaAdmin *ea_admin_restore (const EaAdminOptions *options, EaSpan head, EaSpan sent, EaSpan answers,
                           GError **error);

/**
 * ea_admin_read_exchange:
 * @exchange: (out): what ea_admin_get_exchange() gave when @head was saved; untouched on failure
 * @has_sent: (out): TRUE when the answers of the exchange before are to be had for ea_admin_restore()
 *
 * Tells which answers go with a head.
 *
 * Errors: as ea_admin_restore().
 */
gboolean ea_admin_read_exchange (EaSpan head, guint32 *exchange, gboolean *has_sent,
                                 GError **error);

/* The number of the script that is carried out or was last; 0 before the first. It stays when the server repeats a
 * script. */
guint32 ea_admin_get_exchange (const EaAdmin *self);

/* The answers to the script of that number. They only grow at their end, but for ea_admin_restore(), until they are not
 * needed any more; then there are none. Borrowed until the next call. */
EaSpan ea_admin_get_answers (const EaAdmin *self);

/* The answers of the exchange before, while they may have to be POSTed again because the script has not ended; empty
 * when they are not needed any more. Delete stored ones only after a head was stored that does not need them. Borrowed
 * until the next call. */
EaSpan ea_admin_get_sent (const EaAdmin *self);

/**
 * ea_admin_begin:
 *
 * A connection is there, with nothing of the one before. Nothing comes of ea_admin_pull() before all that had come by
 * the one before has been carried out.
 */
void ea_admin_begin (EaAdmin *self);

/* @bytes: that came, any number; copied. Feed at most 16 KiB at a time, and only while ea_admin_wants_bytes(). Ignored
 * without a connection. */
void ea_admin_receive (EaAdmin *self, EaSpan bytes);

/* The peer has closed the connection as it should (close_notify). An answer without length and chunks ends with it. */
void ea_admin_receive_end (EaAdmin *self);

/* The connection is gone, for whatever reason. Needless after RECONNECT and BROKEN, and harmless. */
void ea_admin_break (EaAdmin *self);

/* FALSE without a connection, and while what was received waits for the card: nothing is to be read then. */
gboolean ea_admin_wants_bytes (const EaAdmin *self);

/* (transfer full) (nullable): the next piece to send; %NULL when there is none. A piece that was pulled counts as
 * sent. */
GBytes *ea_admin_pull (EaAdmin *self);

/* @event: (out): to be cleared; untouched when there is none */
gboolean ea_admin_pull_event (EaAdmin *self, EaAdminEvent *event);

/* AID of the target of the script that is carried out; empty when there is none. Borrowed until the script has ended. */
EaSpan ea_admin_get_target (const EaAdmin *self);

/**
 * ea_admin_peek_command:
 * @apdu: (out): at most %EA_APDU_SIZE_MAX bytes for the basic channel; borrowed until it is answered. Untouched when
 *   there is none
 *
 * Returns: TRUE when a command waits, which is the same one until it was answered. It may also wait while there is no
 * connection
 */
gboolean ea_admin_peek_command (EaAdmin *self, EaSpan *apdu);

/* The command that waits is about to be given to the card: from here on, ea_admin_save() says that its outcome is not
 * known. */
void ea_admin_start_command (EaAdmin *self);

/* TRUE from ea_admin_start_command() until the command is answered. */
gboolean ea_admin_is_in_flight (const EaAdmin *self);

/* @r_apdu: of the command that waits, all its data and the status word after GET RESPONSE and the like; one without a
 * status word is as ea_admin_interrupt(). */
void ea_admin_push_response (EaAdmin *self, EaSpan r_apdu);

/* Nobody can know the outcome of the command that waits: it is answered by %EA_SCRIPT_SW_INTERRUPTED and the script
 * ends. Nothing happens when none waits. */
void ea_admin_interrupt (EaAdmin *self);

/* @status: not NONE or OK. The target can't be had: the script is not carried out and the server is told @status. When
 * commands of it were answered or started before, as ea_admin_interrupt(). Nothing happens when none waits. */
void ea_admin_refuse (EaAdmin *self, EaAdminStatus status);

/* The logical channel of the target is gone. Where commands of the script have left state on it, the script ends at
 * its next command, which is answered by %EA_SCRIPT_SW_INTERRUPTED; in the middle of the C-APDUs of one SCP03t object at
 * once. A command in flight is still to be answered. Otherwise select the target on another channel. */
void ea_admin_lose_channel (EaAdmin *self);

/* TRUE after EA_ADMIN_EVENT_FINISHED. */
gboolean ea_admin_is_finished (const EaAdmin *self);

/* TRUE when a POST went out, over any connection: the server may know of the session. */
gboolean ea_admin_has_posted (const EaAdmin *self);

/* C-APDUs that were answered, and scripts that have ended, since the session was new. */
guint ea_admin_count_commands (const EaAdmin *self);
guint ea_admin_count_scripts (const EaAdmin *self);

/* TRUE when a command was answered, or a script that had some has ended, since ea_admin_begin(): the count of failures
 * starts anew. A server that sends scripts without commands does not get there. */
gboolean ea_admin_has_progressed (const EaAdmin *self);
