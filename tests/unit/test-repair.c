/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who switches what off and on, agent/modem/repair.h: a modem, and ModemManager where it has the modem. */

#include "modem/repair.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bearers-rig.h"
#include "fake-modem.h"
#include "helpers.h"

typedef struct
{
  gboolean has_come;
  gboolean is_done;
  GError *error;
} Outcome;

static void
on_repaired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *outcome = user_data;

  outcome->is_done = ea_repair_finish (result, &outcome->error);
  outcome->has_come = TRUE;
}

/* @path: of a modem that ModemManager has, or has not; what the modem and ModemManager are asked for then */
static void
expect_repair (BearersRig *rig, EaRepair repair, const char *path, const char *modem_diary,
               const char *manager_diary)
{
  g_autoptr (FakeModem) modem = fake_modem_new ();
  Outcome outcome = { 0 };

  ea_repair_async (repair, EA_MODEM (modem), rig->modem_manager, path, NULL, on_repaired, &outcome);
  WAIT_FOR (outcome.has_come);

  assert_true (outcome.is_done);
  assert_string_equal (fake_modem_read_diary (modem), modem_diary);
  assert_string_equal (fake_modem_manager_read_diary (rig->fake), manager_diary);
}

static void
test_a_modem_of_nobody_is_switched_directly (void **state)
{
  BearersRig *rig = *state;

  expect_repair (rig, EA_REPAIR_POWER_CYCLE, "/dev/cdc-wdm7", "reset", "");
  expect_repair (rig, EA_REPAIR_AIRPLANE_MODE, "/dev/cdc-wdm7", "radio", "");
  expect_repair (rig, EA_REPAIR_RESET, "/dev/cdc-wdm7", "restart", "");
}

static void
test_modem_manager_switches_the_radio_of_its_modem (void **state)
{
  BearersRig *rig = *state;

  expect_repair (rig, EA_REPAIR_AIRPLANE_MODE, PORT_PATH, "", "disable\npower low\nenable");
  expect_repair (rig, EA_REPAIR_RESET, PORT_PATH, "", "reset");
}

static void
test_the_card_of_modem_managers_modem_is_switched_directly (void **state)
{
  expect_repair (*state, EA_REPAIR_POWER_CYCLE, PORT_PATH, "reset", "");
}

static gboolean
is_disabled (BearersRig *rig)
{
  g_autofree char *path = NULL;
  gboolean acknowledges_sms;

  path = ea_modem_manager_find (rig->modem_manager, PORT_PATH, &acknowledges_sms);
  return rig->n_changed > 0;
}

static void
test_a_modem_that_nobody_has_enabled_is_not_enabled (void **state)
{
  BearersRig *rig = *state;

  rig->n_changed = 0;
  fake_modem_manager_set_state (rig->fake, MM_MODEM_STATE_DISABLED);
  WAIT_FOR (is_disabled (rig));

  expect_repair (rig, EA_REPAIR_AIRPLANE_MODE, PORT_PATH, "", "power low\npower on");
}

static void
begin (BearersRig *rig, FakeModem *modem, GCancellable *cancellable, Outcome *outcome)
{
  *outcome = (Outcome){ 0 };
  ea_repair_async (EA_REPAIR_AIRPLANE_MODE, EA_MODEM (modem), rig->modem_manager, PORT_PATH,
                   cancellable, on_repaired, outcome);
}

/* It may have gone on with what it says that it can't do. */
static void
test_a_modem_that_can_not_be_disabled_is_enabled (void **state)
{
  BearersRig *rig = *state;
  g_autoptr (FakeModem) modem = fake_modem_new ();
  g_autoptr (GError) refusal
      = g_error_new_literal (MM_CORE_ERROR, MM_CORE_ERROR_ABORTED, "too late");
  Outcome outcome;

  fake_modem_manager_refuse (rig->fake, refusal);
  begin (rig, modem, NULL, &outcome);
  bearers_rig_await_diary (rig, 1);
  fake_modem_manager_refuse (rig->fake, NULL);
  WAIT_FOR (outcome.has_come);

  bearers_rig_expect_diary (rig, "disable\nenable");
  assert_non_null (strstr (outcome.error->message, "too late"));
  g_clear_error (&outcome.error);
}

static void
test_what_is_cancelled_is_enabled_without_delay (void **state)
{
  BearersRig *rig = *state;
  g_autoptr (FakeModem) modem = fake_modem_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Outcome outcome;

  begin (rig, modem, cancellable, &outcome);
  bearers_rig_await_diary (rig, 1);
  g_cancellable_cancel (cancellable);
  WAIT_FOR (outcome.has_come);

  bearers_rig_expect_diary (rig, "disable\nenable");
  assert_true (outcome.is_done);
}

static void
test_a_modem_that_its_owner_has_switched_off_stays_off (void **state)
{
  static const EaRepair repairs[] = { EA_REPAIR_AIRPLANE_MODE, EA_REPAIR_RESET };
  BearersRig *rig = *state;

  rig->n_changed = 0;
  fake_modem_manager_set_state (rig->fake, MM_MODEM_STATE_DISABLED);
  fake_modem_manager_set_power_state (rig->fake, MM_MODEM_POWER_STATE_LOW);
  WAIT_FOR (is_disabled (rig));
  for (gsize i = 0; i < G_N_ELEMENTS (repairs); i++)
    {
      g_autoptr (FakeModem) modem = fake_modem_new ();
      Outcome outcome = { 0 };

      ea_repair_async (repairs[i], EA_MODEM (modem), rig->modem_manager, PORT_PATH, NULL,
                       on_repaired, &outcome);
      WAIT_FOR (outcome.has_come);
      assert_non_null (strstr (outcome.error->message, "Somebody has disabled the modem"));
      g_clear_error (&outcome.error);
    }
  bearers_rig_expect_diary (rig, "");
}

static void
test_a_modem_that_was_left_disabled_is_enabled (void **state)
{
  BearersRig *rig = *state;
  g_autoptr (FakeModem) modem = fake_modem_new ();
  Outcome outcome = { 0 };

  assert_true (ea_repair_disables (EA_REPAIR_AIRPLANE_MODE, rig->modem_manager, PORT_PATH));
  assert_false (ea_repair_disables (EA_REPAIR_RESET, rig->modem_manager, PORT_PATH));
  assert_false (ea_repair_disables (EA_REPAIR_AIRPLANE_MODE, rig->modem_manager, "/dev/cdc-wdm7"));
  ea_repair_enable_async (EA_MODEM (modem), rig->modem_manager, PORT_PATH, on_repaired, &outcome);
  WAIT_FOR (outcome.has_come);
  assert_true (outcome.is_done);
  bearers_rig_expect_diary (rig, "enable");

  outcome = (Outcome){ 0 };
  ea_repair_enable_async (EA_MODEM (modem), rig->modem_manager, "/dev/cdc-wdm7", on_repaired,
                          &outcome);
  WAIT_FOR (outcome.has_come);
  assert_true (g_error_matches (outcome.error, EA_MODEM_ERROR, EA_MODEM_ERROR_GONE));
  g_clear_error (&outcome.error);
}

static void
test_what_modem_manager_refuses_is_an_error (void **state)
{
  static const EaRepair repairs[] = { EA_REPAIR_AIRPLANE_MODE, EA_REPAIR_RESET };
  BearersRig *rig = *state;
  g_autoptr (GError) refusal
      = g_error_new_literal (MM_CORE_ERROR, MM_CORE_ERROR_WRONG_STATE, "in a call");

  fake_modem_manager_refuse (rig->fake, refusal);
  for (gsize i = 0; i < G_N_ELEMENTS (repairs); i++)
    {
      g_autoptr (FakeModem) modem = fake_modem_new ();
      Outcome outcome = { 0 };

      ea_repair_async (repairs[i], EA_MODEM (modem), rig->modem_manager, PORT_PATH, NULL,
                       on_repaired, &outcome);
      WAIT_FOR (outcome.has_come);
      assert_true (g_error_matches (outcome.error, EA_MODEM_ERROR, EA_MODEM_ERROR_FAILED));
      assert_non_null (strstr (outcome.error->message, "in a call"));
      assert_string_equal (fake_modem_read_diary (modem), "");
      g_clear_error (&outcome.error);
    }
}

static void
test_what_the_modem_refuses_is_an_error (void **state)
{
  g_autoptr (FakeModem) modem = fake_modem_new ();

  fake_modem_refuse_repairs (modem);
  for (EaRepair repair = EA_REPAIR_POWER_CYCLE; repair <= EA_REPAIR_RESET; repair++)
    {
      Outcome outcome = { 0 };

      ea_repair_async (repair, EA_MODEM (modem), NULL, PORT_PATH, NULL, on_repaired, &outcome);
      WAIT_FOR (outcome.has_come);
      assert_true (g_error_matches (outcome.error, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED));
      g_clear_error (&outcome.error);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    BEARERS_RIG_TEST (test_a_modem_of_nobody_is_switched_directly),
    BEARERS_RIG_TEST (test_modem_manager_switches_the_radio_of_its_modem),
    BEARERS_RIG_TEST (test_the_card_of_modem_managers_modem_is_switched_directly),
    BEARERS_RIG_TEST (test_a_modem_that_nobody_has_enabled_is_not_enabled),
    BEARERS_RIG_TEST (test_a_modem_that_can_not_be_disabled_is_enabled),
    BEARERS_RIG_TEST (test_what_is_cancelled_is_enabled_without_delay),
    BEARERS_RIG_TEST (test_a_modem_that_its_owner_has_switched_off_stays_off),
    BEARERS_RIG_TEST (test_a_modem_that_was_left_disabled_is_enabled),
    BEARERS_RIG_TEST (test_what_modem_manager_refuses_is_an_error),
    BEARERS_RIG_TEST (test_what_the_modem_refuses_is_an_error),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
