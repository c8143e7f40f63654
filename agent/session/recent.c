/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The record: digests, the first octets of SHA-256 over each TPDU, the oldest first. */

#include "session/recent.h"

#include "core/bytes.h"

#define PREFIX "recent-"
#define DIGEST_SIZE 16

struct _EaRecent
{
  EaStore *store;
  char *record;
  GQueue digests; /* of GBytes */
};

static GBytes *
get_digest (GBytes *tpdu)
{
  guint8 digest[32];
  gsize size = sizeof digest;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (checksum, g_bytes_get_data (tpdu, NULL), (gssize) g_bytes_get_size (tpdu));
  g_checksum_get_digest (checksum, digest, &size);
  return g_bytes_new (digest, DIGEST_SIZE);
}

static GList *
find (const EaRecent *self, GBytes *tpdu)
{
  g_autoptr (GBytes) digest = get_digest (tpdu);

  for (GList *link = self->digests.head; link != NULL; link = link->next)
    if (g_bytes_equal (link->data, digest))
      return link;
  return NULL;
}

static void
load (EaRecent *self)
{
  g_autoptr (GBytes) record = ea_store_read (self->store, self->record, NULL);
  EaReader reader;

  ea_reader_init (&reader, record != NULL ? ea_span_from_bytes (record) : EA_SPAN_EMPTY);
  while (ea_reader_remaining (&reader) >= DIGEST_SIZE && self->digests.length < EA_RECENT_MAX)
    g_queue_push_tail (&self->digests, ea_span_to_bytes (ea_reader_bytes (&reader, DIGEST_SIZE)));
}

EaRecent *
ea_recent_new (EaStore *store, const char *name)
{
  EaRecent *self = g_new0 (EaRecent, 1);

  self->store = store;
  self->record = g_strconcat (PREFIX, name, NULL);
  g_queue_init (&self->digests);
  load (self);
  return self;
}

void
ea_recent_free (EaRecent *self)
{
  if (self == NULL)
    return;
  g_queue_clear_full (&self->digests, (GDestroyNotify) g_bytes_unref);
  g_free (self->record);
  g_free (self);
}

void
ea_recent_add (EaRecent *self, GBytes *tpdu)
{
  if (find (self, tpdu) != NULL)
    return;
  g_queue_push_tail (&self->digests, get_digest (tpdu));
  if (self->digests.length > EA_RECENT_MAX)
    g_bytes_unref (g_queue_pop_head (&self->digests));
}

void
ea_recent_settle (EaRecent *self, GBytes *tpdu)
{
  GList *link = find (self, tpdu);

  if (link == NULL)
    return;
  g_bytes_unref (link->data);
  g_queue_delete_link (&self->digests, link);
}

gboolean
ea_recent_has (const EaRecent *self, GBytes *tpdu)
{
  return find (self, tpdu) != NULL;
}

static GBytes *
build_record (const EaRecent *self)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  for (const GList *link = self->digests.head; link != NULL; link = link->next)
    ea_writer_bytes (&writer, ea_span_from_bytes (link->data));
  return ea_writer_steal (&writer);
}

gboolean
ea_recent_write (EaRecent *self, EaStoreChange *change)
{
  g_autoptr (GBytes) record = build_record (self);
  g_autoptr (GBytes) stored = ea_store_read (self->store, self->record, NULL);

  if (stored != NULL ? g_bytes_equal (stored, record) : g_queue_is_empty (&self->digests))
    return FALSE;
  ea_store_change_write (change, self->record, record);
  return TRUE;
}
