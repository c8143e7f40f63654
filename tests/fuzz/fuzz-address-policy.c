/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Addresses that a card names (agent/net/address-policy.h): what belongs to the gateway or to many hosts stays
 * closed, in whatever form it comes; an explicit range decides before that.
 *
 * Input: the 4 or 16 bytes of an address.
 */

#include <string.h>

#include "fuzz.h"
#include "net/address-policy.h"

#define IPV4_SIZE 4
#define IPV6_SIZE 16

static EaAddressPolicy *
get_policy (const char *allow, const char *deny)
{
  const char *const allowed[] = { allow, NULL };
  const char *const denied[] = { deny, NULL };
  EaAddressPolicy *policy = ea_address_policy_new (allowed, denied, NULL);

  FUZZ_CLAIM (policy != NULL);
  return policy;
}

/* (transfer full): 192.0.2.7 with the broadcast address 192.0.2.255. */
static EaAddressOwn *
new_own (void)
{
  EaAddressOwn *own = ea_address_own_new ();

  g_ptr_array_add (own->addresses, g_inet_address_new_from_string ("192.0.2.7"));
  g_ptr_array_add (own->broadcasts, g_inet_address_new_from_string ("192.0.2.255"));
  return own;
}

static EaAddressVerdict
judge (const char *allow, const char *deny, GInetAddress *address)
{
  g_autoptr (EaAddressPolicy) policy = get_policy (allow, deny);
  g_autoptr (EaAddressOwn) own = new_own ();
  EaAddressVerdict verdict = ea_address_policy_judge (policy, address, own);
  g_autofree char *sentence = ea_address_verdict_describe (&verdict, address);

  FUZZ_CLAIM (sentence != NULL);
  verdict.range = NULL; /* dies with the policy */
  return verdict;
}

static gboolean
is_special (GInetAddress *address)
{
  return g_inet_address_get_is_any (address) || g_inet_address_get_is_loopback (address)
         || g_inet_address_get_is_link_local (address) || g_inet_address_get_is_multicast (address);
}

/* The mapped form of @address is judged as @address is. */
static void
check_mapped (const guint8 *bytes, EaAddressVerdict expected)
{
  guint8 mapped[IPV6_SIZE] = { [10] = 0xFF, [11] = 0xFF };
  g_autoptr (GInetAddress) address = NULL;
  EaAddressVerdict verdict;

  memcpy (mapped + IPV6_SIZE - IPV4_SIZE, bytes, IPV4_SIZE);
  address = g_inet_address_new_from_bytes (mapped, G_SOCKET_FAMILY_IPV6);
  verdict = judge (NULL, NULL, address);
  FUZZ_CLAIM (verdict.is_open == expected.is_open && verdict.rule == expected.rule);
  FUZZ_CLAIM (!judge (NULL, "0.0.0.0/0", address).is_open);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  gboolean is_ipv4 = size == IPV4_SIZE;
  g_autoptr (GInetAddress) address = NULL;
  g_autofree char *text = NULL;
  EaAddressVerdict verdict;

  if (!is_ipv4 && size != IPV6_SIZE)
    return 0;
  address
      = g_inet_address_new_from_bytes (data, is_ipv4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);
  text = g_inet_address_to_string (address);
  verdict = judge (NULL, NULL, address);

  FUZZ_CLAIM (!verdict.is_open || !is_special (address));
  FUZZ_CLAIM (verdict.is_open == (verdict.rule == EA_ADDRESS_RULE_NONE));
  if (!is_ipv4)
    return 0;
  check_mapped (data, verdict);
  FUZZ_CLAIM (judge (text, NULL, address).is_open);
  FUZZ_CLAIM (!judge (text, text, address).is_open);
  return 0;
}
