/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Secured packets for which the agent holds the key: the simulated SM-SR, with its own codec, sends them by short
 * messages and checks what comes back; the card's ledger says what was run.
 */

#include <gio/gio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

#define KIC "30313233343536373839414243444546"
#define KID "50515253545556575859616263646566"
#define KEYS "[* scp80 01]\nKic=" KIC "\nKid=" KID "\nTars=000001;000011\n"

#define N_FORGED 32

#define ISD_R "A0000005591010FFFFFFFF8900000100"

static void
start (Rig *rig)
{
  rig_write_keys (rig, KEYS);
  rig_start_simulator (rig, "--isdr=plain", NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  g_free (rig_control (rig, "ledger")); /* what the agent asked of the card until it was ready */
}

static void
write_script (Rig *rig, const char *text)
{
  g_autofree char *path = g_build_filename (rig->directory, "script", NULL);

  assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* (transfer full): the SM-SR's word on the script with these options */
static char *
send_script (Rig *rig, const char *options)
{
  return rig_control (rig, "smsr send-script %s/script --via sms %s", rig->directory, options);
}

static void
assert_begins (const char *actual, const char *expected)
{
  if (!g_str_has_prefix (actual, expected))
    fail_msg ("'%s' does not begin with '%s'", actual, expected);
}

static void
assert_has (const char *actual, const char *expected)
{
  if (strstr (actual, expected) == NULL)
    fail_msg ("'%s' does not have '%s'", actual, expected);
}

static void
test_commands_reach_the_card_in_order_on_one_channel (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;
  g_autofree char *apdus = NULL;

  start (rig);
  g_free (rig_control (rig, "apdus"));
  write_script (rig, "80CA005A00\n80F24002024F0000\n80CAFF2100\n");
  reply = send_script (rig, "");
  apdus = rig_control (rig, "apdus");

  assert_begins (reply, "ok packets=1 counter=1 status=00 executed=3 sw=9000,9000,9000 ");
  assert_begins (apdus, "0070000001 019000\n"
                        "01A4040010" ISD_R " 611A\n"
                        "01C000001A ");
  assert_has (apdus, "\n81CA005A00 5A1089001012012341234012345678901224"
                     "9000\n81F24002024F0000 ");
  assert_has (apdus, "9000\n81CAFF2100 ");
  assert_true (g_str_has_suffix (apdus, "\n00708001 9000\n"));
}

static void
test_card_s_refusal_ends_the_script (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;
  g_autofree char *ledger = NULL;

  start (rig);
  write_script (rig, "80CA005A00\n80CA123400\n80CAFF2100\n");
  reply = send_script (rig, "");
  ledger = rig_control (rig, "ledger");

  assert_has (reply, "6A88");
  assert_has (ledger, "81CA123400 6A88\n");
  assert_null (strstr (ledger, "81CAFF2100"));
}

static void
test_replay_is_refused_and_nothing_reaches_the_card (void **state)
{
  Rig *rig = *state;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;

  start (rig);
  first = rig_control (rig, "smsr send-script --generate 2 --via sms");
  assert_begins (first, "ok packets=1 counter=1 status=00 executed=2");
  g_free (rig_control (rig, "ledger"));

  second = rig_control (rig, "smsr repeat");
  assert_begins (second, "error status 02");
  rig_expect_control (rig, "", "ledger");

  rig_stop_agent (rig);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  g_free (rig_control (rig, "ledger"));
  third = rig_control (rig, "smsr repeat");
  assert_begins (third, "error status 02");
  rig_expect_control (rig, "", "ledger");
}

static void
test_packet_that_is_not_genuine_gets_no_answer (void **state)
{
  static const char *const options[] = { "--corrupt", "--spi 0221", "--spi 1221 --corrupt" };
  Rig *rig = *state;

  start (rig);
  write_script (rig, "80CA005A00\n");
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autofree char *reply = NULL;

      rig_begin_control (rig, "smsr send-script %s/script --via sms %s --wait 1", rig->directory,
                         options[i]);
      rig_await_counter (rig, "packets-not-genuine", i + 1);
      reply = rig_end_control (rig);
      assert_begins (reply, "error timeout: ");
    }
  rig_expect_control (rig, "", "ledger");
  rig_expect_control (rig, "", "sent-sms");
}

/* Anybody can send as many as he likes. */
static void
test_journal_tells_of_a_few_packets_that_are_not_genuine (void **state)
{
  Rig *rig = *state;
  g_autofree char *log = NULL;
  g_auto (GStrv) parts = NULL;

  rig_keep_log (rig);
  rig->is_plain = TRUE; /* who debugs gets all */
  start (rig);
  for (guint i = 0; i < N_FORGED; i++)
    rig_expect_control (rig, "ok ack", "sms %.*s%02X", (int) strlen (RIG_COMMAND_TPDU) - 2,
                        RIG_COMMAND_TPDU, i);
  rig_await_counter (rig, "packets-not-genuine", N_FORGED - 1); /* one of them is right */
  rig_stop_agent (rig);
  log = rig_read_log (rig);
  parts = g_strsplit (log, "A secured packet is refused", -1);

  assert_int_equal (g_strv_length (parts),
                    20 + 1 + 1); /* the last one with those that are not told of */
  rig_assert_has (log, "11 more like this were not logged: A secured packet is refused: ");
}

static void
test_counters_that_are_skipped_or_at_their_end (void **state)
{
  Rig *rig = *state;
  g_autofree char *skipped = NULL;
  g_autofree char *high = NULL;
  g_autofree char *next = NULL;
  g_autofree char *last = NULL;
  g_autofree char *blocked = NULL;

  start (rig);
  write_script (rig, "80CA005A00\n");

  skipped = send_script (rig, "--counter 7");
  assert_begins (skipped, "ok packets=1 counter=7 ");
  high = send_script (rig, "--spi 1E39 --counter 9");
  assert_begins (high, "error status 03");
  next = send_script (rig, "--spi 1E39 --counter 8");
  assert_begins (next, "ok packets=1 counter=8 ");
  last = send_script (rig, "--counter 1099511627775");
  assert_begins (last, "ok packets=1 counter=1099511627775 ");
  blocked = send_script (rig, "--counter 1099511627775");
  assert_begins (blocked, "error status 04");
}

static void
test_long_packets_and_long_proofs_in_any_order (void **state)
{
  static const char *const orders[] = { "", "--order reverse", "--order shuffle:7" };
  Rig *rig = *state;

  start (rig);
  for (gsize i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_autofree char *reply
          = rig_control (rig, "smsr send-script --generate 40 --via sms %s", orders[i]);
      g_autofree char *ledger = rig_control (rig, "ledger");
      g_auto (GStrv) parts = g_strsplit (ledger, " 81E288", -1);

      assert_begins (reply, "ok ");
      assert_has (reply, " executed=40 ");
      assert_int_equal (g_strv_length (parts), 40 + 1);
    }
}

/* Segments that came before the first are the card's, too, and reach it in their order. */
static void
test_sealed_packet_in_any_order_is_the_card_s (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;

  rig_write_keys (rig, "[* scp80 02]\nKic=" KIC "\nKid=" KID "\n");
  rig_start_simulator (rig, NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  reply = rig_control (rig, "smsr send-script --generate 12 --via sms --order reverse");

  assert_begins (reply, "ok ");
  rig_await_counter (rig, "sms-sent", 1);
  assert_int_equal (rig_get_counter (rig, "packets-taken"), 0);
}

static void
test_command_without_an_answer_is_not_run_again (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;
  g_autofree char *ledger = NULL;

  start (rig);
  write_script (rig, "80CA005A00\n80CAFF2100\n80CA005A00\n");
  rig_expect_control (rig, "ok", "lose-apdu 2");
  rig_begin_control (rig, "smsr send-script %s/script --via sms", rig->directory);
  rig_await_apdu (rig, "81CAFF2100");
  rig_kill_agent (rig);
  rig_start_agent (rig, NULL);
  reply = rig_end_control (rig);
  ledger = rig_control (rig, "ledger");

  assert_begins (reply, "error interrupted at command 2 of 3 sw=9000,6FF1");
  assert_has (ledger, "81CAFF2100");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_commands_reach_the_card_in_order_on_one_channel),
    RIG_TEST (test_card_s_refusal_ends_the_script),
    RIG_TEST (test_replay_is_refused_and_nothing_reaches_the_card),
    RIG_TEST (test_packet_that_is_not_genuine_gets_no_answer),
    RIG_TEST (test_journal_tells_of_a_few_packets_that_are_not_genuine),
    RIG_TEST (test_counters_that_are_skipped_or_at_their_end),
    RIG_TEST (test_long_packets_and_long_proofs_in_any_order),
    RIG_TEST (test_sealed_packet_in_any_order_is_the_card_s),
    RIG_TEST (test_command_without_an_answer_is_not_run_again),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
