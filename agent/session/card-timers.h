/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/cat.h"
#include "session/envelopes.h"

G_BEGIN_DECLS

/*
 * EaCardTimers: the timers that the terminal runs for one card, TS 102 223 §6.4.21: core/cat-timer with the time.
 *
 * Signal "changed" (): ea_card_timers_write() has something else to say than that time has passed.
 */

#define EA_TYPE_CARD_TIMERS (ea_card_timers_get_type ())
G_DECLARE_FINAL_TYPE (EaCardTimers, ea_card_timers, EA, CARD_TIMERS, GObject)

EaCardTimers *ea_card_timers_new (EaEnvelopes *envelopes);

/* (transfer full): the TERMINAL RESPONSE to a TIMER MANAGEMENT */
GBytes *ea_card_timers_command (EaCardTimers *self, const EaCatCommand *command);

/* As ea_cat_timers_write() and ea_cat_timers_read(), now */
void ea_card_timers_write (EaCardTimers *self, EaWriter *writer);
gboolean ea_card_timers_read (EaCardTimers *self, EaSpan record, gint64 elapsed_us);

/* The card starts anew. */
void ea_card_timers_reset (EaCardTimers *self);

G_END_DECLS
