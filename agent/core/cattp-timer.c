/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Time-outs of a CAT_TP connection, RFC 6298. The clock's granularity of that text is a microsecond here, and so is
 * left out.
 */

#include "core/cattp-timer.h"

/* RFC 6298 (2.2), (2.3): α = 1/8, β = 1/4, K = 4 */
#define SMOOTHED_PART 8
#define VARIANCE_PART 4
#define VARIANCE_FACTOR 4

/* Links of cards are not faster: an answer that is was to a transmission before. */
#define GUESS_MIN_US (G_USEC_PER_SEC / 2)

/* Doublings that exceed any bound */
#define DOUBLINGS_MAX 8

/* Doublings that are kept when an answer comes that measures nothing */
#define DOUBLINGS_KEPT 2

void
ea_cattp_timer_add_round_trip (EaCattpTimer *timer, gint64 rtt_us)
{
  gint64 sample_us = MAX (rtt_us, 1);

  if (timer->smoothed_us == 0)
    {
      timer->smoothed_us = sample_us;
      timer->variance_us = sample_us / 2;
    }
  else
    {
      gint64 error_us = ABS (timer->smoothed_us - sample_us);

      timer->variance_us += (error_us - timer->variance_us) / VARIANCE_PART;
      timer->smoothed_us += (sample_us - timer->smoothed_us) / SMOOTHED_PART;
    }
  if (timer->shortest_us == 0 || sample_us < timer->shortest_us)
    timer->shortest_us = sample_us;
  timer->n_backoffs = 0;
}

void
ea_cattp_timer_guess_round_trip (EaCattpTimer *timer, gint64 elapsed_us)
{
  timer->guessed_us = MAX (elapsed_us, GUESS_MIN_US);
}

void
ea_cattp_timer_back_off (EaCattpTimer *timer)
{
  if (timer->n_backoffs < EA_CATTP_TIMEOUTS_LINEAR + DOUBLINGS_MAX)
    timer->n_backoffs++;
}

void
ea_cattp_timer_relax (EaCattpTimer *timer)
{
  timer->n_backoffs = MIN (timer->n_backoffs, EA_CATTP_TIMEOUTS_LINEAR + DOUBLINGS_KEPT);
}

gint64
ea_cattp_timer_get_timeout (const EaCattpTimer *timer)
{
  guint n_doublings = timer->n_backoffs > EA_CATTP_TIMEOUTS_LINEAR
                          ? timer->n_backoffs - EA_CATTP_TIMEOUTS_LINEAR
                          : 0;
  gint64 timeout_us = timer->smoothed_us == 0
                          ? EA_CATTP_TIMEOUT_UNKNOWN_US
                          : timer->smoothed_us + VARIANCE_FACTOR * timer->variance_us;

  timeout_us = CLAMP (timeout_us, EA_CATTP_TIMEOUT_MIN_US, EA_CATTP_TIMEOUT_MAX_US);
  return MIN (timeout_us << n_doublings, EA_CATTP_TIMEOUT_MAX_US);
}

gint64
ea_cattp_timer_get_probe_timeout (const EaCattpTimer *timer, guint n_probes)
{
  gint64 timeout_us = ea_cattp_timer_get_timeout (timer) << MIN (n_probes, DOUBLINGS_MAX);

  return MIN (timeout_us, EA_CATTP_TIMEOUT_MAX_US);
}

gint64
ea_cattp_timer_get_syn_timeout (guint n_sent)
{
  gint64 timeout_us = EA_CATTP_SYN_TIMEOUT_US;

  for (guint i = EA_CATTP_SYN_TIMEOUTS_LINEAR; i < n_sent; i++)
    timeout_us = MIN (timeout_us + timeout_us / 2, EA_CATTP_SYN_TIMEOUT_LATER_US);
  return timeout_us;
}
