/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* TCP links (agent/net/link.h) with plain sockets of this process as peers, over loopback. */

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "link-peer.h"

#define LOOPBACK "127.0.0.1"
#define LOOPBACK_V6 "::1"
#define FLOOD (10 * 1024 * 1024)
#define SMALL_ROOM 1024
#define SHORT_TIMEOUT_MS 50

/* (transfer full): an owner whose peer is @fd. */
static Owner *
connect_pair (const char *address, int *fd)
{
  guint16 port;
  int listener = peer_listen (address, 1, &port);
  Owner *owner = owner_new_connected (EA_LINK_TCP, NULL, address, port);

  *fd = peer_accept (listener);
  close (listener);
  return owner;
}

static void
check_both_ways (const char *address)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (address, &fd);

  ea_link_set_room (owner->link, 100);
  assert_true (owner_send (owner, 0, 237, NULL));
  peer_expect_pattern (fd, 0, 237);
  peer_write (fd, 0, 100);
  WAIT_FOR (owner->received->len == 100);

  assert_pattern (owner->received->data, 100, 0);
  assert_int_equal (ea_link_get_bytes_sent (owner->link), 237);
  assert_int_equal (ea_link_get_bytes_received (owner->link), 100);
  assert_int_equal (ea_link_get_room (owner->link), 0);
  close (fd);
}

static void
test_bytes_go_both_ways_over_ipv4_and_are_counted (void **state)
{
  check_both_ways (LOOPBACK);
}

static void
test_bytes_go_both_ways_over_ipv6 (void **state)
{
  check_both_ways (LOOPBACK_V6);
}

static void
test_both_addresses_are_known (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);
  g_autoptr (GInetSocketAddress) local = ea_link_get_local (owner->link);
  g_autofree char *text = g_inet_address_to_string (
      g_inet_socket_address_get_address (ea_link_get_peer (owner->link)));

  assert_string_equal (text, LOOPBACK);
  assert_int_not_equal (g_inet_socket_address_get_port (local), 0);
  close (fd);
}

static void
test_an_ipv4_address_in_ipv6_form_is_reached_over_ipv4 (void **state)
{
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  g_autoptr (Owner) owner = owner_new_connected (EA_LINK_TCP, NULL, "::ffff:127.0.0.1", port);
  GSocketAddress *peer = G_SOCKET_ADDRESS (ea_link_get_peer (owner->link));

  assert_int_equal (g_socket_address_get_family (peer), G_SOCKET_FAMILY_IPV4);
  close (listener);
}

static void
test_port_without_a_listener_is_refused (void **state)
{
  guint16 port = 0;
  int fd = peer_bind (SOCK_STREAM, LOOPBACK, &port);
  g_autoptr (Owner) owner = owner_new (ea_link_new (EA_LINK_TCP, NULL));

  owner_connect (owner, LOOPBACK, port, CONNECT_TIMEOUT_MS, NULL);
  owner_expect_failure (owner, EA_LINK_ERROR_REFUSED);

  assert_int_equal (owner->n_ended, 0);
  close (fd);
}

static void
test_peer_that_does_not_answer_times_out (void **state)
{
  PeerStalled stalled = peer_stall ();
  g_autoptr (Owner) owner = owner_new (ea_link_new (EA_LINK_TCP, NULL));

  owner_connect (owner, LOOPBACK, stalled.port, SHORT_TIMEOUT_MS, NULL);
  owner_expect_failure (owner, EA_LINK_ERROR_TIMED_OUT);

  peer_stalled_close (&stalled);
}

static void
test_connecting_can_be_cancelled (void **state)
{
  PeerStalled stalled = peer_stall ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (Owner) owner = owner_new (ea_link_new (EA_LINK_TCP, NULL));
  g_autoptr (Owner) late = owner_new (ea_link_new (EA_LINK_TCP, NULL));

  owner_connect (owner, LOOPBACK, stalled.port, CONNECT_TIMEOUT_MS, cancellable);
  g_cancellable_cancel (cancellable);
  owner_connect (late, LOOPBACK, stalled.port, CONNECT_TIMEOUT_MS, cancellable);
  WAIT_FOR (owner->connect_error != NULL && late->connect_error != NULL);

  assert_true (g_error_matches (owner->connect_error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  assert_true (g_error_matches (late->connect_error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  peer_stalled_close (&stalled);
}

static void
test_abort_while_connecting_fails_the_call_later (void **state)
{
  PeerStalled stalled = peer_stall ();
  g_autoptr (Owner) owner = owner_new (ea_link_new (EA_LINK_TCP, NULL));

  owner_connect (owner, LOOPBACK, stalled.port, CONNECT_TIMEOUT_MS, NULL);
  ea_link_abort (owner->link);
  assert_null (owner->connect_error);
  WAIT_FOR (owner->connect_error != NULL);

  assert_true (g_error_matches (owner->connect_error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  peer_stalled_close (&stalled);
}

static void
refuse_interface (const char *interface)
{
  g_autoptr (Owner) owner = owner_new (ea_link_new (EA_LINK_TCP, interface));

  owner_connect (owner, LOOPBACK, 9, CONNECT_TIMEOUT_MS, NULL);
  owner_expect_failure (owner, EA_LINK_ERROR_NO_INTERFACE);

  assert_non_null (strstr (owner->connect_error->message, interface));
}

static void
test_interface_that_is_not_there_is_named (void **state)
{
  refuse_interface ("nowhere0");
  refuse_interface ("");
  refuse_interface ("fifteen-letters-and-more");
}

static void
test_nothing_is_read_without_room_and_the_end_comes_after_the_last_byte (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  peer_write (fd, 0, 30);
  close (fd);
  run_ready ();
  assert_int_equal (owner->received->len, 0);
  ea_link_set_room (owner->link, 20);
  WAIT_FOR (owner->received->len == 20);
  run_ready ();
  assert_int_equal (owner->n_peer_closed, 0);
  ea_link_set_room (owner->link, 20);
  WAIT_FOR (owner->n_peer_closed == 1);

  assert_int_equal (owner->received->len, 30);
  assert_int_equal (owner->n_ended, 0);
}

/* Writes the pattern as fast as the socket takes it, from the main loop. */
typedef struct
{
  int fd;
  gsize n_written;
} Feeder;

static gboolean
on_peer_writable (int fd, GIOCondition condition, gpointer user_data)
{
  Feeder *feeder = user_data;
  guint8 data[4096];
  gssize size;

  for (gsize i = 0; i < sizeof data; i++)
    data[i] = pattern_byte (feeder->n_written + i);
  size = send (fd, data, MIN (sizeof data, FLOOD - feeder->n_written), MSG_NOSIGNAL);
  assert_true (size > 0 || errno == EAGAIN);
  feeder->n_written += (gsize) MAX (size, 0);
  if (feeder->n_written < FLOOD)
    return G_SOURCE_CONTINUE;
  close (fd);
  return G_SOURCE_REMOVE;
}

static void
test_flood_is_stopped_at_the_room_and_nothing_is_lost (void **state)
{
  Feeder feeder = { 0 };
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &feeder.fd);
  gsize n_stopped;

  fcntl (feeder.fd, F_SETFL, O_NONBLOCK);
  g_unix_fd_add (feeder.fd, G_IO_OUT, on_peer_writable, &feeder);
  ea_link_set_room (owner->link, SMALL_ROOM);
  WAIT_FOR (owner->received->len == SMALL_ROOM);
  run_ready ();
  n_stopped = feeder.n_written;
  assert_int_equal (owner->received->len, SMALL_ROOM);
  assert_true (n_stopped < FLOOD);

  owner->room = SMALL_ROOM;
  ea_link_set_room (owner->link, SMALL_ROOM);
  WAIT_FOR (owner->n_peer_closed == 1);

  assert_true (owner->largest <= SMALL_ROOM);
  assert_int_equal (owner->received->len, FLOOD);
  assert_pattern (owner->received->data, FLOOD, 0);
}

static void
test_queue_is_bounded_and_tells_when_there_is_room_again (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);
  g_autoptr (GError) error = NULL;
  gsize n_sent = 0;

  for (; owner_send (owner, n_sent, SMALL_ROOM, &error); n_sent += SMALL_ROOM)
    assert_true (ea_link_get_queued (owner->link) <= EA_LINK_SEND_MAX);
  assert_true (g_error_matches (error, EA_LINK_ERROR, EA_LINK_ERROR_FULL));
  assert_true (ea_link_get_send_room (owner->link) < SMALL_ROOM);
  assert_int_equal (owner->n_writable, 0);
  assert_int_equal (ea_link_get_bytes_sent (owner->link) + ea_link_get_queued (owner->link),
                    n_sent);

  peer_expect_pattern (fd, 0, (gsize) ea_link_get_bytes_sent (owner->link));
  WAIT_FOR (owner->n_writable > 0);
  assert_true (ea_link_get_send_room (owner->link) >= SMALL_ROOM);
  close (fd);
}

static void
test_small_pieces_fill_the_queue_as_large_ones_do (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);
  g_autoptr (GError) error = NULL;
  g_autoptr (PeerReader) reader = NULL;
  gsize n_sent = 0;

  for (; ea_link_get_queued (owner->link) == 0; n_sent += SMALL_ROOM)
    assert_true (owner_send (owner, n_sent, SMALL_ROOM, NULL));
  while (owner_send (owner, n_sent, 1, &error))
    n_sent++;

  assert_true (g_error_matches (error, EA_LINK_ERROR, EA_LINK_ERROR_FULL));
  assert_int_equal (ea_link_get_queued (owner->link), EA_LINK_SEND_MAX);
  assert_int_equal (ea_link_get_send_room (owner->link), 0);
  reader = peer_reader_new (fd);
  WAIT_FOR (reader->received->len == n_sent);
  assert_pattern (reader->received->data, n_sent, 0);
  close (fd);
}

static void
test_more_than_the_queue_is_too_large_and_harms_nothing (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);
  g_autoptr (GError) error = NULL;

  assert_false (owner_send (owner, 0, EA_LINK_SEND_MAX + 1, &error));

  assert_true (g_error_matches (error, EA_LINK_ERROR, EA_LINK_ERROR_TOO_LARGE));
  assert_true (owner_send (owner, 0, 10, NULL));
  assert_true (owner_send (owner, 0, 0, NULL));
  peer_expect_pattern (fd, 0, 10);
  close (fd);
}

static void
test_link_that_is_not_open_takes_nothing (void **state)
{
  g_autoptr (Owner) owner = owner_new (ea_link_new (EA_LINK_TCP, NULL));
  g_autoptr (GError) error = NULL;

  assert_false (owner_send (owner, 0, 1, &error));

  assert_true (g_error_matches (error, EA_LINK_ERROR, EA_LINK_ERROR_CLOSED));
  assert_int_equal (ea_link_get_send_room (owner->link), 0);
  assert_null (ea_link_get_local (owner->link));
}

static void
test_reset_comes_after_the_bytes_before_it (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  peer_write (fd, 0, 100);
  peer_reset (fd);
  ea_link_set_room (owner->link, 60);
  WAIT_FOR (owner->received->len == 60);
  assert_int_equal (owner->n_ended, 0);
  ea_link_set_room (owner->link, 60);
  WAIT_FOR (owner->n_ended == 1);

  assert_int_equal (owner->received->len, 100);
  assert_int_equal (owner->end_error, EA_LINK_ERROR_RESET);
  assert_int_equal (owner->n_peer_closed, 0);
  assert_false (ea_link_is_open (owner->link));
}

static void
test_failed_sending_ends_the_link_only_after_the_last_byte (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;

  peer_write (fd, 0, 100);
  peer_reset (fd);
  assert_false (owner_send (owner, 0, 10, &error));
  assert_false (owner_send (owner, 0, 10, &again));
  run_ready ();
  assert_int_equal (owner->n_ended, 0);
  ea_link_set_room (owner->link, 200);
  WAIT_FOR (owner->n_ended == 1);

  assert_true (g_error_matches (error, EA_LINK_ERROR, EA_LINK_ERROR_RESET));
  assert_true (g_error_matches (again, EA_LINK_ERROR, EA_LINK_ERROR_RESET));
  assert_int_equal (owner->received->len, 100);
  assert_int_equal (owner->end_error, EA_LINK_ERROR_RESET);
}

static void
test_peer_that_closed_and_went_ends_the_link_from_the_main_loop (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  ea_link_set_room (owner->link, 10);
  close (fd);
  WAIT_FOR (owner->n_peer_closed == 1);
  while (owner_send (owner, 0, 10, NULL)) /* the first is answered by a reset */
    run_ready ();
  assert_int_equal (owner->n_ended, 0);
  WAIT_FOR (owner->n_ended == 1);

  assert_int_equal (owner->end_error, EA_LINK_ERROR_CLOSED);
}

static void
test_half_closed_peer_can_still_be_sent_to (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  ea_link_set_room (owner->link, 10);
  shutdown (fd, SHUT_WR);
  WAIT_FOR (owner->n_peer_closed == 1);
  assert_true (ea_link_is_open (owner->link));
  assert_true (owner_send (owner, 0, 1000, NULL));
  ea_link_close (owner->link, CLOSE_TIMEOUT_MS);
  WAIT_FOR (owner->n_ended == 1);

  assert_int_equal (owner->end_error, -1);
  peer_expect_pattern (fd, 0, 1000);
  peer_expect_end (fd);
  close (fd);
}

static void
test_close_sends_what_is_queued_and_waits_for_the_peer (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);
  g_autoptr (PeerReader) reader = NULL;
  gsize n_sent = 0;

  while (owner_send (owner, n_sent, SMALL_ROOM, NULL))
    n_sent += SMALL_ROOM;
  ea_link_close (owner->link, CLOSE_TIMEOUT_MS);
  assert_false (ea_link_is_open (owner->link));
  peer_write (fd, 0, 100); /* is dropped */
  reader = peer_reader_new (fd);
  WAIT_FOR (reader->has_ended);
  assert_int_equal (reader->received->len, n_sent);
  assert_pattern (reader->received->data, n_sent, 0);
  run_ready ();
  assert_int_equal (owner->n_ended, 0);
  close (fd);
  WAIT_FOR (owner->n_ended == 1);

  assert_int_equal (owner->end_error, -1);
  assert_int_equal (owner->received->len, 0);
}

static void
test_closing_link_lives_without_its_owner (void **state)
{
  int fd;
  Owner *owner = connect_pair (LOOPBACK, &fd);
  EaLink *link = owner->link;

  assert_true (owner_send (owner, 0, 100, NULL));
  ea_link_close (link, CLOSE_TIMEOUT_MS);
  g_object_add_weak_pointer (G_OBJECT (link), (gpointer *) &link);
  owner_free (owner);
  assert_non_null (link);
  peer_expect_pattern (fd, 0, 100);
  peer_expect_end (fd);
  close (fd);
  WAIT_FOR (link == NULL);
}

static void
test_close_gives_up_a_peer_that_does_not_close (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  ea_link_close (owner->link, SHORT_TIMEOUT_MS);
  WAIT_FOR (owner->n_ended == 1);

  assert_int_equal (owner->end_error, EA_LINK_ERROR_TIMED_OUT);
  close (fd);
}

static void
close_link (EaLink *link, GBytes *bytes, gpointer user_data)
{
  ea_link_close (link, CLOSE_TIMEOUT_MS);
}

static void
test_close_tells_that_the_peer_broke_the_connection (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  while (owner_send (owner, 0, SMALL_ROOM, NULL))
    continue;
  ea_link_close (owner->link, CLOSE_TIMEOUT_MS);
  ea_link_close (owner->link, CLOSE_TIMEOUT_MS);
  peer_reset (fd);
  WAIT_FOR (owner->n_ended == 1);

  assert_int_equal (owner->end_error, EA_LINK_ERROR_RESET);
  assert_int_equal (ea_link_get_queued (owner->link), 0);
}

static void
test_close_after_failed_sending_tells_its_cause (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  peer_reset (fd);
  assert_false (owner_send (owner, 0, 10, NULL));
  ea_link_close (owner->link, CLOSE_TIMEOUT_MS);
  assert_int_equal (owner->n_ended, 0);
  WAIT_FOR (owner->n_ended == 1);

  assert_int_equal (owner->end_error, EA_LINK_ERROR_RESET);
}

static void
test_queue_that_breaks_is_told_by_the_next_call_and_the_end (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);
  g_autoptr (GError) error = NULL;

  peer_write (fd, 0, 5);
  while (owner_send (owner, 0, SMALL_ROOM, NULL))
    continue;
  peer_reset (fd);
  WAIT_FOR (ea_link_get_queued (owner->link) == 0);
  assert_int_equal (owner->n_writable, 0);
  assert_false (owner_send (owner, 0, 10, &error));
  assert_true (g_error_matches (error, EA_LINK_ERROR, EA_LINK_ERROR_RESET));
  assert_int_equal (owner->n_ended, 0);
  ea_link_set_room (owner->link, 10);
  WAIT_FOR (owner->n_ended == 1);

  assert_int_equal (owner->received->len, 5);
  assert_int_equal (owner->end_error, EA_LINK_ERROR_RESET);
}

static void
test_close_within_a_handler_drops_what_follows (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  g_signal_connect (owner->link, "received", G_CALLBACK (close_link), NULL);
  ea_link_set_room (owner->link, 10);
  peer_write (fd, 0, 20);
  WAIT_FOR (!ea_link_is_open (owner->link));
  close (fd);
  WAIT_FOR (owner->n_ended == 1);

  assert_int_equal (owner->received->len, 10);
  assert_int_equal (owner->end_error, -1);
}

static void
test_abort_resets_the_peer_and_no_signal_follows (void **state)
{
  int fd;
  guint8 byte;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  ea_link_set_room (owner->link, 10);
  peer_write (fd, 0, 5);
  ea_link_abort (owner->link);
  run_ready ();

  assert_int_equal (owner->n_ended, 0);
  assert_int_equal (owner->received->len, 0);
  assert_int_equal (recv (fd, &byte, 1, 0), -1);
  assert_int_equal (errno, ECONNRESET);
  close (fd);
}

static void
test_abort_of_a_closing_link_frees_it (void **state)
{
  int fd;
  Owner *owner = connect_pair (LOOPBACK, &fd);
  EaLink *link = owner->link;

  g_object_add_weak_pointer (G_OBJECT (link), (gpointer *) &link);
  ea_link_close (link, CLOSE_TIMEOUT_MS);
  ea_link_abort (link);
  assert_int_equal (owner->n_ended, 0);
  owner_free (owner);

  assert_null (link);
  close (fd);
}

static void
drop_link (EaLink *link, GBytes *bytes, gpointer user_data)
{
  Owner *owner = user_data;

  g_signal_handlers_disconnect_by_data (link, owner);
  g_clear_object (&owner->link);
}

static void
test_handler_may_drop_the_link (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  g_signal_connect (owner->link, "received", G_CALLBACK (drop_link), owner);
  ea_link_set_room (owner->link, 10);
  peer_write (fd, 0, 20);
  WAIT_FOR (owner->link == NULL);

  assert_int_equal (owner->received->len, 10);
  close (fd);
}

static void
test_link_bound_to_loopback_reaches_it (void **state)
{
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  g_autoptr (Owner) owner = owner_new_connected (EA_LINK_TCP, "lo", LOOPBACK, port);

  assert_string_equal (ea_link_get_interface (owner->link), "lo");
  close (listener);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_bytes_go_both_ways_over_ipv4_and_are_counted),
    cmocka_unit_test (test_bytes_go_both_ways_over_ipv6),
    cmocka_unit_test (test_both_addresses_are_known),
    cmocka_unit_test (test_an_ipv4_address_in_ipv6_form_is_reached_over_ipv4),
    cmocka_unit_test (test_port_without_a_listener_is_refused),
    cmocka_unit_test (test_peer_that_does_not_answer_times_out),
    cmocka_unit_test (test_connecting_can_be_cancelled),
    cmocka_unit_test (test_abort_while_connecting_fails_the_call_later),
    cmocka_unit_test (test_interface_that_is_not_there_is_named),
    cmocka_unit_test (test_nothing_is_read_without_room_and_the_end_comes_after_the_last_byte),
    cmocka_unit_test (test_flood_is_stopped_at_the_room_and_nothing_is_lost),
    cmocka_unit_test (test_queue_is_bounded_and_tells_when_there_is_room_again),
    cmocka_unit_test (test_small_pieces_fill_the_queue_as_large_ones_do),
    cmocka_unit_test (test_more_than_the_queue_is_too_large_and_harms_nothing),
    cmocka_unit_test (test_link_that_is_not_open_takes_nothing),
    cmocka_unit_test (test_reset_comes_after_the_bytes_before_it),
    cmocka_unit_test (test_failed_sending_ends_the_link_only_after_the_last_byte),
    cmocka_unit_test (test_peer_that_closed_and_went_ends_the_link_from_the_main_loop),
    cmocka_unit_test (test_half_closed_peer_can_still_be_sent_to),
    cmocka_unit_test (test_close_sends_what_is_queued_and_waits_for_the_peer),
    cmocka_unit_test (test_closing_link_lives_without_its_owner),
    cmocka_unit_test (test_close_gives_up_a_peer_that_does_not_close),
    cmocka_unit_test (test_close_tells_that_the_peer_broke_the_connection),
    cmocka_unit_test (test_close_after_failed_sending_tells_its_cause),
    cmocka_unit_test (test_queue_that_breaks_is_told_by_the_next_call_and_the_end),
    cmocka_unit_test (test_close_within_a_handler_drops_what_follows),
    cmocka_unit_test (test_abort_resets_the_peer_and_no_signal_follows),
    cmocka_unit_test (test_abort_of_a_closing_link_frees_it),
    cmocka_unit_test (test_handler_may_drop_the_link),
    cmocka_unit_test (test_link_bound_to_loopback_reaches_it),
  };

  return cmocka_run_group_tests_name ("link", tests, NULL, NULL);
}
