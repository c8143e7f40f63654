/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * HTTP of the administration session (agent/core/http-reader.h): what servers in the field send,
 * limits, streams cut at every byte.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/http-reader.h"
#include "helpers.h"

#define FROM                                                                                       \
  "//se-id/eid/89001012012341234012345678901224;//aa-id/aid/A000000559/1010FFFFFFFF8900000100"

static EaSpan
text_of (const char *text)
{
  return ea_span_init (text, strlen (text));
}

static void
add_head (GString *out, const EaHttpHead *head)
{
  if (head->kind == EA_HTTP_REQUEST)
    g_string_append_printf (out, "%s %s 1.%u", head->method, head->uri, head->minor);
  else
    g_string_append_printf (out, "1.%u %u '%s'", head->minor, head->status, head->reason);
  g_string_append_printf (out, " framing %d of %" G_GUINT64_FORMAT "%s\n", (int) head->framing,
                          head->content_length, head->keeps_alive ? "" : " close");
  for (gsize i = 0; i < head->n_fields; i++)
    g_string_append_printf (out, "%s=%s @%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT "\n",
                            head->fields[i].name, head->fields[i].value,
                            head->fields[i].name_offset, head->fields[i].value_offset);
}

/* One line for each event, the body in one line however it was cut, and the error at the end. Which
 * of two things that are wrong is found first may depend on the cuts, so that words for them are
 * left out. */
static gboolean
add_events (GString *out, EaHttpReader *reader, GString *body)
{
  g_autoptr (GError) error = NULL;
  EaHttpEvent event;
  EaSpan piece;

  while (ea_http_reader_next (reader, &event, &piece, &error))
    switch (event)
      {
      case EA_HTTP_EVENT_NEEDS_BYTES:
        return TRUE;
      case EA_HTTP_EVENT_HEAD:
        add_head (out, ea_http_reader_get_head (reader));
        break;
      case EA_HTTP_EVENT_BODY:
        assert_true (piece.size > 0);
        g_string_append_len (body, (const char *) piece.data, (gssize) piece.size);
        break;
      case EA_HTTP_EVENT_COMPLETE:
        g_string_append_printf (out, "body '%s'\n", body->str);
        g_string_truncate (body, 0);
        break;
      }
  g_string_append_printf (out, "%s; body '%s'\n",
                          error->code == EA_CORE_ERROR_MALFORMED ? "malformed" : error->message,
                          body->str);
  return FALSE;
}

/* (transfer full): what the reader tells of @stream when it comes in pieces of @size bytes, the
 * first of them being @first bytes long. Each piece is in a buffer of its own that dies before the
 * next one comes. */
static char *
tell (EaHttpKind kind, gboolean may_close, EaSpan stream, gsize first, gsize size)
{
  g_autoptr (EaHttpReader) reader = ea_http_reader_new (kind, may_close);
  g_autoptr (GString) body = g_string_new (NULL);
  GString *out = g_string_new (NULL);
  gsize used = 0;

  while (used < stream.size)
    {
      EaSpan piece = ea_span_head (ea_span_tail (stream, used), used == 0 ? first : size);
      g_autofree guint8 *copy = g_memdup2 (piece.data, piece.size);

      ea_http_reader_feed (reader, ea_span_init (copy, piece.size));
      used += piece.size;
      if (!add_events (out, reader, body))
        return g_string_free (out, FALSE);
    }
  ea_http_reader_feed_end (reader);
  (void) add_events (out, reader, body);
  return g_string_free (out, FALSE);
}

static char *
tell_whole (EaHttpKind kind, const char *stream)
{
  return tell (kind, FALSE, text_of (stream), G_MAXSIZE, G_MAXSIZE);
}

static void
assert_told (EaHttpKind kind, const char *stream, const char *expected)
{
  g_autofree char *told = tell_whole (kind, stream);

  assert_string_equal (told, expected);
}

/* What is told after a stream that ends between two messages. */
#define NO_MORE_RESPONSES "Response ends after 0 bytes of its head; body ''\n"
#define NO_MORE_REQUESTS "Request ends after 0 bytes of its head; body ''\n"

static void
test_first_request_of_a_session_is_read (void **state)
{
  assert_told (EA_HTTP_REQUEST,
               "POST /gsma/adminagent HTTP/1.1\r\n"
               "Host: 192.0.2.1\r\n"
               "X-Admin-Protocol: globalplatform-remote-admin/1.0\r\n"
               "X-Admin-From: " FROM "\r\n"
               "\r\n",
               "POST /gsma/adminagent 1.1 framing 0 of 0\n"
               "Host=192.0.2.1 @32,38\n"
               "X-Admin-Protocol=globalplatform-remote-admin/1.0 @49,67\n"
               "X-Admin-From=" FROM " @100,114\n"
               "body ''\n" NO_MORE_REQUESTS);
}

static void
test_fields_are_read_without_blank_in_any_case_and_with_trailing_blanks (void **state)
{
  assert_told (EA_HTTP_RESPONSE,
               "HTTP/1.1 200 OK\r\n"
               "x-admin-protocol:globalplatform-remote-admin/1.0  \r\n"
               "X-ADMIN-NEXT-URI:\t/agent?session=7&a=%2F..//./b \t \r\n"
               "transfer-encoding:chunked\r\n"
               "\r\n"
               "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
               "1.1 200 'OK' framing 2 of 0\n"
               "x-admin-protocol=globalplatform-remote-admin/1.0 @17,34\n"
               "X-ADMIN-NEXT-URI=/agent?session=7&a=%2F..//./b @69,87\n"
               "transfer-encoding=chunked @121,139\n"
               "body 'abcde'\n" NO_MORE_RESPONSES);
}

static void
test_fields_are_found_by_name_in_any_case (void **state)
{
  g_autoptr (EaHttpReader) reader = ea_http_reader_new (EA_HTTP_RESPONSE, FALSE);
  g_autoptr (GError) error = NULL;
  const EaHttpHead *head;
  EaHttpEvent event;
  EaSpan body;

  ea_http_reader_feed (reader, text_of ("HTTP/1.1 204 No Content\r\nx-admin-next-uri:/b\r\n\r\n"));
  assert_true (ea_http_reader_next (reader, &event, &body, &error));
  head = ea_http_reader_get_head (reader);

  assert_int_equal (event, EA_HTTP_EVENT_HEAD);
  assert_string_equal (ea_http_head_get (head, EA_HTTP_ADMIN_NEXT_URI), "/b");
  assert_null (ea_http_head_get (head, EA_HTTP_CONTENT_TYPE));
  assert_null (ea_http_head_find (head, "x-admin-next-uri2"));
}

static void
test_response_without_content_ends_with_its_head (void **state)
{
  assert_told (EA_HTTP_RESPONSE,
               "HTTP/1.1 204 No Content\r\nX-Admin-Next-URI:/b\r\nContent-Length: 5\r\n\r\n"
               "HTTP/1.1 204\r\nTransfer-Encoding: chunked\r\n\r\n"
               "HTTP/1.1 304 Not Modified\r\n\r\n",
               "1.1 204 'No Content' framing 0 of 0\n"
               "X-Admin-Next-URI=/b @25,42\n"
               "Content-Length=5 @46,62\n"
               "body ''\n"
               "1.1 204 '' framing 0 of 0\n"
               "Transfer-Encoding=chunked @81,100\n"
               "body ''\n"
               "1.1 304 'Not Modified' framing 0 of 0\n"
               "body ''\n" NO_MORE_RESPONSES);
}

static void
test_interim_responses_are_skipped (void **state)
{
  assert_told (
      EA_HTTP_RESPONSE,
      "HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 102\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length:2\r\n\r\nok",
      "1.1 200 'OK' framing 1 of 2\nContent-Length=2 @64,79\nbody 'ok'\n" NO_MORE_RESPONSES);
}

static void
test_several_messages_share_a_connection (void **state)
{
  assert_told (EA_HTTP_REQUEST,
               "POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
               "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nd\r\n0\r\n\r\n"
               "POST /c HTTP/1.1\r\nConnection: close\r\n\r\n",
               "POST /a 1.1 framing 1 of 3\nContent-Length=3 @18,34\nbody 'abc'\n"
               "POST /b 1.1 framing 2 of 0\nTransfer-Encoding=chunked @60,79\nbody 'd'\n"
               "POST /c 1.1 framing 0 of 0 close\nConnection=close @119,131\nbody ''\n" //
               NO_MORE_REQUESTS);
}

static void
test_empty_fields_and_fields_after_the_chunks_are_read_over (void **state)
{
  assert_told (EA_HTTP_RESPONSE,
               "HTTP/1.1 200 \r\nA:\r\nB: \r\nC:c\r\nTransfer-Encoding: Chunked\r\n\r\n"
               "1;name=value\r\nx\r\n0\r\nX-Admin-Next-URI: /trailer\r\n\r\n",
               "1.1 200 '' framing 2 of 0\n"
               "A= @15,0\nB= @19,0\nC=c @24,26\nTransfer-Encoding=Chunked @29,48\n"
               "body 'x'\n" NO_MORE_RESPONSES);
}

static void
test_body_up_to_the_end_of_the_connection_is_read_only_where_allowed (void **state)
{
  EaSpan stream = text_of ("HTTP/1.0 200 OK\r\n\r\nabc");
  g_autofree char *allowed = tell (EA_HTTP_RESPONSE, TRUE, stream, G_MAXSIZE, G_MAXSIZE);
  g_autofree char *refused = tell (EA_HTTP_RESPONSE, FALSE, stream, G_MAXSIZE, G_MAXSIZE);

  assert_string_equal (allowed,
                       "1.0 200 'OK' framing 3 of 0 close\nbody 'abc'\n" NO_MORE_RESPONSES);
  assert_string_equal (refused, "Response 200 has neither a length nor chunks; body ''\n");
}

/* Streams that end with an error of @code. */
static const struct
{
  EaHttpKind kind;
  EaCoreError code;
  const char *stream;
} refused[] = {
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_MALFORMED, "SMTP 220 ready\r\n" },
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_MALFORMED, "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n" },
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_MALFORMED, "HTTP/1.1 200 OK\r\nA: \001b\r\n\r\n" },
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_MALFORMED, "HTTP/1.1 200 O\001K\r\n\r\n" },
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_MALFORMED, "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n" },
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_MALFORMED,
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab" },
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_MALFORMED, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" },
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_MALFORMED,
    "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n" },
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_MALFORMED,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: "
    "1\r\n\r\n1\r\na\r\n0\r\n\r\n" },
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_MALFORMED,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n" },
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_MALFORMED,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n" },
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_MALFORMED,
    "HTTP/1.1 204 N\r\nX-Admin-Next-URI: /a\r\nx-admin-next-uri: /b\r\n\r\n" },
  { EA_HTTP_REQUEST, EA_CORE_ERROR_MALFORMED, "POST /a HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n" },
  { EA_HTTP_REQUEST, EA_CORE_ERROR_MALFORMED,
    "POST /a HTTP/1.1\r\nX-Admin-SE-List: //a\r\nX-Admin-SE-List: //b\r\n\r\n" },
  { EA_HTTP_REQUEST, EA_CORE_ERROR_MALFORMED, "POST /a\r\n b HTTP/1.1\r\n\r\n" },
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_UNSUPPORTED, "HTTP/1.1 101 Switch\r\nUpgrade: x\r\n\r\n" },
  { EA_HTTP_REQUEST, EA_CORE_ERROR_UNSUPPORTED,
    "POST / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n" },
  { EA_HTTP_REQUEST, EA_CORE_ERROR_UNSUPPORTED, "CONNECT a:1 HTTP/1.1\r\n\r\n" },
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_UNSUPPORTED,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc" },
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_UNSUPPORTED, "HTTP/1.1 200 OK\r\n\r\n" },
  { EA_HTTP_RESPONSE, EA_CORE_ERROR_TRUNCATED, "" },
};

/* Reads @stream up to its error, which gets @code; fails the test unless it comes twice. */
static void
assert_refused (EaHttpKind kind, EaSpan stream, EaCoreError code)
{
  g_autoptr (EaHttpReader) reader = ea_http_reader_new (kind, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;
  EaHttpEvent event;
  EaSpan body;

  ea_http_reader_feed (reader, stream);
  ea_http_reader_feed_end (reader);
  poison (&event, sizeof event);
  while (ea_http_reader_next (reader, &event, &body, &error))
    poison (&event, sizeof event);

  assert_true (is_poisoned (&event, sizeof event));
  assert_false (ea_http_reader_next (reader, &event, &body, &again));
  assert_string_equal (error->message, again->message);
  assert_core_error (&error, code);
}

static void
test_messages_that_cant_be_trusted_are_refused (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    assert_refused (refused[i].kind, text_of (refused[i].stream), refused[i].code);
}

static void
test_a_nul_byte_in_a_head_is_refused (void **state)
{
  static const char reason[] = "HTTP/1.1 204 O\0K\r\n\r\n";
  static const char value[] = "HTTP/1.1 204 OK\r\nX-Admin-Next-URI: /a\0b\r\n\r\n";
  static const char uri[] = "POST /a\0b HTTP/1.1\r\n\r\n";

  assert_refused (EA_HTTP_RESPONSE, ea_span_init (reason, sizeof reason - 1),
                  EA_CORE_ERROR_MALFORMED);
  assert_refused (EA_HTTP_RESPONSE, ea_span_init (value, sizeof value - 1),
                  EA_CORE_ERROR_MALFORMED);
  assert_refused (EA_HTTP_REQUEST, ea_span_init (uri, sizeof uri - 1), EA_CORE_ERROR_MALFORMED);
}

static void
test_other_versions_are_refused (void **state)
{
  static const char *const versions[] = { "0.9", "1.2", "2.0", "9.9" };

  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *response = g_strdup_printf ("HTTP/%s 204 No\r\n\r\n", versions[i]);
      g_autofree char *told = tell_whole (EA_HTTP_RESPONSE, response);

      assert_null (strstr (told, "204"));
    }
}

static void
test_errors_tell_their_place (void **state)
{
  static const char stream[]
      = "HTTP/1.1 204 N\r\nX-Admin-Next-URI: /a\r\nx-admin-next-uri: /b\r\n\r\n";
  g_autoptr (EaHttpReader) reader = ea_http_reader_new (EA_HTTP_RESPONSE, FALSE);
  g_autoptr (GError) error = NULL;
  EaHttpEvent event;
  EaSpan body;
  gsize offset;

  ea_http_reader_feed (reader, text_of (stream));
  assert_false (ea_http_reader_next (reader, &event, &body, &error));

  assert_true (ea_core_error_get_offset (error, stream, strlen (stream), &offset));
  assert_int_equal (offset, 38);
  assert_string_equal (error->message, "Response has the field X-Admin-Next-URI twice");
}

/* The streams of which each piece of the tests is made, the good and the bad. */
static const char *const streams[] = {
  ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA:\r\nB:b \r\nTransfer-Encoding: "
   "chunked\r\n\r\n"
   "3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nT: t\r\n\r\nHTTP/1.1 204 No\r\n\r\n"),
  "HTTP/1.1 200 OK\r\nContent-Length:  5 \r\n\r\nabcdeHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.0 200 \r\nConnection: close\r\n\r\nabcdef",
  "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
};

static void
test_it_makes_no_difference_where_a_stream_is_cut (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++)
    {
      EaSpan stream = text_of (streams[i]);
      g_autofree char *whole = tell (EA_HTTP_RESPONSE, TRUE, stream, G_MAXSIZE, G_MAXSIZE);

      for (gsize cut = 1; cut < stream.size; cut++)
        {
          g_autofree char *two = tell (EA_HTTP_RESPONSE, TRUE, stream, cut, G_MAXSIZE);
          g_autofree char *many = tell (EA_HTTP_RESPONSE, TRUE, stream, cut, 1);

          assert_string_equal (two, whole);
          assert_string_equal (many, whole);
        }
    }
}

static void
test_refused_streams_are_refused_alike_where_they_are_cut (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      EaSpan stream = text_of (refused[i].stream);
      g_autofree char *whole = tell (refused[i].kind, FALSE, stream, G_MAXSIZE, G_MAXSIZE);
      g_autofree char *many = tell (refused[i].kind, FALSE, stream, 1, 1);

      assert_string_equal (many, whole);
    }
}

static void
test_every_truncation_of_a_response_is_refused_as_truncated (void **state)
{
  EaSpan stream
      = text_of ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EaSpan other = text_of ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");

  for (gsize size = 0; size < stream.size; size++)
    assert_refused (EA_HTTP_RESPONSE, ea_span_head (stream, size), EA_CORE_ERROR_TRUNCATED);
  for (gsize size = 0; size < other.size; size++)
    assert_refused (EA_HTTP_RESPONSE, ea_span_head (other, size), EA_CORE_ERROR_TRUNCATED);
}

/* @n times the character x. */
static char *
fill (gsize n)
{
  return g_strnfill (n, 'x');
}

/* Fails unless @limit characters between @before and @after are read, and one more is refused. */
static void
check_limit (EaHttpKind kind, const char *before, gsize limit, const char *after)
{
  g_autofree char *characters = fill (limit);
  g_autofree char *good = g_strconcat (before, characters, after, NULL);
  g_autofree char *bad = g_strconcat (before, "x", characters, after, NULL);
  g_autofree char *told = tell_whole (kind, good);

  assert_non_null (strstr (told, "body ''\n"));
  assert_non_null (strstr (told, "0 bytes of its head"));
  assert_refused (kind, text_of (bad), EA_CORE_ERROR_LIMIT);
}

static void
test_each_part_of_a_head_has_its_limit (void **state)
{
  check_limit (EA_HTTP_REQUEST, "POST /", 4096 - 1, " HTTP/1.1\r\n\r\n");
  check_limit (EA_HTTP_RESPONSE, "HTTP/1.1 204 ", 256, "\r\n\r\n");
  check_limit (EA_HTTP_RESPONSE, "HTTP/1.1 204 N\r\n", 128, ": y\r\n\r\n");
  check_limit (EA_HTTP_RESPONSE, "HTTP/1.1 204 N\r\nY: ", 4096, "\r\n\r\n");
}

static void
test_number_of_fields_has_its_limit (void **state)
{
  g_autoptr (GString) head = g_string_new ("HTTP/1.1 204 N\r\n");
  g_autofree char *good = NULL;
  g_autofree char *told = NULL;

  for (guint i = 0; i < 64; i++)
    g_string_append (head, "A: b\r\n");
  good = g_strconcat (head->str, "\r\n", NULL);
  told = tell_whole (EA_HTTP_RESPONSE, good);
  assert_true (g_str_has_prefix (told, "1.1 204 'N'"));

  g_string_append (head, "A: b\r\n\r\n");
  assert_refused (EA_HTTP_RESPONSE, text_of (head->str), EA_CORE_ERROR_LIMIT);
}

static void
test_whole_head_has_its_limit (void **state)
{
  g_autofree char *most = fill (4000);
  g_autofree char *last = fill (16384 - 16 - 4 * (4000 + 5) - 5 - 2);
  g_autofree char *good
      = g_strdup_printf ("HTTP/1.1 204 N\r\nA: %s\r\nA: %s\r\nA: %s\r\nA: %s\r\nA: %s\r\n\r\n",
                         most, most, most, most, last);
  g_autofree char *bad = g_strdup_printf ("HTTP/1.1 204 Nx%s", good + 14);
  g_autofree char *told = tell_whole (EA_HTTP_RESPONSE, good);
  g_autofree char *in_bytes = tell (EA_HTTP_RESPONSE, FALSE, text_of (good), 1, 1);

  assert_int_equal (strlen (good), 16384);
  assert_true (g_str_has_prefix (told, "1.1 204 'N'"));
  assert_string_equal (in_bytes, told);
  assert_refused (EA_HTTP_RESPONSE, text_of (bad), EA_CORE_ERROR_LIMIT);
}

static void
test_number_of_interim_responses_has_its_limit (void **state)
{
  g_autoptr (GString) stream = g_string_new (NULL);

  for (guint i = 0; i < 8; i++)
    g_string_append (stream, "HTTP/1.1 100 C\r\n\r\n");
  assert_refused (EA_HTTP_RESPONSE, text_of (stream->str), EA_CORE_ERROR_TRUNCATED);
  g_string_append (stream, "HTTP/1.1 100 C\r\n\r\n");
  assert_refused (EA_HTTP_RESPONSE, text_of (stream->str), EA_CORE_ERROR_LIMIT);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_first_request_of_a_session_is_read),
    cmocka_unit_test (test_fields_are_read_without_blank_in_any_case_and_with_trailing_blanks),
    cmocka_unit_test (test_fields_are_found_by_name_in_any_case),
    cmocka_unit_test (test_response_without_content_ends_with_its_head),
    cmocka_unit_test (test_interim_responses_are_skipped),
    cmocka_unit_test (test_several_messages_share_a_connection),
    cmocka_unit_test (test_empty_fields_and_fields_after_the_chunks_are_read_over),
    cmocka_unit_test (test_body_up_to_the_end_of_the_connection_is_read_only_where_allowed),
    cmocka_unit_test (test_messages_that_cant_be_trusted_are_refused),
    cmocka_unit_test (test_a_nul_byte_in_a_head_is_refused),
    cmocka_unit_test (test_other_versions_are_refused),
    cmocka_unit_test (test_errors_tell_their_place),
    cmocka_unit_test (test_it_makes_no_difference_where_a_stream_is_cut),
    cmocka_unit_test (test_refused_streams_are_refused_alike_where_they_are_cut),
    cmocka_unit_test (test_every_truncation_of_a_response_is_refused_as_truncated),
    cmocka_unit_test (test_each_part_of_a_head_has_its_limit),
    cmocka_unit_test (test_number_of_fields_has_its_limit),
    cmocka_unit_test (test_whole_head_has_its_limit),
    cmocka_unit_test (test_number_of_interim_responses_has_its_limit),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
