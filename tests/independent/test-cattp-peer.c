/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent's CAT_TP (agent/core/cattp.h) and the simulator's (tests/sim/card/sim-cattp.h), which do not share a line,
 * at the ends of one bad link: either opens it, SDUs go both ways, either ends it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "card/sim-cattp.h"
#include "cattp-net.h"
#include "peer-end.h"

#define N_SEEDS 200
#define N_SDUS 12
#define HOUR_US (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)
#define CARD_PORT 0xC001
#define SERVER_PORT 0x0929

static const guint8 eid[] = { 0x89, 0x00, 0x10, 0x12 };

typedef struct
{
  EaCattp *agent;
  SimCattp *peer;
  CattpNet net;
  gboolean agent_closes;
  gboolean has_opened;
  gboolean has_peer_sent;
  guint n_delivered;
  guint n_agent_taken;
  guint n_peer_taken;
  gboolean is_over;
  EaCattpEvent last;
} Pair;

static GBytes *
make_sdu (guint number)
{
  gsize size = 1 + number * 150;
  guint8 *octets = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    octets[i] = (guint8) (i ^ number);
  return g_bytes_new_take (octets, size);
}

static void
assert_sdu (GBytes *sdu, guint number)
{
  g_autoptr (GBytes) expected = make_sdu (number);

  assert_true (g_bytes_equal (sdu, expected));
}

/* The peer has nothing like DELIVERED and ends a link at once: it waits until it is idle. */
static void
take_peer_news (gpointer machine, gpointer user_data, gint64 now_us)
{
  Pair *pair = user_data;
  GBytes *sdu;

  if (sim_cattp_get_state (machine) == SIM_CATTP_OPEN && !pair->has_peer_sent)
    {
      pair->has_peer_sent = TRUE;
      for (guint i = 0; i < N_SDUS; i++)
        {
          g_autoptr (GBytes) made = make_sdu (i);

          assert_true (sim_cattp_send (machine, ea_span_from_bytes (made), now_us));
        }
    }
  while ((sdu = sim_cattp_pull_sdu (machine)) != NULL)
    {
      assert_sdu (sdu, pair->n_peer_taken++);
      g_bytes_unref (sdu);
    }
  if (!pair->agent_closes && sim_cattp_get_state (machine) == SIM_CATTP_OPEN
      && pair->n_peer_taken == N_SDUS && pair->has_peer_sent && sim_cattp_is_idle (machine))
    sim_cattp_close (machine, now_us);
  if (sim_cattp_get_state (machine) == SIM_CATTP_CLOSED)
    pair->is_over = TRUE;
}

static void
take_agent_event (Pair *pair, const EaCattpEvent *event, gint64 now_us)
{
  switch (event->type)
    {
    case EA_CATTP_EVENT_OPENED:
      pair->has_opened = TRUE;
      for (guint i = 0; i < N_SDUS; i++)
        {
          g_autoptr (GBytes) sdu = make_sdu (i);

          assert_true (ea_cattp_send (pair->agent, sdu, now_us, NULL));
        }
      return;
    case EA_CATTP_EVENT_SDU:
      assert_sdu (event->bytes, pair->n_agent_taken++);
      if (pair->agent_closes && pair->n_agent_taken == N_SDUS)
        ea_cattp_close (pair->agent, now_us);
      return;
    case EA_CATTP_EVENT_DELIVERED:
      pair->n_delivered++;
      return;
    case EA_CATTP_EVENT_CLOSED:
      pair->last = *event;
      pair->is_over = TRUE;
      return;
    }
}

static void
take_agent_news (gpointer machine, gpointer user_data, gint64 now_us)
{
  EaCattpEvent event;

  while (ea_cattp_pull_event (machine, &event))
    {
      take_agent_event (user_data, &event, now_us);
      ea_cattp_event_clear (&event);
    }
}

static void
begin (Pair *pair, const CattpLink *link, gboolean agent_opens)
{
  EaCattpParameters parameters = { .source_port = agent_opens ? CARD_PORT : SERVER_PORT,
                                   .destination_port = agent_opens ? SERVER_PORT : CARD_PORT,
                                   .initial_sequence = (guint16) (0xFFF0 + link->seed),
                                   .max_pdu = 512,
                                   .max_sdu = 4096,
                                   .window = 32 };
  SimCattpOptions options = { .source_port = parameters.destination_port,
                              .destination_port = parameters.source_port,
                              .pdu_max = 400,
                              .sdu_max = 2048,
                              .initial_sequence = (guint16) (0x7FF8 + link->seed) };

  cattp_net_init (&pair->net, link);
  if (agent_opens)
    parameters.identification = EA_SPAN_OF_ARRAY (eid);
  else
    options.identification = EA_SPAN_OF_ARRAY (eid);
  pair->agent = agent_opens ? ea_cattp_new_active (&parameters, pair->net.now_us)
                            : ea_cattp_new_passive (&parameters);
  pair->peer = agent_opens ? sim_cattp_new_server (&options)
                           : sim_cattp_new_client (&options, pair->net.now_us);
  cattp_net_set_machine (&pair->net, 0, pair->agent, take_agent_news, pair);
  peer_end_set (&pair->net, 1, pair->peer, take_peer_news, pair);
}

static void
run (const CattpLink *link, gboolean agent_opens, gboolean agent_closes)
{
  for (guint32 seed = 1; seed <= N_SEEDS; seed++)
    {
      CattpLink seeded = *link;
      Pair pair = { .agent_closes = agent_closes };

      seeded.seed = seed;
      begin (&pair, &seeded, agent_opens);
      (void) cattp_net_run (&pair.net, &pair.is_over, pair.net.now_us + HOUR_US);
      assert_true (pair.is_over);
      assert_int_equal (pair.n_agent_taken, N_SDUS);
      assert_int_equal (pair.n_peer_taken, N_SDUS);
      if (agent_closes)
        {
          assert_int_equal (pair.n_delivered, N_SDUS);
          assert_int_equal (pair.last.cause, EA_CATTP_CAUSE_CLOSED);
        }
      if (agent_opens)
        assert_true (
            ea_span_equal (sim_cattp_get_identification (pair.peer), EA_SPAN_OF_ARRAY (eid)));
      cattp_net_clear (&pair.net);
      ea_cattp_free (pair.agent);
      sim_cattp_free (pair.peer);
    }
}

static const CattpLink good = { .rate = 40000, .rtt_us = 600000, .queue = 24000 };
static const CattpLink bad = { .rate = 40000,
                               .rtt_us = 600000,
                               .jitter_us = 50000,
                               .loss = 150,
                               .reorder = 50,
                               .duplicate = 20,
                               .queue = 24000 };

static void
test_agent_opens_and_closes (void **state)
{
  run (&good, TRUE, TRUE);
  run (&bad, TRUE, TRUE);
}

static void
test_agent_opens_and_its_peer_closes (void **state)
{
  run (&good, TRUE, FALSE);
  run (&bad, TRUE, FALSE);
}

static void
test_peer_opens_and_the_agent_closes (void **state)
{
  run (&good, FALSE, TRUE);
  run (&bad, FALSE, TRUE);
}

static void
test_peer_opens_and_closes (void **state)
{
  run (&good, FALSE, FALSE);
  run (&bad, FALSE, FALSE);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_agent_opens_and_closes),
    cmocka_unit_test (test_agent_opens_and_its_peer_closes),
    cmocka_unit_test (test_peer_opens_and_the_agent_closes),
    cmocka_unit_test (test_peer_opens_and_closes),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
