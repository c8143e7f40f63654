/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Two CAT_TP machines (agent/core/cattp.h) at the ends of bad links, in virtual time: sessions as they are, with SDUs
 * both ways and an end, and how long they take.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cattp-net.h"

#define HOUR_US (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)
#define N_SESSIONS 10000
#define BULK 0x10000
#define COMMAND 1024

/**
 * End:
 * @n_to_send: SDUs that this end sends when it is open; the SDU i has @size + i * @growth octets
 * @n_expected: SDUs that it gets, of the same making
 * @closes: it ends the connection when it has got them
 */
typedef struct
{
  guint n_to_send;
  guint n_expected;
  gsize size;
  gsize growth;
  gboolean closes;
  guint n_delivered;
  guint n_taken;
  gint64 taken_us;
  gboolean is_closed;
  EaCattpEvent last;
} End;

typedef struct
{
  CattpNet net;
  EaCattp *machines[2];
  End ends[2];
} Session;

static GBytes *
make_sdu (const End *end, guint i)
{
  gsize size = end->size + i * end->growth;
  guint8 *octets = g_malloc (size);

  for (gsize j = 0; j < size; j++)
    octets[j] = (guint8) (i * 7 + j);
  return g_bytes_new_take (octets, size);
}

static void
take_sdu (End *end, EaCattp *machine, GBytes *sdu, gint64 now_us)
{
  g_autoptr (GBytes) expected = make_sdu (end, end->n_taken);

  assert_true (g_bytes_equal (sdu, expected));
  end->n_taken++;
  end->taken_us = now_us;
  if (end->closes && end->n_taken == end->n_expected)
    ea_cattp_close (machine, now_us);
}

static void
take_news (gpointer machine, gpointer user_data, gint64 now_us)
{
  End *end = user_data;
  EaCattpEvent event;

  while (ea_cattp_pull_event (machine, &event))
    {
      assert_false (end->is_closed);
      switch (event.type)
        {
        case EA_CATTP_EVENT_OPENED:
          for (guint i = 0; i < end->n_to_send; i++)
            {
              g_autoptr (GBytes) sdu = make_sdu (end, i);

              assert_true (ea_cattp_send (machine, sdu, now_us, NULL));
            }
          break;
        case EA_CATTP_EVENT_SDU:
          take_sdu (end, machine, event.bytes, now_us);
          break;
        case EA_CATTP_EVENT_DELIVERED:
          end->n_delivered++;
          break;
        case EA_CATTP_EVENT_CLOSED:
          end->is_closed = TRUE;
          end->last = event;
          break;
        }
      ea_cattp_event_clear (&event);
    }
}

/* ends[0] opens */
static void
begin (Session *session, const CattpLink *link, const End *active, const End *passive,
       guint16 window)
{
  GRand *rand = g_rand_new_with_seed (link->seed);
  EaCattpParameters parameters = { .source_port = 0xC001,
                                   .destination_port = 0x0929,
                                   .initial_sequence = (guint16) g_rand_int (rand),
                                   .max_pdu = 1400,
                                   .max_sdu = EA_CATTP_SDU_MAX,
                                   .window = window };

  *session = (Session){ .ends = { *active, *passive } };
  cattp_net_init (&session->net, link);
  session->machines[0] = ea_cattp_new_active (&parameters, session->net.now_us);
  parameters.source_port = 0x0929;
  parameters.destination_port = 0;
  parameters.initial_sequence = (guint16) g_rand_int (rand);
  session->machines[1] = ea_cattp_new_passive (&parameters);
  for (guint i = 0; i < 2; i++)
    cattp_net_set_machine (&session->net, i, session->machines[i], take_news, &session->ends[i]);
  g_rand_free (rand);
}

static void
end (Session *session)
{
  cattp_net_clear (&session->net);
  for (guint i = 0; i < 2; i++)
    ea_cattp_free (session->machines[i]);
}

/* Runs until both have got what they expect and one of them has closed. */
static void
finish (Session *session)
{
  Session *s = session;
  gboolean *is_closed = &s->ends[s->ends[0].closes ? 0 : 1].is_closed;

  (void) cattp_net_run (&s->net, is_closed, s->net.now_us + HOUR_US);
  assert_true (*is_closed);
  for (guint i = 0; i < 2; i++)
    assert_int_equal (s->ends[i].n_taken, s->ends[i].n_expected);
}

static void
test_ten_thousand_sessions_deliver_each_sdu_once_and_in_order (void **state)
{
  /* a command and an answer of several PDUs, then the server ends; 10 % lost, 5 % late, 2 % twice */
  const End active = { .n_to_send = 2, .n_expected = 3, .size = 900, .growth = 1100 };
  const End passive
      = { .n_to_send = 3, .n_expected = 2, .size = 900, .growth = 1100, .closes = TRUE };

  guint n_told = 0;

  for (guint32 seed = 1; seed <= N_SESSIONS; seed++)
    {
      const CattpLink link = { .rate = 236000,
                               .rtt_us = 400000,
                               .jitter_us = 20000,
                               .loss = 100,
                               .reorder = 50,
                               .duplicate = 20,
                               .queue = 24000,
                               .seed = seed };
      Session session;

      begin (&session, &link, &active, &passive, 10);
      (void) cattp_net_run (&session.net, NULL, session.net.now_us + HOUR_US);
      for (guint i = 0; i < 2; i++)
        {
          assert_int_equal (session.ends[i].n_taken, session.ends[i].n_expected);
        }
      assert_int_equal (session.ends[1].n_delivered, session.ends[1].n_to_send);
      assert_int_equal (session.ends[1].last.cause, EA_CATTP_CAUSE_CLOSED);
      assert_int_equal (session.ends[1].last.n_undelivered, 0);
      n_told += session.ends[0].is_closed ? 1 : 0;
      end (&session);
    }
  /* nothing acknowledges an RST, but it is said twice */
  assert_in_range (n_told, N_SESSIONS * 95 / 100, N_SESSIONS);
}

static void
test_hundred_of_hundred_small_sessions_pass_a_terrible_link (void **state)
{
  const End active = { .n_to_send = 1, .n_expected = 1, .size = COMMAND };
  const End passive = { .n_to_send = 1, .n_expected = 1, .size = COMMAND, .closes = TRUE };

  for (guint32 seed = 1; seed <= 100; seed++)
    {
      const CattpLink link = { .rate = 20000,
                               .rtt_us = 1500000,
                               .jitter_us = 500000,
                               .loss = 300,
                               .queue = 24000,
                               .seed = seed };
      Session session;

      begin (&session, &link, &active, &passive, 10);
      finish (&session);
      end (&session);
    }
}

/* Both ends at once, through small windows and the wrap-around of numbers */
static void
test_long_traffic_both_ways_wraps_around (void **state)
{
  const End active = { .n_to_send = 1000, .n_expected = 1000, .size = 1, .growth = 1 };
  End passive = active;
  const CattpLink link
      = { .rtt_us = 50000, .loss = 50, .reorder = 100, .duplicate = 50, .seed = 3 };

  for (guint32 seed = 1; seed <= 5; seed++)
    {
      CattpLink seeded = link;
      Session session;

      seeded.seed = seed;
      passive.closes = FALSE;
      begin (&session, &seeded, &active, &passive, (guint16) (seed * 2 - 1));
      (void) cattp_net_run (&session.net, NULL, session.net.now_us + 24 * HOUR_US);
      for (guint i = 0; i < 2; i++)
        {
          assert_int_equal (session.ends[i].n_taken, 1000);
          assert_int_equal (session.ends[i].n_delivered, 1000);
          assert_false (session.ends[i].is_closed);
        }
      end (&session);
    }
}

/* The link is away for minutes, again and again, and there is something to be sent each time. */
static void
test_day_of_link_trouble_loses_nothing (void **state)
{
  const End active = { .n_expected = 24 * 6, .size = 3000 };
  const End passive = { .size = 3000 };
  const CattpLink link
      = { .rate = 40000, .rtt_us = 600000, .loss = 100, .queue = 24000, .seed = 5 };
  Session session;

  begin (&session, &link, &active, &passive, 32);
  (void) cattp_net_run (&session.net, NULL, session.net.now_us + 60 * G_USEC_PER_SEC);
  for (guint i = 0; i < 24 * 6; i++)
    {
      g_autoptr (GBytes) sdu = make_sdu (&passive, i);

      session.net.is_cut = TRUE;
      assert_true (ea_cattp_send (session.machines[1], sdu, session.net.now_us, NULL));
      (void) cattp_net_run (&session.net, NULL, session.net.now_us + HOUR_US / 12);
      session.net.is_cut = FALSE;
      (void) cattp_net_run (&session.net, NULL, session.net.now_us + HOUR_US / 12);
      assert_int_equal (session.ends[0].n_taken, i + 1);
    }

  assert_int_equal (session.ends[1].n_delivered, 24 * 6);
  assert_false (session.ends[1].is_closed);
  end (&session);
}

static void
test_link_that_does_not_come_back_ends_both_by_their_reasons (void **state)
{
  const End idle = { .size = 3000 };
  const CattpLink link = { .rate = 40000, .rtt_us = 600000, .queue = 24000, .seed = 5 };
  Session session;
  g_autoptr (GBytes) sdu = make_sdu (&idle, 0);

  begin (&session, &link, &idle, &idle, 32);
  (void) cattp_net_run (&session.net, NULL, session.net.now_us + 60 * G_USEC_PER_SEC);
  session.net.is_cut = TRUE;
  assert_true (ea_cattp_send (session.machines[0], sdu, session.net.now_us, NULL));
  assert_false (cattp_net_run (&session.net, NULL, session.net.now_us + 24 * HOUR_US));

  assert_true (session.ends[0].is_closed);
  assert_int_equal (session.ends[0].last.cause, EA_CATTP_CAUSE_RETRIES);
  assert_int_equal (session.ends[0].last.n_undelivered, 1);
  assert_false (session.ends[1].is_closed);
  end (&session);
}

static int
compare_times (const void *a, const void *b)
{
  gint64 difference = *(const gint64 *) a - *(const gint64 *) b;

  return difference < 0 ? -1 : difference > 0;
}

/* A bulk of 64 SDUs of 1 KiB from the server. Returns: the median of the times until all are there; @n_octets (out):
 * that passed both ways, on the average */
static gint64
measure_bulk (const CattpLink *link, guint64 *n_octets)
{
  const End active = { .n_expected = BULK / 16384, .size = 16384, .closes = TRUE };
  const End passive = { .n_to_send = BULK / 16384, .size = 16384 };
  gint64 times_us[31];

  *n_octets = 0;
  for (guint32 i = 0; i < G_N_ELEMENTS (times_us); i++)
    {
      CattpLink seeded = *link;
      Session session;

      seeded.seed = i + 1;
      begin (&session, &seeded, &active, &passive, 64);
      times_us[i] = -session.net.now_us;
      finish (&session);
      times_us[i] += session.ends[0].taken_us;
      *n_octets += session.net.ways[0].n_octets + session.net.ways[1].n_octets;
      end (&session);
    }
  *n_octets /= G_N_ELEMENTS (times_us);
  qsort (times_us, G_N_ELEMENTS (times_us), sizeof *times_us, compare_times);
  return times_us[G_N_ELEMENTS (times_us) / 2];
}

/* What the octets themselves take: 18 and 28 octets of headers for each 1382 */
static gint64
get_bulk_time (guint rate, gint64 rtt_us)
{
  guint64 n_octets = BULK + BULK / 1382 * 46;

  return (gint64) (n_octets * 8 * G_USEC_PER_SEC / rate) + 3 * rtt_us / 2;
}

static void
test_slow_link_without_loss_is_used_to_the_full (void **state)
{
  const CattpLink link = { .rate = 40000, .rtt_us = 600000, .queue = 24000 };
  guint64 n_octets;
  gint64 time_us = measure_bulk (&link, &n_octets);

  assert_true (get_bulk_time (40000, 600000) * 100 >= time_us * 97);
  assert_true (n_octets * 100 <= BULK * 110);
}

static void
test_loss_costs_little_more_than_what_is_lost (void **state)
{
  const gint losses[] = { 50, 150 };

  for (gsize i = 0; i < G_N_ELEMENTS (losses); i++)
    {
      const CattpLink link = { .rate = 40000, .rtt_us = 600000, .loss = losses[i], .queue = 24000 };
      guint64 n_octets;
      gint64 time_us = measure_bulk (&link, &n_octets);

      assert_true (get_bulk_time (40000, 600000) * 1000 >= time_us * (1000 - losses[i]) * 90 / 100);
      assert_true (n_octets * (guint64) (1000 - losses[i]) <= BULK * 1100);
    }
}

static void
test_loss_on_a_long_way_does_not_make_it_slow (void **state)
{
  const CattpLink link = { .rate = 236000, .rtt_us = 800000, .loss = 50, .queue = 24000 };
  guint64 n_octets;
  gint64 time_us = measure_bulk (&link, &n_octets);

  /* two round trips more than without loss and without a beginning */
  assert_true (time_us <= get_bulk_time (236000, 800000) + 2 * 800000);
  assert_true (n_octets * 950 <= BULK * 1100);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_ten_thousand_sessions_deliver_each_sdu_once_and_in_order),
    cmocka_unit_test (test_hundred_of_hundred_small_sessions_pass_a_terrible_link),
    cmocka_unit_test (test_long_traffic_both_ways_wraps_around),
    cmocka_unit_test (test_day_of_link_trouble_loses_nothing),
    cmocka_unit_test (test_link_that_does_not_come_back_ends_both_by_their_reasons),
    cmocka_unit_test (test_slow_link_without_loss_is_used_to_the_full),
    cmocka_unit_test (test_loss_costs_little_more_than_what_is_lost),
    cmocka_unit_test (test_loss_on_a_long_way_does_not_make_it_slow),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
