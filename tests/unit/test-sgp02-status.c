/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which profile is enabled: answers in the layout of GlobalPlatform Card Specification §11.4.3, written by hand. */

#include "core/sgp02-status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"

#define ISD_R "E3194F10A0000005591010FFFFFFFF89000001009F70010FC50100"
#define DISABLED "E3194F10A0000005591010FFFFFFFF89000011009F70011FC50100"
#define ENABLED "E3194F10A0000005591010FFFFFFFF89000012009F70013FC50100"

static void
test_the_enabled_one_is_found_among_others (void **state)
{
  g_autoptr (GBytes) response = bytes_of (ISD_R DISABLED ENABLED "9000");
  EaSpan aid;

  assert_true (ea_sgp02_find_enabled (ea_span_from_bytes (response), &aid, NULL));
  assert_span_is (aid, "A0000005591010FFFFFFFF8900001200");
}

/* An ISD-R with the state 3F is no ISD-P. */
static void
test_only_an_isd_p_can_be_enabled (void **state)
{
  g_autoptr (GBytes) response
      = bytes_of ("E3194F10A0000005591010FFFFFFFF89000001009F70013FC501009000");
  GError *error = NULL;
  EaSpan aid;

  assert_false (ea_sgp02_find_enabled (ea_span_from_bytes (response), &aid, &error));
  assert_core_error (&error, EA_CORE_ERROR_MISSING);
}

static void
test_a_refusal_is_told (void **state)
{
  g_autoptr (GBytes) response = bytes_of ("6985");
  GError *error = NULL;
  EaSpan aid;

  assert_false (ea_sgp02_find_enabled (ea_span_from_bytes (response), &aid, &error));
  assert_core_error (&error, EA_CORE_ERROR_UNSUPPORTED);
}

static void
parse (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaSpan aid;

  poison (&aid, sizeof aid);
  if (ea_sgp02_find_enabled (span, &aid, &error))
    assert_span_inside (aid, span);
  else
    assert_true (error != NULL && is_poisoned (&aid, sizeof aid));
}

static void
test_truncations_do_no_harm (void **state)
{
  g_autoptr (GBytes) response = bytes_of (DISABLED ENABLED "9000");

  parse_truncations (ea_span_from_bytes (response), parse, NULL);
}

static void
test_the_command (void **state)
{
  g_autoptr (GBytes) command = ea_sgp02_build_get_status ();

  assert_bytes_are (command, "80F24002024F0000");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_the_enabled_one_is_found_among_others),
    cmocka_unit_test (test_only_an_isd_p_can_be_enabled),
    cmocka_unit_test (test_a_refusal_is_told),
    cmocka_unit_test (test_truncations_do_no_harm),
    cmocka_unit_test (test_the_command),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
