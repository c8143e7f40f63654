/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The service manager's side channel. A message that it does not get changes nothing here. */

#include "host/manager.h"

#include <systemd/sd-daemon.h>

void
ea_manager_tell_ready (void)
{
  (void) sd_notify (FALSE, "READY=1"); /* see above */
}

void
ea_manager_tell_reloading (void)
{
  (void) sd_notifyf (FALSE, "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT,
                     g_get_monotonic_time ()); /* see above */
}

void
ea_manager_tell_stopping (void)
{
  (void) sd_notify (FALSE, "STOPPING=1\nSTATUS=Putting the modems back"); /* see above */
}

void
ea_manager_tell_status (const char *status)
{
  (void) sd_notifyf (FALSE, "STATUS=%s", status); /* see above */
}

static gboolean
on_watchdog (gpointer user_data)
{
  (void) sd_notify (FALSE, "WATCHDOG=1"); /* see above */
  return G_SOURCE_CONTINUE;
}

void
ea_manager_start_watchdog (void)
{
  guint64 interval_us = 0;

  if (sd_watchdog_enabled (FALSE, &interval_us) > 0)
    g_timeout_add ((guint) (interval_us / 2000), on_watchdog, NULL);
}
