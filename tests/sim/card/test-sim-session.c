/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Sessions that the card opens itself, against an SM-SR in the test: TLS, HTTP and CAT_TP are real, the
 * terminal and the network between them are memory. Scripts and responses are written out.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim-keys.h"
#include "test-card.h"
#include "test-server.h"

/* The published short trigger: buffer 1400, TCP 443 at 192.0.2.1, host and URI; and the same with a
 * retry policy of two tries after ten seconds each */
#define TRIGGER                                                                                    \
  "813683348413350103390205783c030201bb3e0521c0000201"                                             \
  "891d8a093139322e302e322e318c102f67736d612f61646d696e6167656e74"
#define TRIGGER_WITH_RETRIES                                                                       \
  "813f833d8413350103390205783c030201bb3e0521c0000201 86070002 2503000001"                         \
  "891d8a093139322e302e322e318c102f67736d612f61646d696e6167656e74"
#define URI "/gsma/adminagent"
#define NEXT_URI "/gsma/adminagent?msg=%7e%2F..//next&n=1"
#define AGENT                                                                                      \
  "//se-id/eid/89001012012341234012345678901224;//aa-id/aid/A000000559/1010FFFFFFFF8900000100"

/* GET DATA, EID */
#define GET_EID "ae80 220580ca005a00 0000"
#define EID_RESPONSE "af80 23145a10890010120123412340123456789012249000 0000"

#define ENABLE "ae80 221a80e28800153a03124f10a0000005591010ffffffff8900001100 0000"
#define OK_RESPONSE "af80 23029000 0000"
#define CONFIRM_1 "ae80 220d80e28900073a08044e02000100 0000"
#define CONFIRMED "af80 230480009000 0000"
#define LOCATION_NORMAL "80c2000017d615990103820282819b0100930962f220123400000001"
#define SECOND ((gint64) G_USEC_PER_SEC)

static int
set_up (void **state)
{
  const SimCardOptions options = { .index = 0, .max_channels = 4 };
  TestServer *server = g_new0 (TestServer, 1);

  test_server_init (server, sim_card_new (&options));
  *state = server;
  return 0;
}

static int
tear_down (void **state)
{
  TestServer *server = *state;

  sim_card_free (server->terminal.card);
  test_server_clear (server);
  g_free (server);
  return 0;
}

/* A short message without proof of receipt */
static void
deliver (TestServer *server, guint64 counter, const char *data)
{
  SimScp80Command command = make_command (counter);
  g_autoptr (GPtrArray) tpdus = NULL;

  command.spi2 = 0;
  tpdus = make_tpdus (&command, data);
  for (guint i = 0; i < tpdus->len; i++)
    {
      g_autoptr (GBytes) response
          = deliver_tpdu (server->terminal.card, g_ptr_array_index (tpdus, i));

      assert_int_equal (g_bytes_get_size (response), 2);
    }
}

static void
assert_commands (TestServer *server, const char *expected)
{
  if (!g_str_equal (server->terminal.commands->str, expected))
    fail_msg ("The card's commands were %s, not %s", server->terminal.commands->str, expected);
}

/* A session has come to its first POST. */
static void
begin_session (TestServer *server, const char *trigger)
{
  deliver (server, 1, trigger);
  test_server_run (server);
  test_server_assert_request (server, URI, "");
}

static void
assert_ended (TestServer *server)
{
  assert_false (server->terminal.has_channel);
  assert_true (sim_tls_has_peer_closed (server->tls));
  assert_true (state_has (server->terminal.card, "\"channels\":[]"));
}

static void
test_a_trigger_makes_the_card_set_up_events_open_a_channel_and_post (void **state)
{
  TestServer *server = *state;

  begin_session (server, TRIGGER);
  test_server_assert_field (server, "host", "192.0.2.1");
  test_server_assert_field (server, "x-admin-protocol", "globalplatform-remote-admin/1.0");
  test_server_assert_field (server, "x-admin-from", AGENT);
  test_server_assert_field (server, "x-admin-script-status", NULL);
  test_server_assert_field (server, "x-admin-resume", NULL);
  test_server_assert_field (server, "content-type", NULL);
  assert_true (g_str_has_prefix (server->terminal.commands->str, "05 40 43 "));
  assert_int_equal (sim_tls_get_record_max (server->tls), 512);
  assert_true (state_has (server->terminal.card, "\"channels\":[1]"));
}

static void
test_a_proof_of_receipt_goes_before_the_channel (void **state)
{
  TestServer *server = *state;
  SimScp80Command command = make_command (1);
  g_autoptr (GPtrArray) tpdus = make_tpdus (&command, TRIGGER);
  g_bytes_unref (deliver_tpdu (server->terminal.card, g_ptr_array_index (tpdus, 0)));

  assert_int_equal (tpdus->len, 1);
  test_server_run (server);
  assert_true (g_str_has_prefix (server->terminal.commands->str, "13 05 40 43 "));
}

static void
test_a_script_is_executed_and_answered_to_the_next_uri_as_it_came (void **state)
{
  TestServer *server = *state;

  begin_session (server, TRIGGER);
  test_server_send_script (server, GET_EID, NEXT_URI, NULL);
  test_server_assert_request (server, NEXT_URI, EID_RESPONSE);
  test_server_assert_field (server, "x-admin-script-status", "ok");
  test_server_assert_field (server, "content-type",
                            "application/vnd.globalplatform.card-content-mgt-response;version=1.0");
  test_server_assert_field (server, "transfer-encoding", "chunked");
  assert_int_equal (server->n_connections, 1);

  test_server_send_nothing (server, NULL);
  assert_ended (server);
  assert_true (g_str_has_suffix (server->terminal.commands->str, "43 41 "));
}

static void
test_no_content_with_a_next_uri_makes_the_card_post_again (void **state)
{
  TestServer *server = *state;

  begin_session (server, TRIGGER);
  test_server_send_nothing (server, "/later");
  test_server_assert_request (server, "/later", "");
  test_server_send_nothing (server, NULL);
  assert_ended (server);
}

static void
test_a_script_without_a_next_uri_is_executed_and_ends_the_session (void **state)
{
  TestServer *server = *state;

  begin_session (server, TRIGGER);
  test_server_send_script (server, ENABLE, NULL, NULL);
  test_server_assert_request (server, URI, "");
  assert_false (server->terminal.has_channel);
  assert_string_equal (sim_card_get_iccid (server->terminal.card), OTHER_ICCID);
}

static void
test_an_application_that_is_not_there_is_told_as_unknown (void **state)
{
  static const char *const unknown[]
      = { "//aid/A000000559/1010FFFFFFFF8900001700", "//aid/A000000559/1010FFFFFFFF8900000200",
          "A0000005591010FFFFFFFF8900000100", "//aid/xyz" };
  TestServer *server = *state;

  begin_session (server, TRIGGER);
  for (gsize i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      test_server_send_script (server, GET_EID, "/next", unknown[i]);
      test_server_assert_request (server, "/next", "");
      test_server_assert_field (server, "x-admin-script-status", "unknown-application");
    }
  test_server_send_script (server, GET_EID, "/next", "//aid/A000000559/1010FFFFFFFF8900000100");
  test_server_assert_request (server, "/next", EID_RESPONSE);
}

static void
test_only_an_isdp_takes_scp03t (void **state)
{
  TestServer *server = *state;

  begin_session (server, TRIGGER);
  test_server_send_script (server, "ae80 840a30000102030405060708 0000", "/next", NULL);
  test_server_assert_request (server, "/next", "af80 900101 0000");
}

/* (transfer full): a script of GET DATA, EID, whose responses are objects of 22 octets */
static char *
make_script (const char *head, guint n_commands, const char *tail)
{
  GString *script = g_string_new (head);

  for (guint i = 0; i < n_commands; i++)
    g_string_append (script, "220580ca005a00");
  g_string_append (script, tail);
  return g_string_free (script, FALSE);
}

/* 300 commands are counted by two octets, and 66000 octets of responses by three. */
static void
test_many_commands_and_long_responses_are_counted_right (void **state)
{
  TestServer *server = *state;
  g_autofree char *some = make_script ("aa820834", 300, "");
  g_autofree char *many = make_script ("aa825208", 3000, "");
  EaReader reader;

  begin_session (server, TRIGGER);
  test_server_send_script (server, some, "/next", NULL);
  ea_reader_init (&reader, ea_span_from_bytes (server->request->body));
  assert_int_equal (ea_reader_u32be (&reader), 0xAB8219CC);
  assert_int_equal (ea_reader_u32be (&reader), 0x8002012C);
  assert_int_equal (g_bytes_get_size (server->request->body), 4 + 4 + 300 * 22);

  test_server_send_script (server, many, "/next", NULL);
  ea_reader_init (&reader, ea_span_from_bytes (server->request->body));
  assert_int_equal (ea_reader_u16be (&reader), 0xAB83);
  assert_int_equal (ea_reader_u24be (&reader), 4 + 3000 * 22);
  assert_int_equal (ea_reader_u32be (&reader), 0x80020BB8);
}

static void
test_responses_that_the_card_has_no_memory_for_end_the_script (void **state)
{
  TestServer *server = *state;
  g_autofree char *script = make_script ("ae80", 50000, "0000");
  EaReader reader;

  begin_session (server, TRIGGER);
  test_server_send_script (server, script, "/next", NULL);
  ea_reader_init (&reader, ea_span_from_bytes (server->request->body));
  assert_in_range (ea_reader_remaining (&reader), 1024 * 1024 - 22, 1024 * 1024 + 16);
  (void) ea_reader_bytes (&reader, ea_reader_remaining (&reader) - 6);
  assert_int_equal (ea_reader_u32be (&reader), 0x23026A84);
}

static void
test_an_error_of_the_server_is_the_end_without_a_retry_policy (void **state)
{
  TestServer *server = *state;

  begin_session (server, TRIGGER);
  test_server_respond (server, sim_http_build_response (500, NULL, NULL, FALSE));
  assert_false (server->terminal.has_channel);
  assert_int_equal (sim_card_get_deadline (server->terminal.card), -1);
}

static void
test_a_session_that_broke_is_resumed_with_the_answer_that_was_not_taken (void **state)
{
  TestServer *server = *state;

  begin_session (server, TRIGGER_WITH_RETRIES);
  test_server_send_script (server, GET_EID, NEXT_URI, NULL);
  test_terminal_drop (&server->terminal);
  test_server_run (server);
  assert_false (server->terminal.has_channel);
  assert_int_equal (sim_card_get_deadline (server->terminal.card), 10 * SECOND);

  test_terminal_tick (&server->terminal, 10 * SECOND - 1);
  test_server_run (server);
  assert_int_equal (server->n_connections, 1);
  test_terminal_tick (&server->terminal, 10 * SECOND);
  test_server_run (server);
  assert_int_equal (server->n_connections, 2);
  test_server_assert_request (server, NEXT_URI, EID_RESPONSE);
  test_server_assert_field (server, "x-admin-resume", "true");

  test_server_send_script (server, GET_EID, "/next", NULL);
  test_server_assert_request (server, "/next", EID_RESPONSE);
  test_server_assert_field (server, "x-admin-resume", NULL);
  test_server_send_nothing (server, NULL);
  assert_ended (server);
  assert_int_equal (sim_card_get_deadline (server->terminal.card), -1);
}

static void
test_a_channel_that_can_not_be_opened_is_tried_as_often_as_the_policy_says (void **state)
{
  TestServer *server = *state;

  server->terminal.n_refused = 5;
  deliver (server, 1, TRIGGER_WITH_RETRIES);
  test_server_run (server);
  test_terminal_tick (&server->terminal, 10 * SECOND);
  test_server_run (server);
  test_terminal_tick (&server->terminal, 20 * SECOND);
  test_server_run (server);
  assert_commands (server, "05 40 40 40 ");
  assert_int_equal (sim_card_get_deadline (server->terminal.card), -1);

  server->terminal.n_refused = 0;
  deliver (server, 2, TRIGGER_WITH_RETRIES);
  test_server_run (server);
  test_server_assert_request (server, URI, "");
  test_server_assert_field (server, "x-admin-resume", NULL);
}

static void
test_a_session_that_never_posted_is_begun_and_not_resumed (void **state)
{
  TestServer *server = *state;
  g_autoptr (GBytes) hello = NULL;

  deliver (server, 1, TRIGGER_WITH_RETRIES);
  test_terminal_run (&server->terminal);
  hello = test_terminal_pull (&server->terminal); /* and nobody answers it */
  assert_non_null (hello);
  test_terminal_drop (&server->terminal);
  test_terminal_run (&server->terminal);
  assert_false (server->terminal.has_channel);
  test_terminal_tick (&server->terminal, 10 * SECOND);
  test_server_run (server);
  test_server_assert_request (server, URI, "");
  test_server_assert_field (server, "x-admin-resume", NULL);
}

static void
test_a_push_takes_the_place_of_a_session_that_waits_for_its_retry (void **state)
{
  TestServer *server = *state;

  server->terminal.n_refused = 1;
  deliver (server, 1, TRIGGER_WITH_RETRIES);
  test_server_run (server);
  deliver (server, 2, TRIGGER);
  test_server_run (server);
  test_server_assert_request (server, URI, "");
  assert_int_equal (sim_card_get_deadline (server->terminal.card), -1);
}

static void
test_a_push_during_a_session_is_done_after_it (void **state)
{
  TestServer *server = *state;

  begin_session (server, TRIGGER);
  deliver (server, 2, "8100");
  test_server_run (server);
  assert_int_equal (server->n_connections, 1);
  test_server_send_nothing (server, NULL);
  assert_int_equal (server->n_connections, 2);
  test_server_assert_request (server, URI, "");
}

static void
test_a_reset_in_the_middle_loses_the_session_and_nothing_else (void **state)
{
  TestServer *server = *state;

  begin_session (server, TRIGGER_WITH_RETRIES);
  sim_card_reset (server->terminal.card);
  test_terminal_command (&server->terminal, TEST_TERMINAL_PROFILE);
  server->terminal.has_channel = FALSE;
  assert_int_equal (sim_card_get_pending_proactive (server->terminal.card), 0);
  assert_int_equal (sim_card_get_deadline (server->terminal.card), -1);
  assert_true (state_has (server->terminal.card, "\"channels\":[]"));

  deliver (server, 2, "8100");
  test_server_run (server);
  test_server_assert_request (server, URI, "");
  assert_true (strstr (server->terminal.commands->str + 3, "05 40 ") != NULL);
}

static void
test_a_trigger_begins_nothing_without_channels_in_the_profile (void **state)
{
  TestServer *server = *state;
  g_autofree char *complaints = NULL;

  test_terminal_command (&server->terminal, "80100000093301e8421100000780");
  deliver (server, 1, TRIGGER);
  test_server_run (server);
  assert_commands (server, "");
  complaints = sim_card_take_bip_faults (server->terminal.card);
  assert_string_equal (complaints, "profile=1");
}

static void
test_malformed_triggers_begin_nothing (void **state)
{
  g_autoptr (GBytes) trigger = from_hex (TRIGGER_WITH_RETRIES);
  TestServer *server = *state;

  for (gsize size = 1; size < g_bytes_get_size (trigger); size++)
    {
      g_autoptr (GBytes) part = cut (trigger, size);
      g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (part));

      deliver (server, size, hex);
    }
  deliver (server, 1000, "8100"); /* and nothing is stored */
  test_server_run (server);
  assert_commands (server, "");
}

static void
assert_notified (TestServer *server)
{
  test_server_assert_request (server,
                              URI "?msg=E12B4C10890010120123412340123456789012244D01024E0200012F10"
                                  "A0000005591010FFFFFFFF8900001100",
                              "");
  test_server_send_script (server, CONFIRM_1, "/next", NULL);
  test_server_assert_request (server, "/next", CONFIRMED);
  test_server_send_nothing (server, NULL);
  assert_ended (server);
}

static void
enable (TestServer *server)
{
  begin_session (server, TRIGGER);
  test_server_send_script (server, ENABLE, "/next", NULL);
  test_server_assert_request (server, "/next", OK_RESPONSE);
  assert_int_equal (server->terminal.n_refreshes, 0);
  assert_string_equal (sim_card_get_iccid (server->terminal.card), FALLBACK_ICCID);
  g_string_truncate (server->terminal.commands, 0);
  test_server_send_nothing (server, NULL);
}

static void
test_a_switch_is_made_after_the_session_and_notified_when_there_is_service (void **state)
{
  TestServer *server = *state;

  enable (server);
  assert_commands (server, "42 43 41 01 05 ");
  assert_int_equal (server->terminal.n_refreshes, 1);
  assert_string_equal (sim_card_get_iccid (server->terminal.card), OTHER_ICCID);

  test_terminal_command (&server->terminal, "80c200000cd60a990103820282819b0101");
  test_server_run (server);
  assert_int_equal (server->n_connections, 1);
  test_terminal_command (&server->terminal, LOCATION_NORMAL);
  test_server_run (server);
  assert_int_equal (server->n_connections, 2);
  assert_notified (server);

  test_terminal_command (&server->terminal, LOCATION_NORMAL);
  test_server_run (server);
  assert_int_equal (server->n_connections, 2);
}

static void
test_a_switch_is_notified_after_five_seconds_when_no_service_is_told (void **state)
{
  TestServer *server = *state;

  test_terminal_tick (&server->terminal, 7 * SECOND);
  enable (server);
  assert_int_equal (sim_card_get_deadline (server->terminal.card), 12 * SECOND);
  test_terminal_tick (&server->terminal, 12 * SECOND);
  test_server_run (server);
  assert_notified (server);
  assert_int_equal (sim_card_get_deadline (server->terminal.card), -1);
}

static void
test_a_switch_by_short_message_is_not_notified (void **state)
{
  TestServer *server = *state;

  deliver (server, 1, "aa1c221a80e28800153a03124f10a0000005591010ffffffff8900001100");
  test_server_run (server);
  test_terminal_command (&server->terminal, LOCATION_NORMAL);
  test_server_run (server);
  assert_commands (server, "01 ");
  assert_int_equal (sim_card_get_deadline (server->terminal.card), -1);
}

static void
test_without_a_push_events_and_time_move_nothing (void **state)
{
  TestServer *server = *state;

  test_terminal_command (&server->terminal, "80c200000d d60b99010a82028281b8020105");
  test_terminal_command (&server->terminal, "80c2000010 d60e99010982028281b8028100b70120");
  test_terminal_command (&server->terminal, LOCATION_NORMAL);
  test_terminal_tick (&server->terminal, 3600 * SECOND);
  test_server_run (server);
  assert_commands (server, "");
  assert_int_equal (sim_card_get_deadline (server->terminal.card), -1);
  assert_true (state_has (server->terminal.card, "\"channels\":[],\"bytes\":0"));
}

#define session_test(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    session_test (test_a_trigger_makes_the_card_set_up_events_open_a_channel_and_post),
    session_test (test_a_proof_of_receipt_goes_before_the_channel),
    session_test (test_a_script_is_executed_and_answered_to_the_next_uri_as_it_came),
    session_test (test_no_content_with_a_next_uri_makes_the_card_post_again),
    session_test (test_a_script_without_a_next_uri_is_executed_and_ends_the_session),
    session_test (test_an_application_that_is_not_there_is_told_as_unknown),
    session_test (test_only_an_isdp_takes_scp03t),
    session_test (test_many_commands_and_long_responses_are_counted_right),
    session_test (test_responses_that_the_card_has_no_memory_for_end_the_script),
    session_test (test_an_error_of_the_server_is_the_end_without_a_retry_policy),
    session_test (test_a_session_that_broke_is_resumed_with_the_answer_that_was_not_taken),
    session_test (test_a_channel_that_can_not_be_opened_is_tried_as_often_as_the_policy_says),
    session_test (test_a_session_that_never_posted_is_begun_and_not_resumed),
    session_test (test_a_push_takes_the_place_of_a_session_that_waits_for_its_retry),
    session_test (test_a_push_during_a_session_is_done_after_it),
    session_test (test_a_reset_in_the_middle_loses_the_session_and_nothing_else),
    session_test (test_a_trigger_begins_nothing_without_channels_in_the_profile),
    session_test (test_malformed_triggers_begin_nothing),
    session_test (test_a_switch_is_made_after_the_session_and_notified_when_there_is_service),
    session_test (test_a_switch_is_notified_after_five_seconds_when_no_service_is_told),
    session_test (test_a_switch_by_short_message_is_not_notified),
    session_test (test_without_a_push_events_and_time_move_nothing),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
