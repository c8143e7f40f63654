/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the agent does when ModemManager manages the same modem.
 */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig-modem-manager.h"

#define REFRESH_COMPLETE "uim 0x002C "

typedef struct
{
  Rig *rig;
  guint n_completed; /* refreshes, by the agent */
  guint n_awaited;
} Completion;

static gboolean
is_completed (gpointer data)
{
  Completion *completion = data;
  g_autofree char *requests = rig_control (completion->rig, "qmi");

  for (const char *found = strstr (requests, REFRESH_COMPLETE); found != NULL;
       found = strstr (found + 1, REFRESH_COMPLETE))
    completion->n_completed++;
  rig_look_again (20);
  return completion->n_completed >= completion->n_awaited;
}

static void
test_object_that_has_the_port_is_shown (void **state)
{
  Rig *rig = *state;
  RigModemManager *modem_manager;

  rig_start_simulator (rig, NULL);
  modem_manager = rig_start_modem_manager (rig, MM_MODEM_STATE_DISABLED);
  rig_start_agent (rig, NULL);
  rig_await (rig, "Modem", RIG_MODEM_PATH);
  rig_stop_modem_manager (modem_manager);

  rig_await (rig, "Modem", "/");
  rig_stop_agent (rig);
}

static void
test_host_acknowledges_while_messaging_is_off (void **state)
{
  Rig *rig = *state;
  RigModemManager *modem_manager;

  rig_start_simulator (rig, NULL);
  modem_manager = rig_start_modem_manager (rig, MM_MODEM_STATE_DISABLED);
  rig_start_agent (rig, NULL);
  rig_await (rig, "Modem", RIG_MODEM_PATH);
  rig_await (rig, "State", "ready");

  rig_await_simulator (rig, RIG_ROUTE_TO_HOST);
  rig_stop_modem_manager (modem_manager);
  rig_stop_agent (rig);
}

static void
test_modem_acknowledges_while_messaging_is_on_and_nothing_is_lost (void **state)
{
  Rig *rig = *state;
  RigModemManager *modem_manager;

  rig_start_simulator (rig, NULL);
  modem_manager = rig_start_modem_manager (rig, MM_MODEM_STATE_REGISTERED);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_await_simulator (rig, RIG_ROUTE_ACKNOWLEDGED);
  rig_expect_control (rig, "ok", "fail card 0xC2 0x9300 2");
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);

  rig_await_counter (rig, "sms-sent", 1);
  rig_stop_modem_manager (modem_manager);
  rig_stop_agent (rig);
}

static void
test_route_follows_messaging_as_it_goes_on_and_off (void **state)
{
  Rig *rig = *state;
  RigModemManager *modem_manager;

  rig_start (rig);
  rig_await_simulator (rig, RIG_ROUTE_TO_HOST);
  modem_manager = rig_start_modem_manager (rig, MM_MODEM_STATE_DISABLED);
  rig_await (rig, "Modem", RIG_MODEM_PATH);
  mm_gdbus_modem_set_state (modem_manager->modem, MM_MODEM_STATE_ENABLED);
  rig_await_simulator (rig, RIG_ROUTE_ACKNOWLEDGED);
  rig_stop_modem_manager (modem_manager);

  rig_await_simulator (rig, RIG_ROUTE_TO_HOST);
  rig_stop_agent (rig);
}

/* ModemManager completes what it doesn't take for a reset; the agent does so only where that was not enough. */
static void
test_refresh_that_modem_manager_completes_is_not_completed_twice (void **state)
{
  Rig *rig = *state;
  RigModemManager *modem_manager;
  Completion completion = { .rig = rig, .n_awaited = 1 };

  rig_start_simulator (rig, NULL);
  modem_manager = rig_start_modem_manager (rig, MM_MODEM_STATE_DISABLED);
  rig_start_agent (rig, NULL);
  rig_await (rig, "Modem", RIG_MODEM_PATH);
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok", "refresh 01");
  rig_await_counter (rig, "refreshes", 1);
  rig_expect_control (rig, "ok", "fail refresh-end 1");
  rig_expect_control (rig, "ok", "refresh 01");
  assert_true (rig_await_that (is_completed, &completion));

  assert_int_equal (completion.n_completed, 1); /* of the second */
  rig_stop_modem_manager (modem_manager);
  rig_stop_agent (rig);
}

static void
test_refresh_that_modem_manager_does_not_complete_is_completed_at_once (void **state)
{
  Rig *rig = *state;
  RigModemManager *modem_manager;
  Completion completion = { .rig = rig, .n_awaited = 1 };

  rig_start_simulator (rig, NULL);
  modem_manager = rig_start_modem_manager (rig, MM_MODEM_STATE_DISABLED);
  rig_start_agent (rig, NULL);
  rig_await (rig, "Modem", RIG_MODEM_PATH);
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok", "refresh 00");
  assert_true (rig_await_that (is_completed, &completion));

  rig_stop_modem_manager (modem_manager);
  rig_await (rig, "Modem", "/");
  rig_expect_control (rig, "ok", "refresh 01");
  completion.n_awaited = 2;
  assert_true (rig_await_that (is_completed, &completion));
  assert_int_equal (completion.n_completed, 2);
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_object_that_has_the_port_is_shown),
    RIG_TEST (test_host_acknowledges_while_messaging_is_off),
    RIG_TEST (test_modem_acknowledges_while_messaging_is_on_and_nothing_is_lost),
    RIG_TEST (test_route_follows_messaging_as_it_goes_on_and_off),
    RIG_TEST (test_refresh_that_modem_manager_completes_is_not_completed_twice),
    RIG_TEST (test_refresh_that_modem_manager_does_not_complete_is_completed_at_once),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
