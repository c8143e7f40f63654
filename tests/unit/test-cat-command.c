/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What belongs into proactive commands (agent/core/cat-command.h, cat-channel.h, cat-task.h): against TS 102
 * 223 §6.4, §6.6 and §6.10, and the commands of other implementations, which are built byte for byte.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cat-nouns.h"
#include "core/cat-channel.h"
#include "core/cat-command.h"
#include "core/cat-task.h"
#include "helpers.h"
#include "vectors.h"

/* A short command with @details, @devices and @objects in hexadecimal; the bytes live in @bytes. */
static EaCatCommand
parse (const char *details, const char *devices, const char *objects, GBytes **bytes)
{
  g_autoptr (GBytes) counted = bytes_of (objects);
  g_autofree char *hex
      = g_strdup_printf ("D0%02X 8103%s 8202%s %s", (guint) (9 + g_bytes_get_size (counted)),
                         details, devices, objects);
  g_autoptr (GError) error = NULL;
  EaCatCommand command;

  *bytes = bytes_of (hex);
  if (!ea_cat_parse_command (&command, ea_span_from_bytes (*bytes), &error))
    fail_msg ("%s: %s", hex, error->message);
  return command;
}

static void
rewrite_object (EaWriter *writer, const Vector *vector, const EaTlv *tlv)
{
  g_auto (EaWriter) value = { 0 };
  gboolean is_untouched;

  ea_writer_init (&value);
  for (gsize i = 0; i < G_N_ELEMENTS (cat_nouns); i++)
    if (cat_nouns[i].tag == tlv->tag)
      {
        vector_assert (vector, cat_nouns[i].rewrite (tlv->value, &value, &is_untouched, NULL),
                       ea_cat_get_tag_name (tlv->tag));
        ea_cat_write_object (writer, (EaCatTag) tlv->tag, tlv->is_comprehension_required,
                             ea_writer_span (&value));
        return;
      }
  ea_cat_write_object (writer, (EaCatTag) tlv->tag, tlv->is_comprehension_required, tlv->value);
}

static void
check_rebuilt (const Vector *vector)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GBytes) built = NULL;
  EaCatCommand command;
  EaReader reader;
  EaTlv tlv;

  assert_true (ea_cat_parse_command (&command, ea_span_from_bytes (vector->bytes), NULL));
  ea_writer_init (&writer);
  ea_reader_init (&reader, command.objects);
  while (ea_reader_remaining (&reader) > 0 && ea_tlv_read_comprehension (&reader, &tlv, NULL))
    rewrite_object (&writer, vector, &tlv);
  command.objects = ea_writer_span (&writer);
  built = ea_cat_build_command (&command);
  vector_assert (vector, g_bytes_equal (built, vector->bytes), "the command is built like this");
}

static void
test_each_command_is_built_byte_for_byte_from_its_objects (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("proactive.tsv");

  for (guint i = 0; i < vectors->len; i++)
    check_rebuilt (vectors->pdata[i]);
  vectors_report ("proactive.tsv", vectors->len, vectors->len, "");
}

/*
 * Commands that a terminal answers with "command data not understood". oFono says it of one only, where its
 * structure has the result; the others are its tests of the same rule and Gecko's, which has none.
 */
static const char *const refused[] = {
  /* §6.5.4: an icon without a text: oFono's 3GPP cases 2.4.1, 2.5.1 and 1.9.1 */
  "ofono-stk-run_at_command_data_251",
  "ofono-stk-send_ss_data_241",
  "ofono-stk-send_ussd_data_241",
  "ofono-stk-arr-display_text_191",
  "gecko-bip-close1",
  /* §6.6.7: more items than one, and one without a value; "neg" in oFono's names */
  "ofono-stk-setup_menu_data_neg_2",
  "ofono-stk-setup_menu_data_neg_3",
};

static gboolean
is_refused (const char *id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    if (strcmp (refused[i], id) == 0)
      return TRUE;
  return FALSE;
}

static void
test_commands_of_other_implementations_are_understood_but_for_those_that_break_a_rule (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("proactive.tsv");

  for (guint i = 0; i < vectors->len; i++)
    {
      const Vector *vector = vectors->pdata[i];
      g_autoptr (GError) error = NULL;
      gboolean is_partial = TRUE;
      EaCatCommand command;

      assert_true (ea_cat_parse_command (&command, ea_span_from_bytes (vector->bytes), NULL));
      if (ea_cat_check_command (&command, &is_partial, &error))
        {
          vector_assert (vector, !is_refused (vector->id), "it is refused");
          vector_assert (vector, !is_partial, "it is understood as a whole");
          continue;
        }
      vector_assert (vector, is_refused (vector->id), error->message);
      vector_assert_number (vector, "result", ea_cat_get_result (error->code), 0x32);
    }
}

static void
assert_check (const char *details, const char *objects, EaCatResult expected, const char *message)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  EaCatCommand command = parse (details, "8182", objects, &bytes);
  gboolean is_partial = FALSE;

  if (ea_cat_check_command (&command, &is_partial, &error))
    {
      assert_int_equal (is_partial ? EA_CAT_RESULT_PARTIAL_COMPREHENSION : EA_CAT_RESULT_OK,
                        expected);
      return;
    }
  assert_string_equal (error->message, message);
  assert_int_equal (ea_cat_get_result (error->code), expected);
}

/* TS 102 223 §6.10 */
static void
test_object_that_is_missing_or_not_understood_tells_the_result (void **state)
{
  assert_check ("012100", "", EA_CAT_RESULT_VALUES_MISSING, "DISPLAY TEXT has no text string");
  assert_check ("012100", "8D020441", EA_CAT_RESULT_OK, NULL);
  /* 4F is reserved: with the comprehension bit, and without */
  assert_check ("012100", "8D020441 CF00", EA_CAT_RESULT_DATA_NOT_UNDERSTOOD,
                "DISPLAY TEXT has object 4F, which must be understood");
  assert_check ("012100", "8D020441 4F00", EA_CAT_RESULT_PARTIAL_COMPREHENSION, NULL);
  /* a second text string has no place, though its tag is known, and is passed over */
  assert_check ("012100", "8D020441 8D020442", EA_CAT_RESULT_PARTIAL_COMPREHENSION, NULL);
  assert_check ("012100", "8D020441 0D020442", EA_CAT_RESULT_PARTIAL_COMPREHENSION, NULL);
  /* nor has a buffer size; and tags of three octets are read */
  assert_check ("012100", "8D020441 B9020400", EA_CAT_RESULT_DATA_NOT_UNDERSTOOD,
                "DISPLAY TEXT has object 39, which must be understood");
  assert_check ("012100", "8D020441 7F812300", EA_CAT_RESULT_DATA_NOT_UNDERSTOOD,
                "DISPLAY TEXT has object 123, which must be understood");
  assert_check ("012100", "7F800D020441", EA_CAT_RESULT_OK, NULL);
}

static void
test_command_may_need_one_of_two_objects (void **state)
{
  assert_check ("011000", "", EA_CAT_RESULT_VALUES_MISSING, "SET UP CALL has no address");
  assert_check ("011000", "86029110", EA_CAT_RESULT_OK, NULL);
  assert_check ("011000", "B1027369", EA_CAT_RESULT_OK, NULL);
  assert_check ("011300", "", EA_CAT_RESULT_VALUES_MISSING, "SEND SHORT MESSAGE has no SMS TPDU");
  assert_check ("011300", "C80100", EA_CAT_RESULT_OK, NULL);
}

static void
test_menu_is_removed_with_one_item_without_a_value (void **state)
{
  assert_check ("012500", "8500 8F00", EA_CAT_RESULT_OK, NULL);
  assert_check ("012500", "8500 8F00 8F00", EA_CAT_RESULT_DATA_NOT_UNDERSTOOD,
                "SET UP MENU has 2 items, of which one has no value");
}

static void
test_unknown_type_is_said_to_be_unknown (void **state)
{
  assert_check ("019900", "", EA_CAT_RESULT_BEYOND_CAPABILITIES, "Type of command 99 is not known");
}

/* @offset: in the command, whose objects begin at 11 */
static void
assert_check_points_to (const char *details, const char *objects, gsize offset)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  EaCatCommand command = parse (details, "8182", objects, &bytes);
  EaSpan span = ea_span_from_bytes (bytes);
  gboolean is_partial;
  gsize actual = G_MAXSIZE;

  assert_false (ea_cat_check_command (&command, &is_partial, &error));
  assert_true (ea_core_error_get_offset (error, span.data, span.size, &actual));
  assert_int_equal (actual, offset);
}

static void
test_what_is_wrong_is_pointed_to (void **state)
{
  assert_check_points_to ("019900", "", 5);
  assert_check_points_to ("012100", "8D020441 CF00", 15);
  assert_check_points_to ("012100", "8D0104 9E020001", 14);
  assert_check_points_to ("012100", "9E020001", 15);
}

/* TS 102 223 §6.5.4: a data coding scheme is no text yet */
static void
test_icon_needs_a_text_that_is_not_empty (void **state)
{
  const char *const message = "DISPLAY TEXT has an icon, but no text that it goes with";

  assert_check ("012100", "8D020441 9E020001", EA_CAT_RESULT_OK, NULL);
  assert_check ("012100", "8D0104 9E020001", EA_CAT_RESULT_DATA_NOT_UNDERSTOOD, message);
  assert_check ("012100", "8D00 9E020001", EA_CAT_RESULT_DATA_NOT_UNDERSTOOD, message);
  assert_check ("014300", "B600 050141 1E020001", EA_CAT_RESULT_OK, NULL);
  assert_check ("014300", "B600 0500 1E020001", EA_CAT_RESULT_DATA_NOT_UNDERSTOOD,
                "SEND DATA has an icon, but no text that it goes with");
}

static void
assert_texts (const char *objects, const char *gateway, const char *login, const char *password)
{
  g_autoptr (GBytes) bytes = NULL;
  EaCatCommand command = parse ("011500", "8182", objects, &bytes);

  assert_span_is (ea_cat_command_get (&command, EA_CAT_TAG_TEXT_STRING, EA_CAT_ROLE_GATEWAY),
                  gateway);
  assert_span_is (ea_cat_command_get (&command, EA_CAT_TAG_TEXT_STRING, EA_CAT_ROLE_LOGIN), login);
  assert_span_is (ea_cat_command_get (&command, EA_CAT_TAG_TEXT_STRING, EA_CAT_ROLE_PASSWORD),
                  password);
}

/* TS 102 223 §6.6.26: gateway, alpha identifier, …, network access name, login, password */
static void
test_texts_of_launch_browser_are_told_apart_by_what_stands_between_them (void **state)
{
  assert_texts ("3100 0D020467 0501 41 470403696F74 0D020475 0D020470", "0467", "0475", "0470");
  assert_texts ("3100 470403696F74 0D020475 0D020470", "", "0475", "0470");
  assert_texts ("3100 050141 0D020475 0D020470", "", "0475", "0470");
  assert_texts ("3100 0D020467 470403696F74 0D020475", "0467", "0475", "");
  assert_texts ("3100 0D020467", "0467", "", "");
  assert_texts ("3100 0D020467 0D020475", "0467", "", "");
}

/* Each type of TS 102 223 §9.4 has its structure, and each object in one has a name. */
static void
test_each_known_type_has_a_layout_of_named_objects (void **state)
{
  guint n_known = 0;

  for (guint type = 0; type <= 0xFF; type++)
    {
      const EaCatLayout *layout = ea_cat_get_command_layout ((guint8) type);

      assert_int_equal (layout != NULL, ea_cat_is_known_command ((guint8) type));
      if (layout == NULL)
        continue;
      n_known++;
      assert_true (layout->n_slots <= EA_CAT_LAYOUT_SLOTS_MAX);
      for (gsize i = 0; i < layout->n_slots; i++)
        assert_non_null (ea_cat_get_tag_name ((guint32) layout->slots[i].tag));
    }
  assert_int_equal (n_known, 44);
}

static EaCatOpenChannel
parse_open (const char *objects, GBytes **bytes)
{
  g_autoptr (GError) error = NULL;
  EaCatCommand command = parse ("014001", "8182", objects, bytes);
  EaCatOpenChannel open;

  if (!ea_cat_parse_open_channel (&open, &command, &error))
    fail_msg ("%s: %s", objects, error->message);
  return open;
}

static void
assert_open_fails (const char *objects, EaCoreError code, const char *message)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  EaCatCommand command = parse ("014001", "8182", objects, &bytes);
  EaCatOpenChannel open;

  poison (&open, sizeof open);
  assert_false (ea_cat_parse_open_channel (&open, &command, &error));
  assert_true (is_poisoned (&open, sizeof open));
  assert_string_equal (error->message, message);
  assert_core_error (&error, code);
}

static void
test_open_channel_says_where_to (void **state)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *name = NULL;
  g_autofree char *address = NULL;
  EaCatOpenChannel open
      = parse_open ("350103 39020578 470403696F74 3C030201BB 3E0521C0000201", &bytes);

  assert_true (open.is_immediate);
  assert_false (open.is_background);
  assert_true (open.has_bearer);
  assert_int_equal (open.bearer.type, EA_CAT_BEARER_DEFAULT);
  assert_int_equal (open.buffer_size, 1400);
  assert_true (open.has_transport);
  assert_int_equal (open.transport.protocol, EA_CAT_TRANSPORT_TCP_CLIENT);
  assert_int_equal (open.transport.port, 443);
  assert_int_equal (open.local_address.family, EA_CAT_ADDRESS_NONE);
  name = ea_cat_parse_network_access_name (open.access_name, NULL);
  assert_string_equal (name, "iot");
  address = ea_cat_other_address_to_text (&open.destination);
  assert_string_equal (address, "192.0.2.1");
}

/* TS 102 223 §6.6.27: what comes before the transport level is the local address */
static void
test_address_before_the_transport_level_is_the_local_one (void **state)
{
  g_autoptr (GBytes) both = NULL;
  g_autoptr (GBytes) dynamic = NULL;
  g_autoptr (GBytes) alone = NULL;
  EaCatOpenChannel open;

  open = parse_open ("350103 39020578 3E05210A000001 3C030201BB 3E0521C0000201", &both);
  assert_span_is (open.local_address.address, "0A000001");
  assert_span_is (open.destination.address, "C0000201");

  open = parse_open ("350103 39020578 3E00 3C030201BB 3E0521C0000201", &dynamic);
  assert_int_equal (open.local_address.family, EA_CAT_ADDRESS_NONE);
  assert_span_is (open.destination.address, "C0000201");

  open = parse_open ("350103 39020578 3E05210A000001", &alone);
  assert_span_is (open.local_address.address, "0A000001");
  assert_int_equal (open.destination.family, EA_CAT_ADDRESS_NONE);
}

static void
test_first_text_of_open_channel_is_the_login_and_the_second_the_password (void **state)
{
  g_autoptr (GBytes) bytes = NULL;
  EaCatOpenChannel open = parse_open ("350103 39020578 0D020475 8D020470", &bytes);

  assert_span_is (open.login, "0475");
  assert_span_is (open.password, "0470");
}

/* TS 102 223 §6.4.27.5: the UICC in server mode needs no bearer and no destination */
static void
test_server_needs_no_bearer_but_clients_need_more (void **state)
{
  g_autoptr (GBytes) bytes = NULL;
  EaCatOpenChannel open = parse_open ("39020400 3C03030050", &bytes);

  assert_false (open.has_bearer);
  assert_int_equal (open.transport.protocol, EA_CAT_TRANSPORT_TCP_SERVER);
  assert_int_equal (open.transport.port, 80);
  assert_open_fails ("350103", EA_CORE_ERROR_MISSING, "OPEN CHANNEL has no buffer size");
  assert_open_fails ("39020400 3C030201BB 3E0521C0000201", EA_CORE_ERROR_MISSING,
                     "OPEN CHANNEL has no bearer description");
  assert_open_fails ("350103 39020400 3C030201BB", EA_CORE_ERROR_MISSING,
                     "OPEN CHANNEL of transport 2 has no destination address");
  assert_open_fails ("350103 39020400 3E0521C0000201 3C030101BB", EA_CORE_ERROR_MISSING,
                     "OPEN CHANNEL of transport 1 has no destination address");
}

static void
test_open_channel_with_a_value_that_cannot_be_is_refused (void **state)
{
  assert_open_fails ("350103 390104", EA_CORE_ERROR_MALFORMED,
                     "Value of buffer size has 1 bytes, not 2");
  assert_open_fails ("3500 39020400", EA_CORE_ERROR_MALFORMED,
                     "Value of bearer description has 0 bytes, less than 1");
  assert_open_fails ("350103 39020400 3C020201", EA_CORE_ERROR_MALFORMED,
                     "Value of UICC/terminal interface transport level has 2 bytes, not 3");
  assert_open_fails ("350103 39020400 3C030201BB 3E0421C00002", EA_CORE_ERROR_MALFORMED,
                     "Value of other address has 4 bytes, not 5");
  assert_open_fails ("350103 39020400 3C030201BB 3E0522C0000201", EA_CORE_ERROR_UNSUPPORTED,
                     "Type of address 22 is neither IPv4 (21) nor IPv6 (57)");
}

static void
assert_open_rebuilt (const char *details, const char *objects)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  EaCatCommand command = parse (details, "8182", objects, &bytes);
  EaCatOpenChannel open;

  assert_true (ea_cat_parse_open_channel (&open, &command, NULL));
  ea_writer_init (&writer);
  assert_int_equal (ea_cat_write_open_channel (&writer, &open), command.qualifier);
  assert_span_is (ea_writer_span (&writer), objects);
}

/* TS 102 223 §8.6: immediate is ignored with background, so it is not written then. */
static void
test_open_channel_is_written_as_it_was_read (void **state)
{
  assert_open_rebuilt ("014001", "350103 39020578 470403696F74 3C030201BB 3E0521C0000201");
  assert_open_rebuilt ("01400E", "35070203040304 1F02 39020200 470403696F74 3E05210A000001 0D020475"
                                 "0D020470 3C03010035 3E0521C0000202");
  assert_open_rebuilt ("014003", "39020400 3C03030050");
  assert_open_rebuilt ("014000", "350103 39020400 3C030201BB"
                                 "3E115720010DB8000000000000000000000001");
}

static void
test_channel_commands_name_their_channel (void **state)
{
  g_autoptr (GBytes) send_bytes = NULL;
  g_autoptr (GBytes) receive_bytes = NULL;
  g_autoptr (GBytes) close_bytes = NULL;
  EaCatCommand command = parse ("014301", "8121", "B60716030100050102", &send_bytes);
  EaCatReceiveData receive;
  EaCatCloseChannel channel;
  EaCatSendData send;

  assert_true (ea_cat_parse_send_data (&send, &command, NULL));
  assert_int_equal (send.channel, 1);
  assert_true (send.is_immediate);
  assert_span_is (send.data, "16030100050102");

  command = parse ("014200", "8127", "3701E6", &receive_bytes);
  assert_true (ea_cat_parse_receive_data (&receive, &command, NULL));
  assert_int_equal (receive.channel, 7);
  assert_int_equal (receive.length, 0xE6);

  command = parse ("014101", "8182", "", &close_bytes);
  assert_true (ea_cat_parse_close_channel (&channel, &command, NULL));
  assert_int_equal (channel.channel, 0);
  assert_true (channel.keeps);
}

static void
test_channel_commands_are_written_as_they_were_read (void **state)
{
  g_auto (EaWriter) writer = { 0 };
  g_auto (EaWriter) again = { 0 };
  const EaCatReceiveData receive = { 1, 0xE6 };
  g_autoptr (GBytes) data = bytes_of ("16030100050102");
  const EaCatSendData send = { 1, TRUE, ea_span_from_bytes (data) };

  ea_writer_init (&writer);
  assert_int_equal (ea_cat_write_send_data (&writer, &send), 1);
  assert_span_is (ea_writer_span (&writer), "B60716030100050102");
  ea_writer_init (&again);
  assert_int_equal (ea_cat_write_receive_data (&again, &receive), 0);
  assert_span_is (ea_writer_span (&again), "B701E6");
}

static void
test_command_of_another_type_is_not_taken (void **state)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  EaCatCommand command = parse ("014200", "8121", "3701E6", &bytes);
  EaCatSendData send;

  assert_false (ea_cat_parse_send_data (&send, &command, &error));
  assert_string_equal (error->message, "Command is RECEIVE DATA (42), not SEND DATA (43)");
  assert_core_error (&error, EA_CORE_ERROR_UNSUPPORTED);
}

static void
assert_timer_fails (const char *details, const char *objects, EaCoreError code)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  EaCatCommand command = parse (details, "8182", objects, &bytes);
  EaCatTimerManagement timer;

  poison (&timer, sizeof timer);
  assert_false (ea_cat_parse_timer_management (&timer, &command, &error));
  assert_true (is_poisoned (&timer, sizeof timer));
  assert_core_error (&error, code);
}

/* TS 102 223 §8.37: timers 1 to 8; §6.6.21: a start needs a value */
static void
test_timers_are_1_to_8_and_start_with_a_value (void **state)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  EaCatCommand command = parse ("012700", "8182", "A40108 A503100302", &bytes);
  EaCatTimerManagement timer;

  assert_true (ea_cat_parse_timer_management (&timer, &command, NULL));
  assert_int_equal (timer.action, EA_CAT_TIMER_START);
  assert_int_equal (timer.timer, 8);
  assert_int_equal (timer.value.hours, 1);
  assert_int_equal (timer.value.minutes, 30);
  assert_int_equal (timer.value.seconds, 20);
  ea_writer_init (&writer);
  assert_int_equal (ea_cat_write_timer_management (&writer, &timer), 0);
  assert_span_is (ea_writer_span (&writer), "A40108 A503100302");

  assert_timer_fails ("012700", "A40100 A503100302", EA_CORE_ERROR_MALFORMED);
  assert_timer_fails ("012700", "A40109 A503100302", EA_CORE_ERROR_MALFORMED);
  assert_timer_fails ("012703", "A40101", EA_CORE_ERROR_MALFORMED);
  assert_timer_fails ("012700", "A40101", EA_CORE_ERROR_MISSING);
  assert_timer_fails ("012701", "", EA_CORE_ERROR_MISSING);
}

static void
test_refresh_of_files_names_them (void **state)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) reset_bytes = NULL;
  g_autoptr (GBytes) missing_bytes = NULL;
  g_autoptr (GError) error = NULL;
  EaCatCommand command
      = parse ("010101", "8182", "920B 02 3F007F206F07 3F002FE2 AF05A000000087", &bytes);
  EaCatRefresh refresh;
  EaReader reader;
  EaSpan path;

  assert_true (ea_cat_parse_refresh (&refresh, &command, NULL));
  assert_int_equal (refresh.mode, EA_CAT_REFRESH_FILE_CHANGE);
  assert_span_is (refresh.aid, "A000000087");
  ea_reader_init (&reader, refresh.files.paths);
  assert_true (ea_cat_file_list_next (&reader, &path));
  assert_span_is (path, "3F007F206F07");
  assert_true (ea_cat_file_list_next (&reader, &path));
  assert_span_is (path, "3F002FE2");
  assert_false (ea_cat_file_list_next (&reader, &path));

  command = parse ("010104", "8182", "", &reset_bytes);
  assert_true (ea_cat_parse_refresh (&refresh, &command, NULL));
  assert_int_equal (refresh.mode, EA_CAT_REFRESH_UICC_RESET);
  assert_false (refresh.has_files);

  command = parse ("010101", "8182", "", &missing_bytes);
  assert_false (ea_cat_parse_refresh (&refresh, &command, &error));
  assert_core_error (&error, EA_CORE_ERROR_MISSING);
}

static void
test_event_list_and_poll_interval_are_read (void **state)
{
  g_autoptr (GBytes) events_bytes = NULL;
  g_autoptr (GBytes) none_bytes = NULL;
  g_autoptr (GBytes) poll_bytes = NULL;
  EaCatCommand command = parse ("010500", "8182", "9904 03090A12", &events_bytes);
  EaCatDuration interval;
  EaSpan events;

  assert_true (ea_cat_parse_event_list (&events, &command, NULL));
  assert_span_is (events, "03090A12");
  command = parse ("010500", "8182", "9900", &none_bytes);
  assert_true (ea_cat_parse_event_list (&events, &command, NULL));
  assert_int_equal (events.size, 0);

  command = parse ("010300", "8182", "8402001E", &poll_bytes);
  assert_true (ea_cat_parse_poll_interval (&interval, &command, NULL));
  assert_int_equal (interval.unit, EA_CAT_DURATION_MINUTES);
  assert_int_equal (interval.interval, 30);
}

static void
test_qualifiers_have_the_names_of_the_standard (void **state)
{
  assert_string_equal (ea_cat_get_qualifier_name (0x01, 0x04), "UICC reset");
  assert_string_equal (ea_cat_get_qualifier_name (0x26, 0x06), "access technology");
  assert_string_equal (ea_cat_get_qualifier_name (0x27, 0x02), "get current value");
  assert_string_equal (ea_cat_get_qualifier_name (0x43, 0x01), "send data immediately");
  assert_string_equal (ea_cat_get_qualifier_name (0x13, 0x01),
                       "SMS packing by the terminal required");
  assert_null (ea_cat_get_qualifier_name (0x40, 0x01));
  assert_null (ea_cat_get_qualifier_name (0x01, 0x0B));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_each_command_is_built_byte_for_byte_from_its_objects),
    cmocka_unit_test (
        test_commands_of_other_implementations_are_understood_but_for_those_that_break_a_rule),
    cmocka_unit_test (test_object_that_is_missing_or_not_understood_tells_the_result),
    cmocka_unit_test (test_command_may_need_one_of_two_objects),
    cmocka_unit_test (test_menu_is_removed_with_one_item_without_a_value),
    cmocka_unit_test (test_unknown_type_is_said_to_be_unknown),
    cmocka_unit_test (test_what_is_wrong_is_pointed_to),
    cmocka_unit_test (test_icon_needs_a_text_that_is_not_empty),
    cmocka_unit_test (test_texts_of_launch_browser_are_told_apart_by_what_stands_between_them),
    cmocka_unit_test (test_each_known_type_has_a_layout_of_named_objects),
    cmocka_unit_test (test_open_channel_says_where_to),
    cmocka_unit_test (test_address_before_the_transport_level_is_the_local_one),
    cmocka_unit_test (test_first_text_of_open_channel_is_the_login_and_the_second_the_password),
    cmocka_unit_test (test_server_needs_no_bearer_but_clients_need_more),
    cmocka_unit_test (test_open_channel_with_a_value_that_cannot_be_is_refused),
    cmocka_unit_test (test_open_channel_is_written_as_it_was_read),
    cmocka_unit_test (test_channel_commands_name_their_channel),
    cmocka_unit_test (test_channel_commands_are_written_as_they_were_read),
    cmocka_unit_test (test_command_of_another_type_is_not_taken),
    cmocka_unit_test (test_timers_are_1_to_8_and_start_with_a_value),
    cmocka_unit_test (test_refresh_of_files_names_them),
    cmocka_unit_test (test_event_list_and_poll_interval_are_read),
    cmocka_unit_test (test_qualifiers_have_the_names_of_the_standard),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
