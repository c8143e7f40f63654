/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* What the SM-SR reads in a response script (ETSI TS 102 226 §5.2.2), and how it says it. */

/* One R-APDU: borrows from the script */
typedef struct
{
  EaSpan data;
  guint16 sw;
} SimSmsrAnswer;

/* FALSE for a status word that ends a script */
gboolean sim_smsr_is_success (guint16 sw);

/* The objects of a response script, without its own tag and end. Errors: EA_CORE_ERROR_MALFORMED. */
gboolean sim_smsr_parse_response (EaSpan script, EaSpan *objects, GError **error);

/**
 * sim_smsr_parse_answers:
 * @executed: (out): what the script says was executed; the number of answers where it has no number
 *
 * Returns: (transfer full) (nullable) (element-type SimSmsrAnswer): in the order of the commands
 *
 * Errors: EA_CORE_ERROR_MALFORMED; EA_CORE_ERROR_UNSUPPORTED when the card calls the command script
 * badly formed.
 */
GArray *sim_smsr_parse_answers (EaSpan script, guint *executed, GError **error);

/* FALSE with an error when the last answer is 6FF1: whoever ran the command does not know what became of it.
 * @n_commands: of the command script */
gboolean sim_smsr_check_interruption (const GArray *answers, guint n_commands, GError **error);

/* FALSE with an error when commands are left without an answer although all others were carried out */
gboolean sim_smsr_check_end (const GArray *answers, guint n_commands, GError **error);

/* FALSE with an error that names the first command which failed, its status word and its meaning */
gboolean sim_smsr_check_answers (const GArray *answers, guint executed, GError **error);

/* (transfer full): "9000,6A88" */
char *sim_smsr_describe_status_words (const GArray *answers);

/* The sentence for a response status code of TS 102 225 §5.2 */
const char *sim_smsr_get_status_name (guint8 status);
