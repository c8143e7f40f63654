/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* UICC in server mode, TS 102 223 §6.4.27.5: a port of the bearer's interface, and one peer after the other. */

#include <errno.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "channel-rig.h"
#include "link-peer.h"
#include "network.h"

#define LISTENING "4100"
#define ESTABLISHED "8100"
#define PORT_NOT_AVAILABLE "83023A10"
#define CLOSED "810301410182028281830100"

/* A port that is free: in the network of this test nobody else takes it. */
static guint16
find_port (void)
{
  guint16 port = 0;

  close (peer_bind (SOCK_STREAM, LOOPBACK, &port));
  return port;
}

/* Channel 1 listens. Returns: its port */
static guint16
listen_for_peers (ToolkitRig *rig)
{
  guint16 port = find_port ();
  const OpenChannel open = { 0, 1024, TCP_SERVER, port, NULL };

  channel_rig_set_events (rig);
  channel_rig_open (rig, &open, OK, LISTENING);
  return port;
}

static void
assert_refused (guint16 port)
{
  const struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_port = htons (port),
                                       .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, SOCK_STREAM, 0);

  assert_int_equal (connect (fd, (const struct sockaddr *) &address, sizeof address), -1);
  assert_int_equal (errno, ECONNREFUSED);
  close (fd);
}

static void
test_peer_of_a_server_exchanges_data_and_leaves (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port = listen_for_peers (rig);
  int peer;

  channel_rig_expect_state (rig, 1, "listening");
  toolkit_rig_exchange (rig, GET_STATUS,
                        "810301440082028281830100"
                        "3802" LISTENING);
  peer = peer_connect (LOOPBACK, port);
  channel_rig_expect_status (rig, ESTABLISHED);
  channel_rig_expect_state (rig, 1, "established");
  assert_refused (port); /* one at a time */
  channel_rig_send (rig, 1, 0, 200, 0xFF);
  peer_expect_pattern (peer, 0, 200);
  peer_write (peer, 0, 30);
  channel_rig_expect_data (rig, 1, 30);
  close (peer);
  channel_rig_receive (rig, 1, 20, OK, 0, 20, 10);
  channel_rig_expect_data (rig, 1, 10);
  channel_rig_receive (rig, 1, 10, OK, 20, 10, 0);
  channel_rig_expect_status (rig, LISTENING);
  channel_rig_expect_state (rig, 1, "listening");
  toolkit_rig_expect_nothing (rig);
}

static void
test_next_peer_comes_after_the_first_has_left (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port = listen_for_peers (rig);

  for (guint i = 0; i < 3; i++)
    {
      int peer = peer_connect (LOOPBACK, port);

      channel_rig_expect_status (rig, ESTABLISHED);
      channel_rig_send (rig, 1, 0, 10, 0xFF);
      peer_expect_pattern (peer, 0, 10);
      close (peer);
      channel_rig_expect_status (rig, LISTENING);
    }
  toolkit_rig_expect_nothing (rig);
}

static void
test_peer_comes_over_ipv6_too (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port = listen_for_peers (rig);
  int peer;

  toolkit_rig_allow (rig, "::1");
  peer = peer_connect ("::1", port);
  channel_rig_expect_status (rig, ESTABLISHED);
  channel_rig_send (rig, 1, 0, 10, 0xFF);
  peer_expect_pattern (peer, 0, 10);

  close (peer);
}

static gboolean
is_reset (int fd)
{
  guint8 byte;

  return recv (fd, &byte, sizeof byte, MSG_DONTWAIT) < 0 && errno == ECONNRESET;
}

static void
test_peer_whose_address_is_not_allowed_is_turned_away (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port = listen_for_peers (rig);
  int stranger;
  int peer;

  toolkit_rig_allow (rig, "127.0.0.2");
  stranger = peer_connect (LOOPBACK, port);
  WAIT_FOR (is_reset (stranger));
  channel_rig_expect_state (rig, 1, "listening");
  toolkit_rig_expect_nothing (rig);
  toolkit_rig_allow (rig, LOOPBACK);
  peer = peer_connect (LOOPBACK, port);
  channel_rig_expect_status (rig, ESTABLISHED);

  close (peer);
  close (stranger);
}

static void
test_close_to_listen_ends_the_peer_and_keeps_the_port (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port = listen_for_peers (rig);
  g_autofree char *close_to_listen = make_close_channel (1, 1);
  int first = peer_connect (LOOPBACK, port);
  int second;

  channel_rig_expect_status (rig, ESTABLISHED);
  toolkit_rig_exchange (rig, close_to_listen, CLOSED);
  peer_expect_end (first);
  second = peer_connect (LOOPBACK, port);
  channel_rig_expect_status (rig, ESTABLISHED);
  channel_rig_send (rig, 1, 0, 10, 0xFF);
  peer_expect_pattern (second, 0, 10);
  toolkit_rig_expect_nothing (rig);

  close (first);
  close (second);
}

static void
test_close_for_good_frees_the_port (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port = listen_for_peers (rig);
  const OpenChannel again = { 0, 1024, TCP_SERVER, port, NULL };

  channel_rig_close (rig, 1);
  assert_refused (port);
  channel_rig_open (rig, &again, OK, LISTENING);
}

static void
test_server_without_a_peer_cannot_send_and_has_no_data (void **state)
{
  ToolkitRig *rig = *state;
  g_autofree char *send = make_send_data (1, TRUE, 0, 1);

  listen_for_peers (rig);
  toolkit_rig_exchange (rig, send, "81030143018202828183023A00");
  channel_rig_receive (rig, 1, 5, MISSING_INFORMATION, 0, 0, 0);
}

static void
test_port_that_is_taken_is_not_available (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port;
  int other = peer_listen (LOOPBACK, 1, &port);
  const OpenChannel open = { 0, 1024, TCP_SERVER, port, NULL };

  channel_rig_open (rig, &open, PORT_NOT_AVAILABLE, NULL);
  assert_int_equal (rig->n_closed, 1);

  close (other);
}

static void
test_port_of_another_channel_is_not_available (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port = listen_for_peers (rig);
  const OpenChannel open = { 0, 1024, TCP_SERVER, port, NULL };
  int peer;

  channel_rig_open (rig, &open, PORT_NOT_AVAILABLE, NULL);
  peer = peer_connect (LOOPBACK, port);
  channel_rig_expect_status (rig, ESTABLISHED);
  channel_rig_open (rig, &open, PORT_NOT_AVAILABLE, NULL);

  close (peer);
}

/* Whoever runs the tests may have it. */
static void
set_effective (struct __user_cap_data_struct *capabilities)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

  assert_return_code (syscall (SYS_capset, &header, capabilities), errno);
}

static void
test_port_below_1024_is_not_available_without_a_privilege (void **state)
{
  ToolkitRig *rig = *state;
  const OpenChannel open = { 0, 1024, TCP_SERVER, 1023, NULL };
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct before[_LINUX_CAPABILITY_U32S_3];
  struct __user_cap_data_struct without[_LINUX_CAPABILITY_U32S_3];

  assert_return_code (syscall (SYS_capget, &header, before), errno);
  memcpy (without, before, sizeof without);
  without[0].effective &= ~(1U << CAP_NET_BIND_SERVICE);
  set_effective (without);
  channel_rig_open (rig, &open, PORT_NOT_AVAILABLE, NULL);
  set_effective (before);
}

/* Where there can be no network of our own the ports are shared with the machine. */
static int
make_network (void **state)
{
  if (network_leave ())
    network_set_loopback (TRUE);
  return 0;
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_peer_of_a_server_exchanges_data_and_leaves),
    RIG_TEST (test_next_peer_comes_after_the_first_has_left),
    RIG_TEST (test_peer_comes_over_ipv6_too),
    RIG_TEST (test_peer_whose_address_is_not_allowed_is_turned_away),
    RIG_TEST (test_close_to_listen_ends_the_peer_and_keeps_the_port),
    RIG_TEST (test_close_for_good_frees_the_port),
    RIG_TEST (test_server_without_a_peer_cannot_send_and_has_no_data),
    RIG_TEST (test_port_that_is_taken_is_not_available),
    RIG_TEST (test_port_of_another_channel_is_not_available),
    RIG_TEST (test_port_below_1024_is_not_available_without_a_privilege),
  };

  return cmocka_run_group_tests (tests, make_network, NULL);
}
