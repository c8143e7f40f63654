/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <gnutls/gnutls.h>

#include "link-peer.h"
#include "net/psk-tls.h"

/* What tests of EaPskTls share: an owner that remembers, and a server of GnuTLS that does what a script says. */

#define LOOPBACK "127.0.0.1"
#define HANDSHAKE_TIMEOUT_MS 20000

/* SGP.02 §2.4.4.1 Table 4, as upper-case digits */
#define IDENTITY                                                                                   \
  "8001028110890010120123412340123456789012244F10A0000005591010FFFFFFFF8900000100820101830140"
#define KEY "404142434445464748494A4B4C4D4E4F"

/* IDENTITY, KEY, strict, the suites of SGP.02, no maximum fragment length */
extern const EaPskTlsOptions tls_options;

/**
 * TlsOwner: what came from a session.
 * @room: given again after each piece; 0: the test gives room itself
 */
typedef struct
{
  EaPskTls *tls;
  EaLink *link;
  gsize room;
  GByteArray *received;
  gsize largest; /* piece */
  guint n_pieces;
  guint n_writable;
  guint n_peer_closed;
  guint n_ended;
  GError *end_error;
  guint n_open;
  GError *handshake_error;
} TlsOwner;

/* (transfer full): an owner whose link is connected to @port of the loopback interface; no handshake yet */
TlsOwner *tls_owner_new (guint16 port, const EaPskTlsOptions *options);
void tls_owner_free (TlsOwner *owner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TlsOwner, tls_owner_free)

void tls_owner_start (TlsOwner *owner, guint timeout_ms, GCancellable *cancellable);

/* Fails the test unless the handshake succeeds. */
void tls_owner_shake_hands (TlsOwner *owner);

/* Fails the test unless the handshake fails for that reason, with @words in its message. */
void tls_owner_expect_refusal (TlsOwner *owner, GQuark domain, int code, const char *words);

/* Fails the test unless the open session ends once for that reason; %NULL @words: without one. */
void tls_owner_expect_end (TlsOwner *owner, GQuark domain, int code, const char *words);

/* Sends @size bytes of the pattern from @offset on; see pattern_byte(). */
gboolean tls_owner_send (TlsOwner *owner, gsize offset, gsize size, GError **error);

/* The same as far as there is room, which has to be taken. Returns: bytes that were sent */
gsize tls_owner_fill (TlsOwner *owner, gsize offset, gsize size);

/* Runs in a thread of its own, after the handshake, and must not use assertions. Returns: TRUE when all was well. */
typedef gboolean (*TlsScript) (gnutls_session_t session, int fd);

/**
 * TlsManner:
 * @TLS_BYTEWISE: each byte is sent by itself
 * @TLS_WITHOUT_LIMITS: the extensions that limit the length of records are not understood
 */
typedef enum
{
  TLS_PLAIN,
  TLS_BYTEWISE,
  TLS_WITHOUT_LIMITS,
} TlsManner;

/**
 * TlsServer: serves one connection, of IDENTITY with KEY.
 * @result: of the handshake, from GnuTLS
 * @is_good: what the script returned
 */
typedef struct
{
  int listener;
  guint16 port;
  const char *priority;
  TlsScript script;
  TlsManner manner;
  GThread *thread;
  int result;
  gboolean is_identity_unknown;
  gboolean is_good;
} TlsServer;

/* Priorities of the server: one suite or both */
#define TLS_GCM "NONE:+VERS-TLS1.2:+PSK:+COMP-NULL:+SIGN-ALL:+AES-128-GCM:+AEAD"
#define TLS_CBC "NONE:+VERS-TLS1.2:+PSK:+COMP-NULL:+SIGN-ALL:+AES-128-CBC:+SHA256"

/* @script: (nullable): %NULL closes after the handshake as one should */
TlsServer *tls_server_new (const char *priority, TlsScript script);
TlsServer *tls_server_new_with_manner (const char *priority, TlsScript script, TlsManner manner);

/* Waits for its end. Fails the test unless the script said that all was well. */
void tls_server_finish (TlsServer *server);

/* Waits for its end, whatever came of it. */
void tls_server_free (TlsServer *server);

/* For scripts */
gboolean tls_script_send (gnutls_session_t session, gsize offset, gsize size);
gboolean tls_script_expect (gnutls_session_t session, gsize offset, gsize size);

/* Sends one record of GCM, made by hand: of any type and length; @is_changed: with a tag that is wrong */
gboolean tls_script_send_record (gnutls_session_t session, int fd, guint8 type, EaSpan plain,
                                 gboolean is_changed);

/* Waits for the alert @number. */
gboolean tls_script_expect_alert (gnutls_session_t session, gnutls_alert_description_t number);

/* Sends nothing more, and takes what comes until the other side closes the connection. Returns: FALSE when it sent
 * no close_notify. */
gboolean tls_script_await_close (gnutls_session_t session);
