/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * EaLink: one TCP or UDP peer by its address, reached over one network interface. Nothing blocks, and no
 * signal is emitted from within a call of the owner; all come from the thread-default main context of
 * ea_link_connect_async(). Handlers may call anything here and drop the link.
 *
 * Back-pressure goes both ways. Nothing is read beyond the room that the owner gives, so a peer that sends
 * faster than the owner takes is stopped by its own kernel (TCP), or its datagrams wait in ours and, beyond
 * that, are lost as UDP may (UDP). Nothing is queued for sending beyond %EA_LINK_SEND_MAX.
 *
 * Signals:
 *   "received"       (GBytes *bytes)        TCP: the next 1 to room bytes; UDP: one datagram, perhaps empty
 *   "writable"       ()                     bytes have left the queue: ea_link_get_send_room() has grown
 *   "peer-closed"    ()                     TCP: the peer sends no more, and all that it sent was given. What
 *                                           is sent now may still arrive; the owner closes when it is done
 *   "datagram-error" (const GError *error)  UDP: a datagram was lost for a known reason (ICMP, no route, too
 *                                           large). The link goes on
 *   "ended"          (const GError *error)  the link is over. Once for each link that was connected, unless
 *                                           it was aborted; %NULL after ea_link_close() has done its work
 */

#define EA_LINK_SEND_MAX 65536       /* bytes queued for the kernel */
#define EA_LINK_SEND_PIECES_MAX 1024 /* datagrams queued for the kernel */
#define EA_LINK_DATAGRAM_MAX 65527   /* payload of UDP over IPv6; 65507 over IPv4 (RFC 768) */

#define EA_LINK_ERROR (ea_link_error_quark ())
GQuark ea_link_error_quark (void);

/**
 * EaLinkError:
 * @EA_LINK_ERROR_FAILED: something else; the message has the system's words
 * @EA_LINK_ERROR_REFUSED: nobody listens at the peer's port
 * @EA_LINK_ERROR_UNREACHABLE: no way to the peer's host or network, or the interface is down
 * @EA_LINK_ERROR_TIMED_OUT: no answer in time
 * @EA_LINK_ERROR_RESET: the peer broke the connection
 * @EA_LINK_ERROR_CLOSED: the peer takes no more bytes, or the link is not open
 * @EA_LINK_ERROR_ADDRESS_IN_USE: the local port is taken
 * @EA_LINK_ERROR_NO_INTERFACE: there is no interface of that name
 * @EA_LINK_ERROR_NOT_ALLOWED: a rule of this system (firewall, sandbox, route) forbids it
 * @EA_LINK_ERROR_FULL: the queue has no room now; "writable" tells when to try again
 * @EA_LINK_ERROR_TOO_LARGE: will never fit the queue, a datagram, or what the owner takes
 */
typedef enum
{
  EA_LINK_ERROR_FAILED,
  EA_LINK_ERROR_REFUSED,
  EA_LINK_ERROR_UNREACHABLE,
  EA_LINK_ERROR_TIMED_OUT,
  EA_LINK_ERROR_RESET,
  EA_LINK_ERROR_CLOSED,
  EA_LINK_ERROR_ADDRESS_IN_USE,
  EA_LINK_ERROR_NO_INTERFACE,
  EA_LINK_ERROR_NOT_ALLOWED,
  EA_LINK_ERROR_FULL,
  EA_LINK_ERROR_TOO_LARGE,
} EaLinkError;

typedef enum
{
  EA_LINK_TCP,
  EA_LINK_UDP,
} EaLinkProtocol;

#define EA_TYPE_LINK (ea_link_get_type ())
G_DECLARE_FINAL_TYPE (EaLink, ea_link, EA, LINK, GObject)

/**
 * ea_link_new:
 * @interface: (nullable): name of the network interface that all packets go through; %NULL: as routes say
 *
 * Dropping the last reference of a link aborts it; connecting and closing keep one.
 */
EaLink *ea_link_new (EaLinkProtocol protocol, const char *interface);

/**
 * ea_link_connect_async:
 * @peer: IPv4 or IPv6. Whether it may be reached at all is for the owner to know (net/address-policy.h)
 * @timeout_ms: for the whole of it, above 0
 *
 * Once for each link; after a failure a new link has to be made. UDP only fixes the peer and succeeds
 * without a packet. Nothing is read before ea_link_set_room() is called.
 *
 * Errors: EA_LINK_ERROR, G_IO_ERROR_CANCELLED (also when the owner closes or aborts meanwhile).
 */
void ea_link_connect_async (EaLink *self, GInetSocketAddress *peer, guint timeout_ms,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean ea_link_connect_finish (EaLink *self, GAsyncResult *result, GError **error);

/**
 * ea_link_set_room:
 * @size: bytes that the owner can take from now on; 0 stops reading. An owner who takes any datagram, but no
 *   more than one, gives %EA_LINK_DATAGRAM_MAX
 *
 * What "received" gives is taken off the room. A datagram that is larger than the room waits in the kernel,
 * whole, until there is room for it. While there is no room the end of the connection is not seen either,
 * since it comes after the peer's last byte.
 */
void ea_link_set_room (EaLink *self, gsize size);
gsize ea_link_get_room (EaLink *self);

/**
 * ea_link_set_datagram_max:
 * @size: the largest datagram that the owner can ever take, %EA_LINK_DATAGRAM_MAX if not called
 *
 * UDP: larger ones are dropped, and reported as "datagram-error" with EA_LINK_ERROR_TOO_LARGE.
 */
void ea_link_set_datagram_max (EaLink *self, gsize size);

/**
 * ea_link_send:
 * @bytes: UDP: one datagram, perhaps empty
 *
 * Takes all of @bytes or nothing; what the kernel does not take at once is queued.
 *
 * Errors: EA_LINK_ERROR_FULL, _TOO_LARGE (nothing was taken; the link goes on), _CLOSED, _RESET and what
 * else ends a connection: "ended" follows, after the peer's last bytes. For UDP every error is about this
 * datagram only, and no "datagram-error" comes for it.
 */
gboolean ea_link_send (EaLink *self, GBytes *bytes, GError **error);

/* Bytes that ea_link_send() would take now, and bytes that it took and the kernel did not yet. */
gsize ea_link_get_send_room (EaLink *self);
gsize ea_link_get_queued (EaLink *self);

/**
 * ea_link_close:
 * @timeout_ms: for the queue to go out and the peer to close its side, above 0
 *
 * Sends what is queued, then closes. What still comes is dropped without a word. The link keeps itself alive
 * until "ended": with %NULL when the peer has got all, with EA_LINK_ERROR_TIMED_OUT after @timeout_ms. A link
 * that is not open is aborted.
 */
void ea_link_close (EaLink *self, guint timeout_ms);

/* Ends the link at once: the peer of a TCP link sees a reset, what is queued is lost. No signal follows. */
void ea_link_abort (EaLink *self);

/* TRUE after it was connected, until it is closed, aborted or has ended. The peer may have closed its side. */
gboolean ea_link_is_open (EaLink *self);

/* (transfer none) (nullable): the peer's address and port, from connecting on. */
GInetSocketAddress *ea_link_get_peer (EaLink *self);

/* (transfer full) (nullable): our own address and port; %NULL when it is not open. */
GInetSocketAddress *ea_link_get_local (EaLink *self);

/* (nullable): what ea_link_new() was given. */
const char *ea_link_get_interface (EaLink *self);

/* TCP: bytes of payload that the peer has acknowledged: grows while a slow network still takes what was sent. */
guint64 ea_link_get_bytes_acknowledged (EaLink *self);

/* Bytes of payload that went to the kernel, and that "received" gave. */
guint64 ea_link_get_bytes_sent (EaLink *self);
guint64 ea_link_get_bytes_received (EaLink *self);

G_END_DECLS
