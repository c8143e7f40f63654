/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "link-lane.h"

/* From the host, and to it; the number of the lane */
#define SIM_LINK_TO_SMSR 0
#define SIM_LINK_TO_HOST 1
#define SIM_LINK_LANES 2

/**
 * sim_link_forward:
 * @fds: of TUN interfaces: the host's, the SM-SR's
 * @counts: for each lane
 *
 * Carries IPv4 packets between two interfaces, in real time, until one of them is gone. Others, with which a
 * kernel welcomes an interface, are passed over.
 */
void sim_link_forward (const int fds[SIM_LINK_LANES], const SimLinkOptions *options,
                       SimLinkCounts counts[SIM_LINK_LANES]);
