/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The main job: a command packet in an SMS-PP goes through the modem to the eUICC and its proof of receipt
 * comes back. Bytes are those of the worked example that was checked with independent encoders: key set 01,
 * SPI 1639, counter 1, GET DATA 5A.
 */

#include <glib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

#define EID "89001012012341234012345678901224"

#define COMMAND_ENVELOPE                                                                           \
  "80C2000051D14F82028381860791947107160000"                                                       \
  "8B40" RIG_COMMAND_TPDU

#define PROOF_TPDU                                                                                 \
  "41000C919451214365877FF63902710000341200000134DBD031A252426AFC40A64ED871448198EE21DCA8250BE1"   \
  "C87CAEC9E56C131FF88C51CAC504DD1B1240FAF7D9957132"

/* The same command with class 1 instead of class 2 */
#define OTHER_TPDU "040B916171957291F800001120821105050A05E8329BFD06"
#define CLASS_2_TEXT_TPDU "040B916171957291F800F21120821105050A05E8329BFD06"

static void
test_eid_iccid_and_role_are_on_the_bus (void **state)
{
  Rig *rig = *state;
  g_autofree char *eid = NULL;
  g_autofree char *role = NULL;
  g_autofree char *iccid = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *card = NULL;

  rig_start (rig);

  eid = rig_get (rig, "Eid");
  role = rig_get (rig, "Role");
  iccid = rig_get (rig, "Iccid");
  card = rig_control (rig, "state");
  expected = g_strdup_printf ("\"iccid\":\"%s\"", iccid);
  assert_string_equal (eid, EID);
  assert_string_equal (role, "host");
  assert_non_null (strstr (card, expected));
  assert_true (strlen (iccid) >= 18);
  rig_stop_agent (rig);
}

static void
test_command_packet_comes_back_as_proof_of_receipt (void **state)
{
  Rig *rig = *state;
  g_autofree char *envelopes = NULL;
  g_autofree char *sent = NULL;

  rig_start (rig);
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);
  rig_await_counter (rig, "sms-sent", 1);

  envelopes = rig_control (rig, "envelopes");
  sent = rig_control (rig, "sent-sms");
  assert_true (g_str_has_prefix (envelopes, COMMAND_ENVELOPE));
  assert_string_equal (sent, PROOF_TPDU "\n");
  assert_int_equal (rig_get_counter (rig, "sms-accepted"), 1);
  rig_stop_agent (rig);
}

static void
test_profile_change_is_read_back_and_signalled (void **state)
{
  Rig *rig = *state;
  g_autofree char *before = NULL;
  g_autofree char *previous = NULL;
  g_autofree char *after = NULL;
  g_autofree char *reply = NULL;
  g_autofree char *card = NULL;
  g_autofree char *expected = NULL;

  rig_start (rig);
  before = rig_get (rig, "Iccid");
  reply = rig_control (rig, "smsr enable --via sms");
  assert_true (g_str_has_prefix (reply, "ok"));
  rig_await (rig, "PreviousIccid", before);
  rig_await (rig, "State", "ready");

  previous = rig_get (rig, "PreviousIccid");
  after = rig_get (rig, "Iccid");
  card = rig_control (rig, "state");
  expected = g_strdup_printf ("\"iccid\":\"%s\"", after);
  assert_string_equal (previous, before);
  assert_string_not_equal (after, before);
  assert_non_null (strstr (card, expected));
  rig_stop_agent (rig);
}

static void
test_disable_returns_to_the_profile_before (void **state)
{
  Rig *rig = *state;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *enabled = NULL;
  g_autofree char *disabled = NULL;

  rig_start (rig);
  first = rig_get (rig, "Iccid");
  enabled = rig_control (rig, "smsr enable --via sms");
  rig_await (rig, "PreviousIccid", first);
  rig_await (rig, "State", "ready");
  second = rig_get (rig, "Iccid");
  disabled = rig_control (rig, "smsr disable --via sms");
  rig_await (rig, "Iccid", first);

  assert_true (g_str_has_prefix (enabled, "ok"));
  assert_true (g_str_has_prefix (disabled, "ok"));
  rig_await (rig, "PreviousIccid", second);
  rig_stop_agent (rig);
}

static void
test_audit_of_several_segments_is_answered (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;

  rig_start (rig);
  reply = rig_control (rig, "smsr audit --via sms");

  assert_true (g_str_has_prefix (reply, "ok"));
  rig_stop_agent (rig);
}

static void
test_replayed_packet_is_acknowledged_and_not_executed (void **state)
{
  Rig *rig = *state;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  rig_start (rig);
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);
  rig_await_counter (rig, "sms-sent", 1);
  first = rig_control (rig, "sent-sms");
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);
  rig_await_counter (rig, "sms-sent", 2);
  second = rig_control (rig, "sent-sms");

  assert_string_not_equal (first, second);
  rig_stop_agent (rig);
}

static void
test_busy_card_is_asked_again_and_the_message_is_not_lost (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_expect_control (rig, "ok", "fail card 0xC2 0x9300 3");
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);

  rig_await_counter (rig, "sms-sent", 1);
  rig_stop_agent (rig);
}

static void
test_card_that_stays_busy_gives_the_network_cause_d4 (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_expect_control (rig, "ok", "fail card 0xC2 0x9300 0");
  rig_expect_control (rig, "ok error 6F D4", "sms %s", RIG_COMMAND_TPDU);

  rig_expect_control (rig, "ok", "fail card 0xC2 0 0");
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);
  rig_stop_agent (rig);
}

static void
test_card_that_refuses_gives_the_network_cause_d5 (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_expect_control (rig, "ok", "fail card 0xC2 0x6F00 1");
  rig_expect_control (rig, "ok error 6F D5", "sms %s", RIG_COMMAND_TPDU);

  rig_await_counter (rig, "sms-rejected", 1);
  rig_stop_agent (rig);
}

static void
test_message_of_others_reaches_no_card (void **state)
{
  Rig *rig = *state;
  g_autofree char *before = NULL;
  g_autofree char *envelopes = NULL;

  rig_start (rig);
  before = rig_control (rig, "envelopes");
  rig_expect_control (rig, "ok stored", "sms %s", OTHER_TPDU);
  rig_expect_control (rig, "ok ack", "sms %s", CLASS_2_TEXT_TPDU);

  rig_await_counter (rig, "sms-kept", 1);
  envelopes = rig_control (rig, "envelopes");
  assert_string_equal (envelopes, "");
  rig_stop_agent (rig);
}

static void
test_hostile_messages_leave_the_agent_able_to_take_the_next (void **state)
{
  static const char *const hostile[] = { "00",
                                         "44",
                                         "440C91",
                                         "40FF919451214365877FF6621122010000002D0270",
                                         "FFFFFFFFFFFFFFFFFFFF",
                                         "440C919451214365877FF662112201000000FF027000",
                                         "440C919451214365877FF662112201000000020570" };
  Rig *rig = *state;

  rig_start (rig);
  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autofree char *reply = rig_control (rig, "sms %s", hostile[i]);

      assert_true (g_str_has_prefix (reply, "ok"));
    }
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);

  rig_await_counter (rig, "sms-sent", 1);
  rig_stop_agent (rig);
}

static void
test_proof_that_the_network_refuses_is_told_to_the_card (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_expect_control (rig, "ok", "fail wms 0x20 54 1");
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);

  rig_await_counter (rig, "sms-not-sent", 1);
  rig_await_apdu (rig, "801400000D810301130082028281830235"); /* RP-ERROR */
  rig_stop_agent (rig);
}

static void
test_short_message_of_the_card_is_sent_with_its_own_service_centre (void **state)
{
  /* SEND SHORT MESSAGE of the worked example: Address 91947107160000 and the proof of receipt */
  Rig *rig = *state;
  g_autofree char *sent = NULL;

  rig_start (rig);
  rig_expect_control (rig, "ok 810301130082028281830100",
                      "proactive D05A810301130082028183860791947107160000"
                      "8B46%s",
                      PROOF_TPDU);

  sent = rig_control (rig, "sent-sms");
  assert_string_equal (sent, PROOF_TPDU "\n");
  rig_stop_agent (rig);
}

static void
test_what_the_agent_does_not_know_is_beyond_the_terminal (void **state)
{
  /* PROVIDE LOCAL INFORMATION (language) */
  Rig *rig = *state;

  rig_start (rig);
  rig_expect_control (rig, "ok 810301260482028281830130", "proactive D009810301260482028182");
  rig_stop_agent (rig);
}

static void
test_command_without_its_tpdu_is_answered_with_values_missing (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_expect_control (rig, "ok 810301130082028281830136", "proactive D009810301130082028183");
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_eid_iccid_and_role_are_on_the_bus),
    RIG_TEST (test_command_packet_comes_back_as_proof_of_receipt),
    RIG_TEST (test_profile_change_is_read_back_and_signalled),
    RIG_TEST (test_disable_returns_to_the_profile_before),
    RIG_TEST (test_audit_of_several_segments_is_answered),
    RIG_TEST (test_replayed_packet_is_acknowledged_and_not_executed),
    RIG_TEST (test_busy_card_is_asked_again_and_the_message_is_not_lost),
    RIG_TEST (test_card_that_stays_busy_gives_the_network_cause_d4),
    RIG_TEST (test_card_that_refuses_gives_the_network_cause_d5),
    RIG_TEST (test_message_of_others_reaches_no_card),
    RIG_TEST (test_hostile_messages_leave_the_agent_able_to_take_the_next),
    RIG_TEST (test_proof_that_the_network_refuses_is_told_to_the_card),
    RIG_TEST (test_short_message_of_the_card_is_sent_with_its_own_service_centre),
    RIG_TEST (test_what_the_agent_does_not_know_is_beyond_the_terminal),
    RIG_TEST (test_command_without_its_tpdu_is_answered_with_values_missing),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
