/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Durable records in a process that is killed at any of its file operations, or whose disk fails at any of them
 * (tests/system/kill-at.c). For that the program starts itself as "DIRECTORY N_DONE [stop|try]": it makes the steps
 * from N_DONE on and tells of each with a character what became of it. When one fails it goes on; or it stops; or it
 * tries the last one until that works. As "DIRECTORY N_DONE settle|commit" it discards a record while there is no room,
 * and makes up for it when there is.
 */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glib/gstdio.h>

#include "store-steps.h"

#define N_STEPS 8
#define N_COMPACTIONS 1 /* that come with them */
#define TRIES_MAX 20

#define REPORT_DONE 'd'
#define REPORT_FAILED 'f'
#define REPORT_TRIED 't' /* what is tried until it works */
#define REPORT_WRONG '!'

static char *program;
static char *count_path;

static void
report (char what)
{
  if (write (STDOUT_FILENO, &what, 1) != 1)
    exit (EXIT_FAILURE);
}

/* The disk may fail for a while. */
static EaStore *
open_at_last (const char *path)
{
  EaStore *store = NULL;

  for (int i = 0; store == NULL && i < TRIES_MAX; i++)
    store = ea_store_new (path, NULL);
  return store;
}

/* What is in memory is what is said to be on the disk, after each step. */
static int
run_steps (const char *path, int n_done, const char *after_failure)
{
  g_autoptr (EaStore) store = open_at_last (path);
  StepsModel model = steps_get_model (n_done);
  gboolean is_done = FALSE;

  for (int step = n_done; store != NULL && step < n_done + N_STEPS; step++)
    {
      is_done = steps_make (store, step, NULL);
      if (is_done)
        steps_model_apply (&model, step);
      report (is_done ? REPORT_DONE : REPORT_FAILED);
      if (!steps_is_like (store, &model))
        report (REPORT_WRONG);
      if (!is_done && g_strcmp0 (after_failure, "stop") == 0)
        return EXIT_SUCCESS;
      if (!is_done && g_strcmp0 (after_failure, "try") == 0)
        break;
    }
  for (int i = 0; store != NULL && i < TRIES_MAX; i++)
    {
      report (REPORT_TRIED);
      if (steps_make (store, n_done + N_STEPS, NULL))
        return EXIT_SUCCESS;
    }
  return EXIT_FAILURE;
}

/* FALSE: the change did not fail, or it did not remain to be made. */
static gboolean
discard_without_room (EaStore *store)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  struct rlimit before;
  struct rlimit limit;
  gboolean is_discarded;

  ea_store_change_remove (change, "counter");
  if (getrlimit (RLIMIT_FSIZE, &before) != 0)
    return FALSE;
  (void) signal (SIGXFSZ, SIG_IGN);
  limit = (struct rlimit){ .rlim_cur = 1, .rlim_max = before.rlim_max };
  if (setrlimit (RLIMIT_FSIZE, &limit) != 0)
    return FALSE;
  is_discarded = ea_store_discard (store, change, NULL) || ea_store_settle (store, NULL);
  return setrlimit (RLIMIT_FSIZE, &before) == 0 && !is_discarded;
}

static int
run_discard (const char *path, const char *how)
{
  g_autoptr (EaStore) store = ea_store_new (path, NULL);
  g_autoptr (GBytes) note = g_bytes_new_static ("n", 1);
  gboolean is_done;

  if (store == NULL || !discard_without_room (store))
    return EXIT_FAILURE;
  report (REPORT_FAILED);
  is_done = strcmp (how, "commit") == 0 ? ea_store_write (store, "note", note, NULL)
                                        : ea_store_settle (store, NULL);
  report (is_done ? REPORT_DONE : REPORT_WRONG);
  return EXIT_SUCCESS;
}

static int
setup (void **state)
{
  if (steps_make_directory (state) != 0)
    return -1;
  count_path = g_strconcat (steps_directory, ".count", NULL);
  return 0;
}

static int
teardown (void **state)
{
  (void) g_unlink (count_path); /* a test that is skipped has none */
  g_clear_pointer (&count_path, g_free);
  return steps_remove_directory (state);
}

typedef struct
{
  const char *when;
  guint at;
  guint times;
  int n_done;
  const char *after_failure; /* (nullable) */
} Plan;

static char **
make_environment (const Plan *plan)
{
  g_autofree char *times = g_strdup_printf ("%u", plan->times);
  char **environment = steps_make_environment (plan->when, plan->at);

  environment = g_environ_setenv (environment, "EA_KILL_COUNT", count_path, TRUE);
  return g_environ_setenv (environment, "EA_KILL_TIMES", times, TRUE);
}

/* (transfer full): what the child reported */
static char *
run_child (const Plan *plan, int *status)
{
  g_autofree char *n_done = g_strdup_printf ("%d", plan->n_done);
  char *arguments[] = { program, steps_directory, n_done, (char *) plan->after_failure, NULL };
  g_auto (GStrv) environment = make_environment (plan);
  g_autoptr (GError) error = NULL;
  char *reports = NULL;

  if (!g_spawn_sync (NULL, arguments, environment, G_SPAWN_DEFAULT, NULL, NULL, &reports, NULL,
                     status, &error))
    fail_msg ("%s", error->message);
  assert_null (strchr (reports, REPORT_WRONG));
  return reports;
}

typedef struct
{
  guint64 n_operations;
  guint64 n_syncs;
  guint64 n_bytes;
} Counts;

static Counts
read_counts (void)
{
  g_autofree char *content = NULL;
  Counts counts;
  gsize size;

  assert_true (g_file_get_contents (count_path, &content, &size, NULL));
  assert_int_equal (size, sizeof counts);
  memcpy (&counts, content, sizeof counts);
  return counts;
}

static int
count_reports (const char *reports, char what)
{
  int n = 0;

  for (; *reports != '\0'; reports++)
    n += *reports == what;
  return n;
}

/* Making the file and writing it anew cost two each: its own, and the directory's. */
static void
test_each_change_is_synced_once (void **state)
{
  Plan plan = { .when = "before", .at = G_MAXINT };
  g_autofree char *reports = NULL;
  Counts counts;
  int status = 0;

  if (g_getenv ("EA_TEST_KILL_AT") == NULL)
    skip ();
  reports = run_child (&plan, &status);
  counts = read_counts ();

  assert_int_equal (count_reports (reports, REPORT_DONE), N_STEPS);
  assert_int_equal (counts.n_syncs, 2 + N_STEPS + 1 + 2 * N_COMPACTIONS);
  assert_in_range (counts.n_bytes, (N_STEPS + 1) * (STEPS_JOB_SIZE - N_STEPS * STEPS_JOB_SHRINK),
                   (N_STEPS + 1 + N_COMPACTIONS * STEPS_JOBS) * STEPS_JOB_SIZE);
}

/* Cutting costs one more, but no file is made. */
static void
test_cut_is_synced (void **state)
{
  Plan plan = { .when = "before", .at = G_MAXINT };
  g_autofree char *reports = NULL;
  int status = 0;

  if (g_getenv ("EA_TEST_KILL_AT") == NULL)
    skip ();
  plan.n_done = steps_prepare (STEPS_TORN);
  reports = run_child (&plan, &status);

  assert_int_equal (count_reports (reports, REPORT_DONE), N_STEPS);
  assert_int_equal (read_counts ().n_syncs, 1 + N_STEPS + 1 + 2 * N_COMPACTIONS);
}

/* All that was reported is there; what was under way is there or not. */
static void
check_killed (StepsFound found, int n_done)
{
  g_autoptr (EaStore) store = steps_open ();
  g_autofree char *twice = g_build_filename (steps_directory, "store.damaged-2", NULL);
  StepsModel model = steps_get_model (n_done);

  assert_int_equal (ea_store_is_amnesic (store), found == STEPS_DAMAGED);
  if (!steps_is_like (store, &model))
    steps_model_apply (&model, n_done);
  assert_true (steps_is_like (store, &model));
  assert_false (g_file_test (twice, G_FILE_TEST_EXISTS));
  assert_true (steps_make (store, n_done + 1, NULL));
  steps_model_apply (&model, n_done + 1);
  g_clear_pointer (&store, ea_store_free);
  store = steps_open ();
  assert_int_equal (ea_store_is_amnesic (store), found == STEPS_DAMAGED);
  assert_true (steps_is_like (store, &model));
}

static void
kill_everywhere (StepsFound found, const char *when)
{
  for (guint at = 1;; at++)
    {
      Plan plan = { .when = when, .at = at, .n_done = steps_prepare (found) };
      g_autofree char *reports = NULL;
      int status = 0;

      reports = run_child (&plan, &status);
      if (WIFEXITED (status))
        {
          assert_int_equal (WEXITSTATUS (status), 0);
          assert_int_equal (read_counts ().n_operations, at - 1);
          assert_in_range (at, 3 * N_STEPS, 10 * N_STEPS);
          return;
        }
      assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
      check_killed (found, plan.n_done + count_reports (reports, REPORT_DONE));
    }
}

static void
kill_in_all_ways (StepsFound found)
{
  if (g_getenv ("EA_TEST_KILL_AT") == NULL)
    skip ();
  kill_everywhere (found, "before");
  kill_everywhere (found, "half");
  kill_everywhere (found, "after");
}

static void
test_killed_anywhere_it_has_all_or_nothing_of_a_change (void **state)
{
  kill_in_all_ways (STEPS_NOTHING);
}

static void
test_killed_while_it_cuts_it_loses_nothing (void **state)
{
  kill_in_all_ways (STEPS_TORN);
}

static void
test_killed_while_it_sets_aside_it_stays_amnesic_and_keeps_what_is_good (void **state)
{
  kill_in_all_ways (STEPS_DAMAGED);
}

static gboolean
has_record (EaStore *store, const char *name)
{
  g_autoptr (GBytes) record = ea_store_read (store, name, NULL);

  return record != NULL;
}

/* What was discarded goes with the change that makes up for it, or not at all, and nothing else goes. */
static void
check_discarded (int n_done, const char *how, gboolean is_settled)
{
  g_autoptr (EaStore) store = steps_open ();
  StepsModel model = steps_get_model (n_done);
  gboolean is_there = has_record (store, "counter");

  assert_false (is_settled && is_there);
  assert_int_equal (has_record (store, "note"), strcmp (how, "commit") == 0 && !is_there);
  if (!is_there)
    model.counter = -1;
  assert_true (steps_is_like (store, &model));
  assert_true (steps_make (store, n_done, NULL));
  steps_model_apply (&model, n_done);
  assert_true (steps_is_like (store, &model));
}

static void
kill_while_it_makes_up (const char *when, const char *how)
{
  guint n_tries = 0; /* deaths behind the discard */

  for (guint at = 1;; at++)
    {
      Plan plan = { .when = when, .at = at, .after_failure = how };
      g_autofree char *reports = NULL;
      int status = 0;

      plan.n_done = steps_prepare (STEPS_TORN);
      reports = run_child (&plan, &status);
      check_discarded (plan.n_done, how, strchr (reports, REPORT_DONE) != NULL);
      if (WIFEXITED (status))
        {
          assert_int_equal (WEXITSTATUS (status), 0);
          assert_non_null (strchr (reports, REPORT_DONE));
          break;
        }
      assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
      n_tries += strchr (reports, REPORT_FAILED) != NULL;
    }
  assert_in_range (n_tries, 2, 10); /* write and sync, at least */
}

static void
test_killed_while_it_makes_up_for_what_was_discarded_it_has_all_or_nothing (void **state)
{
  static const char *const whens[] = { "before", "half", "after" };

  if (g_getenv ("EA_TEST_KILL_AT") == NULL)
    skip ();
  for (gsize i = 0; i < G_N_ELEMENTS (whens); i++)
    {
      kill_while_it_makes_up (whens[i], "settle");
      kill_while_it_makes_up (whens[i], "commit");
    }
}

/* Exactly the steps that were reported as done, and at the end the one that was tried until it worked */
static void
check_failed (StepsFound found, const Plan *plan, const char *reports)
{
  g_autoptr (EaStore) store = steps_open ();
  StepsModel model = steps_get_model (plan->n_done);

  for (int i = 0; reports[i] != '\0' && reports[i] != REPORT_TRIED; i++)
    if (reports[i] == REPORT_DONE)
      steps_model_apply (&model, plan->n_done + i);
  if (strchr (reports, REPORT_TRIED) != NULL)
    steps_model_apply (&model, plan->n_done + N_STEPS);
  assert_int_equal (ea_store_is_amnesic (store), found == STEPS_DAMAGED);
  assert_true (steps_is_like (store, &model));
}

static void
fail_everywhere (StepsFound found, guint times, const char *after_failure)
{
  guint n_failures = 0;

  for (guint at = 1;; at++)
    {
      Plan plan = { .when = "error", .at = at, .times = times, .after_failure = after_failure };
      g_autofree char *reports = NULL;
      int status = 0;

      plan.n_done = steps_prepare (found);
      reports = run_child (&plan, &status);
      assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
      check_failed (found, &plan, reports);
      n_failures += strchr (reports, REPORT_FAILED) != NULL;
      if (read_counts ().n_operations < at)
        break;
    }
  assert_in_range (n_failures, 2 * N_STEPS, 10 * N_STEPS); /* each write and sync, at least */
}

static void
test_failed_change_leaves_nothing_and_another_works (void **state)
{
  if (g_getenv ("EA_TEST_KILL_AT") == NULL)
    skip ();
  for (guint times = 1; times <= 5; times++)
    fail_everywhere (STEPS_NOTHING, times, NULL);
  for (guint times = 1; times <= 3; times++)
    fail_everywhere (STEPS_NOTHING, times, "try");
  fail_everywhere (STEPS_TORN, 2, NULL);
  fail_everywhere (STEPS_DAMAGED, 2, NULL);
}

static void
test_failed_change_is_not_there_after_a_restart (void **state)
{
  if (g_getenv ("EA_TEST_KILL_AT") == NULL)
    skip ();
  fail_everywhere (STEPS_NOTHING, 1, "stop");
  fail_everywhere (STEPS_TORN, 1, "stop");
}

#define IN_DIRECTORY(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    IN_DIRECTORY (test_each_change_is_synced_once),
    IN_DIRECTORY (test_cut_is_synced),
    IN_DIRECTORY (test_killed_anywhere_it_has_all_or_nothing_of_a_change),
    IN_DIRECTORY (test_killed_while_it_cuts_it_loses_nothing),
    IN_DIRECTORY (test_killed_while_it_sets_aside_it_stays_amnesic_and_keeps_what_is_good),
    IN_DIRECTORY (test_killed_while_it_makes_up_for_what_was_discarded_it_has_all_or_nothing),
    IN_DIRECTORY (test_failed_change_leaves_nothing_and_another_works),
    IN_DIRECTORY (test_failed_change_is_not_there_after_a_restart),
  };

  if (argc > 3 && (strcmp (argv[3], "settle") == 0 || strcmp (argv[3], "commit") == 0))
    return run_discard (argv[1], argv[3]);
  if (argc > 2)
    return run_steps (argv[1], atoi (argv[2]), argv[3]);
  program = argv[0];
  return cmocka_run_group_tests (tests, NULL, NULL);
}
