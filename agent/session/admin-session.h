/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/admin-store.h"
#include "session/session-context.h"

G_BEGIN_DECLS

/*
 * EaAdminSession: carries out one HTTPS session (core/admin) over connections of its own and on the card, shows it by its
 * EaSession, and keeps what is durable of it. No command runs twice and no answer is lost, whatever breaks; what the
 * SM-SR does not fetch within the retries is given up with the session.
 *
 * Signals:
 *   "ended" ()  the session is closed, and nothing is durable of it
 *   "idle"  ()  the card is done with what it had of the session
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
                                      EaAdminStore *store);

/* (transfer none): what there is to see */
EaSession *ea_admin_session_get_session (EaAdminSession *self);
const EaSessionOrder *ea_admin_session_get_order (EaAdminSession *self);

/* Its turn has come. */
void ea_admin_session_start (EaAdminSession *self);

/* What waits for its next attempt waits no longer. */
void ea_admin_session_wake (EaAdminSession *self);

/* The card is gone: connections go on, commands wait. */
void ea_admin_session_suspend (EaAdminSession *self);

/* The card of the session is ready. */
void ea_admin_session_resume (EaAdminSession *self);

/* The modem is gone, with all that went through it. */
void ea_admin_session_detach (EaAdminSession *self);

/* The end of the agent is near: what the card has under way is answered, and the rest is for the next life. */
void ea_admin_session_drain (EaAdminSession *self);

/* FALSE while the card or the SM-SR is waited for that is not to be cut short. */
gboolean ea_admin_session_is_idle (EaAdminSession *self);

G_END_DECLS
