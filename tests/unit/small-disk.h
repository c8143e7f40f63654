/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A small disk for a store, in mounts of the test's own: steps_directory (store-steps.h) is on it. */

/* As root, else as root of a user namespace. FALSE: it can't be done here. */
gboolean leave_mounts (void);

/* Skips the test where leave_mounts() has not been called, or could not do it. */
void mount_small_disk (void);

/* Takes all the space that there is. (transfer full): the file that has it */
char *fill_disk (void);
