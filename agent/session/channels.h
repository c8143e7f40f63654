/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/inhibitor.h"
#include "session/activity.h"
#include "session/channel.h"

G_BEGIN_DECLS

/*
 * EaChannels: the bearer independent protocol of one card: core/bip and the links of its channels.
 *
 * Signals:
 *   "opened"   (EaChannel *channel)                a channel is there, though perhaps not yet connected
 *   "closed"   (EaChannel *channel)                it is the card's no more
 *   "response" (const EaChannelsResponse *response)   the TERMINAL RESPONSE to a command
 *   "news"     ()                                  ea_channels_pull_envelope() may have something
 *   "beliefs-changed" ()                           ea_channels_is_believed_open(); before the response that is
 *                                                  the reason
 */

/* @name: as the command had in ea_channels_command(); @bytes: borrowed */
typedef struct
{
  guint64 name;
  GBytes *bytes;
} EaChannelsResponse;

/* Channels that the card has closed and that send what is unsent; of more the oldest are broken off. */
#define EA_CHANNELS_CLOSING_MAX 16

/* How long a bearer is kept for the next channel when CLOSE CHANNEL says that one follows. */
#define EA_CHANNELS_KEEP_BEARER_S 30

#define EA_TYPE_CHANNELS (ea_channels_get_type ())
G_DECLARE_FINAL_TYPE (EaChannels, ea_channels, EA, CHANNELS, GObject)

/**
 * ea_channels_new:
 * @context: copied; what it points to is borrowed
 * @inhibitor: (nullable): held while a channel is open
 */
EaChannels *ea_channels_new (const EaChannelContext *context, EaInhibitor *inhibitor,
                             EaActivity *activity);

/* As ea_bip_command(): FALSE for commands that are none of the protocol. "response" may come from within. */
gboolean ea_channels_command (EaChannels *self, const EaCatCommand *command, guint64 name);

/* As ea_bip_response_done(). */
void ea_channels_response_done (EaChannels *self, guint64 name, EaBipDelivery delivery);

/* As ea_bip_set_command_open(), ea_bip_set_events() and the like, and what has to do with ea_bip_pull_envelope(). */
void ea_channels_set_command_open (EaChannels *self, gboolean is_open);
void ea_channels_forget_events (EaChannels *self);
void ea_channels_set_events (EaChannels *self, EaSpan events);
void ea_channels_lose (EaChannels *self, guint8 channel, gboolean is_open);
gboolean ea_channels_is_believed_open (EaChannels *self, guint8 channel);
gboolean ea_channels_has_envelope (EaChannels *self);
GBytes *ea_channels_pull_envelope (EaChannels *self);
void ea_channels_envelope_done (EaChannels *self, gboolean is_taken);

/* @policy: borrowed; for links that are made from now on */
void ea_channels_set_policy (EaChannels *self, const EaAddressPolicy *policy);

/* FALSE while bytes of a channel that was closed are not yet with the system; see "news". */
gboolean ea_channels_is_idle (EaChannels *self);

/* As ea_bip_stop() and ea_bip_reset(). */
void ea_channels_stop (EaChannels *self);
void ea_channels_reset (EaChannels *self);

/* The modem is gone: as ea_channels_reset(), and nothing is left on its way. */
void ea_channels_end (EaChannels *self);

G_END_DECLS
