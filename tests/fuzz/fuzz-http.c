/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * HTTP messages, read as requests and as responses (agent/core/http-reader.h). A request of the
 * administration session is written again (agent/core/http-request.h) and must say the same.
 */

#include <string.h>

#include "core/http-reader.h"
#include "core/http-request.h"
#include "fuzz.h"

#define METHOD "POST"

static void
check_text (const char *text, gsize limit)
{
  FUZZ_CLAIM (strlen (text) <= limit);
  for (const char *c = text; *c != '\0'; c++)
    FUZZ_CLAIM ((guint8) *c >= ' ' || *c == '\t');
}

static void
check_head (const EaHttpHead *head, EaHttpKind kind, gsize size)
{
  FUZZ_CLAIM (head->kind == kind && head->minor <= 1 && head->n_fields <= EA_HTTP_FIELDS_MAX);
  FUZZ_CLAIM (kind != EA_HTTP_REQUEST || head->framing != EA_HTTP_FRAMING_CLOSE);
  FUZZ_CLAIM (kind != EA_HTTP_RESPONSE || head->status / 100 != 1);
  check_text (head->uri, EA_HTTP_URI_MAX);
  check_text (head->reason, EA_HTTP_REASON_MAX);
  for (gsize i = 0; i < head->n_fields; i++)
    {
      const EaHttpField *field = &head->fields[i];

      check_text (field->name, EA_HTTP_NAME_MAX);
      check_text (field->value, EA_HTTP_VALUE_MAX);
      FUZZ_CLAIM (*field->name != '\0' && ea_http_head_find (head, field->name) != NULL);
      FUZZ_CLAIM (field->name_offset < size && field->value_offset < size);
    }
}

/* Reads one message from @input; FALSE when it is not whole. The head belongs to @reader. */
static gboolean
read_message (EaHttpReader *reader, EaHttpKind kind, EaSpan input, EaWriter *body)
{
  g_autoptr (GError) error = NULL;
  EaHttpEvent event = EA_HTTP_EVENT_NEEDS_BYTES;
  EaSpan piece;

  ea_http_reader_feed (reader, input);
  ea_http_reader_feed_end (reader);
  while (event != EA_HTTP_EVENT_COMPLETE)
    {
      if (!ea_http_reader_next (reader, &event, &piece, &error))
        {
          FUZZ_CLAIM (error != NULL);
          return FALSE;
        }
      FUZZ_CLAIM (error == NULL && event != EA_HTTP_EVENT_NEEDS_BYTES);
      FUZZ_CLAIM (fuzz_is_inside (piece, input));
      FUZZ_CLAIM ((event == EA_HTTP_EVENT_BODY) == (piece.size > 0));
      if (event == EA_HTTP_EVENT_HEAD)
        check_head (ea_http_reader_get_head (reader), kind, input.size);
      ea_writer_bytes (body, piece);
    }
  return TRUE;
}

static void
check_same_field (const EaHttpHead *a, const EaHttpHead *b, const char *name)
{
  FUZZ_CLAIM (g_strcmp0 (ea_http_head_get (a, name), ea_http_head_get (b, name)) == 0);
}

static void
check_same (const EaHttpHead *a, const EaHttpHead *b)
{
  FUZZ_CLAIM (strcmp (a->uri, b->uri) == 0 && a->framing == b->framing);
  FUZZ_CLAIM (a->content_length == b->content_length);
  check_same_field (a, b, EA_HTTP_HOST);
  check_same_field (a, b, EA_HTTP_ADMIN_PROTOCOL);
  check_same_field (a, b, EA_HTTP_ADMIN_FROM);
  check_same_field (a, b, EA_HTTP_ADMIN_SE_LIST);
  check_same_field (a, b, EA_HTTP_ADMIN_TARGETED_SE);
  check_same_field (a, b, EA_HTTP_CONTENT_TYPE);
  check_same_field (a, b, EA_HTTP_ADMIN_SCRIPT_STATUS);
}

/* Writes what was read. May be read but not written: a head without host or protocol, or that is too
 * long with the blanks that were not read; a text that is empty or has a tab. */
static gboolean
write_message (EaWriter *writer, const EaHttpHead *read, EaSpan body)
{
  EaHttpRequestHead head = {
    .uri = read->uri,
    .host = ea_http_head_get (read, EA_HTTP_HOST),
    .protocol = ea_http_head_get (read, EA_HTTP_ADMIN_PROTOCOL),
    .from = ea_http_head_get (read, EA_HTTP_ADMIN_FROM),
    .se_list = ea_http_head_get (read, EA_HTTP_ADMIN_SE_LIST),
    .targeted_se = ea_http_head_get (read, EA_HTTP_ADMIN_TARGETED_SE),
    .content_type = ea_http_head_get (read, EA_HTTP_CONTENT_TYPE),
    .script_status = ea_http_head_get (read, EA_HTTP_ADMIN_SCRIPT_STATUS),
    .framing = read->framing,
    .content_length = read->content_length,
  };
  g_autoptr (GError) error = NULL;
  EaHttpRequest request;

  if (!ea_http_request_begin (&request, &head, writer, &error))
    {
      FUZZ_CLAIM (error != NULL && ea_writer_span (writer).size == 0);
      return FALSE;
    }
  FUZZ_CLAIM (ea_http_request_write (&request, ea_span_head (body, 1), writer, &error));
  FUZZ_CLAIM (ea_http_request_write (&request, ea_span_tail (body, 1), writer, &error));
  FUZZ_CLAIM (ea_http_request_end (&request, writer, &error));
  return TRUE;
}

static void
check_request (EaSpan input)
{
  g_autoptr (EaHttpReader) reader = ea_http_reader_new (EA_HTTP_REQUEST, FALSE);
  g_autoptr (EaHttpReader) second = ea_http_reader_new (EA_HTTP_REQUEST, FALSE);
  g_auto (EaWriter) body = { 0 };
  g_auto (EaWriter) written = { 0 };
  g_auto (EaWriter) again = { 0 };

  ea_writer_init (&body);
  ea_writer_init (&written);
  ea_writer_init (&again);
  if (!read_message (reader, EA_HTTP_REQUEST, input, &body)
      || strcmp (ea_http_reader_get_head (reader)->method, METHOD) != 0
      || !write_message (&written, ea_http_reader_get_head (reader), ea_writer_span (&body)))
    return;

  FUZZ_CLAIM (read_message (second, EA_HTTP_REQUEST, ea_writer_span (&written), &again));
  check_same (ea_http_reader_get_head (reader), ea_http_reader_get_head (second));
  FUZZ_CLAIM (ea_span_equal (ea_writer_span (&body), ea_writer_span (&again)));
}

static void
check_response (EaSpan input)
{
  g_autoptr (EaHttpReader) reader = ea_http_reader_new (EA_HTTP_RESPONSE, TRUE);
  g_auto (EaWriter) body = { 0 };

  ea_writer_init (&body);
  (void) read_message (reader, EA_HTTP_RESPONSE, input, &body);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  check_request (ea_span_init (data, size));
  check_response (ea_span_init (data, size));
  return 0;
}
