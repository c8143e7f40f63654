/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "modem/modem-manager.h"
#include "modem/modem.h"

G_BEGIN_DECLS

/*
 * What may bring a modem back on its network. Where ModemManager manages the modem, it is asked to switch the radio and
 * to reset: it would undo what somebody else does behind its back.
 */

typedef enum
{
  EA_REPAIR_POWER_CYCLE, /* of the card, always by the modem itself */
  EA_REPAIR_AIRPLANE_MODE,
  EA_REPAIR_RESET, /* of the modem, which leaves the bus */
} EaRepair;

/* TRUE where ModemManager's modem is enabled, and is disabled for a moment: that is to be recorded before. */
gboolean ea_repair_disables (EaRepair repair, EaModemManager *modem_manager, const char *path);

/**
 * ea_repair_async:
 * @modem_manager: (nullable): whom to look for
 * @path: of the modem's device node
 * @cancellable: (nullable): when it is cancelled, only what was switched off is still switched on
 *
 * A modem that was disabled is enabled in the end, whatever became of disabling it. A radio that is off before stays off: then
 * it is an error.
 *
 * ea_repair_finish:
 *
 * Errors: EA_MODEM_ERROR. TRUE says that it was done, not that it has helped.
 */
void ea_repair_async (EaRepair repair, EaModem *modem, EaModemManager *modem_manager,
                      const char *path, GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer user_data);
gboolean ea_repair_finish (GAsyncResult *result, GError **error);

/**
 * ea_repair_enable_async:
 *
 * ModemManager's modem was left disabled, or is being disabled: it is enabled. Ends with ea_repair_finish().
 *
 * Errors: EA_MODEM_ERROR_GONE where ModemManager does not have it; _FAILED.
 */
void ea_repair_enable_async (EaModem *modem, EaModemManager *modem_manager, const char *path,
                             GAsyncReadyCallback callback, gpointer user_data);

G_END_DECLS
