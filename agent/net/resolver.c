/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the owner sees: a query is answered at once (an address, an answer that is kept), by a lookup that is under
 * way for an equal one, or by a lookup of its own.
 */

#include "net/resolver.h"

#include <ares.h>

#include "net/resolver-cache.h"
#include "net/resolver-private.h"

struct _EaResolver
{
  GObject parent_instance;

  EaResolverCache *cache;
  GPtrArray *runs; /* of Run */
};

/* A lookup and those who wait for it */
typedef struct
{
  EaResolver *resolver; /* each task has a reference */
  char *key;
  char *name;
  guint timeout_ms;
  GMainContext *context;
  gboolean is_forgotten; /* its answer is not kept, and it is nobody's any more who asks anew */
  EaResolverLookup *lookup;
  GPtrArray *tasks;
} Run;

/* What is known of the query of a task */
typedef struct
{
  Run *run;
  GSource *cancelled;
} Waiter;

G_DEFINE_FINAL_TYPE (EaResolver, ea_resolver, G_TYPE_OBJECT)

/* clang-format off */
G_DEFINE_QUARK (ea-resolver-error-quark, ea_resolver_error)
/* clang-format on */

static void
run_free (gpointer data)
{
  Run *run = data;

  ea_resolver_lookup_free (run->lookup);
  g_ptr_array_unref (run->tasks);
  g_main_context_unref (run->context);
  g_free (run->key);
  g_free (run->name);
  g_free (run);
}

static void
waiter_free (gpointer data)
{
  Waiter *waiter = data;

  ea_resolver_clear_source (&waiter->cancelled);
  g_free (waiter);
}

/* The task waits no longer. */
static void
dismiss (GTask *task)
{
  Waiter *waiter = g_task_get_task_data (task);

  waiter->run = NULL;
  ea_resolver_clear_source (&waiter->cancelled);
}

static gpointer
copy_address (gconstpointer address, gpointer user_data)
{
  return g_object_ref ((gpointer) address);
}

/* Each caller gets a list of its own. */
static void
return_addresses (GTask *task, GPtrArray *addresses)
{
  g_task_return_pointer (task, g_ptr_array_copy (addresses, copy_address, NULL),
                         (GDestroyNotify) g_ptr_array_unref);
}

static void
on_lookup_answer (EaResolverAnswer *answer, gpointer source, gpointer user_data)
{
  Run *run = user_data;
  g_autoptr (EaResolver) self = g_object_ref (run->resolver);
  g_autoptr (GPtrArray) tasks = g_ptr_array_ref (run->tasks);

  if (answer->addresses != NULL && !run->is_forgotten)
    ea_resolver_cache_add (self->cache, run->key, run->name, answer->addresses, answer->ttl_s);
  for (guint i = 0; i < tasks->len; i++)
    dismiss (g_ptr_array_index (tasks, i));
  g_ptr_array_remove_fast (self->runs, run);

  for (guint i = 0; i < tasks->len; i++)
    if (answer->addresses != NULL)
      return_addresses (g_ptr_array_index (tasks, i), answer->addresses);
    else
      g_task_return_error (g_ptr_array_index (tasks, i), g_error_copy (answer->error));
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (G_TASK (user_data));
  Run *run = ((Waiter *) g_task_get_task_data (task))->run;
  EaResolver *self = run->resolver;

  dismiss (task);
  g_ptr_array_remove (run->tasks, task);
  if (run->tasks->len == 0)
    g_ptr_array_remove_fast (self->runs, run);
  (void) g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

/* Queries */

/* (transfer full): all that the answer depends on */
static char *
make_key (const EaResolverQuery *query, const char *name, GPtrArray *servers)
{
  GString *key = g_string_new (name);

  g_string_append_printf (key, " %s%s %s", query->wants_ipv6 ? "6" : "",
                          query->wants_ipv4 ? "4" : "",
                          query->interface != NULL ? query->interface : "");
  for (guint i = 0; i < servers->len; i++)
    {
      g_autofree char *server = g_socket_connectable_to_string (g_ptr_array_index (servers, i));

      g_string_append_printf (key, " %s", server);
    }
  return g_string_free (key, FALSE);
}

/* (transfer full) (nullable): who is to be asked */
static GPtrArray *
choose_servers (const EaResolverQuery *query, GError **error)
{
  GPtrArray *servers;

  if (query->servers == NULL || query->servers->len == 0)
    return ea_resolver_read_system_servers (error);
  servers = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < query->servers->len && i < EA_RESOLVER_SERVERS_MAX; i++)
    g_ptr_array_add (servers, g_object_ref (g_ptr_array_index (query->servers, i)));
  return servers;
}

/* (nullable) */
static Run *
find_run (EaResolver *self, const EaResolverQuery *query, const char *key)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  for (guint i = 0; i < self->runs->len; i++)
    {
      Run *run = g_ptr_array_index (self->runs, i);

      if (!run->is_forgotten && run->timeout_ms == query->timeout_ms && run->context == context
          && g_str_equal (run->key, key))
        return run;
    }
  return NULL;
}

static Run *
start_run (EaResolver *self, const EaResolverQuery *query, const char *name, const char *key,
           GPtrArray *servers)
{
  Run *run = g_new0 (Run, 1);

  run->resolver = self;
  run->key = g_strdup (key);
  run->name = g_strdup (name);
  run->timeout_ms = query->timeout_ms;
  run->context = g_main_context_ref_thread_default ();
  run->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  run->lookup = ea_resolver_lookup_new (query, name, servers, on_lookup_answer, run);
  g_ptr_array_add (self->runs, run);
  return run;
}

/* @task: (transfer full) */
static void
wait_for (Run *run, GTask *task)
{
  Waiter *waiter = g_new0 (Waiter, 1);
  GCancellable *cancellable = g_task_get_cancellable (task);

  waiter->run = run;
  g_task_set_task_data (task, waiter, waiter_free);
  g_ptr_array_add (run->tasks, task);
  if (cancellable == NULL)
    return;
  waiter->cancelled = g_cancellable_source_new (cancellable);
  g_task_attach_source (task, waiter->cancelled, G_SOURCE_FUNC (on_cancelled));
}

/* @task: (transfer full) */
static void
ask (EaResolver *self, const EaResolverQuery *query, const char *name, GPtrArray *servers,
     GTask *task)
{
  g_autofree char *key = make_key (query, name, servers);
  GPtrArray *kept = ea_resolver_cache_find (self->cache, key);
  Run *run;

  if (kept != NULL)
    {
      return_addresses (task, kept);
      g_object_unref (task);
      return;
    }
  run = find_run (self, query, key);
  if (run == NULL)
    run = start_run (self, query, name, key, servers);
  wait_for (run, task);
}

/* (transfer full) (nullable): what @name is when it is an address */
static GPtrArray *
read_address (const char *name)
{
  GInetAddress *address = strchr (name, '%') == NULL ? g_inet_address_new_from_string (name) : NULL;
  GPtrArray *addresses;

  if (address == NULL)
    return NULL;
  addresses = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (addresses, address);
  return addresses;
}

void
ea_resolver_resolve_async (EaResolver *self, const EaResolverQuery *query,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GPtrArray) address = NULL;
  g_autoptr (GPtrArray) servers = NULL;
  g_autofree char *name = NULL;
  GError *error = NULL;

  g_return_if_fail (query->wants_ipv4 || query->wants_ipv6);
  g_return_if_fail (query->timeout_ms > 0);

  task = g_task_new (self, cancellable, callback, user_data);
  if (g_task_return_error_if_cancelled (task))
    return;
  address = read_address (query->name);
  if (address != NULL)
    {
      return_addresses (task, address);
      return;
    }

  name = ea_resolver_canonicalize (query->name, &error);
  if (name != NULL)
    servers = choose_servers (query, &error);
  if (servers == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  ask (self, query, name, servers, g_steal_pointer (&task));
}

GPtrArray *
ea_resolver_resolve_finish (EaResolver *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ea_resolver_forget (EaResolver *self, const char *name)
{
  g_autofree char *canonical = ea_resolver_canonicalize (name, NULL);

  if (canonical != NULL)
    ea_resolver_cache_forget (self->cache, canonical);
}

void
ea_resolver_flush (EaResolver *self)
{
  ea_resolver_cache_flush (self->cache);
  for (guint i = 0; i < self->runs->len; i++)
    ((Run *) g_ptr_array_index (self->runs, i))->is_forgotten = TRUE;
}

/* Life */

static gboolean
on_disposed (gpointer user_data)
{
  g_task_return_new_error (G_TASK (user_data), G_IO_ERROR, G_IO_ERROR_CANCELLED,
                           "The resolver is no more");
  return G_SOURCE_REMOVE;
}

/* The tasks fail from the main loop, since the owner is within a call. */
static void
cancel_tasks (gpointer data, gpointer user_data)
{
  GPtrArray *tasks = ((Run *) data)->tasks;

  for (guint i = 0; i < tasks->len; i++)
    {
      g_autoptr (GSource) source = g_idle_source_new ();

      dismiss (g_ptr_array_index (tasks, i));
      g_task_attach_source (g_ptr_array_index (tasks, i), source, on_disposed);
    }
}

static void
ea_resolver_dispose (GObject *object)
{
  EaResolver *self = EA_RESOLVER (object);

  g_ptr_array_foreach (self->runs, cancel_tasks, NULL);
  g_ptr_array_set_size (self->runs, 0);
  G_OBJECT_CLASS (ea_resolver_parent_class)->dispose (object);
}

static void
ea_resolver_finalize (GObject *object)
{
  EaResolver *self = EA_RESOLVER (object);

  g_ptr_array_unref (self->runs);
  ea_resolver_cache_free (self->cache);
  G_OBJECT_CLASS (ea_resolver_parent_class)->finalize (object);
}

static void
ea_resolver_class_init (EaResolverClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_resolver_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_resolver_finalize;
  (void) ares_library_init (ARES_LIB_INIT_ALL); /* this system has nothing to fail */
}

static void
ea_resolver_init (EaResolver *self)
{
  self->cache = ea_resolver_cache_new ();
  self->runs = g_ptr_array_new_with_free_func (run_free);
}

void
ea_resolver_ignore_environment (void)
{
  g_unsetenv ("RES_OPTIONS");
}

EaResolver *
ea_resolver_new (void)
{
  return g_object_new (EA_TYPE_RESOLVER, NULL);
}
