/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The end of the agent at every step of a script, that came in a short message or as an SDU of CAT_TP: at each change of
 * the store another life begins with what is durable by then.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/apdu.h"
#include "core/push.h"
#include "endpoint-life.h"
#include "wait.h"

/* Three commands that do not rest on each other: GET DATA; and three that do: INITIALIZE UPDATE and STORE DATA */
#define FREE_SCRIPT "AA15220580CA005A00220580CA006600220580CA008500"
#define BOUND_SCRIPT "AA1C2206805000000122220880E2000003010203220880E2800103040506"

/* Every command has one octet of data; the channel is 1. */
#define ANSWER "019000"
#define GOOD "2303019000"
#define UNKNOWN "23026FF1"
#define FULL "AB12800103" GOOD GOOD GOOD

/* What the next life does with what was left: @n_commands more, and the proof of receipt with @answer. */
static void
expect_rest (EndpointLife *life, guint n_commands, const char *answer)
{
  EndpointRig *rig = life->rig;
  g_autofree char *commands = endpoint_rig_read_until_proof (rig);

  assert_int_equal (endpoint_life_count_lines (commands, "apdu "), n_commands);
  assert_int_equal (endpoint_life_count_lines (commands, "open "), n_commands > 0 ? 1 : 0);
  assert_int_equal (endpoint_life_count_lines (commands, "close "), n_commands > 0 ? 1 : 0);
  endpoint_life_assert_sent_once (life, commands);
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, answer);
}

/* Nothing became of the packet, so nobody heard that it was taken, and it comes again. */
static void
expect_fresh_start (EndpointLife *life, GBytes *tpdu)
{
  assert_string_equal (life->diary, "");
  endpoint_rig_expect_nothing (life->rig);
  endpoint_rig_deliver_tpdu (life->rig, tpdu, EA_MODEM_SMS_UNACKNOWLEDGED);
  expect_rest (life, 3, FULL);
}

/* Where the first life ended, how many commands the next one has to send, and what the sender hears then (NULL: nothing
 * more) */
typedef struct
{
  guint n_commands;
  const char *answer;
} Rest;

static const Rest rests[] = {
  { 3, FULL },                           /* the packet was taken */
  { 0, "AB07800101" UNKNOWN },           /* the first command was on its way */
  { 0, "AB0C800102" GOOD UNKNOWN },      /* the second */
  { 0, "AB11800103" GOOD GOOD UNKNOWN }, /* the third */
  { 0, FULL },                           /* the answer was; it is sent again */
  { 0, NULL }, /* it was sent; that the network knows of the packet's arrival was not stored */
};

/* The network does not know that the message was taken. */
static void
expect_duplicate (EndpointLife *life, GBytes *tpdu)
{
  endpoint_rig_deliver_tpdu (life->rig, tpdu, EA_MODEM_SMS_UNACKNOWLEDGED);
  endpoint_rig_expect_accepted (life->rig);
  endpoint_rig_expect_nothing (life->rig);
}

/* FALSE when there are fewer changes than @number. */
static gboolean
try_end_before (guint number, const char *script)
{
  EndpointLife *life = endpoint_life_new (number, ANSWER);
  EndpointRig *rig = life->rig;
  g_autoptr (GBytes) packet = endpoint_rig_seal (rig, script);
  g_autoptr (GPtrArray) tpdus = endpoint_rig_segment (rig, packet);
  gboolean has_ended;

  endpoint_rig_deliver_tpdu (rig, tpdus->pdata[0], EA_MODEM_SMS_UNACKNOWLEDGED);
  has_ended = endpoint_life_end (life);
  if (has_ended && number == 1)
    expect_fresh_start (life, tpdus->pdata[0]);
  else if (has_ended)
    {
      assert_true (number - 2 < G_N_ELEMENTS (rests));
      if (rests[number - 2].answer != NULL)
        expect_rest (life, rests[number - 2].n_commands, rests[number - 2].answer);
      expect_duplicate (life, tpdus->pdata[0]);
    }
  assert_int_equal (endpoint_rig_count_records (rig, "job-"), 0);
  assert_int_equal (endpoint_rig_count_records (rig, "outbox-"), 0);
  endpoint_life_free (life);
  return has_ended;
}

static void
try_script (const char *script)
{
  guint number = 1;

  while (try_end_before (number, script))
    number++;
  assert_int_equal (number, G_N_ELEMENTS (rests) + 2);
}

static void
test_no_command_runs_twice_wherever_the_agent_ends (void **state)
{
  try_script (FREE_SCRIPT);
}

static void
test_no_command_that_rests_on_another_runs_twice_either (void **state)
{
  try_script (BOUND_SCRIPT);
}

/* The SM-SR acknowledges the answer as soon as there is one. */
static void
on_answer (EaAnswers *answers)
{
  guint64 number;
  g_autoptr (GBytes) answer = ea_answers_hand_out (answers, RIG_PEER, &number);

  assert_non_null (answer);
  assert_true (ea_answers_remove (answers, number, NULL));
}

/* Where the first life ended, with an SDU: the packet was stored, three commands were on their way, and the answer was;
 * then it was acknowledged, but is not removed. */
static const Rest sdu_rests[] = {
  { 3, FULL },
  { 0, "AB07800101" UNKNOWN },
  { 0, "AB0C800102" GOOD UNKNOWN },
  { 0, "AB11800103" GOOD GOOD UNKNOWN },
  { 0, FULL },
};

/* The SM-SR has had no answer: it sends @sdu again. */
static void
expect_sdu_rest (EndpointLife *life, GBytes *sdu, const Rest *rest)
{
  EndpointRig *rig = life->rig;
  const char *commands;

  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  fake_modem_await (rig->modem, 0);
  commands = fake_modem_read_diary (rig->modem);
  assert_int_equal (endpoint_life_count_lines (commands, "apdu "), rest->n_commands);
  endpoint_life_assert_sent_once (life, commands);
  endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, rest->answer);
  endpoint_rig_expect_no_answer (rig);
  assert_int_equal (endpoint_rig_count_records (rig, "answer-"), 1);
}

/* FALSE when there are fewer changes than @number. */
static gboolean
try_sdu_end_before (guint number, const char *script)
{
  EndpointLife *life = endpoint_life_new (number, ANSWER);
  EndpointRig *rig = life->rig;
  g_autoptr (GBytes) sdu = endpoint_rig_seal_sdu (rig, script);
  gboolean has_ended;

  g_signal_connect (endpoint_rig_get_answers (rig), "added", G_CALLBACK (on_answer), NULL);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  has_ended = endpoint_life_end (life);
  if (has_ended)
    {
      assert_true (number <= G_N_ELEMENTS (sdu_rests) + 1);
      expect_sdu_rest (life, sdu, &sdu_rests[number == 1 ? 0 : number - 2]);
    }
  assert_int_equal (endpoint_rig_count_records (rig, "job-"), 0);
  endpoint_life_free (life);
  return has_ended;
}

static void
test_no_command_of_an_sdu_runs_twice_and_no_answer_is_lost (void **state)
{
  static const char *const scripts[] = { FREE_SCRIPT, BOUND_SCRIPT };

  for (gsize i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      guint number = 1;

      while (try_sdu_end_before (number, scripts[i]))
        number++;
      assert_int_equal (number, G_N_ELEMENTS (sdu_rests) + 2);
    }
}

/* The agent has time to end in order after the first command. */
static void
drain_after_first_command (EndpointRig *rig, const char *script)
{
  endpoint_rig_answer_all (rig, ANSWER);
  endpoint_rig_send (rig, script);
  endpoint_rig_expect (rig, RIG_OPEN "\naccept 7");
  assert_true (g_str_has_prefix (fake_modem_await_line (rig->modem), "apdu 1 "));
  ea_ota_drain (rig->ota);
  assert_false (ea_ota_is_idle (rig->ota));
}

static void
test_script_goes_on_in_the_next_life_where_the_agent_was_ended_in_order (void **state)
{
  EndpointRig *rig = *state;

  drain_after_first_command (rig, FREE_SCRIPT);
  endpoint_rig_expect (rig, "close 1");
  endpoint_rig_expect_nothing (rig);
  assert_true (ea_ota_is_idle (rig->ota));
  endpoint_rig_restart (rig);
  endpoint_rig_expect (rig, RIG_OPEN "\napdu 1 81CA006600\napdu 1 81CA008500\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, FULL);
}

/* What has run is told, although the rest can't be run. */
static void
test_commands_that_ran_are_answered_where_the_next_life_gets_no_channel (void **state)
{
  EndpointRig *rig = *state;
  g_autofree char *answers = g_strdup_printf ("!%d|", EA_MODEM_ERROR_NO_APPLICATION);

  drain_after_first_command (rig, FREE_SCRIPT);
  endpoint_rig_expect (rig, "close 1");
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_answer_all (rig, NULL);
  endpoint_rig_end (rig);
  endpoint_rig_begin (rig, NULL);
  endpoint_rig_answer (rig, answers);
  ea_ota_resume (rig->ota, RIG_EID);
  endpoint_rig_expect (rig, RIG_OPEN);
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0C800102" GOOD UNKNOWN);
}

static void
test_end_in_order_lets_a_script_end_whose_commands_rest_on_each_other (void **state)
{
  EndpointRig *rig = *state;

  drain_after_first_command (rig, BOUND_SCRIPT);
  endpoint_rig_expect (rig, "apdu 1 81E2000003010203\napdu 1 81E2800103040506\nclose 1");
  endpoint_rig_expect_nothing (rig);
  assert_true (ea_ota_is_idle (rig->ota));
  endpoint_rig_restart (rig);
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, FULL);
}

/* As where a modem is unplugged: the objects go, and others come to the same store. */
static void
test_command_that_is_on_its_way_when_the_objects_go_is_answered_as_unknown (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer_all (rig, ANSWER);
  endpoint_rig_send (rig, FREE_SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\naccept 7\napdu 1 81CA005A00");
  endpoint_rig_restart (rig);

  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB07800101" UNKNOWN);
}

/* Segments of a packet are acknowledged one by one, so the next life has to have them. */
static void
test_segments_are_put_together_across_lives (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GString) script = g_string_new ("AA820111");
  g_autoptr (GBytes) packet = NULL;
  g_autoptr (GPtrArray) tpdus = NULL;

  for (guint i = 0; i < 39; i++)
    g_string_append (script, "220580CA005A00");
  packet = endpoint_rig_seal (rig, script->str);
  tpdus = endpoint_rig_segment (rig, packet);
  assert_int_equal (tpdus->len, 3);
  for (guint i = tpdus->len; i-- > 1;)
    {
      endpoint_rig_deliver_tpdu (rig, tpdus->pdata[i], EA_MODEM_SMS_UNACKNOWLEDGED);
      endpoint_rig_expect (rig, "accept 7");
      endpoint_rig_restart (rig);
    }
  endpoint_rig_answer (rig, "01|6A88|");
  endpoint_rig_deliver_tpdu (rig, tpdus->pdata[0], EA_MODEM_SMS_UNACKNOWLEDGED);
  endpoint_rig_expect (rig, "accept 7\n" RIG_OPEN "\napdu 1 81CA005A00\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123026A88");
  assert_int_equal (endpoint_rig_count_records (rig, "inbox-"), 0);
}

typedef struct
{
  guint n_channels;
  guint n_links;
  gboolean is_last; /* the agent ends with the link's PUSH */
} Pushes;

static guint
on_push (EaEndpoint *endpoint, const EaPush *push, Pushes *pushes)
{
  if (push->request == EA_PUSH_BIP_CHANNEL)
    pushes->n_channels++;
  else
    pushes->n_links++;
  if (push->request == EA_PUSH_CAT_TP_LINK && pushes->is_last)
    fake_store_fail (G_MAXUINT);
  return EA_APDU_SW_OK;
}

static void
follow_pushes (EndpointRig *rig, Pushes *pushes)
{
  g_signal_connect (ea_ota_get_endpoint (rig->ota), "push", G_CALLBACK (on_push), pushes);
}

/* The PUSH for a link does not rest on what the earlier life remembered of the channel, and is not "interrupted": a session
 * that is asked for twice does no harm. */
static void
test_pushes_are_carried_out_again_until_they_are_answered (void **state)
{
  EndpointRig *rig = *state;
  Pushes before = { .is_last = TRUE };
  Pushes after = { 0 };

  follow_pushes (rig, &before);
  endpoint_rig_answer (rig, "");
  endpoint_rig_send (rig, "AA13220580EC010100220A80EC0102053C03001F90");
  WAIT_FOR (before.n_links == 1);
  endpoint_rig_end (rig);
  fake_store_reset ();
  endpoint_rig_begin (rig, NULL);
  follow_pushes (rig, &after);
  endpoint_rig_answer (rig, "");
  ea_ota_resume (rig->ota, RIG_EID);

  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0B8001022302900023029000");
  assert_int_equal (before.n_channels, 1);
  assert_int_equal (after.n_channels, 1);
  assert_int_equal (after.n_links, 1);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_no_command_runs_twice_wherever_the_agent_ends),
    cmocka_unit_test (test_no_command_that_rests_on_another_runs_twice_either),
    cmocka_unit_test (test_no_command_of_an_sdu_runs_twice_and_no_answer_is_lost),
    ENDPOINT_TEST (test_script_goes_on_in_the_next_life_where_the_agent_was_ended_in_order),
    ENDPOINT_TEST (test_commands_that_ran_are_answered_where_the_next_life_gets_no_channel),
    ENDPOINT_TEST (test_end_in_order_lets_a_script_end_whose_commands_rest_on_each_other),
    ENDPOINT_TEST (test_command_that_is_on_its_way_when_the_objects_go_is_answered_as_unknown),
    ENDPOINT_TEST (test_segments_are_put_together_across_lives),
    ENDPOINT_TEST (test_pushes_are_carried_out_again_until_they_are_answered),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
