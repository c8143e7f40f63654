/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The configuration. */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"
#include "host/config.h"

static char *directory;

static int
make_directory (void **state)
{
  directory = g_dir_make_tmp ("euicc-host-XXXXXX", NULL);
  return directory != NULL ? 0 : -1;
}

static int
remove_directory (void **state)
{
  delete_directory (g_steal_pointer (&directory));
  return 0;
}

static char *
write_file (const char *name, const char *content, gssize size)
{
  char *path = g_build_filename (directory, name, NULL);

  assert_true (g_file_set_contents (path, content, size, NULL));
  return path;
}

static EaConfig *
load (const char *text, gssize size, GPtrArray *problems)
{
  g_autofree char *path = write_file ("agent.conf", text, size);

  return ea_config_load (path, problems);
}

static void
expect_problem (const char *text, gssize size, const char *expected)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  const char *problem;

  assert_null (load (text, size, problems));
  assert_int_equal (problems->len, 1);
  problem = g_ptr_array_index (problems, 0);
  assert_true (g_str_has_prefix (problem, directory));
  assert_string_equal (problem + strlen (directory), expected);
}

static void
test_problems_name_file_line_and_key (void **state)
{
  expect_problem ("[agent]\n\nColour=blue\n", -1,
                  "/agent.conf:3: Unknown key 'Colour' in section [agent]");
  expect_problem ("[bearer]\nBearer=none\n", -1,
                  "/agent.conf:2: Key 'Bearer': 'none' is none of existing, connect, any");
  expect_problem (
      "[bearer]\nInterface=sixteen-letters0\n", -1,
      "/agent.conf:2: Key 'Interface': 'sixteen-letters0' is no name of a network interface");
  expect_problem ("[bearer]\nInterface=a/b\n", -1,
                  "/agent.conf:2: Key 'Interface': 'a/b' is no name of a network interface");
  expect_problem ("[bearer]\nInterface=.\n", -1,
                  "/agent.conf:2: Key 'Interface': '.' is no name of a network interface");
  expect_problem ("[bearer]\nInterface=..\n", -1,
                  "/agent.conf:2: Key 'Interface': '..' is no name of a network interface");
  expect_problem ("[bearer]\nInterface=eth0:1\n", -1,
                  "/agent.conf:2: Key 'Interface': 'eth0:1' is no name of a network interface");
  expect_problem ("[bearer /dev/x]\nDenyAddresses=::1\n", -1,
                  "/agent.conf:2: Key 'DenyAddresses' belongs into section [bearer] only");
  expect_problem ("[bearers]\n", -1, "/agent.conf:1: Unknown section [bearers]");
  expect_problem ("# x\n[modem]\nSlot=6\n", -1,
                  "/agent.conf:3: Key 'Slot': '6' is no number from 1 to 5");
  expect_problem ("[modem]\nRole=owner\n", -1,
                  "/agent.conf:2: Key 'Role': 'owner' is none of auto, host, observer");
  expect_problem ("[modem]\nDevice=cdc-wdm0\n", -1,
                  "/agent.conf:2: Key 'Device': 'cdc-wdm0' is no list of absolute paths");
  expect_problem ("Slot=1\n", -1, "/agent.conf:1: Key 'Slot' is in no known section");
  expect_problem ("[modem]\nSlot\n", -1,
                  "/agent.conf:2: This line is no section, no 'Key=value' and no comment");
  expect_problem ("[modem\n", -1, "/agent.conf:1: '[modem' is no section");
  expect_problem ("[agent /dev/x]\n", -1, "/agent.conf:1: Unknown section [agent /dev/x]");
  expect_problem ("[modem foo]\n", -1, "/agent.conf:1: Unknown section [modem foo]");
  expect_problem ("[modem /dev/x]\nDevice=/dev/y\n", -1,
                  "/agent.conf:2: Key 'Device' belongs into section [modem] only");
  expect_problem ("[modem]\0\n", 9, "/agent.conf: this is no text file");
}

static void
test_missing_file_is_a_problem_when_it_was_asked_for (void **state)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);

  assert_null (ea_config_load ("/nowhere/agent.conf", problems));

  assert_int_equal (problems->len, 1);
}

static void
test_defaults_count_where_nothing_is_set (void **state)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (EaConfig) config = load ("", 0, problems);

  assert_string_equal (ea_config_get (config, "modem", NULL, "Device"), "/dev/cdc-wdm*");
  assert_string_equal (ea_config_get (config, "agent", NULL, "LogLevel"), "notice");
  assert_int_equal (ea_config_get_choice (config, "modem", "/dev/cdc-wdm0", "Role"), 0);
  assert_int_equal (ea_config_get_number (config, "modem", "/dev/cdc-wdm0", "Slot"), 1);
  assert_string_equal (ea_config_get (config, "bearer", "/dev/cdc-wdm0", "Bearer"), "connect");
}

static void
test_section_of_a_device_wins_for_that_device (void **state)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (EaConfig) config
      = load ("[modem /dev/cdc-wdm1*]\nSlot = 2\n[modem]\nSlot=3\nRole=host\n", -1, problems);

  assert_int_equal (ea_config_get_number (config, "modem", "/dev/cdc-wdm1", "Slot"), 2);
  assert_int_equal (ea_config_get_number (config, "modem", "/dev/cdc-wdm0", "Slot"), 3);
  assert_int_equal (ea_config_get_choice (config, "modem", "/dev/cdc-wdm1", "Role"), 1);
}

static void
test_list_is_taken_apart_at_semicolons (void **state)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (EaConfig) config = load ("[modem]\nDevice=/dev/a; /dev/b*;\n", -1, problems);
  g_auto (GStrv) globs = ea_config_get_list (config, "modem", "Device");

  assert_int_equal (g_strv_length (globs), 2);
  assert_string_equal (globs[1], "/dev/b*");
}

static void
expect_wrong_value (const char *key, const char *value, const char *problem)
{
  g_autofree char *text = g_strdup_printf ("[bearer]\n%s=%s\n", key, value);
  g_autofree char *expected = g_strdup_printf ("/agent.conf:2: Key '%s': %s", key, problem);

  expect_problem (text, -1, expected);
}

static void
test_what_is_wrong_with_a_range_is_said (void **state)
{
  static const char *const cases[][2] = {
    { "10.0.0.0/8;10.0.0.0/33", "'10.0.0.0/33' does not end in a number of bits from 0 to 32" },
    { "10.0.0.0/-1", "'10.0.0.0/-1' does not end in a number of bits from 0 to 32" },
    { "10.0.0.0/", "'10.0.0.0/' does not end in a number of bits from 0 to 32" },
    { "10.0.0.0/8/8", "'10.0.0.0/8/8' does not end in a number of bits from 0 to 32" },
    { "::/129", "'::/129' does not end in a number of bits from 0 to 128" },
    { "127.0.0.1/8", "'127.0.0.1/8' has bits set after its first 8: write 127.0.0.0/8" },
    { "10.1.255.0/21", "'10.1.255.0/21' has bits set after its first 21: write 10.1.248.0/21" },
    { "2001:db8::1/32", "'2001:db8::1/32' has bits set after its first 32: write 2001:db8::/32" },
    { "/8", "'' is no IP address" },
    { "300.0.0.1", "'300.0.0.1' is no IP address" },
    { "smsr.example; ::1", "'smsr.example' is no IP address; names are not resolved here" },
    { "10.0.0.1,10.0.0.2",
      "'10.0.0.1,10.0.0.2' is no IP address; several are separated by semicolons" },
    { "127.0.0.1:443", "'127.0.0.1:443' is no IP address; write it without brackets and port" },
    { "[::1]:443", "'[::1]:443' is no IP address; write it without brackets and port" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    expect_wrong_value ("AllowAddresses", cases[i][0], cases[i][1]);
}

static void
test_access_point_names_are_labels_with_dots_between (void **state)
{
  static const char *const wrong[]
      = { "\"internet\"", "internet..x", ".x", "x.", "-x", "x-", "a_b", "my apn" };
  g_autofree char *long_label = g_strnfill (64, 'a');
  g_autofree char *part = g_strnfill (50, 'a');
  g_autofree char *long_name = g_strdup_printf ("%s.%s", part, part);

  for (gsize i = 0; i < G_N_ELEMENTS (wrong) + 2; i++)
    {
      const char *name = i < G_N_ELEMENTS (wrong)    ? wrong[i]
                         : i == G_N_ELEMENTS (wrong) ? long_label
                                                     : long_name;
      g_autofree char *problem
          = g_strdup_printf ("'%s' is no access point name: up to 100 letters, digits and "
                             "hyphens, with dots between the labels",
                             name);

      expect_wrong_value ("Apn", name, problem);
    }
}

static void
test_bearer_has_its_keys (void **state)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (EaConfig) config
      = load ("[bearer]\nBearer=any\nApn=iot.example\nAllowAddresses=10.0.0.0/8; ::1;\n"
              "DenyAddresses=\n[bearer /dev/cdc-wdm1]\nInterface=wwan0.100\nApn=\n",
              -1, problems);
  g_auto (GStrv) allowed = ea_config_get_list (config, "bearer", "AllowAddresses");
  g_auto (GStrv) denied = ea_config_get_list (config, "bearer", "DenyAddresses");

  assert_int_equal (ea_config_get_choice (config, "bearer", "/dev/cdc-wdm1", "Bearer"), 2);
  assert_string_equal (ea_config_get (config, "bearer", "/dev/cdc-wdm0", "Apn"), "iot.example");
  assert_string_equal (ea_config_get (config, "bearer", "/dev/cdc-wdm1", "Apn"), "");
  assert_string_equal (ea_config_get (config, "bearer", "/dev/cdc-wdm0", "Interface"), "");
  assert_string_equal (ea_config_get (config, "bearer", "/dev/cdc-wdm1", "Interface"), "wwan0.100");
  assert_int_equal (g_strv_length (allowed), 2);
  assert_string_equal (allowed[1], "::1");
  assert_int_equal (g_strv_length (denied), 0);
}

#define IN_DIRECTORY(name) cmocka_unit_test_setup_teardown (name, make_directory, remove_directory)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    IN_DIRECTORY (test_problems_name_file_line_and_key),
    IN_DIRECTORY (test_missing_file_is_a_problem_when_it_was_asked_for),
    IN_DIRECTORY (test_defaults_count_where_nothing_is_set),
    IN_DIRECTORY (test_section_of_a_device_wins_for_that_device),
    IN_DIRECTORY (test_what_is_wrong_with_a_range_is_said),
    IN_DIRECTORY (test_access_point_names_are_labels_with_dots_between),
    IN_DIRECTORY (test_bearer_has_its_keys),
    IN_DIRECTORY (test_list_is_taken_apart_at_semicolons),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
