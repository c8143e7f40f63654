/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * While a peer is connected the listening socket is shut down, which makes Linux refuse connections but keep
 * the port; listen() wakes it again. Peers that came in between the two are reset by the kernel.
 */

#include "net/link-listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/link-private.h"
#include "net/socket.h"

#define BACKLOG 1

struct _EaLinkListener
{
  GObject parent_instance;

  char *interface;
  guint16 port;
  GSocket *socket; /* bound */
  GSource *source; /* while listening */
};

enum
{
  SIGNAL_ACCEPTED,
  SIGNAL_FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaLinkListener, ea_link_listener, G_TYPE_OBJECT)

static void
stop_listening (EaLinkListener *self)
{
  if (self->source == NULL)
    return;
  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  (void) shutdown (g_socket_get_fd (self->socket),
                   SHUT_RDWR); /* at worst a peer waits and is reset */
}

/* Of errors of accept() these are about one peer that has gone, accept(2) "Error handling". */
static gboolean
is_about_peer (int number)
{
  switch (number)
    {
    case EAGAIN:
    case EINTR:
    case ECONNABORTED:
    case ENETDOWN:
    case EPROTO:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case EPERM:
      return TRUE;
    default:
      return FALSE;
    }
}

static void
fail (EaLinkListener *self, int number)
{
  g_autoptr (GError) error = NULL;

  stop_listening (self);
  ea_socket_set_error (&error, number, "Cannot accept a connection");
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
}

/* @socket: (transfer full) */
static void
give_link (EaLinkListener *self, GSocket *socket)
{
  g_autoptr (GSocketAddress) peer = g_socket_get_remote_address (socket, NULL);
  g_autoptr (EaLink) link = NULL;

  if (peer == NULL) /* it has gone already */
    {
      g_object_unref (socket);
      return;
    }
  stop_listening (self);
  link = ea_link_new_accepted (socket, G_INET_SOCKET_ADDRESS (peer), self->interface);
  g_signal_emit (self, signals[SIGNAL_ACCEPTED], 0, link);
}

static gboolean
on_connection (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  g_autoptr (EaLinkListener) self = g_object_ref (EA_LINK_LISTENER (user_data));
  GSocket *accepted;
  int fd = accept4 (g_socket_get_fd (socket), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

  if (fd < 0)
    {
      if (!is_about_peer (errno))
        fail (self, errno);
      return G_SOURCE_CONTINUE;
    }
  accepted = g_socket_new_from_fd (fd, NULL);
  if (accepted == NULL)
    {
      (void) close (fd); /* the peer sees a reset, and may come again */
      return G_SOURCE_CONTINUE;
    }
  g_socket_set_blocking (accepted, FALSE);
  give_link (self, accepted);
  return G_SOURCE_CONTINUE;
}

/* Every address of the interface: IPv6, which takes IPv4 too, or IPv4 where the kernel has no IPv6. */
static gboolean
bind_port (EaLinkListener *self, GSocketFamily family, GError **error)
{
  struct sockaddr_in6 any6
      = { .sin6_family = AF_INET6, .sin6_port = g_htons (self->port), .sin6_addr = in6addr_any };
  struct sockaddr_in any4 = { .sin_family = AF_INET, .sin_port = g_htons (self->port) };
  gboolean is_v6 = family == G_SOCKET_FAMILY_IPV6;
  g_autoptr (GSocket) socket = ea_socket_new (family, EA_LINK_TCP, self->interface, error);
  g_autofree char *what = NULL;
  int fd;

  if (socket == NULL)
    return FALSE;
  fd = g_socket_get_fd (socket);
  /* Connections of an earlier run must not keep the port. */
  if (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &(int){ TRUE }, sizeof (int)) == 0
      && (!is_v6 || setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ FALSE }, sizeof (int)) == 0)
      && bind (fd, is_v6 ? (struct sockaddr *) &any6 : (struct sockaddr *) &any4,
               is_v6 ? sizeof any6 : sizeof any4)
             == 0)
    {
      self->socket = g_steal_pointer (&socket);
      return TRUE;
    }
  what = g_strdup_printf ("Cannot take the TCP port %u", self->port);
  ea_socket_set_error (error, errno, what);
  return FALSE;
}

static gboolean
has_ipv6 (void)
{
  g_autoptr (GSocket) socket
      = g_socket_new (G_SOCKET_FAMILY_IPV6, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

  return socket != NULL;
}

gboolean
ea_link_listener_listen (EaLinkListener *self, GError **error)
{
  g_autofree char *what = NULL;

  if (self->source != NULL)
    return TRUE;
  if (self->socket == NULL
      && !bind_port (self, has_ipv6 () ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4, error))
    return FALSE;
  if (listen (g_socket_get_fd (self->socket), BACKLOG) < 0)
    {
      what = g_strdup_printf ("Cannot listen at the TCP port %u", self->port);
      ea_socket_set_error (error, errno, what);
      return FALSE;
    }
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_connection), self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
  return TRUE;
}

gboolean
ea_link_listener_is_listening (EaLinkListener *self)
{
  return self->source != NULL;
}

guint16
ea_link_listener_get_port (EaLinkListener *self)
{
  return self->port;
}

static void
ea_link_listener_dispose (GObject *object)
{
  EaLinkListener *self = EA_LINK_LISTENER (object);

  stop_listening (self);
  g_clear_object (&self->socket);
  G_OBJECT_CLASS (ea_link_listener_parent_class)->dispose (object);
}

static void
ea_link_listener_finalize (GObject *object)
{
  g_free (EA_LINK_LISTENER (object)->interface);
  G_OBJECT_CLASS (ea_link_listener_parent_class)->finalize (object);
}

static void
ea_link_listener_class_init (EaLinkListenerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_link_listener_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_link_listener_finalize;

  signals[SIGNAL_ACCEPTED] = g_signal_new ("accepted", EA_TYPE_LINK_LISTENER, G_SIGNAL_RUN_LAST, 0,
                                           NULL, NULL, NULL, G_TYPE_NONE, 1, EA_TYPE_LINK);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", EA_TYPE_LINK_LISTENER, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
ea_link_listener_init (EaLinkListener *self)
{
}

EaLinkListener *
ea_link_listener_new (const char *interface, guint16 port)
{
  EaLinkListener *self;

  g_return_val_if_fail (port > 0, NULL);

  self = g_object_new (EA_TYPE_LINK_LISTENER, NULL);
  self->interface = g_strdup (interface);
  self->port = port;
  return self;
}
