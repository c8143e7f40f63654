/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Links that are bound to an interface, and ways that lead nowhere (agent/net/link.h), between a gateway and a world
 * (world.h).
 */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "link-peer.h"
#include "net/address-policy.h"
#include "net/link-listener.h"
#include "network.h"
#include "world.h"

#define SILENT_HOST "10.1.0.9"
#define SHORT_TIMEOUT_MS 50
#define DATAGRAM_SIZE 1000
#define SLOW_DOWN "tc qdisc add dev w0 root tbf rate 8kbit burst 1540 limit 10mb"
#define SPEED_UP "tc qdisc del dev w0 root"

/* A plain socket in the world. */
static int
world_bind (int type, const char *address, guint16 *port)
{
  int fd;

  world_enter ();
  *port = 0;
  fd = peer_bind (type, address, port);
  world_leave ();
  if (type == SOCK_STREAM)
    assert_return_code (listen (fd, 4), errno);
  return fd;
}

static char *
text_of_native (struct sockaddr_storage *native, socklen_t size)
{
  g_autoptr (GSocketAddress) address = g_socket_address_new_from_native (native, size);

  return g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

static void
assert_tcp_source (const char *interface, const char *source)
{
  guint16 port;
  int listener = world_bind (SOCK_STREAM, WORLD, &port);
  g_autoptr (Owner) owner = owner_new_connected (EA_LINK_TCP, interface, WORLD, port);
  int fd = peer_accept (listener);
  struct sockaddr_storage native;
  socklen_t size = sizeof native;
  g_autofree char *actual = NULL;

  assert_return_code (getpeername (fd, (struct sockaddr *) &native, &size), errno);
  actual = text_of_native (&native, size);

  assert_string_equal (actual, source);
  assert_true (ea_link_is_open (owner->link));
  close (fd);
  close (listener);
}

static void
test_tcp_leaves_by_its_interface_whatever_the_routes_prefer (void **state)
{
  world_require ();

  assert_tcp_source (NULL, "10.1.0.1");
  assert_tcp_source ("w0", "10.2.0.1");
  assert_tcp_source ("v0", "10.1.0.1");
}

static void
assert_udp_source (const char *interface, const char *source)
{
  guint16 port;
  int fd = world_bind (SOCK_DGRAM, WORLD, &port);
  g_autoptr (Owner) owner = owner_new_connected (EA_LINK_UDP, interface, WORLD, port);
  struct sockaddr_storage native;
  socklen_t size = sizeof native;
  guint8 byte;
  g_autofree char *actual = NULL;

  assert_true (owner_send (owner, 0, 1, NULL));
  assert_int_equal (recvfrom (fd, &byte, 1, 0, (struct sockaddr *) &native, &size), 1);
  actual = text_of_native (&native, size);

  assert_string_equal (actual, source);
  close (fd);
}

/* The gateway's kernel holds a quarter of the queue (tcp_wmem), the world's window is smaller still. */
static void
test_piece_that_was_taken_in_part_goes_on_where_it_stopped (void **state)
{
  g_autoptr (Owner) owner = NULL;
  g_autoptr (PeerReader) reader = NULL;
  gsize n_sent = 0;
  guint16 port;
  int listener;
  int fd;

  world_require ();
  listener = world_bind (SOCK_STREAM, WORLD, &port);
  owner = owner_new_connected (EA_LINK_TCP, NULL, WORLD, port);
  fd = peer_accept (listener);
  for (; owner_send (owner, n_sent, EA_LINK_SEND_MAX - 1, NULL); n_sent += EA_LINK_SEND_MAX - 1)
    continue;
  assert_true (ea_link_get_queued (owner->link) > 0);
  assert_true (ea_link_get_queued (owner->link) < EA_LINK_SEND_MAX - 1);
  reader = peer_reader_new (fd);
  WAIT_FOR (reader->received->len == n_sent);

  assert_pattern (reader->received->data, n_sent, 0);
  assert_int_equal (ea_link_get_bytes_sent (owner->link), n_sent);
  close (fd);
  close (listener);
}

static void
test_udp_leaves_by_its_interface_whatever_the_routes_prefer (void **state)
{
  world_require ();

  assert_udp_source (NULL, "10.1.0.1");
  assert_udp_source ("w0", "10.2.0.1");
}

static void
test_ipv6_peer_is_reached_through_an_interface (void **state)
{
  guint16 port;
  int listener;
  g_autoptr (Owner) owner = NULL;

  world_require ();
  listener = world_bind (SOCK_STREAM, "fd01::2", &port);
  owner = owner_new_connected (EA_LINK_TCP, "v0", "fd01::2", port);

  assert_true (ea_link_is_open (owner->link));
  close (listener);
}

static void
expect_failure (const char *address, guint timeout_ms, EaLinkError code)
{
  g_autoptr (Owner) owner = owner_new (ea_link_new (EA_LINK_TCP, NULL));

  owner_connect (owner, address, 443, timeout_ms, NULL);
  owner_expect_failure (owner, code);
  assert_non_null (strstr (owner->connect_error->message, address));
}

static void
test_each_way_that_leads_nowhere_has_its_cause (void **state)
{
  world_require ();

  expect_failure ("192.0.2.1", CONNECT_TIMEOUT_MS, EA_LINK_ERROR_UNREACHABLE); /* no route */
  expect_failure ("203.0.113.1", CONNECT_TIMEOUT_MS, EA_LINK_ERROR_UNREACHABLE);
  expect_failure ("203.0.113.2", CONNECT_TIMEOUT_MS, EA_LINK_ERROR_NOT_ALLOWED);
  expect_failure ("203.0.113.3", CONNECT_TIMEOUT_MS, EA_LINK_ERROR_UNREACHABLE);
  expect_failure ("203.0.113.129", CONNECT_TIMEOUT_MS,
                  EA_LINK_ERROR_UNREACHABLE); /* a router says */
  expect_failure (WORLD, CONNECT_TIMEOUT_MS, EA_LINK_ERROR_REFUSED);
  expect_failure (SILENT_HOST, SHORT_TIMEOUT_MS, EA_LINK_ERROR_TIMED_OUT);
}

static void
check_router_is_heard (const char *address)
{
  g_autoptr (Owner) owner = owner_new_connected (EA_LINK_UDP, "v0", address, 9);

  assert_true (owner_send (owner, 0, 10, NULL));
  WAIT_FOR (owner->n_datagram_errors == 1);

  assert_int_equal (owner->datagram_error, EA_LINK_ERROR_UNREACHABLE);
  assert_true (ea_link_is_open (owner->link));
}

static void
test_router_that_refuses_a_datagram_is_heard_and_the_link_goes_on (void **state)
{
  world_require ();

  check_router_is_heard ("203.0.113.129");
  check_router_is_heard ("2001:db8:1::1");
}

static void
on_accepted (EaLinkListener *listener, EaLink *link, gpointer user_data)
{
  *(Owner **) user_data = owner_new (g_object_ref (link));
}

/* Returns: 0 or the errno of connecting from the world. */
static int
call_gateway (const char *address, guint16 port)
{
  g_autoptr (GSocketAddress) target = g_inet_socket_address_new_from_string (address, port);
  struct sockaddr_storage native;
  gssize size = g_socket_address_get_native_size (target);
  int number = 0;
  int fd;

  assert_true (g_socket_address_to_native (target, &native, sizeof native, NULL));
  world_enter ();
  fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  world_leave ();
  if (connect (fd, (struct sockaddr *) &native, (socklen_t) size) < 0)
    number = errno;
  close (fd);
  return number;
}

static void
test_listener_is_reached_through_its_interface_only (void **state)
{
  g_autoptr (EaLinkListener) listener = ea_link_listener_new ("w0", 4711);
  g_autoptr (Owner) owner = NULL;

  world_require ();
  g_signal_connect (listener, "accepted", G_CALLBACK (on_accepted), &owner);
  assert_true (ea_link_listener_listen (listener, NULL));
  assert_int_equal (call_gateway ("10.1.0.1", 4711), ECONNREFUSED);
  run_ready ();
  assert_null (owner);
  assert_int_equal (call_gateway ("10.2.0.1", 4711), 0);
  WAIT_FOR (owner != NULL);

  assert_string_equal (ea_link_get_interface (owner->link), "w0");
}

static void
test_gateways_addresses_and_broadcasts_are_read_when_asked (void **state)
{
  g_autoptr (EaAddressPolicy) policy = ea_address_policy_new (NULL, NULL, NULL);
  g_autoptr (EaAddressOwn) own = NULL;
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string ("10.1.0.1");
  g_autoptr (GInetAddress) address_v6 = g_inet_address_new_from_string ("fd01::1");
  g_autoptr (GInetAddress) broadcast = g_inet_address_new_from_string ("10.1.0.255");

  world_require ();
  own = ea_address_own_read (NULL);

  assert_int_equal (ea_address_policy_judge (policy, address, own).rule, EA_ADDRESS_RULE_OWN);
  assert_int_equal (ea_address_policy_judge (policy, address_v6, own).rule, EA_ADDRESS_RULE_OWN);
  assert_int_equal (ea_address_policy_judge (policy, broadcast, own).rule,
                    EA_ADDRESS_RULE_BROADCAST);
}

/* Sends datagrams of 1000 bytes until the queue is full. Returns: how many were taken. */
static guint
fill_queue (Owner *owner)
{
  g_autoptr (GError) error = NULL;
  guint n_sent = 0;

  while (owner_send (owner, n_sent, DATAGRAM_SIZE, &error))
    n_sent++;
  assert_true (g_error_matches (error, EA_LINK_ERROR, EA_LINK_ERROR_FULL));
  assert_int_equal (ea_link_get_queued (owner->link),
                    EA_LINK_SEND_MAX / DATAGRAM_SIZE * DATAGRAM_SIZE);
  return n_sent;
}

static void
test_datagrams_queue_for_a_slow_bearer_and_go_out_whole_in_order (void **state)
{
  guint16 port;
  g_autoptr (Owner) owner = NULL;
  guint n_sent;
  int fd;

  world_require ();
  if (!network_run (SLOW_DOWN))
    skip ();
  fd = world_bind (SOCK_DGRAM, WORLD, &port);
  owner = owner_new_connected (EA_LINK_UDP, "w0", WORLD, port);
  n_sent = fill_queue (owner);
  assert_true (network_run (SPEED_UP)); /* the kernel drops what it held; the queue is ours */
  WAIT_FOR (ea_link_get_queued (owner->link) == 0);
  assert_true (owner->n_writable > 0);
  assert_int_equal (owner->n_datagram_errors, 0);

  for (guint i = n_sent - EA_LINK_SEND_MAX / DATAGRAM_SIZE; i < n_sent;)
    {
      guint8 data[2 * DATAGRAM_SIZE];

      assert_int_equal (recv (fd, data, sizeof data, 0), DATAGRAM_SIZE);
      if (data[0] != pattern_byte (i))
        continue; /* the few that were on the line before */
      assert_pattern (data, DATAGRAM_SIZE, i);
      i++;
    }
  close (fd);
}

static void
test_each_queued_datagram_that_is_lost_is_told (void **state)
{
  static const char *const commands[] = { "link set w0 down", NULL };
  g_autoptr (Owner) owner = NULL;

  world_require ();
  if (!network_run (SLOW_DOWN))
    skip ();
  owner = owner_new_connected (EA_LINK_UDP, "w0", WORLD, 9);
  (void) fill_queue (owner);
  assert_true (world_run_ip (commands));
  WAIT_FOR (ea_link_get_queued (owner->link) == 0);

  /* The kernel may tell of one of its own as well. */
  assert_true (owner->n_datagram_errors >= EA_LINK_SEND_MAX / DATAGRAM_SIZE);
  assert_int_equal (owner->datagram_error, EA_LINK_ERROR_UNREACHABLE);
  assert_true (ea_link_is_open (owner->link));
}

/* The last one: it leaves an interface down. */
static void
test_interface_that_goes_down_makes_datagrams_unreachable (void **state)
{
  static const char *const commands[] = { "link set v0 down", NULL };
  g_autoptr (Owner) owner = NULL;
  g_autoptr (GError) error = NULL;

  world_require ();
  owner = owner_new_connected (EA_LINK_UDP, "v0", "10.1.0.2", 9);
  assert_true (world_run_ip (commands));
  assert_false (owner_send (owner, 0, 10, &error));

  assert_true (g_error_matches (error, EA_LINK_ERROR, EA_LINK_ERROR_UNREACHABLE));
  assert_true (ea_link_is_open (owner->link));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_tcp_leaves_by_its_interface_whatever_the_routes_prefer),
    cmocka_unit_test (test_piece_that_was_taken_in_part_goes_on_where_it_stopped),
    cmocka_unit_test (test_udp_leaves_by_its_interface_whatever_the_routes_prefer),
    cmocka_unit_test (test_ipv6_peer_is_reached_through_an_interface),
    cmocka_unit_test (test_each_way_that_leads_nowhere_has_its_cause),
    cmocka_unit_test (test_router_that_refuses_a_datagram_is_heard_and_the_link_goes_on),
    cmocka_unit_test (test_listener_is_reached_through_its_interface_only),
    cmocka_unit_test (test_gateways_addresses_and_broadcasts_are_read_when_asked),
    cmocka_unit_test (test_datagrams_queue_for_a_slow_bearer_and_go_out_whole_in_order),
    cmocka_unit_test (test_each_queued_datagram_that_is_lost_is_told),
    cmocka_unit_test (test_interface_that_goes_down_makes_datagrams_unreachable),
  };

  return cmocka_run_group_tests_name ("link-interface", tests, world_make, NULL);
}
