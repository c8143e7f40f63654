/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Switches that the simulated eUICC plays with its network: refused, fallen back from, rolled back, not made. What the
 * agent tells of them, and that it heals.
 */

#include <gio/gio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

#define FIRST_ICCID "8988211000000000011"
#define OTHER_ICCID "8988211000000000029" /* of AID 1100 */
#define READY "the card is ready"
#define KEYS                                                                                       \
  "[* scp80 01]\nKic=30313233343536373839414243444546\nKid=50515253545556575859616263646566\n"     \
  "Tars=000001\n"

/* Longer than the card waits before it falls back */
#define PATIENT "[switch]\nWaitRegistration=30\n"

static void
start (Rig *rig, const char *config)
{
  rig_write_config (rig, config);
  rig_start (rig);
  rig_await (rig, "Iccid", FIRST_ICCID);
}

/* (transfer full): the profile that the SM-SR has enabled */
static char *
enable (Rig *rig)
{
  g_autofree char *reply = rig_control (rig, "smsr enable --via sms");

  assert_true (g_str_has_prefix (reply, "ok"));
  rig_await (rig, "PreviousIccid", FIRST_ICCID);
  return rig_get (rig, "Iccid");
}

static void
test_refused_attach_has_its_cause_and_heals (void **state)
{
  Rig *rig = *state;
  g_autofree char *iccid = NULL;
  g_autofree char *list = NULL;
  g_autofree char *status = NULL;
  g_autofree char *healed = NULL;

  start (rig, "[switch]\nWaitRegistration=30\n");
  rig_expect_control (rig, "ok", "network reject 11 00102");
  iccid = enable (rig);
  rig_await (rig, "StateReason",
             "switched, but not registered: PLMN not allowed (TS 24.301 cause 11), "
             "network 001 02");
  rig_await (rig, "SwitchReason", "sm-sr");
  rig_await (rig, "IntendedIccid", iccid);
  g_free (rig_await_history (rig, "\"not-registered\""));
  list = rig_run_client (rig, NULL, "list", NULL);
  status = rig_run_client (rig, NULL, "status", NULL);
  rig_assert_has (list, "  ready (!)     host\n");
  rig_assert_has (status, "  ready (!)     host\n");
  rig_assert_has (status, "/cdc-wdm0: switched, but not registered: PLMN not allowed");
  rig_expect_control (rig, "ok", "network normal");

  rig_await (rig, "StateReason", READY);
  g_free (rig_await_history (rig, "\"registered\""));
  healed = rig_run_client (rig, NULL, "list", NULL);
  rig_assert_has (healed, "  ready         host\n");
  rig_stop_agent (rig);
}

static void
test_power_cycle_brings_a_modem_back_that_searches_for_ever (void **state)
{
  Rig *rig = *state;
  g_autofree char *history = NULL;

  start (rig, "[switch]\nWaitRegistration=1\nPowerCycle=30\nAirplaneMode=off\n");
  rig_expect_control (rig, "ok", "fail attach 1");
  g_free (enable (rig));
  history = rig_await_history (rig, "\"registered\"");

  rig_assert_has (history, "\"result\":\"power-cycle\"");
  rig_await (rig, "StateReason", READY);
  rig_stop_agent (rig);
}

static void
test_history_tells_the_story_of_a_fall_back (void **state)
{
  Rig *rig = *state;
  g_autofree char *intended = NULL;
  g_autofree char *history = NULL;

  start (rig, PATIENT);
  rig_expect_control (rig, "ok", "euicc fallback 5");
  rig_expect_control (rig, "ok", "euicc notify sms");
  intended = enable (rig);
  g_free (rig_await_history (rig, "\"registered\""));
  rig_expect_control (rig, "ok", "network lost %s", intended);
  rig_await (rig, "Iccid", FIRST_ICCID);
  history = rig_await_history (rig, "\"result\":\"fall-back\"");

  rig_assert_has (history, "(sm-sr)");
  rig_assert_has (history, "(fall-back)");
  rig_await (rig, "SwitchReason", "fall-back");
  rig_await (rig, "IntendedIccid", intended);
  rig_await (rig, "StateReason", READY);
  rig_stop_agent (rig);
}

static void
test_roll_back_of_a_switch_that_nobody_confirms (void **state)
{
  Rig *rig = *state;
  g_autofree char *intended = NULL;

  start (rig, PATIENT);
  rig_expect_control (rig, "ok", "euicc notify sms 1 2");
  rig_expect_control (rig, "ok", "euicc rollback on");
  rig_expect_control (rig, "ok", "fail confirmation 2");
  intended = enable (rig);
  rig_await (rig, "Iccid", FIRST_ICCID);

  g_free (rig_await_history (rig, "\"result\":\"roll-back\""));
  rig_await (rig, "SwitchReason", "roll-back");
  rig_await (rig, "IntendedIccid", intended);
  rig_stop_agent (rig);
}

typedef struct
{
  Rig *rig;
  const char *text;
  char *seen;
} Sight;

static gboolean
is_noted (gpointer data)
{
  Sight *sight = data;

  g_free (sight->seen);
  sight->seen = rig_control (sight->rig, "smsr-notifications");
  if (strstr (sight->seen, sight->text) != NULL)
    return TRUE;
  rig_look_again (50);
  return FALSE;
}

/* The SM-SR has got a notification, by its line in the simulator's list. */
static void
await_notification (Rig *rig, const char *text)
{
  Sight sight = { .rig = rig, .text = text };

  if (!rig_await_that (is_noted, &sight))
    fail_msg ("'%s' did not come into '%s'", text, sight.seen);
  g_free (sight.seen);
}

/* From a profile that is enabled and confirmed, and that its policy deletes */
static void
lose_network (Rig *rig)
{
  g_free (rig_await_history (rig, "\"registered\""));
  rig_expect_control (rig, "ok", "euicc pol1 1100 delete-always");
  rig_expect_control (rig, "ok", "network lost " OTHER_ICCID);
}

/* A card may be done with its notification before the modem has told the end of the REFRESH. */
static void
assert_fallen_back (Rig *rig)
{
  g_autofree char *history = rig_await_history (rig, OTHER_ICCID " to " FIRST_ICCID);
  g_autofree char *simulator = rig_control (rig, "state");

  rig_assert_has (history, FIRST_ICCID " to " OTHER_ICCID " (sm-sr)");
  rig_assert_has (history, OTHER_ICCID " to " FIRST_ICCID " (fall-back)");
  rig_await (rig, "SwitchReason", "fall-back");
  rig_await (rig, "IntendedIccid", OTHER_ICCID);
  rig_await (rig, "StateReason", READY);
  rig_assert_has (simulator, FIRST_ICCID);
  assert_null (strstr (simulator, OTHER_ICCID));
}

static void
test_profile_that_was_fallen_back_from_is_deleted_when_the_sm_sr_confirms (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;

  start (rig, PATIENT);
  rig_expect_control (rig, "ok", "euicc fallback 5");
  rig_expect_control (rig, "ok", "euicc notify sms 5 3");
  reply = rig_control (rig, "smsr enable 1100 --via sms --await-notification");
  rig_assert_has (reply, "notification=02");
  lose_network (rig);
  await_notification (rig, " sms confirmed deleted=");

  assert_fallen_back (rig);
  rig_stop_agent (rig);
}

static void
test_fall_back_is_notified_over_https_and_the_profile_deleted (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;

  start (rig, RIG_LOOPBACK_CONFIG PATIENT);
  rig_expect_control (rig, "ok", "euicc fallback 5");
  rig_expect_control (rig, "ok", "euicc notify https 5 3");
  reply = rig_control (rig, "smsr enable 1100 --via bip-https");
  rig_assert_has (reply, "notification=02");
  lose_network (rig);
  await_notification (rig, " https confirmed deleted=");

  assert_fallen_back (rig);
  rig_stop_agent (rig);
}

/* No message can tell: the notification is in a channel that is ciphered. */
static void
test_roll_back_of_a_card_that_notifies_over_https (void **state)
{
  Rig *rig = *state;
  g_autofree char *history = NULL;

  start (rig, RIG_LOOPBACK_CONFIG PATIENT);
  rig_expect_control (rig, "ok", "euicc notify https 1 2");
  rig_expect_control (rig, "ok", "euicc rollback on");
  rig_expect_control (rig, "ok", "fail confirmation 2");
  rig_begin_control (rig, "smsr enable 1100 --via bip-https");
  history = rig_await_history (rig, OTHER_ICCID " to " FIRST_ICCID);
  g_clear_object (&rig->begun);

  rig_assert_has (history, FIRST_ICCID " to " OTHER_ICCID " (sm-sr)");
  rig_assert_has (history, OTHER_ICCID " to " FIRST_ICCID " (roll-back)");
  rig_await (rig, "SwitchReason", "roll-back");
  rig_await (rig, "IntendedIccid", OTHER_ICCID);
  rig_stop_agent (rig);
}

static void
test_refresh_without_an_end_is_over_in_its_time (void **state)
{
  Rig *rig = *state;
  g_autofree char *history = NULL;

  start (rig, "[switch]\nWaitRefresh=1\n");
  rig_expect_control (rig, "ok", "fail refresh-end 1");
  g_free (enable (rig));
  history = rig_await_history (rig, "\"registered\"");

  rig_assert_has (history, "wait-refresh was not enough in its time");
  rig_await (rig, "StateReason", READY);
  rig_stop_agent (rig);
}

/* The agent's own script, so that it knows what was promised. */
static void
test_switch_that_is_not_made_is_told_and_mended (void **state)
{
  Rig *rig = *state;
  g_autofree char *history = NULL;
  g_autofree char *reply = NULL;

  rig_write_keys (rig, KEYS);
  rig_write_config (rig, "[switch]\nWaitIccid=1\nPowerCycle=30\n");
  rig_start_simulator (rig, "--isdr=plain", NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "Iccid", FIRST_ICCID);
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok", "fail switch 1");
  reply = rig_control (rig, "smsr enable --via sms");
  history = rig_await_history (rig, "\"registered\"");

  rig_assert_has (history, "\"profile-unchanged\"");
  rig_assert_has (history, "\"result\":\"power-cycle\"");
  rig_await (rig, "PreviousIccid", FIRST_ICCID);
  rig_await (rig, "StateReason", READY);
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_refused_attach_has_its_cause_and_heals),
    RIG_TEST (test_power_cycle_brings_a_modem_back_that_searches_for_ever),
    RIG_TEST (test_history_tells_the_story_of_a_fall_back),
    RIG_TEST (test_roll_back_of_a_switch_that_nobody_confirms),
    RIG_TEST (test_profile_that_was_fallen_back_from_is_deleted_when_the_sm_sr_confirms),
    RIG_TEST (test_fall_back_is_notified_over_https_and_the_profile_deleted),
    RIG_TEST (test_roll_back_of_a_card_that_notifies_over_https),
    RIG_TEST (test_refresh_without_an_end_is_over_in_its_time),
    RIG_TEST (test_switch_that_is_not_made_is_told_and_mended),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
