/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "smsr-script.h"

/* The words of the control command "smsr": function, ISD-P or file, and --via. */

typedef struct
{
  const char *verb; /* what the function is called */
  SimSmsrFunction function;
  gboolean concerns_isdp;
  const char *argument; /* names an ISD-P, or the file of a script; NULL: not given */
} SimSmsrWords;

/**
 * sim_smsr_parse_words:
 * @arguments: (array zero-terminated=1): @out borrows from it
 *
 * Returns: FALSE when the function can't be begun with these words
 *
 * Errors: EA_CORE_ERROR_MALFORMED; EA_CORE_ERROR_UNSUPPORTED for functions and bearers that are not
 * available yet. @out is untouched on error.
 */
gboolean sim_smsr_parse_words (SimSmsrWords *out, const char *const *arguments, GError **error);
