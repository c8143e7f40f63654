/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "host/journal.h"

G_BEGIN_DECLS

/*
 * EaSession: one session with the SM-SR that the agent opens itself, over one connection after another until it ends;
 * what the bus shows as org.euicc.Agent1.Session. It only shows: who carries it out sets what there is to see.
 *
 * GObject properties, readable, notified, named as on the bus: "transport" "origin" "peer" "address" "interface" "state"
 * "bytes-received" "bytes-sent" "apdus" "scripts" "attempt" "next-attempt" "started-at" "ended-at" "result" "error"
 * ((ss)). Counts are told a few times a second at most, and with the state "closed".
 *
 * Signal "cancelled" (): somebody wants it to end.
 */

#define EA_SESSION_ERROR (ea_session_error_quark ())
GQuark ea_session_error_quark (void);

/**
 * EaSessionError:
 * @EA_SESSION_ERROR_NO_TRANSPORT: there is no such transport, or not yet
 * @EA_SESSION_ERROR_NO_KEY: the agent holds no key for it
 * @EA_SESSION_ERROR_INVALID: an option is wrong or missing
 * @EA_SESSION_ERROR_FULL: as many sessions wait as the agent keeps
 * @EA_SESSION_ERROR_CANCELLED: somebody has cancelled it
 * @EA_SESSION_ERROR_TIMED_OUT: the SM-SR does not answer, or the session takes too long
 * @EA_SESSION_ERROR_CARD_ABSENT: the card is not ready
 * @EA_SESSION_ERROR_NOT_ALLOWED: the server's address is closed by the configuration
 * @EA_SESSION_ERROR_NO_APPLICATION: the card has no application of the AID that a script is for
 * @EA_SESSION_ERROR_SCRIPT: a script can't be read; the SM-SR was told
 * @EA_SESSION_ERROR_COMMAND: the card has refused a command; the SM-SR was told
 * @EA_SESSION_ERROR_LOST: the connection that there was broke
 * @EA_SESSION_ERROR_KEYS_CHANGED: the keys were read again while one of them was being used
 * @EA_SESSION_ERROR_INTERRUPTED: nobody knows what became of a command; the SM-SR was told
 */
typedef enum
{
  EA_SESSION_ERROR_NO_TRANSPORT,
  EA_SESSION_ERROR_NO_KEY,
  EA_SESSION_ERROR_INVALID,
  EA_SESSION_ERROR_FULL,
  EA_SESSION_ERROR_CANCELLED,
  EA_SESSION_ERROR_TIMED_OUT,
  EA_SESSION_ERROR_CARD_ABSENT,
  EA_SESSION_ERROR_NOT_ALLOWED,
  EA_SESSION_ERROR_NO_APPLICATION,
  EA_SESSION_ERROR_SCRIPT,
  EA_SESSION_ERROR_COMMAND,
  EA_SESSION_ERROR_LOST,
  EA_SESSION_ERROR_KEYS_CHANGED,
  EA_SESSION_ERROR_INTERRUPTED,
} EaSessionError;

typedef enum
{
  EA_SESSION_HTTPS,
  EA_SESSION_CAT_TP,
} EaSessionTransport;

/* Who wants it. EA_SESSION_RETRY: an earlier life of the agent did not end it. */
typedef enum
{
  EA_SESSION_DBUS,
  EA_SESSION_TRIGGER,
  EA_SESSION_RETRY,
  EA_SESSION_SCHEDULE,
  EA_SESSION_NOTIFICATION,
} EaSessionOrigin;

/* EA_SESSION_WAITING: for the next attempt */
typedef enum
{
  EA_SESSION_QUEUED,
  EA_SESSION_RESOLVING,
  EA_SESSION_CONNECTING,
  EA_SESSION_HANDSHAKING,
  EA_SESSION_EXCHANGING,
  EA_SESSION_WAITING,
  EA_SESSION_CLOSING,
  EA_SESSION_CLOSED,
} EaSessionState;

/* EA_SESSION_INTERRUPTED: the SM-SR was told of a command whose outcome nobody knows */
typedef enum
{
  EA_SESSION_NO_RESULT,
  EA_SESSION_OK,
  EA_SESSION_INTERRUPTED,
  EA_SESSION_WAS_CANCELLED,
  EA_SESSION_FAILED,
} EaSessionResult;

/* @bytes_received: @bytes_sent: of the transport, over all connections; @apdus: that the card has answered */
typedef struct
{
  guint64 bytes_received;
  guint64 bytes_sent;
  guint apdus;
  guint scripts;
} EaSessionProgress;

#define EA_TYPE_SESSION (ea_session_get_type ())
G_DECLARE_FINAL_TYPE (EaSession, ea_session, EA, SESSION, GObject)

/* @peer: "smsr.example.com:443" */
EaSession *ea_session_new (EaSessionTransport transport, EaSessionOrigin origin, const char *peer);

/* Its number on the bus and in the history, which makes its name there: "Session/3" */
void ea_session_set_number (EaSession *self, guint number);

/* (nullable): that name; %NULL before it has a number */
const char *ea_session_get_name (EaSession *self);

/* @context: (nullable): with what a message about the session has more; it is the session's, until it is asked again */
const EaLogContext *ea_session_get_log (EaSession *self, const EaLogContext *context);

/* Emits "cancelled", unless it is closing or closed. */
void ea_session_cancel (EaSession *self);

/* A state is told each time, once, also when the next one follows at once. */
void ea_session_set_state (EaSession *self, EaSessionState state);
EaSessionState ea_session_get_state (EaSession *self);

/* Where it goes: "192.0.2.1:443", and the network interface; "" when it is not connected */
void ea_session_set_address (EaSession *self, const char *address);
void ea_session_set_interface (EaSession *self, const char *interface);

void ea_session_set_progress (EaSession *self, const EaSessionProgress *progress);

/* @attempt: from 1; @next_us: real time of the next one in microseconds, 0: none is planned */
void ea_session_set_attempt (EaSession *self, guint attempt, guint64 next_us);

/* What went wrong last, which is not always the end of it. */
void ea_session_set_error (EaSession *self, const GError *error);

/* (transfer full): EA_SESSION_ERROR_CANCELLED, with what went wrong last, which may be why somebody has cancelled it */
GError *ea_session_make_cancel_error (EaSession *self);

/* It is closed; nothing is set any more. */
void ea_session_end (EaSession *self, EaSessionResult result);
EaSessionResult ea_session_get_result (EaSession *self);

/* The words that the bus has for them */
const char *ea_session_transport_to_string (EaSessionTransport transport);
const char *ea_session_origin_to_string (EaSessionOrigin origin);
const char *ea_session_result_to_string (EaSessionResult result);

G_END_DECLS
