/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SM-SRs that do not know the agent, do not speak its TLS, or speak no HTTP; scripts and cards with faults. Each session
 * ends with the error's own name, a line in the journal, and nothing left open; the next one goes well, with the same
 * agent.
 */

#include "fault-rig.h"

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

static const FaultSetup by_address = { "https", ONE_ATTEMPT, FAULT_ADDRESS, "" };
static const FaultSetup by_name = { "https", ONE_ATTEMPT, FAULT_NAME, "" };

static const FaultRow connections[] = {
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

static const FaultRow responses[] = {
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

static const FaultRow scripts[] = {
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

static const FaultRow names[] = {
  { "", "ResolveFailed", "failed", FAULT_NAME ": ", NULL },
  { "--fail nxdomain", "ResolveFailed", "failed", FAULT_NAME ": ", NULL },
  { "--fail servfail", "ResolveFailed", "failed", FAULT_NAME ": ", NULL },
  { "--fail truncated", "ResolveFailed", "failed", FAULT_NAME ": ", NULL },
  { "--fail silent", "Timeout", "failed", FAULT_NAME ": ", NULL },
  { "--fail lie", "Timeout", "failed", FAULT_NAME ": ", NULL },
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
be_misled (FaultRig *bench, const FaultRow *row)
{
  g_autofree char *log = rig_read_log (bench->rig);

  fault_rig_tell_name (bench, row->fault);
  fault_rig_begin_operation (bench, "--no-trigger");
  fault_rig_open_session (bench);
  fault_rig_expect_end (bench, row, strlen (log));
  fault_rig_tell_name (bench, FAULT_ADDRESS);
  fault_rig_have_clean_session (bench, row->fault);
  fault_rig_expect_good_reply (bench, row->fault);
}

static void
test_names_that_mislead (void **state)
{
  FaultRig bench;

  fault_rig_start (&bench, *state, &by_name);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    be_misled (&bench, &names[i]);
  fault_rig_end (&bench);
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
  const FaultRow row = { address, "AddressRefused", "failed", address, NULL };
  FaultRig bench;

  if (address == NULL)
    {
      print_message ("This machine has no address to mislead to: skipped\n");
      skip ();
    }
  fault_rig_start (&bench, *state, &by_name);
  be_misled (&bench, &row);
  fault_rig_end (&bench);
}

/* The right answer comes behind those with another id and to another question. */
static void
test_forged_answers_are_not_believed (void **state)
{
  g_autofree char *queries = NULL;
  FaultRig bench;

  fault_rig_start (&bench, *state, &by_name);
  fault_rig_tell_name (&bench, FAULT_ADDRESS " --fail lie");
  g_free (https_take_queries (bench.rig));
  fault_rig_have_clean_session (&bench, "lies");
  queries = https_take_queries (bench.rig);
  assert_int_equal (https_count (queries, FAULT_NAME " A\n"), 1);
  fault_rig_end (&bench);
}

static void
test_connections_that_fail (void **state)
{
  fault_rig_meet (*state, &by_address, connections, G_N_ELEMENTS (connections));
}

static void
test_responses_that_are_none (void **state)
{
  fault_rig_meet (*state, &by_address, responses, G_N_ELEMENTS (responses));
}

static void
test_scripts_that_fail (void **state)
{
  fault_rig_meet (*state, &by_address, scripts, G_N_ELEMENTS (scripts));
}

static void
test_triggered_sessions_get_over_connections_that_fail (void **state)
{
  fault_rig_recover (*state, &by_address, connections, G_N_ELEMENTS (connections));
}

static void
test_triggered_sessions_get_over_responses_that_are_none (void **state)
{
  fault_rig_recover (*state, &by_address, responses, G_N_ELEMENTS (responses));
}

static void
test_triggered_sessions_give_up_after_the_triggers_retries (void **state)
{
  static const FaultRow row = { "fail smsr wrong-key", "WrongKey", "failed",
                                "The server has another PSK for this identity", NULL };
  FaultRig bench;

  fault_rig_start (&bench, *state, &by_address);
  fault_rig_order (&bench, row.fault);
  fault_rig_begin_operation (&bench, "");
  bench.n_sessions++;
  fault_rig_expect_end (&bench, &row, 0);
  assert_int_equal (https_count (https_news_get_states (bench.news, 1), "handshaking"), 4);
  fault_rig_end_fault (&bench);
  fault_rig_have_clean_session (&bench, row.fault);
  fault_rig_expect_good_reply (&bench, row.fault);
  fault_rig_end (&bench);
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
