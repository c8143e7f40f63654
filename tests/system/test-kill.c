/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent dies at a random operation of its store, again and again, while the simulated SM-SR sends it scripts of
 * commands that are all different. The ledger of the card, which nothing of this touches, says what was run: no
 * command twice; all of them where the SM-SR has got its response; and up to the one that was answered as
 * interrupted where it says so.
 *
 * EA_TEST_KILLS  how often it dies (default: 40)
 * EA_TEST_SEED   of the dice; it is printed
 */

#include <gio/gio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

#define KEYS                                                                                       \
  "[* scp80 01]\nKic=30313233343536373839414243444546\n"                                           \
  "Kid=50515253545556575859616263646566\n"

#define KILLS_DEFAULT 40
#define KILLS_PER_MODEM 200
#define SCRIPTS_PER_KILL_MAX 20 /* else nothing is watched */
#define COMMANDS_MAX 40

/* Operations of the store between the start and the end of a script, and some more */
#define OPERATIONS_MAX 120

typedef struct
{
  Rig *rig;
  char *directory; /* of the rig, without symbolic links */
  GRand *dice;
  guint n_kills;
  guint n_wanted;
  guint n_until_renewal; /* kills */
  guint n_scripts;
  guint n_commands; /* of all scripts */
  guint n_interrupted;
  GHashTable *runs;   /* number of a command → how often it ran, in the whole campaign */
  gboolean is_mortal; /* the agent that lives now */
  gboolean has_ended;
  char *reply;
} Campaign;

static guint
get_number (const char *variable, guint otherwise)
{
  const char *text = g_getenv (variable);

  return text != NULL ? (guint) g_ascii_strtoull (text, NULL, 10) : otherwise;
}

/* The end of an agent that was replaced is no news. */
static void
on_agent_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Campaign *campaign = user_data;
  GSubprocess *agent = G_SUBPROCESS (source);

  if (agent != campaign->rig->agent)
    return;
  if (!campaign->is_mortal || !g_subprocess_get_if_signaled (agent)
      || g_subprocess_get_term_sig (agent) != SIGKILL)
    fail_msg ("the agent ended by itself, with wait status %d", g_subprocess_get_status (agent));
  campaign->has_ended = TRUE;
}

static guint
roll (Campaign *campaign)
{
  return (guint) g_rand_int_range (campaign->dice, 1, OPERATIONS_MAX);
}

/* An agent that dies at the operation @at; 0: it lives. */
static void
spawn_agent (Campaign *campaign, guint at)
{
  static const char *const moments[] = { "before", "after", "half" };
  Rig *rig = campaign->rig;
  g_autofree char *number = g_strdup_printf ("%u", at);
  const char *const fatal[] = { "LD_PRELOAD",
                                g_getenv ("EA_TEST_KILL_AT"),
                                "EA_KILL_DIRECTORY",
                                campaign->directory,
                                "EA_KILL_AT",
                                number,
                                "EA_KILL_WHEN",
                                moments[g_rand_int_range (campaign->dice, 0, 3)],
                                NULL };

  rig->environment = at != 0 ? fatal : NULL;
  rig_spawn_agent (rig, NULL);
  rig->environment = NULL;
  campaign->is_mortal = at != 0;
  campaign->has_ended = FALSE;
  g_subprocess_wait_async (rig->agent, NULL, on_agent_ended, campaign);
}

static gboolean
is_over (gpointer data)
{
  const Campaign *campaign = data;

  return campaign->has_ended || campaign->reply != NULL;
}

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Campaign *campaign = user_data;
  g_autoptr (GError) error = NULL;

  campaign->reply = g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source), result,
                                                               NULL, &error);
  if (campaign->reply == NULL)
    fail_msg ("the simulator has no reply: %s", error != NULL ? error->message : "it is gone");
}

/* The SM-SR's word, while one agent after the other dies */
static void
await_reply (Campaign *campaign)
{
  Rig *rig = campaign->rig;
  g_autoptr (GDataInputStream) input
      = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (rig->begun)));

  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, on_reply, campaign);
  for (;;)
    {
      if (!rig_await_that (is_over, campaign))
        fail_msg ("nothing happens any more");
      if (campaign->reply != NULL)
        break;
      campaign->n_kills++;
      g_clear_object (&rig->agent);
      spawn_agent (campaign, g_rand_boolean (campaign->dice) ? roll (campaign) : 0);
    }
  g_clear_object (&rig->begun);
}

/* A command of the campaign, without the class that has the channel, up to its number of four octets */
#define COMMAND "E28800093A0706A304"

/* What is new in the ledger is counted. */
static void
count_runs (Campaign *campaign)
{
  g_autofree char *ledger = rig_control (campaign->rig, "ledger");
  g_auto (GStrv) lines = g_strsplit (ledger, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *command = strstr (lines[i], COMMAND);
      guint number = 0;

      if (command == NULL)
        continue;
      assert_int_equal (sscanf (command, COMMAND "%8x", &number), 1);
      if (!g_hash_table_add (campaign->runs, GUINT_TO_POINTER (number)))
        fail_msg ("command %u was run twice:\n%s", number, ledger);
    }
}

static gboolean
has_run (Campaign *campaign, guint number)
{
  return g_hash_table_contains (campaign->runs, GUINT_TO_POINTER (number));
}

/* Which commands the reply says were run, against the ledger */
static void
judge (Campaign *campaign, guint first, guint last)
{
  guint interrupted = 0; /* from 1; 0: none */

  if (sscanf (campaign->reply, "error interrupted at command %u", &interrupted) == 1)
    campaign->n_interrupted++;
  else if (!g_str_has_prefix (campaign->reply, "ok "))
    fail_msg ("%s", campaign->reply);
  for (guint number = first; number <= last; number++)
    {
      guint place = number - first + 1;

      if (interrupted == 0 || place < interrupted)
        {
          if (!has_run (campaign, number))
            fail_msg ("command %u was answered and not run: %s", number, campaign->reply);
        }
      else if (place > interrupted && has_run (campaign, number))
        fail_msg ("command %u was run after an interrupted one: %s", number, campaign->reply);
    }
}

/* The simulator numbers the commands of all scripts, from 1. */
static void
send_one (Campaign *campaign)
{
  guint n_commands = (guint) g_rand_int_range (campaign->dice, 1, COMMANDS_MAX + 1);
  guint first = campaign->n_commands + 1;

  campaign->n_scripts++;
  campaign->n_commands += n_commands;
  if (!campaign->is_mortal)
    {
      rig_kill_agent (campaign->rig); /* if there is one */
      spawn_agent (campaign, roll (campaign));
    }
  rig_begin_control (campaign->rig, "smsr send-script --generate %u --via sms", n_commands);
  await_reply (campaign);
  count_runs (campaign);
  judge (campaign, first, campaign->n_commands);
  g_clear_pointer (&campaign->reply, g_free);
}

/* One that lives for long enough comes to its end; then nothing of the campaign is left open. */
static void
expect_nothing_left (Campaign *campaign)
{
  Rig *rig = campaign->rig;
  g_autofree char *reply = NULL;

  rig_kill_agent (rig);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  reply = rig_control (rig, "smsr send-script --generate 1 --via sms");
  assert_true (g_str_has_prefix (reply, "ok "));
  rig_await_simulator (rig, "\"logical_channels\":[]");
  rig_stop_agent (rig);
}

/* From now on the modem's firmware leaves the messages to the agent, whether it lives or not. */
static void
take_messages (Rig *rig)
{
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_kill_agent (rig);
}

/*
 * Who dies between the modem's grant of a client id and its record leaves the id to nobody, and firmware has but a few
 * for the toolkit: from time to time the modem is started anew, as it would have to be.
 */
static void
renew_modem (Campaign *campaign)
{
  rig_kill_agent (campaign->rig);
  rig_expect_control (campaign->rig, "ok", "hangup");
  rig_expect_control (campaign->rig, "ok", "replug");
  take_messages (campaign->rig);
  campaign->is_mortal = FALSE;
  campaign->n_until_renewal += KILLS_PER_MODEM;
}

static void
test_nothing_is_run_twice_and_nothing_is_lost (void **state)
{
  Campaign campaign = { .rig = *state, .n_wanted = get_number ("EA_TEST_KILLS", KILLS_DEFAULT) };
  guint seed = get_number ("EA_TEST_SEED", g_random_int ());

  campaign.dice = g_rand_new_with_seed (seed);
  campaign.runs = g_hash_table_new (NULL, NULL);
  print_message ("EA_TEST_SEED=%u\n", seed);
  campaign.directory = realpath (campaign.rig->directory, NULL);
  rig_write_keys (campaign.rig, KEYS);
  rig_keep_log (campaign.rig);
  rig_start_simulator (campaign.rig, "--isdr=plain", NULL);
  take_messages (campaign.rig);
  campaign.n_until_renewal = KILLS_PER_MODEM;
  while (campaign.n_kills < campaign.n_wanted)
    {
      send_one (&campaign);
      assert_true (campaign.n_scripts < SCRIPTS_PER_KILL_MAX * (campaign.n_kills + 10));
      if (campaign.n_kills >= campaign.n_until_renewal)
        renew_modem (&campaign);
    }
  expect_nothing_left (&campaign);

  print_message ("%u kills, %u scripts, %u of %u commands run, %u scripts interrupted\n",
                 campaign.n_kills, campaign.n_scripts, g_hash_table_size (campaign.runs),
                 campaign.n_commands, campaign.n_interrupted);
  free (campaign.directory);
  g_hash_table_unref (campaign.runs);
  g_rand_free (campaign.dice);
}

int
main (void)
{
  const struct CMUnitTest tests[] = { RIG_TEST (test_nothing_is_run_twice_and_nothing_is_lost) };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
