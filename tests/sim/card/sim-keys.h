/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-scp80.h"

/*
 * The one SCP80 key set that the simulated eUICC and SM-SR share. These are published test keys:
 * they protect nothing.
 */

/* Key version number: high nibble of KIc and KID */
#define SIM_KEYS_VERSION 0x01

/* KIc and KID octets: key version 01, AES (TS 102 225 §5.1.2) */
#define SIM_KEYS_AES_IDENTIFIER 0x12

extern const SimScp80Keys sim_keys;

/* Toolkit application reference of the ISD-R */
#define SIM_TAR_ISD_R 0x000001
