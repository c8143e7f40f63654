/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dns-server.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HEADER_SIZE 12
#define ANCOUNT_OFFSET 6
#define FLAGS_OF_ANSWER 0x84 /* QR, AA */
#define FLAG_TRUNCATED 0x02
#define FLAG_RECURSION_AVAILABLE 0x80
#define CLASS_IN 1
#define QUESTION_TAIL_SIZE 4 /* QTYPE, QCLASS */
#define MESSAGE_MAX 65535
#define LENGTH_SIZE 2 /* of a message in TCP, RFC 1035 §4.2.2 */
#define ALIASES_MAX 8
#define ATTEMPTS 100

typedef struct
{
  char *name;
  DnsType type;
  guint32 ttl_s;
  char *value;
} Record;

typedef struct
{
  DnsServer *server;
  int fd;
  guint source;
  GByteArray *received;
} Connection;

/* An answer by UDP and who is to get it */
typedef struct
{
  GByteArray *message;
  struct sockaddr_storage peer;
  socklen_t peer_size;
} Letter;

static void
append_u16 (GByteArray *message, guint16 value)
{
  guint8 bytes[] = { (guint8) (value >> 8), (guint8) value };

  g_byte_array_append (message, bytes, sizeof bytes);
}

static void
append_name (GByteArray *message, const char *name)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", -1);

  for (gsize i = 0; labels[i] != NULL; i++)
    {
      guint8 size = (guint8) strlen (labels[i]);

      g_byte_array_append (message, &size, 1);
      g_byte_array_append (message, (const guint8 *) labels[i], size);
    }
  g_byte_array_append (message, (const guint8 *) "", 1);
}

static void
append_record (GByteArray *answer, const char *name, DnsType type, guint32 ttl_s,
               const guint8 *data, gsize size)
{
  guint n_records = (answer->data[ANCOUNT_OFFSET] << 8 | answer->data[ANCOUNT_OFFSET + 1]) + 1U;

  append_name (answer, name);
  append_u16 (answer, (guint16) type);
  append_u16 (answer, CLASS_IN);
  append_u16 (answer, (guint16) (ttl_s >> 16));
  append_u16 (answer, (guint16) ttl_s);
  append_u16 (answer, (guint16) size);
  g_byte_array_append (answer, data, (guint) size);
  answer->data[ANCOUNT_OFFSET] = (guint8) (n_records >> 8);
  answer->data[ANCOUNT_OFFSET + 1] = (guint8) n_records;
}

/* Returns: (transfer full): the name in the question of @query, and where it ends */
static char *
read_name (GBytes *query, gsize *end)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (query, &size);
  GString *name = g_string_new (NULL);
  gsize i = HEADER_SIZE;

  while (i < size && data[i] != 0)
    {
      assert_true (i + 1 + data[i] < size);
      g_string_append_printf (name, "%s%.*s", name->len > 0 ? "." : "", (int) data[i],
                              (const char *) &data[i + 1]);
      i += 1 + data[i];
    }
  *end = i + 1;
  assert_true (*end + QUESTION_TAIL_SIZE <= size);
  return g_string_free (name, FALSE);
}

void
dns_append_record (GByteArray *answer, GBytes *query, DnsType type, guint32 ttl_s,
                   const guint8 *data, gsize size)
{
  gsize end;
  g_autofree char *name = read_name (query, &end);

  append_record (answer, name, type, ttl_s, data, size);
}

static void
append_value (GByteArray *answer, const Record *record)
{
  g_autoptr (GInetAddress) address = NULL;
  g_autoptr (GByteArray) name = g_byte_array_new ();

  if (record->type == DNS_CNAME)
    {
      append_name (name, record->value);
      append_record (answer, record->name, record->type, record->ttl_s, name->data, name->len);
      return;
    }
  address = g_inet_address_new_from_string (record->value);
  append_record (answer, record->name, record->type, record->ttl_s,
                 g_inet_address_to_bytes (address), g_inet_address_get_native_size (address));
}

/* Returns: TRUE when @name exists; *alias: (transfer none) (nullable): what it is called really */
static gboolean
append_records (DnsServer *self, GByteArray *answer, const char *name, DnsType type,
                const char **alias)
{
  gboolean exists = FALSE;

  *alias = NULL;
  for (guint i = 0; i < self->records->len; i++)
    {
      const Record *record = g_ptr_array_index (self->records, i);

      if (g_ascii_strcasecmp (record->name, name) != 0)
        continue;
      exists = TRUE;
      if (record->value == NULL || (record->type != type && record->type != DNS_CNAME))
        continue;
      append_value (answer, record);
      if (record->type == DNS_CNAME)
        *alias = record->value;
    }
  return exists;
}

static GByteArray *
begin_answer (GBytes *query, gsize end)
{
  GByteArray *answer = g_byte_array_new ();
  const guint8 *data = g_bytes_get_data (query, NULL);

  g_byte_array_append (answer, data, (guint) (end + QUESTION_TAIL_SIZE));
  answer->data[2] = FLAGS_OF_ANSWER | (data[2] & 1);
  answer->data[3] = FLAG_RECURSION_AVAILABLE;
  memset (&answer->data[ANCOUNT_OFFSET], 0, HEADER_SIZE - ANCOUNT_OFFSET);
  return answer;
}

static const char *
get_type_word (DnsType type)
{
  return type == DNS_AAAA ? "AAAA" : type == DNS_A ? "A" : "?";
}

/* Returns: (transfer full) (nullable) */
static GByteArray *
answer_query (DnsServer *self, GBytes *query, gboolean is_tcp)
{
  gsize end;
  g_autofree char *asked = read_name (query, &end);
  const guint8 *data = g_bytes_get_data (query, NULL);
  DnsType type = data[end] << 8 | data[end + 1];
  GByteArray *answer = begin_answer (query, end);
  const char *name = asked;
  gboolean exists = TRUE;
  DnsCode code;

  g_ptr_array_add (self->asked, g_strdup_printf ("%s %s", get_type_word (type), asked));
  self->n_tcp += is_tcp;
  if (self->is_truncating && !is_tcp)
    answer->data[2] |= FLAG_TRUNCATED;
  else
    for (guint i = 0; name != NULL && i < ALIASES_MAX; i++)
      exists = append_records (self, answer, name, type, &name);
  code = self->code == DNS_NOERROR && !exists ? DNS_NXDOMAIN : self->code;
  answer->data[3] |= (guint8) code;

  if (self->forge != NULL)
    answer = self->forge (query, answer, is_tcp, self->user_data);
  if (!self->is_silent)
    return answer;
  g_clear_pointer (&answer, g_byte_array_unref);
  return NULL;
}

/* Sockets */

static void
remember_asker (DnsServer *self, struct sockaddr_storage *peer, socklen_t size)
{
  g_autoptr (GSocketAddress) address = g_socket_address_new_from_native (peer, size);

  g_ptr_array_add (self->askers, g_inet_address_to_string (g_inet_socket_address_get_address (
                                     G_INET_SOCKET_ADDRESS (address))));
}

static void
send_letter (gpointer data, gpointer user_data)
{
  Letter *letter = data;
  DnsServer *self = user_data;

  /* The socket that asked may be closed. */
  (void) sendto (self->udp, letter->message->data, letter->message->len, 0,
                 (struct sockaddr *) &letter->peer, letter->peer_size);
}

static void
letter_free (gpointer data)
{
  Letter *letter = data;

  g_byte_array_unref (letter->message);
  g_free (letter);
}

void
dns_server_release (DnsServer *self)
{
  g_ptr_array_foreach (self->held, send_letter, self);
  g_ptr_array_set_size (self->held, 0);
  self->is_holding = FALSE;
}

static gboolean
on_datagram (int fd, GIOCondition condition, gpointer user_data)
{
  DnsServer *self = user_data;
  guint8 data[MESSAGE_MAX];
  Letter letter = { .peer_size = sizeof letter.peer };
  gssize size
      = recvfrom (fd, data, sizeof data, 0, (struct sockaddr *) &letter.peer, &letter.peer_size);
  g_autoptr (GBytes) query = NULL;

  if (size < HEADER_SIZE)
    return G_SOURCE_CONTINUE;
  remember_asker (self, &letter.peer, letter.peer_size);
  query = g_bytes_new (data, (gsize) size);
  letter.message = answer_query (self, query, FALSE);
  if (letter.message == NULL)
    return G_SOURCE_CONTINUE;
  g_ptr_array_add (self->held, g_memdup2 (&letter, sizeof letter));
  if (!self->is_holding)
    dns_server_release (self);
  return G_SOURCE_CONTINUE;
}

static void
answer_stream (Connection *self, gsize size)
{
  g_autoptr (GBytes) query = g_bytes_new (self->received->data + LENGTH_SIZE, size);
  g_autoptr (GByteArray) answer = answer_query (self->server, query, TRUE);
  g_autoptr (GByteArray) framed = g_byte_array_new ();

  g_byte_array_remove_range (self->received, 0, (guint) (LENGTH_SIZE + size));
  if (answer == NULL)
    return;
  append_u16 (framed, (guint16) answer->len);
  g_byte_array_append (framed, answer->data, answer->len);
  assert_int_equal (send (self->fd, framed->data, framed->len, MSG_NOSIGNAL), (gssize) framed->len);
}

static gboolean
on_stream (int fd, GIOCondition condition, gpointer user_data)
{
  Connection *self = user_data;
  guint8 data[MESSAGE_MAX];
  gssize size = recv (fd, data, sizeof data, 0);

  if (size <= 0)
    {
      self->source = 0;
      return G_SOURCE_REMOVE;
    }
  g_byte_array_append (self->received, data, (guint) size);
  while (self->received->len >= LENGTH_SIZE)
    {
      gsize wanted = self->received->data[0] << 8 | self->received->data[1];

      if (self->received->len < LENGTH_SIZE + wanted)
        break;
      answer_stream (self, wanted);
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_connection (int fd, GIOCondition condition, gpointer user_data)
{
  DnsServer *self = user_data;
  Connection *connection = g_new0 (Connection, 1);
  struct sockaddr_storage peer;
  socklen_t peer_size = sizeof peer;

  connection->server = self;
  connection->received = g_byte_array_new ();
  connection->fd = accept (fd, (struct sockaddr *) &peer, &peer_size);
  assert_return_code (connection->fd, errno);
  remember_asker (self, &peer, peer_size);
  connection->source = g_unix_fd_add (connection->fd, G_IO_IN, on_stream, connection);
  g_ptr_array_add (self->connections, connection);
  return G_SOURCE_CONTINUE;
}

static void
connection_free (gpointer data)
{
  Connection *self = data;

  if (self->source != 0)
    g_source_remove (self->source);
  close (self->fd);
  g_byte_array_unref (self->received);
  g_free (self);
}

static void
record_free (gpointer data)
{
  Record *record = data;

  g_free (record->name);
  g_free (record->value);
  g_free (record);
}

/* Returns: -1 when the port is taken */
static int
bind_socket (int type, const char *address, guint16 *port)
{
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new_from_string (address, *port);
  g_autoptr (GSocketAddress) got = NULL;
  struct sockaddr_storage native;
  socklen_t size = (socklen_t) g_socket_address_get_native_size (wanted);
  int fd;

  assert_true (g_socket_address_to_native (wanted, &native, sizeof native, NULL));
  fd = socket (native.ss_family, type | SOCK_CLOEXEC, 0);
  assert_return_code (fd, errno);
  if (bind (fd, (struct sockaddr *) &native, size) < 0)
    {
      close (fd);
      return -1;
    }
  assert_return_code (getsockname (fd, (struct sockaddr *) &native, &size), errno);
  got = g_socket_address_new_from_native (&native, size);
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (got));
  return fd;
}

/* One port for both; the first that is free for UDP may be taken for TCP. */
static void
bind_sockets (DnsServer *self, const char *address, guint16 port)
{
  for (guint i = 0; i < ATTEMPTS; i++)
    {
      self->port = port;
      self->udp = bind_socket (SOCK_DGRAM, address, &self->port);
      assert_return_code (self->udp, errno);
      self->tcp = bind_socket (SOCK_STREAM, address, &self->port);
      if (self->tcp >= 0)
        return;
      close (self->udp);
    }
  fail_msg ("no port of %s is free for UDP and TCP", address);
}

DnsServer *
dns_server_new (const char *address, guint16 port)
{
  DnsServer *self = g_new0 (DnsServer, 1);

  bind_sockets (self, address, port);
  assert_return_code (listen (self->tcp, 4), errno);
  self->address
      = G_INET_SOCKET_ADDRESS (g_inet_socket_address_new_from_string (address, self->port));
  self->text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (self->address));
  self->asked = g_ptr_array_new_with_free_func (g_free);
  self->askers = g_ptr_array_new_with_free_func (g_free);
  self->records = g_ptr_array_new_with_free_func (record_free);
  self->held = g_ptr_array_new_with_free_func (letter_free);
  self->connections = g_ptr_array_new_with_free_func (connection_free);
  self->udp_source = g_unix_fd_add (self->udp, G_IO_IN, on_datagram, self);
  self->tcp_source = g_unix_fd_add (self->tcp, G_IO_IN, on_connection, self);
  return self;
}

void
dns_server_free (DnsServer *self)
{
  g_source_remove (self->udp_source);
  g_source_remove (self->tcp_source);
  g_ptr_array_unref (self->connections);
  g_ptr_array_unref (self->held);
  close (self->udp);
  close (self->tcp);
  g_object_unref (self->address);
  g_free (self->text);
  g_ptr_array_unref (self->asked);
  g_ptr_array_unref (self->askers);
  g_ptr_array_unref (self->records);
  g_free (self);
}

void
dns_server_add (DnsServer *self, const char *name, DnsType type, guint32 ttl_s, const char *value)
{
  Record *record = g_new0 (Record, 1);

  record->name = g_strdup (name);
  record->type = type;
  record->ttl_s = ttl_s;
  record->value = g_strdup (value);
  g_ptr_array_add (self->records, record);
}

void
dns_server_clear (DnsServer *self)
{
  g_ptr_array_set_size (self->records, 0);
}

guint
dns_server_count (DnsServer *self, const char *question)
{
  guint n = 0;

  for (guint i = 0; i < self->asked->len; i++)
    n += g_str_equal (g_ptr_array_index (self->asked, i), question);
  return n;
}
