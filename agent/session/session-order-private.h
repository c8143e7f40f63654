/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/push.h"
#include "session/session-order.h"

/* What the files of EaSessionOrder share: session-order.c has those from the bus, session-order-trigger.c those from
 * triggers, session-order-push.c those from pushes, and session-order-record.c how they are stored. */

/* (transfer full): an order with what the configuration says for the SM-SR @name, without a host */
EaSessionOrder *ea_session_order_new_from_config (const EaConfig *config, const char *eid,
                                                  const char *device, EaSessionTransport transport,
                                                  EaSessionOrigin origin, const char *name);

/* Takes @value, a text of printable ASCII, if it can be one of an order. @what: for people. Errors: EA_SESSION_ERROR_INVALID. */
gboolean ea_session_order_set (char **field, const char *value, const char *what, GError **error);

/* The access point name of @connection, if there is one. Errors: EA_CORE_ERROR. */
gboolean ea_session_order_take_access_name (EaSessionOrder *order,
                                            const EaPushConnection *connection, GError **error);

/* Checks what is left to check and completes the order. Errors: EA_SESSION_ERROR_INVALID. */
gboolean ea_session_order_complete (EaSessionOrder *order, GError **error);
