/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * The simulated SM-SR of one eUICC: turns a command line into secured packets in SMS-DELIVER TPDUs,
 * checks the proof of receipt that comes back. No I/O: TPDUs are pulled and pushed.
 */

typedef struct _SimSmsr SimSmsr;

SimSmsr *sim_smsr_new (const char *eid);
void sim_smsr_free (SimSmsr *smsr);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSmsr, sim_smsr_free)

/**
 * sim_smsr_start:
 * @arguments: (array zero-terminated=1): "enable", "disable", "audit" … and their options, as in the
 *   control command "smsr"
 *
 * Begins one operation. At most one runs at a time.
 *
 * Returns: FALSE with @error when the words are wrong or an operation runs already
 */
gboolean sim_smsr_start (SimSmsr *smsr, const char *const *arguments, GError **error);

/* (transfer full) (nullable): the next SMS-DELIVER TPDU for the network to deliver */
GBytes *sim_smsr_pull_tpdu (SimSmsr *smsr);

/* The network's word on the TPDU pulled last: delivered, or refused with RP and TP cause (0: none). */
void sim_smsr_delivered (SimSmsr *smsr, gboolean was_accepted, guint8 rp_cause, guint8 tp_cause);

/* An SMS-SUBMIT came from the card. It is checked only if it is a response packet to this SM-SR. */
void sim_smsr_receive (SimSmsr *smsr, EaSpan submit_tpdu);

/* (transfer full) (nullable): "ok …" or "error …" when the operation has ended, once */
char *sim_smsr_pull_reply (SimSmsr *smsr);

/* Ends a running operation with "error timeout: waiting for …". */
void sim_smsr_give_up (SimSmsr *smsr);
