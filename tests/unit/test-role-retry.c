/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* When a modem is asked for the role host again (agent/session/role-retry.h). */

#include "session/role-retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-time.h"
#include "wait.h"

#define INTERNAL "the modem refused to report proactive commands: Internal"

typedef struct
{
  EaRoleRetry retry;
  guint n_asked;
  guint n_busy; /* so often it is not the time */
} Rig;

static gboolean
ask (gpointer user_data)
{
  Rig *rig = user_data;

  if (rig->n_busy > 0)
    {
      rig->n_busy--;
      return FALSE;
    }
  rig->n_asked++;
  return TRUE;
}

static int
setup (void **state)
{
  Rig *rig = g_new0 (Rig, 1);

  ea_role_retry_init (&rig->retry, ask, rig);
  fake_time_let_fly ();
  *state = rig;
  return 0;
}

static int
teardown (void **state)
{
  Rig *rig = *state;

  fake_time_stop ();
  ea_role_retry_clear (&rig->retry);
  g_free (rig);
  return 0;
}

/* The modem refuses, and is asked again after @expected_s. */
static void
expect_pause (Rig *rig, EaModemRefusal refusal, const char *reason, guint expected_s)
{
  guint n_before = rig->n_asked;

  fake_time_let_fly ();
  assert_true (ea_role_retry_note (&rig->retry, refusal, reason));
  WAIT_FOR (rig->n_asked > n_before);
  assert_int_equal (fake_time_get_flown_ms (), expected_s * 1000);
}

static void
expect_last_word (Rig *rig, EaModemRefusal refusal, const char *reason)
{
  guint n_before = rig->n_asked;

  assert_false (ea_role_retry_note (&rig->retry, refusal, reason));
  run_ready ();
  assert_int_equal (rig->n_asked, n_before);
}

static void
expect_passing (Rig *rig, guint expected_s)
{
  expect_pause (rig, EA_MODEM_REFUSAL_PASSING, "no client id", expected_s);
}

static void
expect_doubtful (Rig *rig, const char *reason, guint expected_s)
{
  expect_pause (rig, EA_MODEM_REFUSAL_DOUBTFUL, reason, expected_s);
}

static void
test_pauses_double_up_to_an_hour_and_never_end (void **state)
{
  static const guint pauses_s[]
      = { 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600, 3600 };

  for (gsize i = 0; i < G_N_ELEMENTS (pauses_s); i++)
    expect_passing (*state, pauses_s[i]);
}

static void
test_a_lasting_refusal_is_not_asked_again (void **state)
{
  expect_last_word (*state, EA_MODEM_REFUSAL_LASTING, "configured");
}

static void
test_after_a_lasting_refusal_the_pauses_begin_anew (void **state)
{
  expect_passing (*state, 10);
  expect_passing (*state, 20);
  expect_last_word (*state, EA_MODEM_REFUSAL_LASTING, "configured");
  expect_passing (*state, 10);
}

static void
test_a_doubtful_refusal_is_believed_the_fourth_time (void **state)
{
  expect_doubtful (*state, INTERNAL, 10);
  expect_doubtful (*state, INTERNAL, 20);
  expect_doubtful (*state, INTERNAL, 40);
  expect_last_word (*state, EA_MODEM_REFUSAL_DOUBTFUL, INTERNAL);
  expect_last_word (*state, EA_MODEM_REFUSAL_DOUBTFUL, INTERNAL);
}

static void
test_other_words_are_another_refusal (void **state)
{
  expect_doubtful (*state, INTERNAL, 10);
  expect_doubtful (*state, INTERNAL, 20);
  expect_doubtful (*state, INTERNAL, 40);
  expect_doubtful (*state, "the modem keeps class-2 short messages: Internal", 80);
  expect_doubtful (*state, INTERNAL, 160);
}

static void
test_a_passing_refusal_between_does_not_count_as_doubtful (void **state)
{
  for (guint i = 0; i < 3; i++)
    expect_doubtful (*state, INTERNAL, 10 << i);
  expect_passing (*state, 80);
  for (guint i = 0; i < 3; i++)
    expect_doubtful (*state, INTERNAL, 160 << i);
  expect_last_word (*state, EA_MODEM_REFUSAL_DOUBTFUL, INTERNAL);
}

static void
test_another_modem_has_another_word (void **state)
{
  Rig *rig = *state;

  for (guint i = 0; i < 3; i++)
    expect_doubtful (rig, INTERNAL, 10 << i);
  expect_last_word (rig, EA_MODEM_REFUSAL_DOUBTFUL, INTERNAL);
  ea_role_retry_begin_anew (&rig->retry);
  expect_doubtful (rig, INTERNAL, 10);
}

static void
test_another_modem_is_asked_soon (void **state)
{
  Rig *rig = *state;

  for (guint i = 0; i < 12; i++)
    expect_passing (rig, MIN (10 << i, 3600));
  ea_role_retry_begin_anew (&rig->retry);
  expect_passing (rig, 10);
}

/* One busy moment does not cost an hour. */
static void
test_what_is_under_way_costs_ten_seconds_each_time (void **state)
{
  Rig *rig = *state;

  for (guint i = 0; i < 9; i++)
    expect_passing (rig, 10 << i);
  rig->n_busy = 3;
  expect_passing (rig, 3600 + 10 + 10 + 10);
  expect_passing (rig, 3600);
}

static void
test_nothing_is_asked_after_the_stop (void **state)
{
  Rig *rig = *state;

  assert_true (ea_role_retry_note (&rig->retry, EA_MODEM_REFUSAL_PASSING, "no client id"));
  ea_role_retry_stop (&rig->retry);
  run_ready ();
  assert_int_equal (rig->n_asked, 0);
}

static void
test_a_modem_that_is_opened_again_meanwhile_is_asked_once (void **state)
{
  Rig *rig = *state;

  assert_true (ea_role_retry_note (&rig->retry, EA_MODEM_REFUSAL_PASSING, "no client id"));
  assert_true (ea_role_retry_note (&rig->retry, EA_MODEM_REFUSAL_PASSING, "no client id"));
  run_ready ();
  assert_int_equal (rig->n_asked, 1);
}

#define RETRY_TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RETRY_TEST (test_pauses_double_up_to_an_hour_and_never_end),
    RETRY_TEST (test_a_lasting_refusal_is_not_asked_again),
    RETRY_TEST (test_after_a_lasting_refusal_the_pauses_begin_anew),
    RETRY_TEST (test_a_doubtful_refusal_is_believed_the_fourth_time),
    RETRY_TEST (test_other_words_are_another_refusal),
    RETRY_TEST (test_a_passing_refusal_between_does_not_count_as_doubtful),
    RETRY_TEST (test_another_modem_has_another_word),
    RETRY_TEST (test_another_modem_is_asked_soon),
    RETRY_TEST (test_what_is_under_way_costs_ten_seconds_each_time),
    RETRY_TEST (test_nothing_is_asked_after_the_stop),
    RETRY_TEST (test_a_modem_that_is_opened_again_meanwhile_is_asked_once),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
