/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dns-server.h"

#include <string.h>

#include "dns-message.h"
#include "hostile-datagram.h"
#include "record.h"

#define DATAGRAM_MAX 4096
#define SPOILT_ONCE_IN 4
#define FORGED_IPV4 "192.0.2.66"
#define FORGED_IPV6 "2001:db8::66"

struct _SimDnsServer
{
  GSocket *socket;
  GSource *source;
  guint16 port;
  GHashTable *entries; /* lower-case name → SimDnsEntry */
  SimRecord queries;
  SimHostility *hostility; /* (nullable) */
};

SimDnsEntry *
sim_dns_entry_new (void)
{
  SimDnsEntry *entry = g_new0 (SimDnsEntry, 1);

  entry->addresses = g_ptr_array_new_with_free_func (g_object_unref);
  entry->ttl_s = SIM_DNS_TTL_DEFAULT_S;
  return entry;
}

void
sim_dns_entry_free (SimDnsEntry *entry)
{
  if (entry == NULL)
    return;
  g_ptr_array_unref (entry->addresses);
  g_free (entry);
}

/* A name that is not found keeps whatever comes behind it from going wrong. */
static gboolean
is_spoilt (SimDnsServer *self)
{
  return sim_hostility_strikes (self->hostility, SIM_HOSTILE_DNS)
         && sim_hostility_draw (self->hostility, SPOILT_ONCE_IN) == 0;
}

static void
send_to (SimDnsServer *self, GSocketAddress *peer, GBytes *message)
{
  g_autoptr (GBytes) sent
      = is_spoilt (self) ? sim_hostile_dns_spoil (self->hostility, ea_span_from_bytes (message))
                         : g_bytes_ref (message);

  (void) g_socket_send_to (self->socket, peer, g_bytes_get_data (sent, NULL),
                           g_bytes_get_size (sent), NULL, NULL); /* datagrams may be lost */
}

/* @entry: (nullable): NULL: nothing is known */
static void
answer (SimDnsServer *self, GSocketAddress *peer, const SimDnsQuery *query, SimDnsStatus status,
        const SimDnsEntry *entry)
{
  g_autoptr (SimDnsEntry) nothing = sim_dns_entry_new ();
  const SimDnsEntry *given = entry == NULL ? nothing : entry;
  g_autoptr (GBytes) message
      = sim_dns_build_response (query, status, given->addresses, given->ttl_s, FALSE);

  send_to (self, peer, message);
}

static void
truncate_answer (SimDnsServer *self, GSocketAddress *peer, const SimDnsQuery *query,
                 const SimDnsEntry *entry)
{
  g_autoptr (GBytes) message
      = sim_dns_build_response (query, SIM_DNS_NO_ERROR, entry->addresses, entry->ttl_s, TRUE);

  send_to (self, peer, message);
}

/* What comes from somebody who guesses: each is wrong in one place. */
static void
forge (SimDnsServer *self, GSocketAddress *peer, const SimDnsQuery *query)
{
  static const guint8 other_question[]
      = { 0x05, 'o', 't', 'h', 'e', 'r', 0x04, 't', 'e', 's', 't', 0x00, 0x00, 0x01, 0x00, 0x01 };
  g_autoptr (SimDnsEntry) entry = sim_dns_entry_new ();
  SimDnsQuery wrong = *query;

  g_ptr_array_add (entry->addresses, g_inet_address_new_from_string (FORGED_IPV4));
  g_ptr_array_add (entry->addresses, g_inet_address_new_from_string (FORGED_IPV6));
  wrong.id ^= 1;
  answer (self, peer, &wrong, SIM_DNS_NO_ERROR, entry);
  wrong.id = query->id;
  wrong.question = EA_SPAN_OF_ARRAY (other_question);
  answer (self, peer, &wrong, SIM_DNS_NO_ERROR, entry);
}

static SimDnsFault
take_fault (SimDnsEntry *entry)
{
  SimDnsFault fault = entry->fault;

  if (entry->n_left > 0 && --entry->n_left == 0)
    entry->fault = SIM_DNS_FAULT_NONE;
  return fault;
}

static void
respond (SimDnsServer *self, GSocketAddress *peer, const SimDnsQuery *query)
{
  g_autofree char *name = g_ascii_strdown (query->name, -1);
  SimDnsEntry *entry = g_hash_table_lookup (self->entries, name);

  switch (entry == NULL ? SIM_DNS_FAULT_NXDOMAIN : take_fault (entry))
    {
    case SIM_DNS_FAULT_NXDOMAIN:
      answer (self, peer, query, SIM_DNS_NAME_ERROR, NULL);
      return;
    case SIM_DNS_FAULT_SERVFAIL:
      answer (self, peer, query, SIM_DNS_SERVER_FAILURE, NULL);
      return;
    case SIM_DNS_FAULT_SILENT:
      return;
    case SIM_DNS_FAULT_LIE:
      forge (self, peer, query);
      if (entry->addresses->len > 0)
        answer (self, peer, query, SIM_DNS_NO_ERROR, entry);
      return;
    case SIM_DNS_FAULT_TRUNCATED:
      truncate_answer (self, peer, query, entry);
      return;
    case SIM_DNS_FAULT_NONE:
      answer (self, peer, query, SIM_DNS_NO_ERROR, entry);
      return;
    }
}

static void
note_query (SimDnsServer *self, const SimDnsQuery *query)
{
  g_autofree char *name = g_strescape (query->name, NULL);

  if (query->type == SIM_DNS_TYPE_A || query->type == SIM_DNS_TYPE_AAAA)
    sim_record_add (&self->queries,
                    g_strdup_printf ("%s %s", name, query->type == SIM_DNS_TYPE_A ? "A" : "AAAA"));
  else
    sim_record_add (&self->queries, g_strdup_printf ("%s TYPE%u", name, query->type));
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  SimDnsServer *self = user_data;
  char buffer[DATAGRAM_MAX];
  g_autoptr (GSocketAddress) peer = NULL;
  gssize size = g_socket_receive_from (socket, &peer, buffer, sizeof (buffer), NULL, NULL);
  SimDnsQuery query = { 0 };

  if (size <= 0 || !sim_dns_query_parse (&query, ea_span_init (buffer, (gsize) size)))
    return G_SOURCE_CONTINUE;
  note_query (self, &query);
  respond (self, peer, &query);
  sim_dns_query_clear (&query);
  return G_SOURCE_CONTINUE;
}

static gboolean
open_socket (SimDnsServer *self, GInetAddress *address, GError **error)
{
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (address, 0);
  g_autoptr (GSocketAddress) local = NULL;

  self->socket = g_socket_new (g_inet_address_get_family (address), G_SOCKET_TYPE_DATAGRAM,
                               G_SOCKET_PROTOCOL_UDP, error);
  if (self->socket == NULL)
    return FALSE;
  g_socket_set_blocking (self->socket, FALSE);
  if (!g_socket_bind (self->socket, any, FALSE, error)
      || (local = g_socket_get_local_address (self->socket, error)) == NULL)
    return FALSE;
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, NULL);
  return TRUE;
}

SimDnsServer *
sim_dns_server_new (GInetAddress *address, GError **error)
{
  g_autoptr (SimDnsServer) self = g_new0 (SimDnsServer, 1);

  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) sim_dns_entry_free);
  sim_record_init (&self->queries);
  return open_socket (self, address, error) ? g_steal_pointer (&self) : NULL;
}

void
sim_dns_server_free (SimDnsServer *self)
{
  if (self == NULL)
    return;
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_clear_object (&self->socket);
  g_hash_table_unref (self->entries);
  sim_record_clear (&self->queries);
  g_free (self);
}

guint16
sim_dns_server_get_port (const SimDnsServer *self)
{
  return self->port;
}

void
sim_dns_server_set (SimDnsServer *self, const char *name, SimDnsEntry *entry)
{
  g_autofree char *key = g_ascii_strdown (name, -1);

  if (g_str_has_suffix (key, "."))
    key[strlen (key) - 1] = '\0';
  if (entry == NULL)
    g_hash_table_remove (self->entries, key);
  else
    g_hash_table_replace (self->entries, g_steal_pointer (&key), entry);
}

void
sim_dns_server_set_hostility (SimDnsServer *self, SimHostility *hostility)
{
  self->hostility = hostility;
}

char *
sim_dns_server_take_queries (SimDnsServer *self)
{
  return sim_record_take (&self->queries);
}
