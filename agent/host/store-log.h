/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/bytes.h"

/*
 * The bytes of the store's file: a line "euicc-agent store 1", then transactions, each appended to what is on
 * the disk already:
 *
 *   length     4  of the body, big endian
 *   ~length    4  all its bits inverted
 *   body
 *   digest    32  SHA-256 of the digest before (at first: of the line), both lengths and the body
 *
 * A digest stands for all that comes before it, so that nothing can be changed, left out, doubled or moved.
 * The first transaction comes into being together with the file.
 */

#define EA_STORE_LOG_DIGEST_SIZE 32
#define EA_STORE_LOG_BODY_MAX (8 * 1024 * 1024) /* bytes of one transaction */
#define EA_STORE_LOG_OVERHEAD (4 + 4 + EA_STORE_LOG_DIGEST_SIZE)

/* Where a log ends, and what the next transaction is bound to. A plain value that may be copied. */
typedef struct
{
  gsize size;
  guint8 digest[EA_STORE_LOG_DIGEST_SIZE];
} EaStoreLog;

/* Writes the first line to @out; then come transactions. */
void ea_store_log_begin (EaStoreLog *log, EaWriter *out);

/**
 * EaStoreLogEntry:
 *
 * A transaction in the making. Its body may come in pieces, so that it need never be in memory as a whole. A plain
 * struct, to be cleared; its members are private.
 */
typedef struct
{
  EaStoreLog *log;
  GChecksum *checksum;
  gsize size; /* of the body */
} EaStoreLogEntry;

/* Writes to @out what comes in front of a body of @size bytes, which the caller writes behind that. @log is as it was
 * until the entry is closed. */
void ea_store_log_entry_open (EaStoreLogEntry *entry, EaStoreLog *log, gsize size, EaWriter *out);

/* @piece: of the body, in its order: all of it has to be seen */
void ea_store_log_entry_see (EaStoreLogEntry *entry, EaSpan piece);

/* Writes what comes behind the body, and clears the entry. */
void ea_store_log_entry_close (EaStoreLogEntry *entry, EaWriter *out);
void ea_store_log_entry_clear (EaStoreLogEntry *entry);

/**
 * EaStoreLogFunc:
 * @body: of a transaction that was written whole; dies after the call
 *
 * Returns: FALSE, with @error set, when it is not to be understood: then the log is damaged
 */
typedef gboolean (*EaStoreLogFunc) (EaSpan body, gpointer user_data, GError **error);

/**
 * ea_store_log_read:
 * @log: (out): the end of the last transaction that is good, also on error
 * @file: all bytes of the file
 * @func: gets the transactions in their order, up to the first that is not good
 *
 * What is left of @file then (@log's size is smaller) is a transaction that was never finished, and may be cut
 * off, where TRUE is returned: the bytes end too early, or 512 bytes of the disk's grid were never written and
 * are zero still. A transaction that is there as a whole and has a wrong digest is damaged, also as the last
 * one: it may have been relied upon. What no reader can tell from an interruption is a disk that loses the very
 * end of what it had confirmed.
 *
 * Errors: EA_STORE_ERROR_DAMAGED (also: another kind or version of file).
 */
gboolean ea_store_log_read (EaStoreLog *log, EaSpan file, EaStoreLogFunc func, gpointer user_data,
                            GError **error);
