/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "small-disk.h"

#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "network.h"
#include "store-steps.h"

#define TMPFS_SIZE (512 * 1024)

static gboolean has_mounts; /* of its own */

gboolean
leave_mounts (void)
{
  g_autofree char *user_map = g_strdup_printf ("0 %u 1", (guint) getuid ());
  g_autofree char *group_map = g_strdup_printf ("0 %u 1", (guint) getgid ());

  has_mounts = (unshare (CLONE_NEWNS) == 0
                || (unshare (CLONE_NEWUSER | CLONE_NEWNS) == 0
                    && network_write_text ("/proc/self/setgroups", "deny")
                    && network_write_text ("/proc/self/uid_map", user_map)
                    && network_write_text ("/proc/self/gid_map", group_map)))
               && mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
  return has_mounts;
}

void
mount_small_disk (void)
{
  g_autofree char *options = g_strdup_printf ("size=%d", TMPFS_SIZE);

  if (!has_mounts || mount ("none", steps_directory, "tmpfs", 0, options) != 0)
    skip ();
}

char *
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
