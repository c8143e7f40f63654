/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "smsr-eis.h"
#include "smsr-words.h"

/*
 * One function of the SM-SR as a list of steps. A step is a script for one application of the eUICC;
 * its answer is checked before the next one is there. Who carries them does not matter here.
 */

typedef struct _SimSmsrOperation SimSmsrOperation;

/* Borrowed until the operation is given the answer */
typedef struct
{
  EaSpan target; /* AID of an ISD-P; empty: the ISD-R */
  EaSpan script;
} SimSmsrStep;

/**
 * sim_smsr_operation_new:
 * @eis: (transfer none): follows the answers; outlives the operation
 * @first_number: of the commands that are generated for it
 *
 * Returns: (transfer full) (nullable)
 *
 * Errors: EA_CORE_ERROR_MALFORMED, _MISSING (ISD-P), _LIMIT (too long for the bearer); those of
 * g_file_get_contents().
 */
SimSmsrOperation *sim_smsr_operation_new (const SimSmsrWords *words, SimEis *eis,
                                          guint32 first_number, GError **error);
void sim_smsr_operation_free (SimSmsrOperation *operation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSmsrOperation, sim_smsr_operation_free)

/* FALSE when the function's script is too long for short messages; a script that can't be had is not. */
gboolean sim_smsr_operation_fits_sms (const SimSmsrWords *words);

/* All steps are to be done once more, as if none had been. */
void sim_smsr_operation_rewind (SimSmsrOperation *operation);

/* FALSE when all steps are done: @step is untouched. */
gboolean sim_smsr_operation_get_step (const SimSmsrOperation *operation, SimSmsrStep *step);

/**
 * sim_smsr_operation_take:
 * @script: the response script to the step
 *
 * On success the next step is there.
 *
 * Errors: EA_CORE_ERROR_MALFORMED, _UNSUPPORTED (a command failed, or was interrupted), _SECURITY (SCP03t).
 */
gboolean sim_smsr_operation_take (SimSmsrOperation *operation, EaSpan script, GError **error);

/* The step is done, and there will be no answer to it. What is believed of the eUICC stays. */
void sim_smsr_operation_skip (SimSmsrOperation *operation);

/* The number of the step that is there, from 1 */
guint sim_smsr_operation_get_number (const SimSmsrOperation *operation);

/* TRUE when the eUICC will notify the SM-SR of what it did (SGP.02 §3.15) */
gboolean sim_smsr_operation_is_switch (const SimSmsrOperation *operation);

/* Results as " name=value" for the reply: what was executed, and what is particular to the function */
void sim_smsr_operation_describe (const SimSmsrOperation *operation, GString *reply);
