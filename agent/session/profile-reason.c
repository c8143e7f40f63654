/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An eUICC without a network gets no orders, and what the modem's firmware carries out is not seen.
 * An SM-SR that wants something of an eUICC sends a short message first, be it to call it to a session
 * (GlobalPlatform Amendment B): a channel alone may as well be for the eUICC's own notification.
 */

#include "session/profile-reason.h"

#include "session/profile-history.h"

/* Since the ICCID was read last, and not long ago. */
static gboolean
explains (const EaProfileFacts *facts, gint64 time_us)
{
  return time_us > facts->read_us && facts->began_us - time_us <= EA_PROFILE_ORDER_AGE_US;
}

static gboolean
has_channel (const EaProfileFacts *facts)
{
  return explains (facts, facts->channel_us)
         && (facts->changed_us == 0
             || facts->channel_us - facts->changed_us > EA_PROFILE_NOTIFICATION_US);
}

/* The switch has taken the network with it, so that its loss tells nothing. */
static gboolean
is_detached (const EaProfileFacts *facts, gboolean has_order)
{
  return has_order && facts->outage_us <= EA_PROFILE_DETACH_US;
}

const char *
ea_profile_facts_find_reason (const EaProfileFacts *facts)
{
  gboolean has_order = explains (facts, facts->order_us);

  if (facts->notified != NULL)
    return facts->notified;
  if (facts->is_promised)
    return EA_PROFILE_REASON_SM_SR;
  if (facts->outage_us > 0 && !is_detached (facts, has_order))
    return facts->is_return && !facts->has_registered ? EA_PROFILE_REASON_ROLL_BACK
                                                      : EA_PROFILE_REASON_FALL_BACK;
  if (has_order)
    return EA_PROFILE_REASON_SM_SR;
  if (facts->is_return && facts->is_host)
    return EA_PROFILE_REASON_ROLL_BACK;
  if (has_channel (facts))
    return EA_PROFILE_REASON_SM_SR;
  return facts->is_host ? EA_PROFILE_REASON_LOCAL : EA_PROFILE_REASON_UNKNOWN;
}
