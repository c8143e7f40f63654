/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One query: a question for each family, and the time that there is for them. Also what the parts of the resolver
 * share of sources and answers.
 */

#include "net/resolver-private.h"

typedef enum
{
  IPV6, /* first in the order to try */
  IPV4,
  N_FAMILIES
} Family;

struct _EaResolverLookup
{
  EaResolverScope scope;
  EaResolverAnswerFunc func;
  gpointer user_data;
  EaResolverQuestion *questions[N_FAMILIES]; /* those that have no answer yet */
  EaResolverAnswer answers[N_FAMILIES];
  GSource *deadline;
  GSource *grace;
};

void
ea_resolver_clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
ea_resolver_start_timer (GSource **timer, const EaResolverScope *scope, guint timeout_ms,
                         GSourceFunc func, gpointer user_data)
{
  ea_resolver_clear_source (timer);
  *timer = g_timeout_source_new (timeout_ms);
  g_source_set_callback (*timer, func, user_data, NULL);
  g_source_attach (*timer, scope->context);
}

void
ea_resolver_answer_clear (EaResolverAnswer *answer)
{
  g_clear_pointer (&answer->addresses, g_ptr_array_unref);
  g_clear_error (&answer->error);
}

/* The families take turns. */
static void
join_addresses (EaResolverAnswer *answer, const EaResolverAnswer *answers)
{
  answer->addresses = g_ptr_array_new_with_free_func (g_object_unref);
  answer->ttl_s = G_MAXUINT;
  for (guint i = 0; i < EA_RESOLVER_ADDRESSES_MAX; i++)
    for (Family family = 0; family < N_FAMILIES; family++)
      {
        GPtrArray *addresses = answers[family].addresses;

        if (addresses == NULL || i >= addresses->len)
          continue;
        answer->ttl_s = MIN (answer->ttl_s, answers[family].ttl_s);
        g_ptr_array_add (answer->addresses, g_object_ref (g_ptr_array_index (addresses, i)));
      }
}

/* That a family has no address says less than that the other could not be asked. */
static const GError *
choose_error (const EaResolverAnswer *answers)
{
  const GError *chosen = answers[IPV6].error;

  if (chosen == NULL
      || (chosen->code == EA_RESOLVER_ERROR_NOT_FOUND && answers[IPV4].error != NULL))
    chosen = answers[IPV4].error;
  return chosen;
}

static void
end (EaResolverLookup *self)
{
  g_auto (EaResolverAnswer) answer = { 0 };
  const GError *error = choose_error (self->answers);

  ea_resolver_clear_source (&self->deadline);
  ea_resolver_clear_source (&self->grace);
  if (self->answers[IPV6].addresses != NULL || self->answers[IPV4].addresses != NULL)
    join_addresses (&answer, self->answers);
  else
    answer.error
        = g_error_new (error->domain, error->code, "%s: %s", self->scope.name, error->message);
  self->func (&answer, self, self->user_data);
}

static gboolean
on_time_over (gpointer user_data)
{
  EaResolverLookup *self = user_data;

  for (Family family = 0; family < N_FAMILIES; family++)
    if (self->questions[family] != NULL)
      {
        ea_resolver_question_give_up (self->questions[family], &self->answers[family]);
        g_clear_pointer (&self->questions[family], ea_resolver_question_free);
      }
  end (self);
  return G_SOURCE_REMOVE;
}

static void
on_question_answer (EaResolverAnswer *answer, gpointer source, gpointer user_data)
{
  EaResolverLookup *self = user_data;
  Family family = source == self->questions[IPV6] ? IPV6 : IPV4;

  self->answers[family] = *answer;
  *answer = (EaResolverAnswer){ 0 };
  g_clear_pointer (&self->questions[family], ea_resolver_question_free);
  if (self->questions[IPV6] == NULL && self->questions[IPV4] == NULL)
    end (self);
  else if (self->answers[family].addresses != NULL)
    ea_resolver_start_timer (&self->grace, &self->scope, EA_RESOLVER_GRACE_MS, on_time_over, self);
}

EaResolverLookup *
ea_resolver_lookup_new (const EaResolverQuery *query, const char *name, GPtrArray *servers,
                        EaResolverAnswerFunc func, gpointer user_data)
{
  EaResolverLookup *self = g_new0 (EaResolverLookup, 1);

  self->scope.name = g_strdup (name);
  self->scope.interface = g_strdup (query->interface);
  self->scope.servers = g_ptr_array_ref (servers);
  self->scope.n_families = (query->wants_ipv6 ? 1 : 0) + (query->wants_ipv4 ? 1 : 0);
  self->scope.timeout_ms = query->timeout_ms;
  self->scope.context = g_main_context_ref_thread_default ();
  self->func = func;
  self->user_data = user_data;
  if (query->wants_ipv6)
    self->questions[IPV6]
        = ea_resolver_question_new (&self->scope, G_SOCKET_FAMILY_IPV6, on_question_answer, self);
  if (query->wants_ipv4)
    self->questions[IPV4]
        = ea_resolver_question_new (&self->scope, G_SOCKET_FAMILY_IPV4, on_question_answer, self);
  ea_resolver_start_timer (&self->deadline, &self->scope, query->timeout_ms, on_time_over, self);
  return self;
}

void
ea_resolver_lookup_free (EaResolverLookup *self)
{
  if (self == NULL)
    return;
  for (Family family = 0; family < N_FAMILIES; family++)
    {
      ea_resolver_question_free (self->questions[family]);
      ea_resolver_answer_clear (&self->answers[family]);
    }
  ea_resolver_clear_source (&self->deadline);
  ea_resolver_clear_source (&self->grace);
  g_free (self->scope.name);
  g_free (self->scope.interface);
  g_ptr_array_unref (self->scope.servers);
  g_main_context_unref (self->scope.context);
  g_free (self);
}
