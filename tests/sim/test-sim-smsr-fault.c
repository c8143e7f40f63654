/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What goes wrong with the SM-SR's HTTPS server when a test wants it, and that it goes well afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "card/sim-tls.h"
#include "test-smsr-host.h"

#define SCRIPT "AE80221A80E28800153A05124F10A0000005591010FFFFFFFF89000011000000"
#define SCRIPT_SIZE 32
#define FLOOD_SIZE (256 * 1024)
#define KILLS 20
#define RANDOM_MAX 4000

static const char *const first_fields[] = {
  "Host: 127.0.0.1",
  "X-Admin-Protocol: globalplatform-remote-admin/1.0",
  "X-Admin-From: //se-id/eid/" EID ";//aa-id/aid/A000000559/1010FFFFFFFF8900000100",
  NULL,
};

static gboolean
parse (SimSmsrFault *fault, const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, " ", -1);

  return sim_smsr_fault_parse (fault, (const char *const *) list);
}

static void
order (TestSmsrHost *host, const char *words)
{
  SimSmsrFault fault = { 0 };

  assert_true (parse (&fault, words));
  assert_true (sim_smsr_server_set_fault (host->server, &fault, NULL));
}

static void
begin (TestSmsrHost *host)
{
  test_smsr_start (host->smsr, "set-fallback 1100 --via https");
}

/* The operation goes on over another connection: the first POST is answered as it would have been. */
static void
assert_resumed (TestSmsrHost *host, guint n_connections, guint n_failed)
{
  g_autoptr (TestAdminClient) client = test_smsr_host_connect (host, EID);
  g_autofree char *next
      = test_smsr_host_assert_script (test_smsr_host_resume (client, ADMIN_URI, NULL), SCRIPT);
  g_autofree char *expected
      = g_strdup_printf ("ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                         "transport=https connections=%u resumed=1 failed=%u",
                         n_connections, n_failed);

  test_smsr_host_assert_end (test_admin_client_post (client, EID, next, OK_RESPONSE));
  test_admin_client_close (client);
  test_smsr_assert_reply (host->smsr, expected);
}

/* (transfer full): has sent its first POST; what comes is kept in the raw */
static TestAdminClient *
post_raw (TestSmsrHost *host)
{
  TestAdminClient *client = test_smsr_host_connect (host, EID);

  test_admin_client_keep_raw (client);
  test_admin_client_write (client, ADMIN_URI, first_fields, NULL);
  return client;
}

static gboolean
raw_has (const TestAdminClient *client, const char *text)
{
  g_autofree char *raw = g_strndup ((const char *) client->raw->data, client->raw->len);

  return strstr (raw, text) != NULL;
}

static void
test_words_are_read_with_what_they_need (void **state)
{
  static const char *const good[] = { "off",
                                      "refuse",
                                      "close",
                                      "close 5",
                                      "reset 5 2",
                                      "stall 0 1",
                                      "flood 9",
                                      "random 1 20",
                                      "random 1 20 9",
                                      "slow 1 10",
                                      "slow 1 10 2",
                                      "status 503",
                                      "status 503 1",
                                      "length -1",
                                      "length 18446744073709551616 2",
                                      "early 1",
                                      "chunk-length -1",
                                      "tls1.0",
                                      "tls1.3 2",
                                      "never 3",
                                      "wrong-type",
                                      "cut-script 1",
                                      "cut-body 2",
                                      "short-body",
                                      "header-flood",
                                      "endless-chunk",
                                      "unknown-application",
                                      "unknown-identity",
                                      "wrong-key",
                                      "certificates",
                                      "cat-tp-refuse 6",
                                      "cat-tp-refuse 255 1",
                                      "cat-tp-reset 0 3 1",
                                      "cat-tp-forget",
                                      "cat-tp-drop 2 5",
                                      "cat-tp-deaf 2",
                                      "cat-tp-checksum",
                                      "cat-tp-silence 1",
                                      "cat-tp-forge 1",
                                      "cat-tp-unknown-key",
                                      "cat-tp-oversize 1" };
  static const char *const bad[] = { "",
                                     "of",
                                     "off 1",
                                     "close -1",
                                     "close 1 2 3",
                                     "random 1",
                                     "random 1 0",
                                     "status",
                                     "status 99",
                                     "status 1000",
                                     "slow 1",
                                     "slow 0 1",
                                     "length",
                                     "never x",
                                     "cat-tp-refuse",
                                     "cat-tp-refuse 256",
                                     "cat-tp-reset 1 1 1 1",
                                     "cat-tp-silence 1 1",
                                     "length 12345678901234567890123456789012345678901" };
  SimSmsrFault fault = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      if (!parse (&fault, good[i]))
        fail_msg ("'%s' is refused", good[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      if (parse (&fault, bad[i]))
        fail_msg ("'%s' is taken", bad[i]);
    }
}

static void
test_another_status_comes_as_often_as_ordered (void **state)
{
  static const guint statuses[] = { 302, 400, 404, 500, 503 };
  TestSmsrHost *host = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autofree char *words = g_strdup_printf ("status %u 1", statuses[i]);
      g_autoptr (TestAdminClient) client = NULL;
      g_autoptr (SimHttpMessage) response = NULL;

      begin (host);
      order (host, words);
      client = test_smsr_host_connect (host, EID);
      response = test_admin_client_post (client, EID, ADMIN_URI, NULL);
      assert_int_equal (response->status, statuses[i]);
      assert_int_equal (g_bytes_get_size (response->body), 0);
      assert_int_equal (sim_http_message_get_field (response, "location") != NULL,
                        statuses[i] == 302);
      test_admin_client_close (client);
      assert_null (sim_smsr_pull_reply (host->smsr));
      assert_resumed (host, 2, 1);
    }
}

/* The end of a session can be lost, too. */
static void
test_an_end_that_came_as_another_status_is_asked_for_again (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autoptr (SimHttpMessage) response = NULL;
  g_autofree char *next = NULL;

  begin (host);
  client = test_smsr_host_connect (host, EID);
  next = test_smsr_host_assert_script (test_admin_client_post (client, EID, ADMIN_URI, NULL),
                                       SCRIPT);
  order (host, "status 500 1");
  response = test_admin_client_post (client, EID, next, OK_RESPONSE);
  assert_int_equal (response->status, 500);
  test_admin_client_close (client);
  assert_null (sim_smsr_pull_reply (host->smsr));
  g_clear_pointer (&client, test_admin_client_free);

  client = test_smsr_host_connect (host, EID);
  test_smsr_host_assert_end (test_smsr_host_resume (client, next, OK_RESPONSE));
  test_admin_client_close (client);
  test_smsr_assert_reply (host->smsr,
                          "ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                          "transport=https connections=2 resumed=1 failed=1");
}

static void
test_heads_and_chunks_without_end_do_not_end (void **state)
{
  static const char *const words[] = { "header-flood 1", "endless-chunk 1" };
  TestSmsrHost *host = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      TestAdminClient *client;

      begin (host);
      order (host, words[i]);
      client = post_raw (host);
      test_admin_client_wait_raw (client, FLOOD_SIZE);
      assert_false (client->has_ended);
      assert_true (raw_has (client, "HTTP/1.1 200 OK\r\n"));
      assert_true (i == 0 ? !raw_has (client, "\r\n\r\n")
                          : raw_has (client, "\r\n\r\n7FFFFFFF\r\n"));
      test_smsr_host_break_off (host, client);
      assert_resumed (host, 2, 1);
    }
}

static void
test_lengths_are_what_was_ordered (void **state)
{
  static const char *const words[][2] = {
    { "length -1 1", "Content-Length: -1\r\n" },
    { "length 99999999999999999999 1", "ontent-" },
    { "chunk-length -1 1", "\r\n\r\n-1\r\n" },
    { "chunk-length FFFFFFFFFFFFFFFFF 1", "\r\n\r\nFFFFFFFFFFFFFFFFF\r\n" },
  };
  TestSmsrHost *host = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      TestAdminClient *client;

      begin (host);
      order (host, words[i][0]);
      client = post_raw (host);
      test_admin_client_wait_raw (client, SCRIPT_SIZE + 200);
      if (!raw_has (client, words[i][1]))
        fail_msg ("%s: %.*s", words[i][0], (int) client->raw->len, client->raw->data);
      test_smsr_host_break_off (host, client);
      assert_resumed (host, 2, 1);
    }
}

static void
test_a_short_body_ends_with_or_without_close_notify (void **state)
{
  static const char *const words[] = { "short-body 1", "cut-body 1" };
  TestSmsrHost *host = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autoptr (TestAdminClient) client = NULL;

      begin (host);
      order (host, words[i]);
      client = post_raw (host);
      test_admin_client_wait_end (client);
      assert_true (raw_has (client, "ontent-"));
      assert_true (raw_has (client, "48"));
      assert_int_equal (sim_tls_has_peer_closed (client->tls), i == 0);
      assert_int_equal (sim_tls_get_error (client->tls) != NULL, i == 1);
      assert_resumed (host, 2, 1);
    }
}

static void
test_a_script_that_is_cut_off_is_shorter_by_a_part_of_an_object (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autofree char *next = NULL;

  begin (host);
  order (host, "cut-script 1");
  client = test_smsr_host_connect (host, EID);
  next
      = test_smsr_host_assert_script (test_admin_client_post (client, EID, ADMIN_URI, NULL),
                                      "AE80221A80E28800153A05124F10A0000005591010FFFFFFFF89000011");
  test_smsr_host_assert_end (test_admin_client_post (client, EID, next, "af809001020000"));
  test_admin_client_close (client);

  test_smsr_assert_reply (host->smsr,
                          "error The card calls the script badly formed, with cause 02");
}

static void
test_an_unknown_application_is_the_answers_status (void **state)
{
  static const char *const fields[] = {
    "X-Admin-From: //se-id/eid/" EID ";//aa-id/aid/A000000559/1010FFFFFFFF8900000100",
    "X-Admin-Script-Status: unknown-application",
    NULL,
  };
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autoptr (SimHttpMessage) response = NULL;

  begin (host);
  order (host, "unknown-application 1");
  client = test_smsr_host_connect (host, EID);
  response = test_admin_client_post (client, EID, ADMIN_URI, NULL);
  assert_string_equal (sim_http_message_get_field (response, "x-admin-targeted-application"),
                       "//aid/A000000559/1010FFFFFFFF8900FFFF00");
  test_smsr_host_assert_end (test_admin_client_send (
      client, sim_http_message_get_field (response, "x-admin-next-uri"), fields, NULL));
  test_admin_client_close (client);

  test_smsr_assert_reply (host->smsr, "error X-Admin-Script-Status is 'unknown-application'");
}

static void
test_another_type_is_told_once (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autoptr (SimHttpMessage) response = NULL;

  begin (host);
  order (host, "wrong-type 1");
  client = test_smsr_host_connect (host, EID);
  response = test_admin_client_post (client, EID, ADMIN_URI, NULL);
  assert_string_equal (sim_http_message_get_field (response, "content-type"), "text/html");
  test_admin_client_close (client);

  assert_resumed (host, 2, 1);
}

static void
test_a_request_without_an_answer_can_be_asked_again (void **state)
{
  TestSmsrHost *host = *state;
  TestAdminClient *client;

  begin (host);
  order (host, "never 1");
  client = post_raw (host);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  assert_int_equal (client->raw->len, 0);
  assert_false (client->has_ended);
  test_smsr_host_break_off (host, client);

  assert_resumed (host, 2, 1);
}

static void
test_an_answer_may_come_before_there_is_a_request (void **state)
{
  TestSmsrHost *host = *state;
  TestAdminClient *client;

  begin (host);
  order (host, "unasked 1");
  client = test_admin_client_new (sim_smsr_server_get_address (host->server), EID);
  test_admin_client_keep_raw (client);
  assert_true (test_admin_client_open (client));
  test_admin_client_wait_raw (client, 1);
  assert_true (raw_has (client, "HTTP/1.1 204 No Content\r\n\r\n"));
  test_smsr_host_break_off (host, client);

  test_smsr_host_run_session (host, ADMIN_URI, SCRIPT);
  test_smsr_assert_reply (host->smsr,
                          "ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                          "transport=https connections=2 resumed=0 failed=1");
}

static void
test_an_answer_may_come_before_the_request_is_whole (void **state)
{
  TestSmsrHost *host = *state;
  TestAdminClient *client;

  begin (host);
  order (host, "early 1");
  client = test_smsr_host_connect (host, EID);
  test_admin_client_keep_raw (client);
  assert_true (sim_tls_send (client->tls, ea_span_init ("POST ", 5), NULL));
  test_admin_client_flush (client);
  test_admin_client_wait_raw (client, 1);
  assert_true (raw_has (client, "HTTP/1.1 204 No Content\r\n\r\n"));
  test_smsr_host_break_off (host, client);

  test_smsr_host_run_session (host, ADMIN_URI, SCRIPT);
  g_free (sim_smsr_pull_reply (host->smsr));
}

static void
test_slow_connections_get_small_pieces (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autofree char *next = NULL;

  begin (host);
  order (host, "slow 7 1 1");
  client = test_smsr_host_connect (host, EID);
  assert_int_equal (client->n_first, 7);
  next = test_smsr_host_assert_script (test_admin_client_post (client, EID, ADMIN_URI, NULL),
                                       SCRIPT);
  test_smsr_host_assert_end (test_admin_client_post (client, EID, next, OK_RESPONSE));
  test_admin_client_close (client);
  test_smsr_assert_reply (host->smsr,
                          "ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                          "transport=https connections=1 resumed=0");

  g_clear_pointer (&client, test_admin_client_free);
  client = test_smsr_host_connect (host, EID);
  assert_true (client->n_first > 7);
}

static void
test_handshakes_fail_as_often_as_ordered (void **state)
{
  static const char *const words[][2] = {
    { "unknown-identity 2", "TLS alert 115 came: " },
    { "wrong-key 2", "TLS alert 20 came: " },
    { "certificates 2", "TLS alert 40 came: " },
    { "tls1.0 2", "TLS failed: " },
    { "tls1.1 2", "TLS failed: " },
    { "tls1.3 2", "TLS alert 70 came: " },
    { "legacy-suite 2", "TLS alert 40 came: " },
  };
  TestSmsrHost *host = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      begin (host);
      order (host, words[i][0]);
      for (guint k = 0; k < 2; k++)
        {
          g_autoptr (TestAdminClient) client
              = test_admin_client_new (sim_smsr_server_get_address (host->server), EID);
          const GError *error;

          assert_false (test_admin_client_open (client));
          error = sim_tls_get_error (client->tls);
          if (error == NULL || !g_str_has_prefix (error->message, words[i][1]))
            fail_msg ("%s: %s", words[i][0], error == NULL ? "no error" : error->message);
        }
      test_smsr_host_run_session (host, ADMIN_URI, SCRIPT);
      g_free (sim_smsr_pull_reply (host->smsr));
    }
}

static void
test_a_connection_may_end_with_each_response (void **state)
{
  const SimHttpStyle style = { .closes = TRUE };
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autoptr (SimHttpMessage) response = NULL;
  g_autofree char *next = NULL;

  begin (host);
  sim_smsr_server_set_style (host->server, &style);
  client = test_smsr_host_connect (host, EID);
  response = test_admin_client_post (client, EID, ADMIN_URI, NULL);
  assert_string_equal (sim_http_message_get_field (response, "connection"), "close");
  next = g_strdup (sim_http_message_get_field (response, "x-admin-next-uri"));
  test_admin_client_wait_end (client);
  assert_true (sim_tls_has_peer_closed (client->tls));
  g_clear_pointer (&client, test_admin_client_free);

  client = test_smsr_host_connect (host, EID);
  test_smsr_host_assert_end (test_smsr_host_resume (client, next, OK_RESPONSE));
  test_admin_client_wait_end (client);
  test_smsr_assert_reply (host->smsr,
                          "ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                          "transport=https connections=2 resumed=1 failed=1");
}

/* Octets that a client has got when its connection ended */
static gsize
run_until_killed (TestSmsrHost *host)
{
  g_autoptr (TestAdminClient) client
      = test_admin_client_new (sim_smsr_server_get_address (host->server), EID);

  test_admin_client_keep_raw (client);
  if (test_admin_client_open (client))
    test_admin_client_write (client, ADMIN_URI, first_fields, NULL);
  while (!client->has_ended && client->raw->len == 0)
    g_main_context_iteration (NULL, TRUE);
  test_admin_client_wait_end (client);
  return client->n_received;
}

static void
collect_kills (TestSmsrHost *host, const char *words, gsize *n_received)
{
  order (host, words);
  for (guint i = 0; i < KILLS; i++)
    n_received[i] = run_until_killed (host);
}

static void
test_so_many_connections_are_killed_at_random_octets (void **state)
{
  TestSmsrHost *host = *state;
  gsize first[KILLS];
  gsize again[KILLS];
  gsize other[KILLS];
  guint n_within_handshake = 0;

  collect_kills (host, "random 1 20 500", first);
  collect_kills (host, "random 1 20 500", again);
  collect_kills (host, "random 2 20 500", other);

  assert_memory_equal (first, again, sizeof (first));
  assert_memory_not_equal (first, other, sizeof (first));
  for (guint i = 0; i < KILLS; i++)
    n_within_handshake += first[i] == 0 ? 1 : 0;
  assert_in_range (n_within_handshake, 1, KILLS - 1);
  begin (host);
  test_smsr_host_run_session (host, ADMIN_URI, SCRIPT);
  g_free (sim_smsr_pull_reply (host->smsr));
}

static void
test_connections_that_are_there_are_not_counted (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autoptr (TestAdminClient) other = NULL;
  g_autofree char *next = NULL;

  begin (host);
  client = test_smsr_host_connect (host, EID);
  order (host, "close 0 1");
  next = test_smsr_host_assert_script (test_admin_client_post (client, EID, ADMIN_URI, NULL),
                                       SCRIPT);
  test_smsr_host_assert_end (test_admin_client_post (client, EID, next, OK_RESPONSE));
  test_admin_client_close (client);
  g_free (sim_smsr_pull_reply (host->smsr));

  other = test_admin_client_new (sim_smsr_server_get_address (host->server), EID);
  assert_false (test_admin_client_open (other));
  test_smsr_host_run_session (host,
                              ADMIN_URI
                              "?msg=e1354c10890010120123412340123456789012244d01024e"
                              "0200012f10a0000005591010ffffffff890000110014081a325476981032"
                              "54",
                              "AE80220D80E28900073A08044E020001000000");
}

#define host_test(name)                                                                            \
  cmocka_unit_test_setup_teardown (name, test_smsr_host_set_up, test_smsr_host_tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_words_are_read_with_what_they_need),
    host_test (test_another_status_comes_as_often_as_ordered),
    host_test (test_an_end_that_came_as_another_status_is_asked_for_again),
    host_test (test_heads_and_chunks_without_end_do_not_end),
    host_test (test_lengths_are_what_was_ordered),
    host_test (test_a_short_body_ends_with_or_without_close_notify),
    host_test (test_a_script_that_is_cut_off_is_shorter_by_a_part_of_an_object),
    host_test (test_an_unknown_application_is_the_answers_status),
    host_test (test_another_type_is_told_once),
    host_test (test_a_request_without_an_answer_can_be_asked_again),
    host_test (test_an_answer_may_come_before_there_is_a_request),
    host_test (test_an_answer_may_come_before_the_request_is_whole),
    host_test (test_slow_connections_get_small_pieces),
    host_test (test_handshakes_fail_as_often_as_ordered),
    host_test (test_a_connection_may_end_with_each_response),
    host_test (test_so_many_connections_are_killed_at_random_octets),
    host_test (test_connections_that_are_there_are_not_counted),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
