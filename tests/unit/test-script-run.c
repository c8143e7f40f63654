/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Scripts that are carried out (agent/core/script-run.h) against TS 102 226 §5: answers that other
 * implementations give, in rows of tests/vectors or live, and others by hand from the tables of the standard.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/script-run.h"
#include "helpers.h"
#include "script-run-rig.h"
#include "vectors.h"

/**
 * Run:
 * @responses: R-APDUs in the order of the commands, divided by "|"; none for a command that is never reached
 * @commands: those that come out, each with "|" after it
 * @answer: the response script
 */
typedef struct
{
  const char *script;
  const char *responses;
  const char *commands;
  const char *answer;
  gboolean has_failed;
} Run;

static const Run good_runs[] = {
  /* pySim: compact SELECT, and rows pysim-exp-cmd-1 and pysim-exp-resp-sw */
  { "00A40004023F00", "612F", "00A40004023F00|", "01612F", FALSE },
  { "AA0A220880F24002024F0000", "6132", "80F24002024F0000|", "AB0780010123026132", FALSE },
  /* rows anttro-aa-1 and anttro-ab-1; with the comprehension bit anttro-aa-cr and anttro-ab-cr */
  { "AA07220580CAFF2100", "019000", "80CAFF2100|", "AB088001012303019000", FALSE },
  { "AA07A20580CA004500", "9000", "80CA004500|", "AB07800101A3029000", FALSE },
  /* by hand */
  { "00A40004023F0000C0000010", "612F|AABB9000", "00A40004023F00|00C0000010|", "029000AABB",
    FALSE },
  { "00A40004023F0080F2000C", "AABB9000|9110", "00A40004023F00|80F2000C|", "029110", FALSE },
  { "AE80" GET_DATA_OBJECT "A20580CA0045000000", "019000|9110", GET_DATA "|80CA004500|",
    "AF802303019000A30291100000", FALSE },
  { "AA1C" GET_DATA_OBJECT GET_DATA_OBJECT GET_DATA_OBJECT GET_DATA_OBJECT, "006282|63C2|9862|6110",
    GET_DATA "|" GET_DATA "|" GET_DATA "|" GET_DATA "|",
    "AB148001042303006282230263C22302986223026110", FALSE },
  { "AA0D" GET_DATA_OBJECT "220480CA0085", "9000|9000", GET_DATA "|80CA0085|",
    "AB0B8001022302900023029000", FALSE },
  { "AA00", "", "", "AB03800100", FALSE },
  { "AE800000", "", "", "AF800000", FALSE },
  /* rows anttro-ea-2 (an error action alone) and, by hand, an empty one */
  { "AA0F820D0103012101020281820D022852", "", "", "AB03800100", FALSE },
  { "AA098200" GET_DATA_OBJECT, "9000", GET_DATA "|", "AB0780010123029000", FALSE },
};

static const Run failing_runs[] = {
  /* otaman, live over HTTPS */
  { "AE80" GET_DATA_OBJECT "0000", "6A88", GET_DATA "|", "AF8023026A880000", TRUE },
  /* status words by hand */
  { "AA15" GET_DATA_OBJECT GET_DATA_OBJECT GET_DATA_OBJECT, "9000|6A82", GET_DATA "|" GET_DATA "|",
    "AB0B8001022302900023026A82", TRUE },
  { "AA0E" GET_DATA_OBJECT GET_DATA_OBJECT, "AABB62F1", GET_DATA "|", "AB098001012304AABB62F1",
    TRUE },
  { "AA098200" GET_DATA_OBJECT, "6F00", GET_DATA "|", "AB0780010123026F00", TRUE },
  { "00A40004023F0080F2000C", "6A82", "00A40004023F00|", "016A82", TRUE },
  /* bad format: row anttro-ab-bad, then by hand from table 5.12 */
  { "AA80", "", "", "AB06800100900102", TRUE },
  { "AB0780010123026132", "", "", "AB06800100900101", TRUE },
  { "AF80230290000000", "", "", "AF809001010000", TRUE },
  { "AE02", "", "", "AF809001020000", TRUE },
  { "AA0000", "", "", "AB06800100900102", TRUE },
  { "AE80000000", "", "", "AF809001020000", TRUE },
  { "AA09" GET_DATA_OBJECT "2500", "9000", GET_DATA "|", "AB0A80010123029000900101", TRUE },
  { "AE80" GET_DATA_OBJECT "25000000", "9000", GET_DATA "|", "AF80230290009001010000", TRUE },
  { "AE80" GET_DATA_OBJECT, "9000", GET_DATA "|", "AF80230290009001030000", TRUE },
  { "AA08" GET_DATA_OBJECT "22", "9000", GET_DATA "|", "AB0A80010123029000900103", TRUE },
  { "AA0A" GET_DATA_OBJECT "830101", "9000", GET_DATA "|", "AB0A80010123029000900102", TRUE },
  { "AE8084030102030000", "", "", "AF809001010000", TRUE },
  /* immediate actions: rows anttro-ia-ref, anttro-ia-1 and anttro-ia-tone, then by hand from table 5.14 */
  { "AA03810105", "", "", "AB06800100810101", TRUE },
  { "AA0E8101818109810301010482028182", "", "", "AB06800100810101", TRUE },
  { "AA0E810C8103012001820281828E0101", "", "", "AB06800100810101", TRUE },
  { "AE80810182" GET_DATA_OBJECT "0000", "", "", "AF808101010000", TRUE },
  /* compact commands that are cut off */
  { "00A400", "", "", "016700", TRUE },
  { "00A40004023F0080F240", "AA9000", "00A40004023F00|", "026700", TRUE },
};

/* A run with what came out of it. */
typedef struct
{
  EaScriptRun run;
  char **responses;
  guint n_responses;
  GString *commands;
  GByteArray *answer;
} Rig;

static void
rig_init (Rig *rig, const char *responses)
{
  *rig = (Rig){ .responses = g_strsplit (responses, "|", -1),
                .commands = g_string_new (NULL),
                .answer = g_byte_array_new () };
  ea_script_run_init (&rig->run);
}

static void
rig_clear (Rig *rig)
{
  ea_script_run_clear (&rig->run);
  g_strfreev (rig->responses);
  g_string_free (rig->commands, TRUE);
  g_byte_array_unref (rig->answer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rig, rig_clear)

static void
pull_answer (Rig *rig)
{
  g_autoptr (GBytes) bytes = NULL;

  while ((bytes = ea_script_run_pull (&rig->run)) != NULL)
    {
      EaSpan span = ea_span_from_bytes (bytes);

      assert_true (span.size > 0);
      g_byte_array_append (rig->answer, span.data, (guint) span.size);
      g_clear_pointer (&bytes, g_bytes_unref);
    }
}

/* Answers the commands that wait; one for which there is no response is interrupted. */
static void
answer_commands (Rig *rig)
{
  EaSpan command;

  while (ea_script_run_pull_command (&rig->run, &command))
    {
      const char *hex = rig->responses[rig->n_responses];
      g_autoptr (GBytes) response = hex != NULL ? bytes_of (hex) : NULL;

      ea_span_append_hex (command, rig->commands);
      g_string_append_c (rig->commands, '|');
      if (response == NULL)
        {
          ea_script_run_interrupt (&rig->run);
          continue;
        }
      rig->n_responses++;
      ea_script_run_push_response (&rig->run, ea_span_from_bytes (response));
      pull_answer (rig);
    }
}

static void
feed (Rig *rig, EaSpan piece)
{
  ea_script_run_feed (&rig->run, piece);
  answer_commands (rig);
  pull_answer (rig);
}

static void
end (Rig *rig)
{
  ea_script_run_end (&rig->run);
  answer_commands (rig);
  pull_answer (rig);
}

static void
feed_hex (Rig *rig, const char *hex)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);

  feed (rig, ea_span_from_bytes (bytes));
}

static void
assert_answer (const Rig *rig, const char *hex)
{
  assert_true (ea_script_run_is_ended (&rig->run));
  assert_span_is (ea_span_from_array (rig->answer), hex);
}

static void
check_run (const Run *run, EaSpan script, gsize cut)
{
  g_auto (Rig) rig = { 0 };

  rig_init (&rig, run->responses);
  feed (&rig, ea_span_head (script, cut));
  feed (&rig, ea_span_tail (script, cut));
  end (&rig);

  assert_string_equal (rig.commands->str, run->commands);
  assert_answer (&rig, run->answer);
  assert_int_equal (ea_script_run_has_failed (&rig.run), run->has_failed);
  assert_int_equal (ea_script_run_count_commands (&rig.run), rig.n_responses);
}

static void
check_runs (const Run *runs, gsize n_runs)
{
  for (gsize i = 0; i < n_runs; i++)
    {
      g_autoptr (GBytes) script = bytes_of (runs[i].script);

      for (gsize cut = 0; cut <= g_bytes_get_size (script); cut++)
        check_run (&runs[i], ea_span_from_bytes (script), cut);
    }
}

static void
test_script_in_two_pieces_cut_anywhere_is_carried_out (void **state)
{
  check_runs (good_runs, G_N_ELEMENTS (good_runs));
}

static void
test_script_ends_where_it_fails_wherever_it_is_cut (void **state)
{
  check_runs (failing_runs, G_N_ELEMENTS (failing_runs));
}

static void
check_vector (const Vector *vector)
{
  JsonArray *commands = json_object_get_array_member (vector->expected, "c_apdus");
  g_autoptr (GString) expected = g_string_new (NULL);
  g_auto (Rig) rig = { 0 };

  for (guint i = 0; i < json_array_get_length (commands); i++)
    g_string_append_printf (expected, "%s|", json_array_get_string_element (commands, i));
  (void) g_string_ascii_up (expected);

  rig_init (&rig, "9000|9000|9000|9000|9000|9000|9000|9000");
  feed (&rig, ea_span_from_bytes (vector->bytes));
  end (&rig);

  vector_assert_string (vector, "commands", rig.commands->str, expected->str);
  vector_assert (vector, !ea_script_run_has_failed (&rig.run), "script ends well");
}

static void
check_vectors (const char *file)
{
  g_autoptr (GPtrArray) rows = vectors_load (file);
  guint n_checked = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const Vector *row = g_ptr_array_index (rows, i);

      if (!json_object_has_member (row->expected, "c_apdus"))
        continue;
      check_vector (row);
      n_checked++;
    }
  assert_true (n_checked > 0);
  vectors_report (file, n_checked, rows->len, "no C-APDUs");
}

static void
test_scripts_of_others_are_carried_out (void **state)
{
  check_vectors ("expanded-script.tsv");
  check_vectors ("more-expanded-script.tsv");
}

/* What is cut off runs the commands that it has, and is answered in the format of the script. A compact script may be
 * a shorter one then. */
static void
check_truncation (EaSpan script, gpointer user_data)
{
  const Run *run = user_data;
  g_auto (Rig) rig = { 0 };
  EaScriptResponse response;
  EaScript parsed;
  EaSpan answer;

  rig_init (&rig, run->responses);
  feed (&rig, script);
  assert_false (ea_script_run_is_ended (&rig.run));
  end (&rig);

  assert_true (ea_script_run_is_ended (&rig.run));
  answer = ea_span_from_array (rig.answer);
  if (script.size == 0)
    {
      assert_int_equal (answer.size, 0);
      return;
    }
  assert_int_equal (ea_script_run_has_failed (&rig.run), !ea_script_parse (&parsed, script, NULL));
  assert_true (ea_script_parse_response (&response, answer, NULL));
  if (response.format == EA_SCRIPT_FORMAT_COMPACT)
    return;
  assert_true (g_str_has_prefix (run->commands, rig.commands->str));
  if (response.format == EA_SCRIPT_FORMAT_INDEFINITE)
    assert_span_is (ea_span_tail (answer, answer.size - 5), "9001030000");
  else
    assert_span_is (ea_span_tail (answer, answer.size - 3), "900103");
}

static void
test_every_truncation_of_a_script_is_answered (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good_runs); i++)
    {
      g_autoptr (GBytes) script = bytes_of (good_runs[i].script);

      parse_truncations (ea_span_from_bytes (script), check_truncation, (gpointer) &good_runs[i]);
    }
}

static void
test_interrupted_command_ends_the_script (void **state)
{
  static const struct
  {
    const char *responses;
    const char *answer;
  } runs[] = {
    { "", "AB0780010123026FF1" },
    { "9000", "AB0B8001022302900023026FF1" },
    { "9000|AA9000", "AB10800103230290002303AA900023026FF1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_auto (Rig) rig = { 0 };

      rig_init (&rig, runs[i].responses);
      g_clear_pointer (&rig.responses[i], g_free);
      feed_hex (&rig, "AA15" GET_DATA_OBJECT GET_DATA_OBJECT GET_DATA_OBJECT);

      assert_answer (&rig, runs[i].answer);
      assert_true (ea_script_run_has_failed (&rig.run));
      assert_int_equal (ea_script_run_count_commands (&rig.run), i + 1);
    }
}

static void
test_interrupted_command_ends_a_compact_script (void **state)
{
  g_auto (Rig) rig = { 0 };

  rig_init (&rig, "AA9000");
  feed_hex (&rig, "00A40004023F0000A40004023F00");
  end (&rig);

  assert_answer (&rig, "026FF1");
}

static void
test_response_without_a_status_word_is_an_interruption (void **state)
{
  g_auto (Rig) rig = { 0 };

  rig_init (&rig, "90");
  feed_hex (&rig, "AE80" GET_DATA_OBJECT GET_DATA_OBJECT "0000");

  assert_answer (&rig, "AF8023026FF10000");
  assert_true (ea_script_run_has_failed (&rig.run));
}

static void
test_command_waits_until_it_is_answered (void **state)
{
  g_autoptr (GBytes) start = bytes_of ("AE80" GET_DATA_OBJECT);
  g_autoptr (GBytes) more = bytes_of ("220580CA0045000000");
  g_auto (EaScriptRun) run = { 0 };
  EaSpan command = EA_SPAN_EMPTY;

  ea_script_run_init (&run);
  assert_false (ea_script_run_pull_command (&run, &command));
  ea_script_run_feed (&run, ea_span_from_bytes (start));
  assert_true (ea_script_run_pull_command (&run, &command));
  ea_script_run_feed (&run, ea_span_from_bytes (more));
  ea_script_run_end (&run);

  assert_span_is (command, GET_DATA);
  assert_true (ea_script_run_pull_command (&run, &command));
  assert_span_is (command, GET_DATA);
  assert_int_equal (ea_script_run_count_commands (&run), 0);
  assert_false (ea_script_run_is_ended (&run));
}

static void
test_response_of_indefinite_length_goes_out_as_it_comes (void **state)
{
  g_autoptr (GBytes) script = bytes_of ("AE80" GET_DATA_OBJECT GET_DATA_OBJECT "0000");
  g_auto (EaScriptRun) run = { 0 };

  ea_script_run_init (&run);
  assert_pulled (&run, NULL);
  ea_script_run_feed (&run, ea_span_from_bytes (script));
  ea_script_run_end (&run);
  assert_pulled (&run, NULL);
  push_response (&run, "AA9000");
  assert_pulled (&run, "AF802303AA9000");
  assert_pulled (&run, NULL);
  push_response (&run, "9000");
  assert_pulled (&run, "230290000000");
  assert_pulled (&run, NULL);
}

static void
test_response_of_definite_length_waits_for_its_end (void **state)
{
  g_autoptr (GBytes) script = bytes_of ("AA0E" GET_DATA_OBJECT GET_DATA_OBJECT);
  g_auto (EaScriptRun) run = { 0 };

  ea_script_run_init (&run);
  ea_script_run_feed (&run, ea_span_from_bytes (script));
  push_response (&run, "9000");
  push_response (&run, "9000");
  assert_pulled (&run, NULL);
  assert_false (ea_script_run_is_ended (&run));
  ea_script_run_end (&run);
  assert_true (ea_script_run_is_ended (&run));
  assert_pulled (&run, "AB0B8001022302900023029000");
}

static void
test_script_without_a_byte_has_no_answer (void **state)
{
  g_auto (EaScriptRun) run = { 0 };

  ea_script_run_init (&run);
  ea_script_run_feed (&run, EA_SPAN_EMPTY);
  assert_false (ea_script_run_is_ended (&run));
  ea_script_run_end (&run);

  assert_true (ea_script_run_is_ended (&run));
  assert_false (ea_script_run_has_failed (&run));
  assert_pulled (&run, NULL);
}

static void
test_what_follows_a_failure_is_not_looked_at (void **state)
{
  g_auto (Rig) rig = { 0 };

  rig_init (&rig, "6A82|9000");
  feed_hex (&rig, "AE80" GET_DATA_OBJECT);
  feed_hex (&rig, GET_DATA_OBJECT "0000");
  end (&rig);

  assert_answer (&rig, "AF8023026A820000");
  assert_string_equal (rig.commands->str, GET_DATA "|");
  assert_int_equal (rig.run.input->len, 0);
}

/* A script that was stopped by a restart is fed again, and what its commands were answered is pushed again. */
static void
test_script_and_responses_again_give_the_same_answer (void **state)
{
  static const char script[] = "AA15" GET_DATA_OBJECT GET_DATA_OBJECT GET_DATA_OBJECT;
  g_auto (Rig) stopped = { 0 };
  g_auto (Rig) again = { 0 };

  rig_init (&stopped, "AA9000|9000");
  rig_init (&again, "AA9000|9000|6A88");
  feed_hex (&stopped, script);
  for (const char *digits = script; *digits != '\0'; digits += 2)
    {
      g_autofree char *octet = g_strndup (digits, 2);

      feed_hex (&again, octet);
    }

  assert_answer (&stopped, "AB108001032303AA90002302900023026FF1");
  assert_answer (&again, "AB108001032303AA90002302900023026A88");
}

static void
test_chained_script_waits_until_it_is_accepted (void **state)
{
  g_auto (EaScriptRun) run = { 0 };
  guint8 value = 0;
  EaSpan command;

  start_script (&run, "AA0A8301");
  assert_false (ea_script_run_get_chaining (&run, &value));
  ea_script_run_clear (&run);

  start_script (&run, "AA0A830111" GET_DATA_OBJECT);
  assert_true (ea_script_run_get_chaining (&run, &value));
  assert_int_equal (value, EA_SCRIPT_CHAINING_FIRST_KEPT);
  assert_true (ea_script_run_wants_chaining (&run));
  ea_script_run_end (&run);
  assert_false (ea_script_run_pull_command (&run, &command));

  ea_script_run_accept_chaining (&run);
  assert_false (ea_script_run_wants_chaining (&run));
  assert_true (ea_script_run_get_chaining (&run, &value));
  assert_true (ea_script_run_pull_command (&run, &command));
  assert_span_is (command, GET_DATA);
  push_response (&run, "9000");
  assert_true (ea_script_run_is_ended (&run));
  assert_pulled (&run, "AB0780010123029000");
}

/* TS 102 226 table 5.16 */
static void
test_chained_script_that_is_refused_is_answered (void **state)
{
  static const struct
  {
    const char *script;
    guint8 answer;
    const char *response;
  } refusals[] = {
    { "AA0A830102" GET_DATA_OBJECT, EA_SCRIPT_CHAINING_NO_PREVIOUS, "AB06800100830101" },
    { "AA0A830101" GET_DATA_OBJECT, EA_SCRIPT_CHAINING_NOT_SUPPORTED, "AB06800100830102" },
    { "AE80830103" GET_DATA_OBJECT "0000", EA_SCRIPT_CHAINING_UNABLE, "AF808301030000" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_auto (EaScriptRun) run = { 0 };
      EaSpan command;

      start_script (&run, refusals[i].script);
      ea_script_run_refuse_chaining (&run, refusals[i].answer);

      assert_true (ea_script_run_is_ended (&run));
      assert_true (ea_script_run_has_failed (&run));
      assert_false (ea_script_run_pull_command (&run, &command));
      assert_pulled (&run, refusals[i].response);
    }
}

static void
test_script_without_chaining_tells_none (void **state)
{
  g_auto (EaScriptRun) run = { 0 };
  guint8 value = 0xA5;

  start_script (&run, "AA07" GET_DATA_OBJECT);

  assert_false (ea_script_run_get_chaining (&run, &value));
  assert_false (ea_script_run_wants_chaining (&run));
  assert_int_equal (value, 0xA5);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_script_in_two_pieces_cut_anywhere_is_carried_out),
    cmocka_unit_test (test_script_ends_where_it_fails_wherever_it_is_cut),
    cmocka_unit_test (test_scripts_of_others_are_carried_out),
    cmocka_unit_test (test_every_truncation_of_a_script_is_answered),
    cmocka_unit_test (test_interrupted_command_ends_the_script),
    cmocka_unit_test (test_interrupted_command_ends_a_compact_script),
    cmocka_unit_test (test_response_without_a_status_word_is_an_interruption),
    cmocka_unit_test (test_command_waits_until_it_is_answered),
    cmocka_unit_test (test_response_of_indefinite_length_goes_out_as_it_comes),
    cmocka_unit_test (test_response_of_definite_length_waits_for_its_end),
    cmocka_unit_test (test_script_without_a_byte_has_no_answer),
    cmocka_unit_test (test_what_follows_a_failure_is_not_looked_at),
    cmocka_unit_test (test_script_and_responses_again_give_the_same_answer),
    cmocka_unit_test (test_chained_script_waits_until_it_is_accepted),
    cmocka_unit_test (test_chained_script_that_is_refused_is_answered),
    cmocka_unit_test (test_script_without_chaining_tells_none),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
