/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/euicc.h"

G_BEGIN_DECLS

/*
 * EaAgent: the eUICCs of this gateway; what the bus shows as org.euicc.Agent1.Manager.
 *
 * GObject properties, readable, notified: "state" ("waiting" or "running"), "state-reason".
 *
 * Signals, whose numbers count up and are never used again; those of sessions not in another life either, as long as
 * the history has them:
 *   "euicc-added"     (EaEuicc *euicc, guint number)
 *   "session-added"   (EaEuicc *euicc, EaSession *session, guint number)
 *   "session-removed" (EaSession *session)  some time after it was closed
 */

#define EA_TYPE_AGENT (ea_agent_get_type ())
G_DECLARE_FINAL_TYPE (EaAgent, ea_agent, EA, AGENT, GObject)

/**
 * ea_agent_new:
 * @config: (transfer full):
 * @store: borrowed for the life of the process
 * @connection: the bus where ModemManager and the login manager are or may come
 */
EaAgent *ea_agent_new (EaConfig *config, EaKeyRing *keys, EaStore *store,
                       GDBusConnection *connection);

/* Begins to look for modems. */
void ea_agent_start (EaAgent *self);

/* @config: (transfer full): counts for modems that are opened from now on */
void ea_agent_reload (EaAgent *self, EaConfig *config);

/* Reads the keys again; with a mistake in their file the old ones stay. Errors: as ea_key_ring_reload(). */
gboolean ea_agent_reload_keys (EaAgent *self, GError **error);

/* Closes every modem; FALSE never, errors are in the log. */
void ea_agent_stop_async (EaAgent *self, GAsyncReadyCallback callback, gpointer user_data);
void ea_agent_stop_finish (EaAgent *self, GAsyncResult *result);

const char *ea_agent_get_state_reason (EaAgent *self);

/* (transfer none) */
EaHistory *ea_agent_get_history (EaAgent *self);

G_END_DECLS
