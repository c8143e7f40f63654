/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/report.h"

/* Tells what happens, a line each, until the process is ended or the agent goes away. FALSE in the latter
 * case. */
gboolean ea_watch_run (EaClient *client, EaReportFormat format);
