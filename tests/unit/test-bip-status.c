/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Channels closed by the card, the peer, the terminal (agent/core/bip.h), TS 102 223 §6.4.28, §7.5.11. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bip-rig.h"
#include "helpers.h"

static void
test_closing_is_not_told_and_discards_what_was_received_and_stored (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_hears (&bip, 1, "010203");
  bip_exchange (&bip, "D00C8103014300820281213601CC", "8103014300820282818301003701FF");
  bip_exchange (&bip, CLOSE_1, CLOSED_1);
  bip_wants (&bip, EA_BIP_EVENT_CLOSE, 1);
  bip_wants_nothing (&bip);
  bip_tells_nothing (&bip);

  bip_open (&bip, OPEN_TCP, OPENED);
  bip_fetch (&bip, 3, "8103014200820282818301023600370100");
  bip_exchange (&bip, "D00C8103014301820281213601DD", "8103014301820282818301003701FF");
  bip_sends (&bip, 1, "DD");
}

static void
test_close_tells_whether_the_bearer_is_used_again (void **state)
{
  for (guint keeps = 0; keeps < 2; keeps++)
    {
      g_auto (EaBip) bip = { 0 };
      g_auto (EaBipEvent) event = { 0 };

      bip_init (&bip);
      bip_open (&bip, OPEN_TCP, OPENED);
      bip_exchange (&bip, keeps ? "D009810301410182028121" : CLOSE_1,
                    keeps ? "810301410182028281830100" : CLOSED_1);
      assert_true (ea_bip_pull_event (&bip, &event));
      assert_int_equal (event.type, EA_BIP_EVENT_CLOSE);
      assert_int_equal (event.keeps_bearer, keeps);
    }
}

static void
test_commands_for_channels_that_are_not_open_say_why (void **state)
{
  static const char *const channels[] = { "21", "27", "28", "82", "81" };
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  for (gsize i = 0; i < G_N_ELEMENTS (channels); i++)
    {
      g_autofree char *close = g_strconcat ("D0098103014100820281", channels[i], NULL);
      g_autofree char *send = g_strconcat ("D00C8103014301820281", channels[i], "3601CC", NULL);
      g_autofree char *receive = g_strconcat ("D00C8103014200820281", channels[i], "3701E6", NULL);

      bip_exchange (&bip, close, "81030141008202828183023A03");
      bip_exchange (&bip, send, "81030143018202828183023A03");
      bip_exchange (&bip, receive, "81030142008202828183023A03");
    }

  bip_open (&bip, OPEN_TCP, OPENED);
  bip_exchange (&bip, CLOSE_1, CLOSED_1);
  bip_exchange (&bip, CLOSE_1, "81030141008202828183023A02");
  bip_exchange (&bip, "D00C8103014301820281213601CC", "81030143018202828183023A02");
  bip_exchange (&bip, "D00C8103014200820281213701E6", "81030142008202828183023A02");
}

static void
test_dropped_link_is_told_once_and_the_channel_can_be_closed (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  ea_bip_link_dropped (&bip, 1);
  ea_bip_link_dropped (&bip, 1);
  bip_tells (&bip, LINK_DROPPED_1);
  bip_tells_nothing (&bip);
  bip_exchange (&bip, GET_STATUS, "81030144008202828183010038020105");
  bip_exchange (&bip, "D00C8103014301820281213601CC", "81030143018202828183023A02");
  bip_exchange (&bip, "D00C8103014200820281213701E6", "81030142008202828183023A02");
  bip_exchange (&bip, CLOSE_1, CLOSED_1);
  bip_tells_nothing (&bip);
}

static void
test_card_believes_a_channel_open_until_it_has_heard_of_its_end (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  assert_false (ea_bip_is_believed_open (&bip, 1));
  bip_open (&bip, OPEN_TCP, OPENED);
  assert_true (ea_bip_is_believed_open (&bip, 1));
  assert_false (ea_bip_is_believed_open (&bip, 2));
  ea_bip_stop (&bip);
  assert_true (ea_bip_is_believed_open (&bip, 1));
  bip_tells_in_vain (&bip, LINK_DROPPED_1);
  assert_true (ea_bip_is_believed_open (&bip, 1));
  ea_bip_envelope_done (&bip, FALSE);
  bip_tells (&bip, LINK_DROPPED_1);
  assert_false (ea_bip_is_believed_open (&bip, 1));
}

static void
test_card_believes_no_channel_open_that_it_has_closed (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  ea_bip_channel_lost (&bip, 1, TRUE);
  assert_true (ea_bip_is_believed_open (&bip, 1));
  bip_exchange (&bip, CLOSE_1, CLOSED_1);
  assert_false (ea_bip_is_believed_open (&bip, 1));
  ea_bip_channel_lost (&bip, 1, FALSE);
  assert_false (ea_bip_is_believed_open (&bip, 1));
  ea_bip_channel_lost (&bip, 1, TRUE);
  ea_bip_reset (&bip);
  assert_false (ea_bip_is_believed_open (&bip, 1));
}

/* L2 */
static void
test_peer_that_closes_is_told_only_after_the_last_byte_was_fetched (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_hears (&bip, 1, "010203");
  ea_bip_link_dropped (&bip, 1);
  bip_tells (&bip, DATA_1_IS_3);
  bip_tells_nothing (&bip);
  bip_exchange (&bip, GET_STATUS, "81030144008202828183010038028100");
  bip_fetch (&bip, 2, "81030142008202828183010036020102370101");
  bip_tells (&bip, "D60E99010982028281B8028100B70101");
  bip_tells_nothing (&bip);
  bip_fetch (&bip, 1, "810301420082028281830100360103370100");
  bip_tells (&bip, LINK_DROPPED_1);
  bip_tells_nothing (&bip);
}

static void
test_nothing_is_told_while_a_command_is_open (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  ea_bip_set_command_open (&bip, TRUE);
  bip_hears (&bip, 1, "010203");
  bip_tells_nothing (&bip);
  ea_bip_set_command_open (&bip, FALSE);
  bip_tells (&bip, DATA_1_IS_3);
}

/* A card that opens a channel of ours has to hear of it, whoever it has told its list. */
static void
test_events_are_told_before_a_list_is_known (void **state)
{
  g_auto (EaBip) bip = { 0 };

  ea_bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_hears (&bip, 1, "010203");
  bip_tells (&bip, DATA_1_IS_3);
  ea_bip_link_dropped (&bip, 1);
  bip_fetch (&bip, 3, "8103014200820282818301003603010203370100");
  bip_tells (&bip, LINK_DROPPED_1);
}

static void
test_events_that_are_not_in_the_list_wait_until_they_are (void **state)
{
  static const guint8 channel_status[] = { 0x0A };
  static const guint8 data_available[] = { 0x09 };
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  ea_bip_set_events (&bip, EA_SPAN_EMPTY);
  bip_hears (&bip, 1, "010203");
  bip_tells_nothing (&bip);
  ea_bip_set_events (&bip, EA_SPAN_OF_ARRAY (channel_status));
  bip_tells_nothing (&bip);
  ea_bip_set_events (&bip, EA_SPAN_OF_ARRAY (data_available));
  bip_tells (&bip, DATA_1_IS_3);

  bip_fetch (&bip, 3, "8103014200820282818301003603010203370100");
  ea_bip_link_dropped (&bip, 1);
  bip_tells_nothing (&bip);
  ea_bip_set_events (&bip, EA_SPAN_OF_ARRAY (channel_status));
  bip_tells (&bip, LINK_DROPPED_1);
}

static void
open_server (EaBip *bip)
{
  bip_command (bip, OPEN_SERVER);
  bip_wants (bip, EA_BIP_EVENT_LISTEN, 1);
  bip_answers_not (bip);
  ea_bip_listening (bip, 1);
  bip_answers (bip, OPENED_SERVER);
  bip_tells_nothing (bip);
}

static void
test_server_listens_and_tells_of_its_peer (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  open_server (&bip);
  assert_int_equal (ea_bip_get_request (&bip, 1)->open.transport.port, 80);
  bip_exchange (&bip, GET_STATUS, "81030144008202828183010038024100");
  bip_exchange (&bip, "D00C8103014301820281213601CC", "81030143018202828183023A00");
  assert_int_equal (ea_bip_get_room (&bip, 1), 0);

  ea_bip_peer_connected (&bip, 1);
  bip_hears (&bip, 1, "010203");
  bip_tells (&bip, ESTABLISHED_1);
  bip_tells (&bip, DATA_1_IS_3);
  bip_exchange (&bip, GET_STATUS, "81030144008202828183010038028100");
  bip_exchange (&bip, "D00C8103014301820281213601CC", "8103014301820282818301003701FF");
  bip_sends (&bip, 1, "CC");
}

static void
test_server_listens_again_after_its_peer_has_gone_and_all_was_fetched (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  open_server (&bip);
  ea_bip_peer_connected (&bip, 1);
  bip_hears (&bip, 1, "010203");
  bip_tells (&bip, ESTABLISHED_1);
  bip_tells (&bip, DATA_1_IS_3);
  ea_bip_link_dropped (&bip, 1);
  ea_bip_peer_connected (&bip, 1);
  bip_wants_nothing (&bip);
  bip_tells_nothing (&bip);
  bip_fetch (&bip, 3, "8103014200820282818301003603010203370100");
  bip_wants (&bip, EA_BIP_EVENT_LISTEN, 1);
  bip_tells (&bip, LISTENING_1);
  bip_tells_nothing (&bip);
  assert_int_equal (ea_bip_get_state (&bip, 1), EA_BIP_LISTENING);
}

static void
test_next_peer_of_a_server_is_told_after_the_end_of_the_last (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  open_server (&bip);
  ea_bip_peer_connected (&bip, 1);
  bip_tells (&bip, ESTABLISHED_1);
  ea_bip_set_command_open (&bip, TRUE);
  ea_bip_link_dropped (&bip, 1);
  ea_bip_peer_connected (&bip, 1);
  ea_bip_set_command_open (&bip, FALSE);
  bip_tells (&bip, LISTENING_1);
  bip_tells (&bip, ESTABLISHED_1);
  bip_tells_nothing (&bip);
}

static void
test_server_is_closed_to_listen_or_for_good (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  open_server (&bip);
  ea_bip_peer_connected (&bip, 1);
  bip_tells (&bip, ESTABLISHED_1);
  bip_hears (&bip, 1, "010203");
  bip_exchange (&bip, "D009810301410182028121", "810301410182028281830100");
  bip_wants (&bip, EA_BIP_EVENT_LISTEN, 1);
  bip_tells_nothing (&bip);
  bip_exchange (&bip, GET_STATUS, "81030144008202828183010038024100");
  bip_fetch (&bip, 3, "8103014200820282818301023600370100");

  bip_exchange (&bip, CLOSE_1, CLOSED_1);
  bip_wants (&bip, EA_BIP_EVENT_CLOSE, 1);
  bip_tells_nothing (&bip);
  bip_exchange (&bip, GET_STATUS, "81030144008202828183010038020000");
}

static void
test_server_whose_port_is_taken_is_refused (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_command (&bip, OPEN_SERVER);
  ea_bip_link_failed (&bip, 1, EA_BIP_FAILURE_PORT_IN_USE, 0);
  bip_answers (&bip, "81030140008202828183023A1039020400");
  assert_int_equal (ea_bip_get_state (&bip, 1), EA_BIP_CLOSED);
}

static void
test_port_of_another_channel_is_taken_also_while_a_peer_is_connected (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  open_server (&bip);
  bip_exchange (&bip, OPEN_SERVER, "81030140008202828183023A1039020400");
  ea_bip_peer_connected (&bip, 1);
  bip_exchange (&bip, OPEN_SERVER, "81030140008202828183023A1039020400");
  bip_hears (&bip, 1, "010203");
  ea_bip_link_dropped (&bip, 1);
  bip_exchange (&bip, OPEN_SERVER, "81030140008202828183023A1039020400");
  bip_wants_nothing (&bip);
}

static void
test_port_that_was_lost_is_free_for_another_channel (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  open_server (&bip);
  ea_bip_link_dropped (&bip, 1);
  bip_command (&bip, OPEN_SERVER);
  bip_wants (&bip, EA_BIP_EVENT_LISTEN, 2);
}

static void
test_server_that_loses_its_port_has_dropped (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  open_server (&bip);
  ea_bip_link_dropped (&bip, 1);
  bip_tells (&bip, LINK_DROPPED_1);
  bip_wants_nothing (&bip);
}

/* L2: the daemon stops and the card goes on */
static void
test_stop_tells_the_end_of_each_open_channel_once (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_hears (&bip, 1, "010203");
  bip_exchange (&bip, OPEN_TCP_ON_DEMAND, "8103014000820282818301003802020035010339020578");
  bip_command (&bip, OPEN_TCP);
  bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 3);

  ea_bip_stop (&bip);
  bip_wants (&bip, EA_BIP_EVENT_CLOSE, 1);
  bip_wants (&bip, EA_BIP_EVENT_CLOSE, 2);
  bip_wants (&bip, EA_BIP_EVENT_CLOSE, 3);
  bip_tells_nothing (&bip);
  bip_answers (&bip, "8103014001820282818302200035010339020578");
  bip_tells (&bip, LINK_DROPPED_1);
  bip_tells (&bip, "D60B99010A82028281B8020205");
  bip_tells_nothing (&bip);
  ea_bip_stop (&bip);
  bip_tells_nothing (&bip);
  bip_exchange (&bip, CLOSE_1, "810301410082028281830100");
  bip_exchange (&bip, CLOSE_1, "81030141008202828183023A02");
  bip_exchange (&bip, "D009810301410082028123", "81030141008202828183023A03");
}

static void
test_stop_does_not_tell_again_of_a_link_that_has_dropped (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  ea_bip_link_dropped (&bip, 1);
  bip_tells (&bip, LINK_DROPPED_1);
  ea_bip_stop (&bip);
  bip_tells_nothing (&bip);
}

static void
test_card_that_opens_a_channel_while_the_terminal_stops_is_put_off (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  ea_bip_stop (&bip);

  bip_exchange (&bip, OPEN_TCP, "8103014001820282818302200035010339020578");
  bip_exchange (&bip, GET_STATUS,
                "8103014400820282818301003802"
                "0000");
  bip_wants_nothing (&bip);
}

static void
test_reset_closes_all_and_tells_nothing (void **state)
{
  static const guint8 channel_status[] = { 0x0A };
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_hears (&bip, 1, "010203");
  bip_command (&bip, OPEN_TCP);
  bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 2);
  bip_command (&bip, GET_STATUS);

  ea_bip_reset (&bip);
  bip_wants (&bip, EA_BIP_EVENT_CLOSE, 1);
  bip_wants (&bip, EA_BIP_EVENT_CLOSE, 2);
  bip_wants_nothing (&bip);
  bip_answers_not (&bip);
  ea_bip_set_events (&bip, EA_SPAN_OF_ARRAY (channel_status));
  bip_tells_nothing (&bip);
  bip_exchange (&bip, CLOSE_1, "81030141008202828183023A03");
}

static void
test_happenings_that_do_not_fit_the_state_are_passed_over (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  for (guint8 channel = 0; channel <= 8; channel++)
    {
      ea_bip_link_up (&bip, channel, NULL, 0);
      ea_bip_link_failed (&bip, channel, EA_BIP_FAILURE_OTHER, 0);
      ea_bip_link_dropped (&bip, channel);
      ea_bip_listening (&bip, channel);
      ea_bip_peer_connected (&bip, channel);
      ea_bip_sent (&bip, channel, 5);
      bip_hears (&bip, channel, "01");
    }
  bip_open (&bip, OPEN_TCP, OPENED);
  ea_bip_link_up (&bip, 1, NULL, 0);
  ea_bip_link_failed (&bip, 1, EA_BIP_FAILURE_OTHER, 0);
  ea_bip_listening (&bip, 1);
  ea_bip_peer_connected (&bip, 1);
  bip_answers_not (&bip);
  bip_wants_nothing (&bip);
  bip_tells_nothing (&bip);
  assert_int_equal (ea_bip_get_state (&bip, 1), EA_BIP_ESTABLISHED);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_closing_is_not_told_and_discards_what_was_received_and_stored),
    cmocka_unit_test (test_close_tells_whether_the_bearer_is_used_again),
    cmocka_unit_test (test_commands_for_channels_that_are_not_open_say_why),
    cmocka_unit_test (test_dropped_link_is_told_once_and_the_channel_can_be_closed),
    cmocka_unit_test (test_card_believes_a_channel_open_until_it_has_heard_of_its_end),
    cmocka_unit_test (test_card_believes_no_channel_open_that_it_has_closed),
    cmocka_unit_test (test_peer_that_closes_is_told_only_after_the_last_byte_was_fetched),
    cmocka_unit_test (test_nothing_is_told_while_a_command_is_open),
    cmocka_unit_test (test_events_are_told_before_a_list_is_known),
    cmocka_unit_test (test_events_that_are_not_in_the_list_wait_until_they_are),
    cmocka_unit_test (test_server_listens_and_tells_of_its_peer),
    cmocka_unit_test (test_server_listens_again_after_its_peer_has_gone_and_all_was_fetched),
    cmocka_unit_test (test_next_peer_of_a_server_is_told_after_the_end_of_the_last),
    cmocka_unit_test (test_server_is_closed_to_listen_or_for_good),
    cmocka_unit_test (test_server_whose_port_is_taken_is_refused),
    cmocka_unit_test (test_port_of_another_channel_is_taken_also_while_a_peer_is_connected),
    cmocka_unit_test (test_port_that_was_lost_is_free_for_another_channel),
    cmocka_unit_test (test_server_that_loses_its_port_has_dropped),
    cmocka_unit_test (test_stop_tells_the_end_of_each_open_channel_once),
    cmocka_unit_test (test_stop_does_not_tell_again_of_a_link_that_has_dropped),
    cmocka_unit_test (test_card_that_opens_a_channel_while_the_terminal_stops_is_put_off),
    cmocka_unit_test (test_reset_closes_all_and_tells_nothing),
    cmocka_unit_test (test_happenings_that_do_not_fit_the_state_are_passed_over),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
