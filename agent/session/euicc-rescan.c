/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Looking again at what is there: when somebody asks for it, or since the role was refused by what may be over soon. */

#include <string.h>

#include "session/euicc-private.h"

/* (nullable): static: why the modem can't be let go of now */
static const char *
get_hindrance (EaEuicc *self)
{
  if (self->is_closing)
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
gboolean
ea_euicc_ask_for_role (gpointer user_data)
{
  EaEuicc *self = user_data;

  if (get_hindrance (self) != NULL)
    return FALSE;
  look_again (self, "what has refused the role host may be over");
  return TRUE;
}

void
ea_euicc_watch_role (EaEuicc *self)
{
  EaModemRefusal refusal = ea_modem_get_refusal (self->modem);

  if (self->is_closing)
    return;
  if (!ea_role_retry_note (&self->role_retry, refusal, ea_modem_get_role_reason (self->modem))
      && refusal != EA_MODEM_REFUSAL_LASTING)
    ea_log_message (&self->context, NULL,
                    "The modem refuses the role host again and again: it is not asked any more");
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
  ea_role_retry_begin_anew (&self->role_retry);
  look_again (self, "somebody has asked for");
  return TRUE;
}
