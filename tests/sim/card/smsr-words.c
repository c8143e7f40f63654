/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-words.h"

#include <string.h>

#include "core/error.h"

typedef enum
{
  ARGUMENT_NONE,
  ARGUMENT_ISDP_OR_NONE,
  ARGUMENT_ISDP,
  ARGUMENT_FILE,
} Argument;

typedef struct
{
  const char *word;
  SimSmsrFunction function;
  Argument argument;
} Verb;

static const Verb verbs[] = {
  { "enable", SIM_SMSR_ENABLE_PROFILE, ARGUMENT_ISDP_OR_NONE },
  { "disable", SIM_SMSR_DISABLE_PROFILE, ARGUMENT_ISDP_OR_NONE },
  { "set-fallback", SIM_SMSR_SET_FALL_BACK, ARGUMENT_ISDP },
  { "delete", SIM_SMSR_DELETE_ISDP, ARGUMENT_ISDP },
  { "create-isdp", SIM_SMSR_CREATE_ISDP, ARGUMENT_ISDP },
  { "audit", SIM_SMSR_AUDIT, ARGUMENT_NONE },
  { "send-script", SIM_SMSR_SEND_SCRIPT, ARGUMENT_FILE },
};

/* @format has one %s, for @word. */
static gboolean
set_wrong_words (GError **error, const char *format, const char *word)
{
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED, format, word);
  return FALSE;
}

static gboolean
check_via (const char *via, GError **error)
{
  static const char *const later[] = { "cat-tp", "https", "bip-https", "bip-cat-tp", NULL };

  if (via == NULL)
    return set_wrong_words (error, "%s needs a bearer", "--via");
  if (g_str_equal (via, "auto") || g_str_equal (via, "sms"))
    return TRUE;
  if (!g_strv_contains (later, via))
    return set_wrong_words (error, "'%s' is no bearer", via);
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED, "--via %s is not available yet",
               via);
  return FALSE;
}

static gboolean
find_verb (const char *word, const Verb **verb, GError **error)
{
  static const char *const later[] = { "download-profile",
                                       "master-delete",
                                       "update-addressing",
                                       "handover",
                                       "push-https",
                                       "push-cat-tp",
                                       NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      if (g_str_equal (verbs[i].word, word))
        {
          *verb = &verbs[i];
          return TRUE;
        }
    }
  if (!g_strv_contains (later, word))
    return set_wrong_words (error, "'%s' is no function of the SM-SR", word);
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED, "%s is not available yet", word);
  return FALSE;
}

static gboolean
check_argument (const Verb *verb, const char *argument, GError **error)
{
  switch (verb->argument)
    {
    case ARGUMENT_NONE:
      return argument == NULL || set_wrong_words (error, "'%s' is too much", argument);
    case ARGUMENT_ISDP_OR_NONE:
      return TRUE;
    case ARGUMENT_ISDP:
      return argument != NULL
             || set_wrong_words (error, "%s needs the AID of an ISD-P", verb->word);
    case ARGUMENT_FILE:
      return argument != NULL || set_wrong_words (error, "%s needs a file", verb->word);
    }
  g_assert_not_reached ();
}

/* What follows the function: at most one argument, and options in any place */
static gboolean
parse_rest (const char *const *words, const char **argument, GError **error)
{
  for (; *words != NULL; words++)
    {
      gboolean is_via = g_str_equal (*words, "--via");

      if (is_via || g_str_has_prefix (*words, "--via="))
        {
          if (!check_via (is_via ? words[1] : strchr (*words, '=') + 1, error))
            return FALSE;
          words += is_via ? 1 : 0;
        }
      else if (*argument != NULL || g_str_has_prefix (*words, "--"))
        return set_wrong_words (error, "'%s' is too much", *words);
      else
        *argument = *words;
    }
  return TRUE;
}

gboolean
sim_smsr_parse_words (SimSmsrWords *out, const char *const *arguments, GError **error)
{
  const char *argument = NULL;
  const Verb *verb = NULL;

  if (*arguments == NULL)
    return set_wrong_words (error, "%s is missing", "The SM-SR's function");
  if (!find_verb (*arguments, &verb, error) || !parse_rest (arguments + 1, &argument, error)
      || !check_argument (verb, argument, error))
    return FALSE;
  *out = (SimSmsrWords){ verb->word, verb->function,
                         verb->argument == ARGUMENT_ISDP || verb->argument == ARGUMENT_ISDP_OR_NONE,
                         argument };
  return TRUE;
}
