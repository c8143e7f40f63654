/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The life of one eUICC: absent → initializing (modem probed, card read) → ready ⇄ refreshing; failed
 * while the modem can't be opened, which is tried again.
 */

#include "session/euicc.h"

#include <string.h>

#include "session/euicc-private.h"

#define NAME_LENGTH 16
#define BEARER_RECORD_PREFIX "bearers-"

static guint signals[EA_EUICC_N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaEuicc, ea_euicc, G_TYPE_OBJECT)

void
ea_euicc_set_state (EaEuicc *self, const char *state, const char *reason)
{
  if (strcmp (self->state, state) == 0 && g_strcmp0 (self->state_reason, reason) == 0)
    return;

  self->state = state;
  g_free (self->state_reason);
  self->state_reason = g_strdup (reason);
  ea_euicc_notify (self, EA_EUICC_PROP_STATE);
  ea_euicc_notify (self, EA_EUICC_PROP_STATE_REASON);
}

void
ea_euicc_set_string (EaEuicc *self, char **field, const char *value, guint property)
{
  if (g_strcmp0 (*field, value) == 0)
    return;

  g_free (*field);
  *field = g_strdup (value);
  ea_euicc_notify (self, property);
}

void
ea_euicc_emit (EaEuicc *self, EaEuiccSignal signal, gpointer object)
{
  g_signal_emit (self, signals[signal], 0, object);
}

void
ea_euicc_tell_profile_change (EaEuicc *self, const char *old, const char *reason)
{
  g_signal_emit (self, signals[EA_EUICC_SIGNAL_PROFILE_CHANGED], 0, old, self->iccid, reason);
}

static void
notify_modem_properties (EaEuicc *self)
{
  static const guint changed[]
      = { EA_EUICC_PROP_EVENTS,      EA_EUICC_PROP_IMEI,         EA_EUICC_PROP_ROLE,
          EA_EUICC_PROP_ROLE_REASON, EA_EUICC_PROP_CAPABILITIES, EA_EUICC_PROP_CAT_MODE,
          EA_EUICC_PROP_DEVICE };

  for (gsize i = 0; i < G_N_ELEMENTS (changed); i++)
    ea_euicc_notify (self, changed[i]);
}

static void
on_activity_changed (EaActivity *activity, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  ea_euicc_notify (self, EA_EUICC_PROP_COUNTERS);
  ea_euicc_notify (self, EA_EUICC_PROP_LAST_ACTIVITY);
  ea_euicc_notify (self, EA_EUICC_PROP_LAST_ERROR);
}

static void
on_keys_changed (EaKeyRing *keys, gpointer user_data)
{
  ea_euicc_notify (EA_EUICC (user_data), EA_EUICC_PROP_KEY_SETS);
}

static void
become_ready (EaEuicc *self, const char *reason)
{
  const char *eid = self->is_eid_fresh ? self->eid : NULL;

  ea_euicc_become_ready (self, reason);
  ea_attachment_settle (self->attachment);
  ea_sessions_resume (self->sessions, eid, self->iccid);
  /* Then, as a packet that has waited may be a trigger. */
  if (ea_modem_get_role (self->modem) == EA_MODEM_ROLE_HOST)
    ea_ota_resume (self->ota, eid);
  else
    ea_ota_resume_packets (self->ota, eid);
}

static void
on_atr_read (EaIdentity *identity, GBytes *atr, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  g_clear_pointer (&self->atr, g_bytes_unref);
  self->atr = g_bytes_ref (atr);
  ea_euicc_notify (self, EA_EUICC_PROP_ATR);
}

/* Only of a card that is there and not about to start anew, see ea_identity_stop() */
static void
on_eid_read (EaIdentity *identity, const char *eid, const GError *error, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);
  g_autofree char *reason = NULL;

  ea_euicc_take_eid (self, eid);
  if (eid == NULL)
    reason = g_strdup_printf ("the EID can't be read: %s", error->message);
  ea_euicc_notify (self, EA_EUICC_PROP_CAPABILITIES);
  become_ready (self, reason != NULL ? reason : "the card is ready");
}

void
ea_euicc_go_on_reading (EaEuicc *self)
{
  if (!ea_identity_read (self->identity))
    become_ready (self, "the card is ready");
}

void
ea_euicc_forget_card (EaEuicc *self)
{
  self->is_eid_fresh = FALSE;
  if (self->ota != NULL)
    ea_ota_suspend (self->ota);
  ea_sessions_suspend (self->sessions);
  ea_identity_forget (self->identity);
  g_clear_pointer (&self->atr, g_bytes_unref);
  ea_euicc_notify (self, EA_EUICC_PROP_ATR);
}

static void
on_card_changed (EaModem *modem, EaModemCard card, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  if (card == EA_MODEM_CARD_ABSENT || card == EA_MODEM_CARD_INITIALIZING)
    ea_euicc_forget_card (self);
  else if (card == EA_MODEM_CARD_READY)
    ea_card_memory_attach (self->memory, self->toolkit);

  /* While a card starts anew it is refreshing or initializing, not gone, and so it is while we have taken its power. */
  if (ea_recovery_get_step (self->recovery) == EA_SWITCH_STEP_POWER_CYCLE
      && (card == EA_MODEM_CARD_ABSENT || card == EA_MODEM_CARD_FAILED))
    ea_euicc_set_state (self, "refreshing", "the card's power is taken away and given back");
  else if (card == EA_MODEM_CARD_ABSENT && strcmp (self->state, "ready") == 0)
    ea_euicc_set_state (self, "absent", "the modem has no card");
  else if (card == EA_MODEM_CARD_FAILED)
    ea_euicc_set_state (self, "failed", "the modem can't read the card");
}

static void on_drained (EaEuicc *self);
static gboolean on_drain_over (gpointer user_data);

/* There is nothing to wait for at the end, when the modem goes meanwhile. */
static void
stop_draining (EaEuicc *self)
{
  if (self->ota != NULL)
    g_signal_handlers_disconnect_by_func (self->ota, on_drained, self);
  if (self->toolkit != NULL)
    g_signal_handlers_disconnect_by_func (self->toolkit, on_drained, self);
  g_signal_handlers_disconnect_by_func (self->recovery, on_drained, self);
  g_signal_handlers_disconnect_by_func (self->sessions, on_drained, self);
  g_clear_handle_id (&self->drain_id, g_source_remove);
  if (self->close_task != NULL)
    self->drain_id = g_idle_add (on_drain_over, self);
}

/* What still waits for an answer of the modem lives on, and has nothing to tell any more. */
static void
drop_readers (EaEuicc *self)
{
  if (self->profile_switch != NULL)
    g_object_run_dispose (G_OBJECT (self->profile_switch));
  g_object_run_dispose (G_OBJECT (self->identity));
  g_clear_object (&self->profile_switch);
  g_clear_object (&self->identity);
}

static void
on_dropped (EaAttachment *attachment, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  ea_euicc_forget_card (self);
  ea_role_retry_stop (&self->role_retry);
  self->is_refresh = FALSE; /* whatever it was for, the modem may come back with another card */
  stop_draining (self);
  ea_card_memory_detach (self->memory);
  ea_toolkit_end (self->toolkit);
  ea_sealed_end (self->sealed);
  ea_sessions_detach (self->sessions);
  ea_recovery_detach (self->recovery);
  drop_readers (self);
  g_clear_object (&self->ota);
  g_clear_object (&self->sealed);
  g_clear_object (&self->toolkit);
  g_clear_object (&self->card);
  g_signal_handlers_disconnect_by_data (self->modem, self);
  g_clear_object (&self->modem);
  notify_modem_properties (self);
}

static void
on_failed (EaAttachment *attachment, const GError *error, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  if (strcmp (self->state, "failed") != 0)
    ea_log_warning (&self->context, EA_MESSAGE_MODEM_FAILED, "%s", error->message);
  ea_activity_fail (self->activity, error);
  ea_euicc_set_state (self, "failed", error->message);
  if (self->modem == NULL)
    ea_role_retry_begin_anew (&self->role_retry); /* it was lost, and comes back as another one */
}

static void
on_opened (EaAttachment *attachment, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  ea_log_message (&self->context, EA_MESSAGE_ROLE_TAKEN, "Role %s: %s",
                  ea_modem_role_to_string (ea_modem_get_role (self->modem)),
                  ea_modem_get_role_reason (self->modem));
  notify_modem_properties (self);
  if (ea_modem_get_card (self->modem) == EA_MODEM_CARD_ABSENT)
    ea_euicc_set_state (self, "absent", "the modem has no card");
  ea_euicc_watch_role (self);
  ea_euicc_watch_card (self);
}

static void
on_events_changed (EaToolkit *toolkit, gpointer user_data)
{
  ea_euicc_notify (EA_EUICC (user_data), EA_EUICC_PROP_EVENTS);
}

static void
on_channel_opened (EaToolkit *toolkit, EaChannel *channel, gpointer user_data)
{
  EA_EUICC (user_data)->n_channels++;
  ea_euicc_emit (user_data, EA_EUICC_SIGNAL_CHANNEL_OPENED, channel);
}

static void
on_channel_closed (EaToolkit *toolkit, EaChannel *channel, gpointer user_data)
{
  EA_EUICC (user_data)->n_channels--;
  ea_euicc_emit (user_data, EA_EUICC_SIGNAL_CHANNEL_CLOSED, channel);
}

static void
make_toolkit (EaEuicc *self)
{
  const EaToolkitOptions options = {
    .modem = self->modem,
    .card = self->card,
    .activity = self->activity,
    .channels = { .bearers = self->bearers, .policy = self->policy, .log = &self->context },
    .inhibitor = self->inhibitor,
  };

  self->toolkit = ea_toolkit_new (&options);
  g_signal_connect_object (self->toolkit, "events-changed", G_CALLBACK (on_events_changed), self,
                           0);
  g_signal_connect_object (self->toolkit, "channel-opened", G_CALLBACK (on_channel_opened), self,
                           0);
  g_signal_connect_object (self->toolkit, "channel-closed", G_CALLBACK (on_channel_closed), self,
                           0);
}

static void
make_ota (EaEuicc *self)
{
  const EaOtaOptions options = {
    .modem = self->modem,
    .card = self->card,
    .keys = self->keys,
    .store = self->store,
    .name = self->name,
    .activity = self->activity,
    .context = &self->context,
  };

  self->ota = ea_ota_new (&options);
}

static void
on_made (EaAttachment *attachment, EaModem *modem, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);

  self->modem = g_object_ref (modem);
  self->card = ea_card_new (modem);
  make_toolkit (self);
  make_ota (self);
  ea_euicc_attach_sessions (self);
  ea_euicc_watch_switch (self);
  self->identity = ea_identity_new (modem, self->card, self->activity, &self->context);
  g_signal_connect_object (self->identity, "eid-read", G_CALLBACK (on_eid_read), self, 0);
  g_signal_connect_object (self->identity, "atr-read", G_CALLBACK (on_atr_read), self, 0);
  g_signal_connect_object (modem, "card-changed", G_CALLBACK (on_card_changed), self, 0);
  if (strcmp (self->state, "failed") != 0)
    ea_euicc_set_state (self, "initializing", "the modem is being probed");
}

static void
take_modem_object (EaEuicc *self, EaModemManager *modem_manager, gboolean *is_messaging_shared)
{
  g_autofree char *object = ea_modem_manager_find (modem_manager, self->path, is_messaging_shared);

  ea_euicc_set_string (self, &self->modem_object, object, EA_EUICC_PROP_MODEM);
}

static gboolean
is_managed (EaEuicc *self)
{
  return strcmp (self->modem_object, EA_MODEM_MANAGER_NO_OBJECT) != 0;
}

static EaAddressPolicy *
make_policy (const EaConfig *config)
{
  g_auto (GStrv) allow = ea_config_get_list (config, "bearer", "AllowAddresses");
  g_auto (GStrv) deny = ea_config_get_list (config, "bearer", "DenyAddresses");
  EaAddressPolicy *policy
      = ea_address_policy_new ((const char *const *) allow, (const char *const *) deny, NULL);

  g_assert (policy != NULL); /* the ranges were looked at when they were read */
  return policy;
}

static void
take_network_options (EaEuicc *self, const EaConfig *config, EaModemManager *modem_manager)
{
  const char *interface = ea_config_get (config, "bearer", self->path, "Interface");
  EaBearersOptions options = {
    .use = (EaBearerUse) ea_config_get_choice (config, "bearer", self->path, "Bearer"),
    .apn = ea_config_get (config, "bearer", self->path, "Apn"),
    .interface = interface[0] != '\0' ? interface : NULL,
    .path = self->path,
    .record = self->bearer_record,
  };

  self->bearers = ea_bearers_new (modem_manager, &options);
  self->policy = make_policy (config);
  ea_sessions_set_config (self->sessions, config, self->policy);
}

void
ea_euicc_reload (EaEuicc *self, const EaConfig *config)
{
  EaAddressPolicy *policy;

  if (self->path == NULL)
    {
      ea_sessions_set_config (self->sessions, config, NULL);
      return;
    }
  policy = make_policy (config);
  if (self->toolkit != NULL)
    ea_toolkit_set_policy (self->toolkit, policy);
  ea_sessions_set_config (self->sessions, config, policy);
  ea_address_policy_free (self->policy);
  self->policy = policy;
}

void
ea_euicc_attach (EaEuicc *self, const char *path, const EaConfig *config,
                 EaModemManager *modem_manager)
{
  EaQmiModemOptions options = {
    .proxy = (EaModemProxy) ea_config_get_choice (config, "modem", path, "Proxy"),
    .proxy_path = ea_config_get (config, "modem", path, "ProxyPath"),
    .role = (EaModemRole) ea_config_get_choice (config, "modem", path, "Role"),
    .slot = ea_config_get_number (config, "modem", path, "Slot"),
  };

  g_return_if_fail (self->path == NULL);

  self->path = g_strdup (path);
  self->context.modem = self->path;
  self->slot = options.slot;
  options.path = self->path;
  take_modem_object (self, modem_manager, &options.is_messaging_shared);
  options.is_managed = is_managed (self);
  take_network_options (self, config, modem_manager);
  g_set_object (&self->modem_manager, modem_manager);
  ea_role_retry_begin_anew (&self->role_retry);
  ea_euicc_set_switch_times (self, config);
  ea_euicc_notify (self, EA_EUICC_PROP_SLOT);
  ea_euicc_set_state (self, "initializing", "the modem is being probed");
  ea_attachment_start (self->attachment, &options);
}

void
ea_euicc_detach (EaEuicc *self)
{
  ea_attachment_stop (self->attachment);
  ea_sessions_set_policy (self->sessions, NULL);
  g_clear_object (&self->bearers);
  g_clear_object (&self->modem_manager);
  g_clear_pointer (&self->policy, ea_address_policy_free);
  ea_euicc_set_state (self, "absent", "the modem is not there");
  ea_log_message (&self->context, EA_MESSAGE_MODEM_LOST, "The modem is gone");
  self->context.modem = NULL;
  ea_euicc_set_string (self, &self->modem_object, EA_MODEM_MANAGER_NO_OBJECT, EA_EUICC_PROP_MODEM);
  g_clear_pointer (&self->path, g_free);
  ea_euicc_notify (self, EA_EUICC_PROP_DEVICE);
}

void
ea_euicc_look_beside (EaEuicc *self, EaModemManager *modem_manager)
{
  gboolean is_messaging_shared;

  if (self->path == NULL)
    return;
  take_modem_object (self, modem_manager, &is_messaging_shared);
  ea_attachment_set_managed (self->attachment, is_managed (self));
  ea_attachment_set_messaging_shared (self->attachment, is_messaging_shared);
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  ea_attachment_close_finish (EA_ATTACHMENT (source), result);
  g_task_return_boolean (task, TRUE);
}

/* The second half of closing. */
static void
close_attachment (EaEuicc *self)
{
  GTask *task = g_steal_pointer (&self->close_task);

  stop_draining (self);
  ea_attachment_close_async (self->attachment, on_closed, task);
}

static gboolean
on_drain_over (gpointer user_data)
{
  EaEuicc *self = user_data;

  self->drain_id = 0;
  close_attachment (self);
  return G_SOURCE_REMOVE;
}

static void
on_drained (EaEuicc *self)
{
  if (self->close_task != NULL && ea_ota_is_idle (self->ota) && ea_toolkit_is_idle (self->toolkit)
      && ea_sessions_is_idle (self->sessions) && !ea_recovery_is_disabled (self->recovery))
    close_attachment (self);
}

static gboolean
on_drain_limit (gpointer user_data)
{
  EaEuicc *self = user_data;

  ea_log_warning (&self->context, NULL,
                  "The card or the network is too slow to wait for at the end");
  return on_drain_over (self);
}

/* What is on its way between network and card is brought to its end first: an acknowledgement
 * and a TERMINAL RESPONSE are owed. */
void
ea_euicc_close_async (EaEuicc *self, GAsyncReadyCallback callback, gpointer user_data)
{
  self->is_closing = TRUE;
  self->close_task = g_task_new (self, NULL, callback, user_data);
  ea_role_retry_stop (&self->role_retry);
  ea_sessions_drain (self->sessions);
  if (self->ota == NULL)
    {
      close_attachment (self);
      return;
    }
  self->drain_id = g_timeout_add (EA_EUICC_DRAIN_LIMIT_MS, on_drain_limit, self);
  g_signal_connect_object (self->ota, "idle", G_CALLBACK (on_drained), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->toolkit, "idle", G_CALLBACK (on_drained), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->sessions, "idle", G_CALLBACK (on_drained), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->recovery, "disabled", G_CALLBACK (on_drained), self,
                           G_CONNECT_SWAPPED);
  ea_recovery_close (self->recovery);
  ea_ota_drain (self->ota);
  ea_toolkit_stop (self->toolkit);
  on_drained (self);
}

void
ea_euicc_close_finish (EaEuicc *self, GAsyncResult *result)
{
  (void) g_task_propagate_boolean (G_TASK (result), NULL); /* always succeeds */
}

const char *
ea_euicc_get_device_id (EaEuicc *self)
{
  return self->device_id;
}

gboolean
ea_euicc_is_attached (EaEuicc *self)
{
  return self->path != NULL;
}

static void
ea_euicc_dispose (GObject *object)
{
  EaEuicc *self = EA_EUICC (object);

  g_clear_handle_id (&self->drain_id, g_source_remove);
  ea_role_retry_clear (&self->role_retry);
  if (self->attachment != NULL)
    ea_attachment_stop (self->attachment);
  g_clear_object (&self->attachment);
  g_clear_object (&self->sessions);
  g_clear_object (&self->bearers);
  g_clear_pointer (&self->policy, ea_address_policy_free);
  ea_bearer_record_set_save_func (self->bearer_record, NULL, NULL);
  g_clear_object (&self->recovery);
  g_clear_object (&self->modem_manager);
  g_clear_object (&self->hooks);
  g_clear_object (&self->inhibitor);
  g_clear_object (&self->history);
  g_clear_object (&self->keys);
  g_clear_object (&self->activity);
  G_OBJECT_CLASS (ea_euicc_parent_class)->dispose (object);
}

static void
ea_euicc_finalize (GObject *object)
{
  EaEuicc *self = EA_EUICC (object);

  g_clear_pointer (&self->memory, ea_card_memory_free);
  g_clear_pointer (&self->profiles, ea_profile_history_free);
  g_object_unref (self->bearer_record);
  g_free (self->name);
  g_free (self->device_id);
  g_free (self->path);
  g_free (self->modem_object);
  g_free (self->eid);
  g_free (self->iccid);
  g_free (self->held_iccid);
  g_free (self->previous_iccid);
  g_free (self->state_reason);
  g_free (self->trouble);
  ea_switch_record_clear (&self->switch_record);
  g_clear_pointer (&self->atr, g_bytes_unref);
  G_OBJECT_CLASS (ea_euicc_parent_class)->finalize (object);
}

static void
ea_euicc_class_init (EaEuiccClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ea_euicc_dispose;
  object_class->finalize = ea_euicc_finalize;

  ea_euicc_install_properties (object_class);
  signals[EA_EUICC_SIGNAL_PROFILE_CHANGED]
      = g_signal_new ("profile-changed", EA_TYPE_EUICC, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  signals[EA_EUICC_SIGNAL_CHANNEL_OPENED]
      = g_signal_new ("channel-opened", EA_TYPE_EUICC, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 1, EA_TYPE_CHANNEL);
  signals[EA_EUICC_SIGNAL_CHANNEL_CLOSED]
      = g_signal_new ("channel-closed", EA_TYPE_EUICC, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 1, EA_TYPE_CHANNEL);
  signals[EA_EUICC_SIGNAL_SESSION_ADDED]
      = g_signal_new ("session-added", EA_TYPE_EUICC, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 1, EA_TYPE_SESSION);
  signals[EA_EUICC_SIGNAL_SESSION_REMOVED]
      = g_signal_new ("session-removed", EA_TYPE_EUICC, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 1, EA_TYPE_SESSION);
}

static void
ea_euicc_init (EaEuicc *self)
{
  self->state = "absent";
  ea_role_retry_init (&self->role_retry, ea_euicc_ask_for_role, self);
  self->modem_object = g_strdup (EA_MODEM_MANAGER_NO_OBJECT);
  self->activity = ea_activity_new ();
  g_signal_connect_object (self->activity, "changed", G_CALLBACK (on_activity_changed), self, 0);
}

static gboolean
save_bearers (GBytes *record, gpointer user_data, GError **error)
{
  EaEuicc *self = user_data;
  g_autofree char *name = g_strconcat (BEARER_RECORD_PREFIX, self->name, NULL);
  g_autoptr (GError) local_error = NULL;

  if (ea_store_keep (self->store, name, record, &local_error))
    return TRUE;

  ea_log_error (&self->context, EA_MESSAGE_STORE_FAILED,
                "Which bearers are connected can't be recorded: %s", local_error->message);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static void
load_bearers (EaEuicc *self)
{
  g_autofree char *name = g_strconcat (BEARER_RECORD_PREFIX, self->name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) record = ea_store_read (self->store, name, &error);

  if (record == NULL && !g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_NOT_FOUND))
    ea_log_error (&self->context, EA_MESSAGE_STORE_FAILED,
                  "Bearers that an earlier run connected are left alone: %s", error->message);
  self->bearer_record = ea_bearer_record_new (record);
  ea_bearer_record_set_save_func (self->bearer_record, save_bearers, self);
}

EaEuicc *
ea_euicc_new (const char *device_id, guint number, EaStore *store, EaKeyRing *keys,
              EaInhibitor *inhibitor, EaHistory *history, EaHooks *hooks)
{
  EaEuicc *self = g_object_new (EA_TYPE_EUICC, NULL);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, device_id, -1);

  self->device_id = g_strdup (device_id);
  self->name = g_strndup (digest, NAME_LENGTH);
  self->store = store;
  self->keys = g_object_ref (keys);
  g_signal_connect_object (keys, "changed", G_CALLBACK (on_keys_changed), self, 0);
  self->inhibitor = g_object_ref (inhibitor);
  self->history = g_object_ref (history);
  self->hooks = g_object_ref (hooks);
  self->number = number;
  ea_euicc_make_recovery (self);
  ea_euicc_make_sessions (self);
  self->memory = ea_card_memory_new (store, self->name, &self->context);
  load_bearers (self);
  self->attachment = ea_attachment_new (store, self->name, &self->context);
  g_signal_connect_object (self->attachment, "made", G_CALLBACK (on_made), self, 0);
  g_signal_connect_object (self->attachment, "opened", G_CALLBACK (on_opened), self, 0);
  g_signal_connect_object (self->attachment, "failed", G_CALLBACK (on_failed), self, 0);
  g_signal_connect_object (self->attachment, "dropped", G_CALLBACK (on_dropped), self, 0);
  return self;
}
