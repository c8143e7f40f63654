/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How an order is stored: a GVariant, which is not believed when it is read. */

#include <gio/gio.h>

#include "session/session-order-private.h"

#define RECORD_VERSION 1
#define IPV4_SIZE 4
#define IPV6_SIZE 16

/* Version, origin, EID, name, port, host, URI, agent identifier, interface, access point name, name server, key, its version
 * and identifier, PSK identity, retries, their delays, time-out */
#define RECORD_TYPE "(yyssqssmsssm(ayq)byymayuuuu)"

static GVariant *
save_bytes (gconstpointer bytes, gsize size)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, size, 1);
}

/* (nullable) */
static GVariant *
save_server (GInetSocketAddress *server)
{
  GInetAddress *address;

  if (server == NULL)
    return NULL;
  address = g_inet_socket_address_get_address (server);
  return g_variant_new (
      "(@ayq)",
      save_bytes (g_inet_address_to_bytes (address), g_inet_address_get_native_size (address)),
      g_inet_socket_address_get_port (server));
}

/* (nullable) */
static GVariant *
save_identity (GBytes *identity)
{
  if (identity == NULL)
    return NULL;
  return save_bytes (g_bytes_get_data (identity, NULL), g_bytes_get_size (identity));
}

GBytes *
ea_session_order_save (const EaSessionOrder *order)
{
  g_autoptr (GVariant) record = g_variant_ref_sink (g_variant_new (
      "(yyssqssmsssm@(ayq)byym@ayuuuu)", RECORD_VERSION, order->origin, order->eid, order->name,
      order->port, order->host, order->uri, order->agent_id, order->interface, order->apn,
      save_server (order->dns_server), order->has_key, order->key_version, order->key_identifier,
      save_identity (order->psk_identity), order->retry.n_max, order->retry.delay_s,
      order->retry.delay_max_s, order->timeout_s));

  return g_variant_get_data_as_bytes (record);
}

/* (transfer full) (nullable): of what is no address there is none */
static GInetSocketAddress *
restore_server (GVariant *maybe)
{
  g_autoptr (GVariant) server = g_variant_get_maybe (maybe);
  g_autoptr (GVariant) bytes = NULL;
  g_autoptr (GInetAddress) address = NULL;
  const guint8 *data;
  gsize size;
  guint16 port;

  if (server == NULL)
    return NULL;
  g_variant_get (server, "(@ayq)", &bytes, &port);
  data = g_variant_get_fixed_array (bytes, &size, 1);
  if (size != IPV4_SIZE && size != IPV6_SIZE)
    return NULL;
  address = g_inet_address_new_from_bytes (data, size == IPV4_SIZE ? G_SOCKET_FAMILY_IPV4
                                                                   : G_SOCKET_FAMILY_IPV6);
  return G_INET_SOCKET_ADDRESS (g_inet_socket_address_new (address, port));
}

/* (transfer full) (nullable) */
static GBytes *
restore_identity (GVariant *maybe)
{
  g_autoptr (GVariant) identity = g_variant_get_maybe (maybe);

  return identity != NULL ? g_variant_get_data_as_bytes (identity) : NULL;
}

static gboolean
restore_texts (EaSessionOrder *order, GVariant *record, GError **error)
{
  const char *eid, *name, *host, *uri, *agent_id, *interface, *apn;

  g_variant_get (record, "(yy&s&sq&s&sm&s&s&s@m(ayq)byy@mayuuuu)", NULL, NULL, &eid, &name, NULL,
                 &host, &uri, &agent_id, &interface, &apn, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                 NULL, NULL);
  return ea_session_order_set (&order->eid, eid, "The EID", error)
         && ea_session_order_set (&order->name, name, "The name", error)
         && ea_session_order_set (&order->host, host, "The host", error)
         && ea_session_order_set (&order->uri, uri, "The URI", error)
         && (agent_id == NULL
             || ea_session_order_set (&order->agent_id, agent_id, "The agent identifier", error))
         && ea_session_order_set (&order->interface, interface, "The interface", error)
         && ea_session_order_set (&order->apn, apn, "The access point name", error);
}

static void
restore_numbers (EaSessionOrder *order, GVariant *record)
{
  g_autoptr (GVariant) server = NULL;
  g_autoptr (GVariant) identity = NULL;

  g_variant_get (record, "(yy&s&sq&s&sm&s&s&s@m(ayq)byy@mayuuuu)", NULL, NULL, NULL, NULL,
                 &order->port, NULL, NULL, NULL, NULL, NULL, &server, &order->has_key,
                 &order->key_version, &order->key_identifier, &identity, &order->retry.n_max,
                 &order->retry.delay_s, &order->retry.delay_max_s, &order->timeout_s);
  order->origin = EA_SESSION_RETRY;
  order->dns_server = restore_server (server);
  order->psk_identity = restore_identity (identity);
}

/* @saved may have been written by another version, or by nobody. */
static GVariant *
read_record (GBytes *saved)
{
  g_autoptr (GVariant) record
      = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (RECORD_TYPE), saved, FALSE));
  guint8 version;

  if (g_bytes_get_size (saved) > EA_SESSION_ORDER_SIZE_MAX || !g_variant_is_normal_form (record))
    return NULL;
  g_variant_get_child (record, 0, "y", &version);
  return version == RECORD_VERSION ? g_steal_pointer (&record) : NULL;
}

EaSessionOrder *
ea_session_order_restore (GBytes *saved, GError **error)
{
  g_autoptr (EaSessionOrder) order = g_new0 (EaSessionOrder, 1);
  g_autoptr (GVariant) record = read_record (saved);

  if (record == NULL)
    {
      g_set_error_literal (error, EA_SESSION_ERROR, EA_SESSION_ERROR_INVALID,
                           "What was stored is no session");
      return NULL;
    }
  if (!restore_texts (order, record, error))
    return NULL;
  restore_numbers (order, record);
  return ea_session_order_complete (order, error) ? g_steal_pointer (&order) : NULL;
}
