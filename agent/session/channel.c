/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What one channel carries between the card and its link, and what it shows of that. */

#include "session/channel.h"

#include "core/cat-bearer.h"
#include "session/activity.h"
#include "session/channel-private.h"
#include "session/error-name.h"

enum
{
  PROP_NUMBER = 1,
  PROP_TRANSPORT,
  PROP_PEER,
  PROP_INTERFACE,
  PROP_APN,
  PROP_BUFFER_SIZE,
  PROP_STATE,
  PROP_BYTES_RECEIVED,
  PROP_BYTES_SENT,
  PROP_ERROR,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint signals[EA_CHANNEL_N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaChannel, ea_channel, G_TYPE_OBJECT)

void
ea_channel_emit (EaChannel *self, EaChannelSignal signal)
{
  g_signal_emit (self, signals[signal], 0);
}

static void
notify (EaChannel *self, guint property)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[property]);
}

static guint64
get_n_sent (EaChannel *self)
{
  return self->n_sent + (self->link != NULL ? ea_link_get_bytes_sent (self->link) : 0)
         + (self->ending != NULL ? ea_link_get_bytes_sent (self->ending) : 0);
}

static void
tell_counts (gpointer user_data)
{
  notify (user_data, PROP_BYTES_RECEIVED);
  notify (user_data, PROP_BYTES_SENT);
  notify (user_data, PROP_ERROR);
}

static const char *
get_transport (EaChannel *self)
{
  return ea_bip_request_is_datagram (self->request) ? "udp" : "tcp";
}

EaLogContext
ea_channel_get_log_context (EaChannel *self)
{
  return ea_log_context_for_channel (self->context->log, self->number, get_transport (self));
}

static void
clear_error (EaChannel *self)
{
  if (self->error_name == NULL)
    return;
  g_clear_pointer (&self->error_name, g_free);
  g_clear_pointer (&self->error_sentence, g_free);
  ea_pacer_note (&self->pacer);
}

/* @error: (nullable): the peer has closed, which is none */
static void
keep_error (EaChannel *self, const GError *error)
{
  if (error == NULL)
    return;
  clear_error (self);
  self->error_name = ea_error_name_get_for_bus (error);
  self->error_sentence = g_strdup (error->message);
  ea_pacer_note (&self->pacer);
}

void
ea_channel_fail (EaChannel *self, const GError *error, guint8 cause)
{
  keep_error (self, error);
  ea_channel_take_bearer (self, NULL);
  g_signal_emit (self, signals[EA_CHANNEL_SIGNAL_FAILED], 0, error, (guint) cause);
}

/* @error: (nullable): the peer has closed */
static void
log_loss (EaChannel *self, const GError *error)
{
  EaLogContext log = ea_channel_get_log_context (self);

  if (error == NULL)
    ea_log_info (&log, "The peer of channel %u has closed the connection", self->number);
  else if (self->is_closing)
    ea_log_info (&log, "What was sent before channel %u was closed may be lost: %s", self->number,
                 error->message);
  else
    ea_log_warning (&log, EA_MESSAGE_CHANNEL_LOST, "Channel %u has lost its link: %s", self->number,
                    error->message);
}

static void
release_ending (EaChannel *self)
{
  if (self->ending == NULL)
    return;
  self->n_sent += ea_link_get_bytes_sent (self->ending);
  g_signal_handlers_disconnect_by_data (self->ending, self);
  g_clear_object (&self->ending);
}

static void
finish (EaChannel *self)
{
  ea_channel_release_link (self);
  release_ending (self);
  ea_channel_take_bearer (self, NULL);
  ea_channel_emit (self, EA_CHANNEL_SIGNAL_FINISHED);
}

/* A bearer is held no longer than something goes over it. */
static gboolean
needs_bearer (EaChannel *self)
{
  return self->link != NULL || self->ending != NULL || self->cancellable != NULL
         || ea_bip_request_is_server (self->request);
}

void
ea_channel_drop (EaChannel *self, const GError *error)
{
  if (error != NULL || !self->is_closing)
    log_loss (self, error);
  if (self->is_closing)
    {
      finish (self);
      return;
    }
  keep_error (self, error);
  ea_channel_release_link (self);
  if (!needs_bearer (self))
    ea_channel_take_bearer (self, NULL);
  g_signal_emit (self, signals[EA_CHANNEL_SIGNAL_DROPPED], 0, error);
}

/* The bearer */

static void
abort_links (EaChannel *self)
{
  if (self->link != NULL)
    ea_link_abort (self->link);
  if (self->ending != NULL)
    ea_link_abort (self->ending);
}

static void
on_bearer_lost (EaBearer *bearer, const GError *error, gpointer user_data)
{
  EaChannel *self = EA_CHANNEL (user_data);
  gboolean was_asking = self->cancellable != NULL;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  abort_links (self);
  release_ending (self);
  g_clear_object (&self->listener);
  ea_channel_take_bearer (self, NULL);
  if (was_asking)
    ea_channel_fail (self, error, 0);
  else
    ea_channel_drop (self, error);
}

void
ea_channel_take_bearer (EaChannel *self, EaBearer *bearer)
{
  if (self->bearer != NULL)
    g_signal_handlers_disconnect_by_data (self->bearer, self);
  g_clear_object (&self->bearer);
  self->bearer = bearer;
  if (bearer != NULL)
    g_signal_connect_object (bearer, "lost", G_CALLBACK (on_bearer_lost), self, 0);
  notify (self, PROP_INTERFACE);
  notify (self, PROP_APN);
}

/* The link */

static void
on_received (EaLink *link, GBytes *bytes, gpointer user_data)
{
  EaChannel *self = EA_CHANNEL (user_data);

  self->n_received += g_bytes_get_size (bytes);
  ea_pacer_note (&self->pacer);
  g_signal_emit (self, signals[EA_CHANNEL_SIGNAL_RECEIVED], 0, bytes);
}

static void
tell_sent (EaChannel *self)
{
  guint64 n_sent = ea_link_get_bytes_sent (self->link);
  guint64 n_new = n_sent - self->n_told;

  if (n_new == 0)
    return;
  self->n_told = n_sent;
  ea_pacer_note (&self->pacer);
  g_signal_emit (self, signals[EA_CHANNEL_SIGNAL_SENT], 0, (gulong) n_new);
}

static void
on_writable (EaLink *link, gpointer user_data)
{
  tell_sent (EA_CHANNEL (user_data));
}

static void
on_ending_ended (EaLink *link, const GError *error, gpointer user_data)
{
  EaChannel *self = EA_CHANNEL (user_data);

  release_ending (self);
  if (self->is_closing)
    finish (self);
  else if (!needs_bearer (self))
    ea_channel_take_bearer (self, NULL);
}

/* What is unsent may still arrive. */
static void
on_peer_closed (EaLink *link, gpointer user_data)
{
  EaChannel *self = EA_CHANNEL (user_data);

  release_ending (self);
  self->ending = g_object_ref (link);
  self->n_sent -= ea_link_get_bytes_sent (link); /* they are counted until it has ended */
  ea_channel_release_link (self);
  g_signal_connect_object (link, "ended", G_CALLBACK (on_ending_ended), self, 0);
  ea_link_close (link, EA_CHANNEL_CLOSE_LIMIT_MS);
  ea_channel_drop (self, NULL);
}

static void
on_datagram_error (EaLink *link, const GError *error, gpointer user_data)
{
  EaChannel *self = EA_CHANNEL (user_data);
  EaLogContext log = ea_channel_get_log_context (self);

  keep_error (self, error);
  ea_log_debug (&log, "Channel %u: %s", self->number, error->message);
}

/* Of datagrams none may ever come back: there is no connection. */
static void
log_link (EaChannel *self, EaLink *link)
{
  g_autofree char *peer
      = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (ea_link_get_peer (link)));
  EaLogContext log = ea_channel_get_log_context (self);

  ea_log_info (&log,
               ea_bip_request_is_datagram (self->request)
                   ? "Channel %u sends datagrams to %s over %s"
                   : "Channel %u is connected with %s over %s",
               self->number, peer, ea_bearer_get_interface (self->bearer));
}

static void
on_ended (EaLink *link, const GError *error, gpointer user_data)
{
  ea_channel_drop (EA_CHANNEL (user_data), error);
}

void
ea_channel_take_link (EaChannel *self, EaLink *link)
{
  log_link (self, link);
  clear_error (self);
  ea_channel_release_link (self);
  self->link = link;
  self->n_told = 0;
  g_signal_connect_object (link, "received", G_CALLBACK (on_received), self, 0);
  g_signal_connect_object (link, "writable", G_CALLBACK (on_writable), self, 0);
  g_signal_connect_object (link, "peer-closed", G_CALLBACK (on_peer_closed), self, 0);
  g_signal_connect_object (link, "datagram-error", G_CALLBACK (on_datagram_error), self, 0);
  g_signal_connect_object (link, "ended", G_CALLBACK (on_ended), self, 0);
  notify (self, PROP_PEER);
}

void
ea_channel_release_link (EaChannel *self)
{
  if (self->link == NULL)
    return;
  self->n_sent += ea_link_get_bytes_sent (self->link);
  g_signal_handlers_disconnect_by_data (self->link, self);
  g_clear_object (&self->link);
  notify (self, PROP_PEER);
}

void
ea_channel_send (EaChannel *self, GBytes *data)
{
  EaLogContext log = ea_channel_get_log_context (self);
  g_autoptr (GError) error = NULL;

  if (self->link == NULL)
    return;
  if (ea_link_send (self->link, data, &error))
    {
      tell_sent (self);
      return;
    }
  ea_log_debug (&log, "Channel %u: %s", self->number, error->message);
  if (ea_bip_request_is_datagram (self->request))
    g_signal_emit (self, signals[EA_CHANNEL_SIGNAL_SENT], 0, (gulong) g_bytes_get_size (data));
}

void
ea_channel_set_room (EaChannel *self, gsize room)
{
  if (self->link != NULL)
    ea_link_set_room (self->link, MIN (room, EA_LINK_DATAGRAM_MAX));
}

gboolean
ea_channel_is_flushed (EaChannel *self)
{
  return (self->link == NULL || ea_link_get_queued (self->link) == 0)
         && (self->ending == NULL || ea_link_get_queued (self->ending) == 0);
}

void
ea_channel_close (EaChannel *self)
{
  gboolean has_link = self->link != NULL && ea_link_is_open (self->link);
  gboolean was_used = has_link || self->n_received + get_n_sent (self) > 0;
  EaLogContext log = ea_channel_get_log_context (self);

  if (was_used)
    ea_log_info (&log,
                 "Channel %u is closed after %" G_GUINT64_FORMAT
                 " bytes received, %" G_GUINT64_FORMAT " sent",
                 self->number, self->n_received, get_n_sent (self));
  self->is_closing = TRUE;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->limit_id, g_source_remove);
  g_clear_object (&self->listener);
  if (has_link)
    ea_link_close (self->link, EA_CHANNEL_CLOSE_LIMIT_MS);
  else if (self->ending == NULL)
    finish (self);
}

/* What it shows */

guint8
ea_channel_get_number (EaChannel *self)
{
  return self->number;
}

EaBearer *
ea_channel_get_bearer (EaChannel *self)
{
  return self->bearer;
}

void
ea_channel_set_state (EaChannel *self, EaBipState state)
{
  if (self->state == state)
    return;
  self->state = state;
  notify (self, PROP_STATE);
  if (state == EA_BIP_CLOSED)
    tell_counts (self); /* whatever the pace is: these are the last */
}

static const char *
get_state_word (EaBipState state)
{
  switch (state)
    {
    case EA_BIP_CLOSED:
      return "closed";
    case EA_BIP_WAITING:
      return "waiting";
    case EA_BIP_CONNECTING:
      return "connecting";
    case EA_BIP_ESTABLISHED:
      return "established";
    case EA_BIP_LISTENING:
      return "listening";
    case EA_BIP_DROPPED:
      return "dropped";
    }
  g_assert_not_reached ();
}

/* (transfer full): who is asked for, or who has come */
static char *
get_peer (EaChannel *self)
{
  g_autofree char *host = ea_cat_other_address_to_text (&self->request->open.destination);
  gboolean is_ipv6 = self->request->open.destination.family == EA_CAT_ADDRESS_IPV6;

  if (ea_bip_request_is_server (self->request))
    return self->link != NULL ? g_socket_connectable_to_string (
               G_SOCKET_CONNECTABLE (ea_link_get_peer (self->link)))
                              : g_strdup ("");
  return g_strdup_printf (is_ipv6 ? "[%s]:%u" : "%s:%u", host, self->request->open.transport.port);
}

static GVariant *
get_error (EaChannel *self)
{
  return g_variant_new ("(ss)", self->error_name != NULL ? self->error_name : "",
                        self->error_sentence != NULL ? self->error_sentence : "");
}

static void
ea_channel_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  EaChannel *self = EA_CHANNEL (object);

  switch (id)
    {
    case PROP_NUMBER:
      g_value_set_uint (value, self->number);
      break;
    case PROP_TRANSPORT:
      g_value_set_static_string (value, get_transport (self));
      break;
    case PROP_PEER:
      g_value_take_string (value, get_peer (self));
      break;
    case PROP_INTERFACE:
      g_value_set_string (value,
                          self->bearer != NULL ? ea_bearer_get_interface (self->bearer) : "");
      break;
    case PROP_APN:
      g_value_set_string (value, self->bearer != NULL ? ea_bearer_get_apn (self->bearer)
                                                      : self->request->access_name);
      break;
    case PROP_BUFFER_SIZE:
      g_value_set_uint (value, self->request->buffer_size);
      break;
    case PROP_STATE:
      g_value_set_static_string (value, get_state_word (self->state));
      break;
    case PROP_BYTES_RECEIVED:
      g_value_set_uint64 (value, self->n_received);
      break;
    case PROP_BYTES_SENT:
      g_value_set_uint64 (value, get_n_sent (self));
      break;
    case PROP_ERROR:
      g_value_set_variant (value, get_error (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ea_channel_dispose (GObject *object)
{
  EaChannel *self = EA_CHANNEL (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->limit_id, g_source_remove);
  ea_pacer_clear (&self->pacer);
  g_clear_object (&self->listener);
  abort_links (self); /* else they would go on without us */
  ea_channel_release_link (self);
  release_ending (self);
  ea_channel_take_bearer (self, NULL);
  G_OBJECT_CLASS (ea_channel_parent_class)->dispose (object);
}

static void
ea_channel_finalize (GObject *object)
{
  EaChannel *self = EA_CHANNEL (object);

  ea_bip_request_unref (self->request);
  g_free (self->error_name);
  g_free (self->error_sentence);
  G_OBJECT_CLASS (ea_channel_parent_class)->finalize (object);
}

static void
install_string (guint id, const char *name)
{
  props[id] = g_param_spec_string (name, NULL, NULL, "", G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
install_uint (guint id, const char *name)
{
  props[id] = g_param_spec_uint (name, NULL, NULL, 0, G_MAXUINT, 0,
                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
install_count (guint id, const char *name)
{
  props[id] = g_param_spec_uint64 (name, NULL, NULL, 0, G_MAXUINT64, 0,
                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
add_signal (EaChannelSignal signal, const char *name)
{
  signals[signal] = g_signal_new (name, EA_TYPE_CHANNEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
}

static void
add_signals (void)
{
  add_signal (EA_CHANNEL_SIGNAL_CONNECTED, "connected");
  add_signal (EA_CHANNEL_SIGNAL_LISTENING, "listening");
  add_signal (EA_CHANNEL_SIGNAL_ACCEPTED, "accepted");
  add_signal (EA_CHANNEL_SIGNAL_FINISHED, "finished");
  signals[EA_CHANNEL_SIGNAL_DROPPED]
      = g_signal_new ("dropped", EA_TYPE_CHANNEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[EA_CHANNEL_SIGNAL_FAILED]
      = g_signal_new ("failed", EA_TYPE_CHANNEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 2, G_TYPE_ERROR, G_TYPE_UINT);
  signals[EA_CHANNEL_SIGNAL_RECEIVED]
      = g_signal_new ("received", EA_TYPE_CHANNEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 1, G_TYPE_BYTES);
  signals[EA_CHANNEL_SIGNAL_SENT] = g_signal_new ("sent", EA_TYPE_CHANNEL, G_SIGNAL_RUN_LAST, 0,
                                                  NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ULONG);
}

static void
ea_channel_class_init (EaChannelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ea_channel_get_property;
  object_class->dispose = ea_channel_dispose;
  object_class->finalize = ea_channel_finalize;
  install_uint (PROP_NUMBER, "number");
  install_uint (PROP_BUFFER_SIZE, "buffer-size");
  install_string (PROP_TRANSPORT, "transport");
  install_string (PROP_PEER, "peer");
  install_string (PROP_INTERFACE, "interface");
  install_string (PROP_APN, "apn");
  install_string (PROP_STATE, "state");
  install_count (PROP_BYTES_RECEIVED, "bytes-received");
  install_count (PROP_BYTES_SENT, "bytes-sent");
  props[PROP_ERROR] = g_param_spec_variant ("error", NULL, NULL, G_VARIANT_TYPE ("(ss)"), NULL,
                                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  add_signals ();
}

static void
ea_channel_init (EaChannel *self)
{
  ea_pacer_init (&self->pacer, tell_counts, self);
}

EaChannel *
ea_channel_new (const EaChannelContext *context, guint8 number, EaBipRequest *request)
{
  EaChannel *self = g_object_new (EA_TYPE_CHANNEL, NULL);

  self->context = context;
  self->number = number;
  self->request = ea_bip_request_ref (request);
  self->state = EA_BIP_WAITING;
  return self;
}
