/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ModemManager's objects, by the names of their ports. */

#include "modem/modem-manager-private.h"

#include <string.h>

#include "modem/mm-manager.h"
#include "modem/port.h"

#define BUS_NAME "org.freedesktop.ModemManager1"
#define RETRY_INTERVAL_S 10

struct _EaModemManager
{
  GObject parent_instance;

  GDBusConnection *connection;
  GCancellable *cancellable;
  gboolean has_answered; /* the bus, about ModemManager */
  MMManager *manager;    /* NULL before, or when it refused */
  gboolean is_asking;
  gboolean is_owned; /* the name, as far as the bus has told */
  guint watch_id;
  guint retry_id;
};

enum
{
  SIGNAL_CHANGED,
  SIGNAL_PORTS_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaModemManager, ea_modem_manager, G_TYPE_OBJECT)

static void
emit_both (EaModemManager *self)
{
  g_signal_emit (self, signals[SIGNAL_PORTS_CHANGED], 0);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* Of all that changes from second to second, such as the signal's quality. */
static gboolean
is_about_ports (GVariant *changed)
{
  g_autoptr (GVariant) ports = g_variant_lookup_value (changed, "Ports", NULL);
  g_autoptr (GVariant) device = g_variant_lookup_value (changed, "Device", NULL);

  return ports != NULL || device != NULL;
}

static void
on_properties_changed (GDBusObjectManagerClient *manager, GDBusObjectProxy *object,
                       GDBusProxy *interface, GVariant *changed, const char *const *invalidated,
                       gpointer user_data)
{
  if (is_about_ports (changed))
    g_signal_emit (user_data, signals[SIGNAL_PORTS_CHANGED], 0);
  g_signal_emit (user_data, signals[SIGNAL_CHANGED], 0);
}

static void
watch_manager (EaModemManager *self)
{
  static const char *const changes[] = { "notify::name-owner", "object-added", "object-removed",
                                         "interface-added", "interface-removed" };

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    g_signal_connect_swapped (self->manager, changes[i], G_CALLBACK (emit_both), self);
  g_signal_connect (self->manager, "interface-proxy-properties-changed",
                    G_CALLBACK (on_properties_changed), self);
}

static void ask (EaModemManager *self);

static gboolean
on_retry (gpointer user_data)
{
  EaModemManager *self = user_data;

  self->retry_id = 0;
  ask (self);
  return G_SOURCE_REMOVE;
}

static void
on_manager (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaModemManager) self = user_data;
  g_autoptr (GError) error = NULL;

  self->is_asking = FALSE;
  self->manager = ea_mm_manager_new_finish (result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  /* Without a manager there is no ModemManager to heed, until one answers. */
  self->has_answered = TRUE;
  if (self->manager != NULL)
    watch_manager (self);
  else if (self->is_owned)
    self->retry_id = g_timeout_add_seconds (RETRY_INTERVAL_S, on_retry, self);
  emit_both (self);
}

static void
ask (EaModemManager *self)
{
  if (self->manager != NULL || self->is_asking)
    return;

  self->is_asking = TRUE;
  g_clear_handle_id (&self->retry_id, g_source_remove);
  ea_mm_manager_new (self->connection, self->cancellable, on_manager, g_object_ref (self));
}

/* There is no manager before ModemManager. One that was made sees by itself who owns the name. */
static void
on_appeared (GDBusConnection *connection, const char *name, const char *owner, gpointer user_data)
{
  EaModemManager *self = user_data;

  self->is_owned = TRUE;
  ask (self);
}

static void
on_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  EaModemManager *self = user_data;

  self->is_owned = FALSE;
  g_clear_handle_id (&self->retry_id, g_source_remove);
  if (self->has_answered || self->is_asking)
    return;

  self->has_answered = TRUE;
  emit_both (self);
}

static EaModemManagerPort
judge_port (const MMModemPortInfo *port)
{
  if (port->type == MM_MODEM_PORT_TYPE_QMI)
    return EA_MODEM_MANAGER_PORT_QMI;
  if (port->type == MM_MODEM_PORT_TYPE_UNKNOWN || port->type == MM_MODEM_PORT_TYPE_IGNORED)
    return EA_MODEM_MANAGER_PORT_UNLISTED;
  return EA_MODEM_MANAGER_PORT_OTHER;
}

static gboolean
has_port (MMModem *modem, const char *name, EaModemManagerPort *kind)
{
  MMModemPortInfo *ports = NULL;
  guint n_ports = 0;
  gboolean is_found = FALSE;

  if (!mm_modem_get_ports (modem, &ports, &n_ports))
    return FALSE;
  for (guint i = 0; i < n_ports && !is_found; i++)
    {
      is_found = strcmp (ports[i].name, name) == 0;
      *kind = is_found ? judge_port (&ports[i]) : EA_MODEM_MANAGER_PORT_UNLISTED;
    }
  mm_modem_port_info_array_free (ports, n_ports);
  return is_found;
}

/* A modem that is not enabled has no messaging yet, and ModemManager acknowledges nothing. */
static gboolean
is_messaging (MMObject *object)
{
  return mm_object_peek_modem_messaging (object) != NULL
         && mm_modem_get_state (mm_object_peek_modem (object)) >= MM_MODEM_STATE_ENABLING;
}

/* (transfer full): every object that is a modem */
static GPtrArray *
list_objects (EaModemManager *self)
{
  GPtrArray *modems = g_ptr_array_new_with_free_func (g_object_unref);
  GList *objects = NULL;

  if (self->manager != NULL)
    objects = g_dbus_object_manager_get_objects (G_DBUS_OBJECT_MANAGER (self->manager));
  for (GList *link = objects; link != NULL; link = link->next)
    if (mm_object_peek_modem (MM_OBJECT (link->data)) != NULL)
      g_ptr_array_add (modems, g_object_ref (link->data));
  g_list_free_full (objects, g_object_unref);
  return modems;
}

static MMObject *
find_object (EaModemManager *self, const char *path, EaModemManagerPort *kind)
{
  g_autofree char *name = ea_port_get_name (path);
  g_autoptr (GPtrArray) objects = list_objects (self);

  for (guint i = 0; i < objects->len; i++)
    if (has_port (mm_object_peek_modem (objects->pdata[i]), name, kind))
      return g_object_ref (objects->pdata[i]);
  return NULL;
}

MMObject *
ea_modem_manager_find_object (EaModemManager *self, const char *path)
{
  EaModemManagerPort kind;

  return find_object (self, path, &kind);
}

char *
ea_modem_manager_find (EaModemManager *self, const char *path, gboolean *acknowledges_sms)
{
  g_autoptr (MMObject) object = ea_modem_manager_find_object (self, path);

  if (acknowledges_sms != NULL)
    *acknowledges_sms = object != NULL && is_messaging (object);
  return object != NULL ? mm_object_dup_path (object) : g_strdup (EA_MODEM_MANAGER_NO_OBJECT);
}

EaModemManagerPresence
ea_modem_manager_get_presence (EaModemManager *self)
{
  g_autofree char *owner = NULL;

  if (!self->has_answered)
    return EA_MODEM_MANAGER_UNKNOWN;
  if (self->manager != NULL)
    owner = g_dbus_object_manager_client_get_name_owner (
        G_DBUS_OBJECT_MANAGER_CLIENT (self->manager));
  return owner != NULL ? EA_MODEM_MANAGER_PRESENT : EA_MODEM_MANAGER_ABSENT;
}

EaModemManagerPort
ea_modem_manager_look_up_port (EaModemManager *self, const char *path, char **device)
{
  EaModemManagerPort kind = EA_MODEM_MANAGER_PORT_UNLISTED;
  g_autoptr (MMObject) object = find_object (self, path, &kind);

  *device = object != NULL ? mm_modem_dup_device (mm_object_peek_modem (object)) : NULL;
  return kind;
}

static void
add_qmi_ports (GPtrArray *paths, MMModem *modem)
{
  MMModemPortInfo *ports = NULL;
  guint n_ports = 0;

  if (!mm_modem_get_ports (modem, &ports, &n_ports))
    return;
  for (guint i = 0; i < n_ports; i++)
    if (judge_port (&ports[i]) == EA_MODEM_MANAGER_PORT_QMI)
      g_ptr_array_add (paths, ea_port_get_path (ports[i].name));
  mm_modem_port_info_array_free (ports, n_ports);
}

GPtrArray *
ea_modem_manager_list_qmi_ports (EaModemManager *self)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) objects = list_objects (self);

  for (guint i = 0; i < objects->len; i++)
    add_qmi_ports (paths, mm_object_peek_modem (objects->pdata[i]));
  return paths;
}

static void
ea_modem_manager_dispose (GObject *object)
{
  EaModemManager *self = EA_MODEM_MANAGER (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->watch_id, g_bus_unwatch_name);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_object (&self->connection);
  if (self->manager != NULL)
    g_signal_handlers_disconnect_by_data (self->manager, self);
  g_clear_object (&self->manager);
  G_OBJECT_CLASS (ea_modem_manager_parent_class)->dispose (object);
}

static void
ea_modem_manager_class_init (EaModemManagerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_modem_manager_dispose;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", EA_TYPE_MODEM_MANAGER, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_PORTS_CHANGED]
      = g_signal_new ("ports-changed", EA_TYPE_MODEM_MANAGER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 0);
}

static void
ea_modem_manager_init (EaModemManager *self)
{
  self->cancellable = g_cancellable_new ();
}

EaModemManager *
ea_modem_manager_new (GDBusConnection *connection)
{
  EaModemManager *self = g_object_new (EA_TYPE_MODEM_MANAGER, NULL);

  self->connection = g_object_ref (connection);
  self->watch_id = g_bus_watch_name_on_connection (
      connection, BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared, on_vanished, self, NULL);
  return self;
}
