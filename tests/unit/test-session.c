/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The card's queue and the toolkit in front of a modem that does what the test says. The proactive command is a worked
 * example that independent encoders agreed upon.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-modem.h"
#include "helpers.h"
#include "toolkit-rig.h"

#define SUBMIT                                                                                     \
  "41000C919451214365877FF63902710000341200000134DBD031A252426AFC40A64ED871448198EE21DCA8250BE1"   \
  "C87CAEC9E56C131FF88C51CAC504DD1B1240FAF7D9957132"
#define SEND_SHORT_MESSAGE "D05A8103011300820281838607919471071600008B46" SUBMIT

typedef struct
{
  ToolkitRig *rig;
  FakeModem *modem; /* this and what follows is the rig's */
  EaCard *card;
  EaActivity *activity;
  EaToolkit *toolkit;
} Bench;

static int
setup (void **state)
{
  Bench *bench = g_new0 (Bench, 1);

  bench->rig = toolkit_rig_new ("lo", "127.0.0.0/8");
  fake_modem_answer_all (bench->rig->modem, NULL); /* tests say each answer */
  bench->modem = bench->rig->modem;
  bench->card = bench->rig->card;
  bench->activity = bench->rig->activity;
  bench->toolkit = bench->rig->toolkit;
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  Bench *bench = *state;

  (void) fake_modem_read_diary (bench->modem); /* what a test does not care about */
  toolkit_rig_free (bench->rig);
  g_free (bench);
  return 0;
}

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
test_short_message_of_the_card_is_sent_and_answered_with_success (void **state)
{
  Bench *bench = *state;

  fake_modem_answer (bench->modem, "");
  fake_modem_answer (bench->modem, "9000");
  fake_modem_want (bench->modem, 42, SEND_SHORT_MESSAGE);
  fake_modem_await (bench->modem, 2);

  assert_string_equal (fake_modem_read_diary (bench->modem),
                       "sms 0791947107160000" SUBMIT "\nresponse 42 810301130082028281830100");
}

/* SEND SHORT MESSAGE, packing required, of @n octets 61 under the TP-DCS @dcs */
static char *
new_packing_command (guint8 dcs, guint n)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (text, "61");
  return g_strdup_printf ("D081%02X8103011301820281838607919471071600008B81%02X01000091"
                          "00%02X%02X%s",
                          5 + 4 + 9 + 3 + 7 + n, 7 + n, dcs, n, text->str);
}

/* Eight times 61 are E170381C0E87C3 in septets. */
static void
test_text_of_160_characters_is_packed_and_sent (void **state)
{
  Bench *bench = *state;
  g_autofree char *command = new_packing_command (0xF4, 160);
  g_autoptr (GString) packed = g_string_new (NULL);
  g_autofree char *expected = NULL;

  for (guint i = 0; i < 160 / 8; i++)
    g_string_append (packed, "E170381C0E87C3");
  expected = g_strdup_printf ("sms 07919471071600000100009100F0A0%s"
                              "\nresponse 42 810301130182028281830100",
                              packed->str);
  fake_modem_answer (bench->modem, "");
  fake_modem_answer (bench->modem, "9000");
  fake_modem_want (bench->modem, 42, command);
  fake_modem_await (bench->modem, 2);

  assert_string_equal (fake_modem_read_diary (bench->modem), expected);
}

static void
test_text_that_is_too_long_to_be_packed_is_not_understood (void **state)
{
  static const struct
  {
    guint8 dcs;
    guint n;
  } texts[] = { { 0xF4, 161 }, { 0x08, 142 } };
  Bench *bench = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *command = new_packing_command (texts[i].dcs, texts[i].n);

      fake_modem_answer (bench->modem, "9000");
      fake_modem_want (bench->modem, 42, command);
      fake_modem_await (bench->modem, 1);

      assert_string_equal (fake_modem_read_diary (bench->modem),
                           "response 42 810301130182028281830132");
    }
}

static void
test_network_s_refusal_reaches_the_card_with_its_cause (void **state)
{
  Bench *bench = *state;

  fake_modem_refuse_sms (bench->modem, 0x26);
  fake_modem_answer (bench->modem, "9000");
  fake_modem_want (bench->modem, 42, SEND_SHORT_MESSAGE);
  fake_modem_await (bench->modem, 2);

  assert_string_equal (fake_modem_read_diary (bench->modem),
                       "sms 0791947107160000" SUBMIT "\nresponse 42 81030113008202828183023526");
}

static void
test_terminal_response_whose_fate_is_unknown_is_not_given_twice (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) envelope = bytes_of ("D100");
  g_autoptr (GAsyncResult) result = NULL;

  fake_modem_fail (bench->modem, EA_MODEM_ERROR_TIMEOUT);
  fake_modem_answer (bench->modem, "9000");
  fake_modem_want (bench->modem, 3, "D009810301210082028182");
  ea_card_send_envelope_async (bench->card, envelope, NULL, on_result, &result);
  fake_modem_await (bench->modem, 2);

  assert_string_equal (fake_modem_read_diary (bench->modem),
                       "response 3 810301210082028281830130\nenvelope D100");
}

static void
test_results_of_sending_are_honest (void **state)
{
  static const struct
  {
    EaModemError error;
    EaCatResult result;
    guint8 additional;
  } rows[] = {
    { EA_MODEM_ERROR_NO_SERVICE, EA_CAT_RESULT_TERMINAL_UNABLE, 0x04 },
    { EA_MODEM_ERROR_NETWORK, EA_CAT_RESULT_NETWORK_UNABLE, 0x00 },
    { EA_MODEM_ERROR_TIMEOUT, EA_CAT_RESULT_NETWORK_UNABLE, 0x00 },
    { EA_MODEM_ERROR_FAILED, EA_CAT_RESULT_TERMINAL_UNABLE, 0x00 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = g_error_new (EA_MODEM_ERROR, (int) rows[i].error, "x");
      guint8 additional = 0xFF;

      assert_int_equal (ea_toolkit_get_send_result (error, 0, &additional), rows[i].result);
      assert_int_equal (additional, rows[i].additional);
    }
}

static void
test_unreadable_commands_are_answered_as_far_as_they_were_read (void **state)
{
  static const struct
  {
    const char *command;
    const char *response;
  } rows[] = {
    /* no TPDU: values missing */
    { "D009810301130082028183", "response 1 810301130082028281830136" },
    /* an object that goes beyond the end: data not understood */
    { "D00B8103011300820281838B05", "response 1 810301130082028281830132" },
    /* no device identities */
    { "D0058103011300", "response 1 810301130082028281830136" },
    /* a type that no standard has */
    { "D0098103017F0082028182", "response 1 8103017F0082028281830131" },
    /* tags without the comprehension bit are answered in kind */
    { "D009010301210002028182", "response 1 010301210002028281030130" },
  };
  Bench *bench = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      fake_modem_answer (bench->modem, "9000");
      fake_modem_want (bench->modem, 1, rows[i].command);
      fake_modem_await (bench->modem, 1);

      assert_string_equal (fake_modem_read_diary (bench->modem), rows[i].response);
    }
}

static void
test_every_truncation_of_a_command_is_answered_once (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) whole = bytes_of (SEND_SHORT_MESSAGE);
  EaSpan span = ea_span_from_bytes (whole);

  for (gsize size = 0; size < span.size; size++)
    {
      g_autofree char *hex = ea_span_to_hex (ea_span_init (span.data, size));

      fake_modem_answer (bench->modem, "9000");
      fake_modem_want (bench->modem, 1, hex);
      fake_modem_await (bench->modem, 1);

      assert_true (g_str_has_prefix (fake_modem_read_diary (bench->modem), "response 1 "));
    }
}

static GPtrArray *
new_commands (const char *hex)
{
  GPtrArray *commands = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (commands, bytes_of (hex));
  return commands;
}

static void
test_run_follows_up_61_and_6c_and_closes_its_channel (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) aid = bytes_of ("A000000559");
  g_autoptr (GPtrArray) commands = new_commands ("80CA005A00");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) responses = NULL;

  fake_modem_answer (bench->modem, "01");
  fake_modem_answer (bench->modem, "6C12");
  fake_modem_answer (bench->modem, "5A106102");
  fake_modem_answer (bench->modem, "AABB9000");
  ea_card_run_async (bench->card, aid, commands, NULL, on_result, &result);
  fake_modem_await (bench->modem, 5);
  responses = ea_card_run_finish (bench->card, result, NULL);

  assert_string_equal (fake_modem_read_diary (bench->modem),
                       "open A000000559\napdu 1 81CA005A00\napdu 1 81CA005A12\n"
                       "apdu 1 01C0000002\nclose 1");
  assert_bytes_are (g_ptr_array_index (responses, 0), "5A10AABB9000");
}

static void
test_run_closes_its_channel_after_a_failure (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) aid = bytes_of ("A000000559");
  g_autoptr (GPtrArray) commands = new_commands ("80CA005A00");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fake_modem_answer (bench->modem, "02");
  fake_modem_fail (bench->modem, EA_MODEM_ERROR_TIMEOUT);
  ea_card_run_async (bench->card, aid, commands, NULL, on_result, &result);
  fake_modem_await (bench->modem, 3);

  assert_null (ea_card_run_finish (bench->card, result, &error));
  assert_true (g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_TIMEOUT));
  assert_string_equal (fake_modem_read_diary (bench->modem),
                       "open A000000559\napdu 2 82CA005A00\nclose 2");
}

static void
on_switched (EaCard *card, guint *n_switches)
{
  (*n_switches)++;
}

/* @answer: what the card says to @command */
static guint
count_switches (Bench *bench, const char *command, const char *answer)
{
  g_autoptr (GBytes) aid = bytes_of ("A0000005591010FFFFFFFF8900000100");
  g_autoptr (GPtrArray) commands = new_commands (command);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) responses = NULL;
  guint n_switches = 0;

  g_signal_connect (bench->card, "switched", G_CALLBACK (on_switched), &n_switches);
  fake_modem_answer (bench->modem, "01");
  fake_modem_answer (bench->modem, answer);
  ea_card_run_async (bench->card, aid, commands, NULL, on_result, &result);
  fake_modem_await (bench->modem, 3);
  responses = ea_card_run_finish (bench->card, result, NULL);
  assert_bytes_are (g_ptr_array_index (responses, 0), answer);
  g_signal_handlers_disconnect_by_func (bench->card, on_switched, &n_switches);
  (void) fake_modem_read_diary (bench->modem);
  return n_switches;
}

/* EnableProfile of the worked example */
static void
test_a_profile_that_a_script_enables_is_told_of (void **state)
{
  static const char enable[] = "80E28800153A03124F10A0000005591010FFFFFFFF8900001100";
  Bench *bench = *state;

  assert_int_equal (count_switches (bench, enable, "9000"), 1);
  assert_int_equal (count_switches (bench, enable, "910B"), 1);
  assert_int_equal (count_switches (bench, enable, "6985"), 0);
  assert_int_equal (count_switches (bench, "80CA005A00", "9000"), 0);
}

static void
on_notified (EaToolkit *toolkit, guint type, guint sequence, guint *told)
{
  *told = type << 16 | sequence;
}

/* A text, and the notification of the worked example after a fall-back */
static void
test_a_notification_is_told_of_on_its_way (void **state)
{
  Bench *bench = *state;
  guint told = 0;

  g_signal_connect (bench->toolkit, "notified", G_CALLBACK (on_notified), &told);
  fake_modem_answer_all (bench->modem, "9000");
  fake_modem_want (bench->modem, 1, SEND_SHORT_MESSAGE);
  fake_modem_await (bench->modem, 2);
  assert_int_equal (told, 0);
  fake_modem_want (bench->modem, 2,
                   "D0738103011300820281838607919471071600008B5F41000C919451214365877FF652027000"
                   "004D150200121200000100000000000036858A7DDA359067E1354C10"
                   "890010120123412340123456789012244D01054E0200012F10"
                   "A0000005591010FFFFFFFF890000110014081A32547698103254");
  fake_modem_await (bench->modem, 4);

  assert_int_equal (told, 0x00050001);
}

static void
test_endless_61_is_given_up (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) aid = bytes_of ("A000000559");
  g_autoptr (GPtrArray) commands = new_commands ("80CA005A00");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fake_modem_answer (bench->modem, "01");
  for (guint i = 0; i <= EA_CARD_FOLLOW_UPS_MAX; i++)
    fake_modem_answer (bench->modem, "6101");
  ea_card_run_async (bench->card, aid, commands, NULL, on_result, &result);
  fake_modem_await (bench->modem, EA_CARD_FOLLOW_UPS_MAX + 3);

  assert_null (ea_card_run_finish (bench->card, result, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static void
test_envelope_falls_back_to_an_apdu_and_the_command_is_fetched (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) envelope = bytes_of ("D100");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) response = NULL;

  fake_modem_fail (bench->modem, EA_MODEM_ERROR_UNSUPPORTED);
  fake_modem_answer (bench->modem, "910B");
  fake_modem_answer (bench->modem, "D0098103012100820281829000");
  fake_modem_answer (bench->modem, "9000");
  ea_card_send_envelope_async (bench->card, envelope, NULL, on_result, &result);
  fake_modem_await (bench->modem, 4);
  response = ea_card_send_envelope_finish (bench->card, result, NULL);

  assert_bytes_are (response, "910B");
  assert_string_equal (fake_modem_read_diary (bench->modem),
                       "envelope D100\napdu 0 80C2000002D100\napdu 0 801200000B\n"
                       "apdu 0 801400000C810301210082028281830130");
}

static void
test_terminal_response_goes_before_jobs_that_wait (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) first = bytes_of ("D101");
  g_autoptr (GBytes) second = bytes_of ("D102");
  GAsyncResult *results[2] = { NULL, NULL };

  fake_modem_answer (bench->modem, "9000");
  fake_modem_answer (bench->modem, "9000");
  fake_modem_answer (bench->modem, "9000");
  ea_card_send_envelope_async (bench->card, first, NULL, on_result, &results[0]);
  ea_card_send_envelope_async (bench->card, second, NULL, on_result, &results[1]);
  fake_modem_want (bench->modem, 3, "D009810301210082028182");
  fake_modem_await (bench->modem, 3);

  assert_string_equal (fake_modem_read_diary (bench->modem),
                       "envelope D101\nresponse 3 810301210082028281830130\nenvelope D102");
  g_clear_object (&results[0]);
  g_clear_object (&results[1]);
}

#define ON_BENCH(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_results_of_sending_are_honest),
    ON_BENCH (test_short_message_of_the_card_is_sent_and_answered_with_success),
    ON_BENCH (test_text_of_160_characters_is_packed_and_sent),
    ON_BENCH (test_text_that_is_too_long_to_be_packed_is_not_understood),
    ON_BENCH (test_network_s_refusal_reaches_the_card_with_its_cause),
    ON_BENCH (test_terminal_response_whose_fate_is_unknown_is_not_given_twice),
    ON_BENCH (test_unreadable_commands_are_answered_as_far_as_they_were_read),
    ON_BENCH (test_every_truncation_of_a_command_is_answered_once),
    ON_BENCH (test_run_follows_up_61_and_6c_and_closes_its_channel),
    ON_BENCH (test_run_closes_its_channel_after_a_failure),
    ON_BENCH (test_a_profile_that_a_script_enables_is_told_of),
    ON_BENCH (test_a_notification_is_told_of_on_its_way),
    ON_BENCH (test_endless_61_is_given_up),
    ON_BENCH (test_envelope_falls_back_to_an_apdu_and_the_command_is_fetched),
    ON_BENCH (test_terminal_response_goes_before_jobs_that_wait),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
