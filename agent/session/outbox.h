/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/journal.h"
#include "host/store.h"
#include "modem/modem.h"
#include "session/activity.h"

G_BEGIN_DECLS

/*
 * EaOutbox: short messages of the agent's own that the network has not taken yet. They go out in the order in
 * which they came, one at a time, and are tried again until the network has them; they outlive the agent
 * (records "outbox-NAME-NUMBER").
 *
 * Signal "idle" (): nothing is on its way to the network.
 */

/* Messages that it keeps at most: the largest proof of receipt and some more */
#define EA_OUTBOX_MAX 512

/* A message that the network did not take is tried again after the first, which doubles up to the second. */
#define EA_OUTBOX_INTERVAL_MS 5000
#define EA_OUTBOX_INTERVAL_MAX_MS (10 * 60 * 1000)

/* Refusals of the network (RP-ERROR) or the modem after which a message is given up: a day with the longest interval */
#define EA_OUTBOX_REFUSALS_MAX 150

#define EA_TYPE_OUTBOX (ea_outbox_get_type ())
G_DECLARE_FINAL_TYPE (EaOutbox, ea_outbox, EA, OUTBOX, GObject)

/* @store: @context: borrowed for the life of the process; @name: of this eUICC's records */
EaOutbox *ea_outbox_new (EaModem *modem, EaStore *store, const char *name, EaActivity *activity,
                         const EaLogContext *context);

/**
 * ea_outbox_put:
 * @messages: (element-type GBytes): for ea_modem_send_sms_async()
 *
 * @messages are in the outbox once @change is made; ea_outbox_wake() sends them then.
 *
 * Errors: EA_STORE_ERROR_FULL when they would be more than %EA_OUTBOX_MAX with those that are there.
 */
gboolean ea_outbox_put (EaOutbox *self, GPtrArray *messages, EaStoreChange *change, GError **error);

/* Messages may be there, or the network is: the oldest goes out now. */
void ea_outbox_wake (EaOutbox *self);

/* Nothing new goes out any more. */
void ea_outbox_drain (EaOutbox *self);
gboolean ea_outbox_is_idle (EaOutbox *self);

G_END_DECLS
