/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Durable records in a process that is killed at any of its file operations, or whose disk fails at any of them
 * (tests/system/kill-at.c). For that the program starts itself as "DIRECTORY N_DONE [stop|try|keep|discard]": it makes
 * the steps from N_DONE on and tells of each with a character what became of it. When one fails it goes on; or it
 * stops; or it tries the last one until that works. Or it keeps what is vital; or it discards what every step has
 * written.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
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
#define N_KEPT 24 /* records, which come to more than half of the room */
#define KEPT_SIZE 2000
#define N_DISCARDED 3

#define REPORT_DONE 'd'
#define REPORT_FAILED 'f'
#define REPORT_TRIED 't' /* what is tried until it works */
#define REPORT_WRONG '!'
#define REPORT_SETTLED 's'

static char *program;
static char *count_path;
static gboolean has_mounts; /* of its own */

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
run_steps (const char *path, int n_done, const char *how)
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
      if (!is_done && g_strcmp0 (how, "stop") == 0)
        return EXIT_SUCCESS;
      if (!is_done && g_strcmp0 (how, "try") == 0)
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

static GBytes *
make_kept (int number)
{
  return g_bytes_new_take (g_strnfill (KEPT_SIZE, (char) ('a' + number)), KEPT_SIZE);
}

/* Each fourth is a removal. */
static gboolean
is_removal (int number)
{
  return number % 4 == 3;
}

static int
run_keeps (const char *path)
{
  g_autoptr (EaStore) store = ea_store_new (path, NULL);

  for (int i = 0; store != NULL && i < N_KEPT; i++)
    {
      g_autoptr (GBytes) record = is_removal (i) ? NULL : make_kept (i);

      report (ea_store_keep (store, "modem", record, NULL) ? REPORT_DONE : REPORT_FAILED);
    }
  return store != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* What is discarded of a disk that takes nothing is owed. */
static gboolean
discard_counter (EaStore *store)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  struct rlimit before;
  struct rlimit limit;
  gboolean is_discarded;

  (void) signal (SIGXFSZ, SIG_IGN);
  if (getrlimit (RLIMIT_FSIZE, &before) != 0)
    return FALSE;
  limit = (struct rlimit){ .rlim_cur = 1, .rlim_max = before.rlim_max };
  ea_store_change_remove (change, "counter");
  (void) setrlimit (RLIMIT_FSIZE, &limit);
  is_discarded = ea_store_discard (store, change, NULL);
  (void) setrlimit (RLIMIT_FSIZE, &before);
  return !is_discarded && ea_store_settle (store, NULL);
}

static int
run_discards (const char *path)
{
  g_autoptr (EaStore) store = ea_store_new (path, NULL);

  for (int i = 0; store != NULL && i < N_DISCARDED; i++)
    {
      report (steps_make (store, i, NULL) ? REPORT_DONE : REPORT_FAILED);
      report (discard_counter (store) ? REPORT_SETTLED : REPORT_WRONG);
    }
  return store != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
run (const char *path, const char *n_done, const char *how)
{
  if (g_strcmp0 (how, "keep") == 0)
    return run_keeps (path);
  if (g_strcmp0 (how, "discard") == 0)
    return run_discards (path);
  return run_steps (path, atoi (n_done), how);
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
  const char *how; /* (nullable) */
} Plan;

static char **
make_environment (const Plan *plan)
{
  g_autofree char *at = g_strdup_printf ("%u", plan->at);
  g_autofree char *times = g_strdup_printf ("%u", plan->times);
  char **environment = g_get_environ ();

  environment = g_environ_setenv (environment, "LD_PRELOAD", g_getenv ("EA_TEST_KILL_AT"), TRUE);
  environment = g_environ_setenv (environment, "ASAN_OPTIONS", "verify_asan_link_order=0", TRUE);
  environment = g_environ_setenv (environment, "EA_KILL_DIRECTORY", steps_directory, TRUE);
  environment = g_environ_setenv (environment, "EA_KILL_COUNT", count_path, TRUE);
  environment = g_environ_setenv (environment, "EA_KILL_WHEN", plan->when, TRUE);
  environment = g_environ_setenv (environment, "EA_KILL_AT", at, TRUE);
  return g_environ_setenv (environment, "EA_KILL_TIMES", times, TRUE);
}

/* (transfer full): what the child reported */
static char *
run_child (const Plan *plan, int *status)
{
  g_autofree char *n_done = g_strdup_printf ("%d", plan->n_done);
  char *arguments[] = { program, steps_directory, n_done, (char *) plan->how, NULL };
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

/* A disk that is full, with a change that was interrupted; the room is all there. */
static void
prepare_full_disk (void)
{
  g_autofree char *path = g_build_filename (steps_directory, "store", NULL);
  g_autoptr (EaStore) store = NULL;
  FILE *file;

  assert_true (steps_mount_small_disk ());
  store = steps_open ();
  assert_true (steps_make (store, 0, NULL) && steps_make (store, 1, NULL));
  g_clear_pointer (&store, ea_store_free);
  steps_take_what_is_free ();
  file = fopen (path, "a");
  assert_non_null (file);
  assert_int_equal (fwrite ("\0\0\0", 1, 3, file), 3);
  assert_int_equal (fclose (file), 0);
}

static gboolean
is_kept (EaStore *store, int n_done)
{
  g_autoptr (GBytes) record = ea_store_read (store, "modem", NULL);
  g_autoptr (GBytes) expected = NULL;

  if (n_done == 0 || is_removal (n_done - 1))
    return record == NULL;
  expected = make_kept (n_done - 1);
  return record != NULL && g_bytes_equal (record, expected);
}

/* There is what was reported, or what was under way; and still room for the next life. */
static void
check_full_disk (int n_done)
{
  g_autoptr (EaStore) store = NULL;
  StepsModel model = steps_get_model (2);

  store = steps_open ();
  assert_false (ea_store_is_amnesic (store));
  assert_true (is_kept (store, n_done) || is_kept (store, n_done + 1));
  assert_true (steps_is_like (store, &model));
  for (int i = 0; i < N_KEPT; i++)
    {
      g_autoptr (GBytes) record = make_kept (i);

      steps_take_what_is_free ();
      assert_true (ea_store_keep (store, "modem", record, NULL));
    }
}

/* It is smaller than all that came to it. */
static gboolean
has_been_written_anew (void)
{
  g_autofree char *path = g_build_filename (steps_directory, "store", NULL);
  struct stat status;

  assert_return_code (stat (path, &status), errno);
  return status.st_size < 2 * STEPS_JOB_SIZE + N_KEPT / 2 * KEPT_SIZE;
}

static void
kill_on_full_disk (const char *when)
{
  for (guint at = 1;; at++)
    {
      Plan plan = { .when = when, .at = at, .how = "keep" };
      g_autofree char *reports = NULL;
      int status = 0;

      prepare_full_disk ();
      reports = run_child (&plan, &status);
      assert_null (strchr (reports, REPORT_FAILED));
      assert_true (!WIFEXITED (status) || has_been_written_anew ());
      check_full_disk (count_reports (reports, REPORT_DONE));
      assert_return_code (umount (steps_directory), errno);
      if (!WIFEXITED (status))
        continue;
      assert_int_equal (WEXITSTATUS (status), 0);
      assert_in_range (at, 2 * N_KEPT, 6 * N_KEPT);
      return;
    }
}

static void
test_killed_anywhere_on_a_full_disk_it_has_room_and_loses_nothing (void **state)
{
  if (g_getenv ("EA_TEST_KILL_AT") == NULL || !has_mounts)
    skip ();
  kill_on_full_disk ("before");
  kill_on_full_disk ("half");
  kill_on_full_disk ("after");
}

/* What was settled is gone, what is owed may be; all else is there, and the next step, where that was under way. */
static void
check_discarded (const char *reports)
{
  g_autoptr (EaStore) store = steps_open ();
  int n_done = count_reports (reports, REPORT_DONE);
  StepsModel made = steps_get_model (n_done);
  StepsModel gone = made;
  StepsModel next = steps_get_model (n_done + 1);
  gboolean is_settled = n_done == count_reports (reports, REPORT_SETTLED);

  gone.counter = -1;
  assert_true (steps_is_like (store, &gone) || steps_is_like (store, is_settled ? &next : &made));
}

static void
kill_while_it_discards (const char *when)
{
  for (guint at = 1;; at++)
    {
      Plan plan = { .when = when, .at = at, .how = "discard" };
      g_autofree char *reports = NULL;
      int status = 0;

      (void) steps_prepare (STEPS_NOTHING);
      reports = run_child (&plan, &status);
      check_discarded (reports);
      if (!WIFEXITED (status))
        continue;
      assert_int_equal (WEXITSTATUS (status), 0);
      assert_int_equal (count_reports (reports, REPORT_SETTLED), N_DISCARDED);
      return;
    }
}

static void
test_killed_while_it_settles_only_what_was_discarded_goes (void **state)
{
  if (g_getenv ("EA_TEST_KILL_AT") == NULL)
    skip ();
  kill_while_it_discards ("before");
  kill_while_it_discards ("half");
  kill_while_it_discards ("after");
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
fail_everywhere (StepsFound found, guint times, const char *how)
{
  guint n_failures = 0;

  for (guint at = 1;; at++)
    {
      Plan plan = { .when = "error", .at = at, .times = times, .how = how };
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
    IN_DIRECTORY (test_killed_anywhere_on_a_full_disk_it_has_room_and_loses_nothing),
    IN_DIRECTORY (test_killed_while_it_settles_only_what_was_discarded_goes),
    IN_DIRECTORY (test_failed_change_leaves_nothing_and_another_works),
    IN_DIRECTORY (test_failed_change_is_not_there_after_a_restart),
  };

  if (argc > 2)
    return run (argv[1], argv[2], argv[3]);
  program = argv[0];
  has_mounts = steps_leave_mounts ();
  return cmocka_run_group_tests (tests, NULL, NULL);
}
