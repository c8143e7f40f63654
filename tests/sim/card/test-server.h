/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "sim-http.h"
#include "sim-tls.h"
#include "test-terminal.h"

/* An SM-SR under a test's hand, at the far end of a TestTerminal's channel: TLS and HTTP over memory. */
typedef struct
{
  TestTerminal terminal;
  SimTls *tls; /* of the connection number @n_connections */
  SimHttpReader *reader;
  guint n_connections;
  SimHttpMessage *request; /* the one that came last; NULL: none on this connection */
} TestServer;

void test_server_init (TestServer *server, SimCard *card);
void test_server_clear (TestServer *server);

/* Goes on until the card waits for the server, or has nothing to do. */
void test_server_run (TestServer *server);

/* A message of expanded scripts with @script in hexadecimal and fields that follow; a NULL @next_uri or
 * @application is left out. The card then goes on as in test_server_run(). */
void test_server_send_script (TestServer *server, const char *script, const char *next_uri,
                              const char *application);

/* 204, the same way */
void test_server_send_nothing (TestServer *server, const char *next_uri);

/* (transfer full): sends the response and goes on */
void test_server_respond (TestServer *server, GBytes *response);

/* The request that came last has this target and body ("": none). */
void test_server_assert_request (TestServer *server, const char *target, const char *body);

/* As above, a field of it; NULL: it has none of this name */
void test_server_assert_field (TestServer *server, const char *name, const char *value);
