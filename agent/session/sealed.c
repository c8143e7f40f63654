/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Exchanges with the card, one after the other. Whoever ends one leaves the beginning of the next to the main loop: the
 * TERMINAL RESPONSE to the message that was the answer goes first.
 */

#include "session/sealed.h"

#include "core/apdu.h"
#include "core/cat-task.h"
#include "core/error.h"
#include "core/sms.h"
#include "session/ota.h"
#include "session/rate-limit.h"
#include "session/sealed-exchange.h"

#define UNANSWERED_INTERVAL_US (G_GINT64_CONSTANT (60) * 60 * G_USEC_PER_SEC)

struct _EaSealed
{
  GObject parent_instance;

  EaModem *modem;
  EaCard *card;
  const EaLogContext *log;

  GQueue waiting;         /* EaSealedExchange */
  EaSealedExchange *open; /* (nullable): */
  gboolean is_sending;    /* an ENVELOPE, of an exchange that may have ended meanwhile */
  gboolean has_ended;
  EaRateLimit unanswered;
  guint8 next_reference; /* of concatenated messages */
  guint begin_id;
  guint timer_id; /* of the open exchange: a busy card is asked again, or the answer is late */
};

G_DEFINE_FINAL_TYPE (EaSealed, ea_sealed, G_TYPE_OBJECT)

static void send_segment (EaSealed *self);

gboolean
ea_sealed_is_sealed_form (EaSpan sdu)
{
  return ea_sealed_exchange_check (sdu, NULL);
}

/* The end of exchanges */

/* @exchange: @answer: @error: (transfer full) */
static void
return_exchange (EaSealedExchange *exchange, GBytes *answer, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&exchange->task);

  ea_sealed_exchange_free (exchange);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, answer, (GDestroyNotify) g_bytes_unref);
}

static gboolean
on_begin (gpointer user_data)
{
  EaSealed *self = user_data;

  self->begin_id = 0;
  self->open = g_queue_pop_head (&self->waiting);
  send_segment (self);
  return G_SOURCE_REMOVE;
}

static void
begin_next (EaSealed *self)
{
  if (self->open == NULL && !self->is_sending && self->waiting.length > 0 && self->begin_id == 0)
    self->begin_id = g_idle_add (on_begin, self);
}

/* @answer: (nullable): @error: (nullable): (transfer full) */
static void
end_open (EaSealed *self, GBytes *answer, GError *error)
{
  EaSealedExchange *exchange = g_steal_pointer (&self->open);

  if (answer != NULL)
    ea_rate_limit_give_back (&self->unanswered);
  g_clear_handle_id (&self->timer_id, g_source_remove);
  begin_next (self);
  return_exchange (exchange, answer, error);
}

static void
fail_open (EaSealed *self, EaModemError code, const char *message)
{
  end_open (self, NULL, g_error_new_literal (EA_MODEM_ERROR, (int) code, message));
}

static void
end_all (EaSealed *self, EaModemError code, const char *message)
{
  GQueue waiting = self->waiting;
  EaSealedExchange *exchange;

  g_queue_init (&self->waiting);
  g_clear_handle_id (&self->begin_id, g_source_remove);
  if (self->open != NULL)
    fail_open (self, code, message);
  while ((exchange = g_queue_pop_head (&waiting)) != NULL)
    return_exchange (exchange, NULL, g_error_new_literal (EA_MODEM_ERROR, (int) code, message));
}

void
ea_sealed_end (EaSealed *self)
{
  self->has_ended = TRUE;
  end_all (self, EA_MODEM_ERROR_GONE, "The modem is gone");
}

/* What the card had of a packet it has forgotten. */
static void
on_card_changed (EaModem *modem, EaModemCard card, gpointer user_data)
{
  if (card != EA_MODEM_CARD_READY)
    end_all (EA_SEALED (user_data), EA_MODEM_ERROR_CARD_ABSENT, "The card has started anew");
}

static void
on_refresh (EaModem *modem, EaModemRefreshStage stage, guint mode, gpointer user_data)
{
  if (stage == EA_MODEM_REFRESH_START && mode == EA_CAT_REFRESH_UICC_RESET)
    end_all (EA_SEALED (user_data), EA_MODEM_ERROR_CARD_ABSENT, "The card starts anew");
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  EaSealed *self = g_task_get_source_object (task);
  GError *error = NULL;

  (void) g_cancellable_set_error_if_cancelled (cancellable, &error);
  if (self->open != NULL && self->open->task == task)
    {
      end_open (self, NULL, error);
      return G_SOURCE_REMOVE;
    }
  for (GList *link = self->waiting.head; link != NULL; link = link->next)
    if (((EaSealedExchange *) link->data)->task == task)
      {
        EaSealedExchange *exchange = link->data;

        g_queue_delete_link (&self->waiting, link);
        return_exchange (exchange, NULL, error);
        break;
      }
  return G_SOURCE_REMOVE;
}

/* The answer */

static gboolean
on_late (gpointer user_data)
{
  EaSealed *self = user_data;

  self->timer_id = 0;
  if (self->open->first_answer != NULL)
    end_open (self, g_steal_pointer (&self->open->first_answer), NULL);
  else if (self->open->spi.por == EA_SCP80_POR_ON_ERROR)
    end_open (self, NULL, NULL);
  else
    fail_open (self, EA_MODEM_ERROR_TIMEOUT, "The card did not answer a sealed packet in time");
  return G_SOURCE_REMOVE;
}

static void
await_answer (EaSealed *self)
{
  gboolean is_always = self->open->spi.por == EA_SCP80_POR_ALWAYS;

  self->timer_id = g_timeout_add_seconds (
      is_always ? EA_SEALED_ANSWER_LIMIT_S : EA_SEALED_ERROR_LIMIT_S, on_late, self);
}

static gboolean
is_answer_wanted (const EaSealed *self)
{
  return self->open->spi.por == EA_SCP80_POR_ALWAYS || self->open->spi.por == EA_SCP80_POR_ON_ERROR;
}

static gboolean
has_packet (const EaApduResponse *response)
{
  return ea_span_has_prefix (response->data, ea_scp80_get_user_data_header (EA_SCP80_RESPONSE));
}

/* The card has the whole packet. */
static void
take_last_response (EaSealed *self, const EaApduResponse *response)
{
  gboolean is_more_to_come = self->open->spi.is_por_submit && ea_apdu_is_proactive (response->sw);

  if (!is_answer_wanted (self))
    end_open (self, NULL, NULL);
  else if (has_packet (response) && !is_more_to_come)
    end_open (self, ea_span_to_bytes (response->data), NULL);
  else
    {
      if (has_packet (response))
        self->open->first_answer = ea_span_to_bytes (response->data);
      await_answer (self);
    }
}

gboolean
ea_sealed_take_message (EaSealed *self, EaSpan tpdu)
{
  g_autoptr (GBytes) answer = NULL;
  EaSmsSubmit submit;

  if (self->open == NULL || !ea_sms_parse_submit (&submit, tpdu, NULL)
      || !ea_sms_address_equal (&submit.destination, &self->open->originator))
    return FALSE;
  if (!ea_sealed_exchange_gather (self->open, &submit.user_data, g_get_monotonic_time (), &answer))
    ea_log_warning (self->log, EA_MESSAGE_RESPONSE_LOST,
                    "The card sent a message to the originator of a sealed packet that is no "
                    "answer: it is dropped");
  if (answer != NULL)
    end_open (self, g_steal_pointer (&answer), NULL);
  return TRUE;
}

/* The way to the card */

/* A refusal may come with a packet that says why: TS 31.111 §7.1.1.1. */
static void
take_refusal (EaSealed *self, const EaApduResponse *response)
{
  if (is_answer_wanted (self) && has_packet (response))
    end_open (self, ea_span_to_bytes (response->data), NULL);
  else
    end_open (self, NULL,
              g_error_new (EA_MODEM_ERROR, EA_MODEM_ERROR_FAILED,
                           "The card refused segment %u of %u of a sealed packet with %04X",
                           self->open->n_begun, self->open->envelopes->len, response->sw));
}

static gboolean
on_retry (gpointer user_data)
{
  EaSealed *self = user_data;

  self->timer_id = 0;
  send_segment (self);
  return G_SOURCE_REMOVE;
}

static void
retry (EaSealed *self)
{
  EaSealedExchange *exchange = self->open;
  gint64 now_us = g_get_monotonic_time ();

  exchange->n_begun--;
  if (exchange->busy_since_us == 0)
    exchange->busy_since_us = now_us;
  if (now_us - exchange->busy_since_us + EA_OTA_BUSY_INTERVAL_MS * 1000
      > EA_OTA_BUSY_LIMIT_MS * 1000)
    fail_open (self, EA_MODEM_ERROR_BUSY, "The card was busy for too long for a sealed packet");
  else
    self->timer_id = g_timeout_add (EA_OTA_BUSY_INTERVAL_MS, on_retry, self);
}

static void
take_response (EaSealed *self, const EaApduResponse *response)
{
  guint8 tp_cause; /* there is no network that waits for it */

  switch (ea_ota_get_verdict (response->sw, &tp_cause))
    {
    case EA_OTA_ACCEPT:
      self->open->busy_since_us = 0;
      if (ea_sealed_exchange_is_sent (self->open))
        take_last_response (self, response);
      else
        send_segment (self);
      return;
    case EA_OTA_REJECT:
      take_refusal (self, response);
      return;
    case EA_OTA_RETRY:
      retry (self);
      return;
    }
}

static void
on_envelope_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaSealed) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = ea_card_send_envelope_finish (EA_CARD (source), result, &error);
  EaApduResponse response;

  self->is_sending = FALSE;
  if (self->open == NULL)
    begin_next (self);
  else if (bytes != NULL && ea_apdu_parse_response (&response, ea_span_from_bytes (bytes), &error))
    take_response (self, &response);
  else if (g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_BUSY))
    retry (self);
  else
    {
      g_prefix_error (&error, "A sealed packet did not reach the card: ");
      end_open (self, NULL, g_steal_pointer (&error));
    }
}

static void
send_segment (EaSealed *self)
{
  GBytes *envelope = self->open->envelopes->pdata[self->open->n_begun++];

  self->is_sending = TRUE;
  ea_card_send_envelope_async (self->card, envelope, NULL, on_envelope_sent, g_object_ref (self));
}

static gboolean
check_way (EaSealed *self, GError **error)
{
  if (self->has_ended)
    g_set_error_literal (error, EA_MODEM_ERROR, EA_MODEM_ERROR_GONE, "The modem is gone");
  else if (ea_modem_get_role (self->modem) != EA_MODEM_ROLE_HOST)
    g_set_error (error, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED,
                 "No sealed packet can go to the card in the role observer: %s",
                 ea_modem_get_role_reason (self->modem));
  else if (ea_modem_get_card (self->modem) != EA_MODEM_CARD_READY)
    g_set_error_literal (error, EA_MODEM_ERROR, EA_MODEM_ERROR_CARD_ABSENT,
                         "There is no card that a sealed packet could go to");
  else if (self->waiting.length >= EA_SEALED_QUEUE_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                              "%d sealed packets wait for the card already", EA_SEALED_QUEUE_MAX);
  else if (!ea_rate_limit_allow (&self->unanswered, g_get_monotonic_time ()))
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                              "The card has not answered %d sealed packets in an hour",
                              EA_SEALED_UNANSWERED_MAX);
  else
    return TRUE;
  return FALSE;
}

void
ea_sealed_carry_async (EaSealed *self, GBytes *sdu, const char *originator,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  EaSealedExchange *exchange;
  GError *error = NULL;

  g_task_set_source_tag (task, ea_sealed_carry_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (!check_way (self, &error)
      || (exchange = ea_sealed_exchange_new (ea_span_from_bytes (sdu), originator,
                                             self->next_reference, &error))
             == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  self->next_reference++;
  if (cancellable != NULL)
    {
      exchange->cancelled = g_cancellable_source_new (cancellable);
      g_task_attach_source (task, exchange->cancelled, G_SOURCE_FUNC (on_cancelled));
    }
  ea_log_info (self->log,
               "A sealed packet of %" G_GSIZE_FORMAT " bytes goes to the card in %u ENVELOPEs",
               g_bytes_get_size (sdu), exchange->envelopes->len);
  exchange->task = g_steal_pointer (&task);
  g_queue_push_tail (&self->waiting, exchange);
  begin_next (self);
}

gboolean
ea_sealed_carry_finish (EaSealed *self, GAsyncResult *result, GBytes **answer, GError **error)
{
  g_autoptr (GError) failure = NULL;
  GBytes *bytes;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  bytes = g_task_propagate_pointer (G_TASK (result), &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  *answer = bytes;
  return TRUE;
}

/* Exchanges and envelopes keep the object: there are none. */
static void
ea_sealed_dispose (GObject *object)
{
  EaSealed *self = EA_SEALED (object);

  g_clear_object (&self->modem);
  g_clear_object (&self->card);
  G_OBJECT_CLASS (ea_sealed_parent_class)->dispose (object);
}

static void
ea_sealed_class_init (EaSealedClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_sealed_dispose;
}

/* The card may have a segment of an earlier life with a reference of that. */
static void
ea_sealed_init (EaSealed *self)
{
  g_queue_init (&self->waiting);
  self->unanswered
      = (EaRateLimit){ .burst = EA_SEALED_UNANSWERED_MAX, .interval_us = UNANSWERED_INTERVAL_US };
  self->next_reference = (guint8) g_random_int ();
}

EaSealed *
ea_sealed_new (EaModem *modem, EaCard *card, const EaLogContext *log)
{
  EaSealed *self = g_object_new (EA_TYPE_SEALED, NULL);

  self->modem = g_object_ref (modem);
  self->card = g_object_ref (card);
  self->log = log;
  g_signal_connect_object (modem, "card-changed", G_CALLBACK (on_card_changed), self, 0);
  g_signal_connect_object (modem, "refresh", G_CALLBACK (on_refresh), self, 0);
  return self;
}
