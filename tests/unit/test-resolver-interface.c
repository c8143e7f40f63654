/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which way queries go, between a gateway and a world that two interfaces lead to (world.h). */

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolver-rig.h"
#include "world.h"

#define DNS_PORT 53

/* A rig whose first server is at @address in the world. */
static Rig *
new_rig (const char *address, guint16 port)
{
  Rig *rig = rig_new ();

  dns_server_free (rig->first);
  world_enter ();
  rig->first = dns_server_new (address, port);
  world_leave ();
  g_ptr_array_set_size (rig->servers, 0);
  g_ptr_array_add (rig->servers, g_object_ref (rig->first->address));
  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.1");
  dns_server_add (rig->first, NAME, DNS_AAAA, 60, "2001:db8::1");
  return rig;
}

static void
expect_askers (Rig *rig, const char *interface, const char *address)
{
  ea_resolver_flush (rig->resolver);
  g_ptr_array_set_size (rig->first->askers, 0);
  rig->query.interface = interface;
  rig_expect (rig, "2001:db8::1 192.0.2.1");

  assert_true (rig->first->askers->len >= 2);
  for (guint i = 0; i < rig->first->askers->len; i++)
    assert_string_equal (g_ptr_array_index (rig->first->askers, i), address);
}

static void
test_queries_leave_by_their_interface_whatever_the_routes_prefer (void **state)
{
  g_autoptr (Rig) rig = NULL;

  world_require ();
  rig = new_rig (WORLD, 0);

  expect_askers (rig, NULL, "10.1.0.1");
  expect_askers (rig, "w0", "10.2.0.1");
  expect_askers (rig, "v0", "10.1.0.1");
}

static void
test_truncated_answers_are_fetched_by_the_same_interface (void **state)
{
  g_autoptr (Rig) rig = NULL;

  world_require ();
  rig = new_rig (WORLD, 0);
  rig->first->is_truncating = TRUE;

  expect_askers (rig, NULL, "10.1.0.1");
  assert_int_equal (rig->first->n_tcp, 2);
  expect_askers (rig, "w0", "10.2.0.1");
  assert_int_equal (rig->first->n_tcp, 4);
}

static void
test_query_that_finds_no_way_by_its_interface_is_not_sent_by_another (void **state)
{
  g_autoptr (Rig) rig = NULL;
  g_autoptr (Outcome) outcome = NULL;

  world_require ();
  rig = new_rig (WORLD, 0);
  rig->query.interface = "lo";
  rig->query.timeout_ms = SHORT_MS;
  outcome = rig_ask (rig);

  assert_non_null (outcome->error);
  assert_int_equal (rig->first->askers->len, 0);
}

static void
test_server_of_ipv6_is_asked_through_an_interface (void **state)
{
  g_autoptr (Rig) rig = NULL;

  world_require ();
  rig = new_rig ("fd01::2", 0);

  expect_askers (rig, "v0", "fd01::1");
}

static void
expect_link_local (guint32 zone)
{
  g_autoptr (Rig) rig = new_rig ("::", 0);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string ("fe80::2");

  g_ptr_array_set_size (rig->servers, 0);
  g_ptr_array_add (rig->servers, g_object_new (G_TYPE_INET_SOCKET_ADDRESS, "address", address,
                                               "port", rig->first->port, "scope-id", zone, NULL));

  expect_askers (rig, "v0", "fe80::1");
}

static void
test_link_local_server_is_on_the_interface (void **state)
{
  world_require ();

  expect_link_local (0);
  expect_link_local (if_nametoindex ("v0"));
}

static void
test_network_that_is_not_there_is_told (void **state)
{
  g_autoptr (Rig) rig = NULL;

  world_require ();
  rig = new_rig (WORLD, 0);
  g_ptr_array_set_size (rig->servers, 0);
  g_ptr_array_add (rig->servers, g_inet_socket_address_new_from_string ("203.0.113.1", DNS_PORT));

  rig_expect_error (rig, EA_RESOLVER_ERROR_UNREACHABLE, NAME ": 203.0.113.1 can't be reached");
}

/* For this process alone, until the file is unmounted */
static gboolean
replace_file (const char *name, const char *text)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp (NULL, &path, NULL);
  gboolean is_done;

  assert_true (fd >= 0);
  assert_true (g_file_set_contents (path, text, -1, NULL));
  is_done = unshare (CLONE_NEWNS) == 0 && mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
            && mount (path, name, NULL, MS_BIND, NULL) == 0;
  assert_return_code (unlink (path), errno);
  close (fd);
  return is_done;
}

static void
test_files_of_the_system_have_no_say (void **state)
{
  g_autoptr (Rig) rig = NULL;

  world_require ();
  if (!replace_file ("/etc/hosts", "192.0.2.66 " NAME "\n")
      || !replace_file ("/etc/resolv.conf", "options use-vc\nnameserver 203.0.113.1\n"))
    skip ();
  rig = new_rig (WORLD, 0);

  expect_askers (rig, "v0", "10.1.0.1");
  assert_int_equal (rig->first->n_tcp, 0);
  assert_return_code (umount ("/etc/hosts"), errno);
  assert_return_code (umount ("/etc/resolv.conf"), errno);
}

static void
test_query_without_servers_goes_to_those_of_the_system (void **state)
{
  g_autoptr (Rig) rig = NULL;

  world_require ();
  if (!replace_file ("/etc/resolv.conf", "search example.com\noptions rotate\n"
                                         "nameserver 203.0.113.1\nnameserver " WORLD "\n"))
    skip ();
  rig = new_rig (WORLD, DNS_PORT);
  rig->query.servers = NULL;
  rig->query.timeout_ms = LONG_MS / 4; /* the first of them is silent behind w0 */
  expect_askers (rig, "w0", "10.2.0.1");
  g_ptr_array_set_size (rig->servers, 0);
  rig->query.servers = rig->servers;
  expect_askers (rig, NULL, "10.1.0.1");

  rig->query.name = "smsr";
  rig_expect_error (rig, EA_RESOLVER_ERROR_NOT_FOUND, "smsr: " WORLD " knows no such name");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_queries_leave_by_their_interface_whatever_the_routes_prefer),
    cmocka_unit_test (test_truncated_answers_are_fetched_by_the_same_interface),
    cmocka_unit_test (test_query_that_finds_no_way_by_its_interface_is_not_sent_by_another),
    cmocka_unit_test (test_server_of_ipv6_is_asked_through_an_interface),
    cmocka_unit_test (test_link_local_server_is_on_the_interface),
    cmocka_unit_test (test_network_that_is_not_there_is_told),
    cmocka_unit_test (test_files_of_the_system_have_no_say),
    cmocka_unit_test (test_query_without_servers_goes_to_those_of_the_system),
  };

  return cmocka_run_group_tests_name ("resolver-interface", tests, world_make, NULL);
}
