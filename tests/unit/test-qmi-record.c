/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "modem/qmi-record.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static gboolean
parse (EaQmiRecord *record, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  gboolean is_parsed = ea_qmi_record_parse (record, bytes, &error);

  assert_true (is_parsed == (error == NULL));
  return is_parsed;
}

static void
test_nothing_to_put_back_is_no_record (void **state)
{
  g_auto (EaQmiRecord) record = { 0 };

  ea_qmi_record_init (&record, "boot:1");

  assert_null (ea_qmi_record_to_bytes (&record));
}

static void
test_record_is_read_back_as_written (void **state)
{
  g_auto (EaQmiRecord) written = { 0 };
  g_auto (EaQmiRecord) read = { 0 };
  EaQmiRoute route = { 0, 2, 255, 2 };
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  ea_qmi_record_init (&written, "boot:1");
  ea_qmi_record_add_client (&written, 10, 3);
  ea_qmi_record_add_client (&written, 11, 200);
  ea_qmi_record_add_channel (&written, 1);
  ea_qmi_record_add_channel (&written, 1); /* once is enough */
  written.usual_channel = 2;
  written.routes = g_array_new (FALSE, FALSE, sizeof (EaQmiRoute));
  g_array_append_val (written.routes, route);
  bytes = ea_qmi_record_to_bytes (&written);
  assert_true (ea_qmi_record_parse (&read, bytes, &error));

  assert_string_equal (read.instance, "boot:1");
  assert_int_equal (read.clients->len, 2);
  assert_int_equal (g_array_index (read.clients, EaQmiClientId, 1).cid, 200);
  assert_int_equal (read.channels->len, 1);
  assert_int_equal (g_array_index (read.channels, guint8, 0), 1);
  assert_int_equal (read.usual_channel, 2);
  assert_int_equal (g_array_index (read.routes, EaQmiRoute, 0).storage, 255);
}

static void
test_configuration_alone_is_a_record_and_is_read_back (void **state)
{
  static const guint8 profile[] = { 0x33, 0x01, 0xE8 };
  g_auto (EaQmiRecord) written = { 0 };
  g_auto (EaQmiRecord) read = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;

  ea_qmi_record_init (&written, "boot:1");
  written.configuration = ea_qmi_configuration_new (5, EA_SPAN_OF_ARRAY (profile));
  bytes = ea_qmi_record_to_bytes (&written);
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  assert_true (ea_qmi_record_parse (&read, bytes, NULL));

  assert_non_null (strstr (text, "cat-mode=5\ncat-profile=3301E8\n"));
  assert_int_equal (read.configuration->mode, 5);
  assert_true (
      ea_span_equal (ea_span_from_bytes (read.configuration->profile), EA_SPAN_OF_ARRAY (profile)));
}

static void
test_radio_that_was_switched_off_is_a_record (void **state)
{
  static const struct
  {
    EaQmiRadio radio;
    const char *line;
  } rows[] = { { EA_QMI_RADIO_LOW_POWER, "radio=low-power\n" },
               { EA_QMI_RADIO_OFFLINE, "radio=offline\n" } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (EaQmiRecord) written = { 0 };
      g_auto (EaQmiRecord) read = { 0 };
      g_autoptr (GBytes) bytes = NULL;
      g_autofree char *text = NULL;

      ea_qmi_record_init (&written, "boot:1");
      written.radio = rows[i].radio;
      bytes = ea_qmi_record_to_bytes (&written);
      text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      assert_true (ea_qmi_record_parse (&read, bytes, NULL));

      assert_non_null (strstr (text, rows[i].line));
      assert_int_equal (read.radio, rows[i].radio);
    }
}

static void
test_configuration_without_custom_profile_is_read (void **state)
{
  g_auto (EaQmiRecord) record = { 0 };

  assert_true (parse (&record, "[modem]\ninstance=x\ncat-mode=2\ncat-profile=\n"));

  assert_int_equal (record.configuration->mode, 2);
  assert_int_equal (g_bytes_get_size (record.configuration->profile), 0);
}

static void
test_profile_of_a_record_has_at_most_255_bytes (void **state)
{
  g_autofree char *longest = g_strnfill (2 * 255, '0');
  g_autofree char *good
      = g_strdup_printf ("[modem]\ninstance=x\ncat-mode=5\ncat-profile=%s\n", longest);
  g_autofree char *bad
      = g_strdup_printf ("[modem]\ninstance=x\ncat-mode=5\ncat-profile=%s00\n", longest);
  g_auto (EaQmiRecord) record = { 0 };
  EaQmiRecord untouched = { 0 };

  assert_true (parse (&record, good));
  assert_false (parse (&untouched, bad));
}

static void
test_removed_ids_are_gone_from_the_record (void **state)
{
  g_auto (EaQmiRecord) record = { 0 };

  ea_qmi_record_init (&record, "boot:1");
  ea_qmi_record_add_client (&record, 10, 3);
  ea_qmi_record_add_channel (&record, 2);
  ea_qmi_record_remove_client (&record, 10, 3);
  ea_qmi_record_remove_channel (&record, 2);

  assert_null (ea_qmi_record_to_bytes (&record));
}

static void
test_hostile_records_are_refused (void **state)
{
  static const char *const hostile[] = {
    "",
    "no key file",
    "[modem]\n",
    "[modem]\ninstance=x\nclients=1\n",
    "[modem]\ninstance=x\nclients=1/2/3\n",
    "[modem]\ninstance=x\nclients=1/256\n",
    "[modem]\ninstance=x\nclients=11/3 \xff\nchannels=1\n",
    "[modem]\ninstance=x\nroutes=a/b/c/d\n",
    "[modem]\ninstance=x\nchannels=-1\n",
    "[modem]\ninstance=x\nusual-channel=0\n",
    "[modem]\ninstance=x\nusual-channel=20\n",
    "[modem]\ninstance=x\nusual-channel=\xff\n",
    "[modem]\ninstance=x\nradio=untouched\n",
    "[modem]\ninstance=x\nradio=\n",
    "[modem]\ninstance=x\nradio=\xff\n",
    "[modem]\ninstance=x\ncat-mode=2\n",
    "[modem]\ninstance=x\ncat-profile=33\n",
    "[modem]\ninstance=x\ncat-mode=256\ncat-profile=33\n",
    "[modem]\ninstance=x\ncat-mode=-1\ncat-profile=33\n",
    "[modem]\ninstance=x\ncat-mode=5\ncat-profile=3\n",
    "[modem]\ninstance=x\ncat-mode=5\ncat-profile=zz\n",
    "[modem]\ninstance=x\ncat-mode=5\ncat-profile=\xff\n",
    "[modem]\ninstance=x\nchannels=1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20\n",
  };
  EaQmiRecord record = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++)
    assert_false (parse (&record, hostile[i]));
  assert_null (record.instance);
}

static void
test_instance_names_one_life_of_a_node (void **state)
{
  g_autofree char *first = ea_qmi_record_get_instance ("/dev/null");
  g_autofree char *second = ea_qmi_record_get_instance ("/dev/null");
  g_autofree char *other = ea_qmi_record_get_instance ("/dev/zero");
  g_autofree char *missing = ea_qmi_record_get_instance ("/nowhere");

  assert_string_equal (first, second);
  assert_string_not_equal (first, other);
  assert_string_equal (missing, "");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_nothing_to_put_back_is_no_record),
    cmocka_unit_test (test_record_is_read_back_as_written),
    cmocka_unit_test (test_configuration_alone_is_a_record_and_is_read_back),
    cmocka_unit_test (test_radio_that_was_switched_off_is_a_record),
    cmocka_unit_test (test_configuration_without_custom_profile_is_read),
    cmocka_unit_test (test_profile_of_a_record_has_at_most_255_bytes),
    cmocka_unit_test (test_removed_ids_are_gone_from_the_record),
    cmocka_unit_test (test_hostile_records_are_refused),
    cmocka_unit_test (test_instance_names_one_life_of_a_node),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
