/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "control.h"
#include "modem.h"

/*
 * A host for tests: a simulated modem in this process, a QMUX client on its port, and the control
 * commands. Everything runs in the default main context; each wait has a deadline of 10 s.
 */

typedef struct
{
  char *dir;
  GPtrArray *modems;
  SimModem *modem;
  int fd;
  guint source;
  SimQmuxStream input;
  GQueue received; /* of GBytes: frames that nobody has taken */
  guint16 last_transaction;
  char *reply;
} TestHost;

TestHost *test_host_new (SimGrant grant, gboolean reports_all);
void test_host_free (TestHost *host);

/* Opens the port, again after a hang-up. */
void test_host_open (TestHost *host);

/* Sends a request. @tlvs: hexadecimal */
void test_host_send (TestHost *host, guint8 service, guint8 client, guint16 message,
                     const char *tlvs);

/* (transfer full): hexadecimal TLVs of the next message of this kind, others are kept. Fails the test
 * at the deadline. */
char *test_host_wait (TestHost *host, SimQmiKind kind, guint8 service, guint16 message);

/* TRUE when a message of this kind is there now, with everything done that can be done. */
gboolean test_host_has (TestHost *host, SimQmiKind kind, guint8 service, guint16 message);

/* Request and response; fails the test unless the result is @error. (transfer full): hexadecimal
 * TLVs behind the result */
char *test_host_request (TestHost *host, SimQmiError error, guint8 service, guint8 client,
                         guint16 message, const char *tlvs);

/* The same when the TLVs don't matter. */
void test_host_expect (TestHost *host, SimQmiError error, guint8 service, guint8 client,
                       guint16 message, const char *tlvs);

/* A new client id. */
guint8 test_host_allocate (TestHost *host, guint8 service);

/* Gives a control command without waiting; at most one at a time. */
void test_host_command (TestHost *host, const char *line);

/* (transfer full): the reply to the command given last */
char *test_host_wait_reply (TestHost *host);

/* Fails the test unless the reply to @line is @expected. */
void test_host_control (TestHost *host, const char *line, const char *expected);
