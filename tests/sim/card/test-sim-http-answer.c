/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How the SM-SR's HTTP server writes its responses. The expected octets are written by hand from RFC 9112. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim-http-answer.h"
#include "sim-http.h"

#define BODY_SIZE 5000

static SimHttpAnswer *
make_answer (guint number)
{
  SimHttpAnswer *answer = sim_http_answer_new (200, ea_span_init ("script", 6), number);

  sim_http_answer_add (answer, "X-Admin-Next-URI", "/next");
  sim_http_answer_add (answer, "Content-Type", "a/b");
  return answer;
}

static SimHttpStyle
parse (const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, " ", -1);
  SimHttpStyle style = { 0 };

  if (!sim_http_style_parse (&style, (const char *const *) list))
    fail_msg ("'%s' is refused", words);
  return style;
}

static void
assert_written (const SimHttpAnswer *answer, const SimHttpStyle *style, const char *expected)
{
  g_autoptr (GBytes) bytes = sim_http_answer_write (answer, style);
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  assert_string_equal (text, expected);
}

static void
assert_style (const char *words, const char *expected)
{
  g_autoptr (SimHttpAnswer) answer = make_answer (0);
  SimHttpStyle style = parse (words);

  assert_written (answer, &style, expected);
}

static void
test_framing_and_spelling_take_turns (void **state)
{
  static const char *const expected[] = {
    "HTTP/1.1 200 OK\r\nX-Admin-Next-URI: /next\r\nContent-Type: a/b\r\n"
    "Transfer-Encoding: chunked\r\n\r\n6\r\nscript\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX-Admin-Next-URI: /next\r\nContent-Type: a/b\r\n"
    "Content-Length: 6\r\n\r\nscript",
    "HTTP/1.1 200 OK\r\nx-admin-next-uri:/next  \r\ncontent-type:a/b  \r\n"
    "transfer-encoding:chunked  \r\n\r\n6\r\nscript\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nx-admin-next-uri:/next  \r\ncontent-type:a/b  \r\n"
    "content-length:6  \r\n\r\nscript",
  };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (SimHttpAnswer) answer = make_answer (i);

      assert_written (answer, &sim_http_style_default, expected[i]);
    }
}

static void
test_every_liberty_can_be_ordered (void **state)
{
  assert_style ("length tight", "HTTP/1.1 200 OK\r\nX-Admin-Next-URI:/next\r\nContent-Type:a/b\r\n"
                                "Content-Length:6\r\n\r\nscript");
  assert_style ("length lower blanks=3",
                "HTTP/1.1 200 OK\r\nx-admin-next-uri: /next   \r\ncontent-type: a/b   \r\n"
                "content-length: 6   \r\n\r\nscript");
  assert_style ("length reverse close",
                "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n"
                "Content-Type: a/b\r\nX-Admin-Next-URI: /next\r\n\r\nscript");
  assert_style ("chunks=all", "HTTP/1.1 200 OK\r\nX-Admin-Next-URI: /next\r\nContent-Type: a/b\r\n"
                              "Transfer-Encoding: chunked\r\n\r\n6\r\nscript\r\n0\r\n\r\n");
  assert_style ("chunks=1", "HTTP/1.1 200 OK\r\nX-Admin-Next-URI: /next\r\nContent-Type: a/b\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n1\r\ns\r\n1\r\nc\r\n1\r\nr\r\n"
                            "1\r\ni\r\n1\r\np\r\n1\r\nt\r\n0\r\n\r\n");
  assert_style ("chunks=4", "HTTP/1.1 200 OK\r\nX-Admin-Next-URI: /next\r\nContent-Type: a/b\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n4\r\nscri\r\n2\r\npt\r\n"
                            "0\r\n\r\n");
}

static void
test_lengths_may_lie (void **state)
{
  g_autoptr (SimHttpAnswer) answer = make_answer (0);
  SimHttpStyle style = parse ("chunks=4");

  style.chunk_length = "-1";
  assert_written (answer, &style,
                  "HTTP/1.1 200 OK\r\nX-Admin-Next-URI: /next\r\nContent-Type: a/b\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n-1\r\nscri\r\n2\r\npt\r\n0\r\n\r\n");
  style = parse ("length");
  style.chunk_length = "7FFFFFFF";
  style.is_endless = TRUE;
  assert_written (answer, &style,
                  "HTTP/1.1 200 OK\r\nX-Admin-Next-URI: /next\r\nContent-Type: a/b\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n7FFFFFFF\r\nscript\r\n");
  style = sim_http_style_default;
  style.length = "-5";
  assert_written (answer, &style,
                  "HTTP/1.1 200 OK\r\nX-Admin-Next-URI: /next\r\nContent-Type: a/b\r\n"
                  "Content-Length: -5\r\n\r\nscript");
}

static void
test_a_response_without_a_body_says_so_unless_it_can_have_none (void **state)
{
  g_autoptr (SimHttpAnswer) end = sim_http_answer_new (204, EA_SPAN_EMPTY, 0);
  g_autoptr (SimHttpAnswer) refusal = sim_http_answer_new (503, EA_SPAN_EMPTY, 0);

  assert_written (end, &sim_http_style_default, "HTTP/1.1 204 No Content\r\n\r\n");
  assert_written (refusal, &sim_http_style_default,
                  "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
}

static void
test_a_field_is_replaced_whatever_its_case (void **state)
{
  g_autoptr (SimHttpAnswer) answer = make_answer (1);

  sim_http_answer_replace (answer, "content-type", "c/d");
  sim_http_answer_replace (answer, "Location", "/");
  assert_written (answer, &sim_http_style_default,
                  "HTTP/1.1 200 OK\r\nX-Admin-Next-URI: /next\r\nContent-Type: c/d\r\n"
                  "Location: /\r\nContent-Length: 6\r\n\r\nscript");
}

/* (transfer full): a body of many octets in random chunks */
static GBytes *
write_random (guint seed, guint number, GBytes *body)
{
  g_autofree char *words = g_strdup_printf ("chunks=random:%u", seed);
  g_autoptr (SimHttpAnswer) answer = sim_http_answer_new (200, ea_span_from_bytes (body), number);
  SimHttpStyle style = parse (words);

  return sim_http_answer_write (answer, &style);
}

static void
test_random_chunks_follow_their_seed_and_hold_the_body (void **state)
{
  g_autoptr (GBytes) body = g_bytes_new_take (g_malloc0 (BODY_SIZE), BODY_SIZE);
  g_autoptr (GBytes) first = write_random (1, 0, body);
  g_autoptr (GBytes) again = write_random (1, 0, body);
  g_autoptr (GBytes) next = write_random (1, 1, body);
  g_autoptr (GBytes) other = write_random (7, 0, body);
  g_autoptr (SimHttpReader) reader = sim_http_reader_new (FALSE);
  g_autoptr (SimHttpMessage) message = NULL;

  assert_true (g_bytes_equal (first, again));
  assert_false (g_bytes_equal (first, next));
  assert_false (g_bytes_equal (first, other));
  assert_true (sim_http_reader_feed (reader, ea_span_from_bytes (first), NULL));
  message = sim_http_reader_pull (reader);
  assert_non_null (message);
  assert_true (g_bytes_equal (message->body, body));
}

static void
test_other_words_are_refused (void **state)
{
  static const char *const wrong[]
      = { "default tight", "tight default",  "chunks",  "chunks=",     "chunks=0",    "chunks=x",
          "chunks=random", "chunks=random:", "blanks=", "blanks=1001", "tight,lower", "closes" };
  const char *const nothing[] = { NULL };
  SimHttpStyle style = { 0 };

  assert_false (sim_http_style_parse (&style, nothing));
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (GStrv) words = g_strsplit (wrong[i], " ", -1);

      if (sim_http_style_parse (&style, (const char *const *) words))
        fail_msg ("'%s' is taken", wrong[i]);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_framing_and_spelling_take_turns),
    cmocka_unit_test (test_every_liberty_can_be_ordered),
    cmocka_unit_test (test_lengths_may_lie),
    cmocka_unit_test (test_a_response_without_a_body_says_so_unless_it_can_have_none),
    cmocka_unit_test (test_a_field_is_replaced_whatever_its_case),
    cmocka_unit_test (test_random_chunks_follow_their_seed_and_hold_the_body),
    cmocka_unit_test (test_other_words_are_refused),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
