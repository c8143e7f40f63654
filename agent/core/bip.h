/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bip-buffer.h"
#include "core/bip-request.h"
#include "core/bip-response.h"
#include "core/bytes.h"
#include "core/cat-bearer.h"
#include "core/cat.h"

/*
 * The bearer independent protocol of one card (ETSI TS 102 223 §6.4.27 to §6.4.31, §7.5.10, §7.5.11): the
 * terminal's channels 1 to 7. Commands of the card and happenings on the links go in; terminal responses,
 * envelopes and events for the links come out. After each call that changes the machine, pull responses,
 * events and envelopes until there are none.
 *
 * A link is what carries one channel: a socket on a bearer. EA_BIP_EVENT_WANT_LINK or _LISTEN asks for it,
 * EA_BIP_EVENT_CLOSE ends it; no such event follows ea_bip_link_failed() when that was the answer to an OPEN
 * CHANNEL. A happening that a channel can't have in its state is passed over.
 *
 * There are no timers: the standard has none here. How long a connection may take, and how long a peer may
 * take nothing, is for the link to limit; it then tells ea_bip_link_failed() or ea_bip_link_dropped().
 *
 * A channel whose link has dropped stays with the card, which may fetch what was received and has to close
 * it; a new OPEN CHANNEL takes it when there is no other.
 */

#define EA_BIP_CHANNELS_MAX EA_CAT_CHANNEL_MAX

/* Bytes of each of the two buffers of a channel: eleven full packets of Ethernet, and what other terminals
 * grant; cards ask for 512 to 1500. Seven channels of streams hold 224 KiB at most. One of datagrams may hold
 * %EA_BIP_DATAGRAM_MAX more, as a datagram is taken whole or not at all. */
#define EA_BIP_BUFFER_MAX 16384

/* Bytes of one UDP datagram, RFC 768. */
#define EA_BIP_DATAGRAM_MAX 65535

typedef enum
{
  EA_BIP_CLOSED,
  EA_BIP_WAITING,    /* on demand: no link before data are sent */
  EA_BIP_CONNECTING, /* the link is being made; UICC in server mode: the port is being opened */
  EA_BIP_ESTABLISHED,
  EA_BIP_LISTENING, /* UICC in server mode: no peer */
  EA_BIP_DROPPED,   /* no link any more; received data may be left */
} EaBipState;

typedef enum
{
  EA_BIP_EVENT_WANT_LINK, /* connect; then ea_bip_link_up() or ea_bip_link_failed() */
  EA_BIP_EVENT_LISTEN, /* open the port where it is not open: ea_bip_listening(), ea_bip_link_failed();
                           * else end the connection of its peer if there is one. Then take the next peer:
                           * ea_bip_peer_connected() */
  EA_BIP_EVENT_SEND, /* send @data, then ea_bip_sent() */
  EA_BIP_EVENT_CLOSE, /* the channel is closed: send what is unsent, and end the link if there is one */
} EaBipEventType;

/**
 * EaBipEvent:
 * @channel: 1 to 7
 * @request: what the channel was opened for
 * @data: EA_BIP_EVENT_SEND: one datagram where the channel has datagrams, else part of the stream; else %NULL
 * @keeps_bearer: EA_BIP_EVENT_CLOSE: a channel to the same access name follows soon, so keep its bearer
 *
 * Clear it with ea_bip_event_clear().
 */
typedef struct
{
  EaBipEventType type;
  guint8 channel;
  EaBipRequest *request;
  GBytes *data;
  gboolean keeps_bearer;
} EaBipEvent;

void ea_bip_event_clear (EaBipEvent *event);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaBipEvent, ea_bip_event_clear)

/* What an envelope tells of a channel. */
typedef enum
{
  EA_BIP_NEWS_NONE,
  EA_BIP_NEWS_LISTENING,
  EA_BIP_NEWS_STATUS,
  EA_BIP_NEWS_DATA,
} EaBipNews;

/* A response, and what it gives the card. */
typedef struct
{
  guint64 name;
  GBytes *bytes;
  guint8 channel;  /* that it is about; 0: none */
  gboolean opens;  /* the channel */
  GBytes *fetched; /* from the channel; NULL: nothing */
  gboolean is_whole_datagram;
} EaBipResponse;

/* One channel; its members are private. */
typedef struct
{
  EaBipState state;
  EaBipState fallback;
  EaBipRequest *request;
  EaBipBuffer received;
  GByteArray *stored;
  gsize n_unsent;
  gboolean was_open;
  gboolean is_lost; /* it ended by itself, and the card has not closed it */
  gboolean owes_result;
  gboolean is_reading_paused;
  gboolean is_data_due;
  gboolean is_listen_due;
  gboolean is_status_due;
} EaBipChannel;

/* A plain struct; its members are private. */
typedef struct
{
  EaBipChannel channels[EA_BIP_CHANNELS_MAX];
  EaCatCommand command;
  GBytes *command_objects;
  guint64 command_name;
  guint8 command_channel;
  gsize n_command_bytes;
  gboolean is_flushed; /* the SEND DATA that is held has given its data to the link */
  gboolean is_command_open;
  gboolean is_stopped;
  gboolean wants_data_available;
  gboolean wants_channel_status;
  guint8 last_told;
  EaBipNews told; /* of that channel, and not known whether the card has it */
  GQueue responses;
  EaBipResponse *pulled; /* the last one; NULL: it is known what became of it */
  GQueue events;
} EaBip;

void ea_bip_init (EaBip *self);

/* Channels, and what was not pulled, go without a word. */
void ea_bip_clear (EaBip *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaBip, ea_bip_clear)

/**
 * ea_bip_command:
 * @command: as parsed by ea_cat_parse_command(); copied as far as it is needed
 * @name: what the caller calls the command; it comes back with the response
 *
 * Carries out OPEN CHANNEL, CLOSE CHANNEL, RECEIVE DATA, SEND DATA and GET CHANNEL STATUS. Each gets
 * exactly one response; an OPEN CHANNEL or SEND DATA that needs a link waits for that. Until then any other
 * command is answered by "terminal currently unable to process command" (20 00).
 *
 * Returns: FALSE, and nothing happens, for commands of other types
 */
gboolean ea_bip_command (EaBip *self, const EaCatCommand *command, guint64 name);

/**
 * ea_bip_set_command_open:
 * @is_open: a proactive command of any type has come from the card, and its TERMINAL RESPONSE has not been
 *   taken by it
 *
 * No envelope is given out while a command is open (TS 102 221 §7.4.2).
 */
void ea_bip_set_command_open (EaBip *self, gboolean is_open);

/* @events: the list of SET UP EVENT LIST. Data available and channel status are told only when they are in it; what happened
 * before waits until they are. */
void ea_bip_set_events (EaBip *self, EaSpan events);

/**
 * ea_bip_forget_events:
 *
 * No list is known, as in the beginning, and both events are told.
 *
 * Deviation: TS 102 223 §6.4.16 has none told that is not in the list. A card that was started before this terminal has told
 * its list to another, the modem's firmware, and a channel is of no use to one that does not hear of it.
 */
void ea_bip_forget_events (EaBip *self);

/* @channel was lost with an earlier life of the terminal. The card may close it; @is_open: it believes that the
 * channel is open, and is told that it is not. */
void ea_bip_channel_lost (EaBip *self, guint8 channel, gboolean is_open);

/**
 * ea_bip_link_up:
 * @servers: addresses of the bearer's DNS servers, for a card that wants to know them; (nullable)
 *
 * The link is there.
 */
void ea_bip_link_up (EaBip *self, guint8 channel, const EaCatOtherAddress *servers,
                     gsize n_servers);

/* The link, or the port of a UICC in server mode, is not to be had; @cause as for ea_bip_get_result(). */
void ea_bip_link_failed (EaBip *self, guint8 channel, EaBipFailure failure, guint8 cause);

/* The port of a UICC in server mode is open; and a peer has connected to it, the only one for the time. */
void ea_bip_listening (EaBip *self, guint8 channel);
void ea_bip_peer_connected (EaBip *self, guint8 channel);

/**
 * ea_bip_link_dropped:
 *
 * The peer has closed the connection or the bearer is lost. Tell it when all that was received has been given
 * to ea_bip_receive(). The card can still fetch that; only then it is told that the link is gone. A UICC in
 * server mode then listens again; when it is listening, its port is lost.
 */
void ea_bip_link_dropped (EaBip *self, guint8 channel);

/**
 * ea_bip_get_room:
 *
 * Returns: how many bytes may be read from the link: of a stream at most as many, of datagrams one of any
 *   size when it is not 0. 0 also for a channel that has no link, and for a buffer that was full and is not yet
 *   half empty: a link is read in pieces that are worth it. Every call here may change it.
 */
gsize ea_bip_get_room (const EaBip *self, guint8 channel);

/* @data: at most ea_bip_get_room() bytes, one whole datagram where the channel has datagrams; copied. */
void ea_bip_receive (EaBip *self, guint8 channel, EaSpan data);

/* The link has taken @n_bytes of what EA_BIP_EVENT_SEND asked for. Until then they fill the transmit buffer. */
void ea_bip_sent (EaBip *self, guint8 channel, gsize n_bytes);

/* The terminal stops and the card goes on: all channels are closed, and the card is told so once for each. A
 * command that waits, and every OPEN CHANNEL that comes yet, is answered by "terminal currently unable to
 * process command". */
void ea_bip_stop (EaBip *self);

/* The card has been reset: all channels are closed and nothing is told, the event list is empty. */
void ea_bip_reset (EaBip *self);

/* (transfer full) (nullable): the oldest response and the name of its command; %NULL when there is none. */
GBytes *ea_bip_pull_response (EaBip *self, guint64 *name);

/**
 * EaBipDelivery:
 * @EA_BIP_DELIVERED: the card has it
 * @EA_BIP_NOT_DELIVERED: the card does not have it
 * @EA_BIP_DELIVERY_UNKNOWN: perhaps
 */
typedef enum
{
  EA_BIP_DELIVERED,
  EA_BIP_NOT_DELIVERED,
  EA_BIP_DELIVERY_UNKNOWN,
} EaBipDelivery;

/**
 * ea_bip_response_done:
 * @name: of the command whose response was pulled last
 *
 * What became of a response. A channel that the card does not know to be open is closed, and data that it did
 * not get are there again; where nobody knows, the channel is closed and the card is told so, as a stream with
 * a hole is of no use.
 */
void ea_bip_response_done (EaBip *self, guint64 name, EaBipDelivery delivery);

/* (transfer full) (nullable): an envelope that the card shall have now; %NULL when there is none. Channels
 * take turns. Give it to the card, and say what became of it, before pulling the next. */
GBytes *ea_bip_pull_envelope (EaBip *self);

/* TRUE when ea_bip_pull_envelope() would give one. */
gboolean ea_bip_has_envelope (const EaBip *self);

/* What became of the envelope: what the card has not taken is due again. */
void ea_bip_envelope_done (EaBip *self, gboolean is_taken);

/* TRUE and the oldest event, now the caller's, in @event (out); FALSE when there is none. */
gboolean ea_bip_pull_event (EaBip *self, EaBipEvent *event);

/* TRUE while the card may believe that @channel (1 to 7) is open: it is not closed, or the card has yet to
 * hear that it is. */
gboolean ea_bip_is_believed_open (const EaBip *self, guint8 channel);

/* (nullable): what @channel (1 to 7) was opened for, borrowed; %NULL when it is closed */
EaBipRequest *ea_bip_get_request (const EaBip *self, guint8 channel);
EaBipState ea_bip_get_state (const EaBip *self, guint8 channel);
