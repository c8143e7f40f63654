/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * gdbus-floor ADDRESS: what a service costs that does nothing. It is on the bus, has an object manager with one object
 * and a name, tells the service manager that it is ready as sd_notify(3) says, and serves until it is ended.
 */

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <stdlib.h>

#include "gdbus-floor-generated.h"

#define NAME "org.euicc.Floor1"
#define ROOT "/org/euicc/Floor1"

static void
fail (const GError *error)
{
  g_printerr ("gdbus-floor: %s\n", error->message);
  exit (EXIT_FAILURE);
}

static void
tell_ready (void)
{
  static const char message[] = "READY=1";
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (g_getenv ("NOTIFY_SOCKET"));
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM,
                                             G_SOCKET_PROTOCOL_DEFAULT, &error);

  if (socket == NULL
      || g_socket_send_to (socket, address, message, sizeof message - 1, NULL, &error) < 0)
    fail (error);
}

static void
on_name_acquired (GDBusConnection *connection, const char *name, gpointer user_data)
{
  if (g_getenv ("NOTIFY_SOCKET") != NULL)
    tell_ready ();
}

static GDBusConnection *
connect_to_bus (const char *address)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);

  if (connection == NULL)
    fail (error);
  return connection;
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GDBusConnection) connection = connect_to_bus (argc > 1 ? argv[1] : "");
  g_autoptr (GDBusObjectManagerServer) server = g_dbus_object_manager_server_new (ROOT);
  g_autoptr (FloorObjectSkeleton) object = floor_object_skeleton_new (ROOT "/0");
  g_autoptr (FloorFloor1) interface = floor_floor1_skeleton_new ();

  floor_floor1_set_state (interface, "ready");
  floor_object_skeleton_set_floor1 (object, interface);
  g_dbus_object_manager_server_export (server, G_DBUS_OBJECT_SKELETON (object));
  g_dbus_object_manager_server_set_connection (server, connection);
  g_bus_own_name_on_connection (connection, NAME, G_BUS_NAME_OWNER_FLAGS_NONE, on_name_acquired,
                                NULL, NULL, NULL);
  g_main_loop_run (loop);
  return EXIT_SUCCESS;
}
