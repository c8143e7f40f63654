/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * How wide a text is on a terminal, and how it is made to fit. Texts are UTF-8; those from the other end of a link may
 * have anything in them: control characters become '?' here, so that none reaches the terminal.
 */

/* Columns that @text takes: two for a wide character, none for a combining one */
gsize ea_fit_width (const char *text);

/* (transfer full): @text in at most @n_columns, 0: as many as it takes; "…" stands for the end that is lost */
char *ea_fit_shorten (const char *text, gsize n_columns);

/* (transfer full): the same, but the end stays: the last digits tell numbers apart */
char *ea_fit_shorten_number (const char *text, gsize n_columns);

/**
 * ea_fit_wrap:
 * @begin: columns of the first line that are taken already
 * @indent: blanks in front of all other lines
 * @n_columns: of a line, 0: there is no end to it
 *
 * Breaks @text at blanks, and words that are longer than a line where they have to be.
 *
 * Returns: (transfer full): without a line feed at its end
 */
char *ea_fit_wrap (const char *text, gsize begin, gsize indent, gsize n_columns);
