/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tables that fit 80 columns, and JSON with the same facts. */

#include <string.h>

#include "ctl/advice.h"
#include "ctl/fit.h"
#include "ctl/report-private.h"
#include "ctl/report-table.h"
#include "ctl/terminal.h"

/* Of the longest name: "unsupported-proactive" and the like */
#define COUNTER_WIDTH 24

const char *
ea_report_dash_if_empty (const char *text)
{
  return text != NULL && text[0] != '\0' ? text : "-";
}

/* The end of a long value is not lost: it goes on below its beginning. */
void
ea_report_print_fact (const char *label, const char *value)
{
  gsize begin = EA_REPORT_LABEL_WIDTH + 2;
  g_autofree char *text
      = ea_fit_wrap (ea_report_dash_if_empty (value), begin, begin, ea_terminal_get_width ());

  g_print ("%s%*s%s  %s\n", ea_terminal_get_bold (), EA_REPORT_LABEL_WIDTH, label,
           ea_terminal_get_plain (), text);
}

void
ea_report_print_remark (const char *name, const char *sentence)
{
  g_autofree char *whole = g_strdup_printf ("%s: %s", name, sentence);
  g_autofree char *text = ea_fit_wrap (whole, 0, 0, ea_terminal_get_width ());

  g_print ("\n%s\n", text);
}

char *
ea_report_format_local_time (guint64 time_us)
{
  g_autoptr (GDateTime) local = NULL;

  if (time_us == 0)
    return g_strdup ("never");
  local = g_date_time_new_from_unix_local ((gint64) (time_us / G_USEC_PER_SEC));
  return g_date_time_format (local, "%Y-%m-%dT%H:%M:%S%:z");
}

void
ea_report_add_time (JsonBuilder *builder, const char *key, guint64 time_us)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc ((gint64) (time_us / G_USEC_PER_SEC));
  g_autoptr (GDateTime) exact = g_date_time_add (utc, (GTimeSpan) (time_us % G_USEC_PER_SEC));
  g_autofree char *text = g_date_time_format_iso8601 (exact);

  ea_report_add_string (builder, key, text);
}

void
ea_report_print_json (JsonNode *node, EaReportFormat format)
{
  g_autofree char *text = json_to_string (node, format == EA_REPORT_JSON_PRETTY);

  g_print ("%s\n", text);
  json_node_unref (node);
}

char *
ea_report_format_hex (GVariant *bytes)
{
  gsize size;
  const guint8 *data = g_variant_get_fixed_array (bytes, &size, 1);
  GString *hex = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (hex, "%02X", data[i]);
  return g_string_free (hex, FALSE);
}

void
ea_report_add_string (JsonBuilder *builder, const char *key, const char *value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, value != NULL ? value : "");
}

void
ea_report_add_number (JsonBuilder *builder, const char *key, guint64 value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_int_value (builder, (gint64) value);
}

static void
add_counters (JsonBuilder *builder, GVariant *counters)
{
  GVariantIter iter;
  const char *name;
  guint64 value;

  json_builder_set_member_name (builder, "counters");
  json_builder_begin_object (builder);
  g_variant_iter_init (&iter, counters);
  while (g_variant_iter_next (&iter, "{&st}", &name, &value))
    ea_report_add_number (builder, name, value);
  json_builder_end_object (builder);
}

static void
add_last_activity (JsonBuilder *builder, EaDbusEuicc *euicc)
{
  const char *key = "last_activity";
  guint64 time_us = ea_dbus_euicc_get_last_activity (euicc);

  if (time_us != 0)
    {
      ea_report_add_time (builder, key, time_us - time_us % G_USEC_PER_SEC);
      return;
    }
  json_builder_set_member_name (builder, key);
  json_builder_add_null_value (builder);
}

void
ea_report_add_error (JsonBuilder *builder, const char *key, GVariant *error)
{
  const char *name;
  const char *message;

  g_variant_get (error, "(&s&s)", &name, &message);
  json_builder_set_member_name (builder, key);
  if (name[0] == '\0')
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  ea_report_add_string (builder, "name", name);
  ea_report_add_string (builder, "message", message);
  json_builder_end_object (builder);
}

static void
add_words (JsonBuilder *builder, const char *key, const char *const *words)
{
  json_builder_set_member_name (builder, key);
  json_builder_begin_array (builder);
  for (gsize i = 0; words != NULL && words[i] != NULL; i++)
    json_builder_add_string_value (builder, words[i]);
  json_builder_end_array (builder);
}

void
ea_report_add_euicc_identity (JsonBuilder *builder, EaDbusEuicc *euicc)
{
  ea_report_add_string (builder, "path", g_dbus_proxy_get_object_path (G_DBUS_PROXY (euicc)));
  ea_report_add_string (builder, "eid", ea_dbus_euicc_get_eid (euicc));
}

static JsonNode *
build_euicc (EaClient *client, EaDbusEuicc *euicc)
{
  const char *path = g_dbus_proxy_get_object_path (G_DBUS_PROXY (euicc));
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *atr = ea_report_format_hex (ea_dbus_euicc_get_atr (euicc));

  json_builder_begin_object (builder);
  ea_report_add_euicc_identity (builder, euicc);
  ea_report_add_string (builder, "iccid", ea_dbus_euicc_get_iccid (euicc));
  ea_report_add_string (builder, "previous_iccid", ea_dbus_euicc_get_previous_iccid (euicc));
  ea_report_add_string (builder, "intended_iccid", ea_dbus_euicc_get_intended_iccid (euicc));
  ea_report_add_string (builder, "switch_reason", ea_dbus_euicc_get_switch_reason (euicc));
  ea_report_add_string (builder, "state", ea_dbus_euicc_get_state (euicc));
  ea_report_add_string (builder, "state_reason", ea_dbus_euicc_get_state_reason (euicc));
  ea_report_add_string (builder, "role", ea_dbus_euicc_get_role (euicc));
  ea_report_add_string (builder, "role_reason", ea_dbus_euicc_get_role_reason (euicc));
  ea_report_add_string (builder, "device", ea_dbus_euicc_get_device (euicc));
  ea_report_add_string (builder, "device_id", ea_dbus_euicc_get_device_id (euicc));
  ea_report_add_string (builder, "modem", ea_dbus_euicc_get_modem (euicc));
  ea_report_add_string (builder, "imei", ea_dbus_euicc_get_imei (euicc));
  ea_report_add_number (builder, "slot", ea_dbus_euicc_get_slot (euicc));
  ea_report_add_string (builder, "atr", atr);
  add_words (builder, "capabilities", ea_dbus_euicc_get_capabilities (euicc));
  ea_report_add_string (builder, "cat_mode", ea_dbus_euicc_get_cat_mode (euicc));
  add_words (builder, "events", ea_dbus_euicc_get_events (euicc));
  add_words (builder, "key_sets", ea_dbus_euicc_get_key_sets (euicc));
  add_counters (builder, ea_dbus_euicc_get_counters (euicc));
  add_last_activity (builder, euicc);
  ea_report_add_error (builder, "last_error", ea_dbus_euicc_get_last_error (euicc));
  ea_report_add_channels (builder, client, path);
  ea_report_add_sessions (builder, client, path);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static void
add_euiccs (JsonBuilder *builder, EaClient *client, GPtrArray *euiccs)
{
  json_builder_begin_array (builder);
  for (guint i = 0; i < euiccs->len; i++)
    json_builder_add_value (builder, build_euicc (client, g_ptr_array_index (euiccs, i)));
  json_builder_end_array (builder);
}

/* One without an EID has its path's end, which 'show' takes as well. */
static const char *
get_name (EaDbusEuicc *euicc)
{
  const char *eid = ea_dbus_euicc_get_eid (euicc);
  const char *path = g_dbus_proxy_get_object_path (G_DBUS_PROXY (euicc));

  return eid != NULL && eid[0] != '\0' ? eid : ea_client_shorten_path (path);
}

static gboolean
is_ready (EaDbusEuicc *euicc)
{
  return g_strcmp0 (ea_dbus_euicc_get_state (euicc), "ready") == 0;
}

gboolean
ea_report_has_trouble (EaDbusEuicc *euicc)
{
  return is_ready (euicc)
         && g_strcmp0 (ea_dbus_euicc_get_state_reason (euicc), "the card is ready") != 0;
}

/* The columns stay where they are, whatever the states are. */
static void
print_table (GPtrArray *euiccs)
{
  static const char *const headings[] = { "<EID                             ",
                                          "<ICCID               ", "!STATE       ", "ROLE", NULL };
  g_autoptr (EaReportTable) table = ea_report_table_new (headings);

  for (guint i = 0; i < euiccs->len; i++)
    {
      EaDbusEuicc *euicc = g_ptr_array_index (euiccs, i);
      const char *state
          = ea_report_has_trouble (euicc) ? "ready (!)" : ea_dbus_euicc_get_state (euicc);

      ea_report_table_add (table, g_strdup (get_name (euicc)));
      ea_report_table_add (table,
                           g_strdup (ea_report_dash_if_empty (ea_dbus_euicc_get_iccid (euicc))));
      ea_report_table_add (table, g_strdup (state));
      ea_report_table_add (table,
                           g_strdup (ea_report_dash_if_empty (ea_dbus_euicc_get_role (euicc))));
    }
  ea_report_table_print (table);
}

void
ea_report_list (EaClient *client, EaReportFormat format)
{
  g_autoptr (GPtrArray) euiccs = ea_client_get_euiccs (client);
  g_autoptr (JsonBuilder) builder = NULL;

  if (format == EA_REPORT_TABLE)
    {
      print_table (euiccs);
      return;
    }
  builder = json_builder_new ();
  add_euiccs (builder, client, euiccs);
  ea_report_print_json (json_builder_get_root (builder), format);
}

static void
print_reasons (GPtrArray *euiccs)
{
  for (guint i = 0; i < euiccs->len; i++)
    {
      EaDbusEuicc *euicc = g_ptr_array_index (euiccs, i);

      if (!is_ready (euicc) || ea_report_has_trouble (euicc))
        ea_report_print_remark (ea_dbus_euicc_get_device_id (euicc),
                                ea_dbus_euicc_get_state_reason (euicc));
    }
}

static void
print_agent (EaDbusManager *manager)
{
  const char *state = ea_dbus_manager_get_state (manager);
  g_autofree char *head
      = g_strdup_printf ("euicc-agent %s is ", ea_dbus_manager_get_version (manager));
  gsize begin = ea_fit_width (head) + ea_fit_width (state) + strlen (": ");
  g_autofree char *reason = ea_fit_wrap (ea_dbus_manager_get_state_reason (manager), begin, 2,
                                         ea_terminal_get_width ());

  g_print ("%s%s%s%s: %s\n", head, ea_terminal_get_colour (state), state, ea_terminal_get_plain (),
           reason);
}

void
ea_report_status (EaClient *client, EaReportFormat format)
{
  g_autoptr (GPtrArray) euiccs = ea_client_get_euiccs (client);
  g_autoptr (JsonBuilder) builder = NULL;

  if (format == EA_REPORT_TABLE)
    {
      print_agent (client->manager);
      if (euiccs->len > 0)
        {
          g_print ("\n");
          print_table (euiccs);
          print_reasons (euiccs);
          ea_report_print_n_channels (client);
          ea_report_print_n_sessions (client);
        }
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  ea_report_add_string (builder, "version", ea_dbus_manager_get_version (client->manager));
  ea_report_add_string (builder, "state", ea_dbus_manager_get_state (client->manager));
  ea_report_add_string (builder, "state_reason",
                        ea_dbus_manager_get_state_reason (client->manager));
  json_builder_set_member_name (builder, "euiccs");
  add_euiccs (builder, client, euiccs);
  json_builder_end_object (builder);
  ea_report_print_json (json_builder_get_root (builder), format);
}

static void
print_explained (const char *label, const char *value, const char *reason)
{
  g_autofree char *text = reason[0] != '\0' ? g_strdup_printf ("%s: %s", value, reason) : NULL;

  ea_report_print_fact (label, text != NULL ? text : value);
}

static void
print_counters (GVariant *counters)
{
  const char *label = "Counters";
  GVariantIter iter;
  const char *name;
  guint64 value;

  g_variant_iter_init (&iter, counters);
  while (g_variant_iter_next (&iter, "{&st}", &name, &value))
    {
      g_autofree char *line
          = g_strdup_printf ("%-*s  %" G_GUINT64_FORMAT, COUNTER_WIDTH, name, value);

      ea_report_print_fact (label, line);
      label = "";
    }
}

/* With the next step, as where it is met */
static void
print_last_error (EaDbusEuicc *euicc)
{
  const char *name;
  const char *message;
  const char *advice;
  g_autofree char *text = NULL;

  g_variant_get (ea_dbus_euicc_get_last_error (euicc), "(&s&s)", &name, &message);
  if (name[0] == '\0')
    return;
  advice = ea_advice_get (name);
  text = g_strdup_printf ("%s%s%s", message, advice != NULL ? ": " : "",
                          advice != NULL ? advice : "");
  print_explained ("Last error", ea_advice_get_bare_name (name), text);
}

void
ea_report_euicc (EaClient *client, EaDbusEuicc *euicc, EaReportFormat format)
{
  g_autofree char *capabilities = NULL;
  g_autofree char *events = NULL;
  g_autofree char *key_sets = NULL;
  g_autofree char *activity = NULL;
  g_autofree char *atr = NULL;
  g_autofree char *slot = NULL;

  if (format != EA_REPORT_TABLE)
    {
      ea_report_print_json (build_euicc (client, euicc), format);
      return;
    }
  capabilities = g_strjoinv (", ", (char **) ea_dbus_euicc_get_capabilities (euicc));
  events = g_strjoinv (", ", (char **) ea_dbus_euicc_get_events (euicc));
  key_sets = g_strjoinv (", ", (char **) ea_dbus_euicc_get_key_sets (euicc));
  activity = ea_report_format_local_time (ea_dbus_euicc_get_last_activity (euicc));
  atr = ea_report_format_hex (ea_dbus_euicc_get_atr (euicc));
  slot = g_strdup_printf ("%u", ea_dbus_euicc_get_slot (euicc));
  ea_report_print_fact ("EID", ea_dbus_euicc_get_eid (euicc));
  ea_report_print_fact ("ICCID", ea_dbus_euicc_get_iccid (euicc));
  ea_report_print_fact ("Previous ICCID", ea_dbus_euicc_get_previous_iccid (euicc));
  ea_report_print_fact ("Intended ICCID", ea_dbus_euicc_get_intended_iccid (euicc));
  ea_report_print_fact ("Switch reason", ea_dbus_euicc_get_switch_reason (euicc));
  print_explained ("State", ea_dbus_euicc_get_state (euicc),
                   ea_dbus_euicc_get_state_reason (euicc));
  print_explained ("Role", ea_dbus_euicc_get_role (euicc), ea_dbus_euicc_get_role_reason (euicc));
  ea_report_print_fact ("Device", ea_dbus_euicc_get_device (euicc));
  ea_report_print_fact ("Physical device", ea_dbus_euicc_get_device_id (euicc));
  ea_report_print_fact ("IMEI", ea_dbus_euicc_get_imei (euicc));
  ea_report_print_fact ("Slot", slot);
  ea_report_print_fact ("ATR", atr);
  ea_report_print_fact ("Capabilities", capabilities);
  ea_report_print_fact ("Toolkit mode", ea_dbus_euicc_get_cat_mode (euicc));
  ea_report_print_fact ("Events wanted", events);
  ea_report_print_fact ("Keys held", key_sets);
  ea_report_print_fact ("Last activity", activity);
  print_last_error (euicc);
  print_counters (ea_dbus_euicc_get_counters (euicc));
  ea_report_print_channels (client, g_dbus_proxy_get_object_path (G_DBUS_PROXY (euicc)));
  ea_report_print_sessions (client, g_dbus_proxy_get_object_path (G_DBUS_PROXY (euicc)));
}
