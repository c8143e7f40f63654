/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * qmi-floor PORT: what libqmi alone costs a toolkit terminal. It registers for proactive commands and answers
 * SEND DATA and RECEIVE DATA with TERMINAL RESPONSEs that were built beforehand; it reads nothing but the
 * place of a command's type, keeps nothing and has no channel. Prints "ready" and serves until it is ended.
 */

#include <libqmi-glib.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_S 10
#define CTL_ALLOCATE_CID 0x0022
#define CAT_EVENT_REPORT 0x0001
#define CAT_SEND_TERMINAL_RESPONSE 0x0021
#define TLV_SERVICE 0x01
#define TLV_CLIENT 0x01
#define TLV_RAW_MASK 0x10
#define TLV_RESPONSE 0x01
#define TLV_SLOT 0x10
#define TLV_SEND_DATA 0x53
#define TLV_RECEIVE_DATA 0x54
#define SLOT 1

/* As the agent asks: BIP and the end of sessions. */
#define EVENTS (1u << 20 | 1u << 12)

/* Reference, length, and 237 bytes with their objects */
#define REFERENCE_SIZE 4
#define RESPONSE_MAX 512
#define N_BYTES 237

typedef struct
{
  guint8 bytes[RESPONSE_MAX]; /* from the reference on */
  gsize size;
} Response;

static struct
{
  GMainLoop *loop;
  QmiDevice *device;
  guint8 cid;
  guint16 transaction;
  Response sent;
  Response received;
} floor_state;

static void
fail (const char *what, GError *error)
{
  g_printerr ("qmi-floor: %s: %s\n", what, error != NULL ? error->message : "refused");
  exit (EXIT_FAILURE);
}

static void
append (Response *response, const void *bytes, gsize size)
{
  memcpy (response->bytes + response->size, bytes, size);
  response->size += size;
}

static void
build (Response *response, const guint8 *objects, gsize n_objects, const guint8 *tail, gsize n_tail)
{
  static const guint8 data[N_BYTES];
  gsize size = n_objects + (n_tail > 0 ? N_BYTES + n_tail : 0);
  const guint8 head[REFERENCE_SIZE + 2] = { 0, 0, 0, 0, (guint8) size, (guint8) (size >> 8) };

  append (response, head, sizeof head);
  append (response, objects, n_objects);
  if (n_tail == 0)
    return;
  append (response, data, sizeof data);
  append (response, tail, n_tail);
}

static void
build_responses (void)
{
  static const guint8 sent[] = { 0x81, 0x03, 0x01, 0x43, 0x01, 0x82, 0x02, 0x82,
                                 0x81, 0x83, 0x01, 0x00, 0xB7, 0x01, 0xFF };
  static const guint8 received[] = { 0x81, 0x03, 0x01, 0x42, 0x00, 0x82, 0x02,   0x82,
                                     0x81, 0x83, 0x01, 0x00, 0xB6, 0x81, N_BYTES };
  static const guint8 length[] = { 0xB7, 0x01, 0xFF };

  build (&floor_state.sent, sent, sizeof sent, NULL, 0);
  build (&floor_state.received, received, sizeof received, length, sizeof length);
}

static void
request (guint8 service, guint8 cid, guint16 message_id, const guint8 *types,
         const void *const *values, const gsize *sizes, gsize n_tlvs, GAsyncReadyCallback callback)
{
  guint16 transaction = service == QMI_SERVICE_CTL ? 0 : ++floor_state.transaction;
  g_autoptr (QmiMessage) message = NULL;

  if (service != QMI_SERVICE_CTL && transaction == 0)
    transaction = ++floor_state.transaction;
  message = qmi_message_new (service, cid, transaction, message_id);
  for (gsize i = 0; i < n_tlvs; i++)
    (void) qmi_message_add_raw_tlv (message, types[i], values[i], sizes[i], NULL); /* it has room */
  qmi_device_command_full (floor_state.device, message, NULL, TIMEOUT_S, NULL, callback, NULL);
}

static void
on_responded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) message
      = qmi_device_command_full_finish (QMI_DEVICE (source), result, &error);

  if (message == NULL)
    fail ("TERMINAL RESPONSE", error);
}

static void
respond (Response *response, const guint8 *reference)
{
  static const guint8 slot = SLOT;
  const guint8 types[] = { TLV_RESPONSE, TLV_SLOT };
  const void *const values[] = { response->bytes, &slot };
  const gsize sizes[] = { response->size, 1 };

  memcpy (response->bytes, reference, REFERENCE_SIZE);
  request (QMI_SERVICE_CAT2, floor_state.cid, CAT_SEND_TERMINAL_RESPONSE, types, values, sizes,
           G_N_ELEMENTS (types), on_responded);
}

static void
on_indication (QmiDevice *device, QmiMessage *message, gpointer user_data)
{
  const guint8 *value;
  guint16 size;

  if (qmi_message_get_service (message) != QMI_SERVICE_CAT2)
    return;
  value = qmi_message_get_raw_tlv (message, TLV_SEND_DATA, &size);
  if (value != NULL)
    {
      respond (&floor_state.sent, value);
      return;
    }
  value = qmi_message_get_raw_tlv (message, TLV_RECEIVE_DATA, &size);
  if (value != NULL)
    respond (&floor_state.received, value);
}

static void
on_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) message
      = qmi_device_command_full_finish (QMI_DEVICE (source), result, &error);

  if (message == NULL)
    fail ("Set Event Report", error);
  g_print ("ready\n");
}

static void
on_allocated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  const guint32 events = GUINT32_TO_LE (EVENTS);
  const guint8 type = TLV_RAW_MASK;
  const void *const value = &events;
  const gsize size_of_events = sizeof events;
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) message
      = qmi_device_command_full_finish (QMI_DEVICE (source), result, &error);
  const guint8 *client;
  guint16 size = 0;

  client = message != NULL ? qmi_message_get_raw_tlv (message, TLV_CLIENT, &size) : NULL;
  if (client == NULL || size != 2)
    fail ("Allocate CID", error);
  floor_state.cid = client[1];
  request (QMI_SERVICE_CAT2, floor_state.cid, CAT_EVENT_REPORT, &type, &value, &size_of_events, 1,
           on_registered);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  const guint8 service = QMI_SERVICE_CAT2;
  const guint8 type = TLV_SERVICE;
  const void *const value = &service;
  const gsize size = 1;
  GError *error = NULL;

  if (!qmi_device_open_finish (QMI_DEVICE (source), result, &error))
    fail ("open", error);
  g_signal_connect (source, QMI_DEVICE_SIGNAL_INDICATION, G_CALLBACK (on_indication), NULL);
  request (QMI_SERVICE_CTL, QMI_CID_NONE, CTL_ALLOCATE_CID, &type, &value, &size, 1, on_allocated);
}

static void
on_device (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  floor_state.device = qmi_device_new_finish (result, &error);
  if (floor_state.device == NULL)
    fail ("device", error);
  qmi_device_open (floor_state.device, QMI_DEVICE_OPEN_FLAGS_VERSION_INFO, TIMEOUT_S, NULL,
                   on_opened, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GFile) port = NULL;

  if (argc != 2)
    {
      g_printerr ("usage: qmi-floor PORT\n");
      return EXIT_FAILURE;
    }
  port = g_file_new_for_path (argv[1]);
  build_responses ();
  floor_state.loop = g_main_loop_new (NULL, FALSE);
  qmi_device_new (port, NULL, on_device, NULL);
  g_main_loop_run (floor_state.loop);
  return EXIT_SUCCESS;
}
