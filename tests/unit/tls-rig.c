/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tls-rig.h"

#include <gnutls/crypto.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PIECE_SIZE 16384

#define TLS_1_2 0x0303
#define GCM_SALT_SIZE 4
#define GCM_TAG_SIZE 16

static const guint8 key[] = { 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47,
                              0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F };

/* max_fragment_length (RFC 6066 §4) and record_size_limit (RFC 8449 §4) */
static const int limits[] = { 1, 28 };

const EaPskTlsOptions tls_options = {
  .identity = { (const guint8 *) IDENTITY, sizeof IDENTITY - 1 },
  .psk = { key, sizeof key },
};

/* The owner */

static void
on_received (EaPskTls *tls, GBytes *bytes, gpointer user_data)
{
  TlsOwner *owner = user_data;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  g_byte_array_append (owner->received, data, (guint) size);
  owner->largest = MAX (owner->largest, size);
  owner->n_pieces++;
  if (owner->room > 0)
    ea_psk_tls_set_room (tls, owner->room);
}

static void
on_writable (EaPskTls *tls, gpointer user_data)
{
  ((TlsOwner *) user_data)->n_writable++;
}

static void
on_peer_closed (EaPskTls *tls, gpointer user_data)
{
  ((TlsOwner *) user_data)->n_peer_closed++;
}

static void
on_ended (EaPskTls *tls, const GError *error, gpointer user_data)
{
  TlsOwner *owner = user_data;

  owner->n_ended++;
  if (owner->end_error == NULL && error != NULL)
    owner->end_error = g_error_copy (error);
}

static EaLink *
connect_link (guint16 port)
{
  g_autoptr (Owner) owner = owner_new_connected (EA_LINK_TCP, NULL, LOOPBACK, port);

  return g_object_ref (owner->link);
}

TlsOwner *
tls_owner_new (guint16 port, const EaPskTlsOptions *options)
{
  TlsOwner *owner = g_new0 (TlsOwner, 1);

  owner->link = connect_link (port);
  owner->tls = ea_psk_tls_new (owner->link, options);
  owner->received = g_byte_array_new ();
  g_signal_connect (owner->tls, "received", G_CALLBACK (on_received), owner);
  g_signal_connect (owner->tls, "writable", G_CALLBACK (on_writable), owner);
  g_signal_connect (owner->tls, "peer-closed", G_CALLBACK (on_peer_closed), owner);
  g_signal_connect (owner->tls, "ended", G_CALLBACK (on_ended), owner);
  return owner;
}

void
tls_owner_free (TlsOwner *owner)
{
  if (owner->tls != NULL)
    g_signal_handlers_disconnect_by_data (owner->tls, owner);
  g_clear_object (&owner->tls);
  g_clear_object (&owner->link);
  g_byte_array_unref (owner->received);
  g_clear_error (&owner->end_error);
  g_clear_error (&owner->handshake_error);
  g_free (owner);
}

static void
on_hands_shaken (GObject *source, GAsyncResult *result, gpointer user_data)
{
  TlsOwner *owner = user_data;

  if (ea_psk_tls_handshake_finish (EA_PSK_TLS (source), result, &owner->handshake_error))
    owner->n_open++;
}

void
tls_owner_start (TlsOwner *owner, guint timeout_ms, GCancellable *cancellable)
{
  ea_psk_tls_handshake_async (owner->tls, timeout_ms, cancellable, on_hands_shaken, owner);
}

void
tls_owner_shake_hands (TlsOwner *owner)
{
  tls_owner_start (owner, HANDSHAKE_TIMEOUT_MS, NULL);
  WAIT_FOR (owner->n_open > 0 || owner->handshake_error != NULL);
  if (owner->handshake_error != NULL)
    fail_msg ("%s", owner->handshake_error->message);
}

static void
assert_error (const GError *error, GQuark domain, int code, const char *words)
{
  assert_non_null (error);
  if (!g_error_matches (error, domain, code) || strstr (error->message, words) == NULL)
    fail_msg ("%s %d: %s", g_quark_to_string (error->domain), error->code, error->message);
}

void
tls_owner_expect_refusal (TlsOwner *owner, GQuark domain, int code, const char *words)
{
  tls_owner_start (owner, HANDSHAKE_TIMEOUT_MS, NULL);
  WAIT_FOR (owner->n_open > 0 || owner->handshake_error != NULL);
  assert_int_equal (owner->n_open, 0);
  assert_error (owner->handshake_error, domain, code, words);
  run_ready ();
  assert_int_equal (owner->n_ended, 0);
  assert_false (ea_psk_tls_is_open (owner->tls));
  assert_null (ea_psk_tls_describe (owner->tls));
}

void
tls_owner_expect_end (TlsOwner *owner, GQuark domain, int code, const char *words)
{
  WAIT_FOR (owner->n_ended > 0);
  run_ready ();
  assert_int_equal (owner->n_ended, 1);
  if (words != NULL)
    assert_error (owner->end_error, domain, code, words);
  else
    assert_null (owner->end_error);
  assert_false (ea_psk_tls_is_open (owner->tls));
}

static GBytes *
make_pattern (gsize offset, gsize size)
{
  guint8 *data = g_malloc (MAX (size, 1));

  for (gsize i = 0; i < size; i++)
    data[i] = pattern_byte (offset + i);
  return g_bytes_new_take (data, size);
}

gboolean
tls_owner_send (TlsOwner *owner, gsize offset, gsize size, GError **error)
{
  g_autoptr (GBytes) bytes = make_pattern (offset, size);

  return ea_psk_tls_send (owner->tls, bytes, error);
}

gsize
tls_owner_fill (TlsOwner *owner, gsize offset, gsize size)
{
  gsize n_sent = 0;
  gsize room;

  while ((room = MIN (ea_psk_tls_get_send_room (owner->tls), size - n_sent)) > 0)
    {
      g_autoptr (GError) error = NULL;

      if (!tls_owner_send (owner, offset + n_sent, room, &error))
        fail_msg ("%" G_GSIZE_FORMAT " of room: %s", room, error->message);
      n_sent += room;
    }
  return n_sent;
}

/* The server */

static int
find_key (gnutls_session_t session, const gnutls_datum_t *identity, gnutls_datum_t *psk)
{
  TlsServer *server = gnutls_session_get_ptr (session);
  EaSpan known = tls_options.identity;

  server->is_identity_unknown
      = !ea_span_equal (ea_span_init (identity->data, identity->size), known);
  if (server->is_identity_unknown)
    return GNUTLS_E_UNKNOWN_SRP_USERNAME;
  psk->data = gnutls_malloc (sizeof key);
  psk->size = sizeof key;
  memcpy (psk->data, key, sizeof key);
  return GNUTLS_E_SUCCESS;
}

static void
serve (TlsServer *server, gnutls_session_t session, int fd)
{
  do
    server->result = gnutls_handshake (session);
  while (server->result < 0 && !gnutls_error_is_fatal (server->result));
  if (server->is_identity_unknown)
    (void) gnutls_alert_send (session, GNUTLS_AL_FATAL, GNUTLS_A_UNKNOWN_PSK_IDENTITY);
  else if (server->result != GNUTLS_E_SUCCESS)
    (void) gnutls_alert_send_appropriate (session, server->result); /* there may be none */
  if (server->result != GNUTLS_E_SUCCESS)
    return;
  if (server->script != NULL)
    server->is_good = server->script (session, fd);
  else
    server->is_good = gnutls_bye (session, GNUTLS_SHUT_WR) == GNUTLS_E_SUCCESS
                      && tls_script_await_close (session);
}

static gssize
push_bytewise (gnutls_transport_ptr_t user_data, const void *data, size_t size)
{
  int fd = GPOINTER_TO_INT (user_data);

  for (gsize i = 0; i < size; i++)
    if (send (fd, (const guint8 *) data + i, 1, MSG_NOSIGNAL) != 1)
      return -1;
  return (gssize) size;
}

static int
ignore_extension (gnutls_session_t session, const guint8 *data, size_t size)
{
  return GNUTLS_E_SUCCESS;
}

static void
set_manner (gnutls_session_t session, int fd, TlsManner manner)
{
  int no_delay = 1;

  if (manner == TLS_BYTEWISE)
    {
      (void) setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
      gnutls_transport_set_push_function (session, push_bytewise);
    }
  if (manner == TLS_WITHOUT_LIMITS)
    for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
      gnutls_session_ext_register (session, "limit", limits[i], GNUTLS_EXT_TLS, ignore_extension,
                                   NULL, NULL, NULL, NULL, GNUTLS_EXT_FLAG_OVERRIDE_INTERNAL);
}

static gpointer
run_server (gpointer user_data)
{
  TlsServer *server = user_data;
  int fd = accept (server->listener, NULL, NULL);
  struct timeval limit = { .tv_sec = 30 };
  gnutls_psk_server_credentials_t credentials;
  gnutls_session_t session;

  if (fd < 0)
    return NULL;
  (void) setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit); /* an endless test shows */
  (void) setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  gnutls_psk_allocate_server_credentials (&credentials);
  gnutls_psk_set_server_credentials_function2 (credentials, find_key);
  gnutls_init (&session, GNUTLS_SERVER | GNUTLS_NO_TICKETS | GNUTLS_NO_SIGNAL);
  if (gnutls_priority_set_direct (session, server->priority, NULL) == GNUTLS_E_SUCCESS)
    {
      gnutls_credentials_set (session, GNUTLS_CRD_PSK, credentials);
      gnutls_session_set_ptr (session, server);
      gnutls_transport_set_int (session, fd);
      set_manner (session, fd, server->manner);
      serve (server, session, fd);
    }
  gnutls_deinit (session);
  gnutls_psk_free_server_credentials (credentials);
  close (fd);
  return NULL;
}

TlsServer *
tls_server_new_with_manner (const char *priority, TlsScript script, TlsManner manner)
{
  TlsServer *server = g_new0 (TlsServer, 1);

  server->priority = priority;
  server->script = script;
  server->manner = manner;
  server->listener = peer_listen (LOOPBACK, 1, &server->port);
  server->thread = g_thread_new ("tls-server", run_server, server);
  return server;
}

TlsServer *
tls_server_new (const char *priority, TlsScript script)
{
  return tls_server_new_with_manner (priority, script, TLS_PLAIN);
}

void
tls_server_free (TlsServer *server)
{
  g_thread_join (server->thread);
  close (server->listener);
  g_free (server);
}

void
tls_server_finish (TlsServer *server)
{
  gboolean is_good;

  g_thread_join (server->thread);
  is_good = server->is_good;
  close (server->listener);
  g_free (server);
  assert_true (is_good);
}

gboolean
tls_script_send (gnutls_session_t session, gsize offset, gsize size)
{
  g_autoptr (GBytes) bytes = make_pattern (offset, size);
  EaSpan rest = ea_span_from_bytes (bytes);

  while (rest.size > 0)
    {
      gssize n_sent = gnutls_record_send (session, rest.data, rest.size);

      if (n_sent <= 0)
        return FALSE;
      rest = ea_span_tail (rest, (gsize) n_sent);
    }
  return TRUE;
}

gboolean
tls_script_expect (gnutls_session_t session, gsize offset, gsize size)
{
  g_autofree guint8 *data = g_malloc (size);
  gsize n_got = 0;

  while (n_got < size)
    {
      gssize n = gnutls_record_recv (session, data + n_got, size - n_got);

      if (n <= 0)
        return FALSE;
      for (gsize i = 0; i < (gsize) n; i++)
        if (data[n_got + i] != pattern_byte (offset + n_got + i))
          return FALSE;
      n_got += (gsize) n;
    }
  return TRUE;
}

/* RFC 5288 §3, RFC 5246 §6.2.3.3 */
static gboolean
seal_record (gnutls_session_t session, EaWriter *record, guint8 type, EaSpan plain)
{
  g_autofree guint8 *sealed = g_malloc (plain.size + GCM_TAG_SIZE);
  size_t size = plain.size + GCM_TAG_SIZE;
  g_auto (EaWriter) nonce = { 0 };
  g_auto (EaWriter) header = { 0 };
  guint8 sequence[8];
  gnutls_datum_t mac_key;
  gnutls_datum_t salt;
  gnutls_datum_t cipher_key;
  gnutls_aead_cipher_hd_t cipher;
  int result;

  if (gnutls_record_get_state (session, 0, &mac_key, &salt, &cipher_key, sequence) < 0
      || gnutls_aead_cipher_init (&cipher, GNUTLS_CIPHER_AES_128_GCM, &cipher_key) < 0)
    return FALSE;
  ea_writer_init (&nonce);
  ea_writer_bytes (&nonce, ea_span_init (salt.data, GCM_SALT_SIZE));
  ea_writer_bytes (&nonce, EA_SPAN_OF_ARRAY (sequence));
  ea_writer_init (&header);
  ea_writer_bytes (&header, EA_SPAN_OF_ARRAY (sequence));
  ea_writer_u8 (&header, type);
  ea_writer_u16be (&header, TLS_1_2);
  ea_writer_u16be (&header, (guint16) plain.size);
  result = gnutls_aead_cipher_encrypt (cipher, ea_writer_span (&nonce).data,
                                       ea_writer_span (&nonce).size, ea_writer_span (&header).data,
                                       ea_writer_span (&header).size, GCM_TAG_SIZE, plain.data,
                                       plain.size, sealed, &size);
  gnutls_aead_cipher_deinit (cipher);
  ea_writer_u8 (record, type);
  ea_writer_u16be (record, TLS_1_2);
  ea_writer_u16be (record, (guint16) (sizeof sequence + size));
  ea_writer_bytes (record, EA_SPAN_OF_ARRAY (sequence));
  ea_writer_bytes (record, ea_span_init (sealed, size));
  return result == GNUTLS_E_SUCCESS;
}

static gboolean
count_record (gnutls_session_t session)
{
  guint8 sequence[8];

  if (gnutls_record_get_state (session, 0, NULL, NULL, NULL, sequence) < 0)
    return FALSE;
  for (gsize i = sizeof sequence; i > 0 && ++sequence[i - 1] == 0; i--)
    ;
  return gnutls_record_set_state (session, 0, sequence) == GNUTLS_E_SUCCESS;
}

gboolean
tls_script_send_record (gnutls_session_t session, int fd, guint8 type, EaSpan plain,
                        gboolean is_changed)
{
  g_auto (EaWriter) record = { 0 };

  ea_writer_init (&record);
  if (!seal_record (session, &record, type, plain) || !count_record (session))
    return FALSE;
  if (is_changed)
    record.bytes->data[record.bytes->len - 1] ^= 1;
  return send (fd, record.bytes->data, record.bytes->len, MSG_NOSIGNAL)
         == (gssize) record.bytes->len;
}

gboolean
tls_script_expect_alert (gnutls_session_t session, gnutls_alert_description_t number)
{
  guint8 byte;
  gssize n = gnutls_record_recv (session, &byte, 1);

  return (n == GNUTLS_E_WARNING_ALERT_RECEIVED || n == GNUTLS_E_FATAL_ALERT_RECEIVED)
         && gnutls_alert_get (session) == number;
}

gboolean
tls_script_await_close (gnutls_session_t session)
{
  g_autofree guint8 *data = g_malloc (PIECE_SIZE);
  gssize n;

  do
    n = gnutls_record_recv (session, data, PIECE_SIZE);
  while (n > 0 || n == GNUTLS_E_WARNING_ALERT_RECEIVED);
  return n == 0;
}
