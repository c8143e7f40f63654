/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Expected bytes follow the TLV layouts of the Gobi API of 2013 (BSD), which libqmi carries: u32 reference,
 * u16 length, command; SW1 SW2 lv8; token, total, offset, lv16.
 */

#include "modem/qmi-tlv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"

#define SPAN(...)                                                                                  \
  ea_span_init ((const guint8[]){ __VA_ARGS__ }, sizeof ((const guint8[]){ __VA_ARGS__ }))

static void
test_command_is_found_in_any_tlv_of_the_common_shape (void **state)
{
  static const guint8 types[] = { 0x4B, 0x51, 0x55, 0xF0 };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      EaQmiEventReport report = { 0 };

      ea_qmi_event_report_take (&report, types[i],
                                SPAN (0x2A, 0x00, 0x00, 0x80, 0x02, 0x00, 0xD0, 0x00));

      assert_int_equal (report.reference, 0x8000002A);
      assert_true (ea_span_equal (report.command, SPAN (0xD0, 0x00)));
    }
}

static void
test_tlvs_of_another_shape_are_no_command (void **state)
{
  EaQmiEventReport report = { 0 };

  ea_qmi_event_report_take (&report, 0x4B,
                            SPAN (1, 0, 0, 0, 3, 0, 0xD0, 0x00)); /* length too long */
  ea_qmi_event_report_take (&report, 0x4B, SPAN (1, 0, 0, 0, 1, 0, 0xD0, 0x00)); /* too short */
  ea_qmi_event_report_take (&report, 0x4B, SPAN (1, 0, 0, 0, 2, 0, 0xD1, 0x00)); /* no D0 */
  ea_qmi_event_report_take (&report, 0x4B, SPAN (1, 0, 0, 0, 0, 0));
  ea_qmi_event_report_take (&report, 0x4B, EA_SPAN_EMPTY);

  assert_int_equal (report.command.size, 0);
}

static void
test_slot_and_confirmation_are_read (void **state)
{
  EaQmiEventReport report = { 0 };

  ea_qmi_event_report_take (&report, 0x50, SPAN (2));
  ea_qmi_event_report_take (&report, 0x68, SPAN (1, 0, 0, 0));

  assert_int_equal (report.slot, 2);
  assert_true (report.wants_confirmation);
}

static void
test_end_of_the_session_is_read_whoever_ended_it (void **state)
{
  EaQmiEventReport by_card = { 0 };
  EaQmiEventReport by_modem = { 0 };
  EaQmiEventReport neither = { 0 };

  ea_qmi_event_report_take (&by_card, 0x1A, SPAN (1));
  ea_qmi_event_report_take (&by_modem, 0x1A, SPAN (2));
  ea_qmi_event_report_take (&neither, 0x1A, EA_SPAN_EMPTY);
  ea_qmi_event_report_take (&neither, 0x1A, SPAN (1, 0));
  ea_qmi_event_report_take (&neither, 0x1B, SPAN (1));

  assert_true (by_card.is_session_ended);
  assert_true (by_modem.is_session_ended);
  assert_false (neither.is_session_ended);
}

static void
test_refresh_is_read_with_a_stage_of_8_or_16_bits (void **state)
{
  EaQmiEventReport older = { 0 };
  EaQmiEventReport newer = { 0 };

  ea_qmi_event_report_take (&older, 0x19, SPAN (0, 0, 1));
  ea_qmi_event_report_take (&newer, 0x19, SPAN (3, 0, 2, 0));

  assert_int_equal (older.refresh_stage, EA_QMI_REFRESH_START);
  assert_int_equal (older.refresh_mode, 0);
  assert_int_equal (newer.refresh_stage, EA_QMI_REFRESH_DONE);
  assert_int_equal (newer.refresh_mode, 3);
}

static void
test_refresh_that_is_cut_off_or_of_no_known_stage_is_none (void **state)
{
  EaSpan whole = SPAN (3, 0, 2, 0);
  EaQmiEventReport report = { 0 };

  for (gsize size = 0; size < 3; size++)
    ea_qmi_event_report_take (&report, 0x19, ea_span_init (whole.data, size));
  ea_qmi_event_report_take (&report, 0x19, SPAN (3, 0, 2, 0, 0));
  ea_qmi_event_report_take (&report, 0x19, SPAN (3, 0, 4));
  ea_qmi_event_report_take (&report, 0x19, SPAN (3, 0, 1, 1));

  assert_int_equal (report.refresh_stage, EA_QMI_REFRESH_NONE);
}

static void
test_refresh_modes_are_told_as_the_card_s_qualifiers (void **state)
{
  assert_int_equal (ea_qmi_get_refresh_qualifier (0), 4); /* UICC reset */
  assert_int_equal (ea_qmi_get_refresh_qualifier (1), 3); /* NAA initialisation */
  assert_int_equal (ea_qmi_get_refresh_qualifier (2), 2); /* with file change notification */
  assert_int_equal (ea_qmi_get_refresh_qualifier (3), 1); /* file change notification */
  assert_int_equal (ea_qmi_get_refresh_qualifier (4), 0); /* with full file change notification */
  assert_int_equal (ea_qmi_get_refresh_qualifier (5), 5); /* application reset */
  assert_int_equal (ea_qmi_get_refresh_qualifier (6), 6); /* session reset */
  assert_int_equal (ea_qmi_get_refresh_qualifier (7), 7);
}

static void
test_bits_are_there_or_missing_beyond_the_end_too (void **state)
{
  assert_true (ea_qmi_has_bits (SPAN (0x33, 0x1F), SPAN (0x01, 0x1F)));
  assert_true (ea_qmi_has_bits (SPAN (0x33), SPAN (0x11, 0x00)));
  assert_true (ea_qmi_has_bits (EA_SPAN_EMPTY, EA_SPAN_EMPTY));
  assert_false (ea_qmi_has_bits (SPAN (0x33, 0x1E), SPAN (0x01, 0x1F)));
  assert_false (ea_qmi_has_bits (SPAN (0x33), SPAN (0x11, 0x01)));
  assert_false (ea_qmi_has_bits (EA_SPAN_EMPTY, SPAN (0x80)));
}

static void
test_one_byte_is_one_byte (void **state)
{
  guint8 number = 9;

  assert_false (ea_qmi_parse_u8 (EA_SPAN_EMPTY, &number));
  assert_false (ea_qmi_parse_u8 (SPAN (1, 2), &number));
  assert_int_equal (number, 9);
  assert_true (ea_qmi_parse_u8 (SPAN (5), &number));
  assert_int_equal (number, 5);
}

static void
test_card_response_becomes_an_r_apdu (void **state)
{
  g_autoptr (GBytes) with_data = ea_qmi_parse_card_response (SPAN (0x91, 0x3F, 2, 0xAA, 0xBB));
  g_autoptr (GBytes) without_length = ea_qmi_parse_card_response (SPAN (0x90, 0x00));

  assert_true (ea_span_equal (ea_span_from_bytes (with_data), SPAN (0xAA, 0xBB, 0x91, 0x3F)));
  assert_true (ea_span_equal (ea_span_from_bytes (without_length), SPAN (0x90, 0x00)));
}

static void
test_truncated_card_responses_are_refused (void **state)
{
  const guint8 whole[] = { 0x91, 0x3F, 2, 0xAA, 0xBB };

  assert_null (ea_qmi_parse_card_response (ea_span_init (whole, 0)));
  assert_null (ea_qmi_parse_card_response (ea_span_init (whole, 1)));
  assert_null (ea_qmi_parse_card_response (ea_span_init (whole, 3)));
  assert_null (ea_qmi_parse_card_response (ea_span_init (whole, 4)));
}

/* One slot: USIM in the given state, AID of two bytes. */
#define CARD_STATUS(card, application)                                                             \
  SPAN (0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, card, 0, 3, 10, 0, 1, 2, application, 0, 0,   \
        3, 10, 2, 0xA0, 0x00, 0, 3, 3, 10, 2, 3, 10)

static void
test_card_status_tells_absent_failed_initializing_and_ready (void **state)
{
  EaQmiCard card;

  assert_true (ea_qmi_parse_card_status (CARD_STATUS (0, 0), 1, &card));
  assert_int_equal (card, EA_QMI_CARD_ABSENT);
  assert_true (ea_qmi_parse_card_status (CARD_STATUS (2, 0), 1, &card));
  assert_int_equal (card, EA_QMI_CARD_FAILED);
  assert_true (ea_qmi_parse_card_status (CARD_STATUS (1, 1), 1, &card));
  assert_int_equal (card, EA_QMI_CARD_INITIALIZING);
  assert_true (ea_qmi_parse_card_status (CARD_STATUS (1, 7), 1, &card));
  assert_int_equal (card, EA_QMI_CARD_READY);
  assert_true (ea_qmi_parse_card_status (CARD_STATUS (1, 2), 1, &card)); /* PIN required */
  assert_int_equal (card, EA_QMI_CARD_READY);
  assert_true (ea_qmi_parse_card_status (CARD_STATUS (1, 7), 2, &card));
  assert_int_equal (card, EA_QMI_CARD_ABSENT);
}

static void
test_every_truncation_of_a_card_status_is_refused (void **state)
{
  EaSpan whole = CARD_STATUS (1, 7);
  EaQmiCard card = EA_QMI_CARD_ABSENT;

  for (gsize size = 0; size < whole.size; size++)
    assert_false (ea_qmi_parse_card_status (ea_span_init (whole.data, size), 1, &card));
  assert_int_equal (card, EA_QMI_CARD_ABSENT);
}

static void
test_length_prefixes_must_fit_exactly (void **state)
{
  EaSpan out = EA_SPAN_EMPTY;

  assert_true (ea_qmi_parse_lv16 (SPAN (2, 0, 0x90, 0x00), &out));
  assert_true (ea_span_equal (out, SPAN (0x90, 0x00)));
  assert_false (ea_qmi_parse_lv16 (SPAN (3, 0, 0x90, 0x00), &out));
  assert_false (ea_qmi_parse_lv16 (SPAN (1, 0, 0x90, 0x00), &out));
  assert_false (ea_qmi_parse_lv16 (SPAN (1), &out));
  assert_true (ea_qmi_parse_lv8 (SPAN (1, 0x3B), &out));
  assert_false (ea_qmi_parse_lv8 (SPAN (2, 0x3B), &out));
}

static void
test_envelope_of_sms_pp_has_type_9_and_others_5 (void **state)
{
  g_autoptr (GBytes) sms_pp = ea_qmi_build_envelope (SPAN (0xD1, 0x00));
  g_autoptr (GBytes) event = ea_qmi_build_envelope (SPAN (0xD6, 0x00));

  assert_true (ea_span_equal (ea_span_from_bytes (sms_pp), SPAN (9, 0, 2, 0, 0xD1, 0x00)));
  assert_true (ea_span_equal (ea_span_from_bytes (event), SPAN (5, 0, 2, 0, 0xD6, 0x00)));
}

static void
test_terminal_response_carries_reference_and_length (void **state)
{
  g_autoptr (GBytes) response = ea_qmi_build_terminal_response (0x01020304, SPAN (0x81, 0x03));

  assert_true (ea_span_equal (ea_span_from_bytes (response), SPAN (4, 3, 2, 1, 2, 0, 0x81, 0x03)));
}

static void
test_long_response_is_put_together_from_its_chunks (void **state)
{
  EaQmiAssembly assembly;
  g_autoptr (GBytes) early = NULL;
  g_autoptr (GBytes) whole = NULL;

  ea_qmi_assembly_init (&assembly);
  assert_true (ea_qmi_assembly_take (&assembly, SPAN (7, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0xAA, 0xBB)));
  early = ea_qmi_assembly_steal (&assembly, 7, 3);
  assert_true (ea_qmi_assembly_take (&assembly, SPAN (7, 0, 0, 0, 3, 0, 2, 0, 1, 0, 0xCC)));
  whole = ea_qmi_assembly_steal (&assembly, 7, 3);

  assert_null (early);
  assert_true (ea_span_equal (ea_span_from_bytes (whole), SPAN (0xAA, 0xBB, 0xCC)));
  ea_qmi_assembly_clear (&assembly);
}

static void
test_chunks_that_contradict_each_other_are_refused (void **state)
{
  EaQmiAssembly assembly;

  ea_qmi_assembly_init (&assembly);
  assert_false (ea_qmi_assembly_take (&assembly, SPAN (7, 0, 0, 0, 3, 0, 1, 0, 1, 0, 0xAA)));
  assert_true (ea_qmi_assembly_take (&assembly, SPAN (7, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0xAA)));
  assert_false (ea_qmi_assembly_take (&assembly, SPAN (7, 0, 0, 0, 4, 0, 1, 0, 1, 0, 0xBB)));
  assert_false (ea_qmi_assembly_take (&assembly, SPAN (8, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 2)));
  assert_false (ea_qmi_assembly_take (&assembly, SPAN (8, 0, 0, 0, 1, 0, 0, 0)));

  assert_null (ea_qmi_assembly_steal (&assembly, 7, 3));
  ea_qmi_assembly_clear (&assembly);
}

static void
test_tokens_that_nobody_asks_for_do_not_pile_up (void **state)
{
  EaQmiAssembly assembly;

  ea_qmi_assembly_init (&assembly);
  for (guint8 token = 1; token < 100; token++)
    assert_true (
        ea_qmi_assembly_take (&assembly, SPAN (token, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0xAA, 0xBB)));

  assert_in_range (g_hash_table_size (assembly.responses), 1, 4);
  ea_qmi_assembly_clear (&assembly);
}

static void
test_modes_have_the_words_of_the_bus (void **state)
{
  assert_string_equal (ea_qmi_get_cat_mode_name (0), "disabled");
  assert_string_equal (ea_qmi_get_cat_mode_name (2), "android");
  assert_string_equal (ea_qmi_get_cat_mode_name (5), "custom-raw");
  assert_string_equal (ea_qmi_get_cat_mode_name (7), "unknown");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_command_is_found_in_any_tlv_of_the_common_shape),
    cmocka_unit_test (test_tlvs_of_another_shape_are_no_command),
    cmocka_unit_test (test_slot_and_confirmation_are_read),
    cmocka_unit_test (test_end_of_the_session_is_read_whoever_ended_it),
    cmocka_unit_test (test_refresh_is_read_with_a_stage_of_8_or_16_bits),
    cmocka_unit_test (test_refresh_that_is_cut_off_or_of_no_known_stage_is_none),
    cmocka_unit_test (test_refresh_modes_are_told_as_the_card_s_qualifiers),
    cmocka_unit_test (test_bits_are_there_or_missing_beyond_the_end_too),
    cmocka_unit_test (test_one_byte_is_one_byte),
    cmocka_unit_test (test_card_response_becomes_an_r_apdu),
    cmocka_unit_test (test_truncated_card_responses_are_refused),
    cmocka_unit_test (test_card_status_tells_absent_failed_initializing_and_ready),
    cmocka_unit_test (test_every_truncation_of_a_card_status_is_refused),
    cmocka_unit_test (test_length_prefixes_must_fit_exactly),
    cmocka_unit_test (test_envelope_of_sms_pp_has_type_9_and_others_5),
    cmocka_unit_test (test_terminal_response_carries_reference_and_length),
    cmocka_unit_test (test_long_response_is_put_together_from_its_chunks),
    cmocka_unit_test (test_chunks_that_contradict_each_other_are_refused),
    cmocka_unit_test (test_tokens_that_nobody_asks_for_do_not_pile_up),
    cmocka_unit_test (test_modes_have_the_words_of_the_bus),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
