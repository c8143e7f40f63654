/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card-bip-judge.h"
#include "card-toolkit.h"
#include "core/bytes.h"

/*
 * The simulated card as a user of the bearer independent protocol: one channel at a time, ETSI
 * TS 102 223 §6.4.27 to §6.4.30, driven by terminal responses and events.
 *
 * It is as particular as cards in the field are. A RECEIVE DATA response whose lengths are not coded
 * as they should is dropped without a word and asked for again. After a response that left data
 * behind the card reads on only when they are announced again; it never polls. When the link drops
 * it takes no more data. Tags come with and without the comprehension bit, by turns, and so it is asked
 * for what was announced, for all that there is, and for a little more than was announced.
 */

typedef enum
{
  SIM_BIP_CLOSED,
  SIM_BIP_OPENING,
  SIM_BIP_OPEN,
  SIM_BIP_CLOSING,
} SimBipState;

/* Members are private to card-bip.c. */
typedef struct
{
  SimToolkit *toolkit;
  SimBipState state;
  gboolean wants_events;
  gboolean hears_rejections;
  gboolean has_events; /* SET UP EVENT LIST was answered since the last reset */
  GBytes *parameters;
  guint8 channel;   /* 1 to 7, 0 while none is open */
  guint n_commands; /* turns the tags */

  guint8 type; /* of the command that waits for its response; 0: none */
  GBytes *command;
  guint tries;
  gint64 again_us; /* when @command is to be repeated, -1: not */
  gint64 now_us;

  GQueue outgoing;     /* GBytes, each one flush */
  gsize n_sent;        /* octets of the first one that the terminal has */
  gsize n_piece;       /* octets in @command */
  guint16 buffer_size; /* that the terminal granted */
  gsize n_free;        /* as the terminal told last */
  guint n_polls;       /* for room, one after the other */

  guint8 n_announced; /* octets that Data available told and that were not asked for */
  guint8 n_asked;
  guint n_receives; /* turns how much is asked for */
  GByteArray *received;
  GQueue datagrams; /* GBytes: whole ones, of a channel of datagrams */
  guint64 n_bytes;  /* sent and received by all channels so far */
  SimBipJudge judge;
} SimBip;

void sim_bip_init (SimBip *bip, SimToolkit *toolkit);
void sim_bip_clear (SimBip *bip);

/* The card was reset: no channel, no event list */
void sim_bip_reset (SimBip *bip);

/* SET UP EVENT LIST with location status, data available and channel status, once after a reset */
void sim_bip_set_up_events (SimBip *bip);

/* The same at once, and from now on with network rejection, too */
void sim_bip_hear_rejections (SimBip *bip);

/* OPEN CHANNEL; @parameters as of sim_bip_complete_parameters(). Call only when closed. */
void sim_bip_open (SimBip *bip, GBytes *parameters);

/* SEND DATA until all of @data is flushed at once; waits for the channel while that is opening. */
void sim_bip_send (SimBip *bip, EaSpan data);

/* CLOSE CHANNEL, after what is to be sent */
void sim_bip_close (SimBip *bip);

/* A TERMINAL RESPONSE to a command of sim_toolkit_queue_channel(), which the toolkit took. */
void sim_bip_answer (SimBip *bip, EaSpan response, gint64 now_us);

/* @body: value of an ENVELOPE's D6 object (event download); other events are passed over. */
void sim_bip_take_event (SimBip *bip, EaSpan body);

/* (transfer full) (nullable): what was received since the last call; of datagrams the next whole one */
GBytes *sim_bip_pull (SimBip *bip);

/* A channel that is lost closes by itself. */
SimBipState sim_bip_get_state (const SimBip *bip);

/* 1 to 7; 0: none is open */
guint8 sim_bip_get_channel (const SimBip *bip);

/* Octets of the open channel's buffer */
guint16 sim_bip_get_granted_size (const SimBip *bip);

/* Octets sent and received by all channels so far */
guint64 sim_bip_get_n_bytes (const SimBip *bip);

/* When a command that the terminal was not able to execute is to be repeated; -1: never */
gint64 sim_bip_get_deadline (const SimBip *bip);
void sim_bip_tick (SimBip *bip, gint64 now_us);
