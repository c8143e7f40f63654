/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The head of the queue on its way to the agent. Segments are made durable and acknowledged one by one, since the
 * network sends the next only then; the packet that they make leaves the inbox in the same change in which it
 * becomes a job of the endpoint.
 */

#include "session/ota-private.h"

/* The network has to keep @message (transfer full), unless it has given it away already. */
static void
leave_for_later (EaOta *self, EaShortMessage *message, const char *reason)
{
  if (ea_short_message_must_stay (message) || message->record != NULL)
    {
      ea_ota_put_aside (self, message, reason);
      return;
    }
  ea_activity_count (self->activity, EA_COUNTER_SMS_REJECTED);
  ea_ota_settle (self, message, FALSE, EA_SMS_TP_CAUSE_MEMORY_EXCEEDED);
  ea_short_message_free (message);
}

static void
accept_message (EaOta *self, const EaShortMessage *message)
{
  if (message->sms == NULL)
    return;
  ea_activity_count (self->activity, EA_COUNTER_SMS_ACCEPTED);
  ea_ota_settle (self, message, TRUE, 0);
}

/* Takes the packet that @messages (element-type EaShortMessage) make over to the endpoint; FALSE when it does not
 * take it now. */
static gboolean
take_packet (EaOta *self, const GPtrArray *messages, const EaSmsAddress *originator, EaSpan packet)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  for (guint i = 0; i < messages->len; i++)
    {
      const EaShortMessage *message = messages->pdata[i];

      ea_inbox_forget (message, change);
      if (!ea_short_message_must_stay (message))
        ea_recent_add (self->recent, message->tpdu);
    }
  ea_recent_write (self->recent, change);
  return ea_endpoint_take (self->endpoint, originator, packet, change) != EA_ENDPOINT_LATER;
}

/* The first takes those behind it along. */
static void
leave_all_for_later (EaOta *self, GPtrArray *messages)
{
  for (guint i = 0; i < messages->len; i++)
    {
      const EaShortMessage *message = messages->pdata[i];

      ea_recent_settle (self->recent, message->tpdu); /* it was not taken */
    }
  while (messages->len > 1)
    ea_ota_return (self, g_ptr_array_steal_index (messages, messages->len - 1));
  leave_for_later (self, g_ptr_array_steal_index (messages, 0), "the agent can't take it");
}

static void
take_single (EaOta *self, EaSpan packet, const EaSmsAddress *originator)
{
  g_autoptr (GPtrArray) messages
      = g_ptr_array_new_with_free_func ((GDestroyNotify) ea_short_message_free);

  g_ptr_array_add (messages, g_queue_pop_head (&self->messages));
  if (take_packet (self, messages, originator, packet))
    accept_message (self, messages->pdata[0]);
  else
    leave_all_for_later (self, messages);
}

/* They were first when they came, and are first again. */
static void
return_to_queue (EaOta *self, GPtrArray *messages)
{
  for (guint i = messages->len; i > 0; i--)
    {
      EaShortMessage *message = g_ptr_array_steal_index (messages, i - 1);

      message->is_for_card = TRUE;
      ea_ota_return (self, message);
    }
}

static void
forget_all (EaOta *self, GPtrArray *messages)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < messages->len; i++)
    if (!ea_inbox_remove (self->inbox, messages->pdata[i], &error))
      {
        ea_ota_fail_store (self, error, "Segments of a packet stay in the inbox");
        return;
      }
}

static void
give_up (EaOta *self, GPtrArray *messages)
{
  ea_activity_count (self->activity, EA_COUNTER_PACKETS_INCOMPLETE);
  ea_log_warning (ea_ota_get_log (self), EA_MESSAGE_SMS_REJECTED,
                  "%u segments of a secured packet are given up, as the others did not come",
                  messages->len);
  forget_all (self, messages);
}

static gboolean
on_tick (gpointer user_data)
{
  EaOta *self = user_data;

  self->tick_id = 0;
  ea_ota_tick_sorter (self);
  return G_SOURCE_REMOVE;
}

static void
arm_tick (EaOta *self)
{
  gint64 deadline_us = ea_sorter_deadline (self->sorter);
  gint64 left_us = MAX (deadline_us - g_get_monotonic_time (), 0);

  g_clear_handle_id (&self->tick_id, g_source_remove);
  if (deadline_us != EA_SMS_REASSEMBLY_NEVER)
    self->tick_id = g_timeout_add ((guint) (left_us / 1000) + 1, on_tick, self);
}

/* What became of the segments that were held. */
static void
drain_sorter (EaOta *self)
{
  for (;;)
    {
      g_auto (EaSorted) sorted = { 0 };

      if (!ea_sorter_pull (self->sorter, &sorted))
        break;
      switch (sorted.news)
        {
        case EA_SORTER_FOR_CARD:
          return_to_queue (self, sorted.messages);
          break;
        case EA_SORTER_FOR_AGENT:
          if (!take_packet (self, sorted.messages, &sorted.originator,
                            ea_span_from_bytes (sorted.packet)))
            leave_all_for_later (self, sorted.messages);
          break;
        case EA_SORTER_DUPLICATE:
          ea_activity_count (self->activity, EA_COUNTER_SMS_DUPLICATES);
          forget_all (self, sorted.messages);
          break;
        case EA_SORTER_INCOMPLETE:
          give_up (self, sorted.messages);
          break;
        }
    }
  arm_tick (self);
}

void
ea_ota_tick_sorter (EaOta *self)
{
  ea_sorter_tick (self->sorter, g_get_monotonic_time ());
  drain_sorter (self);
  ea_ota_serve_head (self);
}

/* Durable first, then acknowledged. */
static gboolean
keep (EaOta *self, EaShortMessage *message)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (GError) error = NULL;

  if (!ea_short_message_must_stay (message))
    ea_recent_add (self->recent, message->tpdu);
  ea_recent_write (self->recent, change);
  if (ea_inbox_put (self->inbox, message, change, &error))
    return TRUE;
  ea_recent_settle (self->recent, message->tpdu);
  ea_ota_fail_store (self, error, "A segment of a packet can't be stored, and is not acknowledged");
  return FALSE;
}

static void
take_segment (EaOta *self)
{
  EaShortMessage *message = g_queue_pop_head (&self->messages);

  if (!keep (self, message))
    {
      leave_for_later (self, message, "the store does not work");
      return;
    }
  accept_message (self, message);
  g_clear_pointer (&message->sms, ea_modem_sms_free);
  ea_sorter_hold (self->sorter, message, g_get_monotonic_time ());
  drain_sorter (self);
}

EaOtaWay
ea_ota_take_for_agent (EaOta *self)
{
  EaShortMessage *message = g_queue_peek_head (&self->messages);
  EaSmsAddress originator;
  EaSorterKind kind;
  EaSpan packet;

  if (!ea_endpoint_has_keys (self->endpoint))
    return EA_OTA_TO_CARD;
  kind = ea_sorter_look (self->sorter, message, &packet, &originator, g_get_monotonic_time ());
  if (kind != EA_SORTER_CARD && !ea_endpoint_has_room (self->endpoint))
    return EA_OTA_NO_ROOM;
  switch (kind)
    {
    case EA_SORTER_PACKET:
      take_single (self, packet, &originator);
      return EA_OTA_TO_AGENT;
    case EA_SORTER_SEGMENT:
      take_segment (self);
      return EA_OTA_TO_AGENT;
    case EA_SORTER_CARD:
      message->is_for_card = TRUE;
      drain_sorter (self); /* the segments that were held for this one go before it */
      break;
    }
  return EA_OTA_TO_CARD;
}
