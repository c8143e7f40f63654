/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * The EIS: what the SM-SR believes about the ISD-Ps of one eUICC (SGP.02 annex E). It begins with
 * what the simulated eUICC is delivered with and follows the successful answers, not the card.
 */

typedef struct
{
  GBytes *aid;
  guint8 state; /* life cycle octet: 07 selectable, 1F disabled, 3F enabled */
  gboolean is_fallback;
} SimEisIsdp;

typedef struct
{
  GPtrArray *isdps;
} SimEis;

void sim_eis_init (SimEis *eis);
void sim_eis_clear (SimEis *eis);

/**
 * sim_eis_resolve:
 * @word: a whole AID in hexadecimal; the last two octets of one, such as "1100"; or the position of
 *   one that is known, from 0
 *
 * Returns: (transfer full) (nullable): the AID, which only a position wants to be known
 *
 * Errors: EA_CORE_ERROR_MALFORMED, _MISSING.
 */
GBytes *sim_eis_resolve (const SimEis *eis, const char *word, GError **error);

/* (transfer none) (nullable): the first ISD-P in this state */
GBytes *sim_eis_find_state (const SimEis *eis, guint8 state);

/* (transfer full): an AID that no ISD-P has yet */
GBytes *sim_eis_choose_aid (const SimEis *eis);

/* A successful answer changes what is believed. */
void sim_eis_set_enabled (SimEis *eis, EaSpan aid);
void sim_eis_set_fallback (SimEis *eis, EaSpan aid);
void sim_eis_enable_fallback (SimEis *eis);
void sim_eis_remove (SimEis *eis, EaSpan aid);

/* Adds the ISD-P when it is new. */
void sim_eis_set_state (SimEis *eis, EaSpan aid, guint8 state);
