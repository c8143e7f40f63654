/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/admin-retry.h"

static void
test_delay_doubles_up_to_its_maximum (void **state)
{
  const EaAdminRetry retry = { .n_max = 9, .delay_s = 10, .delay_max_s = 70 };

  assert_int_equal (ea_admin_retry_get_delay_ms (&retry, 1, 0), 10000);
  assert_int_equal (ea_admin_retry_get_delay_ms (&retry, 2, 0), 20000);
  assert_int_equal (ea_admin_retry_get_delay_ms (&retry, 3, 0), 40000);
  assert_int_equal (ea_admin_retry_get_delay_ms (&retry, 4, 0), 70000);
  assert_int_equal (ea_admin_retry_get_delay_ms (&retry, 5, 0), 70000);
}

static void
test_jitter_adds_up_to_half_of_the_delay (void **state)
{
  const EaAdminRetry retry = { .n_max = 1, .delay_s = 10, .delay_max_s = 60 };

  assert_int_equal (ea_admin_retry_get_delay_ms (&retry, 1, 1), 10001);
  assert_int_equal (ea_admin_retry_get_delay_ms (&retry, 1, 5000), 15000);
  assert_int_equal (ea_admin_retry_get_delay_ms (&retry, 1, 5001), 10000);
  assert_int_equal (ea_admin_retry_get_delay_ms (&retry, 9, 30000), 90000);
}

static void
test_jitter_of_any_value_stays_within_half_of_the_delay (void **state)
{
  const EaAdminRetry retry = { .n_max = 1, .delay_s = 7, .delay_max_s = 7 };

  for (guint32 random = 1; random != 0; random <<= 1)
    {
      assert_in_range (ea_admin_retry_get_delay_ms (&retry, 1, random), 7000, 10500);
      assert_in_range (ea_admin_retry_get_delay_ms (&retry, 1, ~random), 7000, 10500);
    }
}

static void
test_extreme_values_do_not_overflow (void **state)
{
  const EaAdminRetry longest = { .n_max = G_MAXUINT, .delay_s = G_MAXUINT, .delay_max_s = 1 };
  const EaAdminRetry doubled = { .n_max = G_MAXUINT, .delay_s = 1, .delay_max_s = G_MAXUINT };
  const EaAdminRetry none = { 0 };

  assert_true (ea_admin_retry_get_delay_ms (&longest, G_MAXUINT, 0) == 4294967295000);
  assert_true (ea_admin_retry_get_delay_ms (&doubled, G_MAXUINT, 0) == 4294967295000);
  assert_true (ea_admin_retry_get_delay_ms (&doubled, 32, 0) == 2147483648000);
  assert_int_equal (ea_admin_retry_get_delay_ms (&none, G_MAXUINT, G_MAXUINT32), 0);
}

static void
test_failures_over_the_counter_are_not_tried_again (void **state)
{
  const EaAdminRetry retry = { .n_max = 3, .delay_s = 1, .delay_max_s = 1 };
  const EaAdminRetry never = { 0 };

  assert_true (ea_admin_retry_is_allowed (&retry, 3));
  assert_false (ea_admin_retry_is_allowed (&retry, 4));
  assert_false (ea_admin_retry_is_allowed (&never, 1));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_delay_doubles_up_to_its_maximum),
    cmocka_unit_test (test_jitter_adds_up_to_half_of_the_delay),
    cmocka_unit_test (test_jitter_of_any_value_stays_within_half_of_the_delay),
    cmocka_unit_test (test_extreme_values_do_not_overflow),
    cmocka_unit_test (test_failures_over_the_counter_are_not_tried_again),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
