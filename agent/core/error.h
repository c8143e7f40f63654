/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * EaCoreError:
 * @EA_CORE_ERROR_TRUNCATED: the bytes end before the structure does
 * @EA_CORE_ERROR_MALFORMED: the bytes contradict the standard
 * @EA_CORE_ERROR_MISSING: a mandatory element is not there
 * @EA_CORE_ERROR_UNSUPPORTED: correct, but not something that is implemented
 * @EA_CORE_ERROR_SECURITY: a checksum, signature or key does not fit
 * @EA_CORE_ERROR_REPLAY: a counter was used before
 * @EA_CORE_ERROR_LIMIT: larger or more than a written limit allows
 *
 * The causes that core code reports. A session turns them into the code of its standard.
 */
typedef enum
{
  EA_CORE_ERROR_TRUNCATED,
  EA_CORE_ERROR_MALFORMED,
  EA_CORE_ERROR_MISSING,
  EA_CORE_ERROR_UNSUPPORTED,
  EA_CORE_ERROR_SECURITY,
  EA_CORE_ERROR_REPLAY,
  EA_CORE_ERROR_LIMIT,
} EaCoreError;

#define EA_CORE_ERROR (ea_core_error_quark ())
GQuark ea_core_error_quark (void);

/**
 * ea_core_error_set:
 * @position: (nullable): the first byte that is wrong, or the one that should have come next. It is kept as
 *   a place to compare, never read, so the buffer may die before the error
 * @format: what is wrong, without the place
 *
 * Sets @error. Returns: FALSE, so that a parser can end with it.
 */
gboolean ea_core_error_set (GError **error, EaCoreError code, const void *position,
                            const char *format, ...) G_GNUC_PRINTF (4, 5);

/**
 * ea_core_error_get_offset:
 * @start: @size: the bytes that were parsed, or a larger buffer that they lie in
 * @offset: (out): of the error's position within them, @size for "after the last byte"; untouched when FALSE
 *
 * Returns: TRUE when @error is a core error whose position is known and lies there
 */
gboolean ea_core_error_get_offset (const GError *error, const void *start, gsize size,
                                   gsize *offset);

/* The word for @code in outputs: "truncated", "malformed" (also for a missing element), "unsupported" … */
const char *ea_core_error_get_name (EaCoreError code);
