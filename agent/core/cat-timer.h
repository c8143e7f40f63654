/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/cat-number.h"
#include "core/cat.h"

/*
 * The eight timers that the terminal runs for a card (ETSI TS 102 223 §6.4.21 and §7.4), a machine without a
 * clock: TIMER MANAGEMENT and the time go in, TERMINAL RESPONSEs and TIMER EXPIRATIONs come out. Times are
 * monotonic microseconds.
 */

/* What ea_cat_timers_get_deadline() says when no timer runs. */
#define EA_CAT_TIMERS_NO_DEADLINE G_MAXINT64

/* A plain struct; its members are private. */
typedef struct
{
  struct
  {
    gboolean is_running;
    gint64 started_us;
    gint64 deadline_us;
  } timers[EA_CAT_TIMER_MAX];
  guint8 told; /* 1 to %EA_CAT_TIMER_MAX: not known whether the card has heard of it; 0: none */
} EaCatTimers;

/* No timer runs: at first, and after the card was reset. */
void ea_cat_timers_init (EaCatTimers *self);

/**
 * ea_cat_timers_command:
 * @command: TIMER MANAGEMENT
 *
 * Starts a timer, anew if it runs; deactivates it; or tells what is left of it, rounded up to a second. A
 * timer that does not run can only be started: "action in contradiction with the current timer state".
 *
 * Returns: (transfer full): the TERMINAL RESPONSE, also to a command that can't be read
 */
GBytes *ea_cat_timers_command (EaCatTimers *self, const EaCatCommand *command, gint64 now_us);

/* (transfer full) (nullable): the ENVELOPE of the timer that has expired first, which does not run any more;
 * %NULL when none has. Say what became of it before pulling the next. */
GBytes *ea_cat_timers_pull_expiration (EaCatTimers *self, gint64 now_us);

/* What became of the ENVELOPE: a timer that the card has not heard of is still to be told. */
void ea_cat_timers_expiration_done (EaCatTimers *self, gboolean is_taken);

/* When the next timer expires. */
gint64 ea_cat_timers_get_deadline (const EaCatTimers *self);

/* For ea_cat_timers_read(): the timers that run, and the one of which it is not known whether the card has heard of it; 9
 * bytes each. */
void ea_cat_timers_write (const EaCatTimers *self, gint64 now_us, EaWriter *writer);

/**
 * ea_cat_timers_read:
 * @record: what ea_cat_timers_write() has written, or somebody else
 * @elapsed_us: since then
 *
 * The timers go on; one that the card has started meanwhile is left as it is.
 *
 * Returns: FALSE when @record can't be read; no timer has changed then
 */
gboolean ea_cat_timers_read (EaCatTimers *self, EaSpan record, gint64 elapsed_us, gint64 now_us);
