/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests of the administration session (agent/core/http-request.h), GlobalPlatform Amendment B
 * §3.4. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/http-reader.h"
#include "core/http-request.h"
#include "helpers.h"

#define FROM                                                                                       \
  "//se-id/eid/89001012012341234012345678901224;//aa-id/aid/A000000559/1010FFFFFFFF8900000100"

/* The script that creates an ISD-P, 75 bytes, and the eUICC's answer. */
#define SCRIPT                                                                                     \
  "AE80224580E60C003F10A0000005591010FFFFFFFF8900000D0010A0000005591010FFFFFFFF8900000E00"         \
  "10A0000005591010FFFFFFFF89000012000380C00006C90481020370"                                       \
  "00000000"
#define ANSWER                                                                                     \
  "AF802303009000"                                                                                 \
  "0000"

static EaSpan
text_of (const char *text)
{
  return ea_span_init (text, strlen (text));
}

/* Takes what is written so far, as text. */
static void
assert_written (EaWriter *writer, const char *expected)
{
  EaSpan span = ea_writer_span (writer);
  g_autofree char *text = g_strndup ((const char *) span.data, span.size);

  assert_string_equal (text, expected);
  ea_writer_clear (writer);
  ea_writer_init (writer);
}

static EaHttpRequestHead
get_first_head (void)
{
  return (EaHttpRequestHead){
    .uri = "/gsma/adminagent",
    .host = "192.0.2.1",
    .protocol = EA_HTTP_PROTOCOL_1_0,
    .from = FROM,
  };
}

static void
test_first_request_is_written_as_in_the_standard (void **state)
{
  EaHttpRequestHead head = get_first_head ();
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;
  EaHttpRequest request;

  ea_writer_init (&writer);
  assert_true (ea_http_request_begin (&request, &head, &writer, &error));
  assert_true (ea_http_request_end (&request, &writer, &error));

  assert_written (&writer, "POST /gsma/adminagent HTTP/1.1\r\n"
                           "Host: 192.0.2.1\r\n"
                           "X-Admin-Protocol: globalplatform-remote-admin/1.0\r\n"
                           "X-Admin-From: " FROM "\r\n"
                           "\r\n");
}

static void
test_answer_is_written_in_chunks (void **state)
{
  EaHttpRequestHead head = get_first_head ();
  g_autoptr (GBytes) answer = bytes_of (ANSWER);
  g_autoptr (GBytes) script = bytes_of (SCRIPT);
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;
  EaHttpRequest request;
  EaSpan written;

  head.uri = "/next?a=%20&b=//..";
  head.content_type = EA_HTTP_TYPE_RESPONSE;
  head.script_status = "ok";
  head.is_resumed = TRUE;
  head.framing = EA_HTTP_FRAMING_CHUNKED;
  ea_writer_init (&writer);
  assert_true (ea_http_request_begin (&request, &head, &writer, &error));
  assert_written (&writer,
                  "POST /next?a=%20&b=//.. HTTP/1.1\r\n"
                  "Host: 192.0.2.1\r\n"
                  "X-Admin-Protocol: globalplatform-remote-admin/1.0\r\n"
                  "X-Admin-From: " FROM "\r\n"
                  "Content-Type: "
                  "application/vnd.globalplatform.card-content-mgt-response;version=1.0\r\n"
                  "X-Admin-Script-Status: ok\r\n"
                  "X-Admin-Resume: true\r\n"
                  "Transfer-Encoding: chunked\r\n"
                  "\r\n");

  assert_true (ea_http_request_write (&request, ea_span_from_bytes (answer), &writer, &error));
  assert_true (ea_http_request_write (&request, EA_SPAN_EMPTY, &writer, &error));
  assert_true (ea_http_request_write (&request, ea_span_from_bytes (script), &writer, &error));
  assert_true (ea_http_request_end (&request, &writer, &error));

  written = ea_writer_span (&writer);
  assert_span_is (written, "390D0A" ANSWER "0D0A"   /* 9 */
                           "34420D0A" SCRIPT "0D0A" /* 4B */
                           "300D0A0D0A");
}

static void
test_body_with_a_length_has_that_length (void **state)
{
  EaHttpRequestHead head = get_first_head ();
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;
  EaHttpRequest request;

  head.from = NULL;
  head.protocol = EA_HTTP_PROTOCOL_1_1_1;
  head.se_list = "//se-id/CUD/0102";
  head.targeted_se = "//se-id/ICCID/89";
  head.framing = EA_HTTP_FRAMING_LENGTH;
  head.content_length = 5;
  ea_writer_init (&writer);
  assert_true (ea_http_request_begin (&request, &head, &writer, &error));
  assert_true (ea_http_request_write (&request, text_of ("abc"), &writer, &error));
  assert_false (ea_http_request_end (&request, &writer, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_false (ea_http_request_write (&request, text_of ("def"), &writer, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_true (ea_http_request_write (&request, text_of ("de"), &writer, &error));
  assert_true (ea_http_request_end (&request, &writer, &error));

  assert_written (&writer, "POST /gsma/adminagent HTTP/1.1\r\n"
                           "Host: 192.0.2.1\r\n"
                           "X-Admin-Protocol: globalplatform-remote-admin/1.1.1\r\n"
                           "X-Admin-SE-List: //se-id/CUD/0102\r\n"
                           "X-Admin-Targeted-SE: //se-id/ICCID/89\r\n"
                           "Content-Length: 5\r\n"
                           "\r\n"
                           "abcde");
}

static void
test_nothing_is_written_after_the_end (void **state)
{
  EaHttpRequestHead head = get_first_head ();
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;
  EaHttpRequest request;
  EaSpan written;

  head.framing = EA_HTTP_FRAMING_CHUNKED;
  ea_writer_init (&writer);
  assert_true (ea_http_request_begin (&request, &head, &writer, &error));
  ea_writer_clear (&writer);
  ea_writer_init (&writer);
  assert_true (ea_http_request_end (&request, &writer, &error));

  assert_false (ea_http_request_write (&request, text_of ("late"), &writer, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_false (ea_http_request_write (&request, EA_SPAN_EMPTY, &writer, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_false (ea_http_request_end (&request, &writer, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);

  written = ea_writer_span (&writer);
  assert_span_is (written, "300D0A0D0A");
}

static void
assert_not_written (const EaHttpRequestHead *head, EaCoreError code)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;
  EaHttpRequest request;

  ea_writer_init (&writer);
  poison (&request, sizeof request);
  assert_false (ea_http_request_begin (&request, head, &writer, &error));
  assert_true (is_poisoned (&request, sizeof request));
  assert_int_equal (ea_writer_span (&writer).size, 0);
  assert_core_error (&error, code);
}

static void
test_texts_that_could_end_a_line_are_not_written (void **state)
{
  static const char *const values[]
      = { "", "a\r\nX-Evil: b", "a\nb", "a\rb", "a\tb", "a\177", " a", "a " };
  static const char *const uris[] = { "", "/a b", "/a\r\n", "/a\tb", " /a", "/a\001" };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      EaHttpRequestHead host = get_first_head ();
      EaHttpRequestHead status = get_first_head ();

      host.host = values[i];
      status.script_status = values[i];
      assert_not_written (&host, EA_CORE_ERROR_MALFORMED);
      assert_not_written (&status, EA_CORE_ERROR_MALFORMED);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      EaHttpRequestHead head = get_first_head ();

      head.uri = uris[i];
      assert_not_written (&head, EA_CORE_ERROR_MALFORMED);
    }
}

static void
test_request_without_uri_host_or_protocol_is_not_written (void **state)
{
  EaHttpRequestHead no_uri = get_first_head ();
  EaHttpRequestHead no_host = get_first_head ();
  EaHttpRequestHead no_protocol = get_first_head ();

  no_uri.uri = NULL;
  no_host.host = NULL;
  no_protocol.protocol = NULL;

  assert_not_written (&no_uri, EA_CORE_ERROR_MALFORMED);
  assert_not_written (&no_host, EA_CORE_ERROR_MALFORMED);
  assert_not_written (&no_protocol, EA_CORE_ERROR_MALFORMED);
}

static EaHttpRequestHead
get_long_head (const char *longest, const char *status)
{
  return (EaHttpRequestHead){
    .uri = "/",
    .host = "h",
    .protocol = "p",
    .from = longest,
    .se_list = longest,
    .targeted_se = longest,
    .script_status = status,
  };
}

static void
assert_read (EaSpan written)
{
  g_autoptr (EaHttpReader) reader = ea_http_reader_new (EA_HTTP_REQUEST, FALSE);
  g_autoptr (GError) error = NULL;
  EaHttpEvent event;
  EaSpan body;

  ea_http_reader_feed (reader, written);
  assert_true (ea_http_reader_next (reader, &event, &body, &error));
  assert_int_equal (event, EA_HTTP_EVENT_HEAD);
}

static void
test_written_head_is_not_longer_than_the_reader_takes (void **state)
{
  g_autofree char *longest = g_strnfill (4096, 'x');
  /* 17 for the request line, 9 and 21 for host and protocol, 16, 19 and 23 around the long values, 25
   * around the status, 2 for the end */
  g_autofree char *status
      = g_strnfill (16384 - 3 * 4096 - 17 - 9 - 21 - 16 - 19 - 23 - 25 - 2, 's');
  g_autofree char *longer = g_strconcat (status, "s", NULL);
  EaHttpRequestHead good = get_long_head (longest, status);
  EaHttpRequestHead bad = get_long_head (longest, longer);
  g_auto (EaWriter) writer = { 0 };
  EaHttpRequest request;

  ea_writer_init (&writer);
  assert_true (ea_http_request_begin (&request, &good, &writer, NULL));

  assert_int_equal (ea_writer_span (&writer).size, 16384);
  assert_read (ea_writer_span (&writer));
  assert_not_written (&bad, EA_CORE_ERROR_LIMIT);
}

static void
test_written_texts_have_their_limits (void **state)
{
  g_autofree char *longest = g_strnfill (4096, 'x');
  g_autofree char *longer = g_strnfill (4097, 'x');
  EaHttpRequestHead head = get_first_head ();
  g_auto (EaWriter) writer = { 0 };
  EaHttpRequest request;

  head.uri = longest;
  head.from = longest;
  ea_writer_init (&writer);
  assert_true (ea_http_request_begin (&request, &head, &writer, NULL));

  head.uri = longer;
  assert_not_written (&head, EA_CORE_ERROR_LIMIT);
  head.uri = longest;
  head.from = longer;
  assert_not_written (&head, EA_CORE_ERROR_LIMIT);
  head.from = NULL;
  head.framing = EA_HTTP_FRAMING_CLOSE;
  assert_not_written (&head, EA_CORE_ERROR_UNSUPPORTED);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_first_request_is_written_as_in_the_standard),
    cmocka_unit_test (test_answer_is_written_in_chunks),
    cmocka_unit_test (test_body_with_a_length_has_that_length),
    cmocka_unit_test (test_nothing_is_written_after_the_end),
    cmocka_unit_test (test_request_without_uri_host_or_protocol_is_not_written),
    cmocka_unit_test (test_written_head_is_not_longer_than_the_reader_takes),
    cmocka_unit_test (test_texts_that_could_end_a_line_are_not_written),
    cmocka_unit_test (test_written_texts_have_their_limits),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
