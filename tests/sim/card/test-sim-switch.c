/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the card does after a switch of profiles: notification by short message, its repetition, roll-back,
 * fall-back and deletion by POL1. The terminal is the test's; checksums of expected packets are OpenSSL's CMAC
 * over octets written out here.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim-keys.h"
#include "test-card.h"
#include "test-terminal.h"

#define AID_1 "a0000005591010ffffffff8900001000"
#define AID_2 "a0000005591010ffffffff8900001100"
#define ISDP_2 "\"aid\":\"A0000005591010FFFFFFFF8900001100\""
#define ENABLE_2 "aa1c 221a80e28800153a03124f10" AID_2
#define ENABLE_3 "aa1c 221a80e28800153a03124f10 a0000005591010ffffffff8900001200"
#define DISABLE_2 "aa1c 221a80e28800153a04124f10" AID_2
#define DELETE_2 "aa1a 221880e40040124f10" AID_2 "00"
#define CONFIRM(number) "aa0f 220d80e28900073a08044e02" number "00"

/* SMS-SUBMIT to +491512345678 with 02 70 00 and a packet: SPI 0200, KIc and KID 12, TAR 000001, CNTR 0 */
#define SUBMIT_HEAD "41000c919451214365877ff648 027000 0043 15 0200 12 12 000001 0000000000 00"
#define NOTIFICATION "e12b 4c1089001012012341234012345678901224"
#define CHANGED_TO_2 SUBMIT_HEAD "61248fbbbbe5582f" NOTIFICATION "4d0102 4e020001 2f10" AID_2
#define FELL_BACK_TO_1 SUBMIT_HEAD "fe33692894dc826a" NOTIFICATION "4d0105 4e020002 2f10" AID_1
#define ROLLED_BACK_TO_1 SUBMIT_HEAD "fceb71159f72a253" NOTIFICATION "4d0103 4e020002 2f10" AID_1

#define NO_SERVICE "80c200000cd60a990103820282819b0102"
#define LIMITED_SERVICE "80c200000cd60a990103820282819b0101"
#define SERVICE "80c2000017d615990103820282819b0100930962f220123400000001"
/* Tracking area, technology, update type and cause, TS 31.111 §7.5.2 */
#define REJECTION "80c2000019d61799011282028381fd0562f2200001bf0108f40109f5010b"

#define TIMER_SERVICE 1
#define TIMER_CONFIRMATION 2

typedef struct
{
  TestTerminal terminal;
  guint64 counter;
} Fixture;

static int
set_up (void **state)
{
  const SimCardOptions options = { .index = 0, .max_channels = 4 };
  Fixture *fixture = g_new0 (Fixture, 1);

  test_terminal_init (&fixture->terminal, sim_card_new (&options));
  fixture->terminal.tells_location = TRUE;
  *state = fixture;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;

  sim_card_free (fixture->terminal.card);
  test_terminal_clear (&fixture->terminal);
  g_free (fixture);
  return 0;
}

static void
set_policy (Fixture *fixture, SimCardPolicy policy)
{
  sim_card_set_policy (fixture->terminal.card, &policy);
  test_terminal_run (&fixture->terminal);
}

static void
set_pol1 (Fixture *fixture, const char *aid, SimPol1 pol1)
{
  g_autoptr (GBytes) bytes = from_hex (aid);

  assert_true (sim_card_set_pol1 (fixture->terminal.card, ea_span_from_bytes (bytes), pol1));
}

/* (transfer full): the response script, from a proof of receipt in the report */
static GBytes *
run_script (Fixture *fixture, const char *script)
{
  SimScp80Command command = make_command (++fixture->counter);
  g_autoptr (GPtrArray) tpdus = NULL;
  g_autoptr (GBytes) response = NULL;
  SimScp80Response header = { 0 };
  GBytes *result;
  EaSpan report;

  command.spi2 = 0x09; /* always, with a checksum, in the report */
  tpdus = make_tpdus (&command, script);
  response = deliver_tpdu (fixture->terminal.card, g_ptr_array_index (tpdus, 0));
  if (g_bytes_get_size (response) == 2) /* 61XX */
    {
      g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (response));
      g_autofree char *get_response = g_strconcat ("00c00000", hex + 2, NULL);

      g_clear_pointer (&response, g_bytes_unref);
      response = transmit (fixture->terminal.card, get_response);
    }
  report = ea_span_head (ea_span_from_bytes (response), g_bytes_get_size (response) - 2);
  result = sim_scp80_open_response (&header, &command, SIM_SCP80_FORM_SMS, ea_span_tail (report, 3),
                                    &sim_keys, NULL);
  assert_non_null (result);
  return result;
}

static void
assert_script (Fixture *fixture, const char *script, const char *expected)
{
  g_autoptr (GBytes) result = run_script (fixture, script);

  assert_bytes (result, expected);
  test_terminal_run (&fixture->terminal);
}

static void
order (Fixture *fixture, const char *script)
{
  assert_script (fixture, script, "ab07 800101 23029000");
}

static void
assert_iccid (Fixture *fixture, const char *expected)
{
  assert_string_equal (sim_card_get_iccid (fixture->terminal.card), expected);
}

static void
assert_message (Fixture *fixture, const char *expected)
{
  g_autoptr (GBytes) message = g_queue_pop_head (&fixture->terminal.messages);

  assert_non_null (message);
  assert_bytes (message, expected);
}

static void
tell (Fixture *fixture, const char *event)
{
  test_terminal_command (&fixture->terminal, event);
  test_terminal_run (&fixture->terminal);
}

static void
expire (Fixture *fixture, guint8 timer)
{
  test_terminal_expire (&fixture->terminal, timer);
  test_terminal_run (&fixture->terminal);
}

static void
assert_switch (Fixture *fixture, const char *expected)
{
  g_autofree char *text = g_strconcat ("\"switch\":{\"reason\":\"", expected, NULL);

  assert_true (state_has (fixture->terminal.card, text));
}

static void
test_switch_is_notified_by_short_message_once_there_is_service (void **state)
{
  Fixture *fixture = *state;

  fixture->terminal.tells_location = FALSE;
  set_policy (fixture, (SimCardPolicy){ .by = SIM_NOTIFY_BY_SMS });
  order (fixture, ENABLE_2);
  assert_iccid (fixture, OTHER_ICCID);
  assert_int_equal (fixture->terminal.messages.length, 0);
  tell (fixture, NO_SERVICE);
  assert_int_equal (fixture->terminal.messages.length, 0);
  tell (fixture, SERVICE);
  assert_message (fixture, CHANGED_TO_2);
  assert_switch (fixture, "ordered\",\"pending\":false,\"service_timer\":false,"
                          "\"notification\":\"02\",\"sequence\":1,\"confirmed\":false}");
  assert_script (fixture, CONFIRM ("0001"), "ab09 800101 230480009000");
  assert_switch (fixture, "ordered\",\"pending\":false,\"service_timer\":false,"
                          "\"notification\":\"02\",\"sequence\":1,\"confirmed\":true}");
}

static void
test_without_a_policy_nobody_is_notified (void **state)
{
  Fixture *fixture = *state;

  order (fixture, ENABLE_2);
  assert_iccid (fixture, OTHER_ICCID);
  tell (fixture, SERVICE);
  assert_int_equal (fixture->terminal.messages.length, 0);
  tell (fixture, NO_SERVICE);
  assert_int_equal (fixture->terminal.timers_s[TIMER_SERVICE], 0);
}

static void
test_notification_is_repeated_until_it_is_confirmed (void **state)
{
  Fixture *fixture = *state;

  set_policy (fixture, (SimCardPolicy){ .by = SIM_NOTIFY_BY_SMS, .wait_s = 3725, .n_tries = 5 });
  order (fixture, ENABLE_2);
  assert_message (fixture, CHANGED_TO_2);
  assert_int_equal (fixture->terminal.timers_s[TIMER_CONFIRMATION], 3725);
  expire (fixture, TIMER_CONFIRMATION);
  assert_message (fixture, CHANGED_TO_2);
  assert_script (fixture, CONFIRM ("0002"), "ab09 800101 230480009000");
  assert_int_equal (fixture->terminal.timers_s[TIMER_CONFIRMATION], 3725);
  assert_script (fixture, CONFIRM ("0001"), "ab09 800101 230480009000");
  assert_int_equal (fixture->terminal.timers_s[TIMER_CONFIRMATION], 0);
  assert_int_equal (fixture->terminal.messages.length, 0);
}

static void
test_notification_that_a_reset_has_overtaken_is_sent_again (void **state)
{
  Fixture *fixture = *state;

  set_policy (fixture, (SimCardPolicy){ .by = SIM_NOTIFY_BY_SMS, .wait_s = 60, .n_tries = 2 });
  order (fixture, ENABLE_2);
  assert_message (fixture, CHANGED_TO_2);
  sim_card_reset (fixture->terminal.card);
  fixture->terminal.is_fresh = TRUE;
  test_terminal_command (&fixture->terminal, TEST_TERMINAL_PROFILE);
  test_terminal_run (&fixture->terminal);
  assert_message (fixture, CHANGED_TO_2);
}

static void
test_order_that_is_never_confirmed_is_rolled_back (void **state)
{
  Fixture *fixture = *state;

  set_policy (
      fixture,
      (SimCardPolicy){ .by = SIM_NOTIFY_BY_SMS, .wait_s = 10, .n_tries = 2, .rolls_back = TRUE });
  order (fixture, ENABLE_2);
  assert_message (fixture, CHANGED_TO_2);
  expire (fixture, TIMER_CONFIRMATION);
  assert_message (fixture, CHANGED_TO_2);
  assert_iccid (fixture, OTHER_ICCID);
  expire (fixture, TIMER_CONFIRMATION);
  assert_iccid (fixture, FALLBACK_ICCID);
  assert_int_equal (fixture->terminal.n_refreshes, 2);
  assert_message (fixture, ROLLED_BACK_TO_1);
  assert_switch (fixture, "roll-back\"");
  expire (fixture, TIMER_CONFIRMATION);
  assert_message (fixture, ROLLED_BACK_TO_1);
  expire (fixture, TIMER_CONFIRMATION);
  assert_iccid (fixture, FALLBACK_ICCID);
  assert_int_equal (fixture->terminal.n_refreshes, 2);
}

static void
test_order_that_is_never_confirmed_stays_where_nothing_is_rolled_back (void **state)
{
  Fixture *fixture = *state;

  set_policy (fixture, (SimCardPolicy){ .by = SIM_NOTIFY_BY_SMS, .wait_s = 10, .n_tries = 1 });
  order (fixture, ENABLE_2);
  expire (fixture, TIMER_CONFIRMATION);
  assert_iccid (fixture, OTHER_ICCID);
  assert_int_equal (fixture->terminal.n_refreshes, 1);
}

static void
test_profile_that_is_confirmed_falls_back_after_the_timer (void **state)
{
  static const char *const losses[] = { NO_SERVICE, LIMITED_SERVICE, REJECTION };

  for (gsize i = 0; i < G_N_ELEMENTS (losses); i++)
    {
      Fixture *fixture;
      void *other = NULL;

      set_up (&other);
      fixture = other;
      set_policy (fixture,
                  (SimCardPolicy){ .by = SIM_NOTIFY_BY_SMS, .rolls_back = TRUE, .fallback_s = 90 });
      order (fixture, ENABLE_2);
      assert_message (fixture, CHANGED_TO_2);
      assert_script (fixture, CONFIRM ("0001"), "ab09 800101 230480009000");
      assert_int_equal (fixture->terminal.timers_s[TIMER_SERVICE], 0);
      tell (fixture, losses[i]);
      assert_int_equal (fixture->terminal.timers_s[TIMER_SERVICE], 90);
      tell (fixture, SERVICE);
      assert_int_equal (fixture->terminal.timers_s[TIMER_SERVICE], 0);
      tell (fixture, losses[i]);
      expire (fixture, TIMER_SERVICE);
      assert_iccid (fixture, FALLBACK_ICCID);
      assert_message (fixture, FELL_BACK_TO_1);
      assert_switch (fixture, "fall-back\"");
      tear_down (&other);
    }
}

/* The terminal says nothing of service after the REFRESH. */
static void
test_new_profile_that_finds_no_service_is_rolled_back (void **state)
{
  Fixture *fixture = *state;

  fixture->terminal.tells_location = FALSE;
  set_policy (fixture,
              (SimCardPolicy){ .by = SIM_NOTIFY_BY_SMS, .rolls_back = TRUE, .fallback_s = 90 });
  order (fixture, ENABLE_2);
  assert_int_equal (fixture->terminal.timers_s[TIMER_SERVICE], 90);
  expire (fixture, TIMER_SERVICE);
  assert_iccid (fixture, FALLBACK_ICCID);
  tell (fixture, SERVICE);
  assert_message (fixture, ROLLED_BACK_TO_1);
}

static void
test_new_profile_that_finds_no_service_falls_back_without_roll_back (void **state)
{
  Fixture *fixture = *state;

  fixture->terminal.tells_location = FALSE;
  set_policy (fixture, (SimCardPolicy){ .by = SIM_NOTIFY_BY_SMS, .fallback_s = 90 });
  order (fixture, ENABLE_2);
  expire (fixture, TIMER_SERVICE);
  assert_iccid (fixture, FALLBACK_ICCID);
  tell (fixture, SERVICE);
  assert_message (fixture, FELL_BACK_TO_1);
  tell (fixture, NO_SERVICE);
  assert_int_equal (fixture->terminal.timers_s[TIMER_SERVICE], 0);
}

static void
test_order_that_nobody_is_notified_of_is_good_when_it_has_found_service (void **state)
{
  Fixture *fixture = *state;

  set_policy (fixture, (SimCardPolicy){ .rolls_back = TRUE, .fallback_s = 90 });
  order (fixture, ENABLE_2);
  tell (fixture, NO_SERVICE);
  expire (fixture, TIMER_SERVICE);
  assert_switch (fixture, "fall-back\"");
}

static void
test_pol1_deletes_with_the_confirmation_what_an_order_has_disabled (void **state)
{
  static const struct
  {
    SimPol1 pol1;
    gboolean is_deleted;
  } rules[]
      = { { SIM_POL1_NONE, FALSE }, { SIM_POL1_DELETE, TRUE }, { SIM_POL1_DELETE_ALWAYS, TRUE } };

  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      Fixture *fixture;
      void *other = NULL;

      set_up (&other);
      fixture = other;
      set_policy (fixture, (SimCardPolicy){ .by = SIM_NOTIFY_BY_SMS });
      order (fixture, ENABLE_2);
      assert_script (fixture, CONFIRM ("0001"), "ab09 800101 230480009000");
      set_pol1 (fixture, AID_2, rules[i].pol1);
      order (fixture, ENABLE_3);
      assert_true (state_has (fixture->terminal.card, ISDP_2));
      assert_script (fixture, CONFIRM ("0002"),
                     rules[i].is_deleted ? "ab1b 800101 2316 8012 4f10" AID_2 "9000"
                                         : "ab09 800101 230480009000");
      assert_int_equal (state_has (fixture->terminal.card, ISDP_2), !rules[i].is_deleted);
      tear_down (&other);
    }
}

static void
test_fall_back_deletes_only_what_is_always_to_be_deleted (void **state)
{
  static const SimPol1 rules[] = { SIM_POL1_DELETE, SIM_POL1_DELETE_ALWAYS };

  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      gboolean is_deleted = rules[i] == SIM_POL1_DELETE_ALWAYS;
      Fixture *fixture;
      void *other = NULL;

      set_up (&other);
      fixture = other;
      set_policy (fixture, (SimCardPolicy){ .by = SIM_NOTIFY_BY_SMS, .fallback_s = 5 });
      order (fixture, ENABLE_2);
      assert_script (fixture, CONFIRM ("0001"), "ab09 800101 230480009000");
      set_pol1 (fixture, AID_2, rules[i]);
      tell (fixture, NO_SERVICE);
      expire (fixture, TIMER_SERVICE);
      assert_true (state_has (fixture->terminal.card, ISDP_2));
      assert_script (fixture, CONFIRM ("0002"),
                     is_deleted ? "ab1b 800101 2316 8012 4f10" AID_2 "9000"
                                : "ab09 800101 230480009000");
      assert_int_equal (state_has (fixture->terminal.card, ISDP_2), !is_deleted);
      tear_down (&other);
    }
}

static void
test_pol1_forbids_what_an_order_wants_but_not_fall_back (void **state)
{
  Fixture *fixture = *state;

  set_policy (fixture, (SimCardPolicy){ .fallback_s = 5 });
  set_pol1 (fixture, AID_2, SIM_POL1_NO_DELETE);
  assert_script (fixture, DELETE_2, "ab07 800101 230269e1");
  order (fixture, ENABLE_2);
  set_pol1 (fixture, AID_2, SIM_POL1_NO_DISABLE);
  assert_script (fixture, DISABLE_2, "ab07 800101 230269e1");
  assert_script (fixture, ENABLE_3, "ab07 800101 230269e1");
  tell (fixture, NO_SERVICE);
  expire (fixture, TIMER_SERVICE);
  assert_iccid (fixture, FALLBACK_ICCID);
}

#define switch_test(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    switch_test (test_switch_is_notified_by_short_message_once_there_is_service),
    switch_test (test_without_a_policy_nobody_is_notified),
    switch_test (test_notification_is_repeated_until_it_is_confirmed),
    switch_test (test_notification_that_a_reset_has_overtaken_is_sent_again),
    switch_test (test_order_that_is_never_confirmed_is_rolled_back),
    switch_test (test_order_that_is_never_confirmed_stays_where_nothing_is_rolled_back),
    cmocka_unit_test (test_profile_that_is_confirmed_falls_back_after_the_timer),
    switch_test (test_new_profile_that_finds_no_service_is_rolled_back),
    switch_test (test_new_profile_that_finds_no_service_falls_back_without_roll_back),
    switch_test (test_order_that_nobody_is_notified_of_is_good_when_it_has_found_service),
    cmocka_unit_test (test_pol1_deletes_with_the_confirmation_what_an_order_has_disabled),
    cmocka_unit_test (test_fall_back_deletes_only_what_is_always_to_be_deleted),
    switch_test (test_pol1_forbids_what_an_order_wants_but_not_fall_back),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
