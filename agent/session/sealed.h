/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/bytes.h"
#include "host/journal.h"
#include "session/card.h"

G_BEGIN_DECLS

/*
 * EaSealed: secured packets for which the agent has no key, from a link of its own to the card and back, unopened. The
 * card gets each as SMS-PP downloads (TS 31.111 §7.1.1.2) without a service centre, from an originator that stands for the
 * link, divided as TS 31.115 §4 says: one segment an ENVELOPE, 140 bytes of TP-UD at most. Whatever the card sends to that
 * originator while the exchange is open is for the link and not for the network.
 *
 * The answer is the response packet that the card gives in the response to the last ENVELOPE or, where it does not, in
 * the SEND SHORT MESSAGE after it, which may be several with a concatenation. A card that has 91 XX beside a packet, and
 * was asked for an SMS-SUBMIT (SPI2 b6), has said with it that the SEND SHORT MESSAGE is to come (TS 102 225 §5.2, 0B):
 * its first packet is the answer only if that does not come.
 *
 * One exchange is open at a time, others wait in the order of asking. The card's own short messages share the card with
 * it: segments of both may alternate, which the card tells apart by originator and reference.
 *
 * Nothing is stored. Where the agent or the card ends in between, the sender has no answer; the packet's counter sees to
 * it that the card does not carry out twice what the sender sends again.
 */

/* How long the answer may take after the last segment, where the sender wants one (SPI2 b2b1 01), */
#define EA_SEALED_ANSWER_LIMIT_S 60

/* and where it wants one of an error only (SPI2 b2b1 10): what has not come until then was no error. */
#define EA_SEALED_ERROR_LIMIT_S 10

/* Exchanges that wait for the open one at most */
#define EA_SEALED_QUEUE_MAX 16

/* Exchanges in an hour that bring no response packet: nobody else checks who a packet is from, and a card may count how
 * often its keys were tried in vain. */
#define EA_SEALED_UNANSWERED_MAX 60

#define EA_TYPE_SEALED (ea_sealed_get_type ())
G_DECLARE_FINAL_TYPE (EaSealed, ea_sealed, EA, SEALED, GObject)

/* @log: borrowed for the life of the object; what log messages are about */
EaSealed *ea_sealed_new (EaModem *modem, EaCard *card, const EaLogContext *log);

/* TRUE for 02 70 00 and a command packet of the SMS form that is as long as CPL says and has its TAR: a TP-UD that may be
 * divided anew (TS 31.115 §4.2). What else is in it is for the card to judge. */
gboolean ea_sealed_is_sealed_form (EaSpan sdu);

/**
 * ea_sealed_carry_async:
 * @sdu: as ea_sealed_is_sealed_form() says
 * @originator: a phone number, as the key SealedOriginator= has it; becomes TP-OA
 * @cancellable: (nullable): what the card has of the packet then, it has in vain
 *
 * ea_sealed_carry_finish:
 * @answer: (out) (transfer full) (nullable): 02 71 00 and the response packet; %NULL: none is wanted (SPI2 b2b1 00), or
 *   only of an error, which there was not
 *
 * Errors, after each of which there is no answer: EA_CORE_ERROR_MALFORMED (not that form, not a number), _LIMIT (more than
 * 255 segments: 34168 bytes of packet; %EA_SEALED_QUEUE_MAX exchanges wait; or %EA_SEALED_UNANSWERED_MAX had no response); EA_MODEM_ERROR_UNSUPPORTED (role
 * observer: the modem's firmware is the terminal, and takes no ENVELOPE of the host), _CARD_ABSENT (no card, or it has
 * started anew), _BUSY (93 00 for as long as EA_OTA_BUSY_LIMIT_MS), _FAILED (the card refused a segment), _TIMEOUT (no
 * answer in time), _GONE (ea_sealed_end()), others of ea_card_send_envelope_finish(); G_IO_ERROR_CANCELLED.
 */
void ea_sealed_carry_async (EaSealed *self, GBytes *sdu, const char *originator,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean ea_sealed_carry_finish (EaSealed *self, GAsyncResult *result, GBytes **answer,
                                 GError **error);

/**
 * ea_sealed_take_message:
 * @tpdu: an SMS-SUBMIT that the card wants sent
 *
 * Returns: TRUE when its destination is the originator of the open exchange. Then it must not go to the network, and the
 *   card is to hear that it was sent.
 */
gboolean ea_sealed_take_message (EaSealed *self, EaSpan tpdu);

/* The modem is gone: every exchange ends, and none begins any more. An object with exchanges lives until this. */
void ea_sealed_end (EaSealed *self);

G_END_DECLS
