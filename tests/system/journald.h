/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* systemd-journald of the test's own, in a mount namespace: the service manager need not run. */

/* To be called before there are threads. FALSE, after it was told why, where there is no journald or no namespace. */
gboolean journald_start (void);
void journald_stop (void);

/* Programs that are started meanwhile have the journal as their standard error. */
void journald_take_standard_error (void);
void journald_give_standard_error_back (void);

/* (transfer full): journalctl's output of the messages with @match, "FIELD=VALUE" (nullable), in @format */
char *journald_read (const char *match, const char *format);

/* The same in JSON, a line each, as soon as @text is in it; fails the test at a deadline. */
char *journald_await (const char *match, const char *text);
