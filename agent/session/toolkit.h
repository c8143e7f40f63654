/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/cat.h"
#include "host/inhibitor.h"
#include "host/journal.h"
#include "session/activity.h"
#include "session/card.h"
#include "session/channel.h"

G_BEGIN_DECLS

/*
 * EaToolkit: the terminal of TS 102 223 for one card. Every proactive command gets exactly one TERMINAL
 * RESPONSE, and the card hears of what it has asked for in SET UP EVENT LIST. A terminal without screen, keys
 * and calls takes what only says something (SET UP IDLE MODE TEXT, SET UP MENU) without a word, and says
 * "beyond terminal's capabilities" to what wants an answer of a user.
 *
 * Signals:
 *   "idle" ()                             nothing is owed to the card any more
 *   "events-changed" ()                   ea_toolkit_get_events()
 *   "timers-changed" ()                   ea_toolkit_write_timers()
 *   "beliefs-changed" ()                  ea_toolkit_is_believed_open(), before the card hears why
 *   "channel-opened" (EaChannel *channel)
 *   "channel-closed" (EaChannel *channel)
 *   "refreshed" ()                        a REFRESH that came here was performed, and the card knows it
 *   "notified" (guint type, guint sequence)  the card sends its SM-SR a default notification that can be read
 *                                         on the way (EaSgp02NotificationType); again and again, until it is sent
 */

#define EA_TYPE_TOOLKIT (ea_toolkit_get_type ())
G_DECLARE_FINAL_TYPE (EaToolkit, ea_toolkit, EA, TOOLKIT, GObject)

/**
 * EaToolkitOptions:
 * @channels: what channels are made with; its @log is borrowed as well, and what all log messages are about
 * @inhibitor: (nullable): held while a channel is open
 */
typedef struct
{
  EaModem *modem;
  EaCard *card;
  EaActivity *activity;
  EaChannelContext channels;
  EaInhibitor *inhibitor;
} EaToolkitOptions;

EaToolkit *ea_toolkit_new (const EaToolkitOptions *options);

/* FALSE while a command waits for its TERMINAL RESPONSE, or the card for an event that is on its way. */
gboolean ea_toolkit_is_idle (EaToolkit *self);

/* The end is near: channels are closed, and the card is told so. See "idle". */
void ea_toolkit_stop (EaToolkit *self);

/* The modem is gone: nothing is open any more and nothing is told, whatever is still on its way to the modem.
 * Dropping the last reference does the same. */
void ea_toolkit_end (EaToolkit *self);

/* What the card relies on since an earlier life of the agent: the events that it has asked for, unless it has
 * asked anew; and @channel, which it may close, and of whose end it is told where it believes that it @is_open. */
void ea_toolkit_restore_events (EaToolkit *self, EaSpan events);
void ea_toolkit_lose_channel (EaToolkit *self, guint8 channel, gboolean is_open);

/* As ea_bip_is_believed_open(). */
gboolean ea_toolkit_is_believed_open (EaToolkit *self, guint8 channel);

/* As ea_cat_timers_write() and ea_cat_timers_read(), for another life of the agent. @elapsed_us: since it was written */
void ea_toolkit_write_timers (EaToolkit *self, EaWriter *writer);
gboolean ea_toolkit_restore_timers (EaToolkit *self, EaSpan record, gint64 elapsed_us);

/* @policy: borrowed; for channels that get their links from now on */
void ea_toolkit_set_policy (EaToolkit *self, const EaAddressPolicy *policy);

/**
 * EaMessageTaker:
 * @tpdu: an SMS-SUBMIT of the card
 *
 * Returns: TRUE when the message was for somebody here: it is not sent, and the card hears that it was
 */
typedef gboolean (*EaMessageTaker) (EaSpan tpdu, gpointer user_data);

/* @take: (nullable): asked before a short message of the card goes to the network, with @user_data; not any more after
 * ea_toolkit_end() */
void ea_toolkit_set_message_taker (EaToolkit *self, EaMessageTaker take, gpointer user_data);

/* (transfer none) (element-type guint8): the events of SET UP EVENT LIST, an EaCatEvent each; empty at first
 * and after the card was reset */
GBytes *ea_toolkit_get_events (EaToolkit *self);

/* FALSE: the card has told this no list since it was started, though perhaps somebody else */
gboolean ea_toolkit_knows_events (EaToolkit *self);

/**
 * ea_toolkit_get_send_result:
 * @error: why a short message was not sent
 * @rp_cause: the network's, or 0
 * @additional: (out): additional information to the result
 *
 * Returns: the general result, TS 102 223 §8.12; @additional always belongs to it
 */
EaCatResult ea_toolkit_get_send_result (const GError *error, guint8 rp_cause, guint8 *additional);

G_END_DECLS
