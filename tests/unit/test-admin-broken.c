/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What servers do wrong in an administration session (agent/core/admin.h), and how connections end. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>
#include <string.h>

#include "admin-rig.h"
#include "helpers.h"

#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"
#define NEXT "X-Admin-Next-URI: /next\r\n"
#define OK_NEXT "HTTP/1.1 200 OK\r\n" NEXT CHUNKED
#define GET_DATA "80CA008500"
#define GET_DATA_SCRIPT "AE80220580CA0085000000"
#define TWO_COMMANDS "AE80220580CA008500220580CA0085000000"
#define RESUMED "X-Admin-Resume: true\r\n"

static void
test_status_that_is_no_success_breaks (void **state)
{
  static const struct
  {
    const char *head;
    EaAdminError code;
    const char *message;
  } heads[] = {
    { "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", EA_ADMIN_ERROR_STATUS, "404" },
    { "HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\n", EA_ADMIN_ERROR_STATUS, "500" },
    { "HTTP/1.1 201 Created\r\n" NEXT "Content-Length: 0\r\n\r\n", EA_ADMIN_ERROR_STATUS, "201" },
    { "HTTP/1.1 301 Moved\r\nLocation: /x\r\n" NEXT "Content-Length: 0\r\n\r\n",
      EA_ADMIN_ERROR_REDIRECT, "301" },
    { "HTTP/1.1 307 Moved\r\nLocation: http://192.0.2.9/\r\n\r\n", EA_ADMIN_ERROR_REDIRECT, "307" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_start (&options);
      g_auto (EaAdminEvent) event = { 0 };

      rig_receive (admin, heads[i].head, "");

      assert_true (ea_admin_pull_event (admin, &event));
      assert_int_equal (event.type, EA_ADMIN_EVENT_BROKEN);
      assert_true (g_error_matches (event.error, EA_ADMIN_ERROR, (int) heads[i].code));
      assert_non_null (strstr (event.error->message, heads[i].message));
      rig_assert_no_event (admin);
    }
}

static void
test_what_is_no_answer_breaks (void **state)
{
  static const struct
  {
    const char *bytes;
    EaAdminError code;
  } answers[] = {
    { "SSH-2.0-OpenSSH_9.2\r\n", EA_ADMIN_ERROR_PROTOCOL },
    { "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", EA_ADMIN_ERROR_PROTOCOL },
    { "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
      EA_ADMIN_ERROR_PROTOCOL },
    { "HTTP/1.1 200 OK\r\n" CHUNKED "xyz\r\n", EA_ADMIN_ERROR_PROTOCOL },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", EA_ADMIN_ERROR_PROTOCOL },
    { "HTTP/1.1 200 OK\r\nX-Admin-Next-URI: /a\r\nX-Admin-Next-URI: /b\r\n\r\n",
      EA_ADMIN_ERROR_PROTOCOL },
    { "HTTP/1.1 204 No Content\r\nX-Admin-Next-URI: /a b\r\n\r\n", EA_ADMIN_ERROR_PROTOCOL },
    { "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" NEXT CHUNKED "1\r\n<\r\n",
      EA_ADMIN_ERROR_TYPE },
    { "HTTP/1.1 200 OK\r\nContent-Type: "
      "application/vnd.globalplatform.card-content-mgt-response\r\n" NEXT CHUNKED "1\r\n<\r\n",
      EA_ADMIN_ERROR_TYPE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_start (&options);

      rig_receive (admin, answers[i].bytes, "");

      rig_assert_broken (admin, answers[i].code);
      assert_false (ea_admin_has_progressed (admin));
    }
}

static void
test_head_without_an_end_is_limited (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive (admin, "HTTP/1.1 200 OK\r\n", "");
  for (guint i = 0; i < 64; i++)
    rig_receive (admin, "X-Flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", "");
  assert_true (ea_admin_wants_bytes (admin));
  rig_receive (admin, "X-Flood: a\r\n", "");

  rig_assert_broken (admin, EA_ADMIN_ERROR_LIMIT);
}

static void
test_next_uri_is_limited (void **state)
{
  for (guint size = 4096; size <= 4097; size++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_start (&options);
      g_autofree char *uri = g_strnfill (size, 'u');
      g_autofree char *head
          = g_strdup_printf ("HTTP/1.1 204 No Content\r\nX-Admin-Next-URI: %s\r\n\r\n", uri);

      rig_receive (admin, head, "");

      if (size > 4096)
        rig_assert_broken (admin, EA_ADMIN_ERROR_LIMIT);
      else
        rig_assert_no_event (admin);
    }
}

static void
test_answer_without_a_request_breaks (void **state)
{
  static const char *const first[] = {
    "HTTP/1.1 204 No Content\r\n" NEXT "\r\n",
    "HTTP/1.1 200 OK\r\n" NEXT "Content-Length: 0\r\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_start (&options);

      rig_receive (admin, first[i], "");
      rig_receive (admin, "H", "");

      rig_assert_broken (admin, EA_ADMIN_ERROR_PROTOCOL);
    }
}

static void
test_bytes_behind_an_answer_break_after_its_script (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive_chunked (admin, OK_NEXT, GET_DATA_SCRIPT);
  rig_receive (admin, "HTTP/1.1 204 No Content\r\n\r\n", "");
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
  rig_answer (admin, GET_DATA, "6A88");

  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
  rig_assert_broken (admin, EA_ADMIN_ERROR_PROTOCOL);
  ea_admin_begin (admin);
  rig_assert_sent (admin, RIG_ANSWER ("/next") RESUMED CHUNKED "8\r\n",
                   "AF8023026A880000"
                   "0D0A300D0A0D0A");
}

static void
test_answer_before_the_request_is_whole_breaks (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);
  g_autoptr (GString) script = g_string_new ("AE80");
  g_autoptr (GBytes) piece = NULL;
  guint8 response[258] = { 0 };

  response[256] = 0x90;
  for (guint i = 0; i < 20; i++)
    g_string_append (script, "2205" GET_DATA);
  g_string_append (script, "0000");
  rig_receive_chunked (admin, OK_NEXT, script->str);
  for (guint i = 0; i < 20; i++)
    ea_admin_push_response (admin, EA_SPAN_OF_ARRAY (response));
  piece = ea_admin_pull (admin);
  rig_receive (admin, "HTTP/1.1 204 No Content\r\n\r\n", "");

  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
  rig_assert_broken (admin, EA_ADMIN_ERROR_PROTOCOL);
}

/* A script that is whole: what follows in its body is limited to 1024 bytes, whether it comes with it or later. */
static void
test_bytes_behind_a_script_are_limited (void **state)
{
  for (guint i = 0; i < 4; i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_start (&options);
      g_autofree char *zeros = g_strnfill (2 * (i % 2 == 0 ? 1024 : 1025), '0');
      g_autofree char *all = g_strconcat (GET_DATA_SCRIPT, i < 2 ? zeros : "", NULL);
      g_autofree char *head
          = g_strdup_printf ("HTTP/1.1 200 OK\r\n" NEXT "Content-Length: %zu\r\n\r\n",
                             (strlen (GET_DATA_SCRIPT) + strlen (zeros)) / 2);

      rig_receive (admin, head, all);
      rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
      rig_answer (admin, GET_DATA, "9000");
      rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
      if (i >= 2)
        rig_receive (admin, "", zeros);

      if (i % 2 == 1)
        rig_assert_broken (admin, EA_ADMIN_ERROR_LIMIT);
      else
        rig_assert_sent (admin, RIG_ANSWER ("/next") CHUNKED "8\r\n",
                         "AF80230290000000"
                         "0D0A300D0A0D0A");
    }
}

static void
test_rest_of_a_script_that_failed_is_passed_over (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive (admin, "HTTP/1.1 200 OK\r\n" NEXT "Content-Length: 16777227\r\n\r\n",
               "AE80"
               "2205" GET_DATA "2201");
  rig_answer (admin, GET_DATA, "6A82");
  for (guint i = 0; i < 1024; i++)
    {
      static const guint8 zeros[16384] = { 0 };

      rig_assert_nothing_sent (admin);
      assert_true (ea_admin_wants_bytes (admin));
      ea_admin_receive (admin, EA_SPAN_OF_ARRAY (zeros));
    }
  rig_receive (admin, "", "00");

  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
  rig_assert_broken (admin, EA_ADMIN_ERROR_LIMIT);
}

static void
test_answers_without_a_script_are_limited (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  for (guint i = 0; i < 256; i++)
    {
      g_autoptr (GBytes) sent = NULL;

      rig_receive (admin, "HTTP/1.1 204 No Content\r\n" NEXT "\r\n", "");
      rig_assert_no_event (admin);
      sent = rig_pull_all (admin);
    }
  rig_receive (admin, "HTTP/1.1 204 No Content\r\n" NEXT "\r\n", "");

  rig_assert_broken (admin, EA_ADMIN_ERROR_LIMIT);
}

static void
test_script_between_answers_without_one_is_not_counted (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  for (guint i = 0; i < 400; i++)
    {
      g_autoptr (GBytes) sent = NULL;

      if (i == 200)
        rig_receive_chunked (admin, OK_NEXT, "AE800000");
      else
        rig_receive (admin, "HTTP/1.1 204 No Content\r\n" NEXT "\r\n", "");
      sent = rig_pull_all (admin);
      assert_true (g_bytes_get_size (sent) > 0);
    }
}

/* A script of 60000 commands, then 40000 of another such one; the third is not taken. */
static void
test_commands_of_a_session_are_limited (void **state)
{
  static const guint8 good[] = { 0x90, 0x00 };
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  for (guint script = 0; script < 2; script++)
    {
      g_autoptr (GBytes) sent = NULL;
      EaSpan apdu;

      rig_receive (admin, OK_NEXT "2\r\n", "AE800D0A");
      for (guint i = 0; i < 60000; i++)
        {
          rig_receive (admin, "7\r\n", "2205" GET_DATA "0D0A");
          if (ea_admin_peek_command (admin, &apdu))
            ea_admin_push_response (admin, EA_SPAN_OF_ARRAY (good));
        }
      rig_receive (admin, "2\r\n", "00000D0A300D0A0D0A");
      sent = rig_pull_all (admin);
      assert_true (g_bytes_get_size (sent) > 0);
      rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
      rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
    }

  assert_int_equal (ea_admin_count_commands (admin),
                    100001); /* with the one that was interrupted for it */
  rig_receive_chunked (admin, OK_NEXT, GET_DATA_SCRIPT);
  rig_assert_broken (admin, EA_ADMIN_ERROR_LIMIT);
}

/* 1016 R-APDUs of 4 + 258 bytes fit into 256 KiB, but for what the last object needs */
static void
test_answers_to_a_script_are_limited (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);
  guint8 response[258] = { 0 };
  guint n_answers = 0;
  EaSpan apdu;

  response[256] = 0x90;
  rig_receive (admin, OK_NEXT "2\r\n", "AE800D0A");
  for (; n_answers < 1100; n_answers++)
    {
      rig_receive (admin, "7\r\n", "2205" GET_DATA "0D0A");
      if (!ea_admin_peek_command (admin, &apdu))
        break;
      ea_admin_push_response (admin, EA_SPAN_OF_ARRAY (response));
    }

  assert_in_range (ea_admin_get_answers (admin).size, 0x40000 - 262, 0x40000);
  assert_int_equal (n_answers, (0x40000 - 2 - 2 - 4 - 4) / 262 + 1);
}

/* 1024 SCP03t objects of 1 KiB, in pieces of 16 KiB as a TLS record brings them; each is answered by three bytes. */
static void
test_memory_does_not_grow_with_the_script (void **state)
{
  static const guint8 good[] = { 0x90, 0x00 };
  static const guint8 sealed[] = { 0x86, 0x01, 0xAA, 0x90, 0x00 };
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);
  g_autofree guint8 *piece = g_malloc0 (16 * 1028);
  gsize before = mallinfo2 ().uordblks;
  gsize most = 0;

  for (guint i = 0; i < 16; i++)
    memcpy (piece + 1028 * i, "\x86\x82\x04\x00", 4);
  rig_receive (admin, "HTTP/1.1 200 OK\r\n" NEXT "Content-Length: 1052676\r\n\r\n", "AE80");
  for (guint i = 0; i < 64; i++)
    {
      EaSpan apdu;

      ea_admin_receive (admin, ea_span_init (piece, 16 * 1028));
      while (ea_admin_peek_command (admin, &apdu))
        {
          gboolean is_last = apdu.data[2] == 0x91;

          ea_admin_push_response (admin,
                                  is_last ? EA_SPAN_OF_ARRAY (sealed) : EA_SPAN_OF_ARRAY (good));
          most = MAX (most, mallinfo2 ().uordblks);
        }
    }
  rig_receive (admin, "", "0000");

  assert_int_equal (ea_admin_count_commands (admin), 1024 * 5);
  assert_int_equal (ea_admin_get_answers (admin).size, 2 + 1024 * 3 + 2);
  if (most > 0) /* else the memory is not the C library's */
    assert_in_range (most - before, 0, 128 * 1024);
}

static void
test_connection_that_ends_within_an_answer_breaks (void **state)
{
  static const char *const starts[] = { "", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\n" NEXT CHUNKED,
                                        "HTTP/1.1 200 OK\r\n" NEXT "Content-Length: 5\r\n\r\nab" };

  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_start (&options);

      rig_receive (admin, starts[i], "");
      ea_admin_receive_end (admin);

      rig_assert_broken (admin, EA_ADMIN_ERROR_TRUNCATED);
    }
}

static void
test_connection_that_the_server_ends_is_followed_by_another (void **state)
{
  static const char *const heads[] = {
    "HTTP/1.1 200 OK\r\nConnection: close\r\n" NEXT CHUNKED,
    "HTTP/1.0 200 OK\r\n" NEXT "Content-Length: 11\r\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_start (&options);

      if (i == 0)
        rig_receive_chunked (admin, heads[i], GET_DATA_SCRIPT);
      else
        rig_receive (admin, heads[i], GET_DATA_SCRIPT);
      rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
      rig_answer (admin, GET_DATA, "6A88");
      rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
      rig_assert_event (admin, EA_ADMIN_EVENT_RECONNECT);
      rig_assert_no_event (admin);
      rig_assert_nothing_sent (admin);
      ea_admin_begin (admin);

      rig_assert_sent (admin, RIG_ANSWER ("/next") CHUNKED "8\r\n",
                       "AF8023026A880000"
                       "0D0A300D0A0D0A");
    }
}

static void
test_break_of_the_other_connection_is_a_break (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);
  g_autoptr (GBytes) sent = NULL;

  rig_receive (admin, "HTTP/1.0 204 No Content\r\n" NEXT "\r\n", "");
  rig_assert_event (admin, EA_ADMIN_EVENT_RECONNECT);
  ea_admin_begin (admin);
  sent = rig_pull_all (admin);
  ea_admin_break (admin);
  ea_admin_begin (admin);

  rig_assert_sent (admin, "POST /next HTTP/1.1\r\n" RIG_FIELDS RESUMED "\r\n", "");
}

static void
test_body_may_last_until_the_connection_ends (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive (admin, "HTTP/1.0 200 OK\r\n" NEXT "\r\n", GET_DATA);
  ea_admin_receive_end (admin);
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
  rig_assert_event (admin, EA_ADMIN_EVENT_RECONNECT);
  rig_answer (admin, GET_DATA, "6A88");
  ea_admin_begin (admin);

  rig_assert_sent (admin, RIG_ANSWER ("/next") CHUNKED "3\r\n",
                   "016A88"
                   "0D0A300D0A0D0A");
}

static void
test_connection_that_ends_between_messages_is_followed_by_another (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive_chunked (admin, OK_NEXT, TWO_COMMANDS);
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
  ea_admin_receive_end (admin);
  rig_assert_no_event (admin);
  rig_answer (admin, GET_DATA, "9000");
  rig_answer (admin, GET_DATA, "6A88");
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
  rig_assert_event (admin, EA_ADMIN_EVENT_RECONNECT);
  ea_admin_begin (admin);

  rig_assert_sent (admin, RIG_ANSWER ("/next") RESUMED CHUNKED "C\r\n",
                   "AF8023029000"
                   "23026A88"
                   "0000"
                   "0D0A300D0A0D0A");
}

static void
test_session_that_has_ended_needs_no_other_connection (void **state)
{
  static const char *const heads[] = {
    "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
    "HTTP/1.0 204 No Content\r\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_start (&options);

      rig_receive (admin, heads[i], "");
      ea_admin_receive_end (admin);

      rig_assert_event (admin, EA_ADMIN_EVENT_FINISHED);
      rig_assert_no_event (admin);
    }
}

static void
test_options_that_no_request_can_have_break (void **state)
{
  EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = NULL;

  options.host = "192.0.2.1\r\nX-Evil: 1";
  admin = ea_admin_new (&options);
  ea_admin_begin (admin);

  rig_assert_nothing_sent (admin);
  rig_assert_broken (admin, EA_ADMIN_ERROR_PROTOCOL);
  assert_false (ea_admin_has_posted (admin));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_status_that_is_no_success_breaks),
    cmocka_unit_test (test_what_is_no_answer_breaks),
    cmocka_unit_test (test_head_without_an_end_is_limited),
    cmocka_unit_test (test_next_uri_is_limited),
    cmocka_unit_test (test_answer_without_a_request_breaks),
    cmocka_unit_test (test_bytes_behind_an_answer_break_after_its_script),
    cmocka_unit_test (test_answer_before_the_request_is_whole_breaks),
    cmocka_unit_test (test_bytes_behind_a_script_are_limited),
    cmocka_unit_test (test_rest_of_a_script_that_failed_is_passed_over),
    cmocka_unit_test (test_answers_without_a_script_are_limited),
    cmocka_unit_test (test_script_between_answers_without_one_is_not_counted),
    cmocka_unit_test (test_commands_of_a_session_are_limited),
    cmocka_unit_test (test_answers_to_a_script_are_limited),
    cmocka_unit_test (test_memory_does_not_grow_with_the_script),
    cmocka_unit_test (test_connection_that_ends_within_an_answer_breaks),
    cmocka_unit_test (test_connection_that_the_server_ends_is_followed_by_another),
    cmocka_unit_test (test_break_of_the_other_connection_is_a_break),
    cmocka_unit_test (test_body_may_last_until_the_connection_ends),
    cmocka_unit_test (test_connection_that_ends_between_messages_is_followed_by_another),
    cmocka_unit_test (test_session_that_has_ended_needs_no_other_connection),
    cmocka_unit_test (test_options_that_no_request_can_have_break),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
