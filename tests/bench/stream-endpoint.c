/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What CAT_TP is measured against: the kernel's TCP, with and without TLS and HTTP above it, for either side.
 *
 *   stream-endpoint serve PORT CONGESTION OCTETS
 *       says "ready"; sends so many octets on the first connection
 *   stream-endpoint fetch ADDRESS PORT CONGESTION OCTETS
 *       connects, and ends when it has so many
 *   stream-endpoint serve-https PORT CONGESTION OCTETS
 *   stream-endpoint fetch-https ADDRESS PORT CONGESTION RESPONSE
 *       PSK-TLS 1.2, then a session as in GlobalPlatform's Amendment B: POST, a command of so many octets, POST with a
 *       response of so many; the server ends then
 *
 * CONGESTION is the kernel's name of the congestion control, such as cubic. Moments are told as by cattp-endpoint.
 */

#include <arpa/inet.h>
#include <gio/gio.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE 16384

/* The suite and the identity that the agent and the simulator agree upon, and the fields that the agent sends */
#define PRIORITY "NONE:+VERS-TLS1.2:+PSK:+COMP-NULL:+SIGN-RSA-SHA256:+AES-128-GCM:+AEAD"
#define IDENTITY                                                                                   \
  "8001028110890010120123412340123456789012244F10A0000005591010FFFFFFFF8900000100820101830140"
#define POST_FIELDS                                                                                \
  " HTTP/1.1\r\nHost: 198.18.0.1\r\nX-Admin-Protocol: globalplatform-remote-admin/1.0\r\n"         \
  "X-Admin-From: //se-id/eid/89001012012341234012345678901224;//aa-id/aid/A000000559/"             \
  "1010FFFFFFFF8900000100\r\n"
#define COMMAND_FIELDS                                                                             \
  "HTTP/1.1 200 OK\r\nX-Admin-Protocol: globalplatform-remote-admin/1.0\r\nX-Admin-Next-URI: "     \
  "/next\r\n"                                                                                      \
  "Content-Type: application/vnd.globalplatform.card-content-mgt;version=1.0\r\n"                  \
  "Transfer-Encoding: chunked\r\n\r\n"
#define RESPONSE_FIELDS                                                                            \
  "Content-Type: application/vnd.globalplatform.card-content-mgt-response;version=1.0\r\n"         \
  "X-Admin-Script-Status: ok\r\nTransfer-Encoding: chunked\r\n\r\n"
#define CHUNKS_END "\r\n0\r\n\r\n"

static const guint8 key[16] = "0123456789ABCDEF";

static void
fail (const char *what)
{
  g_printerr ("stream-endpoint: %s\n", what);
  exit (EXIT_FAILURE);
}

static void
require (gssize result, const char *what)
{
  if (result >= 0)
    return;
  g_printerr ("stream-endpoint: %s: %s\n", what, gnutls_strerror ((int) result));
  exit (EXIT_FAILURE);
}

static void
note (const char *name)
{
  g_print ("%s %" G_GINT64_FORMAT "\n", name, g_get_monotonic_time ());
}

static int
open_socket (const char *congestion)
{
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int is_on = 1;

  if (fd < 0
      || setsockopt (fd, IPPROTO_TCP, TCP_CONGESTION, congestion, (socklen_t) strlen (congestion))
             != 0
      || setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &is_on, sizeof (is_on)) != 0)
    fail (congestion);
  return fd;
}

static struct sockaddr_in
make_address (const char *address, const char *port)
{
  struct sockaddr_in inet = { .sin_family = AF_INET, .sin_port = htons ((guint16) atoi (port)) };

  if (inet_pton (AF_INET, address, &inet.sin_addr) != 1)
    fail ("no address");
  return inet;
}

static int
accept_one (const char *port, const char *congestion)
{
  const struct sockaddr_in address = make_address ("0.0.0.0", port);
  int listener = open_socket (congestion);
  int fd;

  if (bind (listener, (const struct sockaddr *) &address, sizeof (address)) != 0
      || listen (listener, 1) != 0)
    fail ("no port");
  g_print ("ready\n");
  fd = accept (listener, NULL, NULL);
  if (fd < 0)
    fail ("accept");
  note ("open");
  return fd;
}

static int
connect_to (const char *address, const char *port, const char *congestion)
{
  const struct sockaddr_in peer = make_address (address, port);
  int fd = open_socket (congestion);

  note ("start");
  if (connect (fd, (const struct sockaddr *) &peer, sizeof (peer)) != 0)
    fail ("no connection");
  return fd;
}

static void
serve (int fd, gsize n_octets)
{
  static const guint8 zeros[PIECE];
  gsize sent = 0;

  while (sent < n_octets)
    {
      gssize size = send (fd, zeros, MIN (n_octets - sent, PIECE), 0);

      if (size <= 0)
        fail ("send");
      sent += (gsize) size;
    }
  (void) !read (fd, &(char){ 0 }, 1); /* until the client has it */
}

static void
fetch (int fd, gsize n_octets)
{
  guint8 buffer[PIECE];
  gsize received = 0;

  while (received < n_octets)
    {
      gssize size = recv (fd, buffer, sizeof (buffer), 0);

      if (size <= 0)
        fail ("receive");
      if (received == 0)
        note ("first");
      received += (gsize) size;
    }
  note ("command");
}

static void
send_text (gnutls_session_t session, const GString *text)
{
  for (gsize sent = 0; sent < text->len;)
    {
      gssize result = gnutls_record_send (session, text->str + sent, text->len - sent);

      require (result, "send");
      sent += (gsize) result;
    }
}

/* (transfer full): fields and a body of zeros in one chunk */
static GString *
build_message (const char *fields, gsize n_octets)
{
  g_autofree char *zeros = g_malloc0 (n_octets);
  GString *text = g_string_new (fields);

  g_string_append_printf (text, "%zx\r\n", n_octets);
  g_string_append_len (text, zeros, (gssize) n_octets);
  g_string_append (text, CHUNKS_END);
  return text;
}

/* Until what came ends so */
static void
await_text (gnutls_session_t session, const char *end)
{
  g_autoptr (GString) input = g_string_new (NULL);
  gsize size = strlen (end);

  while (input->len < size || memcmp (input->str + input->len - size, end, size) != 0)
    {
      char buffer[PIECE];
      gssize result = gnutls_record_recv (session, buffer, sizeof (buffer));

      require (result, "receive");
      if (result == 0)
        fail ("the peer has closed");
      g_string_append_len (input, buffer, result);
    }
}

static int
get_key (gnutls_session_t session, const char *name, gnutls_datum_t *out)
{
  out->data = gnutls_malloc (sizeof (key));
  out->size = sizeof (key);
  memcpy (out->data, key, sizeof (key));
  return 0;
}

static void
shake_hands (gnutls_session_t session, int fd)
{
  require (gnutls_priority_set_direct (session, PRIORITY, NULL), "priority");
  gnutls_transport_set_int (session, fd);
  gnutls_handshake_set_timeout (session, GNUTLS_INDEFINITE_TIMEOUT);
  require (gnutls_handshake (session), "handshake");
}

static void
serve_https (int fd, gsize n_octets)
{
  g_autoptr (GString) command = build_message (COMMAND_FIELDS, n_octets);
  gnutls_psk_server_credentials_t credentials;
  gnutls_session_t session;

  require (gnutls_psk_allocate_server_credentials (&credentials), "credentials");
  gnutls_psk_set_server_credentials_function (credentials, get_key);
  require (gnutls_init (&session, GNUTLS_SERVER | GNUTLS_NO_TICKETS), "session");
  require (gnutls_credentials_set (session, GNUTLS_CRD_PSK, credentials), "credentials");
  shake_hands (session, fd);
  await_text (session, "\r\n\r\n");
  send_text (session, command);
  await_text (session, CHUNKS_END);
  note ("response");
  gnutls_deinit (session);
  gnutls_psk_free_server_credentials (credentials);
}

static void
exchange (gnutls_session_t session, gsize n_response)
{
  g_autoptr (GString) request = g_string_new ("POST /server/adminagent?cmd=1" POST_FIELDS "\r\n");
  g_autoptr (GString) response
      = build_message ("POST /next" POST_FIELDS RESPONSE_FIELDS, n_response);

  send_text (session, request);
  await_text (session, CHUNKS_END);
  note ("first");
  note ("command");
  send_text (session, response);
  (void) gnutls_record_recv (session, &(char){ 0 }, 1); /* the server ends */
}

static void
fetch_https (int fd, gsize n_response)
{
  const gnutls_datum_t identity = { (guint8 *) IDENTITY, strlen (IDENTITY) };
  const gnutls_datum_t secret = { (guint8 *) key, sizeof (key) };
  gnutls_psk_client_credentials_t credentials;
  gnutls_session_t session;

  require (gnutls_psk_allocate_client_credentials (&credentials), "credentials");
  require (gnutls_psk_set_client_credentials2 (credentials, &identity, &secret, GNUTLS_PSK_KEY_RAW),
           "key");
  require (gnutls_init (&session, GNUTLS_CLIENT | GNUTLS_NO_TICKETS), "session");
  require (gnutls_credentials_set (session, GNUTLS_CRD_PSK, credentials), "credentials");
  shake_hands (session, fd);
  exchange (session, n_response);
  gnutls_deinit (session);
  gnutls_psk_free_client_credentials (credentials);
}

int
main (int argc, char **argv)
{
  const char *word = argc < 2 ? "" : argv[1];
  gsize number = argc < 5 ? 0 : (gsize) atoi (argv[argc - 1]);

  if (argc == 5 && strcmp (word, "serve") == 0)
    serve (accept_one (argv[2], argv[3]), number);
  else if (argc == 5 && strcmp (word, "serve-https") == 0)
    serve_https (accept_one (argv[2], argv[3]), number);
  else if (argc == 6 && strcmp (word, "fetch") == 0)
    fetch (connect_to (argv[2], argv[3], argv[4]), number);
  else if (argc == 6 && strcmp (word, "fetch-https") == 0)
    fetch_https (connect_to (argv[2], argv[3], argv[4]), number);
  else
    fail ("usage: stream-endpoint serve|serve-https PORT CONGESTION OCTETS | "
          "fetch|fetch-https ADDRESS PORT CONGESTION OCTETS");
  return EXIT_SUCCESS;
}
