/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * HTTPS sessions that the agent opens itself: by a trigger, by the bus, with scripts, with profiles; the SM-SR, its TLS
 * and the card are the simulator's.
 */

#include "https-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define STATES "resolving connecting handshaking exchanging closing closed"

static void
assert_begins (const char *actual, const char *expected)
{
  if (!g_str_has_prefix (actual, expected))
    fail_msg ("'%s' does not begin with '%s'", actual, expected);
}

static void
assert_has (const char *actual, const char *expected)
{
  if (strstr (actual, expected) == NULL)
    fail_msg ("'%s' does not have '%s'", actual, expected);
}

static void
write_script (Rig *rig, const char *text)
{
  g_autofree char *path = g_build_filename (rig->directory, "script", NULL);

  assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
test_a_trigger_brings_a_script_to_the_card (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;
  g_autofree char *reply = NULL;
  g_autofree char *ledger = NULL;

  https_start (rig, NULL);
  news = https_news_new (rig);
  write_script (rig, "80CA005A00\n80F24002024F0000\n80CAFF2100\n");
  reply = rig_control (rig, "smsr send-script %s/script --via https", rig->directory);
  https_news_await_result (news, 0, "ok");
  ledger = rig_control (rig, "ledger");

  assert_begins (reply, "ok ");
  assert_has (reply, "executed=3 sw=9000,9000,9000");
  assert_string_equal (https_news_get_states (news, 0), STATES);
  assert_has (ledger, "1 " HTTPS_ISD_R " 81CA005A00 9000\n1 " HTTPS_ISD_R
                      " 81F24002024F0000 9000\n1 " HTTPS_ISD_R " 81CAFF2100 9000\n");
  assert_has (ledger, "00708001 9000"); /* the channel is closed */
}

static void
test_a_session_is_opened_by_the_bus (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;
  g_autofree char *output = NULL;
  int status;

  https_start (rig, NULL);
  rig_begin_control (rig, "smsr audit --via https --no-trigger");
  output = rig_run_client (rig, &status, "open-session", "https", "--wait", NULL);
  reply = rig_end_control (rig);

  assert_begins (reply, "ok ");
  assert_int_equal (status, 0);
  assert_begins (output, "queued\nresolving\nconnecting 127.0.0.1:");
  assert_has (output, "\nhandshaking 127.0.0.1:");
  assert_has (output, "\nexchanging 127.0.0.1:");
  assert_has (output, "\nclosing 127.0.0.1:");
  assert_has (output, "\nSession/0 ended well: 1 script, ");
}

static void
download (Rig *rig, gsize size, const char *options, const char *fault)
{
  g_autofree char *sha256 = NULL;
  g_autofree char *path = https_write_profile (rig, size, (guint) size, &sha256);
  g_autofree char *reply = NULL;
  g_autofree char *card = NULL;

  if (fault != NULL)
    assert_begins (rig_control (rig, "%s", fault), "ok");
  reply = rig_control (rig, "smsr download-profile %s --timeout 300 --via https %s", path, options);
  card = rig_control (rig, "state");

  assert_begins (reply, "ok ");
  assert_has (card, sha256);
}

static void
test_a_profile_is_downloaded_with_equal_hashes (void **state)
{
  Rig *rig = *state;

  https_start (rig, NULL);
  download (rig, 40000, "", NULL);
}

static void
test_sessions_wait_for_each_other (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;
  g_autofree char *output = NULL;

  https_start (rig, NULL);
  news = https_news_new (rig);
  g_free (rig_run_client (rig, NULL, "open-session", "https", NULL));
  g_free (rig_run_client (rig, NULL, "open-session", "https", NULL));
  g_free (rig_run_client (rig, NULL, "open-session", "https", NULL));
  https_news_await_result (news, 2, "ok");
  output = rig_run_client (rig, NULL, "--json=short", "sessions", NULL);

  for (guint i = 0; i < 3; i++)
    assert_string_equal (https_news_get_states (news, i), STATES);
  assert_has (output, "\"result\":\"ok\"");
}

static void
test_auto_takes_https_and_says_why (void **state)
{
  Rig *rig = *state;
  g_autofree char *history = NULL;
  int status;

  https_start (rig, NULL);
  g_free (rig_run_client (rig, &status, "open-session", "auto", "--wait", NULL));
  history = rig_run_client (rig, NULL, "--json=short", "history", NULL);

  assert_int_equal (status, 0);
  assert_has (history, "\"event\":\"transport-chosen\"");
  assert_has (history, "\"detail\":\"a pre-shared key for it is held\"");
  assert_has (history, "\"event\":\"session-ended\"");
}

static void
test_a_switch_is_notified (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;

  https_start (rig, "NotifyBy=https\n");
  reply = rig_control (rig, "smsr enable 1100 --via https --await-notification");

  assert_begins (reply, "ok ");
  assert_has (reply, "notification=02");
  rig_await (rig, "Iccid", "8988211000000000029");
}

static void
test_a_session_is_due_by_the_schedule (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = https_news_new (rig);
  g_autofree char *history = NULL;

  https_start (rig, "[session]\nInterval=1s\nSpread=0s\n");
  https_news_await_result (news, 0, "ok");
  https_news_await_result (news, 1, "ok");
  history = rig_run_client (rig, NULL, "history", NULL);

  assert_has (history, "schedule");
}

/* The name server that a trigger names is at 127.0.0.1, which only this configuration closes. */
static void
test_the_name_server_of_a_trigger_must_be_open (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;
  g_autofree char *queries = NULL;
  g_autofree char *error = NULL;

  https_start (rig, "[bearer]\nAllowAddresses=127.0.0.2/32\n[session]\nRetryLimit=0\n");
  rig_expect_control (rig, "ok", "smsr-move 127.0.0.2");
  rig_expect_control (rig, "ok", "dns smsr.example.com 127.0.0.2");
  reply = rig_control (rig, "smsr audit --via https --host smsr.example.com --timeout 2");
  queries = rig_control (rig, "dns-queries");
  error = https_get_error (rig, 0);

  assert_begins (reply, "error timeout");
  assert_string_equal (queries, ".");
  assert_string_equal (error, "AddressRefused");
}

static void
test_an_sm_sr_that_cannot_move_stays_where_it_is (void **state)
{
  Rig *rig = *state;
  g_autofree char *refusal = NULL;
  g_autofree char *reply = NULL;

  https_start (rig, NULL);
  refusal = rig_control (rig, "smsr-move 192.0.2.1"); /* an address of nobody (RFC 5737) */
  reply = rig_control (rig, "smsr audit --via https");

  assert_begins (refusal, "error ");
  assert_has (refusal, "192.0.2.1");
  assert_begins (reply, "ok ");
}

static void
test_without_a_key_there_is_no_session (void **state)
{
  Rig *rig = *state;
  g_autofree char *output = NULL;
  int status;

  rig_keep_log (rig);
  https_start (rig, NULL);
  rig_write_keys (rig, "");
  rig_reload_agent (rig);
  rig_await_log (rig, "Keys read again");
  output = rig_run_client (rig, &status, "open-session", "https", NULL);
  assert_int_equal (status, 1);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_a_trigger_brings_a_script_to_the_card),
    RIG_TEST (test_a_session_is_opened_by_the_bus),
    RIG_TEST (test_a_profile_is_downloaded_with_equal_hashes),
    RIG_TEST (test_sessions_wait_for_each_other),
    RIG_TEST (test_auto_takes_https_and_says_why),
    RIG_TEST (test_a_switch_is_notified),
    RIG_TEST (test_a_session_is_due_by_the_schedule),
    RIG_TEST (test_the_name_server_of_a_trigger_must_be_open),
    RIG_TEST (test_an_sm_sr_that_cannot_move_stays_where_it_is),
    RIG_TEST (test_without_a_key_there_is_no_session),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
