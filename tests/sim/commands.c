/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands of the control socket. */
#include <string.h>

#include "command.h"
#include "control.h"
#include "network.h"
#include "refresh.h"
#include "registration.h"
#include "repeat.h"
#include "terminal.h"

#define MODEM_PREFIX '@'
#define ICCID_DIGITS_MAX 20

void
sim_command_finish (SimCommand *command, const char *text)
{
  sim_reply_finish (g_steal_pointer (&command->reply), text);
}

gboolean
sim_command_read_number (const char *word, guint base, guint64 maximum, guint *number)
{
  const char *digits = word;
  guint64 value;

  if (g_ascii_strncasecmp (word, "0x", 2) == 0)
    {
      digits += 2;
      base = 16;
    }
  if (!g_ascii_string_to_unsigned (digits, base, 0, maximum, &value, NULL))
    return FALSE;
  *number = (guint) value;
  return TRUE;
}

/* (nullable): the bytes of all words; the command has its reply when there are none */
static GBytes *
read_hex (SimCommand *command)
{
  g_autofree char *hex = g_strjoinv ("", command->words);
  g_autoptr (GBytes) bytes = ea_bytes_from_hex (hex, NULL);

  if (bytes != NULL && g_bytes_get_size (bytes) > 0)
    return g_steal_pointer (&bytes);
  sim_command_finish (command, "error usage: hexadecimal bytes are missing or wrong");
  return NULL;
}

static void
on_sms_delivered (const SimOutcome *outcome, gpointer user_data)
{
  sim_reply_finish (user_data, outcome->text);
}

static void
run_sms (SimCommand *command)
{
  g_autoptr (GBytes) tpdu = read_hex (command);

  if (tpdu != NULL)
    sim_network_deliver (command->modem->network, tpdu, on_sms_delivered,
                         g_steal_pointer (&command->reply), (GDestroyNotify) sim_reply_free);
}

static void
run_proactive (SimCommand *command)
{
  g_autoptr (GBytes) proactive = read_hex (command);

  if (proactive != NULL)
    sim_terminal_queue (command->modem->terminal, proactive, g_steal_pointer (&command->reply));
}

static void
run_repeat (SimCommand *command)
{
  g_autoptr (GPtrArray) commands = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  guint count = 0;

  if (command->n_words < 2 || !sim_command_read_number (command->words[0], 10, G_MAXUINT, &count)
      || count == 0)
    {
      sim_command_finish (command, "error usage: repeat COUNT COMMAND...");
      return;
    }
  for (guint i = 1; i < command->n_words; i++)
    {
      GBytes *bytes = ea_bytes_from_hex (command->words[i], NULL);

      if (bytes == NULL)
        {
          sim_command_finish (command, "error usage: hexadecimal bytes are wrong");
          return;
        }
      g_ptr_array_add (commands, bytes);
    }
  sim_repeat_start (command->modem->terminal, commands, count, g_steal_pointer (&command->reply));
}

static void
finish_record (SimCommand *command, SimRecord *record)
{
  g_autofree char *text = sim_record_take (record);

  sim_command_finish (command, text);
}

static void
run_envelopes (SimCommand *command)
{
  finish_record (command, &command->modem->slot->envelopes);
}

static void
run_apdus (SimCommand *command)
{
  finish_record (command, &command->modem->slot->apdus);
}

static void
run_ledger (SimCommand *command)
{
  g_autofree char *text = sim_card_take_ledger (command->modem->slot->card);
  gboolean is_error = g_str_has_prefix (text, "error");

  sim_reply_finish_printf (g_steal_pointer (&command->reply), "%s%s", text, is_error ? "" : ".");
}

static void
run_sent_sms (SimCommand *command)
{
  finish_record (command, &command->modem->network->submitted);
}

static void
run_qmi (SimCommand *command)
{
  finish_record (command, &command->modem->requests);
}

static void
run_times (SimCommand *command)
{
  finish_record (command, &command->modem->times);
}

static void
run_profile (SimCommand *command)
{
  const char *iccid = command->n_words == 1 ? command->words[0] : "";
  gsize length = strlen (iccid);

  if (length == 0 || length > ICCID_DIGITS_MAX || strspn (iccid, "0123456789") != length)
    {
      sim_command_finish (command, "error usage: profile ICCID");
      return;
    }
  sim_card_set_iccid (command->modem->slot->card, iccid);
  sim_command_finish (command, "ok");
}

static void
run_network (SimCommand *command)
{
  if (sim_registration_change (command->modem->registration, command->words, command->n_words))
    sim_command_finish (command, "ok");
  else
    sim_command_finish (command, "error usage: network normal|limited|none|lost [TARGET]|"
                                 "back [TARGET]|reject CAUSE [TARGET]|delay MS|"
                                 "technology gsm|umts|lte|nr|cell MCC MNC AREA CELL");
}

static void
run_cat_config (SimCommand *command)
{
  const char *hex = command->n_words == 2 ? command->words[1] : "";
  g_autoptr (GBytes) profile = ea_bytes_from_hex (hex, NULL);
  guint mode;

  if (command->n_words < 1 || command->n_words > 2 || profile == NULL
      || g_bytes_get_size (profile) > G_MAXUINT8
      || !sim_command_read_number (command->words[0], 10, SIM_CAT_MODE_LAST, &mode))
    {
      sim_command_finish (command, "error usage: cat-config MODE [PROFILE]");
      return;
    }
  sim_terminal_configure (command->modem->terminal, (guint8) mode, ea_span_from_bytes (profile));
  sim_command_finish (command, "ok");
}

static void
set_number (SimCommand *command, guint *number)
{
  if (command->n_words == 1 && sim_command_read_number (command->words[0], 10, G_MAXINT, number))
    sim_command_finish (command, "ok");
  else
    sim_command_finish (command, "error usage: one number is wanted");
}

static void
run_slow (SimCommand *command)
{
  set_number (command, &command->modem->slow_ms);
}

static void
run_slow_apdu (SimCommand *command)
{
  set_number (command, &command->modem->apdu_fault.slow_ms);
}

static void
run_lose_apdu (SimCommand *command)
{
  set_number (command, &command->modem->apdu_fault.lost_in);
}

static void
run_drop (SimCommand *command)
{
  set_number (command, &command->modem->n_dropped);
}

static void
run_state (SimCommand *command)
{
  g_autofree char *state = sim_modem_get_state (command->modem);

  sim_reply_finish_printf (g_steal_pointer (&command->reply), "%s\n.", state);
}

static const struct
{
  const char *name;
  SimCommandFunc run;
} commands[] = {
  { "sms", run_sms },
  { "proactive", run_proactive },
  { "envelopes", run_envelopes },
  { "apdus", run_apdus },
  { "sent-sms", run_sent_sms },
  { "qmi", run_qmi },
  { "times", run_times },
  { "refresh", sim_command_run_refresh },
  { "reset", sim_command_run_reset },
  { "hangup", sim_command_run_unplug },
  { "mode", sim_command_run_mode },
  { "unplug", sim_command_run_unplug },
  { "plug", sim_command_run_plug },
  { "replug", sim_command_run_replug },
  { "card", sim_command_run_card },
  { "profile", run_profile },
  { "fail", sim_command_run_fail },
  { "slow", run_slow },
  { "drop", run_drop },
  { "state", run_state },
  { "smsr", sim_command_run_smsr },
  { "smsr-style", sim_command_run_smsr_style },
  { "smsr-move", sim_command_run_smsr_move },
  { "smsr-notifications", sim_command_run_smsr_notifications },
  { "dns", sim_command_run_dns },
  { "dns-queries", sim_command_run_dns_queries },
  { "network", run_network },
  { "euicc", sim_command_run_euicc },
  { "cat-config", run_cat_config },
  { "repeat", run_repeat },
  { "ledger", run_ledger },
  { "slow-apdu", run_slow_apdu },
  { "lose-apdu", run_lose_apdu },
  { "hostile", sim_command_run_hostile },
};

static SimCommandFunc
find_command (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i].name, name) == 0)
      return commands[i].run;
  return NULL;
}

void
sim_command_run (GPtrArray *modems, const char *line, SimReply *reply)
{
  g_auto (GStrv) words = NULL;
  SimCommand command = { .reply = reply };
  char **word;
  guint index = 0;
  SimCommandFunc run;

  if (!g_shell_parse_argv (line, NULL, &words, NULL))
    {
      sim_command_finish (&command, "error usage: not a command line");
      return;
    }
  word = words;
  if (**word == MODEM_PREFIX)
    {
      if (!sim_command_read_number (*word + 1, 10, modems->len - 1, &index))
        index = modems->len;
      word++;
    }
  run = *word == NULL ? NULL : find_command (*word);
  if (index >= modems->len || run == NULL)
    {
      sim_command_finish (&command, run == NULL ? "error unknown command" : "error no such modem");
      return;
    }
  command.modem = g_ptr_array_index (modems, index);
  command.words = word + 1;
  command.n_words = g_strv_length (command.words);
  run (&command);
}
