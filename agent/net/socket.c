/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The system's side of a link. SO_BINDTODEVICE keeps the packets of a card on the bearer that serves it,
 * whatever the routes say (no capability is needed for a socket that is not bound yet). ICMP errors are read
 * from the error queue (IP_RECVERR), since only that has "host unreachable" for UDP.
 */

#include "net/socket.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Sent bytes that stay unanswered this long end a connection; RFC 1122 §4.2.3.5 wants 100 s at least. */
#define UNACKNOWLEDGED_TIMEOUT_MS (180 * 1000)

#define ERROR_CONTROL_SIZE 512

static const struct
{
  int number;
  EaLinkError code;
} causes[] = {
  { ECONNREFUSED, EA_LINK_ERROR_REFUSED },
  { EHOSTUNREACH, EA_LINK_ERROR_UNREACHABLE },
  { ENETUNREACH, EA_LINK_ERROR_UNREACHABLE },
  { EHOSTDOWN, EA_LINK_ERROR_UNREACHABLE },
  { ENETDOWN, EA_LINK_ERROR_UNREACHABLE },
  { EADDRNOTAVAIL, EA_LINK_ERROR_UNREACHABLE },
  { ENONET, EA_LINK_ERROR_UNREACHABLE },
  { ETIMEDOUT, EA_LINK_ERROR_TIMED_OUT },
  { ECONNRESET, EA_LINK_ERROR_RESET },
  { ECONNABORTED, EA_LINK_ERROR_RESET },
  { EPIPE, EA_LINK_ERROR_CLOSED },
  { ENOTCONN, EA_LINK_ERROR_CLOSED },
  { EADDRINUSE, EA_LINK_ERROR_ADDRESS_IN_USE },
  { ENODEV, EA_LINK_ERROR_NO_INTERFACE },
  { EACCES, EA_LINK_ERROR_NOT_ALLOWED },
  { EPERM, EA_LINK_ERROR_NOT_ALLOWED },
  { EMSGSIZE, EA_LINK_ERROR_TOO_LARGE },
};

/* clang-format off */
G_DEFINE_QUARK (ea-link-error-quark, ea_link_error)
/* clang-format on */

void
ea_socket_set_error (GError **error, int number, const char *what)
{
  EaLinkError code = EA_LINK_ERROR_FAILED;

  for (gsize i = 0; i < G_N_ELEMENTS (causes); i++)
    if (causes[i].number == number)
      code = causes[i].code;
  g_set_error (error, EA_LINK_ERROR, (int) code, "%s: %s", what, g_strerror (number));
}

GError *
ea_socket_new_error (int number, const char *what)
{
  GError *error = NULL;

  ea_socket_set_error (&error, number, what);
  return error;
}

gboolean
ea_socket_is_transient (int number)
{
  return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

static gboolean
set_option (GSocket *socket, int level, int name, int value)
{
  return setsockopt (g_socket_get_fd (socket), level, name, &value, sizeof value) == 0;
}

gboolean
ea_socket_bind_to_interface (int fd, const char *interface, GError **error)
{
  g_autofree char *what = NULL;
  gsize size = strlen (interface);

  /* To the kernel no name is no binding, and of a long one it takes the beginning. */
  if (size == 0 || size >= IF_NAMESIZE)
    errno = ENODEV;
  else if (setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t) size + 1) == 0)
    return TRUE;

  what = g_strdup_printf ("Cannot use the interface '%s'", interface);
  ea_socket_set_error (error, errno, what);
  return FALSE;
}

void
ea_socket_prepare_stream (GSocket *socket)
{
  /* Without these it is slower, or later to see a dead peer, but right. */
  (void) set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE);
  (void) set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_TIMEOUT_MS);
}

GSocket *
ea_socket_new (GSocketFamily family, EaLinkProtocol protocol, const char *interface, GError **error)
{
  gboolean is_tcp = protocol == EA_LINK_TCP;
  g_autoptr (GSocket) self = NULL;
  g_autoptr (GError) cause = NULL;

  self = g_socket_new (family, is_tcp ? G_SOCKET_TYPE_STREAM : G_SOCKET_TYPE_DATAGRAM,
                       is_tcp ? G_SOCKET_PROTOCOL_TCP : G_SOCKET_PROTOCOL_UDP, &cause);
  if (self == NULL)
    {
      g_set_error_literal (error, EA_LINK_ERROR, EA_LINK_ERROR_FAILED, cause->message);
      return NULL;
    }
  g_socket_set_blocking (self, FALSE);
  if (interface != NULL && !ea_socket_bind_to_interface (g_socket_get_fd (self), interface, error))
    return NULL;

  /* Without these reports the link works as well. */
  if (!is_tcp && family == G_SOCKET_FAMILY_IPV6)
    (void) set_option (self, IPPROTO_IPV6, IPV6_RECVERR, TRUE);
  else if (!is_tcp)
    (void) set_option (self, IPPROTO_IP, IP_RECVERR, TRUE);
  return g_steal_pointer (&self);
}

void
ea_socket_set_abort (GSocket *socket)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  (void) setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

void
ea_socket_connect (GSocket *socket, GInetSocketAddress *peer, int *error_number)
{
  struct sockaddr_storage native;
  gssize size = g_socket_address_get_native_size (G_SOCKET_ADDRESS (peer));

  *error_number = EAFNOSUPPORT;
  if (!g_socket_address_to_native (G_SOCKET_ADDRESS (peer), &native, sizeof native, NULL))
    return;
  *error_number = 0;
  if (connect (g_socket_get_fd (socket), (struct sockaddr *) &native, (socklen_t) size) < 0)
    *error_number
        = errno == EINVAL ? ENETUNREACH : errno; /* EINVAL: a black hole among the routes */
}

int
ea_socket_take_error (GSocket *socket)
{
  int number = 0;
  socklen_t size = sizeof number;

  if (getsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_ERROR, &number, &size) < 0)
    return errno;
  return number;
}

gsize
ea_socket_get_unacknowledged (GSocket *socket)
{
  int n_bytes = 0;

  if (ioctl (g_socket_get_fd (socket), SIOCOUTQ, &n_bytes) < 0)
    return 0;
  return (gsize) MAX (n_bytes, 0);
}

int
ea_socket_take_datagram_error (GSocket *socket)
{
  guint8 payload;
  union
  {
    struct cmsghdr alignment;
    char bytes[ERROR_CONTROL_SIZE];
  } control;
  struct iovec iov = { &payload, sizeof payload };
  struct msghdr message = {
    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };

  if (recvmsg (g_socket_get_fd (socket), &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
    return ea_socket_take_error (socket); /* there may be one that never got into the queue */

  for (struct cmsghdr *item = CMSG_FIRSTHDR (&message); item != NULL;
       item = CMSG_NXTHDR (&message, item))
    if ((item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_RECVERR)
        || (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_RECVERR))
      {
        struct sock_extended_err report;

        memcpy (&report, CMSG_DATA (item), sizeof report);
        return (int) report.ee_errno;
      }
  return ea_socket_take_error (socket);
}

gssize
ea_socket_peek_datagram (GSocket *socket)
{
  guint8 byte;

  return recv (g_socket_get_fd (socket), &byte, sizeof byte, MSG_PEEK | MSG_TRUNC);
}

void
ea_socket_drop_datagram (GSocket *socket)
{
  guint8 byte;

  (void) recv (g_socket_get_fd (socket), &byte, sizeof byte, 0); /* it was seen to be there */
}

GBytes *
ea_socket_receive (GSocket *socket, gsize size, int *error_number)
{
  g_autofree guint8 *buffer = g_malloc (MAX (size, 1));
  gssize n_read = recv (g_socket_get_fd (socket), buffer, size, 0);

  *error_number = n_read < 0 ? errno : 0;
  if (n_read < 0)
    return NULL;
  if ((gsize) n_read == size)
    return g_bytes_new_take (g_steal_pointer (&buffer), size);
  return g_bytes_new (buffer, (gsize) n_read);
}

gssize
ea_socket_send (GSocket *socket, GBytes *bytes)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  return send (g_socket_get_fd (socket), data, size, MSG_NOSIGNAL);
}

GInetSocketAddress *
ea_socket_unmap (GInetSocketAddress *address)
{
  struct sockaddr_storage native;
  gssize size = g_socket_address_get_native_size (G_SOCKET_ADDRESS (address));

  if (!g_socket_address_to_native (G_SOCKET_ADDRESS (address), &native, sizeof native, NULL))
    return g_object_ref (address);
  /* This is where GLib does it. */
  return G_INET_SOCKET_ADDRESS (g_socket_address_new_from_native (&native, (gsize) size));
}
