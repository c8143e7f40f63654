/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which addresses a card may reach (agent/net/address-policy.h). */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/address-policy.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static GInetAddress *
address_of (const char *text)
{
  GInetAddress *address = g_inet_address_new_from_string (text);

  if (address == NULL)
    fail_msg ("%s is no address", text);
  return address;
}

/* (transfer full): a gateway with 192.0.2.7/24 and 2001:db8::7. */
static EaAddressOwn *
new_own (void)
{
  EaAddressOwn *own = ea_address_own_new ();

  g_ptr_array_add (own->addresses, address_of ("192.0.2.7"));
  g_ptr_array_add (own->addresses, address_of ("2001:db8::7"));
  g_ptr_array_add (own->broadcasts, address_of ("192.0.2.255"));
  return own;
}

static EaAddressPolicy *
new_policy (const char *const *allow, const char *const *deny)
{
  g_autoptr (GError) error = NULL;
  EaAddressPolicy *policy = ea_address_policy_new (allow, deny, &error);

  if (policy == NULL)
    fail_msg ("%s", error->message);
  return policy;
}

static void
assert_rule (const EaAddressPolicy *policy, const char *text, gboolean is_open, EaAddressRule rule)
{
  g_autoptr (EaAddressOwn) own = new_own ();
  g_autoptr (GInetAddress) address = address_of (text);
  EaAddressVerdict verdict = ea_address_policy_judge (policy, address, own);

  if (verdict.is_open != is_open || verdict.rule != rule)
    fail_msg ("%s: open %d by rule %d, not %d by rule %d", text, verdict.is_open, verdict.rule,
              is_open, rule);
  assert_int_equal (verdict.range != NULL,
                    rule == EA_ADDRESS_RULE_ALLOW || rule == EA_ADDRESS_RULE_DENY);
}

typedef struct
{
  const char *address;
  EaAddressRule rule;
} Case;

static void
test_what_names_the_gateway_or_many_is_closed (void **state)
{
  static const Case cases[] = {
    { "0.0.0.0", EA_ADDRESS_RULE_UNSPECIFIED },
    { "0.1.2.3", EA_ADDRESS_RULE_UNSPECIFIED },
    { "127.0.0.1", EA_ADDRESS_RULE_LOOPBACK },
    { "127.255.255.254", EA_ADDRESS_RULE_LOOPBACK },
    { "169.254.0.1", EA_ADDRESS_RULE_LINK_LOCAL },
    { "169.254.169.254", EA_ADDRESS_RULE_LINK_LOCAL },
    { "224.0.0.1", EA_ADDRESS_RULE_MULTICAST },
    { "239.255.255.255", EA_ADDRESS_RULE_MULTICAST },
    { "255.255.255.255", EA_ADDRESS_RULE_BROADCAST },
    { "192.0.2.255", EA_ADDRESS_RULE_BROADCAST },
    { "192.0.2.7", EA_ADDRESS_RULE_OWN },
    { "::", EA_ADDRESS_RULE_UNSPECIFIED },
    { "::1", EA_ADDRESS_RULE_LOOPBACK },
    { "fe80::1", EA_ADDRESS_RULE_LINK_LOCAL },
    { "febf::1", EA_ADDRESS_RULE_LINK_LOCAL },
    { "ff02::1", EA_ADDRESS_RULE_MULTICAST },
    { "2001:db8::7", EA_ADDRESS_RULE_OWN },
  };
  g_autoptr (EaAddressPolicy) policy = new_policy (NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_rule (policy, cases[i].address, FALSE, cases[i].rule);
}

static void
test_neighbours_of_the_closed_ranges_are_open (void **state)
{
  static const char *const addresses[] = {
    "1.0.0.0",         "126.255.255.255", "128.0.0.0",   "169.253.255.255", "169.255.0.0",
    "223.255.255.255", "240.0.0.1",       "192.0.2.6",   "192.0.2.254",     "10.1.2.3",
    "::2:0:0:0",       "fec0::1",         "2001:db8::8", "2003::1",         "2a00:1450::1",
  };
  g_autoptr (EaAddressPolicy) policy = new_policy (NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    assert_rule (policy, addresses[i], TRUE, EA_ADDRESS_RULE_NONE);
}

static void
test_ipv4_within_ipv6_is_judged_as_ipv4 (void **state)
{
  static const Case cases[] = {
    { "::ffff:127.0.0.1", EA_ADDRESS_RULE_LOOPBACK },
    { "::ffff:0.0.0.0", EA_ADDRESS_RULE_UNSPECIFIED },
    { "::ffff:169.254.1.1", EA_ADDRESS_RULE_LINK_LOCAL },
    { "::ffff:224.0.0.1", EA_ADDRESS_RULE_MULTICAST },
    { "::ffff:255.255.255.255", EA_ADDRESS_RULE_BROADCAST },
    { "::ffff:192.0.2.7", EA_ADDRESS_RULE_OWN },
    { "::127.0.0.1", EA_ADDRESS_RULE_LOOPBACK },
    { "64:ff9b::127.0.0.1", EA_ADDRESS_RULE_LOOPBACK },
    { "64:ff9b::192.0.2.7", EA_ADDRESS_RULE_OWN },
    { "2002:7f00:1::1", EA_ADDRESS_RULE_LOOPBACK },
  };
  g_autoptr (EaAddressPolicy) policy = new_policy (NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_rule (policy, cases[i].address, FALSE, cases[i].rule);
  assert_rule (policy, "::ffff:198.51.100.1", TRUE, EA_ADDRESS_RULE_NONE);
  assert_rule (policy, "64:ff9b::198.51.100.1", TRUE, EA_ADDRESS_RULE_NONE);
  assert_rule (policy, "2002:c633:6401::1", TRUE, EA_ADDRESS_RULE_NONE);
}

static void
test_allowed_range_opens_what_is_closed_by_default (void **state)
{
  g_autoptr (EaAddressPolicy) policy
      = new_policy (LIST ("127.0.0.0/8", "192.0.2.7", "fe80::/10"), NULL);

  assert_rule (policy, "127.0.0.1", TRUE, EA_ADDRESS_RULE_ALLOW);
  assert_rule (policy, "::ffff:127.0.0.1", TRUE, EA_ADDRESS_RULE_ALLOW);
  assert_rule (policy, "192.0.2.7", TRUE, EA_ADDRESS_RULE_ALLOW);
  assert_rule (policy, "fe80::1", TRUE, EA_ADDRESS_RULE_ALLOW);
  assert_rule (policy, "169.254.0.1", FALSE, EA_ADDRESS_RULE_LINK_LOCAL);
  assert_rule (policy, "::1", FALSE, EA_ADDRESS_RULE_LOOPBACK);
}

static void
test_denied_range_closes_also_what_is_allowed (void **state)
{
  g_autoptr (EaAddressPolicy) policy
      = new_policy (LIST ("10.0.0.0/8"), LIST ("10.1.0.0/16", "2001:db8:1::/48"));

  assert_rule (policy, "10.0.255.255", TRUE, EA_ADDRESS_RULE_ALLOW);
  assert_rule (policy, "10.1.0.0", FALSE, EA_ADDRESS_RULE_DENY);
  assert_rule (policy, "10.1.255.255", FALSE, EA_ADDRESS_RULE_DENY);
  assert_rule (policy, "::ffff:10.1.2.3", FALSE, EA_ADDRESS_RULE_DENY);
  assert_rule (policy, "64:ff9b::10.1.2.3", FALSE, EA_ADDRESS_RULE_DENY);
  assert_rule (policy, "10.2.0.0", TRUE, EA_ADDRESS_RULE_ALLOW);
  assert_rule (policy, "2001:db8:1::1", FALSE, EA_ADDRESS_RULE_DENY);
  assert_rule (policy, "2001:db8:2::1", TRUE, EA_ADDRESS_RULE_NONE);
}

static void
test_all_of_ipv6_allowed_does_not_open_ipv4 (void **state)
{
  g_autoptr (EaAddressPolicy) policy = new_policy (LIST ("::/0"), NULL);

  assert_rule (policy, "::1", TRUE, EA_ADDRESS_RULE_ALLOW);
  assert_rule (policy, "::ffff:127.0.0.1", FALSE, EA_ADDRESS_RULE_LOOPBACK);
  assert_rule (policy, "127.0.0.1", FALSE, EA_ADDRESS_RULE_LOOPBACK);
}

static void
test_one_network_can_be_all_that_is_open (void **state)
{
  g_autoptr (EaAddressPolicy) policy
      = new_policy (NULL, LIST ("0.0.0.0/1", "128.0.0.0/2", "224.0.0.0/3", "::/0"));

  assert_rule (policy, "198.51.100.1", TRUE, EA_ADDRESS_RULE_NONE);
  assert_rule (policy, "10.0.0.1", FALSE, EA_ADDRESS_RULE_DENY);
  assert_rule (policy, "2a00::1", FALSE, EA_ADDRESS_RULE_DENY);
}

static void
test_wrong_range_is_named_with_its_key (void **state)
{
  g_autoptr (GError) allow_error = NULL;
  g_autoptr (GError) deny_error = NULL;

  assert_null (ea_address_policy_new (LIST ("10.0.0.0/8", "10.0.0.0/33"), NULL, &allow_error));
  assert_null (ea_address_policy_new (LIST ("10.0.0.0/8"), LIST ("example.org"), &deny_error));

  assert_true (g_error_matches (allow_error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
  assert_non_null (strstr (allow_error->message, "AllowAddresses: '10.0.0.0/33'"));
  assert_non_null (strstr (deny_error->message, "DenyAddresses: 'example.org'"));
}

static void
assert_description (const EaAddressPolicy *policy, const char *text, const char *sentence)
{
  g_autoptr (EaAddressOwn) own = new_own ();
  g_autoptr (GInetAddress) address = address_of (text);
  EaAddressVerdict verdict = ea_address_policy_judge (policy, address, own);
  g_autofree char *actual = ea_address_verdict_describe (&verdict, address);

  assert_string_equal (actual, sentence);
}

static void
test_verdict_names_the_rule_and_the_key (void **state)
{
  g_autoptr (EaAddressPolicy) policy
      = new_policy (LIST ("127.0.0.53"), LIST ("10.0.0.0/8", "198.51.100.9"));

  assert_description (policy, "127.0.0.1",
                      "127.0.0.1 is a loopback address, which AllowAddresses does not open");
  assert_description (policy, "::ffff:192.0.2.7",
                      "::ffff:192.0.2.7 is an address of this gateway, "
                      "which AllowAddresses does not open");
  assert_description (policy, "0.0.0.0",
                      "0.0.0.0 is an unspecified address, which AllowAddresses does not open");
  assert_description (policy, "fe80::1",
                      "fe80::1 is a link-local address, which AllowAddresses does not open");
  assert_description (policy, "ff02::1",
                      "ff02::1 is a multicast address, which AllowAddresses does not open");
  assert_description (policy, "192.0.2.255",
                      "192.0.2.255 is a broadcast address, which AllowAddresses does not open");
  assert_description (policy, "10.2.3.4", "10.2.3.4 is in 10.0.0.0/8 of DenyAddresses");
  assert_description (policy, "198.51.100.9", "198.51.100.9 is in 198.51.100.9 of DenyAddresses");
  assert_description (policy, "127.0.0.53", "127.0.0.53 is in 127.0.0.53 of AllowAddresses");
  assert_description (policy, "198.51.100.1", "198.51.100.1 is open");
}

static void
test_own_addresses_are_read_from_the_system (void **state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EaAddressOwn) own = ea_address_own_read (&error);
  g_autoptr (GInetAddress) loopback = address_of ("127.0.0.1");
  gboolean has_loopback = FALSE;

  assert_non_null (own);
  for (guint i = 0; i < own->addresses->len; i++)
    has_loopback |= g_inet_address_equal (g_ptr_array_index (own->addresses, i), loopback);

  assert_true (has_loopback);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_what_names_the_gateway_or_many_is_closed),
    cmocka_unit_test (test_neighbours_of_the_closed_ranges_are_open),
    cmocka_unit_test (test_ipv4_within_ipv6_is_judged_as_ipv4),
    cmocka_unit_test (test_allowed_range_opens_what_is_closed_by_default),
    cmocka_unit_test (test_denied_range_closes_also_what_is_allowed),
    cmocka_unit_test (test_all_of_ipv6_allowed_does_not_open_ipv4),
    cmocka_unit_test (test_one_network_can_be_all_that_is_open),
    cmocka_unit_test (test_wrong_range_is_named_with_its_key),
    cmocka_unit_test (test_verdict_names_the_rule_and_the_key),
    cmocka_unit_test (test_own_addresses_are_read_from_the_system),
  };

  return cmocka_run_group_tests_name ("address-policy", tests, NULL, NULL);
}
