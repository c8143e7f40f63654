/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/report.h"

/**
 * ea_session_wait:
 * @path: of a session that was just opened
 *
 * Follows the session to its end: on a terminal in one line that is redrawn, elsewhere with a line for each state, and then
 * says in one sentence what came of it; in JSON only the session at its end. Ctrl-C cancels the session, a second one
 * leaves it, as SIGTERM and SIGHUP do at once.
 *
 * Returns: an exit status: success when the result is "ok"
 */
int ea_session_wait (EaClient *client, const char *path, EaReportFormat format);
