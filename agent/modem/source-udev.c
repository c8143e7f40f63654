/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Ports of USB modems are in the subsystem usbmisc, together with other things; those of PCIe and SoCs in wwan. */

#include "modem/source-udev.h"

#include <gudev/gudev.h>

#define UDEV_CONTROL "/run/udev/control" /* there is a daemon */

static const char *const subsystems[] = { "usbmisc", "wwan", NULL };

struct _EaSourceUdev
{
  GObject parent_instance;

  GUdevClient *client;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (EaSourceUdev, ea_source_udev, G_TYPE_OBJECT)

static void
on_uevent (GUdevClient *client, const char *action, GUdevDevice *device, gpointer user_data)
{
  g_signal_emit (user_data, changed_signal, 0);
}

static void
add_ports (GPtrArray *paths, GUdevClient *client, const char *subsystem)
{
  GList *devices = g_udev_client_query_by_subsystem (client, subsystem);

  for (GList *link = devices; link != NULL; link = link->next)
    {
      const char *path = g_udev_device_get_device_file (link->data);

      if (path != NULL)
        g_ptr_array_add (paths, g_strdup (path));
    }
  g_list_free_full (devices, g_object_unref);
}

GPtrArray *
ea_source_udev_list (EaSourceUdev *self)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; subsystems[i] != NULL; i++)
    add_ports (paths, self->client, subsystems[i]);
  return paths;
}

/* Its rules have not been run for the device yet; when they have, its event comes. */
static gboolean
is_udev_busy (GUdevDevice *device)
{
  return g_file_test (UDEV_CONTROL, G_FILE_TEST_EXISTS)
         && !g_udev_device_get_is_initialized (device);
}

static gboolean
is_to_be_left (GUdevDevice *device)
{
  return is_udev_busy (device)
         || g_strcmp0 (g_udev_device_get_property (device, "ID_EUICC_AGENT_IGNORE"), "1") == 0;
}

gboolean
ea_source_udev_leaves (EaSourceUdev *self, const char *name)
{
  gboolean leaves = FALSE;

  for (gsize i = 0; subsystems[i] != NULL && !leaves; i++)
    {
      g_autoptr (GUdevDevice) device
          = g_udev_client_query_by_subsystem_and_name (self->client, subsystems[i], name);

      leaves = device != NULL && is_to_be_left (device);
    }
  return leaves;
}

static void
ea_source_udev_dispose (GObject *object)
{
  EaSourceUdev *self = EA_SOURCE_UDEV (object);

  g_clear_object (&self->client);
  G_OBJECT_CLASS (ea_source_udev_parent_class)->dispose (object);
}

static void
ea_source_udev_class_init (EaSourceUdevClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_source_udev_dispose;
  changed_signal = g_signal_new ("changed", EA_TYPE_SOURCE_UDEV, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ea_source_udev_init (EaSourceUdev *self)
{
  self->client = g_udev_client_new (subsystems);
  g_signal_connect_object (self->client, "uevent", G_CALLBACK (on_uevent), self, 0);
}

EaSourceUdev *
ea_source_udev_new (void)
{
  return g_object_new (EA_TYPE_SOURCE_UDEV, NULL);
}
