/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Metrics, named as Prometheus recommends. The eUICCs are told apart by the numbers of their objects: two EIDs may end in
 * the same digits, and all of the digits are nobody's business here. ICCID and IMEI are not told at all.
 */

#include "ctl/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ctl/metrics-counters.h"
#include "ctl/report.h"

#define PREFIX "euicc_agent_"

/* The words of the properties State and Role, each a series of its own */
static const char *const agent_states[] = { "running", "waiting", NULL };
static const char *const euicc_states[]
    = { "absent", "failed", "initializing", "ready", "refreshing", NULL };
static const char *const roles[] = { "host", "observer", NULL };
static const char *const key_protocols[] = { "scp80", "scp81", NULL };

typedef struct
{
  GString *text;
  EaMetricsFormat format;
  const char *family; /* the name of its samples, without the prefix */
  GPtrArray *euiccs;
} Writer;

/* @type: "gauge", "counter" or "info", whose names end in "_total" and "_info"; @unit: (nullable) */
static void
begin_family (Writer *writer, const char *type, const char *family, const char *unit,
              const char *help)
{
  gboolean is_open = writer->format == EA_METRICS_OPENMETRICS;
  gboolean is_info = strcmp (type, "info") == 0;
  g_autofree char *name = g_strconcat (PREFIX, family, NULL);
  char *suffix = strrchr (name, '_');

  writer->family = family;
  if (is_open && (is_info || strcmp (type, "counter") == 0))
    *suffix = '\0';
  g_string_append_printf (writer->text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
                          is_info && !is_open ? "gauge" : type);
  if (unit != NULL)
    g_string_append_printf (writer->text, "# UNIT %s %s\n", name, unit);
}

static void
append_escaped (GString *text, const char *value)
{
  for (; *value != '\0'; value++)
    {
      if (*value == '\\' || *value == '"' || *value == '\n')
        g_string_append_c (text, '\\');
      g_string_append_c (text, *value == '\n' ? 'n' : *value);
    }
}

/* Names and values of labels in turn follow, up to a %NULL as a name; a value may be %NULL, for "". */
static void add_sample (Writer *writer, const char *value, ...) G_GNUC_NULL_TERMINATED;

static void
add_sample (Writer *writer, const char *value, ...)
{
  va_list labels;
  const char *name;
  const char *separator = "{";

  g_string_append_printf (writer->text, PREFIX "%s", writer->family);
  va_start (labels, value);
  while ((name = va_arg (labels, const char *)) != NULL)
    {
      const char *label = va_arg (labels, const char *);

      g_string_append_printf (writer->text, "%s%s=\"", separator, name);
      append_escaped (writer->text, label != NULL ? label : "");
      g_string_append_c (writer->text, '"');
      separator = ",";
    }
  va_end (labels);
  g_string_append_printf (writer->text, "%s %s\n", separator[0] == ',' ? "}" : "", value);
}

static const char *
get_path (EaDbusEuicc *euicc)
{
  return g_dbus_proxy_get_object_path (G_DBUS_PROXY (euicc));
}

/* The number of its object */
static const char *
get_number (EaDbusEuicc *euicc)
{
  return strrchr (get_path (euicc), '/') + 1;
}

static EaDbusEuicc *
get_euicc (const Writer *writer, guint index)
{
  return g_ptr_array_index (writer->euiccs, index);
}

static void
add_number (Writer *writer, EaDbusEuicc *euicc, guint64 number)
{
  g_autofree char *value = g_strdup_printf ("%" G_GUINT64_FORMAT, number);

  add_sample (writer, value, "euicc", get_number (euicc), NULL);
}

/* A series for each of @words, which is 1 for that of the property @word: (nullable) */
static void
add_words (Writer *writer, EaDbusEuicc *euicc, const char *label, const char *const *words,
           const char *word)
{
  for (; *words != NULL; words++)
    add_sample (writer, g_strcmp0 (*words, word) == 0 ? "1" : "0", "euicc", get_number (euicc),
                label, *words, NULL);
}

/* The agent */

static void
add_agent (Writer *writer, EaDbusManager *manager)
{
  const char *state = ea_dbus_manager_get_state (manager);
  g_autofree char *n_euiccs = g_strdup_printf ("%u", writer->euiccs->len);

  begin_family (writer, "gauge", "up", NULL, "Whether the agent is running.");
  add_sample (writer, "1", NULL);
  begin_family (writer, "info", "info", NULL, "The agent's version.");
  add_sample (writer, "1", "version", ea_dbus_manager_get_version (manager), NULL);
  begin_family (writer, "gauge", "state", NULL,
                "What the agent does: 1 for the state that it is in.");
  for (gsize i = 0; agent_states[i] != NULL; i++)
    add_sample (writer, g_strcmp0 (agent_states[i], state) == 0 ? "1" : "0", "state",
                agent_states[i], NULL);
  begin_family (writer, "gauge", "euiccs", NULL, "eUICCs that the agent knows.");
  add_sample (writer, n_euiccs, NULL);
}

/* The eUICCs as they are */

static void
add_identities (Writer *writer)
{
  begin_family (writer, "info", "euicc_info", NULL,
                "Which eUICC the number of an object stands for: the last digits of its EID.");
  for (guint i = 0; i < writer->euiccs->len; i++)
    {
      const char *eid = ea_dbus_euicc_get_eid (get_euicc (writer, i));
      g_autofree char *digits = eid != NULL ? ea_client_shorten_eid (eid) : NULL;

      add_sample (writer, "1", "euicc", get_number (get_euicc (writer, i)), "eid", digits, NULL);
    }
}

static void
add_states (Writer *writer)
{
  begin_family (writer, "gauge", "euicc_state", NULL,
                "The state of card and modem: 1 for the one that they are in.");
  for (guint i = 0; i < writer->euiccs->len; i++)
    add_words (writer, get_euicc (writer, i), "state", euicc_states,
               ea_dbus_euicc_get_state (get_euicc (writer, i)));
  begin_family (
      writer, "gauge", "euicc_trouble", NULL,
      "Whether something is wrong although the card is ready: the modem is not registered "
      "after a switch of the profile, or the EID can't be read.");
  for (guint i = 0; i < writer->euiccs->len; i++)
    add_number (writer, get_euicc (writer, i), ea_report_has_trouble (get_euicc (writer, i)));
  begin_family (writer, "gauge", "euicc_role", NULL,
                "The agent's role beside the modem: 1 for the one that it has.");
  for (guint i = 0; i < writer->euiccs->len; i++)
    add_words (writer, get_euicc (writer, i), "role", roles,
               ea_dbus_euicc_get_role (get_euicc (writer, i)));
}

static guint
count_open_channels (EaClient *client, const char *path)
{
  g_autoptr (GPtrArray) channels = ea_client_get_channels (client, path);

  return channels->len;
}

static guint
count_open_sessions (EaClient *client, const char *path)
{
  g_autoptr (GPtrArray) sessions = ea_client_get_sessions (client, path);
  guint n_open = 0;

  for (guint i = 0; i < sessions->len; i++)
    n_open += ea_report_is_session_over (g_ptr_array_index (sessions, i)) ? 0 : 1;
  return n_open;
}

static void
add_open (Writer *writer, EaClient *client)
{
  begin_family (writer, "gauge", "open_sessions", NULL,
                "Sessions of the agent with the SM-SR that have not ended.");
  for (guint i = 0; i < writer->euiccs->len; i++)
    add_number (writer, get_euicc (writer, i),
                count_open_sessions (client, get_path (get_euicc (writer, i))));
  begin_family (writer, "gauge", "open_channels", NULL, "Data channels that the eUICC has open.");
  for (guint i = 0; i < writer->euiccs->len; i++)
    add_number (writer, get_euicc (writer, i),
                count_open_channels (client, get_path (get_euicc (writer, i))));
}

/* "scp80:01" of "scp80:01:000001" */
static gsize
measure_key_set (const char *name)
{
  const char *version = strchr (name, ':');

  return version != NULL ? strcspn (version + 1, ":") + (gsize) (version + 1 - name)
                         : strlen (name);
}

static gboolean
is_known (const char *const *names, gsize n_names, const char *name)
{
  gsize size = measure_key_set (name);

  for (gsize i = 0; i < n_names; i++)
    if (measure_key_set (names[i]) == size && strncmp (names[i], name, size) == 0)
      return TRUE;
  return FALSE;
}

/* One key set has a name for each of its targets. */
static guint
count_key_sets (const char *const *names, const char *protocol)
{
  guint n_sets = 0;

  for (gsize i = 0; names != NULL && names[i] != NULL; i++)
    if (g_str_has_prefix (names[i], protocol) && !is_known (names, i, names[i]))
      n_sets++;
  return n_sets;
}

static void
add_key_sets (Writer *writer)
{
  begin_family (writer, "gauge", "key_sets", NULL, "Key sets that the agent holds for the eUICC.");
  for (guint i = 0; i < writer->euiccs->len; i++)
    for (gsize k = 0; key_protocols[k] != NULL; k++)
      {
        EaDbusEuicc *euicc = get_euicc (writer, i);
        guint n_sets = count_key_sets (ea_dbus_euicc_get_key_sets (euicc), key_protocols[k]);
        g_autofree char *value = g_strdup_printf ("%u", n_sets);

        add_sample (writer, value, "euicc", get_number (euicc), "protocol", key_protocols[k], NULL);
      }
}

static void
add_last_activity (Writer *writer)
{
  begin_family (writer, "gauge", "last_activity_timestamp_seconds", "seconds",
                "When something that is counted happened last, since 1970 UTC.");
  for (guint i = 0; i < writer->euiccs->len; i++)
    {
      guint64 time_us = ea_dbus_euicc_get_last_activity (get_euicc (writer, i));
      g_autofree char *value = g_strdup_printf ("%" G_GUINT64_FORMAT ".%06" G_GUINT64_FORMAT,
                                                time_us / G_USEC_PER_SEC, time_us % G_USEC_PER_SEC);

      if (time_us != 0)
        add_sample (writer, value, "euicc", get_number (get_euicc (writer, i)), NULL);
    }
}

/* What has happened to them */

static void
add_counter (Writer *writer, EaDbusEuicc *euicc, const EaMetricsFamily *family,
             const EaMetricsValue *counter)
{
  GVariant *counters = ea_dbus_euicc_get_counters (euicc);
  guint64 number = 0;
  g_autofree char *value = NULL;

  if (counters != NULL)
    (void) g_variant_lookup (counters, counter->counter, "t", &number); /* not there: 0 */
  value = g_strdup_printf ("%" G_GUINT64_FORMAT, number);
  add_sample (writer, value, "euicc", get_number (euicc), family->label, counter->value,
              family->more_label, counter->more_value, NULL);
}

static void
add_counters (Writer *writer)
{
  for (const EaMetricsFamily *family = ea_metrics_families; family->name != NULL; family++)
    {
      begin_family (writer, "counter", family->name, family->unit, family->help);
      for (const EaMetricsValue *value = family->values; value->counter != NULL; value++)
        for (guint i = 0; i < writer->euiccs->len; i++)
          add_counter (writer, get_euicc (writer, i), family, value);
    }
}

/* (transfer full) */
static char *
build_text (EaClient *client, EaMetricsFormat format)
{
  g_autoptr (GPtrArray) euiccs = ea_client_get_euiccs (client);
  Writer writer = { .text = g_string_new (NULL), .format = format, .euiccs = euiccs };

  add_agent (&writer, client->manager);
  add_identities (&writer);
  add_states (&writer);
  add_open (&writer, client);
  add_key_sets (&writer);
  add_last_activity (&writer);
  add_counters (&writer);
  g_string_append (writer.text, "# EOF\n");
  return g_string_free (writer.text, FALSE);
}

gboolean
ea_metrics_print (EaClient *client, EaMetricsFormat format, GError **error)
{
  g_autofree char *text = NULL;

  if (ea_dbus_manager_get_version (client->manager) == NULL)
    {
      g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN,
                           "the agent has ended");
      return FALSE;
    }
  text = build_text (client, format);
  if (fputs (text, stdout) != EOF && fflush (stdout) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (errno),
               "the metrics can't be written: %s", g_strerror (errno));
  return FALSE;
}
