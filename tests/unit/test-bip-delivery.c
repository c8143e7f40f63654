/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What becomes of responses and envelopes that do not reach the card: nothing is lost without a word. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bip-rig.h"
#include "helpers.h"

/* RECEIVE DATA of 2 and 3 bytes from channel 1 */
#define FETCH_2                                                                                    \
  "D00C8103014200820281213701"                                                                     \
  "02"
#define FETCH_3                                                                                    \
  "D00C8103014200820281213701"                                                                     \
  "03"
#define FETCHED(data, left) "81030142008202828183010036" data "3701" left

#define CLOSED_ALREADY "81030142008202828183023A02"
#define NEVER_THERE "81030142008202828183023A03"

static void
test_data_that_the_card_did_not_get_are_there_again (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_hears (&bip, 1, "010203");
  bip_tells (&bip, DATA_1_IS_3);

  bip_command (&bip, FETCH_2);
  bip_answers_in_vain (&bip, FETCHED ("020102", "01"), EA_BIP_NOT_DELIVERED);

  bip_tells (&bip, DATA_1_IS_3);
  bip_exchange (&bip, FETCH_3, FETCHED ("03010203", "00"));
}

static void
test_datagrams_that_the_card_did_not_get_keep_their_borders (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_UDP_SMALL, OPENED_SMALL);
  bip_hears (&bip, 1, "010203");
  bip_hears (&bip, 1, "04");

  bip_command (&bip, FETCH_2);
  bip_answers_in_vain (&bip, FETCHED ("020102", "01"), EA_BIP_NOT_DELIVERED);
  bip_command (&bip, FETCH_3);
  bip_answers_in_vain (&bip, FETCHED ("03010203", "00"), EA_BIP_NOT_DELIVERED);

  bip_exchange (&bip, FETCH_3, FETCHED ("03010203", "00"));
  bip_exchange (&bip, "D00C810301420082028121370101", FETCHED ("0104", "00"));
}

static void
test_last_data_of_a_dropped_link_come_before_its_end_again (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_hears (&bip, 1, "010203");
  ea_bip_link_dropped (&bip, 1);
  bip_tells (&bip, DATA_1_IS_3);

  bip_command (&bip, FETCH_3);
  bip_answers_in_vain (&bip, FETCHED ("03010203", "00"), EA_BIP_NOT_DELIVERED);

  bip_tells (&bip, DATA_1_IS_3);
  bip_exchange (&bip, FETCH_3, FETCHED ("03010203", "00"));
  bip_tells (&bip, LINK_DROPPED_1);
}

/* A stream with a hole, or with bytes twice, is of no use to anybody. */
static void
test_channel_whose_data_may_be_lost_is_closed_in_sight_of_the_card (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_hears (&bip, 1, "010203");
  bip_tells (&bip, DATA_1_IS_3);

  bip_command (&bip, FETCH_2);
  bip_answers_in_vain (&bip, FETCHED ("020102", "01"), EA_BIP_DELIVERY_UNKNOWN);

  bip_wants (&bip, EA_BIP_EVENT_CLOSE, 1);
  bip_tells (&bip, LINK_DROPPED_1);
  bip_tells_nothing (&bip);
  bip_exchange (&bip, FETCH_2, CLOSED_ALREADY);
  bip_exchange (&bip, CLOSE_1, CLOSED_1); /* as the card was not the one that ended it */
  bip_exchange (&bip, CLOSE_1, "81030141008202828183023A02");
}

static void
test_channel_that_the_card_does_not_know_of_is_closed (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_command (&bip, OPEN_TCP);
  bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 1);
  ea_bip_link_up (&bip, 1, NULL, 0);
  bip_answers_in_vain (&bip, OPENED, EA_BIP_NOT_DELIVERED);

  bip_wants (&bip, EA_BIP_EVENT_CLOSE, 1);
  bip_tells_nothing (&bip);
  assert_int_equal (ea_bip_get_state (&bip, 1), EA_BIP_CLOSED);
  bip_exchange (&bip, FETCH_2, NEVER_THERE);
}

static void
test_channel_that_the_card_may_know_of_is_closed_in_its_sight (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_command (&bip, OPEN_TCP_ON_DEMAND);
  bip_answers_in_vain (&bip, OPENED_ON_DEMAND, EA_BIP_DELIVERY_UNKNOWN);

  bip_wants (&bip, EA_BIP_EVENT_CLOSE, 1);
  bip_tells (&bip, LINK_DROPPED_1);
  bip_tells_nothing (&bip);
}

static void
test_response_without_a_gift_changes_nothing_when_it_is_lost (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_command (&bip, GET_STATUS);
  bip_answers_in_vain (&bip, "81030144008202828183010038028100", EA_BIP_DELIVERY_UNKNOWN);
  bip_command (&bip, CLOSE_1);
  bip_wants (&bip, EA_BIP_EVENT_CLOSE, 1);
  bip_answers_in_vain (&bip, CLOSED_1, EA_BIP_NOT_DELIVERED);

  bip_wants_nothing (&bip);
  bip_tells_nothing (&bip);
}

static void
test_announcement_that_the_card_did_not_take_is_made_again (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_hears (&bip, 1, "0102");
  bip_tells_in_vain (&bip, "D60E99010982028281B8028100B70102");
  bip_tells_nothing (&bip);
  bip_hears (&bip, 1, "03");
  ea_bip_envelope_done (&bip, FALSE);

  bip_tells (&bip, DATA_1_IS_3);
  bip_tells_nothing (&bip);
}

static void
test_announcement_of_data_that_were_fetched_is_not_made_again (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_hears (&bip, 1, "010203");
  bip_tells_in_vain (&bip, DATA_1_IS_3);
  bip_exchange (&bip, FETCH_3, FETCHED ("03010203", "00"));
  ea_bip_envelope_done (&bip, FALSE);

  bip_tells_nothing (&bip);
}

static void
test_end_of_a_link_that_the_card_did_not_take_is_told_again (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  ea_bip_link_dropped (&bip, 1);
  bip_tells_in_vain (&bip, LINK_DROPPED_1);
  ea_bip_envelope_done (&bip, FALSE);

  bip_tells (&bip, LINK_DROPPED_1);
  bip_tells_nothing (&bip);
}

static void
test_what_was_on_its_way_at_the_card_s_reset_is_not_told_again (void **state)
{
  static const guint8 channel_status[] = { 0x0A };
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  ea_bip_link_dropped (&bip, 1);
  bip_tells_in_vain (&bip, LINK_DROPPED_1);
  ea_bip_reset (&bip);
  ea_bip_envelope_done (&bip, FALSE);
  ea_bip_set_events (&bip, EA_SPAN_OF_ARRAY (channel_status));

  bip_tells_nothing (&bip);
}

/* Automatic reconnection: what is stored waits for the next link, and a link that is there again was not lost. */
static void
test_stored_data_survive_a_link_that_comes_again (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP_RECONNECTING, OPENED_RECONNECTING);
  bip_exchange (&bip, "D00D8103014300820281213602AABB", "8103014300820282818301003701FF");
  ea_bip_link_dropped (&bip, 1);
  bip_command (&bip, "D00C8103014301820281213601CC");
  bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 1);
  ea_bip_link_up (&bip, 1, NULL, 0);
  bip_sends (&bip, 1, "AABBCC");
  ea_bip_sent (&bip, 1, 3);
  bip_answers (&bip, "8103014301820282818301003701FF");

  bip_tells_nothing (&bip);
}

static void
test_port_0_is_no_port (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_exchange (&bip, "D012810301400082028182390204003C03030000",
                "81030140008202828183013239020400");
  bip_exchange (&bip, "D01C810301400182028182350103390200103C030200003E0521C0000201",
                "81030140018202828183013235010339020010");
  bip_wants_nothing (&bip);
}

static void
test_server_that_loses_its_port_before_that_was_told_does_not_listen (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_command (&bip, OPEN_SERVER);
  bip_wants (&bip, EA_BIP_EVENT_LISTEN, 1);
  ea_bip_listening (&bip, 1);
  bip_answers (&bip, OPENED_SERVER);
  ea_bip_peer_connected (&bip, 1);
  bip_tells (&bip, ESTABLISHED_1);
  ea_bip_link_dropped (&bip, 1);
  bip_wants (&bip, EA_BIP_EVENT_LISTEN, 1);
  ea_bip_link_dropped (&bip, 1);

  bip_tells (&bip, LINK_DROPPED_1);
  bip_tells_nothing (&bip);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_data_that_the_card_did_not_get_are_there_again),
    cmocka_unit_test (test_datagrams_that_the_card_did_not_get_keep_their_borders),
    cmocka_unit_test (test_last_data_of_a_dropped_link_come_before_its_end_again),
    cmocka_unit_test (test_channel_whose_data_may_be_lost_is_closed_in_sight_of_the_card),
    cmocka_unit_test (test_channel_that_the_card_does_not_know_of_is_closed),
    cmocka_unit_test (test_channel_that_the_card_may_know_of_is_closed_in_its_sight),
    cmocka_unit_test (test_response_without_a_gift_changes_nothing_when_it_is_lost),
    cmocka_unit_test (test_announcement_that_the_card_did_not_take_is_made_again),
    cmocka_unit_test (test_announcement_of_data_that_were_fetched_is_not_made_again),
    cmocka_unit_test (test_end_of_a_link_that_the_card_did_not_take_is_told_again),
    cmocka_unit_test (test_what_was_on_its_way_at_the_card_s_reset_is_not_told_again),
    cmocka_unit_test (test_stored_data_survive_a_link_that_comes_again),
    cmocka_unit_test (test_port_0_is_no_port),
    cmocka_unit_test (test_server_that_loses_its_port_before_that_was_told_does_not_listen),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
