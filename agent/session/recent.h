/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/store.h"

G_BEGIN_DECLS

/*
 * Short messages that were taken, while the modem has not been told, or did not take our word: the network sends such
 * a message again, octet by octet with its time stamp, and then it is only acknowledged. Kept in the store
 * ("recent-NAME"), so that the end of the agent between the taking and the acknowledging does not matter. A message
 * that the network sends again although the modem had taken our word goes its way: a counter makes it harmless.
 */

/* Messages that are remembered at most; the oldest is forgotten for more. */
#define EA_RECENT_MAX 32

typedef struct _EaRecent EaRecent;

/* @store: borrowed for the life of the object; @name: of this eUICC's records. What can't be read is nothing. */
EaRecent *ea_recent_new (EaStore *store, const char *name);
void ea_recent_free (EaRecent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaRecent, ea_recent_free)

/* @tpdu is being taken. */
void ea_recent_add (EaRecent *self, GBytes *tpdu);

/* The modem has been told that @tpdu was taken. */
void ea_recent_settle (EaRecent *self, GBytes *tpdu);

gboolean ea_recent_has (const EaRecent *self, GBytes *tpdu);

/* What is remembered becomes durable with @change. FALSE when it is already. */
gboolean ea_recent_write (EaRecent *self, EaStoreChange *change);

G_END_DECLS
