/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the toolkit does by the clock: the timers of TIMER MANAGEMENT, and polling. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-time.h"
#include "toolkit-rig.h"
#include "wait.h"

#define STATUS "apdu 0 80F2000C00"
#define POLLING_OFF "D009810301040082028182"
#define POLLING_IS_OFF "810301040082028281830100"

static void
test_timer_of_one_second_expires_after_one_second (void **state)
{
  ToolkitRig *rig = *state;
  gint64 begin_us = g_get_monotonic_time ();
  gint64 passed_us;

  toolkit_rig_exchange (rig, "D011810301270082028182A40103A503000010",
                        "810301270082028281830100A40103");
  toolkit_rig_expect (rig, "envelope D70C82028281A40103A503000010");
  passed_us = g_get_monotonic_time () - begin_us;
  assert_in_range (passed_us, G_USEC_PER_SEC, 20 * G_USEC_PER_SEC);
  toolkit_rig_exchange (rig, "D00C810301270282028182A40103", "810301270282028281830124A40103");
}

static void
test_timers_expire_in_the_order_of_their_times (void **state)
{
  ToolkitRig *rig = *state;

  toolkit_rig_exchange (rig, "D011810301270082028182A40101A503003000", /* 3 minutes */
                        "810301270082028281830100A40101");
  toolkit_rig_exchange (rig, "D011810301270082028182A40108A503000050", /* 5 s */
                        "810301270082028281830100A40108");
  fake_time_let_fly ();
  toolkit_rig_exchange (rig, "D011810301270082028182A40102A503001000", /* 1 minute */
                        "810301270082028281830100A40102");
  toolkit_rig_expect (rig, "envelope D70C82028281A40108A503000050");
  toolkit_rig_expect (rig, "envelope D70C82028281A40102A503001000");
  toolkit_rig_expect (rig, "envelope D70C82028281A40101A503003000");
}

static void
test_timer_is_read_and_stopped (void **state)
{
  ToolkitRig *rig = *state;

  toolkit_rig_exchange (rig, "D011810301270082028182A40101A503321000", /* 23 hours, 1 minute */
                        "810301270082028281830100A40101");
  toolkit_rig_exchange (rig, "D00C810301270282028182A40101",
                        "810301270282028281830100A40101A503321000");
  toolkit_rig_exchange (rig, "D00C810301270182028182A40101",
                        "810301270182028281830100A40101A503321000");
  toolkit_rig_exchange (rig, "D00C810301270282028182A40101", "810301270282028281830124A40101");
  toolkit_rig_exchange (rig, "D00C810301270182028182A40101", "810301270182028281830124A40101");
  fake_time_let_fly ();
  toolkit_rig_expect_nothing (rig);
}

static void
test_timers_that_there_are_not_are_refused (void **state)
{
  ToolkitRig *rig = *state;

  toolkit_rig_exchange (rig, "D011810301270082028182A40100A503000010", "810301270082028281830132");
  toolkit_rig_exchange (rig, "D011810301270082028182A40109A503000010", "810301270082028281830132");
  toolkit_rig_exchange (rig, "D00C810301270082028182A40101", "810301270082028281830136");
  toolkit_rig_exchange (rig, "D009810301270082028182", "810301270082028281830136");
}

static void
test_reset_card_has_no_timers (void **state)
{
  ToolkitRig *rig = *state;

  fake_time_let_fly ();
  toolkit_rig_want (rig, "D011810301270082028182A40101A503000010");
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_INITIALIZING);
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_READY);
  toolkit_rig_expect_response (rig, "810301270082028281830100A40101"); /* it was on its way */
  toolkit_rig_expect_nothing (rig);
  toolkit_rig_exchange (rig, "D00C810301270282028182A40101", "810301270282028281830124A40101");
}

static void
test_interval_is_granted_between_a_second_and_an_hour (void **state)
{
  static const struct
  {
    const char *wanted; /* unit and number */
    const char *granted;
  } rows[] = {
    { "001A", "001A" }, { "010A", "010A" }, { "0101", "0101" }, { "02FF", "02FF" },
    { "0205", "0101" }, { "020A", "020A" }, { "003C", "003C" }, { "003D", "003C" },
    { "00FF", "003C" }, { "01FF", "01FF" }, { "0100", "0101" }, { "0305", "0101" },
  };
  ToolkitRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *command = g_strconcat ("D00D8103010300820281828402", rows[i].wanted, NULL);
      g_autofree char *response
          = g_strconcat ("8103010300820282818301008402", rows[i].granted, NULL);

      toolkit_rig_exchange (rig, command, response);
    }
  toolkit_rig_exchange (rig, "D009810301030082028182", "810301030082028281830136");
  toolkit_rig_exchange (rig, POLLING_OFF, POLLING_IS_OFF);
}

static void
test_card_is_asked_for_its_status_at_the_pace_until_polling_is_off (void **state)
{
  ToolkitRig *rig = *state;

  toolkit_rig_exchange (rig, POLLING_OFF,
                        POLLING_IS_OFF); /* news of the activity have their pause */
  fake_time_let_fly ();
  toolkit_rig_exchange (rig, "D00D8103010300820281828402011E", "8103010300820282818301008402011E");
  assert_int_equal (fake_time_get_flown_ms (), 30000);
  for (guint i = 0; i < 5; i++)
    toolkit_rig_expect (rig, STATUS);
  toolkit_rig_want (rig, POLLING_OFF);
  while (g_str_equal (fake_modem_await_line (rig->modem), STATUS))
    continue; /* what was under way */
  toolkit_rig_expect_nothing (rig);
}

static void
test_command_of_a_card_that_was_asked_is_fetched_and_answered (void **state)
{
  ToolkitRig *rig = *state;

  fake_time_let_fly ();
  fake_modem_answer (rig->modem, "9000");
  fake_modem_answer (rig->modem, "910B");
  fake_modem_answer (rig->modem, "D0098103010200820281829000");
  toolkit_rig_exchange (rig, "D00D8103010300820281828402010A", "8103010300820282818301008402010A");
  toolkit_rig_expect (rig, STATUS);
  toolkit_rig_expect (rig, "apdu 0 801200000B");
  toolkit_rig_expect (rig, "apdu 0 801400000C810301020082028281830100");
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_INITIALIZING); /* ends polling */
  run_ready ();
  fake_modem_read_diary (rig->modem);
  toolkit_rig_expect_nothing (rig);
}

static void
test_status_is_asked_again_only_when_the_card_has_answered (void **state)
{
  ToolkitRig *rig = *state;

  fake_time_let_fly ();
  toolkit_rig_want (rig, "D00D8103010300820281828402010A");
  toolkit_rig_expect_response (rig, "8103010300820282818301008402010A");
  fake_modem_fail (rig->modem, EA_MODEM_ERROR_TIMEOUT);
  for (guint i = 0; i < 3; i++)
    toolkit_rig_expect (rig, STATUS);
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_INITIALIZING);
  run_ready ();
  fake_modem_read_diary (rig->modem);
}

static int
setup (void **state)
{
  fake_time_stop ();
  return toolkit_rig_setup (state);
}

#define TIME_TEST(function) cmocka_unit_test_setup_teardown (function, setup, toolkit_rig_teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    TIME_TEST (test_timer_of_one_second_expires_after_one_second),
    TIME_TEST (test_timers_expire_in_the_order_of_their_times),
    TIME_TEST (test_timer_is_read_and_stopped),
    TIME_TEST (test_timers_that_there_are_not_are_refused),
    TIME_TEST (test_reset_card_has_no_timers),
    TIME_TEST (test_interval_is_granted_between_a_second_and_an_hour),
    TIME_TEST (test_card_is_asked_for_its_status_at_the_pace_until_polling_is_off),
    TIME_TEST (test_command_of_a_card_that_was_asked_is_fetched_and_answered),
    TIME_TEST (test_status_is_asked_again_only_when_the_card_has_answered),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
