/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What collectors of metrics get of euiccctl: the numbers after known sessions, messages and failures, and the text itself,
 * read by Prometheus' own programs.
 */

#include "https-rig.h"

#include <glib/gstdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SCRIPT "80CA005A00\n80F24002024F0000\n80CAFF2100\n"
#define ONE_ATTEMPT "RetryLimit=0\nTimeout=1\n"
#define N_SESSIONS 4
#define EXIT_SKIPPED 77

/* What a label has to escape, and how (OpenMetrics 1.0, "escaped-string") */
#define STRANGE "1\"}\\n\n 2"
#define STRANGE_ESCAPED "1\\\"}\\\\n\\n 2"

/* In a shell: it is the machine's, or what fetch-promtool has unpacked */
#define WITH_PROMTOOL "PATH=$PATH:$EA_TEST_PROMTOOL; command -v promtool >/dev/null || exit 77; "

/* In the simulator's list of requests: WMS Send Ack */
#define ACKNOWLEDGE "wms 0x0037 "

/* OPEN CHANNEL, immediate: TCP to 127.0.0.1, default access name, buffer 1400; SEND DATA; CLOSE CHANNEL; and what is
 * answered: the worked examples that tshark reads (tests/vectors) */
#define OPEN_TCP                                                                                   \
  "D01C81030140018202818235010339020578"                                                           \
  "3C0302%04X3E05217F000001"
#define OPENED "ok 8103014001820282818301003802810035010339020578"
#define SEND_ABC "D00E8103014301820281213603414243"
#define SENT "ok 8103014301820282818301003701FF"
#define CLOSE "D009810301410082028121"
#define CLOSED "ok 810301410082028281830100"

/* What the first line of a manual's example is */
#define EXAMPLE "#!/bin/sh\n"
#define EXAMPLE_DIRECTORY "/var/lib/prometheus/node-exporter"

static char *
run_metrics (Rig *rig, const char *option)
{
  int status;
  char *text = rig_run_client (rig, &status, "metrics", option, NULL);

  assert_int_equal (status, 0);
  return text;
}

/* @sample: without the prefix, up to its value */
static void
assert_sample (const char *text, const char *sample, guint64 value)
{
  g_autofree char *line
      = g_strdup_printf ("\neuicc_agent_%s %" G_GUINT64_FORMAT "\n", sample, value);

  if (strstr (text, line) != NULL)
    return;
  g_print ("%s", text); /* cmocka would shorten it */
  fail_msg ("there is no '%s'", g_strstrip (line));
}

static void
send_script (Rig *rig, const char *transport)
{
  g_autofree char *reply
      = rig_control (rig, "smsr send-script %s/script --via %s", rig->directory, transport);

  rig_assert_has (reply, "executed=3 sw=9000,9000,9000");
}

/* Of each of N_SESSIONS one after the other: HTTPS and CAT_TP, well and not; and a script by short message */
static void
run_campaign (Rig *rig)
{
  g_autofree char *path = NULL;
  g_autoptr (HttpsNews) news = NULL;

  https_start_with_keys (rig, NULL, HTTPS_KEYS, ONE_ATTEMPT);
  path = g_build_filename (rig->directory, "script", NULL);
  assert_true (g_file_set_contents (path, SCRIPT, -1, NULL));
  news = https_news_new (rig);
  send_script (rig, "sms");
  send_script (rig, "https");
  https_news_await_result (news, 0, "ok");
  send_script (rig, "cat-tp");
  https_news_await_result (news, 1, "ok");
  (void) https_open_session (rig, "{'port': <uint16 1>}");
  https_news_await_result (news, 2, "failed");
  rig_expect_control (rig, "ok", "fail smsr cat-tp-silence");
  (void) https_open_session_over (rig, "cat-tp", "{}");
  https_news_await_result (news, 3, "failed");
  rig_await_counter (rig, "sessions-cat-tp-failed", 1);
}

/* What the bus tells of the sessions, with a transport of its own each */
static guint64
sum_up (Rig *rig, const char *transport, const char *property)
{
  guint64 sum = 0;

  for (guint i = 0; i < N_SESSIONS; i++)
    {
      g_autofree char *own = https_get_property (rig, i, "Transport");

      if (g_str_equal (own, transport))
        sum += https_get_count (rig, i, property);
    }
  assert_int_not_equal (sum, 0);
  return sum;
}

static void
assert_sessions (Rig *rig, const char *text, const char *transport)
{
  static const char *const results[] = { "ok", "failed", "cancelled", "interrupted" };
  static const guint64 counts[] = { 1, 1, 0, 0 };
  g_autofree char *received
      = g_strdup_printf ("session_received_bytes_total{euicc=\"0\",transport=\"%s\"}", transport);
  g_autofree char *sent
      = g_strdup_printf ("session_sent_bytes_total{euicc=\"0\",transport=\"%s\"}", transport);

  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autofree char *sample = g_strdup_printf (
          "sessions_total{euicc=\"0\",transport=\"%s\",result=\"%s\"}", transport, results[i]);

      assert_sample (text, sample, counts[i]);
    }
  assert_sample (text, received, sum_up (rig, transport, "BytesReceived"));
  assert_sample (text, sent, sum_up (rig, transport, "BytesSent"));
}

/* As often as the modem was told of one, and as the network got one */
static void
assert_messages (Rig *rig, const char *text)
{
  g_autofree char *requests = rig_control (rig, "qmi");
  g_autofree char *sent = rig_control (rig, "sent-sms");
  guint n_acknowledged = https_count (requests, ACKNOWLEDGE);

  assert_true (n_acknowledged >= 3); /* a script, and what triggers two sessions */
  assert_sample (text, "sms_received_total{euicc=\"0\"}", n_acknowledged);
  assert_sample (text, "sms_handled_total{euicc=\"0\",fate=\"accepted\"}", n_acknowledged);
  assert_sample (text, "sms_handled_total{euicc=\"0\",fate=\"rejected\"}", 0);
  assert_sample (text, "sms_submitted_total{euicc=\"0\",result=\"sent\"}",
                 https_count (sent, "\n"));
  assert_sample (text, "sms_submitted_total{euicc=\"0\",result=\"not-sent\"}", 0);
}

static void
test_sessions_messages_and_failures_are_counted (void **state)
{
  Rig *rig = *state;
  g_autofree char *text = NULL;

  run_campaign (rig);
  text = run_metrics (rig, NULL);

  assert_sessions (rig, text, "https");
  assert_sessions (rig, text, "cat-tp");
  assert_messages (rig, text);
  assert_sample (text, "sessions_opened_total{euicc=\"0\"}", N_SESSIONS);
  assert_sample (text, "open_sessions{euicc=\"0\"}", 0);
  assert_sample (text, "apdus_total{euicc=\"0\"}", 9);
  assert_sample (text, "timeouts_total{euicc=\"0\",peer=\"network\"}", 1);
  assert_sample (text, "timeouts_total{euicc=\"0\",peer=\"modem\"}", 0);
  assert_sample (text, "timeouts_total{euicc=\"0\",peer=\"card\"}", 0);
  /* a script by short message, one by CAT_TP; and what triggers two sessions */
  assert_sample (text, "packets_total{euicc=\"0\",fate=\"taken\"}", 4);
  assert_sample (text, "packets_total{euicc=\"0\",fate=\"refused\"}", 0);
  rig_stop_agent (rig);
}

static void
test_states_are_series_of_their_own (void **state)
{
  Rig *rig = *state;
  g_autofree char *text = NULL;

  https_start (rig, NULL);
  text = run_metrics (rig, NULL);

  assert_sample (text, "up", 1);
  assert_sample (text, "euiccs", 1);
  assert_sample (text, "state{state=\"running\"}", 1);
  assert_sample (text, "state{state=\"waiting\"}", 0);
  assert_sample (text, "euicc_info{euicc=\"0\",eid=\"1224\"}", 1);
  assert_sample (text, "euicc_state{euicc=\"0\",state=\"ready\"}", 1);
  assert_sample (text, "euicc_state{euicc=\"0\",state=\"absent\"}", 0);
  assert_sample (text, "euicc_state{euicc=\"0\",state=\"failed\"}", 0);
  assert_sample (text, "euicc_trouble{euicc=\"0\"}", 0);
  assert_sample (text, "euicc_role{euicc=\"0\",role=\"host\"}", 1);
  assert_sample (text, "euicc_role{euicc=\"0\",role=\"observer\"}", 0);
  assert_sample (text, "key_sets{euicc=\"0\",protocol=\"scp80\"}", 1);
  assert_sample (text, "key_sets{euicc=\"0\",protocol=\"scp81\"}", 1);
  rig_stop_agent (rig);
}

static void
test_an_open_channel_and_its_bytes_are_counted (void **state)
{
  Rig *rig = *state;
  g_autoptr (GSocketListener) peer = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (peer, NULL, NULL);
  g_autofree char *text = NULL;
  g_autofree char *closed = NULL;

  assert_int_not_equal (port, 0);
  rig_write_config (rig, RIG_LOOPBACK_CONFIG);
  rig_start (rig);
  rig_expect_control (rig, OPENED, "proactive " OPEN_TCP, port);
  rig_expect_control (rig, SENT, "proactive " SEND_ABC);
  rig_await_counter (rig, "bytes-sent-tcp", 3);
  text = run_metrics (rig, NULL);
  rig_expect_control (rig, CLOSED, "proactive " CLOSE);
  closed = run_metrics (rig, NULL);

  assert_sample (text, "open_channels{euicc=\"0\"}", 1);
  assert_sample (text, "channel_links_total{euicc=\"0\",result=\"opened\"}", 1);
  assert_sample (text, "channel_sent_bytes_total{euicc=\"0\",transport=\"tcp\"}", 3);
  assert_sample (text, "channel_received_bytes_total{euicc=\"0\",transport=\"tcp\"}", 0);
  assert_sample (closed, "open_channels{euicc=\"0\"}", 0);
  rig_stop_agent (rig);
}

static void
test_nothing_tells_who_the_subscriber_is (void **state)
{
  Rig *rig = *state;
  g_autofree char *eid = NULL;
  g_autofree char *iccid = NULL;
  g_autofree char *imei = NULL;
  g_autofree char *text = NULL;

  run_campaign (rig);
  eid = rig_get (rig, "Eid");
  iccid = rig_get (rig, "Iccid");
  imei = rig_get (rig, "Imei");
  text = run_metrics (rig, NULL);

  assert_int_equal (strlen (eid), 32);
  eid[strlen (eid) - 4] = '\0'; /* its last digits are told */
  assert_true (strlen (iccid) >= 18 && strlen (imei) >= 14);
  assert_null (strstr (text, eid));
  assert_null (strstr (text, iccid));
  assert_null (strstr (text, imei));
  rig_stop_agent (rig);
}

/* (transfer full): the path of a file in the simulator's directory with the metrics */
static char *
write_metrics (Rig *rig, const char *name, const char *option)
{
  g_autofree char *text = run_metrics (rig, option);
  char *path = g_build_filename (rig->directory, name, NULL);

  assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

/* Skips the test where the program says that it can't do its work. */
static void
expect_success (const char *const *command)
{
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                     &errors, &status, &error))
    fail_msg ("%s", error->message);
  if (g_spawn_check_wait_status (status, &error))
    return;
  if (g_error_matches (error, G_SPAWN_EXIT_ERROR, EXIT_SKIPPED))
    skip ();
  g_print ("%s%s", output, errors);
  fail_msg ("%s: %s", command[0], error->message);
}

static void
test_promtool_finds_nothing_wrong (void **state)
{
  Rig *rig = *state;
  g_autofree char *path = NULL;

  run_campaign (rig);
  path = write_metrics (rig, "prometheus", NULL);

  expect_success ((const char *const[]){
      "sh", "-c",
      WITH_PROMTOOL
      "out=$(promtool check metrics <\"$0\" 2>&1) && [ -z \"$out\" ] || { echo \"$out\"; exit 1; }",
      path, NULL });
  rig_stop_agent (rig);
}

/* That of the example: the block with "sum by" in the manual */
static void
test_promtool_reads_the_manuals_query (void **state)
{
  Rig *rig = *state;
  g_autofree char *manual = NULL;
  g_autofree char *path = g_build_filename (rig->directory, "rules", NULL);
  g_autofree char *query = NULL;
  g_autofree char *rules = NULL;
  const char *begin;
  const char *end;

  assert_true (g_file_get_contents (g_getenv ("EA_TEST_MANUAL"), &manual, NULL, NULL));
  begin = strstr (manual, "\nsum by ");
  assert_non_null (begin);
  end = strstr (begin, "\n```");
  assert_non_null (end);
  query = g_strdelimit (g_strndup (begin + 1, (gsize) (end - begin) - 1), "\n", ' ');
  rules = g_strdup_printf ("groups:\n- name: manual\n  rules:\n  - alert: failed\n    expr: '%s'\n",
                           query);
  assert_true (g_file_set_contents (path, rules, -1, NULL));

  expect_success (
      (const char *const[]){ "sh", "-c", WITH_PROMTOOL "promtool check rules \"$0\"", path, NULL });
}

static void
test_both_formats_say_the_same_to_their_readers (void **state)
{
  Rig *rig = *state;
  const char *checker = g_getenv ("EA_TEST_CHECK_METRICS");
  g_autofree char *prometheus = NULL;
  g_autofree char *openmetrics = NULL;

  run_campaign (rig);
  prometheus = write_metrics (rig, "prometheus", NULL);
  openmetrics = write_metrics (rig, "openmetrics", "--openmetrics");
  assert_non_null (checker);

  expect_success ((const char *const[]){ checker, prometheus, openmetrics, NULL });
  rig_stop_agent (rig);
}

static void
test_two_modems_are_told_apart (void **state)
{
  Rig *rig = *state;
  g_autofree char *text = NULL;

  rig_start_simulator (rig, "--modems", "2", NULL);
  rig_start_agent (rig, NULL);
  rig_await_number (rig, 1, "State", "ready");
  rig_await_number (rig, 0, "State", "ready");
  text = run_metrics (rig, NULL);

  assert_sample (text, "euiccs", 2);
  assert_sample (text, "euicc_state{euicc=\"0\",state=\"ready\"}", 1);
  assert_sample (text, "euicc_state{euicc=\"1\",state=\"ready\"}", 1);
  assert_sample (text, "apdus_total{euicc=\"1\"}", 0);
  rig_stop_agent (rig);
}

/* An agent that says strange things of itself */

static const char strange_agent[]
    = "<node>"
      "<interface name='org.euicc.Agent1.Manager'>"
      "<property name='Version' type='s' access='read'/>"
      "<property name='State' type='s' access='read'/>"
      "</interface>"
      "<interface name='org.freedesktop.DBus.ObjectManager'>"
      "<method name='GetManagedObjects'><arg type='a{oa{sa{sv}}}' direction='out'/></method>"
      "</interface>"
      "</node>";

static void
on_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(a{oa{sa{sv}}})", NULL));
}

static GVariant *
on_property (GDBusConnection *connection, const char *sender, const char *path,
             const char *interface, const char *property, GError **error, gpointer user_data)
{
  return g_variant_new_string (STRANGE);
}

static void
on_owned (GDBusConnection *connection, const char *name, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static gboolean
is_true (gpointer data)
{
  return *(gboolean *) data;
}

static void
start_strange_agent (Rig *rig)
{
  static const GDBusInterfaceVTable table = { .method_call = on_call, .get_property = on_property };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (strange_agent, NULL);
  gboolean is_owned = FALSE;

  assert_non_null (node);
  for (gsize i = 0; node->interfaces[i] != NULL; i++)
    assert_int_not_equal (g_dbus_connection_register_object (rig->connection, "/org/euicc/Agent1",
                                                             node->interfaces[i], &table, NULL,
                                                             NULL, NULL),
                          0);
  g_bus_own_name_on_connection (rig->connection, "org.euicc.Agent1", G_BUS_NAME_OWNER_FLAGS_NONE,
                                on_owned, NULL, &is_owned, NULL);
  assert_true (rig_await_that (is_true, &is_owned));
}

static void
on_text (GObject *source, GAsyncResult *result, gpointer user_data)
{
  (void) g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, user_data, NULL,
                                               NULL);
}

static gboolean
has_text (gpointer data)
{
  return *(char **) data != NULL;
}

static void
test_label_values_are_escaped (void **state)
{
  Rig *rig = *state;
  g_autoptr (GSubprocess) client = NULL;
  g_autofree char *text = NULL;

  start_strange_agent (rig);
  client = rig_spawn_client (rig, "metrics", NULL);
  g_subprocess_communicate_utf8_async (client, NULL, NULL, on_text, &text);
  assert_true (rig_await_that (has_text, &text));

  assert_sample (text, "info{version=\"" STRANGE_ESCAPED "\"}", 1);
  assert_sample (text, "state{state=\"running\"}", 0);
  assert_sample (text, "state{state=\"waiting\"}", 0);
  assert_sample (text, "euiccs", 0);
}

static void
test_without_an_agent_nothing_is_printed (void **state)
{
  int status;
  g_autofree char *output = rig_run_client (*state, &status, "metrics", NULL);

  assert_int_equal (status, 1);
  assert_string_equal (output, "");
}

static void
test_metrics_have_no_json (void **state)
{
  int status;
  g_autofree char *output = rig_run_client (*state, &status, "metrics", "--json=short", NULL);

  assert_int_equal (status, 2);
  assert_string_equal (output, "");
}

static void
test_text_that_does_not_fit_the_disk_is_a_failure (void **state)
{
  Rig *rig = *state;
  const char *bus = NULL;

  rig_start (rig);
  bus = g_test_dbus_get_bus_address (rig->bus);
  expect_success ((const char *const[]){
      "sh", "-c", "\"$EA_TEST_CLIENT\" --bus=\"$0\" metrics >/dev/full 2>/dev/null; [ $? = 1 ]",
      bus, NULL });
  rig_stop_agent (rig);
}

/* (transfer full): the manual's program for the textfile collector, which writes to @directory instead */
static char *
read_example (const char *directory)
{
  g_autofree char *manual = NULL;
  g_autoptr (GString) example = NULL;
  const char *begin;
  const char *end;

  assert_true (g_file_get_contents (g_getenv ("EA_TEST_MANUAL"), &manual, NULL, NULL));
  begin = strstr (manual, EXAMPLE);
  assert_non_null (begin);
  end = strstr (begin, "```");
  assert_non_null (end);
  example = g_string_new_len (begin, end - begin);
  assert_int_equal (g_string_replace (example, EXAMPLE_DIRECTORY, directory, 0), 1);
  return g_string_free (g_steal_pointer (&example), FALSE);
}

static void
run_example (Rig *rig, const char *example)
{
  g_autofree char *folder = g_path_get_dirname (g_getenv ("EA_TEST_CLIENT"));
  const char *bus = g_test_dbus_get_bus_address (rig->bus);

  expect_success ((const char *const[]){ "sh", "-c",
                                         "PATH=$1:$PATH DBUS_SYSTEM_BUS_ADDRESS=$2 sh -c \"$0\"",
                                         example, folder, bus, NULL });
}

static void
test_the_manuals_program_feeds_the_textfile_collector (void **state)
{
  Rig *rig = *state;
  g_autofree char *directory = g_dir_make_tmp ("metrics-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "euicc-agent.prom", NULL);
  g_autofree char *example = read_example (directory);
  g_autofree char *with = NULL;
  g_autofree char *without = NULL;

  rig_start (rig);
  run_example (rig, example);
  assert_true (g_file_get_contents (path, &with, NULL, NULL));
  rig_stop_agent (rig);
  run_example (rig, example);
  assert_true (g_file_get_contents (path, &without, NULL, NULL));

  assert_sample (with, "up", 1);
  assert_true (g_str_has_suffix (with, "\n# EOF\n"));
  assert_string_equal (without, "euicc_agent_up 0\n");
  assert_int_equal (g_unlink (path), 0);
  assert_int_equal (g_rmdir (directory), 0); /* and nothing else was there */
}

/* A counter that somebody adds to the agent wants a metric. */
static void
test_every_counter_has_a_metric (void **state)
{
  g_autofree char *counters = NULL;
  g_autofree char *families = NULL;
  g_auto (GStrv) parts = NULL;
  guint n_counters = 0;

  assert_true (g_file_get_contents (g_getenv ("EA_TEST_COUNTERS"), &counters, NULL, NULL));
  assert_true (g_file_get_contents (g_getenv ("EA_TEST_FAMILIES"), &families, NULL, NULL));
  parts = g_strsplit (counters, "#define EA_COUNTER_", 0);
  for (guint i = 1; parts[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (parts[i], "\"", 3);
      g_autofree char *name = g_strdup_printf ("\"%s\"", words[1]);

      n_counters++;
      if (strstr (families, name) == NULL)
        fail_msg ("there is no metric for %s", name);
    }
  assert_true (n_counters > 30);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_sessions_messages_and_failures_are_counted),
    RIG_TEST (test_states_are_series_of_their_own),
    RIG_TEST (test_an_open_channel_and_its_bytes_are_counted),
    RIG_TEST (test_nothing_tells_who_the_subscriber_is),
    RIG_TEST (test_promtool_finds_nothing_wrong),
    RIG_TEST (test_promtool_reads_the_manuals_query),
    RIG_TEST (test_both_formats_say_the_same_to_their_readers),
    RIG_TEST (test_two_modems_are_told_apart),
    RIG_TEST (test_label_values_are_escaped),
    RIG_TEST (test_without_an_agent_nothing_is_printed),
    RIG_TEST (test_metrics_have_no_json),
    RIG_TEST (test_text_that_does_not_fit_the_disk_is_a_failure),
    RIG_TEST (test_the_manuals_program_feeds_the_textfile_collector),
    cmocka_unit_test (test_every_counter_has_a_metric),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
