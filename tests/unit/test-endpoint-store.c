/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A store that fails, at every change that a secured packet makes: nothing is acknowledged or sent before it is
 * durable, and what was left goes on when the store works again.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/push-trigger.h"
#include "endpoint-rig.h"

/* GET DATA twice; INITIALIZE UPDATE and STORE DATA */
#define FREE_SCRIPT "AA0E220580CA005A00220580CA006600"
#define BOUND_SCRIPT                                                                               \
  "AA1222068050000001222208"                                                                       \
  "80E2800003010203"
#define CHAINED(value)                                                                             \
  "AA0B8301" value "2206"                                                                          \
  "805000000122"
#define CHAINED_APDU(channel) "apdu " channel " 8" channel "5000000122"

#define ANSWER "019000"
#define GOOD "2303019000"
#define FULL "AB0D800102" GOOD GOOD

#define FIRST "apdu 1 81CA005A00"
#define SECOND "apdu 1 81CA006600"
#define TAKEN "accept 7"
#define LEFT_WITH_NETWORK "reject 7 16 D3"

static void
fail_once (gpointer user_data)
{
  fake_store_fail (1);
}

/* The next change fails, and the timeout after it is over at once. */
static void
fail_next (EndpointRig *rig)
{
  fake_store_fail (1);
  fake_time_let_fly ();
}

/* Change @number from now on fails; timeouts are over at once. */
static void
fail_change (EndpointRig *rig, guint number)
{
  endpoint_rig_answer_all (rig, ANSWER);
  fake_store_reset ();
  fake_store_set_hook (number, fail_once, NULL);
  fake_time_let_fly ();
}

static void
test_packet_that_can_t_be_stored_is_left_with_the_network (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) packet = endpoint_rig_seal (rig, FREE_SCRIPT);
  g_autoptr (GPtrArray) tpdus = endpoint_rig_segment (rig, packet);

  endpoint_rig_answer_all (rig, ANSWER);
  fake_store_fail (G_MAXUINT);
  for (guint i = 0; i < 3; i++)
    {
      fake_modem_fail_settling (rig->modem); /* no word of ours makes it a duplicate */
      endpoint_rig_deliver_tpdu (rig, tpdus->pdata[0], EA_MODEM_SMS_UNACKNOWLEDGED);
      endpoint_rig_expect (rig, LEFT_WITH_NETWORK);
      endpoint_rig_expect_nothing (rig);
    }
  assert_int_equal (endpoint_rig_count_records (rig, ""), 0);
  fake_store_reset ();
  endpoint_rig_deliver_tpdu (rig, tpdus->pdata[0], EA_MODEM_SMS_UNACKNOWLEDGED);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" FIRST "\n" SECOND "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, FULL);
}

static void
test_replay_that_can_t_be_answered_is_left_with_the_network (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) packet = endpoint_rig_seal (rig, "AA00");

  endpoint_rig_answer_all (rig, ANSWER);
  endpoint_rig_deliver (rig, packet);
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB03800100");
  endpoint_rig_expect_accepted (rig);
  endpoint_rig_expect_nothing (rig);
  fake_store_fail (G_MAXUINT);
  endpoint_rig_deliver (rig, packet);
  endpoint_rig_expect (rig, LEFT_WITH_NETWORK);
  endpoint_rig_expect_nothing (rig);
  fake_store_reset ();
  endpoint_rig_deliver (rig, packet);
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_COUNTER_LOW, "");
  endpoint_rig_expect_accepted (rig);
}

static void
test_command_that_can_t_be_recorded_is_not_sent_yet (void **state)
{
  EndpointRig *rig = *state;

  fail_change (rig, 2);
  endpoint_rig_send (rig, FREE_SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\nclose 1");
  endpoint_rig_expect (rig, RIG_OPEN "\n" FIRST "\n" SECOND "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, FULL);
  assert_true (fake_time_get_flown_ms () >= EA_ENDPOINT_INTERVAL_MS);
}

static void
test_script_goes_on_after_the_command_that_could_be_recorded (void **state)
{
  EndpointRig *rig = *state;

  fail_change (rig, 3);
  endpoint_rig_send (rig, FREE_SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" FIRST "\nclose 1");
  endpoint_rig_expect (rig, RIG_OPEN "\n" SECOND "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, FULL);
}

static void
test_script_whose_commands_rest_on_each_other_does_not_go_on (void **state)
{
  EndpointRig *rig = *state;

  fail_change (rig, 3);
  endpoint_rig_send (rig, BOUND_SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\napdu 1 815000000122\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0C800102" GOOD "23026FF1");
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_SCRIPTS_INTERRUPTED), 1);
}

static void
test_answer_that_can_t_be_stored_is_sent_later (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer_all (rig, ANSWER);
  endpoint_rig_send (rig, FREE_SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" FIRST "\n" SECOND);
  fail_next (rig);
  endpoint_rig_expect (rig, "close 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, FULL);
  assert_true (fake_time_get_flown_ms () >= EA_ENDPOINT_INTERVAL_MS);
  assert_int_equal (endpoint_rig_count_records (rig, "job-"), 0);
}

/* The network has it, but the next life would not know: it is sent once more. */
static void
test_answer_that_can_t_be_removed_is_not_sent_again (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer_all (rig, ANSWER);
  endpoint_rig_send (rig, FREE_SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" FIRST "\n" SECOND "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, FULL);
  fail_next (rig);
  fake_modem_await (rig->modem, 0);
  endpoint_rig_expect_nothing (rig);
  assert_int_equal (endpoint_rig_count_records (rig, "outbox-"), 0);
}

static void
test_store_that_fails_for_long_stops_a_script_and_nothing_is_sent_twice (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer_all (rig, ANSWER);
  endpoint_rig_send (rig, FREE_SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" FIRST);
  fake_store_fail (G_MAXUINT);
  endpoint_rig_expect (rig, "close 1");
  endpoint_rig_expect_nothing (rig);
  assert_true (ea_ota_is_idle (rig->ota));
  fake_store_reset ();
  endpoint_rig_restart (rig);

  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123026FF1");
}

/* The card was reset meanwhile. */
static void
test_script_that_waits_for_the_store_goes_on_after_a_reset_of_the_card (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer_all (rig, ANSWER);
  endpoint_rig_send (rig, FREE_SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" FIRST "\n" SECOND);
  fake_store_fail (G_MAXUINT);
  endpoint_rig_expect (rig, "close 1");
  endpoint_rig_expect_nothing (rig);
  fake_store_reset ();
  fake_time_let_fly ();
  ea_ota_resume (rig->ota, RIG_EID);

  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, FULL);
}

/* Nothing can be told from a replay then. */
static void
test_no_packet_is_obeyed_where_the_store_lost_its_memory (void **state)
{
  EndpointRig *rig = *state;
  g_autofree char *path = g_build_filename (rig->directory, "store", NULL);

  endpoint_rig_end (rig);
  assert_true (g_file_set_contents (path, "what others have left", -1, NULL));
  endpoint_rig_begin (rig, RIG_EID);
  endpoint_rig_send (rig, FREE_SCRIPT);
  endpoint_rig_expect (rig, TAKEN);
  endpoint_rig_expect_nothing (rig);
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_PACKETS_TAKEN), 0);
}

/* Not even a counter that is none: the others are good. */
/* The limit of what checksums can do: nobody should put back what a backup has kept. */
static void
test_an_older_copy_of_the_store_is_believed (void **state)
{
  EndpointRig *rig = *state;
  g_autofree char *path = g_build_filename (rig->directory, "store", NULL);
  g_autoptr (GBytes) packet = NULL;
  g_autofree char *copy = NULL;
  gsize size;

  endpoint_rig_answer_all (rig, ANSWER);
  endpoint_rig_send (rig, FREE_SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" FIRST "\n" SECOND "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, FULL);
  endpoint_rig_expect_nothing (rig);
  assert_true (g_file_get_contents (path, &copy, &size, NULL));
  packet = endpoint_rig_seal (rig, FREE_SCRIPT);
  for (guint i = 0; i < 2; i++)
    {
      endpoint_rig_deliver (rig, packet);
      endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" FIRST "\n" SECOND "\nclose 1");
      endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, FULL);
      endpoint_rig_end (rig);
      assert_true (g_file_set_contents (path, copy, (gssize) size, NULL));
      endpoint_rig_begin (rig, RIG_EID);
      endpoint_rig_answer_all (rig, ANSWER);
    }
}

static void
test_no_packet_is_obeyed_where_its_counter_can_t_be_read (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) record = bytes_of ("00");

  assert_true (ea_store_write (rig->store, "counter-" RIG_EID "-01-000001", record, NULL));
  endpoint_rig_send (rig, FREE_SCRIPT);
  endpoint_rig_expect (rig, TAKEN);
  endpoint_rig_expect_nothing (rig);
}

/* Records that are not ours, where jobs, messages and proofs are looked for */
static void
test_records_that_can_t_be_read_are_in_nobody_s_way (void **state)
{
  static const char *const names[] = {
    "job-0-0000000000", "job-0-0000000001.00000", "job-0-", "inbox-0-0000000000", "chain-0",
    "recent-0",
  };
  EndpointRig *rig = *state;
  g_autoptr (GBytes) record = bytes_of ("FF");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    assert_true (ea_store_write (rig->store, names[i], record, NULL));
  endpoint_rig_answer_all (rig, ANSWER);
  endpoint_rig_restart (rig);
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_send (rig, FREE_SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" FIRST "\n" SECOND "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, FULL);
}

static void
test_answer_waits_until_the_outbox_has_room (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) message = bytes_of ("00");

  for (guint i = 0; i < EA_OUTBOX_MAX; i++)
    {
      g_autofree char *name = g_strdup_printf ("outbox-0-%010u", i);

      assert_true (ea_store_write (rig->store, name, message, NULL));
    }
  endpoint_rig_answer_all (rig, ANSWER);
  endpoint_rig_send (rig, FREE_SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" FIRST "\n" SECOND);
  fake_time_let_fly ();
  endpoint_rig_expect (rig, "close 1");
  for (guint i = 0; i < 20; i++) /* it tries, in vain */
    g_main_context_iteration (NULL, FALSE);
  assert_true (fake_time_get_flown_ms () >= 2 * EA_ENDPOINT_INTERVAL_MS);
  ea_ota_resume (rig->ota, RIG_EID); /* wakes the outbox */
  for (guint i = 0; i < EA_OUTBOX_MAX; i++)
    endpoint_rig_expect (rig, "sms 00");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, FULL);
  assert_int_equal (endpoint_rig_count_records (rig, "job-"), 0);
  assert_int_equal (endpoint_rig_count_records (rig, "outbox-"), 0);
}

/* (transfer full) (element-type GBytes): a packet of two segments */
static GPtrArray *
new_segments (EndpointRig *rig)
{
  g_autoptr (GString) script = g_string_new ("AA818C"); /* 20 commands of 7 octets */
  g_autoptr (GBytes) packet = NULL;

  for (guint i = 0; i < 20; i++)
    g_string_append (script, "220580CA005A00");
  packet = endpoint_rig_seal (rig, script->str);
  return endpoint_rig_segment (rig, packet);
}

static void
expect_segmented_packet (EndpointRig *rig)
{
  endpoint_rig_expect (rig, RIG_OPEN "\n" FIRST "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123026A88");
  assert_int_equal (endpoint_rig_count_records (rig, "inbox-"), 0);
}

static void
test_segment_that_can_t_be_stored_is_left_with_the_network (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GPtrArray) tpdus = new_segments (rig);

  assert_int_equal (tpdus->len, 2);
  endpoint_rig_answer (rig, "01|6A88|");
  for (guint i = 0; i < 2; i++)
    {
      fake_store_fail (G_MAXUINT);
      fake_modem_fail_settling (rig->modem);
      endpoint_rig_deliver_tpdu (rig, tpdus->pdata[i], EA_MODEM_SMS_UNACKNOWLEDGED);
      endpoint_rig_expect (rig, LEFT_WITH_NETWORK);
      endpoint_rig_expect_nothing (rig);
      fake_store_reset ();
      endpoint_rig_deliver_tpdu (rig, tpdus->pdata[i], EA_MODEM_SMS_UNACKNOWLEDGED);
      endpoint_rig_expect (rig, TAKEN);
    }
  expect_segmented_packet (rig);
}

/* Nobody sends them again: they stay where they are until they are safe. */
static void
test_segment_in_the_storage_stays_there_until_it_is_stored (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GPtrArray) tpdus = new_segments (rig);

  endpoint_rig_answer (rig, "01|6A88|");
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *tpdu = ea_span_to_hex (ea_span_from_bytes (tpdus->pdata[i]));
      g_autofree char *stored = g_strconcat ("00", tpdu, NULL);

      fake_store_fail (G_MAXUINT);
      fake_modem_deliver (rig->modem, EA_MODEM_SMS_STORED, stored);
      endpoint_rig_expect_nothing (rig);
      fake_store_reset ();
      ea_ota_resume (rig->ota, RIG_EID);
      endpoint_rig_expect (rig, TAKEN);
    }
  expect_segmented_packet (rig);
}

static void
test_segments_that_are_stored_wait_until_the_packet_can_be_taken (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GPtrArray) tpdus = new_segments (rig);

  endpoint_rig_answer (rig, "01|6A88|");
  fake_store_set_hook (3, fail_once, NULL); /* each segment is a change */
  endpoint_rig_deliver_tpdu (rig, tpdus->pdata[0], EA_MODEM_SMS_UNACKNOWLEDGED);
  endpoint_rig_expect (rig, TAKEN);
  fake_time_let_fly ();
  endpoint_rig_deliver_tpdu (rig, tpdus->pdata[1], EA_MODEM_SMS_UNACKNOWLEDGED);
  fake_time_stop ();
  endpoint_rig_expect (rig, TAKEN);
  expect_segmented_packet (rig);
}

static void
test_chain_whose_script_lost_its_channel_does_not_go_on (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer_all (rig, ANSWER);
  endpoint_rig_send (rig, CHAINED ("01"));
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" CHAINED_APDU ("1"));
  fail_next (rig);
  endpoint_rig_expect (rig, "close 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB08800101" GOOD);
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_send (rig, CHAINED ("03"));

  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB06800100830101");
  endpoint_rig_expect_accepted (rig);
}

static void
test_script_that_can_t_be_recorded_on_the_channel_of_its_chain_does_not_go_on_another (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer_all (rig, ANSWER);
  endpoint_rig_send (rig, CHAINED ("01"));
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" CHAINED_APDU ("1"));
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB08800101" GOOD);
  endpoint_rig_expect_nothing (rig);
  fail_change (rig, 2); /* the beginning of the only command */
  endpoint_rig_send (rig, CHAINED ("03"));
  endpoint_rig_expect (rig, "close 1\n" TAKEN);

  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB06800100830101");
}

static gboolean
on_trigger (EaEndpoint *endpoint, const EaPushTrigger *trigger, guint *n_triggers)
{
  ++*n_triggers;
  return TRUE;
}

static void
test_trigger_that_can_t_be_answered_yet_opens_one_session (void **state)
{
  EndpointRig *rig = *state;
  guint n_triggers = 0;

  g_signal_connect (ea_ota_get_endpoint (rig->ota), "session-triggered", G_CALLBACK (on_trigger),
                    &n_triggers);
  fail_change (rig, 2);
  endpoint_rig_send (rig, "8100");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "");
  endpoint_rig_expect_accepted (rig);
  assert_int_equal (n_triggers, 1);
}

static void
fail_from_now_on (gpointer user_data)
{
  fake_store_fail (G_MAXUINT);
}

static int
on_trigger_without_store (EaEndpoint *endpoint, const EaPushTrigger *trigger, guint *n_triggers)
{
  return ++*n_triggers < 3 ? EA_ENDPOINT_LATER : EA_ENDPOINT_TAKEN;
}

/* No session could be stored, so nothing is done yet; and nothing is answered. */
static void
test_trigger_waits_until_its_session_can_be_stored (void **state)
{
  EndpointRig *rig = *state;
  guint n_triggers = 0;

  g_signal_connect (ea_ota_get_endpoint (rig->ota), "session-triggered",
                    G_CALLBACK (on_trigger_without_store), &n_triggers);
  fake_time_let_fly ();
  endpoint_rig_send (rig, "8100");
  endpoint_rig_expect_accepted (rig);
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "");
  assert_int_equal (n_triggers, 3);
}

/* A session too many finds that there is nothing to do, one that never comes is missed. In one life it is one. */
static void
test_trigger_that_can_t_be_finished_is_signalled_once (void **state)
{
  EndpointRig *rig = *state;
  guint n_triggers = 0;

  g_signal_connect (ea_ota_get_endpoint (rig->ota), "session-triggered", G_CALLBACK (on_trigger),
                    &n_triggers);
  fake_store_set_hook (2, fail_from_now_on, NULL);
  endpoint_rig_send (rig, "8100");
  endpoint_rig_expect_accepted (rig);
  endpoint_rig_expect_nothing (rig);
  assert_int_equal (n_triggers, 1);

  fake_store_reset ();
  endpoint_rig_restart (rig);
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "");
  assert_int_equal (n_triggers, 1);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ENDPOINT_TEST (test_packet_that_can_t_be_stored_is_left_with_the_network),
    ENDPOINT_TEST (test_replay_that_can_t_be_answered_is_left_with_the_network),
    ENDPOINT_TEST (test_command_that_can_t_be_recorded_is_not_sent_yet),
    ENDPOINT_TEST (test_script_goes_on_after_the_command_that_could_be_recorded),
    ENDPOINT_TEST (test_script_whose_commands_rest_on_each_other_does_not_go_on),
    ENDPOINT_TEST (test_answer_that_can_t_be_stored_is_sent_later),
    ENDPOINT_TEST (test_answer_that_can_t_be_removed_is_not_sent_again),
    ENDPOINT_TEST (test_store_that_fails_for_long_stops_a_script_and_nothing_is_sent_twice),
    ENDPOINT_TEST (test_script_that_waits_for_the_store_goes_on_after_a_reset_of_the_card),
    ENDPOINT_TEST (test_no_packet_is_obeyed_where_the_store_lost_its_memory),
    ENDPOINT_TEST (test_an_older_copy_of_the_store_is_believed),
    ENDPOINT_TEST (test_no_packet_is_obeyed_where_its_counter_can_t_be_read),
    ENDPOINT_TEST (test_records_that_can_t_be_read_are_in_nobody_s_way),
    ENDPOINT_TEST (test_answer_waits_until_the_outbox_has_room),
    ENDPOINT_TEST (test_segment_that_can_t_be_stored_is_left_with_the_network),
    ENDPOINT_TEST (test_segment_in_the_storage_stays_there_until_it_is_stored),
    ENDPOINT_TEST (test_segments_that_are_stored_wait_until_the_packet_can_be_taken),
    ENDPOINT_TEST (test_chain_whose_script_lost_its_channel_does_not_go_on),
    ENDPOINT_TEST (
        test_script_that_can_t_be_recorded_on_the_channel_of_its_chain_does_not_go_on_another),
    ENDPOINT_TEST (test_trigger_that_can_t_be_answered_yet_opens_one_session),
    ENDPOINT_TEST (test_trigger_waits_until_its_session_can_be_stored),
    ENDPOINT_TEST (test_trigger_that_can_t_be_finished_is_signalled_once),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
