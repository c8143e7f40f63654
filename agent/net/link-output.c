/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What goes to the peer: to the kernel at once while the queue is empty, else by the queue.
 */

#include "net/link-private.h"

#include <errno.h>

#include "net/socket.h"

/* Bytes of neighbouring pieces of a stream that are joined: then two neighbours have more, and a full queue has a
 * quarter of %EA_LINK_SEND_PIECES_MAX. */
#define JOINED_MAX 512

/* Returns: bytes that the kernel took, or -1 and @number, which is EAGAIN when it has no room. */
static gssize
send_piece (EaLink *self, GBytes *bytes, int *number)
{
  gssize size = ea_socket_send (self->socket, bytes);

  /* An earlier datagram's ICMP error makes one call fail; it is reported by the queue of errors. */
  if (size < 0 && self->protocol == EA_LINK_UDP && !ea_socket_is_transient (errno))
    size = ea_socket_send (self->socket, bytes);
  *number = size < 0 ? errno : 0;
  if (ea_socket_is_transient (*number))
    *number = EAGAIN;
  if (size > 0)
    self->n_sent += (guint64) size;
  return size;
}

static void
fail_sending (EaLink *self, int number)
{
  self->send_error = ea_socket_new_error (number, "The peer cannot be sent to");
  ea_link_clear_queue (self);
  if (self->has_peer_closed || self->state == EA_LINK_STATE_CLOSING)
    ea_link_schedule_end (self, g_error_copy (self->send_error));
}

/* (transfer full): @last and @piece in one, or %NULL when that is not worth while. A stream has no boundaries, so
 * the number of calls that it came from must not fill the queue before its bytes do. */
static GBytes *
join (EaLink *self, GBytes *last, GBytes *piece)
{
  gsize n_last = last != NULL ? g_bytes_get_size (last) : 0;
  g_autoptr (GByteArray) both = NULL;

  if (self->protocol != EA_LINK_TCP || last == NULL
      || n_last + g_bytes_get_size (piece) > JOINED_MAX)
    return NULL;
  both = g_byte_array_sized_new (JOINED_MAX);
  g_byte_array_append (both, g_bytes_get_data (last, NULL), (guint) n_last);
  g_byte_array_append (both, g_bytes_get_data (piece, NULL), (guint) g_bytes_get_size (piece));
  return g_byte_array_free_to_bytes (g_steal_pointer (&both));
}

static void
enqueue (EaLink *self, GBytes *bytes, gsize offset)
{
  gsize size = g_bytes_get_size (bytes) - offset;
  g_autoptr (GBytes) piece = g_bytes_new_from_bytes (bytes, offset, size);
  GBytes *joined = join (self, g_queue_peek_tail (&self->queue), piece);

  if (joined != NULL)
    g_bytes_unref (g_queue_pop_tail (&self->queue));
  g_queue_push_tail (&self->queue, joined != NULL ? joined : g_bytes_ref (piece));
  self->n_queued += size;
  ea_link_update_output (self);
}

/* The kernel took @size bytes of the first piece. */
static void
dequeue (EaLink *self, gsize size)
{
  g_autoptr (GBytes) piece = g_queue_pop_head (&self->queue);
  gsize rest = g_bytes_get_size (piece) - size;

  self->n_queued -= size;
  if (rest > 0)
    g_queue_push_head (&self->queue, g_bytes_new_from_bytes (piece, size, rest));
}

/* A queued piece could not be sent. */
static void
lose_piece (EaLink *self, int number)
{
  if (self->protocol == EA_LINK_TCP)
    {
      fail_sending (self, number);
      return;
    }
  dequeue (self, g_bytes_get_size (g_queue_peek_head (&self->queue)));
  ea_link_report_datagram_error (self, number);
}

static void
flush_queue (EaLink *self)
{
  while (!g_queue_is_empty (&self->queue))
    {
      int number;
      gssize size = send_piece (self, g_queue_peek_head (&self->queue), &number);

      if (size >= 0)
        dequeue (self, (gsize) size);
      else if (number == EAGAIN)
        return;
      else
        lose_piece (self, number);
    }
}

void
ea_link_finish_sending (EaLink *self)
{
  if (self->protocol == EA_LINK_UDP || self->has_peer_closed)
    {
      ea_link_schedule_end (self, NULL);
      return;
    }
  (void) g_socket_shutdown (self->socket, FALSE, TRUE, NULL); /* if it is broken, reading tells */
  self->has_shut_down = TRUE;
  ea_link_update_input (self);
}

static gboolean
on_output (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  g_autoptr (EaLink) self = g_object_ref (EA_LINK (user_data));
  gsize room = ea_link_get_send_room (self);

  flush_queue (self);
  ea_link_update_output (self);
  if (self->state == EA_LINK_STATE_CLOSING && g_queue_is_empty (&self->queue) && self->end == NULL)
    ea_link_finish_sending (self);
  else if (ea_link_get_send_room (self) > room)
    ea_link_emit (self, EA_LINK_SIGNAL_WRITABLE, NULL);
  return G_SOURCE_CONTINUE;
}

void
ea_link_update_output (EaLink *self)
{
  if (g_queue_is_empty (&self->queue))
    {
      ea_link_clear_source (&self->output);
      return;
    }
  if (self->output != NULL)
    return;
  self->output = g_socket_create_source (self->socket, G_IO_OUT, NULL);
  ea_link_attach_source (self, self->output, G_SOURCE_FUNC (on_output));
}

static gboolean
may_enqueue (EaLink *self, gsize size, GError **error)
{
  gsize most = self->protocol == EA_LINK_UDP ? EA_LINK_DATAGRAM_MAX : EA_LINK_SEND_MAX;

  if (self->state != EA_LINK_STATE_OPEN)
    g_set_error_literal (error, EA_LINK_ERROR, EA_LINK_ERROR_CLOSED, "The link is not open");
  else if (self->send_error != NULL)
    g_propagate_error (error, g_error_copy (self->send_error));
  else if (size > most)
    g_set_error (error, EA_LINK_ERROR, EA_LINK_ERROR_TOO_LARGE,
                 "%" G_GSIZE_FORMAT " bytes are more than %" G_GSIZE_FORMAT, size, most);
  else if (size > EA_LINK_SEND_MAX - self->n_queued
           || g_queue_get_length (&self->queue) >= EA_LINK_SEND_PIECES_MAX)
    g_set_error (error, EA_LINK_ERROR, EA_LINK_ERROR_FULL,
                 "%" G_GSIZE_FORMAT " bytes still wait for the peer", self->n_queued);
  else
    return TRUE;
  return FALSE;
}

gboolean
ea_link_send (EaLink *self, GBytes *bytes, GError **error)
{
  gsize size = g_bytes_get_size (bytes);
  gssize n_sent = 0;
  int number;

  if (!may_enqueue (self, size, error))
    return FALSE;
  if (size == 0 && self->protocol == EA_LINK_TCP)
    return TRUE;
  if (!g_queue_is_empty (&self->queue))
    {
      enqueue (self, bytes, 0);
      return TRUE;
    }

  n_sent = send_piece (self, bytes, &number);
  if (n_sent < 0 && number != EAGAIN)
    {
      ea_socket_set_error (error, number, "The peer cannot be sent to");
      if (self->protocol == EA_LINK_TCP)
        fail_sending (self, number);
      return FALSE;
    }
  if (n_sent < 0 || (gsize) n_sent < size)
    enqueue (self, bytes, (gsize) MAX (n_sent, 0));
  return TRUE;
}
