/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* News as a line: a sentence for people, or a JSON object. */

#include "ctl/fit.h"
#include "ctl/terminal.h"
#include "ctl/watch-private.h"

/* Of the column that says whom it is about */
#define SUBJECT_COLUMNS 5

/* "Euicc/0"; @about: (nullable): else the agent */
static const char *
get_subject (GDBusProxy *about)
{
  return about != NULL ? ea_client_shorten_path (g_dbus_proxy_get_object_path (about)) : "agent";
}

static void
add_subject (JsonBuilder *builder, EaClient *client, GDBusProxy *about)
{
  ea_report_add_string (builder, "subject", get_subject (about));
  if (EA_DBUS_IS_EUICC (about))
    ea_report_add_euicc_identity (builder, EA_DBUS_EUICC (about));
  else if (EA_DBUS_IS_CHANNEL (about))
    ea_report_add_channel_identity (builder, client, EA_DBUS_CHANNEL (about));
  else if (EA_DBUS_IS_SESSION (about))
    ea_report_add_session_identity (builder, client, EA_DBUS_SESSION (about));
}

static void
tell_program (EaWatch *watch, GDBusProxy *about, const EaNews *news)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  ea_report_add_time (builder, "time", (guint64) g_get_real_time ());
  add_subject (builder, watch->client, about);
  ea_report_add_string (builder, "event", news->event);
  ea_report_add_string (builder, "detail", news->detail);
  if (news->error != NULL)
    ea_report_add_error (builder, "error", news->error);
  json_builder_end_object (builder);
  ea_report_print_json (json_builder_get_root (builder), EA_REPORT_JSON_SHORT);
}

/* (transfer full): the last digits of the EID; @about: (nullable): else the agent */
static char *
describe_subject (EaClient *client, GDBusProxy *about)
{
  if (about == NULL)
    return g_strdup ("agent");
  if (EA_DBUS_IS_CHANNEL (about))
    return ea_client_get_short_eid (client, ea_dbus_channel_get_euicc (EA_DBUS_CHANNEL (about)));
  if (EA_DBUS_IS_SESSION (about))
    return ea_client_get_short_eid (client, ea_dbus_session_get_euicc (EA_DBUS_SESSION (about)));
  return ea_client_get_short_eid (client, g_dbus_proxy_get_object_path (about));
}

/* Lines of the same story stand below each other: what is too long goes on below its beginning. */
static void
tell_people (EaWatch *watch, GDBusProxy *about, const EaNews *news)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *clock = g_date_time_format (now, "%H:%M:%S");
  g_autofree char *subject = describe_subject (watch->client, about);
  g_autofree char *head = g_strdup_printf ("%s  %-*s  ", clock, SUBJECT_COLUMNS, subject);
  g_autofree char *text = ea_fit_wrap (news->sentence, ea_fit_width (head), ea_fit_width (head),
                                       ea_terminal_get_width ());
  const char *colour = news->mood != NULL ? ea_terminal_get_colour (news->mood) : "";

  g_print ("%s%s%s%s\n", head, colour, text, colour[0] != '\0' ? ea_terminal_get_plain () : "");
}

void
ea_watch_tell (EaWatch *watch, GDBusProxy *about, const EaNews *news)
{
  if (watch->format != EA_REPORT_TABLE && news->event != NULL)
    tell_program (watch, about, news);
  else if (watch->format == EA_REPORT_TABLE && news->sentence != NULL)
    tell_people (watch, about, news);
}
