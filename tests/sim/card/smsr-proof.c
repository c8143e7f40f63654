/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The short messages of an operation, and the proof of receipt that answers them. It is all there is to wait
 * for when they carry the operation's only script; otherwise it says that the trigger has come.
 */

#include "core/error.h"
#include "smsr-private.h"
#include "smsr-reply.h"

/* How long a proof of receipt that says what is wrong may take once the eUICC has everything */
#define WAIT_FOR_ERROR_S 5

/* How long it may take to resume a session of which only the end is not known to have come */
#define WAIT_FOR_END_S 20

GBytes *
sim_smsr_pull_tpdu (SimSmsr *smsr)
{
  return sim_smsr_sms_pull (&smsr->sms);
}

guint8
sim_smsr_get_por (const SimSmsr *smsr)
{
  return smsr->trigger.command.spi2 & SIM_SCP80_SPI2_POR_MASK;
}

/* The only script of the operation is with the eUICC. */
static gboolean
is_delivered (const SimSmsr *smsr)
{
  return smsr->operation != NULL && smsr->via == SIM_SMSR_VIA_SMS
         && smsr->sms.n_delivered == smsr->sms.n_messages;
}

guint
sim_smsr_get_wait (const SimSmsr *smsr)
{
  if (smsr->is_end_lost)
    return WAIT_FOR_END_S;
  if (!is_delivered (smsr))
    return 0;
  if (smsr->options.wait_s > 0)
    return smsr->options.wait_s;
  return sim_smsr_get_por (smsr) == SIM_SCP80_SPI2_POR_ON_ERROR ? WAIT_FOR_ERROR_S : 0;
}

void
sim_smsr_delivered (SimSmsr *smsr, gboolean was_accepted, guint8 rp_cause, guint8 tp_cause)
{
  if (smsr->operation == NULL)
    return; /* the proof of receipt was faster than the network's report */
  smsr->sms.n_delivered++;
  if (was_accepted && is_delivered (smsr) && sim_smsr_get_por (smsr) == 0)
    sim_smsr_finish_unproven (smsr);
  if (!was_accepted)
    sim_smsr_finish (smsr, g_strdup_printf ("error not delivered: message %u of %u, RP cause %02X, "
                                            "TP cause %02X",
                                            smsr->sms.n_delivered, smsr->sms.n_messages, rp_cause,
                                            tp_cause));
}

/* The eUICC may say nothing with its proof, or what became of the two PUSH commands. */
static gboolean
check_push (EaSpan script, GError **error)
{
  g_autoptr (GArray) answers = NULL;
  guint executed = 0;

  if (script.size == 0)
    return TRUE;
  answers = sim_smsr_parse_answers (script, &executed, error);
  return answers != NULL && sim_smsr_check_answers (answers, executed, error);
}

static gboolean
take_proof (SimSmsr *smsr, EaSpan data, GError **error)
{
  switch (smsr->via)
    {
    case SIM_SMSR_VIA_SMS:
      return sim_smsr_operation_take (smsr->operation, data, error);
    case SIM_SMSR_VIA_CAT_TP:
      return sim_smsr_check_addressee (smsr, error) && check_push (data, error);
    case SIM_SMSR_VIA_HTTPS:
    case SIM_SMSR_VIA_BIP_HTTPS:
      return sim_smsr_check_addressee (smsr, error); /* the trigger is no script */
    case SIM_SMSR_VIA_BIP_CAT_TP:
      return check_push (data, error) && sim_smsr_check_addressee (smsr, error);
    }
  g_assert_not_reached ();
}

static gboolean
check_wanted (const SimSmsr *smsr, GError **error)
{
  if (sim_smsr_get_por (smsr) == SIM_SCP80_SPI2_POR_ALWAYS)
    return TRUE;
  g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                       "proof of receipt: none was wanted");
  return FALSE;
}

/* Whoever has sent a proof and does not know whether it went sends it again: it may come when the next
 * operation waits, which may want another security. */
static gboolean
is_old_proof (const SimSmsr *smsr, EaSpan packet)
{
  return smsr->proof != NULL && smsr->proven_counter != smsr->trigger.command.counter
         && ea_span_equal (packet, ea_span_from_bytes (smsr->proof));
}

static void
remember_proof (SimSmsr *smsr, EaSpan packet)
{
  g_clear_pointer (&smsr->proof, g_bytes_unref);
  smsr->proof = ea_span_to_bytes (packet);
  smsr->proven_counter = smsr->trigger.command.counter;
}

static void
receive_packet (SimSmsr *smsr, EaSpan packet)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) data = NULL;
  SimScp80Response response = { 0 };

  if (is_old_proof (smsr, packet))
    return;
  data = sim_smsr_packets_open (&smsr->trigger, SIM_SCP80_FORM_SMS, packet, &response, &error);
  if (response.counter == smsr->trigger.command.counter)
    remember_proof (smsr, packet);
  if (data == NULL && error == NULL)
    return;
  if (data == NULL || !check_wanted (smsr, &error)
      || !take_proof (smsr, ea_span_from_bytes (data), &error))
    {
      sim_smsr_fail (smsr, error);
      return;
    }
  smsr->is_proven = TRUE;
  sim_smsr_packets_settle (&smsr->packets);
  if (smsr->via == SIM_SMSR_VIA_SMS && sim_smsr_await_notification (smsr))
    return;
  if (smsr->via == SIM_SMSR_VIA_SMS || sim_smsr_is_elsewhere (smsr) || smsr->is_over)
    sim_smsr_finish_well (smsr);
}

static void
take_confirmed (SimSmsr *smsr)
{
  guint8 type = sim_smsr_notifications_take_confirmed (smsr->notifications);
  g_autoptr (GError) error = NULL;

  if (type == 0 || smsr->operation == NULL || !smsr->is_switched)
    return;
  if (sim_smsr_take_notified (smsr, type, &error))
    sim_smsr_finish_well (smsr);
  else
    sim_smsr_fail (smsr, error);
}

void
sim_smsr_receive (SimSmsr *smsr, EaSpan submit_tpdu)
{
  g_autoptr (GBytes) packet = NULL;

  if (sim_smsr_notifications_receive (smsr->notifications, submit_tpdu))
    {
      take_confirmed (smsr);
      return;
    }
  if (smsr->operation == NULL || smsr->is_proven)
    return;
  packet = sim_smsr_sms_receive (&smsr->sms, submit_tpdu);
  if (packet != NULL)
    receive_packet (smsr, ea_span_from_bytes (packet));
}

void
sim_smsr_receive_report (SimSmsr *smsr, EaSpan user_data)
{
  static const guint8 header[] = { 0x02, 0x71, 0x00 };

  if (smsr->operation == NULL || smsr->is_proven
      || !ea_span_has_prefix (user_data, EA_SPAN_OF_ARRAY (header)))
    return;
  receive_packet (smsr, ea_span_tail (user_data, sizeof (header)));
}
