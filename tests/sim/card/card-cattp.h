/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card-trigger.h"
#include "core/bytes.h"
#include "sim-cattp.h"

/*
 * The card's CAT_TP link: datagrams of a channel go in and out, whole SDUs come out and go in. Each
 * SDU is one secured packet (TS 102 226 §9.2).
 */

typedef struct _SimCardLink SimCardLink;

/* (transfer full) (nullable): a SYN is due. @pdu_max: octets that the channel's buffer takes; NULL when that
 * are not enough for a SYN */
SimCardLink *sim_card_link_new (const SimPushParameters *parameters, guint16 pdu_max,
                                gint64 now_us);
void sim_card_link_free (SimCardLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimCardLink, sim_card_link_free)

/* One datagram: FALSE, and it is dropped, when it is not exactly as long as one PDU. */
gboolean sim_card_link_receive (SimCardLink *link, EaSpan bytes, gint64 now_us);

/* (transfer full) (nullable): one datagram for the channel */
GBytes *sim_card_link_pull (SimCardLink *link);

/* (transfer full) (nullable): a packet that came */
GBytes *sim_card_link_pull_packet (SimCardLink *link);

/* A response packet; the link is closed when the peer does not take it. */
void sim_card_link_send (SimCardLink *link, EaSpan packet, gint64 now_us);

/* As sim_cattp_get_repairs() */
SimCattpRepairs sim_card_link_get_repairs (const SimCardLink *link);

gboolean sim_card_link_is_closed (const SimCardLink *link);

/* As sim_cattp_get_deadline() and sim_cattp_tick() */
gint64 sim_card_link_get_deadline (const SimCardLink *link);
void sim_card_link_tick (SimCardLink *link, gint64 now_us);
