/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Watches directories: what is in them may be a link or a pseudo terminal, of which udev knows nothing. */

#include "modem/source-glob.h"

#include <glob.h>
#include <string.h>

#include "modem/port.h"

#define WILDCARDS "*?["

struct _EaSourceGlob
{
  GObject parent_instance;

  GStrv globs;
  GPtrArray *watches; /* GFileMonitor */
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (EaSourceGlob, ea_source_glob, G_TYPE_OBJECT)

static void
on_directory_changed (GFileMonitor *watch, GFile *file, GFile *other, GFileMonitorEvent event,
                      gpointer user_data)
{
  g_signal_emit (user_data, changed_signal, 0);
}

static void
watch_directory (EaSourceGlob *self, const char *pattern)
{
  g_autofree char *directory = g_path_get_dirname (pattern);
  g_autoptr (GFile) file = g_file_new_for_path (directory);
  g_autoptr (GFileMonitor) watch
      = g_file_monitor_directory (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);

  if (watch == NULL)
    return;
  g_signal_connect_object (watch, "changed", G_CALLBACK (on_directory_changed), self, 0);
  g_ptr_array_add (self->watches, g_steal_pointer (&watch));
}

static void
add_matches (GPtrArray *paths, const char *pattern)
{
  glob_t matches = { 0 };

  if (glob (pattern, 0, NULL, &matches) == 0)
    for (gsize i = 0; i < matches.gl_pathc; i++)
      g_ptr_array_add (paths, g_strdup (matches.gl_pathv[i]));
  globfree (&matches);
}

GPtrArray *
ea_source_glob_list (EaSourceGlob *self)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; self->globs[i] != NULL; i++)
    if (strpbrk (self->globs[i], WILDCARDS) == NULL)
      g_ptr_array_add (paths, g_strdup (self->globs[i]));
    else
      add_matches (paths, self->globs[i]);
  return paths;
}

gboolean
ea_source_glob_is_open (EaSourceGlob *self)
{
  return self->globs[0] == NULL;
}

gboolean
ea_source_glob_names (EaSourceGlob *self, const char *path)
{
  return g_strv_contains ((const char *const *) self->globs, path);
}

static void
ea_source_glob_dispose (GObject *object)
{
  EaSourceGlob *self = EA_SOURCE_GLOB (object);

  g_clear_pointer (&self->watches, g_ptr_array_unref);
  G_OBJECT_CLASS (ea_source_glob_parent_class)->dispose (object);
}

static void
ea_source_glob_finalize (GObject *object)
{
  g_strfreev (EA_SOURCE_GLOB (object)->globs);
  G_OBJECT_CLASS (ea_source_glob_parent_class)->finalize (object);
}

static void
ea_source_glob_class_init (EaSourceGlobClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_source_glob_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_source_glob_finalize;
  changed_signal = g_signal_new ("changed", EA_TYPE_SOURCE_GLOB, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ea_source_glob_init (EaSourceGlob *self)
{
  self->watches = g_ptr_array_new_with_free_func (g_object_unref);
}

EaSourceGlob *
ea_source_glob_new (const char *const *globs)
{
  EaSourceGlob *self = g_object_new (EA_TYPE_SOURCE_GLOB, NULL);

  self->globs = g_strdupv ((char **) globs);
  for (gsize i = 0; self->globs[i] != NULL; i++)
    if (!ea_port_is_qrtr (self->globs[i]))
      watch_directory (self, self->globs[i]);
  return self;
}
