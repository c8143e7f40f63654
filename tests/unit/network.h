/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A network namespace of the test's own. */

/* Enters one, where the loopback interface is down; whoever is not root becomes it within a user namespace. FALSE
 * where that can't be done. */
gboolean network_leave (void);
void network_set_loopback (gboolean is_up);

/* Writes into an existing file, such as those of sysctl. */
gboolean network_write_text (const char *path, const char *text);

/* Runs a command, or ip(8) with @arguments; a failure is told on standard error. */
gboolean network_run (const char *command);
gboolean network_run_ip (const char *arguments);
