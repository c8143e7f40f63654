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
  ARGUMENT_PEER_OR_NONE,
} Argument;

/* Which --via a function takes */
typedef enum
{
  VIA_ANY,
  VIA_CHANNEL, /* too long for short messages */
  VIA_NONE,    /* opens one channel, and that is all */
} ViaRule;

typedef struct
{
  const char *word;
  SimSmsrFunction function;
  Argument argument;
  ViaRule rule;
  SimSmsrVia auto_via;
} Verb;

typedef struct
{
  const char *argument; /* NULL: not given */
  const char *via;      /* NULL: not given */
} Rest;

static const char *const via_names[] = {
  [SIM_SMSR_VIA_SMS] = "sms",
  [SIM_SMSR_VIA_BIP_HTTPS] = "bip-https",
  [SIM_SMSR_VIA_BIP_CAT_TP] = "bip-cat-tp",
};

static const Verb verbs[] = {
  { "enable", SIM_SMSR_ENABLE_PROFILE, ARGUMENT_ISDP_OR_NONE, VIA_ANY, SIM_SMSR_VIA_SMS },
  { "disable", SIM_SMSR_DISABLE_PROFILE, ARGUMENT_ISDP_OR_NONE, VIA_ANY, SIM_SMSR_VIA_SMS },
  { "set-fallback", SIM_SMSR_SET_FALL_BACK, ARGUMENT_ISDP, VIA_ANY, SIM_SMSR_VIA_SMS },
  { "delete", SIM_SMSR_DELETE_ISDP, ARGUMENT_ISDP, VIA_ANY, SIM_SMSR_VIA_SMS },
  { "create-isdp", SIM_SMSR_CREATE_ISDP, ARGUMENT_ISDP, VIA_ANY, SIM_SMSR_VIA_SMS },
  { "audit", SIM_SMSR_AUDIT, ARGUMENT_NONE, VIA_ANY, SIM_SMSR_VIA_SMS },
  { "send-script", SIM_SMSR_SEND_SCRIPT, ARGUMENT_FILE, VIA_ANY, SIM_SMSR_VIA_SMS },
  { "download-profile", SIM_SMSR_DOWNLOAD_PROFILE, ARGUMENT_FILE, VIA_CHANNEL,
    SIM_SMSR_VIA_BIP_HTTPS },
  { "push-https", SIM_SMSR_PUSH_HTTPS, ARGUMENT_PEER_OR_NONE, VIA_NONE, SIM_SMSR_VIA_BIP_HTTPS },
  { "push-cat-tp", SIM_SMSR_PUSH_CAT_TP, ARGUMENT_NONE, VIA_NONE, SIM_SMSR_VIA_BIP_CAT_TP },
};

/* @format has one %s, for @word. */
static gboolean
set_wrong_words (GError **error, const char *format, const char *word)
{
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED, format, word);
  return FALSE;
}

const char *
sim_smsr_get_via_name (SimSmsrVia via)
{
  return via_names[via];
}

static gboolean
find_via (const char *name, SimSmsrVia *via, GError **error)
{
  static const char *const later[] = { "cat-tp", "https", NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (via_names); i++)
    {
      if (g_str_equal (via_names[i], name))
        {
          *via = (SimSmsrVia) i;
          return TRUE;
        }
    }
  if (!g_strv_contains (later, name))
    return set_wrong_words (error, "'%s' is no bearer: take auto, sms, bip-https or bip-cat-tp",
                            name);
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED, "--via %s is not available yet",
               name);
  return FALSE;
}

static gboolean
choose_via (const Verb *verb, const char *name, SimSmsrVia *via, GError **error)
{
  *via = verb->auto_via;
  if (name == NULL || g_str_equal (name, "auto"))
    return TRUE;
  if (!find_via (name, via, error))
    return FALSE;
  switch (verb->rule)
    {
    case VIA_ANY:
      return TRUE;
    case VIA_CHANNEL:
      return *via != SIM_SMSR_VIA_SMS
             || set_wrong_words (error, "%s is too long for short messages", verb->word);
    case VIA_NONE:
      return *via == verb->auto_via
             || set_wrong_words (error, "%s opens a channel of its own kind", verb->word);
    }
  g_assert_not_reached ();
}

static gboolean
find_verb (const char *word, const Verb **verb, GError **error)
{
  static const char *const later[] = { "master-delete", "update-addressing", "handover", NULL };

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
    case ARGUMENT_PEER_OR_NONE:
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
parse_rest (const char *const *words, Rest *rest, GError **error)
{
  for (; *words != NULL; words++)
    {
      gboolean is_via = g_str_equal (*words, "--via");

      if (is_via || g_str_has_prefix (*words, "--via="))
        {
          rest->via = is_via ? words[1] : strchr (*words, '=') + 1;
          if (rest->via == NULL)
            return set_wrong_words (error, "%s needs a bearer", "--via");
          words += is_via ? 1 : 0;
        }
      else if (rest->argument != NULL || g_str_has_prefix (*words, "--"))
        return set_wrong_words (error, "'%s' is too much", *words);
      else
        rest->argument = *words;
    }
  return TRUE;
}

gboolean
sim_smsr_parse_words (SimSmsrWords *out, const char *const *arguments, GError **error)
{
  Rest rest = { 0 };
  const Verb *verb = NULL;
  SimSmsrVia via;

  if (*arguments == NULL)
    return set_wrong_words (error, "%s is missing", "The SM-SR's function");
  if (!find_verb (*arguments, &verb, error) || !parse_rest (arguments + 1, &rest, error)
      || !choose_via (verb, rest.via, &via, error) || !check_argument (verb, rest.argument, error))
    return FALSE;
  *out = (SimSmsrWords){
    .verb = verb->word,
    .function = verb->function,
    .via = via,
    .concerns_isdp = verb->argument == ARGUMENT_ISDP || verb->argument == ARGUMENT_ISDP_OR_NONE,
    .argument = rest.argument,
  };
  return TRUE;
}
