/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The main job through the real qmi-proxy, with the real qmicli beside it. Run by "through-proxy". */

#include <glib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

#define PROXY "/usr/libexec/qmi-proxy"

static char *
write_config (Rig *rig)
{
  g_autofree char *file = g_build_filename (rig->directory, "agent.conf", NULL);

  assert_true (g_file_set_contents (file, "[modem]\nProxy=yes\n", -1, NULL));
  return g_strconcat ("--config=", file, NULL);
}

static GSubprocess *
start_proxy (void)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *proxy = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, PROXY, "--no-exit", NULL);

  if (proxy == NULL)
    fail_msg ("%s", error->message);
  return proxy;
}

static void
stop_proxy (GSubprocess *proxy)
{
  g_subprocess_force_exit (proxy);
  g_subprocess_wait (proxy, NULL, NULL);
  g_object_unref (proxy);
}

static void
test_agent_waits_for_the_proxy_and_never_starts_it (void **state)
{
  Rig *rig = *state;
  g_autofree char *config = write_config (rig);
  g_autofree char *reason = NULL;
  GSubprocess *proxy;

  rig_start_simulator (rig, NULL);
  rig_start_agent (rig, config, NULL);
  rig_await (rig, "State", "failed");
  reason = rig_get (rig, "StateReason");
  assert_non_null (strstr (reason, "qmi-proxy, which is not running"));

  proxy = start_proxy ();
  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);
  stop_proxy (proxy);
}

static void
test_main_job_is_done_through_the_proxy_and_nothing_is_left (void **state)
{
  Rig *rig = *state;
  g_autofree char *config = write_config (rig);
  GSubprocess *proxy = start_proxy ();
  g_autofree char *card = NULL;

  rig_start_simulator (rig, NULL);
  rig_start_agent (rig, config, NULL);
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);
  rig_await_counter (rig, "sms-sent", 1);
  rig_stop_agent (rig);
  card = rig_control (rig, "state");

  assert_non_null (strstr (card, "\"clients\":[]"));
  assert_non_null (strstr (card, "\"logical_channels\":[]"));
  stop_proxy (proxy);
}

static void
test_qmicli_works_beside_the_agent (void **state)
{
  Rig *rig = *state;
  g_autofree char *config = write_config (rig);
  g_autofree char *device = g_build_filename (rig->directory, "cdc-wdm0", NULL);
  GSubprocess *proxy = start_proxy ();
  g_autoptr (GSubprocess) qmicli = NULL;
  g_autofree char *output = NULL;

  rig_start_simulator (rig, NULL);
  rig_start_agent (rig, config, NULL);
  rig_await (rig, "State", "ready");
  qmicli = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                             NULL, "qmicli", "--device-open-proxy", "--device-open-qmi", "-d",
                             device, "--uim-get-card-status", NULL);
  assert_non_null (qmicli);
  assert_true (g_subprocess_communicate_utf8 (qmicli, NULL, NULL, &output, NULL, NULL));
  assert_true (g_subprocess_get_successful (qmicli));
  assert_non_null (strstr (output, "Card state: 'present'"));
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);

  rig_await_counter (rig, "sms-sent", 1);
  rig_stop_agent (rig);
  stop_proxy (proxy);
}

static void
test_proxy_that_dies_is_waited_for (void **state)
{
  Rig *rig = *state;
  g_autofree char *config = write_config (rig);
  GSubprocess *proxy = start_proxy ();

  rig_start_simulator (rig, NULL);
  rig_start_agent (rig, config, NULL);
  rig_await (rig, "State", "ready");
  stop_proxy (proxy);
  rig_await (rig, "State", "failed");
  proxy = start_proxy ();
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);

  rig_await_counter (rig, "sms-sent", 1);
  rig_stop_agent (rig);
  stop_proxy (proxy);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_agent_waits_for_the_proxy_and_never_starts_it),
    RIG_TEST (test_main_job_is_done_through_the_proxy_and_nothing_is_left),
    RIG_TEST (test_qmicli_works_beside_the_agent),
    RIG_TEST (test_proxy_that_dies_is_waited_for),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
