/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Names and identities of SGP.02 (agent/core/sgp02.h). The EID is no real card's; GET DATA answers with it as
 * 16 octets of BCD, not swapped (SGP.02 §2.2.2).
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/sgp02.h"
#include "helpers.h"

#define EID "89001012012341234012345678901224"
#define EID_RESPONSE "5A10" EID "9000"

static void
assert_rejected (const char *hex, EaCoreError code)
{
  g_autoptr (GBytes) response = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  g_autofree char *eid = ea_sgp02_parse_eid (ea_span_from_bytes (response), &error);

  assert_null (eid);
  assert_core_error (&error, code);
}

static void
test_ecasd_is_selected_by_the_identifier_of_the_standard (void **state)
{
  g_autoptr (GBytes) aid = ea_sgp02_get_ecasd_aid ();

  assert_bytes_are (aid, "A0000005591010FFFFFFFF8900000200");
}

static void
test_eid_is_asked_for_with_get_data_of_its_tag (void **state)
{
  g_autoptr (GBytes) command = ea_sgp02_build_get_eid ();

  assert_bytes_are (command, "80CA005A00");
}

static void
test_eid_is_given_as_32_digits_in_the_order_of_its_octets (void **state)
{
  g_autoptr (GBytes) response = bytes_of (EID_RESPONSE);
  g_autoptr (GError) error = NULL;
  g_autofree char *eid = ea_sgp02_parse_eid (ea_span_from_bytes (response), &error);

  assert_null (error);
  assert_string_equal (eid, EID);
}

static void
test_card_that_refuses_to_tell_its_eid_is_unsupported (void **state)
{
  assert_rejected ("6A88", EA_CORE_ERROR_UNSUPPORTED);
  assert_rejected ("6D00", EA_CORE_ERROR_UNSUPPORTED);
  assert_rejected ("6112", EA_CORE_ERROR_UNSUPPORTED);
  /* bytes before another status word than 9000 are no EID */
  assert_rejected ("5A10" EID "6282", EA_CORE_ERROR_UNSUPPORTED);
}

static void
test_eid_of_another_length_is_malformed (void **state)
{
  assert_rejected ("5A0F890010120123412340123456789012 9000", EA_CORE_ERROR_MALFORMED);
  assert_rejected ("5A11" EID "00 9000", EA_CORE_ERROR_MALFORMED);
  assert_rejected ("5A00 9000", EA_CORE_ERROR_MALFORMED);
}

static void
test_object_with_another_tag_is_no_eid (void **state)
{
  assert_rejected ("5C10" EID "9000", EA_CORE_ERROR_MALFORMED);
  assert_rejected ("7F2110" EID "9000", EA_CORE_ERROR_MALFORMED);
}

static void
test_eid_with_a_hexadecimal_digit_in_any_place_is_malformed (void **state)
{
  for (gsize i = 0; i < EA_SGP02_EID_DIGITS; i++)
    {
      g_autofree char *hex = g_strdup (EID_RESPONSE);

      hex[strlen ("5A10") + i] = 'A';
      assert_rejected (hex, EA_CORE_ERROR_MALFORMED);
    }
}

static void
test_length_that_the_standard_does_not_have_is_refused (void **state)
{
  assert_rejected ("5A80" EID "9000", EA_CORE_ERROR_MALFORMED);
  assert_rejected ("5A8400000010" EID "9000", EA_CORE_ERROR_MALFORMED);
}

static void
assert_truncated (EaSpan response, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *eid = ea_sgp02_parse_eid (response, &error);

  assert_null (eid);
  assert_core_error (&error, *(const EaCoreError *) user_data);
}

/* A response that was cut has another status word: the octets of the EID that are its last two now. */
static void
test_every_truncation_of_a_response_is_refused (void **state)
{
  g_autoptr (GBytes) response = bytes_of (EID_RESPONSE);
  EaSpan span = ea_span_from_bytes (response);
  EaCoreError truncated = EA_CORE_ERROR_TRUNCATED;
  EaCoreError unsupported = EA_CORE_ERROR_UNSUPPORTED;

  for (gsize size = 0; size < span.size; size++)
    parse_exact (ea_span_init (span.data, size), assert_truncated,
                 size < 2 ? &truncated : &unsupported);
}

static void
test_every_truncation_of_the_eid_object_is_truncated (void **state)
{
  for (gsize n_octets = 0; n_octets < 18; n_octets++)
    {
      g_autofree char *object = g_strndup (EID_RESPONSE, 2 * n_octets);
      g_autofree char *hex = g_strconcat (object, "9000", NULL);

      assert_rejected (hex, EA_CORE_ERROR_TRUNCATED);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_ecasd_is_selected_by_the_identifier_of_the_standard),
    cmocka_unit_test (test_eid_is_asked_for_with_get_data_of_its_tag),
    cmocka_unit_test (test_eid_is_given_as_32_digits_in_the_order_of_its_octets),
    cmocka_unit_test (test_card_that_refuses_to_tell_its_eid_is_unsupported),
    cmocka_unit_test (test_eid_of_another_length_is_malformed),
    cmocka_unit_test (test_object_with_another_tag_is_no_eid),
    cmocka_unit_test (test_eid_with_a_hexadecimal_digit_in_any_place_is_malformed),
    cmocka_unit_test (test_length_that_the_standard_does_not_have_is_refused),
    cmocka_unit_test (test_every_truncation_of_a_response_is_refused),
    cmocka_unit_test (test_every_truncation_of_the_eid_object_is_truncated),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
