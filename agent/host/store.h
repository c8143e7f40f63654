/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "host/store-error.h"

G_BEGIN_DECLS

/*
 * EaStore: durable records under names. What is changed together becomes durable together, or not at all, whatever
 * happens; what was reported as failed is not there after a restart either. One process has a directory at a time.
 *
 * Files in the directory: "store"; "store.new" while it is written anew; "store.damaged-N", that could not be
 * believed; and "store.amnesia", see ea_store_is_amnesic(). Others are left alone.
 */

typedef struct _EaStore EaStore;
typedef struct _EaStoreChange EaStoreChange; /* what shall become durable together */

#define EA_STORE_NAME_MAX 128                /* characters: printable ASCII without space */
#define EA_STORE_RECORD_MAX (1024 * 1024)    /* bytes of one record */
#define EA_STORE_SIZE_MAX (4 * 1024 * 1024)  /* bytes of all names and records, 6 more for each */
#define EA_STORE_FILE_MAX (16 * 1024 * 1024) /* bytes of the file, with what is not live any more */

EaStoreChange *ea_store_change_new (void);
void ea_store_change_free (EaStoreChange *change);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaStoreChange, ea_store_change_free)

/* The last one counts for each @name. To remove what is not there is no error. */
void ea_store_change_write (EaStoreChange *change, const char *name, GBytes *record);
void ea_store_change_remove (EaStoreChange *change, const char *name);

/**
 * ea_store_new:
 *
 * Makes @directory (0700) where it is missing, locks it, clears what an interrupted write left, and reads what is
 * there. A store that can't be written is opened all the same: then changes fail.
 *
 * Errors: EA_STORE_ERROR_FAILED (also: another process has it), _FULL, _READ_ONLY.
 */
EaStore *ea_store_new (const char *directory, GError **error);
void ea_store_free (EaStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaStore, ea_store_free)

/**
 * ea_store_is_amnesic:
 *
 * TRUE when records may be lost, or older than those that were last stored, because the file was damaged or not
 * ours: so no counter in here protects against replay. That stays so until somebody removes the file
 * "store.amnesia" and starts anew. Records that are there were written by this store.
 */
gboolean ea_store_is_amnesic (EaStore *self);

/* (transfer none) (nullable): why it is amnesic, a sentence; %NULL when it is not */
const char *ea_store_get_amnesia (EaStore *self);

/* Bytes that an interrupted, never acknowledged change had left, and that were cut off. */
gsize ea_store_get_torn_size (EaStore *self);

/**
 * ea_store_commit:
 *
 * Returns: TRUE after all of @change is on the disk. On error nothing of it is, in memory or on the disk, and
 *   another commit may work.
 *
 * Errors: EA_STORE_ERROR_FULL, _READ_ONLY, _FAILED, _LIMIT (a record is too large).
 */
gboolean ea_store_commit (EaStore *self, EaStoreChange *change, GError **error);

/* Changes of one item. */
gboolean ea_store_write (EaStore *self, const char *name, GBytes *record, GError **error);
gboolean ea_store_remove (EaStore *self, const char *name, GError **error);

/* The same for what somebody has to give back or to put right, even in another life of the process: @record (nullable):
 * none. Like what only removes it may use the room that is kept on the disk, when that is full. */
gboolean ea_store_keep (EaStore *self, const char *name, GBytes *record, GError **error);

/**
 * ea_store_discard:
 * @change: removals only
 *
 * Returns: TRUE after they are gone from the disk. On error they go together with the next commit that works, or by
 *   ea_store_settle().
 */
gboolean ea_store_discard (EaStore *self, EaStoreChange *change, GError **error);

/* TRUE after nothing is on the disk that was discarded. */
gboolean ea_store_settle (EaStore *self, GError **error);

/**
 * ea_store_read:
 *
 * Returns: (transfer full): the record
 *
 * Errors: EA_STORE_ERROR_NOT_FOUND.
 */
GBytes *ea_store_read (EaStore *self, const char *name, GError **error);

/* (transfer full): names that begin with @prefix, sorted */
GStrv ea_store_list (EaStore *self, const char *prefix);

G_END_DECLS
