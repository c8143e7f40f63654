/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Delays between the tries of an administration session, GlobalPlatform Amendment B §3.8.3. */

#include "core/admin-retry.h"

#define MS_PER_S 1000

gboolean
ea_admin_retry_is_allowed (const EaAdminRetry *self, guint n_failures)
{
  return n_failures <= self->n_max;
}

guint64
ea_admin_retry_get_delay_ms (const EaAdminRetry *self, guint n_failures, guint32 random)
{
  guint64 most_ms = (guint64) MAX (self->delay_s, self->delay_max_s) * MS_PER_S;
  guint64 delay_ms = (guint64) self->delay_s * MS_PER_S;

  for (guint i = 1; i < n_failures && delay_ms > 0 && delay_ms < most_ms; i++)
    delay_ms *= 2;
  delay_ms = MIN (delay_ms, most_ms);
  return delay_ms + random % (delay_ms / 2 + 1);
}
