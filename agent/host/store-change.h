/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/bytes.h"

#include "host/store.h"

/*
 * What an EaStoreChange (host/store.h) is for the store itself: bytes to write and read, and a set of records
 * that changes are applied to. All the records there are, are a change too: the one that makes them of nothing.
 */

/* The change as bytes, at the end of @out; its items are in the order of their names. */
void ea_store_change_build (const EaStoreChange *change, EaWriter *out);

/**
 * ea_store_change_build_some:
 * @last: (inout): the item that was written last; %NULL: none was
 * @limit: no item is begun when @out has so many bytes
 *
 * Returns: FALSE when none are left
 */
gboolean ea_store_change_build_some (const EaStoreChange *change, GTreeNode **last, gsize limit,
                                     EaWriter *out);

/* Bytes that ea_store_change_build() makes. */
gsize ea_store_change_get_size (const EaStoreChange *change);

/**
 * ea_store_change_parse:
 * @bytes: from ea_store_change_build()
 *
 * Returns: (transfer full): the change, whose records are copies
 *
 * Errors: EA_STORE_ERROR_DAMAGED. Only what ea_store_change_build() makes is accepted.
 */
EaStoreChange *ea_store_change_parse (EaSpan bytes, GError **error);

/* EA_STORE_ERROR_LIMIT when a record in it is larger than EA_STORE_RECORD_MAX. */
gboolean ea_store_change_check (const EaStoreChange *change, GError **error);

/* What is written in @change comes into @records, what is removed leaves them. */
void ea_store_change_apply (EaStoreChange *records, const EaStoreChange *change);

/* Bytes of @records once @change is applied. */
gsize ea_store_change_measure (const EaStoreChange *records, const EaStoreChange *change);

/* What @later does is done in the end. */
void ea_store_change_merge (EaStoreChange *change, const EaStoreChange *later);

/* TRUE when it writes nothing, or what shall be kept at any price. */
gboolean ea_store_change_is_vital (const EaStoreChange *change);
void ea_store_change_set_vital (EaStoreChange *change);

/* TRUE when all it does to @records is to remove what is not there. */
gboolean ea_store_change_is_void (const EaStoreChange *records, const EaStoreChange *change);

/* (transfer none) (nullable): the record that @change writes under @name */
GBytes *ea_store_change_lookup (const EaStoreChange *change, const char *name);

/* (transfer full): names of the records written that begin with @prefix, sorted */
GStrv ea_store_change_list (const EaStoreChange *change, const char *prefix);
