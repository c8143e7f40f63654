/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the clocks say, for another process: the monotonic one counts within one boot, and is not set by anybody. */

#define EA_CLOCK_BOOT_SIZE 16

/**
 * EaClockReading:
 * @boot: identifier of the boot; zeros where the kernel tells none
 * @monotonic_us: g_get_monotonic_time()
 * @real_us: g_get_real_time()
 */
typedef struct
{
  guint8 boot[EA_CLOCK_BOOT_SIZE];
  gint64 monotonic_us;
  gint64 real_us;
} EaClockReading;

void ea_clock_read (EaClockReading *out);

/* The time from @since to @now, never negative. */
gint64 ea_clock_get_elapsed_us (const EaClockReading *since, const EaClockReading *now);

G_END_DECLS
