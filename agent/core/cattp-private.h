/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/cattp-pdu.h"
#include "core/cattp-rate.h"
#include "core/cattp-timer.h"
#include "core/cattp.h"

/* What the files of core/cattp share. */

/**
 * EaCattpSent:
 * @flags: SYN, NUL, SEG or none
 * @data: (nullable): of a data PDU
 * @n_octets: with the headers of what carries it
 * @sdu_octets: of the SDU that ends with it; 0: none does
 * @n_sent: 0: not yet
 * @order: number of its last transmission among all
 * @n_ahead: octets underway at its last transmission, with its own
 * @mark: of its last transmission
 * @is_received: the peer has it, but not one before it
 * @is_doubted: the peer has said so, but does not acknowledge it
 * @is_lost: it is to be sent, whatever is underway if @is_forced
 *
 * A PDU with a number of its own, until it is acknowledged.
 */
typedef struct
{
  guint16 sequence;
  guint8 flags;
  GBytes *data;
  gsize n_octets;
  gsize sdu_octets;
  guint n_sent;
  guint64 order;
  gint64 sent_us;
  gsize n_ahead;
  EaCattpRateMark mark;
  gboolean is_received;
  gboolean is_doubted;
  gboolean is_lost;
  gboolean is_forced;
} EaCattpSent;

/**
 * EaCattpOutput:
 * @max_pdu: @max_sdu: what the peer takes, or less
 * @window: of the peer
 * @next: SND.NXT
 * @waiting: GBytes, SDUs; @offset: octets of the first of them that are cut off
 * @n_sdus: @n_octets: SDUs that are not acknowledged whole
 * @underway: EaCattpSent in the order of their numbers: SND.UNA is the first one's
 * @n_transmissions: numbers them
 * @newest_order: @newest_rtt_us: of the transmission that was sent last of all that have arrived
 * @is_newest_sure: it was the only transmission of its PDU
 * @reorder_quarters: of a round trip: how much later a PDU may arrive than one that was sent after it;
 *   0: none was seen that did
 * @n_timeouts: since anything was acknowledged; @timeout_us: the last one
 * @progress_us: when anything was acknowledged, or could be
 * @n_probes: answers without a window to what asks for one
 *
 * The sending half.
 */
typedef struct
{
  guint16 max_pdu;
  guint16 max_sdu;
  guint16 window;
  guint16 next;
  GQueue waiting;
  gsize offset;
  guint n_sdus;
  gsize n_octets;
  GQueue underway;
  guint64 n_transmissions;
  guint64 newest_order;
  gint64 newest_rtt_us;
  gboolean is_newest_sure;
  guint reorder_quarters;
  guint n_timeouts;
  gint64 timeout_us;
  gint64 progress_us;
  guint n_probes;
  EaCattpTimer timer;
  EaCattpRate rate;
} EaCattpOutput;

/**
 * EaCattpEarly:
 *
 * A PDU that came before an earlier one; @data: (nullable)
 */
typedef struct
{
  guint16 sequence;
  guint8 flags;
  GBytes *data;
} EaCattpEarly;

/**
 * EaCattpInput:
 * @initial: RCV.IRS; @current: RCV.CUR
 * @early: EaCattpEarly in the order of their numbers; @n_early_octets: of them
 * @sdu: the part of one that has come
 * @n_unread_octets: of SDUs that were not pulled, with %EA_CATTP_UNREAD_SDU_OCTETS for each
 * @told_window: in the last PDU
 * @n_owed: PDUs that were not acknowledged yet; @owed_us: when they have to be
 * @is_owed_now: an acknowledgement is to be sent at once
 *
 * The receiving half.
 */
typedef struct
{
  guint16 initial;
  guint16 current;
  GArray *early;
  gsize n_early_octets;
  GByteArray *sdu;
  gsize n_unread_octets;
  guint16 told_window;
  guint n_owed;
  gint64 owed_us;
  gboolean is_owed_now;
} EaCattpInput;

/**
 * EaCattp:
 * @parameters: with @identification as its octets
 * @peer_identification: (nullable): until its SYN has come
 * @is_confirmed: the peer is known to be open
 * @is_third_due: the pure ACK that opens the peer's side is to be sent before anything else
 * @third_us: when it is sent again
 * @heard_us: when something came last that the peer may have sent
 * @is_closing: @close_us: ea_cattp_close(); and when it waits no longer, or CLOSE-WAIT ends
 * @reset: (nullable): the RST that was sent; @repeat_us: when it is sent again
 * @answers: GBytes, RST and the like that are sent before all else
 */
struct _EaCattp
{
  EaCattpParameters parameters;
  GBytes *identification;
  GBytes *peer_identification;
  EaCattpState state;
  gboolean is_active;
  gboolean is_confirmed;
  gboolean is_third_due;
  gint64 third_us;
  gint64 heard_us;
  gboolean is_closing;
  gint64 close_us;
  GBytes *reset;
  gint64 repeat_us;
  EaCattpOutput output;
  EaCattpInput input;
  EaCattpCounters counters;
  GQueue answers;
  GQueue events;
};

/* cattp.c */

EaCattpEvent *ea_cattp_add_event (EaCattp *self, EaCattpEventType type);
void ea_cattp_discard (EaCattp *self, EaCattpDiscard why);

/* The SYN+ACK or the third PDU has come. */
void ea_cattp_open (EaCattp *self, gint64 now_us);

/* The connection is over: without a word, or by an RST. */
void ea_cattp_end (EaCattp *self, EaCattpCause cause, guint8 reason);
void ea_cattp_reset (EaCattp *self, EaCattpCause cause, EaCattpResetReason reason, gint64 now_us);

/* The RST that was sent, again; one of "unexpected PDU" where there was none. */
void ea_cattp_repeat_reset (EaCattp *self);

/* Ends a connection that is to be closed and has nothing left to do. */
void ea_cattp_settle (EaCattp *self, gint64 now_us);

/* cattp-send.c */

/* @pdu with ports, numbers and window of now; members that @flags need are up to the caller. */
EaCattpPdu ea_cattp_make_pdu (EaCattp *self, guint8 flags);

/* Sent before all else, but dropped when there are too many. */
void ea_cattp_push_answer (EaCattp *self, const EaCattpPdu *pdu);
void ea_cattp_push_acknowledgement (EaCattp *self);

/* A PDU that takes the next number */
EaCattpSent *ea_cattp_add_sent (EaCattp *self, guint8 flags, GBytes *data);
void ea_cattp_sent_free (gpointer data);

/* cattp-loss.c */

/* (nullable): the first PDU underway that the peer is not known to have; the very first where it has said that it has
 * all of them, but does not acknowledge it */
EaCattpSent *ea_cattp_find_oldest (const EaCattp *self);
gsize ea_cattp_count_in_flight (const EaCattp *self);

/* FALSE when @number was never sent. */
gboolean ea_cattp_knows_number (const EaCattp *self, guint16 number);
void ea_cattp_take_acknowledgement (EaCattp *self, const EaCattpPdu *pdu, gint64 now_us);
void ea_cattp_find_losses (EaCattp *self, gint64 now_us);

/* When something underway is taken for lost by what has arrived; and when it was waited for long enough. */
gint64 ea_cattp_get_loss_deadline (const EaCattp *self);
gint64 ea_cattp_get_timeout_deadline (const EaCattp *self);

/* cattp-assembly.c */

/* The window that the peer is told */
guint16 ea_cattp_get_window (const EaCattp *self);

/* A NUL or data PDU; ends the connection when an SDU gets too large. */
void ea_cattp_take_numbered (EaCattp *self, const EaCattpPdu *pdu, gint64 now_us);
void ea_cattp_early_clear (gpointer data);

/* The owner has taken an SDU of @n_octets. */
void ea_cattp_sdu_pulled (EaCattp *self, gsize n_octets);
