/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A view as one JSON object, or as a tree for people: the offset in the item, the name, the value, the
 * clause. Long byte strings are broken into lines of 32 bytes.
 */

#include "ctl/view-private.h"

#define TREE_INDENT 2
#define TREE_OFFSET_COLUMNS 8
#define TREE_NAME_COLUMNS 30
#define TREE_CLAUSE_COLUMN 76
#define TREE_HEX_COLUMNS 64
#define TREE_ITEM_MEMBERS_MAX 4
#define DIM "\033[2m"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

static const EaViewNode *
get_node (const EaView *view, guint index)
{
  return &g_array_index (view->nodes, EaViewNode, index);
}

static gboolean
is_opening (const EaViewNode *node)
{
  return node->type == EA_VIEW_OBJECT || node->type == EA_VIEW_LIST;
}

static gboolean
is_closing (const EaViewNode *node)
{
  return node->type == EA_VIEW_OBJECT_END || node->type == EA_VIEW_LIST_END;
}

/* Decimal digits without printf, which costs more than all the rest of a number. */
static void
append_number (GString *out, guint64 value)
{
  char digits[20];
  gsize n = sizeof digits;

  do
    digits[--n] = (char) ('0' + value % 10);
  while ((value /= 10) > 0);
  g_string_append_len (out, digits + n, (gssize) (sizeof digits - n));
}

static void
append_json_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (gsize n_plain; *text != '\0'; text += n_plain)
    {
      for (n_plain = 0; (guchar) text[n_plain] >= ' ' && text[n_plain] != '"'
                        && text[n_plain] != '\\' && text[n_plain] != 0x7F;
           n_plain++)
        ;
      g_string_append_len (out, text, (gssize) n_plain);
      if (text[n_plain] == '"' || text[n_plain] == '\\')
        g_string_append_printf (out, "\\%c", text[n_plain++]);
      else if (text[n_plain] != '\0')
        g_string_append_printf (out, "\\u%04x", (guchar) text[n_plain++]);
    }
  g_string_append_c (out, '"');
}

static void
append_json_named (GString *out, const EaViewNode *node, gboolean is_pretty)
{
  g_string_append (out, is_pretty ? "{ \"value\" : " : "{\"value\":");
  append_number (out, node->number);
  g_string_append (out, is_pretty ? ", \"name\" : " : ",\"name\":");
  if (node->value_name != NULL)
    append_json_string (out, node->value_name);
  else
    g_string_append (out, "null");
  g_string_append (out, is_pretty ? " }" : "}");
}

static void
append_json_value (GString *out, const EaView *view, const EaViewNode *node, gboolean is_pretty)
{
  switch (node->type)
    {
    case EA_VIEW_NUMBER:
      append_number (out, node->number);
      break;
    case EA_VIEW_BOOLEAN:
      g_string_append (out, node->number != 0 ? "true" : "false");
      break;
    case EA_VIEW_NULL:
      g_string_append (out, "null");
      break;
    case EA_VIEW_STRING:
    case EA_VIEW_BYTES:
      append_json_string (out, view->text->str + node->text);
      break;
    case EA_VIEW_NAMED:
      append_json_named (out, node, is_pretty);
      break;
    case EA_VIEW_OBJECT:
      g_string_append_c (out, '{');
      break;
    case EA_VIEW_OBJECT_END:
      g_string_append_c (out, '}');
      break;
    case EA_VIEW_LIST:
      g_string_append_c (out, '[');
      break;
    case EA_VIEW_LIST_END:
      g_string_append_c (out, ']');
      break;
    }
}

static void
append_line_break (GString *out, guint depth)
{
  g_string_append_c (out, '\n');
  for (guint i = 0; i < depth * TREE_INDENT; i++)
    g_string_append_c (out, ' ');
}

void
ea_view_print_json (const EaView *view, gboolean is_pretty, GString *out)
{
  guint depth = 0;

  for (guint i = 0; i < view->nodes->len; i++)
    {
      const EaViewNode *node = get_node (view, i);
      gboolean is_first = i == 0 || is_opening (get_node (view, i - 1));

      if (is_closing (node))
        depth--;
      else if (!is_first)
        g_string_append_c (out, ',');
      if (is_pretty && i > 0 && !(is_closing (node) && is_first))
        append_line_break (out, depth);
      if (node->name != NULL)
        {
          g_string_append_c (out, '"');
          g_string_append (out, node->name);
          g_string_append (out, is_pretty ? "\" : " : "\":");
        }
      append_json_value (out, view, node, is_pretty);
      if (is_opening (node))
        depth++;
    }
  g_string_append_c (out, '\n');
}

static void
append_columns (GString *out, gsize from, gsize columns)
{
  gsize width = (gsize) g_utf8_strlen (out->str + from, (gssize) (out->len - from));

  for (; width < columns; width++)
    g_string_append_c (out, ' ');
}

void
ea_view_append_printable (GString *out, const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_isprint (c))
        g_string_append_unichar (out, c);
      else
        g_string_append_printf (out, "\\u%04X", c);
    }
}

/* Numbers of protocols are looked up in hexadecimal as often as not. */
static void
append_tree_number (GString *out, guint64 value)
{
  append_number (out, value);
  if (value > 9)
    g_string_append_printf (out, " (0x%02" G_GINT64_MODIFIER "X)", value);
}

static void
append_tree_bytes (GString *out, const char *hex)
{
  g_string_append_len (out, hex, (gssize) MIN (TREE_HEX_COLUMNS, strlen (hex)));
}

/* What did not fit on the first line. */
static void
append_more_bytes (GString *out, const char *hex, gsize column)
{
  gsize size = strlen (hex);

  for (gsize i = TREE_HEX_COLUMNS; i < size; i += TREE_HEX_COLUMNS)
    {
      g_string_append_printf (out, "%*s", (int) column, "");
      g_string_append_len (out, hex + i, (gssize) MIN (TREE_HEX_COLUMNS, size - i));
      g_string_append_c (out, '\n');
    }
}

static void
append_tree_named (GString *out, const EaViewNode *node)
{
  g_string_append (out, node->value_name != NULL ? node->value_name : "reserved");
  g_string_append_printf (out, " (0x%02" G_GINT64_MODIFIER "X)", node->number);
}

static void
append_tree_value (GString *out, const EaView *view, const EaViewNode *node)
{
  const char *text = view->text->str + node->text;

  switch (node->type)
    {
    case EA_VIEW_NUMBER:
      append_tree_number (out, node->number);
      break;
    case EA_VIEW_BOOLEAN:
      g_string_append (out, node->number != 0 ? "yes" : "no");
      break;
    case EA_VIEW_NULL:
      g_string_append (out, "none");
      break;
    case EA_VIEW_STRING:
      ea_view_append_printable (out, text);
      break;
    case EA_VIEW_BYTES:
      append_tree_bytes (out, *text != '\0' ? text : "(empty)");
      break;
    case EA_VIEW_NAMED:
      append_tree_named (out, node);
      break;
    case EA_VIEW_OBJECT:
    case EA_VIEW_OBJECT_END:
    case EA_VIEW_LIST:
    case EA_VIEW_LIST_END:
      break;
    }
}

/* The index where the list or object at @index ends when a line can hold it: at most @n_max members, none of
 * which has members; else 0. */
static guint
find_short_end (const EaView *view, guint index, guint n_max)
{
  for (guint i = index + 1; i < view->nodes->len && i - index <= n_max + 1; i++)
    {
      if (is_closing (get_node (view, i)))
        return i;
      if (is_opening (get_node (view, i)))
        return 0;
    }
  return 0;
}

static void
append_members (GString *out, const EaView *view, guint index, guint end)
{
  if (index + 1 == end)
    g_string_append (out, "none");
  for (guint i = index + 1; i < end; i++)
    {
      const EaViewNode *node = get_node (view, i);

      if (node->name != NULL)
        g_string_append_printf (out, "%s ", node->name);
      append_tree_value (out, view, node);
      if (i + 1 < end)
        g_string_append (out, ", ");
    }
}

/**
 * TreePrinter:
 * @depth: objects and lists that are open
 * @is_item: the next line begins an object in a list
 */
typedef struct
{
  const EaView *view;
  GString *out;
  gboolean is_coloured;
  guint depth;
  gboolean is_item;
} TreePrinter;

static void
append_clause (const TreePrinter *printer, const EaViewNode *node, gsize line)
{
  GString *out = printer->out;

  if (node->clause != NULL)
    {
      append_columns (out, line, TREE_CLAUSE_COLUMN);
      g_string_append_printf (out, printer->is_coloured ? "  " DIM "%s" PLAIN : "  %s",
                              node->clause);
    }
  while (out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  g_string_append_c (out, '\n');
}

/* Prints the node at @index, and all of the list that it begins when that is a short one; returns the index of
 * the last node that was printed. */
static guint
append_tree_line (TreePrinter *printer, guint index)
{
  const EaViewNode *node = get_node (printer->view, index);
  guint end = node->type == EA_VIEW_LIST ? find_short_end (printer->view, index, G_MAXUINT16) : 0;
  GString *out = printer->out;
  gsize line = out->len;
  gsize column;

  if (node->offset != EA_VIEW_NO_OFFSET)
    g_string_append_printf (out, "%6" G_GSIZE_FORMAT, node->offset);
  append_columns (out, line, TREE_OFFSET_COLUMNS + (printer->depth - 1) * TREE_INDENT);
  if (printer->is_item)
    {
      g_string_truncate (out, out->len - TREE_INDENT);
      g_string_append (out, "- ");
    }
  printer->is_item = FALSE;
  g_string_append (out, node->name != NULL ? node->name : "-");
  append_columns (out, line, TREE_OFFSET_COLUMNS + TREE_NAME_COLUMNS);
  g_string_append_c (out, ' ');
  column = g_utf8_strlen (out->str + line, (gssize) (out->len - line));

  append_tree_value (out, printer->view, node);
  if (end > 0)
    append_members (out, printer->view, index, end);
  append_clause (printer, node, line);
  if (node->type == EA_VIEW_BYTES)
    append_more_bytes (out, printer->view->text->str + node->text, column);
  return MAX (index, end);
}

/* An object of a list on a line of its own, when that can hold it. Returns: the index of its end, else 0 */
static guint
append_short_item (TreePrinter *printer, guint index)
{
  const EaViewNode *node = get_node (printer->view, index);
  guint end = find_short_end (printer->view, index, TREE_ITEM_MEMBERS_MAX);
  GString *out = printer->out;
  gsize line = out->len;

  if (end <= index + 1)
    return 0;
  if (node->offset != EA_VIEW_NO_OFFSET)
    g_string_append_printf (out, "%6" G_GSIZE_FORMAT, node->offset);
  append_columns (out, line, TREE_OFFSET_COLUMNS + (printer->depth - 1) * TREE_INDENT);
  g_string_append (out, "- ");
  append_members (out, printer->view, index, end);
  append_clause (printer, node, line);
  return end;
}

static void
append_heading (const TreePrinter *printer, const EaViewNode *kind)
{
  g_string_append_printf (printer->out,
                          printer->is_coloured ? BOLD "%s" PLAIN " (%" G_GSIZE_FORMAT " %s)\n"
                                               : "%s (%" G_GSIZE_FORMAT " %s)\n",
                          printer->view->text->str + kind->text, printer->view->item.size,
                          printer->view->item.size == 1 ? "byte" : "bytes");
}

/* Prints what begins at @index, an object of a list, or else a line; returns the index of the last node that is
 * printed with it. */
static guint
append_tree_node (TreePrinter *printer, guint index)
{
  const EaViewNode *node = get_node (printer->view, index);
  guint end;

  if (node->type != EA_VIEW_OBJECT || node->name != NULL)
    return append_tree_line (printer, index);
  end = append_short_item (printer, index);
  printer->is_item = end == 0;
  return MAX (index, end);
}

/* The first node is the item's object, the second its kind: the heading. */
void
ea_view_print_tree (const EaView *view, gboolean is_coloured, GString *out)
{
  TreePrinter printer = { .view = view, .out = out, .is_coloured = is_coloured, .depth = 1 };

  append_heading (&printer, get_node (view, 1));
  for (guint i = 2; i < view->nodes->len; i++)
    {
      const EaViewNode *node = get_node (view, i);
      guint last;

      if (is_closing (node))
        {
          printer.depth--;
          printer.is_item = FALSE;
          continue;
        }
      last = append_tree_node (&printer, i);
      if (is_opening (node) && last == i)
        printer.depth++;
      i = last;
    }
}
