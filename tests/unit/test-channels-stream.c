/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Channels of streams under pressure: peers that refuse, break, stall and flood, and seven channels at once. */

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
#define BUFFER_FULL "81030143018202828183023A04"
#define FLOOD (256 * 1024)
#define SHARE (20 * 1024) /* of each of seven channels */
#define LARGEST_FETCH 237
#define ROUND_MS 300 /* longer than any delayed acknowledgement (RFC 1122 §4.2.3.2: Linux 200 ms) */
#define N_CHANNELS EA_BIP_CHANNELS_MAX

static void
test_peer_that_refuses_is_not_reachable_and_no_channel_is_left (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port = 0;
  int unused = peer_bind (SOCK_STREAM, LOOPBACK, &port);
  const OpenChannel open = { IMMEDIATE, BUFFER, TCP_CLIENT, port, LOOPBACK };

  channel_rig_open (rig, &open, NOT_REACHABLE, NULL);
  assert_int_equal (rig->n_closed, 1);
  toolkit_rig_exchange (rig, GET_STATUS, "81030144008202828183010038020000");

  close (unused);
}

/* Fetches in pieces of @step what is left of @size bytes, of which @n_fetched were, each after it is told. */
static void
drain (ToolkitRig *rig, guint8 channel, gsize n_fetched, gsize size, gsize step)
{
  while (n_fetched < size)
    {
      gsize n_bytes = MIN (step, size - n_fetched);
      gsize n_left = size - n_fetched - n_bytes;

      channel_rig_expect_data (rig, channel, (guint8) MIN (size - n_fetched, 0xFF));
      channel_rig_receive (rig, channel, n_bytes, OK, n_fetched, n_bytes,
                           (guint8) MIN (n_left, 0xFF));
      n_fetched += n_bytes;
    }
}

static void
test_peer_that_closes_is_told_once_after_all_was_fetched (void **state)
{
  ToolkitRig *rig = *state;
  g_autofree char *receive = make_receive_data (1, 1);
  g_autofree char *send = make_send_data (1, TRUE, 0, 1);
  int peer;

  channel_rig_set_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  peer_write (peer, 0, 500);
  close (peer);
  WAIT_FOR (channel_rig_get_count (rig, 1, "bytes-received") == 500);
  drain (rig, 1, 0, 500, 200);
  channel_rig_expect_status (rig, "0105");
  channel_rig_expect_state (rig, 1, "dropped");
  toolkit_rig_exchange (rig, send, "81030143018202828183023A02");
  toolkit_rig_exchange (rig, receive, "81030142008202828183023A02");
  toolkit_rig_exchange (rig, GET_STATUS, "81030144008202828183010038020105");
  channel_rig_close (rig, 1);
  toolkit_rig_expect_nothing (rig);
}

static void
test_peer_that_resets_is_told_once_after_all_was_fetched (void **state)
{
  ToolkitRig *rig = *state;
  g_autofree char *send = make_send_data (1, TRUE, 0, 1);
  g_autoptr (GVariant) error = NULL;
  g_autoptr (GVariant) last = NULL;
  const char *name;
  int peer;

  channel_rig_set_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  peer_write (peer, 0, 500);
  WAIT_FOR (channel_rig_get_count (rig, 1, "bytes-received") == 500);
  channel_rig_expect_data (rig, 1, 0xFF);
  channel_rig_receive (rig, 1, 100, OK, 0, 100, 0xFF);
  peer_reset (peer);
  drain (rig, 1, 100, 500, 150);
  channel_rig_expect_status (rig, "0105");

  g_object_get (rig->channels[0], "error", &error, NULL);
  g_variant_get (error, "(&ss)", &name, NULL);
  assert_string_equal (name, "org.euicc.Agent1.Error.ConnectFailed");
  last = g_variant_ref_sink (ea_activity_get_last_error (rig->activity));
  assert_true (g_variant_equal (last, error));
  toolkit_rig_exchange (rig, send, "81030143018202828183023A02");
  channel_rig_close (rig, 1);
  toolkit_rig_expect_nothing (rig);
}

static void
test_peer_that_breaks_while_the_card_sends_is_told_once (void **state)
{
  ToolkitRig *rig = *state;
  int peer;

  channel_rig_set_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  channel_rig_send (rig, 1, 0, 100, 0xFF);
  peer_reset (peer);
  channel_rig_expect_status (rig, "0105");
  toolkit_rig_expect_nothing (rig);
}

static gboolean
on_round_over (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Runs the main loop for as long as the peer's kernel may take to acknowledge what it has. */
static void
run_round (void)
{
  gboolean is_over = FALSE;

  g_timeout_add (ROUND_MS, on_round_over, &is_over);
  WAIT_FOR (is_over);
}

/* (transfer full): the peer, who takes nothing, of a channel with this buffer; the kernel takes no more either.
 * @n_sent: (out): bytes that the card has sent, of which the kernel did not take all */
static int
stall (ToolkitRig *rig, guint16 buffer_size, gsize *n_sent)
{
  guint16 port;
  int listener = peer_listen_narrow (LOOPBACK, &port);
  const OpenChannel open = { IMMEDIATE, buffer_size, TCP_CLIENT, port, LOOPBACK };
  guint64 n_moved;
  int peer;

  channel_rig_open (rig, &open, OK, "8100");
  peer = peer_accept (listener);
  close (listener);
  *n_sent = 0;
  do
    {
      n_moved = channel_rig_get_count (rig, 1, "bytes-sent");
      for (; channel_rig_get_count (rig, 1, "bytes-sent") == *n_sent; *n_sent += 200)
        channel_rig_send (rig, 1, *n_sent, 200, 0xFF);
      run_round ();
    }
  while (channel_rig_get_count (rig, 1, "bytes-sent") != n_moved);
  return peer;
}

static void
test_peer_that_stalls_fills_the_buffer_and_nothing_is_lost (void **state)
{
  ToolkitRig *rig = *state;
  gsize n_sent;
  int peer = stall (rig, 2000, &n_sent);
  g_autofree char *one_more = NULL;
  g_autoptr (PeerReader) reader = NULL;
  gsize n_unsent = n_sent - (gsize) channel_rig_get_count (rig, 1, "bytes-sent");

  while (n_unsent + 200 <= 2000)
    {
      n_unsent += 200;
      channel_rig_send (rig, 1, n_sent, 200, (guint8) MIN (2000 - n_unsent, 0xFF));
      n_sent += 200;
    }
  one_more = make_send_data (1, TRUE, n_sent, 2000 - n_unsent + 1);
  toolkit_rig_exchange (rig, one_more, BUFFER_FULL);

  reader = peer_reader_new (peer);
  WAIT_FOR (reader->received->len == n_sent);
  channel_rig_send (rig, 1, n_sent, 200, 0xFF);
  n_sent += 200;
  WAIT_FOR (reader->received->len == n_sent);
  assert_pattern (reader->received->data, n_sent, 0);
  close (peer);
}

static void
test_many_small_pieces_for_a_peer_that_stalls_are_not_lost (void **state)
{
  ToolkitRig *rig = *state;
  gsize n_sent;
  int peer = stall (rig, 4000, &n_sent);
  g_autoptr (PeerReader) reader = NULL;

  for (guint i = 0; i < 2000; i++)
    channel_rig_send (rig, 1, n_sent++, 1, 0xFF);

  reader = peer_reader_new (peer);
  WAIT_FOR (reader->received->len == n_sent);
  assert_pattern (reader->received->data, n_sent, 0);
  channel_rig_send (rig, 1, n_sent, 200, 0xFF);
  WAIT_FOR (reader->received->len == n_sent + 200);
  close (peer);
}

static void
test_peer_that_floods_waits_for_the_card (void **state)
{
  ToolkitRig *rig = *state;
  g_autoptr (PeerWriter) writer = NULL;
  gsize n_fetched = 0;
  int peer;

  channel_rig_set_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  writer = peer_writer_new (peer, FLOOD);
  while (n_fetched < FLOOD)
    {
      guint8 n_left;

      assert_true (g_str_has_prefix (fake_modem_await_line (rig->modem),
                                     "envelope D60E99010982028281B8028100B701"));
      n_fetched += channel_rig_receive_some (rig, 1, LARGEST_FETCH, n_fetched, &n_left);
      assert_true (channel_rig_get_count (rig, 1, "bytes-received") - n_fetched <= BUFFER);
    }
  toolkit_rig_expect_nothing (rig);
  assert_int_equal (channel_rig_get_count (rig, 1, "bytes-received"), FLOOD);

  close (peer);
}

static void
connect_all (ToolkitRig *rig, int *peers)
{
  for (guint8 i = 0; i < N_CHANNELS; i++)
    peers[i] = channel_rig_connect (rig, i + 1, BUFFER);
}

static void
close_all (int *peers)
{
  for (guint i = 0; i < N_CHANNELS; i++)
    close (peers[i]);
}

static void
test_eighth_channel_is_not_available_until_one_is_closed (void **state)
{
  ToolkitRig *rig = *state;
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  const OpenChannel open = { IMMEDIATE, BUFFER, TCP_CLIENT, port, LOOPBACK };
  int peers[N_CHANNELS];

  connect_all (rig, peers);
  channel_rig_open (rig, &open, "83023A01", NULL);
  assert_true (peer_is_alone (listener));
  channel_rig_close (rig, 4);
  channel_rig_open (rig, &open, OK, "8400");

  close_all (peers);
  close (listener);
}

/* A card says with its answer to an ENVELOPE that it has a command. */
static void
answer_pair (ToolkitRig *rig)
{
  fake_modem_answer (rig->modem, "910C");
  fake_modem_answer (rig->modem, "9000");
}

static void
test_seven_channels_take_turns_while_all_have_data (void **state)
{
  ToolkitRig *rig = *state;
  int peers[N_CHANNELS];
  PeerWriter *writers[N_CHANNELS];
  gsize n_fetched[N_CHANNELS] = { 0 };

  channel_rig_set_no_events (rig);
  connect_all (rig, peers);
  for (guint i = 0; i < N_CHANNELS; i++)
    {
      writers[i] = peer_writer_new (peers[i], SHARE);
      WAIT_FOR (channel_rig_get_count (rig, (guint8) (i + 1), "bytes-received") == BUFFER);
    }

  fake_modem_answer (rig->modem, "9000"); /* to the event list */
  for (guint i = 0; i < N_CHANNELS * (SHARE / LARGEST_FETCH); i++)
    answer_pair (rig);
  channel_rig_set_events (rig);
  for (guint i = 0; i < N_CHANNELS * (SHARE / LARGEST_FETCH); i++)
    {
      guint8 channel = (guint8) (i % N_CHANNELS + 1);
      guint8 n_left;

      channel_rig_expect_data (rig, channel, 0xFF);
      n_fetched[channel - 1] += channel_rig_receive_some (rig, channel, LARGEST_FETCH,
                                                          n_fetched[channel - 1], &n_left);
    }

  for (guint i = 0; i < N_CHANNELS; i++)
    {
      assert_int_equal (n_fetched[i], SHARE / LARGEST_FETCH * LARGEST_FETCH);
      peer_writer_free (writers[i]);
    }
  fake_modem_read_diary (rig->modem); /* what is told of the rest */
  close_all (peers);
}

static void
test_channel_without_data_does_not_hear_of_others (void **state)
{
  ToolkitRig *rig = *state;
  int peers[N_CHANNELS];

  channel_rig_set_events (rig);
  connect_all (rig, peers);
  peer_write (peers[6], 0, 10);
  channel_rig_expect_data (rig, 7, 10);
  peer_write (peers[2], 0, 20);
  channel_rig_expect_data (rig, 3, 20);
  channel_rig_receive (rig, 1, 5, MISSING_INFORMATION, 0, 0, 0);
  channel_rig_receive (rig, 3, 20, OK, 0, 20, 0);
  channel_rig_receive (rig, 7, 10, OK, 0, 10, 0);
  toolkit_rig_expect_nothing (rig);

  close_all (peers);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_peer_that_refuses_is_not_reachable_and_no_channel_is_left),
    RIG_TEST (test_peer_that_closes_is_told_once_after_all_was_fetched),
    RIG_TEST (test_peer_that_resets_is_told_once_after_all_was_fetched),
    RIG_TEST (test_peer_that_breaks_while_the_card_sends_is_told_once),
    RIG_TEST (test_peer_that_stalls_fills_the_buffer_and_nothing_is_lost),
    RIG_TEST (test_many_small_pieces_for_a_peer_that_stalls_are_not_lost),
    RIG_TEST (test_peer_that_floods_waits_for_the_card),
    RIG_TEST (test_eighth_channel_is_not_available_until_one_is_closed),
    RIG_TEST (test_seven_channels_take_turns_while_all_have_data),
    RIG_TEST (test_channel_without_data_does_not_hear_of_others),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
