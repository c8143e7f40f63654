/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ctl/report-table.h"
#include "ctl/report-private.h"

#define GAP "  "

struct _EaReportTable
{
  const char *const *headings;
  guint n_columns;
  GPtrArray *cells; /* the headings come first */
};

static const char *
get_heading (const EaReportTable *table, guint column)
{
  const char *heading = table->headings[column];

  return heading[0] == '>' || heading[0] == '!' ? heading + 1 : heading;
}

EaReportTable *
ea_report_table_new (const char *const *headings)
{
  EaReportTable *table = g_new0 (EaReportTable, 1);

  table->headings = headings;
  table->n_columns = g_strv_length ((char **) headings);
  table->cells = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < table->n_columns; i++)
    ea_report_table_add (table, g_strdup (get_heading (table, i)));
  return table;
}

void
ea_report_table_free (EaReportTable *table)
{
  g_ptr_array_unref (table->cells);
  g_free (table);
}

void
ea_report_table_add (EaReportTable *table, char *cell)
{
  g_ptr_array_add (table->cells, cell);
}

void
ea_report_table_add_count (EaReportTable *table, guint64 count)
{
  ea_report_table_add (table, g_strdup_printf ("%" G_GUINT64_FORMAT, count));
}

static glong
get_width (const EaReportTable *table, guint column)
{
  glong width = 0;

  for (guint i = column; i < table->cells->len; i += table->n_columns)
    width = MAX (width, g_utf8_strlen (table->cells->pdata[i], -1));
  return width;
}

static void
print_cell (const EaReportTable *table, guint index)
{
  guint column = index % table->n_columns;
  const char *cell = table->cells->pdata[index];
  gboolean is_number = table->headings[column][0] == '>';
  gboolean has_colour = table->headings[column][0] == '!' && index >= table->n_columns;
  gboolean is_last = column == table->n_columns - 1;
  int padding = (int) (get_width (table, column) - g_utf8_strlen (cell, -1));

  g_print ("%*s%s%s%s%*s%s", is_number ? padding : 0, "",
           has_colour ? ea_report_get_state_colour (cell) : "", cell,
           has_colour ? ea_report_get_plain_colour () : "", is_number || is_last ? 0 : padding, "",
           is_last ? "\n" : GAP);
}

void
ea_report_table_print (const EaReportTable *table)
{
  for (guint i = 0; i < table->cells->len; i++)
    print_cell (table, i);
}
