/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * sms-floor PORT [IDLE-PORT...]: what libqmi alone costs who brings short messages to the card. It takes the route of
 * class 2, puts each SMS-DELIVER as it is into an ENVELOPE, and acknowledges it when the card has answered, whatever it
 * said; it reads, checks and keeps nothing. Idle ports are opened, and no more. Prints "ready" and serves until it is
 * ended.
 */

#include <libqmi-glib.h>
#include <stdlib.h>

#define TIMEOUT_S 10
#define CTL_ALLOCATE_CID 0x0022
#define CAT_SEND_ENVELOPE 0x0022
#define TLV_SERVICE 0x01
#define TLV_CLIENT 0x01
#define TLV_ENVELOPE 0x01
#define TLV_SLOT 0x10
#define SLOT 1
#define ENVELOPE_SMS_PP 9
#define STORAGE_NONE 255

/* Up to the length of the TPDU, which has fewer than 128 octets: SMS-PP download from the network, SMSC */
#define N_BEFORE_TPDU 16
#define BEFORE_TPDU                                                                                \
  0xD1, 0, 0x82, 0x02, 0x83, 0x81, 0x86, 0x07, 0x91, 0x94, 0x71, 0x07, 0x16, 0x00, 0x00, 0x8B
#define N_OUTSIDE_BODY 2
#define TPDU_MAX 127

static struct
{
  QmiDevice *device;
  QmiClientWms *wms;
  guint8 cid; /* of CAT2 */
  guint16 transaction;
  char **idle_ports; /* of which the first is to be opened next */
} floor_state;

static void
fail (const char *what, const GError *error)
{
  g_printerr ("sms-floor: %s: %s\n", what, error != NULL ? error->message : "refused");
  exit (EXIT_FAILURE);
}

static void
on_acknowledged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessageWmsSendAckOutput) output
      = qmi_client_wms_send_ack_finish (QMI_CLIENT_WMS (source), result, &error);

  if (output == NULL || !qmi_message_wms_send_ack_output_get_result (output, &error))
    fail ("Send Ack", error);
}

static void
on_enveloped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (QmiMessageWmsSendAckInput) input = qmi_message_wms_send_ack_input_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) message
      = qmi_device_command_full_finish (QMI_DEVICE (source), result, &error);

  if (message == NULL)
    fail ("Send Envelope", error);
  qmi_message_wms_send_ack_input_set_information (input, GPOINTER_TO_UINT (user_data),
                                                  QMI_WMS_MESSAGE_PROTOCOL_WCDMA, TRUE, NULL);
  qmi_client_wms_send_ack (floor_state.wms, input, TIMEOUT_S, NULL, on_acknowledged, NULL);
}

static GByteArray *
build_envelope (const GArray *tpdu)
{
  guint8 before[] = { ENVELOPE_SMS_PP, 0, 0, 0, BEFORE_TPDU, (guint8) tpdu->len };
  guint8 n_envelope = (guint8) (N_BEFORE_TPDU + 1 + tpdu->len);
  GByteArray *value = g_byte_array_new ();

  if (tpdu->len > TPDU_MAX)
    fail ("a short message is too long", NULL);
  before[2] = n_envelope;
  before[5] = (guint8) (n_envelope - N_OUTSIDE_BODY);
  g_byte_array_append (value, before, sizeof before);
  return g_byte_array_append (value, (const guint8 *) tpdu->data, tpdu->len);
}

static void
on_event_report (QmiClientWms *client, QmiIndicationWmsEventReportOutput *output,
                 gpointer user_data)
{
  static const guint8 slot = SLOT;
  g_autoptr (GByteArray) envelope = NULL;
  g_autoptr (QmiMessage) message = NULL;
  guint32 reference;
  GArray *tpdu;

  if (!qmi_indication_wms_event_report_output_get_transfer_route_mt_message (
          output, NULL, &reference, NULL, &tpdu, NULL))
    return;
  envelope = build_envelope (tpdu);
  if (++floor_state.transaction == 0)
    floor_state.transaction++;
  message = qmi_message_new (QMI_SERVICE_CAT2, floor_state.cid, floor_state.transaction,
                             CAT_SEND_ENVELOPE);
  (void) qmi_message_add_raw_tlv (message, TLV_ENVELOPE, envelope->data, envelope->len, NULL);
  (void) qmi_message_add_raw_tlv (message, TLV_SLOT, &slot, 1, NULL); /* there is room for both */
  qmi_device_command_full (floor_state.device, message, NULL, TIMEOUT_S, NULL, on_enveloped,
                           GUINT_TO_POINTER (reference));
}

static void open_idle_port (void);

static void
on_idle_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!qmi_device_open_finish (QMI_DEVICE (source), result, &error))
    fail ("open", error);
  open_idle_port ();
}

/* The device is kept until the end. */
static void
on_idle_device (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  QmiDevice *device = qmi_device_new_finish (result, &error);

  if (device == NULL)
    fail ("device", error);
  qmi_device_open (device, QMI_DEVICE_OPEN_FLAGS_VERSION_INFO, TIMEOUT_S, NULL, on_idle_opened,
                   NULL);
}

static void
open_idle_port (void)
{
  g_autoptr (GFile) port = NULL;

  if (*floor_state.idle_ports == NULL)
    {
      g_print ("ready\n");
      return;
    }
  port = g_file_new_for_path (*floor_state.idle_ports++);
  qmi_device_new (port, NULL, on_idle_device, NULL);
}

static void
on_reporting (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessageWmsSetEventReportOutput) output
      = qmi_client_wms_set_event_report_finish (QMI_CLIENT_WMS (source), result, &error);

  if (output == NULL || !qmi_message_wms_set_event_report_output_get_result (output, &error))
    fail ("Set Event Report", error);
  open_idle_port ();
}

static void
on_routed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (QmiMessageWmsSetEventReportInput) input
      = qmi_message_wms_set_event_report_input_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessageWmsSetRoutesOutput) output
      = qmi_client_wms_set_routes_finish (QMI_CLIENT_WMS (source), result, &error);

  if (output == NULL || !qmi_message_wms_set_routes_output_get_result (output, &error))
    fail ("Set Routes", error);
  qmi_message_wms_set_event_report_input_set_new_mt_message_indicator (input, TRUE, NULL);
  qmi_client_wms_set_event_report (floor_state.wms, input, TIMEOUT_S, NULL, on_reporting, NULL);
}

static void
on_wms (GObject *source, GAsyncResult *result, gpointer user_data)
{
  const QmiMessageWmsSetRoutesInputRouteListElement route = {
    .message_type = QMI_WMS_MESSAGE_TYPE_POINT_TO_POINT,
    .message_class = QMI_WMS_MESSAGE_CLASS_2,
    .storage = (QmiWmsStorageType) STORAGE_NONE,
    .receipt_action = QMI_WMS_RECEIPT_ACTION_TRANSFER_ONLY,
  };
  g_autoptr (QmiMessageWmsSetRoutesInput) input = qmi_message_wms_set_routes_input_new ();
  g_autoptr (GArray) routes = g_array_new (FALSE, FALSE, sizeof route);
  g_autoptr (GError) error = NULL;
  QmiClient *client = qmi_device_allocate_client_finish (QMI_DEVICE (source), result, &error);

  if (client == NULL)
    fail ("no client of WMS", error);
  floor_state.wms = QMI_CLIENT_WMS (client);
  g_signal_connect (client, "event-report", G_CALLBACK (on_event_report), NULL);
  g_array_append_val (routes, route);
  qmi_message_wms_set_routes_input_set_route_list (input, routes, NULL);
  qmi_client_wms_set_routes (floor_state.wms, input, TIMEOUT_S, NULL, on_routed, NULL);
}

static void
on_allocated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) message
      = qmi_device_command_full_finish (QMI_DEVICE (source), result, &error);
  const guint8 *client;
  guint16 size = 0;

  client = message != NULL ? qmi_message_get_raw_tlv (message, TLV_CLIENT, &size) : NULL;
  if (client == NULL || size != 2)
    fail ("Allocate CID", error);
  floor_state.cid = client[1];
  qmi_device_allocate_client (floor_state.device, QMI_SERVICE_WMS, QMI_CID_NONE, TIMEOUT_S, NULL,
                              on_wms, NULL);
}

/* libqmi has no client of CAT2. */
static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  static const guint8 service = QMI_SERVICE_CAT2;
  g_autoptr (QmiMessage) message
      = qmi_message_new (QMI_SERVICE_CTL, QMI_CID_NONE, 0, CTL_ALLOCATE_CID);
  g_autoptr (GError) error = NULL;

  if (!qmi_device_open_finish (QMI_DEVICE (source), result, &error))
    fail ("open", error);
  (void) qmi_message_add_raw_tlv (message, TLV_SERVICE, &service, 1, NULL); /* there is room */
  qmi_device_command_full (floor_state.device, message, NULL, TIMEOUT_S, NULL, on_allocated, NULL);
}

static void
on_device (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  floor_state.device = qmi_device_new_finish (result, &error);
  if (floor_state.device == NULL)
    fail ("device", error);
  qmi_device_open (floor_state.device, QMI_DEVICE_OPEN_FLAGS_VERSION_INFO, TIMEOUT_S, NULL,
                   on_opened, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = NULL;
  g_autoptr (GFile) port = NULL;

  if (argc < 2)
    {
      g_printerr ("usage: sms-floor PORT [IDLE-PORT...]\n");
      return EXIT_FAILURE;
    }
  floor_state.idle_ports = argv + 2;
  port = g_file_new_for_path (argv[1]);
  loop = g_main_loop_new (NULL, FALSE);
  qmi_device_new (port, NULL, on_device, NULL);
  g_main_loop_run (loop);
  return EXIT_SUCCESS;
}
