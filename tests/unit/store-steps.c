/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "store-steps.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glib/gstdio.h>

#include "helpers.h"
#include "network.h"

char *steps_directory;

static const StepsModel no_model = { .counter = -1, .jobs = { -1, -1, -1 } };

void
steps_model_apply (StepsModel *model, int step)
{
  model->counter = step;
  model->jobs[step % STEPS_JOBS] = step;
  model->jobs[(step + 1) % STEPS_JOBS] = -1;
}

StepsModel
steps_get_model (int n_steps)
{
  StepsModel model = no_model;

  for (int i = 0; i < n_steps; i++)
    steps_model_apply (&model, i);
  return model;
}

static GBytes *
make_counter (int step)
{
  char *text = g_strdup_printf ("%d", step);

  return g_bytes_new_take (text, strlen (text));
}

static GBytes *
make_job (int step)
{
  gsize size = STEPS_JOB_SIZE - STEPS_JOB_SHRINK * (gsize) step;

  return g_bytes_new_take (g_strnfill (size, (char) ('a' + step)), size);
}

static char *
make_job_name (int step)
{
  return g_strdup_printf ("job-%d", step % STEPS_JOBS);
}

gboolean
steps_make (EaStore *store, int step, GError **error)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (GBytes) counter = make_counter (step);
  g_autoptr (GBytes) job = make_job (step);
  g_autofree char *written = make_job_name (step);
  g_autofree char *removed = make_job_name (step + 1);

  ea_store_change_write (change, "counter", counter);
  ea_store_change_write (change, written, job);
  ea_store_change_remove (change, removed);
  return ea_store_commit (store, change, error);
}

/* @expected: (nullable) */
static gboolean
has_record (EaStore *store, const char *name, GBytes *expected)
{
  g_autoptr (GBytes) record = ea_store_read (store, name, NULL);

  if (record == NULL || expected == NULL)
    return record == NULL && expected == NULL;
  return g_bytes_equal (record, expected);
}

gboolean
steps_is_like (EaStore *store, const StepsModel *model)
{
  g_autoptr (GBytes) counter = model->counter >= 0 ? make_counter (model->counter) : NULL;

  if (!has_record (store, "counter", counter))
    return FALSE;
  for (int i = 0; i < STEPS_JOBS; i++)
    {
      g_autofree char *name = make_job_name (i);
      g_autoptr (GBytes) job = model->jobs[i] >= 0 ? make_job (model->jobs[i]) : NULL;

      if (!has_record (store, name, job))
        return FALSE;
    }
  return TRUE;
}

int
steps_make_directory (void **state)
{
  g_autofree char *made = make_quick_directory ();

  steps_directory = realpath (made, NULL);
  return steps_directory != NULL ? 0 : -1;
}

int
steps_remove_directory (void **state)
{
  delete_directory (g_steal_pointer (&steps_directory));
  return 0;
}

static void
empty_directory (void)
{
  delete_directory (g_strdup (steps_directory));
  assert_return_code (g_mkdir (steps_directory, 0700), 0);
}

char **
steps_make_environment (const char *when, guint at)
{
  g_autofree char *number = g_strdup_printf ("%u", at);
  char **environment = g_get_environ ();

  environment = g_environ_setenv (environment, "LD_PRELOAD", g_getenv ("EA_TEST_KILL_AT"), TRUE);
  environment = g_environ_setenv (environment, "ASAN_OPTIONS", "verify_asan_link_order=0", TRUE);
  environment = g_environ_setenv (environment, "EA_KILL_DIRECTORY", steps_directory, TRUE);
  environment = g_environ_setenv (environment, "EA_KILL_WHEN", when, TRUE);
  return g_environ_setenv (environment, "EA_KILL_AT", number, TRUE);
}

EaStore *
steps_open (void)
{
  g_autoptr (GError) error = NULL;
  EaStore *store = ea_store_new (steps_directory, &error);

  if (store == NULL)
    fail_msg ("%s", error->message);
  return store;
}

void
steps_assert (int n_steps)
{
  g_autoptr (EaStore) store = steps_open ();
  StepsModel model = steps_get_model (n_steps);

  assert_true (steps_is_like (store, &model));
}

int
steps_prepare (StepsFound found)
{
  static const int n_steps = 3;
  g_autofree char *path = g_build_filename (steps_directory, "store", NULL);
  g_autofree char *content = NULL;
  g_autoptr (EaStore) store = NULL;
  gsize size;

  empty_directory ();
  if (found == STEPS_NOTHING)
    return 0;
  store = steps_open ();
  for (int i = 0; i < n_steps; i++)
    assert_true (steps_make (store, i, NULL));
  g_clear_pointer (&store, ea_store_free);
  assert_true (g_file_get_contents (path, &content, &size, NULL));
  content[size - 1] ^= 1;
  if (found == STEPS_TORN)
    size--;
  assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
  return n_steps - 1;
}

gboolean
steps_leave_mounts (void)
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

gboolean
steps_mount_small_disk (void)
{
  g_autofree char *options = g_strdup_printf ("size=%d", STEPS_DISK_SIZE);

  return mount ("none", steps_directory, "tmpfs", 0, options) == 0;
}

void
steps_take_what_is_free (void)
{
  static const char block[4096];
  g_autofree char *path = g_build_filename (steps_directory, "others", NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

  assert_return_code (fd, errno);
  while (write (fd, block, sizeof block) > 0)
    ;
  (void) close (fd);
}
