/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The servers of this system, as the DNS library finds them (/etc/resolv.conf), for queries that bring none. */

#include <ares.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "net/resolver-private.h"

#define DNS_PORT 53 /* RFC 1035 §4.2 */

char *
ea_resolver_describe_server (GInetSocketAddress *server)
{
  if (g_inet_socket_address_get_port (server) == DNS_PORT)
    return g_inet_address_to_string (g_inet_socket_address_get_address (server));
  return g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (server));
}

static void
add_server (GPtrArray *servers, const struct ares_addr_port_node *node)
{
  g_autoptr (GInetAddress) address = NULL;
  gboolean is_ipv6 = node->family == AF_INET6;

  address = g_inet_address_new_from_bytes ((const guint8 *) &node->addr,
                                           is_ipv6 ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4);
  g_ptr_array_add (servers,
                   g_inet_socket_address_new (
                       address, (guint16) (node->udp_port != 0 ? node->udp_port : DNS_PORT)));
}

static GPtrArray *
copy_servers (ares_channel channel)
{
  GPtrArray *servers = g_ptr_array_new_with_free_func (g_object_unref);
  struct ares_addr_port_node *nodes = NULL;

  /* What newer releases have instead is not in 1.18. */
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  if (ares_get_servers_ports (channel, &nodes) == ARES_SUCCESS)
    for (const struct ares_addr_port_node *node = nodes;
         node != NULL && servers->len < EA_RESOLVER_SERVERS_MAX; node = node->next)
      add_server (servers, node);
  G_GNUC_END_IGNORE_DEPRECATIONS
  if (nodes != NULL)
    ares_free_data (nodes);
  return servers;
}

GPtrArray *
ea_resolver_read_system_servers (GError **error)
{
  g_autoptr (GPtrArray) servers = NULL;
  ares_channel channel = NULL;

  if (ares_init_options (&channel, NULL, 0) == ARES_SUCCESS)
    servers = copy_servers (channel);
  if (channel != NULL)
    ares_destroy (channel);
  if (servers != NULL && servers->len > 0)
    return g_steal_pointer (&servers);

  g_set_error_literal (error, EA_RESOLVER_ERROR, EA_RESOLVER_ERROR_FAILED,
                       "This system has no DNS servers");
  return NULL;
}
