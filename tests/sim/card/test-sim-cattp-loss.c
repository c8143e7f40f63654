/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * CAT_TP links of the simulator when PDUs are lost, doubled, late, damaged or not meant for them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "test-cattp.h"
#include "test-support.h"

#define N_SDUS 60
#define N_SEEDS 25

/* Chances in the hundred */
#define LOST 20
#define DOUBLED 10
#define LATE 20

static void
test_a_lost_syn_is_sent_again_after_a_second (void **state)
{
  Net net = make_net (1400, 1400);

  drop (net.client);
  sim_cattp_tick (net.client, net.now_us + G_USEC_PER_SEC - 1);
  assert_null (sim_cattp_pull_pdu (net.client));
  pass_time (&net);
  run (&net);

  assert_int_equal (sim_cattp_get_state (net.client), SIM_CATTP_OPEN);
  assert_int_equal (sim_cattp_get_state (net.server), SIM_CATTP_OPEN);
  clear_net (&net);
}

static void
test_an_unanswered_syn_is_sent_ten_times_at_growing_distances (void **state)
{
  const gint64 distances_s[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
  Net net = make_net (1400, 1400);

  drop (net.client);
  for (gsize i = 0; i < G_N_ELEMENTS (distances_s); i++)
    {
      gint64 before_us = net.now_us;

      pass_time (&net);
      assert_int_equal (net.now_us - before_us, distances_s[i] * G_USEC_PER_SEC);
      drop (net.client);
    }
  pass_time (&net);

  assert_sends (net.client, "10000013c00109290000006500000000215d05");
  assert_int_equal (sim_cattp_get_state (net.client), SIM_CATTP_CLOSED);
  assert_int_equal (sim_cattp_get_reset_reason (net.client), SIM_CATTP_REASON_MAXIMUM_RETRIES);
  assert_int_equal (sim_cattp_get_deadline (net.client), -1);
  clear_net (&net);
}

static void
test_a_syn_that_comes_again_is_answered_at_once (void **state)
{
  Net net = make_net (1400, 1400);

  carry (&net, net.client);
  drop (net.server);
  pass_time (&net);
  assert_int_equal (drop_all (net.server), 1);
  carry (&net, net.client);
  run (&net);

  assert_int_equal (sim_cattp_get_state (net.client), SIM_CATTP_OPEN);
  clear_net (&net);
}

static void
test_a_pure_ack_before_syn_ack_is_no_answer (void **state)
{
  Net net = make_net (1400, 1400);

  receive_hex (&net, net.client, "400000120929c001000000020064000af652");
  assert_int_equal (sim_cattp_get_state (net.client), SIM_CATTP_SYN_SENT);
  run (&net);

  assert_int_equal (sim_cattp_get_state (net.client), SIM_CATTP_OPEN);
  clear_net (&net);
}

static void
test_a_lost_third_pdu_is_repeated_when_syn_ack_comes_again (void **state)
{
  Net net = make_net (1400, 1400);

  carry (&net, net.client);
  carry (&net, net.server);
  drop (net.client);
  assert_int_equal (sim_cattp_get_state (net.server), SIM_CATTP_SYN_RECEIVED);
  pass_time (&net);
  run (&net);

  assert_int_equal (sim_cattp_get_state (net.server), SIM_CATTP_OPEN);
  assert_true (sim_cattp_is_idle (net.server));
  clear_net (&net);
}

static void
test_data_may_be_the_third_pdu (void **state)
{
  Net net = make_net (1400, 1400);
  g_autoptr (GBytes) sdu = NULL;

  carry (&net, net.client);
  carry (&net, net.server);
  drop (net.client);
  send_hex (&net, net.client, "c0ffee");
  run (&net);

  assert_int_equal (sim_cattp_get_state (net.server), SIM_CATTP_OPEN);
  sdu = sim_cattp_pull_sdu (net.server);
  assert_bytes (sdu, "c0ffee");
  clear_net (&net);
}

static void
test_a_syn_ack_for_another_syn_ends_the_link (void **state)
{
  Net net = make_net (1400, 1400);

  drop (net.client);
  receive_hex (&net, net.client, "c00000170929c001000000010063000a68d70578080000");

  assert_sends (net.client, "10000013c00109290000006500000000225d04");
  assert_int_equal (sim_cattp_get_reset_reason (net.client), SIM_CATTP_REASON_UNEXPECTED_PDU);
  clear_net (&net);
}

static void
test_a_syn_in_the_window_ends_the_link_and_others_do_not (void **state)
{
  Net net = open_net (1400, 1400);

  /* the link's own SYN, late; then one with the number 65 */
  receive_hex (&net, net.server,
               "80000027c0010929000000640000000a22ed057808001089001012012341234012345678901224");
  assert_sends (net.server, "400000120929c001000000020064000af652");
  assert_int_equal (sim_cattp_get_state (net.server), SIM_CATTP_OPEN);
  receive_hex (&net, net.server,
               "80000027c0010929000000650000000a22ec057808001089001012012341234012345678901224");

  assert_sends (net.server, "100000130929c001000000020000000022c004");
  assert_int_equal (sim_cattp_get_state (net.server), SIM_CATTP_CLOSED);
  clear_net (&net);
}

static void
test_rst_outside_the_window_is_ignored (void **state)
{
  Net net = open_net (1400, 1400);

  /* RST with the numbers 1, 13 and 12: the last one received is 1 */
  receive_hex (&net, net.client, "100000130929c001000000010000000026c100");
  receive_hex (&net, net.client, "100000130929c0010000000d0000000026b500");
  assert_int_equal (sim_cattp_get_state (net.client), SIM_CATTP_OPEN);
  receive_hex (&net, net.client, "100000130929c0010000000c0000000026b600");

  assert_int_equal (sim_cattp_get_state (net.client), SIM_CATTP_CLOSED);
  clear_net (&net);
}

static void
test_data_outside_the_window_is_dropped_and_answered (void **state)
{
  Net net = open_net (1400, 1400);

  /* the number 12: 2 to 11 would do */
  receive_hex (&net, net.client, "400000120929c0010001000c0064000aef4707");
  assert_sends (net.client, "40000012c0010929000000650001000af652");
  /* the number 11 */
  receive_hex (&net, net.client, "400000120929c0010001000b0064000aef4807");
  assert_sends (net.client, "60000014c0010929000000650001000ad645000b");
  assert_null (sim_cattp_pull_sdu (net.client));
  clear_net (&net);
}

static void
test_an_acknowledgement_of_what_was_never_sent_is_dropped (void **state)
{
  Net net = open_net (1400, 1400);

  /* data that acknowledge the number 65, while 64 was the last one sent */
  receive_hex (&net, net.client, "400000120929c001000100020065000aef5007");
  assert_null (sim_cattp_pull_pdu (net.client));
  assert_null (sim_cattp_pull_sdu (net.client));
  clear_net (&net);
}

static void
test_data_and_eak_without_the_ack_flag_are_taken (void **state)
{
  Net net = open_net (1400, 1400);
  g_autoptr (GBytes) sdu = NULL;

  receive_hex (&net, net.client, "000000120929c001000100020000000a2fb607");
  sdu = sim_cattp_pull_sdu (net.client);
  assert_bytes (sdu, "07");
  drop (net.client);
  send_hex (&net, net.client, "01");
  send_hex (&net, net.client, "02");
  (void) drop_all (net.client);
  /* EAK of 66 */
  receive_hex (&net, net.client, "200000140929c001000000030000000a164e0066");
  pass_time (&net);

  assert_int_equal (drop_all (net.client), 1);
  clear_net (&net);
}

static void
test_damage_and_other_links_are_ignored (void **state)
{
  Net net = open_net (1400, 1400);
  const char *good = "400000120929c001000100020064000aef5107";

  for (gsize size = 0; size < strlen (good); size += 2)
    {
      g_autofree char *shorter = g_strndup (good, size);
      g_autofree char *damaged = g_strdup (good);

      damaged[size] = damaged[size] == '7' ? '6' : '7';
      receive_hex (&net, net.client, shorter);
      receive_hex (&net, net.client, damaged);
    }
  /* to the port C002, from the port 092A */
  receive_hex (&net, net.client, "400000120929c002000100020064000aef5007");
  receive_hex (&net, net.client, "40000012092ac001000100020064000aef5007");

  assert_null (sim_cattp_pull_pdu (net.client));
  assert_null (sim_cattp_pull_sdu (net.client));
  receive_hex (&net, net.client, good);
  drop (net.client);
  clear_net (&net);
}

/* A direction of a bad network: keeps what is late until the next PDU, or some time, has passed. */
static void
carry_badly (Net *net, SimCattp *from, SimCattp *to, GRand *rand, GQueue *late)
{
  GBytes *pdu;

  while ((pdu = g_queue_pop_head (late)) != NULL)
    {
      sim_cattp_receive (to, ea_span_from_bytes (pdu), net->now_us);
      g_bytes_unref (pdu);
    }
  while ((pdu = sim_cattp_pull_pdu (from)) != NULL)
    {
      gint32 chance = g_rand_int_range (rand, 0, 100);
      EaSpan span = ea_span_from_bytes (pdu);
      gboolean is_late = chance >= LOST && chance < LOST + LATE;

      if (chance >= LOST && !is_late)
        sim_cattp_receive (to, span, net->now_us);
      if (chance >= 100 - DOUBLED)
        sim_cattp_receive (to, span, net->now_us);
      if (!is_late && !g_queue_is_empty (late))
        {
          g_autoptr (GBytes) old = g_queue_pop_head (late);

          sim_cattp_receive (to, ea_span_from_bytes (old), net->now_us);
        }
      if (is_late)
        g_queue_push_tail (late, pdu);
      else
        g_bytes_unref (pdu);
    }
}

static GBytes *
make_sdu (guint number)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, (guint8) number);
  for (guint i = 0; i < number * 11; i++)
    ea_writer_u8 (&writer, (guint8) (i ^ number));
  return ea_writer_steal (&writer);
}

static void
take_sdus (SimCattp *end, guint *n_taken)
{
  GBytes *sdu;

  while ((sdu = sim_cattp_pull_sdu (end)) != NULL)
    {
      g_autoptr (GBytes) expected = make_sdu (*n_taken);

      assert_true (g_bytes_equal (sdu, expected));
      g_bytes_unref (sdu);
      (*n_taken)++;
    }
}

static void
run_badly (guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  Net net = open_net (100, 200);
  GQueue late_up = G_QUEUE_INIT;
  GQueue late_down = G_QUEUE_INIT;
  guint n_up = 0;
  guint n_down = 0;

  for (guint i = 0; i < N_SDUS; i++)
    {
      g_autoptr (GBytes) sdu = make_sdu (i);

      assert_true (sim_cattp_send (net.client, ea_span_from_bytes (sdu), net.now_us));
      assert_true (sim_cattp_send (net.server, ea_span_from_bytes (sdu), net.now_us));
    }
  while (!sim_cattp_is_idle (net.client) || !sim_cattp_is_idle (net.server))
    {
      carry_badly (&net, net.client, net.server, rand, &late_up);
      carry_badly (&net, net.server, net.client, rand, &late_down);
      take_sdus (net.server, &n_up);
      take_sdus (net.client, &n_down);
      if (!sim_cattp_is_idle (net.client) || !sim_cattp_is_idle (net.server))
        pass_time (&net);
      assert_int_equal (sim_cattp_get_state (net.client), SIM_CATTP_OPEN);
    }

  assert_int_equal (n_up, N_SDUS);
  assert_int_equal (n_down, N_SDUS);
  g_queue_clear_full (&late_up, (GDestroyNotify) g_bytes_unref);
  g_queue_clear_full (&late_down, (GDestroyNotify) g_bytes_unref);
  clear_net (&net);
}

/* RFC 6298 §2: the first sample of 2 s gives an estimate of 2 s and a deviation of 1 s. */
static void
test_the_time_to_send_again_follows_the_round_trip (void **state)
{
  Net net = make_net (1400, 1400);

  carry (&net, net.client);
  net.now_us += 2 * G_USEC_PER_SEC;
  carry (&net, net.server);
  run (&net);
  send_hex (&net, net.client, "c0ffee");

  assert_int_equal (sim_cattp_get_deadline (net.client), net.now_us + 6 * G_USEC_PER_SEC);
  clear_net (&net);
}

/* RFC 6298 §3, Karn's algorithm */
static void
test_what_was_sent_twice_says_nothing_of_the_round_trip (void **state)
{
  Net net = make_net (1400, 1400);

  drop (net.client);
  pass_time (&net);
  carry (&net, net.client);
  net.now_us += 2 * G_USEC_PER_SEC;
  carry (&net, net.server);
  run (&net);
  send_hex (&net, net.client, "c0ffee");

  assert_int_equal (sim_cattp_get_deadline (net.client), net.now_us + G_USEC_PER_SEC);
  clear_net (&net);
}

/* On a slow link the last one of a window waits for all others. */
static void
test_progress_gives_the_others_time (void **state)
{
  Net net = open_net (1400, 1400);

  for (guint i = 0; i < 4; i++)
    send_hex (&net, net.server, "aa");
  for (guint i = 0; i < 4; i++)
    {
      net.now_us += 900 * G_TIME_SPAN_MILLISECOND;
      sim_cattp_tick (net.server, net.now_us);
      carry (&net, net.server);
      carry (&net, net.client);
    }

  assert_true (sim_cattp_is_idle (net.server));
  assert_int_equal (sim_cattp_get_repairs (net.server).n_retransmitted, 0);
  clear_net (&net);
}

/* Numbers 2 to 5; 2 is lost. One that comes early may have overtaken it, two have not. */
static void
test_what_others_have_passed_twice_is_sent_again_at_once (void **state)
{
  Net net = open_net (1400, 1400);

  send_hex (&net, net.server, "02");
  send_hex (&net, net.server, "03");
  send_hex (&net, net.server, "04");
  send_hex (&net, net.server, "05");
  drop (net.server);
  carry (&net, net.server);
  carry (&net, net.client);
  assert_int_equal (sim_cattp_get_repairs (net.server).n_retransmitted, 0);
  carry (&net, net.server);
  carry (&net, net.client);
  assert_int_equal (sim_cattp_get_repairs (net.server).n_retransmitted, 1);
  run (&net);

  assert_true (sim_cattp_is_idle (net.server));
  assert_int_equal (sim_cattp_get_repairs (net.server).n_retransmitted, 1);
  assert_int_equal (net.now_us, 1000 * G_USEC_PER_SEC);
  clear_net (&net);
}

static void
test_everything_arrives_once_and_in_order_through_a_bad_network (void **state)
{
  for (guint32 seed = 1; seed <= N_SEEDS; seed++)
    run_badly (seed);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_a_lost_syn_is_sent_again_after_a_second),
    cmocka_unit_test (test_an_unanswered_syn_is_sent_ten_times_at_growing_distances),
    cmocka_unit_test (test_a_syn_that_comes_again_is_answered_at_once),
    cmocka_unit_test (test_a_pure_ack_before_syn_ack_is_no_answer),
    cmocka_unit_test (test_a_lost_third_pdu_is_repeated_when_syn_ack_comes_again),
    cmocka_unit_test (test_data_may_be_the_third_pdu),
    cmocka_unit_test (test_a_syn_ack_for_another_syn_ends_the_link),
    cmocka_unit_test (test_a_syn_in_the_window_ends_the_link_and_others_do_not),
    cmocka_unit_test (test_rst_outside_the_window_is_ignored),
    cmocka_unit_test (test_data_outside_the_window_is_dropped_and_answered),
    cmocka_unit_test (test_an_acknowledgement_of_what_was_never_sent_is_dropped),
    cmocka_unit_test (test_data_and_eak_without_the_ack_flag_are_taken),
    cmocka_unit_test (test_damage_and_other_links_are_ignored),
    cmocka_unit_test (test_the_time_to_send_again_follows_the_round_trip),
    cmocka_unit_test (test_what_was_sent_twice_says_nothing_of_the_round_trip),
    cmocka_unit_test (test_progress_gives_the_others_time),
    cmocka_unit_test (test_what_others_have_passed_twice_is_sent_again_at_once),
    cmocka_unit_test (test_everything_arrives_once_and_in_order_through_a_bad_network),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
