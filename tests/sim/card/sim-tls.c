/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GnuTLS between two byte arrays. As a client that wants small records it offers record_size_limit
 * (RFC 8449) besides the maximum fragment length. As a server GnuTLS 3.7 answers the latter but doesn't
 * obey it, so that data is cut here.
 */

#include "sim-tls.h"

#include <errno.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "core/error.h"

/* A list that begins with NONE has to name what PSK does not use, too, or GnuTLS refuses it. */
#define PRIORITY_BEGIN "NONE:+VERS-TLS1.2:+PSK:+COMP-NULL:+SIGN-ALL:+CURVE-ALL:+GROUP-ALL"
#define PRIORITY_GCM ":+AES-128-GCM:+AEAD"
#define PRIORITY_CBC ":+AES-128-CBC:+SHA256"

/* RFC 5246 §6.2.1: plain data in one record */
#define RECORD_MAX 16384

/* RFC 6066 §4: the extension's number; its value 1 to 4 stands for 2⁹ to 2¹² octets */
#define EXTENSION_MAX_FRAGMENT_LENGTH 1
#define EXTENSION_ENCRYPT_THEN_MAC 22
#define EXTENSION_EXTENDED_MASTER_SECRET 23
#define EXTENSION_SESSION_TICKET 35
#define FRAGMENT_CODE_MAX 4
#define FRAGMENT_MIN 512u

/* RFC 5246 §6.2.1, §7.4 */
#define RECORD_HANDSHAKE 22
#define SERVER_HELLO 2
#define SERVER_HELLO_DONE 14

struct _SimTls
{
  gnutls_session_t session;
  gnutls_psk_client_credentials_t client_credentials;
  gnutls_psk_server_credentials_t server_credentials;
  SimTlsFindKey find;
  gpointer user_data;
  GByteArray *received;
  GByteArray *pending;
  gsize record_max;
  SimTlsOffer offer; /* of the client of this server */
  GError *error;
  GBytes *hello; /* all that this server has to say; NULL: GnuTLS speaks */
  gboolean has_said_hello;
  gboolean is_identity_unknown;
  gboolean is_established;
  gboolean has_transport_ended;
  gboolean is_closed;
  gboolean has_peer_closed;
};

static GBytes *
take_head (GByteArray *array, gsize max)
{
  gsize size = MIN (max, array->len);
  GBytes *head;

  if (size == 0)
    return NULL;
  head = ea_span_to_bytes (ea_span_head (ea_span_from_array (array), size));
  g_byte_array_remove_range (array, 0, (guint) size);
  return head;
}

static gssize
push_to_pending (gnutls_transport_ptr_t user_data, const void *data, gsize size)
{
  SimTls *self = user_data;

  g_byte_array_append (self->pending, data, (guint) size);
  return (gssize) size;
}

static gssize
pull_from_received (gnutls_transport_ptr_t user_data, void *data, gsize max)
{
  SimTls *self = user_data;
  g_autoptr (GBytes) head = take_head (self->received, max);
  EaSpan span;

  if (head == NULL && self->has_transport_ended)
    return 0;
  if (head == NULL)
    {
      gnutls_transport_set_errno (self->session, EAGAIN);
      return -1;
    }
  span = ea_span_from_bytes (head);
  memcpy (data, span.data, span.size);
  return (gssize) span.size;
}

/* GnuTLS wants it, but never waits on a session that doesn't block. */
static int
poll_received (gnutls_transport_ptr_t user_data, guint milliseconds)
{
  const SimTls *self = user_data;

  return self->received->len > 0 || self->has_transport_ended ? 1 : 0;
}

static void
fail (SimTls *self, int result)
{
  if (self->error != NULL)
    return;
  if (result == GNUTLS_E_PREMATURE_TERMINATION)
    {
      g_set_error (&self->error, EA_CORE_ERROR, EA_CORE_ERROR_TRUNCATED,
                   "The connection ended without close_notify");
      return;
    }
  if (result == GNUTLS_E_FATAL_ALERT_RECEIVED)
    {
      g_set_error (&self->error, EA_CORE_ERROR, EA_CORE_ERROR_SECURITY, "TLS alert %d came: %s",
                   gnutls_alert_get (self->session),
                   gnutls_alert_get_name (gnutls_alert_get (self->session)));
      return;
    }
  g_set_error (&self->error, EA_CORE_ERROR, EA_CORE_ERROR_SECURITY, "TLS failed: %s",
               gnutls_strerror (result));
  if (self->is_identity_unknown) /* GnuTLS would say that it is an internal error */
    (void) gnutls_alert_send (self->session, GNUTLS_AL_FATAL, GNUTLS_A_UNKNOWN_PSK_IDENTITY);
  else
    (void) gnutls_alert_send_appropriate (self->session, result); /* failed anyway */
}

/* Whatever the client says to it ends the connection, which is of no use. */
static void
say_hello (SimTls *self)
{
  EaReader reader;

  ea_reader_init (&reader, ea_span_from_array (self->received));
  (void) ea_reader_u24be (&reader); /* type and version of the record with ClientHello */
  (void) ea_reader_bytes (&reader, ea_reader_u16be (&reader));
  if (self->has_transport_ended || ea_reader_remaining (&reader) > 0)
    g_set_error_literal (&self->error, EA_CORE_ERROR, EA_CORE_ERROR_SECURITY,
                         "TLS failed: the client was to take an older version");
  else if (ea_reader_is_ok (&reader) && !self->has_said_hello)
    {
      self->has_said_hello = TRUE;
      g_byte_array_append (self->pending, g_bytes_get_data (self->hello, NULL),
                           (guint) g_bytes_get_size (self->hello));
    }
}

static void
shake_hands (SimTls *self)
{
  int result;

  if (self->is_established || self->error != NULL)
    return;
  if (self->hello != NULL)
    {
      say_hello (self);
      return;
    }
  do
    result = gnutls_handshake (self->session);
  while (result == GNUTLS_E_WARNING_ALERT_RECEIVED);

  if (result == GNUTLS_E_SUCCESS)
    self->is_established = TRUE;
  else if (result != GNUTLS_E_AGAIN)
    fail (self, result);
}

static SimTls *
create (guint role, const char *priority)
{
  SimTls *self = g_new0 (SimTls, 1);
  int result;

  self->received = g_byte_array_new ();
  self->pending = g_byte_array_new ();
  self->record_max = RECORD_MAX;
  result = gnutls_init (&self->session, role | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS);
  g_assert (result == GNUTLS_E_SUCCESS);
  result = gnutls_priority_set_direct (self->session, priority, NULL);
  g_assert (result == GNUTLS_E_SUCCESS);
  gnutls_handshake_set_timeout (self->session, GNUTLS_INDEFINITE_TIMEOUT);
  gnutls_session_set_ptr (self->session, self);
  gnutls_transport_set_ptr (self->session, self);
  gnutls_transport_set_push_function (self->session, push_to_pending);
  gnutls_transport_set_pull_function (self->session, pull_from_received);
  gnutls_transport_set_pull_timeout_function (self->session, poll_received);
  return self;
}

static gnutls_datum_t
datum_from_span (EaSpan span)
{
  return (gnutls_datum_t){ (guchar *) span.data, (guint) span.size };
}

static const char *
get_priority (SimTlsSuite suite)
{
  switch (suite)
    {
    case SIM_TLS_SUITE_BOTH:
      return PRIORITY_BEGIN PRIORITY_GCM PRIORITY_CBC;
    case SIM_TLS_SUITE_AES_128_GCM_SHA256:
      return PRIORITY_BEGIN PRIORITY_GCM;
    case SIM_TLS_SUITE_AES_128_CBC_SHA256:
      return PRIORITY_BEGIN PRIORITY_CBC;
    }
  g_assert_not_reached ();
}

SimTls *
sim_tls_new_client (EaSpan identity, EaSpan key, guint record_max)
{
  return sim_tls_new_client_with_suite (identity, key, record_max, SIM_TLS_SUITE_BOTH);
}

SimTls *
sim_tls_new_client_with_suite (EaSpan identity, EaSpan key, guint record_max, SimTlsSuite suite)
{
  SimTls *self = create (GNUTLS_CLIENT, get_priority (suite));
  gnutls_datum_t name = datum_from_span (identity);
  gnutls_datum_t secret = datum_from_span (key);
  int result;

  (void) gnutls_psk_allocate_client_credentials (&self->client_credentials);
  result = gnutls_psk_set_client_credentials2 (self->client_credentials, &name, &secret,
                                               GNUTLS_PSK_KEY_RAW);
  g_assert (result == GNUTLS_E_SUCCESS);
  (void) gnutls_credentials_set (self->session, GNUTLS_CRD_PSK, self->client_credentials);
  if (record_max > 0)
    {
      gssize limit = gnutls_record_set_max_size (self->session, record_max);

      g_assert (limit == GNUTLS_E_SUCCESS);
      self->record_max = record_max;
    }
  shake_hands (self);
  return self;
}

static int
find_key (gnutls_session_t session, const gnutls_datum_t *name, gnutls_datum_t *secret)
{
  SimTls *self = gnutls_session_get_ptr (session);
  EaSpan key = EA_SPAN_EMPTY;

  self->is_identity_unknown
      = !self->find (ea_span_init (name->data, name->size), &key, self->user_data);
  if (self->is_identity_unknown)
    return GNUTLS_E_UNKNOWN_SRP_USERNAME;
  secret->data = gnutls_malloc (key.size);
  secret->size = (guint) key.size;
  memcpy (secret->data, key.data, key.size);
  return GNUTLS_E_SUCCESS;
}

static void
note_fragment_length (SimTls *self, EaSpan value)
{
  EaReader reader;
  guint8 code;

  ea_reader_init (&reader, value);
  code = ea_reader_u8 (&reader);
  if (!ea_reader_done (&reader) || code < 1 || code > FRAGMENT_CODE_MAX)
    return;
  self->offer.fragment = FRAGMENT_MIN << (code - 1);
  self->record_max = self->offer.fragment;
}

static int
note_extension (gpointer user_data, guint number, const guint8 *data, guint size)
{
  SimTls *self = user_data;

  switch (number)
    {
    case EXTENSION_MAX_FRAGMENT_LENGTH:
      note_fragment_length (self, ea_span_init (data, size));
      break;
    case EXTENSION_ENCRYPT_THEN_MAC:
      self->offer.has_encrypt_then_mac = TRUE;
      break;
    case EXTENSION_EXTENDED_MASTER_SECRET:
      self->offer.has_extended_master_secret = TRUE;
      break;
    case EXTENSION_SESSION_TICKET:
      self->offer.has_ticket = TRUE;
      break;
    }
  return GNUTLS_E_SUCCESS;
}

static int
on_client_hello (gnutls_session_t session, guint type, guint when, guint is_incoming,
                 const gnutls_datum_t *message)
{
  return gnutls_ext_raw_parse (gnutls_session_get_ptr (session), note_extension, message,
                               GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO);
}

static SimTls *
create_server (const char *priority, SimTlsFindKey find, gpointer user_data)
{
  SimTls *self = create (GNUTLS_SERVER, priority);

  self->find = find;
  self->user_data = user_data;
  gnutls_handshake_set_hook_function (self->session, GNUTLS_HANDSHAKE_CLIENT_HELLO,
                                      GNUTLS_HOOK_POST, on_client_hello);
  (void) gnutls_psk_allocate_server_credentials (&self->server_credentials);
  gnutls_psk_set_server_credentials_function2 (self->server_credentials, find_key);
  (void) gnutls_credentials_set (self->session, GNUTLS_CRD_PSK, self->server_credentials);
  return self;
}

SimTls *
sim_tls_new_server (SimTlsFindKey find, gpointer user_data)
{
  return create_server (get_priority (SIM_TLS_SUITE_BOTH), find, user_data);
}

/* (transfer full): ServerHello of TLS 1.@minor, and ServerHelloDone: RFC 4346 §7.4.1.3 */
static GBytes *
build_old_hello (guint8 minor)
{
  static const guint8 suite[] = { 0x00, 0x8C };
  const guint8 version[] = { 0x03, minor };
  const guint8 random[32] = { 0 };
  g_auto (EaWriter) writer = { NULL };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, RECORD_HANDSHAKE);
  ea_writer_bytes (&writer, EA_SPAN_OF_ARRAY (version));
  ea_writer_u16be (&writer, 4 + 38 + 4);
  ea_writer_u8 (&writer, SERVER_HELLO);
  ea_writer_u24be (&writer, 38);
  ea_writer_bytes (&writer, EA_SPAN_OF_ARRAY (version));
  ea_writer_bytes (&writer, EA_SPAN_OF_ARRAY (random));
  ea_writer_u8 (&writer, 0); /* no session */
  ea_writer_bytes (&writer, EA_SPAN_OF_ARRAY (suite));
  ea_writer_u8 (&writer, 0); /* no compression */
  ea_writer_u8 (&writer, SERVER_HELLO_DONE);
  ea_writer_u24be (&writer, 0);
  return ea_writer_steal (&writer);
}

SimTls *
sim_tls_new_odd_server (SimTlsOdd odd, SimTlsFindKey find, gpointer user_data)
{
  static const struct
  {
    const char *priority;
    guint8 minor; /* 0: GnuTLS answers */
  } oddities[] = {
    [SIM_TLS_ODD_CERTIFICATES] = { "NORMAL:-VERS-ALL:+VERS-TLS1.2", 0 },
    [SIM_TLS_ODD_TLS_1_0] = { "NORMAL", 1 },
    [SIM_TLS_ODD_TLS_1_1] = { "NORMAL", 2 },
    [SIM_TLS_ODD_LEGACY] = { PRIORITY_BEGIN ":+AES-128-CBC:+SHA1", 0 },
    [SIM_TLS_ODD_TLS_1_3] = { "NORMAL:-VERS-ALL:+VERS-TLS1.3:+PSK:+DHE-PSK:+ECDHE-PSK", 0 },
  };
  SimTls *self = create_server (oddities[odd].priority, find, user_data);

  if (oddities[odd].minor > 0)
    self->hello = build_old_hello (oddities[odd].minor);
  return self;
}

void
sim_tls_free (SimTls *self)
{
  if (self == NULL)
    return;
  gnutls_deinit (self->session);
  g_clear_pointer (&self->client_credentials, gnutls_psk_free_client_credentials);
  g_clear_pointer (&self->server_credentials, gnutls_psk_free_server_credentials);
  g_byte_array_unref (self->received);
  g_byte_array_unref (self->pending);
  g_clear_pointer (&self->hello, g_bytes_unref);
  g_clear_error (&self->error);
  g_free (self);
}

void
sim_tls_receive (SimTls *self, EaSpan bytes)
{
  g_byte_array_append (self->received, bytes.data, (guint) bytes.size);
  shake_hands (self);
}

void
sim_tls_receive_end (SimTls *self)
{
  self->has_transport_ended = TRUE;
  shake_hands (self);
}

GBytes *
sim_tls_pull (SimTls *self, gsize max)
{
  return take_head (self->pending, max);
}

gsize
sim_tls_get_pending (const SimTls *self)
{
  return self->pending->len;
}

gboolean
sim_tls_is_open (const SimTls *self)
{
  return self->is_established && !self->is_closed && !self->has_peer_closed && self->error == NULL;
}

gboolean
sim_tls_send (SimTls *self, EaSpan plain, GError **error)
{
  if (!sim_tls_is_open (self))
    {
      if (self->error != NULL)
        g_propagate_error (error, g_error_copy (self->error));
      else
        g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT, "The TLS connection is not open");
      return FALSE;
    }

  while (plain.size > 0)
    {
      EaSpan piece = ea_span_head (plain, self->record_max);
      gssize sent = gnutls_record_send (self->session, piece.data, piece.size);

      if (sent < 0)
        {
          fail (self, (int) sent);
          g_propagate_error (error, g_error_copy (self->error));
          return FALSE;
        }
      plain = ea_span_tail (plain, (gsize) sent);
    }
  return TRUE;
}

static GBytes *
read_record (SimTls *self)
{
  g_autofree guint8 *plain = g_malloc (RECORD_MAX);
  gssize size;

  do
    size = gnutls_record_recv (self->session, plain, RECORD_MAX);
  while (size == GNUTLS_E_WARNING_ALERT_RECEIVED);

  if (size > 0)
    return ea_span_to_bytes (ea_span_init (plain, (gsize) size));
  if (size == 0)
    self->has_peer_closed = TRUE;
  else if (size != GNUTLS_E_AGAIN)
    fail (self, (int) size);
  return NULL;
}

GBytes *
sim_tls_read (SimTls *self, GError **error)
{
  GBytes *plain = NULL;

  if (self->is_established && !self->has_peer_closed && self->error == NULL)
    plain = read_record (self);
  if (plain == NULL && self->error != NULL)
    g_propagate_error (error, g_error_copy (self->error));
  return plain;
}

void
sim_tls_close (SimTls *self)
{
  if (!self->is_established || self->is_closed || self->error != NULL)
    return;
  self->is_closed = TRUE;
  (void) gnutls_bye (self->session, GNUTLS_SHUT_WR); /* memory takes everything */
}

gboolean
sim_tls_has_peer_closed (const SimTls *self)
{
  return self->has_peer_closed;
}

const char *
sim_tls_describe (const SimTls *self)
{
  if (!self->is_established)
    return "none";
  if (gnutls_cipher_get (self->session) == GNUTLS_CIPHER_AES_128_GCM)
    return "TLS_PSK_WITH_AES_128_GCM_SHA256";
  return gnutls_mac_get (self->session) == GNUTLS_MAC_SHA1 ? "TLS_PSK_WITH_AES_128_CBC_SHA"
                                                           : "TLS_PSK_WITH_AES_128_CBC_SHA256";
}

SimTlsOffer
sim_tls_get_offer (const SimTls *self)
{
  return self->offer;
}

gsize
sim_tls_get_record_max (const SimTls *self)
{
  return self->record_max;
}

const GError *
sim_tls_get_error (const SimTls *self)
{
  return self->error;
}
