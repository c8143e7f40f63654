/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The service NAS: which network serves, its changes, and networks that refuse. A modem without it can be
 * worked with; nothing is known of its network then.
 */

#include "modem/qmi-network.h"
#include "modem/qmi-private.h"

static void
request (EaQmiModem *self, guint16 message_id, GAsyncReadyCallback callback, GTask *task)
{
  QmiClient *client = QMI_CLIENT (self->nas);
  QmiMessage *message = qmi_message_new (QMI_SERVICE_NAS, qmi_client_get_cid (client),
                                         qmi_client_get_next_transaction_id (client), message_id);

  ea_qmi_raw_request (self->device, message, EA_QMI_TIMEOUT_MODEM_S, g_task_get_cancellable (task),
                      callback, task);
}

static gboolean
check_client (EaQmiModem *self, GTask *task)
{
  if (self->nas != NULL)
    return TRUE;

  g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED,
                           "The modem has no network access service (NAS)");
  g_object_unref (task);
  return FALSE;
}

static void
take_tlv (guint8 type, const guint8 *value, gsize length, gpointer user_data)
{
  ea_qmi_system_info_take (user_data, type, ea_span_init (value, length));
}

/* FALSE when @message tells nothing of any network. */
static gboolean
take_system_info (EaQmiModem *self, QmiMessage *message, gboolean is_indication)
{
  EaQmiSystemInfo info = { .is_indication = is_indication };
  EaModemNetwork network;

  qmi_message_foreach_raw_tlv (message, take_tlv, &info);
  if (!ea_qmi_system_info_get_network (&info, &network))
    return FALSE;

  ea_modem_set_network (EA_MODEM (self), &network);
  return TRUE;
}

void
ea_qmi_nas_take_indication (EaQmiModem *self, QmiMessage *message)
{
  if (qmi_message_get_message_id (message) == EA_QMI_NAS_SYSTEM_INFO)
    (void) take_system_info (self, message, TRUE); /* what was known is still the newest */
}

/* The rejection itself doesn't tell the area; it is the one where the modem is, if the network is the same. */
static void
locate_rejection (EaModemRejection *rejection, const EaModemNetwork *network)
{
  if (!network->has_technology || network->technology != rejection->technology
      || g_strcmp0 (network->mcc, rejection->mcc) != 0
      || g_strcmp0 (network->mnc, rejection->mnc) != 0)
    return;

  rejection->has_area = network->has_area;
  rejection->area_code = network->area_code;
}

static void
on_network_reject (QmiClientNas *client, QmiIndicationNasNetworkRejectOutput *output,
                   gpointer user_data)
{
  EaQmiModem *self = EA_QMI_MODEM (user_data);
  EaModemRejection rejection = { 0 };
  QmiNasNetworkServiceDomain domain = QMI_NAS_NETWORK_SERVICE_DOMAIN_UNKNOWN;
  QmiNasRadioInterface radio;
  QmiNasRejectCause cause;
  gboolean has_three_digits;
  guint16 mcc;
  guint16 mnc;

  if (!qmi_indication_nas_network_reject_output_get_radio_interface (output, &radio, NULL)
      || !qmi_indication_nas_network_reject_output_get_reject_cause (output, &cause, NULL)
      || !ea_qmi_get_technology ((guint) radio, &rejection.technology))
    return;

  /* Without a domain it is unknown, as without a network. */
  (void) qmi_indication_nas_network_reject_output_get_service_domain (output, &domain, NULL);
  if (domain <= QMI_NAS_NETWORK_SERVICE_DOMAIN_CS_PS)
    rejection.domain = (guint8) domain; /* the same bits */
  rejection.cause = (guint8) cause;
  if (qmi_indication_nas_network_reject_output_get_plmn (output, &mcc, &mnc, &has_three_digits,
                                                         NULL))
    ea_qmi_format_plmn (mcc, mnc, has_three_digits, rejection.mcc, rejection.mnc);
  locate_rejection (&rejection, ea_modem_get_network (EA_MODEM (self)));
  g_signal_emit_by_name (self, "network-rejected", &rejection);
}

static void
on_first_system_info (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, NULL, NULL);

  /* Where it can't be read now an indication may tell later. */
  if (response != NULL)
    (void) take_system_info (self, response, FALSE);
  g_task_return_boolean (task, TRUE);
}

static void
on_rejections_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (QmiMessageNasRegisterIndicationsOutput) output
      = qmi_client_nas_register_indications_finish (QMI_CLIENT_NAS (source), result, NULL);

  (void) output; /* older firmware doesn't tell rejections */
  request (self, EA_QMI_NAS_GET_SYSTEM_INFO, on_first_system_info, task);
}

static void
on_system_info_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (QmiMessageNasRegisterIndicationsInput) input
      = qmi_message_nas_register_indications_input_new ();
  g_autoptr (QmiMessageNasRegisterIndicationsOutput) output
      = qmi_client_nas_register_indications_finish (QMI_CLIENT_NAS (source), result, NULL);

  if (output != NULL && qmi_message_nas_register_indications_output_get_result (output, NULL))
    ea_modem_add_capabilities (EA_MODEM (self), EA_MODEM_NETWORK);
  qmi_message_nas_register_indications_input_set_network_reject_information (input, TRUE, FALSE,
                                                                             NULL);
  qmi_client_nas_register_indications (self->nas, input, EA_QMI_TIMEOUT_MODEM_S,
                                       g_task_get_cancellable (task), on_rejections_registered,
                                       task);
}

/* Ends with success whatever the modem tells. */
void
ea_qmi_nas_start_async (EaQmiModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (QmiMessageNasRegisterIndicationsInput) input = NULL;

  if (self->nas == NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  g_signal_connect_object (self->nas, "network-reject", G_CALLBACK (on_network_reject), self, 0);
  input = qmi_message_nas_register_indications_input_new ();
  qmi_message_nas_register_indications_input_set_system_info (input, TRUE, NULL);
  qmi_client_nas_register_indications (self->nas, input, EA_QMI_TIMEOUT_MODEM_S, cancellable,
                                       on_system_info_registered, task);
}

gboolean
ea_qmi_nas_start_finish (EaQmiModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ea_qmi_nas_stop (EaQmiModem *self)
{
  g_autoptr (QmiMessageNasRegisterIndicationsInput) input = NULL;

  if (self->nas == NULL)
    return;

  g_signal_handlers_disconnect_by_func (self->nas, on_network_reject, self);
  input = qmi_message_nas_register_indications_input_new ();
  qmi_message_nas_register_indications_input_set_system_info (input, FALSE, NULL);
  qmi_message_nas_register_indications_input_set_network_reject_information (input, FALSE, FALSE,
                                                                             NULL);
  qmi_client_nas_register_indications (self->nas, input, EA_QMI_TIMEOUT_CLOSE_S, NULL, NULL, NULL);
}

static void
on_system_info (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, NULL, &error);

  if (response == NULL)
    g_task_return_error (task, ea_qmi_translate_error (g_steal_pointer (&error), "Network"));
  else if (!take_system_info (self, response, FALSE))
    g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED,
                             "Network: the modem tells of no technology of 3GPP");
  else
    g_task_return_boolean (task, TRUE);
}

void
ea_qmi_nas_query_network (EaModem *modem, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);

  if (check_client (self, task))
    request (self, EA_QMI_NAS_GET_SYSTEM_INFO, on_system_info, task);
}

static void
on_cell_location (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  QmiProtocolError code = QMI_PROTOCOL_ERROR_NONE;
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, &code, &error);
  EaSpan value;
  guint8 bit_periods;

  if (response == NULL)
    g_task_return_error (task, ea_qmi_translate_error (g_steal_pointer (&error), "Timing advance"));
  else if (code == QMI_PROTOCOL_ERROR_NONE
           && ea_qmi_get_tlv (response, EA_QMI_NAS_TLV_GERAN_INFO, &value)
           && ea_qmi_parse_timing_advance (value, &bit_periods))
    g_task_return_int (task, bit_periods);
  else
    g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED,
                             "Timing advance: the modem does not tell");
}

void
ea_qmi_nas_read_timing_advance (EaModem *modem, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);

  if (check_client (self, task))
    request (self, EA_QMI_NAS_GET_CELL_LOCATION_INFO, on_cell_location, task);
}
