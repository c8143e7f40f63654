/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/session-order.h"

/* What the files of EaSessionOrder share: session-order.c has those from the bus, session-order-trigger.c those from
 * triggers, and session-order-record.c how they are stored. */

/* (transfer full): an order with what the configuration says for the SM-SR @name, without a host */
EaSessionOrder *ea_session_order_new_from_config (const EaConfig *config, const char *eid,
                                                  const char *device, EaSessionOrigin origin,
                                                  const char *name);

/* Takes @value, a text of printable ASCII, if it can be one of an order. @what: for people. Errors: EA_SESSION_ERROR_INVALID. */
gboolean ea_session_order_set (char **field, const char *value, const char *what, GError **error);

/* Checks what is left to check and completes the order. Errors: EA_SESSION_ERROR_INVALID. */
gboolean ea_session_order_complete (EaSessionOrder *order, GError **error);
