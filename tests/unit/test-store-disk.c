/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Durable records on a disk that is full, or that can't be written. */

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glib/gstdio.h>

#include "network.h"
#include "store-steps.h"

#define TMPFS_SIZE (128 * 1024)

static gboolean has_mounts; /* of its own */

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

/* Mounts of the test's own: as root, else as root of a user namespace */
static gboolean
leave_mounts (void)
{
  g_autofree char *user_map = g_strdup_printf ("0 %u 1", (guint) getuid ());
  g_autofree char *group_map = g_strdup_printf ("0 %u 1", (guint) getgid ());

  return (unshare (CLONE_NEWNS) == 0
          || (unshare (CLONE_NEWUSER | CLONE_NEWNS) == 0
              && network_write_text ("/proc/self/setgroups", "deny")
              && network_write_text ("/proc/self/uid_map", user_map)
              && network_write_text ("/proc/self/gid_map", group_map)))
         && mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static void
mount_small_disk (void)
{
  g_autofree char *options = g_strdup_printf ("size=%d", TMPFS_SIZE);

  if (!has_mounts || mount ("none", steps_directory, "tmpfs", 0, options) != 0)
    skip ();
}

/* Takes all the space that there is. */
static char *
fill_disk (void)
{
  g_autofree char *bytes = g_malloc0 (TMPFS_SIZE);
  char *path = g_build_filename (steps_directory, "ballast", NULL);
  FILE *file = fopen (path, "w");

  assert_non_null (file);
  (void) fwrite (bytes, 1, TMPFS_SIZE, file); /* as much as there is room for */
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
    IN_DIRECTORY (test_read_only_disk_is_read_and_told),
    IN_DIRECTORY (test_damage_on_a_read_only_disk_makes_amnesic_too),
  };

  has_mounts = leave_mounts ();
  return cmocka_run_group_tests (tests, NULL, NULL);
}
