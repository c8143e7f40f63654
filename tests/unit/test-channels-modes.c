/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How channels get their links: on demand, in the background, again after they were lost. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "channel-rig.h"
#include "link-peer.h"

#define NOT_CONNECTED "0100"
#define CONNECTED "8100"
#define LINK_DROPPED "0105"
#define STORED "8103014300820282818301003701FF"
#define SENT "8103014301820282818301003701FF"
#define SEND_NOT_REACHABLE "81030143018202828183023A07"

static void
test_channel_on_demand_connects_when_data_are_sent (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  const OpenChannel open = { ON_DEMAND, BUFFER, TCP_CLIENT, port, LOOPBACK };
  g_autofree char *store = make_send_data (1, FALSE, 0, 100);
  int peer;

  channel_rig_set_events (rig);
  channel_rig_open (rig, &open, OK, NOT_CONNECTED);
  channel_rig_expect_state (rig, 1, "waiting");
  toolkit_rig_exchange (rig, store, STORED);
  channel_rig_receive (rig, 1, 5, MISSING_INFORMATION, 0, 0, 0);
  assert_true (peer_is_alone (listener));

  channel_rig_send (rig, 1, 100, 50, 0xFF);
  peer = peer_accept (listener);
  peer_expect_pattern (peer, 0, 150);
  channel_rig_expect_state (rig, 1, "established");
  toolkit_rig_exchange (rig, GET_STATUS,
                        "810301440082028281830100"
                        "3802" CONNECTED);
  toolkit_rig_expect_nothing (rig);

  close (peer);
  close (listener);
}

static void
test_channel_on_demand_that_finds_no_peer_tries_again_with_the_next_data (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port = 0;
  int fd = peer_bind (SOCK_STREAM, LOOPBACK, &port);
  const OpenChannel open = { ON_DEMAND, BUFFER, TCP_CLIENT, port, LOOPBACK };
  g_autofree char *store = make_send_data (1, FALSE, 0, 10);
  g_autofree char *send = make_send_data (1, TRUE, 10, 10);
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new ("(ss)", "", ""));
  g_autoptr (GVariant) error = NULL;
  int peer;

  channel_rig_set_events (rig);
  channel_rig_open (rig, &open, OK, NOT_CONNECTED);
  toolkit_rig_exchange (rig, store, STORED);
  toolkit_rig_exchange (rig, send, SEND_NOT_REACHABLE);
  channel_rig_expect_state (rig, 1, "waiting");
  toolkit_rig_expect_nothing (rig);

  assert_return_code (listen (fd, 1), 0);
  toolkit_rig_exchange (rig, send, SENT);
  g_object_get (rig->channels[0], "error", &error, NULL);
  assert_true (g_variant_equal (error, none));
  peer = peer_accept (fd);
  peer_expect_pattern (peer, 0, 20);

  close (peer);
  close (fd);
}

static void
test_channel_in_background_is_answered_first_and_told_when_connected (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  const OpenChannel open = { BACKGROUND, BUFFER, TCP_CLIENT, port, LOOPBACK };
  int peer;

  channel_rig_set_events (rig);
  channel_rig_open (rig, &open, OK, NOT_CONNECTED);
  channel_rig_expect_status (rig, CONNECTED);
  peer = peer_accept (listener);
  channel_rig_send (rig, 1, 0, 10, 0xFF);
  peer_expect_pattern (peer, 0, 10);
  toolkit_rig_expect_nothing (rig);

  close (peer);
  close (listener);
}

static void
test_channel_in_background_that_finds_no_peer_is_told_so (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port = 0;
  int unused = peer_bind (SOCK_STREAM, LOOPBACK, &port);
  const OpenChannel open = { BACKGROUND, BUFFER, TCP_CLIENT, port, LOOPBACK };
  g_autofree char *send = make_send_data (1, TRUE, 0, 1);

  channel_rig_set_events (rig);
  channel_rig_open (rig, &open, OK, NOT_CONNECTED);
  channel_rig_expect_status (rig, LINK_DROPPED);
  toolkit_rig_exchange (rig, send, "81030143018202828183023A02");
  channel_rig_close (rig, 1);
  toolkit_rig_expect_nothing (rig);

  close (unused);
}

static void
test_channel_without_the_bit_stays_dropped (void **state)
{
  ToolkitRig *rig = *state;
  g_autofree char *send = make_send_data (1, TRUE, 0, 1);

  channel_rig_set_events (rig);
  close (channel_rig_connect (rig, 1, BUFFER));
  channel_rig_expect_status (rig, LINK_DROPPED);
  toolkit_rig_exchange (rig, send, "81030143018202828183023A02");
}

static void
test_channel_reconnects_when_data_are_sent_after_it_was_dropped (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  const OpenChannel open = { RECONNECTING, BUFFER, TCP_CLIENT, port, LOOPBACK };
  int peer;

  channel_rig_set_events (rig);
  channel_rig_open (rig, &open, OK, CONNECTED);
  for (guint i = 0; i < 3; i++)
    {
      peer = peer_accept (listener);
      peer_write (peer, 0, 20);
      channel_rig_expect_data (rig, 1, 20);
      close (peer);
      channel_rig_receive (rig, 1, 20, OK, 0, 20, 0);
      channel_rig_expect_status (rig, LINK_DROPPED);
      channel_rig_send (rig, 1, 0, 30, 0xFF);
    }
  peer = peer_accept (listener);
  peer_expect_pattern (peer, 0, 30);
  assert_int_equal (channel_rig_get_count (rig, 1, "bytes-sent"), 90);
  assert_int_equal (channel_rig_get_count (rig, 1, "bytes-received"), 60);
  toolkit_rig_expect_nothing (rig);

  close (peer);
  close (listener);
}

static void
test_channel_that_cannot_reconnect_says_so_and_tries_again (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  const OpenChannel open = { RECONNECTING, BUFFER, TCP_CLIENT, port, LOOPBACK };
  g_autofree char *send = make_send_data (1, TRUE, 0, 30);
  int peer;

  channel_rig_set_events (rig);
  channel_rig_open (rig, &open, OK, CONNECTED);
  peer_reset (peer_accept (listener));
  close (listener);
  channel_rig_expect_status (rig, LINK_DROPPED);
  toolkit_rig_exchange (rig, send, SEND_NOT_REACHABLE);

  listener = peer_bind (SOCK_STREAM, LOOPBACK, &port);
  assert_return_code (listen (listener, 1), 0);
  toolkit_rig_exchange (rig, send, SENT);
  peer = peer_accept (listener);
  peer_expect_pattern (peer, 0, 30);

  close (peer);
  close (listener);
}

static void
test_other_commands_are_answered_while_one_waits_for_its_link (void **state)
{
  ToolkitRig *rig = *state;
  PeerStalled stalled = peer_stall ();
  const OpenChannel open = { IMMEDIATE, BUFFER, TCP_CLIENT, stalled.port, LOOPBACK };
  g_autofree char *command = make_open_channel (&open);

  toolkit_rig_want (rig, command);
  toolkit_rig_exchange (rig, GET_STATUS, "81030144008202828183022000");
  toolkit_rig_exchange (rig, command, "8103014001820282818302200035010339020578");
  toolkit_rig_exchange (rig, "D009810301020082028182", "810301020082028281830100");
  toolkit_rig_expect_nothing (rig);

  /* Its owner lets go of the toolkit only when nothing waits. */
  ea_toolkit_stop (rig->toolkit);
  toolkit_rig_expect_response (rig, "8103014001820282818302200035010339020578");
  peer_stalled_close (&stalled);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_channel_on_demand_connects_when_data_are_sent),
    RIG_TEST (test_channel_on_demand_that_finds_no_peer_tries_again_with_the_next_data),
    RIG_TEST (test_channel_in_background_is_answered_first_and_told_when_connected),
    RIG_TEST (test_channel_in_background_that_finds_no_peer_is_told_so),
    RIG_TEST (test_channel_without_the_bit_stays_dropped),
    RIG_TEST (test_channel_reconnects_when_data_are_sent_after_it_was_dropped),
    RIG_TEST (test_channel_that_cannot_reconnect_says_so_and_tries_again),
    RIG_TEST (test_other_commands_are_answered_while_one_waits_for_its_link),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
