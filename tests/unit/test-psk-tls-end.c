/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How sessions end (agent/net/psk-tls.h): by the server, by time, by the owner at any moment. */

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
#define N_STEPS 30

static void
test_close_notify_is_the_servers_end (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, NULL);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);
  g_autoptr (GError) error = NULL;

  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, PLENTY);
  WAIT_FOR (owner->n_peer_closed > 0);
  assert_int_equal (ea_psk_tls_get_send_room (owner->tls), 0);
  assert_false (tls_owner_send (owner, 0, 1, &error));
  assert_true (g_error_matches (error, EA_LINK_ERROR, EA_LINK_ERROR_CLOSED));
  assert_true (ea_psk_tls_is_open (owner->tls));
  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  tls_owner_expect_end (owner, 0, 0, NULL);

  assert_int_equal (owner->n_peer_closed, 1);
  tls_server_finish (server);
}

static gboolean
close_and_go (gnutls_session_t session, int fd)
{
  return gnutls_bye (session, GNUTLS_SHUT_WR) == 0;
}

static void
test_a_server_that_has_closed_may_be_gone (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, close_and_go);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);

  tls_owner_shake_hands (owner);
  assert_true (tls_owner_send (owner, 0, 1000, NULL));
  ea_psk_tls_set_room (owner->tls, PLENTY);
  WAIT_FOR (owner->n_peer_closed > 0);
  tls_server_finish (server); /* without having read all: its end is a reset */
  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);

  tls_owner_expect_end (owner, 0, 0, NULL);
}

static gboolean
close_without_a_word (gnutls_session_t session, int fd)
{
  return tls_script_send (session, 0, 100);
}

static void
test_an_end_without_close_notify_is_truncation (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, close_without_a_word);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);

  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, PLENTY);
  tls_owner_expect_end (owner, EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_TRUNCATED, "close_notify");

  assert_int_equal (owner->received->len, 100);
  assert_int_equal (owner->n_peer_closed, 0);
  tls_server_finish (server);
}

static gboolean
reset (gnutls_session_t session, int fd)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  return setsockopt (fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) == 0;
}

static void
test_a_reset_is_an_error_of_the_link (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, reset);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);

  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, PLENTY);
  tls_owner_expect_end (owner, EA_LINK_ERROR, EA_LINK_ERROR_RESET, "");

  tls_server_finish (server);
}

static gboolean
await_end (gnutls_session_t session, int fd)
{
  (void) tls_script_await_close (session); /* an end without close_notify is one, too */
  return TRUE;
}

static void
test_silence_ends_the_session_in_time (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, await_end);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);

  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, PLENTY);
  ea_psk_tls_set_read_timeout (owner->tls, 50);
  tls_owner_expect_end (owner, EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_TIMED_OUT, "50 ms");

  tls_server_finish (server);
}

static gboolean
tick (gpointer user_data)
{
  (*(guint *) user_data)++;
  return G_SOURCE_CONTINUE;
}

static void
test_silence_without_room_is_the_owners (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, await_end);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);
  guint n_ticks = 0;
  guint id = g_timeout_add (20, tick, &n_ticks);

  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, 1);
  ea_psk_tls_set_read_timeout (owner->tls, 10);
  ea_psk_tls_set_room (owner->tls, 0);
  n_ticks = 0;
  WAIT_FOR (n_ticks >= 3);
  assert_int_equal (owner->n_ended, 0);
  ea_psk_tls_set_room (owner->tls, 1);
  tls_owner_expect_end (owner, EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_TIMED_OUT, "10 ms");

  g_source_remove (id);
  tls_server_finish (server);
}

static gboolean
echo (gnutls_session_t session, int fd)
{
  guint8 byte;
  gssize n;

  while ((n = gnutls_record_recv (session, &byte, 1)) == 1)
    if (gnutls_record_send (session, &byte, 1) != 1)
      return FALSE;
  return n == 0;
}

static void
test_bytes_put_the_time_out_off (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, echo);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);
  guint n_ticks = 0;
  guint id = g_timeout_add (100, tick, &n_ticks);

  tls_owner_shake_hands (owner);
  owner->room = PLENTY;
  ea_psk_tls_set_room (owner->tls, PLENTY);
  ea_psk_tls_set_read_timeout (owner->tls, 600);
  for (guint i = 1; i <= 10; i++)
    {
      n_ticks = 0;
      WAIT_FOR (n_ticks > 0);
      assert_true (tls_owner_send (owner, i, 1, NULL));
      WAIT_FOR (owner->received->len == i);
    }
  assert_int_equal (owner->n_ended, 0);

  g_source_remove (id);
  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  tls_owner_expect_end (owner, 0, 0, NULL);
  tls_server_finish (server);
}

static void
drop (EaPskTls *tls, gpointer parameter, gpointer user_data)
{
  g_clear_object (&((TlsOwner *) user_data)->tls);
}

static void
drop_at_peer_closed (EaPskTls *tls, gpointer user_data)
{
  g_clear_object (&((TlsOwner *) user_data)->tls);
}

static void
assert_may_be_dropped_at (const char *signal, GCallback handler, TlsScript script)
{
  TlsServer *server = tls_server_new (TLS_GCM, script);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);
  gpointer tls = owner->tls;

  tls_owner_shake_hands (owner);
  g_object_add_weak_pointer (G_OBJECT (owner->tls), &tls);
  g_signal_handlers_disconnect_by_data (owner->tls, owner);
  g_signal_connect (owner->tls, signal, handler, owner);
  ea_psk_tls_set_room (owner->tls, 10);
  WAIT_FOR (tls == NULL);

  assert_false (ea_link_is_open (owner->link));
  tls_server_free (server);
}

static gboolean
send_and_await_end (gnutls_session_t session, int fd)
{
  return tls_script_send (session, 0, 100) && await_end (session, fd);
}

static void
test_handlers_may_drop_the_session (void **state)
{
  assert_may_be_dropped_at ("received", G_CALLBACK (drop), send_and_await_end);
  assert_may_be_dropped_at ("peer-closed", G_CALLBACK (drop_at_peer_closed), NULL);
  assert_may_be_dropped_at ("ended", G_CALLBACK (drop), reset);
}

static void
drop_at_writable (EaPskTls *tls, gpointer user_data)
{
  g_clear_object (&((TlsOwner *) user_data)->tls);
}

static gboolean can_go_on;

static gboolean
read_all_late (gnutls_session_t session, int fd)
{
  while (!g_atomic_int_get (&can_go_on))
    g_thread_yield ();
  return await_end (session, fd);
}

static void
test_the_handler_of_writable_may_drop_the_session (void **state)
{
  TlsServer *server;
  g_autoptr (TlsOwner) owner = NULL;
  gpointer tls;

  g_atomic_int_set (&can_go_on, FALSE);
  server = tls_server_new (TLS_GCM, read_all_late);
  owner = tls_owner_new (server->port, &tls_options);
  tls_owner_shake_hands (owner);
  (void) tls_owner_fill (owner, 0, FLOOD);
  tls = owner->tls;
  g_object_add_weak_pointer (G_OBJECT (owner->tls), &tls);
  g_signal_handlers_disconnect_by_data (owner->tls, owner);
  g_signal_connect (owner->tls, "writable", G_CALLBACK (drop_at_writable), owner);
  g_atomic_int_set (&can_go_on, TRUE);
  WAIT_FOR (tls == NULL);

  assert_false (ea_link_is_open (owner->link));
  tls_server_free (server);
}

static gboolean
send_much_and_await_close (gnutls_session_t session, int fd)
{
  return tls_script_send (session, 0, 100000) && tls_script_await_close (session);
}

static void
close_at_once (EaPskTls *tls, GBytes *bytes, gpointer user_data)
{
  ea_psk_tls_close (tls, CLOSE_TIMEOUT_MS);
}

static void
test_closing_within_a_handler_drops_the_rest (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, send_much_and_await_close);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);

  tls_owner_shake_hands (owner);
  g_signal_connect (owner->tls, "received", G_CALLBACK (close_at_once), owner);
  ea_psk_tls_set_room (owner->tls, 100);
  tls_owner_expect_end (owner, 0, 0, NULL);

  assert_int_equal (owner->received->len, 100);
  tls_server_finish (server);
}

static void
test_a_closing_session_keeps_itself (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, send_much_and_await_close);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);
  gpointer tls = owner->tls;

  tls_owner_shake_hands (owner);
  g_object_add_weak_pointer (G_OBJECT (owner->tls), &tls);
  g_signal_handlers_disconnect_by_data (owner->tls, owner);
  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  g_clear_object (&owner->tls);
  assert_non_null (tls);
  WAIT_FOR (tls == NULL);

  tls_server_finish (server);
}

static void
test_closing_has_a_limit_of_time (void **state)
{
  TlsServer *server;
  g_autoptr (TlsOwner) owner = NULL;

  g_atomic_int_set (&can_go_on, FALSE);
  server = tls_server_new (TLS_GCM, read_all_late);
  owner = tls_owner_new (server->port, &tls_options);
  tls_owner_shake_hands (owner);
  (void) tls_owner_fill (owner, 0, FLOOD);
  ea_psk_tls_close (owner->tls, 50);
  tls_owner_expect_end (owner, EA_LINK_ERROR, EA_LINK_ERROR_TIMED_OUT, "");

  g_atomic_int_set (&can_go_on, TRUE);
  tls_server_finish (server);
}

static void
test_aborting_is_silent (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, await_end);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);

  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, PLENTY);
  ea_psk_tls_abort (owner->tls);
  run_ready ();

  assert_int_equal (owner->n_ended, 0);
  assert_false (ea_psk_tls_is_open (owner->tls));
  assert_false (tls_owner_send (owner, 0, 1, NULL));
  tls_server_finish (server);
}

static void
test_aborting_while_it_closes_ends_it_at_once (void **state)
{
  TlsServer *server = tls_server_new (TLS_GCM, await_end);
  g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);

  tls_owner_shake_hands (owner);
  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  ea_psk_tls_abort (owner->tls);
  run_ready ();

  assert_int_equal (owner->n_ended, 0);
  tls_server_finish (server);
}

/* More than all steps take, so that none waits for it */
static gboolean
flood (gnutls_session_t session, int fd)
{
  return tls_script_send (session, 0, FLOOD) && tls_script_await_close (session);
}

static void
test_a_session_can_end_at_any_moment (void **state)
{
  for (guint i = 0; i < 3 * N_STEPS; i++)
    {
      TlsServer *server = tls_server_new (TLS_GCM, flood);
      g_autoptr (TlsOwner) owner = tls_owner_new (server->port, &tls_options);

      owner->room = SMALL_ROOM;
      ea_psk_tls_set_room (owner->tls, SMALL_ROOM);
      ea_psk_tls_set_read_timeout (owner->tls, CLOSE_TIMEOUT_MS);
      tls_owner_start (owner, HANDSHAKE_TIMEOUT_MS, NULL);
      for (guint n = 0; n < i / 3; n++)
        g_main_context_iteration (NULL, TRUE);
      if (i % 3 == 0)
        ea_psk_tls_abort (owner->tls);
      else if (i % 3 == 1)
        ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
      WAIT_FOR (owner->n_open > 0 || owner->handshake_error != NULL);
      if (i % 3 == 1 && owner->n_open > 0)
        tls_owner_expect_end (owner, 0, 0, NULL);
      g_clear_object (&owner->tls);
      tls_server_free (server);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_close_notify_is_the_servers_end),
    cmocka_unit_test (test_a_server_that_has_closed_may_be_gone),
    cmocka_unit_test (test_an_end_without_close_notify_is_truncation),
    cmocka_unit_test (test_a_reset_is_an_error_of_the_link),
    cmocka_unit_test (test_silence_ends_the_session_in_time),
    cmocka_unit_test (test_silence_without_room_is_the_owners),
    cmocka_unit_test (test_bytes_put_the_time_out_off),
    cmocka_unit_test (test_handlers_may_drop_the_session),
    cmocka_unit_test (test_the_handler_of_writable_may_drop_the_session),
    cmocka_unit_test (test_closing_within_a_handler_drops_the_rest),
    cmocka_unit_test (test_a_closing_session_keeps_itself),
    cmocka_unit_test (test_closing_has_a_limit_of_time),
    cmocka_unit_test (test_aborting_is_silent),
    cmocka_unit_test (test_aborting_while_it_closes_ends_it_at_once),
    cmocka_unit_test (test_a_session_can_end_at_any_moment),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
