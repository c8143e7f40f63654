/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What standard output is: a terminal, with colours or without, and how wide; or a pipe or a file, where nothing is cut
 * or wrapped. */

/* Columns: $COLUMNS, or what the terminal says, or 80; 0 where there is no terminal */
gsize ea_terminal_get_width (void);

/* Whether a line can be written once more: not where $TERM is "dumb" */
gboolean ea_terminal_can_redraw (void);

/* Terminal codes; empty where there are no colours: elsewhere than on a terminal, and where $NO_COLOR is set or $TERM is
 * "dumb". */
const char *ea_terminal_get_bold (void);
const char *ea_terminal_get_plain (void);

/* Green, yellow or red, of a state or a result */
const char *ea_terminal_get_colour (const char *state);
