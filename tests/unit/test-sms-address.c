/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Addresses of short messages and service centres (agent/core/sms-address.h), TS 23.040 §9.1.2.5. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/sms-address.h"
#include "helpers.h"

static EaSmsAddress
read_address (const char *hex)
{
  g_autoptr (GBytes) octets = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaSmsAddress address;
  EaReader reader;

  ea_reader_init (&reader, ea_span_from_bytes (octets));
  if (!ea_sms_read_address (&reader, &address, &error))
    fail_msg ("%s: %s", hex, error->message);
  assert_true (ea_reader_done (&reader));
  return address;
}

static void
assert_written (const EaSmsAddress *address, const char *hex)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;

  ea_writer_init (&writer);
  if (!ea_sms_write_address (&writer, address, &error))
    fail_msg ("%s: %s", hex, error->message);
  assert_span_is (ea_writer_span (&writer), hex);
}

static void
assert_address (const char *hex, EaSmsTon ton, guint8 npi, const char *digits)
{
  EaSmsAddress address = read_address (hex);

  assert_int_equal (address.ton, ton);
  assert_int_equal (address.npi, npi);
  assert_string_equal (address.digits, digits);
  assert_written (&address, hex);
}

static void
test_addresses_of_all_types_are_read_and_written (void **state)
{
  assert_address ("0881214365 87", EA_SMS_TON_UNKNOWN, 1, "12345678");
  assert_address ("0C91945121436587", EA_SMS_TON_INTERNATIONAL, 1, "491512345678");
  assert_address ("0391 21F3", EA_SMS_TON_INTERNATIONAL, 1, "123");
  assert_address ("04A12143", EA_SMS_TON_NATIONAL, 1, "1234");
  assert_address ("04B32143", EA_SMS_TON_NETWORK_SPECIFIC, 3, "1234");
  assert_address ("04C92143", EA_SMS_TON_SUBSCRIBER, 9, "1234");
  assert_address ("04E12143", EA_SMS_TON_ABBREVIATED, 1, "1234");
  assert_address ("04FF2143", 7, 15, "1234");
  assert_address ("0091", EA_SMS_TON_INTERNATIONAL, 1, "");
}

static void
test_digits_beyond_nine_have_their_signs (void **state)
{
  assert_address ("0F8110325476 98BADCFE", EA_SMS_TON_UNKNOWN, 1, "0123456789*#abc");
}

/* pySim and ModemManager (4 and 11 characters), oFono (7, counted to the semi-octet) */
static void
test_text_of_an_originator_is_read_as_others_read_it (void **state)
{
  assert_address ("08D0E5759A0E", EA_SMS_TON_ALPHANUMERIC, 0, "ekit");
  assert_address ("14D04937BD2C7797E9D3E614", EA_SMS_TON_ALPHANUMERIC, 0, "InternetSMS");
  assert_address ("0DD0F334FC1CA69701", EA_SMS_TON_ALPHANUMERIC, 0, "sipgate");
  assert_address ("0FD0E8329BFD46970100", EA_SMS_TON_ALPHANUMERIC, 0, "hellohe@");
  assert_address ("14D0FBFD7EBFDFEFF77BFE1E", EA_SMS_TON_ALPHANUMERIC, 0, "äääääääääöä");
}

static void
test_text_is_counted_to_the_semi_octet_when_written_anew (void **state)
{
  assert_written (&(EaSmsAddress){ .ton = 5, .digits = "sipgate" }, "0DD0F334FC1CA69701");
  assert_written (&(EaSmsAddress){ .ton = 5, .digits = "ekit" }, "07D0E5759A0E");
  assert_written (&(EaSmsAddress){ .ton = 5, .digits = "InternetSMS" }, "14D04937BD2C7797E9D3E614");
  assert_written (&(EaSmsAddress){ .ton = 5, .digits = "" }, "00D0");
}

/* The length that came does not outlive the digits that it counted. */
static void
test_digits_that_were_changed_are_counted (void **state)
{
  EaSmsAddress address = read_address ("039121F3");

  assert_false (address.has_digit_beyond);
  g_strlcpy (address.digits, "9876", sizeof address.digits);
  assert_written (&address, "04918967");
  g_strlcpy (address.digits, "98765", sizeof address.digits);
  assert_written (&address, "05918967F5");
  g_strlcpy (address.digits, "98", sizeof address.digits);
  assert_written (&address, "039189FF");
}

static void
test_digits_are_counted_when_written_anew (void **state)
{
  assert_written (&(EaSmsAddress){ .ton = 1, .npi = 1, .digits = "123" }, "039121F3");
  assert_written (&(EaSmsAddress){ .ton = 1, .npi = 1, .n_semi_octets = 2, .digits = "123" },
                  "039121F3");
  assert_written (&(EaSmsAddress){ .npi = 1, .digits = "12345678901234567890" },
                  "148121436587092143658709");
}

/* The number ends at an F, wherever that is. */
static void
test_filled_up_numbers_are_written_as_they_came (void **state)
{
  assert_address ("0691 21F3FF", EA_SMS_TON_INTERNATIONAL, 1, "123");
  assert_address ("0591 21F3FF", EA_SMS_TON_INTERNATIONAL, 1, "123");
}

/* oFono reads 350101010101 in its test of the default alphabet, which says 11 digits */
static void
test_odd_number_that_is_not_filled_up_is_read_whole_and_written_as_it_came (void **state)
{
  EaSmsAddress address = read_address ("0391 2143");

  assert_address ("0B91531010101010", EA_SMS_TON_INTERNATIONAL, 1, "350101010101");
  assert_string_equal (address.digits, "1234");
  assert_true (address.has_digit_beyond);
  assert_written (&address, "03912143");
  g_strlcpy (address.digits, "12", sizeof address.digits);
  assert_written (&address, "039121FF");
  g_strlcpy (address.digits, "9876", sizeof address.digits);
  address.has_digit_beyond = FALSE;
  assert_written (&address, "04918967");
  address = (EaSmsAddress){ .ton = 1, .npi = 1, .digits = "1", .has_digit_beyond = TRUE };
  assert_written (&address, "0191F1");
}

static void
fail_truncated (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaSmsAddress address;
  EaReader reader;

  poison (&address, sizeof address);
  ea_reader_init (&reader, span);
  assert_false (ea_sms_read_address (&reader, &address, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_true (is_poisoned (&address, sizeof address));
}

static void
test_every_truncation_of_an_address_is_truncated (void **state)
{
  g_autoptr (GBytes) number = bytes_of ("0C91945121436587");
  g_autoptr (GBytes) text = bytes_of ("14D04937BD2C7797E9D3E614");

  parse_truncations (ea_span_from_bytes (number), fail_truncated, NULL);
  parse_truncations (ea_span_from_bytes (text), fail_truncated, NULL);
}

static void
assert_truncated_address (const char *hex, const char *message)
{
  g_autoptr (GBytes) octets = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaSmsAddress address;
  EaReader reader;

  ea_reader_init (&reader, ea_span_from_bytes (octets));
  assert_false (ea_sms_read_address (&reader, &address, &error));
  assert_string_equal (error->message, message);
}

static void
test_truncated_address_tells_what_is_missing (void **state)
{
  assert_truncated_address ("", "Address ends before its type of number");
  assert_truncated_address ("00", "Address ends before its type of number");
  assert_truncated_address ("039121", "Address of 3 semi-octets has 1 bytes of digits, not 2");
}

static void
test_address_that_is_too_long_tells_its_length_and_place (void **state)
{
  g_autoptr (GBytes) octets = bytes_of ("FF15912121212121212121212121");
  EaSpan span = ea_span_from_bytes (octets);
  g_autoptr (GError) error = NULL;
  EaSmsAddress address;
  EaReader reader;
  gsize offset = 0;

  ea_reader_init (&reader, span);
  (void) ea_reader_u8 (&reader); /* something before the address */
  assert_false (ea_sms_read_address (&reader, &address, &error));
  assert_string_equal (error->message, "Address has 21 semi-octets, more than 20");
  assert_true (ea_core_error_get_offset (error, span.data, span.size, &offset));
  assert_int_equal (offset, 1);
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

static void
assert_not_written (const EaSmsAddress *address, EaCoreError code)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;

  ea_writer_init (&writer);
  assert_false (ea_sms_write_address (&writer, address, &error));
  assert_core_error (&error, code);
  assert_int_equal (ea_writer_span (&writer).size, 0);
}

static void
test_address_that_can_not_be_said_is_not_written (void **state)
{
  assert_not_written (&(EaSmsAddress){ .ton = 8 }, EA_CORE_ERROR_MALFORMED);
  assert_not_written (&(EaSmsAddress){ .npi = 16 }, EA_CORE_ERROR_MALFORMED);
  assert_not_written (&(EaSmsAddress){ .digits = "12d" }, EA_CORE_ERROR_MALFORMED);
  assert_not_written (&(EaSmsAddress){ .digits = "123456789012345678901" }, EA_CORE_ERROR_LIMIT);
  assert_not_written (&(EaSmsAddress){ .ton = 5, .digits = "twelve chars" }, EA_CORE_ERROR_LIMIT);
  assert_not_written (&(EaSmsAddress){ .ton = 5, .digits = "тест" }, EA_CORE_ERROR_UNSUPPORTED);
}

static void
test_addresses_are_equal_in_type_plan_and_digits (void **state)
{
  EaSmsAddress address = { .ton = 1, .npi = 1, .digits = "123" };
  EaSmsAddress other = { .ton = 1, .npi = 1, .n_semi_octets = 3, .digits = "123" };

  assert_true (ea_sms_address_equal (&address, &other));
  other.ton = 0;
  assert_false (ea_sms_address_equal (&address, &other));
  other = (EaSmsAddress){ .ton = 1, .npi = 9, .digits = "123" };
  assert_false (ea_sms_address_equal (&address, &other));
  other = (EaSmsAddress){ .ton = 1, .npi = 1, .digits = "124" };
  assert_false (ea_sms_address_equal (&address, &other));
}

static void
test_service_centre_is_an_address_without_a_length (void **state)
{
  g_autoptr (GBytes) octets = bytes_of ("912143658709F1");
  g_autoptr (GBytes) longer = bytes_of ("912121212121212121212121");
  g_autoptr (GError) error = NULL;
  EaSmsAddress address;

  assert_true (ea_sms_parse_smsc (&address, ea_span_from_bytes (octets), &error));
  assert_int_equal (address.ton, EA_SMS_TON_INTERNATIONAL);
  assert_int_equal (address.npi, 1);
  assert_string_equal (address.digits, "12345678901");

  assert_false (ea_sms_parse_smsc (&address, EA_SPAN_EMPTY, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_false (ea_sms_parse_smsc (&address, ea_span_from_bytes (longer), &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static void
test_service_centre_is_split_from_a_stored_message (void **state)
{
  g_autoptr (GBytes) stored = bytes_of ("07912143658709F1040B91");
  g_autoptr (GBytes) without = bytes_of ("0011000B");
  g_autoptr (GError) error = NULL;
  EaSpan smsc;
  EaSpan tpdu;

  assert_true (ea_sms_split_smsc (ea_span_from_bytes (stored), &smsc, &tpdu, &error));
  assert_span_is (smsc, "912143658709F1");
  assert_span_is (tpdu, "040B91");

  assert_true (ea_sms_split_smsc (ea_span_from_bytes (without), &smsc, &tpdu, &error));
  assert_int_equal (smsc.size, 0);
  assert_span_is (tpdu, "11000B");
}

static void
fail_truncated_smsc (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaSpan smsc;
  EaSpan tpdu;

  poison (&smsc, sizeof smsc);
  poison (&tpdu, sizeof tpdu);
  assert_false (ea_sms_split_smsc (span, &smsc, &tpdu, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_true (is_poisoned (&smsc, sizeof smsc));
  assert_true (is_poisoned (&tpdu, sizeof tpdu));
}

static void
test_service_centre_is_whole_and_has_at_most_11_octets (void **state)
{
  g_autoptr (GBytes) longest = bytes_of ("0B9121212121212121212121");
  g_autoptr (GBytes) longer = bytes_of ("0C912121212121212121212121");
  g_autoptr (GError) error = NULL;
  EaSpan smsc;
  EaSpan tpdu;

  parse_truncations (ea_span_from_bytes (longest), fail_truncated_smsc, NULL);
  assert_true (ea_sms_split_smsc (ea_span_from_bytes (longest), &smsc, &tpdu, &error));
  assert_int_equal (smsc.size, EA_SMS_SMSC_MAX);
  assert_int_equal (tpdu.size, 0);
  assert_false (ea_sms_split_smsc (ea_span_from_bytes (longer), &smsc, &tpdu, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static void
assert_smsc (const char *number, const char *hex)
{
  g_autoptr (GBytes) smsc = ea_sms_build_smsc (number);

  assert_bytes_are (smsc, hex);
}

static void
test_service_centre_number_becomes_swapped_digits (void **state)
{
  assert_smsc ("+12345678901", "912143658709F1");
  assert_smsc ("447785016005", "81447758100650");
  assert_smsc ("1", "81F1");
  assert_smsc ("+12121212121212121212", "9121212121212121212121");
}

static void
test_service_centre_number_that_is_none_is_refused (void **state)
{
  static const char *const bad[] = { "", "+", "12a", "+ 1", "1 ", "*1", "121212121212121212121" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_null (ea_sms_build_smsc (bad[i]));
}

static void
assert_number (const char *number, guint8 ton, const char *octets)
{
  g_auto (EaWriter) writer = { 0 };
  EaSmsAddress address;

  assert_true (ea_sms_parse_number (&address, number, NULL));
  assert_int_equal (address.ton, ton);
  ea_writer_init (&writer);
  assert_true (ea_sms_write_address (&writer, &address, NULL));
  assert_span_is (ea_writer_span (&writer), octets);
}

static void
test_number_becomes_an_address (void **state)
{
  assert_number ("+999102127", EA_SMS_TON_INTERNATIONAL, "099199192021F7");
  assert_number ("491234", EA_SMS_TON_UNKNOWN, "0681942143");
  assert_number ("0", EA_SMS_TON_UNKNOWN, "0181F0");
  assert_number ("+12121212121212121212", EA_SMS_TON_INTERNATIONAL, "149121212121212121212121");
}

static void
test_number_that_is_none_is_no_address (void **state)
{
  static const char *const bad[] = { "", "+", "12a", "+ 1", "1 ", "*1", "121212121212121212121" };
  g_autoptr (GError) error = NULL;
  EaSmsAddress address;

  poison (&address, sizeof address);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      assert_false (ea_sms_parse_number (&address, bad[i], &error));
      assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
    }
  assert_true (is_poisoned (&address, sizeof address));
}

static void
test_service_centre_is_joined_with_a_message_to_store (void **state)
{
  g_autoptr (GBytes) smsc = bytes_of ("912143658709F1");
  g_autoptr (GBytes) tpdu = bytes_of ("040B91");
  g_autoptr (GBytes) stored
      = ea_sms_join_smsc (ea_span_from_bytes (smsc), ea_span_from_bytes (tpdu));
  g_autoptr (GBytes) without = ea_sms_join_smsc (EA_SPAN_EMPTY, ea_span_from_bytes (tpdu));

  assert_bytes_are (stored, "07912143658709F1040B91");
  assert_bytes_are (without, "00040B91");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_addresses_of_all_types_are_read_and_written),
    cmocka_unit_test (test_digits_beyond_nine_have_their_signs),
    cmocka_unit_test (test_text_of_an_originator_is_read_as_others_read_it),
    cmocka_unit_test (test_text_is_counted_to_the_semi_octet_when_written_anew),
    cmocka_unit_test (test_digits_are_counted_when_written_anew),
    cmocka_unit_test (test_digits_that_were_changed_are_counted),
    cmocka_unit_test (test_filled_up_numbers_are_written_as_they_came),
    cmocka_unit_test (test_odd_number_that_is_not_filled_up_is_read_whole_and_written_as_it_came),
    cmocka_unit_test (test_truncated_address_tells_what_is_missing),
    cmocka_unit_test (test_every_truncation_of_an_address_is_truncated),
    cmocka_unit_test (test_address_that_is_too_long_tells_its_length_and_place),
    cmocka_unit_test (test_address_that_can_not_be_said_is_not_written),
    cmocka_unit_test (test_addresses_are_equal_in_type_plan_and_digits),
    cmocka_unit_test (test_service_centre_is_an_address_without_a_length),
    cmocka_unit_test (test_service_centre_is_split_from_a_stored_message),
    cmocka_unit_test (test_service_centre_is_whole_and_has_at_most_11_octets),
    cmocka_unit_test (test_service_centre_number_becomes_swapped_digits),
    cmocka_unit_test (test_service_centre_number_that_is_none_is_refused),
    cmocka_unit_test (test_number_becomes_an_address),
    cmocka_unit_test (test_number_that_is_none_is_no_address),
    cmocka_unit_test (test_service_centre_is_joined_with_a_message_to_store),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
