/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session/proof.h"

#include "core/error.h"
#include "core/sms.h"

gboolean
ea_proof_is_wanted (const EaScp80Header *command, EaScp80Status status)
{
  switch (ea_scp80_read_spi (command->spi).por)
    {
    case EA_SCP80_POR_ALWAYS:
      return TRUE;
    case EA_SCP80_POR_ON_ERROR:
      return status != EA_SCP80_STATUS_OK;
    case EA_SCP80_POR_NONE:
    case EA_SCP80_POR_RESERVED:
      break;
    }
  return FALSE;
}

GPtrArray *
ea_proof_wrap (EaSpan packet, guint8 reference, const EaSmsAddress *destination, GError **error)
{
  g_autoptr (GPtrArray) tpdus
      = ea_sms_submit_packet (destination, packet, EA_SMS_SECURED_RESPONSE, reference, error);
  GPtrArray *messages;

  if (tpdus == NULL)
    return NULL;
  messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < tpdus->len; i++)
    g_ptr_array_add (messages,
                     ea_sms_join_smsc (EA_SPAN_EMPTY, ea_span_from_bytes (tpdus->pdata[i])));
  return messages;
}

/* (transfer full) (nullable): without data it is as short as it can be, whatever the peer takes. */
static GPtrArray *
wrap_sdu (const EaProof *proof, GBytes *packet, GError **error)
{
  GPtrArray *sdus;

  if (proof->data.size > 0 && g_bytes_get_size (packet) > proof->path->max_response)
    {
      ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                         "The response packet has %" G_GSIZE_FORMAT " bytes, the peer takes %u",
                         g_bytes_get_size (packet), proof->path->max_response);
      return NULL;
    }
  sdus = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (sdus, g_bytes_ref (packet));
  return sdus;
}

GPtrArray *
ea_proof_build (const EaProof *proof, GError **error)
{
  const EaScp80Header header = {
    .kind = EA_SCP80_RESPONSE,
    .form = proof->path->form,
    .tar = proof->command->tar,
  };
  const EaScp80Contents contents = {
    .counter = proof->counter,
    .status = (guint8) proof->status,
    .data = proof->data,
  };
  const EaScp80Security security = ea_scp80_get_response_security (proof->command);
  g_autoptr (GBytes) packet = ea_scp80_wrap (&header, &security, proof->keys, &contents, error);

  if (packet == NULL)
    return NULL;
  if (proof->path->form == EA_SCP80_FORM_CAT_TP)
    return wrap_sdu (proof, packet, error);
  /* The counter is as good a reference as any, and the same after a restart. */
  return ea_proof_wrap (ea_span_from_bytes (packet), (guint8) proof->counter,
                        &proof->path->originator, error);
}
