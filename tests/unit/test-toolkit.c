/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Proactive commands that are no matter of channels, clocks or local information. */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "toolkit-rig.h"
#include "wait.h"

#define MORE_TIME "D009810301020082028182"
#define TIME_TAKEN "810301020082028281830100"

static GPtrArray *notices; /* of strings: what an operator reads */

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    if ((level & G_LOG_LEVEL_MESSAGE) != 0 && strcmp (fields[i].key, "MESSAGE") == 0)
      g_ptr_array_add (notices, g_strdup (fields[i].value));
  return G_LOG_WRITER_HANDLED;
}

static void
expect_notice (const char *text)
{
  assert_int_equal (notices->len, 1);
  assert_string_equal (g_ptr_array_index (notices, 0), text);
  g_ptr_array_set_size (notices, 0);
}

static void
test_more_time_is_taken (void **state)
{
  ToolkitRig *rig = *state;

  toolkit_rig_exchange (rig, MORE_TIME, TIME_TAKEN);
  toolkit_rig_exchange (rig, "D009010301020002028182", "010301020002028281030100");
  run_ready ();
  assert_true (ea_toolkit_is_idle (rig->toolkit));
  assert_int_not_equal (rig->n_idle, 0);
}

static void
test_every_mode_of_refresh_is_performed (void **state)
{
  static const struct
  {
    const char *command;
    const char *response;
  } rows[] = {
    { "D009810301010082028182", "810301010082028281830100" },
    { "D0108103010101820281829205013F002FE2", "810301010182028281830100" },
    { "D0108103010102820281829205013F002FE2", "810301010282028281830100" },
    { "D009810301010382028182", "810301010382028281830100" },
    { "D009810301010482028182", "810301010482028281830100" },
    { "D01B810301010582028182AF10A0000000871002FF33FF018900000100", "810301010582028281830100" },
    { "D009810301010682028182", "810301010682028281830100" },
    { "D009810301010782028182", "810301010782028281830100" },
    { "D009810301010882028182", "810301010882028281830100" },
    { "D009810301010982028182", "810301010982028281830100" },
    { "D009810301010A82028182", "810301010A82028281830100" },
    { "D009010301010402028182", "010301010402028281030100" },
  };
  ToolkitRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      toolkit_rig_exchange (rig, rows[i].command, rows[i].response);
      run_ready ();
      assert_int_equal (rig->n_refreshed, i + 1);
    }
}

static void
test_refresh_that_was_not_performed_is_not_told (void **state)
{
  ToolkitRig *rig = *state;

  toolkit_rig_exchange (rig, "D009810301010182028182", "810301010182028281830136"); /* no files */
  toolkit_rig_exchange (rig, "D00B8103010101820281829200", "810301010182028281830132");
  run_ready ();
  fake_modem_fail (rig->modem, EA_MODEM_ERROR_TIMEOUT);
  toolkit_rig_exchange (rig, "D009810301010482028182", "810301010482028281830100");
  run_ready ();
  assert_int_equal (rig->n_refreshed, 0);
}

static void
test_event_list_replaces_the_one_before (void **state)
{
  ToolkitRig *rig = *state;

  assert_int_equal (g_bytes_get_size (ea_toolkit_get_events (rig->toolkit)), 0);
  toolkit_rig_exchange (rig, "D00D81030105008202818299020405", "810301050082028281830100");
  assert_bytes_are (ea_toolkit_get_events (rig->toolkit), "0405");
  toolkit_rig_exchange (rig, "D00F8103010500820281829904090A0B7F", "810301050082028281830100");
  assert_bytes_are (ea_toolkit_get_events (rig->toolkit), "090A0B7F");
  assert_int_equal (rig->n_events_changed, 2);
  toolkit_rig_exchange (rig, "D009810301050082028182", "810301050082028281830136");
  assert_bytes_are (ea_toolkit_get_events (rig->toolkit), "090A0B7F");
  toolkit_rig_exchange (rig, "D00B8103010500820281829900", "810301050082028281830100");
  assert_int_equal (g_bytes_get_size (ea_toolkit_get_events (rig->toolkit)), 0);
  toolkit_rig_exchange (rig, "D00C010301050002028182190109", "010301050002028281030100");
  assert_bytes_are (ea_toolkit_get_events (rig->toolkit), "09");
}

static void
test_menu_and_idle_text_are_taken_without_a_word (void **state)
{
  ToolkitRig *rig = *state;

  toolkit_rig_exchange (rig,
                        "D023810301250082028182850C546F6F6C6B6974204D656E75"
                        "8F04114F6E658F041254776F",
                        "810301250082028281830100");
  expect_notice ("The card says with SET UP MENU: Toolkit Menu");
  toolkit_rig_exchange (rig, "D01A8103012800820281828D0F0449646C65204D6F64652054657874",
                        "810301280082028281830100");
  toolkit_rig_exchange (rig, "D00B8103012800820281828D00", "810301280082028281830100");
}

static void
test_menu_that_makes_no_sense_is_not_taken (void **state)
{
  ToolkitRig *rig = *state;

  toolkit_rig_exchange (rig, "D00D81030125008202818285008F00", "810301250082028281830100");
  toolkit_rig_exchange (rig, "D00F81030125008202818285008F008F00", "810301250082028281830132");
  toolkit_rig_exchange (rig, "D009810301250082028182", "810301250082028281830136");
  toolkit_rig_exchange (rig, "D009810301280082028182", "810301280082028281830136");
}

static void
test_what_needs_a_user_a_call_or_a_browser_is_beyond_the_terminal (void **state)
{
  static const guint8 types[]
      = { 0x10, 0x11, 0x12, 0x14, 0x15, 0x16, 0x20, 0x21, 0x22, 0x23, 0x24, 0x30, 0x31, 0x32, 0x33,
          0x34, 0x35, 0x45, 0x46, 0x47, 0x50, 0x51, 0x60, 0x61, 0x62, 0x70, 0x71, 0x72, 0x73 };
  ToolkitRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *command = g_strdup_printf ("D009810307%02X8082028182", types[i]);
      g_autofree char *response = g_strdup_printf ("810307%02X8082028281830130", types[i]);

      toolkit_rig_exchange (rig, command, response);
    }
}

static void
test_types_that_there_are_not_are_not_understood (void **state)
{
  static const guint8 types[] = { 0x00, 0x06, 0x0F, 0x17, 0x1F, 0x29, 0x2F, 0x36,
                                  0x3F, 0x48, 0x4F, 0x52, 0x63, 0x74, 0x7F, 0xFF };
  ToolkitRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *command = g_strdup_printf ("D009810301%02X0082028182", types[i]);
      g_autofree char *response = g_strdup_printf ("810301%02X0082028281830131", types[i]);

      toolkit_rig_exchange (rig, command, response);
    }
}

static void
test_unknown_object_that_may_be_passed_over_is_told (void **state)
{
  ToolkitRig *rig = *state;

  toolkit_rig_exchange (rig, "D00C810301020082028182690100", "810301020082028281830101");
  toolkit_rig_exchange (rig, "D00C810301020082028182E90100", "810301020082028281830132");
}

static void
test_alpha_identifier_goes_to_the_log (void **state)
{
  ToolkitRig *rig = *state;

  /* gecko-bip-send-1 in tests/vectors/more-proactive.tsv */
  toolkit_rig_exchange (rig,
                        "D026810301430182028121850B53656E6420446174612031"
                        "B6080001020304050607D004000B00B4",
                        "81030143018202828183023A03");
  expect_notice ("The card says with SEND DATA: Send Data 1");
  /* ofono-stk-setup_menu_data_811: UCS2 */
  toolkit_rig_exchange (rig,
                        "D03C8103012500820281828509805DE551777BB153558F080180987976EE4E00"
                        "8F080280987976EE4E8C8F080380987976EE4E098F080480987976EE56DB",
                        "810301250082028281830100");
  expect_notice ("The card says with SET UP MENU: 工具箱单");
  toolkit_rig_exchange (rig,
                        "D00E8103014100820281218500"
                        "690100",
                        "81030141008202828183023A03");
  assert_int_equal (notices->len, 0);
}

static void
test_text_of_the_card_is_one_line_of_the_log (void **state)
{
  ToolkitRig *rig = *state;

  toolkit_rig_exchange (rig, "D0118103014100820281218506410A420D431B",
                        "81030141008202828183023A03");
  assert_int_equal (notices->len, 1);
  for (const char *c = g_ptr_array_index (notices, 0); *c != '\0'; c++)
    assert_false (g_ascii_iscntrl (*c));
  g_ptr_array_set_size (notices, 0);
}

static void
test_same_command_again_is_answered_again (void **state)
{
  ToolkitRig *rig = *state;

  for (guint32 reference = 1; reference <= 3; reference++)
    fake_modem_want (rig->modem, reference, MORE_TIME);
  toolkit_rig_expect (rig, "response 1 " TIME_TAKEN);
  toolkit_rig_expect (rig, "response 2 " TIME_TAKEN);
  toolkit_rig_expect (rig, "response 3 " TIME_TAKEN);
  toolkit_rig_expect_nothing (rig);
}

static void
ignore_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
}

static void
test_response_that_waits_for_the_card_is_not_for_the_card_after_it (void **state)
{
  ToolkitRig *rig = *state;

  ea_card_ask_status_async (rig->card, NULL, ignore_result, NULL);
  fake_modem_want (rig->modem, 1, MORE_TIME);
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_INITIALIZING);
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_READY);
  fake_modem_want (rig->modem, 2, MORE_TIME);

  toolkit_rig_expect (rig, "apdu 0 80F2000C00");
  toolkit_rig_expect (rig, "response 2 " TIME_TAKEN);
  toolkit_rig_expect_nothing (rig);
}

/* The modem's word about the first response comes after the card's next command. */
static void
test_next_command_is_answered_before_the_modem_tells_of_the_last_response (void **state)
{
  ToolkitRig *rig = *state;

  fake_modem_want (rig->modem, 1, MORE_TIME);
  fake_modem_want (rig->modem, 2, MORE_TIME);
  ea_card_ask_status_async (rig->card, NULL, ignore_result, NULL);
  assert_string_equal (fake_modem_read_diary (rig->modem),
                       "response 1 " TIME_TAKEN "\nresponse 2 " TIME_TAKEN);
  assert_false (ea_toolkit_is_idle (rig->toolkit));

  toolkit_rig_expect (rig, "apdu 0 80F2000C00");
  toolkit_rig_expect_nothing (rig);
  assert_true (ea_toolkit_is_idle (rig->toolkit));
}

/* A card that is waited for in vain is told of nothing for two seconds. */
static void
test_command_that_firmware_has_carried_out_already_is_not_waited_for (void **state)
{
  ToolkitRig *rig = *state;

  fake_modem_answer (rig->modem, "910B");
  fake_modem_want (rig->modem, 1, MORE_TIME);
  fake_modem_end_session (rig->modem);

  toolkit_rig_expect (rig, "response 1 " TIME_TAKEN);
  toolkit_rig_expect_nothing (rig);
  assert_true (ea_toolkit_is_idle (rig->toolkit));
}

/* Only firmware that leaves the fetching to the agent leaves the card's reset to it as well. */
static void
test_refresh_that_was_fetched_here_resets_the_card (void **state)
{
  ToolkitRig *rig = *state;
  g_autoptr (GBytes) envelope = bytes_of ("D60B99010A82028281B8020105");

  fake_modem_fail (rig->modem, EA_MODEM_ERROR_UNSUPPORTED);
  fake_modem_answer (rig->modem, "910B");
  fake_modem_answer (rig->modem, "D0098103010104820281829000");
  ea_card_send_envelope_async (rig->card, envelope, NULL, ignore_result, NULL);

  toolkit_rig_expect (rig, "envelope D60B99010A82028281B8020105");
  toolkit_rig_expect (rig, "apdu 0 80C200000DD60B99010A82028281B8020105");
  toolkit_rig_expect (rig, "apdu 0 801200000B");
  toolkit_rig_expect (rig, "apdu 0 801400000C810301010482028281830100");
  toolkit_rig_expect (rig, "reset");
  toolkit_rig_expect_nothing (rig);
}

/* The SMS-SUBMIT of the card, and the command that has it: a message that tshark reads */
#define SUBMIT "41000C919451214365877FF60A0700032A02017000AABB"
#define SEND_SUBMIT "D02B8103011300820281838607919471071600008B17" SUBMIT
#define SUBMIT_SENT "810301130082028281830100"

/* @user_data: (nullable): a GString that gets what is taken; without it nothing is */
static gboolean
take_message (EaSpan tpdu, gpointer user_data)
{
  if (user_data != NULL)
    ea_span_append_hex (tpdu, user_data);
  return user_data != NULL;
}

static void
test_short_message_for_somebody_here_is_not_sent (void **state)
{
  ToolkitRig *rig = *state;
  g_autoptr (GString) taken = g_string_new (NULL);

  ea_toolkit_set_message_taker (rig->toolkit, take_message, taken);
  toolkit_rig_exchange (rig, SEND_SUBMIT, SUBMIT_SENT);
  toolkit_rig_expect_nothing (rig);
  assert_string_equal (taken->str, SUBMIT);
}

static void
test_short_message_that_nobody_here_wants_is_sent_as_it_is (void **state)
{
  ToolkitRig *rig = *state;

  ea_toolkit_set_message_taker (rig->toolkit, take_message, NULL);
  toolkit_rig_want (rig, SEND_SUBMIT);
  toolkit_rig_expect (rig, "sms 0791947107160000" SUBMIT);
  toolkit_rig_expect_response (rig, SUBMIT_SENT);
}

static void
test_short_message_that_is_none_is_not_offered_to_anybody (void **state)
{
  ToolkitRig *rig = *state;
  g_autoptr (GString) taken = g_string_new (NULL);

  ea_toolkit_set_message_taker (rig->toolkit, take_message, taken);
  toolkit_rig_exchange (rig, "D00D8103011300820281838B024100", "810301130082028281830132");
  assert_string_equal (taken->str, "");
}

static void
test_command_that_is_no_command_is_answered (void **state)
{
  static const char *const commands[] = { "",         "00",           "D0",
                                          "D000",     "D1",           "D00281",
                                          "FFFFFFFF", "D00581030102", "D0FF810301020082028182" };
  ToolkitRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      toolkit_rig_want (rig, commands[i]);
      assert_true (g_str_has_prefix (fake_modem_await_line (rig->modem), "response 1 "));
      toolkit_rig_expect_nothing (rig);
    }
  toolkit_rig_exchange (rig, MORE_TIME, TIME_TAKEN);
}

static int
teardown (void **state)
{
  g_ptr_array_set_size (notices, 0);
  return toolkit_rig_teardown (state);
}

#define TOOLKIT_TEST(function)                                                                     \
  cmocka_unit_test_setup_teardown (function, toolkit_rig_setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    TOOLKIT_TEST (test_more_time_is_taken),
    TOOLKIT_TEST (test_every_mode_of_refresh_is_performed),
    TOOLKIT_TEST (test_next_command_is_answered_before_the_modem_tells_of_the_last_response),
    TOOLKIT_TEST (test_command_that_firmware_has_carried_out_already_is_not_waited_for),
    TOOLKIT_TEST (test_refresh_that_was_not_performed_is_not_told),
    TOOLKIT_TEST (test_event_list_replaces_the_one_before),
    TOOLKIT_TEST (test_menu_and_idle_text_are_taken_without_a_word),
    TOOLKIT_TEST (test_menu_that_makes_no_sense_is_not_taken),
    TOOLKIT_TEST (test_what_needs_a_user_a_call_or_a_browser_is_beyond_the_terminal),
    TOOLKIT_TEST (test_types_that_there_are_not_are_not_understood),
    TOOLKIT_TEST (test_unknown_object_that_may_be_passed_over_is_told),
    TOOLKIT_TEST (test_alpha_identifier_goes_to_the_log),
    TOOLKIT_TEST (test_text_of_the_card_is_one_line_of_the_log),
    TOOLKIT_TEST (test_same_command_again_is_answered_again),
    TOOLKIT_TEST (test_refresh_that_was_fetched_here_resets_the_card),
    TOOLKIT_TEST (test_response_that_waits_for_the_card_is_not_for_the_card_after_it),
    TOOLKIT_TEST (test_short_message_for_somebody_here_is_not_sent),
    TOOLKIT_TEST (test_short_message_that_nobody_here_wants_is_sent_as_it_is),
    TOOLKIT_TEST (test_short_message_that_is_none_is_not_offered_to_anybody),
    TOOLKIT_TEST (test_command_that_is_no_command_is_answered),
  };
  int result;

  notices = g_ptr_array_new_with_free_func (g_free);
  g_log_set_writer_func (write_log, NULL, NULL);
  result = cmocka_run_group_tests (tests, NULL, NULL);
  g_ptr_array_unref (notices);
  return result;
}
