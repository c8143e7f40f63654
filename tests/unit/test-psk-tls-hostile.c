/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Open sessions (agent/net/psk-tls.h) with a server that does not keep to the standard, or only to its letter. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tls-rig.h"

#define PLENTY 1000000
#define FLOOD_RECORDS 5000

/* RFC 5246 §6.2.1 and §7.2, RFC 6520 §3 */
#define TYPE_CHANGE_CIPHER_SPEC 20
#define TYPE_ALERT 21
#define TYPE_HANDSHAKE 22
#define TYPE_DATA 23
#define TYPE_HEARTBEAT 24
#define TYPE_UNKNOWN 99
#define WARNING 1
#define USER_CANCELED 90

static gboolean
await_end (gnutls_session_t session)
{
  (void) tls_script_await_close (session); /* an end without close_notify is one, too */
  return TRUE;
}

static void
assert_ends (const EaPskTlsOptions *options, TlsScript script, EaPskTlsError code,
             const char *words)
{
  TlsServer *server = tls_server_new (TLS_GCM, script);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, options);

  tls_owner_shake_hands (owner);
  owner->room = PLENTY;
  ea_psk_tls_set_room (owner->tls, PLENTY);
  tls_owner_expect_end (owner, EA_PSK_TLS_ERROR, (int) code, words);

  assert_int_equal (owner->received->len, 0);
  assert_int_equal (owner->n_peer_closed, 0);
  assert_false (ea_link_is_open (owner->link));
  tls_server_finish (server);
}

static gboolean
ask_for_renegotiation (gnutls_session_t session, int fd)
{
  return gnutls_rehandshake (session) == GNUTLS_E_SUCCESS
         && tls_script_expect_alert (session, GNUTLS_A_NO_RENEGOTIATION)
         && tls_script_send (session, 0, 100) && tls_script_await_close (session);
}

static void
test_renegotiation_is_refused_and_the_session_goes_on (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, ask_for_renegotiation);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);

  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, PLENTY);
  WAIT_FOR (owner->received->len == 100);
  assert_pattern (owner->received->data, 100, 0);

  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  tls_owner_expect_end (owner, 0, 0, NULL);
  tls_server_finish (server);
}

static gboolean
flood_with (gnutls_session_t session, int fd, guint8 type, EaSpan plain)
{
  guint n_sent = 0;

  while (n_sent < FLOOD_RECORDS && tls_script_send_record (session, fd, type, plain, FALSE))
    n_sent++;
  return await_end (session);
}

static gboolean
flood_with_hello_requests (gnutls_session_t session, int fd)
{
  static const guint8 hello_request[] = { 0, 0, 0, 0 };

  return flood_with (session, fd, TYPE_HANDSHAKE, EA_SPAN_OF_ARRAY (hello_request));
}

static gboolean
flood_with_warnings (gnutls_session_t session, int fd)
{
  static const guint8 warning[] = { WARNING, USER_CANCELED };

  return flood_with (session, fd, TYPE_ALERT, EA_SPAN_OF_ARRAY (warning));
}

static gboolean
flood_with_empty_records (gnutls_session_t session, int fd)
{
  return flood_with (session, fd, TYPE_DATA, EA_SPAN_EMPTY);
}

static void
test_a_flood_of_hello_requests_ends_the_session (void **state)
{
  assert_ends (&tls_options, flood_with_hello_requests, EA_PSK_TLS_ERROR_PROTOCOL, "without data");
}

static void
test_a_flood_of_warnings_ends_the_session (void **state)
{
  assert_ends (&tls_options, flood_with_warnings, EA_PSK_TLS_ERROR_PROTOCOL, "without data");
}

static void
test_a_flood_of_empty_records_ends_the_session (void **state)
{
  assert_ends (&tls_options, flood_with_empty_records, EA_PSK_TLS_ERROR_PROTOCOL, "");
}

static gboolean
mix_in_empty_records (gnutls_session_t session, int fd)
{
  static const guint8 warning[] = { WARNING, USER_CANCELED };

  for (gsize i = 0; i < 10000; i++)
    {
      guint8 byte = pattern_byte (i);

      if (!tls_script_send_record (session, fd, TYPE_DATA, EA_SPAN_EMPTY, FALSE)
          || !tls_script_send_record (session, fd, TYPE_ALERT, EA_SPAN_OF_ARRAY (warning), FALSE)
          || !tls_script_send_record (session, fd, TYPE_DATA, ea_span_init (&byte, 1), FALSE))
        return FALSE;
    }
  return tls_script_await_close (session);
}

static void
test_data_between_records_without_data_are_given (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, mix_in_empty_records);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);

  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, PLENTY);
  WAIT_FOR (owner->received->len == 10000 || owner->n_ended > 0);
  assert_pattern (owner->received->data, 10000, 0);

  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  tls_owner_expect_end (owner, 0, 0, NULL);
  tls_server_finish (server);
}

static gboolean
send_a_long_record (gnutls_session_t session, int fd)
{
  static const guint8 plain[4000];

  return tls_script_send_record (session, fd, TYPE_DATA, EA_SPAN_OF_ARRAY (plain), FALSE)
         && tls_script_expect_alert (session, GNUTLS_A_RECORD_OVERFLOW) && await_end (session);
}

static void
test_a_record_longer_than_agreed_ends_the_session (void **state)
{
  EaPskTlsOptions options = tls_options;

  options.max_fragment_length = 512;
  assert_ends (&options, send_a_long_record, EA_PSK_TLS_ERROR_PROTOCOL, "");
}

static gboolean
send_a_record_longer_than_any (gnutls_session_t session, int fd)
{
  static const guint8 header[] = { TYPE_DATA, 3, 3, 0xFF, 0xFF };

  return send (fd, header, sizeof header, MSG_NOSIGNAL) == sizeof header
         && tls_script_expect_alert (session, GNUTLS_A_RECORD_OVERFLOW) && await_end (session);
}

static void
test_a_record_longer_than_any_ends_the_session (void **state)
{
  assert_ends (&tls_options, send_a_record_longer_than_any, EA_PSK_TLS_ERROR_PROTOCOL, "");
}

static gboolean
send_a_changed_record (gnutls_session_t session, int fd)
{
  return tls_script_send_record (session, fd, TYPE_DATA, ea_span_init ("data", 4), TRUE)
         && tls_script_expect_alert (session, GNUTLS_A_BAD_RECORD_MAC) && await_end (session);
}

static void
test_a_record_that_was_changed_ends_the_session (void **state)
{
  assert_ends (&tls_options, send_a_changed_record, EA_PSK_TLS_ERROR_PROTOCOL, "changed");
}

static gboolean
send_garbage (gnutls_session_t session, int fd)
{
  return send (fd, "HTTP/1.1 500 ", 13, MSG_NOSIGNAL) == 13 && await_end (session);
}

static gboolean
send_an_unknown_type (gnutls_session_t session, int fd)
{
  return tls_script_send_record (session, fd, TYPE_UNKNOWN, ea_span_init ("data", 4), FALSE)
         && await_end (session);
}

static gboolean
send_a_heartbeat (gnutls_session_t session, int fd)
{
  static const guint8 request[] = { 1, 0, 16, 'd', 'a', 't', 'a' };

  return tls_script_send_record (session, fd, TYPE_HEARTBEAT, EA_SPAN_OF_ARRAY (request), FALSE)
         && await_end (session);
}

static gboolean
send_a_change_of_ciphers (gnutls_session_t session, int fd)
{
  static const guint8 change[] = { 1 };

  return tls_script_send_record (session, fd, TYPE_CHANGE_CIPHER_SPEC, EA_SPAN_OF_ARRAY (change),
                                 FALSE)
         && await_end (session);
}

static gboolean
send_a_finished (gnutls_session_t session, int fd)
{
  static const guint8 finished[16] = { 20, 0, 0, 12 };

  return tls_script_send_record (session, fd, TYPE_HANDSHAKE, EA_SPAN_OF_ARRAY (finished), FALSE)
         && await_end (session);
}

static void
test_what_does_not_belong_here_ends_the_session (void **state)
{
  assert_ends (&tls_options, send_garbage, EA_PSK_TLS_ERROR_PROTOCOL, "");
  assert_ends (&tls_options, send_an_unknown_type, EA_PSK_TLS_ERROR_PROTOCOL, "");
  assert_ends (&tls_options, send_a_heartbeat, EA_PSK_TLS_ERROR_PROTOCOL, "");
  assert_ends (&tls_options, send_a_change_of_ciphers, EA_PSK_TLS_ERROR_PROTOCOL, "");
  assert_ends (&tls_options, send_a_finished, EA_PSK_TLS_ERROR_PROTOCOL, "");
}

static gboolean
send_an_alert (gnutls_session_t session, int fd)
{
  return gnutls_alert_send (session, GNUTLS_AL_FATAL, GNUTLS_A_INTERNAL_ERROR) == 0
         && await_end (session);
}

static gboolean
send_a_changed_record_alert (gnutls_session_t session, int fd)
{
  return gnutls_alert_send (session, GNUTLS_AL_FATAL, GNUTLS_A_BAD_RECORD_MAC) == 0
         && await_end (session);
}

static void
test_an_alert_ends_the_session_with_its_name (void **state)
{
  assert_ends (&tls_options, send_an_alert, EA_PSK_TLS_ERROR_ALERT, "(alert internal_error)");
  assert_ends (&tls_options, send_a_changed_record_alert, EA_PSK_TLS_ERROR_ALERT,
               "(alert bad_record_mac)");
}

static gboolean
send_half_a_record (gnutls_session_t session, int fd)
{
  static const guint8 half[] = { TYPE_DATA, 3, 3, 0, 100, 1, 2, 3 };

  return send (fd, half, sizeof half, MSG_NOSIGNAL) == sizeof half;
}

static gboolean
send_half_a_header (gnutls_session_t session, int fd)
{
  static const guint8 half[] = { TYPE_DATA, 3, 3 };

  return send (fd, half, sizeof half, MSG_NOSIGNAL) == sizeof half;
}

static void
test_half_a_record_is_truncation (void **state)
{
  assert_ends (&tls_options, send_half_a_record, EA_PSK_TLS_ERROR_TRUNCATED, "");
  assert_ends (&tls_options, send_half_a_header, EA_PSK_TLS_ERROR_TRUNCATED, "");
}

static gboolean
speak_after_closing (gnutls_session_t session, int fd)
{
  return gnutls_bye (session, GNUTLS_SHUT_WR) == 0
         && tls_script_send_record (session, fd, TYPE_DATA, ea_span_init ("data", 4), FALSE)
         && tls_script_await_close (session);
}

static void
test_nothing_counts_after_close_notify (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, speak_after_closing);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);

  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, PLENTY);
  WAIT_FOR (owner->n_peer_closed > 0);
  ea_psk_tls_set_room (owner->tls, PLENTY);
  run_ready ();
  assert_int_equal (owner->received->len, 0);
  assert_int_equal (owner->n_ended, 0);
  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  tls_owner_expect_end (owner, 0, 0, NULL);

  assert_int_equal (owner->n_peer_closed, 1);
  tls_server_finish (server);
}

static gboolean
expect_short_records (gnutls_session_t session, int fd)
{
  guint8 data[4096];
  gsize n_got = 0;

  while (n_got < 2000)
    {
      gssize n = gnutls_record_recv (session, data, sizeof data);

      if (n <= 0 || n > 512)
        return FALSE;
      n_got += (gsize) n;
    }
  return tls_script_send (session, 0, 10000) && tls_script_await_close (session);
}

static void
assert_sends_short_records (TlsManner manner, const char *agreed, gsize largest)
{
  TlsServer *server = tls_server_new_with_manner (TLS_GCM, expect_short_records, manner);
  EaPskTlsOptions options = tls_options;
  g_autoptr (TlsOwner) owner = NULL;
  g_autofree char *description = NULL;

  options.max_fragment_length = 512;
  owner = tls_owner_new (server->port, &options);
  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, PLENTY);
  assert_true (tls_owner_send (owner, 0, 2000, NULL));
  WAIT_FOR (owner->received->len == 10000);

  assert_pattern (owner->received->data, 10000, 0);
  assert_int_equal (owner->largest, largest);
  description = ea_psk_tls_describe (owner->tls);
  assert_true (g_str_has_suffix (description, agreed));
  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  tls_owner_expect_end (owner, 0, 0, NULL);
  tls_server_finish (server);
}

static void
test_records_are_short_where_the_server_takes_the_maximum (void **state)
{
  assert_sends_short_records (TLS_PLAIN, ", fragments of 512", 512);
}

static void
test_records_that_are_sent_are_short_where_it_does_not (void **state)
{
  assert_sends_short_records (TLS_WITHOUT_LIMITS, ", fragments of any size", 10000);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_renegotiation_is_refused_and_the_session_goes_on),
    cmocka_unit_test (test_a_flood_of_hello_requests_ends_the_session),
    cmocka_unit_test (test_a_flood_of_warnings_ends_the_session),
    cmocka_unit_test (test_a_flood_of_empty_records_ends_the_session),
    cmocka_unit_test (test_data_between_records_without_data_are_given),
    cmocka_unit_test (test_a_record_longer_than_agreed_ends_the_session),
    cmocka_unit_test (test_a_record_longer_than_any_ends_the_session),
    cmocka_unit_test (test_a_record_that_was_changed_ends_the_session),
    cmocka_unit_test (test_what_does_not_belong_here_ends_the_session),
    cmocka_unit_test (test_an_alert_ends_the_session_with_its_name),
    cmocka_unit_test (test_half_a_record_is_truncation),
    cmocka_unit_test (test_nothing_counts_after_close_notify),
    cmocka_unit_test (test_records_are_short_where_the_server_takes_the_maximum),
    cmocka_unit_test (test_records_that_are_sent_are_short_where_it_does_not),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
