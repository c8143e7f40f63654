/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A secured packet that comes as an SDU of a CAT_TP link, up to its answer (agent/session/endpoint.h). Packets are sealed
 * and opened by the simulator's codec; the first one and its answer were made with openssl.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/push-trigger.h"
#include "endpoint-rig.h"
#include "session/job.h"

#define GET_EID "80CA005A00"
#define SCRIPT "AA072205" GET_EID
#define APDU "apdu 1 81CA005A00"
#define RUN RIG_OPEN "\n" APDU "\nclose 1"
#define EID_DATA "5A10" RIG_EID
#define ANSWER "AB198001012314" EID_DATA "9000"
#define GOOD "01|" EID_DATA "9000"

/* CNTR 4, script SCRIPT */
#define PUBLISHED_SDU                                                                              \
  "0128151639121200000187CB920B574B4A289C74CBAE1C0CEDE1FB1EF62F2B94E5C9B96AA91A72A209CE"
#define PUBLISHED_ANSWER                                                                           \
  "023412000001902ED881B16C6B8B70AB30FD5F2DC2A6333A4E577F5B3A1F2FD293E62898550131016FC106452DC470" \
  "287269F61645D7"

/* The same script in the SMS form, CNTR 1, and what an agent had stored of it that knew no other form: version, EID with
 * its length, TP-OA, packet */
#define PUBLISHED_PACKET                                                                           \
  "00281516391212000001954EB8A317C64D5169E703F859A40693DF4FCE92B5A3A849C286D5B96F54940F"
#define OLD_JOB                                                                                    \
  "0120"                                                                                           \
  "3839303031303132303132333431323334303132333435363738393031323234"                               \
  "0C91945121436587" PUBLISHED_PACKET

static void
count (guint *n_signals)
{
  ++*n_signals;
}

static void
test_sdu_is_carried_out_and_answered (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) sdu = bytes_of (PUBLISHED_SDU);
  g_autoptr (GBytes) answer = NULL;
  guint64 number;
  guint n_added = 0;
  guint n_commands = 0;

  g_signal_connect_swapped (endpoint_rig_get_answers (rig), "added", G_CALLBACK (count), &n_added);
  g_signal_connect_swapped (ea_ota_get_endpoint (rig->ota), "command-answered", G_CALLBACK (count),
                            &n_commands);
  endpoint_rig_answer (rig, GOOD);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  endpoint_rig_expect (rig, RUN);
  endpoint_rig_expect_nothing (rig);

  assert_int_equal (n_added, 1);
  assert_int_equal (n_commands, 1);
  answer = ea_answers_hand_out (endpoint_rig_get_answers (rig), RIG_PEER, &number);
  assert_bytes_are (answer, PUBLISHED_ANSWER);
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_PACKETS_TAKEN), 1);
  assert_int_equal (endpoint_rig_count_records (rig, "job-"), 0);
  assert_int_equal (endpoint_rig_count_records (rig, "outbox-"), 0);
}

static void
test_key_is_found_for_a_target_of_the_form (void **state)
{
  EndpointRig *rig = *state;
  EaEndpoint *endpoint = ea_ota_get_endpoint (rig->ota);
  g_autoptr (GBytes) sdu = bytes_of (PUBLISHED_SDU);
  EaScp80Packet packet;
  EaScp80Target target;

  assert_true (ea_scp80_parse (&packet, EA_SCP80_COMMAND, EA_SCP80_FORM_CAT_TP,
                               ea_span_from_bytes (sdu), NULL));
  target = ea_scp80_get_target (&packet.header);
  assert_true (ea_endpoint_holds_key (endpoint, &target));
  endpoint_rig_set_keys (rig, "[* scp80 02]\n" RIG_KEYS);
  assert_false (ea_endpoint_holds_key (endpoint, &target));
}

/* Takes @script with SPI2 @spi2; the card answers with @answers. */
static void
run (EndpointRig *rig, guint8 spi2, const char *script, const char *answers)
{
  g_autoptr (GBytes) sdu = NULL;

  rig->command.spi2 = spi2;
  sdu = endpoint_rig_seal_sdu (rig, script);
  endpoint_rig_answer (rig, answers);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  endpoint_rig_expect (rig, RUN);
  endpoint_rig_expect_nothing (rig);
}

/* SPI2: proof of receipt always; RC, CC or none; ciphered or not */
static void
test_answer_is_secured_as_the_sender_wants (void **state)
{
  static const guint8 wishes[] = { 0x01, 0x09, 0x11, 0x19, 0x39 };
  EndpointRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (wishes); i++)
    {
      run (rig, wishes[i], SCRIPT, GOOD);
      endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, ANSWER);
    }
}

/* SPI2: none, reserved, and on error */
static void
test_answer_that_nobody_wants_is_not_kept (void **state)
{
  static const guint8 wishes[] = { 0x38, 0x3B, 0x3A };
  EndpointRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (wishes); i++)
    run (rig, wishes[i], SCRIPT, GOOD);
  assert_true (ea_answers_is_empty (endpoint_rig_get_answers (rig), RIG_PEER));
  assert_int_equal (endpoint_rig_count_records (rig, "answer-"), 0);
}

static void
test_sdu_without_a_key_or_in_another_form_is_dropped (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) sms = endpoint_rig_seal (rig, SCRIPT);
  g_autoptr (GBytes) sdu = endpoint_rig_seal_sdu (rig, SCRIPT);
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);

  assert_int_equal (endpoint_rig_take_sdu (rig, sms), EA_ENDPOINT_REFUSED);
  assert_int_equal (endpoint_rig_take_sdu (rig, nothing), EA_ENDPOINT_REFUSED);
  endpoint_rig_set_keys (rig, "[* scp80 02]\n" RIG_KEYS);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_REFUSED);
  endpoint_rig_expect_no_answer (rig);
  assert_int_equal (endpoint_rig_count_records (rig, ""), 0);
}

static void
test_sdu_that_is_not_genuine_is_dropped_without_an_answer (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) sdu = NULL;

  rig->command.is_corrupt = TRUE;
  sdu = endpoint_rig_seal_sdu (rig, SCRIPT);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_REFUSED);
  endpoint_rig_expect_no_answer (rig);
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_PACKETS_NOT_GENUINE), 1);
  assert_int_equal (endpoint_rig_count_records (rig, ""), 0);
}

static void
test_genuine_sdu_that_is_refused_hears_why (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) overtaken = endpoint_rig_seal_sdu (rig, SCRIPT);
  const SimScp80Command late = rig->command;
  g_autoptr (GBytes) unknown = NULL;

  run (rig, RIG_SPI2, SCRIPT, GOOD);
  endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, ANSWER);
  assert_int_equal (endpoint_rig_take_sdu (rig, overtaken), EA_ENDPOINT_REFUSED);
  endpoint_rig_expect_answer (rig, &late, SIM_SCP80_STATUS_COUNTER_LOW, "");

  endpoint_rig_set_keys (rig, "[* scp80 01]\n" RIG_KEYS "Tars=000001;B00001\n");
  rig->command.tar = 0xB00001;
  unknown = endpoint_rig_seal_sdu (rig, SCRIPT);
  assert_int_equal (endpoint_rig_take_sdu (rig, unknown), EA_ENDPOINT_REFUSED);
  endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_TAR_UNKNOWN, "");
  endpoint_rig_expect_nothing (rig);
}

/* The SM-SR has had no answer, so it sends again what it has sent. */
static void
test_sdu_that_comes_again_is_not_carried_out_again (void **state)
{
  EndpointRig *rig = *state;
  g_autofree char *busy = g_strdup_printf ("!%d", EA_MODEM_ERROR_BUSY);
  g_autoptr (GBytes) sdu = endpoint_rig_seal_sdu (rig, SCRIPT);
  guint64 number;

  endpoint_rig_answer (rig, busy);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  endpoint_rig_expect (rig, RIG_OPEN);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  assert_int_equal (endpoint_rig_count_records (rig, "job-"), 1);
  endpoint_rig_restart (rig);
  endpoint_rig_expect (rig, RIG_OPEN); /* no answer: it failed */
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  assert_int_equal (endpoint_rig_count_records (rig, "job-"), 1);

  endpoint_rig_answer (rig, GOOD);
  ea_ota_resume (rig->ota, RIG_EID);
  endpoint_rig_expect (rig, RUN);
  endpoint_rig_expect_nothing (rig);
  number = endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, ANSWER);
  endpoint_rig_expect_no_answer (rig);
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_PACKETS_REPEATED), 1);
  assert_true (ea_answers_remove (endpoint_rig_get_answers (rig), number, NULL));
}

static void
test_sdu_whose_answer_is_there_gets_it_again (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) sdu = endpoint_rig_seal_sdu (rig, SCRIPT);
  guint64 number;
  guint n_added = 0;

  endpoint_rig_answer (rig, GOOD);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  endpoint_rig_expect (rig, RUN);
  endpoint_rig_expect_nothing (rig);
  number = endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, ANSWER);
  g_signal_connect_swapped (endpoint_rig_get_answers (rig), "added", G_CALLBACK (count), &n_added);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);

  assert_int_equal (n_added, 1);
  assert_int_equal (endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, ANSWER),
                    number);
  endpoint_rig_expect_no_answer (rig);
  endpoint_rig_expect_nothing (rig);
}

static void
test_counter_decides_once_the_answer_is_delivered (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) sdu = endpoint_rig_seal_sdu (rig, SCRIPT);
  EaAnswers *answers = endpoint_rig_get_answers (rig);
  guint64 number;

  endpoint_rig_answer (rig, GOOD);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  endpoint_rig_expect (rig, RUN);
  endpoint_rig_expect_nothing (rig);
  number = endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, ANSWER);
  assert_true (ea_answers_remove (answers, number, NULL));
  assert_true (ea_answers_is_empty (answers, RIG_PEER));

  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_REFUSED);
  endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_COUNTER_LOW, "");
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN); /* that is there */
  endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_COUNTER_LOW, "");
  assert_int_equal (endpoint_rig_count_records (rig, "answer-"), 1);
  endpoint_rig_expect_nothing (rig);
}

static void
test_sdu_that_can_t_be_stored_is_left_with_the_peer (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) sdu = endpoint_rig_seal_sdu (rig, SCRIPT);

  fake_store_fail (G_MAXUINT);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_LATER);
  endpoint_rig_expect_nothing (rig);
  assert_int_equal (endpoint_rig_count_records (rig, ""), 0);
  fake_store_reset ();
  endpoint_rig_answer (rig, GOOD);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  endpoint_rig_expect (rig, RUN);
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, ANSWER);
}

static void
fail_once (gpointer user_data)
{
  fake_store_fail (1);
}

/* The third change: the packet was stored, and that its command begins. */
static void
test_answer_that_can_t_be_stored_comes_later (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) sdu = endpoint_rig_seal_sdu (rig, SCRIPT);

  fake_store_set_hook (3, fail_once, NULL);
  endpoint_rig_answer (rig, GOOD);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  endpoint_rig_expect (rig, RUN);
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_expect_no_answer (rig);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  ea_ota_resume (rig->ota, RIG_EID);
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, ANSWER);
  endpoint_rig_expect_no_answer (rig);
}

static void
test_sdu_is_left_with_the_peer_while_the_card_is_away (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) sdu = endpoint_rig_seal_sdu (rig, SCRIPT);

  ea_ota_suspend (rig->ota);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_LATER);
  assert_int_equal (endpoint_rig_count_records (rig, ""), 0);
}

static void
test_sdus_are_left_with_the_peer_while_as_many_wait_as_may (void **state)
{
  EndpointRig *rig = *state;
  g_autofree char *busy = g_strdup_printf ("!%d", EA_MODEM_ERROR_BUSY);
  g_autoptr (GBytes) last = NULL;

  endpoint_rig_answer (rig, busy);
  for (guint i = 0; i < EA_JOBS_MAX; i++)
    {
      g_autoptr (GBytes) sdu = endpoint_rig_seal_sdu (rig, SCRIPT);

      assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
    }
  endpoint_rig_expect (rig, RIG_OPEN);
  last = endpoint_rig_seal_sdu (rig, SCRIPT);
  assert_int_equal (endpoint_rig_take_sdu (rig, last), EA_ENDPOINT_LATER);
  assert_int_equal (endpoint_rig_count_records (rig, "job-"), EA_JOBS_MAX);
}

/* The SM-SR takes no answers. */
static void
test_no_more_is_taken_than_there_is_room_for_answers (void **state)
{
  EndpointRig *rig = *state;
  guint64 number = 0;
  guint n_room = 0;
  g_autoptr (GBytes) last = NULL;

  for (guint i = 0; i < EA_ANSWERS_MAX; i++)
    {
      run (rig, RIG_SPI2, SCRIPT, GOOD);
      number = endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, ANSWER);
    }
  last = endpoint_rig_seal_sdu (rig, SCRIPT);
  assert_int_equal (endpoint_rig_take_sdu (rig, last), EA_ENDPOINT_LATER);
  g_signal_connect_swapped (ea_ota_get_endpoint (rig->ota), "room", G_CALLBACK (count), &n_room);
  assert_true (ea_answers_remove (endpoint_rig_get_answers (rig), number, NULL));
  assert_int_equal (n_room, 1);

  endpoint_rig_answer (rig, GOOD);
  assert_int_equal (endpoint_rig_take_sdu (rig, last), EA_ENDPOINT_TAKEN);
  endpoint_rig_expect (rig, RUN);
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, ANSWER);
}

static void
test_answer_of_another_card_s_euicc_waits_for_it (void **state)
{
  EndpointRig *rig = *state;
  EaAnswers *answers;

  run (rig, RIG_SPI2, SCRIPT, GOOD);
  endpoint_rig_end (rig);
  endpoint_rig_begin (rig, RIG_OTHER_EID);
  answers = endpoint_rig_get_answers (rig);
  endpoint_rig_expect_no_answer (rig);
  assert_true (ea_answers_is_empty (answers, RIG_PEER));
  assert_int_equal (ea_answers_count (answers), 1);
  ea_ota_resume (rig->ota, RIG_EID);
  endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, ANSWER);
  ea_answers_take_back (answers);
  ea_ota_suspend (rig->ota); /* another card may come */
  endpoint_rig_expect_no_answer (rig);
  ea_ota_resume (rig->ota, RIG_EID);
  endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, ANSWER);
}

/* Takes @script for a peer that takes @max bytes. Returns: (transfer full): the answer */
static GBytes *
run_for_peer (EndpointRig *rig, gsize max)
{
  g_autoptr (GBytes) sdu = endpoint_rig_seal_sdu (rig, SCRIPT);
  guint64 number;

  endpoint_rig_answer (rig, GOOD);
  assert_int_equal (ea_endpoint_take_sdu (ea_ota_get_endpoint (rig->ota), ea_span_from_bytes (sdu),
                                          max, RIG_PEER),
                    EA_ENDPOINT_TAKEN);
  endpoint_rig_expect (rig, RUN);
  endpoint_rig_expect_nothing (rig);
  ea_answers_take_back (endpoint_rig_get_answers (rig));
  return ea_answers_hand_out (endpoint_rig_get_answers (rig), RIG_PEER, &number);
}

static void
test_response_script_is_cut_to_what_the_peer_takes (void **state)
{
  static const struct
  {
    gsize max;
    guint8 status;
    const char *data;
  } peers[] = {
    { 1024, SIM_SCP80_STATUS_OK, ANSWER },
    { 80, SIM_SCP80_STATUS_OK, "AB07800101230262F1" },
    { 38, SIM_SCP80_STATUS_OK, "AB07800101230262F1" },
    { 37, 0x07, "" }, /* insufficient memory */
    { 0, 0x07, "" },
  };
  EndpointRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (peers); i++)
    {
      g_autoptr (GBytes) answer = run_for_peer (rig, peers[i].max);
      guint64 number;

      assert_non_null (answer);
      assert_true (g_bytes_get_size (answer) <= MAX (peers[i].max, 22));
      ea_answers_take_back (endpoint_rig_get_answers (rig));
      number = endpoint_rig_expect_answer (rig, &rig->command, peers[i].status, peers[i].data);
      assert_true (ea_answers_remove (endpoint_rig_get_answers (rig), number, NULL));
    }
}

/* What the peer takes is the job's, whatever the next life hears. */
static void
test_limit_of_the_peer_outlives_the_agent (void **state)
{
  EndpointRig *rig = *state;
  g_autofree char *busy = g_strdup_printf ("!%d", EA_MODEM_ERROR_BUSY);
  g_autoptr (GBytes) sdu = endpoint_rig_seal_sdu (rig, SCRIPT);

  endpoint_rig_answer (rig, busy);
  assert_int_equal (
      ea_endpoint_take_sdu (ea_ota_get_endpoint (rig->ota), ea_span_from_bytes (sdu), 80, RIG_PEER),
      EA_ENDPOINT_TAKEN);
  endpoint_rig_expect (rig, RIG_OPEN);
  endpoint_rig_end (rig);
  endpoint_rig_begin (rig, NULL);
  endpoint_rig_answer (rig, GOOD);
  ea_ota_resume (rig->ota, RIG_EID);
  endpoint_rig_expect (rig, RUN);
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, "AB07800101230262F1");
}

#define STRANGER "192.0.2.1 50000 1024"

/* Whoever has seen @sdu may send it again: it is refused to his face, and the answer is not his. */
static void
test_answer_is_only_for_the_peer_that_sent_the_packet (void **state)
{
  EndpointRig *rig = *state;
  EaEndpoint *endpoint = ea_ota_get_endpoint (rig->ota);
  EaAnswers *answers = endpoint_rig_get_answers (rig);
  g_autoptr (GBytes) sdu = endpoint_rig_seal_sdu (rig, SCRIPT);
  g_autoptr (GBytes) refusal = NULL;
  g_auto (GStrv) peers = NULL;
  guint64 number = G_MAXUINT64;

  endpoint_rig_answer (rig, GOOD);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  endpoint_rig_expect (rig, RUN);
  endpoint_rig_expect_nothing (rig);
  assert_null (ea_answers_hand_out (answers, STRANGER, &number));
  assert_int_equal (
      ea_endpoint_take_sdu (endpoint, ea_span_from_bytes (sdu), RIG_SDU_MAX, STRANGER),
      EA_ENDPOINT_REFUSED);
  endpoint_rig_expect_nothing (rig);

  peers = ea_answers_list_peers (answers);
  assert_int_equal (g_strv_length (peers), 2);
  assert_string_equal (peers[0], RIG_PEER);
  assert_string_equal (peers[1], STRANGER);
  refusal = ea_answers_hand_out (answers, STRANGER, &number);
  assert_non_null (refusal);
  endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, ANSWER);
  endpoint_rig_expect_no_answer (rig);
}

/* What waits for a channel, for its card or for a key is owed as well as what runs. */
static void
test_answers_are_owed_until_they_are_acknowledged (void **state)
{
  EndpointRig *rig = *state;
  EaEndpoint *endpoint = ea_ota_get_endpoint (rig->ota);
  g_autofree char *busy = g_strdup_printf ("!%d", EA_MODEM_ERROR_BUSY);
  g_autoptr (GBytes) sdu = endpoint_rig_seal_sdu (rig, SCRIPT);
  guint64 number;

  assert_false (ea_endpoint_owes_answers (endpoint, RIG_PEER));
  endpoint_rig_answer (rig, busy);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  endpoint_rig_expect (rig, RIG_OPEN);
  endpoint_rig_expect_nothing (rig);
  assert_true (ea_endpoint_is_idle (endpoint));
  assert_true (ea_endpoint_owes_answers (endpoint, RIG_PEER));
  assert_false (ea_endpoint_owes_answers (endpoint, STRANGER));
  ea_ota_suspend (rig->ota);
  assert_true (ea_endpoint_owes_answers (endpoint, RIG_PEER));
  ea_ota_resume (rig->ota, RIG_OTHER_EID);
  assert_false (ea_endpoint_owes_answers (endpoint, RIG_PEER));
  endpoint_rig_set_keys (rig, "[* scp80 02]\n" RIG_KEYS);
  ea_ota_resume (rig->ota, RIG_EID);
  assert_true (ea_endpoint_owes_answers (endpoint, RIG_PEER));

  endpoint_rig_answer (rig, GOOD);
  endpoint_rig_set_keys (rig, "[* scp80 01]\n" RIG_KEYS);
  endpoint_rig_expect (rig, RUN);
  endpoint_rig_expect_nothing (rig);
  assert_true (ea_endpoint_owes_answers (endpoint, RIG_PEER));
  assert_false (ea_endpoint_owes_answers (endpoint, STRANGER));
  number = endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, ANSWER);
  ea_ota_suspend (rig->ota);
  assert_true (ea_endpoint_owes_answers (endpoint, RIG_PEER));
  assert_true (ea_answers_remove (endpoint_rig_get_answers (rig), number, NULL));
  assert_false (ea_endpoint_owes_answers (endpoint, RIG_PEER));
}

/* A job of a short message is none of a peer, and nobody hears of a trigger that wants no proof but by this. */
static void
test_end_of_jobs_without_a_run_is_heard_of (void **state)
{
  EndpointRig *rig = *state;
  EaEndpoint *endpoint = ea_ota_get_endpoint (rig->ota);
  g_autoptr (GBytes) sdu = NULL;
  guint n_idle = 0;

  rig->command.spi2 = 0x38; /* no proof of receipt */
  sdu = endpoint_rig_seal_sdu (rig, "8100");
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  assert_false (ea_endpoint_owes_answers (endpoint, RIG_PEER));
  g_signal_connect_swapped (endpoint, "idle", G_CALLBACK (count), &n_idle);
  endpoint_rig_set_keys (rig, "[* scp80 01]\n" RIG_KEYS);
  assert_int_equal (n_idle, 1);
}

static int
on_trigger (EaEndpoint *endpoint, const EaPushTrigger *trigger, guint *n_triggers)
{
  ++*n_triggers;
  return EA_ENDPOINT_TAKEN;
}

static void
test_trigger_in_an_sdu_opens_a_session (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) sdu = endpoint_rig_seal_sdu (rig, "8100");
  guint n_triggers = 0;

  g_signal_connect (ea_ota_get_endpoint (rig->ota), "session-triggered", G_CALLBACK (on_trigger),
                    &n_triggers);
  assert_int_equal (endpoint_rig_take_sdu (rig, sdu), EA_ENDPOINT_TAKEN);
  assert_int_equal (n_triggers, 1);
  endpoint_rig_expect_answer (rig, &rig->command, SIM_SCP80_STATUS_OK, "");
}

static void
test_job_of_an_earlier_version_is_carried_out (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) record = bytes_of (OLD_JOB);
  guint n_messages;
  g_autoptr (GBytes) proof = NULL;

  endpoint_rig_end (rig);
  endpoint_rig_begin (rig, NULL);
  assert_true (ea_store_write (rig->store, "job-0-0000000000", record, NULL));
  endpoint_rig_answer (rig, GOOD "|"); /* and the short message */
  ea_ota_resume (rig->ota, RIG_EID);
  endpoint_rig_expect (rig, RUN);
  proof = endpoint_rig_receive (rig, &n_messages);
  assert_bytes_are (
      proof, "00341200000134DBD031A252426AFC40A64ED871448198EE21DCA8250BE1C87CAEC9E56C131FF88C51"
             "CAC504DD1B1240FAF7D9957132");
  endpoint_rig_expect_no_answer (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ENDPOINT_TEST (test_sdu_is_carried_out_and_answered),
    ENDPOINT_TEST (test_key_is_found_for_a_target_of_the_form),
    ENDPOINT_TEST (test_answer_is_secured_as_the_sender_wants),
    ENDPOINT_TEST (test_answer_that_nobody_wants_is_not_kept),
    ENDPOINT_TEST (test_sdu_without_a_key_or_in_another_form_is_dropped),
    ENDPOINT_TEST (test_sdu_that_is_not_genuine_is_dropped_without_an_answer),
    ENDPOINT_TEST (test_genuine_sdu_that_is_refused_hears_why),
    ENDPOINT_TEST (test_sdu_that_comes_again_is_not_carried_out_again),
    ENDPOINT_TEST (test_sdu_whose_answer_is_there_gets_it_again),
    ENDPOINT_TEST (test_counter_decides_once_the_answer_is_delivered),
    ENDPOINT_TEST (test_sdu_that_can_t_be_stored_is_left_with_the_peer),
    ENDPOINT_TEST (test_answer_that_can_t_be_stored_comes_later),
    ENDPOINT_TEST (test_sdu_is_left_with_the_peer_while_the_card_is_away),
    ENDPOINT_TEST (test_sdus_are_left_with_the_peer_while_as_many_wait_as_may),
    ENDPOINT_TEST (test_no_more_is_taken_than_there_is_room_for_answers),
    ENDPOINT_TEST (test_answer_of_another_card_s_euicc_waits_for_it),
    ENDPOINT_TEST (test_response_script_is_cut_to_what_the_peer_takes),
    ENDPOINT_TEST (test_limit_of_the_peer_outlives_the_agent),
    ENDPOINT_TEST (test_answer_is_only_for_the_peer_that_sent_the_packet),
    ENDPOINT_TEST (test_answers_are_owed_until_they_are_acknowledged),
    ENDPOINT_TEST (test_end_of_jobs_without_a_run_is_heard_of),
    ENDPOINT_TEST (test_trigger_in_an_sdu_opens_a_session),
    ENDPOINT_TEST (test_job_of_an_earlier_version_is_carried_out),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
