/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GObject properties of the sessions are bound to those of the skeletons, which collect changes and send
 * PropertiesChanged from an idle.
 */

#include "bus.h"

#include <string.h>

#include "ea-build.h"
#include "ea-dbus-generated.h"

/* Where an EaEuicc or EaChannel keeps the path of its object */
#define PATH_KEY "ea-bus-path"

struct _EaBus
{
  GObject parent_instance;

  EaDbusManager *manager;
  GDBusObjectManagerServer *objects;
  guint n_channels;
};

G_DEFINE_FINAL_TYPE (EaBus, ea_bus, G_TYPE_OBJECT)

/* The properties of org.euicc.Agent1.Euicc, in the skeleton and in EaEuicc. */
static const char *const euicc_properties[]
    = { "eid",         "iccid",    "previous-iccid", "atr",           "slot",
        "modem",       "device",   "device-id",      "imei",          "role",
        "role-reason", "state",    "state-reason",   "capabilities",  "cat-mode",
        "events",      "key-sets", "counters",       "last-activity", "last-error" };

/* The properties of org.euicc.Agent1.Channel, in the skeleton and in EaChannel. */
static const char *const channel_properties[]
    = { "number",      "transport", "peer",           "interface",  "apn",
        "buffer-size", "state",     "bytes-received", "bytes-sent", "error" };

static void
bind (gpointer source, gpointer target, const char *const *properties, gsize n_properties)
{
  for (gsize i = 0; i < n_properties; i++)
    g_object_bind_property (source, properties[i], target, properties[i], G_BINDING_SYNC_CREATE);
}

static void
on_channel_opened (EaEuicc *euicc, EaChannel *channel, gpointer user_data)
{
  EaBus *self = EA_BUS (user_data);
  char *path = g_strdup_printf (EA_BUS_ROOT "/Channel/%u", self->n_channels++);
  g_autoptr (EaDbusObjectSkeleton) object = ea_dbus_object_skeleton_new (path);
  g_autoptr (EaDbusChannel) skeleton = ea_dbus_channel_skeleton_new ();

  bind (channel, skeleton, channel_properties, G_N_ELEMENTS (channel_properties));
  ea_dbus_channel_set_euicc (skeleton, g_object_get_data (G_OBJECT (euicc), PATH_KEY));
  ea_dbus_object_skeleton_set_channel (object, skeleton);
  g_dbus_object_manager_server_export (self->objects, G_DBUS_OBJECT_SKELETON (object));
  g_object_set_data_full (G_OBJECT (channel), PATH_KEY, path, g_free);
}

static void
on_channel_closed (EaEuicc *euicc, EaChannel *channel, gpointer user_data)
{
  EaBus *self = EA_BUS (user_data);
  const char *path = g_object_get_data (G_OBJECT (channel), PATH_KEY);
  g_autoptr (GDBusObject) object = NULL;

  g_return_if_fail (path != NULL);

  object = g_dbus_object_manager_get_object (G_DBUS_OBJECT_MANAGER (self->objects), path);
  g_dbus_object_skeleton_flush (G_DBUS_OBJECT_SKELETON (object)); /* the last state and counts */
  (void) g_dbus_object_manager_server_unexport (self->objects, path); /* it was exported */
  g_object_set_data (G_OBJECT (channel), PATH_KEY, NULL);
}

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

  bind (euicc, skeleton, euicc_properties, G_N_ELEMENTS (euicc_properties));
  g_object_set_data_full (G_OBJECT (euicc), PATH_KEY, g_strdup (path), g_free);
  g_signal_connect_object (euicc, "channel-opened", G_CALLBACK (on_channel_opened), self, 0);
  g_signal_connect_object (euicc, "channel-closed", G_CALLBACK (on_channel_closed), self, 0);
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
