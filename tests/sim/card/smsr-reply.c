/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-reply.h"

#include "core/error.h"
#include "sim-tlv.h"

#define TAG_RESPONSE_DEFINITE 0xAB
#define TAG_RESPONSE_INDEFINITE 0xAF
#define TAG_R_APDU 0x23
#define TAG_EXECUTED 0x80
#define TAG_BAD_FORMAT 0x90
#define INDEFINITE_LENGTH 0x80
#define SW_INTERRUPTED 0x6FF1

typedef struct
{
  guint code;
  const char *name;
} Name;

static const char *
find_name (const Name *names, gsize n_names, guint code, const char *otherwise)
{
  for (gsize i = 0; i < n_names; i++)
    {
      if (names[i].code == code)
        return names[i].name;
    }
  return otherwise;
}

const char *
sim_smsr_get_status_name (guint8 status)
{
  static const Name names[] = {
    { 0x00, "no error" },
    { 0x01, "the checksum failed" },
    { 0x02, "the counter is low" },
    { 0x03, "the counter is high" },
    { 0x04, "the counter is blocked" },
    { 0x05, "ciphering error" },
    { 0x06, "unidentified security error" },
    { 0x07, "not enough memory for the message" },
    { 0x08, "more time is needed" },
    { 0x09, "the TAR is unknown" },
    { 0x0A, "insufficient security level" },
    { 0x0B, "the response follows by SMS-SUBMIT" },
  };

  return find_name (names, G_N_ELEMENTS (names), status, "reserved");
}

/* SGP.02 §4.1.1 and GlobalPlatform Card Specification §11.1.3 */
static const char *
get_sw_name (guint16 sw)
{
  static const Name names[] = {
    { 0x6581, "memory failure" },
    { 0x6700, "wrong length" },
    { 0x6982, "security status not satisfied" },
    { 0x6985, "conditions of use not satisfied" },
    { 0x69E1, "POL1 of the profile forbids it" },
    { 0x6A80, "incorrect data" },
    { 0x6A82, "application not found" },
    { 0x6A84, "not enough memory" },
    { 0x6A88, "referenced data not found" },
    { 0x6D00, "instruction not supported" },
  };

  return find_name (names, G_N_ELEMENTS (names), sw, "command refused");
}

gboolean
sim_smsr_is_success (guint16 sw)
{
  guint8 sw1 = (guint8) (sw >> 8);

  return sw1 == 0x62 || sw1 == 0x63 || sw1 >> 4 == 0x09;
}

static gboolean
get_objects (EaSpan script, EaSpan *objects)
{
  EaReader reader;
  guint8 tag;

  ea_reader_init (&reader, script);
  tag = ea_reader_u8 (&reader);
  if (tag == TAG_RESPONSE_INDEFINITE && ea_reader_u8 (&reader) == INDEFINITE_LENGTH
      && ea_reader_remaining (&reader) >= sizeof (guint16))
    {
      *objects = ea_reader_bytes (&reader, ea_reader_remaining (&reader) - sizeof (guint16));
      return ea_reader_u16be (&reader) == 0 && ea_reader_done (&reader);
    }
  *objects = ea_reader_bytes (&reader, sim_tlv_read_length (&reader));
  return tag == TAG_RESPONSE_DEFINITE && ea_reader_done (&reader);
}

static gboolean
set_malformed (GError **error)
{
  g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                       "The eUICC's answer is no response script");
  return FALSE;
}

gboolean
sim_smsr_parse_response (EaSpan script, EaSpan *objects, GError **error)
{
  EaSpan found = EA_SPAN_EMPTY;

  if (!get_objects (script, &found))
    return set_malformed (error);
  *objects = found;
  return TRUE;
}

static gboolean
add_answer (GArray *answers, EaSpan response)
{
  SimSmsrAnswer answer = { 0 };
  EaReader reader;

  ea_reader_init (&reader, response);
  if (response.size < sizeof (guint16))
    return FALSE;
  answer.data = ea_reader_bytes (&reader, response.size - sizeof (guint16));
  answer.sw = ea_reader_u16be (&reader);
  g_array_append_val (answers, answer);
  return TRUE;
}

static gboolean
read_integer (EaReader *reader, guint *number)
{
  gsize size = ea_reader_remaining (reader);

  if (size == 0 || size > sizeof (guint32))
    return FALSE;
  for (*number = 0; size > 0; size--)
    *number = *number << 8 | ea_reader_u8 (reader);
  return TRUE;
}

static gboolean
read_object (GArray *answers, const SimTlv *tlv, guint *executed, GError **error)
{
  EaReader reader;

  ea_reader_init (&reader, tlv->value);
  switch (tlv->tag)
    {
    case TAG_EXECUTED:
      return read_integer (&reader, executed) || set_malformed (error);
    case TAG_R_APDU:
      return add_answer (answers, tlv->value) || set_malformed (error);
    case TAG_BAD_FORMAT:
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED,
                   "The card calls the script badly formed, with cause %02X",
                   ea_reader_u8 (&reader));
      return FALSE;
    default:
      return set_malformed (error);
    }
}

GArray *
sim_smsr_parse_answers (EaSpan script, guint *executed, GError **error)
{
  g_autoptr (GArray) answers = g_array_new (FALSE, FALSE, sizeof (SimSmsrAnswer));
  EaSpan objects = EA_SPAN_EMPTY;
  guint number = G_MAXUINT;
  EaReader reader;

  if (!sim_smsr_parse_response (script, &objects, error))
    return NULL;
  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0)
    {
      SimTlv tlv = sim_tlv_read (&reader);

      if (!ea_reader_is_ok (&reader))
        {
          (void) set_malformed (error);
          return NULL;
        }
      if (!read_object (answers, &tlv, &number, error))
        return NULL;
    }
  *executed = number == G_MAXUINT ? answers->len : number;
  return g_steal_pointer (&answers);
}

gboolean
sim_smsr_check_answers (const GArray *answers, guint executed, GError **error)
{
  for (guint i = 0; i < answers->len; i++)
    {
      const SimSmsrAnswer *answer = &g_array_index (answers, SimSmsrAnswer, i);

      if (!sim_smsr_is_success (answer->sw))
        {
          g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED, "sw %04X: %s (command %u)",
                       answer->sw, get_sw_name (answer->sw), i + 1);
          return FALSE;
        }
    }
  if (answers->len != executed)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                   "%u commands were executed, but %u answers came", executed, answers->len);
      return FALSE;
    }
  return TRUE;
}

char *
sim_smsr_describe_status_words (const GArray *answers)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < answers->len; i++)
    g_string_append_printf (text, "%s%04X", i == 0 ? "" : ",",
                            g_array_index (answers, SimSmsrAnswer, i).sw);
  return g_string_free (text, FALSE);
}

gboolean
sim_smsr_check_end (const GArray *answers, guint n_commands, GError **error)
{
  if (answers->len == n_commands)
    return TRUE;
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
               "%u of %u commands were answered, and none has failed", answers->len, n_commands);
  return FALSE;
}

gboolean
sim_smsr_check_interruption (const GArray *answers, guint n_commands, GError **error)
{
  g_autofree char *status_words = NULL;

  if (answers->len == 0
      || g_array_index (answers, SimSmsrAnswer, answers->len - 1).sw != SW_INTERRUPTED)
    return TRUE;
  status_words = sim_smsr_describe_status_words (answers);
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED,
               "interrupted at command %u of %u sw=%s", answers->len, n_commands, status_words);
  return FALSE;
}
