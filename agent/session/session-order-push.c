/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a pair of pushes wants: a channel to a server, and a CAT_TP link on it (TS 102 226 §9.1.1). */

#include "session/session-order-private.h"

static gboolean
has (const EaPushConnection *connection, EaPushParameter parameter)
{
  return (connection->present & parameter) != 0;
}

gboolean
ea_session_order_take_access_name (EaSessionOrder *order, const EaPushConnection *connection,
                                   GError **error)
{
  char *apn;

  if (!has (connection, EA_PUSH_HAS_ACCESS_NAME))
    return TRUE;
  apn = ea_cat_parse_network_access_name (connection->access_name, error);
  if (apn == NULL)
    return FALSE;
  g_free (order->apn);
  order->apn = apn;
  return TRUE;
}

/* The SM-SR of the configuration stands in for a server without an address. */
static char *
find_server (const EaConfig *config, const EaPushConnection *channel)
{
  char *name = NULL;

  if (has (channel, EA_PUSH_HAS_DESTINATION))
    name = ea_cat_other_address_to_text (&channel->destination);
  return name != NULL ? name : g_strdup (ea_config_get (config, "sm-sr", NULL, "Host"));
}

static gboolean
take_channel (EaSessionOrder *order, const EaPushConnection *channel, GError **error)
{
  if (has (channel, EA_PUSH_HAS_TRANSPORT)
      && channel->transport.protocol != EA_CAT_TRANSPORT_UDP_CLIENT)
    {
      g_set_error_literal (error, EA_SESSION_ERROR, EA_SESSION_ERROR_INVALID,
                           "A push wants CAT_TP over another protocol than UDP");
      return FALSE;
    }
  if (has (channel, EA_PUSH_HAS_TRANSPORT))
    order->port = channel->transport.port;
  return ea_session_order_take_access_name (order, channel, error);
}

static void
take_link (EaSessionOrder *order, const EaPushConnection *link)
{
  if (has (link, EA_PUSH_HAS_TRANSPORT))
    order->cattp_port = link->transport.port;
  if (has (link, EA_PUSH_HAS_BUFFER_SIZE))
    order->max_sdu = link->buffer_size;
  if (has (link, EA_PUSH_HAS_IDENTIFICATION))
    order->identification = ea_span_to_bytes (link->identification);
}

EaSessionOrder *
ea_session_order_new_for_push (const EaConfig *config, const char *eid, const char *device,
                               const EaSpan *channel, EaSpan link, GError **error)
{
  g_autoptr (EaSessionOrder) order = NULL;
  g_autofree char *name = NULL;
  EaPushConnection of_channel = { 0 };
  EaPushConnection of_link = { 0 };

  if (channel != NULL && !ea_push_parse_connection (&of_channel, *channel, error))
    return NULL;
  if (!ea_push_parse_connection (&of_link, link, error))
    return NULL;
  name = find_server (config, &of_channel);
  order = ea_session_order_new_from_config (config, eid, device, EA_SESSION_CAT_TP,
                                            EA_SESSION_TRIGGER, name);
  take_link (order, &of_link);
  if (!take_channel (order, &of_channel, error) || !ea_session_order_complete (order, error))
    return NULL;
  return g_steal_pointer (&order);
}
