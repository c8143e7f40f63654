/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The control command "fail": what shall go wrong next, and how often. */
#include <string.h>

#include "command.h"
#include "network.h"
#include "refresh.h"
#include "registration.h"
#include "smsr.h"

#define SERVICE_CARD "card"
#define SERVICE_SMSR "smsr"
#define ERROR_NOTHING "nothing"
#define USAGE                                                                                      \
  "error usage: fail SERVICE|card MESSAGE ERROR|nothing [COUNT], fail EVENT [COUNT], or "          \
  "fail smsr FAULT [ARGUMENT...] [COUNT]"

/* What shall not happen the next @count times; 0: it does again. */
typedef void (*EventFunc) (SimModem *modem, guint count);

static void
fail_attach (SimModem *modem, guint count)
{
  sim_registration_stall (modem->registration, count);
}

static void
fail_channel (SimModem *modem, guint count)
{
  modem->n_wrong_channels = count;
}

static void
fail_confirmation (SimModem *modem, guint count)
{
  sim_smsr_withhold_confirmations (sim_smsr_runner_get_smsr (modem->network->runner), count);
}

static void
fail_framing (SimModem *modem, guint count)
{
  modem->n_noises = count;
}

static void
fail_refresh_end (SimModem *modem, guint count)
{
  sim_refresh_fail_end (modem->refresh, count);
}

static void
fail_switch (SimModem *modem, guint count)
{
  sim_card_fail_switch (modem->slot->card, count);
}

static const struct
{
  const char *name;
  EventFunc fail;
} events[] = {
  { "attach", fail_attach },
  { "channel", fail_channel },
  { "confirmation", fail_confirmation },
  { "framing", fail_framing },
  { "refresh-end", fail_refresh_end },
  { "switch", fail_switch },
};

/* NULL: the word is none of an event. */
static EventFunc
find_event (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (events); i++)
    if (strcmp (events[i].name, word) == 0)
      return events[i].fail;
  return NULL;
}

static gboolean
find_service (const char *word, guint *type)
{
  gsize n_services;
  const SimService *services = sim_modem_get_services (&n_services);

  for (gsize i = 0; i < n_services; i++)
    {
      *type = services[i].type;
      if (strcmp (services[i].name, word) == 0)
        return TRUE;
    }
  return sim_command_read_number (word, 10, G_MAXUINT8, type);
}

static gboolean
read_error (const char *word, guint *error)
{
  *error = SIM_QMI_NOTHING;
  return strcmp (word, ERROR_NOTHING) == 0
         || sim_command_read_number (word, 10, G_MAXUINT16, error);
}

/* The last word, if it is there: without it once */
static gboolean
read_count (const SimCommand *command, guint position, guint *count)
{
  *count = 1;
  return command->n_words == position
         || (command->n_words == position + 1
             && sim_command_read_number (command->words[position], 10, G_MAXUINT, count));
}

static gboolean
fail_event (const SimCommand *command, EventFunc fail)
{
  guint count;

  if (!read_count (command, 1, &count))
    return FALSE;
  fail (command->modem, count);
  return TRUE;
}

static gboolean
fail_card (const SimCommand *command)
{
  guint instruction, sw, count;

  if (command->n_words < 3
      || !sim_command_read_number (command->words[1], 16, G_MAXUINT8, &instruction)
      || !sim_command_read_number (command->words[2], 16, G_MAXUINT16, &sw)
      || !read_count (command, 3, &count))
    return FALSE;
  sim_card_fail (command->modem->slot->card, (guint8) instruction, (guint16) sw, count);
  return TRUE;
}

static gboolean
fail_service (const SimCommand *command)
{
  guint type, message, error, count;

  if (command->n_words < 3 || !find_service (command->words[0], &type)
      || !sim_command_read_number (command->words[1], 10, G_MAXUINT16, &message)
      || !read_error (command->words[2], &error) || !read_count (command, 3, &count))
    return FALSE;
  sim_modem_fail (command->modem, (guint8) type, (guint16) message, (guint16) error, count);
  return TRUE;
}

void
sim_command_run_fail (SimCommand *command)
{
  const char *word = command->n_words > 0 ? command->words[0] : "";
  EventFunc event = find_event (word);
  gboolean is_known;

  if (strcmp (word, SERVICE_SMSR) == 0)
    {
      sim_command_run_fail_smsr (command);
      return;
    }
  if (event != NULL)
    is_known = fail_event (command, event);
  else if (strcmp (word, SERVICE_CARD) == 0)
    is_known = fail_card (command);
  else
    is_known = fail_service (command);
  sim_command_finish (command, is_known ? "ok" : USAGE);
}
