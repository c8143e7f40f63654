/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The error domain of the store, and what the system's errors mean to it. */

#include "host/store-error.h"

#include <errno.h>

/* clang-format off */
G_DEFINE_QUARK (ea-store-error-quark, ea_store_error)
/* clang-format on */

static EaStoreError
get_cause (int code)
{
  switch (code)
    {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: /* RLIMIT_FSIZE */
      return EA_STORE_ERROR_FULL;
    case EROFS:
    case EACCES:
    case EPERM:
      return EA_STORE_ERROR_READ_ONLY;
    default:
      return EA_STORE_ERROR_FAILED;
    }
}

gboolean
ea_store_error_set_from_errno (GError **error, const char *what, const char *path)
{
  int code = errno;

  g_set_error (error, EA_STORE_ERROR, (int) get_cause (code), "Cannot %s '%s': %s", what, path,
               g_strerror (code));
  return FALSE;
}
