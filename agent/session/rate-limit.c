/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session/rate-limit.h"

gboolean
ea_rate_limit_allow (EaRateLimit *self, gint64 now_us)
{
  if (self->n_allowed == 0 || now_us - self->begin_us >= self->interval_us)
    {
      self->begin_us = now_us;
      self->n_allowed = 0;
    }
  if (self->n_allowed >= self->burst)
    return FALSE;
  self->n_allowed++;
  return TRUE;
}

void
ea_rate_limit_give_back (EaRateLimit *self)
{
  if (self->n_allowed > 0)
    self->n_allowed--;
}
