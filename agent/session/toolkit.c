/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Proactive commands in, TERMINAL RESPONSEs out. A command that can't be read is answered with what its
 * details say, as far as they could be read (TS 102 223 §6.10).
 */

#include "session/toolkit.h"

#include "core/error.h"
#include "core/sms.h"

/* A command on its way to its TERMINAL RESPONSE. */
typedef struct
{
  EaToolkit *toolkit;
  EaCardProactive proactive; /* its command is not kept */
  EaCatCommand command;      /* without its objects, which lay in the signal's bytes */
} Execution;

struct _EaToolkit
{
  GObject parent_instance;

  EaModem *modem;
  EaCard *card;
  EaActivity *activity;
  const EaLogContext *context;
  guint n_open; /* commands without their TERMINAL RESPONSE */
};

static guint idle_signal;

G_DEFINE_FINAL_TYPE (EaToolkit, ea_toolkit, G_TYPE_OBJECT)

static void
execution_free (Execution *execution)
{
  execution->toolkit->n_open--;
  if (execution->toolkit->n_open == 0)
    g_signal_emit (execution->toolkit, idle_signal, 0);
  g_object_unref (execution->toolkit);
  g_free (execution);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Execution, execution_free)

static void
on_responded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Execution) execution = user_data;
  EaToolkit *self = execution->toolkit;
  g_autoptr (GError) error = NULL;

  if (ea_card_respond_finish (EA_CARD (source), result, &error))
    return;
  ea_activity_fail (self->activity, error);
  ea_log_warning (self->context, NULL, "%s was not answered: %s",
                  ea_cat_get_command_name (execution->command.type), error->message);
}

static void
respond (Execution *execution, EaCatResult result, EaSpan additional)
{
  g_autoptr (GBytes) response
      = ea_cat_build_terminal_response (&execution->command, result, additional);

  ea_log_info (execution->toolkit->context, "%s answered with result %02X",
               ea_cat_get_command_name (execution->command.type), result);
  ea_card_respond_async (execution->toolkit->card, &execution->proactive, response, NULL,
                         on_responded, execution);
}

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
  Execution *execution = user_data;
  EaToolkit *self = execution->toolkit;
  g_autoptr (GError) error = NULL;
  EaCatResult cat_result;
  guint8 additional;
  guint8 rp_cause;

  if (ea_modem_send_sms_finish (EA_MODEM (source), result, &rp_cause, &error))
    {
      ea_activity_count (self->activity, EA_COUNTER_SMS_SENT);
      respond (execution, EA_CAT_RESULT_OK, EA_SPAN_EMPTY);
      return;
    }

  if (rp_cause != 0)
    g_prefix_error (&error, "The network refused it with RP cause %02X: ", rp_cause);
  cat_result = ea_toolkit_get_send_result (error, rp_cause, &additional);
  ea_activity_count (self->activity, EA_COUNTER_SMS_NOT_SENT);
  ea_activity_fail (self->activity, error);
  ea_log_warning (self->context, NULL, "The card's short message was not sent: %s", error->message);
  respond (execution, cat_result, ea_span_init (&additional, 1));
}

/* (transfer full) (nullable): service centre and SMS-SUBMIT as the modem sends them */
static GBytes *
build_message (const EaCatSendShortMessage *send, GError **error)
{
  g_autoptr (GBytes) packed = NULL;
  EaSpan tpdu = send->tpdu;
  EaSmsSubmit submit;

  if (send->smsc.size > EA_SMS_SMSC_MAX)
    {
      g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                           "SEND SHORT MESSAGE: the service centre address is too long");
      return NULL;
    }
  if (send->is_packing_required)
    {
      packed = ea_sms_pack_submit (tpdu, error);
      if (packed == NULL)
        return NULL;
      tpdu = ea_span_from_bytes (packed);
    }
  if (!ea_sms_parse_submit (&submit, tpdu, error))
    return NULL;
  return ea_sms_join_smsc (send->smsc, tpdu);
}

static void
fail (Execution *execution, const GError *error)
{
  ea_log_warning (execution->toolkit->context, NULL, "Proactive command: %s", error->message);
  respond (execution, ea_cat_get_result (error->code), EA_SPAN_EMPTY);
}

static void
send_short_message (Execution *execution, const EaCatCommand *command)
{
  EaToolkit *self = execution->toolkit;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) message = NULL;
  EaCatSendShortMessage send;

  if (ea_cat_parse_send_short_message (&send, command, &error))
    message = build_message (&send, &error);
  if (message == NULL)
    fail (execution, error);
  else
    ea_modem_send_sms_async (self->modem, message, NULL, on_sms_sent, execution);
}

static void
execute (Execution *execution, const EaCatCommand *command)
{
  if (command->type == EA_CAT_TYPE_SEND_SHORT_MESSAGE)
    send_short_message (execution, command);
  else if (ea_cat_is_known_command (command->type))
    respond (execution, EA_CAT_RESULT_BEYOND_CAPABILITIES, EA_SPAN_EMPTY);
  else
    respond (execution, EA_CAT_RESULT_TYPE_NOT_UNDERSTOOD, EA_SPAN_EMPTY);
}

static void
on_proactive_command (EaCard *card, const EaCardProactive *proactive, gpointer user_data)
{
  EaToolkit *self = EA_TOOLKIT (user_data);
  Execution *execution = g_new0 (Execution, 1);
  g_autoptr (GError) error = NULL;
  EaCatCommand command;
  gboolean is_read;

  ea_activity_count (self->activity, EA_COUNTER_PROACTIVE_COMMANDS);
  is_read = ea_cat_parse_command (&command, ea_span_from_bytes (proactive->command), &error);
  execution->toolkit = g_object_ref (self);
  self->n_open++;
  execution->proactive = *proactive;
  execution->proactive.command = NULL;
  execution->command = command;
  execution->command.objects = EA_SPAN_EMPTY;
  ea_log_info (self->context, "The card wants %s", ea_cat_get_command_name (command.type));
  if (is_read)
    execute (execution, &command);
  else
    fail (execution, error);
}

gboolean
ea_toolkit_is_idle (EaToolkit *self)
{
  return self->n_open == 0;
}

static void
ea_toolkit_dispose (GObject *object)
{
  EaToolkit *self = EA_TOOLKIT (object);

  g_clear_object (&self->modem);
  g_clear_object (&self->card);
  g_clear_object (&self->activity);
  G_OBJECT_CLASS (ea_toolkit_parent_class)->dispose (object);
}

static void
ea_toolkit_class_init (EaToolkitClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_toolkit_dispose;
  idle_signal = g_signal_new ("idle", EA_TYPE_TOOLKIT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 0);
}

static void
ea_toolkit_init (EaToolkit *self)
{
}

EaToolkit *
ea_toolkit_new (EaModem *modem, EaCard *card, EaActivity *activity, const EaLogContext *context)
{
  EaToolkit *self = g_object_new (EA_TYPE_TOOLKIT, NULL);

  self->modem = g_object_ref (modem);
  self->card = g_object_ref (card);
  self->activity = g_object_ref (activity);
  self->context = context;
  g_signal_connect_object (card, "proactive-command", G_CALLBACK (on_proactive_command), self, 0);
  return self;
}
