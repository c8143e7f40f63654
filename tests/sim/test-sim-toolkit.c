/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The toolkit of the simulated modem and its refresh, as a host sees them through the port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "terminal.h"
#include "test-host.h"

#define MORE_TIME "D009810301020082028182"
#define GET_CHANNEL_STATUS "D009810301440082028182"
#define RECEIVE_DATA "D00C810301420082028121B701ED"
#define SET_UP_EVENT_LIST "D00C81030105008202818299010A"

static void
assert_contains (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    fail_msg ("'%s' isn't in '%s'", part, text);
}

static void
test_event_of_another_client_is_refused_by_its_bit (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 first = test_host_allocate (host, SIM_SERVICE_CAT2);
  guint8 second = test_host_allocate (host, SIM_SERVICE_CAT);
  g_autofree char *masks = NULL;
  g_autofree char *service_state = NULL;

  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_CAT2, first, 0x0001, "10040000001000");
  masks = test_host_request (host, SIM_QMI_CAT_REGISTRATION_FAILED, SIM_SERVICE_CAT, second, 0x0001,
                             "10040000181000");
  assert_string_equal (masks, "10040000001000"
                              "11040000000000"
                              "12040000000000");
  service_state = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_CAT, second, 0x0020, "");
  assert_string_equal (service_state, "010800"
                                      "00001000"
                                      "00180000"
                                      "11040000000000");

  test_host_free (host);
}

/* Registers for everything; returns the client id. */
static guint8
register_toolkit (TestHost *host)
{
  guint8 cid = test_host_allocate (host, SIM_SERVICE_CAT2);

  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_CAT2, cid, 0x0001,
                    "100400FFFFFFFF"
                    "13040001000000");
  return cid;
}

static void
test_registered_command_goes_to_the_client_and_its_response_to_the_card (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = register_toolkit (host);
  g_autofree char *report = NULL;
  g_autofree char *card = NULL;
  g_autofree char *reply = NULL;
  g_autofree char *end = NULL;

  test_host_command (host, "proactive " SET_UP_EVENT_LIST);
  report = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_CAT2, 0x0001);
  assert_string_equal (report, "4F1400"
                               "01000000"
                               "0E00" SET_UP_EVENT_LIST "50010001"
                               "68040000000000");
  test_host_expect (host, SIM_QMI_CAT_INVALID_TERMINAL_RESPONSE, SIM_SERVICE_CAT2, cid, 0x0021,
                    "011200"
                    "09000000"
                    "0C00"
                    "810301050082028281830100");
  card = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_CAT2, cid, 0x0021,
                            "011200"
                            "01000000"
                            "0C00"
                            "810301050082028281830100");
  assert_string_equal (card, "100300900000");
  end = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_CAT2, 0x0001);
  assert_string_equal (end, "1A010001"
                            "50010001");
  reply = test_host_wait_reply (host);
  assert_string_equal (reply, "ok 810301050082028281830100");

  test_host_free (host);
}

static void
test_repeated_commands_follow_each_other_without_an_end_of_session (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = register_toolkit (host);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *more = NULL;
  g_autofree char *reply = NULL;

  test_host_command (host, "repeat 1 " SET_UP_EVENT_LIST " " RECEIVE_DATA);
  first = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_CAT2, 0x0001);
  assert_contains (first, SET_UP_EVENT_LIST);
  more = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_CAT2, cid, 0x0021,
                            "011200"
                            "01000000"
                            "0C00"
                            "810301050082028281830100");
  assert_string_equal (more, "100300910E00");
  second = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_CAT2, 0x0001);
  assert_contains (second, RECEIVE_DATA);
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_CAT2, cid, 0x0021,
                    "011A00"
                    "02000000"
                    "1400"
                    "810301420082028281830102B603414243B70100");
  reply = test_host_wait_reply (host);
  assert_string_equal (reply, "ok 00=1 02=1 bytes=3");

  test_host_free (host);
}

static void
test_repetition_ends_with_the_first_error (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = register_toolkit (host);
  g_autofree char *end = NULL;
  g_autofree char *reply = NULL;

  test_host_control (host, "repeat 0 " MORE_TIME, "error usage: repeat COUNT COMMAND...");
  test_host_control (host, "repeat 1 D0G", "error usage: hexadecimal bytes are wrong");
  test_host_control (host, "repeat 1000 " MORE_TIME, "ok 00=1000 bytes=0");
  end = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_CAT2, 0x0001);
  assert_string_equal (end, "1A01000150010001");
  test_host_command (host, "repeat 1000 " SET_UP_EVENT_LIST);
  g_free (test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_CAT2, 0x0001));
  sim_card_reset (host->modem->slot->card);
  sim_terminal_end_session (host->modem->terminal);
  sim_terminal_poke (host->modem->terminal);
  g_free (test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_CAT2, 0x0001));
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_CAT2, cid, 0x0021,
                    "011200"
                    "02000000"
                    "0C00"
                    "810301050082028281830100");
  reply = test_host_wait_reply (host);
  assert_string_equal (reply, "error reset");

  test_host_free (host);
}

static void
test_response_that_the_card_refuses_leaves_the_command_open (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = register_toolkit (host);
  g_autofree char *report = NULL;

  test_host_command (host, "proactive " SET_UP_EVENT_LIST);
  report = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_CAT2, 0x0001);
  test_host_expect (host, SIM_QMI_CAT_INVALID_TERMINAL_RESPONSE, SIM_SERVICE_CAT2, cid, 0x0021,
                    "011200"
                    "01000000"
                    "0C00"
                    "810302050082028281830100");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_CAT2, cid, 0x0021,
                    "011200"
                    "01000000"
                    "0C00"
                    "810301050082028281830100");

  g_free (test_host_wait_reply (host));
  test_host_free (host);
}

static void
test_firmware_keeps_commands_that_have_no_tlv (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);

  (void) register_toolkit (host);
  test_host_control (host, "proactive " MORE_TIME, "ok firmware 810301020082028281830100");
  test_host_control (host, "proactive " GET_CHANNEL_STATUS, "ok firmware 810301440082028281830130");

  test_host_free (host);
}

static void
test_raw_all_reports_commands_that_have_no_tlv (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, TRUE);
  guint8 cid = register_toolkit (host);
  g_autofree char *report = NULL;
  g_autofree char *reply = NULL;

  test_host_command (host, "proactive " MORE_TIME);
  report = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_CAT2, 0x0001);
  assert_string_equal (report, "551100"
                               "01000000"
                               "0B00" MORE_TIME "50010001"
                               "68040000000000");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_CAT2, cid, 0x0021,
                    "011200"
                    "01000000"
                    "0C00"
                    "810301020082028281830100");
  reply = test_host_wait_reply (host);
  assert_string_equal (reply, "ok 810301020082028281830100");

  test_host_free (host);
}

static void
test_command_of_a_client_that_leaves_is_answered_by_firmware (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  g_autofree char *request = NULL;
  g_autofree char *report = NULL;
  g_autofree char *reply = NULL;

  request = g_strdup_printf ("0102000A%02X", register_toolkit (host));
  test_host_command (host, "proactive " SET_UP_EVENT_LIST);
  report = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_CAT2, 0x0001);
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_CTL, 0, 0x0023, request);
  reply = test_host_wait_reply (host);
  assert_string_equal (reply, "ok firmware 81030105008202828183022000");

  test_host_free (host);
}

static void
test_refresh_shows_start_card_states_and_end (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 uim = test_host_allocate (host, SIM_SERVICE_UIM);
  g_autofree char *start = NULL;
  g_autofree char *absent = NULL;
  g_autofree char *starting = NULL;
  g_autofree char *ready = NULL;
  g_autofree char *end = NULL;
  g_autofree char *reply = NULL;

  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, uim, 0x0044,
                    "01020000"
                    "00"
                    "02010001");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, uim, 0x002E, "01040001000000");
  test_host_command (host, "refresh 04");
  start = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_UIM, 0x0033);
  assert_string_equal (start, "100600"
                              "01000000"
                              "0000");
  absent = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_UIM, 0x0032);
  assert_contains (absent, "FFFFFFFFFFFFFFFF"
                           "0100");
  starting = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_UIM, 0x0032);
  assert_contains (starting, "0000FFFFFFFFFFFF"
                             "0101");
  ready = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_UIM, 0x0032);
  assert_contains (ready, "01"
                          "0207");
  end = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_UIM, 0x0033);
  assert_string_equal (end, "100600"
                            "02000000"
                            "0000");
  reply = test_host_wait_reply (host);
  assert_string_equal (reply, "ok");

  test_host_free (host);
}

static void
test_refresh_of_files_names_them_and_resets_nothing (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 uim = test_host_allocate (host, SIM_SERVICE_UIM);
  guint8 cat = register_toolkit (host);
  g_autofree char *start = NULL;
  g_autofree char *event = NULL;

  assert_int_equal (cat, 1);
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, uim, 0x002A,
                    "01020000"
                    "00"
                    "0204000100"
                    "0000");
  test_host_command (host, "refresh 01");
  start = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_UIM, 0x0033);
  assert_string_equal (start, "100B00"
                              "01030000"
                              "0100"
                              "E22F"
                              "02"
                              "003F");
  event = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_CAT2, 0x0001);
  assert_string_equal (event, "1A010001"
                              "50010001");
  g_free (g_steal_pointer (&event));
  event = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_CAT2, 0x0001);
  assert_string_equal (event, "19030003000150010001");
  g_free (test_host_wait_reply (host));
  assert_int_equal (host->modem->slot->state, SIM_SLOT_READY);

  test_host_free (host);
}

static void
test_envelope_busy_has_an_error_and_the_status_word (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = test_host_allocate (host, SIM_SERVICE_CAT2);
  const char *envelope = "010D00"
                         "0500"
                         "0900"
                         "D607990103820282"
                         "81";
  g_autofree char *busy = NULL;
  g_autofree char *accepted = NULL;

  test_host_control (host, "fail card C2 9300 1", "ok");
  busy = test_host_request (host, SIM_QMI_CAT_ENVELOPE_BUSY, SIM_SERVICE_CAT2, cid, 0x0022,
                            envelope);
  assert_string_equal (busy, "100300930000");
  accepted = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_CAT2, cid, 0x0022, envelope);
  assert_string_equal (accepted, "100300900000");
  test_host_expect (host, SIM_QMI_CAT_INVALID_ENVELOPE, SIM_SERVICE_CAT2, cid, 0x0022,
                    "010600"
                    "0500"
                    "0200"
                    "0000");

  test_host_free (host);
}

static void
test_custom_profile_is_downloaded_after_the_next_reset (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = test_host_allocate (host, SIM_SERVICE_CAT2);
  g_autofree char *configuration = NULL;
  g_autofree char *profile = NULL;

  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_CAT2, cid, 0x002D,
                    "01010005"
                    "100300"
                    "02FF01");
  configuration = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_CAT2, cid, 0x002E, "");
  assert_string_equal (configuration, "10010005"
                                      "110300"
                                      "02FF01");
  test_host_control (host, "apdus",
                     "8010000019"
                     "3301E842111C00078000001FE2600000434000000000000050 9000\n.");
  test_host_control (host, "reset", "ok");
  test_host_control (host, "apdus", "8010000002FF01 9000\n.");
  profile = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_CAT2, cid, 0x002C, "");
  assert_string_equal (profile, "100300"
                                "02FF01");

  test_host_free (host);
}

static void
test_configuration_of_the_test_is_effective_after_the_next_reset (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = test_host_allocate (host, SIM_SERVICE_CAT2);
  g_autofree char *configuration = NULL;

  test_host_control (host, "cat-config 1", "ok");
  configuration = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_CAT2, cid, 0x002E, "");
  assert_string_equal (configuration, "10010001"
                                      "11010000");
  test_host_control (host, "apdus",
                     "8010000019"
                     "3301E842111C00078000001FE2600000434000000000000050 9000\n.");
  test_host_control (host, "reset", "ok");
  test_host_control (host, "apdus", "80100000093301E8421100000780 9000\n.");
  test_host_control (
      host, "fail pigeon 1 2",
      "error usage: fail SERVICE|card MESSAGE ERROR|nothing [COUNT], fail EVENT [COUNT], or "
      "fail smsr FAULT [ARGUMENT...] [COUNT]");
  test_host_control (host, "cat-config 7", "error usage: cat-config MODE [PROFILE]");
  test_host_control (host, "cat-config 5 0", "error usage: cat-config MODE [PROFILE]");

  test_host_free (host);
}

static void
test_toolkit_is_not_there_without_its_grant (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_NO_CAT, FALSE);

  test_host_expect (host, SIM_QMI_INVALID_SERVICE_TYPE, SIM_SERVICE_CTL, 0, 0x0022, "0101000A");
  test_host_expect (host, SIM_QMI_INVALID_SERVICE_TYPE, SIM_SERVICE_CTL, 0, 0x0022, "010100E0");

  test_host_free (host);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_event_of_another_client_is_refused_by_its_bit),
    cmocka_unit_test (test_registered_command_goes_to_the_client_and_its_response_to_the_card),
    cmocka_unit_test (test_repeated_commands_follow_each_other_without_an_end_of_session),
    cmocka_unit_test (test_repetition_ends_with_the_first_error),
    cmocka_unit_test (test_response_that_the_card_refuses_leaves_the_command_open),
    cmocka_unit_test (test_firmware_keeps_commands_that_have_no_tlv),
    cmocka_unit_test (test_raw_all_reports_commands_that_have_no_tlv),
    cmocka_unit_test (test_command_of_a_client_that_leaves_is_answered_by_firmware),
    cmocka_unit_test (test_refresh_shows_start_card_states_and_end),
    cmocka_unit_test (test_refresh_of_files_names_them_and_resets_nothing),
    cmocka_unit_test (test_envelope_busy_has_an_error_and_the_status_word),
    cmocka_unit_test (test_custom_profile_is_downloaded_after_the_next_reset),
    cmocka_unit_test (test_configuration_of_the_test_is_effective_after_the_next_reset),
    cmocka_unit_test (test_toolkit_is_not_there_without_its_grant),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
