/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * A server of administration sessions that knows no more than a test tells it: a list of answers, one for each POST. It
 * has code of its own for all that it reads. A POST with X-Admin-Resume that is the last one again gets the last answer
 * again, whatever became of it; any other POST gets the next answer.
 */

/* @body: in hexadecimal, sent in chunks of @chunk bytes, or with Content-Length where that is 0 */
typedef struct
{
  const char *head;
  const char *body;
  gsize chunk;
} AdminServerAnswer;

typedef struct
{
  const AdminServerAnswer *answers; /* ended by one without a head */
  GPtrArray *posts;   /* of char *: "URI STATUS BODY" of each POST that was not sent again */
  guint n_posts;      /* that came whole */
  guint n_resumed;    /* with X-Admin-Resume */
  GByteArray *input;  /* of this connection */
  GByteArray *output; /* what is still to be sent over it */
} AdminServer;

void admin_server_init (AdminServer *self, const AdminServerAnswer *answers);
void admin_server_clear (AdminServer *self);

/* The connection is gone. */
void admin_server_break (AdminServer *self);

/* One byte of the client. */
void admin_server_receive (AdminServer *self, guint8 byte);

/* (transfer full): at most @size bytes for the client, which count as sent; %NULL when there are none. */
GBytes *admin_server_take (AdminServer *self, gsize size);
