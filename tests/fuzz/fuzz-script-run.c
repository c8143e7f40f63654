/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A script that is carried out (agent/core/script-run.h) has as many answers as commands, and the same ones
 * wherever it is cut, and when they go out one by one. The first byte of the input seeds the cuts and the status words,
 * the others are the script.
 */

#include "core/script-run.h"

#include "fuzz.h"

#define PIECE_MAX 16
#define ERROR_ONE_IN 8 /* commands that fail */
#define CHAINING_REFUSED_ONE_IN 4

/* xorshift: an input always has the same cuts */
static guint32
next (guint32 *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

/* What came out of a run with @flags. */
typedef struct
{
  EaScriptRunFlags flags;
  GByteArray *commands;
  GByteArray *answer;
  guint n_commands;
  gboolean has_failed;
  EaScriptFormat format;
  EaScriptRunEnd end;
} Outcome;

static void
outcome_init (Outcome *outcome, EaScriptRunFlags flags)
{
  *outcome = (Outcome){
    .flags = flags,
    .commands = g_byte_array_new (),
    .answer = g_byte_array_new (),
  };
}

static void
outcome_clear (Outcome *outcome)
{
  g_byte_array_unref (outcome->commands);
  g_byte_array_unref (outcome->answer);
}

static void
answer_command (EaScriptRun *run, Outcome *outcome, EaSpan command, guint32 *state)
{
  static const guint8 good[] = { 0xAA, 0x90, 0x00 };
  static const guint8 bad[] = { 0x6A, 0x82 };
  EaSpan same;

  FUZZ_CLAIM (command.size <= EA_APDU_SIZE_MAX);
  FUZZ_CLAIM (ea_script_run_pull_command (run, &same) && same.data == command.data);
  g_byte_array_append (outcome->commands, command.data, (guint) command.size);
  outcome->n_commands++;
  if (next (state) % ERROR_ONE_IN > 0)
    ea_script_run_push_response (run, EA_SPAN_OF_ARRAY (good));
  else if (next (state) % 2 == 0)
    ea_script_run_push_response (run, EA_SPAN_OF_ARRAY (bad));
  else
    ea_script_run_interrupt (run);
  FUZZ_CLAIM (ea_script_run_count_commands (run) == outcome->n_commands);
}

static void
answer_sealed (EaScriptRun *run, Outcome *outcome, EaSpan object, guint32 *state)
{
  static const guint8 good[] = { 0x86, 0x81, 0x01, 0xAA };
  static const guint8 bad[] = { 0x9F, 0x86, 0x00 };

  FUZZ_CLAIM (ea_span_equal (ea_script_run_get_object (run), object));
  g_byte_array_append (outcome->commands, object.data, (guint) object.size);
  outcome->n_commands++;
  if (next (state) % ERROR_ONE_IN > 0)
    ea_script_run_push_sealed (run, EA_SPAN_OF_ARRAY (good));
  else
    ea_script_run_push_sealed (run, EA_SPAN_OF_ARRAY (bad));
}

/* Returns: FALSE when nothing waits */
static gboolean
answer_next (EaScriptRun *run, Outcome *outcome, guint32 *state)
{
  EaSpan command;

  if (ea_script_run_pull_command (run, &command))
    answer_command (run, outcome, command, state);
  else if (ea_script_run_pull_sealed (run, &command))
    answer_sealed (run, outcome, command, state);
  else
    return FALSE;
  return TRUE;
}

static void
answer_chaining (EaScriptRun *run, guint32 *state)
{
  guint8 value;

  FUZZ_CLAIM (ea_script_run_get_chaining (run, &value));
  if (next (state) % CHAINING_REFUSED_ONE_IN > 0)
    ea_script_run_accept_chaining (run);
  else
    ea_script_run_refuse_chaining (run, EA_SCRIPT_CHAINING_NO_PREVIOUS);
}

static void
pump (EaScriptRun *run, Outcome *outcome, guint32 *state)
{
  g_autoptr (GBytes) bytes = NULL;

  if (ea_script_run_wants_chaining (run))
    answer_chaining (run, state);
  while (answer_next (run, outcome, state))
    ;
  bytes = ea_script_run_pull (run);
  if (bytes != NULL)
    g_byte_array_append (outcome->answer, g_bytes_get_data (bytes, NULL),
                         (guint) g_bytes_get_size (bytes));
}

/* The answers have the same @seed however the script is cut. */
static void
carry_out (EaSpan script, guint32 seed, gboolean is_cut, Outcome *outcome)
{
  g_auto (EaScriptRun) run = { 0 };
  guint32 answers = seed;
  guint32 cuts = seed;

  ea_script_run_init (&run);
  ea_script_run_set_flags (&run, outcome->flags);
  for (EaSpan rest = script; rest.size > 0;)
    {
      EaSpan piece = is_cut ? ea_span_head (rest, 1 + next (&cuts) % PIECE_MAX) : rest;

      rest = ea_span_tail (rest, piece.size);
      ea_script_run_feed (&run, piece);
      pump (&run, outcome, &answers);
    }
  ea_script_run_end (&run);
  pump (&run, outcome, &answers);
  FUZZ_CLAIM (ea_script_run_is_ended (&run));
  FUZZ_CLAIM (ea_script_run_pull (&run) == NULL);
  outcome->has_failed = ea_script_run_has_failed (&run);
  outcome->format = ea_script_run_get_format (&run);
  outcome->end = ea_script_run_get_end (&run);
}

static void
check_answer (const Outcome *outcome, EaSpan script)
{
  EaSpan answer = ea_span_from_array (outcome->answer);
  EaScriptResponse response;
  EaScript parsed;

  if (script.size == 0)
    {
      FUZZ_CLAIM (answer.size == 0);
      return;
    }
  FUZZ_CLAIM (ea_script_parse_response (&response, answer, NULL));
  FUZZ_CLAIM (outcome->has_failed || ea_script_parse (&parsed, script, NULL));
  if (response.format == EA_SCRIPT_FORMAT_COMPACT)
    FUZZ_CLAIM (response.executed - outcome->n_commands <= (outcome->has_failed ? 1 : 0));
  else if (response.format == EA_SCRIPT_FORMAT_DEFINITE)
    FUZZ_CLAIM (response.executed == outcome->n_commands
                && response.n_objects - 1 - response.executed <= (outcome->has_failed ? 1 : 0));
  else
    FUZZ_CLAIM (response.n_objects - outcome->n_commands <= (outcome->has_failed ? 1 : 0));
}

/* Answers that went out one by one make the same response; but what follows a script is no fault of it then. */
static void
check_stream (const Outcome *outcome, const Outcome *stream)
{
  g_auto (EaWriter) writer = { 0 };
  EaSpan rest;

  if (outcome->answer->len == 0 || outcome->end == EA_SCRIPT_RUN_END_BAD_FORMAT)
    return;
  FUZZ_CLAIM (outcome->end == stream->end && outcome->format == stream->format);
  ea_writer_init (&writer);
  FUZZ_CLAIM (ea_script_frame_response (ea_span_from_array (stream->answer), stream->format,
                                        &writer, &rest, NULL));
  ea_writer_bytes (&writer, rest);
  FUZZ_CLAIM (ea_span_equal (ea_writer_span (&writer), ea_span_from_array (outcome->answer)));
}

static void
carry_out_sealed (EaSpan script, guint32 seed)
{
  Outcome outcome;
  Outcome stream;

  outcome_init (&outcome, EA_SCRIPT_RUN_SEALED);
  outcome_init (&stream, EA_SCRIPT_RUN_SEALED | EA_SCRIPT_RUN_STREAM);
  carry_out (script, seed, FALSE, &outcome);
  carry_out (script, seed, TRUE, &stream);
  check_answer (&outcome, script);
  check_stream (&outcome, &stream);
  outcome_clear (&outcome);
  outcome_clear (&stream);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaSpan script = ea_span_tail (ea_span_init (data, size), 1);
  guint32 seed = size > 0 ? *data + 1u : 1u;
  Outcome whole;
  Outcome cut;

  carry_out_sealed (script, seed);
  outcome_init (&whole, 0);
  outcome_init (&cut, 0);
  carry_out (script, seed, FALSE, &whole);
  carry_out (script, seed, TRUE, &cut);

  FUZZ_CLAIM (
      ea_span_equal (ea_span_from_array (whole.commands), ea_span_from_array (cut.commands)));
  FUZZ_CLAIM (ea_span_equal (ea_span_from_array (whole.answer), ea_span_from_array (cut.answer)));
  FUZZ_CLAIM (whole.n_commands == cut.n_commands && whole.has_failed == cut.has_failed);
  check_answer (&whole, script);
  outcome_clear (&whole);
  outcome_clear (&cut);
  return 0;
}
