/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ModemManager's objects, by the names of their ports. */

#include "modem/modem-manager-private.h"

#include <stdlib.h>
#include <string.h>

struct _EaModemManager
{
  GObject parent_instance;

  GCancellable *cancellable;
  MMManager *manager; /* NULL until the bus has answered */
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (EaModemManager, ea_modem_manager, G_TYPE_OBJECT)

static void
emit_changed (EaModemManager *self)
{
  g_signal_emit (self, changed_signal, 0);
}

static void
on_manager (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaModemManager) self = user_data;

  /* Without a manager there is no ModemManager to heed. */
  self->manager = mm_manager_new_finish (result, NULL);
  if (self->manager == NULL)
    return;

  g_signal_connect_swapped (self->manager, "object-added", G_CALLBACK (emit_changed), self);
  g_signal_connect_swapped (self->manager, "object-removed", G_CALLBACK (emit_changed), self);
  g_signal_connect_swapped (self->manager, "interface-added", G_CALLBACK (emit_changed), self);
  g_signal_connect_swapped (self->manager, "interface-removed", G_CALLBACK (emit_changed), self);
  g_signal_connect_swapped (self->manager, "interface-proxy-properties-changed",
                            G_CALLBACK (emit_changed), self);
  emit_changed (self);
}

static gboolean
has_port (MMModem *modem, const char *name)
{
  MMModemPortInfo *ports = NULL;
  guint n_ports = 0;
  gboolean is_found = FALSE;

  if (!mm_modem_get_ports (modem, &ports, &n_ports))
    return FALSE;
  for (guint i = 0; i < n_ports; i++)
    is_found |= strcmp (ports[i].name, name) == 0;
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

MMObject *
ea_modem_manager_find_object (EaModemManager *self, const char *path)
{
  g_autofree char *target = realpath (path, NULL);
  g_autofree char *name = g_path_get_basename (target != NULL ? target : path);
  MMObject *found = NULL;
  GList *objects = NULL;

  if (self->manager != NULL)
    objects = g_dbus_object_manager_get_objects (G_DBUS_OBJECT_MANAGER (self->manager));
  for (GList *link = objects; link != NULL && found == NULL; link = link->next)
    {
      MMModem *modem = mm_object_peek_modem (MM_OBJECT (link->data));

      if (modem != NULL && has_port (modem, name))
        found = g_object_ref (link->data);
    }
  g_list_free_full (objects, g_object_unref);
  return found;
}

char *
ea_modem_manager_find (EaModemManager *self, const char *path, gboolean *acknowledges_sms)
{
  g_autoptr (MMObject) object = ea_modem_manager_find_object (self, path);

  if (acknowledges_sms != NULL)
    *acknowledges_sms = object != NULL && is_messaging (object);
  return object != NULL ? mm_object_dup_path (object) : g_strdup (EA_MODEM_MANAGER_NO_OBJECT);
}

static void
ea_modem_manager_dispose (GObject *object)
{
  EaModemManager *self = EA_MODEM_MANAGER (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->manager != NULL)
    g_signal_handlers_disconnect_by_data (self->manager, self);
  g_clear_object (&self->manager);
  G_OBJECT_CLASS (ea_modem_manager_parent_class)->dispose (object);
}

static void
ea_modem_manager_class_init (EaModemManagerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_modem_manager_dispose;
  changed_signal = g_signal_new ("changed", EA_TYPE_MODEM_MANAGER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
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

  mm_manager_new (connection, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_DO_NOT_AUTO_START,
                  self->cancellable, on_manager, g_object_ref (self));
  return self;
}
