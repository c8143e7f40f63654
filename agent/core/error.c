/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The error domain of the core. An error remembers where in the input it arose. */

#include "core/error.h"

typedef struct
{
  guintptr position;
} EaCoreErrorPrivate;

static void
ea_core_error_private_init (EaCoreErrorPrivate *private)
{
  private->position = 0;
}

static void
ea_core_error_private_copy (const EaCoreErrorPrivate *source, EaCoreErrorPrivate *destination)
{
  destination->position = source->position;
}

static void
ea_core_error_private_clear (EaCoreErrorPrivate *private)
{
  private->position = 0;
}

/* clang-format off */
G_DEFINE_EXTENDED_ERROR (EaCoreError, ea_core_error)
/* clang-format on */

gboolean
ea_core_error_set (GError **error, EaCoreError code, const void *position, const char *format, ...)
{
  va_list arguments;

  if (error == NULL)
    return FALSE;

  va_start (arguments, format);
  *error = g_error_new_valist (EA_CORE_ERROR, (int) code, format, arguments);
  va_end (arguments);
  ea_core_error_get_private (*error)->position = (guintptr) position;
  return FALSE;
}

gboolean
ea_core_error_get_offset (const GError *error, const void *start, gsize size, gsize *offset)
{
  guintptr position;

  if (error == NULL || error->domain != EA_CORE_ERROR)
    return FALSE;
  position = ea_core_error_get_private (error)->position;
  if (position == 0 || position < (guintptr) start || position - (guintptr) start > size)
    return FALSE;

  *offset = position - (guintptr) start;
  return TRUE;
}

const char *
ea_core_error_get_name (EaCoreError code)
{
  switch (code)
    {
    case EA_CORE_ERROR_TRUNCATED:
      return "truncated";
    case EA_CORE_ERROR_MALFORMED:
    case EA_CORE_ERROR_MISSING:
      break;
    case EA_CORE_ERROR_UNSUPPORTED:
      return "unsupported";
    case EA_CORE_ERROR_SECURITY:
      return "security";
    case EA_CORE_ERROR_REPLAY:
      return "replay";
    case EA_CORE_ERROR_LIMIT:
      return "limit";
    }
  return "malformed";
}
