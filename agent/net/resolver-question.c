/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The way through the servers. A server that keeps silent is not given up when the next one is asked: it is sent its
 * further queries beside it, and the first answer counts, so that a slow link costs packets and not the answer.
 */

#include "net/resolver-private.h"

/* With so many times the first wait for a server, each has been sent its five queries before the time is over: they
 * come after 0, 1, 3, 7 and 15 of them, for each further server one later. */
#define SHARES_OF_A_SERVER 15

struct _EaResolverQuestion
{
  const EaResolverScope *scope;
  GSocketFamily family;
  EaResolverAnswerFunc func;
  gpointer user_data;
  guint try_timeout_ms;

  guint n_asked; /* servers */
  guint n_running;
  EaResolverChannel *channels[EA_RESOLVER_SERVERS_MAX]; /* those that run */
  GError *failures[EA_RESOLVER_SERVERS_MAX];            /* of those that have said something */
  GSource *silence;                                     /* the last one that was asked keeps it */
};

static gboolean ask_next (gpointer user_data);

static void
stop (EaResolverQuestion *self)
{
  ea_resolver_clear_source (&self->silence);
  for (guint i = 0; i < self->n_asked; i++)
    g_clear_pointer (&self->channels[i], ea_resolver_channel_free);
  self->n_running = 0;
}

/* (transfer full) (nullable): who was asked and has said nothing */
static char *
describe_silence (EaResolverQuestion *self)
{
  g_autoptr (GString) servers = g_string_new (NULL);

  for (guint i = 0; i < self->n_asked; i++)
    if (self->failures[i] == NULL)
      {
        g_autofree char *server
            = ea_resolver_describe_server (g_ptr_array_index (self->scope->servers, i));

        g_string_append_printf (servers, "%s%s", servers->len > 0 ? ", " : "", server);
      }
  if (servers->len == 0)
    return NULL;
  return g_strdup_printf ("no answer from %s within %g s", servers->str,
                          self->scope->timeout_ms / 1000.0);
}

void
ea_resolver_question_give_up (EaResolverQuestion *self, EaResolverAnswer *answer)
{
  int code = EA_RESOLVER_ERROR_TIMED_OUT;
  g_autoptr (GString) message = g_string_new (NULL);
  g_autofree char *silence = describe_silence (self);

  for (guint i = 0; i < self->n_asked; i++)
    if (self->failures[i] != NULL)
      {
        code = message->len == 0 ? self->failures[i]->code : code;
        g_string_append_printf (message, "%s%s", message->len > 0 ? ", " : "",
                                self->failures[i]->message);
      }
  if (silence != NULL)
    g_string_append_printf (message, "%s%s", message->len > 0 ? ", " : "", silence);
  answer->error = g_error_new_literal (EA_RESOLVER_ERROR, code, message->str);
  stop (self);
}

/* Another server will not know better. */
static gboolean
is_final (const EaResolverAnswer *answer)
{
  return answer->addresses != NULL || answer->error->code == EA_RESOLVER_ERROR_NOT_FOUND
         || answer->error->code == EA_RESOLVER_ERROR_NO_INTERFACE
         || answer->error->code == EA_RESOLVER_ERROR_NOT_ALLOWED;
}

static void
on_channel_answer (EaResolverAnswer *answer, gpointer source, gpointer user_data)
{
  EaResolverQuestion *self = user_data;
  g_auto (EaResolverAnswer) none = { 0 };
  guint i = 0;

  if (is_final (answer))
    {
      stop (self);
      self->func (answer, self, self->user_data);
      return;
    }

  while (self->channels[i] != source)
    i++;
  if (answer->error->code != EA_RESOLVER_ERROR_TIMED_OUT)
    self->failures[i] = g_steal_pointer (&answer->error);
  g_clear_pointer (&self->channels[i], ea_resolver_channel_free);
  self->n_running--;
  (void) ask_next (self);
  if (self->n_running > 0)
    return;

  ea_resolver_question_give_up (self, &none);
  self->func (&none, self, self->user_data);
}

/* Asks the next server if there is one. */
static gboolean
ask_next (gpointer user_data)
{
  EaResolverQuestion *self = user_data;
  GInetSocketAddress *server;

  ea_resolver_clear_source (&self->silence);
  if (self->n_asked == self->scope->servers->len)
    return G_SOURCE_REMOVE;
  server = g_ptr_array_index (self->scope->servers, self->n_asked);
  self->channels[self->n_asked] = ea_resolver_channel_new (
      self->scope, self->family, server, self->try_timeout_ms, on_channel_answer, self);
  self->n_asked++;
  self->n_running++;
  ea_resolver_start_timer (&self->silence, self->scope, self->try_timeout_ms, ask_next, self);
  return G_SOURCE_REMOVE;
}

EaResolverQuestion *
ea_resolver_question_new (const EaResolverScope *scope, GSocketFamily family,
                          EaResolverAnswerFunc func, gpointer user_data)
{
  EaResolverQuestion *self = g_new0 (EaResolverQuestion, 1);

  self->scope = scope;
  self->family = family;
  self->func = func;
  self->user_data = user_data;
  self->try_timeout_ms = MAX (scope->timeout_ms / (scope->servers->len + SHARES_OF_A_SERVER), 1);
  (void) ask_next (self);
  return self;
}

void
ea_resolver_question_free (EaResolverQuestion *self)
{
  if (self == NULL)
    return;
  stop (self);
  for (guint i = 0; i < self->n_asked; i++)
    g_clear_error (&self->failures[i]);
  g_free (self);
}
