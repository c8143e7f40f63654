/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pump between core/bip and the channels: after every event of either side, what is due goes out. */

#include "session/channels.h"

#include "session/channel-failure.h"
#include "session/tally.h"

#define INHIBITOR_REASON "The eUICC has a data channel open"

/* Name servers that the card is told of at most: of both families, one to stand in for the other. */
#define N_SERVERS_MAX 4

struct _EaChannels
{
  GObject parent_instance;

  EaChannelContext context;
  EaInhibitor *inhibitor;
  EaActivity *activity;
  char *last_refusal; /* why a channel has no link; (nullable): the last one has got it */
  EaBip bip;
  EaChannel *channels[EA_BIP_CHANNELS_MAX];
  gboolean is_believed_open[EA_BIP_CHANNELS_MAX];
  GPtrArray *closing; /* of EaChannel: closed by the card, not yet finished */
  gboolean is_inhibiting;
  EaBearer *kept_bearer;
  guint keep_id;
  gboolean is_pumping;
  gboolean is_pump_due; /* something happened while it was pumping */
};

enum
{
  SIGNAL_OPENED,
  SIGNAL_CLOSED,
  SIGNAL_RESPONSE,
  SIGNAL_NEWS,
  SIGNAL_BELIEFS_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaChannels, ea_channels, G_TYPE_OBJECT)

static void pump (EaChannels *self);

/* From the channels */

/* Addresses of the name servers, for a card that wants to know them. */
static gsize
list_servers (EaChannel *channel, EaCatOtherAddress *servers)
{
  EaBearer *bearer = ea_channel_get_bearer (channel);
  GPtrArray *addresses = bearer != NULL ? ea_bearer_get_dns_servers (bearer) : NULL;
  gsize n_servers = 0;

  for (guint i = 0; addresses != NULL && i < addresses->len && n_servers < N_SERVERS_MAX; i++)
    {
      GInetAddress *address = g_ptr_array_index (addresses, i);
      gboolean is_ipv4 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4;

      servers[n_servers].family = is_ipv4 ? EA_CAT_ADDRESS_IPV4 : EA_CAT_ADDRESS_IPV6;
      servers[n_servers].address = ea_span_init (g_inet_address_to_bytes (address),
                                                 g_inet_address_get_native_size (address));
      n_servers++;
    }
  return n_servers;
}

static void
on_connected (EaChannel *channel, gpointer user_data)
{
  EaChannels *self = EA_CHANNELS (user_data);
  EaCatOtherAddress servers[N_SERVERS_MAX];
  gsize n_servers = list_servers (channel, servers);

  ea_activity_count (self->activity, EA_COUNTER_CHANNELS_OPENED);
  g_clear_pointer (&self->last_refusal, g_free);
  ea_bip_link_up (&self->bip, ea_channel_get_number (channel), servers, n_servers);
  pump (self);
}

static void
on_listening (EaChannel *channel, gpointer user_data)
{
  EaChannels *self = EA_CHANNELS (user_data);

  ea_activity_count (self->activity, EA_COUNTER_CHANNELS_OPENED);
  g_clear_pointer (&self->last_refusal, g_free);
  ea_bip_listening (&self->bip, ea_channel_get_number (channel));
  pump (self);
}

static void
on_accepted (EaChannel *channel, gpointer user_data)
{
  EaChannels *self = EA_CHANNELS (user_data);

  ea_bip_peer_connected (&self->bip, ea_channel_get_number (channel));
  pump (self);
}

/* A channel that has dropped has nothing more to lose. */
static void
on_dropped (EaChannel *channel, const GError *error, gpointer user_data)
{
  EaChannels *self = EA_CHANNELS (user_data);
  guint8 number = ea_channel_get_number (channel);
  EaBipState state = ea_bip_get_state (&self->bip, number);

  if (state != EA_BIP_ESTABLISHED && state != EA_BIP_LISTENING)
    return;
  ea_activity_count (self->activity, EA_COUNTER_CHANNELS_DROPPED);
  if (error != NULL)
    ea_activity_fail (self->activity, error);
  ea_bip_link_dropped (&self->bip, number);
  pump (self);
}

/* A card may try again ten times a second: one warning says it. */
static void
log_refusal (EaChannels *self, EaChannel *channel, const GError *error)
{
  EaLogContext log = ea_channel_get_log_context (channel);

  if (g_strcmp0 (error->message, self->last_refusal) == 0)
    {
      ea_log_debug (&log, "Channel %u has no link: %s", log.channel, error->message);
      return;
    }
  ea_log_warning (&log, EA_MESSAGE_CHANNEL_REFUSED, "Channel %u has no link: %s", log.channel,
                  error->message);
  g_free (self->last_refusal);
  self->last_refusal = g_strdup (error->message);
}

static void
on_failed (EaChannel *channel, const GError *error, guint cause, gpointer user_data)
{
  EaChannels *self = EA_CHANNELS (user_data);
  guint8 number = ea_channel_get_number (channel);
  EaBipRequest *request = ea_bip_get_request (&self->bip, number);
  EaBipFailure failure;

  if (request == NULL)
    return;
  failure = ea_channel_get_failure (error, ea_bip_request_is_server (request));
  ea_activity_count (self->activity, EA_COUNTER_CHANNELS_REFUSED);
  ea_activity_fail (self->activity, error);
  log_refusal (self, channel, error);
  if (ea_bip_get_state (&self->bip, number) == EA_BIP_LISTENING)
    ea_bip_link_dropped (&self->bip, number); /* the port was open before, and can't be again */
  else
    ea_bip_link_failed (&self->bip, number, failure, (guint8) cause);
  pump (self);
}

static void
on_received (EaChannel *channel, GBytes *data, gpointer user_data)
{
  EaChannels *self = EA_CHANNELS (user_data);

  ea_bip_receive (&self->bip, ea_channel_get_number (channel), ea_span_from_bytes (data));
  pump (self);
}

static void
on_sent (EaChannel *channel, gulong n_bytes, gpointer user_data)
{
  EaChannels *self = EA_CHANNELS (user_data);

  ea_bip_sent (&self->bip, ea_channel_get_number (channel), n_bytes);
  pump (self);
}

static void
on_finished (EaChannel *channel, gpointer user_data)
{
  EaChannels *self = EA_CHANNELS (user_data);

  g_signal_handlers_disconnect_by_data (channel, self);
  g_ptr_array_remove (self->closing, channel);
  pump (self);
}

/* To the channels */

static void
watch (EaChannels *self, EaChannel *channel)
{
  g_signal_connect_object (channel, "connected", G_CALLBACK (on_connected), self, 0);
  g_signal_connect_object (channel, "listening", G_CALLBACK (on_listening), self, 0);
  g_signal_connect_object (channel, "accepted", G_CALLBACK (on_accepted), self, 0);
  g_signal_connect_object (channel, "dropped", G_CALLBACK (on_dropped), self, 0);
  g_signal_connect_object (channel, "failed", G_CALLBACK (on_failed), self, 0);
  g_signal_connect_object (channel, "received", G_CALLBACK (on_received), self, 0);
  g_signal_connect_object (channel, "sent", G_CALLBACK (on_sent), self, 0);
}

static void
add_channel (EaChannels *self, guint8 number, EaBipRequest *request)
{
  EaChannel *channel = ea_channel_new (&self->context, number, request);

  self->channels[number - 1] = channel;
  watch (self, channel);
  ea_tally_channel (self->activity, channel);
  g_signal_emit (self, signals[SIGNAL_OPENED], 0, channel);
}

static gboolean
on_keep_over (gpointer user_data)
{
  EaChannels *self = user_data;

  self->keep_id = 0;
  g_clear_object (&self->kept_bearer);
  return G_SOURCE_REMOVE;
}

static void
keep_bearer (EaChannels *self, EaBearer *bearer)
{
  g_clear_handle_id (&self->keep_id, g_source_remove);
  g_set_object (&self->kept_bearer, bearer);
  self->keep_id = g_timeout_add_seconds (EA_CHANNELS_KEEP_BEARER_S, on_keep_over, self);
}

/* The card has closed it, or never got it. */
static void
remove_channel (EaChannels *self, guint8 number)
{
  EaChannel *channel = g_steal_pointer (&self->channels[number - 1]);

  if (channel == NULL)
    return;
  ea_channel_set_state (channel, EA_BIP_CLOSED);
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, channel);
  g_signal_handlers_disconnect_by_data (channel, self);
  g_signal_connect_object (channel, "finished", G_CALLBACK (on_finished), self, 0);
  g_ptr_array_add (self->closing, channel);
  ea_channel_close (channel);
  if (self->closing->len > EA_CHANNELS_CLOSING_MAX)
    g_ptr_array_remove_index (self->closing, 0);
}

/* The gateway stays awake for channels that something may come through. */
static void
update_inhibitor (EaChannels *self)
{
  gboolean is_needed = FALSE;

  for (guint8 i = 1; i <= EA_BIP_CHANNELS_MAX; i++)
    {
      EaBipState state = ea_bip_get_state (&self->bip, i);

      is_needed |= state != EA_BIP_CLOSED && state != EA_BIP_DROPPED;
    }
  if (is_needed == self->is_inhibiting || self->inhibitor == NULL)
    return;
  self->is_inhibiting = is_needed;
  if (is_needed)
    ea_inhibitor_hold (self->inhibitor, INHIBITOR_REASON);
  else
    ea_inhibitor_release (self->inhibitor);
}

static void
take_event (EaChannels *self, const EaBipEvent *event)
{
  guint index = event->channel - 1u;

  if (event->type != EA_BIP_EVENT_CLOSE && self->channels[index] == NULL)
    add_channel (self, event->channel, event->request);
  switch (event->type)
    {
    case EA_BIP_EVENT_WANT_LINK:
      ea_channel_connect (self->channels[index]);
      break;
    case EA_BIP_EVENT_LISTEN:
      ea_channel_listen (self->channels[index]);
      break;
    case EA_BIP_EVENT_SEND:
      ea_channel_send (self->channels[index], event->data);
      break;
    case EA_BIP_EVENT_CLOSE:
      if (event->keeps_bearer && self->channels[index] != NULL)
        keep_bearer (self, ea_channel_get_bearer (self->channels[index]));
      remove_channel (self, event->channel);
      break;
    }
}

/* What no event says: a channel on demand has come, an OPEN CHANNEL has failed, states and rooms are new. */
static void
follow_channels (EaChannels *self)
{
  for (guint8 i = 1; i <= EA_BIP_CHANNELS_MAX; i++)
    {
      EaBipState state = ea_bip_get_state (&self->bip, i);

      if (state == EA_BIP_CLOSED)
        {
          remove_channel (self, i);
          continue;
        }
      if (self->channels[i - 1] == NULL)
        add_channel (self, i, ea_bip_get_request (&self->bip, i));
      ea_channel_set_state (self->channels[i - 1], state);
      ea_channel_set_room (self->channels[i - 1], ea_bip_get_room (&self->bip, i));
    }
}

/* Whoever keeps them for another life has them before the card hears more. */
static void
follow_beliefs (EaChannels *self)
{
  gboolean is_changed = FALSE;

  for (guint8 i = 1; i <= EA_BIP_CHANNELS_MAX; i++)
    {
      gboolean is_believed_open = ea_bip_is_believed_open (&self->bip, i);

      is_changed |= self->is_believed_open[i - 1] != is_believed_open;
      self->is_believed_open[i - 1] = is_believed_open;
    }
  if (is_changed)
    g_signal_emit (self, signals[SIGNAL_BELIEFS_CHANGED], 0);
}

static void
pump_once (EaChannels *self)
{
  EaChannelsResponse response;
  EaBipEvent event;

  while (ea_bip_pull_event (&self->bip, &event))
    {
      take_event (self, &event);
      ea_bip_event_clear (&event);
    }
  follow_channels (self);
  update_inhibitor (self);
  follow_beliefs (self);
  while ((response.bytes = ea_bip_pull_response (&self->bip, &response.name)) != NULL)
    {
      g_signal_emit (self, signals[SIGNAL_RESPONSE], 0, &response);
      g_bytes_unref (response.bytes);
    }
}

static void
pump (EaChannels *self)
{
  self->is_pump_due = TRUE;
  if (self->is_pumping)
    return;
  self->is_pumping = TRUE;
  while (self->is_pump_due)
    {
      self->is_pump_due = FALSE;
      pump_once (self);
    }
  self->is_pumping = FALSE;
  g_signal_emit (self, signals[SIGNAL_NEWS], 0);
}

/* From the card */

gboolean
ea_channels_command (EaChannels *self, const EaCatCommand *command, guint64 name)
{
  if (!ea_bip_command (&self->bip, command, name))
    return FALSE;
  pump (self);
  return TRUE;
}

void
ea_channels_response_done (EaChannels *self, guint64 name, EaBipDelivery delivery)
{
  ea_bip_response_done (&self->bip, name, delivery);
  if (delivery != EA_BIP_DELIVERED)
    pump (self);
}

void
ea_channels_set_policy (EaChannels *self, const EaAddressPolicy *policy)
{
  self->context.policy = policy;
}

void
ea_channels_set_command_open (EaChannels *self, gboolean is_open)
{
  ea_bip_set_command_open (&self->bip, is_open);
}

void
ea_channels_lose (EaChannels *self, guint8 channel, gboolean is_open)
{
  ea_bip_channel_lost (&self->bip, channel, is_open);
  follow_beliefs (self);
  g_signal_emit (self, signals[SIGNAL_NEWS], 0);
}

void
ea_channels_forget_events (EaChannels *self)
{
  ea_bip_forget_events (&self->bip);
}

void
ea_channels_set_events (EaChannels *self, EaSpan events)
{
  ea_bip_set_events (&self->bip, events);
}

gboolean
ea_channels_is_believed_open (EaChannels *self, guint8 channel)
{
  return ea_bip_is_believed_open (&self->bip, channel);
}

gboolean
ea_channels_has_envelope (EaChannels *self)
{
  return ea_bip_has_envelope (&self->bip);
}

void
ea_channels_envelope_done (EaChannels *self, gboolean is_taken)
{
  ea_bip_envelope_done (&self->bip, is_taken);
  follow_beliefs (self);
}

GBytes *
ea_channels_pull_envelope (EaChannels *self)
{
  return ea_bip_pull_envelope (&self->bip);
}

gboolean
ea_channels_is_idle (EaChannels *self)
{
  for (guint i = 0; i < self->closing->len; i++)
    if (!ea_channel_is_flushed (g_ptr_array_index (self->closing, i)))
      return FALSE;
  return TRUE;
}

void
ea_channels_stop (EaChannels *self)
{
  ea_bip_stop (&self->bip);
  pump (self);
}

void
ea_channels_reset (EaChannels *self)
{
  ea_bip_reset (&self->bip);
  pump (self);
}

void
ea_channels_end (EaChannels *self)
{
  ea_channels_reset (self);
  for (guint i = 0; i < self->closing->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->closing, i), self);
  g_ptr_array_set_size (self->closing, 0);
  g_clear_handle_id (&self->keep_id, g_source_remove);
  g_clear_object (&self->kept_bearer);
}

static void
ea_channels_dispose (GObject *object)
{
  EaChannels *self = EA_CHANNELS (object);

  ea_channels_end (self);
  g_clear_object (&self->inhibitor);
  g_clear_object (&self->context.bearers);
  g_clear_object (&self->activity);
  G_OBJECT_CLASS (ea_channels_parent_class)->dispose (object);
}

static void
ea_channels_finalize (GObject *object)
{
  EaChannels *self = EA_CHANNELS (object);

  ea_bip_clear (&self->bip);
  g_ptr_array_unref (self->closing);
  g_free (self->last_refusal);
  G_OBJECT_CLASS (ea_channels_parent_class)->finalize (object);
}

static void
ea_channels_class_init (EaChannelsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_channels_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_channels_finalize;
  signals[SIGNAL_OPENED] = g_signal_new ("opened", EA_TYPE_CHANNELS, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, EA_TYPE_CHANNEL);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", EA_TYPE_CHANNELS, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, EA_TYPE_CHANNEL);
  signals[SIGNAL_RESPONSE] = g_signal_new ("response", EA_TYPE_CHANNELS, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_NEWS] = g_signal_new ("news", EA_TYPE_CHANNELS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_BELIEFS_CHANGED] = g_signal_new (
      "beliefs-changed", EA_TYPE_CHANNELS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ea_channels_init (EaChannels *self)
{
  ea_bip_init (&self->bip);
  self->closing = g_ptr_array_new_with_free_func (g_object_unref);
}

EaChannels *
ea_channels_new (const EaChannelContext *context, EaInhibitor *inhibitor, EaActivity *activity)
{
  EaChannels *self = g_object_new (EA_TYPE_CHANNELS, NULL);

  self->context = *context;
  g_object_ref (self->context.bearers);
  if (inhibitor != NULL)
    self->inhibitor = g_object_ref (inhibitor);
  self->activity = g_object_ref (activity);
  return self;
}
