/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The profile that is enabled, by its ICCID: what it is, what it was, and why it changed. */

#include <string.h>

#include "core/sgp02-notification.h"
#include "session/euicc-private.h"

/* What may have switched the profile: messages that the card has taken, scripts that were carried out on it, and channels
 * through which it has talked to its SM-SR. */
static guint64
count_orders (EaEuicc *self)
{
  static const char *const names[]
      = { EA_COUNTER_SMS_ACCEPTED, EA_COUNTER_SCRIPTS_RUN, EA_COUNTER_CHANNELS_OPENED };
  g_autoptr (GVariant) counters = g_variant_ref_sink (ea_activity_get_counters (self->activity));
  guint64 sum = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      guint64 value = 0;

      (void) g_variant_lookup (counters, names[i], "t", &value); /* else none */
      sum += value;
    }
  return sum;
}

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

  if (self->profiles == NULL)
    return;
  if (!ea_profile_history_add (self->profiles, (guint64) g_get_real_time (), self->iccid, reason,
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
  ea_euicc_tell_profile_change (self, old, reason);
  ea_log_message (&self->context, EA_MESSAGE_PROFILE_CHANGED, "Profile changed (%s)", reason);
  ea_activity_count (self->activity, EA_COUNTER_PROFILE_CHANGES);
  remember_profile (self, reason);
  ea_euicc_add_history (self, EA_HISTORY_PROFILE_CHANGED, NULL, detail);
  ea_sessions_note_switch (self->sessions);
  ea_euicc_run_hooks (self, "profile-changed", NULL);
}

void
ea_euicc_recall_profile (EaEuicc *self)
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

      note_profile_change (self, old, EA_PROFILE_REASON_UNKNOWN);
      ea_recovery_take_iccid (self->recovery, TRUE);
    }
  else if (before != NULL)
    ea_euicc_set_string (self, &self->previous_iccid, before->iccid, EA_EUICC_PROP_PREVIOUS_ICCID);
  notify_history (self);
}

/* Back to what was enabled before the SM-SR's last switch, which it has not confirmed or the network not taken. */
static gboolean
is_roll_back (EaEuicc *self, const char *iccid)
{
  const EaProfileChange *last
      = self->profiles != NULL ? ea_profile_history_get (self->profiles, 0) : NULL;
  const EaProfileChange *before = last != NULL ? ea_profile_history_get (self->profiles, 1) : NULL;

  return before != NULL && strcmp (before->iccid, iccid) == 0
         && strcmp (last->reason, EA_PROFILE_REASON_SM_SR) == 0;
}

/* As far as it shows from outside; a notification may tell better later. An eUICC without network gets no orders, and
 * what the modem's firmware carries out is not seen. */
static const char *
find_reason (EaEuicc *self, const char *iccid, gboolean has_orders)
{
  if (self->notified_reason != NULL)
    return self->notified_reason;
  if (ea_recovery_is_promised (self->recovery))
    return EA_PROFILE_REASON_SM_SR;
  if (self->service == EA_EUICC_SERVICE_BAD)
    return is_roll_back (self, iccid) && !self->has_registered ? EA_PROFILE_REASON_ROLL_BACK
                                                               : EA_PROFILE_REASON_FALL_BACK;
  if (has_orders)
    return EA_PROFILE_REASON_SM_SR;
  if (ea_modem_get_role (self->modem) != EA_MODEM_ROLE_HOST)
    return EA_PROFILE_REASON_UNKNOWN;
  return is_roll_back (self, iccid) ? EA_PROFILE_REASON_ROLL_BACK : EA_PROFILE_REASON_LOCAL;
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

gboolean
ea_euicc_take_iccid (EaEuicc *self, const char *iccid)
{
  guint64 n_orders = count_orders (self);
  const char *reason = find_reason (self, iccid, n_orders > self->n_orders_before);
  g_autofree char *old = NULL;

  self->n_orders_before = n_orders;
  self->service = EA_EUICC_SERVICE_UNKNOWN;
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
