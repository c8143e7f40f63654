/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "reply.h"

/* Runs the operations of the simulated SM-SR (smsr.h) over the simulated network. */

typedef struct _SimNetwork SimNetwork;
typedef struct _SimSmsrRunner SimSmsrRunner;

SimSmsrRunner *sim_smsr_runner_new (SimNetwork *network, const char *eid);
void sim_smsr_runner_free (SimSmsrRunner *runner);

/**
 * sim_smsr_runner_start:
 * @words: the control command "smsr" without its first word; "--timeout S" anywhere changes the
 *   30 s that an operation may take
 * @reply: (transfer full)
 */
void sim_smsr_runner_start (SimSmsrRunner *runner, const char *const *words, SimReply *reply);

/* An SMS-SUBMIT that the network got. */
void sim_smsr_runner_receive (SimSmsrRunner *runner, EaSpan submit_tpdu);
