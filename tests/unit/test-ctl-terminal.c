/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What euiccctl shows on a terminal; the agent is played here, and so is the terminal. */

#include <fcntl.h>
#include <glib-unix.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bus-rig.h"
#include "helpers.h"
#include "wait.h"

#define DRAWN "\r"
#define CLEARED "\033[K"

/* euiccctl at a terminal of its own */
typedef struct
{
  GPid pid;
  int fd;
  guint source;
  GString *screen; /* all that was written, without what the terminal adds to a line feed */
  gboolean has_ended;
  int status;
} Terminal;

static gboolean
on_written (gint fd, GIOCondition condition, gpointer user_data)
{
  Terminal *terminal = user_data;
  char buffer[4096];
  gssize n_read = read (fd, buffer, sizeof buffer);

  if (n_read <= 0) /* the last one that had it open has ended */
    {
      terminal->has_ended = TRUE;
      terminal->source = 0;
      return G_SOURCE_REMOVE;
    }
  g_string_append_len (terminal->screen, buffer, n_read);
  g_string_replace (terminal->screen, "\r\n", "\n", 0);
  return G_SOURCE_CONTINUE;
}

/* In the child: a name and a value, or a name to be removed */
static void
set_environment (const char *variable)
{
  g_auto (GStrv) parts = g_strsplit (variable, "=", 2);

  unsetenv ("COLUMNS");
  unsetenv ("NO_COLOR");
  setenv ("TERM", "xterm", TRUE);
  setenv ("LC_ALL", "C.UTF-8", TRUE);
  if (parts[0] != NULL)
    setenv (parts[0], parts[1], TRUE);
}

/* @arguments: separated by spaces; @variable: "NAME=value" or "" */
static void
start (BusRig *rig, Terminal *terminal, gushort n_columns, const char *variable,
       const char *arguments)
{
  g_autofree char *line
      = g_strdup_printf ("euiccctl --bus=%s %s", g_test_dbus_get_bus_address (rig->bus), arguments);
  g_auto (GStrv) argv = g_strsplit (line, " ", -1);
  const char *program = g_getenv ("EA_TEST_CLIENT");
  const struct winsize size = { .ws_row = 24, .ws_col = n_columns };

  *terminal = (Terminal){ .screen = g_string_new (NULL) };
  terminal->pid = forkpty (&terminal->fd, NULL, NULL, &size);
  if (terminal->pid == 0)
    {
      set_environment (variable);
      execv (program, argv);
      _exit (127);
    }
  assert_true (terminal->pid > 0);
  terminal->source = g_unix_fd_add (terminal->fd, G_IO_IN | G_IO_HUP, on_written, terminal);
}

static void
finish (Terminal *terminal, int exit_status)
{
  WAIT_FOR (terminal->has_ended);
  assert_int_equal (waitpid (terminal->pid, &terminal->status, 0), terminal->pid);
  if (!WIFEXITED (terminal->status) || WEXITSTATUS (terminal->status) != exit_status)
    fail_msg ("status %d: %s", terminal->status, terminal->screen->str);
}

static void
terminal_clear (Terminal *terminal)
{
  g_clear_handle_id (&terminal->source, g_source_remove);
  close (terminal->fd);
  g_string_free (terminal->screen, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Terminal, terminal_clear)

static gboolean
shows (const Terminal *terminal, const char *text)
{
  return strstr (terminal->screen->str, text) != NULL;
}

static void
expect_screen (BusRig *rig, gushort n_columns, const char *variable, const char *arguments,
               const char *screen)
{
  g_auto (Terminal) terminal = { 0 };

  start (rig, &terminal, n_columns, variable, arguments);
  finish (&terminal, 0);
  assert_string_equal (terminal.screen->str, screen);
}

static void
add_sessions (BusRig *rig)
{
  g_autoptr (EaSession) running
      = ea_session_new (EA_SESSION_HTTPS, EA_SESSION_DBUS, "smsr.very-long-name.example.com:443");
  g_autoptr (EaSession) ended = bus_rig_add_session (rig);
  g_autoptr (GError) error = g_error_new_literal (
      EA_SESSION_ERROR, EA_SESSION_ERROR_TIMED_OUT,
      "The SM-SR is silent for 60 s, though it was reached: \033[2Jit may be overloaded");
  const EaSessionProgress progress
      = { .bytes_received = 1048576, .bytes_sent = 123456, .apdus = 4321, .scripts = 3 };

  g_signal_emit_by_name (rig->euicc, "session-added", running);
  ea_session_set_state (running, EA_SESSION_EXCHANGING);
  ea_session_set_progress (running, &progress);
  ea_session_set_error (ended, error);
  ea_session_end (ended, EA_SESSION_FAILED);
}

static void
test_table_fits_80_columns_without_colours (void **state)
{
  BusRig *rig = *state;

  add_sessions (rig);
  expect_screen (
      rig, 80, "NO_COLOR=1", "sessions",
      "NR  EUICC    VIA     PEER                    STATE       APDUS  RECEIVED    SENT\n"
      " 0  Euicc/0  cat-tp  smsr.example.com:2345   failed          0         0       0\n"
      " 1  Euicc/0  https   smsr.very-long-name.e…  exchanging   4321   1048576  123456\n"
      "\n"
      "Session/0: The SM-SR is silent for 60 s, though it was reached: ?[2Jit may be\n"
      "overloaded\n");
}

/* Whatever can be shortened is as short as it gets: the rest is the terminal's to wrap. */
static void
test_width_is_that_of_the_environment_before_that_of_the_terminal (void **state)
{
  BusRig *rig = *state;

  add_sessions (rig);
  expect_screen (rig, 200, "COLUMNS=20", "channels",
                 "\033[1mCH\033[0m  \033[1mEUICC\033[0m  \033[1mVIA\033[0m  \033[1mPEER\033[0m  "
                 "\033[1mINTERFA…\033[0m  \033[1mAPN\033[0m  \033[1mSTATE\033[0m  "
                 "\033[1mRECEIVED\033[0m  \033[1mSENT\033[0m\n");
}

static void
test_states_are_coloured_on_a_terminal (void **state)
{
  BusRig *rig = *state;
  g_auto (Terminal) terminal = { 0 };

  add_sessions (rig);
  start (rig, &terminal, 120, "", "sessions");
  finish (&terminal, 0);

  assert_true (shows (&terminal, "\033[1mSTATE\033[0m"));
  assert_true (shows (&terminal, "\033[31mfailed\033[0m"));
  assert_true (shows (&terminal, "\033[32mexchanging\033[0m"));
}

static void
test_dumb_terminal_gets_no_codes (void **state)
{
  BusRig *rig = *state;
  g_auto (Terminal) terminal = { 0 };

  add_sessions (rig);
  start (rig, &terminal, 80, "TERM=dumb", "status");
  finish (&terminal, 0);

  assert_false (shows (&terminal, "\033"));
}

/* Waiting */

/* @terminal: that has drawn the first line of a session, which is opened */
static EaSession *
start_waiting (BusRig *rig, Terminal *terminal, gushort n_columns, const char *variable)
{
  start (rig, terminal, n_columns, variable, "open-session https --wait");
  WAIT_FOR (shows (terminal, "queued"));
  return bus_rig_get_opened (rig);
}

static void
test_waiting_redraws_one_line (void **state)
{
  BusRig *rig = *state;
  g_auto (Terminal) terminal = { 0 };
  const EaSessionProgress progress
      = { .bytes_received = 4096, .bytes_sent = 512, .apdus = 12, .scripts = 1 };
  EaSession *session = start_waiting (rig, &terminal, 80, "");

  assert_true (g_str_has_prefix (terminal.screen->str, DRAWN CLEARED
                                 "Session/0: Ctrl-C cancels it, a second Ctrl-C leaves it\n" DRAWN
                                 "queued       0:0"));
  ea_session_set_state (session, EA_SESSION_EXCHANGING);
  ea_session_set_progress (session, &progress);
  WAIT_FOR (shows (&terminal, "    4.1 kB in     512 B out  "));
  ea_session_end (session, EA_SESSION_OK);
  finish (&terminal, 0);

  assert_true (shows (&terminal, "   12 APDUs  [ <=> "));
  assert_true (g_str_has_suffix (
      terminal.screen->str,
      DRAWN CLEARED "Session/0 ended well: 1 script, 12 APDUs, 4096 bytes received, 512 sent\n"));
}

/* However fast the states are */
static void
test_line_is_not_redrawn_for_each_change (void **state)
{
  BusRig *rig = *state;
  g_auto (Terminal) terminal = { 0 };
  EaSession *session = start_waiting (rig, &terminal, 80, "");
  gint64 began_us = g_get_monotonic_time ();
  guint n_drawn = 0;
  gint64 n_most;

  for (guint i = 1; i <= 500; i++)
    {
      const EaSessionProgress progress = { .bytes_received = i * 100, .apdus = i };

      ea_session_set_state (session, i % 2 == 0 ? EA_SESSION_EXCHANGING : EA_SESSION_CONNECTING);
      ea_session_set_progress (session, &progress);
    }
  ea_session_end (session, EA_SESSION_OK);
  finish (&terminal, 0);
  for (const char *p = terminal.screen->str; (p = strstr (p, DRAWN)) != NULL; p++)
    n_drawn++;

  n_most = (g_get_monotonic_time () - began_us) / (G_USEC_PER_SEC / 4) + 4;
  if (n_drawn > n_most)
    fail_msg ("%u times: %s", n_drawn, terminal.screen->str);
}

static void
test_line_follows_the_size_of_the_terminal (void **state)
{
  BusRig *rig = *state;
  g_auto (Terminal) terminal = { 0 };
  const struct winsize narrow = { .ws_row = 24, .ws_col = 40 };
  EaSession *session = start_waiting (rig, &terminal, 80, "");

  ea_session_set_state (session, EA_SESSION_EXCHANGING);
  WAIT_FOR (shows (&terminal, "APDUs  [<=> "));
  g_string_truncate (terminal.screen, 0);
  assert_int_equal (ioctl (terminal.fd, TIOCSWINSZ, &narrow), 0);
  WAIT_FOR (shows (&terminal, DRAWN "exchanging       0 B in       0 B out" CLEARED));
  ea_session_end (session, EA_SESSION_OK);
  finish (&terminal, 0);
}

static void
end_cancelled (EaSession *session, gpointer user_data)
{
  ea_session_end (session, EA_SESSION_WAS_CANCELLED);
}

/* The key, not the signal: the terminal makes it one. */
static void
test_ctrl_c_cancels_the_session (void **state)
{
  BusRig *rig = *state;
  g_auto (Terminal) terminal = { 0 };
  EaSession *session = start_waiting (rig, &terminal, 80, "");

  g_signal_connect (session, "cancelled", G_CALLBACK (end_cancelled), NULL);
  assert_int_equal (write (terminal.fd, "\003", 1), 1);
  finish (&terminal, 1);

  assert_true (shows (&terminal, DRAWN CLEARED "Cancelling Session/0; once more to leave it\n"));
  assert_true (shows (&terminal, "euiccctl: Session/0 was cancelled: 0 scripts, 0 APDUs, "));
}

static void
test_second_ctrl_c_leaves_the_session (void **state)
{
  BusRig *rig = *state;
  g_auto (Terminal) terminal = { 0 };
  EaSession *session = start_waiting (rig, &terminal, 80, "");

  assert_int_equal (write (terminal.fd, "\003", 1), 1);
  WAIT_FOR (shows (&terminal, "once more to leave it\n"));
  assert_int_equal (write (terminal.fd, "\003", 1), 1);
  finish (&terminal, 1);

  assert_true (shows (&terminal, "euiccctl: the session goes on, see 'euiccctl sessions'\n"));
  assert_int_not_equal (ea_session_get_state (session), EA_SESSION_CLOSED);
}

static void
test_hangup_leaves_the_session (void **state)
{
  BusRig *rig = *state;
  g_auto (Terminal) terminal = { 0 };
  EaSession *session = start_waiting (rig, &terminal, 80, "");

  kill (terminal.pid, SIGHUP);
  finish (&terminal, 1);

  assert_int_not_equal (ea_session_get_state (session), EA_SESSION_CLOSED);
}

static void
test_dumb_terminal_gets_a_line_for_each_state (void **state)
{
  BusRig *rig = *state;
  g_auto (Terminal) terminal = { 0 };
  EaSession *session = start_waiting (rig, &terminal, 80, "TERM=dumb");

  ea_session_set_state (session, EA_SESSION_RESOLVING);
  ea_session_end (session, EA_SESSION_OK);
  finish (&terminal, 0);

  assert_string_equal (terminal.screen->str,
                       "queued\nresolving\n"
                       "Session/0 ended well: 0 scripts, 0 APDUs, 0 bytes received, 0 sent\n");
}

/* Polkit */

/* In the thread of the connection: whether a caller lets polkit ask */
static GDBusMessage *
on_message (GDBusConnection *connection, GDBusMessage *message, gboolean is_incoming,
            gpointer user_data)
{
  GDBusMessageFlags flags = g_dbus_message_get_flags (message);

  if (is_incoming && g_strcmp0 (g_dbus_message_get_member (message), "OpenSession") == 0)
    g_atomic_int_set ((int *) user_data,
                      (flags & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0 ? 1 : 2);
  return message;
}

static void
test_polkit_may_ask_who_sits_at_a_terminal (void **state)
{
  BusRig *rig = *state;
  g_auto (Terminal) terminal = { 0 };
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *bus = g_strconcat ("--bus=", g_test_dbus_get_bus_address (rig->bus), NULL);
  int asked = 0;
  guint filter = g_dbus_connection_add_filter (rig->connection, on_message, &asked, NULL);

  start (rig, &terminal, 80, "", "open-session https");
  finish (&terminal, 0);
  assert_int_equal (g_atomic_int_get (&asked), 1);
  process
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDIN_PIPE, NULL,
                          g_getenv ("EA_TEST_CLIENT"), bus, "open-session", "https", NULL);
  WAIT_FOR (g_atomic_int_get (&asked) == 2);
  g_subprocess_force_exit (process);
  g_subprocess_wait (process, NULL, NULL);
  g_dbus_connection_remove_filter (rig->connection, filter);
}

/* The monitor */

static void
test_sentences_of_the_monitor_go_on_below_their_beginning (void **state)
{
  BusRig *rig = *state;
  g_auto (Terminal) terminal = { 0 };
  g_autoptr (EaSession) session = NULL;

  start (rig, &terminal, 61, "NO_COLOR=1", "monitor");
  WAIT_FOR (shows (&terminal, "  Euicc/0  an eUICC, absent"));
  session = bus_rig_add_session (rig);
  WAIT_FOR (shows (&terminal, "wanted by the SM-SR\n"));
  kill (terminal.pid, SIGTERM);
  finish (&terminal, 0);

  assert_true (shows (&terminal,
                      "  Euicc/0  session 0 begins: cat-tp to\n"
                      "                   smsr.example.com:2345, wanted by the SM-SR\n"));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    BUS_RIG_TEST (test_table_fits_80_columns_without_colours),
    BUS_RIG_TEST (test_width_is_that_of_the_environment_before_that_of_the_terminal),
    BUS_RIG_TEST (test_states_are_coloured_on_a_terminal),
    BUS_RIG_TEST (test_dumb_terminal_gets_no_codes),
    BUS_RIG_TEST (test_waiting_redraws_one_line),
    BUS_RIG_TEST (test_line_is_not_redrawn_for_each_change),
    BUS_RIG_TEST (test_line_follows_the_size_of_the_terminal),
    BUS_RIG_TEST (test_ctrl_c_cancels_the_session),
    BUS_RIG_TEST (test_second_ctrl_c_leaves_the_session),
    BUS_RIG_TEST (test_hangup_leaves_the_session),
    BUS_RIG_TEST (test_dumb_terminal_gets_a_line_for_each_state),
    BUS_RIG_TEST (test_polkit_may_ask_who_sits_at_a_terminal),
    BUS_RIG_TEST (test_sentences_of_the_monitor_go_on_below_their_beginning),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
