/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Sessions (agent/net/psk-tls.h) with servers that are programs of others: "openssl s_server" and "gnutls-serv". The
 * argument names the program; the test ends as skipped where there is none.
 */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"
#include "tls-rig.h"

#define EXIT_SKIPPED 77
#define READ_SIZE 4096
#define PLENTY 100000
#define LINE_SIZE 3000
#define SHORT_LINE_SIZE 1000

#define ACCEPT "ACCEPT 127.0.0.1:"

#define OTHER_KEY "4F4E4D4C4B4A49484746454443424140"
#define GNUTLS_PRIORITY "NONE:+VERS-TLS1.2:+PSK:+COMP-NULL:+SIGN-ALL:+CURVE-ALL:"

typedef struct
{
  GSubprocess *process;
  GString *output;
  guint16 port;
} Program;

static Program *
program_new (const char *const *arguments)
{
  Program *program = g_new0 (Program, 1);
  g_autoptr (GError) error = NULL;

  program->output = g_string_new (NULL);
  program->process
      = g_subprocess_newv (arguments,
                           G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                               | G_SUBPROCESS_FLAGS_STDERR_MERGE,
                           &error);
  if (program->process == NULL)
    fail_msg ("%s", error->message);
  return program;
}

static void
program_free (Program *program)
{
  g_subprocess_force_exit (program->process);
  (void) g_subprocess_wait (program->process, NULL, NULL); /* it was ended from here */
  g_object_unref (program->process);
  g_string_free (program->output, TRUE);
  g_free (program);
}

/* The test's own limit of time ends a program that says nothing. */
static void
program_read_more (Program *program, const char *text)
{
  GInputStream *stream = g_subprocess_get_stdout_pipe (program->process);
  char piece[READ_SIZE];
  gssize size = g_input_stream_read (stream, piece, sizeof piece, NULL, NULL);

  if (size <= 0)
    fail_msg ("The server has ended without '%s': %s", text, program->output->str);
  g_string_append_len (program->output, piece, size);
}

static void
program_await (Program *program, const char *text)
{
  while (strstr (program->output->str, text) == NULL)
    program_read_more (program, text);
}

/* s_server with @options, a list that ends with %NULL, on a port that it chooses */
static Program *
start_openssl (const char *const *options)
{
  static const char *const first[]
      = { "openssl", "s_server", "-accept", "127.0.0.1:0", "-psk_identity", IDENTITY };
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  Program *program;

  for (gsize i = 0; i < G_N_ELEMENTS (first); i++)
    g_ptr_array_add (arguments, (gpointer) first[i]);
  for (gsize i = 0; options[i] != NULL; i++)
    g_ptr_array_add (arguments, (gpointer) options[i]);
  g_ptr_array_add (arguments, NULL);
  program = program_new ((const char *const *) arguments->pdata);
  program_await (program, ACCEPT);
  while (strchr (strstr (program->output->str, ACCEPT), '\n') == NULL)
    program_read_more (program, "the end of a line");
  program->port = (guint16) g_ascii_strtoull (
      strstr (program->output->str, ACCEPT) + strlen (ACCEPT), NULL, 10);
  return program;
}

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

static void
send_line (TlsOwner *owner, const char *line)
{
  g_autoptr (GBytes) bytes = g_bytes_new (line, strlen (line));
  g_autoptr (GError) error = NULL;

  if (!ea_psk_tls_send (owner->tls, bytes, &error))
    fail_msg ("%s", error->message);
}

static void
assert_received (TlsOwner *owner, const char *line)
{
  WAIT_FOR (owner->received->len >= strlen (line) || owner->n_ended > 0);
  assert_true (
      ea_span_equal (ea_span_from_array (owner->received), ea_span_init (line, strlen (line))));
}

static void
assert_openssl_answers (const EaPskTlsOptions *options, const char *const *arguments, gsize largest,
                        const char *description)
{
  Program *program = start_openssl (arguments);
  g_autoptr (TlsOwner) owner = tls_owner_new (program->port, options);
  g_autofree char *line = make_line (FALSE);
  g_autofree char *expected = make_line (TRUE);
  g_autofree char *text = NULL;

  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, PLENTY);
  send_line (owner, line);
  assert_received (owner, expected);

  assert_int_equal (owner->largest, largest);
  text = ea_psk_tls_describe (owner->tls);
  assert_string_equal (text, description);
  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  tls_owner_expect_end (owner, 0, 0, NULL);
  program_free (program);
}

static void
test_openssl_answers_in_both_suites (void **state)
{
  const char *gcm[]
      = { "-nocert", "-rev", "-tls1_2", "-psk", KEY, "-cipher", "PSK-AES128-GCM-SHA256", NULL };
  const char *cbc[]
      = { "-nocert", "-rev", "-tls1_2", "-psk", KEY, "-cipher", "PSK-AES128-CBC-SHA256", NULL };

  assert_openssl_answers (&tls_options, gcm, LINE_SIZE + 1,
                          "TLS1.2 PSK-AES128-GCM-SHA256, extended master secret");
  assert_openssl_answers (&tls_options, cbc, LINE_SIZE + 1,
                          "TLS1.2 PSK-AES128-CBC-SHA256, extended master secret, encrypt-then-MAC");
}

static void
test_openssl_obeys_the_maximum_fragment_length (void **state)
{
  const char *arguments[] = { "-nocert", "-rev", "-tls1_2", "-psk", KEY, NULL };
  EaPskTlsOptions options = tls_options;

  options.max_fragment_length = 512;
  assert_openssl_answers (&options, arguments, 512,
                          "TLS1.2 PSK-AES128-GCM-SHA256, extended master secret, fragments of 512");
}

static void
test_openssl_may_send_short_records (void **state)
{
  const char *arguments[]
      = { "-nocert", "-rev", "-tls1_2", "-psk", KEY, "-max_send_frag", "600", NULL };

  assert_openssl_answers (&tls_options, arguments, 600,
                          "TLS1.2 PSK-AES128-GCM-SHA256, extended master secret");
}

static void
test_openssl_takes_presets_and_legacy_suites (void **state)
{
  const char *arguments[]
      = { "-nocert", "-rev", "-tls1_2", "-psk", KEY, "-cipher", "PSK-AES128-CBC-SHA", NULL };
  EaPskTlsOptions options = tls_options;

  options.suites = EA_PSK_TLS_SUITES_LEGACY;
  options.preset = EA_PSK_TLS_NO_ETM;
  assert_openssl_answers (&options, arguments, LINE_SIZE + 1,
                          "TLS1.2 PSK-AES128-CBC-SHA, extended master secret");
  options.preset = EA_PSK_TLS_NO_ETM_NO_EMS;
  assert_openssl_answers (&options, arguments, LINE_SIZE + 1, "TLS1.2 PSK-AES128-CBC-SHA");
}

static void
assert_openssl_refuses (const EaPskTlsOptions *options, const char *const *arguments,
                        EaPskTlsError code, const char *words)
{
  Program *program = start_openssl (arguments);
  g_autoptr (TlsOwner) owner = tls_owner_new (program->port, options);

  tls_owner_expect_refusal (owner, EA_PSK_TLS_ERROR, (int) code, words);
  program_free (program);
}

static void
test_openssl_has_another_key (void **state)
{
  const char *arguments[] = { "-nocert", "-tls1_2", "-psk", OTHER_KEY, NULL };

  assert_openssl_refuses (&tls_options, arguments, EA_PSK_TLS_ERROR_KEY_REFUSED, "bad_record_mac");
}

static void
test_openssl_speaks_other_versions (void **state)
{
  const char *only_1_3[] = { "-nocert", "-tls1_3", "-psk", KEY, NULL };
  const char *no_1_2[] = { "-nocert", "-no_tls1_2", "-psk", KEY, NULL };
  const char *only_1_1[]
      = { "-nocert", "-tls1_1", "-psk", KEY, "-cipher", "PSK:@SECLEVEL=0", NULL };
  const char *only_1_0[] = { "-nocert", "-tls1", "-psk", KEY, "-cipher", "PSK:@SECLEVEL=0", NULL };
  EaPskTlsOptions options = tls_options;

  assert_openssl_refuses (&tls_options, only_1_3, EA_PSK_TLS_ERROR_VERSION, "TLS 1.2");
  assert_openssl_refuses (&tls_options, no_1_2, EA_PSK_TLS_ERROR_VERSION, "TLS 1.2");
  options.suites = EA_PSK_TLS_SUITES_LEGACY;
  assert_openssl_refuses (&options, only_1_1, EA_PSK_TLS_ERROR_VERSION, "TLS 1.2");
  assert_openssl_refuses (&options, only_1_0, EA_PSK_TLS_ERROR_VERSION, "TLS 1.2");
}

/* A key and a certificate of a moment */
static void
make_certificate (const char *key, const char *certificate)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error, "openssl", "req", "-x509",
                          "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                          "/CN=sm-sr.example", "-keyout", key, "-out", certificate, NULL);

  if (process == NULL)
    fail_msg ("%s", error->message);
  assert_true (g_subprocess_wait_check (process, NULL, NULL));
}

static void
test_openssl_has_only_suites_with_certificates (void **state)
{
  char *directory = make_quick_directory ();
  g_autofree char *key = g_build_filename (directory, "key", NULL);
  g_autofree char *certificate = g_build_filename (directory, "certificate", NULL);
  const char *arguments[] = { "-tls1_2", "-key", key, "-cert", certificate, NULL };

  make_certificate (key, certificate);
  assert_openssl_refuses (&tls_options, arguments, EA_PSK_TLS_ERROR_NO_COMMON_SUITE,
                          "handshake_failure");
  delete_directory (directory);
}

/* OpenSSL breaks off when its HelloRequest is refused. */
static void
test_openssl_asks_for_renegotiation (void **state)
{
  const char *arguments[] = { "-nocert", "-tls1_2", "-psk", KEY, NULL };
  Program *program = start_openssl (arguments);
  g_autoptr (TlsOwner) owner = tls_owner_new (program->port, &tls_options);
  GOutputStream *stream = g_subprocess_get_stdin_pipe (program->process);

  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, PLENTY);
  program_await (program, "CIPHER is PSK-AES128-GCM-SHA256");
  assert_true (g_output_stream_write_all (stream, "r\n", 2, NULL, NULL, NULL));
  assert_true (g_output_stream_flush (stream, NULL, NULL));
  tls_owner_expect_end (owner, EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_ALERT,
                        "(alert handshake_failure)");

  program_free (program);
}

static void
test_openssl_closes_as_one_should (void **state)
{
  const char *arguments[] = { "-nocert", "-rev", "-tls1_2", "-psk", KEY, NULL };
  Program *program = start_openssl (arguments);
  g_autoptr (TlsOwner) owner = tls_owner_new (program->port, &tls_options);

  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, PLENTY);
  send_line (owner, "CLOSE\n");
  WAIT_FOR (owner->n_peer_closed > 0 || owner->n_ended > 0);

  assert_int_equal (owner->n_peer_closed, 1);
  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  tls_owner_expect_end (owner, 0, 0, NULL);
  program_free (program);
}

/* A port that nobody has: gnutls-serv does not choose one. */
static guint16
find_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();

  return g_socket_listener_add_any_inet_port (listener, NULL, NULL);
}

static Program *
start_gnutls (const char *directory, const char *entry, const char *suite)
{
  g_autofree char *keys = g_build_filename (directory, "keys", NULL);
  g_autofree char *priority = g_strconcat (GNUTLS_PRIORITY, suite, NULL);
  guint16 port = find_port ();
  g_autofree char *port_text = g_strdup_printf ("%u", port);
  const char *arguments[]
      = { "gnutls-serv", "--echo",  "--noticket",  "--nodb", "--priority", priority,
          "--port",      port_text, "--pskpasswd", keys,     NULL };
  Program *program;

  assert_true (g_file_set_contents (keys, entry, -1, NULL));
  program = program_new (arguments);
  program->port = port;
  program_await (program, "...done");
  return program;
}

static void
assert_gnutls_answers (const char *suite, const char *description)
{
  char *directory = make_quick_directory ();
  Program *program = start_gnutls (directory, IDENTITY ":" KEY "\n", suite);
  g_autoptr (TlsOwner) owner = tls_owner_new (program->port, &tls_options);
  g_autofree char *line = make_line (FALSE);
  g_autofree char *text = NULL;

  tls_owner_shake_hands (owner);
  ea_psk_tls_set_room (owner->tls, PLENTY);
  program_await (program, "Connected as '" IDENTITY "'");
  strcpy (line + SHORT_LINE_SIZE, "\n"); /* it takes less than 1024 bytes at once */
  send_line (owner, line);
  assert_received (owner, line);

  text = ea_psk_tls_describe (owner->tls);
  assert_string_equal (text, description);
  ea_psk_tls_close (owner->tls, CLOSE_TIMEOUT_MS);
  tls_owner_expect_end (owner, 0, 0, NULL);
  program_free (program);
  delete_directory (directory);
}

static void
test_gnutls_answers_in_both_suites (void **state)
{
  assert_gnutls_answers ("+AES-128-GCM:+AEAD",
                         "TLS1.2 PSK-AES128-GCM-SHA256, extended master secret");
  assert_gnutls_answers ("+AES-128-CBC:+SHA256",
                         "TLS1.2 PSK-AES128-CBC-SHA256, extended master secret, encrypt-then-MAC");
}

/* It makes a key up for an identity that it does not know, so that nobody learns which ones it does. */
static void
test_gnutls_knows_another_key_or_identity (void **state)
{
  static const char *const entries[] = { IDENTITY ":" OTHER_KEY "\n", "somebody:" KEY "\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      char *directory = make_quick_directory ();
      Program *program = start_gnutls (directory, entries[i], "+AES-128-GCM:+AEAD");
      g_autoptr (TlsOwner) owner = tls_owner_new (program->port, &tls_options);

      tls_owner_expect_refusal (owner, EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_KEY_REFUSED,
                                "bad_record_mac");
      program_free (program);
      delete_directory (directory);
    }
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest openssl_tests[] = {
    cmocka_unit_test (test_openssl_answers_in_both_suites),
    cmocka_unit_test (test_openssl_obeys_the_maximum_fragment_length),
    cmocka_unit_test (test_openssl_may_send_short_records),
    cmocka_unit_test (test_openssl_takes_presets_and_legacy_suites),
    cmocka_unit_test (test_openssl_has_another_key),
    cmocka_unit_test (test_openssl_speaks_other_versions),
    cmocka_unit_test (test_openssl_has_only_suites_with_certificates),
    cmocka_unit_test (test_openssl_asks_for_renegotiation),
    cmocka_unit_test (test_openssl_closes_as_one_should),
  };
  const struct CMUnitTest gnutls_tests[] = {
    cmocka_unit_test (test_gnutls_answers_in_both_suites),
    cmocka_unit_test (test_gnutls_knows_another_key_or_identity),
  };
  g_autofree char *program = g_find_program_in_path (argv[1]);

  if (program == NULL)
    {
      print_message ("No %s to speak to: skipped\n", argv[1]);
      return EXIT_SKIPPED;
    }
  if (strcmp (argv[1], "openssl") == 0)
    return cmocka_run_group_tests (openssl_tests, NULL, NULL);
  return cmocka_run_group_tests (gnutls_tests, NULL, NULL);
}
