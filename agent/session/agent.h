/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/euicc.h"

G_BEGIN_DECLS

/*
 * EaAgent: the eUICCs of this gateway; what the bus shows as org.euicc.Agent1.Manager.
 *
 * GObject properties, readable, notified: "state" ("waiting" or "running"), "state-reason".
 * Signal "euicc-added" (EaEuicc *euicc, guint number): numbers count from 0 and are never used again.
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

/* Reads the keys again; with a mistake in their file the old ones stay. What came of it is in the log. */
void ea_agent_reload_keys (EaAgent *self);

/* Closes every modem; FALSE never, errors are in the log. */
void ea_agent_stop_async (EaAgent *self, GAsyncReadyCallback callback, gpointer user_data);
void ea_agent_stop_finish (EaAgent *self, GAsyncResult *result);

const char *ea_agent_get_state_reason (EaAgent *self);

G_END_DECLS
