/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The agent dies in sessions over HTTPS: see kill-rig.h. */

#include "kill-rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_nothing_is_run_twice_and_no_session_is_lost (void **state)
{
  kill_rig_run (*state, "https");
}

int
main (void)
{
  const struct CMUnitTest tests[] = { RIG_TEST (test_nothing_is_run_twice_and_no_session_is_lost) };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
