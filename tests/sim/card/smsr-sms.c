/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-sms.h"

/* +491512345678 as TP-OA */
static const guint8 own_address[] = { 0x0C, 0x91, 0x94, 0x51, 0x21, 0x43, 0x65, 0x87 };

void
sim_smsr_sms_init (SimSmsrSms *sms)
{
  *sms = (SimSmsrSms){ .assembly = sim_sms_assembly_new (SIM_SMS_PACKET_RESPONSE) };
  g_queue_init (&sms->tpdus);
}

void
sim_smsr_sms_reset (SimSmsrSms *sms)
{
  g_queue_clear_full (&sms->tpdus, (GDestroyNotify) g_bytes_unref);
  sim_sms_assembly_reset (sms->assembly);
}

void
sim_smsr_sms_clear (SimSmsrSms *sms)
{
  g_queue_clear_full (&sms->tpdus, (GDestroyNotify) g_bytes_unref);
  g_clear_pointer (&sms->assembly, sim_sms_assembly_free);
}

void
sim_smsr_sms_send (SimSmsrSms *sms, EaSpan packet)
{
  g_autoptr (GPtrArray) tpdus
      = sim_sms_build_deliver (EA_SPAN_OF_ARRAY (own_address), packet, ++sms->reference);

  sms->n_messages = tpdus->len;
  sms->n_delivered = 0;
  for (guint i = 0; i < tpdus->len; i++)
    g_queue_push_tail (&sms->tpdus, g_bytes_ref (g_ptr_array_index (tpdus, i)));
}

GBytes *
sim_smsr_sms_pull (SimSmsrSms *sms)
{
  return g_queue_pop_head (&sms->tpdus);
}

GBytes *
sim_smsr_sms_receive (SimSmsrSms *sms, EaSpan submit_tpdu)
{
  SimSms message = { 0 };

  if (!sim_sms_parse_submit (&message, submit_tpdu, NULL)
      || message.pid != SIM_SMS_PID_DATA_DOWNLOAD
      || !ea_span_equal (message.address, EA_SPAN_OF_ARRAY (own_address)))
    return NULL;
  return sim_sms_assembly_add (sms->assembly, &message);
}
