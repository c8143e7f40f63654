/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "modem/modem.h"

G_BEGIN_DECLS

/*
 * EaCard: sole owner of the APDU pipe of one eUICC. One job runs at a time, in the order of asking; a
 * TERMINAL RESPONSE goes before all others that wait, because the card stands still until it comes.
 *
 * Signals:
 *   "proactive-command" (EaCardProactive *command)  from the modem's firmware, or fetched here
 *   "announced"         (gboolean is_announced)     the card has taken an ENVELOPE or TERMINAL RESPONSE, and
 *                                                   said whether it has a command next (91XX)
 *   "switched"          ()                          a command of a script that enables another profile has
 *                                                   succeeded: a REFRESH follows
 */

/* APDUs that one 61XX or 6CXX chain may take before it is given up. */
#define EA_CARD_FOLLOW_UPS_MAX 300

/**
 * EaCardProactive:
 * @reference: the modem's name for the command
 * @is_fetched: the agent fetched it itself, so the answer is an APDU
 * @command: D0…, borrowed for the time of the signal
 */
typedef struct
{
  guint32 reference;
  gboolean is_fetched;
  GBytes *command;
} EaCardProactive;

#define EA_TYPE_CARD (ea_card_get_type ())
G_DECLARE_FINAL_TYPE (EaCard, ea_card, EA, CARD, GObject)

EaCard *ea_card_new (EaModem *modem);

/**
 * ea_card_send_envelope_async:
 * @envelope: D1…
 *
 * ea_card_send_envelope_finish: Returns: (transfer full): the R-APDU, data and status word. 93 00 is an
 * answer, not an error.
 *
 * Goes through the modem's toolkit service; where that does not take ENVELOPEs, as an APDU on the basic
 * channel, and a proactive command that follows is fetched here.
 */
void ea_card_send_envelope_async (EaCard *self, GBytes *envelope, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
GBytes *ea_card_send_envelope_finish (EaCard *self, GAsyncResult *result, GError **error);

/* (transfer full) (nullable): what the card shall have now */
typedef GBytes *(*EaCardPullFunc) (gpointer user_data);

/**
 * ea_card_offer_envelope_async:
 * @pull: asked for the envelope when its turn has come, unless the offer was cancelled before
 * @pull_data: must live until then
 *
 * ea_card_offer_envelope_finish: as ea_card_send_envelope_finish(); %NULL without an error when @pull had nothing.
 */
void ea_card_offer_envelope_async (EaCard *self, EaCardPullFunc pull, gpointer pull_data,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data);
GBytes *ea_card_offer_envelope_finish (EaCard *self, GAsyncResult *result, GError **error);

/* STATUS on the basic channel (TS 102 221 §11.1.2), without data; a proactive command that the card has is
 * fetched here. */
void ea_card_ask_status_async (EaCard *self, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_card_ask_status_finish (EaCard *self, GAsyncResult *result, GError **error);

/* @response: 81 03…; ends with success when the card took it (9000 or 91XX). One that is cancelled before its
 * turn does not go to the card. */
void ea_card_respond_async (EaCard *self, const EaCardProactive *command, GBytes *response,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean ea_card_respond_finish (EaCard *self, GAsyncResult *result, GError **error);

/**
 * EaCardScript:
 * @pull: (transfer full) (nullable): the next C-APDU, for the basic channel; the channel is coded here. %NULL:
 *   there is none
 * @push: takes the R-APDU of the command pulled last, with 61XX and 6CXX followed up. Without it the outcome
 *   of that command is not known
 * @keeps_channel: (nullable): asked at the end of a run without failure whether the channel shall stay open for
 *   another
 *
 * What runs on one logical channel, one command after the other.
 */
typedef struct
{
  GBytes *(*pull) (gpointer user_data);
  void (*push) (GBytes *response, gpointer user_data);
  gboolean (*keeps_channel) (gpointer user_data);
} EaCardScript;

/**
 * ea_card_run_script_async:
 * @aid: the application, selected on a logical channel of its own
 * @channel: one that an earlier run has kept, on which it is selected already; 0: none
 * @script: @script_data: live until the end
 * @cancellable: is not obeyed between the opening of a channel and its closing
 *
 * ea_card_run_script_finish:
 * @channel: (out) (optional): the channel that stays open; 0: it is closed, as it is on every path of failure
 */
void ea_card_run_script_async (EaCard *self, GBytes *aid, guint channel, const EaCardScript *script,
                               gpointer script_data, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_card_run_script_finish (EaCard *self, GAsyncResult *result, guint *channel,
                                    GError **error);

/* Closes a channel that a run has kept, when its turn comes. */
void ea_card_close_channel (EaCard *self, guint channel);

/**
 * ea_card_run_async:
 * @aid: the application, selected on a logical channel of its own that is closed on every path
 * @commands: (element-type GBytes): C-APDUs for the basic channel; the channel is coded here
 *
 * ea_card_run_finish: Returns: (transfer full) (element-type GBytes): an R-APDU for each command, with
 * 61XX and 6CXX followed up.
 */
void ea_card_run_async (EaCard *self, GBytes *aid, GPtrArray *commands, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *ea_card_run_finish (EaCard *self, GAsyncResult *result, GError **error);

G_END_DECLS
