/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands of the control socket that have to do with the SM-SR. */
#include <string.h>

#include "command.h"
#include "network.h"

/* (nullable): then the command has its reply */
static SimSmsrServer *
get_server (SimCommand *command)
{
  if (command->modem->options.smsr == NULL)
    sim_command_finish (command, "error the SM-SR listens nowhere");
  return command->modem->options.smsr;
}

static void
finish_with (SimCommand *command, gboolean is_done, const GError *error)
{
  if (is_done)
    sim_command_finish (command, "ok");
  else
    sim_reply_finish_printf (g_steal_pointer (&command->reply), "error %s", error->message);
}

void
sim_command_run_fail_smsr (SimCommand *command)
{
  g_autoptr (GError) error = NULL;
  SimSmsrServer *server;
  SimSmsrFault fault = { 0 };
  gboolean is_set;

  if (!sim_smsr_fault_parse (&fault, (const char *const *) command->words + 1))
    {
      sim_command_finish (command, "error usage: " SIM_SMSR_FAULT_USAGE);
      return;
    }
  server = get_server (command);
  if (server == NULL)
    return;
  is_set = sim_smsr_server_set_fault (server, &fault, &error);
  finish_with (command, is_set, error);
}

void
sim_command_run_smsr_style (SimCommand *command)
{
  SimHttpStyle style = { 0 };
  SimSmsrServer *server;

  if (!sim_http_style_parse (&style, (const char *const *) command->words))
    {
      sim_command_finish (command, "error usage: smsr-style default|{length|chunks=N|chunks=all|"
                                   "chunks=random:SEED|tight|lower|blanks=N|reverse|close}...");
      return;
    }
  server = get_server (command);
  if (server == NULL)
    return;
  sim_smsr_server_set_style (server, &style);
  sim_command_finish (command, "ok");
}

static void
give_up (SimCommand *command)
{
  if (sim_smsr_runner_give_up (command->modem->network->runner))
    sim_command_finish (command, "ok");
  else
    sim_command_finish (command, "error no operation is under way");
}

void
sim_command_run_smsr (SimCommand *command)
{
  if (command->n_words == 1 && strcmp (command->words[0], "give-up") == 0)
    give_up (command);
  else if (command->n_words == 0)
    sim_command_finish (
        command,
        "error usage: smsr enable|disable|delete|set-fallback|create-isdp|audit|"
        "send-script|download-profile|push-https|push-cat-tp|repeat|give-up [ARGUMENT] "
        "[--via BEARER] [--timeout S] [--wait S] [--spi HHHH] [--key-set N] "
        "[--tar HHHHHH] [--counter N] [--corrupt] [--order reverse|shuffle:SEED] "
        "[--generate N[,SIZE]] [--no-trigger] [--await-notification] "
        "[--host NAME] [--pauses N] [--retries N] [--unanswered] [--segments N] [--sealed] "
        "[--identification HEX]");
  else
    sim_smsr_runner_start (command->modem->network->runner, (const char *const *) command->words,
                           g_steal_pointer (&command->reply));
}

void
sim_command_run_smsr_move (SimCommand *command)
{
  g_autoptr (GError) error = NULL;
  SimSmsrServer *server;
  gboolean has_moved;

  if (command->n_words != 1)
    {
      sim_command_finish (command, "error usage: smsr-move ADDRESS");
      return;
    }
  server = get_server (command);
  if (server == NULL)
    return;
  has_moved = sim_smsr_server_move (server, command->words[0], &error);
  finish_with (command, has_moved, error);
}

void
sim_command_run_smsr_notifications (SimCommand *command)
{
  SimSmsr *smsr = sim_smsr_runner_get_smsr (command->modem->network->runner);
  g_autofree char *text = sim_smsr_describe_notifications (smsr);

  sim_reply_finish_printf (g_steal_pointer (&command->reply), "%s.", text);
}
