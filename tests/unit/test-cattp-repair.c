/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a CAT_TP connection (agent/core/cattp.h) sends again, and when: core/cattp-timer.h and what arrives say so.
 * The rig opens it at once, so the round trip of these tests is that of the first PDU.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cattp-rig.h"
#include "core/cattp-rate.h"
#include "core/cattp-timer.h"
#include "helpers.h"

#define N (OUR_NUMBER + 1)
#define P (PEER_NUMBER + 1)
#define MS 1000
#define RTT_US (600 * MS)

/* An open connection whose SYN took a round trip */
static CattpRig
open_slowly (void)
{
  EaCattpParameters parameters = make_parameters ();
  CattpRig rig = rig_begin_active (&parameters);

  assert_int_equal (rig_drop (&rig), 1);
  rig.now_us += RTT_US;
  rig_hears_hex (&rig, EXAMPLE_SYN_ACK);
  rig_tells (&rig, EA_CATTP_EVENT_OPENED);
  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, ACK, P, OUR_NUMBER, "", "");
  return rig;
}

static void
send_many (CattpRig *rig, guint n)
{
  for (guint i = 0; i < n; i++)
    rig_send (rig, "07");
  assert_int_equal (rig_drop (rig), n);
}

static void
test_timer_is_that_of_rfc_6298 (void **state)
{
  EaCattpTimer timer = { 0 };

  assert_int_equal (ea_cattp_timer_get_timeout (&timer), 3000 * MS);
  /* SRTT 600, RTTVAR 300; then RTTVAR 3/4 300 + 1/4 200 = 275, SRTT 7/8 600 + 1/8 800 = 625 */
  ea_cattp_timer_add_round_trip (&timer, 600 * MS);
  assert_int_equal (ea_cattp_timer_get_timeout (&timer), 1800 * MS);
  ea_cattp_timer_add_round_trip (&timer, 800 * MS);
  assert_int_equal (timer.smoothed_us, 625 * MS);
  assert_int_equal (timer.variance_us, 275 * MS);
  assert_int_equal (timer.shortest_us, 600 * MS);
  assert_int_equal (ea_cattp_timer_get_timeout (&timer), 1725 * MS);
}

static void
test_timer_keeps_its_bounds (void **state)
{
  EaCattpTimer fast = { 0 };
  EaCattpTimer slow = { 0 };

  ea_cattp_timer_add_round_trip (&fast, 0);
  assert_int_equal (ea_cattp_timer_get_timeout (&fast), 1000 * MS);
  ea_cattp_timer_add_round_trip (&slow, G_GINT64_CONSTANT (100000) * MS);
  assert_int_equal (ea_cattp_timer_get_timeout (&slow), 60000 * MS);
}

static void
test_timer_doubles_after_the_first_time_outs_until_a_round_trip (void **state)
{
  const gint64 times_ms[] = { 1800, 1800, 1800, 3600, 7200, 14400, 28800, 57600, 60000, 60000 };
  EaCattpTimer timer = { 0 };

  ea_cattp_timer_add_round_trip (&timer, 600 * MS);
  for (gsize i = 0; i < G_N_ELEMENTS (times_ms); i++)
    {
      assert_int_equal (ea_cattp_timer_get_timeout (&timer), times_ms[i] * MS);
      ea_cattp_timer_back_off (&timer);
    }
  for (guint i = 0; i < 100; i++)
    ea_cattp_timer_back_off (&timer);
  assert_int_equal (ea_cattp_timer_get_timeout (&timer), 60000 * MS);
  ea_cattp_timer_relax (&timer);
  assert_int_equal (ea_cattp_timer_get_timeout (&timer), 7200 * MS);
  ea_cattp_timer_add_round_trip (&timer, 600 * MS);
  assert_in_range (ea_cattp_timer_get_timeout (&timer), 1000 * MS, 1800 * MS);
}

static void
test_last_pdu_goes_again_when_its_answer_is_late (void **state)
{
  g_auto (CattpRig) rig = open_slowly ();

  rig_send (&rig, "07");
  rig_says (&rig, ACK, N, P - 1, "", "07");
  /* two round trips, a little for disorder, and what the peer may take */
  assert_int_equal (rig_pass_deadline (&rig), 2 * RTT_US + RTT_US / 16 + EA_CATTP_ANSWER_DELAY_US);
  rig_says (&rig, ACK, N, P - 1, "", "07");
  rig_says_nothing (&rig);
  rig_hears (&rig, ACK, P, N, "", "");

  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  assert_int_equal (ea_cattp_deadline (rig.machine), EA_CATTP_NEVER);
  assert_int_equal (ea_cattp_get_counters (rig.machine).n_retransmitted, 1);
}

static void
test_pdu_that_later_ones_overtook_goes_again_before_its_time (void **state)
{
  g_auto (CattpRig) rig = open_slowly ();

  send_many (&rig, 3);
  rig.now_us += RTT_US;
  rig_hears (&rig, ACK | EAK, P, N - 1, "00660067", "");
  rig_says_nothing (&rig);
  assert_int_equal (rig_pass_deadline (&rig), RTT_US / 16);

  rig_says (&rig, ACK, N, P - 1, "", "07");
  rig_says_nothing (&rig);
}

static void
test_pdu_that_was_only_late_does_not_go_again_and_the_next_may_be_later (void **state)
{
  g_auto (CattpRig) rig = open_slowly ();

  send_many (&rig, 2);
  rig.now_us += RTT_US;
  rig_hears (&rig, ACK | EAK, P, N - 1, "0066", "");
  rig.now_us += RTT_US / 32;
  rig_hears (&rig, ACK, P, N + 1, "", "");
  assert_int_equal (ea_cattp_deadline (rig.machine), EA_CATTP_NEVER);
  assert_int_equal (ea_cattp_get_counters (rig.machine).n_retransmitted, 0);

  send_many (&rig, 2);
  rig.now_us += RTT_US;
  rig_hears (&rig, ACK | EAK, P, N + 1, "0068", "");
  assert_int_equal (rig_pass_deadline (&rig), RTT_US / 4);
}

static void
test_answers_faster_than_a_round_trip_teach_patience (void **state)
{
  const gint64 patience_us[]
      = { RTT_US / 16, RTT_US / 4, RTT_US / 2, RTT_US * 3 / 4, RTT_US, RTT_US };
  g_auto (CattpRig) rig = open_slowly ();

  for (guint i = 0; i < G_N_ELEMENTS (patience_us); i++)
    {
      guint16 first = (guint16) (N + 2 * i);
      g_autofree char *second = g_strdup_printf ("%04x", first + 1);

      send_many (&rig, 2);
      rig.now_us += RTT_US;
      rig_hears (&rig, ACK | EAK, P, first - 1, second, "");
      assert_int_equal (rig_pass_deadline (&rig), patience_us[i]);
      rig_says (&rig, ACK, first, P - 1, "", "07");
      rig.now_us += RTT_US / 2;
      rig_hears (&rig, ACK, P, first + 1, "", "");
      assert_int_equal (ea_cattp_get_counters (rig.machine).n_spurious, i + 1);
    }
}

static void
test_lost_again_is_seen_by_what_was_sent_after_it (void **state)
{
  g_auto (CattpRig) rig = open_slowly ();

  send_many (&rig, 2);
  rig.now_us += RTT_US;
  rig_hears (&rig, ACK | EAK, P, N - 1, "0066", "");
  (void) rig_pass_deadline (&rig);
  rig_says (&rig, ACK, N, P - 1, "", "07");
  send_many (&rig, 1);
  rig.now_us += RTT_US;
  rig_hears (&rig, ACK | EAK, P, N - 1, "00660067", "");
  (void) rig_pass_deadline (&rig);

  rig_says (&rig, ACK, N, P - 1, "", "07");
  rig_says_nothing (&rig);
}

static void
test_acknowledged_early_does_not_go_again (void **state)
{
  g_auto (CattpRig) rig = open_slowly ();

  send_many (&rig, 2);
  rig.now_us += RTT_US;
  rig_hears (&rig, ACK | EAK, P, N - 1, "0066", "");
  for (guint i = 0; i < EA_CATTP_TIMEOUTS_MAX; i++)
    {
      (void) rig_pass_deadline (&rig);
      rig_says (&rig, ACK, N, P - 1, "", "07");
      rig_says_nothing (&rig);
    }
}

static void
test_repeated_pdu_has_the_acknowledgement_of_now (void **state)
{
  g_auto (CattpRig) rig = open_slowly ();

  rig_send (&rig, "07");
  rig_says (&rig, ACK, N, P - 1, "", "07");
  rig_hears (&rig, ACK, P, N - 1, "", "aa");
  assert_int_equal (rig_pass_deadline (&rig), EA_CATTP_ACKNOWLEDGEMENT_DELAY_US);
  assert_int_equal (rig_drop (&rig), 1);
  (void) rig_pass_deadline (&rig);

  rig_says (&rig, ACK, N, P, "", "07");
}

static void
test_round_trip_of_a_repeated_pdu_is_not_measured (void **state)
{
  g_auto (CattpRig) rig = open_slowly ();

  rig_send (&rig, "07");
  assert_int_equal (rig_drop (&rig), 1);
  (void) rig_pass_deadline (&rig);
  assert_int_equal (rig_drop (&rig), 1);
  rig.now_us += 10 * RTT_US;
  rig_hears (&rig, ACK, P, N, "", "");

  assert_int_equal (ea_cattp_get_counters (rig.machine).smoothed_rtt_us, RTT_US);
}

static void
test_time_out_after_a_syn_that_was_repeated_is_three_seconds (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_active (&parameters);

  assert_int_equal (rig_drop (&rig), 1);
  (void) rig_pass_deadline (&rig);
  assert_int_equal (rig_drop (&rig), 1);
  rig.now_us += 10;
  rig_hears_hex (&rig, EXAMPLE_SYN_ACK);
  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, ACK, P, OUR_NUMBER, "", "");
  send_many (&rig, 2);

  assert_int_equal (rig_pass_deadline (&rig), EA_CATTP_TIMEOUT_UNKNOWN_US);
}

static void
test_nothing_is_taken_for_lost_while_answers_come (void **state)
{
  g_auto (CattpRig) rig = open_slowly ();

  /* one a second: all of them wait in a queue */
  for (guint i = 0; i < 9; i++)
    rig_send_zeros (&rig, 1382);
  assert_int_equal (rig_drop (&rig), 9);
  for (guint16 i = 0; i < 9; i++)
    {
      rig_pass (&rig, G_USEC_PER_SEC);
      rig_says_nothing (&rig);
      rig_hears (&rig, ACK, P, N + i, "", "");
    }
  assert_int_equal (ea_cattp_get_counters (rig.machine).n_retransmitted, 0);
}

static void
test_answer_to_a_first_transmission_does_not_condemn_the_others (void **state)
{
  g_auto (CattpRig) rig = open_slowly ();

  /* all of them wait in a queue for longer than the time-out; the answers come then, one by one */
  for (guint i = 0; i < 5; i++)
    rig_send_zeros (&rig, 1382);
  assert_int_equal (rig_drop (&rig), 5);
  assert_int_equal (rig_pass_deadline (&rig), 3 * RTT_US);
  assert_int_equal (rig_drop (&rig), 1);
  for (guint16 i = 0; i < 5; i++)
    {
      rig_pass (&rig, 700 * MS);
      rig_says_nothing (&rig);
      rig_hears (&rig, ACK, P, N + i, "", "");
    }

  rig_says_nothing (&rig);
  assert_int_equal (ea_cattp_get_counters (rig.machine).n_retransmitted, 1);
}

/* 400 PDUs are acknowledged one by one, @interval_us apart, @rtt_us after they were sent at the earliest. Returns:
 * octets underway at the end */
static gsize
settle_rate (gint64 interval_us, gint64 rtt_us, gint64 *rate)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = { 0 };
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint n_acknowledged = 0;
  gint64 free_us = 0;

  parameters.window = 100;
  rig = rig_begin_active (&parameters);
  assert_int_equal (rig_drop (&rig), 1);
  rig.now_us += rtt_us;
  rig_hears_window (&rig, SYN | ACK, PEER_NUMBER, OUR_NUMBER, 100, "0578080000", "");
  for (guint i = 0; i < 500; i++)
    rig_send_zeros (&rig, 1382);
  rig_says_window (&rig, ACK, N, P - 1, 100, "", "");
  while (n_acknowledged < 400)
    {
      for (guint n = rig_drop (&rig); n > 0; n--)
        {
          gint64 arrival_us = MAX (rig.now_us, free_us) + interval_us;

          free_us = arrival_us;
          arrival_us += rtt_us;
          g_array_append_val (times, arrival_us);
        }
      rig.now_us = g_array_index (times, gint64, n_acknowledged);
      rig_hears_window (&rig, ACK, P, (guint16) (N + n_acknowledged), 100, "", "");
      n_acknowledged++;
    }
  *rate = ea_cattp_get_counters (rig.machine).rate;
  assert_int_equal (ea_cattp_get_counters (rig.machine).n_retransmitted, 0);
  return (times->len - n_acknowledged) * (1382 + 18 + EA_CATTP_DATAGRAM_OVERHEAD);
}

static void
test_slow_link_is_neither_idle_nor_flooded (void **state)
{
  gint64 rate;
  /* 40 kbit/s: 1428 octets take 285.6 ms; 600 ms are 3000 octets, and the queue has room for 24000 */
  gsize underway = settle_rate (285600, RTT_US, &rate);

  assert_in_range (rate, 4900, 5100);
  assert_in_range (underway, 3000 + 1428, 3000 + 12000);
}

static void
test_fast_link_with_a_long_way_is_filled (void **state)
{
  gint64 rate;
  /* 236 kbit/s and 800 ms are 23600 octets */
  gsize underway = settle_rate (48407, 800 * MS, &rate);

  assert_in_range (rate, 29000, 30000);
  assert_in_range (underway, 23600 + 1428, 23600 + 24000);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_timer_is_that_of_rfc_6298),
    cmocka_unit_test (test_timer_keeps_its_bounds),
    cmocka_unit_test (test_timer_doubles_after_the_first_time_outs_until_a_round_trip),
    cmocka_unit_test (test_last_pdu_goes_again_when_its_answer_is_late),
    cmocka_unit_test (test_pdu_that_later_ones_overtook_goes_again_before_its_time),
    cmocka_unit_test (test_pdu_that_was_only_late_does_not_go_again_and_the_next_may_be_later),
    cmocka_unit_test (test_answers_faster_than_a_round_trip_teach_patience),
    cmocka_unit_test (test_lost_again_is_seen_by_what_was_sent_after_it),
    cmocka_unit_test (test_acknowledged_early_does_not_go_again),
    cmocka_unit_test (test_repeated_pdu_has_the_acknowledgement_of_now),
    cmocka_unit_test (test_round_trip_of_a_repeated_pdu_is_not_measured),
    cmocka_unit_test (test_time_out_after_a_syn_that_was_repeated_is_three_seconds),
    cmocka_unit_test (test_nothing_is_taken_for_lost_while_answers_come),
    cmocka_unit_test (test_answer_to_a_first_transmission_does_not_condemn_the_others),
    cmocka_unit_test (test_slow_link_is_neither_idle_nor_flooded),
    cmocka_unit_test (test_fast_link_with_a_long_way_is_filled),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
