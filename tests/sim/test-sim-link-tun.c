/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The simulator behind a real bad link, as the host's kernel meets it: ICMP echo requests, which the kernel at the
 * SM-SR's end answers. In a network namespace of the test's own; skipped where there can't be one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <gio/gio.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/bytes.h"

#define DEADLINE_US (60 * G_USEC_PER_SEC)
#define MS 1000
#define INTERFACE "euicclink0"
#define SMSR "198.18.0.1"
#define SMSR_OTHER "198.18.0.3"
#define PACKET_MAX 1500
#define HEADERS_SIZE (20 + 8) /* IPv4, ICMP */
#define IDENTIFIER 0x4541

typedef struct
{
  char *directory;
  GSubprocess *simulator;
  int fd; /* raw socket for ICMP */
} World;

static gboolean has_namespace;

static World *
world_new (const char *link)
{
  World *world = g_new0 (World, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) output = NULL;
  g_autofree char *line = NULL;

  world->directory = g_dir_make_tmp ("test-sim-link-XXXXXX", NULL);
  world->simulator
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, g_getenv ("EA_TEST_SIMULATOR"),
                          "--dir", world->directory, "--link", link, NULL);
  if (world->simulator == NULL)
    fail_msg ("%s", error->message);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (world->simulator));
  line = g_data_input_stream_read_line (output, NULL, NULL, NULL);
  assert_non_null (line);
  assert_string_equal (line, "ready");
  world->fd = socket (AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
  assert_return_code (world->fd, errno);
  return world;
}

static void
world_free (World *world)
{
  g_autofree char *port = g_build_filename (world->directory, "cdc-wdm0", NULL);
  g_autofree char *control = g_build_filename (world->directory, "control", NULL);

  g_subprocess_send_signal (world->simulator, SIGTERM);
  g_subprocess_wait (world->simulator, NULL, NULL);
  g_object_unref (world->simulator);
  (void) unlink (port); /* a simulator that was killed has left them */
  (void) unlink (control);
  assert_return_code (rmdir (world->directory), errno);
  close (world->fd);
  g_free (world->directory);
  g_free (world);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

/* (transfer full): the JSON object of the simulator's link */
static char *
get_link (const World *world)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) client
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, g_getenv ("EA_TEST_SIMULATOR"),
                          "ctl", world->directory, "state", NULL);
  g_autofree char *state = NULL;
  const char *link;

  assert_non_null (client);
  assert_true (g_subprocess_communicate_utf8 (client, NULL, NULL, &state, NULL, &error));
  link = strstr (state, "\"link\":{");
  assert_non_null (link);
  return g_strdup (link);
}

/* Of the member NAME of the lane, such as "to_smsr" */
static guint64
get_count (const char *link, const char *lane, const char *name)
{
  g_autofree char *key = g_strdup_printf ("\"%s\":", name);
  const char *found = strstr (link, lane);

  assert_non_null (found);
  found = strstr (found, key);
  assert_non_null (found);
  return g_ascii_strtoull (found + strlen (key), NULL, 10);
}

static guint16
checksum (EaSpan bytes)
{
  EaReader reader;
  guint32 sum = 0;

  ea_reader_init (&reader, bytes);
  while (ea_reader_remaining (&reader) > 1)
    sum += ea_reader_u16be (&reader);
  sum = (sum & 0xFFFF) + (sum >> 16);
  return (guint16) ~(sum + (sum >> 16));
}

/* An echo request that is a packet of @size octets, an even number. */
static void
send_request (const World *world, const char *address, guint16 number, gsize size)
{
  struct sockaddr_in peer = { .sin_family = AF_INET };
  guint8 padding[PACKET_MAX] = { 0 };
  g_auto (EaWriter) head = { NULL };
  g_auto (EaWriter) request = { NULL };

  ea_writer_init (&head);
  ea_writer_init (&request);
  ea_writer_u32be (&head, ICMP_ECHO << 24);
  ea_writer_u16be (&head, IDENTIFIER);
  ea_writer_u16be (&head, number);
  ea_writer_u16be (&request, ICMP_ECHO << 8);
  ea_writer_u16be (&request, checksum (ea_writer_span (&head)));
  ea_writer_u16be (&request, IDENTIFIER);
  ea_writer_u16be (&request, number);
  ea_writer_bytes (&request, ea_span_init (padding, size - HEADERS_SIZE));
  assert_int_equal (inet_pton (AF_INET, address, &peer.sin_addr), 1);
  assert_int_equal (sendto (world->fd, ea_writer_span (&request).data,
                            ea_writer_span (&request).size, 0, (struct sockaddr *) &peer,
                            sizeof (peer)),
                    ea_writer_span (&request).size);
}

/* The number of a reply that is there; -1: there is none */
static int
receive_reply (const World *world)
{
  guint8 buffer[PACKET_MAX];
  gssize size;

  while ((size = recv (world->fd, buffer, sizeof (buffer), MSG_DONTWAIT)) > 0)
    {
      EaReader reader;
      guint8 type;

      ea_reader_init (&reader, ea_span_init (buffer, (gsize) size));
      (void) ea_reader_bytes (&reader, sizeof (struct iphdr));
      type = ea_reader_u8 (&reader);
      (void) ea_reader_bytes (&reader, 5); /* code, checksum, identifier */
      if (type == ICMP_ECHOREPLY)
        return ea_reader_u16be (&reader);
    }
  return -1;
}

static int
await_reply (const World *world)
{
  struct pollfd polled = { world->fd, POLLIN, 0 };
  int number;

  while ((number = receive_reply (world)) < 0)
    assert_int_equal (poll (&polled, 1, DEADLINE_US / MS), 1);
  return number;
}

static void
require_namespace (void)
{
  if (!has_namespace)
    skip ();
}

static void
test_a_round_trip_takes_what_the_link_says (void **state)
{
  g_autoptr (World) world = NULL;
  gint64 start_us;

  require_namespace ();
  world = world_new ("rate=40kbit,rtt=600ms");
  start_us = g_get_monotonic_time ();
  send_request (world, SMSR, 7, 1000);

  assert_int_equal (await_reply (world), 7);
  assert_in_range (g_get_monotonic_time () - start_us, (600 + 2 * 200) * MS, DEADLINE_US);
}

static void
test_both_addresses_of_the_sm_sr_are_there (void **state)
{
  g_autoptr (World) world = NULL;
  g_autofree char *link = NULL;

  require_namespace ();
  world = world_new ("rtt=20ms");
  link = get_link (world);
  send_request (world, SMSR_OTHER, 1, 100);

  assert_int_equal (await_reply (world), 1);
  assert_true (g_str_has_prefix (link, "\"link\":{\"interface\":\"" INTERFACE
                                       "\",\"address\":\"198.18.0.2\",\"smsr\":[\"" SMSR
                                       "\",\"" SMSR_OTHER "\"],"));
}

static void
test_packets_come_in_order_and_not_faster_than_the_rate (void **state)
{
  g_autoptr (World) world = NULL;
  gint64 start_us;

  require_namespace ();
  world = world_new ("rate=100kbit,rtt=20ms,jitter=40ms");
  start_us = g_get_monotonic_time ();
  for (guint16 i = 0; i < 10; i++)
    send_request (world, SMSR, i, 1000);

  for (guint16 i = 0; i < 10; i++)
    assert_int_equal (await_reply (world), i);
  assert_in_range (g_get_monotonic_time () - start_us, (10 * 80 + 80 + 20) * MS, DEADLINE_US);
}

static void
test_the_queue_drops_what_it_cannot_hold (void **state)
{
  g_autoptr (World) world = NULL;
  g_autofree char *link = NULL;

  require_namespace ();
  world = world_new ("rate=1kbit,queue=3000");
  for (guint16 i = 0; i < 10; i++)
    send_request (world, SMSR, i, 1000);
  do
    {
      g_free (link);
      link = get_link (world);
    }
  while (get_count (link, "to_smsr", "packets") < 10);

  assert_int_equal (get_count (link, "to_smsr", "dropped"), 7);
  assert_int_equal (get_count (link, "to_smsr", "octets"), 10000);
}

static gboolean
has_settled (const char *link, guint n_packets)
{
  guint64 arrived = get_count (link, "to_smsr", "delivered");

  return arrived + get_count (link, "to_smsr", "lost") == n_packets
         && get_count (link, "to_host", "packets") == arrived
         && get_count (link, "to_host", "delivered") + get_count (link, "to_host", "lost")
                == arrived;
}

/* (transfer full): the counts, and which of 200 requests were answered */
static char *
lose_packets (guint seed)
{
  g_autofree char *options = g_strdup_printf ("rtt=20ms,loss=10%%,seed=%u", seed);
  g_autoptr (World) world = world_new (options);
  gint64 deadline_us = g_get_monotonic_time () + DEADLINE_US;
  g_autofree char *link = NULL;
  GString *text;
  int number;

  for (guint16 i = 0; i < 200; i++)
    send_request (world, SMSR, i, 100);
  do
    {
      g_free (link);
      link = get_link (world);
      assert_true (g_get_monotonic_time () < deadline_us);
    }
  while (!has_settled (link, 200));

  assert_in_range (get_count (link, "to_smsr", "lost"), 1, 100);
  assert_in_range (get_count (link, "to_host", "lost"), 1, 100);
  text = g_string_new (link);
  while ((number = receive_reply (world)) >= 0)
    g_string_append_printf (text, " %d", number);
  return g_string_free (text, FALSE);
}

static void
test_the_same_packets_are_lost_with_the_same_seed (void **state)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *other = NULL;

  require_namespace ();
  first = lose_packets (3);
  second = lose_packets (3);
  other = lose_packets (4);

  assert_string_equal (first, second);
  assert_string_not_equal (first, other);
}

static gboolean
has_interface (int fd)
{
  struct ifreq request = { .ifr_name = INTERFACE };

  return ioctl (fd, SIOCGIFINDEX, &request) == 0;
}

/* Until the kernel tells of the end of the interface */
static void
await_no_interface (const World *world, int events)
{
  struct pollfd polled = { events, POLLIN, 0 };
  char message[8192];

  while (has_interface (world->fd))
    {
      assert_int_equal (poll (&polled, 1, DEADLINE_US / MS), 1);
      assert_true (recv (events, message, sizeof (message), 0) > 0);
    }
}

static void
assert_end_leaves_nothing (int signal_number)
{
  const struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
  int events = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  g_autoptr (World) world = world_new ("rtt=20ms");

  assert_return_code (bind (events, (const struct sockaddr *) &address, sizeof (address)), errno);
  assert_true (has_interface (world->fd));
  g_subprocess_send_signal (world->simulator, signal_number);

  await_no_interface (world, events);
  close (events);
}

static void
test_no_interface_is_left_whatever_ends_the_simulator (void **state)
{
  require_namespace ();
  assert_end_leaves_nothing (SIGTERM);
  assert_end_leaves_nothing (SIGKILL);
}

static void
test_without_the_right_to_it_the_simulator_says_so (void **state)
{
  g_autoptr (GSubprocess) simulator = NULL;
  g_autofree char *message = NULL;

  require_namespace ();
  simulator = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDERR_PIPE, NULL, "setpriv", "--bounding-set=-net_admin,-sys_admin",
      g_getenv ("EA_TEST_SIMULATOR"), "--dir", g_get_tmp_dir (), "--link", "rtt=20ms", NULL);

  assert_non_null (simulator);
  assert_true (g_subprocess_communicate_utf8 (simulator, NULL, NULL, NULL, &message, NULL));
  assert_int_equal (g_subprocess_get_exit_status (simulator), EXIT_FAILURE);
  assert_string_equal (message,
                       "euicc-sim: The link cannot be made, which takes the right to make network "
                       "interfaces and namespaces: TUN interface: Operation not permitted\n");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_a_round_trip_takes_what_the_link_says),
    cmocka_unit_test (test_both_addresses_of_the_sm_sr_are_there),
    cmocka_unit_test (test_packets_come_in_order_and_not_faster_than_the_rate),
    cmocka_unit_test (test_the_queue_drops_what_it_cannot_hold),
    cmocka_unit_test (test_the_same_packets_are_lost_with_the_same_seed),
    cmocka_unit_test (test_no_interface_is_left_whatever_ends_the_simulator),
    cmocka_unit_test (test_without_the_right_to_it_the_simulator_says_so),
  };

  has_namespace = access ("/dev/net/tun", R_OK | W_OK) == 0 && unshare (CLONE_NEWNET) == 0;
  return cmocka_run_group_tests (tests, NULL, NULL);
}
