/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Servers that go on otherwise than they began after a break (agent/core/admin.h). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admin-rig.h"
#include "helpers.h"

#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"
#define NEXT "X-Admin-Next-URI: /next\r\n"
#define OTHER "X-Admin-Next-URI: /other\r\n"
#define RESUMED "X-Admin-Resume: true\r\n"
#define OK_NEXT "HTTP/1.1 200 OK\r\n" NEXT CHUNKED
#define GET_3 "80CA008503"
#define SELECT "00A40004023F00"

/* The last POST goes out again over the next connection. */
static void
resume (EaAdmin *admin)
{
  ea_admin_begin (admin);
  rig_assert_sent (admin, "POST /gsma/adminagent HTTP/1.1\r\n" RIG_FIELDS RESUMED "\r\n", "");
}

static void
test_repeated_script_goes_on_behind_what_was_answered (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_break_behind_two (&options);

  assert_int_equal (ea_admin_get_exchange (admin), 1);
  assert_span_is (ea_admin_get_answers (admin), "AF802303AA900023029000");
  resume (admin);
  rig_receive_chunked (admin, OK_NEXT,
                       "AE80"
                       "2205" RIG_GET_1 "2205" RIG_GET_2 "2205" GET_3 "0000");
  assert_int_equal (ea_admin_get_exchange (admin), 1);
  assert_false (ea_admin_has_progressed (admin));
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
  rig_answer (admin, GET_3, "BB9000");
  assert_true (ea_admin_has_progressed (admin));

  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
  rig_assert_sent (admin, RIG_ANSWER ("/next") CHUNKED "12\r\n",
                   "AF802303AA900023029000"
                   "2303BB9000"
                   "0000"
                   "0D0A300D0A0D0A");
}

/* Else a server that sends nothing but such scripts could have us connect for ever. */
static void
test_script_without_a_command_is_no_progress (void **state)
{
  static const char *const scripts[] = { "AE800000", "AE8022050000", "FF" };
  const EaAdminOptions options = rig_get_options ();

  for (gsize i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autoptr (EaAdmin) admin = rig_start (&options);

      rig_receive_chunked (admin, OK_NEXT, scripts[i]);
      rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
      assert_false (ea_admin_has_progressed (admin));
    }
}

/* Where the server repeats something else, nothing of it is carried out. */
static void
test_repeated_script_that_differs_is_not_carried_out (void **state)
{
  static const struct
  {
    const char *target;
    const char *script;
  } scripts[] = {
    { "", "AE80"
          "2205" RIG_GET_1 "2205" GET_3 "2205" GET_3 "0000" },
    { "", "AE80"
          "2205" RIG_GET_2 "2205" RIG_GET_1 "2205" GET_3 "0000" },
    { "", "AE80"
          "2205" RIG_GET_1 "A205" RIG_GET_2 "2205" GET_3 "0000" },
    { "", "AE80"
          "2205" RIG_GET_1 "0000" },
    { "", "AE800000" },
    { "", "AE80"
          "2205" RIG_GET_1 "8900" },
    { "", "AE80"
          "2205" RIG_GET_1 "860122"
          "0000" },
    { "", "AA15"
          "2205" RIG_GET_1 "2205" RIG_GET_2 "2205" GET_3 },
    { "", "00" },
    { "X-Admin-Targeted-Application: //aid/A000000559/1010FFFFFFFF8900001200\r\n",
      "AE80"
      "2205" RIG_GET_1 "2205" RIG_GET_2 "2205" GET_3 "0000" },
    { "X-Admin-Targeted-Application: what\r\n",
      "AE80"
      "2205" RIG_GET_1 "2205" RIG_GET_2 "2205" GET_3 "0000" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_break_behind_two (&options);
      g_autofree char *head
          = g_strconcat ("HTTP/1.1 200 OK\r\n" OTHER, scripts[i].target, CHUNKED, NULL);

      resume (admin);
      rig_receive_chunked (admin, head, scripts[i].script);

      rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
      rig_assert_no_event (admin);
      rig_assert_sent (admin, RIG_ANSWER ("/other") CHUNKED "11\r\n",
                       "AF802303AA900023029000"
                       "23026FF1"
                       "0000"
                       "0D0A300D0A0D0A");
    }
}

static void
test_script_that_is_not_repeated_is_answered_as_interrupted (void **state)
{
  static const char *const heads[] = {
    "HTTP/1.1 204 No Content\r\n" OTHER "\r\n",
    "HTTP/1.1 200 OK\r\n" OTHER "Content-Length: 0\r\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_break_behind_two (&options);

      resume (admin);
      rig_receive (admin, heads[i], "");

      rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
      rig_assert_no_event (admin);
      rig_assert_sent (admin, RIG_ANSWER ("/other") CHUNKED "11\r\n",
                       "AF802303AA900023029000"
                       "23026FF1"
                       "0000"
                       "0D0A300D0A0D0A");
    }
}

static void
test_script_of_which_nothing_was_answered_may_be_another_one (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive (admin, OK_NEXT "6\r\n",
               "AE80"
               "2205"
               "80CA");
  ea_admin_break (admin);
  resume (admin);
  rig_receive_chunked (admin, OK_NEXT,
                       "AA07"
                       "2205" GET_3);
  assert_int_equal (ea_admin_get_exchange (admin), 1);
  rig_answer (admin, GET_3, "6A88");

  rig_assert_sent (admin, RIG_ANSWER ("/next") CHUNKED "9\r\n",
                   "AB07"
                   "800101"
                   "23026A88"
                   "0D0A300D0A0D0A");
}

static void
test_script_of_which_nothing_was_answered_may_be_given_up (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive (admin, OK_NEXT "6\r\n",
               "AE80"
               "2205"
               "80CA");
  ea_admin_break (admin);
  resume (admin);
  rig_receive (admin, "HTTP/1.1 204 No Content\r\n" OTHER "\r\n", "");

  rig_assert_no_event (admin);
  rig_assert_sent (admin, "POST /other HTTP/1.1\r\n" RIG_FIELDS "\r\n", "");
  assert_int_equal (ea_admin_get_answers (admin).size, 0);
}

static void
test_command_in_flight_is_answered_over_the_next_connection (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive (admin, OK_NEXT "9\r\n",
               "AE80"
               "2205" RIG_GET_1);
  ea_admin_start_command (admin);
  ea_admin_break (admin);
  ea_admin_begin (admin);
  assert_false (ea_admin_wants_bytes (admin));
  rig_assert_nothing_sent (admin);
  rig_answer (admin, RIG_GET_1, "6A88");

  rig_assert_sent (admin, RIG_ANSWER ("/next") RESUMED CHUNKED "8\r\n",
                   "AF80"
                   "23026A88"
                   "0000"
                   "0D0A300D0A0D0A");
}

static void
test_script_that_had_come_whole_is_carried_out_without_a_connection (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive_chunked (admin, OK_NEXT,
                       "AE80"
                       "2205" RIG_GET_1 "2205" RIG_GET_2 "0000");
  ea_admin_break (admin);
  rig_answer (admin, RIG_GET_1, "9000");
  rig_answer (admin, RIG_GET_2, "9000");
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
  rig_assert_no_event (admin);
  ea_admin_begin (admin);

  rig_assert_sent (admin, RIG_ANSWER ("/next") RESUMED CHUNKED "C\r\n",
                   "AF80"
                   "23029000"
                   "23029000"
                   "0000"
                   "0D0A300D0A0D0A");
}

static void
test_lost_channel_between_connections_interrupts_what_rests_on_it (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive (admin, OK_NEXT "b\r\n",
               "AE80"
               "2207" SELECT);
  rig_answer (admin, SELECT, "9000");
  ea_admin_break (admin);
  ea_admin_lose_channel (admin);
  resume (admin);
  rig_receive_chunked (admin, OK_NEXT,
                       "AE80"
                       "2207" SELECT "2205" RIG_GET_2 "0000");

  rig_assert_sent (admin, RIG_ANSWER ("/next") CHUNKED "C\r\n",
                   "AF80"
                   "23029000"
                   "23026FF1"
                   "0000"
                   "0D0A300D0A0D0A");
}

static void
test_refusal_after_a_break_is_an_interruption (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_break_behind_two (&options);

  resume (admin);
  rig_receive_chunked (admin, OK_NEXT,
                       "AE80"
                       "2205" RIG_GET_1 "2205" RIG_GET_2 "2205" GET_3 "0000");
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
  ea_admin_refuse (admin, EA_ADMIN_STATUS_UNKNOWN_APPLICATION);

  rig_assert_sent (admin, RIG_ANSWER ("/next") CHUNKED "11\r\n",
                   "AF802303AA900023029000"
                   "23026FF1"
                   "0000"
                   "0D0A300D0A0D0A");
}

/* 255 commands of a compact script are all that its answer can count: 6FF1 has no place behind them. */
static void
test_full_compact_answer_has_no_room_for_an_interruption (void **state)
{
  static const guint8 good[] = { 0x90, 0x00 };
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive (admin, OK_NEXT, "");
  for (guint i = 0; i < 256; i++)
    {
      EaSpan apdu;

      rig_receive (admin, "7\r\n", SELECT "0D0A");
      if (ea_admin_peek_command (admin, &apdu))
        ea_admin_push_response (admin, EA_SPAN_OF_ARRAY (good));
    }
  assert_int_equal (ea_admin_count_commands (admin), 255);
  ea_admin_break (admin);
  resume (admin);
  rig_receive (admin, "HTTP/1.1 204 No Content\r\n" OTHER "\r\n", "");

  rig_assert_sent (admin, RIG_ANSWER ("/other") CHUNKED "3\r\n",
                   "FF9000"
                   "0D0A300D0A0D0A");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_repeated_script_goes_on_behind_what_was_answered),
    cmocka_unit_test (test_script_without_a_command_is_no_progress),
    cmocka_unit_test (test_repeated_script_that_differs_is_not_carried_out),
    cmocka_unit_test (test_script_that_is_not_repeated_is_answered_as_interrupted),
    cmocka_unit_test (test_script_of_which_nothing_was_answered_may_be_another_one),
    cmocka_unit_test (test_script_of_which_nothing_was_answered_may_be_given_up),
    cmocka_unit_test (test_command_in_flight_is_answered_over_the_next_connection),
    cmocka_unit_test (test_script_that_had_come_whole_is_carried_out_without_a_connection),
    cmocka_unit_test (test_lost_channel_between_connections_interrupts_what_rests_on_it),
    cmocka_unit_test (test_refusal_after_a_break_is_an_interruption),
    cmocka_unit_test (test_full_compact_answer_has_no_room_for_an_interruption),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
