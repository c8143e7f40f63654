/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What has happened, the newest first. */

#include "ctl/report-private.h"

static const char *const texts[]
    = { "event", "eid", "session", "transport", "result", "detail", NULL };

/* Empty when it is not there */
static const char *
get_text (GVariant *entry, const char *name)
{
  const char *text = "";

  (void) g_variant_lookup (entry, name, "&s", &text); /* see above */
  return text;
}

static guint64
get_time (GVariant *entry)
{
  guint64 time_us = 0;

  (void) g_variant_lookup (entry, "time", "t", &time_us); /* else it is the oldest of all */
  return time_us;
}

static void
add_entry (JsonBuilder *builder, GVariant *entry)
{
  json_builder_begin_object (builder);
  ea_report_add_time (builder, "time", get_time (entry));
  for (gsize i = 0; texts[i] != NULL; i++)
    ea_report_add_string (builder, texts[i], get_text (entry, texts[i]));
  json_builder_end_object (builder);
}

static void
print_json (GVariant *entries, EaReportFormat format)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (gsize i = 0; i < g_variant_n_children (entries); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (entries, i);

      add_entry (builder, entry);
    }
  json_builder_end_array (builder);
  ea_report_print_json (json_builder_get_root (builder), format);
}

/* A line of facts, and one of the detail below it, since that is as long as it is */
static void
print_entry (GVariant *entry)
{
  static const char *const shown[] = { "event", "session", "transport", "result", NULL };
  g_autofree char *when = ea_report_format_local_time (get_time (entry));
  g_autofree char *eid = ea_client_shorten_eid (get_text (entry, "eid"));

  g_print ("%s  %s", when, ea_report_dash_if_empty (eid));
  for (gsize i = 0; shown[i] != NULL; i++)
    if (get_text (entry, shown[i])[0] != '\0')
      g_print ("  %s", get_text (entry, shown[i]));
  g_print ("\n");
  if (get_text (entry, "detail")[0] != '\0')
    g_print ("    %s\n", get_text (entry, "detail"));
}

void
ea_report_history (GVariant *entries, EaReportFormat format)
{
  if (format != EA_REPORT_TABLE)
    {
      print_json (entries, format);
      return;
    }
  for (gsize i = 0; i < g_variant_n_children (entries); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (entries, i);

      print_entry (entry);
    }
}
