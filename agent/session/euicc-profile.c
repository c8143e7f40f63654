/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The profile that is enabled, by its ICCID: what it is, what it was, and why it changed. */

#include <string.h>

#include "session/euicc-private.h"

/* Messages that the card has taken, and scripts that were carried out on it: each may have switched the profile. */
static guint64
count_orders (EaEuicc *self)
{
  g_autoptr (GVariant) counters = g_variant_ref_sink (ea_activity_get_counters (self->activity));
  guint64 accepted = 0;
  guint64 run = 0;

  (void) g_variant_lookup (counters, EA_COUNTER_SMS_ACCEPTED, "t", &accepted); /* else none */
  (void) g_variant_lookup (counters, EA_COUNTER_SCRIPTS_RUN, "t", &run);
  return accepted + run;
}

static void
remember_profile (EaEuicc *self, const char *reason)
{
  g_autoptr (GError) error = NULL;

  if (self->profiles != NULL
      && !ea_profile_history_add (self->profiles, (guint64) g_get_real_time (), self->iccid, reason,
                                  &error))
    ea_log_error (&self->context, EA_MESSAGE_STORE_FAILED,
                  "The change of the profile can't be stored: %s", error->message);
}

static void
add_to_history (EaEuicc *self, const char *old, const char *reason)
{
  g_autofree char *detail = g_strdup_printf ("%s to %s (%s)", old, self->iccid, reason);
  const EaHistoryEntry entry
      = { .event = EA_HISTORY_PROFILE_CHANGED, .eid = self->eid, .detail = detail };
  g_autoptr (GError) error = NULL;

  if (!ea_history_add (self->history, &entry, &error))
    ea_log_error (&self->context, EA_MESSAGE_STORE_FAILED,
                  "The change of the profile is not in the history: %s", error->message);
}

static void
note_profile_change (EaEuicc *self, const char *old, const char *reason)
{
  ea_euicc_set_string (self, &self->previous_iccid, old, EA_EUICC_PROP_PREVIOUS_ICCID);
  ea_log_message (&self->context, EA_MESSAGE_PROFILE_CHANGED, "Profile changed (%s)", reason);
  add_to_history (self, old, reason);
  ea_euicc_tell_profile_change (self, old, reason);
  ea_sessions_note_switch (self->sessions);
}

void
ea_euicc_recall_profile (EaEuicc *self)
{
  const EaProfileChange *last = ea_profile_history_get (self->profiles, 0);
  const EaProfileChange *before = ea_profile_history_get (self->profiles, 1);

  if (self->iccid == NULL)
    return;
  if (last == NULL)
    remember_profile (self, "first");
  else if (strcmp (last->iccid, self->iccid) != 0)
    {
      g_autofree char *old = g_strdup (last->iccid);

      remember_profile (self, "unknown");
      note_profile_change (self, old, "unknown");
    }
  else if (before != NULL)
    ea_euicc_set_string (self, &self->previous_iccid, before->iccid, EA_EUICC_PROP_PREVIOUS_ICCID);
}

void
ea_euicc_take_iccid (EaEuicc *self, const char *iccid)
{
  guint64 n_orders = count_orders (self);
  const char *reason = n_orders > self->n_orders_before ? "sm-sr" : "unknown";
  g_autofree char *old = NULL;

  self->n_orders_before = n_orders;
  if (g_strcmp0 (self->iccid, iccid) == 0)
    return;

  old = g_strdup (self->iccid);
  ea_euicc_set_string (self, &self->iccid, iccid, EA_EUICC_PROP_ICCID);
  if (old == NULL)
    return;
  remember_profile (self, reason);
  note_profile_change (self, old, reason);
}
