/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cattp-peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/sim-cattp-pdu.h"
#include "wait.h"

#define ADDRESS "127.0.0.1"
#define DATAGRAM_MAX 2048
#define PDU_MAX 1400

static void pump (CattpPeer *self);

static gboolean
on_tick (gpointer user_data)
{
  CattpPeer *self = user_data;

  self->tick_id = 0;
  sim_cattp_tick (self->link, g_get_monotonic_time ());
  pump (self);
  return G_SOURCE_REMOVE;
}

static void
send_pdus (CattpPeer *self)
{
  g_autoptr (GBytes) pdu = NULL;

  while ((pdu = sim_cattp_pull_pdu (self->link)) != NULL)
    {
      (void) g_socket_send_to (self->socket, self->address, g_bytes_get_data (pdu, NULL),
                               g_bytes_get_size (pdu), NULL, NULL); /* nobody may listen */
      self->n_octets_sent += g_bytes_get_size (pdu);
      g_clear_pointer (&pdu, g_bytes_unref);
    }
}

static void
arm (CattpPeer *self)
{
  gint64 deadline_us = sim_cattp_get_deadline (self->link);
  gint64 left_us = MAX (deadline_us - g_get_monotonic_time (), 0);

  g_clear_handle_id (&self->tick_id, g_source_remove);
  if (deadline_us >= 0)
    self->tick_id = g_timeout_add ((guint) (left_us / 1000 + 1), on_tick, self);
}

static void
pump (CattpPeer *self)
{
  GBytes *sdu;

  send_pdus (self);
  while ((sdu = sim_cattp_pull_sdu (self->link)) != NULL)
    g_queue_push_tail (&self->sdus, sdu);
  if (!self->was_open && sim_cattp_get_state (self->link) == SIM_CATTP_OPEN)
    {
      self->was_open = TRUE;
      self->n_links++;
    }
  arm (self);
}

void
cattp_peer_forget (CattpPeer *self)
{
  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_pointer (&self->link, sim_cattp_free);
  self->was_open = FALSE;
}

static void
listen_for_link (CattpPeer *self)
{
  const SimCattpOptions options
      = { .source_port = CATTP_PEER_PORT, .pdu_max = PDU_MAX, .sdu_max = self->sdu_max };

  cattp_peer_forget (self);
  self->link = sim_cattp_new_server (&options);
}

static gboolean
is_syn (EaSpan datagram, guint16 *source_port)
{
  SimCattpPdu pdu = { 0 };

  if (!sim_cattp_pdu_parse (&pdu, datagram)
      || (pdu.flags & (SIM_CATTP_FLAG_SYN | SIM_CATTP_FLAG_ACK)) != SIM_CATTP_FLAG_SYN)
    return FALSE;
  *source_port = pdu.source_port;
  return TRUE;
}

/* Instead of what would open it */
static void
refuse (CattpPeer *self)
{
  GBytes *pdu;

  while ((pdu = sim_cattp_pull_pdu (self->link)) != NULL)
    g_bytes_unref (pdu);
  sim_cattp_abort (self->link, self->refusal);
}

static gboolean
has_link (const CattpPeer *self)
{
  return self->link != NULL && sim_cattp_get_state (self->link) != SIM_CATTP_CLOSED;
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  CattpPeer *self = user_data;
  guint8 buffer[DATAGRAM_MAX];
  g_autoptr (GSocketAddress) address = NULL;
  gssize size
      = g_socket_receive_from (socket, &address, (char *) buffer, sizeof buffer, NULL, NULL);
  EaSpan datagram;

  if (size <= 0)
    return G_SOURCE_CONTINUE;
  self->n_octets_received += (gsize) size;
  if (self->is_mute)
    return G_SOURCE_CONTINUE;
  datagram = ea_span_init (buffer, (gsize) size);
  if (!has_link (self) && is_syn (datagram, &self->other_port))
    listen_for_link (self);
  if (self->link == NULL)
    return G_SOURCE_CONTINUE;
  g_set_object (&self->address, address);
  sim_cattp_receive (self->link, datagram, g_get_monotonic_time ());
  if (self->is_refusing && has_link (self))
    refuse (self);
  pump (self);
  return G_SOURCE_CONTINUE;
}

void
cattp_peer_come (CattpPeer *self)
{
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new_from_string (ADDRESS, self->port);
  g_autoptr (GSocketAddress) local = NULL;

  self->socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  assert_true (g_socket_bind (self->socket, wanted, FALSE, NULL));
  g_socket_set_blocking (self->socket, FALSE);
  local = g_socket_get_local_address (self->socket, NULL);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, NULL);
}

void
cattp_peer_leave (CattpPeer *self)
{
  cattp_peer_forget (self);
  if (self->socket == NULL)
    return;
  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_clear_object (&self->socket);
}

CattpPeer *
cattp_peer_new (void)
{
  CattpPeer *self = g_new0 (CattpPeer, 1);

  self->sdu_max = G_MAXUINT16;
  cattp_peer_come (self);
  return self;
}

void
cattp_peer_free (CattpPeer *self)
{
  if (self == NULL)
    return;
  cattp_peer_leave (self);
  g_clear_object (&self->address);
  g_queue_clear_full (&self->sdus, (GDestroyNotify) g_bytes_unref);
  g_free (self);
}

void
cattp_peer_await_link (CattpPeer *self, guint n_links)
{
  WAIT_FOR (self->n_links == n_links);
}

void
cattp_peer_send (CattpPeer *self, const char *sdu)
{
  g_autoptr (GBytes) bytes = ea_bytes_from_hex (sdu, NULL);

  assert_non_null (bytes);
  assert_true (sim_cattp_send (self->link, ea_span_from_bytes (bytes), g_get_monotonic_time ()));
  pump (self);
}

void
cattp_peer_send_anyway (CattpPeer *self, const char *sdu)
{
  g_autoptr (GBytes) bytes = ea_bytes_from_hex (sdu, NULL);

  assert_non_null (bytes);
  sim_cattp_send_anyway (self->link, ea_span_from_bytes (bytes), g_get_monotonic_time ());
  pump (self);
}

static void
send_datagram (CattpPeer *self, GBytes *datagram)
{
  gsize size = g_bytes_get_size (datagram);

  assert_int_equal (g_socket_send_to (self->socket, self->address,
                                      g_bytes_get_data (datagram, NULL), size, NULL, NULL),
                    size);
  self->n_octets_sent += size;
}

void
cattp_peer_send_datagram (CattpPeer *self, const char *datagram)
{
  g_autoptr (GBytes) bytes = ea_bytes_from_hex (datagram, NULL);

  assert_non_null (bytes);
  send_datagram (self, bytes);
}

void
cattp_peer_send_syn (CattpPeer *self)
{
  const SimCattpPdu pdu = {
    .flags = SIM_CATTP_FLAG_SYN,
    .source_port = CATTP_PEER_PORT,
    .destination_port = self->other_port,
    .sequence = 1, /* that of the link's own SYN is 0 */
    .window = SIM_CATTP_WINDOW,
    .pdu_max = PDU_MAX,
    .sdu_max = self->sdu_max,
  };
  g_autoptr (GBytes) syn = sim_cattp_pdu_build (&pdu);

  send_datagram (self, syn);
}

char *
cattp_peer_await_sdu (CattpPeer *self)
{
  g_autoptr (GBytes) sdu = NULL;

  WAIT_FOR (self->sdus.length > 0);
  sdu = g_queue_pop_head (&self->sdus);
  return ea_span_to_hex (ea_span_from_bytes (sdu));
}

void
cattp_peer_await_acknowledgement (CattpPeer *self)
{
  WAIT_FOR (sim_cattp_is_idle (self->link));
}

void
cattp_peer_reset (CattpPeer *self, guint8 reason)
{
  sim_cattp_abort (self->link, reason);
  pump (self);
}

void
cattp_peer_await_reset (CattpPeer *self, guint8 reason)
{
  WAIT_FOR (!has_link (self));
  assert_int_equal (sim_cattp_get_reset_reason (self->link), reason);
}
