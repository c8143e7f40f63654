/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The queue of messages between the modem and those who get them. The head is being dealt with; it leaves the
 * queue when the card has answered, or the agent has taken it. One that can't be delivered now and that nobody
 * sends again is put aside for a while with all others of its kind, so that it does not stand in the way of those that
 * the network waits for, and is not overtaken.
 */

#include "session/ota.h"

#include "core/apdu.h"
#include "session/ota-private.h"

static guint idle_signal;

G_DEFINE_FINAL_TYPE (EaOta, ea_ota, G_TYPE_OBJECT)

const EaLogContext *
ea_ota_get_log (EaOta *self)
{
  self->log = ea_log_context_for_transport (self->context, "sms");
  return &self->log;
}

void
ea_ota_fail_store (EaOta *self, const GError *error, const char *what)
{
  ea_activity_fail (self->activity, error);
  ea_log_error (ea_ota_get_log (self), EA_MESSAGE_STORE_FAILED, "%s: %s", what, error->message);
}

gboolean
ea_ota_is_idle (EaOta *self)
{
  return !self->is_delivering && self->n_settling == 0 && ea_endpoint_is_idle (self->endpoint)
         && ea_outbox_is_idle (self->outbox);
}

void
ea_ota_tell_idle (EaOta *self)
{
  if (ea_ota_is_idle (self))
    g_signal_emit (self, idle_signal, 0);
}

static void
flush_recent (EaOta *self)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (GError) error = NULL;

  g_clear_handle_id (&self->flush_id, g_source_remove);
  if (ea_recent_write (self->recent, change) && !ea_store_commit (self->store, change, &error))
    ea_ota_fail_store (self, error, "What the network knows can't be stored");
}

static gboolean
on_flush (gpointer user_data)
{
  EaOta *self = user_data;

  self->flush_id = 0;
  flush_recent (self);
  return G_SOURCE_REMOVE;
}

/* A word to the network on its way. */
typedef struct
{
  EaOta *ota;
  GBytes *tpdu;
} Settling;

static void
settling_free (Settling *settling)
{
  g_object_unref (settling->ota);
  g_bytes_unref (settling->tpdu);
  g_free (settling);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Settling, settling_free)

static void
note_settled (EaOta *self, GBytes *tpdu)
{
  ea_recent_settle (self->recent, tpdu);
  if (self->is_draining)
    flush_recent (self);
  else if (self->flush_id == 0) /* for all that arrive together */
    self->flush_id = g_idle_add_full (G_PRIORITY_LOW, on_flush, self, NULL);
}

static void
on_settled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Settling) settling = user_data;
  EaOta *self = settling->ota;
  g_autoptr (GError) error = NULL;

  /* Somebody else may have acknowledged it; the network sends it again if nobody has. */
  if (ea_modem_settle_sms_finish (EA_MODEM (source), result, &error))
    note_settled (self, settling->tpdu);
  else
    {
      ea_activity_count (self->activity, EA_COUNTER_SMS_UNSETTLED);
      ea_log_info (ea_ota_get_log (self),
                   "The network did not take our word on a short message: %s", error->message);
    }
  self->n_settling--;
  ea_ota_tell_idle (self);
}

void
ea_ota_settle (EaOta *self, const EaShortMessage *message, gboolean is_accepted, guint8 tp_cause)
{
  Settling *settling;
  guint8 rp_cause = tp_cause == EA_SMS_TP_CAUSE_MEMORY_EXCEEDED ? EA_SMS_RP_CAUSE_MEMORY_EXCEEDED
                                                                : EA_SMS_RP_CAUSE_PROTOCOL_ERROR;

  if (message->sms == NULL)
    return;
  settling = g_new0 (Settling, 1);
  settling->ota = g_object_ref (self);
  settling->tpdu = g_bytes_ref (message->tpdu);
  self->n_settling++;
  ea_modem_settle_sms_async (self->modem, message->sms, is_accepted, rp_cause, tp_cause, NULL,
                             on_settled, settling);
}

void
ea_ota_return (EaOta *self, EaShortMessage *message)
{
  g_queue_push_nth (&self->messages, message, self->is_delivering ? 1 : 0);
}

/* Those that were put aside come first again: they are the older ones. */
static void
return_aside (EaOta *self)
{
  g_clear_handle_id (&self->aside_id, g_source_remove);
  while (!g_queue_is_empty (&self->aside))
    ea_ota_return (self, g_queue_pop_tail (&self->aside));
}

static gboolean
on_aside (gpointer user_data)
{
  EaOta *self = user_data;

  self->aside_id = 0;
  return_aside (self);
  ea_ota_serve_head (self);
  return G_SOURCE_REMOVE;
}

/* Where one of those that stay has to wait, the others wait behind it: a packet that came before another is
 * worthless after it, for its counter. */
static void
put_others_aside (EaOta *self)
{
  guint n_others = g_queue_get_length (&self->messages);

  for (guint i = 0; i < n_others; i++)
    {
      EaShortMessage *message = g_queue_pop_head (&self->messages);
      gboolean must_wait = ea_short_message_must_stay (message) && !(i == 0 && self->is_delivering);

      g_queue_push_tail (must_wait ? &self->aside : &self->messages, message);
    }
}

void
ea_ota_put_aside (EaOta *self, EaShortMessage *message, const char *reason)
{
  ea_log_warning (ea_ota_get_log (self), EA_MESSAGE_SMS_WAITS,
                  "Short messages wait %d s more for the card: %s", EA_OTA_INBOX_INTERVAL_S,
                  reason);
  message->busy_since_us = 0;
  g_queue_push_tail (&self->aside, message);
  put_others_aside (self);
  if (self->aside_id == 0 && !self->is_draining)
    self->aside_id = g_timeout_add_seconds (EA_OTA_INBOX_INTERVAL_S, on_aside, self);
}

static void
on_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaOta) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ea_modem_keep_sms_finish (EA_MODEM (source), result, &error))
    ea_log_warning (ea_ota_get_log (self), NULL,
                    "A short message of others could not be left to them: %s", error->message);
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
refuse (EaOta *self, const EaShortMessage *message, guint8 tp_cause)
{
  ea_activity_count (self->activity, EA_COUNTER_SMS_REJECTED);
  ea_ota_settle (self, message, FALSE, tp_cause);
}

/* Before anything else happens to a message that nobody will send again. */
static void
put_into_inbox (EaOta *self, EaShortMessage *message)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (GError) error = NULL;

  if (!ea_inbox_put (self->inbox, message, change, &error))
    ea_ota_fail_store (self, error,
                       "A short message is not safe against a crash until the card has it");
}

/* TRUE for one that was taken before: the network has not heard of it. */
static gboolean
is_duplicate (EaOta *self, const EaShortMessage *message)
{
  if (ea_short_message_must_stay (message) || !ea_recent_has (self->recent, message->tpdu))
    return FALSE;
  ea_activity_count (self->activity, EA_COUNTER_SMS_DUPLICATES);
  ea_log_info (ea_ota_get_log (self), "The network has sent a short message again");
  ea_ota_settle (self, message, TRUE, 0);
  return TRUE;
}

/* TRUE for one that must not overtake those that were put aside. */
static gboolean
is_behind_others (EaOta *self, const EaShortMessage *message)
{
  return ea_short_message_must_stay (message) && !g_queue_is_empty (&self->aside);
}

/* Takes @message. */
static void
take_download (EaOta *self, EaShortMessage *message)
{
  if (is_duplicate (self, message))
    {
      ea_short_message_free (message);
      return;
    }
  if (!ea_short_message_must_stay (message)
      && (self->is_draining || g_queue_get_length (&self->messages) >= EA_OTA_QUEUE_MAX))
    {
      ea_log_warning (ea_ota_get_log (self), EA_MESSAGE_SMS_REJECTED,
                      "The network has to send a short message again: %s",
                      self->is_draining ? "the agent is ending" : "too many wait for the card");
      refuse (self, message, EA_SMS_TP_CAUSE_TOOLKIT_BUSY);
      ea_short_message_free (message);
      return;
    }

  if (message->sms->custody == EA_MODEM_SMS_ACKNOWLEDGED)
    put_into_inbox (self, message);
  g_queue_push_tail (is_behind_others (self, message) ? &self->aside : &self->messages, message);
  ea_ota_serve_head (self);
}

static void
refuse_unreadable (EaOta *self, const EaModemSms *sms, const GError *error)
{
  ea_log_warning (ea_ota_get_log (self), EA_MESSAGE_SMS_REJECTED,
                  "A short message can't be read: %s", error->message);
  if (sms->custody == EA_MODEM_SMS_UNACKNOWLEDGED)
    {
      EaShortMessage message = { .sms = (EaModemSms *) sms, .tpdu = sms->message };

      refuse (self, &message, EA_SMS_TP_CAUSE_UNSPECIFIED);
    }
}

static void
on_sms_received (EaModem *modem, const EaModemSms *sms, gpointer user_data)
{
  EaOta *self = EA_OTA (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (EaShortMessage) message = ea_short_message_new (sms, &error);
  EaSmsDeliver deliver;

  ea_activity_count (self->activity, EA_COUNTER_SMS_RECEIVED);
  if (message == NULL
      || !ea_sms_parse_deliver (&deliver, ea_span_from_bytes (message->tpdu), &error))
    refuse_unreadable (self, sms, error);
  else if (ea_sms_is_data_download (&deliver))
    take_download (self, g_steal_pointer (&message));
  else
    leave_alone (self, sms);
}

static void
drop_record (EaOta *self, const char *record, const GError *cause)
{
  ea_ota_fail_store (self, cause, "A short message of the inbox can't be read, and is dropped");
  (void) ea_store_remove (self->store, record, NULL); /* it is dropped another time */
}

/* What an earlier run left comes before what comes now. */
static void
load_inbox (EaOta *self)
{
  g_auto (GStrv) records = ea_inbox_list (self->inbox);

  for (guint i = 0; records[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      EaShortMessage *message = ea_inbox_read (self->inbox, records[i], &error);

      if (message != NULL)
        g_queue_push_tail (&self->messages, message);
      else
        drop_record (self, records[i], error);
    }
}

void
ea_ota_suspend (EaOta *self)
{
  self->is_resumed = FALSE;
  ea_endpoint_suspend (self->endpoint);
}

void
ea_ota_resume_packets (EaOta *self, const char *eid)
{
  ea_endpoint_resume (self->endpoint, eid);
  ea_outbox_wake (self->outbox);
}

void
ea_ota_resume (EaOta *self, const char *eid)
{
  self->is_resumed = TRUE;
  g_clear_handle_id (&self->retry_id, g_source_remove);
  return_aside (self);
  ea_ota_resume_packets (self, eid);
  ea_ota_serve_head (self);
}

EaEndpoint *
ea_ota_get_endpoint (EaOta *self)
{
  return self->endpoint;
}

static void
clear_timers (EaOta *self)
{
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_handle_id (&self->aside_id, g_source_remove);
  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_handle_id (&self->flush_id, g_source_remove);
}

void
ea_ota_drain (EaOta *self)
{
  guint n_kept = self->is_delivering ? 1 : 0;

  self->is_draining = TRUE;
  clear_timers (self);
  flush_recent (self);
  ea_endpoint_drain (self->endpoint);
  ea_outbox_drain (self->outbox);
  while (g_queue_get_length (&self->messages) > n_kept)
    {
      g_autoptr (EaShortMessage) message = g_queue_pop_tail (&self->messages);

      /* The inbox and the modem's storage keep theirs. */
      if (!ea_short_message_must_stay (message))
        refuse (self, message, EA_SMS_TP_CAUSE_TOOLKIT_BUSY);
    }
}

static void
ea_ota_dispose (GObject *object)
{
  EaOta *self = EA_OTA (object);

  clear_timers (self);
  g_queue_clear_full (&self->messages, (GDestroyNotify) ea_short_message_free);
  g_queue_clear_full (&self->aside, (GDestroyNotify) ea_short_message_free);
  g_clear_object (&self->endpoint);
  g_clear_object (&self->outbox);
  g_clear_object (&self->modem);
  g_clear_object (&self->card);
  g_clear_object (&self->activity);
  G_OBJECT_CLASS (ea_ota_parent_class)->dispose (object);
}

static void
ea_ota_finalize (GObject *object)
{
  EaOta *self = EA_OTA (object);

  ea_sorter_free (self->sorter);
  ea_recent_free (self->recent);
  ea_inbox_free (self->inbox);
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

static gboolean
holds_key (const EaScp80Target *target, gpointer user_data)
{
  EaOta *self = user_data;

  return ea_endpoint_holds_key (self->endpoint, target);
}

static void
make_endpoint (EaOta *self, const EaOtaOptions *options)
{
  EaEndpointOptions endpoint = {
    .modem = self->modem,
    .card = self->card,
    .keys = options->keys,
    .store = self->store,
    .name = options->name,
    .activity = self->activity,
    .context = self->context,
  };

  self->outbox
      = ea_outbox_new (self->modem, self->store, options->name, self->activity, self->context);
  endpoint.outbox = self->outbox;
  self->endpoint = ea_endpoint_new (&endpoint);
  g_signal_connect_object (self->outbox, "idle", G_CALLBACK (ea_ota_tell_idle), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->endpoint, "room", G_CALLBACK (ea_ota_note_room), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->endpoint, "idle", G_CALLBACK (ea_ota_tell_idle), self,
                           G_CONNECT_SWAPPED);
}

EaOta *
ea_ota_new (const EaOtaOptions *options)
{
  EaOta *self = g_object_new (EA_TYPE_OTA, NULL);

  self->modem = g_object_ref (options->modem);
  self->card = g_object_ref (options->card);
  self->store = options->store;
  self->activity = g_object_ref (options->activity);
  self->context = options->context;
  self->inbox = ea_inbox_new (self->store, options->name);
  self->recent = ea_recent_new (self->store, options->name);
  self->sorter = ea_sorter_new (holds_key, self);
  make_endpoint (self, options);
  load_inbox (self);
  g_signal_connect_object (self->modem, "sms-received", G_CALLBACK (on_sms_received), self, 0);
  return self;
}
