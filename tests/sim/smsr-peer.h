/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "smsr.h"

/* Which eUICCs may come to the SM-SR's listeners, and whose SM-SR each of them is. */

typedef void (*SimSmsrChanged) (gpointer user_data);

typedef struct
{
  char *eid;
  SimSmsr *smsr;          /* borrowed */
  SimSmsrChanged changed; /* the SM-SR got something: it may have a reply */
  gpointer user_data;
} SimSmsrPeer;

/* (transfer full) */
SimSmsrPeer *sim_smsr_peer_new (const char *eid, SimSmsr *smsr, SimSmsrChanged changed,
                                gpointer user_data);
void sim_smsr_peer_free (SimSmsrPeer *peer);

/* (transfer none) (nullable): @identity: on the wire, hexadecimal digits in either case */
const SimSmsrPeer *sim_smsr_peers_find_identity (const GPtrArray *peers, EaSpan identity);

/* (nullable): the only one that waits for a connection of this kind: who else can have come, when nobody has said
 * a name? */
const SimSmsrPeer *sim_smsr_peers_find_waiting (const GPtrArray *peers, SimSmsrProtocol protocol);

/* (transfer none) (nullable): @identification: of a SYN: the EID in 16 octets unless another one was asked for; where
 * it is empty, as with sim_smsr_peers_find_waiting() */
const SimSmsrPeer *sim_smsr_peers_find_identification (const GPtrArray *peers,
                                                       EaSpan identification);
