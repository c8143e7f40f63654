/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SEND SHORT MESSAGE, TS 102 223 §6.4.10: "performed" only after the network has acknowledged the message. */

#include "core/error.h"
#include "core/sgp02-notification.h"
#include "core/sms.h"
#include "session/toolkit-private.h"

EaCatResult
ea_toolkit_get_send_result (const GError *error, guint8 rp_cause, guint8 *additional)
{
  *additional = rp_cause;
  if (rp_cause != 0)
    return EA_CAT_RESULT_SMS_RP_ERROR;

  if (g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_NO_SERVICE))
    {
      *additional = EA_CAT_TERMINAL_NO_SERVICE;
      return EA_CAT_RESULT_TERMINAL_UNABLE;
    }
  if (g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_NETWORK)
      || g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_TIMEOUT))
    return EA_CAT_RESULT_NETWORK_UNABLE; /* cause 00: no specific cause can be given */
  *additional = EA_CAT_TERMINAL_NO_CAUSE;
  return EA_CAT_RESULT_TERMINAL_UNABLE;
}

static void
on_sms_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  EaExecution *execution = user_data;
  EaToolkit *self = execution->toolkit;
  g_autoptr (GError) error = NULL;
  EaLogContext log = ea_log_context_for_transport (self->log, "sms");
  EaCatResult cat_result;
  guint8 additional;
  guint8 rp_cause;

  if (ea_modem_send_sms_finish (EA_MODEM (source), result, &rp_cause, &error))
    {
      ea_activity_count (self->activity, EA_COUNTER_SMS_SENT);
      ea_execution_respond (execution, EA_CAT_RESULT_OK, EA_SPAN_EMPTY);
      return;
    }

  if (rp_cause != 0)
    g_prefix_error (&error, "The network refused it with RP cause %02X: ", rp_cause);
  cat_result = ea_toolkit_get_send_result (error, rp_cause, &additional);
  ea_activity_count (self->activity, EA_COUNTER_SMS_NOT_SENT);
  ea_activity_fail (self->activity, error);
  ea_log_warning (&log, EA_MESSAGE_SMS_NOT_SENT, "The card's short message was not sent: %s",
                  error->message);
  ea_execution_respond (execution, cat_result, ea_span_init (&additional, 1));
}

/* (transfer full) (nullable): the SMS-SUBMIT, its text packed where the card wants that */
static GBytes *
build_tpdu (const EaCatSendShortMessage *send, GError **error)
{
  g_autoptr (GBytes) tpdu = NULL;
  EaSmsSubmit submit;

  if (send->smsc.size > EA_SMS_SMSC_MAX)
    {
      g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                           "SEND SHORT MESSAGE: the service centre address is too long");
      return NULL;
    }
  tpdu = send->is_packing_required ? ea_sms_pack_submit (send->tpdu, error)
                                   : ea_span_to_bytes (send->tpdu);
  if (tpdu == NULL || !ea_sms_parse_submit (&submit, ea_span_from_bytes (tpdu), error))
    return NULL;
  return g_steal_pointer (&tpdu);
}

static gboolean
is_taken_here (EaToolkit *self, EaSpan tpdu)
{
  return self->take_message != NULL && self->take_message (tpdu, self->taker_data);
}

/* Most messages are none, and one that is may be ciphered. */
static void
look_for_notification (EaToolkit *self, EaSpan tpdu)
{
  EaSgp02Notification notification;

  if (ea_sgp02_find_notification (&notification, tpdu, NULL))
    ea_toolkit_tell_notification (self, notification.type, notification.sequence);
}

static void
send_message (EaExecution *execution, EaSpan smsc, EaSpan tpdu)
{
  g_autoptr (GBytes) message = ea_sms_join_smsc (smsc, tpdu);

  ea_modem_send_sms_async (execution->toolkit->modem, message, NULL, on_sms_sent, execution);
}

void
ea_toolkit_send_short_message (EaExecution *execution)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  EaCatSendShortMessage send;
  EaSpan tpdu;

  if (ea_cat_parse_send_short_message (&send, &execution->command, &error))
    bytes = build_tpdu (&send, &error);
  if (bytes == NULL)
    {
      ea_execution_fail (execution, error);
      return;
    }
  tpdu = ea_span_from_bytes (bytes);
  look_for_notification (execution->toolkit, tpdu);
  if (is_taken_here (execution->toolkit, tpdu))
    ea_execution_respond (execution, EA_CAT_RESULT_OK, EA_SPAN_EMPTY);
  else
    send_message (execution, send.smsc, tpdu);
}
