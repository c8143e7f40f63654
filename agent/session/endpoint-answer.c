/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the sender of a packet hears of it, on the way that its packet came. */

#include "core/error.h"
#include "session/endpoint-private.h"

/* (transfer full) (nullable): %NULL when no proof can be made that the sender would understand */
static GPtrArray *
build_proof (EaEndpoint *self, const EaProof *wanted)
{
  const EaScp80Target target = ea_scp80_get_target (wanted->command);
  const EaKeysScp80 *set = ea_endpoint_find_keys (self, &target);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) messages = NULL;
  EaProof proof = *wanted;

  if (set == NULL)
    return NULL;
  proof.keys = &set->keys;
  messages = ea_proof_build (&proof, &error);
  if (g_error_matches (error, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT))
    {
      proof.status = EA_SCP80_STATUS_INSUFFICIENT_MEMORY;
      proof.data = EA_SPAN_EMPTY;
      g_clear_error (&error);
      messages = ea_proof_build (&proof, &error);
    }
  if (messages == NULL)
    ea_log_warning (ea_endpoint_get_log (self, wanted->path), EA_MESSAGE_RESPONSE_LOST,
                    "A secured packet gets no proof of receipt: %s", error->message);
  return g_steal_pointer (&messages);
}

gboolean
ea_endpoint_answer (EaEndpoint *self, const EaProof *proof, EaSpan packet, EaStoreChange *change,
                    GError **error)
{
  g_autoptr (GPtrArray) messages = NULL;

  if (!ea_proof_is_wanted (proof->command, proof->status))
    return TRUE;
  messages = build_proof (self, proof);
  if (messages == NULL)
    return TRUE;
  if (proof->path->form == EA_SCP80_FORM_CAT_TP)
    return ea_answers_put (self->answers, proof->path->peer, packet, messages->pdata[0], change,
                           error);
  return ea_outbox_put (self->outbox, messages, change, error);
}

void
ea_endpoint_send_answers (EaEndpoint *self)
{
  ea_outbox_wake (self->outbox);
  ea_answers_announce (self->answers);
}
