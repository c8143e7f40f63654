/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reassembly of concatenated short messages, TS 23.040 §9.2.3.24.1 and .8. A number of segments that
 * differs makes another message, as references are short and are used again.
 */

#include "core/sms-reassembly.h"

typedef struct
{
  guint8 index;
  guint64 name;
  GBytes *payload;
} Segment;

/* An incomplete message; @segments in the order in which they came, each index once. */
typedef struct
{
  EaSmsAddress originator;
  EaSmsConcatenation concatenation;
  EaSmsSecured secured;
  GArray *segments;
  gsize n_bytes;
  gint64 deadline_us;
} Message;

static void
clear_segment (gpointer data)
{
  Segment *segment = data;

  g_clear_pointer (&segment->payload, g_bytes_unref);
}

static void
free_message (gpointer data)
{
  Message *message = data;

  g_array_unref (message->segments);
  g_free (message);
}

void
ea_sms_reassembly_event_clear (EaSmsReassemblyEvent *event)
{
  g_clear_pointer (&event->payload, g_bytes_unref);
  g_clear_pointer (&event->names, g_array_unref);
}

static void
free_event (gpointer data)
{
  ea_sms_reassembly_event_clear (data);
  g_free (data);
}

void
ea_sms_reassembly_init (EaSmsReassembly *self, gint64 timeout_us)
{
  *self = (EaSmsReassembly){ .timeout_us = timeout_us, .events = G_QUEUE_INIT };
  self->messages = g_ptr_array_new_with_free_func (free_message);
}

void
ea_sms_reassembly_clear (EaSmsReassembly *self)
{
  g_queue_clear_full (&self->events, free_event);
  g_clear_pointer (&self->messages, g_ptr_array_unref);
  self->n_bytes = 0;
}

static EaSmsReassemblyEvent *
add_event (EaSmsReassembly *self, EaSmsReassemblyNews news, const EaSmsAddress *originator,
           const EaSmsConcatenation *concatenation)
{
  EaSmsReassemblyEvent *event = g_new0 (EaSmsReassemblyEvent, 1);

  event->news = news;
  event->originator = *originator;
  event->concatenation = *concatenation;
  event->names = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_queue_push_tail (&self->events, event);
  return event;
}

/* An event about one segment alone. */
static EaSmsReassemblyEvent *
add_single_event (EaSmsReassembly *self, EaSmsReassemblyNews news, const EaSmsAddress *originator,
                  const EaSmsUserData *data, guint64 name)
{
  EaSmsReassemblyEvent *event = add_event (self, news, originator, &data->concatenation);

  event->secured = data->secured;
  g_array_append_val (event->names, name);
  return event;
}

/* An event about a message, which ends with it. @index: of the segment that caused it, or 0 */
static EaSmsReassemblyEvent *
end_message (EaSmsReassembly *self, Message *message, EaSmsReassemblyNews news, guint8 index)
{
  EaSmsReassemblyEvent *event
      = add_event (self, news, &message->originator, &message->concatenation);

  event->concatenation.index = index;
  event->secured = message->secured;
  for (guint i = 0; i < message->segments->len; i++)
    g_array_append_val (event->names, g_array_index (message->segments, Segment, i).name);
  self->n_bytes -= message->n_bytes;
  return event;
}

static gint
compare_index (gconstpointer a, gconstpointer b)
{
  const Segment *first = a;
  const Segment *second = b;

  return (gint) first->index - (gint) second->index;
}

static void
complete (EaSmsReassembly *self, Message *message, guint8 index)
{
  EaSmsReassemblyEvent *event = end_message (self, message, EA_SMS_REASSEMBLY_COMPLETE, index);
  EaWriter payload;

  g_array_sort (message->segments, compare_index);
  ea_writer_init (&payload);
  for (guint i = 0; i < message->segments->len; i++)
    ea_writer_bytes (&payload,
                     ea_span_from_bytes (g_array_index (message->segments, Segment, i).payload));
  event->payload = ea_writer_steal (&payload);
  g_ptr_array_remove (self->messages, message);
}

static gboolean
is_segment_of (const Message *message, const EaSmsAddress *originator,
               const EaSmsConcatenation *concatenation)
{
  return message->concatenation.reference == concatenation->reference
         && message->concatenation.total == concatenation->total
         && message->concatenation.has_wide_reference == concatenation->has_wide_reference
         && ea_sms_address_equal (&message->originator, originator);
}

static Message *
find_message (EaSmsReassembly *self, const EaSmsAddress *originator,
              const EaSmsConcatenation *concatenation)
{
  for (guint i = 0; i < self->messages->len; i++)
    if (is_segment_of (self->messages->pdata[i], originator, concatenation))
      return self->messages->pdata[i];
  return NULL;
}

static const Segment *
find_segment (const Message *message, guint8 index)
{
  for (guint i = 0; i < message->segments->len; i++)
    if (g_array_index (message->segments, Segment, i).index == index)
      return &g_array_index (message->segments, Segment, i);
  return NULL;
}

/* The messages stand in the order of their last new segment, so the first is the oldest. */
static void
make_room (EaSmsReassembly *self, guint n_messages_max, gsize n_bytes_max)
{
  while (self->messages->len > 0
         && (self->messages->len > n_messages_max || self->n_bytes > n_bytes_max))
    {
      (void) end_message (self, self->messages->pdata[0], EA_SMS_REASSEMBLY_LIMIT, 0);
      g_ptr_array_remove_index (self->messages, 0);
    }
}

static Message *
begin_message (const EaSmsAddress *originator, const EaSmsConcatenation *concatenation)
{
  Message *message = g_new0 (Message, 1);

  message->originator = *originator;
  message->concatenation = *concatenation;
  message->segments = g_array_new (FALSE, FALSE, sizeof (Segment));
  g_array_set_clear_func (message->segments, clear_segment);
  return message;
}

/* Adds a segment to @message (transfer full), which is the newest now. */
static void
take_segment (EaSmsReassembly *self, Message *message, const EaSmsUserData *data, guint64 name,
              gint64 now_us)
{
  Segment segment = { data->concatenation.index, name, ea_span_to_bytes (data->payload) };

  make_room (self, EA_SMS_REASSEMBLY_MESSAGES_MAX - 1,
             EA_SMS_REASSEMBLY_BYTES_MAX - message->n_bytes - data->payload.size);
  g_array_append_val (message->segments, segment);
  if (segment.index == 1)
    message->secured = data->secured;
  message->n_bytes += data->payload.size;
  message->deadline_us = now_us + self->timeout_us;
  self->n_bytes += message->n_bytes;
  g_ptr_array_add (self->messages, message);
  if (message->segments->len == message->concatenation.total)
    complete (self, message, segment.index);
}

/* What has the same place is the same segment, or the beginning of a new message. */
static gboolean
is_same_segment (const Message *message, const Segment *segment, const EaSmsUserData *data)
{
  return ea_span_equal (ea_span_from_bytes (segment->payload), data->payload)
         && (segment->index != 1 || message->secured == data->secured);
}

static Message *
withdraw (EaSmsReassembly *self, Message *message)
{
  guint place = 0;

  if (g_ptr_array_find (self->messages, message, &place))
    (void) g_ptr_array_steal_index (self->messages, place); /* the caller has it */
  self->n_bytes -= message->n_bytes;
  return message;
}

/* §9.2.3.24.1: numbers that make no sense are to be ignored. */
static gboolean
is_alone (const EaSmsConcatenation *concatenation)
{
  return concatenation->total <= 1 || concatenation->index == 0
         || concatenation->index > concatenation->total;
}

static void
take_alone (EaSmsReassembly *self, const EaSmsAddress *originator, const EaSmsUserData *data,
            guint64 name)
{
  EaSmsUserData alone = *data;
  EaSmsReassemblyEvent *event;

  alone.concatenation = (EaSmsConcatenation){ 0 };
  event = add_single_event (self, EA_SMS_REASSEMBLY_COMPLETE, originator, &alone, name);
  event->payload = ea_span_to_bytes (data->payload);
}

void
ea_sms_reassembly_receive (EaSmsReassembly *self, const EaSmsAddress *originator,
                           const EaSmsUserData *data, guint64 name, gint64 now_us)
{
  const EaSmsConcatenation *concatenation = &data->concatenation;
  const Segment *segment;
  Message *message;

  g_return_if_fail (data->payload.size <= EA_SMS_REASSEMBLY_PAYLOAD_MAX);

  ea_sms_reassembly_tick (self, now_us);
  if (is_alone (concatenation))
    {
      take_alone (self, originator, data, name);
      return;
    }

  message = find_message (self, originator, concatenation);
  segment = message != NULL ? find_segment (message, concatenation->index) : NULL;
  if (segment != NULL && is_same_segment (message, segment, data))
    {
      (void) add_single_event (self, EA_SMS_REASSEMBLY_DUPLICATE, originator, data, name);
      return;
    }
  if (segment != NULL)
    {
      (void) end_message (self, message, EA_SMS_REASSEMBLY_CONTRADICTION, concatenation->index);
      g_ptr_array_remove (self->messages, message);
      message = NULL;
    }

  message = message != NULL ? withdraw (self, message) : begin_message (originator, concatenation);
  take_segment (self, message, data, name, now_us);
}

void
ea_sms_reassembly_withdraw (EaSmsReassembly *self, const EaSmsAddress *originator,
                            const EaSmsConcatenation *concatenation)
{
  Message *message = find_message (self, originator, concatenation);

  if (message == NULL)
    return;
  (void) end_message (self, message, EA_SMS_REASSEMBLY_WITHDRAWN, 0);
  g_ptr_array_remove (self->messages, message);
}

void
ea_sms_reassembly_tick (EaSmsReassembly *self, gint64 now_us)
{
  guint i = 0;

  while (i < self->messages->len)
    {
      Message *message = self->messages->pdata[i];

      if (message->deadline_us > now_us)
        {
          i++;
          continue;
        }
      (void) end_message (self, message, EA_SMS_REASSEMBLY_TIMED_OUT, 0);
      g_ptr_array_remove_index (self->messages, i);
    }
}

gint64
ea_sms_reassembly_deadline (const EaSmsReassembly *self)
{
  gint64 deadline_us = EA_SMS_REASSEMBLY_NEVER;

  for (guint i = 0; i < self->messages->len; i++)
    deadline_us = MIN (deadline_us, ((const Message *) self->messages->pdata[i])->deadline_us);
  return deadline_us;
}

gboolean
ea_sms_reassembly_pull_event (EaSmsReassembly *self, EaSmsReassemblyEvent *event)
{
  g_autofree EaSmsReassemblyEvent *first = g_queue_pop_head (&self->events);

  if (first == NULL)
    return FALSE;
  *event = *first;
  return TRUE;
}

guint
ea_sms_reassembly_count_messages (const EaSmsReassembly *self)
{
  return self->messages->len;
}

gsize
ea_sms_reassembly_count_bytes (const EaSmsReassembly *self)
{
  return self->n_bytes;
}
