/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "card/sim-tls.h"
#include "dns-server.h"
#include "hostility.h"
#include "smsr-fault.h"
#include "smsr-peer.h"

/*
 * The listeners of the simulated SM-SRs: one address, one TCP and one UDP port for all eUICCs of this
 * process; and a name server at the address with which they began.
 */

typedef struct _SimSmsrServer SimSmsrServer;

/**
 * sim_smsr_server_new:
 * @address: IPv4 or IPv6 in digits
 *
 * Errors: G_IO_ERROR (no address, or its ports can't be had).
 */
SimSmsrServer *sim_smsr_server_new (const char *address, GError **error);
void sim_smsr_server_free (SimSmsrServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSmsrServer, sim_smsr_server_free)

/* Lets the eUICC come, and tells @smsr the address. @changed is called in the main loop when @smsr got
 * something over the eUICC's connection. */
void sim_smsr_server_add (SimSmsrServer *self, const char *eid, SimSmsr *smsr,
                          SimSmsrChanged changed, gpointer user_data);
void sim_smsr_server_remove (SimSmsrServer *self, const SimSmsr *smsr);

/* To be called when @smsr has given up an operation: a link that is of no use any more is closed. */
void sim_smsr_server_settle (SimSmsrServer *self, const SimSmsr *smsr);

/* Borrowed */
const SimSmsrAddress *sim_smsr_server_get_address (const SimSmsrServer *self);

/**
 * sim_smsr_server_move:
 * @address: IPv4 or IPv6 in digits
 *
 * The listeners go to another address of this machine and keep their ports, and triggers say so from now on.
 * Connections that are there go on; CAT_TP links, which have no socket of their own, end.
 *
 * Errors: G_IO_ERROR (no address, or a port can't be had there): then nobody moves.
 */
gboolean sim_smsr_server_move (SimSmsrServer *self, const char *address, GError **error);

/* Borrowed */
SimDnsServer *sim_smsr_server_get_dns (const SimSmsrServer *self);

/* sim_smsr_https_get_last_suite() */
const char *sim_smsr_server_get_last_suite (const SimSmsrServer *self, SimTlsOffer *offer);

/* sim_smsr_cattp_describe() */
void sim_smsr_server_describe_links (const SimSmsrServer *self, GString *json);

/* How HTTP responses are written from now on */
void sim_smsr_server_set_style (SimSmsrServer *self, const SimHttpStyle *style);

/* (transfer none): of both listeners and the name server; then they have to be told that it has changed. */
SimHostility *sim_smsr_server_get_hostility (SimSmsrServer *self);
void sim_smsr_server_change_hostility (SimSmsrServer *self);

/* For both listeners, until the next one; CAT_TP has no faults with a count but its own. Errors: G_IO_ERROR when a port can't be had again. */
gboolean sim_smsr_server_set_fault (SimSmsrServer *self, const SimSmsrFault *fault, GError **error);
