/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The store is the queue; in memory is only what is being sent. */

#include "session/outbox.h"

#include <string.h>

#define PREFIX "outbox-"

struct _EaOutbox
{
  GObject parent_instance;

  EaModem *modem;
  EaStore *store;
  char *prefix; /* of its records */
  EaActivity *activity;
  const EaLogContext *context;
  EaLogContext log;

  char *sending; /* record; NULL: nothing is on its way */
  char *sent;    /* record that the network has, and that could not be removed; NULL: none */
  guint interval_ms;
  guint n_refusals; /* of the oldest message */
  guint retry_id;
  gboolean is_draining;
};

static guint idle_signal;

G_DEFINE_FINAL_TYPE (EaOutbox, ea_outbox, G_TYPE_OBJECT)

static const EaLogContext *
get_log (EaOutbox *self)
{
  self->log = ea_log_context_for_transport (self->context, "sms");
  return &self->log;
}

gboolean
ea_outbox_put (EaOutbox *self, GPtrArray *messages, EaStoreChange *change, GError **error)
{
  g_auto (GStrv) records = ea_store_list (self->store, self->prefix);
  guint n_records = g_strv_length (records);
  guint64 number = 0;

  if (n_records + messages->len > EA_OUTBOX_MAX)
    {
      g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL,
                   "The outbox has %u short messages that the network has not taken", n_records);
      return FALSE;
    }
  if (n_records > 0)
    number = g_ascii_strtoull (records[n_records - 1] + strlen (self->prefix), NULL, 10) + 1;
  for (guint i = 0; i < messages->len; i++)
    {
      g_autofree char *record
          = g_strdup_printf ("%s%010" G_GUINT64_FORMAT, self->prefix, number + i);

      ea_store_change_write (change, record, messages->pdata[i]);
    }
  return TRUE;
}

static gboolean
on_retry (gpointer user_data)
{
  EaOutbox *self = user_data;

  self->retry_id = 0;
  ea_outbox_wake (self);
  return G_SOURCE_REMOVE;
}

static void
retry_later (EaOutbox *self)
{
  if (self->retry_id != 0 || self->is_draining)
    return;
  self->retry_id = g_timeout_add (self->interval_ms, on_retry, self);
  self->interval_ms = MIN (2 * self->interval_ms, EA_OUTBOX_INTERVAL_MAX_MS);
}

/* What the network has is not sent again in this life, although it stays in the store. */
static gboolean
remove_sent (EaOutbox *self)
{
  g_autoptr (GError) error = NULL;

  if (self->sent == NULL)
    return TRUE;
  if (!ea_store_remove (self->store, self->sent, &error))
    {
      ea_activity_fail (self->activity, error);
      ea_log_error (get_log (self), EA_MESSAGE_STORE_FAILED,
                    "A short message that was sent stays in the outbox: %s", error->message);
      retry_later (self);
      return FALSE;
    }
  g_clear_pointer (&self->sent, g_free);
  self->n_refusals = 0;
  self->interval_ms = EA_OUTBOX_INTERVAL_MS;
  return TRUE;
}

/* No use in trying the message itself again and again: it is not the network or the modem that is away. */
static gboolean
is_refusal (const GError *error)
{
  return error->domain != EA_MODEM_ERROR
         || (error->code != EA_MODEM_ERROR_NO_SERVICE && error->code != EA_MODEM_ERROR_BUSY
             && error->code != EA_MODEM_ERROR_TIMEOUT && error->code != EA_MODEM_ERROR_GONE
             && error->code != EA_MODEM_ERROR_CARD_ABSENT);
}

static void
take_failure (EaOutbox *self, char **record, const GError *error)
{
  ea_activity_count (self->activity, EA_COUNTER_SMS_NOT_SENT);
  ea_activity_fail (self->activity, error);
  if (is_refusal (error) && ++self->n_refusals >= EA_OUTBOX_REFUSALS_MAX)
    {
      ea_log_error (get_log (self), EA_MESSAGE_RESPONSE_LOST,
                    "A proof of receipt was refused %u times, it is given up: %s", self->n_refusals,
                    error->message);
      self->sent = g_steal_pointer (record);
      (void) remove_sent (self); /* it is tried again */
      return;
    }
  ea_log_warning (get_log (self), EA_MESSAGE_SMS_WAITS,
                  "A proof of receipt is tried again in %u s: %s", self->interval_ms / 1000,
                  error->message);
  retry_later (self);
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaOutbox) self = user_data;
  g_autofree char *record = g_steal_pointer (&self->sending);
  g_autoptr (GError) error = NULL;
  guint8 rp_cause;

  if (ea_modem_send_sms_finish (EA_MODEM (source), result, &rp_cause, &error))
    {
      ea_activity_count (self->activity, EA_COUNTER_SMS_SENT);
      self->sent = g_steal_pointer (&record);
    }
  else
    take_failure (self, &record, error);
  ea_outbox_wake (self);
  if (self->sending == NULL)
    g_signal_emit (self, idle_signal, 0);
}

void
ea_outbox_wake (EaOutbox *self)
{
  g_auto (GStrv) records = NULL;
  g_autoptr (GBytes) message = NULL;
  g_autoptr (GError) error = NULL;

  if (self->sending != NULL || self->retry_id != 0 || !remove_sent (self) || self->is_draining)
    return;
  records = ea_store_list (self->store, self->prefix);
  if (records[0] == NULL)
    return;
  message = ea_store_read (self->store, records[0], &error);
  if (message == NULL)
    {
      ea_log_error (get_log (self), EA_MESSAGE_STORE_FAILED,
                    "A short message of the outbox can't be read: %s", error->message);
      retry_later (self);
      return;
    }
  self->sending = g_strdup (records[0]);
  ea_modem_send_sms_async (self->modem, message, NULL, on_sent, g_object_ref (self));
}

/* Where there was no network, there is no use in waiting any longer. */
static void
on_network_changed (EaModem *modem, const EaModemNetwork *network, gpointer user_data)
{
  EaOutbox *self = EA_OUTBOX (user_data);

  if (network->service != EA_MODEM_SERVICE_NORMAL || self->retry_id == 0)
    return;
  g_clear_handle_id (&self->retry_id, g_source_remove);
  ea_outbox_wake (self);
}

void
ea_outbox_drain (EaOutbox *self)
{
  self->is_draining = TRUE;
  g_clear_handle_id (&self->retry_id, g_source_remove);
}

gboolean
ea_outbox_is_idle (EaOutbox *self)
{
  return self->sending == NULL;
}

static void
ea_outbox_dispose (GObject *object)
{
  EaOutbox *self = EA_OUTBOX (object);

  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_object (&self->modem);
  g_clear_object (&self->activity);
  G_OBJECT_CLASS (ea_outbox_parent_class)->dispose (object);
}

static void
ea_outbox_finalize (GObject *object)
{
  EaOutbox *self = EA_OUTBOX (object);

  g_free (self->sending);
  g_free (self->sent);
  g_free (self->prefix);
  G_OBJECT_CLASS (ea_outbox_parent_class)->finalize (object);
}

static void
ea_outbox_class_init (EaOutboxClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_outbox_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_outbox_finalize;
  idle_signal = g_signal_new ("idle", EA_TYPE_OUTBOX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 0);
}

static void
ea_outbox_init (EaOutbox *self)
{
  self->interval_ms = EA_OUTBOX_INTERVAL_MS;
}

EaOutbox *
ea_outbox_new (EaModem *modem, EaStore *store, const char *name, EaActivity *activity,
               const EaLogContext *context)
{
  EaOutbox *self = g_object_new (EA_TYPE_OUTBOX, NULL);

  self->modem = g_object_ref (modem);
  self->store = store;
  self->prefix = g_strconcat (PREFIX, name, "-", NULL);
  self->activity = g_object_ref (activity);
  self->context = context;
  g_signal_connect_object (modem, "network-changed", G_CALLBACK (on_network_changed), self, 0);
  return self;
}
