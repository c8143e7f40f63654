/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A card that starts anew is read back, agent/session/profile-switch.h. */

#include "session/profile-switch.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/cat-task.h"
#include "fake-modem.h"
#include "fake-time.h"
#include "wait.h"

#define FIRST "8988211000000000011"
#define SECOND "8988211000000000029"

typedef struct
{
  FakeModem *modem;
  EaActivity *activity;
  EaProfileSwitch *profile_switch;
  GString *told; /* "began", "ICCID", "none", one a line */
  guint n_ended;
} Bench;

static void
on_began (EaProfileSwitch *profile_switch, Bench *bench)
{
  g_string_append (bench->told, "began\n");
}

static void
on_ended (EaProfileSwitch *profile_switch, const char *iccid, Bench *bench)
{
  g_string_append_printf (bench->told, "%s\n", iccid != NULL ? iccid : "none");
  bench->n_ended++;
}

static int
setup (void **state)
{
  Bench *bench = g_new0 (Bench, 1);

  fake_time_stop ();
  bench->modem = fake_modem_new ();
  bench->activity = ea_activity_new ();
  bench->told = g_string_new (NULL);
  bench->profile_switch = ea_profile_switch_new (EA_MODEM (bench->modem), bench->activity, NULL);
  g_signal_connect (bench->profile_switch, "began", G_CALLBACK (on_began), bench);
  g_signal_connect (bench->profile_switch, "ended", G_CALLBACK (on_ended), bench);
  fake_modem_set_iccid (bench->modem, FIRST);
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  Bench *bench = *state;

  g_signal_handlers_disconnect_by_data (bench->profile_switch, bench);
  g_object_unref (bench->profile_switch);
  run_ready ();
  g_object_unref (bench->activity);
  g_object_unref (bench->modem);
  g_string_free (bench->told, TRUE);
  g_free (bench);
  return 0;
}

static void
set_card (Bench *bench, EaModemCard card)
{
  ea_modem_set_card (EA_MODEM (bench->modem), card);
}

static void
refresh (Bench *bench, EaModemRefreshStage stage)
{
  g_signal_emit_by_name (bench->modem, "refresh", stage, EA_CAT_REFRESH_UICC_RESET);
}

static void
expect_told (Bench *bench, const char *expected)
{
  run_ready ();
  assert_string_equal (bench->told->str, expected);
  g_string_truncate (bench->told, 0);
}

static void
test_a_card_that_becomes_ready_is_read (void **state)
{
  Bench *bench = *state;

  set_card (bench, EA_MODEM_CARD_READY);
  expect_told (bench, "began\n" FIRST "\n");
  assert_string_equal (fake_modem_read_diary (bench->modem), "iccid");
}

/* What is read before the end may be of the profile before. */
static void
test_a_card_is_read_after_the_end_of_its_refresh (void **state)
{
  Bench *bench = *state;

  set_card (bench, EA_MODEM_CARD_READY);
  expect_told (bench, "began\n" FIRST "\n");
  refresh (bench, EA_MODEM_REFRESH_START);
  set_card (bench, EA_MODEM_CARD_ABSENT);
  set_card (bench, EA_MODEM_CARD_READY);
  expect_told (bench, "began\n");
  fake_modem_set_iccid (bench->modem, SECOND);
  refresh (bench, EA_MODEM_REFRESH_DONE);

  expect_told (bench, SECOND "\n");
}

static void
test_a_refresh_that_fails_is_read_back_as_well (void **state)
{
  Bench *bench = *state;

  set_card (bench, EA_MODEM_CARD_READY);
  expect_told (bench, "began\n" FIRST "\n");
  refresh (bench, EA_MODEM_REFRESH_START);
  refresh (bench, EA_MODEM_REFRESH_FAILED);

  expect_told (bench, "began\n" FIRST "\n");
}

static void
test_an_end_that_is_not_told_can_be_done_without (void **state)
{
  Bench *bench = *state;

  set_card (bench, EA_MODEM_CARD_READY);
  expect_told (bench, "began\n" FIRST "\n");
  refresh (bench, EA_MODEM_REFRESH_START);
  fake_modem_set_iccid (bench->modem, SECOND);
  expect_told (bench, "began\n");
  ea_profile_switch_skip_refresh (bench->profile_switch);
  expect_told (bench, SECOND "\n");

  refresh (bench, EA_MODEM_REFRESH_DONE); /* after all */
  expect_told (bench, "began\n" SECOND "\n");
}

static void
test_a_card_that_is_being_read_is_not_read_twice (void **state)
{
  Bench *bench = *state;

  set_card (bench, EA_MODEM_CARD_READY);
  ea_profile_switch_skip_refresh (bench->profile_switch);

  expect_told (bench, "began\n" FIRST "\n");
  assert_string_equal (fake_modem_read_diary (bench->modem), "iccid");
}

static void
test_a_card_that_changes_while_it_is_read_is_read_again (void **state)
{
  Bench *bench = *state;

  set_card (bench, EA_MODEM_CARD_READY);
  refresh (bench, EA_MODEM_REFRESH_START);
  fake_modem_set_iccid (bench->modem, SECOND);
  refresh (bench, EA_MODEM_REFRESH_DONE);

  expect_told (bench, "began\n" SECOND "\n");
}

static void
test_a_card_that_stays_away_is_told_and_read_when_it_is_back (void **state)
{
  Bench *bench = *state;

  set_card (bench, EA_MODEM_CARD_READY);
  expect_told (bench, "began\n" FIRST "\n");
  fake_time_let_fly ();
  refresh (bench, EA_MODEM_REFRESH_START);
  set_card (bench, EA_MODEM_CARD_ABSENT);
  WAIT_FOR (bench->n_ended == 2);
  assert_true (fake_time_get_flown_ms () >= EA_PROFILE_SWITCH_LIMIT_S * 1000);
  fake_time_stop ();
  expect_told (bench, "began\nnone\n");
  refresh (bench, EA_MODEM_REFRESH_FAILED);
  expect_told (bench, "began\n");
  fake_modem_set_iccid (bench->modem, SECOND);
  set_card (bench, EA_MODEM_CARD_READY);

  expect_told (bench, SECOND "\n");
}

static void
test_a_card_that_can_t_be_read_is_tried_until_it_can (void **state)
{
  Bench *bench = *state;

  fake_modem_set_iccid (bench->modem, NULL);
  fake_time_let_fly ();
  set_card (bench, EA_MODEM_CARD_READY);
  WAIT_FOR (bench->n_ended == 1);
  fake_modem_set_iccid (bench->modem, FIRST);
  WAIT_FOR (bench->n_ended == 2);

  assert_true (g_str_has_suffix (bench->told->str, "none\nbegan\n" FIRST "\n"));
  assert_true (fake_time_get_flown_ms () >= EA_PROFILE_SWITCH_SLOW_INTERVAL_S * 1000);
}

#define ON_BENCH(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ON_BENCH (test_a_card_that_becomes_ready_is_read),
    ON_BENCH (test_a_card_is_read_after_the_end_of_its_refresh),
    ON_BENCH (test_a_refresh_that_fails_is_read_back_as_well),
    ON_BENCH (test_an_end_that_is_not_told_can_be_done_without),
    ON_BENCH (test_a_card_that_is_being_read_is_not_read_twice),
    ON_BENCH (test_a_card_that_changes_while_it_is_read_is_read_again),
    ON_BENCH (test_a_card_that_stays_away_is_told_and_read_when_it_is_back),
    ON_BENCH (test_a_card_that_can_t_be_read_is_tried_until_it_can),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
