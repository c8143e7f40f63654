/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What a program writes, as lines that may go to the log: printable, not too long, not too many. */

typedef void (*EaHookLineFunc) (const char *line, gpointer user_data);

typedef struct
{
  GString *line; /* NULL: not in use */
  guint n_lines;
} EaHookOutput;

void ea_hook_output_init (EaHookOutput *self);

/* Takes all zeros, too. */
void ea_hook_output_clear (EaHookOutput *self);

/* @data: the next bytes; @func is called for each line that they end, but for empty ones */
void ea_hook_output_take (EaHookOutput *self, const char *data, gsize size, EaHookLineFunc func,
                          gpointer user_data);

/* Nothing comes any more: the last line may have no end. */
void ea_hook_output_end (EaHookOutput *self, EaHookLineFunc func, gpointer user_data);
