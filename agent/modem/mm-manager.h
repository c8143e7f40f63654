/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libmm-glib.h>

G_BEGIN_DECLS

/*
 * mm_manager_new () for a name whose owner may change meanwhile. GLib makes an object manager in a thread, and hears of
 * a new owner in the default context: there it frees the old owner's name, while the thread still reads it. Here the
 * news wait until the manager is made.
 *
 * In the thread of the default context only.
 */

/* ModemManager is not started. */
void ea_mm_manager_new (GDBusConnection *connection, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data);

/* (transfer full) */
MMManager *ea_mm_manager_new_finish (GAsyncResult *result, GError **error);

G_END_DECLS
