/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * EaResolver: host names to addresses, by DNS alone (RFC 1035, RFC 3596), over one network interface and with
 * the servers that belong to it: by UDP, and by TCP when an answer is truncated. There is no file of hosts, no
 * search domain, and no variable of the environment in it but for one, see ea_resolver_ignore_environment().
 *
 * A and AAAA are asked in parallel. The servers are asked in order: the next one when the one before it failed,
 * can't be reached, or has not answered its first query in time; each is sent up to five queries. The first
 * answer counts, also "there is no such name". Once one family has addresses, the other is waited for
 * %EA_RESOLVER_GRACE_MS at most.
 *
 * Answers are kept as long as they say (the smallest TTL of the addresses and of the aliases that lead to them),
 * failures are not. Equal queries at the same time are one. Without a query under way there are no sockets and no
 * timers.
 *
 * The resolver doesn't judge what it is told: see net/address-policy.h.
 */

#define EA_RESOLVER_NAME_MAX 253    /* characters, RFC 1035 §2.3.4 without the root */
#define EA_RESOLVER_LABEL_MAX 63    /* characters, RFC 1035 §2.3.4 */
#define EA_RESOLVER_SERVERS_MAX 4   /* asked; what comes behind them is not */
#define EA_RESOLVER_ADDRESSES_MAX 8 /* kept of one family */
#define EA_RESOLVER_CACHE_MAX 64    /* answers kept */
#define EA_RESOLVER_TTL_MAX_S 86400 /* nothing is kept longer */
#define EA_RESOLVER_GRACE_MS 2000

#define EA_RESOLVER_ERROR (ea_resolver_error_quark ())
GQuark ea_resolver_error_quark (void);

/**
 * EaResolverError:
 * @EA_RESOLVER_ERROR_FAILED: something else; the message has the library's words
 * @EA_RESOLVER_ERROR_BAD_NAME: neither a host name nor an address
 * @EA_RESOLVER_ERROR_NOT_FOUND: there is no such name, or it has no address of the families that are wanted
 * @EA_RESOLVER_ERROR_SERVER_FAILED: a server answered that it can't or won't, or with nonsense
 * @EA_RESOLVER_ERROR_TIMED_OUT: no server answered in time
 * @EA_RESOLVER_ERROR_UNREACHABLE: no way to a server, or nobody is there
 * @EA_RESOLVER_ERROR_NO_INTERFACE: there is no interface of that name
 * @EA_RESOLVER_ERROR_NOT_ALLOWED: a rule of this system forbids to use the interface
 *
 * Messages are sentences with the name, the servers and what happened, such as "smsr.example.com: no answer from
 * 192.0.2.53 within 5 s".
 */
typedef enum
{
  EA_RESOLVER_ERROR_FAILED,
  EA_RESOLVER_ERROR_BAD_NAME,
  EA_RESOLVER_ERROR_NOT_FOUND,
  EA_RESOLVER_ERROR_SERVER_FAILED,
  EA_RESOLVER_ERROR_TIMED_OUT,
  EA_RESOLVER_ERROR_UNREACHABLE,
  EA_RESOLVER_ERROR_NO_INTERFACE,
  EA_RESOLVER_ERROR_NOT_ALLOWED,
} EaResolverError;

/**
 * EaResolverQuery:
 * @name: a host name (letters, digits, hyphens and underscores), perhaps with a dot at its end; or an IPv4 or IPv6
 *   address without brackets, port or zone, which resolves to itself and is not asked for
 * @interface: (nullable): name of the network interface that all packets go through; %NULL: as routes say
 * @servers: (nullable) (element-type GInetSocketAddress): who is asked, and nobody else; %NULL or empty: the
 *   servers of this system, which may be a program of this system that no other interface leads to. Of a link-local
 *   address the zone is @interface
 * @wants_ipv4: A is asked
 * @wants_ipv6: AAAA is asked; one of both is wanted at least
 * @timeout_ms: for the whole of it, above 0. The first query to a server waits for timeout_ms / (servers + 15),
 *   and each further one longer
 */
typedef struct
{
  const char *name;
  const char *interface;
  GPtrArray *servers;
  gboolean wants_ipv4;
  gboolean wants_ipv6;
  guint timeout_ms;
} EaResolverQuery;

#define EA_TYPE_RESOLVER (ea_resolver_get_type ())
G_DECLARE_FINAL_TYPE (EaResolver, ea_resolver, EA, RESOLVER, GObject)

EaResolver *ea_resolver_new (void);

/* Takes RES_OPTIONS out of the environment, since newer releases of the library obey it whatever they are told: to be
 * called before the process has a second thread. */
void ea_resolver_ignore_environment (void);

/**
 * ea_resolver_resolve_async:
 * @query: copied
 *
 * A query under way keeps a reference to the resolver; g_object_run_dispose() cancels those that there are.
 *
 * Errors: EA_RESOLVER_ERROR, G_IO_ERROR_CANCELLED.
 */
void ea_resolver_resolve_async (EaResolver *self, const EaResolverQuery *query,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data);

/**
 * ea_resolver_resolve_finish:
 *
 * Returns: (transfer full) (element-type GInetAddress): one address at least, in the order to try them: the
 *   families take turns, IPv6 first; within a family in the order of the answer
 */
GPtrArray *ea_resolver_resolve_finish (EaResolver *self, GAsyncResult *result, GError **error);

/* What is kept of @name is forgotten, so that the servers are asked again: none of its addresses could be reached. */
void ea_resolver_forget (EaResolver *self, const char *name);

/* Everything is forgotten, also what is being asked: the bearer or the profile is another one. */
void ea_resolver_flush (EaResolver *self);

G_END_DECLS
