/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Commands that wait for their link, responses, and what becomes of these: what the card was given counts as
 * given only when it has the response.
 */

#include "core/bip-private.h"

static void
free_response (gpointer data)
{
  EaBipResponse *response = data;

  g_clear_pointer (&response->bytes, g_bytes_unref);
  g_clear_pointer (&response->fetched, g_bytes_unref);
  g_free (response);
}

EaBipResponse *
ea_bip_add_response (EaBip *self, guint64 name, GBytes *response)
{
  EaBipResponse *entry = g_new0 (EaBipResponse, 1);

  entry->name = name;
  entry->bytes = response;
  g_queue_push_tail (&self->responses, entry);
  return entry;
}

void
ea_bip_clear_responses (EaBip *self)
{
  g_queue_clear_full (&self->responses, free_response);
  g_clear_pointer (&self->pulled, free_response);
  ea_bip_release_command (self);
}

/* Commands that wait */

void
ea_bip_hold_command (EaBip *self, const EaCatCommand *command, guint64 name, guint8 channel)
{
  self->command = *command;
  self->command_objects = ea_span_to_bytes (command->objects);
  self->command.objects = ea_span_from_bytes (self->command_objects);
  self->command_name = name;
  self->command_channel = channel;
}

void
ea_bip_release_command (EaBip *self)
{
  g_clear_pointer (&self->command_objects, g_bytes_unref);
  self->command_channel = 0;
  self->is_flushed = FALSE;
}

void
ea_bip_answer_command (EaBip *self, GBytes *response)
{
  (void) ea_bip_add_response (self, self->command_name, response);
  ea_bip_release_command (self);
}

gboolean
ea_bip_is_waiting (const EaBip *self, guint8 channel)
{
  return self->command_objects != NULL && self->command_channel == channel;
}

void
ea_bip_accept (EaBip *self, const EaCatCommand *command, guint64 name, guint8 channel,
               const EaCatOtherAddress *servers, gsize n_servers)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);
  EaCatChannelStatus status = ea_bip_channel_get_status (place, channel);
  GBytes *bytes = ea_bip_build_open_response (
      command, place->request, EA_BIP_RESULT (EA_CAT_RESULT_OK), &status, servers, n_servers);
  EaBipResponse *response = ea_bip_add_response (self, name, bytes);

  response->channel = channel;
  response->opens = TRUE;
  place->was_open = TRUE;
}

void
ea_bip_accept_waiting (EaBip *self, guint8 channel, const EaCatOtherAddress *servers,
                       gsize n_servers)
{
  ea_bip_accept (self, &self->command, self->command_name, channel, servers, n_servers);
  ea_bip_release_command (self);
}

/* What the link has taken by now is room again. */
static void
answer_flushed_command (EaBip *self)
{
  EaBipChannel *place = ea_bip_find_channel (self, self->command_channel);
  gsize n_free = place->state != EA_BIP_CLOSED ? ea_bip_channel_get_free (place) : 0;

  ea_bip_answer_command (self, ea_bip_build_send_response (&self->command, n_free));
}

GBytes *
ea_bip_pull_response (EaBip *self, guint64 *name)
{
  EaBipResponse *first;

  if (self->is_flushed)
    answer_flushed_command (self);
  first = g_queue_pop_head (&self->responses);
  if (first == NULL)
    return NULL;
  g_clear_pointer (&self->pulled, free_response);
  self->pulled = first;
  *name = first->name;
  return g_steal_pointer (&first->bytes);
}

/* What becomes of responses */

/* The card thinks that the channel is open, or may think so. */
static void
end_in_sight (EaBip *self, guint8 channel)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);

  if (place->state == EA_BIP_CLOSED)
    return;
  ea_bip_end_channel (self, channel, FALSE);
  ea_bip_channel_forget (place);
  ea_bip_channel_lost (self, channel, TRUE);
}

/* The card has never heard of the channel. */
static void
end_unseen (EaBip *self, guint8 channel)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);

  ea_bip_end_channel (self, channel, FALSE);
  ea_bip_channel_forget (place);
  place->was_open = FALSE;
}

static void
put_back (EaBip *self, const EaBipResponse *response)
{
  EaBipChannel *place = ea_bip_find_channel (self, response->channel);

  if (place->state != EA_BIP_ESTABLISHED && place->state != EA_BIP_DROPPED)
    return;
  ea_bip_buffer_put_back (&place->received, ea_span_from_bytes (response->fetched),
                          response->is_whole_datagram);
  place->is_data_due = TRUE;
  place->is_status_due = FALSE; /* that the link has dropped comes after the data */
}

void
ea_bip_response_done (EaBip *self, guint64 name, EaBipDelivery delivery)
{
  EaBipResponse *response = self->pulled;

  if (response == NULL || response->name != name)
    return;
  self->pulled = NULL;
  if (delivery == EA_BIP_DELIVERY_UNKNOWN && (response->opens || response->fetched != NULL))
    end_in_sight (self, response->channel);
  else if (delivery == EA_BIP_NOT_DELIVERED && response->opens)
    end_unseen (self, response->channel);
  else if (delivery == EA_BIP_NOT_DELIVERED && response->fetched != NULL)
    put_back (self, response);
  free_response (response);
}
