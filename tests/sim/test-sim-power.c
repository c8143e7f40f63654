/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How card and modem of the simulator come and go, and what clients hear of it. */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test-host.h"

#define UIM_REGISTER_EVENTS 0x002E
#define UIM_REFRESH_OK 0x002B
#define UIM_REFRESH_REGISTER_ALL 0x0044
#define UIM_CARD_STATUS 0x0032
#define UIM_REFRESH 0x0033
/* TLV 01: session; TLV 02: whether it is agreed to */
#define AGREED "010200000002010001"
#define DISAGREED "010200000002010000"

#define ICCID_1 "\"iccid\":\"8988211000000000011\""
#define ICCID_2 "\"iccid\":\"8988211000000000029\""

/* TLV 10: stage, mode reset, session, no AID, no files */
#define REFRESH_WAIT_FOR_OK "1006000000000000"
#define REFRESH_START "1006000100000000"
#define REFRESH_END "1006000200000000"

static gboolean
state_begins (TestHost *host, const char *member)
{
  g_autofree char *reply = NULL;

  test_host_command (host, "state");
  reply = test_host_wait_reply (host);
  return strstr (reply, member) != NULL;
}

static guint8
listen_to_card (TestHost *host)
{
  guint8 uim = test_host_allocate (host, SIM_SERVICE_UIM);

  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, uim, UIM_REGISTER_EVENTS, "01040001000000");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, uim, UIM_REFRESH_REGISTER_ALL, "02010001");
  return uim;
}

static void
assert_refresh (TestHost *host, const char *expected)
{
  g_autofree char *refresh
      = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_UIM, UIM_REFRESH);

  assert_true (g_str_has_prefix (refresh, expected));
}

/* The card's state is the tenth octet of the value. */
static void
assert_card_state (TestHost *host, guint8 expected)
{
  g_autofree char *status
      = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_UIM, UIM_CARD_STATUS);
  g_autoptr (GBytes) bytes = ea_bytes_from_hex (status, NULL);
  EaReader reader;

  assert_true (sim_qmi_find (ea_span_from_bytes (bytes), 0x10, &reader));
  (void) ea_reader_bytes (&reader, 9);
  assert_int_equal (ea_reader_u8 (&reader), expected);
}

static void
test_refresh_is_told_without_one (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);

  (void) listen_to_card (host);
  test_host_control (host, "refresh start", "ok");
  assert_refresh (host, REFRESH_START);
  assert_false (test_host_has (host, SIM_QMI_INDICATION, SIM_SERVICE_UIM, UIM_CARD_STATUS));
  test_host_control (host, "refresh end", "ok");
  assert_refresh (host, REFRESH_END);
  test_host_control (host, "refresh middle", "error usage: refresh [vote] QUALIFIER|start|end");

  test_host_free (host);
}

static void
test_end_of_a_refresh_is_not_told_when_that_was_ordered (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);

  (void) listen_to_card (host);
  test_host_control (host, "fail refresh-end", "ok");
  test_host_control (host, "refresh 4", "ok");
  assert_refresh (host, REFRESH_START);
  assert_false (test_host_has (host, SIM_QMI_INDICATION, SIM_SERVICE_UIM, UIM_REFRESH));
  test_host_control (host, "refresh 4", "ok");
  assert_refresh (host, REFRESH_START);
  assert_refresh (host, REFRESH_END);

  test_host_free (host);
}

static void
test_refresh_that_is_voted_on_waits_for_the_vote (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 uim = listen_to_card (host);
  g_autofree char *done = NULL;
  g_autofree char *refused = NULL;

  test_host_expect (host, SIM_QMI_NO_EFFECT, SIM_SERVICE_UIM, uim, UIM_REFRESH_OK, AGREED);
  test_host_command (host, "refresh vote 4");
  assert_refresh (host, REFRESH_WAIT_FOR_OK);
  assert_false (test_host_has (host, SIM_QMI_INDICATION, SIM_SERVICE_UIM, UIM_REFRESH));
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, uim, UIM_REFRESH_OK, AGREED);
  assert_refresh (host, REFRESH_START);
  assert_refresh (host, REFRESH_END);
  done = test_host_wait_reply (host);
  assert_string_equal (done, "ok");

  test_host_command (host, "refresh vote 4");
  assert_refresh (host, REFRESH_WAIT_FOR_OK);
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, uim, UIM_REFRESH_OK, DISAGREED);
  refused = test_host_wait_reply (host);
  assert_string_equal (refused, "error not agreed");

  test_host_free (host);
}

/* The reset after the one of the REFRESH makes the switch. */
static void
test_switch_that_fails_is_made_with_the_next_reset (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_OBSERVER, FALSE);

  (void) listen_to_card (host);
  test_host_control (host, "fail switch", "ok");
  test_host_control (host, "smsr enable 1100 --via sms",
                     "ok packets=1 counter=1 status=00 executed=1 sw=9000 "
                     "aid=A0000005591010FFFFFFFF8900001100");
  assert_refresh (host, REFRESH_START);
  assert_refresh (host, REFRESH_END);
  assert_true (state_begins (host, ICCID_1));
  test_host_control (host, "reset", "ok");
  assert_true (state_begins (host, ICCID_2));

  test_host_free (host);
}

static void
test_card_is_away_until_it_is_put_in_again (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 uim = listen_to_card (host);

  test_host_control (host, "card out", "ok");
  assert_card_state (host, 0);
  test_host_control (host, "reset", "error no card");
  test_host_control (host, "refresh 4", "error no card");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, uim, 0x0030, "01010001");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, uim, 0x0031, "01010001");
  assert_true (state_begins (host, "\"registration\":{\"state\":\"none\""));
  test_host_control (host, "card in", "ok");
  assert_card_state (host, 1);
  assert_card_state (host, 1);
  assert_true (state_begins (host, "\"registration\":{\"state\":\"registered\""));
  test_host_control (host, "card up", "error usage: card out|in");

  test_host_free (host);
}

static void
test_modem_comes_back_under_another_name (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  g_autofree char *old_link = g_build_filename (host->dir, "cdc-wdm0", NULL);
  g_autofree char *new_link = g_build_filename (host->dir, "cdc-wdm7", NULL);

  test_host_control (host, "plug", "error The modem is plugged in");
  test_host_control (host, "unplug", "ok");
  assert_false (g_file_test (old_link, G_FILE_TEST_IS_SYMLINK));
  assert_true (state_begins (host, "\"registration\":{\"state\":\"none\""));
  test_host_control (host, "reset", "error no card");
  test_host_control (host, "plug ../elsewhere", "error No port can have the name '../elsewhere'");
  test_host_control (host, "plug control", "error No port can have the name 'control'");
  test_host_control (host, "plug cdc-wdm7", "ok");
  assert_true (g_file_test (new_link, G_FILE_TEST_IS_SYMLINK));
  assert_true (state_begins (host, "\"registration\":{\"state\":\"registered\""));
  test_host_control (host, "replug cdc-wdm0", "ok");
  assert_false (g_file_test (new_link, G_FILE_TEST_IS_SYMLINK));
  test_host_open (host);
  (void) test_host_allocate (host, SIM_SERVICE_UIM);

  test_host_free (host);
}

/* What begins before the plug is pulled does not go on behind it. */
static void
test_modem_that_is_unplugged_in_a_refresh_is_ready_when_it_is_back (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);

  (void) listen_to_card (host);
  test_host_command (host, "refresh 4");
  assert_refresh (host, REFRESH_START);
  sim_modem_unplug (host->modem);
  g_free (test_host_wait_reply (host));
  test_host_control (host, "plug", "ok");
  test_host_open (host);
  assert_true (state_begins (host, "\"registration\":{\"state\":\"registered\""));
  (void) listen_to_card (host);

  test_host_free (host);
}

static void
test_request_of_one_kind_gets_no_answer_when_that_was_ordered (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 dms = test_host_allocate (host, SIM_SERVICE_DMS);

  test_host_control (host, "fail dms 0x2E nothing", "ok");
  test_host_send (host, SIM_SERVICE_DMS, dms, 0x002E, "01010001");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_DMS, dms, 0x002D, "");
  assert_false (test_host_has (host, SIM_QMI_RESPONSE, SIM_SERVICE_DMS, 0x002E));
  assert_true (state_begins (host, "\"registration\":{\"state\":\"registered\""));
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_DMS, dms, 0x002E, "01010001");
  assert_true (state_begins (host, "\"registration\":{\"state\":\"none\""));

  test_host_free (host);
}

static void
test_errors_that_firmware_is_known_for_can_be_ordered (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 uim = test_host_allocate (host, SIM_SERVICE_UIM);

  test_host_control (host, "fail ctl 0x22 5", "ok");
  test_host_control (host, "fail uim 0x42 82", "ok");
  test_host_control (host, "fail uim 0x2F 3", "ok");
  test_host_expect (host, SIM_QMI_CLIENT_IDS_EXHAUSTED, SIM_SERVICE_CTL, 0, 0x0022, "0101000B");
  test_host_expect (host, SIM_QMI_ACCESS_DENIED, SIM_SERVICE_UIM, uim, 0x0042, "01010001");
  test_host_expect (host, SIM_QMI_INTERNAL, SIM_SERVICE_UIM, uim, 0x002F, "");
  (void) test_host_allocate (host, SIM_SERVICE_UIM);
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_UIM, uim, 0x002F, "");

  test_host_free (host);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_refresh_is_told_without_one),
    cmocka_unit_test (test_refresh_that_is_voted_on_waits_for_the_vote),
    cmocka_unit_test (test_end_of_a_refresh_is_not_told_when_that_was_ordered),
    cmocka_unit_test (test_switch_that_fails_is_made_with_the_next_reset),
    cmocka_unit_test (test_card_is_away_until_it_is_put_in_again),
    cmocka_unit_test (test_modem_comes_back_under_another_name),
    cmocka_unit_test (test_modem_that_is_unplugged_in_a_refresh_is_ready_when_it_is_back),
    cmocka_unit_test (test_request_of_one_kind_gets_no_answer_when_that_was_ordered),
    cmocka_unit_test (test_errors_that_firmware_is_known_for_can_be_ordered),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
