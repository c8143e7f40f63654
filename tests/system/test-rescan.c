/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Looking again at modem and card, when somebody asks for it. */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

#define FIRST_ICCID "8988211000000000011"
#define OTHER_ICCID "8988211000000000029"
#define ERROR_PREFIX "org.euicc.Agent1.Error."

/* OPEN CHANNEL, immediate: UDP to 127.0.0.1, for which nobody needs to be there; and CLOSE CHANNEL */
#define OPEN_UDP "proactive D01C810301400182028182350103390205783C030100093E05217F000001"
#define CLOSE "proactive D009810301410082028121"

/* (transfer full) (nullable): the name of the error */
static char *
rescan (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_sync (
      rig->connection, "org.euicc.Agent1", "/org/euicc/Agent1/Euicc/0", "org.euicc.Agent1.Euicc",
      "Rescan", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);

  return answer == NULL ? g_dbus_error_get_remote_error (error) : NULL;
}

static void
expect_refusal (Rig *rig, const char *name)
{
  g_autofree char *error = rescan (rig);

  assert_non_null (error);
  assert_string_equal (error, name);
}

static gboolean
is_admitted (gpointer data)
{
  g_autofree char *error = rescan (data);

  rig_look_again (20); /* look again then */
  return error == NULL;
}

/* What was on its way before has to come to its end, of which nobody tells. */
static void
rescan_at_last (Rig *rig)
{
  assert_true (rig_await_that (is_admitted, rig));
  rig_await (rig, "State", "initializing");
  rig_await (rig, "State", "ready");
}

/* (transfer full): what the simulator has of the modem that the agent changes */
static char *
get_modem (Rig *rig)
{
  g_autofree char *state = rig_control (rig, "state");
  char *begin = strstr (state, "\"clients\":");

  assert_non_null (begin);
  return g_strdup (begin);
}

static void
test_profile_that_changed_unheard_is_seen (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_await (rig, "Iccid", FIRST_ICCID);
  rig_expect_control (rig, "ok", "profile " OTHER_ICCID);
  rescan_at_last (rig);

  rig_await (rig, "Iccid", OTHER_ICCID);
  rig_await (rig, "PreviousIccid", FIRST_ICCID);
  rig_await (rig, "Role", "host");
  rig_stop_agent (rig);
}

static void
test_modem_is_left_as_it_was (void **state)
{
  Rig *rig = *state;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  rig_start_simulator (rig, NULL);
  before = get_modem (rig);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  for (guint i = 0; i < 3; i++)
    rescan_at_last (rig);
  rig_stop_agent (rig);

  after = get_modem (rig);
  assert_string_equal (after, before);
}

static void
test_channel_is_not_broken_off (void **state)
{
  Rig *rig = *state;
  g_autofree char *opened = NULL;

  rig_write_config (rig, RIG_LOOPBACK_CONFIG);
  rig_start (rig);
  opened = rig_control (rig, OPEN_UDP);
  rig_assert_has (opened, "ok 810301400182028281830100");
  expect_refusal (rig, ERROR_PREFIX "Busy");
  rig_await (rig, "State", "ready");

  rig_expect_control (rig, "ok 810301410082028281830100", CLOSE);
  rescan_at_last (rig);
}

/* Seconds go by: the modem is asked again when it may have changed its mind. */
static void
test_role_that_was_refused_once_is_asked_for_again (void **state)
{
  Rig *rig = *state;

  rig_start_simulator (rig, NULL);
  rig_expect_control (rig, "ok", "fail cat2 0x01 3 1");
  rig_start_agent (rig, NULL);
  rig_await (rig, "Role", "observer");
  rig_await (rig, "State", "ready");

  rig_await (rig, "Role", "host");
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);
  rig_stop_agent (rig);
}

static void
test_without_a_modem_there_is_nothing_to_look_at (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_expect_control (rig, "ok", "unplug");
  rig_await (rig, "State", "absent");
  expect_refusal (rig, ERROR_PREFIX "CardAbsent");
  rig_expect_control (rig, "ok", "plug");
  rig_await (rig, "State", "ready");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_profile_that_changed_unheard_is_seen),
    RIG_TEST (test_modem_is_left_as_it_was),
    RIG_TEST (test_channel_is_not_broken_off),
    RIG_TEST (test_role_that_was_refused_once_is_asked_for_again),
    RIG_TEST (test_without_a_modem_there_is_nothing_to_look_at),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
