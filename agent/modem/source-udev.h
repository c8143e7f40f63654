/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * EaSourceUdev: the control ports of modems that udev knows, of whatever protocol.
 *
 * Signal "changed" (): a port came, went, or was changed, and udev has done its part.
 */

#define EA_TYPE_SOURCE_UDEV (ea_source_udev_get_type ())
G_DECLARE_FINAL_TYPE (EaSourceUdev, ea_source_udev, EA, SOURCE_UDEV, GObject)

EaSourceUdev *ea_source_udev_new (void);

/* (transfer full) (element-type filename): device nodes */
GPtrArray *ea_source_udev_list (EaSourceUdev *self);

/* TRUE where a rule of the site has set ID_EUICC_AGENT_IGNORE=1, and until udev has run its rules; @name: the kernel's name
 * of a port, "cdc-wdm0" */
gboolean ea_source_udev_leaves (EaSourceUdev *self, const char *name);

G_END_DECLS
