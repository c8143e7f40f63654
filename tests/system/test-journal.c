/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The journal as an operator searches it: the real journald, what journalctl finds by the agent's fields, and what must
 * not be found; and the history beside it.
 */

#include "https-rig.h"
#include "journald.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* OPEN CHANNEL: UDP to port 9 of 127.0.0.1; CLOSE CHANNEL 1 */
#define OPEN_UDP "D01C810301400182028182350103390205783C030100093E05217F000001"
#define OPENED_UDP "ok 8103014001820282818301003802810035010339020578"
#define CLOSE "D009810301410082028121"

#define LOG_CONFIG "[agent]\nLogLevel=info\n"

/* STORE DATA that no card takes, in a script, and its 16 octets as text */
#define PAYLOAD "5061796C6F61642D6F662D7468657365"
#define PAYLOAD_TEXT "Payload-of-these"
#define SCRIPT "80CA005A00\n80E2900010" PAYLOAD "\n"

/* SEND SHORT MESSAGE with a text of 7 octets to +491701234567, through the service centre +491702345678 */
#define SEND_MESSAGE                                                                               \
  "D0288103011300820281838607919471204365878B1401000C9194711032547600040750"                       \
  "61796C6F6164"

/* A proactive command that ends too early, and one for the IMEI */
#define BROKEN "D005810301210082"
#define ASK_IMEI "D009810301260182028182"

static gboolean has_journald;

static int
setup (void **state)
{
  has_journald = journald_start ();
  return 0;
}

static int
teardown (void **state)
{
  journald_stop ();
  return 0;
}

static void
start (Rig *rig)
{
  if (!has_journald)
    skip ();
  rig->is_plain = TRUE;
  journald_take_standard_error ();
  https_start (rig, LOG_CONFIG);
  journald_give_standard_error_back ();
}

static void
expect_good (Rig *rig, const char *command)
{
  g_autofree char *reply = rig_control (rig, "%s", command);

  rig_assert_has (reply, "ok ");
}

/* Each line of @entries has @field. */
static void
assert_each_has (const char *entries, const char *field)
{
  g_auto (GStrv) lines = g_strsplit (entries, "\n", -1);

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    rig_assert_has (lines[i], field);
}

static void
have_session (Rig *rig, const char *transport)
{
  g_autofree char *reply = NULL;

  rig_begin_control (rig, "smsr audit --via %s --no-trigger", transport);
  g_free (rig_run_client (rig, NULL, "open-session", transport, "--wait", NULL));
  reply = rig_end_control (rig);
  rig_assert_has (reply, "ok ");
}

static void
test_session_is_found_by_its_name (void **state)
{
  Rig *rig = *state;
  g_autofree char *https = NULL;
  g_autofree char *cattp = NULL;

  start (rig);
  have_session (rig, "https");
  have_session (rig, "cat-tp");
  https = journald_await ("EA_SESSION=Session/0", " has ended, scripts: 1");
  cattp = journald_await ("EA_SESSION=Session/1", " has ended, packets: 1");

  rig_assert_has (https, " begins\"");
  rig_assert_has (https, "\"Connected: ");
  rig_assert_has (https, "\"MESSAGE_ID\":\"5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e0f\"");
  assert_each_has (https, "\"EA_TRANSPORT\":\"https\"");
  assert_each_has (https, "\"EA_EID\":\"1224\"");
  assert_each_has (https, "cdc-wdm0\"");
  rig_assert_has (cattp, " begins\"");
  assert_each_has (cattp, "\"EA_TRANSPORT\":\"cat-tp\"");
  assert_each_has (cattp, "\"EA_EID\":\"1224\"");
}

static void
test_session_that_fails_is_found_by_its_name (void **state)
{
  Rig *rig = *state;
  g_autofree char *entries = NULL;

  start (rig);
  g_free (rig_run_client (rig, NULL, "open-session", "https", "--port=1", "--wait", NULL));
  entries = journald_await ("EA_SESSION=Session/0", " has failed: ");

  rig_assert_has (entries, "An address of 127.0.0.1 is of no use: ");
  rig_assert_has (entries, "An attempt has failed");
  rig_assert_has (entries, "\"MESSAGE_ID\":\"5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e10\"");
}

static void
test_short_messages_and_channels_are_found_by_their_transport (void **state)
{
  Rig *rig = *state;
  g_autofree char *sms = NULL;
  g_autofree char *channel = NULL;

  start (rig);
  rig_expect_control (rig, "ok ack", "sms " RIG_COMMAND_TPDU);
  rig_expect_control (rig, OPENED_UDP, "proactive " OPEN_UDP);
  rig_expect_control (rig, "ok 810301410082028281830100", "proactive " CLOSE);
  sms = journald_await ("EA_TRANSPORT=sms", " is carried out: ");
  channel = journald_await ("EA_TRANSPORT=udp", "is closed after ");

  assert_each_has (sms, "\"EA_EID\":\"1224\"");
  assert_each_has (channel, "\"EA_CHANNEL\":\"1\"");
  rig_assert_has (channel, "Channel 1 sends datagrams to 127.0.0.1:9");
}

static void
test_session_is_in_the_history_of_an_agent_that_was_killed (void **state)
{
  Rig *rig = *state;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *both = NULL;

  https_start (rig, NULL);
  have_session (rig, "https");
  before = rig_await_history (rig, "\"Session/0\"");
  rig_kill_agent (rig);
  https_start_agent (rig);
  after = rig_await_history (rig, "\"Session/0\"");
  have_session (rig, "https");
  both = rig_await_history (rig, "\"Session/1\"");

  assert_string_equal (after, before);
  rig_assert_has (both, "\"Session/0\"");
}

/* Floods */

#define N_EVENTS 10000

static void
test_ten_thousand_bad_short_messages_are_twenty_one_lines (void **state)
{
  Rig *rig = *state;
  g_autofree char *log = NULL;

  rig->is_plain = TRUE;
  rig_keep_log (rig);
  https_start (rig, LOG_CONFIG);
  for (guint i = 0; i < N_EVENTS; i++)
    g_free (rig_control (rig, "sms 040C919451214365877FF6"));
  rig_stop_agent (rig);
  log = rig_read_log (rig);

  assert_int_equal (https_count (log, "A short message can't be read: "), 21);
  rig_assert_has (log, "9980 more like this were not logged: A short message can't be read: ");
}

/* Privacy */

static void
write_script (Rig *rig)
{
  g_autofree char *path = g_build_filename (rig->directory, "script", NULL);

  assert_true (g_file_set_contents (path, SCRIPT, -1, NULL));
}

/* What is refused or fails, for whatever an error may quote */
static void
fail_in_many_ways (Rig *rig)
{
  gsize n_digits = strlen (RIG_COMMAND_TPDU);

  g_free (rig_control (rig, "sms %.*s00", (int) n_digits - 2, RIG_COMMAND_TPDU));
  g_free (rig_control (rig, "sms 040C919451214365877FF6"));
  g_free (rig_control (rig, "fail card 0xC2 0x6F00 1"));
  g_free (rig_control (rig, "smsr audit --via sms --key-set 9 --wait 1"));
  g_free (rig_control (rig, "proactive " BROKEN));
  g_free (rig_control (rig, "proactive " ASK_IMEI));
  expect_good (rig, "proactive " SEND_MESSAGE);
  g_free (rig_control (rig, "fail wms 0x20 54 2"));
  g_free (rig_control (rig, "proactive " SEND_MESSAGE));
  g_free (rig_run_client (rig, NULL, "open-session", "https", "--port=1", "--wait", NULL));
}

/* Short messages, sessions, a download and a switch, and what goes wrong */
static void
have_campaign (Rig *rig)
{
  g_autofree char *sha256 = NULL;
  g_autofree char *profile = https_write_profile (rig, 3000, 1, &sha256);
  g_autofree char *reply = NULL;

  write_script (rig);
  rig_expect_control (rig, "ok ack", "sms " RIG_COMMAND_TPDU);
  g_free (rig_control (rig, "smsr send-script %s/script --via sms --wait 5", rig->directory));
  g_free (rig_control (rig, "smsr send-script %s/script --via https", rig->directory));
  reply = rig_control (rig, "smsr download-profile %s --via https", profile);
  rig_assert_has (reply, "ok ");
  fail_in_many_ways (rig);
  expect_good (rig, "smsr enable 1100 --via https");
  rig_await (rig, "Iccid", "8988211000000000029");
}

/* @name: what @secret is; also looked for with its digits in pairs the other way round, as cards have them */
static void
expect_none (const char *log, const char *name, const char *secret)
{
  g_autofree char *upper = g_ascii_strup (log, -1);
  g_autofree char *wanted = g_ascii_strup (secret, -1);
  g_autofree char *swapped = g_strdup (wanted);

  for (gsize i = 0; i + 1 < strlen (swapped); i += 2)
    {
      char first = swapped[i];

      swapped[i] = swapped[i + 1];
      swapped[i + 1] = first;
    }
  assert_true (strlen (wanted) > 5);
  if (strstr (upper, wanted) != NULL || strstr (upper, swapped) != NULL)
    fail_msg ("the log has the %s %s:\n%s", name, secret, log);
}

/* What is in no log, whatever its level */
static void
expect_no_secret (const char *log)
{
  static const char *const secrets[][2] = {
    { "KIc", "30313233343536373839414243444546" },
    { "KIc as text", "0123456789ABCDEF" },
    { "KID", "50515253545556575859616263646566" },
    { "KID as text", "PQRSTUVWXYabcdef" },
    { "pre-shared key", "404142434445464748494A4B4C4D4E4F" },
    { "pre-shared key as text", "@ABCDEFGHIJKLMNO" },
    { "payload", "5061796C6F6164" },
    { "payload as text", PAYLOAD_TEXT },
    { "command", "80E29000" },
    { "command on its channel", "81E29000" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (secrets); i++)
    expect_none (log, secrets[i][0], secrets[i][1]);
}

/* Whoever's it is */
static void
expect_no_number (const char *log)
{
  g_autoptr (GRegex) regex
      = g_regex_new ("^MESSAGE=.*([0-9]{11}|[0-9A-F]{24}).*$", G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  if (g_regex_match (regex, log, 0, &match))
    fail_msg ("the log has a long number: %s", g_match_info_fetch (match, 0));
}

static void
test_campaign_leaves_no_identity_key_or_payload_in_the_journal (void **state)
{
  Rig *rig = *state;
  g_autofree char *eid = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *imei = NULL;
  g_autofree char *log = NULL;

  start (rig);
  eid = rig_get (rig, "Eid");
  imei = rig_get (rig, "Imei");
  first = rig_get (rig, "Iccid");
  have_campaign (rig);
  second = rig_get (rig, "Iccid");
  rig_stop_agent (rig);
  g_free (journald_await ("_COMM=euicc-agentd", "euicc-agent ends"));
  log = journald_read ("_COMM=euicc-agentd", "export");

  rig_assert_has (log, "A secured packet is refused: ");
  rig_assert_has (log, "has failed: ");
  rig_assert_has (log, "Profile changed");
  expect_none (log, "EID", eid);
  eid[strlen (eid) - 1] = '\0';
  expect_none (log, "EID but for its last digit", eid + strlen (eid) - 6);
  expect_none (log, "IMEI", imei);
  expect_none (log, "ICCID of before", first);
  expect_none (log, "ICCID of after", second);
  expect_none (log, "sender", "491512345678");
  expect_none (log, "recipient", "491701234567");
  expect_none (log, "service centre", "491702345678");
  expect_no_number (log);
  expect_no_secret (log);
}

static void
test_campaign_leaves_no_key_or_payload_in_the_log_of_who_debugs (void **state)
{
  Rig *rig = *state;
  g_autofree char *log = NULL;

  rig_keep_log (rig);
  https_start (rig, NULL);
  have_campaign (rig);
  rig_stop_agent (rig);
  log = rig_read_log (rig);

  rig_assert_has (log, "has failed: ");
  rig_assert_has (log, "Profile changed");
  expect_no_secret (log);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_session_is_found_by_its_name),
    RIG_TEST (test_session_that_fails_is_found_by_its_name),
    RIG_TEST (test_short_messages_and_channels_are_found_by_their_transport),
    RIG_TEST (test_session_is_in_the_history_of_an_agent_that_was_killed),
    RIG_TEST (test_ten_thousand_bad_short_messages_are_twenty_one_lines),
    RIG_TEST (test_campaign_leaves_no_identity_key_or_payload_in_the_journal),
    RIG_TEST (test_campaign_leaves_no_key_or_payload_in_the_log_of_who_debugs),
  };

  return cmocka_run_group_tests (tests, setup, teardown);
}
