/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Short messages between the network and the card (agent/session/ota.h), without a key for any of them, and with keys
 * for others. The ENVELOPE and the proof of receipt are worked examples that independent encoders agreed upon.
 */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/sms-reassembly.h"
#include "endpoint-rig.h"
#include "wait.h"

#define TPDU                                                                                       \
  "440C919451214365877FF6621122010000002D02700000281516391212000001954EB8A317C64D5169E703F859A4"   \
  "0693DF4FCE92B5A3A849C286D5B96F54940F"
#define ENVELOPE "D14F820283818607919471071600008B40" TPDU

/* The same with SPI2 19: the proof of receipt belongs into the SMS-DELIVER-REPORT. */
#define REPORT_TPDU                                                                                \
  "440C919451214365877FF6621122010000002D02700000281516191212000001954EB8A317C64D5169E703F859A4"   \
  "0693DF4FCE92B5A3A849C286D5B96F54940F"
#define REPORT_ENVELOPE "D14F820283818607919471071600008B40" REPORT_TPDU
#define TEXT_TPDU "040B916171957291F800F21120821105050A05E8329BFD06"

/* The proof of receipt of the same example, from 02 71 00 on, and the message that carries it */
#define PROOF                                                                                      \
  "02710000341200000134DBD031A252426AFC40A64ED871448198EE21DCA8250BE1C87CAEC9E56C131FF88C51CAC504" \
  "DD1B1240FAF7D9957132"
#define PROOF_MESSAGE "sms 0041000C919451214365877FF639" PROOF

/* No key is held: every packet is the card's. */
static int
setup (void **state)
{
  EndpointRig *rig = endpoint_rig_new ();

  endpoint_rig_set_keys (rig, "");
  *state = rig;
  return 0;
}

static void
test_every_status_word_of_the_table_has_its_verdict (void **state)
{
  static const struct
  {
    guint16 sw;
    EaOtaVerdict verdict;
    guint8 tp_cause;
  } rows[] = {
    { 0x9000, EA_OTA_ACCEPT, 0 },    { 0x913F, EA_OTA_ACCEPT, 0 },
    { 0x9100, EA_OTA_ACCEPT, 0 },    { 0x6110, EA_OTA_ACCEPT, 0 },
    { 0x9300, EA_OTA_RETRY, 0xD4 },  { 0x6200, EA_OTA_REJECT, 0xD5 },
    { 0x63C1, EA_OTA_REJECT, 0xD5 }, { 0x6F00, EA_OTA_REJECT, 0xD5 },
    { 0x9240, EA_OTA_REJECT, 0xD5 }, { 0x6581, EA_OTA_REJECT, 0xD5 },
    { 0x9E10, EA_OTA_REJECT, 0xD5 }, { 0x0000, EA_OTA_REJECT, 0xD5 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint8 tp_cause = 0;

      assert_int_equal (ea_ota_get_verdict (rows[i].sw, &tp_cause), rows[i].verdict);
      if (rows[i].verdict != EA_OTA_ACCEPT)
        assert_int_equal (tp_cause, rows[i].tp_cause);
    }
}

static void
test_download_goes_as_envelope_and_is_accepted (void **state)
{
  EndpointRig *rig = *state;

  fake_modem_answer (rig->modem, "913F");
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
  fake_modem_await (rig->modem, 2);

  assert_string_equal (fake_modem_read_diary (rig->modem), "envelope " ENVELOPE "\naccept 7");
}

static void
test_refusal_of_the_card_is_told_to_the_network (void **state)
{
  EndpointRig *rig = *state;

  fake_modem_answer (rig->modem, "6F00");
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
  fake_modem_await (rig->modem, 2);

  assert_string_equal (fake_modem_read_diary (rig->modem), "envelope " ENVELOPE "\nreject 7 6F D5");
}

static void
test_failure_on_the_way_to_the_card_is_told_to_the_network (void **state)
{
  EndpointRig *rig = *state;

  fake_modem_fail (rig->modem, EA_MODEM_ERROR_TIMEOUT);
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
  fake_modem_await (rig->modem, 2);

  assert_string_equal (fake_modem_read_diary (rig->modem), "envelope " ENVELOPE "\nreject 7 6F D5");
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_TIMEOUTS_CARD), 1);
}

static void
test_busy_card_is_asked_again (void **state)
{
  EndpointRig *rig = *state;

  fake_modem_fail (rig->modem, EA_MODEM_ERROR_BUSY);
  fake_modem_answer (rig->modem, "9300");
  fake_modem_answer (rig->modem, "9000");
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
  fake_modem_await (rig->modem, 4);

  assert_string_equal (fake_modem_read_diary (rig->modem),
                       "envelope " ENVELOPE "\nenvelope " ENVELOPE "\nenvelope " ENVELOPE
                       "\naccept 7");
}

static void
test_card_that_starts_anew_is_waited_for (void **state)
{
  EndpointRig *rig = *state;

  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_INITIALIZING);
  fake_modem_answer (rig->modem, "9000");
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
  assert_string_equal (fake_modem_read_diary (rig->modem), "");
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_READY);
  fake_modem_await (rig->modem, 2);

  assert_string_equal (fake_modem_read_diary (rig->modem), "envelope " ENVELOPE "\naccept 7");
}

static void
test_message_of_others_is_kept_where_it_would_be (void **state)
{
  EndpointRig *rig = *state;

  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TEXT_TPDU);
  fake_modem_await (rig->modem, 1);

  assert_string_equal (fake_modem_read_diary (rig->modem), "keep 0791947107160000" TEXT_TPDU);
}

static void
test_stored_download_leaves_the_storage_when_the_card_has_it (void **state)
{
  EndpointRig *rig = *state;

  fake_modem_answer (rig->modem, "9000");
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_STORED, "0791947107160000" TPDU);
  fake_modem_await (rig->modem, 2);

  assert_string_equal (fake_modem_read_diary (rig->modem), "envelope " ENVELOPE "\naccept 7");
}

static void
test_hostile_stored_messages_are_left_where_they_are (void **state)
{
  static const char *const hostile[]
      = { "", "07", "0791947107160000", "FF" TPDU, "0C919471071600001122334455" TPDU };
  EndpointRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++)
    fake_modem_deliver (rig->modem, EA_MODEM_SMS_STORED, hostile[i]);
  fake_modem_await (rig->modem, 0);

  assert_string_equal (fake_modem_read_diary (rig->modem), "");
}

static void
test_hostile_messages_are_refused (void **state)
{
  static const char *const hostile[] = { "", "44", "440C91", "FFFFFFFFFFFFFFFFFFFF",
                                         "440C919451214365877FF662112201000000FF027000" };
  EndpointRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, hostile[i]);
      fake_modem_await (rig->modem, 1);

      assert_string_equal (fake_modem_read_diary (rig->modem), "reject 7 6F FF");
    }
}

static void
test_message_that_comes_before_the_card_is_ready_waits_behind_the_inbox (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) old = bytes_of ("0791947107160000" TPDU);
  g_auto (GStrv) records = NULL;

  g_clear_object (&rig->ota);
  assert_true (ea_store_write (rig->store, "inbox-0-0000000000", old, NULL));
  rig->ota = endpoint_rig_new_ota (rig);
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_ACKNOWLEDGED, TPDU "00");
  records = ea_store_list (rig->store, "inbox-");
  assert_int_equal (g_strv_length (records), 2);
  fake_modem_answer (rig->modem, "9000");
  fake_modem_answer (rig->modem, "9000");
  ea_ota_resume (rig->ota, RIG_EID);
  fake_modem_await (rig->modem, 3);

  assert_string_equal (fake_modem_read_diary (rig->modem),
                       "envelope " ENVELOPE "\nenvelope D150820283818607919471071600008B41" TPDU
                       "00\naccept 7");
}

static void
test_message_that_can_never_reach_the_card_does_not_stand_in_the_way (void **state)
{
  EndpointRig *rig = *state;
  g_auto (GStrv) records = NULL;

  fake_modem_fail (rig->modem, EA_MODEM_ERROR_FAILED);
  fake_modem_answer (rig->modem, "9000");
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_ACKNOWLEDGED, TPDU);
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
  fake_modem_await (rig->modem, 4);
  records = ea_store_list (rig->store, "inbox-");

  assert_string_equal (fake_modem_read_diary (rig->modem),
                       "envelope " ENVELOPE "\nreject 7 6F D5\nenvelope " ENVELOPE "\naccept 7");
  assert_int_equal (g_strv_length (records), 0);
}

static void
test_message_that_waits_for_another_time_does_not_stand_in_the_way (void **state)
{
  EndpointRig *rig = *state;
  g_auto (GStrv) records = NULL;

  fake_modem_fail (rig->modem, EA_MODEM_ERROR_TIMEOUT);
  fake_modem_answer (rig->modem, "9000");
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_ACKNOWLEDGED, TPDU);
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
  fake_modem_await (rig->modem, 3);
  records = ea_store_list (rig->store, "inbox-");

  assert_string_equal (fake_modem_read_diary (rig->modem),
                       "envelope " ENVELOPE "\nenvelope " ENVELOPE "\naccept 7");
  assert_int_equal (g_strv_length (records), 1);
}

static void
test_inbox_keeps_its_order_when_its_first_message_waits_for_another_time (void **state)
{
  EndpointRig *rig = *state;

  fake_modem_fail (rig->modem, EA_MODEM_ERROR_TIMEOUT);
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_ACKNOWLEDGED, TPDU);
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_ACKNOWLEDGED, TPDU "00");
  fake_modem_await (rig->modem, 1);
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_ACKNOWLEDGED, TPDU "0000");
  assert_string_equal (fake_modem_read_diary (rig->modem), "envelope " ENVELOPE);
  fake_modem_answer_all (rig->modem, "9000");
  ea_ota_resume (rig->ota, RIG_EID);
  fake_modem_await (rig->modem, 6);

  assert_string_equal (
      fake_modem_read_diary (rig->modem),
      "envelope " ENVELOPE "\naccept 7\nenvelope D150820283818607919471071600008B41" TPDU
      "00\naccept 7\nenvelope D151820283818607919471071600008B42" TPDU "0000\naccept 7");
}

static void
test_end_refuses_what_waits_and_awaits_what_is_on_its_way (void **state)
{
  EndpointRig *rig = *state;

  fake_modem_answer (rig->modem, "9000");
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
  ea_ota_drain (rig->ota);
  assert_false (ea_ota_is_idle (rig->ota));
  fake_modem_await (rig->modem, 3);
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
  fake_modem_await (rig->modem, 4);

  assert_string_equal (fake_modem_read_diary (rig->modem),
                       "envelope " ENVELOPE "\nreject 7 6F D4\naccept 7\nreject 7 6F D4");
  assert_true (ea_ota_is_idle (rig->ota));
}

static void
test_acknowledged_message_is_in_the_inbox_until_the_card_answers (void **state)
{
  EndpointRig *rig = *state;
  g_auto (GStrv) during = NULL;
  g_auto (GStrv) after = NULL;

  fake_modem_answer (rig->modem, "9000");
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_ACKNOWLEDGED, TPDU);
  during = ea_store_list (rig->store, "inbox-");
  fake_modem_await (rig->modem, 2);
  after = ea_store_list (rig->store, "inbox-");

  assert_string_equal (fake_modem_read_diary (rig->modem), "envelope " ENVELOPE "\naccept 7");
  assert_int_equal (g_strv_length (during), 1);
  assert_int_equal (g_strv_length (after), 0);
}

static void
test_acknowledged_message_that_did_not_reach_the_card_survives_the_agent (void **state)
{
  EndpointRig *rig = *state;
  g_auto (GStrv) records = NULL;
  g_autoptr (EaOta) successor = NULL;

  fake_modem_fail (rig->modem, EA_MODEM_ERROR_GONE);
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_ACKNOWLEDGED, TPDU);
  fake_modem_await (rig->modem, 1);
  fake_modem_read_diary (rig->modem);
  records = ea_store_list (rig->store, "inbox-");
  assert_int_equal (g_strv_length (records), 1);
  g_clear_object (&rig->ota);

  fake_modem_answer (rig->modem, "9000");
  successor = endpoint_rig_new_ota (rig);
  ea_ota_resume (successor, RIG_EID);
  fake_modem_await (rig->modem, 1);

  assert_string_equal (fake_modem_read_diary (rig->modem), "envelope " ENVELOPE);
  rig->ota = g_steal_pointer (&successor);
}

static void
test_card_s_proof_of_receipt_goes_to_the_sender (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer (rig, PROOF "9000|");
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, REPORT_TPDU);

  endpoint_rig_expect (rig, "envelope " REPORT_ENVELOPE);
  fake_modem_await (rig->modem, 2);
  endpoint_rig_expect (rig, PROOF_MESSAGE "\naccept 7");
}

/* It is the preliminary one, with status 0B, where the sender wants a message of its own (TS 31.115 §4.4). */
static void
test_card_s_answer_before_its_proof_goes_to_nobody (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer (rig, PROOF "915A");
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);

  endpoint_rig_expect (rig, "envelope " ENVELOPE "\naccept 7");
  endpoint_rig_expect_nothing (rig);
}

static void
test_other_answers_of_the_card_go_to_nobody (void **state)
{
  static const char *const answers[] = { "9000", "0270000102039000", "02719000" };
  EndpointRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      endpoint_rig_answer (rig, answers[i]);
      fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
      endpoint_rig_expect (rig, "envelope " ENVELOPE);
      endpoint_rig_expect (rig, "accept 7");
      endpoint_rig_expect_nothing (rig);
    }
}

static void
test_message_that_the_network_sends_again_does_not_reach_the_card_again (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer (rig, "9000");
  fake_modem_fail_settling (rig->modem);
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
  endpoint_rig_expect (rig, "envelope " ENVELOPE "\naccept 7");
  endpoint_rig_expect_nothing (rig);
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_SMS_UNSETTLED), 1);
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
  endpoint_rig_expect (rig, "accept 7");
  endpoint_rig_expect_nothing (rig);
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_SMS_DUPLICATES), 1);
  endpoint_rig_answer (rig, "9000"); /* now it is a message of its own */
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
  endpoint_rig_expect (rig, "envelope " ENVELOPE "\naccept 7");
}

static void
test_packet_of_the_agent_that_the_network_sends_again_is_no_replay (void **state)
{
  EndpointRig *rig = *state;

  for (guint i = 0; i < 2; i++)
    {
      endpoint_rig_answer (rig, "01|5A10890010120123412340123456789012249000|");
      fake_modem_fail_settling (rig->modem);
      fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
      if (i == 0)
        endpoint_rig_expect (rig,
                             RIG_OPEN "\naccept 7\napdu 1 81CA005A00\nclose 1\n" PROOF_MESSAGE);
      else
        endpoint_rig_expect (rig, "accept 7");
      endpoint_rig_restart (rig);
    }
  assert_int_equal (endpoint_rig_count_records (rig, "outbox-"), 0);
}

static void
test_message_that_the_card_refused_reaches_it_again (void **state)
{
  EndpointRig *rig = *state;

  for (guint i = 0; i < 2; i++)
    {
      endpoint_rig_answer (rig, "6F00");
      fake_modem_fail_settling (rig->modem);
      fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, TPDU);
      endpoint_rig_expect (rig, "envelope " ENVELOPE "\nreject 7 6F D5");
      endpoint_rig_expect_nothing (rig);
    }
}

/* (transfer full): the TPDU, with @number for a time stamp */
static char *
new_tpdu (guint number)
{
  char *tpdu = g_strdup (TPDU);
  g_autofree char *digits = g_strdup_printf ("%06u", number);

  memcpy (tpdu + 28, digits, 6);
  return tpdu;
}

static void
expect_envelope_with (EndpointRig *rig, guint number)
{
  g_autofree char *tpdu = new_tpdu (number);

  assert_string_equal (strstr (fake_modem_await_line (rig->modem), "440C"), tpdu);
}

static void
test_burst_of_500_messages_reaches_the_card_in_order (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer_all (rig, "9000");
  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *tpdu = new_tpdu (i);
      g_autofree char *stored = g_strconcat ("0791947107160000", tpdu, NULL);

      fake_modem_deliver (rig->modem, EA_MODEM_SMS_STORED, stored);
    }
  for (guint i = 0; i < 500; i++)
    {
      expect_envelope_with (rig, i);
      endpoint_rig_expect (rig, "accept 7");
    }
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_SMS_ACCEPTED), 500);
}

static void
test_network_keeps_what_is_too_much_at_once (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer_all (rig, "9000");
  for (guint i = 0; i <= EA_OTA_QUEUE_MAX; i++)
    {
      g_autofree char *tpdu = new_tpdu (i);

      fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, tpdu);
    }
  expect_envelope_with (rig, 0);
  endpoint_rig_expect (rig, "reject 7 6F D4\naccept 7");
  for (guint i = 1; i < EA_OTA_QUEUE_MAX; i++)
    {
      expect_envelope_with (rig, i);
      endpoint_rig_expect (rig, "accept 7");
    }
}

/* (transfer full) (element-type GBytes): three segments of a packet for key set 2, which nobody here has */
static GPtrArray *
new_segments (EndpointRig *rig)
{
  g_autoptr (GString) script = g_string_new ("AA820111");
  g_autoptr (GBytes) packet = NULL;

  for (guint i = 0; i < 39; i++)
    g_string_append (script, "220580CA005A00");
  rig->command.kid = 0x22;
  packet = endpoint_rig_seal (rig, script->str);
  return endpoint_rig_segment (rig, packet);
}

static void
expect_envelope_of (EndpointRig *rig, GBytes *tpdu)
{
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (tpdu));
  const char *line = fake_modem_await_line (rig->modem);

  assert_true (g_str_has_prefix (line, "envelope D1"));
  assert_true (g_str_has_suffix (line, hex));
}

static void
test_segments_go_to_the_card_at_once_where_no_key_is_held (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GPtrArray) tpdus = new_segments (rig);

  endpoint_rig_answer_all (rig, "9000");
  for (guint i = tpdus->len; i-- > 0;)
    {
      endpoint_rig_deliver_tpdu (rig, tpdus->pdata[i], EA_MODEM_SMS_UNACKNOWLEDGED);
      expect_envelope_of (rig, tpdus->pdata[i]);
      endpoint_rig_expect (rig, "accept 7");
    }
}

static void
test_segments_that_turn_out_to_be_the_card_s_reach_it_in_the_order_in_which_they_came (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GPtrArray) tpdus = new_segments (rig);

  endpoint_rig_answer_all (rig, "9000");
  for (guint i = 2; i > 0; i--)
    {
      endpoint_rig_deliver_tpdu (rig, tpdus->pdata[i], EA_MODEM_SMS_UNACKNOWLEDGED);
      endpoint_rig_expect (rig, "accept 7");
      endpoint_rig_expect_nothing (rig);
    }
  assert_int_equal (endpoint_rig_count_records (rig, "inbox-"), 2);
  endpoint_rig_deliver_tpdu (rig, tpdus->pdata[0], EA_MODEM_SMS_UNACKNOWLEDGED);
  expect_envelope_of (rig, tpdus->pdata[2]);
  expect_envelope_of (rig, tpdus->pdata[1]);
  expect_envelope_of (rig, tpdus->pdata[0]);
  endpoint_rig_expect (rig, "accept 7");
  assert_int_equal (endpoint_rig_count_records (rig, "inbox-"), 0);
}

static void
test_segments_without_their_first_are_the_card_s_after_a_time (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GPtrArray) tpdus = new_segments (rig);

  endpoint_rig_answer_all (rig, "9000");
  fake_time_let_fly ();
  endpoint_rig_deliver_tpdu (rig, tpdus->pdata[1], EA_MODEM_SMS_UNACKNOWLEDGED);
  endpoint_rig_expect (rig, "accept 7");
  expect_envelope_of (rig, tpdus->pdata[1]);
  assert_true (fake_time_get_flown_ms () >= EA_SMS_REASSEMBLY_TIMEOUT_US / 1000);
  assert_int_equal (endpoint_rig_count_records (rig, "inbox-"), 0);
}

static void
test_segments_of_the_agent_that_stay_incomplete_are_given_up (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GString) script = g_string_new ("AA818C");
  g_autoptr (GBytes) packet = NULL;
  g_autoptr (GPtrArray) tpdus = NULL;

  for (guint i = 0; i < 20; i++)
    g_string_append (script, "220580CA005A00");
  packet = endpoint_rig_seal (rig, script->str);
  tpdus = endpoint_rig_segment (rig, packet);
  fake_time_let_fly ();
  endpoint_rig_deliver_tpdu (rig, tpdus->pdata[0], EA_MODEM_SMS_UNACKNOWLEDGED);
  endpoint_rig_expect (rig, "accept 7");
  WAIT_FOR (endpoint_rig_count (rig, EA_COUNTER_PACKETS_INCOMPLETE) == 1);
  endpoint_rig_expect_nothing (rig);
  assert_int_equal (endpoint_rig_count_records (rig, "inbox-"), 0);
}

static void
test_segment_that_comes_again_is_acknowledged_and_forgotten (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GPtrArray) tpdus = new_segments (rig);

  for (guint i = 0; i < 2; i++)
    {
      endpoint_rig_deliver_tpdu (rig, tpdus->pdata[1], EA_MODEM_SMS_UNACKNOWLEDGED);
      endpoint_rig_expect (rig, "accept 7");
      endpoint_rig_expect_nothing (rig);
    }
  assert_int_equal (endpoint_rig_count (rig, EA_COUNTER_SMS_DUPLICATES), 1);
  assert_int_equal (endpoint_rig_count_records (rig, "inbox-"), 1);
}

#define SEALED_TEST(name) cmocka_unit_test_setup_teardown (name, setup, endpoint_rig_teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_every_status_word_of_the_table_has_its_verdict),
    SEALED_TEST (test_download_goes_as_envelope_and_is_accepted),
    SEALED_TEST (test_refusal_of_the_card_is_told_to_the_network),
    SEALED_TEST (test_failure_on_the_way_to_the_card_is_told_to_the_network),
    SEALED_TEST (test_busy_card_is_asked_again),
    SEALED_TEST (test_card_that_starts_anew_is_waited_for),
    SEALED_TEST (test_message_of_others_is_kept_where_it_would_be),
    SEALED_TEST (test_stored_download_leaves_the_storage_when_the_card_has_it),
    SEALED_TEST (test_hostile_stored_messages_are_left_where_they_are),
    SEALED_TEST (test_hostile_messages_are_refused),
    SEALED_TEST (test_message_that_comes_before_the_card_is_ready_waits_behind_the_inbox),
    SEALED_TEST (test_message_that_can_never_reach_the_card_does_not_stand_in_the_way),
    SEALED_TEST (test_message_that_waits_for_another_time_does_not_stand_in_the_way),
    SEALED_TEST (test_inbox_keeps_its_order_when_its_first_message_waits_for_another_time),
    SEALED_TEST (test_end_refuses_what_waits_and_awaits_what_is_on_its_way),
    SEALED_TEST (test_acknowledged_message_is_in_the_inbox_until_the_card_answers),
    SEALED_TEST (test_acknowledged_message_that_did_not_reach_the_card_survives_the_agent),
    SEALED_TEST (test_card_s_proof_of_receipt_goes_to_the_sender),
    SEALED_TEST (test_card_s_answer_before_its_proof_goes_to_nobody),
    SEALED_TEST (test_other_answers_of_the_card_go_to_nobody),
    SEALED_TEST (test_message_that_the_network_sends_again_does_not_reach_the_card_again),
    ENDPOINT_TEST (test_packet_of_the_agent_that_the_network_sends_again_is_no_replay),
    SEALED_TEST (test_message_that_the_card_refused_reaches_it_again),
    SEALED_TEST (test_burst_of_500_messages_reaches_the_card_in_order),
    SEALED_TEST (test_network_keeps_what_is_too_much_at_once),
    SEALED_TEST (test_segments_go_to_the_card_at_once_where_no_key_is_held),
    ENDPOINT_TEST (
        test_segments_that_turn_out_to_be_the_card_s_reach_it_in_the_order_in_which_they_came),
    ENDPOINT_TEST (test_segments_without_their_first_are_the_card_s_after_a_time),
    ENDPOINT_TEST (test_segments_of_the_agent_that_stay_incomplete_are_given_up),
    ENDPOINT_TEST (test_segment_that_comes_again_is_acknowledged_and_forgotten),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
