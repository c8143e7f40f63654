/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/report.h"

/* What the files of the report share: report.c tells of the agent and its eUICCs, report-channels.c of their
 * data channels, report-sessions.c of the agent's sessions, report-history.c of what was. */

#define EA_REPORT_LABEL_WIDTH 16

const char *ea_report_dash_if_empty (const char *text);

/* A line of `show`: "label  value", or "-" where @value is empty, wrapped where it has to be */
void ea_report_print_fact (const char *label, const char *value);

/* A paragraph below a table: "\nname: sentence\n", wrapped */
void ea_report_print_remark (const char *name, const char *sentence);

/* The member "channels": those of the eUICC at @euicc_path. */
void ea_report_add_channels (JsonBuilder *builder, EaClient *client, const char *euicc_path);

/* A line for each channel of the eUICC, with the label in front of the first. */
void ea_report_print_channels (EaClient *client, const char *euicc_path);

/* One line, if any channel is open. */
void ea_report_print_n_channels (EaClient *client);

/* (transfer full): for people; "never" for 0 */
char *ea_report_format_local_time (guint64 time_us);

/* The same three of sessions; the line counts those that have not ended. */
void ea_report_add_sessions (JsonBuilder *builder, EaClient *client, const char *euicc_path);
void ea_report_print_sessions (EaClient *client, const char *euicc_path);
void ea_report_print_n_sessions (EaClient *client);
