/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "core/scp80.h"
#include "core/sms-reassembly.h"

G_BEGIN_DECLS

/**
 * EaSealedExchange:
 * @task: gets the answer, a GBytes
 * @cancelled: (nullable): while the exchange waits or is open
 * @originator: TP-OA
 * @envelopes: (element-type GBytes): the segments of the packet, an ENVELOPE each
 * @n_begun: envelopes that were handed to the card, or are about to be
 * @busy_since_us: 0: the card is not busy
 * @messages: what the card has sent of its answer
 * @first_answer: (nullable): a response packet that may be followed by the real one
 *
 * A sealed packet on its way to the card, and what has come of its answer.
 */
typedef struct
{
  GTask *task;
  GSource *cancelled;
  EaSmsAddress originator;
  EaScp80Spi spi;
  GPtrArray *envelopes;
  guint n_begun;
  gint64 busy_since_us;
  EaSmsReassembly messages;
  GBytes *first_answer;
} EaSealedExchange;

/* FALSE unless @sdu is 02 70 00 and a command packet as long as CPL says, at least up to TAR. What else is in it is for
 * the card to judge. Errors: EA_CORE_ERROR_MALFORMED. */
gboolean ea_sealed_exchange_check (EaSpan sdu, GError **error);

/**
 * ea_sealed_exchange_new:
 * @number: of the originator
 * @reference: of the concatenation
 *
 * Returns: (transfer full) (nullable): with TP-SCTS of now, and without a task
 *
 * Errors: as ea_sealed_exchange_check(), ea_sms_parse_number() and ea_sms_deliver_packet().
 */
EaSealedExchange *ea_sealed_exchange_new (EaSpan sdu, const char *number, guint8 reference,
                                          GError **error);

/* The exchange has no task any more. */
void ea_sealed_exchange_free (EaSealedExchange *exchange);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaSealedExchange, ea_sealed_exchange_free)

/* Whether the card has got the last segment: before, nothing that it sends is an answer. */
gboolean ea_sealed_exchange_is_sent (const EaSealedExchange *exchange);

/**
 * ea_sealed_exchange_gather:
 * @data: of a message to the originator
 * @answer: (out) (transfer full) (nullable): 02 71 00 and the response packet, when @data were its last segment
 *
 * Returns: FALSE when @data belong to no answer
 */
gboolean ea_sealed_exchange_gather (EaSealedExchange *exchange, const EaSmsUserData *data,
                                    gint64 now_us, GBytes **answer);

G_END_DECLS
