/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * POST requests of an administration session, GlobalPlatform Amendment B §3.4.1. A body is written from where the
 * answers lie, in pieces.
 */

#include "core/admin-post.h"

#include <string.h>

#include "core/error.h"
#include "core/script.h"

void
ea_admin_post_init (EaAdminPost *self, const char *uri)
{
  *self = (EaAdminPost){ .uri = g_strdup (uri), .answers = g_byte_array_new () };
}

void
ea_admin_post_clear (EaAdminPost *self)
{
  g_clear_pointer (&self->uri, g_free);
  g_clear_pointer (&self->answers, g_byte_array_unref);
}

void
ea_admin_post_set (EaAdminPost *self, const char *uri, EaAdminStatus status)
{
  char *copy = g_strdup (uri);

  ea_admin_post_clear (self);
  *self = (EaAdminPost){ .uri = copy, .status = status, .answers = g_byte_array_new () };
}

void
ea_admin_post_set_body (EaAdminPost *self, GByteArray *answers, EaScriptFormat format,
                        gboolean is_rfm)
{
  g_byte_array_unref (self->answers);
  self->answers = answers;
  self->has_body = TRUE;
  self->format = format;
  self->is_rfm = is_rfm;
}

gboolean
ea_admin_check_uri (const char *uri, GError **error)
{
  g_auto (EaWriter) writer = { 0 };
  EaHttpRequest request;
  EaHttpRequestHead head = {
    .uri = uri,
    .host = "h",
    .protocol = EA_HTTP_PROTOCOL_1_0,
    .framing = EA_HTTP_FRAMING_NONE,
  };

  ea_writer_init (&writer);
  return ea_http_request_begin (&request, &head, &writer, error);
}

/* The word for @status, in protocol 1.0 the nearest that it has. */
static const char *
get_word (EaAdminStatus status, gboolean is_1_1_1)
{
  switch (status)
    {
    case EA_ADMIN_STATUS_NONE:
      return NULL;
    case EA_ADMIN_STATUS_OK:
      return "ok";
    case EA_ADMIN_STATUS_UNKNOWN_APPLICATION:
      return "unknown-application";
    case EA_ADMIN_STATUS_NOT_A_SECURITY_DOMAIN:
      return "not-a-security-domain";
    case EA_ADMIN_STATUS_SECURITY_ERROR:
      return "security-error";
    case EA_ADMIN_STATUS_UNAVAILABLE_SE:
      return is_1_1_1 ? "unavailable-se" : "unknown-application";
    case EA_ADMIN_STATUS_TEMPORARILY_UNAVAILABLE_APPLICATION:
      return is_1_1_1 ? "temporarily-unavailable-application" : "unknown-application";
    case EA_ADMIN_STATUS_SCRIPT_FORMAT_ERROR:
      return is_1_1_1 ? "script-format-error" : "ok";
    }
  return NULL;
}

void
ea_admin_output_clear (EaAdminOutput *self)
{
  ea_writer_clear (&self->frame);
  *self = (EaAdminOutput){ 0 };
}

static gboolean
open_body (EaAdminOutput *self, const EaAdminPost *post, GError **error)
{
  ea_admin_output_clear (self);
  ea_writer_init (&self->frame);
  if (!post->has_body)
    return TRUE;
  if (!ea_script_frame_response (ea_span_from_array (post->answers), post->format, &self->frame,
                                 &self->parts[1], error))
    return FALSE;
  self->parts[0] = ea_writer_span (&self->frame);
  return TRUE;
}

static const char *
get_type (const EaAdminPost *post)
{
  if (!post->has_body)
    return NULL;
  return post->is_rfm ? EA_HTTP_TYPE_RFM_RESPONSE : EA_HTTP_TYPE_RESPONSE;
}

gboolean
ea_admin_output_begin (EaAdminOutput *self, const EaAdminPost *post, const EaAdminOptions *options,
                       gboolean is_resumed, EaWriter *writer, GError **error)
{
  gboolean is_1_1_1 = strcmp (options->protocol, EA_HTTP_PROTOCOL_1_1_1) == 0;
  EaHttpRequestHead head;

  if (!open_body (self, post, error))
    return FALSE;
  head = (EaHttpRequestHead){
    .uri = post->uri,
    .host = options->host,
    .protocol = options->protocol,
    .from = options->from,
    .se_list = is_1_1_1 ? options->se_list : NULL,
    .targeted_se = is_1_1_1 ? options->targeted_se : NULL,
    .content_type = get_type (post),
    .script_status = get_word (post->status, is_1_1_1),
    .is_resumed = is_resumed,
    .framing = post->has_body ? options->framing : EA_HTTP_FRAMING_NONE,
    .content_length = self->parts[0].size + self->parts[1].size,
  };
  self->is_open = ea_http_request_begin (&self->request, &head, writer, error);
  return self->is_open;
}

/* The next bytes of the body, at most EA_ADMIN_PIECE_MAX, are added to @piece. */
static void
take_piece (EaAdminOutput *self, EaWriter *piece)
{
  for (gsize i = 0; i < G_N_ELEMENTS (self->parts); i++)
    {
      gsize room = EA_ADMIN_PIECE_MAX - ea_writer_span (piece).size;

      ea_writer_bytes (piece, ea_span_head (self->parts[i], room));
      self->parts[i] = ea_span_tail (self->parts[i], room);
    }
}

void
ea_admin_output_write (EaAdminOutput *self, EaWriter *writer)
{
  g_auto (EaWriter) piece = { 0 };

  ea_writer_init (&piece);
  take_piece (self, &piece);
  (void) ea_http_request_write (&self->request, ea_writer_span (&piece), writer, NULL);
  if (self->parts[0].size + self->parts[1].size > 0)
    return;
  (void) ea_http_request_end (&self->request, writer,
                              NULL); /* all that the head said was written */
  ea_admin_output_clear (self);
}
