/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Refresh → card ready again → EF_ICCID. */

#include "session/profile-switch.h"

struct _EaProfileSwitch
{
  GObject parent_instance;

  EaModem *modem;
  EaActivity *activity;
  const EaLogContext *context;

  GCancellable *cancellable;
  gboolean is_active;     /* between "began" and "ended" */
  gboolean is_refreshing; /* the end of the refresh was not indicated yet */
  gboolean is_reading;
  gboolean is_stale; /* the card changed while it was being read */
  guint n_attempts;
  guint retry_id;
  guint limit_id;
};

enum
{
  SIGNAL_BEGAN,
  SIGNAL_ENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaProfileSwitch, ea_profile_switch, G_TYPE_OBJECT)

static void read_iccid (EaProfileSwitch *self);

static void
end (EaProfileSwitch *self, const char *iccid)
{
  g_clear_handle_id (&self->limit_id, g_source_remove);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  self->is_active = FALSE;
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, iccid);
}

static gboolean
on_retry (gpointer user_data)
{
  EaProfileSwitch *self = user_data;

  self->retry_id = 0;
  read_iccid (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_slow_retry (gpointer user_data)
{
  EaProfileSwitch *self = user_data;

  self->retry_id = 0;
  ea_profile_switch_start (self);
  return G_SOURCE_REMOVE;
}

static void
on_iccid (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaProfileSwitch) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *iccid = ea_modem_read_iccid_finish (EA_MODEM (source), result, &error);

  self->is_reading = FALSE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (self->is_stale)
    {
      read_iccid (self); /* what was read is not what is there now */
      return;
    }

  if (iccid != NULL)
    end (self, iccid);
  else if (++self->n_attempts < EA_PROFILE_SWITCH_ATTEMPTS)
    self->retry_id = g_timeout_add (EA_PROFILE_SWITCH_INTERVAL_MS, on_retry, self);
  else
    {
      ea_activity_fail_on_card (self->activity, error);
      ea_log_error (self->context, EA_MESSAGE_MODEM_FAILED, "The enabled profile can't be read: %s",
                    error->message);
      end (self, NULL);
      self->retry_id
          = g_timeout_add_seconds (EA_PROFILE_SWITCH_SLOW_INTERVAL_S, on_slow_retry, self);
    }
}

static void
read_iccid (EaProfileSwitch *self)
{
  if (self->is_reading || self->retry_id != 0 || self->is_refreshing
      || ea_modem_get_card (self->modem) != EA_MODEM_CARD_READY)
    return;

  self->is_reading = TRUE;
  self->is_stale = FALSE;
  ea_modem_read_iccid_async (self->modem, self->cancellable, on_iccid, g_object_ref (self));
}

static gboolean
on_limit (gpointer user_data)
{
  EaProfileSwitch *self = user_data;

  self->limit_id = 0;
  if (ea_modem_get_card (self->modem) != EA_MODEM_CARD_READY)
    end (self, NULL); /* it begins again when the card is back */
  else
    read_iccid (self);
  return G_SOURCE_REMOVE;
}

static void
begin (EaProfileSwitch *self)
{
  self->n_attempts = 0;
  self->is_stale = TRUE;
  if (self->limit_id == 0)
    self->limit_id = g_timeout_add_seconds (EA_PROFILE_SWITCH_LIMIT_S, on_limit, self);
  if (self->is_active)
    return;

  self->is_active = TRUE;
  g_signal_emit (self, signals[SIGNAL_BEGAN], 0);
}

void
ea_profile_switch_start (EaProfileSwitch *self)
{
  g_clear_handle_id (&self->retry_id, g_source_remove);
  begin (self);
  read_iccid (self);
}

void
ea_profile_switch_skip_refresh (EaProfileSwitch *self)
{
  if (self->is_active && !self->is_refreshing)
    return;
  if (self->is_refreshing)
    ea_log_warning (self->context, NULL, "The end of a refresh was not told in time");
  self->is_refreshing = FALSE;
  ea_profile_switch_start (self);
}

static void
on_refresh (EaModem *modem, EaModemRefreshStage stage, guint mode, gpointer user_data)
{
  EaProfileSwitch *self = EA_PROFILE_SWITCH (user_data);

  switch (stage)
    {
    case EA_MODEM_REFRESH_START:
      ea_activity_count (self->activity, EA_COUNTER_REFRESHES);
      ea_log_info (self->context, "Refresh began (mode %u)", mode);
      self->is_refreshing = TRUE;
      begin (self);
      return;
    case EA_MODEM_REFRESH_DONE:
    case EA_MODEM_REFRESH_FAILED:
      ea_log_info (self->context, "Refresh ended %s",
                   stage == EA_MODEM_REFRESH_DONE ? "well" : "in failure");
      self->is_refreshing = FALSE;
      ea_profile_switch_start (self);
      return;
    }
}

/* A card that starts anew may have another profile enabled, with or without a refresh that was
 * told. */
static void
on_card_changed (EaModem *modem, EaModemCard card, gpointer user_data)
{
  EaProfileSwitch *self = EA_PROFILE_SWITCH (user_data);

  if (card == EA_MODEM_CARD_READY)
    ea_profile_switch_start (self);
}

static void
ea_profile_switch_dispose (GObject *object)
{
  EaProfileSwitch *self = EA_PROFILE_SWITCH (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->limit_id, g_source_remove);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->modem);
  g_clear_object (&self->activity);
  G_OBJECT_CLASS (ea_profile_switch_parent_class)->dispose (object);
}

static void
ea_profile_switch_class_init (EaProfileSwitchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_profile_switch_dispose;
  signals[SIGNAL_BEGAN] = g_signal_new ("began", EA_TYPE_PROFILE_SWITCH, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ENDED] = g_signal_new ("ended", EA_TYPE_PROFILE_SWITCH, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
ea_profile_switch_init (EaProfileSwitch *self)
{
  self->cancellable = g_cancellable_new ();
}

EaProfileSwitch *
ea_profile_switch_new (EaModem *modem, EaActivity *activity, const EaLogContext *context)
{
  EaProfileSwitch *self = g_object_new (EA_TYPE_PROFILE_SWITCH, NULL);

  self->modem = g_object_ref (modem);
  self->activity = g_object_ref (activity);
  self->context = context;
  g_signal_connect_object (modem, "refresh", G_CALLBACK (on_refresh), self, 0);
  g_signal_connect_object (modem, "card-changed", G_CALLBACK (on_card_changed), self, 0);
  return self;
}
