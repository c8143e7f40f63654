/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card-apdu.h"
#include "core/bytes.h"

/*
 * How a TLV of SCP03t comes to an ISD-P over a logical channel, for which there is no standard: STORE DATA
 * (GlobalPlatform Card Specification §11.11) in blocks, 80 E2 11 nn for one that others follow and 80 E2
 * 91 nn for the last, nn counting from 00 and wrapping. One TLV is one chain of blocks.
 */

/* P1 of the two; others are no carriage */
#define SIM_CARRIAGE_MORE_BLOCKS 0x11
#define SIM_CARRIAGE_LAST_BLOCK 0x91

/* Octets of a TLV that is taken */
#define SIM_CARRIAGE_MAX 0x10000

typedef struct
{
  GByteArray *tlv; /* as far as it has come; NULL: no chain has begun */
  guint8 next;     /* number of the block that follows */
} SimCarriage;

void sim_carriage_clear (SimCarriage *carriage);

/**
 * sim_carriage_take:
 * @apdu: one block. 00 that is not awaited begins a new chain: whoever broke off the one before has no
 *   other way.
 * @tlv: (out) (transfer full) (nullable): the whole TLV, with the last block
 *
 * Returns: SIM_SW_OK; SIM_SW_WRONG_DATA for a block that is not the next one, SIM_SW_NO_MEMORY beyond
 * SIM_CARRIAGE_MAX: then the chain is lost; SIM_SW_WRONG_LENGTH for a block without data
 */
guint16 sim_carriage_take (SimCarriage *carriage, const SimApdu *apdu, GBytes **tlv);
