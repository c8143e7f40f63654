/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "rig.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define AGENT_NAME "org.euicc.Agent1"
#define KEYS_VARIABLE "CREDENTIALS_DIRECTORY"

static const char *
get_program (const char *variable)
{
  const char *path = g_getenv (variable);

  if (path == NULL)
    fail_msg ("%s is not set: run this by 'meson test'", variable);
  return path;
}

int
rig_setup (void **state)
{
  Rig *rig = g_new0 (Rig, 1);
  g_autoptr (GError) error = NULL;

  rig->directory = g_dir_make_tmp ("euicc-rig-XXXXXX", &error);
  if (rig->directory == NULL)
    fail_msg ("%s", error->message);
  rig->state_directory = g_build_filename (rig->directory, "state", NULL);
  rig->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (rig->bus);
  rig->connection = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (rig->bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);
  if (rig->connection == NULL)
    fail_msg ("%s", error->message);
  *state = rig;
  return 0;
}

static void
end_process (GSubprocess **process)
{
  if (*process == NULL)
    return;

  g_subprocess_force_exit (*process);
  g_subprocess_wait (*process, NULL, NULL);
  g_clear_object (process);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir
      = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

int
rig_teardown (void **state)
{
  Rig *rig = *state;

  g_clear_object (&rig->euicc);
  end_process (&rig->agent);
  end_process (&rig->simulator);
  g_dbus_connection_close_sync (rig->connection, NULL, NULL);
  g_object_unref (rig->connection);
  g_test_dbus_down (rig->bus);
  g_object_unref (rig->bus);
  remove_tree (rig->directory);
  g_free (rig->directory);
  g_free (rig->state_directory);
  g_free (rig->config);
  g_free (rig->credentials);
  g_free (rig->log);
  g_free (rig);
  return 0;
}

static GPtrArray *
new_command (const char *program, va_list options)
{
  GPtrArray *command = g_ptr_array_new_with_free_func (g_free);
  const char *option;

  g_ptr_array_add (command, g_strdup (program));
  while ((option = va_arg (options, const char *)) != NULL)
    g_ptr_array_add (command, g_strdup (option));
  return command;
}

static GSubprocess *
launch (GSubprocessLauncher *launcher, GPtrArray *command)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_ptr_array_add (command, NULL);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) command->pdata, &error);
  if (process == NULL)
    fail_msg ("%s", error->message);
  return process;
}

static GSubprocess *
spawn (GPtrArray *command, GSubprocessFlags flags)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);

  return launch (launcher, command);
}

void
rig_start_simulator (Rig *rig, ...)
{
  g_autoptr (GPtrArray) command = NULL;
  g_autoptr (GDataInputStream) output = NULL;
  g_autofree char *line = NULL;
  va_list options;

  va_start (options, rig);
  command = new_command (get_program ("EA_TEST_SIMULATOR"), options);
  va_end (options);
  g_ptr_array_add (command, g_strdup ("--dir"));
  g_ptr_array_add (command, g_strdup (rig->directory));
  rig->simulator = spawn (command, G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (rig->simulator));
  line = g_data_input_stream_read_line_utf8 (output, NULL, NULL, NULL);
  assert_non_null (line);
  assert_string_equal (line, "ready");
}

void
rig_stop_simulator (Rig *rig)
{
  g_subprocess_send_signal (rig->simulator, SIGTERM);
  g_subprocess_wait (rig->simulator, NULL, NULL);
  assert_true (g_subprocess_get_successful (rig->simulator));
  g_clear_object (&rig->simulator);
}

static gboolean
on_deadline (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

gboolean
rig_await_that (gboolean (*is_met) (gpointer data), gpointer data)
{
  gboolean is_late = FALSE;
  guint deadline = g_timeout_add_seconds (RIG_DEADLINE_S, on_deadline, &is_late);

  while (!is_met (data) && !is_late)
    g_main_context_iteration (NULL, TRUE);
  if (!is_late)
    g_source_remove (deadline);
  return !is_late;
}

static gboolean
do_nothing (gpointer data)
{
  return G_SOURCE_REMOVE;
}

void
rig_look_again (guint interval_ms)
{
  g_timeout_add (interval_ms, do_nothing, NULL);
}

static void
on_name_appeared (GDBusConnection *connection, const char *name, const char *owner,
                  gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static gboolean
is_true (gpointer data)
{
  return *(gboolean *) data;
}

void
rig_write_config (Rig *rig, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_free (rig->config);
  rig->config = g_build_filename (rig->directory, "agent.conf", NULL);
  if (!g_file_set_contents (rig->config, text, -1, &error))
    fail_msg ("%s", error->message);
}

void
rig_write_keys (Rig *rig, const char *text)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  if (rig->credentials == NULL)
    rig->credentials = g_build_filename (rig->directory, "credentials", NULL);
  (void) g_mkdir (rig->credentials, 0700); /* it may be there */
  path = g_build_filename (rig->credentials, "keys", NULL);
  if (!g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0400, &error))
    fail_msg ("%s", error->message);
}

void
rig_keep_log (Rig *rig)
{
  rig->log = g_build_filename (rig->directory, "log", NULL);
}

char *
rig_read_log (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  char *log = NULL;

  if (!g_file_get_contents (rig->log, &log, NULL, &error))
    fail_msg ("%s", error->message);
  return log;
}

/* CapabilityBoundingSet= */
static void
drop_capabilities (gpointer user_data)
{
  for (unsigned long i = 0; prctl (PR_CAPBSET_DROP, i, 0, 0, 0) == 0; i++)
    ;
}

static GSubprocess *
launch_agent (Rig *rig, GPtrArray *command)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);

  g_subprocess_launcher_unsetenv (launcher, KEYS_VARIABLE);
  if (rig->credentials != NULL)
    g_subprocess_launcher_setenv (launcher, KEYS_VARIABLE, rig->credentials, TRUE);
  for (guint i = 0; rig->environment != NULL && rig->environment[i] != NULL; i += 2)
    g_subprocess_launcher_setenv (launcher, rig->environment[i], rig->environment[i + 1], TRUE);
  if (rig->log != NULL)
    g_subprocess_launcher_set_stderr_file_path (launcher, rig->log);
  if (rig->is_plain)
    g_subprocess_launcher_set_child_setup (launcher, drop_capabilities, NULL, NULL);
  return launch (launcher, command);
}

static void
spawn_agent (Rig *rig, GPtrArray *command)
{
  g_autofree char *all = g_build_filename (rig->directory, "cdc-wdm*", NULL);
  const char *device = rig->device != NULL ? rig->device : all;

  g_ptr_array_add (command, g_strdup_printf ("--bus=%s", g_test_dbus_get_bus_address (rig->bus)));
  g_ptr_array_add (command, g_strdup_printf ("--state-directory=%s", rig->state_directory));
  g_ptr_array_add (command, g_strdup_printf ("--device=%s", device));
  if (!rig->is_plain)
    g_ptr_array_add (command, g_strdup ("--debug"));
  if (rig->config != NULL)
    g_ptr_array_add (command, g_strdup_printf ("--config=%s", rig->config));
  rig->agent = launch_agent (rig, command);
}

void
rig_spawn_agent (Rig *rig, ...)
{
  g_autoptr (GPtrArray) command = NULL;
  va_list options;

  va_start (options, rig);
  command = new_command (get_program ("EA_TEST_AGENT"), options);
  va_end (options);
  spawn_agent (rig, command);
}

void
rig_start_agent (Rig *rig, ...)
{
  g_autoptr (GPtrArray) command = NULL;
  gboolean has_appeared = FALSE;
  va_list options;
  guint watch;

  va_start (options, rig);
  command = new_command (get_program ("EA_TEST_AGENT"), options);
  va_end (options);
  spawn_agent (rig, command);
  watch
      = g_bus_watch_name_on_connection (rig->connection, AGENT_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                        on_name_appeared, NULL, &has_appeared, NULL);
  if (!rig_await_that (is_true, &has_appeared))
    fail_msg ("the agent did not take its bus name");
  g_bus_unwatch_name (watch);
}

static void
on_process_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

void
rig_stop_agent (Rig *rig)
{
  gboolean has_ended = FALSE;

  g_clear_object (&rig->euicc);
  g_subprocess_send_signal (rig->agent, SIGTERM);
  g_subprocess_wait_async (rig->agent, NULL, on_process_ended, &has_ended);
  if (!rig_await_that (is_true, &has_ended))
    fail_msg ("the agent did not end on SIGTERM");
  if (!g_subprocess_get_successful (rig->agent))
    fail_msg ("the agent ended with wait status %d", g_subprocess_get_status (rig->agent));
  g_clear_object (&rig->agent);
}

void
rig_kill_agent (Rig *rig)
{
  g_clear_object (&rig->euicc);
  end_process (&rig->agent);
}

void
rig_reload_agent (Rig *rig)
{
  g_subprocess_send_signal (rig->agent, SIGHUP);
}

void
rig_start (Rig *rig)
{
  rig_start_simulator (rig, NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
}

static GSubprocess *
spawn_client (Rig *rig, va_list options)
{
  g_autoptr (GPtrArray) command = new_command (get_program ("EA_TEST_CLIENT"), options);

  g_ptr_array_add (command, g_strdup_printf ("--bus=%s", g_test_dbus_get_bus_address (rig->bus)));
  return spawn (command, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
}

GSubprocess *
rig_spawn_client (Rig *rig, ...)
{
  GSubprocess *process;
  va_list options;

  va_start (options, rig);
  process = spawn_client (rig, options);
  va_end (options);
  return process;
}

char *
rig_run_client (Rig *rig, int *status, ...)
{
  g_autoptr (GSubprocess) process = NULL;
  char *output = NULL;
  va_list options;

  va_start (options, status);
  process = spawn_client (rig, options);
  va_end (options);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, NULL);
  if (status != NULL)
    *status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : -1;
  return output;
}

typedef struct
{
  Rig *rig;
  const char *text;
  char *seen;
} Sight;

static gboolean
is_in_history (gpointer data)
{
  Sight *sight = data;

  g_free (sight->seen);
  sight->seen = rig_run_client (sight->rig, NULL, "history", "--json=short", NULL);
  if (strstr (sight->seen, sight->text) != NULL)
    return TRUE;
  rig_look_again (20);
  return FALSE;
}

char *
rig_await_history (Rig *rig, const char *text)
{
  Sight sight = { .rig = rig, .text = text };

  if (!rig_await_that (is_in_history, &sight))
    fail_msg ("'%s' did not come into '%s'", text, sight.seen);
  return sight.seen;
}

void
rig_assert_has (const char *actual, const char *expected)
{
  if (actual == NULL || strstr (actual, expected) == NULL)
    fail_msg ("'%s' does not have '%s'", actual != NULL ? actual : "", expected);
}
