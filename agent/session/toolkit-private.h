/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/toolkit.h"

/* What the files of EaToolkit share: toolkit.c the proactive session, toolkit-command.c each simple command,
 * toolkit-message.c SEND SHORT MESSAGE, toolkit-information.c PROVIDE LOCAL INFORMATION. */

#include "session/card-poll.h"
#include "session/card-timers.h"
#include "session/channels.h"
#include "session/envelopes.h"
#include "session/network-events.h"

struct _EaToolkit
{
  GObject parent_instance;

  EaModem *modem;
  EaCard *card;
  EaActivity *activity;
  const EaLogContext *log;
  EaEnvelopes *envelopes;
  EaChannels *channels;
  EaCardTimers *timers;
  EaCardPoll *poll;
  EaNetworkEvents *network_events;
  GBytes *events;
  gboolean knows_events;       /* else the card has told none, or not to this agent */
  EaMessageTaker take_message; /* NULL: none */
  gpointer taker_data;

  GCancellable *cancellable; /* of responses to the card as it is now */
  GQueue executions; /* commands without their TERMINAL RESPONSE, in the order in which they came */
  guint64 last_name;
  gboolean has_ended;
};

/**
 * EaExecution:
 * @toolkit: kept alive by the execution, unless the channels have it: they may take a minute, and forget it when
 *   they are reset
 *
 * A command on its way to its TERMINAL RESPONSE.
 */
typedef struct
{
  EaToolkit *toolkit;
  guint64 name;              /* among the commands of this toolkit */
  EaCardProactive proactive; /* its command is in @bytes */
  GBytes *bytes;
  EaCatCommand command; /* borrows from @bytes */
  gboolean is_orphan;   /* the card has started anew, and waits no more */
  gboolean is_with_channels;
  gboolean is_refresh; /* that was understood */
} EaExecution;

/* Each ends @execution with one response. @response: (transfer full). */
void ea_execution_answer (EaExecution *execution, GBytes *response);
void ea_execution_respond (EaExecution *execution, EaCatResult result, EaSpan additional);
void ea_execution_fail (EaExecution *execution, const GError *error);

/* The list of SET UP EVENT LIST; empty: none. */
void ea_toolkit_set_events (EaToolkit *self, EaSpan events);

/* Emits "notified". */
void ea_toolkit_tell_notification (EaToolkit *self, guint type, guint sequence);

/* What a command is done by. */
void ea_toolkit_execute (EaExecution *execution);
void ea_toolkit_send_short_message (EaExecution *execution);
void ea_toolkit_provide_local_information (EaExecution *execution);
