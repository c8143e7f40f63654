/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A network interface, as far as a bearer needs to know. */

/* Each state includes those before it. */
typedef enum
{
  EA_INTERFACE_UNKNOWN, /* the kernel does not say now, for instance for want of files */
  EA_INTERFACE_ABSENT,
  EA_INTERFACE_DOWN,
  EA_INTERFACE_UP,      /* without an address, but perhaps an IPv6 one of its link */
  EA_INTERFACE_ADDRESS, /* has an address to talk to others */
} EaInterfaceState;

EaInterfaceState ea_interface_get_state (const char *name);

/**
 * ea_interface_has_address:
 * @family: G_SOCKET_FAMILY_IPV4 or G_SOCKET_FAMILY_IPV6
 * @address: (nullable): of @family; %NULL for any to talk to others
 *
 * Whether the interface is up and has @address, or an IPv6 address of the same /64: a bearer has one prefix, and
 * whatever configures the interface chooses the rest (TS 23.401 §5.3.1.2.2).
 */
gboolean ea_interface_has_address (const char *name, GSocketFamily family, GInetAddress *address);

/**
 * ea_interface_find:
 * @sysfs: (nullable): where the kernel shows its devices, %NULL for /sys
 * @path: of a modem's port
 *
 * Returns: (transfer full) (nullable): the network interface of the modem that has the port; if there are
 *   several, the first by name of those with the best state
 */
char *ea_interface_find (const char *sysfs, const char *path);

/*
 * EaInterfaceWatch: tells that an interface or an address came, went or changed; of which interface is for the
 * listener to see.
 *
 * Signal "changed" ()
 */
#define EA_TYPE_INTERFACE_WATCH (ea_interface_watch_get_type ())
G_DECLARE_FINAL_TYPE (EaInterfaceWatch, ea_interface_watch, EA, INTERFACE_WATCH, GObject)

/**
 * ea_interface_watch_new:
 *
 * Returns: (transfer full): a watch that is attached to the thread-default main context. Where the kernel
 *   does not let us listen it is silent.
 */
EaInterfaceWatch *ea_interface_watch_new (void);

G_END_DECLS
