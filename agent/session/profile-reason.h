/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * EaProfileFacts: why the profile of an eUICC changed, as far as it shows from outside. A function
 * without clock and modem: times are microseconds of any monotonic clock, 0 means never.
 */

/* What the SM-SR has sent explains a change for so long: a session with a profile download
 * lasts. */
#define EA_PROFILE_ORDER_AGE_US (G_GINT64_CONSTANT (30) * 60 * G_USEC_PER_SEC)

/* A channel that the eUICC opens within this time after a change carries its notification. */
#define EA_PROFILE_NOTIFICATION_US (G_GINT64_CONSTANT (5) * 60 * G_USEC_PER_SEC)

/* A network that is lost so shortly before the card starts anew is lost by the switch itself:
 * firmware may tell of it first. The fall-back mechanism waits longer. */
#define EA_PROFILE_DETACH_US (G_GINT64_CONSTANT (3) * G_USEC_PER_SEC)

/**
 * EaProfileFacts:
 * @notified: (nullable): the reason that the eUICC has told its SM-SR
 * @is_promised: a function of the SM-SR that enables another profile was seen to succeed
 * @is_host: the host sees what comes from the SM-SR
 * @is_return: to the profile that was enabled before the SM-SR's last switch
 * @has_registered: with the profile that was left
 * @changed_us: when the change before was found
 * @read_us: when the ICCID was read last before
 * @began_us: when the card began to start anew
 * @outage_us: how long the network had not served then; 0: it did, or nobody knows
 * @order_us: when the card took a message, or a script was run on it, for the last time
 * @channel_us: when it has opened a channel for the last time
 */
typedef struct
{
  const char *notified;
  gboolean is_promised;
  gboolean is_host;
  gboolean is_return;
  gboolean has_registered;
  gint64 changed_us;
  gint64 read_us;
  gint64 began_us;
  gint64 outage_us;
  gint64 order_us;
  gint64 channel_us;
} EaProfileFacts;

/* One of EA_PROFILE_REASON_…, or @facts' notified one; a notification may tell better later. */
const char *ea_profile_facts_find_reason (const EaProfileFacts *facts);

G_END_DECLS
