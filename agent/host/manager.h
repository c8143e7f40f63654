/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What the service manager hears of the daemon (sd_notify(3)). Without a manager nothing happens. */

void ea_manager_tell_ready (void);
void ea_manager_tell_reloading (void);
void ea_manager_tell_stopping (void);

/* @status: a sentence for "systemctl status" */
void ea_manager_tell_status (const char *status);

/* Feeds the watchdog from the main loop, twice as often as it asks: a blocked loop is a restart. */
void ea_manager_start_watchdog (void);
