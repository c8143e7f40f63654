/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "card/sim-cattp.h"
#include "card/sim-scp80.h"
#include "smsr-server.h"

/* A client of the SM-SR's CAT_TP server on a real socket: what an eUICC or an agent does in a test. */

#define EID "89001012012341234012345678901224"

/* What the SYN says unless a test has changed it */
#define TEST_LINK_SDU_MAX 2048

typedef struct
{
  SimSmsrServer *server;
  SimSmsr *smsr;
  GSocket *socket; /* NULL: there is no client */
  SimCattp *cattp;
  guint16 sdu_max;
  guint n_foreign; /* datagrams that came from another address than the server's */
} TestLink;

/* cmocka fixtures */
int test_link_set_up (void **state);
int test_link_tear_down (void **state);

/* @identification: in hexadecimal */
void test_link_open (TestLink *link, const char *identification);

/* The client is gone without a word. */
void test_link_vanish (TestLink *link);

/* "fail smsr …" without these two words */
void test_link_order (TestLink *link, const char *words);

/* Lets server and client do what they have to, so many times. */
void test_link_run (TestLink *link, guint n_turns);

/* (transfer full): the next datagram of the server's, whatever it is */
GBytes *test_link_wait_datagram (TestLink *link);

/* A datagram to the server */
void test_link_send (TestLink *link, const char *hex);

/* (transfer full) (nullable): the next SDU, or NULL when the link is closed */
GBytes *test_link_wait (TestLink *link);

/* (transfer full): what the packet in CAT_TP form holds; its header in @command */
GBytes *test_link_open_packet (GBytes *sdu, SimScp80Command *command);

/* Sends the response packet. */
void test_link_answer (TestLink *link, const SimScp80Command *command, guint8 status,
                       GBytes *script);

/* The next SDU has the script @expected for @tar, and is answered. */
void test_link_assert_packet (TestLink *link, guint32 tar, const char *expected, guint8 status,
                              const char *response);

/* No SDU comes: the link ends. */
void test_link_assert_reset (TestLink *link, int reason);
