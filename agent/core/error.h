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
