/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-cattp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "test-support.h"

#define CLIENT_PORT 0xC001
#define SERVER_PORT 0x0929
#define CLIENT_SEQUENCE 0x64
#define SERVER_SEQUENCE 1
#define SDU_MAX 2048
#define START_US (1000 * G_USEC_PER_SEC)

static const guint8 eid[] = { 0x89, 0x00, 0x10, 0x12, 0x01, 0x23, 0x41, 0x23,
                              0x40, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x24 };

static SimCattp *
create_client (guint16 pdu_max, guint16 sdu_max, guint16 initial_sequence)
{
  SimCattpOptions options = { .source_port = CLIENT_PORT,
                              .destination_port = SERVER_PORT,
                              .pdu_max = pdu_max,
                              .sdu_max = sdu_max,
                              .identification = EA_SPAN_OF_ARRAY (eid),
                              .initial_sequence = initial_sequence };

  return sim_cattp_new_client (&options, START_US);
}

static SimCattp *
create_server (guint16 pdu_max, guint16 initial_sequence)
{
  SimCattpOptions options = { .source_port = SERVER_PORT,
                              .pdu_max = pdu_max,
                              .sdu_max = SDU_MAX,
                              .initial_sequence = initial_sequence };

  return sim_cattp_new_server (&options);
}

static Net
open_ends (SimCattp *client, SimCattp *server)
{
  Net net = { .client = client, .server = server, .now_us = START_US };

  run (&net);
  assert_int_equal (sim_cattp_get_state (client), SIM_CATTP_OPEN);
  assert_int_equal (sim_cattp_get_state (server), SIM_CATTP_OPEN);
  return net;
}

SimCattp *
make_client (guint16 pdu_max, guint16 initial_sequence)
{
  return create_client (pdu_max, SDU_MAX, initial_sequence);
}

Net
make_net (guint16 client_pdu_max, guint16 server_pdu_max)
{
  return (Net){ .client = create_client (client_pdu_max, SDU_MAX, CLIENT_SEQUENCE),
                .server = create_server (server_pdu_max, SERVER_SEQUENCE),
                .now_us = START_US };
}

Net
open_net (guint16 client_pdu_max, guint16 server_pdu_max)
{
  return open_ends (create_client (client_pdu_max, SDU_MAX, CLIENT_SEQUENCE),
                    create_server (server_pdu_max, SERVER_SEQUENCE));
}

Net
open_net_at (guint16 client_sequence, guint16 server_sequence)
{
  return open_ends (create_client (1400, SDU_MAX, client_sequence),
                    create_server (1400, server_sequence));
}

Net
open_net_with_sdu_max (guint16 client_sdu_max)
{
  return open_ends (create_client (1400, client_sdu_max, CLIENT_SEQUENCE),
                    create_server (1400, SERVER_SEQUENCE));
}

void
clear_net (Net *net)
{
  sim_cattp_free (net->client);
  sim_cattp_free (net->server);
}

static SimCattp *
other_end (const Net *net, const SimCattp *end)
{
  return end == net->client ? net->server : net->client;
}

static gboolean
try_carry (Net *net, SimCattp *from)
{
  g_autoptr (GBytes) pdu = sim_cattp_pull_pdu (from);

  if (pdu == NULL)
    return FALSE;
  sim_cattp_receive (other_end (net, from), ea_span_from_bytes (pdu), net->now_us);
  return TRUE;
}

void
carry (Net *net, SimCattp *from)
{
  assert_true (try_carry (net, from));
}

void
assert_carries (Net *net, SimCattp *from, const char *expected)
{
  g_autoptr (GBytes) pdu = sim_cattp_pull_pdu (from);

  assert_bytes (pdu, expected);
  sim_cattp_receive (other_end (net, from), ea_span_from_bytes (pdu), net->now_us);
}

void
drop (SimCattp *from)
{
  g_autoptr (GBytes) pdu = sim_cattp_pull_pdu (from);

  assert_non_null (pdu);
}

void
assert_sends (SimCattp *from, const char *expected)
{
  g_autoptr (GBytes) pdu = sim_cattp_pull_pdu (from);

  assert_bytes (pdu, expected);
}

guint
drop_all (SimCattp *from)
{
  GBytes *pdu;
  guint n_pdus = 0;

  for (; (pdu = sim_cattp_pull_pdu (from)) != NULL; n_pdus++)
    g_bytes_unref (pdu);
  return n_pdus;
}

void
run (Net *net)
{
  while (try_carry (net, net->client) || try_carry (net, net->server))
    continue;
}

void
pass_time (Net *net)
{
  gint64 client_us = sim_cattp_get_deadline (net->client);
  gint64 server_us = sim_cattp_get_deadline (net->server);

  assert_true (client_us != -1 || server_us != -1);
  if (client_us == -1)
    net->now_us = server_us;
  else if (server_us == -1)
    net->now_us = client_us;
  else
    net->now_us = MIN (client_us, server_us);
  sim_cattp_tick (net->client, net->now_us);
  sim_cattp_tick (net->server, net->now_us);
}

void
send_hex (Net *net, SimCattp *from, const char *hex)
{
  g_autoptr (GBytes) sdu = from_hex (hex);

  assert_true (sim_cattp_send (from, ea_span_from_bytes (sdu), net->now_us));
}

void
receive_hex (Net *net, SimCattp *to, const char *hex)
{
  g_autoptr (GBytes) pdu = from_hex (hex);

  sim_cattp_receive (to, ea_span_from_bytes (pdu), net->now_us);
}
