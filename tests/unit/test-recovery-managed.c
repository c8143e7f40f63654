/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ladder with a modem that ModemManager has, agent/session/recovery.h: what it disables it enables. */

#include "session/recovery.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bearers-rig.h"
#include "fake-modem.h"

/* Airplane mode is the first step and the only one. */
static const guint times_s[EA_SWITCH_N_STEPS] = { [EA_SWITCH_STEP_AIRPLANE_MODE] = 3600 };

typedef struct
{
  FakeModem *modem;
  EaRecovery *recovery;
  GString *told; /* "disabled", "enabled" */
} Bench;

static void
on_disabled (EaRecovery *recovery, gboolean is_disabled, Bench *bench)
{
  g_string_append (bench->told, is_disabled ? "disabled " : "enabled ");
  assert_int_equal (ea_recovery_is_disabled (recovery), is_disabled);
}

static void
bench_init (Bench *bench)
{
  static const EaModemNetwork none = { .service = EA_MODEM_SERVICE_NONE };

  bench->modem = fake_modem_new ();
  ea_modem_set_capabilities (EA_MODEM (bench->modem), EA_MODEM_NETWORK);
  fake_modem_set_network (bench->modem, &none);
  bench->told = g_string_new (NULL);
  bench->recovery = ea_recovery_new (NULL);
  ea_recovery_set_times (bench->recovery, times_s);
  g_signal_connect (bench->recovery, "disabled", G_CALLBACK (on_disabled), bench);
}

static void
bench_clear (Bench *bench)
{
  ea_recovery_detach (bench->recovery);
  run_ready ();
  g_signal_handlers_disconnect_by_data (bench->recovery, bench);
  g_object_unref (bench->recovery);
  g_object_unref (bench->modem);
  g_string_free (bench->told, TRUE);
}

static void
attach (Bench *bench, BearersRig *rig)
{
  ea_recovery_attach (bench->recovery, EA_MODEM (bench->modem), rig->modem_manager, PORT_PATH);
}

/* That it will be is told before ModemManager hears of it. */
static void
test_airplane_mode_disables_and_enables (void **state)
{
  BearersRig *rig = *state;
  Bench bench;

  bench_init (&bench);
  attach (&bench, rig);
  ea_recovery_take_iccid (bench.recovery, TRUE);
  WAIT_FOR (bench.told->len > 0);
  assert_string_equal (bench.told->str, "disabled ");
  bearers_rig_expect_diary (rig, "");
  WAIT_FOR (!ea_recovery_is_disabled (bench.recovery));

  assert_string_equal (bench.told->str, "disabled enabled ");
  bearers_rig_expect_diary (rig, "disable\npower low\nenable");
  bench_clear (&bench);
}

static void
test_what_an_earlier_life_has_disabled_is_enabled (void **state)
{
  BearersRig *rig = *state;
  Bench bench;

  bench_init (&bench);
  ea_recovery_set_disabled (bench.recovery);
  attach (&bench, rig);
  WAIT_FOR (!ea_recovery_is_disabled (bench.recovery));

  assert_string_equal (bench.told->str, "enabled ");
  bearers_rig_expect_diary (rig, "enable");
  bench_clear (&bench);
}

/* No low power is asked for behind the back of the one that enables. */
static void
test_the_end_in_the_middle_enables_at_once (void **state)
{
  BearersRig *rig = *state;
  Bench bench;

  bench_init (&bench);
  attach (&bench, rig);
  ea_recovery_take_iccid (bench.recovery, TRUE);
  bearers_rig_await_diary (rig, 1);
  ea_recovery_close (bench.recovery);
  WAIT_FOR (!ea_recovery_is_disabled (bench.recovery));
  bearers_rig_await_diary (rig, 3);

  bearers_rig_expect_diary (rig, "disable\nenable\nenable");
  bench_clear (&bench);
}

static void
test_after_the_end_nothing_is_switched (void **state)
{
  BearersRig *rig = *state;
  Bench bench;

  bench_init (&bench);
  attach (&bench, rig);
  ea_recovery_close (bench.recovery);
  ea_recovery_take_iccid (bench.recovery, TRUE);
  WAIT_FOR (ea_recovery_get_step (bench.recovery) == EA_SWITCH_STEP_AIRPLANE_MODE);

  run_ready ();
  bearers_rig_expect_diary (rig, "");
  assert_string_equal (bench.told->str, "");
  bench_clear (&bench);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    BEARERS_RIG_TEST (test_airplane_mode_disables_and_enables),
    BEARERS_RIG_TEST (test_what_an_earlier_life_has_disabled_is_enabled),
    BEARERS_RIG_TEST (test_the_end_in_the_middle_enables_at_once),
    BEARERS_RIG_TEST (test_after_the_end_nothing_is_switched),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
