/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SEND DATA and RECEIVE DATA, TS 102 223 §6.4.29 and §6.4.30, and the buffers between them and the link. A
 * channel of datagrams shows one at a time: lengths that the card is told are those of the first one, and
 * the next is announced as if it had just come.
 */

#include "core/bip-private.h"
#include "core/cat-response.h"

/* RECEIVE DATA that must find all that they may ask for before a link is read again. */
#define RECEIVE_DATA_AHEAD 2

gsize
ea_bip_get_room (const EaBip *self, guint8 channel)
{
  const EaBipChannel *place;
  gsize n_received;

  if (ea_bip_get_state (self, channel) != EA_BIP_ESTABLISHED)
    return 0;
  place = &self->channels[channel - 1];
  if (place->is_reading_paused)
    return 0;
  n_received = ea_bip_buffer_get_size (&place->received);
  if (n_received >= place->request->buffer_size)
    return 0;
  if (ea_bip_request_is_datagram (place->request))
    return EA_BIP_DATAGRAM_MAX;
  return place->request->buffer_size - n_received;
}

void
ea_bip_receive (EaBip *self, guint8 channel, EaSpan data)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);

  if (place == NULL || place->state != EA_BIP_ESTABLISHED || data.size == 0)
    return;
  g_return_if_fail (data.size <= ea_bip_get_room (self, channel));

  if (ea_bip_buffer_get_size (&place->received) == 0)
    place->is_data_due = TRUE;
  ea_bip_buffer_add (&place->received, data);
  place->is_reading_paused = ea_bip_get_room (self, channel) == 0;
}

/* A full buffer is not filled up after each RECEIVE DATA, but when half of it is free: so the link is read in
 * pieces that are worth it, as RFC 1122 §4.2.3.3 has it for windows. The next two RECEIVE DATA must find all
 * that they may ask for, as they may come before the link is read. */
static void
resume_reading (EaBip *self, guint8 channel)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);
  gsize enough
      = MAX (place->request->buffer_size / 2, RECEIVE_DATA_AHEAD * EA_CAT_RECEIVE_DATA_MAX);
  gsize n_received = ea_bip_buffer_get_size (&place->received);

  if (!place->is_reading_paused || place->state != EA_BIP_ESTABLISHED || n_received > enough
      || n_received >= place->request->buffer_size)
    return;
  place->is_reading_paused = FALSE;
}

void
ea_bip_settle (EaBip *self, guint8 channel)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);

  if (place->state != EA_BIP_DROPPED || !ea_bip_channel_is_drained (place))
    return;
  if (!ea_bip_request_is_server (place->request))
    {
      place->is_status_due = TRUE;
      return;
    }
  ea_bip_listen_again (self, channel);
  place->is_listen_due = TRUE;
  place->is_status_due = FALSE;
}

/* Answers with the data that are there, at most @length bytes. */
static void
fetch (EaBip *self, const EaCatCommand *command, guint64 name, guint8 channel, gsize length)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);
  EaSpan readable = ea_bip_buffer_peek (&place->received);
  EaSpan data = ea_span_head (readable, MIN (length, EA_CAT_RECEIVE_DATA_MAX));
  gboolean is_short = data.size < MIN (length, EA_CAT_RECEIVE_DATA_MAX);
  EaBipResult result
      = EA_BIP_RESULT (is_short ? EA_CAT_RESULT_MISSING_INFORMATION : EA_CAT_RESULT_OK);

  EaBipResponse *response = ea_bip_add_response (
      self, name, ea_bip_build_receive_response (command, result, data, readable.size - data.size));

  response->channel = channel;
  response->fetched = data.size > 0 ? ea_span_to_bytes (data) : NULL;
  response->is_whole_datagram = data.size == readable.size;
  ea_bip_buffer_skip (&place->received, data.size);
  place->is_data_due = ea_bip_buffer_get_size (&place->received) > 0;
  resume_reading (self, channel);
  ea_bip_settle (self, channel);
}

void
ea_bip_receive_data (EaBip *self, const EaCatCommand *command, guint64 name)
{
  g_autoptr (GError) error = NULL;
  EaCatReceiveData receive = { 0 };
  EaBipChannel *place;

  if (!ea_cat_parse_receive_data (&receive, command, &error))
    {
      (void) ea_bip_add_response (
          self, name,
          ea_bip_build_response (command, EA_BIP_RESULT (ea_cat_get_result (error->code))));
      return;
    }
  place = ea_bip_find_channel (self, receive.channel);
  if (place == NULL || place->state == EA_BIP_CLOSED
      || (place->state == EA_BIP_DROPPED && ea_bip_channel_is_drained (place)))
    {
      (void) ea_bip_add_response (
          self, name, ea_bip_build_response (command, ea_bip_get_closed_result (place)));
      return;
    }
  fetch (self, command, name, receive.channel, receive.length);
}

void
ea_bip_flush (EaBip *self, guint8 channel)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);
  gsize n_stored = place->stored->len;

  if (n_stored > 0)
    {
      ea_bip_add_event (self, channel, EA_BIP_EVENT_SEND)->data
          = g_byte_array_free_to_bytes (g_steal_pointer (&place->stored));
      place->stored = g_byte_array_new ();
    }
  place->n_unsent += n_stored;
  self->is_flushed = TRUE;
}

void
ea_bip_withdraw (EaBip *self, guint8 channel)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);

  g_byte_array_set_size (place->stored, place->stored->len - (guint) self->n_command_bytes);
}

void
ea_bip_sent (EaBip *self, guint8 channel, gsize n_bytes)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);

  if (place != NULL)
    place->n_unsent -= MIN (n_bytes, place->n_unsent);
}

/* FALSE when no data can be sent through @place now; then @result says why. */
static gboolean
can_send (const EaBipChannel *place, gsize size, EaBipResult *result)
{
  if (place == NULL || place->state == EA_BIP_CLOSED)
    *result = ea_bip_get_closed_result (place);
  else if (place->state == EA_BIP_LISTENING)
    *result = EA_BIP_RESULT_ERROR (EA_CAT_BIP_NO_CAUSE);
  else if (place->state == EA_BIP_DROPPED
           && (!place->request->open.has_automatic_reconnection
               || ea_bip_request_is_server (place->request) || !ea_bip_channel_is_drained (place)))
    *result = EA_BIP_RESULT_ERROR (EA_CAT_BIP_CHANNEL_CLOSED);
  else if (size > ea_bip_channel_get_free (place))
    *result = EA_BIP_RESULT_ERROR (EA_CAT_BIP_BUFFER_SIZE_NOT_AVAILABLE);
  else
    return TRUE;
  return FALSE;
}

static void
take (EaBip *self, const EaCatCommand *command, guint64 name, const EaCatSendData *send)
{
  EaBipChannel *place = ea_bip_find_channel (self, send->channel);

  g_byte_array_append (place->stored, send->data.data, (guint) send->data.size);
  if (!send->is_immediate)
    {
      (void) ea_bip_add_response (
          self, name, ea_bip_build_send_response (command, ea_bip_channel_get_free (place)));
      return;
    }
  self->n_command_bytes = send->data.size;
  ea_bip_hold_command (self, command, name, send->channel);
  if (place->state == EA_BIP_ESTABLISHED)
    ea_bip_flush (self, send->channel);
  else if (place->state != EA_BIP_CONNECTING)
    ea_bip_connect (self, send->channel, place->state);
}

void
ea_bip_send_data (EaBip *self, const EaCatCommand *command, guint64 name)
{
  g_autoptr (GError) error = NULL;
  EaCatSendData send = { 0 };
  EaBipResult result;

  if (!ea_cat_parse_send_data (&send, command, &error))
    result = EA_BIP_RESULT (ea_cat_get_result (error->code));
  else if (can_send (ea_bip_find_channel (self, send.channel), send.data.size, &result))
    {
      take (self, command, name, &send);
      return;
    }
  (void) ea_bip_add_response (self, name, ea_bip_build_response (command, result));
}
