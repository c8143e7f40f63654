/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "modem/modem-manager.h"

G_BEGIN_DECLS

/*
 * EaMonitor: modems come and go. Of each physical modem one QMI port is told, and stays told until its node is gone,
 * whoever else loses sight of it: that ModemManager comes, goes, restarts or makes another object of a modem is no
 * reason to open it again.
 *
 * Signals:
 *   "added"          (const char *path, const char *device_id)  see ea_port_get_device_id(); @path as it is configured
 *   "removed"        (const char *path, const char *device_id)
 *   "source-changed" ()                                         see ea_monitor_get_source()
 */

/* In the order of the words that Source= allows. */
typedef enum
{
  EA_MONITOR_SOURCE_AUTO,         /* ModemManager where it is on the bus, else udev */
  EA_MONITOR_SOURCE_MODEMMANAGER, /* ports that ModemManager lists, and no others */
  EA_MONITOR_SOURCE_UDEV,         /* ports that the kernel knows, whatever ModemManager says */
} EaMonitorSource;

/* How long a QMI port waits for ModemManager to list it, before it is taken all the same. ModemManager takes some 3 to
 * 20 seconds to probe a modem, and never lists one that it was told to ignore. */
#define EA_MONITOR_GRACE_MS 30000

/**
 * EaMonitorOptions:
 * @globs: (array zero-terminated=1): absolute paths, whose last element may have wildcards, and "qrtr://NODE": no other
 *   ports count; none: all do
 * @grace_ms: %EA_MONITOR_GRACE_MS
 */
typedef struct
{
  const char *const *globs;
  EaMonitorSource source;
  guint grace_ms;
} EaMonitorOptions;

#define EA_TYPE_MONITOR (ea_monitor_get_type ())
G_DECLARE_FINAL_TYPE (EaMonitor, ea_monitor, EA, MONITOR, GObject)

EaMonitor *ea_monitor_new (const EaMonitorOptions *options, EaModemManager *modem_manager);

/* Emits "added" for what is there, then goes on watching. */
void ea_monitor_start (EaMonitor *self);

/* Whose word counts now; %EA_MONITOR_SOURCE_AUTO: it is not known yet whether ModemManager is there. */
EaMonitorSource ea_monitor_get_source (EaMonitor *self);

G_END_DECLS
