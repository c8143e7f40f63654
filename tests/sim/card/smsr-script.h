/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* The command scripts of ES5 (SGP.02 §4.1.1) in expanded format, as the SM-SR writes them. */

/* Life cycle octets of an ISD-P as GET STATUS tells them */
#define SIM_SMSR_SELECTABLE 0x07
#define SIM_SMSR_DISABLED 0x1F
#define SIM_SMSR_ENABLED 0x3F

typedef enum
{
  SIM_SMSR_ENABLE_PROFILE,
  SIM_SMSR_DISABLE_PROFILE,
  SIM_SMSR_SET_FALL_BACK,
  SIM_SMSR_DELETE_ISDP,
  SIM_SMSR_CREATE_ISDP,
  SIM_SMSR_AUDIT,
  SIM_SMSR_SEND_SCRIPT,
} SimSmsrFunction;

/**
 * sim_smsr_build_script:
 * @function: not %SIM_SMSR_SEND_SCRIPT
 * @aid: of the ISD-P; not regarded with %SIM_SMSR_AUDIT
 *
 * Returns: (transfer full): AA, length and one 22 object per command
 */
GBytes *sim_smsr_build_script (SimSmsrFunction function, EaSpan aid);

/**
 * sim_smsr_read_script:
 * @path: a file of hexadecimal lines: each one C-APDU, or the first a whole script (AA… or AE…).
 *   Empty lines and those that begin with '#' are skipped.
 *
 * Returns: (transfer full) (nullable): the script; errors of g_file_get_contents() and
 * EA_CORE_ERROR_MALFORMED, _LIMIT (a command of more than 261 octets)
 */
GBytes *sim_smsr_read_script (const char *path, GError **error);
