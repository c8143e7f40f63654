/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* EaModem over a QmiDevice: opening and closing in steps, and who gets which indication. */

#include "modem/qmi-modem.h"

#include <string.h>

#include "modem/qmi-network.h"
#include "modem/qmi-open.h"
#include "modem/qmi-private.h"

#define CTL_RELEASE_CID 0x0023
#define CTL_TLV_CLIENT 0x01
#define ROLE_REASON_HOST "the modem gives the toolkit and class-2 short messages to the host"

G_DEFINE_FINAL_TYPE (EaQmiModem, ea_qmi_modem, EA_TYPE_MODEM)

gboolean
ea_qmi_modem_save_record (EaQmiModem *self, GError **error)
{
  g_autoptr (GBytes) record = ea_qmi_record_to_bytes (&self->record);

  return ea_modem_save (EA_MODEM (self), record, error);
}

void
ea_qmi_modem_forget_client (EaQmiModem *self, guint8 service, guint8 cid)
{
  ea_qmi_record_remove_client (&self->record, service, cid);
  (void) ea_qmi_modem_save_record (self, NULL); /* told by the one who saves */
}

static void
on_indication (QmiDevice *device, GByteArray *message, gpointer user_data)
{
  EaQmiModem *self = EA_QMI_MODEM (user_data);
  QmiService service = qmi_message_get_service (message);
  guint8 cid = qmi_message_get_client_id (message);

  if (self->cat_cid != QMI_CID_NONE && service == self->cat_service
      && (cid == self->cat_cid || cid == QMI_CID_BROADCAST))
    ea_qmi_cat_take_indication (self, message);
  else if (self->uim != NULL && service == QMI_SERVICE_UIM
           && (cid == qmi_client_get_cid (QMI_CLIENT (self->uim)) || cid == QMI_CID_BROADCAST))
    {
      ea_qmi_uim_take_indication (self, message);
      ea_qmi_apdu_take_indication (self, message);
    }
  else if (self->nas != NULL && service == QMI_SERVICE_NAS
           && (cid == qmi_client_get_cid (QMI_CLIENT (self->nas)) || cid == QMI_CID_BROADCAST))
    ea_qmi_nas_take_indication (self, message);
}

static gboolean
on_end_told (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

/* Whoever hears of it may let the device go, and libqmi still looks at it then: it lives until libqmi has done. */
static void
on_removed (QmiDevice *device, gpointer user_data)
{
  EaQmiModem *self = EA_QMI_MODEM (user_data);
  g_autoptr (GError) error = g_error_new_literal (EA_MODEM_ERROR, EA_MODEM_ERROR_GONE,
                                                  "The modem was unplugged or its proxy ended");

  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, on_end_told, g_object_ref (device), g_object_unref);
  ea_qmi_apdu_fail_pending (self, error);
  g_signal_emit_by_name (self, "lost", error);
}

static void
fail_open (GTask *task, GError *error, const char *what)
{
  g_task_return_error (task, ea_qmi_translate_error (error, what));
  g_object_unref (task);
}

void
ea_qmi_modem_refuse_host (EaQmiModem *self, char *reason, EaModemRefusal refusal)
{
  g_free (self->toolkit_refusal);
  self->toolkit_refusal = reason;
  self->refusal = refusal;
}

/* The end of opening: what was granted makes the role. */
static void
take_role (GTask *task)
{
  EaQmiModem *self = g_task_get_source_object (task);
  EaModem *modem = EA_MODEM (self);
  g_autofree char *reason = NULL;

  ea_modem_set_refusal (modem,
                        self->toolkit_refusal != NULL ? self->refusal : EA_MODEM_REFUSAL_LASTING);
  if (self->toolkit_refusal == NULL)
    {
      ea_modem_add_capabilities (modem, EA_MODEM_ENVELOPE | EA_MODEM_TOOLKIT);
      reason = g_strconcat (ROLE_REASON_HOST, self->profile_remark != NULL ? "; " : NULL,
                            self->profile_remark, NULL);
      ea_modem_set_role (modem, EA_MODEM_ROLE_HOST, reason);
    }
  else
    {
      reason = self->wanted_role == EA_MODEM_ROLE_HOST
                   ? g_strdup_printf ("Role=host is configured, but %s", self->toolkit_refusal)
                   : g_strdup (self->toolkit_refusal);
      ea_modem_set_role (modem, EA_MODEM_ROLE_OBSERVER, reason);
    }
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
on_cat_given_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  /* A client id that could not be given back stays in the record. */
  (void) ea_qmi_cat_stop_finish (EA_QMI_MODEM (source), result, NULL);
  take_role (user_data);
}

static void
on_wms_given_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  /* Routes that could not be put back stay in the record. */
  (void) ea_qmi_wms_stop_finish (EA_QMI_MODEM (source), result, NULL);
  ea_qmi_cat_stop_async (EA_QMI_MODEM (source), on_cat_given_up, user_data);
}

/* An observer takes nothing, and puts back what an earlier run took. */
static void
settle_role (GTask *task)
{
  EaQmiModem *self = g_task_get_source_object (task);

  if (self->toolkit_refusal != NULL)
    ea_qmi_wms_stop_async (self, on_wms_given_up, task);
  else
    take_role (task);
}

static void
on_wms_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (ea_qmi_wms_start_finish (EA_QMI_MODEM (source), result, &error))
    settle_role (task);
  else
    fail_open (task, error, "Short messages");
}

static void
on_cat_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = EA_QMI_MODEM (source);
  GError *error = NULL;

  if (!ea_qmi_cat_start_finish (self, result, &error))
    fail_open (task, error, "Toolkit");
  else if (self->toolkit_refusal != NULL)
    settle_role (task);
  else
    ea_qmi_wms_start_async (self, g_task_get_cancellable (task), on_wms_started, task);
}

static QmiClient *
finish_client (EaQmiModem *self, QmiService service, GAsyncResult *result, GError **error)
{
  QmiClient *client = qmi_device_allocate_client_finish (self->device, result, error);

  if (client == NULL)
    return NULL;

  ea_qmi_record_add_client (&self->record, (guint8) service, qmi_client_get_cid (client));
  (void) ea_qmi_modem_save_record (self, NULL); /* told by the one who saves */
  return client;
}

/* Not cancellable: an id that is allocated after all could not be released. */
static void
allocate_client (GTask *task, QmiService service, GAsyncReadyCallback callback)
{
  EaQmiModem *self = g_task_get_source_object (task);

  qmi_device_allocate_client (self->device, service, QMI_CID_NONE, EA_QMI_TIMEOUT_MODEM_S, NULL,
                              callback, task);
}

/* TRUE when @task (transfer full then) was cancelled, and is ended. */
static gboolean
end_if_cancelled (GTask *task)
{
  if (!g_task_return_error_if_cancelled (task))
    return FALSE;

  g_object_unref (task);
  return TRUE;
}

static void
on_nas_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  EaQmiModem *self = EA_QMI_MODEM (source);
  GTask *task = user_data;
  GError *error = NULL;

  if (ea_qmi_nas_start_finish (self, result, &error))
    ea_qmi_cat_start_async (self, g_task_get_cancellable (task), on_cat_started, task);
  else
    fail_open (task, error, "Network");
}

static void
on_nas_client (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);

  /* A modem that does not tell its network can still be served. */
  self->nas = (QmiClientNas *) finish_client (self, QMI_SERVICE_NAS, result, NULL);
  if (!end_if_cancelled (task))
    ea_qmi_nas_start_async (self, g_task_get_cancellable (task), on_nas_started, task);
}

static void
on_wms_client (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;

  /* A modem without short messages can still be watched. */
  self->wms = (QmiClientWms *) finish_client (self, QMI_SERVICE_WMS, result, &error);
  self->wms_refusal = error != NULL ? ea_qmi_judge_refusal (error) : EA_MODEM_REFUSAL_LASTING;
  if (end_if_cancelled (task))
    return;
  if (self->wms != NULL)
    ea_modem_add_capabilities (EA_MODEM (self), EA_MODEM_SEND_SMS);
  allocate_client (task, QMI_SERVICE_NAS, on_nas_client);
}

static void
on_uim_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = EA_QMI_MODEM (source);
  GError *error = NULL;

  if (!ea_qmi_uim_start_finish (self, result, &error))
    {
      fail_open (task, error, "Card");
      return;
    }
  allocate_client (task, QMI_SERVICE_WMS, on_wms_client);
}

static void close_left_channel (GTask *task);
static void release_next_client (GTask *task);

static void
on_left_channel_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  /* One that is closed has left the record; one that is not stays there for another time. */
  if (!ea_modem_close_channel_finish (EA_MODEM (source), result, NULL))
    EA_QMI_MODEM (source)->next_left_channel++;
  close_left_channel (user_data);
}

/* Closes the channels that an earlier run left open before one is opened in this one, and in the end those that are open
 * still, since the modem was told to close in the midst of what they are for. */
static void
close_left_channel (GTask *task)
{
  EaQmiModem *self = g_task_get_source_object (task);
  GArray *channels = self->record.channels;
  guint8 channel;

  if (self->next_left_channel >= channels->len)
    {
      if (self->is_closing)
        release_next_client (task);
      else
        ea_qmi_uim_start_async (self, g_task_get_cancellable (task), on_uim_started, task);
      return;
    }
  channel = g_array_index (channels, guint8, self->next_left_channel);
  ea_modem_close_channel_async (EA_MODEM (self), channel, g_task_get_cancellable (task),
                                on_left_channel_closed, task);
}

static void
on_uim_client (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->uim = (QmiClientUim *) finish_client (self, QMI_SERVICE_UIM, result, &error);
  if (self->uim == NULL)
    fail_open (task, error, "Card service (UIM)");
  else if (!end_if_cancelled (task))
    close_left_channel (task);
}

static void
on_ids (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (QmiMessageDmsGetIdsOutput) output = NULL;
  g_autofree char *imeisv = NULL;
  const char *imei = NULL;
  const char *software_version = NULL;

  /* A modem without IMEI is shown without. */
  output = qmi_client_dms_get_ids_finish (QMI_CLIENT_DMS (source), result, NULL);
  if (output != NULL && qmi_message_dms_get_ids_output_get_result (output, NULL)
      && qmi_message_dms_get_ids_output_get_imei (output, &imei, NULL))
    {
      (void) qmi_message_dms_get_ids_output_get_imei_software_version (
          output, &software_version, NULL); /* without it there is no IMEISV */
      imeisv = ea_qmi_build_imeisv (imei, software_version);
      ea_modem_set_identity (EA_MODEM (self), imei, imeisv);
    }
  allocate_client (task, QMI_SERVICE_UIM, on_uim_client);
}

static void
get_ids (GTask *task)
{
  EaQmiModem *self = g_task_get_source_object (task);

  qmi_client_dms_get_ids (self->dms, NULL, EA_QMI_TIMEOUT_MODEM_S, g_task_get_cancellable (task),
                          on_ids, task);
}

static void
on_power_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  /* A radio that can't be switched on stays in the record for another time. */
  (void) ea_qmi_power_start_finish (EA_QMI_MODEM (source), result, NULL);
  if (!end_if_cancelled (user_data))
    get_ids (user_data);
}

static void
on_dms_client (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->dms = (QmiClientDms *) finish_client (self, QMI_SERVICE_DMS, result, &error);
  if (self->dms == NULL)
    fail_open (task, error, "Device service (DMS)");
  else if (!end_if_cancelled (task))
    ea_qmi_power_start_async (self, g_task_get_cancellable (task), on_power_started, task);
}

/* Not before the modem has answered: a client that nobody knows of would keep the toolkit until the modem is reset. */
static void
forget_released (EaQmiModem *self)
{
  ea_qmi_modem_forget_client (self, self->releasing.service, self->releasing.cid);
}

static void release_left_client (GTask *task);

static void
on_left_client_released (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, NULL, &error);

  /* A modem that says no does not know it: the proxy may have released it with its last user. */
  if (response != NULL || error->domain == QMI_PROTOCOL_ERROR)
    forget_released (g_task_get_source_object (user_data));
  release_left_client (user_data);
}

/* Gives back the client ids that an earlier run could not: none was allocated yet in this one. */
static void
release_left_client (GTask *task)
{
  EaQmiModem *self = g_task_get_source_object (task);
  GArray *clients = self->record.clients;
  QmiMessage *request;

  if (self->n_left_clients == 0)
    {
      allocate_client (task, QMI_SERVICE_DMS, on_dms_client);
      return;
    }
  self->n_left_clients--;
  self->releasing = g_array_index (clients, EaQmiClientId, self->n_left_clients);
  request = qmi_message_new (QMI_SERVICE_CTL, QMI_CID_NONE, 0, CTL_RELEASE_CID);
  ea_qmi_add_bytes (request, CTL_TLV_CLIENT,
                    ea_span_init (&self->releasing, sizeof self->releasing));
  ea_qmi_raw_request (self->device, request, EA_QMI_TIMEOUT_MODEM_S, g_task_get_cancellable (task),
                      on_left_client_released, task);
}

static void
on_device (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->device = ea_qmi_open_finish (result, &error);
  if (self->device == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  g_signal_connect_object (self->device, QMI_DEVICE_SIGNAL_INDICATION, G_CALLBACK (on_indication),
                           self, 0);
  g_signal_connect_object (self->device, QMI_DEVICE_SIGNAL_REMOVED, G_CALLBACK (on_removed), self,
                           0);
  self->n_left_clients = self->record.clients->len;
  release_left_client (task);
}

/* What an earlier run left. Client ids and channels belong to one life of the device, and being offline, from which only a
 * reset leads; routes and low power may outlive it. */
static void
begin_record (EaQmiModem *self)
{
  g_autofree char *instance = ea_qmi_record_get_instance (self->path);

  if (strcmp (self->record.instance, instance) == 0)
    return;
  g_array_set_size (self->record.clients, 0);
  g_array_set_size (self->record.channels, 0);
  self->record.usual_channel = 0;
  if (self->record.radio == EA_QMI_RADIO_OFFLINE)
    self->record.radio = EA_QMI_RADIO_UNTOUCHED;
  g_free (self->record.instance);
  self->record.instance = g_steal_pointer (&instance);
}

static void
ea_qmi_modem_open (EaModem *modem, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);
  const EaQmiOpenOptions options
      = { .path = self->path, .proxy = self->proxy, .proxy_path = self->proxy_path };

  begin_record (self);
  self->is_closing = FALSE;
  self->next_left_channel = 0;
  ea_qmi_open_async (&options, g_task_get_cancellable (task), on_device, task);
}

/* @error: (transfer full): of something that was not put back, and stays in the record; the first is told */
static void
keep_failure (GTask *task, GError *error)
{
  if (g_task_get_task_data (task) == NULL)
    g_task_set_task_data (task, error, (GDestroyNotify) g_error_free);
  else
    g_error_free (error);
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  const GError *failure = g_task_get_task_data (task);

  /* Closing is the last thing that is asked of the device. */
  (void) qmi_device_close_finish (QMI_DEVICE (source), result, NULL);
  (void) ea_qmi_modem_save_record (self, NULL); /* told by the one who saves */
  g_clear_object (&self->device);
  if (failure != NULL)
    g_task_return_error (task, g_error_copy (failure));
  else
    g_task_return_boolean (task, TRUE);
}

static void
close_device (GTask *task)
{
  EaQmiModem *self = g_task_get_source_object (task);

  qmi_device_close_async (self->device, EA_QMI_TIMEOUT_CLOSE_S, NULL, on_closed, task);
}

static void
on_client_released (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  /* A modem that is silent now won't answer for the others either: they stay in the record. */
  if (!qmi_device_release_client_finish (QMI_DEVICE (source), result, &error)
      && g_error_matches (error, QMI_CORE_ERROR, QMI_CORE_ERROR_TIMEOUT))
    {
      keep_failure (user_data, ea_qmi_translate_error (g_steal_pointer (&error),
                                                       "Cannot release the clients"));
      close_device (user_data);
      return;
    }
  forget_released (g_task_get_source_object (user_data));
  release_next_client (user_data);
}

static QmiClient *
steal_client (EaQmiModem *self)
{
  if (self->nas != NULL)
    return QMI_CLIENT (g_steal_pointer (&self->nas));
  if (self->wms != NULL)
    return QMI_CLIENT (g_steal_pointer (&self->wms));
  if (self->uim != NULL)
    return QMI_CLIENT (g_steal_pointer (&self->uim));
  return self->dms != NULL ? QMI_CLIENT (g_steal_pointer (&self->dms)) : NULL;
}

static void
release_next_client (GTask *task)
{
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (QmiClient) client = steal_client (self);

  if (client == NULL)
    {
      close_device (task);
      return;
    }
  self->releasing
      = (EaQmiClientId){ (guint8) qmi_client_get_service (client), qmi_client_get_cid (client) };
  qmi_device_release_client (self->device, client, QMI_DEVICE_RELEASE_CLIENT_FLAGS_RELEASE_CID,
                             EA_QMI_TIMEOUT_CLOSE_S, NULL, on_client_released, task);
}

static void
on_cat_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  if (!ea_qmi_cat_stop_finish (EA_QMI_MODEM (source), result, &error))
    keep_failure (user_data, error);
  /* The channels of a modem that refuses or is silent stay in the record. */
  if (g_task_get_task_data (user_data) == NULL && EA_QMI_MODEM (source)->uim != NULL)
    close_left_channel (user_data);
  else
    release_next_client (user_data);
}

static void
on_wms_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  if (!ea_qmi_wms_stop_finish (EA_QMI_MODEM (source), result, &error))
    keep_failure (user_data, error);
  ea_qmi_cat_stop_async (EA_QMI_MODEM (source), on_cat_stopped, user_data);
}

static void
on_power_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  if (!ea_qmi_power_stop_finish (EA_QMI_MODEM (source), result, &error))
    keep_failure (user_data, error);
  ea_qmi_wms_stop_async (EA_QMI_MODEM (source), on_wms_stopped, user_data);
}

static void
ea_qmi_modem_close (EaModem *modem, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);

  if (self->device == NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  self->is_closing = TRUE;
  self->next_left_channel = 0;
  ea_qmi_apdu_stop_closing (self);
  ea_qmi_refresh_stop (self);
  ea_qmi_nas_stop (self);
  ea_qmi_power_stop_async (self, on_power_stopped, task);
}

static void
ea_qmi_modem_dispose (GObject *object)
{
  EaQmiModem *self = EA_QMI_MODEM (object);

  ea_qmi_apdu_stop_closing (self);
  ea_qmi_refresh_stop (self);
  g_clear_object (&self->nas);
  g_clear_object (&self->wms);
  g_clear_object (&self->uim);
  g_clear_object (&self->dms);
  g_clear_object (&self->device);
  G_OBJECT_CLASS (ea_qmi_modem_parent_class)->dispose (object);
}

static void
ea_qmi_modem_finalize (GObject *object)
{
  EaQmiModem *self = EA_QMI_MODEM (object);

  g_free (self->path);
  g_free (self->proxy_path);
  g_free (self->toolkit_refusal);
  g_clear_pointer (&self->terminal_profile, g_bytes_unref);
  g_clear_pointer (&self->needed_profile, g_bytes_unref);
  g_clear_pointer (&self->configuration, ea_qmi_configuration_free);
  ea_qmi_record_clear (&self->record);
  g_array_unref (self->unclosed);
  ea_qmi_assembly_clear (&self->assembly);
  G_OBJECT_CLASS (ea_qmi_modem_parent_class)->finalize (object);
}

static void
ea_qmi_modem_class_init (EaQmiModemClass *klass)
{
  EaModemClass *modem_class = EA_MODEM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ea_qmi_modem_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_qmi_modem_finalize;
  modem_class->open = ea_qmi_modem_open;
  modem_class->close = ea_qmi_modem_close;
  modem_class->transmit = ea_qmi_apdu_transmit;
  modem_class->open_channel = ea_qmi_apdu_open_channel;
  modem_class->close_channel = ea_qmi_apdu_close_channel;
  modem_class->send_envelope = ea_qmi_cat_send_envelope;
  modem_class->send_terminal_response = ea_qmi_cat_send_terminal_response;
  modem_class->read_iccid = ea_qmi_uim_read_iccid;
  modem_class->read_atr = ea_qmi_uim_read_atr;
  modem_class->send_sms = ea_qmi_wms_send;
  modem_class->settle_sms = ea_qmi_wms_settle;
  modem_class->keep_sms = ea_qmi_wms_keep;
  modem_class->query_network = ea_qmi_nas_query_network;
  modem_class->read_timing_advance = ea_qmi_nas_read_timing_advance;
  modem_class->reset_card = ea_qmi_power_reset_card;
  modem_class->toggle_radio = ea_qmi_power_toggle_radio;
  modem_class->reset = ea_qmi_power_reset;
}

static void
ea_qmi_modem_init (EaQmiModem *self)
{
  ea_qmi_assembly_init (&self->assembly);
  self->unclosed = g_array_new (FALSE, FALSE, sizeof (guint8));
}

void
ea_qmi_modem_set_managed (EaQmiModem *self, gboolean is_managed)
{
  self->is_managed = is_managed;
}

EaModem *
ea_qmi_modem_new (const EaQmiModemOptions *options, GBytes *record)
{
  EaQmiModem *self = g_object_new (EA_TYPE_QMI_MODEM, NULL);

  g_return_val_if_fail (options->slot >= 1 && options->slot <= 5, NULL);
  self->path = g_strdup (options->path);
  self->proxy = options->proxy;
  self->proxy_path = g_strdup (options->proxy_path != NULL ? options->proxy_path : "");
  self->wanted_role = options->role;
  self->slot = (guint8) options->slot;
  self->is_managed = options->is_managed;
  self->is_messaging_shared = options->is_messaging_shared;
  if (options->terminal_profile != NULL)
    self->terminal_profile = g_bytes_ref (options->terminal_profile);
  self->needed_profile = options->needed_profile != NULL ? g_bytes_ref (options->needed_profile)
                                                         : g_bytes_new (NULL, 0);

  /* A damaged record puts nothing back: what it says can't be believed. */
  if (record == NULL || !ea_qmi_record_parse (&self->record, record, NULL))
    ea_qmi_record_init (&self->record, "");
  return EA_MODEM (self);
}
