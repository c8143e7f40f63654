/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "card/sim-cattp.h"
#include "hostility.h"
#include "smsr-cattp-fault.h"
#include "smsr-cattp.h"
#include "smsr-peer.h"

/* What the SM-SR's CAT_TP server (smsr-cattp.c) and its links (cattp-link.c) know of each other. */

struct _SimSmsrCattp
{
  GInetAddress *address;
  guint16 port;
  const GPtrArray *peers;
  GSocket *socket; /* NULL: closed */
  GSource *source;
  GPtrArray *links; /* of SimCattpLink */
  SimCattpFault fault;
  SimHostility *hostility; /* (nullable) */
};

typedef struct
{
  SimSmsrCattp *server;
  GSocketAddress *address;
  SimCattp *cattp;
  const SimSmsrPeer *peer; /* NULL: not known yet */
  gboolean is_announced;   /* its SM-SR knows of the link */
  const char *why;         /* what is wrong, when it is closed from here */
  gint64 kept_until_us;    /* 0: it is not kept */
  gint64 repeat_us;        /* when RST is sent again */
  gboolean is_agents;      /* it is not the eUICC's */
  gboolean is_lingering;   /* its SM-SR knows that it has ended */
  guint n_resets;          /* sent again while it lingers */
  guint timer;
  gsize n_sent; /* octets */
  gsize n_pdus_sent;
  gsize n_pdus_received;
} SimCattpLink;

/* UDP may lose it. The socket is open. */
void sim_smsr_cattp_send (const SimSmsrCattp *self, GSocketAddress *address, EaSpan datagram);

void sim_smsr_cattp_close_socket (SimSmsrCattp *self);

/* All links are gone without a word to the other side. */
void sim_smsr_cattp_end_all (SimSmsrCattp *self, const char *why);

/* (transfer none): listens, and is one of the links of @self */
SimCattpLink *sim_cattp_link_new (SimSmsrCattp *self, GSocketAddress *address);
void sim_cattp_link_free (gpointer link);

/* Does everything that can be done now. The link may be gone afterwards, and all others, too. */
void sim_cattp_link_pump (SimCattpLink *link);

/* RST, reason 0, once it is pumped. @why: (transfer none): what is wrong */
void sim_cattp_link_close (SimCattpLink *link, const char *why, gint64 now_us);

/* Tells the SM-SR and frees the link. @why: (nullable): what is wrong with its end; by itself, what RST says */
void sim_cattp_link_end (SimCattpLink *link, const char *why);
void sim_cattp_link_end_reset (SimCattpLink *link);

/* What comes is not for the link that was at its address: it has ended, and nobody waits for that. */
gboolean sim_cattp_link_is_of_the_past (const SimCattpLink *link, EaSpan datagram);

/* Appends a JSON object. */
void sim_cattp_link_describe (const SimCattpLink *link, GString *json);

/* TRUE when it has got the octets after which this fault begins */
gboolean sim_cattp_link_is_fault_due (const SimCattpLink *link, SimSmsrFaultKind kind);
