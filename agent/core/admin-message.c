/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a server answers to the POSTs of an administration session, GlobalPlatform Amendment B §3.4.2: which script for
 * which application comes, and where the next POST goes.
 */

#include <string.h>

#include "core/admin-private.h"
#include "core/error.h"
#include "core/sgp02-identity.h"

#define STATUS_CLASS 100
#define CLASS_REDIRECTION 3 /* RFC 9110 §15.4 */

/* Media types without their parameters. */
#define TYPE_COMMAND "application/vnd.globalplatform.card-content-mgt"
#define TYPE_RFM_COMMAND "application/vnd.etsi.scp.command-data"

/* What HTTP could not read. */
static void
fail_by_reader (EaAdmin *self, const GError *error)
{
  switch ((EaCoreError) error->code)
    {
    case EA_CORE_ERROR_TRUNCATED:
      ea_admin_fail (self, EA_ADMIN_ERROR_TRUNCATED, "%s", error->message);
      return;
    case EA_CORE_ERROR_LIMIT:
      ea_admin_fail (self, EA_ADMIN_ERROR_LIMIT, "%s", error->message);
      return;
    case EA_CORE_ERROR_MALFORMED:
    case EA_CORE_ERROR_MISSING:
    case EA_CORE_ERROR_UNSUPPORTED:
    case EA_CORE_ERROR_SECURITY:
    case EA_CORE_ERROR_REPLAY:
      break;
    }
  ea_admin_fail (self, EA_ADMIN_ERROR_PROTOCOL, "%s", error->message);
}

static gboolean
check_status (EaAdmin *self, const EaHttpHead *head)
{
  if (head->status == EA_HTTP_STATUS_OK || head->status == EA_HTTP_STATUS_NO_CONTENT)
    return TRUE;
  if (head->status / STATUS_CLASS == CLASS_REDIRECTION)
    ea_admin_fail (self, EA_ADMIN_ERROR_REDIRECT, "Server answers with a redirection, status %u",
                   head->status);
  else
    ea_admin_fail (self, EA_ADMIN_ERROR_STATUS, "Server answers with status %u", head->status);
  return FALSE;
}

static gboolean
check_place (EaAdmin *self)
{
  if (!self->output.is_open)
    return TRUE;
  ea_admin_fail (self, EA_ADMIN_ERROR_PROTOCOL, "Server answers before the request is whole");
  return FALSE;
}

static gboolean
take_next_uri (EaAdmin *self, const EaHttpHead *head)
{
  const char *next_uri = ea_http_head_get (head, EA_HTTP_ADMIN_NEXT_URI);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->message.next_uri, g_free);
  if (next_uri == NULL || *next_uri == '\0')
    return TRUE;
  if (!ea_admin_check_uri (next_uri, &error))
    {
      ea_admin_fail (self, EA_ADMIN_ERROR_PROTOCOL, "%s: %s", EA_HTTP_ADMIN_NEXT_URI,
                     error->message);
      return FALSE;
    }
  self->message.next_uri = g_strdup (next_uri);
  return TRUE;
}

static gboolean
take_head (EaAdmin *self)
{
  const EaHttpHead *head = ea_http_reader_get_head (self->reader);

  if (!check_status (self, head) || !check_place (self) || !take_next_uri (self, head))
    return FALSE;
  self->message.status = head->status;
  self->message.has_script = FALSE;
  self->message.n_passed = 0;
  return TRUE;
}

/* TRUE when @value is the media type @type, whatever its parameters. */
static gboolean
is_type (const char *value, const char *type)
{
  g_autofree char *media_type = g_strndup (value, strcspn (value, ";"));

  return g_ascii_strcasecmp (g_strchomp (media_type), type) == 0;
}

static gboolean
check_type (EaAdmin *self, const EaHttpHead *head, gboolean *is_rfm)
{
  const char *value = ea_http_head_get (head, EA_HTTP_CONTENT_TYPE);

  *is_rfm = value != NULL && is_type (value, TYPE_RFM_COMMAND);
  if (value == NULL || *value == '\0' || *is_rfm || is_type (value, TYPE_COMMAND))
    return TRUE;
  ea_admin_fail (self, EA_ADMIN_ERROR_TYPE,
                 "Content-Type of %" G_GSIZE_FORMAT " characters is none of a script",
                 strlen (value));
  return FALSE;
}

/* (transfer full) (nullable): AID of the target; %NULL when it can't be read */
static GBytes *
find_target (EaAdmin *self, const EaHttpHead *head)
{
  const char *value = ea_http_head_get (head, EA_HTTP_ADMIN_TARGETED_APPLICATION);

  if (value == NULL)
    return ea_span_to_bytes (self->options.application);
  return ea_sgp02_parse_targeted_application (ea_span_init (value, strlen (value)), NULL);
}

/* A script that was open before comes again. */
static gboolean
open_script (EaAdmin *self)
{
  if (self->script.is_open)
    return TRUE;
  if (self->script.n_commands >= EA_ADMIN_COMMANDS_MAX)
    {
      ea_admin_fail (self, EA_ADMIN_ERROR_LIMIT, "Session has more than %d commands",
                     EA_ADMIN_COMMANDS_MAX);
      return FALSE;
    }
  ea_admin_script_open (&self->script);
  self->exchange++;
  return TRUE;
}

static gboolean
begin_script (EaAdmin *self)
{
  const EaHttpHead *head = ea_http_reader_get_head (self->reader);
  g_autoptr (GBytes) target = NULL;
  gboolean is_rfm;

  if (!check_type (self, head, &is_rfm) || !open_script (self))
    return FALSE;
  self->message.has_script = TRUE;
  self->n_empty = 0;
  self->script.is_rfm = is_rfm;
  g_free (self->script.next_uri);
  self->script.next_uri = g_strdup (self->message.next_uri);

  target = find_target (self, head);
  if (target != NULL)
    ea_admin_script_read (&self->script, ea_span_from_bytes (target));
  else if (self->script.n_answered > 0)
    ea_admin_script_abandon (&self->script);
  else
    ea_admin_end_script (self, EA_ADMIN_STATUS_UNKNOWN_APPLICATION);
  return TRUE;
}

void
ea_admin_pass_over (EaAdmin *self, gsize size)
{
  gboolean is_whole = self->script.end == EA_SCRIPT_RUN_END_COMPLETE;
  gsize most = is_whole ? EA_ADMIN_TRAILING_MAX : EA_ADMIN_SKIPPED_MAX;

  self->message.n_passed += size;
  if (self->message.n_passed > most)
    ea_admin_fail (self, EA_ADMIN_ERROR_LIMIT,
                   "Body goes on for more than %" G_GSIZE_FORMAT " bytes after its script", most);
}

static gboolean
take_body (EaAdmin *self, EaSpan body)
{
  if (!self->message.has_script && !begin_script (self))
    return FALSE;
  if (self->script.is_open && !self->script.has_ended)
    ea_admin_script_feed (&self->script, body);
  else
    ea_admin_pass_over (self, body.size);
  ea_admin_check_script (self);
  return self->reader != NULL;
}

/* An answer without a script. Where one was expected again, the server has given it up. */
static gboolean
take_nothing (EaAdmin *self)
{
  gboolean is_empty_script = self->message.status == EA_HTTP_STATUS_OK;

  if (++self->n_empty > EA_ADMIN_EMPTY_MAX)
    {
      ea_admin_fail (self, EA_ADMIN_ERROR_LIMIT, "Server answers %d times without a script",
                     EA_ADMIN_EMPTY_MAX);
      return FALSE;
    }
  if (self->script.is_open && self->script.n_answered > 0)
    {
      g_free (self->script.next_uri);
      self->script.next_uri = g_strdup (self->message.next_uri);
      ea_admin_script_abandon (&self->script);
      ea_admin_check_script (self);
      return TRUE;
    }
  if (self->script.is_open)
    g_byte_array_unref (ea_admin_script_close (&self->script));
  ea_admin_set_post (self, self->message.next_uri,
                     is_empty_script ? EA_ADMIN_STATUS_OK : EA_ADMIN_STATUS_NONE);
  return TRUE;
}

static gboolean
take_complete (EaAdmin *self)
{
  gboolean keeps_alive = ea_http_reader_get_head (self->reader)->keeps_alive;
  gboolean has_more = ea_http_reader_get_rest (self->reader).size > 0 || self->waiting->len > 0;

  self->is_awaiting = FALSE;
  if (!self->message.has_script && !take_nothing (self))
    return FALSE;
  if (self->script.is_open)
    {
      ea_admin_script_end (&self->script);
      ea_admin_check_script (self);
    }
  if (has_more)
    ea_admin_fail (self, EA_ADMIN_ERROR_PROTOCOL, "Server sends more than its answer");
  else if (!keeps_alive && !self->is_draining)
    {
      self->is_expected_end = TRUE;
      ea_admin_end_connection (self);
    }
  return self->reader != NULL;
}

static gboolean
feed_waiting (EaAdmin *self)
{
  GByteArray *used = self->fed;

  if (!self->is_awaiting)
    {
      ea_admin_fail (self, EA_ADMIN_ERROR_PROTOCOL, "Server sends without a request");
      return FALSE;
    }
  self->fed = self->waiting;
  self->waiting = used;
  ea_admin_wipe (self->waiting);
  ea_http_reader_feed (self->reader, ea_span_from_array (self->fed));
  return TRUE;
}

/* All that came was read. */
static gboolean
feed_more (EaAdmin *self)
{
  if (self->waiting->len > 0)
    return feed_waiting (self);
  if (!self->has_end)
    return FALSE;
  self->has_end = FALSE;
  if (self->is_awaiting)
    ea_http_reader_feed_end (self->reader);
  else if (!self->is_draining)
    ea_admin_end_connection (self);
  return self->is_awaiting;
}

gboolean
ea_admin_take_event (EaAdmin *self)
{
  g_autoptr (GError) error = NULL;
  EaHttpEvent event;
  EaSpan body;

  if (self->reader == NULL)
    return FALSE;
  if (!ea_http_reader_next (self->reader, &event, &body, &error))
    {
      fail_by_reader (self, error);
      return FALSE;
    }
  switch (event)
    {
    case EA_HTTP_EVENT_NEEDS_BYTES:
      return feed_more (self);
    case EA_HTTP_EVENT_HEAD:
      return take_head (self);
    case EA_HTTP_EVENT_BODY:
      return take_body (self, body);
    case EA_HTTP_EVENT_COMPLETE:
      return take_complete (self);
    }
  return FALSE;
}
