/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The card's channels over real sockets of the loopback interface: what every channel does. Streams under
 * pressure, datagrams, servers, the ways of opening and what is refused have files of their own.
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

static void
test_channel_carries_data_both_ways_and_is_closed (void **state)
{
  ToolkitRig *rig = *state;
  int peer;

  channel_rig_set_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  channel_rig_expect_state (rig, 1, "established");
  channel_rig_send (rig, 1, 0, 3, 0xFF);
  peer_expect_pattern (peer, 0, 3);
  peer_write (peer, 0, 6);
  channel_rig_expect_data (rig, 1, 6);
  channel_rig_receive (rig, 1, 6, OK, 0, 6, 0);
  channel_rig_close (rig, 1);
  peer_expect_end (peer);

  assert_int_equal (rig->n_opened, 1);
  assert_int_equal (rig->n_closed, 1);
  close (peer);
}

/* The same as a card writes it that marks other objects than the next one: cards mix both. Bytes of a live trace, with the address and port of the test. */
static void
test_answers_have_the_style_of_the_card (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  g_autofree char *open = g_strdup_printf ("D0248103014003820281828500B50103B902058EC70403475042"
                                           "BC0302%04XBE05217F000001",
                                           port);
  int peer;

  toolkit_rig_exchange (rig, EVENTS_OF_CHANNELS, EVENT_LIST_SET);
  toolkit_rig_exchange (rig, open, "810301400382028281830100B8028100B50103B902058E");
  peer = peer_accept (listener);
  toolkit_rig_exchange (rig, "D00E810301430182028121B603414243", "810301430182028281830100B701FF");
  assert_int_equal (send (peer, "xyz", 3, 0), 3);
  channel_rig_expect_data (rig, 1, 3);
  toolkit_rig_exchange (rig, "D00C810301420082028121B70103",
                        "810301420082028281830100B60378797AB70100");

  close (peer);
  close (listener);
}

static void
test_answers_have_no_comprehension_bits_where_the_card_has_none (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  g_autofree char *open = g_strdup_printf ("D01C010301400102028182350103390205783C0302%04X"
                                           "3E05217F000001",
                                           port);
  int peer;

  toolkit_rig_exchange (rig, "D00D0103010500020281821902090A", "010301050002028281030100");
  toolkit_rig_exchange (rig, open, "0103014001020282810301003802810035010339020578");
  peer = peer_accept (listener);
  toolkit_rig_exchange (rig, "D00E0103014301020281213603414243", "0103014301020282810301003701FF");
  assert_int_equal (send (peer, "xyz", 3, 0), 3);
  channel_rig_expect_data (rig, 1, 3);
  toolkit_rig_exchange (rig,
                        "D00C0103014200020281213701"
                        "03",
                        "010301420002028281030100360378797A370100");
  toolkit_rig_exchange (rig, "D009010301440002028182", "01030144000202828103010038028100");
  toolkit_rig_exchange (rig, "D009010301410002028121", "010301410002028281030100");

  close (peer);
  close (listener);
}

static void
test_lengths_of_data_are_coded_exactly_both_ways (void **state)
{
  static const gsize sizes[] = { 1, 126, 127, 128, 129, 236, 237 };
  ToolkitRig *rig = *state;
  gsize n_sent = 0;
  gsize n_received = 0;
  int peer;

  channel_rig_set_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      channel_rig_send (rig, 1, n_sent, sizes[i], 0xFF);
      peer_expect_pattern (peer, n_sent, sizes[i]);
      n_sent += sizes[i];
      peer_write (peer, n_received, sizes[i]);
      channel_rig_expect_data (rig, 1, (guint8) sizes[i]);
      channel_rig_receive (rig, 1, sizes[i], OK, n_received, sizes[i], 0);
      n_received += sizes[i];
    }

  close (peer);
}

static void
test_longest_command_is_sent_whole (void **state)
{
  ToolkitRig *rig = *state;
  int peer = channel_rig_connect (rig, 1, BUFFER);

  channel_rig_send (rig, 1, 0, 241, 0xFF); /* FETCH gives 256 bytes at most */
  peer_expect_pattern (peer, 0, 241);

  close (peer);
}

static void
test_what_is_left_is_announced_again_until_all_was_fetched (void **state)
{
  ToolkitRig *rig = *state;
  int peer;

  channel_rig_set_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  peer_write (peer, 0, 600);
  channel_rig_expect_data (rig, 1, 0xFF);
  channel_rig_receive (rig, 1, 0xFF, OK, 0, 237, 0xFF); /* more does not fit a response */
  channel_rig_expect_data (rig, 1, 0xFF);
  channel_rig_receive (rig, 1, 128, OK, 237, 128, 235);
  channel_rig_expect_data (rig, 1, 235);
  channel_rig_receive (rig, 1, 0xFF, MISSING_INFORMATION, 365, 235, 0);
  toolkit_rig_expect_nothing (rig);
  channel_rig_receive (rig, 1, 1, MISSING_INFORMATION, 0, 0, 0);
  peer_write (peer, 600, 1);
  channel_rig_expect_data (rig, 1, 1);
  channel_rig_receive (rig, 1, 2, MISSING_INFORMATION, 600, 1, 0);

  close (peer);
}

static void
test_stored_data_go_out_with_those_that_are_sent (void **state)
{
  ToolkitRig *rig = *state;
  g_autofree char *first = make_send_data (1, FALSE, 0, 200);
  g_autofree char *second = make_send_data (1, FALSE, 200, 200);
  int peer = channel_rig_connect (rig, 1, 512);
  char byte;

  toolkit_rig_exchange (rig, first, "8103014300820282818301003701FF");
  toolkit_rig_exchange (rig, second, "810301430082028281830100370170");
  assert_int_equal (recv (peer, &byte, 1, MSG_DONTWAIT), -1);
  channel_rig_send (rig, 1, 400, 10, 0xFF);
  peer_expect_pattern (peer, 0, 410);
  channel_rig_send (rig, 1, 410, 1, 0xFF);
  peer_expect_pattern (peer, 410, 1);

  close (peer);
}

static void
test_data_beyond_the_buffer_are_refused_and_what_is_stored_stays (void **state)
{
  ToolkitRig *rig = *state;
  g_autofree char *first = make_send_data (1, FALSE, 0, 200);
  g_autofree char *too_much = make_send_data (1, FALSE, 999, 57);
  g_autofree char *just_fits = make_send_data (1, FALSE, 200, 56);
  g_autofree char *flush = make_send_data (1, TRUE, 256, 0);
  int peer = channel_rig_connect (rig, 1, 256);

  toolkit_rig_exchange (rig, first, "810301430082028281830100370138");
  toolkit_rig_exchange (rig, too_much, "81030143008202828183023A04");
  toolkit_rig_exchange (rig, just_fits, "810301430082028281830100370100");
  toolkit_rig_exchange (rig, flush, "8103014301820282818301003701FF");
  peer_expect_pattern (peer, 0, 256);

  close (peer);
}

static void
test_larger_buffer_than_ours_is_granted_with_modification (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  const OpenChannel open = { IMMEDIATE, 0xFFFF, TCP_CLIENT, port, LOOPBACK };
  g_autofree char *command = make_open_channel (&open);

  toolkit_rig_exchange (rig, command, "8103014001820282818301073802810035010339024000");

  close (listener);
}

static void
test_channel_status_has_one_object_for_each_channel (void **state)
{
  ToolkitRig *rig = *state;
  const OpenChannel on_demand = { ON_DEMAND, BUFFER, TCP_CLIENT, 1, LOOPBACK };
  int first;
  int third;

  toolkit_rig_exchange (rig, GET_STATUS, "81030144008202828183010038020000");
  first = channel_rig_connect (rig, 1, BUFFER);
  channel_rig_open (rig, &on_demand, OK, "0200");
  third = channel_rig_connect (rig, 3, BUFFER);
  toolkit_rig_exchange (rig, GET_STATUS, "810301440082028281830100380281003802020038028300");
  channel_rig_close (rig, 1);
  toolkit_rig_exchange (rig, GET_STATUS, "8103014400820282818301003802020038028300");

  close (first);
  close (third);
}

static void
test_closed_channel_says_so_and_one_that_never_was_is_not_valid (void **state)
{
  ToolkitRig *rig = *state;
  g_autofree char *send_1 = make_send_data (1, TRUE, 0, 1);
  g_autofree char *send_2 = make_send_data (2, TRUE, 0, 1);
  g_autofree char *receive_1 = make_receive_data (1, 1);
  g_autofree char *receive_2 = make_receive_data (2, 1);
  g_autofree char *close_1 = make_close_channel (1, 0);
  g_autofree char *close_2 = make_close_channel (2, 0);
  int peer = channel_rig_connect (rig, 1, BUFFER);

  channel_rig_close (rig, 1);
  toolkit_rig_exchange (rig, send_1, "81030143018202828183023A02");
  toolkit_rig_exchange (rig, receive_1, "81030142008202828183023A02");
  toolkit_rig_exchange (rig, close_1, "81030141008202828183023A02");
  toolkit_rig_exchange (rig, send_2, "81030143018202828183023A03");
  toolkit_rig_exchange (rig, receive_2, "81030142008202828183023A03");
  toolkit_rig_exchange (rig, close_2, "81030141008202828183023A03");

  close (peer);
}

static void
test_closing_brings_unsent_data_to_the_peer_and_drops_unfetched_ones (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port;
  int listener = peer_listen_narrow (LOOPBACK, &port);
  const OpenChannel open = { IMMEDIATE, 4096, TCP_CLIENT, port, LOOPBACK };
  gsize n_sent = 0;
  int peer;

  channel_rig_set_events (rig);
  channel_rig_open (rig, &open, OK, "8100");
  peer = peer_accept (listener);
  peer_write (peer, 0, 10);
  channel_rig_expect_data (rig, 1, 10);
  while (channel_rig_get_count (rig, 1, "bytes-sent") == n_sent)
    {
      channel_rig_send (rig, 1, n_sent, 240, 0xFF);
      n_sent += 240;
    }
  channel_rig_close (rig, 1);
  assert_int_equal (rig->n_closed, 1);

  {
    g_autoptr (PeerReader) reader = peer_reader_new (peer);

    WAIT_FOR (reader->has_ended);
    assert_int_equal (reader->received->len, n_sent);
    assert_pattern (reader->received->data, n_sent, 0);
  }
  toolkit_rig_expect_nothing (rig);
  close (peer);
  close (listener);
}

static void
test_channel_is_reached_over_ipv6 (void **state)
{
  ToolkitRig *rig = toolkit_rig_new ("lo", "::1");
  guint16 port;
  int listener = peer_listen ("::1", 1, &port);
  const OpenChannel open = { IMMEDIATE, BUFFER, TCP_CLIENT, port, "::1" };
  g_autofree char *address = NULL;
  int peer;

  channel_rig_open (rig, &open, OK, "8100");
  peer = peer_accept (listener);
  channel_rig_send (rig, 1, 0, 237, 0xFF);
  peer_expect_pattern (peer, 0, 237);
  g_object_get (rig->channels[0], "peer", &address, NULL);
  assert_true (g_str_has_prefix (address, "[::1]:"));

  close (peer);
  close (listener);
  toolkit_rig_free (rig);
}

static void
test_channel_shows_what_it_is_and_how_much_it_has_carried (void **state)
{
  ToolkitRig *rig = *state;
  g_autofree char *interface = NULL;
  g_autofree char *transport = NULL;
  g_autofree char *apn = NULL;
  guint number;
  guint buffer_size;
  int peer;

  channel_rig_set_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  channel_rig_send (rig, 1, 0, 100, 0xFF);
  peer_write (peer, 0, 50);
  channel_rig_expect_data (rig, 1, 50);

  g_object_get (rig->channels[0], "interface", &interface, "transport", &transport, "apn", &apn,
                "number", &number, "buffer-size", &buffer_size, NULL);
  assert_string_equal (interface, "lo");
  assert_string_equal (transport, "tcp");
  assert_string_equal (apn, "");
  assert_int_equal (number, 1);
  assert_int_equal (buffer_size, BUFFER);
  assert_int_equal (channel_rig_get_count (rig, 1, "bytes-sent"), 100);
  assert_int_equal (channel_rig_get_count (rig, 1, "bytes-received"), 50);
  close (peer);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_channel_carries_data_both_ways_and_is_closed),
    RIG_TEST (test_answers_have_the_style_of_the_card),
    RIG_TEST (test_answers_have_no_comprehension_bits_where_the_card_has_none),
    RIG_TEST (test_lengths_of_data_are_coded_exactly_both_ways),
    RIG_TEST (test_longest_command_is_sent_whole),
    RIG_TEST (test_what_is_left_is_announced_again_until_all_was_fetched),
    RIG_TEST (test_stored_data_go_out_with_those_that_are_sent),
    RIG_TEST (test_data_beyond_the_buffer_are_refused_and_what_is_stored_stays),
    RIG_TEST (test_larger_buffer_than_ours_is_granted_with_modification),
    RIG_TEST (test_channel_status_has_one_object_for_each_channel),
    RIG_TEST (test_closed_channel_says_so_and_one_that_never_was_is_not_valid),
    RIG_TEST (test_closing_brings_unsent_data_to_the_peer_and_drops_unfetched_ones),
    cmocka_unit_test (test_channel_is_reached_over_ipv6),
    RIG_TEST (test_channel_shows_what_it_is_and_how_much_it_has_carried),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
