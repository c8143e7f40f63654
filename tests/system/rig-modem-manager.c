/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "rig-modem-manager.h"

#include <stdlib.h>

#define NAME "org.freedesktop.ModemManager1"
#define ROOT "/org/freedesktop/ModemManager1"

RigModemManager *
rig_start_modem_manager (Rig *rig, MMModemState modem_state)
{
  g_autofree char *link = g_build_filename (rig->directory, "cdc-wdm0", NULL);
  g_autofree char *node = realpath (link, NULL);
  g_autofree char *port = g_path_get_basename (node);
  g_autoptr (MmGdbusObjectSkeleton) object = mm_gdbus_object_skeleton_new (RIG_MODEM_PATH);
  MmGdbusModemMessaging *messaging = mm_gdbus_modem_messaging_skeleton_new ();
  RigModemManager *self = g_new0 (RigModemManager, 1);
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

void
rig_stop_modem_manager (RigModemManager *self)
{
  g_bus_unown_name (self->name);
  g_dbus_object_manager_server_set_connection (self->server, NULL);
  g_object_unref (self->server);
  g_object_unref (self->modem);
  g_free (self);
}
