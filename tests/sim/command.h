/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "modem.h"
#include "reply.h"

/* One line of the control socket, and what its commands share. */

typedef struct
{
  SimModem *modem;
  char **words; /* without the command itself */
  guint n_words;
  SimReply *reply; /* (owned): a command takes it */
} SimCommand;

typedef void (*SimCommandFunc) (SimCommand *command);

/* Gives the reply of @command, which it needs exactly once. */
void sim_command_finish (SimCommand *command, const char *text);

/* FALSE when @word is no number up to @maximum; "0x" in front makes it hexadecimal whatever @base says. */
gboolean sim_command_read_number (const char *word, guint base, guint64 maximum, guint *number);

/* "refresh", "reset", "card", "mode", "unplug", "plug" and "replug" */
void sim_command_run_refresh (SimCommand *command);
void sim_command_run_reset (SimCommand *command);
void sim_command_run_card (SimCommand *command);
void sim_command_run_mode (SimCommand *command);
void sim_command_run_unplug (SimCommand *command);
void sim_command_run_plug (SimCommand *command);
void sim_command_run_replug (SimCommand *command);

/* "euicc" */
void sim_command_run_euicc (SimCommand *command);

/* "hostile" */
void sim_command_run_hostile (SimCommand *command);

/* "fail", "smsr", "fail smsr", "smsr-style", "smsr-move", "smsr-notifications", "dns" and "dns-queries" */
void sim_command_run_fail (SimCommand *command);
void sim_command_run_smsr (SimCommand *command);
void sim_command_run_fail_smsr (SimCommand *command);
void sim_command_run_smsr_style (SimCommand *command);
void sim_command_run_smsr_move (SimCommand *command);
void sim_command_run_smsr_notifications (SimCommand *command);
void sim_command_run_dns (SimCommand *command);
void sim_command_run_dns_queries (SimCommand *command);
