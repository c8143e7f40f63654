/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The timers of a card. Commands, responses and envelopes are those of oFono's conformance vectors and of
 * public traces (tests/vectors: 27.22.4.21 and 27.22.6); where none has the value that is needed, the value
 * alone is changed.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/cat-timer.h"
#include "helpers.h"

#define SECOND ((gint64) G_USEC_PER_SEC)
#define START_US (1000 * SECOND)

#define START_1_FOR_30_S "D011810301270082028182A40101A503000003"
#define START_4_FOR_5_S "D011810301270082028182A40104A503000050"
#define START_5_FOR_5_S "D011810301270082028182A40105A503000050"
#define START_8_FOR_10_H "D011810301270082028182A40108A503010000"
#define STOP_1 "D00C810301270182028182A40101"
#define READ_1 "D00C810301270282028182A40101"
#define READ_8 "D00C810301270282028182A40108"
#define STARTED_1 "810301270082028281830100A40101"
#define EXPIRED_1_AFTER_30_S "D70C82028281A40101A503000003"

static GBytes *
command (EaCatTimers *timers, const char *hex, gint64 now_us)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaCatCommand parsed;

  assert_true (ea_cat_parse_command (&parsed, ea_span_from_bytes (bytes), NULL));
  return ea_cat_timers_command (timers, &parsed, now_us);
}

static void
assert_response (EaCatTimers *timers, const char *hex, gint64 now_us, const char *expected)
{
  g_autoptr (GBytes) response = command (timers, hex, now_us);

  assert_bytes_are (response, expected);
}

static void
assert_expiration (EaCatTimers *timers, gint64 now_us, const char *expected)
{
  g_autoptr (GBytes) envelope = ea_cat_timers_pull_expiration (timers, now_us);

  assert_bytes_are (envelope, expected);
  ea_cat_timers_expiration_done (timers, TRUE);
}

/* The card does not take it. */
static void
assert_vain_expiration (EaCatTimers *timers, gint64 now_us, const char *expected)
{
  g_autoptr (GBytes) envelope = ea_cat_timers_pull_expiration (timers, now_us);

  assert_bytes_are (envelope, expected);
  ea_cat_timers_expiration_done (timers, FALSE);
}

static void
test_timer_that_was_started_expires_once (void **state)
{
  EaCatTimers timers;

  ea_cat_timers_init (&timers);
  assert_response (&timers, START_1_FOR_30_S, START_US, STARTED_1);

  assert_true (ea_cat_timers_get_deadline (&timers) == START_US + 30 * SECOND);
  assert_null (ea_cat_timers_pull_expiration (&timers, START_US + 30 * SECOND - 1));
  assert_expiration (&timers, START_US + 30 * SECOND, EXPIRED_1_AFTER_30_S);
  assert_null (ea_cat_timers_pull_expiration (&timers, START_US + 60 * SECOND));
  assert_true (ea_cat_timers_get_deadline (&timers) == EA_CAT_TIMERS_NO_DEADLINE);
}

static void
test_expiration_that_had_to_wait_tells_the_time_since_the_start (void **state)
{
  EaCatTimers timers;

  ea_cat_timers_init (&timers);
  assert_response (&timers, START_1_FOR_30_S, START_US, STARTED_1);

  assert_expiration (&timers, START_US + 94 * SECOND + 999999, "D70C82028281A40101A503001043");
}

static void
test_expiration_that_the_card_has_not_taken_comes_again (void **state)
{
  EaCatTimers timers;

  ea_cat_timers_init (&timers);
  assert_response (&timers, START_1_FOR_30_S, START_US, STARTED_1);

  assert_vain_expiration (&timers, START_US + 30 * SECOND, EXPIRED_1_AFTER_30_S);
  assert_true (ea_cat_timers_get_deadline (&timers) == START_US + 30 * SECOND);
  assert_vain_expiration (&timers, START_US + 31 * SECOND, "D70C82028281A40101A503000013");
  assert_expiration (&timers, START_US + 94 * SECOND, "D70C82028281A40101A503001043");
  assert_null (ea_cat_timers_pull_expiration (&timers, START_US + 100 * SECOND));
}

static void
test_timer_that_is_started_while_its_expiration_is_told_begins_anew (void **state)
{
  EaCatTimers timers;
  g_autoptr (GBytes) first = NULL;

  ea_cat_timers_init (&timers);
  assert_response (&timers, START_1_FOR_30_S, START_US, STARTED_1);
  first = ea_cat_timers_pull_expiration (&timers, START_US + 30 * SECOND);
  assert_non_null (first);
  assert_response (&timers, START_1_FOR_30_S, START_US + 31 * SECOND, STARTED_1);
  ea_cat_timers_expiration_done (&timers, FALSE);

  assert_true (ea_cat_timers_get_deadline (&timers) == START_US + 61 * SECOND);
  assert_expiration (&timers, START_US + 61 * SECOND, EXPIRED_1_AFTER_30_S);
  assert_null (ea_cat_timers_pull_expiration (&timers, START_US + 100 * SECOND));
}

static void
test_timers_expire_in_the_order_of_their_times (void **state)
{
  EaCatTimers timers;

  ea_cat_timers_init (&timers);
  assert_response (&timers, START_1_FOR_30_S, START_US, STARTED_1);
  assert_response (&timers, START_5_FOR_5_S, START_US, "810301270082028281830100A40105");
  assert_response (&timers, START_4_FOR_5_S, START_US + SECOND, "810301270082028281830100A40104");

  assert_expiration (&timers, START_US + 40 * SECOND, "D70C82028281A40105A503000004");
  assert_expiration (&timers, START_US + 40 * SECOND, "D70C82028281A40104A503000093");
  assert_expiration (&timers, START_US + 40 * SECOND, "D70C82028281A40101A503000004");
  assert_null (ea_cat_timers_pull_expiration (&timers, START_US + 40 * SECOND));
}

static void
test_value_is_what_is_left_rounded_up (void **state)
{
  EaCatTimers timers;

  ea_cat_timers_init (&timers);
  assert_response (&timers, START_8_FOR_10_H, START_US, "810301270082028281830100A40108");

  assert_response (&timers, READ_8, START_US + 1, "810301270282028281830100A40108A503010000");
  assert_response (&timers, READ_8, START_US + SECOND + 1,
                   "810301270282028281830100A40108A503909595");
  assert_response (&timers, READ_8, START_US + 36000 * SECOND,
                   "810301270282028281830100A40108A503000000");
}

static void
test_timer_that_was_deactivated_does_not_expire (void **state)
{
  EaCatTimers timers;

  ea_cat_timers_init (&timers);
  assert_response (&timers, START_1_FOR_30_S, START_US, STARTED_1);

  assert_response (&timers, STOP_1, START_US + 10 * SECOND,
                   "810301270182028281830100A40101A503000002");
  assert_null (ea_cat_timers_pull_expiration (&timers, START_US + 60 * SECOND));
}

static void
test_timer_that_does_not_run_contradicts_all_but_a_start (void **state)
{
  EaCatTimers timers;

  ea_cat_timers_init (&timers);

  assert_response (&timers, STOP_1, START_US, "810301270182028281830124A40101");
  assert_response (&timers, READ_1, START_US, "810301270282028281830124A40101");
}

static void
test_start_of_a_running_timer_begins_anew (void **state)
{
  EaCatTimers timers;

  ea_cat_timers_init (&timers);
  assert_response (&timers, START_1_FOR_30_S, START_US, STARTED_1);
  assert_response (&timers, START_1_FOR_30_S, START_US + 20 * SECOND, STARTED_1);

  assert_null (ea_cat_timers_pull_expiration (&timers, START_US + 40 * SECOND));
  assert_expiration (&timers, START_US + 50 * SECOND, EXPIRED_1_AFTER_30_S);
}

static void
test_response_has_the_tags_of_the_command (void **state)
{
  EaCatTimers timers;

  ea_cat_timers_init (&timers);

  /* anttro/simple: plain tags */
  assert_response (&timers, "D00C010301270102028182240103", START_US,
                   "010301270102028281030124240103");
}

static void
test_unreadable_commands_say_what_is_wrong (void **state)
{
  static const struct
  {
    const char *command;
    const char *response;
  } rows[] = {
    { "D009810301270082028182", "810301270082028281830136" },                 /* no timer */
    { "D00C810301270082028182A40101", "810301270082028281830136" },           /* no value */
    { "D011810301270082028182A40100A503000003", "810301270082028281830132" }, /* timer 0 */
    { "D011810301270082028182A40109A503000003", "810301270082028281830132" }, /* timer 9 */
    { "D00C810301270382028182A40101", "810301270382028281830132" },           /* reserved action */
    { "D010810301270082028182A40101A5020000", "810301270082028281830132" },   /* short value */
    { "D014810301270082028182A40101A503000003F40101", "810301270082028281830132" },
  };
  EaCatTimers timers;

  ea_cat_timers_init (&timers);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_response (&timers, rows[i].command, START_US, rows[i].response);
  assert_true (ea_cat_timers_get_deadline (&timers) == EA_CAT_TIMERS_NO_DEADLINE);
}

static void
test_object_that_may_be_passed_over_is_told_as_partial_comprehension (void **state)
{
  EaCatTimers timers;

  ea_cat_timers_init (&timers);

  assert_response (&timers, "D014810301270082028182A40101A503000003740101", START_US,
                   "810301270082028281830101A40101");
}

/* Number, milliseconds since the start, milliseconds left: as the header says */
#define RECORD_1_AFTER_10_S "010000271000004E20"

static void
write_timers (const EaCatTimers *timers, gint64 now_us, const char *expected)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GBytes) record = NULL;

  ea_writer_init (&writer);
  ea_cat_timers_write (timers, now_us, &writer);
  record = ea_writer_steal (&writer);
  assert_bytes_are (record, expected);
}

static gboolean
read_timers (EaCatTimers *timers, const char *hex, gint64 elapsed_us, gint64 now_us)
{
  g_autoptr (GBytes) record = bytes_of (hex);

  return ea_cat_timers_read (timers, ea_span_from_bytes (record), elapsed_us, now_us);
}

static void
test_timer_goes_on_in_another_life (void **state)
{
  EaCatTimers timers;

  ea_cat_timers_init (&timers);
  assert_response (&timers, START_1_FOR_30_S, START_US, STARTED_1);
  write_timers (&timers, START_US + 10 * SECOND, RECORD_1_AFTER_10_S);

  ea_cat_timers_init (&timers);
  assert_true (read_timers (&timers, RECORD_1_AFTER_10_S, 5 * SECOND, 15 * SECOND));
  assert_true (ea_cat_timers_get_deadline (&timers) == 30 * SECOND);
  assert_expiration (&timers, 30 * SECOND, EXPIRED_1_AFTER_30_S);
  write_timers (&timers, 30 * SECOND, "");
}

static void
test_expiration_that_the_card_may_have_heard_of_is_told_in_another_life (void **state)
{
  EaCatTimers timers;
  g_autoptr (GBytes) told = NULL;

  ea_cat_timers_init (&timers);
  assert_response (&timers, START_1_FOR_30_S, START_US, STARTED_1);
  told = ea_cat_timers_pull_expiration (&timers, START_US + 30 * SECOND);
  write_timers (&timers, START_US + 31 * SECOND, "010000791800000000");

  ea_cat_timers_init (&timers);
  assert_true (read_timers (&timers, "010000791800000000", 0, START_US));
  assert_expiration (&timers, START_US, "D70C82028281A40101A503000013");
}

static void
test_timer_that_was_started_anew_is_left_alone (void **state)
{
  EaCatTimers timers;

  ea_cat_timers_init (&timers);
  assert_response (&timers, START_1_FOR_30_S, START_US, STARTED_1);
  assert_true (read_timers (&timers, RECORD_1_AFTER_10_S "080000000000000001", 0, START_US));

  assert_expiration (&timers, START_US + SECOND, "D70C82028281A40108A503000010");
  assert_true (ea_cat_timers_get_deadline (&timers) == START_US + 30 * SECOND);
}

static void
test_record_that_can_t_be_read_changes_nothing (void **state)
{
  static const char *const wrong[] = {
    "000000271000004E20", "090000271000004E20",     "010000271015752A00", /* 99:59:60 */
    "01FFFFFFFFFFFFFFFF", RECORD_1_AFTER_10_S "09",
  };
  EaCatTimers timers;
  g_autoptr (GBytes) record = bytes_of (RECORD_1_AFTER_10_S);

  ea_cat_timers_init (&timers);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    assert_false (read_timers (&timers, wrong[i], 0, START_US));
  for (gsize size = 1; size < g_bytes_get_size (record); size++)
    assert_false (ea_cat_timers_read (&timers, ea_span_init (g_bytes_get_data (record, NULL), size),
                                      0, START_US));
  assert_true (ea_cat_timers_get_deadline (&timers) == EA_CAT_TIMERS_NO_DEADLINE);

  assert_true (read_timers (&timers, "010000271015752618", 0, START_US)); /* 99:59:59 */
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_timer_that_was_started_expires_once),
    cmocka_unit_test (test_expiration_that_had_to_wait_tells_the_time_since_the_start),
    cmocka_unit_test (test_expiration_that_the_card_has_not_taken_comes_again),
    cmocka_unit_test (test_timer_that_is_started_while_its_expiration_is_told_begins_anew),
    cmocka_unit_test (test_timers_expire_in_the_order_of_their_times),
    cmocka_unit_test (test_value_is_what_is_left_rounded_up),
    cmocka_unit_test (test_timer_that_was_deactivated_does_not_expire),
    cmocka_unit_test (test_timer_that_does_not_run_contradicts_all_but_a_start),
    cmocka_unit_test (test_start_of_a_running_timer_begins_anew),
    cmocka_unit_test (test_response_has_the_tags_of_the_command),
    cmocka_unit_test (test_unreadable_commands_say_what_is_wrong),
    cmocka_unit_test (test_object_that_may_be_passed_over_is_told_as_partial_comprehension),
    cmocka_unit_test (test_timer_goes_on_in_another_life),
    cmocka_unit_test (test_expiration_that_the_card_may_have_heard_of_is_told_in_another_life),
    cmocka_unit_test (test_timer_that_was_started_anew_is_left_alone),
    cmocka_unit_test (test_record_that_can_t_be_read_changes_nothing),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
