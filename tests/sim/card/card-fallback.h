/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card.h"

/*
 * The fall-back mechanism of SGP.02 §3.16: a profile that has had no service for too long makes room. How long
 * that is the terminal's timer tells (ETSI TS 102 223 §6.4.21), and of the service its Location status and
 * Network Rejection events.
 */

/* The card was reset, and its timers are gone. */
void sim_fallback_reset (SimCard *card);

/* TERMINAL PROFILE: a profile that is new has to find service. */
void sim_fallback_take_profile (SimCard *card);

void sim_fallback_take_service (SimCard *card, gboolean has_service);

/* The terminal's timer has expired. */
void sim_fallback_expire (SimCard *card);

/* The policy is another one. */
void sim_fallback_take_policy (SimCard *card);
