/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What the link between the host and the SM-SR is like: the value of --link, see euicc-sim(1). */

#define SIM_LINK_QUEUE_DEFAULT 24000

/**
 * SimLinkOptions:
 * @rate_bits_s: of each direction, with all that is in a packet from the IP header on; 0: without limit
 * @rtt_us: both directions together
 * @jitter_us: up to that is added in each direction; packets keep their order
 * @loss_ppm: packets that are lost, of a million, in each direction
 * @reorder_ppm: packets that come later, by up to another @rtt_us and @jitter_us, and hold up no others
 * @duplicate_ppm: packets that come twice
 * @queue: octets that may wait for their turn in each direction
 * @seed: of what is drawn for the packets
 */
typedef struct
{
  guint64 rate_bits_s;
  gint64 rtt_us;
  gint64 jitter_us;
  guint32 loss_ppm;
  guint32 reorder_ppm;
  guint32 duplicate_ppm;
  guint32 queue;
  guint32 seed;
} SimLinkOptions;

/**
 * sim_link_options_parse:
 * @out: (out): untouched on failure
 * @text: "rate=40kbit,rtt=600ms,…": any of the members by these names, each at most once
 *
 * Errors: G_OPTION_ERROR_BAD_VALUE with what is wrong and what is wanted.
 */
gboolean sim_link_options_parse (SimLinkOptions *out, const char *text, GError **error);
