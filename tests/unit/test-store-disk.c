/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Durable records on a disk that is full, or that can't be written. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glib/gstdio.h>

#include "store-steps.h"

#define N_MANY 5000 /* changes of some 70 bytes each */

static gboolean has_mounts; /* of its own */
static guint n_failing_syncs;

int __real_fdatasync (int fd);
int __wrap_fdatasync (int fd);

/* A disk that is bad for a moment */
int
__wrap_fdatasync (int fd)
{
  if (n_failing_syncs == 0)
    return __real_fdatasync (fd);
  n_failing_syncs--;
  errno = EIO;
  return -1;
}

static void
test_limit_of_file_sizes_is_a_full_disk (void **state)
{
  g_autoptr (EaStore) store = steps_open ();
  g_autoptr (GError) error = NULL;
  StepsModel model = steps_get_model (1);
  struct rlimit before;
  struct rlimit limit;

  assert_true (steps_make (store, 0, NULL));
  assert_return_code (getrlimit (RLIMIT_FSIZE, &before), errno);
  limit = (struct rlimit){ .rlim_cur = STEPS_JOB_SIZE + STEPS_JOB_SIZE / 2,
                           .rlim_max = before.rlim_max };
  (void) signal (SIGXFSZ, SIG_IGN);
  assert_return_code (setrlimit (RLIMIT_FSIZE, &limit), errno);
  assert_false (steps_make (store, 1, &error));
  assert_return_code (setrlimit (RLIMIT_FSIZE, &before), errno);

  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL));
  assert_true (steps_is_like (store, &model));
  g_clear_pointer (&store, ea_store_free);
  steps_assert (1);
}

static void
mount_small_disk (void)
{
  if (!has_mounts || !steps_mount_small_disk ())
    skip ();
}

/* Takes all the space that there is. */
static char *
fill_disk (void)
{
  g_autofree char *bytes = g_malloc0 (STEPS_DISK_SIZE);
  char *path = g_build_filename (steps_directory, "ballast", NULL);
  FILE *file = fopen (path, "w");

  assert_non_null (file);
  (void) fwrite (bytes, 1, STEPS_DISK_SIZE, file); /* as much as there is room for */
  (void) fclose (file);
  return path;
}

static void
test_full_disk_is_told_and_works_again_with_space (void **state)
{
  g_autoptr (EaStore) store = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *ballast = NULL;
  StepsModel model = steps_get_model (1);

  mount_small_disk ();
  store = steps_open ();
  assert_true (steps_make (store, 0, NULL));
  ballast = fill_disk ();
  assert_false (steps_make (store, 1, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL));
  assert_true (steps_is_like (store, &model));
  g_clear_pointer (&store, ea_store_free);
  steps_assert (1);

  store = steps_open ();
  assert_return_code (g_unlink (ballast), errno);
  assert_true (steps_make (store, 1, NULL));
  g_clear_pointer (&store, ea_store_free);
  steps_assert (2);
  assert_return_code (umount (steps_directory), errno);
}

static void
test_disk_that_is_full_from_the_start_is_no_obstacle_later (void **state)
{
  g_autoptr (EaStore) store = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *ballast = NULL;

  mount_small_disk ();
  ballast = fill_disk ();
  store = steps_open ();
  assert_false (steps_make (store, 0, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL));
  assert_return_code (g_unlink (ballast), errno);
  assert_true (steps_make (store, 0, NULL));
  g_clear_pointer (&store, ea_store_free);

  steps_assert (1);
  assert_return_code (umount (steps_directory), errno);
}

static gboolean
keep (EaStore *store, int number)
{
  g_autofree char *text = g_strdup_printf ("clients=%d", number);
  g_autoptr (GBytes) record = g_bytes_new (text, strlen (text));

  return ea_store_keep (store, "modem", record, NULL);
}

static void
assert_kept (EaStore *store, int number)
{
  g_autofree char *expected = g_strdup_printf ("clients=%d", number);
  g_autoptr (GBytes) record = ea_store_read (store, "modem", NULL);

  assert_non_null (record);
  assert_int_equal (g_bytes_get_size (record), strlen (expected));
  assert_memory_equal (g_bytes_get_data (record, NULL), expected, strlen (expected));
}

/* A hundred of them, in two lives, on a disk that was full before each */
static void
test_full_disk_has_room_for_what_must_be_given_back (void **state)
{
  g_autoptr (EaStore) store = NULL;
  g_autofree char *ballast = NULL;
  StepsModel model = steps_get_model (1);

  mount_small_disk ();
  store = steps_open ();
  assert_true (steps_make (store, 0, NULL));
  ballast = fill_disk ();
  for (int i = 0; i < 100; i++)
    {
      assert_false (steps_make (store, 1, NULL));
      assert_true (keep (store, i));
      if (i != 50)
        continue;
      g_clear_pointer (&store, ea_store_free);
      store = steps_open ();
    }
  g_clear_pointer (&store, ea_store_free);

  store = steps_open ();
  assert_kept (store, 99);
  assert_true (steps_is_like (store, &model));
  g_clear_pointer (&store, ea_store_free);
  assert_return_code (umount (steps_directory), errno);
}

/* Changes that come to several times the room, in some lives, while somebody else takes every byte there is */
static void
test_full_disk_never_runs_out_of_the_room (void **state)
{
  g_autoptr (EaStore) store = NULL;
  StepsModel model = steps_get_model (1);

  mount_small_disk ();
  store = steps_open ();
  assert_true (steps_make (store, 0, NULL));
  for (int i = 0; i < N_MANY; i++)
    {
      steps_take_what_is_free ();
      assert_true (keep (store, i));
      if (i % (N_MANY / 5) != 0)
        continue;
      g_clear_pointer (&store, ea_store_free);
      steps_take_what_is_free ();
      store = steps_open ();
      assert_kept (store, i);
    }
  assert_false (steps_make (store, 1, NULL));
  assert_true (steps_is_like (store, &model));
  g_clear_pointer (&store, ea_store_free);

  store = steps_open ();
  assert_kept (store, N_MANY - 1);
  assert_true (steps_is_like (store, &model));
  g_clear_pointer (&store, ea_store_free);
  assert_return_code (umount (steps_directory), errno);
}

static void
assert_room (EaStore *store)
{
  steps_take_what_is_free ();
  for (int i = 0; i < 100; i++)
    assert_true (keep (store, i));
  assert_kept (store, 99);
}

static int
open_file (gsize *size)
{
  g_autofree char *path = g_build_filename (steps_directory, "store", NULL);
  struct stat status;
  int fd = open (path, O_RDWR | O_CLOEXEC);

  assert_return_code (fd, errno);
  assert_return_code (fstat (fd, &status), errno);
  *size = (gsize) status.st_size;
  return fd;
}

static void
test_room_is_there_from_the_start_of_a_life (void **state)
{
  g_autoptr (EaStore) store = NULL;
  gsize size = 0;
  int fd;

  mount_small_disk ();
  store = steps_open ();
  assert_true (steps_make (store, 0, NULL));
  g_clear_pointer (&store, ea_store_free);
  fd = open_file (&size);
  assert_return_code (ftruncate (fd, (off_t) size),
                      errno); /* takes what an earlier life has kept */
  (void) close (fd);

  store = steps_open ();
  assert_room (store);
  g_clear_pointer (&store, ea_store_free);
  assert_return_code (umount (steps_directory), errno);
}

static void
test_room_survives_a_change_that_was_interrupted (void **state)
{
  g_autoptr (EaStore) store = NULL;
  gsize size = 0;
  int fd;

  mount_small_disk ();
  store = steps_open ();
  assert_true (steps_make (store, 0, NULL));
  steps_take_what_is_free ();
  g_clear_pointer (&store, ea_store_free);
  fd = open_file (&size);
  assert_int_equal (pwrite (fd, "\0\0\0", 3, (off_t) size), 3);
  (void) close (fd);

  store = steps_open ();
  assert_int_equal (ea_store_get_torn_size (store), 3);
  assert_room (store);
  g_clear_pointer (&store, ea_store_free);
  assert_return_code (umount (steps_directory), errno);
}

static void
test_room_survives_a_change_that_fails (void **state)
{
  g_autoptr (EaStore) store = NULL;

  mount_small_disk ();
  store = steps_open ();
  assert_true (steps_make (store, 0, NULL));
  steps_take_what_is_free ();
  n_failing_syncs = 1;
  assert_false (keep (store, 0));
  assert_int_equal (n_failing_syncs, 0);

  assert_room (store);
  g_clear_pointer (&store, ea_store_free);
  assert_return_code (umount (steps_directory), errno);
}

static void
test_damage_on_a_full_disk_is_set_aside (void **state)
{
  g_autoptr (EaStore) store = NULL;
  gsize size = 0;
  int fd;

  mount_small_disk ();
  store = steps_open ();
  assert_true (steps_make (store, 0, NULL));
  assert_true (keep (store, 0));
  steps_take_what_is_free ();
  g_clear_pointer (&store, ea_store_free);
  fd = open_file (&size);
  assert_int_equal (pwrite (fd, "!", 1, (off_t) size - 1), 1);
  (void) close (fd);

  store = steps_open ();
  assert_true (ea_store_is_amnesic (store));
  assert_room (store);
  g_clear_pointer (&store, ea_store_free);
  assert_return_code (umount (steps_directory), errno);
}

static void
test_records_can_be_removed_from_a_full_disk (void **state)
{
  g_autoptr (EaStore) store = NULL;
  g_autofree char *ballast = NULL;
  StepsModel model = steps_get_model (0);

  mount_small_disk ();
  store = steps_open ();
  assert_true (steps_make (store, 0, NULL));
  ballast = fill_disk ();
  assert_true (ea_store_remove (store, "counter", NULL));
  assert_true (ea_store_remove (store, "job-0", NULL));
  g_clear_pointer (&store, ea_store_free);

  store = steps_open ();
  assert_true (steps_is_like (store, &model));
  g_clear_pointer (&store, ea_store_free);
  assert_return_code (umount (steps_directory), errno);
}

static void
discard_counter (EaStore *store)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (GError) error = NULL;

  ea_store_change_remove (change, "counter");
  assert_false (ea_store_discard (store, change, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_READ_ONLY));
  assert_false (ea_store_settle (store, NULL));
}

/* A store with one step, on a disk that is read-only until it is mounted anew */
static EaStore *
open_read_only (void)
{
  EaStore *store = steps_open ();

  assert_true (steps_make (store, 0, NULL));
  ea_store_free (store);
  if (!has_mounts || mount (steps_directory, steps_directory, NULL, MS_BIND, NULL) != 0
      || mount (NULL, steps_directory, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) != 0)
    skip ();
  return steps_open ();
}

static void
allow_writing (void)
{
  assert_return_code (mount (NULL, steps_directory, NULL, MS_BIND | MS_REMOUNT, NULL), errno);
}

static void
assert_no_counter (EaStore *store)
{
  g_autoptr (GError) error = NULL;

  assert_null (ea_store_read (store, "counter", &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_NOT_FOUND));
}

static void
test_what_was_discarded_goes_when_the_disk_can_be_written (void **state)
{
  g_autoptr (EaStore) store = open_read_only ();

  discard_counter (store);
  allow_writing ();
  assert_true (ea_store_settle (store, NULL));
  assert_no_counter (store);
  g_clear_pointer (&store, ea_store_free);

  store = steps_open ();
  assert_no_counter (store);
  g_clear_pointer (&store, ea_store_free);
  assert_return_code (umount (steps_directory), errno);
}

static void
test_what_was_discarded_goes_with_the_next_change (void **state)
{
  g_autoptr (EaStore) store = open_read_only ();

  discard_counter (store);
  allow_writing ();
  assert_true (keep (store, 1));
  assert_no_counter (store);
  assert_true (ea_store_settle (store, NULL));
  g_clear_pointer (&store, ea_store_free);
  assert_return_code (umount (steps_directory), errno);
}

static void
test_what_was_discarded_can_be_written_anew (void **state)
{
  g_autoptr (EaStore) store = open_read_only ();
  StepsModel model = steps_get_model (1);

  discard_counter (store);
  allow_writing ();
  assert_true (steps_make (store, 0, NULL));
  assert_true (ea_store_settle (store, NULL));
  g_clear_pointer (&store, ea_store_free);

  store = steps_open ();
  assert_true (steps_is_like (store, &model));
  g_clear_pointer (&store, ea_store_free);
  assert_return_code (umount (steps_directory), errno);
}

static void
test_what_was_discarded_goes_at_the_end (void **state)
{
  g_autoptr (EaStore) store = open_read_only ();

  discard_counter (store);
  allow_writing ();
  g_clear_pointer (&store, ea_store_free);

  store = steps_open ();
  assert_no_counter (store);
  g_clear_pointer (&store, ea_store_free);
  assert_return_code (umount (steps_directory), errno);
}

static void
test_read_only_disk_is_read_and_told (void **state)
{
  g_autoptr (EaStore) store = NULL;
  g_autoptr (GError) error = NULL;
  StepsModel model;

  steps_prepare (STEPS_TORN);
  model = steps_get_model (2);
  if (!has_mounts || mount (steps_directory, steps_directory, NULL, MS_BIND, NULL) != 0
      || mount (NULL, steps_directory, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) != 0)
    skip ();
  store = steps_open ();
  assert_true (steps_is_like (store, &model));
  assert_false (steps_make (store, 2, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_READ_ONLY));
  assert_true (steps_is_like (store, &model));

  assert_return_code (mount (NULL, steps_directory, NULL, MS_BIND | MS_REMOUNT, NULL), errno);
  assert_true (steps_make (store, 2, NULL));
  g_clear_pointer (&store, ea_store_free);
  steps_assert (3);
  assert_return_code (umount (steps_directory), errno);
}

static void
test_damage_on_a_read_only_disk_makes_amnesic_too (void **state)
{
  g_autoptr (EaStore) store = NULL;
  g_autoptr (GError) error = NULL;
  StepsModel model = steps_get_model (steps_prepare (STEPS_DAMAGED));

  if (!has_mounts || mount (steps_directory, steps_directory, NULL, MS_BIND, NULL) != 0
      || mount (NULL, steps_directory, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) != 0)
    skip ();
  for (guint i = 0; i < 2; i++)
    {
      g_clear_pointer (&store, ea_store_free);
      store = steps_open ();
      assert_true (ea_store_is_amnesic (store));
      assert_true (steps_is_like (store, &model));
    }
  assert_false (steps_make (store, 2, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_READ_ONLY));

  assert_return_code (mount (NULL, steps_directory, NULL, MS_BIND | MS_REMOUNT, NULL), errno);
  assert_true (steps_make (store, 2, NULL));
  g_clear_pointer (&store, ea_store_free);
  store = steps_open ();
  assert_true (ea_store_is_amnesic (store));
  g_clear_pointer (&store, ea_store_free);
  steps_assert (3);
  assert_return_code (umount (steps_directory), errno);
}

#define IN_DIRECTORY(name)                                                                         \
  cmocka_unit_test_setup_teardown (name, steps_make_directory, steps_remove_directory)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    IN_DIRECTORY (test_limit_of_file_sizes_is_a_full_disk),
    IN_DIRECTORY (test_full_disk_is_told_and_works_again_with_space),
    IN_DIRECTORY (test_disk_that_is_full_from_the_start_is_no_obstacle_later),
    IN_DIRECTORY (test_full_disk_has_room_for_what_must_be_given_back),
    IN_DIRECTORY (test_full_disk_never_runs_out_of_the_room),
    IN_DIRECTORY (test_room_is_there_from_the_start_of_a_life),
    IN_DIRECTORY (test_room_survives_a_change_that_was_interrupted),
    IN_DIRECTORY (test_room_survives_a_change_that_fails),
    IN_DIRECTORY (test_damage_on_a_full_disk_is_set_aside),
    IN_DIRECTORY (test_records_can_be_removed_from_a_full_disk),
    IN_DIRECTORY (test_what_was_discarded_goes_when_the_disk_can_be_written),
    IN_DIRECTORY (test_what_was_discarded_goes_with_the_next_change),
    IN_DIRECTORY (test_what_was_discarded_can_be_written_anew),
    IN_DIRECTORY (test_what_was_discarded_goes_at_the_end),
    IN_DIRECTORY (test_read_only_disk_is_read_and_told),
    IN_DIRECTORY (test_damage_on_a_read_only_disk_makes_amnesic_too),
  };

  has_mounts = steps_leave_mounts ();
  return cmocka_run_group_tests (tests, NULL, NULL);
}
