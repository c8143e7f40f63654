/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Most functions are one script to the ISD-R. A download is many to an ISD-P, after one that creates
 * the ISD-P where none is SELECTABLE. A trigger alone has no step at all.
 */

#include "smsr-operation.h"

#include "core/error.h"
#include "sim-tlv.h"
#include "smsr-download.h"
#include "smsr-reply.h"
#include "smsr-script.h"

/* A response must be told in one packet, and a command's segments are numbered by an octet. */
#define SMS_SCRIPT_MAX 2048

/* An SDU of 2048 octets without what secures the packet: header of 30 octets at most, padding */
#define CAT_TP_SCRIPT_MAX (2048 - 48)

/* Sealed segments in one script: 16 KiB for an agent or HTTPS, one SDU for an eUICC's CAT_TP */
#define SEGMENTS 16
#define BIP_CAT_TP_SEGMENTS 1

/* GET STATUS, GlobalPlatform §11.4; extended card resources, TS 102 226 §8.2.1.7.2 */
#define TAG_APPLICATION 0xE3
#define TAG_APPLICATION_AID 0x4F
#define TAG_LIFE_CYCLE 0x9F70
#define TAG_RESOURCES 0xFF21
#define TAG_NON_VOLATILE_MEMORY 0x82

struct _SimSmsrOperation
{
  SimSmsrFunction function;
  SimEis *eis;
  GBytes *aid; /* empty: no ISD-P is concerned */
  SimSmsrDownload *download;
  gboolean is_creating; /* the step makes the ISD-P of a download */
  GBytes *script;       /* NULL: all steps are done */
  GBytes *first_script;
  guint number;
  guint32 first_number; /* of generated commands */
  guint n_generated;
  GString *results;
};

/* (transfer full) (nullable): without a word, the ISD-P that the function most likely means */
static GBytes *
choose_aid (const SimEis *eis, const SimSmsrWords *words, GError **error)
{
  guint8 state = words->function == SIM_SMSR_ENABLE_PROFILE ? SIM_SMSR_DISABLED : SIM_SMSR_ENABLED;
  GBytes *aid;

  if (!words->concerns_isdp)
    return g_bytes_new (NULL, 0);
  if (words->argument != NULL)
    return sim_eis_resolve (eis, words->argument, error);
  aid = sim_eis_find_state (eis, state);
  if (aid == NULL)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MISSING, "No ISD-P is there to %s",
                   words->verb);
      return NULL;
    }
  return g_bytes_ref (aid);
}

/* A script for an agent's link is cut when its limit is known. */
static gboolean
check_length (EaSpan script, SimSmsrVia via, GError **error)
{
  gsize maximum = via == SIM_SMSR_VIA_SMS ? SMS_SCRIPT_MAX : CAT_TP_SCRIPT_MAX;

  if (via == SIM_SMSR_VIA_CAT_TP || sim_smsr_get_protocol (via) == SIM_SMSR_PROTOCOL_HTTPS
      || script.size <= maximum)
    return TRUE;
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT,
               "A script of %" G_GSIZE_FORMAT " octets is too long for %s", script.size,
               via == SIM_SMSR_VIA_SMS ? "short messages" : "CAT_TP");
  return FALSE;
}

/* (transfer full) (nullable): of SIM_SMSR_SEND_SCRIPT */
static GBytes *
make_script (const SimSmsrWords *words, guint32 first_number, SimSmsrFormat format, GError **error)
{
  if (words->options.n_generated > 0)
    return sim_smsr_generate_script (first_number, words->options.n_generated,
                                     words->options.generated_size, format);
  return sim_smsr_read_script (words->argument, error);
}

gboolean
sim_smsr_operation_fits_sms (const SimSmsrWords *words)
{
  g_autoptr (GBytes) script = NULL;

  if (words->function == SIM_SMSR_SEND_SCRIPT)
    script = make_script (words, 0, SIM_SMSR_FORMAT_DEFINITE, NULL);
  return script == NULL || g_bytes_get_size (script) <= SMS_SCRIPT_MAX;
}

static gboolean
start_script (SimSmsrOperation *operation, const SimSmsrWords *words, GError **error)
{
  SimSmsrFormat format = sim_smsr_get_protocol (words->via) == SIM_SMSR_PROTOCOL_HTTPS
                             ? SIM_SMSR_FORMAT_INDEFINITE
                             : SIM_SMSR_FORMAT_DEFINITE;

  operation->aid = choose_aid (operation->eis, words, error);
  if (operation->aid == NULL)
    return FALSE;
  operation->n_generated = words->options.n_generated;
  if (words->function == SIM_SMSR_SEND_SCRIPT)
    operation->script = make_script (words, operation->first_number, format, error);
  else
    operation->script
        = sim_smsr_build_script (words->function, ea_span_from_bytes (operation->aid), format);
  return operation->script != NULL
         && check_length (ea_span_from_bytes (operation->script), words->via, error);
}

static guint
choose_segments (const SimSmsrWords *words)
{
  if (words->options.n_segments > 0)
    return words->options.n_segments;
  return words->via == SIM_SMSR_VIA_BIP_CAT_TP ? BIP_CAT_TP_SEGMENTS : SEGMENTS;
}

static gboolean
start_download (SimSmsrOperation *operation, const SimSmsrWords *words, GError **error)
{
  gboolean is_https = sim_smsr_get_protocol (words->via) == SIM_SMSR_PROTOCOL_HTTPS;
  GBytes *selectable = sim_eis_find_state (operation->eis, SIM_SMSR_SELECTABLE);

  operation->download = sim_smsr_download_new (words->argument, choose_segments (words), error);
  if (operation->download == NULL)
    return FALSE;
  operation->is_creating = selectable == NULL;
  operation->aid
      = selectable == NULL ? sim_eis_choose_aid (operation->eis) : g_bytes_ref (selectable);
  operation->script = selectable == NULL ? sim_smsr_build_script (
                          SIM_SMSR_CREATE_ISDP, ea_span_from_bytes (operation->aid),
                          is_https ? SIM_SMSR_FORMAT_INDEFINITE : SIM_SMSR_FORMAT_DEFINITE)
                                         : sim_smsr_download_build (operation->download);
  return TRUE;
}

static gboolean
start (SimSmsrOperation *operation, const SimSmsrWords *words, GError **error)
{
  switch (words->function)
    {
    case SIM_SMSR_DOWNLOAD_PROFILE:
      return start_download (operation, words, error);
    case SIM_SMSR_PUSH_HTTPS:
    case SIM_SMSR_PUSH_CAT_TP:
      operation->aid = g_bytes_new (NULL, 0);
      return TRUE;
    case SIM_SMSR_ENABLE_PROFILE:
    case SIM_SMSR_DISABLE_PROFILE:
    case SIM_SMSR_SET_FALL_BACK:
    case SIM_SMSR_DELETE_ISDP:
    case SIM_SMSR_CREATE_ISDP:
    case SIM_SMSR_AUDIT:
    case SIM_SMSR_SEND_SCRIPT:
      return start_script (operation, words, error);
    case SIM_SMSR_REPEAT:
      break;
    }
  g_assert_not_reached ();
}

SimSmsrOperation *
sim_smsr_operation_new (const SimSmsrWords *words, SimEis *eis, guint32 first_number,
                        GError **error)
{
  g_autoptr (SimSmsrOperation) operation = g_new0 (SimSmsrOperation, 1);

  operation->function = words->function;
  operation->eis = eis;
  operation->number = 1;
  operation->first_number = first_number;
  operation->results = g_string_new (NULL);
  if (!start (operation, words, error))
    return NULL;
  operation->first_script = operation->script == NULL ? NULL : g_bytes_ref (operation->script);
  return g_steal_pointer (&operation);
}

void
sim_smsr_operation_rewind (SimSmsrOperation *operation)
{
  g_clear_pointer (&operation->script, g_bytes_unref);
  operation->script = g_bytes_ref (operation->first_script);
  operation->number = 1;
  g_string_truncate (operation->results, 0);
}

void
sim_smsr_operation_free (SimSmsrOperation *operation)
{
  if (operation == NULL)
    return;
  g_clear_pointer (&operation->aid, g_bytes_unref);
  g_clear_pointer (&operation->script, g_bytes_unref);
  g_clear_pointer (&operation->first_script, g_bytes_unref);
  sim_smsr_download_free (operation->download);
  g_string_free (operation->results, TRUE);
  g_free (operation);
}

gboolean
sim_smsr_operation_get_step (const SimSmsrOperation *operation, SimSmsrStep *step)
{
  if (operation->script == NULL)
    return FALSE;
  step->script = ea_span_from_bytes (operation->script);
  step->target = operation->download != NULL && !operation->is_creating
                     ? ea_span_from_bytes (operation->aid)
                     : EA_SPAN_EMPTY;
  return TRUE;
}

/* E3 objects of GET STATUS */
static void
read_status (SimSmsrOperation *operation, EaSpan list)
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

      if (!ea_reader_is_ok (&reader) || tlv.tag != TAG_APPLICATION
          || !sim_tlv_find (tlv.value, TAG_APPLICATION_AID, &aid)
          || !sim_tlv_find (tlv.value, TAG_LIFE_CYCLE, &state))
        return;
      ea_reader_init (&state_reader, state);
      life_cycle = ea_reader_u8 (&state_reader);
      sim_eis_set_state (operation->eis, aid, life_cycle);
      hex = ea_span_to_hex (aid);
      g_string_append_printf (operation->results, "%s%s:%s", separator, hex,
                              life_cycle == SIM_SMSR_ENABLED    ? "enabled"
                              : life_cycle == SIM_SMSR_DISABLED ? "disabled"
                                                                : "selectable");
      separator = ",";
    }
}

/* FF21: number of applications, free non-volatile and volatile memory in octets */
static void
read_memory (SimSmsrOperation *operation, EaSpan object)
{
  EaSpan resources = EA_SPAN_EMPTY;
  EaSpan memory = EA_SPAN_EMPTY;
  EaReader reader;
  guint32 n_free;

  if (!sim_tlv_find (object, TAG_RESOURCES, &resources)
      || !sim_tlv_find (resources, TAG_NON_VOLATILE_MEMORY, &memory))
    return;
  ea_reader_init (&reader, memory);
  n_free = ea_reader_u32be (&reader);
  if (ea_reader_is_ok (&reader))
    g_string_append_printf (operation->results, " memory=%u", n_free);
}

static void
read_audit (SimSmsrOperation *operation, const GArray *answers)
{
  if (answers->len != 2)
    return;
  read_status (operation, g_array_index (answers, SimSmsrAnswer, 0).data);
  read_memory (operation, g_array_index (answers, SimSmsrAnswer, 1).data);
}

static void
append_hex (SimSmsrOperation *operation, const char *name, EaSpan value)
{
  g_string_append_printf (operation->results, " %s=", name);
  ea_span_append_hex (value, operation->results);
}

static void
describe_script (SimSmsrOperation *operation, EaSpan response)
{
  if (operation->n_generated > 0)
    g_string_append_printf (operation->results, " numbers=%u-%u", operation->first_number,
                            operation->first_number + operation->n_generated - 1);
  else
    append_hex (operation, "response", response);
}

/* The EIS follows, and the results say what is particular to the function. */
static void
apply (SimSmsrOperation *operation, const GArray *answers, EaSpan script)
{
  EaSpan aid = ea_span_from_bytes (operation->aid);

  switch (operation->function)
    {
    case SIM_SMSR_ENABLE_PROFILE:
      sim_eis_set_enabled (operation->eis, aid);
      break;
    case SIM_SMSR_DISABLE_PROFILE:
      sim_eis_enable_fallback (operation->eis);
      break;
    case SIM_SMSR_SET_FALL_BACK:
      sim_eis_set_fallback (operation->eis, aid);
      break;
    case SIM_SMSR_DELETE_ISDP:
      sim_eis_remove (operation->eis, aid);
      break;
    case SIM_SMSR_CREATE_ISDP:
    case SIM_SMSR_DOWNLOAD_PROFILE:
      sim_eis_set_state (operation->eis, aid, SIM_SMSR_SELECTABLE);
      break;
    case SIM_SMSR_AUDIT:
      read_audit (operation, answers);
      break;
    case SIM_SMSR_SEND_SCRIPT:
      describe_script (operation, script);
      break;
    case SIM_SMSR_PUSH_HTTPS:
    case SIM_SMSR_PUSH_CAT_TP:
    case SIM_SMSR_REPEAT:
      g_assert_not_reached ();
    }
}

static gboolean
take_commands (SimSmsrOperation *operation, EaSpan script, GError **error)
{
  guint n_commands = sim_smsr_count_commands (ea_span_from_bytes (operation->script));
  g_autoptr (GArray) answers = NULL;
  g_autofree char *status_words = NULL;
  guint executed = 0;

  answers = sim_smsr_parse_answers (script, &executed, error);
  if (answers == NULL || !sim_smsr_check_interruption (answers, n_commands, error)
      || !sim_smsr_check_answers (answers, executed, error)
      || !sim_smsr_check_end (answers, n_commands, error))
    return FALSE;
  status_words = sim_smsr_describe_status_words (answers);
  g_string_append_printf (operation->results, " executed=%u sw=%s", executed, status_words);
  if (g_bytes_get_size (operation->aid) > 0)
    append_hex (operation, "aid", ea_span_from_bytes (operation->aid));
  apply (operation, answers, script);
  g_clear_pointer (&operation->script, g_bytes_unref);
  return TRUE;
}

static void
finish_download (SimSmsrOperation *operation)
{
  EaSpan aid = ea_span_from_bytes (operation->aid);

  sim_eis_set_state (operation->eis, aid, SIM_SMSR_DISABLED);
  g_string_truncate (operation->results, 0);
  append_hex (operation, "aid", aid);
  g_string_append_printf (operation->results, " bytes=%" G_GSIZE_FORMAT " sha256=%s",
                          sim_smsr_download_get_size (operation->download),
                          sim_smsr_download_get_hash (operation->download));
}

static gboolean
take_download (SimSmsrOperation *operation, EaSpan script, GError **error)
{
  if (operation->is_creating)
    {
      if (!take_commands (operation, script, error))
        return FALSE;
      operation->is_creating = FALSE;
    }
  else if (!sim_smsr_download_take (operation->download, script, error))
    return FALSE;
  g_clear_pointer (&operation->script, g_bytes_unref);
  operation->script = sim_smsr_download_build (operation->download);
  if (operation->script == NULL)
    finish_download (operation);
  return TRUE;
}

gboolean
sim_smsr_operation_take (SimSmsrOperation *operation, EaSpan script, GError **error)
{
  gboolean is_good = operation->download != NULL ? take_download (operation, script, error)
                                                 : take_commands (operation, script, error);

  if (is_good)
    operation->number++;
  return is_good;
}

void
sim_smsr_operation_skip (SimSmsrOperation *operation)
{
  g_clear_pointer (&operation->script, g_bytes_unref);
  operation->number++;
  g_string_append (operation->results, " executed=unknown");
}

guint
sim_smsr_operation_get_number (const SimSmsrOperation *operation)
{
  return operation->number;
}

gboolean
sim_smsr_operation_is_switch (const SimSmsrOperation *operation)
{
  return operation->function == SIM_SMSR_ENABLE_PROFILE
         || operation->function == SIM_SMSR_DISABLE_PROFILE;
}

void
sim_smsr_operation_describe (const SimSmsrOperation *operation, GString *reply)
{
  g_string_append_len (reply, operation->results->str, (gssize) operation->results->len);
}
