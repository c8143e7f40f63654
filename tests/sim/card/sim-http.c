/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The writer of HTTP/1.1 messages. Fields are the caller's, but for those of the framing.
 */

#include "sim-http.h"

#include <string.h>

#define CHUNK_MAX 1024
#define STATUS_NO_CONTENT 204
#define CRLF "\r\n"

void
sim_http_message_free (SimHttpMessage *message)
{
  if (message == NULL)
    return;
  g_free (message->method);
  g_free (message->target);
  g_hash_table_unref (message->fields);
  g_bytes_unref (message->body);
  g_free (message);
}

const char *
sim_http_message_get_field (const SimHttpMessage *message, const char *name)
{
  return g_hash_table_lookup (message->fields, name);
}

static const char *
get_reason (guint status)
{
  switch (status)
    {
    case 200:
      return "OK";
    case STATUS_NO_CONTENT:
      return "No Content";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 503:
      return "Service Unavailable";
    default:
      return "Other";
    }
}

static void
write_text (EaWriter *writer, const char *text)
{
  ea_writer_bytes (writer, ea_span_init (text, strlen (text)));
}

static void
write_number (EaWriter *writer, const char *before, gsize number, gboolean is_hexadecimal)
{
  g_autofree char *text = is_hexadecimal ? g_strdup_printf ("%" G_GSIZE_MODIFIER "X", number)
                                         : g_strdup_printf ("%" G_GSIZE_FORMAT, number);

  write_text (writer, before);
  write_text (writer, text);
  write_text (writer, CRLF);
}

static void
write_chunks (EaWriter *writer, EaSpan body)
{
  for (; body.size > 0; body = ea_span_tail (body, CHUNK_MAX))
    {
      EaSpan chunk = ea_span_head (body, CHUNK_MAX);

      write_number (writer, "", chunk.size, TRUE);
      ea_writer_bytes (writer, chunk);
      write_text (writer, CRLF);
    }
  write_number (writer, "", 0, TRUE);
  write_text (writer, CRLF);
}

static void
write_fields (EaWriter *writer, const char *const *fields)
{
  for (; fields != NULL && *fields != NULL; fields++)
    {
      write_text (writer, *fields);
      write_text (writer, CRLF);
    }
}

static void
write_body (EaWriter *writer, GBytes *body, gboolean is_chunked)
{
  EaSpan span = ea_span_from_bytes (body);

  if (is_chunked)
    {
      write_text (writer, "Transfer-Encoding: chunked" CRLF CRLF);
      write_chunks (writer, span);
      return;
    }
  write_number (writer, "Content-Length: ", span.size, FALSE);
  write_text (writer, CRLF);
  ea_writer_bytes (writer, span);
}

GBytes *
sim_http_build_request (const char *method, const char *target, const char *const *fields,
                        GBytes *body, gboolean is_chunked)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  write_text (&writer, method);
  write_text (&writer, " ");
  write_text (&writer, target);
  write_text (&writer, " HTTP/1.1" CRLF);
  write_fields (&writer, fields);
  if (body != NULL)
    write_body (&writer, body, is_chunked);
  else
    write_text (&writer, CRLF);
  return ea_writer_steal (&writer);
}

GBytes *
sim_http_build_response (guint status, const char *const *fields, GBytes *body, gboolean is_chunked)
{
  g_autofree char *line = g_strdup_printf ("HTTP/1.1 %u %s" CRLF, status, get_reason (status));
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  write_text (&writer, line);
  write_fields (&writer, fields);
  if (body != NULL)
    write_body (&writer, body, is_chunked);
  else
    write_text (&writer, status == STATUS_NO_CONTENT ? CRLF : "Content-Length: 0" CRLF CRLF);
  return ea_writer_steal (&writer);
}
