/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * One CAT_TP link (ETSI TS 102 127), either side. Time is an argument (monotonic microseconds),
 * outputs are pulled: after every call that takes bytes or the time, pull PDUs until there are none,
 * then SDUs, and arm one timer for sim_cattp_get_deadline().
 */

/**
 * SimCattpState:
 * @SIM_CATTP_CLOSED: for good; a link is not opened twice. PDUs may still wait to be pulled.
 */
typedef enum
{
  SIM_CATTP_LISTEN,
  SIM_CATTP_SYN_SENT,
  SIM_CATTP_SYN_RECEIVED,
  SIM_CATTP_OPEN,
  SIM_CATTP_CLOSED,
} SimCattpState;

/* TS 102 127: reason codes of RST */
typedef enum
{
  SIM_CATTP_REASON_NORMAL = 0,
  SIM_CATTP_REASON_SET_UP_FAILED = 1,
  SIM_CATTP_REASON_TEMPORARILY_UNABLE = 2,
  SIM_CATTP_REASON_PORT_NOT_AVAILABLE = 3,
  SIM_CATTP_REASON_UNEXPECTED_PDU = 4,
  SIM_CATTP_REASON_MAXIMUM_RETRIES = 5,
  SIM_CATTP_REASON_VERSION_NOT_SUPPORTED = 6,
} SimCattpReason;

/* The peer's identification: SYN has one octet for its header's length */
#define SIM_CATTP_IDENTIFICATION_MAX 232

/* PDUs that may be underway, and times that one is sent before the link is given up */
#define SIM_CATTP_WINDOW 10
#define SIM_CATTP_TRANSMISSIONS_MAX 10

/**
 * SimCattpOptions:
 * @source_port: this side's CAT_TP port, independent of the UDP port
 * @destination_port: the peer's; 0 on a server: any
 * @pdu_max: largest PDU that this side takes, header included; at least 23, on a BIP channel at most
 *   the buffer's size
 * @sdu_max: largest SDU that this side takes
 * @identification: (nullable): what this side's SYN says, copied; a server says nothing
 * @initial_sequence: number of this side's SYN
 */
typedef struct
{
  guint16 source_port;
  guint16 destination_port;
  guint16 pdu_max;
  guint16 sdu_max;
  EaSpan identification;
  guint16 initial_sequence;
} SimCattpOptions;

/* What had to be repaired, or could not be used */
typedef struct
{
  guint n_retransmitted; /* PDUs that were sent again */
  guint n_duplicated;    /* that came again */
  guint n_damaged;       /* datagrams that are no PDU of this link */
} SimCattpRepairs;

typedef struct _SimCattp SimCattp;

/* (transfer full): in SYN-SENT, its SYN waits to be pulled */
SimCattp *sim_cattp_new_client (const SimCattpOptions *options, gint64 now_us);

/* (transfer full): in LISTEN, for one link */
SimCattp *sim_cattp_new_server (const SimCattpOptions *options);

void sim_cattp_free (SimCattp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimCattp, sim_cattp_free)

/* One datagram. What is no PDU for this link, or is damaged, is dropped without a word. */
void sim_cattp_receive (SimCattp *self, EaSpan datagram, gint64 now_us);

/**
 * sim_cattp_send:
 * @sdu: copied, cut into PDUs that the peer takes and sent as its window allows
 *
 * Returns: FALSE when the link is not open, or @sdu is empty or larger than the peer takes
 */
gboolean sim_cattp_send (SimCattp *self, EaSpan sdu, gint64 now_us);

/* What sim_cattp_send() would refuse because of its size goes, too. The link is open. */
void sim_cattp_send_anyway (SimCattp *self, EaSpan sdu, gint64 now_us);

/* Sends RST with @reason, which may be none of those that are known, and is closed. */
void sim_cattp_abort (SimCattp *self, guint8 reason);

/* Sends RST, reason 0, and is closed. What is not acknowledged is lost: see sim_cattp_is_idle(). */
void sim_cattp_close (SimCattp *self, gint64 now_us);

/* Sends the RST of a closed link again: nobody acknowledges one. */
void sim_cattp_repeat_reset (SimCattp *self);

/* (transfer full) (nullable): the next datagram to send, %NULL: none */
GBytes *sim_cattp_pull_pdu (SimCattp *self);

/* (transfer full) (nullable): the next SDU that has come whole and in order, %NULL: none */
GBytes *sim_cattp_pull_sdu (SimCattp *self);

/* Monotonic microseconds when sim_cattp_tick() wants to be called, -1: never */
gint64 sim_cattp_get_deadline (const SimCattp *self);

/* Sends again what is due; nothing before the deadline. */
void sim_cattp_tick (SimCattp *self, gint64 now_us);

/* Since the link's beginning */
SimCattpRepairs sim_cattp_get_repairs (const SimCattp *self);

SimCattpState sim_cattp_get_state (const SimCattp *self);

/* The reason of the RST that closed the link, sent or received; -1: none */
int sim_cattp_get_reset_reason (const SimCattp *self);

/* What the peer's SYN said; borrowed, empty before it came */
EaSpan sim_cattp_get_identification (const SimCattp *self);

/* The largest PDU that goes to the peer, and the largest SDU that it takes; 0 before its SYN came */
guint16 sim_cattp_get_pdu_max (const SimCattp *self);
guint16 sim_cattp_get_sdu_max (const SimCattp *self);

/* TRUE when nothing waits to be sent or acknowledged */
gboolean sim_cattp_is_idle (const SimCattp *self);
