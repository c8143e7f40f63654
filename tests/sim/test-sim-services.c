/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The services of the simulated modem as a host sees them through the port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "network.h"
#include "test-host.h"

#define ISDR_AID "A0000005591010FFFFFFFF8900000100"

/* PID 7F, DCS F6, a command packet header without a packet */
#define DOWNLOAD "440C919451214365877FF66211220100000003027000"
#define TEXT "440C91945121436587000062112201000000054142434445"

static void
assert_contains (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    fail_msg ("'%s' isn't in '%s'", part, text);
}

static void
test_unknown_service_client_and_message_have_errors (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = test_host_allocate (host, SIM_SERVICE_DMS);

  test_host_expect (host, SIM_QMI_INVALID_SERVICE_TYPE, SIM_SERVICE_CTL, 0, 0x0022, "01010006");
  test_host_expect (host, SIM_QMI_INVALID_COMMAND, SIM_SERVICE_CTL, 0, 0x7777, "");
  test_host_expect (host, SIM_QMI_INVALID_COMMAND, SIM_SERVICE_DMS, cid, 0x7777, "");
  test_host_expect (host, SIM_QMI_INVALID_CLIENT_ID, SIM_SERVICE_DMS, (guint8) (cid + 1), 0x0021,
                    "");
  test_host_expect (host, SIM_QMI_INVALID_CLIENT_ID, SIM_SERVICE_CTL, 0, 0x0023, "0102000BFE");

  test_host_free (host);
}

static void
test_sixth_toolkit_client_is_refused_until_one_is_released (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);

  for (guint i = 0; i < 5; i++)
    assert_int_equal (test_host_allocate (host, SIM_SERVICE_CAT2), i + 1);
  test_host_expect (host, SIM_QMI_CLIENT_IDS_EXHAUSTED, SIM_SERVICE_CTL, 0, 0x0022, "0101000A");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_CTL, 0, 0x0023, "0102000A02");
  assert_int_equal (test_host_allocate (host, SIM_SERVICE_CAT2), 6);
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_CTL, 0, 0x0027, "");
  assert_int_equal (host->modem->clients->len, 0);

  test_host_free (host);
}

static void
test_logical_channel_opens_carries_apdus_and_closes (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = test_host_allocate (host, SIM_SERVICE_UIM);
  g_autofree char *opened = NULL;
  g_autofree char *status = NULL;

  opened = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_UIM, cid, 0x0042,
                              "0101000110110010" ISDR_AID);
  assert_contains (opened, "1102009000");
  assert_contains (opened, "10010001");
  /* STATUS on channel 1, by TLV: the class that the host wrote is overruled */
  status = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_UIM, cid, 0x003B,
                              "01010001020700050080F2000C0010010001");
  assert_string_equal (status, "10040002009000");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, cid, 0x003F, "0101000111010001");
  test_host_expect (host, SIM_QMI_INVALID_ARGUMENT, SIM_SERVICE_UIM, cid, 0x003F,
                    "0101000111010001");

  test_host_free (host);
}

static void
test_fourth_channel_and_unknown_application_say_why (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = test_host_allocate (host, SIM_SERVICE_UIM);
  g_autofree char *unknown = NULL;
  g_autofree char *exhausted = NULL;

  unknown = test_host_request (host, SIM_QMI_SIM_FILE_NOT_FOUND, SIM_SERVICE_UIM, cid, 0x0042,
                               "01010001100600"
                               "05A000000001");
  assert_string_equal (unknown, "1102006A82");
  for (guint i = 0; i < 3; i++)
    test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, cid, 0x0042, "0101000110110010" ISDR_AID);
  exhausted = test_host_request (host, SIM_QMI_INSUFFICIENT_RESOURCES, SIM_SERVICE_UIM, cid, 0x0042,
                                 "0101000110110010" ISDR_AID);
  assert_string_equal (exhausted, "1102006A81");

  test_host_free (host);
}

static void
test_no_channel_denies_apdus_but_reads_files (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_NO_CHANNEL, FALSE);
  guint8 cid = test_host_allocate (host, SIM_SERVICE_UIM);
  g_autofree char *iccid = NULL;

  test_host_expect (host, SIM_QMI_ACCESS_DENIED, SIM_SERVICE_UIM, cid, 0x0042,
                    "0101000110110010" ISDR_AID);
  test_host_expect (host, SIM_QMI_ACCESS_DENIED, SIM_SERVICE_UIM, cid, 0x003B,
                    "0101000102070005"
                    "0080F2000C00");
  iccid = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_UIM, cid, 0x0020,
                             "01020000"
                             "00"
                             "020500"
                             "E22F02003F"
                             "030400"
                             "00000A00");
  assert_string_equal (iccid, "110C000A009888120100000000"
                              "10F1"
                              "1002009000");

  test_host_free (host);
}

static void
test_observer_may_register_no_event_and_no_route (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_OBSERVER, FALSE);
  guint8 cat = test_host_allocate (host, SIM_SERVICE_CAT2);
  guint8 wms = test_host_allocate (host, SIM_SERVICE_WMS);
  g_autofree char *masks = NULL;

  masks = test_host_request (host, SIM_QMI_CAT_REGISTRATION_FAILED, SIM_SERVICE_CAT2, cat, 0x0001,
                             "10040020001000"
                             "13040001000000");
  assert_string_equal (masks, "10040020001000"
                              "11040000000000"
                              "12040001000000");
  test_host_expect (host, SIM_QMI_NOT_SUPPORTED, SIM_SERVICE_WMS, wms, 0x0032,
                    "010600"
                    "0100"
                    "0002FF02");
  test_host_control (host, "sms " DOWNLOAD, "ok firmware 9000");

  test_host_free (host);
}

/* Class 2 to the host; returns a client that gets it. */
static guint8
route_to_host (TestHost *host, const char *route)
{
  guint8 cid = test_host_allocate (host, SIM_SERVICE_WMS);

  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_WMS, cid, 0x0032, route);
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_WMS, cid, 0x0001, "10010001");
  return cid;
}

static void
test_transferred_message_waits_for_the_first_ack (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = route_to_host (host, "010600"
                                    "0100"
                                    "0002FF02");
  g_autofree char *report = NULL;
  g_autofree char *reply = NULL;
  g_autofree char *late = NULL;

  test_host_command (host, "sms " DOWNLOAD);
  report = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_WMS, 0x0001);
  assert_string_equal (report, "111E00"
                               "00"
                               "01000000"
                               "06"
                               "1600" DOWNLOAD "150E00"
                               "0D"
                               "2B343931373730363130303030");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_WMS, cid, 0x0037,
                    "010600"
                    "01000000"
                    "01"
                    "00"
                    "110200"
                    "6FD4");
  reply = test_host_wait_reply (host);
  assert_string_equal (reply, "ok error 6F D4");
  late = test_host_request (host, SIM_QMI_ACK_NOT_SENT, SIM_SERVICE_WMS, cid, 0x0037,
                            "010600"
                            "01000000"
                            "01"
                            "01");
  assert_string_equal (late, "10010002");

  test_host_free (host);
}

static void
test_messages_are_transferred_one_at_a_time (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = route_to_host (host, "010600"
                                    "0100"
                                    "0002FF02");
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *reply = NULL;

  test_host_command (host, "sms " DOWNLOAD);
  first = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_WMS, 0x0001);
  sim_command_run (host->modems, "sms " DOWNLOAD, sim_reply_new (NULL, NULL));
  assert_false (test_host_has (host, SIM_QMI_INDICATION, SIM_SERVICE_WMS, 0x0001));
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_WMS, cid, 0x0037,
                    "010600"
                    "01000000"
                    "01"
                    "01");
  reply = test_host_wait_reply (host);
  assert_string_equal (reply, "ok ack");
  second = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_WMS, 0x0001);
  assert_contains (second, "0002000000061600");

  test_host_free (host);
}

static void
test_transfer_and_ack_needs_no_ack (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  g_autofree char *report = NULL;

  (void) route_to_host (host, "010600"
                              "0100"
                              "0002FF03");
  test_host_control (host, "sms " DOWNLOAD, "ok ack");
  report = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_WMS, 0x0001);
  assert_contains (report, "111E00"
                           "01"
                           "01000000");

  test_host_free (host);
}

static void
test_transfer_to_nobody_times_out (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = test_host_allocate (host, SIM_SERVICE_WMS);

  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_WMS, cid, 0x0032,
                    "010600"
                    "0100"
                    "0002FF02");
  test_host_control (host, "sms " DOWNLOAD, "error timeout");

  test_host_free (host);
}

static void
test_text_message_is_stored_listed_read_and_deleted (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = test_host_allocate (host, SIM_SERVICE_WMS);
  g_autofree char *report = NULL;
  g_autofree char *list = NULL;
  g_autofree char *message = NULL;

  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_WMS, cid, 0x0001, "10010001");
  test_host_control (host, "sms " TEXT, "ok stored");
  report = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_WMS, 0x0001);
  assert_string_equal (report, "100500"
                               "01"
                               "00000000");
  list = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_WMS, cid, 0x0031, "01010001");
  assert_string_equal (list, "010900"
                             "01000000"
                             "00000000"
                             "01");
  message = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_WMS, cid, 0x0022,
                               "010500"
                               "01"
                               "00000000");
  assert_string_equal (message, "012400"
                                "01"
                                "06"
                                "2000"
                                "0791947107160000" TEXT);
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_WMS, cid, 0x0024,
                    "01010001"
                    "100400"
                    "00000000");
  test_host_expect (host, SIM_QMI_NO_ENTRY, SIM_SERVICE_WMS, cid, 0x0022,
                    "010500"
                    "01"
                    "00000000");

  test_host_free (host);
}

static void
test_raw_send_reaches_the_network_without_its_service_centre (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = test_host_allocate (host, SIM_SERVICE_WMS);
  g_autofree char *sent = NULL;

  sent = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_WMS, cid, 0x0020,
                            "010F00"
                            "06"
                            "0C00"
                            "0291F4"
                            "41000491214300F600");
  assert_string_equal (sent, "0102000100");
  test_host_control (host, "sent-sms", "41000491214300F600\n.");

  test_host_free (host);
}

static void
test_ordered_fault_fails_raw_send_with_causes_once (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = test_host_allocate (host, SIM_SERVICE_WMS);
  const char *message = "010D00"
                        "06"
                        "0A00"
                        "00"
                        "41000491214300F600";
  g_autofree char *failed = NULL;

  test_host_control (host, "fail wms 0x0020 54", "ok");
  failed = test_host_request (host, SIM_QMI_WMS_CAUSE_CODE, SIM_SERVICE_WMS, cid, 0x0020, message);
  assert_string_equal (failed, "1203002600FF");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_WMS, cid, 0x0020, message);

  test_host_free (host);
}

static void
test_dropped_request_gets_no_answer (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);

  test_host_control (host, "drop 1", "ok");
  test_host_send (host, SIM_SERVICE_CTL, 0, 0x0021, "");
  (void) test_host_allocate (host, SIM_SERVICE_NAS);
  assert_false (test_host_has (host, SIM_QMI_RESPONSE, SIM_SERVICE_CTL, 0x0021));
  test_host_control (host, "qmi", "ctl 0x0021 0\nctl 0x0022 0 01010003\n.");

  test_host_free (host);
}

/* A dropped request has no response, and time goes on. */
static void
test_times_of_messages_are_told (void **state)
{
  static const char *const expected[]
      = { "request ctl 0x0021", "request ctl 0x0022", "response ctl 0x0022", NULL };
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  g_autofree char *reply = NULL;
  g_auto (GStrv) lines = NULL;
  gint64 last_us = 0;

  test_host_control (host, "drop 1", "ok");
  test_host_send (host, SIM_SERVICE_CTL, 0, 0x0021, "");
  (void) test_host_allocate (host, SIM_SERVICE_NAS);
  test_host_command (host, "times");
  reply = test_host_wait_reply (host);
  lines = g_strsplit (reply, "\n", -1);
  for (guint i = 0; expected[i] != NULL; i++)
    {
      char *rest;
      gint64 time_us = g_ascii_strtoll (lines[i], &rest, 10);

      assert_string_equal (rest + 1, expected[i]);
      assert_true (time_us >= last_us && time_us <= g_get_monotonic_time ());
      last_us = time_us;
    }
  assert_string_equal (lines[G_N_ELEMENTS (expected) - 1], ".");

  test_host_free (host);
}

/* Opens channel 1; returns the client id. */
static guint8
open_channel (TestHost *host)
{
  guint8 cid = test_host_allocate (host, SIM_SERVICE_UIM);

  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, cid, 0x0042, "0101000110110010" ISDR_AID);
  return cid;
}

static void
test_response_of_the_apdu_that_was_ordered_is_lost_though_it_ran (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = open_channel (host);

  test_host_control (host, "lose-apdu 2", "ok");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, cid, 0x003B,
                    "01010001020700050080F2000C0010010001");
  g_free (sim_card_take_ledger (host->modem->slot->card));
  test_host_send (host, SIM_SERVICE_UIM, cid, 0x003B, "01010001020700050080F2000C0010010001");
  (void) test_host_allocate (host, SIM_SERVICE_NAS);
  assert_false (test_host_has (host, SIM_QMI_RESPONSE, SIM_SERVICE_UIM, 0x003B));
  test_host_control (host, "ledger", "1 " ISDR_AID " 81F2000C00 9000\n.");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, cid, 0x003B,
                    "01010001020700050080F2000C0010010001");

  test_host_free (host);
}

static void
test_slow_card_holds_back_what_it_has_executed_and_nothing_else (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = open_channel (host);

  test_host_control (host, "slow-apdu 300", "ok");
  g_free (sim_card_take_ledger (host->modem->slot->card));
  test_host_send (host, SIM_SERVICE_UIM, cid, 0x003B, "01010001020700050080F2000C0010010001");
  (void) test_host_allocate (host, SIM_SERVICE_NAS);
  assert_false (test_host_has (host, SIM_QMI_RESPONSE, SIM_SERVICE_UIM, 0x003B));
  test_host_control (host, "ledger", "1 " ISDR_AID " 81F2000C00 9000\n.");
  g_free (test_host_wait (host, SIM_QMI_RESPONSE, SIM_SERVICE_UIM, 0x003B));

  test_host_free (host);
}

static void
test_response_that_was_held_back_does_not_outlive_the_port (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = open_channel (host);

  test_host_control (host, "slow-apdu 60000", "ok");
  test_host_send (host, SIM_SERVICE_UIM, cid, 0x003B, "01010001020700050080F2000C0010010001");
  (void) test_host_allocate (host, SIM_SERVICE_NAS);
  assert_int_equal (host->modem->apdu_fault.held.length, 1);
  test_host_control (host, "hangup", "ok");
  assert_int_equal (host->modem->apdu_fault.held.length, 0);

  test_host_free (host);
}

static void
test_state_tells_which_logical_channels_are_open (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = open_channel (host);
  g_autofree char *open = sim_modem_get_state (host->modem);
  g_autofree char *closed = NULL;

  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, cid, 0x003F, "0101000111010001");
  closed = sim_modem_get_state (host->modem);

  assert_contains (open, "\"logical_channels\":[1]");
  assert_contains (closed, "\"logical_channels\":[]");
  test_host_free (host);
}

static void
test_network_that_changes_is_indicated_to_those_who_registered (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 nas = test_host_allocate (host, SIM_SERVICE_NAS);
  g_autofree char *info = NULL;

  test_host_control (host, "network technology gsm", "ok");
  assert_false (test_host_has (host, SIM_QMI_INDICATION, SIM_SERVICE_NAS, 0x004E));
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_NAS, nas, 0x0003, "18010001");
  test_host_control (host, "network cell 262 02 0x1234 0xABCD", "ok");
  info = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_NAS, 0x004E);
  assert_contains (info, "120300020201");
  assert_contains (info, "171E00"
                         "0103010301000100"
                         "013412"
                         "01CDAB0000"
                         "000000"
                         "013236323032FF"
                         "01010100");

  test_host_free (host);
}

static void
test_new_radio_has_other_elements_in_the_indication (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 nas = test_host_allocate (host, SIM_SERVICE_NAS);
  g_autofree char *indication = NULL;
  g_autofree char *response = NULL;

  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_NAS, nas, 0x0003, "18010001");
  test_host_control (host, "network technology nr", "ok");
  indication = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_NAS, 0x004E);
  response = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_NAS, nas, 0x004D, "");

  assert_contains (indication, "4C0300020201");
  assert_contains (indication, "520300000001");
  assert_contains (response, "4A0300020201");
  assert_contains (response, "500300000001");
  test_host_free (host);
}

static void
test_rejection_is_indicated_and_limits_the_service (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 nas = test_host_allocate (host, SIM_SERVICE_NAS);
  guint8 wms = test_host_allocate (host, SIM_SERVICE_WMS);
  g_autofree char *rejection = NULL;
  g_autofree char *serving = NULL;

  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_NAS, nas, 0x0003, "2102000100");
  test_host_control (host, "network reject 11", "ok");
  rejection = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_NAS, 0x0068);
  serving = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_NAS, nas, 0x0024, "");
  assert_string_equal (rejection, "01010008"
                                  "02010003"
                                  "0301000B"
                                  "1005000100010000");
  assert_string_equal (serving, "010600030202020108");
  test_host_expect (host, SIM_QMI_NETWORK_NOT_READY, SIM_SERVICE_WMS, wms, 0x0020,
                    "010C0006"
                    "0900"
                    "000100048122F30000");
  test_host_control (host, "network normal", "ok");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_WMS, wms, 0x0020,
                    "010C0006"
                    "0900"
                    "000100048122F30000");

  test_host_free (host);
}

static void
test_timing_advance_is_told_on_gsm_only (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 nas = test_host_allocate (host, SIM_SERVICE_NAS);
  g_autofree char *lte = NULL;
  g_autofree char *gsm = NULL;

  lte = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_NAS, nas, 0x0043, "");
  test_host_control (host, "network technology gsm", "ok");
  gsm = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_NAS, nas, 0x0043, "");
  test_host_control (host, "network none", "ok");
  test_host_expect (host, SIM_QMI_INFORMATION_UNAVAILABLE, SIM_SERVICE_NAS, nas, 0x0043, "");

  assert_true (g_str_has_prefix (lte, "13"));
  assert_string_equal (gsm, "101300"
                            "01000000"
                            "00F110"
                            "0100"
                            "64000C"
                            "05000000"
                            "280000");
  test_host_free (host);
}

static void
test_network_command_refuses_what_it_does_not_know (void **state)
{
  static const char *const wrong[]
      = { "network",           "network good",           "network technology 6g",
          "network reject",    "network reject 0",       "network reject 256",
          "network cell 1 01", "network cell 001 1 1 1", "network cell 001 01 65536 1",
          "network lost 1",    "network back 0010x",     "network reject 11 8988",
          "network delay",     "network delay -1",       "network delay 600001" };
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    test_host_control (host, wrong[i],
                       "error usage: network normal|limited|none|lost [TARGET]|back [TARGET]|"
                       "reject CAUSE [TARGET]|delay MS|"
                       "technology gsm|umts|lte|nr|cell MCC MNC AREA CELL");

  test_host_free (host);
}

static void
test_replug_forgets_clients_and_routes (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);

  (void) route_to_host (host, "010600"
                              "0100"
                              "0002FF02");
  test_host_control (host, "hangup", "ok");
  test_host_control (host, "replug", "ok");
  test_host_open (host);
  assert_int_equal (host->modem->clients->len, 0);
  assert_int_equal (host->modem->network->routes[SIM_CLASS_2].action, SIM_ACTION_STORE_AND_NOTIFY);
  (void) test_host_allocate (host, SIM_SERVICE_UIM);

  test_host_free (host);
}

static void
test_sm_sr_enables_a_profile_through_the_firmware (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  g_autofree char *reply = NULL;

  test_host_command (host, "smsr enable");
  reply = test_host_wait_reply (host);
  assert_true (g_str_has_prefix (reply, "ok packets=1 counter=1 status=00 executed=1 sw=9000"));
  test_host_control (host, "sms " TEXT, "ok stored"); /* waits for the end of the REFRESH */
  assert_string_equal (sim_card_get_iccid (host->modem->slot->card), "8988211000000000029");

  test_host_free (host);
}

static void
test_proof_in_the_report_to_a_delivery_reaches_the_sm_sr (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);

  test_host_control (host, "smsr send-script --generate 1 --spi 1619",
                     "ok packets=1 counter=1 status=00 executed=1 sw=9000 numbers=1-1");
  test_host_control (host, "smsr send-script --generate 1 --spi 1600",
                     "ok packets=1 counter=2 proof=none");
  test_host_control (host, "smsr send-script --generate 1 --corrupt --wait 1",
                     "error timeout: waiting for proof of receipt of counter 3");
  test_host_control (host, "smsr repeat --wait 1",
                     "error timeout: waiting for proof of receipt of counter 3");
  test_host_control (host, "sent-sms", ".");

  test_host_free (host);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_unknown_service_client_and_message_have_errors),
    cmocka_unit_test (test_sixth_toolkit_client_is_refused_until_one_is_released),
    cmocka_unit_test (test_logical_channel_opens_carries_apdus_and_closes),
    cmocka_unit_test (test_fourth_channel_and_unknown_application_say_why),
    cmocka_unit_test (test_no_channel_denies_apdus_but_reads_files),
    cmocka_unit_test (test_observer_may_register_no_event_and_no_route),
    cmocka_unit_test (test_transferred_message_waits_for_the_first_ack),
    cmocka_unit_test (test_messages_are_transferred_one_at_a_time),
    cmocka_unit_test (test_transfer_and_ack_needs_no_ack),
    cmocka_unit_test (test_transfer_to_nobody_times_out),
    cmocka_unit_test (test_text_message_is_stored_listed_read_and_deleted),
    cmocka_unit_test (test_raw_send_reaches_the_network_without_its_service_centre),
    cmocka_unit_test (test_ordered_fault_fails_raw_send_with_causes_once),
    cmocka_unit_test (test_dropped_request_gets_no_answer),
    cmocka_unit_test (test_times_of_messages_are_told),
    cmocka_unit_test (test_response_of_the_apdu_that_was_ordered_is_lost_though_it_ran),
    cmocka_unit_test (test_slow_card_holds_back_what_it_has_executed_and_nothing_else),
    cmocka_unit_test (test_response_that_was_held_back_does_not_outlive_the_port),
    cmocka_unit_test (test_state_tells_which_logical_channels_are_open),
    cmocka_unit_test (test_network_that_changes_is_indicated_to_those_who_registered),
    cmocka_unit_test (test_new_radio_has_other_elements_in_the_indication),
    cmocka_unit_test (test_rejection_is_indicated_and_limits_the_service),
    cmocka_unit_test (test_timing_advance_is_told_on_gsm_only),
    cmocka_unit_test (test_network_command_refuses_what_it_does_not_know),
    cmocka_unit_test (test_replug_forgets_clients_and_routes),
    cmocka_unit_test (test_sm_sr_enables_a_profile_through_the_firmware),
    cmocka_unit_test (test_proof_in_the_report_to_a_delivery_reaches_the_sm_sr),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
