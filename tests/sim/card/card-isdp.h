/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* One ISD-P and its profile, and the numbers that make simulated cards differ. */

/* Life cycle octets of SGP.02 §2.2.1.3 (GP Card Specification §11.1.1) */
typedef enum
{
  SIM_ISDP_SELECTABLE = 0x07,
  SIM_ISDP_DISABLED = 0x1F,
  SIM_ISDP_ENABLED = 0x3F,
} SimIsdpState;

typedef struct
{
  GBytes *aid;
  SimIsdpState state;
  gboolean is_fallback;
  char *iccid; /* decimal digits; "" while there is no profile */
  char *imsi;
} SimIsdp;

/**
 * sim_isdp_new:
 * @card_index: which card, from 0
 * @number: which ISD-P of this card, from 1; ICCID and IMSI are made of both
 * @state: SIM_ISDP_SELECTABLE makes one without a profile
 */
SimIsdp *sim_isdp_new (EaSpan aid, SimIsdpState state, guint card_index, guint number);
void sim_isdp_free (SimIsdp *isdp);

/* (transfer none) (nullable) */
SimIsdp *sim_isdps_find (GPtrArray *isdps, EaSpan aid);

/* (transfer full): 32 decimal digits, the last two of which are check digits (ISO 7064 mod 97-10)
 * */
char *sim_eid_new (guint card_index);
