/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What GnuTLS alone costs the client of an HTTPS session. RECORDS is a file with a line for each TLS record of a session,
 * "> SIZE" from the client and "< SIZE" to it, with the bytes of plaintext; their content is nothing but zeros.
 *
 *   https-floor serve RECORDS               prints the port, and holds the server's end until it is ended
 *   https-floor read PORT RECORDS COUNT     holds the client's end of COUNT sessions, one after the other; prints for
 *                                           each the CPU time that it has taken, in nanoseconds
 *   https-floor script COUNT                prints the port, and is an SM-SR until it is ended: each session has one script
 *                                           of COUNT commands for the ISD-R, all in one answer; none where COUNT is 0
 *   https-floor post PORT COUNT             as read, but each session is one POST, and what comes until the server closes
 */

#include <arpa/inet.h>
#include <gio/gio.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The suite that the agent and the simulator agree upon */
#define PRIORITY "NONE:+VERS-TLS1.2:+PSK:+COMP-NULL:+SIGN-RSA-SHA256:+AES-128-GCM:+AEAD"
#define RECORD_MAX 16384
#define IDENTITY                                                                                   \
  "8001028110890010120123412340123456789012244F10A0000005591010FFFFFFFF8900000100820101830140"

#define POST "POST / HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define ANSWER_HEAD                                                                                \
  "HTTP/1.1 200 OK\r\nX-Admin-Protocol: globalplatform-remote-admin/1.0\r\nX-Admin-Next-URI: "     \
  "/next\r\n"                                                                                      \
  "Content-Type: application/vnd.globalplatform.card-content-mgt;version=1.0\r\n"                  \
  "Transfer-Encoding: chunked\r\n\r\n"
#define ANSWER_END                                                                                 \
  "HTTP/1.1 204 No Content\r\nX-Admin-Protocol: globalplatform-remote-admin/1.0\r\n\r\n"

/* UpdateSMSRAddressingParameters (SGP.02 §4.1.1.10) as a C-APDU object, with that many octets for a parameter */
#define PARAMETER_SIZE 240

static const guint8 key[16] = "0123456789ABCDEF";

typedef struct
{
  gboolean is_of_client;
  gsize size;
} Record;

static void
fail (const char *what)
{
  g_printerr ("https-floor: %s\n", what);
  exit (EXIT_FAILURE);
}

static void
require (int result, const char *what)
{
  if (result >= 0)
    return;
  g_printerr ("https-floor: %s: %s\n", what, gnutls_strerror (result));
  exit (EXIT_FAILURE);
}

/* (transfer full): of Record */
static GArray *
read_records (const char *path)
{
  GArray *records = g_array_new (FALSE, FALSE, sizeof (Record));
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    fail (path);
  lines = g_strsplit (g_strstrip (text), "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const Record record
          = { lines[i][0] == '>', (gsize) g_ascii_strtoull (lines[i] + 1, NULL, 10) };

      if (record.size == 0 || record.size > RECORD_MAX)
        fail ("a record without a size");
      g_array_append_val (records, record);
    }
  return records;
}

static void
send_record (gnutls_session_t session, gsize size)
{
  static const guint8 zeros[RECORD_MAX];
  gssize result = gnutls_record_send (session, zeros, size);

  require ((int) result, "send");
  if ((gsize) result != size)
    fail ("a record was cut");
}

static void
receive_record (gnutls_session_t session, gsize size)
{
  guint8 bytes[RECORD_MAX];
  gssize result = gnutls_record_recv (session, bytes, sizeof bytes);

  require ((int) result, "receive");
  if ((gsize) result != size)
    fail ("another record than that");
}

static void
exchange (gnutls_session_t session, const GArray *records, gboolean is_client)
{
  for (guint i = 0; i < records->len; i++)
    {
      const Record *record = &g_array_index (records, Record, i);

      if (record->is_of_client == is_client)
        send_record (session, record->size);
      else
        receive_record (session, record->size);
    }
}

static void
shake_hands (gnutls_session_t session, int fd)
{
  require (gnutls_priority_set_direct (session, PRIORITY, NULL), "priority");
  gnutls_transport_set_int (session, fd);
  require (gnutls_handshake (session), "handshake");
}

static int
get_key (gnutls_session_t session, const char *name, gnutls_datum_t *out)
{
  out->data = gnutls_malloc (sizeof key);
  out->size = sizeof key;
  memcpy (out->data, key, sizeof key);
  return 0;
}

static gboolean
has_end (const GString *input, const char *end)
{
  gsize size = strlen (end);

  return input->len >= size && memcmp (input->str + input->len - size, end, size) == 0;
}

/* The client waits for the answer to each: what has come ends with its end. */
static void
await_post (gnutls_session_t session)
{
  g_autoptr (GString) input = g_string_new (NULL);
  gboolean is_chunked = FALSE;

  while (!has_end (input, is_chunked ? "\r\n0\r\n\r\n" : "\r\n\r\n"))
    {
      char bytes[RECORD_MAX];
      gssize result = gnutls_record_recv (session, bytes, sizeof bytes);

      require ((int) result, "receive");
      if (result == 0)
        fail ("the agent has closed");
      g_string_append_len (input, bytes, result);
      is_chunked = strstr (input->str, "chunked") != NULL;
    }
}

static void
send_all (gnutls_session_t session, const void *bytes, gsize size)
{
  for (gsize sent = 0; sent < size;)
    {
      gssize result = gnutls_record_send (session, (const guint8 *) bytes + sent,
                                          MIN (size - sent, RECORD_MAX));

      require ((int) result, "send");
      sent += (gsize) result;
    }
}

static void
send_chunk (gnutls_session_t session, const void *bytes, gsize size)
{
  g_autoptr (GString) chunk = g_string_new (NULL);

  g_string_printf (chunk, "%zx\r\n", size);
  g_string_append_len (chunk, bytes, (gssize) size);
  g_string_append (chunk, "\r\n");
  send_all (session, chunk->str, chunk->len);
}

static void
send_script (gnutls_session_t session, guint count)
{
  static const guint8 begin[] = { 0xAE, 0x80 };
  static const guint8 end[] = { 0x00, 0x00 };
  static const guint8 command[]
      = { 0x22, 0x81, PARAMETER_SIZE + 11, 0x80, 0xE2, 0x88,          0x00, PARAMETER_SIZE + 6,
          0x3A, 0x07, PARAMETER_SIZE + 3,  0xA3, 0x81, PARAMETER_SIZE };

  send_all (session, ANSWER_HEAD, strlen (ANSWER_HEAD));
  send_chunk (session, begin, sizeof begin);
  for (guint i = 0; i < count; i++)
    {
      guint8 object[sizeof command + PARAMETER_SIZE] = { 0 };

      memcpy (object, command, sizeof command);
      send_chunk (session, object, sizeof object);
    }
  send_chunk (session, end, sizeof end);
  send_all (session, "0\r\n\r\n", strlen ("0\r\n\r\n"));
}

static void
serve_script (gnutls_session_t session, guint count)
{
  if (count > 0)
    {
      await_post (session);
      send_script (session, count);
    }
  await_post (session);
  send_all (session, ANSWER_END, strlen (ANSWER_END));
}

/* @records: (nullable): NULL: a script of @count commands */
static void
serve_one (int fd, const GArray *records, guint count)
{
  gnutls_psk_server_credentials_t credentials;
  gnutls_session_t session;

  require (gnutls_psk_allocate_server_credentials (&credentials), "credentials");
  gnutls_psk_set_server_credentials_function (credentials, get_key);
  require (gnutls_init (&session, GNUTLS_SERVER), "session");
  require (gnutls_credentials_set (session, GNUTLS_CRD_PSK, credentials), "credentials");
  shake_hands (session, fd);
  if (records != NULL)
    exchange (session, records, FALSE);
  else
    serve_script (session, count);
  (void) gnutls_bye (session, GNUTLS_SHUT_RDWR); /* all has been said */
  gnutls_deinit (session);
  gnutls_psk_free_server_credentials (credentials);
  close (fd);
}

static void
serve (const GArray *records, guint count)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t size = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (listener < 0 || bind (listener, (struct sockaddr *) &address, size) != 0
      || listen (listener, 1) != 0
      || getsockname (listener, (struct sockaddr *) &address, &size) != 0)
    fail ("no port");
  g_print ("%d\n", ntohs (address.sin_port));
  for (;;)
    {
      int fd = accept (listener, NULL, NULL);

      if (fd < 0)
        fail ("accept");
      serve_one (fd, records, count);
    }
}

static int
connect_to (guint16 port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
  int fd = socket (AF_INET, SOCK_STREAM, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    fail ("no connection");
  return fd;
}

static void
post_one (gnutls_session_t session)
{
  char bytes[RECORD_MAX];
  gssize result;

  send_all (session, POST, strlen (POST));
  do
    {
      result = gnutls_record_recv (session, bytes, sizeof bytes);
      require ((int) result, "receive");
    }
  while (result > 0);
}

/* @records: (nullable): NULL: one POST */
static void
read_one (guint16 port, const GArray *records)
{
  gnutls_psk_client_credentials_t credentials;
  const gnutls_datum_t identity = { (guint8 *) IDENTITY, strlen (IDENTITY) };
  const gnutls_datum_t secret = { (guint8 *) key, sizeof key };
  gnutls_session_t session;
  int fd = connect_to (port);

  require (gnutls_psk_allocate_client_credentials (&credentials), "credentials");
  require (gnutls_psk_set_client_credentials2 (credentials, &identity, &secret, GNUTLS_PSK_KEY_RAW),
           "key");
  require (gnutls_init (&session, GNUTLS_CLIENT | GNUTLS_NO_TICKETS), "session");
  require (gnutls_credentials_set (session, GNUTLS_CRD_PSK, credentials), "credentials");
  shake_hands (session, fd);
  if (records != NULL)
    exchange (session, records, TRUE);
  else
    post_one (session);
  (void) gnutls_bye (session, GNUTLS_SHUT_RDWR); /* all has been said */
  gnutls_deinit (session);
  gnutls_psk_free_client_credentials (credentials);
  close (fd);
}

static gint64
get_cpu_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
measure (guint16 port, const GArray *records, guint count)
{
  for (guint i = 0; i < count; i++)
    {
      gint64 before = get_cpu_ns ();

      read_one (port, records);
      g_print ("%" G_GINT64_FORMAT "\n", get_cpu_ns () - before);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GArray) records = NULL;

  if (argc == 3 && strcmp (argv[1], "script") == 0)
    serve (NULL, (guint) atoi (argv[2]));
  if (argc == 3 && strcmp (argv[1], "serve") == 0)
    {
      records = read_records (argv[2]);
      serve (records, 0);
    }
  if (argc == 4 && strcmp (argv[1], "post") == 0)
    {
      measure ((guint16) atoi (argv[2]), NULL, (guint) atoi (argv[3]));
      return EXIT_SUCCESS;
    }
  if (argc != 5 || strcmp (argv[1], "read") != 0)
    fail ("usage: https-floor serve RECORDS | read PORT RECORDS COUNT | script COUNT | "
          "post PORT COUNT");
  records = read_records (argv[3]);
  measure ((guint16) atoi (argv[2]), records, (guint) atoi (argv[4]));
  return EXIT_SUCCESS;
}
