/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The agent's own sessions with the SM-SR. */

#include <string.h>

#include "ctl/report-private.h"
#include "ctl/report-table.h"

static const char *
get_sentence (EaDbusSession *session)
{
  const char *sentence;

  g_variant_get (ea_dbus_session_get_error (session), "(&s&s)", NULL, &sentence);
  return sentence;
}

gboolean
ea_report_is_session_over (EaDbusSession *session)
{
  return strcmp (ea_dbus_session_get_state (session), "closed") == 0;
}

/* Of a closed session its result, which says more */
static const char *
get_state (EaDbusSession *session)
{
  const char *result = ea_dbus_session_get_result (session);

  return result[0] != '\0' ? result : ea_dbus_session_get_state (session);
}

void
ea_report_add_session_identity (JsonBuilder *builder, EaClient *client, EaDbusSession *session)
{
  g_autofree char *eid = ea_client_get_eid (client, ea_dbus_session_get_euicc (session));

  ea_report_add_string (builder, "path", g_dbus_proxy_get_object_path (G_DBUS_PROXY (session)));
  ea_report_add_string (builder, "euicc", ea_dbus_session_get_euicc (session));
  ea_report_add_string (builder, "eid", eid);
  ea_report_add_string (builder, "transport", ea_dbus_session_get_transport (session));
  ea_report_add_string (builder, "origin", ea_dbus_session_get_origin (session));
  ea_report_add_string (builder, "peer", ea_dbus_session_get_peer (session));
}

/* null where there is no such time */
static void
add_moment (JsonBuilder *builder, const char *key, guint64 time_us)
{
  if (time_us != 0)
    {
      ea_report_add_time (builder, key, time_us);
      return;
    }
  json_builder_set_member_name (builder, key);
  json_builder_add_null_value (builder);
}

static JsonNode *
build_session (EaClient *client, EaDbusSession *session)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  ea_report_add_session_identity (builder, client, session);
  ea_report_add_string (builder, "address", ea_dbus_session_get_address (session));
  ea_report_add_string (builder, "interface", ea_dbus_session_get_interface (session));
  ea_report_add_string (builder, "state", ea_dbus_session_get_state (session));
  ea_report_add_number (builder, "bytes_received", ea_dbus_session_get_bytes_received (session));
  ea_report_add_number (builder, "bytes_sent", ea_dbus_session_get_bytes_sent (session));
  ea_report_add_number (builder, "apdus", ea_dbus_session_get_apdus (session));
  ea_report_add_number (builder, "scripts", ea_dbus_session_get_scripts (session));
  ea_report_add_number (builder, "attempt", ea_dbus_session_get_attempt (session));
  add_moment (builder, "next_attempt", ea_dbus_session_get_next_attempt (session));
  add_moment (builder, "started_at", ea_dbus_session_get_started_at (session));
  add_moment (builder, "ended_at", ea_dbus_session_get_ended_at (session));
  ea_report_add_string (builder, "result", ea_dbus_session_get_result (session));
  ea_report_add_error (builder, "error", ea_dbus_session_get_error (session));
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static void
add_sessions (JsonBuilder *builder, EaClient *client, GPtrArray *sessions)
{
  json_builder_begin_array (builder);
  for (guint i = 0; i < sessions->len; i++)
    json_builder_add_value (builder, build_session (client, g_ptr_array_index (sessions, i)));
  json_builder_end_array (builder);
}

void
ea_report_add_sessions (JsonBuilder *builder, EaClient *client, const char *euicc_path)
{
  g_autoptr (GPtrArray) sessions = ea_client_get_sessions (client, euicc_path);

  json_builder_set_member_name (builder, "sessions");
  add_sessions (builder, client, sessions);
}

/* The table */

static void
add_row (EaReportTable *table, EaClient *client, EaDbusSession *session)
{
  const char *name = ea_client_shorten_path (g_dbus_proxy_get_object_path (G_DBUS_PROXY (session)));

  ea_report_table_add (table, g_strdup (strrchr (name, '/') + 1));
  ea_report_table_add (table,
                       ea_client_get_short_eid (client, ea_dbus_session_get_euicc (session)));
  ea_report_table_add (table, g_strdup (ea_dbus_session_get_transport (session)));
  ea_report_table_add (table,
                       g_strdup (ea_report_dash_if_empty (ea_dbus_session_get_peer (session))));
  ea_report_table_add (table, g_strdup (get_state (session)));
  ea_report_table_add_count (table, ea_dbus_session_get_apdus (session));
  ea_report_table_add_count (table, ea_dbus_session_get_bytes_received (session));
  ea_report_table_add_count (table, ea_dbus_session_get_bytes_sent (session));
}

static void
print_table (EaClient *client, GPtrArray *sessions)
{
  static const char *const headings[]
      = { ">NR", "EUICC", "VIA", "~PEER", "!STATE", ">APDUS", ">RECEIVED", ">SENT", NULL };
  g_autoptr (EaReportTable) table = ea_report_table_new (headings);

  for (guint i = 0; i < sessions->len; i++)
    add_row (table, client, g_ptr_array_index (sessions, i));
  ea_report_table_print (table);
  for (guint i = 0; i < sessions->len; i++)
    {
      EaDbusSession *session = g_ptr_array_index (sessions, i);
      const char *path = g_dbus_proxy_get_object_path (G_DBUS_PROXY (session));

      if (get_sentence (session)[0] != '\0')
        ea_report_print_remark (ea_client_shorten_path (path), get_sentence (session));
    }
}

void
ea_report_sessions (EaClient *client, EaReportFormat format)
{
  g_autoptr (GPtrArray) sessions = ea_client_get_sessions (client, NULL);
  g_autoptr (JsonBuilder) builder = NULL;

  if (format == EA_REPORT_TABLE)
    {
      print_table (client, sessions);
      return;
    }
  builder = json_builder_new ();
  add_sessions (builder, client, sessions);
  ea_report_print_json (json_builder_get_root (builder), format);
}

void
ea_report_session (EaClient *client, EaDbusSession *session, EaReportFormat format)
{
  ea_report_print_json (build_session (client, session), format);
}

/* In other reports */

char *
ea_report_describe_session (EaDbusSession *session)
{
  return g_strdup_printf ("%s to %s for %s (%s)", ea_dbus_session_get_transport (session),
                          ea_report_dash_if_empty (ea_dbus_session_get_peer (session)),
                          ea_client_shorten_path (ea_dbus_session_get_euicc (session)),
                          ea_dbus_session_get_origin (session));
}

char *
ea_report_describe_session_state (EaDbusSession *session)
{
  const char *state = ea_dbus_session_get_state (session);
  guint64 next_us = ea_dbus_session_get_next_attempt (session);
  g_autoptr (GDateTime) next = NULL;
  g_autofree char *clock = NULL;

  if (strcmp (state, "waiting") != 0 || next_us == 0)
    return g_strdup (state);
  next = g_date_time_new_from_unix_local ((gint64) (next_us / G_USEC_PER_SEC));
  clock = g_date_time_format (next, "%H:%M:%S");
  return g_strdup_printf ("waiting until %s", clock);
}

char *
ea_report_describe_progress (EaDbusSession *session)
{
  guint n_scripts = ea_dbus_session_get_scripts (session);
  guint n_apdus = ea_dbus_session_get_apdus (session);

  return g_strdup_printf (
      "%u script%s, %u APDU%s, %" G_GUINT64_FORMAT " bytes received, %" G_GUINT64_FORMAT " sent",
      n_scripts, n_scripts == 1 ? "" : "s", n_apdus, n_apdus == 1 ? "" : "s",
      ea_dbus_session_get_bytes_received (session), ea_dbus_session_get_bytes_sent (session));
}

void
ea_report_print_sessions (EaClient *client, const char *euicc_path)
{
  g_autoptr (GPtrArray) sessions = ea_client_get_sessions (client, euicc_path);

  for (guint i = 0; i < sessions->len; i++)
    {
      EaDbusSession *session = g_ptr_array_index (sessions, i);
      const char *path = g_dbus_proxy_get_object_path (G_DBUS_PROXY (session));
      g_autofree char *progress = ea_report_describe_progress (session);

      g_autofree char *line = g_strdup_printf (
          "%s %s %s, %s, %s", strrchr (path, '/') + 1, ea_dbus_session_get_transport (session),
          ea_report_dash_if_empty (ea_dbus_session_get_peer (session)), get_state (session),
          progress);

      ea_report_print_fact (i == 0 ? "Sessions" : "", line);
    }
}

void
ea_report_print_n_sessions (EaClient *client)
{
  g_autoptr (GPtrArray) sessions = ea_client_get_sessions (client, NULL);
  guint n_running = 0;

  for (guint i = 0; i < sessions->len; i++)
    n_running += ea_report_is_session_over (g_ptr_array_index (sessions, i)) ? 0 : 1;
  if (n_running == 1)
    g_print ("\n1 session has not ended, see 'euiccctl sessions'\n");
  else if (n_running > 1)
    g_print ("\n%u sessions have not ended, see 'euiccctl sessions'\n", n_running);
}
