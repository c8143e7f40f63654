/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/bytes.h"

G_BEGIN_DECLS

/*
 * The SM-SR at the other end of a CAT_TP session, by which answers find it again: "NAME UDP-PORT CAT_TP-PORT", the name as
 * the order of the session has it, and both ports in digits. Two of them are the same SM-SR when they are the same text.
 */

/* Characters of a peer: a host name has at most 253 of them, and both ports with their spaces 12. */
#define EA_CATTP_PEER_MAX 300

/* (transfer full): longer than %EA_CATTP_PEER_MAX when @name is more than a host name */
char *ea_cattp_peer_build (const char *name, guint16 port, guint16 cattp_port);

/**
 * ea_cattp_peer_split:
 * @name: (out) (transfer full): a host name or an address
 * @port: (out): of UDP, above 0
 * @cattp_port: (out): of CAT_TP, above 0
 *
 * Returns: FALSE when @peer is none that ea_cattp_peer_build() makes for an order; nothing is written then
 */
gboolean ea_cattp_peer_split (const char *peer, char **name, guint16 *port, guint16 *cattp_port);

/* As it is in records: the length in two bytes, and the text */
void ea_cattp_peer_write (EaWriter *writer, const char *peer);

/* FALSE when there is none that ea_cattp_peer_split() takes; nothing is written then. */
gboolean ea_cattp_peer_read (EaReader *reader, char peer[EA_CATTP_PEER_MAX + 1]);

G_END_DECLS
