/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ctl/report-table.h"

#include "ctl/fit.h"
#include "ctl/terminal.h"

#define GAP "  "
#define GAP_COLUMNS 2

/* What a cell is shortened to at least */
#define CELL_COLUMNS_MIN 8

struct _EaReportTable
{
  const char *const *headings;
  guint n_columns;
  GPtrArray *cells; /* the headings come first */
};

static gboolean
is_mark (char character)
{
  return character == '>' || character == '!' || character == '~' || character == '<';
}

static const char *
get_heading (const EaReportTable *table, guint column)
{
  const char *heading = table->headings[column];

  return is_mark (heading[0]) ? heading + 1 : heading;
}

EaReportTable *
ea_report_table_new (const char *const *headings)
{
  EaReportTable *table = g_new0 (EaReportTable, 1);

  table->headings = headings;
  table->n_columns = g_strv_length ((char **) headings);
  table->cells = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < table->n_columns; i++)
    ea_report_table_add (table, g_strchomp (g_strdup (get_heading (table, i))));
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

static gsize
get_width (const EaReportTable *table, guint column)
{
  gsize width = ea_fit_width (get_heading (table, column));

  for (guint i = column; i < table->cells->len; i += table->n_columns)
    width = MAX (width, ea_fit_width (table->cells->pdata[i]));
  return width;
}

/* The widest of those that may be shortened; the table's number of columns: there is none */
static guint
find_widest (const EaReportTable *table, const gsize *widths)
{
  guint widest = table->n_columns;

  for (guint i = 0; i < table->n_columns; i++)
    {
      char mark = table->headings[i][0];

      if ((mark == '~' || mark == '<') && widths[i] > CELL_COLUMNS_MIN
          && (widest == table->n_columns || widths[i] > widths[widest]))
        widest = i;
    }
  return widest;
}

/* @widths: (out): of the columns, so that a line fits the terminal as far as it can */
static void
fit_columns (const EaReportTable *table, gsize *widths)
{
  gsize room = ea_terminal_get_width ();
  gsize total = (gsize) (table->n_columns - 1) * GAP_COLUMNS;

  for (guint i = 0; i < table->n_columns; i++)
    {
      widths[i] = get_width (table, i);
      total += widths[i];
    }
  while (room > 0 && total > room)
    {
      guint widest = find_widest (table, widths);

      if (widest == table->n_columns)
        return;
      widths[widest]--;
      total--;
    }
}

static const char *
get_colour (const EaReportTable *table, guint index)
{
  if (index < table->n_columns)
    return ea_terminal_get_bold ();
  return table->headings[index % table->n_columns][0] == '!'
             ? ea_terminal_get_colour (table->cells->pdata[index])
             : "";
}

static void
print_cell (const EaReportTable *table, guint index, gsize width)
{
  guint column = index % table->n_columns;
  char mark = table->headings[column][0];
  gboolean is_last = column == table->n_columns - 1;
  const char *colour = get_colour (table, index);
  const char *whole = table->cells->pdata[index];
  g_autofree char *cell
      = mark == '<' ? ea_fit_shorten_number (whole, width) : ea_fit_shorten (whole, width);
  int padding = (int) (width - MIN (ea_fit_width (cell), width));

  g_print ("%*s%s%s%s%*s%s", mark == '>' ? padding : 0, "", colour, cell,
           colour[0] != '\0' ? ea_terminal_get_plain () : "", mark == '>' || is_last ? 0 : padding,
           "", is_last ? "\n" : GAP);
}

void
ea_report_table_print (const EaReportTable *table)
{
  g_autofree gsize *widths = g_new0 (gsize, table->n_columns);

  fit_columns (table, widths);
  for (guint i = 0; i < table->cells->len; i++)
    print_cell (table, i, widths[i % table->n_columns]);
}
