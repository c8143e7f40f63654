/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "https-rig.h"

#include <stdio.h>
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
#define EUICC_PATH "/org/euicc/Agent1/Euicc/0"
#define EUICC_INTERFACE "org.euicc.Agent1.Euicc"
#define SESSION_LINES "RetryDelay=1\nRetryMaximum=1\nTimeout=20\n"
#define POLL_MS 20
#define SETTLED_TIMES 5

/* A generated command, without the class that has the channel, up to its number of four octets */
#define COMMAND "E28800093A0706A304"

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

void
https_start_agent (Rig *rig)
{
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
}

static void
start (Rig *rig, const char *option, const char *keys, const char *session, const char *host,
       const char *more)
{
  g_autofree char *text = NULL;

  rig_write_keys (rig, keys);
  rig_start_simulator (rig, "--isdr=plain", option, NULL);
  text = g_strdup_printf (
      RIG_LOOPBACK_CONFIG
      "[session]\n%s[sm-sr]\nHost=%s\nPort=%d\nCatTpPort=2345\nCatTpUdpPort=%d\n"
      "DnsServers=127.0.0.1:%d\n%s",
      session, host, (int) https_get_number (rig, "https"), (int) https_get_number (rig, "cat_tp"),
      (int) https_get_number (rig, "dns"), more);
  rig_write_config (rig, text);
  https_start_agent (rig);
  g_free (rig_control (rig, "ledger")); /* what the agent asked of the card until it was ready */
}

void
https_start (Rig *rig, const char *more)
{
  start (rig, NULL, HTTPS_KEYS, SESSION_LINES, "127.0.0.1", more != NULL ? more : "");
}

void
https_start_with (Rig *rig, const char *session, const char *host)
{
  start (rig, NULL, HTTPS_KEYS, session != NULL ? session : SESSION_LINES, host, "");
}

void
https_start_with_keys (Rig *rig, const char *option, const char *keys, const char *session)
{
  start (rig, option, keys, session != NULL ? session : SESSION_LINES, "127.0.0.1", "");
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

/* (transfer full) */
static GVariant *
get_property (Rig *rig, guint number, const char *property)
{
  g_autofree char *path = g_strdup_printf (SESSION_PATH, number);
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      rig->connection, BUS_NAME, path, "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", INTERFACE, property), G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE,
      -1, NULL, NULL);
  GVariant *value;

  if (reply == NULL)
    fail_msg ("there is no %s of %s", property, path);
  g_variant_get (reply, "(v)", &value);
  return value;
}

char *
https_get_property (Rig *rig, guint number, const char *property)
{
  g_autoptr (GVariant) value = get_property (rig, number, property);

  return g_variant_dup_string (value, NULL);
}

guint64
https_get_count (Rig *rig, guint number, const char *property)
{
  g_autoptr (GVariant) value = get_property (rig, number, property);

  return g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64) ? g_variant_get_uint64 (value)
                                                             : g_variant_get_uint32 (value);
}

char *
https_get_error (Rig *rig, guint number)
{
  g_autoptr (GVariant) value = get_property (rig, number, "Error");
  const char *name;

  g_variant_get (value, "(&s&s)", &name, NULL);
  return g_strdup (g_str_has_prefix (name, ERROR_PREFIX) ? name + strlen (ERROR_PREFIX) : name);
}

guint
https_open_session_over (Rig *rig, const char *transport, const char *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) parsed
      = g_variant_parse (G_VARIANT_TYPE_VARDICT, options, NULL, NULL, &error);
  g_autoptr (GVariant) reply = NULL;
  const char *path;
  guint number = 0;

  if (parsed != NULL)
    reply = g_dbus_connection_call_sync (
        rig->connection, BUS_NAME, EUICC_PATH, EUICC_INTERFACE, "OpenSession",
        g_variant_new ("(s@a{sv})", transport, parsed), G_VARIANT_TYPE ("(o)"),
        G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  if (reply == NULL)
    fail_msg ("OpenSession: %s", error->message);
  g_variant_get (reply, "(&o)", &path);
  assert_int_equal (sscanf (path, SESSION_PATH, &number), 1);
  return number;
}

guint
https_open_session (Rig *rig, const char *options)
{
  return https_open_session_over (rig, "https", options);
}

guint
https_count_files (Rig *rig)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/fd", g_subprocess_get_identifier (rig->agent));
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  guint n_files = 0;

  assert_non_null (directory);
  while (g_dir_read_name (directory) != NULL)
    n_files++;
  return n_files;
}

/* One that is open for a moment, to store something, does not count. */
typedef struct
{
  Rig *rig;
  guint n_files;
  guint n_times; /* that it was this number, in a row */
} Remains;

static gboolean
has_settled (gpointer data)
{
  Remains *remains = data;
  guint n_files = https_count_files (remains->rig);

  rig_look_again (POLL_MS); /* files have no events: look again then */
  remains->n_times = n_files == remains->n_files ? remains->n_times + 1 : 0;
  remains->n_files = n_files;
  return remains->n_times == SETTLED_TIMES;
}

guint
https_count_settled_files (Rig *rig)
{
  Remains remains = { .rig = rig };

  if (!rig_await_that (has_settled, &remains))
    fail_msg ("the agent opens and closes files without end");
  return remains.n_files;
}

static gboolean
has_files (gpointer data)
{
  const Remains *remains = data;

  rig_look_again (POLL_MS); /* files have no events: look again then */
  return https_count_files (remains->rig) == remains->n_files;
}

void
https_await_nothing_left (Rig *rig, guint n_files)
{
  Remains remains = { .rig = rig, .n_files = n_files };

  rig_await_simulator (rig, "\"logical_channels\":[]");
  if (!rig_await_that (has_files, &remains))
    fail_msg ("the agent has %u open files, not %u", https_count_files (rig), n_files);
}

/* Beside an operation that has begun */
char *
https_take_queries (Rig *rig)
{
  g_autoptr (GSocketConnection) begun = g_steal_pointer (&rig->begun);
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GDataInputStream) input = NULL;
  g_autoptr (GString) queries = g_string_new (NULL);

  rig_begin_control (rig, "dns-queries");
  connection = g_steal_pointer (&rig->begun);
  rig->begun = g_steal_pointer (&begun);
  input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  for (;;)
    {
      g_autofree char *line = g_data_input_stream_read_line_utf8 (input, NULL, NULL, NULL);

      if (line == NULL)
        fail_msg ("dns-queries: the simulator is gone after '%s'", queries->str);
      if (strcmp (line, ".") == 0)
        return g_string_free (g_steal_pointer (&queries), FALSE);
      g_string_append_printf (queries, "%s\n", line);
    }
}

void
https_count_runs (Rig *rig, GHashTable *numbers)
{
  g_autofree char *ledger = rig_control (rig, "ledger");

  for (const char *found = strstr (ledger, COMMAND); found != NULL;
       found = strstr (found + 1, COMMAND))
    {
      guint number = 0;

      assert_int_equal (sscanf (found, COMMAND "%8x", &number), 1);
      if (!g_hash_table_add (numbers, GUINT_TO_POINTER (number)))
        fail_msg ("command %u has run twice", number);
    }
}

guint
https_get_setting (const char *variable, guint otherwise)
{
  const char *text = g_getenv (variable);
  guint64 number = otherwise;

  if (text != NULL && !g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT, &number, NULL))
    fail_msg ("%s=%s is no number above 0", variable, text);
  return (guint) number;
}

guint
https_count (const char *text, const char *part)
{
  guint n_found = 0;

  for (const char *found = strstr (text, part); found != NULL; found = strstr (found + 1, part))
    n_found++;
  return n_found;
}
