/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * TERMINAL RESPONSE (agent/core/cat-response.h) against TS 102 223 §6.8 and §8.12 and oFono's tests, whose
 * every member is compared.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cat-nouns.h"
#include "core/cat-command.h"
#include "core/cat-response.h"
#include "core/text.h"
#include "helpers.h"
#include "vectors.h"

typedef struct
{
  const Vector *vector;
  EaCatResponse response;
} Row;

static EaSpan
find (const Row *row, EaCatTag tag)
{
  const EaCatLayout *layout = ea_cat_get_response_layout (row->response.details.type);
  EaCatObject object;
  EaCatWalk walk;

  ea_cat_walk_init (&walk, layout, row->response.objects);
  while (ea_cat_walk_next (&walk, &object))
    if (object.slot != NULL && object.slot->tag == tag)
      return object.tlv.value;
  fail_msg ("%s: no %s", row->vector->id, ea_cat_get_tag_name ((guint32) tag));
  return EA_SPAN_EMPTY;
}

static guint8
find_octet (const Row *row, EaCatTag tag)
{
  guint8 octet = 0;

  assert_true (ea_cat_parse_octet (&octet, tag, find (row, tag), NULL));
  return octet;
}

static const struct
{
  const char *name;
  guint64 value;
} constants[] = {
  { "STK_COMMAND_TYPE_DISPLAY_TEXT", 0x21 },       { "STK_COMMAND_TYPE_GET_INKEY", 0x22 },
  { "STK_COMMAND_TYPE_GET_INPUT", 0x23 },          { "STK_COMMAND_TYPE_MORE_TIME", 0x02 },
  { "STK_COMMAND_TYPE_SEND_SMS", 0x13 },           { "STK_COMMAND_TYPE_PLAY_TONE", 0x20 },
  { "STK_COMMAND_TYPE_POLL_INTERVAL", 0x03 },      { "STK_COMMAND_TYPE_REFRESH", 0x01 },
  { "STK_COMMAND_TYPE_SETUP_MENU", 0x25 },         { "STK_COMMAND_TYPE_SELECT_ITEM", 0x24 },
  { "STK_COMMAND_TYPE_SETUP_CALL", 0x10 },         { "STK_COMMAND_TYPE_POLLING_OFF", 0x04 },
  { "STK_COMMAND_TYPE_TIMER_MANAGEMENT", 0x27 },   { "STK_COMMAND_TYPE_RUN_AT_COMMAND", 0x34 },
  { "STK_COMMAND_TYPE_SEND_DTMF", 0x14 },          { "STK_COMMAND_TYPE_LAUNCH_BROWSER", 0x15 },
  { "STK_COMMAND_TYPE_OPEN_CHANNEL", 0x40 },       { "STK_COMMAND_TYPE_RECEIVE_DATA", 0x42 },
  { "STK_COMMAND_TYPE_SEND_DATA", 0x43 },          { "STK_DEVICE_IDENTITY_TYPE_TERMINAL", 0x82 },
  { "STK_DEVICE_IDENTITY_TYPE_UICC", 0x81 },       { "STK_RESULT_TYPE_SUCCESS", 0x00 },
  { "STK_RESULT_TYPE_REFRESH_WITH_EFS", 0x03 },    { "STK_RESULT_TYPE_NO_ICON", 0x04 },
  { "STK_RESULT_TYPE_USER_TERMINATED", 0x10 },     { "STK_RESULT_TYPE_GO_BACK", 0x11 },
  { "STK_RESULT_TYPE_NO_RESPONSE", 0x12 },         { "STK_RESULT_TYPE_HELP_REQUESTED", 0x13 },
  { "STK_RESULT_TYPE_TERMINAL_BUSY", 0x20 },       { "STK_RESULT_TYPE_NETWORK_UNAVAILABLE", 0x21 },
  { "STK_RESULT_TYPE_USER_REJECT", 0x22 },         { "STK_RESULT_TYPE_TIMER_CONFLICT", 0x24 },
  { "STK_RESULT_TYPE_BROWSER_TEMPORARY", 0x26 },   { "STK_RESULT_TYPE_NOT_CAPABLE", 0x30 },
  { "STK_RESULT_TYPE_DATA_NOT_UNDERSTOOD", 0x32 }, { "STK_DURATION_TYPE_MINUTES", 0x00 },
  { "STK_DURATION_TYPE_SECONDS", 0x01 },           { "STK_OPEN_CHANNEL_FLAG_IMMEDIATE", 0x01 },
  { "STK_SEND_DATA_IMMEDIATELY", 0x01 },           { "STK_SEND_DATA_STORE_DATA", 0x00 },
  { "STK_BEARER_TYPE_GPRS_UTRAN", 0x02 },
};

/* A member that is a number or the name of one */
static guint64
get_value (JsonObject *object, const char *member)
{
  const char *name;

  if (!json_object_has_member (object, member))
    return 0;
  if (json_node_get_value_type (json_object_get_member (object, member)) != G_TYPE_STRING)
    return (guint64) json_object_get_int_member (object, member);
  name = json_object_get_string_member (object, member);
  for (gsize i = 0; i < G_N_ELEMENTS (constants); i++)
    if (strcmp (constants[i].name, name) == 0)
      return constants[i].value;
  fail_msg ("constant %s is not known", name);
  return 0;
}

static void
check_text (const Row *row, JsonObject *object)
{
  JsonObject *expected;
  g_autofree char *text = NULL;

  if (!json_object_has_member (object, "text"))
    return;
  expected = json_object_get_object_member (object, "text");
  text = ea_text_decode_text_string (find (row, EA_CAT_TAG_TEXT_STRING), NULL, NULL);
  vector_assert_string (row->vector, "text", text,
                        json_object_get_string_member (expected, "text"));
}

static void
check_duration (const Row *row, JsonObject *object, const char *member)
{
  EaCatDuration duration;
  JsonObject *expected;

  if (!json_object_has_member (object, member))
    return;
  expected = json_object_get_object_member (object, member);
  assert_true (ea_cat_parse_duration (&duration, find (row, EA_CAT_TAG_DURATION), NULL));
  vector_assert_number (row->vector, "unit", duration.unit, get_value (expected, "unit"));
  vector_assert_number (row->vector, "interval", duration.interval,
                        get_value (expected, "interval"));
}

static void
check_get (const Row *row, JsonObject *object)
{
  check_text (row, object);
  check_duration (row, object, "duration");
}

static void
check_poll_interval (const Row *row, JsonObject *object)
{
  check_duration (row, object, "max_interval");
}

static void
check_select_item (const Row *row, JsonObject *object)
{
  vector_assert_number (row->vector, "item", find_octet (row, EA_CAT_TAG_ITEM_IDENTIFIER),
                        get_value (object, "item_id"));
}

static void
check_timer (const Row *row, JsonObject *object)
{
  EaCatTimerValue timer;
  JsonObject *expected;

  vector_assert_number (row->vector, "timer", find_octet (row, EA_CAT_TAG_TIMER_IDENTIFIER),
                        get_value (object, "id"));
  if (!json_object_has_member (object, "value"))
    return;
  expected = json_object_get_object_member (object, "value");
  assert_true (ea_cat_parse_timer_value (&timer, find (row, EA_CAT_TAG_TIMER_VALUE), NULL));
  vector_assert_number (row->vector, "hours", timer.hours, get_value (expected, "hour"));
  vector_assert_number (row->vector, "minutes", timer.minutes, get_value (expected, "minute"));
  vector_assert_number (row->vector, "seconds", timer.seconds, get_value (expected, "second"));
}

static void
check_at_response (const Row *row, JsonObject *object)
{
  EaSpan value = find (row, EA_CAT_TAG_AT_RESPONSE);
  g_autofree char *text = g_strndup ((const char *) value.data, value.size);

  vector_assert_string (row->vector, "AT response", text,
                        json_object_get_string_member (object, "at_response"));
}

static void
check_open_channel (const Row *row, JsonObject *object)
{
  static const char *const members[]
      = { "precedence", "delay", "reliability", "peak", "mean", "pdp_type" };
  JsonObject *expected = json_object_get_object_member (object, "bearer_desc");
  JsonObject *gprs = json_object_get_object_member (expected, "gprs");
  EaCatBearerDescription bearer;
  EaReader reader;
  guint16 buffer_size;

  assert_true (
      ea_cat_parse_bearer_description (&bearer, find (row, EA_CAT_TAG_BEARER_DESCRIPTION), NULL));
  vector_assert_number (row->vector, "bearer", bearer.type, get_value (expected, "type"));
  ea_reader_init (&reader, bearer.parameters);
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    vector_assert_number (row->vector, members[i], ea_reader_u8 (&reader),
                          get_value (gprs, members[i]));
  assert_true (ea_reader_done (&reader));
  assert_true (ea_cat_parse_u16 (&buffer_size, EA_CAT_TAG_BUFFER_SIZE,
                                 find (row, EA_CAT_TAG_BUFFER_SIZE), NULL));
  vector_assert_number (row->vector, "buffer size", buffer_size, get_value (object, "buf_size"));
}

/* The first of the octets is in a cast that the vector keeps as text, the others are an array. */
static void
check_receive_data (const Row *row, JsonObject *object)
{
  JsonObject *expected = json_object_get_object_member (object, "rx_data");
  JsonArray *others = json_object_get_array_member (expected, "_");
  EaSpan data = find (row, EA_CAT_TAG_CHANNEL_DATA);
  EaReader reader;

  vector_assert_number (row->vector, "length", data.size, get_value (object, "len"));
  vector_assert_string (row->vector, "first octet",
                        json_object_get_string_member (expected, "array"),
                        "(unsignedchar[200]){0xc8");
  vector_assert_number (row->vector, "octets", data.size, json_array_get_length (others) + 1u);
  ea_reader_init (&reader, data);
  vector_assert_number (row->vector, "octet", ea_reader_u8 (&reader), 0xC8);
  for (guint i = 0; i < json_array_get_length (others); i++)
    vector_assert_number (row->vector, "octet", ea_reader_u8 (&reader),
                          (guint64) json_array_get_int_element (others, i));
}

static void
check_send_data (const Row *row, JsonObject *object)
{
  vector_assert_number (row->vector, "room", find_octet (row, EA_CAT_TAG_CHANNEL_DATA_LENGTH),
                        get_value (object, "tx_avail"));
}

/* Additional information is kept as the C text of an array of one octet, or of a string. */
static void
check_result (const Row *row, JsonObject *object)
{
  const EaCatResultValue *result = &row->response.result;
  const char *text;
  EaReader reader;
  guint8 octet;

  vector_assert_number (row->vector, "result", result->general, get_value (object, "type"));
  vector_assert_number (row->vector, "additional", result->additional.size,
                        get_value (object, "additional_len"));
  if (!json_object_has_member (object, "additional"))
    return;
  text = json_object_get_string_member (object, "additional");
  ea_reader_init (&reader, result->additional);
  octet = ea_reader_u8 (&reader);
  if (strcmp (text, "(unsignedchar*)\"\\1\"") == 0)
    vector_assert_number (row->vector, "additional", octet, 1);
  else
    vector_assert_number (row->vector, "additional", octet,
                          g_ascii_strtoull (strstr (text, "0x"), NULL, 16));
}

static const struct
{
  const char *member;
  void (*check) (const Row *row, JsonObject *object);
} bodies[] = {
  { "result", check_result },
  { "get_inkey", check_get },
  { "get_input", check_get },
  { "poll_interval", check_poll_interval },
  { "select_item", check_select_item },
  { "timer_mgmt", check_timer },
  { "run_at_command", check_at_response },
  { "open_channel", check_open_channel },
  { "receive_data", check_receive_data },
  { "send_data", check_send_data },
};

static void
check_body (const Row *row, const char *member, JsonNode *node)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    if (strcmp (bodies[i].member, member) == 0)
      {
        bodies[i].check (row, json_node_get_object (node));
        return;
      }
  fail_msg ("%s: member %s is not compared", row->vector->id, member);
}

static void
check_member (JsonObject *object, const char *member, JsonNode *node, gpointer user_data)
{
  const Row *row = user_data;
  const EaCatResponse *response = &row->response;

  if (strcmp (member, "number") == 0)
    vector_assert_number (row->vector, member, response->details.number,
                          get_value (object, member));
  else if (strcmp (member, "type") == 0)
    vector_assert_number (row->vector, member, response->details.type, get_value (object, member));
  else if (strcmp (member, "qualifier") == 0)
    vector_assert_number (row->vector, member, response->details.qualifier,
                          get_value (object, member));
  else if (strcmp (member, "src") == 0)
    vector_assert_number (row->vector, member, response->devices.source,
                          get_value (object, member));
  else if (strcmp (member, "dst") == 0)
    vector_assert_number (row->vector, member, response->devices.destination,
                          get_value (object, member));
  else if (strcmp (member, "rx_remaining") == 0)
    vector_assert_number (row->vector, member, find_octet (row, EA_CAT_TAG_CHANNEL_DATA_LENGTH),
                          get_value (object, member));
  else
    check_body (row, member, node);
}

static void
check_tshark (const Row *row)
{
  JsonObject *tshark = vector_get_object (row->vector, "tshark");
  const EaCatResponse *response = &row->response;
  guint64 value;

  assert_true (json_get_number_string (tshark, "cmd_nr", 16, &value));
  vector_assert_number (row->vector, "number", response->details.number, value);
  assert_true (json_get_number_string (tshark, "cmd_type", 16, &value));
  vector_assert_number (row->vector, "type", response->details.type, value);
  assert_true (json_get_number_string (tshark, "src", 16, &value));
  vector_assert_number (row->vector, "source", response->devices.source, value);
  assert_true (json_get_number_string (tshark, "dst", 16, &value));
  vector_assert_number (row->vector, "destination", response->devices.destination, value);
  assert_true (json_get_number_string (tshark, "result", 16, &value));
  vector_assert_number (row->vector, "result", response->result.general, value);
}

static void
test_each_field_of_each_response_of_another_implementation_is_read_alike (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("terminal-response.tsv");

  for (guint i = 0; i < vectors->len; i++)
    {
      Row row = { .vector = vectors->pdata[i] };
      g_autoptr (GError) error = NULL;
      gboolean is_partial = TRUE;

      if (!ea_cat_parse_response (&row.response, ea_span_from_bytes (row.vector->bytes), &error))
        fail_msg ("%s: %s", row.vector->id, error->message);
      check_tshark (&row);
      json_object_foreach_member (vector_get_object (row.vector, "response"), check_member, &row);
      vector_assert (row.vector,
                     ea_cat_layout_check (ea_cat_get_response_layout (row.response.details.type),
                                          row.response.objects, &is_partial, NULL)
                         && !is_partial,
                     "each object belongs into it");
    }
  vectors_report ("terminal-response.tsv", vectors->len, vectors->len, "");
}

static void
test_each_response_is_built_byte_for_byte (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("terminal-response.tsv");

  for (guint i = 0; i < vectors->len; i++)
    {
      const Vector *vector = vectors->pdata[i];
      g_autoptr (GBytes) built = NULL;
      EaCatResponse response;

      assert_true (ea_cat_parse_response (&response, ea_span_from_bytes (vector->bytes), NULL));
      built = ea_cat_build_response (&response);
      vector_assert (vector, g_bytes_equal (built, vector->bytes), "it is built like this");
    }
  vectors_report ("terminal-response.tsv", vectors->len, vectors->len, "");
}

/* A cut response is refused, but where the cut is between two objects: then what is left is one. */
static void
parse_truncated (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaCatResponse response;
  guint *n_read = user_data;

  poison (&response, sizeof response);
  if (ea_cat_parse_response (&response, span, &error))
    {
      (*n_read)++;
      return;
    }
  assert_true (is_poisoned (&response, sizeof response));
  assert_true (error->code == EA_CORE_ERROR_TRUNCATED || error->code == EA_CORE_ERROR_MISSING);
}

static void
test_truncated_response_is_refused_within_an_object (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("810301400182028281830122 350702030403041F02 39020578");
  guint n_read = 0;

  parse_truncations (ea_span_from_bytes (bytes), parse_truncated, &n_read);
  assert_int_equal (n_read, 2); /* after the result, and after the bearer description */
}

static void
assert_refused (const char *hex, EaCoreError code, const char *message)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaCatResponse response;

  poison (&response, sizeof response);
  assert_false (ea_cat_parse_response (&response, ea_span_from_bytes (bytes), &error));
  assert_true (is_poisoned (&response, sizeof response));
  assert_string_equal (error->message, message);
  assert_core_error (&error, code);
}

static void
test_response_begins_with_details_devices_and_result (void **state)
{
  assert_refused ("", EA_CORE_ERROR_MISSING, "TERMINAL RESPONSE ends before its command details");
  assert_refused ("8103014001", EA_CORE_ERROR_MISSING,
                  "TERMINAL RESPONSE ends before its device identities");
  assert_refused ("8103014001 82028281", EA_CORE_ERROR_MISSING,
                  "TERMINAL RESPONSE ends before its result");
  assert_refused ("8103014001 830100 82028281", EA_CORE_ERROR_MISSING,
                  "TERMINAL RESPONSE has object 03 in the place of its device identities");
  assert_refused ("8103014001 82028281 8300", EA_CORE_ERROR_MALFORMED,
                  "Value of result has 0 bytes, less than 1");
}

/* Lc of one octet: a response of 255 bytes is read, one of 256 is not. */
static void
test_response_has_at_most_255_bytes (void **state)
{
  g_autoptr (GBytes) head = bytes_of ("010301420002028281030100 3681F0");
  g_autofree guint8 *zeroes = g_malloc0 (256);
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;
  EaCatResponse response;

  ea_writer_init (&writer);
  ea_writer_bytes (&writer, ea_span_from_bytes (head));
  ea_writer_bytes (&writer, ea_span_init (zeroes, 240));
  assert_int_equal (ea_writer_span (&writer).size, 255);
  assert_true (ea_cat_parse_response (&response, ea_writer_span (&writer), &error));
  assert_int_equal (response.objects.size, 243);
  ea_writer_u8 (&writer, 0x15);
  assert_false (ea_cat_parse_response (&response, ea_writer_span (&writer), &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

/* RECEIVE DATA brings as much as fits: 12 + 3 + 237 + 3 bytes; each length has the form that it needs. */
static void
test_received_data_have_the_length_that_the_card_expects (void **state)
{
  static const struct
  {
    gsize size;
    const char *head;
  } sizes[] = { { 127, "367F" }, { 128, "368180" }, { EA_CAT_RECEIVE_DATA_MAX, "3681ED" } };
  g_autofree guint8 *zeroes = g_malloc0 (256);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const guint8 remaining = 0xFF;
      g_autofree char *head = g_strconcat ("810301420082028281830100", sizes[i].head, NULL);
      g_autoptr (GBytes) expected = bytes_of (head);
      g_auto (EaWriter) objects = { 0 };
      g_autoptr (GBytes) built = NULL;
      EaCatResponse response = { .details = { 1, 0x42, 0 },
                                 .devices = { EA_CAT_DEVICE_TERMINAL, EA_CAT_DEVICE_UICC },
                                 .has_comprehension_tags = TRUE };

      ea_writer_init (&objects);
      ea_cat_write_object (&objects, EA_CAT_TAG_CHANNEL_DATA, FALSE,
                           ea_span_init (zeroes, sizes[i].size));
      ea_cat_write_object (&objects, EA_CAT_TAG_CHANNEL_DATA_LENGTH, FALSE,
                           ea_span_init (&remaining, 1));
      response.objects = ea_writer_span (&objects);
      built = ea_cat_build_response (&response);
      assert_true (ea_span_has_prefix (ea_span_from_bytes (built), ea_span_from_bytes (expected)));
      assert_int_equal (g_bytes_get_size (built), g_bytes_get_size (expected) + sizes[i].size + 3);
      assert_true (g_bytes_get_size (built) <= EA_CAT_RESPONSE_MAX);
    }
}

/* The example of the bearer independent protocol: success, and the remote device not reachable. */
static void
test_response_to_a_command_keeps_its_style_and_brings_objects (void **state)
{
  const EaCatCommand command
      = { .number = 1, .type = 0x40, .qualifier = 1, .has_comprehension_tags = TRUE };
  const EaCatCommand plain = { .number = 1, .type = 0x40, .qualifier = 3 };
  g_autoptr (GBytes) opened = bytes_of ("38028100 350103 39020578");
  g_autoptr (GBytes) failed = bytes_of ("350103 39020578");
  g_autoptr (GBytes) cause = bytes_of ("07");
  g_autoptr (GBytes) success = ea_cat_build_response_to (&command, EA_CAT_RESULT_OK, EA_SPAN_EMPTY,
                                                         ea_span_from_bytes (opened));
  g_autoptr (GBytes) failure = ea_cat_build_response_to (
      &plain, EA_CAT_RESULT_BIP_ERROR, ea_span_from_bytes (cause), ea_span_from_bytes (failed));

  assert_bytes_are (success, "810301400182028281 830100 38028100 350103 39020578");
  assert_bytes_are (failure, "010301400302028281 03023A07 350103 39020578");
}

/* TS 102 223 §8.12.2 to §8.12.12 */
static void
test_additional_information_has_a_name_for_each_result (void **state)
{
  assert_string_equal (ea_cat_get_result_cause_name (0x40, 0x20, 0x04), "no service");
  assert_string_equal (ea_cat_get_result_cause_name (0x40, 0x3A, 0x07),
                       "remote device is not reachable");
  assert_string_equal (ea_cat_get_result_cause_name (0x40, 0x3A, 0x10), "port not available");
  assert_string_equal (ea_cat_get_result_cause_name (0x40, 0x21, 0x1B), "missing or unknown APN");
  assert_string_equal (ea_cat_get_result_cause_name (0x10, 0x21, 0x91), "user busy");
  assert_string_equal (ea_cat_get_result_cause_name (0x10, 0x21, 0x00),
                       "no specific cause can be given");
  assert_string_equal (ea_cat_get_result_cause_name (0x13, 0x35, 0x26), "network out of order");
  assert_string_equal (ea_cat_get_result_cause_name (0x15, 0x26, 0x02), "browser unavailable");
  assert_string_equal (ea_cat_get_result_cause_name (0x30, 0x38, 0x06), "mute card");
  assert_string_equal (ea_cat_get_result_cause_name (0x10, 0x39, 0x01), "action not allowed");
  assert_string_equal (ea_cat_get_result_cause_name (0x50, 0x3C, 0x03), "no frame defined");
  assert_null (ea_cat_get_result_cause_name (0x40, 0x3A, 0x0A));
  assert_null (ea_cat_get_result_cause_name (0x40, 0x00, 0x00));
}

/* TS 31.111 §6.4.15: one of each for each access technology */
static void
test_several_locations_belong_into_one_response_when_asked_for (void **state)
{
  static const struct
  {
    guint8 qualifier;
    const char *objects;
    gboolean is_partial;
  } cases[] = {
    { 0x00, "130562F2201234", FALSE },
    { 0x00, "130562F2201234 130562F2205678", TRUE },
    { 0x0F, "3F020308 130562F2201234 130562F2205678", FALSE },
    { 0x0F, "160101", TRUE },
    { 0x02, "160101 160102", TRUE },
    { 0x10, "3F020308 160101 160102", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) objects = bytes_of (cases[i].objects);
      const EaCatResponse response
          = { .details = { 1, EA_CAT_TYPE_PROVIDE_LOCAL_INFORMATION, cases[i].qualifier } };
      gboolean is_partial = !cases[i].is_partial;

      assert_true (ea_cat_layout_check (ea_cat_response_get_layout (&response),
                                        ea_span_from_bytes (objects), &is_partial, NULL));
      assert_int_equal (is_partial, cases[i].is_partial);
    }
}

/* TS 102 223 §8.12 */
static void
test_some_results_need_a_cause (void **state)
{
  static const guint8 expected[] = { 0x20, 0x21, 0x26, 0x38, 0x39, 0x3A, 0x3C, 0x3D };
  gsize n_found = 0;

  for (guint result = 0; result <= 0xFF; result++)
    if (ea_cat_result_needs_additional ((guint8) result))
      {
        assert_true (n_found < G_N_ELEMENTS (expected));
        assert_int_equal (result, expected[n_found]);
        n_found++;
      }
  assert_int_equal (n_found, G_N_ELEMENTS (expected));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_each_field_of_each_response_of_another_implementation_is_read_alike),
    cmocka_unit_test (test_each_response_is_built_byte_for_byte),
    cmocka_unit_test (test_truncated_response_is_refused_within_an_object),
    cmocka_unit_test (test_response_begins_with_details_devices_and_result),
    cmocka_unit_test (test_response_has_at_most_255_bytes),
    cmocka_unit_test (test_received_data_have_the_length_that_the_card_expects),
    cmocka_unit_test (test_response_to_a_command_keeps_its_style_and_brings_objects),
    cmocka_unit_test (test_additional_information_has_a_name_for_each_result),
    cmocka_unit_test (test_several_locations_belong_into_one_response_when_asked_for),
    cmocka_unit_test (test_some_results_need_a_cause),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
