/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One EaEuicc for each physical modem that was ever seen. */

#include "session/agent.h"

#include <string.h>

#include "host/hooks.h"
#include "host/inhibitor.h"
#include "host/journal.h"
#include "modem/modem-manager.h"
#include "modem/monitor.h"
#include "session/history-session.h"

struct _EaAgent
{
  GObject parent_instance;

  EaConfig *config;
  EaKeyRing *keys;
  EaStore *store;
  EaInhibitor *inhibitor;
  EaHistory *history;
  EaHooks *hooks;
  EaMonitor *monitor;
  EaModemManager *modem_manager;
  GPtrArray *euiccs; /* EaEuicc, by number */
  guint n_sessions;
  char *state_reason;
  guint n_closing;
  gboolean is_refusal_told; /* of the sleep lock */
};

enum
{
  PROP_STATE = 1,
  PROP_STATE_REASON,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

enum
{
  SIGNAL_EUICC_ADDED,
  SIGNAL_SESSION_ADDED,
  SIGNAL_SESSION_REMOVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaAgent, ea_agent, G_TYPE_OBJECT)

static guint
count_attached (EaAgent *self)
{
  guint n_attached = 0;

  for (guint i = 0; i < self->euiccs->len; i++)
    n_attached += ea_euicc_is_attached (g_ptr_array_index (self->euiccs, i)) ? 1 : 0;
  return n_attached;
}

static const char *
describe_source (EaAgent *self)
{
  switch (ea_monitor_get_source (self->monitor))
    {
    case EA_MONITOR_SOURCE_MODEMMANAGER:
      return "ModemManager finds modems";
    case EA_MONITOR_SOURCE_UDEV:
      return "udev finds modems";
    case EA_MONITOR_SOURCE_AUTO:
      break;
    }
  return "looking whether ModemManager is there";
}

static void
update_state (EaAgent *self)
{
  guint n_attached = count_attached (self);
  const char *globs = ea_config_get (self->config, "modem", NULL, "Device");

  g_free (self->state_reason);
  if (n_attached == 0)
    self->state_reason = g_strdup_printf ("no modem%s%s; %s", globs[0] != '\0' ? " at " : "", globs,
                                          describe_source (self));
  else
    self->state_reason
        = g_strdup_printf ("serving %u modem%s", n_attached, n_attached == 1 ? "" : "s");
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE_REASON]);
}

static EaEuicc *
find_euicc (EaAgent *self, const char *device_id)
{
  for (guint i = 0; i < self->euiccs->len; i++)
    {
      EaEuicc *euicc = g_ptr_array_index (self->euiccs, i);

      if (strcmp (ea_euicc_get_device_id (euicc), device_id) == 0)
        return euicc;
    }
  return NULL;
}

static void
on_session_added (EaEuicc *euicc, EaSession *session, gpointer user_data)
{
  EaAgent *self = EA_AGENT (user_data);

  ea_session_set_number (session, self->n_sessions);
  ea_history_watch_session (self->history, euicc, session, self->n_sessions);
  g_signal_emit (self, signals[SIGNAL_SESSION_ADDED], 0, euicc, session, self->n_sessions++);
}

static void
on_session_removed (EaEuicc *euicc, EaSession *session, gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_SESSION_REMOVED], 0, session);
}

static EaEuicc *
add_euicc (EaAgent *self, const char *device_id)
{
  EaEuicc *euicc = ea_euicc_new (device_id, self->euiccs->len, self->store, self->keys,
                                 self->inhibitor, self->history, self->hooks);

  g_ptr_array_add (self->euiccs, euicc);
  g_signal_connect_object (euicc, "session-added", G_CALLBACK (on_session_added), self, 0);
  g_signal_connect_object (euicc, "session-removed", G_CALLBACK (on_session_removed), self, 0);
  g_signal_emit (self, signals[SIGNAL_EUICC_ADDED], 0, euicc, self->euiccs->len - 1);
  return euicc;
}

static void
on_added (EaMonitor *monitor, const char *path, const char *device_id, gpointer user_data)
{
  EaAgent *self = EA_AGENT (user_data);
  EaEuicc *euicc = find_euicc (self, device_id);
  EaLogContext context = { .modem = path };

  if (euicc == NULL)
    euicc = add_euicc (self, device_id);
  ea_log_info (&context, "A modem appeared: %s", device_id);
  ea_euicc_attach (euicc, path, self->config, self->modem_manager);
  update_state (self);
}

static void
on_removed (EaMonitor *monitor, const char *path, const char *device_id, gpointer user_data)
{
  EaAgent *self = EA_AGENT (user_data);

  ea_euicc_detach (find_euicc (self, device_id));
  update_state (self);
}

static void
on_source_changed (EaMonitor *monitor, gpointer user_data)
{
  EaAgent *self = EA_AGENT (user_data);

  ea_log_message (NULL, NULL, "From now on %s", describe_source (self));
  update_state (self);
}

/* Where nobody manages logins nothing puts the system to sleep behind our back. */
static gboolean
is_absence (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN);
}

static void
on_inhibitor_failed (EaInhibitor *inhibitor, const GError *error, gpointer user_data)
{
  EaAgent *self = EA_AGENT (user_data);

  if (is_absence (error) || self->is_refusal_told)
    {
      ea_log_debug (NULL, "No lock keeps the system awake: %s", error->message);
      return;
    }
  self->is_refusal_told = TRUE;
  ea_log_warning (NULL, EA_MESSAGE_MAY_SLEEP,
                  "The system may go to sleep while a channel is open: %s", error->message);
}

static void
on_modem_manager_changed (EaModemManager *modem_manager, gpointer user_data)
{
  EaAgent *self = EA_AGENT (user_data);

  for (guint i = 0; i < self->euiccs->len; i++)
    ea_euicc_look_beside (g_ptr_array_index (self->euiccs, i), modem_manager);
}

void
ea_agent_start (EaAgent *self)
{
  update_state (self);
  ea_monitor_start (self->monitor);
}

void
ea_agent_reload (EaAgent *self, EaConfig *config)
{
  ea_config_free (self->config);
  self->config = config;
  for (guint i = 0; i < self->euiccs->len; i++)
    ea_euicc_reload (g_ptr_array_index (self->euiccs, i), config);
  ea_journal_set_level (ea_journal_parse_level (ea_config_get (config, "agent", NULL, "LogLevel")));
  ea_log_message (
      NULL, EA_MESSAGE_CONFIGURATION,
      "Configuration read again; addresses count at once, [sm-sr] and [session] for the "
      "next session, the rest when modems are opened next");
}

gboolean
ea_agent_reload_keys (EaAgent *self, GError **error)
{
  gboolean is_same;

  if (!ea_key_ring_reload (self->keys, &is_same, error))
    return FALSE;
  ea_log_message (NULL, EA_MESSAGE_CONFIGURATION,
                  is_same ? "Keys read again, and they are the same: the service manager hands "
                            "over new ones when the service is restarted"
                          : "Keys read again, and they count at once");
  return TRUE;
}

static void
on_euicc_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaAgent *self = g_task_get_source_object (task);

  ea_euicc_close_finish (EA_EUICC (source), result);
  self->n_closing--;
  if (self->n_closing == 0)
    g_task_return_boolean (task, TRUE);
}

void
ea_agent_stop_async (EaAgent *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_signal_handlers_disconnect_by_data (self->modem_manager, self);
  self->n_closing = self->euiccs->len;
  if (self->n_closing == 0)
    g_task_return_boolean (task, TRUE);
  for (guint i = 0; i < self->euiccs->len; i++)
    ea_euicc_close_async (g_ptr_array_index (self->euiccs, i), on_euicc_closed,
                          g_object_ref (task));
}

void
ea_agent_stop_finish (EaAgent *self, GAsyncResult *result)
{
  (void) g_task_propagate_boolean (G_TASK (result), NULL); /* always succeeds */
}

const char *
ea_agent_get_state_reason (EaAgent *self)
{
  return self->state_reason != NULL ? self->state_reason : "";
}

EaHistory *
ea_agent_get_history (EaAgent *self)
{
  return self->history;
}

static void
ea_agent_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  EaAgent *self = EA_AGENT (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_static_string (value, count_attached (self) > 0 ? "running" : "waiting");
      break;
    case PROP_STATE_REASON:
      g_value_set_string (value, ea_agent_get_state_reason (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ea_agent_dispose (GObject *object)
{
  EaAgent *self = EA_AGENT (object);

  g_clear_object (&self->monitor);
  g_clear_object (&self->modem_manager);
  g_clear_pointer (&self->euiccs, g_ptr_array_unref);
  g_clear_object (&self->inhibitor);
  g_clear_object (&self->history);
  g_clear_object (&self->hooks);
  g_clear_object (&self->keys);
  G_OBJECT_CLASS (ea_agent_parent_class)->dispose (object);
}

static void
ea_agent_finalize (GObject *object)
{
  EaAgent *self = EA_AGENT (object);

  g_free (self->state_reason);
  ea_config_free (self->config);
  G_OBJECT_CLASS (ea_agent_parent_class)->finalize (object);
}

static void
ea_agent_class_init (EaAgentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ea_agent_get_property;
  object_class->dispose = ea_agent_dispose;
  object_class->finalize = ea_agent_finalize;
  props[PROP_STATE] = g_param_spec_string ("state", NULL, NULL, "waiting",
                                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_STATE_REASON] = g_param_spec_string ("state-reason", NULL, NULL, "",
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[SIGNAL_EUICC_ADDED]
      = g_signal_new ("euicc-added", EA_TYPE_AGENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 2, EA_TYPE_EUICC, G_TYPE_UINT);
  signals[SIGNAL_SESSION_ADDED]
      = g_signal_new ("session-added", EA_TYPE_AGENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 3, EA_TYPE_EUICC, EA_TYPE_SESSION, G_TYPE_UINT);
  signals[SIGNAL_SESSION_REMOVED]
      = g_signal_new ("session-removed", EA_TYPE_AGENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 1, EA_TYPE_SESSION);
}

static void
ea_agent_init (EaAgent *self)
{
  self->euiccs = g_ptr_array_new_with_free_func (g_object_unref);
}

static EaMonitor *
make_monitor (const EaConfig *config, EaModemManager *modem_manager)
{
  g_auto (GStrv) globs = ea_config_get_list (config, "modem", "Device");
  const EaMonitorOptions options = {
    .globs = (const char *const *) globs,
    .source = (EaMonitorSource) ea_config_get_choice (config, "modem", NULL, "Source"),
    .grace_ms = EA_MONITOR_GRACE_MS,
  };

  return ea_monitor_new (&options, modem_manager);
}

EaAgent *
ea_agent_new (EaConfig *config, EaKeyRing *keys, EaStore *store, GDBusConnection *connection)
{
  EaAgent *self = g_object_new (EA_TYPE_AGENT, NULL);

  self->config = config;
  self->keys = g_object_ref (keys);
  self->store = store;
  self->history = ea_history_new (store, ea_config_get_number (config, "agent", NULL, "History"));
  self->n_sessions = ea_history_get_next_session (self->history);
  self->hooks = ea_hooks_new (ea_config_get (config, "agent", NULL, "HooksDirectory"), 0);
  self->inhibitor = ea_inhibitor_new (connection);
  self->modem_manager = ea_modem_manager_new (connection);
  self->monitor = make_monitor (config, self->modem_manager);
  g_signal_connect_object (self->inhibitor, "failed", G_CALLBACK (on_inhibitor_failed), self, 0);
  g_signal_connect_object (self->monitor, "added", G_CALLBACK (on_added), self, 0);
  g_signal_connect_object (self->monitor, "removed", G_CALLBACK (on_removed), self, 0);
  g_signal_connect_object (self->monitor, "source-changed", G_CALLBACK (on_source_changed), self,
                           0);
  g_signal_connect_object (self->modem_manager, "changed", G_CALLBACK (on_modem_manager_changed),
                           self, 0);
  return self;
}
