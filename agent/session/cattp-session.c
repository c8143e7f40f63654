/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The life of one CAT_TP session: links to the SM-SR, one after the other, until it has ended the session and has all
 * answers, or the retries are used up.
 */

#include "session/cattp-session.h"

#include "session/cattp-session-private.h"

/* Links over which answers are offered that the SM-SR ends as if all was well */
#define OFFERS_MAX 2

/* Packets of a link that nobody has a key for, or that are no packets */
#define REFUSALS_MAX 16

/* Times that the SM-SR may be silent for as long as it may be and be there, one after the other, while answers are owed */
#define STALLS_MAX 15

/* Keep-alives of a link within the time that the SM-SR may be silent */
#define KEEP_ALIVES 2

/* Bytes that answer them, and those that come of the SM-SR's own: more than that is a part of a packet. */
#define KEPT_ALIVE_SIZE 256

static void ea_cattp_session_implement (EaSessionRunnerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (EaCattpSession, ea_cattp_session, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (EA_TYPE_SESSION_RUNNER,
                                                      ea_cattp_session_implement))

static gboolean
is_over (EaCattpSession *self)
{
  return ea_session_get_state (self->session) >= EA_SESSION_CLOSING;
}

void
ea_cattp_session_show_progress (EaCattpSession *self)
{
  self->progress.bytes_sent = self->n_sent_before;
  self->progress.bytes_received = self->n_received_before;
  if (self->link != NULL)
    {
      self->progress.bytes_sent += ea_cattp_link_get_bytes_sent (self->link);
      self->progress.bytes_received += ea_cattp_link_get_bytes_received (self->link);
    }
  ea_session_set_progress (self->session, &self->progress);
}

/* What comes about and what is there; the way to other addresses stays. The SM-SR takes a session for over whose link
 * ends normally: with any other reason it waits for the next one. */
static void
drop_link (EaCattpSession *self, EaCattpResetReason reason)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->silence_id, g_source_remove);
  ea_attempts_stop (&self->attempts);
  if (self->link != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->link, self);
      ea_cattp_link_abort (self->link, reason);
      self->n_sent_before += ea_cattp_link_get_bytes_sent (self->link);
      self->n_received_before += ea_cattp_link_get_bytes_received (self->link);
    }
  g_clear_object (&self->link);
  ea_cattp_session_end_exchange (self);
}

/* The same with the bearer */
static void
leave (EaCattpSession *self, EaCattpResetReason reason)
{
  drop_link (self, reason);
  g_clear_object (&self->reach);
}

static void
forget (EaCattpSession *self)
{
  g_autoptr (GError) error = NULL;

  if (!ea_session_store_remove (self->store, &error))
    ea_log_error (ea_session_get_log (self->session, self->context->log), EA_MESSAGE_STORE_FAILED,
                  "A session that has ended can't be forgotten: %s", error->message);
}

static void
end (EaCattpSession *self, EaSessionResult result)
{
  g_object_ref (self); /* its owner lets go of what has ended */
  leave (self, EA_CATTP_RESET_NORMAL);
  ea_cattp_session_stop_carrying (self);
  ea_cattp_session_show_progress (self);
  ea_attempts_rest (&self->attempts, FALSE);
  forget (self);
  ea_session_end (self->session, result);
  ea_session_runner_tell_ended (EA_SESSION_RUNNER (self));
  g_object_unref (self);
}

static void
fail (EaCattpSession *self, const GError *error)
{
  g_autofree char *peer = ea_session_order_get_peer (self->order);

  ea_log_warning (ea_session_get_log (self->session, self->context->log), EA_MESSAGE_SESSION_FAILED,
                  "The CAT_TP session with %s has failed: %s", peer, error->message);
  ea_activity_count (self->context->activity, EA_COUNTER_SESSIONS_FAILED);
  end (self, EA_SESSION_FAILED);
}

/* The SM-SR may be content with a link on which nothing of what it wanted was done; its operator is not. */
static void
finish (EaCattpSession *self)
{
  g_autofree char *peer = ea_session_order_get_peer (self->order);

  ea_session_set_state (self->session, EA_SESSION_CLOSING);
  if (ea_cattp_session_has_refused_all (self))
    {
      fail (self, self->refusal);
      return;
    }
  ea_log_message (ea_session_get_log (self->session, self->context->log), EA_MESSAGE_SESSION_ENDED,
                  "The CAT_TP session with %s has ended, packets: %u", peer,
                  self->progress.scripts);
  ea_activity_count (self->context->activity, EA_COUNTER_SESSIONS_ENDED);
  end (self, EA_SESSION_OK);
}

void
ea_cattp_session_fail_attempt (EaCattpSession *self, const GError *error)
{
  leave (self, EA_CATTP_RESET_RETRIES);
  ea_cattp_session_show_progress (self);
  if (ea_attempts_fail (&self->attempts, error))
    (void) ea_attempts_wait (&self->attempts, error);
  else
    fail (self, error);
}

static void begin_attempt (gpointer session);

/* An answer that the card or the endpoint still owes is waited for; one that is there wants a link. */
void
ea_cattp_session_settle (EaCattpSession *self)
{
  if (self->context == NULL || is_over (self))
    return;
  ea_cattp_session_show_progress (self);
  if (self->is_draining && ea_session_runner_is_idle (EA_SESSION_RUNNER (self)))
    {
      leave (self, EA_CATTP_RESET_TEMPORARY);
      ea_session_runner_tell_idle (EA_SESSION_RUNNER (self));
    }
  if (!self->context->is_ready /* what is owed is known again when the card is there */
      || !self->has_ended || self->is_draining || self->link != NULL || self->cancellable != NULL
      || ea_attempts_is_waiting (&self->attempts))
    return;
  if (ea_cattp_session_has_ready_answers (self))
    begin_attempt (self);
  else if (!ea_cattp_session_has_answers (self))
    finish (self);
}

/* The SM-SR has ended the link without acknowledging answers: what did so may have been lost, and they are offered once
 * more. */
static gboolean
must_offer_again (EaCattpSession *self)
{
  return ++self->n_in_vain < OFFERS_MAX && ea_attempts_may_fail (&self->attempts);
}

static void
drop_unwanted_answers (EaCattpSession *self, const GError *error)
{
  drop_link (self, EA_CATTP_RESET_NORMAL);
  ea_cattp_session_drop_answers (self);
  ea_activity_fail (self->context->activity, error);
  ea_session_set_error (self->session, error);
}

static void
take_end (EaCattpSession *self)
{
  g_autoptr (GError) error = g_error_new_literal (
      EA_SESSION_ERROR, EA_SESSION_ERROR_LOST, "The SM-SR has ended the link without the answers");

  self->has_ended = TRUE;
  if (ea_cattp_session_has_ready_answers (self))
    {
      if (must_offer_again (self))
        {
          ea_cattp_session_fail_attempt (self, error);
          return;
        }
      drop_unwanted_answers (self, error);
    }
  leave (self, EA_CATTP_RESET_NORMAL);
  if (ea_cattp_session_has_answers (self))
    ea_session_set_state (self->session, EA_SESSION_WAITING);
  ea_cattp_session_settle (self);
}

static void reach_next (EaCattpSession *self);

/* A link that never opened has its address to blame: the SM-SR may have others. */
static void
fail_link (EaCattpSession *self, const GError *error)
{
  if (self->is_open)
    {
      ea_cattp_session_fail_attempt (self, error);
      return;
    }
  drop_link (self, EA_CATTP_RESET_RETRIES);
  ea_reach_note_refusal (self->reach, error);
  reach_next (self);
}

static void
on_closed (EaCattpLink *link, const GError *error, gpointer user_data)
{
  EaCattpSession *self = EA_CATTP_SESSION (user_data);

  if (error != NULL)
    fail_link (self, error);
  else
    take_end (self);
}

static gboolean on_silence (gpointer user_data);

static void
watch_silence (EaCattpSession *self)
{
  self->n_heard = ea_cattp_link_get_bytes_received (self->link);
  g_clear_handle_id (&self->silence_id, g_source_remove);
  self->silence_id = g_timeout_add_seconds (self->order->timeout_s, on_silence, self);
}

/* Bytes since the last look */
static guint64
hear (EaCattpSession *self)
{
  guint64 n_before = self->n_heard;

  self->n_heard = ea_cattp_link_get_bytes_received (self->link);
  return self->n_heard - n_before;
}

static void
end_idle_link (EaCattpSession *self)
{
  ea_log_info (ea_session_get_log (self->session, self->context->log),
               "The SM-SR has sent nothing for %u s: the CAT_TP link is ended",
               self->order->timeout_s);
  ea_cattp_link_close (self->link);
}

static void
give_link_up (EaCattpSession *self)
{
  g_autoptr (GError) error = ea_cattp_link_make_silence_error (self->link);

  fail_link (self, error);
}

/* An SM-SR that was started anew has forgotten the link, and is silent; one that is there has answered the keep-alive. The
 * link itself would go on for much longer. */
static gboolean
on_silence (gpointer user_data)
{
  EaCattpSession *self = user_data;
  guint64 n_bytes = hear (self);

  if ((n_bytes > KEPT_ALIVE_SIZE || (n_bytes > 0 && ea_cattp_session_has_answers (self)))
      && ++self->n_stalls <= STALLS_MAX)
    return G_SOURCE_CONTINUE;
  self->silence_id = 0;
  if (n_bytes > 0 && self->is_open)
    end_idle_link (self);
  else
    give_link_up (self);
  return G_SOURCE_REMOVE;
}

static void
note_life (EaCattpSession *self)
{
  watch_silence (self);
  self->n_stalls = 0;
  self->n_in_vain = 0;
}

static void
on_opened (EaCattpLink *link, guint max_sdu, gpointer user_data)
{
  EaCattpSession *self = EA_CATTP_SESSION (user_data);

  ea_session_set_state (self->session, EA_SESSION_EXCHANGING);
  self->has_ended = FALSE;
  ea_cattp_session_begin_exchange (self, max_sdu);
  watch_silence (self);
}

static void
give_stranger_up (EaCattpSession *self)
{
  g_autoptr (GError) error
      = g_error_new (EA_SESSION_ERROR, EA_SESSION_ERROR_NO_KEY,
                     "More than %d packets of a CAT_TP link are for nobody here", REFUSALS_MAX);

  fail_link (self, error);
}

static gboolean
on_sdu (EaCattpLink *link, GBytes *sdu, gpointer user_data)
{
  g_autoptr (EaCattpSession) self = g_object_ref (EA_CATTP_SESSION (user_data));
  EaEndpointVerdict verdict = ea_cattp_session_take_sdu (self, sdu);

  if (self->link != link) /* it was the last that was waited for */
    return TRUE;
  if (verdict == EA_ENDPOINT_TAKEN)
    {
      self->progress.scripts++;
      note_life (self);
      ea_cattp_session_show_progress (self);
    }
  else if (self->n_refused > REFUSALS_MAX)
    give_stranger_up (self);
  return verdict != EA_ENDPOINT_LATER;
}

static void
on_delivered (EaCattpLink *link, gpointer user_data)
{
  g_autoptr (EaCattpSession) self = g_object_ref (EA_CATTP_SESSION (user_data));

  ea_cattp_session_note_delivery (self);
  if (self->link != link) /* it was the last that was waited for */
    return;
  ea_attempts_note_progress (&self->attempts);
  note_life (self);
  ea_cattp_session_settle (self);
}

/* (transfer full): what the SYN says */
static GBytes *
get_identification (const EaSessionOrder *order)
{
  return order->identification != NULL ? g_bytes_ref (order->identification)
                                       : ea_bytes_from_hex (order->eid, NULL);
}

static void
open_link (EaCattpSession *self, EaLink *link)
{
  g_autoptr (GBytes) identification = get_identification (self->order);

  ea_session_set_state (self->session, EA_SESSION_HANDSHAKING);
  self->link = ea_cattp_link_new (link, self->order->cattp_port, self->order->max_sdu,
                                  ea_span_from_bytes (identification),
                                  self->order->timeout_s * 1000 / KEEP_ALIVES);
  g_signal_connect_object (self->link, "opened", G_CALLBACK (on_opened), self, 0);
  g_signal_connect_object (self->link, "sdu", G_CALLBACK (on_sdu), self, 0);
  g_signal_connect_object (self->link, "delivered", G_CALLBACK (on_delivered), self, 0);
  g_signal_connect_object (self->link, "closed", G_CALLBACK (on_closed), self, 0);
  watch_silence (self);
}

static void
on_reached (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaCattpSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (EaLink) link = ea_reach_next_finish (EA_REACH (source), result, &error);

  if (self->cancellable == NULL || g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;
  g_clear_object (&self->cancellable);
  if (link != NULL)
    open_link (self, link);
  else
    ea_cattp_session_fail_attempt (self, error);
}

static void
reach_next (EaCattpSession *self)
{
  self->cancellable = g_cancellable_new ();
  ea_reach_next_async (self->reach, self->cancellable, on_reached, g_object_ref (self));
}

static void
begin_attempt (gpointer session)
{
  EaCattpSession *self = session;

  leave (self, EA_CATTP_RESET_TEMPORARY);
  ea_attempts_begin (&self->attempts);
  self->reach = ea_reach_new (self->context, self->order, self->session, EA_LINK_UDP);
  reach_next (self);
}

/* A session that the modem's going has stopped goes on at once. */
static void
ea_cattp_session_resume (EaSessionRunner *runner)
{
  EaCattpSession *self = EA_CATTP_SESSION (runner);

  if (!self->has_begun || is_over (self))
    return;
  ea_cattp_session_follow_endpoint (self);
  if (self->link != NULL)
    ea_cattp_link_resume (self->link);
  else if (self->has_ended)
    ea_cattp_session_settle (self);
  else if (self->cancellable == NULL && !ea_attempts_is_waiting (&self->attempts))
    begin_attempt (self);
}

static void
ea_cattp_session_start (EaSessionRunner *runner)
{
  EaCattpSession *self = EA_CATTP_SESSION (runner);
  g_autofree char *peer = ea_session_order_get_peer (self->order);

  if (!self->has_begun)
    {
      self->has_begun = TRUE;
      ea_log_info (ea_session_get_log (self->session, self->context->log),
                   "A CAT_TP session with %s begins", peer);
      ea_activity_count (self->context->activity, EA_COUNTER_SESSIONS_OPENED);
    }
  ea_cattp_session_resume (runner);
}

static void
ea_cattp_session_wake (EaSessionRunner *runner)
{
  ea_attempts_wake (&EA_CATTP_SESSION (runner)->attempts);
}

/* Packets wait on the link until the card is there again. */
static void
ea_cattp_session_suspend (EaSessionRunner *runner)
{
}

static void
ea_cattp_session_detach (EaSessionRunner *runner)
{
  EaCattpSession *self = EA_CATTP_SESSION (runner);

  leave (self, EA_CATTP_RESET_TEMPORARY);
  ea_cattp_session_stop_carrying (self);
  ea_cattp_session_leave_endpoint (self);
  ea_attempts_rest (&self->attempts, self->has_begun && !is_over (self));
}

static void
ea_cattp_session_drain (EaSessionRunner *runner)
{
  EaCattpSession *self = EA_CATTP_SESSION (runner);

  self->is_draining = TRUE;
  ea_attempts_stop (&self->attempts);
  if (ea_session_runner_is_idle (runner))
    leave (self, EA_CATTP_RESET_TEMPORARY);
}

/* What the card has got, it is to answer; and the SM-SR is to hear of it. */
static gboolean
ea_cattp_session_is_idle (EaSessionRunner *runner)
{
  EaCattpSession *self = EA_CATTP_SESSION (runner);

  return self->n_carried == 0
         && (self->link == NULL || (self->sending.length == 0 && self->unsent.length == 0));
}

static EaSession *
ea_cattp_session_get_session (EaSessionRunner *runner)
{
  return EA_CATTP_SESSION (runner)->session;
}

static const EaSessionOrder *
ea_cattp_session_get_order (EaSessionRunner *runner)
{
  return EA_CATTP_SESSION (runner)->order;
}

static void
on_cancelled (EaSession *session, gpointer user_data)
{
  EaCattpSession *self = EA_CATTP_SESSION (user_data);
  g_autoptr (GError) error = ea_session_make_cancel_error (session);

  ea_session_set_error (session, error);
  ea_session_set_state (session, EA_SESSION_CLOSING);
  end (self, EA_SESSION_WAS_CANCELLED);
}

static void
ea_cattp_session_dispose (GObject *object)
{
  EaCattpSession *self = EA_CATTP_SESSION (object);

  if (self->context != NULL)
    {
      leave (self, EA_CATTP_RESET_TEMPORARY);
      ea_attempts_rest (&self->attempts, FALSE);
    }
  ea_cattp_session_stop_carrying (self);
  ea_cattp_session_leave_endpoint (self);
  self->context = NULL;
  g_signal_handlers_disconnect_by_data (self->session, self);
  G_OBJECT_CLASS (ea_cattp_session_parent_class)->dispose (object);
}

static void
ea_cattp_session_finalize (GObject *object)
{
  EaCattpSession *self = EA_CATTP_SESSION (object);

  ea_session_store_free (self->store);
  ea_session_order_free (self->order);
  g_free (self->peer);
  g_clear_error (&self->refusal);
  g_object_unref (self->session);
  G_OBJECT_CLASS (ea_cattp_session_parent_class)->finalize (object);
}

static void
ea_cattp_session_implement (EaSessionRunnerInterface *iface)
{
  iface->get_session = ea_cattp_session_get_session;
  iface->get_order = ea_cattp_session_get_order;
  iface->start = ea_cattp_session_start;
  iface->wake = ea_cattp_session_wake;
  iface->suspend = ea_cattp_session_suspend;
  iface->resume = ea_cattp_session_resume;
  iface->detach = ea_cattp_session_detach;
  iface->drain = ea_cattp_session_drain;
  iface->is_idle = ea_cattp_session_is_idle;
}

static void
ea_cattp_session_class_init (EaCattpSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ea_cattp_session_dispose;
  object_class->finalize = ea_cattp_session_finalize;
}

static void
ea_cattp_session_init (EaCattpSession *self)
{
  g_queue_init (&self->sending);
  g_queue_init (&self->unsent);
}

EaCattpSession *
ea_cattp_session_new (const EaSessionContext *context, EaSessionOrder *order, EaSessionStore *store)
{
  EaCattpSession *self = g_object_new (EA_TYPE_CATTP_SESSION, NULL);
  g_autofree char *peer = ea_session_order_get_peer (order);

  self->context = context;
  self->order = order;
  self->peer = ea_session_order_get_cattp_peer (order);
  self->store = store;
  self->session = ea_session_new (EA_SESSION_CAT_TP, order->origin, peer);
  ea_attempts_init (&self->attempts, context, self->session, order, begin_attempt, self);
  g_signal_connect_object (self->session, "cancelled", G_CALLBACK (on_cancelled), self, 0);
  return self;
}
