/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Merges what the sources find. Any news is a reason to look at everything again: what is told then is the difference to
 * what was told before. A node that is replaced between two looks is told as removed and added.
 */

#include "modem/monitor.h"

#include <string.h>

#include "modem/port.h"
#include "modem/source-glob.h"
#include "modem/source-udev.h"

/* What was told of a physical modem */
typedef struct
{
  char *path;
  char *node;
} Device;

typedef enum
{
  VERDICT_TAKE,
  VERDICT_WAIT, /* for ModemManager's word */
  VERDICT_LEAVE,
} Verdict;

struct _EaMonitor
{
  GObject parent_instance;

  EaMonitorSource source; /* as configured */
  EaMonitorSource told_source;
  guint grace_ms;
  EaModemManager *modem_manager;
  EaSourceGlob *globs;
  EaSourceUdev *udev;
  GHashTable *devices; /* device id → Device */
  GHashTable *waiting; /* node → gint64, when it was seen first */
  gint64 wait_end_us;  /* when the first of them has waited long enough; G_MAXINT64: none waits */
  guint grace_id;
};

enum
{
  SIGNAL_ADDED,
  SIGNAL_REMOVED,
  SIGNAL_SOURCE_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaMonitor, ea_monitor, G_TYPE_OBJECT)

static void
device_free (gpointer data)
{
  Device *device = data;

  g_free (device->path);
  g_free (device->node);
  g_free (device);
}

EaMonitorSource
ea_monitor_get_source (EaMonitor *self)
{
  if (self->source != EA_MONITOR_SOURCE_AUTO)
    return self->source;
  switch (ea_modem_manager_get_presence (self->modem_manager))
    {
    case EA_MODEM_MANAGER_PRESENT:
      return EA_MONITOR_SOURCE_MODEMMANAGER;
    case EA_MODEM_MANAGER_ABSENT:
      return EA_MONITOR_SOURCE_UDEV;
    case EA_MODEM_MANAGER_UNKNOWN:
      break;
    }
  return EA_MONITOR_SOURCE_AUTO;
}

/* @before: the ports that waited at the last look; those that wait still are in @self->waiting after this one */
static gboolean
has_waited (EaMonitor *self, const char *node, GHashTable *before)
{
  gint64 now_us = g_get_monotonic_time ();
  const gint64 *since_us = g_hash_table_lookup (before, node);
  gint64 first_us = since_us != NULL ? *since_us : now_us;
  gint64 end_us = first_us + self->grace_ms * G_TIME_SPAN_MILLISECOND;

  if (end_us <= now_us)
    return TRUE;
  g_hash_table_insert (self->waiting, g_strdup (node), g_memdup2 (&first_us, sizeof first_us));
  self->wait_end_us = MIN (self->wait_end_us, end_us);
  return FALSE;
}

/* A QMI port that ModemManager does not list. */
static Verdict
judge_unlisted (EaMonitor *self)
{
  if (self->source == EA_MONITOR_SOURCE_MODEMMANAGER)
    return VERDICT_LEAVE;
  return ea_monitor_get_source (self) == EA_MONITOR_SOURCE_UDEV ? VERDICT_TAKE : VERDICT_WAIT;
}

static Verdict
judge (EaMonitor *self, const char *path, EaModemManagerPort word)
{
  EaPortProtocol protocol = ea_port_get_protocol (path);
  g_autofree char *name = ea_port_get_name (path);

  if (ea_source_udev_leaves (self->udev, name))
    return VERDICT_LEAVE;
  if (word == EA_MODEM_MANAGER_PORT_QMI && self->source != EA_MONITOR_SOURCE_UDEV)
    return VERDICT_TAKE;
  switch (protocol)
    {
    case EA_PORT_OTHER:
      return VERDICT_LEAVE;
    case EA_PORT_MBIM: /* QMI inside is a guess, which only who knows the modem may make */
      return ea_source_glob_names (self->globs, path) ? VERDICT_TAKE : VERDICT_LEAVE;
    case EA_PORT_UNKNOWN: /* no modem of ModemManager's, which has them from the kernel */
      return self->source == EA_MONITOR_SOURCE_MODEMMANAGER ? VERDICT_LEAVE : VERDICT_TAKE;
    case EA_PORT_QMI:
      break;
    }
  if (word == EA_MODEM_MANAGER_PORT_OTHER && self->source != EA_MONITOR_SOURCE_UDEV)
    return VERDICT_LEAVE;
  return judge_unlisted (self);
}

/* (transfer full): ModemManager's word counts for identity only where the kernel is silent: it must not change when
 * ModemManager comes or goes */
static char *
get_device_id (const char *path, const char *listed)
{
  char *device_id = ea_port_get_device_id (path);

  if (device_id != NULL)
    return device_id;
  return g_strdup (listed != NULL ? listed : path);
}

static void
add (EaMonitor *self, const char *path, const char *node, const char *device_id)
{
  Device *device = g_new0 (Device, 1);

  device->path = g_strdup (path);
  device->node = g_strdup (node);
  g_hash_table_insert (self->devices, g_strdup (device_id), device);
  g_signal_emit (self, signals[SIGNAL_ADDED], 0, path, device_id);
}

static gboolean
is_told (EaMonitor *self, const char *path)
{
  GHashTableIter iter;
  gpointer device;

  g_hash_table_iter_init (&iter, self->devices);
  while (g_hash_table_iter_next (&iter, NULL, &device))
    if (strcmp (((Device *) device)->path, path) == 0)
      return TRUE;
  return FALSE;
}

/* @before: see has_waited() */
static void
consider (EaMonitor *self, const char *path, GHashTable *before)
{
  g_autofree char *node = ea_port_get_node (path);
  g_autofree char *listed = NULL;
  g_autofree char *device_id = NULL;
  EaModemManagerPort word;
  Verdict verdict;

  if (node == NULL || is_told (self, path))
    return;
  word = ea_modem_manager_look_up_port (self->modem_manager, path, &listed);
  device_id = get_device_id (path, listed);
  verdict = judge (self, path, word);
  if (g_hash_table_contains (self->devices, device_id) || verdict == VERDICT_LEAVE)
    return;
  if (verdict == VERDICT_TAKE || has_waited (self, node, before))
    add (self, path, node, device_id);
}

/* cdc-wdm9 before cdc-wdm10, and before another kind of port of the same modem */
static int
compare_paths (gconstpointer a, gconstpointer b)
{
  const char *first = *(const char *const *) a;
  const char *second = *(const char *const *) b;
  int lengths = (int) strlen (first) - (int) strlen (second);

  return lengths != 0 ? lengths : strcmp (first, second);
}

/* (transfer full): the ports of ModemManager and udev, and those of the configuration, which may be others */
static GPtrArray *
list_paths (EaMonitor *self)
{
  g_autoptr (GPtrArray) paths = NULL;

  if (ea_source_glob_is_open (self->globs))
    {
      paths = ea_modem_manager_list_qmi_ports (self->modem_manager);
      g_ptr_array_extend_and_steal (paths, ea_source_udev_list (self->udev));
    }
  else
    paths = ea_source_glob_list (self->globs);
  g_ptr_array_sort (paths, compare_paths);
  return g_steal_pointer (&paths);
}

static void
add_new (EaMonitor *self)
{
  g_autoptr (GPtrArray) paths = list_paths (self);
  g_autoptr (GHashTable) before = g_steal_pointer (&self->waiting);

  self->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->wait_end_us = G_MAXINT64;
  for (guint i = 0; i < paths->len; i++)
    consider (self, g_ptr_array_index (paths, i), before);
}

static gboolean
is_gone (const Device *device)
{
  g_autofree char *node = ea_port_get_node (device->path);

  return g_strcmp0 (node, device->node) != 0;
}

/* (transfer full) (nullable): the id of a device whose node has gone */
static char *
find_gone (EaMonitor *self)
{
  GHashTableIter iter;
  gpointer device_id;
  gpointer device;

  g_hash_table_iter_init (&iter, self->devices);
  while (g_hash_table_iter_next (&iter, &device_id, &device))
    if (is_gone (device))
      return g_strdup (device_id);
  return NULL;
}

static void
remove_gone (EaMonitor *self)
{
  char *device_id;

  while ((device_id = find_gone (self)) != NULL)
    {
      Device *device = g_hash_table_lookup (self->devices, device_id);
      g_autofree char *path = g_strdup (device->path);

      g_hash_table_remove (self->devices, device_id);
      g_signal_emit (self, signals[SIGNAL_REMOVED], 0, path, device_id);
      g_free (device_id);
    }
}

static gboolean on_grace_over (gpointer user_data);

static void
arm_grace (EaMonitor *self)
{
  gint64 left_us = self->wait_end_us - g_get_monotonic_time ();

  g_clear_handle_id (&self->grace_id, g_source_remove);
  if (self->wait_end_us < G_MAXINT64)
    self->grace_id = g_timeout_add ((guint) (MAX (left_us, 0) / G_TIME_SPAN_MILLISECOND) + 1,
                                    on_grace_over, self);
}

static void
look (EaMonitor *self)
{
  EaMonitorSource source = ea_monitor_get_source (self);

  remove_gone (self);
  add_new (self);
  arm_grace (self);
  if (source == self->told_source)
    return;
  self->told_source = source;
  g_signal_emit (self, signals[SIGNAL_SOURCE_CHANGED], 0);
}

static gboolean
on_grace_over (gpointer user_data)
{
  EaMonitor *self = EA_MONITOR (user_data);

  self->grace_id = 0;
  look (self);
  return G_SOURCE_REMOVE;
}

void
ea_monitor_start (EaMonitor *self)
{
  g_signal_connect_object (self->globs, "changed", G_CALLBACK (look), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->udev, "changed", G_CALLBACK (look), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->modem_manager, "ports-changed", G_CALLBACK (look), self,
                           G_CONNECT_SWAPPED);
  look (self);
}

static void
ea_monitor_dispose (GObject *object)
{
  EaMonitor *self = EA_MONITOR (object);

  g_clear_handle_id (&self->grace_id, g_source_remove);
  g_clear_object (&self->globs);
  g_clear_object (&self->udev);
  g_clear_object (&self->modem_manager);
  G_OBJECT_CLASS (ea_monitor_parent_class)->dispose (object);
}

static void
ea_monitor_finalize (GObject *object)
{
  EaMonitor *self = EA_MONITOR (object);

  g_hash_table_unref (self->devices);
  g_hash_table_unref (self->waiting);
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
  signals[SIGNAL_SOURCE_CHANGED] = g_signal_new (
      "source-changed", EA_TYPE_MONITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ea_monitor_init (EaMonitor *self)
{
  self->devices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, device_free);
  self->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

EaMonitor *
ea_monitor_new (const EaMonitorOptions *options, EaModemManager *modem_manager)
{
  EaMonitor *self = g_object_new (EA_TYPE_MONITOR, NULL);

  self->source = options->source;
  self->grace_ms = options->grace_ms;
  self->modem_manager = g_object_ref (modem_manager);
  self->globs = ea_source_glob_new (options->globs);
  self->udev = ea_source_udev_new ();
  return self;
}
