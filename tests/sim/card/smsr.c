/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One operation at a time. It begins with a short message, which carries its only script or triggers
 * the eUICC; then the eUICC's connection takes one script after the other. A switch of profiles over
 * HTTPS ends with the second connection, which brings the notification.
 */

#include "core/error.h"
#include "smsr-private.h"

SimSmsr *
sim_smsr_new (const char *eid)
{
  SimSmsr *smsr = g_new0 (SimSmsr, 1);

  smsr->eid = g_strdup (eid);
  smsr->admin = sim_smsr_admin_new (eid);
  sim_eis_init (&smsr->eis);
  sim_smsr_packets_init (&smsr->packets);
  sim_smsr_packets_init (&smsr->trigger);
  sim_smsr_sms_init (&smsr->sms);
  smsr->notifications = sim_smsr_notifications_new (eid, &smsr->eis, &smsr->packets);
  return smsr;
}

void
sim_smsr_free (SimSmsr *smsr)
{
  if (smsr == NULL)
    return;
  sim_smsr_operation_free (smsr->operation);
  sim_smsr_operation_free (smsr->past);
  sim_smsr_admin_free (smsr->admin);
  sim_smsr_notifications_free (smsr->notifications);
  sim_smsr_sms_clear (&smsr->sms);
  sim_eis_clear (&smsr->eis);
  sim_smsr_address_clear (&smsr->address);
  sim_smsr_address_clear (&smsr->elsewhere);
  g_clear_pointer (&smsr->connection.sdu, g_bytes_unref);
  g_clear_pointer (&smsr->proof, g_bytes_unref);
  g_clear_pointer (&smsr->identification, g_bytes_unref);
  sim_smsr_forget_step (smsr);
  sim_smsr_late_clear (&smsr->late);
  g_free (smsr->verdict);
  g_free (smsr->failure);
  g_free (smsr->reply);
  g_free (smsr->eid);
  g_free (smsr);
}

void
sim_smsr_set_address (SimSmsr *smsr, const SimSmsrAddress *address)
{
  sim_smsr_address_clear (&smsr->address);
  sim_smsr_address_copy (&smsr->address, address);
}

void
sim_smsr_set_card (SimSmsr *smsr, SimCard *card)
{
  smsr->card = card;
}

void
sim_smsr_set_agent_keys (SimSmsr *smsr, guint8 key_set)
{
  smsr->agent_key_set = key_set;
}

gboolean
sim_smsr_check_addressee (const SimSmsr *smsr, GError **error)
{
  gboolean is_for_agent = sim_smsr_is_via_agent (smsr->via);
  gboolean is_with_card;

  if (smsr->card == NULL || smsr->via == SIM_SMSR_VIA_SMS)
    return TRUE;
  is_with_card = sim_card_get_n_triggers (smsr->card) != smsr->n_card_triggers
                 || (!is_for_agent && sim_card_has_channel (smsr->card));
  if (is_with_card != is_for_agent)
    return TRUE;
  g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED,
                       is_for_agent ? "The trigger has gone to the eUICC: no agent has its keys"
                                    : "The trigger has gone to the agent, which has its keys");
  return FALSE;
}

/* The same when the operation is given up: nobody may have got it yet. */
static gboolean
check_silence (const SimSmsr *smsr, GError **error)
{
  if (!sim_smsr_is_via_agent (smsr->via))
    return !smsr->is_proven || sim_smsr_check_addressee (smsr, error);
  if (smsr->is_proven || smsr->card == NULL
      || sim_card_get_n_rejected (smsr->card) == smsr->n_card_rejected)
    return sim_smsr_check_addressee (smsr, error);
  g_set_error_literal (
      error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED,
      "The trigger has gone to the eUICC, which refuses it: no agent has its keys");
  return FALSE;
}

/* (transfer full) (nullable): what the card complains of since the last time */
static char *
ask_card (SimSmsr *smsr)
{
  return smsr->card == NULL ? NULL : sim_card_take_bip_faults (smsr->card);
}

void
sim_smsr_note_repairs (SimSmsr *smsr, SimCattpRepairs repairs)
{
  if (!smsr->connection.is_own)
    return;
  smsr->repairs.n_retransmitted += repairs.n_retransmitted;
  smsr->repairs.n_duplicated += repairs.n_duplicated;
  smsr->repairs.n_damaged += repairs.n_damaged;
}

/* The card's side of the link, which may be there still */
static void
add_repairs_of_card (SimSmsr *smsr)
{
  SimCattpRepairs repairs;

  if (smsr->card == NULL)
    return;
  repairs = sim_card_take_repairs (smsr->card);
  smsr->repairs.n_retransmitted += repairs.n_retransmitted;
  smsr->repairs.n_duplicated += repairs.n_duplicated;
  smsr->repairs.n_damaged += repairs.n_damaged;
}

/* (transfer full): takes @reply, which is an error when the eUICC complains. */
static char *
judge (SimSmsr *smsr, char *reply)
{
  g_autofree char *given = reply;
  g_autofree char *complaints = ask_card (smsr);

  if (complaints == NULL)
    return g_steal_pointer (&given);
  if (g_str_has_prefix (reply, "error"))
    return g_strdup_printf ("%s; bip: %s", reply, complaints);
  return g_strdup_printf ("error bip: %s; otherwise %s", complaints, reply);
}

void
sim_smsr_finish (SimSmsr *smsr, char *reply)
{
  sim_smsr_sms_reset (&smsr->sms);
  g_clear_pointer (&smsr->past, sim_smsr_operation_free);
  if (smsr->via == SIM_SMSR_VIA_SMS)
    smsr->past = g_steal_pointer (&smsr->operation);
  g_clear_pointer (&smsr->operation, sim_smsr_operation_free);
  g_clear_pointer (&smsr->verdict, g_free);
  g_clear_pointer (&smsr->failure, g_free);
  sim_smsr_forget_step (smsr);
  smsr->is_over = FALSE;
  smsr->connection.is_own = FALSE;
  smsr->connection.is_done |= smsr->connection.protocol == SIM_SMSR_PROTOCOL_CAT_TP;
  smsr->reply = judge (smsr, reply);
}

void
sim_smsr_fail (SimSmsr *smsr, const GError *error)
{
  char *text = g_strconcat ("error ", error->message, NULL);

  if (!smsr->connection.is_own)
    {
      sim_smsr_finish (smsr, text);
      return;
    }
  g_free (smsr->verdict);
  smsr->verdict = text;
}

gboolean
sim_smsr_check_steps (SimSmsr *smsr)
{
  SimSmsrStep step = { 0 };

  if (!sim_smsr_operation_get_step (smsr->operation, &step))
    return TRUE;
  sim_smsr_finish (smsr, g_strdup_printf ("error the eUICC's session has ended before script %u",
                                          sim_smsr_operation_get_number (smsr->operation)));
  return FALSE;
}

static void
describe_connections (const SimSmsr *smsr, GString *reply)
{
  g_string_append_printf (reply, " transport=%s connections=%u resumed=%u",
                          sim_smsr_get_via_name (smsr->via), smsr->n_connections, smsr->n_resumed);
  if (smsr->n_failures > 0)
    g_string_append_printf (reply, " failed=%u", smsr->n_failures);
  if (sim_smsr_get_protocol (smsr->via) == SIM_SMSR_PROTOCOL_CAT_TP)
    g_string_append_printf (reply, " retransmitted=%u", smsr->repairs.n_retransmitted);
  if (smsr->repairs.n_duplicated > 0)
    g_string_append_printf (reply, " duplicated=%u", smsr->repairs.n_duplicated);
  if (smsr->repairs.n_damaged > 0)
    g_string_append_printf (reply, " damaged=%u", smsr->repairs.n_damaged);
}

/* A switch over CAT_TP is made after the link's end, and no word of it comes back; that an agent sends one
 * is not waited for unless it is wanted. */
static void
describe_notification (const SimSmsr *smsr, GString *reply)
{
  if (smsr->via != SIM_SMSR_VIA_SMS && sim_smsr_operation_is_switch (smsr->operation)
      && smsr->notified == 0)
    g_string_append (reply, " switched=unconfirmed");
  if (smsr->notified == 0)
    return;
  if (smsr->via == SIM_SMSR_VIA_BIP_HTTPS && smsr->card != NULL
      && sim_card_has_notified_unasked (smsr->card))
    g_string_append (reply, " notification=unasked");
  else
    g_string_append_printf (reply, " notification=%02X", smsr->notified);
}

/* The notification has a connection of its own. What is between the SM-SR and an agent may lose PDUs. */
static gboolean
was_repaired (const SimSmsr *smsr)
{
  const SimCattpRepairs *repairs = &smsr->repairs;

  return smsr->n_resumed > 0 || smsr->n_failures > 0
         || smsr->n_connections > (smsr->notified != 0 ? 2 : 1)
         || (smsr->via != SIM_SMSR_VIA_CAT_TP
             && (repairs->n_retransmitted > 0 || repairs->n_duplicated > 0
                 || repairs->n_damaged > 0));
}

/* What speaks against an operation all of whose steps were carried out. The eUICC may try again only when
 * somebody has ordered a fault. */
static const char *
find_flaw (const SimSmsr *smsr)
{
  if (!smsr->is_proven)
    return "error proof=none: the trigger's receipt was not proven; otherwise ";
  if (was_repaired (smsr) && !smsr->is_fault_ordered)
    return "error repaired: something was lost and tried again; otherwise ";
  return "";
}

/* CNTR of the last packet */
static guint64
get_counter (const SimSmsr *smsr)
{
  return smsr->via == SIM_SMSR_VIA_SMS ? smsr->trigger.command.counter
                                       : smsr->packets.command.counter;
}

void
sim_smsr_finish_unproven (SimSmsr *smsr)
{
  sim_smsr_packets_settle (&smsr->packets);
  sim_smsr_finish (smsr, g_strdup_printf ("ok packets=%u counter=%" G_GUINT64_FORMAT " proof=none",
                                          smsr->n_packets, get_counter (smsr)));
}

void
sim_smsr_finish_well (SimSmsr *smsr)
{
  gboolean is_https = sim_smsr_get_protocol (smsr->via) == SIM_SMSR_PROTOCOL_HTTPS;
  GString *reply;

  if (!sim_smsr_check_steps (smsr))
    return;
  add_repairs_of_card (smsr);
  reply = g_string_new (NULL);
  if (is_https)
    g_string_printf (reply, "ok scripts=%u", sim_smsr_operation_get_number (smsr->operation) - 1);
  else
    g_string_printf (reply, "ok packets=%u", smsr->n_packets);
  if (!is_https && smsr->is_proven && smsr->n_packets > 0)
    g_string_append_printf (reply, " counter=%" G_GUINT64_FORMAT " status=00", get_counter (smsr));
  sim_smsr_operation_describe (smsr->operation, reply);
  if (smsr->via != SIM_SMSR_VIA_SMS)
    describe_connections (smsr, reply);
  describe_notification (smsr, reply);
  g_string_prepend (reply, find_flaw (smsr));
  sim_smsr_finish (smsr, g_string_free (reply, FALSE));
}

/* A link's options are for its packets, and not for the one that asks for the link. */
static void
send_by_sms (SimSmsr *smsr, EaSpan data)
{
  const SimSmsrOptions plain = { .key_set = smsr->options.key_set };
  const SimSmsrOptions *options = smsr->via == SIM_SMSR_VIA_CAT_TP ? &plain : &smsr->options;
  g_autoptr (GBytes) packet
      = sim_smsr_packets_seal (&smsr->packets, SIM_SCP80_FORM_SMS, options, EA_SPAN_EMPTY, data);

  smsr->trigger.command = smsr->packets.command;
  sim_smsr_sms_send (&smsr->sms, ea_span_from_bytes (packet), options);
}

gboolean
sim_smsr_is_elsewhere (const SimSmsr *smsr)
{
  return smsr->elsewhere.address != NULL;
}

static void
begin (SimSmsr *smsr)
{
  g_autoptr (GBytes) trigger = NULL;
  SimSmsrStep step = { 0 };

  if (smsr->options.is_untriggered)
    {
      smsr->n_packets = 0;
      smsr->is_proven = TRUE; /* there is nothing to prove */
      return;
    }
  smsr->n_packets = 1;
  switch (smsr->via)
    {
    case SIM_SMSR_VIA_SMS:
      (void) sim_smsr_operation_get_step (smsr->operation, &step); /* it has exactly one */
      send_by_sms (smsr, step.script);
      return;
    case SIM_SMSR_VIA_HTTPS:
    case SIM_SMSR_VIA_BIP_HTTPS:
      trigger = sim_smsr_build_https_trigger (
          smsr->eid, sim_smsr_is_elsewhere (smsr) ? &smsr->elsewhere : &smsr->address,
          smsr->options.host,
          smsr->options.n_retries > 0 ? smsr->options.n_retries : SIM_SMSR_RETRIES);
      break;
    case SIM_SMSR_VIA_CAT_TP:
      trigger = sim_smsr_build_cat_tp_push (&smsr->address, SIM_SMSR_SDU_MAX,
                                            sim_smsr_get_identification (smsr));
      break;
    case SIM_SMSR_VIA_BIP_CAT_TP:
      trigger = sim_smsr_build_cat_tp_push (&smsr->address, SIM_SMSR_CARD_SDU_MAX, EA_SPAN_EMPTY);
      break;
    }
  send_by_sms (smsr, ea_span_from_bytes (trigger));
}

static gboolean
check_start (const SimSmsr *smsr, const SimSmsrWords *words, GError **error)
{
  if (words->options.host != NULL && smsr->address.dns == NULL)
    {
      g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED,
                           "There is no name server: --host can't be used");
      return FALSE;
    }
  if (words->via == SIM_SMSR_VIA_SMS || smsr->address.address != NULL)
    return TRUE;
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED,
               "The SM-SR listens nowhere: %s can't be used", sim_smsr_get_via_name (words->via));
  return FALSE;
}

static gboolean
take_peer (SimSmsr *smsr, const SimSmsrWords *words, GError **error)
{
  sim_smsr_address_clear (&smsr->elsewhere);
  return words->function != SIM_SMSR_PUSH_HTTPS || words->argument == NULL
         || sim_smsr_address_parse (&smsr->elsewhere, words->argument, error);
}

/* What the card has seen before the operation is not the operation's. */
static void
forget_past (SimSmsr *smsr)
{
  g_free (ask_card (smsr));
  add_repairs_of_card (smsr);
  smsr->repairs = (SimCattpRepairs){ 0 };
}

static gboolean
check_idle (const SimSmsr *smsr, GError **error)
{
  if (smsr->operation == NULL && smsr->reply == NULL)
    return TRUE;
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT, "The SM-SR is busy with the eUICC %s",
               smsr->eid);
  return FALSE;
}

/* What earlier operations have left is not the new one's. */
static void
reset (SimSmsr *smsr, SimSmsrVia via)
{
  smsr->via = via;
  smsr->n_connections = 0;
  smsr->n_resumed = 0;
  smsr->n_failures = 0;
  smsr->is_fault_ordered = smsr->is_fault_on;
  g_clear_pointer (&smsr->failure, g_free);
  smsr->is_proven = FALSE;
  smsr->is_broken = FALSE;
  smsr->is_end_lost = FALSE;
  smsr->sent = SIM_SMSR_SENT_NOTHING;
  smsr->is_switched = FALSE;
  smsr->is_over = FALSE;
  smsr->notified = 0;
  smsr->n_pauses_left = smsr->options.n_pauses;
  smsr->n_card_triggers = smsr->card == NULL ? 0 : sim_card_get_n_triggers (smsr->card);
  smsr->n_card_rejected = smsr->card == NULL ? 0 : sim_card_get_n_rejected (smsr->card);
  sim_smsr_admin_reset (smsr->admin);
  forget_past (smsr);
}

static gboolean
start_again (SimSmsr *smsr, const SimSmsrWords *words, GError **error)
{
  if (smsr->past == NULL)
    {
      g_set_error_literal (
          error, EA_CORE_ERROR, EA_CORE_ERROR_MISSING,
          "The last operation was none in short messages: nothing can be repeated");
      return FALSE;
    }
  smsr->operation = g_steal_pointer (&smsr->past);
  sim_smsr_operation_rewind (smsr->operation);
  smsr->options.wait_s = words->options.wait_s;
  reset (smsr, SIM_SMSR_VIA_SMS);
  smsr->n_packets = 1;
  sim_smsr_sms_repeat (&smsr->sms);
  return TRUE;
}

/* What is short goes by SMS, bulk by the HTTPS session of whoever can open one. */
static void
decide_bearer (const SimSmsr *smsr, SimSmsrWords *words)
{
  if (!words->is_auto || words->via == SIM_SMSR_VIA_BIP_CAT_TP
      || sim_smsr_options_change_packet (&words->options))
    return;
  if (words->via == SIM_SMSR_VIA_SMS && sim_smsr_operation_fits_sms (words))
    return;
  words->via = smsr->agent_key_set > 0 ? SIM_SMSR_VIA_HTTPS : SIM_SMSR_VIA_BIP_HTTPS;
}

static void
keep_options (SimSmsr *smsr, const SimSmsrWords *words)
{
  smsr->options = words->options;
  smsr->options.via = NULL;            /* it was borrowed */
  smsr->options.identification = NULL; /* this, too */
  if (sim_smsr_is_via_agent (words->via) && smsr->options.key_set == 0)
    smsr->options.key_set = smsr->agent_key_set;
  g_clear_pointer (&smsr->identification, g_bytes_unref);
  if (words->options.identification != NULL)
    smsr->identification = ea_bytes_from_hex (words->options.identification, NULL);
}

static gboolean
start_new (SimSmsr *smsr, const SimSmsrWords *words, GError **error)
{
  if (!check_start (smsr, words, error) || !take_peer (smsr, words, error))
    return FALSE;
  smsr->operation = sim_smsr_operation_new (words, &smsr->eis, smsr->n_generated + 1, error);
  if (smsr->operation == NULL)
    return FALSE;
  smsr->n_generated += words->options.n_generated;
  keep_options (smsr, words);
  reset (smsr, words->via);
  begin (smsr);
  sim_smsr_admin_expect_host (smsr->admin, words->options.host);
  smsr->options.host = NULL; /* it was borrowed, too */
  return TRUE;
}

gboolean
sim_smsr_start (SimSmsr *smsr, const char *const *arguments, GError **error)
{
  SimSmsrWords words;

  if (!check_idle (smsr, error) || !sim_smsr_parse_words (&words, arguments, error))
    return FALSE;
  if (words.function == SIM_SMSR_REPEAT)
    return start_again (smsr, &words, error);
  decide_bearer (smsr, &words);
  return start_new (smsr, &words, error);
}

char *
sim_smsr_pull_reply (SimSmsr *smsr)
{
  return g_steal_pointer (&smsr->reply);
}

/* (transfer full): what a connection that is there is to bring */
static char *
describe_connection_wait (const SimSmsr *smsr, const char *peer, const char *protocol)
{
  if (smsr->connection.is_done)
    return g_strdup_printf ("the end of the %s's %s connection", peer, protocol);
  if (smsr->sent == SIM_SMSR_SENT_CONFIRMATION)
    return g_strdup ("the response to the notification's confirmation");
  if (smsr->sent == SIM_SMSR_SENT_STEP)
    return g_strdup_printf ("the response to script %u",
                            sim_smsr_operation_get_number (smsr->operation));
  return g_strdup_printf ("the %s's first request", peer);
}

char *
sim_smsr_describe_wait (const SimSmsr *smsr)
{
  const char *peer = sim_smsr_is_via_agent (smsr->via) ? "agent" : "eUICC";
  const char *protocol
      = sim_smsr_get_protocol (smsr->via) == SIM_SMSR_PROTOCOL_HTTPS ? "HTTPS" : "CAT_TP";

  if (smsr->connection.is_own)
    return describe_connection_wait (smsr, peer, protocol);
  if (smsr->is_broken)
    return g_strdup_printf ("the %s to resume its session", peer);
  if (smsr->is_switched)
    return g_strdup ("the notification of the profile change");
  if (!smsr->options.is_untriggered && smsr->sms.n_delivered < smsr->sms.n_messages)
    return g_strdup_printf ("delivery of message %u of %u", smsr->sms.n_delivered + 1,
                            smsr->sms.n_messages);
  if (!smsr->is_proven)
    return g_strdup_printf ("proof of receipt of counter %" G_GUINT64_FORMAT, get_counter (smsr));
  return g_strdup_printf ("the %s's %s connection", peer, protocol);
}

/* A proof that was wanted for an error only is not missed. */
static gboolean
is_silence_good (const SimSmsr *smsr)
{
  return smsr->via == SIM_SMSR_VIA_SMS && sim_smsr_get_wait (smsr) > 0
         && sim_smsr_get_por (smsr) == SIM_SCP80_SPI2_POR_ON_ERROR;
}

void
sim_smsr_give_up (SimSmsr *smsr)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *awaited = NULL;

  if (smsr->operation == NULL)
    return;
  if (is_silence_good (smsr))
    {
      sim_smsr_finish_unproven (smsr);
      return;
    }
  if (smsr->is_over)
    {
      sim_smsr_finish_well (smsr);
      return;
    }
  if (smsr->is_end_lost)
    {
      smsr->is_end_lost = FALSE;
      smsr->is_broken = FALSE;
      sim_smsr_close_well (smsr);
      return;
    }
  if (smsr->verdict == NULL && !check_silence (smsr, &error))
    smsr->verdict = g_strconcat ("error ", error->message, NULL);
  if (smsr->verdict != NULL)
    {
      sim_smsr_finish (smsr, g_steal_pointer (&smsr->verdict));
      return;
    }
  awaited = sim_smsr_describe_wait (smsr);
  sim_smsr_finish (smsr, g_strconcat ("error timeout: waiting for ", awaited,
                                      smsr->failure == NULL ? NULL : "; ", smsr->failure, NULL));
}

void
sim_smsr_withhold_confirmations (SimSmsr *smsr, guint count)
{
  sim_smsr_notifications_withhold (smsr->notifications, count);
}

GBytes *
sim_smsr_pull_confirmation (SimSmsr *smsr)
{
  return sim_smsr_notifications_pull (smsr->notifications);
}

char *
sim_smsr_describe_notifications (const SimSmsr *smsr)
{
  return sim_smsr_notifications_describe (smsr->notifications);
}
