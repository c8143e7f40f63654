/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The packets of one CAT_TP session, from the SM-SR to whom they are for, and their answers back. The agent opens those that
 * it has the key for; the eUICC gets those that are whole TP-UDs.
 */

#include "core/error.h"
#include "core/scp80.h"
#include "session/cattp-session-private.h"

/* Packets that wait for the card at most; the link is slowed down for more */
#define CARRIED_MAX 8

static EaAnswers *
get_answers (EaCattpSession *self)
{
  return self->endpoint != NULL ? ea_endpoint_get_answers (self->endpoint) : NULL;
}

/* The peer of this link takes less than that of the one before. */
static gboolean
is_too_large (EaCattpSession *self, GBytes *answer)
{
  gsize size = g_bytes_get_size (answer);

  if (size <= self->max_sdu)
    return FALSE;
  ea_log_warning (self->context->log, EA_MESSAGE_RESPONSE_LOST,
                  "An answer of %" G_GSIZE_FORMAT " bytes is lost: the SM-SR takes %u", size,
                  self->max_sdu);
  return TRUE;
}

/* A link that takes no more now gets the rest when it has delivered something. */
static gboolean
send_answer (EaCattpSession *self, GBytes *answer, gboolean is_durable, guint64 number)
{
  g_autoptr (GError) error = NULL;
  EaCattpSending *sending;

  if (!ea_cattp_link_send (self->link, answer, &error))
    {
      ea_log_info (self->context->log, "An answer waits for the CAT_TP link: %s", error->message);
      return FALSE;
    }
  sending = g_new (EaCattpSending, 1);
  *sending = (EaCattpSending){ .is_durable = is_durable, .number = number };
  g_queue_push_tail (&self->sending, sending);
  return TRUE;
}

static void
send_card_answers (EaCattpSession *self)
{
  while (self->unsent.length > 0)
    {
      GBytes *answer = g_queue_peek_head (&self->unsent);

      if (!is_too_large (self, answer) && !send_answer (self, answer, FALSE, 0))
        return;
      g_bytes_unref (g_queue_pop_head (&self->unsent));
    }
}

static void
forget_answer (EaCattpSession *self, guint64 number)
{
  EaAnswers *answers = get_answers (self);
  g_autoptr (GError) error = NULL;

  if (answers == NULL || ea_answers_remove (answers, number, &error))
    return;
  ea_log_error (self->context->log, EA_MESSAGE_STORE_FAILED, "An answer can't be forgotten: %s",
                error->message);
  ea_activity_fail (self->context->activity, error);
}

static void
send_durable_answers (EaCattpSession *self)
{
  EaAnswers *answers = get_answers (self);

  while (answers != NULL && self->sending.length < EA_ANSWERS_MAX)
    {
      guint64 number;
      g_autoptr (GBytes) answer = ea_answers_hand_out (answers, &number);

      if (answer == NULL)
        return;
      if (is_too_large (self, answer))
        forget_answer (self, number);
      else if (!send_answer (self, answer, TRUE, number))
        return;
    }
}

static void
send_answers (EaCattpSession *self)
{
  if (!self->is_open)
    return;
  send_card_answers (self);
  send_durable_answers (self);
}

void
ea_cattp_session_begin_exchange (EaCattpSession *self, guint max_sdu)
{
  self->is_open = TRUE;
  self->max_sdu = max_sdu;
  send_answers (self);
}

void
ea_cattp_session_end_exchange (EaCattpSession *self)
{
  EaAnswers *answers = get_answers (self);

  self->is_open = FALSE;
  g_queue_clear_full (&self->sending, g_free);
  if (answers != NULL)
    ea_answers_take_back (answers);
}

void
ea_cattp_session_note_delivery (EaCattpSession *self)
{
  g_autofree EaCattpSending *sending = g_queue_pop_head (&self->sending);

  if (sending != NULL && sending->is_durable)
    forget_answer (self, sending->number);
  send_answers (self);
}

void
ea_cattp_session_drop_answers (EaCattpSession *self)
{
  EaAnswers *answers = get_answers (self);
  guint n_dropped = self->unsent.length;

  g_queue_clear_full (&self->unsent, (GDestroyNotify) g_bytes_unref);
  for (; answers != NULL; n_dropped++)
    {
      guint64 number;
      g_autoptr (GBytes) answer = ea_answers_hand_out (answers, &number);

      if (answer == NULL)
        break;
      forget_answer (self, number);
    }
  ea_log_warning (self->context->log, EA_MESSAGE_RESPONSE_LOST,
                  "The SM-SR ends the link instead of taking answers, which are dropped: %u",
                  n_dropped);
}

gboolean
ea_cattp_session_has_ready_answers (EaCattpSession *self)
{
  EaAnswers *answers = get_answers (self);

  return self->unsent.length > 0 || (answers != NULL && !ea_answers_is_empty (answers));
}

gboolean
ea_cattp_session_has_answers (EaCattpSession *self)
{
  return self->n_carried > 0 || ea_cattp_session_has_ready_answers (self)
         || (self->endpoint != NULL && !ea_endpoint_is_idle (self->endpoint));
}

/* The answer of the card may find another link than its packet came on. */
static void
on_carried (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaCattpSession) self = user_data;
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_carried = ea_sealed_carry_finish (EA_SEALED (source), result, &answer, &error);

  if (self->context == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->n_carried--;
  if (!is_carried)
    {
      ea_log_warning (self->context->log, EA_MESSAGE_RESPONSE_LOST,
                      "A packet for the eUICC has no answer: %s", error->message);
      ea_activity_fail (self->context->activity, error);
      ea_session_set_error (self->session, error);
    }
  if (answer != NULL)
    g_queue_push_tail (&self->unsent, g_steal_pointer (&answer));
  send_answers (self);
  if (self->link != NULL)
    ea_cattp_link_resume (self->link);
  ea_cattp_session_settle (self);
}

void
ea_cattp_session_stop_carrying (EaCattpSession *self)
{
  g_cancellable_cancel (self->carrying);
  g_clear_object (&self->carrying);
  self->n_carried = 0;
  g_queue_clear_full (&self->unsent, (GDestroyNotify) g_bytes_unref);
}

static gboolean
carry (EaCattpSession *self, GBytes *sdu)
{
  const char *originator
      = ea_config_get (self->context->config, "sm-sr", self->order->name, "SealedOriginator");

  if (self->n_carried >= CARRIED_MAX)
    return FALSE;
  if (self->carrying == NULL)
    self->carrying = g_cancellable_new ();
  self->n_carried++;
  ea_sealed_carry_async (self->context->sealed, sdu, originator, self->carrying, on_carried,
                         g_object_ref (self));
  return TRUE;
}

static void
refuse (EaCattpSession *self, const char *why)
{
  g_autoptr (GError) error
      = g_error_new (EA_SESSION_ERROR, EA_SESSION_ERROR_NO_KEY, "A packet is refused: %s", why);

  ea_log_warning (self->context->log, EA_MESSAGE_PACKET_REFUSED, "%s", error->message);
  ea_activity_count (self->context->activity, EA_COUNTER_PACKETS_REFUSED);
  ea_activity_fail (self->context->activity, error);
  ea_session_set_error (self->session, error);
}

/* The packet in the form of CAT_TP (TS 102 225 §5.1) */
static gboolean
is_for_agent (EaCattpSession *self, EaSpan sdu, GError **error)
{
  EaScp80Packet packet;
  EaScp80Target target;

  if (!ea_scp80_parse (&packet, EA_SCP80_COMMAND, EA_SCP80_FORM_CAT_TP, sdu, error))
    return FALSE;
  target = ea_scp80_get_target (&packet.header);
  if (ea_endpoint_holds_key (self->endpoint, &target))
    return TRUE;
  g_set_error (error, EA_SESSION_ERROR, EA_SESSION_ERROR_NO_KEY,
               "no key is held for TAR %06X and key set %u, and in this form it can't go to the "
               "eUICC",
               target.tar, target.key_set);
  return FALSE;
}

gboolean
ea_cattp_session_take_sdu (EaCattpSession *self, GBytes *sdu)
{
  EaSpan packet = ea_span_from_bytes (sdu);
  g_autoptr (GError) error = NULL;

  if (self->endpoint == NULL || !self->context->is_ready)
    return FALSE;
  if (ea_sealed_is_sealed_form (packet))
    return carry (self, sdu);
  if (is_for_agent (self, packet, &error))
    return ea_endpoint_take_sdu (self->endpoint, packet, self->max_sdu) != EA_ENDPOINT_LATER;
  refuse (self, error->message);
  return TRUE;
}

static void
on_command_answered (EaCattpSession *self)
{
  self->progress.apdus++;
  ea_cattp_session_show_progress (self);
}

static void
on_answer (EaCattpSession *self)
{
  send_answers (self);
  ea_cattp_session_settle (self);
}

static void
on_room (EaCattpSession *self)
{
  if (self->link != NULL)
    ea_cattp_link_resume (self->link);
}

void
ea_cattp_session_follow_endpoint (EaCattpSession *self)
{
  EaEndpoint *endpoint = self->context != NULL ? self->context->endpoint : NULL;

  if (endpoint == self->endpoint)
    return;
  if (self->endpoint != NULL)
    {
      g_signal_handlers_disconnect_by_data (ea_endpoint_get_answers (self->endpoint), self);
      g_signal_handlers_disconnect_by_data (self->endpoint, self);
    }
  g_set_object (&self->endpoint, endpoint);
  if (endpoint == NULL)
    return;
  g_signal_connect_object (ea_endpoint_get_answers (endpoint), "added", G_CALLBACK (on_answer),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (endpoint, "command-answered", G_CALLBACK (on_command_answered), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (endpoint, "room", G_CALLBACK (on_room), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (endpoint, "idle", G_CALLBACK (ea_cattp_session_settle), self,
                           G_CONNECT_SWAPPED);
}
