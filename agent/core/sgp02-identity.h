/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * How an eUICC and its applications name themselves to an SM-SR over HTTPS: the PSK identity (SGP.02 §2.4.4.1
 * table 4), the agent identifier in X-Admin-From and the application in X-Admin-Targeted-Application
 * (GlobalPlatform Amendment B §3.4).
 */

/* First octet of the identity: fully qualified, for a random key. */
#define EA_SGP02_PSK_IDENTITY_QUALIFIED 0x02

#define EA_SGP02_PSK_IDENTITY_SIZE_MAX                                                             \
  45 /* bytes with the longest AID; the text has two for each */

/**
 * EaSgp02PskIdentity:
 * @type: %EA_SGP02_PSK_IDENTITY_QUALIFIED
 * @eid: 16 bytes of BCD
 * @aid: 5 to 16 bytes: the security domain that has the key
 * @key_identifier: @key_version: of the key; SGP.02 has versions 40 to 4F for HTTPS
 *
 * Spans borrow from the identity in binary.
 */
typedef struct
{
  guint8 type;
  EaSpan eid;
  EaSpan aid;
  guint8 key_identifier;
  guint8 key_version;
} EaSgp02PskIdentity;

/**
 * ea_sgp02_parse_psk_identity:
 * @out: (out): untouched on failure
 * @objects: the identity in binary, its five objects in any order
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED (an object of the wrong size, or twice), _MISSING,
 * _UNSUPPORTED (another object).
 */
gboolean ea_sgp02_parse_psk_identity (EaSgp02PskIdentity *out, EaSpan objects, GError **error);

/* (transfer full): the identity in binary; ea_span_to_hex() makes what goes into the TLS handshake of it. */
GBytes *ea_sgp02_build_psk_identity (const EaSgp02PskIdentity *identity);

/**
 * ea_sgp02_decode_psk_identity:
 * @text: hexadecimal digits of either case, nothing between them
 *
 * Returns: (transfer full) (nullable): the identity in binary
 *
 * Errors: EA_CORE_ERROR_MALFORMED (another character, an odd number of them), _LIMIT (over
 * %EA_SGP02_PSK_IDENTITY_SIZE_MAX bytes).
 */
GBytes *ea_sgp02_decode_psk_identity (EaSpan text, GError **error);

/**
 * EaSgp02AgentId:
 * @eid: %EA_SGP02_EID_DIGITS digits
 * @aid: 5 to 16 bytes: the security domain that administrates
 */
typedef struct
{
  char *eid;
  GBytes *aid;
} EaSgp02AgentId;

void ea_sgp02_agent_id_clear (EaSgp02AgentId *id);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaSgp02AgentId, ea_sgp02_agent_id_clear)

/**
 * ea_sgp02_parse_agent_id:
 * @out: (out): to be cleared; untouched on failure
 * @text: //se-id/eid/EID;//aa-id/aid/RID/PIX
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED.
 */
gboolean ea_sgp02_parse_agent_id (EaSgp02AgentId *out, EaSpan text, GError **error);

/* (transfer full): @eid has %EA_SGP02_EID_DIGITS digits, @aid 5 to 16 bytes */
char *ea_sgp02_build_agent_id (const char *eid, EaSpan aid);

/**
 * ea_sgp02_parse_targeted_application:
 * @text: //aid/RID/PIX: 10 hexadecimal digits, and at most 22
 *
 * Returns: (transfer full) (nullable): the AID
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED.
 */
GBytes *ea_sgp02_parse_targeted_application (EaSpan text, GError **error);

/* (transfer full): @aid has 5 to 16 bytes */
char *ea_sgp02_build_targeted_application (EaSpan aid);
