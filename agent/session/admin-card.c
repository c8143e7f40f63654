/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The commands of an HTTPS session on the card. They come while their script is on its way, so the card has many short
 * runs, all on one logical channel: the target's state, a secure channel with it perhaps, stays from one to the next.
 */

#include "session/admin-session-private.h"

static gboolean
is_over (EaAdminSession *self)
{
  return ea_session_get_state (self->session) >= EA_SESSION_CLOSING;
}

/* No other card gets a command of this session. */
static gboolean
has_card (EaAdminSession *self)
{
  return self->context != NULL && self->context->is_ready && self->context->card != NULL
         && g_strcmp0 (self->context->eid, self->order->eid) == 0;
}

static gboolean
goes_on (EaAdminSession *self)
{
  return has_card (self) && !is_over (self) && !self->has_lost_channel && !self->is_draining;
}

/* The application that @self->channel is for is the target still. */
static gboolean
has_target (EaAdminSession *self)
{
  return self->aid != NULL
         && ea_span_equal (ea_span_from_bytes (self->aid), ea_admin_get_target (self->admin));
}

static GBytes *
pull_command (gpointer user_data)
{
  EaAdminSession *self = user_data;
  EaSpan apdu;

  if (!goes_on (self) || !has_target (self) || !ea_admin_peek_command (self->admin, &apdu))
    return NULL;
  ea_admin_start_command (self->admin);
  if (!ea_admin_session_save (self) || !ea_admin_peek_command (self->admin, &apdu))
    return NULL;
  self->is_given = TRUE;
  return ea_span_to_bytes (apdu);
}

static void
push_response (GBytes *response, gpointer user_data)
{
  EaAdminSession *self = user_data;

  self->is_given = FALSE;
  if (self->context != NULL)
    ea_activity_count (self->context->activity, EA_COUNTER_APDUS);
  ea_admin_push_response (self->admin, ea_span_from_bytes (response));
  if (!is_over (self))
    ea_admin_session_show_progress (self);
}

static gboolean
keeps_channel (gpointer user_data)
{
  return goes_on (user_data);
}

void
ea_admin_session_release_channel (EaAdminSession *self)
{
  if (self->channel != 0 && self->context->card != NULL)
    ea_card_close_channel (self->context->card, self->channel);
  self->channel = 0;
}

void
ea_admin_session_forget_channel (EaAdminSession *self)
{
  self->has_lost_channel |= self->is_on_card;
  if (self->channel == 0 || self->is_on_card)
    return;
  self->channel = 0;
  ea_admin_lose_channel (self->admin);
}

static gboolean
on_channel_retry (gpointer user_data)
{
  EaAdminSession *self = user_data;

  self->channel_retry_id = 0;
  ea_admin_session_pump (self);
  return G_SOURCE_REMOVE;
}

void
ea_admin_session_try_again (EaAdminSession *self)
{
  if (self->channel_retry_id == 0 && !is_over (self) && !self->is_draining)
    self->channel_retry_id
        = g_timeout_add (EA_ADMIN_SESSION_CHANNEL_INTERVAL_MS, on_channel_retry, self);
}

/* What the SM-SR is told when there is no channel for the target */
static EaAdminStatus
get_refusal (EaAdminSession *self, const GError *error)
{
  if (error->domain != EA_MODEM_ERROR)
    return EA_ADMIN_STATUS_UNAVAILABLE_SE;
  switch ((EaModemError) error->code)
    {
    case EA_MODEM_ERROR_NO_APPLICATION:
      return EA_ADMIN_STATUS_UNKNOWN_APPLICATION;
    case EA_MODEM_ERROR_ACCESS_DENIED:
    case EA_MODEM_ERROR_UNSUPPORTED:
      return EA_ADMIN_STATUS_UNAVAILABLE_SE;
    case EA_MODEM_ERROR_CARD_ABSENT:
    case EA_MODEM_ERROR_GONE:
      return EA_ADMIN_STATUS_NONE;
    case EA_MODEM_ERROR_FAILED:
    case EA_MODEM_ERROR_CLIENT_IDS_EXHAUSTED:
    case EA_MODEM_ERROR_BUSY:
    case EA_MODEM_ERROR_TIMEOUT:
    case EA_MODEM_ERROR_NO_PROXY:
    case EA_MODEM_ERROR_PROTOCOL:
    case EA_MODEM_ERROR_NO_SERVICE:
    case EA_MODEM_ERROR_NETWORK:
      break;
    }
  return ++self->n_refused < EA_ADMIN_SESSION_CHANNEL_TRIES_MAX
             ? EA_ADMIN_STATUS_NONE
             : EA_ADMIN_STATUS_TEMPORARILY_UNAVAILABLE_APPLICATION;
}

static void
note_no_application (EaAdminSession *self)
{
  g_autofree char *aid = ea_span_to_hex (ea_span_from_bytes (self->aid));
  g_autoptr (GError) error
      = g_error_new (EA_SESSION_ERROR, EA_SESSION_ERROR_NO_APPLICATION,
                     "A script is for the application %s, which the card does not have", aid);

  ea_session_set_error (self->session, error);
}

/* The channel did not open. */
static void
take_refusal (EaAdminSession *self, const GError *error)
{
  EaAdminStatus refusal = get_refusal (self, error);

  ea_activity_fail_on_card (self->context->activity, error);
  if (refusal == EA_ADMIN_STATUS_UNKNOWN_APPLICATION)
    note_no_application (self);
  else
    ea_session_set_error (self->session, error);
  if (refusal == EA_ADMIN_STATUS_NONE)
    {
      ea_admin_session_try_again (self);
      return;
    }
  ea_log_warning (ea_session_get_log (self->session, self->context->log), EA_MESSAGE_SCRIPT_FAILED,
                  "A script is not carried out: %s", error->message);
  ea_admin_refuse (self->admin, refusal);
}

/* @error: (nullable): why the run has ended early */
static void
take_outcome (EaAdminSession *self, const GError *error)
{
  if (self->is_given)
    {
      self->is_given = FALSE;
      ea_activity_fail_on_card (self->context->activity, error);
      if (!is_over (self))
        ea_session_set_error (self->session, error);
      ea_admin_interrupt (self->admin);
    }
  else if (error != NULL && !is_over (self))
    take_refusal (self, error);
  if (self->has_lost_channel)
    self->channel = 0;
  if (self->channel == 0)
    ea_admin_lose_channel (self->admin);
  else
    self->n_refused = 0;
  self->has_lost_channel = FALSE;
}

static void
on_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaAdminSession) self = user_data;
  g_autoptr (GError) error = NULL;

  (void) ea_card_run_script_finish (EA_CARD (source), result, &self->channel, &error);
  self->is_on_card = FALSE;
  if (self->context == NULL)
    return;
  take_outcome (self, error);
  if (ea_session_get_state (self->session) == EA_SESSION_CLOSED)
    ea_admin_session_release_channel (self); /* one that was kept, after all */
  if (self->is_draining && ea_session_get_state (self->session) != EA_SESSION_CLOSED)
    {
      (void) ea_admin_session_save_now (self); /* as far as it goes */
      ea_admin_session_release_channel (self);
    }
  ea_admin_session_pump (self);
  ea_session_runner_tell_idle (EA_SESSION_RUNNER (self));
}

static void
run (EaAdminSession *self)
{
  static const EaCardScript script
      = { .pull = pull_command, .push = push_response, .keeps_channel = keeps_channel };

  if (self->channel != 0 && !has_target (self))
    ea_admin_session_release_channel (self);
  g_clear_pointer (&self->aid, g_bytes_unref);
  self->aid = ea_span_to_bytes (ea_admin_get_target (self->admin));
  self->is_on_card = TRUE;
  ea_card_run_script_async (self->context->card, self->aid, self->channel, &script, self, NULL,
                            on_run, g_object_ref (self));
}

void
ea_admin_session_pump_card (EaAdminSession *self)
{
  EaSpan apdu;

  if (self->is_on_card || self->channel_retry_id != 0 || !goes_on (self)
      || !ea_admin_peek_command (self->admin, &apdu))
    return;
  run (self);
}
