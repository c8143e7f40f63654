/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A table for people, as wide as its cells, or as the terminal. */

typedef struct _EaReportTable EaReportTable;

/* @headings: %NULL-terminated and static; the column of one that begins with '>' is of counts, the one that begins with
 * '!' has a state, in its colour. Where a terminal is too narrow, cells lose their end in a column of '~', their beginning in
 * one of '<'. Blanks at a heading's end make room for what may come */
EaReportTable *ea_report_table_new (const char *const *headings);
void ea_report_table_free (EaReportTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaReportTable, ea_report_table_free)

/* @cell: (transfer full): the next one, from left to right */
void ea_report_table_add (EaReportTable *table, char *cell);

/* The same for a number */
void ea_report_table_add_count (EaReportTable *table, guint64 count);

void ea_report_table_print (const EaReportTable *table);
