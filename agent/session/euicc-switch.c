/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What becomes of a switch: the card is read back, the modem registered again or not, and
 * whoever wants to hears of it. */

#include <string.h>

#include "core/cat-task.h"
#include "session/euicc-private.h"

#define RECORD_PREFIX "switch-"

#define READY "the card is ready"
#define UNCHANGED "the SM-SR has switched the profile, but the ICCID is the same"
#define NOT_REGISTERED "switched, but not registered"
#define NO_CAUSE "no network has taken the modem"

void
ea_euicc_become_ready (EaEuicc *self, const char *reason)
{
  ea_euicc_set_state (self, "ready", self->trouble != NULL ? self->trouble : reason);
}

void
ea_euicc_set_trouble (EaEuicc *self, char *trouble)
{
  gboolean had_trouble = self->trouble != NULL;

  g_free (self->trouble);
  self->trouble = trouble;
  if (strcmp (self->state, "ready") == 0 && (had_trouble || trouble != NULL))
    ea_euicc_become_ready (self, READY);
}

/* What an earlier life has left */

static void
save_switch (EaEuicc *self)
{
  g_autofree char *name = g_strconcat (RECORD_PREFIX, self->name, NULL);
  g_autoptr (GBytes) record = ea_switch_record_to_bytes (&self->switch_record);
  g_autoptr (GError) error = NULL;

  if (ea_store_keep (self->store, name, record, &error))
    return;
  ea_log_error (&self->context, EA_MESSAGE_STORE_FAILED,
                "What is left to be done after a switch is not stored: %s", error->message);
}

static void
load_switch (EaEuicc *self)
{
  g_autofree char *name = g_strconcat (RECORD_PREFIX, self->name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) record = ea_store_read (self->store, name, &error);

  if (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_NOT_FOUND))
    return;
  if (record == NULL || !ea_switch_record_parse (&self->switch_record, record, &error))
    ea_log_error (&self->context, EA_MESSAGE_STORE_FAILED,
                  "A switch that an earlier run has followed is not: %s", error->message);
  else if (self->switch_record.is_disabled)
    ea_recovery_set_disabled (self->recovery);
}

void
ea_euicc_remember_switch (EaEuicc *self, const char *iccid, const char *cause)
{
  EaSwitchRecord *record = &self->switch_record;

  if (g_strcmp0 (record->iccid, iccid) == 0 && g_strcmp0 (record->cause, cause) == 0
      && !record->is_promised)
    return;
  g_free (record->iccid);
  g_free (record->cause);
  record->iccid = g_strdup (iccid);
  record->cause = g_strdup (cause);
  record->is_promised = FALSE;
  save_switch (self);
}

gboolean
ea_euicc_recall_switch (EaEuicc *self)
{
  const char *cause = self->switch_record.cause;

  if (self->is_recalled)
    return FALSE;
  self->is_recalled = TRUE;
  if (g_strcmp0 (self->switch_record.iccid, self->iccid) != 0)
    return FALSE;
  self->has_registered = FALSE;
  if (cause != NULL)
    ea_euicc_set_trouble (self, g_strdup_printf (NOT_REGISTERED ": %s", cause));
  ea_recovery_recall (self->recovery, cause != NULL);
  return TRUE;
}

static void
on_disabled (EaRecovery *recovery, gboolean is_disabled, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  self->switch_record.is_disabled = is_disabled;
  save_switch (self);
}

/* The hooks */

/* @value: (nullable) */
static void
add_variable (GStrvBuilder *builder, const char *name, const char *value)
{
  g_autofree char *variable
      = g_strdup_printf ("EUICC_AGENT_%s=%s", name, value != NULL ? value : "");

  g_strv_builder_add (builder, variable);
}

void
ea_euicc_run_hooks (EaEuicc *self, const char *event, const char *cause)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *object = g_strdup_printf (EA_EUICC_OBJECT_FORMAT, self->number);
  g_auto (GStrv) environment = NULL;

  add_variable (builder, "EVENT", event);
  add_variable (builder, "EID", self->eid);
  add_variable (builder, "OLD_ICCID", self->previous_iccid);
  add_variable (builder, "NEW_ICCID", self->iccid);
  add_variable (builder, "REASON", ea_euicc_get_reason (self));
  add_variable (builder, "CAUSE", cause);
  add_variable (builder, "DEVICE", self->path);
  add_variable (builder, "MODEM", self->modem_object);
  add_variable (builder, "OBJECT", object);
  environment = g_strv_builder_end (builder);
  if (ea_hooks_run (self->hooks, G_OBJECT (self), (const char *const *) environment))
    return;
  ea_activity_count (self->activity, EA_COUNTER_HOOKS_FAILED);
  ea_log_warning (&self->context, EA_MESSAGE_HOOK_FAILED,
                  "The hooks are not run for %s: too many events wait for them", event);
}

static void
on_hook_output (EaHooks *hooks, GObject *about, const char *hook, const char *line,
                gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  if (about == G_OBJECT (self))
    ea_log_message (&self->context, NULL, "Hook %s: %s", hook, line);
}

static void
on_hook_ended (EaHooks *hooks, GObject *about, const char *hook, const GError *error,
               gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  if (about != G_OBJECT (self))
    return;
  ea_activity_count (self->activity,
                     error == NULL ? EA_COUNTER_HOOKS_RUN : EA_COUNTER_HOOKS_FAILED);
  if (error != NULL)
    ea_log_warning (&self->context, EA_MESSAGE_HOOK_FAILED, "Hook %s%s: %s", hook,
                    g_error_matches (error, EA_HOOKS_ERROR, EA_HOOKS_ERROR_REFUSED) ? " is not run"
                                                                                    : "",
                    error->message);
}

/* The way back to the network */

static void
on_read_iccid (EaRecovery *recovery, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  if (self->profile_switch != NULL)
    ea_profile_switch_skip_refresh (self->profile_switch);
}

static void
tell_overdue (EaEuicc *self, EaSwitchStep step, EaSwitchStep overdue)
{
  const char *name = ea_switch_step_to_string (step);
  g_autofree char *detail
      = g_strdup_printf ("%s was not enough in its time", ea_switch_step_to_string (overdue));

  ea_euicc_add_history (self, EA_HISTORY_SWITCH_STEP, name, detail);
  if (overdue == EA_SWITCH_STEP_WAIT_REFRESH && strcmp (self->state, "refreshing") == 0)
    ea_euicc_set_state (self, "refreshing", "the end of the refresh was not told");
}

/* It was expected not to be there for a while. */
static void
show_card (EaEuicc *self)
{
  EaModemCard card = self->modem != NULL ? ea_modem_get_card (self->modem) : EA_MODEM_CARD_UNKNOWN;

  if (card == EA_MODEM_CARD_ABSENT)
    ea_euicc_set_state (self, "absent", "the modem has no card");
  else if (card == EA_MODEM_CARD_FAILED)
    ea_euicc_set_state (self, "failed", "the modem can't read the card");
}

static void
on_step (EaRecovery *recovery, int step, int overdue, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  if (overdue != EA_SWITCH_STEP_NONE)
    tell_overdue (self, step, overdue);
  if (overdue == EA_SWITCH_STEP_POWER_CYCLE)
    show_card (self);
  if (step >= EA_SWITCH_STEP_POWER_CYCLE)
    ea_log_message (&self->context, EA_MESSAGE_SWITCH_STEP,
                    "The switch of the profile is not complete: %s",
                    ea_switch_step_to_string (step));
  else
    ea_log_info (&self->context, "A switch of the profile is followed: %s",
                 ea_switch_step_to_string (step));
}

/* A cause that a recovery tells of is about the last switch, and may be another one than before. */
static void
on_rejected (EaRecovery *recovery, const char *cause, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  if (self->trouble == NULL || !g_str_has_prefix (self->trouble, NOT_REGISTERED))
    return;
  ea_euicc_set_trouble (self, g_strdup_printf (NOT_REGISTERED ": %s", cause));
  /* The first one: networks that take turns wear no disk. */
  if (g_strcmp0 (self->switch_record.cause, NO_CAUSE) == 0)
    ea_euicc_remember_switch (self, self->iccid, cause);
}

static void
on_not_registered (EaRecovery *recovery, const char *cause, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);
  const char *words = cause != NULL ? cause : NO_CAUSE;
  g_autoptr (GError) error = g_error_new (EA_MODEM_ERROR, EA_MODEM_ERROR_NO_SERVICE,
                                          "The modem is not registered after a switch: %s", words);

  ea_activity_fail (self->activity, error);
  ea_activity_count (self->activity, EA_COUNTER_NOT_REGISTERED);
  ea_log_warning (&self->context, EA_MESSAGE_NOT_REGISTERED, "%s", error->message);
  ea_euicc_remember_switch (self, self->iccid, words);
  ea_euicc_set_trouble (self, g_strdup_printf (NOT_REGISTERED ": %s", words));
  ea_euicc_add_history (self, EA_HISTORY_NOT_REGISTERED, NULL, words);
  ea_euicc_run_hooks (self, "not-registered", cause);
}

/* (transfer full) */
static char *
describe_network (EaEuicc *self)
{
  const EaModemNetwork *network = self->modem != NULL ? ea_modem_get_network (self->modem) : NULL;

  if (network == NULL || network->mcc[0] == '\0')
    return g_strdup ("network");
  return g_strdup_printf ("network %s %s%s", network->mcc, network->mnc,
                          !network->has_roaming ? ""
                          : network->is_roaming ? ", roaming"
                                                : ", home");
}

static void
on_registered (EaRecovery *recovery, gint64 elapsed_us, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);
  g_autofree char *network = describe_network (self);
  g_autofree char *detail
      = g_strdup_printf ("%s, after %.1f s", network, (double) elapsed_us / G_USEC_PER_SEC);

  self->has_registered = TRUE;
  ea_activity_count (self->activity, EA_COUNTER_REGISTERED);
  ea_euicc_remember_switch (self, NULL, NULL);
  ea_log_message (&self->context, EA_MESSAGE_REGISTERED,
                  "The modem is registered with the new profile: %s", detail);
  ea_euicc_set_trouble (self, NULL);
  ea_euicc_add_history (self, EA_HISTORY_REGISTERED, NULL, detail);
  ea_euicc_run_hooks (self, "registered", NULL);
}

static void
on_unchanged (EaRecovery *recovery, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);
  g_autoptr (GError) error = g_error_new_literal (EA_MODEM_ERROR, EA_MODEM_ERROR_FAILED, UNCHANGED);

  ea_activity_fail (self->activity, error);
  ea_log_warning (&self->context, EA_MESSAGE_NOT_REGISTERED, "%s", error->message);
  ea_euicc_remember_switch (self, NULL, NULL);
  ea_euicc_set_trouble (self, g_strdup (UNCHANGED));
  ea_euicc_add_history (self, EA_HISTORY_PROFILE_UNCHANGED, NULL, self->iccid);
}

static void
on_settled (EaRecovery *recovery, gpointer user_data)
{
  ea_euicc_remember_switch (EA_EUICC (user_data), NULL, NULL);
  ea_euicc_set_trouble (EA_EUICC (user_data), NULL);
}

void
ea_euicc_make_recovery (EaEuicc *self)
{
  static const struct
  {
    const char *signal;
    GCallback callback;
  } rows[] = {
    { "read-iccid", G_CALLBACK (on_read_iccid) },
    { "step", G_CALLBACK (on_step) },
    { "rejected", G_CALLBACK (on_rejected) },
    { "not-registered", G_CALLBACK (on_not_registered) },
    { "registered", G_CALLBACK (on_registered) },
    { "unchanged", G_CALLBACK (on_unchanged) },
    { "disabled", G_CALLBACK (on_disabled) },
    { "settled", G_CALLBACK (on_settled) },
  };

  self->recovery = ea_recovery_new (&self->context);
  self->has_registered = TRUE; /* nothing is known of another */
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_signal_connect_object (self->recovery, rows[i].signal, rows[i].callback, self, 0);
  load_switch (self);
  g_signal_connect_object (self->hooks, "output", G_CALLBACK (on_hook_output), self, 0);
  g_signal_connect_object (self->hooks, "ended", G_CALLBACK (on_hook_ended), self, 0);
}

void
ea_euicc_set_switch_times (EaEuicc *self, const EaConfig *config)
{
  static const char *const keys[EA_SWITCH_N_STEPS] = {
    [EA_SWITCH_STEP_WAIT_REFRESH] = "WaitRefresh",
    [EA_SWITCH_STEP_WAIT_ICCID] = "WaitIccid",
    [EA_SWITCH_STEP_WAIT_REGISTRATION] = "WaitRegistration",
    [EA_SWITCH_STEP_POWER_CYCLE] = "PowerCycle",
    [EA_SWITCH_STEP_AIRPLANE_MODE] = "AirplaneMode",
    [EA_SWITCH_STEP_RESET] = "Reset",
  };
  guint times_s[EA_SWITCH_N_STEPS] = { 0 };

  for (guint step = 0; step < EA_SWITCH_N_STEPS; step++)
    if (keys[step] != NULL)
      times_s[step] = ea_config_get_time_s (config, "switch", self->path, keys[step]);
  ea_recovery_set_times (self->recovery, times_s);
}

/* The card starts anew */

static void
on_switch_began (EaProfileSwitch *profile_switch, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  ea_identity_stop (self->identity); /* the EID comes after the ICCID */
  if (self->iccid != NULL)
    ea_euicc_set_state (self, "refreshing", "the card starts anew");
}

static void
on_switch_ended (EaProfileSwitch *profile_switch, const char *iccid, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  if (iccid == NULL)
    {
      if (ea_modem_get_card (self->modem) == EA_MODEM_CARD_ABSENT)
        ea_euicc_set_state (self, "absent", "the modem has no card");
      else
        ea_euicc_set_state (self, "failed", "the enabled profile can't be read");
      return;
    }

  ea_euicc_take_iccid (self, iccid);
  ea_euicc_go_on_reading (self);
}

static void
on_network_changed (EaModem *modem, const EaModemNetwork *network, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  if (network->service == EA_MODEM_SERVICE_NORMAL)
    self->lost_us = 0;
  else if (self->lost_us == 0)
    self->lost_us = g_get_monotonic_time ();
}

/* The first that is seen of it: afterwards the network is gone in any case. */
static void
note_beginning (EaEuicc *self)
{
  if (self->began_us != 0)
    return;
  self->began_us = g_get_monotonic_time ();
  if ((ea_modem_get_capabilities (self->modem) & EA_MODEM_NETWORK) != 0
      && ea_modem_get_network (self->modem)->service != EA_MODEM_SERVICE_NORMAL)
    self->outage_us = MAX (self->began_us - self->lost_us, 1);
}

/* Not every firmware tells that the card is away while it resets it. */
static void
on_refresh (EaModem *modem, EaModemRefreshStage stage, guint mode, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  if (stage != EA_MODEM_REFRESH_START)
    return;
  note_beginning (self);
  self->is_refresh = TRUE;
  if (mode == EA_CAT_REFRESH_UICC_RESET)
    ea_euicc_forget_card (self);
}

static void
on_card_changed (EaModem *modem, EaModemCard card, gpointer user_data)
{
  if (card != EA_MODEM_CARD_READY)
    note_beginning (EA_EUICC (user_data));
}

/* The modem's firmware is not told of a REFRESH that the agent answers: which files are new is
 * seen here. */
static void
on_refreshed (EaToolkit *toolkit, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  if (self->profile_switch != NULL)
    ea_profile_switch_start (self->profile_switch);
}

static void
on_notified (EaToolkit *toolkit, guint type, guint sequence, gpointer user_data)
{
  ea_euicc_take_notification (EA_EUICC (user_data), type, sequence);
}

static void
on_switched (EaCard *card, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  self->switch_record.is_promised = TRUE;
  save_switch (self);
  ea_recovery_expect (self->recovery);
}

void
ea_euicc_watch_switch (EaEuicc *self)
{
  self->lost_us = 0;
  g_signal_connect_object (self->modem, "network-changed", G_CALLBACK (on_network_changed), self,
                           0);
  g_signal_connect_object (self->modem, "refresh", G_CALLBACK (on_refresh), self, 0);
  g_signal_connect_object (self->modem, "card-changed", G_CALLBACK (on_card_changed), self, 0);
  g_signal_connect_object (self->toolkit, "refreshed", G_CALLBACK (on_refreshed), self, 0);
  g_signal_connect_object (self->toolkit, "notified", G_CALLBACK (on_notified), self, 0);
  g_signal_connect_object (self->card, "switched", G_CALLBACK (on_switched), self, 0);
}

/* Before, the role is not known. The card is read first, then its place in the network is asked
 * for. */
void
ea_euicc_watch_card (EaEuicc *self)
{
  self->profile_switch = ea_profile_switch_new (self->modem, self->activity, &self->context);
  g_signal_connect_object (self->profile_switch, "began", G_CALLBACK (on_switch_began), self, 0);
  g_signal_connect_object (self->profile_switch, "ended", G_CALLBACK (on_switch_ended), self, 0);
  ea_recovery_attach (self->recovery, self->modem, self->modem_manager, self->path);
  if (ea_modem_get_card (self->modem) != EA_MODEM_CARD_ABSENT)
    ea_profile_switch_start (self->profile_switch);
}
