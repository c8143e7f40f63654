/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * How much of a CAT_TP connection may be underway, so that a slow link is neither idle nor flooded. What is lost says
 * little on a radio link; the rate at which acknowledgements come says what it carries. So much is underway as that
 * rate times the shortest round trip, half of that again, and a few PDUs: losses leave no gap, and the rest is a
 * queue of a bounded size. In the beginning it grows at once to what the distance at which the first PDUs arrive says,
 * then with what is acknowledged while round trips do not get longer.
 *
 * Octets count with the headers of what carries a PDU.
 */

/* Octets of the headers of UDP and IPv4 */
#define EA_CATTP_DATAGRAM_OVERHEAD 28

/* PDUs that are sent before the first acknowledgement: 23,000 octets where they are of 1,400, which queues of slow links
 * take.
 *
 * Deviation: RFC 6928 §2 has TCP begin with 10, and these are not paced either: no rate is known yet. At 40 kbit/s they
 * are 4.6 s of the link instead of 2.9, and other traffic waits as long. But after 10 a link of 236 kbit/s and 800 ms is
 * idle for 0.3 s, and 64 KiB take 8 % longer; and most answers of cards are of a PDU or two. */
#define EA_CATTP_START_PDUS 16

/* And what it becomes at most by the distance at which they arrive */
#define EA_CATTP_START_PDUS_MAX 30

/* PDUs beyond the product of rate and round trip */
#define EA_CATTP_SPARE_PDUS 4

/* Round trips after which a rate that was not reached again is forgotten */
#define EA_CATTP_RATE_ROUNDS 8

/**
 * EaCattpRateMark:
 * @n_delivered: @delivered_us: @flight_us: as they were in EaCattpRate
 * @is_limited: there was too little to send, so that it tells less than the link carries
 *
 * Goes with each PDU, when it is sent.
 */
typedef struct
{
  guint64 n_delivered;
  gint64 delivered_us;
  gint64 flight_us;
  gboolean is_limited;
} EaCattpRateMark;

/**
 * EaCattpRate:
 * @pdu_octets: of the largest PDU
 * @n_delivered: octets that were acknowledged
 * @delivered_us: when the last of them were
 * @flight_us: when the PDU was sent that was acknowledged last, or the first one after a pause
 * @limited_until: PDUs sent before that much is delivered are limited; 0: they are not
 * @rates: octets a second: the highest of this period and of the one before
 * @round_end: a round trip is over when what was sent behind that is acknowledged
 * @n_rounds: of this period
 * @is_starting: what is underway still grows
 * @start_octets: how much may be underway while starting
 * @train_us: @train_start: when the first PDU was acknowledged, and @n_delivered then
 * @is_train_over: something that was sent later is acknowledged
 * @start_rate: @n_flat_rounds: the rate does not grow any more
 */
typedef struct
{
  gsize pdu_octets;
  guint64 n_delivered;
  gint64 delivered_us;
  gint64 flight_us;
  guint64 limited_until;
  gint64 rates[2];
  guint64 round_end;
  guint n_rounds;
  gboolean is_starting;
  gsize start_octets;
  gint64 train_us;
  guint64 train_start;
  gboolean is_train_over;
  gint64 start_rate;
  guint n_flat_rounds;
} EaCattpRate;

/* @max_pdu: octets of the largest PDU that is sent */
void ea_cattp_rate_init (EaCattpRate *rate, guint16 max_pdu);

/* A PDU is sent while @in_flight octets are underway; gives its mark. */
EaCattpRateMark ea_cattp_rate_mark (EaCattpRate *rate, gsize in_flight, gint64 now_us);

/* There was room for more than the @in_flight octets, but nothing to send. */
void ea_cattp_rate_limit (EaCattpRate *rate, gsize in_flight);

/* @octets are acknowledged. */
void ea_cattp_rate_deliver (EaCattpRate *rate, gsize octets, gint64 now_us);

/**
 * ea_cattp_rate_measure:
 * @mark: @sent_us: of the PDU sent last of those that are acknowledged now
 * @shortest_us: round trip; 0 when it is not known
 *
 * Called after ea_cattp_rate_deliver() of all of them.
 */
void ea_cattp_rate_measure (EaCattpRate *rate, const EaCattpRateMark *mark, gint64 sent_us,
                            gint64 shortest_us, gint64 now_us);

/* Octets a second; 0: not known */
gint64 ea_cattp_rate_get (const EaCattpRate *rate);

/* How long the largest PDU takes at that rate; 0: not known */
gint64 ea_cattp_rate_get_pdu_time (const EaCattpRate *rate);

/* Octets that may be underway */
gsize ea_cattp_rate_get_window (const EaCattpRate *rate, gint64 shortest_us);
