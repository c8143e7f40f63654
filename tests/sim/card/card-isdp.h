/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card.h"
#include "core/bytes.h"
#include "sim-scp03t.h"

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
  SimPol1 pol1;
  char *iccid; /* decimal digits; "" while there is no profile */
  char *imsi;
  guint card_index;
  guint number;
  SimScp03tCard *secure_channel; /* NULL: none was begun since the last reset */
  gconstpointer user;            /* of @secure_channel; never looked into */
  GChecksum *checksum;           /* of the profile package as it comes; NULL: none has begun */
  guint32 n_expected;
  guint32 n_bytes;
  char *sha256; /* of the whole package, lower case; "" while there is none */
} SimIsdp;

/**
 * sim_isdp_new:
 * @card_index: which card, from 0
 * @number: which ISD-P of this card, from 1; ICCID and IMSI are made of both
 * @state: SIM_ISDP_SELECTABLE makes one without a profile
 */
SimIsdp *sim_isdp_new (EaSpan aid, SimIsdpState state, guint card_index, guint number);
void sim_isdp_free (SimIsdp *isdp);

/**
 * sim_isdp_process:
 * @user: whoever begins a secure channel: only the same one goes on with it
 * @card_challenge: for a secure channel that begins: 8 octets
 * @tag: @value: a command of SCP03t: 84, 85 or 86
 * @has_failed: (out): the response is an error
 *
 * What comes protected (86) into an ISD-P without a profile is a profile package: "PROF" and the
 * number of octets that follow, u32, at the beginning of the first one. When all of them have come
 * the profile is there, disabled.
 *
 * Returns: (transfer full): the response's TLV
 */
GBytes *sim_isdp_process (SimIsdp *isdp, gconstpointer user, EaSpan card_challenge, guint8 tag,
                          EaSpan value, gboolean *has_failed);

/* @user is gone, and its secure channel with it, and a download that was under way. */
void sim_isdp_leave (SimIsdp *isdp, gconstpointer user);

/* The card was reset: the secure channel ends, and a download that was under way. */
void sim_isdp_reset (SimIsdp *isdp);

/* (transfer none) (nullable) */
SimIsdp *sim_isdps_find (GPtrArray *isdps, EaSpan aid);

/* (transfer full): 32 decimal digits, the last two of which are check digits (ISO 7064 mod 97-10)
 * */
char *sim_eid_new (guint card_index);
