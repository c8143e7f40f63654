/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The profile that is enabled, by its ICCID: what it is, what it was, and why it changed. */

#include <string.h>

#include "core/sgp02-notification.h"
#include "session/euicc-private.h"
#include "session/profile-reason.h"

static void
notify_history (EaEuicc *self)
{
  ea_euicc_notify (self, EA_EUICC_PROP_INTENDED_ICCID);
  ea_euicc_notify (self, EA_EUICC_PROP_SWITCH_REASON);
}

static void
tell_store_failure (EaEuicc *self, const GError *error)
{
  ea_log_error (&self->context, EA_MESSAGE_STORE_FAILED,
                "The change of the profile can't be stored: %s", error->message);
}

static void
remember_profile (EaEuicc *self, const char *reason)
{
  g_autoptr (GError) error = NULL;

  if (self->profiles != NULL
      && !ea_profile_history_add (self->profiles, (guint64) g_get_real_time (), self->iccid, reason,
                                  &error))
    tell_store_failure (self, error);
  notify_history (self);
}

void
ea_euicc_add_history (EaEuicc *self, const char *event, const char *result, const char *detail)
{
  const EaHistoryEntry entry
      = { .event = event, .eid = self->eid, .result = result, .detail = detail };
  g_autoptr (GError) error = NULL;

  if (!ea_history_add (self->history, &entry, &error))
    ea_log_error (&self->context, EA_MESSAGE_STORE_FAILED, "What happened (%s) is not stored: %s",
                  event, error->message);
}

/* Whoever waits for it hears of it before the disk does. */
static void
note_profile_change (EaEuicc *self, const char *old, const char *reason)
{
  g_autofree char *detail = g_strdup_printf ("%s to %s (%s)", old, self->iccid, reason);

  ea_euicc_set_string (self, &self->previous_iccid, old, EA_EUICC_PROP_PREVIOUS_ICCID);
  ea_euicc_set_trouble (self, NULL);
  self->has_registered = FALSE;
  self->reason = reason;
  self->changed_us = g_get_monotonic_time ();
  ea_euicc_tell_profile_change (self, old, reason);
  ea_log_message (&self->context, EA_MESSAGE_PROFILE_CHANGED, "Profile changed (%s)", reason);
  ea_activity_count (self->activity, EA_COUNTER_PROFILE_CHANGES);
  remember_profile (self, reason);
  ea_euicc_add_history (self, EA_HISTORY_PROFILE_CHANGED, NULL, detail);
  ea_sessions_note_switch (self->sessions);
  ea_euicc_run_hooks (self, "profile-changed", NULL);
}

/* @before: (nullable): the profile that was enabled before. An earlier life may have waited for another one. */
static void
recall_history (EaEuicc *self, const EaProfileChange *before)
{
  if (before != NULL)
    ea_euicc_set_string (self, &self->previous_iccid, before->iccid, EA_EUICC_PROP_PREVIOUS_ICCID);
  if (self->switch_record.is_promised)
    ea_recovery_expect (self->recovery);
}

/* What was enabled when this eUICC was seen last, in an earlier life of the agent perhaps. */
static void
recall_profile (EaEuicc *self)
{
  const EaProfileChange *last = ea_profile_history_get (self->profiles, 0);
  const EaProfileChange *before = ea_profile_history_get (self->profiles, 1);

  if (self->iccid == NULL)
    return;
  if (last == NULL)
    remember_profile (self, EA_PROFILE_REASON_FIRST);
  else if (strcmp (last->iccid, self->iccid) != 0)
    {
      g_autofree char *old = g_strdup (last->iccid);

      note_profile_change (self, old,
                           self->switch_record.is_promised ? EA_PROFILE_REASON_SM_SR
                                                           : EA_PROFILE_REASON_UNKNOWN);
      ea_euicc_remember_switch (self, self->iccid, NULL);
      ea_recovery_take_iccid (self->recovery, TRUE);
    }
  else
    recall_history (self, before);
  notify_history (self);
}

/* To what was enabled before the SM-SR's last switch. */
static gboolean
is_return (EaEuicc *self, const char *iccid)
{
  const EaProfileChange *last
      = self->profiles != NULL ? ea_profile_history_get (self->profiles, 0) : NULL;
  const EaProfileChange *before = last != NULL ? ea_profile_history_get (self->profiles, 1) : NULL;

  return before != NULL && strcmp (before->iccid, iccid) == 0
         && strcmp (last->reason, EA_PROFILE_REASON_SM_SR) == 0;
}

static gint64
get_order_us (EaEuicc *self)
{
  return MAX (ea_activity_get_counted_us (self->activity, EA_COUNTER_SMS_ACCEPTED),
              ea_activity_get_counted_us (self->activity, EA_COUNTER_SCRIPTS_RUN));
}

static const char *
find_reason (EaEuicc *self, const char *iccid)
{
  const EaProfileFacts facts = {
    .notified = self->notified_reason,
    .is_promised = ea_recovery_is_promised (self->recovery),
    .is_host = ea_modem_get_role (self->modem) == EA_MODEM_ROLE_HOST,
    .is_return = is_return (self, iccid),
    .has_registered = self->has_registered,
    .changed_us = self->changed_us,
    .read_us = self->read_us,
    .began_us = self->began_us != 0 ? self->began_us : g_get_monotonic_time (),
    .outage_us = self->outage_us,
    .order_us = get_order_us (self),
    .channel_us = ea_activity_get_counted_us (self->activity, EA_COUNTER_CHANNELS_OPENED),
  };

  return ea_profile_facts_find_reason (&facts);
}

static void
amend_reason (EaEuicc *self, const char *reason)
{
  const EaProfileChange *last
      = self->profiles != NULL ? ea_profile_history_get (self->profiles, 0) : NULL;
  g_autoptr (GError) error = NULL;

  if (last == NULL || strcmp (last->reason, EA_PROFILE_REASON_FIRST) == 0
      || strcmp (last->reason, reason) == 0)
    return;
  self->reason = reason;
  ea_log_message (&self->context, EA_MESSAGE_PROFILE_CHANGED,
                  "The profile changed for another reason: %s, not %s", reason, last->reason);
  if (!ea_profile_history_amend (self->profiles, reason, &error))
    tell_store_failure (self, error);
  notify_history (self);
}

/* It was about the change before. */
static void
take_notified_reason (EaEuicc *self)
{
  if (self->notified_reason != NULL)
    amend_reason (self, self->notified_reason);
  self->notified_reason = NULL;
}

/* Returns: TRUE when it is another one than before */
static gboolean
change_iccid (EaEuicc *self, const char *iccid)
{
  const char *reason = find_reason (self, iccid);
  g_autofree char *old = NULL;

  self->read_us = g_get_monotonic_time ();
  self->began_us = 0;
  self->is_refresh = FALSE;
  self->outage_us = 0;
  if (g_strcmp0 (self->iccid, iccid) == 0)
    {
      take_notified_reason (self);
      return FALSE;
    }

  old = g_strdup (self->iccid);
  ea_euicc_set_string (self, &self->iccid, iccid, EA_EUICC_PROP_ICCID);
  if (old == NULL)
    return FALSE;
  note_profile_change (self, old, reason);
  self->notified_reason = NULL;
  return TRUE;
}

static void
settle_iccid (EaEuicc *self, const char *iccid)
{
  if (change_iccid (self, iccid))
    {
      self->is_recalled = TRUE;
      ea_euicc_remember_switch (self, iccid, NULL);
      ea_recovery_take_iccid (self->recovery, TRUE);
    }
  else if (!ea_euicc_recall_switch (self))
    ea_recovery_take_iccid (self->recovery, FALSE);
}

void
ea_euicc_take_iccid (EaEuicc *self, const char *iccid)
{
  gboolean is_other = self->iccid != NULL && strcmp (self->iccid, iccid) != 0;

  g_clear_pointer (&self->held_iccid, g_free);
  if (is_other && !self->is_eid_fresh)
    self->held_iccid = g_strdup (iccid);
  else
    settle_iccid (self, iccid);
}

/* Nothing of what is known of the eUICC that was there before is about this one, and its profile
 * was not switched. */
static void
forget_profile (EaEuicc *self)
{
  g_clear_pointer (&self->profiles, ea_profile_history_free);
  self->notified_reason = NULL;
  self->last_notification = 0;
  self->reason = NULL;
  self->changed_us = 0;
  self->has_registered = TRUE;
  ea_euicc_set_trouble (self, NULL);
  ea_euicc_set_string (self, &self->previous_iccid, NULL, EA_EUICC_PROP_PREVIOUS_ICCID);
  if (self->held_iccid == NULL)
    return;
  ea_euicc_set_string (self, &self->iccid, NULL, EA_EUICC_PROP_ICCID);
  settle_iccid (self, self->held_iccid);
}

static void
set_eid (EaEuicc *self, const char *eid)
{
  ea_euicc_set_string (self, &self->eid, eid, EA_EUICC_PROP_EID);
  self->context.eid = self->eid;
  ea_euicc_notify (self, EA_EUICC_PROP_KEY_SETS);
}

static void
know_eid (EaEuicc *self, const char *eid)
{
  gboolean is_other = self->eid != NULL && strcmp (self->eid, eid) != 0;

  set_eid (self, eid);
  if (is_other)
    {
      ea_euicc_remember_switch (self, NULL, NULL);
      ea_recovery_forget (self->recovery);
      forget_profile (self);
    }
  else if (self->held_iccid != NULL)
    settle_iccid (self, self->held_iccid);
  if (self->profiles != NULL)
    return;
  self->profiles = ea_profile_history_new (self->store, eid);
  recall_profile (self);
}

/* One that had no EID before is the same as far as anybody knows, and so is one that has asked
 * for REFRESH. */
static void
miss_eid (EaEuicc *self)
{
  if (self->held_iccid == NULL)
    return;
  if (self->eid == NULL || self->is_refresh)
    {
      settle_iccid (self, self->held_iccid);
      return;
    }
  set_eid (self, NULL);
  forget_profile (self);
  notify_history (self);
}

void
ea_euicc_take_eid (EaEuicc *self, const char *eid)
{
  self->is_eid_fresh = eid != NULL;
  if (eid != NULL)
    know_eid (self, eid);
  else
    miss_eid (self);
  g_clear_pointer (&self->held_iccid, g_free);
}

const char *
ea_euicc_get_reason (EaEuicc *self)
{
  const EaProfileChange *last
      = self->profiles != NULL ? ea_profile_history_get (self->profiles, 0) : NULL;

  return last != NULL ? last->reason : self->reason;
}

/* (nullable): %NULL for types that tell nothing of a change */
static const char *
get_notified_reason (guint type)
{
  switch ((EaSgp02NotificationType) type)
    {
    case EA_SGP02_NOTIFICATION_CHANGE_SUCCEEDED:
      return EA_PROFILE_REASON_SM_SR;
    case EA_SGP02_NOTIFICATION_ROLL_BACK:
      return EA_PROFILE_REASON_ROLL_BACK;
    case EA_SGP02_NOTIFICATION_FALL_BACK:
      return EA_PROFILE_REASON_FALL_BACK;
    case EA_SGP02_NOTIFICATION_DECLARATION:
    case EA_SGP02_NOTIFICATION_VOID:
      break;
    }
  return NULL;
}

/* The card sends it until it is taken; the first one may be quicker than the ICCID is read. */
void
ea_euicc_take_notification (EaEuicc *self, guint type, guint sequence)
{
  guint64 notification = (guint64) type << 16 | sequence;
  const char *name = ea_sgp02_get_notification_name ((guint8) type);
  const char *reason = get_notified_reason (type);
  g_autofree char *detail = NULL;

  if (notification == self->last_notification)
    return;
  self->last_notification = notification;
  if (reason != NULL)
    self->notified_reason = reason;
  if (strcmp (self->state, "refreshing") != 0)
    take_notified_reason (self);
  detail = g_strdup_printf ("%s, number %u", name != NULL ? name : "reserved type", sequence);
  ea_euicc_add_history (self, EA_HISTORY_NOTIFICATION, reason, detail);
}
