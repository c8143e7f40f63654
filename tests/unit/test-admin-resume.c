/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Administration sessions (agent/core/admin.h) whose connection breaks at each step there is, and at many. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admin-resume-rig.h"

static const Manner manners[] = {
  { .piece = 1, .framing = EA_HTTP_FRAMING_CHUNKED },
  { .piece = 1, .framing = EA_HTTP_FRAMING_CHUNKED, .is_late = TRUE },
  { .piece = 23, .framing = EA_HTTP_FRAMING_LENGTH, .is_late = TRUE },
  { .piece = 4096, .framing = EA_HTTP_FRAMING_CHUNKED },
};

static void
test_session_is_held_without_a_break (void **state)
{
  for (gsize i = 0; i < n_sessions * G_N_ELEMENTS (manners); i++)
    {
      Rig rig;

      rig_init (&rig, &sessions[i % n_sessions], &manners[i / n_sessions]);
      (void) rig_run (&rig, CUT_NONE, 0);

      rig_assert_unbroken (&rig);
      assert_int_equal (rig.server.n_posts, 4);
      assert_int_equal (rig.server.n_resumed, 0);
      rig_clear (&rig);
    }
}

static void
test_break_at_any_step_changes_nothing (void **state)
{
  for (gsize i = 0; i < n_sessions * G_N_ELEMENTS (manners); i++)
    for (guint step = 1, is_within = TRUE; is_within; step++)
      {
        Rig rig;

        rig_init (&rig, &sessions[i % n_sessions], &manners[i / n_sessions]);
        is_within = rig_run (&rig, CUT_CONNECTION, step);

        rig_assert_unbroken (&rig);
        assert_in_range (rig.server.n_posts, 4, 5);
        assert_in_range (rig.server.n_resumed, 0, 1);
        rig_clear (&rig);
      }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_session_is_held_without_a_break),
    cmocka_unit_test (test_break_at_any_step_changes_nothing),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
