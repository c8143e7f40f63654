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
  g_clear_pointer (&sms->sent, g_ptr_array_unref);
}

static void
swap (GPtrArray *tpdus, guint first, guint second)
{
  gpointer tpdu = tpdus->pdata[first];

  tpdus->pdata[first] = tpdus->pdata[second];
  tpdus->pdata[second] = tpdu;
}

/* Every order is equally likely, and one seed always gives the same. */
static void
shuffle (GPtrArray *tpdus, guint32 seed)
{
  GRand *random = g_rand_new_with_seed (seed);

  for (guint i = tpdus->len; i > 1; i--)
    swap (tpdus, i - 1, (guint) g_rand_int_range (random, 0, (gint32) i));
  g_rand_free (random);
}

static void
put_in_order (GPtrArray *tpdus, const SimSmsrOptions *options)
{
  switch (options->order)
    {
    case SIM_SMSR_ORDER_KEPT:
      return;
    case SIM_SMSR_ORDER_REVERSED:
      for (guint i = 0; i < tpdus->len / 2; i++)
        swap (tpdus, i, tpdus->len - 1 - i);
      return;
    case SIM_SMSR_ORDER_SHUFFLED:
      shuffle (tpdus, options->seed);
      return;
    }
}

void
sim_smsr_sms_repeat (SimSmsrSms *sms)
{
  sms->n_messages = sms->sent->len;
  sms->n_delivered = 0;
  for (guint i = 0; i < sms->sent->len; i++)
    g_queue_push_tail (&sms->tpdus, g_bytes_ref (g_ptr_array_index (sms->sent, i)));
}

void
sim_smsr_sms_send (SimSmsrSms *sms, EaSpan packet, const SimSmsrOptions *options)
{
  g_clear_pointer (&sms->sent, g_ptr_array_unref);
  sms->sent = sim_sms_build_deliver (EA_SPAN_OF_ARRAY (own_address), packet, ++sms->reference);
  put_in_order (sms->sent, options);
  sim_smsr_sms_repeat (sms);
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
