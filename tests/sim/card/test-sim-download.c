/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Secured packets in short messages to the simulated card, and its answers. Expected bytes are
 * literal.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sim-keys.h"
#include "sim-sms.h"
#include "test-card.h"

static void
test_the_worked_example_of_a_proof_of_receipt_is_met_byte_for_byte (void **state)
{
  g_autoptr (GBytes) answer = NULL;

  assert_answer (*state, EID_ENVELOPE, "915c");
  assert_int_equal (sim_card_get_pending_proactive (*state), 0x5C);
  assert_answer (*state, "801200005c", EID_SUBMIT "9000");
  assert_answer (*state, "801400000c810301130082028281830100", "9000");

  answer = sim_card_take_terminal_response (*state);
  assert_bytes (answer, "810301130082028281830100");
  assert_null (sim_card_take_terminal_response (*state));
  assert_true (state_has (*state, "\"counters\":{\"scp80:01\":1,\"rejected\":0}"));
  assert_true (state_has (*state, "\"result\":\"AB1980010123145A10890010120123412340123456789012249"
                                  "000\"}]"));
}

static void
test_a_proof_of_receipt_names_no_service_centre_when_the_envelope_had_none (void **state)
{
  assert_answer (*state, "80c2000048d146820283818b40" EID_TPDU, "9153");
  assert_answer (
      *state, "8012000053",
      "d051810301130082028183"
      "8b4641000c919451214365877ff63902710000341200000134dbd031a252426afc40a64ed871448198"
      "ee21dca8250be1c87caec9e56c131ff88c51cac504dd1b1240faf7d99571329000");
}

static void
test_a_proof_of_receipt_in_the_report_comes_as_response_data (void **state)
{
  SimScp80Command command = make_command (1);

  command.spi2 = 0x01;
  assert_delivery (*state, &command, "aa07220580ca005a00", "612b");
  assert_answer (*state, "00c000002b",
                 "027100 00260a 000001 0000000001 00 00 ab198001012314" EID_OBJECT "9000 9000");
  assert_int_equal (sim_card_get_pending_proactive (*state), 0);
}

static void
test_nothing_comes_back_when_no_proof_of_receipt_is_wanted (void **state)
{
  SimScp80Command command = make_command (1);

  command.spi2 = 0x00;
  assert_delivery (*state, &command, "aa07220580ca005a00", "9000");
  assert_true (state_has (*state, "\"scp80:01\":1,"));
  command.spi2 = 0x02;
  command.counter = 2;
  assert_delivery (*state, &command, "aa07220580ca005a00", "9000");
  assert_true (state_has (*state, "\"scp80:01\":2,"));
}

static void
test_a_command_with_checksum_but_in_clear_is_accepted (void **state)
{
  SimScp80Command command = make_command (1);

  command.spi1 = 0x12;
  assert_delivery (*state, &command, "aa07220580ca005a00", "915c");
  assert_true (state_has (*state, "\"scp80:01\":1,\"rejected\":0"));
}

static void
test_a_replayed_packet_is_answered_counter_low_and_not_executed (void **state)
{
  SimScp80Command command = make_command (1);
  g_autoptr (GBytes) proactive = NULL;
  g_autoptr (GBytes) script = NULL;
  SimScp80Response response;

  assert_answer (*state, EID_ENVELOPE, "915c");
  g_bytes_unref (fetch (*state));
  assert_answer (*state, "801400000c810301130082028281830100", "9000");
  assert_status (*state, EID_ENVELOPE, "913c");
  proactive = fetch (*state);

  response = open_submit (proactive, &command, &script);
  assert_int_equal (response.status, 0x02);
  assert_int_equal (response.counter, 1);
  assert_int_equal (g_bytes_get_size (script), 0);
  assert_true (state_has (*state, "\"scp80:01\":1,\"rejected\":1"));
}

/* The status of the response to a command that is not executed */
static void
assert_refused (SimCard *card, const SimScp80Command *command, guint8 status)
{
  g_autoptr (GBytes) proactive = NULL;
  g_autoptr (GBytes) script = NULL;
  SimScp80Response response;

  assert_delivery (card, command, "aa07220580ca005a00", "913c");
  proactive = fetch (card);
  assert_answer (card, "801400000c810301130082028281830100", "9000");
  response = open_submit (proactive, command, &script);
  assert_int_equal (response.status, status);
}

static void
test_counter_modes_and_unknown_targets_have_their_status (void **state)
{
  SimScp80Command command = make_command (2);

  command.spi1 = 0x1E;
  assert_refused (*state, &command, 0x03);
  command.counter = 1;
  assert_delivery (*state, &command, "aa07220580ca005a00", "915c");
  g_bytes_unref (fetch (*state));
  assert_answer (*state, "801400000c810301130082028281830100", "9000");
  assert_refused (*state, &command, 0x02);
  command.spi1 = 0x0E;
  command.counter = 9;
  assert_refused (*state, &command, 0x0A);
  command.spi1 = 0x16;
  command.tar = 0xB00010;
  assert_refused (*state, &command, 0x09);
  assert_true (state_has (*state, "\"scp80:01\":1,\"rejected\":4"));
}

static void
test_the_highest_counter_blocks_the_key_set (void **state)
{
  SimScp80Command command = make_command (SIM_SCP80_COUNTER_MAX);

  assert_delivery (*state, &command, "aa07220580ca005a00", "915c");
  g_bytes_unref (fetch (*state));
  assert_answer (*state, "801400000c810301130082028281830100", "9000");
  assert_refused (*state, &command, 0x04);
}

static void
assert_silence (SimCard *card, const SimScp80Command *command, guint n_rejected)
{
  g_autofree char *expected = g_strdup_printf ("\"scp80:01\":0,\"rejected\":%u", n_rejected);

  assert_delivery (card, command, "aa07220580ca005a00", "9000");
  assert_int_equal (sim_card_get_pending_proactive (card), 0);
  assert_true (state_has (card, expected));
}

static void
test_packets_without_a_checksum_or_of_another_key_version_meet_silence (void **state)
{
  SimScp80Command command = make_command (1);

  command.spi1 = 0x00;
  assert_silence (*state, &command, 1);
  command.spi1 = 0x01;
  command.kid = 0x15;
  assert_silence (*state, &command, 2);
  command = make_command (1);
  command.kid = 0x22;
  assert_silence (*state, &command, 3);
  command = make_command (1);
  command.kic = 0x22;
  assert_silence (*state, &command, 4);
}

static void
test_a_packet_under_a_wrong_key_meets_silence (void **state)
{
  static const guint8 address[] = { 0x0C, 0x91, 0x94, 0x51, 0x21, 0x43, 0x65, 0x87 };
  const SimScp80Keys wrong = { sim_keys.kic, sim_keys.kic };
  const SimScp80Command command = make_command (1);
  g_autoptr (GBytes) script = from_hex ("aa07220580ca005a00");
  g_autoptr (GBytes) packet = sim_scp80_seal_command (&command, SIM_SCP80_FORM_SMS,
                                                      ea_span_from_bytes (script), &wrong, NULL);
  g_autoptr (GPtrArray) tpdus
      = sim_sms_build_deliver (EA_SPAN_OF_ARRAY (address), ea_span_from_bytes (packet), 1);
  g_autoptr (GBytes) response = deliver_tpdu (*state, g_ptr_array_index (tpdus, 0));

  assert_bytes (response, "9000");
  assert_int_equal (sim_card_get_pending_proactive (*state), 0);
  assert_true (state_has (*state, "\"scp80:01\":0,\"rejected\":1"));
}

/* Twelve commands, which with their answers need two messages each way */
static void
deliver_in_order (SimCard *card, const guint *order)
{
  SimScp80Command command = make_command (1);
  g_autoptr (GPtrArray) tpdus = make_tpdus (
      &command, "aa817e"
                "220580ca005a00220580ca005a00220580ca005a00220580ca005a00220580ca005a00"
                "220580ca005a00220580ca005a00220580ca005a00220580ca005a00220580ca005a00"
                "221a80e28800153a05124f10a0000005591010ffffffff8900001100"
                "221a80e28800153a05124f10a0000005591010ffffffff8900001000");
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GBytes) last = NULL;

  assert_int_equal (tpdus->len, 2);
  first = deliver_tpdu (card, g_ptr_array_index (tpdus, order[0]));
  again = deliver_tpdu (card, g_ptr_array_index (tpdus, order[0]));
  assert_bytes (first, "9000");
  assert_bytes (again, "9000");
  last = deliver_tpdu (card, g_ptr_array_index (tpdus, order[1]));
  assert_int_equal (g_bytes_get_size (last), 2);
  assert_true (state_has (card, "\"scp80:01\":1,\"rejected\":0"));
  assert_true (sim_card_get_pending_proactive (card) > 0);
}

static void
test_a_concatenated_command_is_executed_when_it_is_whole (void **state)
{
  static const guint order[] = { 0, 1 };

  deliver_in_order (*state, order);
}

static void
test_a_concatenated_command_is_executed_in_the_other_order_too (void **state)
{
  static const guint order[] = { 1, 0 };

  deliver_in_order (*state, order);
}

static void
test_a_long_response_is_sent_in_several_short_messages (void **state)
{
  static const guint order[] = { 0, 1 };
  g_autoptr (SimSmsAssembly) assembly = sim_sms_assembly_new (SIM_SMS_PACKET_RESPONSE);
  const SimScp80Command command = make_command (1);
  g_autoptr (GBytes) script = NULL;
  g_autoptr (GBytes) packet = NULL;
  SimScp80Response response = { 0 };
  guint n_messages = 0;

  deliver_in_order (*state, order);
  while (sim_card_get_pending_proactive (*state) > 0)
    {
      g_autoptr (GBytes) proactive = fetch (*state);
      g_autoptr (GBytes) tpdu = NULL;
      gsize offset = g_bytes_get_size (proactive) < 0x82 ? 22 : 24;
      SimSms sms = { 0 };

      n_messages++;
      tpdu = g_bytes_new_from_bytes (proactive, offset, g_bytes_get_size (proactive) - offset);
      assert_true (sim_sms_parse_submit (&sms, ea_span_from_bytes (tpdu), NULL));
      assert_int_equal (sms.packet, n_messages == 1 ? 0x71 : 0);
      assert_int_equal (sms.index, n_messages);
      assert_null (packet);
      packet = sim_sms_assembly_add (assembly, &sms);
      assert_answer (*state, "801400000c810301130082028281830100",
                     sim_card_get_pending_proactive (*state) == 0 && packet != NULL ? "9000"
                     : n_messages == 1                                              ? "91ad"
                                                                                    : "9000");
    }

  assert_int_equal (n_messages, 2);
  assert_non_null (packet);
  script = sim_scp80_open_response (&response, &command, SIM_SCP80_FORM_SMS,
                                    ea_span_from_bytes (packet), &sim_keys, NULL);
  assert_non_null (script);
}

static void
test_a_script_ends_at_the_first_command_that_fails (void **state)
{
  SimScp80Command command = make_command (1);

  command.spi2 = 0x00;
  assert_delivery (*state, &command, "aa15220580ca7f2100220580ca005a00220580ca005a00", "9000");
  assert_true (state_has (*state, "\"result\":\"AB0780010123026A88\""));
}

static void
test_indefinite_and_malformed_scripts_are_answered_in_kind (void **state)
{
  SimScp80Command command = make_command (1);

  command.spi2 = 0x00;
  assert_delivery (*state, &command, "ae80220580ca7f21000000", "9000");
  assert_true (state_has (*state, "\"result\":\"AF8023026A880000\""));
  command.counter = 2;
  assert_delivery (*state, &command, "aa03990100", "9000");
  assert_true (state_has (*state, "\"result\":\"AB06800100900101\""));
  command.counter = 3;
  assert_delivery (*state, &command, "aa0322ff00", "9000");
  assert_true (state_has (*state, "\"result\":\"AB06800100900102\""));
  command.counter = 4;
  assert_delivery (*state, &command, "55", "9000");
}

static void
enable_other (SimCard *card, guint64 counter)
{
  SimScp80Command command = make_command (counter);

  assert_delivery (card, &command, "aa1c221a80e28800153a03124f10" OTHER_AID, "914c");
}

static void
test_enabling_sends_the_proof_first_and_switches_at_the_reset (void **state)
{
  g_autoptr (GBytes) proof = NULL;

  assert_string_equal (sim_card_get_iccid (*state), FALLBACK_ICCID);
  enable_other (*state, 1);
  proof = fetch (*state);
  assert_answer (*state, "801400000c810301130082028281830100", "910b");
  assert_answer (*state, "801200000b", REFRESH "9000");
  assert_string_equal (sim_card_get_iccid (*state), FALLBACK_ICCID);
  assert_answer (*state, "801400000c810301010482028281830100", "9000");
  sim_card_reset (*state);

  assert_string_equal (sim_card_get_iccid (*state), OTHER_ICCID);
  assert_status (*state, "00a4080c022fe2", "9000");
  assert_answer (*state, "00b0000000", "988812010000000020f99000");
  assert_true (state_has (*state, "\"state\":\"disabled\",\"fallback\":true"));
}

static void
test_a_proof_that_cannot_be_sent_is_offered_three_times_before_the_refresh (void **state)
{
  static const char *const answers[] = { "914c", "914c", "910b" };

  enable_other (*state, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_bytes_unref (fetch (*state));
      assert_answer (*state, "801400000d81030113008202828183022004", answers[i]);
    }
  assert_answer (*state, "801200000b", REFRESH "9000");
}

static void
test_disabling_returns_to_the_fallback_profile (void **state)
{
  SimScp80Command command = make_command (2);

  enable_other (*state, 1);
  sim_card_reset (*state);
  assert_string_equal (sim_card_get_iccid (*state), OTHER_ICCID);
  assert_delivery (*state, &command, "aa1c221a80e28800153a04124f10" OTHER_AID, "914c");
  sim_card_reset (*state);

  assert_string_equal (sim_card_get_iccid (*state), FALLBACK_ICCID);
  assert_int_equal (sim_card_get_pending_proactive (*state), 0);
}

static void
test_every_truncation_of_an_envelope_has_a_status_word (void **state)
{
  g_autoptr (GBytes) envelope = from_hex (EID_ENVELOPE);

  for (gsize size = 0; size < g_bytes_get_size (envelope); size++)
    {
      g_autoptr (GBytes) truncated = cut (envelope, size);
      g_autoptr (GBytes) response = sim_card_transmit (*state, ea_span_from_bytes (truncated));

      assert_int_equal (g_bytes_get_size (response), 2);
    }
  assert_true (state_has (*state, "\"scp80:01\":0,"));
}

/* The whole D1 shortened, with an Lc that fits */
static void
test_every_truncation_of_an_envelopes_contents_has_a_status_word (void **state)
{
  g_autoptr (GBytes) envelope = from_hex (EID_ENVELOPE);
  gsize header_size = 5;

  for (gsize size = 1; size < g_bytes_get_size (envelope) - header_size; size++)
    {
      g_autoptr (GBytes) contents = g_bytes_new_from_bytes (envelope, header_size, size);
      g_autoptr (GBytes) response = NULL;
      g_auto (EaWriter) writer = { 0 };

      ea_writer_init (&writer);
      ea_writer_u32be (&writer, 0x80C20000);
      ea_writer_u8 (&writer, (guint8) size);
      ea_writer_bytes (&writer, ea_span_from_bytes (contents));
      response = sim_card_transmit (*state, ea_writer_span (&writer));
      assert_bytes (response, "6f00");
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    card_test (test_the_worked_example_of_a_proof_of_receipt_is_met_byte_for_byte),
    card_test (test_a_proof_of_receipt_names_no_service_centre_when_the_envelope_had_none),
    card_test (test_a_proof_of_receipt_in_the_report_comes_as_response_data),
    card_test (test_nothing_comes_back_when_no_proof_of_receipt_is_wanted),
    card_test (test_a_command_with_checksum_but_in_clear_is_accepted),
    card_test (test_a_replayed_packet_is_answered_counter_low_and_not_executed),
    card_test (test_counter_modes_and_unknown_targets_have_their_status),
    card_test (test_the_highest_counter_blocks_the_key_set),
    card_test (test_packets_without_a_checksum_or_of_another_key_version_meet_silence),
    card_test (test_a_packet_under_a_wrong_key_meets_silence),
    card_test (test_a_concatenated_command_is_executed_when_it_is_whole),
    card_test (test_a_concatenated_command_is_executed_in_the_other_order_too),
    card_test (test_a_long_response_is_sent_in_several_short_messages),
    card_test (test_a_script_ends_at_the_first_command_that_fails),
    card_test (test_indefinite_and_malformed_scripts_are_answered_in_kind),
    card_test (test_enabling_sends_the_proof_first_and_switches_at_the_reset),
    card_test (test_a_proof_that_cannot_be_sent_is_offered_three_times_before_the_refresh),
    card_test (test_disabling_returns_to_the_fallback_profile),
    card_test (test_every_truncation_of_an_envelope_has_a_status_word),
    card_test (test_every_truncation_of_an_envelopes_contents_has_a_status_word),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
