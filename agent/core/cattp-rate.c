/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The delivery rate of a CAT_TP connection, sampled as draft-cheng-iccrg-delivery-rate-estimation does it: octets
 * acknowledged between a PDU's sending and its acknowledgement, over the longer of the times that sending and
 * acknowledging them took. No pacing: acknowledgements are the clock, and a burst is never longer than what may be
 * underway.
 */

#include "core/cattp-rate.h"

/* Starting ends when a round trip takes 3/2 of the shortest one: there is a queue */
#define START_DELAY_NUMERATOR 3
#define START_DELAY_DENOMINATOR 2

/* or when the rate has not grown by a quarter in so many round trips. */
#define GROWTH_PART 4
#define FLAT_ROUNDS_MAX 2

/* Distances that are averaged, so that one that is short by chance does not count */
#define TRAIN_PDUS_MIN 4

void
ea_cattp_rate_init (EaCattpRate *rate, guint16 max_pdu)
{
  *rate = (EaCattpRate){ .pdu_octets = (gsize) max_pdu + EA_CATTP_DATAGRAM_OVERHEAD,
                         .is_starting = TRUE };
  rate->start_octets = EA_CATTP_START_PDUS * rate->pdu_octets;
}

EaCattpRateMark
ea_cattp_rate_mark (EaCattpRate *rate, gsize in_flight, gint64 now_us)
{
  if (in_flight == 0)
    {
      rate->flight_us = now_us;
      rate->delivered_us = now_us;
    }
  return (EaCattpRateMark){ .n_delivered = rate->n_delivered,
                            .delivered_us = rate->delivered_us,
                            .flight_us = rate->flight_us,
                            .is_limited = rate->limited_until != 0 };
}

void
ea_cattp_rate_limit (EaCattpRate *rate, gsize in_flight)
{
  rate->limited_until = rate->n_delivered + MAX (in_flight, 1);
}

void
ea_cattp_rate_deliver (EaCattpRate *rate, gsize octets, gint64 now_us)
{
  rate->n_delivered += octets;
  rate->delivered_us = now_us;
  if (rate->is_starting && rate->is_train_over && rate->limited_until == 0)
    rate->start_octets += octets;
  if (rate->n_delivered > rate->limited_until)
    rate->limited_until = 0;
}

/* A round trip is over: has the rate grown in it? */
static void
end_round (EaCattpRate *rate, gboolean is_limited)
{
  gint64 highest = ea_cattp_rate_get (rate);

  rate->round_end = rate->n_delivered;
  if (is_limited)
    return;
  if (++rate->n_rounds >= EA_CATTP_RATE_ROUNDS)
    {
      rate->rates[1] = rate->rates[0];
      rate->rates[0] = 0;
      rate->n_rounds = 0;
    }
  if (highest >= rate->start_rate + rate->start_rate / GROWTH_PART)
    {
      rate->start_rate = highest;
      rate->n_flat_rounds = 0;
      return;
    }
  if (++rate->n_flat_rounds >= FLAT_ROUNDS_MAX)
    rate->is_starting = FALSE;
}

/* The first PDUs went as one train: the distance at which they are acknowledged is that of the slowest link. */
static void
measure_train (EaCattpRate *rate, gint64 shortest_us, gint64 now_us)
{
  guint64 n_octets = rate->n_delivered - rate->train_start;
  guint64 product;

  if (rate->train_us == 0)
    {
      rate->train_us = now_us;
      rate->train_start = rate->n_delivered;
      return;
    }
  if (n_octets < TRAIN_PDUS_MIN * rate->pdu_octets || now_us <= rate->train_us)
    return;
  product = n_octets * (guint64) shortest_us / (guint64) (now_us - rate->train_us)
            + EA_CATTP_SPARE_PDUS * rate->pdu_octets;
  product = MIN (product, EA_CATTP_START_PDUS_MAX * rate->pdu_octets);
  rate->start_octets = MAX (rate->start_octets, (gsize) product);
}

void
ea_cattp_rate_measure (EaCattpRate *rate, const EaCattpRateMark *mark, gint64 sent_us,
                       gint64 shortest_us, gint64 now_us)
{
  gint64 interval_us = MAX (sent_us - mark->flight_us, now_us - mark->delivered_us);
  gint64 n_octets = (gint64) (rate->n_delivered - mark->n_delivered);
  gint64 sample;

  rate->flight_us = sent_us;
  if (shortest_us == 0 || interval_us < shortest_us)
    return; /* it was another transmission that was acknowledged */
  sample = n_octets * G_USEC_PER_SEC / MAX (interval_us, 1);
  if (!mark->is_limited || sample > ea_cattp_rate_get (rate))
    rate->rates[0] = MAX (rate->rates[0], sample);
  rate->is_train_over = rate->is_train_over || mark->n_delivered > 0;
  if (!rate->is_train_over)
    measure_train (rate, shortest_us, now_us);
  else if ((now_us - sent_us) * START_DELAY_DENOMINATOR > shortest_us * START_DELAY_NUMERATOR)
    rate->is_starting = FALSE;
  if (mark->n_delivered >= rate->round_end)
    end_round (rate, mark->is_limited);
}

gint64
ea_cattp_rate_get (const EaCattpRate *rate)
{
  return MAX (rate->rates[0], rate->rates[1]);
}

gint64
ea_cattp_rate_get_pdu_time (const EaCattpRate *rate)
{
  gint64 highest = ea_cattp_rate_get (rate);

  return highest == 0 ? 0 : (gint64) rate->pdu_octets * G_USEC_PER_SEC / highest;
}

gsize
ea_cattp_rate_get_window (const EaCattpRate *rate, gint64 shortest_us)
{
  gint64 highest = ea_cattp_rate_get (rate);
  gsize product;

  if (rate->is_starting || shortest_us == 0 || highest == 0)
    return rate->start_octets;
  product = (gsize) (highest * shortest_us / G_USEC_PER_SEC);
  return product + product / 2 + EA_CATTP_SPARE_PDUS * rate->pdu_octets;
}
