/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "sim-cattp-pdu.h"

/* The receiving half of a CAT_TP link: puts PDUs in order and SDUs together. */

/**
 * SimCattpReceiver:
 * @initial: the sequence number of the peer's SYN
 * @current: the last one that came in order
 */
typedef struct
{
  guint16 initial;
  guint16 current;
  guint16 sdu_max;
  GList *early; /* of PDUs that came out of order, by sequence number */
  GByteArray *assembled;
  GQueue sdus;
} SimCattpReceiver;

void sim_cattp_receiver_init (SimCattpReceiver *self, guint16 sdu_max);
void sim_cattp_receiver_clear (SimCattpReceiver *self);

/* The peer's SYN has come. */
void sim_cattp_receiver_start (SimCattpReceiver *self, guint16 initial);

/* TRUE when @sequence is one of the SIM_CATTP_WINDOW next */
gboolean sim_cattp_receiver_is_in_window (const SimCattpReceiver *self, guint16 sequence);

/* TRUE when a PDU with @sequence is there, out of order or not */
gboolean sim_cattp_receiver_has (const SimCattpReceiver *self, guint16 sequence);

/* Takes a NUL or data PDU within the window, which may have come before. FALSE when the SDU gets larger
 * than it may be. */
gboolean sim_cattp_receiver_take (SimCattpReceiver *self, const SimCattpPdu *pdu);

/* (transfer full): the numbers that came out of order, two octets each, ascending */
GBytes *sim_cattp_receiver_list_early (const SimCattpReceiver *self);

/* (transfer full) (nullable) */
GBytes *sim_cattp_receiver_pull (SimCattpReceiver *self);
