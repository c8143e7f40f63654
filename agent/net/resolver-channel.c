/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A channel of c-ares with one server, for one query. It lives no longer than the query, so that nothing wakes up
 * between queries, each has a source port of its own, and what one server did has no influence upon another.
 *
 * Neither the files of this system nor variables of the environment have a say in it. c-ares binds to an interface
 * too, but goes on where that can't be done; so it is done here.
 */

#include <ares.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "net/resolver-private.h"
#include "net/socket.h"

#define TRIES 5
#define LOOKUPS "b" /* DNS, without the file of hosts */
#define NO_CONFIGURATION "/dev/null"

struct _EaResolverChannel
{
  const EaResolverScope *scope;
  GSocketFamily family;
  GInetSocketAddress *server;
  EaResolverAnswerFunc func;
  gpointer user_data;

  ares_channel channel;
  GHashTable *sources; /* of GSource, by their file descriptors */
  GSource *timer;
  GSource *end; /* "answer" is there and is given to the owner from the main loop */
  EaResolverAnswer answer;
  GError *bind_error;
};

/* How c-ares says what a server did */
static const struct
{
  int status;
  EaResolverError code;
  const char *words;
} causes[] = {
  { ARES_ENOTFOUND, EA_RESOLVER_ERROR_NOT_FOUND, "knows no such name" },
  { ARES_ESERVFAIL, EA_RESOLVER_ERROR_SERVER_FAILED, "failed (SERVFAIL)" },
  { ARES_EREFUSED, EA_RESOLVER_ERROR_SERVER_FAILED, "refuses to answer (REFUSED)" },
  { ARES_ENOTIMP, EA_RESOLVER_ERROR_SERVER_FAILED, "can't answer such queries (NOTIMP)" },
  { ARES_EFORMERR, EA_RESOLVER_ERROR_SERVER_FAILED, "can't read the query (FORMERR)" },
  { ARES_EBADRESP, EA_RESOLVER_ERROR_SERVER_FAILED, "answers nonsense" },
  { ARES_EBADNAME, EA_RESOLVER_ERROR_SERVER_FAILED, "answers nonsense" },
  { ARES_EBADSTR, EA_RESOLVER_ERROR_SERVER_FAILED, "answers nonsense" },
  { ARES_ETIMEOUT, EA_RESOLVER_ERROR_TIMED_OUT, "does not answer" },
  { ARES_ECONNREFUSED, EA_RESOLVER_ERROR_UNREACHABLE, "can't be reached" },
};

static void
set_error (EaResolverChannel *self, int status)
{
  g_autofree char *server = ea_resolver_describe_server (self->server);
  const char *words = ares_strerror (status);
  EaResolverError code = EA_RESOLVER_ERROR_FAILED;

  for (gsize i = 0; i < G_N_ELEMENTS (causes); i++)
    if (causes[i].status == status)
      {
        code = causes[i].code;
        words = causes[i].words;
      }
  self->answer.error = g_error_new (EA_RESOLVER_ERROR, (int) code, "%s %s", server, words);
}

static void
set_no_data (EaResolverChannel *self)
{
  g_autofree char *server = ea_resolver_describe_server (self->server);
  const char *family = self->family == G_SOCKET_FAMILY_IPV6 ? "IPv6 " : "IPv4 ";

  self->answer.error
      = g_error_new (EA_RESOLVER_ERROR, EA_RESOLVER_ERROR_NOT_FOUND, "%s knows no %saddress of it",
                     server, self->scope->n_families > 1 ? "" : family);
}

static void
set_bind_error (EaResolverChannel *self)
{
  EaResolverError code = EA_RESOLVER_ERROR_FAILED;

  if (g_error_matches (self->bind_error, EA_LINK_ERROR, EA_LINK_ERROR_NO_INTERFACE))
    code = EA_RESOLVER_ERROR_NO_INTERFACE;
  if (g_error_matches (self->bind_error, EA_LINK_ERROR, EA_LINK_ERROR_NOT_ALLOWED))
    code = EA_RESOLVER_ERROR_NOT_ALLOWED;
  self->answer.error
      = g_error_new_literal (EA_RESOLVER_ERROR, (int) code, self->bind_error->message);
}

/* The answer of a server */

static GInetAddress *
new_address (const struct ares_addrinfo_node *node)
{
  if (node->ai_family == AF_INET6)
    return g_inet_address_new_from_bytes (
        (const guint8 *) &((const struct sockaddr_in6 *) node->ai_addr)->sin6_addr,
        G_SOCKET_FAMILY_IPV6);
  return g_inet_address_new_from_bytes (
      (const guint8 *) &((const struct sockaddr_in *) node->ai_addr)->sin_addr,
      G_SOCKET_FAMILY_IPV4);
}

/* A TTL with its highest bit set is 0, RFC 2181 §8. */
static guint
get_least_ttl (guint ttl_s, int other_s)
{
  return MIN (ttl_s, (guint) MAX (other_s, 0));
}

static void
read_addresses (EaResolverChannel *self, const struct ares_addrinfo *info)
{
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_object_unref);
  guint ttl_s = G_MAXUINT;

  for (const struct ares_addrinfo_cname *alias = info->cnames; alias != NULL; alias = alias->next)
    ttl_s = get_least_ttl (ttl_s, alias->ttl);
  for (const struct ares_addrinfo_node *node = info->nodes;
       node != NULL && addresses->len < EA_RESOLVER_ADDRESSES_MAX; node = node->ai_next)
    if (node->ai_family == (int) self->family)
      {
        ttl_s = get_least_ttl (ttl_s, node->ai_ttl);
        g_ptr_array_add (addresses, new_address (node));
      }

  if (addresses->len == 0)
    {
      set_no_data (self);
      return;
    }
  self->answer.ttl_s = ttl_s;
  self->answer.addresses = g_steal_pointer (&addresses);
}

static gboolean
on_end (gpointer user_data)
{
  EaResolverChannel *self = user_data;
  g_auto (EaResolverAnswer) answer = self->answer;

  self->answer = (EaResolverAnswer){ 0 };
  ea_resolver_clear_source (&self->end);
  self->func (&answer, self, self->user_data);
  return G_SOURCE_REMOVE;
}

static void
on_answer (void *user_data, int status, int n_timeouts, struct ares_addrinfo *info)
{
  EaResolverChannel *self = user_data;

  if (status == ARES_EDESTRUCTION)
    return;
  if (self->bind_error != NULL)
    set_bind_error (self);
  else if (status == ARES_SUCCESS)
    read_addresses (self, info);
  else if (status == ARES_ENODATA)
    set_no_data (self);
  else
    set_error (self, status);
  if (info != NULL)
    ares_freeaddrinfo (info);
  /* The library is not done with the channel yet. */
  ea_resolver_start_timer (&self->end, self->scope, 0, on_end, self);
}

/* What the library waits for */

static gboolean on_time (gpointer user_data);

static void
process (EaResolverChannel *self, ares_socket_t readable, ares_socket_t writable)
{
  struct timeval buffer;
  const struct timeval *left;

  ares_process_fd (self->channel, readable, writable);
  left = ares_timeout (self->channel, NULL, &buffer);
  ea_resolver_clear_source (&self->timer);
  if (left != NULL)
    ea_resolver_start_timer (&self->timer, self->scope,
                             (guint) (left->tv_sec * 1000 + left->tv_usec / 1000 + 1), on_time,
                             self);
}

static gboolean
on_time (gpointer user_data)
{
  process (user_data, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  return G_SOURCE_REMOVE;
}

static gboolean
on_socket (int fd, GIOCondition condition, gpointer user_data)
{
  gboolean is_readable = (condition & ~G_IO_OUT) != 0; /* an error is read */
  gboolean is_writable = (condition & G_IO_OUT) != 0;

  process (user_data, is_readable ? fd : ARES_SOCKET_BAD, is_writable ? fd : ARES_SOCKET_BAD);
  return G_SOURCE_CONTINUE;
}

static void
on_socket_state (void *user_data, ares_socket_t fd, int is_read, int is_written)
{
  EaResolverChannel *self = user_data;
  GIOCondition condition = (is_read != 0 ? G_IO_IN : 0) | (is_written != 0 ? G_IO_OUT : 0);
  GSource *source;

  g_hash_table_remove (self->sources, GINT_TO_POINTER (fd));
  if (condition == 0)
    return;
  source = g_unix_fd_source_new (fd, condition);
  g_source_set_callback (source, G_SOURCE_FUNC (on_socket), self, NULL);
  g_source_attach (source, self->scope->context);
  g_hash_table_insert (self->sources, GINT_TO_POINTER (fd), source);
}

static int
on_socket_made (ares_socket_t fd, int type, void *user_data)
{
  EaResolverChannel *self = user_data;

  g_clear_error (&self->bind_error);
  if (self->scope->interface == NULL
      || ea_socket_bind_to_interface (fd, self->scope->interface, &self->bind_error))
    return 0;
  return -1;
}

/* Life */

static void
destroy_source (gpointer data)
{
  GSource *source = data;

  ea_resolver_clear_source (&source);
}

/* @zone: (nullable): the interface that a link-local address is on */
static int
set_server (EaResolverChannel *self, const char *zone)
{
  g_autofree char *address
      = g_inet_address_to_string (g_inet_socket_address_get_address (self->server));
  gboolean is_ipv6
      = g_socket_address_get_family (G_SOCKET_ADDRESS (self->server)) == G_SOCKET_FAMILY_IPV6;
  g_autofree char *server = g_strdup_printf (is_ipv6 ? "[%s]:%u%s%s" : "%s:%u%s%s", address,
                                             g_inet_socket_address_get_port (self->server),
                                             zone != NULL ? "%" : "", zone != NULL ? zone : "");

  return ares_set_servers_ports_csv (self->channel, server);
}

/* Older releases know no zones and newer ones want one; for the kernel, the interface that the socket is bound to is
 * one. */
static int
choose_server (EaResolverChannel *self)
{
  GInetAddress *address = g_inet_socket_address_get_address (self->server);

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6
      && g_inet_address_get_is_link_local (address) && self->scope->interface != NULL
      && set_server (self, self->scope->interface) == ARES_SUCCESS)
    return ARES_SUCCESS;
  return set_server (self, NULL);
}

static int
open_channel (EaResolverChannel *self, guint try_timeout_ms)
{
  struct ares_options options = {
    .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP,
    .timeout = (int) try_timeout_ms,
    .tries = TRIES,
    .lookups = (char *) LOOKUPS,
    .sock_state_cb = on_socket_state,
    .sock_state_cb_data = self,
    .resolvconf_path = (char *) NO_CONFIGURATION,
  };
  int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS
             | ARES_OPT_DOMAINS | ARES_OPT_LOOKUPS | ARES_OPT_SORTLIST | ARES_OPT_NOROTATE
             | ARES_OPT_SOCK_STATE_CB | ARES_OPT_RESOLVCONF;
  int status;

  status = ares_init_options (&self->channel, &options, mask);
  if (status != ARES_SUCCESS)
    return status;
  ares_set_socket_configure_callback (self->channel, on_socket_made, self);
  return choose_server (self);
}

EaResolverChannel *
ea_resolver_channel_new (const EaResolverScope *scope, GSocketFamily family,
                         GInetSocketAddress *server, guint try_timeout_ms,
                         EaResolverAnswerFunc func, gpointer user_data)
{
  EaResolverChannel *self = g_new0 (EaResolverChannel, 1);
  struct ares_addrinfo_hints hints = { .ai_flags = ARES_AI_NOSORT, .ai_family = (int) family };
  int status;

  self->scope = scope;
  self->family = family;
  self->server = g_object_ref (server);
  self->func = func;
  self->user_data = user_data;
  self->sources = g_hash_table_new_full (NULL, NULL, NULL, destroy_source);
  status = open_channel (self, try_timeout_ms);
  if (status != ARES_SUCCESS)
    {
      on_answer (self, status, 0, NULL);
      return self;
    }
  ares_getaddrinfo (self->channel, scope->name, NULL, &hints, on_answer, self);
  process (self, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  return self;
}

void
ea_resolver_channel_free (EaResolverChannel *self)
{
  if (self == NULL)
    return;
  if (self->channel != NULL)
    ares_destroy (self->channel);
  g_hash_table_unref (self->sources);
  ea_resolver_clear_source (&self->timer);
  ea_resolver_clear_source (&self->end);
  ea_resolver_answer_clear (&self->answer);
  g_clear_error (&self->bind_error);
  g_object_unref (self->server);
  g_free (self);
}
