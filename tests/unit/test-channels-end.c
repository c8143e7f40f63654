/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What becomes of open channels when the card starts anew, the agent stops, or the modem does not answer. */

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

#define CONNECTED_1 "8100"
#define MORE_TIME "D009810301020082028182"
#define TIME_TAKEN "810301020082028281830100"

/* The modem tells that the card starts anew, and then is ready. */
static void
reset_card (ToolkitRig *rig)
{
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_INITIALIZING);
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_READY);
}

static void
test_reset_card_has_no_channels_and_is_told_nothing (void **state)
{
  ToolkitRig *rig = *state;
  g_autofree char *receive = make_receive_data (1, 10);
  int first;
  int second;

  channel_rig_set_events (rig);
  first = channel_rig_connect (rig, 1, BUFFER);
  second = channel_rig_connect (rig, 2, BUFFER);
  peer_write (first, 0, 100);
  channel_rig_expect_data (rig, 1, 100);

  reset_card (rig);
  peer_expect_end (first);
  peer_expect_end (second);
  assert_int_equal (rig->n_closed, 2);
  assert_int_equal (g_bytes_get_size (ea_toolkit_get_events (rig->toolkit)), 0);
  close (first);
  close (second);
  WAIT_FOR (ea_toolkit_is_idle (rig->toolkit));
  toolkit_rig_expect_nothing (rig);

  toolkit_rig_exchange (rig, receive, "81030142008202828183023A03");
  first = channel_rig_connect (rig, 1, BUFFER);
  peer_write (first, 0, 10);
  WAIT_FOR (channel_rig_get_count (rig, 1, "bytes-received") == 10);
  toolkit_rig_expect_nothing (rig); /* it has forgotten that it wanted to hear of that */
  channel_rig_set_events (rig);
  channel_rig_expect_data (rig, 1, 10);
  close (first);
}

static void
test_reset_card_gets_no_answer_to_a_channel_that_was_being_opened (void **state)
{
  ToolkitRig *rig = *state;
  PeerStalled stalled = peer_stall ();
  const OpenChannel open = { IMMEDIATE, BUFFER, TCP_CLIENT, stalled.port, LOOPBACK };
  g_autofree char *command = make_open_channel (&open);

  toolkit_rig_want (rig, command);
  toolkit_rig_expect_nothing (rig);
  assert_false (ea_toolkit_is_idle (rig->toolkit));
  reset_card (rig);
  assert_true (ea_toolkit_is_idle (rig->toolkit));
  assert_int_equal (rig->n_closed, 1);
  peer_stalled_close (&stalled);
  toolkit_rig_expect_nothing (rig);
  toolkit_rig_exchange (rig, GET_STATUS, "81030144008202828183010038020000");
}

static void
test_reset_card_gets_no_answer_to_what_the_modem_was_asked (void **state)
{
  ToolkitRig *rig = *state;

  toolkit_rig_want (rig, "D009810301260082028182"); /* the location */
  reset_card (rig);
  toolkit_rig_expect (rig, "network");
  toolkit_rig_expect_nothing (rig);
  assert_true (ea_toolkit_is_idle (rig->toolkit));
  toolkit_rig_exchange (rig, MORE_TIME, TIME_TAKEN);
}

static void
test_card_that_fails_or_is_pulled_ends_its_channels (void **state)
{
  static const EaModemCard states[] = { EA_MODEM_CARD_ABSENT, EA_MODEM_CARD_FAILED };
  ToolkitRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    {
      int peer = channel_rig_connect (rig, 1, BUFFER);

      ea_modem_set_card (EA_MODEM (rig->modem), states[i]);
      peer_expect_end (peer);
      close (peer);
    }
  toolkit_rig_expect_nothing (rig);
}

static void
test_stop_tells_the_end_of_each_channel_once (void **state)
{
  ToolkitRig *rig = *state;
  const OpenChannel on_demand = { ON_DEMAND, BUFFER, TCP_CLIENT, 1, LOOPBACK };
  int first;
  int third;
  int fourth;

  channel_rig_set_events (rig);
  first = channel_rig_connect (rig, 1, BUFFER);
  channel_rig_open (rig, &on_demand, OK, "0200");
  third = channel_rig_connect (rig, 3, BUFFER);
  close (third);
  channel_rig_expect_status (rig, "0305");
  fourth = channel_rig_connect (rig, 4, BUFFER);
  peer_write (fourth, 0, 10);
  channel_rig_expect_data (rig, 4, 10);
  run_ready ();

  rig->n_idle = 0;
  ea_toolkit_stop (rig->toolkit);
  assert_false (ea_toolkit_is_idle (rig->toolkit));
  channel_rig_expect_status (rig, "0105");
  channel_rig_expect_status (rig, "0205");
  channel_rig_expect_status (rig, "0405");
  peer_expect_end (first);
  peer_expect_end (fourth);
  close (first);
  close (fourth);
  WAIT_FOR (rig->n_idle > 0);
  assert_true (ea_toolkit_is_idle (rig->toolkit));
  assert_int_equal (rig->n_closed, 4);
  toolkit_rig_expect_nothing (rig);
}

static void
test_stop_answers_the_channel_that_was_being_opened (void **state)
{
  ToolkitRig *rig = *state;
  PeerStalled stalled = peer_stall ();
  const OpenChannel open = { IMMEDIATE, BUFFER, TCP_CLIENT, stalled.port, LOOPBACK };
  g_autofree char *command = make_open_channel (&open);

  channel_rig_set_events (rig);
  toolkit_rig_want (rig, command);
  toolkit_rig_expect_nothing (rig);
  ea_toolkit_stop (rig->toolkit);
  toolkit_rig_expect_response (rig, "81030140018202828183022000"
                                    "35010339020578");
  toolkit_rig_expect_nothing (rig);
  assert_true (ea_toolkit_is_idle (rig->toolkit));
  peer_stalled_close (&stalled);
}

static void
test_stop_waits_until_a_card_that_has_a_command_can_be_told (void **state)
{
  ToolkitRig *rig = *state;
  const OpenChannel on_demand = { ON_DEMAND, BUFFER, TCP_CLIENT, 1, LOOPBACK };

  channel_rig_set_events (rig);
  channel_rig_open (rig, &on_demand, OK, "0100");
  fake_modem_answer (rig->modem, "910B"); /* the card has a command next */
  toolkit_rig_exchange (rig, MORE_TIME, TIME_TAKEN);
  run_ready ();
  rig->n_idle = 0;
  ea_toolkit_stop (rig->toolkit);
  toolkit_rig_expect_nothing (rig);
  assert_false (ea_toolkit_is_idle (rig->toolkit));
  assert_int_equal (rig->n_idle, 0);
  fake_modem_end_session (rig->modem); /* the modem's firmware has carried it out */
  channel_rig_expect_status (rig, "0105");
  run_ready ();
  assert_true (ea_toolkit_is_idle (rig->toolkit));
  assert_int_not_equal (rig->n_idle, 0);
}

static void
test_stop_without_channels_is_idle_at_once (void **state)
{
  ToolkitRig *rig = *state;

  channel_rig_set_events (rig);
  run_ready ();
  ea_toolkit_stop (rig->toolkit);
  assert_true (ea_toolkit_is_idle (rig->toolkit));
}

static void
test_session_goes_on_when_the_modem_refuses_a_response (void **state)
{
  static const EaModemError errors[]
      = { EA_MODEM_ERROR_FAILED, EA_MODEM_ERROR_TIMEOUT, EA_MODEM_ERROR_PROTOCOL };
  ToolkitRig *rig = *state;
  int peer;

  channel_rig_set_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  for (gsize i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      fake_modem_fail (rig->modem, errors[i]);
      toolkit_rig_exchange (rig, MORE_TIME, TIME_TAKEN);
    }
  fake_modem_answer (rig->modem, "6F00"); /* here it is the card that does not want it */
  channel_rig_send (rig, 1, 0, 10, 0xFF);
  run_ready ();
  assert_true (ea_toolkit_is_idle (rig->toolkit));
  peer_expect_pattern (peer, 0, 10);

  peer_write (peer, 0, 10);
  channel_rig_expect_data (rig, 1, 10);
  channel_rig_receive (rig, 1, 10, OK, 0, 10, 0);
  toolkit_rig_expect_nothing (rig);
  close (peer);
}

static void
test_channel_whose_response_was_not_taken_is_closed (void **state)
{
  ToolkitRig *rig = *state;
  int peer;

  channel_rig_set_no_events (rig);
  fake_modem_fail (rig->modem, EA_MODEM_ERROR_TIMEOUT);
  peer = channel_rig_connect (rig, 1, BUFFER);
  run_ready ();
  toolkit_rig_exchange (rig, GET_STATUS,
                        "810301440082028281830100"
                        "3802"
                        "0000");
  peer_expect_end (peer);

  close (peer);
}

static void
test_channels_end_with_the_toolkit_of_a_modem_that_is_lost (void **state)
{
  ToolkitRig *rig = *state;
  int first = channel_rig_connect (rig, 1, BUFFER);
  int second = channel_rig_connect (rig, 2, BUFFER);

  run_ready ();
  toolkit_rig_end_toolkit (rig);
  assert_int_equal (rig->n_closed, 2);
  peer_expect_end (first);
  peer_expect_end (second);
  run_ready ();
  assert_string_equal (fake_modem_read_diary (rig->modem), "");

  close (first);
  close (second);
}

static void
test_channel_that_is_being_opened_does_not_keep_the_toolkit (void **state)
{
  ToolkitRig *rig = *state;
  PeerStalled stalled = peer_stall ();
  const OpenChannel open = { IMMEDIATE, BUFFER, TCP_CLIENT, stalled.port, LOOPBACK };
  g_autofree char *command = make_open_channel (&open);

  toolkit_rig_want (rig, command);
  toolkit_rig_expect_nothing (rig);
  rig->n_idle = 0;
  toolkit_rig_end_toolkit (rig);
  assert_int_equal (rig->n_closed, 1);
  assert_int_equal (rig->n_idle, 0);
  run_ready ();
  assert_string_equal (fake_modem_read_diary (rig->modem), "");
  peer_stalled_close (&stalled);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_reset_card_has_no_channels_and_is_told_nothing),
    RIG_TEST (test_reset_card_gets_no_answer_to_a_channel_that_was_being_opened),
    RIG_TEST (test_reset_card_gets_no_answer_to_what_the_modem_was_asked),
    RIG_TEST (test_card_that_fails_or_is_pulled_ends_its_channels),
    RIG_TEST (test_stop_tells_the_end_of_each_channel_once),
    RIG_TEST (test_stop_answers_the_channel_that_was_being_opened),
    RIG_TEST (test_stop_waits_until_a_card_that_has_a_command_can_be_told),
    RIG_TEST (test_stop_without_channels_is_idle_at_once),
    RIG_TEST (test_session_goes_on_when_the_modem_refuses_a_response),
    RIG_TEST (test_channel_whose_response_was_not_taken_is_closed),
    RIG_TEST (test_channels_end_with_the_toolkit_of_a_modem_that_is_lost),
    RIG_TEST (test_channel_that_is_being_opened_does_not_keep_the_toolkit),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
