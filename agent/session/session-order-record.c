/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How an order is stored: a GVariant, which is not believed when it is read. */

#include <gio/gio.h>

#include "session/session-order-private.h"

#define RECORD_VERSION 2
#define IPV4_SIZE 4
#define IPV6_SIZE 16

/* Version, transport, origin, EID, name, port, interface, access point name, name server, retries, their delays, time-out;
 * of HTTPS host, URI, agent identifier, key, its version and identifier, PSK identity; of CAT_TP port, SDU, identification */
#define RECORD_TYPE "(yyyssqssm(ayq)uuuu(msmsmsbyymay)(qqmay))"

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
save_optional (GBytes *bytes)
{
  if (bytes == NULL)
    return NULL;
  return save_bytes (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

GBytes *
ea_session_order_save (const EaSessionOrder *order)
{
  g_autoptr (GVariant) record = g_variant_ref_sink (
      g_variant_new ("(yyyssqssm@(ayq)uuuu(msmsmsbyym@ay)(qqm@ay))", RECORD_VERSION,
                     order->transport, order->origin, order->eid, order->name, order->port,
                     order->interface, order->apn, save_server (order->dns_server),
                     order->retry.n_max, order->retry.delay_s, order->retry.delay_max_s,
                     order->timeout_s, order->host, order->uri, order->agent_id, order->has_key,
                     order->key_version, order->key_identifier, save_optional (order->psk_identity),
                     order->cattp_port, order->max_sdu, save_optional (order->identification)));

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
restore_optional (GVariant *maybe)
{
  g_autoptr (GVariant) bytes = g_variant_get_maybe (maybe);

  return bytes != NULL ? g_variant_get_data_as_bytes (bytes) : NULL;
}

static gboolean
restore_text (char **field, const char *value, const char *what, GError **error)
{
  return value == NULL || ea_session_order_set (field, value, what, error);
}

static gboolean
restore_https (EaSessionOrder *order, GVariant *record, GError **error)
{
  g_autoptr (GVariant) https = g_variant_get_child_value (record, 13);
  g_autoptr (GVariant) identity = NULL;
  const char *host, *uri, *agent_id;

  g_variant_get (https, "(m&sm&sm&sbyy@may)", &host, &uri, &agent_id, &order->has_key,
                 &order->key_version, &order->key_identifier, &identity);
  order->psk_identity = restore_optional (identity);
  return restore_text (&order->host, host, "The host", error)
         && restore_text (&order->uri, uri, "The URI", error)
         && restore_text (&order->agent_id, agent_id, "The agent identifier", error);
}

static void
restore_cattp (EaSessionOrder *order, GVariant *record)
{
  g_autoptr (GVariant) cattp = g_variant_get_child_value (record, 14);
  g_autoptr (GVariant) identification = NULL;

  g_variant_get (cattp, "(qq@may)", &order->cattp_port, &order->max_sdu, &identification);
  order->identification = restore_optional (identification);
}

static gboolean
restore_common (EaSessionOrder *order, GVariant *record, GError **error)
{
  g_autoptr (GVariant) server = NULL;
  const char *eid, *name, *interface, *apn;
  guint8 transport;

  g_variant_get (record, "(yyy&s&sq&s&s@m(ayq)uuuu@(msmsmsbyymay)@(qqmay))", NULL, &transport, NULL,
                 &eid, &name, &order->port, &interface, &apn, &server, &order->retry.n_max,
                 &order->retry.delay_s, &order->retry.delay_max_s, &order->timeout_s, NULL, NULL);
  order->transport = transport == EA_SESSION_CAT_TP ? EA_SESSION_CAT_TP : EA_SESSION_HTTPS;
  order->origin = EA_SESSION_RETRY;
  order->dns_server = restore_server (server);
  return ea_session_order_set (&order->eid, eid, "The EID", error)
         && ea_session_order_set (&order->name, name, "The name", error)
         && ea_session_order_set (&order->interface, interface, "The interface", error)
         && ea_session_order_set (&order->apn, apn, "The access point name", error);
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
  if (!restore_common (order, record, error) || !restore_https (order, record, error))
    return NULL;
  restore_cattp (order, record);
  return ea_session_order_complete (order, error) ? g_steal_pointer (&order) : NULL;
}
