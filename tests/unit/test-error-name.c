/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The stable names of errors. */

#include "session/error-name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/store-error.h"

static void
test_errors_of_the_store_have_names_of_their_own (void **state)
{
  static const struct
  {
    EaStoreError code;
    const char *name;
  } cases[] = {
    { EA_STORE_ERROR_FULL, "StoreFull" },     { EA_STORE_ERROR_READ_ONLY, "StoreReadOnly" },
    { EA_STORE_ERROR_FAILED, "StoreFailed" }, { EA_STORE_ERROR_DAMAGED, "StoreFailed" },
    { EA_STORE_ERROR_LIMIT, "StoreFailed" },  { EA_STORE_ERROR_NOT_FOUND, "StoreFailed" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error
          = g_error_new (EA_STORE_ERROR, (int) cases[i].code, "as the test says");

      assert_string_equal (ea_error_name_get (error), cases[i].name);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_errors_of_the_store_have_names_of_their_own),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
