/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The room that a store keeps on a disk that is full, when the process is killed meanwhile. For that the program starts
 * itself with a directory: it then keeps some records in it.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "small-disk.h"
#include "store-steps.h"

#define N_KEEPS 4
#define LARGE_SIZE 4000 /* of a record: more than the disk may have left within a block */
#define REPORT_DONE "d"

static char *program;

static GBytes *
make_large (int number)
{
  char *text = g_malloc0 (LARGE_SIZE);

  g_snprintf (text, LARGE_SIZE, "clients=%d", number);
  return g_bytes_new_take (text, LARGE_SIZE);
}

static gboolean
keep_large (EaStore *store, int number)
{
  g_autoptr (GBytes) record = make_large (number);

  return ea_store_keep (store, "modem", record, NULL);
}

static gboolean
has_large (EaStore *store, int number)
{
  g_autoptr (GBytes) expected = make_large (number);
  g_autoptr (GBytes) record = ea_store_read (store, "modem", NULL);

  return record != NULL && g_bytes_equal (record, expected);
}

/* What an agent leaves that is killed while it writes into its room: lengths of 1000 bytes, and 2 of these */
static void
tear_tail (void)
{
  static const guint8 beginning[] = { 0x00, 0x00, 0x03, 0xE8, 0xFF, 0xFF, 0xFC, 0x17, '+', 5 };
  g_autofree char *path = g_build_filename (steps_directory, "store", NULL);
  FILE *file = fopen (path, "a");

  assert_non_null (file);
  assert_int_equal (fwrite (beginning, 1, sizeof beginning, file), sizeof beginning);
  assert_int_equal (fclose (file), 0);
}

static void
test_room_is_there_behind_a_change_that_a_full_disk_has_not_got_whole (void **state)
{
  g_autoptr (EaStore) store = NULL;
  g_autofree char *ballast = NULL;
  StepsModel model = steps_get_model (1);

  mount_small_disk ();
  store = steps_open ();
  assert_true (steps_make (store, 0, NULL));
  ballast = fill_disk ();
  for (int i = 0; i < 10; i++)
    {
      assert_true (keep_large (store, i));
      g_clear_pointer (&store, ea_store_free);
      tear_tail ();
      store = steps_open ();
      assert_false (ea_store_is_amnesic (store));
      assert_true (has_large (store, i));
    }
  assert_true (keep_large (store, 10));
  assert_true (steps_is_like (store, &model));
  g_clear_pointer (&store, ea_store_free);

  store = steps_open ();
  assert_true (has_large (store, 10));
  assert_true (steps_is_like (store, &model));
  g_clear_pointer (&store, ea_store_free);
  assert_return_code (umount (steps_directory), errno);
}

/* What it is when it starts itself */
static int
run_keeps (const char *path)
{
  g_autoptr (EaStore) store = ea_store_new (path, NULL);

  for (int i = 0; i < N_KEEPS; i++)
    if (store == NULL || !keep_large (store, i) || write (STDOUT_FILENO, REPORT_DONE, 1) != 1)
      return EXIT_FAILURE;
  return EXIT_SUCCESS;
}

/* A store with one step and one record, on a disk that is full, and with a torn tail */
static void
prepare_little_room (void)
{
  g_autoptr (EaStore) store = NULL;
  g_autofree char *ballast = NULL;

  mount_small_disk ();
  store = steps_open ();
  assert_true (steps_make (store, 0, NULL));
  assert_true (keep_large (store, -1));
  g_clear_pointer (&store, ea_store_free);
  ballast = fill_disk ();
  tear_tail ();
}

/* All that was reported is there; what was under way is there or not; and there is room for more. */
static void
check_little_room (int n_done)
{
  g_autoptr (EaStore) store = steps_open ();
  StepsModel model = steps_get_model (1);

  assert_false (ea_store_is_amnesic (store));
  assert_true (steps_is_like (store, &model));
  assert_true (has_large (store, n_done - 1) || has_large (store, n_done));
  assert_true (keep_large (store, N_KEEPS));
  g_clear_pointer (&store, ea_store_free);
  store = steps_open ();
  assert_true (has_large (store, N_KEEPS));
}

static void
kill_with_little_room (const char *when)
{
  char *arguments[] = { program, steps_directory, NULL };
  gboolean is_over = FALSE;

  for (guint at = 1; !is_over; at++)
    {
      g_auto (GStrv) environment = steps_make_environment (when, at);
      g_autofree char *reports = NULL;
      int status;

      prepare_little_room ();
      assert_true (g_spawn_sync (NULL, arguments, environment, G_SPAWN_DEFAULT, NULL, NULL,
                                 &reports, NULL, &status, NULL));
      check_little_room ((int) strlen (reports));
      is_over = WIFEXITED (status);
      if (is_over)
        {
          assert_int_equal (WEXITSTATUS (status), 0);
          assert_int_equal (strlen (reports), N_KEEPS);
          assert_in_range (at, 2 * N_KEEPS, 5 * N_KEEPS);
        }
      assert_return_code (umount (steps_directory), errno);
    }
}

static void
test_killed_anywhere_on_a_full_disk_it_has_room_still (void **state)
{
  if (g_getenv ("EA_TEST_KILL_AT") == NULL)
    skip ();
  kill_with_little_room ("before");
  kill_with_little_room ("half");
  kill_with_little_room ("after");
}

#define IN_DIRECTORY(name)                                                                         \
  cmocka_unit_test_setup_teardown (name, steps_make_directory, steps_remove_directory)

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    IN_DIRECTORY (test_room_is_there_behind_a_change_that_a_full_disk_has_not_got_whole),
    IN_DIRECTORY (test_killed_anywhere_on_a_full_disk_it_has_room_still),
  };

  if (argc > 1)
    return run_keeps (argv[1]);
  program = argv[0];
  (void) leave_mounts (); /* else they are skipped */
  return cmocka_run_group_tests (tests, NULL, NULL);
}
