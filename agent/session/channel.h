/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/bip.h"
#include "host/journal.h"
#include "modem/bearers.h"
#include "net/address-policy.h"

G_BEGIN_DECLS

/*
 * EaChannel: one channel of the bearer independent protocol on its way through the network: a bearer, a link
 * or a listener on its interface, and what the bus shows as org.euicc.Agent1.Channel. What the card wants of
 * it and what the card is told is for core/bip to know.
 *
 * GObject properties, readable, notified, named as on the bus: "number" "transport" "peer" "interface" "apn"
 * "buffer-size" "state" "bytes-received" "bytes-sent" "error" ((ss)); the last three a few times a second at most,
 * and with the state "closed".
 *
 * Signals, which may come from within a call:
 *   "connected"  ()                    after ea_channel_connect()
 *   "listening"  ()                    after ea_channel_listen(), once
 *   "accepted"   ()                    a peer has connected to the port
 *   "failed"     (const GError *error, guint cause)  what was asked for is not to be had; @cause: the network's
 *   "received"   (GBytes *data)        within the room that was given
 *   "sent"       (gulong n_bytes)      the system has taken them
 *   "dropped"    (const GError *error) link or port is gone, and all that came over it was given; @error:
 *                                      (nullable): the peer has closed
 *   "finished"   ()                    after ea_channel_close(): the last byte is out, or given up
 */

/* How long the bearer and then the peer may take. The card stands still as long, and the modem's firmware
 * waits for the answer about a minute. */
#define EA_CHANNEL_BEARER_LIMIT_MS 30000
#define EA_CHANNEL_CONNECT_LIMIT_MS 20000

/* How long what is unsent may take when the card has closed the channel. */
#define EA_CHANNEL_CLOSE_LIMIT_MS 10000

/* What all channels of an eUICC share; borrowed, and must live as long as they do. */
typedef struct
{
  EaBearers *bearers;
  const EaAddressPolicy *policy;
  const EaLogContext *log;
} EaChannelContext;

#define EA_TYPE_CHANNEL (ea_channel_get_type ())
G_DECLARE_FINAL_TYPE (EaChannel, ea_channel, EA, CHANNEL, GObject)

/* @number: 1 to 7 */
EaChannel *ea_channel_new (const EaChannelContext *context, guint8 number, EaBipRequest *request);

guint8 ea_channel_get_number (EaChannel *self);

/* What a message about this channel has; as good as long as the channel */
EaLogContext ea_channel_get_log_context (EaChannel *self);

/* The word of the property "state" is one of core/bip. */
void ea_channel_set_state (EaChannel *self, EaBipState state);

/* Asks for a bearer, then for the peer; again after "dropped" or "failed". */
void ea_channel_connect (EaChannel *self);

/* UICC in server mode: opens the port, or ends the peer's connection; then waits for the next peer. */
void ea_channel_listen (EaChannel *self);

/* One datagram where the channel has datagrams, else part of the stream. What can't go out is answered by
 * "dropped", or for a datagram by nothing, as networks do. */
void ea_channel_send (EaChannel *self, GBytes *data);

/* Bytes that "received" may bring from now on. */
void ea_channel_set_room (EaChannel *self, gsize room);

/* Sends what is unsent and ends. Only "finished" follows. */
void ea_channel_close (EaChannel *self);

/* FALSE while bytes that the card has sent are not yet with the system. */
gboolean ea_channel_is_flushed (EaChannel *self);

/* (transfer none) (nullable): the bearer in use */
EaBearer *ea_channel_get_bearer (EaChannel *self);

G_END_DECLS
