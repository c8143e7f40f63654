/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The control command "euicc": what the card does before and after a switch of profiles, and in place of a command. */
#include <string.h>

#include "command.h"
#include "terminal.h"

#define USAGE                                                                                      \
  "error usage: euicc notify session|off|sms|https [WAIT_S [TRIES]], rollback on|off, "            \
  "fallback SECONDS|off, answer INS SIZE, or "                                                     \
  "pol1 AID none|no-disable|no-delete|delete|delete-always"
/* What a timer of TS 102 223 §8.38 can be told */
#define SECONDS_MAX (24 * 3600 - 1)
#define TRIES_MAX 100
#define AID_DIGITS 32
#define AID_PREFIX "A0000005591010FFFFFFFF890000"

static gboolean
find_word (const char *const *words, const char *word, guint *index)
{
  for (*index = 0; words[*index] != NULL; (*index)++)
    if (strcmp (words[*index], word) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
change_notification (const SimCommand *command, SimCardPolicy *policy)
{
  static const char *const words[] = {
    [SIM_NOTIFY_AFTER_SESSION] = "session",
    [SIM_NOTIFY_NOT] = "off",
    [SIM_NOTIFY_BY_SMS] = "sms",
    [SIM_NOTIFY_BY_HTTPS] = "https",
    [SIM_NOTIFY_BY_HTTPS + 1] = NULL,
  };
  guint by;

  policy->wait_s = 0;
  policy->n_tries = 1;
  if (command->n_words < 2 || command->n_words > 4 || !find_word (words, command->words[1], &by)
      || (command->n_words > 2
          && !sim_command_read_number (command->words[2], 10, SECONDS_MAX, &policy->wait_s))
      || (command->n_words > 3
          && !sim_command_read_number (command->words[3], 10, TRIES_MAX, &policy->n_tries)))
    return FALSE;
  policy->by = (SimNotifyBy) by;
  return TRUE;
}

static gboolean
change_roll_back (const SimCommand *command, SimCardPolicy *policy)
{
  static const char *const words[] = { "off", "on", NULL };
  guint is_on;

  if (command->n_words != 2 || !find_word (words, command->words[1], &is_on))
    return FALSE;
  policy->rolls_back = is_on != 0;
  return TRUE;
}

static gboolean
change_fall_back (const SimCommand *command, SimCardPolicy *policy)
{
  policy->fallback_s = 0;
  return command->n_words == 2
         && (strcmp (command->words[1], "off") == 0
             || sim_command_read_number (command->words[1], 10, SECONDS_MAX, &policy->fallback_s));
}

static gboolean
change_pol1 (const SimCommand *command, SimCardPolicy *policy)
{
  static const char *const words[] = {
    [SIM_POL1_NONE] = "none",
    [SIM_POL1_NO_DISABLE] = "no-disable",
    [SIM_POL1_NO_DELETE] = "no-delete",
    [SIM_POL1_DELETE] = "delete",
    [SIM_POL1_DELETE_ALWAYS] = "delete-always",
    [SIM_POL1_DELETE_ALWAYS + 1] = NULL,
  };
  const char *word = command->n_words == 3 ? command->words[1] : "";
  g_autofree char *hex = g_strconcat (strlen (word) == AID_DIGITS ? "" : AID_PREFIX, word, NULL);
  g_autoptr (GBytes) aid = ea_bytes_from_hex (hex, NULL);
  guint rule;

  return command->n_words == 3 && aid != NULL && find_word (words, command->words[2], &rule)
         && sim_card_set_pol1 (command->modem->slot->card, ea_span_from_bytes (aid),
                               (SimPol1) rule);
}

static gboolean
change_answer (const SimCommand *command, SimCardPolicy *policy)
{
  guint instruction, size;

  if (command->n_words != 3
      || !sim_command_read_number (command->words[1], 16, G_MAXUINT8, &instruction)
      || !sim_command_read_number (command->words[2], 10, SIM_CARD_ANSWER_MAX, &size))
    return FALSE;
  sim_card_answer (command->modem->slot->card, (guint8) instruction, size);
  return TRUE;
}

/* clang-format off */
static const struct
{
  const char *name;
  gboolean (*change) (const SimCommand *command, SimCardPolicy *policy);
} changes[] = {
  { "notify", change_notification },
  { "rollback", change_roll_back },
  { "fallback", change_fall_back },
  { "answer", change_answer },
  { "pol1", change_pol1 },
};
/* clang-format on */

void
sim_command_run_euicc (SimCommand *command)
{
  SimCard *card = command->modem->slot->card;
  SimCardPolicy policy = *sim_card_get_policy (card);
  const char *word = command->n_words > 0 ? command->words[0] : "";

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      if (strcmp (changes[i].name, word) != 0 || !changes[i].change (command, &policy))
        continue;
      sim_card_set_policy (card, &policy);
      sim_terminal_poke (command->modem->terminal);
      sim_command_finish (command, "ok");
      return;
    }
  sim_command_finish (command, USAGE);
}
