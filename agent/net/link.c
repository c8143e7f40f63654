/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A link is two watched directions of one socket. Each is watched only while something is wanted of it: input
 * while there is room, output while something is queued; a UDP link also hears of ICMP errors at any time.
 *
 * A connection ends when its input ends. A sending error is kept until then, so that bytes that the peer sent
 * before it broke the connection are given first.
 */

#include "net/link.h"

#include <errno.h>

#include "net/link-private.h"
#include "net/socket.h"

static guint signals[EA_LINK_N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaLink, ea_link, G_TYPE_OBJECT)

void
ea_link_emit (EaLink *self, EaLinkSignal signal, gconstpointer parameter)
{
  g_signal_emit (self, signals[signal], 0, parameter);
}

void
ea_link_clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
ea_link_attach_source (EaLink *self, GSource *source, GSourceFunc func)
{
  /* No main loop runs within another, so a source can stay in the poll while it is dispatched. To take it out
   * and put it back would wake up the loop twice. */
  g_source_set_can_recurse (source, TRUE);
  g_source_set_callback (source, func, self, NULL);
  g_source_attach (source, self->context);
}

void
ea_link_start_timer (EaLink *self, guint timeout_ms, GSourceFunc func)
{
  self->timer = g_timeout_source_new (timeout_ms);
  ea_link_attach_source (self, self->timer, func);
}

void
ea_link_clear_queue (EaLink *self)
{
  g_queue_clear_full (&self->queue, (GDestroyNotify) g_bytes_unref);
  self->n_queued = 0;
}

void
ea_link_tear_down (EaLink *self)
{
  self->state = EA_LINK_STATE_CLOSED;
  ea_link_clear_source (&self->timer);
  ea_link_clear_source (&self->input);
  ea_link_clear_source (&self->output);
  ea_link_clear_source (&self->end);
  ea_link_clear_queue (self);
  if (self->socket != NULL)
    (void) g_socket_close (self->socket, NULL); /* now, though a source may still refer to it */
  g_clear_object (&self->socket);
  g_clear_error (&self->send_error);
  g_clear_error (&self->end_error);
}

void
ea_link_end (EaLink *link, GError *error)
{
  g_autoptr (EaLink) self = g_object_ref (link);
  g_autoptr (GError) cause = error;
  gboolean was_closing = self->state == EA_LINK_STATE_CLOSING;

  ea_link_tear_down (self);
  ea_link_emit (self, EA_LINK_SIGNAL_ENDED, cause);
  if (was_closing)
    g_object_unref (self);
}

static gboolean
on_end (gpointer user_data)
{
  EaLink *self = EA_LINK (user_data);

  ea_link_end (self, g_steal_pointer (&self->end_error));
  return G_SOURCE_REMOVE;
}

void
ea_link_schedule_end (EaLink *self, GError *error)
{
  if (self->end != NULL)
    {
      g_clear_error (&error); /* the first cause counts */
      return;
    }
  ea_link_clear_source (&self->input);
  ea_link_clear_source (&self->output);
  self->end_error = error;
  self->end = g_idle_source_new ();
  g_source_set_priority (self->end, G_PRIORITY_DEFAULT);
  ea_link_attach_source (self, self->end, on_end);
}

/* Closing */

static gboolean
on_close_timed_out (gpointer user_data)
{
  EaLink *self = EA_LINK (user_data);

  ea_socket_set_abort (self->socket);
  ea_link_end (self, ea_socket_new_error (ETIMEDOUT, "The peer did not close its side"));
  return G_SOURCE_REMOVE;
}

void
ea_link_abort (EaLink *self)
{
  gboolean was_closing = self->state == EA_LINK_STATE_CLOSING;

  if (self->connect_task != NULL)
    ea_link_cancel_connecting (self);
  if (self->socket != NULL && self->protocol == EA_LINK_TCP)
    ea_socket_set_abort (self->socket);
  ea_link_tear_down (self);
  if (was_closing)
    g_object_unref (self);
}

void
ea_link_close (EaLink *self, guint timeout_ms)
{
  g_return_if_fail (timeout_ms > 0);

  if (self->state == EA_LINK_STATE_CLOSING)
    return;
  if (self->state != EA_LINK_STATE_OPEN)
    {
      ea_link_abort (self);
      return;
    }
  g_object_ref (self); /* until ea_link_end() or ea_link_abort() */
  self->state = EA_LINK_STATE_CLOSING;
  ea_link_start_timer (self, timeout_ms, on_close_timed_out);
  ea_link_update_input (self);
  if (self->send_error != NULL)
    ea_link_schedule_end (self, g_error_copy (self->send_error));
  else if (self->end == NULL && g_queue_is_empty (&self->queue))
    ea_link_finish_sending (self);
}

/* What the owner may set and ask */

void
ea_link_set_room (EaLink *self, gsize size)
{
  self->room = size;
  self->waits_for_room = FALSE;
  ea_link_update_input (self);
}

gsize
ea_link_get_room (EaLink *self)
{
  return self->room;
}

void
ea_link_set_datagram_max (EaLink *self, gsize size)
{
  self->datagram_max = size;
  self->waits_for_room = FALSE;
  ea_link_update_input (self);
}

gsize
ea_link_get_send_room (EaLink *self)
{
  if (self->state != EA_LINK_STATE_OPEN || self->send_error != NULL
      || g_queue_get_length (&self->queue) >= EA_LINK_SEND_PIECES_MAX)
    return 0;
  return EA_LINK_SEND_MAX - self->n_queued;
}

gsize
ea_link_get_queued (EaLink *self)
{
  return self->n_queued;
}

gboolean
ea_link_is_open (EaLink *self)
{
  return self->state == EA_LINK_STATE_OPEN;
}

GInetSocketAddress *
ea_link_get_peer (EaLink *self)
{
  return self->peer;
}

GInetSocketAddress *
ea_link_get_local (EaLink *self)
{
  GSocketAddress *address;

  if (self->state != EA_LINK_STATE_OPEN)
    return NULL;
  address = g_socket_get_local_address (self->socket, NULL);
  return address != NULL ? G_INET_SOCKET_ADDRESS (address) : NULL;
}

const char *
ea_link_get_interface (EaLink *self)
{
  return self->interface;
}

guint64
ea_link_get_bytes_sent (EaLink *self)
{
  return self->n_sent;
}

guint64
ea_link_get_bytes_acknowledged (EaLink *self)
{
  gsize n_underway = self->socket != NULL ? ea_socket_get_unacknowledged (self->socket) : 0;

  return self->n_sent - MIN (n_underway, self->n_sent);
}

guint64
ea_link_get_bytes_received (EaLink *self)
{
  return self->n_received;
}

static void
ea_link_dispose (GObject *object)
{
  ea_link_abort (EA_LINK (object));
  G_OBJECT_CLASS (ea_link_parent_class)->dispose (object);
}

static void
ea_link_finalize (GObject *object)
{
  EaLink *self = EA_LINK (object);

  g_free (self->interface);
  g_clear_object (&self->peer);
  g_clear_pointer (&self->context, g_main_context_unref);
  G_OBJECT_CLASS (ea_link_parent_class)->finalize (object);
}

static guint
add_signal (const char *name, GType parameter)
{
  return g_signal_new (name, EA_TYPE_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       parameter != G_TYPE_NONE ? 1 : 0, parameter);
}

static void
ea_link_class_init (EaLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_link_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_link_finalize;

  signals[EA_LINK_SIGNAL_RECEIVED] = add_signal ("received", G_TYPE_BYTES);
  signals[EA_LINK_SIGNAL_WRITABLE] = add_signal ("writable", G_TYPE_NONE);
  signals[EA_LINK_SIGNAL_PEER_CLOSED] = add_signal ("peer-closed", G_TYPE_NONE);
  signals[EA_LINK_SIGNAL_DATAGRAM_ERROR] = add_signal ("datagram-error", G_TYPE_ERROR);
  signals[EA_LINK_SIGNAL_ENDED] = add_signal ("ended", G_TYPE_ERROR);
}

static void
ea_link_init (EaLink *self)
{
  self->datagram_max = EA_LINK_DATAGRAM_MAX;
  g_queue_init (&self->queue);
}

EaLink *
ea_link_new (EaLinkProtocol protocol, const char *interface)
{
  EaLink *self = g_object_new (EA_TYPE_LINK, NULL);

  self->protocol = protocol;
  self->interface = g_strdup (interface);
  return self;
}

EaLink *
ea_link_new_accepted (GSocket *socket, GInetSocketAddress *peer, const char *interface)
{
  EaLink *self = ea_link_new (EA_LINK_TCP, interface);

  self->socket = socket;
  self->peer = g_object_ref (peer);
  self->context = g_main_context_ref_thread_default ();
  ea_link_set_open (self);
  return self;
}
