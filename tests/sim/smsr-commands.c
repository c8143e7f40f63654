/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands of the control socket that have to do with the SM-SR. */
#include <string.h>

#include "command.h"
#include "network.h"

#define FAULT_AFTER_MAX 0x7FFFFFFF

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
  SimSmsrServer *server = command->modem->options.smsr;
  g_autoptr (GError) error = NULL;
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
  if (server == NULL)
    sim_command_finish (command, "error the SM-SR listens nowhere");
  else if (sim_smsr_server_set_fault (server, &fault, &error))
    sim_command_finish (command, "ok");
  else
    sim_reply_finish_printf (g_steal_pointer (&command->reply), "error %s", error->message);
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
                        "[--generate N[,SIZE]] [--no-trigger] [--await-notification]");
  else
    sim_smsr_runner_start (command->modem->network->runner, (const char *const *) command->words,
                           g_steal_pointer (&command->reply));
}
