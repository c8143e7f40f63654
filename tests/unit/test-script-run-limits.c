/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How large scripts that are carried out (agent/core/script-run.h) and their responses may be. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/script-run.h"
#include "helpers.h"
#include "script-run-rig.h"

static void
push_zeros (EaScriptRun *run, gsize size)
{
  g_autofree guint8 *response = g_malloc0 (size);

  response[size - 2] = 0x90;
  ea_script_run_push_response (run, ea_span_init (response, size));
}

/* @start, @n_commands times @command and @rest, which are the whole script. */
static void
start_many (EaScriptRun *run, const char *start, const char *command, guint n_commands,
            const char *rest)
{
  g_autoptr (GString) hex = g_string_new (start);

  for (guint i = 0; i < n_commands; i++)
    g_string_append (hex, command);
  g_string_append (hex, rest);
  start_script (run, hex->str);
  ea_script_run_end (run);
}

/* 249 R-APDUs of 4 + 258 bytes, and one that leaves room for the last object: 65535 - 249 * 262 - 4 - 4 = 289. */
#define N_LARGE_RESPONSES 249
#define LARGE_RESPONSE_SIZE 258
#define LAST_RESPONSE_SIZE 289

static GBytes *
fill_answer (gsize last_size, gboolean *has_failed)
{
  g_auto (EaScriptRun) run = { 0 };

  start_many (&run, "AA8206D6", GET_DATA_OBJECT, N_LARGE_RESPONSES + 1, "");
  for (guint i = 0; i < N_LARGE_RESPONSES; i++)
    push_zeros (&run, LARGE_RESPONSE_SIZE);
  push_zeros (&run, last_size);
  assert_true (ea_script_run_is_ended (&run));
  *has_failed = ea_script_run_has_failed (&run);
  return ea_script_run_pull (&run);
}

/* AB, 80 02 00FA and 65238 bytes, and then 4 + 289 or, without data, 4 */
static void
test_answer_of_definite_length_is_truncated_at_its_limit (void **state)
{
  gboolean has_failed;
  g_autoptr (GBytes) full = fill_answer (LAST_RESPONSE_SIZE, &has_failed);
  EaScriptResponse response;
  EaSpan span;

  assert_false (has_failed);
  assert_true (ea_script_parse_response (&response, ea_span_from_bytes (full), NULL));
  assert_int_equal (g_bytes_get_size (full), 4 + 4 + 65238 + 4 + LAST_RESPONSE_SIZE);
  assert_span_is (ea_span_head (ea_span_from_bytes (full), 8), "AB82FFFF800200FA");

  g_clear_pointer (&full, g_bytes_unref);
  full = fill_answer (LAST_RESPONSE_SIZE + 1, &has_failed);
  span = ea_span_from_bytes (full);
  assert_true (has_failed);
  assert_true (ea_script_parse_response (&response, span, NULL));
  assert_int_equal (span.size, 4 + 4 + 65238 + 4);
  assert_span_is (ea_span_head (span, 8), "AB82FEDE800200FA");
  assert_span_is (ea_span_tail (span, span.size - 4), "230262F1");
}

static void
answer_one (const char *script, gsize size, const char *head)
{
  g_auto (EaScriptRun) run = { 0 };
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GBytes) expected = bytes_of (head);

  start_many (&run, script, "", 0, "");
  push_zeros (&run, size);
  assert_true (ea_script_run_is_ended (&run));
  answer = ea_script_run_pull (&run);
  assert_true (ea_span_has_prefix (ea_span_from_bytes (answer), ea_span_from_bytes (expected)));
}

static void
test_response_of_more_than_65535_bytes_is_truncated (void **state)
{
  answer_one ("AE80" GET_DATA_OBJECT "0000", EA_SCRIPT_VALUE_MAX, "AF802382FFFF00");
  answer_one ("AE80" GET_DATA_OBJECT "0000", EA_SCRIPT_VALUE_MAX + 1, "AF80230262F10000");
  answer_one (GET_DATA, EA_SCRIPT_VALUE_MAX, "01900000");
  answer_one (GET_DATA, EA_SCRIPT_VALUE_MAX + 1, "0162F1");
}

/* Two R-APDUs of 20 bytes, and what belongs to a third that has no data, fit into 64 bytes; 23 14 stands before each. */
static void
test_answer_has_no_more_than_the_room_that_there_is (void **state)
{
  static const struct
  {
    const char *begin;
    const char *end;
    gsize room;
    gsize n_whole;
  } rows[] = {
    { "AA15", "", 64, 2 },     { "AA15", "", 0, 3 },     { "AA15", "", 1000, 3 },
    { "AE80", "0000", 64, 2 }, { "AE80", "0000", 0, 3 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *script = g_strconcat (
          rows[i].begin, GET_DATA_OBJECT GET_DATA_OBJECT GET_DATA_OBJECT, rows[i].end, NULL);
      g_auto (EaScriptRun) run = { 0 };
      g_autoptr (GBytes) bytes = bytes_of (script);
      EaSpan command;

      ea_script_run_init (&run);
      ea_script_run_set_room (&run, rows[i].room);
      ea_script_run_feed (&run, ea_span_from_bytes (bytes));
      ea_script_run_end (&run);
      for (guint k = 0; k < 3 && ea_script_run_pull_command (&run, &command); k++)
        push_zeros (&run, 20);
      assert_true (ea_script_run_is_ended (&run));
      assert_int_equal (ea_script_run_has_failed (&run), rows[i].n_whole < 3);
    }
}

static void
run_compact (guint n_commands, const char *rest, guint n_run, gboolean has_failed)
{
  g_auto (EaScriptRun) run = { 0 };
  EaSpan command;

  start_many (&run, "", "80F2000C00", n_commands, rest);
  while (ea_script_run_pull_command (&run, &command))
    push_response (&run, "9000");

  assert_int_equal (ea_script_run_count_commands (&run), n_run);
  assert_int_equal (ea_script_run_has_failed (&run), has_failed);
  assert_pulled (&run, "FF9000");
}

static void
test_compact_script_runs_at_most_255_commands (void **state)
{
  run_compact (255, "", 255, FALSE);
  run_compact (256, "", 255, TRUE);
  run_compact (255, "80F2", 255, TRUE);
}

static void
test_long_script_needs_no_more_memory_than_its_pieces (void **state)
{
  g_autoptr (GBytes) command = bytes_of (GET_DATA_OBJECT);
  g_auto (EaScriptRun) run = { 0 };

  start_script (&run, "AE80");
  for (guint i = 0; i < 10000; i++)
    {
      g_autoptr (GBytes) bytes = NULL;

      ea_script_run_feed (&run, ea_span_from_bytes (command));
      push_response (&run, "9000");
      bytes = ea_script_run_pull (&run);
      assert_int_equal (run.input->len, g_bytes_get_size (command));
      assert_in_range (g_bytes_get_size (bytes), 4, 6);
    }
  assert_int_equal (ea_script_run_count_commands (&run), 10000);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_answer_of_definite_length_is_truncated_at_its_limit),
    cmocka_unit_test (test_response_of_more_than_65535_bytes_is_truncated),
    cmocka_unit_test (test_answer_has_no_more_than_the_room_that_there_is),
    cmocka_unit_test (test_compact_script_runs_at_most_255_commands),
    cmocka_unit_test (test_long_script_needs_no_more_memory_than_its_pieces),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
