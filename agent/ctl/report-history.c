/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What has happened, the newest first. */

#include <string.h>

#include "ctl/fit.h"
#include "ctl/report-private.h"
#include "ctl/terminal.h"

#define DETAIL_INDENT 4

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

/* The name of a session, a transport: as they are; a result in its colour */
static void
print_word (const char *name, const char *word)
{
  gboolean is_result = strcmp (name, "result") == 0;

  g_print ("  %s%s%s", is_result ? ea_terminal_get_colour (word) : "", word,
           is_result ? ea_terminal_get_plain () : "");
}

static void
print_detail (const char *detail)
{
  g_autofree char *text
      = ea_fit_wrap (detail, DETAIL_INDENT, DETAIL_INDENT, ea_terminal_get_width ());

  g_print ("%*s%s\n", DETAIL_INDENT, "", text);
}

/* A line of facts, and the detail below it, since that is as long as it is */
static void
print_entry (GVariant *entry)
{
  static const char *const shown[] = { "event", "session", "transport", "result", NULL };
  g_autofree char *when = ea_report_format_local_time (get_time (entry));
  g_autofree char *eid = ea_client_shorten_eid (get_text (entry, "eid"));

  g_print ("%s  %s", when, ea_report_dash_if_empty (eid));
  for (gsize i = 0; shown[i] != NULL; i++)
    if (get_text (entry, shown[i])[0] != '\0')
      print_word (shown[i], get_text (entry, shown[i]));
  g_print ("\n");
  if (get_text (entry, "detail")[0] != '\0')
    print_detail (get_text (entry, "detail"));
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
