/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session/attempts.h"

#define INHIBITOR_REASON "A session with the SM-SR is open"

void
ea_attempts_init (EaAttempts *self, const EaSessionContext *context, EaSession *session,
                  const EaSessionOrder *order, EaAttemptFunc begin, gpointer user_data)
{
  *self = (EaAttempts){
    .context = context,
    .session = session,
    .retry = &order->retry,
    .begin = begin,
    .user_data = user_data,
  };
}

static void
set_awake (EaAttempts *self, gboolean is_awake)
{
  if (self->context->inhibitor == NULL || self->is_awake == is_awake)
    return;
  self->is_awake = is_awake;
  if (is_awake)
    ea_inhibitor_hold (self->context->inhibitor, INHIBITOR_REASON);
  else
    ea_inhibitor_release (self->context->inhibitor);
}

void
ea_attempts_begin (EaAttempts *self)
{
  ea_attempts_stop (self);
  set_awake (self, TRUE);
  ea_session_set_attempt (self->session, ++self->number, 0);
}

void
ea_attempts_note_progress (EaAttempts *self)
{
  self->n_failures = 0;
}

gboolean
ea_attempts_fail (EaAttempts *self, const GError *error)
{
  ea_activity_fail (self->context->activity, error);
  ea_session_set_error (self->session, error);
  self->n_failures++;
  return ea_admin_retry_is_allowed (self->retry, self->n_failures);
}

gboolean
ea_attempts_may_fail (const EaAttempts *self)
{
  return ea_admin_retry_is_allowed (self->retry, self->n_failures + 1);
}

static gboolean
on_due (gpointer user_data)
{
  EaAttempts *self = user_data;

  self->retry_id = 0;
  self->begin (self->user_data);
  return G_SOURCE_REMOVE;
}

guint64
ea_attempts_wait (EaAttempts *self, const GError *error)
{
  guint64 delay_ms = ea_admin_retry_get_delay_ms (self->retry, self->n_failures, g_random_int ());

  ea_log_info (ea_session_get_log (self->session, self->context->log),
               "An attempt has failed, the next one is in %" G_GUINT64_FORMAT " s: %s",
               delay_ms / 1000, error->message);
  set_awake (self, FALSE);
  ea_session_set_attempt (self->session, self->number,
                          (guint64) g_get_real_time () + delay_ms * 1000);
  ea_session_set_state (self->session, EA_SESSION_WAITING);
  self->retry_id = g_timeout_add ((guint) MIN (delay_ms, G_MAXUINT), on_due, self);
  return delay_ms;
}

gboolean
ea_attempts_is_waiting (const EaAttempts *self)
{
  return self->retry_id != 0;
}

void
ea_attempts_wake (EaAttempts *self)
{
  if (self->retry_id != 0)
    self->begin (self->user_data);
}

void
ea_attempts_stop (EaAttempts *self)
{
  g_clear_handle_id (&self->retry_id, g_source_remove);
}

void
ea_attempts_rest (EaAttempts *self, gboolean is_shown)
{
  ea_attempts_stop (self);
  set_awake (self, FALSE);
  if (!is_shown)
    return;
  ea_session_set_attempt (self->session, self->number, 0);
  ea_session_set_state (self->session, EA_SESSION_WAITING);
}
