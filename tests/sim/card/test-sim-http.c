/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * HTTP/1.1 of the simulator: literal messages both ways. The texts are those of GlobalPlatform
 * Amendment B's examples, and what servers and cards in the field make of them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/error.h"
#include "sim-http.h"
#include "test-support.h"

#define FROM                                                                                       \
  "//se-id/eid/89001012012341234012345678901224;//aa-id/aid/A000000559/1010FFFFFFFF8900000100"

#define FIRST_POST                                                                                 \
  "POST /gsma/adminagent?msg=E135 HTTP/1.1\r\n"                                                    \
  "Host: 192.0.2.1\r\n"                                                                            \
  "X-Admin-Protocol: globalplatform-remote-admin/1.0\r\n"                                          \
  "X-Admin-From: " FROM "\r\n"                                                                     \
  "\r\n"

#define CHUNKED_POST                                                                               \
  "POST /next?n=2 HTTP/1.1\r\n"                                                                    \
  "Host: 192.0.2.1\r\n"                                                                            \
  "X-Admin-Script-Status: ok\r\n"                                                                  \
  "Transfer-Encoding: chunked\r\n"                                                                 \
  "\r\n"                                                                                           \
  "9\r\n\xAF\x80\x23\x03\x00\x90\x00\x00\x00\r\n0\r\n\r\n"
#define CHUNKED_POST_SIZE (sizeof (CHUNKED_POST) - 1)

#define FIELD_RESPONSE                                                                             \
  "HTTP/1.1 200 OK\r\n"                                                                            \
  "X-Admin-Next-URI:/a/b?c=%2F&d \r\n"                                                             \
  "transfer-encoding:chunked\r\n"                                                                  \
  "Via: one\r\nVia: two\r\n"                                                                       \
  "\r\n"                                                                                           \
  "2\r\n\xAE\x80\r\n2;x=y\r\n\x00\x00\r\n0\r\nTrailer: t\r\n\r\n"
#define FIELD_RESPONSE_SIZE (sizeof (FIELD_RESPONSE) - 1)

#define LENGTH_RESPONSE "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"

static EaSpan
span_of (const char *text)
{
  return ea_span_init (text, strlen (text));
}

static void
assert_text (GBytes *bytes, EaSpan expected)
{
  g_autofree char *actual_hex = ea_span_to_hex (ea_span_from_bytes (bytes));
  g_autofree char *expected_hex = ea_span_to_hex (expected);

  assert_string_equal (actual_hex, expected_hex);
}

/* Feeds @text in pieces of @piece octets; the only message in it. */
static SimHttpMessage *
read_in_pieces (gboolean is_request, EaSpan text, gsize piece)
{
  g_autoptr (SimHttpReader) reader = sim_http_reader_new (is_request);
  SimHttpMessage *message;

  for (; text.size > 0; text = ea_span_tail (text, piece))
    {
      g_autoptr (GError) error = NULL;

      assert_null (sim_http_reader_pull (reader));
      if (!sim_http_reader_feed (reader, ea_span_head (text, piece), &error))
        fail_msg ("%s", error->message);
    }
  message = sim_http_reader_pull (reader);
  assert_non_null (message);
  assert_null (sim_http_reader_pull (reader));
  return message;
}

static void
assert_refused (gboolean is_request, const char *text, EaCoreError code)
{
  g_autoptr (SimHttpReader) reader = sim_http_reader_new (is_request);
  g_autoptr (GError) error = NULL;

  assert_false (sim_http_reader_feed (reader, span_of (text), &error));
  if (!g_error_matches (error, EA_CORE_ERROR, (int) code))
    fail_msg ("%s: %s", text, error->message);
  assert_false (sim_http_reader_feed (reader, span_of (FIRST_POST), NULL));
  assert_null (sim_http_reader_pull (reader));
}

static void
test_the_first_post_is_written_without_a_body (void **state)
{
  const char *fields[] = { "Host: 192.0.2.1", "X-Admin-Protocol: globalplatform-remote-admin/1.0",
                           "X-Admin-From: " FROM, NULL };
  g_autoptr (GBytes) request
      = sim_http_build_request ("POST", "/gsma/adminagent?msg=E135", fields, NULL, TRUE);

  assert_text (request, span_of (FIRST_POST));
}

static void
test_a_body_is_written_in_chunks_or_with_its_length (void **state)
{
  const char *fields[] = { "Host: 192.0.2.1", "X-Admin-Script-Status: ok", NULL };
  g_autoptr (GBytes) body = from_hex ("af8023030090000000");
  g_autoptr (GBytes) request = sim_http_build_request ("POST", "/next?n=2", fields, body, TRUE);
  g_autoptr (GBytes) text = g_bytes_new_static ("abc", 3);
  g_autoptr (GBytes) response = sim_http_build_response (200, NULL, text, FALSE);

  assert_text (request, ea_span_init (CHUNKED_POST, CHUNKED_POST_SIZE));
  assert_text (response, span_of (LENGTH_RESPONSE));
}

static void
test_a_long_body_is_written_in_chunks_of_1024 (void **state)
{
  g_autofree char *text = g_strnfill (1030, 'x');
  g_autofree char *expected
      = g_strdup_printf ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "400\r\n%.1024s\r\n6\r\nxxxxxx\r\n0\r\n\r\n",
                         text);
  g_autoptr (GBytes) body = g_bytes_new_static (text, 1030);
  g_autoptr (GBytes) response = sim_http_build_response (200, NULL, body, TRUE);

  assert_text (response, span_of (expected));
}

static void
test_responses_without_a_body_say_so (void **state)
{
  const char *fields[] = { "X-Admin-Next-URI: /n", NULL };
  g_autoptr (GBytes) end = sim_http_build_response (204, NULL, NULL, FALSE);
  g_autoptr (GBytes) next = sim_http_build_response (204, fields, NULL, TRUE);
  g_autoptr (GBytes) unknown = sim_http_build_response (404, NULL, NULL, FALSE);

  assert_text (end, span_of ("HTTP/1.1 204 No Content\r\n\r\n"));
  assert_text (next, span_of ("HTTP/1.1 204 No Content\r\nX-Admin-Next-URI: /n\r\n\r\n"));
  assert_text (unknown, span_of ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
}

static void
test_requests_are_read_in_pieces_of_any_size (void **state)
{
  for (gsize piece = 1; piece <= CHUNKED_POST_SIZE; piece++)
    {
      g_autoptr (SimHttpMessage) message
          = read_in_pieces (TRUE, ea_span_init (CHUNKED_POST, CHUNKED_POST_SIZE), piece);

      assert_string_equal (message->method, "POST");
      assert_string_equal (message->target, "/next?n=2");
      assert_int_equal (message->status, 0);
      assert_string_equal (sim_http_message_get_field (message, "x-admin-script-status"), "ok");
      assert_bytes (message->body, "af8023030090000000");
    }
}

static void
test_a_request_without_a_body_is_whole_after_its_head (void **state)
{
  g_autoptr (SimHttpMessage) message = read_in_pieces (TRUE, span_of (FIRST_POST), 7);

  assert_string_equal (message->target, "/gsma/adminagent?msg=E135");
  assert_string_equal (sim_http_message_get_field (message, "x-admin-from"), FROM);
  assert_null (sim_http_message_get_field (message, "content-length"));
  assert_int_equal (g_bytes_get_size (message->body), 0);
}

static void
test_responses_are_read_as_servers_in_the_field_write_them (void **state)
{
  for (gsize piece = 1; piece <= FIELD_RESPONSE_SIZE; piece++)
    {
      g_autoptr (SimHttpMessage) message
          = read_in_pieces (FALSE, ea_span_init (FIELD_RESPONSE, FIELD_RESPONSE_SIZE), piece);

      assert_int_equal (message->status, 200);
      assert_null (message->method);
      assert_null (message->target);
      assert_string_equal (sim_http_message_get_field (message, "x-admin-next-uri"),
                           "/a/b?c=%2F&d");
      assert_string_equal (sim_http_message_get_field (message, "via"), "one, two");
      assert_null (sim_http_message_get_field (message, "trailer"));
      assert_bytes (message->body, "ae800000");
    }
}

static void
test_an_empty_value_belongs_to_its_own_field (void **state)
{
  g_autoptr (SimHttpMessage) message
      = read_in_pieces (TRUE, span_of ("POST / HTTP/1.1\r\nA:\r\nB: \r\nC: c\r\n\r\n"), G_MAXSIZE);

  assert_string_equal (sim_http_message_get_field (message, "a"), "");
  assert_string_equal (sim_http_message_get_field (message, "b"), "");
  assert_string_equal (sim_http_message_get_field (message, "c"), "c");
}

static void
test_messages_come_one_after_another (void **state)
{
  const char *text
      = LENGTH_RESPONSE "HTTP/1.1 204 No Content\r\nX-Admin-Next-URI: /n\r\n\r\n" LENGTH_RESPONSE;

  for (gsize piece = 1; piece <= strlen (text); piece++)
    {
      g_autoptr (SimHttpReader) reader = sim_http_reader_new (FALSE);
      g_autoptr (SimHttpMessage) first = NULL;
      g_autoptr (SimHttpMessage) second = NULL;
      g_autoptr (SimHttpMessage) third = NULL;

      for (EaSpan rest = span_of (text); rest.size > 0; rest = ea_span_tail (rest, piece))
        assert_true (sim_http_reader_feed (reader, ea_span_head (rest, piece), NULL));
      first = sim_http_reader_pull (reader);
      second = sim_http_reader_pull (reader);
      third = sim_http_reader_pull (reader);

      assert_bytes (first->body, "616263");
      assert_int_equal (second->status, 204);
      assert_string_equal (sim_http_message_get_field (second, "x-admin-next-uri"), "/n");
      assert_null (sim_http_message_get_field (first, "x-admin-next-uri"));
      assert_bytes (third->body, "616263");
      assert_null (sim_http_reader_pull (reader));
    }
}

static void
test_no_message_is_whole_before_its_last_octet (void **state)
{
  for (gsize size = 0; size < CHUNKED_POST_SIZE; size++)
    {
      g_autoptr (SimHttpReader) reader = sim_http_reader_new (TRUE);

      assert_true (sim_http_reader_feed (reader, ea_span_init (CHUNKED_POST, size), NULL));
      assert_null (sim_http_reader_pull (reader));
    }
}

static void
test_what_is_no_http_is_refused (void **state)
{
  assert_refused (TRUE, "\x16\x03\x01 hello", EA_CORE_ERROR_MALFORMED);
  assert_refused (TRUE, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", EA_CORE_ERROR_MALFORMED);
  assert_refused (FALSE, "POST / HTTP/1.1\r\n\r\n", EA_CORE_ERROR_MALFORMED);
  assert_refused (FALSE, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                  EA_CORE_ERROR_MALFORMED);
  assert_refused (FALSE, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                  EA_CORE_ERROR_MALFORMED);
}

static void
test_bodies_without_an_end_and_upgrades_are_refused (void **state)
{
  assert_refused (FALSE, "HTTP/1.1 200 OK\r\n\r\n", EA_CORE_ERROR_UNSUPPORTED);
  assert_refused (TRUE, "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
                  EA_CORE_ERROR_UNSUPPORTED);
}

static void
test_limits_are_kept (void **state)
{
  g_autofree char *most = g_strnfill (SIM_HTTP_HEAD_MAX - 1 - 1, 'v');
  g_autofree char *good = g_strdup_printf ("POST / HTTP/1.1\r\nA: %s\r\n\r\n", most);
  g_autofree char *bad = g_strdup_printf ("POST / HTTP/1.1\r\nA: %sv\r\n\r\n", most);
  g_autofree char *body = g_strnfill (SIM_HTTP_BODY_MAX + 1, 'b');
  g_autofree char *long_body = g_strdup_printf ("POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s",
                                                SIM_HTTP_BODY_MAX + 1, body);
  g_autofree char *full_body = g_strdup_printf ("POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%.*s",
                                                SIM_HTTP_BODY_MAX, SIM_HTTP_BODY_MAX, body);
  g_autoptr (SimHttpMessage) message = read_in_pieces (TRUE, span_of (good), G_MAXSIZE);
  g_autoptr (SimHttpMessage) full = read_in_pieces (TRUE, span_of (full_body), G_MAXSIZE);

  assert_string_equal (sim_http_message_get_field (message, "a"), most);
  assert_int_equal (g_bytes_get_size (full->body), SIM_HTTP_BODY_MAX);
  assert_refused (TRUE, bad, EA_CORE_ERROR_LIMIT);
  assert_refused (TRUE, long_body, EA_CORE_ERROR_LIMIT);
  sim_http_message_free (NULL);
  sim_http_reader_free (NULL);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_the_first_post_is_written_without_a_body),
    cmocka_unit_test (test_a_body_is_written_in_chunks_or_with_its_length),
    cmocka_unit_test (test_a_long_body_is_written_in_chunks_of_1024),
    cmocka_unit_test (test_responses_without_a_body_say_so),
    cmocka_unit_test (test_requests_are_read_in_pieces_of_any_size),
    cmocka_unit_test (test_a_request_without_a_body_is_whole_after_its_head),
    cmocka_unit_test (test_responses_are_read_as_servers_in_the_field_write_them),
    cmocka_unit_test (test_an_empty_value_belongs_to_its_own_field),
    cmocka_unit_test (test_messages_come_one_after_another),
    cmocka_unit_test (test_no_message_is_whole_before_its_last_octet),
    cmocka_unit_test (test_what_is_no_http_is_refused),
    cmocka_unit_test (test_bodies_without_an_end_and_upgrades_are_refused),
    cmocka_unit_test (test_limits_are_kept),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
