/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gateway.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lenient-polkit.h"

#define PORT "/dev/cdc-wdm0"
#define PROXY "/usr/libexec/qmi-proxy"
#define MODEM_MANAGER "/usr/sbin/ModemManager"
#define KERNEL_EVENTS                                                                              \
  "action=add,subsystem=usbmisc,name=cdc-wdm0\naction=add,subsystem=net,name=wwan0\n"
#define LOG_SIZE 4000
#define POLL_MS 100

static void
bind_port (Gateway *self)
{
  g_autofree char *link = g_build_filename (self->rig->directory, "cdc-wdm0", NULL);
  g_autofree char *node = realpath (link, NULL);

  if (mount (node, PORT, NULL, MS_BIND, NULL) != 0)
    fail_msg ("%s: %s: run this by 'meson test'", PORT, g_strerror (errno));
  self->is_bound = TRUE;
}

int
gateway_setup (void **state)
{
  Gateway *self = g_new0 (Gateway, 1);
  void *rig = NULL;

  rig_setup (&rig);
  self->rig = rig;
  self->rig->device = PORT;
  self->polkit = lenient_polkit_start (self->rig->connection, &self->authority);
  rig_start_simulator (self->rig, NULL);
  bind_port (self);
  gateway_start_proxy (self);
  *state = self;
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

int
gateway_teardown (void **state)
{
  Gateway *self = *state;
  void *rig = self->rig;

  end_process (&self->modem_manager);
  gateway_kill_proxy (self);
  lenient_polkit_stop (self->rig->connection, self->polkit, self->authority);
  rig_teardown (&rig);
  if (self->is_bound)
    (void) umount2 (PORT, MNT_DETACH); /* the whole mount namespace goes soon */
  g_free (self->enabled);
  g_free (self);
  return 0;
}

void
gateway_start_proxy (Gateway *self)
{
  g_autoptr (GError) error = NULL;

  self->proxy
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error, PROXY, "--no-exit", NULL);
  if (self->proxy == NULL)
    fail_msg ("%s", error->message);
}

static gboolean
is_proxy (const char *pid)
{
  g_autofree char *link = g_build_filename ("/proc", pid, "exe", NULL);
  g_autofree char *program = g_file_read_link (link, NULL);

  return g_strcmp0 (program, PROXY) == 0;
}

void
gateway_kill_proxy (Gateway *self)
{
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  const char *pid;

  while ((pid = g_dir_read_name (processes)) != NULL)
    if (is_proxy (pid))
      kill (atoi (pid), SIGKILL);
  end_process (&self->proxy);
}

static GSubprocessLauncher *
new_launcher (Gateway *self, GSubprocessFlags flags)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);

  g_subprocess_launcher_setenv (launcher, "DBUS_SYSTEM_BUS_ADDRESS",
                                g_test_dbus_get_bus_address (self->rig->bus), TRUE);
  return launcher;
}

static char *
get_log_path (Gateway *self)
{
  return g_build_filename (self->rig->directory, "modem-manager.log", NULL);
}

void
gateway_start_modem_manager (Gateway *self)
{
  g_autoptr (GSubprocessLauncher) launcher = new_launcher (self, G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autofree char *events = g_build_filename (self->rig->directory, "kernel-events", NULL);
  g_autofree char *option = g_strconcat ("--initial-kernel-events=", events, NULL);
  g_autofree char *log = get_log_path (self);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->enabled, g_free);
  assert_true (g_file_set_contents (events, KERNEL_EVENTS, -1, NULL));
  g_subprocess_launcher_set_stderr_file_path (launcher, log);
  self->modem_manager = g_subprocess_launcher_spawn (
      launcher, &error, MODEM_MANAGER, "--debug", "--no-auto-scan", "--test-no-udev", option, NULL);
  if (self->modem_manager == NULL)
    fail_msg ("%s", error->message);
}

void
gateway_kill_modem_manager (Gateway *self)
{
  end_process (&self->modem_manager);
}

void
gateway_start_agent (Gateway *self)
{
  rig_start_agent (self->rig, NULL);
  rig_await (self->rig, "State", "ready");
}

typedef struct
{
  gboolean has_ended;
  char *output;
} Answer;

static void
on_mmcli_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &answer->output, NULL, NULL);
  answer->has_ended = TRUE;
}

static gboolean
has_answered (gpointer data)
{
  return ((Answer *) data)->has_ended;
}

/* (transfer full): output of mmcli; ModemManager may want to ask polkit, which is in this main loop, meanwhile */
static char *
run_mmcli (Gateway *self, const char *option, const char *object, const char *what)
{
  g_autoptr (GSubprocessLauncher) launcher
      = new_launcher (self, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GSubprocess) mmcli = NULL;
  g_autoptr (GError) error = NULL;
  Answer answer = { 0 };

  mmcli = g_subprocess_launcher_spawn (launcher, &error, "mmcli", option, object, what, NULL);
  if (mmcli == NULL)
    fail_msg ("%s", error->message);
  g_subprocess_communicate_utf8_async (mmcli, NULL, NULL, on_mmcli_ended, &answer);
  if (!rig_await_that (has_answered, &answer))
    fail_msg ("mmcli %s does not end", what);
  return answer.output != NULL ? answer.output : g_strdup ("");
}

/* (transfer full): of a line "KEY   : VALUE"; "" when there is none */
static char *
find_value (const char *output, const char *key)
{
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *separator = strstr (lines[i], " : ");

      if (separator != NULL && g_str_has_prefix (lines[i], key) && lines[i][strlen (key)] == ' ')
        return g_strdup (separator + strlen (" : "));
    }
  return g_strdup ("");
}

char *
gateway_get_modem (Gateway *self)
{
  g_autofree char *modem = run_mmcli (self, "-m", "any", "--output-keyvalue");

  return find_value (modem, "modem.dbus-path");
}

/* (transfer full): the first "iccid" is that of the enabled profile */
static char *
get_enabled_iccid (Gateway *self)
{
  static const char key[] = "\"iccid\":\"";
  g_autofree char *state = rig_control (self->rig, "state");
  const char *iccid = strstr (state, key);

  assert_non_null (iccid);
  iccid += strlen (key);
  return g_strndup (iccid, strcspn (iccid, "\""));
}

/* (transfer full): a value of the SIM that the modem has */
static char *
find_sim_value (Gateway *self, const char *modem, const char *key)
{
  g_autofree char *path = find_value (modem, "modem.generic.sim");
  g_autofree char *sim = run_mmcli (self, "-i", path, "--output-keyvalue");

  return find_value (sim, key);
}

char *
gateway_get_imsi (Gateway *self)
{
  g_autofree char *modem = run_mmcli (self, "-m", "any", "--output-keyvalue");

  return find_sim_value (self, modem, "sim.properties.imsi");
}

static gboolean
has_right_sim (Gateway *self, const char *modem)
{
  g_autofree char *iccid = find_sim_value (self, modem, "sim.properties.iccid");
  g_autofree char *enabled = get_enabled_iccid (self);

  return strcmp (iccid, enabled) == 0;
}

/* As NetworkManager does with a modem that is new to it. Whoever disables it afterwards has to enable it again. */
static void
enable (Gateway *self, const char *modem)
{
  g_autofree char *object = find_value (modem, "modem.dbus-path");

  if (g_strcmp0 (object, self->enabled) == 0)
    return;
  g_free (run_mmcli (self, "-m", "any", "--enable"));
  g_free (self->enabled);
  self->enabled = g_steal_pointer (&object);
}

static gboolean
is_registered (gpointer data)
{
  Gateway *self = data;
  g_autofree char *modem = run_mmcli (self, "-m", "any", "--output-keyvalue");
  g_autofree char *state = find_value (modem, "modem.generic.state");

  rig_look_again (POLL_MS); /* mmcli tells only what is: ask again then */
  if (strcmp (state, "disabled") == 0)
    enable (self, modem);
  return strcmp (state, "registered") == 0 && has_right_sim (self, modem);
}

static void
fail_with_log (Gateway *self, const char *what)
{
  g_autofree char *path = get_log_path (self);
  g_autofree char *modem = run_mmcli (self, "-m", "any", "--output-keyvalue");
  g_autofree char *log = NULL;
  gsize size = 0;

  if (!g_file_get_contents (path, &log, &size, NULL))
    log = g_strdup ("");
  fail_msg ("%s\n%s\n%s", what, modem, log + (size > LOG_SIZE ? size - LOG_SIZE : 0));
}

void
gateway_await_registration (Gateway *self)
{
  if (!rig_await_that (is_registered, self))
    fail_with_log (self, "ModemManager's modem is not well:");
}

/* The agent's view, with what is there to compare it with */
static gboolean
agrees (gpointer data)
{
  Gateway *self = data;
  g_autofree char *state = rig_get (self->rig, "State");
  g_autofree char *object = rig_get (self->rig, "Modem");
  g_autofree char *iccid = rig_get (self->rig, "Iccid");
  g_autofree char *modem = gateway_get_modem (self);
  g_autofree char *enabled = get_enabled_iccid (self);

  return is_registered (self) && strcmp (state, "ready") == 0 && strcmp (object, modem) == 0
         && strcmp (iccid, enabled) == 0;
}

void
gateway_await_health (Gateway *self)
{
  if (!rig_await_that (agrees, self))
    {
      g_autofree char *state = rig_get (self->rig, "State");
      g_autofree char *object = rig_get (self->rig, "Modem");
      g_autofree char *iccid = rig_get (self->rig, "Iccid");
      g_autofree char *what = g_strdup_printf (
          "The agent is '%s', has %s and %s; ModemManager:", state, object, iccid);

      fail_with_log (self, what);
    }
}
