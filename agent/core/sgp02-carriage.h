/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/apdu.h"
#include "core/bytes.h"

/*
 * How an SCP03t object (SGP.02 §4.1.3.3) that a device received over HTTPS reaches the security domain that it is for:
 * by STORE DATA on the domain's logical channel, 80 E2 11 nn for each block but the last and 80 E2 91 nn for that
 * (GlobalPlatform Card Specification §11.11), blocks of at most 255 bytes, numbered from 00. The data in the answer to
 * the last block are the SCP03t object that answers. Neither object is opened.
 *
 * Deviation: SGP.02 has no way from a device to a security domain for SCP03t; this one is that of ES10b in SGP.22 §5.7.2.
 */

/* P1 of STORE DATA: data in BER-TLV and an answer with data, more blocks and the last */
#define EA_SGP02_CARRIAGE_MORE 0x11
#define EA_SGP02_CARRIAGE_LAST 0x91

/**
 * EaSgp02Carriage:
 *
 * The chain of blocks for one object. Its members are its own. Clear it with ea_sgp02_carriage_clear().
 */
typedef struct
{
  EaSpan rest;
  guint8 number;
  GBytes *block;
} EaSgp02Carriage;

/* @object: SCP03t object with its tag and length; borrowed for the life of the chain */
void ea_sgp02_carriage_init (EaSgp02Carriage *self, EaSpan object);
void ea_sgp02_carriage_clear (EaSgp02Carriage *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaSgp02Carriage, ea_sgp02_carriage_clear)

/* The block that waits for its answer: a C-APDU with Le 00. Borrowed until the next call; empty when the chain is over. */
EaSpan ea_sgp02_carriage_get_block (const EaSgp02Carriage *self);

/**
 * EaSgp02CarriageAnswer:
 * @EA_SGP02_CARRIAGE_GOES_ON: the next block waits
 * @EA_SGP02_CARRIAGE_SEALED: the data of the R-APDU are one SCP03t object, which is the answer
 * @EA_SGP02_CARRIAGE_STATUS: the R-APDU is the answer: it has no such object, or another status word than 9000
 */
typedef enum
{
  EA_SGP02_CARRIAGE_GOES_ON,
  EA_SGP02_CARRIAGE_SEALED,
  EA_SGP02_CARRIAGE_STATUS,
} EaSgp02CarriageAnswer;

/**
 * ea_sgp02_carriage_push:
 * @response: R-APDU to the block that waits; 91XX counts as 9000: a proactive command waits (TS 102 221 §7.4.2)
 *
 * What the R-APDU means for the chain, which is over unless it goes on. Nothing is taken from @response.
 */
EaSgp02CarriageAnswer ea_sgp02_carriage_push (EaSgp02Carriage *self,
                                              const EaApduResponse *response);
