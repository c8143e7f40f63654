/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One direction of a link, in time that the test makes, and what --link says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "link-lane.h"

#define MS G_GINT64_CONSTANT (1000000)
#define PACKET_SIZE 1500
#define N_PACKETS 10000

typedef struct
{
  SimLinkCounts counts;
  SimLinkLane *lane;
} Bench;

static SimLinkOptions
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  SimLinkOptions options;

  if (!sim_link_options_parse (&options, text, &error))
    fail_msg ("%s", error->message);
  return options;
}

static void
bench_init (Bench *bench, const char *text)
{
  const SimLinkOptions options = parse (text);

  memset (bench, 0, sizeof (*bench));
  bench->lane = sim_link_lane_new (&options, 0, &bench->counts);
}

static void
bench_clear (Bench *bench)
{
  sim_link_lane_free (bench->lane);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

/* The packet with this number, of so many octets */
static void
put (const Bench *bench, guint32 number, gsize size, gint64 now_ns)
{
  g_auto (EaWriter) packet = { NULL };
  g_autofree guint8 *padding = g_malloc0 (size);

  ea_writer_init (&packet);
  ea_writer_u32be (&packet, number);
  ea_writer_bytes (&packet, ea_span_init (padding, size - 4));
  sim_link_lane_put (bench->lane, ea_writer_span (&packet), now_ns);
}

static void
put_many (const Bench *bench, guint n_packets, gint64 interval_ns)
{
  for (guint i = 0; i < n_packets; i++)
    put (bench, i, PACKET_SIZE, i * interval_ns);
}

/* (transfer full): the numbers of all packets as they arrive */
static GArray *
take_all (const Bench *bench)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  GBytes *packet;

  while ((packet = sim_link_lane_take (bench->lane, G_MAXINT64 - 1)) != NULL)
    {
      EaReader reader;
      guint32 number;

      ea_reader_init (&reader, ea_span_from_bytes (packet));
      number = ea_reader_u32be (&reader);
      g_array_append_val (numbers, number);
      g_bytes_unref (packet);
    }
  return numbers;
}

static guint
count_out_of_order (const GArray *numbers)
{
  guint n_late = 0;

  for (guint i = 1; i < numbers->len; i++)
    n_late += g_array_index (numbers, guint32, i) < g_array_index (numbers, guint32, i - 1);
  return n_late;
}

static void
test_a_packet_takes_its_serialisation_and_half_a_round_trip (void **state)
{
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, "rate=40kbit,rtt=600ms");
  put (&bench, 0, 1500, 1000 * MS);

  assert_int_equal (sim_link_lane_get_due_ns (bench.lane), (1000 + 300 + 300) * MS);
  assert_null (sim_link_lane_take (bench.lane, 1600 * MS - 1));
  g_bytes_unref (sim_link_lane_take (bench.lane, 1600 * MS));
  assert_int_equal (bench.counts.delivered, 1);
  assert_int_equal (sim_link_lane_get_due_ns (bench.lane), G_MAXINT64);
}

static void
test_packets_wait_for_those_before_them (void **state)
{
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, "rate=40kbit,rtt=600ms");
  put (&bench, 0, 1000, 0);
  put (&bench, 1, 500, 50 * MS);
  g_bytes_unref (sim_link_lane_take (bench.lane, 500 * MS));

  assert_int_equal (sim_link_lane_get_due_ns (bench.lane), (200 + 100 + 300) * MS);
}

static void
test_without_a_rate_only_the_delay_counts (void **state)
{
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, "rtt=600ms");
  put_many (&bench, 100, 0);

  assert_int_equal (sim_link_lane_get_due_ns (bench.lane), 300 * MS);
  for (guint i = 0; i < 100; i++)
    g_bytes_unref (sim_link_lane_take (bench.lane, 300 * MS));
  assert_int_equal (bench.counts.dropped, 0);
}

static void
test_the_queue_takes_24000_octets_and_drops_the_rest (void **state)
{
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, "rate=40kbit");
  put_many (&bench, 20, 0);
  assert_int_equal (bench.counts.dropped, 4);

  put (&bench, 20, 1500, 300 * MS - 1); /* the first is not sent yet */
  assert_int_equal (bench.counts.dropped, 5);
  put (&bench, 21, 1500, 300 * MS);
  assert_int_equal (bench.counts.dropped, 5);
  assert_int_equal (bench.counts.packets, 22);
  assert_int_equal (bench.counts.octets, 22 * 1500);
}

static void
test_the_queue_has_the_size_that_is_asked_for (void **state)
{
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, "rate=40kbit,queue=3000");
  put_many (&bench, 20, 0);

  assert_int_equal (bench.counts.dropped, 18);
}

/* Of 10000 packets at 5 %, 500 are lost but for five standard deviations of 22. */
static void
test_so_many_are_lost_as_asked_for (void **state)
{
  g_auto (Bench) bench = { 0 };
  g_autoptr (GArray) numbers = NULL;

  bench_init (&bench, "loss=5%,seed=1");
  put_many (&bench, N_PACKETS, MS);
  numbers = take_all (&bench);

  assert_in_range (bench.counts.lost, 390, 610);
  assert_int_equal (numbers->len, N_PACKETS - bench.counts.lost);
  assert_int_equal (count_out_of_order (numbers), 0);
}

static void
test_none_or_all_are_lost_at_0_and_100_per_cent (void **state)
{
  g_auto (Bench) none = { 0 };
  g_auto (Bench) all = { 0 };

  bench_init (&none, "loss=0%");
  bench_init (&all, "loss=100%");
  put_many (&none, N_PACKETS, 0);
  put_many (&all, N_PACKETS, 0);

  assert_int_equal (none.counts.lost, 0);
  assert_int_equal (all.counts.lost, N_PACKETS);
}

/* What is lost takes its time on the link all the same: it is lost in the air. */
static void
test_a_lost_packet_has_been_sent (void **state)
{
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, "rate=40kbit,loss=100%");
  put_many (&bench, 20, 0);

  assert_int_equal (bench.counts.lost, 16);
  assert_int_equal (bench.counts.dropped, 4);
}

static void
test_the_same_seed_has_the_same_fates_whenever_packets_come (void **state)
{
  static const char text[] = "rate=1Mbit,rtt=20ms,jitter=5ms,loss=10%,duplicate=5%,seed=7";
  g_auto (Bench) slow = { 0 };
  g_auto (Bench) fast = { 0 };
  g_autoptr (GArray) slow_numbers = NULL;
  g_autoptr (GArray) fast_numbers = NULL;

  bench_init (&slow, text);
  bench_init (&fast, text);
  put_many (&slow, 500, 1000 * MS);
  put_many (&fast, 500, 12 * MS);
  slow_numbers = take_all (&slow);
  fast_numbers = take_all (&fast);

  assert_true (slow.counts.lost > 0 && slow.counts.duplicated > 0);
  assert_int_equal (slow_numbers->len, fast_numbers->len);
  assert_memory_equal (slow_numbers->data, fast_numbers->data,
                       slow_numbers->len * sizeof (guint32));
}

static void
test_another_seed_or_direction_has_other_fates (void **state)
{
  const SimLinkOptions first = parse ("loss=50%,seed=1");
  const SimLinkOptions second = parse ("loss=50%,seed=2");
  const SimLinkOptions *options[] = { &first, &first, &second, &second };
  g_autoptr (GPtrArray) fates = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);

  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      Bench bench = { 0 };

      bench.lane = sim_link_lane_new (options[i], i % 2, &bench.counts);
      put_many (&bench, 64, 0);
      g_ptr_array_add (fates, take_all (&bench));
      bench_clear (&bench);
    }

  for (guint i = 0; i < fates->len; i++)
    for (guint j = 0; j < i; j++)
      {
        const GArray *a = g_ptr_array_index (fates, i);
        const GArray *b = g_ptr_array_index (fates, j);

        assert_true (a->len != b->len || memcmp (a->data, b->data, a->len * sizeof (guint32)) != 0);
      }
}

static void
test_jitter_is_within_its_bounds_and_keeps_the_order (void **state)
{
  g_auto (Bench) bench = { 0 };
  g_autoptr (GArray) numbers = NULL;
  gint64 least_ns = G_MAXINT64;
  gint64 most_ns = 0;

  bench_init (&bench, "rtt=100ms,jitter=50ms");
  for (guint i = 0; i < N_PACKETS; i++)
    {
      gint64 sent_ns = i * 200 * MS;

      put (&bench, i, PACKET_SIZE, sent_ns);
      least_ns = MIN (least_ns, sim_link_lane_get_due_ns (bench.lane) - sent_ns);
      most_ns = MAX (most_ns, sim_link_lane_get_due_ns (bench.lane) - sent_ns);
      g_bytes_unref (sim_link_lane_take (bench.lane, sent_ns + 100 * MS));
    }
  assert_in_range (least_ns, 50 * MS, 51 * MS);
  assert_in_range (most_ns, 99 * MS, 100 * MS);

  for (guint i = 0; i < N_PACKETS; i++)
    put (&bench, i, PACKET_SIZE, N_PACKETS * 200 * MS + i * MS);
  numbers = take_all (&bench);
  assert_int_equal (numbers->len, N_PACKETS);
  assert_int_equal (count_out_of_order (numbers), 0);
}

static void
test_reordered_packets_come_late_and_none_is_missing (void **state)
{
  g_auto (Bench) bench = { 0 };
  g_autoptr (GArray) numbers = NULL;

  bench_init (&bench, "rtt=100ms,reorder=5%");
  put_many (&bench, N_PACKETS, MS);
  numbers = take_all (&bench);

  assert_int_equal (numbers->len, N_PACKETS);
  assert_in_range (bench.counts.reordered, 390, 610);
  assert_in_range (count_out_of_order (numbers), 300, bench.counts.reordered);
}

static void
test_doubled_packets_come_one_after_the_other (void **state)
{
  g_auto (Bench) bench = { 0 };
  g_autoptr (GArray) numbers = NULL;
  guint n_doubled = 0;

  bench_init (&bench, "duplicate=5%");
  put_many (&bench, N_PACKETS, MS);
  numbers = take_all (&bench);
  for (guint i = 1; i < numbers->len; i++)
    n_doubled += g_array_index (numbers, guint32, i) == g_array_index (numbers, guint32, i - 1);

  assert_in_range (bench.counts.duplicated, 390, 610);
  assert_int_equal (n_doubled, bench.counts.duplicated);
  assert_int_equal (numbers->len, N_PACKETS + n_doubled);
}

static void
test_options_have_units (void **state)
{
  SimLinkOptions options = parse ("rate=40kbit,rtt=600ms,jitter=1.5s,loss=5%,reorder=0.25%,"
                                  "duplicate=100%,queue=3000,seed=4294967295");

  assert_int_equal (options.rate_bits_s, 40000);
  assert_int_equal (options.rtt_us, 600000);
  assert_int_equal (options.jitter_us, 1500000);
  assert_int_equal (options.loss_ppm, 50000);
  assert_int_equal (options.reorder_ppm, 2500);
  assert_int_equal (options.duplicate_ppm, 1000000);
  assert_int_equal (options.queue, 3000);
  assert_int_equal (options.seed, 4294967295);

  options = parse ("rtt=20us,rate=9600bit");
  assert_int_equal (options.rate_bits_s, 9600);
  assert_int_equal (options.rtt_us, 20);
  assert_int_equal (options.queue, 24000);
  assert_int_equal (options.seed, 1);
  assert_int_equal (parse ("rate=1.5Mbit").rate_bits_s, 1500000);
}

static void
test_wrong_options_are_told (void **state)
{
  static const struct
  {
    const char *text;
    const char *message;
  } wrong[] = {
    { "rate=40", "--link: rate wants 100bit to 1000Mbit, such as 40kbit, not '40'" },
    { "rate=99bit", "--link: rate wants 100bit to 1000Mbit, such as 40kbit, not '99bit'" },
    { "rate=1001Mbit", "--link: rate wants 100bit to 1000Mbit, such as 40kbit, not '1001Mbit'" },
    { "rtt=-1ms", "--link: rtt wants 0s to 60s, such as 600ms, not '-1ms'" },
    { "rtt=60.1s", "--link: rtt wants 0s to 60s, such as 600ms, not '60.1s'" },
    { "rtt=0x10ms", "--link: rtt wants 0s to 60s, such as 600ms, not '0x10ms'" },
    { "rtt=1.ms", "--link: rtt wants 0s to 60s, such as 600ms, not '1.ms'" },
    { "jitter=1e3ms", "--link: jitter wants 0s to 60s, such as 50ms, not '1e3ms'" },
    { "loss", "--link: loss wants 0% to 100%, such as 5%, not ''" },
    { "loss=", "--link: loss wants 0% to 100%, such as 5%, not ''" },
    { "loss=100.1%", "--link: loss wants 0% to 100%, such as 5%, not '100.1%'" },
    { "loss=5%%", "--link: loss wants 0% to 100%, such as 5%, not '5%%'" },
    { "queue=1499", "--link: queue wants octets, 1500 to 1000000000, not '1499'" },
    { "queue=99999999999999999999", "--link: queue wants octets, 1500 to 1000000000, not "
                                    "'99999999999999999999'" },
    { "seed=1.5", "--link: seed wants a number, 0 to 4294967295, not '1.5'" },
    { "seed=4294967296", "--link: seed wants a number, 0 to 4294967295, not '4294967296'" },
    { "rtt=1s,rtt=2s", "--link has 'rtt' twice" },
    { "delay=1s", "--link knows no 'delay', only rate, rtt, jitter, loss, reorder, duplicate, "
                  "queue and seed" },
    { "rtt=1s,,loss=5%", "--link knows no '', only rate, rtt, jitter, loss, reorder, duplicate, "
                         "queue and seed" },
    { "reorder=1%", "--link: reorder wants an rtt or a jitter beside it" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      SimLinkOptions options;

      assert_false (sim_link_options_parse (&options, wrong[i].text, &error));
      assert_string_equal (error->message, wrong[i].message);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_a_packet_takes_its_serialisation_and_half_a_round_trip),
    cmocka_unit_test (test_packets_wait_for_those_before_them),
    cmocka_unit_test (test_without_a_rate_only_the_delay_counts),
    cmocka_unit_test (test_the_queue_takes_24000_octets_and_drops_the_rest),
    cmocka_unit_test (test_the_queue_has_the_size_that_is_asked_for),
    cmocka_unit_test (test_so_many_are_lost_as_asked_for),
    cmocka_unit_test (test_none_or_all_are_lost_at_0_and_100_per_cent),
    cmocka_unit_test (test_a_lost_packet_has_been_sent),
    cmocka_unit_test (test_the_same_seed_has_the_same_fates_whenever_packets_come),
    cmocka_unit_test (test_another_seed_or_direction_has_other_fates),
    cmocka_unit_test (test_jitter_is_within_its_bounds_and_keeps_the_order),
    cmocka_unit_test (test_reordered_packets_come_late_and_none_is_missing),
    cmocka_unit_test (test_doubled_packets_come_one_after_the_other),
    cmocka_unit_test (test_options_have_units),
    cmocka_unit_test (test_wrong_options_are_told),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
