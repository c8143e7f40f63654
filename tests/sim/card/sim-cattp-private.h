/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "sim-cattp-pdu.h"
#include "sim-cattp-receiver.h"
#include "sim-cattp-sender.h"
#include "sim-cattp.h"

/* What the two halves of a link share. */

struct _SimCattp
{
  SimCattpState state;
  SimCattpOptions options;
  GBytes *own_identification;
  GBytes *identification;
  gboolean is_client;
  guint16 pdu_max; /* of what this side sends */
  guint16 sdu_max;
  int reset_reason;
  SimCattpSender sender;
  SimCattpReceiver receiver;
  GQueue pdus;
  SimCattpRepairs repairs;
};

/* PDUs to be pulled */
void sim_cattp_emit (SimCattp *self, const SimCattpPdu *pdu);
void sim_cattp_send_item (SimCattp *self, const SimCattpItem *item);
void sim_cattp_send_waiting (SimCattp *self, gint64 now_us);

/* The state of reception: ACK, with EAK while something is missing */
void sim_cattp_send_acknowledgement (SimCattp *self);

/* RST alone, the end of the link alone, and both */
void sim_cattp_send_reset (SimCattp *self, SimCattpReason reason);
void sim_cattp_end (SimCattp *self, int reason);
void sim_cattp_reset (SimCattp *self, SimCattpReason reason);
