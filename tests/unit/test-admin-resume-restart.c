/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Administration sessions (agent/core/admin.h) that go on with what was stored, after a restart at each step there is. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admin-resume-rig.h"

static const Manner manners[] = {
  { .piece = 1, .framing = EA_HTTP_FRAMING_CHUNKED },
  { .piece = 1, .framing = EA_HTTP_FRAMING_CHUNKED, .stores_answers = TRUE },
  { .piece = 23, .framing = EA_HTTP_FRAMING_LENGTH, .stores_answers = TRUE },
  { .piece = 4096, .framing = EA_HTTP_FRAMING_CHUNKED },
};

static void
test_restart_at_any_step_repeats_no_command_and_loses_no_answer (void **state)
{
  for (gsize i = 0; i < n_sessions * G_N_ELEMENTS (manners); i++)
    for (guint step = 1, is_within = TRUE; is_within; step++)
      {
        Rig rig;

        rig_init (&rig, &sessions[i % n_sessions], &manners[i / n_sessions]);
        is_within = rig_run (&rig, CUT_AGENT, step);

        rig_assert_answered_once (&rig);
        if (!rig.was_in_flight && rig.session->is_stateless)
          rig_assert_unbroken (&rig);
        rig_clear (&rig);
      }
}

#define N_SEEDS 2000
#define N_CUTS 12

static void
test_breaks_and_restarts_at_random_repeat_no_command_and_lose_no_answer (void **state)
{
  static const guint means[] = { 40, 150, 400 };

  for (guint32 seed = 1; seed <= N_SEEDS; seed++)
    {
      Rig rig;

      rig_init (&rig, &sessions[seed % n_sessions], &manners[seed % G_N_ELEMENTS (manners)]);
      rig.manner.is_late = seed % 3 == 0;
      rig_run_at_random (&rig, seed * 2654435761u, means[seed % G_N_ELEMENTS (means)], N_CUTS);

      rig_assert_answered_once (&rig);
      rig_clear (&rig);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_restart_at_any_step_repeats_no_command_and_loses_no_answer),
    cmocka_unit_test (test_breaks_and_restarts_at_random_repeat_no_command_and_lose_no_answer),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
