/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Time stamps and validity periods (agent/core/sms-time.h), TS 23.040 §9.2.3.11 and §9.2.3.12. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/sms-time.h"
#include "helpers.h"

#define MINUTE 60u
#define HOUR 3600u
#define DAY 86400u
#define WEEK 604800u

static void
assert_time (const char *hex, const char *expected)
{
  g_autoptr (GBytes) octets = bytes_of (hex);
  g_auto (EaWriter) writer = { 0 };
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  EaSmsTime time;

  if (!ea_sms_parse_time (&time, ea_span_from_bytes (octets), &error))
    fail_msg ("%s: %s", hex, error->message);
  text = ea_sms_format_time (&time);
  assert_string_equal (text, expected);
  ea_writer_init (&writer);
  assert_true (ea_sms_write_time (&writer, &time, NULL));
  assert_span_is (ea_writer_span (&writer), hex);
}

static void
test_time_stamps_are_swapped_decimal_digits (void **state)
{
  assert_time ("22705200000080", "2022-07-25T00:00:00+02:00");
  assert_time ("1120821105050A", "2011-02-28T11:50:50-05:00");
}

static void
test_zone_counts_quarters_of_an_hour_with_a_sign (void **state)
{
  assert_time ("11101021436500", "2011-01-01T12:34:56+00:00");
  assert_time ("11101021436522", "2011-01-01T12:34:56+05:30");
  assert_time ("11101021436532", "2011-01-01T12:34:56+05:45");
  assert_time ("1110102143654A", "2011-01-01T12:34:56-06:00");
  assert_time ("1110102143659F", "2011-01-01T12:34:56-19:45");
}

static void
test_year_is_between_1990_and_2089 (void **state)
{
  assert_time ("09101000000000", "1990-01-01T00:00:00+00:00");
  assert_time ("99211332959500", "1999-12-31T23:59:59+00:00");
  assert_time ("00102000000000", "2000-01-02T00:00:00+00:00");
  assert_time ("98211300000000", "2089-12-31T00:00:00+00:00");
}

static void
assert_no_time (const char *hex, EaCoreError code, gsize offset)
{
  g_autoptr (GBytes) octets = bytes_of (hex);
  EaSpan span = ea_span_from_bytes (octets);
  g_autoptr (GError) error = NULL;
  gsize actual = G_MAXSIZE;
  EaSmsTime time;

  poison (&time, sizeof time);
  if (ea_sms_parse_time (&time, span, &error))
    fail_msg ("%s was read", hex);
  assert_true (is_poisoned (&time, sizeof time));
  assert_true (ea_core_error_get_offset (error, span.data, span.size, &actual));
  assert_int_equal (actual, offset);
  assert_core_error (&error, code);
}

static void
test_what_is_no_time_is_not_guessed (void **state)
{
  assert_no_time ("A1101000000000", EA_CORE_ERROR_MALFORMED, 0); /* digit 10 */
  assert_no_time ("111010000000A0", EA_CORE_ERROR_MALFORMED, 6);
  assert_no_time ("00000000000000", EA_CORE_ERROR_MALFORMED, 0); /* month 0 */
  assert_no_time ("11311000000000", EA_CORE_ERROR_MALFORMED, 0); /* month 13 */
  assert_no_time ("11209200000000", EA_CORE_ERROR_MALFORMED, 0); /* 29 February 2011 */
  assert_no_time ("11101042000000", EA_CORE_ERROR_MALFORMED, 0); /* 24 h */
  assert_no_time ("11101000060000", EA_CORE_ERROR_MALFORMED, 0); /* 60 min */
  assert_no_time ("11101000000600", EA_CORE_ERROR_MALFORMED, 0); /* 60 s */
  assert_no_time ("111010000000", EA_CORE_ERROR_TRUNCATED, 0);
  assert_no_time ("1110100000000000", EA_CORE_ERROR_MALFORMED, 0);
}

static void
test_year_of_two_digits_is_that_of_a_time_stamp (void **state)
{
  assert_int_equal (ea_sms_get_year (0), 2000);
  assert_int_equal (ea_sms_get_year (89), 2089);
  assert_int_equal (ea_sms_get_year (90), 1990);
  assert_int_equal (ea_sms_get_year (99), 1999);
}

static void
test_calendar_tells_which_times_there_are (void **state)
{
  assert_true (ea_sms_is_time (&(EaSmsTime){ 2024, 2, 29, 23, 59, 59, 79 }));
  assert_true (ea_sms_is_time (&(EaSmsTime){ 1990, 1, 31, 0, 0, 0, -79 }));
  assert_false (ea_sms_is_time (&(EaSmsTime){ 2024, 2, 31, 0, 0, 0, 0 }));
  assert_false (ea_sms_is_time (&(EaSmsTime){ 2023, 2, 29, 0, 0, 0, 0 }));
  assert_false (ea_sms_is_time (&(EaSmsTime){ 2023, 4, 31, 0, 0, 0, 0 }));
  assert_false (ea_sms_is_time (&(EaSmsTime){ 2023, 0, 1, 0, 0, 0, 0 }));
  assert_false (ea_sms_is_time (&(EaSmsTime){ 2023, 1, 0, 0, 0, 0, 0 }));
}

static void
test_time_that_does_not_exist_is_not_written (void **state)
{
  const EaSmsTime bad[]
      = { { 2011, 2, 29, 0, 0, 0, 0 }, { 1989, 1, 1, 0, 0, 0, 0 },  { 2090, 1, 1, 0, 0, 0, 0 },
          { 2011, 1, 1, 24, 0, 0, 0 }, { 2011, 1, 1, 0, 60, 0, 0 }, { 2011, 1, 1, 0, 0, 60, 0 },
          { 2011, 1, 1, 0, 0, 0, 80 }, { 2011, 1, 1, 0, 0, 0, -80 } };
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;

  ea_writer_init (&writer);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      assert_false (ea_sms_write_time (&writer, &bad[i], &error));
      assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
    }
  assert_int_equal (ea_writer_span (&writer).size, 0);
}

static EaSmsValidity
parse_validity (const char *hex, EaSmsValidityFormat format)
{
  g_autoptr (GBytes) octets = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaSmsValidity validity;

  if (!ea_sms_parse_validity (&validity, ea_span_from_bytes (octets), format, &error))
    fail_msg ("%s: %s", hex, error->message);
  assert_int_equal (validity.format, format);
  return validity;
}

static void
assert_written (const EaSmsValidity *validity, const char *hex)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;

  ea_writer_init (&writer);
  if (!ea_sms_write_validity (&writer, validity, &error))
    fail_msg ("%s: %s", hex, error->message);
  assert_span_is (ea_writer_span (&writer), hex);
}

/* TS 23.040 §9.2.3.12.1, both ends of each range */
static void
test_relative_validity_has_four_ranges (void **state)
{
  static const struct
  {
    const char *hex;
    guint32 seconds;
  } periods[] = { { "00", 5 * MINUTE }, { "8F", 12 * HOUR }, { "90", 12 * HOUR + 30 * MINUTE },
                  { "A7", 24 * HOUR },  { "A8", 2 * DAY },   { "AA", 4 * DAY },
                  { "C4", 30 * DAY },   { "C5", 5 * WEEK },  { "FF", 63 * WEEK } };

  for (gsize i = 0; i < G_N_ELEMENTS (periods); i++)
    {
      EaSmsValidity validity = parse_validity (periods[i].hex, EA_SMS_VALIDITY_RELATIVE);

      assert_int_equal (validity.seconds, periods[i].seconds);
      assert_written (&validity, periods[i].hex);
    }
}

static void
test_relative_validity_is_never_written_shorter (void **state)
{
  assert_written (&(EaSmsValidity){ .format = EA_SMS_VALIDITY_RELATIVE, .seconds = 0 }, "00");
  assert_written (&(EaSmsValidity){ .format = EA_SMS_VALIDITY_RELATIVE, .seconds = 301 }, "01");
  assert_written (&(EaSmsValidity){ .format = EA_SMS_VALIDITY_RELATIVE, .seconds = DAY + 1 }, "A8");
}

static void
test_absolute_validity_is_a_time (void **state)
{
  EaSmsValidity validity = parse_validity ("11101021436500", EA_SMS_VALIDITY_ABSOLUTE);

  assert_int_equal (validity.end.year, 2011);
  assert_int_equal (validity.end.second, 56);
  assert_written (&validity, "11101021436500");
}

/* TS 23.040 §9.2.3.12.3 */
static void
test_enhanced_validity_has_four_formats (void **state)
{
  EaSmsValidity none = parse_validity ("40000000000000", EA_SMS_VALIDITY_ENHANCED);
  EaSmsValidity relative = parse_validity ("01FF0000000000", EA_SMS_VALIDITY_ENHANCED);
  EaSmsValidity seconds = parse_validity ("421E0000000000", EA_SMS_VALIDITY_ENHANCED);
  EaSmsValidity clock = parse_validity ("03219555000000", EA_SMS_VALIDITY_ENHANCED);

  assert_true (none.is_single_shot && !none.has_period);
  assert_true (!relative.is_single_shot && relative.has_period);
  assert_int_equal (relative.seconds, 63 * WEEK);
  assert_true (seconds.is_single_shot && seconds.has_period);
  assert_int_equal (seconds.seconds, 30);
  assert_int_equal (clock.seconds, 12 * HOUR + 59 * MINUTE + 55);
  assert_written (&none, "40000000000000");
  assert_written (&relative, "01FF0000000000");
  assert_written (&seconds, "421E0000000000");
  assert_written (&clock, "03219555000000");
}

static void
assert_no_validity (const char *hex, EaSmsValidityFormat format, EaCoreError code)
{
  g_autoptr (GBytes) octets = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaSmsValidity validity;

  poison (&validity, sizeof validity);
  if (ea_sms_parse_validity (&validity, ea_span_from_bytes (octets), format, &error))
    fail_msg ("%s was read", hex);
  assert_core_error (&error, code);
  assert_true (is_poisoned (&validity, sizeof validity));
}

static void
test_validity_that_says_nothing_is_refused (void **state)
{
  assert_no_validity ("00", EA_SMS_VALIDITY_NONE, EA_CORE_ERROR_MALFORMED);
  assert_no_validity ("", EA_SMS_VALIDITY_RELATIVE, EA_CORE_ERROR_MALFORMED);
  assert_no_validity ("0000", EA_SMS_VALIDITY_RELATIVE, EA_CORE_ERROR_MALFORMED);
  assert_no_validity ("010500", EA_SMS_VALIDITY_ENHANCED, EA_CORE_ERROR_MALFORMED);
  assert_no_validity ("04000000000000", EA_SMS_VALIDITY_ENHANCED, EA_CORE_ERROR_UNSUPPORTED);
  assert_no_validity ("80000000000000", EA_SMS_VALIDITY_ENHANCED, EA_CORE_ERROR_UNSUPPORTED);
  assert_no_validity ("03A00000000000", EA_SMS_VALIDITY_ENHANCED, EA_CORE_ERROR_MALFORMED);
  assert_no_validity ("03000600000000", EA_SMS_VALIDITY_ENHANCED, EA_CORE_ERROR_MALFORMED);
  assert_no_validity ("A1101000000000", EA_SMS_VALIDITY_ABSOLUTE, EA_CORE_ERROR_MALFORMED);
}

static void
test_validity_that_is_no_time_tells_its_digits (void **state)
{
  g_autoptr (GBytes) octets = bytes_of ("03219506000000");
  EaSpan span = ea_span_from_bytes (octets);
  g_autoptr (GError) error = NULL;
  EaSmsValidity validity;
  gsize offset = 0;

  assert_false (ea_sms_parse_validity (&validity, span, EA_SMS_VALIDITY_ENHANCED, &error));
  assert_string_equal (error->message, "Validity period 219506 is no time of at most 99:59:59");
  assert_true (ea_core_error_get_offset (error, span.data, span.size, &offset));
  assert_int_equal (offset, 1);
}

static void
test_validity_that_is_too_long_is_not_written (void **state)
{
  EaSmsValidity relative = { .format = EA_SMS_VALIDITY_RELATIVE, .seconds = 63 * WEEK + 1 };
  EaSmsValidity enhanced
      = { .format = EA_SMS_VALIDITY_ENHANCED, .seconds = 63 * WEEK + 1, .has_period = TRUE };
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;

  ea_writer_init (&writer);
  assert_false (ea_sms_write_validity (&writer, &relative, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
  assert_false (ea_sms_write_validity (&writer, &enhanced, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
  assert_int_equal (ea_writer_span (&writer).size, 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_time_stamps_are_swapped_decimal_digits),
    cmocka_unit_test (test_zone_counts_quarters_of_an_hour_with_a_sign),
    cmocka_unit_test (test_year_is_between_1990_and_2089),
    cmocka_unit_test (test_what_is_no_time_is_not_guessed),
    cmocka_unit_test (test_year_of_two_digits_is_that_of_a_time_stamp),
    cmocka_unit_test (test_calendar_tells_which_times_there_are),
    cmocka_unit_test (test_time_that_does_not_exist_is_not_written),
    cmocka_unit_test (test_relative_validity_has_four_ranges),
    cmocka_unit_test (test_relative_validity_is_never_written_shorter),
    cmocka_unit_test (test_absolute_validity_is_a_time),
    cmocka_unit_test (test_enhanced_validity_has_four_formats),
    cmocka_unit_test (test_validity_that_says_nothing_is_refused),
    cmocka_unit_test (test_validity_that_is_no_time_tells_its_digits),
    cmocka_unit_test (test_validity_that_is_too_long_is_not_written),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
