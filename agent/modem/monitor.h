/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * EaMonitor: device nodes that match the configured globs come and go.
 *
 * Signals:
 *   "added"   (const char *path, const char *device_id)
 *   "removed" (const char *path, const char *device_id)
 */

#define EA_TYPE_MONITOR (ea_monitor_get_type ())
G_DECLARE_FINAL_TYPE (EaMonitor, ea_monitor, EA, MONITOR, GObject)

/**
 * ea_monitor_new:
 * @globs: (array zero-terminated=1): absolute paths; the last element of each may have wildcards
 */
EaMonitor *ea_monitor_new (const char *const *globs);

/* Emits "added" for what is there, then goes on watching. */
void ea_monitor_start (EaMonitor *self);

G_END_DECLS
