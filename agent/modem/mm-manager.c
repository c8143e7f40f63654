/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The thread is GLib's own way: an object manager can only be made while something waits. Its news come into a context that
 * nobody looks at until the thread is through, and that is then dispatched with the default one.
 */

#include "modem/mm-manager.h"

#include "modem/context-source.h"

/* Of all managers, and it stays: some of what GDBus frees there is freed after the manager has gone. */
static struct
{
  GMutex is_used; /* by one thread at a time */
  GMainContext *context;
  GSource *source; /* NULL: they wait */
  guint n_makings;
} news;

static void
hold_news (void)
{
  if (news.context == NULL)
    news.context = g_main_context_new_with_flags (G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING);
  if (news.n_makings++ > 0 || news.source == NULL)
    return;

  g_source_destroy (news.source);
  g_clear_pointer (&news.source, g_source_unref);
}

static void
release_news (void)
{
  if (--news.n_makings > 0)
    return;

  news.source = ea_context_source_new (news.context);
  g_source_attach (news.source, NULL);
}

static void
make (GTask *task, gpointer source, gpointer connection, GCancellable *cancellable)
{
  MMManager *manager;
  GError *error = NULL;

  g_mutex_lock (&news.is_used);
  g_main_context_push_thread_default (news.context);
  manager = mm_manager_new_sync (connection, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_DO_NOT_AUTO_START,
                                 cancellable, &error);
  g_main_context_pop_thread_default (news.context);
  g_mutex_unlock (&news.is_used);
  if (manager != NULL)
    g_task_return_pointer (task, manager, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
on_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  MMManager *manager = g_task_propagate_pointer (G_TASK (result), &error);

  release_news ();
  if (manager != NULL)
    g_task_return_pointer (task, manager, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
ea_mm_manager_new (GDBusConnection *connection, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GTask) making = g_task_new (NULL, cancellable, on_made, task);

  hold_news ();
  g_task_set_check_cancellable (making, FALSE); /* no manager is to be freed in the thread */
  g_task_set_task_data (making, g_object_ref (connection), g_object_unref);
  g_task_run_in_thread (making, make);
}

MMManager *
ea_mm_manager_new_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
