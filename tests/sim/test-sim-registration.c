/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the simulated modem registers: what clients of the network access service are told, and what "state" shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test-host.h"

#define SERVING_SYSTEM 0x0024
#define NETWORK_REJECT 0x0068
#define ICCID_1 "8988211000000000011"
#define ICCID_2 "8988211000000000029"
#define REGISTERED_1 "\"registration\":{\"state\":\"registered\",\"plmn\":\"00101\",\"cause\":0}"
#define REGISTERED_2 "\"registration\":{\"state\":\"registered\",\"plmn\":\"00102\",\"cause\":0}"
#define DENIED_2 "\"registration\":{\"state\":\"denied\",\"plmn\":\"00102\",\"cause\":11}"
#define SEARCHING "\"registration\":{\"state\":\"searching\",\"plmn\":\"\",\"cause\":0}"
#define NONE "\"registration\":{\"state\":\"none\",\"plmn\":\"\",\"cause\":0}"

/* TLV 01 of Serving System: registration, CS, PS, 3GPP, radios; 10: roaming; 12: PLMN */
#define SERVING_LTE "010600010101020108"
#define SERVING_NONE "01050000020202"
#define SERVING_SEARCHING "01050002020202"

static void
assert_state (TestHost *host, const char *expected)
{
  g_autofree char *reply = NULL;

  test_host_command (host, "state");
  reply = test_host_wait_reply (host);
  if (strstr (reply, expected) == NULL)
    fail_msg ("%s is not in %s", expected, reply);
}

/* A client that wants Serving System (TLV 13) and Network Reject (TLV 21) indications */
static guint8
listen_to_network (TestHost *host)
{
  guint8 nas = test_host_allocate (host, SIM_SERVICE_NAS);

  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_NAS, nas, 0x0003,
                    "13010001"
                    "2102000100");
  return nas;
}

static void
assert_next_serving (TestHost *host, const char *prefix)
{
  g_autofree char *serving
      = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_NAS, SERVING_SYSTEM);

  if (!g_str_has_prefix (serving, prefix))
    fail_msg ("%s does not begin with %s", serving, prefix);
}

static void
enable_second (TestHost *host)
{
  test_host_control (host, "smsr enable 1100 --via sms",
                     "ok packets=1 counter=1 status=00 executed=1 sw=9000 "
                     "aid=A0000005591010FFFFFFFF8900001100");
}

/* The card is gone, and then the new profile has the network of its IMSI. */
static void
test_switch_of_profiles_ends_in_the_home_network_of_the_new_one (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_OBSERVER, FALSE);

  (void) listen_to_network (host);
  assert_state (host, REGISTERED_1);
  enable_second (host);
  assert_next_serving (host, SERVING_NONE);
  assert_next_serving (host, SERVING_LTE "10010001"
                                         "12120001000200"
                                         "0D"
                                         "5465737420504C4D4E20312D32");
  assert_state (host, REGISTERED_2);
  assert_state (host, "\"iccid\":\"" ICCID_2 "\"");

  test_host_free (host);
}

static void
test_home_network_and_imsi_are_the_enabled_profiles (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_OBSERVER, FALSE);
  guint8 nas = listen_to_network (host);
  guint8 dms = test_host_allocate (host, SIM_SERVICE_DMS);
  g_autofree char *home = NULL;
  g_autofree char *imsi = NULL;

  enable_second (host);
  assert_next_serving (host, SERVING_NONE);
  assert_next_serving (host, SERVING_LTE);
  home = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_NAS, nas, 0x0025, "");
  imsi = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_DMS, dms, 0x0043, "");
  assert_string_equal (home, "01120001000200"
                             "0D"
                             "5465737420504C4D4E20312D32");
  assert_string_equal (imsi, "010F00"
                             "303031303230303030303030303032");

  test_host_free (host);
}

static void
test_cell_that_was_named_stays_whichever_profile_is_enabled (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_OBSERVER, FALSE);

  (void) listen_to_network (host);
  test_host_control (host, "network cell 262 02 1 1", "ok");
  assert_next_serving (host, SERVING_LTE);
  enable_second (host);
  assert_next_serving (host, SERVING_NONE);
  assert_next_serving (host, SERVING_LTE);
  assert_state (host, "\"state\":\"registered\",\"plmn\":\"26202\"");

  test_host_free (host);
}

static void
test_attach_takes_as_long_as_was_ordered (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_OBSERVER, FALSE);
  gint64 started_us;

  (void) listen_to_network (host);
  test_host_control (host, "network delay 300", "ok");
  assert_next_serving (host, SERVING_LTE);
  test_host_control (host, "network lost", "ok");
  assert_next_serving (host, SERVING_NONE);
  started_us = g_get_monotonic_time ();
  test_host_control (host, "network back", "ok");
  assert_next_serving (host, SERVING_SEARCHING);
  assert_state (host, SEARCHING);
  assert_next_serving (host, SERVING_LTE);
  assert_true (g_get_monotonic_time () - started_us >= 300 * G_TIME_SPAN_MILLISECOND);

  test_host_free (host);
}

/* Exactly the new profile is refused, and the old one serves again when it is back. */
static void
test_network_may_refuse_one_profile (void **state)
{
  static const char *const targets[] = { ICCID_2, "00102" };

  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      TestHost *host = test_host_new (SIM_GRANT_OBSERVER, FALSE);
      g_autofree char *reject = g_strconcat ("network reject 11 ", targets[i], NULL);
      g_autofree char *accept = g_strconcat ("network reject 0 ", targets[i], NULL);
      g_autofree char *rejection = NULL;

      (void) listen_to_network (host);
      test_host_control (host, reject, "ok");
      assert_next_serving (host, SERVING_LTE);
      enable_second (host);
      rejection = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_NAS, NETWORK_REJECT);
      assert_string_equal (rejection, "01010008"
                                      "02010003"
                                      "0301000B"
                                      "1005000100020000");
      assert_state (host, DENIED_2);
      test_host_control (host, accept, "ok");
      assert_state (host, REGISTERED_2);
      test_host_free (host);
    }
}

static void
test_network_of_one_profile_may_be_lost (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_OBSERVER, FALSE);

  (void) listen_to_network (host);
  test_host_control (host, "network lost " ICCID_2, "ok");
  assert_state (host, REGISTERED_1);
  test_host_control (host, "network lost 00101", "ok");
  assert_state (host, NONE);
  test_host_control (host, "network back 00101", "ok");
  assert_state (host, REGISTERED_1);
  test_host_control (host, "network lost 00101", "ok");
  test_host_control (host, "network normal", "ok");
  assert_state (host, REGISTERED_1);

  test_host_free (host);
}

/* Power off and on of the card, airplane mode and a reset are what heals it. */
static void
test_attach_that_stalls_is_tried_again_when_card_or_radio_are_there_anew (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_OBSERVER, FALSE);
  guint8 dms = test_host_allocate (host, SIM_SERVICE_DMS);

  (void) listen_to_network (host);
  test_host_control (host, "fail attach 2", "ok");
  test_host_control (host, "reset", "ok");
  assert_state (host, SEARCHING);
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_DMS, dms, 0x002E, "01010001");
  assert_state (host, NONE);
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_DMS, dms, 0x002E, "01010000");
  assert_state (host, SEARCHING);
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_DMS, dms, 0x002E, "01010004");
  assert_next_serving (host, SERVING_NONE);
  assert_next_serving (host, SERVING_SEARCHING);
  assert_next_serving (host, SERVING_NONE);
  assert_next_serving (host, SERVING_SEARCHING);
  assert_next_serving (host, SERVING_NONE);
  assert_next_serving (host, SERVING_LTE);
  assert_state (host, REGISTERED_1);

  test_host_free (host);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_switch_of_profiles_ends_in_the_home_network_of_the_new_one),
    cmocka_unit_test (test_home_network_and_imsi_are_the_enabled_profiles),
    cmocka_unit_test (test_cell_that_was_named_stays_whichever_profile_is_enabled),
    cmocka_unit_test (test_attach_takes_as_long_as_was_ordered),
    cmocka_unit_test (test_network_may_refuse_one_profile),
    cmocka_unit_test (test_network_of_one_profile_may_be_lost),
    cmocka_unit_test (test_attach_that_stalls_is_tried_again_when_card_or_radio_are_there_anew),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
