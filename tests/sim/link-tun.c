/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "link-tun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define TUN_DEVICE "/dev/net/tun"
#define NETMASK 0xFFFFFF00

static void
set_error (GError **error, const char *what)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", what, g_strerror (code));
}

int
sim_link_tun_open (char name[IFNAMSIZ], GError **error)
{
  struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
  int fd = open (TUN_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0)
    {
      set_error (error, TUN_DEVICE);
      return -1;
    }
  g_strlcpy (request.ifr_name, name, IFNAMSIZ);
  if (ioctl (fd, TUNSETIFF, &request) < 0)
    {
      set_error (error, "TUN interface");
      close (fd);
      return -1;
    }
  g_strlcpy (name, request.ifr_name, IFNAMSIZ);
  return fd;
}

static struct sockaddr
make_address (guint32 address)
{
  struct sockaddr_in inet = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (address) };
  struct sockaddr plain;

  memcpy (&plain, &inet, sizeof (plain));
  return plain;
}

static gboolean
configure (int fd, const char *name, guint32 address)
{
  struct ifreq request = { .ifr_addr = make_address (address) };

  g_strlcpy (request.ifr_name, name, IFNAMSIZ);
  if (ioctl (fd, SIOCSIFADDR, &request) < 0)
    return FALSE;
  request.ifr_netmask = make_address (NETMASK);
  if (ioctl (fd, SIOCSIFNETMASK, &request) < 0)
    return FALSE;
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ioctl (fd, SIOCSIFFLAGS, &request) >= 0;
}

gboolean
sim_link_tun_set_address (const char *name, guint32 address, GError **error)
{
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gboolean is_done = fd >= 0 && configure (fd, name, address);

  if (!is_done)
    set_error (error, name);
  if (fd >= 0)
    close (fd);
  return is_done;
}
