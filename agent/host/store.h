/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/*
 * Durable records, one file each: written anew, synced and renamed, so that a record is the old or the new
 * one, whatever happens. A record that was damaged is found by its checksum and not believed.
 */

typedef struct _EaStore EaStore;

#define EA_STORE_NAME_MAX 128             /* characters: a-z 0-9 . _ - */
#define EA_STORE_RECORD_MAX (1024 * 1024) /* bytes of one record */

/* Makes @directory (0700) where it is missing and clears what an interrupted write left. */
EaStore *ea_store_new (const char *directory, GError **error);
void ea_store_free (EaStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaStore, ea_store_free)

/* Returns after the record is on the disk. */
gboolean ea_store_write (EaStore *self, const char *name, GBytes *record, GError **error);

/**
 * ea_store_read:
 *
 * Returns: (transfer full): the record
 *
 * Errors: G_FILE_ERROR_NOENT, G_IO_ERROR_INVALID_DATA (damaged).
 */
GBytes *ea_store_read (EaStore *self, const char *name, GError **error);

/* TRUE also when there is no such record. Returns after its removal is on the disk. */
gboolean ea_store_remove (EaStore *self, const char *name, GError **error);

/* (transfer full): names that begin with @prefix, sorted; empty when the directory can't be read. */
GStrv ea_store_list (EaStore *self, const char *prefix);
