/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The answers of one CAT_TP session, from whoever gives them to the SM-SR, over one link or another. */

#include "session/cattp-session-private.h"

static EaAnswers *
get_answers (EaCattpSession *self)
{
  return self->endpoint != NULL ? ea_endpoint_get_answers (self->endpoint) : NULL;
}

/* The peer of this link takes less than that of the one before. */
static gboolean
is_too_large (EaCattpSession *self, GBytes *answer)
{
  return g_bytes_get_size (answer) > self->max_sdu;
}

/* Nobody keeps an answer of the card but the session. */
static void
lose (EaCattpSession *self, GBytes *answer)
{
  ea_log_warning (ea_session_get_log (self->session, self->context->log), EA_MESSAGE_RESPONSE_LOST,
                  "An answer of %" G_GSIZE_FORMAT " bytes is lost: the SM-SR takes %u",
                  g_bytes_get_size (answer), self->max_sdu);
}

/* Anybody can say what the SM-SR takes: that is no reason to forget the answer. */
static void
put_aside (EaCattpSession *self, GBytes *answer, guint64 number)
{
  ea_log_warning (ea_session_get_log (self->session, self->context->log), NULL,
                  "An answer of %" G_GSIZE_FORMAT " bytes waits for another session: in this one "
                  "the SM-SR takes %u",
                  g_bytes_get_size (answer), self->max_sdu);
  ea_answers_put_aside (get_answers (self), number);
}

/* A link that takes no more now gets the rest when it has delivered something. */
static gboolean
send_answer (EaCattpSession *self, GBytes *answer, const EaCattpSending *sending)
{
  g_autoptr (GError) error = NULL;

  if (!ea_cattp_link_send (self->link, answer, &error))
    {
      ea_log_info (ea_session_get_log (self->session, self->context->log),
                   "An answer waits for the CAT_TP link: %s", error->message);
      return FALSE;
    }
  g_queue_push_tail (&self->sending, g_memdup2 (sending, sizeof *sending));
  return TRUE;
}

static void
send_card_answers (EaCattpSession *self)
{
  while (self->unsent.length > 0)
    {
      g_autoptr (GBytes) answer = g_queue_pop_head (&self->unsent);
      const EaCattpSending sending = { .answer = answer };

      if (is_too_large (self, answer))
        {
          lose (self, answer);
          continue;
        }
      if (!send_answer (self, answer, &sending))
        {
          g_queue_push_head (&self->unsent, g_steal_pointer (&answer));
          return;
        }
      (void) g_steal_pointer (&answer); /* it is kept until the SM-SR has it */
    }
}

static void
forget_answer (EaCattpSession *self, guint64 number)
{
  EaAnswers *answers = get_answers (self);
  g_autoptr (GError) error = NULL;

  if (answers == NULL || ea_answers_remove (answers, number, &error))
    return;
  ea_log_error (ea_session_get_log (self->session, self->context->log), EA_MESSAGE_STORE_FAILED,
                "An answer can't be forgotten: %s", error->message);
  ea_activity_fail (self->context->activity, error);
}

static void
send_durable_answers (EaCattpSession *self)
{
  EaAnswers *answers = get_answers (self);

  while (answers != NULL && self->sending.length < EA_ANSWERS_MAX)
    {
      EaCattpSending sending = { 0 };
      g_autoptr (GBytes) answer = ea_answers_hand_out (answers, self->peer, &sending.number);

      if (answer == NULL)
        return;
      if (is_too_large (self, answer))
        put_aside (self, answer, sending.number);
      else if (!send_answer (self, answer, &sending))
        return;
    }
}

void
ea_cattp_session_send_answers (EaCattpSession *self)
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
  self->n_refused = 0;
  ea_cattp_session_send_answers (self);
}

/* The card gives its answers only once: they are the first on the next link. */
static void
take_back (EaCattpSession *self)
{
  EaAnswers *answers = get_answers (self);

  while (self->sending.length > 0)
    {
      g_autofree EaCattpSending *sending = g_queue_pop_tail (&self->sending);

      if (sending->answer != NULL)
        g_queue_push_head (&self->unsent, sending->answer);
    }
  if (answers != NULL)
    ea_answers_take_back (answers);
}

void
ea_cattp_session_end_exchange (EaCattpSession *self)
{
  self->is_open = FALSE;
  take_back (self);
}

void
ea_cattp_session_note_delivery (EaCattpSession *self)
{
  g_autofree EaCattpSending *sending = g_queue_pop_head (&self->sending);

  if (sending != NULL && sending->answer == NULL)
    forget_answer (self, sending->number);
  if (sending != NULL)
    g_clear_pointer (&sending->answer, g_bytes_unref);
  ea_cattp_session_send_answers (self);
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
      g_autoptr (GBytes) answer = ea_answers_hand_out (answers, self->peer, &number);

      if (answer == NULL)
        break;
      forget_answer (self, number);
    }
  ea_log_warning (ea_session_get_log (self->session, self->context->log), EA_MESSAGE_RESPONSE_LOST,
                  "The SM-SR ends the link instead of taking answers, which are dropped: %u",
                  n_dropped);
}

gboolean
ea_cattp_session_has_ready_answers (EaCattpSession *self)
{
  EaAnswers *answers = get_answers (self);

  return self->unsent.length > 0 || (answers != NULL && !ea_answers_is_empty (answers, self->peer));
}

gboolean
ea_cattp_session_has_answers (EaCattpSession *self)
{
  return self->n_carried > 0 || !self->context->is_ready
         || ea_cattp_session_has_ready_answers (self)
         || (self->endpoint != NULL && ea_endpoint_owes_answers (self->endpoint, self->peer));
}
