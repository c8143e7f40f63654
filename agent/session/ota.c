/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The queue of messages between the modem and the card. The head is being delivered; it leaves the queue
 * when the card has answered. One that can't be delivered now and that nobody sends again is put aside for a
 * while, so that it does not stand in the way.
 */

#include "session/ota.h"

#include <string.h>

#include "core/apdu.h"
#include "core/cat-envelope.h"
#include "core/sms.h"

#define INBOX_PREFIX "inbox-"

/* A message that waits for the card. */
typedef struct
{
  EaModemSms *sms;
  GBytes *smsc; /* TON/NPI and digits; may be empty */
  GBytes *tpdu;
  char *record; /* its name in the store; NULL: not in the inbox */
  gint64 received_us;
} Message;

struct _EaOta
{
  GObject parent_instance;

  EaModem *modem;
  EaCard *card;
  EaStore *store;
  char *name;
  EaActivity *activity;
  const EaLogContext *context;

  GQueue messages; /* Message; the head is being delivered */
  GQueue aside;    /* Message, for another time */
  gboolean is_resumed;
  gboolean is_draining;
  gboolean is_delivering;
  guint n_settling;
  guint retry_id;
  guint aside_id;
  guint next_record;
};

static guint idle_signal;

G_DEFINE_FINAL_TYPE (EaOta, ea_ota, G_TYPE_OBJECT)

static void deliver_head (EaOta *self);

static void
message_free (gpointer data)
{
  Message *message = data;

  g_clear_pointer (&message->sms, ea_modem_sms_free);
  g_clear_pointer (&message->smsc, g_bytes_unref);
  g_clear_pointer (&message->tpdu, g_bytes_unref);
  g_free (message->record);
  g_free (message);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Message, message_free)

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

static char *
get_record_prefix (EaOta *self)
{
  return g_strconcat (INBOX_PREFIX, self->name, "-", NULL);
}

static guint
count_inbox (EaOta *self)
{
  g_autofree char *prefix = get_record_prefix (self);
  g_auto (GStrv) records = ea_store_list (self->store, prefix);

  return g_strv_length (records);
}

/* Before anything else happens to a message that nobody will send again. */
static void
put_into_inbox (EaOta *self, Message *message)
{
  g_autofree char *prefix = get_record_prefix (self);
  g_autofree char *record = g_strdup_printf ("%s%010u", prefix, self->next_record++);
  g_autoptr (GBytes) bytes
      = ea_sms_join_smsc (ea_span_from_bytes (message->smsc), ea_span_from_bytes (message->tpdu));
  g_autoptr (GError) error = NULL;

  if (count_inbox (self) >= EA_OTA_INBOX_MAX)
    g_set_error (&error, EA_STORE_ERROR, EA_STORE_ERROR_FULL, "the inbox has %d messages already",
                 EA_OTA_INBOX_MAX);
  else if (ea_store_write (self->store, record, bytes, &error))
    message->record = g_steal_pointer (&record);
  if (error != NULL)
    ea_log_error (self->context, EA_MESSAGE_STORE_FAILED,
                  "A short message is not safe against a crash until the card has it: %s",
                  error->message);
}

static void
remove_from_inbox (EaOta *self, Message *message)
{
  g_autoptr (GError) error = NULL;

  if (message->record != NULL && !ea_store_remove (self->store, message->record, &error))
    ea_log_error (self->context, EA_MESSAGE_STORE_FAILED,
                  "A short message that the card has stays in the inbox: %s", error->message);
}

gboolean
ea_ota_is_idle (EaOta *self)
{
  return !self->is_delivering && self->n_settling == 0;
}

static void
tell_idle (EaOta *self)
{
  if (ea_ota_is_idle (self))
    g_signal_emit (self, idle_signal, 0);
}

static void
on_settled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaOta) self = user_data;
  g_autoptr (GError) error = NULL;

  /* Somebody else may have acknowledged it; the network sends it again if nobody has. */
  if (!ea_modem_settle_sms_finish (EA_MODEM (source), result, &error))
    {
      ea_activity_count (self->activity, EA_COUNTER_SMS_UNSETTLED);
      ea_log_info (self->context, "The network did not take our word on a short message: %s",
                   error->message);
    }
  self->n_settling--;
  tell_idle (self);
}

static void
settle (EaOta *self, const EaModemSms *sms, gboolean is_accepted, guint8 tp_cause)
{
  self->n_settling++;
  ea_modem_settle_sms_async (self->modem, sms, is_accepted, EA_SMS_RP_CAUSE_PROTOCOL_ERROR,
                             tp_cause, NULL, on_settled, g_object_ref (self));
}

/* The end of the head's delivery, with or without success. */
static void
finish_head (EaOta *self, gboolean is_accepted, guint8 tp_cause)
{
  g_autoptr (Message) message = g_queue_pop_head (&self->messages);

  ea_activity_count (self->activity,
                     is_accepted ? EA_COUNTER_SMS_ACCEPTED : EA_COUNTER_SMS_REJECTED);
  if (message->sms != NULL)
    settle (self, message->sms, is_accepted, tp_cause);
  remove_from_inbox (self, message);
  deliver_head (self);
}

static gboolean
on_retry (gpointer user_data)
{
  EaOta *self = user_data;

  self->retry_id = 0;
  deliver_head (self);
  return G_SOURCE_REMOVE;
}

static void
retry_after (EaOta *self, guint interval_ms)
{
  if (self->retry_id == 0)
    self->retry_id = g_timeout_add (interval_ms, on_retry, self);
}

/* Nobody sends an acknowledged or stored message again: it waits here until the card takes it. */
static gboolean
must_stay (const Message *message)
{
  return message->sms == NULL || message->sms->custody != EA_MODEM_SMS_UNACKNOWLEDGED;
}

/* Those that were put aside come first again: they are the older ones. */
static gboolean
on_aside (gpointer user_data)
{
  EaOta *self = user_data;

  self->aside_id = 0;
  while (!g_queue_is_empty (&self->aside))
    {
      /* Nobody overtakes the message that is on its way. */
      if (self->is_delivering)
        g_queue_push_nth (&self->messages, g_queue_pop_tail (&self->aside), 1);
      else
        g_queue_push_head (&self->messages, g_queue_pop_tail (&self->aside));
    }
  deliver_head (self);
  return G_SOURCE_REMOVE;
}

static void
put_head_aside (EaOta *self, const char *reason)
{
  ea_log_warning (self->context, NULL, "A short message waits %d s more for the card: %s",
                  EA_OTA_INBOX_INTERVAL_S, reason);
  g_queue_push_tail (&self->aside, g_queue_pop_head (&self->messages));
  if (self->aside_id == 0)
    self->aside_id = g_timeout_add_seconds (EA_OTA_INBOX_INTERVAL_S, on_aside, self);
  deliver_head (self);
}

static void
reject_head (EaOta *self, const GError *error, guint8 tp_cause)
{
  ea_activity_fail (self->activity, error);
  ea_log_warning (self->context, EA_MESSAGE_SMS_REJECTED, "%s", error->message);
  finish_head (self, FALSE, tp_cause);
}

static void
retry_head (EaOta *self, guint8 tp_cause)
{
  Message *message = g_queue_peek_head (&self->messages);
  gint64 waited_us = g_get_monotonic_time () - message->received_us;

  if (!self->is_draining
      && waited_us + EA_OTA_BUSY_INTERVAL_MS * 1000 <= EA_OTA_BUSY_LIMIT_MS * 1000)
    retry_after (self, EA_OTA_BUSY_INTERVAL_MS);
  else if (must_stay (message))
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
  ea_activity_fail (self->activity, error);
  if (must_stay (g_queue_peek_head (&self->messages)) && ea_ota_is_worth_retry (error))
    {
      put_head_aside (self, error->message);
      return;
    }
  ea_log_warning (self->context, EA_MESSAGE_SMS_REJECTED,
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
      ea_log_info (self->context, "The card took a short message (%04X)", sw);
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

static void
on_envelope_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaOta) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) response = ea_card_send_envelope_finish (EA_CARD (source), result, &error);
  EaApduResponse parsed;

  self->is_delivering = FALSE;
  if (response != NULL && ea_apdu_parse_response (&parsed, ea_span_from_bytes (response), &error))
    take_answer (self, parsed.sw);
  else
    take_failure (self, error);
  tell_idle (self);
}

/* A card that starts anew is as good as busy: soon it is there. */
static gboolean
is_card_away (EaOta *self)
{
  EaModemCard card = ea_modem_get_card (self->modem);

  return !self->is_resumed || card == EA_MODEM_CARD_ABSENT || card == EA_MODEM_CARD_INITIALIZING;
}

static void
deliver_head (EaOta *self)
{
  Message *message = g_queue_peek_head (&self->messages);
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (GError) error = NULL;

  if (message == NULL || self->is_delivering || self->retry_id != 0)
    return;

  envelope = ea_cat_build_sms_pp_download (ea_span_from_bytes (message->smsc),
                                           ea_span_from_bytes (message->tpdu), &error);
  if (envelope == NULL)
    {
      reject_head (self, error, EA_SMS_TP_CAUSE_DOWNLOAD_ERROR);
      return;
    }
  if (is_card_away (self))
    {
      retry_head (self, EA_SMS_TP_CAUSE_TOOLKIT_BUSY);
      return;
    }
  self->is_delivering = TRUE;
  ea_card_send_envelope_async (self->card, envelope, NULL, on_envelope_sent, g_object_ref (self));
}

/* (transfer full) (nullable): @sms taken apart */
static Message *
new_message (const EaModemSms *sms, GError **error)
{
  g_autoptr (Message) message = g_new0 (Message, 1);
  EaSpan content = ea_span_from_bytes (sms->message);
  EaSpan smsc = EA_SPAN_EMPTY;

  if (sms->has_smsc && !ea_sms_split_smsc (content, &smsc, &content, error))
    return NULL;

  message->received_us = g_get_monotonic_time ();
  message->sms = ea_modem_sms_copy (sms);
  message->smsc = sms->has_smsc ? NULL : ea_sms_build_smsc (sms->smsc_number);
  if (message->smsc == NULL)
    message->smsc = ea_span_to_bytes (smsc);
  message->tpdu = ea_span_to_bytes (content);
  return g_steal_pointer (&message);
}

static void
on_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaOta) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ea_modem_keep_sms_finish (EA_MODEM (source), result, &error))
    ea_log_warning (self->context, NULL, "A short message of others could not be left to them: %s",
                    error->message);
}

static void
leave_alone (EaOta *self, const EaModemSms *sms)
{
  EaSpan message = ea_span_from_bytes (sms->message);
  g_autoptr (GBytes) smsc = ea_sms_build_smsc (sms->smsc_number);
  g_autoptr (GBytes) stored = NULL;

  ea_activity_count (self->activity, EA_COUNTER_SMS_KEPT);
  stored = sms->has_smsc ? g_bytes_ref (sms->message)
                         : ea_sms_join_smsc (ea_span_from_bytes (smsc), message);
  ea_modem_keep_sms_async (self->modem, sms, stored, NULL, on_kept, g_object_ref (self));
}

static void
refuse (EaOta *self, const EaModemSms *sms, guint8 tp_cause)
{
  ea_activity_count (self->activity, EA_COUNTER_SMS_REJECTED);
  settle (self, sms, FALSE, tp_cause);
}

static void
take_download (EaOta *self, Message *message)
{
  const EaModemSms *sms = message->sms;

  if (!must_stay (message)
      && (self->is_draining || g_queue_get_length (&self->messages) >= EA_OTA_QUEUE_MAX))
    {
      ea_log_warning (self->context, EA_MESSAGE_SMS_REJECTED,
                      "The network has to send a short message again: %s",
                      self->is_draining ? "the agent is ending" : "too many wait for the card");
      refuse (self, sms, EA_SMS_TP_CAUSE_TOOLKIT_BUSY);
      message_free (message);
      return;
    }

  if (sms->custody == EA_MODEM_SMS_ACKNOWLEDGED)
    put_into_inbox (self, message);
  g_queue_push_tail (&self->messages, message);
  deliver_head (self);
}

static void
on_sms_received (EaModem *modem, const EaModemSms *sms, gpointer user_data)
{
  EaOta *self = EA_OTA (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (Message) message = new_message (sms, &error);
  EaSmsDeliver deliver;

  ea_activity_count (self->activity, EA_COUNTER_SMS_RECEIVED);
  if (message == NULL
      || !ea_sms_parse_deliver (&deliver, ea_span_from_bytes (message->tpdu), &error))
    {
      ea_log_warning (self->context, EA_MESSAGE_SMS_REJECTED, "A short message can't be read: %s",
                      error->message);
      if (sms->custody == EA_MODEM_SMS_UNACKNOWLEDGED)
        refuse (self, sms, EA_SMS_TP_CAUSE_UNSPECIFIED);
    }
  else if (ea_sms_is_data_download (&deliver))
    take_download (self, g_steal_pointer (&message));
  else
    leave_alone (self, sms);
}

static void
take_from_inbox (EaOta *self, const char *record)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = ea_store_read (self->store, record, &error);
  g_autoptr (Message) message = g_new0 (Message, 1);
  EaSpan smsc;
  EaSpan tpdu;

  if (bytes == NULL || !ea_sms_split_smsc (ea_span_from_bytes (bytes), &smsc, &tpdu, &error))
    {
      ea_log_error (self->context, EA_MESSAGE_STORE_FAILED,
                    "A short message of the inbox can't be read: %s", error->message);
      return;
    }
  message->smsc = ea_span_to_bytes (smsc);
  message->tpdu = ea_span_to_bytes (tpdu);
  message->record = g_strdup (record);
  message->received_us = g_get_monotonic_time ();
  g_queue_push_tail (&self->messages, g_steal_pointer (&message));
}

/* What an earlier run left comes before what comes now, and no record is written over. */
static void
load_inbox (EaOta *self)
{
  g_autofree char *prefix = get_record_prefix (self);
  g_auto (GStrv) records = ea_store_list (self->store, prefix);

  for (guint i = 0; records[i] != NULL; i++)
    {
      guint number = (guint) g_ascii_strtoull (records[i] + strlen (prefix), NULL, 10);

      self->next_record = MAX (self->next_record, number + 1);
      take_from_inbox (self, records[i]);
    }
}

void
ea_ota_resume (EaOta *self)
{
  self->is_resumed = TRUE;
  g_clear_handle_id (&self->retry_id, g_source_remove);
  deliver_head (self);
}

void
ea_ota_drain (EaOta *self)
{
  guint n_kept = self->is_delivering ? 1 : 0;

  self->is_draining = TRUE;
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_handle_id (&self->aside_id, g_source_remove);
  while (g_queue_get_length (&self->messages) > n_kept)
    {
      g_autoptr (Message) message = g_queue_pop_tail (&self->messages);

      /* The inbox and the modem's storage keep theirs. */
      if (!must_stay (message))
        refuse (self, message->sms, EA_SMS_TP_CAUSE_TOOLKIT_BUSY);
    }
}

static void
ea_ota_dispose (GObject *object)
{
  EaOta *self = EA_OTA (object);

  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_handle_id (&self->aside_id, g_source_remove);
  g_queue_clear_full (&self->messages, message_free);
  g_queue_clear_full (&self->aside, message_free);
  g_clear_object (&self->modem);
  g_clear_object (&self->card);
  g_clear_object (&self->activity);
  G_OBJECT_CLASS (ea_ota_parent_class)->dispose (object);
}

static void
ea_ota_finalize (GObject *object)
{
  g_free (EA_OTA (object)->name);
  G_OBJECT_CLASS (ea_ota_parent_class)->finalize (object);
}

static void
ea_ota_class_init (EaOtaClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_ota_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_ota_finalize;
  idle_signal
      = g_signal_new ("idle", EA_TYPE_OTA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ea_ota_init (EaOta *self)
{
  g_queue_init (&self->messages);
  g_queue_init (&self->aside);
}

EaOta *
ea_ota_new (EaModem *modem, EaCard *card, EaStore *store, const char *name, EaActivity *activity,
            const EaLogContext *context)
{
  EaOta *self = g_object_new (EA_TYPE_OTA, NULL);

  self->modem = g_object_ref (modem);
  self->card = g_object_ref (card);
  self->store = store;
  self->name = g_strdup (name);
  self->activity = g_object_ref (activity);
  self->context = context;
  load_inbox (self);
  g_signal_connect_object (modem, "sms-received", G_CALLBACK (on_sms_received), self, 0);
  return self;
}
