/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-scp80.h"

/*
 * Packets of CAT_TP links whose operations ended without their answers. An agent keeps an answer that it could not deliver,
 * and it may come in another form, and under other keys, than those of the operation that runs by then.
 */

typedef struct
{
  GArray *packets; /* of what is remembered; NULL: nothing yet */
} SimSmsrLate;

void sim_smsr_late_clear (SimSmsrLate *late);

/* The oldest are forgotten once there are many. */
void sim_smsr_late_remember (SimSmsrLate *late, SimScp80Form form, const SimScp80Command *command);

/* Whether @packet is the answer to one of them. It stays remembered: the answer may come twice. */
gboolean sim_smsr_late_has_answer (const SimSmsrLate *late, SimScp80Form form, EaSpan packet);
