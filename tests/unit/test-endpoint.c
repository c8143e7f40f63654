/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A secured packet from the short message to the proof of receipt (agent/session/endpoint.h). Packets are sealed and
 * opened by the simulator's codec; the first is the published one.
 */

#include "session/endpoint.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/push-trigger.h"
#include "core/push.h"
#include "endpoint-rig.h"

/* GET DATA for the EID, in a script of one; and two of them */
#define GET_EID "80CA005A00"
#define SCRIPT "AA072205" GET_EID
#define SCRIPT_OF_TWO "AA0E2205" GET_EID "2205" GET_EID
#define EID_DATA "5A10" RIG_EID

#define APDU "apdu 1 81CA005A00"
#define TAKEN "accept 7"

/* UDL 2D, an SMS-DELIVER that is a worked example */
#define PUBLISHED_TPDU                                                                             \
  "440C919451214365877FF6621122010000002D02700000281516391212000001954EB8A317C64D5169E703F859A4"   \
  "0693DF4FCE92B5A3A849C286D5B96F54940F"
#define PUBLISHED_PROOF                                                                            \
  "sms 0041000C919451214365877FF63902710000341200000134DBD031A252426AFC40A64ED871448198EE21DCA825" \
  "0BE1C87CAEC9E56C131FF88C51CAC504DD1B1240FAF7D9957132"

static void
test_published_packet_is_answered_by_the_published_proof (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer (rig, "01|" EID_DATA "9000|");
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, PUBLISHED_TPDU);

  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU "\nclose 1\n" PUBLISHED_PROOF);
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_PACKETS_TAKEN), 1);
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_SCRIPTS_RUN), 1);
}

static void
test_commands_run_in_order_on_one_channel (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer (rig, "02|9000|01026202|9F00|");
  endpoint_rig_send (rig, "AA17220580E200000022078002010002AABB220580E2800100");

  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\napdu 2 82E2000000\napdu 2 8202010002AABB\n"
                                     "apdu 2 82E2800100\nclose 2");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK,
                             "AB11800103230290002304010262022302"
                             "9F00");
}

static void
test_every_format_is_answered_in_kind (void **state)
{
  static const struct
  {
    const char *script;
    const char *answer;
  } formats[] = {
    { GET_EID, "019000" EID_DATA },
    { SCRIPT, "AB198001012314" EID_DATA "9000" },
    { "AE802205" GET_EID "0000", "AF802314" EID_DATA "90000000" },
  };
  EndpointRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      endpoint_rig_answer (rig, "01|" EID_DATA "9000|");
      endpoint_rig_send (rig, formats[i].script);

      endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU "\nclose 1");
      endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, formats[i].answer);
    }
}

static void
test_script_without_commands_needs_no_channel (void **state)
{
  static const struct
  {
    const char *script;
    const char *answer;
  } scripts[] = { { "AA00", "AB03800100" }, { "AB00", "AB06800100900101" }, { "", "" } };
  EndpointRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      endpoint_rig_answer (rig, "");
      endpoint_rig_send (rig, scripts[i].script);

      endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, scripts[i].answer);
      endpoint_rig_expect_accepted (rig);
    }
}

static void
test_61_and_6c_are_followed_up (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer (rig, "01|6C12|5A106110|" RIG_EID "9000|");
  endpoint_rig_send (rig, SCRIPT);

  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU "\napdu 1 81CA005A12\n"
                                     "apdu 1 01C0000010\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB198001012314" EID_DATA "9000");
}

static void
test_error_ends_the_script (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer (rig, "01|6A88|");
  endpoint_rig_send (rig, SCRIPT_OF_TWO);

  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123026A88");
}

static void
test_command_whose_answer_is_lost_is_answered_as_such_and_ends_the_script (void **state)
{
  EndpointRig *rig = *state;
  g_autofree char *answers = g_strdup_printf ("01|9000|!%d|", EA_MODEM_ERROR_TIMEOUT);

  endpoint_rig_answer (rig, answers);
  endpoint_rig_send (rig, "AA152205" GET_EID "2205" GET_EID "2205" GET_EID);

  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU "\n" APDU "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0B8001022302900023026FF1");
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_SCRIPTS_INTERRUPTED), 1);
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_APDUS), 1);
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_TIMEOUTS_CARD), 1);
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_TIMEOUTS_MODEM), 0);
}

/* 240 bytes of data and a status word, three times */
static void
test_long_answer_takes_several_messages (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GString) data = g_string_new (NULL);
  g_autofree char *answers = NULL;
  g_autofree char *expected = NULL;

  for (guint i = 0; i < 240; i++)
    g_string_append_printf (data, "%02X", i);
  answers = g_strdup_printf ("01|%s9000|%s9000|%s9000||||||", data->str, data->str, data->str);
  expected = g_strdup_printf ("AB8202E28001032381F2%s90002381F2%s90002381F2%s9000", data->str,
                              data->str, data->str);
  endpoint_rig_answer (rig, answers);
  endpoint_rig_send (rig, "AA152205" GET_EID "2205" GET_EID "2205" GET_EID);

  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU "\n" APDU "\n" APDU "\nclose 1");
  assert_int_equal (endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, expected), 6);
}

static void
test_long_packet_comes_in_several_messages (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GString) script = g_string_new ("AA8200DC2281D980E28800D4");

  for (guint i = 0; i < 0xD4; i++)
    g_string_append_printf (script, "%02X", i);
  endpoint_rig_answer (rig, "01|9000|");
  endpoint_rig_send (rig, script->str);
  endpoint_rig_expect (rig, TAKEN "\n" TAKEN "\n" RIG_OPEN);
  assert_string_equal (fake_modem_await_line (rig->modem) + strlen ("apdu 1 "),
                       g_string_overwrite (g_string_erase (script, 0, 14), 0, "81")->str);
  endpoint_rig_expect (rig, "close 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123029000");
  assert_int_equal (endpoint_rig_count_records (rig, "inbox-"), 0);
  assert_int_equal (endpoint_rig_count_records (rig, "job-"), 0);
  assert_int_equal (endpoint_rig_count_records (rig, "outbox-"), 0);
}

static void
test_packet_that_comes_again_is_a_replay (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) packet = endpoint_rig_seal (rig, SCRIPT);

  endpoint_rig_answer (rig, "01|9000|");
  endpoint_rig_deliver (rig, packet);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123029000");
  for (guint i = 0; i < 2; i++)
    {
      endpoint_rig_answer (rig, "");
      endpoint_rig_deliver (rig, packet);
      endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_COUNTER_LOW, "");
      endpoint_rig_expect_accepted (rig);
      assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_PACKETS_REFUSED), 1);
      endpoint_rig_restart (rig);
    }
}

static void
test_last_counter_is_taken_once_and_then_blocked (void **state)
{
  EndpointRig *rig = *state;

  rig->command.counter = SIM_SCP80_COUNTER_MAX - 1;
  endpoint_rig_answer (rig, "01|9000|");
  endpoint_rig_send (rig, SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123029000");
  rig->command.counter--;
  endpoint_rig_answer (rig, "");
  endpoint_rig_send (rig, SCRIPT);

  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_COUNTER_BLOCKED, "");
  endpoint_rig_expect_accepted (rig);
}

static void
test_counters_of_two_targets_do_not_know_each_other (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_set_keys (rig, "[* scp80 01]\n" RIG_KEYS "Tars=000001;000002\n");
  rig->command.counter = 100;
  endpoint_rig_answer (rig, "01|9000||01|9000|");
  endpoint_rig_send (rig, SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123029000");
  rig->command.counter = 6;
  rig->command.tar = 0x000002;
  endpoint_rig_send (rig, SCRIPT);

  endpoint_rig_expect (rig, "open A0000005591010FFFFFFFF8900000200\n" TAKEN "\n" APDU "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123029000");
}

/* Neither the card nor the sender hears of it, but the network does. */
static void
expect_silence (EndpointRig *rig, guint n_packets)
{
  endpoint_rig_expect (rig, TAKEN);
  endpoint_rig_expect_nothing (rig);
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_PACKETS_NOT_GENUINE), n_packets);
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_PACKETS_TAKEN), 0);
}

static void
test_packet_that_was_changed_is_dropped_in_silence (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) packet = endpoint_rig_seal (rig, SCRIPT);
  EaSpan span = ea_span_from_bytes (packet);
  guint n_packets = 0;

  for (gsize i = 10; i < span.size; i++) /* behind TAR */
    {
      g_autofree guint8 *changed = g_memdup2 (span.data, span.size);
      g_autoptr (GBytes) forged = NULL;

      changed[i] ^= 1;
      forged = g_bytes_new (changed, span.size);
      endpoint_rig_deliver (rig, forged);
      expect_silence (rig, ++n_packets);
    }
}

static void
test_packet_that_is_cut_off_is_dropped_in_silence (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) packet = endpoint_rig_seal (rig, SCRIPT);
  EaSpan span = ea_span_from_bytes (packet);
  guint n_packets = 0;

  for (gsize size = EA_SCP80_TARGET_SIZE; size < span.size; size++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (span.data, size);

      endpoint_rig_deliver (rig, cut);
      expect_silence (rig, ++n_packets);
    }
}

static void
test_packet_under_other_keys_is_dropped_in_silence (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) other_kic = endpoint_rig_seal_with (rig, RIG_KID, RIG_KID, SCRIPT);
  g_autoptr (GBytes) other_kid = endpoint_rig_seal_with (rig, RIG_KIC, RIG_KIC, SCRIPT);

  endpoint_rig_deliver (rig, other_kic);
  expect_silence (rig, 1);
  endpoint_rig_deliver (rig, other_kid);
  expect_silence (rig, 2);
}

static void
test_packet_for_another_key_set_or_target_goes_to_the_card_unopened (void **state)
{
  EndpointRig *rig = *state;

  for (guint i = 0; i < 2; i++)
    {
      const char *line;

      rig->command.kid = i == 0 ? 0x22 : 0x12;
      rig->command.tar = i == 0 ? 0x000001 : 0xB00010;
      endpoint_rig_answer (rig, "9000");
      endpoint_rig_send (rig, SCRIPT);

      line = fake_modem_await_line (rig->modem);
      assert_true (g_str_has_prefix (line, "envelope D1"));
      endpoint_rig_expect (rig, TAKEN);
    }
}

static void
test_target_without_an_application_is_unknown (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_set_keys (rig, "[* scp80 01]\n" RIG_KEYS "Tars=000001;B00010\n");
  rig->command.tar = 0xB00010;
  endpoint_rig_answer (rig, "");
  endpoint_rig_send (rig, SCRIPT);

  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_TAR_UNKNOWN, "");
  endpoint_rig_expect_accepted (rig);
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_PACKETS_REFUSED), 1);
}

/* Also when there is an application later (TS 102 225 §5.1.4) */
static void
test_packet_for_no_application_is_a_replay_when_it_comes_again (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) packet = NULL;

  endpoint_rig_set_keys (rig, "[* scp80 01]\n" RIG_KEYS "Tars=000001;B00010\n");
  rig->command.tar = 0xB00010;
  packet = endpoint_rig_seal (rig, SCRIPT);
  endpoint_rig_answer (rig, "|");
  endpoint_rig_deliver (rig, packet);
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_TAR_UNKNOWN, "");
  endpoint_rig_expect_accepted (rig);
  endpoint_rig_set_keys (rig, "[* scp80 01]\n" RIG_KEYS "Tars=000001;B00010\n"
                              "Applications=B00010=A000000087\n");
  endpoint_rig_deliver (rig, packet);

  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_COUNTER_LOW, "");
  endpoint_rig_expect_accepted (rig);
}

static void
test_target_is_the_application_that_the_key_file_says (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_set_keys (rig, "[* scp80 01]\n" RIG_KEYS "Tars=000001;B00010\n"
                              "Applications=B00010=A000000087\n");
  rig->command.tar = 0xB00010;
  endpoint_rig_answer (rig, "01|9000|");
  endpoint_rig_send (rig, SCRIPT);

  endpoint_rig_expect (rig, "open A000000087\n" TAKEN "\n" APDU "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123029000");
}

static void
test_application_that_the_card_does_not_have_is_unknown (void **state)
{
  EndpointRig *rig = *state;
  g_autofree char *answers = g_strdup_printf ("!%d|", EA_MODEM_ERROR_NO_APPLICATION);

  endpoint_rig_answer (rig, answers);
  endpoint_rig_send (rig, SCRIPT);

  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN);
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_TAR_UNKNOWN, "");
}

static void
test_channel_is_waited_for (void **state)
{
  static const EaModemError away[]
      = { EA_MODEM_ERROR_BUSY, EA_MODEM_ERROR_CARD_ABSENT, EA_MODEM_ERROR_GONE };
  EndpointRig *rig = *state;

  fake_time_let_fly ();
  for (gsize i = 0; i < G_N_ELEMENTS (away); i++)
    for (guint j = 0; j <= EA_ENDPOINT_TRIES_MAX; j++)
      {
        g_autofree char *answer = g_strdup_printf ("!%d", away[i]);

        endpoint_rig_answer (rig, answer);
      }
  endpoint_rig_answer (rig, "01|9000|");
  endpoint_rig_send (rig, SCRIPT);

  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN);
  for (guint i = 0; i < 3 * (EA_ENDPOINT_TRIES_MAX + 1); i++)
    endpoint_rig_expect (rig, RIG_OPEN);
  endpoint_rig_expect (rig, APDU "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123029000");
  assert_true (fake_time_get_flown_ms ()
               >= 3 * (EA_ENDPOINT_TRIES_MAX + 1) * EA_ENDPOINT_INTERVAL_MS);
}

static void
test_channel_that_is_not_to_be_had_is_given_up (void **state)
{
  EndpointRig *rig = *state;

  fake_time_let_fly ();
  for (guint i = 0; i < EA_ENDPOINT_TRIES_MAX; i++)
    fake_modem_fail (rig->modem, EA_MODEM_ERROR_FAILED);
  endpoint_rig_answer (rig, "");
  endpoint_rig_send (rig, SCRIPT);

  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN);
  for (guint i = 1; i < EA_ENDPOINT_TRIES_MAX; i++)
    endpoint_rig_expect (rig, RIG_OPEN);
  endpoint_rig_expect_proof (rig, 0x07, "");
}

static void
test_channel_that_the_modem_never_opens_is_given_up_at_once (void **state)
{
  static const EaModemError hopeless[]
      = { EA_MODEM_ERROR_UNSUPPORTED, EA_MODEM_ERROR_ACCESS_DENIED };
  EndpointRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (hopeless); i++)
    {
      g_autofree char *answers = g_strdup_printf ("!%d|", hopeless[i]);

      endpoint_rig_answer (rig, answers);
      endpoint_rig_send (rig, SCRIPT);

      endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN);
      endpoint_rig_expect_proof (rig, 0x07, "");
    }
}

static guint
on_push (EaEndpoint *endpoint, const EaPush *push, guint *n_pushes)
{
  assert_int_equal (push->request, EA_PUSH_BIP_CHANNEL);
  ++*n_pushes;
  return 0x9000;
}

/* TS 102 226 §9: a PUSH for a channel, all of whose parameters are those of the card. It needs no channel of the card. */
static void
test_push_is_answered_by_who_takes_it (void **state)
{
  EndpointRig *rig = *state;
  guint n_pushes = 0;

  endpoint_rig_answer (rig, "");
  endpoint_rig_send (rig, "AA07220580EC010100");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123026A81");
  endpoint_rig_expect_accepted (rig);
  g_signal_connect (ea_ota_get_endpoint (rig->ota), "push", G_CALLBACK (on_push), &n_pushes);
  endpoint_rig_answer (rig, "");
  endpoint_rig_send (rig, "AA07220580EC010100");

  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123029000");
  endpoint_rig_expect_accepted (rig);
  assert_int_equal (n_pushes, 1);
}

static gboolean
on_trigger (EaEndpoint *endpoint, const EaPushTrigger *trigger, guint *n_triggers)
{
  assert_int_equal (trigger->present, 0);
  ++*n_triggers;
  return TRUE;
}

static void
test_trigger_opens_a_session (void **state)
{
  EndpointRig *rig = *state;
  guint n_triggers = 0;

  g_signal_connect (ea_ota_get_endpoint (rig->ota), "session-triggered", G_CALLBACK (on_trigger),
                    &n_triggers);
  endpoint_rig_answer (rig, "");
  endpoint_rig_send (rig, "8100");

  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "");
  endpoint_rig_expect_accepted (rig);
  assert_int_equal (n_triggers, 1);
}

static void
test_trigger_that_nobody_can_read_or_take_is_answered_all_the_same (void **state)
{
  static const char *const triggers[] = { "8100", "81", "8105", "810102" };
  EndpointRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (triggers); i++)
    {
      endpoint_rig_answer (rig, "");
      endpoint_rig_send (rig, triggers[i]);

      endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "");
      endpoint_rig_expect_accepted (rig);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ENDPOINT_TEST (test_published_packet_is_answered_by_the_published_proof),
    ENDPOINT_TEST (test_commands_run_in_order_on_one_channel),
    ENDPOINT_TEST (test_every_format_is_answered_in_kind),
    ENDPOINT_TEST (test_script_without_commands_needs_no_channel),
    ENDPOINT_TEST (test_61_and_6c_are_followed_up),
    ENDPOINT_TEST (test_error_ends_the_script),
    ENDPOINT_TEST (test_command_whose_answer_is_lost_is_answered_as_such_and_ends_the_script),
    ENDPOINT_TEST (test_long_answer_takes_several_messages),
    ENDPOINT_TEST (test_long_packet_comes_in_several_messages),
    ENDPOINT_TEST (test_packet_that_comes_again_is_a_replay),
    ENDPOINT_TEST (test_last_counter_is_taken_once_and_then_blocked),
    ENDPOINT_TEST (test_counters_of_two_targets_do_not_know_each_other),
    ENDPOINT_TEST (test_packet_that_was_changed_is_dropped_in_silence),
    ENDPOINT_TEST (test_packet_that_is_cut_off_is_dropped_in_silence),
    ENDPOINT_TEST (test_packet_under_other_keys_is_dropped_in_silence),
    ENDPOINT_TEST (test_packet_for_another_key_set_or_target_goes_to_the_card_unopened),
    ENDPOINT_TEST (test_target_without_an_application_is_unknown),
    ENDPOINT_TEST (test_packet_for_no_application_is_a_replay_when_it_comes_again),
    ENDPOINT_TEST (test_target_is_the_application_that_the_key_file_says),
    ENDPOINT_TEST (test_application_that_the_card_does_not_have_is_unknown),
    ENDPOINT_TEST (test_channel_is_waited_for),
    ENDPOINT_TEST (test_channel_that_is_not_to_be_had_is_given_up),
    ENDPOINT_TEST (test_channel_that_the_modem_never_opens_is_given_up_at_once),
    ENDPOINT_TEST (test_push_is_answered_by_who_takes_it),
    ENDPOINT_TEST (test_trigger_opens_a_session),
    ENDPOINT_TEST (test_trigger_that_nobody_can_read_or_take_is_answered_all_the_same),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
