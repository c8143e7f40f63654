/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/journal.h"
#include "session/activity.h"
#include "session/card.h"

G_BEGIN_DECLS

/*
 * EaIdentity: what a card says of itself: its EID, from the ECASD over a logical channel, and its answer to
 * reset. An EID that can't be read is tried again and again, as long as the card is ready and nobody says otherwise.
 *
 * Signals:
 *   "eid-read" (const char *eid, const GError *error)  one of them is NULL
 *   "atr-read" (GBytes *atr)                           not every modem tells it
 *
 * What is being read keeps a reference; g_object_run_dispose() ends it, without a signal.
 */

/*
 * An EID that could not be read is tried again after the first of these, and then after pauses that double up to the
 * last. A modem that refuses for good (access denied, not supported) is asked by one request each time, seven times in
 * the first hour and then once an hour: that is no loop, and enough to see that whoever had it has let it go.
 */
#define EA_IDENTITY_RETRY_FIRST_S 30
#define EA_IDENTITY_RETRY_LAST_S 3600

#define EA_TYPE_IDENTITY (ea_identity_get_type ())
G_DECLARE_FINAL_TYPE (EaIdentity, ea_identity, EA, IDENTITY, GObject)

/* @context: borrowed; what log messages are about */
EaIdentity *ea_identity_new (EaModem *modem, EaCard *card, EaActivity *activity,
                             const EaLogContext *context);

/* Reads both, unless that was done since the card came; FALSE when there is nothing to wait for. */
gboolean ea_identity_read (EaIdentity *self);

/* What is under way has no answer, and nothing is tried again, until ea_identity_read(): the card may start anew. What
 * was read stays. The same happens by itself when the card is not ready any more. */
void ea_identity_stop (EaIdentity *self);

/* The same, and another card may come: nothing of what was read is about that. */
void ea_identity_forget (EaIdentity *self);

G_END_DECLS
