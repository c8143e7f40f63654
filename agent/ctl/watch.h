/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/report.h"

/* Tells what happens, a line each, until the process is ended, by SIGINT or SIGTERM, or the bus goes away: FALSE in the
 * latter case. That the agent goes and comes back is told as well. @client: by ea_client_connect() */
gboolean ea_watch_run (EaClient *client, EaReportFormat format);
