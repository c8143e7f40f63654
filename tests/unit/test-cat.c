/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Proactive commands and TERMINAL RESPONSE (agent/core/cat.h) against TS 102 223, TS 31.111 and the bytes
 * of other implementations.
 */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/cat-channel.h"
#include "core/cat-command.h"
#include "core/cat-task.h"
#include "core/cat.h"
#include "helpers.h"
#include "vectors.h"

/* TS 102 223 §6.6.9: SEND SHORT MESSAGE with the answer of the eUICC */
#define SUBMIT_HEX                                                                                 \
  "41000C919451214365877FF63902710000341200000134DBD031A252426AFC40A64ED871448198EE21DCA8250BE1C8" \
  "7CAEC9E56C131FF88C51CAC504DD1B1240FAF7D9957132"
#define SEND_HEX "D05A8103011300820281838607919471071600008B46" SUBMIT_HEX

static gboolean
parse (EaCatCommand *command, const char *hex, GError **error)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  gboolean is_read = ea_cat_parse_command (command, ea_span_from_bytes (bytes), error);

  assert_span_inside (command->objects, ea_span_from_bytes (bytes));
  command->objects = EA_SPAN_EMPTY; /* it dies with the bytes */
  return is_read;
}

static void
fail_truncated_command (EaSpan span, gpointer user_data)
{
  const Vector *vector = user_data;
  gsize n_details
      = ea_span_from_bytes (vector->bytes).data[1] == 0x81 ? 8 : 7; /* with all before */
  g_autoptr (GError) error = NULL;
  EaCatCommand whole;
  EaCatCommand command;

  poison (&command, sizeof command);
  assert_false (ea_cat_parse_command (&command, span, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  (void) ea_cat_parse_command (&whole, ea_span_from_bytes (vector->bytes), NULL);
  assert_int_equal (command.type, span.size >= n_details ? whole.type : 0);
  assert_int_equal (command.number, span.size >= n_details ? whole.number : 0);
  assert_int_equal (command.objects.size, 0);
}

static void
check_proactive_row (const Vector *vector)
{
  JsonObject *tshark = vector_get_object (vector, "tshark");
  g_autoptr (GError) error = NULL;
  EaCatCommand command;
  guint64 value;

  if (!ea_cat_parse_command (&command, ea_span_from_bytes (vector->bytes), &error))
    fail_msg ("%s: %s", vector->id, error->message);
  vector_assert (vector, json_get_number_string (tshark, "cmd_nr", 16, &value), "a number");
  vector_assert_number (vector, "number", command.number, value);
  vector_assert (vector, json_get_number_string (tshark, "cmd_type", 16, &value), "a type");
  vector_assert_number (vector, "type", command.type, value);
  vector_assert (vector, json_get_number_string (tshark, "src", 16, &value), "a source");
  vector_assert_number (vector, "source", command.source, value);
  vector_assert (vector, json_get_number_string (tshark, "dst", 16, &value), "a destination");
  vector_assert_number (vector, "destination", command.destination, value);
  assert_span_inside (command.objects, ea_span_from_bytes (vector->bytes));
}

static void
test_frame_of_every_command_of_other_implementations_is_read (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("proactive.tsv");

  for (guint i = 0; i < vectors->len; i++)
    check_proactive_row (vectors->pdata[i]);

  vectors_report ("proactive.tsv", vectors->len, vectors->len, "");
}

static void
check_qualifier_row (const Vector *vector, gint64 qualifier)
{
  g_autoptr (GError) error = NULL;
  EaCatCommand command;

  assert_true (ea_cat_parse_command (&command, ea_span_from_bytes (vector->bytes), &error));
  vector_assert_number (vector, "qualifier", command.qualifier, (guint64) qualifier);
}

static void
test_qualifier_is_the_third_octet_of_the_command_details (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("proactive.tsv");
  guint n_checked = 0;
  gint64 qualifier;

  for (guint i = 0; i < vectors->len; i++)
    {
      const Vector *vector = vectors->pdata[i];

      if (!json_get_integer (vector->expected, "qualifier", &qualifier))
        continue;
      check_qualifier_row (vector, qualifier);
      n_checked++;
    }

  vectors_report ("proactive.tsv", n_checked, vectors->len, "no number for the qualifier");
}

static void
test_every_truncation_of_a_command_is_named_as_soon_as_its_details_are_there (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("proactive.tsv");

  for (guint i = 0; i < vectors->len; i++)
    {
      const Vector *vector = vectors->pdata[i];

      parse_truncations (ea_span_from_bytes (vector->bytes), fail_truncated_command,
                         (gpointer) vector);
    }
}

static void
test_command_is_named_as_far_as_it_could_be_read (void **state)
{
  static const struct
  {
    const char *hex;
    EaCoreError code;
    EaCatCommand command;
  } broken[] = {
    /* no device identities: nothing after the details, or another object */
    { "D0058103012180", EA_CORE_ERROR_MISSING, { 1, 0x21, 0x80, 0, 0, TRUE, { 0 }, FALSE, { 0 } } },
    { "D00881030121808D0104",
      EA_CORE_ERROR_MISSING,
      { 1, 0x21, 0x80, 0, 0, TRUE, { 0 }, FALSE, { 0 } } },
    { "D00801030221008201 81",
      EA_CORE_ERROR_MALFORMED,
      { 2, 0x21, 0, 0, 0, FALSE, { 0 }, FALSE, { 0 } } },
    { "D0078103012180 8202",
      EA_CORE_ERROR_TRUNCATED,
      { 1, 0x21, 0x80, 0, 0, TRUE, { 0 }, FALSE, { 0 } } },
    /* an object of the body ends beyond the command */
    { "D00B810301218082028102 8D05",
      EA_CORE_ERROR_TRUNCATED,
      { 1, 0x21, 0x80, 0x81, 0x02, TRUE, { 0 }, FALSE, { 0 } } },
    { "D00B810301218082028102 0000",
      EA_CORE_ERROR_MALFORMED,
      { 1, 0x21, 0x80, 0x81, 0x02, TRUE, { 0 }, FALSE, { 0 } } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GError) error = NULL;
      EaCatCommand command;

      assert_false (parse (&command, broken[i].hex, &error));
      assert_core_error (&error, broken[i].code);
      assert_int_equal (command.number, broken[i].command.number);
      assert_int_equal (command.type, broken[i].command.type);
      assert_int_equal (command.qualifier, broken[i].command.qualifier);
      assert_int_equal (command.source, broken[i].command.source);
      assert_int_equal (command.destination, broken[i].command.destination);
      assert_int_equal (command.has_comprehension_tags, broken[i].command.has_comprehension_tags);
    }
}

static void
test_command_without_command_details_names_nothing (void **state)
{
  static const struct
  {
    const char *hex;
    EaCoreError code;
  } broken[] = {
    { "D000", EA_CORE_ERROR_MISSING },
    { "D00482028182", EA_CORE_ERROR_MISSING },
    { "D00881020121 82028182", EA_CORE_ERROR_MALFORMED },
    { "D00A810401210000 82028182", EA_CORE_ERROR_MALFORMED },
    { "D10982028381 8B03040000", EA_CORE_ERROR_UNSUPPORTED },
    { "D0800000", EA_CORE_ERROR_MALFORMED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GError) error = NULL;
      EaCatCommand command;

      assert_false (parse (&command, broken[i].hex, &error));
      assert_core_error (&error, broken[i].code);
      assert_int_equal (command.number, 0);
      assert_int_equal (command.type, 0);
    }
}

/* A command of @size bytes whose last object is a text string that fills it. */
static GBytes *
make_command (gsize size)
{
  g_autoptr (GBytes) head = bytes_of ("810301218082028102");
  g_autofree guint8 *text = g_malloc0 (size);
  EaWriter writer;

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, 0xD0);
  ea_writer_u8 (&writer, 0x82);
  ea_writer_u16be (&writer, (guint16) (size - 4));
  ea_writer_bytes (&writer, ea_span_from_bytes (head));
  ea_writer_u8 (&writer, 0x8D);
  ea_writer_u8 (&writer, 0x81);
  ea_writer_u8 (&writer, (guint8) (size - 16));
  ea_writer_bytes (&writer, ea_span_init (text, size - 16));
  return ea_writer_steal (&writer);
}

static void
test_command_of_256_bytes_is_read_and_one_of_257_is_not (void **state)
{
  g_autoptr (GBytes) longest = make_command (EA_CAT_COMMAND_MAX);
  g_autoptr (GBytes) longer = make_command (EA_CAT_COMMAND_MAX + 1);
  g_autoptr (GError) error = NULL;
  EaCatCommand command;

  assert_true (ea_cat_parse_command (&command, ea_span_from_bytes (longest), &error));
  assert_int_equal (command.objects.size, EA_CAT_COMMAND_MAX - 13);
  assert_false (ea_cat_parse_command (&command, ea_span_from_bytes (longer), &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static void
test_send_short_message_gives_the_submit_and_the_service_centre (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of (SEND_HEX);
  g_autoptr (GError) error = NULL;
  EaCatSendShortMessage message;
  EaCatCommand command;

  assert_true (ea_cat_parse_command (&command, ea_span_from_bytes (bytes), &error));
  assert_int_equal (command.type, EA_CAT_TYPE_SEND_SHORT_MESSAGE);
  assert_true (ea_cat_parse_send_short_message (&message, &command, &error));

  assert_span_is (message.tpdu, SUBMIT_HEX);
  assert_span_is (message.smsc, "91947107160000");
  assert_false (message.is_packing_required);
}

static void
test_send_short_message_without_address_uses_the_default_service_centre (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("D01181030113018202818385000B04 41000081");
  g_autoptr (GError) error = NULL;
  EaCatSendShortMessage message;
  EaCatCommand command;

  assert_true (ea_cat_parse_command (&command, ea_span_from_bytes (bytes), &error));
  assert_true (ea_cat_parse_send_short_message (&message, &command, &error));

  assert_int_equal (message.smsc.size, 0);
  assert_span_is (message.tpdu, "41000081");
  assert_true (message.is_packing_required);
}

static void
assert_send_rejected (const char *hex, EaCatResult result)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaCatSendShortMessage message;
  EaCatCommand command;

  assert_true (ea_cat_parse_command (&command, ea_span_from_bytes (bytes), &error));
  poison (&message, sizeof message);
  assert_false (ea_cat_parse_send_short_message (&message, &command, &error));
  assert_true (is_poisoned (&message, sizeof message));
  assert_int_equal (ea_cat_get_result (error->code), result);
}

/* TS 102 223 §6.10: 36 for a mandatory object that is missing, 32 for a required unknown one */
static void
test_send_short_message_that_cannot_be_done_tells_the_result_to_answer (void **state)
{
  assert_send_rejected ("D009810301130082028183", EA_CAT_RESULT_VALUES_MISSING);
  assert_send_rejected ("D00B8103011300820281838500", EA_CAT_RESULT_VALUES_MISSING);
  assert_send_rejected ("D0118103011300820281838B0441000081B900",
                        EA_CAT_RESULT_DATA_NOT_UNDERSTOOD);
}

static void
assert_send_rejected_at (const char *hex, EaCoreError code, gsize offset, const char *message)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaSpan span = ea_span_from_bytes (bytes);
  EaCatSendShortMessage send;
  EaCatCommand command;
  gsize actual = G_MAXSIZE;

  assert_true (ea_cat_parse_command (&command, span, &error));
  assert_false (ea_cat_parse_send_short_message (&send, &command, &error));
  assert_string_equal (error->message, message);
  assert_true (ea_core_error_get_offset (error, span.data, span.size, &actual));
  assert_int_equal (actual, offset);
  assert_core_error (&error, code);
}

static void
test_send_short_message_points_to_what_it_cannot_do (void **state)
{
  assert_send_rejected_at ("D00E 8103011300 82028183 8500 C80100", EA_CORE_ERROR_UNSUPPORTED, 13,
                           "SEND SHORT MESSAGE has a CDMA-SMS-TPDU (tag 48) of 1 bytes, and no "
                           "SMS TPDU (tag 0B)");
  assert_send_rejected_at ("D011 8103011300 82028183 8B0441000081 B900", EA_CORE_ERROR_MALFORMED,
                           17, "SEND SHORT MESSAGE has object 39, which must be understood");
  /* DISPLAY TEXT with an SMS TPDU */
  assert_send_rejected_at ("D013 8103012100 82028102 8D020441 0B0441000081",
                           EA_CORE_ERROR_UNSUPPORTED, 5,
                           "Command is DISPLAY TEXT (21), not SEND SHORT MESSAGE (13)");
}

static void
assert_send_rebuilt (const char *hex)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GBytes) built = NULL;
  g_auto (EaWriter) writer = { 0 };
  EaCatSendShortMessage send;
  EaCatCommand command;

  assert_true (ea_cat_parse_command (&command, ea_span_from_bytes (bytes), NULL));
  assert_true (ea_cat_parse_send_short_message (&send, &command, NULL));
  ea_writer_init (&writer);
  assert_int_equal (ea_cat_write_send_short_message (&writer, &send), command.qualifier);
  command.objects = ea_writer_span (&writer);
  built = ea_cat_build_command (&command);
  assert_true (g_bytes_equal (built, bytes));
}

static void
test_send_short_message_is_written_as_it_was_read (void **state)
{
  assert_send_rebuilt (SEND_HEX);
  assert_send_rebuilt ("D00F 8103011301 82028183 8B0441000081");
}

static void
test_unknown_object_whose_comprehension_is_not_required_is_skipped (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("D011 8103011300 82028183 3900 8B0441000081");
  g_autoptr (GError) error = NULL;
  EaCatSendShortMessage message;
  EaCatCommand command;

  assert_true (ea_cat_parse_command (&command, ea_span_from_bytes (bytes), &error));
  assert_true (ea_cat_parse_send_short_message (&message, &command, &error));
  assert_span_is (message.tpdu, "41000081");
}

/* TRUE when @response has command details, device identities and result in one tag style only. */
static gboolean
read_plain_response (EaSpan response, EaCatCommand *command, guint8 *result, EaSpan *additional)
{
  EaReader reader;
  guint8 details;
  guint8 length;

  *command = (EaCatCommand){ 0 };
  ea_reader_init (&reader, response);
  details = ea_reader_u8 (&reader);
  (void) ea_reader_u8 (&reader);
  command->number = ea_reader_u8 (&reader);
  command->type = ea_reader_u8 (&reader);
  command->qualifier = ea_reader_u8 (&reader);
  command->has_comprehension_tags = details == 0x81;
  if (ea_reader_u8 (&reader) != details + 1)
    return FALSE;
  (void) ea_reader_bytes (&reader, 3);
  if (ea_reader_u8 (&reader) != details + 2)
    return FALSE;
  length = ea_reader_u8 (&reader);
  *result = ea_reader_u8 (&reader);
  *additional = ea_reader_bytes (&reader, length - 1u);
  return ea_reader_done (&reader);
}

static void
test_responses_of_other_implementations_are_built_byte_for_byte (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("terminal-response.tsv");
  guint n_checked = 0;

  for (guint i = 0; i < vectors->len; i++)
    {
      const Vector *vector = vectors->pdata[i];
      EaSpan expected = ea_span_from_bytes (vector->bytes);
      g_autoptr (GBytes) response = NULL;
      EaCatCommand command;
      EaSpan additional;
      guint8 result;

      if (!read_plain_response (expected, &command, &result, &additional))
        continue;
      response = ea_cat_build_terminal_response (&command, (EaCatResult) result, additional);
      vector_assert (vector, ea_span_equal (ea_span_from_bytes (response), expected),
                     "the response is built like this");
      n_checked++;
    }

  vectors_report ("terminal-response.tsv", n_checked, vectors->len,
                  "objects beyond details, identities and result");
}

static void
assert_response (const char *command_hex, EaCatResult result, const char *additional_hex,
                 const char *response_hex)
{
  g_autoptr (GBytes) additional = bytes_of (additional_hex);
  g_autoptr (GBytes) response = NULL;
  g_autoptr (GError) error = NULL;
  EaCatCommand command;

  assert_true (parse (&command, command_hex, &error));
  response = ea_cat_build_terminal_response (&command, result, ea_span_from_bytes (additional));
  assert_bytes_are (response, response_hex);
}

static void
test_response_answers_in_the_style_of_the_command (void **state)
{
  assert_response (SEND_HEX, EA_CAT_RESULT_OK, "", "810301130082028281830100");
  assert_response ("D009 0103014003 02028182", EA_CAT_RESULT_OK, "", "010301400302028281030100");
}

static void
test_response_carries_the_additional_information (void **state)
{
  assert_response (SEND_HEX, EA_CAT_RESULT_TERMINAL_UNABLE, "04", "81030113008202828183022004");
  assert_response (SEND_HEX, EA_CAT_RESULT_SMS_RP_ERROR, "26", "81030113008202828183023526");
}

static void
test_result_of_more_than_127_bytes_has_a_long_length (void **state)
{
  static const struct
  {
    gsize n_additional;
    const char *head;
  } sizes[] = { { 126, "837F00" }, { 127, "83818000" }, { 236, "8381ED00" }, { 253, "8381FE00" } };
  const EaCatCommand command = { .number = 1, .type = 0x42, .has_comprehension_tags = TRUE };
  g_autofree guint8 *zeroes = g_malloc0 (253);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *head = g_strconcat ("810301420082028281", sizes[i].head, NULL);
      g_autoptr (GBytes) expected = bytes_of (head);
      g_autoptr (GBytes) response = ea_cat_build_terminal_response (
          &command, EA_CAT_RESULT_OK, ea_span_init (zeroes, sizes[i].n_additional));

      assert_true (
          ea_span_has_prefix (ea_span_from_bytes (response), ea_span_from_bytes (expected)));
      assert_int_equal (g_bytes_get_size (response),
                        g_bytes_get_size (expected) + sizes[i].n_additional);
    }
}

static void
test_names_are_those_of_the_standard (void **state)
{
  assert_string_equal (ea_cat_get_command_name (0x01), "REFRESH");
  assert_string_equal (ea_cat_get_command_name (0x13), "SEND SHORT MESSAGE");
  assert_string_equal (ea_cat_get_command_name (0x26), "PROVIDE LOCAL INFORMATION");
  assert_string_equal (ea_cat_get_command_name (0x40), "OPEN CHANNEL");
  assert_string_equal (ea_cat_get_command_name (0x44), "GET CHANNEL STATUS");
  assert_string_equal (ea_cat_get_command_name (0x99), "unknown command");
}

/* TS 102 223 §9.4: 00 is reserved, 81 is the terminal's end of session */
static void
test_only_types_of_the_standard_are_known (void **state)
{
  static const guint8 known[] = { 0x01, 0x05, 0x10, 0x13, 0x15, 0x26, 0x40, 0x43, 0x44, 0x73 };
  static const guint8 unknown[] = { 0x00, 0x06, 0x0F, 0x17, 0x48, 0x74, 0x81, 0xFF };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    assert_true (ea_cat_is_known_command (known[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (unknown); i++)
    assert_false (ea_cat_is_known_command (unknown[i]));
}

/* TS 102 223 §6.10 */
static void
test_each_cause_has_the_general_result_that_says_it (void **state)
{
  assert_int_equal (ea_cat_get_result (EA_CORE_ERROR_MISSING), 0x36);
  assert_int_equal (ea_cat_get_result (EA_CORE_ERROR_UNSUPPORTED), 0x30);
  assert_int_equal (ea_cat_get_result (EA_CORE_ERROR_TRUNCATED), 0x32);
  assert_int_equal (ea_cat_get_result (EA_CORE_ERROR_MALFORMED), 0x32);
  assert_int_equal (ea_cat_get_result (EA_CORE_ERROR_LIMIT), 0x32);
}

/* A command to the terminal with @details and @objects in hexadecimal; the bytes live in @bytes. */
static EaCatCommand
parse_objects (const char *details, const char *objects, GBytes **bytes)
{
  g_autoptr (GBytes) counted = bytes_of (objects);
  g_autofree char *hex = g_strdup_printf (
      "D0%02X 8103%s 82028182 %s", (guint) (9 + g_bytes_get_size (counted)), details, objects);
  EaCatCommand command;

  *bytes = bytes_of (hex);
  assert_true (ea_cat_parse_command (&command, ea_span_from_bytes (*bytes), NULL));
  return command;
}

/* Writes the objects of @command anew; returns the qualifier. */
typedef guint8 (*RewriteFunc) (const EaCatCommand *command, EaWriter *writer);

static void
assert_rewritten (const char *details, const char *objects, RewriteFunc rewrite)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) built = NULL;
  EaCatCommand command = parse_objects (details, objects, &bytes);
  EaCatCommand again = command;

  ea_writer_init (&writer);
  again.qualifier = rewrite (&command, &writer);
  again.objects = ea_writer_span (&writer);
  built = ea_cat_build_command (&again);
  assert_true (g_bytes_equal (built, bytes));
}

static guint8
rewrite_close_channel (const EaCatCommand *command, EaWriter *writer)
{
  EaCatCloseChannel close;

  assert_true (ea_cat_parse_close_channel (&close, command, NULL));
  return ea_cat_write_close_channel (writer, &close);
}

static guint8
rewrite_get_channel_status (const EaCatCommand *command, EaWriter *writer)
{
  assert_true (ea_cat_check_command_is (command, EA_CAT_TYPE_GET_CHANNEL_STATUS, NULL));
  return 0;
}

static guint8
rewrite_refresh (const EaCatCommand *command, EaWriter *writer)
{
  EaCatRefresh refresh;

  assert_true (ea_cat_parse_refresh (&refresh, command, NULL));
  return ea_cat_write_refresh (writer, &refresh);
}

static guint8
rewrite_event_list (const EaCatCommand *command, EaWriter *writer)
{
  EaSpan events;

  assert_true (ea_cat_parse_event_list (&events, command, NULL));
  return ea_cat_write_event_list (writer, events);
}

static guint8
rewrite_poll_interval (const EaCatCommand *command, EaWriter *writer)
{
  EaCatDuration interval;

  assert_true (ea_cat_parse_poll_interval (&interval, command, NULL));
  return ea_cat_write_poll_interval (writer, &interval);
}

static guint8
rewrite_provide_local_information (const EaCatCommand *command, EaWriter *writer)
{
  EaCatProvideLocalInformation provide;

  assert_true (ea_cat_parse_provide_local_information (&provide, command, NULL));
  return ea_cat_write_provide_local_information (writer, &provide);
}

static void
test_commands_are_written_as_they_were_read (void **state)
{
  assert_rewritten ("014100", "", rewrite_close_channel);
  assert_rewritten ("014101", "", rewrite_close_channel);
  assert_rewritten ("014400", "", rewrite_get_channel_status);
  assert_rewritten ("010104", "", rewrite_refresh);
  assert_rewritten ("010101", "920B 02 3F007F206F07 3F002FE2 2F05A000000087", rewrite_refresh);
  assert_rewritten ("010102", "920100", rewrite_refresh);
  assert_rewritten ("010100", "2F05A000000087", rewrite_refresh);
  assert_rewritten ("010500", "9900", rewrite_event_list);
  assert_rewritten ("010500", "990403090A12", rewrite_event_list);
  assert_rewritten ("010300", "8402001E", rewrite_poll_interval);
  assert_rewritten ("012600", "", rewrite_provide_local_information);
  assert_rewritten ("012602", "E90105", rewrite_provide_local_information);
}

static void
test_local_information_of_a_wrong_measurement_is_refused (void **state)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  EaCatCommand command = parse_objects ("012602", "E9020501", &bytes);
  EaCatProvideLocalInformation provide;

  poison (&provide, sizeof provide);
  assert_false (ea_cat_parse_provide_local_information (&provide, &command, &error));
  assert_true (is_poisoned (&provide, sizeof provide));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_frame_of_every_command_of_other_implementations_is_read),
    cmocka_unit_test (test_qualifier_is_the_third_octet_of_the_command_details),
    cmocka_unit_test (test_every_truncation_of_a_command_is_named_as_soon_as_its_details_are_there),
    cmocka_unit_test (test_command_is_named_as_far_as_it_could_be_read),
    cmocka_unit_test (test_command_without_command_details_names_nothing),
    cmocka_unit_test (test_command_of_256_bytes_is_read_and_one_of_257_is_not),
    cmocka_unit_test (test_send_short_message_gives_the_submit_and_the_service_centre),
    cmocka_unit_test (test_send_short_message_without_address_uses_the_default_service_centre),
    cmocka_unit_test (test_send_short_message_that_cannot_be_done_tells_the_result_to_answer),
    cmocka_unit_test (test_send_short_message_points_to_what_it_cannot_do),
    cmocka_unit_test (test_send_short_message_is_written_as_it_was_read),
    cmocka_unit_test (test_unknown_object_whose_comprehension_is_not_required_is_skipped),
    cmocka_unit_test (test_responses_of_other_implementations_are_built_byte_for_byte),
    cmocka_unit_test (test_response_answers_in_the_style_of_the_command),
    cmocka_unit_test (test_response_carries_the_additional_information),
    cmocka_unit_test (test_result_of_more_than_127_bytes_has_a_long_length),
    cmocka_unit_test (test_names_are_those_of_the_standard),
    cmocka_unit_test (test_only_types_of_the_standard_are_known),
    cmocka_unit_test (test_each_cause_has_the_general_result_that_says_it),
    cmocka_unit_test (test_commands_are_written_as_they_were_read),
    cmocka_unit_test (test_local_information_of_a_wrong_measurement_is_refused),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
