/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A refresh as the modem's firmware tells it, in all its forms: while it lasts nothing is for the card, and the terminal is
 * another one afterwards.
 */

#include <gio/gio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "https-rig.h"

#define EID "89001012012341234012345678901224"
#define FIRST_ICCID "8988211000000000011"
#define N_COMMANDS 200
#define SLOW_MS 2
#define LATE_MS 500

/* Read Transparent, which is for EF_ICCID; what is said of a refresh; Send APDU; Send Envelope */
#define READ_ICCID "uim 0x0020 "
#define REFRESH_OK "uim 0x002B "
#define REFRESH_COMPLETE "uim 0x002C "
#define SEND_APDU "uim 0x003B "
#define SEND_ENVELOPE "cat2 0x0022 "

/* SET UP EVENT LIST with Location status, and without any event; TERMINAL RESPONSE "performed" */
#define LOCATION_STATUS "D00C810301050082028182990103"
#define EVENT_LIST_SET "ok 810301050082028281830100"

static void
assert_has (const char *actual, const char *expected)
{
  if (strstr (actual, expected) == NULL)
    fail_msg ("'%s' does not have '%s'", actual, expected);
}

/* The firmware tells that a reset begins, and nothing of the card being away. */
static void
begin_refresh (Rig *rig)
{
  rig_expect_control (rig, "ok", "refresh start");
  rig_await (rig, "State", "refreshing");
  g_free (rig_control (rig, "qmi"));
}

static void
test_message_waits_until_a_card_that_was_never_away_is_read (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;
  g_autofree char *requests = NULL;
  const char *read;

  rig_start (rig);
  begin_refresh (rig);
  rig_begin_control (rig, "sms %s", RIG_COMMAND_TPDU);
  rig_await_counter (rig, "sms-received", 1);
  rig_expect_control (rig, "ok", "refresh end");
  reply = rig_end_control (rig);
  rig_await_counter (rig, "sms-sent", 1);
  requests = rig_control (rig, "qmi");

  assert_string_equal (reply, "ok ack");
  read = strstr (requests, READ_ICCID);
  assert_non_null (read);
  assert_has (read, SEND_ENVELOPE);
  assert_true (strstr (requests, SEND_ENVELOPE) > read);
  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);
}

/* What was asked of the card before the refresh is answered in its midst. */
static void
test_late_answer_makes_no_card_ready_that_is_refreshed (void **state)
{
  Rig *rig = *state;
  g_autofree char *shown = NULL;
  g_autofree char *reply = NULL;

  rig_start_simulator (rig, NULL);
  rig_expect_control (rig, "ok", "slow-apdu %d", LATE_MS);
  rig_start_agent (rig, NULL);
  rig_await_simulator (rig, "\"logical_channels\":[1]");
  begin_refresh (rig);
  rig_await_simulator (rig, "\"logical_channels\":[]");
  rig_begin_control (rig, "sms %s", RIG_COMMAND_TPDU);
  rig_await_counter (rig, "sms-received", 1);
  shown = rig_get (rig, "State");

  assert_string_equal (shown, "refreshing");
  rig_expect_control (rig, "ok", "refresh end");
  reply = rig_end_control (rig);
  assert_string_equal (reply, "ok ack");
  rig_await (rig, "State", "ready");
  rig_await (rig, "Eid", EID);
  rig_stop_agent (rig);
}

static guint
count_before (const char *text, const char *part, const char *end)
{
  g_autofree char *front = g_strndup (text, (gsize) (end - text));

  return https_count (front, part);
}

static void
test_session_waits_until_a_card_that_was_never_away_is_read (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);
  g_autofree char *reply = NULL;
  g_autofree char *requests = NULL;
  g_autofree char *shown = NULL;
  guint number;

  https_start (rig, NULL);
  news = https_news_new (rig);
  rig_expect_control (rig, "ok", "slow %d", SLOW_MS);
  rig_begin_control (rig, "smsr send-script --generate %d --via https --no-trigger", N_COMMANDS);
  number = https_open_session (rig, "{}");
  rig_await_apdu (rig, "A30400000003");
  begin_refresh (rig);
  shown = rig_run_client (rig, NULL, "sessions", NULL);
  rig_expect_control (rig, "ok", "refresh end");
  https_news_await_result (news, number, "ok");
  reply = rig_end_control (rig);
  requests = rig_control (rig, "qmi");
  https_count_runs (rig, numbers);

  assert_true (g_str_has_prefix (reply, "ok"));
  assert_non_null (strstr (requests, READ_ICCID));
  assert_true (count_before (requests, SEND_APDU, strstr (requests, READ_ICCID)) <= 1);
  assert_int_equal (g_hash_table_size (numbers), N_COMMANDS);
  rig_stop_agent (rig);
}

static gboolean
has_no_events (gpointer data)
{
  Rig *rig = data;
  g_autoptr (GVariant) events = g_dbus_proxy_get_cached_property (rig->euicc, "Events");

  return events != NULL && g_variant_n_children (events) == 0;
}

static gboolean
has_events (gpointer data)
{
  return !has_no_events (data);
}

static void
test_events_are_forgotten_with_the_refresh_and_asked_for_anew (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_expect_control (rig, EVENT_LIST_SET, "proactive " LOCATION_STATUS);
  assert_true (rig_await_that (has_events, rig));
  begin_refresh (rig);
  assert_true (rig_await_that (has_no_events, rig));
  rig_expect_control (rig, "ok", "refresh end");
  rig_await (rig, "State", "ready");
  rig_kill_agent (rig);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  assert_true (has_no_events (rig)); /* nor are they remembered */

  rig_expect_control (rig, EVENT_LIST_SET, "proactive " LOCATION_STATUS);
  assert_true (rig_await_that (has_events, rig));
  rig_stop_agent (rig);
}

/* (transfer full): what the modem was asked while it refreshed by @qualifier, after a vote */
static char *
refresh_by_vote (Rig *rig, const char *qualifier)
{
  guint64 n_before = rig_get_counter (rig, "refreshes");

  g_free (rig_control (rig, "qmi"));
  rig_expect_control (rig, "ok", "refresh vote %s", qualifier);
  rig_await_counter (rig, "refreshes", n_before + 1);
  rig_await (rig, "State", "ready");
  return rig_control (rig, "qmi");
}

static void
test_refresh_that_is_voted_on_is_agreed_to_and_completed_once (void **state)
{
  Rig *rig = *state;
  g_autofree char *reset = NULL;
  g_autofree char *change = NULL;

  rig_start (rig);
  reset = refresh_by_vote (rig, "04");
  change = refresh_by_vote (rig, "01");

  assert_int_equal (https_count (reset, REFRESH_OK), 1);
  assert_int_equal (https_count (reset, REFRESH_COMPLETE), 0);
  assert_int_equal (https_count (change, REFRESH_OK), 1);
  assert_int_equal (https_count (change, REFRESH_COMPLETE), 1);
  rig_stop_agent (rig);
}

static void
test_refresh_that_changes_nothing_ends_in_the_same_profile (void **state)
{
  Rig *rig = *state;
  g_autofree char *iccid = NULL;
  g_autofree char *history = NULL;

  rig_start (rig);
  rig_expect_control (rig, "ok", "refresh 04");
  rig_await_counter (rig, "refreshes", 1);
  rig_await (rig, "State", "ready");
  rig_await (rig, "StateReason", "the card is ready");
  iccid = rig_get (rig, "Iccid");
  history = rig_run_client (rig, NULL, "history", "--json=short", NULL);

  assert_string_equal (iccid, FIRST_ICCID);
  assert_int_equal (rig_get_counter (rig, "profile-changes"), 0);
  assert_null (strstr (history, "\"profile-changed\""));
  assert_null (strstr (history, "\"not-registered\""));
  rig_stop_agent (rig);
}

static void
test_refresh_without_an_end_heals_when_its_time_is_over (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;

  rig_write_config (rig, "[switch]\nWaitRefresh=1\n");
  rig_start (rig);
  begin_refresh (rig);
  rig_begin_control (rig, "sms %s", RIG_COMMAND_TPDU);
  rig_await (rig, "State", "ready");
  reply = rig_end_control (rig);

  assert_string_equal (reply, "ok ack");
  rig_await_counter (rig, "sms-sent", 1);
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_message_waits_until_a_card_that_was_never_away_is_read),
    RIG_TEST (test_late_answer_makes_no_card_ready_that_is_refreshed),
    RIG_TEST (test_session_waits_until_a_card_that_was_never_away_is_read),
    RIG_TEST (test_events_are_forgotten_with_the_refresh_and_asked_for_anew),
    RIG_TEST (test_refresh_that_is_voted_on_is_agreed_to_and_completed_once),
    RIG_TEST (test_refresh_that_changes_nothing_ends_in_the_same_profile),
    RIG_TEST (test_refresh_without_an_end_heals_when_its_time_is_over),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
