/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The simulator's TLS against OpenSSL's, on the loopback interface: the client against "openssl
 * s_server", the server against "openssl s_client". Ends with the status of a skipped test where there
 * is no openssl.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gio/gio.h>

#include "sim-keys.h"
#include "sim-tls.h"

#define EXIT_SKIPPED 77
#define DEADLINE_S 20
#define PIECE_SIZE 4096

#define IDENTITY                                                                                   \
  "8001028110890010120123412340123456789012244F10000102030405060708090A0B0C0D0E0F820101830140"
#define KEY "404142434445464748494A4B4C4D4E4F"

/* Fragments of 512 octets in records of GCM and CBC, with their header of 5 octets */
#define FRAGMENT_MAX 512
#define GCM_RECORD_MAX 541
#define CBC_RECORD_MAX 581

#define LINE_SIZE 1500

typedef struct
{
  SimTls *tls;
  GSocketConnection *connection;
  gsize record_max; /* of those that came and were sent */
  GByteArray *received;
} Peer;

/* One line that is not the same read backwards */
static char *
make_line (gboolean is_reversed)
{
  GString *line = g_string_new (NULL);

  for (gsize i = 0; i < LINE_SIZE; i++)
    g_string_append_c (line, (char) ('0' + (is_reversed ? LINE_SIZE - 1 - i : i) % 71));
  g_string_append_c (line, '\n');
  return g_string_free (line, FALSE);
}

static gboolean
find_key (EaSpan identity, EaSpan *key, gpointer user_data)
{
  if (!ea_span_equal (identity, ea_span_init (IDENTITY, strlen (IDENTITY))))
    return FALSE;
  *key = sim_keys_psk;
  return TRUE;
}

static GSubprocess *
start_openssl (const char *const *arguments)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *process
      = g_subprocess_newv (arguments,
                           G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                               | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                           &error);

  if (process == NULL)
    fail_msg ("%s", error->message);
  return process;
}

static void
end_openssl (GSubprocess *process)
{
  g_subprocess_force_exit (process);
  assert_true (g_subprocess_wait (process, NULL, NULL));
}

static void
set_peer (Peer *peer, SimTls *tls, GSocketConnection *connection)
{
  peer->tls = tls;
  peer->connection = connection;
  peer->received = g_byte_array_new ();
  g_socket_set_timeout (g_socket_connection_get_socket (connection), DEADLINE_S);
}

static void
clear_peer (Peer *peer)
{
  sim_tls_free (peer->tls);
  g_object_unref (peer->connection);
  g_byte_array_unref (peer->received);
}

/* Whole records only: what this side sends, and all that came, in the end */
static void
note_records (Peer *peer, EaSpan bytes)
{
  EaReader reader;

  ea_reader_init (&reader, bytes);
  while (ea_reader_remaining (&reader) > 0)
    {
      gsize start = ea_reader_offset (&reader);

      (void) ea_reader_u24be (&reader);
      (void) ea_reader_bytes (&reader, ea_reader_u16be (&reader));
      assert_true (ea_reader_is_ok (&reader));
      peer->record_max = MAX (peer->record_max, ea_reader_offset (&reader) - start);
    }
}

static void
send_pending (Peer *peer)
{
  GOutputStream *stream = g_io_stream_get_output_stream (G_IO_STREAM (peer->connection));
  g_autoptr (GBytes) bytes = sim_tls_pull (peer->tls, G_MAXSIZE);
  EaSpan span;

  if (bytes == NULL)
    return;
  span = ea_span_from_bytes (bytes);
  note_records (peer, span);
  assert_true (g_output_stream_write_all (stream, span.data, span.size, NULL, NULL, NULL));
}

/* One step: sends what waits, takes what comes; FALSE at the end of the connection. */
static gboolean
exchange (Peer *peer)
{
  GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (peer->connection));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  EaSpan span;

  send_pending (peer);
  bytes = g_input_stream_read_bytes (stream, PIECE_SIZE, NULL, &error);
  if (bytes == NULL)
    fail_msg ("%s", error->message);
  span = ea_span_from_bytes (bytes);
  if (span.size == 0)
    {
      sim_tls_receive_end (peer->tls);
      return FALSE;
    }
  g_byte_array_append (peer->received, span.data, (guint) span.size);
  sim_tls_receive (peer->tls, span);
  return TRUE;
}

static void
shake_hands (Peer *peer)
{
  while (!sim_tls_is_open (peer->tls) && sim_tls_get_error (peer->tls) == NULL)
    assert_true (exchange (peer));
  send_pending (peer);
  if (sim_tls_get_error (peer->tls) != NULL)
    fail_msg ("%s", sim_tls_get_error (peer->tls)->message);
}

static char *
read_line (Peer *peer)
{
  GString *line = g_string_new (NULL);

  while (!g_str_has_suffix (line->str, "\n"))
    {
      g_autoptr (GBytes) plain = sim_tls_read (peer->tls, NULL);

      if (plain == NULL)
        assert_true (exchange (peer));
      else
        g_string_append_len (line, g_bytes_get_data (plain, NULL),
                             (gssize) g_bytes_get_size (plain));
    }
  return g_string_free (line, FALSE);
}

/* The address that s_server says it listens at */
static char *
wait_for_address (GDataInputStream *output)
{
  for (;;)
    {
      g_autofree char *line = g_data_input_stream_read_line (output, NULL, NULL, NULL);

      if (line == NULL)
        fail_msg ("openssl s_server ended");
      else if (g_str_has_prefix (line, "ACCEPT "))
        return g_strdup (line + strlen ("ACCEPT "));
    }
}

static void
assert_client_speaks_to_openssl (const char *suite, const char *name, gsize record_max)
{
  const char *arguments[] = { "openssl", "s_server", "-accept",       "127.0.0.1:0", "-nocert",
                              "-rev",    "-tls1_2",  "-psk_identity", IDENTITY,      "-psk",
                              KEY,       "-cipher",  suite,           "-no_ticket",  NULL };
  g_autoptr (GSubprocess) process = start_openssl (arguments);
  g_autoptr (GDataInputStream) output
      = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  g_autofree char *address = wait_for_address (output);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autofree char *line = make_line (FALSE);
  g_autofree char *expected = make_line (TRUE);
  g_autofree char *answer = NULL;
  Peer peer = { 0 };

  set_peer (
      &peer,
      sim_tls_new_client (ea_span_init (IDENTITY, strlen (IDENTITY)), sim_keys_psk, FRAGMENT_MAX),
      g_socket_client_connect_to_host (client, address, 0, NULL, NULL));
  shake_hands (&peer);
  assert_string_equal (sim_tls_describe (peer.tls), name);
  assert_int_equal (sim_tls_get_record_max (peer.tls), FRAGMENT_MAX);
  assert_true (sim_tls_send (peer.tls, ea_span_init (line, strlen (line)), NULL));
  answer = read_line (&peer);
  note_records (&peer, ea_span_from_array (peer.received));

  assert_string_equal (answer, expected);
  assert_int_equal (peer.record_max, record_max);
  clear_peer (&peer);
  end_openssl (process);
}

static void
test_the_client_speaks_to_openssl_in_both_suites (void **state)
{
  assert_client_speaks_to_openssl ("PSK-AES128-GCM-SHA256", "TLS_PSK_WITH_AES_128_GCM_SHA256",
                                   GCM_RECORD_MAX);
  assert_client_speaks_to_openssl ("PSK-AES128-CBC-SHA256", "TLS_PSK_WITH_AES_128_CBC_SHA256",
                                   CBC_RECORD_MAX);
}

static void
assert_server_speaks_to_openssl (const char *suite, const char *name, gsize record_max)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autofree char *address = g_strdup_printf ("127.0.0.1:%u", port);
  const char *arguments[] = { "openssl", "s_client",      "-connect",    address, "-quiet",
                              "-tls1_2", "-psk_identity", IDENTITY,      "-psk",  KEY,
                              "-cipher", suite,           "-maxfraglen", "512",   NULL };
  g_autoptr (GSubprocess) process = start_openssl (arguments);
  GOutputStream *input = g_subprocess_get_stdin_pipe (process);
  g_autoptr (GDataInputStream) output
      = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  g_autofree char *line = make_line (FALSE);
  g_autofree char *answer = make_line (TRUE);
  g_autofree char *heard = NULL;
  g_autofree char *read = NULL;
  Peer peer = { 0 };

  set_peer (&peer, sim_tls_new_server (find_key, NULL),
            g_socket_listener_accept (listener, NULL, NULL, NULL));
  shake_hands (&peer);
  assert_string_equal (sim_tls_describe (peer.tls), name);
  assert_true (g_output_stream_write_all (input, line, strlen (line), NULL, NULL, NULL));
  heard = read_line (&peer);
  assert_string_equal (heard, line);
  assert_true (sim_tls_send (peer.tls, ea_span_init (answer, strlen (answer)), NULL));
  sim_tls_close (peer.tls);
  send_pending (&peer);
  read = g_data_input_stream_read_line (output, NULL, NULL, NULL);

  assert_non_null (read);
  assert_int_equal (strlen (read), LINE_SIZE);
  assert_true (g_str_has_prefix (answer, read));
  assert_int_equal (peer.record_max, record_max);
  assert_true (g_subprocess_wait (process, NULL, NULL));
  assert_int_equal (g_subprocess_get_exit_status (process), 0);
  clear_peer (&peer);
}

static void
test_the_server_speaks_to_openssl_in_both_suites (void **state)
{
  assert_server_speaks_to_openssl ("PSK-AES128-GCM-SHA256", "TLS_PSK_WITH_AES_128_GCM_SHA256",
                                   GCM_RECORD_MAX);
  assert_server_speaks_to_openssl ("PSK-AES128-CBC-SHA256", "TLS_PSK_WITH_AES_128_CBC_SHA256",
                                   CBC_RECORD_MAX);
}

int
main (void)
{
  g_autofree char *openssl = g_find_program_in_path ("openssl");
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_the_client_speaks_to_openssl_in_both_suites),
    cmocka_unit_test (test_the_server_speaks_to_openssl_in_both_suites),
  };

  if (openssl == NULL)
    {
      print_message ("No openssl to speak to: skipped\n");
      return EXIT_SKIPPED;
    }
  return cmocka_run_group_tests (tests, NULL, NULL);
}
