/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/admin.h"
#include "host/store.h"
#include "session/session-order.h"

G_BEGIN_DECLS

/*
 * EaSessionStore: what is durable of one session: its order, and over HTTPS how far it has come and the answers that the
 * SM-SR may not have yet. Nothing of a script, and no key.
 *
 * Records: "session-NAME-NUMBER" has the order, with ".head" and ".EXCHANGE.PAGE" the rest. Answers are in pages, so
 * that a long script needs no more writing for its last command than for its first.
 */

/* Bytes of answers with which a record is full: it may have more, when they came at once, and gets no others */
#define EA_SESSION_STORE_PAGE_SIZE 256

/* Sessions of one eUICC that wait at most */
#define EA_SESSION_STORE_MAX 16

typedef struct _EaSessionStore EaSessionStore;

/* (transfer full): records of the sessions that there are, the oldest first. @name: of this eUICC's records */
GStrv ea_session_store_list (EaStore *store, const char *name);

/**
 * ea_session_store_new:
 *
 * Returns: (transfer full) (nullable): that of a session which is durable now, and comes after all that there are
 *
 * Errors: EA_SESSION_ERROR_FULL, EA_STORE_ERROR.
 */
EaSessionStore *ea_session_store_new (EaStore *store, const char *name, const EaSessionOrder *order,
                                      GError **error);

/* (transfer full): that of a record of ea_session_store_list() */
EaSessionStore *ea_session_store_open (EaStore *store, const char *record);
void ea_session_store_free (EaSessionStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaSessionStore, ea_session_store_free)

/* (transfer full) (nullable): Errors: EA_SESSION_ERROR_INVALID, EA_STORE_ERROR. */
EaSessionOrder *ea_session_store_read_order (EaSessionStore *self, GError **error);

/* (transfer full) (nullable): the session as it was saved last, or a new one. Errors: EA_STORE_ERROR. */
EaAdmin *ea_session_store_load_admin (EaSessionStore *self, const EaAdminOptions *options,
                                      GError **error);

/* Errors: EA_STORE_ERROR: then nothing of it is durable. */
gboolean ea_session_store_save_admin (EaSessionStore *self, const EaAdmin *admin, GError **error);

/* There is no such session any more. Errors: EA_STORE_ERROR: there is still, until ea_store_settle() succeeds. */
gboolean ea_session_store_remove (EaSessionStore *self, GError **error);

G_END_DECLS
