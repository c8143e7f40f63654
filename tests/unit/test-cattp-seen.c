/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What two implementations of CAT_TP were seen to do on the wire (recorded in tests/vectors/cattp-pdu.tsv), and what
 * agent/core/cattp.h makes of it: one test for each point where they differ. In their recordings both ends begin at
 * CF86 and use the rig's ports.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cattp-rig.h"
#include "core/cattp-timer.h"
#include "helpers.h"

#define N (OUR_NUMBER + 1)
#define P (PEER_NUMBER + 1)
#define SIZES "0578080000"
#define SEEN 0xCF86

/* go-02: sizes of 0 and an identification in the SYN+ACK */
#define SEEN_SYN_ACK "c000001d0929c0010000cf86cf86000ae3b40000000006534552564552"

static CattpRig
begin_seen (void)
{
  EaCattpParameters parameters = make_parameters ();
  CattpRig rig;

  parameters.initial_sequence = SEEN;
  rig = rig_begin_active (&parameters);
  assert_int_equal (rig_drop (&rig), 1);
  return rig;
}

static CattpRig
open_seen (void)
{
  CattpRig rig = begin_seen ();

  rig_hears_hex (&rig, SEEN_SYN_ACK);
  rig_tells (&rig, EA_CATTP_EVENT_OPENED);
  assert_int_equal (rig_drop (&rig), 1);
  return rig;
}

/* 1 */
static void
test_sizes_of_0_in_syn_ack_mean_that_the_peer_does_not_know (void **state)
{
  g_auto (CattpRig) rig = begin_seen ();
  g_auto (EaCattpEvent) event = { 0 };

  rig_hears_hex (&rig, SEEN_SYN_ACK);

  assert_true (ea_cattp_pull_event (rig.machine, &event));
  assert_int_equal (event.type, EA_CATTP_EVENT_OPENED);
  assert_int_equal (event.max_pdu, 1400);
  assert_int_equal (event.max_sdu, 0xFFFF);
  assert_bytes_are (event.bytes, "534552564552");
}

/* 1 */
static void
test_echo_of_our_sizes_is_taken_and_ours_are_stated (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) active = rig_begin_active (&parameters);
  g_auto (CattpRig) passive = rig_begin_passive (&parameters);

  assert_int_equal (rig_drop (&active), 1);
  rig_hears (&active, SYN | ACK, PEER_NUMBER, OUR_NUMBER, SIZES, "");
  rig_tells (&active, EA_CATTP_EVENT_OPENED);

  rig_hears (&passive, SYN, PEER_NUMBER, 0, "0200020000", "");
  rig_says (&passive, SYN | ACK, OUR_NUMBER, PEER_NUMBER, SIZES, "");
}

/* 2 */
static void
test_segments_are_marked_and_the_whole_is_no_more_than_the_peer_takes (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_active (&parameters);
  g_autoptr (GBytes) sdu = g_bytes_new_take (g_malloc0 (65), 65);
  g_autoptr (GError) error = NULL;

  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, SYN | ACK, PEER_NUMBER, OUR_NUMBER, "0032004000", "");
  rig_tells (&rig, EA_CATTP_EVENT_OPENED);
  assert_int_equal (rig_drop (&rig), 1);
  rig_send_zeros (&rig, 64);

  rig_says (&rig, ACK | SEG, N, P - 1, "",
            "0000000000000000000000000000000000000000000000000000000000000000");
  rig_says (&rig, ACK, N + 1, P - 1, "",
            "0000000000000000000000000000000000000000000000000000000000000000");
  assert_false (ea_cattp_send (rig.machine, sdu, rig.now_us, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

/* 2 */
static void
test_pdus_without_seg_are_sdus_of_their_own (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_hears (&rig, ACK, P, N - 1, "", "01");
  rig_hears (&rig, ACK, P + 1, N - 1, "", "02");

  rig_tells_sdu (&rig, "01");
  rig_tells_sdu (&rig, "02");
}

/* 3 */
static void
test_eak_without_ack_is_taken_and_ours_has_it (void **state)
{
  g_auto (CattpRig) rig = open_seen ();

  for (guint i = 0; i < 3; i++)
    rig_send (&rig, "07");
  assert_int_equal (rig_drop (&rig), 3);
  rig_pass (&rig, 700 * 1000);
  (void) rig_drop (&rig);
  rig_hears_hex (&rig, "200000140929c00100000002cf86000a77a5cf88");
  assert_int_equal (rig_count_discarded (&rig, EA_CATTP_DISCARD_MALFORMED), 0);
  assert_int_equal (rig_count_discarded (&rig, EA_CATTP_DISCARD_ACKNOWLEDGEMENT), 0);

  rig_hears (&rig, ACK, SEEN + 2, SEEN, "", "07");
  rig_says (&rig, ACK | EAK, SEEN + 4, SEEN, "cf88", "");
}

/* 3 */
static void
test_eak_without_ack_tells_what_was_lost (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_pass (&rig, 500 * 1000);
  rig_send (&rig, "01");
  rig_send (&rig, "02");
  assert_int_equal (rig_drop (&rig), 2);
  rig.now_us += 500 * 1000;
  rig_hears (&rig, EAK, P, N - 1, "0066", "");
  rig_pass (&rig, 500 * 1000);

  rig_says (&rig, ACK, N, P - 1, "", "01");
  rig_says_nothing (&rig);
}

/* 4 */
static void
test_data_that_came_before_are_acknowledged_again (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_hears (&rig, ACK, P, N - 1, "", "07");
  rig_pass (&rig, EA_CATTP_ACKNOWLEDGEMENT_DELAY_US);
  assert_int_equal (rig_drop (&rig), 1);
  rig_tells_sdu (&rig, "07");
  rig_hears (&rig, ACK, P, N - 1, "", "07");

  rig_says (&rig, ACK, N, P, "", "");
  rig_tells_nothing (&rig);
  assert_int_equal (ea_cattp_get_counters (rig.machine).n_duplicates, 1);
}

/* 5 */
static void
test_syn_that_comes_again_is_answered_at_once (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_passive (&parameters);

  rig_hears (&rig, SYN, PEER_NUMBER, 0, SIZES, "");
  rig_says (&rig, SYN | ACK, OUR_NUMBER, PEER_NUMBER, SIZES, "");
  rig_hears (&rig, SYN, PEER_NUMBER, 0, SIZES, "");

  rig_says (&rig, SYN | ACK, OUR_NUMBER, PEER_NUMBER, SIZES, "");
  rig_says_nothing (&rig);
}

/* 5 */
static void
test_pure_ack_in_syn_sent_is_not_the_answer (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_active (&parameters);

  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, ACK, PEER_NUMBER + 1, OUR_NUMBER, "", "");
  rig_says_nothing (&rig);
  assert_int_equal (rig_get_state (&rig), EA_CATTP_SYN_SENT);
  rig_hears_hex (&rig, EXAMPLE_SYN_ACK);

  rig_says_hex (&rig, EXAMPLE_THIRD);
  assert_int_equal (rig_get_state (&rig), EA_CATTP_OPEN);
}

/* 6 */
static void
test_pure_ack_is_said_again_when_syn_ack_comes_again (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_active (&parameters);

  assert_int_equal (rig_drop (&rig), 1);
  rig_hears_hex (&rig, EXAMPLE_SYN_ACK);
  rig_says_hex (&rig, EXAMPLE_THIRD);
  rig_hears_hex (&rig, EXAMPLE_SYN_ACK);

  rig_says_hex (&rig, EXAMPLE_THIRD);
  rig_says_nothing (&rig);
}

/* 6 */
static void
test_pure_ack_is_said_before_data_and_again_when_they_are_not_answered (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_active (&parameters);

  assert_int_equal (rig_drop (&rig), 1);
  rig.now_us += 600 * 1000;
  rig_hears_hex (&rig, EXAMPLE_SYN_ACK);
  rig_send (&rig, "07");
  rig_says_hex (&rig, EXAMPLE_THIRD);
  rig_says (&rig, ACK, N, P - 1, "", "07");
  assert_int_equal (rig_pass_deadline (&rig), EA_CATTP_THIRD_REPEAT_US);
  rig_says (&rig, ACK, N + 1, P - 1, "", "");
  rig_says_nothing (&rig);

  (void) rig_pass_deadline (&rig);
  rig_says (&rig, ACK, N + 1, P - 1, "", "");
  rig_says (&rig, ACK, N, P - 1, "", "07");
}

/* 6 */
static void
test_data_may_be_the_third_pdu (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_passive (&parameters);

  rig_hears (&rig, SYN, PEER_NUMBER, 0, SIZES, "");
  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, ACK, P, OUR_NUMBER, "", "07");

  rig_tells (&rig, EA_CATTP_EVENT_OPENED);
  rig_tells_sdu (&rig, "07");
}

/* 7 */
static void
test_acknowledgement_of_rst_is_none_unless_flagged (void **state)
{
  g_auto (CattpRig) rig = rig_open ();
  g_auto (CattpRig) forged = rig_open ();

  rig_send (&rig, "07");
  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, RST, P, N, "00", "");
  rig_tells_closed (&rig, EA_CATTP_CAUSE_PEER, EA_CATTP_RESET_NORMAL);

  rig_hears (&forged, RST | ACK, P, N + 5, "00", "");
  rig_tells_nothing (&forged);
  assert_int_equal (rig_count_discarded (&forged, EA_CATTP_DISCARD_ACKNOWLEDGEMENT), 1);
}

/* 8 */
static void
test_rst_has_our_next_number_and_is_taken_in_the_window_only (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_hears (&rig, RST, P - 1, 0, "00", "");
  rig_hears (&rig, RST, P + 11, 0, "00", "");
  rig_tells_nothing (&rig);
  assert_int_equal (rig_count_discarded (&rig, EA_CATTP_DISCARD_SEQUENCE), 2);
  rig_hears (&rig, RST, P + 10, 0, "00", "");

  rig_tells_closed (&rig, EA_CATTP_CAUSE_PEER, EA_CATTP_RESET_NORMAL);
}

/* 9 */
static void
test_rst_in_syn_received_is_never_answered (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_passive (&parameters);

  rig_hears (&rig, SYN, PEER_NUMBER, 0, SIZES, "");
  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, RST, P, 0, "02", "");

  rig_says_nothing (&rig);
  rig_tells_closed (&rig, EA_CATTP_CAUSE_PEER, EA_CATTP_RESET_TEMPORARY);
}

/* 10 */
static void
test_syn_outside_the_window_does_not_end_an_open_connection (void **state)
{
  g_auto (CattpRig) rig = rig_open_passive ();

  rig_hears (&rig, SYN, PEER_NUMBER, 0, SIZES, "");
  rig_says (&rig, ACK, N, PEER_NUMBER, "", "");
  rig_hears (&rig, SYN, P + 10, 0, SIZES, "");
  rig_says (&rig, ACK, N, PEER_NUMBER, "", "");
  assert_int_equal (rig_get_state (&rig), EA_CATTP_OPEN);
  rig_hears (&rig, SYN, P + 9, 0, SIZES, "");

  rig_says (&rig, RST, N, 0, "04", "");
  rig_tells_closed (&rig, EA_CATTP_CAUSE_PROTOCOL, EA_CATTP_RESET_UNEXPECTED);
}

/* 11 */
static void
test_another_version_does_not_end_an_open_connection (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_hears (&rig, ACK | 1, P, N - 1, "", "07");
  rig_hears (&rig, RST | 2, P, 0, "00", "");

  rig_says_nothing (&rig);
  rig_tells_nothing (&rig);
  assert_int_equal (rig_count_discarded (&rig, EA_CATTP_DISCARD_VERSION), 2);
}

/* 12 */
static void
test_data_without_ack_are_taken (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_hears (&rig, 0, P, 0, "", "07");
  rig_hears (&rig, SEG, P + 1, 0, "", "08");
  rig_hears (&rig, 0, P + 2, 0, "", "09");

  rig_tells_sdu (&rig, "07");
  rig_tells_sdu (&rig, "0809");
}

/* 13: windows are obeyed and probed, see test-cattp.c */

/* 14 */
static void
test_silence_ends_by_rst_after_a_named_number_of_times (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_send (&rig, "07");
  assert_int_equal (rig_drop (&rig), 1);
  for (guint i = 0; i < EA_CATTP_TIMEOUTS_MAX; i++)
    {
      assert_in_range (rig_pass_deadline (&rig), 1, EA_CATTP_TIMEOUT_MAX_US);
      rig_says (&rig, ACK, N, P - 1, "", "07");
      rig_tells_nothing (&rig);
    }
  assert_int_equal (rig_pass_deadline (&rig), EA_CATTP_TIMEOUT_MAX_US);

  rig_says (&rig, RST, N + 1, 0, "05", "");
  rig_tells_closed (&rig, EA_CATTP_CAUSE_RETRIES, EA_CATTP_RESET_RETRIES);
}

/* 15: numbers wrap around, see test-cattp.c; and here at the bit that one of them takes for a sign */
static void
test_numbers_pass_7fff (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = { 0 };

  parameters.initial_sequence = 0x7FFE;
  rig = rig_begin_active (&parameters);
  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, SYN | ACK, 0x7FFE, 0x7FFE, SIZES, "");
  rig_tells (&rig, EA_CATTP_EVENT_OPENED);
  assert_int_equal (rig_drop (&rig), 1);
  for (guint i = 0; i < 3; i++)
    rig_send (&rig, "07");
  rig_says (&rig, ACK, 0x7FFF, 0x7FFE, "", "07");
  rig_says (&rig, ACK, 0x8000, 0x7FFE, "", "07");
  rig_says (&rig, ACK, 0x8001, 0x7FFE, "", "07");
  rig_hears (&rig, ACK, 0x7FFF, 0x8000, "", "01");
  rig_hears (&rig, ACK, 0x8000, 0x8001, "", "02");

  for (guint i = 0; i < 2; i++)
    rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  rig_tells_sdu (&rig, "01");
  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  rig_tells_sdu (&rig, "02");
}

/* 16: carries of the checksum, see test-cattp-pdu.c */

/* 17 */
static void
test_identification_of_232_octets_is_taken_and_said (void **state)
{
  guint8 octets[EA_CATTP_IDENTIFICATION_MAX] = { 0x89 };
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) active = { 0 };
  g_auto (CattpRig) passive = rig_begin_passive (&parameters);
  g_auto (EaCattpEvent) event = { 0 };
  g_autoptr (GBytes) syn = NULL;

  parameters.identification = EA_SPAN_OF_ARRAY (octets);
  active = rig_begin_active (&parameters);
  syn = ea_cattp_pull_pdu (active.machine, active.now_us);
  assert_int_equal (g_bytes_get_size (syn), 255);
  passive.now_us = active.now_us;
  {
    g_autofree char *digits = ea_span_to_hex (EA_SPAN_OF_ARRAY (octets));
    g_autofree char *area = g_strconcat ("05780800E8", digits, NULL);

    rig_hears (&passive, SYN, PEER_NUMBER, 0, area, "");
  }
  assert_int_equal (rig_drop (&passive), 1);
  rig_hears (&passive, ACK, P, OUR_NUMBER, "", "");

  assert_true (ea_cattp_pull_event (passive.machine, &event));
  assert_int_equal (g_bytes_get_size (event.bytes), EA_CATTP_IDENTIFICATION_MAX);
}

/* 18 */
static void
test_closing_by_the_peer_after_idle_time_is_an_end_with_its_reason (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_pass (&rig, G_GINT64_CONSTANT (120) * G_USEC_PER_SEC);
  rig_says_nothing (&rig);
  rig_hears (&rig, RST, P, 0, "00", "");

  rig_tells_closed (&rig, EA_CATTP_CAUSE_PEER, EA_CATTP_RESET_NORMAL);
}

/* Both repeat PDUs with the acknowledgement that they had at first. */
static void
test_old_acknowledgements_of_repeated_pdus_are_no_forgery (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  for (guint i = 0; i < 5; i++)
    rig_send (&rig, "07");
  assert_int_equal (rig_drop (&rig), 5);
  rig_hears (&rig, ACK, P + 1, N + 4, "", "02");
  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, ACK, P, N - 1, "", "01");

  for (guint i = 0; i < 5; i++)
    rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  rig_tells_sdu (&rig, "01");
  rig_tells_sdu (&rig, "02");
}

/* A PDU that came before may be the first with an acknowledgement, and a pure ACK may be late. */
static void
test_late_and_repeated_pdus_may_acknowledge (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  for (guint16 i = 0; i < EA_CATTP_WINDOW_MAX; i++)
    {
      rig_hears (&rig, ACK, P + i, N - 1, "", "01");
      rig_tells_sdu (&rig, "01");
    }
  rig_send (&rig, "07");
  rig_send (&rig, "08");
  (void) rig_drop (&rig);
  rig_hears (&rig, ACK, P, N, "", "01");
  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  rig_hears (&rig, ACK, P, N + 1, "", "");

  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  rig_tells_nothing (&rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_sizes_of_0_in_syn_ack_mean_that_the_peer_does_not_know),
    cmocka_unit_test (test_echo_of_our_sizes_is_taken_and_ours_are_stated),
    cmocka_unit_test (test_segments_are_marked_and_the_whole_is_no_more_than_the_peer_takes),
    cmocka_unit_test (test_pdus_without_seg_are_sdus_of_their_own),
    cmocka_unit_test (test_eak_without_ack_is_taken_and_ours_has_it),
    cmocka_unit_test (test_eak_without_ack_tells_what_was_lost),
    cmocka_unit_test (test_data_that_came_before_are_acknowledged_again),
    cmocka_unit_test (test_syn_that_comes_again_is_answered_at_once),
    cmocka_unit_test (test_pure_ack_in_syn_sent_is_not_the_answer),
    cmocka_unit_test (test_pure_ack_is_said_again_when_syn_ack_comes_again),
    cmocka_unit_test (test_pure_ack_is_said_before_data_and_again_when_they_are_not_answered),
    cmocka_unit_test (test_data_may_be_the_third_pdu),
    cmocka_unit_test (test_acknowledgement_of_rst_is_none_unless_flagged),
    cmocka_unit_test (test_rst_has_our_next_number_and_is_taken_in_the_window_only),
    cmocka_unit_test (test_rst_in_syn_received_is_never_answered),
    cmocka_unit_test (test_syn_outside_the_window_does_not_end_an_open_connection),
    cmocka_unit_test (test_another_version_does_not_end_an_open_connection),
    cmocka_unit_test (test_data_without_ack_are_taken),
    cmocka_unit_test (test_silence_ends_by_rst_after_a_named_number_of_times),
    cmocka_unit_test (test_numbers_pass_7fff),
    cmocka_unit_test (test_identification_of_232_octets_is_taken_and_said),
    cmocka_unit_test (test_closing_by_the_peer_after_idle_time_is_an_end_with_its_reason),
    cmocka_unit_test (test_old_acknowledgements_of_repeated_pdus_are_no_forgery),
    cmocka_unit_test (test_late_and_repeated_pdus_may_acknowledge),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
