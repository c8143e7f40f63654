/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * ea_moment_parse:
 * @text: "90s", "5min", "2h", "3d" or "1w" ago; a date, "2026-11-29", which begins at midnight; or a date and time of ISO
 *   8601, local where it does not say its zone
 * @now_us: microseconds since 1970 UTC
 * @moment_us: (out): the same
 */
gboolean ea_moment_parse (const char *text, guint64 now_us, guint64 *moment_us);
