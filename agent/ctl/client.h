/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ea-dbus-generated.h"

/* The client's view of the agent on the bus. */

#define EA_CLIENT_BUS_NAME "org.euicc.Agent1"
#define EA_CLIENT_ROOT "/org/euicc/Agent1"

typedef struct
{
  GDBusConnection *connection;
  EaDbusManager *manager;
  GDBusObjectManager *objects;
} EaClient;

/* (transfer full) (nullable): @where: "system", "session" or an address */
GDBusConnection *ea_client_connect_bus (const char *where, GError **error);

/**
 * ea_client_open:
 * @where: as above
 *
 * FALSE with @error, in words that say what to do, when the agent can't be reached.
 */
gboolean ea_client_open (EaClient *self, const char *where, GError **error);

/* The same with no agent there as well, for those who wait for it; and whether it is there now */
gboolean ea_client_connect (EaClient *self, const char *where, GError **error);
gboolean ea_client_has_agent (EaClient *self);

void ea_client_clear (EaClient *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaClient, ea_client_clear)

/* "Euicc/0", as ea_client_find_euicc() takes it */
const char *ea_client_shorten_path (const char *path);

/* (transfer full) (element-type EaDbusEuicc): in the order of their numbers */
GPtrArray *ea_client_get_euiccs (EaClient *self);

/**
 * ea_client_get_channels:
 * @euicc_path: (nullable): of those of this eUICC only
 *
 * Returns: (transfer full) (element-type EaDbusChannel): in the order of their numbers
 */
GPtrArray *ea_client_get_channels (EaClient *self, const char *euicc_path);

/**
 * ea_client_find_euicc:
 * @name: an EID, its unambiguous ending, or an object path, whole or from "Euicc/" on
 *
 * Returns: (transfer full) (nullable):
 */
EaDbusEuicc *ea_client_find_euicc (EaClient *self, const char *name, GError **error);

/* (transfer full) (nullable): the eUICC, where there is exactly one */
EaDbusEuicc *ea_client_find_only_euicc (EaClient *self, GError **error);

/* As ea_client_get_channels(), (element-type EaDbusSession); those that were closed lately are among them. */
GPtrArray *ea_client_get_sessions (EaClient *self, const char *euicc_path);

/* (transfer full) (nullable): @name: a number, or an object path, whole or from "Session/" on */
EaDbusSession *ea_client_find_session (EaClient *self, const char *name, GError **error);

/* (transfer full): the EID, empty while it is not known; its last digits, or the end of the path in its place */
char *ea_client_get_eid (EaClient *self, const char *euicc_path);
char *ea_client_get_short_eid (EaClient *self, const char *euicc_path);

/* (transfer full): its last digits */
char *ea_client_shorten_eid (const char *eid);
