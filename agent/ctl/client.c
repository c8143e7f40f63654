/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Proxies of the agent's objects, and errors in words for people. */

#include "ctl/client.h"

#include <string.h>

/* As in the log: enough to tell the eUICCs of a gateway apart */
#define EID_DIGITS_SHOWN 4

static GDBusConnection *
connect_bus (const char *where, GError **error)
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

/* What D-Bus says is rarely what one has to do. */
static void
explain (GError **error)
{
  if (g_error_matches (*error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    {
      g_clear_error (error);
      g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                           "you may not talk to the agent: become root, or join the group 'euicc'");
      return;
    }
  if (g_error_matches (*error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
      || g_error_matches (*error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
    {
      g_clear_error (error);
      g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN,
                           "the agent is not running: try 'systemctl start euicc-agent', and "
                           "'journalctl -u euicc-agent' if it does not stay");
    }
}

gboolean
ea_client_open (EaClient *self, const char *where, GError **error)
{
  g_autofree char *owner = NULL;

  self->connection = connect_bus (where, error);
  if (self->connection == NULL)
    {
      g_prefix_error (error, "no bus at '%s': ", where);
      return FALSE;
    }
  g_dbus_connection_set_exit_on_close (self->connection, FALSE);
  self->objects = ea_dbus_object_manager_client_new_sync (
      self->connection, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_NONE, EA_CLIENT_BUS_NAME, EA_CLIENT_ROOT,
      NULL, error);
  if (self->objects != NULL)
    owner = g_dbus_object_manager_client_get_name_owner (
        G_DBUS_OBJECT_MANAGER_CLIENT (self->objects));
  if (self->objects != NULL && owner == NULL)
    g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN, "no owner");
  if (owner != NULL)
    self->manager = ea_dbus_manager_proxy_new_sync (
        self->connection, G_DBUS_PROXY_FLAGS_NONE, EA_CLIENT_BUS_NAME, EA_CLIENT_ROOT, NULL, error);
  if (self->manager == NULL)
    explain (error);
  return self->manager != NULL;
}

void
ea_client_clear (EaClient *self)
{
  g_clear_object (&self->objects);
  g_clear_object (&self->manager);
  g_clear_object (&self->connection);
}

const char *
ea_client_shorten_path (const char *path)
{
  return g_str_has_prefix (path, EA_CLIENT_ROOT "/") ? path + strlen (EA_CLIENT_ROOT "/") : path;
}

/* Euicc/2 comes before Euicc/10. */
static int
compare_paths (gconstpointer a, gconstpointer b)
{
  const char *first = g_dbus_proxy_get_object_path (*(GDBusProxy *const *) a);
  const char *second = g_dbus_proxy_get_object_path (*(GDBusProxy *const *) b);

  if (strlen (first) != strlen (second))
    return strlen (first) < strlen (second) ? -1 : 1;
  return strcmp (first, second);
}

GPtrArray *
ea_client_get_euiccs (EaClient *self)
{
  GPtrArray *euiccs = g_ptr_array_new_with_free_func (g_object_unref);
  GList *objects = g_dbus_object_manager_get_objects (self->objects);

  for (GList *link = objects; link != NULL; link = link->next)
    {
      EaDbusEuicc *euicc = ea_dbus_object_get_euicc (EA_DBUS_OBJECT (link->data));

      if (euicc != NULL)
        g_ptr_array_add (euiccs, euicc);
    }
  g_list_free_full (objects, g_object_unref);
  g_ptr_array_sort (euiccs, compare_paths);
  return euiccs;
}

GPtrArray *
ea_client_get_sessions (EaClient *self, const char *euicc_path)
{
  GPtrArray *sessions = g_ptr_array_new_with_free_func (g_object_unref);
  GList *objects = g_dbus_object_manager_get_objects (self->objects);

  for (GList *link = objects; link != NULL; link = link->next)
    {
      g_autoptr (EaDbusSession) session = ea_dbus_object_get_session (EA_DBUS_OBJECT (link->data));

      if (session != NULL
          && (euicc_path == NULL || strcmp (ea_dbus_session_get_euicc (session), euicc_path) == 0))
        g_ptr_array_add (sessions, g_steal_pointer (&session));
    }
  g_list_free_full (objects, g_object_unref);
  g_ptr_array_sort (sessions, compare_paths);
  return sessions;
}

EaDbusSession *
ea_client_find_session (EaClient *self, const char *name, GError **error)
{
  g_autoptr (GPtrArray) sessions = ea_client_get_sessions (self, NULL);

  for (guint i = 0; i < sessions->len; i++)
    {
      EaDbusSession *session = g_ptr_array_index (sessions, i);
      const char *path = g_dbus_proxy_get_object_path (G_DBUS_PROXY (session));

      if (strcmp (path, name) == 0 || strcmp (ea_client_shorten_path (path), name) == 0
          || strcmp (strrchr (path, '/') + 1, name) == 0)
        return g_object_ref (session);
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no session '%s': see 'euiccctl sessions'",
               name);
  return NULL;
}

char *
ea_client_get_eid (EaClient *self, const char *euicc_path)
{
  g_autoptr (GDBusInterface) euicc = g_dbus_object_manager_get_interface (
      self->objects, euicc_path, EA_CLIENT_BUS_NAME ".Euicc");

  return g_strdup (euicc != NULL ? ea_dbus_euicc_get_eid (EA_DBUS_EUICC (euicc)) : "");
}

char *
ea_client_shorten_eid (const char *eid)
{
  gsize length = strlen (eid);

  return g_strdup (length > EID_DIGITS_SHOWN ? eid + length - EID_DIGITS_SHOWN : eid);
}

char *
ea_client_get_short_eid (EaClient *self, const char *euicc_path)
{
  g_autofree char *eid = ea_client_get_eid (self, euicc_path);

  return eid[0] == '\0' ? g_strdup (ea_client_shorten_path (euicc_path))
                        : ea_client_shorten_eid (eid);
}

GPtrArray *
ea_client_get_channels (EaClient *self, const char *euicc_path)
{
  GPtrArray *channels = g_ptr_array_new_with_free_func (g_object_unref);
  GList *objects = g_dbus_object_manager_get_objects (self->objects);

  for (GList *link = objects; link != NULL; link = link->next)
    {
      g_autoptr (EaDbusChannel) channel = ea_dbus_object_get_channel (EA_DBUS_OBJECT (link->data));

      if (channel != NULL
          && (euicc_path == NULL || strcmp (ea_dbus_channel_get_euicc (channel), euicc_path) == 0))
        g_ptr_array_add (channels, g_steal_pointer (&channel));
    }
  g_list_free_full (objects, g_object_unref);
  g_ptr_array_sort (channels, compare_paths);
  return channels;
}

static gboolean
has_name (EaDbusEuicc *euicc, const char *name)
{
  const char *path = g_dbus_proxy_get_object_path (G_DBUS_PROXY (euicc));

  return strcmp (path, name) == 0 || strcmp (ea_client_shorten_path (path), name) == 0
         || (name[0] != '\0' && g_str_has_suffix (ea_dbus_euicc_get_eid (euicc), name));
}

static gboolean
is_absent (EaDbusEuicc *euicc)
{
  return g_strcmp0 (ea_dbus_euicc_get_state (euicc), "absent") == 0;
}

/* A modem that was moved to another connector is there twice: where it is, and where it was. (nullable): %NULL with @error:
 * they are two */
static EaDbusEuicc *
choose (EaDbusEuicc *first, EaDbusEuicc *second, const char *name, GError **error)
{
  gboolean is_same = g_strcmp0 (ea_dbus_euicc_get_eid (first), ea_dbus_euicc_get_eid (second)) == 0;

  if (is_same && is_absent (first) != is_absent (second))
    return is_absent (first) ? second : first;
  if (is_same)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "%s and %s have this EID: name one of them instead of '%s'",
                 ea_client_shorten_path (g_dbus_proxy_get_object_path (G_DBUS_PROXY (first))),
                 ea_client_shorten_path (g_dbus_proxy_get_object_path (G_DBUS_PROXY (second))),
                 name);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "several EIDs end in '%s': give more digits, see 'euiccctl list'", name);
  return NULL;
}

EaDbusEuicc *
ea_client_find_euicc (EaClient *self, const char *name, GError **error)
{
  g_autoptr (GPtrArray) euiccs = ea_client_get_euiccs (self);
  EaDbusEuicc *found = NULL;

  for (guint i = 0; i < euiccs->len; i++)
    {
      EaDbusEuicc *euicc = g_ptr_array_index (euiccs, i);

      if (!has_name (euicc, name))
        continue;
      found = found == NULL ? euicc : choose (found, euicc, name, error);
      if (found == NULL)
        return NULL;
    }
  if (found == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no eUICC '%s': see 'euiccctl list'",
                 name);
  return found != NULL ? g_object_ref (found) : NULL;
}

EaDbusEuicc *
ea_client_find_only_euicc (EaClient *self, GError **error)
{
  g_autoptr (GPtrArray) euiccs = ea_client_get_euiccs (self);

  if (euiccs->len == 1)
    return g_object_ref (g_ptr_array_index (euiccs, 0));
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       euiccs->len == 0
                           ? "there is no eUICC: see 'euiccctl status'"
                           : "there are several eUICCs: name one, see 'euiccctl list'");
  return NULL;
}
