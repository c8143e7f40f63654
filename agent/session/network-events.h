/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "modem/modem.h"
#include "session/envelopes.h"

G_BEGIN_DECLS

/*
 * EaNetworkEvents: what the card hears of the network, as far as SET UP EVENT LIST asks for it: location
 * status, access technology change, network rejection (TS 102 223 §7.5.4 and §7.5.12, TS 31.111 §7.5.18). A
 * card that has to fall back to another profile relies on them.
 */

/* Rejections that wait to be told; of more the oldest is not. */
#define EA_NETWORK_EVENTS_REJECTIONS_MAX 8

#define EA_TYPE_NETWORK_EVENTS (ea_network_events_get_type ())
G_DECLARE_FINAL_TYPE (EaNetworkEvents, ea_network_events, EA, NETWORK_EVENTS, GObject)

EaNetworkEvents *ea_network_events_new (EaModem *modem, EaEnvelopes *envelopes);

/**
 * ea_network_events_set:
 * @events: the list of SET UP EVENT LIST
 *
 * A card that begins to ask for the location status is told at once what it is: it may have changed while the
 * card was starting, and no change would follow.
 */
void ea_network_events_set (EaNetworkEvents *self, EaSpan events);

G_END_DECLS
