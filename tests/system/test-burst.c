/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Five hundred different secured packets for the card at once: what the network delivers reaches the card whole, once,
 * and in its order, whether the host or the modem acknowledges it.
 */

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig-modem-manager.h"

#define N_MESSAGES 500
#define N_SENDERS 32
#define POLL_MS 20
#define SLOW_MS 20 /* until the modem answers */

/* A key that the agent holds, and none of the packets is for */
#define KEYS                                                                                       \
  "[* scp80 02]\nKic=30313233343536373839414243444546\n"                                           \
  "Kid=50515253545556575859616263646566\n"

/* RIG_COMMAND_TPDU without the last four of its ciphered octets: these are the number of the message, from 1. */
#define TPDU_HEAD                                                                                  \
  "440C919451214365877FF6621122010000002D02700000281516391212000001954EB8A317C64D5169E703F859A4"   \
  "0693DF4FCE92B5A3A849C286D5B9"
#define TPDU_FORMAT TPDU_HEAD "%08X"

/* What the card says to an ENVELOPE: it has it, or is busy (TS 102 221 §10.2.1) */
#define ANSWER_TAKEN " 9000"
#define ANSWER_BUSY " 9300"

/* The network's word when the host has told it to come again: RP cause 111, TP cause D4 (TS 23.040 §9.2.3.22) */
#define REPLY_ACKNOWLEDGED "ok ack"
#define REPLY_TOOLKIT_BUSY "ok error 6F D4"

typedef struct
{
  Rig *rig;
  guint n_begun; /* messages that the network has */
  guint n_acknowledged;
  GArray *taken; /* of guint: numbers in the order in which the card took them */
  guint n_busy;
  guint n_wanted;
} Burst;

/* One of the connections to the network: it waits for the fate of a message, and goes on with the next. */
typedef struct
{
  Burst *burst;
  guint number;
  GSocketConnection *connection;
  GDataInputStream *input;
} Sender;

static void
burst_init (Burst *burst, Rig *rig)
{
  *burst = (Burst){ .rig = rig, .taken = g_array_new (FALSE, FALSE, sizeof (guint)) };
}

static void
burst_clear (Burst *burst)
{
  g_array_unref (burst->taken);
}

static void
sender_free (Sender *sender)
{
  g_object_unref (sender->input);
  g_object_unref (sender->connection);
  g_free (sender);
}

static void on_fate (GObject *source, GAsyncResult *result, gpointer user_data);

static void
await_fate (Sender *sender)
{
  g_data_input_stream_read_line_async (sender->input, G_PRIORITY_DEFAULT, NULL, on_fate, sender);
}

static void
send_message (Sender *sender)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (sender->connection));
  g_autofree char *line = g_strdup_printf ("sms " TPDU_FORMAT "\n", sender->number);

  assert_true (g_output_stream_write_all (output, line, strlen (line), NULL, NULL, NULL));
  await_fate (sender);
}

/* A message that was refused comes again, octet by octet. */
static void
on_fate (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Sender *sender = user_data;
  Burst *burst = sender->burst;
  g_autofree char *reply = g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source),
                                                                      result, NULL, NULL);

  if (g_strcmp0 (reply, REPLY_ACKNOWLEDGED) == 0)
    {
      burst->n_acknowledged++;
      if (burst->n_begun == N_MESSAGES)
        {
          sender_free (sender);
          return;
        }
      sender->number = ++burst->n_begun;
    }
  else if (g_strcmp0 (reply, REPLY_TOOLKIT_BUSY) != 0)
    fail_msg ("message %u: '%s'", sender->number, reply != NULL ? reply : "no reply");
  send_message (sender);
}

static void
start_sender (Burst *burst)
{
  Sender *sender = g_new0 (Sender, 1);

  sender->burst = burst;
  sender->number = ++burst->n_begun;
  rig_begin_control (burst->rig, "sms " TPDU_FORMAT, sender->number);
  sender->connection = g_steal_pointer (&burst->rig->begun);
  sender->input
      = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (sender->connection)));
  await_fate (sender);
}

static gboolean
is_acknowledged (gpointer data)
{
  const Burst *burst = data;

  return burst->n_acknowledged == N_MESSAGES;
}

static void
send_all (Burst *burst, guint n_senders)
{
  for (guint i = 0; i < n_senders; i++)
    start_sender (burst);
  if (!rig_await_that (is_acknowledged, burst))
    fail_msg ("%u of %u messages are acknowledged", burst->n_acknowledged, N_MESSAGES);
}

static void
note_envelope (Burst *burst, const char *line)
{
  const char *tpdu = strstr (line, TPDU_HEAD);
  guint number;

  if (tpdu == NULL)
    return;
  assert_int_equal (sscanf (tpdu, TPDU_FORMAT, &number), 1);
  if (g_str_has_suffix (line, ANSWER_TAKEN))
    g_array_append_val (burst->taken, number);
  else if (g_str_has_suffix (line, ANSWER_BUSY))
    burst->n_busy++;
  else
    fail_msg ("the card has another answer: %s", line);
}

/* What is new in the card's list of ENVELOPEs */
static void
look_at_card (Burst *burst)
{
  g_autofree char *envelopes = rig_control (burst->rig, "envelopes");
  g_auto (GStrv) lines = g_strsplit (envelopes, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    note_envelope (burst, lines[i]);
}

static gboolean
has_taken (gpointer data)
{
  Burst *burst = data;

  rig_look_again (POLL_MS); /* the simulator has no events: ask again then */
  look_at_card (burst);
  return burst->taken->len >= burst->n_wanted;
}

static void
await_taken (Burst *burst, guint n_wanted)
{
  burst->n_wanted = n_wanted;
  if (!rig_await_that (has_taken, burst))
    fail_msg ("the card took %u messages, not %u", burst->taken->len, n_wanted);
}

/* Nothing is left: what comes after another start is only what is sent after it. */
static void
expect_nothing_left (Burst *burst)
{
  Rig *rig = burst->rig;
  guint n_taken = burst->taken->len;

  rig_stop_agent (rig);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, REPLY_ACKNOWLEDGED, "sms " TPDU_FORMAT, N_MESSAGES + 1);
  await_taken (burst, n_taken + 1);
  assert_int_equal (burst->taken->len, n_taken + 1);
  assert_int_equal (g_array_index (burst->taken, guint, n_taken), N_MESSAGES + 1);
  g_array_set_size (burst->taken, n_taken);
}

static void
assert_in_order (const Burst *burst)
{
  assert_int_equal (burst->taken->len, N_MESSAGES);
  for (guint i = 0; i < N_MESSAGES; i++)
    assert_int_equal (g_array_index (burst->taken, guint, i), i + 1);
}

/* Some may have come twice before the last has come at all. */
static gboolean
has_each (gpointer data)
{
  Burst *burst = data;
  gboolean is_taken[N_MESSAGES + 1] = { FALSE };
  guint n_missing = N_MESSAGES;

  rig_look_again (POLL_MS); /* the simulator has no events: ask again then */
  look_at_card (burst);
  for (guint i = 0; i < burst->taken->len; i++)
    {
      guint number = g_array_index (burst->taken, guint, i);

      assert_in_range (number, 1, N_MESSAGES);
      n_missing -= is_taken[number] ? 0 : 1;
      is_taken[number] = TRUE;
    }
  return n_missing == 0;
}

/* None is lost, and none comes more often than @n_most times. */
static void
assert_each (const Burst *burst, guint n_most)
{
  guint n_taken[N_MESSAGES + 1] = { 0 };

  for (guint i = 0; i < burst->taken->len; i++)
    {
      guint number = g_array_index (burst->taken, guint, i);

      assert_in_range (number, 1, N_MESSAGES);
      n_taken[number]++;
    }
  for (guint i = 1; i <= N_MESSAGES; i++)
    if (n_taken[i] < 1 || n_taken[i] > n_most)
      fail_msg ("the card took message %u %u times", i, n_taken[i]);
}

static void
start_host (Rig *rig)
{
  rig_write_keys (rig, KEYS);
  rig_start (rig);
  rig_await_simulator (rig, RIG_ROUTE_TO_HOST);
}

static RigModemManager *
start_beside_messaging (Rig *rig)
{
  RigModemManager *modem_manager;

  rig_write_keys (rig, KEYS);
  rig_start_simulator (rig, NULL);
  modem_manager = rig_start_modem_manager (rig, MM_MODEM_STATE_REGISTERED);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_await_simulator (rig, RIG_ROUTE_ACKNOWLEDGED);
  return modem_manager;
}

static void
test_burst_that_the_host_acknowledges_is_whole (void **state)
{
  Burst burst;

  burst_init (&burst, *state);
  start_host (burst.rig);
  send_all (&burst, N_SENDERS);
  look_at_card (&burst);
  expect_nothing_left (&burst);

  assert_each (&burst, 1);
  burst_clear (&burst);
}

static void
test_burst_that_the_host_acknowledges_is_whole_with_a_busy_card (void **state)
{
  Burst burst;

  burst_init (&burst, *state);
  start_host (burst.rig);
  rig_expect_control (burst.rig, "ok", "fail card C2 9300 3");
  send_all (&burst, N_SENDERS);
  look_at_card (&burst);
  expect_nothing_left (&burst);

  assert_int_equal (burst.n_busy, 3);
  assert_each (&burst, 1);
  burst_clear (&burst);
}

static void
test_burst_that_the_modem_acknowledges_is_whole_and_in_order (void **state)
{
  RigModemManager *modem_manager;
  Burst burst;

  burst_init (&burst, *state);
  modem_manager = start_beside_messaging (burst.rig);
  send_all (&burst, 1);
  await_taken (&burst, N_MESSAGES);
  expect_nothing_left (&burst);

  assert_in_order (&burst);
  rig_stop_modem_manager (modem_manager);
  burst_clear (&burst);
}

/* All of them are in the inbox when the card is there for the first. */
static void
test_burst_that_the_modem_acknowledges_is_in_order_with_a_busy_card (void **state)
{
  RigModemManager *modem_manager;
  Burst burst;

  burst_init (&burst, *state);
  modem_manager = start_beside_messaging (burst.rig);
  rig_expect_control (burst.rig, "ok", "fail card C2 9300 3");
  send_all (&burst, 1);
  await_taken (&burst, N_MESSAGES);
  expect_nothing_left (&burst);

  assert_int_equal (burst.n_busy, 3);
  assert_in_order (&burst);
  rig_stop_modem_manager (modem_manager);
  burst_clear (&burst);
}

/* Those that wait behind others for longer than a busy card is asked again do not overtake each other. */
static void
test_burst_that_the_modem_acknowledges_is_in_order_with_a_slow_card (void **state)
{
  RigModemManager *modem_manager;
  Burst burst;

  burst_init (&burst, *state);
  modem_manager = start_beside_messaging (burst.rig);
  rig_expect_control (burst.rig, "ok", "slow %d", SLOW_MS);
  send_all (&burst, 1);
  await_taken (&burst, N_MESSAGES - N_MESSAGES / 10);
  rig_expect_control (burst.rig, "ok", "fail card C2 9300 1");
  await_taken (&burst, N_MESSAGES);
  rig_expect_control (burst.rig, "ok", "slow 0");
  expect_nothing_left (&burst);

  assert_int_equal (burst.n_busy, 1);
  assert_in_order (&burst);
  rig_stop_modem_manager (modem_manager);
  burst_clear (&burst);
}

/* The card is slow, and has some of them; the others are nowhere but in the inbox. */
static void
test_burst_that_the_modem_acknowledges_survives_a_kill (void **state)
{
  RigModemManager *modem_manager;
  Burst burst;

  burst_init (&burst, *state);
  modem_manager = start_beside_messaging (burst.rig);
  rig_expect_control (burst.rig, "ok", "fail card C2 9300 3");
  send_all (&burst, 1);
  rig_await_counter (burst.rig, "sms-received", N_MESSAGES);
  rig_expect_control (burst.rig, "ok", "slow %d", SLOW_MS);
  await_taken (&burst, N_MESSAGES / 10);
  rig_kill_agent (burst.rig);
  look_at_card (&burst);
  print_message ("killed when the card had %u\n", burst.taken->len);
  assert_true (burst.taken->len < N_MESSAGES);
  rig_expect_control (burst.rig, "ok", "slow 0");
  rig_start_agent (burst.rig, NULL);
  rig_await (burst.rig, "State", "ready");
  if (!rig_await_that (has_each, &burst))
    fail_msg ("the card took %u messages, and not each", burst.taken->len);
  expect_nothing_left (&burst);

  print_message ("the card took %u in all\n", burst.taken->len);
  assert_each (&burst, 2);
  rig_stop_modem_manager (modem_manager);
  burst_clear (&burst);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_burst_that_the_host_acknowledges_is_whole),
    RIG_TEST (test_burst_that_the_host_acknowledges_is_whole_with_a_busy_card),
    RIG_TEST (test_burst_that_the_modem_acknowledges_is_whole_and_in_order),
    RIG_TEST (test_burst_that_the_modem_acknowledges_is_in_order_with_a_busy_card),
    RIG_TEST (test_burst_that_the_modem_acknowledges_is_in_order_with_a_slow_card),
    RIG_TEST (test_burst_that_the_modem_acknowledges_survives_a_kill),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
