/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/cat.h"
#include "session/envelopes.h"

G_BEGIN_DECLS

/* EaCardTimers: the timers that the terminal runs for one card, TS 102 223 §6.4.21: core/cat-timer with the
 * time. */

#define EA_TYPE_CARD_TIMERS (ea_card_timers_get_type ())
G_DECLARE_FINAL_TYPE (EaCardTimers, ea_card_timers, EA, CARD_TIMERS, GObject)

EaCardTimers *ea_card_timers_new (EaEnvelopes *envelopes);

/* (transfer full): the TERMINAL RESPONSE to a TIMER MANAGEMENT */
GBytes *ea_card_timers_command (EaCardTimers *self, const EaCatCommand *command);

/* The card starts anew. */
void ea_card_timers_reset (EaCardTimers *self);

G_END_DECLS
