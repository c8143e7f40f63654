/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * EaAuthority: may whoever has called a method do what it does? Root may, and so may the user under whom the agent runs.
 * Everybody else is judged by polkit (org.freedesktop.PolicyKit1), which is started by the bus where it is installed; where
 * it is not, nobody else may.
 */

/* Calls that polkit can be busy with, of all callers and of one: each may have somebody look for a password. */
#define EA_AUTHORITY_CHECKS_MAX 64
#define EA_AUTHORITY_CALLER_MAX 4

/**
 * EaAuthorityError:
 * @EA_AUTHORITY_ERROR_DENIED: the caller may not, or nobody can tell
 * @EA_AUTHORITY_ERROR_LIMIT: polkit is busy with as many calls as are let through
 */
#define EA_AUTHORITY_ERROR (ea_authority_error_quark ())
typedef enum
{
  EA_AUTHORITY_ERROR_DENIED,
  EA_AUTHORITY_ERROR_LIMIT,
} EaAuthorityError;

GQuark ea_authority_error_quark (void);

#define EA_TYPE_AUTHORITY (ea_authority_get_type ())
G_DECLARE_FINAL_TYPE (EaAuthority, ea_authority, EA, AUTHORITY, GObject)

/* @connection: the bus on which the callers are, and polkit */
EaAuthority *ea_authority_new (GDBusConnection *connection);

/**
 * ea_authority_check_async:
 * @caller: its unique name on the bus
 * @action: of polkit, such as "org.euicc.agent1.reload"
 * @may_ask: polkit may ask the user for a password, which takes the time that it takes. If the caller leaves the bus
 *   meanwhile, polkit asks no longer.
 */
void ea_authority_check_async (EaAuthority *self, const char *caller, const char *action,
                               gboolean may_ask, GAsyncReadyCallback callback, gpointer user_data);

/* FALSE with EA_AUTHORITY_ERROR, and a sentence that tells no more than that. */
gboolean ea_authority_check_finish (EaAuthority *self, GAsyncResult *result, GError **error);

G_END_DECLS
