/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Handshakes (agent/net/psk-tls.h) that fail, and why: with a server of GnuTLS in another thread, and with bytes that
 * wait for the session before it begins. */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"
#include "tls-rig.h"

#define SHORT_TIMEOUT_MS 50
#define WARNINGS_MAX 8

/* A record of ServerHello (RFC 5246 §7.4.1.3): header, version, random, no session, then suite, compression and
 * extensions */
#define RANDOM "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
#define SERVER_HELLO "1603030031 0200002D 0303" RANDOM "00 00A8 00 0005 FF01000100"
#define WRONG_SUITE "160303002A 02000026 0303" RANDOM "00 002F 00"
#define LEGACY_SUITE "160303002A 02000026 0303" RANDOM "00 008C 00"
#define VERSION_1_0 "160301002A 02000026 0301" RANDOM "00 008C 00"
#define VERSION_1_1 "160302002A 02000026 0302" RANDOM "00 008C 00"
#define FRAGMENT_512 "1603030031 0200002D 0303" RANDOM "00 00A8 00 0005 0001000101"
#define FRAGMENT_1024 "1603030031 0200002D 0303" RANDOM "00 00A8 00 0005 0001000102"
#define WITH_ETM "1603030030 0200002C 0303" RANDOM "00 00AE 00 0004 00160000"
#define WITH_TICKET "1603030030 0200002C 0303" RANDOM "00 00A8 00 0004 00230000"

static void
assert_refused_by (const char *priority, const EaPskTlsOptions *options, EaPskTlsError code,
                   const char *words)
{
  TlsServer *server = tls_server_new (priority, NULL);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, options);

  tls_owner_expect_refusal (owner, EA_PSK_TLS_ERROR, (int) code, words);
  tls_server_free (server);
}

static void
test_an_identity_that_nobody_knows (void **state)
{
  EaPskTlsOptions options = tls_options;

  options.identity.size--;
  assert_refused_by (TLS_GCM, &options, EA_PSK_TLS_ERROR_IDENTITY_REFUSED,
                     "(alert unknown_psk_identity)");
}

static void
test_another_key (void **state)
{
  static const guint8 other[16];
  EaPskTlsOptions options = tls_options;

  options.psk = EA_SPAN_OF_ARRAY (other);
  assert_refused_by (TLS_GCM, &options, EA_PSK_TLS_ERROR_KEY_REFUSED, "(alert bad_record_mac)");
  assert_refused_by (TLS_CBC, &options, EA_PSK_TLS_ERROR_KEY_REFUSED, "(alert bad_record_mac)");
}

static void
test_no_suite_in_common (void **state)
{
  assert_refused_by ("NONE:+VERS-TLS1.2:+PSK:+COMP-NULL:+SIGN-ALL:+AES-256-GCM:+AEAD", &tls_options,
                     EA_PSK_TLS_ERROR_NO_COMMON_SUITE, "(alert handshake_failure)");
  /* Older versions have neither of the suites. */
  assert_refused_by ("NORMAL:-VERS-ALL:+VERS-TLS1.1:+PSK", &tls_options,
                     EA_PSK_TLS_ERROR_NO_COMMON_SUITE, "(alert handshake_failure)");
}

static void
test_another_version (void **state)
{
  EaPskTlsOptions options = tls_options;

  options.suites = EA_PSK_TLS_SUITES_LEGACY;
  assert_refused_by ("NORMAL:-VERS-ALL:+VERS-TLS1.0:+PSK", &options, EA_PSK_TLS_ERROR_VERSION,
                     "TLS 1.2");
  assert_refused_by ("NORMAL:-VERS-ALL:+VERS-TLS1.1:+PSK", &options, EA_PSK_TLS_ERROR_VERSION,
                     "TLS 1.2");
  assert_refused_by ("NORMAL:-VERS-ALL:+VERS-TLS1.3:+PSK", &tls_options, EA_PSK_TLS_ERROR_VERSION,
                     "(alert protocol_version)");
}

static void
test_a_server_that_sends_byte_by_byte_is_understood (void **state)
{
  TlsServer *server = tls_server_new_with_manner (TLS_CBC, NULL, TLS_BYTEWISE);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);

  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, 1);
  WAIT_FOR (owner->n_peer_closed == 1);

  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  tls_owner_expect_end (owner, 0, 0, NULL);
  tls_server_finish (server);
}

/* A server that is but a socket */
static TlsOwner *
connect_raw (const EaPskTlsOptions *options, int *fd)
{
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  TlsOwner *owner = tls_owner_new (port, options);

  *fd = peer_accept (listener);
  close (listener);
  return owner;
}

static void
send_bytes (int fd, EaSpan bytes)
{
  assert_int_equal (send (fd, bytes.data, bytes.size, MSG_NOSIGNAL), (gssize) bytes.size);
}

/* What ends with @is_end is the end of the connection, too. */
static void
assert_answer_fails (const EaPskTlsOptions *options, EaSpan answer, gboolean is_end,
                     EaPskTlsError code, const char *words)
{
  int fd;
  g_autoptr (TlsOwner) owner = connect_raw (options, &fd);

  send_bytes (fd, answer);
  if (is_end)
    assert_return_code (shutdown (fd, SHUT_WR), errno);
  tls_owner_expect_refusal (owner, EA_PSK_TLS_ERROR, (int) code, words);
  close (fd);
}

static void
assert_hex_fails (const EaPskTlsOptions *options, const char *hex, EaPskTlsError code,
                  const char *words)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);

  assert_answer_fails (options, ea_span_from_bytes (bytes), FALSE, code, words);
}

static void
test_a_choice_that_was_not_offered (void **state)
{
  assert_hex_fails (&tls_options, WRONG_SUITE, EA_PSK_TLS_ERROR_NO_COMMON_SUITE, "not offered");
  assert_hex_fails (&tls_options, LEGACY_SUITE, EA_PSK_TLS_ERROR_NO_COMMON_SUITE, "not offered");
  assert_hex_fails (&tls_options, VERSION_1_0, EA_PSK_TLS_ERROR_VERSION, "TLS 1.2");
  assert_hex_fails (&tls_options, VERSION_1_1, EA_PSK_TLS_ERROR_VERSION, "TLS 1.2");
}

static void
test_extensions_that_were_not_offered (void **state)
{
  EaPskTlsOptions options = tls_options;

  assert_hex_fails (&options, FRAGMENT_512, EA_PSK_TLS_ERROR_PROTOCOL, "");
  assert_hex_fails (&options, WITH_TICKET, EA_PSK_TLS_ERROR_PROTOCOL, "");
  options.max_fragment_length = 512;
  assert_hex_fails (&options, FRAGMENT_1024, EA_PSK_TLS_ERROR_PROTOCOL, "");
  options.preset = EA_PSK_TLS_NO_ETM;
  assert_hex_fails (&options, WITH_ETM, EA_PSK_TLS_ERROR_PROTOCOL, "");
}

static void
test_a_record_longer_than_agreed (void **state)
{
  EaPskTlsOptions options = tls_options;
  g_autoptr (GBytes) hello = bytes_of (FRAGMENT_512 "160303FFFF");

  options.max_fragment_length = 512;
  assert_answer_fails (&options, ea_span_from_bytes (hello), FALSE, EA_PSK_TLS_ERROR_PROTOCOL, "");
}

static void
test_each_alert_has_its_error_and_its_name (void **state)
{
  static const struct
  {
    guint8 number;
    EaPskTlsError code;
    const char *words;
  } rows[] = {
    { 0, EA_PSK_TLS_ERROR_ALERT, "(alert close_notify)" },
    { 10, EA_PSK_TLS_ERROR_ALERT, "(alert unexpected_message)" },
    { 20, EA_PSK_TLS_ERROR_KEY_REFUSED, "(alert bad_record_mac)" },
    { 21, EA_PSK_TLS_ERROR_KEY_REFUSED, "(alert decryption_failed_RESERVED)" },
    { 22, EA_PSK_TLS_ERROR_ALERT, "(alert record_overflow)" },
    { 30, EA_PSK_TLS_ERROR_ALERT, "(alert decompression_failure_RESERVED)" },
    { 40, EA_PSK_TLS_ERROR_NO_COMMON_SUITE, "(alert handshake_failure)" },
    { 41, EA_PSK_TLS_ERROR_ALERT, "(alert no_certificate_RESERVED)" },
    { 42, EA_PSK_TLS_ERROR_ALERT, "(alert bad_certificate)" },
    { 43, EA_PSK_TLS_ERROR_ALERT, "(alert unsupported_certificate)" },
    { 44, EA_PSK_TLS_ERROR_ALERT, "(alert certificate_revoked)" },
    { 45, EA_PSK_TLS_ERROR_ALERT, "(alert certificate_expired)" },
    { 46, EA_PSK_TLS_ERROR_ALERT, "(alert certificate_unknown)" },
    { 47, EA_PSK_TLS_ERROR_ALERT, "(alert illegal_parameter)" },
    { 48, EA_PSK_TLS_ERROR_ALERT, "(alert unknown_ca)" },
    { 49, EA_PSK_TLS_ERROR_ALERT, "(alert access_denied)" },
    { 50, EA_PSK_TLS_ERROR_ALERT, "(alert decode_error)" },
    { 51, EA_PSK_TLS_ERROR_KEY_REFUSED, "(alert decrypt_error)" },
    { 60, EA_PSK_TLS_ERROR_ALERT, "(alert export_restriction_RESERVED)" },
    { 70, EA_PSK_TLS_ERROR_VERSION, "(alert protocol_version)" },
    { 71, EA_PSK_TLS_ERROR_NO_COMMON_SUITE, "(alert insufficient_security)" },
    { 77, EA_PSK_TLS_ERROR_ALERT, "(alert 77)" },
    { 80, EA_PSK_TLS_ERROR_ALERT, "(alert internal_error)" },
    { 86, EA_PSK_TLS_ERROR_ALERT, "(alert inappropriate_fallback)" },
    { 90, EA_PSK_TLS_ERROR_ALERT, "(alert user_canceled)" },
    { 100, EA_PSK_TLS_ERROR_ALERT, "(alert no_renegotiation_RESERVED)" },
    { 109, EA_PSK_TLS_ERROR_ALERT, "(alert missing_extension)" },
    { 110, EA_PSK_TLS_ERROR_ALERT, "(alert unsupported_extension)" },
    { 111, EA_PSK_TLS_ERROR_ALERT, "(alert certificate_unobtainable_RESERVED)" },
    { 112, EA_PSK_TLS_ERROR_ALERT, "(alert unrecognized_name)" },
    { 113, EA_PSK_TLS_ERROR_ALERT, "(alert bad_certificate_status_response)" },
    { 114, EA_PSK_TLS_ERROR_ALERT, "(alert bad_certificate_hash_value_RESERVED)" },
    { 115, EA_PSK_TLS_ERROR_IDENTITY_REFUSED, "(alert unknown_psk_identity)" },
    { 116, EA_PSK_TLS_ERROR_ALERT, "(alert certificate_required)" },
    { 120, EA_PSK_TLS_ERROR_ALERT, "(alert no_application_protocol)" },
    { 255, EA_PSK_TLS_ERROR_ALERT, "(alert 255)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint8 alert[] = { 21, 3, 3, 0, 2, 2, rows[i].number };

      assert_answer_fails (&tls_options, EA_SPAN_OF_ARRAY (alert), FALSE, rows[i].code,
                           rows[i].words);
    }
}

static void
test_close_notify_in_the_handshake (void **state)
{
  assert_hex_fails (&tls_options, SERVER_HELLO "15030300020100", EA_PSK_TLS_ERROR_ALERT,
                    "(alert close_notify)");
  assert_hex_fails (&tls_options, "15030300020100", EA_PSK_TLS_ERROR_ALERT, "(alert close_notify)");
}

/* So often unrecognized_name, then handshake_failure */
static void
assert_warnings_fail (guint n_warnings, EaPskTlsError code, const char *words)
{
  static const guint8 warning[] = { 21, 3, 3, 0, 2, 1, 112 };
  static const guint8 failure[] = { 21, 3, 3, 0, 2, 2, 40 };
  g_autoptr (GByteArray) answer = g_byte_array_new ();

  for (guint i = 0; i < n_warnings; i++)
    g_byte_array_append (answer, warning, sizeof warning);
  g_byte_array_append (answer, failure, sizeof failure);
  assert_answer_fails (&tls_options, ea_span_from_array (answer), FALSE, code, words);
}

static void
test_a_warning_is_passed_over (void **state)
{
  assert_warnings_fail (1, EA_PSK_TLS_ERROR_NO_COMMON_SUITE, "(alert handshake_failure)");
  assert_warnings_fail (WARNINGS_MAX, EA_PSK_TLS_ERROR_NO_COMMON_SUITE,
                        "(alert handshake_failure)");
}

static void
test_a_flood_of_warnings (void **state)
{
  assert_warnings_fail (WARNINGS_MAX + 1, EA_PSK_TLS_ERROR_PROTOCOL, "warnings");
}

static void
test_what_is_no_tls (void **state)
{
  static const char *const texts[] = { "HTTP/1.1 400 Bad Request\r\n\r\n",
                                       "SSH-2.0-OpenSSH_9.2\r\n", "220 smtp.example.com\r\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_answer_fails (&tls_options, ea_span_init (texts[i], strlen (texts[i])), FALSE,
                         EA_PSK_TLS_ERROR_PROTOCOL, "");
  assert_hex_fails (&tls_options, "0000000000000000", EA_PSK_TLS_ERROR_PROTOCOL, "");
  assert_hex_fails (&tls_options, "FFFFFFFFFFFFFFFF", EA_PSK_TLS_ERROR_PROTOCOL, "");
  assert_hex_fails (&tls_options, "1603030000", EA_PSK_TLS_ERROR_PROTOCOL, "");
  assert_hex_fails (&tls_options, "1703030004 00000000", EA_PSK_TLS_ERROR_PROTOCOL, "");
  assert_hex_fails (&tls_options, "140303000101", EA_PSK_TLS_ERROR_PROTOCOL, "");
  assert_hex_fails (&tls_options, "1603030004 0E000000", EA_PSK_TLS_ERROR_PROTOCOL, "");
}

static void
check_truncation (EaSpan span, gpointer user_data)
{
  assert_answer_fails (&tls_options, span, TRUE, EA_PSK_TLS_ERROR_TRUNCATED,
                       "during the handshake");
}

static void
test_a_server_that_ends_the_connection (void **state)
{
  g_autoptr (GBytes) hello = bytes_of (SERVER_HELLO "16030300040E000000");

  parse_truncations (ea_span_from_bytes (hello), check_truncation, NULL);
  check_truncation (ea_span_from_bytes (hello), NULL);
}

static void
test_a_server_that_breaks_the_connection (void **state)
{
  int fd;
  g_autoptr (TlsOwner) owner = connect_raw (&tls_options, &fd);

  peer_reset (fd);
  tls_owner_expect_refusal (owner, EA_LINK_ERROR, EA_LINK_ERROR_RESET, "");
}

static void
test_a_server_that_says_nothing (void **state)
{
  int fd;
  g_autoptr (TlsOwner) owner = connect_raw (&tls_options, &fd);

  tls_owner_start (owner, SHORT_TIMEOUT_MS, NULL);
  WAIT_FOR (owner->handshake_error != NULL);

  assert_true (
      g_error_matches (owner->handshake_error, EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_TIMED_OUT));
  assert_false (ea_link_is_open (owner->link));
  close (fd);
}

static void
expect_cancelled (TlsOwner *owner)
{
  assert_null (owner->handshake_error); /* not from within the call */
  WAIT_FOR (owner->handshake_error != NULL);
  run_ready ();
  assert_true (g_error_matches (owner->handshake_error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  assert_int_equal (owner->n_ended, 0);
  assert_false (ea_link_is_open (owner->link));
}

static void
test_a_handshake_can_be_cancelled_before_it_begins (void **state)
{
  int fd;
  g_autoptr (TlsOwner) owner = connect_raw (&tls_options, &fd);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  tls_owner_start (owner, HANDSHAKE_TIMEOUT_MS, cancellable);
  expect_cancelled (owner);
  close (fd);
}

static void
test_a_handshake_can_be_cancelled (void **state)
{
  int fd;
  g_autoptr (TlsOwner) owner = connect_raw (&tls_options, &fd);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  tls_owner_start (owner, HANDSHAKE_TIMEOUT_MS, cancellable);
  WAIT_FOR (ea_psk_tls_get_bytes_sent (owner->tls) > 0);
  g_cancellable_cancel (cancellable);
  expect_cancelled (owner);
  close (fd);
}

static void
test_a_handshake_can_be_aborted_and_closed (void **state)
{
  for (guint i = 0; i < 4; i++)
    {
      int fd;
      g_autoptr (TlsOwner) owner = connect_raw (&tls_options, &fd);

      tls_owner_start (owner, HANDSHAKE_TIMEOUT_MS, NULL);
      if (i % 2 == 0)
        WAIT_FOR (ea_psk_tls_get_bytes_sent (owner->tls) > 0);
      if (i < 2)
        ea_psk_tls_abort (owner->tls);
      else
        ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
      expect_cancelled (owner);
      close (fd);
    }
}

static void
test_a_handshake_keeps_its_session (void **state)
{
  int fd;
  g_autoptr (TlsOwner) owner = connect_raw (&tls_options, &fd);
  gpointer tls = owner->tls;

  g_object_add_weak_pointer (G_OBJECT (owner->tls), &tls);
  tls_owner_start (owner, HANDSHAKE_TIMEOUT_MS, NULL);
  g_signal_handlers_disconnect_by_data (owner->tls, owner);
  g_clear_object (&owner->tls);
  assert_non_null (tls);
  close (fd);
  WAIT_FOR (tls == NULL);

  assert_non_null (owner->handshake_error);
}

static void
test_a_session_without_a_handshake_can_be_dropped (void **state)
{
  int fd;
  g_autoptr (TlsOwner) owner = connect_raw (&tls_options, &fd);

  g_clear_object (&owner->tls);
  assert_false (ea_link_is_open (owner->link));
  close (fd);
}

static void
test_a_link_that_is_over_has_no_handshake (void **state)
{
  int fd;
  g_autoptr (TlsOwner) owner = connect_raw (&tls_options, &fd);

  ea_link_abort (owner->link);
  tls_owner_expect_refusal (owner, EA_LINK_ERROR, EA_LINK_ERROR_CLOSED, "not open");
  close (fd);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_an_identity_that_nobody_knows),
    cmocka_unit_test (test_another_key),
    cmocka_unit_test (test_no_suite_in_common),
    cmocka_unit_test (test_another_version),
    cmocka_unit_test (test_a_server_that_sends_byte_by_byte_is_understood),
    cmocka_unit_test (test_a_choice_that_was_not_offered),
    cmocka_unit_test (test_extensions_that_were_not_offered),
    cmocka_unit_test (test_a_record_longer_than_agreed),
    cmocka_unit_test (test_each_alert_has_its_error_and_its_name),
    cmocka_unit_test (test_close_notify_in_the_handshake),
    cmocka_unit_test (test_a_warning_is_passed_over),
    cmocka_unit_test (test_a_flood_of_warnings),
    cmocka_unit_test (test_what_is_no_tls),
    cmocka_unit_test (test_a_server_that_ends_the_connection),
    cmocka_unit_test (test_a_server_that_breaks_the_connection),
    cmocka_unit_test (test_a_server_that_says_nothing),
    cmocka_unit_test (test_a_handshake_can_be_cancelled_before_it_begins),
    cmocka_unit_test (test_a_handshake_can_be_cancelled),
    cmocka_unit_test (test_a_handshake_can_be_aborted_and_closed),
    cmocka_unit_test (test_a_handshake_keeps_its_session),
    cmocka_unit_test (test_a_session_without_a_handshake_can_be_dropped),
    cmocka_unit_test (test_a_link_that_is_over_has_no_handshake),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
