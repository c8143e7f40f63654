/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Opening a CAT_TP connection (agent/core/cattp.h) from both sides, and refusing one.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cattp-rig.h"
#include "core/cattp-timer.h"
#include "helpers.h"

#define SIZES "0578080000"

/* As a passive machine of the rig answers the SYN with the number 1 */
static void
rig_says_syn_ack (CattpRig *rig)
{
  rig_says (rig, SYN | ACK, OUR_NUMBER, PEER_NUMBER, SIZES, "");
}

static void
test_active_side_opens_as_in_the_example (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_active (&parameters);
  g_auto (EaCattpEvent) event = { 0 };

  rig_says_hex (&rig, EXAMPLE_SYN);
  rig_says_nothing (&rig);
  assert_int_equal (rig_get_state (&rig), EA_CATTP_SYN_SENT);
  rig_hears_hex (&rig, EXAMPLE_SYN_ACK);
  rig_says_hex (&rig, EXAMPLE_THIRD);
  rig_says_nothing (&rig);

  assert_int_equal (rig_get_state (&rig), EA_CATTP_OPEN);
  assert_true (ea_cattp_pull_event (rig.machine, &event));
  assert_int_equal (event.type, EA_CATTP_EVENT_OPENED);
  assert_int_equal (event.max_pdu, 1400);
  assert_int_equal (event.max_sdu, 2048);
  assert_int_equal (g_bytes_get_size (event.bytes), 0);
}

static void
test_passive_side_opens_and_tells_the_identification (void **state)
{
  EaCattpParameters parameters = {
    .source_port = 0x0929, .initial_sequence = 1, .max_pdu = 1400, .max_sdu = 2048, .window = 10
  };
  g_auto (CattpRig) rig = { .machine = ea_cattp_new_passive (&parameters), .now_us = 1 };
  g_auto (EaCattpEvent) event = { 0 };

  assert_int_equal (rig_get_state (&rig), EA_CATTP_LISTEN);
  assert_int_equal (ea_cattp_deadline (rig.machine), EA_CATTP_NEVER);
  rig_hears_hex (&rig, EXAMPLE_SYN);
  rig_says_hex (&rig, EXAMPLE_SYN_ACK);
  assert_int_equal (rig_get_state (&rig), EA_CATTP_SYN_RECEIVED);
  rig_hears_hex (&rig, EXAMPLE_THIRD);
  rig_says_nothing (&rig);

  assert_int_equal (rig_get_state (&rig), EA_CATTP_OPEN);
  assert_true (ea_cattp_pull_event (rig.machine, &event));
  assert_bytes_are (event.bytes, "89001012012341234012345678901224");
}

static void
test_unanswered_syn_is_sent_every_second_and_then_less_often (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_active (&parameters);

  rig_says_hex (&rig, EXAMPLE_SYN);
  for (guint i = 1; i < EA_CATTP_SYN_TRANSMISSIONS_MAX; i++)
    {
      gint64 time_us = rig_pass_deadline (&rig);

      if (i <= EA_CATTP_SYN_TIMEOUTS_LINEAR)
        assert_int_equal (time_us, G_USEC_PER_SEC);
      assert_in_range (time_us, G_USEC_PER_SEC, 4 * G_USEC_PER_SEC);
      rig_says_hex (&rig, EXAMPLE_SYN);
    }
  rig_tells_nothing (&rig);
  assert_int_equal (rig_pass_deadline (&rig), 4 * G_USEC_PER_SEC);

  rig_says (&rig, RST, OUR_NUMBER + 1, 0, "05", "");
  rig_tells_closed (&rig, EA_CATTP_CAUSE_RETRIES, EA_CATTP_RESET_RETRIES);
}

static void
test_unanswered_syn_ack_ends_the_same_way (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_passive (&parameters);

  rig_hears (&rig, SYN, PEER_NUMBER, 0, SIZES, "");
  rig_says_syn_ack (&rig);
  for (guint i = 1; i < EA_CATTP_SYN_TRANSMISSIONS_MAX; i++)
    {
      (void) rig_pass_deadline (&rig);
      rig_says_syn_ack (&rig);
    }
  (void) rig_pass_deadline (&rig);

  rig_says (&rig, RST, OUR_NUMBER + 1, 0, "05", "");
  rig_tells_closed (&rig, EA_CATTP_CAUSE_RETRIES, EA_CATTP_RESET_RETRIES);
}

static void
test_rst_refuses_in_syn_sent_whatever_its_number (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_active (&parameters);

  assert_int_equal (rig_drop (&rig), 1);
  rig_hears_hex (&rig, "500000130929c0010000000000640000e35d03");

  rig_tells_closed (&rig, EA_CATTP_CAUSE_PEER, EA_CATTP_RESET_PORT);
  rig_says_nothing (&rig);
  assert_int_equal (rig_get_state (&rig), EA_CATTP_CLOSED);
}

static void
test_syn_ack_for_another_syn_ends_the_connection (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_active (&parameters);

  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, SYN | ACK, PEER_NUMBER, OUR_NUMBER - 1, SIZES, "");

  rig_says (&rig, RST, OUR_NUMBER + 1, 0, "04", "");
  rig_tells_closed (&rig, EA_CATTP_CAUSE_PROTOCOL, EA_CATTP_RESET_UNEXPECTED);
}

static void
test_syn_ack_with_impossible_size_ends_the_connection (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_active (&parameters);

  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, SYN | ACK, PEER_NUMBER, OUR_NUMBER, "0016080000", "");

  rig_says (&rig, RST, OUR_NUMBER + 1, 0, "01", "");
  rig_tells_closed (&rig, EA_CATTP_CAUSE_PARAMETERS, EA_CATTP_RESET_PARAMETERS);
}

static void
test_smallest_possible_size_is_taken (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_active (&parameters);

  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, SYN | ACK, PEER_NUMBER, OUR_NUMBER, "0017080000", "");
  rig_tells (&rig, EA_CATTP_EVENT_OPENED);
  rig_says_hex (&rig, EXAMPLE_THIRD);
  rig_send (&rig, "0102030405060708");

  rig_says (&rig, ACK | SEG, OUR_NUMBER + 1, PEER_NUMBER, "", "0102030405");
  rig_says (&rig, ACK, OUR_NUMBER + 2, PEER_NUMBER, "", "060708");
}

static void
test_version_other_than_0_is_refused_by_its_reason (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) active = rig_begin_active (&parameters);
  g_auto (CattpRig) passive = rig_begin_passive (&parameters);

  assert_int_equal (rig_drop (&active), 1);
  rig_hears (&active, SYN | ACK | 1, PEER_NUMBER, OUR_NUMBER, SIZES, "");
  rig_says (&active, RST, OUR_NUMBER + 1, 0, "06", "");
  rig_tells_closed (&active, EA_CATTP_CAUSE_VERSION, EA_CATTP_RESET_VERSION);

  rig_hears (&passive, SYN | 2, PEER_NUMBER, 0, SIZES, "");
  rig_says (&passive, RST | ACK, 0, PEER_NUMBER, "06", "");
  assert_int_equal (rig_get_state (&passive), EA_CATTP_LISTEN);
  assert_int_equal (rig_count_discarded (&passive, EA_CATTP_DISCARD_VERSION), 1);
}

static void
test_syn_to_another_port_is_refused_and_the_next_opens (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_passive (&parameters);
  g_autoptr (GBytes) to_other = make_pdu (SYN, PEER_PORT, OUR_PORT + 1, 7, 0, 10, SIZES, "");
  g_autoptr (GBytes) from_other = make_pdu (SYN, PEER_PORT + 1, OUR_PORT, 7, 0, 10, SIZES, "");
  g_autoptr (GBytes) refusal = make_pdu (RST | ACK, OUR_PORT + 1, PEER_PORT, 0, 7, 0, "03", "");
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (refusal));

  ea_cattp_receive (rig.machine, ea_span_from_bytes (to_other), rig.now_us);
  rig_says_hex (&rig, hex);
  ea_cattp_receive (rig.machine, ea_span_from_bytes (from_other), rig.now_us);
  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, SYN, PEER_NUMBER, 0, SIZES, "");

  rig_says_syn_ack (&rig);
  assert_int_equal (rig_count_discarded (&rig, EA_CATTP_DISCARD_PORT), 2);
}

static void
test_syn_with_impossible_size_is_refused (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_passive (&parameters);

  rig_hears (&rig, SYN, PEER_NUMBER, 0, "0016080000", "");

  rig_says (&rig, RST | ACK, 0, PEER_NUMBER, "01", "");
  assert_int_equal (rig_get_state (&rig), EA_CATTP_LISTEN);
}

static void
test_listener_answers_data_by_rst_and_rst_by_nothing (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_passive (&parameters);

  rig_hears (&rig, ACK, 9, 7, "", "0102");
  rig_says (&rig, RST | ACK, 0, 9, "04", "");
  rig_hears (&rig, RST, 9, 0, "00", "");
  rig_says_nothing (&rig);
  rig_tells_nothing (&rig);

  assert_int_equal (rig_count_discarded (&rig, EA_CATTP_DISCARD_STATE), 2);
}

static void
test_refusals_that_nobody_pulls_are_bounded (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_passive (&parameters);

  for (guint i = 0; i < 1000; i++)
    rig_hears (&rig, ACK, 9, 7, "", "0102");

  assert_in_range (rig_drop (&rig), 1, 16);
}

static void
test_syn_received_ignores_acknowledgements_of_another_syn (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_passive (&parameters);

  rig_hears (&rig, SYN, PEER_NUMBER, 0, SIZES, "");
  rig_says_syn_ack (&rig);
  rig_hears (&rig, ACK, PEER_NUMBER + 1, OUR_NUMBER + 1, "", "");
  rig_hears (&rig, ACK, PEER_NUMBER + 1, OUR_NUMBER - 1, "", "07");
  rig_hears (&rig, 0, PEER_NUMBER + 1, 0, "", "07");

  rig_says_nothing (&rig);
  assert_int_equal (rig_get_state (&rig), EA_CATTP_SYN_RECEIVED);
  assert_int_equal (rig_count_discarded (&rig, EA_CATTP_DISCARD_ACKNOWLEDGEMENT), 3);
}

static void
test_syn_received_answers_numbers_outside_the_window_by_ack (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_passive (&parameters);

  rig_hears (&rig, SYN, PEER_NUMBER, 0, SIZES, "");
  rig_says_syn_ack (&rig);
  rig_hears (&rig, ACK, PEER_NUMBER + 12, OUR_NUMBER, "", "");
  rig_says (&rig, ACK, OUR_NUMBER + 1, PEER_NUMBER, "", "");
  rig_hears (&rig, ACK, PEER_NUMBER, OUR_NUMBER, "", "");
  rig_says (&rig, ACK, OUR_NUMBER + 1, PEER_NUMBER, "", "");

  assert_int_equal (rig_get_state (&rig), EA_CATTP_SYN_RECEIVED);
}

static void
test_syn_received_ignores_a_syn_of_somebody_else (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_passive (&parameters);

  rig_hears (&rig, SYN, PEER_NUMBER, 0, SIZES, "");
  rig_says_syn_ack (&rig);
  rig_hears (&rig, SYN, PEER_NUMBER + 5, 0, SIZES, "");

  rig_says_nothing (&rig);
  assert_int_equal (rig_get_state (&rig), EA_CATTP_SYN_RECEIVED);
  assert_int_equal (rig_count_discarded (&rig, EA_CATTP_DISCARD_SEQUENCE), 1);
}

static void
test_syn_received_answers_repeated_syns_however_many (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_passive (&parameters);

  for (guint i = 0; i < 2 * EA_CATTP_SYN_TRANSMISSIONS_MAX; i++)
    {
      rig_hears (&rig, SYN, PEER_NUMBER, 0, SIZES, "");
      rig_says_syn_ack (&rig);
    }
  assert_in_range (rig_pass_deadline (&rig), 1, EA_CATTP_SYN_TIMEOUT_US);
  rig_says_syn_ack (&rig);
  rig_hears (&rig, ACK, PEER_NUMBER + 1, OUR_NUMBER, "", "");

  assert_int_equal (rig_get_state (&rig), EA_CATTP_OPEN);
}

static void
test_nothing_is_sent_before_the_connection_is_open (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_begin_active (&parameters);
  g_autoptr (GBytes) sdu = bytes_of ("01");
  g_autoptr (GError) error = NULL;

  assert_false (ea_cattp_send (rig.machine, sdu, rig.now_us, &error));
  assert_core_error (&error, EA_CORE_ERROR_UNSUPPORTED);
}

static void
test_closing_before_it_is_open_ends_at_once (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) active = rig_begin_active (&parameters);
  g_auto (CattpRig) passive = rig_begin_passive (&parameters);

  assert_int_equal (rig_drop (&active), 1);
  ea_cattp_close (active.machine, active.now_us);
  rig_says (&active, RST, OUR_NUMBER + 1, 0, "00", "");
  rig_tells_closed (&active, EA_CATTP_CAUSE_CLOSED, EA_CATTP_RESET_NORMAL);

  ea_cattp_close (passive.machine, passive.now_us);
  rig_says_nothing (&passive);
  rig_tells_closed (&passive, EA_CATTP_CAUSE_CLOSED, EA_CATTP_RESET_NORMAL);
  assert_int_equal (rig_get_state (&passive), EA_CATTP_CLOSED);
}

static void
test_abort_says_its_reason_but_to_nobody_in_listen (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) active = rig_begin_active (&parameters);
  g_auto (CattpRig) passive = rig_begin_passive (&parameters);

  assert_int_equal (rig_drop (&active), 1);
  ea_cattp_abort (active.machine, EA_CATTP_RESET_TEMPORARY, active.now_us);
  rig_says (&active, RST, OUR_NUMBER + 1, 0, "02", "");
  rig_tells_closed (&active, EA_CATTP_CAUSE_ABORTED, EA_CATTP_RESET_TEMPORARY);

  ea_cattp_abort (passive.machine, EA_CATTP_RESET_TEMPORARY, passive.now_us);
  rig_says_nothing (&passive);
  rig_tells_closed (&passive, EA_CATTP_CAUSE_ABORTED, EA_CATTP_RESET_TEMPORARY);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_active_side_opens_as_in_the_example),
    cmocka_unit_test (test_passive_side_opens_and_tells_the_identification),
    cmocka_unit_test (test_unanswered_syn_is_sent_every_second_and_then_less_often),
    cmocka_unit_test (test_unanswered_syn_ack_ends_the_same_way),
    cmocka_unit_test (test_rst_refuses_in_syn_sent_whatever_its_number),
    cmocka_unit_test (test_syn_ack_for_another_syn_ends_the_connection),
    cmocka_unit_test (test_syn_ack_with_impossible_size_ends_the_connection),
    cmocka_unit_test (test_smallest_possible_size_is_taken),
    cmocka_unit_test (test_version_other_than_0_is_refused_by_its_reason),
    cmocka_unit_test (test_syn_to_another_port_is_refused_and_the_next_opens),
    cmocka_unit_test (test_syn_with_impossible_size_is_refused),
    cmocka_unit_test (test_listener_answers_data_by_rst_and_rst_by_nothing),
    cmocka_unit_test (test_refusals_that_nobody_pulls_are_bounded),
    cmocka_unit_test (test_syn_received_ignores_acknowledgements_of_another_syn),
    cmocka_unit_test (test_syn_received_answers_numbers_outside_the_window_by_ack),
    cmocka_unit_test (test_syn_received_ignores_a_syn_of_somebody_else),
    cmocka_unit_test (test_syn_received_answers_repeated_syns_however_many),
    cmocka_unit_test (test_nothing_is_sent_before_the_connection_is_open),
    cmocka_unit_test (test_closing_before_it_is_open_ends_at_once),
    cmocka_unit_test (test_abort_says_its_reason_but_to_nobody_in_listen),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
