/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What happens on the links of the channels, and what the card is told of it: data available and channel
 * status, TS 102 223 §7.5.10 and §7.5.11. */

#include "core/bip-private.h"
#include "core/cat-command.h"
#include "core/cat-event.h"

/* (nullable): the channel, when it is in this state and of this kind */
static EaBipChannel *
find_in_state (EaBip *self, guint8 channel, EaBipState state, gboolean is_server)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);

  if (place == NULL || place->state != state
      || ea_bip_request_is_server (place->request) != is_server)
    return NULL;
  return place;
}

/* The card learns how it went with a link that was made in the background. */
static void
tell_result (EaBipChannel *place)
{
  place->is_status_due = place->is_status_due || place->owes_result;
  place->owes_result = FALSE;
}

void
ea_bip_link_up (EaBip *self, guint8 channel, const EaCatOtherAddress *servers, gsize n_servers)
{
  EaBipChannel *place = find_in_state (self, channel, EA_BIP_CONNECTING, FALSE);

  if (place == NULL)
    return;
  place->state = EA_BIP_ESTABLISHED;
  place->is_status_due = FALSE; /* a link that dropped and is there again was never gone */
  tell_result (place);
  if (!ea_bip_is_waiting (self, channel))
    return;
  if (self->command.type == EA_CAT_TYPE_SEND_DATA)
    ea_bip_flush (self, channel);
  else
    ea_bip_accept_waiting (self, channel, servers, n_servers);
}

void
ea_bip_listening (EaBip *self, guint8 channel)
{
  EaBipChannel *place = find_in_state (self, channel, EA_BIP_CONNECTING, TRUE);

  if (place == NULL)
    return;
  place->state = EA_BIP_LISTENING;
  ea_bip_accept_waiting (self, channel, NULL, 0);
}

void
ea_bip_peer_connected (EaBip *self, guint8 channel)
{
  EaBipChannel *place = find_in_state (self, channel, EA_BIP_LISTENING, TRUE);

  if (place == NULL)
    return;
  place->state = EA_BIP_ESTABLISHED;
  place->is_status_due = TRUE;
}

void
ea_bip_link_failed (EaBip *self, guint8 channel, EaBipFailure failure, guint8 cause)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);
  EaBipResult result = ea_bip_get_result (failure, cause);

  if (place == NULL || place->state != EA_BIP_CONNECTING)
    return;
  place->state = place->fallback;
  tell_result (place);
  if (ea_bip_is_waiting (self, channel) && self->command.type == EA_CAT_TYPE_SEND_DATA)
    {
      ea_bip_withdraw (self, channel);
      ea_bip_answer_command (self, ea_bip_build_response (&self->command, result));
    }
  else if (ea_bip_is_waiting (self, channel))
    ea_bip_answer_command (
        self, ea_bip_build_open_response (&self->command, place->request, result, NULL, NULL, 0));
  if (place->state == EA_BIP_CLOSED)
    ea_bip_channel_close (place);
}

void
ea_bip_link_dropped (EaBip *self, guint8 channel)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);
  gboolean had_peer;

  if (place == NULL || (place->state != EA_BIP_ESTABLISHED && place->state != EA_BIP_LISTENING))
    return;
  had_peer = place->state == EA_BIP_ESTABLISHED;
  place->state = EA_BIP_DROPPED;
  place->n_unsent = 0;
  place->is_reading_paused = FALSE;
  if (!place->request->open.has_automatic_reconnection || ea_bip_request_is_server (place->request))
    g_byte_array_set_size (place->stored, 0);
  if (had_peer)
    ea_bip_settle (self, channel);
  else
    {
      place->is_listen_due = FALSE;
      place->is_status_due = TRUE;
    }
}

void
ea_bip_channel_lost (EaBip *self, guint8 channel, gboolean is_open)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);

  if (place == NULL || place->state != EA_BIP_CLOSED)
    return;
  place->is_lost = TRUE;
  place->was_open |= is_open;
  place->is_status_due |= is_open;
}

void
ea_bip_set_command_open (EaBip *self, gboolean is_open)
{
  self->is_command_open = is_open;
}

void
ea_bip_forget_events (EaBip *self)
{
  self->wants_data_available = TRUE;
  self->wants_channel_status = TRUE;
}

void
ea_bip_set_events (EaBip *self, EaSpan events)
{
  EaReader reader;

  self->wants_data_available = FALSE;
  self->wants_channel_status = FALSE;
  ea_reader_init (&reader, events);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint8 event = ea_reader_u8 (&reader);

      if (event == EA_CAT_EVENT_DATA_AVAILABLE)
        self->wants_data_available = TRUE;
      if (event == EA_CAT_EVENT_CHANNEL_STATUS)
        self->wants_channel_status = TRUE;
    }
}

/* The first thing that the card is to hear of @channel, in the order in which it came to be. */
static EaBipNews
get_news (const EaBip *self, const EaBipChannel *place)
{
  if (place->is_listen_due && self->wants_channel_status)
    return EA_BIP_NEWS_LISTENING;
  if (place->is_status_due && self->wants_channel_status)
    return EA_BIP_NEWS_STATUS;
  if (place->is_data_due && self->wants_data_available)
    return EA_BIP_NEWS_DATA;
  return EA_BIP_NEWS_NONE;
}

static void
set_due (EaBipChannel *place, EaBipNews news, gboolean is_due)
{
  switch (news)
    {
    case EA_BIP_NEWS_NONE:
      return;
    case EA_BIP_NEWS_LISTENING:
      place->is_listen_due = is_due;
      return;
    case EA_BIP_NEWS_STATUS:
      place->is_status_due = is_due;
      return;
    case EA_BIP_NEWS_DATA:
      place->is_data_due = is_due;
      return;
    }
}

static gboolean
is_being_told (const EaBip *self, guint8 channel, EaBipNews news)
{
  return self->told == news && self->last_told == channel;
}

gboolean
ea_bip_is_believed_open (const EaBip *self, guint8 channel)
{
  return ea_bip_get_state (self, channel) != EA_BIP_CLOSED
         || self->channels[channel - 1].is_status_due
         || is_being_told (self, channel, EA_BIP_NEWS_STATUS);
}

static GBytes *
build_news (const EaBipChannel *place, guint8 channel, EaBipNews news)
{
  const EaCatChannelStatus listening = { .channel = channel, .is_listening = TRUE };
  EaCatChannelStatus status = ea_bip_channel_get_status (place, channel);

  if (news == EA_BIP_NEWS_LISTENING)
    return ea_cat_build_channel_status_event (&listening);
  if (news == EA_BIP_NEWS_STATUS)
    return ea_cat_build_channel_status_event (&status);
  return ea_cat_build_data_available (&status, ea_bip_buffer_peek (&place->received).size);
}

/* No envelope is given out while a command is open. */
static gboolean
may_tell (const EaBip *self)
{
  return !self->is_command_open && self->command_objects == NULL;
}

gboolean
ea_bip_has_envelope (const EaBip *self)
{
  for (guint i = 0; may_tell (self) && i < EA_BIP_CHANNELS_MAX; i++)
    if (get_news (self, &self->channels[i]) != EA_BIP_NEWS_NONE)
      return TRUE;
  return FALSE;
}

GBytes *
ea_bip_pull_envelope (EaBip *self)
{
  if (!may_tell (self))
    return NULL;
  for (guint i = 0; i < EA_BIP_CHANNELS_MAX; i++)
    {
      guint8 channel = (guint8) ((self->last_told + i) % EA_BIP_CHANNELS_MAX + 1);
      EaBipChannel *place = ea_bip_find_channel (self, channel);
      EaBipNews news = get_news (self, place);

      if (news == EA_BIP_NEWS_NONE)
        continue;
      set_due (place, news, FALSE);
      self->told = news;
      self->last_told = channel;
      return build_news (place, channel, news);
    }
  return NULL;
}

/* The channel may have gone another way meanwhile: data that are fetched need no announcement, and of a channel
 * that the card has closed there is nothing to tell. */
void
ea_bip_envelope_done (EaBip *self, gboolean is_taken)
{
  EaBipChannel *place = ea_bip_find_channel (self, self->last_told);
  EaBipNews news = self->told;

  self->told = EA_BIP_NEWS_NONE;
  if (is_taken || place == NULL)
    return;
  if (news == EA_BIP_NEWS_DATA && (place->request == NULL || ea_bip_channel_is_drained (place)))
    return;
  set_due (place, news, TRUE);
}
