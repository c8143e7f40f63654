/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent's own TLS session with servers that are not ours: "openssl s_server", which is told by hand what to answer, and
 * "gnutls-serv", which knows no POST. The argument names the server; the test ends as skipped where
 * there is none.
 */

#include "https-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define EXIT_SKIPPED 77
#define PIECE_SIZE 4096

/* Of the simulated eUICC: its EID, the AID of its ISD-R, key 01 of version 40 (SGP.02 §2.4.4.1 table 4) */
#define IDENTITY                                                                                   \
  "8001028110890010120123412340123456789012244F10A0000005591010FFFFFFFF8900000100820101830140"
#define KEY "404142434445464748494A4B4C4D4E4F"

/* GlobalPlatform Amendment B §3.4.1, SGP.02 §2.4.4.3; the port is none that a host has by itself (RFC 9110 §7.2) */
#define REQUEST                                                                                    \
  "POST /gsma/adminagent HTTP/1.1\r\n"                                                             \
  "Host: 127.0.0.1:%u\r\n"                                                                         \
  "X-Admin-Protocol: globalplatform-remote-admin/1.0\r\n"                                          \
  "X-Admin-From: //se-id/eid/89001012012341234012345678901224;"                                    \
  "//aa-id/aid/A000000559/1010FFFFFFFF8900000100\r\n"                                              \
  "\r\n"
#define END_OF_SESSION "HTTP/1.1 204 No Content\r\n\r\n"

#define ONE_ATTEMPT "RetryLimit=0\nTimeout=20\n"

/* A server and what it has said so far */
typedef struct
{
  GSubprocess *process;
  GString *output;
} Server;

static Server *
server_new (const char *const *arguments)
{
  Server *server = g_new0 (Server, 1);
  g_autoptr (GError) error = NULL;

  server->output = g_string_new (NULL);
  server->process
      = g_subprocess_newv (arguments,
                           G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                               | G_SUBPROCESS_FLAGS_STDERR_MERGE,
                           &error);
  if (server->process == NULL)
    fail_msg ("%s", error->message);
  return server;
}

static void
server_free (Server *server)
{
  g_subprocess_force_exit (server->process);
  (void) g_subprocess_wait (server->process, NULL, NULL); /* it was ended from here */
  g_object_unref (server->process);
  g_string_free (server->output, TRUE);
  g_free (server);
}

/* The test's own limit of time ends a server that says nothing. */
static void
server_read_more (Server *server, const char *text)
{
  GInputStream *stream = g_subprocess_get_stdout_pipe (server->process);
  char piece[PIECE_SIZE];
  gssize size = g_input_stream_read (stream, piece, sizeof piece, NULL, NULL);

  if (size <= 0)
    fail_msg ("The server has ended without '%s': %s", text, server->output->str);
  g_string_append_len (server->output, piece, size);
}

/* What follows @text so far */
static const char *
server_await (Server *server, const char *text)
{
  const char *found;

  while ((found = strstr (server->output->str, text)) == NULL)
    server_read_more (server, text);
  return found + strlen (text);
}

static void
server_say (Server *server, const char *text)
{
  GOutputStream *stream = g_subprocess_get_stdin_pipe (server->process);

  assert_true (g_output_stream_write_all (stream, text, strlen (text), NULL, NULL, NULL));
  assert_true (g_output_stream_flush (stream, NULL, NULL));
}

/* The agent's first request is what the standards want, octet for octet. */
static void
expect_request (Server *server, guint port)
{
  g_autofree char *expected = g_strdup_printf (REQUEST, port);
  const char *request;

  (void) server_await (server, "POST ");
  (void) server_await (server, "\r\n\r\n");
  request = strstr (server->output->str, "POST ");
  if (!g_str_has_prefix (request, expected))
    fail_msg ("The request is '%s', not '%s'", request, expected);
}

static guint
open_session_at (Rig *rig, guint port)
{
  g_autofree char *options = g_strdup_printf ("{'port': <uint16 %u>}", port);

  return https_open_session (rig, options);
}

static guint
read_port (Server *server)
{
  const char *address = server_await (server, "ACCEPT 127.0.0.1:");

  while (strchr (address, '\n') == NULL)
    {
      server_read_more (server, "the end of a line");
      address = server_await (server, "ACCEPT 127.0.0.1:");
    }
  return (guint) g_ascii_strtoull (address, NULL, 10);
}

static void
have_session_with_openssl (Rig *rig, const char *suite)
{
  const char *const arguments[]
      = { "openssl", "s_server", "-accept",       "127.0.0.1:0", "-nocert", "-tls1_2", "-no_ticket",
          "-psk",    KEY,        "-psk_identity", IDENTITY,      "-cipher", suite,     NULL };
  g_autofree char *cipher = g_strconcat ("CIPHER is ", suite, NULL);
  g_autoptr (HttpsNews) news = NULL;
  Server *server = server_new (arguments);
  guint port = read_port (server);
  guint number;

  https_start_with (rig, ONE_ATTEMPT, "127.0.0.1");
  news = https_news_new (rig);
  number = open_session_at (rig, port);
  expect_request (server, port);
  (void) server_await (server, cipher);
  server_say (server, END_OF_SESSION);
  (void) server_await (server, "DONE");
  https_news_await_result (news, number, "ok");

  rig_stop_agent (rig);
  server_free (server);
}

static void
test_session_with_openssl_in_gcm_ends_well (void **state)
{
  have_session_with_openssl (*state, "PSK-AES128-GCM-SHA256");
}

static void
test_session_with_openssl_in_cbc_ends_well (void **state)
{
  have_session_with_openssl (*state, "PSK-AES128-CBC-SHA256");
}

/* A port that nobody has: gnutls-serv does not choose one. */
static guint
find_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();

  return g_socket_listener_add_any_inet_port (listener, NULL, NULL);
}

/* (transfer full) */
static Server *
start_gnutls (Rig *rig, const char *cipher, guint port)
{
  g_autofree char *priority
      = g_strconcat ("NONE:+VERS-TLS1.2:+PSK:+SIGN-ALL:+COMP-NULL:+SHA256:+AEAD:+", cipher, NULL);
  g_autofree char *digits = g_strdup_printf ("%u", port);
  g_autofree char *keys = g_build_filename (rig->directory, "psk", NULL);
  const char *const arguments[]
      = { "gnutls-serv", "--http", "--noticket",  "--nodb", "--priority", priority,
          "--port",      digits,   "--pskpasswd", keys,     NULL };
  Server *server;

  assert_true (g_file_set_contents (keys, IDENTITY ":" KEY "\n", -1, NULL));
  server = server_new (arguments);
  (void) server_await (server, "...done");
  return server;
}

/* It knows no POST, and answers with a page that has no head. */
static void
have_session_with_gnutls (Rig *rig, const char *cipher, const char *suite)
{
  guint port = find_port ();
  Server *server = start_gnutls (rig, cipher, port);
  g_autoptr (HttpsNews) news = NULL;
  g_autofree char *error = NULL;
  guint number;

  https_start_with (rig, ONE_ATTEMPT, "127.0.0.1");
  news = https_news_new (rig);
  number = open_session_at (rig, port);
  (void) server_await (server, "Connected as '" IDENTITY "'");
  (void) server_await (server, suite);
  https_news_await_result (news, number, "failed");
  error = https_get_error (rig, number);

  assert_string_equal (error, "ProtocolError");
  assert_non_null (strstr (https_news_get_states (news, number), "exchanging"));
  rig_stop_agent (rig);
  server_free (server);
}

static void
test_handshake_with_gnutls_in_gcm (void **state)
{
  have_session_with_gnutls (*state, "AES-128-GCM", "(PSK)-(AES-128-GCM)");
}

static void
test_handshake_with_gnutls_in_cbc (void **state)
{
  have_session_with_gnutls (*state, "AES-128-CBC", "(PSK)-(AES-128-CBC)-(SHA256)");
}

int
main (int argc, char **argv)
{
  const char *name = argc == 2 ? argv[1] : "openssl";
  g_autofree char *path = g_find_program_in_path (name);
  const struct CMUnitTest openssl_tests[] = {
    RIG_TEST (test_session_with_openssl_in_gcm_ends_well),
    RIG_TEST (test_session_with_openssl_in_cbc_ends_well),
  };
  const struct CMUnitTest gnutls_tests[] = {
    RIG_TEST (test_handshake_with_gnutls_in_gcm),
    RIG_TEST (test_handshake_with_gnutls_in_cbc),
  };

  if (path == NULL)
    {
      print_message ("No %s to speak to: skipped\n", name);
      return EXIT_SKIPPED;
    }
  return g_str_equal (name, "openssl") ? cmocka_run_group_tests (openssl_tests, NULL, NULL)
                                       : cmocka_run_group_tests (gnutls_tests, NULL, NULL);
}
