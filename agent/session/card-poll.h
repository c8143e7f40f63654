/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/cat-value.h"
#include "session/card.h"

G_BEGIN_DECLS

/*
 * EaCardPoll: proactive polling, TS 102 221 §11.1.2 and TS 102 223 §6.4.6: STATUS again and again, so that a
 * card that has a command can say so. Modem firmware does that itself; it is done here only for a card that
 * was told an interval by the agent.
 */

/* The pace at most, and the longest interval that is granted. */
#define EA_CARD_POLL_INTERVAL_MIN_MS 1000
#define EA_CARD_POLL_INTERVAL_MAX_MS 3600000

#define EA_TYPE_CARD_POLL (ea_card_poll_get_type ())
G_DECLARE_FINAL_TYPE (EaCardPoll, ea_card_poll, EA, CARD_POLL, GObject)

EaCardPoll *ea_card_poll_new (EaCard *card);

/* Polls from now on. @wanted: as POLL INTERVAL has it. Returns: what is granted */
EaCatDuration ea_card_poll_start (EaCardPoll *self, const EaCatDuration *wanted);

/* POLLING OFF, and a card that starts anew. */
void ea_card_poll_stop (EaCardPoll *self);

G_END_DECLS
