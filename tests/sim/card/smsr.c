/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One operation at a time: words → script → command packet → SMS-DELIVER; SMS-SUBMIT → response
 * packet → script → words. Only short messages carry anything yet.
 */

#include "smsr.h"

#include "core/error.h"
#include "sim-keys.h"
#include "sim-sms.h"
#include "sim-tlv.h"
#include "smsr-eis.h"
#include "smsr-reply.h"
#include "smsr-script.h"
#include "smsr-words.h"

/* SGP.02 §2.4.3: checksum, ciphered, counter higher; proof of receipt always, secured alike, by
 * SMS-SUBMIT */
#define SPI1_OF_COMMANDS 0x16
#define SPI2_OF_COMMANDS 0x39

/* A script's response must be told in one packet, and a command's segments are numbered by an
 * octet. */
#define SCRIPT_MAX 2048

/* +491512345678 as TP-OA */
static const guint8 own_address[] = { 0x0C, 0x91, 0x94, 0x51, 0x21, 0x43, 0x65, 0x87 };

struct _SimSmsr
{
  char *eid;
  SimEis eis;
  SimSmsAssembly *assembly;
  guint64 answered; /* CNTR of the last proof of receipt */
  guint8 reference;

  gboolean is_running;
  SimSmsrFunction function;
  GBytes *aid;
  SimScp80Command command; /* its counter goes on from operation to operation */
  GQueue tpdus;            /* GBytes, not yet pulled */
  guint n_messages;
  guint n_delivered;
  char *reply;
};

SimSmsr *
sim_smsr_new (const char *eid)
{
  SimSmsr *smsr = g_new0 (SimSmsr, 1);

  smsr->eid = g_strdup (eid);
  smsr->assembly = sim_sms_assembly_new (SIM_SMS_PACKET_RESPONSE);
  smsr->command = (SimScp80Command){ .spi1 = SPI1_OF_COMMANDS,
                                     .spi2 = SPI2_OF_COMMANDS,
                                     .kic = SIM_KEYS_AES_IDENTIFIER,
                                     .kid = SIM_KEYS_AES_IDENTIFIER,
                                     .tar = SIM_TAR_ISD_R };
  sim_eis_init (&smsr->eis);
  g_queue_init (&smsr->tpdus);
  return smsr;
}

static void
drop_tpdus (SimSmsr *smsr)
{
  g_queue_clear_full (&smsr->tpdus, (GDestroyNotify) g_bytes_unref);
}

void
sim_smsr_free (SimSmsr *smsr)
{
  if (smsr == NULL)
    return;
  drop_tpdus (smsr);
  sim_sms_assembly_free (smsr->assembly);
  sim_eis_clear (&smsr->eis);
  g_clear_pointer (&smsr->aid, g_bytes_unref);
  g_free (smsr->reply);
  g_free (smsr->eid);
  g_free (smsr);
}

/* Takes @reply. */
static void
finish (SimSmsr *smsr, char *reply)
{
  drop_tpdus (smsr);
  sim_sms_assembly_reset (smsr->assembly);
  smsr->is_running = FALSE;
  smsr->reply = reply;
}

static void
finish_with_error (SimSmsr *smsr, const GError *error)
{
  finish (smsr, g_strconcat ("error ", error->message, NULL));
}

/* (transfer full) (nullable): without a word, the ISD-P that the function most likely means */
static GBytes *
choose_aid (const SimSmsr *smsr, const SimSmsrWords *words, GError **error)
{
  guint8 state = words->function == SIM_SMSR_ENABLE_PROFILE ? SIM_SMSR_DISABLED : SIM_SMSR_ENABLED;
  GBytes *aid;

  if (!words->concerns_isdp)
    return g_bytes_new (NULL, 0);
  if (words->argument != NULL)
    return sim_eis_resolve (&smsr->eis, words->argument, error);
  aid = sim_eis_find_state (&smsr->eis, state);
  if (aid == NULL)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MISSING, "No ISD-P is there to %s",
                   words->verb);
      return NULL;
    }
  return g_bytes_ref (aid);
}

static GBytes *
make_script (const SimSmsrWords *words, EaSpan aid, GError **error)
{
  g_autoptr (GBytes) script = words->function == SIM_SMSR_SEND_SCRIPT
                                  ? sim_smsr_read_script (words->argument, error)
                                  : sim_smsr_build_script (words->function, aid);

  if (script == NULL)
    return NULL;
  if (g_bytes_get_size (script) > SCRIPT_MAX)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT,
                   "A script of %" G_GSIZE_FORMAT " octets is too long for short messages",
                   g_bytes_get_size (script));
      return NULL;
    }
  return g_steal_pointer (&script);
}

static void
send_script (SimSmsr *smsr, EaSpan script)
{
  g_autoptr (GBytes) packet = NULL;
  g_autoptr (GPtrArray) tpdus = NULL;

  smsr->command.counter++;
  packet = sim_scp80_seal_command (&smsr->command, SIM_SCP80_FORM_SMS, script, &sim_keys, NULL);
  g_assert (packet != NULL); /* the keys fit the algorithm */
  tpdus = sim_sms_build_deliver (EA_SPAN_OF_ARRAY (own_address), ea_span_from_bytes (packet),
                                 ++smsr->reference);
  smsr->n_messages = tpdus->len;
  smsr->n_delivered = 0;
  for (guint i = 0; i < tpdus->len; i++)
    g_queue_push_tail (&smsr->tpdus, g_bytes_ref (g_ptr_array_index (tpdus, i)));
}

gboolean
sim_smsr_start (SimSmsr *smsr, const char *const *arguments, GError **error)
{
  g_autoptr (GBytes) script = NULL;
  g_autoptr (GBytes) aid = NULL;
  SimSmsrWords words;

  if (smsr->is_running || smsr->reply != NULL)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT, "The SM-SR is busy with the eUICC %s",
                   smsr->eid);
      return FALSE;
    }
  if (!sim_smsr_parse_words (&words, arguments, error))
    return FALSE;
  aid = choose_aid (smsr, &words, error);
  if (aid == NULL)
    return FALSE;
  script = make_script (&words, ea_span_from_bytes (aid), error);
  if (script == NULL)
    return FALSE;

  smsr->is_running = TRUE;
  smsr->function = words.function;
  g_clear_pointer (&smsr->aid, g_bytes_unref);
  smsr->aid = g_steal_pointer (&aid);
  send_script (smsr, ea_span_from_bytes (script));
  return TRUE;
}

GBytes *
sim_smsr_pull_tpdu (SimSmsr *smsr)
{
  return g_queue_pop_head (&smsr->tpdus);
}

void
sim_smsr_delivered (SimSmsr *smsr, gboolean was_accepted, guint8 rp_cause, guint8 tp_cause)
{
  if (!smsr->is_running)
    return; /* the proof of receipt was faster than the network's report */
  smsr->n_delivered++;
  if (!was_accepted)
    finish (smsr, g_strdup_printf ("error not delivered: message %u of %u, RP cause %02X, "
                                   "TP cause %02X",
                                   smsr->n_delivered, smsr->n_messages, rp_cause, tp_cause));
}

/* E3 objects of GET STATUS */
static void
read_status (SimSmsr *smsr, EaSpan list, GString *reply)
{
  const char *separator = " isdps=";
  EaReader reader;

  ea_reader_init (&reader, list);
  while (ea_reader_remaining (&reader) > 0)
    {
      SimTlv tlv = sim_tlv_read (&reader);
      EaSpan aid = EA_SPAN_EMPTY;
      EaSpan state = EA_SPAN_EMPTY;
      g_autofree char *hex = NULL;
      EaReader state_reader;
      guint8 life_cycle;

      if (!ea_reader_is_ok (&reader) || tlv.tag != 0xE3 || !sim_tlv_find (tlv.value, 0x4F, &aid)
          || !sim_tlv_find (tlv.value, 0x9F70, &state))
        return;
      ea_reader_init (&state_reader, state);
      life_cycle = ea_reader_u8 (&state_reader);
      sim_eis_set_state (&smsr->eis, aid, life_cycle);
      hex = ea_span_to_hex (aid);
      g_string_append_printf (reply, "%s%s:%s", separator, hex,
                              life_cycle == SIM_SMSR_ENABLED    ? "enabled"
                              : life_cycle == SIM_SMSR_DISABLED ? "disabled"
                                                                : "selectable");
      separator = ",";
    }
}

/* FF21: number of applications, free non-volatile and volatile memory in octets */
static void
read_memory (EaSpan object, GString *reply)
{
  EaSpan resources = EA_SPAN_EMPTY;
  EaSpan memory = EA_SPAN_EMPTY;
  EaReader reader;

  if (!sim_tlv_find (object, 0xFF21, &resources) || !sim_tlv_find (resources, 0x82, &memory))
    return;
  ea_reader_init (&reader, memory);
  g_string_append_printf (reply, " memory=%u", ea_reader_u32be (&reader));
}

static void
read_audit (SimSmsr *smsr, const GArray *answers, GString *reply)
{
  if (answers->len != 2)
    return;
  read_status (smsr, g_array_index (answers, SimSmsrAnswer, 0).data, reply);
  read_memory (g_array_index (answers, SimSmsrAnswer, 1).data, reply);
}

static void
append_aid (const SimSmsr *smsr, GString *reply)
{
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (smsr->aid));

  g_string_append_printf (reply, " aid=%s", hex);
}

/* The EIS follows, and the reply says what is particular to the function. */
static void
apply (SimSmsr *smsr, const GArray *answers, EaSpan script, GString *reply)
{
  EaSpan aid = ea_span_from_bytes (smsr->aid);
  g_autofree char *hex = NULL;

  if (aid.size > 0)
    append_aid (smsr, reply);
  switch (smsr->function)
    {
    case SIM_SMSR_ENABLE_PROFILE:
      sim_eis_set_enabled (&smsr->eis, aid);
      break;
    case SIM_SMSR_DISABLE_PROFILE:
      sim_eis_enable_fallback (&smsr->eis);
      break;
    case SIM_SMSR_SET_FALL_BACK:
      sim_eis_set_fallback (&smsr->eis, aid);
      break;
    case SIM_SMSR_DELETE_ISDP:
      sim_eis_remove (&smsr->eis, aid);
      break;
    case SIM_SMSR_CREATE_ISDP:
      sim_eis_set_state (&smsr->eis, aid, SIM_SMSR_SELECTABLE);
      break;
    case SIM_SMSR_AUDIT:
      read_audit (smsr, answers, reply);
      break;
    case SIM_SMSR_SEND_SCRIPT:
      hex = ea_span_to_hex (script);
      g_string_append_printf (reply, " response=%s", hex);
      break;
    }
}

static void
receive_script (SimSmsr *smsr, const SimScp80Response *response, EaSpan script)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) answers = NULL;
  g_autofree char *status_words = NULL;
  GString *reply;
  guint executed = 0;

  answers = sim_smsr_parse_answers (script, &executed, &error);
  if (answers == NULL || !sim_smsr_check_answers (answers, executed, &error))
    {
      finish_with_error (smsr, error);
      return;
    }
  status_words = sim_smsr_describe_status_words (answers);
  reply = g_string_new (NULL);
  g_string_printf (reply,
                   "ok packets=1 counter=%" G_GUINT64_FORMAT " status=%02X executed=%u sw=%s",
                   response->counter, response->status, executed, status_words);
  apply (smsr, answers, script, reply);
  finish (smsr, g_string_free (reply, FALSE));
}

static gboolean
check_response (const SimSmsr *smsr, const SimScp80Response *response, GError **error)
{
  if (response->tar != smsr->command.tar)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                   "proof of receipt: TAR %06X, not %06X", response->tar, smsr->command.tar);
      return FALSE;
    }
  if (response->counter != smsr->command.counter)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_REPLAY,
                   "proof of receipt: counter %" G_GUINT64_FORMAT ", not %" G_GUINT64_FORMAT,
                   response->counter, smsr->command.counter);
      return FALSE;
    }
  if (response->status != SIM_SCP80_STATUS_OK)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_SECURITY, "status %02X: %s",
                   response->status, sim_smsr_get_status_name (response->status));
      return FALSE;
    }
  return TRUE;
}

static void
receive_packet (SimSmsr *smsr, EaSpan packet)
{
  g_autoptr (GError) error = NULL;
  SimScp80Response response = { 0 };
  g_autoptr (GBytes) script = sim_scp80_open_response (
      &response, &smsr->command, SIM_SCP80_FORM_SMS, packet, &sim_keys, &error);

  if (script == NULL)
    {
      g_prefix_error (&error, "proof of receipt: ");
      finish_with_error (smsr, error);
      return;
    }
  /* The card repeats what it is not sure to have sent. */
  if (response.counter == smsr->answered && response.counter != smsr->command.counter)
    return;
  if (!check_response (smsr, &response, &error))
    {
      finish_with_error (smsr, error);
      return;
    }
  smsr->answered = response.counter;
  receive_script (smsr, &response, ea_span_from_bytes (script));
}

void
sim_smsr_receive (SimSmsr *smsr, EaSpan submit_tpdu)
{
  g_autoptr (GBytes) packet = NULL;
  SimSms sms = { 0 };

  if (!smsr->is_running || !sim_sms_parse_submit (&sms, submit_tpdu, NULL)
      || sms.pid != SIM_SMS_PID_DATA_DOWNLOAD
      || !ea_span_equal (sms.address, EA_SPAN_OF_ARRAY (own_address)))
    return;
  packet = sim_sms_assembly_add (smsr->assembly, &sms);
  if (packet != NULL)
    receive_packet (smsr, ea_span_from_bytes (packet));
}

char *
sim_smsr_pull_reply (SimSmsr *smsr)
{
  return g_steal_pointer (&smsr->reply);
}

void
sim_smsr_give_up (SimSmsr *smsr)
{
  if (!smsr->is_running)
    return;
  if (smsr->n_delivered < smsr->n_messages)
    finish (smsr, g_strdup_printf ("error timeout: waiting for delivery of message %u of %u",
                                   smsr->n_delivered + 1, smsr->n_messages));
  else
    finish (smsr, g_strdup_printf ("error timeout: waiting for proof of receipt of counter "
                                   "%" G_GUINT64_FORMAT,
                                   smsr->command.counter));
}
