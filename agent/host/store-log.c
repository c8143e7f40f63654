/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Transactions as bytes, and what can be said of bytes that are none. No I/O.
 *
 * Why SHA-256, not CRC-32C: a wrong record must never be believed, whatever a flash does to it, 32 bytes more are
 * nothing beside the block that a commit costs anyway, and GLib has it. GnuTLS has it, too, and by the machine's own
 * instructions, but then everybody who has a store had to load that library.
 *
 * Why the lengths come twice: whether bytes at the end are a transaction cut short or a damage that hides others
 * must not depend on a length that is damaged itself.
 */

#include "host/store-log.h"

#include "host/store-error.h"

#define MAGIC "euicc-agent store "
#define FIRST_LINE MAGIC "1\n"
#define LENGTHS_SIZE 8
#define SECTOR_SIZE 512 /* what a disk writes whole or not at all; larger ones are multiples */

#define SPAN_OF_TEXT(text) (ea_span_init ((text), sizeof (text) - 1))

static void
add (GChecksum *checksum, EaSpan span)
{
  g_checksum_update (checksum, span.data, (gssize) span.size);
}

static void
finish (GChecksum *checksum, guint8 digest[EA_STORE_LOG_DIGEST_SIZE])
{
  gsize size = EA_STORE_LOG_DIGEST_SIZE;

  g_checksum_get_digest (checksum, digest, &size);
}

static void
compute_digest (guint8 digest[EA_STORE_LOG_DIGEST_SIZE], EaSpan before, EaSpan framed)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  add (checksum, before);
  add (checksum, framed);
  finish (checksum, digest);
}

static void
init (EaStoreLog *log)
{
  log->size = sizeof FIRST_LINE - 1;
  compute_digest (log->digest, SPAN_OF_TEXT (FIRST_LINE), EA_SPAN_EMPTY);
}

void
ea_store_log_begin (EaStoreLog *log, EaWriter *out)
{
  init (log);
  ea_writer_bytes (out, SPAN_OF_TEXT (FIRST_LINE));
}

void
ea_store_log_entry_open (EaStoreLogEntry *entry, EaStoreLog *log, gsize size, EaWriter *out)
{
  gsize start = ea_writer_span (out).size;

  *entry = (EaStoreLogEntry){ log, g_checksum_new (G_CHECKSUM_SHA256), size };
  ea_writer_u32be (out, (guint32) size);
  ea_writer_u32be (out, ~(guint32) size);
  add (entry->checksum, EA_SPAN_OF_ARRAY (log->digest));
  add (entry->checksum, ea_span_tail (ea_writer_span (out), start));
}

void
ea_store_log_entry_see (EaStoreLogEntry *entry, EaSpan piece)
{
  add (entry->checksum, piece);
}

void
ea_store_log_entry_close (EaStoreLogEntry *entry, EaWriter *out)
{
  EaStoreLog *log = entry->log;

  finish (entry->checksum, log->digest);
  ea_writer_bytes (out, EA_SPAN_OF_ARRAY (log->digest));
  log->size += EA_STORE_LOG_OVERHEAD + entry->size;
  ea_store_log_entry_clear (entry);
}

void
ea_store_log_entry_clear (EaStoreLogEntry *entry)
{
  g_clear_pointer (&entry->checksum, g_checksum_free);
}

/* FALSE when there is no length at @offset, or none that was ever written */
static gboolean
read_length (EaSpan file, gsize offset, gsize *length)
{
  EaReader reader;
  guint32 inverted;
  guint32 value;

  ea_reader_init (&reader, ea_span_tail (file, offset));
  value = ea_reader_u32be (&reader);
  inverted = ea_reader_u32be (&reader);
  *length = value;
  return ea_reader_is_ok (&reader) && inverted == ~value && value <= EA_STORE_LOG_BODY_MAX;
}

/* TRUE when the bytes at @offset are a transaction behind the digest @before; @digest gets its own. */
static gboolean
read_transaction (EaSpan file, gsize offset, EaSpan before, EaSpan *body,
                  guint8 digest[EA_STORE_LOG_DIGEST_SIZE])
{
  EaSpan framed;
  EaSpan written;
  EaReader reader;
  gsize length;

  if (!read_length (file, offset, &length))
    return FALSE;
  ea_reader_init (&reader, ea_span_tail (file, offset));
  framed = ea_reader_bytes (&reader, LENGTHS_SIZE + length);
  written = ea_reader_bytes (&reader, EA_STORE_LOG_DIGEST_SIZE);
  if (!ea_reader_is_ok (&reader))
    return FALSE;
  compute_digest (digest, before, framed);
  *body = ea_span_tail (framed, LENGTHS_SIZE);
  return ea_span_equal (ea_span_init (digest, EA_STORE_LOG_DIGEST_SIZE), written);
}

static gboolean
is_zero (EaSpan span)
{
  EaReader reader;

  ea_reader_init (&reader, span);
  while (ea_reader_remaining (&reader) > 0)
    if (ea_reader_u8 (&reader) != 0)
      return FALSE;
  return TRUE;
}

/* TRUE when of what lies in a sector, between @from and the end of @file, nothing was written; it begins before @to. */
static gboolean
has_hole (EaSpan file, gsize from, gsize to)
{
  while (from < to)
    {
      gsize end = MIN ((from / SECTOR_SIZE + 1) * SECTOR_SIZE, file.size);

      if (is_zero (ea_span_head (ea_span_tail (file, from), end - from)))
        return TRUE;
      from = end;
    }
  return FALSE;
}

/*
 * TRUE when a transaction comes after the bytes at @offset that are none: then they were one. Its lengths have to do,
 * which lead to others or to the end, for the digest that it is bound to may be gone.
 */
static gboolean
has_transaction_after (EaSpan file, gsize offset)
{
  for (gsize i = offset + 1; i < file.size; i++)
    {
      gsize length;
      gsize end;

      if (!read_length (file, i, &length))
        continue;
      end = i + EA_STORE_LOG_OVERHEAD + length;
      if (end == file.size || read_length (file, end, &length))
        return TRUE;
    }
  return FALSE;
}

/* TRUE when the bytes at @offset can be a transaction that was being written when the power went. */
static gboolean
is_unfinished (EaSpan file, gsize offset)
{
  gsize size = file.size - offset;
  gsize length;

  if (size < LENGTHS_SIZE)
    return TRUE;
  if (!read_length (file, offset, &length))
    return has_hole (file, offset, offset + LENGTHS_SIZE) && !has_transaction_after (file, offset);
  if (size != length + EA_STORE_LOG_OVERHEAD)
    return size < length + EA_STORE_LOG_OVERHEAD;
  return has_hole (file, offset, file.size);
}

static gboolean
check_first_line (EaSpan file, GError **error)
{
  if (ea_span_has_prefix (file, SPAN_OF_TEXT (FIRST_LINE)))
    return TRUE;

  g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED,
               ea_span_has_prefix (file, SPAN_OF_TEXT (MAGIC))
                   ? "it is of another version"
                   : "it does not begin as a store does");
  return FALSE;
}

static gboolean
read_transactions (EaStoreLog *log, EaSpan file, EaStoreLogFunc func, gpointer user_data,
                   GError **error)
{
  EaStoreLog next = *log;
  EaSpan body;

  while (read_transaction (file, log->size, EA_SPAN_OF_ARRAY (log->digest), &body, next.digest))
    {
      if (!func (body, user_data, error))
        return FALSE;
      next.size += EA_STORE_LOG_OVERHEAD + body.size;
      *log = next;
    }
  return TRUE;
}

gboolean
ea_store_log_read (EaStoreLog *log, EaSpan file, EaStoreLogFunc func, gpointer user_data,
                   GError **error)
{
  gsize start;

  *log = (EaStoreLog){ 0 };
  if (!check_first_line (file, error))
    return FALSE;
  init (log);
  start = log->size;
  if (!read_transactions (log, file, func, user_data, error))
    return FALSE;
  if (log->size > start && (log->size == file.size || is_unfinished (file, log->size)))
    return TRUE;

  g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED,
               "of its %" G_GSIZE_FORMAT " bytes those from %" G_GSIZE_FORMAT " on are damaged",
               file.size, log->size);
  return FALSE;
}
