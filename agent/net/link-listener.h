/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/link.h"

G_BEGIN_DECLS

/*
 * EaLinkListener: a TCP port on one network interface for one peer at a time, IPv4 and IPv6 (the server mode
 * of a card's channel, TS 102 223 §6.4.27.5). Once a peer has come, further ones are refused by the kernel
 * until the owner listens again. The port stays taken meanwhile, unless somebody insists (SO_REUSEADDR).
 *
 * Signals, from the thread-default main context of ea_link_listener_listen():
 *   "accepted" (EaLink *link)          a peer is connected. The handler takes a reference, or the peer is
 *                                      reset. Nobody else can come now
 *   "failed"   (const GError *error)   the system can't take peers now, such as without file descriptors. It
 *                                      does not listen any more
 */

#define EA_TYPE_LINK_LISTENER (ea_link_listener_get_type ())
G_DECLARE_FINAL_TYPE (EaLinkListener, ea_link_listener, EA, LINK_LISTENER, GObject)

/**
 * ea_link_listener_new:
 * @interface: (nullable): as in ea_link_new()
 * @port: 1 to 65535
 */
EaLinkListener *ea_link_listener_new (const char *interface, guint16 port);

/**
 * ea_link_listener_listen:
 *
 * Waits for a peer, for the first time or again. Does nothing while it waits already.
 *
 * Errors: EA_LINK_ERROR_ADDRESS_IN_USE, _NO_INTERFACE, _NOT_ALLOWED (a port below 1024), _FAILED.
 */
gboolean ea_link_listener_listen (EaLinkListener *self, GError **error);

/* TRUE while a peer can come. */
gboolean ea_link_listener_is_listening (EaLinkListener *self);

guint16 ea_link_listener_get_port (EaLinkListener *self);

G_END_DECLS
