/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The listener, and what is the same for all of its connections. */

#include "smsr-https-private.h"

#define BACKLOG 16
#define CONNECTIONS_MAX 64

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* Each number of bits is as likely as any other. */
static gsize
draw_octets (GRand *random, gsize maximum)
{
  gint n_bits = g_rand_int_range (random, 0, (gint32) g_bit_storage (maximum) + 1);
  gsize least = n_bits == 0 ? 0 : (gsize) 1 << (n_bits - 1);
  gsize beyond = MIN (2 * least, maximum + 1);

  return n_bits == 0 ? 0 : (gsize) g_rand_int_range (random, (gint32) least, (gint32) beyond);
}

/* What the next connection has for its own */
static SimSmsrFault
choose_fault (SimSmsrHttps *self)
{
  SimSmsrFault fault = self->fault;

  if (fault.count == 0 || self->n_left == 0 || sim_smsr_fault_is_of_responses (fault.kind))
    return (SimSmsrFault){ 0 };
  self->n_left--;
  if (fault.kind != SIM_SMSR_FAULT_RANDOM)
    return fault;
  fault.counts_both = TRUE;
  fault.after = draw_octets (self->random, fault.after);
  fault.kind = self->n_drawn++ % 2 == 0 ? SIM_SMSR_FAULT_CLOSE : SIM_SMSR_FAULT_RESET;
  return fault;
}

static gboolean
on_incoming (GSocket *listener, GIOCondition condition, gpointer user_data)
{
  SimSmsrHttps *self = user_data;
  g_autoptr (GSocket) socket = g_socket_accept (listener, NULL, NULL);
  SimSmsrFault fault;

  if (socket == NULL || self->connections->len == CONNECTIONS_MAX)
    return G_SOURCE_CONTINUE; /* it has gone already, or goes now */
  fault = choose_fault (self);
  sim_https_connection_start (self, socket, &fault);
  return G_SOURCE_CONTINUE;
}

static gboolean
start_listening (SimSmsrHttps *self, GError **error)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (self->address, self->port);
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocket) listener = g_socket_new (g_inet_address_get_family (self->address),
                                               G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (listener == NULL)
    return FALSE;
  g_socket_set_blocking (listener, FALSE);
  g_socket_set_listen_backlog (listener, BACKLOG);
  if (!g_socket_bind (listener, address, TRUE, error) || !g_socket_listen (listener, error))
    return FALSE;
  local = g_socket_get_local_address (listener, error);
  if (local == NULL)
    return FALSE;
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  self->listener = g_steal_pointer (&listener);
  self->accept_source = g_socket_create_source (self->listener, G_IO_IN, NULL);
  g_source_set_callback (self->accept_source, G_SOURCE_FUNC (on_incoming), self, NULL);
  g_source_attach (self->accept_source, NULL);
  return TRUE;
}

static void
stop_listening (SimSmsrHttps *self)
{
  clear_source (&self->accept_source);
  g_clear_object (&self->listener);
}

SimSmsrHttps *
sim_smsr_https_new (GInetAddress *address, const GPtrArray *peers, GError **error)
{
  g_autoptr (SimSmsrHttps) self = g_new0 (SimSmsrHttps, 1);

  self->address = g_object_ref (address);
  self->peers = peers;
  self->connections = g_ptr_array_new_with_free_func (sim_https_connection_free);
  self->style = sim_http_style_default;
  return start_listening (self, error) ? g_steal_pointer (&self) : NULL;
}

void
sim_smsr_https_free (SimSmsrHttps *self)
{
  if (self == NULL)
    return;
  stop_listening (self);
  g_ptr_array_unref (self->connections);
  g_clear_pointer (&self->random, g_rand_free);
  g_object_unref (self->address);
  g_free (self);
}

guint16
sim_smsr_https_get_port (const SimSmsrHttps *self)
{
  return self->port;
}

static void
end_stalled (SimSmsrHttps *self)
{
  for (guint i = self->connections->len; i > 0; i--)
    {
      SimHttpsConnection *connection = g_ptr_array_index (self->connections, i - 1);

      if (sim_https_connection_has_stalled (connection))
        sim_https_connection_end (connection, "it had stalled");
    }
}

/* Connections that are there have no part in a fault that counts. */
static void
forget_faults (SimSmsrHttps *self)
{
  for (guint i = 0; i < self->connections->len; i++)
    {
      SimHttpsConnection *connection = g_ptr_array_index (self->connections, i);

      connection->fault = (SimSmsrFault){ 0 };
    }
}

const char *
sim_smsr_https_get_last_suite (const SimSmsrHttps *self, SimTlsOffer *offer)
{
  *offer = self->last_offer;
  return self->last_suite;
}

void
sim_smsr_https_set_hostility (SimSmsrHttps *self, SimHostility *hostility)
{
  self->hostility = hostility;
}

void
sim_smsr_https_set_style (SimSmsrHttps *self, const SimHttpStyle *style)
{
  self->style = *style;
}

gboolean
sim_smsr_https_set_fault (SimSmsrHttps *self, const SimSmsrFault *fault, GError **error)
{
  end_stalled (self);
  forget_faults (self);
  self->fault = *fault;
  self->n_left = fault->count;
  self->n_drawn = 0;
  g_clear_pointer (&self->random, g_rand_free);
  self->random = g_rand_new_with_seed (fault->seed);
  if (fault->kind == SIM_SMSR_FAULT_REFUSE)
    {
      stop_listening (self);
      return TRUE;
    }
  return self->listener != NULL || start_listening (self, error);
}

/* Nobody listens while a fault says so. */
static gboolean
listen_again (SimSmsrHttps *self, GError **error)
{
  return self->fault.kind == SIM_SMSR_FAULT_REFUSE || start_listening (self, error);
}

gboolean
sim_smsr_https_move (SimSmsrHttps *self, GInetAddress *address, GError **error)
{
  g_autoptr (GInetAddress) former = self->address;

  stop_listening (self);
  self->address = g_object_ref (address);
  if (listen_again (self, error))
    {
      return TRUE;
    }
  g_set_object (&self->address, former);
  (void) listen_again (self, NULL); /* where it was a moment ago */
  return FALSE;
}

void
sim_smsr_https_forget (SimSmsrHttps *self, const SimSmsrPeer *peer)
{
  for (guint i = self->connections->len; i > 0; i--)
    {
      const SimHttpsConnection *connection = g_ptr_array_index (self->connections, i - 1);

      if (connection->peer == peer)
        g_ptr_array_remove_index_fast (self->connections, i - 1);
    }
}
