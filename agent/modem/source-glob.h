/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * EaSourceGlob: the ports that the configuration names.
 *
 * Signal "changed" (): a node in a directory of theirs came, went, or was made anew.
 */

#define EA_TYPE_SOURCE_GLOB (ea_source_glob_get_type ())
G_DECLARE_FINAL_TYPE (EaSourceGlob, ea_source_glob, EA, SOURCE_GLOB, GObject)

/**
 * ea_source_glob_new:
 * @globs: (array zero-terminated=1): absolute paths, whose last element may have wildcards, and "qrtr://NODE"; none: all
 *   ports that anybody finds
 */
EaSourceGlob *ea_source_glob_new (const char *const *globs);

/* (transfer full) (element-type filename): what has wildcards as far as it is there, and the rest as it is */
GPtrArray *ea_source_glob_list (EaSourceGlob *self);

/* No globs: no port is filtered out. */
gboolean ea_source_glob_is_open (EaSourceGlob *self);

/* Whether @path is there word by word, without wildcards. */
gboolean ea_source_glob_names (EaSourceGlob *self, const char *path);

G_END_DECLS
