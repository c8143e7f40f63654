/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "core/bytes.h"
#include "net/link.h"

G_BEGIN_DECLS

/*
 * EaPskTls: a TLS 1.2 client with a pre-shared key (RFC 4279, RFC 5487; SGP.02 §2.4.4.1) over a connected EaLink,
 * which it looks like. No tickets, no resumption, no server name; a HelloRequest is answered with no_renegotiation.
 * Nothing blocks, and no signal is emitted from within a call of the owner; all come from the thread-default main
 * context of ea_psk_tls_handshake_async(), which is that of the link. Handlers may call anything here and drop the
 * session.
 *
 * Back-pressure goes both ways. The link is read only while the owner gives room and all that was read before is
 * given: what waits for room is the rest of one read of the link (64 KiB) and of one record (16 KiB). What is sent
 * goes to the queue of the link at once, and no more is taken than fits.
 *
 * The key: GnuTLS gets a copy when the server has said hello, and overwrites it, and the premaster secret that it
 * makes of it, before the handshake ends. While the session lasts GnuTLS holds the master secret and the keys of the
 * records; they are overwritten when the session closes, ends or is aborted. What "received" gives is overwritten
 * with the last reference to it.
 *
 * Signals:
 *   "received"    (GBytes *bytes)        the next 1 to room bytes, of one record
 *   "writable"    ()                     ea_psk_tls_get_send_room() has grown
 *   "peer-closed" ()                     the server sent close_notify, and all that it sent was given. Nothing can
 *                                        be sent any more (RFC 5246 §7.2.1); the owner closes
 *   "ended"       (const GError *error)  the session is over. Once for each one whose handshake succeeded, unless
 *                                        it was aborted; %NULL after ea_psk_tls_close() has done its work
 */

#define EA_PSK_TLS_IDENTITY_MAX 128 /* bytes: RFC 4279 §5.3, and what GnuTLS takes */
#define EA_PSK_TLS_SEND_MAX 49152   /* bytes that are taken at once when nothing is queued */

#define EA_PSK_TLS_ERROR (ea_psk_tls_error_quark ())
GQuark ea_psk_tls_error_quark (void);

/**
 * EaPskTlsError:
 * @EA_PSK_TLS_ERROR_FAILED: something else; the message has the words of GnuTLS
 * @EA_PSK_TLS_ERROR_IDENTITY_REFUSED: the server does not know the identity (alert unknown_psk_identity)
 * @EA_PSK_TLS_ERROR_KEY_REFUSED: the server has another key, as its alert (decrypt_error, bad_record_mac,
 *   decryption_failed_RESERVED) or its Finished says. Servers that hide which identities they know say so, too
 * @EA_PSK_TLS_ERROR_NO_COMMON_SUITE: the server has none of the suites (alert handshake_failure,
 *   insufficient_security), or chose one that was not offered
 * @EA_PSK_TLS_ERROR_VERSION: the server speaks another version (alert protocol_version, or its ServerHello)
 * @EA_PSK_TLS_ERROR_ALERT: any other alert; its standard name is in the message
 * @EA_PSK_TLS_ERROR_TIMED_OUT: no handshake, or nothing to read, in time
 * @EA_PSK_TLS_ERROR_TRUNCATED: the connection ended without close_notify
 * @EA_PSK_TLS_ERROR_PROTOCOL: what comes is no TLS, was changed on its way, is longer than agreed, or is a flood of
 *   records without data
 *
 * What breaks the link is an %EA_LINK_ERROR.
 */
typedef enum
{
  EA_PSK_TLS_ERROR_FAILED,
  EA_PSK_TLS_ERROR_IDENTITY_REFUSED,
  EA_PSK_TLS_ERROR_KEY_REFUSED,
  EA_PSK_TLS_ERROR_NO_COMMON_SUITE,
  EA_PSK_TLS_ERROR_VERSION,
  EA_PSK_TLS_ERROR_ALERT,
  EA_PSK_TLS_ERROR_TIMED_OUT,
  EA_PSK_TLS_ERROR_TRUNCATED,
  EA_PSK_TLS_ERROR_PROTOCOL,
} EaPskTlsError;

/**
 * EaPskTlsPreset:
 * @EA_PSK_TLS_STRICT: extended master secret (RFC 7627) and encrypt-then-MAC (RFC 7366) are offered
 * @EA_PSK_TLS_NO_ETM: the latter is not
 * @EA_PSK_TLS_NO_ETM_NO_EMS: neither is
 */
typedef enum
{
  EA_PSK_TLS_STRICT,
  EA_PSK_TLS_NO_ETM,
  EA_PSK_TLS_NO_ETM_NO_EMS,
} EaPskTlsPreset;

/**
 * EaPskTlsSuites:
 * @EA_PSK_TLS_SUITES_SGP02: TLS_PSK_WITH_AES_128_GCM_SHA256 and TLS_PSK_WITH_AES_128_CBC_SHA256
 * @EA_PSK_TLS_SUITES_LEGACY: and then the rest of GlobalPlatform Amendment B: TLS_PSK_WITH_AES_128_CBC_SHA,
 *   TLS_PSK_WITH_3DES_EDE_CBC_SHA, and TLS_PSK_WITH_NULL_SHA256 and TLS_PSK_WITH_NULL_SHA, which cipher nothing
 */
typedef enum
{
  EA_PSK_TLS_SUITES_SGP02,
  EA_PSK_TLS_SUITES_LEGACY,
} EaPskTlsSuites;

/**
 * EaPskTlsOptions:
 * @max_fragment_length: bytes of data in one record that the server is asked for (RFC 6066 §4): 512, 1024, 2048 or
 *   4096; 0: it is not asked. Records that are sent obey it even where the server does not take it
 * @identity: 1 to %EA_PSK_TLS_IDENTITY_MAX bytes of any value; borrowed until the handshake is finished
 * @psk: 1 byte or more; borrowed until the handshake is finished
 */
typedef struct
{
  EaPskTlsPreset preset;
  EaPskTlsSuites suites;
  guint max_fragment_length;
  EaSpan identity;
  EaSpan psk;
} EaPskTlsOptions;

#define EA_TYPE_PSK_TLS (ea_psk_tls_get_type ())
G_DECLARE_FINAL_TYPE (EaPskTls, ea_psk_tls, EA, PSK_TLS, GObject)

/**
 * ea_psk_tls_new:
 * @link: (transfer none): TCP, connected, without room given. It is the session's from now on: the owner neither
 *   sends, gives room, closes nor aborts, and may drop it
 *
 * Dropping the last reference of a session aborts it; the handshake and closing keep one.
 */
EaPskTls *ea_psk_tls_new (EaLink *link, const EaPskTlsOptions *options);

/**
 * ea_psk_tls_handshake_async:
 * @timeout_ms: for the whole of it, above 0
 *
 * Once for each session; when it fails the session is over, and so is the link.
 *
 * Errors: EA_PSK_TLS_ERROR, EA_LINK_ERROR, G_IO_ERROR_CANCELLED (also when the owner closes or aborts meanwhile).
 */
void ea_psk_tls_handshake_async (EaPskTls *self, guint timeout_ms, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_psk_tls_handshake_finish (EaPskTls *self, GAsyncResult *result, GError **error);

/**
 * ea_psk_tls_set_room:
 * @size: bytes that the owner can take from now on; 0 stops reading
 *
 * What "received" gives is taken off the room. While there is no room the end of the session is not seen either,
 * since it comes after the server's last byte.
 */
void ea_psk_tls_set_room (EaPskTls *self, gsize size);
gsize ea_psk_tls_get_room (EaPskTls *self);

/**
 * ea_psk_tls_set_read_timeout:
 * @timeout_ms: 0: none, as at the beginning
 *
 * When no byte comes over the link for so long while there is room, and the server acknowledges nothing that was sent, the
 * session is "ended" with EA_PSK_TLS_ERROR_TIMED_OUT. Counts from this call on.
 */
void ea_psk_tls_set_read_timeout (EaPskTls *self, guint timeout_ms);

/**
 * ea_psk_tls_send:
 *
 * Takes all of @bytes or nothing, in as few records as may be.
 *
 * Errors: EA_LINK_ERROR_FULL, _TOO_LARGE (more than %EA_PSK_TLS_SEND_MAX; nothing was taken; the session goes on),
 * _CLOSED, _RESET and what else ends a connection, EA_PSK_TLS_ERROR_FAILED: "ended" follows, after the server's last
 * bytes.
 */
gboolean ea_psk_tls_send (EaPskTls *self, GBytes *bytes, GError **error);

/* Bytes that ea_psk_tls_send() would take now. */
gsize ea_psk_tls_get_send_room (EaPskTls *self);

/**
 * ea_psk_tls_close:
 * @timeout_ms: for what is queued to go out and the server to close its side, above 0
 *
 * Sends close_notify, then closes the link. What still comes is dropped without a word. The session keeps itself
 * alive until "ended": with %NULL when the server has got all, or has sent close_notify before, else with the
 * %EA_LINK_ERROR. A session that is not open is aborted.
 */
void ea_psk_tls_close (EaPskTls *self, guint timeout_ms);

/* Ends session and link at once, without close_notify: the server sees a reset. No signal follows. */
void ea_psk_tls_abort (EaPskTls *self);

/* TRUE from the end of the handshake until it is closed, aborted or has ended. The server may have closed. */
gboolean ea_psk_tls_is_open (EaPskTls *self);

/**
 * ea_psk_tls_describe:
 *
 * Returns: (transfer full) (nullable): what was agreed upon, for the journal: "TLS1.2 PSK-AES128-GCM-SHA256, extended
 * master secret, encrypt-then-MAC, fragments of 512", without what was not; "fragments of any size" where the server
 * did not take the maximum. %NULL when no handshake has succeeded. It outlives the session's end
 */
char *ea_psk_tls_describe (EaPskTls *self);

/* Bytes that the link has sent and received, with those before the handshake. */
guint64 ea_psk_tls_get_bytes_sent (EaPskTls *self);
guint64 ea_psk_tls_get_bytes_received (EaPskTls *self);

G_END_DECLS
