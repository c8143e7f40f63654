/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A modem that enumerates anew, as ModemManager tells it. */

#include <glib/gstdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-port-manager.h"
#include "https-rig.h"

#define N_COMMANDS 12
#define COMMAND_5 "3A0706A30400000005"
#define DEVICE "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1"
#define OBJECT "/org/freedesktop/ModemManager1/Modem/%u"

/* ModemManager lists the simulator's modem, whose link is @link, as the object @number. */
static void
list_modem (Rig *rig, FakePortManager *manager, guint number, const char *link)
{
  g_autofree char *path = g_build_filename (rig->directory, link, NULL);
  g_autofree char *node = realpath (path, NULL);
  g_autofree char *port = NULL;

  assert_non_null (node);
  port = g_path_get_basename (node);
  fake_port_manager_add (manager, number, DEVICE, port, MM_MODEM_PORT_TYPE_QMI);
}

/* The modem falls off its bus and comes back as @new_link. */
static void
move_modem (Rig *rig, const char *old_link, const char *new_link)
{
  g_autofree char *old_path = g_build_filename (rig->directory, old_link, NULL);
  g_autofree char *new_path = g_build_filename (rig->directory, new_link, NULL);

  rig_expect_control (rig, "ok", "replug");
  assert_int_equal (g_rename (old_path, new_path), 0);
}

/* (transfer full): what the agent shows */
static GDBusObjectManager *
watch_objects (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  GDBusObjectManager *objects = g_dbus_object_manager_client_new_sync (
      rig->connection, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_NONE, "org.euicc.Agent1",
      "/org/euicc/Agent1", NULL, NULL, NULL, NULL, &error);

  if (objects == NULL)
    fail_msg ("%s", error->message);
  return objects;
}

static guint
count_euiccs (GDBusObjectManager *objects)
{
  GList *list = g_dbus_object_manager_get_objects (objects);
  guint n_euiccs = 0;

  for (GList *link = list; link != NULL; link = link->next)
    {
      g_autoptr (GDBusInterface) euicc
          = g_dbus_object_get_interface (link->data, "org.euicc.Agent1.Euicc");

      n_euiccs += euicc != NULL ? 1 : 0;
    }
  g_list_free_full (list, g_object_unref);
  return n_euiccs;
}

static gboolean
has_euicc (gpointer data)
{
  return count_euiccs (data) > 0;
}

static void
test_modem_under_another_name_is_the_same_euicc (void **state)
{
  Rig *rig = *state;
  g_autoptr (FakePortManager) manager = fake_port_manager_new (rig->connection);
  g_autofree char *first = g_build_filename (rig->directory, "cdc-wdm0", NULL);
  g_autofree char *second = g_build_filename (rig->directory, "cdc-wdm1", NULL);
  g_autofree char *object = g_strdup_printf (OBJECT, 1);
  g_autoptr (GDBusObjectManager) objects = NULL;

  rig_start_simulator (rig, NULL);
  rig_write_config (rig, "[modem]\nSource=modemmanager\n");
  rig_start_agent (rig, NULL);
  objects = watch_objects (rig);
  list_modem (rig, manager, 0, "cdc-wdm0");
  assert_true (rig_await_that (has_euicc, objects));
  rig_await (rig, "Device", first);
  rig_await (rig, "State", "ready");
  fake_port_manager_remove (manager, 0);
  move_modem (rig, "cdc-wdm0", "cdc-wdm1");
  rig_await (rig, "State", "absent");
  list_modem (rig, manager, 1, "cdc-wdm1");

  rig_await (rig, "Device", second);
  rig_await (rig, "State", "ready");
  rig_await (rig, "DeviceId", DEVICE);
  rig_await (rig, "Modem", object);
  assert_int_equal (count_euiccs (objects), 1);
  rig_stop_agent (rig);
}

static void
test_new_object_of_a_modem_does_not_open_it_again (void **state)
{
  Rig *rig = *state;
  g_autoptr (FakePortManager) manager = fake_port_manager_new (rig->connection);
  g_autofree char *object = g_strdup_printf (OBJECT, 1);
  g_autofree char *requests = NULL;

  rig_start_simulator (rig, NULL);
  list_modem (rig, manager, 0, "cdc-wdm0");
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  g_free (rig_control (rig, "qmi"));
  fake_port_manager_remove (manager, 0);
  rig_await (rig, "Modem", "/");
  list_modem (rig, manager, 1, "cdc-wdm0");
  rig_await (rig, "Modem", object);

  requests = rig_control (rig, "qmi");
  assert_string_equal (requests, "");
  rig_stop_agent (rig);
}

/* (transfer full): what the agent shows: simulator and agent, with a modem that ModemManager lists, and keys for scripts */
static GDBusObjectManager *
start_with_keys (Rig *rig, FakePortManager *manager)
{
  GDBusObjectManager *objects;
  g_autofree char *text = NULL;

  rig_write_keys (rig, HTTPS_KEYS);
  rig_start_simulator (rig, "--isdr=plain", NULL);
  text = g_strdup_printf (RIG_LOOPBACK_CONFIG
                          "[modem]\nSource=modemmanager\n[session]\nRetryDelay=1\nRetryMaximum=1\n"
                          "[sm-sr]\nHost=127.0.0.1\nPort=%d\n",
                          (int) https_get_number (rig, "https"));
  rig_write_config (rig, text);
  list_modem (rig, manager, 0, "cdc-wdm0");
  rig_start_agent (rig, NULL);
  objects = watch_objects (rig);
  assert_true (rig_await_that (has_euicc, objects));
  rig_await (rig, "State", "ready");
  g_free (rig_control (rig, "ledger")); /* what the agent asked of the card until it was ready */
  rig_expect_control (rig, "ok", "slow 5");
  return objects;
}

/* In the middle of a script the modem falls off its bus and comes back as cdc-wdm7, another object of ModemManager. */
static void
move_in_script (Rig *rig, FakePortManager *manager)
{
  g_autofree char *device = g_build_filename (rig->directory, "cdc-wdm7", NULL);

  rig_await_apdu (rig, COMMAND_5);
  rig_expect_control (rig, "ok", "unplug");
  fake_port_manager_remove (manager, 0);
  rig_await (rig, "State", "absent");
  rig_expect_control (rig, "ok", "plug cdc-wdm7");
  list_modem (rig, manager, 1, "cdc-wdm7");
  rig_await (rig, "Device", device);
  rig_await (rig, "DeviceId", DEVICE);
  rig_await (rig, "State", "ready");
}

/* Whether the command that was with the card was run nobody knows: it is not run again, and the SM-SR hears of it. */
static void
expect_answer (Rig *rig, const char *reply)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);

  https_count_runs (rig, numbers); /* none twice */
  if (!g_str_has_prefix (reply, "error interrupted at command "))
    fail_msg ("'%s'", reply);
  assert_in_range (g_hash_table_size (numbers), 5, N_COMMANDS - 1);
}

static void
test_packet_is_answered_after_the_modem_has_moved (void **state)
{
  Rig *rig = *state;
  g_autoptr (FakePortManager) manager = fake_port_manager_new (rig->connection);
  g_autoptr (GDBusObjectManager) objects = NULL;
  g_autofree char *reply = NULL;

  objects = start_with_keys (rig, manager);
  rig_begin_control (rig, "smsr send-script --generate %d --via sms", N_COMMANDS);
  move_in_script (rig, manager);
  reply = rig_end_control (rig);

  expect_answer (rig, reply);
  assert_int_equal (count_euiccs (objects), 1);
  rig_stop_agent (rig);
}

static void
test_session_goes_on_after_the_modem_has_moved (void **state)
{
  Rig *rig = *state;
  g_autoptr (FakePortManager) manager = fake_port_manager_new (rig->connection);
  g_autoptr (GDBusObjectManager) objects = NULL;
  g_autoptr (HttpsNews) news = NULL;
  g_autofree char *reply = NULL;
  guint number;

  objects = start_with_keys (rig, manager);
  news = https_news_new (rig);
  rig_begin_control (rig, "smsr send-script --generate %d --via https --no-trigger", N_COMMANDS);
  number = https_open_session (rig, "{}");
  move_in_script (rig, manager);
  https_news_await_result (news, number, "interrupted");
  reply = rig_end_control (rig);

  expect_answer (rig, reply);
  assert_int_equal (count_euiccs (objects), 1);
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_modem_under_another_name_is_the_same_euicc),
    RIG_TEST (test_new_object_of_a_modem_does_not_open_it_again),
    RIG_TEST (test_packet_is_answered_after_the_modem_has_moved),
    RIG_TEST (test_session_goes_on_after_the_modem_has_moved),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
