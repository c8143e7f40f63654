/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libmm-glib.h>

#include "modem/bearers.h"
#include "modem/modem-manager.h"

/* A bearer that is nothing but an interface, which is up. */
EaBearer *ea_bearer_new_of_interface (const char *interface, const char *apn);

/**
 * ea_bearer_new_of_modem:
 * @port: path of the modem's port
 * @bearer: of ModemManager, connected, with an interface
 */
EaBearer *ea_bearer_new_of_modem (EaModemManager *modem_manager, const char *port,
                                  MMBearer *bearer);

/**
 * ea_bearer_has_family:
 * @bearer: of ModemManager
 * @request: the wanted families
 *
 * Whether ModemManager says that the bearer carries one of them.
 */
gboolean ea_bearer_has_family (MMBearer *bearer, const EaBearerRequest *request);

/* The same, and its network interface is up and has an address of that family: where ModemManager tells the
 * bearer's address, that one. */
gboolean ea_bearer_has_address (MMBearer *bearer, const EaBearerRequest *request);

/**
 * ea_bearer_translate_error:
 * @bearer: (nullable): has the reason of its failure, perhaps better than @error has
 * @error: (transfer full): from ModemManager or the bus
 * @cause: (out): as ea_bearers_acquire_finish() has it
 *
 * Returns: (transfer full): EA_BEARER_ERROR or G_IO_ERROR_CANCELLED
 */
GError *ea_bearer_translate_error (MMBearer *bearer, GError *error, guint8 *cause);
