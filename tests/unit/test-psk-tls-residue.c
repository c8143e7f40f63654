/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is left of a pre-shared key in a process that has had a session with it (agent/net/psk-tls.h): nothing but the
 * memory that it was given in. The test starts itself once more as that process, gives it the key through a pipe, so
 * that it has it nowhere else, and searches its memory while the session is open and when it is over. Then nothing is
 * left of the secrets of the session either, which the server has, too: one of GnuTLS in a thread of the test.
 */

#include <gio/gio.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "link-peer.h"
#include "memory-search.h"
#include "net/psk-tls.h"

#define AREA_SIZE 4096
#define KEY_SIZE 16
#define N_SECRETS 5 /* the master secret, and keys of MAC and cipher for both ways */
#define TIMEOUT_MS 20000
#define IDENTITY "somebody"
#define PRIORITY "NONE:+VERS-TLS1.2:+PSK:+COMP-NULL:+SIGN-ALL:"
#define GCM PRIORITY "+AES-128-GCM:+AEAD"
#define CBC PRIORITY "+AES-128-CBC:+SHA256"

/* What HMAC begins with: RFC 2104 §2 */
#define INNER_PAD 0x36
#define OUTER_PAD 0x5C

/* Arguments of the other process: one of these, and the port */
#define WORKER "worker"
#define LEAKY_WORKER "leaky-worker"

/* What it says: the session is open, is over or was refused */
#define SAYS_OPEN 'o'
#define SAYS_OVER 'c'
#define SAYS_REFUSED 'r'

static const char *program;

/* The other process */

typedef struct
{
  EaLink *link;
  EaPskTls *tls;
  gboolean is_connected;
  gboolean is_open;
  gboolean is_refused;
  gboolean has_ended;
  gsize n_received;
} Worker;

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  if (!ea_link_connect_finish (EA_LINK (source), result, NULL))
    exit (EXIT_FAILURE);
  ((Worker *) user_data)->is_connected = TRUE;
}

static void
on_hands_shaken (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Worker *worker = user_data;

  worker->is_open = ea_psk_tls_handshake_finish (EA_PSK_TLS (source), result, NULL);
  worker->is_refused = !worker->is_open;
}

static void
on_received (EaPskTls *tls, GBytes *bytes, gpointer user_data)
{
  ((Worker *) user_data)->n_received += g_bytes_get_size (bytes);
}

static void
on_ended (EaPskTls *tls, const GError *error, gpointer user_data)
{
  ((Worker *) user_data)->has_ended = TRUE;
}

static void
run_until (const gboolean *condition)
{
  while (!*condition)
    g_main_context_iteration (NULL, TRUE);
}

/* FALSE when the test has gone */
static gboolean
say_and_wait (char word)
{
  return write (STDOUT_FILENO, &word, 1) == 1 && read (STDIN_FILENO, &word, 1) == 1;
}

static void
connect_link (Worker *worker, const char *port)
{
  g_autoptr (GSocketAddress) peer
      = g_inet_socket_address_new_from_string ("127.0.0.1", (guint) atoi (port));

  worker->link = ea_link_new (EA_LINK_TCP, NULL);
  ea_link_connect_async (worker->link, G_INET_SOCKET_ADDRESS (peer), TIMEOUT_MS, NULL, on_connected,
                         worker);
  run_until (&worker->is_connected);
}

static void
shake_hands (Worker *worker, EaSpan key)
{
  EaPskTlsOptions options = { .identity = ea_span_init (IDENTITY, strlen (IDENTITY)), .psk = key };

  worker->tls = ea_psk_tls_new (worker->link, &options);
  g_signal_connect (worker->tls, "received", G_CALLBACK (on_received), worker);
  g_signal_connect (worker->tls, "ended", G_CALLBACK (on_ended), worker);
  ea_psk_tls_handshake_async (worker->tls, TIMEOUT_MS, NULL, on_hands_shaken, worker);
  while (!worker->is_open && !worker->is_refused)
    g_main_context_iteration (NULL, TRUE);
}

/* A line there and back */
static void
exchange (Worker *worker)
{
  g_autoptr (GBytes) line = g_bytes_new_static ("a line\n", 7);

  ea_psk_tls_set_room (worker->tls, AREA_SIZE);
  (void) ea_psk_tls_send (worker->tls, line, NULL); /* no answer would come */
  while (worker->n_received < g_bytes_get_size (line))
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
have_session (const char *port, EaSpan key)
{
  Worker worker = { 0 };
  gboolean is_good = TRUE;

  connect_link (&worker, port);
  shake_hands (&worker, key);
  if (worker.is_open)
    {
      exchange (&worker);
      is_good = say_and_wait (SAYS_OPEN);
      ea_psk_tls_close (worker.tls, TIMEOUT_MS);
      run_until (&worker.has_ended);
    }
  g_clear_object (&worker.tls);
  g_clear_object (&worker.link);
  return is_good && say_and_wait (worker.is_refused ? SAYS_REFUSED : SAYS_OVER);
}

static guint8 *
get_locked_area (void)
{
  void *area = mmap (NULL, AREA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (area == MAP_FAILED || mlock (area, AREA_SIZE) != 0
      || madvise (area, AREA_SIZE, MADV_DONTDUMP) != 0)
    _exit (EXIT_FAILURE);
  return area;
}

static int
work (const char *kind, const char *port)
{
  guint8 *area = get_locked_area ();
  g_autofree guint8 *copy = NULL;

  if (read (STDIN_FILENO, area, KEY_SIZE) != KEY_SIZE)
    return EXIT_FAILURE;
  if (strcmp (kind, LEAKY_WORKER) == 0)
    copy = g_memdup2 (area, KEY_SIZE);
  return have_session (port, ea_span_init (area, KEY_SIZE)) ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The test */

typedef struct
{
  int listener;
  guint16 port;
  const char *priority;
  guint8 key[KEY_SIZE]; /* of the server */
  GThread *server;
  GAsyncQueue *secrets; /* of GBytes: N_SECRETS when the session is open */
  GSubprocess *worker;
  GPtrArray *patterns;
} Rig;

/* Not written anywhere, since the other process has this program in its memory, too */
static void
make_key (const char *name, guint8 *key)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize digest_size = sizeof digest;

  g_checksum_update (checksum, (const guchar *) name, -1);
  g_checksum_get_digest (checksum, digest, &digest_size);
  memcpy (key, digest, KEY_SIZE);
}

static void
add_padded (GPtrArray *patterns, const guint8 *key, guint8 pad)
{
  guint8 padded[KEY_SIZE];

  for (gsize i = 0; i < KEY_SIZE; i++)
    padded[i] = key[i] ^ pad;
  memory_patterns_add (patterns, "key for HMAC", padded, KEY_SIZE);
}

static void
add_key (GPtrArray *patterns, const guint8 *key)
{
  g_autofree char *hex = ea_span_to_hex (ea_span_init (key, KEY_SIZE));

  memory_patterns_add_secret (patterns, "key", hex);
  add_padded (patterns, key, INNER_PAD);
  add_padded (patterns, key, OUTER_PAD);
}

static void
add_secrets (Rig *rig)
{
  for (guint i = 0; i < N_SECRETS; i++)
    {
      g_autoptr (GBytes) secret = g_async_queue_pop (rig->secrets);
      gsize size;
      gconstpointer data = g_bytes_get_data (secret, &size);

      if (size > 0)
        memory_patterns_add (rig->patterns, "secret", data, size);
    }
}

static int
give_key (gnutls_session_t session, const gnutls_datum_t *identity, gnutls_datum_t *key)
{
  const Rig *rig = gnutls_session_get_ptr (session);

  key->data = gnutls_malloc (KEY_SIZE);
  key->size = KEY_SIZE;
  memcpy (key->data, rig->key, KEY_SIZE);
  return GNUTLS_E_SUCCESS;
}

static void
push_secret (Rig *rig, gnutls_datum_t datum)
{
  g_async_queue_push (rig->secrets, g_bytes_new (datum.data, datum.size));
}

static void
push_secrets (Rig *rig, gnutls_session_t session)
{
  gnutls_datum_t master_secret;

  gnutls_session_get_master_secret (session, &master_secret);
  push_secret (rig, master_secret);
  for (guint is_read = 0; is_read <= 1; is_read++)
    {
      gnutls_datum_t mac_key = { NULL, 0 };
      gnutls_datum_t iv;
      gnutls_datum_t cipher_key = { NULL, 0 };
      guint8 sequence[8];

      (void) gnutls_record_get_state (session, is_read, &mac_key, &iv, &cipher_key, sequence);
      push_secret (rig, mac_key);
      push_secret (rig, cipher_key);
    }
}

/* What comes goes back. */
static void
serve (Rig *rig, gnutls_session_t session)
{
  guint8 piece[AREA_SIZE];
  gssize size;
  int result;

  do
    result = gnutls_handshake (session);
  while (result < 0 && !gnutls_error_is_fatal (result));
  if (result < 0)
    {
      (void) gnutls_alert_send_appropriate (session, result); /* the worker says what it sees */
      return;
    }
  push_secrets (rig, session);
  while ((size = gnutls_record_recv (session, piece, sizeof piece)) > 0)
    (void) gnutls_record_send (session, piece, (gsize) size);
}

static gpointer
run_server (gpointer user_data)
{
  Rig *rig = user_data;
  int fd = accept (rig->listener, NULL, NULL);
  gnutls_psk_server_credentials_t credentials;
  gnutls_session_t session;

  gnutls_psk_allocate_server_credentials (&credentials);
  gnutls_psk_set_server_credentials_function2 (credentials, give_key);
  gnutls_init (&session, GNUTLS_SERVER | GNUTLS_NO_TICKETS | GNUTLS_NO_SIGNAL);
  (void) gnutls_priority_set_direct (session, rig->priority, NULL); /* no handshake without */
  gnutls_credentials_set (session, GNUTLS_CRD_PSK, credentials);
  gnutls_session_set_ptr (session, rig);
  gnutls_transport_set_int (session, fd);
  serve (rig, session);
  gnutls_deinit (session);
  gnutls_psk_free_server_credentials (credentials);
  close (fd);
  return NULL;
}

static void
rig_start (Rig *rig, const char *kind, const char *priority, const char *server_key)
{
  guint8 key[KEY_SIZE];
  g_autofree char *port = NULL;

  rig->listener = peer_listen ("127.0.0.1", 1, &rig->port);
  port = g_strdup_printf ("%u", rig->port);
  rig->priority = priority;
  make_key (server_key, rig->key);
  rig->secrets = g_async_queue_new ();
  rig->server = g_thread_new ("server", run_server, rig);
  make_key (priority, key);
  rig->patterns = memory_patterns_new ();
  add_key (rig->patterns, key);
  rig->worker = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                  NULL, program, kind, port, NULL);
  assert_non_null (rig->worker);
  assert_true (g_output_stream_write_all (g_subprocess_get_stdin_pipe (rig->worker), key, KEY_SIZE,
                                          NULL, NULL, NULL));
}

static void
rig_await (Rig *rig, char word)
{
  char got;

  assert_int_equal (
      g_input_stream_read (g_subprocess_get_stdout_pipe (rig->worker), &got, 1, NULL, NULL), 1);
  assert_int_equal (got, word);
}

static void
rig_go_on (Rig *rig)
{
  assert_true (g_output_stream_write_all (g_subprocess_get_stdin_pipe (rig->worker), "g", 1, NULL,
                                          NULL, NULL));
}

/* (transfer full): see memory_search() */
static char *
rig_search (Rig *rig, guint *n_locked)
{
  return memory_search (atoi (g_subprocess_get_identifier (rig->worker)), rig->patterns, n_locked);
}

static void
rig_assert_clean (Rig *rig)
{
  guint n_locked;
  g_autofree char *found = rig_search (rig, &n_locked);

  assert_string_equal (found, "");
  assert_true (n_locked >= 1);
}

static void
rig_finish (Rig *rig)
{
  rig_go_on (rig);
  assert_true (g_subprocess_wait_check (rig->worker, NULL, NULL));
  g_thread_join (rig->server);
  close (rig->listener);
  g_object_unref (rig->worker);
  g_async_queue_unref (rig->secrets);
  g_ptr_array_unref (rig->patterns);
}

static void
assert_nothing_is_left (const char *priority)
{
  Rig rig = { 0 };

  rig_start (&rig, WORKER, priority, priority);
  rig_await (&rig, SAYS_OPEN);
  rig_assert_clean (&rig);
  rig_go_on (&rig);
  rig_await (&rig, SAYS_OVER);
  add_secrets (&rig);
  rig_assert_clean (&rig);

  rig_finish (&rig);
}

static void
test_nothing_of_the_key_is_left_behind (void **state)
{
  if (!memory_can_be_searched ())
    skip ();
  assert_nothing_is_left (GCM);
  assert_nothing_is_left (CBC);
}

static void
test_nothing_of_a_refused_key_is_left_behind (void **state)
{
  Rig rig = { 0 };

  if (!memory_can_be_searched ())
    skip ();
  rig_start (&rig, WORKER, GCM, "another key");
  rig_await (&rig, SAYS_REFUSED);
  rig_assert_clean (&rig);

  rig_finish (&rig);
}

static void
test_a_copy_and_a_secret_in_use_would_be_found (void **state)
{
  Rig rig = { 0 };
  g_autofree char *found = NULL;

  if (!memory_can_be_searched ())
    skip ();
  rig_start (&rig, LEAKY_WORKER, GCM, GCM);
  rig_await (&rig, SAYS_OPEN);
  add_secrets (&rig);
  found = rig_search (&rig, NULL);
  rig_go_on (&rig);
  rig_await (&rig, SAYS_OVER);

  assert_non_null (strstr (found, "key at "));
  assert_non_null (strstr (found, "secret at "));
  rig_finish (&rig);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_nothing_of_the_key_is_left_behind),
    cmocka_unit_test (test_nothing_of_a_refused_key_is_left_behind),
    cmocka_unit_test (test_a_copy_and_a_secret_in_use_would_be_found),
  };

  if (argc == 3)
    return work (argv[1], argv[2]);
  program = argv[0];
  return cmocka_run_group_tests (tests, NULL, NULL);
}
