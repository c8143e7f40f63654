/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The socket, and whose datagrams come there: links are told apart by the UDP address that they come from. */

#include "smsr-cattp-private.h"

#define DATAGRAM_MAX 65536
#define LINKS_MAX 64

void
sim_smsr_cattp_send (const SimSmsrCattp *self, GSocketAddress *address, EaSpan datagram)
{
  (void) g_socket_send_to (self->socket, address, (const char *) datagram.data, datagram.size, NULL,
                           NULL); /* CAT_TP repeats what UDP loses */
}

void
sim_smsr_cattp_close_socket (SimSmsrCattp *self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_clear_object (&self->socket);
}

void
sim_smsr_cattp_end_all (SimSmsrCattp *self, const char *why)
{
  while (self->links->len > 0)
    sim_cattp_link_end (g_ptr_array_index (self->links, 0), why);
}

static SimCattpLink *
find_link (const SimSmsrCattp *self, GSocketAddress *address)
{
  GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS (address);

  for (guint i = 0; i < self->links->len; i++)
    {
      SimCattpLink *link = g_ptr_array_index (self->links, i);
      GInetSocketAddress *known = G_INET_SOCKET_ADDRESS (link->address);

      if (g_inet_socket_address_get_port (known) == g_inet_socket_address_get_port (inet)
          && g_inet_address_equal (g_inet_socket_address_get_address (known),
                                   g_inet_socket_address_get_address (inet)))
        return link;
    }
  return NULL;
}

/* A SYN that a fault lets make no link */
static gboolean
is_turned_away (SimSmsrCattp *self, GSocketAddress *address, EaSpan datagram)
{
  g_autoptr (GBytes) reset = NULL;

  if (!sim_cattp_fault_is_syn (datagram))
    return FALSE;
  if (sim_cattp_fault_hits (&self->fault, SIM_SMSR_FAULT_LINK_SILENCE, 0))
    return TRUE;
  if (!sim_cattp_fault_hits (&self->fault, SIM_SMSR_FAULT_LINK_REFUSE, 0))
    return FALSE;
  reset = sim_cattp_fault_refuse (datagram, self->fault.fault.reason);
  sim_smsr_cattp_send (self, address, ea_span_from_bytes (reset));
  return TRUE;
}

static void
receive (SimSmsrCattp *self, GSocketAddress *address, EaSpan datagram)
{
  SimCattpLink *link = find_link (self, address);
  const SimSmsrPeer *peer;

  if (link != NULL && sim_cattp_link_is_of_the_past (link, datagram))
    {
      sim_cattp_link_end_reset (link);
      link = NULL;
    }
  if (link == NULL && (self->links->len == LINKS_MAX || is_turned_away (self, address, datagram)))
    return;
  if (link == NULL)
    link = sim_cattp_link_new (self, address);
  if (sim_cattp_link_is_fault_due (link, SIM_SMSR_FAULT_STALL)
      || sim_cattp_fault_hits (&self->fault, SIM_SMSR_FAULT_LINK_DEAF, link->n_pdus_received++))
    return;
  sim_cattp_receive (link->cattp, datagram, g_get_monotonic_time ());
  peer = link->is_announced ? link->peer : NULL;
  sim_cattp_link_pump (link);
  if (peer != NULL)
    peer->changed (peer->user_data);
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  SimSmsrCattp *self = user_data;
  g_autofree char *buffer = g_malloc (DATAGRAM_MAX);
  g_autoptr (GSocketAddress) address = NULL;
  gssize size = g_socket_receive_from (socket, &address, buffer, DATAGRAM_MAX, NULL, NULL);

  if (size >= 0 && address != NULL)
    receive (self, address, ea_span_init (buffer, (gsize) size));
  return G_SOURCE_CONTINUE;
}

static gboolean
open_socket (SimSmsrCattp *self, GError **error)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (self->address, self->port);
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocket) socket = g_socket_new (g_inet_address_get_family (self->address),
                                             G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);

  if (socket == NULL)
    return FALSE;
  g_socket_set_blocking (socket, FALSE);
  if (!g_socket_bind (socket, address, FALSE, error))
    return FALSE;
  local = g_socket_get_local_address (socket, error);
  if (local == NULL)
    return FALSE;
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  self->socket = g_steal_pointer (&socket);
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, NULL);
  return TRUE;
}

SimSmsrCattp *
sim_smsr_cattp_new (GInetAddress *address, const GPtrArray *peers, GError **error)
{
  g_autoptr (SimSmsrCattp) self = g_new0 (SimSmsrCattp, 1);

  self->address = g_object_ref (address);
  self->peers = peers;
  self->links = g_ptr_array_new_with_free_func (sim_cattp_link_free);
  return open_socket (self, error) ? g_steal_pointer (&self) : NULL;
}

void
sim_smsr_cattp_free (SimSmsrCattp *self)
{
  if (self == NULL)
    return;
  sim_smsr_cattp_close_socket (self);
  g_ptr_array_unref (self->links);
  g_object_unref (self->address);
  g_free (self);
}

guint16
sim_smsr_cattp_get_port (const SimSmsrCattp *self)
{
  return self->port;
}

/* What stalled until now ends with RST, so that the eUICC need not wait for ever. */
static void
mark_stalled (SimSmsrCattp *self)
{
  for (guint i = 0; i < self->links->len; i++)
    {
      SimCattpLink *link = g_ptr_array_index (self->links, i);

      if (sim_cattp_link_is_fault_due (link, SIM_SMSR_FAULT_STALL))
        sim_cattp_link_close (link, "it had stalled", g_get_monotonic_time ());
    }
}

/* Pumping a link may end it, or all of them. */
static void
pump_all (SimSmsrCattp *self, const SimSmsr *smsr)
{
  g_autoptr (GPtrArray) links = g_ptr_array_new ();

  for (guint i = 0; i < self->links->len; i++)
    g_ptr_array_add (links, g_ptr_array_index (self->links, i));
  for (guint i = 0; i < links->len; i++)
    {
      SimCattpLink *link = g_ptr_array_index (links, i);

      if (!g_ptr_array_find (self->links, link, NULL))
        continue;
      if (smsr == NULL || (link->is_announced && link->peer->smsr == smsr))
        sim_cattp_link_pump (link);
    }
}

void
sim_smsr_cattp_set_hostility (SimSmsrCattp *self, SimHostility *hostility)
{
  self->hostility = hostility;
}

void
sim_smsr_cattp_settle (SimSmsrCattp *self, const SimSmsr *smsr)
{
  pump_all (self, smsr);
}

static gboolean
set_fault (SimSmsrCattp *self, const SimSmsrFault *fault, GError **error)
{
  sim_cattp_fault_order (&self->fault, fault);
  if (fault->kind == SIM_SMSR_FAULT_REFUSE)
    {
      sim_smsr_cattp_close_socket (self);
      sim_smsr_cattp_end_all (self, "the SM-SR has closed its socket");
      return TRUE;
    }
  return self->socket != NULL || open_socket (self, error);
}

gboolean
sim_smsr_cattp_set_fault (SimSmsrCattp *self, const SimSmsrFault *fault, GError **error)
{
  gboolean is_set;

  mark_stalled (self);
  is_set = set_fault (self, fault, error);
  pump_all (self, NULL);
  return is_set;
}

/* Nobody listens while a fault says so. */
static gboolean
listen_again (SimSmsrCattp *self, GError **error)
{
  return self->fault.fault.kind == SIM_SMSR_FAULT_REFUSE || open_socket (self, error);
}

gboolean
sim_smsr_cattp_move (SimSmsrCattp *self, GInetAddress *address, GError **error)
{
  g_autoptr (GInetAddress) former = self->address;

  sim_smsr_cattp_close_socket (self);
  self->address = g_object_ref (address);
  if (listen_again (self, error))
    {
      sim_smsr_cattp_end_all (self, "the SM-SR has gone elsewhere");
      return TRUE;
    }
  g_set_object (&self->address, former);
  (void) listen_again (self, NULL); /* where it was a moment ago */
  return FALSE;
}

void
sim_smsr_cattp_describe (const SimSmsrCattp *self, GString *json)
{
  g_string_append_c (json, '[');
  for (guint i = 0; i < self->links->len; i++)
    {
      g_string_append (json, i == 0 ? "" : ",");
      sim_cattp_link_describe (g_ptr_array_index (self->links, i), json);
    }
  g_string_append_c (json, ']');
}

void
sim_smsr_cattp_forget (SimSmsrCattp *self, const SimSmsrPeer *peer)
{
  for (guint i = self->links->len; i > 0; i--)
    {
      const SimCattpLink *link = g_ptr_array_index (self->links, i - 1);

      if (link->peer == peer)
        g_ptr_array_remove_index_fast (self->links, i - 1);
    }
}
