/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/agent.h"

G_BEGIN_DECLS

/* The agent on D-Bus: session objects ⇄ skeletons. Who may talk to it at all is the bus policy's business. */

#define EA_BUS_NAME "org.euicc.Agent1"
#define EA_BUS_ROOT "/org/euicc/Agent1"

#define EA_TYPE_BUS (ea_bus_get_type ())
G_DECLARE_FINAL_TYPE (EaBus, ea_bus, EA, BUS, GObject)

/**
 * ea_bus_new:
 *
 * Exports @agent and its eUICCs, present and future, on @connection.
 *
 * Returns: (nullable): %NULL with @error when another object has the path
 */
EaBus *ea_bus_new (EaAgent *agent, GDBusConnection *connection, GError **error);

/**
 * EaBusReloadFunc:
 *
 * Reads configuration and keys again. FALSE with @error, whose domain ea_error_name_get() knows, when there are mistakes.
 */
typedef gboolean (*EaBusReloadFunc) (gpointer user_data, GError **error);

/* What the method Reload does; without it that is nothing. */
void ea_bus_set_reload_func (EaBus *self, EaBusReloadFunc func, gpointer user_data);

/**
 * ea_bus_check_name:
 *
 * Returns: FALSE with @error when somebody has the agent's bus name already: before a modem is touched, as two agents at
 *   one modem would take the toolkit from each other
 */
gboolean ea_bus_check_name (GDBusConnection *connection, GError **error);

/* Connects to "system", "session" or an address. */
GDBusConnection *ea_bus_connect (const char *where, GError **error);

G_END_DECLS
