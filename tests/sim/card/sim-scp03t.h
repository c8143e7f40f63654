/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * SCP03t (SGP.02 §4.1.3.3): the profile download's secure channel, both sides. It is SCP03 of
 * GlobalPlatform Amendment D with AES-128, i = 70 and security level 33, carried in TLVs instead of
 * APDUs: 84 INITIALIZE UPDATE, 85 EXTERNAL AUTHENTICATE, 86 protected data. Each MAC covers the
 * chaining value and the TLV with its tag and length. The keys are sim_scp03t_keys.
 */

/* Tags of commands and of responses without error; an error's tag is 9F and the same octet. */
#define SIM_SCP03T_TAG_INITIALIZE_UPDATE 0x84
#define SIM_SCP03T_TAG_EXTERNAL_AUTHENTICATE 0x85
#define SIM_SCP03T_TAG_DATA 0x86

/* What a script may hold for an ISD-P; those without a name above are answered as malformed. */
#define SIM_SCP03T_TAG_FIRST 0x84
#define SIM_SCP03T_TAG_LAST 0x88

/* Status in an error's TLV */
#define SIM_SCP03T_STATUS_MALFORMED 0x01
#define SIM_SCP03T_STATUS_SECURITY 0x02
#define SIM_SCP03T_STATUS_KEY_NOT_FOUND 0x03

#define SIM_SCP03T_CHALLENGE_SIZE 8

/* Octets of plain data in one 86 command */
#define SIM_SCP03T_PLAIN_MAX 1008

typedef struct _SimScp03tHost SimScp03tHost;
typedef struct _SimScp03tCard SimScp03tCard;

/* (transfer full): @host_challenge has 8 octets */
SimScp03tHost *sim_scp03t_host_new (EaSpan host_challenge);
void sim_scp03t_host_free (SimScp03tHost *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimScp03tHost, sim_scp03t_host_free)

/* (transfer full): 84 0A, key version and identifier, host challenge */
GBytes *sim_scp03t_host_build_initialize_update (SimScp03tHost *self);

/**
 * sim_scp03t_host_take_initialize_update:
 * @response_value: the value of the card's 84 TLV
 *
 * Derives the session's keys and checks the card's cryptogram.
 *
 * Errors: EA_CORE_ERROR_MALFORMED, EA_CORE_ERROR_UNSUPPORTED (not SCP03 with i = 70),
 * EA_CORE_ERROR_SECURITY (cryptogram). The session is not begun on error.
 */
gboolean sim_scp03t_host_take_initialize_update (SimScp03tHost *self, EaSpan response_value,
                                                 GError **error);

/* (transfer full): 85 11, level 33, host cryptogram, MAC; only after the above */
GBytes *sim_scp03t_host_build_external_authenticate (SimScp03tHost *self);

/* (transfer full): one 86 TLV with at most SIM_SCP03T_PLAIN_MAX octets; only after the above */
GBytes *sim_scp03t_host_seal (SimScp03tHost *self, EaSpan plain);

/**
 * sim_scp03t_host_take_response:
 * @tag: of the response's TLV: 85, 86, or 9F84, 9F85, 9F86 for an error
 * @response_value: its value
 *
 * Takes the answer to one 85 or 86 command. Answers to several 86 commands of one script come one
 * after another, as many as there were commands.
 *
 * Errors: EA_CORE_ERROR_MALFORMED, EA_CORE_ERROR_SECURITY (MAC, or the card says so).
 */
gboolean sim_scp03t_host_take_response (SimScp03tHost *self, guint tag, EaSpan response_value,
                                        GError **error);

/* (transfer full): @card_challenge has 8 octets */
SimScp03tCard *sim_scp03t_card_new (EaSpan card_challenge);
void sim_scp03t_card_free (SimScp03tCard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimScp03tCard, sim_scp03t_card_free)

/**
 * sim_scp03t_card_process:
 * @tag: @value: one command TLV: 84, 85 or 86
 * @plain: the deciphered and unpadded data of an 86 command is appended; untouched otherwise
 *
 * An error ends the session: only 84 begins it again.
 *
 * Returns: (transfer full): the response's TLV: 84, 85 or 86, or 9F84, 9F85 or 9F86 with one octet of
 * status. @tag is one of the three: others are the caller's affair.
 */
GBytes *sim_scp03t_card_process (SimScp03tCard *self, guint8 tag, EaSpan value, GByteArray *plain);
