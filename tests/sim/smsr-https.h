/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "card/sim-tls.h"
#include "hostility.h"
#include "smsr-fault.h"
#include "smsr-peer.h"

/*
 * The SM-SR's HTTPS server (SGP.02 §2.4.4): one TCP listener for all eUICCs. The PSK identity says
 * which SM-SR answers.
 */

typedef struct _SimSmsrHttps SimSmsrHttps;

/* @peers: (element-type SimSmsrPeer): borrowed; outlives the server.
 * Errors: G_IO_ERROR when the port can't be had. */
SimSmsrHttps *sim_smsr_https_new (GInetAddress *address, const GPtrArray *peers, GError **error);
void sim_smsr_https_free (SimSmsrHttps *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSmsrHttps, sim_smsr_https_free)

/* The TCP port, whether somebody listens there or not */
guint16 sim_smsr_https_get_port (const SimSmsrHttps *self);

/* To another address with the same port. Errors: G_IO_ERROR when it can't be had: everything stays. */
gboolean sim_smsr_https_move (SimSmsrHttps *self, GInetAddress *address, GError **error);

/* From now on, also for connections that are there; but with a count only for those that come, or for
 * responses. One that stalled ends with the next fault.
 * Errors: G_IO_ERROR when the port can't be had again. */
gboolean sim_smsr_https_set_fault (SimSmsrHttps *self, const SimSmsrFault *fault, GError **error);

/* (nullable): the suite of the last connection that was opened, and what its client had offered besides */
const char *sim_smsr_https_get_last_suite (const SimSmsrHttps *self, SimTlsOffer *offer);

/* What spoils some of what it sends, or %NULL; borrowed */
void sim_smsr_https_set_hostility (SimSmsrHttps *self, SimHostility *hostility);

/* How responses are written from now on */
void sim_smsr_https_set_style (SimSmsrHttps *self, const SimHttpStyle *style);

/* Drops the connections of @peer, which goes away. */
void sim_smsr_https_forget (SimSmsrHttps *self, const SimSmsrPeer *peer);
