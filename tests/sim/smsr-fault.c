/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-fault.h"

#include <string.h>

#define RANDOM_AFTER_DEFAULT 32768
#define OCTETS_MAX 0x3FFFFFFF
#define INTERVAL_MAX_MS 60000
#define STATUS_MIN 100
#define STATUS_MAX 999

/* The letters of parameters: (a)fter, (c)ount, (s)eed, s(t)atus, (v)alue, (p)iece, (i)nterval, (r)eason */
typedef struct
{
  const char *word;
  SimSmsrFaultKind kind;
  const char *needs;
  const char *takes; /* behind them */
} Form;

static const Form forms[] = {
  { "off", SIM_SMSR_FAULT_NONE, "", "" },
  { "refuse", SIM_SMSR_FAULT_REFUSE, "", "a" },
  { "stall", SIM_SMSR_FAULT_STALL, "", "ac" },
  { "close", SIM_SMSR_FAULT_CLOSE, "", "ac" },
  { "reset", SIM_SMSR_FAULT_RESET, "", "ac" },
  { "flood", SIM_SMSR_FAULT_FLOOD, "", "ac" },
  { "random", SIM_SMSR_FAULT_RANDOM, "sc", "a" },
  { "slow", SIM_SMSR_FAULT_SLOW, "pi", "c" },
  { "unknown-identity", SIM_SMSR_FAULT_UNKNOWN_IDENTITY, "", "c" },
  { "wrong-key", SIM_SMSR_FAULT_WRONG_KEY, "", "c" },
  { "certificates", SIM_SMSR_FAULT_CERTIFICATES, "", "c" },
  { "tls1.0", SIM_SMSR_FAULT_TLS_1_0, "", "c" },
  { "tls1.1", SIM_SMSR_FAULT_TLS_1_1, "", "c" },
  { "tls1.3", SIM_SMSR_FAULT_TLS_1_3, "", "c" },
  { "legacy-suite", SIM_SMSR_FAULT_LEGACY_SUITE, "", "c" },
  { "unasked", SIM_SMSR_FAULT_UNASKED, "", "c" },
  { "early", SIM_SMSR_FAULT_EARLY, "", "c" },
  { "never", SIM_SMSR_FAULT_NEVER, "", "c" },
  { "status", SIM_SMSR_FAULT_STATUS, "t", "c" },
  { "header-flood", SIM_SMSR_FAULT_HEADER_FLOOD, "", "c" },
  { "endless-chunk", SIM_SMSR_FAULT_ENDLESS_CHUNK, "", "c" },
  { "length", SIM_SMSR_FAULT_LENGTH, "v", "c" },
  { "chunk-length", SIM_SMSR_FAULT_CHUNK_LENGTH, "v", "c" },
  { "short-body", SIM_SMSR_FAULT_SHORT_BODY, "", "c" },
  { "cut-body", SIM_SMSR_FAULT_CUT_BODY, "", "c" },
  { "cut-script", SIM_SMSR_FAULT_CUT_SCRIPT, "", "c" },
  { "unknown-application", SIM_SMSR_FAULT_UNKNOWN_APPLICATION, "", "c" },
  { "wrong-type", SIM_SMSR_FAULT_WRONG_TYPE, "", "c" },
  { "cat-tp-refuse", SIM_SMSR_FAULT_LINK_REFUSE, "r", "c" },
  { "cat-tp-silence", SIM_SMSR_FAULT_LINK_SILENCE, "", "c" },
  { "cat-tp-reset", SIM_SMSR_FAULT_LINK_RESET, "r", "ac" },
  { "cat-tp-forget", SIM_SMSR_FAULT_LINK_FORGET, "", "ac" },
  { "cat-tp-checksum", SIM_SMSR_FAULT_LINK_CHECKSUM, "", "ac" },
  { "cat-tp-drop", SIM_SMSR_FAULT_LINK_DROP, "", "ac" },
  { "cat-tp-deaf", SIM_SMSR_FAULT_LINK_DEAF, "", "ac" },
  { "cat-tp-forge", SIM_SMSR_FAULT_LINK_FORGE, "", "c" },
  { "cat-tp-unknown-key", SIM_SMSR_FAULT_LINK_UNKNOWN_KEY, "", "c" },
  { "cat-tp-oversize", SIM_SMSR_FAULT_LINK_OVERSIZE, "", "c" },
};

static gboolean
read_number (const char *word, guint64 minimum, guint64 maximum, guint *number)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (word, 10, minimum, maximum, &value, NULL))
    return FALSE;
  *number = (guint) value;
  return TRUE;
}

static gboolean
read_parameter (SimSmsrFault *fault, char letter, const char *word)
{
  guint number = 0;

  switch (letter)
    {
    case 'a':
      if (!read_number (word, 0, OCTETS_MAX, &number))
        return FALSE;
      fault->after = number;
      return TRUE;
    case 'c':
      return read_number (word, fault->kind == SIM_SMSR_FAULT_RANDOM ? 1 : 0, G_MAXINT32,
                          &fault->count);
    case 's':
      return read_number (word, 0, G_MAXUINT32, &fault->seed);
    case 't':
      return read_number (word, STATUS_MIN, STATUS_MAX, &fault->status);
    case 'v':
      return g_strlcpy (fault->value, word, sizeof (fault->value)) < sizeof (fault->value);
    case 'p':
      return read_number (word, 1, OCTETS_MAX, &fault->piece);
    case 'r':
      return read_number (word, 0, G_MAXUINT8, &fault->reason);
    case 'i':
      return read_number (word, 1, INTERVAL_MAX_MS, &fault->interval_ms);
    }
  g_assert_not_reached ();
}

static gboolean
parse (SimSmsrFault *fault, const Form *form, const char *const *words)
{
  g_autofree char *letters = g_strconcat (form->needs, form->takes, NULL);
  gsize n_words = g_strv_length ((char **) words);

  if (n_words < strlen (form->needs) || n_words > strlen (letters))
    return FALSE;
  for (gsize i = 0; i < n_words; i++)
    {
      if (!read_parameter (fault, letters[i], words[i]))
        return FALSE;
    }
  return TRUE;
}

gboolean
sim_smsr_fault_parse (SimSmsrFault *out, const char *const *words)
{
  for (gsize i = 0; words[0] != NULL && i < G_N_ELEMENTS (forms); i++)
    {
      SimSmsrFault fault = { .kind = forms[i].kind };

      if (strcmp (forms[i].word, words[0]) != 0)
        continue;
      if (fault.kind == SIM_SMSR_FAULT_RANDOM)
        fault.after = RANDOM_AFTER_DEFAULT;
      if (!parse (&fault, &forms[i], words + 1))
        return FALSE;
      *out = fault;
      return TRUE;
    }
  return FALSE;
}

gboolean
sim_smsr_fault_is_of_responses (SimSmsrFaultKind kind)
{
  return kind >= SIM_SMSR_FAULT_EARLY && kind <= SIM_SMSR_FAULT_WRONG_TYPE;
}

gboolean
sim_smsr_fault_is_of_links (SimSmsrFaultKind kind)
{
  return kind >= SIM_SMSR_FAULT_LINK_REFUSE;
}
