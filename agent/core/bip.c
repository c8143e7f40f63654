/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Channels of the bearer independent protocol, TS 102 223 §6.4.27 to §6.4.31: the machine and its commands
 * OPEN CHANNEL, CLOSE CHANNEL and GET CHANNEL STATUS. Circuit switched and local bearers, the client modes
 * of local connections and direct access to the network layer are left out.
 */

#include "core/bip.h"

#include "core/bip-private.h"
#include "core/cat-command.h"

void
ea_bip_event_clear (EaBipEvent *event)
{
  g_clear_pointer (&event->request, ea_bip_request_unref);
  g_clear_pointer (&event->data, g_bytes_unref);
}

static void
free_event (gpointer data)
{
  ea_bip_event_clear (data);
  g_free (data);
}

void
ea_bip_init (EaBip *self)
{
  *self = (EaBip){ .responses = G_QUEUE_INIT, .events = G_QUEUE_INIT };
  ea_bip_forget_events (self);
}

void
ea_bip_clear (EaBip *self)
{
  for (guint8 i = 1; i <= EA_BIP_CHANNELS_MAX; i++)
    ea_bip_channel_close (ea_bip_find_channel (self, i));
  g_queue_clear_full (&self->events, free_event);
  ea_bip_clear_responses (self);
}

EaBipEvent *
ea_bip_add_event (EaBip *self, guint8 channel, EaBipEventType type)
{
  EaBipEvent *event = g_new0 (EaBipEvent, 1);

  event->type = type;
  event->channel = channel;
  event->request = ea_bip_request_ref (ea_bip_find_channel (self, channel)->request);
  g_queue_push_tail (&self->events, event);
  return event;
}

void
ea_bip_connect (EaBip *self, guint8 channel, EaBipState fallback)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);

  place->state = EA_BIP_CONNECTING;
  place->fallback = fallback;
  (void) ea_bip_add_event (self, channel,
                           ea_bip_request_is_server (place->request) ? EA_BIP_EVENT_LISTEN
                                                                     : EA_BIP_EVENT_WANT_LINK);
}

/* A channel that is free; or the first one that the card has not closed though its link has dropped. */
static guint8
find_free (EaBip *self)
{
  for (guint8 i = 1; i <= EA_BIP_CHANNELS_MAX; i++)
    if (ea_bip_get_state (self, i) == EA_BIP_CLOSED)
      return i;
  for (guint8 i = 1; i <= EA_BIP_CHANNELS_MAX; i++)
    if (ea_bip_get_state (self, i) == EA_BIP_DROPPED
        && ea_bip_channel_is_drained (ea_bip_find_channel (self, i)))
      return i;
  return 0;
}

static gboolean
is_packet_bearer (guint8 type)
{
  return type == EA_CAT_BEARER_PACKET || type == EA_CAT_BEARER_DEFAULT
         || type == EA_CAT_BEARER_UTRAN_EXTENDED || type == EA_CAT_BEARER_EUTRAN
         || type == EA_CAT_BEARER_NG_RAN;
}

static gboolean
has_known_transport (const EaCatOpenChannel *open)
{
  return open->has_transport
         && (open->transport.protocol == EA_CAT_TRANSPORT_UDP_CLIENT
             || open->transport.protocol == EA_CAT_TRANSPORT_TCP_CLIENT
             || open->transport.protocol == EA_CAT_TRANSPORT_TCP_SERVER);
}

/* A port stays that of its channel while it is shut because a peer is or was connected. */
static gboolean
has_port (const EaBipChannel *place, guint16 port)
{
  if (place->state == EA_BIP_CLOSED || !ea_bip_request_is_server (place->request))
    return FALSE;
  if (place->state == EA_BIP_DROPPED && ea_bip_channel_is_drained (place))
    return FALSE; /* it was lost */
  return place->request->open.transport.port == port;
}

static gboolean
is_port_taken (EaBip *self, const EaBipRequest *request)
{
  if (!ea_bip_request_is_server (request))
    return FALSE;
  for (guint8 i = 1; i <= EA_BIP_CHANNELS_MAX; i++)
    if (has_port (ea_bip_find_channel (self, i), request->open.transport.port))
      return TRUE;
  return FALSE;
}

/* Answers @command at once. The response to OPEN CHANNEL says what was asked for, where that can be read. */
static void
refuse (EaBip *self, const EaCatCommand *command, guint64 name, EaBipResult result)
{
  g_autoptr (EaBipRequest) request = NULL;

  if (command->type == EA_CAT_TYPE_OPEN_CHANNEL)
    request = ea_bip_request_new (command, EA_BIP_BUFFER_MAX, NULL);
  (void) ea_bip_add_response (
      self, name,
      request != NULL ? ea_bip_build_open_response (command, request, result, NULL, NULL, 0)
                      : ea_bip_build_response (command, result));
}

void
ea_bip_end_channel (EaBip *self, guint8 channel, gboolean keeps_bearer)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);

  if (place->state == EA_BIP_CLOSED)
    return;
  ea_bip_add_event (self, channel, EA_BIP_EVENT_CLOSE)->keeps_bearer = keeps_bearer;
  ea_bip_channel_close (place);
}

static void
begin_channel (EaBip *self, const EaCatCommand *command, guint64 name, guint8 channel)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);
  const EaCatOpenChannel *open = &place->request->open;

  if (open->is_immediate || ea_bip_request_is_server (place->request))
    {
      ea_bip_hold_command (self, command, name, channel);
      ea_bip_connect (self, channel, EA_BIP_CLOSED);
      return;
    }
  ea_bip_accept (self, command, name, channel, NULL, 0);
  if (!open->is_background)
    return;
  place->owes_result = TRUE;
  ea_bip_connect (self, channel, EA_BIP_DROPPED);
}

static void
open_channel (EaBip *self, const EaCatCommand *command, guint64 name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EaBipRequest) request = ea_bip_request_new (command, EA_BIP_BUFFER_MAX, &error);
  guint8 channel = find_free (self);

  if (request == NULL)
    refuse (self, command, name, EA_BIP_RESULT (ea_cat_get_result (error->code)));
  else if (request->open.has_bearer && !is_packet_bearer (request->open.bearer.type))
    refuse (self, command, name, EA_BIP_RESULT (EA_CAT_RESULT_BEYOND_CAPABILITIES));
  else if (!has_known_transport (&request->open))
    refuse (self, command, name, EA_BIP_RESULT_ERROR (EA_CAT_BIP_TRANSPORT_NOT_AVAILABLE));
  else if (request->open.transport.port == 0)
    refuse (self, command, name, EA_BIP_RESULT (EA_CAT_RESULT_DATA_NOT_UNDERSTOOD));
  else if (is_port_taken (self, request))
    refuse (self, command, name, EA_BIP_RESULT_ERROR (EA_CAT_BIP_PORT_NOT_AVAILABLE));
  else if (channel == 0)
    refuse (self, command, name, EA_BIP_RESULT_ERROR (EA_CAT_BIP_NO_CHANNEL_AVAILABLE));
  else
    {
      ea_bip_end_channel (self, channel, FALSE);
      ea_bip_channel_open (ea_bip_find_channel (self, channel), g_steal_pointer (&request));
      begin_channel (self, command, name, channel);
    }
}

void
ea_bip_listen_again (EaBip *self, guint8 channel)
{
  EaBipChannel *place = ea_bip_find_channel (self, channel);
  EaBipRequest *request = ea_bip_request_ref (place->request);

  ea_bip_channel_close (place);
  ea_bip_channel_open (place, request);
  place->state = EA_BIP_LISTENING;
  (void) ea_bip_add_event (self, channel, EA_BIP_EVENT_LISTEN);
}

static void
close_channel (EaBip *self, const EaCatCommand *command, guint64 name)
{
  g_autoptr (GError) error = NULL;
  EaCatCloseChannel close = { 0 };
  EaBipChannel *place;

  if (!ea_cat_parse_close_channel (&close, command, &error))
    {
      refuse (self, command, name, EA_BIP_RESULT (ea_cat_get_result (error->code)));
      return;
    }
  place = ea_bip_find_channel (self, close.channel);
  if (place == NULL || (place->state == EA_BIP_CLOSED && !place->is_lost))
    {
      refuse (self, command, name, ea_bip_get_closed_result (place));
      return;
    }

  place->is_lost = FALSE;
  if (close.keeps && ea_bip_get_state (self, close.channel) != EA_BIP_CLOSED
      && ea_bip_request_is_server (place->request))
    ea_bip_listen_again (self, close.channel);
  else
    ea_bip_end_channel (self, close.channel, close.keeps);
  ea_bip_channel_forget (place);
  (void) ea_bip_add_response (self, name,
                              ea_bip_build_response (command, EA_BIP_RESULT (EA_CAT_RESULT_OK)));
}

static void
get_channel_status (EaBip *self, const EaCatCommand *command, guint64 name)
{
  EaCatChannelStatus statuses[EA_BIP_CHANNELS_MAX];
  g_autoptr (GError) error = NULL;
  gsize n_statuses = 0;

  if (!ea_cat_check_command_is (command, EA_CAT_TYPE_GET_CHANNEL_STATUS, &error))
    {
      refuse (self, command, name, EA_BIP_RESULT (ea_cat_get_result (error->code)));
      return;
    }
  for (guint8 i = 1; i <= EA_BIP_CHANNELS_MAX; i++)
    if (ea_bip_get_state (self, i) != EA_BIP_CLOSED)
      statuses[n_statuses++] = ea_bip_channel_get_status (ea_bip_find_channel (self, i), i);
  (void) ea_bip_add_response (self, name,
                              ea_bip_build_status_response (command, statuses, n_statuses));
}

static gboolean
is_of_bip (guint8 type)
{
  return type >= EA_CAT_TYPE_OPEN_CHANNEL && type <= EA_CAT_TYPE_GET_CHANNEL_STATUS;
}

gboolean
ea_bip_command (EaBip *self, const EaCatCommand *command, guint64 name)
{
  if (!is_of_bip (command->type))
    return FALSE;
  if (self->command_objects != NULL
      || (self->is_stopped && command->type == EA_CAT_TYPE_OPEN_CHANNEL))
    refuse (self, command, name, ea_bip_get_result (EA_BIP_FAILURE_UNABLE, 0));
  else if (command->type == EA_CAT_TYPE_OPEN_CHANNEL)
    open_channel (self, command, name);
  else if (command->type == EA_CAT_TYPE_CLOSE_CHANNEL)
    close_channel (self, command, name);
  else if (command->type == EA_CAT_TYPE_RECEIVE_DATA)
    ea_bip_receive_data (self, command, name);
  else if (command->type == EA_CAT_TYPE_SEND_DATA)
    ea_bip_send_data (self, command, name);
  else
    get_channel_status (self, command, name);
  return TRUE;
}

/* Whether the card has, or will have, heard that the channel was opened. */
static gboolean
is_known (const EaBipChannel *channel)
{
  return channel->state != EA_BIP_CLOSED
         && (channel->state != EA_BIP_CONNECTING || channel->fallback != EA_BIP_CLOSED);
}

/* Whether the card is to hear of the end of a channel that it thinks to be open. */
static gboolean
owes_end (const EaBipChannel *channel)
{
  return is_known (channel)
         && (channel->state != EA_BIP_DROPPED || channel->is_status_due
             || !ea_bip_channel_is_drained (channel));
}

void
ea_bip_stop (EaBip *self)
{
  EaBipResult unable = ea_bip_get_result (EA_BIP_FAILURE_UNABLE, 0);

  self->is_stopped = TRUE;
  for (guint8 i = 1; i <= EA_BIP_CHANNELS_MAX; i++)
    {
      EaBipChannel *place = ea_bip_find_channel (self, i);
      gboolean is_status_due = owes_end (place) || place->is_status_due;
      gboolean is_lost = place->is_lost || is_known (place);

      ea_bip_end_channel (self, i, FALSE);
      ea_bip_channel_forget (place);
      place->is_status_due = is_status_due;
      place->is_lost = is_lost;
    }
  if (self->command_objects == NULL)
    return;
  refuse (self, &self->command, self->command_name, unable);
  ea_bip_release_command (self);
}

void
ea_bip_reset (EaBip *self)
{
  for (guint8 i = 1; i <= EA_BIP_CHANNELS_MAX; i++)
    {
      EaBipChannel *place = ea_bip_find_channel (self, i);

      ea_bip_end_channel (self, i, FALSE);
      ea_bip_channel_forget (place);
      place->was_open = FALSE;
      place->is_lost = FALSE;
    }
  ea_bip_clear_responses (self);
  self->told = EA_BIP_NEWS_NONE;
  self->is_command_open = FALSE;
  ea_bip_set_events (self, EA_SPAN_EMPTY);
}

gboolean
ea_bip_pull_event (EaBip *self, EaBipEvent *event)
{
  g_autofree EaBipEvent *first = g_queue_pop_head (&self->events);

  if (first == NULL)
    return FALSE;
  *event = *first;
  return TRUE;
}
