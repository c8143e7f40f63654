/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Clear headers of secured packets and their words (agent/core/scp80.h): limits, forms, truncation.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/scp80.h"
#include "helpers.h"

#define GET_EID "AA07220580CA005A00"
#define GET_EID_PACKET                                                                             \
  "00281516391212000001954EB8A317C64D5169E703F859A40693DF4FCE92B5A3A849C286D5B96F54940F"
#define EID_RESPONSE                                                                               \
  "003412000001"                                                                                   \
  "34DBD031A252426AFC40A64ED871448198EE21DCA8250BE1C87CAEC9E56C131FF88C51CAC504DD1B1240FAF7D99571" \
  "32"

static void
test_spi_says_what_the_standard_has_for_its_bits (void **state)
{
  EaScp80Spi spi = ea_scp80_read_spi (0x1639);

  assert_int_equal (spi.integrity, EA_SCP80_INTEGRITY_CC);
  assert_true (spi.is_ciphered);
  assert_int_equal (spi.counter_mode, EA_SCP80_COUNTER_HIGHER);
  assert_int_equal (spi.por, EA_SCP80_POR_ALWAYS);
  assert_int_equal (spi.por_integrity, EA_SCP80_INTEGRITY_CC);
  assert_true (spi.is_por_ciphered);
  assert_true (spi.is_por_submit);

  spi = ea_scp80_read_spi (0x0902);
  assert_int_equal (spi.integrity, EA_SCP80_INTEGRITY_RC);
  assert_false (spi.is_ciphered);
  assert_int_equal (spi.counter_mode, EA_SCP80_COUNTER_AVAILABLE);
  assert_int_equal (spi.por, EA_SCP80_POR_ON_ERROR);
  assert_int_equal (spi.por_integrity, EA_SCP80_INTEGRITY_NONE);
  assert_false (spi.is_por_submit);
  assert_int_equal (ea_scp80_read_spi (0x1F0F).counter_mode, EA_SCP80_COUNTER_NEXT);
  assert_int_equal (ea_scp80_read_spi (0x1F0F).por, EA_SCP80_POR_RESERVED);
  assert_int_equal (ea_scp80_read_spi (0x1F0F).por_integrity, EA_SCP80_INTEGRITY_DS);
}

static void
test_names_are_those_of_the_standard (void **state)
{
  assert_string_equal (ea_scp80_get_integrity_name (EA_SCP80_INTEGRITY_DS), "ds");
  assert_string_equal (ea_scp80_get_counter_mode_name (EA_SCP80_COUNTER_NONE), "no-counter");
  assert_string_equal (ea_scp80_get_counter_mode_name (EA_SCP80_COUNTER_NEXT),
                       "process-if-one-higher");
  assert_string_equal (ea_scp80_get_por_name (EA_SCP80_POR_ON_ERROR), "on-error");
  assert_string_equal (ea_scp80_get_por_name (EA_SCP80_POR_RESERVED), "reserved");
  assert_string_equal (ea_scp80_get_status_name (0x0A), "insufficient security level");
  assert_non_null (ea_scp80_get_status_name (0x0C));
  assert_null (ea_scp80_get_status_name (0x0D));
  assert_null (ea_scp80_get_status_name (0xFF));
  assert_int_equal (ea_scp80_get_key_set (0xF2), 15);
}

static void
test_halves_of_kic_and_kid_have_the_names_of_their_algorithms (void **state)
{
  static const char *const kic_names[]
      = { "implicit", "DES-CBC",  "AES-CBC",  "proprietary",     "reserved", "3DES-CBC-2-keys",
          "reserved", "reserved", "reserved", "3DES-CBC-3-keys", "reserved", "reserved",
          "reserved", "DES-ECB",  "reserved", "reserved" };
  static const char *const kid_names[] = { "implicit", "DES-CBC-MAC",
                                           "AES-CMAC", "proprietary",
                                           "reserved", "3DES-CBC-MAC-2-keys",
                                           "reserved", "reserved",
                                           "reserved", "3DES-CBC-MAC-3-keys",
                                           "reserved", "reserved",
                                           "reserved", "reserved",
                                           "reserved", "reserved" };
  static const char *const rc_names[] = { "implicit", "CRC16", "reserved", "proprietary",
                                          "reserved", "CRC32", "reserved", "reserved" };

  for (guint8 i = 0; i < G_N_ELEMENTS (kic_names); i++)
    {
      assert_string_equal (ea_scp80_get_kic_name (0x10 | i), kic_names[i]);
      assert_string_equal (ea_scp80_get_kid_name (0x10 | i, EA_SCP80_INTEGRITY_CC), kid_names[i]);
    }
  for (guint8 i = 0; i < G_N_ELEMENTS (rc_names); i++)
    assert_string_equal (ea_scp80_get_kid_name (i, EA_SCP80_INTEGRITY_RC), rc_names[i]);
}

static void
expect_parse_failure (const char *hex, EaScp80Kind kind, EaScp80Form form, EaCoreError code)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaScp80Packet packet;

  poison (&packet, sizeof packet);
  assert_false (ea_scp80_parse (&packet, kind, form, ea_span_from_bytes (bytes), &error));
  assert_core_error (&error, code);
  assert_true (is_poisoned (&packet, sizeof packet));
}

static void
expect_packet (const char *hex, EaScp80Kind kind, EaScp80Form form, gsize integrity_size)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaScp80Packet packet;

  if (!ea_scp80_parse (&packet, kind, form, ea_span_from_bytes (bytes), &error))
    fail_msg ("%s: %s", hex, error->message);
  assert_int_equal (packet.integrity_size, integrity_size);
  assert_int_equal (packet.clear.size + packet.body.size, g_bytes_get_size (bytes));
}

#define EMPTY_BODY "000000000000"

static void
test_header_lengths_are_read_up_to_their_limits (void **state)
{
  const EaScp80Form sms = EA_SCP80_FORM_SMS;
  const EaScp80Form cat_tp = EA_SCP80_FORM_CAT_TP;

  expect_packet ("000E0D00000000000001" EMPTY_BODY, EA_SCP80_COMMAND, sms, 0);
  expect_packet ("010E0D00000000000001" EMPTY_BODY, EA_SCP80_COMMAND, cat_tp, 0);
  expect_packet ("01810F810D00000000000001" EMPTY_BODY, EA_SCP80_COMMAND, cat_tp, 0);
  expect_packet ("000B0A000001" EMPTY_BODY "00", EA_SCP80_RESPONSE, sms, 0);
  expect_packet ("020B0A000001" EMPTY_BODY "00", EA_SCP80_RESPONSE, cat_tp, 0);

  expect_parse_failure ("000E0C00000000000001" EMPTY_BODY, EA_SCP80_COMMAND, sms,
                        EA_CORE_ERROR_MALFORMED);
  expect_parse_failure ("000E0E01000000000001" EMPTY_BODY, EA_SCP80_COMMAND, sms,
                        EA_CORE_ERROR_MALFORMED);
  expect_parse_failure ("000D0D00000000000001" EMPTY_BODY, EA_SCP80_COMMAND, sms,
                        EA_CORE_ERROR_MALFORMED);
  expect_parse_failure ("000F0D00000000000001" EMPTY_BODY, EA_SCP80_COMMAND, sms,
                        EA_CORE_ERROR_TRUNCATED);
  expect_parse_failure ("000B09000001" EMPTY_BODY "00", EA_SCP80_RESPONSE, sms,
                        EA_CORE_ERROR_MALFORMED);
  expect_parse_failure ("020E0D00000000000001" EMPTY_BODY, EA_SCP80_COMMAND, cat_tp,
                        EA_CORE_ERROR_MALFORMED);
  expect_parse_failure ("010B0A000001" EMPTY_BODY "00", EA_SCP80_RESPONSE, cat_tp,
                        EA_CORE_ERROR_MALFORMED);
  expect_parse_failure ("01800D00000000000001" EMPTY_BODY, EA_SCP80_COMMAND, cat_tp,
                        EA_CORE_ERROR_MALFORMED);
  expect_parse_failure ("010E8300000000000001" EMPTY_BODY, EA_SCP80_COMMAND, cat_tp,
                        EA_CORE_ERROR_MALFORMED);
  expect_parse_failure ("0000", EA_SCP80_COMMAND, sms, EA_CORE_ERROR_TRUNCATED);
  expect_parse_failure ("0100", EA_SCP80_COMMAND, cat_tp, EA_CORE_ERROR_TRUNCATED);
}

static void
test_room_for_the_checksum_follows_spi_and_kid (void **state)
{
  static const struct
  {
    const char *spi_kic_kid;
    guint sizes;
  } rows[] = {
    { "00000000", 1u << 0 }, { "01000000", 1u << 2 | 1u << 4 }, { "01000001", 1u << 2 },
    { "01000005", 1u << 4 }, { "02000002", 1u << 4 | 1u << 8 }, { "03000000", 0x1FE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint size = 0; size <= 8; size++)
      {
        g_autofree char *hex = g_strdup_printf ("%04X%02X%s000001" EMPTY_BODY "%0*d", 14 + size,
                                                13 + size, rows[i].spi_kic_kid, 2 * size, 0);

        if (size == 0)
          hex[strlen (hex) - 1] = '\0';
        if ((rows[i].sizes & 1u << size) != 0)
          expect_packet (hex, EA_SCP80_COMMAND, EA_SCP80_FORM_SMS, size);
        else
          expect_parse_failure (hex, EA_SCP80_COMMAND, EA_SCP80_FORM_SMS, EA_CORE_ERROR_MALFORMED);
      }
}

static void
expect_truncated (EaSpan span, gpointer user_data)
{
  const EaScp80Header *header = user_data;
  g_autoptr (GError) error = NULL;
  EaScp80Packet packet;
  EaScp80Form form;
  gsize offset;
  EaSpan rest;

  assert_false (ea_scp80_parse (&packet, header->kind, header->form, span, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_false (ea_scp80_find_form (span, header->kind, &form, &rest, &error));
  if (span.size > 0)
    {
      assert_true (ea_core_error_get_offset (error, span.data, span.size, &offset));
      assert_int_equal (offset, span.size);
    }
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
}

static void
test_packets_that_end_early_are_truncated (void **state)
{
  EaScp80Header command = { EA_SCP80_COMMAND, EA_SCP80_FORM_SMS, 0, 0, 0, 0 };
  EaScp80Header cat_tp = { EA_SCP80_COMMAND, EA_SCP80_FORM_CAT_TP, 0, 0, 0, 0 };
  EaScp80Header response = { EA_SCP80_RESPONSE, EA_SCP80_FORM_SMS, 0, 0, 0, 0 };
  g_autoptr (GBytes) command_bytes = bytes_of (GET_EID_PACKET);
  g_autoptr (GBytes) cat_tp_bytes = bytes_of ("01170D00000000000001" EMPTY_BODY GET_EID);
  g_autoptr (GBytes) response_bytes = bytes_of (EID_RESPONSE);

  parse_truncations (ea_span_from_bytes (command_bytes), expect_truncated, &command);
  parse_truncations (ea_span_from_bytes (cat_tp_bytes), expect_truncated, &cat_tp);
  parse_truncations (ea_span_from_bytes (response_bytes), expect_truncated, &response);
}

static void
expect_form (const char *hex, EaScp80Kind kind, EaScp80Form expected, gsize size)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaScp80Form form;
  EaSpan packet;

  assert_true (ea_scp80_find_form (ea_span_from_bytes (bytes), kind, &form, &packet, &error));
  assert_int_equal (form, expected);
  assert_int_equal (packet.size, size);
}

static void
test_form_whose_length_fits_is_found (void **state)
{
  expect_form (GET_EID_PACKET, EA_SCP80_COMMAND, EA_SCP80_FORM_SMS, 42);
  expect_form ("027000" GET_EID_PACKET, EA_SCP80_COMMAND, EA_SCP80_FORM_SMS, 42);
  expect_form (EID_RESPONSE, EA_SCP80_RESPONSE, EA_SCP80_FORM_SMS, 54);
  expect_form ("027100" EID_RESPONSE, EA_SCP80_RESPONSE, EA_SCP80_FORM_SMS, 54);
  expect_form ("01170D00000000000001" EMPTY_BODY GET_EID, EA_SCP80_COMMAND, EA_SCP80_FORM_CAT_TP,
               25);
  expect_form ("020B0A000001" EMPTY_BODY "00", EA_SCP80_RESPONSE, EA_SCP80_FORM_CAT_TP, 13);
}

/* 01 82 01 80 fits 388 bytes in both forms, but CHL is not 01. */
static void
test_header_length_decides_where_both_lengths_fit (void **state)
{
  g_autoptr (GString) hex = g_string_new ("018201800D");

  while (hex->len < 2 * 388)
    g_string_append (hex, "00");
  expect_form (hex->str, EA_SCP80_COMMAND, EA_SCP80_FORM_CAT_TP, 388);
}

static void
expect_no_form (const char *hex, EaScp80Kind kind, EaCoreError code, gsize expected_offset,
                const char *message)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaSpan item = ea_span_from_bytes (bytes);
  g_autoptr (GError) error = NULL;
  gsize offset;
  EaScp80Form form;
  EaSpan packet;

  poison (&packet, sizeof packet);
  poison (&form, sizeof form);
  assert_false (ea_scp80_find_form (item, kind, &form, &packet, &error));
  assert_string_equal (error->message, message);
  assert_true (ea_core_error_get_offset (error, item.data, item.size, &offset));
  assert_int_equal (offset, expected_offset);
  assert_core_error (&error, code);
  assert_true (is_poisoned (&packet, sizeof packet) && is_poisoned (&form, sizeof form));
}

static void
test_lengths_that_do_not_fit_are_told_with_what_is_there (void **state)
{
  expect_no_form ("000E0D00000000000001" EMPTY_BODY "FF", EA_SCP80_COMMAND, EA_CORE_ERROR_MALFORMED,
                  16, "Command packet in the SMS form: length field says 14 bytes, 15 are there");
  expect_no_form ("027000000E0D000000000000010000", EA_SCP80_COMMAND, EA_CORE_ERROR_TRUNCATED, 15,
                  "Command packet in the SMS form: length field says 14 bytes, 10 are there");
  expect_no_form ("010E0D00000000000001" EMPTY_BODY "FF", EA_SCP80_COMMAND, EA_CORE_ERROR_MALFORMED,
                  16,
                  "Command packet in the CAT_TP form: length field says 14 bytes, 15 are there");
  expect_no_form ("020B0A0000010000", EA_SCP80_RESPONSE, EA_CORE_ERROR_TRUNCATED, 8,
                  "Response packet in the CAT_TP form: length field says 11 bytes, 6 are there");
  expect_no_form ("01", EA_SCP80_COMMAND, EA_CORE_ERROR_TRUNCATED, 1,
                  "Command packet in the SMS form ends within its length field");
  expect_no_form ("0182", EA_SCP80_COMMAND, EA_CORE_ERROR_TRUNCATED, 2,
                  "Command packet in the CAT_TP form ends within its length field");
}

static void
append_zeros (GString *hex, gsize n_bytes)
{
  while (hex->len < 2 * n_bytes)
    g_string_append (hex, "00");
}

/* As a CAT_TP packet it would have 5398 bytes (82 15 16), but then CHL 39 could not go with SPI 1212; and as an SMS
 * packet 385 bytes, but then CHL 80 could not. */
static void
test_form_that_the_first_octets_speak_for_is_blamed (void **state)
{
  g_autoptr (GString) sms = g_string_new ("018215163912120000014EB8A317C64D5169E703F859A40693DF");
  g_autoptr (GString) cat_tp = g_string_new ("0181800D00000000000001");

  append_zeros (sms, 391);
  expect_no_form (sms->str, EA_SCP80_COMMAND, EA_CORE_ERROR_MALFORMED, 388,
                  "Command packet in the SMS form: length field says 386 bytes, 389 are there");
  append_zeros (sms, 5000);
  expect_no_form (sms->str, EA_SCP80_COMMAND, EA_CORE_ERROR_MALFORMED, 388,
                  "Command packet in the SMS form: length field says 386 bytes, 4998 are there");
  append_zeros (cat_tp, 380);
  expect_no_form (cat_tp->str, EA_SCP80_COMMAND, EA_CORE_ERROR_MALFORMED, 131,
                  "Command packet in the CAT_TP form: length field says 128 bytes, 377 are there");
}

/* 01 20 15 can begin both: an SMS packet of 290 bytes, a CAT_TP packet of 34. */
static void
test_form_of_the_nearer_length_is_blamed_where_both_are_possible (void **state)
{
  g_autoptr (GString) hex = g_string_new ("012015163912120000014EB8A317C64D5169E703F859A40693DF");

  append_zeros (hex, 36);
  expect_no_form (hex->str, EA_SCP80_COMMAND, EA_CORE_ERROR_MALFORMED, 34,
                  "Command packet in the CAT_TP form: length field says 32 bytes, 34 are there");
  append_zeros (hex, 280);
  expect_no_form (hex->str, EA_SCP80_COMMAND, EA_CORE_ERROR_TRUNCATED, 280,
                  "Command packet in the SMS form: length field says 288 bytes, 278 are there");
}

/* The user data header as a length field that fits: 625 and 624 bytes are there. */
static void
test_packets_of_the_other_kind_are_named (void **state)
{
  static const char response[] = "This is a response packet: its user data header is 027100";
  static const char command[] = "This is a command packet: its user data header is 027000";
  g_autoptr (GString) long_response = g_string_new ("027100");
  g_autoptr (GString) long_command = g_string_new ("027000");

  append_zeros (long_response, 627);
  append_zeros (long_command, 626);
  expect_no_form ("027100" EID_RESPONSE, EA_SCP80_COMMAND, EA_CORE_ERROR_UNSUPPORTED, 0, response);
  expect_no_form ("027000" GET_EID_PACKET, EA_SCP80_RESPONSE, EA_CORE_ERROR_UNSUPPORTED, 0,
                  command);
  expect_no_form (long_response->str, EA_SCP80_COMMAND, EA_CORE_ERROR_UNSUPPORTED, 0, response);
  expect_no_form (long_command->str, EA_SCP80_RESPONSE, EA_CORE_ERROR_UNSUPPORTED, 0, command);
  expect_parse_failure ("027100" EID_RESPONSE, EA_SCP80_COMMAND, EA_SCP80_FORM_SMS,
                        EA_CORE_ERROR_UNSUPPORTED);
  expect_parse_failure ("027000" GET_EID_PACKET, EA_SCP80_RESPONSE, EA_SCP80_FORM_SMS,
                        EA_CORE_ERROR_UNSUPPORTED);
}

static void
test_packets_have_at_most_65535_bytes (void **state)
{
  g_autofree guint8 *bytes = g_malloc0 (EA_SCP80_PACKET_MAX + 1);
  g_autoptr (GError) error = NULL;
  EaScp80Packet packet;

  assert_false (ea_scp80_parse (&packet, EA_SCP80_COMMAND, EA_SCP80_FORM_SMS,
                                ea_span_init (bytes, EA_SCP80_PACKET_MAX + 1), &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
  assert_false (ea_scp80_parse (&packet, EA_SCP80_COMMAND, EA_SCP80_FORM_SMS,
                                ea_span_init (bytes, EA_SCP80_PACKET_MAX), &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED); /* it says that it has two bytes */
}

/* The published example: CPL 0028, CHL 15, SPI 1639, KIc and KID 12, TAR 000001 */
static void
test_target_shows_in_the_first_ten_octets (void **state)
{
  g_autoptr (GBytes) beginning = ea_bytes_from_hex ("00281516391232B00010", NULL);
  EaSpan span = ea_span_from_bytes (beginning);
  EaScp80Target target = { .key_set = 0xEE };

  for (gsize size = 0; size < EA_SCP80_TARGET_SIZE; size++)
    {
      assert_false (ea_scp80_read_target (ea_span_head (span, size), &target));
      assert_int_equal (target.key_set, 0xEE);
    }
  assert_true (ea_scp80_read_target (span, &target));
  assert_int_equal (target.spi, 0x1639);
  assert_int_equal (target.key_set, 3);
  assert_int_equal (target.tar, 0xB00010);
}

/* The published example in the CAT_TP form (CNTR 4), with key set 3 and a TAR of its own */
static void
test_target_of_a_whole_packet_is_that_of_its_header (void **state)
{
  g_autoptr (GBytes) bytes = ea_bytes_from_hex (
      "0128151639123AB0001087CB920B574B4A289C74CBAE1C0CEDE1FB1EF62F2B94E5C9B96AA91A72A209CE", NULL);
  EaScp80Packet packet;
  EaScp80Target target;

  assert_true (ea_scp80_parse (&packet, EA_SCP80_COMMAND, EA_SCP80_FORM_CAT_TP,
                               ea_span_from_bytes (bytes), NULL));
  target = ea_scp80_get_target (&packet.header);
  assert_int_equal (target.spi, 0x1639);
  assert_int_equal (target.key_set, 3);
  assert_int_equal (target.tar, 0xB00010);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_spi_says_what_the_standard_has_for_its_bits),
    cmocka_unit_test (test_names_are_those_of_the_standard),
    cmocka_unit_test (test_halves_of_kic_and_kid_have_the_names_of_their_algorithms),
    cmocka_unit_test (test_header_lengths_are_read_up_to_their_limits),
    cmocka_unit_test (test_room_for_the_checksum_follows_spi_and_kid),
    cmocka_unit_test (test_packets_that_end_early_are_truncated),
    cmocka_unit_test (test_form_whose_length_fits_is_found),
    cmocka_unit_test (test_header_length_decides_where_both_lengths_fit),
    cmocka_unit_test (test_lengths_that_do_not_fit_are_told_with_what_is_there),
    cmocka_unit_test (test_form_that_the_first_octets_speak_for_is_blamed),
    cmocka_unit_test (test_form_of_the_nearer_length_is_blamed_where_both_are_possible),
    cmocka_unit_test (test_packets_of_the_other_kind_are_named),
    cmocka_unit_test (test_packets_have_at_most_65535_bytes),
    cmocka_unit_test (test_target_shows_in_the_first_ten_octets),
    cmocka_unit_test (test_target_of_a_whole_packet_is_that_of_its_header),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
