/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card.h"
#include "core/bytes.h"
#include "reply.h"
#include "smsr-server.h"

/* Runs the operations of the simulated SM-SR (smsr.h) over the simulated network. */

typedef struct _SimNetwork SimNetwork;
typedef struct _SimSmsrRunner SimSmsrRunner;

/* @server: (nullable): where the eUICC's own connections come to; it and @card outlive the runner */
SimSmsrRunner *sim_smsr_runner_new (SimNetwork *network, SimSmsrServer *server, SimCard *card);
void sim_smsr_runner_free (SimSmsrRunner *runner);

/* sim_smsr_set_agent_keys() */
void sim_smsr_runner_set_agent_keys (SimSmsrRunner *runner, guint8 key_set);

/**
 * sim_smsr_runner_start:
 * @words: the control command "smsr" without its first word; "--timeout S" anywhere changes the
 *   60 s that an operation may take; they begin anew with each short message that is delivered, and with all
 *   that comes over a connection of the eUICC's
 * @reply: (transfer full)
 */
void sim_smsr_runner_start (SimSmsrRunner *runner, const char *const *words, SimReply *reply);

/* As if the time of the operation were over; something may have to be waited for still. FALSE: there is none */
gboolean sim_smsr_runner_give_up (SimSmsrRunner *runner);

/* An SMS-SUBMIT that the network got. */
void sim_smsr_runner_receive (SimSmsrRunner *runner, EaSpan submit_tpdu);

/* Borrowed */
SimSmsr *sim_smsr_runner_get_smsr (SimSmsrRunner *runner);
