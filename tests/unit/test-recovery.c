/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ladder with a clock and a modem, agent/session/recovery.h. Time takes no time, see fake-time.h. */

#include "session/recovery.h"

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

static const EaModemNetwork home = { .service = EA_MODEM_SERVICE_NORMAL,
                                     .has_technology = TRUE,
                                     .technology = 0x08,
                                     .mcc = "262",
                                     .mnc = "02" };
static const EaModemNetwork limited = { .service = EA_MODEM_SERVICE_LIMITED,
                                        .has_technology = TRUE,
                                        .technology = 0x08,
                                        .mcc = "262",
                                        .mnc = "02" };

static const guint times_s[EA_SWITCH_N_STEPS]
    = { [EA_SWITCH_STEP_WAIT_REFRESH] = 10,      [EA_SWITCH_STEP_WAIT_ICCID] = 20,
        [EA_SWITCH_STEP_WAIT_REGISTRATION] = 60, [EA_SWITCH_STEP_POWER_CYCLE] = 100,
        [EA_SWITCH_STEP_AIRPLANE_MODE] = 200,    [EA_SWITCH_STEP_RESET] = 300 };

typedef struct
{
  FakeModem *modem;
  EaRecovery *recovery;
  GString *told;             /* one word or sentence a line */
  gboolean has_same_profile; /* whenever the card is read */
} Bench;

static void
note (Bench *bench, const char *what, const char *detail)
{
  g_string_append_printf (bench->told, "%s%s%s\n", what, detail != NULL ? " " : "",
                          detail != NULL ? detail : "");
}

static void
on_step (EaRecovery *recovery, int step, int overdue, Bench *bench)
{
  note (bench, "step", ea_switch_step_to_string (step));
}

static void
on_read_iccid (EaRecovery *recovery, Bench *bench)
{
  note (bench, "read", NULL);
  if (bench->has_same_profile)
    ea_recovery_take_iccid (recovery, FALSE);
}

static void
on_unchanged (EaRecovery *recovery, Bench *bench)
{
  note (bench, "unchanged", NULL);
}

static void
on_not_registered (EaRecovery *recovery, const char *cause, Bench *bench)
{
  note (bench, "not registered:", cause != NULL ? cause : "no cause");
}

static void
on_rejected (EaRecovery *recovery, const char *cause, Bench *bench)
{
  note (bench, "rejected:", cause);
}

static void
on_registered (EaRecovery *recovery, gint64 elapsed_us, Bench *bench)
{
  assert_true (elapsed_us >= 0);
  note (bench, "registered", NULL);
}

static int
setup (void **state)
{
  Bench *bench = g_new0 (Bench, 1);

  fake_time_stop ();
  bench->told = g_string_new (NULL);
  bench->modem = fake_modem_new ();
  ea_modem_set_capabilities (EA_MODEM (bench->modem), EA_MODEM_NETWORK);
  fake_modem_set_network (bench->modem, &limited);
  bench->recovery = ea_recovery_new (NULL);
  ea_recovery_set_times (bench->recovery, times_s);
  g_signal_connect (bench->recovery, "step", G_CALLBACK (on_step), bench);
  g_signal_connect (bench->recovery, "read-iccid", G_CALLBACK (on_read_iccid), bench);
  g_signal_connect (bench->recovery, "unchanged", G_CALLBACK (on_unchanged), bench);
  g_signal_connect (bench->recovery, "not-registered", G_CALLBACK (on_not_registered), bench);
  g_signal_connect (bench->recovery, "rejected", G_CALLBACK (on_rejected), bench);
  g_signal_connect (bench->recovery, "registered", G_CALLBACK (on_registered), bench);
  ea_recovery_attach (bench->recovery, EA_MODEM (bench->modem), NULL, "/dev/cdc-wdm0");
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  Bench *bench = *state;

  g_signal_handlers_disconnect_by_data (bench->recovery, bench);
  g_object_unref (bench->recovery);
  run_ready ();
  g_object_unref (bench->modem);
  g_string_free (bench->told, TRUE);
  g_free (bench);
  return 0;
}

/* What was told since the last time */
static void
expect_told (Bench *bench, const char *expected)
{
  run_ready ();
  assert_string_equal (bench->told->str, expected);
  g_string_truncate (bench->told, 0);
}

static void
test_registration_after_a_switch_is_told (void **state)
{
  Bench *bench = *state;

  ea_recovery_take_iccid (bench->recovery, TRUE);
  expect_told (bench, "step wait-registration\n");
  fake_modem_set_network (bench->modem, &home);

  expect_told (bench, "registered\n");
  assert_string_equal (fake_modem_read_diary (bench->modem), "network");
  assert_int_equal (ea_recovery_get_step (bench->recovery), EA_SWITCH_STEP_NONE);
}

/* The modem told of its network before the ICCID was read, and has no change to tell. */
static void
test_a_modem_that_is_registered_already_is_asked (void **state)
{
  Bench *bench = *state;

  fake_modem_set_network (bench->modem, &home);
  g_signal_emit_by_name (bench->modem, "refresh", EA_MODEM_REFRESH_START,
                         EA_CAT_REFRESH_UICC_RESET);
  g_signal_emit_by_name (bench->modem, "refresh", EA_MODEM_REFRESH_DONE, EA_CAT_REFRESH_UICC_RESET);
  expect_told (bench, "step wait-refresh\nstep wait-iccid\nread\n");
  ea_recovery_take_iccid (bench->recovery, TRUE);

  expect_told (bench, "registered\n");
}

static void
test_a_card_that_is_read_without_a_switch_costs_no_question (void **state)
{
  Bench *bench = *state;

  ea_recovery_take_iccid (bench->recovery, FALSE);

  expect_told (bench, "");
  assert_string_equal (fake_modem_read_diary (bench->modem), "");
}

static void
test_a_card_that_was_exchanged_is_not_waited_for (void **state)
{
  Bench *bench = *state;

  ea_recovery_expect (bench->recovery);
  ea_recovery_take_iccid (bench->recovery, TRUE);
  expect_told (bench, "step wait-refresh\nstep wait-iccid\nread\nstep wait-registration\n");
  ea_recovery_forget (bench->recovery);
  fake_modem_reject (bench->modem, EA_MODEM_DOMAIN_PACKET, 11);
  fake_modem_set_network (bench->modem, &home);

  expect_told (bench, "");
  assert_false (ea_recovery_is_promised (bench->recovery));
  assert_int_equal (ea_recovery_get_step (bench->recovery), EA_SWITCH_STEP_NONE);
  ea_recovery_take_iccid (bench->recovery, FALSE);
  ea_recovery_take_iccid (bench->recovery, TRUE);
  expect_told (
      bench,
      "step wait-registration\nregistered\n"); /* the next one's is, by its steps and times */
}

static void
test_a_refusal_is_told_with_its_cause (void **state)
{
  Bench *bench = *state;

  ea_recovery_take_iccid (bench->recovery, TRUE);
  expect_told (bench, "step wait-registration\n");
  fake_modem_reject (bench->modem, EA_MODEM_DOMAIN_PACKET, 11);
  expect_told (bench, "not registered: PLMN not allowed (TS 24.301 cause 11), network 262 02\n"
                      "rejected: PLMN not allowed (TS 24.301 cause 11), network 262 02\n");
  fake_modem_reject (bench->modem, EA_MODEM_DOMAIN_PACKET, 15);

  expect_told (bench, "rejected: No suitable cells in tracking area (TS 24.301 cause 15), "
                      "network 262 02\n");
}

static void
test_a_network_that_refuses_before_the_card_was_read_is_remembered (void **state)
{
  Bench *bench = *state;

  fake_modem_reject (bench->modem, EA_MODEM_DOMAIN_PACKET, 7); /* before any switch */
  g_signal_emit_by_name (bench->modem, "refresh", EA_MODEM_REFRESH_START,
                         EA_CAT_REFRESH_UICC_RESET);
  g_signal_emit_by_name (bench->modem, "refresh", EA_MODEM_REFRESH_DONE, EA_CAT_REFRESH_UICC_RESET);
  expect_told (bench, "step wait-refresh\nstep wait-iccid\nread\n");
  fake_modem_reject (bench->modem, EA_MODEM_DOMAIN_PACKET, 13);
  expect_told (bench, "rejected: Roaming not allowed in this tracking area (TS 24.301 cause 13), "
                      "network 262 02\n");
  ea_recovery_take_iccid (bench->recovery, TRUE);

  expect_told (bench,
               "step wait-registration\nnot registered: Roaming not allowed in this tracking "
               "area (TS 24.301 cause 13), network 262 02\n");
}

static void
test_a_network_that_refuses_before_the_refresh_has_ended_is_remembered (void **state)
{
  Bench *bench = *state;

  g_signal_emit_by_name (bench->modem, "refresh", EA_MODEM_REFRESH_START,
                         EA_CAT_REFRESH_UICC_RESET);
  fake_modem_reject (bench->modem, EA_MODEM_DOMAIN_PACKET, 7); /* of the profile before */
  ea_modem_set_card (EA_MODEM (bench->modem), EA_MODEM_CARD_INITIALIZING);
  ea_modem_set_card (EA_MODEM (bench->modem), EA_MODEM_CARD_READY);
  expect_told (bench, "step wait-refresh\n");
  fake_modem_reject (bench->modem, EA_MODEM_DOMAIN_PACKET, 13);
  expect_told (bench, "rejected: Roaming not allowed in this tracking area (TS 24.301 cause 13), "
                      "network 262 02\n");
  g_signal_emit_by_name (bench->modem, "refresh", EA_MODEM_REFRESH_DONE, EA_CAT_REFRESH_UICC_RESET);
  expect_told (bench, "step wait-iccid\nread\n");
  ea_recovery_take_iccid (bench->recovery, TRUE);

  expect_told (bench,
               "step wait-registration\nnot registered: Roaming not allowed in this tracking "
               "area (TS 24.301 cause 13), network 262 02\n");
}

static void
test_steps_are_taken_with_the_modem_and_heal_late (void **state)
{
  Bench *bench = *state;
  gint64 began_us = g_get_monotonic_time ();

  fake_time_let_fly ();
  ea_recovery_take_iccid (bench->recovery, TRUE);
  WAIT_FOR (ea_recovery_get_step (bench->recovery) == EA_SWITCH_STEP_EXHAUSTED);
  assert_string_equal (fake_modem_read_diary (bench->modem), "network\nreset\nradio\nrestart");
  assert_true (g_get_monotonic_time () - began_us >= (60 + 100 + 200 + 300) * G_USEC_PER_SEC);
  expect_told (bench, "step wait-registration\nnot registered: no cause\nstep power-cycle\n"
                      "step airplane-mode\nstep reset\nstep exhausted\n");
  fake_modem_set_network (bench->modem, &home);

  expect_told (bench, "registered\n");
}

static void
test_steps_that_the_modem_refuses_take_no_time (void **state)
{
  Bench *bench = *state;

  fake_modem_refuse_repairs (bench->modem);
  fake_time_let_fly ();
  ea_recovery_take_iccid (bench->recovery, TRUE);
  WAIT_FOR (ea_recovery_get_step (bench->recovery) == EA_SWITCH_STEP_POWER_CYCLE);
  fake_time_stop ();
  WAIT_FOR (ea_recovery_get_step (bench->recovery) == EA_SWITCH_STEP_EXHAUSTED);

  assert_string_equal (fake_modem_read_diary (bench->modem), "network\nreset\nradio\nrestart");
}

static void
test_a_promise_without_a_refresh_is_looked_into (void **state)
{
  Bench *bench = *state;

  bench->has_same_profile = TRUE;
  fake_time_let_fly ();
  ea_recovery_expect (bench->recovery);
  assert_true (ea_recovery_is_promised (bench->recovery));
  WAIT_FOR (ea_recovery_get_step (bench->recovery) == EA_SWITCH_STEP_EXHAUSTED);

  assert_true (g_str_has_prefix (bench->told->str, "step wait-refresh\nstep wait-iccid\nread\n"));
  assert_non_null (strstr (bench->told->str, "unchanged\n"));
  assert_null (strstr (bench->told->str, "not registered"));
}

/* It is started anew by the last step, or pulled out. */
static void
test_without_a_modem_nothing_is_tried_and_the_next_one_goes_on (void **state)
{
  Bench *bench = *state;
  g_autoptr (FakeModem) other = fake_modem_new ();

  ea_recovery_take_iccid (bench->recovery, TRUE);
  expect_told (bench, "step wait-registration\n");
  fake_time_let_fly ();
  ea_recovery_detach (bench->recovery);
  expect_told (bench, "");
  fake_time_stop ();
  ea_modem_set_capabilities (EA_MODEM (other), EA_MODEM_NETWORK);
  fake_modem_set_network (other, &home);
  ea_recovery_attach (bench->recovery, EA_MODEM (other), NULL, "/dev/cdc-wdm1");
  expect_told (bench, "");
  ea_recovery_take_iccid (bench->recovery, FALSE);

  expect_told (bench, "registered\n");
  assert_string_equal (fake_modem_read_diary (other), "network");
  ea_recovery_detach (bench->recovery);
}

#define ON_BENCH(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ON_BENCH (test_registration_after_a_switch_is_told),
    ON_BENCH (test_a_modem_that_is_registered_already_is_asked),
    ON_BENCH (test_a_card_that_is_read_without_a_switch_costs_no_question),
    ON_BENCH (test_a_card_that_was_exchanged_is_not_waited_for),
    ON_BENCH (test_a_refusal_is_told_with_its_cause),
    ON_BENCH (test_a_network_that_refuses_before_the_card_was_read_is_remembered),
    ON_BENCH (test_a_network_that_refuses_before_the_refresh_has_ended_is_remembered),
    ON_BENCH (test_steps_are_taken_with_the_modem_and_heal_late),
    ON_BENCH (test_steps_that_the_modem_refuses_take_no_time),
    ON_BENCH (test_a_promise_without_a_refresh_is_looked_into),
    ON_BENCH (test_without_a_modem_nothing_is_tried_and_the_next_one_goes_on),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
