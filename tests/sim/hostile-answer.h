/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hostility.h"
#include "smsr-spoil.h"

/* What a hostile SM-SR makes of a response, and of the octets that carry it. */

/* @self: one that strikes; @out: filled */
void sim_hostile_answer_spoil (SimHostility *self, SimSmsrSpoilt *out, const SimHttpAnswer *answer,
                               const SimHttpStyle *style);

/* Spoils what TLS would send next, or says that the connection is to suffer: %SIM_HOSTILE_TCP_HALF or
 * %SIM_HOSTILE_TCP_RESET. */
SimHostileKind sim_hostile_stream_spoil (SimHostility *self, GByteArray *records);
