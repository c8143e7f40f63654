/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What ModemManager says of the addresses of a bearer. */

#include "modem/bearer-private.h"
#include "modem/interface.h"

static gboolean
is_wanted (const EaBearerRequest *request, GSocketFamily family)
{
  if (request->wants_ipv4 == request->wants_ipv6)
    return TRUE;
  return family == G_SOCKET_FAMILY_IPV4 ? request->wants_ipv4 : request->wants_ipv6;
}

/* (transfer full) (nullable): %NULL where the bearer does not carry @family */
static MMBearerIpConfig *
get_config (MMBearer *bearer, GSocketFamily family)
{
  g_autoptr (MMBearerIpConfig) config = family == G_SOCKET_FAMILY_IPV4
                                            ? mm_bearer_get_ipv4_config (bearer)
                                            : mm_bearer_get_ipv6_config (bearer);

  if (config == NULL || mm_bearer_ip_config_get_method (config) == MM_BEARER_IP_METHOD_UNKNOWN)
    return NULL;
  return g_steal_pointer (&config);
}

/* A link-local address is only what the other one is to be made of. */
static GInetAddress *
get_address (MMBearerIpConfig *config, GSocketFamily family)
{
  const char *text = mm_bearer_ip_config_get_address (config);
  g_autoptr (GInetAddress) address = text != NULL ? g_inet_address_new_from_string (text) : NULL;

  if (address == NULL || g_inet_address_get_family (address) != family
      || g_inet_address_get_is_link_local (address) || g_inet_address_get_is_any (address))
    return NULL;
  return g_steal_pointer (&address);
}

static gboolean
has_address (MMBearer *bearer, GSocketFamily family)
{
  g_autoptr (MMBearerIpConfig) config = get_config (bearer, family);
  g_autoptr (GInetAddress) address = config != NULL ? get_address (config, family) : NULL;

  return config != NULL
         && ea_interface_has_address (mm_bearer_get_interface (bearer), family, address);
}

static gboolean
has_family (MMBearer *bearer, GSocketFamily family)
{
  g_autoptr (MMBearerIpConfig) config = get_config (bearer, family);

  return config != NULL;
}

gboolean
ea_bearer_has_family (MMBearer *bearer, const EaBearerRequest *request)
{
  return (is_wanted (request, G_SOCKET_FAMILY_IPV4) && has_family (bearer, G_SOCKET_FAMILY_IPV4))
         || (is_wanted (request, G_SOCKET_FAMILY_IPV6)
             && has_family (bearer, G_SOCKET_FAMILY_IPV6));
}

gboolean
ea_bearer_has_address (MMBearer *bearer, const EaBearerRequest *request)
{
  return (is_wanted (request, G_SOCKET_FAMILY_IPV4) && has_address (bearer, G_SOCKET_FAMILY_IPV4))
         || (is_wanted (request, G_SOCKET_FAMILY_IPV6)
             && has_address (bearer, G_SOCKET_FAMILY_IPV6));
}
