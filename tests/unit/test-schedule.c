/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* When something is due, on a clock that a test sets: days take no time. */

#include "session/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-time.h"
#include "helpers.h"
#include "wait.h"

#define NAME "0123456789abcdef"
#define DAY_S 86400
#define BEGIN_S 1800000000

gint64 __wrap_g_get_real_time (void);

static gint64 begin_s; /* of the clock, when time began to fly */

gint64
__wrap_g_get_real_time (void)
{
  return (begin_s * 1000 + fake_time_get_flown_ms ()) * 1000;
}

typedef struct
{
  char *directory;
  EaStore *store;
  EaSchedule *schedule;
  GArray *times_s; /* when it was due */
} Bench;

static void
on_due (EaSchedule *schedule, gpointer user_data)
{
  Bench *bench = user_data;
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;

  g_array_append_val (bench->times_s, now_s);
}

static void
begin (Bench *bench, gint64 now_s)
{
  begin_s = now_s;
  fake_time_let_fly ();
  bench->schedule = ea_schedule_new (bench->store, NAME);
  g_signal_connect (bench->schedule, "due", G_CALLBACK (on_due), bench);
}

static int
setup (void **state)
{
  Bench *bench = g_new0 (Bench, 1);

  bench->directory = make_quick_directory ();
  bench->store = ea_store_new (bench->directory, NULL);
  bench->times_s = g_array_new (FALSE, FALSE, sizeof (gint64));
  begin (bench, BEGIN_S);
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  Bench *bench = *state;

  fake_time_stop ();
  g_object_unref (bench->schedule);
  ea_store_free (bench->store);
  delete_directory (bench->directory);
  g_array_unref (bench->times_s);
  g_free (bench);
  return 0;
}

static void
restart (Bench *bench, gint64 now_s)
{
  g_object_unref (bench->schedule);
  g_array_set_size (bench->times_s, 0);
  begin (bench, now_s);
}

static gint64
get_time (const Bench *bench, guint index)
{
  return g_array_index (bench->times_s, gint64, index);
}

static void
test_it_is_due_once_in_an_interval (void **state)
{
  Bench *bench = *state;

  ea_schedule_set (bench->schedule, DAY_S, 0);
  WAIT_FOR (bench->times_s->len == 3);

  for (guint i = 0; i < 3; i++)
    assert_in_range (get_time (bench, i) - BEGIN_S, (i + 1) * DAY_S, (i + 1) * DAY_S + 10);
}

static void
test_a_spread_comes_on_top_and_differs (void **state)
{
  Bench *bench = *state;
  guint n_equal = 0;

  ea_schedule_set (bench->schedule, DAY_S, DAY_S / 2);
  WAIT_FOR (bench->times_s->len == 12);

  for (guint i = 1; i < 12; i++)
    {
      gint64 distance_s = get_time (bench, i) - get_time (bench, i - 1);

      assert_in_range (distance_s, DAY_S, DAY_S + DAY_S / 2 + 20);
      n_equal += distance_s < DAY_S + 60 ? 1 : 0;
    }
  assert_in_range (n_equal, 0, 5);
}

static void
test_a_restart_changes_nothing (void **state)
{
  Bench *bench = *state;
  gint64 last_s;

  ea_schedule_set (bench->schedule, DAY_S, 0);
  WAIT_FOR (bench->times_s->len == 1);
  last_s = get_time (bench, 0);
  restart (bench, last_s + 1000);
  ea_schedule_set (bench->schedule, DAY_S, 0);
  WAIT_FOR (bench->times_s->len == 1);

  assert_in_range (get_time (bench, 0), last_s + DAY_S, last_s + DAY_S + 10);
}

static void
test_what_was_missed_is_due_at_once (void **state)
{
  Bench *bench = *state;

  ea_schedule_set (bench->schedule, DAY_S, 0);
  restart (bench, BEGIN_S + 5 * DAY_S);
  ea_schedule_set (bench->schedule, DAY_S, 0);

  assert_int_equal (bench->times_s->len, 1);
  WAIT_FOR (bench->times_s->len == 2);
  assert_in_range (get_time (bench, 1) - get_time (bench, 0), DAY_S, DAY_S + 10);
}

static void
test_a_clock_that_was_set_back_delays_by_an_interval_at_most (void **state)
{
  Bench *bench = *state;

  ea_schedule_set (bench->schedule, DAY_S, 0);
  restart (bench, BEGIN_S - 100 * DAY_S);
  ea_schedule_set (bench->schedule, DAY_S, 0);
  WAIT_FOR (bench->times_s->len == 1);

  assert_in_range (get_time (bench, 0), BEGIN_S - 100 * DAY_S, BEGIN_S - 99 * DAY_S + 10);
}

static void
test_nothing_is_due_when_it_is_off (void **state)
{
  Bench *bench = *state;

  ea_schedule_set (bench->schedule, DAY_S, 0);
  ea_schedule_set (bench->schedule, 0, 0);
  run_ready ();

  assert_int_equal (bench->times_s->len, 0);
}

#define SCHEDULE_TEST(function) cmocka_unit_test_setup_teardown (function, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    SCHEDULE_TEST (test_it_is_due_once_in_an_interval),
    SCHEDULE_TEST (test_a_spread_comes_on_top_and_differs),
    SCHEDULE_TEST (test_a_restart_changes_nothing),
    SCHEDULE_TEST (test_what_was_missed_is_due_at_once),
    SCHEDULE_TEST (test_a_clock_that_was_set_back_delays_by_an_interval_at_most),
    SCHEDULE_TEST (test_nothing_is_due_when_it_is_off),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
