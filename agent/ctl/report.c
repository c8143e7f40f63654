/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tables that fit 80 columns, and JSON with the same facts. */

#include "ctl/report.h"

#include <string.h>
#include <unistd.h>

#define LABEL_WIDTH 16

static const char *
dash_if_empty (const char *text)
{
  return text != NULL && text[0] != '\0' ? text : "-";
}

char *
ea_report_format_time (guint64 time_us)
{
  g_autoptr (GDateTime) utc = NULL;
  g_autoptr (GDateTime) local = NULL;

  if (time_us == 0)
    return g_strdup ("never");
  utc = g_date_time_new_from_unix_utc ((gint64) (time_us / G_USEC_PER_SEC));
  local = g_date_time_to_local (utc);
  return g_date_time_format_iso8601 (local);
}

void
ea_report_print_json (JsonNode *node, EaReportFormat format)
{
  g_autofree char *text = json_to_string (node, format == EA_REPORT_JSON_PRETTY);

  g_print ("%s\n", text);
  json_node_unref (node);
}

static char *
format_hex (GVariant *bytes)
{
  gsize size;
  const guint8 *data = g_variant_get_fixed_array (bytes, &size, 1);
  GString *hex = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (hex, "%02X", data[i]);
  return g_string_free (hex, FALSE);
}

static void
add_string (JsonBuilder *builder, const char *key, const char *value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, value != NULL ? value : "");
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
    {
      json_builder_set_member_name (builder, name);
      json_builder_add_int_value (builder, (gint64) value);
    }
  json_builder_end_object (builder);
}

static void
add_last_activity (JsonBuilder *builder, EaDbusEuicc *euicc)
{
  guint64 time_us = ea_dbus_euicc_get_last_activity (euicc);
  g_autofree char *time = ea_report_format_time (time_us);

  json_builder_set_member_name (builder, "last_activity");
  if (time_us != 0)
    json_builder_add_string_value (builder, time);
  else
    json_builder_add_null_value (builder);
}

static void
add_last_error (JsonBuilder *builder, EaDbusEuicc *euicc)
{
  const char *name;
  const char *message;

  g_variant_get (ea_dbus_euicc_get_last_error (euicc), "(&s&s)", &name, &message);
  json_builder_set_member_name (builder, "last_error");
  if (name[0] == '\0')
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  add_string (builder, "name", name);
  add_string (builder, "message", message);
  json_builder_end_object (builder);
}

static void
add_capabilities (JsonBuilder *builder, EaDbusEuicc *euicc)
{
  const char *const *capabilities = ea_dbus_euicc_get_capabilities (euicc);

  json_builder_set_member_name (builder, "capabilities");
  json_builder_begin_array (builder);
  for (gsize i = 0; capabilities != NULL && capabilities[i] != NULL; i++)
    json_builder_add_string_value (builder, capabilities[i]);
  json_builder_end_array (builder);
}

JsonNode *
ea_report_build_euicc (EaDbusEuicc *euicc)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *atr = format_hex (ea_dbus_euicc_get_atr (euicc));

  json_builder_begin_object (builder);
  add_string (builder, "path", g_dbus_proxy_get_object_path (G_DBUS_PROXY (euicc)));
  add_string (builder, "eid", ea_dbus_euicc_get_eid (euicc));
  add_string (builder, "iccid", ea_dbus_euicc_get_iccid (euicc));
  add_string (builder, "previous_iccid", ea_dbus_euicc_get_previous_iccid (euicc));
  add_string (builder, "state", ea_dbus_euicc_get_state (euicc));
  add_string (builder, "state_reason", ea_dbus_euicc_get_state_reason (euicc));
  add_string (builder, "role", ea_dbus_euicc_get_role (euicc));
  add_string (builder, "role_reason", ea_dbus_euicc_get_role_reason (euicc));
  add_string (builder, "device", ea_dbus_euicc_get_device (euicc));
  add_string (builder, "device_id", ea_dbus_euicc_get_device_id (euicc));
  add_string (builder, "modem", ea_dbus_euicc_get_modem (euicc));
  add_string (builder, "imei", ea_dbus_euicc_get_imei (euicc));
  json_builder_set_member_name (builder, "slot");
  json_builder_add_int_value (builder, ea_dbus_euicc_get_slot (euicc));
  add_string (builder, "atr", atr);
  add_capabilities (builder, euicc);
  add_string (builder, "cat_mode", ea_dbus_euicc_get_cat_mode (euicc));
  add_counters (builder, ea_dbus_euicc_get_counters (euicc));
  add_last_activity (builder, euicc);
  add_last_error (builder, euicc);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static void
add_euiccs (JsonBuilder *builder, GPtrArray *euiccs)
{
  json_builder_begin_array (builder);
  for (guint i = 0; i < euiccs->len; i++)
    json_builder_add_value (builder, ea_report_build_euicc (g_ptr_array_index (euiccs, i)));
  json_builder_end_array (builder);
}

static const char *
get_state_colour (const char *state)
{
  if (!isatty (STDOUT_FILENO))
    return "";
  if (strcmp (state, "ready") == 0)
    return "\033[32m";
  return strcmp (state, "failed") == 0 ? "\033[31m" : "\033[33m";
}

static void
print_table (GPtrArray *euiccs)
{
  const char *reset = isatty (STDOUT_FILENO) ? "\033[0m" : "";

  g_print ("%-32s  %-20s  %-12s  %s\n", "EID", "ICCID", "STATE", "ROLE");
  for (guint i = 0; i < euiccs->len; i++)
    {
      EaDbusEuicc *euicc = g_ptr_array_index (euiccs, i);
      const char *state = ea_dbus_euicc_get_state (euicc);

      g_print ("%-32s  %-20s  %s%-12s%s  %s\n", dash_if_empty (ea_dbus_euicc_get_eid (euicc)),
               dash_if_empty (ea_dbus_euicc_get_iccid (euicc)), get_state_colour (state), state,
               reset, dash_if_empty (ea_dbus_euicc_get_role (euicc)));
    }
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
  add_euiccs (builder, euiccs);
  ea_report_print_json (json_builder_get_root (builder), format);
}

static void
print_not_ready (GPtrArray *euiccs)
{
  for (guint i = 0; i < euiccs->len; i++)
    {
      EaDbusEuicc *euicc = g_ptr_array_index (euiccs, i);

      if (strcmp (ea_dbus_euicc_get_state (euicc), "ready") != 0)
        g_print ("\n%s: %s\n", ea_dbus_euicc_get_device_id (euicc),
                 ea_dbus_euicc_get_state_reason (euicc));
    }
}

void
ea_report_status (EaClient *client, EaReportFormat format)
{
  g_autoptr (GPtrArray) euiccs = ea_client_get_euiccs (client);
  g_autoptr (JsonBuilder) builder = NULL;

  if (format == EA_REPORT_TABLE)
    {
      g_print ("euicc-agent %s is %s: %s\n", ea_dbus_manager_get_version (client->manager),
               ea_dbus_manager_get_state (client->manager),
               ea_dbus_manager_get_state_reason (client->manager));
      if (euiccs->len > 0)
        {
          g_print ("\n");
          print_table (euiccs);
          print_not_ready (euiccs);
        }
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_string (builder, "version", ea_dbus_manager_get_version (client->manager));
  add_string (builder, "state", ea_dbus_manager_get_state (client->manager));
  add_string (builder, "state_reason", ea_dbus_manager_get_state_reason (client->manager));
  json_builder_set_member_name (builder, "euiccs");
  add_euiccs (builder, euiccs);
  json_builder_end_object (builder);
  ea_report_print_json (json_builder_get_root (builder), format);
}

static void
print_fact (const char *label, const char *value)
{
  g_print ("%*s  %s\n", LABEL_WIDTH, label, dash_if_empty (value));
}

static void
print_explained (const char *label, const char *value, const char *reason)
{
  g_autofree char *text = reason[0] != '\0' ? g_strdup_printf ("%s: %s", value, reason) : NULL;

  print_fact (label, text != NULL ? text : value);
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
      g_print ("%*s  %-20s %" G_GUINT64_FORMAT "\n", LABEL_WIDTH, label, name, value);
      label = "";
    }
}

static void
print_last_error (EaDbusEuicc *euicc)
{
  const char *name;
  const char *message;

  g_variant_get (ea_dbus_euicc_get_last_error (euicc), "(&s&s)", &name, &message);
  if (name[0] != '\0')
    print_explained ("Last error", name, message);
}

void
ea_report_euicc (EaDbusEuicc *euicc, EaReportFormat format)
{
  g_autofree char *capabilities = NULL;
  g_autofree char *activity = NULL;
  g_autofree char *atr = NULL;

  if (format != EA_REPORT_TABLE)
    {
      ea_report_print_json (ea_report_build_euicc (euicc), format);
      return;
    }
  capabilities = g_strjoinv (", ", (char **) ea_dbus_euicc_get_capabilities (euicc));
  activity = ea_report_format_time (ea_dbus_euicc_get_last_activity (euicc));
  atr = format_hex (ea_dbus_euicc_get_atr (euicc));
  print_fact ("EID", ea_dbus_euicc_get_eid (euicc));
  print_fact ("ICCID", ea_dbus_euicc_get_iccid (euicc));
  print_fact ("Previous ICCID", ea_dbus_euicc_get_previous_iccid (euicc));
  print_explained ("State", ea_dbus_euicc_get_state (euicc),
                   ea_dbus_euicc_get_state_reason (euicc));
  print_explained ("Role", ea_dbus_euicc_get_role (euicc), ea_dbus_euicc_get_role_reason (euicc));
  print_fact ("Device", ea_dbus_euicc_get_device (euicc));
  print_fact ("Physical device", ea_dbus_euicc_get_device_id (euicc));
  print_fact ("IMEI", ea_dbus_euicc_get_imei (euicc));
  g_print ("%*s  %u\n", LABEL_WIDTH, "Slot", ea_dbus_euicc_get_slot (euicc));
  print_fact ("ATR", atr);
  print_fact ("Capabilities", capabilities);
  print_fact ("Toolkit mode", ea_dbus_euicc_get_cat_mode (euicc));
  print_fact ("Last activity", activity);
  print_last_error (euicc);
  print_counters (ea_dbus_euicc_get_counters (euicc));
}
