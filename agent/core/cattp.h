/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/cattp-pdu.h"

/*
 * One CAT_TP connection, either side (ETSI TS 102 127): a reliable channel of SDUs over datagrams that may be
 * lost, doubled, late or damaged. Time is an argument (monotonic microseconds that never go back), outputs are
 * pulled. Its owner does this after every call that takes bytes or the time:
 *
 *   ea_cattp_pull_pdu()     until %NULL; each is one datagram
 *   ea_cattp_pull_event()   until FALSE
 *   ea_cattp_deadline()     one timer, for ea_cattp_tick()
 *
 * A connection is opened once and does not come back. How often and when something is sent again is told by
 * core/cattp-timer.h, how much is underway by core/cattp-rate.h.
 */

/* Octets of an SDU, either way: its size is two octets of a SYN, and the peer may want less. */
#define EA_CATTP_SDU_MAX 0xFFFF

/* PDUs that may be underway, either way: an EAK that names all but the first has room for no more. */
#define EA_CATTP_WINDOW_MAX EA_CATTP_EXTENDED_ACKNOWLEDGEMENTS_MAX

/* Octets and number of the SDUs that wait to be sent or acknowledged. */
#define EA_CATTP_QUEUE_OCTETS_MAX 0x100000
#define EA_CATTP_QUEUE_SDUS_MAX 1024

/* Octets of received SDUs that were not pulled, with the one that is coming: the window gets smaller before, and closes
 * when they are there; what it has promised is taken. So that many small ones are bounded too, each counts as so many
 * octets more. */
#define EA_CATTP_UNREAD_OCTETS_MAX 0x40000
#define EA_CATTP_UNREAD_SDU_OCTETS 256

/* How long ea_cattp_close() waits for acknowledgements. */
#define EA_CATTP_CLOSE_LIMIT_US (120 * G_USEC_PER_SEC)

/* What ea_cattp_deadline() says when there is none. */
#define EA_CATTP_NEVER G_MAXINT64

/**
 * EaCattpState:
 * @EA_CATTP_CLOSE_WAIT: the connection has ended, and PDUs that are still underway are answered; keep the link
 * @EA_CATTP_CLOSED: nothing is sent any more, but as an answer
 */
typedef enum
{
  EA_CATTP_LISTEN,
  EA_CATTP_SYN_SENT,
  EA_CATTP_SYN_RECEIVED,
  EA_CATTP_OPEN,
  EA_CATTP_CLOSE_WAIT,
  EA_CATTP_CLOSED,
} EaCattpState;

/**
 * EaCattpParameters:
 * @source_port: our CAT_TP port, which has nothing to do with the one of UDP
 * @destination_port: the peer's; 0, of a passive side only: any
 * @initial_sequence: number of our SYN: a random one makes it hard to forge PDUs
 * @max_pdu: octets of the largest PDU that we take, header included, at least %EA_CATTP_PDU_SIZE_MIN and enough for
 *   @identification. What the link can carry: 1,400 fit everywhere. No larger ones are sent; those that
 *   come all the same are taken
 * @max_sdu: octets of the largest SDU that we take, at least 1
 * @window: PDUs that we take before the first of them is acknowledged, 1 to %EA_CATTP_WINDOW_MAX: as many as the way
 *   holds in two or three round trips. 64 of 1,400 octets do for 236 kbit/s and 800 ms where 5 % are lost
 * @identification: what our SYN says, at most %EA_CATTP_IDENTIFICATION_MAX octets; copied. A passive side says
 *   nothing (TS 102 226 §9.2.2)
 * @keep_alive_us: a NUL is sent after such a time without a PDU from the peer; 0: never
 */
typedef struct
{
  guint16 source_port;
  guint16 destination_port;
  guint16 initial_sequence;
  guint16 max_pdu;
  guint16 max_sdu;
  guint16 window;
  EaSpan identification;
  gint64 keep_alive_us;
} EaCattpParameters;

/**
 * EaCattpEventType:
 * @EA_CATTP_EVENT_OPENED: SDUs may be sent
 * @EA_CATTP_EVENT_SDU: one has come, whole and in order
 * @EA_CATTP_EVENT_DELIVERED: the oldest SDU that was sent and not yet told of is acknowledged whole
 * @EA_CATTP_EVENT_CLOSED: the last event. An RST may still wait to be pulled, and the link is of use until the state is
 *   %EA_CATTP_CLOSED
 */
typedef enum
{
  EA_CATTP_EVENT_OPENED,
  EA_CATTP_EVENT_SDU,
  EA_CATTP_EVENT_DELIVERED,
  EA_CATTP_EVENT_CLOSED,
} EaCattpEventType;

/**
 * EaCattpCause:
 * @EA_CATTP_CAUSE_CLOSED: ea_cattp_close(); what is not told as delivered may be lost
 * @EA_CATTP_CAUSE_ABORTED: ea_cattp_abort()
 * @EA_CATTP_CAUSE_PEER: RST of the peer, whose reason goes with it
 * @EA_CATTP_CAUSE_RETRIES: the peer did not answer
 * @EA_CATTP_CAUSE_PARAMETERS: the peer's SYN can't be (its largest PDU)
 * @EA_CATTP_CAUSE_VERSION: the peer has another version
 * @EA_CATTP_CAUSE_PROTOCOL: a PDU that may not come: SYN in an open connection, or for another one
 * @EA_CATTP_CAUSE_LIMIT: an SDU got larger than max_sdu
 *
 * Why a connection has ended.
 */
typedef enum
{
  EA_CATTP_CAUSE_CLOSED,
  EA_CATTP_CAUSE_ABORTED,
  EA_CATTP_CAUSE_PEER,
  EA_CATTP_CAUSE_RETRIES,
  EA_CATTP_CAUSE_PARAMETERS,
  EA_CATTP_CAUSE_VERSION,
  EA_CATTP_CAUSE_PROTOCOL,
  EA_CATTP_CAUSE_LIMIT,
} EaCattpCause;

/**
 * EaCattpEvent:
 * @max_pdu: OPENED: octets of the largest PDU that is sent
 * @max_sdu: OPENED: octets of the largest SDU that ea_cattp_send() takes
 * @bytes: OPENED: the peer's identification, perhaps of no octets; SDU: the SDU; else %NULL
 * @cause: @reason: CLOSED: why; the reason of the RST that was sent or received, an EaCattpResetReason or a value that is reserved
 * @n_undelivered: CLOSED: SDUs of ours that the peer did not acknowledge whole
 *
 * Clear it with ea_cattp_event_clear().
 */
typedef struct
{
  EaCattpEventType type;
  guint16 max_pdu;
  guint16 max_sdu;
  GBytes *bytes;
  EaCattpCause cause;
  guint8 reason;
  guint n_undelivered;
} EaCattpEvent;

void ea_cattp_event_clear (EaCattpEvent *event);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaCattpEvent, ea_cattp_event_clear)

/**
 * EaCattpDiscard:
 * @EA_CATTP_DISCARD_MALFORMED: no PDU
 * @EA_CATTP_DISCARD_CHECKSUM: damaged
 * @EA_CATTP_DISCARD_PORT: of another connection
 * @EA_CATTP_DISCARD_VERSION: of another version, in a connection
 * @EA_CATTP_DISCARD_SEQUENCE: outside the window, and not a PDU that had come before
 * @EA_CATTP_DISCARD_ACKNOWLEDGEMENT: of what was never sent
 * @EA_CATTP_DISCARD_STATE: nothing for the state
 * @EA_CATTP_DISCARD_ROOM: early ones have filled what was promised, or there is no more to be promised
 *
 * Why a datagram was dropped.
 */
typedef enum
{
  EA_CATTP_DISCARD_MALFORMED,
  EA_CATTP_DISCARD_CHECKSUM,
  EA_CATTP_DISCARD_PORT,
  EA_CATTP_DISCARD_VERSION,
  EA_CATTP_DISCARD_SEQUENCE,
  EA_CATTP_DISCARD_ACKNOWLEDGEMENT,
  EA_CATTP_DISCARD_STATE,
  EA_CATTP_DISCARD_ROOM,
} EaCattpDiscard;

#define EA_CATTP_N_DISCARDS (EA_CATTP_DISCARD_ROOM + 1)

/**
 * EaCattpCounters:
 * @n_sent: @n_sent_octets: PDUs pulled, headers included
 * @n_received: datagrams
 * @n_retransmitted: PDUs pulled that had been pulled before
 * @n_spurious: of these, answered before the answer could be theirs
 * @n_timeouts: times that an answer was not waited for any longer
 * @n_duplicates: PDUs that had come before
 * @n_early: PDUs that came before an earlier one
 * @n_discarded: by EaCattpDiscard
 * @smoothed_rtt_us: 0 while it is not known
 * @rate: octets a second that the way to the peer carries, with the headers of UDP and IPv4; 0 while it is not known
 */
typedef struct
{
  guint64 n_sent;
  guint64 n_sent_octets;
  guint64 n_received;
  guint64 n_retransmitted;
  guint64 n_spurious;
  guint64 n_timeouts;
  guint64 n_duplicates;
  guint64 n_early;
  guint64 n_discarded[EA_CATTP_N_DISCARDS];
  gint64 smoothed_rtt_us;
  gint64 rate;
} EaCattpCounters;

typedef struct _EaCattp EaCattp;

/* (transfer full): in SYN-SENT; its SYN waits to be pulled. */
EaCattp *ea_cattp_new_active (const EaCattpParameters *parameters, gint64 now_us);

/* (transfer full): in LISTEN, for one connection; a SYN that can't be is refused, and the next may come. */
EaCattp *ea_cattp_new_passive (const EaCattpParameters *parameters);

void ea_cattp_free (EaCattp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaCattp, ea_cattp_free)

/* @datagram: any octets; what is no PDU for this connection is dropped and counted. */
void ea_cattp_receive (EaCattp *self, EaSpan datagram, gint64 now_us);

/**
 * ea_cattp_send:
 * @sdu: 1 octet to the peer's largest SDU; a reference is kept
 *
 * Errors: EA_CORE_ERROR_LIMIT (larger than the peer takes, or the queue is full), _MALFORMED (of no octets),
 * _UNSUPPORTED (the connection is not open, or ea_cattp_close() was called).
 */
gboolean ea_cattp_send (EaCattp *self, GBytes *sdu, gint64 now_us, GError **error);

/**
 * ea_cattp_close:
 *
 * Ends the connection (RST, reason 0) when everything is acknowledged, or after %EA_CATTP_CLOSE_LIMIT_US.
 * One that is not open ends at once.
 */
void ea_cattp_close (EaCattp *self, gint64 now_us);

/* Ends the connection at once by an RST. */
void ea_cattp_abort (EaCattp *self, EaCattpResetReason reason, gint64 now_us);

/* Does what is due; nothing before the deadline. */
void ea_cattp_tick (EaCattp *self, gint64 now_us);

/* (transfer full) (nullable): the next datagram to send now; it is taken for sent. */
GBytes *ea_cattp_pull_pdu (EaCattp *self, gint64 now_us);

/* TRUE and the oldest event, now the caller's, in @event (out); FALSE when there is none. After it pull PDUs again:
 * the window may have opened. */
gboolean ea_cattp_pull_event (EaCattp *self, EaCattpEvent *event);

/* The same for the oldest event that is no SDU, while there is no room for those: they wait, and the peer with them. */
gboolean ea_cattp_pull_news (EaCattp *self, EaCattpEvent *event);

/* When ea_cattp_tick() wants to be called, once all PDUs are pulled; %EA_CATTP_NEVER for never. */
gint64 ea_cattp_deadline (const EaCattp *self);

EaCattpState ea_cattp_get_state (const EaCattp *self);

/* TRUE when no SDU waits to be sent or acknowledged. */
gboolean ea_cattp_is_idle (const EaCattp *self);

EaCattpCounters ea_cattp_get_counters (const EaCattp *self);

/* The words for outputs, such as "syn-sent", "retries" and "checksum". */
const char *ea_cattp_state_get_name (EaCattpState state);
const char *ea_cattp_cause_get_name (EaCattpCause cause);
const char *ea_cattp_discard_get_name (EaCattpDiscard discard);
