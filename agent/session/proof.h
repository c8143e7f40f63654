/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/scp80-seal.h"
#include "session/return-path.h"

G_BEGIN_DECLS

/*
 * The proof of receipt: a response packet (TS 102 225 §5.2), in short messages to the sender of the command
 * (TS 31.115 §4.3 and §4.4) or as an SDU of CAT_TP.
 *
 * Deviation: a sender that wants it in the SMS-DELIVER-REPORT (SPI2 b6 0) gets it by SMS-SUBMIT as well, since
 * QMI has no place for user data in an acknowledgement.
 */

/**
 * EaProof:
 * @command: header of the command packet
 * @keys: of the key set that the command was opened with
 * @counter: CNTR of the command
 * @status: response status code
 * @data: the response script; may be empty
 * @path: on which the command came
 */
typedef struct
{
  const EaScp80Header *command;
  const EaScp80Keys *keys;
  guint64 counter;
  EaScp80Status status;
  EaSpan data;
  const EaReturnPath *path;
} EaProof;

/* Whether the sender wants to hear of @status (SPI2 b2b1). */
gboolean ea_proof_is_wanted (const EaScp80Header *command, EaScp80Status status);

/**
 * ea_proof_build:
 *
 * Returns: (transfer full) (element-type GBytes) (nullable): messages for ea_modem_send_sms_async(), through
 * the card's own service centre; in the CAT_TP form one SDU
 *
 * Errors: EA_CORE_ERROR_SECURITY, _UNSUPPORTED (security that the keys can't give), _LIMIT (more data than
 * %EA_SMS_SEGMENTS_MAX messages carry, or the peer takes in an SDU), _MALFORMED (an originator that can't be answered).
 */
GPtrArray *ea_proof_build (const EaProof *proof, GError **error);

/**
 * ea_proof_wrap:
 * @packet: a response packet, from RPL on
 * @reference: of the concatenation, where there is one
 *
 * Returns: (transfer full) (element-type GBytes) (nullable): messages as of ea_proof_build() with @packet
 *
 * Errors: as ea_sms_submit_packet().
 */
GPtrArray *ea_proof_wrap (EaSpan packet, guint8 reference, const EaSmsAddress *destination,
                          GError **error);

G_END_DECLS
