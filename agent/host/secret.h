/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * EaSecret: memory for secrets. Its pages are locked, so that they never reach a swap, left out of core dumps, empty
 * in a child, and stand alone between two that can't be touched. They are overwritten when they are given back.
 */

typedef struct _EaSecret EaSecret;

/**
 * ea_secret_read_file:
 * @size_max: bytes
 *
 * Reads a regular file straight into such memory.
 *
 * Returns: (transfer full) (nullable): free it with ea_secret_free()
 *
 * Errors: G_FILE_ERROR_NOENT and others of open(2) and read(2), G_FILE_ERROR_INVAL (no regular file),
 * G_FILE_ERROR_NOSPC (larger than @size_max), G_FILE_ERROR_AGAIN (it
 * grows meanwhile), G_FILE_ERROR_NOMEM (memory can't be locked: RLIMIT_MEMLOCK).
 */
EaSecret *ea_secret_read_file (const char *path, gsize size_max, GError **error);

/* Overwrites and unmaps the memory. */
void ea_secret_free (EaSecret *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaSecret, ea_secret_free)

/* The bytes, to be read and written in place; @size: (out): 0 for an empty file, and then there are none to touch */
guint8 *ea_secret_get (EaSecret *self, gsize *size);
