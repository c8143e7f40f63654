/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "sim-cattp.h"

/* Two ends of a CAT_TP link and what is between them: nothing is lost unless a test drops it. */

typedef struct
{
  SimCattp *client;
  SimCattp *server;
  gint64 now_us;
} Net;

SimCattp *make_client (guint16 pdu_max, guint16 initial_sequence);

/* Nothing was carried yet. */
Net make_net (guint16 client_pdu_max, guint16 server_pdu_max);

/* Open links */
Net open_net (guint16 client_pdu_max, guint16 server_pdu_max);
Net open_net_at (guint16 client_sequence, guint16 server_sequence);
Net open_net_with_sdu_max (guint16 client_sdu_max);
void clear_net (Net *net);

/* Takes one PDU from an end, and gives it to the other; it has to be @expected. */
void carry (Net *net, SimCattp *from);
void assert_carries (Net *net, SimCattp *from, const char *expected);

/* Takes one PDU from an end, and loses it; all, and how many there were */
void drop (SimCattp *from);
void assert_sends (SimCattp *from, const char *expected);
guint drop_all (SimCattp *from);

/* Carries until there is nothing more. */
void run (Net *net);

/* Lets time pass until the next deadline of either end and tells it. */
void pass_time (Net *net);

void send_hex (Net *net, SimCattp *from, const char *hex);
void receive_hex (Net *net, SimCattp *to, const char *hex);
