/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What --json says: tables and trees for people (off), or JSON on one line or on many. */
typedef enum
{
  EA_REPORT_TABLE,
  EA_REPORT_JSON_SHORT,
  EA_REPORT_JSON_PRETTY,
} EaReportFormat;
