/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Getting a link its socket: connecting to a peer, with a limit of time and the right to change one's mind. */

#include "net/link-private.h"

#include <errno.h>

#include "net/socket.h"

void
ea_link_set_open (EaLink *self)
{
  self->state = EA_LINK_STATE_OPEN;
  if (self->protocol == EA_LINK_TCP)
    ea_socket_prepare_stream (self->socket);
  ea_link_update_input (self);
}

/* (transfer full) */
static GTask *
stop_connecting (EaLink *self)
{
  ea_link_clear_source (&self->timer);
  ea_link_clear_source (&self->output);
  return g_steal_pointer (&self->connect_task);
}

/* @error: (transfer full) */
static void
fail_connecting (EaLink *self, GError *error)
{
  g_autoptr (GTask) task = stop_connecting (self);

  ea_link_tear_down (self);
  g_task_return_error (task, error);
}

/* (transfer full) */
static char *
describe_peer (EaLink *self)
{
  g_autofree char *peer = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (self->peer));

  if (self->interface == NULL)
    return g_strdup_printf ("Cannot connect to %s", peer);
  return g_strdup_printf ("Cannot connect to %s through %s", peer, self->interface);
}

static gboolean
on_connect_timed_out (gpointer user_data)
{
  EaLink *self = EA_LINK (user_data);
  g_autofree char *what = describe_peer (self);

  fail_connecting (self, ea_socket_new_error (ETIMEDOUT, what));
  return G_SOURCE_REMOVE;
}

static gboolean
on_connect_ready (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  EaLink *self = EA_LINK (user_data);
  g_autoptr (GTask) task = NULL;
  g_autofree char *what = NULL;
  GError *error = NULL;
  int number;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (self->connect_task), &error))
    {
      fail_connecting (self, error);
      return G_SOURCE_REMOVE;
    }
  number = ea_socket_take_error (socket);
  if (number != 0)
    {
      what = describe_peer (self);
      fail_connecting (self, ea_socket_new_error (number, what));
      return G_SOURCE_REMOVE;
    }

  task = stop_connecting (self);
  ea_link_set_open (self);
  g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

/* Returns: 0 or EINPROGRESS; -1 with @error. */
static int
open_socket (EaLink *self, GError **error)
{
  GInetAddress *address = g_inet_socket_address_get_address (self->peer);
  g_autofree char *what = NULL;
  int number;

  self->socket
      = ea_socket_new (g_inet_address_get_family (address), self->protocol, self->interface, error);
  if (self->socket == NULL)
    return -1;

  ea_socket_connect (self->socket, self->peer, &number);
  if (number == 0 || number == EINPROGRESS)
    return number;

  what = describe_peer (self);
  ea_socket_set_error (error, number, what);
  return -1;
}

void
ea_link_connect_async (EaLink *self, GInetSocketAddress *peer, guint timeout_ms,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  int number;

  g_return_if_fail (self->state == EA_LINK_STATE_NEW);
  g_return_if_fail (timeout_ms > 0);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_check_cancellable (task, FALSE); /* a link that was opened is one */
  self->peer = ea_socket_unmap (peer);
  self->context = g_main_context_ref_thread_default ();
  number = g_cancellable_set_error_if_cancelled (cancellable, &error) ? -1
                                                                      : open_socket (self, &error);
  if (number < 0)
    {
      ea_link_tear_down (self);
      g_task_return_error (task, error);
      return;
    }
  if (number == 0)
    {
      ea_link_set_open (self);
      g_task_return_boolean (task, TRUE);
      return;
    }

  self->state = EA_LINK_STATE_CONNECTING;
  self->connect_task = g_steal_pointer (&task);
  self->output = g_socket_create_source (self->socket, G_IO_OUT, cancellable);
  ea_link_attach_source (self, self->output, G_SOURCE_FUNC (on_connect_ready));
  ea_link_start_timer (self, timeout_ms, on_connect_timed_out);
}

gboolean
ea_link_connect_finish (EaLink *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
on_connect_cancelled (gpointer user_data)
{
  g_task_return_new_error (G_TASK (user_data), G_IO_ERROR, G_IO_ERROR_CANCELLED,
                           "The link was closed while it was connected");
  return G_SOURCE_REMOVE;
}

void
ea_link_cancel_connecting (EaLink *self)
{
  g_autoptr (GTask) task = stop_connecting (self);
  g_autoptr (GSource) source = g_idle_source_new ();

  g_task_attach_source (task, source, on_connect_cancelled);
}
