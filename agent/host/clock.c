/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Within a boot by the monotonic clock, from one boot to another by the real one, which may have been set. */

#include "host/clock.h"

#include <string.h>
#include <systemd/sd-id128.h>

void
ea_clock_read (EaClockReading *out)
{
  sd_id128_t boot = SD_ID128_NULL;

  (void) sd_id128_get_boot (&boot); /* zeros else */
  G_STATIC_ASSERT (sizeof boot.bytes == EA_CLOCK_BOOT_SIZE);
  memcpy (out->boot, boot.bytes, sizeof out->boot);
  out->monotonic_us = g_get_monotonic_time ();
  out->real_us = g_get_real_time ();
}

gint64
ea_clock_get_elapsed_us (const EaClockReading *since, const EaClockReading *now)
{
  if (memcmp (since->boot, now->boot, sizeof now->boot) == 0
      && now->monotonic_us >= since->monotonic_us)
    return now->monotonic_us - since->monotonic_us;
  return MAX (now->real_us - since->real_us, 0);
}
