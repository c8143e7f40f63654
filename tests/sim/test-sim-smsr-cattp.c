/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The SM-SR's CAT_TP server on a real socket, with a client made of the simulator's building blocks. */
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test-isdp.h"
#include "test-link.h"
#include "test-smsr.h"

#define UNKNOWN_EID "89001012012341234012345678999999"
#define PROFILE_SIZE 20000

static void
test_one_packet_is_one_sdu_and_reset_ends_the_link (void **state)
{
  TestLink *link = *state;

  test_smsr_start (link->smsr, "enable --via bip-cat-tp");
  test_link_open (link, EID);
  test_link_assert_packet (link, 0x000001,
                           "AA1C221A80E28800153A03124F10A0000005591010FFFFFFFF8900001100", 0,
                           "ab0780010123029000");
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr,
                          "ok packets=2 counter=2 status=00 executed=1 sw=9000 "
                          "aid=A0000005591010FFFFFFFF8900001100 transport=bip-cat-tp connections=1 "
                          "resumed=0 retransmitted=0 switched=unconfirmed");
}

static void
test_a_push_alone_ends_the_link_at_once (void **state)
{
  TestLink *link = *state;

  test_smsr_start (link->smsr, "push-cat-tp");
  test_link_open (link, EID);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr, "ok packets=1 counter=1 status=00 transport=bip-cat-tp "
                                      "connections=1 resumed=0 retransmitted=0");
}

static void
test_a_link_without_a_proof_of_receipt_does_not_end_well (void **state)
{
  TestLink *link = *state;

  test_smsr_begin (link->smsr, "push-cat-tp");
  test_link_open (link, EID);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr,
                          "error proof=none: the trigger's receipt was not proven; otherwise ok "
                          "packets=1 transport=bip-cat-tp connections=1 resumed=0 retransmitted=0");
}

static void
test_a_status_ends_the_operation_and_the_link (void **state)
{
  TestLink *link = *state;

  test_smsr_start (link->smsr, "delete 1200 --via bip-cat-tp");
  test_link_open (link, EID);
  test_link_assert_packet (link, 0x000001,
                           "AA1A221880E40040124F10A0000005591010FFFFFFFF890000120000", 9, "");
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr, "error status 09: the TAR is unknown");
}

static void
test_a_profile_goes_to_the_isdps_tar_one_segment_an_sdu (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) content = NULL;
  g_autofree char *path = test_isdp_make_file (PROFILE_SIZE, &content);
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content);
  g_autofree char *words = g_strconcat ("download-profile ", path, " --via bip-cat-tp", NULL);
  g_autofree char *expected
      = g_strdup_printf ("ok packets=24 counter=24 status=00 "
                         "aid=A0000005591010FFFFFFFF8900001300 bytes=20000 sha256=%s "
                         "transport=bip-cat-tp connections=1 resumed=0 retransmitted=0",
                         hash);
  g_autoptr (TestIsdp) isdp = test_isdp_new ();
  g_autoptr (GBytes) sdu = NULL;

  test_smsr_start (link->smsr, words);
  test_link_open (link, EID);
  test_link_assert_packet (
      link, 0x000001,
      "AA47224580E60C003F10A0000005591010FFFFFFFF8900000D0010A0000005591010FFFFFFFF8900000E0010"
      "A0000005591010FFFFFFFF89000013000380C00006C904810203700000",
      0, "ab088001012303009000");
  while ((sdu = test_link_wait (link)) != NULL)
    {
      SimScp80Command command = { 0 };
      g_autoptr (GBytes) script = test_link_open_packet (sdu, &command);
      g_autoptr (GBytes) response = test_isdp_run (isdp, ea_span_from_bytes (script));

      assert_int_equal (command.tar, 0x000013);
      assert_true (g_bytes_get_size (sdu) <= 2048);
      test_link_answer (link, &command, 0, response);
      g_clear_pointer (&sdu, g_bytes_unref);
    }

  assert_int_equal (isdp->n_scripts, 22);
  test_isdp_assert_profile (isdp, ea_span_from_bytes (content));
  test_smsr_assert_reply (link->smsr, expected);
  assert_int_equal (g_remove (path), 0);
}

static void
test_an_unknown_identification_is_reset (void **state)
{
  TestLink *link = *state;

  test_smsr_start (link->smsr, "enable --via bip-cat-tp");
  test_link_open (link, UNKNOWN_EID);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_gives_up (link->smsr,
                             "error timeout: waiting for the eUICC's CAT_TP connection; "
                             "a link came from '" UNKNOWN_EID "'");
}

static void
test_a_link_that_the_euicc_resets_is_the_operations_error (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) sdu = NULL;

  test_smsr_start (link->smsr, "enable --via bip-cat-tp");
  test_link_open (link, EID);
  sdu = test_link_wait (link);
  sim_cattp_close (link->cattp, g_get_monotonic_time ());
  test_link_run (link, 3);

  test_smsr_assert_reply (link->smsr,
                          "error connection lost: the eUICC has closed it, while waiting for "
                          "the response to script 1");
}

static void
set_fault (TestLink *link, SimSmsrFaultKind kind, gsize after)
{
  const SimSmsrFault fault = { .kind = kind, .after = after };

  assert_true (sim_smsr_server_set_fault (link->server, &fault, NULL));
}

static void
test_a_refused_link_opens_once_the_socket_is_there_again (void **state)
{
  TestLink *link = *state;

  set_fault (link, SIM_SMSR_FAULT_REFUSE, 0);
  test_link_open (link, EID);
  test_link_vanish (link);
  set_fault (link, SIM_SMSR_FAULT_NONE, 0);
  test_link_open (link, EID);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);
}

static void
test_a_stalled_link_is_reset_when_the_fault_is_over (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) sdu = NULL;

  set_fault (link, SIM_SMSR_FAULT_STALL, 50);
  test_smsr_start (link->smsr, "enable --via bip-cat-tp");
  test_link_open (link, EID);
  sdu = test_link_wait (link);
  sim_smsr_give_up (link->smsr);
  sim_smsr_server_settle (link->server, link->smsr);
  assert_int_equal (sim_cattp_get_state (link->cattp), SIM_CATTP_OPEN);
  set_fault (link, SIM_SMSR_FAULT_NONE, 0);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);
}

static void
test_a_fault_closes_the_link_with_a_reset (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) sdu = NULL;

  set_fault (link, SIM_SMSR_FAULT_CLOSE, 0);
  test_smsr_start (link->smsr, "enable --via bip-cat-tp");
  test_link_open (link, EID);
  sdu = test_link_wait (link);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr,
                          "error connection lost: the SM-SR has closed it, while waiting for "
                          "the response to script 1");
}

static void
test_a_flood_of_wrong_pdus_does_no_harm (void **state)
{
  TestLink *link = *state;

  set_fault (link, SIM_SMSR_FAULT_FLOOD, 0);
  test_smsr_start (link->smsr, "push-cat-tp");
  test_link_open (link, EID);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr, "ok packets=1 counter=1 status=00 transport=bip-cat-tp "
                                      "connections=1 resumed=0 retransmitted=0");
}

static void
test_a_link_of_no_use_is_reset_when_the_operation_is_given_up (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) sdu = NULL;

  test_smsr_start (link->smsr, "enable --via bip-cat-tp");
  test_link_open (link, EID);
  sdu = test_link_wait (link);
  sim_smsr_give_up (link->smsr);
  sim_smsr_server_settle (link->server, link->smsr);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr, "error timeout: waiting for the response to script 1");
}

#define cattp_test(name)                                                                           \
  cmocka_unit_test_setup_teardown (name, test_link_set_up, test_link_tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cattp_test (test_one_packet_is_one_sdu_and_reset_ends_the_link),
    cattp_test (test_a_push_alone_ends_the_link_at_once),
    cattp_test (test_a_link_without_a_proof_of_receipt_does_not_end_well),
    cattp_test (test_a_status_ends_the_operation_and_the_link),
    cattp_test (test_a_profile_goes_to_the_isdps_tar_one_segment_an_sdu),
    cattp_test (test_an_unknown_identification_is_reset),
    cattp_test (test_a_link_that_the_euicc_resets_is_the_operations_error),
    cattp_test (test_a_stalled_link_is_reset_when_the_fault_is_over),
    cattp_test (test_a_fault_closes_the_link_with_a_reset),
    cattp_test (test_a_flood_of_wrong_pdus_does_no_harm),
    cattp_test (test_a_link_of_no_use_is_reset_when_the_operation_is_given_up),
    cattp_test (test_a_refused_link_opens_once_the_socket_is_there_again),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
