/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A refresh of the service UIM: votes, its beginning and its end. */

#include "modem/qmi-private.h"

#define TLV_SESSION 0x01
#define TLV_OK 0x02

/* What begins after this is another refresh, though the end of the one before was not told. */
#define REPEAT_US (5 * G_USEC_PER_SEC)

/* ModemManager has its time to complete a refresh; firmware that waits for the agent, too, hears of it then. */
#define GRACE_MS 1000

/* No vote was asked for, but firmware that gives one waits for it. libqmi does not have this message. */
static void
agree_to_refresh (EaQmiModem *self, QmiUimSessionType session)
{
  const guint8 session_value[] = { (guint8) session, 0 }; /* with an empty AID */
  QmiMessage *request = ea_qmi_uim_new_request (self, EA_QMI_UIM_REFRESH_OK);

  ea_qmi_add_bytes (request, TLV_SESSION, EA_SPAN_OF_ARRAY (session_value));
  ea_qmi_add_u8 (request, TLV_OK, 1);
  ea_qmi_raw_request (self->device, request, EA_QMI_TIMEOUT_MODEM_S, NULL, NULL, NULL);
}

static void
send_complete (EaQmiModem *self, QmiUimSessionType session)
{
  g_autoptr (QmiMessageUimRefreshCompleteInput) input
      = qmi_message_uim_refresh_complete_input_new ();
  g_autoptr (GArray) aid = g_array_new (FALSE, FALSE, sizeof (guint8));

  qmi_message_uim_refresh_complete_input_set_session (input, session, aid, NULL);
  qmi_message_uim_refresh_complete_input_set_info (input, TRUE, NULL);
  qmi_client_uim_refresh_complete (self->uim, input, EA_QMI_TIMEOUT_MODEM_S, NULL, NULL, NULL);
}

void
ea_qmi_refresh_stop (EaQmiModem *self)
{
  g_clear_handle_id (&self->refresh.grace_id, g_source_remove);
  self->refresh.completed_sessions = 0;
}

static gboolean
on_grace (gpointer user_data)
{
  EaQmiModem *self = user_data;

  self->refresh.grace_id = 0;
  send_complete (self, self->refresh.session);
  return G_SOURCE_REMOVE;
}

/* What ModemManager does not take for a reset it completes by itself, for the sessions that it knows. */
static gboolean
is_completed_by_others (const EaQmiModem *self, QmiUimRefreshMode mode, QmiUimSessionType session)
{
  return self->is_managed && mode != QMI_UIM_REFRESH_MODE_INIT_FULL_FCN
         && (session == QMI_UIM_SESSION_TYPE_PRIMARY_GW_PROVISIONING
             || session == QMI_UIM_SESSION_TYPE_CARD_SLOT_1);
}

/* TRUE when this beginning of a refresh was told before. */
static gboolean
is_repeated (EaQmiModem *self, QmiUimSessionType session)
{
  gint64 now_us = g_get_monotonic_time ();
  guint32 bit = 1u << ((guint) session % 32);
  gboolean is_known;

  if (now_us - self->refresh.began_us > REPEAT_US)
    ea_qmi_refresh_stop (self);
  is_known = (self->refresh.completed_sessions & bit) != 0;
  self->refresh.began_us = now_us;
  self->refresh.completed_sessions |= bit;
  return is_known;
}

/* Where files changed without a reset, the modem waits until they have been read. Once for each refresh, whoever says
 * it. */
static void
complete_refresh (EaQmiModem *self, QmiUimRefreshMode mode, QmiUimSessionType session)
{
  if (is_repeated (self, session))
    return;
  if (!is_completed_by_others (self, mode, session))
    {
      send_complete (self, session);
      return;
    }
  g_clear_handle_id (&self->refresh.grace_id, g_source_remove);
  self->refresh.session = session;
  self->refresh.grace_id = g_timeout_add (GRACE_MS, on_grace, self);
}

static void
end_refresh (EaQmiModem *self, EaModemRefreshStage stage, guint qualifier)
{
  ea_qmi_refresh_stop (self);
  g_signal_emit_by_name (self, "refresh", stage, qualifier);
}

static void
on_refresh (QmiClientUim *client, QmiIndicationUimRefreshOutput *output, gpointer user_data)
{
  EaQmiModem *self = EA_QMI_MODEM (user_data);
  QmiUimRefreshStage stage;
  QmiUimRefreshMode mode;
  QmiUimSessionType session;
  guint qualifier;

  if (!qmi_indication_uim_refresh_output_get_event (output, &stage, &mode, &session, NULL, NULL,
                                                    NULL))
    return;

  qualifier = ea_qmi_get_refresh_qualifier ((guint) mode);

  switch (stage)
    {
    case QMI_UIM_REFRESH_STAGE_WAIT_FOR_OK:
      agree_to_refresh (self, session);
      return;
    case QMI_UIM_REFRESH_STAGE_START:
      if (mode == QMI_UIM_REFRESH_MODE_RESET)
        ea_qmi_uim_forget_channels (self);
      else
        complete_refresh (self, mode, session);
      g_signal_emit_by_name (self, "refresh", EA_MODEM_REFRESH_START, qualifier);
      return;
    case QMI_UIM_REFRESH_STAGE_END_WITH_SUCCESS:
      end_refresh (self, EA_MODEM_REFRESH_DONE, qualifier);
      return;
    case QMI_UIM_REFRESH_STAGE_END_WITH_FAILURE:
      end_refresh (self, EA_MODEM_REFRESH_FAILED, qualifier);
      return;
    }
}

static void
on_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (QmiMessageUimRefreshRegisterAllOutput) output = NULL;
  GError *error = NULL;

  output = qmi_client_uim_refresh_register_all_finish (QMI_CLIENT_UIM (source), result, &error);
  if (output != NULL && qmi_message_uim_refresh_register_all_output_get_result (output, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ea_qmi_refresh_start_async (EaQmiModem *self, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (QmiMessageUimRefreshRegisterAllInput) input
      = qmi_message_uim_refresh_register_all_input_new ();
  g_autoptr (GArray) aid = g_array_new (FALSE, FALSE, sizeof (guint8));
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_signal_connect_object (self->uim, "refresh", G_CALLBACK (on_refresh), self, 0);
  qmi_message_uim_refresh_register_all_input_set_session (
      input, QMI_UIM_SESSION_TYPE_PRIMARY_GW_PROVISIONING, aid, NULL);
  qmi_message_uim_refresh_register_all_input_set_info (input, TRUE, NULL);
  qmi_client_uim_refresh_register_all (self->uim, input, EA_QMI_TIMEOUT_MODEM_S, cancellable,
                                       on_registered, task);
}

gboolean
ea_qmi_refresh_start_finish (EaQmiModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
