/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kill-rig.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/store.h"

#define KILLS_DEFAULT 10
#define KILLS_PER_MODEM 200
#define SCRIPTS_PER_REST 8
#define SCRIPTS_PER_KILL_MAX 20 /* else nothing is watched */
#define COMMANDS_MAX 40
#define POLL_MS 20
#define LIVES_MAX 10

/* Operations of the store between the start and the end of a session, and some more */
#define OPERATIONS_MAX 150

/* A fault that does no harm, with which the SM-SR does not wonder at what is done again */
#define FAULT "fail smsr close 1000000000"

#define NO_PROOF "error proof=none: the trigger's receipt was not proven; otherwise "

/* A session that an earlier life has left brings the packets before their push has come, whose counter is lower. */
#define LATE_PUSH "error status 02: the counter is low"

#define SESSION "RetryDelay=1\nRetryMaximum=1\nTimeout=20\n"

typedef struct
{
  Rig *rig;
  const char *via;
  char *directory; /* of the rig, without symbolic links */
  GRand *dice;
  guint n_kills;
  guint n_wanted;
  guint n_until_renewal; /* kills */
  guint n_scripts;
  guint n_commands; /* of all scripts */
  guint n_interrupted;
  guint n_late;       /* pushes: the reply tells of nothing else then */
  GHashTable *runs;   /* numbers of the commands that ran */
  gboolean is_mortal; /* the agent that lives now */
  gboolean has_ended;
  char *reply;
} Campaign;

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

static gboolean
has_run (Campaign *campaign, guint number)
{
  return g_hash_table_contains (campaign->runs, GUINT_TO_POINTER (number));
}

static gboolean
has_no_session (gpointer data)
{
  Rig *rig = data;
  g_autofree char *sessions = rig_run_client (rig, NULL, "--json=short", "sessions", NULL);

  rig_look_again (POLL_MS); /* then again: it may be closing */
  return https_count (sessions, "\"state\":") == https_count (sessions, "\"state\":\"closed\"");
}

/* How many records of sessions, of answers, or of messages that have to go out, an agent has left that has ended */
static guint
count_records (Rig *rig, const char *prefix)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EaStore) store = ea_store_new (rig->state_directory, &error);
  g_auto (GStrv) names = NULL;

  if (store == NULL)
    fail_msg ("%s", error->message);
  names = ea_store_list (store, prefix);
  return g_strv_length (names);
}

/* One life that is long enough for whatever the others have begun */
static void
live_well (Campaign *campaign)
{
  Rig *rig = campaign->rig;

  rig_kill_agent (rig); /* if there is one */
  campaign->is_mortal = FALSE;
  https_start_agent (rig);
  if (!rig_await_that (has_no_session, rig))
    fail_msg ("a session is left");
  rig_await_simulator (rig, "\"logical_channels\":[]");
  rig_stop_agent (rig);
  assert_int_equal (count_records (rig, "session-"), 0);
  assert_int_equal (count_records (rig, "answer-"), 0);
}

/*
 * A later life may end the session before it sends the trigger's proof of receipt, or have a session open still that needs
 * no trigger. The SM-SR does not wait for the proof then; it has to come before it is taken for that of the next trigger.
 * The agent that lives at the end has asked firmware again to leave messages to it.
 * An agent that ends well gives the messages back to firmware: one is started at the end that asks for them again.
 */
static void
settle (Campaign *campaign)
{
  guint n_lives = 0;

  do
    live_well (campaign);
  while (count_records (campaign->rig, "outbox-") > 0 && ++n_lives < LIVES_MAX);
  assert_true (n_lives < LIVES_MAX);
  https_start_agent (campaign->rig);
}

/* A script may be brought by the session of another, whose own is one too many then: they are not to pile up. */
static void
rest_sometimes (Campaign *campaign)
{
  if (campaign->n_scripts % SCRIPTS_PER_REST == 0)
    settle (campaign);
}

static const char *
take_verdict (Campaign *campaign)
{
  if (!g_str_has_prefix (campaign->reply, NO_PROOF))
    return campaign->reply;
  settle (campaign);
  return campaign->reply + strlen (NO_PROOF);
}

/* Which commands the reply says were run, against the ledger */
static void
judge (Campaign *campaign, guint first, guint last)
{
  const char *verdict = take_verdict (campaign);
  guint interrupted = 0; /* from 1; 0: none */

  if (g_str_has_prefix (verdict, LATE_PUSH))
    {
      campaign->n_late++;
      return;
    }
  if (sscanf (verdict, "error interrupted at command %u", &interrupted) == 1)
    campaign->n_interrupted++;
  else if (!g_str_has_prefix (verdict, "ok "))
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
  rig_expect_control (campaign->rig, "ok", FAULT);
  rig_begin_control (campaign->rig, "smsr send-script --generate %u --via %s", n_commands,
                     campaign->via);
  await_reply (campaign);
  https_count_runs (campaign->rig, campaign->runs);
  judge (campaign, first, campaign->n_commands);
  g_clear_pointer (&campaign->reply, g_free);
  rest_sometimes (campaign);
}

/* In the end nothing of the campaign is left open, and the next script is as any other. */
static void
expect_nothing_left (Campaign *campaign)
{
  Rig *rig = campaign->rig;
  g_autofree char *reply = NULL;

  settle (campaign);
  reply = rig_control (rig, "smsr send-script --generate 1 --via %s", campaign->via);
  if (!g_str_has_prefix (reply, "ok "))
    fail_msg ("the last script: %s", reply);
  live_well (campaign);
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
  https_start_agent (campaign->rig);
  rig_kill_agent (campaign->rig);
  campaign->is_mortal = FALSE;
  campaign->n_until_renewal += KILLS_PER_MODEM;
}

void
kill_rig_run (Rig *rig, const char *via)
{
  Campaign campaign
      = { .rig = rig, .via = via, .n_wanted = https_get_setting ("EA_TEST_KILLS", KILLS_DEFAULT) };
  guint seed = https_get_setting ("EA_TEST_SEED", g_random_int ());

  campaign.dice = g_rand_new_with_seed (seed);
  campaign.runs = g_hash_table_new (NULL, NULL);
  print_message ("EA_TEST_SEED=%u\n", seed);
  campaign.directory = realpath (campaign.rig->directory, NULL);
  rig_keep_log (campaign.rig);
  https_start_with (campaign.rig, SESSION,
                    "127.0.0.1"); /* from now on firmware leaves messages to it */
  campaign.n_until_renewal = KILLS_PER_MODEM;
  while (campaign.n_kills < campaign.n_wanted)
    {
      send_one (&campaign);
      assert_true (campaign.n_scripts < SCRIPTS_PER_KILL_MAX * (campaign.n_kills + 10));
      if (campaign.n_kills >= campaign.n_until_renewal)
        renew_modem (&campaign);
    }
  expect_nothing_left (&campaign);

  assert_true (campaign.n_late <= campaign.n_scripts / 4 + 1);
  print_message ("%u kills, %u scripts, %u of %u commands run, %u interrupted, %u pushes late\n",
                 campaign.n_kills, campaign.n_scripts, g_hash_table_size (campaign.runs),
                 campaign.n_commands, campaign.n_interrupted, campaign.n_late);
  free (campaign.directory);
  g_hash_table_unref (campaign.runs);
  g_rand_free (campaign.dice);
}
