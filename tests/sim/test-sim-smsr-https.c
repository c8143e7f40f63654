/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sessions of the SM-SR over HTTPS: a real socket, and clients made of the simulator's building blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test-smsr-host.h"

#define ENABLE_SCRIPT "AE80221A80E28800153A03124F10A0000005591010FFFFFFFF89000011000000"
#define NOTIFICATION                                                                               \
  "e1354c10890010120123412340123456789012244d01024e0200012f10a0000005591010ffffffff8900001100"     \
  "14081a32547698103254"

static void
test_an_operation_ends_with_the_connection_that_carried_it (void **state)
{
  TestSmsrHost *host = *state;

  test_smsr_start (host->smsr, "set-fallback 1100 --via bip-https");
  test_smsr_host_run_session (host, ADMIN_URI,
                              "AE80221A80E28800153A05124F10A0000005591010FFFFFFFF89000011000000");

  test_smsr_assert_reply (
      host->smsr,
      "ok scripts=1 executed=1 sw=9000 "
      "aid=A0000005591010FFFFFFFF8900001100 transport=bip-https connections=1 resumed=0");
  assert_true (host->n_changes > 0);
}

static void
test_a_push_alone_ends_the_session_at_once (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;

  test_smsr_start (host->smsr, "push-https");
  client = test_smsr_host_connect (host, EID);
  test_smsr_host_assert_end (test_admin_client_post (client, EID, ADMIN_URI, NULL));
  test_smsr_assert_gives_up (host->smsr,
                             "error timeout: waiting for the end of the eUICC's HTTPS connection");
  test_admin_client_close (client);

  test_smsr_start (host->smsr, "push-https");
  g_clear_pointer (&client, test_admin_client_free);
  client = test_smsr_host_connect (host, EID);
  test_smsr_host_assert_end (test_admin_client_post (client, EID, ADMIN_URI, NULL));
  test_admin_client_close (client);
  test_smsr_assert_reply (host->smsr, "ok scripts=0 transport=bip-https connections=1 resumed=0");
}

static void
test_enabling_ends_with_the_confirmed_notification (void **state)
{
  TestSmsrHost *host = *state;

  test_smsr_start (host->smsr, "enable --via bip-https");
  test_smsr_host_run_session (host, ADMIN_URI, ENABLE_SCRIPT);
  assert_null (sim_smsr_pull_reply (host->smsr));
  test_smsr_host_run_session (host, ADMIN_URI "?msg=" NOTIFICATION,
                              "AE80220D80E28900073A08044E020001000000");

  test_smsr_assert_reply (host->smsr,
                          "ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                          "transport=bip-https connections=2 resumed=0 notification=02");
}

static void
test_a_notification_is_confirmed_without_an_operation (void **state)
{
  TestSmsrHost *host = *state;

  test_smsr_host_run_session (host, ADMIN_URI "?msg=" NOTIFICATION,
                              "AE80220D80E28900073A08044E020001000000");

  assert_null (sim_smsr_pull_reply (host->smsr));
}

static void
assert_refused (TestSmsrHost *host, const char *target)
{
  g_autoptr (TestAdminClient) client = test_smsr_host_connect (host, EID);
  g_autoptr (SimHttpMessage) refusal = test_admin_client_post (client, EID, target, NULL);

  assert_int_equal (refusal->status, 400);
  test_admin_client_wait_end (client);
}

static void
test_a_notification_of_another_isdp_is_the_operations_error (void **state)
{
  TestSmsrHost *host = *state;

  test_smsr_start (host->smsr, "enable 1200 --via bip-https");
  test_smsr_host_run_session (host, ADMIN_URI,
                              "AE80221A80E28800153A03124F10A0000005591010FFFFFFFF89000012000000");
  assert_refused (host, ADMIN_URI "?msg=" NOTIFICATION);

  test_smsr_assert_reply (
      host->smsr, "error The notification is of the ISD-P A0000005591010FFFFFFFF8900001100, "
                  "not A0000005591010FFFFFFFF8900001200");
}

static void
test_an_old_notification_is_the_operations_error (void **state)
{
  TestSmsrHost *host = *state;

  test_smsr_host_run_session (host, ADMIN_URI "?msg=" NOTIFICATION,
                              "AE80220D80E28900073A08044E020001000000");
  test_smsr_start (host->smsr, "enable 1100 --via bip-https");
  test_smsr_host_run_session (host, ADMIN_URI, ENABLE_SCRIPT);
  assert_refused (host, ADMIN_URI "?msg=" NOTIFICATION);

  test_smsr_assert_reply (host->smsr, "error The notification has the number 1 after 1");
}

static void
test_a_missing_notification_is_named (void **state)
{
  TestSmsrHost *host = *state;

  test_smsr_start (host->smsr, "enable --via bip-https");
  test_smsr_host_run_session (host, ADMIN_URI, ENABLE_SCRIPT);

  test_smsr_assert_gives_up (host->smsr,
                             "error timeout: waiting for the notification of the profile change");
}

static void
test_answers_are_framed_by_turns_and_targets_change (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (GHashTable) targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (TestAdminClient) client = NULL;
      g_autoptr (SimHttpMessage) response = NULL;
      const char *next;

      test_smsr_start (host->smsr, "set-fallback 1100 --via bip-https");
      client = test_smsr_host_connect (host, EID);
      response = test_admin_client_post (client, EID, ADMIN_URI, NULL);
      assert_non_null (response);
      assert_int_equal (sim_http_message_get_field (response, "content-length") == NULL,
                        i % 2 == 0);
      next = sim_http_message_get_field (response, "x-admin-next-uri");
      assert_true (g_hash_table_add (targets, g_strdup (next)));
      test_smsr_host_assert_end (test_admin_client_post (client, EID, next, OK_RESPONSE));
      test_admin_client_close (client);
      g_free (sim_smsr_pull_reply (host->smsr));
    }
}

static void
test_another_target_than_the_one_given_is_refused (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autoptr (SimHttpMessage) refusal = NULL;
  g_autofree char *next = NULL;
  g_autofree char *reply = NULL;

  test_smsr_start (host->smsr, "enable --via bip-https");
  client = test_smsr_host_connect (host, EID);
  next = test_smsr_host_assert_script (test_admin_client_post (client, EID, ADMIN_URI, NULL),
                                       ENABLE_SCRIPT);
  refusal = test_admin_client_post (client, EID, "/gsma/next?a=Ab", OK_RESPONSE);
  assert_int_equal (refusal->status, 400);
  test_admin_client_wait_end (client);

  reply = sim_smsr_pull_reply (host->smsr);
  assert_true (g_str_has_prefix (reply, "error POST to '/gsma/next?a=Ab', not to '/gsma/"));
}

static void
test_a_failed_script_is_the_operations_error (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autofree char *next = NULL;

  test_smsr_start (host->smsr, "enable --via bip-https");
  client = test_smsr_host_connect (host, EID);
  next = test_smsr_host_assert_script (test_admin_client_post (client, EID, ADMIN_URI, NULL),
                                       ENABLE_SCRIPT);
  test_smsr_host_assert_end (test_admin_client_post (client, EID, next, "af80230269850000"));
  test_admin_client_close (client);

  test_smsr_assert_reply (host->smsr, "error sw 6985: conditions of use not satisfied (command 1)");
}

static void
test_a_script_status_that_is_not_ok_is_the_operations_error (void **state)
{
  static const char *const fields[] = {
    "X-Admin-From: //se-id/eid/" EID ";//aa-id/aid/A000000559/1010FFFFFFFF8900000100",
    "X-Admin-Script-Status: unknown-application",
    NULL,
  };
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autofree char *next = NULL;

  test_smsr_start (host->smsr, "enable --via bip-https");
  client = test_smsr_host_connect (host, EID);
  next = test_smsr_host_assert_script (test_admin_client_post (client, EID, ADMIN_URI, NULL),
                                       ENABLE_SCRIPT);
  test_smsr_host_assert_end (test_admin_client_send (client, next, fields, NULL));
  test_admin_client_close (client);

  test_smsr_assert_reply (host->smsr, "error X-Admin-Script-Status is 'unknown-application'");
}

static void
test_a_broken_connection_is_the_operations_error (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autofree char *next = NULL;

  test_smsr_start (host->smsr, "enable --via bip-https");
  client = test_smsr_host_connect (host, EID);
  next = test_smsr_host_assert_script (test_admin_client_post (client, EID, ADMIN_URI, NULL),
                                       ENABLE_SCRIPT);
  test_admin_client_close (client);

  test_smsr_assert_reply (host->smsr,
                          "error connection lost: the eUICC has closed it, while waiting for "
                          "the response to script 1");
}

static void
test_a_session_that_broke_is_resumed_where_it_was (void **state)
{
  TestSmsrHost *host = *state;
  TestAdminClient *client;
  g_autofree char *next = NULL;
  g_autofree char *again = NULL;

  test_smsr_start (host->smsr, "enable --via bip-https");
  sim_smsr_set_fault (host->smsr, TRUE);
  client = test_smsr_host_connect (host, EID);
  next = test_smsr_host_assert_script (test_admin_client_post (client, EID, ADMIN_URI, NULL),
                                       ENABLE_SCRIPT);
  test_smsr_host_break_off (host, client);
  assert_null (sim_smsr_pull_reply (host->smsr));

  client = test_smsr_host_connect (host, EID);
  again = test_smsr_host_assert_script (test_smsr_host_resume (client, ADMIN_URI, NULL),
                                        ENABLE_SCRIPT);
  assert_string_equal (again, next);
  test_smsr_host_break_off (host, client);

  client = test_smsr_host_connect (host, EID);
  test_smsr_host_assert_end (test_smsr_host_resume (client, next, OK_RESPONSE));
  test_smsr_host_break_off (host, client);
  client = test_smsr_host_connect (host, EID);
  test_smsr_host_assert_end (test_smsr_host_resume (client, next, OK_RESPONSE));
  test_admin_client_close (client);
  test_admin_client_free (client);
  test_smsr_assert_gives_up (host->smsr,
                             "error timeout: waiting for the notification of the profile change");
}

static void
test_a_session_without_a_proof_of_receipt_does_not_end_well (void **state)
{
  TestSmsrHost *host = *state;

  test_smsr_begin (host->smsr, "set-fallback 1100 --via bip-https");
  test_smsr_host_run_session (host, ADMIN_URI,
                              "AE80221A80E28800153A05124F10A0000005591010FFFFFFFF89000011000000");

  test_smsr_assert_reply (host->smsr,
                          "error proof=none: the trigger's receipt was not proven; otherwise ok "
                          "scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                          "transport=bip-https connections=1 resumed=0");
}

static void
test_a_session_that_is_cut_off_at_its_end_does_not_end_well (void **state)
{
  TestSmsrHost *host = *state;
  TestAdminClient *client;
  g_autofree char *reply = NULL;

  test_smsr_start (host->smsr, "push-https");
  client = test_smsr_host_connect (host, EID);
  test_smsr_host_assert_end (test_admin_client_post (client, EID, ADMIN_URI, NULL));
  test_smsr_host_break_off (host, client);

  reply = sim_smsr_pull_reply (host->smsr);
  assert_true (g_str_has_prefix (reply, "error connection lost at its end: T"));
}

static void
test_a_resumed_session_ends_well_only_when_a_fault_was_ordered (void **state)
{
  TestSmsrHost *host = *state;

  for (guint i = 0; i < 2; i++)
    {
      TestAdminClient *client;
      g_autofree char *next = NULL;

      test_smsr_start (host->smsr, "set-fallback 1100 --via bip-https");
      sim_smsr_set_fault (host->smsr, i == 0);
      sim_smsr_set_fault (host->smsr, FALSE);
      client = test_smsr_host_connect (host, EID);
      next = test_smsr_host_assert_script (
          test_admin_client_post (client, EID, ADMIN_URI, NULL),
          "AE80221A80E28800153A05124F10A0000005591010FFFFFFFF89000011000000");
      test_smsr_host_break_off (host, client);
      client = test_smsr_host_connect (host, EID);
      test_smsr_host_assert_end (test_smsr_host_resume (client, next, OK_RESPONSE));
      test_admin_client_close (client);
      test_admin_client_free (client);
      test_smsr_assert_reply (
          host->smsr,
          i == 0 ? "ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                   "transport=bip-https connections=2 resumed=1 failed=1"
                 : "error repaired: something was lost and tried again; otherwise ok scripts=1 "
                   "executed=1 "
                   "sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                   "transport=bip-https connections=2 resumed=1 failed=1");
    }
}

static void
test_a_session_that_is_not_resumed_is_given_up (void **state)
{
  TestSmsrHost *host = *state;
  TestAdminClient *client;
  g_autofree char *next = NULL;
  g_autofree char *reply = NULL;

  test_smsr_start (host->smsr, "enable --via bip-https");
  client = test_smsr_host_connect (host, EID);
  next = test_smsr_host_assert_script (test_admin_client_post (client, EID, ADMIN_URI, NULL),
                                       ENABLE_SCRIPT);
  test_smsr_host_break_off (host, client);
  sim_smsr_give_up (host->smsr);

  reply = sim_smsr_pull_reply (host->smsr);
  assert_true (g_str_has_prefix (reply, "error timeout: waiting for the eUICC to resume its "
                                        "session; connection lost: "));
}

/* What an operation left that was given up does not end the next one, and gets none of its scripts. */
static void
test_a_session_of_an_operation_before_is_not_resumed (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) foreign = NULL;
  g_autoptr (SimHttpMessage) refusal = NULL;
  TestAdminClient *client;

  test_smsr_start (host->smsr, "push-https");
  client = test_smsr_host_connect (host, EID);
  test_smsr_host_assert_end (test_admin_client_post (client, EID, ADMIN_URI, NULL));
  test_admin_client_close (client);
  g_clear_pointer (&client, test_admin_client_free);
  g_free (sim_smsr_pull_reply (host->smsr));

  test_smsr_start (host->smsr, "set-fallback 1100 --via bip-https");
  foreign = test_smsr_host_connect (host, EID);
  refusal = test_smsr_host_resume (foreign, ADMIN_URI, NULL);
  assert_int_equal (refusal->status, 400);
  test_admin_client_wait_end (foreign);
  assert_null (sim_smsr_pull_reply (host->smsr));

  test_smsr_host_run_session (host, ADMIN_URI,
                              "AE80221A80E28800153A05124F10A0000005591010FFFFFFFF89000011000000");
  test_smsr_assert_reply (
      host->smsr,
      "ok scripts=1 executed=1 sw=9000 "
      "aid=A0000005591010FFFFFFFF8900001100 transport=bip-https connections=1 resumed=0");
}

static void
test_a_response_that_nobody_asked_for_is_the_operations_error (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;

  test_smsr_start (host->smsr, "push-https");
  client = test_smsr_host_connect (host, EID);
  test_smsr_host_assert_end (test_admin_client_post (client, EID, ADMIN_URI, OK_RESPONSE));
  test_admin_client_close (client);

  test_smsr_assert_reply (host->smsr,
                          "error The eUICC answers what nobody asked: status 'ok', 8 octets");
}

#define host_test(name)                                                                            \
  cmocka_unit_test_setup_teardown (name, test_smsr_host_set_up, test_smsr_host_tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    host_test (test_an_operation_ends_with_the_connection_that_carried_it),
    host_test (test_a_push_alone_ends_the_session_at_once),
    host_test (test_enabling_ends_with_the_confirmed_notification),
    host_test (test_a_notification_is_confirmed_without_an_operation),
    host_test (test_a_notification_of_another_isdp_is_the_operations_error),
    host_test (test_an_old_notification_is_the_operations_error),
    host_test (test_a_missing_notification_is_named),
    host_test (test_answers_are_framed_by_turns_and_targets_change),
    host_test (test_another_target_than_the_one_given_is_refused),
    host_test (test_a_failed_script_is_the_operations_error),
    host_test (test_a_script_status_that_is_not_ok_is_the_operations_error),
    host_test (test_a_broken_connection_is_the_operations_error),
    host_test (test_a_session_that_broke_is_resumed_where_it_was),
    host_test (test_a_session_without_a_proof_of_receipt_does_not_end_well),
    host_test (test_a_session_that_is_cut_off_at_its_end_does_not_end_well),
    host_test (test_a_resumed_session_ends_well_only_when_a_fault_was_ordered),
    host_test (test_a_session_that_is_not_resumed_is_given_up),
    host_test (test_a_session_of_an_operation_before_is_not_resumed),
    host_test (test_a_response_that_nobody_asked_for_is_the_operations_error),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
