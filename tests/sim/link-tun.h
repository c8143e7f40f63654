/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <linux/if.h>

/* TUN interfaces: what is sent to one is read from a descriptor, and the other way round, an IP packet each. */

/**
 * sim_link_tun_open:
 * @name: (inout): the interface's, of IFNAMSIZ octets; "%d" in it becomes the first number that is free
 *
 * Makes an interface in the network namespace of the thread. It lives as long as its descriptor.
 *
 * Returns: the descriptor, which does not block; -1 on error
 *
 * Errors: G_IO_ERROR.
 */
int sim_link_tun_open (char name[IFNAMSIZ], GError **error);

/* Gives the interface an IPv4 address with a prefix of 24 bits, and sets it up. Errors: G_IO_ERROR. */
gboolean sim_link_tun_set_address (const char *name, guint32 address, GError **error);
