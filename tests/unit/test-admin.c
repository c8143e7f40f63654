/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The POST loop of an administration session (agent/core/admin.h) over one connection. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admin-rig.h"
#include "helpers.h"

#define TYPE "Content-Type: application/vnd.globalplatform.card-content-mgt;version=1.0\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"
#define NEXT "X-Admin-Next-URI: /next?session=1&step=2\r\n"
#define NEXT_URI "/next?session=1&step=2"
#define OK_NEXT "HTTP/1.1 200 OK\r\n" TYPE NEXT CHUNKED
#define GET_DATA "80CA008500"
#define GET_DATA_SCRIPT "AE80220580CA0085000000"

/* CreateISDP in INSTALL, as an SM-SR in the field sends it */
#define CREATE_ISDP                                                                                \
  "80E60C003F10A0000005591010FFFFFFFF8900000D0010A0000005591010FFFFFFFF8900000E00"                 \
  "10A0000005591010FFFFFFFF89000012000380C00006C9048102037000"                                     \
  "00"

static void
test_first_post_has_no_body (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = ea_admin_new (&options);

  rig_assert_nothing_sent (admin);
  assert_false (ea_admin_wants_bytes (admin));
  assert_false (ea_admin_has_posted (admin));
  ea_admin_begin (admin);

  rig_assert_sent (admin, "POST /gsma/adminagent HTTP/1.1\r\n" RIG_FIELDS "\r\n", "");
  assert_true (ea_admin_has_posted (admin));
  assert_true (ea_admin_wants_bytes (admin));
  rig_assert_nothing_sent (admin);
}

static void
test_script_is_carried_out_and_answered (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive_chunked (admin, OK_NEXT, "AE802245" CREATE_ISDP "0000");
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
  assert_span_is (ea_admin_get_target (admin), RIG_ISD_R);
  assert_int_equal (ea_admin_get_exchange (admin), 1);
  assert_false (ea_admin_wants_bytes (admin));
  rig_assert_nothing_sent (admin);
  rig_answer (admin, CREATE_ISDP, "009000");

  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
  rig_assert_sent (admin, RIG_ANSWER (NEXT_URI) CHUNKED "9\r\n",
                   "AF8023030090000000"
                   "0D0A"
                   "300D0A0D0A");
  assert_int_equal (ea_admin_count_commands (admin), 1);
  assert_int_equal (ea_admin_count_scripts (admin), 1);
}

static void
test_session_ends_with_204 (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive (admin, "HTTP/1.1 204 No Content\r\n\r\n", "");

  rig_assert_event (admin, EA_ADMIN_EVENT_FINISHED);
  rig_assert_no_event (admin);
  assert_true (ea_admin_is_finished (admin));
  assert_false (ea_admin_has_progressed (admin));
  rig_assert_nothing_sent (admin);
}

static void
test_204_with_a_next_uri_asks_for_another_post_there (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive (admin, "HTTP/1.1 204 No Content\r\nx-admin-next-uri:/a//b/../c?%7e=#x  \r\n\r\n",
               "");

  rig_assert_no_event (admin);
  rig_assert_sent (admin, "POST /a//b/../c?%7e=#x HTTP/1.1\r\n" RIG_FIELDS "\r\n", "");
}

static void
test_200_without_a_next_uri_is_carried_out_and_not_answered (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive_chunked (admin, "HTTP/1.1 200 OK\r\n" TYPE CHUNKED, GET_DATA_SCRIPT);
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
  rig_answer (admin, GET_DATA, "6A88");

  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
  rig_assert_event (admin, EA_ADMIN_EVENT_FINISHED);
  rig_assert_no_event (admin);
  rig_assert_nothing_sent (admin);
  assert_int_equal (ea_admin_get_answers (admin).size, 0);
}

static void
test_200_without_a_body_is_answered_by_ok (void **state)
{
  static const char *const heads[] = {
    "HTTP/1.1 200 OK\r\n" NEXT "Content-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\n" TYPE NEXT "Content-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" NEXT CHUNKED "0\r\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_start (&options);

      rig_receive (admin, heads[i], "");

      rig_assert_no_event (admin);
      rig_assert_sent (
          admin, "POST " NEXT_URI " HTTP/1.1\r\n" RIG_FIELDS "X-Admin-Script-Status: ok\r\n\r\n",
          "");
    }
}

static void
test_answers_are_in_the_format_of_the_script (void **state)
{
  static const struct
  {
    const char *script;
    const char *answer;
    const char *size;
  } scripts[] = {
    { "AA07220580CA008500", "AB0A8001012305AABBCC9000", "C\r\n" },
    { GET_DATA, "019000AABBCC", "6\r\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_start (&options);
      g_autofree char *head = g_strconcat (RIG_ANSWER (NEXT_URI) CHUNKED, scripts[i].size, NULL);
      g_autofree char *body = g_strconcat (scripts[i].answer, "0D0A300D0A0D0A", NULL);

      rig_receive_chunked (admin, OK_NEXT, scripts[i].script);
      rig_answer (admin, GET_DATA, "AABBCC9000");

      rig_assert_sent (admin, head, body);
    }
}

static void
test_answers_may_have_a_length (void **state)
{
  EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = NULL;

  options.framing = EA_HTTP_FRAMING_LENGTH;
  admin = rig_start (&options);
  rig_receive (admin, "HTTP/1.1 200 OK\r\n" NEXT "Content-Length: 11\r\n\r\n", GET_DATA_SCRIPT);
  rig_answer (admin, GET_DATA, "6A88");

  rig_assert_sent (admin, RIG_ANSWER (NEXT_URI) "Content-Length: 8\r\n\r\n", "AF8023026A880000");
}

/* AF80, 40 times 23 82 0102 and 258 bytes, 0000: 10484 bytes */
static void
test_large_answers_go_out_in_chunks (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);
  g_autoptr (GString) script = g_string_new ("AE80");
  guint8 response[258] = { 0 };
  gsize n_pieces = 0;
  GBytes *piece;

  response[256] = 0x90;
  for (guint i = 0; i < 40; i++)
    g_string_append (script, "2205" GET_DATA);
  g_string_append (script, "0000");
  rig_receive_chunked (admin, OK_NEXT, script->str);
  for (guint i = 0; i < 40; i++)
    ea_admin_push_response (admin, EA_SPAN_OF_ARRAY (response));

  while ((piece = ea_admin_pull (admin)) != NULL)
    {
      static const gsize sizes[] = { 4096, 4096, 10484 - 2 * 4096 };
      g_autofree char *chunk = g_strdup_printf ("\r\n%zX\r\n", sizes[MIN (n_pieces, 2)]);
      gsize size = g_bytes_get_size (piece);

      assert_non_null (g_strstr_len (g_bytes_get_data (piece, NULL), (gssize) size,
                                     chunk + (n_pieces > 0 ? 2 : 0)));
      assert_in_range (size, sizes[MIN (n_pieces, 2)], sizes[MIN (n_pieces, 2)] + 512);
      n_pieces++;
      g_bytes_unref (piece);
    }
  assert_int_equal (n_pieces, 3);
}

static void
test_target_of_the_script_is_told (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive_chunked (admin,
                       "HTTP/1.1 200 OK\r\n" NEXT
                       "x-admin-targeted-application://aid/A000000559/1010FFFFFFFF8900001200\r\n"
                       "transfer-encoding:chunked\r\n\r\n",
                       GET_DATA_SCRIPT);

  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
  assert_span_is (ea_admin_get_target (admin), RIG_ISD_P);
}

static void
test_target_that_cannot_be_read_is_unknown (void **state)
{
  static const char *const targets[] = { "", "//aid/A0000005/59", "isd-r", "//aid/A000000559/10F" };

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_start (&options);
      g_autofree char *head = g_strdup_printf (
          "HTTP/1.1 200 OK\r\n" NEXT "X-Admin-Targeted-Application: %s\r\n" CHUNKED, targets[i]);
      EaSpan apdu;

      rig_receive_chunked (admin, head, GET_DATA_SCRIPT);

      assert_false (ea_admin_peek_command (admin, &apdu));
      rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
      rig_assert_no_event (admin);
      rig_assert_sent (admin,
                       "POST " NEXT_URI " HTTP/1.1\r\n" RIG_FIELDS
                       "X-Admin-Script-Status: unknown-application\r\n\r\n",
                       "");
    }
}

static void
test_refusal_is_told_in_the_words_of_the_protocol (void **state)
{
  static const struct
  {
    EaAdminStatus status;
    const char *words[2];
  } refusals[] = {
    { EA_ADMIN_STATUS_UNKNOWN_APPLICATION, { "unknown-application", "unknown-application" } },
    { EA_ADMIN_STATUS_NOT_A_SECURITY_DOMAIN, { "not-a-security-domain", "not-a-security-domain" } },
    { EA_ADMIN_STATUS_SECURITY_ERROR, { "security-error", "security-error" } },
    { EA_ADMIN_STATUS_UNAVAILABLE_SE, { "unknown-application", "unavailable-se" } },
    { EA_ADMIN_STATUS_TEMPORARILY_UNAVAILABLE_APPLICATION,
      { "unknown-application", "temporarily-unavailable-application" } },
    { EA_ADMIN_STATUS_SCRIPT_FORMAT_ERROR, { "ok", "script-format-error" } },
  };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (refusals); i++)
    {
      EaAdminOptions options = rig_get_options ();
      g_autofree char *expected
          = g_strdup_printf ("\r\nX-Admin-Script-Status: %s\r\n\r\n", refusals[i / 2].words[i % 2]);
      g_autoptr (EaAdmin) admin = NULL;
      g_autoptr (GBytes) sent = NULL;
      g_autofree char *text = NULL;
      g_auto (EaAdminEvent) event = { 0 };

      options.protocol = i % 2 == 0 ? EA_HTTP_PROTOCOL_1_0 : EA_HTTP_PROTOCOL_1_1_1;
      admin = rig_start (&options);
      rig_receive_chunked (admin, OK_NEXT, GET_DATA_SCRIPT);
      rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
      ea_admin_refuse (admin, refusals[i / 2].status);

      assert_true (ea_admin_pull_event (admin, &event));
      assert_int_equal (event.type, EA_ADMIN_EVENT_SCRIPT_DONE);
      assert_int_equal (event.status, refusals[i / 2].status);
      assert_int_equal (event.n_commands, 0);
      assert_int_equal (event.last_sw, 0);
      sent = rig_pull_all (admin);
      text = g_strndup (g_bytes_get_data (sent, NULL), g_bytes_get_size (sent));
      assert_true (g_str_has_suffix (text, expected));
    }
}

static void
test_protocol_1_1_1_has_fields_of_its_own (void **state)
{
  EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = NULL;

  options.protocol = "globalplatform-remote-admin/1.1.1";
  options.se_list = "//se-id/CUD/0102";
  options.targeted_se = "//se-id/ICCID/8949";
  admin = ea_admin_new (&options);
  ea_admin_begin (admin);

  rig_assert_sent (admin,
                   "POST /gsma/adminagent HTTP/1.1\r\nHost: 192.0.2.1\r\n"
                   "X-Admin-Protocol: globalplatform-remote-admin/1.1.1\r\n"
                   "X-Admin-From: " RIG_FROM "\r\n"
                   "X-Admin-SE-List: //se-id/CUD/0102\r\n"
                   "X-Admin-Targeted-SE: //se-id/ICCID/8949\r\n\r\n",
                   "");
}

static void
test_bad_script_is_answered_by_a_bad_format_object (void **state)
{
  static const struct
  {
    const char *protocol;
    const char *status;
  } protocols[]
      = { { EA_HTTP_PROTOCOL_1_0, "ok" }, { EA_HTTP_PROTOCOL_1_1_1, "script-format-error" } };

  for (guint i = 0; i < G_N_ELEMENTS (protocols); i++)
    {
      EaAdminOptions options = rig_get_options ();
      g_autofree char *head = g_strdup_printf (
          "POST " NEXT_URI " HTTP/1.1\r\nHost: 192.0.2.1\r\nX-Admin-Protocol: %s\r\n"
          "X-Admin-From: " RIG_FROM "\r\n"
          "Content-Type: application/vnd.globalplatform.card-content-mgt-response;version=1.0\r\n"
          "X-Admin-Script-Status: %s\r\n" CHUNKED "B\r\n",
          protocols[i].protocol, protocols[i].status);
      g_autoptr (EaAdmin) admin = NULL;

      options.protocol = protocols[i].protocol;
      admin = rig_start (&options);
      rig_receive_chunked (admin, OK_NEXT,
                           "AE802205" GET_DATA "2205"
                           "80CA");
      rig_answer (admin, GET_DATA, "9000");

      rig_assert_sent (admin, head,
                       "AF80230290009001030000"
                       "0D0A300D0A0D0A");
    }
}

static void
test_script_chaining_is_refused (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive_chunked (admin, OK_NEXT,
                       "AE80"
                       "830101"
                       "2205" GET_DATA "0000");

  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
  rig_assert_sent (admin, RIG_ANSWER (NEXT_URI) CHUNKED "7\r\n",
                   "AF808301020000"
                   "0D0A300D0A0D0A");
}

static void
test_types_of_scripts_are_taken_in_any_style (void **state)
{
  static const char *const types[] = {
    "Content-Type: application/vnd.globalplatform.card-content-mgt;version=1.0\r\n",
    "content-type:application/vnd.globalplatform.card-content-mgt ; Version=1.0\r\n",
    "Content-Type: APPLICATION/VND.GlobalPlatform.card-content-mgt\r\n",
    "Content-Type: application/vnd.globalplatform.card-content-mgt;version=\"1.1\"; x=y\r\n",
    "",
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      const EaAdminOptions options = rig_get_options ();
      g_autoptr (EaAdmin) admin = rig_start (&options);
      g_autofree char *head = g_strconcat ("HTTP/1.1 200 OK\r\n", types[i], NEXT CHUNKED, NULL);

      rig_receive_chunked (admin, head, GET_DATA_SCRIPT);
      rig_answer (admin, GET_DATA, "6A88");

      rig_assert_sent (admin, RIG_ANSWER (NEXT_URI) CHUNKED "8\r\n",
                       "AF8023026A880000"
                       "0D0A300D0A0D0A");
    }
}

static void
test_remote_file_management_is_answered_by_its_type (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);

  rig_receive_chunked (
      admin,
      "HTTP/1.1 200 OK\r\n"
      "Content-Type: application/vnd.etsi.scp.command-data;version=1.0\r\n" NEXT CHUNKED,
      GET_DATA_SCRIPT);
  rig_answer (admin, GET_DATA, "6A88");

  rig_assert_sent (admin,
                   "POST " NEXT_URI " HTTP/1.1\r\n" RIG_FIELDS
                   "Content-Type: application/vnd.etsi.scp.response-data;version=1.0\r\n"
                   "X-Admin-Script-Status: ok\r\n" CHUNKED "8\r\n",
                   "AF8023026A880000"
                   "0D0A300D0A0D0A");
}

static void
test_scripts_follow_each_other (void **state)
{
  const EaAdminOptions options = rig_get_options ();
  g_autoptr (EaAdmin) admin = rig_start (&options);
  g_autoptr (GBytes) sent = NULL;

  rig_receive_chunked (admin, OK_NEXT, GET_DATA_SCRIPT);
  rig_answer (admin, GET_DATA, "6A88");
  assert_span_is (ea_admin_get_answers (admin), "AF8023026A880000");
  sent = rig_pull_all (admin);
  rig_receive_chunked (admin, "HTTP/1.1 200 OK\r\nX-Admin-Next-URI: /last\r\n" CHUNKED,
                       GET_DATA_SCRIPT);
  assert_int_equal (ea_admin_get_exchange (admin), 2);
  assert_span_is (ea_admin_get_sent (admin), "AF8023026A880000");
  rig_answer (admin, GET_DATA, "AA9000");
  assert_int_equal (ea_admin_get_sent (admin).size, 0);
  assert_span_is (ea_admin_get_answers (admin), "AF802303AA90000000");

  rig_assert_sent (admin, RIG_ANSWER ("/last") CHUNKED "9\r\n",
                   "AF802303AA90000000"
                   "0D0A300D0A0D0A");
  rig_receive (admin, "HTTP/1.1 204 No Content\r\n\r\n", "");
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT_DONE);
  rig_assert_event (admin, EA_ADMIN_EVENT_FINISHED);
  assert_int_equal (ea_admin_count_scripts (admin), 2);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_first_post_has_no_body),
    cmocka_unit_test (test_script_is_carried_out_and_answered),
    cmocka_unit_test (test_session_ends_with_204),
    cmocka_unit_test (test_204_with_a_next_uri_asks_for_another_post_there),
    cmocka_unit_test (test_200_without_a_next_uri_is_carried_out_and_not_answered),
    cmocka_unit_test (test_200_without_a_body_is_answered_by_ok),
    cmocka_unit_test (test_answers_are_in_the_format_of_the_script),
    cmocka_unit_test (test_answers_may_have_a_length),
    cmocka_unit_test (test_large_answers_go_out_in_chunks),
    cmocka_unit_test (test_target_of_the_script_is_told),
    cmocka_unit_test (test_target_that_cannot_be_read_is_unknown),
    cmocka_unit_test (test_refusal_is_told_in_the_words_of_the_protocol),
    cmocka_unit_test (test_protocol_1_1_1_has_fields_of_its_own),
    cmocka_unit_test (test_bad_script_is_answered_by_a_bad_format_object),
    cmocka_unit_test (test_script_chaining_is_refused),
    cmocka_unit_test (test_types_of_scripts_are_taken_in_any_style),
    cmocka_unit_test (test_remote_file_management_is_answered_by_its_type),
    cmocka_unit_test (test_scripts_follow_each_other),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
