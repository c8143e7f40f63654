/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "card-switch.h"

#include "card-private.h"

#define TAG_AID 0x4F

static void
begin (SimCard *card, SimIsdp *isdp, SimSwitchReason reason)
{
  card->change.pending = isdp;
  card->change.pending_reason = reason;
  card->change.wants_refresh = TRUE;
  card->change.follows_session = FALSE;
}

guint16
sim_switch_order (SimCard *card, SimIsdp *isdp)
{
  if (card->change.pending != NULL)
    return SIM_SW_CONDITIONS;
  if (sim_card_get_enabled (card)->pol1 == SIM_POL1_NO_DISABLE)
    return SIM_SW_POL1;
  begin (card, isdp, SIM_SWITCH_ORDERED);
  return SIM_SW_OK;
}

SimIsdp *
sim_switch_get_fallback (SimCard *card)
{
  for (guint i = 0; i < card->isdps->len; i++)
    {
      SimIsdp *isdp = g_ptr_array_index (card->isdps, i);

      if (isdp->is_fallback)
        return isdp;
    }
  g_assert_not_reached ();
}

static SimNotificationType
get_notification_type (SimSwitchReason reason)
{
  switch (reason)
    {
    case SIM_SWITCH_NONE:
      return SIM_NOTIFICATION_NONE;
    case SIM_SWITCH_ORDERED:
      return SIM_NOTIFICATION_CHANGED;
    case SIM_SWITCH_FALL_BACK:
      return SIM_NOTIFICATION_FELL_BACK;
    case SIM_SWITCH_ROLL_BACK:
      return SIM_NOTIFICATION_ROLLED_BACK;
    }
  g_assert_not_reached ();
}

const char *
sim_switch_get_reason_name (SimSwitchReason reason)
{
  static const char *const names[] = {
    [SIM_SWITCH_NONE] = "none",
    [SIM_SWITCH_ORDERED] = "ordered",
    [SIM_SWITCH_FALL_BACK] = "fall-back",
    [SIM_SWITCH_ROLL_BACK] = "roll-back",
  };

  return names[reason];
}

void
sim_switch_take_reset (SimCard *card)
{
  SimSwitch *change = &card->change;
  SimIsdp *enabled = sim_card_get_enabled (card);

  if (change->pending == NULL)
    return;
  if (change->n_stuck > 0)
    {
      change->n_stuck--;
      return;
    }
  change->previous = enabled;
  enabled->state = SIM_ISDP_DISABLED;
  change->pending->state = SIM_ISDP_ENABLED;
  change->pending = NULL;
  change->wants_refresh = FALSE;
  change->reason = change->pending_reason;
  change->is_provisional = change->reason == SIM_SWITCH_ORDERED;
  change->is_fresh = TRUE;
  sim_notification_begin (card, get_notification_type (change->reason), change->follows_session);
}

static gboolean
can_roll_back (const SimCard *card)
{
  return card->policy.rolls_back && card->change.is_provisional && card->change.previous != NULL;
}

void
sim_switch_roll_back (SimCard *card)
{
  if (can_roll_back (card) && card->change.pending == NULL)
    begin (card, card->change.previous, SIM_SWITCH_ROLL_BACK);
}

gboolean
sim_switch_needs_service (SimCard *card)
{
  return can_roll_back (card) || !sim_card_get_enabled (card)->is_fallback;
}

/* §3.16: POL1 of the profile that is left does not matter. */
void
sim_switch_give_up_service (SimCard *card)
{
  if (card->change.pending != NULL || !sim_switch_needs_service (card))
    return;
  if (can_roll_back (card))
    sim_switch_roll_back (card);
  else
    begin (card, sim_switch_get_fallback (card), SIM_SWITCH_FALL_BACK);
}

/* Deviation: §3.16 deletes nothing after a fall-back; SIM_POL1_DELETE_ALWAYS does, so that there is such a card,
 * too. */
static gboolean
is_to_be_deleted (const SimCard *card, const SimIsdp *isdp)
{
  if (isdp == NULL || isdp->is_fallback || isdp->state != SIM_ISDP_DISABLED
      || isdp == card->change.pending)
    return FALSE;
  switch (card->change.reason)
    {
    case SIM_SWITCH_ORDERED:
      return isdp->pol1 == SIM_POL1_DELETE || isdp->pol1 == SIM_POL1_DELETE_ALWAYS;
    case SIM_SWITCH_FALL_BACK:
      return isdp->pol1 == SIM_POL1_DELETE_ALWAYS;
    case SIM_SWITCH_NONE:
    case SIM_SWITCH_ROLL_BACK:
      return FALSE;
    }
  g_assert_not_reached ();
}

void
sim_switch_settle (SimCard *card, EaWriter *deleted)
{
  SimIsdp *previous = card->change.previous;

  card->change.is_provisional = FALSE;
  if (!is_to_be_deleted (card, previous))
    return;
  sim_tlv_write (deleted, TAG_AID, ea_span_from_bytes (previous->aid));
  sim_switch_forget (card, previous);
  g_ptr_array_remove (card->isdps, previous);
}

void
sim_switch_forget (SimCard *card, const SimIsdp *isdp)
{
  if (card->change.previous == isdp)
    card->change.previous = NULL;
}
