/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The record of a card's timers (agent/core/cat-timer.h), which someone else may have written. */

#include <string.h>

#include "core/cat-timer.h"
#include "fuzz.h"

#define NOW_US (G_GINT64_CONSTANT (1000) * G_USEC_PER_SEC)

/* What was read is written as something that is read alike. */
static void
check_again (const EaCatTimers *timers)
{
  g_auto (EaWriter) writer = { 0 };
  EaCatTimers again;

  ea_writer_init (&writer);
  ea_cat_timers_write (timers, NOW_US, &writer);
  ea_cat_timers_init (&again);
  FUZZ_CLAIM (ea_cat_timers_read (&again, ea_writer_span (&writer), 0, NOW_US));
  for (guint i = 0; i < EA_CAT_TIMER_MAX; i++)
    {
      FUZZ_CLAIM (again.timers[i].is_running == timers->timers[i].is_running);
      FUZZ_CLAIM (again.timers[i].deadline_us == timers->timers[i].deadline_us);
    }
}

static void
check_expirations (EaCatTimers *timers)
{
  guint n_expired = 0;
  gint64 deadline_us;

  while ((deadline_us = ea_cat_timers_get_deadline (timers)) != EA_CAT_TIMERS_NO_DEADLINE)
    {
      g_autoptr (GBytes) envelope = ea_cat_timers_pull_expiration (timers, deadline_us);

      FUZZ_CLAIM (envelope != NULL);
      ea_cat_timers_expiration_done (timers, TRUE);
      n_expired++;
    }
  FUZZ_CLAIM (n_expired <= EA_CAT_TIMER_MAX);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaCatTimers timers;

  ea_cat_timers_init (&timers);
  if (ea_cat_timers_read (&timers, ea_span_init (data, size), 0, NOW_US))
    check_again (&timers);
  else
    FUZZ_CLAIM (ea_cat_timers_get_deadline (&timers) == EA_CAT_TIMERS_NO_DEADLINE);
  check_expirations (&timers);
  return 0;
}
