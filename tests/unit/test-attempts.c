/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* When a session tries again to reach the SM-SR (agent/session/attempts.h), and how long the gateway stays awake. */

#include "session/attempts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-time.h"
#include "wait.h"

#define NOW_US (G_GINT64_CONSTANT (1800000000) * G_USEC_PER_SEC)
#define ERROR_NAME "org.euicc.Agent1.Error.Timeout"

#define DELAY_S 10
#define DELAY_MAX_S 60
#define N_MAX 3

gint64 __wrap_g_get_real_time (void);
guint32 __wrap_g_random_int (void);
void __wrap_ea_inhibitor_hold (EaInhibitor *self, const char *why);
void __wrap_ea_inhibitor_release (EaInhibitor *self);

static guint32 random_number;
static int n_holds; /* less those that were released */

gint64
__wrap_g_get_real_time (void)
{
  return NOW_US;
}

guint32
__wrap_g_random_int (void)
{
  return random_number;
}

void
__wrap_ea_inhibitor_hold (EaInhibitor *self, const char *why)
{
  assert_string_equal (why, "A session with the SM-SR is open");
  n_holds++;
}

void
__wrap_ea_inhibitor_release (EaInhibitor *self)
{
  n_holds--;
  assert_true (n_holds >= 0);
}

typedef struct
{
  EaLogContext log;
  EaSessionContext context;
  EaSessionOrder order;
  EaSession *session;
  EaAttempts attempts;
  guint n_begun;        /* attempts that were due */
  gboolean was_waiting; /* when the last of them was */
} Bench;

/* As who has attempts does */
static void
on_due (gpointer user_data)
{
  Bench *bench = user_data;

  bench->n_begun++;
  bench->was_waiting = ea_attempts_is_waiting (&bench->attempts);
  ea_attempts_begin (&bench->attempts);
}

static int
setup (void **state)
{
  Bench *bench = g_new0 (Bench, 1);

  random_number = 0;
  n_holds = 0;
  bench->context.log = &bench->log;
  bench->context.activity = ea_activity_new ();
  bench->context.inhibitor = (EaInhibitor *) bench; /* nobody looks into it */
  bench->order.retry
      = (EaAdminRetry){ .n_max = N_MAX, .delay_s = DELAY_S, .delay_max_s = DELAY_MAX_S };
  bench->session = ea_session_new (EA_SESSION_CAT_TP, EA_SESSION_DBUS, "smsr.example.com:9");
  ea_attempts_init (&bench->attempts, &bench->context, bench->session, &bench->order, on_due,
                    bench);
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  Bench *bench = *state;

  fake_time_stop ();
  ea_attempts_stop (&bench->attempts);
  g_object_unref (bench->session);
  g_object_unref (bench->context.activity);
  g_free (bench);
  return 0;
}

static GError *
make_error (void)
{
  return g_error_new_literal (EA_SESSION_ERROR, EA_SESSION_ERROR_TIMED_OUT, "Nobody answers");
}

static gboolean
fail_attempt (Bench *bench)
{
  g_autoptr (GError) error = make_error ();

  return ea_attempts_fail (&bench->attempts, error);
}

static guint64
wait_ms (Bench *bench)
{
  g_autoptr (GError) error = make_error ();

  return ea_attempts_wait (&bench->attempts, error);
}

static void
expect_attempt (Bench *bench, guint number, guint64 next_us)
{
  guint shown;
  guint64 shown_us;

  g_object_get (bench->session, "attempt", &shown, "next-attempt", &shown_us, NULL);
  assert_int_equal (shown, number);
  assert_int_equal (shown_us, next_us);
}

static void
test_each_attempt_has_a_number_and_keeps_the_gateway_awake (void **state)
{
  Bench *bench = *state;

  ea_attempts_begin (&bench->attempts);
  expect_attempt (bench, 1, 0);
  assert_int_equal (n_holds, 1);
  ea_attempts_begin (&bench->attempts);

  expect_attempt (bench, 2, 0);
  assert_int_equal (n_holds, 1);
  assert_int_equal (bench->n_begun, 0);
}

static void
test_a_failure_is_shown (void **state)
{
  Bench *bench = *state;
  g_autoptr (GVariant) error = NULL;
  g_autoptr (GVariant) last = NULL;
  const char *name;
  const char *message;

  ea_attempts_begin (&bench->attempts);
  assert_true (fail_attempt (bench));
  g_object_get (bench->session, "error", &error, NULL);
  last = g_variant_ref_sink (ea_activity_get_last_error (bench->context.activity));

  assert_true (g_variant_equal (error, last));
  g_variant_get (error, "(&s&s)", &name, &message);
  assert_string_equal (name, ERROR_NAME);
  assert_string_equal (message, "Nobody answers");
  assert_int_equal (n_holds, 1); /* who decides what follows says whether it goes on */
}

static void
test_retries_are_used_up_by_failures_in_a_row (void **state)
{
  Bench *bench = *state;

  for (guint i = 0; i < N_MAX; i++)
    {
      assert_true (ea_attempts_may_fail (&bench->attempts));
      assert_true (fail_attempt (bench));
    }
  assert_false (ea_attempts_may_fail (&bench->attempts));
  assert_false (fail_attempt (bench));
}

static void
test_progress_begins_the_row_anew (void **state)
{
  Bench *bench = *state;

  for (guint i = 0; i < N_MAX; i++)
    assert_true (fail_attempt (bench));
  ea_attempts_note_progress (&bench->attempts);
  assert_true (ea_attempts_may_fail (&bench->attempts));
  assert_true (fail_attempt (bench));

  assert_int_equal (wait_ms (bench), DELAY_S * 1000);
}

static void
test_without_retries_the_first_failure_is_the_last (void **state)
{
  Bench *bench = *state;

  bench->order.retry.n_max = 0;
  assert_false (ea_attempts_may_fail (&bench->attempts));
  assert_false (fail_attempt (bench));
}

static void
test_pauses_double_up_to_the_longest (void **state)
{
  static const guint64 delays_s[] = { 10, 20, 40, 60, 60 };
  Bench *bench = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (delays_s); i++)
    {
      (void) fail_attempt (bench); /* the retries may be used up */
      assert_int_equal (wait_ms (bench), delays_s[i] * 1000);
      ea_attempts_begin (&bench->attempts);
    }
}

static void
test_a_pause_is_up_to_half_as_much_longer (void **state)
{
  Bench *bench = *state;

  assert_true (fail_attempt (bench));
  random_number = DELAY_S * 500;
  assert_int_equal (wait_ms (bench), DELAY_S * 1500);
  ea_attempts_stop (&bench->attempts);
  random_number = DELAY_S * 500 + 1;

  assert_int_equal (wait_ms (bench), DELAY_S * 1000);
}

static void
test_a_pause_is_shown_and_the_gateway_may_sleep (void **state)
{
  Bench *bench = *state;

  random_number = 7;
  ea_attempts_begin (&bench->attempts);
  assert_true (fail_attempt (bench));
  assert_false (ea_attempts_is_waiting (&bench->attempts));
  assert_int_equal (wait_ms (bench), DELAY_S * 1000 + 7);

  assert_true (ea_attempts_is_waiting (&bench->attempts));
  assert_int_equal (ea_session_get_state (bench->session), EA_SESSION_WAITING);
  expect_attempt (bench, 1, NOW_US + (DELAY_S * 1000 + 7) * 1000);
  assert_int_equal (n_holds, 0);
}

static void
test_the_next_attempt_begins_after_the_pause (void **state)
{
  Bench *bench = *state;

  ea_attempts_begin (&bench->attempts);
  assert_true (fail_attempt (bench));
  fake_time_let_fly ();
  assert_int_equal (wait_ms (bench), DELAY_S * 1000);
  assert_int_equal (bench->n_begun, 0); /* not from within the call */
  WAIT_FOR (bench->n_begun == 1);
  run_ready ();

  assert_int_equal (bench->n_begun, 1);
  assert_int_equal (fake_time_get_flown_ms (), DELAY_S * 1000);
  assert_false (bench->was_waiting);
  assert_false (ea_attempts_is_waiting (&bench->attempts));
  expect_attempt (bench, 2, 0);
  assert_int_equal (n_holds, 1);
}

/* What a timeout of GLib can't wait for would come around to almost nothing. */
static void
test_a_pause_of_months_is_not_cut_to_a_short_one (void **state)
{
  Bench *bench = *state;

  bench->order.retry.delay_s = G_MAXUINT;
  assert_true (fail_attempt (bench));
  fake_time_let_fly ();

  assert_int_equal (wait_ms (bench), (guint64) G_MAXUINT * 1000);
  assert_int_equal (fake_time_get_flown_ms (), G_MAXUINT);
}

static void
test_who_waits_is_woken (void **state)
{
  Bench *bench = *state;

  ea_attempts_begin (&bench->attempts);
  assert_true (fail_attempt (bench));
  (void) wait_ms (bench);
  ea_attempts_wake (&bench->attempts);
  assert_int_equal (bench->n_begun, 1);
  assert_false (ea_attempts_is_waiting (&bench->attempts));
  expect_attempt (bench, 2, 0);
  ea_attempts_wake (&bench->attempts);

  assert_int_equal (bench->n_begun, 1); /* nobody waits */
}

static void
test_what_was_stopped_does_not_come (void **state)
{
  Bench *bench = *state;

  assert_true (fail_attempt (bench));
  fake_time_let_fly ();
  (void) wait_ms (bench);
  ea_attempts_stop (&bench->attempts);
  assert_false (ea_attempts_is_waiting (&bench->attempts));
  run_ready ();

  assert_int_equal (bench->n_begun, 0);
}

static void
test_rest_ends_the_pause_and_the_session_waits_for_nothing_that_is_known (void **state)
{
  Bench *bench = *state;

  ea_attempts_begin (&bench->attempts);
  assert_true (fail_attempt (bench));
  fake_time_let_fly ();
  (void) wait_ms (bench);
  ea_attempts_rest (&bench->attempts, TRUE);
  run_ready ();

  assert_int_equal (bench->n_begun, 0);
  assert_int_equal (ea_session_get_state (bench->session), EA_SESSION_WAITING);
  expect_attempt (bench, 1, 0);
  assert_int_equal (n_holds, 0);
}

static void
test_rest_that_is_not_shown_lets_the_gateway_sleep_all_the_same (void **state)
{
  Bench *bench = *state;

  ea_attempts_begin (&bench->attempts);
  ea_session_set_state (bench->session, EA_SESSION_EXCHANGING);
  ea_attempts_rest (&bench->attempts, FALSE);
  ea_attempts_rest (&bench->attempts, FALSE);

  assert_int_equal (ea_session_get_state (bench->session), EA_SESSION_EXCHANGING);
  assert_int_equal (n_holds, 0);
}

static void
test_without_an_inhibitor_all_else_goes_on (void **state)
{
  Bench *bench = *state;

  bench->context.inhibitor = NULL;
  ea_attempts_begin (&bench->attempts);
  assert_true (fail_attempt (bench));
  (void) wait_ms (bench);
  ea_attempts_wake (&bench->attempts);

  assert_int_equal (n_holds, 0);
  assert_int_equal (bench->n_begun, 1);
}

#define ON_BENCH(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ON_BENCH (test_each_attempt_has_a_number_and_keeps_the_gateway_awake),
    ON_BENCH (test_a_failure_is_shown),
    ON_BENCH (test_retries_are_used_up_by_failures_in_a_row),
    ON_BENCH (test_progress_begins_the_row_anew),
    ON_BENCH (test_without_retries_the_first_failure_is_the_last),
    ON_BENCH (test_pauses_double_up_to_the_longest),
    ON_BENCH (test_a_pause_is_up_to_half_as_much_longer),
    ON_BENCH (test_a_pause_is_shown_and_the_gateway_may_sleep),
    ON_BENCH (test_the_next_attempt_begins_after_the_pause),
    ON_BENCH (test_a_pause_of_months_is_not_cut_to_a_short_one),
    ON_BENCH (test_who_waits_is_woken),
    ON_BENCH (test_what_was_stopped_does_not_come),
    ON_BENCH (test_rest_ends_the_pause_and_the_session_waits_for_nothing_that_is_known),
    ON_BENCH (test_rest_that_is_not_shown_lets_the_gateway_sleep_all_the_same),
    ON_BENCH (test_without_an_inhibitor_all_else_goes_on),
  };

  return cmocka_run_group_tests_name ("attempts", tests, NULL, NULL);
}
