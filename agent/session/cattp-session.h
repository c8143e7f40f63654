/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/session-context.h"
#include "session/session-runner.h"
#include "session/session-store.h"

G_BEGIN_DECLS

/*
 * EaCattpSession: an EaSessionRunner for one CAT_TP session: the agent opens a link to the SM-SR, the SM-SR sends secured
 * packets, and ends it. A packet for which the agent holds the key goes to its endpoint, one that is a whole TP-UD to the
 * eUICC as it is; any other is refused. The session ends when nothing is left to be answered: where the link breaks before,
 * another one is opened. Answers of the endpoint that the SM-SR does not fetch within the retries stay for the next session.
 */

#define EA_TYPE_CATTP_SESSION (ea_cattp_session_get_type ())
G_DECLARE_FINAL_TYPE (EaCattpSession, ea_cattp_session, EA, CATTP_SESSION, GObject)

/**
 * ea_cattp_session_new:
 * @context: borrowed, and must live as long
 * @order: @store: (transfer full)
 */
EaCattpSession *ea_cattp_session_new (const EaSessionContext *context, EaSessionOrder *order,
                                      EaSessionStore *store);

G_END_DECLS
