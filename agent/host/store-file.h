/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/bytes.h"

#include "host/store-error.h"

/*
 * EaStoreFile: the directory of a store, locked, and the one file of bytes in it that is appended to and, as a whole,
 * replaced. Errors: EA_STORE_ERROR_FULL, _READ_ONLY, _FAILED.
 */
typedef struct _EaStoreFile EaStoreFile;

/* Bytes: the records of some hundred changes in a modem, while everything else finds the disk full */
#define EA_STORE_FILE_RESERVE (64 * 1024)

/* Makes @directory (0700) where it is missing, locks it, and clears what an interrupted replacement left. */
EaStoreFile *ea_store_file_open (const char *directory, GError **error);
void ea_store_file_close (EaStoreFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaStoreFile, ea_store_file_close)

/**
 * ea_store_file_read:
 * @content: (out) (nullable): all its bytes, at most EA_STORE_FILE_MAX; %NULL when there is no file
 *
 * Errors: also EA_STORE_ERROR_DAMAGED (larger than that, or no plain file).
 */
gboolean ea_store_file_read (EaStoreFile *self, GBytes **content, GError **error);

/* FALSE: nothing can be appended before the file was replaced. */
gboolean ea_store_file_is_appendable (EaStoreFile *self);

/* Keeps the first @size bytes, durably, and the room behind them. Where that fails the file is not appendable. */
gboolean ea_store_file_cut (EaStoreFile *self, gsize size, GError **error);

/* Bytes of the records that are live: as many, besides EA_STORE_FILE_RESERVE, are the room that is kept on the disk
 * behind the file's end, so that it can be replaced while the disk is full. */
void ea_store_file_set_live_size (EaStoreFile *self, gsize size);

/* Sees to it that there is room on the disk for @size more bytes, behind which what is to be kept is free still. A file
 * system that can't promise room has it. */
gboolean ea_store_file_reserve (EaStoreFile *self, gsize size, GError **error);

/* The room that is to be kept, or as much of it as there is. */
void ea_store_file_take_room (EaStoreFile *self);

/* Bytes that the disk has for the file behind its end, as far as the file system tells */
gsize ea_store_file_measure_room (EaStoreFile *self);

/* Returns TRUE after the bytes are on the disk; else it has cut off again what may be there of them. */
gboolean ea_store_file_append (EaStoreFile *self, EaSpan bytes, GError **error);

/**
 * EaStoreFileFunc:
 * @offset: 0: the content begins, for the first time or once more
 *
 * Returns: what comes at @offset of a file's content, which lives until the next call; an empty span at its end
 */
typedef EaSpan (*EaStoreFileFunc) (gsize offset, gpointer user_data);

/* Returns TRUE after the content is the file's, durably. Else it is the old, or (not appendable) the old or the new. On a
 * full disk it takes the room that is kept, and keeps then what the old file has left: only who is killed in between,
 * before others have filled the disk again, has lost it. */
gboolean ea_store_file_replace (EaStoreFile *self, EaStoreFileFunc func, gpointer user_data,
                                GError **error);

/**
 * ea_store_file_set_aside:
 *
 * Gives the file a name of its own, "store.damaged-N", after @amnesia, why, was written durably to "store.amnesia". It
 * may keep the old name too, until it is replaced.
 */
gboolean ea_store_file_set_aside (EaStoreFile *self, const char *amnesia, GError **error);

/* (transfer full) (nullable): the first line of "store.amnesia"; %NULL when there is no such file */
char *ea_store_file_read_amnesia (EaStoreFile *self);
