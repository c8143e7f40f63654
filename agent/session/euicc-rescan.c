/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Looking again at what is there: when somebody asks for it, or since the role was refused by what may be over soon. */

#include <string.h>

#include "session/euicc-private.h"

/* (nullable): static: why the modem can't be let go of now */
static const char *
get_hindrance (EaEuicc *self)
{
  if (self->close_task != NULL)
    return "the agent is about to end";
  if (self->n_channels > 0)
    return "the eUICC has a data channel open";
  if (ea_sessions_is_talking (self->sessions))
    return "a session is under way";
  if (ea_recovery_get_step (self->recovery) != EA_SWITCH_STEP_NONE
      || strcmp (self->state, "refreshing") == 0)
    return "a switch of the profile is under way";
  if (self->toolkit != NULL
      && !(ea_ota_is_idle (self->ota) && ea_toolkit_is_idle (self->toolkit)
           && ea_sessions_is_idle (self->sessions)))
    return "something is on its way between network and card";
  return NULL;
}

static void
look_again (EaEuicc *self, const char *why)
{
  ea_log_message (&self->context, NULL, "The modem is probed anew, as %s", why);
  if (self->identity != NULL)
    ea_identity_stop (self->identity);
  ea_euicc_set_state (self, "initializing", "the modem is being probed");
  ea_attachment_renew (self->attachment);
}

/* What is under way is not disturbed for it. */
static gboolean
on_role_retry (gpointer user_data)
{
  EaEuicc *self = user_data;

  if (get_hindrance (self) != NULL)
    return G_SOURCE_CONTINUE;
  self->role_id = 0;
  look_again (self, "what has refused the role host may be over");
  return G_SOURCE_REMOVE;
}

void
ea_euicc_watch_role (EaEuicc *self)
{
  if (!ea_modem_is_role_passing (self->modem))
    {
      self->role_pause_s = EA_EUICC_ROLE_RETRY_FIRST_S;
      return;
    }
  g_clear_handle_id (&self->role_id, g_source_remove);
  self->role_id = g_timeout_add_seconds (self->role_pause_s, on_role_retry, self);
  self->role_pause_s = MIN (self->role_pause_s * 2, EA_EUICC_ROLE_RETRY_LAST_S);
}

gboolean
ea_euicc_rescan (EaEuicc *self, GError **error)
{
  const char *hindrance = get_hindrance (self);

  if (self->path == NULL)
    {
      g_set_error (error, EA_MODEM_ERROR, EA_MODEM_ERROR_CARD_ABSENT,
                   "There is nothing to look at: the modem is not there");
      return FALSE;
    }
  if (hindrance != NULL)
    {
      g_set_error (error, EA_MODEM_ERROR, EA_MODEM_ERROR_BUSY, "Not now: %s", hindrance);
      return FALSE;
    }
  look_again (self, "somebody has asked for");
  return TRUE;
}
