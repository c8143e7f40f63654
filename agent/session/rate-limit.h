/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * EaRateLimit:
 * @burst: what is allowed within @interval_us
 *
 * A brake for what others can cause as often as they like. All but the first two members begin with 0.
 */
typedef struct
{
  guint burst;
  gint64 interval_us;
  gint64 begin_us;
  guint n_allowed;
} EaRateLimit;

/* TRUE when it may be done once more now. */
gboolean ea_rate_limit_allow (EaRateLimit *self, gint64 now_us);

/* What was allowed last did no harm: it does not count. */
void ea_rate_limit_give_back (EaRateLimit *self);

G_END_DECLS
