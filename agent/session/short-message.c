/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session/short-message.h"

EaShortMessage *
ea_short_message_new (const EaModemSms *sms, GError **error)
{
  g_autoptr (EaShortMessage) message = g_new0 (EaShortMessage, 1);
  EaSpan content = ea_span_from_bytes (sms->message);
  EaSpan smsc = EA_SPAN_EMPTY;

  if (sms->has_smsc && !ea_sms_split_smsc (content, &smsc, &content, error))
    return NULL;

  message->received_us = g_get_monotonic_time ();
  message->sms = ea_modem_sms_copy (sms);
  message->smsc = sms->has_smsc ? NULL : ea_sms_build_smsc (sms->smsc_number);
  if (message->smsc == NULL)
    message->smsc = ea_span_to_bytes (smsc);
  message->tpdu = ea_span_to_bytes (content);
  return g_steal_pointer (&message);
}

EaShortMessage *
ea_short_message_new_from_record (const char *record, GBytes *bytes, GError **error)
{
  EaShortMessage *message;
  EaSpan smsc;
  EaSpan tpdu;

  if (!ea_sms_split_smsc (ea_span_from_bytes (bytes), &smsc, &tpdu, error))
    return NULL;
  message = g_new0 (EaShortMessage, 1);
  message->smsc = ea_span_to_bytes (smsc);
  message->tpdu = ea_span_to_bytes (tpdu);
  message->record = g_strdup (record);
  message->received_us = g_get_monotonic_time ();
  return message;
}

GBytes *
ea_short_message_build_record (const EaShortMessage *message)
{
  return ea_sms_join_smsc (ea_span_from_bytes (message->smsc), ea_span_from_bytes (message->tpdu));
}

void
ea_short_message_free (EaShortMessage *message)
{
  if (message == NULL)
    return;
  g_clear_pointer (&message->sms, ea_modem_sms_free);
  g_clear_pointer (&message->smsc, g_bytes_unref);
  g_clear_pointer (&message->tpdu, g_bytes_unref);
  g_free (message->record);
  g_free (message);
}

gboolean
ea_short_message_must_stay (const EaShortMessage *message)
{
  return message->sms == NULL || message->sms->custody != EA_MODEM_SMS_UNACKNOWLEDGED;
}
