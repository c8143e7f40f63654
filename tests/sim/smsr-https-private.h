/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "card/sim-http.h"
#include "card/sim-tls.h"
#include "hostility.h"
#include "smsr-fault.h"
#include "smsr-https.h"
#include "smsr-peer.h"

/* What the SM-SR's HTTPS listener (smsr-https.c) and its connections (https-connection.c) know of each other. */

typedef struct _SimHttpsConnection SimHttpsConnection;

struct _SimSmsrHttps
{
  GInetAddress *address;
  guint16 port;
  const GPtrArray *peers;
  GSocket *listener; /* NULL: nobody listens */
  GSource *accept_source;
  GPtrArray *connections; /* of SimHttpsConnection */
  SimSmsrFault fault;
  guint n_left;  /* connections or responses that a fault with a count still hits */
  guint n_drawn; /* connections that SIM_SMSR_FAULT_RANDOM has hit */
  GRand *random; /* NULL: there is nothing to draw */
  SimHttpStyle style;
  const char
      *last_suite; /* of the last connection whose handshake was done; NULL: there was none */
  SimTlsOffer last_offer;
  SimHostility *hostility; /* (nullable) */
};

struct _SimHttpsConnection
{
  SimSmsrHttps *server;
  GSocket *socket;
  GSource *source;
  guint handshake;        /* its time limit; 0: it is done */
  guint pause;            /* until more is sent; 0: none */
  GIOCondition condition; /* that the source waits for */
  SimSmsrFault fault;     /* that is its own */
  SimTls *tls;
  SimHttpReader *reader;
  const SimSmsrPeer *peer; /* NULL: not known yet */
  gboolean is_announced;   /* its SM-SR knows of the connection */
  gboolean must_close;     /* when all is sent */
  gboolean is_torn;        /* and that without close_notify */
  const char *why;         /* it is the SM-SR's doing; NULL: it is not */
  GBytes *endless;         /* plain data that is sent again and again; NULL: none */
  GByteArray *output;
  gsize n_sent;
  gsize n_received;
};

/* Takes over the socket that has come, and adds itself to the connections of @server. @fault: what is its own */
void sim_https_connection_start (SimSmsrHttps *server, GSocket *socket, const SimSmsrFault *fault);

void sim_https_connection_free (gpointer connection);

/* Tells the SM-SR and frees the connection. @why: (nullable): what is wrong with its end */
void sim_https_connection_end (SimHttpsConnection *connection, const char *why);

/* TRUE when a fault keeps it from going on */
gboolean sim_https_connection_has_stalled (const SimHttpsConnection *connection);
