/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "sim-cattp-pdu.h"

/*
 * The sending half of a CAT_TP link: what takes a sequence number (SYN, NUL, data) waits for the peer's
 * window, then for its acknowledgement, and is sent again when that doesn't come.
 */

/* The time until something is sent again: this at least and as long as nothing is known of the round trip. It doubles
 * each time. */
#define SIM_CATTP_TIMEOUT_US (1 * G_USEC_PER_SEC)
#define SIM_CATTP_TIMEOUT_MAX_US (60 * G_USEC_PER_SEC)

typedef struct
{
  guint8 flags;
  GBytes *data; /* (nullable) */
  guint16 sequence;
  guint n_transmissions;
  gint64 sent_us;       /* when it was first sent */
  gint64 due_us;        /* when it is sent again */
  gboolean is_received; /* the peer has it, out of order */
} SimCattpItem;

/**
 * SimCattpSender:
 * @next: the next sequence number
 * @unacknowledged: the oldest one that is not acknowledged
 * @window: how many PDUs may be underway
 * @round_trip_us: @deviation_us: of the round trips so far (RFC 6298 §2), 0: none is known
 */
typedef struct
{
  guint16 next;
  guint16 unacknowledged;
  guint16 window;
  gint64 round_trip_us;
  gint64 deviation_us;
  GQueue waiting;
  GQueue underway;
  gint64 probe_us; /* when a closed window is probed, -1: not */
} SimCattpSender;

/* How far @to is behind @from, modulo 65536: negative when it is before it */
int sim_cattp_distance (guint16 from, guint16 to);

/* The window lets one PDU through until the peer has told its own. */
void sim_cattp_sender_init (SimCattpSender *self, guint16 initial_sequence);
void sim_cattp_sender_clear (SimCattpSender *self);

/* @data: (nullable): copied */
void sim_cattp_sender_put (SimCattpSender *self, guint8 flags, EaSpan data);

/* (nullable): the next item that may be sent, or has to be sent again; call until %NULL. */
const SimCattpItem *sim_cattp_sender_take (SimCattpSender *self, gint64 now_us);
const SimCattpItem *sim_cattp_sender_take_due (SimCattpSender *self, gint64 now_us);

/* (nullable): the oldest item underway, sent again out of turn */
const SimCattpItem *sim_cattp_sender_peek (SimCattpSender *self);

/* FALSE when it acknowledges what was never sent. Other items have their whole time from now on when there is
 * progress. */
gboolean sim_cattp_sender_acknowledge (SimCattpSender *self, guint16 number, guint16 window,
                                       gint64 now_us);

/* An item before two that the peer has got is due now, once: it is lost. */
void sim_cattp_sender_mark_received (SimCattpSender *self, EaSpan numbers, gint64 now_us);

/* -1: none */
gint64 sim_cattp_sender_get_deadline (const SimCattpSender *self);

gboolean sim_cattp_sender_is_idle (const SimCattpSender *self);
