/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The life of one HTTPS session: attempts to reach the SM-SR, one after the other, until it has ended the session or
 * the retries are used up.
 */

#include "core/sgp02-identity.h"
#include "core/sgp02.h"
#include "session/admin-session-private.h"

/* Connections one after the other on which nothing was done */
#define IDLE_CONNECTIONS_MAX 8

static void ea_admin_session_implement (EaSessionRunnerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (EaAdminSession, ea_admin_session, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (EA_TYPE_SESSION_RUNNER,
                                                      ea_admin_session_implement))

static gboolean
is_over (EaAdminSession *self)
{
  return ea_session_get_state (self->session) >= EA_SESSION_CLOSING;
}

void
ea_admin_session_pump (EaAdminSession *self)
{
  if (self->admin == NULL || is_over (self))
    return;
  g_object_ref (self); /* the session may end in here */
  ea_admin_session_pump_connection (self);
  if (!is_over (self))
    ea_admin_session_pump_card (self);
  g_object_unref (self);
}

static void
note_stuck (EaAdminSession *self, const GError *error)
{
  if (!self->is_stuck)
    ea_log_error (ea_session_get_log (self->session, self->context->log), EA_MESSAGE_STORE_FAILED,
                  "A session waits until its progress can be stored: %s", error->message);
  self->is_stuck = TRUE;
  ea_activity_fail (self->context->activity, error);
  ea_session_set_error (self->session, error);
  ea_admin_session_try_again (self);
}

gboolean
ea_admin_session_save_now (EaAdminSession *self)
{
  g_autoptr (GError) error = NULL;

  if (!self->is_forgotten && !ea_session_store_save_admin (self->store, self->admin, &error))
    {
      note_stuck (self, error);
      return FALSE;
    }
  self->revision = ea_admin_get_revision (self->admin);
  self->is_stuck = FALSE;
  return TRUE;
}

gboolean
ea_admin_session_save (EaAdminSession *self)
{
  return ea_admin_get_revision (self->admin) == self->revision || ea_admin_session_save_now (self);
}

void
ea_admin_session_forget (EaAdminSession *self)
{
  g_autoptr (GError) error = NULL;

  if (self->is_forgotten)
    return;
  self->is_forgotten = TRUE;
  if (!ea_session_store_remove (self->store, &error))
    ea_log_error (ea_session_get_log (self->session, self->context->log), EA_MESSAGE_STORE_FAILED,
                  "A session that has ended can't be forgotten: %s", error->message);
}

static void
stop_connecting (EaAdminSession *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->limit_id, g_source_remove);
  ea_attempts_stop (&self->attempts);
}

void
ea_admin_session_end (EaAdminSession *self, EaSessionResult result)
{
  g_object_ref (self); /* its owner lets go of what has ended */
  stop_connecting (self);
  ea_admin_session_drop_connection (self);
  if (!self->is_on_card)
    ea_admin_session_release_channel (self);
  ea_attempts_rest (&self->attempts, FALSE);
  ea_admin_session_forget (self);
  ea_session_end (self->session, result);
  ea_session_runner_tell_ended (EA_SESSION_RUNNER (self));
  g_object_unref (self);
}

static void
fail (EaAdminSession *self, const GError *error)
{
  g_autofree char *peer = ea_session_order_get_peer (self->order);

  ea_log_warning (ea_session_get_log (self->session, self->context->log), EA_MESSAGE_SESSION_FAILED,
                  "The session with %s has failed: %s", peer, error->message);
  ea_activity_count (self->context->activity, EA_COUNTER_SESSIONS_FAILED);
  ea_admin_session_end (self, EA_SESSION_FAILED);
}

static void begin_attempt (gpointer session);

/* A logical channel is scarce: it is not kept for hours. */
static void
wait_for_retry (EaAdminSession *self, const GError *error)
{
  if (ea_attempts_wait (&self->attempts, error) <= EA_ADMIN_SESSION_CHANNEL_KEPT_MS
      || self->is_on_card)
    return;
  ea_admin_session_release_channel (self);
  ea_admin_lose_channel (self->admin);
}

/* What a later attempt would not have either */
static gboolean
is_final (const GError *error)
{
  return g_error_matches (error, EA_SESSION_ERROR, EA_SESSION_ERROR_NO_KEY);
}

void
ea_admin_session_fail_attempt (EaAdminSession *self, const GError *error)
{
  if (ea_admin_has_progressed (self->admin))
    ea_attempts_note_progress (&self->attempts);
  ea_admin_session_drop_connection (self);
  if (!ea_attempts_fail (&self->attempts, error) || is_final (error))
    fail (self, error);
  else
    {
      wait_for_retry (self, error);
      ea_admin_session_pump (self);
    }
}

/* Without any progress it is no better than a failure: else a server could keep us shaking hands. */
void
ea_admin_session_reconnect (EaAdminSession *self)
{
  g_autoptr (GError) error = g_error_new_literal (
      EA_SESSION_ERROR, EA_SESSION_ERROR_LOST, "The SM-SR ends each connection without a command");

  if (!ea_admin_has_progressed (self->admin) && ++self->n_idle_connections > IDLE_CONNECTIONS_MAX)
    {
      ea_admin_session_fail_attempt (self, error);
      return;
    }
  if (ea_admin_has_progressed (self->admin))
    self->n_idle_connections = 0;
  ea_admin_session_drop_connection (self);
  begin_attempt (self);
}

static gboolean
on_connect_limit (gpointer user_data)
{
  EaAdminSession *self = user_data;
  g_autoptr (GError) error
      = g_error_new (EA_SESSION_ERROR, EA_SESSION_ERROR_TIMED_OUT, "No connection within %d s",
                     EA_ADMIN_SESSION_CONNECT_LIMIT_MS / 1000);

  self->limit_id = 0;
  stop_connecting (self);
  ea_admin_session_fail_attempt (self, error);
  return G_SOURCE_REMOVE;
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaAdminSession) self = user_data;
  g_autoptr (GError) error = NULL;
  EaAdminConnection connection = { 0 };
  gboolean is_connected
      = ea_admin_connect_finish (EA_SESSION (source), result, &connection, &error);

  if (self->cancellable == NULL || g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    {
      ea_admin_connection_clear (&connection);
      return;
    }
  stop_connecting (self);
  if (!is_connected)
    {
      ea_admin_session_fail_attempt (self, error);
      return;
    }
  ea_session_set_state (self->session, EA_SESSION_EXCHANGING);
  ea_admin_session_take_connection (self, &connection);
  ea_admin_session_pump (self);
}

static void
begin_attempt (gpointer session)
{
  EaAdminSession *self = session;

  stop_connecting (self);
  ea_attempts_begin (&self->attempts);
  self->cancellable = g_cancellable_new ();
  self->limit_id = g_timeout_add (EA_ADMIN_SESSION_CONNECT_LIMIT_MS, on_connect_limit, self);
  ea_admin_connect_async (self->context, self->order, self->session, self->cancellable,
                          on_connected, g_object_ref (self));
}

/* X-Admin-Targeted-SE of a device's agent; SGP.02 has none. */
static char *
build_se (const EaSessionContext *context)
{
  return g_strdup_printf ("//se-id/ICCID/%s", context->iccid != NULL ? context->iccid : "");
}

static EaAdmin *
make_admin (EaAdminSession *self, GError **error)
{
  const EaConfig *config = self->context->config;
  const char *name = self->order->name;
  gboolean is_sgp02 = ea_config_get_choice (config, "sm-sr", name, "Protocol") == 0;
  g_autofree char *se = build_se (self->context);
  g_autoptr (GBytes) aid = ea_sgp02_build_aid (EA_SGP02_TAR_ISD_R);
  g_autofree char *from = ea_sgp02_build_agent_id (self->order->eid, ea_span_from_bytes (aid));
  const EaAdminOptions options = {
    .host = self->order->host,
    .uri = self->order->uri,
    .from = self->order->agent_id != NULL ? self->order->agent_id : from,
    .protocol = is_sgp02 ? EA_HTTP_PROTOCOL_1_0 : EA_HTTP_PROTOCOL_1_1_1,
    .se_list = is_sgp02 ? NULL : se,
    .targeted_se = is_sgp02 ? NULL : se,
    .framing = ea_config_get_choice (config, "sm-sr", name, "RequestFraming") == 0
                   ? EA_HTTP_FRAMING_CHUNKED
                   : EA_HTTP_FRAMING_LENGTH,
    .application = ea_span_from_bytes (aid),
  };

  return ea_session_store_load_admin (self->store, &options, error);
}

/* A session that the modem's going has stopped goes on at once. */
static void
go_on (EaAdminSession *self)
{
  if (self->admin == NULL || is_over (self))
    return;
  g_clear_handle_id (&self->channel_retry_id, g_source_remove); /* there is a card again */
  if (self->cancellable == NULL && self->connection.tls == NULL
      && !ea_attempts_is_waiting (&self->attempts))
    begin_attempt (self);
  else
    ea_admin_session_pump (self);
}

static void
ea_admin_session_start (EaSessionRunner *runner)
{
  EaAdminSession *self = EA_ADMIN_SESSION (runner);
  g_autofree char *peer = ea_session_order_get_peer (self->order);
  g_autoptr (GError) error = NULL;

  if (self->admin != NULL) /* it was put aside */
    {
      go_on (self);
      return;
    }
  self->admin = make_admin (self, &error);
  if (self->admin == NULL)
    {
      ea_session_set_error (self->session, error);
      fail (self, error);
      return;
    }
  ea_log_info (ea_session_get_log (self->session, self->context->log), "A session with %s begins",
               peer);
  ea_activity_count (self->context->activity, EA_COUNTER_SESSIONS_OPENED);
  begin_attempt (self);
}

void
ea_admin_session_finish (EaAdminSession *self)
{
  g_autofree char *peer = ea_session_order_get_peer (self->order);

  ea_log_message (ea_session_get_log (self->session, self->context->log), EA_MESSAGE_SESSION_ENDED,
                  "The session with %s has ended%s, scripts: %u, commands: %u", peer,
                  self->is_interrupted ? " with a command whose outcome is not known" : "",
                  ea_admin_count_scripts (self->admin), ea_admin_count_commands (self->admin));
  ea_activity_count (self->context->activity, EA_COUNTER_SESSIONS_ENDED);
  ea_admin_session_close (self, self->is_interrupted ? EA_SESSION_INTERRUPTED : EA_SESSION_OK);
}

static void
on_cancelled (EaSession *session, gpointer user_data)
{
  EaAdminSession *self = EA_ADMIN_SESSION (user_data);
  g_autoptr (GError) error = ea_session_make_cancel_error (session);

  ea_session_set_error (session, error);
  stop_connecting (self);
  ea_admin_session_close (self, EA_SESSION_WAS_CANCELLED);
}

static void
ea_admin_session_wake (EaSessionRunner *runner)
{
  EaAdminSession *self = EA_ADMIN_SESSION (runner);

  ea_attempts_wake (&self->attempts);
}

static void
ea_admin_session_suspend (EaSessionRunner *runner)
{
  EaAdminSession *self = EA_ADMIN_SESSION (runner);

  ea_admin_session_forget_channel (self);
}

static void
ea_admin_session_resume (EaSessionRunner *runner)
{
  go_on (EA_ADMIN_SESSION (runner));
}

/* The connection of one that closes goes with the modem, and with it all that is waited for. */
static gboolean
end_closing (EaAdminSession *self)
{
  if (ea_session_get_state (self->session) != EA_SESSION_CLOSING)
    return FALSE;
  ea_admin_session_end (self, self->result);
  return TRUE;
}

static void
ea_admin_session_detach (EaSessionRunner *runner)
{
  EaAdminSession *self = EA_ADMIN_SESSION (runner);

  ea_admin_session_forget_channel (self);
  if (end_closing (self))
    return;
  stop_connecting (self);
  ea_admin_session_drop_connection (self);
  ea_attempts_rest (&self->attempts, self->admin != NULL && !is_over (self));
}

static void
ea_admin_session_drain (EaSessionRunner *runner)
{
  EaAdminSession *self = EA_ADMIN_SESSION (runner);

  self->is_draining = TRUE;
  if (end_closing (self) || self->admin == NULL || is_over (self))
    return;
  stop_connecting (self);
  ea_admin_session_drop_connection (self);
  if (self->is_on_card)
    return;
  (void) ea_admin_session_save_now (self); /* what is not stored is answered as interrupted */
  ea_admin_session_release_channel (self);
}

static gboolean
ea_admin_session_is_idle (EaSessionRunner *runner)
{
  return !EA_ADMIN_SESSION (runner)->is_on_card;
}

static EaSession *
ea_admin_session_get_session (EaSessionRunner *runner)
{
  return EA_ADMIN_SESSION (runner)->session;
}

static const EaSessionOrder *
ea_admin_session_get_order (EaSessionRunner *runner)
{
  return EA_ADMIN_SESSION (runner)->order;
}

static void
ea_admin_session_dispose (GObject *object)
{
  EaAdminSession *self = EA_ADMIN_SESSION (object);

  stop_connecting (self);
  g_clear_handle_id (&self->channel_retry_id, g_source_remove);
  ea_admin_session_drop_connection (self);
  if (self->context != NULL)
    ea_attempts_rest (&self->attempts, FALSE);
  self->context = NULL;
  g_signal_handlers_disconnect_by_data (self->session, self);
  G_OBJECT_CLASS (ea_admin_session_parent_class)->dispose (object);
}

static void
ea_admin_session_finalize (GObject *object)
{
  EaAdminSession *self = EA_ADMIN_SESSION (object);

  g_clear_pointer (&self->admin, ea_admin_free);
  g_clear_pointer (&self->aid, g_bytes_unref);
  ea_session_store_free (self->store);
  ea_session_order_free (self->order);
  g_object_unref (self->session);
  G_OBJECT_CLASS (ea_admin_session_parent_class)->finalize (object);
}

static void
ea_admin_session_class_init (EaAdminSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ea_admin_session_dispose;
  object_class->finalize = ea_admin_session_finalize;
}

static void
ea_admin_session_implement (EaSessionRunnerInterface *iface)
{
  iface->get_session = ea_admin_session_get_session;
  iface->get_order = ea_admin_session_get_order;
  iface->start = ea_admin_session_start;
  iface->wake = ea_admin_session_wake;
  iface->suspend = ea_admin_session_suspend;
  iface->resume = ea_admin_session_resume;
  iface->detach = ea_admin_session_detach;
  iface->drain = ea_admin_session_drain;
  iface->is_idle = ea_admin_session_is_idle;
}

static void
ea_admin_session_init (EaAdminSession *self)
{
}

EaAdminSession *
ea_admin_session_new (const EaSessionContext *context, EaSessionOrder *order, EaSessionStore *store)
{
  EaAdminSession *self = g_object_new (EA_TYPE_ADMIN_SESSION, NULL);
  g_autofree char *peer = ea_session_order_get_peer (order);

  self->context = context;
  self->order = order;
  self->store = store;
  self->session = ea_session_new (EA_SESSION_HTTPS, order->origin, peer);
  ea_attempts_init (&self->attempts, context, self->session, order, begin_attempt, self);
  g_signal_connect_object (self->session, "cancelled", G_CALLBACK (on_cancelled), self, 0);
  return self;
}
