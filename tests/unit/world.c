/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "network.h"

static gboolean is_ready;
static int gateway_fd = -1;
static int world_fd = -1;

/* Returns: a process that holds the namespace of the world until its standard input ends; or -1 */
static pid_t
hold_world (int *end_fd)
{
  int ready[2];
  int end[2];
  guint8 byte = 0;
  pid_t pid;

  if (pipe2 (ready, O_CLOEXEC) < 0 || pipe2 (end, O_CLOEXEC) < 0)
    return -1;
  pid = fork ();
  if (pid == 0)
    {
      close (end[1]);
      if (unshare (CLONE_NEWNET) == 0 && write (ready[1], &byte, 1) == 1)
        (void) read (end[0], &byte, 1); /* until the other end is closed */
      _exit (0);
    }
  close (ready[1]);
  close (end[0]);
  *end_fd = end[1];
  if (pid > 0 && read (ready[0], &byte, 1) != 1)
    pid = -1;
  close (ready[0]);
  return pid;
}

gboolean
world_run_ip (const char *const *commands)
{
  for (gsize i = 0; commands[i] != NULL; i++)
    if (!network_run_ip (commands[i]))
      return FALSE;
  return TRUE;
}

static gboolean
make_pairs (pid_t world)
{
  g_autofree char *v = g_strdup_printf ("link add v0 type veth peer name v0p netns %d", world);
  g_autofree char *w = g_strdup_printf ("link add w0 type veth peer name w0p netns %d", world);
  const char *const commands[] = { "link set lo up", v, w, NULL };

  return world_run_ip (commands);
}

static gboolean
set_up_world (void)
{
  static const char *const commands[] = {
    "link set lo up",
    "link set v0p up",
    "link set w0p up",
    "addr add 198.51.100.1/32 dev lo",
    "addr add 10.1.0.2/24 dev v0p",
    "addr add fd01::2/64 dev v0p nodad",
    "addr add fe80::2/64 dev v0p nodad",
    "addr add 10.2.0.2/24 dev w0p",
    "route add unreachable 203.0.113.128/25",
    "route add unreachable 2001:db8:1::/48",
    NULL,
  };

  return world_run_ip (commands) && network_write_text ("/proc/sys/net/ipv4/ip_forward", "1")
         && network_write_text ("/proc/sys/net/ipv6/conf/all/forwarding", "1")
         && network_write_text ("/proc/sys/net/ipv4/tcp_rmem", "4096 8192 8192");
}

static gboolean
set_up_gateway (void)
{
  static const char *const commands[] = {
    "link set v0 up",
    "link set w0 up",
    "addr add 10.1.0.1/24 brd + dev v0",
    "addr add fd01::1/64 dev v0 nodad",
    "addr add fe80::1/64 dev v0 nodad",
    "addr add 10.2.0.1/24 dev w0",
    "route add 198.51.100.0/24 via 10.1.0.2 metric 1",
    "route add 198.51.100.0/24 via 10.2.0.2 metric 2",
    "route add unreachable 203.0.113.1/32",
    "route add prohibit 203.0.113.2/32",
    "route add blackhole 203.0.113.3/32",
    "route add 203.0.113.128/25 via 10.1.0.2",
    "route add 2001:db8:1::/48 via fd01::2",
    "neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev v0 nud permanent",
    NULL,
  };

  return world_run_ip (commands)
         && network_write_text ("/proc/sys/net/ipv4/tcp_wmem", "4096 16384 16384");
}

static void
enter (int fd)
{
  assert_return_code (setns (fd, CLONE_NEWNET), errno);
}

int
world_make (void **state)
{
  g_autofree char *path = NULL;
  int end_fd = -1;
  pid_t pid;

  if (!network_leave ())
    return 0;
  pid = hold_world (&end_fd);
  path = g_strdup_printf ("/proc/%d/ns/net", pid);
  gateway_fd = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  world_fd = open (path, O_RDONLY | O_CLOEXEC);
  if (pid > 0 && gateway_fd >= 0 && world_fd >= 0 && make_pairs (pid))
    {
      enter (world_fd);
      is_ready = set_up_world ();
      enter (gateway_fd);
      is_ready = is_ready && set_up_gateway ();
    }
  close (end_fd);
  if (pid > 0)
    waitpid (pid, NULL, 0);
  return 0;
}

void
world_require (void)
{
  if (!is_ready)
    skip ();
}

void
world_enter (void)
{
  enter (world_fd);
}

void
world_leave (void)
{
  enter (gateway_fd);
}
