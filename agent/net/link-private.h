/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/link.h"

/* What the files of EaLink share: link.c, link-connect.c, link-input.c, link-output.c; and the listener. */

typedef enum
{
  EA_LINK_STATE_NEW,
  EA_LINK_STATE_CONNECTING,
  EA_LINK_STATE_OPEN,
  EA_LINK_STATE_CLOSING, /* the queue goes out, what comes is dropped; the link holds a reference to itself */
  EA_LINK_STATE_CLOSED,
} EaLinkState;

struct _EaLink
{
  GObject parent_instance;

  EaLinkProtocol protocol;
  char *interface;
  EaLinkState state;
  GInetSocketAddress *peer;
  GSocket *socket;
  GMainContext *context;

  GTask *connect_task;
  GSource *timer; /* of connecting or closing */

  GSource *input;
  gboolean is_input_read; /* @input waits for bytes, not only for errors */
  gsize room;
  gsize datagram_max;
  gboolean waits_for_room; /* the next datagram is larger than the room */
  gboolean has_peer_closed;
  guint64 n_received;

  GSource *output;
  GQueue queue; /* of GBytes */
  gsize n_queued;
  GError *send_error; /* nothing can be sent any more */
  gboolean has_shut_down;
  guint64 n_sent;

  GSource *end; /* "ended" comes from here when no other source can bring it */
  GError *end_error;
};

typedef enum
{
  EA_LINK_SIGNAL_RECEIVED,
  EA_LINK_SIGNAL_WRITABLE,
  EA_LINK_SIGNAL_PEER_CLOSED,
  EA_LINK_SIGNAL_DATAGRAM_ERROR,
  EA_LINK_SIGNAL_ENDED,
  EA_LINK_N_SIGNALS
} EaLinkSignal;

/* @parameter: (nullable): as the signal has it. The link may be over afterwards. */
void ea_link_emit (EaLink *self, EaLinkSignal signal, gconstpointer parameter);

void ea_link_attach_source (EaLink *self, GSource *source, GSourceFunc func);
void ea_link_clear_source (GSource **source);
void ea_link_start_timer (EaLink *self, guint timeout_ms, GSourceFunc func);

/* Lets go of everything that lives only as long as the socket. */
void ea_link_tear_down (EaLink *self);

/* Forgets what was not sent yet. */
void ea_link_clear_queue (EaLink *self);

/* Ends the link at once, from the main loop. @error: (transfer full) (nullable) */
void ea_link_end (EaLink *link, GError *error);

/* Ends the link soon, from within a call. @error: (transfer full) (nullable) */
void ea_link_schedule_end (EaLink *self, GError *error);

/* Makes a link that has its socket an open one. */
void ea_link_set_open (EaLink *self);

/* The task of connecting fails from the main loop, since the owner is within a call. */
void ea_link_cancel_connecting (EaLink *self);

/* Watches what is wanted now. */
void ea_link_update_input (EaLink *self);
void ea_link_update_output (EaLink *self);

/* The queue of a closing link is empty. */
void ea_link_finish_sending (EaLink *self);

/* A datagram was lost for the errno @number. */
void ea_link_report_datagram_error (EaLink *self, int number);

/* @socket: (transfer full): connected TCP, from a listener on @interface. Returns: an open link. */
EaLink *ea_link_new_accepted (GSocket *socket, GInetSocketAddress *peer, const char *interface);
