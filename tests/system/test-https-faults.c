/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SM-SRs that do not know the agent, do not speak its TLS, or speak no HTTP; scripts and cards with faults. Each session
 * ends with the error's own name, a line in the journal, and nothing left open; the next one goes well, with the same
 * agent.
 */

#include "https-rig.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* One attempt, unless a trigger says how many. Faults that are a silence are waited for as long as Timeout= says. */
#define ONE_ATTEMPT "RetryLimit=0\nTimeout=5\n"

#define ADDRESS "127.0.0.1"
#define NAME "smsr.example"

#define SCRIPT "80CA005A00\n80F24002024F0000\n80CAFF2100\n"
#define GOOD_REPLY "ok scripts=1 executed=3 sw=9000,9000,9000 "

/**
 * Row:
 * @fault: of the SM-SR or of the card, as a control command
 * @error: @result: of the session that meets it
 * @line: why, in the journal
 * @reply: (nullable): what the SM-SR makes of the agent's answer; %NULL: it got none, and the next session brings it
 */
typedef struct
{
  const char *fault;
  const char *error;
  const char *result;
  const char *line;
  const char *reply;
} Row;

static const Row connections[] = {
  { "fail smsr refuse", "ConnectFailed", "failed", "Cannot connect to 127.0.0.1:", NULL },
  { "fail smsr stall", "Timeout", "failed", "The server did not finish the handshake in time",
    NULL },
  { "fail smsr unknown-identity", "UnknownIdentity", "failed",
    "The server does not know the PSK identity", NULL },
  { "fail smsr wrong-key", "WrongKey", "failed", "The server has another PSK for this identity",
    NULL },
  { "fail smsr certificates", "NoCommonCipherSuite", "failed",
    "The server has none of the cipher suites", NULL },
  { "fail smsr tls1.0", "TlsVersion", "failed", "The server does not speak TLS 1.2", NULL },
  { "fail smsr tls1.1", "TlsVersion", "failed", "The server does not speak TLS 1.2", NULL },
  { "fail smsr tls1.3", "TlsVersion", "failed", "The server does not speak TLS 1.2", NULL },
};

static const Row responses[] = {
  { "fail smsr never", "Timeout", "failed", "The server sent nothing for 5000 ms", NULL },
  { "fail smsr header-flood", "LimitExceeded", "failed", "Response has more than 64 fields", NULL },
  { "fail smsr endless-chunk", "LimitExceeded", "failed", "Body goes on for more than", NULL },
  { "fail smsr length -1", "ProtocolError", "failed", "Response is not HTTP: ", NULL },
  { "fail smsr length 99999999999999999999", "ProtocolError", "failed",
    "Response is not HTTP: ", NULL },
  { "fail smsr chunk-length -1", "ProtocolError", "failed", "Response is not HTTP: ", NULL },
  { "fail smsr chunk-length 99999999999999999999", "ProtocolError", "failed",
    "Response is not HTTP: ", NULL },
  { "fail smsr short-body", "Truncated", "failed", "Response ends after ", NULL },
  { "fail smsr cut-body", "ConnectionLost", "failed",
    "The server ended the connection without close_notify", NULL },
  { "fail smsr wrong-type", "WrongContentType", "failed", "Content-Type of 9 characters", NULL },
  { "fail smsr status 302", "RedirectRefused", "failed",
    "Server answers with a redirection, status 302", NULL },
  { "fail smsr status 400", "ServerError", "failed", "Server answers with status 400", NULL },
  { "fail smsr status 404", "ServerError", "failed", "Server answers with status 404", NULL },
  { "fail smsr status 500", "ServerError", "failed", "Server answers with status 500", NULL },
  { "fail smsr status 503", "ServerError", "failed", "Server answers with status 503", NULL },
};

static const Row scripts[] = {
  { "fail smsr cut-script", "ScriptMalformed", "ok",
    "A script can't be carried out behind its command 2",
    "error The card calls the script badly formed" },
  { "fail smsr unknown-application", "UnknownApplication", "ok",
    "A script is not carried out: ", "error X-Admin-Script-Status is 'unknown-application'" },
  { "fail card F2 6A88", "CommandRefused", "ok",
    "The card has answered command 2 of a script with 6A88", "error " },
  { "fail uim 0x3B 3", "Interrupted", "interrupted",
    "Nobody knows what became of command 1 of a script",
    "error interrupted at command 1 of 3 sw=6FF1" },
  { "lose-apdu 2", "Interrupted", "interrupted",
    "Nobody knows what became of command 2 of a script",
    "error interrupted at command 2 of 3 sw=9000,6FF1" },
};

typedef struct
{
  Rig *rig;
  HttpsNews *news;
  guint n_sessions; /* so far */
  guint n_files;    /* of the agent without a session */
} Bench;

static void
assert_begins (const char *actual, const char *expected, const char *when)
{
  if (!g_str_has_prefix (actual, expected))
    fail_msg ("%s: '%s' does not begin with '%s'", when, actual, expected);
}

static void
expect_ok (Rig *rig, const char *command)
{
  g_autofree char *reply = rig_control (rig, "%s", command);

  assert_begins (reply, "ok", command);
}

/* @words: what the name server is to do, or to say, which nobody keeps */
static void
tell_name (Rig *rig, const char *words)
{
  g_autofree char *command = g_strconcat ("dns " NAME " --ttl 0 ", words, NULL);

  expect_ok (rig, command);
}

/* The second session of an agent needs nothing that the first has not opened for good. */
static void
bench_start (Bench *bench, Rig *rig, const char *host)
{
  rig_keep_log (rig);
  https_start_with (rig, ONE_ATTEMPT, host);
  *bench = (Bench){ .rig = rig, .news = https_news_new (rig) };
  tell_name (rig, ADDRESS);
  https_news_await_result (bench->news, https_open_session (rig, "{}"), "ok");
  bench->n_sessions = 1;
  rig_await_simulator (rig, "\"logical_channels\":[]");
  bench->n_files = https_count_files (rig);
}

static void
bench_end (Bench *bench)
{
  https_news_free (bench->news);
  rig_stop_agent (bench->rig);
}

static void
begin_operation (Bench *bench, const char *options)
{
  g_autofree char *path = g_build_filename (bench->rig->directory, "script", NULL);

  assert_true (g_file_set_contents (path, SCRIPT, -1, NULL));
  rig_begin_control (bench->rig, "smsr send-script %s --via https %s", path, options);
  g_free (rig_control (bench->rig, "state")); /* it has begun before */
}

static void
open_session (Bench *bench)
{
  assert_int_equal (https_open_session (bench->rig, "{}"), bench->n_sessions++);
}

/* Of the session that was opened last */
static void
expect_end (Bench *bench, const Row *row, gsize log_size)
{
  guint number = bench->n_sessions - 1;
  g_autofree char *error = NULL;
  g_autofree char *log = NULL;
  g_autofree char *line = NULL;

  https_news_await_result (bench->news, number, row->result);
  error = https_get_error (bench->rig, number);
  log = rig_read_log (bench->rig);
  if (strcmp (error, row->error) != 0)
    fail_msg ("%s: the error is '%s', not '%s'", row->fault, error, row->error);
  line = g_strconcat (strcmp (row->result, "failed") == 0 ? "has failed: " : "", row->line, NULL);
  if (strstr (log + log_size, line) == NULL)
    fail_msg ("%s: the journal has no '%s':\n%s", row->fault, line, log + log_size);
  https_await_nothing_left (bench->rig, bench->n_files);
}

static void
end_fault (Bench *bench)
{
  expect_ok (bench->rig, "fail smsr off");
  expect_ok (bench->rig, "fail card F2 0");
  expect_ok (bench->rig, "fail uim 0x3B 0");
}

static void
have_clean_session (Bench *bench, const char *when)
{
  g_autofree char *error = NULL;

  open_session (bench);
  https_news_await_result (bench->news, bench->n_sessions - 1, "ok");
  error = https_get_error (bench->rig, bench->n_sessions - 1);
  if (error[0] != '\0')
    fail_msg ("after %s: %s", when, error);
  https_await_nothing_left (bench->rig, bench->n_files);
}

static void
meet_fault (Bench *bench, const Row *row)
{
  g_autofree char *log = rig_read_log (bench->rig);
  g_autofree char *reply = NULL;

  expect_ok (bench->rig, row->fault);
  begin_operation (bench, "--no-trigger");
  open_session (bench);
  expect_end (bench, row, strlen (log));
  end_fault (bench);
  if (row->reply != NULL)
    {
      reply = rig_end_control (bench->rig);
      assert_begins (reply, row->reply, row->fault);
      begin_operation (bench, "--no-trigger");
      g_clear_pointer (&reply, g_free);
    }
  have_clean_session (bench, row->fault);
  reply = rig_end_control (bench->rig);
  assert_begins (reply, GOOD_REPLY, row->fault);
}

static void
meet_faults (Rig *rig, const Row *rows, gsize n_rows)
{
  Bench bench;

  bench_start (&bench, rig, ADDRESS);
  for (gsize i = 0; i < n_rows; i++)
    meet_fault (&bench, &rows[i]);
  bench_end (&bench);
}

static gboolean
is_waiting (gpointer data)
{
  const Bench *bench = data;
  const char *states = https_news_get_states (bench->news, bench->n_sessions - 1);

  return strstr (states, "waiting") != NULL || strstr (states, "closed") != NULL;
}

/* Whatever was repeated, the card has got each command once. */
static void
expect_each_once (Bench *bench, const Row *row)
{
  static const char *const commands[] = { " 81CA005A00 ", " 81F24002024F0000 ", " 81CAFF2100 " };
  g_autofree char *ledger = rig_control (bench->rig, "ledger");

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (https_count (ledger, commands[i]) != 1)
      fail_msg ("%s: command %zu has not run once:\n%s", row->fault, i + 1, ledger);
}

/* A trigger of the simulator has three retries in it, a second apart. */
static void
recover (Bench *bench, const Row *row)
{
  const Row recovered = { row->fault, row->error, "ok", row->line, NULL };
  g_autofree char *log = rig_read_log (bench->rig);
  g_autofree char *reply = NULL;

  g_free (rig_control (bench->rig, "ledger"));
  expect_ok (bench->rig, row->fault);
  begin_operation (bench, "");
  bench->n_sessions++;
  if (!rig_await_that (is_waiting, bench))
    fail_msg ("%s: no attempt has failed", row->fault);
  end_fault (bench);
  expect_end (bench, &recovered, strlen (log));
  reply = rig_end_control (bench->rig);
  assert_begins (reply, GOOD_REPLY, row->fault);
  expect_each_once (bench, row);
}

static void
recover_from (Rig *rig, const Row *rows, gsize n_rows)
{
  Bench bench;

  bench_start (&bench, rig, ADDRESS);
  for (gsize i = 0; i < n_rows; i++)
    recover (&bench, &rows[i]);
  bench_end (&bench);
}

static const Row names[] = {
  { "", "ResolveFailed", "failed", NAME ": ", NULL },
  { "--fail nxdomain", "ResolveFailed", "failed", NAME ": ", NULL },
  { "--fail servfail", "ResolveFailed", "failed", NAME ": ", NULL },
  { "--fail truncated", "ResolveFailed", "failed", NAME ": ", NULL },
  { "--fail silent", "Timeout", "failed", NAME ": ", NULL },
  { "--fail lie", "Timeout", "failed", NAME ": ", NULL },
  { "::1", "AddressRefused", "failed", "::1 ", NULL },
  { "0.0.0.0", "AddressRefused", "failed", "0.0.0.0 ", NULL },
  { "169.254.7.7", "AddressRefused", "failed", "169.254.7.7 ", NULL },
  { "fe80::7", "AddressRefused", "failed", "fe80::7 ", NULL },
  { "224.0.0.7", "AddressRefused", "failed", "224.0.0.7 ", NULL },
  { "255.255.255.255", "AddressRefused", "failed", "255.255.255.255 ", NULL },
  { "::ffff:169.254.7.7", "AddressRefused", "failed", "::ffff:169.254.7.7 ", NULL },
};

/* What a name server says is not believed when it is another's answer, nor followed to where nobody may go. */
static void
be_misled (Bench *bench, const Row *row)
{
  g_autofree char *log = rig_read_log (bench->rig);
  g_autofree char *reply = NULL;

  tell_name (bench->rig, row->fault);
  begin_operation (bench, "--no-trigger");
  open_session (bench);
  expect_end (bench, row, strlen (log));
  tell_name (bench->rig, ADDRESS);
  have_clean_session (bench, row->fault);
  reply = rig_end_control (bench->rig);
  assert_begins (reply, GOOD_REPLY, row->fault);
}

static void
test_names_that_mislead (void **state)
{
  Bench bench;

  bench_start (&bench, *state, NAME);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    be_misled (&bench, &names[i]);
  bench_end (&bench);
}

/* (transfer full) (nullable): one of this machine's addresses that is not for itself alone */
static char *
find_own_address (void)
{
  struct ifaddrs *all = NULL;
  char *text = NULL;

  assert_int_equal (getifaddrs (&all), 0);
  for (const struct ifaddrs *one = all; one != NULL && text == NULL; one = one->ifa_next)
    {
      g_autoptr (GSocketAddress) address
          = one->ifa_addr != NULL && one->ifa_addr->sa_family == AF_INET
                ? g_socket_address_new_from_native (one->ifa_addr, sizeof (struct sockaddr_in))
                : NULL;
      GInetAddress *inet = address != NULL
                               ? g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address))
                               : NULL;

      if (inet != NULL && !g_inet_address_get_is_loopback (inet))
        text = g_inet_address_to_string (inet);
    }
  freeifaddrs (all);
  return text;
}

static void
test_a_name_that_leads_to_the_gateway_itself (void **state)
{
  g_autofree char *address = find_own_address ();
  const Row row = { address, "AddressRefused", "failed", address, NULL };
  Bench bench;

  if (address == NULL)
    {
      print_message ("This machine has no address to mislead to: skipped\n");
      skip ();
    }
  bench_start (&bench, *state, NAME);
  be_misled (&bench, &row);
  bench_end (&bench);
}

/* The right answer comes behind those with another id and to another question. */
static void
test_forged_answers_are_not_believed (void **state)
{
  g_autofree char *queries = NULL;
  Bench bench;

  bench_start (&bench, *state, NAME);
  tell_name (bench.rig, ADDRESS " --fail lie");
  g_free (https_take_queries (bench.rig));
  have_clean_session (&bench, "lies");
  queries = https_take_queries (bench.rig);
  assert_int_equal (https_count (queries, NAME " A\n"), 1);
  bench_end (&bench);
}

static void
test_connections_that_fail (void **state)
{
  meet_faults (*state, connections, G_N_ELEMENTS (connections));
}

static void
test_responses_that_are_none (void **state)
{
  meet_faults (*state, responses, G_N_ELEMENTS (responses));
}

static void
test_scripts_that_fail (void **state)
{
  meet_faults (*state, scripts, G_N_ELEMENTS (scripts));
}

static void
test_triggered_sessions_get_over_connections_that_fail (void **state)
{
  recover_from (*state, connections, G_N_ELEMENTS (connections));
}

static void
test_triggered_sessions_get_over_responses_that_are_none (void **state)
{
  recover_from (*state, responses, G_N_ELEMENTS (responses));
}

static void
test_triggered_sessions_give_up_after_the_triggers_retries (void **state)
{
  static const Row row = { "fail smsr wrong-key", "WrongKey", "failed",
                           "The server has another PSK for this identity", NULL };
  Bench bench;
  g_autofree char *reply = NULL;

  bench_start (&bench, *state, ADDRESS);
  expect_ok (bench.rig, row.fault);
  begin_operation (&bench, "");
  bench.n_sessions++;
  expect_end (&bench, &row, 0);
  assert_int_equal (https_count (https_news_get_states (bench.news, 1), "handshaking"), 4);
  end_fault (&bench);
  have_clean_session (&bench, row.fault);
  reply = rig_end_control (bench.rig);
  assert_begins (reply, GOOD_REPLY, row.fault);
  bench_end (&bench);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_connections_that_fail),
    RIG_TEST (test_names_that_mislead),
    RIG_TEST (test_a_name_that_leads_to_the_gateway_itself),
    RIG_TEST (test_forged_answers_are_not_believed),
    RIG_TEST (test_responses_that_are_none),
    RIG_TEST (test_scripts_that_fail),
    RIG_TEST (test_triggered_sessions_get_over_connections_that_fail),
    RIG_TEST (test_triggered_sessions_get_over_responses_that_are_none),
    RIG_TEST (test_triggered_sessions_give_up_after_the_triggers_retries),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
