/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a switch has left to be done, agent/session/switch-record.h. */

#include "session/switch-record.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ICCID "89882110000000000291" /* the longest that there is */

static gboolean
parse (EaSwitchRecord *record, const char *text, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, size);
  g_autoptr (GError) error = NULL;
  gboolean is_parsed = ea_switch_record_parse (record, bytes, &error);

  assert_true (is_parsed == (error == NULL));
  return is_parsed;
}

static void
test_nothing_left_is_no_record (void **state)
{
  const EaSwitchRecord record = { .cause = (char *) "of nothing" };

  assert_null (ea_switch_record_to_bytes (&record));
}

static void
test_record_is_read_back_as_written (void **state)
{
  static const EaSwitchRecord rows[] = {
    { .iccid = (char *) ICCID },
    { .iccid = (char *) ICCID, .cause = (char *) "PLMN not allowed (TS 24.301 cause 11)" },
    { .is_promised = TRUE },
    { .is_disabled = TRUE },
    { .iccid = (char *) ICCID, .cause = (char *) " two\nlines; é", .is_disabled = TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) bytes = ea_switch_record_to_bytes (&rows[i]);
      g_auto (EaSwitchRecord) read = { 0 };

      assert_true (ea_switch_record_parse (&read, bytes, NULL));
      assert_int_equal (g_strcmp0 (read.iccid, rows[i].iccid), 0);
      assert_int_equal (g_strcmp0 (read.cause, rows[i].cause), 0);
      assert_int_equal (read.is_promised, rows[i].is_promised);
      assert_int_equal (read.is_disabled, rows[i].is_disabled);
    }
}

static void
test_hostile_records_are_refused (void **state)
{
  static const char *const hostile[] = {
    "no key file",
    "[switch]\niccid=\n",
    "[switch]\niccid=" ICCID "0\n",
    "[switch]\niccid=8988a\n",
    "[switch]\niccid=\xff\n",
    "[switch]\niccid=" ICCID "\ncause=\xff\n",
  };
  EaSwitchRecord record = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++)
    assert_false (parse (&record, hostile[i], strlen (hostile[i])));
  assert_null (record.iccid);
}

static void
test_cause_has_its_limit (void **state)
{
  for (gsize size = EA_SWITCH_RECORD_CAUSE_MAX; size <= EA_SWITCH_RECORD_CAUSE_MAX + 1; size++)
    {
      g_autofree char *cause = g_strnfill (size, 'x');
      g_autofree char *text = g_strdup_printf ("[switch]\niccid=" ICCID "\ncause=%s\n", cause);
      g_auto (EaSwitchRecord) record = { 0 };

      assert_int_equal (parse (&record, text, strlen (text)), size == EA_SWITCH_RECORD_CAUSE_MAX);
    }
}

/* What is cut off may be read as less, never as something else. */
static void
test_truncations_are_harmless (void **state)
{
  static const char text[] = "[switch]\niccid=" ICCID "\ncause=no\ndisabled=true\n";

  for (gsize size = 0; size < strlen (text); size++)
    {
      g_auto (EaSwitchRecord) record = { 0 };

      if (parse (&record, text, size) && record.iccid != NULL)
        assert_true (g_str_has_prefix (ICCID, record.iccid));
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_nothing_left_is_no_record),
    cmocka_unit_test (test_record_is_read_back_as_written),
    cmocka_unit_test (test_hostile_records_are_refused),
    cmocka_unit_test (test_cause_has_its_limit),
    cmocka_unit_test (test_truncations_are_harmless),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
