/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "sim-scp80.h"
#include "smsr-options.h"

/*
 * The secured packets of one SM-SR and one eUICC (ETSI TS 102 225), whatever carries them: one counter
 * for all, and the checks of a response packet.
 */

typedef struct
{
  SimScp80Command command; /* the header of the packet sealed last */
  guint64 counter;         /* the highest CNTR that the SM-SR has used up */
  guint64 answered;        /* CNTR of the last response taken */
} SimSmsrPackets;

void sim_smsr_packets_init (SimSmsrPackets *packets);

/**
 * sim_smsr_packets_seal:
 * @options: what makes the packet another one. A CNTR of their own is used up by
 *   sim_smsr_packets_settle(), and a corrupt packet uses none.
 * @target: AID of an ISD-P; empty: the ISD-R
 *
 * Returns: (transfer full): the next command packet
 */
GBytes *sim_smsr_packets_seal (SimSmsrPackets *packets, SimScp80Form form,
                               const SimSmsrOptions *options, EaSpan target, EaSpan data);

/* The eUICC has accepted the packet sealed last, as far as it can be known. */
void sim_smsr_packets_settle (SimSmsrPackets *packets);

/**
 * sim_smsr_packets_open:
 * @response: (out): its header
 *
 * Returns: (transfer full) (nullable): the data of the response to the packet sealed last; NULL without
 * @error for one that was taken before: the card repeats what it is not sure to have sent.
 *
 * Errors: EA_CORE_ERROR_SECURITY (checksum, status), _REPLAY (counter), _MALFORMED, _TRUNCATED.
 */
GBytes *sim_smsr_packets_open (SimSmsrPackets *packets, SimScp80Form form, EaSpan packet,
                               SimScp80Response *response, GError **error);
