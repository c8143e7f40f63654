/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whole command scripts and responses (agent/core/script.h) against TS 102 226 §5. Examples are pySim's (its
 * tests of expanded and compact formats) and a live card's over HTTPS.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/script.h"
#include "helpers.h"
#include "vectors.h"

#define ENABLE_APDU "80E28800153A03124F10A0000005591010FFFFFFFF8900001100"

static EaScript
parse (EaSpan span)
{
  g_autoptr (GError) error = NULL;
  EaScript script = { 0 };

  if (!ea_script_parse (&script, span, &error))
    fail_msg ("%s", error->message);
  return script;
}

static EaScriptObject
next (EaScriptCursor *cursor)
{
  g_autoptr (GError) error = NULL;
  EaScriptObject object = { 0 };

  assert_true (ea_script_cursor_has_next (cursor));
  if (!ea_script_cursor_next (cursor, &object, &error))
    fail_msg ("%s", error->message);
  return object;
}

/* The script has @format and the objects whose values are @values, up to NULL. */
static void
assert_script (const char *hex, EaScriptFormat format, const char *const *values)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaScript script = parse (ea_span_from_bytes (bytes));
  EaScriptCursor cursor;
  guint n_values = 0;

  assert_int_equal (script.format, format);
  ea_script_cursor_init (&cursor, EA_SCRIPT_DIRECTION_COMMANDS, script.format, script.objects);
  for (; values[n_values] != NULL; n_values++)
    {
      EaScriptObject object = next (&cursor);

      assert_span_is (object.value, values[n_values]);
      assert_span_inside (object.object, ea_span_from_bytes (bytes));
    }
  assert_false (ea_script_cursor_has_next (&cursor));
  assert_int_equal (script.n_objects, n_values);
}

static void
assert_rejected (const char *hex, EaCoreError code, gsize offset)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaSpan span = ea_span_from_bytes (bytes);
  g_autoptr (GError) error = NULL;
  gsize found = G_MAXSIZE;
  EaScript script;

  poison (&script, sizeof script);
  if (ea_script_parse (&script, span, &error))
    fail_msg ("%s was read", hex);
  assert_true (is_poisoned (&script, sizeof script));
  if (!ea_core_error_get_offset (error, span.data, span.size, &found) || found != offset)
    fail_msg ("%s: '%s' at %zu, not %zu", hex, error->message, found, offset);
  assert_core_error (&error, code);
}

static void
assert_response_rejected (const char *hex, EaCoreError code)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaScriptResponse response;

  poison (&response, sizeof response);
  if (ea_script_parse_response (&response, ea_span_from_bytes (bytes), &error))
    fail_msg ("%s was read", hex);
  assert_true (is_poisoned (&response, sizeof response));
  assert_core_error (&error, code);
}

static void
check_command_row (const Vector *vector)
{
  JsonArray *apdus = json_object_get_array_member (vector->expected, "c_apdus");
  EaScript script = parse (ea_span_from_bytes (vector->bytes));
  g_auto (EaScriptWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;
  EaScriptCursor cursor;

  vector_assert_number (vector, "format", script.format, EA_SCRIPT_FORMAT_DEFINITE);
  vector_assert_number (vector, "commands", script.n_objects, json_array_get_length (apdus));
  ea_script_cursor_init (&cursor, EA_SCRIPT_DIRECTION_COMMANDS, script.format, script.objects);
  ea_script_writer_init (&writer, EA_SCRIPT_DIRECTION_COMMANDS, EA_SCRIPT_FORMAT_DEFINITE);
  for (guint i = 0; i < script.n_objects; i++)
    {
      EaScriptObject object = next (&cursor);

      vector_assert_number (vector, "tag", object.tag, EA_SCRIPT_TAG_COMMAND_APDU);
      assert_span_is (object.value, json_array_get_string_element (apdus, i));
      ea_script_writer_add (&writer, object.tag, object.value);
    }
  assert_true (ea_script_writer_finish (&writer, 0, &error));
  built = ea_script_writer_pull (&writer);
  vector_assert (vector, g_bytes_equal (built, vector->bytes), "the script is written like this");
}

static void
check_r_apdus (const Vector *vector, EaScriptCursor *cursor)
{
  JsonArray *apdus = json_object_get_array_member (vector->expected, "r_apdus");

  for (guint i = 0; i < json_array_get_length (apdus); i++)
    {
      JsonObject *expected = json_array_get_object_element (apdus, i);
      EaScriptObject object = next (cursor);
      EaApduResponse response;
      guint64 sw;

      assert_true (ea_apdu_parse_response (&response, object.value, NULL));
      assert_span_is (response.data, json_object_get_string_member (expected, "data"));
      assert_true (json_get_number_string (expected, "sw", 16, &sw));
      vector_assert_number (vector, "status word", response.sw, sw);
    }
}

static void
check_bad_format (const Vector *vector, EaScriptCursor *cursor)
{
  EaScriptObject object = next (cursor);
  g_autofree char *text = NULL;
  EaReader reader;
  guint8 value;

  vector_assert_number (vector, "tag", object.tag, EA_SCRIPT_TAG_BAD_FORMAT);
  ea_reader_init (&reader, object.value);
  value = ea_reader_u8 (&reader);
  text = g_strdup_printf ("%02x %s", value, ea_script_get_bad_format_name (value));
  vector_assert_string (vector, "bad format", text, vector_get_string (vector, "bad_format"));
}

static void
check_response_row (const Vector *vector)
{
  g_autoptr (GError) error = NULL;
  EaScriptResponse response;
  EaScriptCursor cursor;
  gint64 executed;

  vector_assert (vector,
                 ea_script_parse_response (&response, ea_span_from_bytes (vector->bytes), &error),
                 "it can be read");
  assert_true (json_get_integer (vector->expected, "executed", &executed));
  vector_assert (vector, response.has_executed, "the number of executed commands is there");
  vector_assert_number (vector, "executed", response.executed, (guint64) executed);

  ea_script_cursor_init (&cursor, EA_SCRIPT_DIRECTION_RESPONSES, response.format, response.objects);
  assert_int_equal (next (&cursor).type, EA_SCRIPT_OBJECT_EXECUTED);
  if (vector_get_string (vector, "bad_format") != NULL)
    check_bad_format (vector, &cursor);
  else
    check_r_apdus (vector, &cursor);
  vector_assert (vector, !ea_script_cursor_has_next (&cursor), "there is no more");
}

static void
test_scripts_of_another_implementation_are_read_field_by_field (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("expanded-script.tsv");

  for (guint i = 0; i < vectors->len; i++)
    {
      const Vector *vector = vectors->pdata[i];

      if (g_strcmp0 (vector_get_string (vector, "template"), "AA") == 0)
        check_command_row (vector);
      else
        check_response_row (vector);
    }
  vectors_report ("expanded-script.tsv", vectors->len, vectors->len, "");
}

static void
test_format_is_told_by_the_first_octet (void **state)
{
  static const char *const status[] = { "80F24002024F0000", NULL };
  static const char *const get_data[] = { "80CA008500", NULL };
  static const char *const none[] = { NULL };

  assert_script ("AA0A220880F24002024F0000", EA_SCRIPT_FORMAT_DEFINITE, status);
  assert_script ("AE80220580CA0085000000", EA_SCRIPT_FORMAT_INDEFINITE, get_data);
  assert_script ("80CA008500", EA_SCRIPT_FORMAT_COMPACT, get_data);
  assert_script ("AA00", EA_SCRIPT_FORMAT_DEFINITE, none);
  assert_script ("AE800000", EA_SCRIPT_FORMAT_INDEFINITE, none);
}

static void
test_commands_of_a_compact_script_are_cut_at_their_lengths (void **state)
{
  static const char *const select[] = { "00A40004023F00", NULL };
  static const char *const with_response[] = { "00A40004023F00", "00C0000010", NULL };
  static const char *const in_the_middle[] = { "00A4000400", "00A40004023F00", NULL };
  static const char *const with_le[] = { "80E6000001AA", "80F24002024F0000", NULL };
  static const char *const header_only[] = { "00A40004023F00", "80F2000C", NULL };
  static const char *const sim[] = { "A0A40000023F00", "A0B000000A", NULL };

  assert_script ("00A40004023F00", EA_SCRIPT_FORMAT_COMPACT, select);
  assert_script ("00A40004023F0000C0000010", EA_SCRIPT_FORMAT_COMPACT, with_response);
  assert_script ("00A400040000A40004023F00", EA_SCRIPT_FORMAT_COMPACT, in_the_middle);
  assert_script ("80E6000001AA80F24002024F0000", EA_SCRIPT_FORMAT_COMPACT, with_le);
  assert_script ("00A40004023F0080F2000C", EA_SCRIPT_FORMAT_COMPACT, header_only);
  assert_script ("A0A40000023F00A0B000000A", EA_SCRIPT_FORMAT_COMPACT, sim);
}

static void
test_compact_script_that_ends_within_a_command_is_truncated (void **state)
{
  assert_rejected ("00A400", EA_CORE_ERROR_TRUNCATED, 3);
  assert_rejected ("00A40004023F", EA_CORE_ERROR_TRUNCATED, 6);
  assert_rejected ("00A40004023F00808080", EA_CORE_ERROR_TRUNCATED, 10);
  assert_rejected ("00A400040000", EA_CORE_ERROR_TRUNCATED, 6);
}

static EaScriptObject
parse_only_object (const char *hex)
{
  GBytes *bytes = bytes_of (hex); /* freed below: the object is compared by its numbers */
  EaScript script = parse (ea_span_from_bytes (bytes));
  EaScriptCursor cursor;
  EaScriptObject object;

  ea_script_cursor_init (&cursor, EA_SCRIPT_DIRECTION_COMMANDS, script.format, script.objects);
  object = next (&cursor);
  object.value = object.object = EA_SPAN_EMPTY;
  g_bytes_unref (bytes);
  return object;
}

static void
test_each_tag_has_its_type (void **state)
{
  assert_int_equal (parse_only_object ("AA07220580CA008500").type, EA_SCRIPT_OBJECT_APDU);
  assert_int_equal (parse_only_object ("AA03810101").type, EA_SCRIPT_OBJECT_IMMEDIATE_ACTION);
  assert_int_equal (parse_only_object ("AA028200").type, EA_SCRIPT_OBJECT_ERROR_ACTION);
  assert_int_equal (parse_only_object ("AA03830111").type, EA_SCRIPT_OBJECT_CHAINING);
  assert_int_equal (parse_only_object ("AA0484020102").type, EA_SCRIPT_OBJECT_SCP03T);
  assert_int_equal (parse_only_object ("AA028800").type, EA_SCRIPT_OBJECT_SCP03T);
}

/* TS 101 220 §7.1.1: the objects are those of the toolkit */
static void
test_apdus_may_have_the_comprehension_bit (void **state)
{
  static const char *const commands[] = { "80CA004500", NULL };

  assert_script ("AA07A20580CA004500", EA_SCRIPT_FORMAT_DEFINITE, commands);
  assert_script ("AE80A20580CA0045000000", EA_SCRIPT_FORMAT_INDEFINITE, commands);
  assert_int_equal (parse_only_object ("AA07A20580CA004500").type, EA_SCRIPT_OBJECT_APDU);
  assert_rejected ("AA03A30101", EA_CORE_ERROR_UNSUPPORTED, 2);
}

static void
test_unknown_tags_are_unsupported (void **state)
{
  assert_rejected ("AA03230101", EA_CORE_ERROR_UNSUPPORTED, 2);
  assert_rejected ("AA07220580CA0085008900", EA_CORE_ERROR_MALFORMED, 9);
  assert_rejected ("AA09220580CA0085008900", EA_CORE_ERROR_UNSUPPORTED, 9);
  assert_rejected ("AA039F4400", EA_CORE_ERROR_UNSUPPORTED, 2);
  assert_rejected ("AA049F840100", EA_CORE_ERROR_UNSUPPORTED, 2);
}

static void
test_script_of_the_other_direction_is_named (void **state)
{
  assert_rejected ("AB0780010123026132", EA_CORE_ERROR_UNSUPPORTED, 0);
  assert_rejected ("AF8023026A880000", EA_CORE_ERROR_UNSUPPORTED, 0);
  assert_response_rejected ("AA0A220880F24002024F0000", EA_CORE_ERROR_UNSUPPORTED);
  assert_response_rejected ("AE800000", EA_CORE_ERROR_UNSUPPORTED);
}

static void
test_template_has_the_length_that_belongs_to_its_tag (void **state)
{
  assert_rejected ("AA80220580CA0085000000", EA_CORE_ERROR_MALFORMED, 0);
  assert_rejected ("AE07220580CA008500", EA_CORE_ERROR_MALFORMED, 0);
  assert_rejected ("AA04228000000000", EA_CORE_ERROR_MALFORMED, 2);
}

static void
test_bytes_after_a_script_are_malformed (void **state)
{
  assert_rejected ("AA07220580CA00850000", EA_CORE_ERROR_MALFORMED, 9);
  assert_rejected ("AE80220580CA008500000000", EA_CORE_ERROR_MALFORMED, 11);
  assert_rejected ("AE800001", EA_CORE_ERROR_MALFORMED, 2);
}

static void
test_apdu_that_does_not_fit_its_object_is_malformed (void **state)
{
  assert_rejected ("AA04220200A4", EA_CORE_ERROR_MALFORMED, 6);
  assert_rejected ("AA08220600A40004023F", EA_CORE_ERROR_MALFORMED, 10);
  assert_rejected ("AA0B220900A40004023F000011", EA_CORE_ERROR_MALFORMED, 12);
}

static void
test_extended_length_is_malformed (void **state)
{
  assert_rejected ("AA0A220800D6000000000201", EA_CORE_ERROR_MALFORMED, 8);
}

static void
test_object_that_goes_beyond_its_script_is_malformed (void **state)
{
  assert_rejected ("AA0422050102", EA_CORE_ERROR_MALFORMED, 6);
  assert_rejected ("AA022201", EA_CORE_ERROR_MALFORMED, 4);
  assert_rejected ("AA0122", EA_CORE_ERROR_TRUNCATED, 3);
  assert_rejected ("AA032282FF", EA_CORE_ERROR_TRUNCATED, 5);
  assert_rejected ("AE80220501", EA_CORE_ERROR_TRUNCATED, 5);
}

/* TS 102 226 §5.2.1.2 and §5.2.1.4 */
static void
test_chaining_comes_first_and_actions_before_the_commands (void **state)
{
  static const char *const actions[] = { "81", "810301010482028182", NULL };
  static const char *const both[] = { "01", "82", "80CA008500", NULL };
  static const char *const action[] = { "81", "80CA008500", NULL };

  assert_script ("AA0D830101810182220580CA008500", EA_SCRIPT_FORMAT_DEFINITE, both);
  assert_script ("AA0A810181220580CA008500", EA_SCRIPT_FORMAT_DEFINITE, action);
  assert_script ("AA0E8101818109810301010482028182", EA_SCRIPT_FORMAT_DEFINITE, actions);
  assert_rejected ("AA0A220580CA008500830101", EA_CORE_ERROR_MALFORMED, 9);
  assert_rejected ("AA0A220580CA008500810181", EA_CORE_ERROR_MALFORMED, 9);
  assert_rejected ("AA0C220580CA0085008200810181", EA_CORE_ERROR_MALFORMED, 11);
  assert_rejected ("AA06810181830101", EA_CORE_ERROR_MALFORMED, 5);
  assert_rejected ("AA06830101830101", EA_CORE_ERROR_MALFORMED, 5);
}

static void
test_action_is_one_octet_or_toolkit_objects (void **state)
{
  static const char *const objects[] = { "810301210082028182", NULL };

  assert_script ("AA0B8109810301210082028182", EA_SCRIPT_FORMAT_DEFINITE, objects);
  assert_rejected ("AA028100", EA_CORE_ERROR_MALFORMED, 2);
  assert_rejected ("AA0481028103", EA_CORE_ERROR_MALFORMED, 6);
  assert_rejected ("AA0482028103", EA_CORE_ERROR_MALFORMED, 6);
  assert_rejected ("AA0483020101", EA_CORE_ERROR_MALFORMED, 2);
  assert_rejected ("AA028300", EA_CORE_ERROR_MALFORMED, 2);
}

static EaScriptAction
get_action (const char *hex)
{
  g_autoptr (GBytes) value = bytes_of (hex);

  return ea_script_get_action (ea_span_from_bytes (value));
}

static void
test_actions_have_meanings_and_names (void **state)
{
  assert_int_equal (get_action (""), EA_SCRIPT_ACTION_NONE);
  assert_int_equal (get_action ("00"), EA_SCRIPT_ACTION_RESERVED);
  assert_int_equal (get_action ("01"), EA_SCRIPT_ACTION_RECORD);
  assert_int_equal (get_action ("7F"), EA_SCRIPT_ACTION_RECORD);
  assert_int_equal (get_action ("80"), EA_SCRIPT_ACTION_RESERVED);
  assert_int_equal (get_action ("81"), EA_SCRIPT_ACTION_SESSION);
  assert_int_equal (get_action ("82"), EA_SCRIPT_ACTION_EARLY_RESPONSE);
  assert_int_equal (get_action ("83"), EA_SCRIPT_ACTION_RESERVED);
  assert_int_equal (get_action ("8100"), EA_SCRIPT_ACTION_OBJECTS);
  for (int action = EA_SCRIPT_ACTION_NONE; action < EA_SCRIPT_ACTION_RESERVED; action++)
    assert_non_null (ea_script_get_action_name ((EaScriptAction) action));
  assert_null (ea_script_get_action_name (EA_SCRIPT_ACTION_RESERVED));
}

static void
test_values_have_the_standards_words (void **state)
{
  assert_string_equal (ea_script_get_bad_format_name (0x02), "wrong length");
  assert_string_equal (ea_script_get_chaining_name (0x03), "subsequent script, the last");
  assert_string_equal (ea_script_get_chaining_response_name (0x01), "no previous script");
  assert_string_equal (ea_script_get_action_response_name (0x01), "suspension error");
  assert_string_equal (ea_script_get_tag_name (EA_SCRIPT_DIRECTION_RESPONSES, 0x9F86),
                       "SCP03t protected data error");
  assert_null (ea_script_get_bad_format_name (0x04));
  assert_null (ea_script_get_chaining_name (0x12));
  assert_null (ea_script_get_chaining_response_name (0x00));
  assert_null (ea_script_get_action_response_name (0x02));
  assert_null (ea_script_get_tag_name (EA_SCRIPT_DIRECTION_COMMANDS, 0x23));
}

static void
test_what_is_wrong_with_a_script_can_be_answered (void **state)
{
  assert_int_equal (ea_script_get_bad_format (EA_CORE_ERROR_UNSUPPORTED), 0x01);
  assert_int_equal (ea_script_get_bad_format (EA_CORE_ERROR_MALFORMED), 0x02);
  assert_int_equal (ea_script_get_bad_format (EA_CORE_ERROR_LIMIT), 0x02);
  assert_int_equal (ea_script_get_bad_format (EA_CORE_ERROR_TRUNCATED), 0x03);
}

static void
assert_message (const char *hex, const char *message)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaScriptResponse response;

  assert_false (ea_script_parse_response (&response, ea_span_from_bytes (bytes), &error));
  assert_string_equal (error->message, message);
}

static void
test_error_tells_the_sizes_that_an_object_may_have (void **state)
{
  assert_message ("AB0780050000000001",
                  "Object 80, number of executed commands, has 5 bytes, not 1 to 4");
  assert_message ("AB058001019000", "Object 90, bad format, has 0 bytes, not 1");
}

static void
fail_truncated (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaScript script;

  poison (&script, sizeof script);
  assert_false (ea_script_parse (&script, span, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_true (is_poisoned (&script, sizeof script));
}

static void
fail_truncated_response (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaScriptResponse response;

  poison (&response, sizeof response);
  assert_false (ea_script_parse_response (&response, span, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_true (is_poisoned (&response, sizeof response));
}

static void
test_every_truncation_of_an_expanded_script_is_truncated (void **state)
{
  static const char *const commands[]
      = { "AA1C221A" ENABLE_APDU, "AE80830101221A" ENABLE_APDU "220580CA0085000000" };
  static const char *const responses[] = { "AB0780010123026132", "AF8023030090009001010000" };

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (GBytes) script = bytes_of (commands[i]);

      (void) parse (ea_span_from_bytes (script));
      parse_truncations (ea_span_from_bytes (script), fail_truncated, NULL);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (responses); i++)
    {
      g_autoptr (GBytes) script = bytes_of (responses[i]);
      EaScriptResponse response;

      assert_true (ea_script_parse_response (&response, ea_span_from_bytes (script), NULL));
      parse_truncations (ea_span_from_bytes (script), fail_truncated_response, NULL);
    }
}

static void
test_compact_response_has_number_status_word_and_data (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("02612F6201");
  g_autoptr (GError) error = NULL;
  EaScriptResponse response;

  assert_true (ea_script_parse_response (&response, ea_span_from_bytes (bytes), &error));

  assert_int_equal (response.format, EA_SCRIPT_FORMAT_COMPACT);
  assert_true (response.has_executed);
  assert_int_equal (response.executed, 2);
  assert_int_equal (response.last.sw, 0x612F);
  assert_span_is (response.last.data, "6201");
  assert_response_rejected ("0161", EA_CORE_ERROR_TRUNCATED);
}

static void
assert_executed (const char *hex, gboolean is_there, guint32 executed)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaScriptResponse response;

  assert_true (ea_script_parse_response (&response, ea_span_from_bytes (bytes), &error));
  assert_int_equal (response.has_executed, is_there);
  assert_int_equal (response.executed, executed);
}

static void
test_number_of_executed_commands_is_an_integer_of_up_to_four_octets (void **state)
{
  assert_executed ("AB03800100", TRUE, 0);
  assert_executed ("AB038001FF", TRUE, 255);
  assert_executed ("AB0480020100", TRUE, 256);
  assert_executed ("AB06800400010000", TRUE, 65536);
  assert_executed ("AF8023026A880000", FALSE, 0);
  assert_response_rejected ("AB028000", EA_CORE_ERROR_MALFORMED);
  assert_response_rejected ("AB0780050000000001", EA_CORE_ERROR_MALFORMED);
}

/* SGP.02 §4.1.3.3; 9F84 is no tag of BER, and known nevertheless */
static void
test_sealed_responses_and_their_errors_are_carried (void **state)
{
  static const guint32 tags[] = { 0x84, 0x9F84, 0x9F46, 0x86, 0x9F88 };
  g_autoptr (GBytes) bytes = bytes_of ("AF8084021122"
                                       "9F840101"
                                       "9F460102"
                                       "8600"
                                       "9F8800"
                                       "0000");
  g_autoptr (GError) error = NULL;
  EaScriptResponse response;
  EaScriptCursor cursor;

  assert_true (ea_script_parse_response (&response, ea_span_from_bytes (bytes), &error));
  ea_script_cursor_init (&cursor, EA_SCRIPT_DIRECTION_RESPONSES, response.format, response.objects);
  for (gsize i = 0; i < G_N_ELEMENTS (tags); i++)
    {
      EaScriptObject object = next (&cursor);

      assert_int_equal (object.type, EA_SCRIPT_OBJECT_SCP03T);
      assert_int_equal (object.tag, tags[i]);
      if (tags[i] == 0x9F84)
        assert_span_is (object.object, "9F840101");
    }
  assert_false (ea_script_cursor_has_next (&cursor));
}

static void
test_definite_response_begins_with_the_number_of_executed_commands (void **state)
{
  assert_response_rejected ("AB00", EA_CORE_ERROR_MISSING);
  assert_response_rejected ("AB0423026132", EA_CORE_ERROR_MISSING);
  assert_response_rejected ("AB0723026132800101", EA_CORE_ERROR_MALFORMED);
}

static void
test_response_objects_of_the_wrong_size_are_malformed (void **state)
{
  assert_response_rejected ("AB06800101230161", EA_CORE_ERROR_MALFORMED);
  assert_response_rejected ("AB058001019000", EA_CORE_ERROR_MALFORMED);
  assert_response_rejected ("AB058001018300", EA_CORE_ERROR_MALFORMED);
  assert_response_rejected ("AB058001018100", EA_CORE_ERROR_MALFORMED);
  assert_response_rejected ("AB058001018200", EA_CORE_ERROR_UNSUPPORTED);
  assert_response_rejected ("AB06800101220180", EA_CORE_ERROR_UNSUPPORTED);
}

/* (transfer full): AA with one sealed object of @size bytes */
static GBytes *
build_sealed (gsize size)
{
  g_autofree guint8 *zeroes = g_malloc0 (size);
  g_auto (EaWriter) head = { 0 };
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&head);
  ea_writer_u8 (&head, 0x86);
  ea_writer_u8 (&head, 0x83);
  ea_writer_u24be (&head, (guint32) size);
  ea_writer_init (&writer);
  ea_writer_u8 (&writer, 0xAA);
  ea_writer_u8 (&writer, 0x83);
  ea_writer_u24be (&writer, (guint32) (ea_writer_span (&head).size + size));
  ea_writer_bytes (&writer, ea_writer_span (&head));
  ea_writer_bytes (&writer, ea_span_init (zeroes, size));
  return ea_writer_steal (&writer);
}

static void
test_object_has_at_most_65535_bytes (void **state)
{
  g_autoptr (GBytes) largest = build_sealed (EA_SCRIPT_VALUE_MAX);
  g_autoptr (GBytes) larger = build_sealed (EA_SCRIPT_VALUE_MAX + 1);
  g_autoptr (GError) error = NULL;
  EaScript script;

  assert_int_equal (parse (ea_span_from_bytes (largest)).n_objects, 1);
  assert_false (ea_script_parse (&script, ea_span_from_bytes (larger), &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static void
test_script_has_at_most_65535_objects (void **state)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;
  EaScript script;

  ea_writer_init (&writer);
  for (guint i = 0; i < EA_SCRIPT_OBJECTS_MAX; i++)
    {
      ea_writer_u32be (&writer, 0x80F20000);
      ea_writer_u8 (&writer, 0x00);
    }
  assert_int_equal (parse (ea_writer_span (&writer)).n_objects, EA_SCRIPT_OBJECTS_MAX);

  ea_writer_u32be (&writer, 0x80F20000);
  assert_false (ea_script_parse (&script, ea_writer_span (&writer), &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static void
test_no_bytes_are_no_script (void **state)
{
  EaScript script;
  g_autoptr (GError) error = NULL;

  assert_false (ea_script_parse (&script, EA_SPAN_EMPTY, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_scripts_of_another_implementation_are_read_field_by_field),
    cmocka_unit_test (test_format_is_told_by_the_first_octet),
    cmocka_unit_test (test_commands_of_a_compact_script_are_cut_at_their_lengths),
    cmocka_unit_test (test_compact_script_that_ends_within_a_command_is_truncated),
    cmocka_unit_test (test_each_tag_has_its_type),
    cmocka_unit_test (test_apdus_may_have_the_comprehension_bit),
    cmocka_unit_test (test_unknown_tags_are_unsupported),
    cmocka_unit_test (test_script_of_the_other_direction_is_named),
    cmocka_unit_test (test_template_has_the_length_that_belongs_to_its_tag),
    cmocka_unit_test (test_bytes_after_a_script_are_malformed),
    cmocka_unit_test (test_apdu_that_does_not_fit_its_object_is_malformed),
    cmocka_unit_test (test_extended_length_is_malformed),
    cmocka_unit_test (test_object_that_goes_beyond_its_script_is_malformed),
    cmocka_unit_test (test_chaining_comes_first_and_actions_before_the_commands),
    cmocka_unit_test (test_action_is_one_octet_or_toolkit_objects),
    cmocka_unit_test (test_actions_have_meanings_and_names),
    cmocka_unit_test (test_values_have_the_standards_words),
    cmocka_unit_test (test_what_is_wrong_with_a_script_can_be_answered),
    cmocka_unit_test (test_error_tells_the_sizes_that_an_object_may_have),
    cmocka_unit_test (test_every_truncation_of_an_expanded_script_is_truncated),
    cmocka_unit_test (test_compact_response_has_number_status_word_and_data),
    cmocka_unit_test (test_number_of_executed_commands_is_an_integer_of_up_to_four_octets),
    cmocka_unit_test (test_sealed_responses_and_their_errors_are_carried),
    cmocka_unit_test (test_definite_response_begins_with_the_number_of_executed_commands),
    cmocka_unit_test (test_response_objects_of_the_wrong_size_are_malformed),
    cmocka_unit_test (test_object_has_at_most_65535_bytes),
    cmocka_unit_test (test_script_has_at_most_65535_objects),
    cmocka_unit_test (test_no_bytes_are_no_script),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
