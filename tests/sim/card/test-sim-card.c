/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The simulated UICC as a terminal meets it: APDUs, files, channels, the ISD-R in clear, the
 * proactive session. Expected bytes are literal.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <json-glib/json-glib.h>

#include "test-card.h"

static void
test_applications_are_selected_by_whole_and_partial_aid (void **state)
{
  assert_answer (*state, "00a4040010a0000005591010ffffffff890000010000",
                 "6f18 8410a0000005591010ffffffff8900000100 a5049f6501ff 9000");
  assert_status (*state, SELECT_ECASD, "9000");
  assert_status (*state, "00a4040c10" OTHER_AID, "9000");
  assert_status (*state, "00a4040c07a0000000871002", "9000");
  assert_status (*state, "00a4040c10a0000005591010ffffffff8900001300", "6a82");
  assert_status (*state, "00a4040c05a000000151", "6a82");
}

static void
test_next_occurrence_of_a_partial_aid_goes_on_behind_the_selected_one (void **state)
{
  assert_status (*state, "00a4040c05a000000559", "9000");
  assert_status (*state, "00a4040e05a000000559", "9000");
  assert_answer (*state, "80ca005a00", EID_OBJECT "9000");
}

static void
test_a_case_4_command_without_le_wants_get_response (void **state)
{
  assert_answer (*state, SELECT_ISD_R, "611a");
  assert_answer (*state, "00c0000004", "6f188410 6116");
  assert_answer (*state, "00c0000000", "a0000005591010ffffffff8900000100 a5049f6501ff 9000");
  assert_answer (*state, "00c0000000", "6985");
}

static void
test_the_iccid_is_read_by_path (void **state)
{
  assert_status (*state, "00a4080c022fe2", "9000");
  assert_answer (*state, "00b0000000", "988812010000000010f19000");
}

static void
test_usim_files_are_read_by_identifier_path_and_short_identifier (void **state)
{
  assert_status (*state, "00a4040c07a0000000871002", "9000");
  assert_status (*state, "00a4000c026f07", "9000");
  assert_answer (*state, "00b0000009", "080910100000000010 9000");
  assert_answer (*state, "00b0840000", "000a140c01000400000010009000");
  assert_answer (*state, "00b0830000", "000000029000");
  assert_status (*state, "00a4080c047fff6f7e", "9000");
  assert_status (*state, "00a4080c063f007fff6fcd", "9000");
  assert_status (*state, "00a4000c026f99", "6a82");
  assert_status (*state, "00a4000c026f42", "9000");
  assert_answer (*state, "00b2010428",
                 "ffffffffffffffffffffffff fd ffffffffffffffffffffffff 0791947107160000 ffffffff "
                 "ffffff 9000");
  assert_status (*state, "00b2020428", "6a83");
}

static void
test_the_service_table_announces_data_download_via_sms_pp (void **state)
{
  g_autoptr (GBytes) response = NULL;
  EaReader reader;

  assert_status (*state, "00a4080c047fff6f38", "9000");
  response = transmit (*state, "00b0000301");

  ea_reader_init (&reader, ea_span_from_bytes (response));
  assert_int_equal (ea_reader_u8 (&reader) & 0x08, 0x08);
}

static void
test_fcp_of_a_file_tells_its_size (void **state)
{
  assert_answer (*state, "00a40004022fe200",
                 "6217 82024121 83022fe2 8a0105 8b032f0601 8002000a 880110 9000");
}

static void
test_wrong_commands_have_the_status_words_of_ts_102_221 (void **state)
{
  assert_answer (*state, "", "6700");
  assert_answer (*state, "00a404", "6700");
  assert_answer (*state, "00a4040c0fa0", "6700");
  assert_answer (*state, "00a4040c", "6700");
  assert_answer (*state, "0002000000", "6d00");
  assert_answer (*state, "2002000000", "6e00");
  assert_answer (*state, "a0a40000023f00", "6e00");
  assert_answer (*state, "80b0000000", "6e00");
  assert_answer (*state, "04b0000000", "6882");
  assert_answer (*state, "10b0000000", "6884");
  assert_answer (*state, "00a4070c023f00", "6b00");
  assert_answer (*state, "00b0000000", "6986");
  assert_answer (*state, "00a4080c022f00", "9000");
  assert_answer (*state, "00b0000000", "6981");
  assert_answer (*state, "00b2010400",
                 "61184f10a0000000871002ffffffff890709000050045553494d"
                 "ffffffffffffffffffffffff9000");
  assert_answer (*state, "00b2010410", "6c26");
  assert_answer (*state, "00a4080c022fe2", "9000");
  assert_answer (*state, "00b000000b", "6c0a");
  assert_answer (*state, "00b0000b01", "6b00");
}

static void
test_status_and_pin_say_that_the_pin_is_disabled (void **state)
{
  assert_answer (*state, "80f2000c00", "9000");
  assert_status (*state, "80f2000000", "9000");
  assert_status (*state, "00a4040c07a0000000871002", "9000");
  assert_answer (*state, "80f2000100", "8410a0000000871002ffffffff8907090000 9000");
  assert_answer (*state, "00200001", "6984");
  assert_answer (*state, "00200009", "6a88");
}

static void
test_eid_and_iccid_are_read_through_logical_channels (void **state)
{
  assert_answer (*state, "0070000001", "019000");
  assert_status (*state, "01a4040010a0000005591010ffffffff890000020000", "9000");
  assert_answer (*state, "81ca005a00", EID_OBJECT "9000");
  assert_answer (*state, "81ca7f2100", "6a88");
  assert_answer (*state, "0070000001", "029000");
  assert_status (*state, "02a4080c022fe2", "9000");
  assert_answer (*state, "02b000000a", "988812010000000010f19000");
  assert_answer (*state, "00708001", "9000");
  assert_answer (*state, "81ca005a00", "6881");
}

static void
test_channels_beyond_the_third_have_the_further_class_coding (void **state)
{
  assert_answer (*state, "0070000001", "019000");
  assert_answer (*state, "0070000001", "029000");
  assert_answer (*state, "0070000001", "039000");
  assert_answer (*state, "0070000001", "049000");
  assert_answer (*state, "0070000001", "6a81");
  assert_status (*state, "40a4040c10a0000005591010ffffffff8900000200", "9000");
  assert_answer (*state, "c0ca005a00", EID_OBJECT "9000");
  assert_answer (*state, "41a4040c10a0000005591010ffffffff8900000200", "6881");
  assert_true (state_has (*state, "\"logical_channels\":[1,2,3,4]"));
  sim_card_reset (*state);
  assert_true (state_has (*state, "\"logical_channels\":[]"));
}

static void
test_a_sealed_isd_r_refuses_platform_management_in_clear (void **state)
{
  assert_status (*state, SELECT_ISD_R, "611a");
  assert_answer (*state, "80e28800153a03124f10" OTHER_AID, "6982");
  assert_answer (*state, "80f24002024f0000", "6982");
  assert_answer (*state, "80caff2100", "ff210f 810103 820400050000 830400004000 9000");
  assert_answer (*state, "80ca7f2100", "6a88");
  assert_status (*state, "80cabf30035c016600", "9000");
}

static void
test_a_plain_isd_r_executes_platform_management (void **state)
{
  assert_status (*state, SELECT_ISD_R, "611a");
  assert_answer (*state, "80f24002074f005c034f9f7000",
                 "e3164f10a0000005591010ffffffff89000010009f70013f"
                 "e3164f10a0000005591010ffffffff89000011009f70011f"
                 "e3164f10a0000005591010ffffffff89000012009f70011f9000");
  assert_answer (*state,
                 "80e60c003f10a0000005591010ffffffff8900000d0010a0000005591010ffffffff8900000e0010"
                 "a0000005591010ffffffff89000013000380c00006c904810203700000",
                 "9000");
  assert_answer (*state, "80f24002124f10a0000005591010ffffffff890000130000",
                 "e3164f10a0000005591010ffffffff89000013009f7001079000");
  assert_answer (*state, "80e28800153a03124f10a0000005591010ffffffff8900001300", "6985");
  assert_answer (*state, "80e40040124f10a0000005591010ffffffff890000130000", "009000");
  assert_answer (*state, "80e40040124f10a0000005591010ffffffff890000130000", "6a88");
  assert_answer (*state, "80e40040124f10a0000005591010ffffffff890000100000", "6985");
  assert_answer (*state, "80e28900073a08044e02000100", "80009000");
  assert_answer (*state, "80e288000d3a070aa30881060591947107f6", "9000");
  assert_answer (*state, "80e28800043a0702a309", "6a80");
}

static void
test_a_plain_isd_r_works_over_a_logical_channel_and_the_switch_follows (void **state)
{
  assert_answer (*state, "0070000001", "019000");
  assert_status (*state, "01a4040c10a0000005591010ffffffff8900000100", "9000");
  assert_answer (*state, "81e288000d3a070aa30881060591947107f6", "9000");
  assert_answer (*state,
                 "81e60c003f10a0000005591010ffffffff8900000d0010a0000005591010ffffffff8900000e0010"
                 "a0000005591010ffffffff89000013000380c00006c904810203700000",
                 "9000");
  assert_answer (*state, "81f24002124f10a0000005591010ffffffff8900001300", "6118");
  assert_answer (*state, "01c0000018", "e3164f10a0000005591010ffffffff89000013009f7001079000");
  assert_answer (*state, "81e40040124f10a0000005591010ffffffff890000130000", "009000");
  assert_answer (*state, "81e28800153a05124f10" OTHER_AID, "9000");
  assert_answer (*state, "81e28900073a08044e02000100", "80009000");
  assert_answer (*state, "81caff2100", "ff210f 810103 820400050000 830400004000 9000");
  assert_answer (*state, "81cabf30035c016600",
                 "bf3032 6630732e06072a864886fc6b01600b06092a864886fc"
                 "6b020202630906072a864886fc6b03640b06092a864886fc"
                 "6b0403709000");

  assert_answer (*state, "81e28800153a03124f10" OTHER_AID, "9000");
  assert_answer (*state, "801200000b", REFRESH "9000");
  sim_card_reset (*state);
  assert_string_equal (sim_card_get_iccid (*state), OTHER_ICCID);
  assert_true (state_has (*state, "\"logical_channels\":[]"));
}

static void
test_an_isd_p_is_selected_by_its_aid_and_stores_data_when_it_is_plain (void **state)
{
  assert_answer (*state, "0070000001", "019000");
  assert_status (*state, "01a4040c10" OTHER_AID, "9000");
  assert_answer (*state, "81e28800043a070101", "9000");
  assert_answer (*state, "81e28800", "6700");
  assert_answer (*state, "81e40040124f10" OTHER_AID "00", "6982");
  assert_answer (*state, "81ca005a00", "6a88");
}

static void
test_the_fallback_attribute_moves_and_protects (void **state)
{
  assert_status (*state, SELECT_ISD_R, "611a");
  assert_answer (*state, "80e28800153a04124f10a0000005591010ffffffff8900001000", "6985");
  assert_answer (*state, "80e28800153a05124f10" OTHER_AID, "9000");
  assert_answer (*state, "80e40040124f10" OTHER_AID "00", "6985");
  assert_answer (*state, "80e28800153a04124f10a0000005591010ffffffff8900001000", "910b");
  assert_answer (*state, "801200000b", REFRESH "9000");
  sim_card_reset (*state);
  assert_string_equal (sim_card_get_iccid (*state), OTHER_ICCID);
}

static void
test_cards_of_one_simulator_have_different_valid_eids (void **state)
{
  const SimCardOptions options = { .index = 1, .max_channels = 1 };
  g_autoptr (SimCard) second = sim_card_new (&options);
  guint remainder = 0;

  assert_string_equal (sim_card_get_eid (*state), "89001012012341234012345678901224");
  assert_string_equal (sim_card_get_eid (second), "89001012012341234012345678901321");
  for (const char *digit = sim_card_get_eid (second); *digit != '\0'; digit++)
    remainder = (remainder * 10 + (guint) g_ascii_digit_value (*digit)) % 97;
  assert_int_equal (remainder, 1);
  assert_string_not_equal (sim_card_get_iccid (second), sim_card_get_iccid (*state));
}

static void
test_an_envelope_is_refused_while_a_command_is_open (void **state)
{
  g_autoptr (GBytes) command = from_hex ("d0098103010300820281 82");

  sim_card_queue_proactive (*state, command);
  assert_answer (*state, "80f2000c00", "910b");
  assert_answer (*state, "8012000005", "6c0b");
  assert_answer (*state, "801200000b", "d009810301030082028182 9000");
  assert_answer (*state, EID_ENVELOPE, "9300");
  assert_answer (*state, "801400000c810302030082028281830100", "6f00");
  assert_answer (*state, EID_ENVELOPE, "9300");
  assert_answer (*state, "801400000c810301030082028281830100", "9000");
  assert_answer (*state, EID_ENVELOPE, "915c");
  assert_answer (*state, "8012000000", EID_SUBMIT "9000");
  assert_answer (*state, "8012000000", "6985");
}

static void
test_queued_commands_keep_their_order_and_survive_a_reset (void **state)
{
  g_autoptr (GBytes) first = from_hex ("d009810301030082028182");
  g_autoptr (GBytes) second = from_hex ("d009810301040082028182");

  sim_card_queue_proactive (*state, first);
  sim_card_queue_proactive (*state, second);
  sim_card_reset (*state);
  assert_answer (*state, "8010000001ff", "910b");
  assert_answer (*state, "801200000b", "d009810301030082028182 9000");
  assert_answer (*state, "801400000c810301030082028281830100", "910b");
  assert_answer (*state, "801200000b", "d009810301040082028182 9000");
}

static void
test_events_are_taken_and_broken_envelopes_refused (void **state)
{
  assert_answer (*state, "80c2000009d6079901 0382028281", "9000");
  assert_answer (*state, "80c2000004d1028202", "6f00");
  assert_answer (*state, "80c2000001d10282", "6700");
  assert_answer (*state, "80c2010002d600", "6b00");
}

static void
test_ordered_failures_come_as_often_as_ordered (void **state)
{
  sim_card_fail (*state, 0xC2, 0x9300, 2);
  assert_answer (*state, EID_ENVELOPE, "9300");
  assert_answer (*state, EID_ENVELOPE, "9300");
  assert_answer (*state, EID_ENVELOPE, "915c");
  sim_card_fail (*state, 0xF2, 0x6F00, 0);
  assert_answer (*state, "80f2000c00", "6f00");
  assert_answer (*state, "80f2000c00", "6f00");
  sim_card_fail (*state, 0xF2, 0, 0);
  assert_answer (*state, "80f2000c00", "915c");
}

static void
assert_pattern (GBytes *response, gsize size, guint16 sw)
{
  EaReader reader;

  ea_reader_init (&reader, ea_span_from_bytes (response));
  for (gsize i = 0; i < size; i++)
    assert_int_equal (ea_reader_u8 (&reader), i & 0xFF);
  assert_int_equal (ea_reader_u16be (&reader), sw);
  assert_true (ea_reader_done (&reader));
}

static void
test_an_ordered_answer_has_the_size_that_was_ordered (void **state)
{
  g_autoptr (GBytes) whole = NULL;
  g_autoptr (GBytes) rest = NULL;

  sim_card_answer (*state, 0xE2, 5);
  assert_answer (*state, "80e288000101", "6105");
  assert_answer (*state, "00c0000005", "0001020304 9000");
  assert_answer (*state, "80e28800010100", "0001020304 9000");
  assert_answer (*state, "80e28800", "6c05");
  sim_card_answer (*state, 0xE2, 257);
  assert_answer (*state, "80e28800010100", "6100");
  whole = transmit (*state, "00c0000000");
  assert_pattern (whole, 256, 0x6101);
  assert_answer (*state, "00c0000001", "00 9000");
  sim_card_answer (*state, 0xE2, 513);
  assert_answer (*state, "80e288000101", "6100");
  rest = transmit (*state, "00c0000000");
  assert_pattern (rest, 256, 0x6100);
  sim_card_answer (*state, 0xE2, 0);
  assert_answer (*state, "80e288000101", "6d00");
}

static void
test_the_iccid_can_be_set_from_outside (void **state)
{
  sim_card_set_iccid (*state, "89882119999999999995");
  assert_status (*state, "00a4080c022fe2", "9000");
  assert_answer (*state, "00b0000000", "98881291999999999959 9000");
}

static void
assert_ledger (SimCard *card, const char *expected)
{
  g_autofree char *text = sim_card_take_ledger (card);

  assert_string_equal (text, expected);
}

static void
test_the_ledger_says_what_ran_where_and_how_it_ended (void **state)
{
  assert_answer (*state, "0070000001", "019000");
  assert_status (*state, "01a4040c10a0000005591010ffffffff8900000200", "9000");
  assert_answer (*state, "81ca005a00", EID_OBJECT "9000");
  assert_answer (*state, "81ca005b00", "6a88");
  assert_answer (*state, "00708001", "9000");
  assert_ledger (*state, "0 - 0070000001 9000\n"
                         "1 - 01A4040C10A0000005591010FFFFFFFF8900000200 9000\n"
                         "1 A0000005591010FFFFFFFF8900000200 81CA005A00 9000\n"
                         "1 A0000005591010FFFFFFFF8900000200 81CA005B00 6A88\n"
                         "0 - 00708001 9000\n");
  assert_ledger (*state, "");
}

static void
test_the_ledger_shows_a_command_that_ran_twice (void **state)
{
  g_autofree char *ledger = NULL;

  assert_answer (*state, "0070000001", "019000");
  assert_status (*state, "01a4040c10a0000005591010ffffffff8900000100", "9000");
  g_free (sim_card_take_ledger (*state));
  assert_answer (*state, "81e28800093a0706a30400000001", "9000");
  assert_answer (*state, "81e28800093a0706a30400000002", "9000");
  assert_answer (*state, "81e28800093a0706a30400000001", "9000");

  ledger = sim_card_take_ledger (*state);
  assert_string_equal (ledger,
                       "1 A0000005591010FFFFFFFF8900000100 81E28800093A0706A30400000001 9000\n"
                       "1 A0000005591010FFFFFFFF8900000100 81E28800093A0706A30400000002 9000\n"
                       "1 A0000005591010FFFFFFFF8900000100 81E28800093A0706A30400000001 9000\n");
}

static void
test_the_ledger_has_neither_the_toolkit_nor_what_did_not_run (void **state)
{
  sim_card_fail (*state, 0xB0, 0x6F00, 1);
  assert_answer (*state, "8010000001ff", "9000");
  assert_answer (*state, "80c2000000", "6700");
  assert_answer (*state, "8012000000", "6985");
  assert_answer (*state, "00b0000000", "6f00");
  assert_answer (*state, "81ca005a00", "6881");
  assert_status (*state, "00a4040c10a0000005591010ffffffff8900000200", "9000");
  assert_answer (*state, "80ca005a01", "6c12");
  sim_card_reset (*state);
  assert_ledger (*state, "0 - 00A4040C10A0000005591010FFFFFFFF8900000200 9000\n");
}

static void
test_the_state_is_json (void **state)
{
  g_autofree char *members = sim_card_get_state (*state);
  g_autofree char *object = g_strconcat ("{", members, "}", NULL);
  g_autoptr (JsonNode) node = json_from_string (object, NULL);

  assert_non_null (node);
  assert_int_equal (
      json_array_get_length (json_object_get_array_member (json_node_get_object (node), "isdps")),
      3);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    card_test (test_applications_are_selected_by_whole_and_partial_aid),
    card_test (test_next_occurrence_of_a_partial_aid_goes_on_behind_the_selected_one),
    card_test (test_a_case_4_command_without_le_wants_get_response),
    card_test (test_the_iccid_is_read_by_path),
    card_test (test_usim_files_are_read_by_identifier_path_and_short_identifier),
    card_test (test_the_service_table_announces_data_download_via_sms_pp),
    card_test (test_fcp_of_a_file_tells_its_size),
    card_test (test_wrong_commands_have_the_status_words_of_ts_102_221),
    card_test (test_status_and_pin_say_that_the_pin_is_disabled),
    card_test (test_eid_and_iccid_are_read_through_logical_channels),
    card_test (test_channels_beyond_the_third_have_the_further_class_coding),
    card_test (test_a_sealed_isd_r_refuses_platform_management_in_clear),
    plain_card_test (test_a_plain_isd_r_executes_platform_management),
    plain_card_test (test_a_plain_isd_r_works_over_a_logical_channel_and_the_switch_follows),
    plain_card_test (test_an_isd_p_is_selected_by_its_aid_and_stores_data_when_it_is_plain),
    plain_card_test (test_the_fallback_attribute_moves_and_protects),
    card_test (test_cards_of_one_simulator_have_different_valid_eids),
    card_test (test_an_envelope_is_refused_while_a_command_is_open),
    card_test (test_queued_commands_keep_their_order_and_survive_a_reset),
    card_test (test_events_are_taken_and_broken_envelopes_refused),
    card_test (test_ordered_failures_come_as_often_as_ordered),
    card_test (test_an_ordered_answer_has_the_size_that_was_ordered),
    card_test (test_the_iccid_can_be_set_from_outside),
    card_test (test_the_ledger_says_what_ran_where_and_how_it_ended),
    plain_card_test (test_the_ledger_shows_a_command_that_ran_twice),
    card_test (test_the_ledger_has_neither_the_toolkit_nor_what_did_not_run),
    card_test (test_the_state_is_json),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
