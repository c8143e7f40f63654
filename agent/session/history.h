/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "host/store.h"

G_BEGIN_DECLS

/*
 * EaHistory: what has happened to the eUICCs of this gateway, the newest at the end. It outlives the agent: each entry is
 * a record "history-NUMBER", and a new one and the end of the oldest are one small change of the store.
 */

/* Entries that it keeps at most */
#define EA_HISTORY_MAX 1000

/* Events */
#define EA_HISTORY_PROFILE_CHANGED "profile-changed"
#define EA_HISTORY_PROFILE_UNCHANGED "profile-unchanged" /* though a switch was promised */
#define EA_HISTORY_NOT_REGISTERED "not-registered"       /* after a switch */
#define EA_HISTORY_REGISTERED "registered"               /* after a switch */
#define EA_HISTORY_SWITCH_STEP "switch-step"   /* that is taken as the one before was not enough */
#define EA_HISTORY_NOTIFICATION "notification" /* of the eUICC, to its SM-SR */
#define EA_HISTORY_SESSION_ENDED "session-ended"
#define EA_HISTORY_TRANSPORT_CHOSEN "transport-chosen"

/**
 * EaHistoryEntry:
 * @event: what happened: lower case words with dashes
 * @eid: of the eUICC
 * @session: such as "Session/3", where it is about one
 * @transport: "https", "cat-tp" or "sms"
 * @result: as of a session
 * @detail: for people
 *
 * All are borrowed; %NULL is empty. Of what is longer than 512 bytes the end is lost.
 */
typedef struct
{
  const char *event;
  const char *eid;
  const char *session;
  const char *transport;
  const char *result;
  const char *detail;
} EaHistoryEntry;

#define EA_TYPE_HISTORY (ea_history_get_type ())
G_DECLARE_FINAL_TYPE (EaHistory, ea_history, EA, HISTORY, GObject)

/**
 * ea_history_new:
 * @store: borrowed for the life of the history
 * @n_max: entries to keep, at most %EA_HISTORY_MAX; 0: none, and those that are there are removed
 *
 * A record that can't be read is none, and is removed.
 */
EaHistory *ea_history_new (EaStore *store, guint n_max);

/* It has happened now. Errors: as ea_store_commit(); the entry is known in this life all the same. */
gboolean ea_history_add (EaHistory *self, const EaHistoryEntry *entry, GError **error);

/**
 * ea_history_get:
 * @since_us: microseconds of real time: nothing that is older
 * @limit: entries at most; 0: all
 *
 * Returns: (transfer full): floating, aa{sv}, the newest first: "time" t (microseconds since 1970), and "event", "eid",
 *   "session", "transport", "result", "detail" s
 */
GVariant *ea_history_get (EaHistory *self, guint64 since_us, guint limit);

/* The number after the highest "Session/NUMBER" that it knows; 0 where it knows none */
guint ea_history_get_next_session (EaHistory *self);

G_END_DECLS
