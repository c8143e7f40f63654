/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * TLS 1.2 with pre-shared keys (RFC 4279, RFC 5487) over memory, both roles, as SGP.02 §2.4.4.1 wants
 * it: TLS_PSK_WITH_AES_128_GCM_SHA256 and TLS_PSK_WITH_AES_128_CBC_SHA256, no tickets, no resumption,
 * no renegotiation. Records come in with sim_tls_receive() and go out with sim_tls_pull(): pull after
 * every other call, for any of them may have made records. Whoever owns the transport says with
 * sim_tls_receive_end() that it has ended.
 *
 * Errors: EA_CORE_ERROR_SECURITY (the handshake failed, a record is wrong, an alert came),
 * EA_CORE_ERROR_TRUNCATED (the transport ended without close_notify), EA_CORE_ERROR_LIMIT (sending
 * before the connection is open or after it was closed). The first error stays: nothing goes on after
 * it but what was still to be pulled, which is the alert.
 */

typedef struct _SimTls SimTls;

/**
 * SimTlsFindKey:
 * @identity: what the client calls itself: bytes, on an SGP.02 eUICC upper-case hexadecimal digits
 * @key: (out): borrowed until the next call, or longer
 *
 * Returns: FALSE when nobody has that name, which fails the handshake (alert 115, RFC 4279 §2)
 */
typedef gboolean (*SimTlsFindKey) (EaSpan identity, EaSpan *key, gpointer user_data);

/* The suites a client may offer; a server takes both. The default is to offer both, GCM first. */
typedef enum
{
  SIM_TLS_SUITE_BOTH,
  SIM_TLS_SUITE_AES_128_GCM_SHA256,
  SIM_TLS_SUITE_AES_128_CBC_SHA256,
} SimTlsSuite;

/**
 * sim_tls_new_client:
 * @identity: @key: copied
 * @record_max: octets of plain data in one record that the client asks for (RFC 6066 §4): 512, 1024,
 *   2048 or 4096; 0: asks for nothing
 *
 * Returns: (transfer full): a connection whose ClientHello waits to be pulled
 */
SimTls *sim_tls_new_client (EaSpan identity, EaSpan key, guint record_max);

/* The same with only one suite on offer. */
SimTls *sim_tls_new_client_with_suite (EaSpan identity, EaSpan key, guint record_max,
                                       SimTlsSuite suite);

/* (transfer full): obeys the client's maximum fragment length */
SimTls *sim_tls_new_server (SimTlsFindKey find, gpointer user_data);

/**
 * SimTlsOdd:
 * @SIM_TLS_ODD_CERTIFICATES: the server has suites with certificates only, and no certificate
 * @SIM_TLS_ODD_TLS_1_0: whatever the client offers, this version is chosen, with TLS_PSK_WITH_AES_128_CBC_SHA;
 *   nothing else follows
 * @SIM_TLS_ODD_TLS_1_1: the same
 * @SIM_TLS_ODD_TLS_1_3: the server knows this version only
 * @SIM_TLS_ODD_LEGACY: only the suite TLS_PSK_WITH_AES_128_CBC_SHA of RFC 4279
 */
typedef enum
{
  SIM_TLS_ODD_CERTIFICATES,
  SIM_TLS_ODD_TLS_1_0,
  SIM_TLS_ODD_TLS_1_1,
  SIM_TLS_ODD_TLS_1_3,
  SIM_TLS_ODD_LEGACY,
} SimTlsOdd;

/* (transfer full): a server that is of no use to an eUICC as SGP.02 has it */
SimTls *sim_tls_new_odd_server (SimTlsOdd odd, SimTlsFindKey find, gpointer user_data);

/* Sends nothing: close first for a proper end. */
void sim_tls_free (SimTls *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimTls, sim_tls_free)

/* Octets of the transport, in pieces of any size; goes on with the handshake when it can. */
void sim_tls_receive (SimTls *self, EaSpan bytes);

/* The transport has ended: an error, found by sim_tls_read() after the last data, unless close_notify
 * came before. */
void sim_tls_receive_end (SimTls *self);

/* (transfer full) (nullable): up to @max octets for the transport, %NULL: none wait */
GBytes *sim_tls_pull (SimTls *self, gsize max);

/* How many octets wait to be pulled */
gsize sim_tls_get_pending (const SimTls *self);

/* Protects all of @plain in records within the negotiated limit. Errors: see above. */
gboolean sim_tls_send (SimTls *self, EaSpan plain, GError **error);

/**
 * sim_tls_read:
 *
 * Returns: (transfer full) (nullable): the plain data of one record; %NULL without @error: no whole
 * record is there, or the peer has closed. Call until %NULL.
 *
 * Errors: see above; given again at each call.
 */
GBytes *sim_tls_read (SimTls *self, GError **error);

/* TRUE from the end of the handshake until close_notify was sent or received, or an error came. */
gboolean sim_tls_is_open (const SimTls *self);

/* Sends close_notify, once; nothing before the handshake's end. */
void sim_tls_close (SimTls *self);

/* TRUE when close_notify came. It is seen by sim_tls_read(), after the data before it. */
gboolean sim_tls_has_peer_closed (const SimTls *self);

/* The suite's name in RFC 5487, or "none" before the end of the handshake */
const char *sim_tls_describe (const SimTls *self);

/**
 * SimTlsOffer:
 * @fragment: maximum fragment length (RFC 6066); 0: not offered
 * @has_encrypt_then_mac: RFC 7366
 * @has_extended_master_secret: RFC 7627
 * @has_ticket: RFC 5077
 */
typedef struct
{
  guint fragment;
  gboolean has_encrypt_then_mac;
  gboolean has_extended_master_secret;
  gboolean has_ticket;
} SimTlsOffer;

/* The extensions of ClientHello, as a server has seen them; nothing before */
SimTlsOffer sim_tls_get_offer (const SimTls *self);

/* Octets of plain data in the largest record that this side sends */
gsize sim_tls_get_record_max (const SimTls *self);

/* (nullable): what went wrong; borrowed */
const GError *sim_tls_get_error (const SimTls *self);
