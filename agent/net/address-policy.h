/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Which addresses a card may reach. A card must not become a door into the gateway: what names the gateway
 * itself or many hosts at once is closed unless the configuration opens it. In this order:
 *
 *   1. a range of DenyAddresses that has the address closes it;
 *   2. a range of AllowAddresses that has it opens it;
 *   3. unspecified (0.0.0.0/8, ::), loopback, link-local, multicast, broadcast (also of the gateway's own
 *      networks) and the gateway's own addresses are closed;
 *   4. everything else is open.
 *
 * An IPv6 address that only carries an IPv4 one is judged by that: ::ffff:a.b.c.d is nothing else; for the
 * forms that a translator or tunnel unpacks (::/96, 64:ff9b::/96, 2002::/16) both must pass.
 */

typedef struct _EaAddressPolicy EaAddressPolicy;

/**
 * ea_address_policy_new:
 * @allow: (nullable) (array zero-terminated=1): ranges "ADDRESS/BITS" or addresses of AllowAddresses
 * @deny: (nullable) (array zero-terminated=1): the same of DenyAddresses
 *
 * Errors: G_IO_ERROR_INVALID_ARGUMENT, with the name of the key and the range in its message.
 */
EaAddressPolicy *ea_address_policy_new (const char *const *allow, const char *const *deny,
                                        GError **error);
void ea_address_policy_free (EaAddressPolicy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaAddressPolicy, ea_address_policy_free)

typedef enum
{
  EA_ADDRESS_RULE_NONE, /* no rule is about the address: open */
  EA_ADDRESS_RULE_DENY,
  EA_ADDRESS_RULE_ALLOW,
  EA_ADDRESS_RULE_UNSPECIFIED,
  EA_ADDRESS_RULE_LOOPBACK,
  EA_ADDRESS_RULE_LINK_LOCAL,
  EA_ADDRESS_RULE_MULTICAST,
  EA_ADDRESS_RULE_BROADCAST,
  EA_ADDRESS_RULE_OWN,
} EaAddressRule;

/**
 * EaAddressVerdict:
 * @is_open: the card may reach the address
 * @rule: that decided
 * @range: (nullable): of AllowAddresses or DenyAddresses that decided; the policy's
 */
typedef struct
{
  gboolean is_open;
  EaAddressRule rule;
  GInetAddressMask *range;
} EaAddressVerdict;

/* Addresses of the gateway, and broadcast addresses of its networks, at one time. */
typedef struct
{
  GPtrArray *addresses;  /* of GInetAddress */
  GPtrArray *broadcasts; /* of GInetAddress */
} EaAddressOwn;

/**
 * ea_address_own_read:
 *
 * Returns: (transfer full) (nullable): what the interfaces have now
 *
 * Errors: of G_IO_ERROR, from getifaddrs().
 */
EaAddressOwn *ea_address_own_read (GError **error);
EaAddressOwn *ea_address_own_new (void);
void ea_address_own_free (EaAddressOwn *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaAddressOwn, ea_address_own_free)

/* @own: as it is when the link is made: addresses come and go with bearers. */
EaAddressVerdict ea_address_policy_judge (const EaAddressPolicy *self, GInetAddress *address,
                                          const EaAddressOwn *own);

/**
 * ea_address_verdict_describe:
 *
 * Returns: (transfer full): a sentence without a full stop, such as "127.0.0.1 is a loopback address, which
 *   AllowAddresses does not open"
 */
char *ea_address_verdict_describe (const EaAddressVerdict *verdict, GInetAddress *address);

/**
 * ea_address_policy_check:
 *
 * Judges @address with the addresses that the gateway has now.
 *
 * Returns: TRUE when it may be reached
 *
 * Errors: EA_LINK_ERROR_NOT_ALLOWED, with ea_address_verdict_describe(); those of ea_address_own_read().
 */
gboolean ea_address_policy_check (const EaAddressPolicy *self, GInetAddress *address,
                                  GError **error);

G_END_DECLS
