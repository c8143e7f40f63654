/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/bytes.h"
#include "link-options.h"

/*
 * One direction of a link, as packets come, wait, are lost and arrive. Time is an argument: it may be
 * anybody's, as long as it does not go back.
 *
 * A packet waits until those before it are sent, unless the queue has no room for it; is sent at the rate of
 * the link; is lost then, or not; and arrives after the delay. What is drawn for the n-th packet depends
 * on the seed, the direction and n alone.
 */

/* What has happened to packets so far. */
typedef struct
{
  guint64 packets; /* that have come */
  guint64 octets;
  guint64 delivered; /* those that came twice count twice */
  guint64 lost;
  guint64 dropped; /* the queue was full */
  guint64 duplicated;
  guint64 reordered;
} SimLinkCounts;

typedef struct _SimLinkLane SimLinkLane;

/* @number: of the direction, 0 or 1; @counts: kept up to date, must outlive the lane */
SimLinkLane *sim_link_lane_new (const SimLinkOptions *options, guint number, SimLinkCounts *counts);
void sim_link_lane_free (SimLinkLane *lane);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimLinkLane, sim_link_lane_free)

void sim_link_lane_put (SimLinkLane *lane, EaSpan packet, gint64 now_ns);

/* When the next packet arrives; G_MAXINT64: there is none. */
gint64 sim_link_lane_get_due_ns (const SimLinkLane *lane);

/* (transfer full) (nullable): the next packet that has arrived */
GBytes *sim_link_lane_take (SimLinkLane *lane, gint64 now_ns);
