/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Scripts in pieces and their writer (agent/core/script.h) against TS 102 226 §5 and live examples. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/script.h"
#include "helpers.h"

/* CreateISDP in a script as an SM-SR sends it over HTTPS, and the card's answer */
#define CREATE_APDU                                                                                \
  "80E60C003F10A0000005591010FFFFFFFF8900000D0010A0000005591010FFFFFFFF8900000E0010A00000055910"   \
  "10FFFFFFFF89000012000380C00006C904810203700000"
#define CREATE_SCRIPT "AE802245" CREATE_APDU "0000"

/* Feeds @span in pieces of @size bytes; the objects behind each other, each with "|" after it, in hexadecimal. */
static char *
read_in_pieces (EaSpan span, gsize size, gboolean *is_good)
{
  g_auto (EaScriptReader) reader = { 0 };
  GString *objects = g_string_new (NULL);
  EaScriptObject object;

  ea_script_reader_init (&reader);
  *is_good = TRUE;
  for (EaSpan rest = span; *is_good && rest.size > 0; rest = ea_span_tail (rest, size))
    {
      EaSpan piece = ea_span_head (rest, size);

      while (*is_good && piece.size > 0)
        {
          *is_good = ea_script_reader_feed (&reader, &piece, NULL);
          if (*is_good && ea_script_reader_pull (&reader, &object))
            {
              ea_span_append_hex (object.value, objects);
              g_string_append_c (objects, '|');
            }
        }
    }
  *is_good = *is_good && ea_script_reader_end (&reader, NULL);
  if (*is_good && ea_script_reader_pull (&reader, &object))
    {
      ea_span_append_hex (object.value, objects);
      g_string_append_c (objects, '|');
    }
  return g_string_free (objects, FALSE);
}

static void
test_objects_are_the_same_for_pieces_of_every_size (void **state)
{
  static const struct
  {
    const char *hex;
    const char *objects;
  } scripts[] = {
    { CREATE_SCRIPT, CREATE_APDU "|" },
    { "AA0D830101810182220580CA008500", "01|82|80CA008500|" },
    { "AE80840301020386028899"
      "0000",
      "010203|8899|" },
    { "00A40004023F0000A40004022FE200C0000010", "00A40004023F00|00A40004022FE2|00C0000010|" },
    { "80F24002024F0000", "80F24002024F0000|" },
    { "00A40004023F0080F2000C", "00A40004023F00|80F2000C|" },
    { "AA00", "" },
    { "AE800000", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autoptr (GBytes) bytes = bytes_of (scripts[i].hex);

      for (gsize size = 1; size <= g_bytes_get_size (bytes); size++)
        {
          gboolean is_good;
          g_autofree char *objects = read_in_pieces (ea_span_from_bytes (bytes), size, &is_good);

          assert_true (is_good);
          assert_string_equal (objects, scripts[i].objects);
        }
    }
}

static void
fail_in_pieces (EaSpan span, gpointer user_data)
{
  for (gsize size = 1; size <= span.size; size++)
    {
      gboolean is_good;
      g_autofree char *objects = read_in_pieces (span, size, &is_good);

      assert_non_null (objects);
      assert_false (is_good);
    }
}

static void
test_every_truncation_of_a_script_in_pieces_is_refused (void **state)
{
  static const char *const scripts[] = { CREATE_SCRIPT, "AA0D830101810182220580CA008500" };

  for (gsize i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autoptr (GBytes) bytes = bytes_of (scripts[i]);

      parse_truncations (ea_span_from_bytes (bytes), fail_in_pieces, NULL);
    }
}

/* What is wrong with @hex, and that nothing more is taken after it was found. */
static void
assert_refused (const char *hex, EaCoreError code)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaSpan rest = ea_span_from_bytes (bytes);
  g_auto (EaScriptReader) reader = { 0 };
  g_autoptr (GError) error = NULL;
  EaScriptObject object;
  EaSpan more;

  ea_script_reader_init (&reader);
  while (rest.size > 0 && ea_script_reader_feed (&reader, &rest, &error))
    (void) ea_script_reader_pull (&reader, &object);
  if (error == NULL)
    (void) ea_script_reader_end (&reader, &error);
  assert_core_error (&error, code);

  more = ea_span_from_bytes (bytes);
  if (more.size > 0)
    {
      assert_false (ea_script_reader_feed (&reader, &more, &error));
      assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
    }
  assert_false (ea_script_reader_pull (&reader, &object));
  assert_false (ea_script_reader_end (&reader, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
}

static void
test_bad_script_is_refused_when_its_badness_arrives (void **state)
{
  assert_refused ("AB0780010123026132", EA_CORE_ERROR_UNSUPPORTED);
  assert_refused ("AA80", EA_CORE_ERROR_MALFORMED);
  assert_refused ("AE02", EA_CORE_ERROR_MALFORMED);
  assert_refused ("AA84", EA_CORE_ERROR_MALFORMED);
  assert_refused ("AA022205", EA_CORE_ERROR_MALFORMED);
  assert_refused ("AA0422050102", EA_CORE_ERROR_MALFORMED);
  assert_refused ("AA03228201", EA_CORE_ERROR_TRUNCATED);
  assert_refused ("AA0122", EA_CORE_ERROR_TRUNCATED);
  assert_refused ("AE802280", EA_CORE_ERROR_MALFORMED);
  assert_refused ("AE808683010000", EA_CORE_ERROR_LIMIT);
  assert_refused ("AE802500", EA_CORE_ERROR_UNSUPPORTED);
  assert_refused ("AE80220580CA00850082008101810000", EA_CORE_ERROR_MALFORMED);
  assert_refused ("AE800001", EA_CORE_ERROR_MALFORMED);
  assert_refused ("AE80000000", EA_CORE_ERROR_MALFORMED);
  assert_refused ("AA0000", EA_CORE_ERROR_MALFORMED);
  assert_refused ("00A400040000", EA_CORE_ERROR_TRUNCATED);
  assert_refused ("00A4", EA_CORE_ERROR_TRUNCATED);
  assert_refused ("", EA_CORE_ERROR_TRUNCATED);
}

static void
test_object_comes_out_before_its_script_is_complete (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("AE80220580CA008500");
  EaSpan rest = ea_span_from_bytes (bytes);
  g_auto (EaScriptReader) reader = { 0 };
  g_autoptr (GError) error = NULL;
  EaScriptFormat format;
  EaScriptObject object;

  ea_script_reader_init (&reader);
  assert_false (ea_script_reader_get_format (&reader, &format));
  assert_false (ea_script_reader_pull (&reader, &object));
  assert_true (ea_script_reader_feed (&reader, &rest, &error));

  assert_int_equal (rest.size, 0);
  assert_true (ea_script_reader_get_format (&reader, &format));
  assert_int_equal (format, EA_SCRIPT_FORMAT_INDEFINITE);
  assert_true (ea_script_reader_pull (&reader, &object));
  assert_int_equal (object.type, EA_SCRIPT_OBJECT_APDU);
  assert_span_is (object.value, "80CA008500");
  assert_span_is (object.object, "220580CA008500");
}

static void
test_reader_keeps_no_more_than_one_object (void **state)
{
  g_autoptr (GBytes) command = bytes_of ("220580CA008500");
  g_autoptr (GBytes) start = bytes_of ("AE80");
  EaSpan piece = ea_span_from_bytes (start);
  g_auto (EaScriptReader) reader = { 0 };
  g_autoptr (GError) error = NULL;
  EaScriptObject object;

  ea_script_reader_init (&reader);
  assert_true (ea_script_reader_feed (&reader, &piece, &error));
  for (guint i = 0; i < 10000; i++)
    {
      piece = ea_span_from_bytes (command);
      assert_true (ea_script_reader_feed (&reader, &piece, &error));
      assert_true (ea_script_reader_pull (&reader, &object));
      assert_int_equal (reader.pending->len, g_bytes_get_size (command));
    }
}

static void
assert_pulled (EaScriptWriter *writer, const char *hex)
{
  g_autoptr (GBytes) bytes = ea_script_writer_pull (writer);

  if (hex == NULL)
    assert_null (bytes);
  else
    assert_bytes_are (bytes, hex);
}

static void
add_response (EaScriptWriter *writer, const char *data, guint16 sw)
{
  g_autoptr (GBytes) bytes = bytes_of (data);

  ea_script_writer_add_response (writer, ea_span_from_bytes (bytes), sw);
}

static void
test_response_of_indefinite_length_goes_out_as_it_comes (void **state)
{
  g_auto (EaScriptWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;

  ea_script_writer_init (&writer, EA_SCRIPT_DIRECTION_RESPONSES, EA_SCRIPT_FORMAT_INDEFINITE);
  assert_pulled (&writer, NULL);
  add_response (&writer, "00", 0x9000);
  assert_pulled (&writer, "AF802303009000");
  assert_pulled (&writer, NULL);
  add_response (&writer, "", 0x6A88);
  assert_pulled (&writer, "23026A88");
  assert_true (ea_script_writer_finish (&writer, 2, &error));
  assert_pulled (&writer, "0000");
  assert_pulled (&writer, NULL);
}

static void
test_response_of_definite_length_waits_for_its_end (void **state)
{
  g_auto (EaScriptWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;

  ea_script_writer_init (&writer, EA_SCRIPT_DIRECTION_RESPONSES, EA_SCRIPT_FORMAT_DEFINITE);
  add_response (&writer, "", 0x6132);
  assert_pulled (&writer, NULL);
  assert_true (ea_script_writer_finish (&writer, 1, &error));
  assert_pulled (&writer, "AB0780010123026132");
}

static void
test_bad_format_is_written_like_another_implementation_does (void **state)
{
  static const guint8 unknown_tag[] = { EA_SCRIPT_BAD_FORMAT_UNKNOWN_TAG };
  g_auto (EaScriptWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;

  ea_script_writer_init (&writer, EA_SCRIPT_DIRECTION_RESPONSES, EA_SCRIPT_FORMAT_DEFINITE);
  ea_script_writer_add (&writer, EA_SCRIPT_TAG_BAD_FORMAT, EA_SPAN_OF_ARRAY (unknown_tag));
  assert_true (ea_script_writer_finish (&writer, 1, &error));
  assert_pulled (&writer, "AB06800101900101");
}

static void
test_compact_response_keeps_the_last_one_only (void **state)
{
  g_auto (EaScriptWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;

  ea_script_writer_init (&writer, EA_SCRIPT_DIRECTION_RESPONSES, EA_SCRIPT_FORMAT_COMPACT);
  add_response (&writer, "AABB", 0x9000);
  add_response (&writer, "6F01", 0x612F);
  assert_true (ea_script_writer_finish (&writer, 2, &error));
  assert_pulled (&writer, "02612F6F01");
}

static void
test_empty_scripts_are_written (void **state)
{
  static const char *const expected[] = { NULL, "AA00", "AE800000" };

  for (int format = EA_SCRIPT_FORMAT_COMPACT; format <= EA_SCRIPT_FORMAT_INDEFINITE; format++)
    {
      g_auto (EaScriptWriter) writer = { 0 };
      g_autoptr (GError) error = NULL;

      ea_script_writer_init (&writer, EA_SCRIPT_DIRECTION_COMMANDS, (EaScriptFormat) format);
      assert_true (ea_script_writer_finish (&writer, 0, &error));
      assert_pulled (&writer, expected[format]);
    }
}

static void
test_number_of_executed_commands_is_a_positive_integer (void **state)
{
  static const struct
  {
    guint32 executed;
    const char *hex;
  } numbers[] = {
    { 0, "AB03800100" },
    { 127, "AB0380017F" },
    { 128, "AB0480020080" },
    { 32767, "AB0480027FFF" },
    { 32768, "AB058003008000" },
    { 0x7FFFFF, "AB0580037FFFFF" },
    { 0x800000, "AB06800400800000" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_auto (EaScriptWriter) writer = { 0 };
      g_autoptr (GError) error = NULL;

      ea_script_writer_init (&writer, EA_SCRIPT_DIRECTION_RESPONSES, EA_SCRIPT_FORMAT_DEFINITE);
      assert_true (ea_script_writer_finish (&writer, numbers[i].executed, &error));
      assert_pulled (&writer, numbers[i].hex);
    }
}

static gboolean
finish_sealed (gsize size, GError **error)
{
  g_autofree guint8 *zeroes = g_malloc0 (size);
  g_auto (EaScriptWriter) writer = { 0 };

  ea_script_writer_init (&writer, EA_SCRIPT_DIRECTION_RESPONSES, EA_SCRIPT_FORMAT_DEFINITE);
  ea_script_writer_add (&writer, 0x86, ea_span_init (zeroes, size));
  return ea_script_writer_finish (&writer, 1, error);
}

static void
test_writer_keeps_at_most_65535_bytes (void **state)
{
  const gsize head = 4; /* 86 82 LLLL */
  g_autoptr (GError) error = NULL;

  assert_true (finish_sealed (EA_SCRIPT_BODY_MAX - head, &error));
  assert_false (finish_sealed (EA_SCRIPT_BODY_MAX - head + 1, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static gboolean
finish_compact (guint32 executed, const char *data, GError **error)
{
  g_auto (EaScriptWriter) writer = { 0 };

  ea_script_writer_init (&writer, EA_SCRIPT_DIRECTION_RESPONSES, EA_SCRIPT_FORMAT_COMPACT);
  if (data != NULL)
    add_response (&writer, data, 0x9000);
  return ea_script_writer_finish (&writer, executed, error);
}

static void
test_compact_response_tells_at_most_255_commands_and_needs_a_status_word (void **state)
{
  g_autoptr (GError) error = NULL;

  assert_true (finish_compact (255, "", &error));
  assert_false (finish_compact (256, "", &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
  assert_false (finish_compact (0, NULL, &error));
  assert_core_error (&error, EA_CORE_ERROR_MISSING);
}

static void
test_lengths_of_objects_are_those_of_ber (void **state)
{
  static const struct
  {
    gsize size;
    const char *head;
  } objects[] = {
    { 125, "AF80237F" }, { 126, "AF80238180" }, { 253, "AF802381FF" }, { 254, "AF8023820100" }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (objects); i++)
    {
      g_autofree guint8 *zeroes = g_malloc0 (objects[i].size);
      g_autoptr (GBytes) head = bytes_of (objects[i].head);
      g_auto (EaScriptWriter) writer = { 0 };
      g_autoptr (GBytes) bytes = NULL;

      ea_script_writer_init (&writer, EA_SCRIPT_DIRECTION_RESPONSES, EA_SCRIPT_FORMAT_INDEFINITE);
      ea_script_writer_add_response (&writer, ea_span_init (zeroes, objects[i].size), 0x9000);
      bytes = ea_script_writer_pull (&writer);
      assert_true (ea_span_has_prefix (ea_span_from_bytes (bytes), ea_span_from_bytes (head)));
      assert_int_equal (g_bytes_get_size (bytes),
                        g_bytes_get_size (head) + objects[i].size + EA_APDU_SW_SIZE);
    }
}

/* TS 102 226 table 5.12 */
static void
test_bad_script_has_its_code_of_bad_format (void **state)
{
  static const struct
  {
    const char *hex;
    guint8 code;
  } scripts[] = {
    { "AA022500", 0x01 },          { "AA0A220800D6000000000201", 0x02 },
    { "AA08220600D600000000", 2 }, { "AA0422050102", 0x02 },
    { "AA028100", 0x02 },          { "AA0122", 0x03 },
    { "AA03228201", 0x03 },        { "AE80220800D60000000002010000", 0x02 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autoptr (GBytes) bytes = bytes_of (scripts[i].hex);
      EaSpan rest = ea_span_from_bytes (bytes);
      g_auto (EaScriptReader) reader = { 0 };
      g_autoptr (GError) in_pieces = NULL;
      g_autoptr (GError) whole = NULL;
      EaScript script;

      assert_false (ea_script_parse (&script, rest, &whole));
      assert_int_equal (ea_script_get_bad_format (whole->code), scripts[i].code);

      ea_script_reader_init (&reader);
      while (rest.size > 0 && ea_script_reader_feed (&reader, &rest, &in_pieces))
        continue;
      if (in_pieces == NULL)
        (void) ea_script_reader_end (&reader, &in_pieces);
      assert_non_null (in_pieces);
      assert_int_equal (ea_script_get_bad_format (in_pieces->code), scripts[i].code);
    }
}

static void
assert_place_in_message (const char *hex, const char *end)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaSpan rest = ea_span_from_bytes (bytes);
  g_auto (EaScriptReader) reader = { 0 };
  g_autoptr (GError) error = NULL;
  EaScriptObject object;

  ea_script_reader_init (&reader);
  while (rest.size > 0 && ea_script_reader_feed (&reader, &rest, &error))
    (void) ea_script_reader_pull (&reader, &object);
  if (error == NULL)
    (void) ea_script_reader_end (&reader, &error);
  assert_non_null (error);
  if (!g_str_has_suffix (error->message, end))
    fail_msg ("'%s' does not end with '%s'", error->message, end);
}

static void
test_error_at_the_end_of_pieces_tells_the_offset (void **state)
{
  assert_place_in_message ("AA08220580CA00850022", "within a tag or length, at offset 10");
  assert_place_in_message ("AE80220580CA0085000001", "not 0000, at offset 9");
  assert_place_in_message ("AE80220580CA008500", "before its end, at offset 9");
  assert_place_in_message ("80F20000"
                           "0000",
                           "last command, at offset 5");
}

/* (transfer full) (nullable): the compact script of @commands, up to NULL */
static GBytes *
write_compact (const char *const *commands, GError **error)
{
  g_auto (EaScriptWriter) writer = { 0 };

  ea_script_writer_init (&writer, EA_SCRIPT_DIRECTION_COMMANDS, EA_SCRIPT_FORMAT_COMPACT);
  for (; *commands != NULL; commands++)
    {
      g_autoptr (GBytes) command = bytes_of (*commands);

      ea_script_writer_add (&writer, 0, ea_span_from_bytes (command));
    }
  return ea_script_writer_finish (&writer, 0, error) ? ea_script_writer_pull (&writer) : NULL;
}

static void
test_compact_command_without_p3_gets_one_unless_it_is_the_last (void **state)
{
  static const char *const commands[]
      = { "80F2000C", "00A40004023F00", "00C0000000", "80F2000C", NULL };
  g_autoptr (GBytes) script = write_compact (commands, NULL);
  gboolean is_good;
  g_autofree char *objects = read_in_pieces (ea_span_from_bytes (script), 3, &is_good);

  assert_bytes_are (script, "80F2000C0000A40004023F0000C000000080F2000C");
  assert_true (is_good);
  assert_string_equal (objects, "80F2000C00|00A40004023F00|00C0000000|80F2000C|");
}

static void
test_compact_command_with_le_is_written_only_at_the_end (void **state)
{
  static const char *const last[] = { "00A40004023F00", "80F24002024F0000", NULL };
  static const char *const with_data[] = { "80F24002024F0000", "00A40004023F00", NULL };
  static const char *const without_data[] = { "00A40004023F00", "00C0000010", "80F2000C", NULL };
  static const char *const no_apdu[] = { "00A400", "80F2000C", NULL };
  g_autoptr (GBytes) good = write_compact (last, NULL);
  g_autoptr (GError) error = NULL;

  assert_bytes_are (good, "00A40004023F0080F24002024F0000");
  assert_null (write_compact (with_data, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_null (write_compact (without_data, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_null (write_compact (no_apdu, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_objects_are_the_same_for_pieces_of_every_size),
    cmocka_unit_test (test_every_truncation_of_a_script_in_pieces_is_refused),
    cmocka_unit_test (test_bad_script_is_refused_when_its_badness_arrives),
    cmocka_unit_test (test_object_comes_out_before_its_script_is_complete),
    cmocka_unit_test (test_reader_keeps_no_more_than_one_object),
    cmocka_unit_test (test_response_of_indefinite_length_goes_out_as_it_comes),
    cmocka_unit_test (test_response_of_definite_length_waits_for_its_end),
    cmocka_unit_test (test_bad_format_is_written_like_another_implementation_does),
    cmocka_unit_test (test_compact_response_keeps_the_last_one_only),
    cmocka_unit_test (test_empty_scripts_are_written),
    cmocka_unit_test (test_number_of_executed_commands_is_a_positive_integer),
    cmocka_unit_test (test_writer_keeps_at_most_65535_bytes),
    cmocka_unit_test (test_compact_response_tells_at_most_255_commands_and_needs_a_status_word),
    cmocka_unit_test (test_lengths_of_objects_are_those_of_ber),
    cmocka_unit_test (test_bad_script_has_its_code_of_bad_format),
    cmocka_unit_test (test_error_at_the_end_of_pieces_tells_the_offset),
    cmocka_unit_test (test_compact_command_without_p3_gets_one_unless_it_is_the_last),
    cmocka_unit_test (test_compact_command_with_le_is_written_only_at_the_end),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
