/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The tree of one decoded item: nodes in the order in which they were added, with their texts behind each
 * other in one string. Nothing is allocated for an item that is not larger than those before it, which a
 * JsonBuilder would do for each of its members. How it is printed is in view-print.c.
 */

#include "ctl/view-private.h"

EaView *
ea_view_new (void)
{
  EaView *view = g_new0 (EaView, 1);

  view->nodes = g_array_new (FALSE, FALSE, sizeof (EaViewNode));
  view->text = g_string_new (NULL);
  view->next_offset = EA_VIEW_NO_OFFSET;
  return view;
}

void
ea_view_free (EaView *view)
{
  g_array_unref (view->nodes);
  g_string_free (view->text, TRUE);
  g_free (view);
}

void
ea_view_begin (EaView *view, EaSpan item)
{
  view->item = item;
  ea_view_rewind (view, 0);
  g_string_truncate (view->text, 0);
}

EaSpan
ea_view_get_item (const EaView *view, EaSpan part)
{
  gsize offset;

  return ea_span_find_offset (view->item, part, &offset) ? view->item : part;
}

void
ea_view_at (EaView *view, EaSpan place)
{
  view->next_offset = EA_VIEW_NO_OFFSET;
  (void) ea_span_find_offset (view->item, place,
                              &view->next_offset); /* what was deciphered lies elsewhere */
}

void
ea_view_at_offset (EaView *view, gsize offset)
{
  view->next_offset = offset;
}

void
ea_view_cite (EaView *view, const char *clause)
{
  view->next_clause = clause;
}

static EaViewNode *
add_node (EaView *view, EaViewType type, const char *name)
{
  EaViewNode node = { .type = type,
                      .name = name,
                      .clause = view->next_clause,
                      .offset = view->next_offset,
                      .text = view->text->len };

  view->next_offset = EA_VIEW_NO_OFFSET;
  view->next_clause = NULL;
  g_array_append_val (view->nodes, node);
  return &g_array_index (view->nodes, EaViewNode, view->nodes->len - 1);
}

void
ea_view_add_number (EaView *view, const char *name, guint64 value)
{
  add_node (view, EA_VIEW_NUMBER, name)->number = value;
}

void
ea_view_add_boolean (EaView *view, const char *name, gboolean value)
{
  add_node (view, EA_VIEW_BOOLEAN, name)->number = value ? 1 : 0;
}

void
ea_view_add_null (EaView *view, const char *name)
{
  add_node (view, EA_VIEW_NULL, name);
}

void
ea_view_add_string (EaView *view, const char *name, const char *value)
{
  add_node (view, EA_VIEW_STRING, name);
  g_string_append_len (view->text, value, (gssize) strlen (value) + 1);
}

void
ea_view_add_bytes (EaView *view, const char *name, EaSpan value)
{
  add_node (view, EA_VIEW_BYTES, name);
  ea_span_append_hex (value, view->text);
  g_string_append_c (view->text, '\0');
}

void
ea_view_add_bytes_here (EaView *view, const char *name, EaSpan value)
{
  ea_view_at (view, value);
  ea_view_add_bytes (view, name, value);
}

void
ea_view_add_named (EaView *view, const char *name, guint64 value, const char *value_name)
{
  EaViewNode *node = add_node (view, EA_VIEW_NAMED, name);

  node->number = value;
  node->value_name = value_name;
}

void
ea_view_begin_object (EaView *view, const char *name)
{
  add_node (view, EA_VIEW_OBJECT, name);
}

void
ea_view_end_object (EaView *view)
{
  add_node (view, EA_VIEW_OBJECT_END, NULL);
}

void
ea_view_begin_list (EaView *view, const char *name)
{
  add_node (view, EA_VIEW_LIST, name);
}

void
ea_view_end_list (EaView *view)
{
  add_node (view, EA_VIEW_LIST_END, NULL);
}

EaViewMark
ea_view_get_mark (const EaView *view)
{
  return view->nodes->len;
}

void
ea_view_rewind (EaView *view, EaViewMark mark)
{
  if (mark < view->nodes->len)
    {
      g_string_truncate (view->text, g_array_index (view->nodes, EaViewNode, mark).text);
      g_array_set_size (view->nodes, (guint) mark);
    }
  view->next_offset = EA_VIEW_NO_OFFSET;
  view->next_clause = NULL;
}
