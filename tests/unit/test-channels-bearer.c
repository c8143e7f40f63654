/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Channels whose bearer goes away and comes back: the loopback interface of a network namespace of our own. Where
 * that can't be made the tests are skipped.
 */

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
#include "network.h"

#define LINK_DROPPED "0105"

static gboolean has_network;

static int
setup (void **state)
{
  if (has_network)
    network_set_loopback (TRUE);
  return toolkit_rig_setup (state);
}

static void
require_network (void)
{
  if (!has_network)
    skip ();
}

static gboolean
has_state (ToolkitRig *rig, const char *state)
{
  g_autofree char *shown = NULL;

  g_object_get (rig->channels[0], "state", &shown, NULL);
  return g_str_equal (shown, state);
}

static void
test_bearer_that_is_lost_is_told_once_after_all_was_fetched (void **state)
{
  ToolkitRig *rig = *state;
  g_autofree char *send = make_send_data (1, TRUE, 0, 1);
  g_autoptr (GVariant) error = NULL;
  const char *name;
  const char *sentence;
  int peer;

  require_network ();
  channel_rig_set_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  peer_write (peer, 0, 300);
  channel_rig_expect_data (rig, 1, 0xFF);
  channel_rig_receive (rig, 1, 200, OK, 0, 200, 100);
  channel_rig_expect_data (rig, 1, 100);
  network_set_loopback (FALSE);
  WAIT_FOR (has_state (rig, "dropped"));
  toolkit_rig_expect_nothing (rig);
  channel_rig_receive (rig, 1, 100, OK, 200, 100, 0);
  channel_rig_expect_status (rig, LINK_DROPPED);
  toolkit_rig_exchange (rig, send, "81030143018202828183023A02");
  toolkit_rig_expect_nothing (rig);

  g_object_get (rig->channels[0], "error", &error, NULL);
  g_variant_get (error, "(&s&s)", &name, &sentence);
  assert_string_equal (sentence, "The network interface lo is down");
  close (peer);
}

static void
test_bearer_that_is_lost_ends_all_its_channels (void **state)
{
  ToolkitRig *rig = *state;
  int peers[3];

  require_network ();
  channel_rig_set_events (rig);
  for (guint8 i = 0; i < G_N_ELEMENTS (peers); i++)
    peers[i] = channel_rig_connect (rig, i + 1, BUFFER);
  run_ready ();
  network_set_loopback (FALSE);
  channel_rig_expect_status (rig, "0105");
  channel_rig_expect_status (rig, "0205");
  channel_rig_expect_status (rig, "0305");
  toolkit_rig_expect_nothing (rig);

  for (gsize i = 0; i < G_N_ELEMENTS (peers); i++)
    close (peers[i]);
}

static void
test_bearer_that_is_lost_while_a_channel_is_opened_is_a_failure (void **state)
{
  ToolkitRig *rig = *state;
  PeerStalled stalled;
  OpenChannel open = { IMMEDIATE, BUFFER, TCP_CLIENT, 0, LOOPBACK };
  g_autofree char *command = NULL;

  require_network ();
  stalled = peer_stall ();
  open.port = stalled.port;
  command = make_open_channel (&open);
  toolkit_rig_want (rig, command);
  toolkit_rig_expect_nothing (rig);
  network_set_loopback (FALSE);
  toolkit_rig_expect_response (rig, "81030140018202828183023A0035010339020578");
  toolkit_rig_exchange (rig, GET_STATUS, "81030144008202828183010038020000");

  peer_stalled_close (&stalled);
}

static void
test_server_whose_bearer_is_lost_has_dropped (void **state)
{
  ToolkitRig *rig = *state;
  const OpenChannel open = { 0, 1024, TCP_SERVER, 8080, NULL };

  require_network ();
  channel_rig_set_events (rig);
  channel_rig_open (rig, &open, OK, "4100");
  run_ready ();
  network_set_loopback (FALSE);
  channel_rig_expect_status (rig, LINK_DROPPED);
  channel_rig_close (rig, 1);
  network_set_loopback (TRUE);
  channel_rig_open (rig, &open, OK, "4100");
}

static void
test_server_whose_bearer_is_lost_while_a_peer_is_there_has_dropped (void **state)
{
  ToolkitRig *rig = *state;
  const OpenChannel open = { 0, 1024, TCP_SERVER, 8080, NULL };
  int peer;

  require_network ();
  channel_rig_set_events (rig);
  channel_rig_open (rig, &open, OK, "4100");
  peer = peer_connect (LOOPBACK, 8080);
  channel_rig_expect_status (rig, "8100");
  run_ready ();
  network_set_loopback (FALSE);
  channel_rig_expect_status (rig, "4100"); /* the peer has gone, and then the port has */
  channel_rig_expect_status (rig, LINK_DROPPED);
  toolkit_rig_expect_nothing (rig);

  close (peer);
}

static void
test_channel_reconnects_over_a_bearer_that_is_back (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port;
  int listener;
  OpenChannel open = { RECONNECTING, BUFFER, TCP_CLIENT, 0, LOOPBACK };
  g_autofree char *send = make_send_data (1, TRUE, 0, 10);
  int peer;

  require_network ();
  listener = peer_listen (LOOPBACK, 2, &port);
  open.port = port;
  channel_rig_set_events (rig);
  channel_rig_open (rig, &open, OK, "8100");
  close (peer_accept (listener));
  channel_rig_expect_status (rig, LINK_DROPPED);
  network_set_loopback (FALSE);
  toolkit_rig_exchange (rig, send,
                        "810301430182028281"
                        "83022004");
  network_set_loopback (TRUE);
  toolkit_rig_exchange (rig, send, "8103014301820282818301003701FF");
  peer = peer_accept (listener);
  peer_expect_pattern (peer, 0, 10);

  close (peer);
  close (listener);
}

#define BEARER_TEST(function)                                                                      \
  cmocka_unit_test_setup_teardown (function, setup, toolkit_rig_teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    BEARER_TEST (test_bearer_that_is_lost_is_told_once_after_all_was_fetched),
    BEARER_TEST (test_bearer_that_is_lost_ends_all_its_channels),
    BEARER_TEST (test_bearer_that_is_lost_while_a_channel_is_opened_is_a_failure),
    BEARER_TEST (test_server_whose_bearer_is_lost_has_dropped),
    BEARER_TEST (test_server_whose_bearer_is_lost_while_a_peer_is_there_has_dropped),
    BEARER_TEST (test_channel_reconnects_over_a_bearer_that_is_back),
  };

  has_network = network_leave ();
  return cmocka_run_group_tests (tests, NULL, NULL);
}
