/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the agent asks a modem as the terminal of its card: the network, and the terminal profile. All that it
 * registers and changes is undone at its end, or in its next life.
 */

#include <glib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

/* What the agent gives the card to know (TS 102 223 §5.2), and the simulator's profile without BIP */
#define OURS                                                                                       \
  "3301E842111C00079000001FE2600000474000000001000050"                                             \
  "0000000000000003"
#define GOBI "3301E8421100000780"

/* Profiles of somebody else: ours with one bit more, and one without BIP */
#define FOREIGN                                                                                    \
  "3301E842111C00079000001FE2600000474000000001000050"                                             \
  "0000000000000007"
#define FOREIGN_WITHOUT_BIP "33FFFF"

#define CONFIGURATION(mode, profile) "\"cat_config\":" mode ",\"cat_profile\":\"" profile "\""
#define USED(profile) "\"terminal_profile\":\"" profile "\""

#define REQUESTS_OF_A_PROBE 24

static void
assert_contains (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    fail_msg ("'%s' isn't in '%s'", part, text);
}

static void
assert_lacks (const char *text, const char *part)
{
  if (strstr (text, part) != NULL)
    fail_msg ("'%s' is in '%s'", part, text);
}

static void
start_observer (Rig *rig)
{
  rig_write_config (rig, "[modem]\nRole=observer\n");
  rig_start_agent (rig, NULL);
}

/* The modem comes with this configuration, and its card knows of it. */
static void
start_configured_simulator (Rig *rig, const char *configuration)
{
  rig_start_simulator (rig, NULL);
  rig_expect_control (rig, "ok", "cat-config %s", configuration);
  rig_expect_control (rig, "ok", "reset");
}

static void
test_network_is_registered_for_and_asked_for_and_left_alone_at_the_end (void **state)
{
  Rig *rig = *state;
  g_autofree char *begin = NULL;
  g_autofree char *end = NULL;

  rig_start_simulator (rig, NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  begin = rig_control (rig, "qmi");
  rig_stop_agent (rig);
  end = rig_control (rig, "qmi");

  assert_contains (begin, "nas 0x0003 1 18010001\n");
  assert_contains (begin, "nas 0x0003 1 2102000100\n");
  assert_contains (begin, "nas 0x004D 1\n");
  assert_contains (end, "nas 0x0003 1 ");
  assert_contains (end, "18010000");
  assert_contains (end, "2102000000");
  assert_contains (end, "ctl 0x0023 0 0102000301\n");
  rig_await_simulator (rig, "\"clients\":[]");
}

static void
test_observer_follows_the_network_too (void **state)
{
  Rig *rig = *state;
  g_autofree char *requests = NULL;

  rig_start_simulator (rig, NULL);
  start_observer (rig);
  rig_await (rig, "Role", "observer");
  requests = rig_control (rig, "qmi");

  assert_contains (requests, "nas 0x0003 1 18010001\n");
  assert_contains (requests, "nas 0x004D 1\n");
  rig_stop_agent (rig);
}

static void
test_modem_that_tells_no_network_is_served (void **state)
{
  Rig *rig = *state;

  rig_start_simulator (rig, NULL);
  rig_expect_control (rig, "ok", "fail nas 0x03 71 0");
  rig_expect_control (rig, "ok", "fail nas 0x4D 71 0");
  rig_start_agent (rig, NULL);
  rig_await (rig, "Role", "host");
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);

  rig_stop_agent (rig);
}

static void
test_network_that_changes_and_refuses_harms_nothing (void **state)
{
  static const char *const changes[]
      = { "limited",    "reject 11",     "none",           "technology gsm", "cell 262 02 1 2",
          "reject 255", "technology nr", "technology lte", "normal" };
  Rig *rig = *state;

  rig_start (rig);
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    rig_expect_control (rig, "ok", "network %s", changes[i]);
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);

  rig_await_counter (rig, "sms-sent", 1);
  rig_stop_agent (rig);
}

static void
test_client_of_a_killed_agent_is_released_by_the_next (void **state)
{
  Rig *rig = *state;
  g_autofree char *requests = NULL;

  rig_start (rig);
  rig_kill_agent (rig);
  g_free (rig_control (rig, "qmi"));
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  requests = rig_control (rig, "qmi");
  rig_stop_agent (rig);

  assert_contains (requests, "ctl 0x0023 0 0102000301\n");
  rig_await_simulator (rig, "\"clients\":[]");
}

static void
test_profile_that_suffices_is_left_alone (void **state)
{
  Rig *rig = *state;
  g_autofree char *reason = NULL;
  g_autofree char *requests = NULL;

  rig_start (rig);
  reason = rig_get (rig, "RoleReason");
  requests = rig_control (rig, "qmi");

  assert_lacks (requests, "cat2 0x002D");
  assert_lacks (reason, "profile");
  rig_stop_agent (rig);
}

static void
test_profile_without_bip_is_replaced_until_the_end_and_no_card_is_reset (void **state)
{
  Rig *rig = *state;
  g_autofree char *role = NULL;
  g_autofree char *reason = NULL;

  start_configured_simulator (rig, "1");
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  role = rig_get (rig, "Role");
  reason = rig_get (rig, "RoleReason");

  assert_string_equal (role, "host");
  assert_contains (reason, "the card learns the terminal's profile when it starts anew");
  rig_await_simulator (rig, CONFIGURATION ("5", OURS) "," USED (GOBI));
  rig_stop_agent (rig);
  rig_await_simulator (rig, CONFIGURATION ("1", "") "," USED (GOBI));
}

static void
test_card_that_starts_anew_learns_the_profile (void **state)
{
  Rig *rig = *state;

  start_configured_simulator (rig, "1");
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok", "reset");

  rig_await_simulator (rig, USED (OURS));
  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);
  rig_await_simulator (rig, CONFIGURATION ("1", ""));
}

static void
test_custom_profile_of_somebody_else_without_bip_is_replaced_and_put_back_whole (void **state)
{
  Rig *rig = *state;

  start_configured_simulator (rig, "5 " FOREIGN_WITHOUT_BIP);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_await_simulator (rig, CONFIGURATION ("5", OURS));
  rig_stop_agent (rig);

  rig_await_simulator (rig, CONFIGURATION ("5", FOREIGN_WITHOUT_BIP));
}

static void
expect_left_alone (Rig *rig, const char *profile)
{
  g_autofree char *configuration = g_strconcat ("5 ", profile, NULL);
  g_autofree char *state = g_strdup_printf (CONFIGURATION ("5", "%s"), profile);
  g_autofree char *reason = NULL;
  g_autofree char *requests = NULL;

  start_configured_simulator (rig, configuration);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  reason = rig_get (rig, "RoleReason");
  requests = rig_control (rig, "qmi");
  rig_stop_agent (rig);

  assert_lacks (requests, "cat2 0x002D");
  assert_lacks (reason, "profile");
  rig_await_simulator (rig, state);
}

static void
test_custom_profile_that_is_ours_is_left_alone (void **state)
{
  expect_left_alone (*state, OURS);
}

static void
test_custom_profile_of_somebody_else_that_suffices_is_left_alone (void **state)
{
  expect_left_alone (*state, FOREIGN);
}

static void
test_card_that_does_not_know_a_sufficient_custom_profile_yet_is_remarked_on (void **state)
{
  Rig *rig = *state;
  g_autofree char *reason = NULL;
  g_autofree char *requests = NULL;

  start_configured_simulator (rig, "1");
  rig_expect_control (rig, "ok", "cat-config 5 " FOREIGN);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  reason = rig_get (rig, "RoleReason");
  requests = rig_control (rig, "qmi");
  rig_stop_agent (rig);

  assert_contains (reason, "the card learns the terminal's profile when it starts anew");
  assert_lacks (requests, "cat2 0x002D");
}

static void
test_original_configuration_is_put_back_even_after_kill_9 (void **state)
{
  Rig *rig = *state;
  g_autofree char *reason = NULL;

  start_configured_simulator (rig, "1");
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_kill_agent (rig);
  rig_await_simulator (rig, CONFIGURATION ("5", OURS));
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  reason = rig_get (rig, "RoleReason");
  rig_stop_agent (rig);

  assert_contains (reason, "the card learns the terminal's profile when it starts anew");
  rig_await_simulator (rig, CONFIGURATION ("1", ""));
}

static void
test_observer_puts_back_the_configuration_of_a_killed_host (void **state)
{
  Rig *rig = *state;

  start_configured_simulator (rig, "1");
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_kill_agent (rig);
  start_observer (rig);
  rig_await (rig, "State", "ready");

  rig_await_simulator (rig, CONFIGURATION ("1", ""));
  rig_stop_agent (rig);
}

static void
test_modem_that_keeps_class_2_messages_keeps_its_configuration_too (void **state)
{
  Rig *rig = *state;

  rig_start_simulator (rig, "--grant=no-sms", NULL);
  rig_expect_control (rig, "ok", "cat-config 1");
  rig_expect_control (rig, "ok", "reset");
  rig_start_agent (rig, NULL);
  rig_await (rig, "Role", "observer");

  rig_await_simulator (rig, CONFIGURATION ("1", ""));
  rig_stop_agent (rig);
}

static void
test_modem_that_refuses_a_profile_is_served_all_the_same (void **state)
{
  Rig *rig = *state;
  g_autofree char *role = NULL;
  g_autofree char *reason = NULL;
  g_autofree char *end = NULL;

  start_configured_simulator (rig, "1");
  rig_expect_control (rig, "ok", "fail cat2 0x2D 94 0");
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  role = rig_get (rig, "Role");
  reason = rig_get (rig, "RoleReason");
  g_free (rig_control (rig, "qmi"));
  rig_stop_agent (rig);
  end = rig_control (rig, "qmi");

  assert_string_equal (role, "host");
  assert_contains (reason, "the modem keeps its own terminal profile");
  assert_lacks (end, "cat2 0x002D");
  rig_await_simulator (rig, CONFIGURATION ("1", ""));
}

static void
test_end_after_any_request_of_the_probe_puts_the_configuration_back (void **state)
{
  Rig *rig = *state;

  start_configured_simulator (rig, "1");
  rig_expect_control (rig, "ok", "slow 40");
  for (guint n_requests = 12; n_requests <= REQUESTS_OF_A_PROBE; n_requests++)
    {
      g_free (rig_control (rig, "qmi"));
      rig_start_agent (rig, NULL);
      rig_await_requests (rig, n_requests);
      rig_stop_agent (rig);

      rig_await_simulator (rig, "\"clients\":[]");
      rig_await_simulator (rig, CONFIGURATION ("1", ""));
    }
}

/* Whatever is killed when: the next life knows what was there before. */
static void
test_original_configuration_is_known_after_kill_9_at_any_request_of_the_probe (void **state)
{
  Rig *rig = *state;

  start_configured_simulator (rig, "1");
  for (guint n_requests = 12; n_requests <= REQUESTS_OF_A_PROBE; n_requests++)
    {
      rig_expect_control (rig, "ok", "slow 40");
      g_free (rig_control (rig, "qmi"));
      rig_start_agent (rig, NULL);
      rig_await_requests (rig, n_requests);
      rig_kill_agent (rig);
      rig_expect_control (rig, "ok", "slow 0");
      rig_start_agent (rig, NULL);
      rig_await (rig, "State", "ready");
      rig_stop_agent (rig);

      rig_await_simulator (rig, CONFIGURATION ("1", ""));
    }
}

static void
test_configuration_that_the_modem_does_not_take_back_is_put_back_by_the_next_life (void **state)
{
  Rig *rig = *state;

  start_configured_simulator (rig, "1");
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok", "fail cat2 0x2D 3 0");
  rig_stop_agent (rig);
  rig_await_simulator (rig, CONFIGURATION ("5", OURS));
  rig_expect_control (rig, "ok", "fail cat2 0x2D 0 0");
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);

  rig_await_simulator (rig, CONFIGURATION ("1", ""));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_network_is_registered_for_and_asked_for_and_left_alone_at_the_end),
    RIG_TEST (test_observer_follows_the_network_too),
    RIG_TEST (test_modem_that_tells_no_network_is_served),
    RIG_TEST (test_network_that_changes_and_refuses_harms_nothing),
    RIG_TEST (test_client_of_a_killed_agent_is_released_by_the_next),
    RIG_TEST (test_profile_that_suffices_is_left_alone),
    RIG_TEST (test_profile_without_bip_is_replaced_until_the_end_and_no_card_is_reset),
    RIG_TEST (test_card_that_starts_anew_learns_the_profile),
    RIG_TEST (test_custom_profile_of_somebody_else_without_bip_is_replaced_and_put_back_whole),
    RIG_TEST (test_custom_profile_that_is_ours_is_left_alone),
    RIG_TEST (test_custom_profile_of_somebody_else_that_suffices_is_left_alone),
    RIG_TEST (test_card_that_does_not_know_a_sufficient_custom_profile_yet_is_remarked_on),
    RIG_TEST (test_original_configuration_is_put_back_even_after_kill_9),
    RIG_TEST (test_observer_puts_back_the_configuration_of_a_killed_host),
    RIG_TEST (test_modem_that_keeps_class_2_messages_keeps_its_configuration_too),
    RIG_TEST (test_modem_that_refuses_a_profile_is_served_all_the_same),
    RIG_TEST (test_end_after_any_request_of_the_probe_puts_the_configuration_back),
    RIG_TEST (test_original_configuration_is_known_after_kill_9_at_any_request_of_the_probe),
    RIG_TEST (test_configuration_that_the_modem_does_not_take_back_is_put_back_by_the_next_life),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
