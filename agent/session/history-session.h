/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/euicc.h"

G_BEGIN_DECLS

/* When @session of @euicc is closed, @history gets an entry about "Session/@number". */
void ea_history_watch_session (EaHistory *history, EaEuicc *euicc, EaSession *session,
                               guint number);

G_END_DECLS
