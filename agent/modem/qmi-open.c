/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Opening a QmiDevice. A proxy is never started from here: libqmi and libmbim would make it our child, and its death with
 * us would cut off everybody else.
 */

#include "modem/qmi-open.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>

#include "modem/port.h"
#include "modem/qmi-raw.h"

#define QMI_PROXY_NAME "qmi-proxy" /* names of abstract sockets, libqmi's and libmbim's own */
#define MBIM_PROXY_NAME "mbim-proxy"
#define CDC_WDM_PREFIX "cdc-wdm"
#define QRTR_LOOKUP_MS 1000
#define QRTR_BUS_DATA "ea-qrtr-bus"

typedef struct
{
  QmiDeviceOpenFlags flags;
  QmiDevice *device;
  GError *error; /* of opening, while what is half open is closed */
#if QMI_QRTR_SUPPORTED
  QrtrBus *bus; /* tells the device when the node goes, and has to live as long */
  guint32 node;
#endif
} Opening;

static void
opening_free (gpointer data)
{
  Opening *self = data;

  g_clear_object (&self->device);
  g_clear_error (&self->error);
#if QMI_QRTR_SUPPORTED
  g_clear_object (&self->bus);
#endif
  g_free (self);
}

static gboolean
is_proxy_running (const char *name)
{
  g_autoptr (GSocketAddress) address
      = g_unix_socket_address_new_with_type (name, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);
  g_autoptr (GSocket) socket
      = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);

  return socket != NULL && g_socket_connect (socket, address, NULL, NULL);
}

static gboolean
wants_proxy (const EaQmiOpenOptions *options, EaPortProtocol protocol)
{
  g_autofree char *name = NULL;

  switch (options->proxy)
    {
    case EA_MODEM_PROXY_YES:
      return TRUE;
    case EA_MODEM_PROXY_NO:
      return FALSE;
    case EA_MODEM_PROXY_AUTO:
      break;
    }
  name = ea_port_get_name (options->path);
  return protocol != EA_PORT_UNKNOWN || g_str_has_prefix (name, CDC_WDM_PREFIX);
}

/* @error: (transfer full) */
static void
fail (GTask *task, GError *error, const char *what)
{
  g_task_return_error (task, ea_qmi_translate_error (error, what));
  g_object_unref (task);
}

static void
on_half_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Opening *self = g_task_get_task_data (user_data);

  (void) qmi_device_close_finish (QMI_DEVICE (source), result, NULL); /* it failed anyway */
  fail (user_data, g_steal_pointer (&self->error), "Cannot open the device");
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Opening *self = g_task_get_task_data (task);

  if (!qmi_device_open_finish (self->device, result, &self->error))
    {
      qmi_device_close_async (self->device, EA_QMI_TIMEOUT_CLOSE_S, NULL, on_half_closed, task);
      return;
    }
#if QMI_QRTR_SUPPORTED
  if (self->bus != NULL)
    g_object_set_data_full (G_OBJECT (self->device), QRTR_BUS_DATA, g_steal_pointer (&self->bus),
                            g_object_unref);
#endif
  g_task_return_pointer (task, g_steal_pointer (&self->device), g_object_unref);
  g_object_unref (task);
}

static void
on_device (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Opening *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->device = qmi_device_new_finish (result, &error);
  if (self->device == NULL)
    {
      fail (task, error, "Cannot use the device");
      return;
    }
  qmi_device_open (self->device, self->flags, EA_QMI_TIMEOUT_MODEM_S, g_task_get_cancellable (task),
                   on_opened, task);
}

#if QMI_QRTR_SUPPORTED
static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Opening *self = g_task_get_task_data (task);
  g_autoptr (QrtrNode) node = NULL;
  GError *error = NULL;

  self->bus = qrtr_bus_new_finish (result, &error);
  if (self->bus == NULL)
    {
      fail (task, error, "Cannot use the QRTR bus");
      return;
    }
  node = qrtr_bus_get_node (self->bus, self->node);
  if (node != NULL)
    {
      qmi_device_new_from_node (node, g_task_get_cancellable (task), on_device, task);
      return;
    }
  g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_GONE,
                           "The QRTR bus has no node %" G_GUINT32_FORMAT, self->node);
  g_object_unref (task);
}

static void
open_qrtr (GTask *task, const char *path)
{
  Opening *self = g_task_get_task_data (task);

  if (qrtr_get_node_for_uri (path, &self->node))
    {
      qrtr_bus_new (QRTR_LOOKUP_MS, g_task_get_cancellable (task), on_bus, task);
      return;
    }
  g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_GONE, "'%s' is no node of QRTR",
                           path);
  g_object_unref (task);
}
#else
static void
open_qrtr (GTask *task, const char *path)
{
  g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED,
                           "This libqmi was built without QRTR");
  g_object_unref (task);
}
#endif

/* What brings a proxy */
static const char *
get_remedy (const char *proxy)
{
  if (strcmp (proxy, QMI_PROXY_NAME) == 0)
    return "euicc-agent-qmi-proxy.service or ModemManager";
  return strcmp (proxy, MBIM_PROXY_NAME) == 0 ? "ModemManager" : "it, or set ProxyPath";
}

static void
open_node (GTask *task, const EaQmiOpenOptions *options)
{
  Opening *self = g_task_get_task_data (task);
  EaPortProtocol protocol = ea_port_get_protocol (options->path);
  const char *proxy = options->proxy_path[0] != '\0' ? options->proxy_path : QMI_PROXY_NAME;
  g_autoptr (GFile) file = g_file_new_for_path (options->path);

  if (protocol == EA_PORT_MBIM)
    {
      self->flags |= QMI_DEVICE_OPEN_FLAGS_MBIM;
      proxy = MBIM_PROXY_NAME;
    }
  if (wants_proxy (options, protocol))
    self->flags |= QMI_DEVICE_OPEN_FLAGS_PROXY;
  if ((self->flags & QMI_DEVICE_OPEN_FLAGS_PROXY) == 0 || is_proxy_running (proxy))
    {
      g_async_initable_new_async (QMI_TYPE_DEVICE, G_PRIORITY_DEFAULT,
                                  g_task_get_cancellable (task), on_device, task, QMI_DEVICE_FILE,
                                  file, QMI_DEVICE_PROXY_PATH, proxy, NULL);
      return;
    }
  g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_NO_PROXY,
                           "It is shared through %s, which is not running: start %s", proxy,
                           get_remedy (proxy));
  g_object_unref (task);
}

void
ea_qmi_open_async (const EaQmiOpenOptions *options, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Opening *self = g_new0 (Opening, 1);

  self->flags = QMI_DEVICE_OPEN_FLAGS_VERSION_INFO;
  g_task_set_task_data (task, self, opening_free);
  if (ea_port_is_qrtr (options->path))
    open_qrtr (task, options->path);
  else
    open_node (task, options);
}

QmiDevice *
ea_qmi_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
