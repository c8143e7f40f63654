/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * How long a CAT_TP connection waits for an answer. TS 102 127 leaves it open: a time-out is computed as RFC 6298
 * says, from round trips of PDUs that were sent once (Karn). Links of cards lose much for no reason of load, so the
 * first time-outs in a row do not make it longer.
 */

/* Bounds of a time-out (RFC 6298 (2.4), (2.5)), and what is taken where no round trip is known (5.7). */
#define EA_CATTP_TIMEOUT_MIN_US (1 * G_USEC_PER_SEC)
#define EA_CATTP_TIMEOUT_MAX_US (60 * G_USEC_PER_SEC)
#define EA_CATTP_TIMEOUT_UNKNOWN_US (3 * G_USEC_PER_SEC)

/* Time-outs since the last round trip that do not double the next one. */
#define EA_CATTP_TIMEOUTS_LINEAR 2

/* Time-outs in a row, without anything new acknowledged, until the peer is given up: where 30 % are lost each way, one
 * exchange in a million. */
#define EA_CATTP_TIMEOUTS_MAX 20

/* Times in a row that a PDU is sent again because its answer is late, before a time-out is waited for */
#define EA_CATTP_PROBES_OF_TAIL_MAX 2

/* A SYN is small and there is nothing to be done without it: it is sent again every second, later less often. Answers to
 * repeated SYNs of the peer, which is there, are not counted. */
#define EA_CATTP_SYN_TIMEOUT_US (1 * G_USEC_PER_SEC)
#define EA_CATTP_SYN_TIMEOUT_LATER_US (4 * G_USEC_PER_SEC)
#define EA_CATTP_SYN_TIMEOUTS_LINEAR 5
#define EA_CATTP_SYN_TRANSMISSIONS_MAX 24

/* Nothing answers the ACK that opens the peer's side, and without it the peer says nothing: it is sent once more when
 * nothing has come so long after it. */
#define EA_CATTP_THIRD_REPEAT_US (200 * 1000)

/* Answered probes of a closed window until the peer is given up: half an hour or more. */
#define EA_CATTP_PROBES_MAX 40

/* Most that an acknowledgement is held back so that it may go with another, or with data. */
#define EA_CATTP_ACKNOWLEDGEMENT_DELAY_US (60 * 1000)

/* How late the peer may be with an answer for such reasons */
#define EA_CATTP_ANSWER_DELAY_US (100 * 1000)

/**
 * EaCattpTimer:
 * @smoothed_us: @variance_us: SRTT and RTTVAR; both 0 while no round trip is known
 * @shortest_us: the shortest of them; 0: not known
 * @guessed_us: what a round trip may be while none is known
 * @n_backoffs: time-outs since the last round trip
 */
typedef struct
{
  gint64 smoothed_us;
  gint64 variance_us;
  gint64 shortest_us;
  gint64 guessed_us;
  guint n_backoffs;
} EaCattpTimer;

/* A PDU that was sent once was answered after @rtt_us. */
void ea_cattp_timer_add_round_trip (EaCattpTimer *timer, gint64 rtt_us);

/* The answer to a PDU that was sent more than once may be to any of these; the last time was @elapsed_us ago. */
void ea_cattp_timer_guess_round_trip (EaCattpTimer *timer, gint64 elapsed_us);

/* An answer was not waited for any longer. */
void ea_cattp_timer_back_off (EaCattpTimer *timer);

/* A PDU that was sent more than once was answered: the link is back, whatever its round trip is now. The next time-out
 * is four times the usual one at most, so that a round trip that long is measured. */
void ea_cattp_timer_relax (EaCattpTimer *timer);

/* How long to wait for the next answer, %EA_CATTP_TIMEOUT_MIN_US to %EA_CATTP_TIMEOUT_MAX_US */
gint64 ea_cattp_timer_get_timeout (const EaCattpTimer *timer);

/* How long to wait after a closed window was told for the @n_probes-th time, or before that for the first, until it is
 * asked for again; %EA_CATTP_TIMEOUT_MAX_US at most */
gint64 ea_cattp_timer_get_probe_timeout (const EaCattpTimer *timer, guint n_probes);

/* How long to wait for the answer to a SYN that was sent @n_sent times, but to a repeated one */
gint64 ea_cattp_timer_get_syn_timeout (guint n_sent);
