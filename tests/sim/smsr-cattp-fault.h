/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "core/bytes.h"
#include "smsr-fault.h"

/* What a fault of CAT_TP links does to them: whom it hits, and the octets that go because of it. */

typedef struct
{
  SimSmsrFault fault;
  guint n_left; /* of what a fault with a count still hits */
} SimCattpFault;

/* From now on */
void sim_cattp_fault_order (SimCattpFault *self, const SimSmsrFault *fault);

/* Whether @kind is the fault and hits what is there now, which uses up one of its count. @n_pdus: of the link so far */
gboolean sim_cattp_fault_hits (SimCattpFault *self, SimSmsrFaultKind kind, gsize n_pdus);

/* (transfer full) (nullable): RST with @reason as the answer to @datagram; NULL: that is no SYN */
GBytes *sim_cattp_fault_refuse (EaSpan datagram, guint reason);

gboolean sim_cattp_fault_is_syn (EaSpan datagram);

/* (transfer full): @pdu with a checksum that is wrong */
GBytes *sim_cattp_fault_spoil (EaSpan pdu);

/* Sends RST, SYN, data and an acknowledgement that follow @pdu, as if they came from the same side, from another
 * address of this machine than @address, or at least another port. UDP may lose them. */
void sim_cattp_fault_forge (GInetAddress *address, GSocketAddress *peer, EaSpan pdu);

/* (transfer full): a whole command packet in CAT_TP form, for the ISD-R, under key set 15 */
GBytes *sim_cattp_fault_build_unknown (void);
