/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GObject properties of the sessions are bound to those of the skeletons, which collect changes and send
 * PropertiesChanged from an idle.
 */

#include "bus.h"

#include <string.h>

#include "ea-build.h"
#include "ea-dbus-generated.h"

struct _EaBus
{
  GObject parent_instance;

  EaDbusManager *manager;
  GDBusObjectManagerServer *objects;
};

G_DEFINE_FINAL_TYPE (EaBus, ea_bus, G_TYPE_OBJECT)

/* The properties of org.euicc.Agent1.Euicc, in the skeleton and in EaEuicc. */
static const char *const euicc_properties[] = {
  "eid",          "iccid",        "previous-iccid", "atr",      "slot",          "modem",
  "device",       "device-id",    "imei",           "role",     "role-reason",   "state",
  "state-reason", "capabilities", "cat-mode",       "counters", "last-activity", "last-error"
};

static void
on_profile_changed (EaEuicc *euicc, const char *old_iccid, const char *new_iccid,
                    const char *reason, gpointer user_data)
{
  ea_dbus_euicc_emit_profile_changed (EA_DBUS_EUICC (user_data), old_iccid, new_iccid, reason);
}

static void
on_euicc_added (EaAgent *agent, EaEuicc *euicc, guint number, gpointer user_data)
{
  EaBus *self = EA_BUS (user_data);
  g_autofree char *path = g_strdup_printf (EA_BUS_ROOT "/Euicc/%u", number);
  g_autoptr (EaDbusObjectSkeleton) object = ea_dbus_object_skeleton_new (path);
  g_autoptr (EaDbusEuicc) skeleton = ea_dbus_euicc_skeleton_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (euicc_properties); i++)
    g_object_bind_property (euicc, euicc_properties[i], skeleton, euicc_properties[i],
                            G_BINDING_SYNC_CREATE);
  g_signal_connect_object (euicc, "profile-changed", G_CALLBACK (on_profile_changed), skeleton, 0);
  ea_dbus_object_skeleton_set_euicc (object, skeleton);
  g_dbus_object_manager_server_export (self->objects, G_DBUS_OBJECT_SKELETON (object));
}

static void
ea_bus_dispose (GObject *object)
{
  EaBus *self = EA_BUS (object);

  if (self->manager != NULL)
    g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->manager));
  if (self->objects != NULL)
    g_dbus_object_manager_server_set_connection (self->objects, NULL);
  g_clear_object (&self->manager);
  g_clear_object (&self->objects);
  G_OBJECT_CLASS (ea_bus_parent_class)->dispose (object);
}

static void
ea_bus_class_init (EaBusClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_bus_dispose;
}

static void
ea_bus_init (EaBus *self)
{
}

EaBus *
ea_bus_new (EaAgent *agent, GDBusConnection *connection, GError **error)
{
  g_autoptr (EaBus) self = g_object_new (EA_TYPE_BUS, NULL);

  self->manager = ea_dbus_manager_skeleton_new ();
  ea_dbus_manager_set_version (self->manager, EA_VERSION);
  g_object_bind_property (agent, "state", self->manager, "state", G_BINDING_SYNC_CREATE);
  g_object_bind_property (agent, "state-reason", self->manager, "state-reason",
                          G_BINDING_SYNC_CREATE);
  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->manager), connection,
                                         EA_BUS_ROOT, error))
    return NULL;

  self->objects = g_dbus_object_manager_server_new (EA_BUS_ROOT);
  g_signal_connect_object (agent, "euicc-added", G_CALLBACK (on_euicc_added), self, 0);
  g_dbus_object_manager_server_set_connection (self->objects, connection);
  return g_steal_pointer (&self);
}

GDBusConnection *
ea_bus_connect (const char *where, GError **error)
{
  if (strcmp (where, "system") == 0)
    return g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, error);
  if (strcmp (where, "session") == 0)
    return g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, error);
  return g_dbus_connection_new_for_address_sync (
      where,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, error);
}
