/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The eUICC's own TLS session, through the agent, with servers that are not ours: "openssl s_server", which is told
 * by hand what to answer, and "gnutls-serv", which knows no POST. The argument names the server; the test ends as
 * skipped where there is none.
 */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

#define EXIT_SKIPPED 77
#define PIECE_SIZE 4096

/* Of the simulated eUICC: its EID, the AID of its ISD-R, key 01 of version 40 (SGP.02 §2.4.4.1) */
#define IDENTITY                                                                                   \
  "8001028110890010120123412340123456789012244F10A0000005591010FFFFFFFF8900000100820101830140"
#define KEY "404142434445464748494A4B4C4D4E4F"

#define REQUEST "POST /gsma/adminagent HTTP/1.1\r\nHost: 127.0.0.1\r\n"
#define END_OF_SESSION "HTTP/1.1 204 No Content\r\n\r\n"

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

static void
server_await (Server *server, const char *text)
{
  while (strstr (server->output->str, text) == NULL)
    server_read_more (server, text);
}

static void
server_say (Server *server, const char *text)
{
  GOutputStream *stream = g_subprocess_get_stdin_pipe (server->process);

  assert_true (g_output_stream_write_all (stream, text, strlen (text), NULL, NULL, NULL));
  assert_true (g_output_stream_flush (stream, NULL, NULL));
}

static void
push_to (Rig *rig, const char *address)
{
  g_autofree char *reply = NULL;

  rig_write_config (rig, RIG_LOOPBACK_CONFIG);
  rig_start (rig);
  reply = rig_control (rig, "smsr push-https %s", address);
  assert_true (g_str_has_prefix (reply, "ok"));
}

static void
have_session_with_openssl (Rig *rig, const char *suite)
{
  const char *const arguments[]
      = { "openssl", "s_server", "-accept",       "127.0.0.1:0", "-nocert", "-tls1_2", "-no_ticket",
          "-psk",    KEY,        "-psk_identity", IDENTITY,      "-cipher", suite,     NULL };
  g_autofree char *cipher = g_strconcat ("CIPHER is ", suite, NULL);
  Server *server = server_new (arguments);
  g_auto (GStrv) lines = NULL;

  server_await (server, "ACCEPT ");
  while (strchr (strstr (server->output->str, "ACCEPT "), '\n') == NULL)
    server_read_more (server, "the end of a line");
  lines = g_strsplit (strstr (server->output->str, "ACCEPT "), "\n", 2);
  push_to (rig, lines[0] + strlen ("ACCEPT "));
  server_await (server, REQUEST);
  server_await (server, cipher);
  server_await (server, "\r\n\r\n");
  server_say (server, END_OF_SESSION);
  server_await (server, "DONE");

  rig_await_simulator (rig, "\"channels\":[]");
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
static char *
find_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();

  return g_strdup_printf ("%u", g_socket_listener_add_any_inet_port (listener, NULL, NULL));
}

static void
have_session_with_gnutls (Rig *rig, const char *cipher, const char *suite)
{
  g_autofree char *priority
      = g_strconcat ("NONE:+VERS-TLS1.2:+PSK:+SIGN-ALL:+COMP-NULL:+SHA256:+AEAD:+", cipher, NULL);
  g_autofree char *port = find_port ();
  g_autofree char *keys = g_build_filename (rig->directory, "psk", NULL);
  g_autofree char *address = g_strconcat ("127.0.0.1:", port, NULL);
  const char *const arguments[]
      = { "gnutls-serv", "--http", "--noticket",  "--nodb", "--priority", priority,
          "--port",      port,     "--pskpasswd", keys,     NULL };
  Server *server;

  assert_true (g_file_set_contents (keys, IDENTITY ":" KEY "\n", -1, NULL));
  server = server_new (arguments);
  server_await (server, "...done");
  push_to (rig, address);
  server_await (server, "Connected as '" IDENTITY "'");
  server_await (server, suite);

  rig_await_simulator (rig, "\"channels\":[]");
  rig_stop_agent (rig);
  server_free (server);
  (void) g_unlink (keys); /* the directory goes with the rig */
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
