/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* When an administration session that failed is tried again (GlobalPlatform Amendment B §3.8.3). */

/**
 * EaAdminRetry:
 * @n_max: failures in a row after which it is tried again; 0: never
 * @delay_s: seconds after the first failure; of a trigger: its retry timer
 * @delay_max_s: seconds at most; not less than @delay_s counts
 */
typedef struct
{
  guint n_max;
  guint delay_s;
  guint delay_max_s;
} EaAdminRetry;

/* TRUE when a session is tried again after @n_failures in a row. */
gboolean ea_admin_retry_is_allowed (const EaAdminRetry *self, guint n_failures);

/**
 * ea_admin_retry_get_delay_ms:
 * @n_failures: in a row, from 1
 * @random: any value
 *
 * The delay doubles with each failure from @delay_s to @delay_max_s, and is up to half as much longer, by @random: so
 * that devices which have lost the same server do not come back at the same time.
 *
 * Returns: milliseconds until the next try, at most 1.5 times the larger of the two delays
 */
guint64 ea_admin_retry_get_delay_ms (const EaAdminRetry *self, guint n_failures, guint32 random);
