/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/psk-tls.h"
#include "session/session-context.h"
#include "session/session-order.h"

G_BEGIN_DECLS

/* How long the handshake may take, unless the order has a shorter time-out */
#define EA_ADMIN_HANDSHAKE_LIMIT_MS 60000

/* A connection to the SM-SR: the bearer (nullable: the order names an interface) stays while it is held. */
typedef struct
{
  EaBearer *bearer;
  EaPskTls *tls;
} EaAdminConnection;

void ea_admin_connection_clear (EaAdminConnection *connection);

/**
 * ea_admin_connect_async:
 * @context: @order: @session: live until the end; @session is told the states that are passed, and where it goes
 *
 * Bearer → name → an address that may be reached → TCP → TLS. Addresses are tried in turn until one takes the connection.
 *
 * Errors: EA_BEARER_ERROR, EA_RESOLVER_ERROR, EA_LINK_ERROR, EA_PSK_TLS_ERROR, EA_SESSION_ERROR (no key, an address that is
 * closed, no modem), G_IO_ERROR_CANCELLED.
 */
void ea_admin_connect_async (const EaSessionContext *context, const EaSessionOrder *order,
                             EaSession *session, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_admin_connect_finish (EaSession *session, GAsyncResult *result,
                                  EaAdminConnection *connection, GError **error);

/* (nullable): the key for @order that is held now; lives until the ring changes. */
const EaKeysScp81 *ea_admin_find_key (const EaSessionContext *context, const EaSessionOrder *order,
                                      GError **error);

G_END_DECLS
