/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Bearer → address that may be reached → link; or bearer → port → peer. Nothing is resolved here: a card
 * gives addresses, and asks name servers itself over a channel.
 */

#include "core/cat-bearer.h"
#include "session/channel-private.h"

static gboolean
on_bearer_limit (gpointer user_data)
{
  EaChannel *self = user_data;
  g_autoptr (GError) error
      = g_error_new (EA_BEARER_ERROR, EA_BEARER_ERROR_FAILED, "No bearer within %d s",
                     EA_CHANNEL_BEARER_LIMIT_MS / 1000);

  self->limit_id = 0;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  ea_channel_fail (self, error, 0);
  return G_SOURCE_REMOVE;
}

static GCancellable *
begin (EaChannel *self)
{
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  return self->cancellable;
}

static void
end (EaChannel *self)
{
  g_clear_handle_id (&self->limit_id, g_source_remove);
  g_clear_object (&self->cancellable);
}

/* FALSE for what was asked for before, and is not wanted any more: it may come all the same. */
static gboolean
is_current (EaChannel *self, GAsyncResult *result)
{
  return self->cancellable != NULL && g_task_get_cancellable (G_TASK (result)) == self->cancellable;
}

static GInetAddress *
new_address (const EaCatOtherAddress *address)
{
  return g_inet_address_new_from_bytes (
      address->address.data,
      address->family == EA_CAT_ADDRESS_IPV4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);
}

static gboolean
check_address (EaChannel *self, GInetAddress *address, GError **error)
{
  return ea_address_policy_check (self->context->policy, address, error);
}

static void
on_link_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaChannel) self = user_data;
  g_autoptr (EaLink) link = EA_LINK (g_object_ref (source));
  g_autoptr (GError) error = NULL;
  gboolean is_connected = ea_link_connect_finish (link, result, &error);

  if (!is_current (self, result))
    return;
  end (self);
  if (!is_connected)
    {
      ea_channel_fail (self, error, 0);
      return;
    }
  ea_channel_take_link (self, g_steal_pointer (&link));
  ea_channel_emit (self, EA_CHANNEL_SIGNAL_CONNECTED);
}

static void
connect_link (EaChannel *self)
{
  const EaCatOpenChannel *open = &self->request->open;
  g_autoptr (GInetAddress) address = new_address (&open->destination);
  g_autoptr (GInetSocketAddress) peer = NULL;
  g_autoptr (EaLink) link = NULL;
  g_autoptr (GError) error = NULL;

  if (!check_address (self, address, &error))
    {
      ea_channel_fail (self, error, 0);
      return;
    }
  peer = G_INET_SOCKET_ADDRESS (g_inet_socket_address_new (address, open->transport.port));
  link = ea_link_new (ea_bip_request_is_datagram (self->request) ? EA_LINK_UDP : EA_LINK_TCP,
                      ea_bearer_get_interface (self->bearer));
  ea_link_connect_async (link, peer, EA_CHANNEL_CONNECT_LIMIT_MS, begin (self), on_link_connected,
                         g_object_ref (self));
}

static void
on_accepted (EaLinkListener *listener, EaLink *link, gpointer user_data)
{
  EaChannel *self = EA_CHANNEL (user_data);
  EaLogContext log = ea_channel_get_log_context (self);
  g_autoptr (GError) error = NULL;

  if (!check_address (self, g_inet_socket_address_get_address (ea_link_get_peer (link)), &error))
    {
      ea_log_info (&log, "Channel %u takes no peer: %s", self->number, error->message);
      ea_channel_listen (self); /* nobody holds the link: its peer sees a reset */
      return;
    }
  ea_channel_take_link (self, g_object_ref (link));
  ea_channel_emit (self, EA_CHANNEL_SIGNAL_ACCEPTED);
}

static void
on_listener_failed (EaLinkListener *listener, const GError *error, gpointer user_data)
{
  EaChannel *self = EA_CHANNEL (user_data);

  g_clear_object (&self->listener);
  ea_channel_drop (self, error);
}

static void
open_port (EaChannel *self)
{
  EaLogContext log = ea_channel_get_log_context (self);
  g_autoptr (GError) error = NULL;

  self->listener = ea_link_listener_new (ea_bearer_get_interface (self->bearer),
                                         self->request->open.transport.port);
  g_signal_connect_object (self->listener, "accepted", G_CALLBACK (on_accepted), self, 0);
  g_signal_connect_object (self->listener, "failed", G_CALLBACK (on_listener_failed), self, 0);
  if (ea_link_listener_listen (self->listener, &error))
    {
      ea_log_info (&log, "Channel %u listens on port %u of %s", self->number,
                   self->request->open.transport.port, ea_bearer_get_interface (self->bearer));
      ea_channel_emit (self, EA_CHANNEL_SIGNAL_LISTENING);
      return;
    }
  g_clear_object (&self->listener);
  ea_channel_fail (self, error, 0);
}

static void
go_on (EaChannel *self)
{
  if (ea_bip_request_is_server (self->request))
    open_port (self);
  else
    connect_link (self);
}

/* Between its coming and this moment. */
static void
fail_with_lost_bearer (EaChannel *self)
{
  g_autoptr (GError) error = g_error_new_literal (EA_BEARER_ERROR, EA_BEARER_ERROR_FAILED,
                                                  "The bearer was lost at once");

  ea_channel_fail (self, error, 0);
}

static void
on_bearer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaChannel) self = user_data;
  g_autoptr (GError) error = NULL;
  guint8 cause = 0;
  EaBearer *bearer = ea_bearers_acquire_finish (EA_BEARERS (source), result, &cause, &error);

  if (!is_current (self, result))
    {
      g_clear_object (&bearer);
      return;
    }
  end (self);
  if (bearer == NULL)
    {
      ea_channel_fail (self, error, cause);
      return;
    }
  ea_channel_take_bearer (self, bearer);
  if (ea_bearer_is_lost (bearer))
    fail_with_lost_bearer (self);
  else
    go_on (self);
}

void
ea_channel_connect (EaChannel *self)
{
  guint8 family = self->request->open.destination.family;
  const EaBearerRequest request = {
    .apn = self->request->access_name,
    .user = self->request->login,
    .password = self->request->password,
    .wants_ipv4 = family == EA_CAT_ADDRESS_IPV4,
    .wants_ipv6 = family == EA_CAT_ADDRESS_IPV6,
  };

  /* A bearer that is kept is asked for again, as it may not be that of the access name any more. */
  ea_channel_take_bearer (self, NULL);
  self->limit_id = g_timeout_add (EA_CHANNEL_BEARER_LIMIT_MS, on_bearer_limit, self);
  ea_bearers_acquire_async (self->context->bearers, &request, begin (self), on_bearer,
                            g_object_ref (self));
}

void
ea_channel_listen (EaChannel *self)
{
  g_autoptr (GError) error = NULL;

  if (self->listener == NULL)
    {
      ea_channel_connect (self);
      return;
    }
  if (self->link != NULL)
    ea_link_close (self->link, EA_CHANNEL_CLOSE_LIMIT_MS); /* what is unsent may still arrive */
  ea_channel_release_link (self);
  if (!ea_link_listener_listen (self->listener, &error))
    ea_channel_drop (self, error);
}
