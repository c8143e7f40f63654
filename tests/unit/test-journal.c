/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The fields that go to the journal with a message. */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/journal.h"

#define EID "89001012012341234012345678901224"

/* Fields of the last message: key → value */
static GHashTable *sent;

static GLogWriterOutput
keep_fields (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
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

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_message_has_its_fields),
    cmocka_unit_test (test_message_about_a_channel_has_its_number),
    cmocka_unit_test (test_channel_of_no_modem_is_told_all_the_same),
    cmocka_unit_test (test_message_about_nothing_has_no_field_of_ours),
    cmocka_unit_test (test_whole_eid_is_for_debugging),
  };

  return cmocka_run_group_tests (tests, set_up, tear_down);
}
