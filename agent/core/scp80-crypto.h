/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * The algorithms of secured packets, TS 102 225 §5.1.2 and §5.1.3. Keys are borrowed, their sizes are
 * checked before they reach the library, and what is derived from them is wiped.
 */

/**
 * EaScp80Cipher:
 *
 * A block cipher and its mode, as KIc or KID say. For a CC the mode is CBC (DES and triple DES) or CMAC (AES).
 */
typedef enum
{
  EA_SCP80_CIPHER_DES_CBC,
  EA_SCP80_CIPHER_DES_ECB,
  EA_SCP80_CIPHER_3DES_CBC,
  EA_SCP80_CIPHER_AES_CBC,
} EaScp80Cipher;

/* Sizes of keys: DES 8; triple DES 16 (K1 K2 K1) or 24; AES 16, 24 or 32 */
#define EA_SCP80_DES_KEY_SIZE 8
#define EA_SCP80_3DES_2_KEY_SIZE 16
#define EA_SCP80_3DES_3_KEY_SIZE 24
#define EA_SCP80_AES_128_KEY_SIZE 16
#define EA_SCP80_AES_192_KEY_SIZE 24
#define EA_SCP80_AES_256_KEY_SIZE 32
#define EA_SCP80_KEY_SIZE_MAX 32

#define EA_SCP80_MAC_MAX 16

/**
 * EaScp80Mac:
 * @octets: the whole result; a CC is its beginning
 */
typedef struct
{
  guint8 octets[EA_SCP80_MAC_MAX];
  gsize size;
} EaScp80Mac;

/* 8 or 16 bytes. */
gsize ea_scp80_get_block_size (EaScp80Cipher cipher);

gboolean ea_scp80_is_key_size (EaScp80Cipher cipher, gsize size);

/**
 * ea_scp80_encipher:
 * @plain: a whole number of blocks
 *
 * The initial value is zero, §5.1.2. ea_scp80_decipher() is its opposite.
 *
 * Returns: (transfer full) (nullable): as many bytes
 *
 * Errors: EA_CORE_ERROR_SECURITY (size of @key), _MALFORMED (no whole blocks), _UNSUPPORTED (the library
 * refuses the algorithm).
 */
GByteArray *ea_scp80_encipher (EaScp80Cipher cipher, EaSpan key, EaSpan plain, GError **error);
GByteArray *ea_scp80_decipher (EaScp80Cipher cipher, EaSpan key, EaSpan ciphered, GError **error);

/**
 * ea_scp80_compute_cc:
 * @out: (out): untouched on failure
 *
 * Cryptographic checksum, §5.1.3.2: with AES the CMAC of NIST SP 800-38B, 16 octets; otherwise the last
 * block of CBC over @message, which is filled up with zeros, 8 octets. DES_ECB is taken as DES_CBC.
 *
 * Errors: EA_CORE_ERROR_SECURITY (size of @key), _UNSUPPORTED (the library refuses the algorithm).
 */
gboolean ea_scp80_compute_cc (EaScp80Cipher cipher, EaSpan key, EaSpan message, EaScp80Mac *out,
                              GError **error);

/* Redundancy check, §5.1.3.1: CRC 16 (X.25, @size 2) or CRC 32 (4) of ISO 3309, big-endian. */
void ea_scp80_compute_rc (gsize size, EaSpan message, EaScp80Mac *out);

/* TRUE when @mac begins with @expected, which has bytes; the time does not depend on where they differ. */
gboolean ea_scp80_mac_has_prefix (const EaScp80Mac *mac, EaSpan expected);

/* Overwrites a key with zeros; the compiler can't leave it out. */
void ea_scp80_wipe (void *memory, gsize size);

/* Overwrites what functions that were called from the caller have left of a key in registers and on the stack below.
 * Registers stay as they are where the compiler can't clear them (before gcc 11 and clang 15). */
void ea_scp80_wipe_traces (void);
