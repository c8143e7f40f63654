/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What goes between core/admin and the connection, and what the events of core/admin mean for the session. */

#include "core/apdu.h"
#include "session/admin-session-private.h"

/* Bytes of plaintext that are taken at once: a record of TLS */
#define ROOM 16384

void
ea_admin_session_show_progress (EaAdminSession *self)
{
  EaSessionProgress progress = self->progress;

  if (self->connection.tls != NULL)
    {
      progress.bytes_received += ea_psk_tls_get_bytes_received (self->connection.tls);
      progress.bytes_sent += ea_psk_tls_get_bytes_sent (self->connection.tls);
    }
  progress.apdus = ea_admin_count_commands (self->admin);
  progress.scripts = ea_admin_count_scripts (self->admin);
  ea_session_set_progress (self->session, &progress);
}

static guint
count_steps (EaAdminSession *self)
{
  return ea_admin_count_commands (self->admin) + ea_admin_count_scripts (self->admin);
}

static gboolean
on_stall (gpointer user_data)
{
  EaAdminSession *self = user_data;
  g_autoptr (GError) error = NULL;

  if (count_steps (self) != self->n_steps || self->is_on_card)
    {
      self->n_steps = count_steps (self);
      return G_SOURCE_CONTINUE;
    }
  self->stall_id = 0;
  error = g_error_new (EA_SESSION_ERROR, EA_SESSION_ERROR_TIMED_OUT,
                       "No command and no script within %d s", EA_ADMIN_SESSION_STALL_LIMIT_S);
  ea_admin_session_fail_attempt (self, error);
  return G_SOURCE_REMOVE;
}

static void
forget_connection (EaAdminSession *self)
{
  g_autoptr (EaPskTls) tls = g_steal_pointer (&self->connection.tls);

  g_clear_handle_id (&self->stall_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (tls, self);
  if (self->connection.bearer != NULL)
    g_signal_handlers_disconnect_by_data (self->connection.bearer, self);
  g_clear_object (&self->connection.bearer);
  self->progress.bytes_received += ea_psk_tls_get_bytes_received (tls);
  self->progress.bytes_sent += ea_psk_tls_get_bytes_sent (tls);
  ea_admin_session_show_progress (self);
}

void
ea_admin_session_drop_connection (EaAdminSession *self)
{
  if (self->admin != NULL)
    ea_admin_break (self->admin);
  if (self->connection.tls == NULL)
    return;
  ea_psk_tls_abort (self->connection.tls);
  forget_connection (self);
}

void
ea_admin_session_close (EaAdminSession *self, EaSessionResult result)
{
  ea_admin_session_forget (self); /* before the SM-SR knows that it is over */
  if (self->connection.tls == NULL)
    {
      ea_admin_session_end (self, result);
      return;
    }
  self->result = result;
  g_clear_handle_id (&self->stall_id, g_source_remove);
  ea_session_set_state (self->session, EA_SESSION_CLOSING);
  ea_psk_tls_close (self->connection.tls, EA_ADMIN_SESSION_CLOSE_LIMIT_MS);
}

static void
on_received (EaPskTls *tls, GBytes *bytes, gpointer user_data)
{
  EaAdminSession *self = EA_ADMIN_SESSION (user_data);

  ea_admin_receive (self->admin, ea_span_from_bytes (bytes));
  ea_admin_session_show_progress (self);
  ea_admin_session_pump (self);
}

static void
on_writable (EaPskTls *tls, gpointer user_data)
{
  ea_admin_session_pump (EA_ADMIN_SESSION (user_data));
}

static void
on_peer_closed (EaPskTls *tls, gpointer user_data)
{
  EaAdminSession *self = EA_ADMIN_SESSION (user_data);

  ea_admin_receive_end (self->admin);
  ea_admin_session_pump (self);
}

/* What breaks a connection that there was is another thing than one that does not come about. */
static void
on_ended (EaPskTls *tls, const GError *error, gpointer user_data)
{
  EaAdminSession *self = EA_ADMIN_SESSION (user_data);
  g_autoptr (GError) lost = NULL;

  if (ea_session_get_state (self->session) == EA_SESSION_CLOSING)
    {
      ea_admin_session_end (self, self->result);
      return;
    }
  if (error == NULL || error->domain == EA_LINK_ERROR)
    lost = g_error_new_literal (EA_SESSION_ERROR, EA_SESSION_ERROR_LOST,
                                error != NULL ? error->message : "The SM-SR has closed it");
  ea_admin_session_fail_attempt (self, lost != NULL ? lost : error);
}

static void
on_bearer_lost (EaBearer *bearer, const GError *error, gpointer user_data)
{
  EaAdminSession *self = EA_ADMIN_SESSION (user_data);

  if (ea_session_get_state (self->session) == EA_SESSION_CLOSING)
    ea_admin_session_end (self, self->result);
  else
    ea_admin_session_fail_attempt (self, error);
}

void
ea_admin_session_take_connection (EaAdminSession *self, EaAdminConnection *connection)
{
  EaPskTls *tls = g_steal_pointer (&connection->tls);
  g_autofree char *description = ea_psk_tls_describe (tls);

  ea_log_info (ea_session_get_log (self->session, self->context->log), "Connected: %s",
               description);
  self->connection.tls = tls;
  self->connection.bearer = g_steal_pointer (&connection->bearer);
  g_signal_connect_object (tls, "received", G_CALLBACK (on_received), self, 0);
  g_signal_connect_object (tls, "writable", G_CALLBACK (on_writable), self, 0);
  g_signal_connect_object (tls, "peer-closed", G_CALLBACK (on_peer_closed), self, 0);
  g_signal_connect_object (tls, "ended", G_CALLBACK (on_ended), self, 0);
  if (self->connection.bearer != NULL)
    g_signal_connect_object (self->connection.bearer, "lost", G_CALLBACK (on_bearer_lost), self, 0);
  ea_psk_tls_set_read_timeout (tls, self->order->timeout_s * 1000);
  ea_admin_begin (self->admin);
  self->n_steps = count_steps (self);
  self->stall_id = g_timeout_add_seconds (EA_ADMIN_SESSION_STALL_LIMIT_S, on_stall, self);
}

/* (transfer full) (nullable): what the SM-SR was told, too */
static GError *
new_script_error (const EaAdminEvent *event)
{
  switch (event->end)
    {
    case EA_SCRIPT_RUN_END_NONE:
    case EA_SCRIPT_RUN_END_COMPLETE:
      return NULL;
    case EA_SCRIPT_RUN_END_ERROR:
      if (event->last_sw == EA_APDU_SW_OK) /* the error is in an SCP03t object, which is sealed */
        return g_error_new (EA_SESSION_ERROR, EA_SESSION_ERROR_COMMAND,
                            "The security domain has refused object %u of a profile download",
                            event->n_commands);
      return g_error_new (EA_SESSION_ERROR, EA_SESSION_ERROR_COMMAND,
                          "The card has answered command %u of a script with %04X",
                          event->n_commands, event->last_sw);
    case EA_SCRIPT_RUN_END_INTERRUPTED:
      return g_error_new (EA_SESSION_ERROR, EA_SESSION_ERROR_INTERRUPTED,
                          "Nobody knows what became of command %u of a script", event->n_commands);
    case EA_SCRIPT_RUN_END_BAD_FORMAT:
    case EA_SCRIPT_RUN_END_ACTION:
    case EA_SCRIPT_RUN_END_CHAINING:
    case EA_SCRIPT_RUN_END_FULL:
      break;
    }
  return g_error_new (EA_SESSION_ERROR, EA_SESSION_ERROR_SCRIPT,
                      "A script can't be carried out behind its command %u", event->n_commands);
}

static void
note_script_failure (EaAdminSession *self, const EaAdminEvent *event)
{
  g_autoptr (GError) error = new_script_error (event);

  if (error == NULL)
    return;
  ea_log_warning (ea_session_get_log (self->session, self->context->log), EA_MESSAGE_SCRIPT_FAILED,
                  "%s", error->message);
  ea_session_set_error (self->session, error);
}

static void
end_script (EaAdminSession *self, const EaAdminEvent *event)
{
  gboolean is_interrupted = event->end == EA_SCRIPT_RUN_END_INTERRUPTED;

  note_script_failure (self, event);
  self->is_interrupted |= is_interrupted;
  ea_activity_count (self->context->activity,
                     is_interrupted ? EA_COUNTER_SCRIPTS_INTERRUPTED : EA_COUNTER_SCRIPTS_RUN);
  ea_admin_session_show_progress (self);
}

/* FALSE when the connection is gone. */
static gboolean
take_event (EaAdminSession *self, const EaAdminEvent *event)
{
  switch (event->type)
    {
    case EA_ADMIN_EVENT_SCRIPT:
      break;
    case EA_ADMIN_EVENT_SCRIPT_DONE:
      end_script (self, event);
      break;
    case EA_ADMIN_EVENT_FINISHED:
      ea_admin_session_finish (self);
      return FALSE;
    case EA_ADMIN_EVENT_RECONNECT:
      ea_admin_session_reconnect (self);
      return FALSE;
    case EA_ADMIN_EVENT_BROKEN:
      ea_admin_session_fail_attempt (self, event->error);
      return FALSE;
    }
  return TRUE;
}

static gboolean
take_events (EaAdminSession *self)
{
  gboolean goes_on = TRUE;

  while (goes_on)
    {
      g_auto (EaAdminEvent) event = { 0 };

      if (!ea_admin_pull_event (self->admin, &event))
        return TRUE;
      goes_on = take_event (self, &event);
    }
  return FALSE;
}

/* FALSE when the connection takes no more for now. */
static gboolean
send_piece (EaAdminSession *self)
{
  g_autoptr (GBytes) piece = NULL;

  if (ea_psk_tls_get_send_room (self->connection.tls) < EA_HTTP_HEAD_MAX
      || !ea_admin_session_save (self))
    return FALSE;
  piece = ea_admin_pull (self->admin);
  return piece != NULL
         && ea_psk_tls_send (self->connection.tls, piece, NULL); /* "ended" tells why */
}

void
ea_admin_session_pump_connection (EaAdminSession *self)
{
  if (!take_events (self) || self->connection.tls == NULL)
    return;
  while (send_piece (self))
    ;
  if (take_events (self) && self->connection.tls != NULL)
    ea_psk_tls_set_room (self->connection.tls, ea_admin_wants_bytes (self->admin) ? ROOM : 0);
}
