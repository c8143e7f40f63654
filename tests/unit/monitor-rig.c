/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "monitor-rig.h"

#include <glib/gstdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

int
monitor_rig_setup (void **state)
{
  MonitorRig *rig = g_new0 (MonitorRig, 1);

  rig->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (rig->bus);
  rig->service = private_bus_connect (rig->bus);
  rig->client = private_bus_connect (rig->bus);
  rig->modem_manager = ea_modem_manager_new (rig->client);
  rig->diary = g_string_new (NULL);
  rig->folder = g_dir_make_tmp ("euicc-nodes-XXXXXX", NULL);
  assert_non_null (rig->folder);
  *state = rig;
  return 0;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (folder);
}

int
monitor_rig_teardown (void **state)
{
  MonitorRig *rig = *state;

  g_clear_object (&rig->monitor);
  g_clear_pointer (&rig->fake, fake_port_manager_free);
  g_object_unref (rig->modem_manager);
  run_ready ();
  g_dbus_connection_close_sync (rig->client, NULL, NULL);
  g_dbus_connection_close_sync (rig->service, NULL, NULL);
  g_object_unref (rig->client);
  g_object_unref (rig->service);
  run_ready ();
  g_test_dbus_down (rig->bus);
  g_object_unref (rig->bus);
  remove_folder (rig->folder);
  g_free (rig->folder);
  g_string_free (rig->diary, TRUE);
  g_free (rig);
  return 0;
}

static void
note (MonitorRig *rig, char sign, const char *path, const char *device_id)
{
  g_string_append_printf (rig->diary, "%s%c %s %s", rig->diary->len > 0 ? "\n" : "", sign, path,
                          device_id);
  rig->n_lines++;
}

static void
on_added (EaMonitor *monitor, const char *path, const char *device_id, gpointer user_data)
{
  note (user_data, '+', path, device_id);
}

static void
on_removed (EaMonitor *monitor, const char *path, const char *device_id, gpointer user_data)
{
  note (user_data, '-', path, device_id);
}

void
monitor_rig_start (MonitorRig *rig, const char *glob, EaMonitorSource source, guint grace_ms)
{
  const char *const globs[] = { glob, NULL };
  const EaMonitorOptions options = { .globs = globs, .source = source, .grace_ms = grace_ms };

  rig->monitor = ea_monitor_new (&options, rig->modem_manager);
  g_signal_connect (rig->monitor, "added", G_CALLBACK (on_added), rig);
  g_signal_connect (rig->monitor, "removed", G_CALLBACK (on_removed), rig);
  ea_monitor_start (rig->monitor);
  WAIT_FOR (ea_modem_manager_get_presence (rig->modem_manager) != EA_MODEM_MANAGER_UNKNOWN);
}

void
monitor_rig_bring_manager (MonitorRig *rig)
{
  rig->fake = fake_port_manager_new (rig->service);
  WAIT_FOR (ea_modem_manager_get_presence (rig->modem_manager) == EA_MODEM_MANAGER_PRESENT);
}

void
monitor_rig_end_manager (MonitorRig *rig)
{
  g_clear_pointer (&rig->fake, fake_port_manager_free);
  WAIT_FOR (ea_modem_manager_get_presence (rig->modem_manager) == EA_MODEM_MANAGER_ABSENT);
}

static gboolean
has_port (MonitorRig *rig, const char *port)
{
  g_autofree char *device = NULL;

  return ea_modem_manager_look_up_port (rig->modem_manager, port, &device)
         != EA_MODEM_MANAGER_PORT_UNLISTED;
}

void
monitor_rig_await_port (MonitorRig *rig, const char *port)
{
  WAIT_FOR (has_port (rig, port));
}

char *
monitor_rig_make_node (MonitorRig *rig, const char *name)
{
  char *path = g_build_filename (rig->folder, name, NULL);

  /* A file of its own that takes the name, as a node that is made anew does. */
  assert_true (g_file_set_contents_full (path, "", 0, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  return path;
}

void
monitor_rig_remove_node (MonitorRig *rig, const char *name)
{
  g_autofree char *path = g_build_filename (rig->folder, name, NULL);

  assert_int_equal (g_unlink (path), 0);
}

void
monitor_rig_await (MonitorRig *rig, guint n_lines, const char *expected)
{
  WAIT_FOR (rig->n_lines >= n_lines);
  run_ready ();
  assert_string_equal (rig->diary->str, expected);
  g_string_truncate (rig->diary, 0);
  rig->n_lines = 0;
}

void
monitor_rig_expect_silence (MonitorRig *rig)
{
  private_bus_round_trip (rig->service);
  private_bus_round_trip (rig->client);
  run_ready ();
  assert_string_equal (rig->diary->str, "");
}
