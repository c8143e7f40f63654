/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands of the control socket by which card and modem come and go. */
#include <string.h>

#include "command.h"
#include "refresh.h"
#include "registration.h"
#include "terminal.h"

#define REFRESH_INIT_AND_FCN 0x02
#define REFRESH_FCN 0x01
#define OPERATING_MODE_LAST 3 /* those between which a modem goes without starting anew */

static GBytes *
build_refresh (guint8 qualifier)
{
  static const guint8 file_list[] = { 0x92, 0x05, 0x01, 0x3F, 0x00, 0x2F, 0xE2 };
  static const guint8 devices[] = { 0x82, 0x02, 0x81, 0x82 };
  gboolean has_files = qualifier == REFRESH_FCN || qualifier == REFRESH_INIT_AND_FCN;
  g_auto (EaWriter) proactive = { NULL };

  ea_writer_init (&proactive);
  ea_writer_u8 (&proactive, 0xD0);
  ea_writer_u8 (&proactive, (guint8) (9 + (has_files ? sizeof file_list : 0)));
  ea_writer_u32be (&proactive, 0x81030101); /* command details: number 1, REFRESH */
  ea_writer_u8 (&proactive, qualifier);
  ea_writer_bytes (&proactive, EA_SPAN_OF_ARRAY (devices));
  if (has_files)
    ea_writer_bytes (&proactive, EA_SPAN_OF_ARRAY (file_list));
  return ea_writer_steal (&proactive);
}

void
sim_command_run_refresh (SimCommand *command)
{
  gboolean is_voted = command->n_words == 2 && strcmp (command->words[0], "vote") == 0;
  const char *word = is_voted || command->n_words == 1 ? command->words[command->n_words - 1] : "";
  g_autoptr (GBytes) proactive = NULL;
  guint qualifier;

  if (!is_voted && (strcmp (word, "start") == 0 || strcmp (word, "end") == 0))
    {
      sim_refresh_tell (command->modem->refresh, *word == 's');
      sim_command_finish (command, "ok");
      return;
    }
  if (!sim_command_read_number (word, 16, G_MAXUINT8, &qualifier))
    {
      sim_command_finish (command, "error usage: refresh [vote] QUALIFIER|start|end");
      return;
    }
  if (!sim_refresh_has_card (command->modem->refresh))
    {
      sim_command_finish (command, "error no card");
      return;
    }
  if (is_voted)
    sim_refresh_want_vote (command->modem->refresh);
  proactive = build_refresh ((guint8) qualifier);
  sim_refresh_wait (command->modem->refresh, g_steal_pointer (&command->reply));
  sim_card_queue_proactive (command->modem->slot->card, proactive);
  sim_terminal_poke (command->modem->terminal);
}

void
sim_command_run_reset (SimCommand *command)
{
  sim_refresh_reset (command->modem->refresh, g_steal_pointer (&command->reply));
}

void
sim_command_run_card (SimCommand *command)
{
  const char *word = command->n_words == 1 ? command->words[0] : "";
  SimSlot *slot = command->modem->slot;
  gboolean is_out = strcmp (word, "out") == 0;

  if (!is_out && strcmp (word, "in") != 0)
    {
      sim_command_finish (command, "error usage: card out|in");
      return;
    }
  if (is_out && !slot->is_empty)
    sim_refresh_take_card (command->modem->refresh);
  if (!is_out && slot->is_empty)
    sim_refresh_insert_card (command->modem->refresh);
  sim_command_finish (command, "ok");
}

void
sim_command_run_mode (SimCommand *command)
{
  const char *word = command->n_words == 1 ? command->words[0] : "";
  guint mode;

  if (!sim_command_read_number (word, 10, OPERATING_MODE_LAST, &mode))
    {
      sim_command_finish (command, "error usage: mode NUMBER");
      return;
    }
  command->modem->operating_mode = (guint8) mode;
  sim_registration_begin (command->modem->registration);
  sim_command_finish (command, "ok");
}

void
sim_command_run_unplug (SimCommand *command)
{
  sim_modem_unplug (command->modem);
  sim_command_finish (command, "ok");
}

void
sim_command_run_plug (SimCommand *command)
{
  const char *name = command->n_words > 0 ? command->words[0] : NULL;
  g_autoptr (GError) error = NULL;

  if (command->n_words > 1)
    sim_command_finish (command, "error usage: plug|replug [NAME]");
  else if (sim_modem_plug (command->modem, name, &error))
    sim_command_finish (command, "ok");
  else
    sim_reply_finish_printf (g_steal_pointer (&command->reply), "error %s", error->message);
}

void
sim_command_run_replug (SimCommand *command)
{
  sim_modem_unplug (command->modem);
  sim_command_run_plug (command);
}
