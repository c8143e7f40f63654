/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "smsr-fault.h"
#include "smsr-peer.h"

/*
 * The SM-SR's CAT_TP server (ETSI TS 102 127): one UDP socket for all eUICCs. The identification in
 * SYN, which is the EID unless the push has another one, says which SM-SR answers.
 */

typedef struct _SimSmsrCattp SimSmsrCattp;

/* @peers: (element-type SimSmsrPeer): borrowed; outlives the server.
 * Errors: G_IO_ERROR when the port can't be had. */
SimSmsrCattp *sim_smsr_cattp_new (GInetAddress *address, const GPtrArray *peers, GError **error);
void sim_smsr_cattp_free (SimSmsrCattp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSmsrCattp, sim_smsr_cattp_free)

/* The UDP port, whether the socket is open or not */
guint16 sim_smsr_cattp_get_port (const SimSmsrCattp *self);

/* To another address with the same port. Errors: G_IO_ERROR when it can't be had: everything stays. */
gboolean sim_smsr_cattp_move (SimSmsrCattp *self, GInetAddress *address, GError **error);

/* From now on, also for links that are there. Errors: G_IO_ERROR when the port can't be had again. */
gboolean sim_smsr_cattp_set_fault (SimSmsrCattp *self, const SimSmsrFault *fault, GError **error);

/* What spoils some of what it sends, or %NULL; borrowed */
void sim_smsr_cattp_set_hostility (SimSmsrCattp *self, SimHostility *hostility);

/* Does what @smsr has for its link without having been asked by the eUICC. */
void sim_smsr_cattp_settle (SimSmsrCattp *self, const SimSmsr *smsr);

/* Appends a JSON list of the links that are there, ended ones that still say so among them. */
void sim_smsr_cattp_describe (const SimSmsrCattp *self, GString *json);

/* Drops the links of @peer, which goes away. */
void sim_smsr_cattp_forget (SimSmsrCattp *self, const SimSmsrPeer *peer);
