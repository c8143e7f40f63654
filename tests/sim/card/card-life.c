/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Birth, reset and inspection of the simulated card: everything of card.h that is not a command.
 */

#include "card-isdr.h"
#include "card-private.h"
#include "card.h"

#define FIRST_ISDPS 3
#define ICCID_DIGITS_MAX 20

static const guint8 first_aids[FIRST_ISDPS][16] = {
  { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x10,
    0x00 },
  { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x11,
    0x00 },
  { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x12,
    0x00 },
};

/* +491512345678, as in a TPDU */
static const guint8 first_smsr_number[] = { 0x0C, 0x91, 0x94, 0x51, 0x21, 0x43, 0x65, 0x87 };

/* T=0 and T=1, convention direct, historical bytes with card service data and capabilities */
static const guint8 atr[] = { 0x3B, 0x9F, 0x96, 0x80, 0x1F, 0xC7, 0x80, 0x31, 0xA0, 0x73, 0xBE,
                              0x21, 0x13, 0x67, 0x43, 0x20, 0x07, 0x18, 0x00, 0x00, 0x01, 0xA5 };

static void
add_first_isdps (SimCard *card)
{
  for (guint i = 0; i < FIRST_ISDPS; i++)
    {
      SimIsdpState state = i == 0 ? SIM_ISDP_ENABLED : SIM_ISDP_DISABLED;
      SimIsdp *isdp
          = sim_isdp_new (EA_SPAN_OF_ARRAY (first_aids[i]), state, card->options.index, i + 1);

      isdp->is_fallback = i == 0;
      g_ptr_array_add (card->isdps, isdp);
    }
  card->n_isdps_created = FIRST_ISDPS;
}

SimCard *
sim_card_new (const SimCardOptions *options)
{
  SimCard *card = g_new0 (SimCard, 1);

  card->options = *options;
  card->eid = sim_eid_new (options->index);
  card->isdps = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_isdp_free);
  card->assembly = sim_sms_assembly_new (SIM_SMS_PACKET_COMMAND);
  card->failures = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  card->answers = g_hash_table_new (NULL, NULL);
  g_queue_init (&card->executed);
  sim_ledger_init (&card->ledger);
  sim_toolkit_init (&card->toolkit);
  sim_bip_init (&card->bip, &card->toolkit);
  sim_session_init (&card->session, card->eid);
  sim_notification_init (&card->notification);
  card->smsr_number = ea_span_to_bytes (EA_SPAN_OF_ARRAY (first_smsr_number));
  add_first_isdps (card);
  sim_card_reset (card);
  return card;
}

void
sim_executed_free (gpointer data)
{
  SimExecuted *executed = data;

  g_bytes_unref (executed->packet);
  g_bytes_unref (executed->result);
  g_free (executed);
}

void
sim_card_free (SimCard *card)
{
  if (card == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (card->channels); i++)
    sim_channel_reset (&card->channels[i]);
  sim_session_clear (&card->session);
  sim_bip_clear (&card->bip);
  sim_toolkit_clear (&card->toolkit);
  sim_sms_assembly_free (card->assembly);
  g_queue_clear_full (&card->executed, sim_executed_free);
  sim_ledger_clear (&card->ledger);
  g_hash_table_unref (card->failures);
  g_hash_table_unref (card->answers);
  g_ptr_array_unref (card->isdps);
  g_clear_pointer (&card->smsr_addressing, g_bytes_unref);
  g_bytes_unref (card->smsr_number);
  g_free (card->eid);
  g_free (card);
}

EaSpan
sim_card_get_atr (SimCard *card)
{
  return EA_SPAN_OF_ARRAY (atr);
}

static void
reset_isdp (gpointer isdp, gpointer user_data)
{
  sim_isdp_reset (isdp);
}

void
sim_card_reset (SimCard *card)
{
  for (guint i = 0; i < G_N_ELEMENTS (card->channels); i++)
    {
      card->channels[i].is_open = i == 0;
      sim_channel_reset (&card->channels[i]);
    }
  sim_toolkit_reset (&card->toolkit);
  sim_sms_assembly_reset (card->assembly);
  g_ptr_array_foreach (card->isdps, reset_isdp, NULL);
  sim_bip_reset (&card->bip);
  sim_session_reset (card);
  sim_fallback_reset (card);
  sim_notification_reset (card);
  sim_switch_take_reset (card);
}

gsize
sim_card_get_pending_proactive (SimCard *card)
{
  return sim_toolkit_get_pending (&card->toolkit);
}

void
sim_card_queue_proactive (SimCard *card, GBytes *command)
{
  sim_toolkit_queue (&card->toolkit, command);
}

GBytes *
sim_card_take_terminal_response (SimCard *card)
{
  return g_steal_pointer (&card->toolkit.answer);
}

void
sim_card_fail (SimCard *card, guint8 ins, guint16 sw, guint count)
{
  SimFailure *failure;

  if (sw == 0)
    {
      g_hash_table_remove (card->failures, GUINT_TO_POINTER (ins));
      return;
    }
  failure = g_new0 (SimFailure, 1);
  *failure = (SimFailure){ .sw = sw, .left = count, .is_endless = count == 0 };
  g_hash_table_insert (card->failures, GUINT_TO_POINTER (ins), failure);
}

void
sim_card_answer (SimCard *card, guint8 ins, gsize size)
{
  g_hash_table_replace (card->answers, GUINT_TO_POINTER (ins), GSIZE_TO_POINTER (size));
}

void
sim_card_fail_switch (SimCard *card, guint count)
{
  card->change.n_stuck = count;
}

void
sim_card_set_iccid (SimCard *card, const char *iccid)
{
  SimIsdp *isdp = sim_card_get_enabled (card);
  GString *digits = g_string_new (NULL);

  for (; *iccid != '\0' && digits->len < ICCID_DIGITS_MAX; iccid++)
    {
      if (g_ascii_isdigit (*iccid))
        g_string_append_c (digits, *iccid);
    }
  g_free (isdp->iccid);
  isdp->iccid = g_string_free (digits, FALSE);
}

void
sim_card_set_policy (SimCard *card, const SimCardPolicy *policy)
{
  card->policy = *policy;
  sim_fallback_take_policy (card);
}

const SimCardPolicy *
sim_card_get_policy (SimCard *card)
{
  return &card->policy;
}

gboolean
sim_card_set_pol1 (SimCard *card, EaSpan aid, SimPol1 pol1)
{
  SimIsdp *isdp = sim_isdps_find (card->isdps, aid);

  if (isdp == NULL)
    return FALSE;
  isdp->pol1 = pol1;
  return TRUE;
}

const char *
sim_card_get_eid (SimCard *card)
{
  return card->eid;
}

const char *
sim_card_get_iccid (SimCard *card)
{
  return sim_card_get_enabled (card)->iccid;
}

const char *
sim_card_get_imsi (SimCard *card)
{
  return sim_card_get_enabled (card)->imsi;
}

static const char *
get_state_name (SimIsdpState state)
{
  switch (state)
    {
    case SIM_ISDP_SELECTABLE:
      return "selectable";
    case SIM_ISDP_DISABLED:
      return "disabled";
    case SIM_ISDP_ENABLED:
      return "enabled";
    }
  g_assert_not_reached ();
}

static void
append_isdps (GString *json, const SimCard *card)
{
  g_string_append (json, ",\"isdps\":[");
  for (guint i = 0; i < card->isdps->len; i++)
    {
      const SimIsdp *isdp = g_ptr_array_index (card->isdps, i);
      g_autofree char *aid = ea_span_to_hex (ea_span_from_bytes (isdp->aid));

      g_string_append_printf (json,
                              "%s{\"aid\":\"%s\",\"state\":\"%s\",\"fallback\":%s,"
                              "\"iccid\":\"%s\",\"bytes\":%u,\"sha256\":\"%s\"}",
                              i == 0 ? "" : ",", aid, get_state_name (isdp->state),
                              isdp->is_fallback ? "true" : "false", isdp->iccid, isdp->n_bytes,
                              isdp->sha256);
    }
  g_string_append_c (json, ']');
}

static void
append_switch (GString *json, const SimCard *card)
{
  const SimNotification *notification = &card->notification;

  g_string_append_printf (json,
                          ",\"switch\":{\"reason\":\"%s\",\"pending\":%s,\"service_timer\":%s,"
                          "\"notification\":\"%02X\",\"sequence\":%u,\"confirmed\":%s}",
                          sim_switch_get_reason_name (card->change.reason),
                          card->change.pending != NULL ? "true" : "false",
                          card->has_service_timer ? "true" : "false", notification->type,
                          notification->sequence_number,
                          notification->is_confirmed ? "true" : "false");
}

static void
append_channels (GString *json, const SimCard *card)
{
  const char *separator = "";

  g_string_append (json, ",\"logical_channels\":[");
  for (guint i = 1; i < G_N_ELEMENTS (card->channels); i++)
    {
      if (!card->channels[i].is_open)
        continue;
      g_string_append_printf (json, "%s%u", separator, i);
      separator = ",";
    }
  g_string_append_c (json, ']');
}

static void
append_bip (GString *json, const SimCard *card)
{
  guint8 channel = sim_bip_get_channel (&card->bip);

  g_string_append (json, ",\"channels\":[");
  if (channel != 0)
    g_string_append_printf (json, "%u", channel);
  g_string_append_printf (json, "],\"bytes\":%" G_GUINT64_FORMAT ",\"bip_faults\":{",
                          sim_bip_get_n_bytes (&card->bip));
  sim_bip_judge_append_json (&card->bip.judge, json);
  g_string_append_c (json, '}');
}

static void
append_executed (GString *json, const SimCard *card)
{
  g_string_append (json, ",\"executed\":[");
  for (const GList *item = card->executed.head; item != NULL; item = item->next)
    {
      const SimExecuted *executed = item->data;
      g_autofree char *packet = ea_span_to_hex (ea_span_from_bytes (executed->packet));
      g_autofree char *result = ea_span_to_hex (ea_span_from_bytes (executed->result));

      g_string_append_printf (json, "%s{\"packet\":\"%s\",\"result\":\"%s\"}",
                              item->prev == NULL ? "" : ",", packet, result);
    }
  g_string_append_c (json, ']');
}

char *
sim_card_get_state (SimCard *card)
{
  GString *json = g_string_new (NULL);

  g_string_append_printf (json, "\"eid\":\"%s\",\"iccid\":\"%s\"", card->eid,
                          sim_card_get_iccid (card));
  append_isdps (json, card);
  append_switch (json, card);
  g_string_append_printf (json,
                          ",\"counters\":{\"scp80:01\":%" G_GUINT64_FORMAT ",\"rejected\":%u}",
                          card->counter, card->n_rejected);
  append_channels (json, card);
  append_bip (json, card);
  append_executed (json, card);
  return g_string_free (json, FALSE);
}

guint
sim_card_get_n_rejected (SimCard *card)
{
  return card->n_rejected;
}

gboolean
sim_card_has_channel (SimCard *card)
{
  return sim_bip_get_state (&card->bip) != SIM_BIP_CLOSED;
}

char *
sim_card_take_bip_faults (SimCard *card)
{
  return sim_bip_judge_take (&card->bip.judge);
}

char *
sim_card_take_ledger (SimCard *card)
{
  return sim_ledger_take (&card->ledger);
}
