/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fake-port-manager.h"

#define NAME "org.freedesktop.ModemManager1"
#define ROOT "/org/freedesktop/ModemManager1"

struct _FakePortManager
{
  GDBusObjectManagerServer *server;
  guint name;
};

FakePortManager *
fake_port_manager_new (GDBusConnection *connection)
{
  FakePortManager *self = g_new0 (FakePortManager, 1);

  self->server = g_dbus_object_manager_server_new (ROOT);
  g_dbus_object_manager_server_set_connection (self->server, connection);
  self->name = g_bus_own_name_on_connection (connection, NAME, G_BUS_NAME_OWNER_FLAGS_NONE, NULL,
                                             NULL, NULL, NULL);
  return self;
}

void
fake_port_manager_free (FakePortManager *self)
{
  g_bus_unown_name (self->name);
  g_dbus_object_manager_server_set_connection (self->server, NULL);
  g_object_unref (self->server);
  g_free (self);
}

void
fake_port_manager_add (FakePortManager *self, guint number, const char *device, const char *port,
                       MMModemPortType type)
{
  g_autofree char *path = g_strdup_printf (ROOT "/Modem/%u", number);
  g_autoptr (MmGdbusObjectSkeleton) object = mm_gdbus_object_skeleton_new (path);
  MmGdbusModem *modem = mm_gdbus_modem_skeleton_new ();

  mm_gdbus_modem_set_device (modem, device);
  mm_gdbus_modem_set_ports (modem, g_variant_new_parsed ("[(%s, %u)]", port, (guint32) type));
  mm_gdbus_object_skeleton_set_modem (object, modem);
  g_object_unref (modem);
  g_dbus_object_manager_server_export (self->server, G_DBUS_OBJECT_SKELETON (object));
}

void
fake_port_manager_remove (FakePortManager *self, guint number)
{
  g_autofree char *path = g_strdup_printf (ROOT "/Modem/%u", number);

  (void) g_dbus_object_manager_server_unexport (self->server, path); /* it may have gone */
}
