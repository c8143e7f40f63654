/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Ranges and the built-in rules. The socket is bound to the bearer's interface as well; this is for what the
 * kernel would deliver locally in spite of that, and for what the bearer's network must not get from a card.
 */

#include "net/address-policy.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "net/link.h"

#define IPV4_SIZE 4
#define KEY_ALLOW "AllowAddresses"
#define KEY_DENY "DenyAddresses"

struct _EaAddressPolicy
{
  GPtrArray *allow; /* of GInetAddressMask */
  GPtrArray *deny;
};

/* Where an IPv6 address has an IPv4 address in it. */
static const struct
{
  const char *prefix;
  gsize prefix_size; /* bytes */
  gsize offset;
  gboolean is_alias; /* it is that IPv4 address and nothing else */
} embeddings[] = {
  { "\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12, 12, TRUE },    /* RFC 4291 §2.5.5.2, mapped */
  { "\0\0\0\0\0\0\0\0\0\0\0\0", 12, 12, FALSE },       /* RFC 4291 §2.5.5.1, compatible */
  { "\0\x64\xFF\x9B\0\0\0\0\0\0\0\0", 12, 12, FALSE }, /* RFC 6052 §2.1, NAT64 */
  { "\x20\x02", 2, 2, FALSE },                         /* RFC 3056 §2, 6to4 */
};

static GPtrArray *
parse_ranges (const char *key, const char *const *texts, GError **error)
{
  g_autoptr (GPtrArray) ranges = g_ptr_array_new_with_free_func (g_object_unref);

  for (gsize i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      g_autoptr (GError) cause = NULL;
      GInetAddressMask *range = g_inet_address_mask_new_from_string (texts[i], &cause);

      if (range == NULL)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s: '%s' is no range: %s",
                       key, texts[i], cause->message);
          return NULL;
        }
      g_ptr_array_add (ranges, range);
    }
  return g_steal_pointer (&ranges);
}

EaAddressPolicy *
ea_address_policy_new (const char *const *allow, const char *const *deny, GError **error)
{
  g_autoptr (EaAddressPolicy) self = g_new0 (EaAddressPolicy, 1);

  self->allow = parse_ranges (KEY_ALLOW, allow, error);
  if (self->allow == NULL)
    return NULL;
  self->deny = parse_ranges (KEY_DENY, deny, error);
  if (self->deny == NULL)
    return NULL;
  return g_steal_pointer (&self);
}

void
ea_address_policy_free (EaAddressPolicy *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->allow, g_ptr_array_unref);
  g_clear_pointer (&self->deny, g_ptr_array_unref);
  g_free (self);
}

EaAddressOwn *
ea_address_own_new (void)
{
  EaAddressOwn *self = g_new (EaAddressOwn, 1);

  self->addresses = g_ptr_array_new_with_free_func (g_object_unref);
  self->broadcasts = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

void
ea_address_own_free (EaAddressOwn *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->addresses);
  g_ptr_array_unref (self->broadcasts);
  g_free (self);
}

static void
add_native (GPtrArray *addresses, struct sockaddr *native)
{
  g_autoptr (GSocketAddress) address = NULL;

  if (native == NULL || (native->sa_family != AF_INET && native->sa_family != AF_INET6))
    return;
  address = g_socket_address_new_from_native (native, native->sa_family == AF_INET
                                                          ? sizeof (struct sockaddr_in)
                                                          : sizeof (struct sockaddr_in6));
  g_ptr_array_add (addresses, g_object_ref (g_inet_socket_address_get_address (
                                  G_INET_SOCKET_ADDRESS (address))));
}

EaAddressOwn *
ea_address_own_read (GError **error)
{
  EaAddressOwn *self;
  struct ifaddrs *list;

  if (getifaddrs (&list) < 0)
    {
      int number = errno;

      g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (number),
                   "Cannot read the addresses of this system: %s", g_strerror (number));
      return NULL;
    }
  self = ea_address_own_new ();
  for (struct ifaddrs *item = list; item != NULL; item = item->ifa_next)
    {
      add_native (self->addresses, item->ifa_addr);
      if ((item->ifa_flags & IFF_BROADCAST) != 0)
        add_native (self->broadcasts, item->ifa_broadaddr);
    }
  freeifaddrs (list);
  return self;
}

static gboolean
has_address (const GPtrArray *addresses, GInetAddress *address)
{
  for (guint i = 0; i < addresses->len; i++)
    if (g_inet_address_equal (g_ptr_array_index (addresses, i), address))
      return TRUE;
  return FALSE;
}

/* (transfer none) (nullable) */
static GInetAddressMask *
find_range (const GPtrArray *ranges, GInetAddress *address)
{
  for (guint i = 0; i < ranges->len; i++)
    if (g_inet_address_mask_matches (g_ptr_array_index (ranges, i), address))
      return g_ptr_array_index (ranges, i);
  return NULL;
}

static gboolean
is_ipv4 (GInetAddress *address)
{
  return g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4;
}

/* The first octet 0 is "this network", RFC 1122 §3.2.1.3; Linux connects 0.0.0.0 to itself. */
static gboolean
is_unspecified (GInetAddress *address)
{
  return g_inet_address_get_is_any (address)
         || (is_ipv4 (address) && g_inet_address_to_bytes (address)[0] == 0);
}

static gboolean
is_limited_broadcast (GInetAddress *address)
{
  return is_ipv4 (address)
         && memcmp (g_inet_address_to_bytes (address), "\xFF\xFF\xFF\xFF", IPV4_SIZE) == 0;
}

static EaAddressRule
find_built_in_rule (GInetAddress *address, const EaAddressOwn *own)
{
  if (is_unspecified (address))
    return EA_ADDRESS_RULE_UNSPECIFIED;
  if (g_inet_address_get_is_loopback (address))
    return EA_ADDRESS_RULE_LOOPBACK;
  if (g_inet_address_get_is_link_local (address))
    return EA_ADDRESS_RULE_LINK_LOCAL;
  if (g_inet_address_get_is_multicast (address))
    return EA_ADDRESS_RULE_MULTICAST;
  if (is_limited_broadcast (address) || has_address (own->broadcasts, address))
    return EA_ADDRESS_RULE_BROADCAST;
  if (has_address (own->addresses, address))
    return EA_ADDRESS_RULE_OWN;
  return EA_ADDRESS_RULE_NONE;
}

static EaAddressVerdict
judge_one (const EaAddressPolicy *self, GInetAddress *address, const EaAddressOwn *own)
{
  EaAddressVerdict verdict = { FALSE, EA_ADDRESS_RULE_DENY, find_range (self->deny, address) };

  if (verdict.range != NULL)
    return verdict;

  verdict.range = find_range (self->allow, address);
  verdict.rule = verdict.range != NULL ? EA_ADDRESS_RULE_ALLOW : find_built_in_rule (address, own);
  verdict.is_open = verdict.range != NULL || verdict.rule == EA_ADDRESS_RULE_NONE;
  return verdict;
}

/* (transfer full) (nullable): the IPv4 address that @address carries */
static GInetAddress *
get_embedded (GInetAddress *address, gboolean *is_alias)
{
  const guint8 *bytes = g_inet_address_to_bytes (address);

  if (is_ipv4 (address) || g_inet_address_get_is_any (address)
      || g_inet_address_get_is_loopback (address))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (embeddings); i++)
    if (memcmp (bytes, embeddings[i].prefix, embeddings[i].prefix_size) == 0)
      {
        *is_alias = embeddings[i].is_alias;
        return g_inet_address_new_from_bytes (bytes + embeddings[i].offset, G_SOCKET_FAMILY_IPV4);
      }
  return NULL;
}

EaAddressVerdict
ea_address_policy_judge (const EaAddressPolicy *self, GInetAddress *address,
                         const EaAddressOwn *own)
{
  gboolean is_alias = FALSE;
  g_autoptr (GInetAddress) embedded = get_embedded (address, &is_alias);
  EaAddressVerdict verdict;

  if (embedded == NULL)
    return judge_one (self, address, own);
  verdict = judge_one (self, embedded, own);
  if (is_alias || !verdict.is_open)
    return verdict;
  return judge_one (self, address, own);
}

static const char *
get_rule_words (EaAddressRule rule)
{
  switch (rule)
    {
    case EA_ADDRESS_RULE_UNSPECIFIED:
      return "an unspecified address";
    case EA_ADDRESS_RULE_LOOPBACK:
      return "a loopback address";
    case EA_ADDRESS_RULE_LINK_LOCAL:
      return "a link-local address";
    case EA_ADDRESS_RULE_MULTICAST:
      return "a multicast address";
    case EA_ADDRESS_RULE_BROADCAST:
      return "a broadcast address";
    case EA_ADDRESS_RULE_OWN:
      return "an address of this gateway";
    case EA_ADDRESS_RULE_NONE:
    case EA_ADDRESS_RULE_DENY:
    case EA_ADDRESS_RULE_ALLOW:
      break;
    }
  return "an ordinary address";
}

char *
ea_address_verdict_describe (const EaAddressVerdict *verdict, GInetAddress *address)
{
  g_autofree char *text = g_inet_address_to_string (address);
  g_autofree char *range = NULL;

  if (verdict->rule == EA_ADDRESS_RULE_NONE)
    return g_strdup_printf ("%s is open", text);
  if (verdict->range == NULL)
    return g_strdup_printf ("%s is %s, which " KEY_ALLOW " does not open", text,
                            get_rule_words (verdict->rule));
  range = g_inet_address_mask_to_string (verdict->range);
  return g_strdup_printf ("%s is in %s of %s", text, range,
                          verdict->is_open ? KEY_ALLOW : KEY_DENY);
}

gboolean
ea_address_policy_check (const EaAddressPolicy *self, GInetAddress *address, GError **error)
{
  g_autoptr (EaAddressOwn) own = ea_address_own_read (error);
  g_autofree char *reason = NULL;
  EaAddressVerdict verdict;

  if (own == NULL)
    return FALSE;
  verdict = ea_address_policy_judge (self, address, own);
  if (verdict.is_open)
    return TRUE;
  reason = ea_address_verdict_describe (&verdict, address);
  g_set_error (error, EA_LINK_ERROR, EA_LINK_ERROR_NOT_ALLOWED, "%s", reason);
  return FALSE;
}
