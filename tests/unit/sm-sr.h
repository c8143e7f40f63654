/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "card/sim-http.h"
#include "card/sim-tls.h"

/*
 * An SM-SR in a test's hand: it listens at the loopback interface, speaks TLS and HTTP by the simulator's building
 * blocks from the test's own main loop, and says what the test says.
 */

#define SM_SR_KEY "404142434445464748494A4B4C4D4E4F"

/**
 * SmSr:
 * @n_connections: so far
 * @identity: (nullable): that the last client has called itself
 * @has_ended: the last client has closed the connection
 * @is_mute: connections are accepted, and not read from
 */
typedef struct
{
  GSocket *listener;
  guint16 port;
  GSource *accept_source;
  GSocket *socket; /* NULL: no connection */
  GSource *source;
  SimTls *tls;
  SimHttpReader *reader;
  guint n_connections;
  char *identity;
  gboolean has_ended;
  gboolean is_mute;
} SmSr;

SmSr *sm_sr_new (void);
void sm_sr_free (SmSr *self);

/* Waits for the next POST; fails the test unless it goes to @target with this body, in hexadecimal. */
void sm_sr_await_post (SmSr *self, const char *target, const char *body);

/* The same, and its field @name has this @value; %NULL: it has no such field */
void sm_sr_await_post_with (SmSr *self, const char *target, const char *body, const char *name,
                            const char *value);

/* TRUE when no POST waits to be read, as far as the main loop has something to do now. */
gboolean sm_sr_is_unasked (SmSr *self);

/* 200 with a script, all in one. @application: (nullable): X-Admin-Targeted-Application */
void sm_sr_send_script (SmSr *self, const char *next_uri, const char *application,
                        const char *script);

/* The same in pieces: its head, pieces of the script, and its end */
void sm_sr_begin_script (SmSr *self, const char *next_uri);
void sm_sr_send_piece (SmSr *self, const char *piece);
void sm_sr_end_script (SmSr *self);

/* 204 */
void sm_sr_end_session (SmSr *self);

/* The connection is lost without a word of TLS. */
void sm_sr_break (SmSr *self);

/* Waits for the next connection, until its handshake is over. */
void sm_sr_await_connection (SmSr *self);

/* Waits until the client has closed the connection. */
void sm_sr_await_end (SmSr *self);
