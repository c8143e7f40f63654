/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Libraries that are loaded at the first call of one of their functions. */

#include <glib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../agent/demand.h"

#define LIBRARY "libm.so.6"
#define NO_LIBRARY "libeuicc-none.so.0"

static void
test_a_function_is_that_of_the_library (void **state)
{
  double (*root) (double) = (double (*) (double)) ea_demand_find (LIBRARY, "sqrt");

  assert_true (root (1764) == 42);
  assert_ptr_equal (ea_demand_find (LIBRARY, "sqrt"), root);
}

/* The exit status of a process that wants it */
static int
want (const char *library, const char *function)
{
  int status;
  pid_t child = fork ();

  assert_true (child >= 0);
  if (child == 0)
    {
      (void) ea_demand_find (library, function);
      _exit (EX_OK);
    }
  assert_int_equal (waitpid (child, &status, 0), child);
  assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static void
test_a_process_ends_that_can_not_have_what_it_needs (void **state)
{
  assert_int_equal (want (LIBRARY, "sqrt"), EX_OK);
  assert_int_equal (want (NO_LIBRARY, "sqrt"), EX_UNAVAILABLE);
  assert_int_equal (want (LIBRARY, "euicc_none"), EX_UNAVAILABLE);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_a_function_is_that_of_the_library),
    cmocka_unit_test (test_a_process_ends_that_can_not_have_what_it_needs),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
