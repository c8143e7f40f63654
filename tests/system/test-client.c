/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What euiccctl prints of the agent's eUICCs, for people and for programs. */

#include <gio/gio.h>
#include <signal.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

static void
test_times_for_programs_are_in_utc (void **state)
{
  Rig *rig = *state;
  g_autofree char *json = NULL;
  g_autofree char *shown = NULL;

  rig_start (rig);
  rig_expect_control (rig, "ok", "reset");
  rig_await_counter (rig, "refreshes", 1);
  assert_true (g_setenv ("TZ", "EST5", TRUE));
  json = rig_run_client (rig, NULL, "list", "--json=short", NULL);
  shown = rig_run_client (rig, NULL, "show", NULL); /* the only one */
  g_unsetenv ("TZ");

  assert_true (g_regex_match_simple (
      "\"last_activity\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\"", json, 0, 0));
  assert_true (g_regex_match_simple (
      "   Last activity  \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d-05:00\n", shown, 0, 0));
  rig_stop_agent (rig);
}

static void
test_an_euicc_without_an_eid_is_shown_by_the_name_that_the_list_has (void **state)
{
  Rig *rig = *state;
  g_autofree char *list = NULL;
  g_autofree char *shown = NULL;
  int exit_status;

  rig_start_simulator (rig, "--grant=no-channel", NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  list = rig_run_client (rig, NULL, "list", NULL);
  shown = rig_run_client (rig, &exit_status, "show", "Euicc/0", NULL);

  assert_non_null (strstr (list, "\nEuicc/0                           8988211000000000011   "));
  assert_int_equal (exit_status, 0);
  assert_non_null (strstr (shown, "             EID  -\n"));
  rig_stop_agent (rig);
}

/* The monitor */

typedef struct
{
  GSubprocess *process;
  GPtrArray *lines;
  const char *awaited;
} Monitor;

static void read_line (GDataInputStream *input, GPtrArray *lines);

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GPtrArray) lines = user_data;
  GDataInputStream *input = G_DATA_INPUT_STREAM (source);
  char *line = g_data_input_stream_read_line_finish (input, result, NULL, NULL);

  if (line == NULL)
    return;
  g_ptr_array_add (lines, line);
  read_line (input, lines);
}

static void
read_line (GDataInputStream *input, GPtrArray *lines)
{
  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, on_line,
                                       g_ptr_array_ref (lines));
}

static gboolean
has_awaited (gpointer data)
{
  const Monitor *monitor = data;

  for (guint i = 0; i < monitor->lines->len; i++)
    if (strstr (g_ptr_array_index (monitor->lines, i), monitor->awaited) != NULL)
      return TRUE;
  return FALSE;
}

static void
await_line (Monitor *monitor, const char *text)
{
  monitor->awaited = text;
  if (rig_await_that (has_awaited, monitor))
    return;
  for (guint i = 0; i < monitor->lines->len; i++)
    print_message ("%s\n", (const char *) g_ptr_array_index (monitor->lines, i));
  fail_msg ("the monitor did not say '%s'", text);
}

/* @json: an option of euiccctl; waits until @first is told */
static void
start_monitor (Rig *rig, Monitor *monitor, const char *json, const char *first)
{
  g_autoptr (GDataInputStream) input = NULL;

  monitor->process = rig_spawn_client (rig, "monitor", json, NULL);
  monitor->lines = g_ptr_array_new_with_free_func (g_free);
  input = g_data_input_stream_new (g_subprocess_get_stdout_pipe (monitor->process));
  read_line (input, monitor->lines);
  await_line (monitor, first);
}

static void
stop_monitor (Monitor *monitor)
{
  g_subprocess_send_signal (monitor->process, SIGTERM);
  g_subprocess_wait (monitor->process, NULL, NULL);
  assert_int_equal (g_subprocess_get_exit_status (monitor->process), 0);
  g_clear_object (&monitor->process);
  g_clear_pointer (&monitor->lines, g_ptr_array_unref);
}

static gboolean
has_told (Monitor *monitor, const char *text)
{
  monitor->awaited = text;
  return has_awaited (monitor);
}

static void
test_monitor_tells_the_answer_to_reset_in_hexadecimal (void **state)
{
  Rig *rig = *state;
  Monitor monitor;

  rig_start (rig);
  start_monitor (rig, &monitor, "--json=off", "  agent  running: serving 1 modem");
  rig_expect_control (rig, "ok", "hangup");
  await_line (&monitor, "  absent: the modem is not there");
  rig_expect_control (rig, "ok", "replug");
  await_line (&monitor, "  1224   ready: the card is ready");

  assert_true (
      has_told (&monitor, "  answer to reset: 3B9F96801FC78031A073BE21136743200718000001A5"));
  assert_false (has_told (&monitor, "  answer to reset: ["));
  stop_monitor (&monitor);
  rig_stop_agent (rig);
}

/* The state stays the same all the time. */
static void
test_monitor_tells_what_is_wrong_with_a_modem_and_that_it_is_well (void **state)
{
  Rig *rig = *state;
  Monitor monitor;

  rig_start (rig);
  rig_expect_control (rig, "ok", "network reject 11 8988211000000000029");
  rig_expect_control (rig, "ok", "network delay 500");
  start_monitor (rig, &monitor, "--json=off", "  agent  running: serving 1 modem");
  rig_expect_control (rig, "ok", "profile 8988211000000000029");
  rig_expect_control (rig, "ok", "reset");
  await_line (&monitor, "  1224   ready: switched, but not registered: PLMN not allowed");
  g_ptr_array_set_size (monitor.lines, 0);
  rig_expect_control (rig, "ok", "network normal");
  await_line (&monitor, "  1224   ready: the card is ready");

  stop_monitor (&monitor);
  rig_stop_agent (rig);
}

/* An agent that ends and comes back, and what happens then */
static void
test_monitor_goes_on_with_the_next_agent (void **state)
{
  Rig *rig = *state;
  Monitor monitor;

  rig_start (rig);
  start_monitor (rig, &monitor, "--json=off", "  agent  running: serving 1 modem");
  await_line (&monitor, "  1224   89001012012341234012345678901224 with the profile "
                        "8988211000000000011, ready: the card is ready");
  rig_kill_agent (rig);
  await_line (&monitor, "  agent  has ended: waiting for it; 'systemctl start euicc-agent' starts "
                        "it, 'journalctl -u euicc-agent' tells why it ended");
  g_ptr_array_set_size (monitor.lines, 0);
  rig_start_agent (rig, NULL);
  await_line (&monitor, "  agent  running: serving 1 modem");
  await_line (&monitor, "  1224   ready: the card is ready");
  rig_expect_control (rig, "ok", "profile 8988211000000000029");
  rig_expect_control (rig, "ok", "reset");
  await_line (&monitor, "  1224   refreshing: the card starts anew");
  await_line (&monitor, "  1224   another profile is enabled, and not by the SM-SR: "
                        "8988211000000000011 ");
  await_line (&monitor, " 8988211000000000029");

  assert_false (has_told (&monitor, "the enabled profile is 8988211000000000029"));
  stop_monitor (&monitor);
  rig_stop_agent (rig);
}

static void
test_monitor_waits_for_the_first_agent (void **state)
{
  Rig *rig = *state;
  Monitor monitor;

  rig_start_simulator (rig, NULL);
  start_monitor (rig, &monitor, "--json=off", "  agent  is not running: waiting for it; ");
  rig_start_agent (rig, NULL);
  await_line (&monitor, "  agent  running: serving 1 modem");
  await_line (&monitor, "  1224   ready: the card is ready");

  stop_monitor (&monitor);
  rig_stop_agent (rig);
}

/* The same for programs: the words are part of the interface. */
static void
test_monitor_tells_programs_of_the_agent (void **state)
{
  Rig *rig = *state;
  Monitor monitor;

  rig_start_simulator (rig, NULL);
  start_monitor (rig, &monitor, "--json=short",
                 "\"subject\":\"agent\",\"event\":\"absent\",\"detail\":\"");
  rig_start_agent (rig, NULL);
  await_line (&monitor,
              "\"subject\":\"agent\",\"event\":\"running\",\"detail\":\"serving 1 modem\"");
  rig_kill_agent (rig);
  await_line (&monitor, "\"subject\":\"agent\",\"event\":\"ended\",\"detail\":\"");

  stop_monitor (&monitor);
}

typedef struct
{
  Rig *rig;
  char *history;
} Story;

static gboolean
is_registered (gpointer data)
{
  Story *story = data;

  g_free (story->history);
  story->history = rig_run_client (story->rig, NULL, "history", NULL);
  if (strstr (story->history, "  registered\n") != NULL)
    return TRUE;
  rig_look_again (20);
  return FALSE;
}

static void
test_history_outlives_the_agent (void **state)
{
  Rig *rig = *state;
  Story story = { .rig = rig };
  g_autofree char *later = NULL;
  g_autofree char *json = NULL;

  rig_start (rig);
  rig_expect_control (rig, "ok", "profile 8988211000000000029");
  rig_expect_control (rig, "ok", "reset");
  assert_true (rig_await_that (is_registered, &story));
  assert_true (g_regex_match_simple ("^[-0-9T:+]*  1224  registered\n"
                                     "    network 001 01, home, after [0-9]+\\.[0-9] s\n"
                                     "[-0-9T:+]*  1224  profile-changed\n"
                                     "    8988211000000000011 to 8988211000000000029 "
                                     "\\(local\\)\n$",
                                     story.history, 0, 0));

  rig_kill_agent (rig);
  rig_start_agent (rig, NULL);
  later = rig_run_client (rig, NULL, "history", "--since=1h", "--limit=2", NULL);
  json = rig_run_client (rig, NULL, "history", "--json=short", NULL);
  assert_string_equal (later, story.history);
  assert_non_null (strstr (json, "\"event\":\"profile-changed\",\"eid\":"
                                 "\"89001012012341234012345678901224\",\"session\":\"\""));
  g_free (story.history);
  rig_stop_agent (rig);
}

static void
test_reload_says_what_is_wrong (void **state)
{
  Rig *rig = *state;
  int exit_status;

  rig_write_config (rig, "[agent]\nLogLevel=info\n");
  rig_start (rig);
  g_free (rig_run_client (rig, &exit_status, "reload", NULL));
  assert_int_equal (exit_status, 0);

  rig_write_config (rig, "[sm-sr]\nPort=0\n");
  g_free (rig_run_client (rig, &exit_status, "reload", NULL));
  assert_int_equal (exit_status, 1);
  rig_stop_agent (rig);
}

static void
test_session_that_can_not_be_opened_is_refused (void **state)
{
  Rig *rig = *state;
  g_autofree char *sessions = NULL;
  int exit_status;

  rig_start (rig);
  g_free (rig_run_client (rig, &exit_status, "open-session", "https", NULL));
  assert_int_equal (exit_status, 1);
  g_free (rig_run_client (rig, &exit_status, "open-session", "https", "--port=0", NULL));
  assert_int_equal (exit_status, 2);
  sessions = rig_run_client (rig, NULL, "sessions", "--json=short", NULL);

  assert_string_equal (sessions, "[]\n");
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_times_for_programs_are_in_utc),
    RIG_TEST (test_an_euicc_without_an_eid_is_shown_by_the_name_that_the_list_has),
    RIG_TEST (test_history_outlives_the_agent),
    RIG_TEST (test_reload_says_what_is_wrong),
    RIG_TEST (test_session_that_can_not_be_opened_is_refused),
    RIG_TEST (test_monitor_tells_the_answer_to_reset_in_hexadecimal),
    RIG_TEST (test_monitor_goes_on_with_the_next_agent),
    RIG_TEST (test_monitor_waits_for_the_first_agent),
    RIG_TEST (test_monitor_tells_programs_of_the_agent),
    RIG_TEST (test_monitor_tells_what_is_wrong_with_a_modem_and_that_it_is_well),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
