/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/scp80.h"
#include "core/sms-address.h"
#include "host/journal.h"
#include "host/store.h"
#include "session/activity.h"
#include "session/answers.h"
#include "session/card.h"
#include "session/key-ring.h"
#include "session/outbox.h"

G_BEGIN_DECLS

/*
 * EaEndpoint: the end of secured packets that the agent holds the key for. A packet is verified, its counter and
 * the packet are stored, and then its script runs on one logical channel of the addressed application; the
 * proof of receipt goes to the outbox, or to the answers that go out on a CAT_TP link. Everything is durable step by
 * step, so that no command runs twice and every packet that was taken is answered, whatever happens to the agent. A
 * command whose outcome is not known is answered with %EA_SCRIPT_SW_INTERRUPTED.
 *
 * Signals:
 *   "session-triggered" (const EaPushTrigger *)  → int, EaEndpointVerdict on the session; it is
 *                                               signalled again when it is EA_ENDPOINT_LATER
 *   "push"              (const EaPush *)         → guint, the status word that it is answered with; nobody: 6A81
 *   "command-answered"  ()                       the card has answered a command of an SDU
 *   "room"              ()                       a packet that was taken has come to its end, or the SM-SR has
 *                                               an answer
 *   "idle"              ()                       nothing is on its way to the card
 */

/* What could not be done for want of a channel or of the store is tried again after this. */
#define EA_ENDPOINT_INTERVAL_MS 10000

/* Tries until the sender is told that there is no channel */
#define EA_ENDPOINT_TRIES_MAX 30

/* How long the channel of a chain of scripts stays open for the next of them */
#define EA_ENDPOINT_CHAIN_TIMEOUT_S 300

/* Bytes that a response packet has beside the response script at most */
#define EA_ENDPOINT_RESPONSE_OVERHEAD 64

/* Bytes of a response script: what 255 short messages carry (TS 31.115 §4), less what a response packet adds. One that
 * goes to a peer of CAT_TP is not longer, so that %EA_ANSWERS_MAX of them have their place in the store. */
#define EA_ENDPOINT_RESPONSE_MAX (132 + 254 * 134 - EA_ENDPOINT_RESPONSE_OVERHEAD)

/* Proofs of receipt for packets that were refused, in an hour: they cost the subscriber money. */
#define EA_ENDPOINT_REFUSALS_ANSWERED_MAX 60

/**
 * EaEndpointVerdict:
 * @EA_ENDPOINT_REFUSED: it is not genuine, or a replay, or for nobody: nothing more will become of it
 * @EA_ENDPOINT_TAKEN: it is durable and will be carried out
 * @EA_ENDPOINT_LATER: there is no room for it now, or the store does not work: nothing became durable
 */
typedef enum
{
  EA_ENDPOINT_REFUSED,
  EA_ENDPOINT_TAKEN,
  EA_ENDPOINT_LATER,
} EaEndpointVerdict;

/**
 * EaEndpointOptions:
 * @store: @context: borrowed for the life of the process
 * @name: of this eUICC's records
 */
typedef struct
{
  EaModem *modem;
  EaCard *card;
  EaKeyRing *keys;
  EaOutbox *outbox;
  EaStore *store;
  const char *name;
  EaActivity *activity;
  const EaLogContext *context;
} EaEndpointOptions;

#define EA_TYPE_ENDPOINT (ea_endpoint_get_type ())
G_DECLARE_FINAL_TYPE (EaEndpoint, ea_endpoint, EA, ENDPOINT, GObject)

EaEndpoint *ea_endpoint_new (const EaEndpointOptions *options);

/* The card is gone: nothing goes on before ea_endpoint_resume(). */
void ea_endpoint_suspend (EaEndpoint *self);

/* The card is ready; what was taken and not answered yet goes on. @eid: (nullable): without it no key is for this
 * card. */
void ea_endpoint_resume (EaEndpoint *self, const char *eid);

/* TRUE when there is a key for secured packets to this card, whatever their target. */
gboolean ea_endpoint_has_keys (EaEndpoint *self);

/* TRUE when there is a key for packets to @target. */
gboolean ea_endpoint_holds_key (EaEndpoint *self, const EaScp80Target *target);

/* FALSE when as many packets as it takes on wait already: see the signal "room". */
gboolean ea_endpoint_has_room (EaEndpoint *self);

/**
 * ea_endpoint_take:
 * @packet: a command packet in the SMS form for which there is a key
 * @change: becomes durable with the verdict, unless that is EA_ENDPOINT_LATER
 */
EaEndpointVerdict ea_endpoint_take (EaEndpoint *self, const EaSmsAddress *originator, EaSpan packet,
                                    EaStoreChange *change);

/**
 * ea_endpoint_take_sdu:
 * @sdu: a command packet in the CAT_TP form for which there is a key
 * @max_response: bytes of the largest SDU that the peer takes: the response script is cut to fit into it. A response
 *   packet without data (at most 38 bytes) does not get shorter
 * @peer: who sent it, and gets the answer (session/cattp-peer.h)
 *
 * The answer comes to ea_endpoint_get_answers(), which may signal "added" before this returns. An @sdu that came before
 * from @peer, to the byte, is taken once more while it waits or its answer is there, and is not carried out again; for any other
 * the counter decides.
 *
 * Returns: also %EA_ENDPOINT_LATER while the card is away, and while there is no room for the answers of all that waits
 */
EaEndpointVerdict ea_endpoint_take_sdu (EaEndpoint *self, EaSpan sdu, gsize max_response,
                                        const char *peer);

/* (transfer none): to packets of ea_endpoint_take_sdu() */
EaAnswers *ea_endpoint_get_answers (EaEndpoint *self);

/* TRUE while a packet of ea_endpoint_take_sdu() from @peer was not carried out to its end, for whatever reason, or an answer
 * for @peer is there that is not put aside. While the card is away that is of the eUICC that was there last. */
gboolean ea_endpoint_owes_answers (EaEndpoint *self, const char *peer);

/* The end is near: no other job begins, and the one that runs ends where it can be carried on. */
void ea_endpoint_drain (EaEndpoint *self);
gboolean ea_endpoint_is_idle (EaEndpoint *self);

G_END_DECLS
