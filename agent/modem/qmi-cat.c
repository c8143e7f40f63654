/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The services CAT2 and CAT: becoming the toolkit terminal, ENVELOPEs, TERMINAL RESPONSEs and proactive
 * commands. libqmi has no client for them, so the client id comes from a raw CTL message.
 */

#include "modem/qmi-private.h"

#define CTL_ALLOCATE_CID 0x0022
#define CTL_RELEASE_CID 0x0023
#define CTL_TLV_CLIENT 0x01
#define CAT_TLV_CONTENT 0x01
#define CAT_TLV_USER_CONFIRMED 0x10
#define CAT_TLV_CONFIRMED_SLOT 0x12

/* What a terminal without display that carries BIP has to see (SET UP EVENT LIST comes with bits 6 to 8,
 * 21 and 25). */
#define EVENTS_WANTED                                                                              \
  (EA_QMI_CAT_EVENT_SEND_SMS | EA_QMI_CAT_EVENT_USER_ACTIVITY | EA_QMI_CAT_EVENT_IDLE_SCREEN       \
   | EA_QMI_CAT_EVENT_LANGUAGE_SELECTION | EA_QMI_CAT_EVENT_REFRESH | EA_QMI_CAT_EVENT_END_SESSION \
   | EA_QMI_CAT_EVENT_LOCAL_INFO_LANGUAGE | EA_QMI_CAT_EVENT_LOCAL_INFO_TIME                       \
   | EA_QMI_CAT_EVENT_BIP | EA_QMI_CAT_EVENT_BROWSER_TERMINATION                                   \
   | EA_QMI_CAT_EVENT_HCI_CONNECTIVITY)

/* Without these the agent can't be the terminal. */
#define EVENTS_NEEDED (EA_QMI_CAT_EVENT_SEND_SMS | EA_QMI_CAT_EVENT_BIP)

QmiMessage *
ea_qmi_cat_new_request (EaQmiModem *self, guint16 message_id)
{
  self->cat_transaction = self->cat_transaction == G_MAXUINT16 ? 1 : self->cat_transaction + 1;
  return qmi_message_new (self->cat_service, self->cat_cid, self->cat_transaction, message_id);
}

static void
on_released (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, NULL, &error);
  const GError *earlier = g_task_get_task_data (task);

  /* A modem that says no does not know it. What is silent may still have it, and is asked for it another time. */
  if (response != NULL || error->domain == QMI_PROTOCOL_ERROR)
    {
      ea_qmi_modem_forget_client (self, (guint8) self->cat_service, self->cat_cid);
      self->cat_cid = QMI_CID_NONE;
    }
  if (earlier != NULL)
    g_task_return_error (task, g_error_copy (earlier));
  else if (response == NULL)
    g_task_return_error (task, ea_qmi_translate_error (g_steal_pointer (&error),
                                                       "Cannot release the toolkit client"));
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_deregistered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, NULL, NULL);
  const guint8 client[] = { (guint8) self->cat_service, self->cat_cid };
  QmiMessage *request = qmi_message_new (QMI_SERVICE_CTL, QMI_CID_NONE, 0, CTL_RELEASE_CID);

  (void) response; /* releasing the client id ends its registrations too */
  ea_qmi_add_bytes (request, CTL_TLV_CLIENT, EA_SPAN_OF_ARRAY (client));
  ea_qmi_raw_request (self->device, request, EA_QMI_TIMEOUT_CLOSE_S, NULL, on_released, task);
}

static void
set_event_report (EaQmiModem *self, guint32 events, guint32 full_functions, guint timeout_s,
                  GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  QmiMessage *request = ea_qmi_cat_new_request (self, EA_QMI_CAT_SET_EVENT_REPORT);

  ea_qmi_add_u32 (request, EA_QMI_CAT_TLV_RAW_MASK, events);
  ea_qmi_add_u32 (request, EA_QMI_CAT_TLV_FULL_FUNCTION_MASK, full_functions);
  if (self->cat_service == QMI_SERVICE_CAT2)
    ea_qmi_add_u8 (request, EA_QMI_CAT_TLV_SLOT_MASK, (guint8) (1 << (self->slot - 1)));
  ea_qmi_raw_request (self->device, request, timeout_s, cancellable, callback, user_data);
}

static void
on_configuration_restored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  EaQmiModem *self = EA_QMI_MODEM (source);
  GTask *task = user_data;
  GError *error = NULL;

  /* It stays in the record. */
  if (!ea_qmi_configuration_stop_finish (self, result, &error))
    g_task_set_task_data (task, error, (GDestroyNotify) g_error_free);
  set_event_report (self, 0, 0, EA_QMI_TIMEOUT_CLOSE_S, NULL, on_deregistered, task);
}

void
ea_qmi_cat_stop_async (EaQmiModem *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  if (self->cat_cid == QMI_CID_NONE)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  ea_qmi_configuration_stop_async (self, on_configuration_restored, task);
}

gboolean
ea_qmi_cat_stop_finish (EaQmiModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_stopped_after_refusal (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  /* The refusal is the news; a client id that could not be given back is in the record. */
  (void) ea_qmi_cat_stop_finish (EA_QMI_MODEM (source), result, NULL);
  g_task_return_boolean (task, TRUE);
}

static void
refuse (GTask *task, char *reason, EaModemRefusal refusal)
{
  EaQmiModem *self = g_task_get_source_object (task);

  ea_qmi_modem_refuse_host (self, reason, refusal);
  ea_qmi_cat_stop_async (self, on_stopped_after_refusal, task);
}

static guint32
get_mask (QmiMessage *response, guint8 type)
{
  EaSpan value = EA_SPAN_EMPTY;
  guint32 mask = 0;

  if (ea_qmi_get_tlv (response, type, &value))
    (void) ea_qmi_parse_u32 (value, &mask); /* an unreadable mask refuses nothing */
  return mask;
}

static void
on_configured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (ea_qmi_configuration_start_finish (EA_QMI_MODEM (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  QmiProtocolError code = QMI_PROTOCOL_ERROR_NONE;
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, &code, &error);
  guint32 refused;

  if (response == NULL)
    {
      refuse (task, g_strdup_printf ("the toolkit service does not answer: %s", error->message),
              ea_qmi_judge_refusal (error));
      return;
    }
  refused = get_mask (response, EA_QMI_CAT_TLV_FAILED_RAW_MASK);
  if ((refused & EVENTS_NEEDED) != 0)
    refuse (task,
            g_strdup_printf ("the modem or another client keeps proactive commands "
                             "(event bits 0x%08X not granted: %s)",
                             refused, ea_qmi_get_error_name (code)),
            EA_MODEM_REFUSAL_LASTING);
  else if ((get_mask (response, EA_QMI_CAT_TLV_FAILED_FULL_FUNCTION_MASK)
            & EA_QMI_CAT_FULL_FUNCTION_SEND_SMS)
           != 0)
    refuse (task, g_strdup ("the modem keeps SEND SHORT MESSAGE for itself"),
            EA_MODEM_REFUSAL_LASTING);
  else if (code != QMI_PROTOCOL_ERROR_NONE && refused == 0)
    refuse (task,
            g_strdup_printf ("the modem refused to report proactive commands: %s",
                             ea_qmi_get_error_name (code)),
            ea_qmi_judge_code (code));
  else
    ea_qmi_configuration_start_async (self, g_task_get_cancellable (task), on_configured, task);
}

static void
on_configuration (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, NULL, NULL);

  /* Some modems do not tell their mode; what they grant counts. */
  if (response != NULL)
    ea_qmi_configuration_take (self, response);
  if (self->wanted_role == EA_MODEM_ROLE_OBSERVER)
    {
      refuse (task, g_strdup ("configured"), EA_MODEM_REFUSAL_LASTING);
      return;
    }
  set_event_report (self, EVENTS_WANTED, EA_QMI_CAT_FULL_FUNCTION_SEND_SMS, EA_QMI_TIMEOUT_MODEM_S,
                    g_task_get_cancellable (task), on_registered, task);
}

static void allocate (EaQmiModem *self, QmiService service, GTask *task);

static void
on_allocated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, NULL, &error);
  EaSpan value = EA_SPAN_EMPTY;
  EaReader reader;

  if (response == NULL && self->cat_service == QMI_SERVICE_CAT2)
    {
      allocate (self, QMI_SERVICE_CAT, task);
      return;
    }
  if (response != NULL)
    (void) ea_qmi_get_tlv (response, CTL_TLV_CLIENT, &value); /* an empty one is no client id */
  ea_reader_init (&reader, value);
  (void) ea_reader_u8 (&reader); /* the service, as asked */
  self->cat_cid = ea_reader_u8 (&reader);
  if (self->cat_cid == QMI_CID_NONE)
    {
      refuse (task,
              g_strdup_printf ("the modem offers no toolkit service (CAT2 or CAT): %s",
                               error != NULL ? error->message : "no client id"),
              error != NULL ? ea_qmi_judge_refusal (error) : EA_MODEM_REFUSAL_LASTING);
      return;
    }

  ea_qmi_record_add_client (&self->record, (guint8) self->cat_service, self->cat_cid);
  (void) ea_qmi_modem_save_record (self, NULL); /* told by the one who saves */
  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }
  ea_qmi_raw_request (self->device, ea_qmi_cat_new_request (self, EA_QMI_CAT_GET_CONFIGURATION),
                      EA_QMI_TIMEOUT_MODEM_S, g_task_get_cancellable (task), on_configuration,
                      task);
}

/* Not cancellable: an id that is allocated after all could not be released. */
static void
allocate (EaQmiModem *self, QmiService service, GTask *task)
{
  QmiMessage *request = qmi_message_new (QMI_SERVICE_CTL, QMI_CID_NONE, 0, CTL_ALLOCATE_CID);

  self->cat_service = service;
  ea_qmi_add_u8 (request, CTL_TLV_CLIENT, (guint8) service);
  ea_qmi_raw_request (self->device, request, EA_QMI_TIMEOUT_MODEM_S, NULL, on_allocated, task);
}

/* Ends with success when it is known whether the toolkit is ours; see toolkit_refusal. */
void
ea_qmi_cat_start_async (EaQmiModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_clear_pointer (&self->toolkit_refusal, g_free);
  allocate (self, QMI_SERVICE_CAT2, task);
}

gboolean
ea_qmi_cat_start_finish (EaQmiModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* The card's answer is worth more than the modem's error about it. */
static void
on_card_response (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  QmiProtocolError code = QMI_PROTOCOL_ERROR_NONE;
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, &code, &error);
  GBytes *answer = NULL;
  EaSpan value;

  if (response == NULL)
    {
      g_task_return_error (
          task, ea_qmi_translate_error (g_steal_pointer (&error), g_task_get_name (task)));
      return;
    }
  if (ea_qmi_get_tlv (response, EA_QMI_CAT_TLV_CARD_RESPONSE, &value))
    answer = ea_qmi_parse_card_response (value);
  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) g_bytes_unref);
  else if (code == QMI_PROTOCOL_ERROR_CAT_ENVELOPE_COMMAND_BUSY)
    g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_BUSY,
                             "%s: the card's toolkit is busy", g_task_get_name (task));
  else if (code != QMI_PROTOCOL_ERROR_NONE)
    g_task_return_error (task,
                         ea_qmi_translate_error (ea_qmi_new_error (code), g_task_get_name (task)));
  else
    g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_PROTOCOL,
                             "%s: the modem did not tell what the card answered",
                             g_task_get_name (task));
}

static void
send_to_card (EaQmiModem *self, guint16 message_id, GBytes *content, GTask *task)
{
  g_autoptr (GBytes) owned = content;
  QmiMessage *request = ea_qmi_cat_new_request (self, message_id);

  ea_qmi_add_bytes (request, CAT_TLV_CONTENT, ea_span_from_bytes (owned));
  if (self->cat_service == QMI_SERVICE_CAT2)
    ea_qmi_add_u8 (request, EA_QMI_CAT_TLV_SLOT, self->slot);
  ea_qmi_raw_request (self->device, request, EA_QMI_TIMEOUT_CARD_S, g_task_get_cancellable (task),
                      on_card_response, task);
}

static gboolean
check_client (EaQmiModem *self, GTask *task)
{
  if (self->device != NULL && self->cat_cid != QMI_CID_NONE)
    return TRUE;

  g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED,
                           "%s: the toolkit service is not ours", g_task_get_name (task));
  g_object_unref (task);
  return FALSE;
}

void
ea_qmi_cat_send_envelope (EaModem *modem, GBytes *envelope, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);

  g_task_set_name (task, "ENVELOPE");
  if (check_client (self, task))
    send_to_card (self, EA_QMI_CAT_SEND_ENVELOPE,
                  ea_qmi_build_envelope (ea_span_from_bytes (envelope)), task);
}

void
ea_qmi_cat_send_terminal_response (EaModem *modem, guint32 reference, GBytes *response, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);

  g_task_set_name (task, "TERMINAL RESPONSE");
  if (check_client (self, task))
    send_to_card (self, EA_QMI_CAT_SEND_TERMINAL_RESPONSE,
                  ea_qmi_build_terminal_response (reference, ea_span_from_bytes (response)), task);
}

static void
take_tlv (guint8 type, const guint8 *value, gsize length, gpointer user_data)
{
  ea_qmi_event_report_take (user_data, type, ea_span_init (value, length));
}

static void
confirm_event (EaQmiModem *self)
{
  QmiMessage *request = ea_qmi_cat_new_request (self, EA_QMI_CAT_EVENT_CONFIRMATION);

  ea_qmi_add_u8 (request, CAT_TLV_USER_CONFIRMED, 1);
  if (self->cat_service == QMI_SERVICE_CAT2)
    ea_qmi_add_u8 (request, CAT_TLV_CONFIRMED_SLOT, self->slot);

  /* Nobody here waits for what the modem does then. */
  ea_qmi_raw_request (self->device, request, EA_QMI_TIMEOUT_MODEM_S, NULL, NULL, NULL);
}

/* Where UIM tells of refreshes they are told once. */
static void
take_refresh (EaQmiModem *self, const EaQmiEventReport *report)
{
  guint qualifier = ea_qmi_get_refresh_qualifier (report->refresh_mode);

  if ((ea_modem_get_capabilities (EA_MODEM (self)) & EA_MODEM_REFRESH) != 0)
    return;

  switch (report->refresh_stage)
    {
    case EA_QMI_REFRESH_NONE:
      return;
    case EA_QMI_REFRESH_START:
      g_signal_emit_by_name (self, "refresh", EA_MODEM_REFRESH_START, qualifier);
      return;
    case EA_QMI_REFRESH_DONE:
      g_signal_emit_by_name (self, "refresh", EA_MODEM_REFRESH_DONE, qualifier);
      return;
    case EA_QMI_REFRESH_FAILED:
      g_signal_emit_by_name (self, "refresh", EA_MODEM_REFRESH_FAILED, qualifier);
    }
}

void
ea_qmi_cat_take_indication (EaQmiModem *self, QmiMessage *message)
{
  EaQmiEventReport report = { 0 };

  if (qmi_message_get_message_id (message) != EA_QMI_CAT_EVENT_REPORT)
    return;

  qmi_message_foreach_raw_tlv (message, take_tlv, &report);
  if (report.slot != 0 && report.slot != self->slot)
    return;
  take_refresh (self, &report);
  if (report.command.size > 0 && report.wants_confirmation)
    confirm_event (self);
  else if (report.command.size > 0)
    {
      g_autoptr (GBytes) command = ea_span_to_bytes (report.command);
      EaModemProactive proactive = { report.reference, command };

      g_signal_emit_by_name (self, "proactive-command", &proactive);
    }
  if (report.is_session_ended)
    g_signal_emit_by_name (self, "session-ended");
}
