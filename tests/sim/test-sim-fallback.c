/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A switch of profiles as the field knows it, played by the whole simulator: SM-SR, network, the modem's
 * firmware as the card's terminal, and the card.
 */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test-host.h"

#define DEADLINE_US (20 * G_USEC_PER_SEC)
#define POLL_MS 20
#define AID_1 "A0000005591010FFFFFFFF8900001000"
#define AID_2 "A0000005591010FFFFFFFF8900001100"
#define ICCID_2 "8988211000000000029"
#define ENABLED_2                                                                                  \
  "ok packets=1 counter=1 status=00 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100"
#define REGISTERED_1 "\"registration\":{\"state\":\"registered\",\"plmn\":\"00101\",\"cause\":0}"
#define REGISTERED_2 "\"registration\":{\"state\":\"registered\",\"plmn\":\"00102\",\"cause\":0}"

static gboolean
on_poll (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Until the reply to @command has @expected in it */
static void
wait_for (TestHost *host, const char *command, const char *expected)
{
  gint64 deadline_us = g_get_monotonic_time () + DEADLINE_US;
  guint poll = g_timeout_add (POLL_MS, on_poll, NULL);

  for (;;)
    {
      g_autofree char *reply = NULL;

      test_host_command (host, command);
      reply = test_host_wait_reply (host);
      if (strstr (reply, expected) != NULL)
        break;
      if (g_get_monotonic_time () > deadline_us)
        fail_msg ("%s is not in %s", expected, reply);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (poll);
}

static void
control (TestHost *host, const char *line)
{
  test_host_control (host, line, "ok");
}

static void
assert_lacks (TestHost *host, const char *command, const char *text)
{
  g_autofree char *reply = NULL;

  test_host_command (host, command);
  reply = test_host_wait_reply (host);
  assert_null (strstr (reply, text));
}

static void
test_switch_that_is_confirmed_stays (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_OBSERVER, FALSE);

  control (host, "network delay 50");
  control (host, "euicc notify sms 5 3");
  control (host, "euicc rollback on");
  control (host, "euicc fallback 5");
  test_host_control (host, "smsr enable 1100 --via sms --await-notification",
                     ENABLED_2 " notification=02");
  wait_for (host, "state", REGISTERED_2);
  test_host_control (host, "smsr-notifications", "02 1 " AID_2 " sms confirmed\n.");
  wait_for (host, "state",
            "\"reason\":\"ordered\",\"pending\":false,\"service_timer\":false,"
            "\"notification\":\"02\",\"sequence\":1,\"confirmed\":true");

  test_host_free (host);
}

/* Enabled and confirmed, then without network: fall-back, notification, confirmation, deletion. */
static void
test_profile_that_loses_its_network_falls_back_and_is_deleted (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_OBSERVER, FALSE);

  control (host, "euicc notify sms 5 3");
  control (host, "euicc fallback 1");
  control (host, "euicc pol1 1100 delete-always");
  test_host_control (host, "smsr enable 1100 --via sms --await-notification",
                     ENABLED_2 " notification=02");
  control (host, "network lost " ICCID_2);
  wait_for (host, "state", "\"service_timer\":true");
  wait_for (host, "state", REGISTERED_1);
  wait_for (host, "smsr-notifications", "05 2 " AID_1 " sms confirmed deleted=" AID_2 "\n");
  assert_lacks (host, "state", "\"aid\":\"" AID_2 "\"");
  wait_for (host, "state", "\"reason\":\"fall-back\"");
  test_host_control (host, "smsr delete 1100 --via sms",
                     "error sw 6A88: referenced data not found (command 1)");

  test_host_free (host);
}

static void
test_new_profile_that_the_network_refuses_falls_back (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_OBSERVER, FALSE);

  control (host, "euicc notify sms");
  control (host, "euicc fallback 1");
  control (host, "network reject 11 " ICCID_2);
  test_host_control (host, "smsr enable 1100 --via sms", ENABLED_2);
  wait_for (host, "state",
            "\"registration\":{\"state\":\"denied\",\"plmn\":\"00102\",\"cause\":11}");
  wait_for (host, "smsr-notifications", "05 2 " AID_1 " sms confirmed\n");
  wait_for (host, "state", REGISTERED_1);

  test_host_free (host);
}

static void
test_new_profile_without_network_is_rolled_back (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_OBSERVER, FALSE);

  control (host, "euicc notify sms");
  control (host, "euicc rollback on");
  control (host, "euicc fallback 1");
  control (host, "network lost 00102");
  test_host_control (host, "smsr enable 1100 --via sms --await-notification",
                     "error notification 03: the profile was not changed as told");
  test_host_control (host, "smsr-notifications", "03 2 " AID_1 " sms confirmed\n.");
  wait_for (host, "state", REGISTERED_1);
  wait_for (host, "state", "\"reason\":\"roll-back\"");

  test_host_free (host);
}

/* Two tries of which none is confirmed; the notification of the roll-back is. */
static void
test_switch_that_is_never_confirmed_is_rolled_back (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_OBSERVER, FALSE);

  control (host, "euicc notify sms 1 2");
  control (host, "euicc rollback on");
  control (host, "fail confirmation 2");
  test_host_control (host, "smsr enable 1100 --via sms", ENABLED_2);
  wait_for (host, "state", REGISTERED_2);
  wait_for (host, "smsr-notifications",
            "02 1 " AID_2 " sms withheld\n02 1 " AID_2 " sms withheld\n03 2 " AID_1
            " sms confirmed\n.");
  wait_for (host, "state", REGISTERED_1);
  wait_for (host, "state", "\"reason\":\"roll-back\"");
  test_host_control (host, "smsr enable 1100 --via sms",
                     "ok packets=1 counter=3 status=00 executed=1 sw=9000 aid=" AID_2);

  test_host_free (host);
}

static void
test_wrong_words_change_nothing_in_the_card (void **state)
{
  static const char *const wrong[] = {
    "euicc",           "euicc notify",         "euicc notify pigeon",  "euicc notify sms x",
    "euicc rollback",  "euicc rollback maybe", "euicc fallback",       "euicc fallback 86400",
    "euicc pol1 1100", "euicc pol1 9900 none", "euicc pol1 1100 keep", "euicc notify sms 1 101",
    "euicc answer E2", "euicc answer E2 32768"
  };
  TestHost *host = test_host_new (SIM_GRANT_OBSERVER, FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    test_host_control (host, wrong[i],
                       "error usage: euicc notify session|off|sms|https [WAIT_S [TRIES]], "
                       "rollback on|off, fallback SECONDS|off, answer INS SIZE, or "
                       "pol1 AID none|no-disable|no-delete|delete|delete-always");
  assert_int_equal (sim_card_get_policy (host->modem->slot->card)->by, SIM_NOTIFY_AFTER_SESSION);

  test_host_free (host);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_switch_that_is_confirmed_stays),
    cmocka_unit_test (test_profile_that_loses_its_network_falls_back_and_is_deleted),
    cmocka_unit_test (test_new_profile_that_the_network_refuses_falls_back),
    cmocka_unit_test (test_new_profile_without_network_is_rolled_back),
    cmocka_unit_test (test_switch_that_is_never_confirmed_is_rolled_back),
    cmocka_unit_test (test_wrong_words_change_nothing_in_the_card),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
