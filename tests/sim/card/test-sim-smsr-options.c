/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Packets of the simulated SM-SR that are not what it would send of itself, and answers to them from a peer
 * that has the same keys.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "core/error.h"
#include "sim-keys.h"
#include "sim-sms.h"
#include "smsr.h"
#include "test-card.h"

#define RC_PACKET "001b11012112150000010000000001006a48dc31aa07220580ca005a00"
#define EID_RESPONSE "AB1980010123145A10890010120123412340123456789012249000"

typedef struct
{
  SimSmsr *smsr;
  char *script; /* path of a file with the command that asks for the EID */
} Fixture;

static int
set_up (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  int file = g_file_open_tmp ("script-XXXXXX", &fixture->script, NULL);

  assert_true (file >= 0);
  assert_true (g_close (file, NULL));
  assert_true (g_file_set_contents (fixture->script, "80CA005A00\n", -1, NULL));
  fixture->smsr = sim_smsr_new ("89001012012341234012345678901224");
  *state = fixture;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;

  sim_smsr_free (fixture->smsr);
  (void) g_remove (fixture->script);
  g_free (fixture->script);
  g_free (fixture);
  return 0;
}

static void
start (Fixture *fixture, const char *options)
{
  g_autofree char *words = g_strconcat ("send-script ", options, NULL);
  g_auto (GStrv) arguments = g_strsplit (words, " ", -1);
  g_autoptr (GError) error = NULL;

  if (!sim_smsr_start (fixture->smsr, (const char *const *) arguments, &error))
    fail_msg ("%s: %s", words, error->message);
}

/* With the file's script, too */
static void
start_file (Fixture *fixture, const char *options)
{
  g_autofree char *words = g_strconcat (fixture->script, options, NULL);

  start (fixture, words);
}

/* (transfer full): all messages that wait, and the network has delivered them */
static GPtrArray *
pull_all (Fixture *fixture)
{
  GPtrArray *tpdus = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  GBytes *tpdu;

  while ((tpdu = sim_smsr_pull_tpdu (fixture->smsr)) != NULL)
    {
      g_ptr_array_add (tpdus, tpdu);
      sim_smsr_delivered (fixture->smsr, TRUE, 0, 0);
    }
  return tpdus;
}

/* (transfer full): the packet of the messages that wait */
static GBytes *
pull_packet (Fixture *fixture)
{
  g_autoptr (SimSmsAssembly) assembly = sim_sms_assembly_new (SIM_SMS_PACKET_COMMAND);
  g_autoptr (GPtrArray) tpdus = pull_all (fixture);
  GBytes *packet = NULL;

  for (guint i = 0; i < tpdus->len; i++)
    {
      SimSms sms = { 0 };

      assert_null (packet);
      assert_true (
          sim_sms_parse_deliver (&sms, ea_span_from_bytes (g_ptr_array_index (tpdus, i)), NULL));
      packet = sim_sms_assembly_add (assembly, &sms);
    }
  assert_non_null (packet);
  return packet;
}

static SimScp80Command
open_packet (Fixture *fixture)
{
  g_autoptr (GBytes) packet = pull_packet (fixture);
  SimScp80Command command = { 0 };
  g_autoptr (GBytes) script = sim_scp80_open_command (&command, SIM_SCP80_FORM_SMS,
                                                      ea_span_from_bytes (packet), &sim_keys, NULL);

  assert_non_null (script);
  return command;
}

/* The messages come in the reverse order. */
static void
answer (Fixture *fixture, const SimScp80Command *command, guint8 status, const char *script)
{
  static const guint8 sm_sr[] = { 0x0C, 0x91, 0x94, 0x51, 0x21, 0x43, 0x65, 0x87 };
  const SimScp80Response response
      = { .tar = command->tar, .counter = command->counter, .status = status };
  g_autoptr (GBytes) data = from_hex (script);
  g_autoptr (GBytes) packet = sim_scp80_seal_response (&response, command, SIM_SCP80_FORM_SMS,
                                                       ea_span_from_bytes (data), &sim_keys, NULL);
  g_autoptr (GPtrArray) tpdus = sim_sms_build_submit (
      EA_SPAN_OF_ARRAY (sm_sr), SIM_SMS_PACKET_RESPONSE, ea_span_from_bytes (packet), 1);

  for (guint i = tpdus->len; i > 0; i--)
    sim_smsr_receive (fixture->smsr, ea_span_from_bytes (g_ptr_array_index (tpdus, i - 1)));
}

static void
assert_reply (Fixture *fixture, const char *expected)
{
  g_autofree char *reply = sim_smsr_pull_reply (fixture->smsr);

  assert_non_null (reply);
  assert_string_equal (reply, expected);
}

static void
assert_proven (Fixture *fixture, const SimScp80Command *command)
{
  g_autofree char *expected
      = g_strdup_printf ("ok packets=1 counter=%" G_GUINT64_FORMAT
                         " status=00 executed=1 sw=9000 response=" EID_RESPONSE,
                         command->counter);

  answer (fixture, command, 0x00, EID_RESPONSE);
  assert_reply (fixture, expected);
}

static void
test_every_security_of_commands_and_proofs_is_spoken (void **state)
{
  for (guint spi1 = 0; spi1 < 0x20; spi1++)
    for (guint spi2 = 0; spi2 < 0x40; spi2++)
      {
        g_autofree char *options = g_strdup_printf (" --spi %02X%02X", spi1, spi2);
        SimScp80Command command;

        if ((spi1 & 3) == 3 || (spi2 >> 2 & 3) == 3 || (spi2 & 3) != 1)
          continue;
        start_file (*state, options);
        command = open_packet (*state);
        assert_int_equal (command.spi1, spi1);
        assert_int_equal (command.spi2, spi2);
        assert_proven (*state, &command);
      }
}

/* zlib's crc32 over all that is before and behind it */
static void
test_a_packet_with_a_redundancy_check_has_the_known_bytes (void **state)
{
  g_autoptr (GBytes) packet = NULL;

  start_file (*state, " --spi 0121");
  packet = pull_packet (*state);
  assert_bytes (packet, RC_PACKET);
}

static void
test_key_set_application_and_counter_are_as_ordered (void **state)
{
  g_autoptr (GBytes) packet = NULL;
  g_autoptr (GBytes) head = NULL;

  start_file (*state, " --spi 0221 --key-set 15 --tar B00010 --counter 0xFFFFFFFFFE");
  packet = pull_packet (*state);
  head = cut (packet, 16);
  assert_bytes (head, "001f 15 0221 f2f2 b00010 fffffffffe 00");
}

static void
test_the_own_counter_follows_what_was_accepted_only (void **state)
{
  SimScp80Command command;

  start_file (*state, " --counter 500");
  command = open_packet (*state);
  assert_proven (*state, &command);
  start_file (*state, " --counter=700");
  command = open_packet (*state);
  answer (*state, &command, 0x03, "");
  assert_reply (*state, "error status 03: the counter is high");
  start_file (*state, " --counter 7");
  command = open_packet (*state);
  answer (*state, &command, 0x02, "");
  assert_reply (*state, "error status 02: the counter is low");

  start_file (*state, "");
  command = open_packet (*state);
  assert_int_equal (command.counter, 501);
}

static void
test_a_corrupt_packet_fails_its_check_and_uses_no_counter (void **state)
{
  static const char *const spis[] = { "1639", "0221", "0121", "0521" };

  for (guint i = 0; i < G_N_ELEMENTS (spis); i++)
    {
      g_autofree char *options = g_strdup_printf (" --corrupt --spi %s", spis[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) packet = NULL;
      SimScp80Command command = { 0 };

      start_file (*state, options);
      packet = pull_packet (*state);
      assert_null (sim_scp80_open_command (&command, SIM_SCP80_FORM_SMS,
                                           ea_span_from_bytes (packet), &sim_keys, &error));
      assert_true (g_error_matches (error, EA_CORE_ERROR, EA_CORE_ERROR_SECURITY));
      sim_smsr_give_up (((Fixture *) *state)->smsr);
      assert_reply (*state, "error timeout: waiting for proof of receipt of counter 1");
    }
  start_file (*state, "");
  assert_int_equal (open_packet (*state).counter, 1);
}

static void
test_without_a_proof_the_operation_ends_with_the_delivery (void **state)
{
  Fixture *fixture = *state;
  SimScp80Command command;

  start_file (fixture, " --spi 1600");
  assert_int_equal (sim_smsr_get_wait (fixture->smsr), 0);
  command = open_packet (fixture);
  assert_reply (fixture, "ok packets=1 counter=1 proof=none");

  start_file (fixture, " --spi 1600");
  g_bytes_unref (sim_smsr_pull_tpdu (fixture->smsr));
  command.counter = 2;
  answer (fixture, &command, 0x00, EID_RESPONSE);
  assert_reply (fixture, "error proof of receipt: none was wanted");
}

static void
test_a_proof_for_errors_only_is_waited_for_and_not_missed (void **state)
{
  Fixture *fixture = *state;
  SimScp80Command command;

  start_file (fixture, " --spi 163A");
  (void) open_packet (fixture);
  assert_int_equal (sim_smsr_get_wait (fixture->smsr), 5);
  sim_smsr_give_up (fixture->smsr);
  assert_reply (fixture, "ok packets=1 counter=1 proof=none");

  start_file (fixture, " --spi 163A --counter 1 --wait 3");
  command = open_packet (fixture);
  assert_int_equal (sim_smsr_get_wait (fixture->smsr), 3);
  answer (fixture, &command, 0x02, "");
  assert_reply (fixture, "error status 02: the counter is low");
}

/* (transfer full): the four messages of thirty commands */
static GPtrArray *
pull_in_order (Fixture *fixture, const char *order)
{
  g_autofree char *options = g_strconcat ("--generate 30 --spi 1600", order, NULL);
  GPtrArray *tpdus;

  start (fixture, options);
  tpdus = pull_all (fixture);
  g_free (sim_smsr_pull_reply (fixture->smsr));
  assert_int_equal (tpdus->len, 4);
  return tpdus;
}

static SimSms
parse (GPtrArray *tpdus, guint i)
{
  SimSms sms = { 0 };

  assert_true (
      sim_sms_parse_deliver (&sms, ea_span_from_bytes (g_ptr_array_index (tpdus, i)), NULL));
  return sms;
}

static void
test_segments_go_in_the_order_that_was_chosen (void **state)
{
  g_autoptr (GPtrArray) kept = pull_in_order (*state, "");
  g_autoptr (GPtrArray) reversed = pull_in_order (*state, " --order reverse");
  g_autoptr (GPtrArray) shuffled = pull_in_order (*state, " --order shuffle:7");
  g_autoptr (GPtrArray) again = pull_in_order (*state, " --order shuffle:7");
  guint n_moved = 0;
  guint sum = 0;

  for (guint i = 0; i < 4; i++)
    {
      guint index = parse (shuffled, i).index;

      assert_int_equal (parse (kept, i).index, i + 1);
      assert_int_equal (parse (reversed, i).index, 4 - i);
      assert_int_equal (parse (reversed, i).packet, i == 3 ? SIM_SMS_PACKET_COMMAND : 0);
      assert_int_equal (parse (again, i).index, index);
      n_moved += index == i + 1 ? 0 : 1;
      sum += 1u << index;
    }
  assert_true (n_moved > 0);
  assert_int_equal (sum, 0x1E);
}

/* (transfer full): 9000 for each of up to 60 commands, as many as fit into 255 octets */
static char *
make_good_script (guint n_commands)
{
  guint size = 3 + 4 * n_commands;
  GString *script = g_string_new (NULL);

  g_string_printf (script, size < 0x80 ? "ab%02x8001%02x" : "ab81%02x8001%02x", size, n_commands);
  for (guint i = 0; i < n_commands; i++)
    g_string_append (script, "23029000");
  return g_string_free (script, FALSE);
}

static void
answer_well (Fixture *fixture, const SimScp80Command *command, guint n_commands)
{
  g_autofree char *script = make_good_script (n_commands);

  answer (fixture, command, 0x00, script);
}

static void
test_a_long_proof_is_read_in_whatever_order_its_segments_come (void **state)
{
  SimScp80Command command;

  start (*state, "--generate 60");
  command = open_packet (*state);
  answer_well (*state, &command, 60);
  assert_reply (*state, "ok packets=1 counter=1 status=00 executed=60 sw="
                        "9000,9000,9000,9000,9000,9000,9000,9000,9000,9000,"
                        "9000,9000,9000,9000,9000,9000,9000,9000,9000,9000,"
                        "9000,9000,9000,9000,9000,9000,9000,9000,9000,9000,"
                        "9000,9000,9000,9000,9000,9000,9000,9000,9000,9000,"
                        "9000,9000,9000,9000,9000,9000,9000,9000,9000,9000,"
                        "9000,9000,9000,9000,9000,9000,9000,9000,9000,9000 numbers=1-60");
}

static void
test_commands_that_were_left_out_are_missed (void **state)
{
  SimScp80Command command;

  start (*state, "--generate 3");
  command = open_packet (*state);
  answer_well (*state, &command, 2);
  assert_reply (*state, "error 2 of 3 commands were answered, and none has failed");
}

static void
test_a_proof_that_comes_again_is_not_the_next_operations (void **state)
{
  SimScp80Command first;
  SimScp80Command second;

  start_file (*state, "");
  first = open_packet (*state);
  answer (*state, &first, 0x0A, "");
  assert_reply (*state, "error status 0A: insufficient security level");
  start_file (*state, " --spi 1621");
  second = open_packet (*state);
  answer (*state, &first, 0x0A, "");
  assert_null (sim_smsr_pull_reply (((Fixture *) *state)->smsr));
  assert_proven (*state, &second);
}

static void
test_an_interrupted_script_tells_where (void **state)
{
  SimScp80Command command;

  start (*state, "--generate 3");
  command = open_packet (*state);
  answer (*state, &command, 0x00, "ab0b800102 23029000 23026ff1");
  assert_reply (*state, "error interrupted at command 2 of 3 sw=9000,6FF1");
}

static void
test_generated_commands_have_numbers_of_their_own (void **state)
{
  g_autoptr (GBytes) first = sim_smsr_generate_script (1, 2, 4, SIM_SMSR_FORMAT_DEFINITE);
  g_autoptr (GBytes) long_one
      = sim_smsr_generate_script (0x01020304, 1, 249, SIM_SMSR_FORMAT_DEFINITE);
  g_autoptr (GBytes) head = cut (long_one, 23);
  SimScp80Command command;

  assert_bytes (first,
                "aa20 220e 80e28800 09 3a0706 a304 00000001 220e 80e28800 09 3a0706 a304 00000002");
  assert_bytes (head, "aa82 0108 2282 0104 80e28800 ff 3a07fc a381f9 01020304");
  assert_int_equal (g_bytes_get_size (long_one), 268);
  start (*state, "--generate 2");
  command = open_packet (*state);
  answer_well (*state, &command, 2);
  assert_reply (*state, "ok packets=1 counter=1 status=00 executed=2 sw=9000,9000 numbers=1-2");
  start (*state, "--generate 1,8");
  command = open_packet (*state);
  answer_well (*state, &command, 1);
  assert_reply (*state, "ok packets=1 counter=2 status=00 executed=1 sw=9000 numbers=3-3");
}

static void
test_a_repetition_has_the_same_messages_and_the_same_words (void **state)
{
  static const char *const repeat[] = { "repeat", NULL };
  static const char *const changed[] = { "repeat", "--counter", "9", NULL };
  Fixture *fixture = *state;
  g_autoptr (GPtrArray) first = NULL;
  g_autoptr (GPtrArray) second = NULL;
  SimScp80Command command = make_command (1);

  assert_false (sim_smsr_start (fixture->smsr, repeat, NULL));
  start (fixture, "--generate 9 --order reverse");
  first = pull_all (fixture);
  sim_smsr_give_up (fixture->smsr);
  assert_reply (fixture, "error timeout: waiting for proof of receipt of counter 1");
  assert_false (sim_smsr_start (fixture->smsr, changed, NULL));

  assert_true (sim_smsr_start (fixture->smsr, repeat, NULL));
  second = pull_all (fixture);
  answer_well (fixture, &command, 9);
  assert_reply (fixture, "ok packets=1 counter=1 status=00 executed=9 "
                         "sw=9000,9000,9000,9000,9000,9000,9000,9000,9000 numbers=1-9");
  assert_true (sim_smsr_start (fixture->smsr, repeat, NULL));
  answer (fixture, &command, 0x02, "");
  assert_reply (fixture, "error status 02: the counter is low");

  assert_int_equal (first->len, 2);
  assert_int_equal (second->len, 2);
  for (guint i = 0; i < first->len; i++)
    assert_true (g_bytes_equal (first->pdata[i], second->pdata[i]));
}

static void
test_options_that_do_not_fit_are_explained (void **state)
{
  static const char *const wrong[][2] = {
    { "send-script", "send-script needs a file or --generate" },
    { "send-script x --generate 1", "send-script needs a file or --generate" },
    { "audit --generate 1", "audit generates nothing" },
    { "send-script x --spi 1339", "--spi needs four hexadecimal digits that TS 102 225 knows, "
                                  "without digital signatures" },
    { "send-script x --spi 163B", "--spi needs four hexadecimal digits that TS 102 225 knows, "
                                  "without digital signatures" },
    { "send-script x --key-set 16", "--key-set needs a number from 1 to 15" },
    { "send-script x --tar 1", "--tar needs six hexadecimal digits" },
    { "send-script x --counter 0x10000000000", "--counter needs a number of five octets" },
    { "send-script x --order sideways", "--order needs reverse or shuffle:SEED" },
    { "send-script x --wait 0", "--wait needs a number of seconds" },
    { "send-script --generate 0", "--generate needs 1 to 255 commands, and 4 to 249 octets for "
                                  "each: N[,SIZE]" },
    { "send-script --generate 1,3", "--generate needs 1 to 255 commands, and 4 to 249 octets for "
                                    "each: N[,SIZE]" },
    { "send-script --generate", "--generate needs 1 to 255 commands, and 4 to 249 octets for "
                                "each: N[,SIZE]" },
    { "send-script --generate 255 --via sms",
      "A script of 4084 octets is too long for short messages" },
    { "send-script x --corrupt=1", "'--corrupt=1' is too much" },
    { "send-script x --corrupt --spi 0021", "--corrupt needs a checksum in the packet" },
    { "send-script x --via bip-https --counter 1", "bip-https takes no options of short messages" },
    { "audit --via bip-https --no-trigger", "bip-https takes no options of the agent's sessions" },
    { "audit --await-notification", "sms takes no options of the agent's sessions" },
    { "audit --pauses 1", "sms takes no options of the agent's sessions" },
    { "audit --via https --pauses 0", "--pauses needs a number from 1 to 1000" },
    { "audit --via https --retries 1001", "--retries needs a number from 1 to 1000" },
    { "audit --via bip-https --retries 1", "bip-https takes no options of the agent's sessions" },
    { "audit --via https --unanswered", "audit has to be answered" },
    { "send-script --generate 1 --via bip-https --unanswered",
      "bip-https takes no options of the agent's sessions" },
    { "audit --via https --segments 1", "audit has no segments" },
    { "download-profile x --via bip-https --segments 1",
      "bip-https takes no options of the agent's sessions" },
    { "audit --host a", "sms takes no options of the agent's sessions" },
    { "audit --via https --host", "--host needs a name of at most 255 octets" },
    { "audit --via https --host a", "There is no name server: --host can't be used" },
    { "audit --via https --no-trigger --host a", "--no-trigger leaves no packet to be changed" },
    { "audit --via https --spi 1639", "https takes no options of short messages" },
    { "audit --via https --wait 1", "https takes no options of short messages" },
    { "audit --via https --no-trigger --key-set 2", "--no-trigger leaves no packet to be changed" },
    { "push-cat-tp --via https", "push-cat-tp opens a channel of its own kind" },
    { "repeat --via bip-https", "repeat is for short messages only" },
    { "repeat --corrupt", "repeat changes nothing" },
  };
  Fixture *fixture = *state;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (GStrv) arguments = g_strsplit (wrong[i][0], " ", -1);
      g_autoptr (GError) error = NULL;

      assert_false (sim_smsr_start (fixture->smsr, (const char *const *) arguments, &error));
      assert_string_equal (error->message, wrong[i][1]);
    }
}

#define options_test(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    options_test (test_every_security_of_commands_and_proofs_is_spoken),
    options_test (test_a_packet_with_a_redundancy_check_has_the_known_bytes),
    options_test (test_key_set_application_and_counter_are_as_ordered),
    options_test (test_the_own_counter_follows_what_was_accepted_only),
    options_test (test_a_corrupt_packet_fails_its_check_and_uses_no_counter),
    options_test (test_without_a_proof_the_operation_ends_with_the_delivery),
    options_test (test_a_proof_for_errors_only_is_waited_for_and_not_missed),
    options_test (test_segments_go_in_the_order_that_was_chosen),
    options_test (test_a_long_proof_is_read_in_whatever_order_its_segments_come),
    options_test (test_commands_that_were_left_out_are_missed),
    options_test (test_a_proof_that_comes_again_is_not_the_next_operations),
    options_test (test_an_interrupted_script_tells_where),
    options_test (test_generated_commands_have_numbers_of_their_own),
    options_test (test_a_repetition_has_the_same_messages_and_the_same_words),
    options_test (test_options_that_do_not_fit_are_explained),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
