/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/sms-address.h"
#include "core/sms-user-data.h"

/*
 * Concatenated short messages, TS 23.040 §9.2.3.24.1 and .8: segments in, whole messages out. Segments may
 * come in any order and more than once. A message is known by its originator, the width and the value of
 * its reference, and its number of segments.
 *
 * Nothing is lost in silence: the name that the caller gives to each segment comes back in exactly one
 * event. When that is not %EA_SMS_REASSEMBLY_COMPLETE, the caller decides what becomes of the segment.
 */

#define EA_SMS_REASSEMBLY_MESSAGES_MAX 16 /* incomplete messages at once */
#define EA_SMS_REASSEMBLY_BYTES_MAX 65536 /* payload of all incomplete messages */
#define EA_SMS_REASSEMBLY_PAYLOAD_MAX 255 /* of one segment: TP-UDL is one octet */
#define EA_SMS_REASSEMBLY_TIMEOUT_US (5 * 60 * G_USEC_PER_SEC) /* without a new segment */
#define EA_SMS_REASSEMBLY_NEVER G_MAXINT64

typedef enum
{
  EA_SMS_REASSEMBLY_COMPLETE,  /* all segments are there */
  EA_SMS_REASSEMBLY_DUPLICATE, /* this segment was there before; the message goes on without it */
  EA_SMS_REASSEMBLY_TIMED_OUT, /* no new segment came in time */
  EA_SMS_REASSEMBLY_CONTRADICTION, /* another segment with the same place came: the reference is used anew */
  EA_SMS_REASSEMBLY_LIMIT,     /* the oldest message made room for a newer one */
  EA_SMS_REASSEMBLY_WITHDRAWN, /* the caller does not want it any more */
} EaSmsReassemblyNews;

/**
 * EaSmsReassemblyEvent:
 * @secured: as the first segment says; none while that is missing
 * @concatenation: of the message; its index is that of the segment that caused the event, 0 for none. All
 *   0 for a message that stands alone
 * @payload: complete: the user data of all segments without their headers, in order. Else %NULL
 * @names: (element-type guint64): of the segments that the event is about, in the order in which they came
 *
 * Clear it with ea_sms_reassembly_event_clear().
 */
typedef struct
{
  EaSmsReassemblyNews news;
  EaSmsAddress originator;
  EaSmsConcatenation concatenation;
  EaSmsSecured secured;
  GBytes *payload;
  GArray *names;
} EaSmsReassemblyEvent;

void ea_sms_reassembly_event_clear (EaSmsReassemblyEvent *event);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaSmsReassemblyEvent, ea_sms_reassembly_event_clear)

/* A plain struct; its members are private. */
typedef struct
{
  gint64 timeout_us;
  GPtrArray *messages;
  GQueue events;
  gsize n_bytes;
} EaSmsReassembly;

/* @timeout_us: how long a message waits for a new segment, such as %EA_SMS_REASSEMBLY_TIMEOUT_US */
void ea_sms_reassembly_init (EaSmsReassembly *self, gint64 timeout_us);

/* What is incomplete, and the events that were not pulled, go without a word. */
void ea_sms_reassembly_clear (EaSmsReassembly *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaSmsReassembly, ea_sms_reassembly_clear)

/**
 * ea_sms_reassembly_receive:
 * @data: of one segment, or of a message that stands alone, which is complete at once: one without
 *   concatenation, segment 1 of 1, and one whose index is 0 or above its total (§9.2.3.24.1 ignores it).
 *   Octets: the packed septets of segments would not fit each other. At most
 *   %EA_SMS_REASSEMBLY_PAYLOAD_MAX bytes, copied
 * @name: what the caller calls the segment
 *
 * Makes any number of events; those of ea_sms_reassembly_tick() come first.
 */
void ea_sms_reassembly_receive (EaSmsReassembly *self, const EaSmsAddress *originator,
                                const EaSmsUserData *data, guint64 name, gint64 now_us);

/* The incomplete message with this concatenation is not wanted any more: it ends with an event of its own,
 * if it has segments. */
void ea_sms_reassembly_withdraw (EaSmsReassembly *self, const EaSmsAddress *originator,
                                 const EaSmsConcatenation *concatenation);

/* Gives up the messages whose time is over. */
void ea_sms_reassembly_tick (EaSmsReassembly *self, gint64 now_us);

/* When to tick: a time in µs, or %EA_SMS_REASSEMBLY_NEVER. */
gint64 ea_sms_reassembly_deadline (const EaSmsReassembly *self);

/* TRUE and the oldest event, now the caller's, in @event (out); FALSE when there is none. */
gboolean ea_sms_reassembly_pull_event (EaSmsReassembly *self, EaSmsReassemblyEvent *event);

/* Messages that are incomplete, and bytes that they hold. */
guint ea_sms_reassembly_count_messages (const EaSmsReassembly *self);
gsize ea_sms_reassembly_count_bytes (const EaSmsReassembly *self);
