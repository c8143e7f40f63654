/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * All live records are in memory; on the disk is a log of changes (host/store-log.h), to which a commit appends one
 * transaction, with one fdatasync(). When dead bytes outweigh the live ones, the log is written anew.
 *
 * Why neither SQLite (3.40 with WAL, synchronous=FULL, exclusive locking, WITHOUT ROWID) nor a file for each record: a
 * commit of a counter (60 bytes), a job (200) and a removal, mean of 2,000 with what compaction and checkpoints cost:
 *
 *                             fsyncs   bytes written   KiB on the device (ext4)
 *   this log                    1.00             381                        5.5
 *   SQLite, pages of  512       1.01           2,820                        4.1
 *   SQLite, pages of 1024       1.01           2,752                        4.1
 *   SQLite, pages of 4096       1.00           4,130                        6.5
 *   a file for each record      5.00             418   (no transaction)    46.0
 *
 * The room that is kept came later: it adds no fsync and no bytes, a fallocate() for each 4 KiB of the log, and 2 % to
 * what ext4 writes on the device.
 *
 * SQLite costs a disk no more, for its WAL has its size already. But its database has no checksums, so that it would
 * believe bits that a flash has lost, and it is a library of 1.4 MB; this is a thousand lines.
 *
 * A file that is damaged, or not ours, is never just replaced: that would forget replay counters, and packets of the
 * past would be accepted again. That the past is lost is written to the disk before the file is touched.
 */

#include "host/store.h"

#include "host/store-change.h"
#include "host/store-file.h"
#include "host/store-log.h"

#define DEAD_MIN (64 * 1024)   /* bytes that may be dead besides as many as are live */
#define PIECE_SIZE (16 * 1024) /* bytes after which a piece of the log that is written anew ends */
#define RETRY_STEP (8 * 1024) /* bytes that come to the log before writing it anew is tried again */

struct _EaStore
{
  EaStoreFile *file;
  EaStoreChange *records; /* all that are live */
  EaStoreChange *owed;    /* removals that have failed, and go with the next change */
  EaStoreLog log;         /* as it is on the disk */
  gsize size_to_retry;    /* of the log, where writing it anew has failed */
  gsize torn_size;
  char *amnesia;       /* (nullable): why */
  gboolean is_damaged; /* the file is still to be set aside */
};

/* The log anew, with one transaction that has all that is live: a piece of it at a time, for it may be large */
typedef struct
{
  const EaStoreChange *records;
  EaStoreLog log;
  EaStoreLogEntry entry; /* open while there are records left */
  GTreeNode *last;       /* record that was written */
  EaWriter piece;
} Snapshot;

static void
snapshot_clear (Snapshot *self)
{
  ea_store_log_entry_clear (&self->entry);
  ea_writer_clear (&self->piece);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Snapshot, snapshot_clear)

static void
snapshot_begin (Snapshot *self)
{
  ea_store_log_entry_clear (&self->entry);
  self->last = NULL;
  ea_store_log_begin (&self->log, &self->piece);
  ea_store_log_entry_open (&self->entry, &self->log, ea_store_change_get_size (self->records),
                           &self->piece);
}

static EaSpan
snapshot_give (gsize offset, gpointer user_data)
{
  Snapshot *self = user_data;
  gboolean has_more;
  gsize start;

  ea_writer_reset (&self->piece);
  if (offset == 0)
    snapshot_begin (self);
  else if (offset == self->log.size)
    return EA_SPAN_EMPTY;
  start = ea_writer_span (&self->piece).size;
  has_more = ea_store_change_build_some (self->records, &self->last, PIECE_SIZE, &self->piece);
  ea_store_log_entry_see (&self->entry, ea_span_tail (ea_writer_span (&self->piece), start));
  if (!has_more)
    ea_store_log_entry_close (&self->entry, &self->piece);
  return ea_writer_span (&self->piece);
}

static gboolean
write_anew (EaStore *self, GError **error)
{
  g_auto (Snapshot) snapshot = { .records = self->records };

  ea_writer_init_sized (&snapshot.piece, PIECE_SIZE);
  ea_store_file_set_live_size (self->file, ea_store_change_get_size (self->records));
  if (!ea_store_file_replace (self->file, snapshot_give, &snapshot, error))
    return FALSE;
  self->log = snapshot.log;
  self->size_to_retry = 0;
  return TRUE;
}

/* Room for @size more bytes and, with that, for @live bytes of records in a log that is written anew */
static gboolean
reserve (EaStore *self, gsize size, gsize live, GError **error)
{
  ea_store_file_set_live_size (self->file, live);
  return ea_store_file_reserve (self->file, size, error);
}

static gboolean
make_appendable (EaStore *self, GError **error)
{
  if (self->is_damaged && !ea_store_file_set_aside (self->file, self->amnesia, error))
    return FALSE;
  self->is_damaged = FALSE;
  return ea_store_file_is_appendable (self->file) || write_anew (self, error);
}

static gboolean
take_change (EaSpan body, gpointer user_data, GError **error)
{
  EaStore *self = user_data;
  g_autoptr (EaStoreChange) change = ea_store_change_parse (body, error);

  if (change == NULL)
    return FALSE;
  if (ea_store_change_measure (self->records, change) > EA_STORE_SIZE_MAX)
    {
      g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED, "its records are too large");
      return FALSE;
    }
  ea_store_change_apply (self->records, change);
  return TRUE;
}

static gboolean
read_log (EaStore *self, GError **error)
{
  g_autoptr (GBytes) content = NULL;
  EaSpan bytes;

  if (!ea_store_file_read (self->file, &content, error))
    return FALSE;
  if (content == NULL)
    return TRUE;
  bytes = ea_span_from_bytes (content);
  if (!ea_store_log_read (&self->log, bytes, take_change, self, error))
    return FALSE;

  ea_store_file_set_live_size (self->file, ea_store_change_get_size (self->records));
  self->torn_size = bytes.size - self->log.size;
  if (self->torn_size > 0)
    (void) ea_store_file_cut (self->file, self->log.size, NULL); /* else it is written anew later */
  ea_store_file_take_room (self->file);
  return TRUE;
}

static void
forget (EaStore *self, const GError *damage)
{
  self->is_damaged = TRUE;
  g_free (self->amnesia);
  self->amnesia = g_strdup_printf ("The store could not be believed: %s", damage->message);
  (void) make_appendable (self, NULL); /* until that works no change does */
}

EaStore *
ea_store_new (const char *directory, GError **error)
{
  g_autoptr (EaStoreFile) file = ea_store_file_open (directory, error);
  g_autoptr (EaStore) self = NULL;
  g_autoptr (GError) local_error = NULL;

  if (file == NULL)
    return NULL;
  self = g_new0 (EaStore, 1);
  self->file = g_steal_pointer (&file);
  self->records = ea_store_change_new ();
  self->owed = ea_store_change_new ();
  self->amnesia = ea_store_file_read_amnesia (self->file);
  if (read_log (self, &local_error))
    return g_steal_pointer (&self);
  if (!g_error_matches (local_error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  forget (self, local_error);
  return g_steal_pointer (&self);
}

void
ea_store_free (EaStore *self)
{
  if (self == NULL)
    return;

  (void) ea_store_settle (self, NULL); /* what a bad disk has kept is there in the next life */
  ea_store_change_free (self->records);
  ea_store_change_free (self->owed);
  ea_store_file_close (self->file);
  g_free (self->amnesia);
  g_free (self);
}

gboolean
ea_store_is_amnesic (EaStore *self)
{
  return self->amnesia != NULL;
}

const char *
ea_store_get_amnesia (EaStore *self)
{
  return self->amnesia;
}

gsize
ea_store_get_torn_size (EaStore *self)
{
  return self->torn_size;
}

static gboolean
check_size (gsize live, GError **error)
{
  if (live <= EA_STORE_SIZE_MAX)
    return TRUE;

  g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL,
               "The store would have more than %d bytes of records", EA_STORE_SIZE_MAX);
  return FALSE;
}

static gboolean
append (EaStore *self, EaStoreChange *change, GError **error)
{
  gsize size = ea_store_change_get_size (change);
  g_auto (EaWriter) writer = { 0 };
  EaStoreLog log = self->log;
  EaStoreLogEntry entry;
  gsize start;

  ea_writer_init_sized (&writer, EA_STORE_LOG_OVERHEAD + size);
  ea_store_log_entry_open (&entry, &log, size, &writer);
  start = ea_writer_span (&writer).size;
  ea_store_change_build (change, &writer);
  ea_store_log_entry_see (&entry, ea_span_tail (ea_writer_span (&writer), start));
  ea_store_log_entry_close (&entry, &writer);
  if (!ea_store_file_append (self->file, ea_writer_span (&writer), error))
    return FALSE;
  self->log = log;
  return TRUE;
}

/* TRUE when half of the room is used that a disk which is full now has kept, and there is something to be gained. */
static gboolean
is_room_low (EaStore *self, gsize live)
{
  return ea_store_file_measure_room (self->file) < live + EA_STORE_FILE_RESERVE / 2
         && self->log.size > live + RETRY_STEP;
}

/* Where that fails the log can grow on for a while. */
static void
compact (EaStore *self, gboolean is_full)
{
  gsize live = ea_store_change_get_size (self->records);
  gboolean is_outgrown = self->log.size > 2 * live + DEAD_MIN;

  if (self->log.size < self->size_to_retry
      || (!is_outgrown && !(is_full && is_room_low (self, live))))
    return;
  if (!write_anew (self, NULL))
    self->size_to_retry = MIN (self->log.size + RETRY_STEP, EA_STORE_FILE_MAX / 2);
}

/* Room is kept for what is vital: other changes find the disk full before it is. @live: bytes of records with @change */
static gboolean
make_room (EaStore *self, EaStoreChange *change, gsize live, GError **error)
{
  gsize size = EA_STORE_LOG_OVERHEAD + ea_store_change_get_size (change);

  compact (self, !reserve (self, size, live, NULL));
  return make_appendable (self, error)
         && (ea_store_change_is_vital (change) || reserve (self, size, live, error));
}

static gboolean
make_durable (EaStore *self, EaStoreChange *change, GError **error)
{
  gsize live = ea_store_change_measure (self->records, change);

  if (!ea_store_change_check (change, error) || !check_size (live, error)
      || !make_appendable (self, error) || !make_room (self, change, live, error)
      || !append (self, change, error))
    return FALSE;

  ea_store_change_apply (self->records, change);
  return TRUE;
}

gboolean
ea_store_commit (EaStore *self, EaStoreChange *change, GError **error)
{
  g_autoptr (EaStoreChange) whole = NULL;

  if (ea_store_change_is_void (self->records, change))
    return TRUE;
  if (ea_store_change_is_void (self->records, self->owed))
    return make_durable (self, change, error);

  whole = ea_store_change_new ();
  ea_store_change_merge (whole, self->owed);
  ea_store_change_merge (whole, change);
  if (!make_durable (self, whole, error))
    return FALSE;
  ea_store_change_free (self->owed);
  self->owed = ea_store_change_new ();
  return TRUE;
}

gboolean
ea_store_discard (EaStore *self, EaStoreChange *change, GError **error)
{
  if (ea_store_commit (self, change, error))
    return TRUE;
  ea_store_change_merge (self->owed, change);
  return FALSE;
}

gboolean
ea_store_settle (EaStore *self, GError **error)
{
  return ea_store_commit (self, self->owed, error);
}

gboolean
ea_store_write (EaStore *self, const char *name, GBytes *record, GError **error)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  ea_store_change_write (change, name, record);
  return ea_store_commit (self, change, error);
}

gboolean
ea_store_remove (EaStore *self, const char *name, GError **error)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  ea_store_change_remove (change, name);
  return ea_store_commit (self, change, error);
}

gboolean
ea_store_keep (EaStore *self, const char *name, GBytes *record, GError **error)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  if (record != NULL)
    ea_store_change_write (change, name, record);
  else
    ea_store_change_remove (change, name);
  ea_store_change_set_vital (change);
  return ea_store_commit (self, change, error);
}

GBytes *
ea_store_read (EaStore *self, const char *name, GError **error)
{
  GBytes *record = ea_store_change_lookup (self->records, name);

  if (record != NULL)
    return g_bytes_ref (record);
  g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_NOT_FOUND, "There is no record '%s'", name);
  return NULL;
}

GStrv
ea_store_list (EaStore *self, const char *prefix)
{
  return ea_store_change_list (self->records, prefix);
}
