/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "card/sim-http.h"
#include "card/sim-tls.h"
#include "smsr-server.h"

/*
 * An eUICC's HTTPS client for tests of the SM-SR's server, on a real socket in the default main
 * context. Each wait has a deadline of 10 s.
 */

typedef struct
{
  GSocket *socket;
  GSource *source;
  SimTls *tls;
  SimHttpReader *reader;
  gboolean has_ended; /* the server has closed or reset the connection */
  gsize n_received;   /* octets of the transport */
  gsize n_first;      /* of them, those that came first */
  GByteArray *raw;    /* plain data as they came; NULL: they are read as responses */
} TestAdminClient;

/* From now on what comes is not read, but kept. */
void test_admin_client_keep_raw (TestAdminClient *client);

/* Waits for so many octets of plain data, or for the connection's end. */
void test_admin_client_wait_raw (TestAdminClient *client, gsize size);

/* Sends a request, and waits for nothing. @body: (nullable) */
void test_admin_client_write (TestAdminClient *client, const char *target,
                              const char *const *fields, GBytes *body);

/* Connects, and sends ClientHello with the identity of this EID. */
TestAdminClient *test_admin_client_new (const SimSmsrAddress *address, const char *eid);
void test_admin_client_free (TestAdminClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestAdminClient, test_admin_client_free)

/* Waits for the end of the handshake, or of the connection: FALSE. */
gboolean test_admin_client_open (TestAdminClient *client);

/* (transfer full): the answer to a POST; @script: response script in hexadecimal, NULL: none */
SimHttpMessage *test_admin_client_post (TestAdminClient *client, const char *eid,
                                        const char *target, const char *script);

/* The same with given fields */
SimHttpMessage *test_admin_client_send (TestAdminClient *client, const char *target,
                                        const char *const *fields, GBytes *body);

/* Sends what TLS has made. */
void test_admin_client_flush (TestAdminClient *client);

/* Ends TLS and waits for the server to end the connection. */
void test_admin_client_close (TestAdminClient *client);

/* Runs the main loop until the server has ended the connection; fails the test at the deadline. */
void test_admin_client_wait_end (TestAdminClient *client);
