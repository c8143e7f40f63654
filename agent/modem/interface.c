/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the kernel's messages about interfaces and addresses say is not read: they are a hint to look again, so
 * that a message that was lost does no harm.
 */

#include "modem/interface.h"

#include <errno.h>
#include <glib-unix.h>
#include <ifaddrs.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "modem/port.h"

#define SYSFS "/sys"
#define IPV6_PREFIX_SIZE 8 /* bytes */
#define WATCHED_GROUPS (RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR)

/*
 * Where a port has its network interfaces: below the USB interface that both are functions of; below the
 * device of the WWAN framework; below the PCI device of that.
 */
static const struct
{
  const char *class;
  const char *folder;
} places[] = {
  { "usbmisc", "device/net" },
  { "wwan", "device/net" },
  { "wwan", "device/device/net" },
};

struct _EaInterfaceWatch
{
  GObject parent_instance;

  int fd;
  GSource *source;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (EaInterfaceWatch, ea_interface_watch, G_TYPE_OBJECT)

static gboolean
is_address_for_others (const struct sockaddr *address)
{
  if (address == NULL)
    return FALSE;
  if (address->sa_family == AF_INET6)
    return !IN6_IS_ADDR_LINKLOCAL (
        &((const struct sockaddr_in6 *) (const void *) address)->sin6_addr);
  return address->sa_family == AF_INET;
}

EaInterfaceState
ea_interface_get_state (const char *name)
{
  EaInterfaceState state = EA_INTERFACE_ABSENT;
  struct ifaddrs *entries;

  if (getifaddrs (&entries) < 0)
    return EA_INTERFACE_UNKNOWN;
  for (const struct ifaddrs *entry = entries; entry != NULL; entry = entry->ifa_next)
    {
      EaInterfaceState found = EA_INTERFACE_UP;

      if (strcmp (entry->ifa_name, name) != 0)
        continue;
      if ((entry->ifa_flags & IFF_UP) == 0)
        found = EA_INTERFACE_DOWN;
      else if (is_address_for_others (entry->ifa_addr))
        found = EA_INTERFACE_ADDRESS;
      state = MAX (state, found);
    }
  freeifaddrs (entries);
  return state;
}

static gboolean
is_address (const struct sockaddr *found, GSocketFamily family, GInetAddress *wanted)
{
  gsize size
      = family == G_SOCKET_FAMILY_IPV6 ? sizeof (struct sockaddr_in6) : sizeof (struct sockaddr_in);
  g_autoptr (GSocketAddress) address = NULL;
  const guint8 *bytes;

  if (!is_address_for_others (found) || found->sa_family != family)
    return FALSE;
  if (wanted == NULL)
    return TRUE;
  address = g_socket_address_new_from_native ((gpointer) found, size);
  bytes = g_inet_address_to_bytes (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
  return memcmp (bytes, g_inet_address_to_bytes (wanted),
                 family == G_SOCKET_FAMILY_IPV6 ? IPV6_PREFIX_SIZE : sizeof (struct in_addr))
         == 0;
}

gboolean
ea_interface_has_address (const char *name, GSocketFamily family, GInetAddress *address)
{
  struct ifaddrs *entries;
  gboolean is_found = FALSE;

  if (getifaddrs (&entries) < 0)
    return FALSE;
  for (const struct ifaddrs *entry = entries; entry != NULL; entry = entry->ifa_next)
    is_found |= strcmp (entry->ifa_name, name) == 0 && (entry->ifa_flags & IFF_UP) != 0
                && is_address (entry->ifa_addr, family, address);
  freeifaddrs (entries);
  return is_found;
}

/* @best: (inout) (nullable): @best_state: (inout): replaced by a better interface of @folder */
static void
look_into (const char *folder, char **best, EaInterfaceState *best_state)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      EaInterfaceState state = ea_interface_get_state (name);

      if (*best != NULL
          && (state < *best_state || (state == *best_state && strcmp (name, *best) > 0)))
        continue;
      g_free (*best);
      *best = g_strdup (name);
      *best_state = state;
    }
}

char *
ea_interface_find (const char *sysfs, const char *path)
{
  g_autofree char *port = ea_port_get_name (path);
  EaInterfaceState state = EA_INTERFACE_UNKNOWN;
  char *best = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *folder = g_build_filename (sysfs != NULL ? sysfs : SYSFS, "class",
                                                  places[i].class, port, places[i].folder, NULL);

      look_into (folder, &best, &state);
    }
  return best;
}

static gboolean
on_message (gint fd, GIOCondition condition, gpointer user_data)
{
  guint8 byte;

  /* An overrun is an error once, and a reason to look again like any other. */
  while (recv (fd, &byte, sizeof byte, MSG_DONTWAIT) >= 0 || errno == ENOBUFS || errno == EINTR)
    continue;
  g_signal_emit (user_data, changed_signal, 0);
  return G_SOURCE_CONTINUE;
}

static void
ea_interface_watch_finalize (GObject *object)
{
  EaInterfaceWatch *self = EA_INTERFACE_WATCH (object);

  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  if (self->fd >= 0)
    close (self->fd);
  G_OBJECT_CLASS (ea_interface_watch_parent_class)->finalize (object);
}

static void
ea_interface_watch_class_init (EaInterfaceWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ea_interface_watch_finalize;
  changed_signal = g_signal_new ("changed", EA_TYPE_INTERFACE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
ea_interface_watch_init (EaInterfaceWatch *self)
{
  struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = WATCHED_GROUPS };

  self->fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (self->fd < 0 || bind (self->fd, (struct sockaddr *) &address, sizeof address) < 0)
    return;

  self->source = g_unix_fd_source_new (self->fd, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_message), self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

EaInterfaceWatch *
ea_interface_watch_new (void)
{
  return g_object_new (EA_TYPE_INTERFACE_WATCH, NULL);
}
