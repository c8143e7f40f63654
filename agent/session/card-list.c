/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A script that is there from the beginning, as a list of commands, and its responses as another. */

#include "session/card.h"

typedef struct
{
  GPtrArray *commands;
  GPtrArray *responses;
} List;

static void
list_free (gpointer data)
{
  List *list = data;

  g_ptr_array_unref (list->commands);
  g_ptr_array_unref (list->responses);
  g_free (list);
}

static GBytes *
pull_from_list (gpointer user_data)
{
  const List *list = user_data;

  return list->responses->len < list->commands->len
             ? g_bytes_ref (g_ptr_array_index (list->commands, list->responses->len))
             : NULL;
}

static void
push_to_list (GBytes *response, gpointer user_data)
{
  List *list = user_data;

  g_ptr_array_add (list->responses, g_bytes_ref (response));
}

static void
on_list_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  List *list = g_task_get_task_data (task);
  GError *error = NULL;

  if (ea_card_run_script_finish (EA_CARD (source), result, NULL, &error))
    g_task_return_pointer (task, g_ptr_array_ref (list->responses),
                           (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

void
ea_card_run_async (EaCard *self, GBytes *aid, GPtrArray *commands, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
  static const EaCardScript script = { .pull = pull_from_list, .push = push_to_list };
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  List *list = g_new0 (List, 1);

  list->commands = g_ptr_array_ref (commands);
  list->responses = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_task_set_task_data (task, list, list_free);
  ea_card_run_script_async (self, aid, 0, &script, list, cancellable, on_list_run, task);
}

GPtrArray *
ea_card_run_finish (EaCard *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
