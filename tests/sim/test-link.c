/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/sim-keys.h"

#define DEADLINE_MS 10000
#define POLL_MS 5

static void
on_changed (gpointer user_data)
{
}

int
test_link_set_up (void **state)
{
  TestLink *link = g_new0 (TestLink, 1);

  link->sdu_max = TEST_LINK_SDU_MAX;
  link->server = sim_smsr_server_new ("127.0.0.1", NULL);
  assert_non_null (link->server);
  link->smsr = sim_smsr_new (EID);
  sim_smsr_server_add (link->server, EID, link->smsr, on_changed, link);
  *state = link;
  return 0;
}

void
test_link_vanish (TestLink *link)
{
  g_clear_pointer (&link->cattp, sim_cattp_free);
  g_clear_object (&link->socket);
}

int
test_link_tear_down (void **state)
{
  TestLink *link = *state;

  test_link_vanish (link);
  sim_smsr_server_remove (link->server, link->smsr);
  sim_smsr_free (link->smsr);
  sim_smsr_server_free (link->server);
  g_free (link);
  return 0;
}

void
test_link_open (TestLink *link, const char *identification)
{
  g_autoptr (GSocketAddress) local = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GBytes) bytes = ea_bytes_from_hex (identification, NULL);
  const SimCattpOptions options = { .source_port = 0xC001,
                                    .destination_port = 0x0929,
                                    .pdu_max = 1400,
                                    .sdu_max = link->sdu_max,
                                    .identification = ea_span_from_bytes (bytes),
                                    .initial_sequence = 64 };

  test_link_vanish (link);
  link->socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_socket_set_blocking (link->socket, FALSE);
  assert_true (g_socket_bind (link->socket, local, FALSE, NULL));
  link->cattp = sim_cattp_new_client (&options, g_get_monotonic_time ());
}

static gboolean
on_poll (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

void
test_link_order (TestLink *link, const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, " ", -1);
  SimSmsrFault fault = { 0 };

  assert_true (sim_smsr_fault_parse (&fault, (const char *const *) list));
  assert_true (sim_smsr_server_set_fault (link->server, &fault, NULL));
}

/* (transfer full) */
static GSocketAddress *
get_server (const TestLink *link)
{
  const SimSmsrAddress *address = sim_smsr_server_get_address (link->server);

  return g_inet_socket_address_new_from_string (address->host, address->cat_tp);
}

static void
send_pdus (TestLink *link)
{
  g_autoptr (GSocketAddress) server = get_server (link);
  g_autoptr (GBytes) pdu = NULL;

  while ((pdu = sim_cattp_pull_pdu (link->cattp)) != NULL)
    {
      (void) g_socket_send_to (link->socket, server, g_bytes_get_data (pdu, NULL),
                               g_bytes_get_size (pdu), NULL, NULL); /* nobody may listen */
      g_clear_pointer (&pdu, g_bytes_unref);
    }
}

void
test_link_send (TestLink *link, const char *hex)
{
  g_autoptr (GSocketAddress) server = get_server (link);
  g_autoptr (GBytes) datagram = ea_bytes_from_hex (hex, NULL);

  assert_int_equal (g_socket_send_to (link->socket, server, g_bytes_get_data (datagram, NULL),
                                      g_bytes_get_size (datagram), NULL, NULL),
                    g_bytes_get_size (datagram));
}

static gboolean
is_from_server (const TestLink *link, GSocketAddress *address)
{
  const SimSmsrAddress *known = sim_smsr_server_get_address (link->server);
  GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS (address);
  g_autofree char *host = g_inet_address_to_string (g_inet_socket_address_get_address (inet));

  return g_str_equal (host, known->host) && g_inet_socket_address_get_port (inet) == known->cat_tp;
}

/* (transfer full) (nullable): a datagram of the server's that is there */
static GBytes *
receive (TestLink *link)
{
  char buffer[2048];
  g_autoptr (GSocketAddress) address = NULL;
  gssize size;

  while (
      (size = g_socket_receive_from (link->socket, &address, buffer, sizeof (buffer), NULL, NULL))
      > 0)
    {
      if (is_from_server (link, address))
        return g_bytes_new (buffer, (gsize) size);
      link->n_foreign++;
      g_clear_object (&address);
    }
  return NULL;
}

static void
turn (TestLink *link)
{
  GBytes *datagram;

  sim_cattp_tick (link->cattp, g_get_monotonic_time ());
  send_pdus (link);
  g_main_context_iteration (NULL, TRUE);
  while ((datagram = receive (link)) != NULL)
    {
      sim_cattp_receive (link->cattp, ea_span_from_bytes (datagram), g_get_monotonic_time ());
      g_bytes_unref (datagram);
    }
}

void
test_link_run (TestLink *link, guint n_turns)
{
  guint poll = g_timeout_add (POLL_MS, on_poll, NULL);

  for (guint i = 0; i < n_turns; i++)
    turn (link);
  g_source_remove (poll);
}

GBytes *
test_link_wait_datagram (TestLink *link)
{
  gint64 deadline_us = g_get_monotonic_time () + DEADLINE_MS * 1000;
  guint poll = g_timeout_add (POLL_MS, on_poll, NULL);
  GBytes *datagram;

  while ((datagram = receive (link)) == NULL)
    {
      assert_true (g_get_monotonic_time () < deadline_us);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (poll);
  return datagram;
}

GBytes *
test_link_wait (TestLink *link)
{
  gint64 deadline_us = g_get_monotonic_time () + DEADLINE_MS * 1000;
  guint poll = g_timeout_add (POLL_MS, on_poll, NULL);
  GBytes *sdu;

  while ((sdu = sim_cattp_pull_sdu (link->cattp)) == NULL
         && sim_cattp_get_state (link->cattp) != SIM_CATTP_CLOSED)
    {
      assert_true (g_get_monotonic_time () < deadline_us);
      turn (link);
    }
  g_source_remove (poll);
  return sdu;
}

GBytes *
test_link_open_packet (GBytes *sdu, SimScp80Command *command)
{
  GBytes *data;

  assert_non_null (sdu);
  data = sim_scp80_open_command (command, SIM_SCP80_FORM_CAT_TP, ea_span_from_bytes (sdu),
                                 &sim_keys, NULL);
  assert_non_null (data);
  return data;
}

void
test_link_answer (TestLink *link, const SimScp80Command *command, guint8 status, GBytes *script)
{
  const SimScp80Response response
      = { .tar = command->tar, .counter = command->counter, .status = status };
  g_autoptr (GBytes) packet = sim_scp80_seal_response (
      &response, command, SIM_SCP80_FORM_CAT_TP, ea_span_from_bytes (script), &sim_keys, NULL);

  assert_non_null (packet);
  assert_true (sim_cattp_send (link->cattp, ea_span_from_bytes (packet), g_get_monotonic_time ()));
}

void
test_link_assert_packet (TestLink *link, guint32 tar, const char *expected, guint8 status,
                         const char *response)
{
  g_autoptr (GBytes) sdu = test_link_wait (link);
  g_autoptr (GBytes) script = ea_bytes_from_hex (response, NULL);
  SimScp80Command command = { 0 };
  g_autoptr (GBytes) data = test_link_open_packet (sdu, &command);
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (data));

  assert_string_equal (hex, expected);
  assert_int_equal (command.tar, tar);
  assert_int_equal (command.spi1, 0x16);
  assert_int_equal (command.spi2, 0x39);
  test_link_answer (link, &command, status, script);
}

void
test_link_assert_reset (TestLink *link, int reason)
{
  assert_null (test_link_wait (link));
  assert_int_equal (sim_cattp_get_reset_reason (link->cattp), reason);
}
