/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "ctl/client.h"
#include "ctl/format.h"

/* What the agent says, as tables for people and as JSON for programs. */

void ea_report_status (EaClient *client, EaReportFormat format);
void ea_report_list (EaClient *client, EaReportFormat format);
void ea_report_euicc (EaClient *client, EaDbusEuicc *euicc, EaReportFormat format);
void ea_report_channels (EaClient *client, EaReportFormat format);
void ea_report_sessions (EaClient *client, EaReportFormat format);

/* @entries: aa{sv}, of GetHistory */
void ea_report_history (GVariant *entries, EaReportFormat format);

/* One session, as JSON */
void ea_report_session (EaClient *client, EaDbusSession *session, EaReportFormat format);

/* (transfer full): "tcp 192.0.2.1:443", "1234 bytes received, 567 sent" */
char *ea_report_describe_channel (EaDbusChannel *channel);
char *ea_report_describe_counts (EaDbusChannel *channel);

/* (transfer full): "https to smsr.example.com:443 for Euicc/0 (dbus)", "1 script, 2 APDUs, 34 bytes received, 56 sent" */
char *ea_report_describe_session (EaDbusSession *session);
char *ea_report_describe_progress (EaDbusSession *session);

/* (transfer full): its state, and until when it waits: "waiting until 12:34:56" */
char *ea_report_describe_session_state (EaDbusSession *session);

gboolean ea_report_is_session_over (EaDbusSession *session);

/* A card that can be used, while its modem is not registered after a switch, or its EID can't be read */
gboolean ea_report_has_trouble (EaDbusEuicc *euicc);

/* Prints @node (transfer full) on one line or indented. */
void ea_report_print_json (JsonNode *node, EaReportFormat format);

/* (transfer full): of an "ay" */
char *ea_report_format_hex (GVariant *bytes);

/* Members that tell which object it is: path, EID and so on, as the first ones of its report. */
void ea_report_add_euicc_identity (JsonBuilder *builder, EaDbusEuicc *euicc);
void ea_report_add_channel_identity (JsonBuilder *builder, EaClient *client,
                                     EaDbusChannel *channel);
void ea_report_add_session_identity (JsonBuilder *builder, EaClient *client,
                                     EaDbusSession *session);

void ea_report_add_string (JsonBuilder *builder, const char *key, const char *value);
void ea_report_add_number (JsonBuilder *builder, const char *key, guint64 value);

/* @error: (ss), null in JSON when it is empty */
void ea_report_add_error (JsonBuilder *builder, const char *key, GVariant *error);

/* @time_us: since 1970 UTC; RFC 3339 in UTC */
void ea_report_add_time (JsonBuilder *builder, const char *key, guint64 time_us);
