/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "https-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define INTERFACE "org.euicc.Agent1.Session"
#define SESSION_PATH "/org/euicc/Agent1/Session/%u"
#define ERROR_PREFIX "org.euicc.Agent1.Error."
#define BUS_NAME "org.euicc.Agent1"

struct _HttpsNews
{
  Rig *rig;
  guint subscription;
  GHashTable *states;  /* path → GString */
  GHashTable *results; /* path → char * */
};

gint64
https_get_number (Rig *rig, const char *key)
{
  g_autofree char *state = rig_control (rig, "state");
  g_autofree char *member = g_strdup_printf ("\"%s\":", key);
  const char *found = strstr (state, member);

  if (found == NULL)
    fail_msg ("there is no %s in %s", key, state);
  return g_ascii_strtoll (found + strlen (member), NULL, 10);
}

static void
write_config (Rig *rig, const char *more)
{
  g_autofree char *text
      = g_strdup_printf (RIG_LOOPBACK_CONFIG "[session]\nRetryDelay=1\nRetryMaximum=1\nTimeout=20\n"
                                             "[sm-sr]\nHost=127.0.0.1\nPort=%d\n%s",
                         (int) https_get_number (rig, "https"), more != NULL ? more : "");

  rig_write_config (rig, text);
}

void
https_start_agent (Rig *rig)
{
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
}

void
https_start (Rig *rig, const char *more)
{
  rig_write_keys (rig, HTTPS_KEYS);
  rig_start_simulator (rig, "--isdr=plain", NULL);
  write_config (rig, more);
  https_start_agent (rig);
  g_free (rig_control (rig, "ledger")); /* what the agent asked of the card until it was ready */
}

char *
https_write_profile (Rig *rig, gsize size, guint seed, char **sha256)
{
  char *path = g_strdup_printf ("%s/profile-%u", rig->directory, seed);
  g_autofree guint8 *bytes = g_malloc (size);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) g_rand_int (random);
  assert_true (g_file_set_contents (path, (const char *) bytes, (gssize) size, NULL));
  *sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes, size);
  return path;
}

static void
on_changed (GDBusConnection *connection, const char *sender, const char *path,
            const char *interface, const char *signal, GVariant *parameters, gpointer user_data)
{
  HttpsNews *news = user_data;
  g_autoptr (GVariant) changed = g_variant_get_child_value (parameters, 1);
  const char *value;

  if (g_variant_lookup (changed, "State", "&s", &value))
    {
      GString *states = g_hash_table_lookup (news->states, path);

      if (states == NULL)
        {
          states = g_string_new (NULL);
          g_hash_table_insert (news->states, g_strdup (path), states);
        }
      g_string_append_printf (states, "%s%s", states->len > 0 ? " " : "", value);
    }
  if (g_variant_lookup (changed, "Result", "&s", &value))
    g_hash_table_replace (news->results, g_strdup (path), g_strdup (value));
}

static void
free_string (gpointer string)
{
  g_string_free (string, TRUE);
}

HttpsNews *
https_news_new (Rig *rig)
{
  HttpsNews *news = g_new0 (HttpsNews, 1);

  news->rig = rig;
  news->states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_string);
  news->results = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  news->subscription = g_dbus_connection_signal_subscribe (
      rig->connection, NULL, "org.freedesktop.DBus.Properties", "PropertiesChanged", NULL,
      INTERFACE, G_DBUS_SIGNAL_FLAGS_NONE, on_changed, news, NULL);
  return news;
}

void
https_news_free (HttpsNews *news)
{
  g_dbus_connection_signal_unsubscribe (news->rig->connection, news->subscription);
  g_hash_table_unref (news->states);
  g_hash_table_unref (news->results);
  g_free (news);
}

const char *
https_news_get_states (HttpsNews *news, guint number)
{
  g_autofree char *path = g_strdup_printf (SESSION_PATH, number);
  const GString *states = g_hash_table_lookup (news->states, path);

  return states != NULL ? states->str : "";
}

typedef struct
{
  HttpsNews *news;
  guint number;
} Awaited;

static gboolean
is_closed (gpointer data)
{
  const Awaited *awaited = data;

  return g_str_has_suffix (https_news_get_states (awaited->news, awaited->number), "closed");
}

void
https_news_await_result (HttpsNews *news, guint number, const char *result)
{
  Awaited awaited = { news, number };
  g_autofree char *path = g_strdup_printf (SESSION_PATH, number);
  const char *found;

  if (!rig_await_that (is_closed, &awaited))
    fail_msg ("Session/%u is not closed: %s", number, https_news_get_states (news, number));
  found = g_hash_table_lookup (news->results, path);
  if (g_strcmp0 (found, result) != 0)
    {
      g_autofree char *error = https_get_error (news->rig, number);

      fail_msg ("Session/%u: result '%s', error '%s', not '%s' (%s)", number, found, error, result,
                https_news_get_states (news, number));
    }
}

char *
https_get_error (Rig *rig, guint number)
{
  g_autofree char *path = g_strdup_printf (SESSION_PATH, number);
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      rig->connection, BUS_NAME, path, "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", INTERFACE, "Error"), G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE,
      -1, NULL, NULL);
  g_autoptr (GVariant) value = NULL;
  const char *name;

  if (reply == NULL)
    fail_msg ("there is no %s", path);
  g_variant_get (reply, "(v)", &value);
  g_variant_get (value, "(&s&s)", &name, NULL);
  return g_strdup (g_str_has_prefix (name, ERROR_PREFIX) ? name + strlen (ERROR_PREFIX) : name);
}
