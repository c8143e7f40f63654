/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One call instead of proxies of all objects: somebody waits at the tabulator key. */

#include "ctl/candidates.h"

#include <string.h>

#include "ctl/client.h"

#define ANSWER_TIMEOUT_MS 1000

/* @properties: a{sv}; empty when it is not there */
static const char *
get_text (GVariant *properties, const char *name)
{
  const char *text = "";

  (void) g_variant_lookup (properties, name, "&s", &text); /* see above */
  return text;
}

/* One whose EID is not known has the end of its path, which all commands take. */
static char *
describe_euicc (const char *path, GVariant *properties)
{
  const char *eid = get_text (properties, "Eid");

  return g_strdup_printf ("%s\t%s, profile %s",
                          eid[0] != '\0' ? eid : ea_client_shorten_path (path),
                          get_text (properties, "State"), get_text (properties, "Iccid"));
}

/* (nullable): %NULL: it has ended */
static char *
describe_session (const char *path, GVariant *properties)
{
  const char *state = get_text (properties, "State");

  if (strcmp (state, "closed") == 0)
    return NULL;
  return g_strdup_printf ("%s\t%s to %s, %s", ea_client_shorten_path (path),
                          get_text (properties, "Transport"), get_text (properties, "Peer"), state);
}

/* @interfaces: a{sa{sv}} */
static char *
describe (const char *path, GVariant *interfaces, gboolean is_session)
{
  g_autoptr (GVariant) properties = g_variant_lookup_value (
      interfaces, is_session ? EA_CLIENT_BUS_NAME ".Session" : EA_CLIENT_BUS_NAME ".Euicc",
      G_VARIANT_TYPE_VARDICT);

  if (properties == NULL)
    return NULL;
  return is_session ? describe_session (path, properties) : describe_euicc (path, properties);
}

static void
print_objects (GVariant *objects, gboolean is_session)
{
  GVariantIter iter;
  const char *path;
  GVariant *interfaces;

  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_loop (&iter, "{&o@a{sa{sv}}}", &path, &interfaces))
    {
      g_autofree char *line = describe (path, interfaces, is_session);

      if (line != NULL)
        g_print ("%s\n", line);
    }
}

gboolean
ea_candidates_print (GDBusConnection *connection, const char *kind)
{
  g_autoptr (GVariant) objects = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      connection, EA_CLIENT_BUS_NAME, EA_CLIENT_ROOT, "org.freedesktop.DBus.ObjectManager",
      "GetManagedObjects", NULL, G_VARIANT_TYPE ("(a{oa{sa{sv}}})"),
      G_DBUS_CALL_FLAGS_NO_AUTO_START, ANSWER_TIMEOUT_MS, NULL, NULL);

  if (reply == NULL)
    return FALSE;
  objects = g_variant_get_child_value (reply, 0);
  print_objects (objects, strcmp (kind, "sessions") == 0);
  return TRUE;
}
