/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The SM-SR's side of a CAT_TP link: each step of the operation goes in as many SDUs as it takes, one after the
 * other. What an agent has not answered when its link breaks goes over the next one, with the same octets.
 */

#include "core/error.h"
#include "smsr-private.h"
#include "smsr-script.h"
#include "smsr-trigger.h"

/* What a packet has beside the script: its head in the larger form, checksum and padding */
#define PACKET_OVERHEAD 48

/* Of TP-UD: the octets of a user data header that says that a command or a response packet follows */
static const guint8 command_header[] = { 0x02, 0x70, 0x00 };
static const guint8 response_header[] = { 0x02, 0x71, 0x00 };

static SimScp80Form
get_form (const SimSmsr *smsr)
{
  return smsr->options.is_sealed ? SIM_SCP80_FORM_SMS : SIM_SCP80_FORM_CAT_TP;
}

void
sim_smsr_forget_step (SimSmsr *smsr)
{
  g_clear_pointer (&smsr->parts, sim_smsr_parts_free);
  if (smsr->unanswered == NULL)
    return;
  sim_smsr_late_remember (&smsr->late, get_form (smsr), &smsr->packets.command);
  g_clear_pointer (&smsr->unanswered, g_bytes_unref);
}

/* FALSE: there is no step, or it can't be cut, and the operation has failed. */
static gboolean
cut_step (SimSmsr *smsr)
{
  g_autoptr (GError) error = NULL;
  SimSmsrStep step = { 0 };

  if (!sim_smsr_operation_get_step (smsr->operation, &step))
    return FALSE;
  smsr->parts = sim_smsr_parts_new (step.script, smsr->script_max, &error);
  if (smsr->parts == NULL)
    sim_smsr_fail (smsr, error);
  return smsr->parts != NULL;
}

static GBytes *
seal_sdu (SimSmsr *smsr, EaSpan target, EaSpan script)
{
  SimSmsrOptions options = smsr->options;
  g_auto (EaWriter) user_data = { 0 };
  g_autoptr (GBytes) packet = NULL;

  if (!options.is_sealed)
    return sim_smsr_packets_seal (&smsr->packets, SIM_SCP80_FORM_CAT_TP, &options, target, script);
  options.key_set = 0; /* the eUICC's own */
  packet = sim_smsr_packets_seal (&smsr->packets, SIM_SCP80_FORM_SMS, &options, target, script);
  ea_writer_init (&user_data);
  ea_writer_bytes (&user_data, EA_SPAN_OF_ARRAY (command_header));
  ea_writer_bytes (&user_data, ea_span_from_bytes (packet));
  return ea_writer_steal (&user_data);
}

/* The next packet, or the end of what the link is there for */
static void
prepare_sdu (SimSmsr *smsr)
{
  SimSmsrConnection *connection = &smsr->connection;
  SimSmsrStep step = { 0 };

  if (!connection->is_own || smsr->verdict != NULL || (smsr->parts == NULL && !cut_step (smsr)))
    {
      connection->is_done = TRUE;
      return;
    }
  (void) sim_smsr_operation_get_step (smsr->operation, &step); /* its parts are there */
  smsr->sent = SIM_SMSR_SENT_STEP;
  connection->sdu = seal_sdu (smsr, step.target, sim_smsr_parts_get (smsr->parts));
  smsr->unanswered = g_bytes_ref (connection->sdu);
  smsr->n_packets++;
}

static gboolean
is_resumed (const SimSmsr *smsr)
{
  return smsr->connection.is_own && smsr->is_broken && smsr->unanswered != NULL;
}

void
sim_smsr_cattp_opened (SimSmsr *smsr, guint16 sdu_max)
{
  g_autoptr (GError) error = NULL;

  sim_smsr_open_connection (smsr, SIM_SMSR_PROTOCOL_CAT_TP);
  smsr->script_max
      = MIN (sdu_max, smsr->options.is_sealed ? SIM_SMSR_CARD_SDU_MAX : SIM_SMSR_SDU_MAX);
  smsr->script_max -= MIN (smsr->script_max, PACKET_OVERHEAD);
  if (smsr->connection.is_own && !sim_smsr_check_addressee (smsr, &error))
    sim_smsr_fail (smsr, error);
  if (smsr->verdict == NULL && is_resumed (smsr))
    {
      smsr->n_resumed++;
      smsr->connection.sdu = g_bytes_ref (smsr->unanswered);
    }
  else
    {
      smsr->sent = SIM_SMSR_SENT_NOTHING;
      prepare_sdu (smsr);
    }
  if (smsr->connection.is_own)
    {
      smsr->is_broken = FALSE;
      smsr->is_end_lost = FALSE;
    }
}

GBytes *
sim_smsr_pull_sdu (SimSmsr *smsr)
{
  return sim_smsr_is_connected (smsr, SIM_SMSR_PROTOCOL_CAT_TP)
             ? g_steal_pointer (&smsr->connection.sdu)
             : NULL;
}

/* The response packet that @sdu is, or that is in its TP-UD */
static EaSpan
unpack_sdu (EaSpan sdu, SimScp80Form *form)
{
  if (!ea_span_has_prefix (sdu, EA_SPAN_OF_ARRAY (response_header)))
    {
      *form = SIM_SCP80_FORM_CAT_TP;
      return sdu;
    }
  *form = SIM_SCP80_FORM_SMS;
  return ea_span_tail (sdu, sizeof (response_header));
}

/* (transfer full) (nullable): the response script; NULL without @error for what answers an older packet */
static GBytes *
open_sdu (SimSmsr *smsr, EaSpan sdu, GError **error)
{
  g_autoptr (GError) reason = NULL;
  SimScp80Form form;
  SimScp80Response response = { 0 };
  EaSpan packet = unpack_sdu (sdu, &form);
  GBytes *data;

  if (sim_smsr_late_has_answer (&smsr->late, form, packet))
    return NULL;
  if (form != get_form (smsr))
    {
      g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                           smsr->options.is_sealed
                               ? "The answer to TP-UD is no TP-UD with a response packet"
                               : "The answer to a packet of CAT_TP is a TP-UD");
      return NULL;
    }
  data = sim_smsr_packets_open (&smsr->packets, form, packet, &response, &reason);
  if (data == NULL && reason != NULL
      && !(smsr->via == SIM_SMSR_VIA_CAT_TP && response.counter < smsr->packets.command.counter
           && g_error_matches (reason, EA_CORE_ERROR, EA_CORE_ERROR_REPLAY)))
    g_propagate_error (error, g_steal_pointer (&reason));
  return data;
}

/* The step goes on while it has parts. */
static gboolean
take_response (SimSmsr *smsr, EaSpan script, GError **error)
{
  GError *reason = NULL;
  g_autoptr (GBytes) whole = sim_smsr_parts_take (smsr->parts, script, &reason);

  if (whole == NULL && reason == NULL)
    return TRUE;
  g_clear_pointer (&smsr->parts, sim_smsr_parts_free);
  if (whole != NULL)
    return sim_smsr_operation_take (smsr->operation, ea_span_from_bytes (whole), error);
  g_propagate_error (error, reason);
  return FALSE;
}

void
sim_smsr_receive_sdu (SimSmsr *smsr, EaSpan sdu)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) data = NULL;

  if (!sim_smsr_is_connected (smsr, SIM_SMSR_PROTOCOL_CAT_TP) || !smsr->connection.is_own
      || smsr->sent != SIM_SMSR_SENT_STEP)
    return;
  data = open_sdu (smsr, sdu, &error);
  if (data == NULL && error == NULL)
    return;
  g_clear_pointer (&smsr->unanswered, g_bytes_unref);
  if (data != NULL)
    sim_smsr_packets_settle (&smsr->packets);
  if (data == NULL || !take_response (smsr, ea_span_from_bytes (data), &error))
    sim_smsr_fail (smsr, error);
  smsr->sent = SIM_SMSR_SENT_NOTHING;
  prepare_sdu (smsr);
}

EaSpan
sim_smsr_get_identification (const SimSmsr *smsr)
{
  return smsr->identification == NULL ? EA_SPAN_EMPTY : ea_span_from_bytes (smsr->identification);
}

gboolean
sim_smsr_has_card_closed (const SimSmsr *smsr)
{
  return smsr->card == NULL || !sim_card_has_channel (smsr->card);
}

gboolean
sim_smsr_is_agents_link (const SimSmsr *smsr)
{
  return smsr->connection.is_own ? smsr->via == SIM_SMSR_VIA_CAT_TP
                                 : sim_smsr_has_card_closed (smsr);
}

gboolean
sim_smsr_is_cattp_done (const SimSmsr *smsr)
{
  return !sim_smsr_is_connected (smsr, SIM_SMSR_PROTOCOL_CAT_TP)
         || (smsr->connection.is_done && smsr->connection.sdu == NULL);
}
