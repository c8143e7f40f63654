/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Channels of datagrams: CAT_TP and DNS rely on one datagram being one, both ways. */

#include <errno.h>
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

#define SENT "8103014301820282818301003701FF"
#define DATAGRAM_MAX 65535

/* A query for A of example.com and its answer with 192.0.2.1, composed by RFC 1035 §4.1. */
#define QUERY                                                                                      \
  "12340100000100000000000007"                                                                     \
  "6578616D706C6503636F6D0000010001"
#define ANSWER                                                                                     \
  "12348180000100010000000007"                                                                     \
  "6578616D706C6503636F6D0000010001C00C000100010000003C0004C0000201"

typedef struct
{
  ToolkitRig *rig;
  int peer;
  guint16 port;
  struct sockaddr_storage card; /* where the last datagram came from */
  socklen_t card_size;
} Bench;

static int
setup (void **state)
{
  Bench *bench = g_new0 (Bench, 1);

  bench->rig = toolkit_rig_new ("lo", "127.0.0.0/8");
  bench->peer = peer_bind (SOCK_DGRAM, LOOPBACK, &bench->port);
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  Bench *bench = *state;

  close (bench->peer);
  toolkit_rig_free (bench->rig);
  g_free (bench);
  return 0;
}

/* The next datagram at the peer has exactly @size bytes of the pattern. */
static void
expect_datagram (Bench *bench, gsize size)
{
  guint8 data[DATAGRAM_MAX];

  bench->card_size = sizeof bench->card;
  assert_int_equal (recvfrom (bench->peer, data, sizeof data, 0, (struct sockaddr *) &bench->card,
                              &bench->card_size),
                    (gssize) size);
  assert_pattern (data, size, 0);
}

static void
answer (Bench *bench, gsize offset, gsize size)
{
  guint8 data[DATAGRAM_MAX];

  for (gsize i = 0; i < size; i++)
    data[i] = pattern_byte (offset + i);
  assert_int_equal (
      sendto (bench->peer, data, size, 0, (struct sockaddr *) &bench->card, bench->card_size),
      (gssize) size);
}

/* The card has a channel to the peer, and the peer knows its address. */
static void
begin (Bench *bench, guint16 buffer_size)
{
  const OpenChannel open = { IMMEDIATE, buffer_size, UDP_CLIENT, bench->port, LOOPBACK };

  channel_rig_set_events (bench->rig);
  channel_rig_open (bench->rig, &open, OK, "8100");
  channel_rig_send (bench->rig, 1, 0, 1, 0xFF);
  expect_datagram (bench, 1);
}

static void
test_each_command_that_sends_is_one_datagram (void **state)
{
  static const gsize sizes[] = { 1, 127, 128, 237, 241 };
  Bench *bench = *state;

  begin (bench, BUFFER);
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    channel_rig_send (bench->rig, 1, 0, sizes[i], 0xFF);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    expect_datagram (bench, sizes[i]);
}

static void
test_stored_data_are_one_datagram_with_those_that_send_them (void **state)
{
  Bench *bench = *state;

  begin (bench, BUFFER);
  for (gsize i = 0; i < 5; i++)
    {
      g_autofree char *store = make_send_data (1, FALSE, i * 200, 200);

      toolkit_rig_exchange (bench->rig, store, "8103014300820282818301003701FF");
    }
  channel_rig_send (bench->rig, 1, 1000, 200, 0xFF);
  channel_rig_send (bench->rig, 1, 0, 7, 0xFF);

  expect_datagram (bench, 1200);
  expect_datagram (bench, 7);
}

static void
test_datagrams_are_fetched_one_by_one_and_never_joined (void **state)
{
  Bench *bench = *state;
  ToolkitRig *rig = bench->rig;

  begin (bench, BUFFER);
  answer (bench, 0, 10);
  answer (bench, 50, 20);
  answer (bench, 100, 1);
  WAIT_FOR (channel_rig_get_count (rig, 1, "bytes-received") == 31);
  channel_rig_expect_data (rig, 1, 10);
  channel_rig_receive (rig, 1, 237, MISSING_INFORMATION, 0, 10, 0);
  channel_rig_expect_data (rig, 1, 20);
  channel_rig_receive (rig, 1, 15, OK, 50, 15, 5);
  channel_rig_expect_data (rig, 1, 5);
  channel_rig_receive (rig, 1, 15, MISSING_INFORMATION, 65, 5, 0);
  channel_rig_expect_data (rig, 1, 1);
  channel_rig_receive (rig, 1, 1, OK, 100, 1, 0);
  toolkit_rig_expect_nothing (rig);
}

static void
test_datagram_beyond_the_buffer_is_taken_whole (void **state)
{
  Bench *bench = *state;
  ToolkitRig *rig = bench->rig;
  gsize n_fetched = 0;

  begin (bench, 300);
  answer (bench, 0, 1000);
  answer (bench, 0, 3);
  while (n_fetched < 1000)
    {
      gsize size = MIN (237, 1000 - n_fetched);
      gsize n_left = 1000 - n_fetched - size;

      channel_rig_expect_data (rig, 1, (guint8) MIN (1000 - n_fetched, 0xFF));
      channel_rig_receive (rig, 1, size, OK, n_fetched, size, (guint8) MIN (n_left, 0xFF));
      n_fetched += size;
    }
  channel_rig_expect_data (rig, 1, 3);
  channel_rig_receive (rig, 1, 3, OK, 0, 3, 0);
  toolkit_rig_expect_nothing (rig);
}

static void
test_name_is_resolved_over_a_channel (void **state)
{
  Bench *bench = *state;
  ToolkitRig *rig = bench->rig;
  const OpenChannel open = { IMMEDIATE, BUFFER, UDP_CLIENT, bench->port, LOOPBACK };
  g_autoptr (GBytes) response = bytes_of (ANSWER);
  guint8 data[512]; /* RFC 1035 §4.2.1 */
  gssize size;

  channel_rig_set_events (rig);
  channel_rig_open (rig, &open, OK, "8100");
  toolkit_rig_exchange (rig,
                        "D02881030143018202812136"
                        "1D" QUERY,
                        SENT);
  bench->card_size = sizeof bench->card;
  size = recvfrom (bench->peer, data, sizeof data, 0, (struct sockaddr *) &bench->card,
                   &bench->card_size);
  assert_return_code (size, errno);
  assert_span_is (ea_span_init (data, (gsize) size), QUERY);
  assert_int_equal (sendto (bench->peer, g_bytes_get_data (response, NULL),
                            g_bytes_get_size (response), 0, (struct sockaddr *) &bench->card,
                            bench->card_size),
                    (gssize) g_bytes_get_size (response));
  channel_rig_expect_data (rig, 1, 45);
  toolkit_rig_exchange (rig, "D00C81030142008202812137012D",
                        "810301420082028281830100362D" ANSWER "370100");
}

static void
test_nobody_at_the_port_loses_the_datagram_and_not_the_channel (void **state)
{
  Bench *bench = *state;
  ToolkitRig *rig = bench->rig;

  begin (bench, BUFFER);
  close (bench->peer);
  channel_rig_send (rig, 1, 0, 10, 0xFF);
  channel_rig_send (rig, 1, 0, 10, 0xFF);
  toolkit_rig_expect_nothing (rig);
  channel_rig_expect_state (rig, 1, "established");
  bench->peer = peer_bind (SOCK_DGRAM, LOOPBACK, &bench->port);
  channel_rig_send (rig, 1, 0, 20, 0xFF);
  expect_datagram (bench, 20);
}

static void
test_datagrams_of_strangers_do_not_reach_the_card (void **state)
{
  Bench *bench = *state;
  guint16 port = 0;
  int stranger = peer_bind (SOCK_DGRAM, LOOPBACK, &port);

  begin (bench, BUFFER);
  assert_int_equal (
      sendto (stranger, "evil", 4, 0, (struct sockaddr *) &bench->card, bench->card_size), 4);
  answer (bench, 0, 5);
  channel_rig_expect_data (bench->rig, 1, 5);
  channel_rig_receive (bench->rig, 1, 100, MISSING_INFORMATION, 0, 5, 0);
  toolkit_rig_expect_nothing (bench->rig);

  close (stranger);
}

#define BENCH_TEST(function) cmocka_unit_test_setup_teardown (function, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    BENCH_TEST (test_each_command_that_sends_is_one_datagram),
    BENCH_TEST (test_stored_data_are_one_datagram_with_those_that_send_them),
    BENCH_TEST (test_datagrams_are_fetched_one_by_one_and_never_joined),
    BENCH_TEST (test_datagram_beyond_the_buffer_is_taken_whole),
    BENCH_TEST (test_name_is_resolved_over_a_channel),
    BENCH_TEST (test_nobody_at_the_port_loses_the_datagram_and_not_the_channel),
    BENCH_TEST (test_datagrams_of_strangers_do_not_reach_the_card),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
