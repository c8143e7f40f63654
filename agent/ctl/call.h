/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/*
 * Methods that change something. Who may call them is a question to polkit, which may ask the person at the terminal for a
 * password: where there is one, the call says so, and has the time for it.
 */

/**
 * ea_call:
 * @arguments: (nullable): floating, a tuple
 *
 * Returns: (transfer full) (nullable): what the method returns; %NULL with @error, whose message has the next step
 */
GVariant *ea_call (GDBusProxy *proxy, const char *method, GVariant *arguments, GError **error);

/* The same for a program that does something else meanwhile */
void ea_call_async (GDBusProxy *proxy, const char *method, GAsyncReadyCallback callback,
                    gpointer user_data);
GVariant *ea_call_finish (GDBusProxy *proxy, const char *method, GAsyncResult *result,
                          GError **error);
