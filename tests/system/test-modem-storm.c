/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Two modems that are pulled out, put in and reset at random, also while the agent gets to know them or the card is in
 * the middle of a message; now and then the agent is told to end, and has to leave nothing in them, whatever it is
 * doing. EA_TEST_SEED repeats what a seed did; EA_TEST_STORM says how many events there are.
 */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "https-rig.h"

#define N_MODEMS 2
#define N_EVENTS 200
#define EVENTS_A_RESTART 16
/* A modem that is new gets some forty requests until it is ready. */
#define MAX_REQUESTS 50
#define POLL_MS 1
#define SLOW_MS 4 /* for the test to see each request before the next one comes */

typedef struct
{
  Rig *rig;
  GRand *random;
  gboolean is_plugged[N_MODEMS];
} Storm;

static const char *const shocks[]
    = { "reset", "refresh 04", "refresh 01", "sms " RIG_COMMAND_TPDU };

/* What comes of it is not waited for: the next event may be in its way. */
static void
begin_shock (Storm *storm, guint modem)
{
  const char *shock = shocks[g_rand_int_range (storm->random, 0, G_N_ELEMENTS (shocks))];

  rig_begin_control (storm->rig, "@%u %s", modem, shock);
  g_clear_object (&storm->rig->begun);
}

static void
expect_nothing_left (Rig *rig)
{
  for (guint i = 0; i < N_MODEMS; i++)
    {
      g_autofree char *state = rig_control (rig, "@%u state", i);

      if (strstr (state, "\"clients\":[]") == NULL
          || strstr (state, "\"logical_channels\":[]") == NULL)
        fail_msg ("modem %u: %s", i, state);
    }
}

static void
restart_agent (Storm *storm)
{
  rig_stop_agent (storm->rig);
  expect_nothing_left (storm->rig);
  rig_start_agent (storm->rig, NULL);
}

static void
strike (Storm *storm)
{
  guint modem = (guint) g_rand_int_range (storm->random, 0, N_MODEMS);

  if (g_rand_int_range (storm->random, 0, EVENTS_A_RESTART) == 0)
    restart_agent (storm);
  else if (!storm->is_plugged[modem])
    {
      rig_expect_control (storm->rig, "ok", "@%u replug", modem);
      storm->is_plugged[modem] = TRUE;
    }
  else if (g_rand_boolean (storm->random))
    {
      rig_expect_control (storm->rig, "ok", "@%u hangup", modem);
      storm->is_plugged[modem] = FALSE;
    }
  else
    begin_shock (storm, modem);
}

typedef struct
{
  Rig *rig;
  guint n_awaited;
  guint n_looks; /* for a modem that has no more to ask */
} Lull;

static gboolean
has_passed (gpointer data)
{
  Lull *lull = data;
  guint n_requests = 0;

  for (guint i = 0; i < N_MODEMS; i++)
    {
      g_autofree char *requests = rig_control (lull->rig, "@%u qmi", i);

      n_requests += https_count (requests, "\n");
    }
  lull->n_awaited -= MIN (lull->n_awaited, n_requests);
  lull->n_looks -= n_requests == 0 ? 1 : 0;
  rig_look_again (POLL_MS); /* the simulator has no events: ask again then */
  return lull->n_awaited == 0 || lull->n_looks == 0;
}

/* The next event comes when the modems have had some requests more, or none for some time. */
static void
await_lull (Storm *storm)
{
  Lull lull = { .rig = storm->rig };

  lull.n_awaited = (guint) g_rand_int_range (storm->random, 0, MAX_REQUESTS);
  lull.n_looks = MAX_REQUESTS;
  if (lull.n_awaited > 0 && !rig_await_that (has_passed, &lull))
    fail_msg ("the modems get requests without end");
}

static void
end_storm (Storm *storm)
{
  for (guint i = 0; i < N_MODEMS; i++)
    if (!storm->is_plugged[i])
      rig_expect_control (storm->rig, "ok", "@%u replug", i);
  for (guint i = 0; i < N_MODEMS; i++)
    rig_await_number (storm->rig, i, "State", "ready");
}

static guint
count_clients (Rig *rig)
{
  guint n_clients = 0;

  for (guint i = 0; i < N_MODEMS; i++)
    {
      g_autofree char *state = rig_control (rig, "@%u state", i);

      n_clients += https_count (state, "{\"service\":");
    }
  return n_clients;
}

static void
test_modems_in_a_storm_are_ready_when_it_is_over (void **state)
{
  guint seed = https_get_setting ("EA_TEST_SEED", g_random_int ());
  guint n_events = https_get_setting ("EA_TEST_STORM", N_EVENTS);
  Storm storm = { *state, g_rand_new_with_seed (seed), { TRUE, TRUE } };
  guint n_clients;
  guint n_files;

  print_message ("EA_TEST_SEED=%u\n", seed);
  rig_start_simulator (storm.rig, "--modems=2", NULL);
  rig_start_agent (storm.rig, NULL);
  for (guint i = 0; i < N_MODEMS; i++)
    rig_await_number (storm.rig, i, "State", "ready");
  n_clients = count_clients (storm.rig);
  n_files = https_count_settled_files (storm.rig);
  for (guint i = 0; i < n_events; i++)
    {
      strike (&storm);
      await_lull (&storm);
    }
  end_storm (&storm);

  https_await_nothing_left (storm.rig, n_files);
  assert_int_equal (count_clients (storm.rig), n_clients);
  rig_stop_agent (storm.rig);
  expect_nothing_left (storm.rig);
  g_rand_free (storm.random);
}

static guint
count_requests (Rig *rig)
{
  g_autofree char *requests = rig_control (rig, "qmi");

  return https_count (requests, "\n");
}

static void
test_modem_that_goes_at_any_request_comes_back (void **state)
{
  Rig *rig = *state;
  guint n_requests;

  rig_start (rig);
  n_requests = count_requests (rig);
  rig_expect_control (rig, "ok", "slow %d", SLOW_MS);
  for (guint i = 1; i <= n_requests; i++)
    {
      rig_expect_control (rig, "ok", "hangup");
      rig_await (rig, "State", "absent");
      (void) count_requests (rig); /* those are over */
      rig_expect_control (rig, "ok", "replug");
      rig_await_requests (rig, i);
    }

  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_modem_that_goes_at_any_request_comes_back),
    RIG_TEST (test_modems_in_a_storm_are_ready_when_it_is_over),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
