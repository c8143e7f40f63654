/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/link.h"
#include "session/session-context.h"
#include "session/session-order.h"

G_BEGIN_DECLS

/*
 * EaReach: the way to the SM-SR of an order: a bearer, the addresses that its name has there, and a link to one of
 * them after the other, until one answers.
 */

/* How long each address of the SM-SR may take */
#define EA_REACH_CONNECT_LIMIT_MS 20000

/* How long its name may take, unless the order has a shorter time-out */
#define EA_REACH_RESOLVE_LIMIT_MS 20000

#define EA_TYPE_REACH (ea_reach_get_type ())
G_DECLARE_FINAL_TYPE (EaReach, ea_reach, EA, REACH, GObject)

/* @context: @order: live as long; @session is told the states that are passed, and where it goes */
EaReach *ea_reach_new (const EaSessionContext *context, const EaSessionOrder *order,
                       EaSession *session, EaLinkProtocol protocol);

/**
 * ea_reach_next_async:
 *
 * A link to the first address that takes one, or the next after the one before. One call at a time.
 *
 * Errors: EA_BEARER_ERROR, EA_RESOLVER_ERROR, G_IO_ERROR_CANCELLED; when there is no other address what was wrong with
 * the last: EA_LINK_ERROR, EA_SESSION_ERROR_NOT_ALLOWED, or what ea_reach_note_refusal() was given.
 */
void ea_reach_next_async (EaReach *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data);
EaLink *ea_reach_next_finish (EaReach *self, GAsyncResult *result, GError **error);

/* The link that there was is of no use. */
void ea_reach_note_refusal (EaReach *self, const GError *error);

/* (transfer full) (nullable): the bearer, which stays while it is held; %NULL: the order names an interface */
EaBearer *ea_reach_steal_bearer (EaReach *self);

G_END_DECLS
