/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a session is to be like, from the bus and the configuration. */

#include <string.h>

#include "core/cattp-pdu.h"
#include "host/config-value.h"
#include "session/cattp-peer.h"
#include "session/session-order-private.h"

#define HTTPS_PORT 443

void
ea_session_order_free (EaSessionOrder *order)
{
  if (order == NULL)
    return;
  g_free (order->eid);
  g_free (order->name);
  g_free (order->host);
  g_free (order->uri);
  g_free (order->agent_id);
  g_free (order->interface);
  g_free (order->apn);
  g_clear_object (&order->dns_server);
  g_clear_pointer (&order->psk_identity, g_bytes_unref);
  g_clear_pointer (&order->identification, g_bytes_unref);
  g_free (order);
}

gboolean
ea_session_order_set (char **field, const char *value, const char *what, GError **error)
{
  gsize length = strlen (value);

  if (length > EA_SESSION_ORDER_TEXT_MAX)
    {
      g_set_error (error, EA_SESSION_ERROR, EA_SESSION_ERROR_INVALID,
                   "%s has %" G_GSIZE_FORMAT " characters, more than %d", what, length,
                   EA_SESSION_ORDER_TEXT_MAX);
      return FALSE;
    }
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (value[i]))
      {
        g_set_error (error, EA_SESSION_ERROR, EA_SESSION_ERROR_INVALID,
                     "%s has a character that can't be in it", what);
        return FALSE;
      }
  g_free (*field);
  *field = g_strdup (value);
  return TRUE;
}

static gboolean
take_text (GVariant *options, const char *key, char **field, GError **error)
{
  const char *value;

  return !g_variant_lookup (options, key, "&s", &value)
         || ea_session_order_set (field, value, key, error);
}

static gboolean
fail (GError **error, const char *format, const char *what)
{
  g_set_error (error, EA_SESSION_ERROR, EA_SESSION_ERROR_INVALID, format, what);
  return FALSE;
}

/* Options that are not known are refused: who misspells one does not mean the default. */
static gboolean
check_options (GVariant *options, GError **error)
{
  static const struct
  {
    const char *key;
    const char *type;
  } known[] = { { "host", "s" }, { "port", "q" },      { "cat-tp-port", "q" },
                { "uri", "s" },  { "interface", "s" }, { "timeout", "u" } };
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    {
      gsize i = 0;

      while (i < G_N_ELEMENTS (known) && strcmp (known[i].key, key) != 0)
        i++;
      if (i == G_N_ELEMENTS (known)
          || !g_variant_is_of_type (value, G_VARIANT_TYPE (known[i].type)))
        {
          (void) (i == G_N_ELEMENTS (known)
                      ? fail (error, "There is no option '%s'", key)
                      : fail (error, "The option '%s' has a value of the wrong type", key));
          g_variant_unref (value);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
take_options (EaSessionOrder *order, GVariant *options, GError **error)
{
  if (!take_text (options, "uri", &order->uri, error)
      || !take_text (options, "interface", &order->interface, error))
    return FALSE;
  (void) g_variant_lookup (options, "port", "q", &order->port); /* else it stays */
  (void) g_variant_lookup (options, "cat-tp-port", "q", &order->cattp_port);
  (void) g_variant_lookup (options, "timeout", "u", &order->timeout_s);
  return TRUE;
}

static guint16
get_port (const EaConfig *config, const char *name, const char *key)
{
  return (guint16) ea_config_get_number (config, "sm-sr", name, key);
}

EaSessionOrder *
ea_session_order_new_from_config (const EaConfig *config, const char *eid, const char *device,
                                  EaSessionTransport transport, EaSessionOrigin origin,
                                  const char *name)
{
  EaSessionOrder *order = g_new0 (EaSessionOrder, 1);

  order->transport = transport;
  order->origin = origin;
  order->eid = g_strdup (eid);
  order->name = g_strdup (name);
  order->port = get_port (config, name, transport == EA_SESSION_CAT_TP ? "CatTpUdpPort" : "Port");
  order->cattp_port = get_port (config, name, "CatTpPort");
  order->max_sdu = EA_SESSION_SDU_MAX;
  order->uri = g_strdup (ea_config_get (config, "sm-sr", name, "Uri"));
  order->interface = g_strdup ("");
  order->apn = g_strdup (ea_config_get (config, "bearer", device, "Apn"));
  order->retry.n_max = ea_config_get_number (config, "session", NULL, "RetryLimit");
  order->retry.delay_s = ea_config_get_time_s (config, "session", NULL, "RetryDelay");
  order->retry.delay_max_s = ea_config_get_time_s (config, "session", NULL, "RetryMaximum");
  order->timeout_s = ea_config_get_time_s (config, "session", NULL, "Timeout");
  return order;
}

static gboolean
is_ipv6 (const char *name)
{
  return strchr (name, ':') != NULL;
}

char *
ea_session_order_get_peer (const EaSessionOrder *order)
{
  return g_strdup_printf (is_ipv6 (order->name) ? "[%s]:%u" : "%s:%u", order->name, order->port);
}

char *
ea_session_order_get_cattp_peer (const EaSessionOrder *order)
{
  return ea_cattp_peer_build (order->name, order->port, order->cattp_port);
}

/* The port is in the field Host only where it is not that of HTTPS (RFC 9110 §7.2). */
static char *
build_host (const EaSessionOrder *order)
{
  if (order->port != HTTPS_PORT)
    return ea_session_order_get_peer (order);
  return g_strdup_printf (is_ipv6 (order->name) ? "[%s]" : "%s", order->name);
}

/* Answers have to find it again. An address may have a zone of any length behind it. */
static gboolean
check_cattp_peer (const EaSessionOrder *order, GError **error)
{
  g_autofree char *peer = ea_session_order_get_cattp_peer (order);

  return strlen (peer) <= EA_CATTP_PEER_MAX
         || fail (error, "%s", "The name of the SM-SR is too long for CAT_TP");
}

/* Where one of the two ports is not known the other stands for it. */
static gboolean
complete_cattp (EaSessionOrder *order, GError **error)
{
  if (order->port == 0 && order->cattp_port == 0)
    return fail (error, "No port of the SM-SR is known: %s",
                 "set CatTpUdpPort or CatTpPort in the section [sm-sr] of agent.conf, or name one");
  if (order->port == 0)
    order->port = order->cattp_port;
  if (order->cattp_port == 0)
    order->cattp_port = order->port;
  if (order->max_sdu == 0)
    return fail (error, "%s", "An SDU has at least one octet");
  if (order->identification != NULL
      && g_bytes_get_size (order->identification) > EA_CATTP_IDENTIFICATION_MAX)
    return fail (error, "%s", "An identification is too long for a SYN");
  return check_cattp_peer (order, error);
}

static gboolean
complete_https (EaSessionOrder *order, GError **error)
{
  if (order->port == 0)
    return fail (error, "%s", "The port of a server is above 0");
  if (order->uri == NULL || order->uri[0] != '/')
    return fail (error, "'%s' is no URI of an administration session, which begins with '/'",
                 order->uri != NULL ? order->uri : "");
  if (order->host == NULL)
    order->host = build_host (order);
  return TRUE;
}

gboolean
ea_session_order_complete (EaSessionOrder *order, GError **error)
{
  if (order->name[0] == '\0')
    return fail (error, "No SM-SR is known: %s",
                 "set Host in the section [sm-sr] of agent.conf, or name it");
  if (!ea_config_value_is_host (order->name))
    return fail (error, "'%s' is neither the name of a server nor its address", order->name);
  if (order->timeout_s == 0 || order->timeout_s > EA_SESSION_TIMEOUT_MAX_S)
    return fail (error, "%s", "A timeout is from 1 s to an hour");
  return order->transport == EA_SESSION_CAT_TP ? complete_cattp (order, error)
                                               : complete_https (order, error);
}

EaSessionOrder *
ea_session_order_new (const EaConfig *config, const char *eid, const char *device,
                      EaSessionTransport transport, EaSessionOrigin origin, GVariant *options,
                      GError **error)
{
  g_autoptr (EaSessionOrder) order = NULL;
  g_autofree char *name = g_strdup (ea_config_get (config, "sm-sr", NULL, "Host"));

  if (options != NULL
      && (!check_options (options, error) || !take_text (options, "host", &name, error)))
    return NULL;
  order = ea_session_order_new_from_config (config, eid, device, transport, origin, name);
  if (options != NULL && !take_options (order, options, error))
    return NULL;
  return ea_session_order_complete (order, error) ? g_steal_pointer (&order) : NULL;
}
