/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The card as a user of channels, against terminal responses and events that are written out. The
 * forms are those of ETSI TS 102 223 §6.6, §6.8 and §7.5; expected commands were put together by
 * hand.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "card-bip-parameters.h"
#include "card-bip.h"
#include "test-support.h"

#define EVENT_LIST "d00e 8103010500 02028182 9903 03090a"
#define EVENT_LIST_TAKEN "8103010500 82028281 830100"
#define PARAMETERS "35 01 03 39 02 0578 3c 03 0201bb 3e 05 21c0000201"
#define UDP_PARAMETERS "35 01 03 39 02 0578 3c 03 010929 3e 05 21c0000201"
#define OPEN "d01c 0103014001 82028182 350103 b9020578 3c030201bb be0521c0000201"
#define UDP_OPEN "d01c 0103014001 82028182 350103 b9020578 3c03010929 be0521c0000201"
#define OPENED "8103014001 82028281 830100 38028100 350103 39020578"
#define AVAILABLE_32 "99010982028281b8028100b70120"
#define AVAILABLE_FF "99010982028281b8028100b701ff"
#define DROPPED "99010a82028281b8020105"
#define RECEIVED_4 "8103014200 82028281 830100 360401020304 370100"

typedef struct
{
  SimToolkit toolkit;
  SimBip bip;
} Fixture;

static int
set_up (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  sim_toolkit_init (&fixture->toolkit);
  sim_bip_init (&fixture->bip, &fixture->toolkit);
  *state = fixture;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;

  sim_bip_clear (&fixture->bip);
  sim_toolkit_clear (&fixture->toolkit);
  g_free (fixture);
  return 0;
}

/* The next command is @expected, or at least begins so; it is open from now on. */
static void
assert_command_begins (Fixture *fixture, const char *expected, gsize size)
{
  g_autoptr (GBytes) prefix = from_hex (expected);
  g_autoptr (GBytes) head = NULL;
  GBytes *command;

  assert_true (sim_toolkit_get_pending (&fixture->toolkit) > 0);
  command = sim_toolkit_fetch (&fixture->toolkit);
  assert_int_equal (g_bytes_get_size (command), size);
  head = cut (command, MIN (size, g_bytes_get_size (prefix)));
  assert_bytes (head, expected);
}

static void
assert_command (Fixture *fixture, const char *expected)
{
  g_autoptr (GBytes) bytes = from_hex (expected);

  assert_command_begins (fixture, expected, g_bytes_get_size (bytes));
}

static void
assert_no_command (Fixture *fixture)
{
  assert_int_equal (sim_toolkit_get_pending (&fixture->toolkit), 0);
}

static void
answer_at (Fixture *fixture, const char *response, gint64 now_us)
{
  g_autoptr (GBytes) bytes = from_hex (response);

  assert_true (sim_toolkit_is_channel_open (&fixture->toolkit));
  assert_true (sim_toolkit_answer (&fixture->toolkit, ea_span_from_bytes (bytes)));
  sim_bip_answer (&fixture->bip, ea_span_from_bytes (bytes), now_us);
}

static void
answer (Fixture *fixture, const char *response)
{
  answer_at (fixture, response, 0);
}

static void
give_event (Fixture *fixture, const char *body)
{
  g_autoptr (GBytes) bytes = from_hex (body);

  sim_bip_take_event (&fixture->bip, ea_span_from_bytes (bytes));
}

static void
send (Fixture *fixture, gsize size)
{
  g_autofree guint8 *data = g_malloc (size);

  memset (data, 0xA5, size);
  sim_bip_send (&fixture->bip, ea_span_init (data, size));
}

static void
begin_open (Fixture *fixture, const char *parameters)
{
  g_autoptr (GBytes) given = from_hex (parameters);
  g_autoptr (GBytes) complete
      = sim_bip_complete_parameters (ea_span_from_bytes (given), EA_SPAN_EMPTY);

  assert_non_null (complete);
  sim_bip_set_up_events (&fixture->bip);
  sim_bip_open (&fixture->bip, complete);
  assert_command (fixture, EVENT_LIST);
  answer (fixture, EVENT_LIST_TAKEN);
}

static void
open_channel (Fixture *fixture)
{
  begin_open (fixture, PARAMETERS);
  assert_command (fixture, OPEN);
  answer (fixture, OPENED);
  assert_int_equal (sim_bip_get_state (&fixture->bip), SIM_BIP_OPEN);
  assert_int_equal (sim_bip_get_channel (&fixture->bip), 1);
}

/* Of 200 octets, all 5A, of which @length is how their number is coded */
static char *
make_received (const char *length, const char *left)
{
  GString *text = g_string_new ("8103014200 82028281 830100 36");

  g_string_append (text, length);
  for (guint i = 0; i < 200; i++)
    g_string_append (text, "5a");
  g_string_append_printf (text, "3701%s", left);
  return g_string_free (text, FALSE);
}

static void
assert_received (Fixture *fixture, gsize size)
{
  g_autoptr (GBytes) received = sim_bip_pull (&fixture->bip);

  assert_non_null (received);
  assert_int_equal (g_bytes_get_size (received), size);
}

static void
test_parameters_are_put_in_the_order_of_open_channel (void **state)
{
  g_autoptr (GBytes) given = from_hex ("be0521c0000201 3c030201bb c70403696f74 b9020200 350103");
  g_autoptr (GBytes) complete
      = sim_bip_complete_parameters (ea_span_from_bytes (given), EA_SPAN_EMPTY);

  assert_bytes (complete, "350103 39020200 470403696f74 3c030201bb 3e0521c0000201");
  assert_int_equal (sim_bip_get_buffer_size (ea_span_from_bytes (complete)), 0x200);
  assert_false (sim_bip_is_datagram (ea_span_from_bytes (complete)));
}

static void
test_parameters_that_are_not_given_are_stored_or_default_ones (void **state)
{
  g_autoptr (GBytes) stored = from_hex ("3c03010929 3e0521c0000201");
  g_autoptr (GBytes) complete
      = sim_bip_complete_parameters (EA_SPAN_EMPTY, ea_span_from_bytes (stored));

  assert_bytes (complete, "350103 39020578 3c03010929 3e0521c0000201");
  assert_true (sim_bip_is_datagram (ea_span_from_bytes (complete)));
}

static void
test_parameters_without_a_destination_or_cut_are_refused (void **state)
{
  g_autoptr (GBytes) given = from_hex (PARAMETERS);
  g_autoptr (GBytes) complete = NULL;

  for (gsize size = 0; size < g_bytes_get_size (given); size++)
    {
      g_autoptr (GBytes) part = cut (given, size);

      complete = sim_bip_complete_parameters (ea_span_from_bytes (part), EA_SPAN_EMPTY);
      assert_null (complete);
    }
}

static void
test_the_event_list_is_set_up_once_and_then_the_channel_is_opened (void **state)
{
  open_channel (*state);
  assert_no_command (*state);
}

static void
test_a_channel_that_the_terminal_can_not_open_leaves_the_card_closed (void **state)
{
  Fixture *fixture = *state;

  begin_open (fixture, PARAMETERS);
  send (fixture, 10);
  assert_command (fixture, OPEN);
  answer (fixture, "8103014001 82028281 83023a07 350103 39020578");

  assert_int_equal (sim_bip_get_state (&fixture->bip), SIM_BIP_CLOSED);
  assert_int_equal (sim_bip_get_channel (&fixture->bip), 0);
  assert_no_command (fixture);
}

static void
test_data_are_sent_in_pieces_of_237_of_which_the_last_one_is_flushed (void **state)
{
  Fixture *fixture = *state;

  open_channel (fixture);
  send (fixture, 500);

  assert_command_begins (fixture, "d081f9 8103014300 02028121 b681ed a5", 252);
  answer (fixture, "8103014300 82028281 830100 3701ff");
  assert_command_begins (fixture, "d081f9 0103014300 82028121 3681ed a5", 252);
  answer (fixture, "8103014300 82028281 830100 3701ff");
  assert_command_begins (fixture, "d025 8103014301 02028121 b61a a5", 39);
  answer (fixture, "8103014301 82028281 830100 3701ff");
  assert_no_command (fixture);
  assert_int_equal (sim_bip_get_n_bytes (&fixture->bip), 500);
}

static void
test_no_piece_is_larger_than_the_free_space_that_the_terminal_told (void **state)
{
  Fixture *fixture = *state;

  begin_open (fixture, PARAMETERS);
  assert_command (fixture, OPEN);
  answer (fixture, "8103014001 82028281 830107 38028100 350103 39020064");
  send (fixture, 150);

  assert_command_begins (fixture, "d06f 8103014301 02028121 b664 a5", 113);
  answer (fixture, "8103014301 82028281 830100 370114");
  assert_command_begins (fixture, "d01f 0103014301 82028121 3614 a5", 33);
  answer (fixture, "8103014301 82028281 830100 370164");
  assert_command_begins (fixture, "d029 8103014301 02028121 b61e a5", 43);
}

static void
test_a_datagram_waits_for_room_and_is_never_cut (void **state)
{
  Fixture *fixture = *state;

  begin_open (fixture, UDP_PARAMETERS);
  assert_command (fixture, UDP_OPEN);
  answer (fixture, OPENED);
  send (fixture, 10);
  send (fixture, 100);
  assert_command_begins (fixture, "d015 8103014301 02028121 b60a a5", 23);
  answer_at (fixture, "8103014301 82028281 830100 370140", 1000);
  assert_no_command (fixture);
  assert_int_equal (sim_bip_get_deadline (&fixture->bip), 101000);

  sim_bip_tick (&fixture->bip, 101000);
  assert_command (fixture, "d00b 0103014300 82028121 3600");
  answer_at (fixture, "8103014300 82028281 830100 3701ff", 101000);
  assert_command_begins (fixture, "d06f 8103014301 02028121 b664 a5", 113);
}

/* 300 octets, of which 260 find room, wait with the rest: what is flushed now would be half of them. */
static void
test_a_datagram_that_is_half_stored_is_not_flushed (void **state)
{
  Fixture *fixture = *state;

  begin_open (fixture, UDP_PARAMETERS);
  assert_command (fixture, UDP_OPEN);
  answer (fixture, OPENED);
  send (fixture, 300);
  assert_command_begins (fixture, "d081f9 8103014300 02028121 b681ed a5", 252);
  answer_at (fixture, "8103014300 82028281 830100 b70117", 1000);
  assert_command_begins (fixture, "d022 0103014300 82028121 3617 a5", 36);
  answer_at (fixture, "0103014300 02028281 030100 370100", 1000);
  assert_no_command (fixture);

  sim_bip_tick (&fixture->bip, 101000);
  assert_command (fixture, "d00b 8103014300 02028121 b600");
  answer_at (fixture, "8103014300 82028281 830100 b70128", 101000);
  assert_command_begins (fixture, "d033 0103014301 82028121 3628 a5", 53);
}

static void
test_a_terminal_that_never_has_room_loses_the_channel (void **state)
{
  Fixture *fixture = *state;
  gint64 now_us = 0;
  g_autofree char *complaints = NULL;

  open_channel (fixture);
  send (fixture, 237);
  send (fixture, 1);
  assert_command_begins (fixture, "d081f9 8103014301 02028121 b681ed a5", 252);
  answer (fixture, "8103014301 82028281 830100 b70100");
  for (guint i = 0; i < 100; i++)
    {
      now_us += 100000;
      sim_bip_tick (&fixture->bip, now_us);
      assert_command (fixture, i % 2 == 0 ? "d00b 0103014301 82028121 3600"
                                          : "d00b 8103014301 02028121 b600");
      answer_at (fixture,
                 i % 2 == 0 ? "0103014301 02028281 030100 370100"
                            : "8103014301 82028281 830100 b70100",
                 now_us);
    }
  assert_command (fixture, "d009 0103014100 82028121");
  complaints = sim_bip_judge_take (&fixture->bip.judge);
  assert_non_null (strstr (complaints, "no-room=1"));
}

static void
test_receive_data_asks_for_all_and_for_more_by_turns (void **state)
{
  static const char *const lengths[] = { "20", "ff", "20", "30", "20" };
  Fixture *fixture = *state;

  open_channel (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      gboolean is_required = i % 2 == 0;
      g_autofree char *command = g_strconcat (is_required ? "d00c 8103014200 02028121 b701"
                                                          : "d00c 0103014200 82028121 3701",
                                              lengths[i], NULL);

      give_event (fixture, AVAILABLE_32);
      assert_command (fixture, command);
      answer (fixture, RECEIVED_4);
    }
}

static void
test_a_terminal_that_is_busy_or_full_is_asked_again_later (void **state)
{
  Fixture *fixture = *state;

  open_channel (fixture);
  send (fixture, 1);
  assert_command (fixture, "d00c 8103014301 02028121 b601 a5");
  answer_at (fixture, "8103014301 82028281 83023a04", 5);
  assert_no_command (fixture);

  sim_bip_tick (&fixture->bip, 100004);
  assert_no_command (fixture);
  sim_bip_tick (&fixture->bip, 100005);
  assert_command (fixture, "d00c 8103014301 02028121 b601 a5");
  answer_at (fixture, "8103014301 82028281 83022000", 100005);
  sim_bip_tick (&fixture->bip, 300000);
  assert_command (fixture, "d00c 8103014301 02028121 b601 a5");
}

static void
test_announced_data_are_fetched (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (GBytes) received = NULL;

  open_channel (fixture);
  give_event (fixture, AVAILABLE_32);
  assert_command (fixture, "d00c 8103014200 02028121 b70120");
  answer (fixture, "8103014200 82028281 830102 360401020304 370100");

  received = sim_bip_pull (&fixture->bip);
  assert_bytes (received, "01020304");
  assert_no_command (fixture);
}

static void
test_at_most_237_octets_are_asked_for (void **state)
{
  open_channel (*state);
  give_event (*state, AVAILABLE_FF);
  assert_command (*state, "d00c 8103014200 02028121 b701ed");
}

static void
test_received_data_with_a_raw_length_octet_are_dropped_and_asked_for_again (void **state)
{
  Fixture *fixture = *state;
  g_autofree char *raw = make_received ("c8", "00");
  g_autofree char *right = make_received ("81c8", "00");

  open_channel (fixture);
  give_event (fixture, AVAILABLE_FF);
  for (guint i = 0; i < 16; i++)
    {
      assert_command (fixture, "d00c 8103014200 02028121 b701ed");
      answer (fixture, raw);
      assert_null (sim_bip_pull (&fixture->bip));
    }
  assert_command (fixture, "d00c 8103014200 02028121 b701ed");
  answer (fixture, right);
  assert_received (fixture, 200);
  assert_no_command (fixture);
}

static void
test_the_card_gives_up_after_seventeen_wrong_responses (void **state)
{
  Fixture *fixture = *state;
  g_autofree char *raw = make_received ("c8", "00");

  open_channel (fixture);
  give_event (fixture, AVAILABLE_FF);
  for (guint i = 0; i < 17; i++)
    {
      assert_command (fixture, "d00c 8103014200 02028121 b701ed");
      answer (fixture, raw);
    }
  assert_command (fixture, "d009 0103014100 82028121");
}

static void
test_received_data_in_any_wrong_form_are_asked_for_again (void **state)
{
  static const char *const wrong[] = {
    "8103014200 82028281 830100 36810401020304 370100", /* long form of a short length */
    "8103014200 82028281 830100 3682000401020304 370100",
    "8103014200 82028281 830100 360401020304", /* what is left is not told */
    "8103014200 82028281 830100 370100",
    "8103014200 82028281 830100 360501020304 370100",
    "8103014200 82028281 830100 3604010203 0437",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      void *fixture = NULL;

      set_up (&fixture);
      open_channel (fixture);
      give_event (fixture, AVAILABLE_32);
      assert_command (fixture, "d00c 8103014200 02028121 b70120");
      answer (fixture, wrong[i]);
      assert_command (fixture, "d00c 8103014200 02028121 b70120");
      answer (fixture, RECEIVED_4);
      assert_received (fixture, 4);
      tear_down (&fixture);
    }
}

static void
test_more_data_than_asked_for_are_not_taken (void **state)
{
  Fixture *fixture = *state;

  open_channel (fixture);
  give_event (fixture, "99010982028281b8028100b70103");
  assert_command (fixture, "d00c 8103014200 02028121 b70103");
  answer (fixture, RECEIVED_4);
  assert_null (sim_bip_pull (&fixture->bip));
  assert_command (fixture, "d00c 8103014200 02028121 b70103");
}

static void
test_without_an_event_the_card_waits_for_ever (void **state)
{
  Fixture *fixture = *state;

  open_channel (fixture);
  assert_no_command (fixture);
  assert_int_equal (sim_bip_get_deadline (&fixture->bip), -1);
  sim_bip_tick (&fixture->bip, G_GINT64_CONSTANT (3600000000));
  assert_no_command (fixture);
}

static void
test_after_a_partial_response_the_card_waits_for_the_next_announcement (void **state)
{
  Fixture *fixture = *state;
  g_autofree char *partial = make_received ("81c8", "32");

  open_channel (fixture);
  give_event (fixture, AVAILABLE_FF);
  assert_command (fixture, "d00c 8103014200 02028121 b701ed");
  answer (fixture, partial);
  assert_received (fixture, 200);
  assert_no_command (fixture);

  give_event (fixture, "99010982028281b8028100b70132");
  assert_command (fixture, "d00c 0103014200 82028121 3701ff"); /* all, by turns */
}

static void
test_what_is_to_be_sent_goes_before_what_is_to_be_fetched (void **state)
{
  Fixture *fixture = *state;

  open_channel (fixture);
  send (fixture, 1);
  send (fixture, 2);
  give_event (fixture, AVAILABLE_32);
  assert_command (fixture, "d00c 8103014301 02028121 b601 a5");
  answer (fixture, "8103014301 82028281 830100 3701ff");
  assert_command (fixture, "d00d 0103014301 82028121 3602 a5a5");
  answer (fixture, "8103014301 82028281 830100 3701ff");
  assert_command (fixture, "d00c 8103014200 02028121 b70120");
}

static void
test_a_link_that_drops_ends_fetching_and_the_channel (void **state)
{
  Fixture *fixture = *state;

  open_channel (fixture);
  give_event (fixture, AVAILABLE_32); /* its RECEIVE DATA is withdrawn */
  give_event (fixture, DROPPED);
  assert_command (fixture, "d009 0103014100 82028121");
  answer (fixture, "8103014100 82028281 83023a02");

  assert_int_equal (sim_bip_get_state (&fixture->bip), SIM_BIP_CLOSED);
  assert_null (sim_bip_pull (&fixture->bip));
  assert_no_command (fixture);
}

static void
test_events_of_other_channels_are_passed_over (void **state)
{
  Fixture *fixture = *state;

  open_channel (fixture);
  give_event (fixture, "99010982028281b8028200b70120");
  give_event (fixture, "99010a82028281b8020205");
  give_event (fixture, "99010382028281 9b0100");
  give_event (fixture, "99010a82028281b8028100");
  assert_no_command (fixture);
  assert_int_equal (sim_bip_get_state (&fixture->bip), SIM_BIP_OPEN);
}

static void
test_cut_events_change_nothing (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (GBytes) event = from_hex (AVAILABLE_32);

  open_channel (fixture);
  for (gsize size = 0; size < g_bytes_get_size (event); size++)
    {
      g_autoptr (GBytes) part = cut (event, size);

      sim_bip_take_event (&fixture->bip, ea_span_from_bytes (part));
      assert_no_command (fixture);
    }
}

static void
test_a_channel_closes_after_what_is_to_be_sent (void **state)
{
  Fixture *fixture = *state;

  open_channel (fixture);
  send (fixture, 1);
  sim_bip_close (&fixture->bip);
  assert_command (fixture, "d00c 8103014301 02028121 b601 a5");
  answer (fixture, "8103014301 82028281 830100 3701ff");
  assert_command (fixture, "d009 0103014100 82028121");
  answer (fixture, "8103014100 82028281 830100");
  assert_int_equal (sim_bip_get_state (&fixture->bip), SIM_BIP_CLOSED);
  assert_int_equal (sim_bip_get_channel (&fixture->bip), 0);
}

static void
test_send_and_receive_that_fail_end_the_channel (void **state)
{
  Fixture *fixture = *state;

  open_channel (fixture);
  send (fixture, 1);
  assert_command (fixture, "d00c 8103014301 02028121 b601 a5");
  answer (fixture, "8103014301 82028281 83023a02");
  assert_command (fixture, "d009 0103014100 82028121");
  answer (fixture, "8103014100 82028281 830100");
  assert_int_equal (sim_bip_get_state (&fixture->bip), SIM_BIP_CLOSED);
}

static void
test_tags_change_their_style_with_each_object_and_each_command (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (GBytes) parameters = from_hex (PARAMETERS);

  open_channel (fixture);
  sim_bip_close (&fixture->bip);
  assert_command (fixture, "d009 8103014100 02028121");
  answer (fixture, "8103014100 82028281 830100");
  sim_bip_open (&fixture->bip, parameters);
  assert_command (fixture, "d01c 0103014001 82028182 350103 b9020578 3c030201bb be0521c0000201");
  answer (fixture, "8103014001 82028281 83023a07 350103 39020578");
  sim_bip_open (&fixture->bip, parameters);
  assert_command (fixture, "d01c 8103014001 02028182 b50103 39020578 bc030201bb 3e0521c0000201");
}

static void
test_after_a_reset_the_event_list_is_set_up_anew (void **state)
{
  Fixture *fixture = *state;

  open_channel (fixture);
  send (fixture, 10);
  sim_bip_reset (&fixture->bip);
  sim_toolkit_reset (&fixture->toolkit);
  assert_no_command (fixture);
  assert_int_equal (sim_bip_get_state (&fixture->bip), SIM_BIP_CLOSED);

  open_channel (fixture);
}

#define bip_test(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_parameters_are_put_in_the_order_of_open_channel),
    cmocka_unit_test (test_parameters_that_are_not_given_are_stored_or_default_ones),
    cmocka_unit_test (test_parameters_without_a_destination_or_cut_are_refused),
    bip_test (test_the_event_list_is_set_up_once_and_then_the_channel_is_opened),
    bip_test (test_a_channel_that_the_terminal_can_not_open_leaves_the_card_closed),
    bip_test (test_data_are_sent_in_pieces_of_237_of_which_the_last_one_is_flushed),
    bip_test (test_no_piece_is_larger_than_the_free_space_that_the_terminal_told),
    bip_test (test_a_datagram_waits_for_room_and_is_never_cut),
    bip_test (test_a_datagram_that_is_half_stored_is_not_flushed),
    bip_test (test_a_terminal_that_never_has_room_loses_the_channel),
    bip_test (test_receive_data_asks_for_all_and_for_more_by_turns),
    bip_test (test_a_terminal_that_is_busy_or_full_is_asked_again_later),
    bip_test (test_announced_data_are_fetched),
    bip_test (test_at_most_237_octets_are_asked_for),
    bip_test (test_received_data_with_a_raw_length_octet_are_dropped_and_asked_for_again),
    bip_test (test_the_card_gives_up_after_seventeen_wrong_responses),
    cmocka_unit_test (test_received_data_in_any_wrong_form_are_asked_for_again),
    bip_test (test_more_data_than_asked_for_are_not_taken),
    bip_test (test_without_an_event_the_card_waits_for_ever),
    bip_test (test_after_a_partial_response_the_card_waits_for_the_next_announcement),
    bip_test (test_what_is_to_be_sent_goes_before_what_is_to_be_fetched),
    bip_test (test_a_link_that_drops_ends_fetching_and_the_channel),
    bip_test (test_events_of_other_channels_are_passed_over),
    bip_test (test_cut_events_change_nothing),
    bip_test (test_a_channel_closes_after_what_is_to_be_sent),
    bip_test (test_send_and_receive_that_fail_end_the_channel),
    bip_test (test_tags_change_their_style_with_each_object_and_each_command),
    bip_test (test_after_a_reset_the_event_list_is_set_up_anew),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
