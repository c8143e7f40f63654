/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gnutls/gnutls.h>

#include "net/psk-tls.h"

/* What the files of EaPskTls share: psk-tls.c, psk-tls-engine.c, psk-tls-error.c, psk-tls-handshake.c,
 * psk-tls-input.c, psk-tls-output.c. */

#define EA_PSK_TLS_FRAGMENT_MAX 16384 /* bytes of data in a record, RFC 5246 §6.2.1 */

typedef enum
{
  EA_PSK_TLS_STATE_NEW,
  EA_PSK_TLS_STATE_HANDSHAKING,
  EA_PSK_TLS_STATE_OPEN,
  EA_PSK_TLS_STATE_CLOSING, /* the link closes; the session holds a reference to itself */
  EA_PSK_TLS_STATE_CLOSED,
} EaPskTlsState;

struct _EaPskTls
{
  GObject parent_instance;

  EaLink *link;
  EaPskTlsOptions options; /* identity and key are empty after the handshake */
  EaPskTlsState state;
  GMainContext *context;

  gnutls_session_t engine;
  gnutls_psk_client_credentials_t credentials;
  char *description;

  GTask *handshake_task;
  GSource *timer; /* of the handshake */
  GSource *cancelled;
  guint n_warnings; /* that came during the handshake */

  gsize room;
  GBytes *input; /* what the link gave, which is used up to @input_offset */
  gsize input_offset;
  gsize n_idle;     /* bytes of the link since the last data */
  GBytes *plain;    /* the rest of a record that has not been given */
  GSource *pump;    /* brings what waits from the main loop */
  gboolean pumping; /* within the handler of the link or of @pump */
  gboolean has_peer_closed;

  guint read_timeout_ms;
  GSource *read_timer;
  gint64 waiting_since_us;
  guint64 n_acknowledged; /* bytes of the link when the read timer began */

  GByteArray *output; /* records for the link */
  gsize fragment_max; /* bytes of data in a record that is sent */
  gsize overhead;     /* bytes that a record adds at most */
  GError *send_error; /* of GnuTLS: the session ends with it */
};

typedef enum
{
  EA_PSK_TLS_SIGNAL_RECEIVED,
  EA_PSK_TLS_SIGNAL_WRITABLE,
  EA_PSK_TLS_SIGNAL_PEER_CLOSED,
  EA_PSK_TLS_SIGNAL_ENDED,
  EA_PSK_TLS_N_SIGNALS
} EaPskTlsSignal;

/* @parameter: (nullable): as the signal has it. The session may be over afterwards. */
void ea_psk_tls_emit (EaPskTls *self, EaPskTlsSignal signal, gconstpointer parameter);

void ea_psk_tls_attach_source (EaPskTls *self, GSource *source, GSourceFunc func);
void ea_psk_tls_clear_source (GSource **source);

/* Lets go of everything that lives only as long as the session, secrets first. The link stays as it is. */
void ea_psk_tls_tear_down (EaPskTls *self);

/* The session is over, from the main loop: "ended", or the handshake's error. @error: (transfer full) (nullable) */
void ea_psk_tls_end (EaPskTls *session, GError *error);

/* The same, after an alert that fits the error @result of GnuTLS, and with the link closed. */
void ea_psk_tls_fail (EaPskTls *self, int result);

/* The same without an alert. @error: (transfer full) */
void ea_psk_tls_break (EaPskTls *self, GError *error);

/* psk-tls-engine.c */

/* A session of GnuTLS, ready for the handshake. Errors: EA_PSK_TLS_ERROR_FAILED. */
gboolean ea_psk_tls_start_engine (EaPskTls *self, GError **error);
void ea_psk_tls_stop_engine (EaPskTls *self);

/* Notes what the handshake has agreed upon. */
void ea_psk_tls_take_agreement (EaPskTls *self);

/* psk-tls-error.c */

/* (transfer full): the cause that the error @result of GnuTLS stands for */
GError *ea_psk_tls_new_error (EaPskTls *self, int result);

/* psk-tls-handshake.c */

void ea_psk_tls_continue_handshake (EaPskTls *self);

/* (transfer full): the task, which no timer or cancellable ends any more */
GTask *ea_psk_tls_stop_handshake (EaPskTls *self);

/* The task fails from the main loop, since the owner is within a call. */
void ea_psk_tls_cancel_handshake (EaPskTls *self);

/* psk-tls-input.c */

void ea_psk_tls_take_input (EaPskTls *session, GBytes *bytes);
void ea_psk_tls_clear_input (EaPskTls *self);

/* Brings what there is, soon. */
void ea_psk_tls_schedule_pump (EaPskTls *self);

/* Reads the link when that is wanted. */
void ea_psk_tls_update_link_room (EaPskTls *self);

/* psk-tls-output.c */

/* TRUE when the link has room for the records of two alerts: one of now, and close_notify. */
gboolean ea_psk_tls_may_send_alert (EaPskTls *self);

/* Gives the link the records that GnuTLS has made. Errors: EA_LINK_ERROR; "ended" of the link follows. */
gboolean ea_psk_tls_flush (EaPskTls *self, GError **error);
