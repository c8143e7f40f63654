/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libmm-glib.h>

#include "modem/bearers.h"

/**
 * ea_bearer_search_async:
 * @object: ModemManager's modem
 * @apn: wanted; "" for the default
 * @request: for the rest; copied
 * @record: where a bearer is recorded before it is connected
 *
 * Chooses among the connected bearers of a modem, else connects one, as far as @use allows.
 *
 * Errors: EA_BEARER_ERROR, G_IO_ERROR_CANCELLED. Then nothing is left behind.
 */
void ea_bearer_search_async (MMObject *object, EaBearerUse use, const char *apn,
                             const EaBearerRequest *request, EaBearerRecord *record,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data);

/**
 * ea_bearer_search_finish:
 * @is_ours: (out): it was connected here
 * @cause: (out): as ea_bearers_acquire_finish() has it
 *
 * Returns: (transfer full) (nullable): a bearer; when it is ours, its properties may lag behind
 */
MMBearer *ea_bearer_search_finish (GAsyncResult *result, gboolean *is_ours, guint8 *cause,
                                   GError **error);
