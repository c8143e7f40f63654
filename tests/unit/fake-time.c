/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fake-time.h"

gint64 __real_g_get_monotonic_time (void);
gint64 __wrap_g_get_monotonic_time (void);
guint __real_g_timeout_add (guint interval_ms, GSourceFunc function, gpointer data);
guint __wrap_g_timeout_add (guint interval_ms, GSourceFunc function, gpointer data);
guint __wrap_g_timeout_add_seconds (guint interval_s, GSourceFunc function, gpointer data);

static gboolean is_flying;
static gint64 begin_ms;
static gint64 flown_ms;

gint64
__wrap_g_get_monotonic_time (void)
{
  return __real_g_get_monotonic_time () + flown_ms * G_TIME_SPAN_MILLISECOND;
}

guint
__wrap_g_timeout_add (guint interval_ms, GSourceFunc function, gpointer data)
{
  if (!is_flying)
    return __real_g_timeout_add (interval_ms, function, data);
  flown_ms += interval_ms;
  return __real_g_timeout_add (0, function, data);
}

guint
__wrap_g_timeout_add_seconds (guint interval_s, GSourceFunc function, gpointer data)
{
  return __wrap_g_timeout_add (interval_s * 1000, function, data);
}

void
fake_time_let_fly (void)
{
  is_flying = TRUE;
  begin_ms = flown_ms;
}

void
fake_time_stop (void)
{
  is_flying = FALSE;
}

void
fake_time_pass (gint64 passed_ms)
{
  flown_ms += passed_ms;
}

gint64
fake_time_get_flown_ms (void)
{
  return flown_ms - begin_ms;
}
