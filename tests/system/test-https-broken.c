/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Connections that break at random places, again and again: in a handshake, a head, a body, behind the last byte. The
 * card's hash and its ledger, which nothing of this touches, say what has arrived: everything, once.
 *
 * EA_TEST_SEED  of the dice; it is printed
 */

#include "https-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PROFILE_SIZE (200 * 1024)
#define KILLS 20

/* Bytes of a connection that may go before it breaks, at most: less than KILLS of them have the profile in them */
#define OCTETS_MAX_BITS 14

#define ROUNDS 4
#define BREAKS_PER_ROUND 5
#define COMMANDS 255
#define SCRIPT_OCTETS 12000 /* its handshake, too */

#define SESSION "RetryLimit=1000\nRetryDelay=1\nRetryMaximum=1\nTimeout=20\n"

typedef struct
{
  Rig *rig;
  HttpsNews *news;
  GRand *dice;
  guint number;  /* of the session */
  guint n_kills; /* that it has noticed */
} Campaign;

static void
campaign_start (Campaign *campaign, Rig *rig)
{
  guint seed = https_get_setting ("EA_TEST_SEED", g_random_int ());

  print_message ("EA_TEST_SEED=%u\n", seed);
  https_start_with (rig, SESSION, "127.0.0.1");
  *campaign
      = (Campaign){ .rig = rig, .news = https_news_new (rig), .dice = g_rand_new_with_seed (seed) };
}

static void
campaign_end (Campaign *campaign)
{
  https_news_free (campaign->news);
  g_rand_free (campaign->dice);
  rig_await_simulator (campaign->rig, "\"logical_channels\":[]");
  rig_stop_agent (campaign->rig);
}

static void
assert_begins (const char *actual, const char *expected)
{
  if (!g_str_has_prefix (actual, expected))
    fail_msg ("'%s' does not begin with '%s'", actual, expected);
}

static void
assert_has (const char *actual, const char *expected)
{
  if (strstr (actual, expected) == NULL)
    fail_msg ("'%s' does not have '%s'", actual, expected);
}

/* Each number of bits is as likely as any other, so that handshakes are hit as well as bodies. */
static guint
roll (Campaign *campaign)
{
  gint n_bits = g_rand_int_range (campaign->dice, 0, OCTETS_MAX_BITS + 1);

  return (guint) g_rand_int_range (campaign->dice, 1 << n_bits, 2 << n_bits) - 1;
}

/* The connection that there is breaks when it has had so many octets, and those after it. */
static void
kill_connections (Campaign *campaign, const char *how)
{
  rig_expect_control (campaign->rig, "ok", "fail smsr %s %u", how, roll (campaign));
}

static gboolean
has_broken (gpointer data)
{
  const Campaign *campaign = data;
  const char *states = https_news_get_states (campaign->news, campaign->number);

  return https_count (states, "waiting") > campaign->n_kills || strstr (states, "closed") != NULL;
}

static void
break_again_and_again (Campaign *campaign, const char *how)
{
  while (campaign->n_kills < KILLS)
    {
      const char *states;

      if (!rig_await_that (has_broken, campaign))
        fail_msg ("nothing breaks any more after %u times", campaign->n_kills);
      states = https_news_get_states (campaign->news, campaign->number);
      if (strstr (states, "closed") != NULL)
        fail_msg ("the session was over after %u times", campaign->n_kills);
      campaign->n_kills = https_count (states, "waiting");
      kill_connections (campaign, how);
    }
  rig_expect_control (campaign->rig, "ok", "fail smsr off");
}

static void
download (Rig *rig, const char *how)
{
  Campaign campaign;
  g_autofree char *sha256 = NULL;
  g_autofree char *path = https_write_profile (rig, PROFILE_SIZE, 6, &sha256);
  g_autofree char *reply = NULL;
  g_autofree char *card = NULL;

  campaign_start (&campaign, rig);
  kill_connections (&campaign, how);
  rig_begin_control (rig, "smsr download-profile %s --timeout 300 --via https --no-trigger", path);
  g_free (rig_control (rig, "state")); /* it has begun before */
  campaign.number = https_open_session (rig, "{}");
  break_again_and_again (&campaign, how);
  https_news_await_result (campaign.news, campaign.number, "ok");
  reply = rig_end_control (rig);
  card = rig_control (rig, "state");

  assert_begins (reply, "ok ");
  assert_has (reply, sha256);
  assert_has (card, sha256);
  print_message ("%s: %s\n", how, reply);
  campaign_end (&campaign);
}

static void
test_a_download_survives_a_server_that_is_killed_20_times (void **state)
{
  download (*state, "reset");
}

static void
test_a_download_survives_a_server_that_closes_20_times (void **state)
{
  download (*state, "close");
}

/* Commands @first and so on have run, the whole script, and nothing else has since the last time. */
static void
expect_runs (GHashTable *runs, guint first)
{
  for (guint i = 0; i < COMMANDS; i++)
    if (!g_hash_table_contains (runs, GUINT_TO_POINTER (first + i)))
      fail_msg ("command %u has not run", first + i);
  assert_int_equal (g_hash_table_size (runs), first + COMMANDS - 1);
}

/* FIN and RST by turns; the script's commands have their answers in the order of the script. */
static void
send_script (Campaign *campaign, GHashTable *runs, guint first)
{
  g_autofree char *all = g_strdup_printf ("ok scripts=1 executed=%u sw=9000,", COMMANDS);
  g_autofree char *reply = NULL;

  rig_expect_control (campaign->rig, "ok", "fail smsr random %u %d %d", g_rand_int (campaign->dice),
                      BREAKS_PER_ROUND, SCRIPT_OCTETS);
  rig_begin_control (campaign->rig,
                     "smsr send-script --generate %d --timeout 120 --via https --no-trigger",
                     COMMANDS);
  g_free (rig_control (campaign->rig, "state")); /* it has begun before */
  campaign->number = https_open_session (campaign->rig, "{}");
  https_news_await_result (campaign->news, campaign->number, "ok");
  reply = rig_end_control (campaign->rig);
  https_count_runs (campaign->rig, runs);

  assert_begins (reply, all);
  assert_int_equal (https_count (reply, "9000"), COMMANDS);
  expect_runs (runs, first);
  campaign->n_kills
      += https_count (https_news_get_states (campaign->news, campaign->number), "waiting");
}

static void
test_scripts_that_break_are_run_once_and_answered (void **state)
{
  Campaign campaign;
  g_autoptr (GHashTable) runs = g_hash_table_new (NULL, NULL);

  campaign_start (&campaign, *state);
  for (guint i = 0; i < ROUNDS; i++)
    send_script (&campaign, runs, i * COMMANDS + 1);
  print_message ("%u breaks, %u commands run\n", campaign.n_kills, g_hash_table_size (runs));
  assert_true (campaign.n_kills > ROUNDS);
  campaign_end (&campaign);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_a_download_survives_a_server_that_is_killed_20_times),
    RIG_TEST (test_a_download_survives_a_server_that_closes_20_times),
    RIG_TEST (test_scripts_that_break_are_run_once_and_answered),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
