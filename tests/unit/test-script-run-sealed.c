/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SCP03t objects in scripts that are carried out (agent/core/script-run.h), and answers that go out in a stream. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/script-run.h"
#include "helpers.h"
#include "script-run-rig.h"

#define INITIALIZE_UPDATE "840A30000102030405060708"
#define EXTERNAL_AUTHENTICATE "851133A1A2A3A4A5A6A7A8B1B2B3B4B5B6B7B8"
#define SEGMENT "860400112233"

static void
start_run (EaScriptRun *run, EaScriptRunFlags flags, gsize room, const char *hex)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);

  ea_script_run_init (run);
  ea_script_run_set_flags (run, flags);
  ea_script_run_set_room (run, room);
  ea_script_run_feed (run, ea_span_from_bytes (bytes));
}

static void
assert_sealed_waits (EaScriptRun *run, const char *hex)
{
  EaSpan object = EA_SPAN_EMPTY;
  EaSpan apdu;

  assert_true (ea_script_run_pull_sealed (run, &object));
  assert_false (ea_script_run_pull_command (run, &apdu));
  assert_span_is (object, hex);
  assert_span_is (ea_script_run_get_object (run), hex);
}

static void
push_sealed (EaScriptRun *run, const char *hex)
{
  g_autoptr (GBytes) response = bytes_of (hex);

  ea_script_run_push_sealed (run, ea_span_from_bytes (response));
}

static void
test_sealed_object_is_an_unknown_tag_where_it_is_not_asked_for (void **state)
{
  g_auto (EaScriptRun) run = { 0 };
  EaSpan object;

  start_run (&run, 0, 0, "AE80" SEGMENT "0000");

  assert_false (ea_script_run_pull_sealed (&run, &object));
  assert_int_equal (ea_script_run_get_end (&run), EA_SCRIPT_RUN_END_BAD_FORMAT);
  assert_pulled (&run, "AF809001010000");
}

static void
test_sealed_objects_are_answered_as_they_are (void **state)
{
  g_auto (EaScriptRun) run = { 0 };

  start_run (&run, EA_SCRIPT_RUN_SEALED, 0, "AE80" INITIALIZE_UPDATE EXTERNAL_AUTHENTICATE "0000");
  ea_script_run_end (&run);
  assert_sealed_waits (&run, INITIALIZE_UPDATE);
  push_sealed (&run,
               "8481030A0B0C"); /* with a length that could be shorter, as the card has sealed it */
  assert_sealed_waits (&run, EXTERNAL_AUTHENTICATE);
  push_sealed (&run, "8500");

  assert_int_equal (ea_script_run_count_commands (&run), 2);
  assert_int_equal (ea_script_run_get_last_sw (&run), 0x9000);
  assert_int_equal (ea_script_run_get_end (&run), EA_SCRIPT_RUN_END_COMPLETE);
  assert_pulled (&run, "AF808481030A0B0C85000000");
}

static void
test_sealed_error_ends_the_script (void **state)
{
  static const char *const answers[] = { "9F84026985", "9F8600", "9F46026A80" };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *expected = g_strconcat ("AF80", answers[i], "0000", NULL);
      g_auto (EaScriptRun) run = { 0 };

      start_run (&run, EA_SCRIPT_RUN_SEALED, 0, "AE80" SEGMENT SEGMENT "0000");
      push_sealed (&run, answers[i]);

      assert_true (ea_script_run_is_ended (&run));
      assert_int_equal (ea_script_run_get_end (&run), EA_SCRIPT_RUN_END_ERROR);
      assert_pulled (&run, expected);
    }
}

static void
test_sealed_object_may_be_answered_by_a_status_word (void **state)
{
  g_auto (EaScriptRun) run = { 0 };

  start_run (&run, EA_SCRIPT_RUN_SEALED, 0, "AE80" SEGMENT SEGMENT "0000");
  push_response (&run, "9000");
  assert_sealed_waits (&run, SEGMENT);
  push_response (&run, "6985");

  assert_int_equal (ea_script_run_get_end (&run), EA_SCRIPT_RUN_END_ERROR);
  assert_int_equal (ea_script_run_get_last_sw (&run), 0x6985);
  assert_pulled (&run, "AF8023029000230269850000");
}

static void
test_what_is_no_sealed_object_is_an_interruption (void **state)
{
  static const char *const answers[] = { "", "86", "8602AA", "23029000", "86008600", "9F8A00" };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_auto (EaScriptRun) run = { 0 };

      start_run (&run, EA_SCRIPT_RUN_SEALED, 0, "AE80" SEGMENT SEGMENT "0000");
      push_sealed (&run, answers[i]);

      assert_int_equal (ea_script_run_get_end (&run), EA_SCRIPT_RUN_END_INTERRUPTED);
      assert_pulled (&run, "AF8023026FF10000");
    }
}

static void
test_sealed_answer_beyond_the_room_is_truncated (void **state)
{
  g_auto (EaScriptRun) run = { 0 };

  start_run (&run, EA_SCRIPT_RUN_SEALED, 16, "AE80" SEGMENT SEGMENT "0000");
  push_sealed (&run, "860401020304");
  push_sealed (&run, "860401020304");

  assert_pulled (&run, "AF8086040102030423"
                       "0262F10000");
}

static void
test_streamed_answers_come_one_by_one_in_any_format (void **state)
{
  static const struct
  {
    const char *script;
    EaScriptFormat format;
  } scripts[] = {
    { "AE80" GET_DATA_OBJECT GET_DATA_OBJECT "0000", EA_SCRIPT_FORMAT_INDEFINITE },
    { "AA0E" GET_DATA_OBJECT GET_DATA_OBJECT, EA_SCRIPT_FORMAT_DEFINITE },
    { GET_DATA GET_DATA, EA_SCRIPT_FORMAT_COMPACT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_auto (EaScriptRun) run = { 0 };

      start_run (&run, EA_SCRIPT_RUN_STREAM, 0, scripts[i].script);
      push_response (&run, "AA9000");
      assert_pulled (&run, "AF802303AA9000");
      if (scripts[i].format == EA_SCRIPT_FORMAT_COMPACT)
        ea_script_run_end (&run);
      push_response (&run, "6A88");

      assert_int_equal (ea_script_run_get_format (&run), scripts[i].format);
      assert_true (ea_script_run_is_ended (&run));
      assert_pulled (&run, "23026A880000");
    }
}

static void
test_streamed_script_ends_with_its_template (void **state)
{
  static const struct
  {
    const char *script;
    gsize n_rest;
  } scripts[] = {
    { "AE80" GET_DATA_OBJECT "0000", 0 },
    { "AE80" GET_DATA_OBJECT "0000FFFF", 2 },
    { "AA07" GET_DATA_OBJECT, 0 },
    { "AA07" GET_DATA_OBJECT "2201", 2 },
  };
  static const guint8 more[3] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_auto (EaScriptRun) run = { 0 };

      start_run (&run, EA_SCRIPT_RUN_STREAM, 0, scripts[i].script);
      push_response (&run, "9000");

      assert_int_equal (ea_script_run_get_end (&run), EA_SCRIPT_RUN_END_COMPLETE);
      assert_pulled (&run, "AF80230290000000");
      assert_int_equal (ea_script_run_count_rest (&run), scripts[i].n_rest);
      ea_script_run_feed (&run, EA_SPAN_OF_ARRAY (more));
      assert_int_equal (ea_script_run_count_rest (&run), scripts[i].n_rest + sizeof more);
    }
}

static void
test_streamed_script_without_objects_ends_at_once (void **state)
{
  static const char *const scripts[] = { "AE800000", "AA00", "AE800000FF", "AA00FF" };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_auto (EaScriptRun) run = { 0 };

      start_run (&run, EA_SCRIPT_RUN_STREAM, 0, scripts[i]);

      assert_int_equal (ea_script_run_get_end (&run), EA_SCRIPT_RUN_END_COMPLETE);
      assert_pulled (&run, "AF800000");
    }
}

static void
test_room_of_a_stream_counts_what_was_pulled (void **state)
{
  g_auto (EaScriptRun) run = { 0 };

  start_run (&run, EA_SCRIPT_RUN_STREAM, 20, "AE80" GET_DATA_OBJECT GET_DATA_OBJECT "0000");
  push_response (&run, "0102039000");
  assert_pulled (&run, "AF8023050102039000");
  push_response (&run, "0102039000");

  assert_pulled (&run, "230262F10000");
}

static void
test_end_of_a_script_is_told (void **state)
{
  static const struct
  {
    const char *script;
    EaScriptRunEnd end;
  } scripts[] = {
    { "AE80810181" GET_DATA_OBJECT "0000", EA_SCRIPT_RUN_END_ACTION },
    { "AE808900", EA_SCRIPT_RUN_END_BAD_FORMAT },
    { "AE80" GET_DATA_OBJECT, EA_SCRIPT_RUN_END_NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_auto (EaScriptRun) run = { 0 };

      start_run (&run, 0, 0, scripts[i].script);

      assert_int_equal (ea_script_run_get_end (&run), scripts[i].end);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_sealed_object_is_an_unknown_tag_where_it_is_not_asked_for),
    cmocka_unit_test (test_sealed_objects_are_answered_as_they_are),
    cmocka_unit_test (test_sealed_error_ends_the_script),
    cmocka_unit_test (test_sealed_object_may_be_answered_by_a_status_word),
    cmocka_unit_test (test_what_is_no_sealed_object_is_an_interruption),
    cmocka_unit_test (test_sealed_answer_beyond_the_room_is_truncated),
    cmocka_unit_test (test_streamed_answers_come_one_by_one_in_any_format),
    cmocka_unit_test (test_streamed_script_ends_with_its_template),
    cmocka_unit_test (test_streamed_script_without_objects_ends_at_once),
    cmocka_unit_test (test_room_of_a_stream_counts_what_was_pulled),
    cmocka_unit_test (test_end_of_a_script_is_told),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
