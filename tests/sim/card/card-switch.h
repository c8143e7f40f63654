/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card-isdp.h"
#include "card.h"

/*
 * From one enabled profile to another: by an order of the SM-SR, by the fall-back mechanism (SGP.02 §3.16), or
 * by the roll-back of an order that did not lead to a confirmed notification (§3.2.2).
 */

typedef enum
{
  SIM_SWITCH_NONE, /* no other profile was enabled so far */
  SIM_SWITCH_ORDERED,
  SIM_SWITCH_FALL_BACK,
  SIM_SWITCH_ROLL_BACK,
} SimSwitchReason;

typedef struct
{
  SimIsdp *pending; /* becomes the enabled one at the next reset; borrowed */
  SimSwitchReason pending_reason;
  gboolean wants_refresh;   /* @pending is new and no REFRESH was queued for it */
  gboolean follows_session; /* a session of the card's own has ordered it */
  guint n_stuck;            /* resets that leave @pending pending */
  SimSwitchReason reason;   /* of the last switch */
  SimIsdp *previous;        /* enabled before it; NULL: none, or it is gone; borrowed */
  gboolean is_provisional;  /* ordered, and not confirmed yet */
  gboolean is_fresh;        /* no TERMINAL PROFILE came since */
} SimSwitch;

/* Returns: SIM_SW_OK; the new profile is there after the REFRESH that follows the proof of receipt. */
guint16 sim_switch_order (SimCard *card, SimIsdp *isdp);

/* The card is reset: a switch that is pending is made. */
void sim_switch_take_reset (SimCard *card);

/* Nothing happens unless the policy and the last switch call for it. */
void sim_switch_roll_back (SimCard *card);

/* There was no service for too long: roll-back if there is one to be made, else fall-back. */
void sim_switch_give_up_service (SimCard *card);

/* TRUE when a profile without service is not to stay enabled. */
gboolean sim_switch_needs_service (SimCard *card);

/**
 * sim_switch_settle:
 * @deleted: the objects 4F of the ISD-Ps that POL1 has deleted are appended here
 *
 * The notification of the last switch is confirmed.
 */
void sim_switch_settle (SimCard *card, EaWriter *deleted);

/* @isdp is deleted. */
void sim_switch_forget (SimCard *card, const SimIsdp *isdp);

/* The one with the fall-back attribute, never NULL */
SimIsdp *sim_switch_get_fallback (SimCard *card);

/* "none", "ordered", "fall-back", "roll-back" */
const char *sim_switch_get_reason_name (SimSwitchReason reason);
