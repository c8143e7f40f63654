/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Command and response APDUs (agent/core/apdu.h) against ISO/IEC 7816-3 §12 and TS 102 221 §10. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/apdu.h"
#include "helpers.h"

static EaApduCommand
parse_command (GBytes *apdu)
{
  g_autoptr (GError) error = NULL;
  EaApduCommand command = { 0 };

  if (!ea_apdu_parse_command (&command, ea_span_from_bytes (apdu), &error))
    fail_msg ("%s", error->message);
  return command;
}

static void
assert_command (const char *hex, const char *data, guint ne)
{
  g_autoptr (GBytes) apdu = bytes_of (hex);
  g_autoptr (GBytes) built = NULL;
  EaApduCommand command = parse_command (apdu);

  assert_span_is (command.data, data);
  assert_int_equal (command.ne, ne);
  assert_span_inside (command.data, ea_span_from_bytes (apdu));

  built = ea_apdu_build_command (&command);
  assert_bytes_are (built, hex);
}

static void
test_each_of_the_four_cases_is_read_and_written (void **state)
{
  assert_command ("80F2000C", "", 0);                            /* 1: STATUS, no data */
  assert_command ("801200003F", "", 0x3F);                       /* 2: FETCH */
  assert_command ("80140000038101AA", "8101AA", 0);              /* 3 */
  assert_command ("00A4000402 3F00 00", "3F00", EA_APDU_NE_MAX); /* 4: SELECT */
  assert_command ("80CA005A00", "", EA_APDU_NE_MAX);             /* 2: GET DATA */
  assert_command ("80F24002024F0000", "4F00", EA_APDU_NE_MAX);   /* 4: GET STATUS */
  assert_command ("801400000C810301130082028281830100", "810301130082028281830100", 0);
}

static void
test_header_octets_come_in_their_order (void **state)
{
  g_autoptr (GBytes) apdu = bytes_of ("01020304");
  EaApduCommand command = parse_command (apdu);

  assert_int_equal (command.cla, 0x01);
  assert_int_equal (command.ins, 0x02);
  assert_int_equal (command.p1, 0x03);
  assert_int_equal (command.p2, 0x04);
}

/* The cases 1 and 2 are proper beginnings of a case 4 command: lengths 4 and 5. */
static void
parse_truncated_command (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaApduCommand command;

  poison (&command, sizeof command);
  if (span.size == 4 || span.size == 5 || span.size == *(gsize *) user_data)
    {
      assert_true (ea_apdu_parse_command (&command, span, &error));
      assert_span_inside (command.data, span);
      return;
    }
  assert_false (ea_apdu_parse_command (&command, span, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_true (is_poisoned (&command, sizeof command));
}

static void
test_every_truncation_of_a_command_is_truncated_or_a_shorter_case (void **state)
{
  g_autoptr (GBytes) apdu = bytes_of ("801400000C81030113008202828183010000");
  gsize size_without_le = g_bytes_get_size (apdu) - 1;

  parse_truncations (ea_span_from_bytes (apdu), parse_truncated_command, &size_without_le);
}

static void
assert_command_rejected (const char *hex, EaCoreError code)
{
  g_autoptr (GBytes) apdu = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaApduCommand command;

  poison (&command, sizeof command);
  if (ea_apdu_parse_command (&command, ea_span_from_bytes (apdu), &error))
    fail_msg ("%s was read", hex);
  assert_core_error (&error, code);
  assert_true (is_poisoned (&command, sizeof command));
}

static void
test_bytes_after_le_are_malformed (void **state)
{
  assert_command_rejected ("00A40004023F000000", EA_CORE_ERROR_MALFORMED);
}

static void
test_extended_lengths_are_unsupported (void **state)
{
  assert_command_rejected ("00B0000000010000", EA_CORE_ERROR_UNSUPPORTED);
  assert_command_rejected ("00D6000000000201020000", EA_CORE_ERROR_UNSUPPORTED);
  assert_command_rejected ("00D600000000", EA_CORE_ERROR_UNSUPPORTED);
}

static void
assert_data_size (gsize size, guint ne)
{
  g_autofree guint8 *data = g_malloc0 (size);
  EaApduCommand command = { .cla = 0x80, .ins = 0xE2, .data = { data, size }, .ne = ne };
  g_autoptr (GBytes) apdu = ea_apdu_build_command (&command);
  EaApduCommand again = parse_command (apdu);

  assert_int_equal (g_bytes_get_size (apdu), 4 + (size > 0 ? 1 + size : 0) + (ne > 0 ? 1 : 0));
  assert_int_equal (again.data.size, size);
  assert_int_equal (again.ne, ne);
}

static void
test_data_and_ne_at_their_limits_are_read_as_they_were_written (void **state)
{
  static const gsize sizes[] = { 0, 1, 2, 127, 128, 254, EA_APDU_DATA_MAX };
  static const guint nes[] = { 0, 1, 255, EA_APDU_NE_MAX };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (nes); j++)
      assert_data_size (sizes[i], nes[j]);
}

static void
test_one_byte_more_than_le_allows_is_refused (void **state)
{
  g_autofree guint8 *apdu = g_malloc0 (4 + 1 + EA_APDU_DATA_MAX + 2);
  g_autoptr (GError) error = NULL;
  EaApduCommand command;

  apdu[4] = EA_APDU_DATA_MAX;

  assert_true (
      ea_apdu_parse_command (&command, ea_span_init (apdu, 4 + 1 + EA_APDU_DATA_MAX + 1), &error));
  assert_false (
      ea_apdu_parse_command (&command, ea_span_init (apdu, 4 + 1 + EA_APDU_DATA_MAX + 2), &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

static void
assert_response (const char *hex, const char *data, guint16 sw)
{
  g_autoptr (GBytes) apdu = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaApduResponse response;

  assert_true (ea_apdu_parse_response (&response, ea_span_from_bytes (apdu), &error));
  assert_span_is (response.data, data);
  assert_int_equal (response.sw, sw);
  assert_span_inside (response.data, ea_span_from_bytes (apdu));
}

static void
test_response_ends_with_its_status_word (void **state)
{
  assert_response ("9000", "", 0x9000);
  assert_response ("0271009132", "027100", 0x9132);
  assert_response ("6132", "", 0x6132);
}

static void
fail_truncated_response (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaApduResponse response;

  poison (&response, sizeof response);
  assert_false (ea_apdu_parse_response (&response, span, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_true (is_poisoned (&response, sizeof response));
}

static void
test_response_without_a_whole_status_word_is_truncated (void **state)
{
  static const guint8 ok[] = { 0x90, 0x00 };

  parse_truncations (EA_SPAN_OF_ARRAY (ok), fail_truncated_response, NULL);
}

static void
test_status_word_tells_what_comes_next (void **state)
{
  assert_int_equal (ea_apdu_get_next (0x6110), EA_APDU_NEXT_GET_RESPONSE);
  assert_int_equal (ea_apdu_get_next (0x6100), EA_APDU_NEXT_GET_RESPONSE);
  assert_int_equal (ea_apdu_get_next (0x6C10), EA_APDU_NEXT_REPEAT);
  assert_int_equal (ea_apdu_get_next (0x9000), EA_APDU_NEXT_NONE);
  assert_int_equal (ea_apdu_get_next (0x9110), EA_APDU_NEXT_NONE);
  assert_int_equal (ea_apdu_get_next (0x6061), EA_APDU_NEXT_NONE);
  assert_int_equal (ea_apdu_get_next (EA_APDU_SW_TOOLKIT_BUSY), EA_APDU_NEXT_NONE);
}

static void
test_length_of_zero_in_a_status_word_means_256 (void **state)
{
  assert_int_equal (ea_apdu_get_length (0x9100), 256);
  assert_int_equal (ea_apdu_get_length (0x9101), 1);
  assert_int_equal (ea_apdu_get_length (0x913F), 0x3F);
  assert_int_equal (ea_apdu_get_length (0x61FF), 255);
  assert_int_equal (ea_apdu_get_length (0x6C00), 256);
}

static void
test_only_91xx_announces_a_proactive_command (void **state)
{
  assert_true (ea_apdu_is_proactive (0x913F));
  assert_true (ea_apdu_is_proactive (0x9100));
  assert_false (ea_apdu_is_proactive (0x9000));
  assert_false (ea_apdu_is_proactive (0x9200));
  assert_false (ea_apdu_is_proactive (0x6191));
}

/* TS 102 221 §10.1.1, tables 10.3 and 10.4a: 0X/8X for channels 0 to 3, 4X/CX for 4 to 19. */
static void
test_channel_is_coded_into_the_class_byte (void **state)
{
  assert_int_equal (ea_apdu_code_channel (0x00, 0), 0x00);
  assert_int_equal (ea_apdu_code_channel (0x00, 3), 0x03);
  assert_int_equal (ea_apdu_code_channel (0x84, 5), 0xE1); /* secure messaging stays */
  assert_int_equal (ea_apdu_code_channel (0x0C, 19), 0x6F);
  assert_int_equal (ea_apdu_code_channel (0x80, 1), 0x81);
  assert_int_equal (ea_apdu_code_channel (0x84, 2), 0x86);
  assert_int_equal (ea_apdu_code_channel (0x00, 4), 0x40);
  assert_int_equal (ea_apdu_code_channel (0x80, 4), 0xC0);
  assert_int_equal (ea_apdu_code_channel (0x00, EA_APDU_CHANNEL_MAX), 0x4F);
  assert_int_equal (ea_apdu_code_channel (0x80, EA_APDU_CHANNEL_MAX), 0xCF);
}

/* TS 102 221 §10.2.1 and SGP.02's 69E1; an entry for a class of words stands behind those of single ones */
static void
test_status_words_have_names (void **state)
{
  assert_string_equal (ea_apdu_get_sw_name (0x9000), "normal ending of the command");
  assert_string_equal (ea_apdu_get_sw_name (0x910F),
                       "normal ending, a proactive command is waiting");
  assert_string_equal (ea_apdu_get_sw_name (0x6132), "normal ending, response data are available");
  assert_string_equal (ea_apdu_get_sw_name (0x6C10), "wrong length Le, exact length given");
  assert_string_equal (ea_apdu_get_sw_name (0x62F1), "more data available");
  assert_string_equal (ea_apdu_get_sw_name (0x6299), "warning, memory unchanged");
  assert_string_equal (ea_apdu_get_sw_name (0x63C3), "verification failed, retries remain");
  assert_string_equal (ea_apdu_get_sw_name (0x6985), "conditions of use not satisfied");
  assert_string_equal (ea_apdu_get_sw_name (0x69E1), "POL1 of the profile forbids it");
  assert_string_equal (ea_apdu_get_sw_name (0x6A80), "incorrect parameters in the data field");
  assert_string_equal (ea_apdu_get_sw_name (0x6A88), "referenced data not found");
  assert_null (ea_apdu_get_sw_name (0x0000));
  assert_null (ea_apdu_get_sw_name (0x9999));
}

static void
test_warnings_and_waiting_data_are_no_errors (void **state)
{
  static const guint16 good[] = { 0x9000, 0x9100, 0x91FF, 0x9210, 0x6110, 0x6282, 0x62F1, 0x63C1 };
  static const guint16 bad[]
      = { 0x9001, 0x9300, 0x9484, 0x6400, 0x6581, 0x6985, 0x6A82, 0x6C10, 0x6F00, 0x0000 };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    assert_true (ea_apdu_is_success (good[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_false (ea_apdu_is_success (bad[i]));
}

static void
assert_command_name (const char *hex, const char *name)
{
  g_autoptr (GBytes) apdu = bytes_of (hex);
  EaApduCommand command = parse_command (apdu);

  if (name == NULL)
    assert_null (ea_apdu_get_command_name (&command));
  else
    assert_string_equal (ea_apdu_get_command_name (&command), name);
}

static void
test_instructions_have_names (void **state)
{
  assert_command_name ("00A40004023F00", "SELECT");
  assert_command_name ("80E28800", "STORE DATA");
  assert_command_name ("80EC0101", "PUSH");
  assert_command_name ("80C20000", "ENVELOPE");
  assert_command_name ("80F2000C", "STATUS");
  assert_command_name ("80F24002", "GET STATUS");
  assert_command_name ("00E80000", "TERMINATE CARD USAGE");
  assert_command_name ("80E80000", "LOAD");
  assert_command_name ("00010000", NULL);
}

static void
test_errors_name_their_place (void **state)
{
  static const struct
  {
    const char *hex;
    gsize offset;
  } items[] = {
    { "00A400", 3 }, { "00A40004023F", 6 }, { "00A4000400023F00", 4 }, { "00A40004023F000011", 8 }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (items); i++)
    {
      g_autoptr (GBytes) apdu = bytes_of (items[i].hex);
      EaSpan span = ea_span_from_bytes (apdu);
      g_autoptr (GError) error = NULL;
      gsize offset = G_MAXSIZE;
      EaApduCommand command;

      assert_false (ea_apdu_parse_command (&command, span, &error));
      assert_true (ea_core_error_get_offset (error, span.data, span.size, &offset));
      assert_int_equal (offset, items[i].offset);
    }
}

static void
test_commands_that_leave_state_behind (void **state)
{
  static const struct
  {
    const char *hex;
    gboolean leaves_state;
  } rows[] = {
    { "80CA005A00", FALSE },                /* GET DATA */
    { "80F24002024F0000", FALSE },          /* GET STATUS, first */
    { "80F24003024F0000", TRUE },           /* next */
    { "80E40040034F0141", FALSE },          /* DELETE */
    { "80E28800023A03", FALSE },            /* STORE DATA, the only block */
    { "80E20900023A03", TRUE },             /* more to come */
    { "80E28801023A03", TRUE },             /* the last of several */
    { "80E60C000100", FALSE },              /* INSTALL, complete */
    { "80E68C000100", TRUE },               /* more to come */
    { "00A4040005A000000151", TRUE },       /* SELECT */
    { "8050010008AABBCCDDEEFF0011", TRUE }, /* INITIALIZE UPDATE */
    { "0020000108FFFFFFFFFFFFFFFF", TRUE }, /* VERIFY */
    { "00700000", TRUE },                   /* MANAGE CHANNEL */
    { "00FF0000", TRUE },                   /* whatever that is */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) apdu = bytes_of (rows[i].hex);
      EaApduCommand command;

      assert_true (ea_apdu_parse_command (&command, ea_span_from_bytes (apdu), NULL));
      if (ea_apdu_leaves_state (&command) != rows[i].leaves_state)
        fail_msg ("%s", rows[i].hex);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_each_of_the_four_cases_is_read_and_written),
    cmocka_unit_test (test_header_octets_come_in_their_order),
    cmocka_unit_test (test_every_truncation_of_a_command_is_truncated_or_a_shorter_case),
    cmocka_unit_test (test_bytes_after_le_are_malformed),
    cmocka_unit_test (test_extended_lengths_are_unsupported),
    cmocka_unit_test (test_data_and_ne_at_their_limits_are_read_as_they_were_written),
    cmocka_unit_test (test_one_byte_more_than_le_allows_is_refused),
    cmocka_unit_test (test_response_ends_with_its_status_word),
    cmocka_unit_test (test_response_without_a_whole_status_word_is_truncated),
    cmocka_unit_test (test_status_word_tells_what_comes_next),
    cmocka_unit_test (test_length_of_zero_in_a_status_word_means_256),
    cmocka_unit_test (test_only_91xx_announces_a_proactive_command),
    cmocka_unit_test (test_channel_is_coded_into_the_class_byte),
    cmocka_unit_test (test_status_words_have_names),
    cmocka_unit_test (test_warnings_and_waiting_data_are_no_errors),
    cmocka_unit_test (test_instructions_have_names),
    cmocka_unit_test (test_errors_name_their_place),
    cmocka_unit_test (test_commands_that_leave_state_behind),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
