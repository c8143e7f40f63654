/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/scp80.h"
#include "core/sms-reassembly.h"
#include "session/short-message.h"

G_BEGIN_DECLS

/*
 * Whose packet is it? Only the segment with the header of TS 31.115 shows the key set and the target; what
 * comes before it is held until then, or until time is up. The agent's packets are put together here; the
 * card gets each message as it came, in the order in which they came. Time is an argument; there is no I/O.
 */

/* TRUE when the agent holds a key for @target. */
typedef gboolean (*EaSorterFunc) (const EaScp80Target *target, gpointer user_data);

/**
 * EaSorterKind:
 * @EA_SORTER_CARD: the card's: the agent has no key, or it is no command packet
 * @EA_SORTER_PACKET: a whole packet that the agent has the key for
 * @EA_SORTER_SEGMENT: a segment to hold: of a packet of the agent's, or nobody knows yet
 */
typedef enum
{
  EA_SORTER_CARD,
  EA_SORTER_PACKET,
  EA_SORTER_SEGMENT,
} EaSorterKind;

/**
 * EaSorterNews:
 * @EA_SORTER_FOR_CARD: held messages that the card has to get
 * @EA_SORTER_FOR_AGENT: all segments of a packet of the agent's
 * @EA_SORTER_DUPLICATE: a segment that is held already
 * @EA_SORTER_INCOMPLETE: segments of a packet of the agent's that never became whole
 */
typedef enum
{
  EA_SORTER_FOR_CARD,
  EA_SORTER_FOR_AGENT,
  EA_SORTER_DUPLICATE,
  EA_SORTER_INCOMPLETE,
} EaSorterNews;

/**
 * EaSorted:
 * @messages: (element-type EaShortMessage): those that were held, in the order in which they came
 * @packet: for the agent: what they say together
 */
typedef struct
{
  EaSorterNews news;
  GPtrArray *messages;
  EaSmsAddress originator;
  GBytes *packet;
} EaSorted;

void ea_sorted_clear (EaSorted *sorted);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaSorted, ea_sorted_clear)

typedef struct _EaSorter EaSorter;

/* @user_data: lives as long as the sorter */
EaSorter *ea_sorter_new (EaSorterFunc holds_key, gpointer user_data);
void ea_sorter_free (EaSorter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaSorter, ea_sorter_free)

/**
 * ea_sorter_look:
 * @message: an SMS-DELIVER that can be read
 * @out: (out): with EA_SORTER_PACKET the packet and its originator; @packet borrows from @message
 *
 * A segment that shows that its packet is the card's lets go of those that were held for it: pull them first.
 */
EaSorterKind ea_sorter_look (EaSorter *self, const EaShortMessage *message, EaSpan *packet,
                             EaSmsAddress *originator, gint64 now_us);

/* Holds @message (transfer full), for which ea_sorter_look() said EA_SORTER_SEGMENT. */
void ea_sorter_hold (EaSorter *self, EaShortMessage *message, gint64 now_us);

/* Gives up what waited for too long. */
void ea_sorter_tick (EaSorter *self, gint64 now_us);

/* When to tick: a time in µs, or %EA_SMS_REASSEMBLY_NEVER. */
gint64 ea_sorter_deadline (const EaSorter *self);

/* TRUE and the oldest news in @out (out); FALSE when there are none. */
gboolean ea_sorter_pull (EaSorter *self, EaSorted *out);

G_END_DECLS
