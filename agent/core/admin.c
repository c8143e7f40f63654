/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The POST loop of an administration session, GlobalPlatform Amendment B §3.4 and §3.8: one POST at a time, and what is
 * carried out between them, whatever becomes of the connection. What came by a connection that broke is carried out
 * first ("drained"); only then the next one is used.
 */

#include <string.h>

#include "core/admin-private.h"
#include "core/error.h"
#include "core/scp80-crypto.h"

/* clang-format off */
G_DEFINE_QUARK (ea-admin-error-quark, ea_admin_error)
/* clang-format on */

void
ea_admin_event_clear (EaAdminEvent *event)
{
  g_clear_error (&event->error);
}

void
ea_admin_wipe (GByteArray *bytes)
{
  ea_scp80_wipe (bytes->data, bytes->len);
  g_byte_array_set_size (bytes, 0);
}

static void
init_options (EaAdmin *self, const EaAdminOptions *options)
{
  EaSpan aid = options->application;

  self->options = (EaAdminOptions){
    .host = g_strdup (options->host),
    .uri = g_strdup (options->uri),
    .from = g_strdup (options->from),
    .protocol = g_strdup (options->protocol),
    .se_list = g_strdup (options->se_list),
    .targeted_se = g_strdup (options->targeted_se),
    .framing = options->framing,
    .application = ea_span_init (g_memdup2 (aid.data, aid.size), aid.size),
  };
}

static void
clear_options (EaAdminOptions *options)
{
  g_free ((char *) options->host);
  g_free ((char *) options->uri);
  g_free ((char *) options->from);
  g_free ((char *) options->protocol);
  g_free ((char *) options->se_list);
  g_free ((char *) options->targeted_se);
  g_free ((guint8 *) options->application.data);
}

EaAdmin *
ea_admin_new (const EaAdminOptions *options)
{
  EaAdmin *self = g_new0 (EaAdmin, 1);

  init_options (self, options);
  ea_admin_post_init (&self->post, options->uri);
  ea_admin_script_init (&self->script);
  self->fed = g_byte_array_new ();
  self->waiting = g_byte_array_new ();
  g_queue_init (&self->events);
  return self;
}

static void
free_event (gpointer data)
{
  ea_admin_event_clear (data);
  g_free (data);
}

void
ea_admin_free (EaAdmin *self)
{
  if (self == NULL)
    return;
  clear_options (&self->options);
  ea_admin_post_clear (&self->post);
  ea_admin_script_clear (&self->script);
  ea_http_reader_free (self->reader);
  ea_admin_wipe (self->fed);
  ea_admin_wipe (self->waiting);
  g_byte_array_unref (self->fed);
  g_byte_array_unref (self->waiting);
  g_free (self->message.next_uri);
  ea_admin_output_clear (&self->output);
  g_queue_clear_full (&self->events, free_event);
  g_free (self);
}

static EaAdminEvent *
push_event (EaAdmin *self, EaAdminEventType type)
{
  EaAdminEvent *event = g_new0 (EaAdminEvent, 1);

  event->type = type;
  g_queue_push_tail (&self->events, event);
  return event;
}

void
ea_admin_add_event (EaAdmin *self, EaAdminEventType type)
{
  (void) push_event (self, type);
}

gboolean
ea_admin_pull_event (EaAdmin *self, EaAdminEvent *event)
{
  g_autofree EaAdminEvent *first = g_queue_pop_head (&self->events);

  if (first == NULL)
    return FALSE;
  *event = *first;
  return TRUE;
}

void
ea_admin_lose_connection (EaAdmin *self)
{
  self->is_connected = FALSE;
  self->is_draining = TRUE;
  ea_admin_output_clear (&self->output);
}

/* What the server sends after that is of no interest, even where it has come already. */
void
ea_admin_fail (EaAdmin *self, EaAdminError code, const char *format, ...)
{
  va_list arguments;

  if (!self->is_draining)
    {
      va_start (arguments, format);
      push_event (self, EA_ADMIN_EVENT_BROKEN)->error
          = g_error_new_valist (EA_ADMIN_ERROR, (int) code, format, arguments);
      va_end (arguments);
      ea_admin_lose_connection (self);
    }
  g_clear_pointer (&self->reader, ea_http_reader_free);
}

/* TRUE when there will be a POST. */
static gboolean
goes_on (const EaAdmin *self)
{
  return !self->is_finished && !(self->script.is_open && self->script.next_uri == NULL);
}

void
ea_admin_end_connection (EaAdmin *self)
{
  if (goes_on (self))
    ea_admin_add_event (self, EA_ADMIN_EVENT_RECONNECT);
  ea_admin_lose_connection (self);
}

void
ea_admin_set_post (EaAdmin *self, const char *next_uri, EaAdminStatus status)
{
  g_autofree char *last_uri = g_strdup (self->post.uri);

  self->revision++;
  ea_admin_post_set (&self->post, next_uri != NULL ? next_uri : last_uri, status);
  if (next_uri != NULL)
    return;
  self->is_finished = TRUE;
  ea_admin_add_event (self, EA_ADMIN_EVENT_FINISHED);
}

static EaAdminStatus
get_status (const EaAdminScript *script)
{
  return script->end == EA_SCRIPT_RUN_END_BAD_FORMAT ? EA_ADMIN_STATUS_SCRIPT_FORMAT_ERROR
                                                     : EA_ADMIN_STATUS_OK;
}

void
ea_admin_end_script (EaAdmin *self, EaAdminStatus refusal)
{
  gboolean is_refused = refusal != EA_ADMIN_STATUS_NONE;
  EaAdminStatus status = is_refused ? refusal : get_status (&self->script);
  g_autofree char *next_uri = g_steal_pointer (&self->script.next_uri);
  g_autoptr (GByteArray) answers = ea_admin_script_close (&self->script);
  EaAdminEvent *event = push_event (self, EA_ADMIN_EVENT_SCRIPT_DONE);

  event->status = status;
  event->end = self->script.end;
  event->n_commands = self->script.n_answered;
  event->last_sw = self->script.last_sw;
  self->n_scripts++;
  self->has_progressed |= event->n_commands > 0;

  ea_admin_set_post (self, next_uri, status);
  if (!is_refused && next_uri != NULL && answers->len > 0)
    ea_admin_post_set_body (&self->post, g_steal_pointer (&answers), self->script.format,
                            self->script.is_rfm);
}

static gboolean
waits_for_card (const EaAdmin *self)
{
  return ea_admin_script_waits (&self->script);
}

void
ea_admin_check_script (EaAdmin *self)
{
  gsize n_rest = ea_admin_script_count_rest (&self->script);

  if (!self->script.is_open)
    return;
  if (waits_for_card (self) && !self->script.is_announced)
    {
      self->script.is_announced = TRUE;
      ea_admin_add_event (self, EA_ADMIN_EVENT_SCRIPT);
    }
  if (!self->script.has_ended)
    return;
  ea_admin_end_script (self, EA_ADMIN_STATUS_NONE);
  ea_admin_pass_over (self, n_rest);
}

static void
open_connection (EaAdmin *self)
{
  g_clear_pointer (&self->reader, ea_http_reader_free);
  self->reader = ea_http_reader_new (EA_HTTP_RESPONSE, TRUE);
  self->is_resumed = self->has_posted && !self->is_expected_end;
  self->is_expected_end = FALSE;
}

/* All that came by the last connection was carried out. */
static void
end_draining (EaAdmin *self)
{
  g_clear_pointer (&self->reader, ea_http_reader_free);
  ea_admin_wipe (self->fed);
  ea_admin_wipe (self->waiting);
  ea_admin_script_suspend (&self->script);
  self->has_end = FALSE;
  self->is_awaiting = FALSE;
  self->is_draining = FALSE;
  if (self->is_connected)
    open_connection (self);
}

static void
pump (EaAdmin *self)
{
  while (!waits_for_card (self) && ea_admin_take_event (self))
    ;
  if (self->is_draining && !waits_for_card (self))
    end_draining (self);
}

void
ea_admin_begin (EaAdmin *self)
{
  ea_admin_break (self);
  self->has_progressed = FALSE;
  self->is_connected = TRUE;
  if (!self->is_draining)
    open_connection (self);
}

void
ea_admin_receive (EaAdmin *self, EaSpan bytes)
{
  if (!self->is_connected || self->is_draining || self->is_finished)
    return;
  g_byte_array_append (self->waiting, bytes.data, (guint) bytes.size);
  pump (self);
}

void
ea_admin_receive_end (EaAdmin *self)
{
  if (!self->is_connected || self->is_draining)
    return;
  self->has_end = TRUE;
  pump (self);
}

void
ea_admin_break (EaAdmin *self)
{
  if (!self->is_connected)
    return;
  if (self->is_draining)
    {
      self->is_connected = FALSE;
      return;
    }
  ea_admin_lose_connection (self);
  pump (self);
}

gboolean
ea_admin_wants_bytes (const EaAdmin *self)
{
  return self->is_connected && !self->is_draining && !self->is_finished && !waits_for_card (self);
}

static gboolean
may_post (const EaAdmin *self)
{
  return self->is_connected && !self->is_draining && !self->is_finished && !self->is_awaiting
         && !self->script.has_run;
}

/* Begins the next POST. */
static gboolean
begin_post (EaAdmin *self, EaWriter *writer)
{
  g_autoptr (GError) error = NULL;

  if (!ea_admin_output_begin (&self->output, &self->post, &self->options, self->is_resumed, writer,
                              &error))
    {
      ea_admin_fail (
          self, error->code == EA_CORE_ERROR_LIMIT ? EA_ADMIN_ERROR_LIMIT : EA_ADMIN_ERROR_PROTOCOL,
          "%s", error->message);
      pump (self);
      return FALSE;
    }
  self->is_resumed = FALSE;
  self->is_awaiting = TRUE;
  self->revision += self->has_posted ? 0 : 1;
  self->has_posted = TRUE;
  return TRUE;
}

GBytes *
ea_admin_pull (EaAdmin *self)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  if (!self->output.is_open && (!may_post (self) || !begin_post (self, &writer)))
    return NULL;
  ea_admin_output_write (&self->output, &writer);
  return ea_writer_steal (&writer);
}

EaSpan
ea_admin_get_target (const EaAdmin *self)
{
  return self->script.is_open && self->script.target != NULL
             ? ea_span_from_bytes (self->script.target)
             : EA_SPAN_EMPTY;
}

gboolean
ea_admin_peek_command (EaAdmin *self, EaSpan *apdu)
{
  if (!waits_for_card (self))
    return FALSE;
  ea_admin_script_peek (&self->script, apdu);
  return TRUE;
}

void
ea_admin_start_command (EaAdmin *self)
{
  guint n_started = self->script.n_started;

  if (!waits_for_card (self))
    return;
  ea_admin_script_start (&self->script);
  self->revision += self->script.n_started - n_started;
}

gboolean
ea_admin_is_in_flight (const EaAdmin *self)
{
  return self->script.is_in_flight;
}

static void
go_on (EaAdmin *self)
{
  self->has_progressed = TRUE;
  ea_admin_check_script (self);
  pump (self);
}

void
ea_admin_push_response (EaAdmin *self, EaSpan r_apdu)
{
  if (!waits_for_card (self))
    return;
  ea_admin_script_push (&self->script, r_apdu);
  go_on (self);
}

void
ea_admin_interrupt (EaAdmin *self)
{
  if (!waits_for_card (self))
    return;
  ea_admin_script_interrupt (&self->script);
  go_on (self);
}

void
ea_admin_refuse (EaAdmin *self, EaAdminStatus status)
{
  g_return_if_fail (status != EA_ADMIN_STATUS_NONE && status != EA_ADMIN_STATUS_OK);

  if (!waits_for_card (self))
    return;
  if (self->script.n_started > 0)
    {
      ea_admin_interrupt (self);
      return;
    }
  ea_admin_end_script (self, status);
  go_on (self);
}

void
ea_admin_lose_channel (EaAdmin *self)
{
  if (!self->script.is_open)
    return;
  ea_admin_script_lose_channel (&self->script);
  ea_admin_check_script (self);
  pump (self);
}

guint32
ea_admin_get_exchange (const EaAdmin *self)
{
  return self->exchange;
}

EaSpan
ea_admin_get_answers (const EaAdmin *self)
{
  return ea_span_from_array (self->script.is_open ? self->script.answers : self->post.answers);
}

EaSpan
ea_admin_get_sent (const EaAdmin *self)
{
  return self->script.is_open ? ea_span_from_array (self->post.answers) : EA_SPAN_EMPTY;
}

guint32
ea_admin_get_revision (const EaAdmin *self)
{
  return self->revision;
}

gboolean
ea_admin_is_finished (const EaAdmin *self)
{
  return self->is_finished;
}

gboolean
ea_admin_has_posted (const EaAdmin *self)
{
  return self->has_posted;
}

guint
ea_admin_count_commands (const EaAdmin *self)
{
  return self->script.n_commands;
}

guint
ea_admin_count_scripts (const EaAdmin *self)
{
  return self->n_scripts;
}

gboolean
ea_admin_has_progressed (const EaAdmin *self)
{
  return self->has_progressed;
}
