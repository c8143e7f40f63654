/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "card-fallback.h"

#include "card-private.h"

static void
start (SimCard *card)
{
  if (card->has_service_timer || card->policy.fallback_s == 0 || !sim_switch_needs_service (card))
    return;
  card->has_service_timer = TRUE;
  sim_toolkit_queue_timer (&card->toolkit, SIM_TIMER_SERVICE, card->policy.fallback_s);
}

static void
stop (SimCard *card)
{
  if (card->has_service_timer)
    sim_toolkit_queue_timer (&card->toolkit, SIM_TIMER_SERVICE, 0);
  card->has_service_timer = FALSE;
}

void
sim_fallback_reset (SimCard *card)
{
  card->has_service_timer = FALSE;
}

void
sim_fallback_take_profile (SimCard *card)
{
  if (card->change.is_fresh)
    start (card);
  card->change.is_fresh = FALSE;
}

/* An order of which nobody is to be notified has come to its end with service. */
void
sim_fallback_take_service (SimCard *card, gboolean has_service)
{
  if (!has_service)
    {
      start (card);
      return;
    }
  stop (card);
  if (card->notification.is_confirmed)
    card->change.is_provisional = FALSE;
}

void
sim_fallback_expire (SimCard *card)
{
  if (card->has_service_timer)
    sim_switch_give_up_service (card);
  card->has_service_timer = FALSE;
}

void
sim_fallback_take_policy (SimCard *card)
{
  if (card->policy.fallback_s > 0)
    sim_bip_hear_rejections (&card->bip);
  else
    stop (card);
}
