/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What euiccctl says of sessions, and does about them; the agent is played here. */

#include <signal.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bus-rig.h"
#include "helpers.h"
#include "wait.h"

/* euiccctl, while it runs and after that */
typedef struct
{
  GSubprocess *process;
  gboolean has_ended;
  char *output;
  char *errors;
} Client;

static void
on_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Client *client = user_data;

  assert_true (g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &client->output,
                                                     &client->errors, NULL));
  client->has_ended = TRUE;
}

/* @arguments: separated by spaces */
static void
spawn (BusRig *rig, Client *client, const char *arguments)
{
  g_autofree char *bus = g_strconcat ("--bus=", g_test_dbus_get_bus_address (rig->bus), NULL);
  g_auto (GStrv) words = g_strsplit (arguments, " ", -1);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  g_ptr_array_add (argv, (char *) g_getenv ("EA_TEST_CLIENT"));
  g_ptr_array_add (argv, bus);
  for (guint i = 0; words[i] != NULL; i++)
    g_ptr_array_add (argv, words[i]);
  g_ptr_array_add (argv, NULL);
  *client = (Client){ .process = g_subprocess_newv (
                          (const char *const *) argv->pdata,
                          G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, NULL) };
  assert_non_null (client->process);
}

static void
finish (Client *client, int exit_status)
{
  g_subprocess_communicate_utf8_async (client->process, NULL, NULL, on_ended, client);
  WAIT_FOR (client->has_ended);
  if (g_subprocess_get_exit_status (client->process) != exit_status)
    fail_msg ("%d: %s%s", g_subprocess_get_exit_status (client->process), client->output,
              client->errors);
}

static void
client_clear (Client *client)
{
  g_clear_object (&client->process);
  g_free (client->output);
  g_free (client->errors);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Client, client_clear)

static void
run (BusRig *rig, Client *client, const char *arguments, int exit_status)
{
  spawn (rig, client, arguments);
  finish (client, exit_status);
}

static void
expect_output (BusRig *rig, const char *arguments, const char *output)
{
  g_auto (Client) client = { 0 };

  run (rig, &client, arguments, 0);
  assert_string_equal (client.output, output);
}

/* With exit status @exit_status */
static void
expect_errors (BusRig *rig, const char *arguments, int exit_status, const char *errors)
{
  g_auto (Client) client = { 0 };

  run (rig, &client, arguments, exit_status);
  assert_string_equal (client.errors, errors);
}

static void
test_sessions_are_a_table_that_is_not_cut_in_a_pipe (void **state)
{
  BusRig *rig = *state;
  g_autoptr (EaSession) running
      = ea_session_new (EA_SESSION_HTTPS, EA_SESSION_DBUS, "smsr.very-long-name.example.com:443");
  g_autoptr (EaSession) ended = NULL;
  g_autoptr (GError) error
      = g_error_new_literal (EA_SESSION_ERROR, EA_SESSION_ERROR_TIMED_OUT, "Silence for 60 s");
  const EaSessionProgress progress
      = { .bytes_received = 1048576, .bytes_sent = 123456, .apdus = 4321, .scripts = 3 };
  g_auto (Client) client = { 0 };
  g_auto (Client) status = { 0 };

  g_signal_emit_by_name (rig->euicc, "session-added", running);
  ended = bus_rig_add_session (rig);
  ea_session_set_state (running, EA_SESSION_HANDSHAKING);
  ea_session_set_progress (running, &progress);
  ea_session_set_error (ended, error);
  ea_session_end (ended, EA_SESSION_FAILED);

  expect_output (
      rig, "sessions",
      "NR  EUICC    VIA     PEER                                 STATE        APDUS  RECEIVED    "
      "SENT\n"
      " 0  Euicc/0  https   smsr.very-long-name.example.com:443  handshaking   4321   1048576  "
      "123456\n"
      " 1  Euicc/0  cat-tp  smsr.example.com:2345                failed           0         0      "
      " "
      "0\n"
      "\nSession/1: Silence for 60 s\n");
  run (rig, &client, "show Euicc/0", 0);
  assert_non_null (strstr (client.output,
                           "        Sessions  0 https smsr.very-long-name.example.com:443, "
                           "handshaking, 3 scripts, 4321 APDUs, 1048576 bytes "
                           "received, 123456 sent\n"
                           "                  1 cat-tp "));
  run (rig, &status, "status", 0);
  assert_non_null (strstr (status.output, "\n1 session has not ended, see 'euiccctl sessions'\n"));
}

static void
test_json_has_all_of_a_session (void **state)
{
  BusRig *rig = *state;
  g_autoptr (EaSession) session = bus_rig_add_session (rig);
  g_auto (Client) client = { 0 };

  ea_session_set_attempt (session, 2, 1500000);
  run (rig, &client, "--json=short sessions", 0);

  assert_true (g_regex_match_simple (
      "^\\[\\{\"path\":\"/org/euicc/Agent1/Session/0\",\"euicc\":\"/org/euicc/Agent1/Euicc/0\","
      "\"eid\":\"\",\"transport\":\"cat-tp\",\"origin\":\"trigger\","
      "\"peer\":\"smsr.example.com:2345\",\"address\":\"\",\"interface\":\"\",\"state\":\"queued\","
      "\"bytes_received\":0,\"bytes_sent\":0,\"apdus\":0,\"scripts\":0,\"attempt\":2,"
      "\"next_attempt\":\"1970-01-01T00:00:01.500000Z\",\"started_at\":\"[-0-9T:.]*Z\","
      "\"ended_at\":null,\"result\":\"\",\"error\":null\\}\\]\n$",
      client.output, 0, 0));
}

static void
test_session_is_opened_on_the_only_euicc (void **state)
{
  BusRig *rig = *state;
  g_autofree char *peer = NULL;

  expect_output (rig, "open-session https --host=smsr.example", "Session/0\n");
  g_object_get (bus_rig_get_opened (rig), "peer", &peer, NULL);
  assert_string_equal (peer, "smsr.example");
}

static void
test_refusal_has_a_next_step (void **state)
{
  BusRig *rig = *state;

  expect_errors (rig, "open-session cat-tp", 1,
                 "euiccctl: There is no 'cat-tp': see KEYS in euicc-agent.conf(5)\n");
  expect_errors (rig, "open-session 1224 https", 1,
                 "euiccctl: no eUICC '1224', but Euicc/0: see 'euiccctl list'\n");
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(char **) user_data
      = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);
}

static GDataInputStream *
open_lines (Client *client)
{
  GDataInputStream *input
      = g_data_input_stream_new (g_subprocess_get_stdout_pipe (client->process));

  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (input), FALSE);
  return input;
}

static char *
await_next_line (GDataInputStream *input)
{
  char *line = NULL;

  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, on_line, &line);
  WAIT_FOR (line != NULL);
  return line;
}

/* (transfer full): what it says first, after which it listens to signals */
static char *
await_line (Client *client)
{
  g_autoptr (GDataInputStream) input = open_lines (client);

  return await_next_line (input);
}

static void
expect_line (GDataInputStream *input, const char *pattern)
{
  g_autofree char *line = await_next_line (input);

  if (!g_regex_match_simple (pattern, line, 0, 0))
    fail_msg ("'%s' is not as '%s'", line, pattern);
}

static void
test_waiting_tells_each_state_and_the_end (void **state)
{
  BusRig *rig = *state;
  g_auto (Client) client = { 0 };
  const EaSessionProgress progress
      = { .bytes_received = 4096, .bytes_sent = 512, .apdus = 1, .scripts = 1 };
  g_autofree char *line = NULL;
  EaSession *session;

  spawn (rig, &client, "open-session https --wait");
  line = await_line (&client);
  session = bus_rig_get_opened (rig);
  ea_session_set_state (session, EA_SESSION_RESOLVING);
  ea_session_set_address (session, "192.0.2.1:443");
  ea_session_set_state (session, EA_SESSION_CONNECTING);
  ea_session_set_state (session, EA_SESSION_EXCHANGING);
  ea_session_set_progress (session, &progress);
  ea_session_end (session, EA_SESSION_OK);
  finish (&client, 0);

  assert_string_equal (client.output,
                       "resolving\nconnecting 192.0.2.1:443\nexchanging 192.0.2.1:443\n"
                       "Session/0 ended well: 1 script, 1 APDU, 4096 bytes received, 512 sent\n");
}

static void
test_failure_ends_the_waiting_with_advice (void **state)
{
  BusRig *rig = *state;
  g_auto (Client) client = { 0 };
  g_autoptr (GError) error = g_error_new_literal (EA_SESSION_ERROR, EA_SESSION_ERROR_TIMED_OUT,
                                                  "The SM-SR does not answer");

  spawn (rig, &client, "open-session Euicc/0 https --wait");
  WAIT_FOR (bus_rig_get_opened (rig) != NULL);
  ea_session_set_error (bus_rig_get_opened (rig), error);
  ea_session_end (bus_rig_get_opened (rig), EA_SESSION_FAILED);
  finish (&client, 1);

  assert_string_equal (client.errors,
                       "euiccctl: Session/0 failed: The SM-SR does not answer: see Timeout in "
                       "euicc-agent.conf(5), and whether the server is there\n");
}

static void
end_cancelled (EaSession *session, gpointer user_data)
{
  ea_session_end (session, EA_SESSION_WAS_CANCELLED);
}

static void
test_interrupt_cancels_the_session (void **state)
{
  BusRig *rig = *state;
  g_auto (Client) client = { 0 };
  g_autofree char *line = NULL;

  spawn (rig, &client, "open-session https --wait");
  line = await_line (&client);
  assert_string_equal (line, "queued");
  g_signal_connect (bus_rig_get_opened (rig), "cancelled", G_CALLBACK (end_cancelled), NULL);
  g_subprocess_send_signal (client.process, SIGINT);
  finish (&client, 1);

  assert_string_equal (client.errors, "Cancelling Session/0; once more to leave it\n"
                                      "euiccctl: Session/0 was cancelled: 0 scripts, 0 APDUs, 0 "
                                      "bytes received, 0 sent\n");
}

static void
test_session_is_cancelled_by_any_of_its_names (void **state)
{
  BusRig *rig = *state;
  static const char *const names[] = { "0", "Session/1", EA_BUS_ROOT "/Session/2" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (EaSession) session = bus_rig_add_session (rig);
      g_autofree char *arguments = g_strconcat ("cancel ", names[i], NULL);

      g_signal_connect (session, "cancelled", G_CALLBACK (end_cancelled), NULL);
      expect_output (rig, arguments, "");
      assert_int_equal (ea_session_get_state (session), EA_SESSION_CLOSED);
      expect_errors (rig, arguments, 1,
                     "euiccctl: The session has ended already: see 'euiccctl sessions'\n");
    }
  expect_errors (rig, "cancel 9", 1,
                 "euiccctl: no session '9', but Session/0, Session/1, Session/2: see 'euiccctl "
                 "sessions'\n");
}

static void
test_history_is_shown_newest_first (void **state)
{
  BusRig *rig = *state;
  g_auto (Client) client = { 0 };
  g_auto (Client) json = { 0 };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (EaSession) session = bus_rig_add_session (rig);

      ea_session_end (session, EA_SESSION_OK);
    }
  run (rig, &client, "history", 0);
  assert_true (g_regex_match_simple ("^[-0-9T:+]*  -  session-ended  Session/1  cat-tp  ok\n"
                                     "    smsr.example.com:2345, trigger, scripts: 0, APDUs: 0\n"
                                     "[-0-9T:+]*  -  session-ended  Session/0  cat-tp  ok\n",
                                     client.output, 0, 0));
  run (rig, &json, "--json=short history --limit=1", 0);
  assert_true (g_regex_match_simple ("^\\[\\{\"time\":\"[-0-9T:.]*Z\",\"event\":\"session-ended\","
                                     "\"eid\":\"\",\"session\":\"Session/1\",\"transport\":"
                                     "\"cat-tp\",\"result\":\"ok\",\"detail\":\"[^{}]*\"\\}\\]\n$",
                                     json.output, 0, 0));
  expect_output (rig, "history --since=2999-01-01", "");
}

static void
test_monitor_tells_a_session_from_beginning_to_end (void **state)
{
  BusRig *rig = *state;
  g_autoptr (EaSession) session = NULL;
  g_auto (Client) client = { 0 };
  g_autofree char *line = NULL;

  spawn (rig, &client, "monitor");
  line = await_line (&client);
  session = bus_rig_add_session (rig);
  bus_rig_catch_up (rig);
  ea_session_set_state (session, EA_SESSION_RESOLVING);
  ea_session_end (session, EA_SESSION_OK);
  g_signal_emit_by_name (rig->euicc, "session-removed", session);
  bus_rig_catch_up (rig);
  g_subprocess_send_signal (client.process, SIGINT);
  finish (&client, 0);

  assert_true (g_regex_match_simple (
      "  Euicc/0  session 0 begins: cat-tp to smsr.example.com:2345, wanted by the SM-SR\n"
      "..:..:..  Euicc/0  session 0 looks for smsr.example.com:2345\n"
      "..:..:..  Euicc/0  session 0 ended well( after 0:00)?: 0 scripts, 0 APDUs, 0 bytes "
      "received, "
      "0 sent\n$",
      client.output, 0, 0));
}

static void
test_monitor_outlives_the_agent (void **state)
{
  BusRig *rig = *state;
  g_auto (Client) client = { 0 };
  g_autoptr (GDataInputStream) input = NULL;

  spawn (rig, &client, "monitor");
  input = open_lines (&client);
  expect_line (input, "^..:..:..  agent  waiting: no modem at ");
  expect_line (input, "^..:..:..  Euicc/0  an eUICC, absent");
  g_clear_handle_id (&rig->name_id, g_bus_unown_name);
  expect_line (input,
               "^..:..:..  agent  has ended: waiting for it; 'systemctl start euicc-agent' ");
  rig->name_id = g_bus_own_name_on_connection (rig->connection, "org.euicc.Agent1",
                                               G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
  expect_line (input, "^..:..:..  agent  waiting: no modem at ");
  expect_line (input, "^..:..:..  Euicc/0  an eUICC, absent");
  g_subprocess_send_signal (client.process, SIGTERM);
  finish (&client, 0);
}

/* As many changes as a fast link makes */
static void
test_monitor_is_not_flooded_by_bytes (void **state)
{
  BusRig *rig = *state;
  g_autoptr (EaSession) session = NULL;
  g_auto (Client) client = { 0 };
  g_autofree char *line = NULL;

  spawn (rig, &client, "monitor");
  line = await_line (&client);
  session = bus_rig_add_session (rig);
  bus_rig_catch_up (rig);
  for (guint i = 1; i <= 200; i++)
    {
      const EaSessionProgress progress = { .bytes_received = i * 100, .apdus = i };

      ea_session_set_progress (session, &progress);
      bus_rig_catch_up (rig);
    }
  ea_session_end (session, EA_SESSION_OK);
  bus_rig_catch_up (rig);
  g_subprocess_send_signal (client.process, SIGINT);
  finish (&client, 0);

  assert_non_null (strstr (client.output, "0 scripts, 200 APDUs, 20000 bytes received, 0 sent\n"));
  assert_null (strstr (client.output, "session 0: "));
}

/* euiccctl monitor | head -n 1 */
static void
test_monitor_ends_when_nobody_reads_it (void **state)
{
  BusRig *rig = *state;
  g_autoptr (EaSession) session = NULL;
  g_auto (Client) client = { 0 };
  g_autofree char *line = NULL;

  spawn (rig, &client, "monitor");
  line = await_line (&client);
  g_input_stream_close (g_subprocess_get_stdout_pipe (client.process), NULL, NULL);
  session = bus_rig_add_session (rig);
  bus_rig_catch_up (rig);
  g_subprocess_wait (client.process, NULL, NULL);

  assert_true (g_subprocess_get_if_signaled (client.process));
  assert_int_equal (g_subprocess_get_term_sig (client.process), SIGPIPE);
}

static void
test_wrong_usage_is_told (void **state)
{
  static const char *const rows[][2] = {
    { "open-session", "an argument of 'open-session' is missing" },
    { "open-session a https x", "'open-session' has an argument too many" },
    { "open-session sms", "the transport is auto, https or cat-tp" },
    { "open-session https --port=0", "--port is a number from 1 to 65535" },
    { "open-session https --port=65536", "--port is a number from 1 to 65535" },
    { "open-session cat-tp --cat-tp-port=x", "--cat-tp-port is a number from 1 to 65535" },
    { "open-session https --timeout=3601", "--timeout is a number from 1 to 3600" },
    { "cancel", "an argument of 'cancel' is missing" },
    { "history --limit=0", "--limit is a number from 1 on" },
    { "history --since=soon", "--since is 90s, 5min, 2h, 3d or 1w, a date such as 2026-11-29, or a "
                              "date and time such as 2026-11-29T10:00:00" },
    { "status --wait", "--wait is an option of 'open-session'" },
    { "sessions --host=x", "--host is an option of 'open-session'" },
    { "open-session https --since=1h", "--since is an option of 'history'" },
    { "history --smsc", "--smsc is an option of 'decode'" },
    { "sesions", "there is no command 'sesions': did you mean 'sessions'?" },
    { "mon", "there is no command 'mon': did you mean 'monitor'?" },
    { "candidates", "there is no command 'candidates'" },
  };
  BusRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *expected
          = g_strdup_printf ("euiccctl: %s\nTry 'euiccctl --help'.\n", rows[i][1]);

      expect_errors (rig, rows[i][0], 2, expected);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    BUS_RIG_TEST (test_sessions_are_a_table_that_is_not_cut_in_a_pipe),
    BUS_RIG_TEST (test_json_has_all_of_a_session),
    BUS_RIG_TEST (test_session_is_opened_on_the_only_euicc),
    BUS_RIG_TEST (test_refusal_has_a_next_step),
    BUS_RIG_TEST (test_waiting_tells_each_state_and_the_end),
    BUS_RIG_TEST (test_failure_ends_the_waiting_with_advice),
    BUS_RIG_TEST (test_interrupt_cancels_the_session),
    BUS_RIG_TEST (test_session_is_cancelled_by_any_of_its_names),
    BUS_RIG_TEST (test_history_is_shown_newest_first),
    BUS_RIG_TEST (test_monitor_tells_a_session_from_beginning_to_end),
    BUS_RIG_TEST (test_monitor_outlives_the_agent),
    BUS_RIG_TEST (test_monitor_is_not_flooded_by_bytes),
    BUS_RIG_TEST (test_monitor_ends_when_nobody_reads_it),
    BUS_RIG_TEST (test_wrong_usage_is_told),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
