/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the resolver asks and what it makes of honest answers (agent/net/resolver.h). */

#include <glib/gstdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "helpers.h"
#include "resolver-rig.h"

/* A query for smsr.example.com and its answer, as another implementation dissects them: two addresses, TTL 60. */
#define EXAMPLE_QUERY "1a2b0100000100000000000004736d7372076578616d706c6503636f6d0000010001"
#define EXAMPLE_ANSWER                                                                             \
  "1a2b8180000100020000000004736d7372076578616d706c6503636f6d0000010001"                           \
  "c00c000100010000003c0004c0000201c00c000100010000003c0004c0000202"
#define ID_SIZE 2

static gboolean has_example_come;

static GByteArray *
answer_with_example (GBytes *query, GByteArray *answer, gboolean is_tcp, gpointer user_data)
{
  g_autoptr (GBytes) expected = bytes_of (EXAMPLE_QUERY);
  GByteArray *example = g_bytes_unref_to_array (bytes_of (EXAMPLE_ANSWER));
  const guint8 *data = g_bytes_get_data (query, NULL);
  gsize size = g_bytes_get_size (query);

  assert_int_equal (size, g_bytes_get_size (expected));
  assert_memory_equal (data + ID_SIZE, (const guint8 *) g_bytes_get_data (expected, NULL) + ID_SIZE,
                       size - ID_SIZE);
  memcpy (example->data, data, ID_SIZE);
  has_example_come = TRUE;
  g_byte_array_unref (answer);
  return example;
}

static void
test_worked_example_is_asked_and_read_byte_for_byte (void **state)
{
  g_autoptr (Rig) rig = rig_new ();

  rig->first->forge = answer_with_example;
  rig->query.wants_ipv6 = FALSE;
  rig_expect (rig, "192.0.2.1 192.0.2.2");

  assert_true (has_example_come);
}

static void
test_only_the_families_that_are_wanted_are_asked (void **state)
{
  g_autoptr (Rig) rig = rig_new ();

  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.1");
  dns_server_add (rig->first, NAME, DNS_AAAA, 60, "2001:db8::1");
  rig->query.wants_ipv6 = FALSE;
  rig_expect (rig, "192.0.2.1");
  assert_int_equal (rig->first->asked->len, 1);
  assert_string_equal (g_ptr_array_index (rig->first->asked, 0), "A " NAME);

  rig->query.wants_ipv6 = TRUE;
  rig->query.wants_ipv4 = FALSE;
  rig_expect (rig, "2001:db8::1");
  assert_int_equal (rig->first->asked->len, 2);
  assert_string_equal (g_ptr_array_index (rig->first->asked, 1), "AAAA " NAME);
}

static void
test_families_take_turns_and_ipv6_is_first (void **state)
{
  g_autoptr (Rig) rig = rig_new ();

  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.1");
  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.2");
  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.3");
  dns_server_add (rig->first, NAME, DNS_AAAA, 60, "2001:db8::1");
  dns_server_add (rig->first, NAME, DNS_AAAA, 60, "2001:db8::2");

  rig_expect (rig, "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 192.0.2.3");
  assert_int_equal (rig->first->asked->len, 2);
}

static void
test_one_family_is_enough (void **state)
{
  g_autoptr (Rig) rig = rig_new ();

  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.1");
  dns_server_add (rig->first, "six.example.com", DNS_AAAA, 60, "2001:db8::1");

  rig_expect (rig, "192.0.2.1");
  rig->query.name = "six.example.com";
  rig_expect (rig, "2001:db8::1");
}

static void
test_aliases_are_followed (void **state)
{
  g_autoptr (Rig) rig = rig_new ();

  dns_server_add (rig->first, NAME, DNS_CNAME, 60, "a.example.net");
  dns_server_add (rig->first, "a.example.net", DNS_CNAME, 60, "b.example.org");
  dns_server_add (rig->first, "b.example.org", DNS_A, 60, "192.0.2.7");
  dns_server_add (rig->first, "b.example.org", DNS_AAAA, 60, "2001:db8::7");

  rig_expect (rig, "2001:db8::7 192.0.2.7");
  assert_int_equal (rig->first->asked->len, 2);
}

static void
test_addresses_resolve_to_themselves_and_nobody_is_asked (void **state)
{
  static const char *const literals[] = { "192.0.2.1", "2001:db8::1", "::1", "::ffff:192.0.2.1" };
  g_autoptr (Rig) rig = rig_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (literals); i++)
    {
      rig->query.name = literals[i];
      rig_expect (rig, literals[i]);
    }

  rig->query.wants_ipv6 = FALSE;
  rig->query.name = "2001:db8::1";
  rig_expect (rig, "2001:db8::1");
  assert_int_equal (rig->first->asked->len, 0);
}

#define LABEL_63 "a23456789b23456789c23456789d23456789e23456789f23456789g23456789"

static void
test_longest_names_are_asked_and_longer_ones_refused (void **state)
{
  static const char longest[] = LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63;
  g_autoptr (Rig) rig = rig_new ();
  g_autofree char *name = g_strndup (longest, EA_RESOLVER_NAME_MAX);
  g_autofree char *too_long = g_strndup (longest, EA_RESOLVER_NAME_MAX + 1);
  g_autofree char *message = g_strdup_printf ("'%s' is not a host name: it is longer than 253 "
                                              "characters",
                                              too_long);

  name[EA_RESOLVER_NAME_MAX - 1] = 'x'; /* a label of digits would be none */
  too_long[EA_RESOLVER_NAME_MAX - 1] = 'x';
  message[1 + EA_RESOLVER_NAME_MAX - 1] = 'x';
  dns_server_add (rig->first, name, DNS_A, 60, "192.0.2.1");
  rig->query.name = name;
  rig_expect (rig, "192.0.2.1");

  rig->query.name = too_long;
  rig_expect_error (rig, EA_RESOLVER_ERROR_BAD_NAME, message);
  rig->query.name = LABEL_63 "x.example.com";
  rig_expect_error (rig, EA_RESOLVER_ERROR_BAD_NAME,
                    "'" LABEL_63 "x.example.com' is not a host name: a label is longer than 63 "
                    "characters");
}

static void
test_what_is_no_host_name_is_not_asked (void **state)
{
  static const struct
  {
    const char *name;
    const char *message;
  } bad[] = {
    { "", "'' is not a host name: a label is empty" },
    { ".", "'.' is not a host name: a label is empty" },
    { "smsr..com", "'smsr..com' is not a host name: a label is empty" },
    { ".example.com", "'.example.com' is not a host name: a label is empty" },
    { "example.com..", "'example.com..' is not a host name: a label is empty" },
    { "sm sr.com",
      "'sm sr.com' is not a host name: a host name has only letters, digits, hyphens and dots" },
    { "sms\\046.com", "'sms\\\\046.com' is not a host name: a host name has only letters, digits, "
                      "hyphens and dots" },
    { "b\xC3\xBC.com",
      "'b\\303\\274.com' is not a host name: a host name has only letters, digits, hyphens and "
      "dots" },
    { "[2001:db8::1]", "'[2001:db8::1]' is not a host name: a host name has only letters, digits, "
                       "hyphens and dots" },
    { "fe80::1%lo",
      "'fe80::1%lo' is not a host name: a host name has only letters, digits, hyphens and dots" },
    { "192.0.2.1:443", "'192.0.2.1:443' is not a host name: a host name has only letters, digits, "
                       "hyphens and dots" },
    { "192.0.2.300", "'192.0.2.300' is not a host name: it is no address either" },
    { "127.1", "'127.1' is not a host name: it is no address either" },
    { "2130706433", "'2130706433' is not a host name: it is no address either" },
    { "0x7f000001", "'0x7f000001' is not a host name: it is no address either" },
  };
  g_autoptr (Rig) rig = rig_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      rig->query.name = bad[i].name;
      rig_expect_error (rig, EA_RESOLVER_ERROR_BAD_NAME, bad[i].message);
    }
  assert_int_equal (rig->first->asked->len, 0);
}

static void
test_dot_at_the_end_and_capitals_make_no_difference (void **state)
{
  g_autoptr (Rig) rig = rig_new ();

  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.1");
  rig->query.name = "SMSR.Example.COM.";
  rig_expect (rig, "192.0.2.1");

  assert_int_equal (dns_server_count (rig->first, "A " NAME), 1);
}

static void
test_name_that_does_not_exist_is_final (void **state)
{
  g_autoptr (Rig) rig = rig_new ();
  g_autofree char *message = g_strdup_printf (NAME ": %s knows no such name", rig->first->text);

  rig_use_second (rig);
  dns_server_add (rig->second, NAME, DNS_A, 60, "192.0.2.1");
  rig_expect_error (rig, EA_RESOLVER_ERROR_NOT_FOUND, message);

  assert_int_equal (rig->first->asked->len, 2);
  assert_int_equal (rig->second->asked->len, 0);
}

static void
test_name_without_address_is_not_found (void **state)
{
  g_autoptr (Rig) rig = rig_new ();
  g_autofree char *both = g_strdup_printf (NAME ": %s knows no address of it", rig->first->text);
  g_autofree char *one
      = g_strdup_printf (NAME ": %s knows no IPv4 address of it", rig->first->text);

  dns_server_add (rig->first, NAME, DNS_AAAA, 60, NULL);
  rig_expect_error (rig, EA_RESOLVER_ERROR_NOT_FOUND, both);

  dns_server_add (rig->first, NAME, DNS_AAAA, 60, "2001:db8::1");
  rig->query.wants_ipv6 = FALSE;
  rig_expect_error (rig, EA_RESOLVER_ERROR_NOT_FOUND, one);
}

static void
test_alias_without_address_is_not_found (void **state)
{
  g_autoptr (Rig) rig = rig_new ();
  g_autofree char *message = g_strdup_printf (NAME ": %s knows no address of it", rig->first->text);

  dns_server_add (rig->first, NAME, DNS_CNAME, 60, "a.example.net");
  dns_server_add (rig->first, "a.example.net", DNS_A, 60, NULL);

  rig_expect_error (rig, EA_RESOLVER_ERROR_NOT_FOUND, message);
}

static void
test_environment_has_no_say (void **state)
{
  g_autoptr (Rig) rig = rig_new ();

  rig_use_second (rig);
  dns_server_add (rig->first, "smsr", DNS_A, 0, "192.0.2.1");
  rig->query.name = "smsr";
  for (guint i = 0; i < 10; i++)
    {
      g_setenv ("LOCALDOMAIN", "example.com", TRUE);
      g_setenv ("RES_OPTIONS", "ndots:15 rotate use-vc retry:1 attempts:1 timeout:1", TRUE);
      ea_resolver_ignore_environment ();
      rig_expect (rig, "192.0.2.1");
    }

  assert_int_equal (dns_server_count (rig->first, "A smsr"), 10);
  assert_int_equal (rig->first->asked->len, 20);
  assert_int_equal (rig->first->n_tcp, 0);
  assert_int_equal (rig->second->asked->len, 0);
  g_unsetenv ("LOCALDOMAIN");
}

static void
test_file_of_aliases_has_no_say (void **state)
{
  g_autofree char *path = NULL;
  g_autoptr (Rig) rig = rig_new ();
  int fd = g_file_open_tmp (NULL, &path, NULL);

  assert_true (fd >= 0);
  assert_true (g_file_set_contents (path, "smsr other.example.com\n", -1, NULL));
  g_setenv ("HOSTALIASES", path, TRUE);
  dns_server_add (rig->first, "smsr", DNS_A, 60, "192.0.2.1");
  rig->query.name = "smsr";
  rig_expect (rig, "192.0.2.1");

  g_unsetenv ("HOSTALIASES");
  g_unlink (path);
  g_close (fd, NULL);
}

static GByteArray *
collect_id (GBytes *query, GByteArray *answer, gboolean is_tcp, gpointer user_data)
{
  const guint8 *data = g_bytes_get_data (query, NULL);

  g_hash_table_add (user_data, GUINT_TO_POINTER (data[0] << 8 | data[1]));
  return answer;
}

static void
test_ids_are_spread (void **state)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (NULL, NULL);
  g_autoptr (Rig) rig = rig_new ();
  guint n_neighbours = 0;
  GHashTableIter iter;
  gpointer id;

  rig->first->forge = collect_id;
  rig->first->user_data = ids;
  dns_server_add (rig->first, NAME, DNS_A, 0, "192.0.2.1");
  rig->query.wants_ipv6 = FALSE;
  for (guint i = 0; i < 100; i++)
    rig_expect (rig, "192.0.2.1");
  g_hash_table_iter_init (&iter, ids);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    n_neighbours += g_hash_table_contains (ids, GUINT_TO_POINTER (GPOINTER_TO_UINT (id) + 1));

  /* With 100 of 65536 at random a pair falls together once in 13 runs, and ten do never. */
  assert_true (g_hash_table_size (ids) > 90);
  assert_true (n_neighbours < 10);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_worked_example_is_asked_and_read_byte_for_byte),
    cmocka_unit_test (test_only_the_families_that_are_wanted_are_asked),
    cmocka_unit_test (test_families_take_turns_and_ipv6_is_first),
    cmocka_unit_test (test_one_family_is_enough),
    cmocka_unit_test (test_aliases_are_followed),
    cmocka_unit_test (test_addresses_resolve_to_themselves_and_nobody_is_asked),
    cmocka_unit_test (test_longest_names_are_asked_and_longer_ones_refused),
    cmocka_unit_test (test_what_is_no_host_name_is_not_asked),
    cmocka_unit_test (test_dot_at_the_end_and_capitals_make_no_difference),
    cmocka_unit_test (test_name_that_does_not_exist_is_final),
    cmocka_unit_test (test_name_without_address_is_not_found),
    cmocka_unit_test (test_alias_without_address_is_not_found),
    cmocka_unit_test (test_environment_has_no_say),
    cmocka_unit_test (test_file_of_aliases_has_no_say),
    cmocka_unit_test (test_ids_are_spread),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
