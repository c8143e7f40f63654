/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * POST requests of the administration session: a fixed order of fields, and no text that could end
 * a line. The body is framed by chunks (RFC 9112 §7.1) or by its length.
 */

#include "core/http-request.h"

#include <string.h>

#include "core/error.h"

#define LINE_END "\r\n"
#define LAST_CHUNK "0\r\n\r\n"
#define CHUNK_SIZE_FORMAT "%" G_GINT64_MODIFIER "X\r\n"
#define NUMBER_SIZE 24 /* 64 bits as digits, a line end and a NUL */
#define DELETE 0x7F

static gboolean
check_characters (const char *name, const char *text, guint8 lowest, GError **error)
{
  for (const char *c = text; *c != '\0'; c++)
    if ((guint8) *c < lowest || (guint8) *c == DELETE)
      return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                                "%s has the character %02X at %" G_GSIZE_FORMAT, name, (guint8) *c,
                                (gsize) (c - text));
  return TRUE;
}

static gboolean
check_present (const char *name, const char *text, GError **error)
{
  if (text == NULL)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL, "Request has no %s", name);
  return TRUE;
}

static gboolean
check_text (const char *name, const char *text, gsize limit, guint8 lowest, GError **error)
{
  gsize size = strlen (text);

  if (size == 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL, "%s has 0 bytes", name);
  if (size > limit)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                              "%s has %" G_GSIZE_FORMAT " bytes, more than %" G_GSIZE_FORMAT, name,
                              size, limit);
  if (g_str_has_prefix (text, " ") || g_str_has_suffix (text, " "))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "%s begins or ends with a blank", name);
  return check_characters (name, text, lowest, error);
}

static void
write_text (EaWriter *writer, const char *text)
{
  ea_writer_bytes (writer, ea_span_init (text, strlen (text)));
}

static gboolean
write_field (EaWriter *writer, const char *name, const char *value, GError **error)
{
  if (value == NULL)
    return TRUE;
  if (!check_text (name, value, EA_HTTP_VALUE_MAX, ' ', error))
    return FALSE;
  write_text (writer, name);
  write_text (writer, ": ");
  write_text (writer, value);
  write_text (writer, LINE_END);
  return TRUE;
}

static gboolean
write_mandatory_field (EaWriter *writer, const char *name, const char *value, GError **error)
{
  return check_present (name, value, error) && write_field (writer, name, value, error);
}

static gboolean
write_framing (EaWriter *writer, const EaHttpRequestHead *head, GError **error)
{
  char length[NUMBER_SIZE];

  switch (head->framing)
    {
    case EA_HTTP_FRAMING_NONE:
      return TRUE;
    case EA_HTTP_FRAMING_LENGTH:
      g_snprintf (length, sizeof length, "%" G_GUINT64_FORMAT, head->content_length);
      return write_field (writer, EA_HTTP_CONTENT_LENGTH, length, error);
    case EA_HTTP_FRAMING_CHUNKED:
      return write_field (writer, EA_HTTP_TRANSFER_ENCODING, "chunked", error);
    case EA_HTTP_FRAMING_CLOSE:
      break;
    }
  return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, NULL,
                            "Body of a request can't end with the connection");
}

static gboolean
write_head (EaWriter *writer, const EaHttpRequestHead *head, GError **error)
{
  if (!check_present ("URI", head->uri, error)
      || !check_text ("URI", head->uri, EA_HTTP_URI_MAX, ' ' + 1, error))
    return FALSE;
  write_text (writer, "POST ");
  write_text (writer, head->uri);
  write_text (writer, " HTTP/1.1" LINE_END);

  if (!write_mandatory_field (writer, EA_HTTP_HOST, head->host, error)
      || !write_mandatory_field (writer, EA_HTTP_ADMIN_PROTOCOL, head->protocol, error)
      || !write_field (writer, EA_HTTP_ADMIN_FROM, head->from, error)
      || !write_field (writer, EA_HTTP_ADMIN_SE_LIST, head->se_list, error)
      || !write_field (writer, EA_HTTP_ADMIN_TARGETED_SE, head->targeted_se, error)
      || !write_field (writer, EA_HTTP_CONTENT_TYPE, head->content_type, error)
      || !write_field (writer, EA_HTTP_ADMIN_SCRIPT_STATUS, head->script_status, error)
      || !write_field (writer, EA_HTTP_ADMIN_RESUME, head->is_resumed ? "true" : NULL, error)
      || !write_framing (writer, head, error))
    return FALSE;
  write_text (writer, LINE_END);
  return TRUE;
}

static gboolean
check_head_size (gsize size, GError **error)
{
  if (size > EA_HTTP_HEAD_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                              "Request has a head of %" G_GSIZE_FORMAT " bytes, more than %d", size,
                              EA_HTTP_HEAD_MAX);
  return TRUE;
}

gboolean
ea_http_request_begin (EaHttpRequest *request, const EaHttpRequestHead *head, EaWriter *writer,
                       GError **error)
{
  g_auto (EaWriter) lines = { 0 };

  ea_writer_init (&lines);
  if (!write_head (&lines, head, error) || !check_head_size (ea_writer_span (&lines).size, error))
    return FALSE;

  ea_writer_bytes (writer, ea_writer_span (&lines));
  *request = (EaHttpRequest){ .framing = head->framing };
  if (head->framing == EA_HTTP_FRAMING_LENGTH)
    request->n_left = head->content_length;
  return TRUE;
}

static gboolean
check_open (const EaHttpRequest *request, GError **error)
{
  if (request->has_ended)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL, "Request has ended");
  return TRUE;
}

static void
write_chunk (EaWriter *writer, EaSpan body)
{
  char size[NUMBER_SIZE];

  g_snprintf (size, sizeof size, CHUNK_SIZE_FORMAT, (guint64) body.size);
  write_text (writer, size);
  ea_writer_bytes (writer, body);
  write_text (writer, LINE_END);
}

gboolean
ea_http_request_write (EaHttpRequest *request, EaSpan body, EaWriter *writer, GError **error)
{
  if (!check_open (request, error))
    return FALSE;
  if (body.size == 0) /* an empty chunk would be the last one */
    return TRUE;
  if (request->framing == EA_HTTP_FRAMING_CHUNKED)
    {
      write_chunk (writer, body);
      return TRUE;
    }
  if (body.size > request->n_left)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "Body has %" G_GSIZE_FORMAT " bytes where %" G_GUINT64_FORMAT
                              " are left of its length",
                              body.size, request->n_left);

  request->n_left -= body.size;
  ea_writer_bytes (writer, body);
  return TRUE;
}

gboolean
ea_http_request_end (EaHttpRequest *request, EaWriter *writer, GError **error)
{
  if (!check_open (request, error))
    return FALSE;
  if (request->n_left > 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "Body lacks %" G_GUINT64_FORMAT " bytes of its length",
                              request->n_left);
  if (request->framing == EA_HTTP_FRAMING_CHUNKED)
    write_text (writer, LAST_CHUNK);
  request->has_ended = TRUE;
  return TRUE;
}
