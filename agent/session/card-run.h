/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/card.h"

/* What EaCard does with the modem for one job: an APDU with its follow-ups, and a run of APDUs on a logical
 * channel of their own. Not for others: only EaCard keeps jobs apart. */

/* Returns: (transfer full): the final R-APDU, with the data of all GET RESPONSEs together. */
void ea_card_follow_up_async (EaModem *modem, guint channel, GBytes *apdu,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);
GBytes *ea_card_follow_up_finish (EaModem *modem, GAsyncResult *result, GError **error);

/* Everything as in ea_card_run_script_async(). */
void ea_card_script_async (EaModem *modem, GBytes *aid, guint channel, const EaCardScript *script,
                           gpointer script_data, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_card_script_finish (EaModem *modem, GAsyncResult *result, guint *channel,
                                GError **error);
