/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the agent does when ModemManager manages the same modem. ModemManager's side is played by its own
 * library's skeletons.
 */

#include <libmm-glib.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

#define NAME "org.freedesktop.ModemManager1"
#define ROOT "/org/freedesktop/ModemManager1"
#define MODEM_PATH ROOT "/Modem/0"

#define ROUTE_TO_HOST "\"class\":2,\"storage\":255,\"action\":2"
#define ROUTE_ACKNOWLEDGED "\"class\":2,\"storage\":255,\"action\":3"

typedef struct
{
  GDBusObjectManagerServer *server;
  MmGdbusModem *modem;
  guint name;
} ModemManager;

/* Has the rig's modem under the name of its node, enabled or not. */
static ModemManager *
start_modem_manager (Rig *rig, MMModemState modem_state)
{
  g_autofree char *link = g_build_filename (rig->directory, "cdc-wdm0", NULL);
  g_autofree char *node = realpath (link, NULL);
  g_autofree char *port = g_path_get_basename (node);
  g_autoptr (MmGdbusObjectSkeleton) object = mm_gdbus_object_skeleton_new (MODEM_PATH);
  MmGdbusModemMessaging *messaging = mm_gdbus_modem_messaging_skeleton_new ();
  ModemManager *self = g_new0 (ModemManager, 1);
  GVariant *ports = g_variant_new_parsed ("[(%s, %u)]", port, (guint32) MM_MODEM_PORT_TYPE_QMI);

  self->modem = mm_gdbus_modem_skeleton_new ();
  mm_gdbus_modem_set_ports (self->modem, ports);
  mm_gdbus_modem_set_state (self->modem, modem_state);
  mm_gdbus_object_skeleton_set_modem (object, self->modem);
  mm_gdbus_object_skeleton_set_modem_messaging (object, messaging);
  g_object_unref (messaging);
  self->server = g_dbus_object_manager_server_new (ROOT);
  g_dbus_object_manager_server_export (self->server, G_DBUS_OBJECT_SKELETON (object));
  g_dbus_object_manager_server_set_connection (self->server, rig->connection);
  self->name = g_bus_own_name_on_connection (rig->connection, NAME, G_BUS_NAME_OWNER_FLAGS_NONE,
                                             NULL, NULL, NULL, NULL);
  return self;
}

static void
stop_modem_manager (ModemManager *self)
{
  g_bus_unown_name (self->name);
  g_dbus_object_manager_server_set_connection (self->server, NULL);
  g_object_unref (self->server);
  g_object_unref (self->modem);
  g_free (self);
}

static void
test_object_that_has_the_port_is_shown (void **state)
{
  Rig *rig = *state;
  ModemManager *modem_manager;

  rig_start_simulator (rig, NULL);
  modem_manager = start_modem_manager (rig, MM_MODEM_STATE_DISABLED);
  rig_start_agent (rig, NULL);
  rig_await (rig, "Modem", MODEM_PATH);
  stop_modem_manager (modem_manager);

  rig_await (rig, "Modem", "/");
  rig_stop_agent (rig);
}

static void
test_host_acknowledges_while_messaging_is_off (void **state)
{
  Rig *rig = *state;
  ModemManager *modem_manager;

  rig_start_simulator (rig, NULL);
  modem_manager = start_modem_manager (rig, MM_MODEM_STATE_DISABLED);
  rig_start_agent (rig, NULL);
  rig_await (rig, "Modem", MODEM_PATH);
  rig_await (rig, "State", "ready");

  rig_await_simulator (rig, ROUTE_TO_HOST);
  stop_modem_manager (modem_manager);
  rig_stop_agent (rig);
}

static void
test_modem_acknowledges_while_messaging_is_on_and_nothing_is_lost (void **state)
{
  Rig *rig = *state;
  ModemManager *modem_manager;

  rig_start_simulator (rig, NULL);
  modem_manager = start_modem_manager (rig, MM_MODEM_STATE_REGISTERED);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_await_simulator (rig, ROUTE_ACKNOWLEDGED);
  rig_expect_control (rig, "ok", "fail card 0xC2 0x9300 2");
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);

  rig_await_counter (rig, "sms-sent", 1);
  stop_modem_manager (modem_manager);
  rig_stop_agent (rig);
}

static void
test_route_follows_messaging_as_it_goes_on_and_off (void **state)
{
  Rig *rig = *state;
  ModemManager *modem_manager;

  rig_start (rig);
  rig_await_simulator (rig, ROUTE_TO_HOST);
  modem_manager = start_modem_manager (rig, MM_MODEM_STATE_DISABLED);
  rig_await (rig, "Modem", MODEM_PATH);
  mm_gdbus_modem_set_state (modem_manager->modem, MM_MODEM_STATE_ENABLED);
  rig_await_simulator (rig, ROUTE_ACKNOWLEDGED);
  stop_modem_manager (modem_manager);

  rig_await_simulator (rig, ROUTE_TO_HOST);
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_object_that_has_the_port_is_shown),
    RIG_TEST (test_host_acknowledges_while_messaging_is_off),
    RIG_TEST (test_modem_acknowledges_while_messaging_is_on_and_nothing_is_lost),
    RIG_TEST (test_route_follows_messaging_as_it_goes_on_and_off),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
