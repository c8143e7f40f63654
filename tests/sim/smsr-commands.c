/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands of the control socket that have to do with the SM-SR. */
#include <string.h>

#include "command.h"
#include "network.h"

#define FAULT_AFTER_MAX 0x7FFFFFFF

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

static gboolean
find_smsr_fault (const char *word, SimSmsrFaultKind *kind)
{
  static const char *const words[] = {
    [SIM_SMSR_FAULT_NONE] = "off",    [SIM_SMSR_FAULT_REFUSE] = "refuse",
    [SIM_SMSR_FAULT_STALL] = "stall", [SIM_SMSR_FAULT_CLOSE] = "close",
    [SIM_SMSR_FAULT_RESET] = "reset", [SIM_SMSR_FAULT_FLOOD] = "flood",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      if (strcmp (words[i], word) != 0)
        continue;
      *kind = (SimSmsrFaultKind) i;
      return TRUE;
    }
  return FALSE;
}

void
sim_command_run_fail_smsr (SimCommand *command)
{
  g_autoptr (GError) error = NULL;
  SimSmsrServer *server;
  SimSmsrFault fault = { 0 };
  guint after = 0;

  if (command->n_words < 2 || command->n_words > 3
      || !find_smsr_fault (command->words[1], &fault.kind)
      || (command->n_words == 3
          && !sim_command_read_number (command->words[2], 10, FAULT_AFTER_MAX, &after)))
    {
      sim_command_finish (command,
                          "error usage: fail smsr off|refuse|stall|close|reset|flood [OCTETS]");
      return;
    }
  fault.after = after;
  server = get_server (command);
  if (server != NULL)
    finish_with (command, sim_smsr_server_set_fault (server, &fault, &error), error);
}

void
sim_command_run_smsr (SimCommand *command)
{
  if (command->n_words == 0)
    sim_command_finish (command,
                        "error usage: smsr enable|disable|delete|set-fallback|create-isdp|audit|"
                        "send-script|download-profile|push-https|push-cat-tp|repeat [ARGUMENT] "
                        "[--via BEARER] [--timeout S] [--wait S] [--spi HHHH] [--key-set N] "
                        "[--tar HHHHHH] [--counter N] [--corrupt] [--order reverse|shuffle:SEED] "
                        "[--generate N[,SIZE]] [--no-trigger] [--await-notification] "
                        "[--host NAME]");
  else
    sim_smsr_runner_start (command->modem->network->runner, (const char *const *) command->words,
                           g_steal_pointer (&command->reply));
}

void
sim_command_run_smsr_move (SimCommand *command)
{
  g_autoptr (GError) error = NULL;
  SimSmsrServer *server;

  if (command->n_words != 1)
    {
      sim_command_finish (command, "error usage: smsr-move ADDRESS");
      return;
    }
  server = get_server (command);
  if (server != NULL)
    finish_with (command, sim_smsr_server_move (server, command->words[0], &error), error);
}
