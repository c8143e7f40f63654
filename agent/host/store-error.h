/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * EaStoreError:
 * @EA_STORE_ERROR_NOT_FOUND: there is no such record
 * @EA_STORE_ERROR_FULL: no space on the disk (ENOSPC, EDQUOT, EFBIG), or the store's own limit is reached
 * @EA_STORE_ERROR_READ_ONLY: the disk, or the directory, may not be written (EROFS, EACCES, EPERM)
 * @EA_STORE_ERROR_FAILED: another failure of the disk, or the directory belongs to another process
 * @EA_STORE_ERROR_DAMAGED: the bytes are not those that were written, or not of this store
 * @EA_STORE_ERROR_LIMIT: the record is too large
 */
typedef enum
{
  EA_STORE_ERROR_NOT_FOUND,
  EA_STORE_ERROR_FULL,
  EA_STORE_ERROR_READ_ONLY,
  EA_STORE_ERROR_FAILED,
  EA_STORE_ERROR_DAMAGED,
  EA_STORE_ERROR_LIMIT,
} EaStoreError;

#define EA_STORE_ERROR (ea_store_error_quark ())
GQuark ea_store_error_quark (void);

/* Sets @error from errno: "Cannot @what '@path': …". Returns: FALSE, so that a function can end with it. */
gboolean ea_store_error_set_from_errno (GError **error, const char *what, const char *path);
