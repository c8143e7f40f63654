/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What goes to the server: ciphered at once, into the queue of the link, which has to have room for it before. */

#include "net/psk-tls-private.h"

#define ALERT_ROOM 128 /* bytes, more than an alert of any suite has with padding and MAC */
#define ALERTS_RESERVED 2

gboolean
ea_psk_tls_may_send_alert (EaPskTls *self)
{
  return ea_link_get_send_room (self->link) >= ALERTS_RESERVED * ALERT_ROOM;
}

gboolean
ea_psk_tls_flush (EaPskTls *self, GError **error)
{
  g_autoptr (GBytes) records = NULL;

  if (self->output->len == 0)
    return TRUE;
  records = g_byte_array_free_to_bytes (g_steal_pointer (&self->output));
  self->output = g_byte_array_new ();
  return ea_link_send (self->link, records, error);
}

gsize
ea_psk_tls_get_send_room (EaPskTls *self)
{
  gsize record_max = self->fragment_max + self->overhead;
  gsize link_room;
  gsize rest;

  if (self->state != EA_PSK_TLS_STATE_OPEN || self->has_peer_closed || self->send_error != NULL
      || !ea_psk_tls_may_send_alert (self))
    return 0;
  link_room = ea_link_get_send_room (self->link) - ALERTS_RESERVED * ALERT_ROOM;
  rest = link_room % record_max;
  return MIN (EA_PSK_TLS_SEND_MAX, link_room / record_max * self->fragment_max
                                       + (rest > self->overhead ? rest - self->overhead : 0));
}

/* The link says why nothing can be sent over it: not at all, or not now. */
static gboolean
check_link (EaPskTls *self, GError **error)
{
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);

  return ea_link_send (self->link, nothing, error);
}

static gboolean
may_send (EaPskTls *self, gsize size, GError **error)
{
  if (self->state != EA_PSK_TLS_STATE_OPEN || self->has_peer_closed)
    g_set_error_literal (error, EA_LINK_ERROR, EA_LINK_ERROR_CLOSED, "The session is not open");
  else if (self->send_error != NULL)
    g_propagate_error (error, g_error_copy (self->send_error));
  else if (size > EA_PSK_TLS_SEND_MAX)
    g_set_error (error, EA_LINK_ERROR, EA_LINK_ERROR_TOO_LARGE,
                 "%" G_GSIZE_FORMAT " bytes are more than %u", size, EA_PSK_TLS_SEND_MAX);
  else if (!check_link (self, error))
    return FALSE;
  else if (size > ea_psk_tls_get_send_room (self))
    g_set_error (error, EA_LINK_ERROR, EA_LINK_ERROR_FULL,
                 "%" G_GSIZE_FORMAT " bytes still wait for the server",
                 ea_link_get_queued (self->link));
  else
    return TRUE;
  return FALSE;
}

gboolean
ea_psk_tls_send (EaPskTls *self, GBytes *bytes, GError **error)
{
  EaSpan rest = ea_span_from_bytes (bytes);

  if (!may_send (self, rest.size, error))
    return FALSE;
  while (rest.size > 0)
    {
      EaSpan fragment = ea_span_head (rest, self->fragment_max);
      gssize result = gnutls_record_send (self->engine, fragment.data, fragment.size);

      if (result < 0)
        {
          self->send_error = ea_psk_tls_new_error (self, (int) result);
          g_propagate_error (error, g_error_copy (self->send_error));
          ea_psk_tls_schedule_pump (self);
          return FALSE;
        }
      rest = ea_span_tail (rest, (gsize) result);
    }
  return ea_psk_tls_flush (self, error);
}
