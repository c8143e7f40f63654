/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What becomes of a switch of the profile: registered again or refused, the ladder, what is told of it, and the hooks of
 * the site.
 */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

#define EID "89001012012341234012345678901224"
#define FIRST_ICCID "8988211000000000011"
#define OTHER_ICCID "8988211000000000029"
#define READY "the card is ready"
#define KEYS                                                                                       \
  "[* scp80 01]\nKic=30313233343536373839414243444546\nKid=50515253545556575859616263646566\n"     \
  "Tars=000001\n"

/* Set Operating Mode: low power, online; UIM: power off, power on */
#define LOW_POWER "01010001\n"
#define ONLINE "01010000\n"
#define OPERATING_MODE "dms 0x002E "
#define POWER_OFF "uim 0x0030 "
#define POWER_ON "uim 0x0031 "

#define NO_LADDER                                                                                  \
  "[switch]\nWaitRegistration=1\nPowerCycle=off\nAirplaneMode=off\n[agent]\nHooksDirectory="

static void
start (Rig *rig, const char *config)
{
  rig_write_config (rig, config);
  rig_start (rig);
  rig_await (rig, "Iccid", FIRST_ICCID);
}

/* The card has another profile after its next reset, whoever enabled it. Without a network it must have been itself. */
static void
switch_to (Rig *rig, const char *iccid)
{
  rig_expect_control (rig, "ok", "profile %s", iccid);
  rig_expect_control (rig, "ok", "reset");
  rig_await (rig, "Iccid", iccid);
}

static void
test_refused_attach_is_seen_with_its_cause_and_heals (void **state)
{
  Rig *rig = *state;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *error = NULL;
  g_autofree char *shown = NULL;

  start (rig, NO_LADDER "\n");
  rig_expect_control (rig, "ok", "network limited");
  switch_to (rig, OTHER_ICCID);
  rig_await (rig, "StateReason", "switched, but not registered: no network has taken the modem");
  rig_expect_control (rig, "ok", "network reject 11");
  rig_await (rig, "StateReason",
             "switched, but not registered: PLMN not allowed (TS 24.301 cause 11), "
             "network 001 01");
  rig_await (rig, "State", "ready");
  error = rig_get (rig, "LastError");
  assert_string_equal (error, "org.euicc.Agent1.Error.NotRegistered");
  before = rig_await_history (rig, "\"not-registered\"");
  assert_null (strstr (before, "\"registered\""));

  rig_expect_control (rig, "ok", "network normal");
  rig_await (rig, "StateReason", READY);
  after = rig_await_history (rig, "\"registered\"");
  rig_assert_has (after, "network 001 01, home");
  shown = rig_run_client (rig, NULL, "show", EID, "--json=short", NULL);
  rig_assert_has (shown, "\"intended_iccid\":\"" FIRST_ICCID "\",\"switch_reason\":\"fall-back\"");
  rig_stop_agent (rig);
}

static void
test_what_is_not_registered_stays_so_after_a_kill (void **state)
{
  Rig *rig = *state;
  g_autofree char *history = NULL;
  g_autofree char *later = NULL;

  start (rig, NO_LADDER "\n");
  rig_expect_control (rig, "ok", "network limited");
  switch_to (rig, OTHER_ICCID);
  rig_await (rig, "StateReason", "switched, but not registered: no network has taken the modem");
  rig_expect_control (rig, "ok", "network reject 11");
  rig_await (rig, "StateReason",
             "switched, but not registered: PLMN not allowed (TS 24.301 cause 11), "
             "network 001 01");
  rig_kill_agent (rig);
  rig_start_agent (rig, NULL);
  rig_await (rig, "StateReason",
             "switched, but not registered: PLMN not allowed (TS 24.301 cause 11), "
             "network 001 01");
  rig_await (rig, "State", "ready");

  rig_expect_control (rig, "ok", "network normal");
  rig_await (rig, "StateReason", READY);
  history = rig_await_history (rig, "\"registered\"");
  later = strstr (history, "\"not-registered\"") != NULL
              ? g_strdup (strstr (history, "\"not-registered\"") + 1)
              : NULL;
  assert_non_null (later);
  assert_null (strstr (later, "\"not-registered\"")); /* told once */
  rig_kill_agent (rig);
  rig_start_agent (rig, NULL);
  rig_await (rig, "StateReason", READY);
  rig_stop_agent (rig);
}

static void
test_ladder_goes_on_after_a_kill (void **state)
{
  Rig *rig = *state;

  start (rig, "[switch]\nWaitRegistration=1\nPowerCycle=1\nAirplaneMode=off\n");
  rig_expect_control (rig, "ok", "network none");
  switch_to (rig, OTHER_ICCID);
  rig_kill_agent (rig);
  rig_start_agent (rig, NULL);

  g_free (rig_await_history (rig, "\"result\":\"power-cycle\""));
  g_free (rig_await_history (rig, "\"exhausted\""));
  rig_expect_control (rig, "ok", "network normal");
  rig_await (rig, "StateReason", READY);
  rig_stop_agent (rig);
}

static void
test_steps_are_taken_in_their_order_until_the_modem_is_back (void **state)
{
  Rig *rig = *state;
  g_autofree char *history = NULL;
  g_autofree char *requests = NULL;
  const char *off;
  const char *low;

  start (rig, "[switch]\nWaitRegistration=1\nPowerCycle=1\nAirplaneMode=1\nReset=off\n");
  g_free (rig_control (rig, "qmi"));
  rig_expect_control (rig, "ok", "network none");
  switch_to (rig, OTHER_ICCID);
  history = rig_await_history (rig, "\"exhausted\"");
  requests = rig_control (rig, "qmi");
  off = strstr (requests, POWER_OFF);
  low = strstr (requests, OPERATING_MODE);

  rig_assert_has (history,
                  "\"result\":\"power-cycle\",\"detail\":\"wait-registration was not enough");
  rig_assert_has (history, "\"result\":\"airplane-mode\",\"detail\":\"power-cycle was not enough");
  assert_true (off != NULL && low > off);
  rig_assert_has (off, POWER_ON);
  rig_assert_has (low, LOW_POWER);
  rig_assert_has (low, ONLINE);
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok", "network normal");
  rig_await (rig, "StateReason", READY);
  rig_stop_agent (rig);
}

/* Power On is lost, so that it lasts. */
static void
test_card_without_power_by_the_ladder_is_refreshing (void **state)
{
  Rig *rig = *state;

  start (rig, "[switch]\nWaitRegistration=1\nPowerCycle=3\nAirplaneMode=off\n");
  rig_expect_control (rig, "ok", "network none");
  rig_expect_control (rig, "ok", "fail uim 0x31 nothing 1");
  switch_to (rig, OTHER_ICCID);
  rig_await (rig, "StateReason", "the card's power is taken away and given back");
  rig_await (rig, "State", "refreshing");

  rig_await (rig, "State", "failed");
  rig_stop_agent (rig);
}

/* In the middle of airplane mode: the modem does what it is asked for, and is slow to say so. */
static void
await_airplane_mode (Rig *rig)
{
  start (rig, "[switch]\nWaitRegistration=1\nPowerCycle=off\nAirplaneMode=60\n");
  rig_expect_control (rig, "ok", "network none");
  switch_to (rig, OTHER_ICCID);
  rig_expect_control (rig, "ok", "slow 3000");
  rig_await_simulator (rig, "\"operating_mode\":1");
}

static void
test_radio_is_on_again_after_a_kill_in_airplane_mode (void **state)
{
  Rig *rig = *state;

  await_airplane_mode (rig);
  rig_kill_agent (rig);
  rig_expect_control (rig, "ok", "slow 0");
  rig_expect_control (rig, "ok", "network normal");
  rig_start_agent (rig, NULL);

  rig_await_simulator (rig, "\"operating_mode\":0");
  rig_await_simulator (rig, "\"registration\":{\"state\":\"registered\"");
  rig_stop_agent (rig);
}

static void
test_radio_is_on_again_after_a_stop_in_airplane_mode (void **state)
{
  Rig *rig = *state;

  await_airplane_mode (rig);
  rig_expect_control (rig, "ok", "slow 0");
  rig_stop_agent (rig);

  rig_await_simulator (rig, "\"operating_mode\":0");
}

static void
test_a_switch_that_works_disturbs_nobody (void **state)
{
  Rig *rig = *state;
  g_autofree char *history = NULL;
  g_autofree char *requests = NULL;
  g_autofree char *iccid = NULL;
  g_autofree char *reason = NULL;
  g_autofree char *intended = NULL;
  g_autofree char *reply = NULL;

  start (rig, "[switch]\n");
  g_free (rig_control (rig, "qmi"));
  reply = rig_control (rig, "smsr enable --via sms");
  assert_true (g_str_has_prefix (reply, "ok"));
  rig_await (rig, "PreviousIccid", FIRST_ICCID);
  history = rig_await_history (rig, "\"registered\"");
  requests = rig_control (rig, "qmi");
  iccid = rig_get (rig, "Iccid");
  intended = rig_get (rig, "IntendedIccid");
  reason = rig_get (rig, "SwitchReason");

  assert_null (strstr (history, "\"switch-step\""));
  assert_null (strstr (history, "\"not-registered\""));
  assert_null (strstr (requests, POWER_OFF));
  assert_null (strstr (requests, OPERATING_MODE));
  assert_string_equal (intended, iccid);
  assert_string_equal (reason, "sm-sr");
  rig_stop_agent (rig);
}

static void
test_a_script_of_the_agent_s_own_promises_a_switch (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;

  rig_write_keys (rig, KEYS);
  rig_start_simulator (rig, "--isdr=plain", NULL);
  rig_keep_log (rig);
  rig_write_config (rig, "[agent]\nLogLevel=info\n");
  rig_start_agent (rig, NULL);
  rig_await (rig, "Iccid", FIRST_ICCID);
  rig_await (rig, "State", "ready");
  reply = rig_control (rig, "smsr enable --via sms");
  assert_true (g_str_has_prefix (reply, "ok"));
  rig_await_log (rig, "A switch of the profile is followed: wait-refresh");
  rig_await (rig, "SwitchReason", "sm-sr");

  g_free (rig_await_history (rig, "\"registered\""));
  rig_await (rig, "StateReason", READY);
  rig_stop_agent (rig);
}

/* The eUICC goes back by itself while there is no network; another life of the agent still knows what was intended. */
static void
test_fall_back_is_told_from_a_switch_and_remembered (void **state)
{
  Rig *rig = *state;
  g_autofree char *intended = NULL;
  g_autofree char *reply = NULL;

  start (rig, NO_LADDER "\n");
  reply = rig_control (rig, "smsr enable --via sms");
  assert_true (g_str_has_prefix (reply, "ok"));
  rig_await (rig, "PreviousIccid", FIRST_ICCID);
  g_free (rig_await_history (rig, "\"registered\""));
  intended = rig_get (rig, "Iccid");
  rig_expect_control (rig, "ok", "network none");
  switch_to (rig, FIRST_ICCID);
  rig_await (rig, "SwitchReason", "fall-back");
  rig_await (rig, "IntendedIccid", intended);

  rig_kill_agent (rig);
  rig_start_agent (rig, NULL);
  rig_await (rig, "SwitchReason", "fall-back");
  rig_await (rig, "IntendedIccid", intended);
  rig_stop_agent (rig);
}

/* Back to the profile before, and nothing had come from the SM-SR since the switch */
static void
test_switch_that_nobody_confirms_is_rolled_back (void **state)
{
  Rig *rig = *state;
  g_autofree char *intended = NULL;
  g_autofree char *reply = NULL;

  start (rig, NO_LADDER "\n");
  reply = rig_control (rig, "smsr enable --via sms");
  assert_true (g_str_has_prefix (reply, "ok"));
  rig_await (rig, "PreviousIccid", FIRST_ICCID);
  g_free (rig_await_history (rig, "\"registered\""));
  intended = rig_get (rig, "Iccid");
  switch_to (rig, FIRST_ICCID);

  rig_await (rig, "SwitchReason", "roll-back");
  rig_await (rig, "IntendedIccid", intended);
  rig_stop_agent (rig);
}

static void
test_a_change_by_nobody_known_is_local_or_unknown (void **state)
{
  Rig *rig = *state;

  start (rig, NO_LADDER "\n");
  switch_to (rig, OTHER_ICCID);
  rig_await (rig, "SwitchReason", "local");
  rig_kill_agent (rig);
  rig_expect_control (rig, "ok", "profile " FIRST_ICCID);
  rig_expect_control (rig, "ok", "reset");
  rig_start_agent (rig, NULL);
  rig_await (rig, "Iccid", FIRST_ICCID);

  rig_await (rig, "SwitchReason", "unknown");
  g_free (rig_await_history (rig, "\"registered\"")); /* of one of the two */
  rig_stop_agent (rig);
}

/* (transfer full): where hooks write */
static char *
add_hook (Rig *rig, const char *directory)
{
  g_autofree char *path = g_build_filename (directory, "10-tell", NULL);
  char *out = g_build_filename (rig->directory, "hooks.out", NULL);
  g_autofree char *script
      = g_strdup_printf ("#!/bin/sh\n/usr/bin/env | grep ^EUICC_AGENT_ >>%s\necho heard it\n", out);

  assert_int_equal (g_mkdir (directory, 0755), 0);
  assert_true (g_file_set_contents (path, script, -1, NULL));
  assert_int_equal (g_chmod (path, 0755), 0);
  return out;
}

static void
test_hooks_are_run_with_what_has_happened (void **state)
{
  Rig *rig = *state;
  g_autofree char *directory = g_build_filename (rig->directory, "hooks.d", NULL);
  g_autofree char *out = add_hook (rig, directory);
  g_autofree char *config = g_strconcat (NO_LADDER, directory, "\n", NULL);
  g_autofree char *device = NULL;
  g_autofree char *heard = NULL;

  rig_keep_log (rig);
  start (rig, config);
  rig_expect_control (rig, "ok", "network limited");
  switch_to (rig, OTHER_ICCID);
  rig_expect_control (rig, "ok", "network reject 15");
  rig_await_counter (rig, "hooks-run", 2);
  rig_expect_control (rig, "ok", "network normal");
  rig_await_counter (rig, "hooks-run", 3);
  rig_await_log (rig, "Hook 10-tell: heard it");
  assert_true (g_file_get_contents (out, &heard, NULL, NULL));
  device = g_strdup_printf ("EUICC_AGENT_DEVICE=%s/cdc-wdm0\n", rig->directory);

  rig_assert_has (heard, "EUICC_AGENT_EVENT=profile-changed\n");
  rig_assert_has (heard, "EUICC_AGENT_EVENT=not-registered\n");
  rig_assert_has (heard, "EUICC_AGENT_EVENT=registered\n");
  rig_assert_has (heard, "EUICC_AGENT_EID=" EID "\n");
  rig_assert_has (heard, "EUICC_AGENT_OLD_ICCID=" FIRST_ICCID "\n");
  rig_assert_has (heard, "EUICC_AGENT_NEW_ICCID=" OTHER_ICCID "\n");
  rig_assert_has (heard, "EUICC_AGENT_REASON=fall-back\n");
  rig_assert_has (heard, "EUICC_AGENT_MODEM=/\n");
  rig_assert_has (heard, "EUICC_AGENT_OBJECT=/org/euicc/Agent1/Euicc/0\n");
  rig_assert_has (heard, device);
  rig_stop_agent (rig);
}

static void
test_hooks_that_others_may_write_are_not_run (void **state)
{
  Rig *rig = *state;
  g_autofree char *directory = g_build_filename (rig->directory, "hooks.d", NULL);
  g_autofree char *out = add_hook (rig, directory);
  g_autofree char *config = g_strconcat (NO_LADDER, directory, "\n", NULL);

  assert_int_equal (g_chmod (directory, 0777), 0);
  start (rig, config);
  switch_to (rig, OTHER_ICCID);
  rig_await_counter (rig, "hooks-failed", 1);

  assert_false (g_file_test (out, G_FILE_TEST_EXISTS));
  rig_stop_agent (rig);
}

/* The card is switched while nobody is there. */
static void
test_promise_of_a_switch_outlives_the_agent (void **state)
{
  Rig *rig = *state;
  g_autofree char *history = NULL;

  rig_write_keys (rig, KEYS);
  rig_start_simulator (rig, "--isdr=plain", NULL);
  rig_keep_log (rig);
  rig_write_config (rig, "[agent]\nLogLevel=info\n");
  rig_start_agent (rig, NULL);
  rig_await (rig, "Iccid", FIRST_ICCID);
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok", "fail switch 1");
  g_free (rig_control (rig, "smsr enable --via sms"));
  rig_await_log (rig, "A switch of the profile is followed: wait-refresh");
  rig_kill_agent (rig);
  rig_expect_control (rig, "ok", "reset"); /* which may be the one that fails */
  rig_expect_control (rig, "ok", "reset");
  rig_start_agent (rig, NULL);

  rig_await (rig, "PreviousIccid", FIRST_ICCID);
  rig_await (rig, "SwitchReason", "sm-sr");
  history = rig_await_history (rig, "\"registered\"");
  rig_assert_has (history, "(sm-sr)");
  rig_stop_agent (rig);
}

static void
test_promise_that_is_not_kept_is_told_by_the_next_life (void **state)
{
  Rig *rig = *state;
  g_autofree char *history = NULL;

  rig_write_keys (rig, KEYS);
  rig_start_simulator (rig, "--isdr=plain", NULL);
  rig_keep_log (rig);
  rig_write_config (rig, "[agent]\nLogLevel=info\n[switch]\nWaitRefresh=1\nWaitIccid=1\n");
  rig_start_agent (rig, NULL);
  rig_await (rig, "Iccid", FIRST_ICCID);
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok", "fail switch 1");
  g_free (rig_control (rig, "smsr enable --via sms"));
  rig_await_log (rig, "A switch of the profile is followed: wait-refresh");
  rig_kill_agent (rig);
  rig_start_agent (rig, NULL);

  history = rig_await_history (rig, "\"registered\"");
  rig_assert_has (history, "\"profile-unchanged\"");
  rig_assert_has (history, "\"result\":\"power-cycle\"");
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_refused_attach_is_seen_with_its_cause_and_heals),
    RIG_TEST (test_what_is_not_registered_stays_so_after_a_kill),
    RIG_TEST (test_ladder_goes_on_after_a_kill),
    RIG_TEST (test_promise_of_a_switch_outlives_the_agent),
    RIG_TEST (test_promise_that_is_not_kept_is_told_by_the_next_life),
    RIG_TEST (test_steps_are_taken_in_their_order_until_the_modem_is_back),
    RIG_TEST (test_card_without_power_by_the_ladder_is_refreshing),
    RIG_TEST (test_radio_is_on_again_after_a_kill_in_airplane_mode),
    RIG_TEST (test_radio_is_on_again_after_a_stop_in_airplane_mode),
    RIG_TEST (test_a_switch_that_works_disturbs_nobody),
    RIG_TEST (test_a_script_of_the_agent_s_own_promises_a_switch),
    RIG_TEST (test_fall_back_is_told_from_a_switch_and_remembered),
    RIG_TEST (test_switch_that_nobody_confirms_is_rolled_back),
    RIG_TEST (test_a_change_by_nobody_known_is_local_or_unknown),
    RIG_TEST (test_hooks_are_run_with_what_has_happened),
    RIG_TEST (test_hooks_that_others_may_write_are_not_run),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
