/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "link-peer.h"

#include <errno.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#define SOCKET_TIMEOUT_S 30
#define PATTERN_STEP 251 /* a prime, so that it has no common period with buffers */
#define CHUNK 65536
#define READ_SIZE 4096
#define NARROW_SEGMENT 536 /* RFC 9293 §3.7.1: every host takes that */
#define NARROW_BUFFER 4096

static void
on_received (EaLink *link, GBytes *bytes, gpointer user_data)
{
  Owner *owner = user_data;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  g_byte_array_append (owner->received, data, (guint) size);
  g_ptr_array_add (owner->pieces, g_bytes_ref (bytes));
  owner->largest = MAX (owner->largest, size);
  if (owner->room > 0)
    ea_link_set_room (link, owner->room);
}

static void
on_writable (EaLink *link, gpointer user_data)
{
  ((Owner *) user_data)->n_writable++;
}

static void
on_peer_closed (EaLink *link, gpointer user_data)
{
  ((Owner *) user_data)->n_peer_closed++;
}

static void
on_datagram_error (EaLink *link, const GError *error, gpointer user_data)
{
  Owner *owner = user_data;

  assert_int_equal (error->domain, EA_LINK_ERROR);
  owner->n_datagram_errors++;
  owner->datagram_error = error->code;
}

static void
on_ended (EaLink *link, const GError *error, gpointer user_data)
{
  Owner *owner = user_data;

  if (error != NULL)
    assert_int_equal (error->domain, EA_LINK_ERROR);
  owner->n_ended++;
  owner->end_error = error != NULL ? error->code : -1;
}

Owner *
owner_new (EaLink *link)
{
  Owner *owner = g_new0 (Owner, 1);

  owner->link = link;
  owner->received = g_byte_array_new ();
  owner->pieces = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_signal_connect (link, "received", G_CALLBACK (on_received), owner);
  g_signal_connect (link, "writable", G_CALLBACK (on_writable), owner);
  g_signal_connect (link, "peer-closed", G_CALLBACK (on_peer_closed), owner);
  g_signal_connect (link, "datagram-error", G_CALLBACK (on_datagram_error), owner);
  g_signal_connect (link, "ended", G_CALLBACK (on_ended), owner);
  return owner;
}

void
owner_free (Owner *owner)
{
  if (owner->link != NULL)
    g_signal_handlers_disconnect_by_data (owner->link, owner);
  g_clear_object (&owner->link);
  g_byte_array_unref (owner->received);
  g_ptr_array_unref (owner->pieces);
  g_clear_error (&owner->connect_error);
  g_free (owner);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Owner *owner = user_data;

  if (ea_link_connect_finish (EA_LINK (source), result, &owner->connect_error))
    owner->n_connected++;
}

void
owner_connect (Owner *owner, const char *address, guint16 port, guint timeout_ms,
               GCancellable *cancellable)
{
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (address);
  g_autoptr (GSocketAddress) peer = g_inet_socket_address_new (inet, port);

  ea_link_connect_async (owner->link, G_INET_SOCKET_ADDRESS (peer), timeout_ms, cancellable,
                         on_connected, owner);
}

Owner *
owner_new_connected (EaLinkProtocol protocol, const char *interface, const char *address,
                     guint16 port)
{
  Owner *owner = owner_new (ea_link_new (protocol, interface));

  owner_connect (owner, address, port, CONNECT_TIMEOUT_MS, NULL);
  WAIT_FOR (owner->n_connected > 0 || owner->connect_error != NULL);
  if (owner->connect_error != NULL)
    fail_msg ("%s", owner->connect_error->message);
  return owner;
}

void
owner_expect_failure (Owner *owner, EaLinkError code)
{
  WAIT_FOR (owner->n_connected > 0 || owner->connect_error != NULL);
  assert_int_equal (owner->n_connected, 0);
  if (!g_error_matches (owner->connect_error, EA_LINK_ERROR, (int) code))
    fail_msg ("%s", owner->connect_error->message);
  assert_false (ea_link_is_open (owner->link));
}

guint8
pattern_byte (gsize offset)
{
  return (guint8) (offset % PATTERN_STEP + offset / CHUNK);
}

void
assert_pattern (const guint8 *data, gsize size, gsize offset)
{
  for (gsize i = 0; i < size; i++)
    if (data[i] != pattern_byte (offset + i))
      fail_msg ("byte %" G_GSIZE_FORMAT " is %02X, not %02X", offset + i, data[i],
                pattern_byte (offset + i));
}

static void
fill_pattern (guint8 *data, gsize size, gsize offset)
{
  for (gsize i = 0; i < size; i++)
    data[i] = pattern_byte (offset + i);
}

gboolean
owner_send (Owner *owner, gsize offset, gsize size, GError **error)
{
  guint8 *data = g_malloc (MAX (size, 1));
  g_autoptr (GBytes) bytes = NULL;

  fill_pattern (data, size, offset);
  bytes = g_bytes_new_take (data, size);
  return ea_link_send (owner->link, bytes, error);
}

static void
limit_time (int fd)
{
  struct timeval limit = { .tv_sec = SOCKET_TIMEOUT_S };

  assert_return_code (setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), errno);
  assert_return_code (setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit), errno);
}

static socklen_t
to_native (struct sockaddr_storage *out, const char *address, guint16 port)
{
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new_from_string (address, port);

  assert_true (g_socket_address_to_native (wanted, out, sizeof *out, NULL));
  return (socklen_t) g_socket_address_get_native_size (wanted);
}

int
peer_bind (int type, const char *address, guint16 *port)
{
  g_autoptr (GSocketAddress) got = NULL;
  struct sockaddr_storage native;
  socklen_t size = to_native (&native, address, *port);
  int fd = socket (native.ss_family, type | SOCK_CLOEXEC, 0);

  assert_return_code (fd, errno);
  limit_time (fd);
  assert_return_code (bind (fd, (struct sockaddr *) &native, size), errno);
  assert_return_code (getsockname (fd, (struct sockaddr *) &native, &size), errno);
  got = g_socket_address_new_from_native (&native, size);
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (got));
  return fd;
}

int
peer_listen (const char *address, int backlog, guint16 *port)
{
  int fd;

  *port = 0;
  fd = peer_bind (SOCK_STREAM, address, port);
  assert_return_code (listen (fd, backlog), errno);
  return fd;
}

int
peer_listen_narrow (const char *address, guint16 *port)
{
  int segment = NARROW_SEGMENT;
  int buffer = NARROW_BUFFER;
  int fd;

  *port = 0;
  fd = peer_bind (SOCK_STREAM, address, port);
  assert_return_code (setsockopt (fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment), errno);
  assert_return_code (setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer), errno);
  assert_return_code (listen (fd, 1), errno);
  return fd;
}

int
peer_connect (const char *address, guint16 port)
{
  struct sockaddr_storage native;
  socklen_t size = to_native (&native, address, port);
  int fd = socket (native.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

  assert_return_code (fd, errno);
  limit_time (fd);
  assert_return_code (connect (fd, (struct sockaddr *) &native, size), errno);
  return fd;
}

gboolean
peer_is_alone (int listener)
{
  struct pollfd poll_fd = { .fd = listener, .events = POLLIN };

  return poll (&poll_fd, 1, 0) == 0;
}

int
peer_accept (int listener)
{
  int fd = accept (listener, NULL, NULL);

  assert_return_code (fd, errno);
  limit_time (fd);
  return fd;
}

void
peer_write (int fd, gsize offset, gsize size)
{
  g_autofree guint8 *data = g_malloc (MAX (size, 1));

  fill_pattern (data, size, offset);
  assert_int_equal (send (fd, data, size, MSG_NOSIGNAL), (gssize) size);
}

void
peer_expect_pattern (int fd, gsize offset, gsize size)
{
  g_autofree guint8 *data = g_malloc (size);

  assert_int_equal (recv (fd, data, size, MSG_WAITALL), (gssize) size);
  assert_pattern (data, size, offset);
}

void
peer_expect_end (int fd)
{
  guint8 byte;

  assert_int_equal (recv (fd, &byte, sizeof byte, 0), 0);
}

void
peer_reset (int fd)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  assert_return_code (setsockopt (fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), errno);
  assert_return_code (close (fd), errno);
}

static gboolean
on_peer_readable (int fd, GIOCondition condition, gpointer user_data)
{
  PeerReader *reader = user_data;
  guint8 data[READ_SIZE];
  gssize size = recv (fd, data, sizeof data, 0);

  assert_return_code (size, errno);
  g_byte_array_append (reader->received, data, (guint) size);
  if (size > 0)
    return G_SOURCE_CONTINUE;
  reader->has_ended = TRUE;
  reader->source_id = 0;
  return G_SOURCE_REMOVE;
}

PeerReader *
peer_reader_new (int fd)
{
  PeerReader *reader = g_new0 (PeerReader, 1);

  reader->received = g_byte_array_new ();
  reader->source_id = g_unix_fd_add (fd, G_IO_IN, on_peer_readable, reader);
  return reader;
}

void
peer_reader_free (PeerReader *reader)
{
  if (reader->source_id != 0)
    g_source_remove (reader->source_id);
  g_byte_array_unref (reader->received);
  g_free (reader);
}

static gboolean
on_peer_writable (int fd, GIOCondition condition, gpointer user_data)
{
  PeerWriter *writer = user_data;
  guint8 data[READ_SIZE];
  gsize size = MIN (sizeof data, writer->size - writer->n_written);
  gssize n_taken;

  fill_pattern (data, size, writer->n_written);
  n_taken = send (fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n_taken < 0)
    assert_int_equal (errno, EAGAIN);
  else
    writer->n_written += (gsize) n_taken;
  if (writer->n_written < writer->size)
    return G_SOURCE_CONTINUE;
  writer->source_id = 0;
  return G_SOURCE_REMOVE;
}

PeerWriter *
peer_writer_new (int fd, gsize size)
{
  PeerWriter *writer = g_new0 (PeerWriter, 1);

  writer->size = size;
  writer->source_id = g_unix_fd_add (fd, G_IO_OUT, on_peer_writable, writer);
  return writer;
}

void
peer_writer_free (PeerWriter *writer)
{
  if (writer->source_id != 0)
    g_source_remove (writer->source_id);
  g_free (writer);
}

PeerStalled
peer_stall (void)
{
  PeerStalled self;
  struct sockaddr_storage native;
  socklen_t size;

  self.listener = peer_listen ("127.0.0.1", 0, &self.port);
  size = to_native (&native, "127.0.0.1", self.port);
  for (gsize i = 0; i < G_N_ELEMENTS (self.fillers); i++)
    {
      self.fillers[i] = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      (void) connect (self.fillers[i], (struct sockaddr *) &native, size);
    }
  return self;
}

void
peer_stalled_close (PeerStalled *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (self->fillers); i++)
    close (self->fillers[i]);
  close (self->listener);
}
