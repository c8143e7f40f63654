/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/link.h"

/*
 * What EaLink and EaLinkListener share: sockets on an interface, and the system's errors as EA_LINK_ERROR.
 * GLib's own calls are not used where an error can come: G_IO_ERROR_BROKEN_PIPE is both EPIPE and ECONNRESET.
 */

/* Sets @error to the cause that the errno @number stands for, with a sentence "@what: …". */
void ea_socket_set_error (GError **error, int number, const char *what);
GError *ea_socket_new_error (int number, const char *what);

/* TRUE for an errno that only says "not now". */
gboolean ea_socket_is_transient (int number);

/**
 * ea_socket_new:
 * @interface: (nullable): as in ea_link_new()
 *
 * Returns: (transfer full): a socket that does not block, with reports of ICMP errors for UDP; or %NULL
 *
 * Errors: EA_LINK_ERROR_NO_INTERFACE, _NOT_ALLOWED, _FAILED.
 */
GSocket *ea_socket_new (GSocketFamily family, EaLinkProtocol protocol, const char *interface,
                        GError **error);

/**
 * ea_socket_bind_to_interface:
 * @fd: a socket that is neither bound nor connected
 *
 * Errors: EA_LINK_ERROR_NO_INTERFACE, _NOT_ALLOWED, _FAILED.
 */
gboolean ea_socket_bind_to_interface (int fd, const char *interface, GError **error);

/* Options of a TCP socket that connect or accept has made. */
void ea_socket_prepare_stream (GSocket *socket);

/* The peer of a TCP socket sees a reset when it is closed. */
void ea_socket_set_abort (GSocket *socket);

/**
 * ea_socket_connect:
 * @error_number: (out): 0 when it is connected, EINPROGRESS when that is to be awaited, else why not
 */
void ea_socket_connect (GSocket *socket, GInetSocketAddress *peer, int *error_number);

/* Bytes that the kernel has of a TCP socket and the peer has not acknowledged; 0 where it does not tell. */
gsize ea_socket_get_unacknowledged (GSocket *socket);

/* The error that waits in the socket (SO_ERROR) or 0; it is taken away. */
int ea_socket_take_error (GSocket *socket);

/**
 * ea_socket_take_datagram_error:
 *
 * Returns: the errno of the oldest ICMP error that came to a UDP socket, which is taken away; 0: there is none
 */
int ea_socket_take_datagram_error (GSocket *socket);

/**
 * ea_socket_peek_datagram:
 *
 * Returns: the size of the next datagram, which stays; or -1 and errno
 */
gssize ea_socket_peek_datagram (GSocket *socket);

void ea_socket_drop_datagram (GSocket *socket);

/**
 * ea_socket_receive:
 * @size: bytes to read at most, above 0, or of the datagram
 * @error_number: (out): why %NULL is returned
 *
 * Returns: (transfer full) (nullable): what was read; empty at the end of a stream
 */
GBytes *ea_socket_receive (GSocket *socket, gsize size, int *error_number);

/* Bytes of @bytes that the kernel took, all of a datagram; or -1 and errno. */
gssize ea_socket_send (GSocket *socket, GBytes *bytes);

/* (transfer full): the same address, an IPv4 address that is written as an IPv6 one (::ffff:…) as IPv4. */
GInetSocketAddress *ea_socket_unmap (GInetSocketAddress *address);
