/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-words.h"

#include "core/error.h"
#include "sim-scp80.h"

typedef enum
{
  ARGUMENT_NONE,
  ARGUMENT_ISDP_OR_NONE,
  ARGUMENT_ISDP,
  ARGUMENT_FILE,
  ARGUMENT_FILE_OR_GENERATED,
  ARGUMENT_PEER_OR_NONE,
} Argument;

/* Which --via a function takes */
typedef enum
{
  VIA_ANY,
  VIA_CHANNEL, /* too long for short messages */
  VIA_NONE,    /* opens one channel, and that is all */
  VIA_SMS,     /* has to do with short messages */
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
  SimSmsrOptions options;
} Rest;

static const char *const via_names[] = {
  [SIM_SMSR_VIA_SMS] = "sms",
  [SIM_SMSR_VIA_HTTPS] = "https",
  [SIM_SMSR_VIA_CAT_TP] = "cat-tp",
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
  { "send-script", SIM_SMSR_SEND_SCRIPT, ARGUMENT_FILE_OR_GENERATED, VIA_ANY, SIM_SMSR_VIA_SMS },
  { "download-profile", SIM_SMSR_DOWNLOAD_PROFILE, ARGUMENT_FILE, VIA_CHANNEL,
    SIM_SMSR_VIA_BIP_HTTPS },
  { "push-https", SIM_SMSR_PUSH_HTTPS, ARGUMENT_PEER_OR_NONE, VIA_NONE, SIM_SMSR_VIA_BIP_HTTPS },
  { "repeat", SIM_SMSR_REPEAT, ARGUMENT_NONE, VIA_SMS, SIM_SMSR_VIA_SMS },
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

SimSmsrProtocol
sim_smsr_get_protocol (SimSmsrVia via)
{
  switch (via)
    {
    case SIM_SMSR_VIA_SMS:
      return SIM_SMSR_PROTOCOL_NONE;
    case SIM_SMSR_VIA_HTTPS:
    case SIM_SMSR_VIA_BIP_HTTPS:
      return SIM_SMSR_PROTOCOL_HTTPS;
    case SIM_SMSR_VIA_CAT_TP:
    case SIM_SMSR_VIA_BIP_CAT_TP:
      return SIM_SMSR_PROTOCOL_CAT_TP;
    }
  g_assert_not_reached ();
}

gboolean
sim_smsr_is_via_agent (SimSmsrVia via)
{
  return via == SIM_SMSR_VIA_HTTPS || via == SIM_SMSR_VIA_CAT_TP;
}

static gboolean
find_via (const char *name, SimSmsrVia *via, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (via_names); i++)
    {
      if (g_str_equal (via_names[i], name))
        {
          *via = (SimSmsrVia) i;
          return TRUE;
        }
    }
  return set_wrong_words (error,
                          "'%s' is no bearer: take auto, sms, https, cat-tp, bip-https or "
                          "bip-cat-tp",
                          name);
}

static gboolean
is_auto (const char *via)
{
  return via == NULL || g_str_equal (via, "auto");
}

static gboolean
choose_via (const Verb *verb, const char *name, SimSmsrVia *via, GError **error)
{
  *via = verb->auto_via;
  if (is_auto (name))
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
      return sim_smsr_get_protocol (*via) == sim_smsr_get_protocol (verb->auto_via)
             || set_wrong_words (error, "%s opens a channel of its own kind", verb->word);
    case VIA_SMS:
      return *via == SIM_SMSR_VIA_SMS
             || set_wrong_words (error, "%s is for short messages only", verb->word);
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
check_argument (const Verb *verb, const Rest *rest, GError **error)
{
  gboolean is_generated = rest->options.n_generated > 0;

  if (is_generated && verb->argument != ARGUMENT_FILE_OR_GENERATED)
    return set_wrong_words (error, "%s generates nothing", verb->word);
  switch (verb->argument)
    {
    case ARGUMENT_NONE:
      return rest->argument == NULL || set_wrong_words (error, "'%s' is too much", rest->argument);
    case ARGUMENT_ISDP_OR_NONE:
    case ARGUMENT_PEER_OR_NONE:
      return TRUE;
    case ARGUMENT_ISDP:
      return rest->argument != NULL
             || set_wrong_words (error, "%s needs the AID of an ISD-P", verb->word);
    case ARGUMENT_FILE:
      return rest->argument != NULL || set_wrong_words (error, "%s needs a file", verb->word);
    case ARGUMENT_FILE_OR_GENERATED:
      return (rest->argument != NULL) != is_generated
             || set_wrong_words (error, "%s needs a file or --generate", verb->word);
    }
  g_assert_not_reached ();
}

/* What short messages alone can have changed */
static gboolean
is_of_short_messages (const SimSmsrOptions *options, SimSmsrVia via)
{
  switch (via)
    {
    case SIM_SMSR_VIA_SMS:
      return FALSE;
    case SIM_SMSR_VIA_HTTPS:
      return sim_smsr_options_change_form (options) || options->wait_s > 0;
    case SIM_SMSR_VIA_CAT_TP:
      return options->order != SIM_SMSR_ORDER_KEPT || options->wait_s > 0;
    case SIM_SMSR_VIA_BIP_HTTPS:
    case SIM_SMSR_VIA_BIP_CAT_TP:
      return sim_smsr_options_change_packet (options) || options->wait_s > 0;
    }
  g_assert_not_reached ();
}

/* Over a channel of its own the eUICC notifies anyway, and over CAT_TP nobody has promised it. */
static gboolean
can_await_notification (const Verb *verb, SimSmsrVia via)
{
  return via == SIM_SMSR_VIA_HTTPS
         || (via == SIM_SMSR_VIA_SMS
             && (verb->function == SIM_SMSR_ENABLE_PROFILE
                 || verb->function == SIM_SMSR_DISABLE_PROFILE));
}

/* Options of what an agent opens */
static gboolean
check_agent_options (const Verb *verb, const SimSmsrOptions *options, SimSmsrVia via,
                     GError **error)
{
  if ((via != SIM_SMSR_VIA_HTTPS && sim_smsr_options_concern_sessions (options))
      || (options->awaits_notification && !can_await_notification (verb, via))
      || ((options->is_untriggered || options->n_segments > 0) && !sim_smsr_is_via_agent (via)))
    return set_wrong_words (error, "%s takes no options of the agent's sessions", via_names[via]);
  if (via != SIM_SMSR_VIA_CAT_TP && (options->is_sealed || options->identification != NULL))
    return set_wrong_words (error, "%s takes no options of the agent's links", via_names[via]);
  if (options->is_untriggered && via == SIM_SMSR_VIA_HTTPS
      && (sim_smsr_options_change_packet (options) || options->host != NULL))
    return set_wrong_words (error, "%s leaves no packet to be changed", "--no-trigger");
  return TRUE;
}

/* What goes together: the order of a packet's segments is of short messages, and a repetition has it already. */
static gboolean
check_options (const Verb *verb, const SimSmsrOptions *options, SimSmsrVia via, GError **error)
{
  if (!check_agent_options (verb, options, via, error))
    return FALSE;
  if (is_of_short_messages (options, via))
    return set_wrong_words (error, "%s takes no options of short messages", via_names[via]);
  if (options->is_sealed && verb->function == SIM_SMSR_DOWNLOAD_PROFILE)
    return set_wrong_words (error, "%s can't go in the form of short messages", verb->word);
  if (options->n_segments > 0 && verb->function != SIM_SMSR_DOWNLOAD_PROFILE)
    return set_wrong_words (error, "%s has no segments", verb->word);
  if (options->is_unanswered && verb->function != SIM_SMSR_SEND_SCRIPT)
    return set_wrong_words (error, "%s has to be answered", verb->word);
  if (verb->function == SIM_SMSR_REPEAT && sim_smsr_options_change_packet (options))
    return set_wrong_words (error, "%s changes nothing", verb->word);
  if (options->is_corrupt && options->has_spi
      && sim_scp80_get_integrity (options->spi1) == SIM_SCP80_INTEGRITY_NONE)
    return set_wrong_words (error, "%s needs a checksum in the packet", "--corrupt");
  return TRUE;
}

/* What follows the function: at most one argument, and options in any place */
static gboolean
parse_rest (const char *const *words, Rest *rest, GError **error)
{
  for (; *words != NULL; words++)
    {
      if (g_str_has_prefix (*words, "--"))
        {
          if (!sim_smsr_options_take (&rest->options, &words, error))
            return FALSE;
        }
      else if (rest->argument != NULL)
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
      || !choose_via (verb, rest.options.via, &via, error) || !check_argument (verb, &rest, error)
      || !check_options (verb, &rest.options, via, error))
    return FALSE;
  *out = (SimSmsrWords){
    .verb = verb->word,
    .function = verb->function,
    .via = via,
    .is_auto = is_auto (rest.options.via),
    .concerns_isdp = verb->argument == ARGUMENT_ISDP || verb->argument == ARGUMENT_ISDP_OR_NONE,
    .argument = rest.argument,
    .options = rest.options,
  };
  return TRUE;
}
