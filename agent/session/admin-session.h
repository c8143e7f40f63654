/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/session-context.h"
#include "session/session-runner.h"
#include "session/session-store.h"

G_BEGIN_DECLS

/*
 * EaAdminSession: an EaSessionRunner for one HTTPS session (core/admin), over connections of its own and on the card.
 * It keeps what is durable of it: no command runs twice and no answer is lost, whatever breaks; what the SM-SR does not
 * fetch within the retries is given up with the session.
 */

/* How long a connection takes at most to come about, with bearer, name and addresses */
#define EA_ADMIN_SESSION_CONNECT_LIMIT_MS 180000

/* A server that only drips, or repeats itself, has so long for one command or one script. */
#define EA_ADMIN_SESSION_STALL_LIMIT_S 900

/* How long what is left to be sent may take at the end */
#define EA_ADMIN_SESSION_CLOSE_LIMIT_MS 5000

/* A logical channel that is not to be had is asked for again after this, so often, before the SM-SR is told. */
#define EA_ADMIN_SESSION_CHANNEL_INTERVAL_MS 2000
#define EA_ADMIN_SESSION_CHANNEL_TRIES_MAX 10

/* While the next attempt is further away, no logical channel is kept for it. */
#define EA_ADMIN_SESSION_CHANNEL_KEPT_MS 300000

#define EA_TYPE_ADMIN_SESSION (ea_admin_session_get_type ())
G_DECLARE_FINAL_TYPE (EaAdminSession, ea_admin_session, EA, ADMIN_SESSION, GObject)

/**
 * ea_admin_session_new:
 * @context: borrowed, and must live as long
 * @order: @store: (transfer full)
 */
EaAdminSession *ea_admin_session_new (const EaSessionContext *context, EaSessionOrder *order,
                                      EaSessionStore *store);

G_END_DECLS
