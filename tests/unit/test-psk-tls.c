/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Data of sessions (agent/net/psk-tls.h) with a server of GnuTLS in another thread that keeps to the standard. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tls-rig.h"

#define FLOOD (4 * 1024 * 1024)
#define SMALL_ROOM 1000
#define PLENTY 1000000

/* A record of GCM: header, explicit nonce and tag (RFC 5288 §3, RFC 5246 §6.2.3.3) */
#define GCM_OVERHEAD 29

/* What may wait in a session: one read of the link, and the longest record of GCM */
#define HELD_MAX (65536 + 16384 + GCM_OVERHEAD)

static gboolean
answer_pattern (gnutls_session_t session, int fd)
{
  return tls_script_expect (session, 0, 237) && tls_script_send (session, 1000, 100)
         && tls_script_await_close (session);
}

static void
assert_speaks (const char *priority, const EaPskTlsOptions *options, const char *description)
{
  TlsServer *server = tls_server_new (priority, answer_pattern);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, options);
  g_autofree char *text = NULL;

  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, 100);
  assert_true (tls_owner_send (owner, 0, 237, NULL));
  WAIT_FOR (owner->received->len == 100);
  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  tls_owner_expect_end (owner, 0, 0, NULL);

  assert_pattern (owner->received->data, 100, 1000);
  assert_int_equal (ea_psk_tls_get_room (owner->tls), 0);
  text = ea_psk_tls_describe (owner->tls);
  assert_string_equal (text, description);
  assert_int_equal (ea_psk_tls_get_bytes_sent (owner->tls), ea_link_get_bytes_sent (owner->link));
  assert_true (ea_psk_tls_get_bytes_sent (owner->tls) > 237);
  assert_true (ea_psk_tls_get_bytes_received (owner->tls) > 100);
  tls_server_finish (server);
}

static void
test_data_go_both_ways_in_both_suites (void **state)
{
  assert_speaks (TLS_GCM, &tls_options, "TLS1.2 PSK-AES128-GCM-SHA256, extended master secret");
  assert_speaks (TLS_CBC, &tls_options,
                 "TLS1.2 PSK-AES128-CBC-SHA256, extended master secret, encrypt-then-MAC");
}

static void
test_presets_leave_out_what_they_say (void **state)
{
  EaPskTlsOptions options = tls_options;

  options.preset = EA_PSK_TLS_NO_ETM;
  assert_speaks (TLS_CBC, &options, "TLS1.2 PSK-AES128-CBC-SHA256, extended master secret");
  options.preset = EA_PSK_TLS_NO_ETM_NO_EMS;
  assert_speaks (TLS_CBC, &options, "TLS1.2 PSK-AES128-CBC-SHA256");
}

static void
test_gcm_is_preferred (void **state)
{
  assert_speaks (TLS_CBC ":+AES-128-GCM:+AEAD", &tls_options,
                 "TLS1.2 PSK-AES128-GCM-SHA256, extended master secret");
}

static void
test_maximum_fragment_length_is_agreed_upon (void **state)
{
  EaPskTlsOptions options = tls_options;

  options.max_fragment_length = 512;
  assert_speaks (TLS_GCM, &options,
                 "TLS1.2 PSK-AES128-GCM-SHA256, extended master secret, fragments of 512");
  options.max_fragment_length = 4096;
  assert_speaks (TLS_CBC, &options,
                 "TLS1.2 PSK-AES128-CBC-SHA256, extended master secret, encrypt-then-MAC, "
                 "fragments of 4096");
}

static void
test_legacy_suites_are_spoken_where_they_are_allowed (void **state)
{
  static const char *const rows[][2] = {
    { "+AES-128-CBC:+SHA1", "PSK-AES128-CBC-SHA" },
    { "+3DES-CBC:+SHA1", "PSK-3DES-EDE-CBC-SHA" },
    { "+NULL:+SHA256", "PSK-NULL-SHA256" },
    { "+NULL:+SHA1", "PSK-NULL-SHA" },
  };
  EaPskTlsOptions options = tls_options;

  options.suites = EA_PSK_TLS_SUITES_LEGACY;
  options.preset = EA_PSK_TLS_NO_ETM_NO_EMS;
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *priority
          = g_strconcat ("NONE:+VERS-TLS1.2:+PSK:+COMP-NULL:+SIGN-ALL:", rows[i][0], NULL);
      g_autofree char *description = g_strconcat ("TLS1.2 ", rows[i][1], NULL);

      assert_speaks (priority, &options, description);
    }
}

static void
test_legacy_suites_are_refused_elsewhere (void **state)
{
  TlsServer *server
      = tls_server_new ("NONE:+VERS-TLS1.2:+PSK:+COMP-NULL:+SIGN-ALL:+AES-128-CBC:+SHA1", NULL);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);

  tls_owner_expect_refusal (owner, EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_NO_COMMON_SUITE,
                            "handshake_failure");
  tls_server_free (server);
}

static gboolean
flood (gnutls_session_t session, int fd)
{
  return tls_script_send (session, 0, FLOOD) && gnutls_bye (session, GNUTLS_SHUT_WR) == 0
         && tls_script_await_close (session);
}

static void
test_nothing_is_read_without_room (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, flood);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);
  guint64 n_before;

  tls_owner_shake_hands (owner);
  n_before = ea_psk_tls_get_bytes_received (owner->tls);
  run_ready ();
  assert_true (ea_psk_tls_get_bytes_received (owner->tls) <= n_before + HELD_MAX);
  for (guint i = 1; i <= 20; i++)
    {
      ea_psk_tls_set_room (owner->tls, SMALL_ROOM);
      WAIT_FOR (ea_psk_tls_get_room (owner->tls) == 0);
      run_ready ();
      assert_int_equal (owner->received->len, i * SMALL_ROOM);
      assert_true (ea_psk_tls_get_bytes_received (owner->tls)
                   <= n_before + owner->received->len + HELD_MAX);
      assert_int_equal (ea_link_get_room (owner->link), 0);
    }
  owner->room = PLENTY;
  ea_psk_tls_set_room (owner->tls, PLENTY);
  WAIT_FOR (owner->n_peer_closed == 1);

  assert_int_equal (owner->received->len, FLOOD);
  assert_pattern (owner->received->data, FLOOD, 0);
  assert_int_equal (owner->largest, 16384);
  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  tls_owner_expect_end (owner, 0, 0, NULL);
  tls_server_finish (server);
}

static void
test_room_of_one_byte_brings_one_byte (void **state)
{
  TlsServer *server = tls_server_new (TLS_CBC, answer_pattern);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);

  tls_owner_shake_hands (owner);
  assert_true (tls_owner_send (owner, 0, 237, NULL));
  owner->room = 1;
  ea_psk_tls_set_room (owner->tls, 1);
  WAIT_FOR (owner->received->len == 100);

  assert_int_equal (owner->n_pieces, 100);
  assert_pattern (owner->received->data, 100, 1000);
  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  tls_owner_expect_end (owner, 0, 0, NULL);
  tls_server_finish (server);
}

static gboolean can_go_on;

static gboolean
read_late (gnutls_session_t session, int fd)
{
  while (!g_atomic_int_get (&can_go_on))
    g_thread_yield ();
  return tls_script_expect (session, 0, FLOOD) && tls_script_await_close (session);
}

static void
assert_sending_is_bounded (const char *priority, guint max_fragment_length)
{
  EaPskTlsOptions options = tls_options;
  TlsServer *server;
  g_autoptr (TlsOwner) owner = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_sent = 0;

  options.max_fragment_length = max_fragment_length;
  g_atomic_int_set (&can_go_on, FALSE);
  server = tls_server_new (priority, read_late);
  owner = tls_owner_new (server->port, &options);
  tls_owner_shake_hands (owner);
  assert_int_equal (ea_psk_tls_get_send_room (owner->tls), EA_PSK_TLS_SEND_MAX);
  n_sent = tls_owner_fill (owner, 0, FLOOD);
  assert_true (n_sent < FLOOD);
  assert_true (ea_link_get_queued (owner->link) <= EA_LINK_SEND_MAX);
  assert_false (tls_owner_send (owner, n_sent, 1, &error));
  assert_true (g_error_matches (error, EA_LINK_ERROR, EA_LINK_ERROR_FULL));

  g_atomic_int_set (&can_go_on, TRUE);
  while (n_sent < FLOOD)
    {
      guint n_writable = owner->n_writable;

      WAIT_FOR (owner->n_writable > n_writable);
      n_sent += tls_owner_fill (owner, n_sent, FLOOD - n_sent);
    }
  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  tls_owner_expect_end (owner, 0, 0, NULL);
  tls_server_finish (server);
}

static void
test_sending_is_bounded_by_the_queue_of_the_link (void **state)
{
  assert_sending_is_bounded (TLS_GCM, 0);
  assert_sending_is_bounded (TLS_GCM, 512);
  assert_sending_is_bounded (TLS_CBC, 0);
  assert_sending_is_bounded (TLS_CBC, 512);
}

static void
test_more_than_the_most_is_too_large (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, NULL);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);
  g_autoptr (GError) error = NULL;

  tls_owner_shake_hands (owner);
  assert_false (tls_owner_send (owner, 0, EA_PSK_TLS_SEND_MAX + 1, &error));
  assert_true (g_error_matches (error, EA_LINK_ERROR, EA_LINK_ERROR_TOO_LARGE));
  assert_true (tls_owner_send (owner, 0, EA_PSK_TLS_SEND_MAX, NULL));
  assert_true (tls_owner_send (owner, 0, 0, NULL));

  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  tls_owner_expect_end (owner, 0, 0, NULL);
  tls_server_finish (server);
}

static void
test_no_signal_comes_from_within_a_call (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, answer_pattern);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);

  tls_owner_shake_hands (owner);
  assert_true (tls_owner_send (owner, 0, 237, NULL));
  ea_psk_tls_set_room (owner->tls, 1);
  WAIT_FOR (owner->received->len == 1);
  ea_psk_tls_set_room (owner->tls, 99);
  assert_int_equal (owner->received->len, 1);
  WAIT_FOR (owner->received->len == 100);
  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  assert_int_equal (owner->n_ended, 0);
  tls_owner_expect_end (owner, 0, 0, NULL);

  tls_server_finish (server);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_data_go_both_ways_in_both_suites),
    cmocka_unit_test (test_presets_leave_out_what_they_say),
    cmocka_unit_test (test_gcm_is_preferred),
    cmocka_unit_test (test_maximum_fragment_length_is_agreed_upon),
    cmocka_unit_test (test_legacy_suites_are_spoken_where_they_are_allowed),
    cmocka_unit_test (test_legacy_suites_are_refused_elsewhere),
    cmocka_unit_test (test_nothing_is_read_without_room),
    cmocka_unit_test (test_room_of_one_byte_brings_one_byte),
    cmocka_unit_test (test_sending_is_bounded_by_the_queue_of_the_link),
    cmocka_unit_test (test_more_than_the_most_is_too_large),
    cmocka_unit_test (test_no_signal_comes_from_within_a_call),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
