/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a trigger wants: administration session triggering parameters (GlobalPlatform Amendment B §3.3.3, §3.8, §3.11). What
 * it leaves out is "stored", which for the agent is the configuration.
 */

#include <string.h>

#include "core/push-fqdn.h"
#include "core/push.h"
#include "core/sgp02-identity.h"
#include "host/config-value.h"
#include "session/session-order-private.h"

#define DNS_PORT 53

/* What the configuration may have at most and at least: nobody is to be asked without a pause, or for ever */
#define RETRIES_MAX 1000
#define RETRY_DELAY_MIN_S 1

static gboolean
has (const EaPushTrigger *trigger, EaPushTriggerPart part)
{
  return (trigger->present & part) != 0;
}

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, EA_SESSION_ERROR, EA_SESSION_ERROR_INVALID, "%s can't be read", what);
  return FALSE;
}

static gboolean
take_text (EaSpan text, char **field, const char *what, GError **error)
{
  g_autofree char *value = g_strndup ((const char *) text.data, text.size);

  if (text.size == 0 || strlen (value) != text.size)
    return fail (error, what);
  return ea_session_order_set (field, value, what, error);
}

/* Connection parameters are there, be it without an object in them. */
static gboolean
read_connection (EaPushConnection *connection, EaSpan objects, GError **error)
{
  *connection = (EaPushConnection){ 0 };
  return objects.size == 0 || ea_push_parse_connection (connection, objects, error);
}

static gboolean
has_parameter (const EaPushConnection *connection, EaPushParameter parameter)
{
  return (connection->present & parameter) != 0;
}

/* Host of the requests: "smsr.example.com:8443", "[2001:db8::1]", "192.0.2.1" */
static gboolean
split_host (const char *host, char **name, guint16 *port)
{
  gboolean has_bracket = host[0] == '[';
  const char *end = has_bracket ? strchr (host, ']') : strchr (host, ':');
  const char *rest = end != NULL ? end + (has_bracket ? 1 : 0) : "";
  guint64 number;

  if (has_bracket && end == NULL)
    return FALSE;
  if (rest[0] == ':')
    {
      if (!g_ascii_string_to_unsigned (rest + 1, 10, 1, G_MAXUINT16, &number, NULL))
        return FALSE;
      *port = (guint16) number;
    }
  else if (rest[0] != '\0')
    return FALSE;
  *name = end == NULL ? g_strdup (host)
                      : g_strndup (host + (has_bracket ? 1 : 0),
                                   (gsize) (end - host) - (has_bracket ? 1 : 0));
  return ea_config_value_is_host (*name);
}

/* The name or address of the server, as far as the trigger has one; and the port, where the host has it. */
static gboolean
find_server (const EaPushTrigger *trigger, const EaPushConnection *connection, char **name,
             guint16 *port, GError **error)
{
  g_autofree char *host = NULL;
  g_autofree char *host_name = NULL;

  if (has (trigger, EA_PUSH_TRIGGER_HAS_HOST)
      && (!take_text (trigger->host, &host, "The administration host", error)
          || (!split_host (host, &host_name, port) && !fail (error, "The administration host"))))
    return FALSE;
  if (has_parameter (connection, EA_PUSH_HAS_DESTINATION))
    *name = ea_cat_other_address_to_text (&connection->destination);
  if (*name == NULL && has (trigger, EA_PUSH_TRIGGER_HAS_FQDN))
    {
      *name = ea_push_read_fqdn (trigger->fqdn, error);
      return *name != NULL;
    }
  if (*name == NULL)
    *name = g_steal_pointer (&host_name);
  return TRUE;
}

/* Who is to be asked for the name: a UDP port of an address */
static gboolean
take_dns (EaSessionOrder *order, const EaPushTrigger *trigger, GError **error)
{
  g_autoptr (GInetAddress) address = NULL;
  g_autofree char *text = NULL;
  EaPushConnection connection;
  guint16 port = DNS_PORT;

  if (!has (trigger, EA_PUSH_TRIGGER_HAS_DNS_CONNECTION))
    return TRUE;
  if (!read_connection (&connection, trigger->dns_connection, error))
    return FALSE;
  text = ea_cat_other_address_to_text (&connection.destination);
  if (text == NULL)
    return TRUE;
  if (has_parameter (&connection, EA_PUSH_HAS_TRANSPORT))
    port = connection.transport.port;
  address = g_inet_address_new_from_string (text);
  order->dns_server = G_INET_SOCKET_ADDRESS (g_inet_socket_address_new (address, port));
  return TRUE;
}

/* Objects in binary; what goes into a handshake is their text (SGP.02 §2.4.4.1 table 4). */
static gboolean
is_binary_identity (EaSpan identity)
{
  EaSgp02PskIdentity parsed;

  return ea_sgp02_parse_psk_identity (&parsed, identity, NULL);
}

static void
take_security (EaSessionOrder *order, const EaPushTrigger *trigger)
{
  g_autofree char *hex = NULL;

  if (!has (trigger, EA_PUSH_TRIGGER_HAS_SECURITY))
    return;
  order->has_key = TRUE;
  order->key_version = trigger->key_version;
  order->key_identifier = trigger->key_identifier;
  if (trigger->psk_identity.size == 0)
    return;
  if (!is_binary_identity (trigger->psk_identity))
    {
      order->psk_identity = ea_span_to_bytes (trigger->psk_identity);
      return;
    }
  hex = ea_span_to_hex (trigger->psk_identity);
  order->psk_identity = g_bytes_new (hex, strlen (hex));
}

/* The policy of a trigger waits as long each time. Whether its digits are swapped is not certain (core/push-trigger.h): the
 * standard's reading goes first. */
static void
take_retry (EaSessionOrder *order, const EaPushTrigger *trigger)
{
  guint seconds = 0;

  if (!has (trigger, EA_PUSH_TRIGGER_HAS_RETRY))
    return;
  order->retry.n_max = MIN (trigger->retry_counter, RETRIES_MAX);
  if (!has (trigger, EA_PUSH_TRIGGER_HAS_RETRY_TIMER)
      || (!ea_push_timer_get_swapped (trigger->retry_timer, &seconds)
          && !ea_push_timer_get_plain (trigger->retry_timer, &seconds)))
    return;
  order->retry.delay_s = MAX (seconds, RETRY_DELAY_MIN_S);
  order->retry.delay_max_s = order->retry.delay_s;
}

static gboolean
take_http (EaSessionOrder *order, const EaPushTrigger *trigger, GError **error)
{
  return (!has (trigger, EA_PUSH_TRIGGER_HAS_HOST)
          || take_text (trigger->host, &order->host, "The administration host", error))
         && (!has (trigger, EA_PUSH_TRIGGER_HAS_AGENT)
             || take_text (trigger->agent, &order->agent_id, "The agent identifier", error))
         && (!has (trigger, EA_PUSH_TRIGGER_HAS_URI)
             || take_text (trigger->uri, &order->uri, "The administration URI", error));
}

EaSessionOrder *
ea_session_order_new_for_trigger (const EaConfig *config, const char *eid, const char *device,
                                  const EaPushTrigger *trigger, GError **error)
{
  g_autoptr (EaSessionOrder) order = NULL;
  g_autofree char *name = NULL;
  EaPushConnection connection;
  guint16 port = 0;

  if (!read_connection (&connection, trigger->connection, error)
      || !find_server (trigger, &connection, &name, &port, error))
    return NULL;
  if (name == NULL)
    name = g_strdup (ea_config_get (config, "sm-sr", NULL, "Host"));
  if (has_parameter (&connection, EA_PUSH_HAS_TRANSPORT))
    port = connection.transport.port;
  order = ea_session_order_new_from_config (config, eid, device, EA_SESSION_HTTPS,
                                            EA_SESSION_TRIGGER, name);
  if (port != 0)
    order->port = port;
  take_security (order, trigger);
  take_retry (order, trigger);
  if (!ea_session_order_take_access_name (order, &connection, error)
      || !take_dns (order, trigger, error) || !take_http (order, trigger, error)
      || !ea_session_order_complete (order, error))
    return NULL;
  return g_steal_pointer (&order);
}
