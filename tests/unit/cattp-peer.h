/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "card/sim-cattp.h"

/*
 * An SM-SR in a test's hand that has nothing but CAT_TP: it takes one link after the other at the loopback interface, by
 * the simulator's endpoint and from the test's own main loop, and sends what the test says.
 */

#define CATTP_PEER_PORT 0x0929 /* of CAT_TP */

/**
 * CattpPeer:
 * @socket: %NULL: it has left
 * @port: of UDP; @other_port: of CAT_TP, of the other side
 * @n_links: that were opened so far
 * @sdu_max: octets of the largest SDU that the next link takes
 * @is_mute: nothing that comes is read
 * @is_refusing: a link that is wanted is refused, for @refusal
 * @n_octets_sent: @n_octets_received: of all datagrams
 */
typedef struct
{
  GSocket *socket;
  GSource *source;
  guint tick_id;
  guint16 port;
  guint16 other_port;
  GSocketAddress *address; /* of who has sent last */
  SimCattp *link;          /* NULL: none yet */
  GQueue sdus;             /* of GBytes */
  gboolean was_open;
  guint n_links;
  guint16 sdu_max;
  gboolean is_mute;
  gboolean is_refusing;
  guint8 refusal;
  guint64 n_octets_sent;
  guint64 n_octets_received;
} CattpPeer;

CattpPeer *cattp_peer_new (void);
void cattp_peer_free (CattpPeer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CattpPeer, cattp_peer_free)

/* Nobody is at its port, and it knows of no link any more; and it is there again. */
void cattp_peer_leave (CattpPeer *self);
void cattp_peer_come (CattpPeer *self);

/* Waits until so many links were opened. */
void cattp_peer_await_link (CattpPeer *self, guint n_links);

/* @sdu: hexadecimal */
void cattp_peer_send (CattpPeer *self, const char *sdu);

/* The same with one that is larger than the other side takes */
void cattp_peer_send_anyway (CattpPeer *self, const char *sdu);

/* Past the link that there is, which has sent nothing yet: @datagram, hexadecimal, or another SYN */
void cattp_peer_send_datagram (CattpPeer *self, const char *datagram);
void cattp_peer_send_syn (CattpPeer *self);

/* (transfer full): the next SDU that comes, hexadecimal in capitals */
char *cattp_peer_await_sdu (CattpPeer *self);

/* Waits until the other side has the SDUs that were sent. */
void cattp_peer_await_acknowledgement (CattpPeer *self);

/* RST */
void cattp_peer_reset (CattpPeer *self, guint8 reason);

/* Nothing is known of the link any more; what comes for it has no answer. */
void cattp_peer_forget (CattpPeer *self);

/* Waits for the RST of the other side; fails the test unless it has this reason. */
void cattp_peer_await_reset (CattpPeer *self, guint8 reason);
