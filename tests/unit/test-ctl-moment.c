/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctl/moment.h"
#include "helpers.h"

#define NOW_US G_GUINT64_CONSTANT (1764460800000001) /* 2025-11-30T00:00:00Z and a microsecond */

static void
test_spans_are_ago_and_dates_are_local (void **state)
{
  static const struct
  {
    const char *text;
    guint64 moment_us;
  } rows[] = {
    { "0s", NOW_US },
    { "90s", NOW_US - G_GUINT64_CONSTANT (90000000) },
    { "5min", NOW_US - G_GUINT64_CONSTANT (300000000) },
    { "2h", NOW_US - G_GUINT64_CONSTANT (7200000000) },
    { "3d", NOW_US - G_GUINT64_CONSTANT (259200000000) },
    { "1w", NOW_US - G_GUINT64_CONSTANT (604800000000) },
    { "999999999w", 0 }, /* before there was time */
    { "2025-11-30", G_GUINT64_CONSTANT (1764478800000000) },
    { "2025-11-30T00:00:00", G_GUINT64_CONSTANT (1764478800000000) },
    { "2025-11-30T00:00:00Z", G_GUINT64_CONSTANT (1764460800000000) },
    { "2025-11-30T01:00:00.5+01:00", G_GUINT64_CONSTANT (1764460800500000) },
  };

  assert_true (g_setenv ("TZ", "EST5", TRUE));
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint64 moment_us = 1;

      assert_true (ea_moment_parse (rows[i].text, NOW_US, &moment_us));
      assert_int_equal (moment_us, rows[i].moment_us);
    }
}

static void
test_what_is_no_moment_is_refused (void **state)
{
  static const char *const texts[]
      = { "",       "1",    "s",           "1m",        "-1s",        "1 h",         "1.5h",
          "1h1min", "0x1s", "1000000000s", "yesterday", "2025-13-01", "2025-11-30T", "1960-01-01" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      guint64 moment_us = 1;

      assert_false (ea_moment_parse (texts[i], NOW_US, &moment_us));
      assert_int_equal (moment_us, 1);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_spans_are_ago_and_dates_are_local),
    cmocka_unit_test (test_what_is_no_moment_is_refused),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
