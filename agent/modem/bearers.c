/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Requests and releases of one modem's bearers are done one after the other: who asks for a bearer that is being
 * connected finds it connected, and who asks for one that is being disconnected finds it gone.
 */

#include "modem/bearers.h"

#include <string.h>

#include "modem/bearer-private.h"
#include "modem/bearer-record.h"
#include "modem/bearer-search.h"
#include "modem/interface.h"
#include "modem/modem-manager-private.h"

#define ADDRESS_TIMEOUT_MS (10 * 1000)

struct _EaBearers
{
  GObject parent_instance;

  EaModemManager *modem_manager;
  EaBearerUse use;
  char *apn;
  char *interface; /* nullable */
  char *path;
  char *sysfs; /* nullable */
  guint address_timeout_ms;
  EaBearerRecord *record;

  GQueue jobs; /* of Job */
  gboolean is_busy;
  GPtrArray *in_use; /* of Lease; each is owned by its EaBearer */
};

/* Takes over the task, and is over when that has returned. */
typedef void (*JobFunc) (EaBearers *self, GTask *task);

typedef struct
{
  JobFunc run;
  GTask *task;
} Job;

/* What becomes of a bearer when nobody uses it any more. */
typedef struct
{
  EaBearers *owner;
  EaBearer *bearer; /* not owned; while it is in use */
  MMModem *modem;   /* NULL: nothing */
  char *path;
} Lease;

typedef struct
{
  char *apn;
  char *user;
  char *password;
  EaBearerRequest request; /* borrows from the above */
  guint8 cause;

  MMBearer *bearer;
  Lease *lease;
  EaInterfaceWatch *watch;
  GSource *deadline;
  GSource *cancelled;
} Acquisition;

G_DEFINE_FINAL_TYPE (EaBearers, ea_bearers, G_TYPE_OBJECT)

static void
start_next (EaBearers *self)
{
  Job *job = self->is_busy ? NULL : g_queue_pop_head (&self->jobs);

  if (job == NULL)
    return;

  self->is_busy = TRUE;
  job->run (self, job->task);
  g_free (job);
}

static void
on_job_completed (EaBearers *self)
{
  self->is_busy = FALSE;
  start_next (self);
}

/* @task: (transfer full) */
static void
add_job (EaBearers *self, JobFunc run, GTask *task)
{
  Job *job = g_new0 (Job, 1);

  job->run = run;
  job->task = task;
  g_signal_connect_swapped (task, "notify::completed", G_CALLBACK (on_job_completed), self);
  g_queue_push_tail (&self->jobs, job);
  start_next (self);
}

/* modem: (nullable): %NULL: it was there before and stays */
static Lease *
lease_new (EaBearers *owner, MMModem *modem, const char *path)
{
  Lease *lease = g_new0 (Lease, 1);

  lease->owner = g_object_ref (owner);
  lease->modem = modem != NULL ? g_object_ref (modem) : NULL;
  lease->path = g_strdup (path);
  return lease;
}

static void
lease_free (gpointer data)
{
  Lease *lease = data;

  g_clear_object (&lease->owner);
  g_clear_object (&lease->modem);
  g_free (lease->path);
  g_free (lease);
}

/* A bearer that is used already. @interface: (nullable): any */
static Lease *
find_lease (EaBearers *self, const char *interface, const char *path)
{
  for (guint i = 0; i < self->in_use->len; i++)
    {
      Lease *lease = g_ptr_array_index (self->in_use, i);

      if (!ea_bearer_is_lost (lease->bearer) && g_strcmp0 (lease->path, path) == 0
          && (interface == NULL
              || strcmp (ea_bearer_get_interface (lease->bearer), interface) == 0))
        return lease;
    }
  return NULL;
}

static void
on_deleted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  g_task_return_boolean (task, TRUE);
}

/* Another object under the modem's port is another run of ModemManager, and the path somebody else's bearer. */
static void
run_release (EaBearers *self, GTask *task)
{
  Lease *lease = g_task_get_task_data (task);
  /* A search may have found the bearer still connected after its last user had gone. */
  Lease *heir = find_lease (self, NULL, lease->path);
  g_autoptr (MMObject) object = ea_modem_manager_find_object (self->modem_manager, self->path);

  if (heir != NULL)
    g_set_object (&heir->modem, lease->modem);
  else if (object != NULL && mm_object_peek_modem (object) == lease->modem)
    {
      ea_bearer_record_delete_async (self->record, lease->modem, lease->path, on_deleted, task);
      return;
    }
  else
    ea_bearer_record_remove (self->record, lease->modem, lease->path);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* @lease: (transfer full) */
static void
release (Lease *lease)
{
  GTask *task = g_task_new (lease->owner, NULL, NULL, NULL);

  g_task_set_task_data (task, lease, lease_free);
  add_job (lease->owner, run_release, task);
}

static void
on_bearer_dropped (gpointer data, GObject *where_it_was)
{
  Lease *lease = data;

  g_ptr_array_remove_fast (lease->owner->in_use, lease);
  if (lease->modem != NULL)
    release (lease);
  else
    lease_free (lease);
}

static void
stop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
acquisition_free (gpointer data)
{
  Acquisition *acquisition = data;

  g_clear_object (&acquisition->bearer);
  g_clear_object (&acquisition->watch);
  g_clear_pointer (&acquisition->lease, lease_free);
  g_clear_pointer (&acquisition->deadline, g_source_unref);
  g_clear_pointer (&acquisition->cancelled, g_source_unref);
  g_free (acquisition->apn);
  g_free (acquisition->user);
  g_free (acquisition->password);
  g_free (acquisition);
}

static EaBearer *
find_in_use (EaBearers *self, const char *interface, const char *path)
{
  const Lease *lease = find_lease (self, interface, path);

  return lease != NULL ? g_object_ref (lease->bearer) : NULL;
}

/* @lease: (transfer full) */
static void
put_in_use (EaBearers *self, EaBearer *bearer, Lease *lease)
{
  lease->bearer = bearer;
  g_ptr_array_add (self->in_use, lease);
  g_object_weak_ref (G_OBJECT (bearer), on_bearer_dropped, lease);
}

static void
return_interface (EaBearers *self, GTask *task, const char *interface)
{
  EaBearer *bearer = find_in_use (self, interface, NULL);

  if (bearer == NULL)
    {
      bearer = ea_bearer_new_of_interface (interface, "");
      put_in_use (self, bearer, lease_new (self, NULL, NULL));
    }
  g_task_return_pointer (task, bearer, g_object_unref);
}

/* @error: (transfer full) */
static void
give_up (GTask *task, GError *error)
{
  Acquisition *acquisition = g_task_get_task_data (task);

  if (acquisition->lease != NULL)
    release (g_steal_pointer (&acquisition->lease));
  g_task_return_error (task, error);
}

static void
return_bearer (EaBearers *self, GTask *task)
{
  Acquisition *acquisition = g_task_get_task_data (task);
  const char *path = mm_bearer_get_path (acquisition->bearer);
  EaBearer *bearer = find_in_use (self, mm_bearer_get_interface (acquisition->bearer), path);

  if (bearer == NULL)
    {
      bearer = ea_bearer_new_of_modem (self->modem_manager, self->path, acquisition->bearer);
      if (acquisition->lease == NULL)
        acquisition->lease = lease_new (self, NULL, path);
      put_in_use (self, bearer, g_steal_pointer (&acquisition->lease));
    }
  if (!ea_bearer_is_lost (bearer))
    {
      g_task_return_pointer (task, bearer, g_object_unref);
      return;
    }
  give_up (task, g_error_new (EA_BEARER_ERROR, EA_BEARER_ERROR_FAILED,
                              "The bearer on %s was lost as it was found",
                              ea_bearer_get_interface (bearer)));
  g_object_unref (bearer);
}

static void
run_with_interface (EaBearers *self, GTask *task, const char *interface)
{
  if (interface == NULL)
    give_up (task,
             g_error_new (EA_BEARER_ERROR, EA_BEARER_ERROR_NO_BEARER,
                          "ModemManager has no modem with the port %s, and that has no "
                          "network interface: Interface in [bearer] of agent.conf may name one",
                          self->path));
  else if (ea_interface_get_state (interface) != EA_INTERFACE_ADDRESS)
    give_up (task, g_error_new (EA_BEARER_ERROR, EA_BEARER_ERROR_NO_BEARER,
                                "The network interface %s is not up or has no address", interface));
  else
    return_interface (self, task, interface);
}

/* A bearer that was just connected tells the rest of it in signals after the answer. */
static gboolean
is_usable (const Acquisition *acquisition)
{
  MMBearer *bearer = acquisition->bearer;

  return mm_bearer_get_connected (bearer) && mm_bearer_get_interface (bearer) != NULL
         && ea_bearer_has_address (bearer, &acquisition->request);
}

static void
stop_waiting (GTask *task)
{
  Acquisition *acquisition = g_task_get_task_data (task);

  g_signal_handlers_disconnect_by_data (acquisition->bearer, task);
  g_signal_handlers_disconnect_by_data (acquisition->watch, task);
  stop_source (&acquisition->deadline);
  stop_source (&acquisition->cancelled);
}

static void
look_again (GTask *waiting)
{
  g_autoptr (GTask) task = g_object_ref (waiting);
  Acquisition *acquisition = g_task_get_task_data (task);

  if (!is_usable (acquisition))
    return;
  stop_waiting (task);
  return_bearer (g_task_get_source_object (task), task);
}

static gboolean
on_deadline (gpointer user_data)
{
  GTask *task = user_data;
  Acquisition *acquisition = g_task_get_task_data (task);
  const char *interface = mm_bearer_get_interface (acquisition->bearer);

  stop_waiting (task);
  give_up (task,
           g_error_new (EA_BEARER_ERROR, EA_BEARER_ERROR_NO_BEARER,
                        "ModemManager connected a bearer, but nobody gave its network interface "
                        "%s its address",
                        interface != NULL ? interface : "(unknown)"));
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  stop_waiting (task);
  (void) g_cancellable_set_error_if_cancelled (cancellable, &error);
  give_up (task, error);
  return G_SOURCE_REMOVE;
}

/* The sources hold the task. */
static void
wait_for_address (GTask *task)
{
  const EaBearers *self = g_task_get_source_object (task);
  Acquisition *acquisition = g_task_get_task_data (task);

  acquisition->watch = ea_interface_watch_new ();
  g_signal_connect_swapped (acquisition->watch, "changed", G_CALLBACK (look_again), task);
  g_signal_connect_swapped (acquisition->bearer, "g-properties-changed", G_CALLBACK (look_again),
                            task);
  acquisition->deadline = g_timeout_source_new (self->address_timeout_ms);
  g_task_attach_source (task, acquisition->deadline, on_deadline);
  acquisition->cancelled = g_cancellable_source_new (g_task_get_cancellable (task));
  g_task_attach_source (task, acquisition->cancelled, G_SOURCE_FUNC (on_cancelled));
  look_again (task);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaBearers *self = g_task_get_source_object (task);
  Acquisition *acquisition = g_task_get_task_data (task);
  GError *error = NULL;
  gboolean is_ours;

  acquisition->bearer = ea_bearer_search_finish (result, &is_ours, &acquisition->cause, &error);
  if (acquisition->bearer == NULL)
    {
      give_up (task, error);
      return;
    }
  if (is_ours)
    acquisition->lease = lease_new (self, mm_object_peek_modem (MM_OBJECT (source)),
                                    mm_bearer_get_path (acquisition->bearer));
  wait_for_address (task);
}

static void
run_acquire (EaBearers *self, GTask *job)
{
  g_autoptr (GTask) task = job;
  const Acquisition *acquisition = g_task_get_task_data (task);
  g_autoptr (MMObject) object = NULL;
  g_autofree char *interface = NULL;

  if (g_task_return_error_if_cancelled (task))
    return;
  if (self->interface != NULL)
    {
      run_with_interface (self, task, self->interface);
      return;
    }
  object = ea_modem_manager_find_object (self->modem_manager, self->path);
  if (object == NULL)
    {
      interface = ea_interface_find (self->sysfs, self->path);
      run_with_interface (self, task, interface);
      return;
    }
  ea_bearer_search_async (object, self->use,
                          acquisition->apn[0] != '\0' ? acquisition->apn : self->apn,
                          &acquisition->request, self->record, g_task_get_cancellable (task),
                          on_found, g_object_ref (task));
}

void
ea_bearers_acquire_async (EaBearers *self, const EaBearerRequest *request,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Acquisition *acquisition = g_new0 (Acquisition, 1);

  acquisition->apn = g_strdup (request->apn);
  acquisition->user = g_strdup (request->user);
  acquisition->password = g_strdup (request->password);
  acquisition->request = *request;
  acquisition->request.apn = acquisition->apn;
  acquisition->request.user = acquisition->user;
  acquisition->request.password = acquisition->password;
  g_task_set_task_data (task, acquisition, acquisition_free);
  add_job (self, run_acquire, task);
}

EaBearer *
ea_bearers_acquire_finish (EaBearers *self, GAsyncResult *result, guint8 *cause, GError **error)
{
  const Acquisition *acquisition = g_task_get_task_data (G_TASK (result));

  if (cause != NULL)
    *cause = acquisition->cause;
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
ea_bearers_finalize (GObject *object)
{
  EaBearers *self = EA_BEARERS (object);

  g_clear_object (&self->modem_manager);
  g_clear_object (&self->record);
  g_ptr_array_unref (self->in_use);
  g_free (self->apn);
  g_free (self->interface);
  g_free (self->path);
  g_free (self->sysfs);
  G_OBJECT_CLASS (ea_bearers_parent_class)->finalize (object);
}

static void
ea_bearers_class_init (EaBearersClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ea_bearers_finalize;
}

static void
ea_bearers_init (EaBearers *self)
{
  g_queue_init (&self->jobs);
  self->in_use = g_ptr_array_new ();
}

/* Before a search may find it and take it for somebody else's. */
static void
delete_left (EaBearers *self)
{
  g_autoptr (MMObject) object = ea_modem_manager_find_object (self->modem_manager, self->path);
  MMModem *modem = object != NULL ? mm_object_peek_modem (object) : NULL;
  char *path;

  while (modem != NULL && (path = ea_bearer_record_take_left (self->record, modem)) != NULL)
    {
      release (lease_new (self, modem, path));
      g_free (path);
    }
}

EaBearers *
ea_bearers_new (EaModemManager *modem_manager, const EaBearersOptions *options)
{
  EaBearers *self = g_object_new (EA_TYPE_BEARERS, NULL);

  self->modem_manager = g_object_ref (modem_manager);
  self->use = options->use;
  self->apn = g_strdup (options->apn);
  self->interface = g_strdup (options->interface);
  self->path = g_strdup (options->path);
  self->sysfs = g_strdup (options->sysfs);
  self->address_timeout_ms
      = options->address_timeout_ms > 0 ? options->address_timeout_ms : ADDRESS_TIMEOUT_MS;
  self->record
      = options->record != NULL ? g_object_ref (options->record) : ea_bearer_record_new (NULL);
  g_signal_connect_object (modem_manager, "changed", G_CALLBACK (delete_left), self,
                           G_CONNECT_SWAPPED);
  delete_left (self);
  return self;
}
