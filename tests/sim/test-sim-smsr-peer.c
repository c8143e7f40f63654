/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The SM-SR's HTTPS server against clients that are not ours: "openssl s_client" in the GCM suite with
 * fragments of 512 octets, and "gnutls-cli" in the CBC suite. They send literal POSTs and expect
 * literal answers. The argument names the client; the test ends as skipped where there is none.
 */
#include <gio/gio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "smsr-server.h"
#include "test-smsr.h"

#define EXIT_SKIPPED 77
#define DEADLINE_MS 20000
#define CHUNK 4096
#define EID "89001012012341234012345678901224"
#define IDENTITY                                                                                   \
  "8001028110890010120123412340123456789012244F10A0000005591010FFFFFFFF8900000100820101830140"
#define KEY "404142434445464748494A4B4C4D4E4F"
#define NEXT_URI "/gsma/adminagent/4136806884/../next?a=%41%2fb&n=0"
#define CBC_PRIORITY                                                                               \
  "NONE:+VERS-TLS1.2:+PSK:+AES-128-CBC:+SHA256:+COMP-NULL:+SIGN-ALL:+CURVE-ALL:+GROUP-ALL"

#define FIELDS                                                                                     \
  "Host: 127.0.0.1\r\n"                                                                            \
  "X-Admin-Protocol: globalplatform-remote-admin/1.0\r\n"                                          \
  "X-Admin-From: //se-id/eid/" EID ";//aa-id/aid/A000000559/1010FFFFFFFF8900000100\r\n"

static const char first_post[] = "POST /gsma/adminagent HTTP/1.1\r\n" FIELDS "\r\n";
static const char first_answer[]
    = "HTTP/1.1 200 OK\r\n"
      "X-Admin-Protocol: globalplatform-remote-admin/1.0\r\n"
      "X-Admin-Next-URI: " NEXT_URI "\r\n"
      "Content-Type: application/vnd.globalplatform.card-content-mgt;version=1.0\r\n"
      "Transfer-Encoding: chunked\r\n"
      "\r\n"
      "20\r\n"
      "\xAE\x80\x22\x1A\x80\xE2\x88\x00\x15\x3A\x05\x12\x4F\x10\xA0\x00\x00\x05\x59\x10\x10\xFF"
      "\xFF\xFF\xFF\x89\x00\x00\x11\x00\x00\x00"
      "\r\n"
      "0\r\n"
      "\r\n";
static const char second_post[]
    = "POST " NEXT_URI " HTTP/1.1\r\n" FIELDS "X-Admin-Script-Status: ok\r\n"
      "Content-Type: application/vnd.globalplatform.card-content-mgt-response;version=1.0\r\n"
      "Content-Length: 8\r\n"
      "\r\n"
      "\xAF\x80\x23\x02\x90\x00\x00\x00";
static const char second_answer[] = "HTTP/1.1 204 No Content\r\n"
                                    "X-Admin-Protocol: globalplatform-remote-admin/1.0\r\n"
                                    "\r\n";

typedef struct
{
  SimSmsrServer *server;
  SimSmsr *smsr;
  char *port;
  GSubprocess *client;
  GString *output; /* of the client, in hexadecimal */
  guint8 buffer[CHUNK];
  gboolean is_reading;
  gboolean is_over;
  guint deadline;
} Fixture;

static void
on_changed (gpointer user_data)
{
}

static gboolean
on_deadline (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->is_over = TRUE;
  return G_SOURCE_CONTINUE;
}

static int
set_up (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->server = sim_smsr_server_new ("127.0.0.1", NULL);
  assert_non_null (fixture->server);
  fixture->smsr = sim_smsr_new (EID);
  sim_smsr_server_add (fixture->server, EID, fixture->smsr, on_changed, NULL);
  fixture->port = g_strdup_printf ("%u", sim_smsr_server_get_address (fixture->server)->https);
  fixture->output = g_string_new (NULL);
  fixture->deadline = g_timeout_add (DEADLINE_MS, on_deadline, fixture);
  *state = fixture;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;

  if (fixture->client != NULL)
    {
      g_subprocess_force_exit (fixture->client);
      g_subprocess_wait (fixture->client, NULL, NULL);
    }
  while (fixture->is_reading)
    g_main_context_iteration (NULL, TRUE);
  g_clear_object (&fixture->client);
  g_source_remove (fixture->deadline);
  sim_smsr_server_remove (fixture->server, fixture->smsr);
  sim_smsr_free (fixture->smsr);
  sim_smsr_server_free (fixture->server);
  g_string_free (fixture->output, TRUE);
  g_free (fixture->port);
  g_free (fixture);
  return 0;
}

static void read_output (Fixture *fixture);

static void
on_output (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  fixture->is_reading = FALSE;
  if (size <= 0)
    return;
  ea_span_append_hex (ea_span_init (fixture->buffer, (gsize) size), fixture->output);
  read_output (fixture);
}

static void
read_output (Fixture *fixture)
{
  fixture->is_reading = TRUE;
  g_input_stream_read_async (g_subprocess_get_stdout_pipe (fixture->client), fixture->buffer,
                             sizeof (fixture->buffer), G_PRIORITY_DEFAULT, NULL, on_output,
                             fixture);
}

static void
run_client (Fixture *fixture, const char *const *arguments)
{
  const GSubprocessFlags flags = G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                 | G_SUBPROCESS_FLAGS_STDERR_SILENCE;
  g_autoptr (GError) error = NULL;

  fixture->client = g_subprocess_newv (arguments, flags, &error);
  if (fixture->client == NULL)
    fail_msg ("%s", error->message);
  read_output (fixture);
}

/* @answer must be in what the client got. */
static void
exchange (Fixture *fixture, EaSpan post, EaSpan answer)
{
  GOutputStream *input = g_subprocess_get_stdin_pipe (fixture->client);
  g_autofree char *hex = ea_span_to_hex (answer);

  assert_true (g_output_stream_write_all (input, post.data, post.size, NULL, NULL, NULL));
  assert_true (g_output_stream_flush (input, NULL, NULL));
  while (strstr (fixture->output->str, hex) == NULL && !fixture->is_over)
    g_main_context_iteration (NULL, TRUE);
  if (fixture->is_over)
    fail_msg ("%s is not in %s", hex, fixture->output->str);
}

static void
run_session (Fixture *fixture, const char *const *arguments)
{
  g_autofree char *reply = NULL;

  test_smsr_start (fixture->smsr, "set-fallback 1100 --via bip-https");
  run_client (fixture, arguments);
  exchange (fixture, ea_span_init (first_post, strlen (first_post)),
            ea_span_init (first_answer, sizeof (first_answer) - 1));
  exchange (fixture, ea_span_init (second_post, sizeof (second_post) - 1),
            ea_span_init (second_answer, strlen (second_answer)));
  assert_true (g_output_stream_close (g_subprocess_get_stdin_pipe (fixture->client), NULL, NULL));
  while ((reply = sim_smsr_pull_reply (fixture->smsr)) == NULL && !fixture->is_over)
    g_main_context_iteration (NULL, TRUE);
  assert_non_null (reply);
  assert_string_equal (
      reply, "ok scripts=1 executed=1 sw=9000 "
             "aid=A0000005591010FFFFFFFF8900001100 transport=bip-https connections=1 resumed=0");
}

static void
test_openssl_s_client_runs_a_session_in_gcm (void **state)
{
  Fixture *fixture = *state;
  g_autofree char *address = g_strconcat ("127.0.0.1:", fixture->port, NULL);
  const char *const arguments[] = { "openssl",     "s_client", "-quiet",
                                    "-no_ign_eof", "-connect", address,
                                    "-tls1_2",     "-cipher",  "PSK-AES128-GCM-SHA256",
                                    "-maxfraglen", "512",      "-psk_identity",
                                    IDENTITY,      "-psk",     KEY,
                                    NULL };

  run_session (fixture, arguments);
}

static void
on_told (GObject *source, GAsyncResult *result, gpointer user_data)
{
  char **text = user_data;

  assert_true (
      g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, text, NULL, NULL));
}

/* (transfer full): what the client says until it ends by itself */
static char *
run_to_end (Fixture *fixture, const char *const *arguments)
{
  char *text = NULL;

  g_clear_object (&fixture->client);
  fixture->client = g_subprocess_newv (
      arguments, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, NULL);
  assert_non_null (fixture->client);
  g_subprocess_communicate_utf8_async (fixture->client, NULL, NULL, on_told, &text);
  while (text == NULL && !fixture->is_over)
    g_main_context_iteration (NULL, TRUE);
  assert_non_null (text);
  return text;
}

/* (transfer full): what the client says of a server that it can't use */
static char *
ask_openssl (Fixture *fixture)
{
  g_autofree char *address = g_strconcat ("127.0.0.1:", fixture->port, NULL);
  const char *const arguments[]
      = { "openssl", "s_client",      "-quiet", "-connect", address, "-tls1_2", "-cipher",
          "PSK",     "-psk_identity", IDENTITY, "-psk",     KEY,     NULL };

  return run_to_end (fixture, arguments);
}

static void
test_openssl_s_client_is_told_why_a_handshake_fails (void **state)
{
  static const struct
  {
    SimSmsrFaultKind kind;
    const char *expected;
  } faults[] = {
    { SIM_SMSR_FAULT_UNKNOWN_IDENTITY, "SSL alert number 115" },
    { SIM_SMSR_FAULT_WRONG_KEY, "SSL alert number 20" },
    { SIM_SMSR_FAULT_CERTIFICATES, "SSL alert number 40" },
    { SIM_SMSR_FAULT_TLS_1_0, "unsupported protocol" },
    { SIM_SMSR_FAULT_TLS_1_1, "unsupported protocol" },
    { SIM_SMSR_FAULT_TLS_1_3, "SSL alert number 70" },
  };
  Fixture *fixture = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      const SimSmsrFault fault = { .kind = faults[i].kind, .count = 1 };
      g_autofree char *text = NULL;

      assert_true (sim_smsr_server_set_fault (fixture->server, &fault, NULL));
      text = ask_openssl (fixture);
      if (strstr (text, faults[i].expected) == NULL)
        fail_msg ("not '%s' but %s", faults[i].expected, text);
    }
}

/* What openssl offers is known: -no_etm and -no_ticket leave an extension out each. */
static void
assert_offer (Fixture *fixture, const char *suite, const char *option, SimTlsOffer expected)
{
  g_autofree char *address = g_strconcat ("127.0.0.1:", fixture->port, NULL);
  const char *const arguments[] = { "openssl",       "s_client", "-connect", address, "-tls1_2",
                                    "-maxfraglen",   "1024",     "-cipher",  suite,   option,
                                    "-psk_identity", IDENTITY,   "-psk",     KEY,     NULL };
  SimTlsOffer offer = { 0 };

  g_free (run_to_end (fixture, arguments));
  assert_non_null (sim_smsr_server_get_last_suite (fixture->server, &offer));
  assert_int_equal (offer.fragment, expected.fragment);
  assert_int_equal (offer.has_encrypt_then_mac, expected.has_encrypt_then_mac);
  assert_int_equal (offer.has_extended_master_secret, expected.has_extended_master_secret);
  assert_int_equal (offer.has_ticket, expected.has_ticket);
}

static void
test_what_openssl_s_client_offers_is_known (void **state)
{
  const SimSmsrFault legacy = { .kind = SIM_SMSR_FAULT_LEGACY_SUITE, .count = 1 };
  Fixture *fixture = *state;
  SimTlsOffer offer = { 0 };

  assert_null (sim_smsr_server_get_last_suite (fixture->server, &offer));
  assert_offer (fixture, "PSK-AES128-CBC-SHA256", "-no_etm",
                (SimTlsOffer){ 1024, FALSE, TRUE, TRUE });
  assert_string_equal (sim_smsr_server_get_last_suite (fixture->server, &offer),
                       "TLS_PSK_WITH_AES_128_CBC_SHA256");
  assert_offer (fixture, "PSK-AES128-GCM-SHA256", "-no_ticket",
                (SimTlsOffer){ 1024, TRUE, TRUE, FALSE });
  assert_string_equal (sim_smsr_server_get_last_suite (fixture->server, &offer),
                       "TLS_PSK_WITH_AES_128_GCM_SHA256");
  assert_true (sim_smsr_server_set_fault (fixture->server, &legacy, NULL));
  assert_offer (fixture, "PSK-AES128-CBC-SHA", "-no_ticket",
                (SimTlsOffer){ 1024, TRUE, TRUE, FALSE });
  assert_string_equal (sim_smsr_server_get_last_suite (fixture->server, &offer),
                       "TLS_PSK_WITH_AES_128_CBC_SHA");
}

static void
test_gnutls_cli_runs_a_session_in_cbc (void **state)
{
  Fixture *fixture = *state;
  const char *const arguments[]
      = { "gnutls-cli",    "127.0.0.1", "--port",   fixture->port, "--priority", CBC_PRIORITY,
          "--pskusername", IDENTITY,    "--pskkey", KEY,           NULL };

  run_session (fixture, arguments);
}

#define peer_test(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (int argc, char **argv)
{
  const struct CMUnitTest openssl[] = {
    peer_test (test_openssl_s_client_runs_a_session_in_gcm),
    peer_test (test_openssl_s_client_is_told_why_a_handshake_fails),
    peer_test (test_what_openssl_s_client_offers_is_known),
  };
  const struct CMUnitTest gnutls[] = { peer_test (test_gnutls_cli_runs_a_session_in_cbc) };
  const char *name = argc > 1 ? argv[1] : "";
  g_autofree char *program = g_find_program_in_path (name);

  if (program == NULL)
    return EXIT_SKIPPED;
  return strcmp (name, "openssl") == 0 ? cmocka_run_group_tests (openssl, NULL, NULL)
                                       : cmocka_run_group_tests (gnutls, NULL, NULL);
}
