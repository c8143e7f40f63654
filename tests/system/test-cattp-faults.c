/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SM-SRs that refuse the agent's CAT_TP link, break it, forget it, or send what is none of it; packets that are for
 * nobody, and cards that refuse or are busy. Each session ends with the error's own name, a line in the journal, and
 * nothing left open; the next one goes well, with the same agent.
 */

#include "fault-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Faults that are a silence are waited for as long as Timeout= says. */
#define ONE_ATTEMPT "RetryLimit=0\nTimeout=1\n"
#define PATIENT "RetryLimit=0\nTimeout=5\n"
#define RETRIES "RetryLimit=3\nRetryDelay=1\nRetryMaximum=1\nTimeout=1\n"

static const FaultSetup one_attempt = { "cat-tp", ONE_ATTEMPT, FAULT_ADDRESS, "" };
static const FaultSetup patient = { "cat-tp", PATIENT, FAULT_ADDRESS, "" };
static const FaultSetup sealed = { "cat-tp", ONE_ATTEMPT, FAULT_ADDRESS, "--sealed" };
static const FaultSetup retries = { "cat-tp", RETRIES, FAULT_ADDRESS, "" };

#define REFUSES "The SM-SR refuses the CAT_TP link: "
#define RESETS "The SM-SR has reset the CAT_TP link: "
#define SILENT "The SM-SR does not answer the CAT_TP link"
#define SILENT_NOW "The SM-SR does not answer on the CAT_TP link any more"

static const FaultRow links[] = {
  { "fail smsr cat-tp-refuse 0", "ConnectFailed", "failed", REFUSES "reason 0, ", NULL },
  { "fail smsr cat-tp-refuse 1", "ConnectFailed", "failed", REFUSES "reason 1, ", NULL },
  { "fail smsr cat-tp-refuse 2", "ConnectFailed", "failed", REFUSES "reason 2, ", NULL },
  { "fail smsr cat-tp-refuse 3", "ConnectFailed", "failed",
    REFUSES
    "reason 3, requested port not available: it has no CAT_TP port 2345 (CatTpPort, cat-tp-port)",
    NULL },
  { "fail smsr cat-tp-refuse 4", "ConnectFailed", "failed", REFUSES "reason 4, ", NULL },
  { "fail smsr cat-tp-refuse 5", "ConnectFailed", "failed", REFUSES "reason 5, ", NULL },
  { "fail smsr cat-tp-refuse 6", "ConnectFailed", "failed", REFUSES "reason 6, ", NULL },
  { "fail smsr cat-tp-refuse 255", "ConnectFailed", "failed", REFUSES "reason 255, reserved",
    NULL },
  { "fail smsr cat-tp-silence", "Timeout", "failed", SILENT "\n", NULL },
  { "fail smsr refuse", "Timeout", "failed",
    SILENT ": it seems that nobody listens at its UDP port", NULL },
  { "fail smsr cat-tp-reset 1 1", "ConnectionLost", "failed", RESETS "reason 1, ", NULL },
  { "fail smsr cat-tp-reset 5 2", "ConnectionLost", "failed", RESETS "reason 5, ", NULL },
  { "fail smsr cat-tp-reset 255 2", "ConnectionLost", "failed", RESETS "reason 255, reserved",
    NULL },
  { "fail smsr cat-tp-forget 1", "Timeout", "failed", SILENT_NOW, NULL },
  { "fail smsr cat-tp-forget 2", "Timeout", "failed", SILENT_NOW, NULL },
  { "fail smsr stall", "Timeout", "failed", SILENT, NULL },
  { "fail smsr stall 60", "Timeout", "failed", SILENT_NOW, NULL },
  { "fail smsr reset 60", "Timeout", "failed", SILENT_NOW ": ", NULL },
  { "fail smsr cat-tp-oversize", "LimitExceeded", "failed", "An SDU is larger than ", NULL },
};

/* What a link gets over */
static const FaultRow pdus[] = {
  { "fail smsr cat-tp-checksum 0 2", "", "ok", "", "ok " },
  { "fail smsr cat-tp-checksum 1 1", "", "ok", "", "ok " },
  { "fail smsr cat-tp-drop 0 2", "", "ok", "", "ok " },
  { "fail smsr cat-tp-drop 1 1", "", "ok", "", "ok " },
  { "fail smsr cat-tp-deaf 0 2", "", "ok", "", "ok " },
  { "fail smsr cat-tp-deaf 2 1", "", "ok", "", "ok " },
  { "fail smsr cat-tp-forge", "", "ok", "", "ok " },
  { "fail smsr flood", "", "ok", "", "ok " },
};

static const FaultRow packets[] = {
  { "fail smsr cat-tp-unknown-key", "NoKey", "ok",
    "A packet of a CAT_TP link is refused: no key is held for TAR 000001 and key set 15", "ok " },
  { "fail card F2 6A88", "", "ok", "A packet for TAR 000001 is carried out: 2 commands",
    "error sw 6A88: referenced data not found (command 2)" },
  { "fail uim 0x3B 3", "", "ok", "A script was interrupted at command 1",
    "error interrupted at command 1 of 3 sw=6FF1" },
};

static const FaultRow sealed_packets[] = {
  { "fail card C2 9300 3", "", "ok", "", "ok " },
  { "fail card C2 6F00", "ModemFailed", "failed",
    "The card refused segment 1 of 1 of a sealed packet with 6F00",
    "error connection lost: the agent has closed it" },
};

/* Those that a retry gets over while they are in force for the first link alone */
static const FaultRow passing[] = {
  { "fail smsr cat-tp-refuse 2 1", "ConnectFailed", "ok", REFUSES "reason 2, ", NULL },
  { "fail smsr cat-tp-silence", "Timeout", "ok", SILENT, NULL },
  { "fail smsr refuse", "Timeout", "ok", SILENT ": ", NULL },
  { "fail smsr cat-tp-reset 4 1 1", "ConnectionLost", "ok", RESETS "reason 4, ", NULL },
  { "fail smsr cat-tp-reset 4 2 1", "ConnectionLost", "ok", RESETS "reason 4, ", NULL },
  { "fail smsr cat-tp-forget 1 1", "Timeout", "ok", SILENT_NOW, NULL },
  { "fail smsr cat-tp-forget 2 1", "Timeout", "ok", SILENT_NOW, NULL },
  { "fail smsr stall 60", "Timeout", "ok", SILENT_NOW, NULL },
  { "fail smsr reset 60", "Timeout", "ok", SILENT_NOW, NULL },
  { "fail smsr cat-tp-oversize 1", "LimitExceeded", "ok", "An SDU is larger than ", NULL },
};

static void
test_links_that_fail (void **state)
{
  fault_rig_meet (*state, &one_attempt, links, G_N_ELEMENTS (links));
}

static void
test_pdus_that_are_lost_damaged_or_forged (void **state)
{
  fault_rig_meet (*state, &patient, pdus, G_N_ELEMENTS (pdus));
}

static void
test_packets_that_fail (void **state)
{
  fault_rig_meet (*state, &one_attempt, packets, G_N_ELEMENTS (packets));
}

static void
test_sealed_packets_that_fail (void **state)
{
  fault_rig_meet (*state, &sealed, sealed_packets, G_N_ELEMENTS (sealed_packets));
}

static void
test_a_packet_for_nobody_is_counted (void **state)
{
  FaultRig bench;

  fault_rig_start (&bench, *state, &one_attempt);
  fault_rig_order (&bench, "fail smsr cat-tp-unknown-key 1");
  fault_rig_begin_operation (&bench, "--no-trigger");
  fault_rig_open_session (&bench);
  fault_rig_expect_good_reply (&bench, "unknown key");
  rig_await_counter (bench.rig, "packets-refused", 1);
  fault_rig_end (&bench);
}

static void
test_pushed_sessions_get_over_links_that_fail (void **state)
{
  fault_rig_recover (*state, &retries, passing, G_N_ELEMENTS (passing));
}

static void
test_pushed_sessions_give_up_after_the_retries (void **state)
{
  static const FaultRow row
      = { "fail smsr cat-tp-refuse 3", "ConnectFailed", "failed", REFUSES "reason 3, ", NULL };
  FaultRig bench;

  fault_rig_start (&bench, *state, &retries);
  fault_rig_order (&bench, row.fault);
  fault_rig_begin_operation (&bench, "");
  bench.n_sessions++;
  fault_rig_expect_end (&bench, &row, 0);
  assert_int_equal (https_count (https_news_get_states (bench.news, 1), "handshaking"), 4);
  fault_rig_end_fault (&bench);
  fault_rig_have_clean_session (&bench, row.fault);
  fault_rig_expect_good_reply (&bench, row.fault);
  fault_rig_end (&bench);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_links_that_fail),
    RIG_TEST (test_pdus_that_are_lost_damaged_or_forged),
    RIG_TEST (test_packets_that_fail),
    RIG_TEST (test_sealed_packets_that_fail),
    RIG_TEST (test_a_packet_for_nobody_is_counted),
    RIG_TEST (test_pushed_sessions_get_over_links_that_fail),
    RIG_TEST (test_pushed_sessions_give_up_after_the_retries),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
