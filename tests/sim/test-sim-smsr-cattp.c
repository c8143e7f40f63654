/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The SM-SR's CAT_TP server on a real socket, with a client made of the simulator's building blocks. */
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/sim-cattp.h"
#include "card/sim-keys.h"
#include "smsr-server.h"
#include "test-isdp.h"
#include "test-smsr.h"

#define EID "89001012012341234012345678901224"
#define UNKNOWN_EID "89001012012341234012345678999999"
#define DEADLINE_MS 10000
#define POLL_MS 5
#define PROFILE_SIZE 20000

typedef struct
{
  SimSmsrServer *server;
  SimSmsr *smsr;
  GSocket *socket;
  SimCattp *cattp;
} Fixture;

static void
on_changed (gpointer user_data)
{
}

static int
set_up (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->server = sim_smsr_server_new ("127.0.0.1", NULL);
  assert_non_null (fixture->server);
  fixture->smsr = sim_smsr_new (EID);
  sim_smsr_server_add (fixture->server, EID, fixture->smsr, on_changed, fixture);
  *state = fixture;
  return 0;
}

static void
disconnect (Fixture *fixture)
{
  g_clear_pointer (&fixture->cattp, sim_cattp_free);
  g_clear_object (&fixture->socket);
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;

  disconnect (fixture);
  sim_smsr_server_remove (fixture->server, fixture->smsr);
  sim_smsr_free (fixture->smsr);
  sim_smsr_server_free (fixture->server);
  g_free (fixture);
  return 0;
}

static void
open_link (Fixture *fixture, const char *eid)
{
  const SimSmsrAddress *address = sim_smsr_server_get_address (fixture->server);
  g_autoptr (GSocketAddress) peer
      = g_inet_socket_address_new_from_string (address->host, address->cat_tp);
  g_autoptr (GBytes) identification = ea_bytes_from_hex (eid, NULL);
  const SimCattpOptions options = { .source_port = 0xC001,
                                    .destination_port = 0x0929,
                                    .pdu_max = 1400,
                                    .sdu_max = 2048,
                                    .identification = ea_span_from_bytes (identification),
                                    .initial_sequence = 64 };

  fixture->socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_socket_set_blocking (fixture->socket, FALSE);
  assert_true (g_socket_connect (fixture->socket, peer, NULL, NULL));
  fixture->cattp = sim_cattp_new_client (&options, g_get_monotonic_time ());
}

static gboolean
on_poll (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* One turn of server and client */
static void
turn (Fixture *fixture)
{
  char buffer[2048];
  gssize size;
  g_autoptr (GBytes) pdu = NULL;

  while ((pdu = sim_cattp_pull_pdu (fixture->cattp)) != NULL)
    {
      (void) g_socket_send (fixture->socket, g_bytes_get_data (pdu, NULL), g_bytes_get_size (pdu),
                            NULL, NULL); /* nobody may listen */
      g_clear_pointer (&pdu, g_bytes_unref);
    }
  g_main_context_iteration (NULL, TRUE);
  while ((size = g_socket_receive (fixture->socket, buffer, sizeof (buffer), NULL, NULL)) > 0)
    sim_cattp_receive (fixture->cattp, ea_span_init (buffer, (gsize) size),
                       g_get_monotonic_time ());
}

/* (transfer full) (nullable): the next SDU, or NULL when the link is closed */
static GBytes *
wait_sdu (Fixture *fixture)
{
  gint64 deadline_us = g_get_monotonic_time () + DEADLINE_MS * 1000;
  guint poll = g_timeout_add (POLL_MS, on_poll, NULL);
  GBytes *sdu;

  while ((sdu = sim_cattp_pull_sdu (fixture->cattp)) == NULL
         && sim_cattp_get_state (fixture->cattp) != SIM_CATTP_CLOSED)
    {
      assert_true (g_get_monotonic_time () < deadline_us);
      turn (fixture);
    }
  g_source_remove (poll);
  return sdu;
}

/* (transfer full): what the packet holds; its header in @command */
static GBytes *
open_packet (GBytes *sdu, SimScp80Command *command)
{
  GBytes *data;

  assert_non_null (sdu);
  data = sim_scp80_open_command (command, SIM_SCP80_FORM_CAT_TP, ea_span_from_bytes (sdu),
                                 &sim_keys, NULL);
  assert_non_null (data);
  return data;
}

static void
answer (Fixture *fixture, const SimScp80Command *command, guint8 status, GBytes *script)
{
  const SimScp80Response response
      = { .tar = command->tar, .counter = command->counter, .status = status };
  g_autoptr (GBytes) packet = sim_scp80_seal_response (
      &response, command, SIM_SCP80_FORM_CAT_TP, ea_span_from_bytes (script), &sim_keys, NULL);

  assert_non_null (packet);
  assert_true (
      sim_cattp_send (fixture->cattp, ea_span_from_bytes (packet), g_get_monotonic_time ()));
}

static void
assert_packet (Fixture *fixture, guint32 tar, const char *expected, guint8 status,
               const char *response)
{
  g_autoptr (GBytes) sdu = wait_sdu (fixture);
  g_autoptr (GBytes) script = ea_bytes_from_hex (response, NULL);
  SimScp80Command command = { 0 };
  g_autoptr (GBytes) data = open_packet (sdu, &command);
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (data));

  assert_string_equal (hex, expected);
  assert_int_equal (command.tar, tar);
  assert_int_equal (command.spi1, 0x16);
  assert_int_equal (command.spi2, 0x39);
  answer (fixture, &command, status, script);
}

static void
assert_reset (Fixture *fixture, int reason)
{
  assert_null (wait_sdu (fixture));
  assert_int_equal (sim_cattp_get_reset_reason (fixture->cattp), reason);
}

static void
test_one_packet_is_one_sdu_and_reset_ends_the_link (void **state)
{
  Fixture *fixture = *state;

  test_smsr_start (fixture->smsr, "enable --via bip-cat-tp");
  open_link (fixture, EID);
  assert_packet (fixture, 0x000001, "AA1C221A80E28800153A03124F10A0000005591010FFFFFFFF8900001100",
                 0, "ab0780010123029000");
  assert_reset (fixture, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (fixture->smsr,
                          "ok packets=2 counter=2 status=00 executed=1 sw=9000 "
                          "aid=A0000005591010FFFFFFFF8900001100 transport=bip-cat-tp connections=1 "
                          "resumed=0 retransmitted=0 switched=unconfirmed");
}

static void
test_a_push_alone_ends_the_link_at_once (void **state)
{
  Fixture *fixture = *state;

  test_smsr_start (fixture->smsr, "push-cat-tp");
  open_link (fixture, EID);
  assert_reset (fixture, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (fixture->smsr, "ok packets=1 counter=1 status=00 transport=bip-cat-tp "
                                         "connections=1 resumed=0 retransmitted=0");
}

static void
test_a_link_without_a_proof_of_receipt_does_not_end_well (void **state)
{
  Fixture *fixture = *state;

  test_smsr_begin (fixture->smsr, "push-cat-tp");
  open_link (fixture, EID);
  assert_reset (fixture, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (fixture->smsr,
                          "error proof=none: the trigger's receipt was not proven; otherwise ok "
                          "packets=1 transport=bip-cat-tp connections=1 resumed=0 retransmitted=0");
}

static void
test_a_status_ends_the_operation_and_the_link (void **state)
{
  Fixture *fixture = *state;

  test_smsr_start (fixture->smsr, "delete 1200 --via bip-cat-tp");
  open_link (fixture, EID);
  assert_packet (fixture, 0x000001, "AA1A221880E40040124F10A0000005591010FFFFFFFF890000120000", 9,
                 "");
  assert_reset (fixture, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (fixture->smsr, "error status 09: the TAR is unknown");
}

static void
test_a_profile_goes_to_the_isdps_tar_one_segment_an_sdu (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (GBytes) content = NULL;
  g_autofree char *path = test_isdp_make_file (PROFILE_SIZE, &content);
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content);
  g_autofree char *words = g_strconcat ("download-profile ", path, " --via bip-cat-tp", NULL);
  g_autofree char *expected
      = g_strdup_printf ("ok packets=24 counter=24 status=00 "
                         "aid=A0000005591010FFFFFFFF8900001300 bytes=20000 sha256=%s "
                         "transport=bip-cat-tp connections=1 resumed=0 retransmitted=0",
                         hash);
  g_autoptr (TestIsdp) isdp = test_isdp_new ();
  g_autoptr (GBytes) sdu = NULL;

  test_smsr_start (fixture->smsr, words);
  open_link (fixture, EID);
  assert_packet (
      fixture, 0x000001,
      "AA47224580E60C003F10A0000005591010FFFFFFFF8900000D0010A0000005591010FFFFFFFF8900000E0010"
      "A0000005591010FFFFFFFF89000013000380C00006C904810203700000",
      0, "ab088001012303009000");
  while ((sdu = wait_sdu (fixture)) != NULL)
    {
      SimScp80Command command = { 0 };
      g_autoptr (GBytes) script = open_packet (sdu, &command);
      g_autoptr (GBytes) response = test_isdp_run (isdp, ea_span_from_bytes (script));

      assert_int_equal (command.tar, 0x000013);
      assert_true (g_bytes_get_size (sdu) <= 2048);
      answer (fixture, &command, 0, response);
      g_clear_pointer (&sdu, g_bytes_unref);
    }

  assert_int_equal (isdp->n_scripts, 22);
  test_isdp_assert_profile (isdp, ea_span_from_bytes (content));
  test_smsr_assert_reply (fixture->smsr, expected);
  assert_int_equal (g_remove (path), 0);
}

static void
test_an_unknown_identification_is_reset (void **state)
{
  Fixture *fixture = *state;

  test_smsr_start (fixture->smsr, "enable --via bip-cat-tp");
  open_link (fixture, UNKNOWN_EID);
  assert_reset (fixture, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_gives_up (fixture->smsr,
                             "error timeout: waiting for the eUICC's CAT_TP connection; "
                             "a link came from '" UNKNOWN_EID "'");
}

static void
test_a_link_that_the_euicc_resets_is_the_operations_error (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (GBytes) sdu = NULL;
  guint poll;

  test_smsr_start (fixture->smsr, "enable --via bip-cat-tp");
  open_link (fixture, EID);
  sdu = wait_sdu (fixture);
  sim_cattp_close (fixture->cattp, g_get_monotonic_time ());
  poll = g_timeout_add (POLL_MS, on_poll, NULL);
  for (guint i = 0; i < 3; i++)
    turn (fixture);
  g_source_remove (poll);

  test_smsr_assert_reply (fixture->smsr,
                          "error connection lost: the eUICC has closed it, while waiting for "
                          "the response to script 1");
}

static void
set_fault (Fixture *fixture, SimSmsrFaultKind kind, gsize after)
{
  const SimSmsrFault fault = { .kind = kind, .after = after };

  assert_true (sim_smsr_server_set_fault (fixture->server, &fault, NULL));
}

static void
test_a_refused_link_opens_once_the_socket_is_there_again (void **state)
{
  Fixture *fixture = *state;

  set_fault (fixture, SIM_SMSR_FAULT_REFUSE, 0);
  open_link (fixture, EID);
  disconnect (fixture);
  set_fault (fixture, SIM_SMSR_FAULT_NONE, 0);
  open_link (fixture, EID);
  assert_reset (fixture, SIM_CATTP_REASON_NORMAL);
}

static void
test_a_stalled_link_is_reset_when_the_fault_is_over (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (GBytes) sdu = NULL;

  set_fault (fixture, SIM_SMSR_FAULT_STALL, 50);
  test_smsr_start (fixture->smsr, "enable --via bip-cat-tp");
  open_link (fixture, EID);
  sdu = wait_sdu (fixture);
  sim_smsr_give_up (fixture->smsr);
  sim_smsr_server_settle (fixture->server, fixture->smsr);
  assert_int_equal (sim_cattp_get_state (fixture->cattp), SIM_CATTP_OPEN);
  set_fault (fixture, SIM_SMSR_FAULT_NONE, 0);
  assert_reset (fixture, SIM_CATTP_REASON_NORMAL);
}

static void
test_a_fault_closes_the_link_with_a_reset (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (GBytes) sdu = NULL;

  set_fault (fixture, SIM_SMSR_FAULT_CLOSE, 0);
  test_smsr_start (fixture->smsr, "enable --via bip-cat-tp");
  open_link (fixture, EID);
  sdu = wait_sdu (fixture);
  assert_reset (fixture, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (fixture->smsr,
                          "error connection lost: the SM-SR has closed it, while waiting for "
                          "the response to script 1");
}

static void
test_a_flood_of_wrong_pdus_does_no_harm (void **state)
{
  Fixture *fixture = *state;

  set_fault (fixture, SIM_SMSR_FAULT_FLOOD, 0);
  test_smsr_start (fixture->smsr, "push-cat-tp");
  open_link (fixture, EID);
  assert_reset (fixture, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (fixture->smsr, "ok packets=1 counter=1 status=00 transport=bip-cat-tp "
                                         "connections=1 resumed=0 retransmitted=0");
}

static void
test_a_link_of_no_use_is_reset_when_the_operation_is_given_up (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (GBytes) sdu = NULL;

  test_smsr_start (fixture->smsr, "enable --via bip-cat-tp");
  open_link (fixture, EID);
  sdu = wait_sdu (fixture);
  sim_smsr_give_up (fixture->smsr);
  sim_smsr_server_settle (fixture->server, fixture->smsr);
  assert_reset (fixture, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (fixture->smsr, "error timeout: waiting for the response to script 1");
}

#define cattp_test(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cattp_test (test_one_packet_is_one_sdu_and_reset_ends_the_link),
    cattp_test (test_a_push_alone_ends_the_link_at_once),
    cattp_test (test_a_link_without_a_proof_of_receipt_does_not_end_well),
    cattp_test (test_a_status_ends_the_operation_and_the_link),
    cattp_test (test_a_profile_goes_to_the_isdps_tar_one_segment_an_sdu),
    cattp_test (test_an_unknown_identification_is_reset),
    cattp_test (test_a_link_that_the_euicc_resets_is_the_operations_error),
    cattp_test (test_a_stalled_link_is_reset_when_the_fault_is_over),
    cattp_test (test_a_fault_closes_the_link_with_a_reset),
    cattp_test (test_a_flood_of_wrong_pdus_does_no_harm),
    cattp_test (test_a_link_of_no_use_is_reset_when_the_operation_is_given_up),
    cattp_test (test_a_refused_link_opens_once_the_socket_is_there_again),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
