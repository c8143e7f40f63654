/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What comes from the server. Each read of the link is used up, record after record and as far as there is room,
 * before the next one. Data are given where GnuTLS has deciphered them to, without a copy.
 */

#include "net/psk-tls-private.h"

/* Bytes of a record besides its data (RFC 5246 §6.2.3) */
#define RECORD_HEADER_SIZE 5
#define EXPANSION_MAX 2048

/* Bytes of one read of the link: the longest record. Most of a script lies in the kernel while its commands are carried
 * out, so more would be memory that is full for as long. */
#define LINK_ROOM (RECORD_HEADER_SIZE + EA_PSK_TLS_FRAGMENT_MAX + EXPANSION_MAX)

/* Bytes of the link that may come without data or an end of the handshake: what is more than a part of the longest
 * record, EXPANSION_MAX longer than its data, is of records that have none */
#define IDLE_MAX 65536

static gboolean
is_live (EaPskTls *self)
{
  return self->state == EA_PSK_TLS_STATE_HANDSHAKING || self->state == EA_PSK_TLS_STATE_OPEN;
}

static gboolean
is_waiting (EaPskTls *self)
{
  return self->state == EA_PSK_TLS_STATE_OPEN && self->room > 0 && !self->has_peer_closed;
}

void
ea_psk_tls_clear_input (EaPskTls *self)
{
  ea_psk_tls_clear_source (&self->pump);
  ea_psk_tls_clear_source (&self->read_timer);
  g_clear_pointer (&self->input, g_bytes_unref);
  g_clear_pointer (&self->plain, g_bytes_unref);
}

/* Time-out */

static void start_read_timer (EaPskTls *self, gint64 timeout_us);

/* The server can't answer what it has not got yet: on a slow link that takes its time. */
static gboolean
is_still_sending (EaPskTls *self)
{
  return ea_link_get_bytes_acknowledged (self->link) > self->n_acknowledged;
}

static gboolean
on_read_timer (gpointer user_data)
{
  EaPskTls *self = EA_PSK_TLS (user_data);
  gint64 deadline_us
      = self->waiting_since_us + self->read_timeout_ms * (gint64) (G_USEC_PER_SEC / 1000);
  gint64 now_us = g_get_monotonic_time ();

  ea_psk_tls_clear_source (&self->read_timer);
  if (!is_waiting (self))
    return G_SOURCE_REMOVE;
  if (now_us >= deadline_us && is_still_sending (self))
    deadline_us = now_us + self->read_timeout_ms * (gint64) (G_USEC_PER_SEC / 1000);
  if (now_us < deadline_us)
    {
      start_read_timer (self, deadline_us - now_us);
      return G_SOURCE_REMOVE;
    }
  ea_link_abort (self->link);
  ea_psk_tls_end (self, g_error_new (EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_TIMED_OUT,
                                     "The server sent nothing for %u ms", self->read_timeout_ms));
  return G_SOURCE_REMOVE;
}

static void
start_read_timer (EaPskTls *self, gint64 timeout_us)
{
  gint64 us_per_ms = G_USEC_PER_SEC / 1000;

  self->n_acknowledged = ea_link_get_bytes_acknowledged (self->link);
  self->read_timer = g_timeout_source_new ((guint) ((timeout_us + us_per_ms - 1) / us_per_ms));
  ea_psk_tls_attach_source (self, self->read_timer, on_read_timer);
}

/* It runs on while bytes come: to set it anew for each of them would wake up the loop. */
static void
update_read_timer (EaPskTls *self)
{
  if (self->read_timeout_ms > 0 && self->read_timer == NULL && is_waiting (self))
    start_read_timer (self, self->read_timeout_ms * (gint64) (G_USEC_PER_SEC / 1000));
}

void
ea_psk_tls_set_read_timeout (EaPskTls *self, guint timeout_ms)
{
  self->read_timeout_ms = timeout_ms;
  self->waiting_since_us = g_get_monotonic_time ();
  ea_psk_tls_clear_source (&self->read_timer);
  update_read_timer (self);
}

/* Records */

static void
free_packet (gpointer data)
{
  gnutls_packet_t packet = data;
  gnutls_datum_t plain;

  gnutls_packet_get (packet, &plain, NULL);
  gnutls_memset (plain.data, 0, plain.size);
  gnutls_packet_deinit (packet);
}

static void
take_packet (EaPskTls *self, gnutls_packet_t packet)
{
  gnutls_datum_t plain;

  gnutls_packet_get (packet, &plain, NULL);
  self->plain = g_bytes_new_with_free_func (plain.data, plain.size, free_packet, packet);
  self->n_idle = 0;
}

/* SGP.02 §2.4.4.1: no renegotiation. The server may go on or break off (RFC 5246 §7.2.2). */
static void
refuse_renegotiation (EaPskTls *self)
{
  if (!ea_psk_tls_may_send_alert (self))
    return;
  (void) gnutls_alert_send (self->engine, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
  (void) ea_psk_tls_flush (self, NULL); /* what the link has against it comes as its "ended" */
}

/* Returns: TRUE with data in @plain; else the session may be over. */
static gboolean
open_record (EaPskTls *self)
{
  gnutls_packet_t packet;
  gssize result;

  do
    {
      result = gnutls_record_recv_packet (self->engine, &packet);
      if (result == GNUTLS_E_REHANDSHAKE)
        refuse_renegotiation (self);
    }
  while (result == GNUTLS_E_REHANDSHAKE || result == GNUTLS_E_WARNING_ALERT_RECEIVED);

  if (result > 0)
    {
      take_packet (self, packet);
      return TRUE;
    }
  if (result == 0)
    {
      self->has_peer_closed = TRUE;
      ea_psk_tls_emit (self, EA_PSK_TLS_SIGNAL_PEER_CLOSED, NULL);
    }
  else if (result != GNUTLS_E_AGAIN)
    ea_psk_tls_fail (self, (int) result);
  return FALSE;
}

static void
give (EaPskTls *self)
{
  g_autoptr (GBytes) record = g_steal_pointer (&self->plain);
  gsize size = g_bytes_get_size (record);
  gsize n_given = MIN (size, self->room);
  g_autoptr (GBytes) piece
      = n_given < size ? g_bytes_new_from_bytes (record, 0, n_given) : g_bytes_ref (record);

  if (n_given < size)
    self->plain = g_bytes_new_from_bytes (record, n_given, size - n_given);
  self->room -= n_given;
  ea_psk_tls_emit (self, EA_PSK_TLS_SIGNAL_RECEIVED, piece);
}

static void
pump (EaPskTls *self)
{
  self->pumping = TRUE;
  if (self->send_error != NULL)
    ea_psk_tls_break (self, g_steal_pointer (&self->send_error));
  if (self->state == EA_PSK_TLS_STATE_HANDSHAKING)
    ea_psk_tls_continue_handshake (self);
  while (is_waiting (self) && (self->plain != NULL || open_record (self)))
    give (self);
  self->pumping = FALSE;
  ea_psk_tls_update_link_room (self);
}

static gboolean
on_pump (gpointer user_data)
{
  g_autoptr (EaPskTls) self = g_object_ref (EA_PSK_TLS (user_data));

  ea_psk_tls_clear_source (&self->pump);
  pump (self);
  return G_SOURCE_REMOVE;
}

void
ea_psk_tls_schedule_pump (EaPskTls *self)
{
  if (self->pump != NULL || self->pumping)
    return;
  self->pump = g_idle_source_new ();
  g_source_set_priority (self->pump, G_PRIORITY_DEFAULT);
  ea_psk_tls_attach_source (self, self->pump, on_pump);
}

static void
end_flood (EaPskTls *self)
{
  ea_link_abort (self->link); /* it would have to read on to close */
  ea_psk_tls_end (self, g_error_new (EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_PROTOCOL,
                                     "The server sent %d bytes without data", IDLE_MAX));
}

void
ea_psk_tls_take_input (EaPskTls *session, GBytes *bytes)
{
  g_autoptr (EaPskTls) self = g_object_ref (session);

  if (!is_live (self))
    return;
  self->input = g_bytes_ref (bytes);
  self->input_offset = 0;
  self->n_idle += g_bytes_get_size (bytes);
  if (self->read_timer != NULL)
    self->waiting_since_us = g_get_monotonic_time ();
  pump (self);
  if (is_live (self) && self->n_idle > IDLE_MAX)
    end_flood (self);
}

/* Room */

void
ea_psk_tls_update_link_room (EaPskTls *self)
{
  gboolean is_read = self->state == EA_PSK_TLS_STATE_HANDSHAKING || is_waiting (self);

  if (is_live (self))
    ea_link_set_room (self->link,
                      is_read && self->input == NULL && self->plain == NULL ? LINK_ROOM : 0);
  update_read_timer (self);
}

void
ea_psk_tls_set_room (EaPskTls *self, gsize size)
{
  if (self->room == 0)
    self->waiting_since_us = g_get_monotonic_time ();
  self->room = size;
  if (self->pumping)
    return;
  if (is_waiting (self) && (self->input != NULL || self->plain != NULL))
    ea_psk_tls_schedule_pump (self);
  else
    ea_psk_tls_update_link_room (self);
}

gsize
ea_psk_tls_get_room (EaPskTls *self)
{
  return self->room;
}
