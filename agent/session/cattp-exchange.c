/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The packets of one CAT_TP session, from the SM-SR to whom they are for. The agent opens those that it has the key for; the
 * eUICC gets those that are whole TP-UDs. Nobody else does: a link says nothing of who is at its other end.
 */

#include "core/error.h"
#include "core/scp80.h"
#include "session/cattp-session-private.h"

/* Packets that wait for the card at most; the link is slowed down for more */
#define CARRIED_MAX 8

static void
remember_refusal (EaCattpSession *self, const GError *error)
{
  ea_session_set_error (self->session, error);
  g_clear_error (&self->refusal);
  self->refusal = g_error_copy (error);
  self->n_refused++;
}

static void
refuse (EaCattpSession *self, const GError *error)
{
  ea_log_warning (ea_session_get_log (self->session, self->context->log), EA_MESSAGE_PACKET_REFUSED,
                  "A packet of a CAT_TP link is refused: %s", error->message);
  ea_activity_count (self->context->activity, EA_COUNTER_PACKETS_REFUSED);
  ea_activity_fail_on_card (self->context->activity, error);
  remember_refusal (self, error);
}

gboolean
ea_cattp_session_has_refused_all (const EaCattpSession *self)
{
  return self->refusal != NULL && self->n_accepted == 0;
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
  if (is_carried)
    self->n_accepted++;
  else
    refuse (self, error);
  if (answer != NULL)
    {
      ea_attempts_note_progress (&self->attempts);
      g_queue_push_tail (&self->unsent, g_steal_pointer (&answer));
    }
  ea_cattp_session_send_answers (self);
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
  g_set_error (
      error, EA_SESSION_ERROR, EA_SESSION_ERROR_NO_KEY,
      "no key is held for TAR %06X and key set %u (Tars in the key file tells what a key set "
      "is for), and in this form it can't go to the eUICC",
      target.tar, target.key_set);
  return FALSE;
}

/* What the endpoint refuses it has counted and logged itself. */
static void
note_refusal (EaCattpSession *self)
{
  g_autoptr (GError) error = g_error_new_literal (
      EA_CORE_ERROR, EA_CORE_ERROR_SECURITY,
      "A packet under a key of the agent is refused: it is not genuine, or repeats another");

  remember_refusal (self, error);
}

static EaEndpointVerdict
give_to_agent (EaCattpSession *self, EaSpan packet)
{
  EaEndpointVerdict verdict
      = ea_endpoint_take_sdu (self->endpoint, packet, self->max_sdu, self->peer);

  if (verdict == EA_ENDPOINT_TAKEN)
    {
      self->n_accepted++;
      ea_attempts_note_progress (&self->attempts);
    }
  if (verdict == EA_ENDPOINT_REFUSED)
    note_refusal (self);
  return verdict;
}

/* Who sends a whole TP-UD means the eUICC by it, whatever keys the agent holds. */
EaEndpointVerdict
ea_cattp_session_take_sdu (EaCattpSession *self, GBytes *sdu)
{
  EaSpan packet = ea_span_from_bytes (sdu);
  g_autoptr (GError) error = NULL;

  if (self->endpoint == NULL || !self->context->is_ready || self->is_draining)
    return EA_ENDPOINT_LATER;
  if (ea_sealed_is_sealed_form (packet))
    return carry (self, sdu) ? EA_ENDPOINT_TAKEN : EA_ENDPOINT_LATER;
  if (is_for_agent (self, packet, &error))
    return give_to_agent (self, packet);
  refuse (self, error);
  return EA_ENDPOINT_REFUSED;
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
  ea_cattp_session_send_answers (self);
  ea_cattp_session_settle (self);
}

static void
on_room (EaCattpSession *self)
{
  if (self->link != NULL)
    ea_cattp_link_resume (self->link);
}

void
ea_cattp_session_leave_endpoint (EaCattpSession *self)
{
  if (self->endpoint == NULL)
    return;
  g_signal_handlers_disconnect_by_data (ea_endpoint_get_answers (self->endpoint), self);
  g_signal_handlers_disconnect_by_data (self->endpoint, self);
  g_clear_object (&self->endpoint);
}

void
ea_cattp_session_follow_endpoint (EaCattpSession *self)
{
  EaEndpoint *endpoint = self->context->endpoint;

  if (endpoint == self->endpoint)
    return;
  ea_cattp_session_leave_endpoint (self);
  g_set_object (&self->endpoint, endpoint);
  if (endpoint == NULL)
    return;
  ea_answers_take_up (ea_endpoint_get_answers (endpoint));
  g_signal_connect_object (ea_endpoint_get_answers (endpoint), "added", G_CALLBACK (on_answer),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (endpoint, "command-answered", G_CALLBACK (on_command_answered), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (endpoint, "room", G_CALLBACK (on_room), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (endpoint, "idle", G_CALLBACK (ea_cattp_session_settle), self,
                           G_CONNECT_SWAPPED);
}
