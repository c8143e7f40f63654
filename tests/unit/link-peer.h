/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/link.h"
#include "wait.h"

/* What tests of links share: plain sockets as peers and an owner that remembers. */

#define CONNECT_TIMEOUT_MS 20000
#define CLOSE_TIMEOUT_MS 20000

/**
 * Owner: what came from a link.
 * @room: given again after each piece; 0: the test gives room itself
 */
typedef struct
{
  EaLink *link;
  gsize room;
  GByteArray *received;
  GPtrArray *pieces; /* of GBytes */
  gsize largest;     /* piece */
  guint n_writable;
  guint n_peer_closed;
  guint n_datagram_errors;
  int datagram_error; /* code of the last one */
  guint n_ended;
  int end_error; /* code, -1 for NULL */
  guint n_connected;
  GError *connect_error;
} Owner;

/* @link: (transfer full) */
Owner *owner_new (EaLink *link);
void owner_free (Owner *owner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Owner, owner_free)

void owner_connect (Owner *owner, const char *address, guint16 port, guint timeout_ms,
                    GCancellable *cancellable);

/* (transfer full): an owner of a link that is connected to @port at @address. */
Owner *owner_new_connected (EaLinkProtocol protocol, const char *interface, const char *address,
                            guint16 port);

/* Fails the test unless connecting ends with EA_LINK_ERROR @code. */
void owner_expect_failure (Owner *owner, EaLinkError code);

/* Sends @size bytes of the pattern from @offset on; see pattern_byte(). */
gboolean owner_send (Owner *owner, gsize offset, gsize size, GError **error);

/* The byte at @offset of what tests send: a sequence that does not repeat within 64 KiB. */
guint8 pattern_byte (gsize offset);
void assert_pattern (const guint8 *data, gsize size, gsize offset);

/* A plain socket bound to a free port of @address, whose calls fail after some seconds. */
int peer_bind (int type, const char *address, guint16 *port);
int peer_listen (const char *address, int backlog, guint16 *port);
int peer_accept (int listener);

/* The same listener, whose connections carry small segments into a small buffer, so that few bytes fill them. */
int peer_listen_narrow (const char *address, guint16 *port);

/* A connection to @port, which somebody of this process listens at. */
int peer_connect (const char *address, guint16 port);

/* TRUE when nobody waits to be accepted. */
gboolean peer_is_alone (int listener);

void peer_write (int fd, gsize offset, gsize size);
void peer_expect_pattern (int fd, gsize offset, gsize size);
void peer_expect_end (int fd);

/* Reads all that comes, from the main loop. */
typedef struct
{
  GByteArray *received;
  gboolean has_ended;
  guint source_id;
} PeerReader;

PeerReader *peer_reader_new (int fd);
void peer_reader_free (PeerReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PeerReader, peer_reader_free)
void peer_reset (int fd);

/* Writes the pattern from its beginning on, from the main loop, as fast as the kernel takes it. */
typedef struct
{
  gsize size;
  gsize n_written;
  guint source_id;
} PeerWriter;

PeerWriter *peer_writer_new (int fd, gsize size);
void peer_writer_free (PeerWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PeerWriter, peer_writer_free)

/* A listener that answers no more: its queue of connections is full. */
typedef struct
{
  int listener;
  int fillers[4];
  guint16 port;
} PeerStalled;

PeerStalled peer_stall (void);
void peer_stalled_close (PeerStalled *self);
