/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libqmi-glib.h>

#include "modem/modem.h"

G_BEGIN_DECLS

/**
 * EaQmiOpenOptions:
 * @path: device node of a QMI or MBIM port, or "qrtr://NODE"
 * @proxy: auto shares what the kernel knows as a modem's port, or what is called cdc-wdm; QRTR is never shared, since
 *   every client has a socket of its own there
 * @proxy_path: name of the abstract socket of qmi-proxy, or "" for libqmi's own; mbim-proxy has but one
 */
typedef struct
{
  const char *path;
  EaModemProxy proxy;
  const char *proxy_path;
} EaQmiOpenOptions;

/**
 * ea_qmi_open_async:
 *
 * Opens a device as libqmi does it, QMI inside MBIM where the port is one of that protocol. Nothing that runs meanwhile is
 * disturbed: without SYNC, which would take everybody's client ids away, and through a proxy only where one is running.
 *
 * Errors: EA_MODEM_ERROR_NO_PROXY, EA_MODEM_ERROR_GONE (no such node of QRTR), and those of ea_qmi_translate_error().
 */
void ea_qmi_open_async (const EaQmiOpenOptions *options, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data);

/* (transfer full) (nullable) */
QmiDevice *ea_qmi_open_finish (GAsyncResult *result, GError **error);

G_END_DECLS
