/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libmm-glib.h>

#include "modem/modem-manager.h"

/**
 * ea_modem_manager_find_object:
 * @path: of a device node
 *
 * Returns: (transfer full) (nullable): ModemManager's object that has this port
 */
MMObject *ea_modem_manager_find_object (EaModemManager *self, const char *path);
