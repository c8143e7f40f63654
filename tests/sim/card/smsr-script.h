/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* The command scripts of ES5 (SGP.02 §4.1.1) in expanded format (ETSI TS 102 226 §5.2), as the SM-SR
 * writes them. */

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
  SIM_SMSR_DOWNLOAD_PROFILE,
  SIM_SMSR_PUSH_HTTPS,
  SIM_SMSR_PUSH_CAT_TP,
  SIM_SMSR_REPEAT,
} SimSmsrFunction;

/* Octets of an addressing parameter in a generated command: its number, and what a short STORE DATA can hold */
#define SIM_SMSR_GENERATED_SIZE_MIN 4
#define SIM_SMSR_GENERATED_SIZE_MAX 249

/**
 * SimSmsrFormat:
 * @SIM_SMSR_FORMAT_DEFINITE: AA and the length, for short messages and CAT_TP
 * @SIM_SMSR_FORMAT_INDEFINITE: AE 80 … 00 00, for HTTPS
 */
typedef enum
{
  SIM_SMSR_FORMAT_DEFINITE,
  SIM_SMSR_FORMAT_INDEFINITE,
} SimSmsrFormat;

/* (transfer full): a script around its objects */
GBytes *sim_smsr_wrap_script (SimSmsrFormat format, EaSpan objects);

/* One C-APDU as the object of a script */
void sim_smsr_write_command (EaWriter *objects, EaSpan apdu);

/**
 * sim_smsr_build_script:
 * @function: one that is a single script made of an AID: not %SIM_SMSR_SEND_SCRIPT,
 *   %SIM_SMSR_DOWNLOAD_PROFILE, %SIM_SMSR_REPEAT and the triggers
 * @aid: of the ISD-P; not regarded with %SIM_SMSR_AUDIT
 *
 * Returns: (transfer full): the script with one 22 object per command
 */
GBytes *sim_smsr_build_script (SimSmsrFunction function, EaSpan aid, SimSmsrFormat format);

/* (transfer full): HandleNotificationConfirmation, SGP.02 §4.1.1.12 */
GBytes *sim_smsr_build_confirmation (guint16 sequence, SimSmsrFormat format);

/**
 * sim_smsr_generate_script:
 * @first: number of the first command; the others follow it
 * @size: octets of the addressing parameter, %SIM_SMSR_GENERATED_SIZE_MIN to %SIM_SMSR_GENERATED_SIZE_MAX
 *
 * UpdateSMSRAddressingParameters (SGP.02 §4.1.1.10) @n_commands times, with a number in four octets and then
 * zeros as the parameter, so that each can be told from all others.
 *
 * Returns: (transfer full)
 */
GBytes *sim_smsr_generate_script (guint32 first, guint n_commands, gsize size,
                                  SimSmsrFormat format);

/* Commands in a script; 0 when it is none */
guint sim_smsr_count_commands (EaSpan script);

/**
 * sim_smsr_read_script:
 * @path: a file of hexadecimal lines: each one C-APDU, or the first a whole script (AA… or AE…).
 *   Empty lines and those that begin with '#' are skipped.
 *
 * Returns: (transfer full) (nullable): the script; errors of g_file_get_contents() and
 * EA_CORE_ERROR_MALFORMED, _LIMIT (a command of more than 261 octets)
 */
GBytes *sim_smsr_read_script (const char *path, GError **error);
