/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pauses before the role host is asked for again. */

#include "session/role-retry.h"

static gboolean
on_due (gpointer user_data)
{
  EaRoleRetry *self = user_data;

  self->source = 0;
  if (!self->ask (self->user_data))
    self->source = g_timeout_add_seconds (EA_ROLE_RETRY_BUSY_S, on_due, self);
  return G_SOURCE_REMOVE;
}

void
ea_role_retry_init (EaRoleRetry *self, EaRoleRetryFunc ask, gpointer user_data)
{
  *self = (EaRoleRetry){ .ask = ask, .user_data = user_data, .pause_s = EA_ROLE_RETRY_FIRST_S };
}

void
ea_role_retry_clear (EaRoleRetry *self)
{
  ea_role_retry_stop (self);
  ea_role_retry_begin_anew (self);
}

static gboolean
is_last_word (EaRoleRetry *self, EaModemRefusal refusal, const char *reason)
{
  const char *doubtful = refusal == EA_MODEM_REFUSAL_DOUBTFUL ? reason : NULL;

  if (g_strcmp0 (self->reason, doubtful) != 0)
    {
      g_free (self->reason);
      self->reason = g_strdup (doubtful);
      self->n_doubts = 0;
    }
  return doubtful != NULL && ++self->n_doubts >= EA_ROLE_RETRY_DOUBTS;
}

gboolean
ea_role_retry_note (EaRoleRetry *self, EaModemRefusal refusal, const char *reason)
{
  ea_role_retry_stop (self);
  if (refusal == EA_MODEM_REFUSAL_LASTING)
    {
      ea_role_retry_begin_anew (self);
      return FALSE;
    }
  if (is_last_word (self, refusal, reason))
    return FALSE;
  self->source = g_timeout_add_seconds (self->pause_s, on_due, self);
  self->pause_s = MIN (self->pause_s * 2, EA_ROLE_RETRY_LAST_S);
  return TRUE;
}

void
ea_role_retry_stop (EaRoleRetry *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
}

void
ea_role_retry_begin_anew (EaRoleRetry *self)
{
  self->pause_s = EA_ROLE_RETRY_FIRST_S;
  self->n_doubts = 0;
  g_clear_pointer (&self->reason, g_free);
}
