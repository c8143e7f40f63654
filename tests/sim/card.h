/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card/sim-cattp.h"
#include "core/bytes.h"

/*
 * The simulated eUICC: a machine that takes C-APDUs and gives R-APDUs (ETSI TS 102 221), with the
 * toolkit of TS 102 223 and the SGP.02 applications ISD-R, ECASD and ISD-P. It knows nothing of QMI.
 */

typedef struct _SimCard SimCard;

typedef struct
{
  guint index;            /* which modem of this simulator, from 0: makes EID and ICCIDs differ */
  gboolean is_isdr_plain; /* the ISD-R accepts platform management over a logical channel */
  guint max_channels;     /* logical channels beside the basic one that can be open at once */
} SimCardOptions;

/* What notifies the SM-SR of another profile (SGP.02 §3.15) */
typedef enum
{
  SIM_NOTIFY_AFTER_SESSION, /* HTTPS, and only of what a session of the card's own has ordered */
  SIM_NOTIFY_NOT,
  SIM_NOTIFY_BY_SMS,
  SIM_NOTIFY_BY_HTTPS, /* short messages until a trigger has told where to connect to */
} SimNotifyBy;

/**
 * SimCardPolicy:
 * @wait_s: for the confirmation of a notification, before it is sent again; 0: it is not
 * @n_tries: to notify, in all
 * @rolls_back: an order that is not confirmed then, or leads to no service, is undone (§3.2.2)
 * @fallback_s: without service before the profile makes room; 0: it does not (§3.16)
 *
 * All zeros for a card that is new.
 */
typedef struct
{
  SimNotifyBy by;
  guint wait_s;
  guint n_tries;
  gboolean rolls_back;
  guint fallback_s;
} SimCardPolicy;

/* The policy rules of a profile (POL1), one at a time */
typedef enum
{
  SIM_POL1_NONE,
  SIM_POL1_NO_DISABLE,
  SIM_POL1_NO_DELETE,
  SIM_POL1_DELETE,        /* when an order has disabled it */
  SIM_POL1_DELETE_ALWAYS, /* when the fall-back mechanism has, too */
} SimPol1;

SimCard *sim_card_new (const SimCardOptions *options);
void sim_card_free (SimCard *card);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimCard, sim_card_free)

/* (transfer none): the answer to reset */
EaSpan sim_card_get_atr (SimCard *card);

/* Cold or warm reset: closes logical channels, ends the proactive session, makes a pending profile
 * switch effective. Commands queued with sim_card_queue_proactive() stay queued. */
void sim_card_reset (SimCard *card);

/**
 * sim_card_transmit:
 * @command: a C-APDU; the logical channel is coded in its CLA (TS 102 221 §10.1.1)
 *
 * Returns: (transfer full): the R-APDU, response data and two status bytes; 91XX instead of 9000
 * on the basic channel while a proactive command waits to be fetched. Case 4 commands answer 61XX
 * and want GET RESPONSE unless Le is there, as T=0 and T=1 cards do.
 */
GBytes *sim_card_transmit (SimCard *card, EaSpan command);

/* Number of bytes of the proactive command that waits for FETCH; 0 for none. */
gsize sim_card_get_pending_proactive (SimCard *card);

/* The card has this proactive command (D0…), after those that wait already. */
void sim_card_queue_proactive (SimCard *card, GBytes *command);

/* Monotonic microseconds when sim_card_tick() wants to be called, -1: never. It may change with each
 * command. */
gint64 sim_card_get_deadline (SimCard *card);

/* The card has no other clock: call it before each command, too. A proactive command may wait after
 * it. */
void sim_card_tick (SimCard *card, gint64 now_us);

/* The TERMINAL RESPONSE to the most recently fetched command; (transfer full) (nullable), once. */
GBytes *sim_card_take_terminal_response (SimCard *card);

/* The next @count ENVELOPE or other commands with this INS are answered with @sw and not executed;
 * 0: for ever; @sw 0 ends it. */
void sim_card_fail (SimCard *card, guint8 ins, guint16 sw, guint count);

#define SIM_CARD_ANSWER_MAX 0x7FFF

/* Every command with this INS is executed as one that does nothing and has @size bytes of response data, at most
 * SIM_CARD_ANSWER_MAX, whatever is selected; 0 ends it. */
void sim_card_answer (SimCard *card, guint8 ins, gsize size);

void sim_card_set_policy (SimCard *card, const SimCardPolicy *policy);
const SimCardPolicy *sim_card_get_policy (SimCard *card);

/* FALSE: there is no such ISD-P. */
gboolean sim_card_set_pol1 (SimCard *card, EaSpan aid, SimPol1 pol1);

/* A switch of profiles does not become effective with the next @count resets. */
void sim_card_fail_switch (SimCard *card, guint count);

/* The enabled profile gets this ICCID at once (control command "profile"): 20 digits or fewer. */
void sim_card_set_iccid (SimCard *card, const char *iccid);

/* (transfer full): the JSON object of the control command "state", the card's keys only: eid, iccid,
 * isdps, switch, counters, logical_channels, channels (of the bearer independent protocol), bytes (sent and
 * received through them), bip_faults (complaints of card-bip-judge.h), executed. No braces around, no trailing comma. */
char *sim_card_get_state (SimCard *card);

/* (transfer full) (nullable): "NAME=COUNT …", what the card has to complain of in the terminal's bearer
 * independent protocol since the last call */
char *sim_card_take_bip_faults (SimCard *card);

/* (transfer full): what the card executed outside of the toolkit since the last call, sim_ledger_take() in
 * card-ledger.h */
char *sim_card_take_ledger (SimCard *card);

/* What CAT_TP had to repair on the card's side since the last call */
SimCattpRepairs sim_card_take_repairs (SimCard *card);

/* Whether the card has a channel open, or is about to open or close one */
gboolean sim_card_has_channel (SimCard *card);

/* Administration session triggers and pushes of links that the card has accepted so far */
guint sim_card_get_n_triggers (SimCard *card);

/* Secured packets that it has not executed so far, for whatever is wrong with them */
guint sim_card_get_n_rejected (SimCard *card);

/* Whether no Location status event told the card of service after its last reset, so that it notified its
 * SM-SR when it had waited for long enough */
gboolean sim_card_has_notified_unasked (SimCard *card);

const char *sim_card_get_eid (SimCard *card);
const char *sim_card_get_iccid (SimCard *card);

/* Of the enabled profile: 15 digits, the first five its home network's (three and two) */
const char *sim_card_get_imsi (SimCard *card);
