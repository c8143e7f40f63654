/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* What shells complete: `euiccctl _candidates KIND`, which is for them alone. */

/**
 * ea_candidates_print:
 * @connection: where the agent may be; it is not started for this
 * @kind: "euiccs" or "sessions", those that have not ended
 *
 * A line each: the word, a tabulator, what it is. FALSE, in silence, when there is no agent that answers at once.
 */
gboolean ea_candidates_print (GDBusConnection *connection, const char *kind);
