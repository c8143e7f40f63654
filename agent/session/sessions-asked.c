/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who wants a session: the bus, triggers and pushes of the SM-SR, the schedule, a switch, answers that were left. */

#include <string.h>

#include "session/admin-connect.h"
#include "session/cattp-peer.h"
#include "session/location.h"
#include "session/sessions-private.h"
#include "session/transport-choice.h"

static gboolean
check_card (EaSessions *self, GError **error)
{
  if (self->context.eid != NULL && self->context.config != NULL)
    return TRUE;
  g_set_error_literal (error, EA_SESSION_ERROR, EA_SESSION_ERROR_CARD_ABSENT,
                       "The eUICC is not ready: its EID was not read yet");
  return FALSE;
}

static gboolean
has_https_key (EaSessions *self)
{
  const EaKeys *keys = ea_key_ring_get_keys (self->context.keys);

  return keys != NULL && ea_keys_find_scp81 (keys, self->context.eid) != NULL;
}

static gboolean
is_port_known (EaSessions *self, GVariant *options)
{
  const EaConfig *config = self->context.config;
  g_autofree char *host = g_strdup (ea_config_get (config, "sm-sr", NULL, "Host"));
  guint16 port;

  if (options != NULL && g_variant_lookup (options, "cat-tp-port", "q", &port))
    return TRUE;
  return ea_config_get_number (config, "sm-sr", host, "CatTpPort") != 0
         || ea_config_get_number (config, "sm-sr", host, "CatTpUdpPort") != 0;
}

static gboolean
is_in_gsm (EaSessions *self)
{
  const EaModemNetwork *network
      = self->context.modem != NULL ? ea_modem_get_network (self->context.modem) : NULL;

  return network != NULL && network->has_technology && network->technology == EA_LOCATION_GSM;
}

static EaSessionTransport
choose (EaSessions *self, GVariant *options, const char **reason)
{
  const EaTransportFacts facts = {
    .has_key = has_https_key (self),
    .has_port = is_port_known (self, options),
    .is_gsm = is_in_gsm (self),
    .has_timed_out = self->has_https_timed_out,
  };

  return ea_transport_choose (&facts, reason);
}

static gboolean
read_transport (EaSessions *self, const char *name, GVariant *options,
                EaSessionTransport *transport, const char **reason, GError **error)
{
  *reason = NULL;
  if (strcmp (name, "https") == 0)
    *transport = EA_SESSION_HTTPS;
  else if (strcmp (name, "cat-tp") == 0)
    *transport = EA_SESSION_CAT_TP;
  else if (strcmp (name, "auto") == 0)
    *transport = choose (self, options, reason);
  else
    {
      g_set_error (error, EA_SESSION_ERROR, EA_SESSION_ERROR_NO_TRANSPORT,
                   "There is no transport '%s': take auto, https or cat-tp", name);
      return FALSE;
    }
  return TRUE;
}

/* CAT_TP needs none: the SM-SR may send what only the eUICC can open. */
static gboolean
check_key (EaSessions *self, const EaSessionOrder *order, GError **error)
{
  return order->transport != EA_SESSION_HTTPS
         || ea_admin_find_key (&self->context, order, error) != NULL;
}

/* Somebody waits: what waits for its next attempt begins now. */
static void
wake_running (EaSessions *self)
{
  if (self->running != NULL)
    ea_session_runner_wake (self->running);
}

static gboolean
has_option (GVariant *options, const char *name)
{
  g_autoptr (GVariant) value
      = options != NULL ? g_variant_lookup_value (options, name, NULL) : NULL;

  return value != NULL;
}

/* Who names the transport does not mean what only the other one has. */
static gboolean
check_options (const char *transport, GVariant *options, GError **error)
{
  gboolean is_https = strcmp (transport, "https") == 0;
  const char *foreign = is_https ? "cat-tp-port" : "uri";

  if (strcmp (transport, "auto") == 0 || !has_option (options, foreign))
    return TRUE;
  g_set_error (error, EA_SESSION_ERROR, EA_SESSION_ERROR_INVALID, "The option '%s' is not for %s",
               foreign, is_https ? "HTTPS" : "CAT_TP");
  return FALSE;
}

/* "auto" takes HTTPS without a key when it has no port of CAT_TP either. */
static gboolean
check_choice (EaSessions *self, const char *transport, EaSessionTransport chosen, GError **error)
{
  if (strcmp (transport, "auto") != 0 || chosen != EA_SESSION_HTTPS || has_https_key (self))
    return TRUE;
  g_set_error_literal (
      error, EA_SESSION_ERROR, EA_SESSION_ERROR_NO_KEY,
      "Neither a key for HTTPS (scp81) is held for this eUICC nor is a port of CAT_TP known: "
      "name cat-tp-port, or set CatTpPort in agent.conf, for a session over CAT_TP");
  return FALSE;
}

EaSession *
ea_sessions_open (EaSessions *self, const char *transport, GVariant *options, const char **reason,
                  GError **error)
{
  g_autoptr (EaSessionOrder) order = NULL;
  EaSessionTransport chosen;

  if (!check_card (self, error)
      || !read_transport (self, transport, options, &chosen, reason, error)
      || !check_options (transport, options, error)
      || !check_choice (self, transport, chosen, error))
    return NULL;
  order = ea_session_order_new (self->context.config, self->context.eid, self->context.device,
                                chosen, EA_SESSION_DBUS, options, error);
  if (order == NULL || !check_key (self, order, error))
    return NULL;
  wake_running (self);
  return ea_sessions_take_order (self, g_steal_pointer (&order), error);
}

/* One that waits for its turn will do what @order asks for. */
static gboolean
is_queued (EaSessions *self, const EaSessionOrder *order)
{
  g_autoptr (GBytes) asked = ea_session_order_save (order);

  for (guint i = 0; i < self->sessions->len; i++)
    {
      EaSessionRunner *session = self->sessions->pdata[i];
      g_autoptr (GBytes) known = ea_session_order_save (ea_session_runner_get_order (session));

      if (session != self->running && g_bytes_equal (known, asked)
          && ea_session_get_state (ea_session_runner_get_session (session)) == EA_SESSION_QUEUED)
        return TRUE;
    }
  return FALSE;
}

/* @order: (transfer full): of the SM-SR, which asks again for what it has had no answer to */
static gboolean
take_asked (EaSessions *self, EaSessionOrder *order, GError **error)
{
  g_autoptr (EaSessionOrder) owned = order;

  if (!is_queued (self, owned)
      && ea_sessions_take_order (self, g_steal_pointer (&owned), error) == NULL)
    return FALSE;
  wake_running (self);
  return TRUE;
}

gboolean
ea_sessions_take_trigger (EaSessions *self, const EaPushTrigger *trigger, GError **error)
{
  EaSessionOrder *order;

  if (!check_card (self, error))
    return FALSE;
  order = ea_session_order_new_for_trigger (self->context.config, self->context.eid,
                                            self->context.device, trigger, error);
  return order != NULL && take_asked (self, order, error);
}

/* One that is there already asks the SM-SR all the same. */
static gboolean
has_session_with (EaSessions *self, const char *name)
{
  for (guint i = 0; i < self->sessions->len; i++)
    {
      const EaSessionOrder *order = ea_session_runner_get_order (self->sessions->pdata[i]);

      if (g_ascii_strcasecmp (order->name, name) == 0
          && g_strcmp0 (order->eid, self->context.eid) == 0)
        return TRUE;
    }
  return FALSE;
}

/* An order of the configuration's own. @options: (nullable) */
static gboolean
order_own (EaSessions *self, EaSessionTransport transport, EaSessionOrigin origin,
           GVariant *options, const char *what)
{
  g_autoptr (GError) error = NULL;
  EaSessionOrder *order
      = ea_session_order_new (self->context.config, self->context.eid, self->context.device,
                              transport, origin, options, &error);
  EaLogContext log;

  if (order != NULL && ea_sessions_take_order (self, order, &error) != NULL)
    return TRUE;
  log = ea_log_context_for_transport (self->context.log,
                                      ea_session_transport_to_string (transport));
  ea_log_warning (&log, EA_MESSAGE_SESSION_FAILED, "%s: %s", what, error->message);
  return FALSE;
}

void
ea_sessions_take_due (EaSessions *self)
{
  const char *reason;

  if (!has_session_with (self, ea_config_get (self->context.config, "sm-sr", NULL, "Host")))
    (void) order_own (self, choose (self, NULL, &reason), EA_SESSION_SCHEDULE, NULL,
                      "No session is opened although one is due");
}

gboolean
ea_sessions_take_notification (EaSessions *self, const char *uri)
{
  g_autoptr (GVariant) options = g_variant_ref_sink (g_variant_new_parsed ("{'uri': <%s>}", uri));

  return order_own (self, EA_SESSION_HTTPS, EA_SESSION_NOTIFICATION, options,
                    "The SM-SR is not notified of the switch");
}

static gboolean
has_cattp_session (EaSessions *self, const char *peer)
{
  for (guint i = 0; i < self->sessions->len; i++)
    {
      const EaSessionOrder *order = ea_session_runner_get_order (self->sessions->pdata[i]);
      g_autofree char *other = ea_session_order_get_cattp_peer (order);

      if (order->transport == EA_SESSION_CAT_TP && g_strcmp0 (order->eid, self->context.eid) == 0
          && g_str_equal (other, peer))
        return TRUE;
    }
  return FALSE;
}

/* The configuration may name another SM-SR by now, or none. */
static void
order_for_peer (EaSessions *self, const char *peer)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) options = NULL;
  guint16 port, cattp_port;

  if (!ea_cattp_peer_split (peer, &name, &port, &cattp_port))
    return;
  options = g_variant_ref_sink (g_variant_new_parsed (
      "{'host': <%s>, 'port': <%q>, 'cat-tp-port': <%q>}", name, port, cattp_port));
  (void) order_own (self, EA_SESSION_CAT_TP, EA_SESSION_RETRY, options,
                    "Answers wait for a CAT_TP session");
}

void
ea_sessions_take_answers (EaSessions *self)
{
  g_auto (GStrv) peers = NULL;

  if (!self->context.is_ready || self->is_draining)
    return;
  peers = ea_answers_list_peers (ea_endpoint_get_answers (self->context.endpoint));
  for (guint i = 0; peers[i] != NULL; i++)
    if (!has_cattp_session (self, peers[i]))
      order_for_peer (self, peers[i]);
}

static gboolean
take_pushed_channel (EaSessions *self, EaSpan objects, GError **error)
{
  EaPushConnection connection;

  if (!ea_push_parse_connection (&connection, objects, error))
    return FALSE;
  g_clear_pointer (&self->pushed_channel, g_bytes_unref);
  self->pushed_channel = ea_span_to_bytes (objects);
  g_free (self->pushed_eid);
  self->pushed_eid = g_strdup (self->context.eid);
  return TRUE;
}

/* The channel that was pushed before is the one for the link. */
static gboolean
take_pushed_link (EaSessions *self, EaSpan objects, GError **error)
{
  gboolean is_fresh = g_strcmp0 (self->pushed_eid, self->context.eid) == 0;
  g_autoptr (GBytes) pushed = g_steal_pointer (&self->pushed_channel);
  EaSpan channel = pushed != NULL ? ea_span_from_bytes (pushed) : EA_SPAN_EMPTY;
  EaSessionOrder *order = ea_session_order_new_for_push (
      self->context.config, self->context.eid, self->context.device,
      pushed != NULL && is_fresh ? &channel : NULL, objects, error);

  return order != NULL && take_asked (self, order, error);
}

gboolean
ea_sessions_take_push (EaSessions *self, const EaPush *push, GError **error)
{
  if (!check_card (self, error))
    return FALSE;
  switch (push->request)
    {
    case EA_PUSH_BIP_CHANNEL:
      return take_pushed_channel (self, push->objects, error);
    case EA_PUSH_CAT_TP_LINK:
      return take_pushed_link (self, push->objects, error);
    case EA_PUSH_TCP_CONNECTION:
    case EA_PUSH_IDENTIFICATION_PACKET:
      break;
    }
  g_set_error (error, EA_SESSION_ERROR, EA_SESSION_ERROR_NO_TRANSPORT,
               "The agent has nothing for a push of the kind '%s'",
               ea_push_get_name (push->request));
  return FALSE;
}
