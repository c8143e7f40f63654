/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/link-listener.h"
#include "session/channel.h"
#include "session/pacer.h"

/* What the files of EaChannel share: channel.c what it shows and carries, channel-connect.c how it gets its
 * bearer, its link and its peers. */

struct _EaChannel
{
  GObject parent_instance;

  const EaChannelContext *context;
  guint8 number;
  EaBipRequest *request;
  EaBipState state;
  gboolean is_closing;

  GCancellable *cancellable; /* of what is being asked for; NULL: nothing is */
  guint limit_id;            /* of the bearer */
  EaBearer *bearer;
  EaLinkListener *listener;
  EaLink *link;
  EaLink *ending; /* the peer has closed it, and it sends what is unsent */
  guint64 n_told; /* bytes of @link that "sent" was emitted for */

  EaPacer pacer; /* of the counts */
  guint64 n_received;
  guint64 n_sent; /* of the links before these */
  char *error_name;
  char *error_sentence;
};

typedef enum
{
  EA_CHANNEL_SIGNAL_CONNECTED,
  EA_CHANNEL_SIGNAL_LISTENING,
  EA_CHANNEL_SIGNAL_ACCEPTED,
  EA_CHANNEL_SIGNAL_FAILED,
  EA_CHANNEL_SIGNAL_RECEIVED,
  EA_CHANNEL_SIGNAL_SENT,
  EA_CHANNEL_SIGNAL_DROPPED,
  EA_CHANNEL_SIGNAL_FINISHED,
  EA_CHANNEL_N_SIGNALS
} EaChannelSignal;

/* For the signals without arguments. */
void ea_channel_emit (EaChannel *self, EaChannelSignal signal);

/* What was asked for is not to be had: tells why on the bus and in the log, and emits "failed". */
void ea_channel_fail (EaChannel *self, const GError *error, guint8 cause);

/* The link or the port is gone, for @error (nullable: the peer closed); emits "dropped". */
void ea_channel_drop (EaChannel *self, const GError *error);

/* @link (transfer full) is open: what comes over it is given from now on. */
void ea_channel_take_link (EaChannel *self, EaLink *link);

/* Lets go of the link without a word. */
void ea_channel_release_link (EaChannel *self);

/* The bearer is, or is no longer, there. @bearer: (transfer full) (nullable) */
void ea_channel_take_bearer (EaChannel *self, EaBearer *bearer);
