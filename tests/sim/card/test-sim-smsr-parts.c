/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Scripts that are too large for their carrier. Bytes by hand, as ETSI TS 102 226 §5.2 has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/error.h"
#include "smsr-parts.h"
#include "test-support.h"

/* Three commands of 7 octets each */
#define THREE "aa1b220780ca005a00aaaa220780ca005a00bbbb220780ca005a00cccc"
#define SIZE_OF_TWO 22

static SimSmsrParts *
make (const char *script, gsize size_max)
{
  g_autoptr (GBytes) bytes = from_hex (script);
  g_autoptr (GError) error = NULL;
  SimSmsrParts *parts = sim_smsr_parts_new (ea_span_from_bytes (bytes), size_max, &error);

  if (parts == NULL)
    fail_msg ("%s: %s", script, error->message);
  return parts;
}

static void
assert_part (const SimSmsrParts *parts, const char *expected)
{
  g_autoptr (GBytes) part = ea_span_to_bytes (sim_smsr_parts_get (parts));

  assert_bytes (part, expected);
}

/* @expected: NULL: another part is to go */
static void
assert_take (SimSmsrParts *parts, const char *response, const char *expected)
{
  g_autoptr (GBytes) bytes = from_hex (response);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) whole = sim_smsr_parts_take (parts, ea_span_from_bytes (bytes), &error);

  assert_null (error);
  if (expected == NULL)
    assert_null (whole);
  else
    assert_bytes (whole, expected);
}

static void
test_what_fits_goes_as_it_is (void **state)
{
  g_autoptr (SimSmsrParts) parts = make (THREE, 29);
  g_autoptr (SimSmsrParts) odd = make ("0102", 29);

  assert_part (parts, THREE);
  assert_take (parts, "af800000", "af800000");
  assert_part (odd, "0102");
}

static void
test_commands_stay_whole_and_their_answers_become_one (void **state)
{
  g_autoptr (SimSmsrParts) parts = make (THREE, SIZE_OF_TWO);

  assert_part (parts, "aa12220780ca005a00aaaa220780ca005a00bbbb");
  assert_take (parts, "ab0d80010223036190002303629000", NULL);
  assert_part (parts, "aa09220780ca005a00cccc");
  assert_take (parts, "ab088001012303639000", "ab12800103230361900023036290002303639000");
}

static void
test_an_indefinite_script_has_indefinite_parts (void **state)
{
  g_autoptr (SimSmsrParts) parts
      = make ("ae80860901020304050607080986090a0b0c0d0e0f1011120000", 15);

  assert_part (parts, "ae8086090102030405060708090000");
  assert_take (parts, "ab058001018600", NULL);
  assert_part (parts, "ae8086090a0b0c0d0e0f1011120000");
  assert_take (parts, "af8086000000", "ab0780010186008600");
}

/* A warning goes on, an error does not. */
static void
test_no_part_follows_an_error (void **state)
{
  g_autoptr (SimSmsrParts) parts = make (THREE, 15);

  assert_take (parts, "ab0780010123026310", NULL);
  assert_take (parts, "ab0780010123026a80", "ab0b8001022302631023026a80");
}

static void
test_no_part_follows_commands_without_an_answer (void **state)
{
  g_autoptr (SimSmsrParts) parts = make (THREE, SIZE_OF_TWO);
  g_autoptr (SimSmsrParts) bad = make (THREE, SIZE_OF_TWO);

  assert_take (parts, "ab0780010123029000", "ab0780010123029000");
  assert_take (bad, "ab06800100900101", "ab06800100900101");
}

static void
test_a_part_is_answered_by_a_response_script (void **state)
{
  g_autoptr (SimSmsrParts) parts = make (THREE, SIZE_OF_TWO);
  g_autoptr (GBytes) response = from_hex ("aa00");
  g_autoptr (GError) error = NULL;

  assert_null (sim_smsr_parts_take (parts, ea_span_from_bytes (response), &error));
  assert_true (g_error_matches (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED));
}

static void
assert_uncut (const char *script, gsize size_max, int code)
{
  g_autoptr (GBytes) bytes = from_hex (script);
  g_autoptr (GError) error = NULL;

  assert_null (sim_smsr_parts_new (ea_span_from_bytes (bytes), size_max, &error));
  assert_true (g_error_matches (error, EA_CORE_ERROR, code));
}

static void
test_what_can_not_be_cut_is_refused (void **state)
{
  assert_uncut (THREE, 12, EA_CORE_ERROR_LIMIT);
  assert_uncut ("0102030405", 4, EA_CORE_ERROR_MALFORMED);
  assert_uncut ("aa1b220780ca", 4, EA_CORE_ERROR_MALFORMED);
  assert_uncut ("aa0522077f7f7f", 6, EA_CORE_ERROR_MALFORMED);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_what_fits_goes_as_it_is),
    cmocka_unit_test (test_commands_stay_whole_and_their_answers_become_one),
    cmocka_unit_test (test_an_indefinite_script_has_indefinite_parts),
    cmocka_unit_test (test_no_part_follows_an_error),
    cmocka_unit_test (test_no_part_follows_commands_without_an_answer),
    cmocka_unit_test (test_a_part_is_answered_by_a_response_script),
    cmocka_unit_test (test_what_can_not_be_cut_is_refused),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
