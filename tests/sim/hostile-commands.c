/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The control command "hostile": which part of what is sent is spoilt from now on. */
#include <string.h>

#include "command.h"
#include "smsr-server.h"

#define PERCENT_MAX 100

/* The SM-SR has random numbers of its own, and sends much less than a modem does. */
#define SMSR_SEED_OFFSET 1
#define SMSR_PERCENT_FACTOR 4

#define USAGE "error usage: hostile off|{SEED PERCENT [qmi|card|https|cat-tp|dns...]}"

static gboolean
read_parts (const SimCommand *command, guint *parts)
{
  *parts = command->n_words == 2 ? SIM_HOSTILE_ALL : 0;
  for (guint i = 2; i < command->n_words; i++)
    {
      guint part;

      if (!sim_hostility_find_part (command->words[i], &part))
        return FALSE;
      *parts |= part;
    }
  return TRUE;
}

/* @server: (nullable) */
static void
finish_with_counts (SimCommand *command, SimSmsrServer *server)
{
  g_autoptr (GString) text = g_string_new ("ok");

  sim_hostility_describe (&command->modem->hostility, text);
  if (server != NULL)
    sim_hostility_describe (sim_smsr_server_get_hostility (server), text);
  sim_command_finish (command, text->str);
}

static void
end (SimModem *modem, SimSmsrServer *server)
{
  sim_hostility_end (&modem->hostility);
  if (server == NULL)
    return;
  sim_hostility_end (sim_smsr_server_get_hostility (server));
  sim_smsr_server_change_hostility (server);
}

void
sim_command_run_hostile (SimCommand *command)
{
  SimSmsrServer *server = command->modem->options.smsr;
  guint seed, percent, parts;

  if (command->n_words == 1 && strcmp (command->words[0], "off") == 0)
    {
      end (command->modem, server);
      finish_with_counts (command, server);
      return;
    }
  if (command->n_words < 2 || !sim_command_read_number (command->words[0], 10, G_MAXUINT32, &seed)
      || !sim_command_read_number (command->words[1], 10, PERCENT_MAX, &percent)
      || !read_parts (command, &parts))
    {
      sim_command_finish (command, USAGE);
      return;
    }
  sim_hostility_begin (&command->modem->hostility, seed, percent, parts);
  if (server != NULL)
    {
      sim_hostility_begin (sim_smsr_server_get_hostility (server), seed + SMSR_SEED_OFFSET,
                           percent * SMSR_PERCENT_FACTOR, parts);
      sim_smsr_server_change_hostility (server);
    }
  finish_with_counts (command, server);
}
