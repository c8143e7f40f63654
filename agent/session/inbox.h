/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/store.h"
#include "session/short-message.h"

G_BEGIN_DECLS

/*
 * The inbox of one eUICC: messages that the network has been told are delivered, until the card has answered
 * or the agent has taken them over. Its records are "inbox-NAME-NUMBER" in the store.
 */

/* Messages that it keeps at most */
#define EA_INBOX_MAX 1024

typedef struct _EaInbox EaInbox;

/* @store: borrowed for the life of the inbox; @name: of this eUICC's records */
EaInbox *ea_inbox_new (EaStore *store, const char *name);
void ea_inbox_free (EaInbox *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaInbox, ea_inbox_free)

/**
 * ea_inbox_put:
 *
 * @change: what becomes durable with it
 *
 * Makes @message durable before it returns; one that is in the inbox stays there.
 *
 * Errors: as ea_store_commit(); EA_STORE_ERROR_FULL when there are %EA_INBOX_MAX.
 */
gboolean ea_inbox_put (EaInbox *self, EaShortMessage *message, EaStoreChange *change,
                       GError **error);

/* The inbox has no more of @message once @change is made. */
void ea_inbox_forget (const EaShortMessage *message, EaStoreChange *change);

/* The same at once. */
gboolean ea_inbox_remove (EaInbox *self, EaShortMessage *message, GError **error);

/**
 * ea_inbox_list:
 *
 * Returns: (transfer full): names of the records that there are, the oldest first. No record is written over.
 */
GStrv ea_inbox_list (EaInbox *self);

/* (transfer full) (nullable): a message of ea_inbox_list(). Errors: as ea_store_read() and ea_sms_split_smsc(). */
EaShortMessage *ea_inbox_read (EaInbox *self, const char *record, GError **error);

G_END_DECLS
