/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Short messages of the simulated SM-SR that nobody acknowledged or that were refused for the time being. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "network.h"
#include "test-host.h"

/* PID 7F, DCS F6, a command packet header without a packet */
#define DOWNLOAD "440C919451214365877FF66211220100000003027000"

#define SET_EVENT_REPORT 0x0001
#define SET_ROUTES 0x0032
#define SEND_ACK 0x0037
/* In an Event Report: TLV 11 of an unknown length, an acknowledgement is wanted */
#define TRANSFERRED "11"
#define TRANSACTION_OFFSET 8
#define TPDU_OFFSET 22

static guint8
add_route (TestHost *host)
{
  guint8 cid = test_host_allocate (host, SIM_SERVICE_WMS);

  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_WMS, cid, SET_ROUTES,
                    "010600"
                    "0100"
                    "0002FF02");
  return cid;
}

static void
listen_for_messages (TestHost *host, guint8 cid)
{
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_WMS, cid, SET_EVENT_REPORT, "10010001");
}

/* (transfer full): the TPDU and what follows it, when the transaction's number begins with @transaction */
static char *
wait_message (TestHost *host, const char *transaction)
{
  g_autofree char *report
      = test_host_wait (host, SIM_QMI_INDICATION, SIM_SERVICE_WMS, SET_EVENT_REPORT);

  assert_true (g_str_has_prefix (report, TRANSFERRED));
  assert_memory_equal (report + TRANSACTION_OFFSET, transaction, strlen (transaction));
  return g_strdup (report + TPDU_OFFSET);
}

static void
test_message_of_a_client_that_is_gone_is_given_to_the_next_one_unchanged (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 first_cid = add_route (host);
  g_autofree char *release = g_strdup_printf ("01020005%02X", first_cid);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *reply = NULL;
  guint8 second_cid;

  listen_for_messages (host, first_cid);
  test_host_command (host, "smsr audit --timeout 1");
  first = wait_message (host, "01000000");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_CTL, 0, 0x0023, release);
  second_cid = test_host_allocate (host, SIM_SERVICE_WMS);
  listen_for_messages (host, second_cid);
  second = wait_message (host, "02000000");
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_WMS, second_cid, SEND_ACK, "010600020000000101");
  reply = test_host_wait_reply (host);

  assert_string_equal (second, first);
  assert_string_equal (reply, "error timeout: waiting for proof of receipt of counter 1");
  test_host_free (host);
}

static void
on_reply (const char *text, gpointer user_data)
{
  char **reply = user_data;

  *reply = g_strdup (text);
}

static void
test_message_waits_until_a_client_listens (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = add_route (host);
  g_autofree char *message = NULL;
  g_autofree char *reply = NULL;

  test_host_command (host, "smsr audit");
  while (host->modem->network->postponed.length == 0)
    g_main_context_iteration (NULL, TRUE);
  sim_command_run (host->modems, "sms " DOWNLOAD, sim_reply_new (on_reply, &reply));
  while (reply == NULL)
    g_main_context_iteration (NULL, TRUE);
  assert_string_equal (reply, "error timeout");
  assert_false (test_host_has (host, SIM_QMI_INDICATION, SIM_SERVICE_WMS, SET_EVENT_REPORT));
  listen_for_messages (host, cid);
  message = wait_message (host, "");

  assert_non_null (strstr (message, "02700000"));
  test_host_free (host);
}

static void
test_refusal_for_the_time_being_is_followed_by_another_delivery (void **state)
{
  static const char *const causes[] = { "6FD4", "6FD3", "1600", "16D0" };
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = add_route (host);
  g_autofree char *reply = NULL;

  listen_for_messages (host, cid);
  test_host_command (host, "smsr audit");
  for (guint i = 0; i < G_N_ELEMENTS (causes); i++)
    {
      g_autofree char *transaction = g_strdup_printf ("%02X000000", i + 1);
      g_autofree char *ack = g_strdup_printf ("010600%s0100110200%s", transaction, causes[i]);

      g_free (wait_message (host, transaction));
      test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_WMS, cid, SEND_ACK, ack);
      if (i > 0)
        listen_for_messages (host, cid); /* or it takes a while */
    }
  g_free (wait_message (host, "05000000"));
  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_WMS, cid, SEND_ACK,
                    "0106000500000001001102006FD5");
  reply = test_host_wait_reply (host);

  assert_string_equal (reply, "error not delivered: message 1 of 1, RP cause 6F, TP cause D5");
  test_host_free (host);
}

static void
test_operation_that_was_given_up_leaves_nothing_to_deliver (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 cid = add_route (host);

  test_host_control (host, "smsr audit --timeout 1",
                     "error timeout: waiting for delivery of message 1 of 1");
  assert_int_equal (host->modem->network->postponed.length, 0);
  assert_int_equal (host->modem->network->deliveries.length, 0);
  listen_for_messages (host, cid);
  assert_false (test_host_has (host, SIM_QMI_INDICATION, SIM_SERVICE_WMS, SET_EVENT_REPORT));

  test_host_free (host);
}

static void
test_operation_is_given_up_before_its_time (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  const SimModem *modem = g_ptr_array_index (host->modems, 0);
  g_autofree char *reply = NULL;

  test_host_control (host, "smsr give-up", "error no operation is under way");
  test_host_control (host, "network none", "ok");
  test_host_command (host, "smsr audit --timeout 3600");
  assert_true (sim_smsr_runner_give_up (modem->network->runner));
  reply = test_host_wait_reply (host);

  assert_string_equal (reply, "error timeout: waiting for delivery of message 1 of 1");
  test_host_free (host);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_message_of_a_client_that_is_gone_is_given_to_the_next_one_unchanged),
    cmocka_unit_test (test_message_waits_until_a_client_listens),
    cmocka_unit_test (test_refusal_for_the_time_being_is_followed_by_another_delivery),
    cmocka_unit_test (test_operation_that_was_given_up_leaves_nothing_to_deliver),
    cmocka_unit_test (test_operation_is_given_up_before_its_time),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
