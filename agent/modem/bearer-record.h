/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libmm-glib.h>

#include "modem/bearers.h"

/* What EaBearerRecord (modem/bearers.h) is for those that make and delete bearers. */

/**
 * ea_bearer_record_add:
 * @modem: ModemManager's, that has the bearer
 *
 * Stores that the bearer is ours before it returns TRUE.
 */
gboolean ea_bearer_record_add (EaBearerRecord *self, MMModem *modem, const char *path,
                               GError **error);

/* The bearer is no more. */
void ea_bearer_record_remove (EaBearerRecord *self, MMModem *modem, const char *path);

/**
 * ea_bearer_record_take_left:
 *
 * Forgets what belongs to another run of ModemManager than @modem does.
 *
 * Returns: (transfer full) (nullable): a bearer that an earlier life of the agent has left, each once; it stays
 *   in the record until it is removed
 */
char *ea_bearer_record_take_left (EaBearerRecord *self, MMModem *modem);

/* Deletes a bearer and, when it is gone, removes it from the record. It ends with %TRUE in any case. */
void ea_bearer_record_delete_async (EaBearerRecord *self, MMModem *modem, const char *path,
                                    GAsyncReadyCallback callback, gpointer user_data);
