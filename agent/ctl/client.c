/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Proxies of the agent's objects, and errors in words for people. */

#include "ctl/client.h"

#include <string.h>

#include "ctl/advice.h"

/* Names in a message that tells what there is */
#define NAMES_MAX 5

/* As in the log: enough to tell the eUICCs of a gateway apart */
#define EID_DIGITS_SHOWN 4

GDBusConnection *
ea_client_connect_bus (const char *where, GError **error)
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

/* Who looks at an agent that was stopped does not start it. */
static gboolean
make_proxies (EaClient *self, GError **error)
{
  self->objects = ea_dbus_object_manager_client_new_sync (
      self->connection, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_DO_NOT_AUTO_START, EA_CLIENT_BUS_NAME,
      EA_CLIENT_ROOT, NULL, error);
  if (self->objects != NULL)
    self->manager
        = ea_dbus_manager_proxy_new_sync (self->connection, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START,
                                          EA_CLIENT_BUS_NAME, EA_CLIENT_ROOT, NULL, error);
  return self->manager != NULL;
}

gboolean
ea_client_connect (EaClient *self, const char *where, GError **error)
{
  self->connection = ea_client_connect_bus (where, error);
  if (self->connection == NULL)
    {
      g_prefix_error (error, "no bus at '%s': ", where);
      return FALSE;
    }
  g_dbus_connection_set_exit_on_close (self->connection, FALSE);
  if (make_proxies (self, error))
    return TRUE;
  ea_advice_explain_bus (error);
  return FALSE;
}

gboolean
ea_client_has_agent (EaClient *self)
{
  g_autofree char *owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (self->manager));

  return owner != NULL;
}

gboolean
ea_client_open (EaClient *self, const char *where, GError **error)
{
  if (!ea_client_connect (self, where, error))
    return FALSE;
  if (ea_client_has_agent (self))
    return TRUE;
  g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN, "no owner");
  ea_advice_explain_bus (error);
  return FALSE;
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

/* (transfer full): "one, two": what can be said in the place of a name that is not known, the newest */
static char *
list_names (GPtrArray *proxies)
{
  GString *names = g_string_new (NULL);
  guint first = proxies->len > NAMES_MAX ? proxies->len - NAMES_MAX : 0;

  for (guint i = first; i < proxies->len; i++)
    {
      GDBusProxy *proxy = g_ptr_array_index (proxies, i);
      const char *path = ea_client_shorten_path (g_dbus_proxy_get_object_path (proxy));
      const char *eid
          = EA_DBUS_IS_EUICC (proxy) ? ea_dbus_euicc_get_eid (EA_DBUS_EUICC (proxy)) : "";

      g_string_append_printf (names, "%s%s",
                              i > first   ? ", "
                              : first > 0 ? "…, "
                                          : "",
                              eid != NULL && eid[0] != '\0' ? eid : path);
    }
  return g_string_free (names, FALSE);
}

static void
set_unknown (GError **error, const char *noun, const char *name, GPtrArray *proxies,
             const char *advice)
{
  g_autofree char *names = list_names (proxies);

  if (proxies->len == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no %s '%s', and no other: %s", noun,
                 name, advice);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no %s '%s', but %s: %s", noun, name,
                 names, advice);
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
  set_unknown (error, "session", name, sessions, "see 'euiccctl sessions'");
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

/* Whether @better is the same eUICC as @other: a modem that was moved to another connector is there twice, where it is, and
 * where it was. */
static gboolean
is_same_but_present (EaDbusEuicc *better, EaDbusEuicc *other)
{
  return g_strcmp0 (ea_dbus_euicc_get_eid (better), ea_dbus_euicc_get_eid (other)) == 0
         && !is_absent (better) && is_absent (other);
}

/* Leaves one of each two that are the same. */
static void
remove_left_places (GPtrArray *euiccs)
{
  guint i = 0;

  while (i < euiccs->len)
    {
      gboolean is_left = FALSE;

      for (guint j = 0; j < euiccs->len; j++)
        is_left
            = is_left
              || is_same_but_present (g_ptr_array_index (euiccs, j), g_ptr_array_index (euiccs, i));
      if (is_left)
        g_ptr_array_remove_index (euiccs, i);
      else
        i++;
    }
}

static void
set_ambiguous (GError **error, const char *name, GPtrArray *found)
{
  EaDbusEuicc *first = g_ptr_array_index (found, 0);
  EaDbusEuicc *second = g_ptr_array_index (found, 1);
  g_autofree char *names = list_names (found);

  if (g_strcmp0 (ea_dbus_euicc_get_eid (first), ea_dbus_euicc_get_eid (second)) == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "%s and %s have this EID: name one of them instead of '%s'",
                 ea_client_shorten_path (g_dbus_proxy_get_object_path (G_DBUS_PROXY (first))),
                 ea_client_shorten_path (g_dbus_proxy_get_object_path (G_DBUS_PROXY (second))),
                 name);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "several EIDs end in '%s': %s: give more digits", name, names);
}

EaDbusEuicc *
ea_client_find_euicc (EaClient *self, const char *name, GError **error)
{
  g_autoptr (GPtrArray) euiccs = ea_client_get_euiccs (self);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  for (guint i = 0; i < euiccs->len; i++)
    if (has_name (g_ptr_array_index (euiccs, i), name))
      g_ptr_array_add (found, g_ptr_array_index (euiccs, i));
  remove_left_places (found);
  if (found->len == 1)
    return g_object_ref (g_ptr_array_index (found, 0));
  if (found->len == 0)
    set_unknown (error, "eUICC", name, euiccs, "see 'euiccctl list'");
  else
    set_ambiguous (error, name, found);
  return NULL;
}

EaDbusEuicc *
ea_client_find_only_euicc (EaClient *self, GError **error)
{
  g_autoptr (GPtrArray) euiccs = ea_client_get_euiccs (self);
  g_autofree char *names = NULL;

  remove_left_places (euiccs);
  if (euiccs->len == 1)
    return g_object_ref (g_ptr_array_index (euiccs, 0));
  names = list_names (euiccs);
  if (euiccs->len == 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                         "there is no eUICC: see 'euiccctl status'");
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "there are several eUICCs: name one, %s", names);
  return NULL;
}
