/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GObject properties of the sessions are bound to those of the skeletons, which collect changes and send
 * PropertiesChanged from an idle.
 */

#include <string.h>

#include "bus-gate.h"
#include "bus-private.h"
#include "ea-build.h"
#include "session/error-name.h"

#define BUS_SERVICE "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

struct _EaBus
{
  GObject parent_instance;

  GDBusConnection *connection; /* NULL: nothing is exported */
  EaBusGate *gate;
  EaDbusManager *manager;
  GDBusObjectManagerServer *objects;
  guint n_channels;
  EaBusReloadFunc reload;
  gpointer reload_data;
};

G_DEFINE_FINAL_TYPE (EaBus, ea_bus, G_TYPE_OBJECT)

/* The properties of org.euicc.Agent1.Euicc, in the skeleton and in EaEuicc. */
static const char *const euicc_properties[]
    = { "eid",         "iccid",    "previous-iccid", "intended-iccid", "switch-reason", "atr",
        "slot",        "modem",    "device",         "device-id",      "imei",          "role",
        "role-reason", "state",    "state-reason",   "capabilities",   "cat-mode",      "events",
        "key-sets",    "counters", "last-activity",  "last-error" };

/* The properties of org.euicc.Agent1.Channel, in the skeleton and in EaChannel. */
static const char *const channel_properties[]
    = { "number",      "transport", "peer",           "interface",  "apn",
        "buffer-size", "state",     "bytes-received", "bytes-sent", "error" };

const char *
ea_bus_get_path (gpointer source)
{
  return g_object_get_data (G_OBJECT (source), EA_BUS_PATH_KEY);
}

void
ea_bus_bind (gpointer source, gpointer target, const char *const *properties, gsize n_properties)
{
  for (gsize i = 0; i < n_properties; i++)
    g_object_bind_property (source, properties[i], target, properties[i], G_BINDING_SYNC_CREATE);
}

void
ea_bus_flush_on (gpointer source, const char *signal, gpointer skeleton)
{
  g_signal_connect_object (source, signal, G_CALLBACK (g_dbus_interface_skeleton_flush), skeleton,
                           G_CONNECT_SWAPPED);
}

void
ea_bus_export (GDBusObjectManagerServer *objects, GDBusObjectSkeleton *object, gpointer source)
{
  const char *path = g_dbus_object_get_object_path (G_DBUS_OBJECT (object));

  g_object_set_data_full (G_OBJECT (source), EA_BUS_PATH_KEY, g_strdup (path), g_free);
  g_dbus_object_manager_server_export (objects, object);
}

void
ea_bus_unexport (GDBusObjectManagerServer *objects, gpointer source)
{
  const char *path = ea_bus_get_path (source);
  g_autoptr (GDBusObject) object = NULL;

  g_return_if_fail (path != NULL);

  object = g_dbus_object_manager_get_object (G_DBUS_OBJECT_MANAGER (objects), path);
  g_dbus_object_skeleton_flush (G_DBUS_OBJECT_SKELETON (object)); /* the last state and counts */
  (void) g_dbus_object_manager_server_unexport (objects, path);   /* it was exported */
  g_object_set_data (G_OBJECT (source), EA_BUS_PATH_KEY, NULL);
}

void
ea_bus_return_error (GDBusMethodInvocation *invocation, const GError *error)
{
  g_autofree char *name = ea_error_name_get_for_bus (error);

  g_dbus_method_invocation_return_dbus_error (invocation, name, error->message);
}

static void
on_channel_opened (EaEuicc *euicc, EaChannel *channel, gpointer user_data)
{
  EaBus *self = EA_BUS (user_data);
  g_autofree char *path = g_strdup_printf (EA_BUS_ROOT "/Channel/%u", self->n_channels++);
  g_autoptr (EaDbusObjectSkeleton) object = ea_dbus_object_skeleton_new (path);
  g_autoptr (EaDbusChannel) skeleton = ea_dbus_channel_skeleton_new ();

  ea_bus_bind (channel, skeleton, channel_properties, G_N_ELEMENTS (channel_properties));
  ea_dbus_channel_set_euicc (skeleton, ea_bus_get_path (euicc));
  ea_dbus_object_skeleton_set_channel (object, skeleton);
  ea_bus_export (self->objects, G_DBUS_OBJECT_SKELETON (object), channel);
}

static void
on_channel_closed (EaEuicc *euicc, EaChannel *channel, gpointer user_data)
{
  ea_bus_unexport (EA_BUS (user_data)->objects, channel);
}

static void
on_session_added (EaAgent *agent, EaEuicc *euicc, EaSession *session, guint number,
                  gpointer user_data)
{
  g_autofree char *path = g_strdup_printf (EA_BUS_ROOT "/Session/%u", number);
  g_autoptr (GDBusObjectSkeleton) object = ea_bus_new_session (euicc, session, path);

  ea_bus_export (EA_BUS (user_data)->objects, object, session);
}

static void
on_session_removed (EaAgent *agent, EaSession *session, gpointer user_data)
{
  ea_bus_unexport (EA_BUS (user_data)->objects, session);
}

static void
on_profile_changed (EaEuicc *euicc, const char *old_iccid, const char *new_iccid,
                    const char *reason, gpointer user_data)
{
  ea_dbus_euicc_emit_profile_changed (EA_DBUS_EUICC (user_data), old_iccid, new_iccid, reason);
}

static void
rescan (GDBusMethodInvocation *invocation, gpointer target)
{
  g_autoptr (GError) error = NULL;

  if (ea_euicc_rescan (EA_EUICC (target), &error))
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    ea_bus_return_error (invocation, error);
}

static gboolean
on_rescan (EaDbusEuicc *skeleton, GDBusMethodInvocation *invocation, gpointer user_data)
{
  ea_bus_admit (invocation, rescan, user_data);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
on_euicc_added (EaAgent *agent, EaEuicc *euicc, guint number, gpointer user_data)
{
  EaBus *self = EA_BUS (user_data);
  g_autofree char *path = g_strdup_printf (EA_EUICC_OBJECT_FORMAT, number);
  g_autoptr (EaDbusObjectSkeleton) object = ea_dbus_object_skeleton_new (path);
  g_autoptr (EaDbusEuicc) skeleton = ea_dbus_euicc_skeleton_new ();

  ea_bus_bind (euicc, skeleton, euicc_properties, G_N_ELEMENTS (euicc_properties));
  /* ModemManager may go as fast as it came, and a skeleton says nothing of a value that is the old one again, even to
   * who has read the other meanwhile. */
  ea_bus_flush_on (euicc, "notify::modem", skeleton);
  ea_bus_serve_sessions (euicc, skeleton);
  g_signal_connect_object (skeleton, "handle-rescan", G_CALLBACK (on_rescan), euicc, 0);
  g_signal_connect_object (euicc, "channel-opened", G_CALLBACK (on_channel_opened), self, 0);
  g_signal_connect_object (euicc, "channel-closed", G_CALLBACK (on_channel_closed), self, 0);
  g_signal_connect_object (euicc, "profile-changed", G_CALLBACK (on_profile_changed), skeleton, 0);
  ea_dbus_object_skeleton_set_euicc (object, skeleton);
  ea_bus_export (self->objects, G_DBUS_OBJECT_SKELETON (object), euicc);
}

static void
reload (GDBusMethodInvocation *invocation, gpointer target)
{
  EaBus *self = EA_BUS (target);
  g_autoptr (GError) error = NULL;

  if (self->reload == NULL || self->reload (self->reload_data, &error))
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    ea_bus_return_error (invocation, error);
}

static gboolean
on_reload (EaDbusManager *skeleton, GDBusMethodInvocation *invocation, gpointer user_data)
{
  ea_bus_admit (invocation, reload, user_data);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

void
ea_bus_set_reload_func (EaBus *self, EaBusReloadFunc func, gpointer user_data)
{
  self->reload = func;
  self->reload_data = user_data;
}

static void
ea_bus_dispose (GObject *object)
{
  EaBus *self = EA_BUS (object);

  if (self->manager != NULL)
    g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->manager));
  if (self->objects != NULL)
    g_dbus_object_manager_server_set_connection (self->objects, NULL);
  if (self->connection != NULL)
    ea_bus_end_admission (self->connection);
  g_clear_object (&self->connection);
  g_clear_object (&self->manager);
  g_clear_object (&self->objects);
  g_clear_pointer (&self->gate, ea_bus_gate_free);
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

static void
get_history (GDBusMethodInvocation *invocation, gpointer target)
{
  EaHistory *history = ea_agent_get_history (EA_AGENT (target));
  guint64 since_us;
  guint32 limit;

  g_variant_get (g_dbus_method_invocation_get_parameters (invocation), "(tu)", &since_us, &limit);
  g_dbus_method_invocation_return_value (
      invocation, g_variant_new ("(@aa{sv})", ea_history_get (history, since_us, limit)));
}

static gboolean
on_get_history (EaDbusManager *skeleton, GDBusMethodInvocation *invocation, guint64 since_us,
                guint limit, gpointer user_data)
{
  ea_bus_admit (invocation, get_history, user_data);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
export_manager (EaBus *self, EaAgent *agent, GDBusConnection *connection, GError **error)
{
  self->manager = ea_dbus_manager_skeleton_new ();
  ea_dbus_manager_set_version (self->manager, EA_VERSION);
  g_object_bind_property (agent, "state", self->manager, "state", G_BINDING_SYNC_CREATE);
  g_object_bind_property (agent, "state-reason", self->manager, "state-reason",
                          G_BINDING_SYNC_CREATE);
  g_signal_connect_object (self->manager, "handle-reload", G_CALLBACK (on_reload), self, 0);
  g_signal_connect_object (self->manager, "handle-get-history", G_CALLBACK (on_get_history), agent,
                           0);
  return g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->manager), connection,
                                           EA_BUS_ROOT, error);
}

EaBus *
ea_bus_new (EaAgent *agent, GDBusConnection *connection, GError **error)
{
  g_autoptr (EaBus) self = g_object_new (EA_TYPE_BUS, NULL);

  self->gate = ea_bus_gate_new (connection);
  if (!export_manager (self, agent, connection, error))
    return NULL;

  self->connection = g_object_ref (connection);
  ea_bus_begin_admission (connection);
  self->objects = g_dbus_object_manager_server_new (EA_BUS_ROOT);
  g_signal_connect_object (agent, "euicc-added", G_CALLBACK (on_euicc_added), self, 0);
  g_signal_connect_object (agent, "session-added", G_CALLBACK (on_session_added), self, 0);
  g_signal_connect_object (agent, "session-removed", G_CALLBACK (on_session_removed), self, 0);
  g_dbus_object_manager_server_set_connection (self->objects, connection);
  return g_steal_pointer (&self);
}

/* (transfer full) (nullable): the bus's answer to a question about the agent's name */
static GVariant *
ask_bus (GDBusConnection *connection, const char *method, const char *type)
{
  return g_dbus_connection_call_sync (connection, BUS_SERVICE, BUS_PATH, BUS_SERVICE, method,
                                      g_variant_new ("(s)", EA_BUS_NAME), G_VARIANT_TYPE (type),
                                      G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
}

gboolean
ea_bus_check_name (GDBusConnection *connection, GError **error)
{
  g_autoptr (GVariant) owner = ask_bus (connection, "GetNameOwner", "(s)");
  g_autoptr (GVariant) process = NULL;
  guint32 pid = 0;

  if (owner == NULL)
    return TRUE; /* nobody; whatever else is wrong shows when the name is asked for */

  process = ask_bus (connection, "GetConnectionUnixProcessID", "(u)");
  if (process != NULL)
    g_variant_get (process, "(u)", &pid);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
               "Another euicc-agentd is running: process %u has the bus name " EA_BUS_NAME, pid);
  return FALSE;
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
