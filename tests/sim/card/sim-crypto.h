/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * Ciphers, checksums and redundancy checks of ETSI TS 102 225 §5.1.1 to §5.1.3.
 */

/**
 * SimAlgorithm:
 * @SIM_ALGORITHM_AES: AES in CBC mode, CMAC; keys of 16, 24 or 32 octets
 * @SIM_ALGORITHM_DES: DES or triple DES in outer CBC mode, CBC-MAC; keys of 8, 16 or 24 octets
 * @SIM_ALGORITHM_DES_ECB: the same without chaining
 */
typedef enum
{
  SIM_ALGORITHM_AES,
  SIM_ALGORITHM_DES,
  SIM_ALGORITHM_DES_ECB,
} SimAlgorithm;

/* Octets of a cryptographic checksum, whatever the algorithm. */
#define SIM_CRYPTO_MAC_SIZE 8

/* 8 or 16 octets */
gsize sim_crypto_block_size (SimAlgorithm algorithm);

/**
 * sim_crypto_encrypt:
 * @plain: whole blocks
 *
 * Returns: (transfer full) (nullable): as many octets; the initial chaining value is zero
 *
 * Errors: EA_CORE_ERROR_MALFORMED (no whole blocks), _UNSUPPORTED (size of the key).
 */
GBytes *sim_crypto_encrypt (SimAlgorithm algorithm, EaSpan key, EaSpan plain, GError **error);
GBytes *sim_crypto_decrypt (SimAlgorithm algorithm, EaSpan key, EaSpan ciphered, GError **error);

/* (transfer full) (nullable): SIM_CRYPTO_MAC_SIZE octets; errors as above. */
GBytes *sim_crypto_mac (SimAlgorithm algorithm, EaSpan key, EaSpan message, GError **error);

/* (transfer full) (nullable): AES-CMAC, all 16 octets of it; errors as above. */
GBytes *sim_crypto_cmac (EaSpan key, EaSpan message, GError **error);

/* ISO 3309, reflected, initial value and final inversion all ones */
guint16 sim_crypto_crc16 (EaSpan message);
guint32 sim_crypto_crc32 (EaSpan message);
