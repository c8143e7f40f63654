/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-scp80.h"

/*
 * The keys that the simulated eUICC and SM-SR share, one set each for SCP80, SCP81 and SCP03t. These
 * are published test keys: they protect nothing.
 */

/* Key version number: high nibble of KIc and KID */
#define SIM_KEYS_VERSION 0x01

/* KIc and KID octets: key version 01, AES (TS 102 225 §5.1.2) */
#define SIM_KEYS_AES_IDENTIFIER 0x12

extern const SimScp80Keys sim_keys;

/* @text: other keys, KIc and KID of 16 octets each in hexadecimal; a colon may stand between. FALSE: it is not that */
gboolean sim_keys_set_scp80 (const char *text);

/* Toolkit application reference of the ISD-R */
#define SIM_TAR_ISD_R 0x000001

/* The SCP81 pre-shared key of the ISD-R (SGP.02 §2.4.4.1): 16 octets, their version and identifier */
#define SIM_KEYS_PSK_VERSION 0x40
#define SIM_KEYS_PSK_IDENTIFIER 0x01

extern const EaSpan sim_keys_psk;

/* @text: another one, 16 octets in hexadecimal. FALSE: it is not that */
gboolean sim_keys_set_psk (const char *text);

/* The SCP03t keys of every ISD-P, AES-128 (GlobalPlatform Amendment D §6.2: K-ENC, K-MAC) */
typedef struct
{
  EaSpan enc;
  EaSpan mac;
} SimScp03tKeys;

#define SIM_KEYS_SCP03T_VERSION 0x30
#define SIM_KEYS_SCP03T_IDENTIFIER 0x00

extern const SimScp03tKeys sim_scp03t_keys;
