/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * What `euiccctl decode` shows of one item: a tree of named values, each with its place in the item and
 * the clause that defines it. The same tree is printed for people or as one line of JSON.
 *
 * A view is filled in order. ea_view_at() and ea_view_cite() say something about the value that is added
 * next, and about no other. All memory is kept for the next item.
 */

typedef struct _EaView EaView;

/* (transfer full) */
EaView *ea_view_new (void);
void ea_view_free (EaView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaView, ea_view_free)

/* Forgets what was added and begins with @item, borrowed: offsets are counted in it. */
void ea_view_begin (EaView *view, EaSpan item);

/* What offsets are counted in for @part: the item when @part lies in it, else @part itself. */
EaSpan ea_view_get_item (const EaView *view, EaSpan part);

/* The next value was read from @place; no offset is shown when that does not lie in the item. */
void ea_view_at (EaView *view, EaSpan place);
void ea_view_at_offset (EaView *view, gsize offset);

/* The next value is defined in @clause ("TS 102 223 §8.52"), which is static. */
void ea_view_cite (EaView *view, const char *clause);

/*
 * Values. @name is static, lower case with underscores, and NULL within a list. Strings are UTF-8 and are
 * copied. A named value is a number for which the standard has a word; @value_name is static, NULL says
 * that there is none.
 */
void ea_view_add_number (EaView *view, const char *name, guint64 value);
void ea_view_add_boolean (EaView *view, const char *name, gboolean value);
void ea_view_add_null (EaView *view, const char *name);
void ea_view_add_string (EaView *view, const char *name, const char *value);
void ea_view_add_bytes (EaView *view, const char *name, EaSpan value);
void ea_view_add_named (EaView *view, const char *name, guint64 value, const char *value_name);

/* As ea_view_add_bytes() with ea_view_at() for the same bytes. */
void ea_view_add_bytes_here (EaView *view, const char *name, EaSpan value);

void ea_view_begin_object (EaView *view, const char *name);
void ea_view_end_object (EaView *view);
void ea_view_begin_list (EaView *view, const char *name);
void ea_view_end_list (EaView *view);

/*
 * EaViewMark: how much has been added, to take back what came after it: for the parts of an item that may
 * turn out not to be readable.
 */
typedef gsize EaViewMark;
EaViewMark ea_view_get_mark (const EaView *view);
void ea_view_rewind (EaView *view, EaViewMark mark);

/* Append the view to @out, line break and all: for people, or as JSON without or with line breaks within. */
void ea_view_print_tree (const EaView *view, gboolean is_coloured, GString *out);
void ea_view_print_json (const EaView *view, gboolean is_pretty, GString *out);

/* Appends @text, UTF-8, with \uXXXX in the place of what would move a terminal's cursor. */
void ea_view_append_printable (GString *out, const char *text);
