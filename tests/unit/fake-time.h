/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * A clock and timeouts that take no time. They take the place of GLib's in a program that is linked with
 * --wrap=g_get_monotonic_time, --wrap=g_timeout_add and --wrap=g_timeout_add_seconds, and are the same until a test
 * lets time fly.
 */

/* From now on every timeout is over at once, and the clock so much later. Begins to count anew. */
void fake_time_let_fly (void);

/* What comes from now on takes its time. */
void fake_time_stop (void);

/* The clock is so much later, and no timeout nearer: as for a process that begins then. */
void fake_time_pass (gint64 passed_ms);

/* How much time has flown. */
gint64 fake_time_get_flown_ms (void);
