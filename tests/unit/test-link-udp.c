/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* UDP links (agent/net/link.h) with plain sockets of this process as peers, over loopback. */

#include <errno.h>
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
#define LARGE_ROOM 200000

static void
connect_fd (int fd, GInetSocketAddress *address)
{
  struct sockaddr_storage native;
  gssize size = g_socket_address_get_native_size (G_SOCKET_ADDRESS (address));

  assert_true (
      g_socket_address_to_native (G_SOCKET_ADDRESS (address), &native, sizeof native, NULL));
  assert_return_code (connect (fd, (struct sockaddr *) &native, (socklen_t) size), errno);
}

/* (transfer full): an owner whose peer is @fd, and the other way round. */
static Owner *
connect_pair (const char *address, int *fd)
{
  guint16 port = 0;
  Owner *owner;
  g_autoptr (GInetSocketAddress) local = NULL;

  *fd = peer_bind (SOCK_DGRAM, address, &port);
  owner = owner_new_connected (EA_LINK_UDP, NULL, address, port);
  local = ea_link_get_local (owner->link);
  connect_fd (*fd, local);
  return owner;
}

static void
assert_piece (Owner *owner, guint index, gsize size, gsize offset)
{
  gsize actual;
  const guint8 *data = g_bytes_get_data (g_ptr_array_index (owner->pieces, index), &actual);

  assert_int_equal (actual, size);
  assert_pattern (data, size, offset);
}

static void
test_each_datagram_is_one_signal_also_an_empty_one (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  peer_write (fd, 0, 10);
  peer_write (fd, 10, 0);
  peer_write (fd, 10, 1400);
  ea_link_set_room (owner->link, LARGE_ROOM);
  WAIT_FOR (owner->pieces->len == 3);

  assert_piece (owner, 0, 10, 0);
  assert_piece (owner, 1, 0, 10);
  assert_piece (owner, 2, 1400, 10);
  assert_int_equal (ea_link_get_room (owner->link), LARGE_ROOM - 1410);
  assert_int_equal (ea_link_get_bytes_received (owner->link), 1410);
  close (fd);
}

static void
test_each_call_sends_one_datagram_also_an_empty_one (void **state)
{
  int fd;
  guint8 data[2000];
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  assert_true (owner_send (owner, 0, 10, NULL));
  assert_true (owner_send (owner, 0, 0, NULL));
  assert_true (owner_send (owner, 0, 1400, NULL));

  assert_int_equal (recv (fd, data, sizeof data, 0), 10);
  assert_int_equal (recv (fd, data, sizeof data, 0), 0);
  assert_int_equal (recv (fd, data, sizeof data, 0), 1400);
  assert_pattern (data, 1400, 0);
  assert_int_equal (ea_link_get_bytes_sent (owner->link), 1410);
  close (fd);
}

static void
check_largest (const char *address, gsize most)
{
  int fd;
  g_autofree guint8 *data = g_malloc (most + 1);
  g_autoptr (Owner) owner = connect_pair (address, &fd);
  g_autoptr (GError) error = NULL;

  ea_link_set_room (owner->link, EA_LINK_DATAGRAM_MAX);
  peer_write (fd, 0, most);
  WAIT_FOR (owner->pieces->len == 1);
  assert_piece (owner, 0, most, 0);

  assert_true (owner_send (owner, 0, most, NULL));
  assert_int_equal (recv (fd, data, most + 1, 0), most);
  assert_pattern (data, most, 0);

  assert_false (owner_send (owner, 0, most + 1, &error));
  assert_true (g_error_matches (error, EA_LINK_ERROR, EA_LINK_ERROR_TOO_LARGE));
  close (fd);
}

static void
test_largest_datagram_goes_both_ways_over_ipv4 (void **state)
{
  check_largest (LOOPBACK, 65507);
}

static void
test_largest_datagram_goes_both_ways_over_ipv6 (void **state)
{
  check_largest (LOOPBACK_V6, 65527);
}

static void
test_datagram_waits_whole_until_there_is_room_for_it (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  peer_write (fd, 0, 100);
  peer_write (fd, 100, 50);
  run_ready ();
  assert_int_equal (owner->pieces->len, 0);
  ea_link_set_room (owner->link, 99);
  run_ready ();
  assert_int_equal (owner->pieces->len, 0);
  ea_link_set_room (owner->link, 149);
  WAIT_FOR (owner->pieces->len == 1);
  run_ready ();
  assert_int_equal (owner->pieces->len, 1);
  ea_link_set_room (owner->link, 50);
  WAIT_FOR (owner->pieces->len == 2);

  assert_piece (owner, 0, 100, 0);
  assert_piece (owner, 1, 50, 100);
  assert_int_equal (owner->n_datagram_errors, 0);
  close (fd);
}

static void
test_datagram_that_can_never_be_taken_is_dropped_and_told (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  ea_link_set_datagram_max (owner->link, 100);
  ea_link_set_room (owner->link, 100);
  peer_write (fd, 0, 101);
  peer_write (fd, 0, 100);
  WAIT_FOR (owner->pieces->len == 1);

  assert_piece (owner, 0, 100, 0);
  assert_int_equal (owner->n_datagram_errors, 1);
  assert_int_equal (owner->datagram_error, EA_LINK_ERROR_TOO_LARGE);
  close (fd);
}

static void
check_refused (const char *address)
{
  int fd;
  guint16 port;
  g_autoptr (Owner) owner = connect_pair (address, &fd);

  port = g_inet_socket_address_get_port (ea_link_get_peer (owner->link));
  close (fd);
  assert_true (owner_send (owner, 0, 10, NULL));
  WAIT_FOR (owner->n_datagram_errors == 1); /* told without room, too */
  assert_int_equal (owner->datagram_error, EA_LINK_ERROR_REFUSED);
  run_ready ();
  assert_int_equal (owner->n_datagram_errors, 1);

  fd = peer_bind (SOCK_DGRAM, address, &port);
  assert_true (owner_send (owner, 10, 10, NULL));
  peer_expect_pattern (fd, 10, 10);
  assert_true (ea_link_is_open (owner->link));
  assert_int_equal (owner->n_ended, 0);
  close (fd);
}

static void
test_refused_datagram_is_told_once_and_the_link_goes_on_over_ipv4 (void **state)
{
  check_refused (LOOPBACK);
}

static void
test_refused_datagram_is_told_once_and_the_link_goes_on_over_ipv6 (void **state)
{
  check_refused (LOOPBACK_V6);
}

static void
test_error_of_one_datagram_does_not_swallow_the_next (void **state)
{
  int fd;
  guint16 port;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  port = g_inet_socket_address_get_port (ea_link_get_peer (owner->link));
  close (fd);
  assert_true (owner_send (owner, 0, 10, NULL)); /* its ICMP error waits in the socket */
  fd = peer_bind (SOCK_DGRAM, LOOPBACK, &port);
  assert_true (owner_send (owner, 10, 10, NULL));

  peer_expect_pattern (fd, 10, 10);
  WAIT_FOR (owner->n_datagram_errors == 1);
  close (fd);
}

static void
abort_link (EaLink *link, const GError *error, gpointer user_data)
{
  ea_link_abort (link);
}

static void
test_link_may_be_aborted_when_a_datagram_was_lost (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  close (fd);
  g_signal_connect (owner->link, "datagram-error", G_CALLBACK (abort_link), NULL);
  assert_true (owner_send (owner, 0, 10, NULL));
  WAIT_FOR (owner->n_datagram_errors == 1);

  assert_false (ea_link_is_open (owner->link));
}

static void
test_datagrams_of_others_are_not_seen (void **state)
{
  int fd;
  guint16 port = 0;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);
  g_autoptr (GInetSocketAddress) local = ea_link_get_local (owner->link);
  int stranger = peer_bind (SOCK_DGRAM, LOOPBACK, &port);

  connect_fd (stranger, local);
  (void) send (stranger, "x", 1, 0);
  peer_write (fd, 0, 2);
  ea_link_set_room (owner->link, 10);
  WAIT_FOR (owner->pieces->len > 0);

  assert_piece (owner, 0, 2, 0);
  close (stranger);
  close (fd);
}

static void
test_cancelling_after_the_link_was_opened_is_too_late (void **state)
{
  guint16 port = 0;
  int fd = peer_bind (SOCK_DGRAM, LOOPBACK, &port);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (Owner) owner = owner_new (ea_link_new (EA_LINK_UDP, NULL));

  owner_connect (owner, LOOPBACK, port, CONNECT_TIMEOUT_MS, cancellable);
  g_cancellable_cancel (cancellable);
  WAIT_FOR (owner->n_connected == 1 || owner->connect_error != NULL);

  assert_null (owner->connect_error);
  assert_true (ea_link_is_open (owner->link));
  close (fd);
}

static void
test_close_ends_the_link_from_the_main_loop (void **state)
{
  int fd;
  g_autoptr (Owner) owner = connect_pair (LOOPBACK, &fd);

  assert_true (owner_send (owner, 0, 10, NULL));
  ea_link_close (owner->link, CLOSE_TIMEOUT_MS);
  assert_int_equal (owner->n_ended, 0);
  WAIT_FOR (owner->n_ended == 1);

  assert_int_equal (owner->end_error, -1);
  peer_expect_pattern (fd, 0, 10);
  close (fd);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_each_datagram_is_one_signal_also_an_empty_one),
    cmocka_unit_test (test_each_call_sends_one_datagram_also_an_empty_one),
    cmocka_unit_test (test_largest_datagram_goes_both_ways_over_ipv4),
    cmocka_unit_test (test_largest_datagram_goes_both_ways_over_ipv6),
    cmocka_unit_test (test_datagram_waits_whole_until_there_is_room_for_it),
    cmocka_unit_test (test_datagram_that_can_never_be_taken_is_dropped_and_told),
    cmocka_unit_test (test_refused_datagram_is_told_once_and_the_link_goes_on_over_ipv4),
    cmocka_unit_test (test_refused_datagram_is_told_once_and_the_link_goes_on_over_ipv6),
    cmocka_unit_test (test_error_of_one_datagram_does_not_swallow_the_next),
    cmocka_unit_test (test_link_may_be_aborted_when_a_datagram_was_lost),
    cmocka_unit_test (test_datagrams_of_others_are_not_seen),
    cmocka_unit_test (test_cancelling_after_the_link_was_opened_is_too_late),
    cmocka_unit_test (test_close_ends_the_link_from_the_main_loop),
  };

  return cmocka_run_group_tests_name ("link-udp", tests, NULL, NULL);
}
