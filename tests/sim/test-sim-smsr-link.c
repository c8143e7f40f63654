/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CAT_TP links that an agent opens to the SM-SR, with keys of its own or without. */
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "card/sim-keys.h"
#include "test-isdp.h"
#include "test-link.h"
#include "test-smsr.h"

#define FALLBACK_SCRIPT "AA1C221A80E28800153A05124F10A0000005591010FFFFFFFF8900001100"
#define OK_SCRIPT "ab0780010123029000"
#define PROFILE_SIZE 5000

static void
test_a_script_is_one_packet_under_the_agents_keys (void **state)
{
  TestLink *link = *state;

  test_smsr_start (link->smsr, "set-fallback 1100 --via cat-tp");
  test_link_open (link, EID);
  test_link_assert_packet (link, 0x000001, FALLBACK_SCRIPT, 0, OK_SCRIPT);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr,
                          "ok packets=2 counter=2 status=00 executed=1 sw=9000 "
                          "aid=A0000005591010FFFFFFFF8900001100 transport=cat-tp connections=1 "
                          "resumed=0 retransmitted=0");
}

/* The two PUSH commands of TS 102 226 §9: default bearer, buffer 512, UDP port and address of the SM-SR; CAT_TP
 * port 2345, SDU 20480, identification. */
static void
test_the_push_has_the_known_bytes (void **state)
{
  TestLink *link = *state;
  const SimSmsrAddress *address = sim_smsr_server_get_address (link->server);
  g_autofree char *expected
      = g_strdup_printf ("AA2E221880EC010113350103390202003C0301%04X3E05217F000001"
                         "221280EC01020D3C03000929390250003602C0DE",
                         address->cat_tp);
  g_autoptr (GBytes) sender = NULL;
  g_autoptr (GBytes) packet = NULL;
  g_autoptr (GBytes) data = NULL;
  g_autofree char *hex = NULL;
  SimScp80Command command = { 0 };

  sim_smsr_set_agent_keys (link->smsr, 2);
  test_smsr_begin (link->smsr, "push-cat-tp --via cat-tp --identification c0de --spi 1600");
  packet = test_smsr_take_packet (link->smsr, &sender);
  data = sim_scp80_open_command (&command, SIM_SCP80_FORM_SMS, ea_span_from_bytes (packet),
                                 &sim_keys, NULL);
  hex = ea_span_to_hex (ea_span_from_bytes (data));

  assert_string_equal (hex, expected);
  assert_int_equal (command.spi1, 0x16);
  assert_int_equal (command.spi2, 0x39);
  assert_int_equal (command.kic, 0x22);
  assert_int_equal (command.kid, 0x22);
  assert_int_equal (command.tar, 0x000001);
}

/* A link is known by what the push has told it to say, and by nothing else. */
static void
test_the_link_says_what_the_push_has_said (void **state)
{
  TestLink *link = *state;

  test_smsr_start (link->smsr, "push-cat-tp --via cat-tp --identification 0102030405");
  test_link_open (link, EID);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);
  assert_null (sim_smsr_pull_reply (link->smsr));
  test_link_open (link, "0102030405");
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);
  test_smsr_assert_reply (link->smsr,
                          "error repaired: something was lost and tried again; otherwise "
                          "ok packets=1 counter=1 status=00 transport=cat-tp connections=1 "
                          "resumed=0 failed=1 retransmitted=0");

  test_smsr_start (link->smsr, "push-cat-tp --via cat-tp");
  test_link_open (link, "");
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);
  test_smsr_assert_reply (link->smsr, "ok packets=1 counter=2 status=00 transport=cat-tp "
                                      "connections=1 resumed=0 retransmitted=0");
}

static void
test_a_link_is_waited_for_without_a_push (void **state)
{
  TestLink *link = *state;

  test_smsr_begin (link->smsr, "set-fallback 1100 --via cat-tp --no-trigger");
  assert_null (sim_smsr_pull_tpdu (link->smsr));
  test_link_open (link, EID);
  test_link_assert_packet (link, 0x000001, FALLBACK_SCRIPT, 0, OK_SCRIPT);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);
  test_smsr_assert_reply (link->smsr,
                          "ok packets=1 counter=1 status=00 executed=1 sw=9000 "
                          "aid=A0000005591010FFFFFFFF8900001100 transport=cat-tp connections=1 "
                          "resumed=0 retransmitted=0");

  test_smsr_begin (link->smsr, "push-cat-tp --via cat-tp --no-trigger");
  test_link_open (link, EID);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);
  test_smsr_assert_reply (link->smsr,
                          "ok packets=0 transport=cat-tp connections=1 resumed=0 retransmitted=0");
}

/* The link is faster than the short message with the push's proof of receipt. */
static void
test_a_link_may_end_before_the_proof_comes (void **state)
{
  TestLink *link = *state;

  test_smsr_begin (link->smsr, "push-cat-tp --via cat-tp");
  test_link_open (link, EID);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);
  assert_null (sim_smsr_pull_reply (link->smsr));
  test_smsr_prove (link->smsr);
  test_smsr_assert_reply (link->smsr, "ok packets=1 counter=1 status=00 transport=cat-tp "
                                      "connections=1 resumed=0 retransmitted=0");

  test_smsr_begin (link->smsr, "push-cat-tp --via cat-tp");
  test_link_open (link, EID);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);
  test_smsr_assert_gives_up (link->smsr,
                             "error proof=none: the trigger's receipt was not proven; otherwise "
                             "ok packets=1 transport=cat-tp connections=1 resumed=0 "
                             "retransmitted=0");
}

static void
test_every_wait_names_the_agent (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) sdu = NULL;

  test_smsr_start (link->smsr, "push-cat-tp --via cat-tp");
  test_smsr_assert_gives_up (link->smsr,
                             "error timeout: waiting for the agent's CAT_TP connection");
  test_smsr_start (link->smsr, "set-fallback 1100 --via cat-tp");
  test_link_open (link, EID);
  sdu = test_link_wait (link);
  test_smsr_assert_gives_up (link->smsr, "error timeout: waiting for the response to script 1");
}

static void
test_an_agent_that_closes_without_an_answer_may_have_no_key (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) sdu = NULL;

  test_smsr_start (link->smsr, "set-fallback 1100 --via cat-tp --key-set 3 --tar 000013");
  test_link_open (link, EID);
  sdu = test_link_wait (link);
  sim_cattp_close (link->cattp, g_get_monotonic_time ());
  test_link_run (link, 3);

  test_smsr_assert_reply (link->smsr,
                          "error connection lost: the agent has closed it and may have no key for "
                          "TAR 000013 and key set 3, while waiting for the response to script 1");
}

/* The same octets go again over the next link, and no counter is used up for them. */
static void
test_what_was_not_answered_goes_again_over_the_next_link (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GBytes) script = ea_bytes_from_hex (OK_SCRIPT, NULL);
  g_autoptr (GBytes) data = NULL;
  SimScp80Command command = { 0 };

  test_smsr_start (link->smsr, "set-fallback 1100 --via cat-tp");
  test_link_open (link, EID);
  first = test_link_wait (link);
  test_link_vanish (link);
  test_link_open (link, EID);
  again = test_link_wait (link);
  assert_true (g_bytes_equal (first, again));
  data = test_link_open_packet (again, &command);
  test_link_answer (link, &command, 0, script);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr,
                          "error repaired: something was lost and tried again; otherwise "
                          "ok packets=2 counter=2 status=00 executed=1 sw=9000 "
                          "aid=A0000005591010FFFFFFFF8900001100 transport=cat-tp connections=2 "
                          "resumed=1 failed=1 retransmitted=0");
}

/* An agent that has answered and does not know whether that came says it again. */
static void
test_an_answer_that_comes_twice_is_taken_once (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) sdu = NULL;
  g_autoptr (GBytes) next = NULL;
  g_autoptr (GBytes) script = ea_bytes_from_hex (OK_SCRIPT, NULL);
  SimScp80Command command = { 0 };
  SimScp80Command second = { 0 };
  g_autoptr (GBytes) data = NULL;
  g_autoptr (GBytes) rest = NULL;

  link->sdu_max = 80;
  test_smsr_start (link->smsr, "send-script --generate 2 --via cat-tp");
  test_link_open (link, EID);
  sdu = test_link_wait (link);
  data = test_link_open_packet (sdu, &command);
  test_link_answer (link, &command, 0, script);
  next = test_link_wait (link);
  rest = test_link_open_packet (next, &second);
  test_link_answer (link, &command, 0, script);
  test_link_answer (link, &second, 0, script);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr, "ok packets=3 counter=3 status=00 executed=2 sw=9000,9000 "
                                      "numbers=1-2 transport=cat-tp connections=1 resumed=0 "
                                      "retransmitted=0");
}

/* What an operation has not waited for is not the answer to the next one. */
static void
test_an_answer_from_the_past_is_passed_over (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) late = NULL;
  g_autoptr (GBytes) sdu = NULL;
  g_autoptr (GBytes) script = ea_bytes_from_hex (OK_SCRIPT, NULL);
  g_autoptr (GBytes) data = NULL;
  g_autoptr (GBytes) rest = NULL;
  SimScp80Command old = { 0 };
  SimScp80Command command = { 0 };

  test_smsr_start (link->smsr, "set-fallback 1100 --via cat-tp");
  test_link_open (link, EID);
  late = test_link_wait (link);
  data = test_link_open_packet (late, &old);
  test_smsr_assert_gives_up (link->smsr, "error timeout: waiting for the response to script 1");
  test_smsr_start (link->smsr, "set-fallback 1100 --via cat-tp");
  test_link_open (link, EID);
  sdu = test_link_wait (link);
  rest = test_link_open_packet (sdu, &command);
  test_link_answer (link, &old, 0, script);
  test_link_answer (link, &command, 0, script);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr,
                          "ok packets=2 counter=4 status=00 executed=1 sw=9000 "
                          "aid=A0000005591010FFFFFFFF8900001100 transport=cat-tp connections=1 "
                          "resumed=0 retransmitted=0");
}

/* (transfer full): 9000 for each of @n_commands, at most 9 */
static GBytes *
make_answers (guint n_commands)
{
  GString *hex = g_string_new (NULL);
  GBytes *answers;

  g_string_printf (hex, "ab%02x8001%02x", 3 + 4 * n_commands, n_commands);
  for (guint i = 0; i < n_commands; i++)
    g_string_append (hex, "23029000");
  answers = ea_bytes_from_hex (hex->str, NULL);
  g_string_free (hex, TRUE);
  return answers;
}

/* A generated command has 16 octets with its tag: 120 octets are enough for four of them, and not for five. */
static void
test_no_sdu_is_larger_than_the_agent_has_said (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) sdu = NULL;
  guint n_sdus = 0;

  link->sdu_max = 120;
  test_smsr_start (link->smsr, "send-script --generate 9 --via cat-tp");
  test_link_open (link, EID);
  while ((sdu = test_link_wait (link)) != NULL)
    {
      SimScp80Command command = { 0 };
      g_autoptr (GBytes) script = test_link_open_packet (sdu, &command);

      guint n_commands = n_sdus < 2 ? 4 : 1;
      g_autoptr (GBytes) answers = make_answers (n_commands);

      assert_true (g_bytes_get_size (sdu) <= link->sdu_max);
      assert_int_equal (g_bytes_get_size (script), 2 + 16 * n_commands);
      test_link_answer (link, &command, 0, answers);
      n_sdus++;
      g_clear_pointer (&sdu, g_bytes_unref);
    }

  assert_int_equal (n_sdus, 3);
  test_smsr_assert_reply (link->smsr,
                          "ok packets=4 counter=4 status=00 executed=9 "
                          "sw=9000,9000,9000,9000,9000,9000,9000,9000,9000 "
                          "numbers=1-9 transport=cat-tp connections=1 resumed=0 retransmitted=0");
}

/* Fewer round trips */
static void
test_who_takes_much_gets_it_at_once (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) sdu = NULL;

  link->sdu_max = 20480;
  test_smsr_start (link->smsr, "send-script --generate 200,80 --via cat-tp");
  test_link_open (link, EID);
  sdu = test_link_wait (link);
  assert_true (g_bytes_get_size (sdu) > 200 * 80);
  sim_smsr_give_up (link->smsr);
  g_free (sim_smsr_pull_reply (link->smsr));

  test_smsr_start (link->smsr, "send-script --generate 200,80 --via cat-tp --sealed");
  test_link_open (link, EID);
  g_clear_pointer (&sdu, g_bytes_unref);
  sdu = test_link_wait (link);
  assert_true (g_bytes_get_size (sdu) <= 2048);
}

static void
test_a_command_that_does_not_fit_ends_the_operation (void **state)
{
  TestLink *link = *state;

  link->sdu_max = 100;
  test_smsr_start (link->smsr, "send-script --generate 1,200 --via cat-tp");
  test_link_open (link, EID);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr, "error A command of 214 octets does not fit a script of 52");
}

/* (transfer full): the answer to the TP-UD that @link has got. @expected: its script */
static GBytes *
make_sealed_answer (TestLink *link, const char *expected, GBytes *script)
{
  g_autoptr (GBytes) sdu = test_link_wait (link);
  EaSpan user_data = ea_span_from_bytes (sdu);
  EaWriter answer = { 0 };
  g_autoptr (GBytes) data = NULL;
  g_autoptr (GBytes) packet = NULL;
  g_autofree char *hex = NULL;
  SimScp80Command command = { 0 };
  SimScp80Response response = { 0 };

  assert_memory_equal (user_data.data, "\x02\x70\x00", 3);
  data = sim_scp80_open_command (&command, SIM_SCP80_FORM_SMS, ea_span_tail (user_data, 3),
                                 &sim_keys, NULL);
  assert_non_null (data);
  hex = ea_span_to_hex (ea_span_from_bytes (data));
  assert_string_equal (hex, expected);
  assert_int_equal (command.kic, 0x12);
  response.tar = command.tar;
  response.counter = command.counter;
  packet = sim_scp80_seal_response (&response, &command, SIM_SCP80_FORM_SMS,
                                    ea_span_from_bytes (script), &sim_keys, NULL);
  ea_writer_init (&answer);
  ea_writer_u24be (&answer, 0x027100);
  ea_writer_bytes (&answer, ea_span_from_bytes (packet));
  return ea_writer_steal (&answer);
}

static void
send_sdu (TestLink *link, GBytes *sdu)
{
  assert_true (sim_cattp_send (link->cattp, ea_span_from_bytes (sdu), g_get_monotonic_time ()));
}

static void
answer_sealed (TestLink *link, const char *expected, GBytes *script)
{
  g_autoptr (GBytes) answer = make_sealed_answer (link, expected, script);

  send_sdu (link, answer);
}

/* The agent's key set asks for the link, the eUICC's seals what goes over it. */
static void
test_what_is_sealed_for_the_euicc_has_the_form_of_short_messages (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) script = ea_bytes_from_hex (OK_SCRIPT, NULL);

  sim_smsr_set_agent_keys (link->smsr, 2);
  test_smsr_start (link->smsr, "set-fallback 1100 --via cat-tp --sealed");
  test_link_open (link, EID);
  answer_sealed (link, FALLBACK_SCRIPT, script);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr,
                          "ok packets=2 counter=2 status=00 executed=1 sw=9000 "
                          "aid=A0000005591010FFFFFFFF8900001100 transport=cat-tp connections=1 "
                          "resumed=0 retransmitted=0");
}

/* The agent keeps what it could not deliver, and the next link brings it first. */
static void
test_an_answer_of_the_agents_from_the_past_is_none_of_the_euiccs (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) script = ea_bytes_from_hex (OK_SCRIPT, NULL);
  g_autoptr (GBytes) late = NULL;
  g_autoptr (GBytes) data = NULL;
  g_autoptr (GBytes) answer = NULL;
  SimScp80Command old = { 0 };

  sim_smsr_set_agent_keys (link->smsr, 2);
  test_smsr_start (link->smsr, "set-fallback 1100 --via cat-tp");
  test_link_open (link, EID);
  late = test_link_wait (link);
  data = test_link_open_packet (late, &old);
  test_smsr_assert_gives_up (link->smsr, "error timeout: waiting for the response to script 1");
  test_smsr_start (link->smsr, "set-fallback 1100 --via cat-tp --sealed");
  test_link_open (link, EID);
  answer = make_sealed_answer (link, FALLBACK_SCRIPT, script);
  test_link_answer (link, &old, 0, script);
  send_sdu (link, answer);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr,
                          "ok packets=2 counter=4 status=00 executed=1 sw=9000 "
                          "aid=A0000005591010FFFFFFFF8900001100 transport=cat-tp connections=1 "
                          "resumed=0 retransmitted=0");
}

static void
test_an_answer_of_the_euiccs_from_the_past_is_none_of_the_agents (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) script = ea_bytes_from_hex (OK_SCRIPT, NULL);
  g_autoptr (GBytes) late = NULL;
  g_autoptr (GBytes) sdu = NULL;
  g_autoptr (GBytes) data = NULL;
  SimScp80Command command = { 0 };

  test_smsr_start (link->smsr, "set-fallback 1100 --via cat-tp --sealed");
  test_link_open (link, EID);
  late = make_sealed_answer (link, FALLBACK_SCRIPT, script);
  test_smsr_assert_gives_up (link->smsr, "error timeout: waiting for the response to script 1");
  test_smsr_start (link->smsr, "set-fallback 1100 --via cat-tp --spi 1629");
  test_link_open (link, EID);
  sdu = test_link_wait (link);
  data = test_link_open_packet (sdu, &command);
  send_sdu (link, late);
  test_link_answer (link, &command, 0, script);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr,
                          "ok packets=2 counter=4 status=00 executed=1 sw=9000 "
                          "aid=A0000005591010FFFFFFFF8900001100 transport=cat-tp connections=1 "
                          "resumed=0 retransmitted=0");
}

static void
test_the_answer_to_what_is_sealed_has_its_form (void **state)
{
  TestLink *link = *state;

  test_smsr_start (link->smsr, "set-fallback 1100 --via cat-tp --sealed");
  test_link_open (link, EID);
  g_bytes_unref (test_link_wait (link));
  assert_true (
      sim_cattp_send (link->cattp, ea_span_init ("\x02\x0C\x0B", 3), g_get_monotonic_time ()));
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);

  test_smsr_assert_reply (link->smsr,
                          "error The answer to TP-UD is no TP-UD with a response packet");
}

static void
assert_header (TestLink *link, const char *words, guint16 spi, guint8 kic, guint32 tar,
               guint64 counter)
{
  g_autoptr (GBytes) sdu = NULL;
  g_autoptr (GBytes) data = NULL;
  SimScp80Command command = { 0 };

  test_smsr_start (link->smsr, words);
  test_link_open (link, EID);
  sdu = test_link_wait (link);
  data = test_link_open_packet (sdu, &command);
  sim_smsr_give_up (link->smsr);
  g_free (sim_smsr_pull_reply (link->smsr));

  assert_int_equal (command.spi1 << 8 | command.spi2, spi);
  assert_int_equal (command.kic, kic);
  assert_int_equal (command.tar, tar);
  assert_int_equal (command.counter, counter);
}

static void
test_options_are_for_the_packets_of_the_link (void **state)
{
  TestLink *link = *state;

  assert_header (link, "audit --via cat-tp", 0x1639, 0x12, 0x000001, 2);
  assert_header (link, "audit --via cat-tp --key-set 3", 0x1639, 0x32, 0x000001, 4);
  sim_smsr_set_agent_keys (link->smsr, 2);
  assert_header (link, "audit --via cat-tp --spi 1e19", 0x1E19, 0x22, 0x000001, 6);
  assert_header (link, "audit --via cat-tp --tar 000010 --counter 99", 0x1639, 0x22, 0x000010, 99);
}

static void
test_a_profile_goes_to_the_isdps_tar (void **state)
{
  TestLink *link = *state;
  g_autoptr (GBytes) content = NULL;
  g_autofree char *path = test_isdp_make_file (PROFILE_SIZE, &content);
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content);
  g_autofree char *words = g_strconcat ("download-profile ", path, " --via cat-tp", NULL);
  g_autofree char *expected
      = g_strdup_printf ("ok packets=9 counter=9 status=00 "
                         "aid=A0000005591010FFFFFFFF8900001300 bytes=5000 sha256=%s "
                         "transport=cat-tp connections=1 resumed=0 retransmitted=0",
                         hash);
  g_autoptr (TestIsdp) isdp = test_isdp_new ();
  g_autoptr (GBytes) sdu = NULL;

  test_smsr_start (link->smsr, words);
  test_link_open (link, EID);
  test_link_assert_packet (
      link, 0x000001,
      "AA47224580E60C003F10A0000005591010FFFFFFFF8900000D0010A0000005591010FFFFFFFF8900000E0010"
      "A0000005591010FFFFFFFF89000013000380C00006C904810203700000",
      0, "ab088001012303009000");
  while ((sdu = test_link_wait (link)) != NULL)
    {
      SimScp80Command command = { 0 };
      g_autoptr (GBytes) script = test_link_open_packet (sdu, &command);
      g_autoptr (GBytes) response = test_isdp_run (isdp, ea_span_from_bytes (script));

      assert_int_equal (command.tar, 0x000013);
      test_link_answer (link, &command, 0, response);
      g_clear_pointer (&sdu, g_bytes_unref);
    }

  test_isdp_assert_profile (isdp, ea_span_from_bytes (content));
  test_smsr_assert_reply (link->smsr, expected);
  assert_int_equal (g_remove (path), 0);
}

/* RST may be lost: an agent that goes on hears of the end again. The PDU is tests/vectors' NUL with the ports and
 * numbers of this link. */
static void
test_a_link_that_has_ended_says_so_again (void **state)
{
  static const guint8 reset[] = { 0x10, 0x00, 0x00, 0x13, 0x09, 0x29, 0xC0, 0x01 };
  TestLink *link = *state;
  g_autoptr (GBytes) again = NULL;

  test_smsr_start (link->smsr, "push-cat-tp --via cat-tp");
  test_link_open (link, EID);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);
  g_free (sim_smsr_pull_reply (link->smsr));
  test_link_send (link, "48000012c0010929000000410001000aee76");
  again = test_link_wait_datagram (link);

  assert_true (ea_span_has_prefix (ea_span_from_bytes (again), EA_SPAN_OF_ARRAY (reset)));
}

static void
assert_links (TestLink *link, const char *state, const char *name)
{
  g_autoptr (GString) json = g_string_new (NULL);
  g_autofree char *end
      = g_strdup_printf ("\"state\":\"%s\",\"identification\":\"%s\",\"eid\":\"" EID
                         "\",\"max_pdu\":1400,\"max_sdu\":2048,\"retransmitted\":0,"
                         "\"duplicated\":0,\"damaged\":0}]",
                         state, name);

  sim_smsr_server_describe_links (link->server, json);
  if (!g_str_has_prefix (json->str, "[{\"address\":\"127.0.0.1\",\"port\":")
      || !g_str_has_suffix (json->str, end))
    fail_msg ("%s", json->str);
}

static void
test_the_state_tells_of_links (void **state)
{
  TestLink *link = *state;
  g_autoptr (GString) none = g_string_new (NULL);

  sim_smsr_server_describe_links (link->server, none);
  assert_string_equal (none->str, "[]");
  test_smsr_start (link->smsr, "set-fallback 1100 --via cat-tp --identification c0de");
  test_link_open (link, "C0DE");
  g_bytes_unref (test_link_wait (link));
  assert_links (link, "open", "C0DE");
  sim_smsr_give_up (link->smsr);
  sim_smsr_server_settle (link->server, link->smsr);
  test_link_assert_reset (link, SIM_CATTP_REASON_NORMAL);
  assert_links (link, "closed", "C0DE");
}

static void
test_words_that_do_not_fit_are_explained (void **state)
{
  static const char *const wrong[][2] = {
    { "audit --sealed", "sms takes no options of the agent's links" },
    { "audit --via https --identification 01", "https takes no options of the agent's links" },
    { "audit --via cat-tp --identification 0",
      "--identification needs 1 to 64 octets in hexadecimal" },
    { "audit --via cat-tp --identification=",
      "--identification needs 1 to 64 octets in hexadecimal" },
    { "audit --via cat-tp --host a", "cat-tp takes no options of the agent's sessions" },
    { "audit --via cat-tp --pauses 1", "cat-tp takes no options of the agent's sessions" },
    { "audit --via cat-tp --order reverse", "cat-tp takes no options of short messages" },
    { "audit --via cat-tp --wait 1", "cat-tp takes no options of short messages" },
    { "download-profile x --via cat-tp --sealed",
      "download-profile can't go in the form of short messages" },
    { "push-https --via cat-tp", "push-https opens a channel of its own kind" },
  };
  TestLink *link = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (GStrv) arguments = g_strsplit (wrong[i][0], " ", -1);
      g_autoptr (GError) error = NULL;

      assert_false (sim_smsr_start (link->smsr, (const char *const *) arguments, &error));
      assert_string_equal (error->message, wrong[i][1]);
    }
}

#define link_test(name)                                                                            \
  cmocka_unit_test_setup_teardown (name, test_link_set_up, test_link_tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    link_test (test_a_script_is_one_packet_under_the_agents_keys),
    link_test (test_the_push_has_the_known_bytes),
    link_test (test_the_link_says_what_the_push_has_said),
    link_test (test_a_link_is_waited_for_without_a_push),
    link_test (test_a_link_may_end_before_the_proof_comes),
    link_test (test_every_wait_names_the_agent),
    link_test (test_an_agent_that_closes_without_an_answer_may_have_no_key),
    link_test (test_what_was_not_answered_goes_again_over_the_next_link),
    link_test (test_an_answer_that_comes_twice_is_taken_once),
    link_test (test_an_answer_from_the_past_is_passed_over),
    link_test (test_no_sdu_is_larger_than_the_agent_has_said),
    link_test (test_who_takes_much_gets_it_at_once),
    link_test (test_a_command_that_does_not_fit_ends_the_operation),
    link_test (test_what_is_sealed_for_the_euicc_has_the_form_of_short_messages),
    link_test (test_an_answer_of_the_agents_from_the_past_is_none_of_the_euiccs),
    link_test (test_an_answer_of_the_euiccs_from_the_past_is_none_of_the_agents),
    link_test (test_the_answer_to_what_is_sealed_has_its_form),
    link_test (test_options_are_for_the_packets_of_the_link),
    link_test (test_a_profile_goes_to_the_isdps_tar),
    link_test (test_a_link_that_has_ended_says_so_again),
    link_test (test_the_state_tells_of_links),
    link_test (test_words_that_do_not_fit_are_explained),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
