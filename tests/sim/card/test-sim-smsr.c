/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The simulated SM-SR, and its campaigns on the simulated card without a modem between them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "smsr.h"
#include "test-card.h"

static void
deliver (SimSmsr *smsr, SimCard *card)
{
  g_autoptr (GBytes) tpdu = NULL;

  while ((tpdu = sim_smsr_pull_tpdu (smsr)) != NULL)
    {
      g_bytes_unref (deliver_tpdu (card, tpdu));
      sim_smsr_delivered (smsr, TRUE, 0, 0);
      g_clear_pointer (&tpdu, g_bytes_unref);
    }
}

/* @proactive: SEND SHORT MESSAGE */
static void
submit (SimSmsr *smsr, GBytes *proactive)
{
  gsize size = g_bytes_get_size (proactive);
  gsize offset = size < 0x82 ? 22 : 24;
  g_autoptr (GBytes) tpdu = g_bytes_new_from_bytes (proactive, offset, size - offset);

  sim_smsr_receive (smsr, ea_span_from_bytes (tpdu));
}

/* The modem and the network between SM-SR and card: nothing is lost, every command is answered. */
static void
run_network (SimSmsr *smsr, SimCard *card)
{
  deliver (smsr, card);
  while (sim_card_get_pending_proactive (card) > 0)
    {
      g_autoptr (GBytes) proactive = fetch (card);

      if (g_bytes_get_size (proactive) <= 11)
        {
          assert_bytes (proactive, REFRESH);
          sim_card_reset (card);
          return;
        }
      submit (smsr, proactive);
      g_bytes_unref (transmit (card, "801400000c810301130082028281830100"));
    }
}

static void
assert_operation (SimSmsr *smsr, SimCard *card, const char *words, const char *expected)
{
  g_auto (GStrv) arguments = g_strsplit (words, " ", -1);
  g_autoptr (GError) error = NULL;
  g_autofree char *reply = NULL;

  if (!sim_smsr_start (smsr, (const char *const *) arguments, &error))
    fail_msg ("%s: %s", words, error->message);
  run_network (smsr, card);
  sim_smsr_give_up (smsr);
  reply = sim_smsr_pull_reply (smsr);
  assert_string_equal (reply, expected);
}

static void
test_the_sm_sr_runs_a_whole_campaign_on_the_card (void **state)
{
  g_autoptr (SimSmsr) smsr = sim_smsr_new (sim_card_get_eid (*state));

  assert_operation (smsr, *state, "enable",
                    "ok packets=1 counter=1 status=00 executed=1 sw=9000 "
                    "aid=A0000005591010FFFFFFFF8900001100");
  assert_string_equal (sim_card_get_iccid (*state), OTHER_ICCID);
  assert_operation (smsr, *state, "audit --via sms",
                    "ok packets=1 counter=2 status=00 executed=2 sw=9000,9000 "
                    "isdps=A0000005591010FFFFFFFF8900001000:disabled,"
                    "A0000005591010FFFFFFFF8900001100:enabled,"
                    "A0000005591010FFFFFFFF8900001200:disabled memory=327680");
  assert_operation (smsr, *state, "disable",
                    "ok packets=1 counter=3 status=00 executed=1 sw=9000 "
                    "aid=A0000005591010FFFFFFFF8900001100");
  assert_string_equal (sim_card_get_iccid (*state), FALLBACK_ICCID);
  assert_operation (smsr, *state, "create-isdp 1300",
                    "ok packets=1 counter=4 status=00 executed=1 sw=9000 "
                    "aid=A0000005591010FFFFFFFF8900001300");
  assert_operation (smsr, *state, "set-fallback 1200",
                    "ok packets=1 counter=5 status=00 executed=1 sw=9000 "
                    "aid=A0000005591010FFFFFFFF8900001200");
  assert_operation (smsr, *state, "delete 1200",
                    "error sw 6985: conditions of use not satisfied (command 1)");
  assert_operation (smsr, *state, "delete 3",
                    "ok packets=1 counter=7 status=00 executed=1 sw=9000 "
                    "aid=A0000005591010FFFFFFFF8900001300");
  assert_operation (smsr, *state, "disable",
                    "ok packets=1 counter=8 status=00 executed=1 sw=9000 "
                    "aid=A0000005591010FFFFFFFF8900001000");
  assert_string_equal (sim_card_get_iccid (*state), "8988211000000000037");
}

static void
test_the_sm_sr_sends_the_script_of_a_file (void **state)
{
  g_autoptr (SimSmsr) smsr = sim_smsr_new (sim_card_get_eid (*state));
  g_autofree char *path = NULL;
  g_autofree char *words = NULL;
  int file = g_file_open_tmp ("script-XXXXXX", &path, NULL);

  assert_true (file >= 0);
  assert_true (g_close (file, NULL));
  assert_true (g_file_set_contents (path, "# the EID\n80 CA 00 5A 00\n", -1, NULL));
  words = g_strconcat ("send-script ", path, NULL);
  assert_operation (smsr, *state, words,
                    "ok packets=1 counter=1 status=00 executed=1 sw=9000 response=AB1980010123145A"
                    "10890010120123412340123456789012249000");
  assert_int_equal (g_remove (path), 0);
}

static void
test_the_sm_sr_names_what_broke (void **state)
{
  g_autoptr (SimSmsr) smsr = sim_smsr_new (sim_card_get_eid (*state));
  const char *const audit[] = { "audit", NULL };
  g_autofree char *refused = NULL;
  g_autofree char *late = NULL;
  g_autofree char *forged = NULL;
  g_autoptr (GBytes) tpdu = NULL;
  g_autoptr (GBytes) second_tpdu = NULL;
  g_autoptr (GBytes) submit = from_hex (
      "41000c919451214365877ff63902710000341200000134dbd031a252426afc40a64ed871448198ee2"
      "1dca8250be1c87caec9e56c131ff88c51cac504dd1b1240faf7d9957133");

  assert_true (sim_smsr_start (smsr, audit, NULL));
  assert_false (sim_smsr_start (smsr, audit, NULL));
  tpdu = sim_smsr_pull_tpdu (smsr);
  sim_smsr_delivered (smsr, FALSE, 0x6F, 0xD5);
  refused = sim_smsr_pull_reply (smsr);
  assert_string_equal (refused, "error not delivered: message 1 of 1, RP cause 6F, TP cause D5");

  assert_true (sim_smsr_start (smsr, audit, NULL));
  second_tpdu = sim_smsr_pull_tpdu (smsr);
  sim_smsr_delivered (smsr, TRUE, 0, 0);
  assert_null (sim_smsr_pull_reply (smsr));
  sim_smsr_give_up (smsr);
  late = sim_smsr_pull_reply (smsr);
  assert_string_equal (late, "error timeout: waiting for proof of receipt of counter 2");

  assert_true (sim_smsr_start (smsr, audit, NULL));
  sim_smsr_receive (smsr, ea_span_from_bytes (submit));
  forged = sim_smsr_pull_reply (smsr);
  assert_string_equal (forged, "error proof of receipt: The cryptographic checksum is wrong");
}

static void
test_the_sm_sr_refuses_a_proof_with_another_counter_or_a_status (void **state)
{
  g_autoptr (SimSmsr) smsr = sim_smsr_new (sim_card_get_eid (*state));
  const char *const audit[] = { "audit", NULL };
  SimScp80Command command = make_command (1);
  g_autofree char *old = NULL;
  g_autoptr (GBytes) tpdu = NULL;
  g_autoptr (GBytes) submit = from_hex (
      "41000c919451214365877ff63902710000341200000134dbd031a252426afc40a64ed871448198ee21dca8250b"
      "e1c87caec9e56c131ff88c51cac504dd1b1240faf7d9957132");

  command.counter = 5;
  assert_delivery (*state, &command, "aa07220580ca005a00", "915c");
  g_bytes_unref (fetch (*state));
  assert_answer (*state, "801400000c810301130082028281830100", "9000");
  assert_operation (smsr, *state, "audit", "error status 02: the counter is low");
  assert_true (sim_smsr_start (smsr, audit, NULL));
  tpdu = sim_smsr_pull_tpdu (smsr);
  sim_smsr_receive (smsr, ea_span_from_bytes (submit));
  old = sim_smsr_pull_reply (smsr);
  assert_string_equal (old, "error proof of receipt: counter 1, not 2");
}

static void
assert_wrong_words (SimSmsr *smsr, const char *words, const char *expected)
{
  g_auto (GStrv) arguments = g_strsplit (words, " ", -1);
  g_autoptr (GError) error = NULL;

  assert_false (sim_smsr_start (smsr, (const char *const *) arguments, &error));
  assert_string_equal (error->message, expected);
}

static void
test_the_sm_sr_explains_words_that_it_does_not_take (void **state)
{
  g_autoptr (SimSmsr) smsr = sim_smsr_new (sim_card_get_eid (*state));

  assert_wrong_words (smsr, "dance", "'dance' is no function of the SM-SR");
  assert_wrong_words (smsr, "handover", "handover is not available yet");
  assert_wrong_words (smsr, "enable --via=pigeon",
                      "'pigeon' is no bearer: take auto, sms, https, cat-tp, bip-https or "
                      "bip-cat-tp");
  assert_wrong_words (smsr, "enable --via", "--via needs a bearer");
  assert_wrong_words (smsr, "delete", "delete needs the AID of an ISD-P");
  assert_wrong_words (smsr, "enable 7", "'7' is neither the AID nor the position of an ISD-P");
  assert_wrong_words (smsr, "audit all", "'all' is too much");
  assert_wrong_words (smsr, "download-profile", "download-profile needs a file");
  assert_wrong_words (smsr, "download-profile x --via sms",
                      "download-profile is too long for short messages");
  assert_wrong_words (smsr, "push-https --via bip-cat-tp",
                      "push-https opens a channel of its own kind");
  assert_wrong_words (smsr, "push-cat-tp --via sms", "push-cat-tp opens a channel of its own kind");
  assert_wrong_words (smsr, "audit --via bip-https",
                      "The SM-SR listens nowhere: bip-https can't be used");
}

static SimSmsrAddress
make_address (void)
{
  return (SimSmsrAddress){
    .host = g_strdup ("192.0.2.1"),
    .address = from_hex ("c0000201"),
    .https = 443,
    .cat_tp = 2345,
  };
}

/* The published examples, with a buffer of 1400 octets, or 512 for datagrams */
static void
test_triggers_say_where_the_sm_sr_is (void **state)
{
  SimSmsrAddress address = make_address ();
  g_autoptr (GBytes) https
      = sim_smsr_build_https_trigger (sim_card_get_eid (*state), &address, NULL, 3);
  g_autoptr (GBytes) cat_tp = sim_smsr_build_cat_tp_push (&address, 2048, EA_SPAN_EMPTY);

  assert_bytes (
      https,
      "8181cf8381cc8413350103390205783c030201bb3e0521c0000201"
      "85312d8001028110890010120123412340123456789012244f10a0000005591010ffffffff890000010082010183"
      "01"
      "400240018607000325030000108979"
      "8a093139322e302e322e318b5a2f2f73652d69642f6569642f383930303130313230313233343132333430313233"
      "34"
      "3536373839303132323"
      "43b2f2f61612d69642f6169642f413030303030303535392f3130313046464646464646463839303030303031303"
      "08c102f67736d612f61646d696e6167656e74");
  assert_bytes (cat_tp, "aa2a221880ec010113350103390202003c030109293e0521c0000201"
                        "220e80ec0102093c0300092939020800");
  sim_smsr_address_clear (&address);
}

/* Tags of GlobalPlatform Amendment B §3.11; FA holds what opens a channel to a name server, TS 102 223 §8 */
static void
test_a_trigger_may_say_a_name_instead_of_an_address (void **state)
{
  SimSmsrAddress address = make_address ();
  g_autoptr (GBytes) https = NULL;

  address.dns = from_hex ("c0000235");
  address.dns_port = 53;
  https
      = sim_smsr_build_https_trigger (sim_card_get_eid (*state), &address, "smsr.example.com", 258);
  assert_bytes (
      https,
      "8181f9 8381cd 840c350103390205783c030201bb"
      "85312d8001028110890010120123412340123456789012244f10a0000005591010ffffffff890000010082010183"
      "01400240018607010225030000108981"
      "80"
      "8a10736d73722e6578616d706c652e636f6d"
      "8b5a2f2f73652d69642f6569642f383930303130313230313233343132333430313233"
      "343536373839303132323"
      "43b2f2f61612d69642f6169642f413030303030303535392f3130313046464646464646463839303030303031303"
      "08c102f67736d612f61646d696e6167656e74"
      "b327d610736d73722e6578616d706c652e636f6d"
      "fa13350103390204003c030100353e0521c0000235");
  sim_smsr_address_clear (&address);
}

static void
test_an_ipv6_address_has_its_own_type (void **state)
{
  SimSmsrAddress address = make_address ();
  g_autoptr (GBytes) cat_tp = NULL;

  g_bytes_unref (address.address);
  address.address = from_hex ("20010db8000000000000000000000001");
  cat_tp = sim_smsr_build_cat_tp_push (&address, 2048, EA_SPAN_EMPTY);
  assert_bytes (cat_tp, "aa36222480ec01011f350103390202003c030109293e1157"
                        "20010db8000000000000000000000001"
                        "220e80ec0102093c0300092939020800");
  sim_smsr_address_clear (&address);
}

static void
test_an_operation_over_a_channel_names_what_it_waits_for (void **state)
{
  g_autoptr (SimSmsr) smsr = sim_smsr_new (sim_card_get_eid (*state));
  const char *const audit[] = { "audit", "--via", "bip-https", NULL };
  SimSmsrAddress address = make_address ();
  g_autofree char *undelivered = NULL;
  g_autofree char *unconnected = NULL;
  g_autoptr (GBytes) proof = NULL;

  sim_smsr_set_address (smsr, &address);
  assert_true (sim_smsr_start (smsr, audit, NULL));
  sim_smsr_give_up (smsr);
  undelivered = sim_smsr_pull_reply (smsr);
  assert_string_equal (undelivered, "error timeout: waiting for delivery of message 1 of 2");

  assert_true (sim_smsr_start (smsr, audit, NULL));
  deliver (smsr, *state);
  proof = fetch (*state);
  submit (smsr, proof);
  sim_smsr_note_failure (smsr, "TLS: a reason");
  sim_smsr_give_up (smsr);
  unconnected = sim_smsr_pull_reply (smsr);
  assert_string_equal (unconnected, "error timeout: waiting for the eUICC's HTTPS connection; "
                                    "TLS: a reason");
  sim_smsr_address_clear (&address);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    card_test (test_the_sm_sr_runs_a_whole_campaign_on_the_card),
    card_test (test_the_sm_sr_sends_the_script_of_a_file),
    card_test (test_the_sm_sr_names_what_broke),
    card_test (test_the_sm_sr_refuses_a_proof_with_another_counter_or_a_status),
    card_test (test_the_sm_sr_explains_words_that_it_does_not_take),
    card_test (test_triggers_say_where_the_sm_sr_is),
    card_test (test_a_trigger_may_say_a_name_instead_of_an_address),
    card_test (test_an_ipv6_address_has_its_own_type),
    card_test (test_an_operation_over_a_channel_names_what_it_waits_for),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
