/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kill-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/store.h"
#include "mortal.h"

#define KILLS 10
#define SCRIPTS_PER_REST 8
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
  Mortal mortal;
  const char *via;
  guint n_late; /* pushes: the reply tells of nothing else then */
} Campaign;

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
  Rig *rig = campaign->mortal.rig;

  rig_kill_agent (rig); /* if there is one */
  campaign->mortal.is_mortal = FALSE;
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
  while (count_records (campaign->mortal.rig, "outbox-") > 0 && ++n_lives < LIVES_MAX);
  assert_true (n_lives < LIVES_MAX);
  https_start_agent (campaign->mortal.rig);
}

/* A script may be brought by the session of another, whose own is one too many then: they are not to pile up. */
static void
rest_sometimes (Campaign *campaign)
{
  if (campaign->mortal.n_scripts % SCRIPTS_PER_REST == 0)
    settle (campaign);
}

static const char *
take_verdict (Campaign *campaign)
{
  if (!g_str_has_prefix (campaign->mortal.reply, NO_PROOF))
    return campaign->mortal.reply;
  settle (campaign);
  return campaign->mortal.reply + strlen (NO_PROOF);
}

static void
judge (Campaign *campaign, guint first)
{
  const char *verdict = take_verdict (campaign);

  if (g_str_has_prefix (verdict, LATE_PUSH))
    campaign->n_late++;
  else
    mortal_judge (&campaign->mortal, verdict, first);
}

static void
send_one (Campaign *campaign)
{
  rig_expect_control (campaign->mortal.rig, "ok", FAULT);
  judge (campaign, mortal_send (&campaign->mortal, campaign->via));
  rest_sometimes (campaign);
}

/* In the end nothing of the campaign is left open, and the next script is as any other. */
static void
expect_nothing_left (Campaign *campaign)
{
  g_autofree char *reply = NULL;

  settle (campaign);
  reply
      = rig_control (campaign->mortal.rig, "smsr send-script --generate 1 --via %s", campaign->via);
  if (!g_str_has_prefix (reply, "ok "))
    fail_msg ("the last script: %s", reply);
  live_well (campaign);
}

/* From now on firmware leaves messages to the agent. */
static void
take_messages (Rig *rig)
{
  https_start_agent (rig);
  rig_kill_agent (rig);
}

static void
print_result (const Campaign *campaign)
{
  const Mortal *mortal = &campaign->mortal;

  print_message ("%u kills, %u scripts, %u of %u commands run, %u interrupted, %u pushes late\n",
                 mortal->n_kills, mortal->n_scripts, g_hash_table_size (mortal->runs),
                 mortal->n_commands, mortal->n_interrupted, campaign->n_late);
}

void
kill_rig_run (Rig *rig, const char *via)
{
  Campaign campaign = { .via = via };

  mortal_init (&campaign.mortal, rig, KILLS, OPERATIONS_MAX);
  rig_keep_log (rig);
  https_start_with (rig, SESSION, "127.0.0.1"); /* as take_messages() */
  while (mortal_goes_on (&campaign.mortal))
    {
      send_one (&campaign);
      if (mortal_renew_modem (&campaign.mortal))
        take_messages (rig);
    }
  expect_nothing_left (&campaign);

  assert_true (campaign.n_late <= campaign.mortal.n_scripts / 4 + 1);
  print_result (&campaign);
  mortal_clear (&campaign.mortal);
}
