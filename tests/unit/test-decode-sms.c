/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What `euiccctl decode` shows (agent/ctl/decode.h) of times in short messages, and of lengths that do not
 * agree: members of the JSON.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/decode.h"
#include "helpers.h"

static char *
decode (const char *kind, const char *hex)
{
  static const EaDecodeOptions options = { 0 };
  g_auto (EaDecoder) decoder = { 0 };

  ea_decoder_init (&decoder, kind, &options, EA_REPORT_JSON_SHORT);
  if (!ea_decoder_run (&decoder, hex, strlen (hex)))
    fail_msg ("%s %s: %s", kind, hex, decoder.out->str);
  return g_strdup (decoder.out->str);
}

static void
assert_shown (const char *kind, const char *hex, const char *members)
{
  g_autofree char *json = decode (kind, hex);

  if (strstr (json, members) == NULL)
    fail_msg ("%s has no %s", json, members);
}

static void
assert_not_shown (const char *kind, const char *hex, const char *name)
{
  g_autofree char *json = decode (kind, hex);

  if (strstr (json, name) != NULL)
    fail_msg ("%s has %s", json, name);
}

static void
test_time_stamp_that_is_no_time_is_shown_as_octets (void **state)
{
  assert_shown ("sms-deliver", "040291210004621122010000000141",
                "\"timestamp\":\"2026-11-22T10:00:00+00:00\",\"user_data_length\":1,");
  assert_shown ("sms-deliver", "040291210004621332010000000141",
                "\"timestamp_octets\":\"62133201000000\",\"user_data_length\":1,");
  assert_not_shown ("sms-deliver", "040291210004621332010000000141", "\"timestamp\"");
}

static void
test_times_of_a_status_report_that_are_no_times_are_shown_as_octets (void **state)
{
  assert_shown ("sms-status-report",
                "06D602912111101171955140"
                "1110117195714000",
                "\"timestamp\":\"2011-01-11T17:59:15+01:00\","
                "\"discharge_time\":\"2011-01-11T17:59:17+01:00\"");
  assert_shown ("sms-status-report",
                "06D60291210000000000000000000000000000"
                "00",
                "\"timestamp_octets\":\"00000000000000\","
                "\"discharge_time_octets\":\"00000000000000\"");
}

static void
test_end_of_the_validity_that_is_no_time_is_shown_as_octets (void **state)
{
  assert_shown ("sms-submit", "190002912100046211220100000002AABB",
                "\"validity\":{\"format\":\"absolute\",\"end\":\"2026-11-22T10:00:00+00:00\"}");
  assert_shown ("sms-submit", "190002912100046213320100000002AABB",
                "\"validity\":{\"format\":\"absolute\",\"end_octets\":\"62133201000000\"}");
  assert_shown ("sms-submit", "090002912100040300060000000002AABB",
                "\"validity\":{\"format\":\"enhanced\",\"data\":\"03000600000000\"}");
}

static void
test_length_that_does_not_agree_is_told (void **state)
{
  assert_shown ("sms-submit", "01000291210004014142",
                "\"user_data_length\":1,\"user_data_length_disagrees\":true,");
  assert_not_shown ("sms-submit", "01000291210004024142", "disagrees");
  assert_shown ("sms-submit", "010002912100000661626364656667",
                "\"user_data_length\":6,\"user_data_length_disagrees\":true,");
  assert_not_shown ("sms-submit", "010002912100000761626364656667", "disagrees");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_time_stamp_that_is_no_time_is_shown_as_octets),
    cmocka_unit_test (test_times_of_a_status_report_that_are_no_times_are_shown_as_octets),
    cmocka_unit_test (test_end_of_the_validity_that_is_no_time_is_shown_as_octets),
    cmocka_unit_test (test_length_that_does_not_agree_is_told),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
