/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The SM-SR's HTTPS listener: who is who, how much is taken, and what goes wrong when a test wants it. */
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test-isdp.h"
#include "test-smsr-host.h"

#define UNKNOWN_EID "89001012012341234012345678999999"
#define CREATE_SCRIPT                                                                              \
  "AE80224580E60C003F10A0000005591010FFFFFFFF8900000D0010A0000005591010FFFFFFFF8900000E0010"       \
  "A0000005591010FFFFFFFF89000015000380C00006C9048102037000000000"
#define PROFILE_SIZE 20000

static void
test_an_unknown_identity_gets_no_connection (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;

  client = test_admin_client_new (sim_smsr_server_get_address (host->server), UNKNOWN_EID);

  assert_false (test_admin_client_open (client));
}

static void
test_a_failure_without_a_name_is_of_the_only_operation (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autofree char *reply = NULL;

  test_smsr_start (host->smsr, "push-https");
  client = test_admin_client_new (sim_smsr_server_get_address (host->server), UNKNOWN_EID);
  assert_false (test_admin_client_open (client));
  sim_smsr_give_up (host->smsr);
  reply = sim_smsr_pull_reply (host->smsr);
  assert_true (
      g_str_has_prefix (reply, "error timeout: waiting for the eUICC's HTTPS connection; TLS: "));

  sim_smsr_note_failure (host->smsr, "before the operation");
  test_smsr_start (host->smsr, "push-https");
  test_smsr_assert_gives_up (host->smsr, "error timeout: waiting for the eUICC's HTTPS connection");
}

/* (transfer full): connected, and says nothing */
static GSocket *
connect_silently (TestSmsrHost *host)
{
  const SimSmsrAddress *address = sim_smsr_server_get_address (host->server);
  g_autoptr (GSocketAddress) peer
      = g_inet_socket_address_new_from_string (address->host, address->https);
  GSocket *socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

  assert_true (g_socket_connect (socket, peer, NULL, NULL));
  g_socket_set_blocking (socket, FALSE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return socket;
}

static void
test_the_65th_connection_is_closed_at_once (void **state)
{
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  char octet;

  for (guint i = 0; i < 65; i++)
    g_ptr_array_add (sockets, connect_silently (*state));

  assert_int_equal (g_socket_receive (g_ptr_array_index (sockets, 63), &octet, 1, NULL, NULL), -1);
  assert_int_equal (g_socket_receive (g_ptr_array_index (sockets, 64), &octet, 1, NULL, NULL), 0);
}

static void
test_each_euicc_meets_its_own_sm_sr (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;
  g_autoptr (TestAdminClient) other = NULL;
  g_autofree char *next = NULL;
  g_autofree char *other_next = NULL;

  test_smsr_start (host->smsr, "set-fallback 1100 --via bip-https");
  test_smsr_start (host->other, "create-isdp 1500 --via bip-https");
  client = test_smsr_host_connect (host, EID);
  other = test_smsr_host_connect (host, OTHER_EID);
  other_next = test_smsr_host_assert_script (
      test_admin_client_post (other, OTHER_EID, ADMIN_URI, NULL), CREATE_SCRIPT);
  next = test_smsr_host_assert_script (
      test_admin_client_post (client, EID, ADMIN_URI, NULL),
      "AE80221A80E28800153A05124F10A0000005591010FFFFFFFF89000011000000");
  test_smsr_host_assert_end (test_admin_client_post (client, EID, next, OK_RESPONSE));
  test_smsr_host_assert_end (test_admin_client_post (other, OTHER_EID, other_next,
                                                     "af802303009000"
                                                     "0000"));
  test_admin_client_close (client);
  test_admin_client_close (other);

  test_smsr_assert_reply (
      host->smsr,
      "ok scripts=1 executed=1 sw=9000 "
      "aid=A0000005591010FFFFFFFF8900001100 transport=bip-https connections=1 resumed=0");
  test_smsr_assert_reply (
      host->other,
      "ok scripts=1 executed=1 sw=9000 "
      "aid=A0000005591010FFFFFFFF8900001500 transport=bip-https connections=1 resumed=0");
}

static void
test_a_profile_goes_to_the_isdp_in_few_large_scripts (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (GBytes) content = NULL;
  g_autofree char *path = test_isdp_make_file (PROFILE_SIZE, &content);
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content);
  g_autofree char *words = g_strconcat ("download-profile ", path, NULL);
  g_autofree char *expected
      = g_strdup_printf ("ok scripts=4 aid=A0000005591010FFFFFFFF8900001500 bytes=20000 sha256=%s "
                         "transport=bip-https connections=1 resumed=0",
                         hash);
  g_autoptr (TestIsdp) isdp = test_isdp_new ();
  g_autoptr (TestAdminClient) client = NULL;
  g_autoptr (SimHttpMessage) response = NULL;

  test_smsr_start (host->smsr, "create-isdp 1500 --via bip-https");
  test_smsr_host_run_session (host, ADMIN_URI, CREATE_SCRIPT);
  g_free (sim_smsr_pull_reply (host->smsr));

  test_smsr_start (host->smsr, words);
  client = test_smsr_host_connect (host, EID);
  response = test_admin_client_post (client, EID, ADMIN_URI, NULL);
  while (response->status == 200)
    {
      g_autoptr (GBytes) answer = test_isdp_run (isdp, ea_span_from_bytes (response->body));
      g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (answer));
      g_autofree char *next = g_strdup (sim_http_message_get_field (response, "x-admin-next-uri"));

      assert_string_equal (sim_http_message_get_field (response, "x-admin-targeted-application"),
                           "//aid/A000000559/1010FFFFFFFF8900001500");
      sim_http_message_free (response);
      response = test_admin_client_post (client, EID, next, hex);
    }
  test_smsr_host_assert_end (g_steal_pointer (&response));
  test_admin_client_close (client);

  test_isdp_assert_profile (isdp, ea_span_from_bytes (content));
  test_smsr_assert_reply (host->smsr, expected);
  assert_int_equal (g_remove (path), 0);
}

static void
test_refused_connections_are_taken_again_at_the_same_port (void **state)
{
  TestSmsrHost *host = *state;
  const SimSmsrAddress *address = sim_smsr_server_get_address (host->server);
  g_autoptr (TestAdminClient) refused = NULL;

  test_smsr_start (host->smsr, "set-fallback 1100 --via bip-https");
  test_smsr_host_set_fault (host, SIM_SMSR_FAULT_REFUSE, 0);
  refused = test_admin_client_new (address, EID);
  assert_true (refused->has_ended);
  test_smsr_host_set_fault (host, SIM_SMSR_FAULT_NONE, 0);
  test_smsr_host_run_session (host, ADMIN_URI,
                              "AE80221A80E28800153A05124F10A0000005591010FFFFFFFF89000011000000");
  g_free (sim_smsr_pull_reply (host->smsr));
}

static void
test_a_fault_begins_after_exactly_so_many_octets (void **state)
{
  static const SimSmsrFaultKind kinds[] = { SIM_SMSR_FAULT_CLOSE, SIM_SMSR_FAULT_RESET };
  TestSmsrHost *host = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (TestAdminClient) client = NULL;

      test_smsr_start (host->smsr, "enable --via bip-https");
      test_smsr_host_set_fault (host, kinds[i], 300);
      client = test_smsr_host_connect (host, EID);
      assert_null (test_admin_client_post (client, EID, ADMIN_URI, NULL));
      assert_int_equal (client->n_received, 300);
      test_smsr_assert_gives_up (
          host->smsr,
          kinds[i] == SIM_SMSR_FAULT_CLOSE
              ? "error timeout: waiting for the eUICC to resume its session; connection lost: the "
                "SM-SR has closed it, while waiting for the response to script 1"
              : "error timeout: waiting for the eUICC to resume its session; connection lost: the "
                "SM-SR has reset it, while waiting for the response to script 1");
      test_smsr_host_set_fault (host, SIM_SMSR_FAULT_NONE, 0);
    }
}

static void
test_a_stalled_connection_lives_until_the_fault_is_off (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;

  test_smsr_begin (host->smsr, "enable --via bip-https");
  test_smsr_host_set_fault (host, SIM_SMSR_FAULT_STALL, 0);
  client = test_admin_client_new (sim_smsr_server_get_address (host->server), EID);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  assert_int_equal (client->n_received, 0);
  assert_false (client->has_ended);
  test_smsr_assert_gives_up (host->smsr, "error timeout: waiting for delivery of message 1 of 2");

  test_smsr_host_set_fault (host, SIM_SMSR_FAULT_NONE, 0);
  test_admin_client_wait_end (client);
}

static void
test_a_flood_breaks_the_records_and_does_not_end (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (TestAdminClient) client = NULL;

  test_smsr_host_set_fault (host, SIM_SMSR_FAULT_FLOOD, 0);
  client = test_admin_client_new (sim_smsr_server_get_address (host->server), EID);
  while (client->n_received < 256 * 1024)
    g_main_context_iteration (NULL, TRUE);

  assert_false (client->has_ended);
  assert_non_null (sim_tls_get_error (client->tls));
}

#define host_test(name)                                                                            \
  cmocka_unit_test_setup_teardown (name, test_smsr_host_set_up, test_smsr_host_tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    host_test (test_an_unknown_identity_gets_no_connection),
    host_test (test_a_failure_without_a_name_is_of_the_only_operation),
    host_test (test_the_65th_connection_is_closed_at_once),
    host_test (test_each_euicc_meets_its_own_sm_sr),
    host_test (test_a_profile_goes_to_the_isdp_in_few_large_scripts),
    host_test (test_refused_connections_are_taken_again_at_the_same_port),
    host_test (test_a_fault_begins_after_exactly_so_many_octets),
    host_test (test_a_stalled_connection_lives_until_the_fault_is_off),
    host_test (test_a_flood_breaks_the_records_and_does_not_end),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
