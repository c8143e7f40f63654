/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The fields that go to the journal with a message, and how many messages go there. */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/journal-limit.h"
#include "host/journal.h"

#define N_EVENTS 10000

#define EID "89001012012341234012345678901224"

GSource *__wrap_g_timeout_source_new_seconds (guint interval_s);
gint64 __wrap_g_get_monotonic_time (void);

/* Fields of the last message: key → value */
static GHashTable *sent;
static guint n_sent;
static guint interval_s; /* that was asked for last */

static guint n_timers;
static gint64 now_us;

/* A timer is over as soon as somebody looks. */
GSource *
__wrap_g_timeout_source_new_seconds (guint seconds)
{
  interval_s = seconds;
  n_timers++;
  return g_idle_source_new ();
}

gint64
__wrap_g_get_monotonic_time (void)
{
  return now_us;
}

static GLogWriterOutput
keep_fields (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  n_sent++;
  g_hash_table_remove_all (sent);
  for (gsize i = 0; i < n_fields; i++)
    g_hash_table_insert (sent, g_strdup (fields[i].key), g_strdup (fields[i].value));
  return G_LOG_WRITER_HANDLED;
}

static int
set_up (void **state)
{
  sent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_log_set_writer_func (keep_fields, NULL, NULL);
  ea_journal_set_level (G_LOG_LEVEL_INFO);
  return 0;
}

static int
tear_down (void **state)
{
  g_clear_pointer (&sent, g_hash_table_unref);
  return 0;
}

/* What came before is not counted with what comes. */
static int
begin_count (void **state)
{
  ea_journal_tell_left_out ();
  n_sent = 0;
  interval_s = 0;
  n_timers = 0;
  return 0;
}

static void
expect_field (const char *key, const char *value)
{
  const char *actual = g_hash_table_lookup (sent, key);

  assert_non_null (actual);
  assert_string_equal (actual, value);
}

static void
test_message_has_its_fields (void **state)
{
  const EaLogContext context = { .modem = "/dev/cdc-wdm0", .eid = EID };

  ea_log_warning (&context, EA_MESSAGE_SMS_REJECTED, "Cause %02X", 0xD4);

  expect_field ("MESSAGE", "Cause D4");
  expect_field ("PRIORITY", "4");
  expect_field ("MESSAGE_ID", "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e06");
  expect_field ("EA_MODEM", "/dev/cdc-wdm0");
  expect_field ("EA_EID", "1224");
  assert_false (g_hash_table_contains (sent, "EA_CHANNEL"));
}

static void
test_message_about_a_channel_has_its_number (void **state)
{
  const EaLogContext context = { .modem = "/dev/cdc-wdm0", .eid = EID };
  EaLogContext log = ea_log_context_for_channel (&context, 7, "tcp");

  ea_log_info (&log, "Channel 7 is open");

  expect_field ("EA_CHANNEL", "7");
  expect_field ("EA_TRANSPORT", "tcp");
  expect_field ("EA_MODEM", "/dev/cdc-wdm0");
  expect_field ("EA_EID", "1224");
  assert_int_equal (context.channel, 0);
}

static void
test_channel_of_no_modem_is_told_all_the_same (void **state)
{
  EaLogContext log = ea_log_context_for_channel (NULL, G_MAXUINT, NULL);

  ea_log_message (&log, NULL, "x");

  expect_field ("EA_CHANNEL", "4294967295");
  assert_int_equal (g_hash_table_size (sent), 4); /* MESSAGE, PRIORITY, GLIB_DOMAIN */
}

static void
test_message_about_nothing_has_no_field_of_ours (void **state)
{
  ea_log_error (NULL, NULL, "x");

  expect_field ("PRIORITY", "3");
  assert_int_equal (g_hash_table_size (sent), 3);
}

static void
test_whole_eid_is_for_debugging (void **state)
{
  const EaLogContext context = { .eid = EID };

  ea_journal_set_level (G_LOG_LEVEL_DEBUG);
  ea_log_debug (&context, "x");
  ea_journal_set_level (G_LOG_LEVEL_INFO);

  expect_field ("EA_EID", EID);
}

static void
flood (const EaLogContext *context)
{
  for (guint i = 1; i <= N_EVENTS; i++)
    ea_log_warning (context, EA_MESSAGE_SMS_REJECTED, "Short message %u is refused", i);
}

static void
let_intervals_end (void)
{
  now_us += 600 * G_TIME_SPAN_SECOND;
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_of_ten_thousand_messages_twenty_are_written_and_the_others_counted (void **state)
{
  const EaLogContext context = { .modem = "/dev/cdc-wdm0", .eid = EID, .session = "Session/3" };

  flood (&context);
  assert_int_equal (n_sent, 20);
  expect_field ("MESSAGE", "Short message 20 is refused");
  assert_int_equal (interval_s, 600);
  let_intervals_end ();

  assert_int_equal (n_sent, 21);
  expect_field ("MESSAGE", "9980 more like this were not logged: Short message 10000 is refused");
  expect_field ("MESSAGE_ID", "5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e06");
  expect_field ("PRIORITY", "4");
  expect_field ("EA_MODEM", "/dev/cdc-wdm0");
  expect_field ("EA_EID", "1224");
  assert_false (g_hash_table_contains (sent, "EA_SESSION"));
}

static void
test_every_mistake_of_a_configuration_is_written (void **state)
{
  for (guint i = 1; i <= 100; i++)
    ea_log_error (NULL, EA_MESSAGE_CONFIGURATION, "Line %u: mistake", i);

  assert_int_equal (n_sent, 100);
  expect_field ("MESSAGE", "Line 100: mistake");
}

static void
test_next_interval_begins_with_the_next_message (void **state)
{
  flood (NULL);
  let_intervals_end ();
  n_sent = 0;
  flood (NULL);

  assert_int_equal (n_sent, 20);
}

static void
test_quiet_interval_ends_without_a_word_and_needs_no_timer (void **state)
{
  for (guint i = 0; i < 20; i++)
    ea_log_warning (NULL, NULL, "quiet");
  let_intervals_end ();
  assert_int_equal (n_sent, 20);
  ea_log_warning (NULL, NULL, "quiet");

  assert_int_equal (n_sent, 21);
  expect_field ("MESSAGE", "quiet");
  assert_int_equal (n_timers, 0);
}

/* The first is there for longer, which nothing tells, and the other has its own end. */
static void
test_one_timer_waits_for_the_end_of_all_intervals (void **state)
{
  const EaLogContext first = { .modem = "/dev/cdc-wdm0" };
  const EaLogContext second = { .modem = "/dev/cdc-wdm1" };

  ea_log_warning (NULL, NULL, "quiet");
  now_us += 100 * G_TIME_SPAN_SECOND;
  flood (&first);
  flood (&second);
  assert_int_equal (n_timers, 1);
  assert_int_equal (interval_s, 500);
  n_sent = 0;
  now_us += 500 * G_TIME_SPAN_SECOND;
  g_main_context_iteration (NULL, FALSE);
  assert_int_equal (n_sent, 0);
  assert_int_equal (n_timers, 2);
  assert_int_equal (interval_s, 100);
  now_us += 100 * G_TIME_SPAN_SECOND;
  g_main_context_iteration (NULL, FALSE);

  assert_int_equal (n_sent, 2);
  assert_int_equal (n_timers, 2);
  assert_false (g_main_context_iteration (NULL, FALSE));
}

/* Its timer had not run yet. */
static void
test_an_interval_that_is_over_is_told_with_the_next_message (void **state)
{
  flood (NULL);
  n_sent = 0;
  now_us += 600 * G_TIME_SPAN_SECOND;
  ea_log_warning (NULL, NULL, "other");

  assert_int_equal (n_sent, 2);
  expect_field ("MESSAGE", "other");
}

static void
test_flood_of_one_kind_or_modem_hides_no_other (void **state)
{
  const EaLogContext first = { .modem = "/dev/cdc-wdm0" };
  const EaLogContext second = { .modem = "/dev/cdc-wdm1" };

  flood (&first);
  ea_log_warning (&second, EA_MESSAGE_SMS_REJECTED, "Short message %u is refused", 1);
  ea_log_warning (&first, EA_MESSAGE_SMS_REJECTED, "A short message can't be read");
  ea_log_error (&first, EA_MESSAGE_STORE_FAILED, "Short message %u is refused", 1);

  assert_int_equal (n_sent, 23);
}

static void
test_what_is_left_out_is_told_at_the_end (void **state)
{
  flood (NULL);
  ea_journal_tell_left_out ();

  assert_int_equal (n_sent, 21);
  expect_field ("MESSAGE", "9980 more like this were not logged: Short message 10000 is refused");
}

static void
test_who_debugs_gets_all (void **state)
{
  ea_journal_set_level (G_LOG_LEVEL_DEBUG);
  flood (NULL);
  ea_journal_set_level (G_LOG_LEVEL_INFO);

  assert_int_equal (n_sent, N_EVENTS);
}

#define COUNTED(name) cmocka_unit_test_setup (name, begin_count)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_message_has_its_fields),
    cmocka_unit_test (test_message_about_a_channel_has_its_number),
    cmocka_unit_test (test_channel_of_no_modem_is_told_all_the_same),
    cmocka_unit_test (test_message_about_nothing_has_no_field_of_ours),
    cmocka_unit_test (test_whole_eid_is_for_debugging),
    COUNTED (test_of_ten_thousand_messages_twenty_are_written_and_the_others_counted),
    COUNTED (test_next_interval_begins_with_the_next_message),
    COUNTED (test_every_mistake_of_a_configuration_is_written),
    COUNTED (test_quiet_interval_ends_without_a_word_and_needs_no_timer),
    COUNTED (test_one_timer_waits_for_the_end_of_all_intervals),
    COUNTED (test_an_interval_that_is_over_is_told_with_the_next_message),
    COUNTED (test_flood_of_one_kind_or_modem_hides_no_other),
    COUNTED (test_what_is_left_out_is_told_at_the_end),
    COUNTED (test_who_debugs_gets_all),
  };

  return cmocka_run_group_tests (tests, set_up, tear_down);
}
