/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/activity.h"
#include "session/channel.h"
#include "session/session.h"

G_BEGIN_DECLS

/*
 * What passes through sessions and channels, added up over all that there were of one eUICC: in the counters
 *   bytes-received-TRANSPORT, bytes-sent-TRANSPORT   TRANSPORT: https, cat-tp, of sessions; tcp, udp, of channels
 *   sessions-TRANSPORT-RESULT                        RESULT: ok, interrupted, cancelled, failed
 * They follow when the session or the channel tells its own counts, a few times a second at most, and at its end: nothing is
 * done for each piece of data.
 */

/* The session, or the channel, keeps the activity. */
void ea_tally_session (EaActivity *activity, EaSession *session);
void ea_tally_channel (EaActivity *activity, EaChannel *channel);

G_END_DECLS
