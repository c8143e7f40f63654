/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The record: version; for each change the time in eight octets, ICCID and reason, each with its
 * length. */

#include "session/profile-history.h"

#include <string.h>

#include "core/bytes.h"

#define PREFIX "profiles-"
#define VERSION 1
#define WORD_MAX 32 /* characters */

struct _EaProfileHistory
{
  EaStore *store;
  char *record;
  GPtrArray *changes; /* EaProfileChange */
};

static void
change_free (gpointer data)
{
  EaProfileChange *change = data;

  g_free (change->iccid);
  g_free (change->reason);
  g_free (change);
}

static void
add_change (EaProfileHistory *self, guint64 time_us, char *iccid, char *reason)
{
  EaProfileChange *change = g_new0 (EaProfileChange, 1);

  change->time_us = time_us;
  change->iccid = iccid;
  change->reason = reason;
  g_ptr_array_add (self->changes, change);
  if (self->changes->len > EA_PROFILE_HISTORY_MAX)
    g_ptr_array_remove_index (self->changes, 0);
}

/* (transfer full): a word of printable characters; %NULL, and @reader has failed, when there is
 * none */
static char *
read_word (EaReader *reader)
{
  EaSpan span = ea_reader_bytes (reader, ea_reader_u8 (reader));

  if (span.size == 0 || span.size > WORD_MAX
      || !g_utf8_validate_len ((const char *) span.data, span.size, NULL))
    {
      ea_reader_fail (reader);
      return NULL;
    }
  return g_strndup ((const char *) span.data, span.size);
}

static void
read_changes (EaProfileHistory *self, EaSpan record)
{
  EaReader reader;

  ea_reader_init (&reader, record);
  if (ea_reader_u8 (&reader) != VERSION)
    return;
  while (ea_reader_remaining (&reader) > 0)
    {
      guint64 time_us = ea_reader_u64be (&reader);
      g_autofree char *iccid = read_word (&reader);
      g_autofree char *reason = read_word (&reader);

      if (!ea_reader_is_ok (&reader))
        return;
      add_change (self, time_us, g_steal_pointer (&iccid), g_steal_pointer (&reason));
    }
}

EaProfileHistory *
ea_profile_history_new (EaStore *store, const char *eid)
{
  EaProfileHistory *self = g_new0 (EaProfileHistory, 1);
  g_autoptr (GBytes) record = NULL;

  self->store = store;
  self->record = g_strconcat (PREFIX, eid, NULL);
  self->changes = g_ptr_array_new_with_free_func (change_free);
  record = ea_store_read (store, self->record, NULL);
  if (record != NULL)
    read_changes (self, ea_span_from_bytes (record));
  return self;
}

void
ea_profile_history_free (EaProfileHistory *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->changes);
  g_free (self->record);
  g_free (self);
}

guint
ea_profile_history_count (const EaProfileHistory *self)
{
  return self->changes->len;
}

const EaProfileChange *
ea_profile_history_get (const EaProfileHistory *self, guint back)
{
  return back < self->changes->len ? self->changes->pdata[self->changes->len - 1 - back] : NULL;
}

static void
write_word (EaWriter *writer, const char *word)
{
  gsize size = MIN (strlen (word), WORD_MAX);

  ea_writer_u8 (writer, (guint8) size);
  ea_writer_bytes (writer, ea_span_init (word, size));
}

static GBytes *
build_record (const EaProfileHistory *self)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, VERSION);
  for (guint i = 0; i < self->changes->len; i++)
    {
      const EaProfileChange *change = self->changes->pdata[i];

      ea_writer_u64be (&writer, change->time_us);
      write_word (&writer, change->iccid);
      write_word (&writer, change->reason);
    }
  return ea_writer_steal (&writer);
}

static gboolean
write_changes (EaProfileHistory *self, GError **error)
{
  g_autoptr (GBytes) record = build_record (self);

  return ea_store_write (self->store, self->record, record, error);
}

gboolean
ea_profile_history_add (EaProfileHistory *self, guint64 time_us, const char *iccid,
                        const char *reason, GError **error)
{
  add_change (self, time_us, g_strdup (iccid), g_strdup (reason));
  return write_changes (self, error);
}

gboolean
ea_profile_history_amend (EaProfileHistory *self, const char *reason, GError **error)
{
  EaProfileChange *last;

  if (self->changes->len == 0)
    return TRUE;
  last = self->changes->pdata[self->changes->len - 1];
  g_free (last->reason);
  last->reason = g_strdup (reason);
  return write_changes (self, error);
}

const char *
ea_profile_history_get_intended (const EaProfileHistory *self)
{
  const EaProfileChange *change;

  for (guint back = 0; (change = ea_profile_history_get (self, back)) != NULL; back++)
    if (strcmp (change->reason, EA_PROFILE_REASON_FALL_BACK) != 0
        && strcmp (change->reason, EA_PROFILE_REASON_ROLL_BACK) != 0)
      return change->iccid;
  return NULL;
}
