/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Segments are held by the machine of core/sms-reassembly.h, under the numbers that are their keys here. What
 * it says about a message that was not completed depends on whether its first segment has come.
 */

#include "session/sorter.h"

/* Concatenated messages of the card's whose later segments are known by their first */
#define CARD_MESSAGES_MAX 16

typedef struct
{
  EaSmsAddress originator;
  EaSmsConcatenation concatenation;
  gint64 deadline_us;
} CardMessage;

struct _EaSorter
{
  EaSorterFunc holds_key;
  gpointer user_data;
  EaSmsReassembly reassembly;
  GHashTable *held; /* guint64 → EaShortMessage */
  guint64 n_held;   /* so far */
  GQueue cards;     /* CardMessage */
};

void
ea_sorted_clear (EaSorted *sorted)
{
  g_clear_pointer (&sorted->messages, g_ptr_array_unref);
  g_clear_pointer (&sorted->packet, g_bytes_unref);
}

EaSorter *
ea_sorter_new (EaSorterFunc holds_key, gpointer user_data)
{
  EaSorter *self = g_new0 (EaSorter, 1);

  self->holds_key = holds_key;
  self->user_data = user_data;
  ea_sms_reassembly_init (&self->reassembly, EA_SMS_REASSEMBLY_TIMEOUT_US);
  self->held = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                      (GDestroyNotify) ea_short_message_free);
  g_queue_init (&self->cards);
  return self;
}

void
ea_sorter_free (EaSorter *self)
{
  if (self == NULL)
    return;
  ea_sms_reassembly_clear (&self->reassembly);
  g_hash_table_unref (self->held);
  g_queue_clear_full (&self->cards, g_free);
  g_free (self);
}

static gboolean
is_same_message (const EaSmsConcatenation *a, const EaSmsConcatenation *b)
{
  return a->reference == b->reference && a->total == b->total
         && a->has_wide_reference == b->has_wide_reference;
}

static GList *
find_card_message (EaSorter *self, const EaSmsDeliver *deliver, gint64 now_us)
{
  for (GList *link = self->cards.head; link != NULL; link = link->next)
    {
      const CardMessage *card = link->data;

      if (now_us < card->deadline_us
          && is_same_message (&card->concatenation, &deliver->user_data.concatenation)
          && ea_sms_address_equal (&card->originator, &deliver->originator))
        return link;
    }
  return NULL;
}

/* References are short and are used again. */
static void
forget_card_message (EaSorter *self, const EaSmsDeliver *deliver, gint64 now_us)
{
  GList *link = find_card_message (self, deliver, now_us);

  if (link == NULL)
    return;
  g_free (link->data);
  g_queue_delete_link (&self->cards, link);
}

static void
note_for_card (EaSorter *self, const EaSmsDeliver *deliver, gint64 now_us)
{
  CardMessage *card = g_new0 (CardMessage, 1);

  card->originator = deliver->originator;
  card->concatenation = deliver->user_data.concatenation;
  card->deadline_us = now_us + EA_SMS_REASSEMBLY_TIMEOUT_US;
  g_queue_push_tail (&self->cards, card);
  if (self->cards.length > CARD_MESSAGES_MAX)
    g_free (g_queue_pop_head (&self->cards));
}

/* A whole packet, or its first segment, for which the agent has the key */
static gboolean
is_for_agent (EaSorter *self, const EaSmsUserData *data)
{
  EaScp80Target target;

  return data->secured == EA_SMS_SECURED_COMMAND && ea_scp80_read_target (data->payload, &target)
         && self->holds_key (&target, self->user_data);
}

static gboolean
is_segment (const EaSmsConcatenation *concatenation)
{
  return concatenation->total > 1 && concatenation->index > 0
         && concatenation->index <= concatenation->total;
}

EaSorterKind
ea_sorter_look (EaSorter *self, const EaShortMessage *message, EaSpan *packet,
                EaSmsAddress *originator, gint64 now_us)
{
  EaSmsDeliver deliver;
  const EaSmsUserData *data = &deliver.user_data;

  if (!ea_sms_parse_deliver (&deliver, ea_span_from_bytes (message->tpdu), NULL))
    return EA_SORTER_CARD;
  if (!is_segment (&data->concatenation))
    {
      *packet = data->payload;
      *originator = deliver.originator;
      return is_for_agent (self, data) ? EA_SORTER_PACKET : EA_SORTER_CARD;
    }
  if (data->concatenation.index != 1)
    return find_card_message (self, &deliver, now_us) != NULL ? EA_SORTER_CARD : EA_SORTER_SEGMENT;
  forget_card_message (self, &deliver, now_us);
  if (is_for_agent (self, data))
    return EA_SORTER_SEGMENT;
  note_for_card (self, &deliver, now_us);
  ea_sms_reassembly_withdraw (&self->reassembly, &deliver.originator, &data->concatenation);
  return EA_SORTER_CARD;
}

void
ea_sorter_hold (EaSorter *self, EaShortMessage *message, gint64 now_us)
{
  EaSmsDeliver deliver;
  guint64 name = self->n_held++;

  g_hash_table_insert (self->held, g_memdup2 (&name, sizeof name), message);
  if (ea_sms_parse_deliver (&deliver, ea_span_from_bytes (message->tpdu), NULL))
    ea_sms_reassembly_receive (&self->reassembly, &deliver.originator, &deliver.user_data, name,
                               now_us);
}

void
ea_sorter_tick (EaSorter *self, gint64 now_us)
{
  ea_sms_reassembly_tick (&self->reassembly, now_us);
}

gint64
ea_sorter_deadline (const EaSorter *self)
{
  return ea_sms_reassembly_deadline (&self->reassembly);
}

/* (transfer full): the messages with these names, which are held no longer */
static GPtrArray *
release (EaSorter *self, const GArray *names)
{
  GPtrArray *messages = g_ptr_array_new_with_free_func ((GDestroyNotify) ea_short_message_free);

  for (guint i = 0; i < names->len; i++)
    {
      gpointer name = NULL;
      gpointer message = NULL;

      if (g_hash_table_steal_extended (self->held, &g_array_index (names, guint64, i), &name,
                                       &message))
        g_ptr_array_add (messages, message);
      g_free (name);
    }
  return messages;
}

static gboolean
has_first_of_agent (EaSorter *self, const GPtrArray *messages)
{
  for (guint i = 0; i < messages->len; i++)
    {
      const EaShortMessage *message = messages->pdata[i];
      EaSmsDeliver deliver;

      if (ea_sms_parse_deliver (&deliver, ea_span_from_bytes (message->tpdu), NULL)
          && deliver.user_data.concatenation.index == 1 && is_for_agent (self, &deliver.user_data))
        return TRUE;
    }
  return FALSE;
}

/* The keys may have changed since the segments came: what the whole packet says counts. */
static EaSorterNews
get_news (EaSorter *self, const EaSmsReassemblyEvent *event, const GPtrArray *messages)
{
  switch (event->news)
    {
    case EA_SMS_REASSEMBLY_COMPLETE:
      return has_first_of_agent (self, messages) ? EA_SORTER_FOR_AGENT : EA_SORTER_FOR_CARD;
    case EA_SMS_REASSEMBLY_DUPLICATE:
      return EA_SORTER_DUPLICATE;
    case EA_SMS_REASSEMBLY_TIMED_OUT:
    case EA_SMS_REASSEMBLY_CONTRADICTION:
    case EA_SMS_REASSEMBLY_LIMIT:
    case EA_SMS_REASSEMBLY_WITHDRAWN:
      break;
    }
  return has_first_of_agent (self, messages) ? EA_SORTER_INCOMPLETE : EA_SORTER_FOR_CARD;
}

gboolean
ea_sorter_pull (EaSorter *self, EaSorted *out)
{
  g_auto (EaSmsReassemblyEvent) event = { 0 };

  if (!ea_sms_reassembly_pull_event (&self->reassembly, &event))
    return FALSE;
  out->messages = release (self, event.names);
  out->news = get_news (self, &event, out->messages);
  out->originator = event.originator;
  out->packet = g_steal_pointer (&event.payload);
  return TRUE;
}
