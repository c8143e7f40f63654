/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GnuTLS on demand: of the first sealed message, or the first session over HTTPS.
 */

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "demand.h"

#define FORWARD(type, name, parameters, arguments)                                                 \
  EA_DEMAND ("libgnutls.so.30", type, name, parameters, arguments)

/* What the library has in these variables until it is told something else */
G_GNUC_INTERNAL gnutls_alloc_function gnutls_malloc = malloc;
#undef gnutls_free
G_GNUC_INTERNAL gnutls_free_function gnutls_free = free;

/* Keys are wiped, too, where the library was never needed. */
G_GNUC_INTERNAL void
gnutls_memset (void *data, int c, size_t size)
{
  g_return_if_fail (c == 0);
  if (size > 0) /* else there may be no data */
    explicit_bzero (data, size);
}

/* clang-format off */
FORWARD (int, gnutls_memcmp, (const void *s1, const void *s2, size_t n), (s1, s2, n))
FORWARD (const char *, gnutls_strerror, (int error), (error))

FORWARD (const char *, gnutls_cipher_get_name, (gnutls_cipher_algorithm_t algorithm), (algorithm))
FORWARD (int, gnutls_cipher_init, (gnutls_cipher_hd_t *handle, gnutls_cipher_algorithm_t cipher, const gnutls_datum_t
  *key, const gnutls_datum_t *iv), (handle, cipher, key, iv))
FORWARD (void, gnutls_cipher_set_iv, (gnutls_cipher_hd_t handle, void *iv, size_t ivlen), (handle, iv, ivlen))
FORWARD (int, gnutls_cipher_encrypt, (const gnutls_cipher_hd_t handle, void *text, size_t textlen), (handle, text,
  textlen))
FORWARD (int, gnutls_cipher_encrypt2, (gnutls_cipher_hd_t handle, const void *text, size_t textlen, void *ciphertext,
  size_t ciphertextlen), (handle, text, textlen, ciphertext, ciphertextlen))
FORWARD (int, gnutls_cipher_decrypt2, (gnutls_cipher_hd_t handle, const void *ciphertext, size_t ciphertextlen, void
  *text, size_t textlen), (handle, ciphertext, ciphertextlen, text, textlen))
FORWARD (void, gnutls_cipher_deinit, (gnutls_cipher_hd_t handle), (handle))

FORWARD (int, gnutls_hash_init, (gnutls_hash_hd_t *dig, gnutls_digest_algorithm_t algorithm), (dig, algorithm))
FORWARD (int, gnutls_hash, (gnutls_hash_hd_t handle, const void *text, size_t textlen), (handle, text, textlen))
FORWARD (void, gnutls_hash_deinit, (gnutls_hash_hd_t handle, void *digest), (handle, digest))

FORWARD (int, gnutls_init, (gnutls_session_t *session, unsigned int flags), (session, flags))
FORWARD (void, gnutls_deinit, (gnutls_session_t session), (session))
FORWARD (int, gnutls_priority_set_direct, (gnutls_session_t session, const char *priorities, const char **err_pos),
  (session, priorities, err_pos))
FORWARD (int, gnutls_psk_allocate_client_credentials, (gnutls_psk_client_credentials_t *sc), (sc))
FORWARD (void, gnutls_psk_free_client_credentials, (gnutls_psk_client_credentials_t sc), (sc))
FORWARD (void, gnutls_psk_set_client_credentials_function2, (gnutls_psk_client_credentials_t credentials,
  gnutls_psk_client_credentials_function2 *function_of_key), (credentials, function_of_key))
FORWARD (int, gnutls_credentials_set, (gnutls_session_t session, gnutls_credentials_type_t type, void *credentials),
  (session, type, credentials))

FORWARD (void, gnutls_session_set_ptr, (gnutls_session_t session, void *ptr), (session, ptr))
FORWARD (void *, gnutls_session_get_ptr, (gnutls_session_t session), (session))
FORWARD (void, gnutls_transport_set_ptr, (gnutls_session_t session, gnutls_transport_ptr_t ptr), (session, ptr))
FORWARD (void, gnutls_transport_set_errno, (gnutls_session_t session, int err), (session, err))
FORWARD (void, gnutls_transport_set_push_function, (gnutls_session_t session, gnutls_push_func push), (session, push))
FORWARD (void, gnutls_transport_set_pull_function, (gnutls_session_t session, gnutls_pull_func pull), (session, pull))
FORWARD (void, gnutls_transport_set_pull_timeout_function, (gnutls_session_t session, gnutls_pull_timeout_func func),
  (session, func))

FORWARD (void, gnutls_handshake_set_timeout, (gnutls_session_t session, unsigned int ms), (session, ms))
FORWARD (int, gnutls_handshake, (gnutls_session_t session), (session))
FORWARD (int, gnutls_bye, (gnutls_session_t session, gnutls_close_request_t how), (session, how))
FORWARD (gnutls_alert_description_t, gnutls_alert_get, (gnutls_session_t session), (session))
FORWARD (int, gnutls_alert_send, (gnutls_session_t session, gnutls_alert_level_t level, gnutls_alert_description_t
  desc), (session, level, desc))
FORWARD (int, gnutls_alert_send_appropriate, (gnutls_session_t session, int err), (session, err))

FORWARD (ssize_t, gnutls_record_send, (gnutls_session_t session, const void *data, size_t size), (session, data,
  size))
FORWARD (ssize_t, gnutls_record_recv_packet, (gnutls_session_t session, gnutls_packet_t *packet), (session, packet))
FORWARD (void, gnutls_packet_get, (gnutls_packet_t packet, gnutls_datum_t *data, unsigned char *sequence), (packet,
  data, sequence))
FORWARD (void, gnutls_packet_deinit, (gnutls_packet_t packet), (packet))
FORWARD (size_t, gnutls_record_get_max_size, (gnutls_session_t session), (session))
FORWARD (ssize_t, gnutls_record_set_max_size, (gnutls_session_t session, size_t size), (session, size))
FORWARD (size_t, gnutls_record_overhead_size, (gnutls_session_t session), (session))

FORWARD (const char *, gnutls_ciphersuite_get, (gnutls_session_t session), (session))
FORWARD (unsigned int, gnutls_session_etm_status, (gnutls_session_t session), (session))
FORWARD (unsigned int, gnutls_session_ext_master_secret_status, (gnutls_session_t session), (session))
FORWARD (void, gnutls_session_get_master_secret, (gnutls_session_t session, gnutls_datum_t *secret), (session,
  secret))
/* clang-format on */
