/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "ctl/client.h"
#include "ctl/format.h"

/* What the agent says, as tables for people and as JSON for programs. */

void ea_report_status (EaClient *client, EaReportFormat format);
void ea_report_list (EaClient *client, EaReportFormat format);
void ea_report_euicc (EaDbusEuicc *euicc, EaReportFormat format);

/* (transfer full): keys are the properties' names in lower case with underscores */
JsonNode *ea_report_build_euicc (EaDbusEuicc *euicc);

/* Prints @node (transfer full) on one line or indented. */
void ea_report_print_json (JsonNode *node, EaReportFormat format);

/* (transfer full): ISO 8601 in local time; "never" for 0 */
char *ea_report_format_time (guint64 time_us);
