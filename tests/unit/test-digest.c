/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SHA-256, FIPS 180-4, with the examples of NIST's "SHA256.pdf". */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/digest.h"

static void
assert_digest (const char *first, const char *second, const char *expected)
{
  guint8 digest[EA_DIGEST_SIZE];
  g_autofree char *hex = NULL;

  ea_digest_compute (digest, ea_span_init (first, strlen (first)),
                     ea_span_init (second, strlen (second)));
  hex = ea_span_to_hex (EA_SPAN_OF_ARRAY (digest));
  assert_string_equal (hex, expected);
}

static void
test_digests_are_those_of_the_standard (void **state)
{
  assert_digest ("", "", "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855");
  assert_digest ("abc", "", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
}

static void
test_both_parts_count_as_one (void **state)
{
  assert_digest ("abcdbcdecdefdefgefghfghighij", "hijkijkljklmklmnlmnomnopnopq",
                 "248D6A61D20638B8E5C026930C3E6039A33CE45964FF2167F6ECEDD419DB06C1");
  assert_digest ("", "abc", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
}

static void
test_a_digest_may_take_the_place_of_what_it_is_of (void **state)
{
  guint8 digest[EA_DIGEST_SIZE] = { 0 };
  guint8 expected[EA_DIGEST_SIZE];

  ea_digest_compute (expected, EA_SPAN_OF_ARRAY (digest), EA_SPAN_EMPTY);
  ea_digest_compute (digest, EA_SPAN_OF_ARRAY (digest), EA_SPAN_EMPTY);
  assert_memory_equal (digest, expected, sizeof digest);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_digests_are_those_of_the_standard),
    cmocka_unit_test (test_both_parts_count_as_one),
    cmocka_unit_test (test_a_digest_may_take_the_place_of_what_it_is_of),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
