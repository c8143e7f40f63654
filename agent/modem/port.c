/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* sysfs as the kernel documents it in Documentation/ABI, and nothing of what udev adds. */

#include "modem/port.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define USBMISC_CLASS "/sys/class/usbmisc"
#define WWAN_CLASS "/sys/class/wwan"
#define QMI_DRIVER "qmi_wwan" /* and those that vendors derive from it */
#define MBIM_DRIVER "cdc_mbim"
#define QRTR_NAME "qrtr"
#define DEVICE_FOLDER "/dev"

static const char *const classes[] = { USBMISC_CLASS, WWAN_CLASS };

gboolean
ea_port_is_qrtr (const char *path)
{
  return g_str_has_prefix (path, EA_PORT_QRTR_SCHEME);
}

char *
ea_port_get_name (const char *path)
{
  g_autofree char *target = NULL;

  if (ea_port_is_qrtr (path))
    return g_strconcat (QRTR_NAME, path + strlen (EA_PORT_QRTR_SCHEME), NULL);
  target = realpath (path, NULL);
  return g_path_get_basename (target != NULL ? target : path);
}

char *
ea_port_get_path (const char *name)
{
  gsize prefix = strlen (QRTR_NAME);

  if (g_str_has_prefix (name, QRTR_NAME) && g_ascii_isdigit (name[prefix]))
    return g_strconcat (EA_PORT_QRTR_SCHEME, name + prefix, NULL);
  return g_build_filename (DEVICE_FOLDER, name, NULL);
}

static EaPortProtocol
get_usb_protocol (const char *name)
{
  g_autofree char *link = g_build_filename (USBMISC_CLASS, name, "device", "driver", NULL);
  g_autofree char *driver = realpath (link, NULL);
  g_autofree char *driver_name = driver != NULL ? g_path_get_basename (driver) : g_strdup ("");

  if (g_str_has_prefix (driver_name, QMI_DRIVER))
    return EA_PORT_QMI;
  return strcmp (driver_name, MBIM_DRIVER) == 0 ? EA_PORT_MBIM : EA_PORT_OTHER;
}

static EaPortProtocol
get_wwan_protocol (const char *name)
{
  g_autofree char *file = g_build_filename (WWAN_CLASS, name, "type", NULL);
  g_autofree char *type = NULL;

  if (!g_file_get_contents (file, &type, NULL, NULL))
    return EA_PORT_OTHER;
  g_strstrip (type);
  if (strcmp (type, "QMI") == 0)
    return EA_PORT_QMI;
  return strcmp (type, "MBIM") == 0 ? EA_PORT_MBIM : EA_PORT_OTHER;
}

static gboolean
is_of_class (const char *name, const char *class)
{
  g_autofree char *folder = g_build_filename (class, name, NULL);

  return g_file_test (folder, G_FILE_TEST_EXISTS);
}

EaPortProtocol
ea_port_get_protocol (const char *path)
{
  g_autofree char *name = ea_port_get_name (path);

  if (ea_port_is_qrtr (path))
    return EA_PORT_QMI;
  if (is_of_class (name, USBMISC_CLASS))
    return get_usb_protocol (name);
  return is_of_class (name, WWAN_CLASS) ? get_wwan_protocol (name) : EA_PORT_UNKNOWN;
}

/* Not an interface of a USB device, such as 1-1:1.4, nor what drivers hang below a device. */
static gboolean
is_physical (const char *folder)
{
  g_autofree char *link = g_build_filename (folder, "subsystem", NULL);
  g_autofree char *target = realpath (link, NULL);
  g_autofree char *subsystem = target != NULL ? g_path_get_basename (target) : g_strdup ("");

  if (strcmp (subsystem, "usb") == 0)
    return strchr (strrchr (folder, '/'), ':') == NULL;
  return strcmp (subsystem, "pci") == 0 || strcmp (subsystem, "platform") == 0;
}

static char *
find_physical (const char *class, const char *name)
{
  g_autofree char *link = g_build_filename (class, name, NULL);
  g_autofree char *folder = realpath (link, NULL);

  while (folder != NULL && strcmp (folder, "/") != 0)
    {
      g_autofree char *parent = g_path_get_dirname (folder);

      if (is_physical (folder))
        return g_steal_pointer (&folder);
      g_free (folder);
      folder = g_steal_pointer (&parent);
    }
  return NULL;
}

char *
ea_port_get_device_id (const char *path)
{
  g_autofree char *name = ea_port_get_name (path);
  char *physical = NULL;

  if (ea_port_is_qrtr (path))
    return g_strdup (path);
  for (gsize i = 0; i < G_N_ELEMENTS (classes) && physical == NULL; i++)
    physical = find_physical (classes[i], name);
  return physical;
}

/* Device number and inode differ when a node is made anew, though its name may not. */
char *
ea_port_get_node (const char *path)
{
  g_autofree char *target = NULL;
  struct stat status;

  if (ea_port_is_qrtr (path))
    return g_strdup (path);
  target = realpath (path, NULL);
  if (target == NULL || stat (target, &status) < 0)
    return NULL;
  return g_strdup_printf ("%s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, target,
                          (guint64) status.st_rdev, (guint64) status.st_ino);
}
