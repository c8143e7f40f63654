/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One channel of the bearer independent protocol: its buffers, and how its state looks to the card. */

#include "core/bip-private.h"

EaBipChannel *
ea_bip_find_channel (EaBip *self, guint8 channel)
{
  if (channel == 0 || channel > EA_BIP_CHANNELS_MAX)
    return NULL;
  return &self->channels[channel - 1];
}

EaBipState
ea_bip_get_state (const EaBip *self, guint8 channel)
{
  g_return_val_if_fail (channel >= 1 && channel <= EA_BIP_CHANNELS_MAX, EA_BIP_CLOSED);

  return self->channels[channel - 1].state;
}

EaBipRequest *
ea_bip_get_request (const EaBip *self, guint8 channel)
{
  g_return_val_if_fail (channel >= 1 && channel <= EA_BIP_CHANNELS_MAX, NULL);

  return self->channels[channel - 1].request;
}

void
ea_bip_channel_open (EaBipChannel *channel, EaBipRequest *request)
{
  ea_bip_channel_forget (channel);
  channel->state = EA_BIP_WAITING;
  channel->is_lost = FALSE;
  channel->request = request;
  channel->stored = g_byte_array_new ();
  ea_bip_buffer_init (&channel->received, ea_bip_request_is_datagram (request));
}

void
ea_bip_channel_close (EaBipChannel *channel)
{
  channel->state = EA_BIP_CLOSED;
  channel->n_unsent = 0;
  channel->owes_result = FALSE;
  channel->is_reading_paused = FALSE;
  g_clear_pointer (&channel->request, ea_bip_request_unref);
  g_clear_pointer (&channel->stored, g_byte_array_unref);
  ea_bip_buffer_clear (&channel->received);
}

void
ea_bip_channel_forget (EaBipChannel *channel)
{
  channel->is_data_due = FALSE;
  channel->is_listen_due = FALSE;
  channel->is_status_due = FALSE;
}

EaCatChannelStatus
ea_bip_channel_get_status (const EaBipChannel *channel, guint8 number)
{
  EaCatChannelStatus status = { .channel = number };

  switch (channel->state)
    {
    case EA_BIP_WAITING:
    case EA_BIP_CONNECTING:
      break;
    case EA_BIP_ESTABLISHED:
      status.is_established = TRUE;
      break;
    case EA_BIP_LISTENING:
      status.is_listening = TRUE;
      break;
    case EA_BIP_DROPPED:
      status.is_established = !ea_bip_channel_is_drained (channel);
      if (!status.is_established)
        status.information = EA_CAT_CHANNEL_LINK_DROPPED;
      break;
    case EA_BIP_CLOSED:
      status.information = EA_CAT_CHANNEL_LINK_DROPPED;
      break;
    }
  return status;
}

gsize
ea_bip_channel_get_free (const EaBipChannel *channel)
{
  gsize n_used = channel->stored->len + channel->n_unsent;

  return n_used < channel->request->buffer_size ? channel->request->buffer_size - n_used : 0;
}

gboolean
ea_bip_channel_is_drained (const EaBipChannel *channel)
{
  return ea_bip_buffer_get_size (&channel->received) == 0;
}

EaBipResult
ea_bip_get_closed_result (const EaBipChannel *channel)
{
  if (channel != NULL && channel->was_open)
    return EA_BIP_RESULT_ERROR (EA_CAT_BIP_CHANNEL_CLOSED);
  return EA_BIP_RESULT_ERROR (EA_CAT_BIP_CHANNEL_NOT_VALID);
}
