/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What comes from the peer. One dispatch reads one piece, so that links of one main loop share it fairly.
 */

#include "net/link-private.h"

#include <errno.h>

#include "net/socket.h"

#define READ_MAX 65536         /* bytes of a stream in one "received" */
#define DATAGRAM_ERRORS_MAX 16 /* reported in one dispatch */

void
ea_link_report_datagram_error (EaLink *self, int number)
{
  g_autoptr (GError) error = ea_socket_new_error (number, "A datagram was lost");

  ea_link_emit (self, EA_LINK_SIGNAL_DATAGRAM_ERROR, error);
}

/* Returns: how many there were; the link may be over afterwards. */
static guint
report_datagram_errors (EaLink *self)
{
  for (guint n_reported = 0; n_reported < DATAGRAM_ERRORS_MAX; n_reported++)
    {
      int number
          = self->state == EA_LINK_STATE_OPEN ? ea_socket_take_datagram_error (self->socket) : 0;

      if (number == 0)
        return n_reported;
      ea_link_report_datagram_error (self, number);
    }
  return DATAGRAM_ERRORS_MAX;
}

static void
give (EaLink *self, GBytes *bytes)
{
  gsize size = g_bytes_get_size (bytes);

  self->room -= size;
  self->n_received += size;
  ea_link_update_input (self);
  ea_link_emit (self, EA_LINK_SIGNAL_RECEIVED, bytes);
}

static void
take_peer_close (EaLink *self)
{
  self->has_peer_closed = TRUE;
  ea_link_update_input (self);
  if (self->send_error != NULL)
    ea_link_end (self, g_steal_pointer (&self->send_error));
  else if (self->state == EA_LINK_STATE_OPEN)
    ea_link_emit (self, EA_LINK_SIGNAL_PEER_CLOSED, NULL);
  else if (self->has_shut_down)
    ea_link_end (self, NULL);
}

static void
read_stream (EaLink *self)
{
  gboolean is_open = self->state == EA_LINK_STATE_OPEN;
  int number;
  g_autoptr (GBytes) bytes
      = ea_socket_receive (self->socket, is_open ? MIN (self->room, READ_MAX) : READ_MAX, &number);

  if (bytes != NULL && g_bytes_get_size (bytes) == 0)
    take_peer_close (self);
  else if (bytes != NULL && is_open)
    give (self, bytes);
  else if (bytes == NULL && !ea_socket_is_transient (number))
    ea_link_end (self, self->send_error != NULL
                           ? g_steal_pointer (&self->send_error)
                           : ea_socket_new_error (number, "The connection broke"));
}

static void
drop_datagram (EaLink *self, gsize size)
{
  g_autoptr (GError) error = NULL;

  ea_socket_drop_datagram (self->socket);
  g_set_error (&error, EA_LINK_ERROR, EA_LINK_ERROR_TOO_LARGE,
               "A datagram of %" G_GSIZE_FORMAT " bytes was lost: %" G_GSIZE_FORMAT
               " are the most that can be taken",
               size, self->datagram_max);
  ea_link_emit (self, EA_LINK_SIGNAL_DATAGRAM_ERROR, error);
}

static void
read_datagram (EaLink *self)
{
  gssize size = ea_socket_peek_datagram (self->socket);
  int number = errno;
  g_autoptr (GBytes) bytes = NULL;

  if (size < 0)
    {
      /* Most often that of an ICMP error, which is in the queue of errors too. */
      if (!ea_socket_is_transient (number) && report_datagram_errors (self) == 0)
        ea_link_report_datagram_error (self, number);
      return;
    }
  if ((gsize) size > self->datagram_max)
    {
      drop_datagram (self, (gsize) size);
      return;
    }
  if ((gsize) size > self->room)
    {
      self->waits_for_room = TRUE;
      ea_link_update_input (self);
      return;
    }
  bytes = ea_socket_receive (self->socket, (gsize) size, &number);
  if (bytes != NULL)
    give (self, bytes);
}

static gboolean
on_input (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  g_autoptr (EaLink) self = g_object_ref (EA_LINK (user_data));

  if (self->protocol == EA_LINK_UDP && (condition & G_IO_ERR) != 0)
    (void) report_datagram_errors (self); /* what is left is told in the next dispatch */
  else if (self->protocol == EA_LINK_UDP)
    read_datagram (self);
  else
    read_stream (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
is_reading (EaLink *self)
{
  if (self->has_peer_closed || self->end != NULL)
    return FALSE;
  if (self->state == EA_LINK_STATE_CLOSING)
    return self->protocol == EA_LINK_TCP;
  return self->state == EA_LINK_STATE_OPEN && self->room > 0 && !self->waits_for_room;
}

void
ea_link_update_input (EaLink *self)
{
  gboolean reads = is_reading (self);
  gboolean watches = reads || (self->protocol == EA_LINK_UDP && self->state == EA_LINK_STATE_OPEN);

  if (self->input != NULL && (!watches || reads != self->is_input_read))
    ea_link_clear_source (&self->input);
  if (!watches || self->input != NULL)
    return;
  self->is_input_read = reads;
  self->input = g_socket_create_source (self->socket, reads ? G_IO_IN : 0, NULL);
  ea_link_attach_source (self, self->input, G_SOURCE_FUNC (on_input));
}
