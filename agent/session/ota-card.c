/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The head of the queue on its way to the card: TS 31.111 §7.1.1.1. */

#include "core/apdu.h"
#include "core/cat-envelope.h"
#include "session/ota-private.h"
#include "session/proof.h"

EaOtaVerdict
ea_ota_get_verdict (guint16 sw, guint8 *tp_cause)
{
  *tp_cause = EA_SMS_TP_CAUSE_DOWNLOAD_ERROR;
  if (sw == EA_APDU_SW_TOOLKIT_BUSY)
    {
      *tp_cause = EA_SMS_TP_CAUSE_TOOLKIT_BUSY;
      return EA_OTA_RETRY;
    }
  if (sw == EA_APDU_SW_OK || ea_apdu_is_proactive (sw)
      || ea_apdu_get_next (sw) == EA_APDU_NEXT_GET_RESPONSE)
    return EA_OTA_ACCEPT;
  return EA_OTA_REJECT;
}

gboolean
ea_ota_is_worth_retry (const GError *error)
{
  return g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_BUSY)
         || g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_CARD_ABSENT)
         || g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_TIMEOUT)
         || g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_GONE)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

guint8
ea_ota_get_failure_cause (const GError *error)
{
  if (g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_BUSY)
      || g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_CARD_ABSENT))
    return EA_SMS_TP_CAUSE_TOOLKIT_BUSY;
  return EA_SMS_TP_CAUSE_DOWNLOAD_ERROR;
}

/* The end of the head's delivery, with or without success. */
static void
finish_head (EaOta *self, gboolean is_accepted, guint8 tp_cause)
{
  g_autoptr (EaShortMessage) message = g_queue_pop_head (&self->messages);
  g_autoptr (GError) error = NULL;

  ea_activity_count (self->activity,
                     is_accepted ? EA_COUNTER_SMS_ACCEPTED : EA_COUNTER_SMS_REJECTED);
  if (is_accepted)
    ea_recent_add (self->recent, message->tpdu);
  ea_ota_settle (self, message, is_accepted, tp_cause);
  if (!ea_inbox_remove (self->inbox, message, &error))
    ea_ota_fail_store (self, error, "A short message that the card has stays in the inbox");
  ea_ota_serve_head (self);
}

static gboolean
on_retry (gpointer user_data)
{
  EaOta *self = user_data;

  self->retry_id = 0;
  self->awaits_room = FALSE;
  ea_ota_serve_head (self);
  return G_SOURCE_REMOVE;
}

static void
retry_after (EaOta *self, guint interval_ms)
{
  if (self->retry_id == 0)
    self->retry_id = g_timeout_add (interval_ms, on_retry, self);
}

/* From the main loop, not from within what has made the room. */
void
ea_ota_note_room (EaOta *self)
{
  if (!self->awaits_room || self->retry_id == 0)
    return;
  self->awaits_room = FALSE;
  g_source_remove (self->retry_id);
  self->retry_id = g_idle_add (on_retry, self);
}

static void
put_head_aside (EaOta *self, const char *reason)
{
  ea_ota_put_aside (self, g_queue_pop_head (&self->messages), reason);
  ea_ota_serve_head (self);
}

static void
reject_head (EaOta *self, const GError *error, guint8 tp_cause)
{
  ea_activity_fail (self->activity, error);
  ea_log_warning (ea_ota_get_log (self), EA_MESSAGE_SMS_REJECTED, "%s", error->message);
  finish_head (self, FALSE, tp_cause);
}

/* How long the head has waited: the network for its word, or the inbox for a card that is busy. */
static gint64
get_waited_us (EaShortMessage *message)
{
  gint64 now_us = g_get_monotonic_time ();

  if (message->busy_since_us == 0)
    message->busy_since_us = now_us;
  return now_us
         - (ea_short_message_must_stay (message) ? message->busy_since_us : message->received_us);
}

static void
retry_head (EaOta *self, guint8 tp_cause)
{
  EaShortMessage *message = g_queue_peek_head (&self->messages);
  gint64 waited_us = get_waited_us (message);

  if (!self->is_draining
      && waited_us + EA_OTA_BUSY_INTERVAL_MS * 1000 <= EA_OTA_BUSY_LIMIT_MS * 1000)
    retry_after (self, EA_OTA_BUSY_INTERVAL_MS);
  else if (ea_short_message_must_stay (message))
    put_head_aside (self, "it is busy");
  else
    {
      g_autoptr (GError) error = g_error_new (
          EA_MODEM_ERROR, EA_MODEM_ERROR_BUSY,
          "The card was busy for %d s: the network has to send a short message again",
          EA_OTA_BUSY_LIMIT_MS / 1000);

      reject_head (self, error, tp_cause);
    }
}

static void
take_failure (EaOta *self, GError *error)
{
  ea_activity_fail_on_card (self->activity, error);
  if (ea_short_message_must_stay (g_queue_peek_head (&self->messages))
      && ea_ota_is_worth_retry (error))
    {
      put_head_aside (self, error->message);
      return;
    }
  ea_log_warning (ea_ota_get_log (self), EA_MESSAGE_SMS_REJECTED,
                  "A short message did not reach the card: %s", error->message);
  finish_head (self, FALSE, ea_ota_get_failure_cause (error));
}

static void
take_answer (EaOta *self, guint16 sw)
{
  g_autoptr (GError) error = NULL;
  guint8 tp_cause;

  switch (ea_ota_get_verdict (sw, &tp_cause))
    {
    case EA_OTA_ACCEPT:
      ea_log_info (ea_ota_get_log (self), "The card took a short message (%04X)", sw);
      finish_head (self, TRUE, 0);
      return;
    case EA_OTA_REJECT:
      error = g_error_new (EA_MODEM_ERROR, EA_MODEM_ERROR_FAILED,
                           "The card refused a short message with %04X", sw);
      reject_head (self, error, tp_cause);
      return;
    case EA_OTA_RETRY:
      retry_head (self, tp_cause);
      return;
    }
}

static gboolean
put_proof (EaOta *self, const EaShortMessage *message, EaSpan packet, GError **error)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (GPtrArray) messages = NULL;
  EaSmsDeliver deliver;

  if (!ea_sms_parse_deliver (&deliver, ea_span_from_bytes (message->tpdu), error))
    return FALSE;
  messages = ea_proof_wrap (packet, self->next_reference++, &deliver.originator, error);
  return messages != NULL && ea_outbox_put (self->outbox, messages, change, error)
         && ea_store_commit (self->store, change, error);
}

/* Whether the sender of the packet that the head is, or ends, wants the proof of receipt in the report (SPI2 b6). Only
 * the segment with the header of TS 31.115 says it, which was the card's before. */
static void
note_proof_wish (EaOta *self, const EaShortMessage *message)
{
  EaSmsDeliver deliver;
  EaScp80Target target;

  if (!ea_sms_parse_deliver (&deliver, ea_span_from_bytes (message->tpdu), NULL)
      || deliver.user_data.secured != EA_SMS_SECURED_COMMAND
      || !ea_scp80_read_target (deliver.user_data.payload, &target))
    return;
  self->is_report_wanted = !ea_scp80_read_spi (target.spi).is_por_submit;
}

/* The card's proof of receipt for the SMS-DELIVER-REPORT, where QMI has no place for it: it goes to the sender
 * in a message of its own. */
static void
forward_proof (EaOta *self, EaSpan data)
{
  EaSpan header = ea_scp80_get_user_data_header (EA_SCP80_RESPONSE);
  g_autoptr (GError) error = NULL;

  note_proof_wish (self, g_queue_peek_head (&self->messages));
  if (!self->is_report_wanted || !ea_span_has_prefix (data, header))
    return;
  if (put_proof (self, g_queue_peek_head (&self->messages), ea_span_tail (data, header.size),
                 &error))
    ea_outbox_wake (self->outbox);
  else
    ea_log_warning (ea_ota_get_log (self), EA_MESSAGE_RESPONSE_LOST,
                    "The card's proof of receipt is lost: %s", error->message);
}

static void
on_envelope_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaOta) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) response = ea_card_send_envelope_finish (EA_CARD (source), result, &error);
  EaApduResponse parsed;

  self->is_delivering = FALSE;
  if (response != NULL && ea_apdu_parse_response (&parsed, ea_span_from_bytes (response), &error))
    {
      forward_proof (self, parsed.data);
      take_answer (self, parsed.sw);
    }
  else
    take_failure (self, error);
  ea_ota_tell_idle (self);
}

/* A card that starts anew is as good as busy: soon it is there. */
static gboolean
is_card_away (EaOta *self)
{
  EaModemCard card = ea_modem_get_card (self->modem);

  return !self->is_resumed || card == EA_MODEM_CARD_ABSENT || card == EA_MODEM_CARD_INITIALIZING;
}

static void
send_head (EaOta *self, const EaShortMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) envelope = ea_cat_build_sms_pp_download (
      ea_span_from_bytes (message->smsc), ea_span_from_bytes (message->tpdu), &error);

  if (envelope == NULL)
    {
      reject_head (self, error, EA_SMS_TP_CAUSE_DOWNLOAD_ERROR);
      return;
    }
  self->is_delivering = TRUE;
  ea_card_send_envelope_async (self->card, envelope, NULL, on_envelope_sent, g_object_ref (self));
}

static gboolean
is_blocked (const EaOta *self)
{
  return self->messages.length == 0 || self->is_delivering || self->retry_id != 0;
}

/* How the head goes on; a card that is away and an agent without room are waited for. */
static EaOtaWay
choose_way (EaOta *self)
{
  const EaShortMessage *message = g_queue_peek_head (&self->messages);

  if (is_card_away (self))
    return EA_OTA_NO_WAY;
  return message->is_for_card ? EA_OTA_TO_CARD : ea_ota_take_for_agent (self);
}

void
ea_ota_serve_head (EaOta *self)
{
  while (!is_blocked (self))
    switch (choose_way (self))
      {
      case EA_OTA_TO_CARD:
        send_head (self, g_queue_peek_head (&self->messages));
        break;
      case EA_OTA_TO_AGENT:
        break;
      case EA_OTA_NO_ROOM:
        self->awaits_room = TRUE;
        retry_head (self, EA_SMS_TP_CAUSE_TOOLKIT_BUSY);
        break;
      case EA_OTA_NO_WAY:
        retry_head (self, EA_SMS_TP_CAUSE_TOOLKIT_BUSY);
        break;
      }
}
