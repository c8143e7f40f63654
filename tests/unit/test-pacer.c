/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* News at a pace (agent/session/pacer.h). */

#include "session/pacer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wait.h"

static void
count (gpointer user_data)
{
  ++*(guint *) user_data;
}

static void
test_first_news_are_told_at_once_and_those_of_the_pause_together_after_it (void **state)
{
  guint n_told = 0;
  EaPacer pacer;
  gint64 begin_us = g_get_monotonic_time ();

  ea_pacer_init (&pacer, count, &n_told);
  ea_pacer_note (&pacer);
  assert_int_equal (n_told, 1);
  for (guint i = 0; i < 1000; i++)
    ea_pacer_note (&pacer);
  run_ready ();
  assert_int_equal (n_told, 1);

  WAIT_FOR (n_told > 1);
  assert_int_equal (n_told, 2);
  assert_true (g_get_monotonic_time () - begin_us
               >= (EA_PACER_INTERVAL_MS - 1) * G_TIME_SPAN_MILLISECOND);
  ea_pacer_note (&pacer); /* a pause has begun anew */
  assert_int_equal (n_told, 2);
  ea_pacer_clear (&pacer);
}

static void
test_nothing_is_told_after_a_pause_without_news (void **state)
{
  guint n_told = 0;
  EaPacer pacer;

  ea_pacer_init (&pacer, count, &n_told);
  ea_pacer_note (&pacer);
  WAIT_FOR (pacer.source == 0);
  assert_int_equal (n_told, 1);
  ea_pacer_note (&pacer);
  assert_int_equal (n_told, 2);
  ea_pacer_clear (&pacer);
}

static void
test_what_is_due_is_not_told_after_the_end (void **state)
{
  guint n_told = 0;
  EaPacer pacer;

  ea_pacer_init (&pacer, count, &n_told);
  ea_pacer_clear (&pacer); /* nothing to do */
  ea_pacer_note (&pacer);
  ea_pacer_note (&pacer);
  ea_pacer_clear (&pacer);
  assert_false (g_main_context_pending (NULL));
  assert_int_equal (n_told, 1);
  ea_pacer_note (&pacer); /* whoever begins anew has news at once */
  assert_int_equal (n_told, 2);
  ea_pacer_clear (&pacer);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_first_news_are_told_at_once_and_those_of_the_pause_together_after_it),
    cmocka_unit_test (test_nothing_is_told_after_a_pause_without_news),
    cmocka_unit_test (test_what_is_due_is_not_told_after_the_end),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
