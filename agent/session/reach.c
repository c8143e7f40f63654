/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From nothing to a link with the SM-SR, one step after the other. */

#include "session/reach.h"

#define DNS_PORT 53

struct _EaReach
{
  GObject parent_instance;

  const EaSessionContext *context;
  const EaSessionOrder *order;
  EaSession *session;
  EaLinkProtocol protocol;
  EaBearer *bearer;     /* NULL: the order names an interface */
  GPtrArray *addresses; /* of GInetAddress; NULL: the name was not resolved yet */
  guint next;           /* address */
  GError *refusal;      /* of an address before */
};

G_DEFINE_FINAL_TYPE (EaReach, ea_reach, G_TYPE_OBJECT)

static const char *
get_interface (const EaReach *self)
{
  return self->bearer != NULL ? ea_bearer_get_interface (self->bearer) : self->order->interface;
}

static guint
limit_time (const EaReach *self, guint limit_ms)
{
  return MIN (limit_ms, self->order->timeout_s * 1000);
}

/* That an address is closed says less than what another one did. */
void
ea_reach_note_refusal (EaReach *self, const GError *error)
{
  gboolean is_closed = g_error_matches (error, EA_SESSION_ERROR, EA_SESSION_ERROR_NOT_ALLOWED);

  ea_log_info (ea_session_get_log (self->session, self->context->log),
               "An address of %s is of no use: %s", self->order->name, error->message);
  if (self->refusal != NULL && is_closed)
    return;
  g_clear_error (&self->refusal);
  self->refusal = g_error_copy (error);
}

static void connect_next (GTask *task);

static void
on_link_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaReach *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;

  if (!ea_link_connect_finish (EA_LINK (source), result, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      ea_reach_note_refusal (self, error);
      connect_next (task);
      return;
    }
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, g_object_ref (source), g_object_unref);
  g_object_unref (task);
}

/* What the configuration closes has a name of its own: nobody has tried it. */
static gboolean
check_address (EaReach *self, GInetAddress *address, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (ea_address_policy_check (self->context->policy, address, &local_error))
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
take_address (EaReach *self)
{
  while (self->next < self->addresses->len)
    {
      GInetAddress *address = self->addresses->pdata[self->next++];
      g_autoptr (GError) error = NULL;

      if (check_address (self, address, &error))
        return G_INET_SOCKET_ADDRESS (g_inet_socket_address_new (address, self->order->port));
      ea_reach_note_refusal (self, error);
    }
  return NULL;
}

/* What was resolved may be old: the SM-SR may have moved. */
static void
fail_to_connect (GTask *task)
{
  EaReach *self = g_task_get_source_object (task);

  ea_resolver_forget (self->context->resolver, self->order->name);
  g_task_return_error (task, g_steal_pointer (&self->refusal));
  g_object_unref (task);
}

static void
connect_next (GTask *task)
{
  EaReach *self = g_task_get_source_object (task);
  g_autoptr (GInetSocketAddress) peer = take_address (self);
  g_autofree char *text = NULL;
  g_autoptr (EaLink) link = NULL;

  if (peer == NULL)
    {
      fail_to_connect (task);
      return;
    }
  text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (peer));
  ea_session_set_address (self->session, text);
  ea_session_set_state (self->session, EA_SESSION_CONNECTING);
  link = ea_link_new (self->protocol, get_interface (self));
  ea_link_connect_async (link, peer, limit_time (self, EA_REACH_CONNECT_LIMIT_MS),
                         g_task_get_cancellable (task), on_link_connected, task);
}

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaReach *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->addresses = ea_resolver_resolve_finish (EA_RESOLVER (source), result, &error);
  if (self->addresses != NULL)
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
find_servers (const EaReach *self)
{
  const EaSessionOrder *order = self->order;
  g_autoptr (GPtrArray) servers
      = ea_config_get_servers (self->context->config, "sm-sr", order->name, "DnsServers", DNS_PORT);

  if (order->dns_server != NULL)
    {
      g_ptr_array_set_size (servers, 0);
      g_ptr_array_add (servers, g_object_ref (order->dns_server));
    }
  else if (servers->len == 0 && self->bearer != NULL)
    add_servers (servers, ea_bearer_get_dns_servers (self->bearer));
  return g_steal_pointer (&servers);
}

/* A name server that comes with a trigger is no better known than an address. */
static gboolean
check_server (EaReach *self, GError **error)
{
  GInetSocketAddress *server = self->order->dns_server;

  return server == NULL || check_address (self, g_inet_socket_address_get_address (server), error);
}

static void
resolve (GTask *task)
{
  EaReach *self = g_task_get_source_object (task);
  g_autoptr (GPtrArray) servers = find_servers (self);
  const EaResolverQuery query = {
    .name = self->order->name,
    .interface = get_interface (self),
    .servers = servers,
    .wants_ipv4 = TRUE,
    .wants_ipv6 = TRUE,
    .timeout_ms = limit_time (self, EA_REACH_RESOLVE_LIMIT_MS),
  };
  GError *error = NULL;

  if (!check_server (self, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  ea_session_set_interface (self->session, get_interface (self));
  ea_resolver_resolve_async (self->context->resolver, &query, g_task_get_cancellable (task),
                             on_resolved, task);
}

static void
on_bearer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaReach *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->bearer = ea_bearers_acquire_finish (EA_BEARERS (source), result, NULL, &error);
  if (self->bearer != NULL)
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
  EaReach *self = g_task_get_source_object (task);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (self->order->name);
  GSocketFamily family
      = address != NULL ? g_inet_address_get_family (address) : G_SOCKET_FAMILY_INVALID;
  const EaBearerRequest request = {
    .apn = self->order->apn,
    .wants_ipv4 = family == G_SOCKET_FAMILY_IPV4,
    .wants_ipv6 = family == G_SOCKET_FAMILY_IPV6,
  };

  ea_bearers_acquire_async (self->context->bearers, &request, g_task_get_cancellable (task),
                            on_bearer, task);
}

/* What is missing now would be missing later. */
static void
begin (GTask *task)
{
  EaReach *self = g_task_get_source_object (task);

  ea_session_set_state (self->session, EA_SESSION_RESOLVING);
  if (self->context->bearers == NULL)
    {
      g_task_return_new_error (task, EA_BEARER_ERROR, EA_BEARER_ERROR_NO_BEARER,
                               "The modem is not there");
      g_object_unref (task);
    }
  else if (self->order->interface[0] != '\0')
    resolve (task);
  else
    acquire_bearer (task);
}

void
ea_reach_next_async (EaReach *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                     gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  if (self->addresses != NULL)
    connect_next (task);
  else
    begin (task);
}

EaLink *
ea_reach_next_finish (EaReach *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

EaBearer *
ea_reach_steal_bearer (EaReach *self)
{
  return g_steal_pointer (&self->bearer);
}

static void
ea_reach_finalize (GObject *object)
{
  EaReach *self = EA_REACH (object);

  g_clear_object (&self->bearer);
  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  g_clear_error (&self->refusal);
  g_object_unref (self->session);
  G_OBJECT_CLASS (ea_reach_parent_class)->finalize (object);
}

static void
ea_reach_class_init (EaReachClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ea_reach_finalize;
}

static void
ea_reach_init (EaReach *self)
{
}

EaReach *
ea_reach_new (const EaSessionContext *context, const EaSessionOrder *order, EaSession *session,
              EaLinkProtocol protocol)
{
  EaReach *self = g_object_new (EA_TYPE_REACH, NULL);

  self->context = context;
  self->order = order;
  self->session = g_object_ref (session);
  self->protocol = protocol;
  return self;
}
