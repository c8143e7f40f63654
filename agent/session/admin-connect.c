/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From nothing to a connection with the SM-SR, one step after the other. */

#include "session/admin-connect.h"

#include <string.h>

#include "core/sgp02-identity.h"
#include "core/sgp02.h"

#define DNS_PORT 53

typedef struct
{
  const EaSessionContext *context;
  const EaSessionOrder *order;
  EaBearer *bearer;     /* NULL: the order names an interface */
  GPtrArray *addresses; /* of GInetAddress */
  guint next;           /* address */
  EaLink *link;
  EaPskTls *tls;
  GBytes *identity; /* that @tls has */
  EaKeyRing *keys;
  gulong keys_id; /* handler */
  gboolean has_lost_key;
  GError *refusal; /* of an address before */
} Attempt;

static void
attempt_free (gpointer data)
{
  Attempt *attempt = data;

  g_clear_object (&attempt->bearer);
  g_clear_pointer (&attempt->addresses, g_ptr_array_unref);
  g_clear_signal_handler (&attempt->keys_id, attempt->keys);
  g_object_unref (attempt->keys);
  g_clear_object (&attempt->tls);
  g_clear_pointer (&attempt->identity, g_bytes_unref);
  g_clear_object (&attempt->link);
  g_clear_error (&attempt->refusal);
  g_free (attempt);
}

void
ea_admin_connection_clear (EaAdminConnection *connection)
{
  g_clear_object (&connection->tls);
  g_clear_object (&connection->bearer);
}

const EaKeysScp81 *
ea_admin_find_key (const EaSessionContext *context, const EaSessionOrder *order, GError **error)
{
  const EaKeys *keys = ea_key_ring_get_keys (context->keys);
  const EaKeysScp81 *key;

  if (!order->has_key)
    key = ea_keys_find_scp81 (keys, order->eid);
  else
    key = ea_keys_find_scp81_version (keys, order->eid, order->key_version, order->key_identifier);
  if (key == NULL && order->has_key)
    g_set_error (error, EA_SESSION_ERROR, EA_SESSION_ERROR_NO_KEY,
                 "The key %02X:%02X, which the SM-SR names, is not held for this eUICC",
                 order->key_version, order->key_identifier);
  else if (key == NULL)
    g_set_error_literal (error, EA_SESSION_ERROR, EA_SESSION_ERROR_NO_KEY,
                         "No key for HTTPS (scp81) is held for this eUICC");
  return key;
}

static const char *
get_interface (const Attempt *attempt)
{
  return attempt->bearer != NULL ? ea_bearer_get_interface (attempt->bearer)
                                 : attempt->order->interface;
}

/* (transfer full): as the handshake has it */
static GBytes *
get_identity (const EaSessionOrder *order, const EaKeysScp81 *key)
{
  g_autoptr (GBytes) eid = ea_bytes_from_hex (order->eid, NULL);
  g_autoptr (GBytes) aid = ea_sgp02_build_aid (EA_SGP02_TAR_ISD_R);
  g_autoptr (GBytes) objects = NULL;
  char *text;
  const EaSgp02PskIdentity identity = {
    .type = EA_SGP02_PSK_IDENTITY_QUALIFIED,
    .eid = ea_span_from_bytes (eid),
    .aid = ea_span_from_bytes (aid),
    .key_identifier = key->key_identifier,
    .key_version = key->version,
  };

  if (key->identity.size > 0)
    return ea_span_to_bytes (key->identity);
  if (order->psk_identity != NULL)
    return g_bytes_ref (order->psk_identity);
  objects = ea_sgp02_build_psk_identity (&identity);
  text = ea_span_to_hex (ea_span_from_bytes (objects));
  return g_bytes_new_take (text, strlen (text));
}

static guint
limit_time (const Attempt *attempt, guint limit_ms)
{
  return MIN (limit_ms, attempt->order->timeout_s * 1000);
}

static void connect_next (GTask *task);

/* That an address is closed says less than what another one did. */
static void
note_refusal (Attempt *attempt, const GError *error)
{
  gboolean is_closed = g_error_matches (error, EA_SESSION_ERROR, EA_SESSION_ERROR_NOT_ALLOWED);

  ea_log_info (attempt->context->log, "An address of %s is of no use: %s", attempt->order->name,
               error->message);
  if (attempt->refusal != NULL && is_closed)
    return;
  g_clear_error (&attempt->refusal);
  attempt->refusal = g_error_copy (error);
}

static void
forget_connection (Attempt *attempt)
{
  g_clear_signal_handler (&attempt->keys_id, attempt->keys);
  g_clear_object (&attempt->tls);
  g_clear_pointer (&attempt->identity, g_bytes_unref);
  g_clear_object (&attempt->link);
}

/* The SM-SR may have moved, and the address may be another's now; but who refuses a key is the right one. */
static gboolean
is_answer_of_server (const GError *error)
{
  return g_error_matches (error, EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_IDENTITY_REFUSED)
         || g_error_matches (error, EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_KEY_REFUSED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
on_shaken (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (ea_psk_tls_handshake_finish (EA_PSK_TLS (source), result, &error))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (attempt->has_lost_key)
    g_task_return_new_error (task, EA_SESSION_ERROR, EA_SESSION_ERROR_KEYS_CHANGED,
                             "The keys were read again during the handshake");
  else if (is_answer_of_server (error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    {
      forget_connection (attempt);
      note_refusal (attempt, error);
      connect_next (g_steal_pointer (&task));
    }
}

/* The key that it has borrowed is gone. */
static void
on_keys_changed (EaKeyRing *keys, gpointer user_data)
{
  Attempt *attempt = user_data;

  attempt->has_lost_key = TRUE;
  ea_psk_tls_abort (attempt->tls);
}

static void
begin_tls (Attempt *attempt, const EaKeysScp81 *key)
{
  const EaConfig *config = attempt->context->config;
  const char *name = attempt->order->name;
  EaPskTlsOptions options = { 0 };

  attempt->identity = get_identity (attempt->order, key);
  options.preset = (EaPskTlsPreset) ea_config_get_choice (config, "sm-sr", name, "TlsPreset");
  options.suites = (EaPskTlsSuites) ea_config_get_choice (config, "sm-sr", name, "TlsSuites");
  options.max_fragment_length = ea_config_get_number (config, "sm-sr", name, "MaxFragmentLength");
  options.identity = ea_span_from_bytes (attempt->identity);
  options.psk = key->psk;
  attempt->tls = ea_psk_tls_new (attempt->link, &options);
  attempt->keys_id
      = g_signal_connect (attempt->keys, "changed", G_CALLBACK (on_keys_changed), attempt);
}

static void
shake_hands (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  GError *error = NULL;
  const EaKeysScp81 *key = ea_admin_find_key (attempt->context, attempt->order, &error);

  if (key == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  ea_session_set_state (g_task_get_source_object (task), EA_SESSION_HANDSHAKING);
  begin_tls (attempt, key);
  ea_psk_tls_handshake_async (attempt->tls, limit_time (attempt, EA_ADMIN_HANDSHAKE_LIMIT_MS),
                              g_task_get_cancellable (task), on_shaken, task);
}

static void
on_link_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (ea_link_connect_finish (EA_LINK (source), result, &error))
    {
      attempt->link = EA_LINK (g_object_ref (source));
      shake_hands (task);
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
      return;
    }
  note_refusal (attempt, error);
  connect_next (task);
}

/* What the configuration closes has a name of its own: nobody has tried it. */
static gboolean
check_address (Attempt *attempt, GInetAddress *address, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (ea_address_policy_check (attempt->context->policy, address, &local_error))
    return TRUE;
  if (g_error_matches (local_error, EA_LINK_ERROR, EA_LINK_ERROR_NOT_ALLOWED))
    g_set_error_literal (error, EA_SESSION_ERROR, EA_SESSION_ERROR_NOT_ALLOWED,
                         local_error->message);
  else
    g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* (transfer full) (nullable): the next address that may be reached */
static GInetSocketAddress *
take_address (Attempt *attempt)
{
  while (attempt->next < attempt->addresses->len)
    {
      GInetAddress *address = attempt->addresses->pdata[attempt->next++];
      g_autoptr (GError) error = NULL;

      if (check_address (attempt, address, &error))
        return G_INET_SOCKET_ADDRESS (g_inet_socket_address_new (address, attempt->order->port));
      note_refusal (attempt, error);
    }
  return NULL;
}

/* What was resolved may be old: the SM-SR may have moved. */
static void
fail_to_connect (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);

  ea_resolver_forget (attempt->context->resolver, attempt->order->name);
  g_task_return_error (task, g_steal_pointer (&attempt->refusal));
  g_object_unref (task);
}

static void
connect_next (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  EaSession *session = g_task_get_source_object (task);
  g_autoptr (GInetSocketAddress) peer = take_address (attempt);
  g_autofree char *text = NULL;
  g_autoptr (EaLink) link = NULL;

  if (peer == NULL)
    {
      fail_to_connect (task);
      return;
    }
  text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (peer));
  ea_session_set_address (session, text);
  ea_session_set_state (session, EA_SESSION_CONNECTING);
  link = ea_link_new (EA_LINK_TCP, get_interface (attempt));
  ea_link_connect_async (link, peer, limit_time (attempt, EA_ADMIN_CONNECT_LIMIT_MS),
                         g_task_get_cancellable (task), on_link_connected, task);
}

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Attempt *attempt = g_task_get_task_data (task);
  GError *error = NULL;

  attempt->addresses = ea_resolver_resolve_finish (EA_RESOLVER (source), result, &error);
  if (attempt->addresses != NULL)
    {
      connect_next (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
add_servers (GPtrArray *servers, GPtrArray *addresses)
{
  for (guint i = 0; i < addresses->len; i++)
    g_ptr_array_add (servers, g_inet_socket_address_new (addresses->pdata[i], DNS_PORT));
}

/* (transfer full): the trigger's, the configuration's, the bearer's, or none for the system's */
static GPtrArray *
find_servers (const Attempt *attempt)
{
  const EaSessionOrder *order = attempt->order;
  g_autoptr (GPtrArray) servers = ea_config_get_servers (attempt->context->config, "sm-sr",
                                                         order->name, "DnsServers", DNS_PORT);

  if (order->dns_server != NULL)
    {
      g_ptr_array_set_size (servers, 0);
      g_ptr_array_add (servers, g_object_ref (order->dns_server));
    }
  else if (servers->len == 0 && attempt->bearer != NULL)
    add_servers (servers, ea_bearer_get_dns_servers (attempt->bearer));
  return g_steal_pointer (&servers);
}

/* A name server that comes with a trigger is no better known than an address. */
static gboolean
check_server (Attempt *attempt, GError **error)
{
  GInetSocketAddress *server = attempt->order->dns_server;

  return server == NULL
         || check_address (attempt, g_inet_socket_address_get_address (server), error);
}

static void
resolve (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GPtrArray) servers = find_servers (attempt);
  const EaResolverQuery query = {
    .name = attempt->order->name,
    .interface = get_interface (attempt),
    .servers = servers,
    .wants_ipv4 = TRUE,
    .wants_ipv6 = TRUE,
    .timeout_ms = limit_time (attempt, EA_ADMIN_RESOLVE_LIMIT_MS),
  };

  GError *error = NULL;

  if (!check_server (attempt, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  ea_session_set_interface (g_task_get_source_object (task), get_interface (attempt));
  ea_resolver_resolve_async (attempt->context->resolver, &query, g_task_get_cancellable (task),
                             on_resolved, task);
}

static void
on_bearer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Attempt *attempt = g_task_get_task_data (task);
  GError *error = NULL;

  attempt->bearer = ea_bearers_acquire_finish (EA_BEARERS (source), result, NULL, &error);
  if (attempt->bearer != NULL)
    {
      resolve (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
acquire_bearer (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (attempt->order->name);
  GSocketFamily family
      = address != NULL ? g_inet_address_get_family (address) : G_SOCKET_FAMILY_INVALID;
  const EaBearerRequest request = {
    .apn = attempt->order->apn,
    .wants_ipv4 = family == G_SOCKET_FAMILY_IPV4,
    .wants_ipv6 = family == G_SOCKET_FAMILY_IPV6,
  };

  ea_bearers_acquire_async (attempt->context->bearers, &request, g_task_get_cancellable (task),
                            on_bearer, task);
}

/* What is missing now would be missing later */
static gboolean
check (const EaSessionContext *context, const EaSessionOrder *order, GError **error)
{
  if (context->bearers != NULL)
    return ea_admin_find_key (context, order, error) != NULL;
  g_set_error_literal (error, EA_BEARER_ERROR, EA_BEARER_ERROR_NO_BEARER, "The modem is not there");
  return FALSE;
}

void
ea_admin_connect_async (const EaSessionContext *context, const EaSessionOrder *order,
                        EaSession *session, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (session, cancellable, callback, user_data);
  Attempt *attempt = g_new0 (Attempt, 1);
  GError *error = NULL;

  attempt->context = context;
  attempt->order = order;
  attempt->keys = g_object_ref (context->keys);
  g_task_set_task_data (task, attempt, attempt_free);
  ea_session_set_state (session, EA_SESSION_RESOLVING);
  if (!check (context, order, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
    }
  else if (order->interface[0] != '\0')
    resolve (task);
  else
    acquire_bearer (task);
}

gboolean
ea_admin_connect_finish (EaSession *session, GAsyncResult *result, EaAdminConnection *connection,
                         GError **error)
{
  Attempt *attempt = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  connection->bearer = g_steal_pointer (&attempt->bearer);
  connection->tls = g_steal_pointer (&attempt->tls);
  return TRUE;
}
