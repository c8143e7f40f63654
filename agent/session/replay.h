/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/scp80.h"
#include "host/store.h"

G_BEGIN_DECLS

/*
 * Replay counters (TS 102 225 §5.1.4): the highest CNTR that was accepted from the sender that an eUICC, a key
 * set and a target make. Records are "counter-EID-KK-TTTTTT".
 */

/**
 * ea_replay_read:
 * @highest: (out): 0 when none was accepted yet; untouched on failure
 *
 * Errors: as ea_store_read(); EA_STORE_ERROR_DAMAGED when a counter may have been lost: nothing can be told
 * from a replay then.
 */
gboolean ea_replay_read (EaStore *store, const char *eid, const EaScp80Target *target,
                         guint64 *highest, GError **error);

/* @counter is the highest once @change is made. */
void ea_replay_write (const char *eid, const EaScp80Target *target, guint64 counter,
                      EaStoreChange *change);

G_END_DECLS
