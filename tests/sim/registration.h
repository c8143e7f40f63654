/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "modem.h"

/*
 * How the modem registers with the network that it receives: whenever card, radio and network are there
 * anew it attaches, which takes a while, and which the network may refuse to one profile or to all.
 */

typedef enum
{
  SIM_REGISTRATION_NONE, /* no card, no radio, or no network */
  SIM_REGISTRATION_SEARCHING,
  SIM_REGISTRATION_REGISTERED,
  SIM_REGISTRATION_DENIED,
} SimRegistrationState;

SimRegistration *sim_registration_new (SimModem *modem);
void sim_registration_free (SimRegistration *registration);

/* Card or radio have come or gone: the modem attaches where it can, and clients are told. */
void sim_registration_begin (SimRegistration *registration);

/* The modem loses its power: nobody is there to be told. */
void sim_registration_cancel (SimRegistration *registration);

/**
 * sim_registration_change:
 * @words: what sim_coverage_change() takes, or reject CAUSE [TARGET] | lost [TARGET] | back [TARGET] | delay MS;
 *   a TARGET is the PLMN identity or the ICCID that it is about
 *
 * Attaches anew when that makes a difference. The word "normal" ends all refusals and losses.
 *
 * Returns: FALSE when that is no such change; nothing has changed then
 */
gboolean sim_registration_change (SimRegistration *registration, char **words, guint n_words);

/* The next @count attempts to attach get no answer at all: the modem searches until the one after them. */
void sim_registration_stall (SimRegistration *registration, guint count);

SimRegistrationState sim_registration_get_state (const SimRegistration *registration);
const char *sim_registration_get_state_name (const SimRegistration *registration);

/* Why the network has refused (3GPP TS 24.008 §10.5.3.6, TS 24.301 §9.9.3.9); 0: it did not */
guint8 sim_registration_get_cause (const SimRegistration *registration);

/* What the network would give to this profile, once the modem has attached */
SimCoverageLevel sim_registration_get_offer (const SimRegistration *registration);

/* What there is now */
SimCoverageLevel sim_registration_get_level (const SimRegistration *registration);
