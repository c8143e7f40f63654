/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What goes wrong with the SM-SR's CAT_TP links when a test wants it, and that it goes well afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test-link.h"
#include "test-smsr.h"

#define SCRIPT "AA1C221A80E28800153A05124F10A0000005591010FFFFFFFF8900001100"
#define OK_SCRIPT "ab0780010123029000"

static void
begin (TestLink *link)
{
  test_smsr_start (link->smsr, "set-fallback 1100 --via cat-tp");
}

/* Over a link that is there, to its end */
static void
go_through (TestLink *link)
{
  test_link_assert_packet (link, 0x000001, SCRIPT, 0, OK_SCRIPT);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);
}

static void
assert_well (TestLink *link, const char *repairs)
{
  g_autofree char *expected
      = g_strconcat ("ok packets=2 counter=2 status=00 executed=1 sw=9000 "
                     "aid=A0000005591010FFFFFFFF8900001100 transport=cat-tp connections=",
                     repairs, NULL);

  test_smsr_assert_reply (link->smsr, expected);
}

static void
test_a_syn_is_refused_with_each_reason (void **state)
{
  TestLink *link = *state;

  begin (link);
  for (int reason = 0; reason <= SIM_CATTP_REASON_VERSION_NOT_SUPPORTED; reason++)
    {
      g_autofree char *words = g_strdup_printf ("cat-tp-refuse %d 1", reason);

      test_link_order (link, words);
      test_link_open (link, EID);
      test_link_assert_reset (link, reason);
    }
  test_link_open (link, EID);
  go_through (link);

  assert_well (link, "1 resumed=0 retransmitted=0");
}

static void
test_a_syn_that_nobody_hears_is_repeated (void **state)
{
  TestLink *link = *state;

  test_link_order (link, "cat-tp-silence 1");
  begin (link);
  test_link_open (link, EID);
  go_through (link);

  assert_well (link, "1 resumed=0 retransmitted=0");
  assert_int_equal (sim_cattp_get_repairs (link->cattp).n_retransmitted, 1);
}

/* The SYN+ACK and the packet have gone. */
static void
test_a_link_is_reset_with_a_reason_and_taken_up_again (void **state)
{
  TestLink *link = *state;

  test_link_order (link, "cat-tp-reset 4 2 1");
  begin (link);
  test_link_open (link, EID);
  g_bytes_unref (test_link_wait (link));
  test_link_assert_reset (link, SIM_CATTP_REASON_UNEXPECTED_PDU);
  test_link_open (link, EID);
  go_through (link);

  assert_well (link, "2 resumed=1 failed=1 retransmitted=0");
}

static void
test_a_server_that_was_killed_knows_no_link (void **state)
{
  TestLink *link = *state;

  test_link_order (link, "cat-tp-forget 2 1");
  begin (link);
  test_link_open (link, EID);
  g_bytes_unref (test_link_wait (link));
  assert_int_equal (sim_cattp_get_state (link->cattp), SIM_CATTP_OPEN);
  test_link_open (link, EID);
  go_through (link);

  assert_well (link, "2 resumed=1 failed=1 retransmitted=0");
}

/* What was wrong is sent again as it should be. */
static void
test_a_pdu_with_a_wrong_checksum_is_repeated (void **state)
{
  TestLink *link = *state;

  test_link_order (link, "cat-tp-checksum 1 1");
  begin (link);
  test_link_open (link, EID);
  go_through (link);

  assert_well (link, "1 resumed=0 retransmitted=1");
  assert_int_equal (sim_cattp_get_repairs (link->cattp).n_damaged, 1);
}

static void
test_pdus_that_are_lost_are_repeated (void **state)
{
  TestLink *link = *state;

  test_link_order (link, "cat-tp-drop 1 1");
  begin (link);
  test_link_open (link, EID);
  go_through (link);

  assert_well (link, "1 resumed=0 retransmitted=1");
  assert_int_equal (sim_cattp_get_repairs (link->cattp).n_damaged, 0);
}

/* SYN, third PDU and acknowledgement of the packet are heard, its answer is not at first. */
static void
test_a_server_may_not_hear_the_answer (void **state)
{
  TestLink *link = *state;

  test_link_order (link, "cat-tp-deaf 3 1");
  begin (link);
  test_link_open (link, EID);
  go_through (link);

  assert_well (link, "1 resumed=0 retransmitted=0");
  assert_int_equal (sim_cattp_get_repairs (link->cattp).n_retransmitted, 1);
}

/* Four with each of two PDUs */
static void
test_forged_pdus_come_from_elsewhere (void **state)
{
  TestLink *link = *state;

  test_link_order (link, "cat-tp-forge 2");
  begin (link);
  test_link_open (link, EID);
  go_through (link);

  assert_well (link, "1 resumed=0 retransmitted=0");
  assert_int_equal (link->n_foreign, 8);
}

static void
test_a_packet_under_a_key_of_nobody_goes_first (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) sdu = NULL;
  SimScp80Command command = { 0 };

  test_link_order (link, "cat-tp-unknown-key 1");
  begin (link);
  test_link_open (link, EID);
  sdu = test_link_wait (link);
  assert_true (
      sim_scp80_parse_command (&command, SIM_SCP80_FORM_CAT_TP, ea_span_from_bytes (sdu), NULL));
  assert_int_equal (command.kic, 0xF2);
  assert_int_equal (command.kid, 0xF2);
  assert_int_equal (command.tar, 0x000001);
  go_through (link);

  assert_well (link, "1 resumed=0 retransmitted=0");
}

static void
test_an_sdu_that_is_too_large_ends_the_link (void **state)
{
  TestLink *link = *state;

  link->sdu_max = 100;
  test_link_order (link, "cat-tp-oversize 1");
  begin (link);
  test_link_open (link, EID);
  test_link_assert_reset (link, SIM_CATTP_REASON_SET_UP_FAILED);
  test_link_open (link, EID);
  go_through (link);

  assert_well (link, "2 resumed=1 failed=1 retransmitted=0");
}

/* A fault of links does not concern HTTPS, and the other way round. */
static void
test_a_fault_with_a_count_is_for_one_protocol (void **state)
{
  TestLink *link = *state;

  test_link_order (link, "close 0 1");
  begin (link);
  test_link_open (link, EID);
  go_through (link);

  assert_well (link, "1 resumed=0 retransmitted=0");
}

#define link_test(name)                                                                            \
  cmocka_unit_test_setup_teardown (name, test_link_set_up, test_link_tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    link_test (test_a_syn_is_refused_with_each_reason),
    link_test (test_a_syn_that_nobody_hears_is_repeated),
    link_test (test_a_link_is_reset_with_a_reason_and_taken_up_again),
    link_test (test_a_server_that_was_killed_knows_no_link),
    link_test (test_a_pdu_with_a_wrong_checksum_is_repeated),
    link_test (test_pdus_that_are_lost_are_repeated),
    link_test (test_a_server_may_not_hear_the_answer),
    link_test (test_forged_pdus_come_from_elsewhere),
    link_test (test_a_packet_under_a_key_of_nobody_goes_first),
    link_test (test_an_sdu_that_is_too_large_ends_the_link),
    link_test (test_a_fault_with_a_count_is_for_one_protocol),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
