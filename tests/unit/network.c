/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

gboolean
network_write_text (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  gboolean is_written = fd >= 0 && write (fd, text, strlen (text)) == (gssize) strlen (text);

  if (fd >= 0)
    close (fd);
  return is_written;
}

gboolean
network_leave (void)
{
  g_autofree char *user_map = g_strdup_printf ("0 %u 1", (guint) getuid ());
  g_autofree char *group_map = g_strdup_printf ("0 %u 1", (guint) getgid ());

  if (unshare (CLONE_NEWNET) == 0)
    return TRUE;
  return unshare (CLONE_NEWUSER | CLONE_NEWNET) == 0
         && network_write_text ("/proc/self/setgroups", "deny")
         && network_write_text ("/proc/self/uid_map", user_map)
         && network_write_text ("/proc/self/gid_map", group_map);
}

void
network_set_loopback (gboolean is_up)
{
  struct ifreq request = { .ifr_name = "lo" };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  assert_return_code (ioctl (fd, SIOCGIFFLAGS, &request), errno);
  request.ifr_flags = (short) (is_up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
  assert_return_code (ioctl (fd, SIOCSIFFLAGS, &request), errno);
  close (fd);
}

gboolean
network_run (const char *command)
{
  int status = 0;

  if (g_spawn_command_line_sync (command, NULL, NULL, &status, NULL)
      && g_spawn_check_wait_status (status, NULL))
    return TRUE;
  g_printerr ("%s: failed\n", command);
  return FALSE;
}

gboolean
network_run_ip (const char *arguments)
{
  g_autofree char *command = g_strdup_printf ("ip %s", arguments);

  return network_run (command);
}
