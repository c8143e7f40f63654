/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "private-bus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wait.h"

GDBusConnection *
private_bus_connect (GTestDBus *bus)
{
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, NULL);

  assert_non_null (connection);
  return connection;
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GVariant **) user_data
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
}

void
private_bus_round_trip (GDBusConnection *connection)
{
  g_autoptr (GVariant) answer = NULL;

  g_dbus_connection_call (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "GetId", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                          NULL, on_answered, &answer);
  WAIT_FOR (answer != NULL);
}
