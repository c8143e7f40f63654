/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One peer at a time at a TCP port (agent/net/link-listener.h), over loopback. */

#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "link-peer.h"
#include "net/link-listener.h"

#define LOOPBACK "127.0.0.1"
#define LOOPBACK_V6 "::1"

static void
on_accepted (EaLinkListener *listener, EaLink *link, gpointer user_data)
{
  Owner **owner = user_data;

  assert_null (*owner);
  assert_false (ea_link_listener_is_listening (listener));
  *owner = owner_new (g_object_ref (link));
}

/* (transfer full): waiting at a free port; the peer that comes is left in @owner. */
static EaLinkListener *
start (const char *interface, Owner **owner)
{
  guint16 port;
  int fd = peer_listen (LOOPBACK, 1, &port);
  EaLinkListener *listener = ea_link_listener_new (interface, port);
  g_autoptr (GError) error = NULL;

  close (fd);
  *owner = NULL;
  g_signal_connect (listener, "accepted", G_CALLBACK (on_accepted), owner);
  if (!ea_link_listener_listen (listener, &error))
    fail_msg ("%s", error->message);
  return listener;
}

/* Returns: a connected plain socket, or -1 and errno. */
static int
call (EaLinkListener *listener, const char *address)
{
  g_autoptr (GSocketAddress) target
      = g_inet_socket_address_new_from_string (address, ea_link_listener_get_port (listener));
  struct sockaddr_storage native;
  gssize size = g_socket_address_get_native_size (target);
  int fd;

  assert_true (g_socket_address_to_native (target, &native, sizeof native, NULL));
  fd = socket (native.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_return_code (fd, errno);
  if (connect (fd, (struct sockaddr *) &native, (socklen_t) size) == 0)
    return fd;
  close (fd);
  return -1;
}

static void
check_peer (const char *address)
{
  g_autoptr (Owner) owner = NULL;
  g_autoptr (EaLinkListener) listener = start (NULL, &owner);
  int fd = call (listener, address);
  g_autofree char *peer = NULL;

  assert_return_code (fd, errno);
  WAIT_FOR (owner != NULL);
  ea_link_set_room (owner->link, 10);
  assert_true (send (fd, "\0", 1, 0) == 1);
  WAIT_FOR (owner->received->len == 1);
  assert_true (owner_send (owner, 0, 300, NULL));

  peer_expect_pattern (fd, 0, 300);
  peer = g_inet_address_to_string (
      g_inet_socket_address_get_address (ea_link_get_peer (owner->link)));
  assert_string_equal (peer, address);
  close (fd);
}

static void
test_peer_comes_over_ipv4 (void **state)
{
  check_peer (LOOPBACK);
}

static void
test_peer_comes_over_ipv6 (void **state)
{
  check_peer (LOOPBACK_V6);
}

static void
test_second_peer_is_refused_and_comes_when_it_listens_again (void **state)
{
  g_autoptr (Owner) owner = NULL;
  g_autoptr (EaLinkListener) listener = start (NULL, &owner);
  int first = call (listener, LOOPBACK);
  int second;

  WAIT_FOR (owner != NULL);
  assert_int_equal (call (listener, LOOPBACK), -1);
  assert_int_equal (errno, ECONNREFUSED);

  close (first);
  ea_link_close (owner->link, CLOSE_TIMEOUT_MS);
  WAIT_FOR (owner->n_ended == 1);
  g_clear_pointer (&owner, owner_free);
  assert_true (ea_link_listener_listen (listener, NULL));
  assert_true (ea_link_listener_is_listening (listener));
  second = call (listener, LOOPBACK);
  assert_return_code (second, errno);
  WAIT_FOR (owner != NULL);

  assert_true (ea_link_is_open (owner->link));
  close (second);
}

static void
test_peer_that_waited_behind_the_first_is_reset (void **state)
{
  g_autoptr (Owner) owner = NULL;
  g_autoptr (EaLinkListener) listener = start (NULL, &owner);
  int first = call (listener, LOOPBACK);
  int second = call (listener, LOOPBACK);
  guint8 byte;

  assert_return_code (second, errno);
  WAIT_FOR (owner != NULL);
  run_ready ();

  assert_int_equal (recv (second, &byte, 1, 0), -1);
  assert_int_equal (errno, ECONNRESET);
  close (first);
  close (second);
}

static void
test_peer_that_nobody_takes_is_reset (void **state)
{
  g_autoptr (Owner) owner = NULL;
  g_autoptr (EaLinkListener) listener = start (NULL, &owner);
  int fd = call (listener, LOOPBACK);
  guint8 byte;

  g_signal_handlers_disconnect_by_data (listener, &owner);
  WAIT_FOR (!ea_link_listener_is_listening (listener));

  assert_int_equal (recv (fd, &byte, 1, 0), -1);
  assert_int_equal (errno, ECONNRESET);
  close (fd);
}

static void
test_taken_port_is_told (void **state)
{
  guint16 port;
  int fd = peer_listen (LOOPBACK, 1, &port);
  g_autoptr (EaLinkListener) listener = ea_link_listener_new (NULL, port);
  g_autoptr (GError) error = NULL;

  assert_false (ea_link_listener_listen (listener, &error));

  assert_true (g_error_matches (error, EA_LINK_ERROR, EA_LINK_ERROR_ADDRESS_IN_USE));
  assert_false (ea_link_listener_is_listening (listener));
  close (fd);
  assert_true (ea_link_listener_listen (listener, NULL));
}

static void
test_interface_that_is_not_there_is_told (void **state)
{
  g_autoptr (EaLinkListener) listener = ea_link_listener_new ("nowhere0", 9999);
  g_autoptr (GError) error = NULL;

  assert_false (ea_link_listener_listen (listener, &error));

  assert_true (g_error_matches (error, EA_LINK_ERROR, EA_LINK_ERROR_NO_INTERFACE));
}

static void
test_dropped_listener_leaves_its_peer_and_frees_the_port (void **state)
{
  g_autoptr (Owner) owner = NULL;
  EaLinkListener *listener = start ("lo", &owner);
  guint16 port = ea_link_listener_get_port (listener);
  int fd = call (listener, LOOPBACK);
  g_autoptr (EaLinkListener) next = ea_link_listener_new ("lo", port);

  WAIT_FOR (owner != NULL);
  g_object_unref (listener);

  assert_true (ea_link_is_open (owner->link));
  assert_string_equal (ea_link_get_interface (owner->link), "lo");
  assert_true (ea_link_listener_listen (next, NULL));
  close (fd);
}

static void
on_failed (EaLinkListener *listener, const GError *error, gpointer user_data)
{
  *(int *) user_data = error->code;
}

static void
test_lack_of_file_descriptors_ends_listening_until_it_is_asked_for_again (void **state)
{
  g_autoptr (Owner) owner = NULL;
  g_autoptr (EaLinkListener) listener = start (NULL, &owner);
  int fd = call (listener, LOOPBACK);
  int lowest = dup (fd);
  struct rlimit limit;
  rlim_t usual;
  int code = -1;

  close (lowest);
  assert_return_code (getrlimit (RLIMIT_NOFILE, &limit), errno);
  usual = limit.rlim_cur;
  limit.rlim_cur = (rlim_t) lowest;
  assert_return_code (setrlimit (RLIMIT_NOFILE, &limit), errno);
  g_signal_connect (listener, "failed", G_CALLBACK (on_failed), &code);
  WAIT_FOR (code != -1);
  limit.rlim_cur = usual;
  assert_return_code (setrlimit (RLIMIT_NOFILE, &limit), errno);

  assert_int_equal (code, EA_LINK_ERROR_FAILED);
  assert_null (owner);
  assert_false (ea_link_listener_is_listening (listener));
  assert_true (ea_link_listener_listen (listener, NULL));
  close (fd);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_peer_comes_over_ipv4),
    cmocka_unit_test (test_peer_comes_over_ipv6),
    cmocka_unit_test (test_second_peer_is_refused_and_comes_when_it_listens_again),
    cmocka_unit_test (test_peer_that_waited_behind_the_first_is_reset),
    cmocka_unit_test (test_peer_that_nobody_takes_is_reset),
    cmocka_unit_test (test_taken_port_is_told),
    cmocka_unit_test (test_interface_that_is_not_there_is_told),
    cmocka_unit_test (test_lack_of_file_descriptors_ends_listening_until_it_is_asked_for_again),
    cmocka_unit_test (test_dropped_listener_leaves_its_peer_and_frees_the_port),
  };

  return cmocka_run_group_tests_name ("link-listener", tests, NULL, NULL);
}
