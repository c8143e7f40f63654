/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/resolver.h"

/*
 * What the files of EaResolver share. A lookup is what one query asks of the servers; it has a question for each
 * family; a question opens a channel to each server that it comes to. Each tells its owner from the main loop, once,
 * and is freed by it, then or before.
 */

/**
 * EaResolverScope: what a lookup, its questions and its channels have in common. Belongs to the lookup.
 * @name: canonical, see ea_resolver_canonicalize()
 * @servers: (element-type GInetSocketAddress): 1 to %EA_RESOLVER_SERVERS_MAX
 * @context: (nullable): where everything happens
 */
typedef struct
{
  char *name;
  char *interface;
  GPtrArray *servers;
  guint n_families;
  guint timeout_ms;
  GMainContext *context;
} EaResolverScope;

/**
 * EaResolverAnswer: addresses, or an error of EA_RESOLVER_ERROR.
 * @addresses: (nullable) (element-type GInetAddress): one at least
 * @ttl_s: how long they hold
 */
typedef struct
{
  GPtrArray *addresses;
  guint ttl_s;
  GError *error;
} EaResolverAnswer;

void ea_resolver_answer_clear (EaResolverAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaResolverAnswer, ea_resolver_answer_clear)

/* @answer: the receiver may take what is in it; the sender clears the rest */
typedef void (*EaResolverAnswerFunc) (EaResolverAnswer *answer, gpointer source,
                                      gpointer user_data);

/**
 * ea_resolver_canonicalize:
 *
 * Returns: (transfer full): the host name in lower case without the dot at its end
 *
 * Errors: EA_RESOLVER_ERROR_BAD_NAME.
 */
char *ea_resolver_canonicalize (const char *name, GError **error);

/* @func: called from the main loop, once for each time that the timer is started. */
void ea_resolver_start_timer (GSource **timer, const EaResolverScope *scope, guint timeout_ms,
                              GSourceFunc func, gpointer user_data);
void ea_resolver_clear_source (GSource **source);

/* (transfer full): "192.0.2.53", with its port if that is another than 53 */
char *ea_resolver_describe_server (GInetSocketAddress *server);

/**
 * ea_resolver_read_system_servers:
 *
 * Returns: (transfer full) (element-type GInetSocketAddress): one at least
 *
 * Errors: EA_RESOLVER_ERROR_FAILED.
 */
GPtrArray *ea_resolver_read_system_servers (GError **error);

/**
 * EaResolverChannel: one server is asked for the addresses of one family, up to three times.
 *
 * Errors: EA_RESOLVER_ERROR but BAD_NAME; the message lacks the name: "192.0.2.53 knows no such name".
 */
typedef struct _EaResolverChannel EaResolverChannel;

EaResolverChannel *ea_resolver_channel_new (const EaResolverScope *scope, GSocketFamily family,
                                            GInetSocketAddress *server, guint try_timeout_ms,
                                            EaResolverAnswerFunc func, gpointer user_data);
void ea_resolver_channel_free (EaResolverChannel *self);

/* EaResolverQuestion: the servers are asked for the addresses of one family, in order. */
typedef struct _EaResolverQuestion EaResolverQuestion;

EaResolverQuestion *ea_resolver_question_new (const EaResolverScope *scope, GSocketFamily family,
                                              EaResolverAnswerFunc func, gpointer user_data);
void ea_resolver_question_free (EaResolverQuestion *self);

/* Gives @answer the error that says who has not answered until now, and what the others did. */
void ea_resolver_question_give_up (EaResolverQuestion *self, EaResolverAnswer *answer);

/* EaResolverLookup: both families as wanted, within the time of the query. The error's message has the name. */
typedef struct _EaResolverLookup EaResolverLookup;

/* @name: canonical; @servers: as in EaResolverScope */
EaResolverLookup *ea_resolver_lookup_new (const EaResolverQuery *query, const char *name,
                                          GPtrArray *servers, EaResolverAnswerFunc func,
                                          gpointer user_data);
void ea_resolver_lookup_free (EaResolverLookup *self);
