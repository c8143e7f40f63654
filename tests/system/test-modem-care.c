/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the agent does with the modem beside its job: takes only what is granted, puts back what it changed,
 * survives kill -9, unplugging, a missing modem, and leaves nothing behind.
 */

#include <glib.h>
#include <string.h>
#include <sysexits.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

/* The value of a key of the simulator's state, as text up to the next key. */
static char *
get_state_member (Rig *rig, const char *key, char end)
{
  g_autofree char *card = rig_control (rig, "state");
  g_autofree char *prefix = g_strdup_printf ("\"%s\":", key);
  const char *begin = strstr (card, prefix);
  const char *stop = begin != NULL ? strchr (begin, end) : NULL;

  if (stop == NULL)
    fail_msg ("the simulator's state has no %s: %s", key, card);
  return g_strndup (begin, (gsize) (stop - begin) + 1);
}

static void
test_routes_and_client_ids_are_as_before_after_the_end (void **state)
{
  Rig *rig = *state;
  g_autofree char *routes_before = NULL;
  g_autofree char *routes_during = NULL;
  g_autofree char *routes_after = NULL;
  g_autofree char *clients_after = NULL;
  g_autofree char *channels_after = NULL;

  rig_start_simulator (rig, NULL);
  routes_before = get_state_member (rig, "routes", ']');
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  routes_during = get_state_member (rig, "routes", ']');
  rig_stop_agent (rig);

  routes_after = get_state_member (rig, "routes", ']');
  clients_after = get_state_member (rig, "clients", ']');
  channels_after = get_state_member (rig, "logical_channels", ']');
  assert_string_not_equal (routes_during, routes_before);
  assert_string_equal (routes_after, routes_before);
  assert_string_equal (clients_after, "\"clients\":[]");
  assert_string_equal (channels_after, "\"logical_channels\":[]");
}

static void
test_original_routes_are_put_back_even_after_kill_9 (void **state)
{
  Rig *rig = *state;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *clients = NULL;

  rig_start_simulator (rig, NULL);
  before = get_state_member (rig, "routes", ']');
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_kill_agent (rig);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);

  after = get_state_member (rig, "routes", ']');
  clients = get_state_member (rig, "clients", ']');
  assert_string_equal (after, before);
  assert_string_equal (clients, "\"clients\":[]");
}

static void
test_observer_puts_back_what_a_killed_host_changed (void **state)
{
  Rig *rig = *state;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  rig_start_simulator (rig, NULL);
  before = get_state_member (rig, "routes", ']');
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_kill_agent (rig);
  rig_write_config (rig, "[modem]\nRole=observer\n");
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  after = get_state_member (rig, "routes", ']');

  assert_string_equal (after, before);
  rig_stop_agent (rig);
}

static void
test_original_routes_are_known_after_a_life_that_did_not_get_far (void **state)
{
  Rig *rig = *state;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  rig_start_simulator (rig, NULL);
  before = get_state_member (rig, "routes", ']');
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_kill_agent (rig);
  rig_expect_control (rig, "ok", "fail uim 0x2E 3 0");
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "failed");
  rig_kill_agent (rig);
  rig_expect_control (rig, "ok", "fail uim 0x2E 0 0");
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);

  after = get_state_member (rig, "routes", ']');
  assert_string_equal (after, before);
}

static void
test_killed_agent_s_successor_does_the_main_job (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_kill_agent (rig);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);

  rig_await_counter (rig, "sms-sent", 1);
  rig_stop_agent (rig);
}

static void
test_modem_that_keeps_the_toolkit_makes_an_observer (void **state)
{
  Rig *rig = *state;
  g_autofree char *role = NULL;
  g_autofree char *reason = NULL;
  g_autofree char *reply = NULL;

  rig_start_simulator (rig, "--grant=observer", NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  role = rig_get (rig, "Role");
  reason = rig_get (rig, "RoleReason");
  reply = rig_control (rig, "sms %s", RIG_COMMAND_TPDU);

  assert_string_equal (role, "observer");
  assert_non_null (strstr (reason, "keeps proactive commands"));
  assert_true (g_str_has_prefix (reply, "ok firmware 9"));
  rig_stop_agent (rig);
}

static void
test_observer_sees_the_profile_change_that_the_firmware_made (void **state)
{
  Rig *rig = *state;
  g_autofree char *before = NULL;
  g_autofree char *reply = NULL;

  rig_start_simulator (rig, "--grant=observer", NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  before = rig_get (rig, "Iccid");
  reply = rig_control (rig, "smsr enable --via sms");

  assert_true (g_str_has_prefix (reply, "ok"));
  rig_await (rig, "PreviousIccid", before);
  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);
}

static void
test_modem_without_toolkit_service_makes_an_observer (void **state)
{
  Rig *rig = *state;
  g_autofree char *role = NULL;
  g_autofree char *reason = NULL;

  rig_start_simulator (rig, "--grant=no-cat", NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  role = rig_get (rig, "Role");
  reason = rig_get (rig, "RoleReason");

  assert_string_equal (role, "observer");
  assert_non_null (strstr (reason, "no toolkit service"));
  rig_stop_agent (rig);
}

static void
test_modem_that_keeps_class_2_messages_makes_an_observer_without_residue (void **state)
{
  Rig *rig = *state;
  g_autofree char *role = NULL;
  g_autofree char *reason = NULL;
  g_autofree char *reply = NULL;

  rig_start_simulator (rig, "--grant=no-sms", NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  role = rig_get (rig, "Role");
  reason = rig_get (rig, "RoleReason");
  reply = rig_control (rig, "sms %s", RIG_COMMAND_TPDU);

  assert_string_equal (role, "observer");
  assert_non_null (strstr (reason, "class-2"));
  assert_true (g_str_has_prefix (reply, "ok firmware 9"));
  rig_stop_agent (rig);
}

static guint
count (const char *text, const char *what)
{
  g_auto (GStrv) parts = g_strsplit (text, what, -1);

  return g_strv_length (parts) - 1;
}

/* An id that was given back may be somebody else's when it is given back once more. */
static void
test_client_id_of_the_toolkit_is_given_back_once (void **state)
{
  Rig *rig = *state;
  g_autofree char *requests = NULL;

  rig_start_simulator (rig, "--grant=no-sms", NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "Role", "observer");
  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);

  requests = rig_control (rig, "qmi");
  assert_int_equal (count (requests, "ctl 0x0022 0 0101000A"), 1);
  assert_int_equal (count (requests, "ctl 0x0023 0 0102000A"), 1);
}

static void
test_modem_that_denies_channels_is_ready_without_an_eid (void **state)
{
  Rig *rig = *state;
  g_autofree char *eid = NULL;
  g_autofree char *reason = NULL;

  rig_start_simulator (rig, "--grant=no-channel", NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  eid = rig_get (rig, "Eid");
  reason = rig_get (rig, "StateReason");

  assert_string_equal (eid, "");
  assert_non_null (strstr (reason, "AccessDenied"));
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);
  rig_stop_agent (rig);
}

static void
test_configured_observer_touches_no_route (void **state)
{
  Rig *rig = *state;
  g_autofree char *before = NULL;
  g_autofree char *during = NULL;
  g_autofree char *role = NULL;

  rig_write_config (rig, "[modem]\nRole=observer\n");
  rig_start_simulator (rig, NULL);
  before = get_state_member (rig, "routes", ']');
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  during = get_state_member (rig, "routes", ']');
  role = rig_get (rig, "Role");

  assert_string_equal (during, before);
  assert_string_equal (role, "observer");
  rig_stop_agent (rig);
}

static void
test_older_message_opens_the_channel_where_the_newer_is_refused (void **state)
{
  Rig *rig = *state;

  rig_start_simulator (rig, NULL);
  rig_expect_control (rig, "ok", "fail uim 0x42 71 0");
  rig_start_agent (rig, NULL);

  rig_await (rig, "State", "ready");
  rig_await (rig, "Eid", "89001012012341234012345678901224");
  rig_stop_agent (rig);
}

static void
test_envelope_goes_as_apdu_where_the_toolkit_service_takes_none (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_expect_control (rig, "ok", "fail cat2 0x22 71 0");
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);

  rig_await_counter (rig, "sms-sent", 1);
  rig_stop_agent (rig);
}

static void
test_modem_that_is_unplugged_and_comes_back_keeps_its_object (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_expect_control (rig, "ok", "hangup");
  rig_await (rig, "State", "absent");
  rig_expect_control (rig, "ok", "replug");
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);

  rig_await_counter (rig, "sms-sent", 1);
  rig_stop_agent (rig);
}

static void
test_refresh_leads_back_to_ready (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_expect_control (rig, "ok", "refresh 04");
  rig_await_counter (rig, "refreshes", 1);
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);

  rig_await_counter (rig, "sms-sent", 1);
  rig_stop_agent (rig);
}

static void
test_profile_that_changes_behind_the_agent_is_noticed (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_expect_control (rig, "ok", "profile 8988211999999999999");
  rig_expect_control (rig, "ok", "reset");

  rig_await (rig, "Iccid", "8988211999999999999");
  rig_stop_agent (rig);
}

static void
test_agent_that_ends_while_the_eid_is_read_leaves_no_channel (void **state)
{
  Rig *rig = *state;
  g_autofree char *left = NULL;

  rig_start_simulator (rig, NULL);
  rig_expect_control (rig, "ok", "slow-apdu 300");
  rig_start_agent (rig, NULL);
  rig_await_apdu (rig, "CA005A");
  rig_stop_agent (rig);

  left = rig_control (rig, "state");
  rig_assert_has (left, "\"logical_channels\":[]");
  rig_assert_has (left, "\"clients\":[]");
}

static void
test_agent_without_modem_waits_and_says_so (void **state)
{
  Rig *rig = *state;
  g_autofree char *status = NULL;
  int exit_status;

  rig_start_agent (rig, NULL);
  status = rig_run_client (rig, &exit_status, "status", NULL);

  assert_int_equal (exit_status, 0);
  assert_non_null (strstr (status, "is waiting: no modem at"));
  rig_stop_agent (rig);
}

/* (transfer full): what another agent for the same modem says before it ends with this status */
static char *
run_second_agent (Rig *rig, const char *state_directory, int exit_status)
{
  g_autofree char *bus = g_strdup_printf ("--bus=%s", g_test_dbus_get_bus_address (rig->bus));
  g_autofree char *state = g_strdup_printf ("--state-directory=%s", state_directory);
  g_autofree char *device = g_strdup_printf ("--device=%s/cdc-wdm*", rig->directory);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) second = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDERR_PIPE, &error, g_getenv ("EA_TEST_AGENT"), bus, state, device, NULL);
  char *log = NULL;

  if (second == NULL || !g_subprocess_communicate_utf8 (second, NULL, NULL, NULL, &log, &error))
    fail_msg ("%s", error->message);
  assert_true (g_subprocess_get_if_exited (second));
  assert_int_equal (g_subprocess_get_exit_status (second), exit_status);
  return log;
}

static void
test_second_agent_says_why_it_ends_and_touches_nothing (void **state)
{
  Rig *rig = *state;
  g_autofree char *other_directory = g_build_filename (rig->directory, "other-state", NULL);
  g_autofree char *log_of_same = NULL;
  g_autofree char *log_of_other = NULL;
  g_autofree char *requests = NULL;

  rig_start (rig);
  g_free (rig_control (rig, "qmi"));
  log_of_same = run_second_agent (rig, rig->state_directory, EX_CANTCREAT);
  log_of_other = run_second_agent (rig, other_directory, EX_UNAVAILABLE);

  assert_non_null (strstr (log_of_same, "Another process uses the state directory"));
  assert_non_null (strstr (log_of_other, "Another euicc-agentd is running: process "));
  requests = rig_control (rig, "qmi");
  assert_string_equal (requests, "");
  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);
}

static void
test_modem_that_appears_later_is_served (void **state)
{
  Rig *rig = *state;

  rig_start_agent (rig, NULL);
  rig_start_simulator (rig, NULL);

  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);
}

static void
test_several_modems_are_served_side_by_side (void **state)
{
  Rig *rig = *state;
  g_autofree char *list = NULL;

  rig_start_simulator (rig, "--modems", "2", NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_await_number (rig, 1, "State", "ready");
  list = rig_run_client (rig, NULL, "list", "--json=short", NULL);

  rig_expect_control (rig, "ok ack", "@0 sms %s", RIG_COMMAND_TPDU);
  rig_expect_control (rig, "ok ack", "@1 sms %s", RIG_COMMAND_TPDU);
  assert_non_null (strstr (list, "/Euicc/0"));
  assert_non_null (strstr (list, "/Euicc/1"));
  rig_stop_agent (rig);
}

static void
test_end_while_the_modem_is_being_probed_leaves_nothing_behind (void **state)
{
  Rig *rig = *state;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *clients = NULL;

  rig_start_simulator (rig, NULL);
  before = get_state_member (rig, "routes", ']');
  rig_expect_control (rig, "ok", "slow 100");
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "initializing");
  rig_stop_agent (rig);

  after = get_state_member (rig, "routes", ']');
  clients = get_state_member (rig, "clients", ']');
  assert_string_equal (after, before);
  assert_string_equal (clients, "\"clients\":[]");
}

static void
test_end_after_any_request_of_the_probe_leaves_nothing_behind (void **state)
{
  Rig *rig = *state;
  g_autofree char *before = NULL;

  rig_start_simulator (rig, NULL);
  before = get_state_member (rig, "routes", ']');
  rig_expect_control (rig, "ok", "slow 40");
  for (guint n_requests = 1; n_requests <= 24; n_requests++)
    {
      g_autofree char *after = NULL;
      g_autofree char *clients = NULL;
      g_autofree char *channels = NULL;

      g_free (rig_control (rig, "qmi"));
      rig_start_agent (rig, NULL);
      rig_await_requests (rig, n_requests);
      rig_stop_agent (rig);

      after = get_state_member (rig, "routes", ']');
      clients = get_state_member (rig, "clients", ']');
      channels = get_state_member (rig, "logical_channels", ']');
      assert_string_equal (after, before);
      assert_string_equal (clients, "\"clients\":[]");
      assert_string_equal (channels, "\"logical_channels\":[]");
    }
}

static void
test_end_while_a_half_opened_modem_is_closed_is_clean (void **state)
{
  Rig *rig = *state;
  g_autofree char *clients = NULL;

  rig_start_simulator (rig, NULL);
  rig_expect_control (rig, "ok", "fail uim 0x2E 3 0");
  rig_expect_control (rig, "ok", "slow 100");
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "failed");
  rig_stop_agent (rig);

  clients = get_state_member (rig, "clients", ']');
  assert_string_equal (clients, "\"clients\":[]");
}

static void
test_end_tells_the_network_to_send_again_what_the_card_does_not_have (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;

  rig_start (rig);
  rig_expect_control (rig, "ok", "fail card 0xC2 0x9300 0");
  rig_begin_control (rig, "sms %s", RIG_COMMAND_TPDU);
  rig_await_counter (rig, "sms-received", 1);
  rig_stop_agent (rig);
  reply = rig_end_control (rig);

  assert_string_equal (reply, "ok error 6F D4");
}

static void
test_silent_modem_does_not_outlast_the_service_manager (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_expect_control (rig, "ok", "drop 100000");

  rig_stop_agent (rig); /* within the rig's deadline, which is longer than TimeoutStopSec= */
}

static void
test_slow_modem_is_waited_for (void **state)
{
  Rig *rig = *state;

  rig_start_simulator (rig, NULL);
  rig_expect_control (rig, "ok", "slow 50");
  rig_start_agent (rig, NULL);

  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);
  rig_stop_agent (rig);
}

static void
test_exhausted_client_ids_are_an_error_of_their_own_and_tried_again (void **state)
{
  Rig *rig = *state;

  rig_start_simulator (rig, NULL);
  rig_expect_control (rig, "ok", "fail ctl 0x22 5 1");
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");

  assert_non_null (rig->euicc);
  {
    g_autoptr (GVariant) error = g_dbus_proxy_get_cached_property (rig->euicc, "LastError");
    const char *name;

    g_variant_get (error, "(&s&s)", &name, NULL);
    assert_string_equal (name, "org.euicc.Agent1.Error.ClientIdsExhausted");
  }
  rig_stop_agent (rig);
}

static void
test_client_prints_the_eid_of_the_simulator (void **state)
{
  Rig *rig = *state;
  g_autofree char *status = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *list = NULL;
  int exit_status;

  rig_start (rig);
  status = rig_run_client (rig, &exit_status, "--json=short", "status", NULL);
  assert_int_equal (exit_status, 0);
  shown = rig_run_client (rig, &exit_status, "show", "1224", NULL);
  assert_int_equal (exit_status, 0);
  list = rig_run_client (rig, &exit_status, "show", "9999", NULL);

  assert_int_equal (exit_status, 1);
  assert_non_null (strstr (status, "\"eid\":\"89001012012341234012345678901224\""));
  assert_non_null (strstr (shown, "89001012012341234012345678901224"));
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_routes_and_client_ids_are_as_before_after_the_end),
    RIG_TEST (test_original_routes_are_put_back_even_after_kill_9),
    RIG_TEST (test_observer_puts_back_what_a_killed_host_changed),
    RIG_TEST (test_original_routes_are_known_after_a_life_that_did_not_get_far),
    RIG_TEST (test_killed_agent_s_successor_does_the_main_job),
    RIG_TEST (test_modem_that_keeps_the_toolkit_makes_an_observer),
    RIG_TEST (test_observer_sees_the_profile_change_that_the_firmware_made),
    RIG_TEST (test_modem_without_toolkit_service_makes_an_observer),
    RIG_TEST (test_modem_that_keeps_class_2_messages_makes_an_observer_without_residue),
    RIG_TEST (test_client_id_of_the_toolkit_is_given_back_once),
    RIG_TEST (test_modem_that_denies_channels_is_ready_without_an_eid),
    RIG_TEST (test_configured_observer_touches_no_route),
    RIG_TEST (test_older_message_opens_the_channel_where_the_newer_is_refused),
    RIG_TEST (test_envelope_goes_as_apdu_where_the_toolkit_service_takes_none),
    RIG_TEST (test_modem_that_is_unplugged_and_comes_back_keeps_its_object),
    RIG_TEST (test_refresh_leads_back_to_ready),
    RIG_TEST (test_profile_that_changes_behind_the_agent_is_noticed),
    RIG_TEST (test_agent_that_ends_while_the_eid_is_read_leaves_no_channel),
    RIG_TEST (test_agent_without_modem_waits_and_says_so),
    RIG_TEST (test_second_agent_says_why_it_ends_and_touches_nothing),
    RIG_TEST (test_modem_that_appears_later_is_served),
    RIG_TEST (test_several_modems_are_served_side_by_side),
    RIG_TEST (test_end_while_the_modem_is_being_probed_leaves_nothing_behind),
    RIG_TEST (test_end_after_any_request_of_the_probe_leaves_nothing_behind),
    RIG_TEST (test_end_while_a_half_opened_modem_is_closed_is_clean),
    RIG_TEST (test_end_tells_the_network_to_send_again_what_the_card_does_not_have),
    RIG_TEST (test_silent_modem_does_not_outlast_the_service_manager),
    RIG_TEST (test_slow_modem_is_waited_for),
    RIG_TEST (test_exhausted_client_ids_are_an_error_of_their_own_and_tried_again),
    RIG_TEST (test_client_prints_the_eid_of_the_simulator),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
