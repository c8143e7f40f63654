/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* HTTPS sessions that an agent with keys of its own opens to the SM-SR, when it is asked to or by itself. */
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test-isdp.h"
#include "test-smsr-host.h"

#define FALLBACK_SCRIPT "AE80221A80E28800153A05124F10A0000005591010FFFFFFFF89000011000000"
#define ENABLE_SCRIPT "AE80221A80E28800153A03124F10A0000005591010FFFFFFFF89000011000000"
#define CONFIRMATION "AE80220D80E28900073A08044E020001000000"
#define NOTIFICATION                                                                               \
  "e1354c10890010120123412340123456789012244d01024e0200012f10a0000005591010ffffffff8900001100"     \
  "14081a32547698103254"

/* Octets of a command packet in the SMS form: CPL and CHL, SPI, then KIc */
#define KIC_OFFSET 5

static void
test_an_operation_ends_with_the_agents_session (void **state)
{
  TestSmsrHost *host = *state;

  test_smsr_start (host->smsr, "set-fallback 1100 --via https");
  test_smsr_host_run_session (host, ADMIN_URI, FALLBACK_SCRIPT);

  test_smsr_assert_reply (
      host->smsr, "ok scripts=1 executed=1 sw=9000 "
                  "aid=A0000005591010FFFFFFFF8900001100 transport=https connections=1 resumed=0");
}

static void
test_every_wait_names_the_agent (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;

  test_smsr_start (host->smsr, "push-https --via https");
  test_smsr_assert_gives_up (host->smsr, "error timeout: waiting for the agent's HTTPS connection");

  test_smsr_start (host->smsr, "push-https --via https");
  client = test_smsr_host_connect (host, EID);
  test_smsr_assert_gives_up (host->smsr, "error timeout: waiting for the agent's first request");

  test_smsr_start (host->smsr, "push-https --via https");
  g_clear_pointer (&client, test_admin_client_free);
  client = test_smsr_host_connect (host, EID);
  test_smsr_host_assert_end (test_admin_client_post (client, EID, ADMIN_URI, NULL));
  test_smsr_assert_gives_up (host->smsr,
                             "error timeout: waiting for the end of the agent's HTTPS connection");
}

static void
test_a_session_is_waited_for_without_a_trigger (void **state)
{
  TestSmsrHost *host = *state;

  test_smsr_start (host->smsr, "push-https --via https");
  test_smsr_assert_gives_up (host->smsr, "error timeout: waiting for the agent's HTTPS connection");
  test_smsr_begin (host->smsr, "set-fallback 1100 --via https --no-trigger");
  assert_null (sim_smsr_pull_tpdu (host->smsr));
  test_smsr_host_run_session (host, ADMIN_URI, FALLBACK_SCRIPT);

  test_smsr_assert_reply (
      host->smsr, "ok scripts=1 executed=1 sw=9000 "
                  "aid=A0000005591010FFFFFFFF8900001100 transport=https connections=1 resumed=0");
}

static void
test_a_session_that_does_not_come_by_itself_is_named (void **state)
{
  TestSmsrHost *host = *state;

  test_smsr_begin (host->smsr, "audit --via https --no-trigger");

  test_smsr_assert_gives_up (host->smsr, "error timeout: waiting for the agent's HTTPS connection");
}

static void
test_a_switch_does_not_wait_for_a_notification (void **state)
{
  TestSmsrHost *host = *state;

  test_smsr_start (host->smsr, "enable --via https");
  test_smsr_host_run_session (host, ADMIN_URI, ENABLE_SCRIPT);

  test_smsr_assert_reply (host->smsr,
                          "ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                          "transport=https connections=1 resumed=0 switched=unconfirmed");
}

static void
test_a_switch_waits_for_the_notification_when_that_is_wanted (void **state)
{
  TestSmsrHost *host = *state;

  test_smsr_start (host->smsr, "enable --via https --await-notification");
  test_smsr_host_run_session (host, ADMIN_URI, ENABLE_SCRIPT);
  assert_null (sim_smsr_pull_reply (host->smsr));
  test_smsr_host_run_session (host, ADMIN_URI "?msg=" NOTIFICATION, CONFIRMATION);

  test_smsr_assert_reply (host->smsr,
                          "ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                          "transport=https connections=2 resumed=0 notification=02");
}

/* A session may begin with a notification; what is queued follows. */
static void
test_an_operation_follows_a_notification_in_the_same_session (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autofree char *confirmed = NULL;
  g_autofree char *next = NULL;

  test_smsr_begin (host->smsr, "set-fallback 1100 --via https --no-trigger");
  client = test_smsr_host_connect (host, EID);
  confirmed = test_smsr_host_assert_script (
      test_admin_client_post (client, EID, ADMIN_URI "?msg=" NOTIFICATION, NULL), CONFIRMATION);
  next = test_smsr_host_assert_script (test_admin_client_post (client, EID, confirmed, OK_RESPONSE),
                                       FALLBACK_SCRIPT);
  test_smsr_host_assert_end (test_admin_client_post (client, EID, next, OK_RESPONSE));
  test_admin_client_close (client);

  test_smsr_assert_reply (
      host->smsr, "ok scripts=1 executed=1 sw=9000 "
                  "aid=A0000005591010FFFFFFFF8900001100 transport=https connections=1 resumed=0");
}

static void
assert_key_set (TestSmsrHost *host, const char *words, guint8 expected)
{
  g_autoptr (GBytes) address = NULL;
  g_autoptr (GBytes) packet = NULL;
  EaReader reader;

  test_smsr_begin (host->smsr, words);
  packet = test_smsr_take_packet (host->smsr, &address);
  sim_smsr_give_up (host->smsr);
  g_free (sim_smsr_pull_reply (host->smsr));

  ea_reader_init (&reader, ea_span_tail (ea_span_from_bytes (packet), KIC_OFFSET));
  assert_int_equal (ea_reader_u8 (&reader), expected << 4 | 2);
  assert_int_equal (ea_reader_u8 (&reader), expected << 4 | 2);
}

static void
test_the_trigger_is_sealed_for_who_shall_open_it (void **state)
{
  TestSmsrHost *host = *state;

  assert_key_set (host, "audit --via https", 1);
  assert_key_set (host, "audit --via https --key-set 3", 3);
  sim_smsr_set_agent_keys (host->smsr, 2);
  assert_key_set (host, "audit --via https", 2);
  assert_key_set (host, "audit --via https --key-set 3", 3);
  assert_key_set (host, "audit --via bip-https", 1);
  assert_key_set (host, "audit", 1);
}

/* The reply to a give-up names what was waited for, and so the bearer. */
static void
assert_bearer (TestSmsrHost *host, const char *words, const char *expected)
{
  g_autofree char *reply = NULL;

  test_smsr_start (host->smsr, words);
  sim_smsr_give_up (host->smsr);
  reply = sim_smsr_pull_reply (host->smsr);
  if (strstr (reply, expected) == NULL)
    fail_msg ("%s: %s", words, reply);
}

static void
test_bulk_goes_by_https_and_what_is_short_by_sms (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (GBytes) content = NULL;
  g_autofree char *path = test_isdp_make_file (1, &content);
  g_autofree char *download = g_strconcat ("download-profile ", path, NULL);

  assert_bearer (host, download, "the eUICC's HTTPS connection");
  assert_bearer (host, "push-https", "the eUICC's HTTPS connection");
  assert_bearer (host, "send-script --generate 255 --via auto", "the eUICC's HTTPS connection");
  sim_smsr_set_agent_keys (host->smsr, 1);
  assert_bearer (host, download, "the agent's HTTPS connection");
  assert_bearer (host, "push-https", "the agent's HTTPS connection");
  assert_bearer (host, "send-script --generate 255", "the agent's HTTPS connection");
  assert_bearer (host, "send-script --generate 255 --via bip-https",
                 "the eUICC's HTTPS connection");
  test_smsr_begin (host->smsr, "send-script --generate 1");
  test_smsr_assert_gives_up (host->smsr, "error timeout: waiting for delivery of message 1 of 1");

  assert_int_equal (g_remove (path), 0);
}

static SimHttpMessage *
post_to_host (TestAdminClient *client, const char *host_field)
{
  const char *const fields[] = {
    host_field,
    "X-Admin-Protocol: globalplatform-remote-admin/1.0",
    "X-Admin-From: //se-id/eid/" EID ";//aa-id/aid/A000000559/1010FFFFFFFF8900000100",
    NULL,
  };

  return test_admin_client_send (client, ADMIN_URI, fields, NULL);
}

static void
test_the_name_of_the_trigger_is_the_host_of_the_session (void **state)
{
  static const char *const good[] = { "Host: smsr.example", "Host: smsr.example:443" };
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autoptr (SimHttpMessage) refusal = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_clear_pointer (&client, test_admin_client_free);
      test_smsr_start (host->smsr, "push-https --via https --host smsr.example");
      client = test_smsr_host_connect (host, EID);
      test_smsr_host_assert_end (post_to_host (client, good[i]));
      test_admin_client_close (client);
      test_smsr_assert_reply (host->smsr, "ok scripts=0 transport=https connections=1 resumed=0");
    }

  g_clear_pointer (&client, test_admin_client_free);
  test_smsr_start (host->smsr, "push-https --via https --host smsr.example");
  client = test_smsr_host_connect (host, EID);
  refusal = post_to_host (client, "Host: 127.0.0.1");
  assert_int_equal (refusal->status, 400);
  test_admin_client_wait_end (client);
  test_smsr_assert_reply (host->smsr, "error host is '127.0.0.1', not 'smsr.example'");
}

static void
test_a_server_that_moved_is_at_the_same_port (void **state)
{
  TestSmsrHost *host = *state;
  const SimSmsrAddress *address = sim_smsr_server_get_address (host->server);
  SimSmsrAddress former = { 0 };
  g_autoptr (TestAdminClient) late = NULL;

  sim_smsr_address_copy (&former, address);
  assert_true (sim_smsr_server_move (host->server, "127.0.0.2", NULL));
  late = test_admin_client_new (&former, EID);

  assert_true (late->has_ended);
  assert_string_equal (address->host, "127.0.0.2");
  assert_int_equal (address->https, former.https);
  assert_int_equal (address->cat_tp, former.cat_tp);
  test_smsr_start (host->smsr, "set-fallback 1100 --via https");
  test_smsr_host_run_session (host, ADMIN_URI, FALLBACK_SCRIPT);
  test_smsr_assert_reply (
      host->smsr, "ok scripts=1 executed=1 sw=9000 "
                  "aid=A0000005591010FFFFFFFF8900001100 transport=https connections=1 resumed=0");
  sim_smsr_address_clear (&former);
}

static void
test_a_server_that_cannot_move_stays (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (GError) error = NULL;

  assert_false (sim_smsr_server_move (host->server, "moon", &error));
  assert_string_equal (error->message, "'moon' is no IP address");
  g_clear_error (&error);
  assert_false (sim_smsr_server_move (host->server, "192.0.2.1", &error));
  assert_non_null (error);

  test_smsr_start (host->smsr, "set-fallback 1100 --via https");
  test_smsr_host_run_session (host, ADMIN_URI, FALLBACK_SCRIPT);
  g_free (sim_smsr_pull_reply (host->smsr));
}

/* 204 with a target, which is returned (transfer full); takes @response */
static char *
assert_pause (SimHttpMessage *response)
{
  char *next;

  assert_non_null (response);
  assert_int_equal (response->status, 204);
  next = g_strdup (sim_http_message_get_field (response, "x-admin-next-uri"));
  assert_non_null (next);
  sim_http_message_free (response);
  return next;
}

static void
test_pauses_come_before_each_script (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *next = NULL;

  test_smsr_start (host->smsr, "set-fallback 1100 --via https --pauses 2");
  client = test_smsr_host_connect (host, EID);
  first = assert_pause (test_admin_client_post (client, EID, ADMIN_URI, NULL));
  second = assert_pause (test_admin_client_post (client, EID, first, NULL));
  next = test_smsr_host_assert_script (test_admin_client_post (client, EID, second, NULL),
                                       FALLBACK_SCRIPT);
  assert_string_not_equal (first, second);
  test_smsr_host_assert_end (test_admin_client_post (client, EID, next, OK_RESPONSE));
  test_admin_client_close (client);

  test_smsr_assert_reply (
      host->smsr, "ok scripts=1 executed=1 sw=9000 "
                  "aid=A0000005591010FFFFFFFF8900001100 transport=https connections=1 resumed=0");
}

static void
test_a_script_without_a_next_target_ends_the_session (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autoptr (SimHttpMessage) response = NULL;
  g_autofree char *hex = NULL;

  test_smsr_start (host->smsr, "send-script --generate 1 --via https --unanswered");
  client = test_smsr_host_connect (host, EID);
  response = test_admin_client_post (client, EID, ADMIN_URI, NULL);
  assert_int_equal (response->status, 200);
  assert_null (sim_http_message_get_field (response, "x-admin-next-uri"));
  hex = ea_span_to_hex (ea_span_from_bytes (response->body));
  assert_string_equal (hex, "AE80220E80E28800093A0706A304000000010000");
  test_admin_client_close (client);

  test_smsr_assert_reply (host->smsr,
                          "ok scripts=1 executed=unknown transport=https connections=1 resumed=0");
}

static void
test_devices_have_a_protocol_of_their_own (void **state)
{
  static const char *const fields[] = {
    "X-Admin-Protocol: globalplatform-remote-admin/1.1.1",
    "X-Admin-From: //se-id/eid/" EID ";//aa-id/aid/A000000559/1010FFFFFFFF8900000100",
    NULL,
  };
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autoptr (SimHttpMessage) response = NULL;
  const char *next;

  test_smsr_start (host->smsr, "set-fallback 1100 --via https");
  client = test_smsr_host_connect (host, EID);
  response = test_admin_client_send (client, ADMIN_URI, fields, NULL);
  next = sim_http_message_get_field (response, "x-admin-next-uri");
  assert_string_equal (sim_http_message_get_field (response, "x-admin-protocol"),
                       "globalplatform-remote-admin/1.1.1");
  assert_string_equal (sim_http_message_get_field (response, "x-admin-targeted-application"),
                       "//aid/A000000559/1010FFFFFFFF8900000100");
  test_smsr_host_assert_end (test_admin_client_post (client, EID, next, OK_RESPONSE));
  test_admin_client_close (client);
  g_free (sim_smsr_pull_reply (host->smsr));
}

#define host_test(name)                                                                            \
  cmocka_unit_test_setup_teardown (name, test_smsr_host_set_up, test_smsr_host_tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    host_test (test_an_operation_ends_with_the_agents_session),
    host_test (test_every_wait_names_the_agent),
    host_test (test_a_session_is_waited_for_without_a_trigger),
    host_test (test_a_session_that_does_not_come_by_itself_is_named),
    host_test (test_a_switch_does_not_wait_for_a_notification),
    host_test (test_a_switch_waits_for_the_notification_when_that_is_wanted),
    host_test (test_an_operation_follows_a_notification_in_the_same_session),
    host_test (test_the_trigger_is_sealed_for_who_shall_open_it),
    host_test (test_bulk_goes_by_https_and_what_is_short_by_sms),
    host_test (test_the_name_of_the_trigger_is_the_host_of_the_session),
    host_test (test_a_server_that_moved_is_at_the_same_port),
    host_test (test_a_server_that_cannot_move_stays),
    host_test (test_pauses_come_before_each_script),
    host_test (test_a_script_without_a_next_target_ends_the_session),
    host_test (test_devices_have_a_protocol_of_their_own),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
