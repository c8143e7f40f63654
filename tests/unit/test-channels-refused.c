/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What opens no channel: addresses that a card must not reach, bearers that are not there, bad commands. */

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "channel-rig.h"
#include "link-peer.h"

#define NOT_REACHABLE "83023A07"
#define NO_SERVICE "83022004"
#define NO_CHANNELS "81030144008202828183010038020000"

static void
assert_nothing_is_open (ToolkitRig *rig)
{
  toolkit_rig_exchange (rig, GET_STATUS, NO_CHANNELS);
  assert_int_equal (rig->n_closed, rig->n_opened);
}

static void
refuse_address (ToolkitRig *rig, const char *address, guint16 port)
{
  const OpenChannel tcp = { IMMEDIATE, BUFFER, TCP_CLIENT, port, address };
  const OpenChannel udp = { IMMEDIATE, BUFFER, UDP_CLIENT, port, address };

  channel_rig_open (rig, &tcp, NOT_REACHABLE, NULL);
  channel_rig_open (rig, &udp, NOT_REACHABLE, NULL);
}

static void
test_gateway_and_its_neighbourhood_are_closed_to_the_card (void **state)
{
  static const char *const addresses[] = { "127.0.0.1",
                                           "127.255.255.254",
                                           "0.0.0.0",
                                           "169.254.1.1",
                                           "224.0.0.1",
                                           "239.255.255.250",
                                           "255.255.255.255",
                                           "::",
                                           "::1",
                                           "fe80::1",
                                           "ff02::1",
                                           "::ffff:127.0.0.1",
                                           "64:ff9b::7f00:1",
                                           "2002:7f00:1::1" };
  ToolkitRig *rig = *state;
  guint16 port;
  int listener = peer_listen ("0.0.0.0", 1, &port);

  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    refuse_address (rig, addresses[i], port);
  assert_true (peer_is_alone (listener));
  assert_nothing_is_open (rig);

  close (listener);
}

/* (transfer full) (nullable): an address of another interface than the loopback one */
static char *
find_own_address (void)
{
  struct ifaddrs *all;
  char *found = NULL;

  assert_return_code (getifaddrs (&all), 0);
  for (struct ifaddrs *entry = all; entry != NULL && found == NULL; entry = entry->ifa_next)
    if (entry->ifa_addr != NULL && entry->ifa_addr->sa_family == AF_INET
        && strcmp (entry->ifa_name, "lo") != 0)
      {
        g_autoptr (GSocketAddress) address
            = g_socket_address_new_from_native (entry->ifa_addr, sizeof (struct sockaddr_in));

        found = g_inet_address_to_string (
            g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
      }
  freeifaddrs (all);
  return found;
}

static void
test_own_addresses_of_the_gateway_are_closed_to_the_card (void **state)
{
  ToolkitRig *rig = *state;
  g_autofree char *address = find_own_address ();
  guint16 port;
  int listener;

  if (address == NULL)
    skip ();
  listener = peer_listen (address, 1, &port);
  refuse_address (rig, address, port);
  assert_true (peer_is_alone (listener));
  assert_nothing_is_open (rig);

  close (listener);
}

static void
test_range_opens_what_is_in_it_and_no_more (void **state)
{
  ToolkitRig *rig = toolkit_rig_new ("lo", "127.0.0.2/31");
  guint16 port;
  int listener = peer_listen ("0.0.0.0", 1, &port);
  const OpenChannel within = { IMMEDIATE, BUFFER, TCP_CLIENT, port, "127.0.0.3" };

  refuse_address (rig, "127.0.0.1", port);
  refuse_address (rig, "127.0.0.4", port);
  assert_true (peer_is_alone (listener));
  channel_rig_open (rig, &within, OK, "8100");
  close (peer_accept (listener));

  close (listener);
  toolkit_rig_free (rig);
}

static void
test_closed_address_is_refused_when_a_channel_on_demand_wants_it (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  const OpenChannel on_demand = { ON_DEMAND, BUFFER, TCP_CLIENT, port, LOOPBACK };
  const OpenChannel background = { BACKGROUND, BUFFER, TCP_CLIENT, port, LOOPBACK };
  g_autofree char *send = make_send_data (1, TRUE, 0, 1);

  channel_rig_set_events (rig);
  channel_rig_open (rig, &on_demand, OK, "0100");
  toolkit_rig_exchange (rig, send, "81030143018202828183023A07");
  channel_rig_open (rig, &background, OK, "0200");
  channel_rig_expect_status (rig, "0205");
  assert_true (peer_is_alone (listener));

  close (listener);
}

static void
refuse_bearer (const char *interface)
{
  ToolkitRig *rig = toolkit_rig_new (interface, "127.0.0.0/8");
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  const OpenChannel tcp = { IMMEDIATE, BUFFER, TCP_CLIENT, port, LOOPBACK };
  const OpenChannel udp = { IMMEDIATE, BUFFER, UDP_CLIENT, port, LOOPBACK };
  const OpenChannel server = { 0, BUFFER, TCP_SERVER, 8080, NULL };

  channel_rig_open (rig, &tcp, NO_SERVICE, NULL);
  channel_rig_open (rig, &udp, NO_SERVICE, NULL);
  channel_rig_open (rig, &server, NO_SERVICE, NULL);
  assert_true (peer_is_alone (listener));
  assert_nothing_is_open (rig);

  close (listener);
  toolkit_rig_free (rig);
}

static void
test_interface_that_is_not_there_is_no_service (void **state)
{
  refuse_bearer ("no-such0");
}

static void
test_modem_without_an_interface_is_no_service (void **state)
{
  refuse_bearer (NULL);
}

static const struct
{
  const char *command;
  const char *response;
} refused[] = {
  /* no bearer, which only a server does without */
  { "D00D81030140018202818239020578", "810301400182028281830136" },
  /* no buffer size */
  { "D018810301400182028182350103"
    "3C0302000A3E05217F000001",
    "810301400182028281830136" },
  /* no destination address: §6.6.27.4 wants it for a remote connection */
  { "D01581030140018202818235010339020578"
    "3C0302000A",
    "810301400182028281830136" },
  /* one before the transport level is the card's own */
  { "D01C81030140018202818235010339020578"
    "3E05217F000001"
    "3C0302000A",
    "810301400182028281830136" },
  /* a type of address that there is not */
  { "D01881030140018202818235010339020578"
    "3C0302000A"
    "3E0178",
    "810301400182028281830130" },
  /* IPv4 of three bytes */
  { "D01B81030140018202818235010339020578"
    "3C0302000A"
    "3E04217F0000",
    "810301400182028281830132" },
  /* transport: a local UDP client, a local TCP client, direct, and none that there is */
  { "D01C81030140018202818235010339020578"
    "3C0304000A"
    "3E05217F000001",
    "81030140018202828183023A0635010339020578" },
  { "D01C81030140018202818235010339020578"
    "3C0305000A"
    "3E05217F000001",
    "81030140018202828183023A0635010339020578" },
  { "D01C81030140018202818235010339020578"
    "3C0306000A"
    "3E05217F000001",
    "81030140018202828183023A0635010339020578" },
  { "D01C81030140018202818235010339020578"
    "3C03FF000A"
    "3E05217F000001",
    "81030140018202828183023A0635010339020578" },
  /* a circuit switched bearer, and Bluetooth */
  { "D01F810301400182028182"
    "350401070001"
    "39020578"
    "3C0302000A"
    "3E05217F000001",
    "810301400182028281830130"
    "350401070001"
    "39020578" },
  { "D01C81030140018202818235010539020578"
    "3C0302000A"
    "3E05217F000001",
    "81030140018202828183013035010539020578" },
  /* an unknown object that wants to be understood */
  { "D01F81030140018202818235010339020578"
    "3C0302000A"
    "3E05217F000001"
    "E90100",
    "810301400182028281830132" },
  /* no device identities */
  { "D0188103014001"
    "35010339020578"
    "3C0302000A"
    "3E05217F000001",
    "810301400182028281830136" },
  /* a channel that is no device of a channel */
  { "D00E8103014301820281823603414243", "81030143018202828183023A03" },
  { "D00C810301420082028182370101", "81030142008202828183023A03" },
  { "D009810301410082028182", "81030141008202828183023A03" },
};

static void
test_commands_that_cannot_be_carried_out_say_why_and_open_nothing (void **state)
{
  ToolkitRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    toolkit_rig_exchange (rig, refused[i].command, refused[i].response);
  assert_nothing_is_open (rig);
}

/* A good command and what its beginnings are answered by, as far as they are whole objects. */
typedef struct
{
  const char *command; /* D0 and its length in one byte */
  struct
  {
    gsize size; /* of all objects together, the command details included */
    const char *response;
  } whole[6];
} Truncated;

/* TS 102 223 §6.10: what ends within an object is not understood. */
static const char *
get_expected (const Truncated *truncated, gsize size, const char *not_understood)
{
  for (gsize i = 0; i < G_N_ELEMENTS (truncated->whole); i++)
    if (truncated->whole[i].response != NULL && truncated->whole[i].size == size)
      return truncated->whole[i].response;
  return not_understood;
}

#define DETAILS_SIZE 5

static void
check_truncations (ToolkitRig *rig, const Truncated *truncated)
{
  g_autoptr (GBytes) whole = bytes_of (truncated->command);
  gsize n_objects = g_bytes_get_size (whole) - 2;
  const char *objects = truncated->command + 4;
  g_autofree char *not_understood
      = g_strdup_printf ("%.*s82028281830132", 2 * DETAILS_SIZE, objects);

  for (gsize size = DETAILS_SIZE; size < n_objects; size++)
    {
      g_autofree char *shorter
          = g_strdup_printf ("D0%02X%.*s", (guint) size, (int) (2 * size), objects);
      g_autofree char *cut
          = g_strdup_printf ("D0%02X%.*s", (guint) n_objects, (int) (2 * size), objects);

      toolkit_rig_exchange (rig, shorter, get_expected (truncated, size, not_understood));
      toolkit_rig_exchange (rig, cut, not_understood);
    }
}

static void
test_every_beginning_of_an_open_channel_is_refused (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  const OpenChannel open = { IMMEDIATE, BUFFER, TCP_CLIENT, port, LOOPBACK };
  g_autofree char *command = make_open_channel (&open);
  const Truncated truncated = {
    command,
    {
        { 5, "810301400182028281830136" },
        { 9, "810301400182028281830136" },
        { 12, "810301400182028281830136" },
        { 16, "81030140018202828183023A0635010339020578" }, /* without a transport level */
        { 21, "810301400182028281830136" },
    },
  };

  check_truncations (rig, &truncated);
  assert_true (peer_is_alone (listener));
  assert_nothing_is_open (rig);
  channel_rig_open (rig, &open, OK, "8100");

  close (listener);
}

static void
test_every_beginning_of_a_send_data_is_refused_and_sends_nothing (void **state)
{
  ToolkitRig *rig = *state;
  g_autofree char *command = make_send_data (1, TRUE, 0, 20);
  const Truncated truncated
      = { command, { { 5, "810301430182028281830136" }, { 9, "810301430182028281830136" } } };
  int peer = channel_rig_connect (rig, 1, BUFFER);
  char byte;

  check_truncations (rig, &truncated);
  assert_int_equal (recv (peer, &byte, 1, MSG_DONTWAIT), -1);
  channel_rig_send (rig, 1, 0, 20, 0xFF);
  peer_expect_pattern (peer, 0, 20);

  close (peer);
}

static void
test_every_beginning_of_a_receive_data_is_refused_and_takes_nothing (void **state)
{
  ToolkitRig *rig = *state;
  g_autofree char *command = make_receive_data (1, 20);
  const Truncated truncated
      = { command, { { 5, "810301420082028281830136" }, { 9, "810301420082028281830136" } } };
  int peer;

  channel_rig_set_no_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  peer_write (peer, 0, 20);
  WAIT_FOR (channel_rig_get_count (rig, 1, "bytes-received") == 20);
  check_truncations (rig, &truncated);
  channel_rig_receive (rig, 1, 20, OK, 0, 20, 0);

  close (peer);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    CLOSED_RIG_TEST (test_gateway_and_its_neighbourhood_are_closed_to_the_card),
    CLOSED_RIG_TEST (test_own_addresses_of_the_gateway_are_closed_to_the_card),
    cmocka_unit_test (test_range_opens_what_is_in_it_and_no_more),
    CLOSED_RIG_TEST (test_closed_address_is_refused_when_a_channel_on_demand_wants_it),
    cmocka_unit_test (test_interface_that_is_not_there_is_no_service),
    cmocka_unit_test (test_modem_without_an_interface_is_no_service),
    RIG_TEST (test_commands_that_cannot_be_carried_out_say_why_and_open_nothing),
    RIG_TEST (test_every_beginning_of_an_open_channel_is_refused),
    RIG_TEST (test_every_beginning_of_a_send_data_is_refused_and_sends_nothing),
    RIG_TEST (test_every_beginning_of_a_receive_data_is_refused_and_takes_nothing),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
