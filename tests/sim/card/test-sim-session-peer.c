/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A session of the card with servers that are not ours, on the loopback interface, in both suites:
 * a whole one with "openssl s_server", and one with "gnutls-serv" up to the answer that it has no
 * POST. The terminal's channel is a socket. The argument names the server; the test ends as skipped
 * where there is none.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>

#include "test-card.h"
#include "test-terminal.h"

#define IDENTITY                                                                                   \
  "8001028110890010120123412340123456789012244F10A0000005591010FFFFFFFF8900000100820101830140"
#define KEY "404142434445464748494A4B4C4D4E4F"
/* With a retry policy: after a failure the card waits ten seconds for its next try. */
#define TRIGGER                                                                                    \
  "813f833d8413350103390205783c030201bb3e0521c0000201 86070002 2503000001"                         \
  "891d8a093139322e302e322e318c102f67736d612f61646d696e6167656e74"
#define RETRY_US 10000000
#define END_OF_SESSION "HTTP/1.1 204 No Content\r\n\r\n"
#define REQUEST                                                                                    \
  "POST /gsma/adminagent HTTP/1.1\r\nHost: 192.0.2.1\r\n"                                          \
  "X-Admin-Protocol: globalplatform-remote-admin/1.0\r\n"                                          \
  "X-Admin-From: //se-id/eid/89001012012341234012345678901224;"                                    \
  "//aa-id/aid/A000000559/1010FFFFFFFF8900000100\r\n"
#define EXIT_SKIPPED 77
#define DEADLINE_MS 20000
#define PIECE_SIZE 4096

typedef struct
{
  SimCard *card;
  TestTerminal terminal;
  char *address;
  GSubprocess *server;
  GString *output; /* of the server */
  gboolean has_answered;
  GSocketConnection *connection;
  char *keys; /* name of a file */
} Fixture;

static int
set_up (void **state)
{
  const SimCardOptions options = { .index = 0, .max_channels = 4 };
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->card = sim_card_new (&options);
  fixture->output = g_string_new (NULL);
  test_terminal_init (&fixture->terminal, fixture->card);
  *state = fixture;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;

  if (fixture->server != NULL)
    {
      g_subprocess_force_exit (fixture->server);
      g_subprocess_wait (fixture->server, NULL, NULL);
    }
  g_clear_object (&fixture->server);
  g_clear_object (&fixture->connection);
  test_terminal_clear (&fixture->terminal);
  sim_card_free (fixture->card);
  g_string_free (fixture->output, TRUE);
  if (fixture->keys != NULL)
    g_unlink (fixture->keys);
  g_free (fixture->keys);
  g_free (fixture->address);
  g_free (fixture);
  return 0;
}

static void
start_server (Fixture *fixture, const char *const *arguments)
{
  g_autoptr (GError) error = NULL;

  fixture->server
      = g_subprocess_newv (arguments,
                           G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                               | G_SUBPROCESS_FLAGS_STDERR_MERGE,
                           &error);
  if (fixture->server == NULL)
    fail_msg ("%s", error->message);
}

static int
get_output_fd (Fixture *fixture)
{
  return g_unix_input_stream_get_fd (
      G_UNIX_INPUT_STREAM (g_subprocess_get_stdout_pipe (fixture->server)));
}

static void
read_output (Fixture *fixture)
{
  char piece[PIECE_SIZE];
  gssize size = g_input_stream_read (g_subprocess_get_stdout_pipe (fixture->server), piece,
                                     sizeof (piece), NULL, NULL);

  if (size <= 0)
    fail_msg ("The server has ended: %s", fixture->output->str);
  g_string_append_len (fixture->output, piece, size);
}

static void
wait_for_output (Fixture *fixture, const char *text)
{
  while (strstr (fixture->output->str, text) == NULL)
    read_output (fixture);
}

static void
connect_link (Fixture *fixture)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;

  fixture->connection = g_socket_client_connect_to_host (client, fixture->address, 0, NULL, &error);
  if (fixture->connection == NULL)
    fail_msg ("%s", error->message);
}

static void
send_pending (Fixture *fixture)
{
  GBytes *bytes;

  test_terminal_run (&fixture->terminal);
  while ((bytes = test_terminal_pull (&fixture->terminal)) != NULL)
    {
      if (fixture->connection == NULL)
        connect_link (fixture);
      /* What comes after the server's own end has nobody to go to. */
      (void) g_output_stream_write_all (
          g_io_stream_get_output_stream (G_IO_STREAM (fixture->connection)),
          g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL, NULL, NULL);
      g_bytes_unref (bytes);
      test_terminal_run (&fixture->terminal);
    }
}

static void
read_link (Fixture *fixture)
{
  GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (fixture->connection));
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes (stream, PIECE_SIZE, NULL, NULL);

  if (bytes == NULL || g_bytes_get_size (bytes) == 0)
    test_terminal_drop (&fixture->terminal);
  else
    test_terminal_push (&fixture->terminal, ea_span_from_bytes (bytes));
}

/* A server without HTTP of its own says what it is told when the request is there. */
static void
answer_request (Fixture *fixture)
{
  GOutputStream *input = g_subprocess_get_stdin_pipe (fixture->server);

  if (fixture->has_answered || strstr (fixture->output->str, REQUEST) == NULL)
    return;
  fixture->has_answered = TRUE;
  assert_true (
      g_output_stream_write_all (input, END_OF_SESSION, strlen (END_OF_SESSION), NULL, NULL, NULL));
  assert_true (g_output_stream_flush (input, NULL, NULL));
}

/* From the trigger to CLOSE CHANNEL */
static void
run_session (Fixture *fixture, gboolean is_answered_by_hand)
{
  SimScp80Command command = make_command (1);
  g_autoptr (GPtrArray) tpdus = NULL;
  g_autoptr (GBytes) response = NULL;

  command.spi2 = 0;
  tpdus = make_tpdus (&command, TRIGGER);
  response = deliver_tpdu (fixture->card, g_ptr_array_index (tpdus, 0));
  send_pending (fixture);
  while (fixture->terminal.has_channel)
    {
      GSocket *socket = g_socket_connection_get_socket (fixture->connection);
      GPollFD fds[] = { { .fd = g_socket_get_fd (socket), .events = G_IO_IN },
                        { .fd = get_output_fd (fixture), .events = G_IO_IN } };

      if (g_poll (fds, G_N_ELEMENTS (fds), DEADLINE_MS) <= 0)
        fail_msg ("Nothing happens after %s", fixture->output->str);
      if (fds[1].revents != 0)
        read_output (fixture);
      if (is_answered_by_hand)
        answer_request (fixture);
      if (fds[0].revents != 0)
        read_link (fixture);
      send_pending (fixture);
    }
}

static void
assert_session_with_openssl (Fixture *fixture, const char *suite)
{
  const char *const arguments[]
      = { "openssl", "s_server", "-accept",       "127.0.0.1:0", "-nocert", "-tls1_2", "-no_ticket",
          "-psk",    KEY,        "-psk_identity", IDENTITY,      "-cipher", suite,     NULL };
  g_autofree char *cipher = g_strconcat ("CIPHER is ", suite, NULL);
  g_auto (GStrv) lines = NULL;

  start_server (fixture, arguments);
  wait_for_output (fixture, "ACCEPT ");
  wait_for_output (fixture, "\n");
  lines = g_strsplit (strstr (fixture->output->str, "ACCEPT "), "\n", 2);
  fixture->address = g_strdup (lines[0] + strlen ("ACCEPT "));
  run_session (fixture, TRUE);
  assert_true (fixture->has_answered);
  assert_non_null (strstr (fixture->output->str, cipher));
  assert_int_equal (sim_card_get_deadline (fixture->card), -1);
}

static void
test_the_card_has_a_session_with_openssl_in_gcm (void **state)
{
  assert_session_with_openssl (*state, "PSK-AES128-GCM-SHA256");
}

static void
test_the_card_has_a_session_with_openssl_in_cbc (void **state)
{
  assert_session_with_openssl (*state, "PSK-AES128-CBC-SHA256");
}

/* A file with the key of the card's identity */
static void
make_key_file (Fixture *fixture)
{
  int fd = g_file_open_tmp ("sim-session-XXXXXX", &fixture->keys, NULL);

  assert_true (fd >= 0);
  assert_true (g_close (fd, NULL));
  assert_true (g_file_set_contents (fixture->keys, IDENTITY ":" KEY "\n", -1, NULL));
}

/* A port that nobody has: gnutls-serv doesn't choose one. */
static char *
find_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();

  return g_strdup_printf ("%u", g_socket_listener_add_any_inet_port (listener, NULL, NULL));
}

static void
assert_session_with_gnutls (Fixture *fixture, const char *cipher, const char *suite)
{
  g_autofree char *priority
      = g_strconcat ("NONE:+VERS-TLS1.2:+PSK:+SIGN-ALL:+COMP-NULL:+SHA256:+AEAD:+", cipher, NULL);
  g_autofree char *port = find_port ();
  const char *arguments[]
      = { "gnutls-serv", "--http", "--noticket",  "--nodb", "--priority", priority,
          "--port",      port,     "--pskpasswd", NULL,     NULL };

  make_key_file (fixture);
  arguments[9] = fixture->keys;
  start_server (fixture, arguments);
  wait_for_output (fixture, "...done");
  fixture->address = g_strconcat ("127.0.0.1:", port, NULL);
  run_session (fixture, FALSE);
  wait_for_output (fixture, "Connected as '" IDENTITY "'");
  assert_non_null (strstr (fixture->output->str, suite));
  assert_int_equal (sim_card_get_deadline (fixture->card), RETRY_US);
}

static void
test_the_card_is_understood_and_refused_by_gnutls_in_gcm (void **state)
{
  assert_session_with_gnutls (*state, "AES-128-GCM", "(PSK)-(AES-128-GCM)");
}

static void
test_the_card_is_understood_and_refused_by_gnutls_in_cbc (void **state)
{
  assert_session_with_gnutls (*state, "AES-128-CBC", "(PSK)-(AES-128-CBC)-(SHA256)");
}

#define peer_test(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (int argc, char **argv)
{
  const char *name = argc == 2 ? argv[1] : "openssl";
  g_autofree char *path = g_find_program_in_path (name);
  const struct CMUnitTest openssl_tests[] = {
    peer_test (test_the_card_has_a_session_with_openssl_in_gcm),
    peer_test (test_the_card_has_a_session_with_openssl_in_cbc),
  };
  const struct CMUnitTest gnutls_tests[] = {
    peer_test (test_the_card_is_understood_and_refused_by_gnutls_in_gcm),
    peer_test (test_the_card_is_understood_and_refused_by_gnutls_in_cbc),
  };

  if (path == NULL)
    {
      print_message ("No %s to speak to: skipped\n", name);
      return EXIT_SKIPPED;
    }
  return g_str_equal (name, "openssl") ? cmocka_run_group_tests (openssl_tests, NULL, NULL)
                                       : cmocka_run_group_tests (gnutls_tests, NULL, NULL);
}
