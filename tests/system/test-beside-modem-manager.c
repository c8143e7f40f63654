/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the agent does when ModemManager manages the same modem.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig-modem-manager.h"

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

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_object_that_has_the_port_is_shown),
    RIG_TEST (test_host_acknowledges_while_messaging_is_off),
    RIG_TEST (test_modem_acknowledges_while_messaging_is_on_and_nothing_is_lost),
    RIG_TEST (test_route_follows_messaging_as_it_goes_on_and_off),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
