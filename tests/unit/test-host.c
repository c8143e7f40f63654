/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The configuration. */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"
#include "host/clock.h"
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
  expect_problem (
      "[modem]\nDevice=cdc-wdm0\n", -1,
      "/agent.conf:2: Key 'Device': 'cdc-wdm0' is no list of absolute paths or qrtr://NODE");
  expect_problem (
      "[modem]\nDevice=qrtr://4294967296\n", -1,
      "/agent.conf:2: Key 'Device': 'qrtr://4294967296' is no list of absolute paths or "
      "qrtr://NODE");
  expect_problem ("[modem]\nSource=ofono\n", -1,
                  "/agent.conf:2: Key 'Source': 'ofono' is none of auto, modemmanager, udev");
  expect_problem ("[modem]\nProxyPath=qmi proxy\n", -1,
                  "/agent.conf:2: Key 'ProxyPath': 'qmi proxy' is no name of a socket: up to 107 "
                  "printable ASCII characters without blanks");
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

  assert_string_equal (ea_config_get (config, "modem", NULL, "Device"), "");
  assert_int_equal (ea_config_get_choice (config, "modem", NULL, "Source"), 0);
  assert_string_equal (ea_config_get (config, "agent", NULL, "LogLevel"), "notice");
  assert_int_equal (ea_config_get_choice (config, "modem", "/dev/cdc-wdm0", "Role"), 0);
  assert_int_equal (ea_config_get_number (config, "modem", "/dev/cdc-wdm0", "Slot"), 1);
  assert_string_equal (ea_config_get (config, "bearer", "/dev/cdc-wdm0", "Bearer"), "connect");
}

static void
test_section_of_a_device_wins_for_that_device (void **state)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (EaConfig) config = load ("[modem /dev/cdc-wdm1*]\nSlot = 2\n[modem qrtr://0]\nSlot=4\n"
                                      "[modem]\nSlot=3\nRole=host\n",
                                      -1, problems);

  assert_int_equal (ea_config_get_number (config, "modem", "/dev/cdc-wdm1", "Slot"), 2);
  assert_int_equal (ea_config_get_number (config, "modem", "qrtr://0", "Slot"), 4);
  assert_int_equal (ea_config_get_number (config, "modem", "/dev/cdc-wdm0", "Slot"), 3);
  assert_int_equal (ea_config_get_choice (config, "modem", "/dev/cdc-wdm1", "Role"), 1);
}

static void
test_list_is_taken_apart_at_semicolons (void **state)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (EaConfig) config
      = load ("[modem]\nDevice=/dev/a; /dev/b*;qrtr://4294967295\n", -1, problems);
  g_auto (GStrv) globs = ea_config_get_list (config, "modem", "Device");

  assert_int_equal (g_strv_length (globs), 3);
  assert_string_equal (globs[1], "/dev/b*");
  assert_string_equal (globs[2], "qrtr://4294967295");
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

/* A value of "[SECTION]" is refused for @problem, which has %s for the value, or taken where that is %NULL. */
static void
try_value (const char *section, const char *key, const char *value, const char *problem)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = g_strdup_printf ("[%s]\n%s=%s\n", section, key, value);
  g_autofree char *expected = NULL;
  g_autoptr (EaConfig) config = NULL;

  if (problem == NULL)
    {
      config = load (text, -1, problems);
      assert_non_null (config);
      assert_string_equal (ea_config_get (config, section, NULL, key), value);
      return;
    }
  expected = g_strdup_printf ("/agent.conf:2: Key '%s': '%s' is %s", key, value, problem);
  expect_problem (text, -1, expected);
}

static void
test_numbers_and_words_of_sessions_are_within_limits (void **state)
{
  static const struct
  {
    const char *section;
    const char *key;
    const char *good[6];
    const char *bad[3];
    const char *problem;
  } rows[] = {
    { "agent", "History", { "0", "1000" }, { "-1", "1001", "" }, "no number from 0 to 1000" },
    { "sm-sr", "Port", { "1", "65535" }, { "0", "65536", "" }, "no number from 1 to 65535" },
    { "sm-sr",
      "CatTpPort",
      { "", "1", "65535" },
      { "0", "65536", "x" },
      "no number from 1 to 65535" },
    { "sm-sr",
      "CatTpUdpPort",
      { "", "1", "65535" },
      { "0", "65536", "x" },
      "no number from 1 to 65535" },
    { "sm-sr",
      "TlsPreset",
      { "strict", "no-etm", "no-etm-no-ems" },
      { "Strict", "", "no-ems" },
      "none of strict, no-etm, no-etm-no-ems" },
    { "sm-sr", "TlsSuites", { "sgp02", "legacy" }, { "all", "", "PSK" }, "none of sgp02, legacy" },
    { "sm-sr",
      "MaxFragmentLength",
      { "0", "512", "1024", "2048", "4096" },
      { "511", "8192", "" },
      "none of 0, 512, 1024, 2048, 4096" },
    { "sm-sr",
      "RequestFraming",
      { "chunked", "length" },
      { "close", "", "Length" },
      "none of chunked, length" },
    { "sm-sr", "Protocol", { "1.0", "1.1.1" }, { "1.1", "", "2" }, "none of 1.0, 1.1.1" },
    { "sm-sr", "NotifyBy", { "none", "https" }, { "sms", "", "off" }, "none of none, https" },
    { "session", "RetryLimit", { "0", "1000" }, { "-1", "1001", "" }, "no number from 0 to 1000" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      for (gsize k = 0; k < G_N_ELEMENTS (rows[i].good) && rows[i].good[k] != NULL; k++)
        try_value (rows[i].section, rows[i].key, rows[i].good[k], NULL);
      for (gsize k = 0; k < G_N_ELEMENTS (rows[i].bad); k++)
        try_value (rows[i].section, rows[i].key, rows[i].bad[k], rows[i].problem);
    }
}

static void
test_steps_of_a_switch_are_spans_or_off (void **state)
{
  static const struct
  {
    const char *key;
    const char *good[3];
    const char *bad[3];
    const char *longest;
  } rows[] = {
    { "WaitRefresh", { "off", "30", "1h" }, { "3601", "-1", "" }, "1h" },
    { "WaitIccid", { "off", "30s", "60min" }, { "61min", "no", "" }, "1h" },
    { "WaitRegistration", { "off", "3min", "1d" }, { "25h", "ever", "" }, "1d" },
    { "PowerCycle", { "off", "120", "1d" }, { "86401", "yes", "" }, "1d" },
    { "AirplaneMode", { "off", "3min", "24h" }, { "2d", "1,5", "" }, "1d" },
    { "Reset", { "off", "0", "1d" }, { "1w", "on", "" }, "1d" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *problem = g_strdup_printf (
          "neither off nor a time up to %s, such as 90 (seconds) or 1h 30min", rows[i].longest);

      for (gsize k = 0; k < G_N_ELEMENTS (rows[i].good); k++)
        try_value ("switch", rows[i].key, rows[i].good[k], NULL);
      for (gsize k = 0; k < G_N_ELEMENTS (rows[i].bad); k++)
        try_value ("switch", rows[i].key, rows[i].bad[k], problem);
    }
}

static void
test_the_reset_of_a_modem_is_off_unless_somebody_wants_it (void **state)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (EaConfig) config
      = load ("[switch]\nReset=1min\n[switch /dev/cdc-wdm1]\nReset=off\n", -1, problems);
  g_autoptr (EaConfig) usual = load ("", 0, problems);

  assert_int_equal (ea_config_get_time_s (usual, "switch", "/dev/cdc-wdm0", "Reset"), 0);
  assert_int_equal (ea_config_get_time_s (config, "switch", "/dev/cdc-wdm0", "Reset"), 60);
  assert_int_equal (ea_config_get_time_s (config, "switch", "/dev/cdc-wdm1", "Reset"), 0);
}

static void
test_hooks_are_in_a_directory_with_an_absolute_path (void **state)
{
  try_value ("agent", "HooksDirectory", "", NULL);
  try_value ("agent", "HooksDirectory", "/usr/local/lib/site-hooks", NULL);
  try_value ("agent", "HooksDirectory", "hooks.d", "no absolute path");
  try_value ("agent", "HooksDirectory", "~/hooks.d", "no absolute path");
}

static void
test_times_of_sessions_are_spans_within_limits (void **state)
{
  static const struct
  {
    const char *key;
    const char *good[4];
    const char *bad[6];
    const char *problem;
  } rows[] = {
    { "Interval",
      { "off", "0", "365d", "1w 1d 1h 1min 1s" },
      { "31536001", "366d", "-1", "", "1 fortnight", "1.5h" },
      "neither off nor a time up to 365d, such as 90 (seconds) or 1h 30min" },
    { "Spread",
      { "off", "0s", "1d", "24hours" },
      { "86401", "25h", "h", "1hh", "off 1", "1h,1s" },
      "neither off nor a time up to 1d, such as 90 (seconds) or 1h 30min" },
    { "Timeout",
      { "1", "1h", "60 min", "3600 seconds" },
      { "0", "off", "3601", "1h1s", "5000000000", "99999999999999999999" },
      "no time from 1s to 1h, such as 90 (seconds) or 1min 30s" },
    { "RetryDelay",
      { "1s", "1d", "1 day", "86400" },
      { "0", "off", "86401s", "2 days", "1ms", "forever" },
      "no time from 1s to 1d, such as 90 (seconds) or 1min 30s" },
    { "RetryMaximum",
      { "1", "7d", "1week", "168hr" },
      { "0", "off", "8d", "1w1s", "infinity", "1 M" },
      "no time from 1s to 7d, such as 90 (seconds) or 1min 30s" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      for (gsize k = 0; k < G_N_ELEMENTS (rows[i].good); k++)
        try_value ("session", rows[i].key, rows[i].good[k], NULL);
      for (gsize k = 0; k < G_N_ELEMENTS (rows[i].bad); k++)
        try_value ("session", rows[i].key, rows[i].bad[k], rows[i].problem);
    }
}

static void
test_span_of_time_is_the_sum_of_its_parts (void **state)
{
  static const struct
  {
    const char *text;
    guint seconds;
  } spans[] = { { "off", 0 },         { "90", 90 },      { "2min 3", 123 },     { "1h30min", 5400 },
                { "1 h 30 m", 5400 }, { "1d1s", 86401 }, { "2 weeks", 1209600 } };

  for (gsize i = 0; i < G_N_ELEMENTS (spans); i++)
    {
      g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
      g_autofree char *text = g_strdup_printf ("[session]\nInterval=%s\n", spans[i].text);
      g_autoptr (EaConfig) config = load (text, -1, problems);

      assert_int_equal (ea_config_get_time_s (config, "session", NULL, "Interval"),
                        spans[i].seconds);
    }
}

/* Labels of 63 characters, and a shorter one, @length in all */
static char *
make_host (gsize length)
{
  GString *host = g_string_new (NULL);

  for (gsize i = 0; i < length; i++)
    g_string_append_c (host, i % 64 == 63 ? '.' : 'a');
  return g_string_free (host, FALSE);
}

static void
test_hosts_are_names_or_addresses (void **state)
{
  static const char *const good[] = {
    "", "smsr.example.com", "a", "192.0.2.1", "2001:db8::1", "3gpp.example", "x-1.y", "SMSR"
  };
  static const char *const bad[]
      = { "smsr_1",   "a..b",          ".a", "a.", "-a", "a-", "a b", "a/b", "192.0.2.256",
          "smsr:443", "[2001:db8::1]", "1.2" };
  const char *problem = "no host name and no address: names have up to 253 letters, digits and "
                        "hyphens, with dots between labels of up to 63";
  g_autofree char *label = g_strnfill (64, 'a');
  g_autofree char *longest = make_host (253);
  g_autofree char *too_long = make_host (254);

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    try_value ("sm-sr", "Host", good[i], NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    try_value ("sm-sr", "Host", bad[i], problem);
  try_value ("sm-sr", "Host", longest, NULL);
  try_value ("sm-sr", "Host", too_long, problem);
  try_value ("sm-sr", "Host", label + 1, NULL);
  try_value ("sm-sr", "Host", label, problem);
}

static void
test_uri_is_a_path_without_blanks (void **state)
{
  static const char *const bad[] = { "", "gsma", "http://smsr/", "/a b", "/\x7F", "/\xC3\xA4" };
  const char *problem
      = "no path on a server: it begins with '/' and has up to 1024 printable ASCII "
        "characters without blanks";
  g_autofree char *too_long = g_strnfill (1025, '/');

  try_value ("sm-sr", "Uri", "/", NULL);
  try_value ("sm-sr", "Uri", "/a/b?c=%20&d=;e", NULL);
  try_value ("sm-sr", "Uri", too_long + 1, NULL);
  try_value ("sm-sr", "Uri", too_long, problem);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    try_value ("sm-sr", "Uri", bad[i], problem);
}

static void
test_originator_is_a_phone_number (void **state)
{
  static const char *const good[]
      = { "+999102127", "0", "491234", "12121212121212121212", "+12121212121212121212" };
  static const char *const bad[] = { "", "+", "12a", "+ 1", "1-2", "++1", "*1", "eUICC" };
  const char *problem
      = "no phone number: 1 to 20 digits, with '+' in front of an international one";

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    try_value ("sm-sr", "SealedOriginator", good[i], NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    try_value ("sm-sr", "SealedOriginator", bad[i], problem);
  try_value ("sm-sr", "SealedOriginator", "121212121212121212121", problem);
  try_value ("sm-sr", "SealedOriginator", "+121212121212121212121", problem);
}

static void
test_what_is_wrong_with_a_server_is_said (void **state)
{
  static const char *const cases[][3] = {
    { "192.0.2.1;192.0.2.1:0", "192.0.2.1:0", "does not end in a port from 1 to 65535" },
    { "192.0.2.1:65536", "192.0.2.1:65536", "does not end in a port from 1 to 65535" },
    { "192.0.2.1:", "192.0.2.1:", "does not end in a port from 1 to 65535" },
    { "[::1]:x", "[::1]:x", "does not end in a port from 1 to 65535" },
    { "[192.0.2.1]:53", "[192.0.2.1]:53", "is no ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT" },
    { "[::1", "[::1", "is no ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT" },
    { "::1]", "::1]", "is no ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT" },
    { "[::1]53", "[::1]53", "is no ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT" },
    { ":53", ":53", "is no ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT" },
    { "1.1.1.1,2.2.2.2", "1.1.1.1,2.2.2.2",
      "is no ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT; several are separated by semicolons" },
    { "dns.example:53", "dns.example:53",
      "is no ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT; names are not resolved here" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("[sm-sr]\nDnsServers=%s\n", cases[i][0]);
      g_autofree char *expected
          = g_strdup_printf ("/agent.conf:2: Key 'DnsServers': '%s' %s", cases[i][1], cases[i][2]);

      expect_problem (text, -1, expected);
    }
}

static void
assert_server (GPtrArray *servers, guint index, const char *expected)
{
  g_autofree char *address
      = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (servers->pdata[index]));

  assert_string_equal (address, expected);
}

static void
test_servers_have_a_port (void **state)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (EaConfig) config
      = load ("[sm-sr]\nDnsServers=192.0.2.1;192.0.2.2:1; [2001:db8::1]:65535;::1 ;[::2]\n"
              "[sm-sr b.example]\nDnsServers=\n",
              -1, problems);
  g_autoptr (GPtrArray) servers
      = ea_config_get_servers (config, "sm-sr", "a.example", "DnsServers", 53);
  g_autoptr (GPtrArray) none
      = ea_config_get_servers (config, "sm-sr", "b.example", "DnsServers", 53);

  assert_int_equal (servers->len, 5);
  assert_server (servers, 0, "192.0.2.1:53");
  assert_server (servers, 1, "192.0.2.2:1");
  assert_server (servers, 2, "[2001:db8::1]:65535");
  assert_server (servers, 3, "[::1]:53");
  assert_server (servers, 4, "[::2]:53");
  assert_int_equal (none->len, 0);
}

static void
test_section_of_an_sm_sr_wins_for_its_host (void **state)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (EaConfig) config
      = load ("[sm-sr Old.Example]\nTlsPreset=no-etm\nMaxFragmentLength=512\n"
              "SealedOriginator=+491234\n[sm-sr 2001:db8::1]\nPort=8443\n[sm-sr]\nPort=444\n",
              -1, problems);

  assert_int_equal (ea_config_get_choice (config, "sm-sr", "old.example", "TlsPreset"), 1);
  assert_int_equal (ea_config_get_number (config, "sm-sr", "OLD.EXAMPLE", "MaxFragmentLength"),
                    512);
  assert_string_equal (ea_config_get (config, "sm-sr", "old.example", "SealedOriginator"),
                       "+491234");
  assert_string_equal (ea_config_get (config, "sm-sr", "new.example", "SealedOriginator"),
                       "+999102127");
  assert_int_equal (ea_config_get_choice (config, "sm-sr", "cold.example", "TlsPreset"), 0);
  assert_int_equal (ea_config_get_choice (config, "sm-sr", NULL, "TlsPreset"), 0);
  assert_int_equal (ea_config_get_number (config, "sm-sr", "2001:DB8::1", "Port"), 8443);
  assert_int_equal (ea_config_get_number (config, "sm-sr", "old.example", "Port"), 444);
}

static void
test_sections_of_sessions_that_mean_nothing_are_told (void **state)
{
  expect_problem ("[sm-sr a.example]\nHost=b.example\n", -1,
                  "/agent.conf:2: Key 'Host' belongs into section [sm-sr] only");
  expect_problem ("[sm-sr *]\n", -1, "/agent.conf:1: Unknown section [sm-sr *]");
  expect_problem ("[sm-sr a.example:443]\n", -1,
                  "/agent.conf:1: Unknown section [sm-sr a.example:443]");
  expect_problem ("[session a.example]\n", -1,
                  "/agent.conf:1: Unknown section [session a.example]");
}

static void
test_defaults_of_sessions (void **state)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (EaConfig) config = load ("", 0, problems);
  static const char *const defaults[][3] = {
    { "agent", "History", "100" },
    { "sm-sr", "Host", "" },
    { "sm-sr", "Port", "443" },
    { "sm-sr", "Uri", "/gsma/adminagent" },
    { "sm-sr", "TlsPreset", "strict" },
    { "sm-sr", "TlsSuites", "sgp02" },
    { "sm-sr", "Protocol", "1.0" },
    { "sm-sr", "RequestFraming", "chunked" },
    { "sm-sr", "NotifyBy", "none" },
    { "sm-sr", "MaxFragmentLength", "0" },
    { "sm-sr", "DnsServers", "" },
    { "session", "RetryLimit", "5" },
    { "sm-sr", "SealedOriginator", "+999102127" },
  };
  static const struct
  {
    const char *key;
    guint seconds;
  } times[] = { { "Interval", 0 },
                { "Spread", 600 },
                { "Timeout", 60 },
                { "RetryDelay", 30 },
                { "RetryMaximum", 3600 } };

  for (gsize i = 0; i < G_N_ELEMENTS (defaults); i++)
    assert_string_equal (ea_config_get (config, defaults[i][0], NULL, defaults[i][1]),
                         defaults[i][2]);
  for (gsize i = 0; i < G_N_ELEMENTS (times); i++)
    assert_int_equal (ea_config_get_time_s (config, "session", NULL, times[i].key),
                      times[i].seconds);
  assert_int_equal (ea_config_get_number (config, "sm-sr", NULL, "CatTpPort"), 0);
  assert_int_equal (ea_config_get_number (config, "sm-sr", NULL, "CatTpUdpPort"), 0);
}

#define IN_DIRECTORY(name) cmocka_unit_test_setup_teardown (name, make_directory, remove_directory)

static void
test_time_goes_on_from_one_process_and_one_boot_to_another (void **state)
{
  const EaClockReading before = { { 1 }, 5 * G_USEC_PER_SEC, 1000 * G_USEC_PER_SEC };
  const EaClockReading same_boot = { { 1 }, 8 * G_USEC_PER_SEC, 0 };
  const EaClockReading next_boot = { { 2 }, 8 * G_USEC_PER_SEC, 1060 * G_USEC_PER_SEC };
  const EaClockReading set_back = { { 2 }, 8 * G_USEC_PER_SEC, 0 };
  EaClockReading now;

  assert_true (ea_clock_get_elapsed_us (&before, &same_boot) == 3 * G_USEC_PER_SEC);
  assert_true (ea_clock_get_elapsed_us (&before, &next_boot) == 60 * G_USEC_PER_SEC);
  assert_true (ea_clock_get_elapsed_us (&before, &set_back) == 0);
  ea_clock_read (&now);
  assert_true (ea_clock_get_elapsed_us (&now, &now) == 0);
}

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
    IN_DIRECTORY (test_numbers_and_words_of_sessions_are_within_limits),
    IN_DIRECTORY (test_times_of_sessions_are_spans_within_limits),
    IN_DIRECTORY (test_span_of_time_is_the_sum_of_its_parts),
    IN_DIRECTORY (test_hosts_are_names_or_addresses),
    IN_DIRECTORY (test_uri_is_a_path_without_blanks),
    IN_DIRECTORY (test_originator_is_a_phone_number),
    IN_DIRECTORY (test_what_is_wrong_with_a_server_is_said),
    IN_DIRECTORY (test_servers_have_a_port),
    IN_DIRECTORY (test_section_of_an_sm_sr_wins_for_its_host),
    IN_DIRECTORY (test_sections_of_sessions_that_mean_nothing_are_told),
    IN_DIRECTORY (test_steps_of_a_switch_are_spans_or_off),
    IN_DIRECTORY (test_the_reset_of_a_modem_is_off_unless_somebody_wants_it),
    IN_DIRECTORY (test_hooks_are_in_a_directory_with_an_absolute_path),
    IN_DIRECTORY (test_defaults_of_sessions),
    cmocka_unit_test (test_time_goes_on_from_one_process_and_one_boot_to_another),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
