/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The service WMS: the route of class-2 messages, incoming messages and our word on them, outgoing
 * messages. Send Ack has no room for TP user data, so a response packet in the SMS-DELIVER-REPORT can't
 * be given; SGP.02 wants it in an SMS-SUBMIT anyway.
 */

#include "modem/qmi-private.h"

/* RP and TP cause when a class-2 message finds no room on the card (TS 24.011 §8.2.5.4, TS 23.040
 * §9.2.3.22) */
#define RP_CAUSE_MEMORY_EXCEEDED 0x16
#define TP_CAUSE_SIM_STORAGE_FULL 0xD0
#define RP_CAUSE_PROTOCOL_ERROR 0x6F
#define TP_CAUSE_UNSPECIFIED 0xFF

static gboolean
check_client (EaQmiModem *self, GTask *task)
{
  if (self->wms != NULL)
    return TRUE;

  g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED,
                           "The modem has no short message service");
  g_object_unref (task);
  return FALSE;
}

static GArray *
array_of_bytes (GBytes *bytes)
{
  EaSpan span = ea_span_from_bytes (bytes);
  GArray *array = g_array_new (FALSE, FALSE, sizeof (guint8));

  g_array_append_vals (array, span.data, (guint) span.size);
  return array;
}

static GBytes *
bytes_of_array (const GArray *array)
{
  return g_bytes_new (array->data, array->len);
}

/* Some firmware puts a length octet in front of the text. */
static char *
clean_smsc_number (const char *text)
{
  while (text != NULL && *text != '\0' && *text != '+' && !g_ascii_isdigit (*text))
    text++;
  return g_strdup (text != NULL ? text : "");
}

static void
take_transferred (EaQmiModem *self, QmiIndicationWmsEventReportOutput *output)
{
  g_autoptr (EaModemSms) sms = NULL;
  QmiWmsAckIndicator acknowledgement;
  QmiWmsMessageFormat format;
  const char *smsc = NULL;
  guint32 transaction;
  GArray *tpdu;

  if (!qmi_indication_wms_event_report_output_get_transfer_route_mt_message (
          output, &acknowledgement, &transaction, &format, &tpdu, NULL)
      || format != QMI_WMS_MESSAGE_FORMAT_GSM_WCDMA_POINT_TO_POINT)
    return;

  (void) qmi_indication_wms_event_report_output_get_smsc_address (output, &smsc, NULL);
  sms = g_new0 (EaModemSms, 1);
  sms->custody = acknowledgement == QMI_WMS_ACK_INDICATOR_SEND ? EA_MODEM_SMS_UNACKNOWLEDGED
                                                               : EA_MODEM_SMS_ACKNOWLEDGED;
  sms->reference = transaction;
  sms->smsc_number = clean_smsc_number (smsc);
  sms->message = bytes_of_array (tpdu);
  g_signal_emit_by_name (self, "sms-received", sms);
}

/* Where a stored message lies, while it is read. */
typedef struct
{
  EaQmiModem *modem;
  QmiWmsStorageType storage;
  guint32 index;
} StoredMessage;

static void
stored_message_free (StoredMessage *stored)
{
  g_object_unref (stored->modem);
  g_free (stored);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoredMessage, stored_message_free)

static void
on_stored_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StoredMessage) stored = user_data;
  g_autoptr (QmiMessageWmsRawReadOutput) output = NULL;
  g_autoptr (EaModemSms) sms = NULL;
  QmiWmsMessageFormat format;
  QmiWmsMessageTagType tag;
  GArray *message;

  /* What can't be read stays in the storage, for whoever can. */
  output = qmi_client_wms_raw_read_finish (QMI_CLIENT_WMS (source), result, NULL);
  if (output == NULL || !qmi_message_wms_raw_read_output_get_result (output, NULL)
      || !qmi_message_wms_raw_read_output_get_raw_message_data (output, &tag, &format, &message,
                                                                NULL)
      || format != QMI_WMS_MESSAGE_FORMAT_GSM_WCDMA_POINT_TO_POINT)
    return;

  sms = g_new0 (EaModemSms, 1);
  sms->custody = EA_MODEM_SMS_STORED;
  sms->reference = stored->index;
  sms->storage = (guint8) stored->storage;
  sms->has_smsc = TRUE;
  sms->smsc_number = g_strdup ("");
  sms->message = bytes_of_array (message);
  g_signal_emit_by_name (stored->modem, "sms-received", sms);
}

static void
take_stored (EaQmiModem *self, QmiIndicationWmsEventReportOutput *output)
{
  g_autoptr (QmiMessageWmsRawReadInput) input = NULL;
  StoredMessage *stored;
  QmiWmsStorageType storage;
  guint32 index;

  if (!qmi_indication_wms_event_report_output_get_mt_message (output, &storage, &index, NULL))
    return;

  stored = g_new0 (StoredMessage, 1);
  stored->modem = g_object_ref (self);
  stored->storage = storage;
  stored->index = index;
  input = qmi_message_wms_raw_read_input_new ();
  qmi_message_wms_raw_read_input_set_message_memory_storage_id (input, storage, index, NULL);
  qmi_message_wms_raw_read_input_set_message_mode (input, QMI_WMS_MESSAGE_MODE_GSM_WCDMA, NULL);
  qmi_client_wms_raw_read (self->wms, input, EA_QMI_TIMEOUT_CARD_S, NULL, on_stored_read, stored);
}

static void
on_event_report (QmiClientWms *client, QmiIndicationWmsEventReportOutput *output,
                 gpointer user_data)
{
  EaQmiModem *self = EA_QMI_MODEM (user_data);

  take_transferred (self, output);
  take_stored (self, output);
}

static void
refuse (GTask *task, char *reason, EaModemRefusal refusal)
{
  ea_qmi_modem_refuse_host (g_task_get_source_object (task), reason, refusal);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
on_event_report_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (QmiMessageWmsSetEventReportOutput) output = NULL;
  g_autoptr (GError) error = NULL;

  output = qmi_client_wms_set_event_report_finish (QMI_CLIENT_WMS (source), result, &error);
  if (output == NULL || !qmi_message_wms_set_event_report_output_get_result (output, &error))
    {
      refuse (g_steal_pointer (&task),
              g_strdup_printf ("the modem does not report short messages: %s", error->message),
              ea_qmi_judge_refusal (error));
      return;
    }

  ea_modem_add_capabilities (EA_MODEM (self), EA_MODEM_SMS_PP);
  g_task_return_boolean (task, TRUE);
}

static void
on_routes_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (QmiMessageWmsSetEventReportInput) input = NULL;
  g_autoptr (QmiMessageWmsSetRoutesOutput) output = NULL;
  g_autoptr (GError) error = NULL;

  output = qmi_client_wms_set_routes_finish (QMI_CLIENT_WMS (source), result, &error);
  if (output == NULL || !qmi_message_wms_set_routes_output_get_result (output, &error))
    {
      refuse (task,
              g_strdup_printf ("the modem keeps class-2 short messages (Set Routes: %s)",
                               error->message),
              ea_qmi_judge_refusal (error));
      return;
    }

  input = qmi_message_wms_set_event_report_input_new ();
  qmi_message_wms_set_event_report_input_set_new_mt_message_indicator (input, TRUE, NULL);
  qmi_client_wms_set_event_report (self->wms, input, EA_QMI_TIMEOUT_MODEM_S,
                                   g_task_get_cancellable (task), on_event_report_set, task);
}

static void
append_route (GArray *list, const EaQmiRoute *route)
{
  QmiMessageWmsSetRoutesInputRouteListElement element = {
    .message_type = route->message_type,
    .message_class = route->message_class,
    .storage = route->storage,
    .receipt_action = route->action,
  };

  g_array_append_val (list, element);
}

static void
set_routes (EaQmiModem *self, const GArray *routes, guint timeout_s, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (QmiMessageWmsSetRoutesInput) input = qmi_message_wms_set_routes_input_new ();
  g_autoptr (GArray) list
      = g_array_new (FALSE, FALSE, sizeof (QmiMessageWmsSetRoutesInputRouteListElement));

  for (guint i = 0; i < routes->len; i++)
    append_route (list, &g_array_index (routes, EaQmiRoute, i));
  qmi_message_wms_set_routes_input_set_route_list (input, list, NULL);
  qmi_client_wms_set_routes (self->wms, input, timeout_s, cancellable, callback, user_data);
}

static gboolean
is_class_2 (const EaQmiRoute *route)
{
  return route->message_type == QMI_WMS_MESSAGE_TYPE_POINT_TO_POINT
         && route->message_class == QMI_WMS_MESSAGE_CLASS_2;
}

/* The route of class 2 to the host. A message that somebody else acknowledges too needs none from us. */
static GArray *
new_diverted_route (gboolean is_messaging_shared)
{
  EaQmiRoute ours = {
    .message_type = QMI_WMS_MESSAGE_TYPE_POINT_TO_POINT,
    .message_class = QMI_WMS_MESSAGE_CLASS_2,
    .storage = (guint8) QMI_WMS_STORAGE_TYPE_NONE,
    .action = is_messaging_shared ? QMI_WMS_RECEIPT_ACTION_TRANSFER_AND_ACK
                                  : QMI_WMS_RECEIPT_ACTION_TRANSFER_ONLY,
  };
  GArray *route = g_array_new (FALSE, FALSE, sizeof (EaQmiRoute));

  g_array_append_val (route, ours);
  return route;
}

/* What most modems do with class 2 (TS 23.038 §4): for one that does not tell. */
static const EaQmiRoute default_route = {
  .message_type = QMI_WMS_MESSAGE_TYPE_POINT_TO_POINT,
  .message_class = QMI_WMS_MESSAGE_CLASS_2,
  .storage = QMI_WMS_STORAGE_TYPE_UIM,
  .action = QMI_WMS_RECEIPT_ACTION_STORE_AND_NOTIFY,
};

/* The modem's route of class 2; the others are not ours to remember or to touch. */
static GArray *
get_class_2_route (QmiMessageWmsGetRoutesOutput *output, GError **error)
{
  GArray *list;
  GArray *routes;

  if (!qmi_message_wms_get_routes_output_get_result (output, error)
      || !qmi_message_wms_get_routes_output_get_route_list (output, &list, error))
    return NULL;

  routes = g_array_new (FALSE, FALSE, sizeof (EaQmiRoute));
  for (guint i = 0; i < list->len; i++)
    {
      const QmiMessageWmsGetRoutesOutputRouteListElement *element
          = &g_array_index (list, QmiMessageWmsGetRoutesOutputRouteListElement, i);
      EaQmiRoute route = {
        .message_type = (guint8) element->message_type,
        .message_class = (guint8) element->message_class,
        .storage = (guint8) element->storage,
        .action = (guint8) element->receipt_action,
      };

      if (is_class_2 (&route))
        g_array_append_val (routes, route);
    }
  if (routes->len == 0)
    g_array_append_val (routes, default_route);
  return routes;
}

static void
on_routes (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (QmiMessageWmsGetRoutesOutput) output = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) routes = NULL;
  g_autoptr (GArray) diverted = NULL;

  output = qmi_client_wms_get_routes_finish (QMI_CLIENT_WMS (source), result, &error);
  if (output != NULL)
    routes = get_class_2_route (output, &error);
  if (routes == NULL)
    {
      refuse (task,
              g_strdup_printf ("the modem does not tell its routes of short messages: %s",
                               error->message),
              ea_qmi_judge_refusal (error));
      return;
    }

  /* Routes that an earlier run left changed are not the original ones. */
  diverted = new_diverted_route (self->is_messaging_shared);
  if (self->record.routes == NULL)
    self->record.routes = g_steal_pointer (&routes);
  if (!ea_qmi_modem_save_record (self, &error))
    {
      refuse (task, g_strdup_printf ("the modem's routes can't be recorded: %s", error->message),
              EA_MODEM_REFUSAL_PASSING);
      return;
    }
  set_routes (self, diverted, EA_QMI_TIMEOUT_MODEM_S, g_task_get_cancellable (task), on_routes_set,
              task);
}

/* Diverts class-2 messages to the host; ends with success when it is known whether that worked, see
 * toolkit_refusal. */
void
ea_qmi_wms_start_async (EaQmiModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  if (self->wms == NULL)
    {
      refuse (task, g_strdup ("the modem has no short message service (WMS)"), self->wms_refusal);
      return;
    }
  g_signal_connect_object (self->wms, "event-report", G_CALLBACK (on_event_report), self, 0);
  qmi_client_wms_get_routes (self->wms, NULL, EA_QMI_TIMEOUT_MODEM_S, cancellable, on_routes, task);
}

gboolean
ea_qmi_wms_start_finish (EaQmiModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ea_qmi_modem_set_messaging_shared (EaQmiModem *self, gboolean is_shared)
{
  g_autoptr (GArray) diverted = NULL;

  if (self->is_messaging_shared == is_shared)
    return;

  self->is_messaging_shared = is_shared;
  if (self->wms == NULL || ea_modem_get_role (EA_MODEM (self)) != EA_MODEM_ROLE_HOST)
    return;
  /* When this fails the old route goes on, which is safe: a message acknowledged twice is harmless. */
  diverted = new_diverted_route (is_shared);
  set_routes (self, diverted, EA_QMI_TIMEOUT_MODEM_S, NULL, NULL, NULL);
}

static void
on_routes_restored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (QmiMessageWmsSetRoutesOutput) output = NULL;
  g_autoptr (GError) error = NULL;

  output = qmi_client_wms_set_routes_finish (QMI_CLIENT_WMS (source), result, &error);
  if (output == NULL || !qmi_message_wms_set_routes_output_get_result (output, &error))
    {
      g_task_return_error (task, ea_qmi_translate_error (g_steal_pointer (&error),
                                                         "Cannot put back the modem's routes"));
      return;
    }

  g_clear_pointer (&self->record.routes, g_array_unref);
  g_task_return_boolean (task, TRUE);
}

void
ea_qmi_wms_stop_async (EaQmiModem *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  if (self->wms != NULL)
    g_signal_handlers_disconnect_by_func (self->wms, on_event_report, self);
  if (self->wms == NULL || self->record.routes == NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  set_routes (self, self->record.routes, EA_QMI_TIMEOUT_CLOSE_S, NULL, on_routes_restored, task);
}

gboolean
ea_qmi_wms_stop_finish (EaQmiModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (QmiMessageWmsRawSendOutput) output = NULL;
  g_autoptr (GError) error = NULL;
  QmiWmsGsmUmtsRpCause rp_cause;
  QmiWmsGsmUmtsTpCause tp_cause;

  output = qmi_client_wms_raw_send_finish (QMI_CLIENT_WMS (source), result, &error);
  if (output != NULL && qmi_message_wms_raw_send_output_get_result (output, &error))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (output != NULL
      && qmi_message_wms_raw_send_output_get_gsm_wcdma_cause_info (output, &rp_cause, &tp_cause,
                                                                   NULL))
    g_task_set_task_data (task, GUINT_TO_POINTER ((guint) rp_cause), NULL);
  g_task_return_error (task, ea_qmi_translate_error (g_steal_pointer (&error), "Short message"));
}

void
ea_qmi_wms_send (EaModem *modem, GBytes *message, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);
  g_autoptr (QmiMessageWmsRawSendInput) input = NULL;
  g_autoptr (GArray) data = NULL;

  if (!check_client (self, task))
    return;

  data = array_of_bytes (message);
  input = qmi_message_wms_raw_send_input_new ();
  qmi_message_wms_raw_send_input_set_raw_message_data (
      input, QMI_WMS_MESSAGE_FORMAT_GSM_WCDMA_POINT_TO_POINT, data, NULL);
  qmi_client_wms_raw_send (self->wms, input, EA_QMI_TIMEOUT_NETWORK_S,
                           g_task_get_cancellable (task), on_sent, task);
}

static void
on_acknowledged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (QmiMessageWmsSendAckOutput) output = NULL;
  g_autoptr (GError) error = NULL;

  output = qmi_client_wms_send_ack_finish (QMI_CLIENT_WMS (source), result, &error);
  if (output == NULL || !qmi_message_wms_send_ack_output_get_result (output, &error))
    g_task_return_error (task,
                         ea_qmi_translate_error (g_steal_pointer (&error), "Acknowledgement"));
  else
    g_task_return_boolean (task, TRUE);
}

static void
acknowledge (EaQmiModem *self, guint32 transaction, gboolean is_accepted, guint8 rp_cause,
             guint8 tp_cause, GTask *task)
{
  g_autoptr (QmiMessageWmsSendAckInput) input = qmi_message_wms_send_ack_input_new ();

  qmi_message_wms_send_ack_input_set_information (
      input, transaction, QMI_WMS_MESSAGE_PROTOCOL_WCDMA, is_accepted, NULL);
  if (!is_accepted)
    qmi_message_wms_send_ack_input_set_3gpp_failure_information (
        input, (QmiWmsGsmUmtsRpCause) rp_cause, (QmiWmsGsmUmtsTpCause) tp_cause, NULL);
  qmi_client_wms_send_ack (self->wms, input, EA_QMI_TIMEOUT_MODEM_S, g_task_get_cancellable (task),
                           on_acknowledged, task);
}

static void
on_deleted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (QmiMessageWmsDeleteOutput) output = NULL;
  g_autoptr (GError) error = NULL;

  output = qmi_client_wms_delete_finish (QMI_CLIENT_WMS (source), result, &error);
  if (output == NULL || !qmi_message_wms_delete_output_get_result (output, &error))
    g_task_return_error (task,
                         ea_qmi_translate_error (g_steal_pointer (&error), "Stored short message"));
  else
    g_task_return_boolean (task, TRUE);
}

static void
delete_stored (EaQmiModem *self, const EaModemSms *sms, GTask *task)
{
  g_autoptr (QmiMessageWmsDeleteInput) input = qmi_message_wms_delete_input_new ();

  qmi_message_wms_delete_input_set_memory_storage (input, (QmiWmsStorageType) sms->storage, NULL);
  qmi_message_wms_delete_input_set_memory_index (input, sms->reference, NULL);
  qmi_message_wms_delete_input_set_message_mode (input, QMI_WMS_MESSAGE_MODE_GSM_WCDMA, NULL);
  qmi_client_wms_delete (self->wms, input, EA_QMI_TIMEOUT_CARD_S, g_task_get_cancellable (task),
                         on_deleted, task);
}

static void
finish_now (GTask *task)
{
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

void
ea_qmi_wms_settle (EaModem *modem, const EaModemSms *sms, gboolean is_accepted, guint8 rp_cause,
                   guint8 tp_cause, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);

  if (!check_client (self, task))
    return;

  switch (sms->custody)
    {
    case EA_MODEM_SMS_UNACKNOWLEDGED:
      acknowledge (self, sms->reference, is_accepted, rp_cause, tp_cause, task);
      return;
    case EA_MODEM_SMS_STORED:
      delete_stored (self, sms, task); /* the card has answered, whatever it said */
      return;
    case EA_MODEM_SMS_ACKNOWLEDGED:
      finish_now (task);
      return;
    }
}

static void
on_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (QmiMessageWmsRawWriteOutput) output = NULL;
  g_autoptr (GError) error = NULL;
  guint32 transaction = GPOINTER_TO_UINT (g_task_get_task_data (task));

  output = qmi_client_wms_raw_write_finish (QMI_CLIENT_WMS (source), result, &error);
  if (!check_client (self, task))
    return;
  if (output != NULL && qmi_message_wms_raw_write_output_get_result (output, &error))
    acknowledge (self, transaction, TRUE, 0, 0, task);
  else if (g_error_matches (error, QMI_PROTOCOL_ERROR, QMI_PROTOCOL_ERROR_DEVICE_STORAGE_FULL)
           || g_error_matches (error, QMI_PROTOCOL_ERROR, QMI_PROTOCOL_ERROR_NO_MEMORY))
    acknowledge (self, transaction, FALSE, RP_CAUSE_MEMORY_EXCEEDED, TP_CAUSE_SIM_STORAGE_FULL,
                 task);
  else
    acknowledge (self, transaction, FALSE, RP_CAUSE_PROTOCOL_ERROR, TP_CAUSE_UNSPECIFIED, task);
}

/* A class-2 message belongs into EF_SMS (TS 23.038 §4): the modem would have put it there. */
void
ea_qmi_wms_keep (EaModem *modem, const EaModemSms *sms, GBytes *message, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);
  g_autoptr (QmiMessageWmsRawWriteInput) input = NULL;
  g_autoptr (GArray) data = NULL;

  if (sms->custody != EA_MODEM_SMS_UNACKNOWLEDGED)
    {
      finish_now (task); /* others have it already */
      return;
    }
  if (!check_client (self, task))
    return;

  g_task_set_task_data (task, GUINT_TO_POINTER (sms->reference), NULL);
  data = array_of_bytes (message);
  input = qmi_message_wms_raw_write_input_new ();
  qmi_message_wms_raw_write_input_set_raw_message_data (
      input, QMI_WMS_STORAGE_TYPE_UIM, QMI_WMS_MESSAGE_FORMAT_GSM_WCDMA_POINT_TO_POINT, data, NULL);
  qmi_client_wms_raw_write (self->wms, input, EA_QMI_TIMEOUT_CARD_S, g_task_get_cancellable (task),
                            on_kept, task);
}
