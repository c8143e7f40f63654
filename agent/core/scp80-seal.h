/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/scp80.h"

/*
 * Secured packets with their keys: deciphering and checking, replay, and the way back. TS 102 225 §5.1 and
 * §5.2. Keys are borrowed and never copied, except by the cryptographic library while it works.
 */

typedef enum
{
  EA_SCP80_ALGORITHM_AES,
  EA_SCP80_ALGORITHM_3DES,
  EA_SCP80_ALGORITHM_DES,
} EaScp80Algorithm;

/**
 * EaScp80Keys:
 * @algorithm: of both keys, where KIc and KID leave it implicit; otherwise they must agree with it
 * @kic: ciphering key; AES 16, 24 or 32 bytes, triple DES 16 (K1 K2 K1) or 24, DES 8; a key of 8 bytes in a set
 *   for triple DES is one for DES, so that the two keys may differ in that
 * @kid: checksum key, likewise
 *
 * A key set.
 */
typedef struct
{
  EaScp80Algorithm algorithm;
  EaSpan kic;
  EaSpan kid;
} EaScp80Keys;

/* TRUE when a key of @size bytes suits @algorithm. */
gboolean ea_scp80_suits_algorithm (EaScp80Algorithm algorithm, gsize size);

/**
 * EaScp80Security:
 * @integrity_size: of the RC or CC that is built; 0 for what @kid says: 2 or 4 of an RC, 8 of a CC
 *
 * How a packet is protected. A command packet says it itself; a response packet does not, but follows the
 * command that it answers.
 */
typedef struct
{
  EaScp80Integrity integrity;
  gsize integrity_size;
  gboolean is_ciphered;
  guint8 kic;
  guint8 kid;
} EaScp80Security;

EaScp80Security ea_scp80_get_security (const EaScp80Header *command);
EaScp80Security ea_scp80_get_response_security (const EaScp80Header *command);

/**
 * EaScp80Contents:
 * @counter: CNTR, at most %EA_SCP80_COUNTER_MAX
 * @padding: PCNTR: octets at the end that fill up the last block
 * @status: response packets only
 * @data: secured data without padding
 * @integrity: RC/CC/DS as it came; not looked at when a packet is built
 * @is_padded: PCNTR is not more than there is after RC/CC/DS; if it is, @data goes up to the end
 * @body: everything that @integrity and @data borrow from
 * @plain: (nullable): owner of @body when it was ciphered; otherwise @body borrows from the packet. It is wiped by
 *   ea_scp80_contents_clear()
 */
typedef struct
{
  guint64 counter;
  guint8 padding;
  guint8 status;
  EaSpan data;
  EaSpan integrity;
  gboolean is_padded;
  EaSpan body;
  GByteArray *plain;
} EaScp80Contents;

void ea_scp80_contents_clear (EaScp80Contents *contents);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaScp80Contents, ea_scp80_contents_clear)

/**
 * ea_scp80_open:
 * @keys: (nullable): only needed when @security is ciphered
 * @out: (out): untouched on failure; clear it with ea_scp80_contents_clear()
 *
 * Deciphers the body and divides it. It says nothing about who made it: ea_scp80_verify() does.
 *
 * Errors: EA_CORE_ERROR_SECURITY (no key, or one that KIc does not ask for), _MALFORMED (no whole blocks),
 * _UNSUPPORTED (algorithm).
 */
gboolean ea_scp80_open (const EaScp80Packet *packet, const EaScp80Security *security,
                        const EaScp80Keys *keys, EaScp80Contents *out, GError **error);

/**
 * ea_scp80_verify:
 * @keys: (nullable): only needed for a CC
 * @contents: from ea_scp80_open()
 *
 * Checks RC or CC, §5.1.3; without integrity there is nothing to check. In the SMS form that of a response
 * packet also covers its user data header, 02 71 00 (TS 31.115 §4.3).
 *
 * Errors: EA_CORE_ERROR_SECURITY (it does not fit, or no key, or one that KID does not ask for),
 * _UNSUPPORTED (algorithm; DS).
 */
gboolean ea_scp80_verify (const EaScp80Packet *packet, const EaScp80Security *security,
                          const EaScp80Keys *keys, const EaScp80Contents *contents, GError **error);

/**
 * ea_scp80_unwrap_command:
 * @highest: (inout): the highest counter accepted with this key set and TAR; raised only on success
 * @out: (out): untouched on failure; clear it with ea_scp80_contents_clear()
 * @status: (out): what a response packet has to say, also on failure
 *
 * Opens a command packet to execute what it says. Whatever its algorithms, it must have a CC of %EA_SCP80_CC_SIZE
 * octets and a counter that is checked (SGP.02 §2.4.3), else anybody or everybody's recording would be obeyed. KIc
 * must not name DES in ECB mode, and the reserved bits of the SPI must be zero.
 *
 * The caller finds @keys with ea_keys_find_scp80(), by the number of the key set in KID. A ciphered packet whose
 * KIc has the number of another key set is refused.
 *
 * Errors: as ea_scp80_open() and ea_scp80_verify(); EA_CORE_ERROR_SECURITY (what is demanded above: @status is
 * %EA_SCP80_STATUS_INSUFFICIENT_SECURITY, or %EA_SCP80_STATUS_SECURITY_ERROR for reserved bits and key sets),
 * _REPLAY (counter low, high or blocked, §5.1.4), _MALFORMED (padding).
 */
gboolean ea_scp80_unwrap_command (const EaScp80Packet *packet, const EaScp80Keys *keys,
                                  guint64 *highest, EaScp80Contents *out, EaScp80Status *status,
                                  GError **error);

/**
 * ea_scp80_unwrap_response:
 * @security: ea_scp80_get_response_security() of the command
 * @out: (out): untouched on failure; clear it with ea_scp80_contents_clear()
 *
 * Opens and checks a response packet. Whether its counter is the command's is for the caller to see.
 *
 * Errors: as ea_scp80_open() and ea_scp80_verify(); EA_CORE_ERROR_MALFORMED (padding).
 */
gboolean ea_scp80_unwrap_response (const EaScp80Packet *packet, const EaScp80Security *security,
                                   const EaScp80Keys *keys, EaScp80Contents *out, GError **error);

/**
 * ea_scp80_build:
 * @security: for a command packet that of its header
 * @contents: counter, padding, status and data
 *
 * Returns: (transfer full) (nullable): the packet in its form, without a user data header
 *
 * Errors: EA_CORE_ERROR_SECURITY, _UNSUPPORTED as above, _MALFORMED (padding that makes no whole blocks),
 * _LIMIT (larger than %EA_SCP80_PACKET_MAX, or a counter above %EA_SCP80_COUNTER_MAX).
 */
GBytes *ea_scp80_build (const EaScp80Header *header, const EaScp80Security *security,
                        const EaScp80Keys *keys, const EaScp80Contents *contents, GError **error);

/* As ea_scp80_build(), with the padding that the standard wants: to a whole block when ciphered. */
GBytes *ea_scp80_wrap (const EaScp80Header *header, const EaScp80Security *security,
                       const EaScp80Keys *keys, const EaScp80Contents *contents, GError **error);
