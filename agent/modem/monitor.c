/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Watches the directories of the configured globs. A node that is replaced between two looks is another
 * device: it is told as removed and added, and so is one whose modem re-enumerated under the same name.
 */

#include "modem/monitor.h"

#include <glob.h>
#include <string.h>
#include <sys/stat.h>

/* Where the kernel tells the physical device behind a node. */
#define USBMISC_CLASS "/sys/class/usbmisc"
#define QMI_DRIVER "qmi_wwan"
static const char *const sysfs_classes[] = { USBMISC_CLASS, "/sys/class/wwan" };

typedef struct
{
  char *device_id;
  char *node; /* what the path led to when it was added: see get_node() */
} Device;

struct _EaMonitor
{
  GObject parent_instance;

  GStrv globs;
  GPtrArray *watches;  /* GFileMonitor */
  GHashTable *devices; /* path → Device */
};

enum
{
  SIGNAL_ADDED,
  SIGNAL_REMOVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaMonitor, ea_monitor, G_TYPE_OBJECT)

static void
device_free (gpointer data)
{
  Device *device = data;

  g_free (device->device_id);
  g_free (device->node);
  g_free (device);
}

/* The USB or PCI device in sysfs, which keeps its name over re-enumeration; else the path itself. */
static char *
get_device_id (const char *path, const char *target)
{
  g_autofree char *name = g_path_get_basename (target);

  for (gsize i = 0; i < G_N_ELEMENTS (sysfs_classes); i++)
    {
      g_autofree char *link = g_build_filename (sysfs_classes[i], name, "device", NULL);
      g_autofree char *physical = realpath (link, NULL);

      if (physical == NULL)
        continue;
      if (strchr (strrchr (physical, '/'), ':') == NULL)
        return g_strdup (physical);
      return g_path_get_dirname (physical); /* a USB interface: its device is one up */
    }
  return g_strdup (path);
}

/* FALSE for a port of another protocol: QMI bytes on an MBIM port disturb whoever speaks MBIM there. */
static gboolean
may_speak_qmi (const char *target)
{
  g_autofree char *name = g_path_get_basename (target);
  g_autofree char *link = g_build_filename (USBMISC_CLASS, name, "device", "driver", NULL);
  g_autofree char *driver = realpath (link, NULL);

  return driver == NULL || g_str_has_prefix (strrchr (driver, '/') + 1, QMI_DRIVER);
}

static void
remove_missing (EaMonitor *self, GHashTable *found)
{
  g_autoptr (GPtrArray) gone = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer path;
  gpointer device;

  g_hash_table_iter_init (&iter, self->devices);
  while (g_hash_table_iter_next (&iter, &path, &device))
    if (g_strcmp0 (g_hash_table_lookup (found, path), ((Device *) device)->node) != 0)
      g_ptr_array_add (gone, g_strdup (path));

  for (guint i = 0; i < gone->len; i++)
    {
      const char *name = g_ptr_array_index (gone, i);
      g_autofree char *device_id
          = g_strdup (((Device *) g_hash_table_lookup (self->devices, name))->device_id);

      g_hash_table_remove (self->devices, name);
      g_signal_emit (self, signals[SIGNAL_REMOVED], 0, name, device_id);
    }
}

static void
add_new (EaMonitor *self, GHashTable *found)
{
  GHashTableIter iter;
  gpointer path;
  gpointer node;

  g_hash_table_iter_init (&iter, found);
  while (g_hash_table_iter_next (&iter, &path, &node))
    {
      g_autofree char *target = realpath (path, NULL);
      Device *device;

      if (target == NULL || g_hash_table_contains (self->devices, path))
        continue;
      device = g_new0 (Device, 1);
      device->node = g_strdup (node);
      device->device_id = get_device_id (path, target);
      g_hash_table_insert (self->devices, g_strdup (path), device);
      g_signal_emit (self, signals[SIGNAL_ADDED], 0, (const char *) path, device->device_id);
    }
}

/* (transfer full): target, device number and inode: a node that was made anew differs, though its name may
 * not */
static char *
get_node (const char *target)
{
  struct stat status = { 0 };

  (void) stat (target, &status); /* a node that has just gone differs, too */
  return g_strdup_printf ("%s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, target,
                          (guint64) status.st_rdev, (guint64) status.st_ino);
}

/* path → what it leads to, for every node that is there */
static GHashTable *
find_nodes (EaMonitor *self)
{
  GHashTable *found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (gsize i = 0; self->globs[i] != NULL; i++)
    {
      glob_t matches = { 0 };

      if (glob (self->globs[i], 0, NULL, &matches) == 0)
        for (gsize k = 0; k < matches.gl_pathc; k++)
          {
            g_autofree char *target = realpath (matches.gl_pathv[k], NULL);

            if (target != NULL && may_speak_qmi (target))
              g_hash_table_replace (found, g_strdup (matches.gl_pathv[k]), get_node (target));
          }
      globfree (&matches);
    }
  return found;
}

static void
look (EaMonitor *self)
{
  g_autoptr (GHashTable) found = find_nodes (self);

  remove_missing (self, found);
  add_new (self, found);
}

static void
on_directory_changed (GFileMonitor *watch, GFile *file, GFile *other, GFileMonitorEvent event,
                      gpointer user_data)
{
  look (EA_MONITOR (user_data));
}

static void
watch_directory (EaMonitor *self, const char *glob)
{
  g_autofree char *directory = g_path_get_dirname (glob);
  g_autoptr (GFile) file = g_file_new_for_path (directory);
  g_autoptr (GFileMonitor) watch
      = g_file_monitor_directory (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);

  if (watch == NULL)
    return;
  g_signal_connect_object (watch, "changed", G_CALLBACK (on_directory_changed), self, 0);
  g_ptr_array_add (self->watches, g_steal_pointer (&watch));
}

void
ea_monitor_start (EaMonitor *self)
{
  for (gsize i = 0; self->globs[i] != NULL; i++)
    watch_directory (self, self->globs[i]);
  look (self);
}

static void
ea_monitor_dispose (GObject *object)
{
  EaMonitor *self = EA_MONITOR (object);

  g_clear_pointer (&self->watches, g_ptr_array_unref);
  G_OBJECT_CLASS (ea_monitor_parent_class)->dispose (object);
}

static void
ea_monitor_finalize (GObject *object)
{
  EaMonitor *self = EA_MONITOR (object);

  g_strfreev (self->globs);
  g_hash_table_unref (self->devices);
  G_OBJECT_CLASS (ea_monitor_parent_class)->finalize (object);
}

static void
ea_monitor_class_init (EaMonitorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_monitor_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_monitor_finalize;

  signals[SIGNAL_ADDED] = g_signal_new ("added", EA_TYPE_MONITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[SIGNAL_REMOVED] = g_signal_new ("removed", EA_TYPE_MONITOR, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
ea_monitor_init (EaMonitor *self)
{
  self->watches = g_ptr_array_new_with_free_func (g_object_unref);
  self->devices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, device_free);
}

EaMonitor *
ea_monitor_new (const char *const *globs)
{
  EaMonitor *self = g_object_new (EA_TYPE_MONITOR, NULL);

  self->globs = g_strdupv ((char **) globs);
  return self;
}
