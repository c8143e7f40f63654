/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * CAT_TP links of the simulator, both sides, on a clock that is a variable. Literal PDUs are those of
 * the worked examples: a card at C001 whose SYN has the number 64, a server at 0929 that begins with 1.
 * What goes wrong on the way is in test-sim-cattp-loss.c.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "test-cattp.h"
#include "test-support.h"

#define SYN "80000027c0010929000000640000000a22ed057808001089001012012341234012345678901224"
#define SYN_ACK "c00000170929c001000000010064000a68d60578080000"
#define THIRD "40000012c0010929000000650001000af652"
#define SEGMENT "440000120929c001000500020064000ae9470102030405"
#define LAST_SEGMENT "400000120929c001000300030064000ae847060708"
#define ACK_OF_3 "40000012c0010929000000650003000af650"
#define EAK_OF_5_AND_6 "60000016c0010929000000650003000ad64100050006"
#define NUL_7 "480000120929c001000000070064000aee4d"
#define RST_8 "100000130929c001000000080000000026ba00"
#define REFUSAL "500000130929c0010000000000640000e35d03"

/* TS 102 225 command packet in CAT_TP form, and the PDU with number 4 that carries it */
#define PACKET                                                                                     \
  "0128151639121200000187cb920b574b4a289c74cbae1c0cede1fb1ef62f2b94e5c9b96aa91a72a209ce"
#define PACKET_PDU "400000120929c001002a00040064000a85d6" PACKET

static void
test_a_link_is_opened_as_in_the_worked_example (void **state)
{
  Net net = make_net (1400, 1400);

  assert_int_equal (sim_cattp_get_state (net.client), SIM_CATTP_SYN_SENT);
  assert_int_equal (sim_cattp_get_state (net.server), SIM_CATTP_LISTEN);
  assert_carries (&net, net.client, SYN);
  assert_int_equal (sim_cattp_get_state (net.server), SIM_CATTP_SYN_RECEIVED);
  assert_carries (&net, net.server, SYN_ACK);
  assert_int_equal (sim_cattp_get_state (net.client), SIM_CATTP_OPEN);
  assert_carries (&net, net.client, THIRD);
  assert_int_equal (sim_cattp_get_state (net.server), SIM_CATTP_OPEN);

  assert_hex (sim_cattp_get_identification (net.server), "89001012012341234012345678901224");
  assert_int_equal (sim_cattp_get_identification (net.client).size, 0);
  assert_true (sim_cattp_is_idle (net.client));
  assert_true (sim_cattp_is_idle (net.server));
  assert_int_equal (sim_cattp_get_deadline (net.client), -1);
  clear_net (&net);
}

static void
test_an_sdu_is_cut_to_what_the_peer_takes (void **state)
{
  Net net = open_net (23, 1400);
  g_autoptr (GBytes) sdu = NULL;

  send_hex (&net, net.server, "0102030405060708");
  assert_false (sim_cattp_is_idle (net.server));
  assert_carries (&net, net.server, SEGMENT);
  drop (net.client);
  assert_null (sim_cattp_pull_sdu (net.client));
  assert_carries (&net, net.server, LAST_SEGMENT);
  assert_carries (&net, net.client, ACK_OF_3);

  sdu = sim_cattp_pull_sdu (net.client);
  assert_bytes (sdu, "0102030405060708");
  assert_null (sim_cattp_pull_sdu (net.client));
  assert_true (sim_cattp_is_idle (net.server));
  clear_net (&net);
}

static void
test_a_secured_packet_is_one_pdu (void **state)
{
  Net net = open_net (1400, 1400);
  g_autoptr (GBytes) sdu = NULL;

  send_hex (&net, net.server, "01");
  send_hex (&net, net.server, "02");
  run (&net);
  send_hex (&net, net.server, PACKET);
  assert_carries (&net, net.server, PACKET_PDU);

  g_bytes_unref (sim_cattp_pull_sdu (net.client));
  g_bytes_unref (sim_cattp_pull_sdu (net.client));
  sdu = sim_cattp_pull_sdu (net.client);
  assert_bytes (sdu, PACKET);
  clear_net (&net);
}

static void
test_what_comes_early_is_listed_and_waits (void **state)
{
  Net net = open_net (1400, 1400);
  g_autoptr (GBytes) fourth = NULL;
  g_autoptr (GBytes) sdu = NULL;

  send_hex (&net, net.server, "02");
  send_hex (&net, net.server, "03");
  run (&net);
  g_bytes_unref (sim_cattp_pull_sdu (net.client));
  g_bytes_unref (sim_cattp_pull_sdu (net.client));
  send_hex (&net, net.server, "04");
  send_hex (&net, net.server, "05");
  send_hex (&net, net.server, "06");
  fourth = sim_cattp_pull_pdu (net.server);
  carry (&net, net.server);
  drop (net.client);
  carry (&net, net.server);
  assert_carries (&net, net.client, EAK_OF_5_AND_6);
  assert_null (sim_cattp_pull_sdu (net.client));

  sim_cattp_receive (net.client, ea_span_from_bytes (fourth), net.now_us);
  for (guint8 expected = 4; expected <= 6; expected++)
    {
      sdu = sim_cattp_pull_sdu (net.client);
      assert_memory_equal (g_bytes_get_data (sdu, NULL), &expected, 1);
      g_clear_pointer (&sdu, g_bytes_unref);
    }
  run (&net);
  assert_true (sim_cattp_is_idle (net.server));
  clear_net (&net);
}

static void
test_what_the_peer_has_is_not_sent_again (void **state)
{
  Net net = open_net (1400, 1400);
  g_autoptr (GBytes) again = NULL;

  send_hex (&net, net.server, "02");
  send_hex (&net, net.server, "03");
  drop (net.server);
  run (&net);
  net.now_us = sim_cattp_get_deadline (net.server);
  sim_cattp_tick (net.server, net.now_us);

  again = sim_cattp_pull_pdu (net.server);
  assert_bytes (again, "400000120929c001000100020064000af45102");
  assert_null (sim_cattp_pull_pdu (net.server));
  clear_net (&net);
}

static void
test_a_duplicate_is_acknowledged_and_given_once (void **state)
{
  Net net = open_net (23, 1400);

  send_hex (&net, net.server, "0102030405060708");
  run (&net);
  g_bytes_unref (sim_cattp_pull_sdu (net.client));
  receive_hex (&net, net.client, LAST_SEGMENT);

  assert_carries (&net, net.client, ACK_OF_3);
  assert_null (sim_cattp_pull_sdu (net.client));
  clear_net (&net);
}

static void
test_no_more_goes_out_than_the_window_allows (void **state)
{
  Net net = open_net (1400, 1400);

  for (guint i = 0; i < 25; i++)
    send_hex (&net, net.server, "aa");
  assert_int_equal (drop_all (net.server), SIM_CATTP_WINDOW);
  /* ack 6 of the numbers 2 to 11, window 10 */
  receive_hex (&net, net.server, "40000012c0010929000000650006000af64d");
  assert_int_equal (drop_all (net.server), 5);
  /* ack 8, window 2: nothing more before they are acknowledged */
  receive_hex (&net, net.server, "40000012c00109290000006500080002f653");
  assert_int_equal (drop_all (net.server), 0);
  clear_net (&net);
}

static void
test_a_closed_window_is_probed (void **state)
{
  Net net = open_net (1400, 1400);

  for (guint i = 2; i <= 6; i++)
    send_hex (&net, net.server, "aa");
  (void) drop_all (net.server);
  /* ack 6, window 0 */
  receive_hex (&net, net.server, "40000012c00109290000006500060000f657");
  send_hex (&net, net.server, "bb");
  assert_null (sim_cattp_pull_pdu (net.server));
  net.now_us += G_USEC_PER_SEC;
  assert_int_equal (sim_cattp_get_deadline (net.server), net.now_us);
  sim_cattp_tick (net.server, net.now_us);
  assert_sends (net.server, NUL_7);
  /* ack 7, window 10 */
  receive_hex (&net, net.server, "40000012c0010929000000650007000af64c");

  assert_sends (net.server, "400000120929c001000100080064000a3b4bbb");
  clear_net (&net);
}

static void
test_nul_is_acknowledged_and_gives_nothing (void **state)
{
  Net net = open_net (1400, 1400);

  receive_hex (&net, net.client, "480000120929c001000000020064000aee52");

  assert_sends (net.client, "40000012c0010929000000650002000af651");
  assert_null (sim_cattp_pull_sdu (net.client));
  clear_net (&net);
}

static void
test_sequence_numbers_wrap_around (void **state)
{
  const guint16 starts[] = { 0x7FF0, 0xFFF0 };

  for (gsize i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      Net net = open_net_at (starts[i], (guint16) (starts[i] + 3));

      for (guint n = 0; n < 40; n++)
        {
          g_autofree char *hex = g_strdup_printf ("%02x", n);
          g_autoptr (GBytes) down = NULL;
          g_autoptr (GBytes) up = NULL;

          send_hex (&net, net.server, hex);
          send_hex (&net, net.client, hex);
          run (&net);
          down = sim_cattp_pull_sdu (net.client);
          up = sim_cattp_pull_sdu (net.server);
          assert_bytes (down, hex);
          assert_bytes (up, hex);
        }
      assert_true (sim_cattp_is_idle (net.server));
      assert_true (sim_cattp_is_idle (net.client));
      clear_net (&net);
    }
}

static void
test_rst_ends_the_link_without_an_answer (void **state)
{
  Net net = open_net (1400, 1400);
  guint n_sent = 0;

  for (; n_sent < 6; n_sent++)
    send_hex (&net, net.server, "aa");
  run (&net);
  sim_cattp_close (net.server, net.now_us);
  sim_cattp_close (net.server, net.now_us);
  assert_carries (&net, net.server, RST_8);

  assert_null (sim_cattp_pull_pdu (net.server));
  assert_null (sim_cattp_pull_pdu (net.client));
  assert_int_equal (sim_cattp_get_state (net.client), SIM_CATTP_CLOSED);
  assert_int_equal (sim_cattp_get_state (net.server), SIM_CATTP_CLOSED);
  assert_int_equal (sim_cattp_get_reset_reason (net.client), SIM_CATTP_REASON_NORMAL);
  assert_int_equal (sim_cattp_get_deadline (net.client), -1);
  while (n_sent-- > 0)
    g_bytes_unref (sim_cattp_pull_sdu (net.client));
  clear_net (&net);
}

static void
test_what_comes_after_the_end_is_answered_with_rst (void **state)
{
  Net net = open_net (1400, 1400);

  sim_cattp_close (net.server, net.now_us);
  drop (net.server);
  send_hex (&net, net.client, "01");
  carry (&net, net.client);
  assert_carries (&net, net.server, "100000130929c001000000020000000026c000");

  assert_int_equal (sim_cattp_get_state (net.client), SIM_CATTP_CLOSED);
  assert_null (sim_cattp_pull_pdu (net.client));
  assert_false (sim_cattp_send (net.client, EA_SPAN_OF_ARRAY (((const guint8[]){ 1 })), 0));
  clear_net (&net);
}

static void
test_a_syn_for_another_port_is_refused (void **state)
{
  SimCattpOptions options
      = { .source_port = 0x0930, .pdu_max = 1400, .sdu_max = 2048, .initial_sequence = 1 };
  Net net = { .server = sim_cattp_new_server (&options), .client = make_client (1400, 100) };

  assert_carries (&net, net.client, SYN);
  assert_int_equal (sim_cattp_get_state (net.server), SIM_CATTP_LISTEN);
  assert_carries (&net, net.server, REFUSAL);

  assert_int_equal (sim_cattp_get_state (net.client), SIM_CATTP_CLOSED);
  assert_int_equal (sim_cattp_get_reset_reason (net.client), SIM_CATTP_REASON_PORT_NOT_AVAILABLE);
  clear_net (&net);
}

static void
test_a_syn_of_another_version_or_with_impossible_sizes_is_refused (void **state)
{
  Net net = make_net (1400, 1400);

  receive_hex (&net, net.server, "81000017c0010929000000640000000aa7d70578080000");
  assert_sends (net.server, "500000130929c0010000000000640000e05d06");
  /* 22 octets */
  receive_hex (&net, net.server, "80000017c0010929000000640000000aae390016080000");
  assert_sends (net.server, "500000130929c0010000000000640000e55d01");
  assert_int_equal (sim_cattp_get_state (net.server), SIM_CATTP_LISTEN);
  clear_net (&net);
}

static void
test_sizes_of_0_are_unknown (void **state)
{
  Net net = make_net (1400, 1400);
  g_autoptr (GBytes) large = g_bytes_new_take (g_malloc0 (5000), 5000);

  drop (net.client);
  receive_hex (&net, net.client, "c00000170929c001000000010064000a764e0000000000");
  assert_int_equal (sim_cattp_get_state (net.client), SIM_CATTP_OPEN);
  drop (net.client);
  assert_true (sim_cattp_send (net.client, ea_span_from_bytes (large), net.now_us));

  assert_int_equal (drop_all (net.client), 4); /* 3 * 1382 < 5000 */
  clear_net (&net);
}

static void
test_sdus_are_limited_both_ways (void **state)
{
  Net net = open_net (1400, 1400);
  g_autoptr (GBytes) large = g_bytes_new_take (g_malloc0 (2049), 2049);
  EaSpan span = ea_span_from_bytes (large);
  g_autoptr (GBytes) got = NULL;

  assert_false (sim_cattp_send (net.client, EA_SPAN_EMPTY, net.now_us));
  assert_false (sim_cattp_send (net.client, span, net.now_us));
  assert_true (sim_cattp_send (net.client, ea_span_head (span, 2048), net.now_us));
  run (&net);
  got = sim_cattp_pull_sdu (net.server);
  assert_int_equal (g_bytes_get_size (got), 2048);

  clear_net (&net);
}

static void
test_an_sdu_that_grows_too_large_ends_the_link (void **state)
{
  Net net = open_net_with_sdu_max (8);

  receive_hex (&net, net.client, SEGMENT);
  assert_sends (net.client, "40000012c0010929000000650002000af651");
  receive_hex (&net, net.client, "400000120929c001000400030064000ae83d06070809");

  assert_sends (net.client, "10000013c00109290000006500000000255d01");
  assert_int_equal (sim_cattp_get_reset_reason (net.client), SIM_CATTP_REASON_SET_UP_FAILED);
  clear_net (&net);
}

static void
test_the_client_may_close_before_the_link_is_open (void **state)
{
  Net net = make_net (1400, 1400);

  sim_cattp_close (net.client, net.now_us);
  drop (net.client);
  assert_sends (net.client, "10000013c00109290000006500000000265d00");
  sim_cattp_close (net.server, net.now_us);
  assert_null (sim_cattp_pull_pdu (net.server));
  assert_int_equal (sim_cattp_get_reset_reason (net.server), -1);
  clear_net (&net);
  sim_cattp_free (NULL);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_a_link_is_opened_as_in_the_worked_example),
    cmocka_unit_test (test_an_sdu_is_cut_to_what_the_peer_takes),
    cmocka_unit_test (test_a_secured_packet_is_one_pdu),
    cmocka_unit_test (test_what_comes_early_is_listed_and_waits),
    cmocka_unit_test (test_what_the_peer_has_is_not_sent_again),
    cmocka_unit_test (test_a_duplicate_is_acknowledged_and_given_once),
    cmocka_unit_test (test_no_more_goes_out_than_the_window_allows),
    cmocka_unit_test (test_a_closed_window_is_probed),
    cmocka_unit_test (test_nul_is_acknowledged_and_gives_nothing),
    cmocka_unit_test (test_sequence_numbers_wrap_around),
    cmocka_unit_test (test_rst_ends_the_link_without_an_answer),
    cmocka_unit_test (test_what_comes_after_the_end_is_answered_with_rst),
    cmocka_unit_test (test_a_syn_for_another_port_is_refused),
    cmocka_unit_test (test_a_syn_of_another_version_or_with_impossible_sizes_is_refused),
    cmocka_unit_test (test_sizes_of_0_are_unknown),
    cmocka_unit_test (test_sdus_are_limited_both_ways),
    cmocka_unit_test (test_an_sdu_that_grows_too_large_ends_the_link),
    cmocka_unit_test (test_the_client_may_close_before_the_link_is_open),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
